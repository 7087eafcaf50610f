//! Blocks and their statements.

use std::rc::Rc;

use crate::rust::layout::column::{Column, trailing};
use crate::rust::layout::comments;
use crate::rust::layout::empty::Empty;
use crate::rust::layout::kinds;
use crate::rust::layout::kinds::value_of;
use crate::rust::layout::laid::Laid;
use crate::rust::layout::parentheses::is_jump;
use crate::rust::layout::printer::{Mode, Printer};
use crate::rust::layout::space::{COLUMNS, STEP, Space};
use crate::rust::tree::{Block, Expression, Statement, StatementKind};

/// The widest that a `let` with its `else` may be on one line.
const LET_ELSE: usize = 50;

impl Printer {
    /// A block as a value: on one line if there is only a short value in it.
    pub fn block(&self, block: &Block, space: Space) -> Option<Rc<Laid>> {
        let tall = self.tall_block(block, space.indent, Empty::short_if(space.width >= 2));
        if tall.breaks() <= 2
            && let Some(value) = self.only_value(block)
            && let Some(value) = self.expression(value, space)
            && !value.is_tall()
            && value.len() + 4 <= space.width
        {
            return Some(Rc::new(Laid::of("{ ").then(&value).with(" }")));
        }
        Some(tall)
    }

    pub fn tall_block(&self, block: &Block, indent: usize, empty: Empty) -> Rc<Laid> {
        let place = std::ptr::from_ref(block) as usize;
        self.braced_once(place, indent, empty, || self.fresh_block(block, indent, empty))
    }

    fn fresh_block(&self, block: &Block, indent: usize, empty: Empty) -> Laid {
        let inside = self.lines(block, indent + STEP, empty == Empty::BeforeElse);
        let mut laid = Laid::of("{");
        if inside.is_empty() && empty == Empty::Short {
            return laid.with("}");
        }
        if !inside.is_empty() {
            laid.line(0);
            laid.append(&inside);
        }
        laid.line(indent);
        laid.with("}")
    }

    /// Braces around a value.
    pub fn braced(&self, value: &Expression, indent: usize) -> Rc<Laid> {
        let place = std::ptr::from_ref(value) as usize;
        self.braced_once(place, indent, Empty::Value, || self.freshly_braced(value, indent))
    }

    fn freshly_braced(&self, value: &Expression, indent: usize) -> Laid {
        let mut laid = Laid::of("{");
        laid.line(indent + STEP);
        laid.append(&self.robust(value, |printer| {
            let semicolon = is_jump(value);
            printer.expression_statement(value, semicolon, true, Space::line(indent + STEP))
        }));
        laid.line(indent);
        laid.with("}")
    }

    pub fn statements(&self, block: &Block, indent: usize) -> Laid {
        self.lines(block, indent, false)
    }

    fn lines(&self, block: &Block, indent: usize, before_else: bool) -> Laid {
        let mut column = Column::new(indent);
        for (at, statement) in block.statements.iter().enumerate() {
            column.lead(&statement.lead);
            if matches!(statement.kind, StatementKind::Comments) {
                continue;
            }
            let last = block.statements[at + 1..].iter().all(|next| matches!(next.kind, StatementKind::Comments));
            column.code(statement.lead.origin, &self.statement(statement, last, indent));
            column.push(&trailing(statement.trailing.as_ref()));
            // A quirk of rustfmt.
            if last && before_else && statement.trailing.is_some() {
                column.dedent();
            }
        }
        column.lead(&block.end);
        column.finish()
    }

    fn statement(&self, statement: &Statement, last: bool, indent: usize) -> Laid {
        let space = Space::line(indent);
        match &statement.kind {
            StatementKind::Let { pattern, ty, value, otherwise } => {
                let head = match ty {
                    Some(ty) => format!("let {pattern}: {ty}"),
                    None => format!("let {pattern}"),
                };
                let Some(value) = value else {
                    return Laid::of(&head).with(";");
                };
                self.robust(value, |printer| printer.binding(&head, value, otherwise.as_ref(), space))
            }
            StatementKind::Expression(inner) | StatementKind::Value(inner) => {
                let semicolon = value_of(statement).is_none() || is_jump(inner);
                self.robust(inner, |printer| printer.expression_statement(inner, semicolon, last, space))
            }
            StatementKind::Item(item) => self.item(item, indent),
            StatementKind::Comments => Laid::default(),
        }
    }

    /// Lays out strictly. If nothing fits, breaks what may be broken, and in the end does without limits: rustfmt leaves such
    /// code as it is.
    pub fn robust(&self, value: &Expression, layout: impl Fn(&Printer) -> Option<Laid>) -> Laid {
        let strictly = || self.within(Mode::default(), || layout(self));
        let first = strictly();
        let fits = |laid: &Laid| laid.text().split('\n').all(|line| crate::rust::layout::laid::width(line) <= COLUMNS);
        if first.as_ref().is_some_and(fits) {
            return first.unwrap_or_default();
        }
        let mut broken = Vec::new();
        comments::json_in(value, &mut broken);
        broken.retain(|json| !self.tall_json.borrow().contains(json));
        let mut result = first;
        if !broken.is_empty() {
            self.tall_json.borrow_mut().extend(broken);
            self.forget();
            result = strictly();
        }
        result.or_else(|| self.within(Mode { lenient: true, ..Mode::default() }, || layout(self))).unwrap_or_default()
    }

    fn expression_statement(&self, expression: &Expression, semicolon: bool, last: bool, space: Space) -> Option<Laid> {
        let space = self.less(space, usize::from(semicolon))?;
        let is_value = last && !semicolon && !is_jump(expression);
        let mut laid = if is_value {
            (*self.expression(expression, space)?).clone()
        } else {
            self.as_statement(expression, space)?
        };
        if semicolon {
            laid.push(";");
        }
        Some(laid)
    }

    /// An expression whose value is not used.
    pub fn as_statement(&self, expression: &Expression, space: Space) -> Option<Laid> {
        match expression {
            Expression::Block(block) => {
                Some((*self.tall_block(block, space.indent, Empty::short_if(space.width >= 2))).clone())
            }
            Expression::If { .. } => self.control(expression, false, space),
            other => {
                let space = self.less(space, kinds::reserved_for_semicolon(other))?;
                self.expression(other, space).map(|laid| (*laid).clone())
            }
        }
    }

    fn binding(&self, head: &str, value: &Expression, otherwise: Option<&Block>, space: Space) -> Option<Laid> {
        let nested = self.less(space, 1)?;
        let mut laid = self.assigned(Laid::of(head).with(" ="), value, nested)?;
        let Some(otherwise) = otherwise else {
            return Some(laid.with(";"));
        };
        let same_line = else_on_line(&laid, nested);
        if same_line {
            laid.push(" else ");
        } else {
            laid.line(space.indent);
            laid.push("else ");
        }
        let available = space.width.min(LET_ELSE).saturating_sub(laid.len());
        if same_line
            && !laid.is_tall()
            && let Some(line) = self.block(otherwise, space).filter(|line| !line.is_tall())
            && line.len() < available
        {
            return Some(laid.then(&line).with(";"));
        }
        let tall = match self.only_value(otherwise) {
            Some(value) => self.braced(value, space.indent),
            None => self.tall_block(otherwise, space.indent, Empty::Short),
        };
        Some(laid.then(&tall).with(";"))
    }
}

/// Whether `else {` may stand behind the value.
fn else_on_line(laid: &Laid, space: Space) -> bool {
    if !laid.is_tall() {
        return space.width.saturating_sub(laid.len()) >= 7;
    }
    let last = laid.last_line();
    let depth = last.len() - last.trim_start().len();
    last.ends_with([')', ']', '}']) && depth <= space.indent
}
