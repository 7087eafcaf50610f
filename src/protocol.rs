//! Facts about the platform: its two protocols and its hosts.

/// The default `base_uri`.
pub(crate) const HOST: &str = "https://api.mch.weixin.qq.com/";

/// The second host, for failover.
pub(crate) const SECOND_HOST: &str = "https://api2.mch.weixin.qq.com/";

/// The default path of the platform's certificates.
pub(crate) const CERTIFICATES: &str = "v3/certificates";

/// The protocol of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// XML; the data is signed when it is serialised.
    Apiv2,
    /// JSON; each attempt is signed.
    Apiv3,
}
