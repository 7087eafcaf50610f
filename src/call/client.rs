//! One call, from its template to its answer. Sync and async calls both go through here.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use log::debug;

use crate::call::attempt::Attempt;
use crate::call::certificates;
use crate::call::connections::{Connections, Setup, settings};
use crate::call::prepare::{Draft, Target, WECHATPAY_SERIAL};
use crate::call::prepared::Prepared;
use crate::call::retry::{self, Retry};
use crate::crypto::certificate::Certificate;
use crate::deadline::{Deadline, LEAST};
use crate::error::{CertificatesError, Error, Result, StatusError, TimeoutError};
use crate::keys::identity::{BRANDS_HAVE_PUBLIC_KEYS, Identity, MerchantCertificate};
use crate::keys::keyring::{Keyring, Unready};
use crate::keys::platform_keys::PlatformKey;
use crate::keys::signature::Verifier;
use crate::middleware;
use crate::protocol::{self, Protocol};
use crate::request::options::Options;
use crate::response::Response;
use crate::sync::{Mutex, lock};
use crate::text::formatter::Formatter;
use crate::wire::agents::{self, Agents};

/// How long a fetch of certificates may take.
const CERTIFICATES_TIMEOUT: Duration = Duration::from_secs(10);

/// The most bytes that a list of certificates may have, as it is parsed before it is verified.
const LARGEST_CERTIFICATES: u64 = 1024 * 1024;

/// What all chains of an instance share.
#[derive(Debug)]
pub(crate) struct Client {
    connections: Arc<Connections>,
    keyring: Keyring,
    /// The agents that present the merchant's certificate, made for the first call that presents it, and again after it has
    /// been rotated.
    showing: Mutex<Option<(Arc<MerchantCertificate>, Arc<Agents>)>>,
}

impl Client {
    /// # Errors
    /// What is wrong with the defaults: an unreadable bundle, a `base_uri` that is not an address.
    pub(crate) fn new(identity: Identity, setup: Setup) -> Result<Client> {
        let connections = Arc::new(Connections::new(setup)?);
        Ok(Client { connections, keyring: Keyring::new(identity), showing: Mutex::default() })
    }

    /// A client for another merchant or a brand, over the same connections.
    pub(crate) fn for_merchant(&self, identity: Identity) -> Client {
        Client {
            connections: Arc::clone(&self.connections),
            keyring: Keyring::new(identity),
            showing: Mutex::default(),
        }
    }

    pub(crate) fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Makes a call and waits for its answer. The options are taken out of their place rather than copied; they are not
    /// small.
    pub(crate) fn request(
        self: &Arc<Self>,
        target: Target<'_>,
        method: &str,
        options: &mut Options,
    ) -> Result<Response> {
        self.send(self.prepare(target, method, options)?)
    }

    /// The call, ready to be sent. Its stack is not small, and is given back before the call is in flight.
    #[inline(never)]
    fn prepare(self: &Arc<Self>, target: Target<'_>, method: &str, options: &mut Options) -> Result<Arc<Prepared>> {
        let identity = self.keyring.current();
        // Before certificates are fetched for a call that this party may not make, or that is not as documented.
        let draft = Draft::new(&self.connections, identity.party.as_ref(), target, method, options)?;
        #[cfg(feature = "check")]
        draft.compare(&identity)?;
        let identity = match draft.protocol {
            Protocol::Apiv2 => identity,
            Protocol::Apiv3 => self.ready(draft.deadline)?,
        };
        // Not before: certificates may have been fetched meanwhile, which have only just become valid.
        let now = Formatter::timestamp();
        let verifier = (draft.protocol == Protocol::Apiv3).then(|| self.verifier(&identity, draft.deadline, now));
        draft.finish(identity, verifier, now, |identity, options| self.agents(identity, options)).map(Arc::new)
    }

    /// Fetches the platform's certificates now, whether that is due or not.
    pub(crate) fn download_certificates(self: &Arc<Self>) -> Result<Vec<Certificate>> {
        let identity = self.keyring.current();
        identity.check_not_brand(BRANDS_HAVE_PUBLIC_KEYS)?;
        identity.apiv3_keys()?;
        let deadline = self.deadline();
        let fetched = self.keyring.fetch(deadline, |identity| self.fetch_certificates(identity, deadline));
        fetched.map_err(|unready| self.unready(unready))
    }

    /// The deadline, by the configuration's `timeout`, of what begins now.
    pub(crate) fn deadline(&self) -> Deadline {
        Deadline::after(self.connections.defaults.timeout.unwrap_or(Some(agents::TIMEOUT)))
    }

    /// The keys for a call of APIv3; this may fetch certificates, if that is enabled, until the deadline of the call.
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

    /// The verifier of a call that began with these keys at this moment, in Unix seconds, and must have ended by the
    /// deadline.
    pub(crate) fn verifier(
        self: &Arc<Self>,
        identity: &Arc<Identity>,
        deadline: Deadline,
        began: i64,
    ) -> Arc<dyn Verifier> {
        Arc::new(Session { client: Arc::clone(self), identity: Arc::clone(identity), deadline, began })
    }

    /// The current keys, for a notification or an answer that is signed with this one; this may fetch certificates, if that
    /// is enabled.
    pub(crate) fn learn(self: &Arc<Self>, serial: &str, deadline: Deadline) -> Arc<Identity> {
        self.keyring.learn(serial, deadline, |identity| self.fetch_certificates(identity, deadline))
    }

    fn fetch_certificates(
        self: &Arc<Self>,
        identity: &Arc<Identity>,
        deadline: Deadline,
    ) -> Result<BTreeMap<String, PlatformKey>, CertificatesError> {
        let refresh = identity.apiv3.as_ref().and_then(|apiv3| apiv3.refresh.as_ref());
        let path = refresh.map_or(protocol::CERTIFICATES, |refresh| refresh.path.as_str());
        // A call waits for this, so it must not fail just because an idle connection was closed a moment ago.
        let limit = deadline.left_within(CERTIFICATES_TIMEOUT).max(LEAST);
        let options = Options::new().timeout(limit).retries(1).response_limit(LARGEST_CERTIFICATES);
        let target = Target::Template("{+path}");
        // Without a verifier: the answer brings the keys that it is verified with.
        let party = identity.party.as_ref();
        let draft = Draft::new(&self.connections, party, target, "GET", &mut options.variable("path", path))
            .map(|draft| draft.shown_as(path));
        let agents = |identity: &Identity, options: &Options| self.agents(identity, options);
        let call = draft.and_then(|draft| draft.finish(Arc::clone(identity), None, Formatter::timestamp(), agents));
        let response = call.and_then(|call| self.send(Arc::new(call))).map_err(certificates::refused)?;
        certificates::open(&response, identity)
    }

    /// Makes attempts until the result of one is final.
    fn send(self: &Arc<Self>, call: Arc<Prepared>) -> Result<Response> {
        let mut attempt = self.first(&call)?;
        let mut result = attempt.run(&call);
        self.repeat(&call, &mut attempt, &mut result);
        self.renew_keys(&call, &result);
        result
    }

    /// The first attempt of a call, at a host that is not known to be down.
    #[inline(never)]
    fn first(&self, call: &Prepared) -> Result<Attempt> {
        Attempt::first(call, self.connections.hosts.first(&call.addresses))
    }

    /// Makes further attempts until the result of one is final. It is apart, as most calls are never repeated and need none of
    /// its stack.
    #[inline(never)]
    fn repeat(&self, call: &Arc<Prepared>, attempt: &mut Attempt, result: &mut Result<Response>) {
        let budget = &self.connections.budget;
        let mut retry = Retry::new(call.retries(), call.deadline, call.has_other_hosts(), budget);
        self.note(call, attempt, result);
        while let Some(again) = retry.next(&call.method, attempt.is_turned, result) {
            thread::sleep(again.after);
            if let Err(unready) = attempt.begin_anew(call, again.elsewhere) {
                debug!("no further attempt: {unready}");
                break;
            }
            debug!("{} {} once more", call.method, attempt.origin());
            let next = attempt.run(call);
            self.note(call, attempt, &next);
            retry::conclude(result, next);
        }
        retry.settle(result);
    }

    /// Keeps in mind what an attempt says about its host, and tells the observer of it.
    fn note(&self, call: &Prepared, attempt: &mut Attempt, result: &Result<Response>) {
        if call.has_other_hosts() {
            let (hosts, address) = (&self.connections.hosts, call.address(attempt.host));
            match result {
                _ if retry::is_not_connected(result) => hosts.failed(&address, Instant::now()),
                Err(error) if error.response().is_none() => {}
                _ => hosts.answered(&address),
            }
        }
        attempt.report(call, result);
    }

    /// Fetches certificates if the platform has refused a call because of the key that it named, which means that it has
    /// retired that key.
    #[inline(never)]
    fn renew_keys(self: &Arc<Self>, call: &Prepared, result: &Result<Response>) {
        let Err(Error::Client(refusal)) = result else { return };
        let named = call.headers.get(WECHATPAY_SERIAL).and_then(|id| id.to_str().ok());
        if let Some(id) = named.filter(|_| call.verifier.is_some() && is_about_key(refusal)) {
            self.keyring.renew(id, call.deadline, |identity| self.fetch_certificates(identity, call.deadline));
        }
    }

    /// The agents for a call with these options.
    ///
    /// # Errors
    /// [`Error::Options`] if there is no certificate to present, or the bundle of `verify` cannot be read.
    pub(super) fn agents(&self, identity: &Identity, options: &Options) -> Result<Arc<Agents>> {
        let Connections { agents, defaults, .. } = self.connections.as_ref();
        let shown = if options.is_secured() { Some(certificate(identity)?) } else { None };
        match shown {
            _ if options.verify != defaults.verify => {
                let shown = shown.map(|shown| &shown.shown);
                Ok(Arc::new(Agents::new(settings(options), shown, middleware::handle)?))
            }
            None => Ok(Arc::clone(agents)),
            Some(shown) => self.showing(shown),
        }
    }

    /// The agents that present this certificate.
    fn showing(&self, certificate: &Arc<MerchantCertificate>) -> Result<Arc<Agents>> {
        let mut showing = lock(&self.showing);
        match &*showing {
            Some((shown, agents)) if Arc::ptr_eq(shown, certificate) => Ok(Arc::clone(agents)),
            _ => {
                let settings = settings(&self.connections.defaults);
                let agents = Arc::new(Agents::new(settings, Some(&certificate.shown), middleware::handle)?);
                *showing = Some((Arc::clone(certificate), Arc::clone(&agents)));
                Ok(agents)
            }
        }
    }
}

/// Whether a refusal is about the header that names one of the platform's keys.
fn is_about_key(refusal: &StatusError) -> bool {
    let is_named =
        |text: &str| text.to_ascii_lowercase().contains(WECHATPAY_SERIAL.as_str()) || text.contains("平台证书");
    refusal.message().is_some_and(is_named) || refusal.detail().is_some_and(|detail| is_named(&detail.to_string()))
}

/// Verifies for one call: with the keys that it began with or, if the signing key is not among them, with the current ones,
/// for which certificates are fetched if that is enabled.
struct Session {
    client: Arc<Client>,
    identity: Arc<Identity>,
    deadline: Deadline,
    began: i64,
}

impl Verifier for Session {
    fn verify(&self, serial: &str, message: &[u8], signature: &str) -> anyhow::Result<bool> {
        let platform = &self.identity.apiv3()?.platform;
        if let Some(verdict) = platform.verify_if_known(serial, message, signature, self.began) {
            return verdict;
        }
        self.client.learn(serial, self.deadline).apiv3()?.platform.verifier().verify(serial, message, signature)
    }
}

/// The merchant's certificate, for a call that is to present it.
fn certificate(identity: &Identity) -> Result<&Arc<MerchantCertificate>> {
    identity.certificate.as_ref().ok_or_else(|| {
        Error::Options(
            "`security` shows the merchant's certificate, but the configuration has no `merchant` of `cert` and `key`"
                .into(),
        )
    })
}
