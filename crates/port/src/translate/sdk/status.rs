//! The status of an answer: a number in PHP, a `StatusCode` here, which is compared with numbers.

use crate::rust::build::{binary, call, method};
use crate::rust::tree::Expression;
use crate::translate::value::Typed;

/// `i64::from(response.status().as_u16())`
pub fn status(response: Expression) -> Typed {
    let number = method(method(response, "status", vec![]), "as_u16", vec![]);
    Typed::integer(call("i64::from", vec![number]))
}

/// The `u16` of a status, for where any number will do.
pub fn number(code: Expression) -> Expression {
    match code {
        Expression::Call { callee, mut arguments } if is_from(&callee) && arguments.iter().any(is_number) => {
            arguments.pop().unwrap_or(Expression::Tuple(vec![]))
        }
        code => code,
    }
}

/// `a == b`, `a < b`: of a status and a literal as it is.
pub fn compared(sign: &'static str, a: Expression, b: Expression) -> Expression {
    let (a, b) = match (is_status(&a), is_status(&b)) {
        (true, false) if is_small(&b) => (plain(sign, a), b),
        (false, true) if is_small(&a) => (a, number(b)),
        (true, true) => (number(a), number(b)),
        _ => (a, b),
    };
    binary(sign, a, b)
}

/// The `StatusCode` itself where it is compared by `==`.
fn plain(sign: &str, code: Expression) -> Expression {
    match number(code) {
        Expression::Method { receiver, .. } if matches!(sign, "==" | "!=") => *receiver,
        code => code,
    }
}

fn is_status(code: &Expression) -> bool {
    matches!(code, Expression::Call { callee, arguments } if is_from(callee) && arguments.iter().any(is_number))
}

/// Whether a literal is one that a `u16` can be compared with.
fn is_small(code: &Expression) -> bool {
    matches!(code, Expression::Atom(text) if text.parse::<u16>().is_ok())
}

fn is_from(callee: &Expression) -> bool {
    matches!(callee, Expression::Atom(path) if path == "i64::from")
}

fn is_number(code: &Expression) -> bool {
    matches!(code, Expression::Method { receiver, name, .. }
        if name == "as_u16" && matches!(&**receiver, Expression::Method { name, .. } if name == "status"))
}
