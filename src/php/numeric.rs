//! Numbers, and texts that are numbers to PHP.

use serde_json::Value;

use super::error::Error;

/// PHP's two types of numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Int(i64),
    Float(f64),
}

impl Number {
    #[expect(clippy::cast_precision_loss, reason = "as PHP does it")]
    pub(super) fn float(self) -> f64 {
        match self {
            Number::Int(number) => number as f64,
            Number::Float(number) => number,
        }
    }

    pub(super) fn is_float(self) -> bool {
        matches!(self, Number::Float(_))
    }

    pub(super) fn is_zero(self) -> bool {
        self.float() == 0.0
    }

    pub(super) fn integer(self) -> i64 {
        match self {
            Number::Int(number) => number,
            Number::Float(number) => wrapped(number),
        }
    }

    pub(super) fn value(self) -> Result<Value, Error> {
        match self {
            Number::Int(number) => Ok(number.into()),
            Number::Float(number) if number.is_finite() => Ok(number.into()),
            Number::Float(number) => Err(Error::not_finite(number)),
        }
    }
}

/// A JSON number: what is beyond 64 bits with a sign is a float.
pub(super) fn number(number: &serde_json::Number) -> Number {
    match number.as_i64() {
        Some(integer) => Number::Int(integer),
        None => Number::Float(number.as_f64().unwrap_or(0.0)),
    }
}

/// A number at the beginning of a text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numeric {
    pub(super) number: Number,
    /// An integer beyond 64 bits, with its sign; 0 for others.
    pub(super) overflow: i64,
    /// Nothing but white space follows.
    pub(super) is_whole: bool,
}

pub(super) fn is_space(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}')
}

/// The number at the beginning of a text, white space before it aside.
pub(super) fn leading(text: &str) -> Option<Numeric> {
    let text = text.trim_start_matches(is_space);
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, rest) = digits(unsigned);
    let (fraction, rest, has_point) = match rest.strip_prefix('.') {
        Some(behind) => {
            let (fraction, rest) = digits(behind);
            (fraction, rest, true)
        }
        None => ("", rest, false),
    };
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let exponent = rest.strip_prefix(['e', 'E']).map(|rest| rest.strip_prefix(['+', '-']).unwrap_or(rest));
    let exponent = exponent.map(digits).filter(|(exponent, _)| !exponent.is_empty());
    let rest = exponent.map_or(rest, |(_, rest)| rest);
    let is_integer = !has_point && exponent.is_none();
    let number = text.get(..text.len().saturating_sub(rest.len())).unwrap_or_default();
    let float = || number.parse::<f64>().unwrap_or(0.0);
    let (number, overflow) = match number.parse::<i64>() {
        Ok(integer) if is_integer => (Number::Int(integer), 0),
        _ if is_integer => (Number::Float(float()), if text.starts_with('-') { -1 } else { 1 }),
        _ => (Number::Float(float()), 0),
    };
    Some(Numeric { number, overflow, is_whole: rest.chars().all(is_space) })
}

/// The number that a whole text is.
pub(super) fn whole(text: &str) -> Option<Numeric> {
    leading(text).filter(|numeric| numeric.is_whole)
}

fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// A float as PHP casts it to an integer: without its fraction, and the lowest 64 bits of what is left.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "checked, or meant")]
pub(super) fn wrapped(number: f64) -> i64 {
    const MODULUS: f64 = 18_446_744_073_709_551_616.0;
    if !number.is_finite() {
        return 0;
    }
    let number = number.trunc();
    if number >= i64::MIN as f64 && number < i64::MAX as f64 {
        return number as i64;
    }
    // Within 128 bits after this, and exact: both are multiples of the same power of two.
    (number % MODULUS) as i128 as i64
}

/// A float as PHP casts a text of it to an integer: the nearest there is.
#[expect(clippy::cast_possible_truncation, reason = "saturates, which is what is meant")]
pub(super) fn nearest(number: f64) -> i64 {
    if number.is_finite() { number as i64 } else { 0 }
}
