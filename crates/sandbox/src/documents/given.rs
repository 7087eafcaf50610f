//! What a request says, to be said again in its answer.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use wechatpay_catalog::{Encryption, Field, Fields, Found, Kind, Place};

use super::chance::Seed;
use crate::answer::Refusal;
use crate::call::Call;
use crate::clock;

/// What a request says: its variables and its query, and its body.
#[derive(Default)]
pub(crate) struct Given {
    named: Map<String, Value>,
    body: Value,
    /// What the body says by one name alone, however deep; `None` if it says several things by it.
    deeper: BTreeMap<String, Option<Value>>,
}

impl Given {
    /// What a call of APIv3 says. What is encrypted in it is decrypted.
    pub(crate) fn of_call(found: &Found<'_>, call: &Call<'_>) -> Result<Given, Refusal> {
        let operation = found.operation();
        let open = |text: &str| call.opened.open(text);
        let mut named = call.query()?.into_fields();
        read_encrypted(operation.parameters(Place::Query), &mut named, &open);
        let variables = found.variables().iter();
        named.extend(variables.filter_map(|known| Some((known.name().to_owned(), decoded(known.value()?).into()))));
        let mut body = call.request.json().unwrap_or_else(|| call.request.body_sha256().into());
        if let Value::Object(fields) = &mut body {
            read_encrypted(operation.parameters(Place::Json), fields, &open);
            // Of a form, its meta is what is said.
            if let Some(meta) = operation.parameters(Place::Multipart).get("meta") {
                read_encrypted(meta.fields(), fields, &open);
            }
        }
        Ok(Given::new(named, body))
    }

    /// What the data of a call of APIv2 says, apart from what is new each time and from what is encrypted, which cannot be
    /// decrypted here.
    pub(crate) fn of_data(found: &Found<'_>, data: &Map<String, Value>) -> Given {
        let mut data = data.clone();
        data.retain(|name, _| !["nonce_str", "sign"].contains(&name.as_str()));
        read_encrypted(found.operation().parameters(Place::Xml), &mut data, &|_| None);
        Given::new(Map::new(), data.into())
    }

    /// What a test wants to be said.
    pub(crate) fn of_body(body: Value) -> Given {
        Given::new(Map::new(), body)
    }

    fn new(named: Map<String, Value>, body: Value) -> Given {
        let mut deeper = BTreeMap::new();
        note(&body, &mut deeper);
        Given { named, body, deeper }
    }

    /// The seed of what is answered.
    pub(crate) fn seed(&self) -> Seed {
        let named: BTreeMap<_, _> = self.named.iter().collect();
        let seed = named.into_iter().fold(Seed::new(), |seed, (name, value)| {
            seed.with(name.as_bytes()).with(value.as_str().unwrap_or_default().as_bytes())
        });
        seed.with(self.body.to_string().as_bytes())
    }

    /// The body, beside which an answer is made.
    pub(crate) fn body(&self) -> &Value {
        &self.body
    }

    /// What is said for a field: by a variable or the query, at the same place in the body (`beside`), or anywhere in the
    /// body, if only one thing is. A name that many objects have, such as `name` or `type`, says something only about the
    /// object where it is.
    pub(crate) fn say(&self, field: Field, beside: &Value, is_inside: bool) -> Option<Value> {
        let name = field.name();
        let here = beside.get(name).and_then(|value| fitting(field, value));
        if here.is_some() || (is_inside && !is_telling(name)) {
            return here;
        }
        let named = self.named.get(name).and_then(|value| fitting(field, value));
        named.or_else(|| fitting(field, self.deeper.get(name)?.as_ref()?))
    }

    /// The number that is said by a name, whatever the field is.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        as_integer(self.said(name)?).and_then(|number| u64::try_from(number).ok())
    }

    /// The text that is said by a name, whatever the field is.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.said(name)?.as_str()
    }

    fn said(&self, name: &str) -> Option<&Value> {
        self.named.get(name).or_else(|| self.deeper.get(name)?.as_ref())
    }

    /// The first and the last of the times that are said, in Unix seconds.
    pub(crate) fn times(&self) -> Option<(i64, i64)> {
        let texts = self.named.values().chain(self.deeper.values().flatten()).filter_map(Value::as_str);
        let times = texts.filter_map(clock::parse_rfc3339);
        times.fold(None, |range, time| {
            let (first, last) = range.unwrap_or((time, time));
            Some((first.min(time), last.max(time)))
        })
    }
}

/// Whether a name says enough to mean the same thing wherever it is.
fn is_telling(name: &str) -> bool {
    name.contains('_') || ["appid", "openid", "mchid", "currency"].contains(&name)
}

/// Notes what is said by each name.
fn note(value: &Value, deeper: &mut BTreeMap<String, Option<Value>>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::Object(_) => note(value, deeper),
                    Value::Array(items) => items.iter().for_each(|item| note(item, deeper)),
                    said => {
                        let known = deeper.entry(name.clone()).or_insert_with(|| Some(said.clone()));
                        if known.as_ref() != Some(said) {
                            *known = None;
                        }
                    }
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| note(item, deeper)),
        _ => {}
    }
}

/// Whether a text holds a JSON document. Not all that do are marked as such in the documents, but all have fields.
pub(crate) fn is_document(field: Field) -> bool {
    let has_fields = field.kind() == Kind::String && field.encryption().is_none() && !field.fields().is_empty();
    has_fields || field.is_json_text()
}

/// The value as a field of an answer has it, if it can be one.
fn fitting(field: Field, value: &Value) -> Option<Value> {
    if !field.is_list() {
        return fitting_one(field, value);
    }
    let items = value.as_array().filter(|items| !items.is_empty())?;
    items.iter().map(|item| fitting_one(field, item)).collect::<Option<Vec<_>>>().map(Value::from)
}

fn fitting_one(field: Field, value: &Value) -> Option<Value> {
    let fits = match (field.kind(), value) {
        (Kind::String, _) if is_document(field) => return None,
        (Kind::String, Value::String(text)) if text.is_empty() => return None,
        (Kind::String, Value::String(text)) if field.is_time() => {
            clock::parse_rfc3339(text).is_some().then(|| value.clone())?
        }
        (Kind::String, Value::String(_)) => value.clone(),
        (Kind::String, Value::Number(number)) => number.to_string().into(),
        (Kind::Integer, _) => as_integer(value)?.into(),
        (Kind::Number, Value::Number(_)) => value.clone(),
        (Kind::Number, _) => as_integer(value)?.into(),
        (Kind::Boolean, Value::Bool(_)) => value.clone(),
        (Kind::Boolean, Value::String(text)) => text.parse::<bool>().ok()?.into(),
        _ => return None,
    };
    let allowed = field.allowed();
    let is_allowed = allowed.is_empty() || allowed.contains(&as_allowed(&fits));
    is_allowed.then_some(fits)
}

/// A value as the documented ones are written.
fn as_allowed(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A whole number, also of a text: a query has nothing but texts.
fn as_integer(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Replaces what is encrypted by what it says, or removes it.
fn read_encrypted(documented: Fields, given: &mut Map<String, Value>, open: &dyn Fn(&str) -> Option<String>) {
    for field in documented {
        let Some(value) = given.get_mut(field.name()) else { continue };
        if field.encryption() == Some(Encryption::Rsa) {
            if !open_all(value, open) {
                given.remove(field.name());
            }
        } else {
            for object in items(value) {
                if let Value::Object(inner) = object {
                    read_encrypted(field.fields(), inner, open);
                }
            }
        }
    }
}

/// The items of a list, or the value itself.
pub(super) fn items(value: &mut Value) -> &mut [Value] {
    match value {
        Value::Array(items) => items,
        other => std::slice::from_mut(other),
    }
}

fn open_all(value: &mut Value, open: &dyn Fn(&str) -> Option<String>) -> bool {
    items(value).iter_mut().all(|item| match item.as_str().and_then(open) {
        Some(plain) => {
            *item = plain.into();
            true
        }
        None => false,
    })
}
