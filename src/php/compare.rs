//! Comparisons: `==`, `===`, `<=>` and `<`.

use std::cmp::Ordering;

use serde_json::Value;

use super::digits;
use super::key;
use super::numeric::{self, Number};
use super::operand::Operand;
use super::text;

/// Whether two values are equal after PHP has made their types the same (PHP: `$a == $b`).
///
/// ```
/// use wechatpay::{json, php};
///
/// assert!(php::equals("10", "1e1"));
/// assert!(php::equals((), false) && php::equals("1", 1.0));
/// assert!(!php::equals("abc", 0));
/// assert!(php::equals(json!({ "a": 1, "b": 2 }), json!({ "b": "2", "a": "1" })));
/// ```
pub fn equals(a: impl Operand, b: impl Operand) -> bool {
    values(&a.operand(), &b.operand()) == Ordering::Equal
}

/// Whether two values are equal and of the same type, arrays also in the order of their keys (PHP: `$a === $b`).
///
/// ```
/// use wechatpay::{json, php};
///
/// assert!(php::identical("1", "1"));
/// assert!(!php::identical(1, 1.0) && !php::identical(1, "1"));
/// assert!(!php::identical(json!({ "a": 1, "b": 2 }), json!({ "b": 2, "a": 1 })));
/// ```
pub fn identical(a: impl Operand, b: impl Operand) -> bool {
    same(&a.operand(), &b.operand())
}

/// Which of two values comes first (PHP: `$a <=> $b`).
///
/// Arrays of which neither comes first, as they have other keys, are `Greater` in both directions.
///
/// ```
/// use std::cmp::Ordering;
/// use wechatpay::php;
///
/// assert_eq!(php::compare("9", "10"), Ordering::Less);
/// assert_eq!(php::compare("9", "10 apples"), Ordering::Greater);
/// assert_eq!(php::compare(1.5, 1), Ordering::Greater);
/// ```
pub fn compare(a: impl Operand, b: impl Operand) -> Ordering {
    values(&a.operand(), &b.operand())
}

/// PHP's `$a < $b`.
///
/// ```
/// assert!(wechatpay::php::less("9", "10"));
/// ```
pub fn less(a: impl Operand, b: impl Operand) -> bool {
    values(&a.operand(), &b.operand()).is_lt()
}

/// PHP's `$a <= $b`.
///
/// ```
/// assert!(wechatpay::php::less_or_equal("1e1", 10));
/// ```
pub fn less_or_equal(a: impl Operand, b: impl Operand) -> bool {
    values(&a.operand(), &b.operand()).is_le()
}

/// PHP's `$a > $b`, which is `$b < $a`.
///
/// ```
/// assert!(wechatpay::php::greater("10", "9"));
/// ```
pub fn greater(a: impl Operand, b: impl Operand) -> bool {
    less(b, a)
}

/// PHP's `$a >= $b`, which is `$b <= $a`.
///
/// ```
/// assert!(wechatpay::php::greater_or_equal(10, "1e1"));
/// ```
pub fn greater_or_equal(a: impl Operand, b: impl Operand) -> bool {
    less_or_equal(b, a)
}

pub(super) fn values(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::String(a), Value::String(b)) => texts(a, b),
        (Value::Null, Value::String(b)) => "".cmp(b),
        (Value::String(a), Value::Null) => a.as_str().cmp(""),
        (Value::Null | Value::Bool(_), _) | (_, Value::Null | Value::Bool(_)) => text::truth(a).cmp(&text::truth(b)),
        (Value::Number(a), Value::Number(b)) => numbers(numeric::number(a), numeric::number(b)),
        (Value::Number(a), Value::String(b)) => number_and_text(numeric::number(a), b),
        (Value::String(a), Value::Number(b)) => number_and_text(numeric::number(b), a).reverse(),
        (Value::Number(_) | Value::String(_), Value::Array(_) | Value::Object(_)) => Ordering::Less,
        (Value::Array(_) | Value::Object(_), Value::Number(_) | Value::String(_)) => Ordering::Greater,
        (Value::Array(_) | Value::Object(_), Value::Array(_) | Value::Object(_)) => arrays(a, b),
    }
}

pub(super) fn numbers(a: Number, b: Number) -> Ordering {
    match (a, b) {
        (Number::Int(a), Number::Int(b)) => a.cmp(&b),
        // What is not a number is no value.
        (a, b) => a.float().partial_cmp(&b.float()).unwrap_or(Ordering::Greater),
    }
}

fn number_and_text(number: Number, text: &str) -> Ordering {
    if let Some(numeric) = numeric::whole(text) {
        return numbers(number, numeric.number);
    }
    match number {
        Number::Int(number) => number.to_string().as_str().cmp(text),
        Number::Float(number) => digits::text(number).as_str().cmp(text),
    }
}

/// Numbers if both texts are, and otherwise their bytes.
fn texts(a: &str, b: &str) -> Ordering {
    let (Some(first), Some(second)) = (numeric::whole(a), numeric::whole(b)) else { return a.cmp(b) };
    match (first.number, second.number) {
        (Number::Float(x), Number::Float(y)) if x == y => {
            // So large that the floats no longer tell them apart.
            let is_beyond = first.overflow != 0 && first.overflow == second.overflow;
            if is_beyond || !x.is_finite() { a.cmp(b) } else { Ordering::Equal }
        }
        (Number::Int(_), Number::Float(_)) if second.overflow != 0 => 0.cmp(&second.overflow),
        (Number::Float(_), Number::Int(_)) if first.overflow != 0 => first.overflow.cmp(&0),
        (x, y) => numbers(x, y),
    }
}

fn arrays(a: &Value, b: &Value) -> Ordering {
    key::len(a).cmp(&key::len(b)).then_with(|| {
        for (key, value) in key::entries(a) {
            let Some(other) = key::find(b, &key) else { return Ordering::Greater };
            let order = values(value, other);
            if order.is_ne() {
                return order;
            }
        }
        Ordering::Equal
    })
}

pub(super) fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => match (numeric::number(a), numeric::number(b)) {
            (Number::Int(a), Number::Int(b)) => a == b,
            (Number::Float(a), Number::Float(b)) => a == b,
            _ => false,
        },
        (Value::Array(_) | Value::Object(_), Value::Array(_) | Value::Object(_)) => {
            let is_same = |((key, a), (other, b)): ((key::Key, &Value), (key::Key, &Value))| key == other && same(a, b);
            key::len(a) == key::len(b) && key::entries(a).zip(key::entries(b)).all(is_same)
        }
        (a, b) => a == b,
    }
}
