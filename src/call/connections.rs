//! What all merchants of an instance share.

use std::sync::Arc;

use crate::call::budget::Budget;
#[cfg(feature = "check")]
use crate::call::check::{Check, Checker};
use crate::call::hosts::Hosts;
use crate::call::observation::Observer;
use crate::error::Result;
use crate::middleware;
use crate::protocol;
use crate::request::options::Options;
use crate::wire::address::Base;
use crate::wire::agents::{Agents, Settings};

/// What a configuration says of all calls, whoever makes them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Setup {
    pub(crate) defaults: Options,
    pub(crate) allow_http: bool,
    pub(crate) observer: Option<Observer>,
    #[cfg(feature = "check")]
    pub(crate) check: Option<Check>,
}

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
    #[cfg(feature = "check")]
    pub(super) checker: Option<Checker>,
}

impl Connections {
    /// # Errors
    /// What is wrong with the defaults: an unreadable bundle, a `base_uri` that is not an address.
    pub(super) fn new(setup: Setup) -> Result<Connections> {
        let base = Base::parse(setup.defaults.base_uri.as_deref().unwrap_or(protocol::HOST), setup.allow_http)?;
        Ok(Connections {
            agents: Arc::new(Agents::new(settings(&setup.defaults), None, middleware::handle)?),
            defaults: setup.defaults,
            base,
            allow_http: setup.allow_http,
            budget: Budget::default(),
            hosts: Hosts::default(),
            observer: setup.observer,
            #[cfg(feature = "check")]
            checker: setup.check.map(Checker::new),
        })
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
