//! Operators, ranges, casts, assignments and indexes.

use std::rc::Rc;

use crate::rust::layout::laid::{self, Laid};
use crate::rust::layout::printer::Printer;
use crate::rust::layout::space::{COLUMNS, STEP, Space};
use crate::rust::tree::Expression;

/// The operands of one operator, `a + b + c`, with the layout of each on a line of its own.
struct Operands<'a> {
    operator: &'static str,
    list: Vec<(&'a Expression, Option<Rc<Laid>>)>,
}

/// The right side of a pair.
enum Right<'a> {
    Expression(&'a Expression),
    Type(&'a str),
}

impl Printer {
    pub fn operator(&self, expression: &Expression, space: Space) -> Option<Laid> {
        match expression {
            Expression::Binary { operator, left, right } => self
                .operands(expression, space)
                .and_then(|operands| self.all_operands(&operands, space))
                .or_else(|| self.pair(left, &format!(" {operator} "), Right::Expression(right), space)),
            Expression::Cast { operand, ty } => self.pair(operand, " as ", Right::Type(ty), space),
            Expression::Range { start, end, inclusive } => {
                self.range(start.as_deref(), end.as_deref(), if *inclusive { "..=" } else { ".." }, space)
            }
            Expression::Assign { operator, target, value } => {
                let target = self.expression(target, self.less(space, operator.len() + 1)?)?;
                self.assigned((*target).clone().with(" ").with(operator), value, space)
            }
            Expression::Let { pattern, value } => {
                self.less(space, 4 + laid::width(pattern))?;
                self.assigned(Laid::of("let ").with(pattern).with(" ="), value, space)
            }
            // All others have rules of their own.
            _ => None,
        }
    }

    fn range(&self, start: Option<&Expression>, end: Option<&Expression>, dots: &str, space: Space) -> Option<Laid> {
        match (start, end) {
            (Some(start), Some(end)) => self.pair(start, dots, Right::Expression(end), space),
            (None, Some(end)) => self.prefixed(dots, end, space),
            (Some(start), None) => {
                let start = self.expression(start, self.less(space, dots.len())?)?;
                Some((*start).clone().with(dots))
            }
            (None, None) => Some(Laid::of(dots)),
        }
    }

    fn operands<'a>(&self, expression: &'a Expression, space: Space) -> Option<Operands<'a>> {
        let Expression::Binary { operator, .. } = expression else {
            return None;
        };
        let mut reversed = Vec::new();
        let mut node = expression;
        while let Expression::Binary { operator: other, left, right } = node
            && other == operator
        {
            reversed.push(&**right);
            node = left;
        }
        reversed.push(node);
        let nested = space.inner().less(space.reserved()).and_then(|nested| self.behind(nested, operator.len() + 1));
        let mut list = Vec::new();
        for operand in reversed.into_iter().rev() {
            let laid = if list.is_empty() {
                self.expression(operand, space)
            } else {
                nested.and_then(|nested| self.expression(operand, nested))
            };
            list.push((operand, laid));
        }
        Some(Operands { operator, list })
    }

    fn all_operands(&self, operands: &Operands, space: Space) -> Option<Laid> {
        let is_let = |one: &(&Expression, Option<Rc<Laid>>)| matches!(one.0, Expression::Let { .. });
        let lets = operands.list.iter().filter(|one| is_let(one)).count();
        let on_line =
            lets == 0 || (operands.list.len() == 2 && is_name(operands.list[0].0) && is_let(&operands.list[1]));
        let line = if on_line { self.operands_on_line(operands, space) } else { None };
        line.or_else(|| self.operands_in_column(operands, space))
    }

    /// The last of them may have several lines.
    fn operands_on_line(&self, operands: &Operands, space: Space) -> Option<Laid> {
        let ((last, _), others) = operands.list.split_last()?;
        let mut line = Laid::default();
        for (_, laid) in others {
            let laid = laid.as_ref().filter(|laid| !laid.is_tall())?;
            if line.len() > space.width {
                return None;
            }
            line = line.then(laid).with(" ").with(operands.operator).with(" ");
        }
        let before = line.len();
        let last = self.expression(last, self.behind(space, line.last_width())?)?;
        line.append(&last);
        let lenient = self.mode().lenient;
        if line.first_width() > space.width && !lenient {
            return None;
        }
        let looks_good = !line.is_tall() || last.text().starts_with('{');
        if !looks_good && (last.text().starts_with('(') || before > STEP) {
            return None;
        }
        self.holds(space, &line).then_some(line)
    }

    fn operands_in_column(&self, operands: &Operands, space: Space) -> Option<Laid> {
        let nested = self.less(space.inner(), space.reserved())?;
        let (first, others) = operands.list.split_first()?;
        let mut column = (**first.1.as_ref()?).clone();
        for (operand, laid) in others {
            let offset = if column.is_tall() { 0 } else { space.used() };
            // A short operand does not stand alone on its line.
            if column.last_width() + offset <= nested.used()
                && let Some(behind) = space.behind(operands.operator.len() + 2 + column.trimmed_last_width())
                && let Some(laid) = self.expression(operand, behind)
            {
                column = column.with(" ").with(operands.operator).with(" ").then(&laid);
                continue;
            }
            column.line(nested.indent);
            column = column.with(operands.operator).with(" ").then(laid.as_ref()?);
        }
        Some(column)
    }

    fn pair(&self, left: &Expression, infix: &str, right: Right, space: Space) -> Option<Laid> {
        let left = self.expression(left, space.unreserved())?;
        let beside = space.behind(left.last_width() + infix.len());
        if let Some(laid) = beside.and_then(|beside| self.right(&right, beside)) {
            let same_line = left.len() <= STEP || laid.first_line().ends_with('{');
            let width = left.last_width() + infix.len() + laid.first_width();
            if (!laid.is_tall() || same_line) && width <= space.width {
                return Some((*left).clone().with(infix).then(&laid));
            }
        }
        let infix = infix.trim_start();
        let below = self.less(Space::line(space.indent + STEP), space.reserved())?;
        let right = self.right(&right, self.behind(below, infix.len())?)?;
        let mut pair = (*left).clone();
        pair.line(below.indent);
        Some(pair.with(infix).then(&right))
    }

    fn right(&self, right: &Right, space: Space) -> Option<Rc<Laid>> {
        match right {
            Right::Expression(right) => self.expression(right, space),
            Right::Type(ty) => {
                let fits = laid::width(ty) <= space.width || self.mode().lenient;
                fits.then(|| Rc::new(Laid::of(ty)))
            }
        }
    }

    /// A value behind `=`: on the same line, or on the next if that is better.
    pub fn assigned(&self, head: Laid, value: &Expression, space: Space) -> Option<Laid> {
        let last = head.last_width().saturating_sub(if head.is_tall() { space.indent } else { 0 });
        let beside = space.behind(last + 1).unwrap_or(Space { width: 0, offset: space.offset + last + 1, ..space });
        let laid = self.expression(value, beside);
        if let Some(laid) = &laid
            && !laid.is_tall()
            && laid.first_width() <= beside.width
        {
            return Some(head.with(" ").then(laid));
        }
        let below = self.less(Space::line(space.indent + STEP), beside.reserved())?;
        let next = self.expression(value, below);
        match (laid, next) {
            (Some(laid), Some(next)) if !self.holds(below, &next) || !prefer_next(&laid, &next) => {
                Some(head.with(" ").then(&laid))
            }
            (_, Some(next)) => {
                let mut assigned = head;
                assigned.line(below.indent);
                Some(assigned.then(&next))
            }
            (Some(laid), None) => Some(head.with(" ").then(&laid)),
            (None, None) => None,
        }
    }

    pub fn index(&self, base: &Expression, index: &Expression, space: Space) -> Option<Laid> {
        let base = self.expression(base, space)?;
        let offset = base.last_width() + 1;
        let reserved = space.reserved();
        let beside = if base.is_tall() {
            Space { indent: space.indent, offset: 0, width: COLUMNS }
                .behind(offset)
                .and_then(|beside| beside.less(1 + reserved))
        } else {
            space.behind(offset).and_then(|beside| beside.less(1))
        };
        let laid = beside.and_then(|beside| self.expression(index, beside));
        if let Some(laid) = &laid
            && !laid.is_tall()
        {
            return Some((*base).clone().with("[").then(laid).with("]"));
        }
        let below = Space::line(space.indent + STEP);
        let next = self.less(self.behind(below, 1)?, 1 + reserved).and_then(|next| self.expression(index, next));
        let broken = |next: &Laid| {
            let mut broken = (*base).clone();
            broken.line(below.indent);
            broken.with("[").then(next).with("]")
        };
        match (laid, next) {
            (_, Some(next)) if !next.is_tall() => Some(broken(&next)),
            (None, Some(next)) => Some(broken(&next)),
            (Some(laid), _) => Some((*base).clone().with("[").then(&laid).with("]")),
            (None, None) => None,
        }
    }
}

fn is_name(expression: &Expression) -> bool {
    match expression {
        Expression::Atom(atom) => {
            atom.chars().all(|c| c.is_alphanumeric() || c == '_') && !atom.starts_with(|c: char| c.is_ascii_digit())
        }
        Expression::Unary { operand: inner, .. } | Expression::Paren(inner) | Expression::Try(inner) => is_name(inner),
        _ => false,
    }
}

/// Whether code looks better on the next line than beside what is before it.
pub fn prefer_next(beside: &Laid, next: &Laid) -> bool {
    let opens = |bracket: char| beside.first_line().ends_with(bracket) && !next.first_line().ends_with(bracket);
    !next.is_tall() || beside.breaks() > next.breaks() + 1 || opens('(') || opens('{') || opens('[')
}
