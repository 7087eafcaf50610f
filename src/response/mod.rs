//! The platform's answer.

use std::borrow::Cow;
use std::fmt;

use crate::http::{HeaderMap, StatusCode};

use crate::crypto::key::PrivateKey;
use crate::redact;

mod content;

/// The platform's answer (PHP: `Psr\Http\Message\ResponseInterface`).
///
/// What a verb returns has been verified, but for the answers that the platform does not sign (bill
/// files and images), 4xx/5xx with `http_errors: false` and 3xx with `allow_redirects: false`.
#[derive(Clone)]
pub struct Response {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
    /// The merchant's, of the moment at which the call began.
    key: Option<PrivateKey>,
}

impl Response {
    pub(crate) fn new(status: StatusCode, headers: HeaderMap, body: Vec<u8>) -> Response {
        Response { status, headers, body, key: None }
    }

    /// The same, with the key for what is encrypted in it.
    pub(crate) fn with_key(self, key: Option<PrivateKey>) -> Response {
        Response { key, ..self }
    }

    /// The status code; it compares with numbers: `response.status() == 200` (PHP: `getStatusCode`).
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// All headers (PHP: `getHeaders`).
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// A header by its name in any case, if it is there and is text (PHP: `getHeaderLine`).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The platform's name for this call, from the header `Request-ID`.
    pub fn request_id(&self) -> Option<&str> {
        self.header("request-id")
    }

    /// The bytes of the body; empty when they went into a `sink` (PHP: `getBody`).
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body as text; what is not UTF-8 is shown as `�`.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

/// Shows status, headers without signatures, and the length of the body.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &redact::Headers(&self.headers))
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}
