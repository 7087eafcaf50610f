//! Arrays made of others: put together, filled, turned, cut.

use serde_json::Value;

use super::argument::Argument;
use super::array;
use super::digits;
use super::error::Error;
use super::key::{self, Collected, Key};
use super::limit;
use super::numeric::{self, Number};
use super::operand::Operand;
use super::text;

/// The entries of all, a later one taking precedence at the place of an earlier one; integer keys are numbered anew (PHP:
/// `array_merge` and `[...$a, ...$b]`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// let merged = php::array_merge(&[json!({ "a": 1, "5": 2 }), json!({ "a": 3 }), json!([4])])?;
/// assert_eq!(merged, json!({ "a": 3, "0": 2, "1": 4 }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_merge(arrays: &[impl Operand]) -> Result<Value, Error> {
    let mut merged = Collected::default();
    for (at, array) in arrays.iter().enumerate() {
        let array = argument("array_merge", at, "").array(array)?;
        for (key, value) in key::entries(&array) {
            match key {
                Key::Int(_) => merged.push(value.clone()),
                Key::Text(_) => merged.insert(key, value.clone()),
            }
        }
    }
    Ok(merged.value())
}

/// The entries of all, a later one of the same key taking precedence, integers or not (PHP: `array_replace`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::array_replace(&[json!([1, 2]), json!({ "1": "b", "x": 3 })])?, json!({ "0": 1, "1": "b", "x": 3 }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_replace(arrays: &[impl Operand]) -> Result<Value, Error> {
    let mut replaced = Collected::default();
    for (at, array) in arrays.iter().enumerate() {
        let array = argument("array_replace", at, if at == 0 { "array" } else { "" }).array(array)?;
        for (key, value) in key::entries(&array) {
            replaced.insert(key, value.clone());
        }
    }
    Ok(replaced.value())
}

/// The entries of both, those on the left taking precedence (PHP: `$left + $right` of two arrays).
///
/// # Errors
/// A `TypeError` if one of them is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::union(json!([1]), json!([2, 3]))?, json!([1, 3]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn union(left: impl Operand, right: impl Operand) -> Result<Value, Error> {
    let (left, right) = (left.operand(), right.operand());
    if key::is_array(&left) && key::is_array(&right) {
        return Ok(array::united(left.into_owned(), &right));
    }
    let (left, right) = (text::type_name(&left), text::type_name(&right));
    Err(Error::of_type(format!("Unsupported operand types: {left} + {right}")))
}

/// An array of keys and of values (PHP: `array_combine`).
///
/// # Errors
/// A `TypeError` for what is no array, a `ValueError` if one of them is longer.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::array_combine(["a", "b"], [1, 2])?, json!({ "a": 1, "b": 2 }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_combine(keys: impl Operand, values: impl Operand) -> Result<Value, Error> {
    let keys = Argument::new("array_combine", 1, "keys").array(&keys)?;
    let values = Argument::new("array_combine", 2, "values").array(&values)?;
    if key::len(&keys) != key::len(&values) {
        return Err(Error::of_value(
            "array_combine(): Argument #1 ($keys) and argument #2 ($values) must have the same number of elements",
        ));
    }
    let keys = array::values(&keys).map(|key| Key::named(&text::of(key)));
    Ok(key::collect(keys.zip(array::values(&values).cloned())))
}

/// So many times the same value, from an integer key on (PHP: `array_fill`).
///
/// # Errors
/// A `ValueError` if `count` is negative, or more than fits the memory that PHP has by default.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::array_fill(0, 3, "x")?, json!(["x", "x", "x"]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_fill(start: i64, count: i64, value: impl Operand) -> Result<Value, Error> {
    let argument = Argument::new("array_fill", 2, "count");
    let count = usize::try_from(count).map_err(|_| argument.wrong("must be greater than or equal to 0"))?;
    if count > limit::MOST_ELEMENTS {
        return Err(argument.wrong("is too large"));
    }
    let value = value.operand();
    let mut filled = Collected::default();
    for at in 0..count {
        match at {
            0 => filled.insert(Key::Int(start), value.clone().into_owned()),
            _ => filled.push(value.clone().into_owned()),
        }
    }
    Ok(filled.value())
}

/// The same value at each of these keys (PHP: `array_fill_keys`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::array_fill_keys(["a", "b"], 0)?, json!({ "a": 0, "b": 0 }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_fill_keys(keys: impl Operand, value: impl Operand) -> Result<Value, Error> {
    let keys = Argument::new("array_fill_keys", 1, "keys").array(&keys)?;
    let value = value.operand();
    let keys = array::values(&keys).map(|key| Key::named(&text::of(key)));
    Ok(key::collect(keys.map(|key| (key, value.clone().into_owned()))))
}

/// The keys as values and the values as keys; values that are neither integers nor texts are left out (PHP: `array_flip`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::array_flip(json!({ "a": "x", "b": 7 }))?, json!({ "x": "a", "7": "b" }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_flip(array: impl Operand) -> Result<Value, Error> {
    let array = Argument::new("array_flip", 1, "array").array(&array)?;
    let is_key = |value: &Value| value.is_string() || value.as_i64().is_some();
    let entries = key::entries(&array).filter(|(_, value)| is_key(value));
    Ok(key::collect(entries.map(|(key, value)| (Key::of(value), key.value()))))
}

/// The array with a value appended as often as it takes to have `length` elements, or put before it if that is negative (PHP:
/// `array_pad`).
///
/// # Errors
/// A `TypeError` for what is no array, a `ValueError` if more than 1,048,576 elements would be made.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::array_pad([1], 3, 0)?, json!([1, 0, 0]));
/// assert_eq!(php::array_pad([1], -3, 0)?, json!([0, 0, 1]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_pad(array: impl Operand, length: i64, value: impl Operand) -> Result<Value, Error> {
    let array = Argument::new("array_pad", 1, "array").array(&array)?;
    let wanted = usize::try_from(length.unsigned_abs()).unwrap_or(usize::MAX);
    let missing = wanted.saturating_sub(key::len(&array));
    if missing > 1_048_576 {
        return Err(Argument::new("array_pad", 2, "length").wrong("must be less than or equal to 1048576"));
    }
    if missing == 0 {
        return Ok(array.into_owned());
    }
    let value = value.operand();
    let padding = || std::iter::repeat_n(&*value, missing).map(|value| (Key::Int(0), value));
    let (before, after) = if length < 0 { (Some(padding()), None) } else { (None, Some(padding())) };
    let entries = before.into_iter().flatten().chain(key::entries(&array)).chain(after.into_iter().flatten());
    Ok(renumbered(entries.map(|(key, value)| (key, value.clone()))))
}

/// The array in pieces of `length` elements, with their keys or numbered anew (PHP: `array_chunk`).
///
/// # Errors
/// A `TypeError` for what is no array, a `ValueError` if the length is not positive.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::array_chunk([1, 2, 3], 2, false)?, json!([[1, 2], [3]]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_chunk(array: impl Operand, length: i64, keeps_keys: bool) -> Result<Value, Error> {
    let array = Argument::new("array_chunk", 1, "array").array(&array)?;
    let wrong = || Argument::new("array_chunk", 2, "length").wrong("must be greater than 0");
    let length = usize::try_from(length).ok().filter(|length| *length > 0).ok_or_else(wrong)?;
    let entries: Vec<_> = key::entries(&array).map(|(key, value)| (key, value.clone())).collect();
    let piece = |piece: &[(Key, Value)]| match keeps_keys {
        true => key::collect(piece.iter().cloned()),
        false => piece.iter().map(|(_, value)| value.clone()).collect(),
    };
    Ok(entries.chunks(length).map(piece).collect())
}

/// The values in the opposite order; texts stay the keys of theirs, and integers do if `keeps_keys` says so (PHP:
/// `array_reverse`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::array_reverse([1, 2, 3], false)?, json!([3, 2, 1]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_reverse(array: impl Operand, keeps_keys: bool) -> Result<Value, Error> {
    let array = Argument::new("array_reverse", 1, "array").array(&array)?;
    let entries = key::entries(&array).rev().map(|(key, value)| (key, value.clone()));
    Ok(if keeps_keys { key::collect(entries) } else { renumbered(entries) })
}

/// The array with its keys in capitals, or else in small letters; of ASCII (PHP: `array_change_key_case`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::array_change_key_case(json!({ "Content-Type": 1 }), false)?, json!({ "content-type": 1 }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn array_change_key_case(array: impl Operand, in_capitals: bool) -> Result<Value, Error> {
    let array = Argument::new("array_change_key_case", 1, "array").array(&array)?;
    let key = |key| match key {
        Key::Text(name) if in_capitals => Key::Text(name.to_ascii_uppercase()),
        Key::Text(name) => Key::Text(name.to_ascii_lowercase()),
        integer => integer,
    };
    Ok(key::collect(key::entries(&array).map(|(name, value)| (key(name), value.clone()))))
}

/// The values from `start` to `end` in steps (PHP: `range`): numbers, or letters if both are texts that are no numbers.
///
/// # Errors
/// A `ValueError` if the step is zero or larger than the range, and if there would be more elements than fit the memory
/// that PHP has by default.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::range(0, 10, 5)?, json!([0, 5, 10]));
/// assert_eq!(php::range("c", "a", 1)?, json!(["c", "b", "a"]));
/// assert_eq!(php::range(0, 1, 0.5)?, json!([0.0, 0.5, 1.0]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn range(start: impl Operand, end: impl Operand, step: impl Operand) -> Result<Value, Error> {
    let (start, end, step) = (start.operand(), end.operand(), step.operand());
    let size = text::float(&*step).abs();
    let is_float = |value: &Value| text::type_name(value) == "float";
    let is_text_of_float = |value: &Value| numeric(value).is_some_and(Number::is_float);
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    let are_texts = is_text(&start) && is_text(&end);
    let is_exact = if are_texts {
        !is_text_of_float(&start) && !is_text_of_float(&end)
    } else {
        !is_float(&start) && !is_float(&end)
    };
    if !is_exact || is_float(&step) || is_text_of_float(&step) {
        return floats(text::float(&*start), text::float(&*end), size);
    }
    let refused = || Argument::new("range", 3, "step").wrong("must not exceed the specified range");
    let size = numeric::wrapped(size).unsigned_abs();
    if are_texts && numeric(&start).is_none() && numeric(&end).is_none() {
        let letter = |value: &Value| value.as_str().and_then(|text| text.bytes().next()).unwrap_or(0);
        return letters(letter(&start), letter(&end), size).unwrap_or_else(|| Err(refused()));
    }
    let (start, end) = (text::integer(&*start), text::integer(&*end));
    let distance = start.abs_diff(end);
    if size == 0 || (distance < size && distance > 0) {
        return Err(refused());
    }
    let steps = distance.checked_div(size).unwrap_or(0);
    if usize::try_from(steps).map_or(true, |steps| steps >= limit::MOST_ELEMENTS) {
        return Err(too_long(start, end));
    }
    let at = |step: u64| {
        let way = step.saturating_mul(size);
        if start > end { start.saturating_sub_unsigned(way) } else { start.saturating_add_unsigned(way) }
    };
    Ok((0..=steps).map(at).collect())
}

/// The number that a text is.
fn numeric(value: &Value) -> Option<Number> {
    value.as_str().and_then(numeric::whole).map(|numeric| numeric.number)
}

/// `None` if the step does not fit.
fn letters(start: u8, end: u8, size: u64) -> Option<Result<Value, Error>> {
    let distance = u64::from(start.abs_diff(end));
    if distance > 0 && (size == 0 || size > distance) {
        return None;
    }
    let step = usize::try_from(size).unwrap_or(usize::MAX).max(1);
    let letters: Vec<u8> =
        if start > end { (end..=start).rev().step_by(step).collect() } else { (start..=end).step_by(step).collect() };
    let is_ascii = letters.iter().all(u8::is_ascii);
    Some(if is_ascii {
        Ok(letters.into_iter().map(|letter| char::from(letter).to_string()).collect())
    } else {
        Err(Error::bytes("range"))
    })
}

fn floats(start: f64, end: f64, size: f64) -> Result<Value, Error> {
    if !start.is_finite() || !end.is_finite() {
        return Err(Error::of_value("range() from or to an infinite number"));
    }
    let distance = (start - end).abs();
    if distance > 0.0 && (size <= 0.0 || size > distance) {
        return Err(Argument::new("range", 3, "step").wrong("must not exceed the specified range"));
    }
    // PHP rounds the number of steps, and so do we; then it stops at the end, too.
    let steps = if distance > 0.0 { digits::rounded(distance / size, 0) } else { 0.0 };
    let Some(steps) = usize::try_from(numeric::nearest(steps)).ok().filter(|steps| *steps < limit::MOST_ELEMENTS)
    else {
        return Err(too_long(start, end));
    };
    #[expect(clippy::cast_precision_loss, reason = "below the limit, all of them are exact")]
    let at = |step: usize| if start > end { start - step as f64 * size } else { start + step as f64 * size };
    let is_inside = |value: &f64| if start > end { *value >= end } else { *value <= end };
    Ok((0..=steps).map(at).take_while(is_inside).collect())
}

fn too_long(start: impl std::fmt::Display, end: impl std::fmt::Display) -> Error {
    Error::of_value(format!("The supplied range exceeds the maximum array size: start={start} end={end}"))
}

/// With the integer keys numbered from 0 on.
pub(super) fn renumbered(entries: impl Iterator<Item = (Key, Value)>) -> Value {
    let mut collected = Collected::default();
    for (key, value) in entries {
        match key {
            Key::Int(_) => collected.push(value),
            Key::Text(_) => collected.insert(key, value),
        }
    }
    collected.value()
}

/// Which of any number of arguments, from 0 on.
pub(super) fn argument(function: &'static str, at: usize, name: &'static str) -> Argument {
    Argument::new(function, u8::try_from(at.saturating_add(1)).unwrap_or(u8::MAX), name)
}
