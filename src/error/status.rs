//! Answers that are not a success, in the platform's words.

use std::error::Error as StdError;
use std::fmt;

use serde_json::Value;

use crate::error::outcome::Outcome;
use crate::error::sign_error::{SignError, SignedMessage};
use crate::redact;
use crate::response::Response;

/// An answer that is not a success, in the platform's own words.
pub struct StatusError {
    code: Option<String>,
    message: Option<String>,
    detail: Option<Value>,
    sign_error: Option<SignError>,
    is_turned: bool,
    pub(super) response: Response,
}

/// The largest body of an error that is read as JSON, in bytes. It is not verified, and parsed it takes many times its size;
/// the platform's have a few hundred bytes.
const LARGEST_ERROR: usize = 1 << 20;

impl StatusError {
    /// `signed` is the message that was signed, if the answer may be about it.
    pub(crate) fn new(response: Response, signed: Option<SignedMessage>) -> StatusError {
        let readable = Some(response.body()).filter(|body| body.len() <= LARGEST_ERROR);
        let mut body = readable.and_then(|body| serde_json::from_slice::<Value>(body).ok()).unwrap_or_default();
        let mut text = |name| match body.get_mut(name).map(Value::take) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let (code, message) = (text("code"), text("message"));
        let detail = body.get_mut("detail").map(Value::take).filter(|detail| !detail.is_null());
        let explain = |signed: SignedMessage| SignError::of(message.as_deref(), detail.as_ref(), &signed.0);
        let sign_error = signed.filter(|_| code.as_deref() == Some("SIGN_ERROR")).and_then(explain);
        StatusError { code, message, detail, sign_error, is_turned: false, response }
    }

    /// The same error; `is_turned` if it answers a different request than the one that was called.
    pub(crate) fn after_redirect(mut self, is_turned: bool) -> StatusError {
        self.is_turned = is_turned;
        self
    }

    /// Whether this answers a different request than the one that was called, because of a redirect: a POST that is
    /// redirected with 301, 302 or 303 becomes a GET. This answer says nothing about the original request, which may have
    /// been carried out.
    pub fn is_after_redirect(&self) -> bool {
        self.is_turned
    }

    /// What a 4xx says about the call.
    pub(super) fn outcome(&self) -> Outcome {
        if self.is_turned { Outcome::Unknown } else { Outcome::Rejected }
    }

    /// `code` of the body, such as `PARAM_ERROR`. `None` if the body is not the platform's JSON or is larger than 1 MiB.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// `message` of the body, in the platform's words.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// `detail` of the body, of any shape.
    pub fn detail(&self) -> Option<&Value> {
        self.detail.as_ref()
    }

    /// The cause of a `SIGN_ERROR`, as far as the answer shows it.
    pub fn sign_error(&self) -> Option<&SignError> {
        self.sign_error.as_ref()
    }

    /// The platform's id of the call, from the header `Request-ID`.
    pub fn request_id(&self) -> Option<&str> {
        self.response.request_id()
    }

    /// The whole answer.
    pub fn response(&self) -> &Response {
        &self.response
    }
}

impl fmt::Debug for StatusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detail = self.detail.as_ref().map(|detail| redact::text(&detail.to_string()).into_owned());
        f.debug_struct("StatusError")
            .field("code", &self.code.as_deref().map(redact::text))
            .field("message", &self.message.as_deref().map(redact::text))
            .field("detail", &detail)
            .field("sign_error", &self.sign_error)
            .field("response", &self.response)
            .finish()
    }
}

impl fmt::Display for StatusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the platform answered {}", self.response.status())?;
        for text in [&self.code, &self.message].into_iter().flatten() {
            write!(f, ": {}", redact::line(text))?;
        }
        if let Some(sign_error) = &self.sign_error {
            write!(f, "; {sign_error}")?;
        }
        if self.is_turned {
            f.write_str(
                "; it answers the GET that a redirect turned the call into; the call itself may have been carried out",
            )?;
        }
        match self.request_id() {
            Some(id) => write!(f, " (Request-ID {})", redact::line(id)),
            None => Ok(()),
        }
    }
}

impl StdError for StatusError {}
