//! What is in arrays: found, counted, kept or left out.

use std::collections::HashSet;

use serde_json::Value;

use super::argument::Argument;
use super::array;
use super::compare;
use super::error::Error;
use super::key::{self, Key};
use super::making::argument;
use super::operand::Operand;
use super::text;

/// Whether a value is in an array (PHP: `in_array`): equal to one there, or identical if `strict`.
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::php;
///
/// assert!(php::in_array("1", [0, 1], false)?);
/// assert!(!php::in_array("1", [0, 1], true)?);
/// # Ok::<_, php::Error>(())
/// ```
pub fn in_array(needle: impl Operand, haystack: impl Operand, strict: bool) -> Result<bool, Error> {
    Ok(found("in_array", needle, haystack, strict)?.is_some())
}

/// The key of the first value that is equal to this one, or identical if `strict` (PHP: `array_search`, whose `false` is `None`
/// here).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::array_search(2, json!({ "a": 1, "b": "2" }), false)?, Some(json!("b")));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_search(needle: impl Operand, haystack: impl Operand, strict: bool) -> Result<Option<Value>, Error> {
    found("array_search", needle, haystack, strict)
}

fn found(
    function: &'static str,
    needle: impl Operand,
    haystack: impl Operand,
    strict: bool,
) -> Result<Option<Value>, Error> {
    let haystack = Argument::new(function, 2, "haystack").array(&haystack)?;
    let needle = needle.operand();
    let is_it = |value: &Value| if strict { compare::same(&needle, value) } else { compare::equals(&*needle, value) };
    Ok(array::each(&haystack).find(|(_, value)| is_it(value)).map(|(key, _)| key))
}

/// The array with only the first of values that are the same text, at its key (PHP: `array_unique`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::array_unique(json!([1, "1", 2]))?, json!({ "0": 1, "2": 2 }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_unique(array: impl Operand) -> Result<Value, Error> {
    let array = Argument::new("array_unique", 1, "array").array(&array)?;
    let mut seen = HashSet::new();
    Ok(kept(&array, |_, value| seen.insert(text::of(value))))
}

/// How often each value is there; only integers and texts are counted (PHP: `array_count_values`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::array_count_values(["a", "b", "a"])?, json!({ "a": 2, "b": 1 }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_count_values(array: impl Operand) -> Result<Value, Error> {
    let array = Argument::new("array_count_values", 1, "array").array(&array)?;
    let mut counts = Value::Array(Vec::new());
    for value in array::values(&array).filter(|value| value.is_string() || value.as_i64().is_some()) {
        let count = array::entry(&mut counts, value);
        *count = Value::from(count.as_i64().unwrap_or(0).saturating_add(1));
    }
    Ok(counts)
}

/// The entries of the first array whose values, as texts, are in none of the others (PHP: `array_diff`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::array_diff(json!(["a", "b", "c"]), &[json!(["b"])])?, json!({ "0": "a", "2": "c" }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_diff(array: impl Operand, others: &[impl Operand]) -> Result<Value, Error> {
    let (array, sets) = sets("array_diff", &array, others, |_, value| text::of(value))?;
    Ok(kept(&array, |_, value| !sets.iter().any(|set| set.contains(&text::of(value)))))
}

/// The entries of the first array whose keys are in none of the others (PHP: `array_diff_key`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::array_diff_key(json!({ "a": 1, "sign": 2 }), &[json!({ "sign": 0 })])?, json!({ "a": 1 }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_diff_key(array: impl Operand, others: &[impl Operand]) -> Result<Value, Error> {
    let (array, sets) = sets("array_diff_key", &array, others, |key, _| key.clone())?;
    Ok(kept(&array, |key, _| !sets.iter().any(|set| set.contains(key))))
}

/// The entries of the first array that are in none of the others with the same key and, as a text, the same value (PHP:
/// `array_diff_assoc`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// let changed = php::array_diff_assoc(json!({ "a": 1, "b": 2 }), &[json!({ "a": "1", "b": 3 })])?;
/// assert_eq!(changed, json!({ "b": 2 }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_diff_assoc(array: impl Operand, others: &[impl Operand]) -> Result<Value, Error> {
    let (array, sets) = sets("array_diff_assoc", &array, others, |key, value| (key.clone(), text::of(value)))?;
    Ok(kept(&array, |key, value| !sets.iter().any(|set| set.contains(&(key.clone(), text::of(value))))))
}

/// The entries of the first array whose values, as texts, are in all of the others (PHP: `array_intersect`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::array_intersect(json!(["a", "b"]), &[json!(["b", "c"])])?, json!({ "1": "b" }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_intersect(array: impl Operand, others: &[impl Operand]) -> Result<Value, Error> {
    let (array, sets) = sets("array_intersect", &array, others, |_, value| text::of(value))?;
    Ok(kept(&array, |_, value| sets.iter().all(|set| set.contains(&text::of(value)))))
}

/// The entries of the first array whose keys are in all of the others (PHP: `array_intersect_key`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// let wanted = php::array_flip(["a", "b"])?;
/// assert_eq!(php::array_intersect_key(json!({ "a": 1, "x": 2 }), &[wanted])?, json!({ "a": 1 }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_intersect_key(array: impl Operand, others: &[impl Operand]) -> Result<Value, Error> {
    let (array, sets) = sets("array_intersect_key", &array, others, |key, _| key.clone())?;
    Ok(kept(&array, |key, _| sets.iter().all(|set| set.contains(key))))
}

/// The entries of the first array that are in all of the others with the same key and, as a text, the same value (PHP:
/// `array_intersect_assoc`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// let same = php::array_intersect_assoc(json!({ "a": 1, "b": 2 }), &[json!({ "a": "1", "b": 3 })])?;
/// assert_eq!(same, json!({ "a": 1 }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_intersect_assoc(array: impl Operand, others: &[impl Operand]) -> Result<Value, Error> {
    let (array, sets) = sets("array_intersect_assoc", &array, others, |key, value| (key.clone(), text::of(value)))?;
    Ok(kept(&array, |key, value| sets.iter().all(|set| set.contains(&(key.clone(), text::of(value))))))
}

/// The first array, and of each of the others what is compared.
fn sets<'a, T: Eq + std::hash::Hash>(
    function: &'static str,
    array: &'a impl Operand,
    others: &[impl Operand],
    compared: impl Fn(&Key, &Value) -> T,
) -> Result<(std::borrow::Cow<'a, Value>, Vec<HashSet<T>>), Error> {
    let array = argument(function, 0, "array").array(array)?;
    let set = |(at, other): (usize, _)| {
        let other = argument(function, usize::saturating_add(at, 1), "").array(other)?;
        Ok(key::entries(&other).map(|(key, value)| compared(&key, value)).collect())
    };
    let sets = others.iter().enumerate().map(set).collect::<Result<_, Error>>()?;
    Ok((array, sets))
}

/// The entries of which this is true, with their keys.
pub(super) fn kept(array: &Value, mut is_kept: impl FnMut(&Key, &Value) -> bool) -> Value {
    let entries = key::entries(array).filter(|(key, value)| is_kept(key, value));
    key::collect(entries.map(|(key, value)| (key, value.clone())))
}
