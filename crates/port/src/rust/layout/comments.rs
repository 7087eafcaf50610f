//! Where comments are, as rustfmt never puts code with comments on one line; and where `json!` is.

use crate::rust::layout::printer::Printer;
use crate::rust::tree::{Block, Entry, Expression, Json, Lead, Statement, StatementKind};

impl Printer {
    /// Whether there is a comment in the block, however deep.
    pub fn has_comment(&self, block: &Block) -> bool {
        let key = std::ptr::from_ref(block) as usize;
        if let Some(known) = self.commented.borrow().get(&key) {
            return *known;
        }
        let found = in_lead(&block.end) || block.statements.iter().any(|statement| self.in_statement(statement));
        self.commented.borrow_mut().insert(key, found);
        found
    }

    fn in_statement(&self, statement: &Statement) -> bool {
        if in_lead(&statement.lead) || statement.trailing.is_some() {
            return true;
        }
        match &statement.kind {
            StatementKind::Let { value, otherwise, .. } => {
                value.iter().any(|value| self.in_expression(value))
                    || otherwise.iter().any(|otherwise| self.has_comment(otherwise))
            }
            StatementKind::Expression(inner) | StatementKind::Value(inner) => self.in_expression(inner),
            // An item is never alone in a block that could be on one line.
            StatementKind::Item(_) | StatementKind::Comments => false,
        }
    }

    fn in_expression(&self, expression: &Expression) -> bool {
        match expression {
            Expression::Block(block) => return self.has_comment(block),
            Expression::Json(json) => return self.in_json(json),
            Expression::If { then, .. } if self.has_comment(then) => return true,
            Expression::While { body, .. } | Expression::Loop { body, .. } | Expression::For { body, .. }
                if self.has_comment(body) =>
            {
                return true;
            }
            Expression::Match { arms, .. } if arms.iter().any(|arm| in_lead(&arm.lead)) => return true,
            _ => {}
        }
        let mut found = false;
        each(expression, &mut |child| found = found || self.in_expression(child));
        found
    }

    fn in_json(&self, json: &Json) -> bool {
        match json {
            Json::Object(entries) | Json::Array(entries) => entries.iter().any(|entry| {
                in_lead(&entry.lead)
                    || entry.trailing.is_some()
                    || entry.key.iter().any(|key| self.in_expression(key))
                    || self.in_json(&entry.value)
            }),
            Json::Value(value) => self.in_expression(value),
        }
    }
}

pub fn in_lead(lead: &Lead) -> bool {
    lead.comments.iter().any(|comment| !comment.trim().is_empty())
}

/// The places in memory of each `json!`, but for those of statements inside.
pub fn json_in(expression: &Expression, found: &mut Vec<usize>) {
    if let Expression::Json(json) = expression {
        found.push(std::ptr::from_ref(json) as usize);
    }
    each(expression, &mut |child| json_in(child, found));
}

/// The expressions right inside, but for those in statements.
fn each<'a>(expression: &'a Expression, visit: &mut dyn FnMut(&'a Expression)) {
    match expression {
        Expression::Call { callee: first, arguments } | Expression::Method { receiver: first, arguments, .. } => {
            visit(first);
            arguments.iter().for_each(visit);
        }
        Expression::Macro { arguments, .. } | Expression::Array(arguments) | Expression::Tuple(arguments) => {
            arguments.iter().for_each(visit);
        }
        Expression::Field { receiver: inner, .. }
        | Expression::Try(inner)
        | Expression::Unary { operand: inner, .. }
        | Expression::Cast { operand: inner, .. }
        | Expression::Closure { body: inner, .. }
        | Expression::Let { value: inner, .. }
        | Expression::While { condition: inner, .. }
        | Expression::For { iterator: inner, .. }
        | Expression::Paren(inner) => visit(inner),
        Expression::Index { base: left, index: right }
        | Expression::Binary { left, right, .. }
        | Expression::Assign { target: left, value: right, .. } => {
            visit(left);
            visit(right);
        }
        Expression::If { condition, otherwise, .. } => {
            visit(condition);
            otherwise.iter().for_each(|otherwise| visit(otherwise));
        }
        Expression::Match { subject, arms } => {
            visit(subject);
            for arm in arms {
                arm.guard.iter().for_each(&mut *visit);
                visit(&arm.body);
            }
        }
        Expression::Return(value) | Expression::Break { value, .. } => value.iter().for_each(|value| visit(value)),
        Expression::Struct { fields, base, .. } => {
            fields.iter().filter_map(|(_, value)| value.as_ref()).for_each(&mut *visit);
            base.iter().for_each(|base| visit(base));
        }
        Expression::Range { start, end, .. } => start.iter().chain(end.iter()).for_each(|edge| visit(edge)),
        Expression::Json(json) => each_in_json(json, visit),
        Expression::Atom(_)
        | Expression::Text(_)
        | Expression::Format(_)
        | Expression::Verbatim(_)
        | Expression::Block(_)
        | Expression::Loop { .. }
        | Expression::Continue { .. } => {}
    }
}

fn each_in_json<'a>(json: &'a Json, visit: &mut dyn FnMut(&'a Expression)) {
    match json {
        Json::Object(entries) | Json::Array(entries) => {
            for Entry { key, value, .. } in entries {
                key.iter().for_each(&mut *visit);
                each_in_json(value, visit);
            }
        }
        Json::Value(value) => visit(value),
    }
}
