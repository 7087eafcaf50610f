//! The platform's answer.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;
use ureq::http::{HeaderMap, StatusCode};

use crate::crypto::rsa::PrivateKey;
use crate::error::{DecryptionError, Error, JsonError, Result};
use crate::redact;
use crate::sensitive::{self, Pointer};
use crate::transformer::Transformer;

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

    /// The body as JSON (PHP: `json_decode((string) $response->getBody(), true)`).
    ///
    /// An empty body, as of a 204, is `Value::Null`.
    ///
    /// # Errors
    /// [`Error::Json`] when the body is something else. The platform had answered by then: see
    /// [`Outcome::Unknown`](crate::Outcome::Unknown).
    ///
    /// ```no_run
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// let answer = instance.chain("v3/certificates").get(())?.json()?;
    /// println!("{}", answer["data"][0]["serial_no"]);
    /// # Ok(()) }
    /// ```
    pub fn json(&self) -> Result<Value> {
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body)
            .map_err(|source| Error::Json(Box::new(JsonError { source, response: self.clone() })))
    }

    /// The body as JSON, with the sensitive fields under these JSON pointers (RFC 6901) decrypted, by the private key
    /// that the call was signed with (PHP: `Rsa::decrypt` for each field).
    ///
    /// `*` in a pointer stands for every element of a list; of an object it is the name of a field. In a name, `~` is
    /// written `~0` and `/` is written `~1`. Fields that are absent, null or empty stay as they are, as many are
    /// optional in the platform's answers; so a pointer with a slip of the pen decrypts nothing and is no error.
    ///
    /// # Errors
    /// [`Error::Json`] as [`json`](Response::json); [`Error::Decryption`] names the pointer when it is malformed, or
    /// when the field is no string or was encrypted for another key, such as that of an older certificate of the
    /// merchant, and when a signer of your own keeps the private key. The platform had answered by then: see
    /// [`Outcome::Unknown`](crate::Outcome::Unknown).
    ///
    /// ```no_run
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// let complaints = instance.chain("v3/merchant-service/complaints-v2").get(wechatpay::json!({
    ///     "query": { "begin_date": "2026-01-01", "end_date": "2026-01-03" },
    /// }))?.decrypt(["/data/*/payer_phone"])?;
    /// println!("{}", complaints["data"][0]["payer_phone"]);
    /// # Ok(()) }
    /// ```
    pub fn decrypt<P: AsRef<str>>(&self, pointers: impl IntoIterator<Item = P>) -> Result<Value> {
        let mut json = self.json()?;
        let failed = |pointer: &str, what: &str| {
            let (pointer, what) = (pointer.to_owned(), what.to_owned());
            Error::Decryption(Box::new(DecryptionError { pointer, what, response: self.clone() }))
        };
        let mut parsed = Vec::new();
        for text in pointers {
            parsed.push(Pointer::parse(text.as_ref()).map_err(|what| failed(text.as_ref(), what))?);
        }
        let Some(first) = parsed.first() else { return Ok(json) };
        let Some(key) = &self.key else {
            return Err(failed(
                first.as_str(),
                "cannot be decrypted: there is no private key with this answer, because a signer of your own keeps it, \
                 or because the answer is not verified",
            ));
        };
        sensitive::decrypt(&mut json, &parsed, key).map_err(|unfit| failed(&unfit.place, &unfit.what))?;
        Ok(json)
    }

    /// The body of an answer of APIv2 as JSON (PHP: `Transformer::toArray((string) $response->getBody())`).
    ///
    /// # Errors
    /// [`Error::Xml`] when the body is something else.
    pub fn xml(&self) -> Result<Value> {
        Transformer::to_array(&self.body)
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
