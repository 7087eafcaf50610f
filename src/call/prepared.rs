//! A call that may be sent: nothing about it can be wrong any more on this side, and nothing of it changes.

use std::sync::Arc;

use serde_json::{Map, Value};

use crate::deadline::Deadline;
use crate::http::{HeaderMap, Method, Uri};
use crate::keys::identity::Identity;
use crate::keys::signature::Verifier;
use crate::protocol::Protocol;
use crate::request::options::Options;
use crate::request::payload::Payload;
use crate::wire::agents::Agents;

/// What a call is made of, for all its attempts; the middleware is handed it as it is.
pub(crate) struct Prepared {
    pub(crate) identity: Arc<Identity>,
    /// Who verifies the answer of APIv3; none where the caller does.
    pub(crate) verifier: Option<Arc<dyn Verifier>>,
    pub(crate) protocol: Protocol,
    pub(crate) method: Method,
    /// The address at each host, of which all but the first are for when another one fails.
    pub(crate) addresses: Vec<Uri>,
    pub(crate) headers: HeaderMap,
    pub(crate) unsigned: Unsigned,
    /// When it must have ended, all attempts together.
    pub(crate) deadline: Deadline,
    /// With the configuration's defaults.
    pub(crate) options: Options,
    /// Over which it goes: those of the instance, those that show the merchant's certificate, or its own when it trusts
    /// others than the configuration does.
    pub(crate) agents: Arc<Agents>,
}

/// What is sent, before it is signed.
pub(crate) enum Unsigned {
    /// Serialised already; the middleware signs each attempt.
    Apiv3(Payload),
    /// Signed with its data, for each attempt anew.
    Apiv2 { data: Map<String, Value>, nonceless: bool },
}

impl Prepared {
    /// How many attempts may follow the first: as many as there are other hosts, unless it is said.
    pub(crate) fn retries(&self) -> u32 {
        let others = u32::try_from(self.addresses.len().saturating_sub(1)).unwrap_or(u32::MAX);
        self.options.retries.unwrap_or(others)
    }

    pub(crate) fn has_other_hosts(&self) -> bool {
        self.addresses.len() > 1
    }

    /// The address at one of the hosts.
    pub(crate) fn address(&self, host: usize) -> Uri {
        self.addresses.get(host).cloned().unwrap_or_default()
    }

    /// The path that is called there, which settles what its answer must carry, wherever redirects lead.
    pub(crate) fn path(&self, host: usize) -> &str {
        self.addresses.get(host).map_or("", Uri::path)
    }
}
