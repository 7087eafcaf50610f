//! From a template and its options to a call that may be sent. What can be refused is refused here, before anything is sent.

use std::sync::Arc;

#[cfg(feature = "check")]
use serde_json::Value;

#[cfg(feature = "check")]
use crate::call::check::Call;
use crate::call::connections::Connections;
use crate::call::prepared::{Prepared, Unsigned};
use crate::deadline::Deadline;
use crate::error::{Error, Result};
use crate::http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use crate::http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use crate::keys::identity::{Apiv3, Identity, Party};
use crate::keys::signature::Verifier;
use crate::protocol::Protocol;
use crate::redact;
use crate::request::documented::{self, Documented};
use crate::request::failover::Failover;
#[cfg(feature = "check")]
use crate::request::given;
use crate::request::options::Options;
use crate::request::sensitive;
#[cfg(feature = "check")]
use crate::text::formatter::Formatter;
use crate::wire::address::Base;
use crate::wire::agents::{self, Agents};

pub(super) const WECHATPAY_SERIAL: HeaderName = HeaderName::from_static("wechatpay-serial");

/// What is called.
#[derive(Clone, Copy)]
pub(crate) enum Target<'a> {
    /// A path of the platform, to be expanded and resolved.
    Template(&'a str),
    /// An address that the platform gave, which is called exactly as it is.
    Address(&'a str),
}

/// A call that has been checked, but whose keys are not chosen yet.
pub(super) struct Draft<'a> {
    connections: &'a Connections,
    target: Target<'a>,
    /// What an observer is shown of the target.
    label: &'a str,
    method: Method,
    pub(super) protocol: Protocol,
    /// The expanded template.
    path: String,
    /// The operation, if it is known to have sensitive fields.
    documented: Option<&'static Documented>,
    /// The call's own `base_uri`, if it has one.
    base: Option<Base>,
    failover: Option<Failover>,
    pub(super) deadline: Deadline,
    /// Including the configuration's defaults.
    options: Options,
}

impl<'a> Draft<'a> {
    /// The call of this party. The options are taken out of their place rather than copied; they are not small.
    ///
    /// # Errors
    /// What is wrong with the options, the method or the path, or that the path is for others.
    pub(super) fn new(
        connections: &'a Connections,
        party: Option<&Party>,
        target: Target<'a>,
        method: &str,
        options: &mut Options,
    ) -> Result<Draft<'a>> {
        options.check()?;
        let method = parse_method(method)?;
        if let Target::Address(_) = target {
            options.check_bare()?;
        }
        let failover = failover(options, &connections.defaults);
        let base = options.base_uri.as_deref().map(|text| Base::parse(text, connections.allow_http)).transpose()?;
        let (label, path) = match target {
            Target::Address(address) => {
                check_party(party, address)?;
                ("{+download_url}", String::new())
            }
            Target::Template(template) => {
                let path = options.expand(template)?;
                check_party(party, &path)?;
                (template, path)
            }
        };
        let documented = documented::find(method.as_str(), &path);
        let (protocol, path) = split_protocol(path);
        // Before the defaults come in: those that belong to the other protocol do nothing here.
        options.check_protocol(protocol)?;
        let options = std::mem::take(options).or(&connections.defaults);
        let deadline = Deadline::after(options.timeout.unwrap_or(Some(agents::TIMEOUT)));
        Ok(Draft { connections, target, label, method, protocol, path, documented, base, failover, deadline, options })
    }

    /// Compares the call with what is documented, if that is asked for; the keys are those of this moment.
    ///
    /// # Errors
    /// [`Error::Check`], if calls that are not as documented are refused.
    #[cfg(feature = "check")]
    #[inline(never)]
    pub(super) fn compare(&self, identity: &Identity) -> Result<()> {
        // An address is the platform's own.
        let (Some(checker), Target::Template(template)) = (&self.connections.checker, self.target) else {
            return Ok(());
        };
        let (version, announced) = match self.protocol {
            Protocol::Apiv3 => ("", Some(identity)),
            Protocol::Apiv2 => ("v2/", None),
        };
        let mut given = self.options.to_given();
        let headers = self.headers(None, announced, Formatter::timestamp());
        given.insert("headers".into(), given::headers(&headers));
        // Who names a key has encrypted for it.
        if self.options.is_auto() && self.options.headers().contains_key(WECHATPAY_SERIAL) {
            given.remove("encrypt");
        }
        if let (Some((_, query)), Some(Value::Null)) = (self.path.split_once('?'), given.get("query")) {
            given.insert("query".into(), query.split('#').next().into());
        }
        let (path, options) = (format!("{version}{}", self.path), Value::Object(given));
        checker.compare(&Call { method: self.method.as_str(), template, path: &path, options: &options })
    }

    /// The same call, of which an observer is shown this in place of its template.
    pub(super) fn shown_as(self, label: &'a str) -> Draft<'a> {
        Draft { label, ..self }
    }

    /// Completes the call with the keys of this merchant that are valid at this moment, in Unix seconds; `agents` gives the
    /// agents that it goes through.
    ///
    /// # Errors
    /// If the merchant has no keys for it, something cannot be encrypted or serialised, or the address may not be called.
    pub(super) fn finish(
        mut self,
        identity: Arc<Identity>,
        verifier: Option<Arc<dyn Verifier>>,
        now: i64,
        agents: impl FnOnce(&Identity, &Options) -> Result<Arc<Agents>>,
    ) -> Result<Prepared> {
        let (unsigned, query, content_type) = self.content(&identity, now)?;
        let addresses = self.addresses(query.as_deref())?;
        let agents = agents(&identity, &self.options)?;
        // Certificates are requested without naming a key: the platform may have retired the one that we know.
        let announced = verifier.as_ref().and(Some(&*identity));
        let headers = self.headers(content_type, announced, now);
        let observer = self.connections.observer.as_ref();
        let observed = observer.map(|observer| observer.of(identity.id(), &self.method, self.label));
        let Draft { method, protocol, documented, deadline, options, .. } = self;
        Ok(Prepared {
            identity,
            verifier,
            protocol,
            documented,
            method,
            addresses,
            headers,
            unsigned,
            deadline,
            options,
            agents,
            observed,
        })
    }

    /// The body, the query of the address, and the content type of the body.
    fn content(&mut self, identity: &Identity, now: i64) -> Result<(Unsigned, Option<String>, Option<HeaderValue>)> {
        match self.protocol {
            Protocol::Apiv3 => {
                let apiv3 = identity.apiv3()?;
                self.encrypt(apiv3, now)?;
                let options = &mut self.options;
                let (payload, content_type) = options.take_payload()?;
                Ok((Unsigned::Apiv3(payload), options.query_string(), content_type))
            }
            Protocol::Apiv2 => {
                identity.secret()?;
                self.watch(|text| sensitive::is_ciphertext(text, None));
                let options = &mut self.options;
                let is_get = self.method == Method::GET;
                let data = options.take_apiv2_data(is_get)?;
                // On GET the query is signed with each attempt.
                let query = options.query_string().filter(|_| !is_get);
                Ok((Unsigned::Apiv2 { data, nonceless: options.is_nonceless() }, query, None))
            }
        }
    }

    /// Encrypts the sensitive fields, and names the platform's key that they are encrypted for in a header.
    fn encrypt(&mut self, apiv3: &Apiv3, now: i64) -> Result<()> {
        let has_documented = self.documented.is_some_and(|documented| {
            (self.options.is_auto() || documented.is_watched()) && self.options.has_any(documented)
        });
        if !has_documented && self.options.encrypted().is_empty() {
            return Ok(());
        }
        let is_own = self.options.headers().contains_key(WECHATPAY_SERIAL);
        let headers = if is_own { self.options.headers() } else { self.connections.defaults.headers() };
        let id = key_for_encryption(apiv3, headers, now);
        let length = id.as_ref().ok().and_then(|id| apiv3.platform.ciphertext_length(id, now));
        let is_sealed = |text: &str| sensitive::is_ciphertext(text, length);
        let places = match self.documented {
            // Who names a key has encrypted for it.
            Some(documented) if self.options.is_auto() && !is_own => self.options.unsealed(documented, is_sealed),
            _ => Vec::new(),
        };
        if !places.is_empty() || !self.options.encrypted().is_empty() {
            let id = id?;
            let named = HeaderValue::try_from(&id)
                .map_err(|_| Error::Options(format!("`encrypt`: the key {id:?} cannot be named in a header")))?;
            self.options.seal(places, |plain| apiv3.platform.verifier().encrypt(&id, plain))?;
            self.options.set_header(WECHATPAY_SERIAL, named);
        }
        self.watch(is_sealed);
        Ok(())
    }

    /// Tells the log if a documented field is about to be sent in plain text.
    fn watch(&mut self, is_sealed: impl Fn(&str) -> bool) {
        let Some(documented) = self.documented.filter(|documented| documented.is_watched()) else { return };
        if let Some(place) = self.options.unsealed(documented, is_sealed).first() {
            documented.tell(place);
        }
    }

    /// The address on each host.
    fn addresses(&self, query: Option<&str>) -> Result<Vec<Uri>> {
        let base = self.base.as_ref().unwrap_or(&self.connections.base);
        if let Target::Address(address) = self.target {
            return Ok(vec![base.exact(address)?]);
        }
        let mut addresses = vec![base.resolve(&self.path, query)?];
        for other in self.failover.iter().flat_map(|failover| failover.hosts(base.text())) {
            addresses.push(Base::parse(other, self.connections.allow_http)?.resolve(&self.path, query)?);
        }
        Ok(addresses)
    }

    /// The headers of the request, including the one that names the key for the platform to answer with.
    fn headers(&self, content_type: Option<HeaderValue>, announced: Option<&Identity>, now: i64) -> HeaderMap {
        let mut headers = default_headers(self.protocol);
        replace(&mut headers, self.connections.defaults.headers());
        if let Some(content_type) = content_type {
            headers.insert(CONTENT_TYPE, content_type);
        }
        replace(&mut headers, self.options.headers());
        if let Some(identity) = announced {
            announce(identity, &mut headers, now);
        }
        headers
    }
}

/// A failover host stands in for one base, so that of the defaults does not apply if the call has another base.
fn failover(options: &Options, defaults: &Options) -> Option<Failover> {
    match (&options.base_uri, &options.failover) {
        (Some(_), None) => None,
        (_, given) => given.clone().or_else(|| defaults.failover.clone()),
    }
}

/// The id of the key that fields are encrypted for; these headers may name it.
fn key_for_encryption(apiv3: &Apiv3, headers: &HeaderMap, now: i64) -> Result<String> {
    let mut named = headers.get_all(WECHATPAY_SERIAL).iter().map(|id| id.to_str().unwrap_or_default());
    let (named, None) = (named.next(), named.next()) else {
        return Err(Error::Options("`headers`: Wechatpay-Serial may occur only once beside `encrypt`".into()));
    };
    apiv3.platform.for_encryption(named, now).map(str::to_owned)
}

/// Names the key for the platform to answer with, unless the caller does.
fn announce(identity: &Identity, headers: &mut HeaderMap, now: i64) {
    if headers.contains_key(WECHATPAY_SERIAL) {
        return;
    }
    let announced = identity.apiv3.as_ref().and_then(|apiv3| apiv3.platform.announced(now));
    if let Some(id) = announced.and_then(|id| HeaderValue::try_from(id).ok()) {
        headers.insert(WECHATPAY_SERIAL, id);
    }
}

/// Brands call what is under `brand/`, and nobody else does: the platform accepts the keys of neither for the other.
///
/// # Errors
/// [`Error::Options`] says what to do.
fn check_party(party: Option<&Party>, target: &str) -> Result<()> {
    let is_for_brands = first_segment(target).eq_ignore_ascii_case("brand");
    match party {
        Some(Party::Brand(id)) if !is_for_brands => Err(Error::Options(format!(
            "this instance is for the brand {}, who calls paths under brand/ only; for other paths make an instance with \
             `mchid` and the merchant's keys, by Builder or for_merchant",
            redact::name(id)
        ))),
        Some(Party::Brand(_)) => Ok(()),
        _ if is_for_brands => Err(Error::Options(
            "paths under brand/ are for brands, and this instance is for a merchant; make one with `brand_id` and the \
             brand's keys, by Builder or for_merchant"
                .into(),
        )),
        _ => Ok(()),
    }
}

/// The first segment of the path of a relative path or a whole address.
fn first_segment(target: &str) -> &str {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let path = match path.split_once("//") {
        Some((scheme, rest)) if scheme.is_empty() || scheme.ends_with(':') => {
            rest.split_once('/').map_or("", |(_, path)| path)
        }
        _ => path,
    };
    path.trim_start_matches('/').split('/').next().unwrap_or_default()
}

/// A path under `v2/` (case does not matter) is APIv2; what follows is the path that is called.
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
            "{:?} is not a method; use get, put, post, patch, delete, head or options",
            redact::name(method)
        ))
    })
}
