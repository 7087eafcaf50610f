//! Literals: what PHP takes them for, and how Rust writes them.

use crate::php::tree::{Expression as Php, ExpressionKind as E, Unary};
use crate::rust::tree::Expression;

/// The number that a literal is.
pub fn literal_of(code: &Expression) -> Option<i64> {
    match code {
        Expression::Atom(text) => text.trim_end_matches("_i64").parse().ok(),
        Expression::Unary { operator: "-", operand } => literal_of(operand)?.checked_neg(),
        _ => None,
    }
}

/// Whether it is a constant near the end of 64 bits.
pub fn is_large(code: &Expression) -> bool {
    match code {
        Expression::Atom(text) if text.contains("PHP_INT") || text.contains("i64::M") => true,
        Expression::Unary { operand, .. } => is_large(operand),
        _ => literal_of(code).is_some_and(|number| number.unsigned_abs() > 1 << 53),
    }
}

/// Whether PHP would not take the text for a number.
pub fn is_no_number(text: &str) -> bool {
    let trimmed = text.trim_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
    !trimmed.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'))
        || trimmed.parse::<f64>().is_err()
}

/// An integer; one that Rust would not take for an `i64` by itself says so.
pub fn integer_literal(number: i64) -> String {
    if i32::try_from(number).is_ok() { number.to_string() } else { format!("{number}_i64") }
}

/// A float with a point, as Rust wants it.
pub fn float_literal(number: f64) -> String {
    if number.is_infinite() {
        return if number > 0.0 { "f64::INFINITY" } else { "f64::NEG_INFINITY" }.to_owned();
    }
    format!("{number:?}")
}

/// A literal as a pattern.
pub fn literal_pattern(php: &Php) -> Option<String> {
    match &php.bare().kind {
        E::Text(text) => Some(format!("{text:?}")),
        E::Integer(number) => Some(number.to_string()),
        E::Unary { operator: Unary::Minus, operand } => match &operand.kind {
            E::Integer(number) => Some(format!("-{number}")),
            _ => None,
        },
        _ => None,
    }
}
