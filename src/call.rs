//! A call that may be sent: nothing about it can be wrong any more on this side.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use ureq::config::ConfigBuilder;
use ureq::http::header::{CONTENT_LENGTH, LOCATION};
use ureq::http::{self, HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use ureq::tls::TlsConfig;
use ureq::typestate::HttpCrateScope;
use ureq::{Agent, SendBody};

use crate::deadline::Deadline;
use crate::error::{Error, Result, StatusError};
use crate::identity::{Identity, Security};
use crate::middleware::{Context, Protocol, apiv2};
use crate::options::{Limit, Options};
use crate::payload::Payload;
use crate::sign_error::SignedMessage;
use crate::signature::Verifier;
use crate::sink::{FillError, Sink};
use crate::transformer::Transformer;
use crate::{Response, address, dialogue, middleware, query, transport};

/// What a call is made of, for all its attempts.
pub(crate) struct Call {
    pub(crate) identity: Arc<Identity>,
    pub(crate) verifier: Option<Arc<dyn Verifier>>,
    pub(crate) protocol: Protocol,
    pub(crate) method: Method,
    /// The address at each host, of which all but the first are for when another one fails.
    pub(crate) targets: Vec<Uri>,
    /// Which of them is called.
    pub(crate) target: usize,
    pub(crate) headers: HeaderMap,
    pub(crate) content: Content,
    pub(crate) payload: Payload,
    /// Whether no attempt was made before.
    pub(crate) is_first: bool,
    pub(crate) options: Options,
    /// Whether the call asked for other settings of the connection than the agent's.
    pub(crate) own_connection: bool,
    /// The merchant's certificate, when it is to be shown.
    pub(crate) security: Option<Arc<Security>>,
    /// Whom to trust, when that is not whom the agent trusts.
    pub(crate) tls: Option<TlsConfig>,
    pub(crate) sink: Option<Sink>,
}

/// What is sent, before it is signed.
pub(crate) enum Content {
    /// Serialised already; each attempt is signed by the middleware.
    Apiv3 { payload: Payload, query: Option<String> },
    /// Signed with its data, for each attempt anew. The query stands beside the XML, never in place of it.
    Apiv2 { data: Map<String, Value>, nonceless: bool, query: Option<String> },
}

impl Content {
    /// The body and the query of an attempt: APIv2 on GET is the query, otherwise XML.
    ///
    /// # Errors
    /// When APIv2 data cannot be signed or written.
    pub(crate) fn sign(&self, identity: &Identity, method: &Method) -> Result<(Payload, Option<String>)> {
        let (data, nonceless, query) = match self {
            Content::Apiv3 { payload, query } => return Ok((payload.clone(), query.clone())),
            Content::Apiv2 { data, nonceless, query } => (data, *nonceless, query),
        };
        let signed = apiv2::sign(data.clone(), identity.mchid.as_deref(), identity.secret()?, nonceless)?;
        if *method == Method::GET {
            return Ok((Payload::Empty, Some(query::build(&signed))));
        }
        let xml = Transformer::to_xml(&signed.into())
            .map_err(|error| Error::Options(format!("`xml` cannot be written: {error}")))?;
        Ok((Payload::bytes(xml.into_bytes()), query.clone()))
    }
}

type RequestConfig = ConfigBuilder<HttpCrateScope<SendBody<'static>>>;

impl Call {
    /// The limit of all attempts together.
    pub(crate) fn timeout(&self) -> Limit {
        self.options.timeout.unwrap_or(Some(transport::TIMEOUT))
    }

    /// How many attempts may follow the first: as many as there are other hosts, unless it is said.
    pub(crate) fn retries(&self) -> u32 {
        let others = u32::try_from(self.targets.len().saturating_sub(1)).unwrap_or(u32::MAX);
        self.options.retries.unwrap_or(others)
    }

    /// Whether small buffers are too small: bodies of any size, which are never in memory as a whole, or a long head.
    pub(crate) fn is_large(&self, hop: &Hop) -> bool {
        let is_streamed = self.options.sink.is_some() || matches!(self.payload, Payload::Form(_));
        is_streamed || head(&hop.uri, &self.headers) > transport::SMALL_HEAD
    }

    pub(crate) fn has_other_hosts(&self) -> bool {
        self.targets.len() > 1
    }

    /// The request that an attempt begins with.
    pub(crate) fn first_hop(&self) -> Hop {
        Hop {
            method: self.method.clone(),
            uri: self.targets.get(self.target).cloned().unwrap_or_default(),
            payload: self.payload.clone(),
            is_first: self.is_first,
        }
    }

    /// Makes ready for one more attempt.
    ///
    /// # Errors
    /// When the sink cannot take a second answer.
    pub(crate) fn begin_anew(&mut self, elsewhere: bool) -> Result<()> {
        self.is_first = false;
        if elsewhere {
            self.target = self.target.saturating_add(1).checked_rem(self.targets.len()).unwrap_or_default();
        }
        if let Content::Apiv2 { .. } = self.content {
            let (payload, query) = self.content.sign(&self.identity, &self.method)?;
            self.payload = payload;
            for target in &mut self.targets {
                *target = address::with_query(target, query.as_deref())?;
            }
        }
        if self.sink.is_none() {
            let deadline = Deadline::after(self.timeout());
            self.sink = self.options.sink.as_ref().map(|sink| sink.open(deadline)).transpose()?;
        }
        Ok(())
    }

    /// A request of the call, with what the middleware needs to know, and on a connection as the agent has it or with
    /// settings of its own.
    ///
    /// # Errors
    /// When a file that is to be uploaded cannot be read.
    // Not part of `attempt`, whose stack is there for as long as the call is in flight.
    #[inline(never)]
    pub(crate) fn request(&self, agent: &Agent, hop: &Hop, left: Limit) -> Result<Box<Request<SendBody<'static>>>> {
        let mut request = hop.request(&self.headers)?;
        request.extensions_mut().insert(Context {
            identity: Arc::clone(&self.identity),
            verifier: self.verifier.clone(),
            protocol: self.protocol,
            payload: hop.payload.clone(),
            debug: self.options.debug == Some(true),
            response_limit: self.options.memory_limit(),
            expected_sha1: self.options.expected_sha1.clone(),
        });
        Ok(Box::new(match self.own_connection || !hop.is_first {
            true => self.configure(agent.configure_request(request), left).build(),
            false => request,
        }))
    }

    /// The settings in which the call differs from the agent, and what is left of its time.
    fn configure(&self, mut config: RequestConfig, left: Limit) -> RequestConfig {
        // A deadline that has passed must still end the call, and zero would be none.
        config = config.timeout_global(left.map(|left| left.max(Duration::from_millis(1))));
        if let Some(connect) = self.options.connect_timeout {
            config = config.timeout_connect(connect);
        }
        if let Some(read) = self.options.read_timeout {
            config = config.timeout_per_read(read);
        }
        if let Some(proxy) = &self.options.proxy {
            config = config.proxy(proxy.clone());
        }
        if let Some(tls) = &self.tls {
            config = config.tls_config(tls.clone());
        }
        config
    }

    /// Where the answer leads, when it is a redirect that is to be followed.
    pub(crate) fn followed_location<B>(&self, answer: &http::Response<B>) -> Option<String> {
        let is_redirect = matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308);
        if !is_redirect || self.options.allow_redirects == Some(false) {
            return None;
        }
        Some(String::from_utf8_lossy(answer.headers().get(LOCATION)?.as_bytes()).into_owned())
    }

    /// The last answer of an attempt: into the sink or into memory, an error or a response.
    pub(crate) fn finish(&mut self, hop: &Hop, answer: &mut http::Response<ureq::Body>) -> Result<Response> {
        let status = answer.status();
        if let Some(sink) = self.sink.take_if(|_| status.is_success()) {
            sink.fill(&mut middleware::reader(answer)).map_err(|error| match error {
                FillError::Read(error) => transport::error(ureq::Error::Io(error), &hop.host(), true),
                FillError::Write(error) => error,
            })?;
            return Ok(self.response(status, std::mem::take(answer.headers_mut()), Vec::new()));
        }
        let signed = answer.extensions_mut().remove::<SignedMessage>();
        let response = self.read(hop, answer)?;
        if self.options.http_errors == Some(false) {
            return Ok(response);
        }
        match (status.is_client_error(), status.is_server_error()) {
            (true, _) => Err(Error::Client(Box::new(StatusError::new(response, signed)))),
            (_, true) => Err(Error::Server(Box::new(StatusError::new(response, signed)))),
            _ => Ok(response),
        }
    }

    /// Reads an answer into memory. Of an error or a redirect, the status counts even if the body breaks off.
    pub(crate) fn read(&self, hop: &Hop, answer: &mut http::Response<ureq::Body>) -> Result<Response> {
        let status = answer.status();
        let is_redirect = status.is_redirection() && answer.headers().contains_key(LOCATION);
        let body = match middleware::read(answer, self.options.memory_limit()) {
            Ok(body) => body,
            Err(_) if is_redirect || status.is_client_error() || status.is_server_error() => Vec::new(),
            Err(error) => return Err(transport::error(error, &hop.host(), true)),
        };
        if self.options.debug == Some(true) {
            dialogue::print_body(&body);
        }
        Ok(self.response(status, std::mem::take(answer.headers_mut()), body))
    }

    /// An answer that can be decrypted with the key that the call was signed with.
    fn response(&self, status: StatusCode, headers: HeaderMap, body: Vec<u8>) -> Response {
        let key = self.identity.apiv3.as_ref().and_then(|apiv3| apiv3.private_key.clone());
        Response::new(status, headers, body).with_key(key)
    }
}

/// Bytes of an address and of headers on their way.
pub(crate) fn head(uri: &Uri, headers: &HeaderMap) -> usize {
    let line =
        |name: &HeaderName, value: &HeaderValue| name.as_str().len().saturating_add(value.len()).saturating_add(4);
    let lines = headers.iter().map(|(name, value)| line(name, value));
    let target = uri.path_and_query().map_or(0, |target| target.as_str().len());
    lines.fold(target, usize::saturating_add)
}

/// One request of an attempt: the first, or one that a redirect leads to.
pub(crate) struct Hop {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) payload: Payload,
    /// Whether nothing of the call was sent before.
    pub(crate) is_first: bool,
}

impl Hop {
    /// Scheme, host and port.
    pub(crate) fn host(&self) -> String {
        address::origin(&self.uri)
    }

    /// The request, unsigned; its body begins anew.
    ///
    /// # Errors
    /// When a file that is to be uploaded cannot be read.
    fn request(&self, headers: &HeaderMap) -> Result<Request<SendBody<'static>>> {
        // Methods that usually have a body say so when there is none; the others say nothing.
        let length = self.payload.length();
        let has_length = length > 0 || matches!(self.method, Method::POST | Method::PUT | Method::PATCH);
        let mut request = Request::new(match has_length {
            true => SendBody::from_owned_reader(self.payload.open()?),
            false => SendBody::none(),
        });
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        // With room for what is added below and by the middleware.
        let mut all = HeaderMap::with_capacity(headers.len().saturating_add(2));
        all.extend(headers.iter().map(|(name, value)| (name.clone(), value.clone())));
        *request.headers_mut() = all;
        if has_length {
            request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        Ok(request)
    }

    /// As Guzzle and browsers: 307 and 308 repeat the request, the others fetch what is there.
    pub(crate) fn redirect(&mut self, to: Uri, status: StatusCode) {
        self.uri = to;
        self.is_first = false;
        if !matches!(status.as_u16(), 307 | 308) && !matches!(self.method, Method::GET | Method::HEAD) {
            self.method = Method::GET;
            self.payload = Payload::Empty;
        }
    }
}
