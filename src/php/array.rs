//! Arrays: what stands between brackets, and what `foreach` goes through.

use serde_json::{Map, Value};

use super::argument::Argument;
use super::error::Error;
use super::key::{self, Key};
use super::operand::Operand;
use super::text;

static NULL: Value = Value::Null;

/// The value at a key (PHP: `$array[$key]`); `null` if there is none, or if it is no array.
///
/// As in PHP, `"5"`, `5`, `5.9` are the same key, `true` is `1`, and `null` is `""`. For a letter of a text see
/// [`char_at`](super::char_at).
///
/// ```
/// use wechatpay::{json, php};
///
/// let order = json!({ "amount": { "total": 100 }, "5": "five" });
/// assert_eq!(php::at(php::at(&order, "amount"), "total"), 100);
/// assert_eq!(php::at(&order, 5), "five");
/// assert!(php::at(&order, "refund").is_null());
/// ```
pub fn at(array: &Value, key: impl Operand) -> &Value {
    key::find(array, &Key::of(&key.operand())).unwrap_or(&NULL)
}

/// The value at a key if it is set: `None` if there is none or if it is `null` (PHP: `$array[$key] ?? …`).
///
/// ```
/// use wechatpay::{json, php};
///
/// let order = json!({ "amount": null });
/// assert_eq!(php::get(&order, "amount").unwrap_or(&json!(1)), 1);
/// ```
pub fn get(array: &Value, key: impl Operand) -> Option<&Value> {
    key::find(array, &Key::of(&key.operand())).filter(|value| !value.is_null())
}

/// An array by its keys, in order: those of a list are `0`, `1`, …; of what is no array there are none.
///
/// It is what [`Formatter::ksort`](crate::Formatter::ksort) and
/// [`Formatter::query_string_like`](crate::Formatter::query_string_like) take.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::object(json!(["a"]))["0"], "a");
/// assert!(php::object(()).is_empty());
/// ```
pub fn object(array: impl Operand) -> Map<String, Value> {
    match array.operand().into_owned() {
        Value::Object(map) => map,
        Value::Array(list) => list.into_iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect(),
        _ => Map::new(),
    }
}

/// Puts a value at a key (PHP: `$array[$key] = $value`).
///
/// `null` and `false` become an array, as in PHP. So do a text, a number and `true`, for which PHP throws; this is
/// logged at `warn`.
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut order = json!([]);
/// php::set(&mut order, "total", 100);
/// assert_eq!(order, json!({ "total": 100 }));
/// ```
pub fn set(array: &mut Value, key: impl Operand, value: impl Into<Value>) {
    *entry(array, key) = value.into();
}

/// Puts a value at the next integer key: one more than the largest (PHP: `$array[] = $value`).
///
/// PHP also counts keys that were there once and have been unset since. Behind a negative key alone, PHP before 8.3 may go on with
/// 0. And behind the largest integer there is, it throws;
/// here, the value replaces the one at that key. What is no array is treated as by [`set`].
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut list = json!([1]);
/// php::push(&mut list, 2);
/// assert_eq!(list, json!([1, 2]));
/// let mut map = json!({ "a": 1, "5": 2 });
/// php::push(&mut map, 3);
/// assert_eq!(map, json!({ "a": 1, "5": 2, "6": 3 }));
/// ```
pub fn push(array: &mut Value, value: impl Into<Value>) {
    *next_entry(array) = value.into();
}

/// The place of a key, made if it is not there (PHP: `$array[$key]` on the left of `=`, as in `$array['a']['b'] = 1`).
///
/// What is no array is treated as by [`set`].
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut order = json!(null);
/// php::push(php::entry(php::entry(&mut order, "detail"), "goods"), "tea");
/// assert_eq!(order, json!({ "detail": { "goods": ["tea"] } }));
/// ```
pub fn entry(array: &mut Value, key: impl Operand) -> &mut Value {
    place(array, Key::of(&key.operand()))
}

/// The place of the next integer key (PHP: `$array[]` on the left of `=`, as in `$array[]['a'] = 1`).
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut list = json!([]);
/// php::set(php::next_entry(&mut list), "a", 1);
/// assert_eq!(list, json!([{ "a": 1 }]));
/// ```
pub fn next_entry(array: &mut Value) -> &mut Value {
    let key = Key::Int(next(array));
    place(array, key)
}

/// Whether there is such a key, be its value `null` (PHP: `array_key_exists`).
///
/// ```
/// use wechatpay::{json, php};
///
/// assert!(php::has(&json!({ "a": null }), "a"));
/// assert!(!php::has(&json!([1]), 1));
/// ```
pub fn has(array: &Value, key: impl Operand) -> bool {
    key::find(array, &Key::of(&key.operand())).is_some()
}

/// Whether there is such a key and its value is not `null` (PHP: `isset($array[$key])`).
///
/// ```
/// use wechatpay::{json, php};
///
/// assert!(!php::is_set(&json!({ "a": null }), "a"));
/// ```
pub fn is_set(array: &Value, key: impl Operand) -> bool {
    get(array, key).is_some()
}

/// Takes a key out of an array (PHP: `unset($array[$key])`).
///
/// The other keys stay as they are: of a list, an object is left, unless it was the last one.
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut list = json!(["a", "b", "c"]);
/// php::unset(&mut list, 1);
/// assert_eq!(list, json!({ "0": "a", "2": "c" }));
/// ```
pub fn unset(array: &mut Value, key: impl Operand) {
    let key = Key::of(&key.operand());
    match array {
        Value::Array(list) => match key.index().filter(|index| *index < list.len()) {
            None => {}
            Some(index) if index == list.len().saturating_sub(1) => {
                list.pop();
            }
            Some(_) => {
                let mut map = key::named(std::mem::take(list));
                map.shift_remove(&key.to_string());
                *array = Value::Object(map);
            }
        },
        Value::Object(map) => {
            map.shift_remove(&key.to_string());
            if map.keys().enumerate().all(|(index, name)| *name == index.to_string()) {
                *array = std::mem::take(map).into_iter().map(|(_, value)| value).collect();
            }
        }
        _ => {}
    }
}

/// How many elements an array has (PHP: `count`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::count(json!({ "a": 1, "b": [1, 2] }))?, 2);
/// # Ok::<_, php::Error>(())
/// ```
pub fn count(a: impl Operand) -> Result<i64, Error> {
    let value = a.operand();
    if !key::is_array(&value) {
        return Err(Argument::new("count", 1, "value").refused("Countable|array", &value));
    }
    Ok(i64::try_from(key::len(&value)).unwrap_or(i64::MAX))
}

/// How many elements an array has, together with those of the arrays in it (PHP: `count`, with `COUNT_RECURSIVE`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::count_recursive(json!({ "tea": ["green", "black"], "cups": 2 }))?, 4);
/// # Ok::<_, php::Error>(())
/// ```
pub fn count_recursive(a: impl Operand) -> Result<i64, Error> {
    fn inside(array: &Value) -> i64 {
        values(array).map(|value| if key::is_array(value) { 1_i64.saturating_add(inside(value)) } else { 1 }).sum()
    }
    let value = a.operand();
    count(&*value)?;
    Ok(inside(&value))
}

/// The keys of an array in their order, integers as numbers (PHP: `foreach ($array as $key => $_)`). Of anything else there are
/// none.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::keys(&json!({ "a": 1, "5": 2 })).collect::<Vec<_>>(), [json!("a"), json!(5)]);
/// ```
pub fn keys(array: &Value) -> impl DoubleEndedIterator<Item = Value> {
    key::entries(array).map(|(key, _)| key.value())
}

/// The entries of an array in their order (PHP: `foreach ($array as $key => $value)`). Of anything else there are none.
///
/// ```
/// use wechatpay::{json, php};
///
/// for (key, value) in php::each(&json!({ "a": 1 })) {
///     assert_eq!((key, value), (json!("a"), &json!(1)));
/// }
/// ```
pub fn each(array: &Value) -> impl DoubleEndedIterator<Item = (Value, &Value)> {
    key::entries(array).map(|(key, value)| (key.value(), value))
}

/// The values of an array in their order (PHP: `foreach ($array as $value)`). Of anything else there are none.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::values(&json!({ "a": 1, "b": 2 })).collect::<Vec<_>>(), [&json!(1), &json!(2)]);
/// ```
pub fn values(array: &Value) -> impl DoubleEndedIterator<Item = &Value> {
    let (list, map) = match array {
        Value::Array(list) => (Some(list), None),
        Value::Object(map) => (None, Some(map)),
        _ => (None, None),
    };
    list.into_iter().flatten().chain(map.into_iter().flat_map(|map| map.values()))
}

/// The values of an array in their order, to be changed (PHP: `foreach ($array as &$value)`). Of anything else there are none.
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut lines = json!([{ "price": 1 }, { "price": 2 }]);
/// for line in php::values_mut(&mut lines) {
///     php::set(line, "currency", "CNY");
/// }
/// assert_eq!(lines[1], json!({ "price": 2, "currency": "CNY" }));
/// ```
pub fn values_mut(array: &mut Value) -> impl DoubleEndedIterator<Item = &mut Value> {
    let (list, map) = match array {
        Value::Array(list) => (Some(list), None),
        Value::Object(map) => (None, Some(map)),
        _ => (None, None),
    };
    list.into_iter().flatten().chain(map.into_iter().flat_map(|map| map.values_mut()))
}

/// The entries of both, those on the left taking precedence (PHP: `$left + $right`).
pub(super) fn united(left: Value, right: &Value) -> Value {
    let mut united = left;
    for (key, value) in key::entries(right) {
        if key::find(&united, &key).is_none() {
            *place(&mut united, key) = value.clone();
        }
    }
    united
}

fn next(array: &Value) -> i64 {
    match array {
        Value::Array(list) => i64::try_from(list.len()).unwrap_or(i64::MAX),
        Value::Object(_) => {
            let keys = key::entries(array).filter_map(|(key, _)| match key {
                Key::Int(key) => Some(key),
                Key::Text(_) => None,
            });
            keys.max().map_or(0, |largest| largest.saturating_add(1))
        }
        _ => 0,
    }
}

fn place(array: &mut Value, key: Key) -> &mut Value {
    if !key::is_array(array) {
        if !matches!(array, Value::Null | Value::Bool(false)) {
            log::warn!("{} is replaced by an array: an element of it was set", text::type_name(array));
        }
        *array = Value::Array(Vec::new());
    }
    match array {
        Value::Array(list) if key.index().is_none_or(|index| index > list.len()) => {
            *array = Value::Object(key::named(std::mem::take(list)));
        }
        _ => {}
    }
    place_in(array, &key)
}

/// The place of a key in an array that can have it.
fn place_in<'a>(array: &'a mut Value, key: &Key) -> &'a mut Value {
    match array {
        Value::Array(list) => {
            let index = key.index().unwrap_or(0).min(list.len());
            if index == list.len() {
                list.push(Value::Null);
            }
            #[expect(clippy::indexing_slicing, reason = "it has just been made, if it was not there")]
            &mut list[index]
        }
        Value::Object(map) => map.entry(key.to_string()).or_insert(Value::Null),
        other => other,
    }
}
