//! Hosts for further attempts.

use std::fmt;

use crate::protocol;
use crate::redact;

/// Which hosts further attempts go to: the option `failover`, see [`Options::failover`](crate::Options::failover).
///
/// `true` can be passed for the [`Second`](Failover::Second) host, `false` for none, and a base address or a list of them
/// for [`Bases`](Failover::Bases).
///
/// ```
/// use wechatpay::{Failover, Options};
///
/// let hong_kong = "https://apihk.mch.weixin.qq.com/";
/// assert_eq!(Failover::from([hong_kong]), Failover::from(hong_kong));
/// let options = Options::new().failover(hong_kong);
/// # let _ = options;
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failover {
    /// The platform's second host; see [`Options::failover`](crate::Options::failover) for which hosts have one.
    Second,
    /// These base addresses, one after the other; an empty list means none.
    Bases(Vec<String>),
}

impl Failover {
    /// The other base addresses for this one.
    pub(crate) fn hosts(&self, base_uri: &str) -> Vec<&str> {
        let is_first = |first: &str| base_uri.trim_end_matches('/').eq_ignore_ascii_case(first.trim_end_matches('/'));
        match self {
            Failover::Second => {
                let seconds = protocol::SECOND_HOSTS.iter().filter(|(first, _)| is_first(first));
                seconds.map(|(_, second)| *second).collect()
            }
            Failover::Bases(bases) => bases.iter().map(String::as_str).collect(),
        }
    }
}

/// Shows no password of an address.
impl fmt::Debug for Failover {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failover::Second => f.write_str("Second"),
            Failover::Bases(bases) => f.debug_list().entries(bases.iter().map(|base| redact::address(base))).finish(),
        }
    }
}

impl From<bool> for Failover {
    fn from(fails_over: bool) -> Failover {
        if fails_over { Failover::Second } else { Failover::Bases(Vec::new()) }
    }
}

impl From<&str> for Failover {
    fn from(base: &str) -> Failover {
        Failover::Bases(vec![base.to_owned()])
    }
}

impl From<String> for Failover {
    fn from(base: String) -> Failover {
        Failover::Bases(vec![base])
    }
}

impl<T: Into<String>> From<Vec<T>> for Failover {
    fn from(bases: Vec<T>) -> Failover {
        Failover::Bases(bases.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<String>, const N: usize> From<[T; N]> for Failover {
    fn from(bases: [T; N]) -> Failover {
        Failover::from(Vec::from(bases))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_host_is_that_of_the_base() {
        let second = |base: &str| Failover::Second.hosts(base).concat();
        assert_eq!(second("https://api.mch.weixin.qq.com/"), "https://api2.mch.weixin.qq.com/");
        assert_eq!(second("https://API.mch.weixin.qq.com"), "https://api2.mch.weixin.qq.com/");
        assert_eq!(second("https://api.wechatpay.cn/"), "https://api2.wechatpay.cn/");
        assert_eq!(second("https://apihk.mch.weixin.qq.com/"), "https://api.mch.weixin.qq.com/");
        // No second host leads back, and a path, another port or plain http is another base.
        for base in [
            "https://api2.mch.weixin.qq.com/",
            "https://api2.wechatpay.cn/",
            "https://apius.mch.weixin.qq.com/",
            "https://api.mch.weixin.qq.com/hk/",
            "https://api.mch.weixin.qq.com:8443/",
            "http://api.mch.weixin.qq.com/",
        ] {
            assert_eq!(second(base), "", "{base}");
        }
    }
}
