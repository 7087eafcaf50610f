//! Scripted answers: what a test makes the platform say to an operation.

use std::fmt;
use std::sync::Mutex;

use hyper::body::Bytes;
use serde_json::{Map, Value};
use ureq::http::header::CONTENT_TYPE;
use ureq::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};

use crate::answer::Answer;
use crate::content::Content;
use crate::lock::lock;
use crate::request::Request;
use crate::{routing, text, xml};

/// The content of a [scripted answer](crate::Sandbox::answer), and how it is sent. Most are made by themselves:
///
/// | from | content |
/// | --- | --- |
/// | [`Value`] | JSON; an object is written as XML with a `sign` if the request is of APIv2 |
/// | `&str`, `String` | this text, `text/plain` |
/// | `Vec<u8>`, `&[u8]` | these bytes, `application/octet-stream` |
/// | `()` | nothing, for 204 |
///
/// ```
/// use wechatpay::{Builder, json};
/// use wechatpay_sandbox::{Sandbox, ScriptedAnswer};
/// # fn main() -> anyhow::Result<()> {
/// let sandbox = Sandbox::start()?;
/// let instance = Builder::factory(sandbox.config())?;
///
/// let busy = json!({ "code": "FREQUENCY_LIMITED", "message": "频率超限" });
/// sandbox.answer("GET", "v3/marketing/partnerships", 429, ScriptedAnswer::from(busy).header("Retry-After", "1"));
/// sandbox.answer("GET", "v3/marketing/partnerships", 200, ScriptedAnswer::from("{}").unsigned());
///
/// let any = instance.chain("v3/marketing/partnerships");
/// assert_eq!(any.get(()).unwrap_err().code(), Some("FREQUENCY_LIMITED"));
/// // The client does not believe what is not signed.
/// assert!(matches!(any.get(()), Err(wechatpay::Error::Verification(_))));
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use]
pub struct ScriptedAnswer {
    body: Body,
    headers: HeaderMap,
    is_signed: bool,
}

#[derive(Clone)]
enum Body {
    Json(Value),
    /// With their type.
    Bytes(&'static str, Bytes),
    Nothing,
}

impl ScriptedAnswer {
    fn new(body: Body) -> ScriptedAnswer {
        ScriptedAnswer { body, headers: HeaderMap::new(), is_signed: true }
    }

    /// Without a signature, as the platform sends files, and a proxy in front of it its own pages.
    pub fn unsigned(mut self) -> ScriptedAnswer {
        self.is_signed = false;
        self
    }

    /// With this header, in place of one of that name. Those of the signature cannot be replaced, unless the answer is
    /// [unsigned](ScriptedAnswer::unsigned).
    ///
    /// # Panics
    /// If HTTP does not allow such a name or value.
    pub fn header(mut self, name: &str, value: &str) -> ScriptedAnswer {
        let pair = HeaderName::try_from(name).ok().zip(HeaderValue::try_from(value).ok());
        assert!(pair.is_some(), "HTTP does not allow the header {name:?} with the value {value:?}");
        self.headers.extend(pair);
        self
    }
}

/// Shows the headers without secrets, and the length of the body.
impl fmt::Debug for ScriptedAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (_, bytes) = self.body.clone().plain();
        f.debug_struct("ScriptedAnswer")
            .field("headers", &text::Headers(&self.headers))
            .field("body", &format_args!("{} bytes", bytes.len()))
            .field("is_signed", &self.is_signed)
            .finish()
    }
}

impl From<Value> for ScriptedAnswer {
    fn from(json: Value) -> ScriptedAnswer {
        ScriptedAnswer::new(Body::Json(json))
    }
}

impl From<String> for ScriptedAnswer {
    fn from(text: String) -> ScriptedAnswer {
        ScriptedAnswer::new(Body::Bytes("text/plain; charset=utf-8", text.into()))
    }
}

impl From<&str> for ScriptedAnswer {
    fn from(text: &str) -> ScriptedAnswer {
        ScriptedAnswer::from(text.to_owned())
    }
}

impl From<Vec<u8>> for ScriptedAnswer {
    fn from(bytes: Vec<u8>) -> ScriptedAnswer {
        ScriptedAnswer::new(Body::Bytes("application/octet-stream", bytes.into()))
    }
}

impl From<&[u8]> for ScriptedAnswer {
    fn from(bytes: &[u8]) -> ScriptedAnswer {
        ScriptedAnswer::from(bytes.to_vec())
    }
}

impl From<()> for ScriptedAnswer {
    fn from((): ()) -> ScriptedAnswer {
        ScriptedAnswer::new(Body::Nothing)
    }
}

/// An operation that has [answers left](crate::Sandbox::answers_left).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswersLeft {
    method: Method,
    path: String,
    count: usize,
}

impl AnswersLeft {
    /// The method, such as `POST`.
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// The path with a slash in front, its variables in brackets; of APIv2 without `v2`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// How many answers have not been given.
    pub fn count(&self) -> usize {
        self.count
    }
}

/// As `POST /v3/profitsharing/orders: 2`.
impl fmt::Display for AnswersLeft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.method, self.path, self.count)
    }
}

/// All scripted answers, by their operations.
#[derive(Default)]
pub(crate) struct Scripts(Mutex<Vec<Script>>);

/// The answers of one operation.
struct Script {
    method: Method,
    path: String,
    answers: Vec<Scripted>,
    /// How many have been given; no more are counted when the last one repeats.
    given: usize,
}

/// An answer with its status.
#[derive(Clone)]
pub(crate) struct Scripted {
    status: StatusCode,
    answer: ScriptedAnswer,
}

impl Scripts {
    /// Adds an answer behind those that the operation has.
    ///
    /// # Errors
    /// Why there is no such method, path or answer.
    pub(crate) fn add(&self, method: &str, path: &str, status: u16, answer: ScriptedAnswer) -> Result<(), String> {
        let named = Method::from_bytes(method.to_ascii_uppercase().as_bytes());
        let method = named.map_err(|_| format!("a method is a word, not {method:?}"))?;
        if path.contains('?') {
            return Err(format!("the path {path:?} has a query; an answer is given whatever the query is"));
        }
        let known = StatusCode::from_u16(status).ok().filter(|known| (200..600).contains(&known.as_u16()));
        let status = known.ok_or_else(|| format!("a status must be from 200 to 599, not {status}"))?;
        if !matches!(answer.body, Body::Nothing) && [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&status)
        {
            return Err(format!("an answer with the status {} has no body", status.as_u16()));
        }
        let (path, scripted) = (routing::template(path), Scripted { status, answer });
        let mut scripts = lock(&self.0);
        let known = scripts.iter_mut().find(|known| known.method == method && routing::is_same(&known.path, &path));
        match known {
            Some(script) => script.answers.push(scripted),
            None => scripts.push(Script { method, path, answers: vec![scripted], given: 0 }),
        }
        Ok(())
    }

    /// The answer to this request, if its operation has any; the request is marked.
    pub(crate) fn next(&self, request: &Request) -> Option<Scripted> {
        let mut scripts = lock(&self.0);
        let script = scripts.iter_mut().find(|script| {
            script.method == request.method() && routing::variables(&script.path, request.path()).is_some()
        })?;
        let next = script.answers.get(script.given);
        if next.is_some() {
            script.given = script.given.saturating_add(1);
        }
        request.set_scripted();
        next.or(script.answers.last()).cloned()
    }

    /// The operations that have answers left, in order.
    pub(crate) fn left(&self) -> Vec<AnswersLeft> {
        let scripts = lock(&self.0);
        let left = scripts.iter().map(|script| AnswersLeft {
            method: script.method.clone(),
            path: script.path.clone(),
            count: script.answers.len().saturating_sub(script.given),
        });
        left.filter(|left| left.count > 0).collect()
    }
}

impl Scripted {
    pub(crate) fn is_success(&self) -> bool {
        self.status.is_success()
    }

    /// As an answer of APIv3.
    pub(crate) fn into_answer(self) -> Answer {
        let ScriptedAnswer { body, headers, is_signed } = self.answer;
        let (content_type, bytes) = body.plain();
        Answer::whole(self.status, with_type(headers, content_type), bytes, is_signed)
    }

    /// As an answer of APIv2, in which fields are signed by `sign`, and nothing else is.
    pub(crate) fn into_response(
        self,
        sign: impl FnOnce(Map<String, Value>) -> Map<String, Value>,
    ) -> Response<Content> {
        let ScriptedAnswer { body, headers, is_signed } = self.answer;
        let (content_type, bytes) = match body {
            Body::Json(Value::Object(fields)) => {
                let fields = if is_signed { sign(fields) } else { fields };
                (Some("text/xml; charset=utf-8"), Bytes::from(xml::write("xml", &fields)))
            }
            body => body.plain(),
        };
        let mut response = Response::new(Content::from(bytes));
        *response.status_mut() = self.status;
        *response.headers_mut() = with_type(headers, content_type);
        response
    }
}

impl Body {
    /// The bytes as they are, and their type.
    fn plain(self) -> (Option<&'static str>, Bytes) {
        match self {
            Body::Json(json) => (Some("application/json; charset=utf-8"), Bytes::from(json.to_string())),
            Body::Bytes(content_type, bytes) => (Some(content_type), bytes),
            Body::Nothing => (None, Bytes::new()),
        }
    }
}

/// The headers with this `Content-Type`, unless they have one.
fn with_type(mut headers: HeaderMap, content_type: Option<&'static str>) -> HeaderMap {
    if let Some(content_type) = content_type {
        headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(content_type));
    }
    headers
}
