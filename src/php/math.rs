//! Numbers rounded.

use serde_json::Value;

use super::argument::Argument;
use super::digits;
use super::error::Error;
use super::numeric::Number;
use super::operand::Operand;

/// Rounded to so many places, halves away from zero (PHP: `round`).
///
/// As in PHP before 8.4, what counts is what the number is to 15 digits: 1.005 is taken for what it looks like.
///
/// # Errors
/// A `TypeError` for what is no number.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::round(1.005, 2)?, 1.01);
/// assert_eq!(php::round("1234.5", -2)?, 1200.0);
/// # Ok::<_, php::Error>(())
/// ```
pub fn round(a: impl Operand, places: i64) -> Result<f64, Error> {
    let number = Argument::new("round", 1, "num").number(&a.operand())?;
    let places = i32::try_from(places.clamp(-400, 400)).unwrap_or(0);
    Ok(match number {
        // An integer has no places to be rounded.
        Number::Int(_) if places >= 0 => number.float(),
        _ => digits::rounded(number.float(), places),
    })
}

/// The largest whole number that is not larger (PHP: `floor`).
///
/// # Errors
/// A `TypeError` for what is no number.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::floor(-1.5)?, -2.0);
/// # Ok::<_, php::Error>(())
/// ```
pub fn floor(a: impl Operand) -> Result<f64, Error> {
    Ok(Argument::new("floor", 1, "num").number(&a.operand())?.float().floor())
}

/// The smallest whole number that is not smaller (PHP: `ceil`).
///
/// # Errors
/// A `TypeError` for what is no number.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::ceil(1.2)?, 2.0);
/// # Ok::<_, php::Error>(())
/// ```
pub fn ceil(a: impl Operand) -> Result<f64, Error> {
    Ok(Argument::new("ceil", 1, "num").number(&a.operand())?.float().ceil())
}

/// The number without its sign; an integer stays one, but for the smallest (PHP: `abs`).
///
/// # Errors
/// A `TypeError` for what is no number.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::abs("-5")?, json!(5));
/// # Ok::<_, php::Error>(())
/// ```
pub fn abs(a: impl Operand) -> Result<Value, Error> {
    let number = Argument::new("abs", 1, "num").number(&a.operand())?;
    match number {
        Number::Int(integer) => match integer.checked_abs() {
            Some(integer) => Number::Int(integer),
            None => Number::Float(number.float().abs()),
        },
        Number::Float(float) => Number::Float(float.abs()),
    }
    .value()
}
