//! What is asked for, as JSON again, in the shape that options can be given in: this is compared with the documents.

use serde_json::{Map, Value, json};

use crate::http::HeaderMap;
use crate::request::content::{Content, Query};
use crate::request::multipart::{META, Part};
use crate::request::options::Options;
use crate::request::pointers::AUTO;

impl Options {
    /// All but the headers, of which there are more than are given here, and what only says how it is sent.
    pub(crate) fn to_given(&self) -> Map<String, Value> {
        let pointers = self.encrypted().iter().map(|pointer| pointer.as_str());
        let encrypted: Value = self.is_auto().then_some(AUTO).into_iter().chain(pointers).collect();
        let (content, contents) = self.content.as_ref().map_or(("json", Value::Null), Content::to_given);
        let mut given = self.variables.clone();
        for (name, value) in [
            (content, contents),
            ("query", self.query.as_ref().map_or(Value::Null, Query::to_given)),
            ("encrypt", encrypted),
            ("base_uri", self.base_uri.as_deref().into()),
            ("security", self.security.into()),
        ] {
            given.insert(name.to_owned(), value);
        }
        given
    }
}

impl Query {
    fn to_given(&self) -> Value {
        match self {
            Query::Pairs(pairs) => Value::Object(pairs.clone()),
            Query::Text(text) => Value::String(text.clone()),
        }
    }
}

impl Content {
    /// The option, and its value. An upload is a form, however it is given.
    fn to_given(&self) -> (&'static str, Value) {
        let value = match self {
            Content::Json(json) => json.clone(),
            // An async method has written it.
            Content::Written(payload) => serde_json::from_slice(payload.signed()).unwrap_or_default(),
            Content::Xml(fields) | Content::Form(fields) => Value::Object(fields.clone()),
            Content::Multipart(parts) => {
                parts.iter().map(|part| json!({ "name": part.name(), "contents": part.text() })).collect()
            }
            Content::Body(body) => match body.upload() {
                Some(media) => {
                    let meta = json!({ "name": META, "contents": media.meta().to_string() });
                    return ("multipart", json!([meta, { "name": "file", "contents": "" }]));
                }
                None => body.text().into(),
            },
        };
        (self.option(), value)
    }
}

impl Part {
    /// Its contents, if they are a text in memory; else an empty one.
    fn text(&self) -> &str {
        std::str::from_utf8(self.bytes()).unwrap_or_default()
    }
}

/// Each header, with the list of its lines.
pub(crate) fn headers(headers: &HeaderMap) -> Value {
    let lines = |name| headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    Value::Object(headers.keys().map(|name| (name.to_string(), lines(name).collect())).collect())
}
