//! Arithmetic: `+ - * / % **`, `++` and `--`.

use serde_json::Value;

use super::argument::Argument;
use super::array;
use super::error::Error;
use super::numeric::{self, Number};
use super::operand::Operand;
use super::text;

/// The sum of two numbers, or the union of two arrays (PHP: `$a + $b`).
///
/// As in all of PHP's arithmetic, `null` is 0, `true` is 1, and a text is the number that it begins with. What no longer fits
/// 64 bits becomes a float.
///
/// # Errors
/// A `TypeError` if an operand is a text that does not begin with a number, or only one of them is an array; PHP would
/// also throw. And, where it would go on, if a float becomes infinite.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::add("1.5", 1)?, json!(2.5));
/// assert_eq!(php::add("5 apples", true)?, json!(6));
/// assert_eq!(php::add(i64::MAX, 1)?, json!(9223372036854775808.0));
/// assert_eq!(php::add(json!({ "a": 1 }), json!({ "a": 2, "b": 3 }))?, json!({ "a": 1, "b": 3 }));
/// assert_eq!(php::add("abc", 1).unwrap_err().to_string(), "Unsupported operand types: string + int");
/// # Ok::<_, php::Error>(())
/// ```
pub fn add(a: impl Operand, b: impl Operand) -> Result<Value, Error> {
    let (a, b) = (a.operand(), b.operand());
    if let (Value::Array(_) | Value::Object(_), Value::Array(_) | Value::Object(_)) = (&*a, &*b) {
        return Ok(array::united(a.into_owned(), &b));
    }
    let (a, b) = both(&a, "+", &b)?;
    sum(a, b).value()
}

/// The difference of two numbers (PHP: `$a - $b`).
///
/// # Errors
/// As [`add`]; also for two arrays.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::subtract("10", 2.5)?, json!(7.5));
/// # Ok::<_, php::Error>(())
/// ```
pub fn subtract(a: impl Operand, b: impl Operand) -> Result<Value, Error> {
    let (a, b) = both(&a.operand(), "-", &b.operand())?;
    match (a, b) {
        (Number::Int(x), Number::Int(y)) => match x.checked_sub(y) {
            Some(difference) => Number::Int(difference),
            None => Number::Float(a.float() - b.float()),
        },
        _ => Number::Float(a.float() - b.float()),
    }
    .value()
}

/// The product of two numbers (PHP: `$a * $b`).
///
/// # Errors
/// As [`add`]; also for two arrays.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::multiply("19.9", 100)?, json!(1989.9999999999998));
/// # Ok::<_, php::Error>(())
/// ```
pub fn multiply(a: impl Operand, b: impl Operand) -> Result<Value, Error> {
    let (a, b) = both(&a.operand(), "*", &b.operand())?;
    product(a, b).value()
}

/// The quotient of two numbers, an integer if it is a whole one of integers (PHP: `$a / $b`).
///
/// # Errors
/// A `DivisionByZeroError` if `b` is 0, and otherwise as [`subtract`].
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::divide(10, 5)?, json!(2));
/// assert_eq!(php::divide(10, 4)?, json!(2.5));
/// # Ok::<_, php::Error>(())
/// ```
pub fn divide(a: impl Operand, b: impl Operand) -> Result<Value, Error> {
    let (a, b) = both(&a.operand(), "/", &b.operand())?;
    if b.is_zero() {
        return Err(Error::new("DivisionByZeroError", "Division by zero"));
    }
    match (a, b) {
        (Number::Int(x), Number::Int(y)) if x.checked_rem(y) == Some(0) => match x.checked_div(y) {
            Some(quotient) => Number::Int(quotient),
            None => Number::Float(a.float() / b.float()),
        },
        _ => Number::Float(a.float() / b.float()),
    }
    .value()
}

/// The remainder of a division of integers, of the sign of `a` (PHP: `$a % $b`).
///
/// # Errors
/// A `DivisionByZeroError` if `b` is 0, and otherwise as [`subtract`].
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::remainder(-7, 3)?, -1);
/// assert_eq!(php::remainder("7.9", 3)?, 1);
/// # Ok::<_, php::Error>(())
/// ```
pub fn remainder(a: impl Operand, b: impl Operand) -> Result<Value, Error> {
    let (a, b) = (a.operand(), b.operand());
    both(&a, "%", &b)?;
    match (text::integer(&*a), text::integer(&*b)) {
        (_, 0) => Err(Error::new("DivisionByZeroError", "Modulo by zero")),
        // The smallest one by -1 has a quotient of more than 64 bits, but leaves nothing.
        (a, b) => Ok(a.checked_rem(b).unwrap_or(0).into()),
    }
}

/// A power (PHP: `$a ** $b` and `pow`).
///
/// # Errors
/// As [`subtract`].
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::power(2, 10)?, json!(1024));
/// assert_eq!(php::power(2, -1)?, json!(0.5));
/// assert_eq!(php::power(2, 64)?, json!(18446744073709551616.0));
/// # Ok::<_, php::Error>(())
/// ```
pub fn power(a: impl Operand, b: impl Operand) -> Result<Value, Error> {
    match both(&a.operand(), "**", &b.operand())? {
        (Number::Int(base), Number::Int(exponent)) if exponent >= 0 => integer_power(base, exponent),
        (base, exponent) => Number::Float(base.float().powf(exponent.float())),
    }
    .value()
}

/// By squaring, as PHP does it: once a product no longer fits, the rest is done with floats.
fn integer_power(base: i64, mut exponent: i64) -> Number {
    #[expect(clippy::cast_precision_loss, reason = "as PHP does it")]
    let float = |number: i64| number as f64;
    let (mut power, mut square) = (1_i64, base);
    if base == 0 && exponent > 0 {
        return Number::Int(0);
    }
    while exponent > 0 {
        if exponent % 2 == 1 {
            exponent = exponent.saturating_sub(1);
            match power.checked_mul(square) {
                Some(product) => power = product,
                None => return Number::Float(float(power) * float(square) * float(square).powf(float(exponent))),
            }
        } else {
            exponent /= 2;
            match square.checked_mul(square) {
                Some(product) => square = product,
                None => return Number::Float(float(power) * (float(square) * float(square)).powf(float(exponent))),
            }
        }
    }
    Number::Int(power)
}

/// The quotient of two integers without its fraction (PHP: `intdiv`).
///
/// # Errors
/// A `DivisionByZeroError` if `b` is 0, an `ArithmeticError` for the smallest integer by -1, and a `TypeError` for
/// what is no number.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::intdiv(-7, 2)?, -3);
/// # Ok::<_, php::Error>(())
/// ```
pub fn intdiv(a: impl Operand, b: impl Operand) -> Result<i64, Error> {
    let dividend = Argument::new("intdiv", 1, "num1").integer(&a.operand())?;
    let divisor = Argument::new("intdiv", 2, "num2").integer(&b.operand())?;
    if divisor == 0 {
        return Err(Error::new("DivisionByZeroError", "Division by zero"));
    }
    let refused = || Error::new("ArithmeticError", "Division of PHP_INT_MIN by -1 is not an integer");
    dividend.checked_div(divisor).ok_or_else(refused)
}

/// The number with the other sign (PHP: `-$a`).
///
/// # Errors
/// As [`multiply`], which it is, by -1.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::negate("5")?, json!(-5));
/// # Ok::<_, php::Error>(())
/// ```
pub fn negate(a: impl Operand) -> Result<Value, Error> {
    multiply(a, -1)
}

/// The next value (PHP: what `$a++` makes of `$a`).
///
/// `null` becomes 1, a boolean stays as it is, and a text that is no number gets its last letter or digit advanced.
///
/// # Errors
/// A `TypeError` for an array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::increment(())?, json!(1));
/// assert_eq!(php::increment("Az")?, json!("Ba"));
/// assert_eq!(php::increment("9")?, json!(10));
/// # Ok::<_, php::Error>(())
/// ```
pub fn increment(a: impl Operand) -> Result<Value, Error> {
    match &*a.operand() {
        Value::Null => Ok(1.into()),
        Value::String(text) => match numeric::whole(text) {
            Some(numeric) => sum(numeric.number, Number::Int(1)).value(),
            None if text.is_empty() => Ok("1".into()),
            None => Ok(advanced(text).into()),
        },
        Value::Number(number) => sum(numeric::number(number), Number::Int(1)).value(),
        Value::Bool(value) => Ok(Value::Bool(*value)),
        Value::Array(_) | Value::Object(_) => Err(Error::of_type("Cannot increment array")),
    }
}

/// The value before (PHP: what `$a--` makes of `$a`).
///
/// `null`, a boolean and a text that is no number stay as they are; the empty text becomes -1.
///
/// # Errors
/// A `TypeError` for an array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::decrement("9")?, json!(8));
/// assert_eq!(php::decrement("b")?, json!("b"));
/// # Ok::<_, php::Error>(())
/// ```
pub fn decrement(a: impl Operand) -> Result<Value, Error> {
    match &*a.operand() {
        Value::String(text) if text.is_empty() => Ok((-1).into()),
        Value::String(text) => match numeric::whole(text) {
            Some(numeric) => sum(numeric.number, Number::Int(-1)).value(),
            None => Ok(text.as_str().into()),
        },
        Value::Number(number) => sum(numeric::number(number), Number::Int(-1)).value(),
        Value::Array(_) | Value::Object(_) => Err(Error::of_type("Cannot decrement array")),
        other => Ok(other.clone()),
    }
}

/// The text with its last letter or digit advanced, and those before it as far as that carries; `Zz9` becomes `AAa0`.
fn advanced(text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let mut carried = None;
    for letter in letters.iter_mut().rev() {
        let (next, carry) = match *letter {
            'z' => ('a', Some('a')),
            'Z' => ('A', Some('A')),
            '9' => ('0', Some('1')),
            'a'..='y' | 'A'..='Y' | '0'..='8' => {
                (char::from_u32(u32::from(*letter).saturating_add(1)).unwrap_or('?'), None)
            }
            // Anything else stops it.
            _ => {
                carried = None;
                break;
            }
        };
        *letter = next;
        carried = carry;
        if carry.is_none() {
            break;
        }
    }
    carried.into_iter().chain(letters).collect()
}

pub(super) fn sum(a: Number, b: Number) -> Number {
    match (a, b) {
        (Number::Int(x), Number::Int(y)) => match x.checked_add(y) {
            Some(sum) => Number::Int(sum),
            None => Number::Float(a.float() + b.float()),
        },
        _ => Number::Float(a.float() + b.float()),
    }
}

fn product(a: Number, b: Number) -> Number {
    match (a, b) {
        (Number::Int(x), Number::Int(y)) => match x.checked_mul(y) {
            Some(product) => Number::Int(product),
            None => Number::Float(a.float() * b.float()),
        },
        _ => Number::Float(a.float() * b.float()),
    }
}

fn both(a: &Value, operator: &str, b: &Value) -> Result<(Number, Number), Error> {
    match (number(a), number(b)) {
        (Some(a), Some(b)) => Ok((a, b)),
        _ => {
            let (a, b) = (text::type_name(a), text::type_name(b));
            Err(Error::of_type(format!("Unsupported operand types: {a} {operator} {b}")))
        }
    }
}

pub(super) fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Null => Some(Number::Int(0)),
        Value::Bool(value) => Some(Number::Int((*value).into())),
        Value::Number(number) => Some(numeric::number(number)),
        Value::String(text) => numeric::leading(text).map(|numeric| numeric.number),
        Value::Array(_) | Value::Object(_) => None,
    }
}
