//! The keys of arrays, and arrays as the entries that they are.

use std::fmt;

use serde_json::{Map, Value};

use super::numeric;
use super::text;

/// PHP's two types of keys.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Key {
    Int(i64),
    Text(String),
}

impl Key {
    /// What PHP makes of a value between brackets.
    pub(super) fn of(value: &Value) -> Key {
        match value {
            Value::Null => Key::Text(String::new()),
            Value::Bool(value) => Key::Int((*value).into()),
            Value::Number(number) => Key::Int(numeric::number(number).integer()),
            Value::String(name) => Key::named(name),
            // PHP throws; the text of an array is the least surprising.
            Value::Array(_) | Value::Object(_) => Key::Text(text::of(value)),
        }
    }

    /// From the name in an object: digits stand for an integer.
    pub(super) fn named(name: &str) -> Key {
        match integer(name) {
            Some(integer) => Key::Int(integer),
            None => Key::Text(name.to_owned()),
        }
    }

    pub(super) fn position(index: usize) -> Key {
        Key::Int(i64::try_from(index).unwrap_or(i64::MAX))
    }

    pub(super) fn value(&self) -> Value {
        match self {
            Key::Int(integer) => Value::from(*integer),
            Key::Text(name) => Value::from(name.as_str()),
        }
    }

    /// The place in a list, if this can be one.
    pub(super) fn index(&self) -> Option<usize> {
        match self {
            Key::Int(integer) => usize::try_from(*integer).ok(),
            Key::Text(_) => None,
        }
    }
}

/// The name in an object.
impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Key::Int(integer) => integer.fmt(formatter),
            Key::Text(name) => formatter.write_str(name),
        }
    }
}

/// The integer that PHP takes a key for that is a text: only as PHP itself would write it.
fn integer(name: &str) -> Option<i64> {
    let digits = name.strip_prefix('-').unwrap_or(name);
    let is_plain = digits.bytes().all(|digit| digit.is_ascii_digit()) && (!digits.starts_with('0') || name == "0");
    if is_plain { name.parse().ok() } else { None }
}

/// The entries of an array in their order; none of anything else.
pub(super) fn entries(array: &Value) -> impl DoubleEndedIterator<Item = (Key, &Value)> {
    let (list, map) = match array {
        Value::Array(list) => (Some(list), None),
        Value::Object(map) => (None, Some(map)),
        _ => (None, None),
    };
    let list = list.map(|list| list.iter().enumerate().map(|(index, value)| (Key::position(index), value)));
    let list = list.into_iter().flatten();
    list.chain(map.into_iter().flatten().map(|(name, value)| (Key::named(name), value)))
}

/// The same, with the values themselves.
pub(super) fn into_entries(array: Value) -> Vec<(Key, Value)> {
    match array {
        Value::Array(list) => {
            list.into_iter().enumerate().map(|(index, value)| (Key::position(index), value)).collect()
        }
        Value::Object(map) => map.into_iter().map(|(name, value)| (Key::named(&name), value)).collect(),
        _ => Vec::new(),
    }
}

/// The values of an array in their order; none of anything else.
pub(super) fn into_values(array: Value) -> Vec<Value> {
    match array {
        Value::Array(list) => list,
        Value::Object(map) => map.into_iter().map(|(_, value)| value).collect(),
        _ => Vec::new(),
    }
}

/// An array of entries: a later one of the same key replaces the value, at the place of the earlier one.
pub(super) fn collect(entries: impl IntoIterator<Item = (Key, Value)>) -> Value {
    let mut collected = Collected::default();
    for (key, value) in entries {
        collected.insert(key, value);
    }
    collected.value()
}

/// An array in the making: a list as long as its keys allow it.
#[derive(Debug, Default)]
pub(super) struct Collected {
    list: Vec<Value>,
    map: Option<Map<String, Value>>,
    next: Option<i64>,
}

impl Collected {
    pub(super) fn insert(&mut self, key: Key, value: Value) {
        if let Key::Int(integer) = key {
            self.next = self.next.max(Some(integer.saturating_add(1)));
        }
        if self.map.is_none() {
            match key.index() {
                Some(index) if index == self.list.len() => return self.list.push(value),
                Some(index) if index < self.list.len() => {
                    if let Some(place) = self.list.get_mut(index) {
                        *place = value;
                    }
                    return;
                }
                _ => {}
            }
        }
        let list = &mut self.list;
        let map = self.map.get_or_insert_with(|| named(std::mem::take(list)));
        map.insert(key.to_string(), value);
    }

    /// At the next integer key.
    pub(super) fn push(&mut self, value: Value) {
        self.insert(Key::Int(self.next.unwrap_or(0)), value);
    }

    pub(super) fn value(self) -> Value {
        self.map.map_or(Value::Array(self.list), Value::Object)
    }
}

/// A list as an object with the places as names.
pub(super) fn named(list: Vec<Value>) -> Map<String, Value> {
    list.into_iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()
}

/// Whether the keys are 0, 1 and so on, in this order.
pub(super) fn is_list(array: &Value) -> bool {
    match array {
        Value::Array(_) => true,
        Value::Object(map) => map.keys().enumerate().all(|(index, name)| *name == index.to_string()),
        _ => false,
    }
}

pub(super) fn is_array(value: &Value) -> bool {
    matches!(value, Value::Array(_) | Value::Object(_))
}

pub(super) fn len(array: &Value) -> usize {
    match array {
        Value::Array(list) => list.len(),
        Value::Object(map) => map.len(),
        _ => 0,
    }
}

/// The value at a key.
pub(super) fn find<'a>(array: &'a Value, key: &Key) -> Option<&'a Value> {
    match (array, key) {
        (Value::Array(list), key) => list.get(key.index()?),
        (Value::Object(map), Key::Text(name)) => map.get(name),
        (Value::Object(map), Key::Int(integer)) => map.get(&integer.to_string()),
        _ => None,
    }
}
