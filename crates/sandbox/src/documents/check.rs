//! Whether a request is as documented. What is not, is refused as the platform refuses it: what is missing, of another type, none
//! of the allowed values or in plain text. What the documents do not know is let pass, as they do not know everything.

use std::borrow::Cow;

use serde_json::{Map, Value};
use wechatpay_catalog::{Field, Finding, Found, Kind, Operation, Place as Documented, Problem};

use super::sealed::unreadable;
use crate::answer::{Place, Refusal};
use crate::apiv2::data::{Data, Failure};
use crate::call::Call;
use crate::platform_keys;
use crate::request::Request;

/// Checks a request of APIv3, and that its ciphertexts can be decrypted with the key that it names.
pub(crate) fn request(found: &Found<'_>, call: &Call<'_>) -> Result<(), Refusal> {
    let operation = found.operation();
    let options = Value::Object(options(found, call)?);
    if let Some(refusal) = found.check(&options).iter().find_map(|finding| refusal(operation, finding)) {
        return Err(refusal);
    }
    if !call.request.headers().contains_key(platform_keys::HEADER) {
        return Ok(());
    }
    for (place, fields) in operation.places() {
        let given = options.get(place.name()).map(fields_of).unwrap_or_default();
        if let Some(pointer) = unreadable(fields, &given, &call.opened) {
            return Err(Refusal::unreadable(refused_place(place), pointer.trim_start_matches('/')));
        }
    }
    Ok(())
}

/// Checks the data of a request of APIv2, what is in its query beside them, and its headers.
pub(crate) fn data(found: &Found<'_>, request: &Request, data: &mut Data) -> Result<(), Failure> {
    let mut options = Map::new();
    options.insert("xml".into(), Value::Object(std::mem::take(&mut data.0)));
    // On GET, the query is the data.
    if request.method() != "GET" {
        options.insert("query".into(), request.query().into());
    }
    options.insert("headers".into(), Value::Object(headers(found.operation(), request)));
    let mut options = Value::Object(options);
    let findings = found.check(&options);
    if let Some(Value::Object(fields)) = options.get_mut("xml").map(Value::take) {
        data.0 = fields;
    }
    let mut failures = findings.iter().filter(|finding| !is_named_otherwise(found.operation(), finding, data));
    failures.find_map(|finding| failure(found.operation(), finding)).map_or(Ok(()), Err)
}

/// Two fields of APIv2 that name the same: where its pages require both, they mean one of them.
const ALTERNATIVES: [[&str; 2]; 3] =
    [["transaction_id", "out_trade_no"], ["refund_id", "out_refund_no"], ["openid", "sub_openid"]];

/// Whether a field is missing in whose place another is given.
fn is_named_otherwise(operation: Operation, finding: &Finding, data: &Data) -> bool {
    if finding.problem() != Problem::Missing {
        return false;
    }
    let documented = operation.parameters(Documented::Xml);
    let is_required = |name: &&str| documented.get(name).is_some_and(|field| field.is_required());
    // A refund is found by the numbers of its payment, too.
    let pairs = ALTERNATIVES.iter().filter(|pair| pair.iter().all(is_required));
    let names: Vec<_> = pairs.flatten().collect();
    let missing = name(Documented::Xml, finding.pointer());
    names.iter().any(|name| **name == missing) && names.iter().any(|name| data.has(name))
}

// ---------------------------------------------------------------- what is checked

/// A request as the options of a call by which the client would make it.
fn options(found: &Found<'_>, call: &Call<'_>) -> Result<Map<String, Value>, Refusal> {
    let operation = found.operation();
    let mut options = Map::new();
    options.insert("query".into(), Value::Object(call.query()?.into_fields()));
    options.insert("headers".into(), Value::Object(headers(operation, call.request)));
    if !operation.parameters(Documented::Json).is_empty() {
        options.extend(call.json()?.map(|json| ("json".to_owned(), json)));
    }
    if !operation.parameters(Documented::Multipart).is_empty() {
        options.insert("multipart".into(), call.parts().into());
    }
    // A value that looks like a variable, such as `_1_`, is one for the catalog.
    for variable in found.variables() {
        if let Some(name) = variable.placeholder() {
            options.entry(name).or_insert_with(|| name.into());
        }
    }
    Ok(options)
}

/// The documented headers, and the one that names the key of ciphertexts.
fn headers(operation: Operation, request: &Request) -> Map<String, Value> {
    let documented = operation.parameters(Documented::Headers);
    let names = documented.iter().map(|field| field.name()).chain([platform_keys::HEADER]);
    names.filter_map(|name| Some((name.to_owned(), request.header(name)?.into()))).collect()
}

/// The fields of a place; of a form, its parts by their names.
fn fields_of(option: &Value) -> Cow<'_, Map<String, Value>> {
    let part = |part: &Value| Some((part.get("name")?.as_str()?.to_owned(), part.get("contents")?.clone()));
    match option {
        Value::Object(fields) => Cow::Borrowed(fields),
        Value::Array(parts) => Cow::Owned(parts.iter().filter_map(part).collect()),
        _ => Cow::default(),
    }
}

// ---------------------------------------------------------------- what is said

/// How the platform refuses what was found, if it does.
fn refusal(operation: Operation, finding: &Finding) -> Option<Refusal> {
    let documented = finding.place()?;
    let (place, name) = (refused_place(documented), name(documented, finding.pointer()));
    let field = || field(operation, documented, name);
    match finding.problem() {
        Problem::Missing | Problem::Serial => Some(Refusal::missing(place, name)),
        Problem::Type | Problem::TextForNumber | Problem::NumberForText => {
            let (kind, issue) = kind(field()?, name);
            Some(Refusal::param(place, name, &format!("此字段须为{kind}"), &format!("must be {issue}")))
        }
        Problem::Value => Some(Refusal::one_of(place, name, &field()?.allowed().iter().collect::<Vec<_>>())),
        Problem::PlainText => Some(Refusal::plain_text(place, name)),
        _ => None,
    }
}

/// The same of APIv2.
fn failure(operation: Operation, finding: &Finding) -> Option<Failure> {
    let documented = finding.place()?;
    let name = name(documented, finding.pointer());
    let field = || field(operation, documented, name);
    let description = match finding.problem() {
        Problem::Missing => return Some(Failure::missing(name)),
        Problem::Type | Problem::TextForNumber | Problem::NumberForText => {
            format!("参数{name}须为{}", kind(field()?, name).0)
        }
        Problem::Value => format!("参数{name}须为{}之一", field()?.allowed().iter().collect::<Vec<_>>().join("、")),
        Problem::PlainText => format!("参数{name}未加密"),
        _ => return None,
    };
    Some(Failure::result("PARAM_ERROR", description))
}

fn refused_place(place: Documented) -> Place {
    match place {
        Documented::Path => Place::Uri,
        Documented::Query => Place::Query,
        Documented::Headers => Place::Header,
        Documented::Json | Documented::Xml | Documented::Multipart => Place::Body,
    }
}

/// A pointer into options as refusals have it: `/json/amount/total` is `amount/total`.
fn name(place: Documented, pointer: &str) -> &str {
    let pieces = if place == Documented::Path { 2 } else { 3 };
    pointer.splitn(pieces, '/').last().unwrap_or_default()
}

/// The documented field at `amount/total`, or at `receivers/0/amount`.
fn field(operation: Operation, place: Documented, name: &str) -> Option<Field> {
    let mut fields = operation.parameters(place);
    let mut found = None;
    for name in name.split('/').filter(|name| !is_index(name)) {
        let field = fields.get(name)?;
        fields = field.fields();
        found = Some(field);
    }
    found
}

fn is_index(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_digit())
}

/// What a field holds, in Chinese and in English.
fn kind(field: Field, name: &str) -> (&'static str, &'static str) {
    let is_member = name.rsplit('/').next().is_some_and(is_index);
    match field.kind() {
        _ if field.is_list() && !is_member => ("数组", "a list"),
        _ if field.is_json_text() => ("JSON格式的字符串", "JSON in a string"),
        Kind::Integer => ("整数", "an integer"),
        Kind::Number => ("数字", "a number"),
        Kind::Boolean => ("布尔值", "true or false"),
        Kind::Object => ("对象", "an object"),
        _ => ("字符串", "a string"),
    }
}
