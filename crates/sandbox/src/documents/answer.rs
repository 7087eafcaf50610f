//! Answers of operations of which the sandbox knows no more than their documents.

use hyper::body::Bytes;
use serde_json::{Map, Value, json};
use ureq::http::header::{CONTENT_TYPE, LOCATION};
use ureq::http::{HeaderMap, HeaderValue, StatusCode};
use wechatpay_catalog::{Answer as Documented, Encryption, Fields, Found};

use super::given::Given;
use super::samples::{ELSEWHERE, Reader};
use super::shape::Shape;
use crate::answer::{Answer, Refusal};
use crate::apiv2::data::{APPIDS, MERCHANTS};
use crate::call::Call;
use crate::text::as_text;

/// Downloads, whose pages say that the answer is empty, with what they download. None of them is signed.
const FILES: [(&str, &str, &[u8]); 3] = [
    ("v3/global/merchant-service/images/{media_id}", "image/png", PNG),
    ("v3/transferdownload/elecvoucherfile", "application/pdf", PDF),
    ("v3/transferdownload/signfile", "application/pdf", PDF),
];

/// A white point.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\
    \0\0\0\nIDATx\xdac\xf8\x0f\0\x01\x01\x01\0\x1c\xb0\x8c\x99\0\0\0\0IEND\xaeB`\x82";

/// An empty page.
const PDF: &[u8] = b"%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj
xref
0 4
0000000000 65535 f\x20
0000000009 00000 n\x20
0000000052 00000 n\x20
0000000101 00000 n\x20
trailer<</Size 4/Root 1 0 R>>
startxref
164
%%EOF
";

/// The answer to a call of APIv3: exactly the documented fields, the same for the same request. Sensitive ones are encrypted for
/// the merchant.
pub(crate) fn answer(found: &Found<'_>, call: &Call<'_>) -> Result<Answer, Refusal> {
    match found.operation().answer() {
        Documented::Fields(fields) => {
            let mut answer = shaped(found, fields, call);
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
            Ok(Answer::whole(StatusCode::OK, headers, Bytes::from_static(PDF), true))
        }
        Documented::Empty => {
            let template = found.operation().template();
            let file = FILES.iter().find(|(known, ..)| *known == template);
            Ok(file.map_or_else(Answer::no_content, |(_, kind, bytes)| Answer::file(kind, Bytes::from_static(bytes))))
        }
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
    let reader = Reader { mchid: &mchid, base_uri: ELSEWHERE, currency: currency(found), is_apiv2: true, event: "" };
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

fn shaped(found: &Found<'_>, fields: Fields, call: &Call<'_>) -> Map<String, Value> {
    let given = Given::of_call(found, call);
    let seed = given.seed().with(operation_name(found).as_bytes()).with(call.mchid().as_bytes());
    let (mchid, base_uri) = (call.mchid(), call.base_uri);
    let reader = Reader { mchid, base_uri, currency: currency(found), is_apiv2: false, event: "" };
    Shape::new(seed, &given, reader).fields(fields)
}

fn operation_name(found: &Found<'_>) -> String {
    found.operation().to_string()
}

/// What is paid in.
fn currency(found: &Found<'_>) -> &'static str {
    if found.operation().template().starts_with("hk/") { "HKD" } else { "CNY" }
}

/// Encrypts what is documented as encrypted for the merchant.
fn seal(documented: Fields, object: &mut Map<String, Value>, call: &Call<'_>) -> Result<(), Refusal> {
    for field in documented {
        let Some(value) = object.get_mut(field.name()) else { continue };
        let items = match value {
            Value::Array(items) => items.as_mut_slice(),
            other => std::slice::from_mut(other),
        };
        for item in items {
            match item {
                Value::String(text) if field.encryption() == Some(Encryption::Rsa) => *text = call.encrypt(text)?,
                Value::Object(inside) => seal(field.fields(), inside, call)?,
                _ => {}
            }
        }
    }
    Ok(())
}
