//! A call that may be sent: nothing about it can be wrong any more on this side.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use ureq::config::ConfigBuilder;
use ureq::http::header::{CONTENT_LENGTH, LOCATION, RANGE};
use ureq::http::{self, HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use ureq::typestate::HttpCrateScope;
use ureq::{Agent, SendBody};

use crate::deadline::Deadline;
use crate::error::{Error, Result, StatusError};
use crate::identity::{Identity, Security};
use crate::middleware::{Context, Protocol, apiv2};
use crate::options::Options;
use crate::payload::Payload;
use crate::sign_error::SignedMessage;
use crate::signature::Verifier;
use crate::sink::{FillError, Sink};
use crate::transformer::Transformer;
use crate::wire::agents::{self, Agents};
use crate::{Response, address, dialogue, middleware, query};

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
    /// When it must have ended, all attempts together.
    pub(crate) deadline: Deadline,
    /// Whether a redirect has turned the request into another one. What is answered to that says nothing about the request
    /// itself, which may have been carried out.
    pub(crate) is_turned: bool,
    pub(crate) options: Options,
    /// The merchant's certificate, when it is to be shown.
    pub(crate) security: Option<Arc<Security>>,
    /// Connections of its own, when the call trusts others than the configuration does.
    pub(crate) agents: Option<Agents>,
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
    /// How many attempts may follow the first: as many as there are other hosts, unless it is said.
    pub(crate) fn retries(&self) -> u32 {
        let others = u32::try_from(self.targets.len().saturating_sub(1)).unwrap_or(u32::MAX);
        self.options.retries.unwrap_or(others)
    }

    /// Whether small buffers are too small: bodies of any size, which are never in memory as a whole, or a long head.
    pub(crate) fn is_large(&self, hop: &Hop) -> bool {
        let is_streamed = self.options.sink.is_some() || matches!(self.payload, Payload::Form(_));
        is_streamed || head(&hop.uri, &self.headers) > agents::SMALL_HEAD
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
        }
    }

    /// Makes ready for one more attempt.
    ///
    /// # Errors
    /// When the sink cannot take a second answer.
    pub(crate) fn begin_anew(&mut self, elsewhere: bool) -> Result<()> {
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
            self.sink = self.options.sink.as_ref().map(|sink| sink.open(self.deadline)).transpose()?;
        }
        Ok(())
    }

    /// A request of the call, with what the middleware needs to know, in what is left of its time.
    ///
    /// # Errors
    /// When a file that is to be uploaded cannot be read.
    // Not part of `attempt`, whose stack is there for as long as the call is in flight.
    #[inline(never)]
    pub(crate) fn request(&self, agent: &Agent, hop: &Hop) -> Result<Box<Request<SendBody<'static>>>> {
        let mut request = hop.request(&self.headers)?;
        request.extensions_mut().insert(Context {
            identity: Arc::clone(&self.identity),
            verifier: self.verifier.clone(),
            protocol: self.protocol,
            path: self.path(),
            payload: hop.payload.clone(),
            debug: self.options.debug == Some(true),
            response_limit: self.options.memory_limit(),
            expected_sha1: self.options.expected_sha1.clone(),
        });
        Ok(Box::new(self.configure(agent.configure_request(request)).build()))
    }

    /// The path that is called, which settles what its answer must carry, wherever redirects lead.
    fn path(&self) -> Box<str> {
        self.targets.get(self.target).map_or("", Uri::path).into()
    }

    /// The settings in which the call differs from the agent, and what is left of its time.
    fn configure(&self, mut config: RequestConfig) -> RequestConfig {
        // A deadline that has passed must still end the call, and zero would be none.
        config = config.timeout_global(self.deadline.left().map(|left| left.max(Duration::from_millis(1))));
        if let Some(connect) = self.options.connect_timeout {
            config = config.timeout_connect(connect);
        }
        if let Some(read) = self.options.read_timeout {
            config = config.timeout_per_read(read);
        }
        if let Some(proxy) = &self.options.proxy {
            config = config.proxy(proxy.clone());
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
        let kind = self.kind(answer.status());
        if let Some(sink) = self.sink.take_if(|_| kind == Kind::Success) {
            sink.fill(&mut middleware::reader(answer)).map_err(|error| match error {
                FillError::Read(error) => agents::error(ureq::Error::Io(error), &hop.host(), true),
                FillError::Write(error) => error,
            })?;
            return Ok(self.response(answer.status(), std::mem::take(answer.headers_mut()), Vec::new()));
        }
        let signed = answer.extensions_mut().remove::<SignedMessage>();
        let response = self.read(hop, answer)?;
        let error: fn(Box<StatusError>) -> Error = match kind {
            Kind::Success | Kind::Wanted => return Ok(response),
            Kind::Refused => Error::Client,
            Kind::Failed => Error::Server,
            Kind::Odd => Error::Status,
        };
        Err(error(Box::new(StatusError::new(response, signed).after_redirect(self.is_turned))))
    }

    /// What a status means to the caller.
    fn kind(&self, status: StatusCode) -> Kind {
        let hands_errors_back = self.options.http_errors == Some(false) && !self.is_turned;
        match status.as_u16() {
            // A part of what was asked for as a whole.
            206 if !self.headers.contains_key(RANGE) => Kind::Odd,
            200..=299 => Kind::Success,
            300..=399 if self.options.allow_redirects == Some(false) => Kind::Wanted,
            400..=599 if hands_errors_back => Kind::Wanted,
            400..=499 => Kind::Refused,
            500..=599 => Kind::Failed,
            _ => Kind::Odd,
        }
    }

    /// Reads an answer into memory. Of any but a success, the status counts even if the body breaks off.
    pub(crate) fn read(&self, hop: &Hop, answer: &mut http::Response<ureq::Body>) -> Result<Response> {
        let status = answer.status();
        let body = match middleware::read(answer, self.options.memory_limit()) {
            Ok(body) => body,
            Err(_) if !status.is_success() => Vec::new(),
            Err(error) => return Err(agents::error(error, &hop.host(), true)),
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

/// What an answer with some status is to the caller.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Success,
    /// The caller wants it as it is.
    Wanted,
    Refused,
    Failed,
    /// None of these.
    Odd,
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

    /// As Guzzle and browsers: 307 and 308 repeat the request, the others fetch what is there. Whether that makes another
    /// request of it.
    pub(crate) fn redirect(&mut self, to: Uri, status: StatusCode) -> bool {
        self.uri = to;
        let is_turned = !matches!(status.as_u16(), 307 | 308) && !matches!(self.method, Method::GET | Method::HEAD);
        if is_turned {
            self.method = Method::GET;
            self.payload = Payload::Empty;
        }
        is_turned
    }
}
