//! A request that has passed the gate, and its fields one by one.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use hyper::body::Bytes;
use openssl::pkey::{PKey, Public};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use ureq::http::header::CONTENT_TYPE;

use crate::answer::{Place, Refusal};
use crate::clock;
use crate::crypto;
use crate::form::{self, FilePart, Form, FormReader};
use crate::merchants::Merchant;
use crate::platform_keys::PlatformKey;
use crate::request::{Received, Request};

/// A call of an operation.
pub(crate) struct Call<'a> {
    pub(crate) request: &'a Request,
    /// The variables of the operation's path, as they arrived.
    pub(crate) variables: Vec<(&'static str, &'a str)>,
    /// Who calls.
    pub(crate) merchant: &'a Merchant,
    /// The public key of the certificate that the merchant has signed with.
    pub(crate) merchant_key: PKey<Public>,
    pub(crate) opened: Opened<'a>,
    /// The file of an upload, unless it is too large to be kept.
    pub(crate) file: Option<&'a Bytes>,
    /// The address of the platform, with a slash at the end.
    pub(crate) base_uri: &'a str,
}

impl Call<'_> {
    /// The id of the merchant who calls.
    pub(crate) fn mchid(&self) -> &str {
        self.merchant.mchid()
    }

    /// A variable of the path, decoded.
    pub(crate) fn variable(&self, name: &str) -> Result<String, Refusal> {
        let raw = self.variables.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
        match percent_decode_str(raw).decode_utf8() {
            Ok(text) if text.is_empty() => Err(Refusal::missing(Place::Uri, name)),
            Ok(text) => Ok(text.into_owned()),
            Err(_) => Err(not_utf8(Place::Uri, name)),
        }
    }

    /// The fields of the JSON body.
    pub(crate) fn body(&self) -> Result<Body<'_>, Refusal> {
        match self.request.content() {
            Received::Bytes(bytes) => self.fields(bytes),
            Received::Form(_) | Received::Malformed(_) | Received::TooLarge => Err(Refusal::not_json()),
        }
    }

    /// The JSON body, an object; `None` if there is no body.
    pub(crate) fn json(&self) -> Result<Option<Value>, Refusal> {
        let Received::Bytes(bytes) = self.request.content() else { return Err(Refusal::not_json()) };
        if bytes.is_empty() {
            return Ok(None);
        }
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(fields)) => Ok(Some(Value::Object(fields))),
            // What an empty array of PHP becomes.
            Ok(Value::Array(list)) if list.is_empty() => Ok(Some(Value::Array(list))),
            _ => Err(Refusal::not_json()),
        }
    }

    /// The names of the parts of a form, and the contents of those that are no files.
    pub(crate) fn parts(&self) -> Vec<Value> {
        let read;
        let form = match self.request.content() {
            Received::Form(form) => form,
            Received::Bytes(bytes) => {
                read = self.form_without_meta(bytes);
                &read
            }
            Received::Malformed(_) | Received::TooLarge => return Vec::new(),
        };
        let parts = form.texts().map(|(name, text)| json!({ "name": name, "contents": String::from_utf8_lossy(text) }));
        parts.chain(form.files().map(|name| json!({ "name": name }))).collect()
    }

    /// A form that was taken for any other body, as it has no part `meta`; an empty one if it is none.
    fn form_without_meta(&self, body: &[u8]) -> Form {
        let content_type =
            self.request.header(CONTENT_TYPE.as_str()).filter(|content_type| form::is_form(content_type));
        let mut reader = FormReader::new(content_type.unwrap_or_default());
        reader.read(body);
        reader.finish().map(|(form, _)| form).unwrap_or_default()
    }

    /// The fields of the part `meta` of an upload, as `meta/filename`, and its file.
    pub(crate) fn upload(&self) -> Result<(Body<'_>, &FilePart), Refusal> {
        let Received::Form(form) = self.request.content() else {
            return Err(Refusal::missing(Place::Body, "meta"));
        };
        let meta = self.fields(form.meta.as_deref().unwrap_or_default())?;
        let fields = Map::from_iter([("meta".to_owned(), Value::Object(meta.fields))]);
        Ok((
            Body { fields, opened: &self.opened },
            form.file.as_ref().ok_or_else(|| Refusal::missing(Place::Body, "file"))?,
        ))
    }

    fn fields(&self, json: &[u8]) -> Result<Body<'_>, Refusal> {
        match serde_json::from_slice(json) {
            Ok(Value::Object(fields)) => Ok(Body { fields, opened: &self.opened }),
            _ => Err(Refusal::not_json()),
        }
    }

    /// The parameters of the query, decoded.
    pub(crate) fn query(&self) -> Result<Query, Refusal> {
        let mut parameters = Vec::new();
        for pair in self.request.query().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = percent_decode_str(name).decode_utf8_lossy().into_owned();
            let value =
                percent_decode_str(value).decode_utf8().map_err(|_| not_utf8(Place::Query, &name))?.into_owned();
            parameters.push((name, value));
        }
        Ok(Query(parameters))
    }

    /// A sensitive text of the answer, encrypted for the merchant.
    pub(crate) fn encrypt(&self, text: &str) -> Result<String, Refusal> {
        crypto::seal_for(text, &self.merchant_key).map_err(|error| Refusal::system(&error.to_string()))
    }
}

/// The ciphertexts of a request. To decrypt one costs as much as all else of an answer, and what has been checked is read
/// again: each is decrypted once.
pub(crate) struct Opened<'a> {
    key: &'a PlatformKey,
    texts: RefCell<BTreeMap<String, Option<String>>>,
}

impl<'a> Opened<'a> {
    /// Those for the key of the platform that the request names; the current one if it names none.
    pub(crate) fn by(key: &'a PlatformKey) -> Opened<'a> {
        Opened { key, texts: RefCell::default() }
    }

    /// What a ciphertext says; `None` if it is for another key, or is none.
    pub(crate) fn open(&self, sealed: &str) -> Option<String> {
        if let Some(known) = self.texts.borrow().get(sealed) {
            return known.clone();
        }
        let text = crypto::open(sealed, &self.key.pair.key);
        self.texts.borrow_mut().insert(sealed.to_owned(), text.clone());
        text
    }
}

/// The fields of a JSON body. A name with slashes, such as `amount/total` or `receivers/0/amount`, is that of a field in an
/// object or a list.
pub(crate) struct Body<'a> {
    fields: Map<String, Value>,
    opened: &'a Opened<'a>,
}

impl Body<'_> {
    /// A text that must be present, and not empty.
    pub(crate) fn text(&self, name: &str) -> Result<String, Refusal> {
        self.optional_text(name)?.ok_or_else(|| Refusal::missing(Place::Body, name))
    }

    /// A text that may be absent or null, but not empty.
    pub(crate) fn optional_text(&self, name: &str) -> Result<Option<String>, Refusal> {
        match self.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Err(Refusal::missing(Place::Body, name)),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(Refusal::param(Place::Body, name, "此字段须为字符串", "must be a string")),
        }
    }

    /// A number given by the merchant: this many digits, letters and characters of `others`.
    pub(crate) fn number(&self, name: &str, length: RangeInclusive<usize>, others: &str) -> Result<String, Refusal> {
        let text = self.text(name)?;
        let is_right = |character: char| character.is_ascii_alphanumeric() || others.contains(character);
        if length.contains(&text.len()) && text.chars().all(is_right) {
            return Ok(text);
        }
        let (first, last) = length.into_inner();
        let (problem, issue) = match others {
            "" => ("数字、大小写字母".to_owned(), "digits or letters".to_owned()),
            _ => (format!("数字、大小写字母或{others}"), format!("digits, letters or characters of {others}")),
        };
        Err(Refusal::param(
            Place::Body,
            name,
            &format!("此字段须为{first}到{last}个{problem}"),
            &format!("must be {first} to {last} {issue}"),
        ))
    }

    /// A text of at most this many characters that must be present.
    pub(crate) fn short_text(&self, name: &str, longest: usize) -> Result<String, Refusal> {
        let text = self.text(name)?;
        if text.chars().count() <= longest {
            return Ok(text);
        }
        Err(Refusal::param(
            Place::Body,
            name,
            &format!("此字段最多{longest}个字符"),
            &format!("must not have more than {longest} characters"),
        ))
    }

    /// `true` or `false`, which must be present.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        self.optional_flag(name)?.ok_or_else(|| Refusal::missing(Place::Body, name))
    }

    /// `true` or `false`, which may be absent or null.
    pub(crate) fn optional_flag(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(Refusal::param(Place::Body, name, "此字段须为布尔值", "must be true or false")),
        }
    }

    /// The names of the entries of a list of objects, such as `receivers/0`. A list without entries may be absent or null.
    pub(crate) fn entries(&self, name: &str, count: RangeInclusive<usize>) -> Result<Vec<String>, Refusal> {
        let entries = match self.get(name) {
            None | Some(Value::Null) => [].as_slice(),
            Some(Value::Array(entries)) => entries,
            Some(_) => return Err(Refusal::param(Place::Body, name, "此字段须为数组", "must be a list")),
        };
        if entries.len() < *count.start() {
            return Err(Refusal::missing(Place::Body, name));
        }
        if entries.len() > *count.end() {
            let most = count.end();
            let (problem, issue) = (format!("此字段最多{most}项"), format!("must not have more than {most} entries"));
            return Err(Refusal::param(Place::Body, name, &problem, &issue));
        }
        let names = entries.iter().enumerate().map(|(index, entry)| match (format!("{name}/{index}"), entry) {
            (name, Value::Object(_)) => Ok(name),
            (name, _) => Err(Refusal::param(Place::Body, &name, "此字段须为对象", "must be an object")),
        });
        names.collect()
    }

    /// Whether a field is neither absent nor null.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| !value.is_null())
    }

    /// An amount in fen that must be present.
    pub(crate) fn amount(&self, name: &str) -> Result<u64, Refusal> {
        self.optional_amount(name)?.ok_or_else(|| Refusal::missing(Place::Body, name))
    }

    /// An amount in fen that may be absent or null.
    pub(crate) fn optional_amount(&self, name: &str) -> Result<Option<u64>, Refusal> {
        match self.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(value) => {
                match value.as_i64().and_then(|amount| u64::try_from(amount).ok()).filter(|amount| *amount > 0) {
                    Some(amount) => Ok(Some(amount)),
                    None => Err(Refusal::param(Place::Body, name, "此字段须为正整数", "must be a positive integer")),
                }
            }
        }
    }

    /// A text that was encrypted for the key that the request names, decrypted.
    pub(crate) fn encrypted_text(&self, name: &str) -> Result<String, Refusal> {
        let sealed = self.text(name)?;
        match self.opened.open(&sealed) {
            Some(text) if text.is_empty() => Err(Refusal::missing(Place::Body, name)),
            Some(text) => Ok(text),
            None => Err(Refusal::unreadable(Place::Body, name)),
        }
    }

    /// A text that must be this one.
    pub(crate) fn only(&self, name: &str, value: &str) -> Result<String, Refusal> {
        let text = self.text(name)?;
        if text == value {
            Ok(text)
        } else {
            Err(Refusal::param(Place::Body, name, &format!("此字段须为{value}"), &format!("must be {value}")))
        }
    }

    /// All fields, as they came.
    pub(crate) fn into_fields(self) -> Map<String, Value> {
        self.fields
    }

    fn get(&self, name: &str) -> Option<&Value> {
        let mut names = name.split('/');
        let first = self.fields.get(names.next()?);
        names.fold(first, |value, name| match value? {
            Value::Array(entries) => entries.get(name.parse::<usize>().ok()?),
            value => value.get(name),
        })
    }
}

/// The parameters of a query.
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// A text that must be present, and not empty.
    pub(crate) fn text(&self, name: &str) -> Result<String, Refusal> {
        match self.single(name)? {
            Some(text) if !text.is_empty() => Ok(text.to_owned()),
            _ => Err(Refusal::missing(Place::Query, name)),
        }
    }

    /// A text that may be absent, but otherwise must be this one.
    pub(crate) fn has(&self, name: &str, value: &str) -> Result<bool, Refusal> {
        match self.single(name)? {
            None => Ok(false),
            Some(text) if text == value => Ok(true),
            Some(_) => {
                Err(Refusal::param(Place::Query, name, &format!("此字段须为{value}"), &format!("must be {value}")))
            }
        }
    }

    /// A text that may be absent.
    pub(crate) fn optional_text(&self, name: &str) -> Result<Option<&str>, Refusal> {
        self.single(name)
    }

    /// A day that must be present, with `separator` between its numbers.
    pub(crate) fn day(&self, name: &str, separator: &str) -> Result<String, Refusal> {
        let text = self.text(name)?;
        if clock::is_day(&text, separator) {
            Ok(text)
        } else {
            let form = ["YYYY", "MM", "DD"].join(separator);
            Err(Refusal::param(
                Place::Query,
                name,
                &format!("此字段须为{form}格式的日期"),
                &format!("must be a day such as {form}"),
            ))
        }
    }

    /// An integer that may be absent.
    pub(crate) fn integer(&self, name: &str, default: usize, range: RangeInclusive<usize>) -> Result<usize, Refusal> {
        let Some(text) = self.single(name)? else {
            return Ok(default);
        };
        let number = Some(text).filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        match number.and_then(|text| text.parse().ok()).filter(|number| range.contains(number)) {
            Some(number) => Ok(number),
            None => {
                let (first, last) = range.into_inner();
                let problem = format!("此字段须为{first}到{last}的整数");
                Err(Refusal::param(Place::Query, name, &problem, &format!("must be an integer from {first} to {last}")))
            }
        }
    }

    /// All parameters; of one that is repeated, the last value.
    pub(crate) fn into_fields(self) -> Map<String, Value> {
        self.0.into_iter().map(|(name, value)| (name, value.into())).collect()
    }

    fn single(&self, name: &str) -> Result<Option<&str>, Refusal> {
        let mut values = self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str());
        match (values.next(), values.next()) {
            (value, None) => Ok(value),
            (_, Some(_)) => Err(Refusal::param(Place::Query, name, "此字段重复", "must occur only once")),
        }
    }
}

fn not_utf8(place: Place, name: &str) -> Refusal {
    Refusal::param(place, name, "此字段须为UTF-8编码", "must be UTF-8")
}
