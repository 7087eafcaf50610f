//! Arrays put together, and the arrays in them as well.

use serde_json::Value;

use super::array;
use super::error::Error;
use super::key::{self, Key};
use super::making::{argument, renumbered};
use super::operand::Operand;
use super::text;

/// As [`array_merge`](super::array_merge), but where both have a text as a key, the values are merged as arrays (PHP:
/// `array_merge_recursive`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// let merged = php::array_merge_recursive(&[json!({ "goods": ["tea"], "id": 1 }), json!({ "goods": ["milk"], "id": 2 })])?;
/// assert_eq!(merged, json!({ "goods": ["tea", "milk"], "id": [1, 2] }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_merge_recursive(arrays: &[impl Operand]) -> Result<Value, Error> {
    let arrays = given("array_merge_recursive", "", arrays)?;
    let mut arrays = arrays.into_iter();
    let first = key::into_entries(arrays.next().unwrap_or_default());
    let mut merged = renumbered(first.into_iter());
    for array in arrays {
        merge(&mut merged, array);
    }
    Ok(merged)
}

/// As [`array_replace`](super::array_replace), but where both have arrays at a key, one is replaced in the other (PHP:
/// `array_replace_recursive`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// let defaults = json!({ "amount": { "total": 1, "currency": "CNY" } });
/// let replaced = php::array_replace_recursive(&[defaults, json!({ "amount": { "total": 5 } })])?;
/// assert_eq!(replaced, json!({ "amount": { "total": 5, "currency": "CNY" } }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_replace_recursive(arrays: &[impl Operand]) -> Result<Value, Error> {
    let arrays = given("array_replace_recursive", "array", arrays)?;
    let mut arrays = arrays.into_iter();
    let mut replaced = arrays.next().unwrap_or_else(|| Value::Array(Vec::new()));
    for array in arrays {
        replace(&mut replaced, array);
    }
    Ok(replaced)
}

/// All have to be arrays before anything is done.
fn given(function: &'static str, first: &'static str, arrays: &[impl Operand]) -> Result<Vec<Value>, Error> {
    let arrays = arrays.iter().enumerate().map(|(at, array)| {
        let array = argument(function, at, if at == 0 { first } else { "" }).array(array)?;
        Ok(array.into_owned())
    });
    arrays.collect()
}

fn merge(merged: &mut Value, array: Value) {
    for (key, value) in key::into_entries(array) {
        if key::find(merged, &key).is_none() || matches!(key, Key::Int(_)) {
            match key {
                Key::Int(_) => array::push(merged, value),
                Key::Text(name) => array::set(merged, name, value),
            }
            continue;
        }
        let place = array::entry(merged, key.value());
        *place = match std::mem::take(place) {
            Value::Null => Value::Array(vec![Value::Null]),
            other => text::array(other),
        };
        match value {
            inner @ (Value::Array(_) | Value::Object(_)) => merge(place, inner),
            scalar => array::push(place, scalar),
        }
    }
}

fn replace(replaced: &mut Value, array: Value) {
    for (key, value) in key::into_entries(array) {
        let place = array::entry(replaced, key.value());
        if key::is_array(place) && key::is_array(&value) {
            replace(place, value);
        } else {
            *place = value;
        }
    }
}
