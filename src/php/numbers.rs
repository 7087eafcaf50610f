//! Numbers in other bases, remainders of floats, random numbers, the time.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::argument::Argument;
use super::error::Error;
use super::numeric::Number;
use super::operand::Operand;
use super::text::text;

/// How many digits PHP has room for.
const MOST_DIGITS: usize = 64;

/// A number of one base in another one, with small letters as digits; other letters are skipped (PHP: `base_convert`).
///
/// As in PHP, what is beyond 63 bits loses its last digits.
///
/// # Errors
/// A `ValueError` if a base is not from 2 to 36, or if the number is beyond what a float can be.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::base_convert("ff", 16, 2)?, "11111111");
/// # Ok::<_, php::Error>(())
/// ```
pub fn base_convert(a: impl Operand, from: i64, to: i64) -> Result<String, Error> {
    let base = |at, name, base| {
        let base = u32::try_from(base).ok().filter(|base| (2..=36).contains(base));
        base.ok_or_else(|| Argument::new("base_convert", at, name).wrong("must be between 2 and 36 (inclusive)"))
    };
    let (from, to) = (base(2, "from_base", from)?, base(3, "to_base", to)?);
    let mut digits = Vec::new();
    match number(&text(a), from) {
        Number::Int(integer) => {
            let mut rest = integer.unsigned_abs();
            while digits.is_empty() || rest > 0 {
                let digit = rest.checked_rem(to.into()).and_then(|digit| u32::try_from(digit).ok());
                digits.extend(digit.and_then(|digit| char::from_digit(digit, to)));
                rest = rest.checked_div(to.into()).unwrap_or(0);
            }
        }
        Number::Float(float) if float.is_finite() => {
            let mut rest = float.floor();
            while digits.is_empty() || (rest >= 1.0 && digits.len() < MOST_DIGITS) {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "below 36, and not negative"
                )]
                let digit = (rest % f64::from(to)) as u32;
                digits.extend(char::from_digit(digit, to));
                rest /= f64::from(to);
            }
        }
        Number::Float(_) => return Err(Error::of_value(format!("An infinite value cannot be converted to base {to}"))),
    }
    Ok(digits.into_iter().rev().collect())
}

/// The number that binary digits stand for, other letters aside; a float if it is beyond 63 bits (PHP: `bindec`).
///
/// ```
/// assert_eq!(wechatpay::php::bindec("0b101"), 5);
/// ```
pub fn bindec(a: impl Operand) -> Value {
    decimal(&text(a), 2)
}

/// The number that octal digits stand for, as [`bindec`] reads it (PHP: `octdec`).
///
/// ```
/// assert_eq!(wechatpay::php::octdec("755"), 493);
/// ```
pub fn octdec(a: impl Operand) -> Value {
    decimal(&text(a), 8)
}

/// The number that hexadecimal digits stand for, as [`bindec`] reads it (PHP: `hexdec`).
///
/// ```
/// assert_eq!(wechatpay::php::hexdec("0xFF"), 255);
/// ```
pub fn hexdec(a: impl Operand) -> Value {
    decimal(&text(a), 16)
}

/// The binary digits of an integer; of a negative one those of its 64 bits (PHP: `decbin`).
///
/// ```
/// assert_eq!(wechatpay::php::decbin(5), "101");
/// ```
pub fn decbin(integer: i64) -> String {
    format!("{integer:b}")
}

/// The octal digits of an integer, as [`decbin`] (PHP: `decoct`).
///
/// ```
/// assert_eq!(wechatpay::php::decoct(493), "755");
/// ```
pub fn decoct(integer: i64) -> String {
    format!("{integer:o}")
}

/// The hexadecimal digits of an integer, as [`decbin`] (PHP: `dechex`).
///
/// ```
/// assert_eq!(wechatpay::php::dechex(255), "ff");
/// ```
pub fn dechex(integer: i64) -> String {
    format!("{integer:x}")
}

/// What is left of a division of floats; it has the sign of the first (PHP: `fmod`).
///
/// ```
/// assert_eq!(wechatpay::php::fmod(-7.5, 2.0), -1.5);
/// ```
pub fn fmod(a: f64, b: f64) -> f64 {
    a % b
}

/// An integer from `low` to `high`, each as likely as any other and none to be foreseen (PHP: `random_int`).
///
/// # Errors
/// A `ValueError` if `low` is larger, a `Random\RandomException` if the system has no random numbers.
///
/// ```
/// use wechatpay::php;
///
/// assert!((1..=6).contains(&php::random_int(1, 6)?));
/// assert!(php::random_int(6, 1).is_err());
/// # Ok::<_, php::Error>(())
/// ```
pub fn random_int(low: i64, high: i64) -> Result<i64, Error> {
    if low > high {
        let argument = Argument::new("random_int", 1, "min");
        return Err(argument.wrong("must be less than or equal to argument #2 ($max)"));
    }
    let most = high.abs_diff(low);
    // Of as few bits as it takes, until one fits: with the rest of a division, small numbers would be more likely.
    let mask = u64::MAX.checked_shr(most.leading_zeros()).unwrap_or(0);
    loop {
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes)
            .map_err(|_| Error::new("Random\\RandomException", "Could not gather sufficient random data"))?;
        let above = u64::from_ne_bytes(bytes) & mask;
        if above <= most {
            return Ok(low.saturating_add_unsigned(above));
        }
    }
}

/// The seconds since 1970, with microseconds (PHP: `microtime(true)`).
///
/// ```
/// assert!(wechatpay::php::microtime() > 1.7e9);
/// ```
pub fn microtime() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    #[expect(clippy::cast_precision_loss, reason = "exact for some million years")]
    let seconds = since.as_secs() as f64;
    seconds + f64::from(since.subsec_micros()) / 1e6
}

/// A float that is infinite is its text.
fn decimal(text: &str, base: u32) -> Value {
    match number(text, base) {
        Number::Int(integer) => Value::from(integer),
        Number::Float(float) => float.operand().into_owned(),
    }
}

/// The number that digits stand for. Other letters are skipped, and so is `0x` and the like.
fn number(text: &str, base: u32) -> Number {
    let mut number = Number::Int(0);
    for digit in text.chars().filter_map(|digit| digit.to_digit(base)) {
        let next = |integer: i64| integer.checked_mul(base.into())?.checked_add(digit.into());
        number = match number {
            Number::Int(integer) if next(integer).is_some() => Number::Int(next(integer).unwrap_or(0)),
            _ => Number::Float(number.float() * f64::from(base) + f64::from(digit)),
        };
    }
    number
}
