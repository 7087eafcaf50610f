//! `sign`, the field that both sides sign with the key they share.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::content::Content;
use crate::crypto::SignType;
use crate::text::as_text;

/// The fields with their `sign`.
pub(crate) fn sign(mut fields: Map<String, Value>, kind: SignType, secret: &str) -> Map<String, Value> {
    if let Some(signature) = signature(&fields, kind, secret) {
        fields.insert("sign".into(), signature.into());
    }
    fields
}

/// The `sign` of the fields in the order of their names, without those that are empty. `None` if OpenSSL fails.
pub(crate) fn signature(fields: &Map<String, Value>, kind: SignType, secret: &str) -> Option<String> {
    kind.sign(&(pairs(fields) + secret), secret).ok()
}

/// What is signed, up to the `key=` that the key follows.
pub(crate) fn pairs(fields: &Map<String, Value>) -> String {
    let texts: BTreeMap<&str, String> = fields.iter().map(|(name, value)| (name.as_str(), as_text(value))).collect();
    let signed = texts.iter().filter(|(name, text)| **name != "sign" && !text.is_empty());
    signed.fold(String::new(), |pairs, (name, text)| pairs + name + "=" + text + "&") + "key="
}

/// Changes the last letter of the field `sign`, if there is one.
pub(crate) fn spoil_sign(content: &mut Content) {
    let mut xml = content.bytes().to_vec();
    let end = xml.windows(SIGN_END.len()).position(|window| window == SIGN_END);
    let letter = end.and_then(|end| xml.get_mut(..end)?.iter_mut().rev().find(|byte| byte.is_ascii_hexdigit()));
    if let Some(letter) = letter {
        *letter = if *letter == b'0' { b'1' } else { b'0' };
        *content = Content::from(hyper::body::Bytes::from(xml));
    }
}

/// What follows the field `sign`.
const SIGN_END: &[u8] = b"</sign>";
