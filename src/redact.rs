//! What may be shown of a request or an answer: no signature, no key, no encrypted field.

use std::borrow::Cow;
use std::fmt;

use ureq::http::HeaderMap;

/// The shortest run of base64 that is taken for a signature or a ciphertext. RSA-1024, the shortest
/// key in use anywhere, makes 172 characters; the longest identifiers of the platform have 64.
const CIPHERTEXT: usize = 100;

/// Headers whose values carry a signature or a credential.
const SECRET_HEADERS: [&str; 4] = ["authorization", "wechatpay-signature", "proxy-authorization", "cookie"];

/// Shows headers, the secret ones as `***`.
pub(crate) struct Headers<'a>(pub(crate) &'a HeaderMap);

impl Headers<'_> {
    /// Each header with its value as it may be shown.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        self.0.iter().map(|(name, value)| {
            let shown = match SECRET_HEADERS.contains(&name.as_str()) || value.is_sensitive() {
                true => Cow::Borrowed("***"),
                false => Cow::Owned(text(&String::from_utf8_lossy(value.as_bytes())).into_owned()),
            };
            (name.as_str(), shown)
        })
    }
}

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// The text with each signature and ciphertext in it, as base64 or percent-encoded, replaced by `***`.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    let in_run = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_' | '%' | '\\');
    if text.len() < CIPHERTEXT {
        return Cow::Borrowed(text);
    }
    let mut shown = String::new();
    let mut rest = text;
    let mut found = false;
    while !rest.is_empty() {
        let run = rest.find(|c| !in_run(c)).unwrap_or(rest.len());
        let (word, mut after) = rest.split_at(run);
        if word.len() >= CIPHERTEXT {
            shown.push_str("***");
            // The padding goes with it.
            after = after.trim_start_matches('=');
            found = true;
        } else {
            shown.push_str(word);
        }
        let gap = after.find(in_run).unwrap_or(after.len());
        let (between, next) = after.split_at(gap);
        shown.push_str(between);
        rest = next;
    }
    if found { Cow::Owned(shown) } else { Cow::Borrowed(text) }
}
