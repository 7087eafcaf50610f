//! One call, from its template to its answer. Sync and async verbs both come through here.

use std::sync::Arc;
use std::time::{Duration, Instant};

use log::debug;
use ureq::config::ConfigBuilder;
use ureq::http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, USER_AGENT};
use ureq::http::{self, HeaderMap, HeaderValue, Method, Request, StatusCode, Uri};
use ureq::tls::TlsConfig;
use ureq::typestate::HttpCrateScope;
use ureq::{Agent, SendBody};

use crate::error::{Error, RedirectError, Result, StatusError};
use crate::middleware::{Context, RESPONSE_LIMIT};
use crate::options::{Limit, Options};
use crate::payload::Payload;
use crate::signature::Credentials;
use crate::sink::{FillError, Sink};
use crate::{Response, address, dialogue, transport};

pub(crate) const DEFAULT_BASE_URI: &str = "https://api.mch.weixin.qq.com/";

const MAX_REDIRECTS: usize = 5;

/// What all chains of an instance share.
#[derive(Debug)]
pub(crate) struct Client {
    agent: Agent,
    credentials: Arc<Credentials>,
    defaults: Options,
    headers: HeaderMap,
    allow_http: bool,
}

impl Client {
    /// # Errors
    /// What is wrong with the defaults: an unreadable bundle, a `base_uri` that is no address.
    pub(crate) fn new(credentials: Credentials, defaults: Options, allow_http: bool) -> Result<Client> {
        address::parse_base(defaults.base_uri.as_deref().unwrap_or(DEFAULT_BASE_URI), allow_http)?;
        let agent = transport::agent(&defaults)?;
        let mut headers = default_headers();
        replace(&mut headers, defaults.headers());
        Ok(Client { agent, credentials: Arc::new(credentials), defaults, headers, allow_http })
    }

    pub(crate) fn mchid(&self) -> &str {
        &self.credentials.mchid
    }

    /// Makes a call and waits for its answer.
    pub(crate) fn request(&self, template: &str, method: &str, options: Options) -> Result<Response> {
        let mut call = self.prepare(template, method, options)?;
        let deadline = call.timeout().and_then(|timeout| Instant::now().checked_add(timeout));
        let mut redirects = 0;
        loop {
            let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
            let mut answer = match redirects {
                0 => self.exchange(&call, call.own_connection, left),
                _ => self.exchange(&call, true, left).map_err(Error::after_sending),
            }?;
            let Some(location) = call.followed_location(&answer) else {
                return call.finish(answer);
            };
            let next = address::redirect(&call.uri, &location).filter(|next| address::same_origin(&call.uri, next));
            // Reading the rest gives the connection back.
            let response = call.read(&mut answer)?;
            let refused = |response| Box::new(RedirectError { location, response });
            match next {
                None => return Err(Error::RedirectRefused(refused(response))),
                Some(_) if redirects == MAX_REDIRECTS => return Err(Error::TooManyRedirects(refused(response))),
                Some(next) => call.redirect(next, response.status()),
            }
            redirects += 1;
        }
    }

    /// Everything that can be refused is refused here, before anything is sent.
    fn prepare(&self, template: &str, method: &str, mut options: Options) -> Result<Call> {
        options.check()?;
        let method = parse_method(method)?;
        let path = options.expand(template)?;
        if path.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("v2/")) {
            return Err(Error::Options(format!("`{path}` is APIv2 (XML), which this version does not speak yet")));
        }
        let (payload, content_type) = options.take_payload()?;
        let own_connection = options.sets_connection();
        let options = options.or(&self.defaults);
        let tls = match &options.verify {
            Some(verify) if options.verify != self.defaults.verify => Some(transport::tls(verify)?),
            _ => None,
        };
        let base_uri = options.base_uri.as_deref().unwrap_or(DEFAULT_BASE_URI);
        let uri = address::resolve(base_uri, &path, options.query_string(), self.allow_http)?;
        let mut headers = self.headers.clone();
        if let Some(content_type) = content_type {
            headers.insert(CONTENT_TYPE, content_type);
        }
        replace(&mut headers, options.headers());
        let sink = options.sink.as_deref().map(Sink::create).transpose()?;
        Ok(Call { method, uri, headers, payload, options, own_connection, tls, sink })
    }

    /// One attempt of the call, on a connection as the configuration has it or with settings of its own.
    fn exchange(&self, call: &Call, own_connection: bool, left: Limit) -> Result<http::Response<ureq::Body>> {
        let mut request = call.request()?;
        request.extensions_mut().insert(Context {
            credentials: Arc::clone(&self.credentials),
            payload: call.payload.clone(),
            debug: call.options.debug == Some(true),
        });
        if own_connection {
            request = call.configure(self.agent.configure_request(request), left).build();
        }
        let host = call.host();
        debug!("{} {host}{}", call.method, call.uri.path());
        let (result, sent) = transport::track(|| self.agent.run(request));
        result.map_err(|error| transport::error(error, &host, sent))
    }
}

/// A call that may be sent: nothing about it can be wrong any more on this side.
struct Call {
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    payload: Payload,
    options: Options,
    /// Whether the call asked for other settings of the connection than the agent's.
    own_connection: bool,
    /// Whom to trust, when that is not whom the agent trusts.
    tls: Option<TlsConfig>,
    sink: Option<Sink>,
}

type RequestConfig = ConfigBuilder<HttpCrateScope<SendBody<'static>>>;

impl Call {
    fn timeout(&self) -> Limit {
        self.options.timeout.unwrap_or(Some(transport::TIMEOUT))
    }

    /// Scheme, host and port.
    fn host(&self) -> String {
        address::origin(&self.uri)
    }

    /// The request as it stands now, unsigned; its body begins anew.
    fn request(&self) -> Result<Request<SendBody<'static>>> {
        // Methods that usually have a body say so when there is none; the others say nothing.
        let length = self.payload.length();
        let has_length = length > 0 || matches!(self.method, Method::POST | Method::PUT | Method::PATCH);
        let mut request = Request::new(match has_length {
            true => SendBody::from_owned_reader(self.payload.open()?),
            false => SendBody::none(),
        });
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = self.headers.clone();
        if has_length {
            request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
        }
        Ok(request)
    }

    /// The settings in which the call differs from the agent, and what is left of its time.
    fn configure(&self, mut config: RequestConfig, left: Limit) -> RequestConfig {
        // A deadline that has passed must still end the call, and zero would be none.
        config = config.timeout_global(left.map(|left| left.max(Duration::from_millis(1))));
        if let Some(connect) = self.options.connect_timeout {
            config = config.timeout_resolve(connect).timeout_connect(connect);
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
    fn followed_location<B>(&self, answer: &http::Response<B>) -> Option<String> {
        let is_redirect = matches!(answer.status().as_u16(), 301 | 302 | 303 | 307 | 308);
        if !is_redirect || self.options.allow_redirects == Some(false) {
            return None;
        }
        Some(String::from_utf8_lossy(answer.headers().get(LOCATION)?.as_bytes()).into_owned())
    }

    /// As Guzzle and browsers: 307 and 308 repeat the request, the others fetch what is there.
    fn redirect(&mut self, to: Uri, status: StatusCode) {
        self.uri = to;
        if !matches!(status.as_u16(), 307 | 308) && !matches!(self.method, Method::GET | Method::HEAD) {
            self.method = Method::GET;
            self.payload = Payload::Empty;
        }
    }

    /// The last answer: into the sink or into memory, an error or a response.
    fn finish(mut self, mut answer: http::Response<ureq::Body>) -> Result<Response> {
        let status = answer.status();
        if let Some(sink) = self.sink.take_if(|_| status.is_success()) {
            sink.fill(&mut answer.body_mut().as_reader()).map_err(|error| match error {
                FillError::Read(error) => transport::error(ureq::Error::Io(error), &self.host(), true),
                FillError::Write(error) => error,
            })?;
            return Ok(Response::new(status, answer.into_parts().0.headers, Vec::new()));
        }
        let response = self.read(&mut answer)?;
        if self.options.http_errors == Some(false) {
            return Ok(response);
        }
        match (status.is_client_error(), status.is_server_error()) {
            (true, _) => Err(Error::Client(Box::new(StatusError::new(response)))),
            (_, true) => Err(Error::Server(Box::new(StatusError::new(response)))),
            _ => Ok(response),
        }
    }

    /// Reads an answer into memory. Of one that is an error anyway, the status counts even if the body breaks off.
    fn read(&self, answer: &mut http::Response<ureq::Body>) -> Result<Response> {
        let status = answer.status();
        let body = match answer.body_mut().with_config().limit(RESPONSE_LIMIT).read_to_vec() {
            Ok(body) => body,
            Err(_) if !status.is_success() => Vec::new(),
            Err(error) => return Err(transport::error(error, &self.host(), true)),
        };
        if self.options.debug == Some(true) {
            dialogue::print_body(&body);
        }
        Ok(Response::new(status, std::mem::take(answer.headers_mut()), body))
    }
}

/// The headers of every request of APIv3, on GET too.
fn default_headers() -> HeaderMap {
    const USER_AGENT_TEXT: &str =
        concat!("wechatpay-chain/", env!("CARGO_PKG_VERSION"), " ureq/3 Rust/", env!("CARGO_PKG_RUST_VERSION"));
    let agent = format!("{USER_AGENT_TEXT} ({}; {})", std::env::consts::OS, std::env::consts::ARCH);
    let mut headers = HeaderMap::new();
    let accept = "application/json, text/plain, application/x-gzip, application/pdf, image/png, image/*;q=0.5";
    headers.insert(ACCEPT, HeaderValue::from_static(accept));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(USER_AGENT, HeaderValue::try_from(agent).unwrap_or(HeaderValue::from_static(USER_AGENT_TEXT)));
    headers
}

/// Puts headers in place of those of the same name.
fn replace(headers: &mut HeaderMap, by: &HeaderMap) {
    for name in by.keys() {
        headers.remove(name);
        for value in by.get_all(name) {
            headers.append(name, value.clone());
        }
    }
}

fn parse_method(method: &str) -> Result<Method> {
    const METHODS: [Method; 7] =
        [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::HEAD, Method::OPTIONS];
    METHODS.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(method)).ok_or_else(|| {
        Error::Options(format!("{method:?} is no method; use get, put, post, patch, delete, head or options"))
    })
}
