//! The `sign` and the `req_info` of APIv2.

use serde_json::{Map, Value};
use wechatpay::{AesEcb, Formatter, Hash, Transformer};

use crate::steps::Steps;

/// The types of `sign`.
const TYPES: [&str; 2] = ["MD5", "HMAC-SHA256"];

/// The keys of the settings, as far as they are given.
#[derive(Clone, Copy, Default)]
pub struct Keys<'a> {
    pub secret: Option<&'a str>,
    /// What some take for the APIv2 key.
    pub apiv3_key: Option<&'a str>,
    pub mchid: Option<&'a str>,
}

/// The fields of XML.
pub fn fields(body: &[u8], steps: &mut Steps) -> Option<Map<String, Value>> {
    match Transformer::to_array(body) {
        Ok(Value::Object(fields)) => Some(fields),
        Ok(_) => {
            steps.wrong("the XML has no fields", "is it a message of APIv2?");
            None
        }
        Err(error) => {
            steps.wrong(error.to_string(), "take the body's very bytes");
            None
        }
    }
}

/// The `sign` of fields.
pub fn sign(fields: &Map<String, Value>, kind: &str, secret: &str) -> Option<String> {
    Hash::sign(kind, Formatter::query_string_like(&Formatter::ksort(fields.clone())), secret)
}

/// Checks the fields of a request, an answer or a notification; returns what is encrypted in them.
pub fn check(fields: &Map<String, Value>, keys: Keys<'_>, steps: &mut Steps) -> Option<Value> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    if let Some(message) = text("return_msg").filter(|_| text("return_code") == Some("FAIL")) {
        let fix = if message.contains("签名") {
            "check the request's `sign`: give its XML to `wechatpay explain`"
        } else {
            "this is not about the signature"
        };
        steps.wrong(format!("the platform says FAIL: {message}"), fix);
        return None;
    }
    match (text("mch_id").or(text("mchid")), keys.mchid) {
        (Some(given), Some(configured)) if given == configured => {
            steps.right(format!("the merchant {given} is the configured one"));
        }
        (Some(given), Some(configured)) => steps.wrong(
            format!("it is of the merchant {given:?}, and {configured} is configured"),
            "give the settings of that merchant: --profile NAME",
        ),
        _ => {}
    }
    let Some(secret) = keys.secret else {
        steps.open("without the APIv2 key nothing can be checked: --secret FILE");
        return None;
    };
    if let Some(given) = text("sign") {
        check_sign(fields, given, secret, keys.apiv3_key, steps);
    } else if !fields.contains_key("req_info") {
        steps.wrong(
            "it has no `sign`",
            "the platform signs all but refund notifications: refuse it, or sign the request",
        );
    }
    let sealed = text("req_info")?;
    match open_req_info(sealed, secret) {
        Ok(content) => {
            steps.right("its `req_info` is decrypted with the APIv2 key");
            Some(content)
        }
        Err(()) => {
            let is_apiv3 = keys.apiv3_key.is_some_and(|key| open_req_info(sealed, key).is_ok());
            steps.wrong(
                "its `req_info` cannot be decrypted with the configured APIv2 key",
                if is_apiv3 { SWAPPED } else { COMPARE },
            );
            None
        }
    }
}

const SWAPPED: &str =
    "it holds with the APIv3 key: `secret` and `apiv3_key` are mixed up, or both are the same on the platform";
const COMPARE: &str = "compare `secret` with the APIv2 key (API密钥) on the merchant platform: was it changed, is it that of \
                       APIv3, or of another merchant?";

/// What is in the `req_info` of a refund notification.
pub fn open_req_info(sealed: &str, secret: &str) -> Result<Value, ()> {
    let plain = decrypt_req_info(sealed, secret)?;
    Transformer::to_array(plain.as_bytes()).map_err(drop)
}

/// The XML of a `req_info`: its key is the MD5 of the APIv2 key.
pub fn decrypt_req_info(sealed: &str, secret: &str) -> Result<String, ()> {
    AesEcb::decrypt(sealed, Hash::md5(secret, "", false)).map_err(drop)
}

fn check_sign(fields: &Map<String, Value>, given: &str, secret: &str, apiv3_key: Option<&str>, steps: &mut Steps) {
    let named = fields.get("sign_type").and_then(Value::as_str).unwrap_or("MD5");
    let is_it = |fields: &Map<String, Value>, kind: &str, key: &str| {
        sign(fields, kind, key).is_some_and(|sign| Hash::equals(&sign, Some(given)))
    };
    if !TYPES.contains(&named) {
        steps.wrong(format!("its sign_type is {named:?}"), "it is MD5 or HMAC-SHA256, in capitals");
        return;
    }
    if is_it(fields, named, secret) {
        steps.right(format!("its `sign` is that of its fields, with {named} and the APIv2 key"));
        return;
    }
    let others = TYPES.iter().filter(|kind| **kind != named);
    for kind in others {
        if is_it(fields, kind, secret) {
            let what = format!("its `sign` is made with {kind}, and sign_type says {named}");
            steps.wrong(what, format!("send sign_type={kind}, or sign with {named}"));
            return;
        }
    }
    if apiv3_key.is_some_and(|key| TYPES.iter().any(|kind| is_it(fields, kind, key))) {
        steps.wrong("its `sign` is made with the APIv3 key", "sign with the APIv2 key (API密钥), `secret`");
        return;
    }
    for kind in TYPES {
        if sign(fields, kind, secret).is_some_and(|sign| sign.eq_ignore_ascii_case(given)) {
            steps.wrong(format!("its `sign` ({kind}) is in small letters"), "write it in capitals");
            return;
        }
        for (how, other) in others_of(fields) {
            if is_it(&other, kind, secret) {
                steps.wrong(
                    format!("its `sign` ({kind}) is that of its fields {how}"),
                    "sign the fields as they are sent",
                );
                return;
            }
        }
        let with_empty = Formatter::ksort(fields.clone()).into_iter().filter(|(name, _)| name != "sign");
        let joined: Vec<_> =
            with_empty.map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default())).collect();
        if Hash::sign(kind, joined.join("&"), secret).is_some_and(|sign| Hash::equals(&sign, Some(given))) {
            steps.wrong(format!("its `sign` ({kind}) is made with empty fields, too"), "leave out what is empty");
            return;
        }
        let unsorted = Formatter::query_string_like(fields);
        if Hash::sign(kind, unsorted, secret).is_some_and(|sign| Hash::equals(&sign, Some(given))) {
            steps.wrong(format!("its `sign` ({kind}) is made of unsorted fields"), "sort them by name, as bytes");
            return;
        }
    }
    steps.wrong("its `sign` is not that of its fields with the configured APIv2 key, with MD5 or HMAC-SHA256", COMPARE);
}

/// What the fields may have been when they were signed.
fn others_of(fields: &Map<String, Value>) -> Vec<(&'static str, Map<String, Value>)> {
    let without = |names: &[&str]| -> Map<String, Value> {
        fields.iter().filter(|(name, _)| !names.contains(&name.as_str())).map(|(k, v)| (k.clone(), v.clone())).collect()
    };
    let trimmed = fields.iter().map(|(name, value)| {
        let trimmed = value.as_str().map(|text| Value::from(text.trim()));
        (name.clone(), trimmed.unwrap_or_else(|| value.clone()))
    });
    vec![
        ("without sign_type", without(&["sign_type"])),
        ("without nonce_str", without(&["nonce_str"])),
        ("with their values trimmed", trimmed.collect()),
    ]
}
