//! Casts: to a boolean, a text, an integer, a float, an array.

use serde_json::Value;

use super::digits;
use super::numeric::{self, Number};
use super::operand::Operand;

/// Whether a value counts as true (PHP: `(bool) $a`, and each condition).
///
/// False are `null`, `0`, `0.0`, `""`, `"0"` and the empty array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert!(!php::is_true("0") && php::is_true("0.0") && php::is_true(json!([0])));
/// ```
pub fn is_true(a: impl Operand) -> bool {
    truth(&a.operand())
}

/// A value as a text (PHP: `(string) $a`, and each `.` and `echo`).
///
/// Floats have up to 14 significant digits, and an array is `Array`. [`json_encode`](super::json_encode) and
/// [`var_export`](super::var_export) print floats with all digits.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::text(1.0), "1");
/// assert_eq!(php::text(0.1 + 0.2), "0.3");
/// assert_eq!(php::text(1e25), "1.0E+25");
/// assert_eq!(php::text(true) + &php::text(false), "1");
/// ```
pub fn text(a: impl Operand) -> String {
    let value = a.operand();
    match value {
        std::borrow::Cow::Owned(Value::String(text)) => text,
        value => of(&value),
    }
}

/// A value as an integer (PHP: `(int) $a`).
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::integer("12 apples"), 12);
/// assert_eq!(php::integer("1e3"), 1000);
/// assert_eq!(php::integer(-1.9), -1);
/// assert_eq!(php::integer("apples"), 0);
/// ```
pub fn integer(a: impl Operand) -> i64 {
    match &*a.operand() {
        Value::Number(number) => numeric::number(number).integer(),
        Value::String(text) => match numeric::leading(text).map(|numeric| numeric.number) {
            Some(Number::Int(integer)) => integer,
            Some(Number::Float(float)) => numeric::nearest(float),
            None => 0,
        },
        other => truth(other).into(),
    }
}

/// A value as a float (PHP: `(float) $a`).
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::float("1.5kg"), 1.5);
/// assert_eq!(php::float(true), 1.0);
/// ```
pub fn float(a: impl Operand) -> f64 {
    match &*a.operand() {
        Value::Number(number) => numeric::number(number).float(),
        Value::String(text) => match numeric::leading(text).map(|numeric| numeric.number) {
            // An integer has no such zero.
            Some(Number::Int(0)) if text.trim_start_matches(numeric::is_space).starts_with('-') => -0.0,
            number => number.map_or(0.0, Number::float),
        },
        other => f64::from(u8::from(truth(other))),
    }
}

/// A value as an array (PHP: `(array) $a`): an array as it is, `null` as the empty one, and anything else as the only element
/// of one.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::array("a"), json!(["a"]));
/// assert_eq!(php::array(()), json!([]));
/// ```
pub fn array(a: impl Operand) -> Value {
    match a.operand().into_owned() {
        Value::Null => Value::Array(Vec::new()),
        array @ (Value::Array(_) | Value::Object(_)) => array,
        scalar => Value::Array(vec![scalar]),
    }
}

/// Whether a value is a number or a text that is one (PHP: `is_numeric`).
///
/// ```
/// use wechatpay::php;
///
/// assert!(php::is_numeric("1e5") && php::is_numeric(" 1") && php::is_numeric(1.5));
/// assert!(!php::is_numeric("1 apple") && !php::is_numeric("") && !php::is_numeric(true));
/// ```
pub fn is_numeric(a: impl Operand) -> bool {
    match &*a.operand() {
        Value::Number(_) => true,
        Value::String(text) => numeric::whole(text).is_some(),
        _ => false,
    }
}

/// The name of a value's type (PHP: `gettype`): `NULL`, `boolean`, `integer`, `double`, `string` or `array`.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!([php::gettype(1), php::gettype(1.0), php::gettype("1")], ["integer", "double", "string"]);
/// ```
pub fn gettype(a: impl Operand) -> String {
    let name = match type_name(&a.operand()) {
        "null" => "NULL",
        "bool" => "boolean",
        "int" => "integer",
        "float" => "double",
        other => other,
    };
    name.to_owned()
}

/// An integer from a text in any base from 2 to 36 (PHP: `intval($a, $base)`); 0 takes the base from a prefix `0x`, `0` or `0b`.
///
/// What is no text is cast as [`integer`] does it, whatever the base.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::intval("ff", 16), 255);
/// assert_eq!(php::intval("0x1A", 0), 26);
/// assert_eq!(php::intval("012", 10), 12);
/// ```
pub fn intval(a: impl Operand, base: i64) -> i64 {
    let value = a.operand();
    let Value::String(text) = &*value else { return integer(&*value) };
    if base == 10 {
        return integer(&*value);
    }
    let text = text.trim_start_matches(numeric::is_space);
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let prefix = |letter: char| {
        let rest = digits.strip_prefix('0')?;
        rest.strip_prefix([letter, letter.to_ascii_uppercase()])
    };
    let (digits, base) = match (base, prefix('x'), prefix('b')) {
        (0 | 16, Some(rest), _) => (rest, 16),
        (0 | 2, _, Some(rest)) => (rest, 2),
        (0, ..) => (digits, if digits.starts_with('0') { 8 } else { 10 }),
        _ => (digits, base),
    };
    let Some(base) = u32::try_from(base).ok().filter(|base| (2..=36).contains(base)) else { return 0 };
    let digits = digits.chars().map_while(|digit| digit.to_digit(base));
    digits.fold(0_i64, |number, digit| {
        let digit = if is_negative { i64::from(digit).saturating_neg() } else { digit.into() };
        number.saturating_mul(base.into()).saturating_add(digit)
    })
}

pub(super) fn truth(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => !numeric::number(number).is_zero(),
        Value::String(text) => !matches!(text.as_str(), "" | "0"),
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}

pub(super) fn of(value: &Value) -> String {
    match value {
        Value::Null | Value::Bool(false) => String::new(),
        Value::Bool(true) => "1".into(),
        Value::String(text) => text.clone(),
        Value::Number(number) => match numeric::number(number) {
            Number::Int(integer) => integer.to_string(),
            Number::Float(number) => digits::text(number),
        },
        Value::Array(_) | Value::Object(_) => "Array".into(),
    }
}

/// The name of a value's type in PHP's messages.
pub(super) fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.as_i64().is_some() => "int",
        Value::Number(_) => "float",
        Value::String(_) => "string",
        Value::Array(_) | Value::Object(_) => "array",
    }
}
