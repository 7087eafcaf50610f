//! One call, from its template to its answer. Sync and async verbs both come through here.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use log::debug;
use ureq::config::ConfigBuilder;
use ureq::http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, USER_AGENT};
use ureq::http::{self, HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri};
use ureq::tls::TlsConfig;
use ureq::typestate::HttpCrateScope;
use ureq::{Agent, SendBody};

use crate::error::{CertificatesError, Error, RedirectError, Result, StatusError};
use crate::formatter::Formatter;
use crate::identity::{Identity, Platform, Security};
use crate::keyring::Keyring;
use crate::middleware::{Context, Protocol, apiv2};
use crate::options::{Limit, Options};
use crate::payload::Payload;
use crate::pem::Certificate;
use crate::platform_keys::PlatformKey;
use crate::signature::Verifier;
use crate::sink::{FillError, Sink};
use crate::transformer::Transformer;
use crate::{Response, address, certificates, dialogue, middleware, query, sink, transport};

pub(crate) const DEFAULT_BASE_URI: &str = "https://api.mch.weixin.qq.com/";

const MAX_REDIRECTS: usize = 5;

const WECHATPAY_SERIAL: HeaderName = HeaderName::from_static("wechatpay-serial");

/// Where the platform's certificates are, unless the configuration says otherwise.
const CERTIFICATES: &str = "v3/certificates";

/// How long their fetch may take.
const CERTIFICATES_TIMEOUT: Duration = Duration::from_secs(10);

/// What all chains of an instance share.
#[derive(Debug)]
pub(crate) struct Client {
    connections: Arc<Connections>,
    keyring: Keyring,
}

/// What all merchants of an instance share.
#[derive(Debug)]
struct Connections {
    agent: Agent,
    defaults: Options,
    allow_http: bool,
}

/// What is called.
#[derive(Clone, Copy)]
pub(crate) enum Target<'a> {
    /// A path of the platform, to be expanded and resolved.
    Template(&'a str),
    /// An address that the platform gave, which is called exactly as it stands.
    Address(&'a str),
}

impl Client {
    /// # Errors
    /// What is wrong with the defaults: an unreadable bundle, a `base_uri` that is no address.
    pub(crate) fn new(identity: Identity, defaults: Options, allow_http: bool) -> Result<Client> {
        address::parse_base(defaults.base_uri.as_deref().unwrap_or(DEFAULT_BASE_URI), allow_http)?;
        let agent = transport::agent(&defaults, None)?;
        let connections = Arc::new(Connections { agent, defaults, allow_http });
        Ok(Client { connections, keyring: Keyring::new(identity) })
    }

    /// The same for another merchant, over the same connections.
    pub(crate) fn for_merchant(&self, identity: Identity) -> Client {
        Client { connections: Arc::clone(&self.connections), keyring: Keyring::new(identity) }
    }

    pub(crate) fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Makes a call and waits for its answer.
    pub(crate) fn request(self: &Arc<Self>, target: Target<'_>, method: &str, options: Options) -> Result<Response> {
        self.send(self.prepare(target, method, options, Trust::Platform)?)
    }

    /// Fetches the platform's certificates at once, whether that is due or not.
    pub(crate) fn download_certificates(self: &Arc<Self>) -> Result<Vec<Certificate>> {
        self.keyring.current().apiv3_keys()?;
        self.keyring.fetch(|identity| self.fetch_certificates(identity))
    }

    /// The keys for a call of APIv3; where certificates are fetched, that may happen here.
    pub(crate) fn ready(self: &Arc<Self>) -> Result<Arc<Identity>> {
        self.keyring.ready(|identity| self.fetch_certificates(identity))
    }

    /// Who verifies what the platform signs, for a call that began with these keys.
    pub(crate) fn verifier(self: &Arc<Self>, identity: &Arc<Identity>) -> Arc<dyn Verifier> {
        Arc::new(Session { client: Arc::clone(self), identity: Arc::clone(identity) })
    }

    /// The keys of now, for a notification or an answer that is signed with this one; where certificates are fetched,
    /// that may happen here.
    pub(crate) fn learn(self: &Arc<Self>, serial: &str) -> Arc<Identity> {
        self.keyring.learn(serial, |identity| self.fetch_certificates(identity))
    }

    fn fetch_certificates(
        self: &Arc<Self>,
        identity: &Arc<Identity>,
    ) -> std::result::Result<BTreeMap<String, PlatformKey>, CertificatesError> {
        let downloads = identity.apiv3.as_ref().and_then(|apiv3| apiv3.downloads.as_ref());
        let path = downloads.map_or(CERTIFICATES, |downloads| downloads.path.as_str());
        // A call waits for this.
        let options = Options::new().timeout(CERTIFICATES_TIMEOUT);
        let target = Target::Template("{+path}");
        let call = self.prepare(target, "GET", options.variable("path", path), Trust::Caller);
        let response = call.and_then(|call| self.send(call)).map_err(certificates::refused)?;
        certificates::open(&response, identity)
    }

    fn send(&self, mut call: Call) -> Result<Response> {
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
    fn prepare(self: &Arc<Self>, target: Target<'_>, method: &str, options: Options, trust: Trust) -> Result<Call> {
        let Connections { defaults, allow_http, .. } = self.connections.as_ref();
        options.check()?;
        let method = parse_method(method)?;
        if let Target::Address(_) = target {
            options.check_bare()?;
        }
        let own_connection = options.sets_connection();
        let mut options = options.or(defaults);
        let base_uri = options.base_uri.clone().unwrap_or_else(|| DEFAULT_BASE_URI.to_owned());
        let (protocol, path) = match target {
            Target::Address(_) => (Protocol::Apiv3, String::new()),
            Target::Template(template) => split_protocol(options.expand(template)?),
        };
        let identity = match (protocol, trust) {
            (Protocol::Apiv3, Trust::Platform) => self.ready()?,
            _ => self.keyring.current(),
        };
        let (payload, content_type, query) = match protocol {
            Protocol::Apiv3 => {
                identity.apiv3()?;
                options.check_apiv3()?;
                let (payload, content_type) = options.take_payload()?;
                (payload, content_type, options.query_string())
            }
            Protocol::Apiv2 => {
                let (payload, query) = sign_apiv2(&identity, &mut options, &method)?;
                (payload, None, query)
            }
        };
        let uri = match target {
            Target::Address(address) => address::exact(&base_uri, address, *allow_http)?,
            Target::Template(_) => address::resolve(&base_uri, &path, query.as_deref(), *allow_http)?,
        };
        let security = security(&identity, &options)?;
        let tls = match &options.verify {
            Some(verify) if options.verify != defaults.verify => {
                Some(transport::tls(verify, security.as_ref().map(|security| &security.shown))?)
            }
            _ => None,
        };
        let mut headers = default_headers(protocol);
        replace(&mut headers, defaults.headers());
        if let Some(content_type) = content_type {
            headers.insert(CONTENT_TYPE, content_type);
        }
        replace(&mut headers, options.headers());
        if protocol == Protocol::Apiv3 {
            announce(&identity, &mut headers);
        }
        let verifier = match (protocol, trust) {
            (Protocol::Apiv3, Trust::Platform) => Some(self.verifier(&identity)),
            _ => None,
        };
        let sink = options.sink.as_ref().map(sink::Target::open).transpose()?;
        Ok(Call {
            identity,
            verifier,
            protocol,
            method,
            uri,
            headers,
            payload,
            options,
            own_connection,
            security,
            tls,
            sink,
        })
    }

    /// One attempt of the call, on a connection as the configuration has it or with settings of its own.
    fn exchange(&self, call: &Call, own_connection: bool, left: Limit) -> Result<http::Response<ureq::Body>> {
        let mut request = call.request()?;
        request.extensions_mut().insert(Context {
            identity: Arc::clone(&call.identity),
            verifier: call.verifier.clone(),
            protocol: call.protocol,
            payload: call.payload.clone(),
            debug: call.options.debug == Some(true),
            response_limit: call.options.memory_limit(),
            expected_sha1: call.options.expected_sha1.clone(),
        });
        let agent = match &call.security {
            Some(security) => security.agent(&self.connections.defaults)?,
            None => &self.connections.agent,
        };
        if own_connection {
            request = call.configure(agent.configure_request(request), left).build();
        }
        let host = call.host();
        debug!("{} {host}{}", call.method, call.uri.path());
        let (result, sent) = transport::track(|| agent.run(request));
        result.map_err(|error| transport::error(error, &host, sent))
    }
}

/// Who verifies an answer.
#[derive(Clone, Copy)]
enum Trust {
    /// The keys of the platform.
    Platform,
    /// Whoever makes the call: the answer brings the keys.
    Caller,
}

/// Verifies for one call: with the keys that it began with, and if they do not have the one that signed, with those
/// of now, for which certificates are fetched where that is set.
struct Session {
    client: Arc<Client>,
    identity: Arc<Identity>,
}

impl Verifier for Session {
    fn verify(&self, serial: &str, message: &[u8], signature: &str) -> anyhow::Result<bool> {
        let platform = &self.identity.apiv3()?.platform;
        let is_known = match platform {
            Platform::Custom(..) => true,
            Platform::Keys(keys) => keys.find(serial, Formatter::timestamp()).is_some(),
        };
        if is_known {
            return platform.verifier().verify(serial, message, signature);
        }
        self.client.learn(serial).apiv3()?.platform.verifier().verify(serial, message, signature)
    }
}

/// A call that may be sent: nothing about it can be wrong any more on this side.
struct Call {
    identity: Arc<Identity>,
    verifier: Option<Arc<dyn Verifier>>,
    protocol: Protocol,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    payload: Payload,
    options: Options,
    /// Whether the call asked for other settings of the connection than the agent's.
    own_connection: bool,
    /// The merchant's certificate, when it is to be shown.
    security: Option<Arc<Security>>,
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
        let body = match middleware::read(answer, self.options.memory_limit()) {
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

/// The merchant's certificate, when the call is to show it.
fn security(identity: &Identity, options: &Options) -> Result<Option<Arc<Security>>> {
    match (options.is_secured(), &identity.security) {
        (false, _) => Ok(None),
        (true, Some(security)) => Ok(Some(Arc::clone(security))),
        (true, None) => Err(Error::Options(
            "`security` shows the merchant's certificate, but the configuration has no `merchant` of `cert` and `key`"
                .into(),
        )),
    }
}

/// The signed data of APIv2: as the query on GET, otherwise as the XML body.
fn sign_apiv2(identity: &Identity, options: &mut Options, method: &Method) -> Result<(Payload, Option<String>)> {
    let secret = identity.secret()?;
    let is_get = *method == Method::GET;
    let data = options.take_apiv2_data(is_get)?;
    let signed = apiv2::sign(data, identity.mchid.as_deref(), secret, options.is_nonceless())?;
    match is_get {
        true => Ok((Payload::Empty, Some(query::build(&signed)))),
        false => {
            let xml = Transformer::to_xml(&signed.into())
                .map_err(|error| Error::Options(format!("`xml` cannot be written: {error}")))?;
            Ok((Payload::bytes(xml.into_bytes()), options.query_string()))
        }
    }
}

/// Says which key the platform is to answer with, unless the caller does.
fn announce(identity: &Identity, headers: &mut HeaderMap) {
    if headers.contains_key(WECHATPAY_SERIAL) {
        return;
    }
    let announced = identity.apiv3.as_ref().and_then(|apiv3| apiv3.platform.announced(Formatter::timestamp()));
    if let Some(id) = announced.and_then(|id| HeaderValue::try_from(id).ok()) {
        headers.insert(WECHATPAY_SERIAL, id);
    }
}

/// A path under `v2/`, in any case, is APIv2; the rest of it is what is called.
fn split_protocol(path: String) -> (Protocol, String) {
    match path.split_at_checked(3) {
        Some((start, rest)) if start.eq_ignore_ascii_case("v2/") => (Protocol::Apiv2, rest.to_owned()),
        _ => (Protocol::Apiv3, path),
    }
}

/// The headers of every request, on GET too.
fn default_headers(protocol: Protocol) -> HeaderMap {
    let (accept, content_type) = match protocol {
        Protocol::Apiv2 => ("text/xml, text/plain, application/x-gzip", "text/xml; charset=utf-8"),
        Protocol::Apiv3 => (
            "application/json, text/plain, application/x-gzip, application/pdf, image/png, image/*;q=0.5",
            "application/json; charset=utf-8",
        ),
    };
    HeaderMap::from_iter([
        (ACCEPT, HeaderValue::from_static(accept)),
        (CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (USER_AGENT, HeaderValue::from_static(USER_AGENT_TEXT)),
    ])
}

/// The SDK, its HTTP client, the language and the system.
const USER_AGENT_TEXT: &str =
    concat!("wechatpay-chain/", env!("CARGO_PKG_VERSION"), " ureq/3 Rust/", env!("CARGO_PKG_RUST_VERSION"),);

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
