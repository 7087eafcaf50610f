//! What a call sends, as given: its query, and what becomes its body.

use crate::http::HeaderValue;
use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::request::multipart::{META, Multipart, Part};
use crate::request::payload::{Body, Payload};
use crate::text::value::kind;
use crate::text::{query, uri_template};

/// The option `query`.
#[derive(Clone)]
pub(super) enum Query {
    Pairs(Map<String, Value>),
    /// Encoded already.
    Text(String),
}

impl Query {
    /// # Errors
    /// What is wrong with the value.
    pub(super) fn of(value: Value) -> Result<Query, String> {
        match value {
            Value::Object(pairs) => Ok(Query::Pairs(pairs)),
            Value::String(text) => {
                let mut query = String::with_capacity(text.len());
                uri_template::push_literal(&mut query, text.strip_prefix('?').unwrap_or(&text));
                Ok(Query::Text(query.replace('#', "%23")))
            }
            // What an empty array of PHP becomes.
            Value::Array(list) if list.is_empty() => Ok(Query::Text(String::new())),
            other => Err(format!("`query` must be an object or a string, not {}", kind(&other))),
        }
    }

    pub(super) fn encoded(&self) -> String {
        match self {
            Query::Pairs(pairs) => query::build(pairs),
            Query::Text(text) => text.clone(),
        }
    }
}

/// What becomes the body: one of the options `json`, `xml`, `body`, `form_params` and `multipart`.
#[derive(Clone)]
pub(super) enum Content {
    Json(Value),
    /// JSON that is already serialised.
    Written(Payload),
    Xml(Map<String, Value>),
    Body(Body),
    Form(Map<String, Value>),
    Multipart(Vec<Part>),
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");

impl Content {
    /// The option that it was given with.
    pub(super) fn option(&self) -> &'static str {
        match self {
            Content::Json(_) | Content::Written(_) => "json",
            Content::Xml(_) => "xml",
            Content::Body(_) => "body",
            Content::Form(_) => "form_params",
            Content::Multipart(_) => "multipart",
        }
    }

    /// Takes out the fields, with the name that pointers into them begin with; those of an upload are its `meta`.
    pub(super) fn take_fields(&mut self) -> Option<(&'static str, Value)> {
        let upload = |meta: Value| Value::Object(Map::from_iter([(META.to_owned(), meta)]));
        Some(match self {
            Content::Json(json) => ("json", json.take()),
            Content::Xml(data) => ("xml", Value::Object(std::mem::take(data))),
            Content::Body(body) => ("body", upload(body.meta()?.take())),
            Content::Multipart(parts) => ("body", upload(parts.iter().find_map(Part::meta)?)),
            Content::Written(_) | Content::Form(_) => return None,
        })
    }

    /// Puts back what was taken out.
    pub(super) fn put_fields(&mut self, mut fields: Value) {
        match self {
            Content::Json(json) => *json = fields,
            Content::Xml(data) => {
                if let Value::Object(fields) = fields {
                    *data = fields;
                }
            }
            Content::Body(body) => {
                if let (Some(meta), Some(fields)) = (body.meta(), fields.get_mut(META)) {
                    *meta = fields.take();
                }
            }
            Content::Multipart(parts) => {
                let part = parts.iter_mut().find(|part| part.meta().is_some());
                if let (Some(part), Some(fields)) = (part, fields.get(META)) {
                    part.set_meta(fields);
                }
            }
            Content::Written(_) | Content::Form(_) => {}
        }
    }

    /// Whether it is a form that chooses its own boundary.
    pub(super) fn is_form(&self) -> bool {
        match self {
            Content::Multipart(_) => true,
            Content::Body(body) => body.is_form(),
            _ => false,
        }
    }

    /// The bytes, serialised once, and their content type.
    ///
    /// # Errors
    /// If something cannot be serialised, or a file cannot be read.
    pub(super) fn into_payload(self) -> Result<(Payload, Option<HeaderValue>)> {
        let payload = match self {
            // The data of APIv2 is taken separately.
            Content::Xml(_) => Payload::Empty,
            Content::Json(json) => return Ok((write_json(&json)?, Some(JSON))),
            Content::Written(payload) => return Ok((payload, Some(JSON))),
            Content::Form(fields) => {
                return Ok((Payload::bytes(query::build_form(&fields).into_bytes()), Some(FORM)));
            }
            Content::Multipart(parts) => {
                let form = Multipart::new(parts)?;
                let content_type = HeaderValue::try_from(form.content_type()).ok();
                return Ok((Payload::form(form)?, content_type));
            }
            Content::Body(body) => body.into_payload()?,
        };
        let content_type = match &payload {
            Payload::Form(form) => HeaderValue::try_from(form.content_type()).ok(),
            _ => None,
        };
        Ok((payload, content_type))
    }
}

/// # Errors
/// If it cannot be serialised.
pub(super) fn write_json(json: &Value) -> Result<Payload> {
    let mut bytes = Vec::with_capacity(1024);
    serde_json::to_writer(&mut bytes, json)
        .map_err(|error| Error::Options(format!("`json` cannot be written: {error}")))?;
    Ok(Payload::bytes(bytes))
}
