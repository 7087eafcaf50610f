//! Finds out what happened to a body with an invalid signature, to explain the most common mistake.
//!
//! It only explains a refusal, and never changes the result.

use serde_json::Value;

use crate::error::BodyChange;

/// The platform's order of an envelope's fields.
const ENVELOPE: [&str; 6] = ["id", "create_time", "resource_type", "event_type", "summary", "resource"];

/// The platform's order of the fields of `resource`.
const RESOURCE: [&str; 5] = ["original_type", "algorithm", "ciphertext", "associated_data", "nonce"];

/// How the body differs from what was signed, if that can be told; `holds` tells whether the signature is valid for other
/// bytes.
pub(super) fn how(body: &[u8], holds: impl Fn(&[u8]) -> bool) -> Option<BodyChange> {
    let json: Value = serde_json::from_slice(body).ok()?;
    let body = std::str::from_utf8(body).ok()?;
    let compact = rewritten(body, str::to_owned);
    if compact != body && holds(compact.as_bytes()) {
        return Some(BodyChange::Whitespace);
    }
    let ordered = in_order(&json, &ENVELOPE);
    let is_proven = ordered != body && holds(ordered.as_bytes());
    // The platform writes no white space, no needless escapes, and `id` first.
    let is_its_way =
        rewritten(body, plainly) == body && (json.get("id").is_none_or(Value::is_null) || body.starts_with("{\"id\":"));
    (is_proven || !is_its_way).then_some(BodyChange::Reserialized)
}

/// Valid JSON without white space outside of its strings, each of which `string` writes again.
fn rewritten(json: &str, string: impl Fn(&str) -> String) -> String {
    let mut text = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(start) = rest.find('"') {
        let (outside, from) = rest.split_at(start);
        text.extend(outside.split_ascii_whitespace());
        let (token, after) = from.split_at(string_length(from));
        text.push_str(&string(token));
        rest = after;
    }
    text.extend(rest.split_ascii_whitespace());
    text
}

/// The length of the string that begins here, including its quotes.
fn string_length(text: &str) -> usize {
    let mut is_escaped = false;
    for (index, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return index.saturating_add(1),
            _ => {}
        }
    }
    text.len()
}

/// A string of JSON with no more escapes than it needs.
fn plainly(token: &str) -> String {
    serde_json::from_str::<String>(token).map_or_else(|_| token.to_owned(), |text| Value::from(text).to_string())
}

/// The JSON with its fields in this order, then the others.
fn in_order(json: &Value, order: &[&str]) -> String {
    let Value::Object(fields) = json else { return json.to_string() };
    let known = order.iter().filter_map(|name| fields.get_key_value(*name));
    let others = fields.iter().filter(|(name, _)| !order.contains(&name.as_str()));
    let fields = known.chain(others).map(|(name, value)| {
        let value = match name.as_str() {
            "resource" => in_order(value, &RESOURCE),
            _ => value.to_string(),
        };
        format!("{}:{value}", Value::from(name.as_str()))
    });
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}
