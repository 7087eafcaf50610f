//! Going through arrays by keys of one type, to change them, and to an end of them.

use serde_json::Value;

use super::argument::Argument;
use super::array::values;
use super::error::Error;
use super::key::{self, Key};
use super::operand::Operand;

/// The entries of an array whose keys are texts (PHP: `foreach ($array as $key => $value)`).
///
/// Integer keys of other entries are texts, too: `5` is `"5"`. A list has none: its entries are left out, which is logged at `warn`. For
/// keys of both types see [`each`](super::each).
///
/// ```
/// use wechatpay::{json, php};
///
/// for (name, value) in php::fields(&json!({ "total": 1 })) {
///     assert_eq!((name, value), ("total", &json!(1)));
/// }
/// ```
pub fn fields(array: &Value) -> impl DoubleEndedIterator<Item = (&str, &Value)> {
    let map = match array {
        Value::Object(map) => Some(map),
        Value::Array(list) if !list.is_empty() => {
            log::warn!("{} elements of a list are left out: their keys are no texts", list.len());
            None
        }
        _ => None,
    };
    map.into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

/// The entries of an array whose keys are integers (PHP: `foreach ($list as $key => $value)`).
///
/// Entries whose keys are texts are left out, which is logged at `warn`. For keys of both types see [`each`](super::each).
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut list = json!(["tea", "milk", "water"]);
/// php::unset(&mut list, 1);
/// assert_eq!(php::items(&list).collect::<Vec<_>>(), [(0, &json!("tea")), (2, &json!("water"))]);
/// ```
pub fn items(array: &Value) -> impl DoubleEndedIterator<Item = (i64, &Value)> {
    key::entries(array).filter_map(|(key, value)| match key {
        Key::Int(key) => Some((key, value)),
        Key::Text(name) => {
            log::warn!("the element {name:?} is left out: its key is no integer");
            None
        }
    })
}

/// The entries of an array in their order, with the values to be changed (PHP: `foreach ($array as $key => &$value)`, `array_walk`).
/// Of anything else there are none.
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut order = json!({ "total": 1, "refund": 2 });
/// for (key, value) in php::each_mut(&mut order) {
///     *value = json!(php::text(key) + "=" + &php::text(&*value));
/// }
/// assert_eq!(order, json!({ "total": "total=1", "refund": "refund=2" }));
/// ```
pub fn each_mut(array: &mut Value) -> impl DoubleEndedIterator<Item = (Value, &mut Value)> {
    let (list, map) = match array {
        Value::Array(list) => (Some(list), None),
        Value::Object(map) => (None, Some(map)),
        _ => (None, None),
    };
    let list = list.map(|list| list.iter_mut().enumerate().map(|(index, value)| (Key::position(index).value(), value)));
    let map = map.map(|map| map.iter_mut().map(|(name, value)| (Key::named(name).value(), value)));
    list.into_iter().flatten().chain(map.into_iter().flatten())
}

/// The last value of an array, `false` if it is empty (PHP: `end`, but for the position in the array, which is not kept here).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::end(json!({ "a": 1, "b": 2 }))?, 2);
/// assert_eq!(php::end(json!([]))?, false);
/// # Ok::<_, php::Error>(())
/// ```
pub fn end(array: impl Operand) -> Result<Value, Error> {
    let array = Argument::new("end", 1, "array").array(&array)?;
    Ok(values(&array).next_back().cloned().unwrap_or(Value::Bool(false)))
}

/// The first value of an array, `false` if it is empty (PHP: `reset`, but for the position in the array, which is not kept
/// here).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::reset(json!({ "a": 1, "b": 2 }))?, 1);
/// # Ok::<_, php::Error>(())
/// ```
pub fn reset(array: impl Operand) -> Result<Value, Error> {
    let array = Argument::new("reset", 1, "array").array(&array)?;
    Ok(values(&array).next().cloned().unwrap_or(Value::Bool(false)))
}
