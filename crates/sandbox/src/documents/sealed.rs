//! The ciphertexts in the sensitive fields of a request.

use serde_json::{Map, Value};
use wechatpay_catalog::{Encryption, Field, Fields};

use crate::call::Opened;

/// Where the first ciphertext is that the named key does not decrypt: a pointer into the object.
pub(super) fn unreadable(documented: Fields, given: &Map<String, Value>, opened: &Opened<'_>) -> Option<String> {
    documented.iter().find_map(|field| {
        let rest = unreadable_value(field, given.get(field.name())?, opened)?;
        Some(format!("/{}{rest}", field.name()))
    })
}

fn unreadable_value(field: Field, value: &Value, opened: &Opened<'_>) -> Option<String> {
    match value {
        Value::Array(list) => list.iter().enumerate().find_map(|(index, member)| {
            let rest = unreadable_value(field, member, opened)?;
            Some(format!("/{index}{rest}"))
        }),
        Value::Object(given) => unreadable(field.fields(), given, opened),
        Value::String(text) if field.encryption() == Some(Encryption::Rsa) => {
            let is_readable = text.is_empty() || opened.open(text).is_some();
            (!is_readable).then(String::new)
        }
        // A part of a form, or another text that holds JSON.
        Value::String(text) if !field.fields().is_empty() => {
            unreadable_value(field, &serde_json::from_str(text).ok()?, opened)
        }
        _ => None,
    }
}
