//! What all merchants of an instance share.

use std::sync::Arc;

use crate::call::budget::Budget;
use crate::call::hosts::Hosts;
use crate::call::intent::Journal;
use crate::call::observation::Observer;
use crate::error::Result;
use crate::middleware;
use crate::protocol;
use crate::request::options::Options;
use crate::wire::address::Base;
use crate::wire::agents::{Agents, Settings};

/// The connections of an instance, what its calls have in common, and the configuration's defaults.
#[derive(Debug)]
pub(super) struct Connections {
    pub(super) agents: Arc<Agents>,
    pub(super) defaults: Options,
    /// The `base_uri` of the defaults.
    pub(super) base: Base,
    pub(super) allow_http: bool,
    /// Pays for further attempts.
    pub(super) budget: Budget,
    /// Which hosts could not be reached a moment ago.
    pub(super) hosts: Hosts,
    pub(super) observer: Option<Observer>,
    pub(super) journal: Option<Journal>,
}

impl Connections {
    /// # Errors
    /// What is wrong with the defaults: an unreadable bundle, a `base_uri` that is not an address.
    pub(super) fn new(
        defaults: Options,
        allow_http: bool,
        observer: Option<Observer>,
        journal: Option<Journal>,
    ) -> Result<Connections> {
        let base = Base::parse(defaults.base_uri.as_deref().unwrap_or(protocol::HOST), allow_http)?;
        let agents = Arc::new(Agents::new(settings(&defaults), None, middleware::handle)?);
        let (budget, hosts) = (Budget::default(), Hosts::default());
        Ok(Connections { agents, defaults, base, allow_http, budget, hosts, observer, journal })
    }
}

/// What the options say about connections.
pub(super) fn settings(options: &Options) -> Settings {
    Settings {
        verify: options.verify.clone(),
        timeout: options.timeout,
        connect_timeout: options.connect_timeout,
        read_timeout: options.read_timeout,
        proxy: options.proxy.clone(),
    }
}
