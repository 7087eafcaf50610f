//! One call, from its template to its answer. Sync and async verbs both come through here.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use log::debug;

use crate::call::attempt::Attempt;
use crate::call::certificates;
use crate::call::connections::{Connections, settings};
use crate::call::prepare::{Draft, Target, WECHATPAY_SERIAL};
use crate::call::prepared::Prepared;
use crate::call::retry::{self, Retry};
use crate::crypto::certificate::Certificate;
use crate::deadline::{Deadline, LEAST};
use crate::error::{CertificatesError, Error, Result, StatusError, TimeoutError};
use crate::keys::identity::{Identity, MerchantCertificate, Platform};
use crate::keys::keyring::{Keyring, Unready};
use crate::keys::platform_keys::PlatformKey;
use crate::keys::signature::Verifier;
use crate::middleware;
use crate::protocol::Protocol;
use crate::request::options::Options;
use crate::response::Response;
use crate::text::formatter::Formatter;
use crate::wire::agents::{self, Agents};

/// Where the platform's certificates are, unless the configuration says otherwise.
const CERTIFICATES: &str = "v3/certificates";

/// How long their fetch may take.
const CERTIFICATES_TIMEOUT: Duration = Duration::from_secs(10);

/// What their list may have at most, in bytes, as it is parsed before it is verified.
const LARGEST_CERTIFICATES: u64 = 1024 * 1024;

/// What all chains of an instance share.
#[derive(Debug)]
pub(crate) struct Client {
    connections: Arc<Connections>,
    keyring: Keyring,
    /// The agents that show the merchant's certificate, made when the first call comes that shows it, and anew when it has
    /// been rotated.
    showing: Mutex<Option<(Arc<MerchantCertificate>, Arc<Agents>)>>,
}

impl Client {
    /// # Errors
    /// What is wrong with the defaults: an unreadable bundle, a `base_uri` that is no address.
    pub(crate) fn new(identity: Identity, defaults: Options, allow_http: bool) -> Result<Client> {
        let connections = Arc::new(Connections::new(defaults, allow_http)?);
        Ok(Client { connections, keyring: Keyring::new(identity), showing: Mutex::default() })
    }

    /// The same for another merchant, over the same connections.
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

    /// Makes a call and waits for its answer. The options are taken from where they are, once; they are not small.
    pub(crate) fn request(
        self: &Arc<Self>,
        target: Target<'_>,
        method: &str,
        options: &mut Options,
    ) -> Result<Response> {
        let draft = Draft::new(&self.connections, target, method, options)?;
        let (identity, verifier) = match draft.protocol {
            Protocol::Apiv2 => (self.keyring.current(), None),
            Protocol::Apiv3 => {
                let identity = self.ready(draft.deadline)?;
                let verifier = self.verifier(&identity, draft.deadline);
                (identity, Some(verifier))
            }
        };
        self.send(draft.finish(identity, verifier, |identity, options| self.agents(identity, options))?)
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
        let refresh = identity.apiv3.as_ref().and_then(|apiv3| apiv3.refresh.as_ref());
        let path = refresh.map_or(CERTIFICATES, |refresh| refresh.path.as_str());
        // A call waits for this, and does not fail because a kept connection was closed a moment ago.
        let limit = deadline.left_within(CERTIFICATES_TIMEOUT).max(LEAST);
        let options = Options::new().timeout(limit).retries(1).response_limit(LARGEST_CERTIFICATES);
        let target = Target::Template("{+path}");
        // Without a verifier: the answer brings the keys that it is verified with.
        let draft = Draft::new(&self.connections, target, "GET", &mut options.variable("path", path));
        let agents = |identity: &Identity, options: &Options| self.agents(identity, options);
        let call = draft.and_then(|draft| draft.finish(Arc::clone(identity), None, agents));
        let response = call.and_then(|call| self.send(call)).map_err(certificates::refused)?;
        certificates::open(&response, identity)
    }

    /// Attempts, until one of them stands.
    fn send(self: &Arc<Self>, call: Prepared) -> Result<Response> {
        let call = Arc::new(call);
        let mut attempt = Attempt::first(&call)?;
        let mut retry = Retry::new(call.retries(), call.deadline, call.has_other_hosts());
        let mut result = attempt.run(&call);
        while let Some(again) = retry.next(&call.method, attempt.is_turned, &result) {
            thread::sleep(again.after);
            if let Err(unready) = attempt.begin_anew(&call, again.elsewhere) {
                debug!("no further attempt: {unready}");
                break;
            }
            debug!("{} {} once more", call.method, attempt.origin());
            let next = attempt.run(&call);
            result = retry::conclude(result, next);
        }
        self.renew_keys(&call, &result);
        result
    }

    /// Fetches certificates when the platform has refused a call because of the key that it named, which it has retired
    /// then.
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
    /// [`Error::Options`] when there is no certificate to show, or the bundle of `verify` cannot be read.
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

    /// The agents that show this certificate.
    fn showing(&self, certificate: &Arc<MerchantCertificate>) -> Result<Arc<Agents>> {
        let mut showing = self.showing.lock().unwrap_or_else(PoisonError::into_inner);
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

/// The merchant's certificate, for a call that is to show it.
fn certificate(identity: &Identity) -> Result<&Arc<MerchantCertificate>> {
    identity.certificate.as_ref().ok_or_else(|| {
        Error::Options(
            "`security` shows the merchant's certificate, but the configuration has no `merchant` of `cert` and `key`"
                .into(),
        )
    })
}
