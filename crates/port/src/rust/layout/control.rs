//! `if`, `while`, `loop` and `for`.

use crate::rust::layout::empty::Empty;
use crate::rust::layout::laid::{self, Laid};
use crate::rust::layout::printer::Printer;
use crate::rust::layout::space::{COLUMNS, STEP, Space};
use crate::rust::tree::{Block, Expression};

/// The widest that an `if` with its `else` may be on one line.
const IF_ELSE: usize = 50;

/// What stands between a keyword and the brace.
struct Head<'a> {
    label: String,
    keyword: &'static str,
    /// With the word behind it: `let Some(x) =`, `x in`.
    pattern: Option<String>,
    condition: Option<&'a Expression>,
    block: &'a Block,
    otherwise: Option<&'a Expression>,
    /// Whether this is the `if` of an `else if`.
    nested: bool,
}

fn head(expression: &Expression) -> Option<Head<'_>> {
    let label = |label: &Option<String>| label.as_ref().map(|label| format!("{label}: ")).unwrap_or_default();
    let (pattern, condition) = match expression {
        Expression::If { condition, .. } | Expression::While { condition, .. } => match &**condition {
            Expression::Let { pattern, value } => (Some(format!("let {pattern} =")), Some(&**value)),
            condition => (None, Some(condition)),
        },
        Expression::For { pattern, iterator, .. } => (Some(format!("{pattern} in")), Some(&**iterator)),
        _ => (None, None),
    };
    let (label, keyword, block, otherwise) = match expression {
        Expression::If { then, otherwise, .. } => (String::new(), "if", then, otherwise.as_deref()),
        Expression::While { label: name, body, .. } => (label(name), "while", body, None),
        Expression::Loop { label: name, body } => (label(name), "loop", body, None),
        Expression::For { label: name, body, .. } => (label(name), "for", body, None),
        _ => return None,
    };
    Some(Head { label, keyword, pattern, condition, block, otherwise, nested: false })
}

impl Printer {
    /// `is_value`: whether it may be on one line.
    pub fn control(&self, expression: &Expression, is_value: bool, space: Space) -> Option<Laid> {
        self.controlled(&head(expression)?, is_value, space)
    }

    fn controlled(&self, head: &Head, is_value: bool, space: Space) -> Option<Laid> {
        let (condition, used) = self.head(head, is_value, space)?;
        if used == 0 {
            return Some(condition);
        }
        // An empty block is `{}` when nothing follows.
        let empty = match head.otherwise {
            Some(_) => Empty::BeforeElse,
            None if !head.nested && space.width.saturating_sub(used) >= 2 => Empty::Short,
            None => Empty::Tall,
        };
        let mut laid = condition.then(&self.tall_block(head.block, space.indent, empty));
        let Some(otherwise) = head.otherwise else {
            return Some(laid);
        };
        laid.push(" else ");
        let line = Space::line(space.indent);
        match otherwise {
            Expression::If { .. } => {
                let next = Head { nested: true, ..self::head(otherwise)? };
                laid.append(&self.controlled(&next, false, line)?);
            }
            Expression::Block(block) => laid.append(&self.tall_block(block, space.indent, Empty::Tall)),
            other => laid.append(&self.braced(other, space.indent)),
        }
        Some(laid)
    }

    /// All up to the brace, with the columns used of its line; none used when all is on one line.
    fn head(&self, head: &Head, is_value: bool, space: Space) -> Option<(Laid, usize)> {
        let fresh = space.unreserved();
        // `} else `
        let fresh = if head.nested { self.behind(fresh, 7)? } else { fresh };
        let offset = head.keyword.len() + head.label.len() + 1;
        let condition = self.condition(head, fresh, offset)?;
        let budget = COLUMNS.saturating_sub(fresh.used() + offset + 2);
        let brace_below = (condition.is_tall() || condition.len() > budget)
            && (!condition.is_extendable() || ends_deeper(&condition, space.used()));
        if is_value
            && head.keyword == "if"
            && let Some(line) = self.if_on_line(head, &condition, space.width)
            && line.len() <= IF_ELSE
        {
            return Some((line, 0));
        }
        let used = if condition.is_tall() {
            condition.last_width()
        } else {
            head.label.len() + head.keyword.len() + condition.len() + 2
        };
        let mut laid = Laid::of(&head.label).with(head.keyword);
        if !condition.is_empty() && !condition.text().starts_with('\n') {
            laid.push(" ");
        }
        laid.append(&condition);
        if brace_below {
            laid.line(space.indent);
        } else {
            laid.push(" ");
        }
        Some((laid, used))
    }

    fn condition(&self, head: &Head, space: Space, offset: usize) -> Option<Laid> {
        let Some(condition) = head.condition else {
            return Some(Laid::default());
        };
        let behind = self.behind(space, offset)?;
        if let Some(pattern) = &head.pattern {
            self.less(behind, laid::width(pattern))?;
            return self.assigned(Laid::of(pattern), condition, behind);
        }
        if let Some(laid) = self.expression(condition, behind) {
            return Some((*laid).clone());
        }
        if head.keyword == "if" {
            return None;
        }
        let below = Space::line(space.indent + STEP);
        let laid = self.expression(condition, below)?;
        let mut next = Laid::default();
        next.line(below.indent);
        Some(next.then(&laid))
    }

    fn if_on_line(&self, head: &Head, condition: &Laid, width: usize) -> Option<Laid> {
        let Some(Expression::Block(otherwise)) = head.otherwise else {
            return None;
        };
        if condition.is_tall() {
            return None;
        }
        let (then, otherwise) = (self.only_value(head.block)?, self.only_value(otherwise)?);
        let rest = width.checked_sub(condition.len() + "if  {  } else {  }".len())?;
        let at = |width: usize| Space { indent: 0, offset: 0, width };
        let then = self.expression(then, at(rest))?;
        let otherwise = self.expression(otherwise, at(rest.checked_sub(then.len())?))?;
        if then.is_tall() || otherwise.is_tall() {
            return None;
        }
        let line = Laid::of("if ").then(condition).with(" { ").then(&then);
        Some(line.with(" } else { ").then(&otherwise).with(" }")).filter(|line| line.len() <= width)
    }

    /// The condition of what has one: `if x `, or the subject of a `match`.
    pub fn condition_of(&self, expression: &Expression, space: Space) -> Option<Laid> {
        if let Expression::Match { subject, .. } = expression {
            return self.expression(subject, space.behind(8)?).map(|subject| (*subject).clone());
        }
        let head = head(expression)?;
        self.head(&head, true, space).map(|(laid, _)| laid)
    }
}

/// Whether the last line is indented by more than that.
fn ends_deeper(condition: &Laid, columns: usize) -> bool {
    let last = condition.last_line();
    last.len() - last.trim_start().len() > columns
}
