//! What an observer is told of each attempt.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use log::error;

use crate::callback;
use crate::error::Outcome;
use crate::http::{Method, StatusCode};
use crate::redact;
use crate::text::uri_template;
use crate::wire::trace::Trace;

/// An attempt that has ended, as [`Builder::observe`](crate::Builder::observe) shows it.
///
/// A call makes one attempt, or more with [`retries`](crate::Options::retries) and
/// [`failover`](crate::Options::failover). Redirects that are followed belong to their attempt: the status is that of its last
/// answer, and the times are those of all its requests. What is refused before an attempt begins, such as a wrong option, is not
/// seen here; the call's own error says it.
///
/// There is nothing secret in it, and no value of a path variable. It can be cloned, and kept or sent to another thread.
///
/// ```
/// use wechatpay::Observation;
///
/// fn line(attempt: &Observation) -> String {
///     let result = attempt.status().map_or("-".into(), |status| status.as_u16().to_string());
///     format!("{} {} {result} {:?}", attempt.method(), attempt.template(), attempt.total())
/// }
/// # let _ = line;
/// ```
#[derive(Clone)]
pub struct Observation {
    call: Arc<Subject>,
    seen: Arc<Seen>,
}

/// What all attempts of a call have in common.
pub(crate) struct Subject {
    pub(crate) mchid: Option<String>,
    pub(crate) method: Method,
    pub(crate) template: String,
}

/// One attempt.
pub(crate) struct Seen {
    pub(crate) host: String,
    pub(crate) attempt: u32,
    pub(crate) redirects: u32,
    pub(crate) request_bytes: u64,
    pub(crate) answer_bytes: u64,
    pub(crate) outcome: Option<Outcome>,
    pub(crate) kind: Option<&'static str>,
    pub(crate) trace: Box<Trace>,
}

impl Observation {
    /// The merchant who made the call, or for a brand its `brand_id`; empty for an instance without either.
    pub fn mchid(&self) -> &str {
        self.call.mchid.as_deref().unwrap_or_default()
    }

    /// Scheme, host and port that were called: `https://api.mch.weixin.qq.com:443`.
    pub fn host(&self) -> &str {
        &self.seen.host
    }

    /// The method of the call, such as `POST`.
    pub fn method(&self) -> &str {
        self.call.method.as_str()
    }

    /// The path as it was written, with `{openid}` for a variable and without a query: `v3/marketing/favor/users/{openid}/coupons`.
    /// There are as many of these as paths in the program, so it can be a label of a metric.
    ///
    /// What was written into the path by hand is part of it, as in `chain(format!("v3/…/{id}"))`. A
    /// [`download`](crate::Chain::download) is `{+download_url}`; a fetch of certificates has the path that it is configured
    /// with, `v3/certificates`.
    pub fn template(&self) -> &str {
        &self.call.template
    }

    /// Which attempt of the call it was: 1 for the first, 2 for the first retry.
    pub fn attempt(&self) -> u32 {
        self.seen.attempt
    }

    /// How many redirects were followed.
    pub fn redirects(&self) -> u32 {
        self.seen.redirects
    }

    /// The status of the last answer, whether or not that was accepted; `None` if there was none.
    pub fn status(&self) -> Option<StatusCode> {
        self.seen.trace.status
    }

    /// The platform's id of that answer, from the header `Request-ID`; its support asks for it.
    pub fn request_id(&self) -> Option<&str> {
        self.seen.trace.request_id.as_ref()?.to_str().ok()
    }

    /// `None` if the attempt succeeded, or its answer is returned as it is (`http_errors: false`); else whether the platform may
    /// have acted on this attempt. That of the call may be another one: after an earlier attempt was `Unknown`, so is the call.
    pub fn outcome(&self) -> Option<Outcome> {
        self.seen.outcome
    }

    /// What went wrong, as [`Error::kind`](crate::Error::kind) says it, such as `timeout`; `None` if there was no error.
    pub fn kind(&self) -> Option<&'static str> {
        self.seen.kind
    }

    /// The length of the request's body in bytes, whether or not it was sent.
    pub fn request_bytes(&self) -> u64 {
        self.seen.request_bytes
    }

    /// The length in bytes of the answer's body as it was returned, written into the `sink` or kept in the error; 0 if the
    /// answer broke off.
    pub fn answer_bytes(&self) -> u64 {
        self.seen.answer_bytes
    }

    /// How long it took to make a connection, or to fail in that: look-up, proxy and TLS included. `None` if one was kept from
    /// an earlier call.
    pub fn connection(&self) -> Option<Duration> {
        self.seen.trace.connection
    }

    /// From the first byte of the request that was handed to the connection to the last one; `None` if nothing was sent.
    pub fn sending(&self) -> Option<Duration> {
        self.seen.trace.sending
    }

    /// From there until the answer had been read and checked, or the wait for it had ended in an error; `None` if nothing was
    /// sent. If that needed a newer certificate of the platform, fetching it is part of this time.
    pub fn answer(&self) -> Option<Duration> {
        self.seen.trace.answer
    }

    /// How long the attempt took in all, from before it was signed. Waits between attempts are not part of any.
    pub fn total(&self) -> Duration {
        self.seen.trace.total
    }
}

/// Shows all of it.
impl fmt::Debug for Observation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observation")
            .field("mchid", &self.mchid())
            .field("host", &self.host())
            .field("method", &self.method())
            .field("template", &self.template())
            .field("attempt", &self.attempt())
            .field("redirects", &self.redirects())
            .field("status", &self.status())
            .field("request_id", &self.request_id().map(redact::line))
            .field("outcome", &self.outcome())
            .field("kind", &self.kind())
            .field("request_bytes", &self.request_bytes())
            .field("answer_bytes", &self.answer_bytes())
            .field("connection", &self.connection())
            .field("sending", &self.sending())
            .field("answer", &self.answer())
            .field("total", &self.total())
            .finish()
    }
}

/// Who observes the attempts of an instance.
#[derive(Clone)]
pub(crate) struct Observer(Arc<dyn Fn(&Observation) + Send + Sync>);

impl Observer {
    pub(crate) fn new(observe: impl Fn(&Observation) + Send + Sync + 'static) -> Observer {
        Observer(Arc::new(observe))
    }

    /// For the attempts of one call, whose template or path may hold anything.
    pub(super) fn of(&self, mchid: Option<&str>, method: &Method, template: &str) -> Observed {
        let mchid = mchid.map(|mchid| redact::name(mchid).into_owned());
        let template = redact::path(uri_template::without_query(template)).into_owned();
        Observed { observer: self.clone(), call: Arc::new(Subject { mchid, method: method.clone(), template }) }
    }
}

impl fmt::Debug for Observer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Observer")
    }
}

/// An observer, and the call that it observes.
pub(crate) struct Observed {
    observer: Observer,
    call: Arc<Subject>,
}

impl Observed {
    /// Tells the observer of an attempt. If it panics, that is logged and nothing else.
    pub(super) fn tell(&self, seen: Seen) {
        let observation = Observation { call: Arc::clone(&self.call), seen: Arc::new(seen) };
        let Observer(observe) = &self.observer;
        if callback::panics(|| observe(&observation)) {
            error!("the observer panicked after {observation:?}");
        }
    }
}
