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
    /// The platform's second host, `api2.mch.weixin.qq.com` for `api.mch.weixin.qq.com`; other hosts have none.
    Second,
    /// These base addresses, one after the other; an empty list means none.
    Bases(Vec<String>),
}

impl Failover {
    /// The other base addresses for this one.
    pub(crate) fn hosts(&self, base_uri: &str) -> Vec<&str> {
        let is_first = || base_uri.trim_end_matches('/') == protocol::HOST.trim_end_matches('/');
        match self {
            Failover::Second if is_first() => vec![protocol::SECOND_HOST],
            Failover::Second => Vec::new(),
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
