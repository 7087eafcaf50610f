//! What a journal is told of a call: its intent before the first byte leaves, and how it ended.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use log::error;
use serde_json::{Map, Value};

use crate::callback;
use crate::deadline::Deadline;
use crate::error::{Error, Outcome, Result};
use crate::http::{Method, StatusCode};
use crate::protocol::Protocol;
use crate::redact;
use crate::response::Response;
use crate::text::uri_template;

/// Keeps a journal of calls that can have an effect, for [`Builder::journal`](crate::Builder::journal).
///
/// The crate `wechatpay-journal` has one that is durable. Of each call with a method other than GET, HEAD and OPTIONS it is told
/// twice: before the first byte leaves, when nothing of the call can be refused any more, and after its last attempt. Retries and
/// redirects belong to the one call. Both run on the thread of the call; that of an async method is one of the crate's own pool,
/// so that the caller's thread never waits.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use wechatpay::{Builder, Conclusion, Intent, Recorder, json};
///
/// #[derive(Default)]
/// struct Printed(AtomicU64);
///
/// impl Recorder for Printed {
///     fn intend(&self, intent: &Intent<'_>) -> anyhow::Result<u64> {
///         let id = self.0.fetch_add(1, Ordering::Relaxed);
///         println!("{id}: {} {}", intent.method(), intent.template());
///         Ok(id)
///     }
///
///     fn conclude(&self, id: u64, conclusion: &Conclusion<'_>) {
///         println!("{id}: {:?} {:?}", conclusion.status(), conclusion.outcome());
///     }
/// }
///
/// # fn main() -> anyhow::Result<()> {
/// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
/// # let config = sandbox.config();
/// let instance = Builder::from(config).journal(Printed::default()).build()?;
/// instance.chain("v3/marketing/favor/stocks/{stock_id}/start").post(json!({
///     "stock_id": "9856888",
///     "json": { "stock_creator_mchid": instance.mchid() },
/// }))?;
/// # Ok(()) }
/// ```
pub trait Recorder: Send + Sync {
    /// Takes the intent of a call, and returns an id for [`conclude`](Recorder::conclude). What it must remember has to be
    /// durable when it returns. It may wait, within [`Intent::time_left`].
    ///
    /// # Errors
    /// Anything: the call is not made then, and fails with [`Error::Journal`].
    fn intend(&self, intent: &Intent<'_>) -> anyhow::Result<u64>;

    /// Takes the conclusion of a call. It is called exactly once for each id, whatever happens; if the process lives, that is.
    /// If it panics, that is logged, and the call is not affected.
    fn conclude(&self, id: u64, conclusion: &Conclusion<'_>);
}

/// Several share one.
impl<R: Recorder + ?Sized> Recorder for Arc<R> {
    fn intend(&self, intent: &Intent<'_>) -> anyhow::Result<u64> {
        (**self).intend(intent)
    }

    fn conclude(&self, id: u64, conclusion: &Conclusion<'_>) {
        (**self).conclude(id, conclusion);
    }
}

/// A call that is about to be sent, as a [`Recorder`] is told of it.
///
/// It has no key and no signature. It does have what the caller sends, which may concern people; what `encrypt` encrypts is
/// ciphertext by then.
pub struct Intent<'a> {
    pub(super) mchid: &'a str,
    pub(super) method: &'a Method,
    pub(super) subject: &'a Subject,
    pub(super) host: String,
    pub(super) query: &'a str,
    pub(super) body: &'a [u8],
    pub(super) data: Option<&'a Map<String, Value>>,
    pub(super) deadline: Deadline,
}

impl Intent<'_> {
    /// The merchant who makes the call, or for a brand its `brand_id`; empty for an instance without either.
    pub fn mchid(&self) -> &str {
        self.mchid
    }

    /// The method, such as `POST`.
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// The path as it was written, as in [`Observation::template`](crate::Observation::template).
    pub fn template(&self) -> &str {
        &self.subject.template
    }

    /// The path with the values of its variables, without a query: `v3/pay/transactions/out-trade-no/1217752501/close`. One of
    /// APIv2 begins with `v2/`.
    pub fn path(&self) -> &str {
        &self.subject.path
    }

    /// Scheme, host and port that are called first.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The query as it is sent, encoded; empty if there is none.
    pub fn query(&self) -> &str {
        self.query
    }

    /// The bytes of the body that are signed: all of it, but of an upload only its `meta`. For APIv2 it is empty, see
    /// [`data`](Intent::data).
    pub fn body(&self) -> &[u8] {
        self.body
    }

    /// The data of APIv2, before a nonce and the signature are added.
    pub fn data(&self) -> Option<&Map<String, Value>> {
        self.data
    }

    /// What is left of the call's `timeout`; `None` if it has no limit.
    pub fn time_left(&self) -> Option<Duration> {
        self.deadline.left()
    }
}

/// Shows neither what is sent nor the values of variables.
impl fmt::Debug for Intent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Intent")
            .field("mchid", &redact::name(self.mchid))
            .field("method", &self.method())
            .field("template", &self.template())
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

/// How a call has ended, as a [`Recorder`] is told of it.
pub struct Conclusion<'a> {
    outcome: Option<Outcome>,
    status: Option<StatusCode>,
    code: Option<String>,
    request_id: Option<&'a str>,
}

impl<'a> Conclusion<'a> {
    /// Of a call that a panic has ended.
    const LOST: Conclusion<'static> =
        Conclusion { outcome: Some(Outcome::Unknown), status: None, code: None, request_id: None };

    /// `is_turned` if a redirect has turned the request into a different one, whose answer says nothing about the original.
    fn of(result: &'a Result<Response>, is_turned: bool) -> Conclusion<'a> {
        let (outcome, response, code) = match result {
            Ok(response) => {
                let (outcome, code) = said(response);
                (outcome, Some(response), code)
            }
            Err(error) => (Some(error.outcome()), error.response(), error.code().map(str::to_owned)),
        };
        Conclusion {
            outcome: if is_turned { Some(Outcome::Unknown) } else { outcome },
            status: response.map(Response::status),
            code,
            request_id: response.and_then(Response::request_id),
        }
    }

    /// `None` if the platform has done what was asked; else whether it may have. Unlike the result of the call, it does not
    /// depend on how the caller wants answers returned (`http_errors`, `allow_redirects`).
    pub fn outcome(&self) -> Option<Outcome> {
        self.outcome
    }

    /// The status of the last answer; `None` if there was none.
    pub fn status(&self) -> Option<StatusCode> {
        self.status
    }

    /// The platform's error code, as [`Error::code`] has it.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The platform's id of that answer, from the header `Request-ID`.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id
    }
}

impl fmt::Debug for Conclusion<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conclusion")
            .field("outcome", &self.outcome)
            .field("status", &self.status)
            .field("code", &self.code.as_deref().map(redact::line))
            .field("request_id", &self.request_id.map(redact::line))
            .finish()
    }
}

/// What an answer says that was returned as it is, and the platform's code.
fn said(response: &Response) -> (Option<Outcome>, Option<String>) {
    let text = |fields: &Value, name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    match response.status().as_u16() {
        200..=299 if response.is_apiv2() => {
            // Answers of APIv2 that are not signed have not been checked, either.
            let fields = response.xml().unwrap_or_default();
            let says = |name: &str| fields.get(name).map(|said| said == "SUCCESS");
            let is_success = says("return_code") == Some(true) && says("result_code") != Some(false);
            ((!is_success).then_some(Outcome::Unknown), text(&fields, "err_code"))
        }
        200..=299 => (None, None),
        status => {
            let code = response.json().ok().and_then(|fields| text(&fields, "code"));
            (Some(if (400..=499).contains(&status) { Outcome::Rejected } else { Outcome::Unknown }), code)
        }
    }
}

/// Who keeps the journal of an instance.
#[derive(Clone)]
pub(crate) struct Journal(Arc<dyn Recorder>);

impl Journal {
    pub(crate) fn new(recorder: impl Recorder + 'static) -> Journal {
        Journal(Arc::new(recorder))
    }

    /// For a call with this method, if it can have an effect.
    pub(super) fn of(&self, method: &Method, template: &str, protocol: Protocol, path: &str) -> Option<Box<Subject>> {
        if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
            return None;
        }
        let template = redact::path(uri_template::without_query(template)).into_owned();
        let prefix = if protocol == Protocol::Apiv2 { "v2/" } else { "" };
        let path = format!("{prefix}{}", uri_template::without_query(path).trim_start_matches('/'));
        Some(Box::new(Subject { journal: self.clone(), template, path }))
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Journal")
    }
}

/// What a journal is told of a call, as far as it is not known to all calls anyway.
pub(crate) struct Subject {
    journal: Journal,
    template: String,
    path: String,
}

impl Subject {
    /// # Errors
    /// [`Error::Journal`] if the recorder refuses the call.
    pub(super) fn record(intent: &Intent<'_>) -> Result<Box<Recorded>> {
        let Journal(recorder) = &intent.subject.journal;
        let id = recorder.intend(intent).map_err(Error::journal)?;
        Ok(Box::new(Recorded { recorder: Arc::clone(recorder), id, is_concluded: false }))
    }
}

/// A call whose intent is recorded, and whose conclusion will be: that nothing is known of it, if nobody says more.
pub(crate) struct Recorded {
    recorder: Arc<dyn Recorder>,
    id: u64,
    is_concluded: bool,
}

impl Recorded {
    pub(super) fn conclude(&mut self, result: &Result<Response>, is_turned: bool) {
        self.is_concluded = true;
        self.tell(&Conclusion::of(result, is_turned));
    }

    /// If the recorder panics, that is logged and nothing else.
    fn tell(&self, conclusion: &Conclusion<'_>) {
        if callback::panics(|| self.recorder.conclude(self.id, conclusion)) {
            error!("the journal panicked at {conclusion:?}");
        }
    }
}

impl Drop for Recorded {
    fn drop(&mut self) {
        if !self.is_concluded {
            self.tell(&Conclusion::LOST);
        }
    }
}
