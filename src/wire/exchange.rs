//! One request and its answer, through an agent.

use ureq::http::header::CONTENT_LENGTH;
use ureq::http::{HeaderMap, HeaderValue, Method, Request, Response, Uri};
use ureq::{Agent, Body, SendBody};

use crate::deadline::{Deadline, LEAST, Limit};
use crate::error::Result;
use crate::wire::connection::Tracking;
use crate::wire::proxy::Proxy;
use crate::wire::{address, agents};

/// The length of a body, and where it is read from.
pub(crate) type OutgoingBody = (u64, Box<dyn std::io::Read + Send + Sync>);

/// A request to be sent.
pub(crate) struct Outgoing<'a> {
    pub(crate) method: &'a Method,
    pub(crate) uri: &'a Uri,
    pub(crate) headers: &'a HeaderMap,
    /// `None` for no body and no `Content-Length`.
    pub(crate) body: Option<OutgoingBody>,
}

/// The settings in which a call differs from its agent.
pub(crate) struct Limits<'a> {
    pub(crate) deadline: Deadline,
    pub(crate) connect: Option<Limit>,
    pub(crate) read: Option<Limit>,
    pub(crate) proxy: Option<&'a Option<Proxy>>,
}

/// A request as ureq takes it.
pub(crate) struct Ready<'a> {
    agent: &'a Agent,
    uri: &'a Uri,
    request: Request<SendBody<'static>>,
}

impl<'a> Ready<'a> {
    /// `note` is what the middleware needs to know about the request.
    pub(crate) fn new<T: Clone + Send + Sync + 'static>(
        agent: &'a Agent,
        outgoing: Outgoing<'a>,
        limits: &Limits<'_>,
        note: T,
    ) -> Ready<'a> {
        let uri = outgoing.uri;
        let mut request = outgoing.into_request();
        request.extensions_mut().insert(note);
        Ready { agent, uri, request: limits.configure(agent, request) }
    }

    /// Sends it.
    ///
    /// # Errors
    /// What went wrong in the exchange, and whether anything had been sent; the errors of the middleware.
    pub(crate) fn send(self) -> Result<Response<Body>> {
        let tracking = Tracking::begin();
        let result = self.agent.run(self.request);
        result.map_err(|error| agents::error(error, &address::origin(self.uri), tracking.has_sent()))
    }
}

impl Outgoing<'_> {
    fn into_request(self) -> Request<SendBody<'static>> {
        // With room for what is added below and by the middleware.
        let mut headers = HeaderMap::with_capacity(self.headers.len().saturating_add(2));
        headers.extend(self.headers.iter().map(|(name, value)| (name.clone(), value.clone())));
        let mut request = Request::new(match self.body {
            Some((length, reader)) => {
                headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
                SendBody::from_owned_reader(reader)
            }
            None => SendBody::none(),
        });
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = headers;
        request
    }
}

impl Limits<'_> {
    /// Limits the request to what is left of the call's time.
    fn configure(&self, agent: &Agent, request: Request<SendBody<'static>>) -> Request<SendBody<'static>> {
        let mut config = agent.configure_request(request);
        // A deadline that has passed must still end the call, but zero would mean no limit.
        config = config.timeout_global(self.deadline.left().map(|left| left.max(LEAST)));
        if let Some(connect) = self.connect {
            config = config.timeout_connect(connect);
        }
        if let Some(read) = self.read {
            config = config.timeout_per_read(read);
        }
        if let Some(proxy) = self.proxy {
            config = config.proxy(proxy.as_ref().map(Proxy::as_ureq));
        }
        config.build()
    }
}
