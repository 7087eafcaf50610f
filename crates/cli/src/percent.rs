//! Percent-encoding.

use wechatpay::{UriTemplate, json};

use crate::failure::{Failure, Result, shown};

/// A text without percent-encoding. A `%` that begins none stays.
pub fn decode(text: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| *byte == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(escaped) => {
                bytes.push(escaped);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).map_err(|_| Failure::usage(format!("{} is not UTF-8 in percent-encoding", shown(text))))
}

/// A text as it is written in a query.
pub fn encode(text: &str) -> Result<String> {
    let variables = json!({ "text": text });
    let variables = variables.as_object().cloned().unwrap_or_default();
    UriTemplate::parse("{text}").and_then(|template| template.expand(&variables)).map_err(|error| Failure::call(&error))
}
