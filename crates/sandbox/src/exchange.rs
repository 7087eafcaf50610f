//! A request and its answer, as those who watch the sandbox see them.

use std::fmt;
use std::time::{Duration, Instant, SystemTime};

use hyper::body::Bytes;
use ureq::http::{HeaderMap, Response, StatusCode};

use crate::apiv2;
use crate::content::Content;
use crate::faults::{Fault, Strike};
use crate::gate;
use crate::ledger::Entry;
use crate::request::Request;
use crate::routing::is_apiv2;
use crate::text;

/// A request and its answer, from [`Sandbox::events`](crate::Sandbox::events). `Debug` shows no signature and no ciphertext.
///
/// ```
/// use wechatpay::Builder;
/// use wechatpay_sandbox::{Event, Sandbox};
/// # fn main() -> anyhow::Result<()> {
/// let sandbox = Sandbox::start()?;
/// let events = sandbox.events();
/// Builder::factory(sandbox.config())?.chain("v3/marketing/partnerships").get(())?;
///
/// let Some(Event::Exchange(exchange)) = events.try_next() else { panic!("a request was made") };
/// assert_eq!((exchange.number(), exchange.request().target()), (1, "/v3/marketing/partnerships"));
/// assert_eq!((exchange.status().as_u16(), exchange.serial()), (200, Some(sandbox.platform_serial())));
/// assert!(exchange.signed_message().unwrap().starts_with(b"GET\n/v3/marketing/partnerships\n"));
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Exchange {
    number: u64,
    time: SystemTime,
    took: Duration,
    request: Request,
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    fault: Option<Fault>,
    effects: Vec<Entry>,
}

impl Exchange {
    /// How many requests had arrived when this one did, itself included.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// When the request arrived.
    pub fn time(&self) -> SystemTime {
        self.time
    }

    /// How long it took until the answer began to be sent, including what a [fault](Fault::Delay) adds.
    pub fn took(&self) -> Duration {
        self.took
    }

    /// The request; its [`gate`](Request::gate) says what was checked.
    pub fn request(&self) -> &Request {
        &self.request
    }

    /// The message that the request must have signed: in APIv3 method, target, timestamp, nonce and body, in APIv2 the fields
    /// up to `key=`, without the key. `None` if the request does not say what is needed for it.
    pub fn signed_message(&self) -> Option<Vec<u8>> {
        if is_apiv2(&self.request) {
            return apiv2::message(&self.request).map(String::into_bytes);
        }
        gate::message(&self.request)
    }

    /// The status of the answer. A [fault](Exchange::fault) may have closed the connection before it was sent.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers of the answer.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body of the answer; empty for a bill, which is made while it is sent.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The id of the platform's key that has signed the answer; `None` if none has, as in APIv2.
    pub fn serial(&self) -> Option<&str> {
        self.headers.get("wechatpay-serial")?.to_str().ok()
    }

    /// What went wrong [on demand](crate::Sandbox::inject).
    pub fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    /// What the request has brought about, as in the [ledger](crate::Sandbox::ledger).
    pub fn effects(&self) -> &[Entry] {
        &self.effects
    }
}

/// Shows both sides without signatures and ciphertexts, and the length of the bodies.
impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("number", &self.number)
            .field("request", &self.request)
            .field("status", &self.status)
            .field("headers", &text::Headers(&self.headers))
            .field("body", &format_args!("{} bytes", self.body.len()))
            .field("fault", &self.fault)
            .field("effects", &self.effects)
            .field("took", &self.took)
            .finish_non_exhaustive()
    }
}

/// An exchange that has begun.
pub(crate) struct Begun {
    number: u64,
    time: SystemTime,
    began: Instant,
}

impl Begun {
    pub(crate) fn now(number: u64) -> Begun {
        Begun { number, time: SystemTime::now(), began: Instant::now() }
    }

    /// The exchange with this answer, before anything spoils its way to the client.
    pub(crate) fn answered(
        self,
        request: &Request,
        response: &Response<Content>,
        strike: Option<&Strike>,
        effects: Vec<Entry>,
    ) -> Answered {
        let exchange = Exchange {
            number: self.number,
            time: self.time,
            took: Duration::ZERO,
            request: request.clone(),
            status: response.status(),
            headers: response.headers().clone(),
            body: response.body().shown(),
            fault: strike.map(|strike| strike.fault().clone()),
            effects,
        };
        Answered { exchange, began: self.began }
    }
}

/// An exchange of which the answer is on its way.
pub(crate) struct Answered {
    exchange: Exchange,
    began: Instant,
}

impl Answered {
    /// The whole exchange.
    pub(crate) fn sent(self) -> Exchange {
        Exchange { took: self.began.elapsed(), ..self.exchange }
    }
}
