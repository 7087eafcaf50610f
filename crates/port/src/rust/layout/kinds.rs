//! What rustfmt makes depend on the kind of an expression.

use crate::rust::layout::laid::Laid;
use crate::rust::layout::parentheses::is_jump;
use crate::rust::tree::{Expression, Statement, StatementKind};

pub fn is_macro(expression: &Expression) -> bool {
    matches!(expression, Expression::Macro { .. } | Expression::Json(_) | Expression::Verbatim(_))
}

/// What stands behind `&`, `-`, `!`, `?` and `as` is looked through.
fn inner(expression: &Expression) -> Option<&Expression> {
    match expression {
        Expression::Unary { operand, .. } | Expression::Cast { operand, .. } | Expression::Try(operand) => {
            Some(operand)
        }
        _ => None,
    }
}

/// Whether the last of so many arguments may begin on the line of the call and go on below.
pub fn may_overflow(expression: &Expression, arguments: usize) -> bool {
    match expression {
        Expression::Block(_) | Expression::Closure { .. } => true,
        Expression::Match { .. }
        | Expression::If { .. }
        | Expression::For { .. }
        | Expression::Loop { .. }
        | Expression::While { .. }
        | Expression::Array(_)
        | Expression::Struct { .. }
        | Expression::Call { .. }
        | Expression::Method { .. }
        | Expression::Tuple(_) => arguments == 1,
        other if is_macro(other) => arguments == 1,
        other => inner(other).is_some_and(|inner| may_overflow(inner, arguments)),
    }
}

pub fn is_nested_call(expression: &Expression) -> bool {
    match expression {
        Expression::Call { .. } => true,
        other if is_macro(other) => true,
        other => inner(other).is_some_and(is_nested_call),
    }
}

pub fn is_method_call(expression: &Expression) -> bool {
    match expression {
        Expression::Method { .. } => true,
        other => inner(other).is_some_and(is_method_call),
    }
}

/// Several of these may share a line of a list that is broken.
pub fn is_simple(expression: &Expression) -> bool {
    match expression {
        Expression::Atom(atom) => atom != "()" && (!atom.contains("::") || is_literal(atom)),
        Expression::Text(_) | Expression::Format(_) => true,
        Expression::Field { receiver, .. } => is_simple(receiver),
        Expression::Index { base, index } => is_simple(base) && is_simple(index),
        other => inner(other).is_some_and(is_simple),
    }
}

fn is_literal(atom: &str) -> bool {
    atom.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '\'' | '"')) || atom.starts_with("b\"")
}

/// Whether the last line of the code has nothing but its closing brackets.
pub fn is_block(expression: &Expression, code: &Laid) -> bool {
    match expression {
        Expression::Call { .. }
        | Expression::Method { .. }
        | Expression::Array(_)
        | Expression::Struct { .. }
        | Expression::While { .. }
        | Expression::If { .. }
        | Expression::Block(_)
        | Expression::Loop { .. }
        | Expression::For { .. }
        | Expression::Match { .. } => code.is_tall(),
        Expression::Paren(inner) | Expression::Binary { right: inner, .. } | Expression::Try(inner) => {
            is_block(inner, code)
        }
        Expression::Index { index, .. } => is_block(index, code),
        Expression::Unary { operator, operand } if !operator.starts_with('&') => is_block(operand, code),
        Expression::Closure { body, .. } => {
            // Braces may have been put around the body or taken away as it was laid out.
            code.is_tall() && (code.is_extendable() || is_block(without_braces(body), code))
        }
        other => is_macro(other) && code.is_tall(),
    }
}

fn without_braces(body: &Expression) -> &Expression {
    if let Expression::Block(block) = body
        && let [only] = block.statements.as_slice()
        && let Some(value) = value_of(only)
    {
        return without_braces(value);
    }
    body
}

/// Whether the body of a closure may have several lines without braces around it.
pub fn may_be_bare(expression: &Expression) -> bool {
    match expression {
        Expression::Match { .. } | Expression::Block(_) | Expression::Loop { .. } | Expression::Struct { .. } => true,
        other => inner(other).is_some_and(may_be_bare),
    }
}

/// Whether the body of a closure has braces around it in any case.
pub fn wants_braces(expression: &Expression) -> bool {
    match expression {
        Expression::If { .. } | Expression::While { .. } | Expression::For { .. } | Expression::Loop { .. } => true,
        other => inner(other).is_some_and(wants_braces),
    }
}

/// Whether the body of a closure never has braces put around it by rustfmt.
pub fn refuses_braces(expression: &Expression) -> bool {
    let refuses = matches!(
        expression,
        Expression::Call { .. }
            | Expression::Binary { .. }
            | Expression::Cast { .. }
            | Expression::Assign { .. }
            | Expression::Field { .. }
            | Expression::Index { .. }
            | Expression::Range { .. }
            | Expression::Try(_)
    );
    refuses && crate::rust::layout::parentheses::is_block_like(leftmost(expression))
}

fn leftmost(expression: &Expression) -> &Expression {
    match expression {
        Expression::Call { callee: left, .. }
        | Expression::Binary { left, .. }
        | Expression::Cast { operand: left, .. }
        | Expression::Assign { target: left, .. }
        | Expression::Field { receiver: left, .. }
        | Expression::Index { base: left, .. }
        | Expression::Range { start: Some(left), .. }
        | Expression::Try(left) => leftmost(left),
        other => other,
    }
}

/// Whether the body of an arm may begin behind the arrow and have several lines without braces around it.
pub fn may_follow_arrow(expression: &Expression) -> bool {
    match expression {
        Expression::Loop { .. }
        | Expression::Match { .. }
        | Expression::Block(_)
        | Expression::Closure { .. }
        | Expression::Array(_)
        | Expression::Call { .. }
        | Expression::Method { .. }
        | Expression::Struct { .. }
        | Expression::Tuple(_) => true,
        Expression::Index { base, .. } => may_follow_arrow(base),
        other if is_macro(other) => true,
        other => inner(other).is_some_and(may_follow_arrow),
    }
}

/// Whether an expression that is a statement has a semicolon.
pub fn wants_semicolon(expression: &Expression) -> bool {
    !crate::rust::layout::parentheses::is_block_like(expression)
}

/// A column that rustfmt keeps free for the semicolon that it may add.
pub fn reserved_for_semicolon(expression: &Expression) -> usize {
    usize::from(is_jump(expression))
}

/// The expression of a statement without a semicolon at the end of a block.
pub fn value_of(statement: &Statement) -> Option<&Expression> {
    match &statement.kind {
        StatementKind::Value(value) => Some(value),
        StatementKind::Expression(value) if !wants_semicolon(value) => Some(value),
        _ => None,
    }
}
