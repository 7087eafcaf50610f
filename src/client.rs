//! One call, from its template to its answer. Sync and async verbs both come through here.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use log::debug;
use ureq::Agent;
use ureq::http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use ureq::http::{self, HeaderMap, HeaderName, HeaderValue, Method};

use crate::address::Base;
use crate::call::{Call, Content, Hop, head};
use crate::deadline::Deadline;
use crate::error::{CertificatesError, Error, RedirectError, Result, StatusError, TimeoutError};
use crate::formatter::Formatter;
use crate::identity::{Apiv3, Identity, Platform, Security};
use crate::keyring::{Keyring, Unready};
use crate::middleware::Protocol;
use crate::options::Options;
use crate::pem::Certificate;
use crate::platform_keys::PlatformKey;
use crate::retry::{self, Retry};
use crate::signature::Verifier;
use crate::wire::agents::{self, Agents, LARGE_HEAD};
use crate::wire::connection;
use crate::{Response, address, certificates, redact};

pub(crate) const DEFAULT_BASE_URI: &str = "https://api.mch.weixin.qq.com/";

const MAX_REDIRECTS: usize = 5;

const WECHATPAY_SERIAL: HeaderName = HeaderName::from_static("wechatpay-serial");

/// Where the platform's certificates are, unless the configuration says otherwise.
const CERTIFICATES: &str = "v3/certificates";

/// How long their fetch may take.
const CERTIFICATES_TIMEOUT: Duration = Duration::from_secs(10);

/// What their list may have at most, in bytes, as it is parsed before it is verified.
const LARGEST_CERTIFICATES: u64 = 1024 * 1024;

/// A limit of nothing would be none.
const LEAST_TIMEOUT: Duration = Duration::from_millis(1);

/// What all chains of an instance share.
#[derive(Debug)]
pub(crate) struct Client {
    connections: Arc<Connections>,
    keyring: Keyring,
}

/// What all merchants of an instance share.
#[derive(Debug)]
struct Connections {
    agents: Agents,
    defaults: Options,
    /// The `base_uri` of the defaults.
    base: Base,
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
        let base = Base::parse(defaults.base_uri.as_deref().unwrap_or(DEFAULT_BASE_URI), allow_http)?;
        let agents = Agents::new(&defaults, None)?;
        let connections = Arc::new(Connections { agents, defaults, base, allow_http });
        Ok(Client { connections, keyring: Keyring::new(identity) })
    }

    /// The same for another merchant, over the same connections.
    pub(crate) fn for_merchant(&self, identity: Identity) -> Client {
        Client { connections: Arc::clone(&self.connections), keyring: Keyring::new(identity) }
    }

    pub(crate) fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Makes a call and waits for its answer. The options are taken from where they are, once; they are not small.
    pub(crate) fn request(
        self: &Arc<Self>,
        target: Target<'_>,
        method: &str,
        options: &mut Options,
    ) -> Result<Response> {
        self.send(self.prepare(target, method, options, Trust::Platform)?)
    }

    /// Fetches the platform's certificates at once, whether that is due or not.
    pub(crate) fn download_certificates(self: &Arc<Self>) -> Result<Vec<Certificate>> {
        self.keyring.current().apiv3_keys()?;
        let deadline = self.deadline();
        let fetched = self.keyring.fetch(deadline, |identity| self.fetch_certificates(identity, deadline));
        fetched.map_err(|unready| self.unready(unready))
    }

    /// When something that begins now must have ended, as the configuration says.
    pub(crate) fn deadline(&self) -> Deadline {
        Deadline::after(self.connections.defaults.timeout.unwrap_or(Some(agents::TIMEOUT)))
    }

    /// The keys for a call of APIv3; where certificates are fetched, that may happen here, until the call must have ended.
    pub(crate) fn ready(self: &Arc<Self>, deadline: Deadline) -> Result<Arc<Identity>> {
        let ready = self.keyring.ready(deadline, |identity| self.fetch_certificates(identity, deadline));
        ready.map_err(|unready| self.unready(unready))
    }

    fn unready(&self, unready: Unready) -> Error {
        match unready {
            Unready::Failed(error) => Error::Certificates(error),
            Unready::TimedOut => {
                let host = self.connections.base.origin();
                Error::Timeout(Box::new(TimeoutError { host, sent: false, limit: "timeout" }))
            }
        }
    }

    /// Who verifies what the platform signs, for a call that began with these keys and must have ended by then.
    pub(crate) fn verifier(self: &Arc<Self>, identity: &Arc<Identity>, deadline: Deadline) -> Arc<dyn Verifier> {
        Arc::new(Session { client: Arc::clone(self), identity: Arc::clone(identity), deadline })
    }

    /// The keys of now, for a notification or an answer that is signed with this one; where certificates are fetched,
    /// that may happen here.
    pub(crate) fn learn(self: &Arc<Self>, serial: &str, deadline: Deadline) -> Arc<Identity> {
        self.keyring.learn(serial, deadline, |identity| self.fetch_certificates(identity, deadline))
    }

    fn fetch_certificates(
        self: &Arc<Self>,
        identity: &Arc<Identity>,
        deadline: Deadline,
    ) -> std::result::Result<BTreeMap<String, PlatformKey>, CertificatesError> {
        let downloads = identity.apiv3.as_ref().and_then(|apiv3| apiv3.downloads.as_ref());
        let path = downloads.map_or(CERTIFICATES, |downloads| downloads.path.as_str());
        // A call waits for this, and does not fail because a kept connection was closed a moment ago.
        let limit = deadline.left_within(CERTIFICATES_TIMEOUT).max(LEAST_TIMEOUT);
        let options = Options::new().timeout(limit).retries(1).response_limit(LARGEST_CERTIFICATES);
        let target = Target::Template("{+path}");
        let call = self.prepare(target, "GET", &mut options.variable("path", path), Trust::Caller);
        let response = call.and_then(|call| self.send(call)).map_err(certificates::refused)?;
        certificates::open(&response, identity)
    }

    /// Attempts, until one of them stands.
    fn send(self: &Arc<Self>, mut call: Box<Call>) -> Result<Response> {
        let mut retry = Retry::new(call.retries(), call.deadline, call.has_other_hosts());
        let mut result = self.attempt(&mut call);
        while let Some(again) = retry.next(&call, &result) {
            thread::sleep(again.after);
            if let Err(unready) = call.begin_anew(again.elsewhere) {
                debug!("no further attempt: {unready}");
                break;
            }
            debug!("{} {} once more", call.method, call.first_hop().host());
            let next = self.attempt(&mut call);
            result = retry::conclude(result, next);
        }
        self.renew_keys(&call, &result);
        result
    }

    /// Fetches certificates when the platform has refused a call because of the key that it named, which it has retired
    /// then.
    fn renew_keys(self: &Arc<Self>, call: &Call, result: &Result<Response>) {
        let Err(Error::Client(refusal)) = result else { return };
        let named = call.headers.get(WECHATPAY_SERIAL).and_then(|id| id.to_str().ok());
        if let Some(id) = named.filter(|_| call.verifier.is_some() && is_about_key(refusal)) {
            self.keyring.renew(id, call.deadline, |identity| self.fetch_certificates(identity, call.deadline));
        }
    }

    /// One attempt, and the redirects that it leads to.
    fn attempt(&self, call: &mut Call) -> Result<Response> {
        let mut hop = call.first_hop();
        let mut redirects = 0;
        loop {
            let result = self.exchange(call, &hop);
            let mut answer = match redirects {
                0 => result,
                _ => result.map_err(|error| error.after_redirect(call.is_turned)),
            }?;
            let Some(location) = call.followed_location(&answer) else {
                return call.finish(&hop, &mut answer);
            };
            let next = address::redirect(&hop.uri, &location).filter(|next| address::same_origin(&hop.uri, next));
            // Reading the rest gives the connection back.
            let response = call.read(&hop, &mut answer)?;
            let refused = |response| Box::new(RedirectError { location, response });
            match next {
                None => return Err(Error::RedirectRefused(refused(response))),
                Some(_) if redirects == MAX_REDIRECTS => return Err(Error::TooManyRedirects(refused(response))),
                Some(next) => call.is_turned |= hop.redirect(next, response.status()),
            }
            redirects = redirects.saturating_add(1);
        }
    }

    /// Everything that can be refused is refused here, before anything is sent.
    fn prepare(
        self: &Arc<Self>,
        target: Target<'_>,
        method: &str,
        options: &mut Options,
        trust: Trust,
    ) -> Result<Box<Call>> {
        let Connections { defaults, base, allow_http, .. } = self.connections.as_ref();
        options.check()?;
        let method = parse_method(method)?;
        if let Target::Address(_) = target {
            options.check_bare()?;
        }
        // Another host is one for the same base, so the one of the defaults is none for another base.
        let failover = match (&options.base_uri, &options.failover) {
            (Some(_), None) => None,
            (_, given) => given.clone().or_else(|| defaults.failover.clone()),
        };
        let own_base = options.base_uri.as_deref().map(|text| Base::parse(text, *allow_http)).transpose()?;
        let base = own_base.as_ref().unwrap_or(base);
        let mut options = std::mem::take(options).or(defaults);
        let deadline = Deadline::after(options.timeout.unwrap_or(Some(agents::TIMEOUT)));
        let (protocol, path) = match target {
            Target::Address(_) => (Protocol::Apiv3, String::new()),
            Target::Template(template) => split_protocol(options.expand(template)?),
        };
        let identity = match (protocol, trust) {
            (Protocol::Apiv3, Trust::Platform) => self.ready(deadline)?,
            _ => self.keyring.current(),
        };
        let (content, content_type) = match protocol {
            Protocol::Apiv3 => {
                let apiv3 = identity.apiv3()?;
                options.check_apiv3()?;
                encrypt(apiv3, &mut options, defaults)?;
                let (payload, content_type) = options.take_payload()?;
                (Content::Apiv3 { payload, query: options.query_string() }, content_type)
            }
            Protocol::Apiv2 => {
                identity.secret()?;
                options.check_apiv2()?;
                let data = options.take_apiv2_data(method == Method::GET)?;
                let query = options.query_string().filter(|_| method != Method::GET);
                (Content::Apiv2 { data, nonceless: options.is_nonceless(), query }, None)
            }
        };
        let (payload, query) = content.sign(&identity, &method)?;
        let targets = match target {
            Target::Address(address) => vec![base.exact(address)?],
            Target::Template(_) => {
                let mut targets = vec![base.resolve(&path, query.as_deref())?];
                for other in failover.iter().flat_map(|failover| failover.hosts(base.text())) {
                    targets.push(Base::parse(other, *allow_http)?.resolve(&path, query.as_deref())?);
                }
                targets
            }
        };
        let security = security(&identity, &options)?;
        let agents = match options.verify == defaults.verify {
            true => None,
            false => Some(Agents::new(&options, security.as_ref().map(|security| &security.shown))?),
        };
        let mut headers = default_headers(protocol);
        replace(&mut headers, defaults.headers());
        if let Some(content_type) = content_type {
            headers.insert(CONTENT_TYPE, content_type);
        }
        replace(&mut headers, options.headers());
        let verifier = match (protocol, trust) {
            (Protocol::Apiv3, Trust::Platform) => {
                announce(&identity, &mut headers);
                Some(self.verifier(&identity, deadline))
            }
            // The certificates are asked for without naming a key: the platform may have retired the one that is known.
            _ => None,
        };
        if let Some(length) = targets.iter().map(|target| head(target, &headers)).find(|length| *length > LARGE_HEAD) {
            return Err(Error::Options(format!(
                "address and headers of this call come to {length} bytes, of which at most {LARGE_HEAD} can be sent"
            )));
        }
        let sink = options.sink.as_ref().map(|sink| sink.open(deadline)).transpose()?;
        Ok(Box::new(Call {
            identity,
            verifier,
            protocol,
            method,
            targets,
            target: 0,
            headers,
            content,
            payload,
            deadline,
            is_turned: false,
            options,
            security,
            agents,
            sink,
        }))
    }

    /// One request and its answer.
    fn exchange(&self, call: &Call, hop: &Hop) -> Result<http::Response<ureq::Body>> {
        debug!("{} {}{}", hop.method, hop.host(), hop.uri.path());
        let agent = self.agent(call, hop)?;
        let request = call.request(agent, hop)?;
        let (result, sent) = connection::track(|| agent.run(*request));
        result.map_err(|error| agents::error(error, &hop.host(), sent))
    }

    /// Over whose connections a call goes.
    fn agent<'a>(&'a self, call: &'a Call, hop: &Hop) -> Result<&'a Agent> {
        let Connections { agents, defaults, .. } = self.connections.as_ref();
        let agents = match (&call.agents, &call.security) {
            (Some(own), _) => own,
            (None, Some(security)) => security.agents(defaults)?,
            (None, None) => agents,
        };
        Ok(match call.is_large(hop) {
            true => agents.large(defaults),
            false => agents.small(),
        })
    }
}

/// Whether a refusal is about the header that names one of the platform's keys.
fn is_about_key(refusal: &StatusError) -> bool {
    let is_named =
        |text: &str| text.to_ascii_lowercase().contains(WECHATPAY_SERIAL.as_str()) || text.contains("平台证书");
    refusal.message().is_some_and(is_named) || refusal.detail().is_some_and(|detail| is_named(&detail.to_string()))
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
    deadline: Deadline,
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
        self.client.learn(serial, self.deadline).apiv3()?.platform.verifier().verify(serial, message, signature)
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

/// Encrypts the sensitive fields, and says in a header for which of the platform's keys.
fn encrypt(apiv3: &Apiv3, options: &mut Options, defaults: &Options) -> Result<()> {
    if !options.is_sensitive() {
        return Ok(());
    }
    let Platform::Keys(keys) = &apiv3.platform else {
        return Err(Error::Options(
            "`encrypt` needs the platform's keys, which a verifier of your own keeps; encrypt the fields by \
             `Rsa::encrypt` and name the key in the header Wechatpay-Serial"
                .into(),
        ));
    };
    let headers = match options.headers().contains_key(WECHATPAY_SERIAL) {
        true => options.headers(),
        false => defaults.headers(),
    };
    let mut named = headers.get_all(WECHATPAY_SERIAL).iter().map(|id| id.to_str().unwrap_or_default());
    let (named, None) = (named.next(), named.next()) else {
        return Err(Error::Options("`headers`: Wechatpay-Serial must stand there once beside `encrypt`".into()));
    };
    let (id, key) = keys.for_encryption(named, Formatter::timestamp())?;
    let id = HeaderValue::try_from(id)
        .map_err(|_| Error::Options(format!("`encrypt`: the key {id:?} cannot be named in a header")))?;
    options.seal(key)?;
    options.set_header(WECHATPAY_SERIAL, id);
    Ok(())
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
    // With room for a few more.
    let mut headers = HeaderMap::with_capacity(6);
    headers.insert(ACCEPT, HeaderValue::from_static(accept));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(USER_AGENT, HeaderValue::from_static(USER_AGENT_TEXT));
    headers
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
        Error::Options(format!(
            "{:?} is no method; use get, put, post, patch, delete, head or options",
            redact::name(method)
        ))
    })
}
