//! The platform's hosts.

use wechatpay_catalog::catalog;

/// Where calls go if nothing else is said.
pub const PLATFORM: &str = "https://api.mch.weixin.qq.com/";

/// Hosts of the platform, beside those that its documents name for an operation.
const HOSTS: [&str; 4] =
    [PLATFORM, "https://api2.mch.weixin.qq.com/", "https://api.wechatpay.cn/", "https://api2.wechatpay.cn/"];

/// Scheme, host and port of an address.
pub fn origin(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    Some(format!("{scheme}://{host}/").to_ascii_lowercase())
}

/// Whether both have the same scheme, host and port.
pub fn is_same_origin(one: &str, other: &str) -> bool {
    origin(one).is_some() && origin(one) == origin(other)
}

/// Whether the platform documents a base, whatever its path.
pub fn is_of_platform(base_uri: &str) -> bool {
    let hosts = catalog().operations().flat_map(|operation| operation.hosts());
    HOSTS.into_iter().chain(hosts).any(|known| is_same_origin(known, base_uri))
}
