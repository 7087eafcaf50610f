//! Query strings as PHP's `http_build_query` writes them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use crate::text::value::php_text;

/// RFC 3986 "unreserved": what is not encoded in the value of a variable.
pub(crate) const EXCEPT_UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `k=v&…`: nested as `a[b]` and `a[0]` with encoded brackets, booleans as `1` and `0`, null dropped.
pub(crate) fn build(pairs: &Map<String, Value>) -> String {
    let mut query = String::new();
    for (name, value) in pairs {
        push(&mut query, &encode(name), value);
    }
    query
}

/// Like [`build`], for one entry.
pub(crate) fn nested(name: &str, value: &Value) -> String {
    let mut query = String::new();
    push(&mut query, &encode(name), value);
    query
}

/// Like [`build`], for a form, where PHP writes a space as `+`.
pub(crate) fn build_form(pairs: &Map<String, Value>) -> String {
    build(pairs).replace("%20", "+")
}

fn push(query: &mut String, name: &str, value: &Value) {
    match value {
        Value::Null => {}
        Value::Array(list) => {
            for (index, member) in list.iter().enumerate() {
                push(query, &format!("{name}%5B{index}%5D"), member);
            }
        }
        Value::Object(map) => {
            for (key, member) in map {
                push(query, &format!("{name}%5B{}%5D", encode(key)), member);
            }
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            if !query.is_empty() {
                query.push('&');
            }
            query.push_str(name);
            query.push('=');
            match value {
                Value::Bool(false) => query.push('0'),
                _ => query.push_str(&encode(&php_text(value))),
            }
        }
    }
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, EXCEPT_UNRESERVED).to_string()
}
