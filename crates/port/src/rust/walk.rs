//! The parts of Rust expressions, in the order in which they are evaluated.

use crate::rust::tree::{Block, Expression, Item, ItemKind, Json, Statement, StatementKind};

impl Expression {
    /// Calls `f` with each expression that is directly in this one, also with those of its blocks and closures.
    pub fn each_child(&mut self, f: &mut dyn FnMut(&mut Expression)) {
        match self {
            Expression::Atom(_)
            | Expression::Text(_)
            | Expression::Format(_)
            | Expression::Verbatim(_)
            | Expression::Continue { .. } => {}
            Expression::Call { callee, arguments } => {
                f(callee);
                arguments.iter_mut().for_each(f);
            }
            Expression::Method { receiver, arguments, .. } => {
                f(receiver);
                arguments.iter_mut().for_each(f);
            }
            Expression::Field { receiver: of, .. }
            | Expression::Try(of)
            | Expression::Unary { operand: of, .. }
            | Expression::Cast { operand: of, .. }
            | Expression::Paren(of)
            | Expression::Let { value: of, .. }
            | Expression::Closure { body: of, .. } => f(of),
            Expression::Index { base, index } => {
                f(base);
                f(index);
            }
            Expression::Macro { arguments: all, .. } | Expression::Array(all) | Expression::Tuple(all) => {
                all.iter_mut().for_each(f);
            }
            Expression::Json(json) => json.each_expression(f),
            Expression::Binary { left, right, .. } => {
                f(left);
                f(right);
            }
            Expression::Assign { target, value, .. } => {
                f(value);
                f(target);
            }
            _ => self.each_part(f),
        }
    }

    /// The same, of what decides and of what jumps.
    fn each_part(&mut self, f: &mut dyn FnMut(&mut Expression)) {
        match self {
            Expression::Block(block) => block.each_expression(f),
            Expression::If { condition, then, otherwise } => {
                f(condition);
                then.each_expression(f);
                otherwise.iter_mut().for_each(|otherwise| f(otherwise));
            }
            Expression::Match { subject, arms } => {
                f(subject);
                for arm in arms {
                    arm.guard.iter_mut().for_each(&mut *f);
                    f(&mut arm.body);
                }
            }
            Expression::While { condition: of, body, .. } | Expression::For { iterator: of, body, .. } => {
                f(of);
                body.each_expression(f);
            }
            Expression::Loop { body, .. } => body.each_expression(f),
            Expression::Return(value) | Expression::Break { value, .. } => value.iter_mut().for_each(|value| f(value)),
            Expression::Struct { fields, base, .. } => {
                fields.iter_mut().filter_map(|(_, value)| value.as_mut()).for_each(&mut *f);
                base.iter_mut().for_each(|base| f(base));
            }
            Expression::Range { start, end, .. } => {
                start.iter_mut().for_each(|start| f(start));
                end.iter_mut().for_each(|end| f(end));
            }
            _ => {}
        }
    }

    /// Calls `f` with this expression and all below it.
    pub fn each(&mut self, f: &mut dyn FnMut(&mut Expression)) {
        f(self);
        self.each_child(&mut |child| child.each(f));
    }
}

impl Json {
    fn each_expression(&mut self, f: &mut dyn FnMut(&mut Expression)) {
        match self {
            Json::Object(entries) | Json::Array(entries) => {
                for entry in entries {
                    entry.key.iter_mut().for_each(&mut *f);
                    entry.value.each_expression(f);
                }
            }
            Json::Value(value) => f(value),
        }
    }
}

impl Statement {
    /// Calls `f` with each expression that is directly in this statement.
    pub fn each_expression(&mut self, f: &mut dyn FnMut(&mut Expression)) {
        match &mut self.kind {
            StatementKind::Let { value, otherwise, .. } => {
                value.iter_mut().for_each(&mut *f);
                otherwise.iter_mut().for_each(|block| block.each_expression(f));
            }
            StatementKind::Expression(of) | StatementKind::Value(of) => f(of),
            StatementKind::Item(_) | StatementKind::Comments => {}
        }
    }
}

impl Item {
    /// Calls `f` with each expression in it.
    pub fn each(&mut self, f: &mut dyn FnMut(&mut Expression)) {
        match &mut self.kind {
            ItemKind::Function(function) => function.body.iter_mut().for_each(|body| body.each(f)),
            ItemKind::Impl { items, .. } | ItemKind::Trait { items, .. } => {
                items.iter_mut().for_each(|item| item.each(f));
            }
            ItemKind::Constant { value, .. } | ItemKind::ThreadLocal { value, .. } => value.each(f),
            ItemKind::Struct { .. } | ItemKind::Enum { .. } | ItemKind::Comments => {}
        }
    }
}

impl Block {
    /// Calls `f` with each expression in it.
    pub fn each(&mut self, f: &mut dyn FnMut(&mut Expression)) {
        for statement in &mut self.statements {
            match &mut statement.kind {
                StatementKind::Item(item) => item.each(f),
                _ => statement.each_expression(&mut |code| code.each(f)),
            }
        }
    }

    /// Calls `f` with each expression that is directly in its statements.
    pub fn each_expression(&mut self, f: &mut dyn FnMut(&mut Expression)) {
        self.statements.iter_mut().for_each(|statement| statement.each_expression(f));
    }
}

/// What tells one expression from another.
pub fn signature(code: &Expression) -> String {
    format!("{code:?}")
}
