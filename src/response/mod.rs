//! The platform's answer.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use crate::http::{HeaderMap, StatusCode};

use crate::protocol::Protocol;
use crate::redact;

mod content;
pub(crate) mod fields;

/// The platform's answer (PHP: `Psr\Http\Message\ResponseInterface`).
///
/// What a method returns has been verified, except for answers that the platform does not sign (bill files and images),
/// 4xx/5xx with `http_errors: false` and 3xx with `allow_redirects: false`.
#[derive(Clone)]
pub struct Response {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
    /// The language of the body.
    protocol: Protocol,
    /// The fields of the body, once they have been parsed.
    fields: OnceLock<Arc<Value>>,
    /// `None` if the answer is not verified.
    decrypt: Option<Arc<dyn Decrypt>>,
    /// The pointers of the fields that are documented as encrypted.
    sensitive: &'static [&'static str],
}

/// Decrypts sensitive fields for the merchant who made the call, without exposing the key.
pub(crate) trait Decrypt: Send + Sync {
    /// The plain text of a field in base64.
    ///
    /// # Errors
    /// If it was encrypted for another key, or there is no key to decrypt with.
    fn decrypt(&self, ciphertext: &str) -> anyhow::Result<String>;
}

impl Response {
    pub(crate) fn new(status: StatusCode, headers: HeaderMap, body: Vec<u8>) -> Response {
        let (protocol, fields) = (Protocol::Apiv3, OnceLock::new());
        Response { status, headers, body, protocol, fields, decrypt: None, sensitive: &[] }
    }

    /// The same response as one of APIv2, with its fields if they were parsed to check it.
    pub(crate) fn of_apiv2(self, fields: Option<Arc<Value>>) -> Response {
        let fields = fields.map_or_else(OnceLock::new, OnceLock::from);
        Response { protocol: Protocol::Apiv2, fields, ..self }
    }

    /// The same response, with what decrypts its fields, and the pointers of those that are documented as encrypted.
    pub(crate) fn decrypted_by(self, decrypt: Arc<dyn Decrypt>, sensitive: &'static [&'static str]) -> Response {
        Response { decrypt: Some(decrypt), sensitive, ..self }
    }

    /// The status code; it can be compared with numbers: `response.status() == 200` (PHP: `getStatusCode`).
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// All headers (PHP: `getHeaders`).
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// A header by its name (case does not matter), if it is present and is text (PHP: `getHeaderLine`).
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The platform's id of this call, from the header `Request-ID`.
    pub fn request_id(&self) -> Option<&str> {
        self.header("request-id")
    }

    /// The bytes of the body; empty if they went into a `sink` (PHP: `getBody`).
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The bytes of the body, without a copy.
    ///
    /// ```no_run
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// let image = instance.chain("v3/merchant-service/images/{media_id}");
    /// let bytes: Vec<u8> = image.get(wechatpay::json!({ "media_id": "ChsyMDAwMTIz" }))?.into_body();
    /// # let _ = bytes;
    /// # Ok(()) }
    /// ```
    pub fn into_body(self) -> Vec<u8> {
        self.body
    }

    /// The body as text; what is not UTF-8 becomes `�`.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

/// Shows the status, the headers without signatures, and the first 256 bytes of the body if it is text: without signatures,
/// ciphertexts and what may be a key, and without what may concern a person, which is what is not ASCII and numbers as long
/// as those of phones and identity cards. [`text`](Response::text) is the whole body as it is.
impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("headers", &redact::Headers(&self.headers))
            .field("body", &redact::Body(&self.body))
            .finish()
    }
}
