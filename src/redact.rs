//! What may be shown of a request or an answer: no signature, no key, no encrypted field.

use std::borrow::Cow;
use std::fmt;

use ureq::http::HeaderMap;

/// The shortest run of base64 that is taken for a signature or a ciphertext. RSA-1024, the shortest
/// key in use anywhere, makes 172 characters; the longest identifiers of the platform have 64.
const CIPHERTEXT: usize = 100;

/// The longest id of a key or a merchant that is shown, in bytes; a line of PEM has 64.
pub(crate) const LONGEST_NAME: usize = 63;

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

/// The text with each signature and ciphertext in it replaced by `***`: long runs of base64, as it is or
/// percent-encoded, and the `sign` of APIv2 in XML or in a query.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    match without_sign(text) {
        Some(shown) => Cow::Owned(without_base64(&shown).unwrap_or(shown)),
        None => without_base64(text).map_or(Cow::Borrowed(text), Cow::Owned),
    }
}

/// A name or an id as the caller has given it, unless it is too long for one: then it is a key by mistake.
pub(crate) fn name(name: &str) -> Cow<'_, str> {
    match name.len() {
        0..=LONGEST_NAME => text(name),
        length => Cow::Owned(format!("*** ({length} bytes)")),
    }
}

/// `<sign>…</sign>`, `sign=…` and all names that end so, such as `workwx_sign`; none when there is none.
fn without_sign(text: &str) -> Option<String> {
    let mut shown = String::new();
    let mut rest = text;
    let mut found = false;
    while let Some((before, after)) = rest.split_once("sign") {
        shown.push_str(before);
        shown.push_str("sign");
        rest = after;
        let is_closing = before.rsplit('<').next().is_some_and(|name| name.starts_with('/'));
        let end = match after.chars().next() {
            Some('>') if !is_closing => "</",
            Some('=') => "&",
            _ => continue,
        };
        let (mark, value) = after.split_at(1);
        shown.push_str(mark);
        shown.push_str("***");
        rest = value.find(end).and_then(|end| value.get(end..)).unwrap_or_default();
        found = true;
    }
    shown.push_str(rest);
    found.then_some(shown)
}

/// Runs of base64 that are long enough; none when there is none.
fn without_base64(text: &str) -> Option<String> {
    let in_run = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_' | '%' | '\\');
    if text.len() < CIPHERTEXT {
        return None;
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
    found.then_some(shown)
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn the_sign_of_apiv2_is_hidden_wherever_it_stands() {
        assert_eq!(text("<xml><sign>9A0A</sign><a>1</a></xml>"), "<xml><sign>***</sign><a>1</a></xml>");
        assert_eq!(text("<xml><sign><![CDATA[9A0A]]></sign></xml>"), "<xml><sign>***</sign></xml>");
        assert_eq!(text("<xml><sign>9A0A"), "<xml><sign>***");
        assert_eq!(
            text("<sign>1</sign><workwx_sign>2</workwx_sign>"),
            "<sign>***</sign><workwx_sign>***</workwx_sign>"
        );
        assert_eq!(text("sign=1&workwx_sign=2&sign=3"), "sign=***&workwx_sign=***&sign=***");
        assert_eq!(text("design and sign"), "design and sign");
        assert_eq!(text("a=1&sign=9A0A&b=2"), "a=1&sign=***&b=2");
        assert_eq!(text("sign=9A0A&b=2"), "sign=***&b=2");
        assert_eq!(text("sign=9A0A"), "sign=***");
        assert_eq!(text("<xml><sign_type>MD5</sign_type></xml>"), "<xml><sign_type>MD5</sign_type></xml>");
        let long = "A".repeat(344);
        assert_eq!(text(&format!("sign={long}&user_name={long}==&x=1")), "sign=***&user_name=***&x=1");
    }
}
