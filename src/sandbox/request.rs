//! A request as it arrived.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use ureq::http::{HeaderMap, Method};

use crate::redact;

/// A request as it arrived at the [`Sandbox`](super::Sandbox); cheap to clone.
///
/// ```
/// use wechatpay::{Builder, json};
/// # fn main() -> anyhow::Result<()> {
/// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
/// # let instance = Builder::factory(sandbox.config())?;
/// instance.chain("v3/refund/domestic/refunds").post(json!({ "query": { "a": "b c" }, "json": { "reason": "冷" } }))?;
///
/// let request = &sandbox.requests()[0];
/// assert_eq!(request.method(), "POST");
/// assert_eq!(request.target(), "/v3/refund/domestic/refunds?a=b%20c");
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
    /// None when it was too large to be kept.
    body: Option<Vec<u8>>,
}

impl Request {
    pub(super) fn new(method: Method, target: String, headers: HeaderMap, body: Option<Vec<u8>>) -> Request {
        Request(Arc::new(Parts { method, target, headers, body }))
    }

    /// The method, such as `POST`.
    pub fn method(&self) -> &str {
        self.0.method.as_str()
    }

    /// Path and query exactly as they arrived, and as they were signed.
    pub fn target(&self) -> &str {
        &self.0.target
    }

    /// All headers, the signature included.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// A header by its name in any case, if it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.headers.get(name)?.to_str().ok()
    }

    /// The bytes of the body; none of a body above 16 MiB, which was refused.
    pub fn body(&self) -> &[u8] {
        self.0.body.as_deref().unwrap_or_default()
    }

    /// The body as JSON, if it is that.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_slice(self.body()).ok()
    }

    pub(super) fn is_too_large(&self) -> bool {
        self.0.body.is_none()
    }

    /// The target up to its query.
    pub(super) fn path(&self) -> &str {
        self.target().split('?').next().unwrap_or_default()
    }

    /// What follows the `?` of the target.
    pub(super) fn query(&self) -> &str {
        self.target().split_once('?').map_or("", |(_, query)| query)
    }
}

/// Shows method, target and headers without signatures and ciphertexts, and the length of the body.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.0.method)
            .field("target", &self.target().split('?').map(redact::text).collect::<Vec<_>>().join("?"))
            .field("headers", &redact::Headers(&self.0.headers))
            .field("body", &format_args!("{} bytes", self.body().len()))
            .finish()
    }
}
