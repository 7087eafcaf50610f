//! What can be seen of a piece of Rust.

use crate::rust::build::{atom, unary};
use crate::rust::tree::{Block, Expression, Statement, StatementKind};

/// The value of a block that has nothing else in it.
pub fn lone_value(block: &Block) -> Option<&Expression> {
    match block.statements.as_slice() {
        [Statement { kind: StatementKind::Value(value), lead, trailing: None }]
            if lead.comments.is_empty() && block.end.comments.is_empty() =>
        {
            Some(value)
        }
        _ => None,
    }
}

/// Whether evaluating it costs nothing and does nothing.
pub fn is_simple(code: &Expression) -> bool {
    match code {
        Expression::Atom(_) | Expression::Text(_) => true,
        Expression::Field { receiver, .. } => is_simple(receiver),
        Expression::Unary { operand, .. } => is_simple(operand),
        Expression::Call { callee, arguments } => {
            matches!(&**callee, Expression::Atom(name) if name == "Some") && arguments.iter().all(is_simple)
        }
        Expression::Method { receiver, name, arguments } => {
            matches!(name.as_str(), "to_owned" | "as_str" | "clone") && is_simple(receiver) && arguments.is_empty()
        }
        Expression::Index { base, index } => is_simple(base) && is_simple(index),
        _ => false,
    }
}

/// Whether it makes a copy: to be made only where it is needed.
pub fn copies(code: &Expression) -> bool {
    matches!(code, Expression::Method { name, .. } if matches!(name.as_str(), "to_owned" | "clone"))
}

pub fn is_nonzero(code: &Expression) -> bool {
    match code {
        Expression::Atom(text) => text.parse::<f64>().is_ok_and(|number| number != 0.0),
        _ => false,
    }
}

/// Whether `?` is somewhere in it, which a closure would not pass on.
pub fn contains_try(code: &Expression) -> bool {
    match code {
        Expression::Try(_) | Expression::Return(_) => true,
        Expression::Call { callee, arguments } => contains_try(callee) || arguments.iter().any(contains_try),
        Expression::Method { receiver, arguments, .. } => contains_try(receiver) || arguments.iter().any(contains_try),
        Expression::Macro { name, arguments } => name == "bail" || arguments.iter().any(contains_try),
        Expression::Field { receiver: of, .. }
        | Expression::Unary { operand: of, .. }
        | Expression::Cast { operand: of, .. }
        | Expression::Paren(of) => contains_try(of),
        Expression::Index { base, index } => contains_try(base) || contains_try(index),
        Expression::Binary { left, right, .. } => contains_try(left) || contains_try(right),
        Expression::Array(of) | Expression::Tuple(of) => of.iter().any(contains_try),
        Expression::Atom(_) | Expression::Text(_) | Expression::Format(_) | Expression::Verbatim(_) => false,
        // Where it cannot be seen, a form that allows it.
        _ => true,
    }
}

/// `!condition`, without two of them.
pub fn negated(condition: Expression) -> Expression {
    match condition {
        Expression::Unary { operator: "!", operand } => *operand,
        Expression::Atom(text) if text == "true" => atom("false"),
        Expression::Atom(text) if text == "false" => atom("true"),
        Expression::Binary { operator: "==", left, right } => Expression::Binary { operator: "!=", left, right },
        Expression::Binary { operator: "!=", left, right } => Expression::Binary { operator: "==", left, right },
        // Of integers: of two floats, neither may hold.
        Expression::Binary { operator: operator @ ("<" | "<=" | ">" | ">="), left, right }
            if is_integer(&left) || is_integer(&right) =>
        {
            let operator = match operator {
                "<" => ">=",
                "<=" => ">",
                ">" => "<=",
                _ => "<",
            };
            Expression::Binary { operator, left, right }
        }
        Expression::Method { receiver, name, arguments } => match opposite(&name) {
            Some(opposite) => Expression::Method { receiver, name: opposite.to_owned(), arguments },
            None => unary("!", Expression::Method { receiver, name, arguments }),
        },
        condition => unary("!", condition),
    }
}

/// Whether it is a literal integer.
fn is_integer(code: &Expression) -> bool {
    matches!(code, Expression::Atom(text) if text.bytes().all(|b| b.is_ascii_digit()))
}

/// What says of an `Option` or of an `Ordering` that this does not hold.
fn opposite(name: &str) -> Option<&'static str> {
    Some(match name {
        "is_none" => "is_some",
        "is_some" => "is_none",
        "is_lt" => "is_ge",
        "is_le" => "is_gt",
        "is_gt" => "is_le",
        "is_ge" => "is_lt",
        _ => return None,
    })
}
