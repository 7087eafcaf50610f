//! How wide code is at least, if it is on one line.

use crate::rust::layout::comments::in_lead;
use crate::rust::layout::kinds::value_of;
use crate::rust::layout::laid::width;
use crate::rust::layout::printer::Printer;
use crate::rust::tree::{Block, Entry, Expression, Json};

/// Of what is never on one line.
const NEVER: usize = usize::MAX / 1024;

impl Printer {
    /// Never more than it is. Whoever needs one line can be told at once that there is none.
    pub fn least(&self, expression: &Expression) -> usize {
        let key = std::ptr::from_ref(expression) as usize;
        if let Some(known) = self.least_known.borrow().get(&key) {
            return *known;
        }
        let least = self.fresh_least(expression).min(NEVER);
        self.least_known.borrow_mut().insert(key, least);
        least
    }

    fn fresh_least(&self, expression: &Expression) -> usize {
        match expression {
            Expression::Atom(text) | Expression::Verbatim(text) => width(text),
            Expression::Text(text) | Expression::Format(text) => width(text) + 2,
            Expression::Json(json) => 7 + self.least_json(json),
            Expression::Call { callee, arguments } => self.least(callee) + 2 + self.least_list(arguments),
            Expression::Method { receiver, name, arguments } => {
                self.least(receiver) + 3 + width(name) + self.least_list(arguments)
            }
            Expression::Field { receiver, name } => self.least(receiver) + 1 + width(name),
            Expression::Try(inner) => self.least(inner) + 1,
            Expression::Index { base, index } => self.least(base) + 2 + self.least(index),
            Expression::Macro { name, arguments } => width(name) + 3 + self.least_list(arguments),
            Expression::Array(elements) | Expression::Tuple(elements) => 2 + self.least_list(elements),
            Expression::Unary { operator, operand } => operator.len() + self.least(operand),
            Expression::Binary { operator, left, right } => self.least(left) + operator.len() + 2 + self.least(right),
            Expression::Assign { operator, target, value } => {
                self.least(target) + operator.len() + 2 + self.least(value)
            }
            Expression::Cast { operand, ty } => self.least(operand) + 4 + width(ty),
            Expression::Closure { body, .. } => 3 + self.least(body),
            Expression::Block(block) => self.least_block(block),
            Expression::If { condition, then, .. } => self.least(condition) + 3 + self.least_block(then),
            Expression::While { condition, body, .. } => self.least(condition) + self.least_block(body),
            Expression::For { iterator, body, .. } => self.least(iterator) + self.least_block(body),
            Expression::Loop { body, .. } => self.least_block(body),
            Expression::Let { value, .. } => self.least(value),
            Expression::Match { arms, .. } => {
                if arms.is_empty() {
                    0
                } else {
                    NEVER
                }
            }
            Expression::Return(value) | Expression::Break { value, .. } => {
                5 + value.as_ref().map_or(0, |value| self.least(value))
            }
            Expression::Continue { .. } => 8,
            Expression::Struct { path, fields, .. } => {
                let values = fields
                    .iter()
                    .map(|(name, value)| width(name) + value.as_ref().map_or(0, |value| 2 + self.least(value)));
                width(path) + values.sum::<usize>()
            }
            Expression::Range { start, end, .. } => {
                2 + start.iter().chain(end).map(|edge| self.least(edge)).sum::<usize>()
            }
            Expression::Paren(inner) => 2 + self.least(inner),
        }
    }

    fn least_list(&self, elements: &[Expression]) -> usize {
        let widths: usize = elements.iter().map(|element| self.least(element)).sum();
        widths + 2 * elements.len().saturating_sub(1)
    }

    fn least_block(&self, block: &Block) -> usize {
        match block.statements.as_slice() {
            [] => 2,
            // The braces may go.
            [only] => value_of(only).map_or(NEVER, |value| self.least(value)),
            _ => NEVER,
        }
    }

    fn least_json(&self, json: &Json) -> usize {
        match json {
            Json::Object(entries) | Json::Array(entries) => {
                2 + entries.iter().map(|entry| self.least_entry(entry)).sum::<usize>()
            }
            Json::Value(value) => self.least(value),
        }
    }

    fn least_entry(&self, entry: &Entry) -> usize {
        if entry.own_line || entry.trailing.is_some() || in_lead(&entry.lead) {
            return NEVER;
        }
        entry.key.as_ref().map_or(0, |key| 2 + self.least(key)) + self.least_json(&entry.value)
    }
}
