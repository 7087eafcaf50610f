//! Arrays and functions that can fail: filtered, mapped, sorted, made one value.

use serde_json::Value;

use super::argument::Argument;
use super::array;
use super::error::Error;
use super::key::{self, Key};
use super::operand::Operand;
use super::sort;

/// As [`array_filter`](super::array_filter), with a function that can fail.
///
/// # Errors
/// The first that the function gives, and a `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// let large = php::try_array_filter(json!([5, "7"]), |amount| Ok::<_, php::Error>(php::multiply(amount, 2)? == 14))?;
/// assert_eq!(large, json!({ "1": "7" }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn try_array_filter<E: From<Error>>(
    array: impl Operand,
    mut is_kept: impl FnMut(&Value) -> Result<bool, E>,
) -> Result<Value, E> {
    filtered(array, |_, value| is_kept(value))
}

/// As [`array_filter_key`](super::array_filter_key), with a function that can fail.
///
/// # Errors
/// As [`try_array_filter`].
///
/// ```
/// use wechatpay::{json, php};
///
/// let rest = php::try_array_filter_key(json!(["a", "b", "c"]), |key| Ok::<_, php::Error>(php::remainder(key, 2)? == 1))?;
/// assert_eq!(rest, json!({ "1": "b" }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn try_array_filter_key<E: From<Error>>(
    array: impl Operand,
    mut is_kept: impl FnMut(&Value) -> Result<bool, E>,
) -> Result<Value, E> {
    filtered(array, |key, _| is_kept(&key.value()))
}

/// As [`array_filter_both`](super::array_filter_both), with a function that can fail.
///
/// # Errors
/// As [`try_array_filter`].
///
/// ```
/// use wechatpay::{json, php};
///
/// let found = php::try_array_filter_both(json!([5, 2]), |value, key| Ok::<_, php::Error>(php::add(key, 1)? == *value))?;
/// assert_eq!(found, json!({ "1": 2 }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn try_array_filter_both<E: From<Error>>(
    array: impl Operand,
    mut is_kept: impl FnMut(&Value, &Value) -> Result<bool, E>,
) -> Result<Value, E> {
    filtered(array, |key, value| is_kept(value, &key.value()))
}

fn filtered<E: From<Error>>(
    array: impl Operand,
    mut is_kept: impl FnMut(&Key, &Value) -> Result<bool, E>,
) -> Result<Value, E> {
    let array = Argument::new("array_filter", 1, "array").array(&array)?;
    let mut kept = key::Collected::default();
    for (key, value) in key::entries(&array) {
        if is_kept(&key, value)? {
            kept.insert(key, value.clone());
        }
    }
    Ok(kept.value())
}

/// As [`array_map_two`](super::array_map_two), with a function that can fail.
///
/// # Errors
/// The first that the function gives, and a `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::try_array_map_two(|price, count| php::multiply(price, count), [3, 4], ["2", "5"])?, json!([6, 20]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn try_array_map_two<R: Into<Value>, E: From<Error>>(
    mut made: impl FnMut(&Value, &Value) -> Result<R, E>,
    first: impl Operand,
    second: impl Operand,
) -> Result<Value, E> {
    let first = Argument::new("array_map", 2, "array").array(&first)?;
    let second = Argument::new("array_map", 3, "").array(&second)?;
    let (mut first, mut second) = (array::values(&first), array::values(&second));
    let mut mapped = Vec::new();
    loop {
        match (first.next(), second.next()) {
            (None, None) => return Ok(mapped.into()),
            (a, b) => mapped.push(made(a.unwrap_or(&Value::Null), b.unwrap_or(&Value::Null))?.into()),
        }
    }
}

/// What a function makes of all values, one after the other: of what it has made so far, `initial` at first, and of the next value
/// (PHP: `array_reduce`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// let line = php::array_reduce(json!(["tea", "milk"]), |line, name| php::text(line) + &php::text(name) + ";", "")?;
/// assert_eq!(line, "tea;milk;");
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_reduce<R: Into<Value>>(
    array: impl Operand,
    mut made: impl FnMut(&Value, &Value) -> R,
    initial: impl Operand,
) -> Result<Value, Error> {
    try_array_reduce(array, |so_far, value| Ok(made(so_far, value)), initial)
}

/// As [`array_reduce`], with a function that can fail.
///
/// # Errors
/// The first that the function gives, and a `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::try_array_reduce(json!([1, "2", 3.5]), |sum, price| php::add(sum, price), 0)?, json!(6.5));
/// # Ok::<_, php::Error>(())
/// ```
pub fn try_array_reduce<R: Into<Value>, E: From<Error>>(
    array: impl Operand,
    mut made: impl FnMut(&Value, &Value) -> Result<R, E>,
    initial: impl Operand,
) -> Result<Value, E> {
    let array = Argument::new("array_reduce", 1, "array").array(&array)?;
    let initial = initial.operand().into_owned();
    array::values(&array).try_fold(initial, |so_far, value| Ok(made(&so_far, value)?.into()))
}

/// As [`usort`](super::usort), with a function that can fail.
///
/// As in PHP, it is not called again then, and the array is left as far as it has been sorted.
///
/// # Errors
/// The first that the function gives, and a `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut prices = json!([3, "1"]);
/// php::try_usort(&mut prices, |a, b| php::subtract(a, b))?;
/// assert_eq!(prices, json!(["1", 3]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn try_usort<R: Operand, E: From<Error>>(
    array: &mut Value,
    compare: impl FnMut(&Value, &Value) -> Result<R, E>,
) -> Result<(), E> {
    sorted(compare, |compare| sort::usort(array, compare))
}

/// As [`uasort`](super::uasort), with a function that can fail.
///
/// # Errors
/// As [`try_usort`].
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut prices = json!({ "tea": 3, "water": "1" });
/// php::try_uasort(&mut prices, |a, b| php::subtract(a, b))?;
/// assert_eq!(php::array_keys(&prices)?, json!(["water", "tea"]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn try_uasort<R: Operand, E: From<Error>>(
    array: &mut Value,
    compare: impl FnMut(&Value, &Value) -> Result<R, E>,
) -> Result<(), E> {
    sorted(compare, |compare| sort::uasort(array, compare))
}

/// As [`uksort`](super::uksort), with a function that can fail.
///
/// # Errors
/// As [`try_usort`].
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut prices = json!({ "10": "tea", "9": "water" });
/// php::try_uksort(&mut prices, |a, b| php::subtract(a, b))?;
/// assert_eq!(php::array_values(&prices)?, json!(["water", "tea"]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn try_uksort<R: Operand, E: From<Error>>(
    array: &mut Value,
    compare: impl FnMut(&Value, &Value) -> Result<R, E>,
) -> Result<(), E> {
    sorted(compare, |compare| sort::uksort(array, compare))
}

/// Sorts, with all that is asked after a failure being equal: `None` is PHP's `null`.
fn sorted<R: Operand, E: From<Error>>(
    mut compare: impl FnMut(&Value, &Value) -> Result<R, E>,
    sort: impl FnOnce(&mut dyn FnMut(&Value, &Value) -> Option<R>) -> Result<(), Error>,
) -> Result<(), E> {
    let mut failure = None;
    sort(&mut |a, b| {
        if failure.is_some() {
            return None;
        }
        compare(a, b).map_err(|error| failure = Some(error)).ok()
    })?;
    failure.map_or(Ok(()), Err)
}
