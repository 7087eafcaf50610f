//! One attempt of a call: its requests, and what becomes of the answer.

use std::iter;
use std::sync::Arc;

use log::debug;

use crate::call::observation::Seen;
use crate::call::prepared::{Prepared, Unsigned};
use crate::error::{Error, RedirectError, Result, StatusError};
use crate::http::header::{LOCATION, RANGE};
use crate::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use crate::middleware::answer::Answer;
use crate::middleware::{self, Exchange, apiv2};
use crate::protocol::Protocol;
use crate::request::payload::Payload;
use crate::request::sink::{FillError, Sink};
use crate::response::Response;
use crate::text::query;
use crate::text::transformer::Transformer;
use crate::wire::address;
use crate::wire::agents::{LARGE_HEAD, SMALL_HEAD};
use crate::wire::exchange::{Limits, Outgoing, OutgoingBody, Ready};
use crate::wire::trace::{Trace, Tracing};

const MAX_REDIRECTS: u32 = 5;

/// What changes from one attempt to the next.
pub(crate) struct Attempt {
    /// Which of the hosts is called.
    pub(super) host: usize,
    first: Hop,
    sink: Option<Sink>,
    /// How many attempts this makes: 1 for the first.
    number: u32,
    /// How many redirects it has followed.
    redirects: u32,
    /// How many bytes of the answer went into the sink.
    filled: u64,
    /// What was seen of it, if it is observed.
    trace: Option<Box<Trace>>,
    /// Whether a redirect has turned the request into a different one. The answer to that says nothing about the original
    /// request, which may have been carried out.
    pub(crate) is_turned: bool,
}

impl Attempt {
    /// The first attempt, at this host. This is the last point at which a call can be refused before anything is sent.
    ///
    /// # Errors
    /// If it cannot be signed with its data, is too long, or its sink cannot be opened.
    pub(crate) fn first(call: &Prepared, host: usize) -> Result<Attempt> {
        let first = Hop::first(call, host)?;
        let uris = iter::once(&first.uri).chain(&call.addresses);
        if let Some(length) = uris.map(|uri| head(uri, &call.headers)).find(|length| *length > LARGE_HEAD) {
            return Err(Error::Options(format!(
                "address and headers of this call come to {length} bytes, at most {LARGE_HEAD} can be sent"
            )));
        }
        let sink = sink(call)?;
        Ok(Attempt { host, first, sink, number: 1, redirects: 0, filled: 0, trace: None, is_turned: false })
    }

    /// Prepares for another attempt.
    ///
    /// # Errors
    /// If the sink cannot take a second answer.
    pub(crate) fn begin_anew(&mut self, call: &Prepared, elsewhere: bool) -> Result<()> {
        if elsewhere {
            self.host = self.host.saturating_add(1).checked_rem(call.addresses.len()).unwrap_or_default();
        }
        self.number = self.number.saturating_add(1);
        self.first = Hop::first(call, self.host)?;
        if self.sink.is_none() {
            self.sink = sink(call)?;
        }
        Ok(())
    }

    /// The scheme, host and port that it starts with.
    pub(crate) fn origin(&self) -> String {
        address::origin(&self.first.uri)
    }

    /// Sends it and follows redirects.
    pub(crate) fn run(&mut self, call: &Arc<Prepared>) -> Result<Response> {
        // In a box, as what is here is on the stack of each call in flight.
        let mut hop = Box::new(self.first.clone());
        let tracing = Tracing::begin(call.observed.is_some());
        (self.redirects, self.filled) = (0, 0);
        let result = loop {
            let answer = hop.send(call, self.host);
            if let Some(result) = self.follow(call, &mut hop, answer).transpose() {
                break result;
            }
            self.redirects = self.redirects.saturating_add(1);
        };
        self.trace = tracing.end();
        result
    }

    /// Tells the observer of it, if there is one, when it has ended with this result.
    pub(super) fn report(&mut self, call: &Prepared, result: &Result<Response>) {
        let (Some(observed), Some(trace)) = (&call.observed, self.trace.take()) else { return };
        let response = result.as_ref().map_or_else(Error::response, Some);
        let kept = response.map_or(0, |response| response.body().len() as u64);
        let error = result.as_ref().err();
        observed.tell(Seen {
            host: self.origin(),
            attempt: self.number,
            redirects: self.redirects,
            request_bytes: self.first.payload.length(),
            answer_bytes: kept.saturating_add(self.filled),
            outcome: error.map(Error::outcome),
            kind: error.map(Error::kind),
            trace,
        });
    }

    /// Makes a response or an error of an answer, or follows it, in which case there is another request to send. It is apart
    /// from `run`, whose stack frame exists as long as a call is in flight.
    #[inline(never)]
    fn follow(&mut self, call: &Prepared, hop: &mut Hop, result: Result<Answer>) -> Result<Option<Response>> {
        let mut answer = match self.redirects {
            0 => result,
            _ => result.map_err(|error| error.after_redirect(self.is_turned)),
        }?;
        let Some(location) = followed_location(call, &answer) else {
            return self.finish(call, hop, answer).map(Some);
        };
        let next = address::redirect(&hop.uri, &location).filter(|next| address::same_origin(&hop.uri, next));
        // Reading the rest gives the connection back.
        let status = answer.status;
        let response = hop.read(call, &mut answer)?;
        let refused = |response| Box::new(RedirectError { location, response });
        match next {
            None => Err(Error::RedirectRefused(refused(response))),
            Some(_) if self.redirects == MAX_REDIRECTS => Err(Error::TooManyRedirects(refused(response))),
            Some(next) => {
                self.is_turned |= hop.redirect(next, status);
                Ok(None)
            }
        }
    }

    /// Reads the last answer, into the sink or into memory, and makes a response or an error of it.
    fn finish(&mut self, call: &Prepared, hop: &Hop, mut answer: Answer) -> Result<Response> {
        let kind = self.kind(call, answer.status);
        if let Some(sink) = self.sink.take_if(|_| kind == Kind::Success) {
            self.filled = sink.fill(&mut answer.reader()).map_err(|error| match error {
                FillError::Read(error) => middleware::broken_off(error, &hop.uri),
                FillError::Write(error) => error,
            })?;
            return Ok(response(call, &mut answer, Vec::new()));
        }
        let signed = answer.signed.take();
        let response = hop.read(call, &mut answer)?;
        let error: fn(Box<StatusError>) -> Error = match kind {
            Kind::Success | Kind::Wanted => return Ok(response),
            Kind::Refused => Error::Client,
            Kind::Failed => Error::Server,
            Kind::Odd => Error::Status,
        };
        Err(error(Box::new(StatusError::new(response, signed).after_redirect(self.is_turned))))
    }

    /// What a status means to the caller.
    fn kind(&self, call: &Prepared, status: StatusCode) -> Kind {
        let hands_errors_back = call.options.http_errors == Some(false) && !self.is_turned;
        match status.as_u16() {
            // Only a part, although all of it was requested.
            206 if !call.headers.contains_key(RANGE) => Kind::Odd,
            200..=299 => Kind::Success,
            300..=399 if call.options.allow_redirects == Some(false) => Kind::Wanted,
            400..=599 if hands_errors_back => Kind::Wanted,
            400..=499 => Kind::Refused,
            500..=599 => Kind::Failed,
            _ => Kind::Odd,
        }
    }
}

/// What an answer with some status is to the caller.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Success,
    /// The caller wants it as it is.
    Wanted,
    Refused,
    Failed,
    /// Anything else.
    Odd,
}

/// The target of the answer if it is a redirect that is to be followed.
fn followed_location(call: &Prepared, answer: &Answer) -> Option<String> {
    let is_redirect = matches!(answer.status.as_u16(), 301 | 302 | 303 | 307 | 308);
    if !is_redirect || call.options.allow_redirects == Some(false) {
        return None;
    }
    Some(String::from_utf8_lossy(answer.headers.get(LOCATION)?.as_bytes()).into_owned())
}

/// An answer that can be decrypted with the keys that the call began with.
fn response(call: &Prepared, answer: &mut Answer, body: Vec<u8>) -> Response {
    let identity = Arc::clone(&call.identity);
    let sensitive = call.documented.map_or(&[][..], |documented| &documented.answer);
    let response =
        Response::new(answer.status, std::mem::take(&mut answer.headers), body).decrypted_by(identity, sensitive);
    match call.protocol {
        Protocol::Apiv2 => response.of_apiv2(answer.data.take()),
        Protocol::Apiv3 => response,
    }
}

fn sink(call: &Prepared) -> Result<Option<Sink>> {
    call.options.sink.as_ref().map(|sink| sink.open(call.deadline)).transpose()
}

/// The length in bytes of an address and headers as they are sent.
fn head(uri: &Uri, headers: &HeaderMap) -> usize {
    let line =
        |name: &HeaderName, value: &HeaderValue| name.as_str().len().saturating_add(value.len()).saturating_add(4);
    let lines = headers.iter().map(|(name, value)| line(name, value));
    let target = uri.path_and_query().map_or(0, |target| target.as_str().len());
    lines.fold(target, usize::saturating_add)
}

/// One request of an attempt: the first, or one that a redirect leads to.
#[derive(Clone)]
struct Hop {
    method: Method,
    uri: Uri,
    payload: Payload,
}

impl Hop {
    /// The request that an attempt begins with. APIv2 on GET is the query, otherwise XML.
    ///
    /// # Errors
    /// If APIv2 data cannot be signed or serialised.
    fn first(call: &Prepared, host: usize) -> Result<Hop> {
        let (method, uri) = (call.method.clone(), call.address(host));
        let (data, nonceless) = match &call.unsigned {
            Unsigned::Apiv3(payload) => return Ok(Hop { method, uri, payload: payload.clone() }),
            Unsigned::Apiv2 { data, nonceless } => (data, *nonceless),
        };
        let (identity, data) = (&call.identity, data.clone());
        let signed = apiv2::sign(data, identity.id(), identity.secret()?, nonceless)?;
        if method == Method::GET {
            let uri = address::with_query(&uri, Some(&query::build(&signed)))?;
            return Ok(Hop { method, uri, payload: Payload::Empty });
        }
        let xml = Transformer::to_xml(&signed.into())
            .map_err(|error| Error::Options(format!("`xml` cannot be written: {error}")))?;
        Ok(Hop { method, uri, payload: Payload::bytes(xml.into_bytes()) })
    }

    /// Sends one request and waits for its answer, within what is left of the call's time.
    ///
    /// # Errors
    /// If a file to be uploaded cannot be read, the exchange fails, or something is wrong with the answer.
    fn send(&self, call: &Arc<Prepared>, host: usize) -> Result<Answer> {
        debug!("{} {}{}", self.method, address::origin(&self.uri), self.uri.path());
        // Methods that usually have a body say so when there is none; the others say nothing.
        let length = self.payload.length();
        let has_length = length > 0 || matches!(self.method, Method::POST | Method::PUT | Method::PATCH);
        let body = if has_length { Some((length, self.payload.open()?)) } else { None };
        middleware::send(self.ready(call, host, body))
    }

    /// The request. Its stack is not small, and is given back before the request is in flight.
    #[inline(never)]
    fn ready<'a>(&'a self, call: &'a Arc<Prepared>, host: usize, body: Option<OutgoingBody>) -> Ready<'a> {
        let outgoing = Outgoing { method: &self.method, uri: &self.uri, headers: &call.headers, body };
        let options = &call.options;
        let limits = Limits {
            deadline: call.deadline,
            connect: options.connect_timeout,
            read: options.read_timeout,
            proxy: options.proxy.as_ref(),
        };
        let agent = if self.is_large(call) { call.agents.large() } else { call.agents.small() };
        let exchange = Exchange { call: Arc::clone(call), host, payload: self.payload.clone() };
        Ready::new(agent, outgoing, &limits, exchange)
    }

    /// Whether it needs large buffers: for a body of any size, which is never in memory as a whole, or for a long head.
    fn is_large(&self, call: &Prepared) -> bool {
        let is_streamed = call.options.sink.is_some() || matches!(self.payload, Payload::Form(_));
        is_streamed || head(&self.uri, &call.headers) > SMALL_HEAD
    }

    /// Reads an answer into memory. Unless it is a success, its status counts even if the body breaks off.
    fn read(&self, call: &Prepared, answer: &mut Answer) -> Result<Response> {
        let body = match middleware::read(answer, call, &self.uri) {
            Ok(body) => body,
            Err(_) if !answer.status.is_success() => Vec::new(),
            Err(error) => return Err(error),
        };
        Ok(response(call, answer, body))
    }

    /// Follows a redirect as Guzzle and browsers do: 307 and 308 repeat the request, the others become a GET, unless it was
    /// a HEAD. Returns whether that changed the request.
    fn redirect(&mut self, to: Uri, status: StatusCode) -> bool {
        self.uri = to;
        let is_turned = !matches!(status.as_u16(), 307 | 308) && !matches!(self.method, Method::GET | Method::HEAD);
        if is_turned {
            self.method = Method::GET;
            self.payload = Payload::Empty;
        }
        is_turned
    }
}
