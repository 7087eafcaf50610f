//! Numbers whose type the compiler cannot work out: those that a method is called on.

use crate::rust::tree::Expression;

/// Gives the first literal of an expression its type, if it has nothing but literals.
pub fn typed(code: Expression) -> Expression {
    match is_float(&code) {
        Some(is_float) => {
            let mut code = code;
            suffix(&mut code, if is_float { "_f64" } else { "_i64" });
            code
        }
        None => code,
    }
}

/// Whether it is made of floats, or of integers; None if not of literals alone, or one has its type already.
fn is_float(code: &Expression) -> Option<bool> {
    match code {
        Expression::Atom(text) => {
            let is_number = text.starts_with(|c: char| c.is_ascii_digit()) && !text.ends_with("64");
            is_number.then(|| text.contains(['.', 'e']))
        }
        Expression::Unary { operator: "-", operand } | Expression::Paren(operand) => is_float(operand),
        Expression::Binary { operator: "+" | "-" | "*" | "/" | "%", left, right } => {
            Some(is_float(left)? | is_float(right)?)
        }
        _ => None,
    }
}

fn suffix(code: &mut Expression, with: &str) {
    match code {
        Expression::Atom(text) => text.push_str(with),
        Expression::Unary { operand, .. } | Expression::Paren(operand) => suffix(operand, with),
        Expression::Binary { left, .. } => suffix(left, with),
        _ => {}
    }
}
