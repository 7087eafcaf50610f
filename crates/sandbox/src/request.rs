//! A request as it arrived.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use serde_json::Value;
use ureq::http::{HeaderMap, Method};

use crate::crypto::hex;
use crate::form::Form;
use crate::passage::{GateResult, GateStep, Passage};
use crate::text;

/// A request as it arrived at the [`Sandbox`](crate::Sandbox); cheap to clone.
///
/// ```
/// use wechatpay::{Builder, json};
/// # fn main() -> anyhow::Result<()> {
/// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
/// # let instance = Builder::factory(sandbox.config())?;
/// instance.chain("v3/merchant-store/stores").post(json!({ "query": { "a": "b c" }, "json": { "reason": "冷" } }))?;
///
/// let request = &sandbox.requests()[0];
/// assert_eq!(request.method(), "POST");
/// assert_eq!(request.target(), "/v3/merchant-store/stores?a=b%20c");
/// assert!(request.header("Authorization").is_some_and(|value| value.contains("mchid=\"1900000109\"")));
/// assert_eq!(request.body(), r#"{"reason":"冷"}"#.as_bytes());
/// assert_eq!(request.json(), Some(json!({ "reason": "冷" })));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Request(Arc<Parts>);

struct Parts {
    method: Method,
    target: String,
    headers: HeaderMap,
    body: Body,
    /// The serial of the certificate that the client presented.
    certificate: Option<Arc<str>>,
    /// Whether it got a scripted answer.
    is_scripted: AtomicBool,
    /// How far it came among the checks; empty if it was not examined.
    passage: OnceLock<Passage>,
}

/// A body after it was read to its end.
pub(crate) struct Body {
    pub(crate) length: u64,
    pub(crate) sha256: [u8; 32],
    pub(crate) content: Received,
}

/// What is kept of a body.
pub(crate) enum Received {
    Bytes(Vec<u8>),
    /// A form with a part `meta`; only that part is signed.
    Form(Form),
    /// A form that cannot be read, and why.
    Malformed(&'static str),
    TooLarge,
}

impl Request {
    pub(crate) fn new(
        method: Method,
        target: String,
        headers: HeaderMap,
        body: Body,
        certificate: Option<Arc<str>>,
    ) -> Request {
        let (is_scripted, passage) = (AtomicBool::new(false), OnceLock::new());
        Request(Arc::new(Parts { method, target, headers, body, certificate, is_scripted, passage }))
    }

    /// The method, such as `POST`.
    pub fn method(&self) -> &str {
        self.0.method.as_str()
    }

    /// Path and query exactly as they arrived, and as they were signed.
    pub fn target(&self) -> &str {
        &self.0.target
    }

    /// All headers, including the signature.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// A header by its name (case does not matter); `None` if it is missing or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.headers.get(name)?.to_str().ok()
    }

    /// The bytes of the body. Two kinds are not kept, though their length and SHA-256 are: forms with a part `meta`,
    /// that is uploads, and bodies larger than 16 MiB, which were refused.
    pub fn body(&self) -> &[u8] {
        match self.content() {
            Received::Bytes(bytes) => bytes,
            Received::Form(_) | Received::Malformed(_) | Received::TooLarge => &[],
        }
    }

    /// The length of the body in bytes.
    ///
    /// ```
    /// use wechatpay::{Builder, MediaUtil, Options, json};
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// # let instance = Builder::factory(sandbox.config())?;
    /// let image = MediaUtil::from_bytes("image.jpg", vec![0; 100_000]);
    /// instance.chain("v3/merchant/media/upload").post(Options::new().body(image))?;
    ///
    /// let request = &sandbox.requests()[0];
    /// assert!(request.body().is_empty() && request.body_length() > 100_000);
    /// assert_eq!(request.json().unwrap()["filename"], "image.jpg");
    /// # Ok(()) }
    /// ```
    pub fn body_length(&self) -> u64 {
        self.0.body.length
    }

    /// The SHA-256 of the body, in lowercase hex.
    pub fn body_sha256(&self) -> String {
        hex(&self.0.body.sha256)
    }

    /// The body as JSON, if it is JSON; for an upload, its part `meta`.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(self.signed()).ok()
    }

    /// Whether the client of this connection presented a merchant's certificate.
    pub fn has_certificate(&self) -> bool {
        self.0.certificate.is_some()
    }

    /// The checks before any operation, in the platform's order, and what became of each: the refusal says what the first one that
    /// has failed says. Empty if the request was not examined, as a [fault](crate::Fault) answered it or its body is too large.
    ///
    /// ```
    /// use wechatpay::Credentials;
    /// use wechatpay_sandbox::{GateResult, GateStep, Sandbox};
    /// # fn main() -> anyhow::Result<()> {
    /// let sandbox = Sandbox::start()?;
    /// let stranger = sandbox.config().credentials(Credentials::new().mchid("1900000110")).build()?;
    /// assert!(stranger.chain("v3/certificates").get(()).is_err());
    ///
    /// let gate = sandbox.requests()[0].gate();
    /// assert_eq!(gate[2], (GateStep::Clock, GateResult::Passed));
    /// assert_eq!(gate[3], (GateStep::Signer, GateResult::Failed("Http头Authorization中的mchid有误".into())));
    /// assert_eq!(gate[4], (GateStep::Signature, GateResult::NotReached));
    /// # Ok(()) }
    /// ```
    pub fn gate(&self) -> Vec<(GateStep, GateResult)> {
        self.0.passage.get().map(Passage::results).unwrap_or_default()
    }

    /// Notes how far it came. It is examined once.
    pub(crate) fn note(&self, passage: Passage) {
        let _ = self.0.passage.set(passage);
    }

    /// The serial of that certificate.
    pub(crate) fn certificate(&self) -> Option<&str> {
        self.0.certificate.as_deref()
    }

    /// Whether it got a scripted answer.
    pub(crate) fn is_scripted(&self) -> bool {
        self.0.is_scripted.load(Ordering::Relaxed)
    }

    pub(crate) fn set_scripted(&self) {
        self.0.is_scripted.store(true, Ordering::Relaxed);
    }

    /// The part of the body that is signed.
    pub(crate) fn signed(&self) -> &[u8] {
        match self.content() {
            Received::Form(form) => form.meta.as_deref().unwrap_or_default(),
            Received::Bytes(_) | Received::Malformed(_) | Received::TooLarge => self.body(),
        }
    }

    pub(crate) fn content(&self) -> &Received {
        &self.0.body.content
    }

    /// The target up to its query.
    pub(crate) fn path(&self) -> &str {
        self.target().split('?').next().unwrap_or_default()
    }

    /// What follows the `?` of the target.
    pub(crate) fn query(&self) -> &str {
        self.target().split_once('?').map_or("", |(_, query)| query)
    }
}

/// Shows method, target and headers without signatures and ciphertexts, and the length of the body.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.0.method)
            .field("target", &text::shown_target(self.target()))
            .field("headers", &text::Headers(&self.0.headers))
            .field("body", &format_args!("{} bytes", self.body_length()))
            .finish()
    }
}
