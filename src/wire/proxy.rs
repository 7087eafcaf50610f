//! Proxies.

/// A proxy that calls go through.
#[derive(Clone, PartialEq)]
pub(crate) struct Proxy(ureq::Proxy);

impl Proxy {
    /// `None` if it is not the address of a proxy.
    pub(crate) fn parse(address: &str) -> Option<Proxy> {
        ureq::Proxy::new(address).ok().map(Proxy)
    }

    pub(super) fn as_ureq(&self) -> ureq::Proxy {
        self.0.clone()
    }
}
