//! `match`, and struct literals.

use crate::rust::layout::column::Column;
use crate::rust::layout::kinds;
use crate::rust::layout::laid::{self, Laid};
use crate::rust::layout::list::extra;
use crate::rust::layout::operator::prefer_next;
use crate::rust::layout::parentheses::is_jump;
use crate::rust::layout::printer::Printer;
use crate::rust::layout::space::{STEP, Space};
use crate::rust::tree::{Arm, Block, Expression};

/// The widest that the fields of a literal may be on one line.
const FIELDS: usize = 18;

impl Printer {
    pub fn arms(&self, subject: &Expression, arms: &[Arm], space: Space) -> Option<Laid> {
        let behind = self.behind(space.unreserved(), 6)?;
        let subject = self.expression(subject, behind)?;
        let brace_below = !subject.is_extendable() && (subject.is_tall() || subject.len() + 2 > behind.width);
        let mut laid = Laid::of("match ").then(&subject);
        if arms.is_empty() {
            return Some(laid.with(" {}"));
        }
        if brace_below {
            laid.line(space.indent);
        } else {
            laid.push(" ");
        }
        laid.push("{");
        laid.line(0);
        let inner = space.inner();
        let mut column = Column::new(inner.indent);
        for arm in arms {
            column.lead(&arm.lead);
            column.code(arm.lead.origin, &self.arm(arm, inner)?);
        }
        laid.append(&column.finish());
        laid.line(space.indent);
        Some(laid.with("}"))
    }

    fn arm(&self, arm: &Arm, space: Space) -> Option<Laid> {
        let pattern = pattern(&arm.pattern, self.less(space, 5)?);
        let guard = match &arm.guard {
            Some(guard) => self.guard(guard, &pattern, space)?,
            None => Laid::default(),
        };
        let tall_guard = guard.is_tall();
        self.arm_body(&arm.body, pattern.then(&guard), tall_guard, space)
    }

    fn guard(&self, guard: &Expression, pattern: &Laid, space: Space) -> Option<Laid> {
        let width = pattern.trimmed_last_width();
        let short = width <= STEP;
        if !pattern.is_tall() || short {
            let behind = space.behind(width + 4).and_then(|behind| behind.less(5));
            if let Some(laid) = behind.and_then(|behind| self.expression(guard, behind))
                && (!laid.is_tall() || short)
            {
                return Some(Laid::of(" if ").then(&laid));
            }
        }
        let below = Space::line(space.indent + STEP);
        let laid = self.expression(guard, self.less(self.behind(below, 3)?, 5)?)?;
        let mut next = Laid::default();
        next.line(below.indent);
        Some(next.with("if ").then(&laid))
    }

    /// The body without the braces that it can do without; whether it may be behind the arrow with several lines.
    fn flat<'a>(&self, body: &'a Expression, space: Option<Space>) -> (bool, &'a Expression) {
        let Expression::Block(block) = body else {
            return (kinds::may_follow_arrow(body), body);
        };
        let value = self.only_value(block).filter(|value| !kinds::is_macro(value) && !self.mode().in_macro);
        match value {
            None => (true, body),
            Some(inner @ Expression::Block(_)) => self.flat(inner, None),
            Some(value) => {
                let condition = space.and_then(|space| self.condition_of(value, space));
                if condition.is_some_and(|condition| condition.is_tall()) {
                    (false, body)
                } else {
                    (kinds::may_follow_arrow(value), value)
                }
            }
        }
    }

    fn arm_body(&self, body: &Expression, head: Laid, tall_guard: bool, space: Space) -> Option<Laid> {
        let behind = space.behind(extra(&head, space) + 4);
        let (extends, body) = self.flat(body, behind);
        let block = match body {
            Expression::Block(block) => Some(block),
            _ => None,
        };
        let is_empty = block.is_some_and(|block| self.is_empty(block));
        let comma = if block.is_some() { "" } else { "," };
        let brace_below = tall_guard && !is_empty;
        let room = behind.and_then(|behind| behind.less(comma.len()));
        let beside = room.filter(|_| !brace_below).and_then(|room| self.as_statement(body, room));
        let budget = room.map_or(0, |room| room.width);
        let arrow = |laid: &Laid| head.clone().with(" => ").then(laid).with(comma);
        if let Some(laid) = &beside
            && (block.is_some() || (!laid.is_tall() && laid.first_width() <= budget))
        {
            return Some(arrow(laid));
        }
        let indent = if block.is_none() || is_empty { space.indent + STEP } else { space.indent };
        let below = |head: Laid, next: &Laid| {
            if self.mode().in_macro || block.is_some() {
                let mut laid = head.with(" =>");
                laid.line(indent);
                return laid.then(next).with(if block.is_some() { "" } else { "," });
            }
            below_arrow(head, body, next, brace_below || (behind.is_none() && kinds::is_macro(body)), space)
        };
        let next = self.as_statement(body, Space::line(indent));
        match (beside, next) {
            (Some(beside), Some(next)) if prefer_next(&beside, &next) => Some(below(head, &next)),
            (Some(beside), _) if extends && beside.first_width() <= budget => Some(arrow(&beside)),
            (Some(beside), Some(next)) if beside.is_tall() => Some(below(head, &next)),
            (None, Some(next)) => Some(below(head, &next)),
            (Some(beside), _) => Some(arrow(&beside)),
            (None, None) => None,
        }
    }

    fn is_empty(&self, block: &Block) -> bool {
        block.statements.is_empty() && !self.has_comment(block)
    }

    pub fn literal(
        &self,
        path: &str,
        fields: &[(String, Option<Expression>)],
        base: Option<&Expression>,
        space: Space,
    ) -> Option<Laid> {
        self.less(space, 2 + path.len())?;
        let head = Laid::of(path).with(" {");
        if fields.is_empty() && base.is_none() {
            return Some(head.with("}"));
        }
        let below = space.inner();
        let mut laid = Vec::new();
        for (name, value) in fields {
            laid.push(self.field(name, value.as_ref(), self.less(below, 1)?)?);
        }
        if let Some(base) = base {
            laid.push(Laid::of("..").then(&*self.expression(base, self.behind(below, 2)?)?));
        }
        let room = space.less(path.len() + 5).map(|space| space.width);
        let limit = room.map(|room| room.min(FIELDS));
        let total: usize = laid.iter().map(|field| laid::width(field.text())).sum::<usize>() + 2 * (laid.len() - 1);
        let on_line = limit.is_some_and(|limit| total <= limit) && laid.iter().all(|field| !field.is_tall());
        // Here rustfmt counts bytes.
        let bytes: usize = laid.iter().map(Laid::len).sum::<usize>() + 2 * (laid.len() - 1);
        if on_line && limit.is_some_and(|limit| bytes > limit) {
            let fields: Vec<&str> = laid.iter().map(Laid::text).collect();
            let mut literal = head;
            literal.line(below.indent);
            literal.push(&fields.join(", "));
            literal.line(space.indent);
            return Some(literal.with("}"));
        }
        let mut literal = head;
        for (at, field) in laid.iter().enumerate() {
            let last = at + 1 == laid.len();
            if on_line {
                literal.push(" ");
            } else {
                literal.line(below.indent);
            }
            literal.append(field);
            if !last || (!on_line && base.is_none() && !self.mode().in_macro) {
                literal.push(",");
            }
        }
        if on_line {
            literal.push(" ");
        } else {
            literal.line(space.indent);
        }
        Some(literal.with("}"))
    }

    fn field(&self, name: &str, value: Option<&Expression>, space: Space) -> Option<Laid> {
        let Some(value) = value else {
            return Some(Laid::of(name));
        };
        let head = Laid::of(name).with(":");
        if let Some(laid) = self.expression(value, self.behind(space, name.len() + 2)?) {
            return Some(head.with(" ").then(&laid));
        }
        let below = Space::line(space.indent + STEP);
        let laid = self.expression(value, below)?;
        let mut field = head;
        field.line(below.indent);
        Some(field.then(&laid))
    }
}

/// The body on the next line, with braces if it has none.
fn below_arrow(head: Laid, body: &Expression, next: &Laid, brace_below: bool, space: Space) -> Laid {
    let mut laid = head.with(" =>");
    if brace_below {
        laid.line(space.indent);
    } else {
        laid.push(" ");
    }
    laid.push("{");
    laid.line(space.indent + STEP);
    laid.append(next);
    if is_jump(body) {
        laid.push(";");
    }
    laid.line(space.indent);
    laid.with("}")
}

/// The alternatives of a pattern, below each other if they do not fit.
fn pattern(pattern: &str, space: Space) -> Laid {
    let alternatives = alternatives(pattern);
    let all = alternatives.join(" | ");
    if alternatives.len() == 1 || laid::width(&all) <= space.width {
        return Laid::of(&all);
    }
    let short = alternatives.iter().all(|one| one.len() <= 20 && !one.contains(['(', '{', '[', ' ']));
    let mut laid = Laid::default();
    let mut on_line = 0;
    for (at, one) in alternatives.iter().enumerate() {
        let width = laid::width(one);
        if at > 0 {
            if short && on_line + 3 + width <= space.width {
                laid.push(" | ");
                on_line += 3;
            } else {
                laid.line(space.indent);
                laid.push("| ");
                on_line = 2;
            }
        }
        laid.push(one);
        on_line += width;
    }
    laid
}

/// What stands between the bars that are outside of brackets and literals.
fn alternatives(pattern: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut depth, mut begin, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for (at, c) in pattern.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => in_text = !in_text,
            _ if in_text => {}
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            '|' if depth == 0 => {
                found.push(pattern[begin..at].trim());
                begin = at + 1;
            }
            _ => {}
        }
    }
    found.push(pattern[begin..].trim());
    found
}
