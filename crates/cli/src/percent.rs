//! Percent-encoding.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use wechatpay::{UriTemplate, json};

use crate::failure::{Failure, Result, shown};

/// A text without percent-encoding. A `%` that begins none stays.
pub fn decode(text: &str) -> Result<String> {
    let decoded = percent_decode_str(text).decode_utf8().map(Cow::into_owned);
    decoded.map_err(|_| Failure::usage(format!("{} is not UTF-8 in percent-encoding", shown(text))))
}

/// A text as it is written in a query.
pub fn encode(text: &str) -> Result<String> {
    let variables = json!({ "text": text });
    let variables = variables.as_object().cloned().unwrap_or_default();
    UriTemplate::parse("{text}").and_then(|template| template.expand(&variables)).map_err(|error| Failure::call(&error))
}
