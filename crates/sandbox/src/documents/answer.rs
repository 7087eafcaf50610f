//! Answers of operations of which the sandbox knows no more than their documents.

use hyper::body::Bytes;
use serde_json::{Map, Value, json};
use ureq::http::header::{CONTENT_TYPE, LOCATION};
use ureq::http::{HeaderMap, HeaderValue, StatusCode};
use wechatpay_catalog::{Answer as Documented, Encryption, Fields, Found, Operation};

use super::files;
use super::given::{Given, items};
use super::samples::Reader;
use super::shape::Shape;
use crate::answer::{Answer, Refusal};
use crate::apiv2::data::{APPIDS, MERCHANTS};
use crate::call::Call;
use crate::downloads::Downloads;
use crate::text::as_text;

/// The answer to a call of APIv3: exactly the documented fields, the same for the same request. Sensitive ones are encrypted for
/// the merchant, and what can be downloaded is there.
pub(crate) fn answer(found: &Found<'_>, call: &Call<'_>, downloads: &Downloads) -> Result<Answer, Refusal> {
    match found.operation().answer() {
        Documented::Fields(fields) => {
            let given = Given::of_call(found, call)?;
            let mut answer = shaped(found, fields, call, &given);
            files::offer(found, call, &given, downloads, &mut answer)?;
            seal(fields, &mut answer, call)?;
            Ok(Answer::ok(answer.into()))
        }
        Documented::Redirect => {
            let location = HeaderValue::try_from(call.base_uri).ok();
            let headers = location.map(|location| (LOCATION, location));
            Ok(Answer::whole(StatusCode::FOUND, HeaderMap::from_iter(headers), Bytes::new(), true))
        }
        Documented::File => {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/pdf"))]);
            Ok(Answer::whole(StatusCode::OK, headers, Bytes::from_static(files::PDF), true))
        }
        Documented::Empty => Ok(files::download(found.operation().template()).unwrap_or_else(Answer::no_content)),
        // It is not documented, or in a way that was not there yet when this was written.
        _ => Ok(Answer::ok(json!({}))),
    }
}

/// The documented fields of the answer to a call of APIv2, as texts, the same for the same data; without those that every
/// answer has anyway, and without `sign`. `given` is the data of the call.
pub(crate) fn fields(found: &Found<'_>, given: &Map<String, Value>) -> Map<String, Value> {
    let Documented::Fields(documented) = found.operation().answer() else {
        return Map::new();
    };
    let said = Given::of_data(found, given);
    let mchid = MERCHANTS.iter().find_map(|name| given.get(*name)).map(as_text).unwrap_or_default();
    let seed = said.seed().with(operation_name(found).as_bytes());
    let reader = Reader { mchid: &mchid, currency: currency(found.operation()), is_apiv2: true, event: "" };
    let mut fields = Shape::new(seed, &said, reader).fields(documented);
    let is_general = |name: &str| {
        let names_caller = APPIDS.contains(&name) || MERCHANTS.contains(&name);
        ["return_code", "return_msg", "result_code", "nonce_str", "sign"].contains(&name)
            || (names_caller && given.contains_key(name))
    };
    fields.retain(|name, _| !is_general(name));
    // False would be empty, as if it were missing.
    let text = |value: Value| value.as_bool().map_or_else(|| as_text(&value), |flag| u8::from(flag).to_string());
    fields.into_iter().map(|(name, value)| (name, text(value).into())).collect()
}

fn shaped(found: &Found<'_>, fields: Fields, call: &Call<'_>, given: &Given) -> Map<String, Value> {
    let seed = given.seed().with(operation_name(found).as_bytes()).with(call.mchid().as_bytes());
    let reader = Reader { mchid: call.mchid(), currency: currency(found.operation()), is_apiv2: false, event: "" };
    Shape::new(seed, given, reader).fields(fields)
}

fn operation_name(found: &Found<'_>) -> String {
    found.operation().to_string()
}

/// What is paid in.
pub(super) fn currency(operation: Operation) -> &'static str {
    if operation.template().starts_with("hk/") { "HKD" } else { "CNY" }
}

/// Encrypts what is documented as encrypted for the merchant.
fn seal(documented: Fields, object: &mut Map<String, Value>, call: &Call<'_>) -> Result<(), Refusal> {
    for field in documented {
        let Some(value) = object.get_mut(field.name()) else { continue };
        for item in items(value) {
            match item {
                Value::String(text) if field.encryption() == Some(Encryption::Rsa) => *text = call.encrypt(text)?,
                Value::Object(inside) => seal(field.fields(), inside, call)?,
                _ => {}
            }
        }
    }
    Ok(())
}
