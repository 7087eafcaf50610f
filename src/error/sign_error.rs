//! Explains `SIGN_ERROR`: compares the message that the platform expected with ours, and says what follows from the
//! difference.

use std::error::Error as StdError;
use std::fmt;

use serde_json::Value;

use crate::redact;

/// The message that was signed for an attempt, kept with a 401 answer.
#[derive(Clone)]
pub(crate) struct SignedMessage(pub(crate) Vec<u8>);

/// Why the platform answered `SIGN_ERROR`, as far as its answer shows.
///
/// The answer contains the message that the platform expected to be signed, with most of the body cut off. Here it is shown
/// beside the message that was signed, cut at the same place; long base64 and signatures are shown as `***`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignError {
    cause: SignErrorCause,
    ours: String,
    theirs: String,
}

/// The likely cause of a `SIGN_ERROR`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignErrorCause {
    /// Both messages are the same, so `privateKey` is not the key of the certificate that `serial` names.
    PrivateKey,
    /// The method arrived changed.
    Method,
    /// The path arrived changed.
    Path,
    /// The query arrived changed, or not at all.
    Query,
    /// The body arrived changed.
    Body,
    /// The timestamp or the nonce in the header `Authorization` arrived changed.
    Authorization,
    /// The clocks of both sides are more than five minutes apart.
    Clock,
}

impl SignError {
    /// Compares the body of an answer that says `SIGN_ERROR` with the message that was signed, for requests that were made by
    /// other means: `signed` is what [`Formatter::request`](crate::Formatter::request) makes of method, target, timestamp, nonce
    /// and body. `None` if the answer says nothing about the message. Of a failed call, [`StatusError::sign_error`] has it already.
    ///
    /// [`StatusError::sign_error`]: crate::StatusError::sign_error
    ///
    /// ```
    /// use wechatpay::{Formatter, SignError, SignErrorCause, json};
    ///
    /// let signed = Formatter::request("GET", "/v3/certificates", 1554208460, "593BEC", "");
    /// let answer = json!({ "code": "SIGN_ERROR", "message": "错误的签名，验签失败", "detail": { "sign_information": {
    ///     "truncated_sign_message": "GET\n/v3/certificates?a=1\n1554208460\n593BEC\n\n",
    /// } } });
    /// let explained = SignError::explain(&answer, signed).unwrap();
    /// assert_eq!(explained.cause(), SignErrorCause::Query);
    /// ```
    pub fn explain(answer: &Value, signed: impl AsRef<[u8]>) -> Option<SignError> {
        SignError::of(answer.get("message").and_then(Value::as_str), answer.get("detail"), signed.as_ref())
    }

    /// What the platform's `message` and `detail` say about the message that was signed; `None` if they say nothing about
    /// it.
    pub(crate) fn of(message: Option<&str>, detail: Option<&Value>, signed: &[u8]) -> Option<SignError> {
        let ours = String::from_utf8_lossy(signed);
        let information = detail.and_then(|detail| detail.get("sign_information"));
        let theirs = information.and_then(|information| information.get("truncated_sign_message")?.as_str());
        // The platform's words: "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟".
        let is_clock = message.is_some_and(|message| message.contains("timestamp"));
        let Some(theirs) = theirs else {
            let clock = || SignError { cause: SignErrorCause::Clock, ours: String::new(), theirs: String::new() };
            return is_clock.then(clock);
        };
        let length = information.and_then(|information| information.get("sign_message_length")?.as_u64());
        let (ours_in_lines, theirs_in_lines) = (lines(&ours), lines(theirs));
        // The body is cut off, perhaps in the middle of a character.
        let start = theirs_in_lines[4].trim_end_matches(['\n', '\u{fffd}']);
        let is_long =
            |count: usize| length.is_none_or(|length| u64::try_from(count).is_ok_and(|count| count == length));
        let cause = if is_clock {
            SignErrorCause::Clock
        } else if ours_in_lines[0] != theirs_in_lines[0] {
            SignErrorCause::Method
        } else if ours_in_lines[1] != theirs_in_lines[1] {
            let path = |target: &str| target.split('?').next().unwrap_or_default().to_owned();
            if path(ours_in_lines[1]) == path(theirs_in_lines[1]) {
                SignErrorCause::Query
            } else {
                SignErrorCause::Path
            }
        } else if ours_in_lines[2..4] != theirs_in_lines[2..4] {
            SignErrorCause::Authorization
        } else if !ours_in_lines[4].starts_with(start) || !(is_long(signed.len()) || is_long(ours.chars().count())) {
            SignErrorCause::Body
        } else {
            SignErrorCause::PrivateKey
        };
        let cut = [&ours_in_lines[..4], &[ours_in_lines[4].get(..start.len()).unwrap_or_default()]].concat();
        let shown = |text: &str| redact::text(text).into_owned();
        Some(SignError { cause, ours: shown(&cut.join("\n")), theirs: shown(theirs) })
    }

    /// The likely cause.
    pub fn cause(&self) -> SignErrorCause {
        self.cause
    }

    /// The message that was signed here: method, target, timestamp, nonce and the beginning of the body, a line each. Empty
    /// if the answer has nothing to compare it with.
    pub fn ours(&self) -> &str {
        &self.ours
    }

    /// The message that the platform expected to be signed; empty if the answer does not contain it.
    pub fn theirs(&self) -> &str {
        &self.theirs
    }

    /// The number of the first line that differs, from 0, with ours and theirs; `None` if no line differs.
    pub fn difference(&self) -> Option<(usize, &str, &str)> {
        let pairs = lines(&self.ours).into_iter().zip(lines(self.theirs.trim_end_matches(['\n', '\u{fffd}'])));
        pairs.enumerate().find(|(_, (ours, theirs))| ours != theirs).map(|(line, (ours, theirs))| (line, ours, theirs))
    }
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.cause {
            SignErrorCause::PrivateKey => {
                "the platform signed the same message, so `privateKey` is not the key of the certificate that `serial` \
                 names, or that is not one of your own"
            }
            SignErrorCause::Method => "the method that arrived is not the one that was signed",
            SignErrorCause::Path => "the path that arrived is not the one that was signed; does a proxy rewrite it?",
            SignErrorCause::Query => {
                "the query that was signed did not arrive, or arrived changed; does a proxy drop or rewrite it?"
            }
            SignErrorCause::Body => "the body that arrived is not the one that was signed; does a proxy rewrite it?",
            SignErrorCause::Authorization => {
                "the Authorization that arrived is not the one that was sent; does a proxy rewrite it?"
            }
            SignErrorCause::Clock => "the local clock is more than five minutes away from the platform's; set it",
        })?;
        match self.difference() {
            Some((_, ours, theirs)) => write!(f, " (we signed {ours:?}, the platform has {theirs:?})"),
            None => Ok(()),
        }
    }
}

impl StdError for SignError {}

/// Method, target, timestamp, nonce, and the rest.
fn lines(message: &str) -> [&str; 5] {
    let mut parts = message.splitn(5, '\n');
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const SIGNED: &str = "POST\n/v3/pay?mchid=1\n1554208460\n593BEC\n{\"appid\":\"wx\",\"name\":\"张\"}\n";

    fn explained(theirs: &str, length: usize) -> SignError {
        let detail = json!({
            "field": "signature",
            "sign_information": { "truncated_sign_message": theirs, "sign_message_length": length },
        });
        SignError::of(Some("错误的签名，验签失败"), Some(&detail), SIGNED.as_bytes()).unwrap()
    }

    #[test]
    fn the_cause_follows_from_the_first_difference() {
        let cases = [
            ("POST\n/v3/pay?mchid=1\n1554208460\n593BEC\n{\"appid\"\n", SIGNED.len(), SignErrorCause::PrivateKey),
            // Cut in the middle of a character.
            (
                "POST\n/v3/pay?mchid=1\n1554208460\n593BEC\n{\"appid\":\"wx\",\"name\":\"\u{fffd}\n",
                SIGNED.len(),
                SignErrorCause::PrivateKey,
            ),
            // Counted in characters.
            (
                "POST\n/v3/pay?mchid=1\n1554208460\n593BEC\n{\"appid\"\n",
                SIGNED.chars().count(),
                SignErrorCause::PrivateKey,
            ),
            ("GET\n/v3/pay?mchid=1\n1554208460\n593BEC\n\n", 40, SignErrorCause::Method),
            ("POST\n/v3/pay\n1554208460\n593BEC\n{\"appid\"\n", SIGNED.len(), SignErrorCause::Query),
            ("POST\n/pay?mchid=1\n1554208460\n593BEC\n{\"appid\"\n", SIGNED.len(), SignErrorCause::Path),
            ("POST\n/v3/pay?mchid=1\n1554208461\n593BEC\n{\"appid\"\n", SIGNED.len(), SignErrorCause::Authorization),
            ("POST\n/v3/pay?mchid=1\n1554208460\n593BED\n{\"appid\"\n", SIGNED.len(), SignErrorCause::Authorization),
            ("POST\n/v3/pay?mchid=1\n1554208460\n593BEC\n{\"mchid\"\n", SIGNED.len(), SignErrorCause::Body),
            ("POST\n/v3/pay?mchid=1\n1554208460\n593BEC\n{\"appid\"\n", SIGNED.len() + 1, SignErrorCause::Body),
            ("", 0, SignErrorCause::Method),
        ];
        for (theirs, length, cause) in cases {
            assert_eq!(explained(theirs, length).cause(), cause, "{theirs:?}");
        }
        let query = explained("POST\n/v3/pay\n1554208460\n593BEC\n{\"appid\"\n", SIGNED.len());
        assert_eq!(query.difference(), Some((1, "/v3/pay?mchid=1", "/v3/pay")));
        assert!(query.to_string().contains("\"/v3/pay?mchid=1\""), "{query}");
        // No more of the body is shown than the platform shows.
        assert!(query.ours().ends_with("{\"appid\""), "{}", query.ours());
        assert_eq!(
            explained("POST\n/v3/pay?mchid=1\n1554208460\n593BEC\n{\"appid\"\n", SIGNED.len()).difference(),
            None
        );
    }

    #[test]
    fn the_clock_is_told_by_the_message() {
        let message = Some("Http头Authorization中的timestamp与发起请求的时间不得超过5分钟");
        let explained = SignError::of(message, None, SIGNED.as_bytes()).unwrap();
        assert_eq!(explained.cause(), SignErrorCause::Clock);
        assert_eq!(SignError::of(Some("签名错误"), Some(&json!({})), SIGNED.as_bytes()), None);
        assert_eq!(SignError::of(None, Some(&json!([])), SIGNED.as_bytes()), None);
    }

    #[test]
    fn ciphertexts_are_not_shown() {
        let sealed = "A".repeat(344);
        let signed = format!("GET\n/v3/guides?mobile={sealed}\n1\n2\n\n");
        let detail = json!({ "sign_information": { "truncated_sign_message": format!("GET\n/v3/guides?mobile={sealed}x\n1\n2\n\n") } });
        let explained = SignError::of(None, Some(&detail), signed.as_bytes()).unwrap();
        assert!(!format!("{explained} {explained:?}").contains("AAAA"), "{explained:?}");
        assert_eq!(explained.cause(), SignErrorCause::Query);
    }
}
