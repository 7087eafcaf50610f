//! Arrays and functions: filtered, mapped, added up.

use std::cmp::Ordering;

use serde_json::Value;

use super::argument::Argument;
use super::arithmetic;
use super::array;
use super::compare;
use super::error::Error;
use super::fallible::try_array_map_two;
use super::key::{self, Key};
use super::numeric::Number;
use super::operand::Operand;
use super::sets::kept;
use super::text;

/// The entries whose values a function wants to keep, with their keys (PHP: `array_filter`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// let paid = php::array_filter(json!([5, 0, 7]), |amount| php::greater(amount, 0))?;
/// assert_eq!(paid, json!({ "0": 5, "2": 7 }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_filter(array: impl Operand, mut is_kept: impl FnMut(&Value) -> bool) -> Result<Value, Error> {
    let array = Argument::new("array_filter", 1, "array").array(&array)?;
    Ok(kept(&array, |_, value| is_kept(value)))
}

/// The entries whose values count as true, with their keys (PHP: `array_filter` without a function).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::array_filter_true(json!({ "a": "", "b": "0", "c": "x" }))?, json!({ "c": "x" }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_filter_true(array: impl Operand) -> Result<Value, Error> {
    array_filter(array, text::truth)
}

/// The entries whose keys a function wants to keep (PHP: `array_filter` with `ARRAY_FILTER_USE_KEY`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::array_filter_key(json!({ "a": 1, "sign": 2 }), |key| key != "sign")?, json!({ "a": 1 }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_filter_key(array: impl Operand, mut is_kept: impl FnMut(&Value) -> bool) -> Result<Value, Error> {
    let array = Argument::new("array_filter", 1, "array").array(&array)?;
    Ok(kept(&array, |key, _| is_kept(&key.value())))
}

/// The entries that a function of the value and the key wants to keep (PHP: `array_filter` with `ARRAY_FILTER_USE_BOTH`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// let signed = json!({ "a": 1, "b": "", "sign": 2 });
/// let signed = php::array_filter_both(&signed, |value, key| key != "sign" && value != "")?;
/// assert_eq!(signed, json!({ "a": 1 }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_filter_both(array: impl Operand, mut is_kept: impl FnMut(&Value, &Value) -> bool) -> Result<Value, Error> {
    let array = Argument::new("array_filter", 1, "array").array(&array)?;
    Ok(kept(&array, |key, value| is_kept(value, &key.value())))
}

/// What a function makes of each value, at its key (PHP: `array_map` of one array).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// let doubled = php::array_map(|price| php::integer(price) * 2, json!({ "tea": 3 }))?;
/// assert_eq!(doubled, json!({ "tea": 6 }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_map<R: Into<Value>>(mut made: impl FnMut(&Value) -> R, array: impl Operand) -> Result<Value, Error> {
    try_array_map(|value| Ok(made(value)), array)
}

/// As [`array_map`], with a function that can fail.
///
/// # Errors
/// The first that the function gives, and a `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// let doubled = php::try_array_map(|price| php::multiply(price, 2), json!(["3", 4.5]))?;
/// assert_eq!(doubled, json!([6, 9.0]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn try_array_map<R: Into<Value>, E: From<Error>>(
    mut made: impl FnMut(&Value) -> Result<R, E>,
    array: impl Operand,
) -> Result<Value, E> {
    let array = Argument::new("array_map", 2, "array").array(&array)?;
    let entries = key::entries(&array).map(|(key, value)| Ok((key, made(value)?.into())));
    Ok(key::collect(entries.collect::<Result<Vec<(Key, Value)>, E>>()?))
}

/// What a function makes of the values of two arrays, in pairs; the shorter one goes on with `null` (PHP: `array_map` of two
/// arrays).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// let pairs = php::array_map_two(|name, price| json!([name, price]), ["tea", "water"], [3])?;
/// assert_eq!(pairs, json!([["tea", 3], ["water", null]]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_map_two<R: Into<Value>>(
    mut made: impl FnMut(&Value, &Value) -> R,
    first: impl Operand,
    second: impl Operand,
) -> Result<Value, Error> {
    try_array_map_two(|first, second| Ok(made(first, second)), first, second)
}

/// The sum of all values, arrays aside; a text counts as the number that it begins with, or as 0 (PHP: `array_sum`).
///
/// # Errors
/// A `TypeError` for what is no array; and, where PHP would go on, if the sum is infinite.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::array_sum(json!([1, "2.5", null]))?, json!(3.5));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_sum(array: impl Operand) -> Result<Value, Error> {
    let array = Argument::new("array_sum", 1, "array").array(&array)?;
    numbers(&array).fold(Number::Int(0), arithmetic::sum).value()
}

/// The product of all values, as [`array_sum`] counts them; 1 if there is none (PHP: `array_product`).
///
/// # Errors
/// As [`array_sum`].
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::array_product(json!(["2", 3]))?, json!(6));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_product(array: impl Operand) -> Result<Value, Error> {
    let array = Argument::new("array_product", 1, "array").array(&array)?;
    numbers(&array).fold(Number::Int(1), multiplied).value()
}

/// As PHP does it here, which is not what `*` does: whether it fits is decided by a float, so that 2 to the 63rd seems to.
fn multiplied(product: Number, factor: Number) -> Number {
    #[expect(clippy::cast_precision_loss, reason = "to powers of two, which floats hold")]
    let (low, high) = (i64::MIN as f64, i64::MAX as f64);
    let float = product.float() * factor.float();
    match (product, factor) {
        (Number::Int(product), Number::Int(factor)) if low <= float && float <= high => {
            Number::Int(product.wrapping_mul(factor))
        }
        _ => Number::Float(float),
    }
}

fn numbers(array: &Value) -> impl Iterator<Item = Number> {
    let scalars = array::values(array).filter(|value| !key::is_array(value));
    scalars.map(|value| arithmetic::number(value).unwrap_or(Number::Int(0)))
}

/// The largest value of an array (PHP: `max` of one array).
///
/// # Errors
/// A `TypeError` for what is no array, a `ValueError` for an empty one.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::max(["9", "10"])?, "10");
/// # Ok::<_, php::Error>(())
/// ```
pub fn max(array: impl Operand) -> Result<Value, Error> {
    best("max", &array, Ordering::Less)
}

/// The smallest value of an array (PHP: `min` of one array).
///
/// # Errors
/// As [`max`].
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::min(["9", "10"])?, "9");
/// # Ok::<_, php::Error>(())
/// ```
pub fn min(array: impl Operand) -> Result<Value, Error> {
    best("min", &array, Ordering::Greater)
}

/// The first value that no later one is better than.
fn best(function: &'static str, array: &impl Operand, worse: Ordering) -> Result<Value, Error> {
    let argument = Argument::new(function, 1, "value");
    let array = argument.array(array)?;
    let better = |best, value| if compare::values(best, value) == worse { value } else { best };
    let best = array::values(&array).reduce(better).cloned();
    best.ok_or_else(|| argument.wrong("must contain at least one element"))
}

/// The larger one of two values, the first if they are equal (PHP: `max($a, $b)`).
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::larger("9", 10), json!(10));
/// ```
pub fn larger(a: impl Operand, b: impl Operand) -> Value {
    let (a, b) = (a.operand(), b.operand());
    if compare::values(&b, &a).is_gt() { b.into_owned() } else { a.into_owned() }
}

/// The smaller one of two values, the first if they are equal (PHP: `min($a, $b)`).
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::smaller("9", 10), json!("9"));
/// ```
pub fn smaller(a: impl Operand, b: impl Operand) -> Value {
    let (a, b) = (a.operand(), b.operand());
    if compare::values(&b, &a).is_lt() { b.into_owned() } else { a.into_owned() }
}
