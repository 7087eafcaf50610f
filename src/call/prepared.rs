//! A call that may be sent: everything on our side has been checked, and it no longer changes.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::call::intent::Subject;
use crate::call::observation::Observed;
use crate::deadline::Deadline;
use crate::http::{HeaderMap, Method, Uri};
use crate::keys::identity::Identity;
use crate::keys::signature::Verifier;
use crate::protocol::Protocol;
use crate::request::documented::Documented;
use crate::request::options::Options;
use crate::request::payload::Payload;
use crate::wire::agents::Agents;

/// What all attempts of a call have in common; the middleware gets it, too.
pub(crate) struct Prepared {
    pub(crate) identity: Arc<Identity>,
    /// Verifies the answer of APIv3; `None` if the caller of this module does.
    pub(crate) verifier: Option<Arc<dyn Verifier>>,
    pub(crate) protocol: Protocol,
    /// The operation, if it is known to have sensitive fields.
    pub(crate) documented: Option<&'static Documented>,
    pub(crate) method: Method,
    /// The address on each host; all but the first are for failover.
    pub(crate) addresses: Vec<Uri>,
    pub(crate) headers: HeaderMap,
    pub(crate) unsigned: Unsigned,
    /// When all attempts together must have ended.
    pub(crate) deadline: Deadline,
    /// Including the configuration's defaults.
    pub(crate) options: Options,
    /// What it is sent through: the agents of the instance, those that present the merchant's certificate, or its own if its
    /// `verify` differs from the configuration's.
    pub(crate) agents: Arc<Agents>,
    /// Who is told of each attempt, if anyone is.
    pub(crate) observed: Option<Observed>,
    /// What is told to the journal, if one is kept and the call can have an effect.
    pub(crate) subject: Option<Box<Subject>>,
}

/// What is sent, before it is signed.
pub(crate) enum Unsigned {
    /// Serialised already; the middleware signs each attempt.
    Apiv3(Payload),
    /// Signed together with its data, again for each attempt.
    Apiv2 { data: Map<String, Value>, nonceless: bool },
}

impl Prepared {
    /// How many attempts may follow the first: one for each other host, unless `retry` is set.
    pub(crate) fn retries(&self) -> u32 {
        let others = u32::try_from(self.addresses.len().saturating_sub(1)).unwrap_or(u32::MAX);
        self.options.retries.unwrap_or(others)
    }

    pub(crate) fn has_other_hosts(&self) -> bool {
        self.addresses.len() > 1
    }

    /// The address on one of the hosts.
    pub(crate) fn address(&self, host: usize) -> Uri {
        self.addresses.get(host).cloned().unwrap_or_default()
    }

    /// The path that is called there. It decides how the answer must be signed, wherever redirects lead.
    pub(crate) fn path(&self, host: usize) -> &str {
        self.addresses.get(host).map_or("", Uri::path)
    }
}
