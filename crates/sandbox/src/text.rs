//! Texts: values as APIv2 writes them, and requests as they may be shown.

use std::fmt;

use serde_json::Value;
use ureq::http::HeaderMap;

/// Headers that are not shown: they contain a signature or a credential.
const SECRET_HEADERS: [&str; 5] =
    ["authorization", "cookie", "proxy-authorization", "set-cookie", "wechatpay-signature"];

/// The shortest run of base64 that is taken for a ciphertext or a signature, in characters.
const CIPHERTEXT: usize = 64;

/// A value as the text of a field; `null` and `false` are empty and `true` is 1, as in PHP. Lists and objects become their
/// JSON.
pub(crate) fn as_text(value: &Value) -> String {
    match value {
        Value::Null | Value::Bool(false) => String::new(),
        Value::Bool(true) => "1".into(),
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// A target as it may be shown: without signatures and ciphertexts.
pub(crate) fn shown_target(target: &str) -> String {
    target.split_inclusive(['?', '&']).map(shown_pair).collect()
}

/// Like [`shown_target`], for `name=value` and its separator, or anything else.
fn shown_pair(pair: &str) -> String {
    let (said, end) = match pair.strip_suffix(['?', '&']) {
        Some(said) => (said, pair.get(said.len()..).unwrap_or_default()),
        None => (pair, ""),
    };
    match said.split_once('=') {
        Some((name, _)) if name.to_ascii_lowercase().ends_with("sign") => format!("{name}=***{end}"),
        Some((name, value)) => format!("{name}={}{end}", without_ciphertexts(value)),
        None => format!("{}{end}", without_ciphertexts(said)),
    }
}

/// The text with each long run of base64, plain or percent-encoded, replaced by `***`.
fn without_ciphertexts(text: &str) -> String {
    let is_base64 = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '=' | '-' | '_' | '%');
    let mut shown = String::with_capacity(text.len());
    // A path is not a ciphertext, however long it is: only the parts between its slashes are examined.
    for piece in text.split_inclusive(|letter: char| !is_base64(letter)) {
        let word = piece.trim_end_matches(|letter: char| !is_base64(letter));
        shown.push_str(if word.len() < CIPHERTEXT { word } else { "***" });
        shown.push_str(piece.strip_prefix(word).unwrap_or_default());
    }
    shown
}

/// Shows headers, the secret ones as `***`.
pub(crate) struct Headers<'a>(pub(crate) &'a HeaderMap);

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.iter().map(|(name, value)| {
            if SECRET_HEADERS.contains(&name.as_str()) {
                (name.as_str(), "***".to_owned())
            } else {
                (name.as_str(), without_ciphertexts(&String::from_utf8_lossy(value.as_bytes())))
            }
        });
        f.debug_map().entries(shown).finish()
    }
}
