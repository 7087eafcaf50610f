//! APIv2 as pure functions: what is signed, which answers are signed, and when an answer is a success.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::crypto::hash::Hash;
use crate::error::{Apiv2Failure, Error, Result};
use crate::keys::identity::SymmetricKey;
use crate::redact;
use crate::text::formatter::Formatter;
use crate::text::transformer::Transformer;
use crate::text::value::php_text;

/// Characters of a nonce.
const NONCE: usize = 32;

/// Characters of an HMAC-SHA256 signature; one by MD5 is half as long.
const HMAC_SHA256: usize = 64;

/// The data as it is sent: signed, and with a nonce unless it already has one or must not have one.
///
/// # Errors
/// [`Error::Options`] if the data is that of another merchant, or has an unknown `sign_type`.
pub(crate) fn sign(
    mut data: Map<String, Value>,
    mchid: Option<&str>,
    secret: &SymmetricKey,
    nonceless: bool,
) -> Result<Map<String, Value>> {
    if let Some(mchid) = mchid {
        check_merchant(&data, mchid)?;
    }
    if !nonceless && data.get("nonce_str").is_none_or(Value::is_null) {
        data.insert("nonce_str".into(), Formatter::nonce(NONCE).into());
    }
    // XML cannot carry them, so they must not be signed either.
    for value in data.values_mut() {
        if let Value::String(text) = value {
            if let Cow::Owned(allowed) = Transformer::sanitize(text) {
                *text = allowed;
            }
        }
    }
    let sign_type = data.get("sign_type").map_or_else(|| Hash::ALGO_MD5.to_owned(), php_text);
    let Some(sign) = signature(&sign_type, &data, secret) else {
        return Err(Error::Options(format!(
            "`sign_type` is {:?}, it must be MD5 or HMAC-SHA256",
            redact::name(&sign_type)
        )));
    };
    data.insert("sign".into(), sign.into());
    Ok(data)
}

fn signature(kind: &str, data: &Map<String, Value>, secret: &SymmetricKey) -> Option<String> {
    Hash::sign(kind, Formatter::query_string_like(&Formatter::ksort(data.clone())), &secret.0)
}

/// As in PHP: the first of the three fields that is present must contain the configured merchant's id.
fn check_merchant(data: &Map<String, Value>, mchid: &str) -> Result<()> {
    let names = ["mch_id", "mchid", "combine_mch_id"];
    let given = names.into_iter().find_map(|name| data.get(name).filter(|id| !id.is_null()).map(|id| (name, id)));
    match given {
        Some((_, id)) if php_text(id) == mchid => Ok(()),
        Some((name, id)) => Err(Error::Options(format!(
            "`{name}` is {:?}, the configured merchant is {mchid:?}",
            redact::name(&php_text(id))
        ))),
        None => Err(Error::Options(format!(
            "the data has no mch_id, mchid or combine_mch_id; one of them must be the configured merchant {mchid:?}"
        ))),
    }
}

/// What is expected of an answer.
#[derive(Debug, PartialEq)]
pub(crate) enum Expectation {
    /// Nothing: it is passed on as it is.
    Nothing,
    /// A file; if it is XML instead, that says why there is no file.
    File,
    /// Signed XML that says it is a success.
    Success,
}

/// What is expected of a success, depending on the path that was called.
pub(crate) fn expectation(path: &str) -> Expectation {
    match path {
        "/pay/downloadbill" | "/pay/downloadfundflow" => Expectation::File,
        _ if UNSIGNED.contains(&path) => Expectation::Nothing,
        _ => Expectation::Success,
    }
}

/// Answers that the platform does not sign, in addition to files.
const UNSIGNED: [&str; 22] = [
    "/mchrisk/querymchrisk",
    "/mchrisk/setmchriskcallback",
    "/mchrisk/syncmchriskresult",
    "/mmpaymkttransfers/gethbinfo",
    "/mmpaymkttransfers/gettransferinfo",
    "/mmpaymkttransfers/sendgroupredpack",
    "/mmpaymkttransfers/sendminiprogramhb",
    "/mmpaymkttransfers/sendredpack",
    "/mmpaymkttransfers/promotion/paywwsptrans2pocket",
    "/mmpaymkttransfers/promotion/querywwsptrans2pocket",
    "/mmpaymkttransfers/promotion/transfers",
    // PHP's table has these two under a path that does not exist.
    "/mmpaysptrans/pay_bank",
    "/mmpaysptrans/query_bank",
    "/papay/entrustweb",
    "/papay/h5entrustweb",
    "/papay/partner/entrustweb",
    "/papay/partner/h5entrustweb",
    "/payitil/report",
    "/risk/getpublickey",
    "/risk/getviolation",
    "/secapi/mch/submchmanage",
    "/xdc/apiv2getsignkey/sign/getsignkey",
];

/// Returns the data of an answer, after checking that it is signed and says it is a success.
///
/// # Errors
/// Which check failed, and the data of the answer as far as it could be read.
pub(crate) fn check(body: &[u8], secret: &SymmetricKey) -> Result<Value, (Apiv2Failure, Value)> {
    let data = match Transformer::to_array(body) {
        Ok(Value::Object(data)) => data,
        Ok(other) => return Err((Apiv2Failure::NotXml("it has no fields".into()), other)),
        Err(error) => return Err((Apiv2Failure::NotXml(error.to_string()), Value::Null)),
    };
    let is_success = |name: &str| data.get(name).is_some_and(|code| code == "SUCCESS");
    let failure = if !is_success("return_code") {
        Apiv2Failure::ReturnCode
    } else if data.contains_key("result_code") && !is_success("result_code") {
        Apiv2Failure::ResultCode { signed: is_signed(&data, secret) }
    } else if !is_signed(&data, secret) {
        Apiv2Failure::Sign
    } else {
        return Ok(data.into());
    };
    Err((failure, data.into()))
}

/// Whether the data has a valid `sign`; its length tells the algorithm.
pub(crate) fn is_signed(data: &Map<String, Value>, secret: &SymmetricKey) -> bool {
    let Some(sign) = data.get("sign").and_then(Value::as_str) else {
        return false;
    };
    let kind = if sign.len() == HMAC_SHA256 { Hash::ALGO_HMAC_SHA256 } else { Hash::ALGO_MD5 };
    signature(kind, data, secret).is_some_and(|expected| Hash::equals(&expected, Some(sign)))
}
