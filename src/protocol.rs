//! Facts about the platform: its two protocols and its hosts.

/// The default `base_uri`.
pub(crate) const HOST: &str = "https://api.mch.weixin.qq.com/";

/// The hosts for which there is a second one, each with that. The platform names those of the first two rows as such: on its
/// page about disaster recovery across cities, and in its SDK for Java. Hosts abroad have none of their own; their second one
/// is that of the mainland.
pub(crate) const SECOND_HOSTS: [(&str, &str); 3] = [
    (HOST, "https://api2.mch.weixin.qq.com/"),
    ("https://api.wechatpay.cn/", "https://api2.wechatpay.cn/"),
    ("https://apihk.mch.weixin.qq.com/", HOST),
];

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
