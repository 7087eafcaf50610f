//! Parts of arrays: their keys, their columns, their ends and what lies between.

use serde_json::Value;

use super::argument::Argument;
use super::array;
use super::compare;
use super::error::Error;
use super::key::{self, Collected, Key};
use super::making::renumbered;
use super::operand::Operand;
use super::strings::span;

/// The values, numbered from 0 on (PHP: `array_values`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::array_values(json!({ "a": 1, "b": 2 }))?, json!([1, 2]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_values(array: impl Operand) -> Result<Value, Error> {
    let array = Argument::new("array_values", 1, "array").array(&array)?;
    Ok(key::into_values(array.into_owned()).into())
}

/// The keys (PHP: `array_keys`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::array_keys(json!({ "a": 1, "5": 2 }))?, json!(["a", 5]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_keys(array: impl Operand) -> Result<Value, Error> {
    let array = Argument::new("array_keys", 1, "array").array(&array)?;
    Ok(array::keys(&array).collect())
}

/// The keys of values that are equal to this one, or identical (PHP: `array_keys($array, $value, $strict)`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::array_keys_of(json!({ "a": 1, "b": "1", "c": 2 }), 1, false)?, json!(["a", "b"]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_keys_of(array: impl Operand, value: impl Operand, strict: bool) -> Result<Value, Error> {
    let array = Argument::new("array_keys", 1, "array").array(&array)?;
    let value = value.operand();
    let is_it = |other: &Value| if strict { compare::same(other, &value) } else { compare::equals(other, &*value) };
    Ok(array::each(&array).filter(|(_, other)| is_it(other)).map(|(key, _)| key).collect())
}

/// The first key, `null` if there is none (PHP: `array_key_first`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::array_key_first(json!({ "a": 1, "b": 2 }))?, "a");
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_key_first(array: impl Operand) -> Result<Value, Error> {
    let array = Argument::new("array_key_first", 1, "array").array(&array)?;
    Ok(array::keys(&array).next().unwrap_or_default())
}

/// The last key, `null` if there is none (PHP: `array_key_last`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::array_key_last(["a", "b"])?, 1);
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_key_last(array: impl Operand) -> Result<Value, Error> {
    let array = Argument::new("array_key_last", 1, "array").array(&array)?;
    Ok(array::keys(&array).next_back().unwrap_or_default())
}

/// Whether the keys are 0, 1 and so on, in this order (PHP: `array_is_list`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert!(php::array_is_list(json!({ "0": "a", "1": "b" }))?);
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_is_list(array: impl Operand) -> Result<bool, Error> {
    Ok(key::is_list(&*Argument::new("array_is_list", 1, "array").array(&array)?))
}

/// The values of a column of rows, at the keys that another column has; `()` as the column is the whole row, and as the index
/// numbers them (PHP: `array_column`).
///
/// Rows without the column are left out.
///
/// # Errors
/// A `TypeError` for what is no array, and if a key in the column of the index is an array.
///
/// ```
/// use wechatpay::{json, php};
///
/// let lines = json!([{ "sku": "tea", "price": 3 }, { "sku": "water", "price": 1 }]);
/// assert_eq!(php::array_column(&lines, "price", ())?, json!([3, 1]));
/// assert_eq!(php::array_column(&lines, "price", "sku")?, json!({ "tea": 3, "water": 1 }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_column(array: impl Operand, column: impl Operand, index: impl Operand) -> Result<Value, Error> {
    let array = Argument::new("array_column", 1, "array").array(&array)?;
    let key = |at: u8, name: &'static str, value: &Value| match value {
        Value::Null => Ok(None),
        Value::Array(_) | Value::Object(_) => {
            Err(Argument::new("array_column", at, name).refused("string|int|null", value))
        }
        value => Ok(Some(Key::of(value))),
    };
    let (column, index) = (column.operand(), index.operand());
    let column = key(2, "column_key", &column)?;
    let index = key(3, "index_key", &index)?;
    let mut values = Collected::default();
    for row in array::values(&array).filter(|row| key::is_array(row)) {
        let value = match &column {
            None => Some(row),
            Some(column) => key::find(row, column),
        };
        let Some(value) = value else { continue };
        match index.as_ref().and_then(|index| key::find(row, index)) {
            Some(key) if key::is_array(key) => return Err(Error::of_type("Illegal offset type")),
            Some(key) => values.insert(Key::of(key), value.clone()),
            None => values.push(value.clone()),
        }
    }
    Ok(values.value())
}

/// So many elements from an offset on; `None` is all, and what is negative counts from the end (PHP: `array_slice`).
///
/// Texts stay the keys of their values, and integers do if `keeps_keys` says so.
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::array_slice([1, 2, 3, 4], 1, 2, false)?, json!([2, 3]));
/// assert_eq!(php::array_slice([1, 2, 3, 4], -2, None, true)?, json!({ "2": 3, "3": 4 }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_slice(
    array: impl Operand,
    offset: i64,
    length: impl Into<Option<i64>>,
    keeps_keys: bool,
) -> Result<Value, Error> {
    let array = Argument::new("array_slice", 1, "array").array(&array)?;
    let (start, end) = span(key::len(&array), offset, length.into());
    let entries = key::entries(&array).take(end).skip(start).map(|(key, value)| (key, value.clone()));
    Ok(if keeps_keys { key::collect(entries) } else { renumbered(entries) })
}

/// Takes so many elements out from an offset on, as [`array_slice`] counts them, and puts others in their place; gives those that
/// were taken out (PHP: `array_splice`).
///
/// A replacement that is no array is the only element of one. Integer keys are numbered anew.
///
/// # Errors
/// A `TypeError` if the first argument is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut list = json!([1, 2, 3, 4]);
/// assert_eq!(php::array_splice(&mut list, 1, 2, json!(["x"]))?, json!([2, 3]));
/// assert_eq!(list, json!([1, "x", 4]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_splice(
    array: &mut Value,
    offset: i64,
    length: impl Into<Option<i64>>,
    replacement: impl Operand,
) -> Result<Value, Error> {
    let array = Argument::new("array_splice", 1, "array").array_mut(array)?;
    let replacement = super::text::array(replacement);
    let mut entries = key::into_entries(std::mem::take(array));
    let (start, end) = span(entries.len(), offset, length.into());
    let replacement = key::into_values(replacement).into_iter().map(|value| (Key::Int(0), value));
    let removed: Vec<_> = entries.splice(start..end, replacement).collect();
    *array = renumbered(entries.into_iter());
    Ok(renumbered(removed.into_iter()))
}

/// Takes the last element out; gives `null` if there is none (PHP: `array_pop`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut list = json!([1, 2]);
/// assert_eq!(php::array_pop(&mut list)?, 2);
/// assert_eq!(list, json!([1]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_pop(array: &mut Value) -> Result<Value, Error> {
    let array = Argument::new("array_pop", 1, "array").array_mut(array)?;
    if let Value::Array(list) = array {
        return Ok(list.pop().unwrap_or_default());
    }
    let Some(last) = array::keys(array).next_back() else { return Ok(Value::Null) };
    let popped = array::at(array, &last).clone();
    array::unset(array, last);
    Ok(popped)
}

/// Takes the first element out and numbers integer keys anew; gives `null` if there is none (PHP: `array_shift`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut list = json!([1, 2]);
/// assert_eq!(php::array_shift(&mut list)?, 1);
/// assert_eq!(list, json!([2]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_shift(array: &mut Value) -> Result<Value, Error> {
    let array = Argument::new("array_shift", 1, "array").array_mut(array)?;
    let mut entries = key::into_entries(std::mem::take(array)).into_iter();
    let first = entries.next().map(|(_, value)| value);
    *array = renumbered(entries);
    Ok(first.unwrap_or_default())
}

/// Puts values before all others and numbers integer keys anew; gives how many there are then (PHP: `array_unshift`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut list = json!([3]);
/// assert_eq!(php::array_unshift(&mut list, &[1, 2])?, 3);
/// assert_eq!(list, json!([1, 2, 3]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_unshift(array: &mut Value, values: &[impl Operand]) -> Result<i64, Error> {
    let array = Argument::new("array_unshift", 1, "array").array_mut(array)?;
    let entries = key::into_entries(std::mem::take(array));
    let values = values.iter().map(|value| (Key::Int(0), value.operand().into_owned()));
    *array = renumbered(values.chain(entries));
    array::count(&*array)
}

/// Puts values behind all others; gives how many there are then (PHP: `array_push`).
///
/// # Errors
/// A `TypeError` for what is no array, an `Error` if the largest integer is a key already.
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut list = json!([1]);
/// assert_eq!(php::array_push(&mut list, &[2, 3])?, 3);
/// assert_eq!(list, json!([1, 2, 3]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_push(array: &mut Value, values: &[impl Operand]) -> Result<i64, Error> {
    let array = Argument::new("array_push", 1, "array").array_mut(array)?;
    for value in values {
        if key::find(array, &Key::Int(i64::MAX)).is_some() {
            let message = "Cannot add element to the array as the next element is already occupied";
            return Err(Error::new("Error", message));
        }
        array::push(array, value.operand().into_owned());
    }
    array::count(&*array)
}
