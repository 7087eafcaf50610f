//! When the platform's certificates are fetched, and from where.

use std::fmt;
use std::time::Duration;

use crate::protocol;
use crate::redact;

/// Whether the platform's certificates are fetched and kept up to date, when, and from where: the setting `downloadCerts`
/// of [`Credentials`](crate::Credentials).
///
/// `true` stands for [`DownloadCerts::new`], and `false` for not fetching any.
///
/// ```
/// use std::time::Duration;
/// use wechatpay::{Credentials, DownloadCerts};
///
/// let hourly = DownloadCerts::new().every(Duration::from_secs(3600));
/// let credentials = Credentials::new().apiv3_key("0123456789abcdef0123456789abcdef").download_certs(hourly);
/// # let _ = credentials;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DownloadCerts(Option<CertificateRefresh>);

/// When and where they are fetched.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct CertificateRefresh {
    /// How long after one fetch the next one is due.
    pub(crate) every: Duration,
    /// The shortest time from one fetch, even a failed one, to the next.
    pub(crate) floor: Duration,
    /// Relative to `base_uri`.
    pub(crate) path: String,
}

/// Shows the path, unless it is a key by mistake.
impl fmt::Debug for CertificateRefresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CertificateRefresh")
            .field("every", &self.every)
            .field("floor", &self.floor)
            .field("path", &redact::path(&self.path))
            .finish()
    }
}

impl Default for CertificateRefresh {
    fn default() -> CertificateRefresh {
        CertificateRefresh {
            every: Duration::from_secs(10 * 60 * 60),
            floor: Duration::from_secs(60),
            path: protocol::CERTIFICATES.to_owned(),
        }
    }
}

impl DownloadCerts {
    /// Fetches every ten hours, from `v3/certificates`.
    pub fn new() -> DownloadCerts {
        DownloadCerts(Some(CertificateRefresh::default()))
    }

    /// Sets how long after one fetch the next one is due; ten hours by default.
    #[must_use]
    pub fn every(self, every: Duration) -> DownloadCerts {
        self.with(|refresh| refresh.every = every)
    }

    /// Sets the shortest time from one fetch to the next, which an unknown key does not shorten either; 60 seconds by
    /// default.
    #[must_use]
    pub fn floor(self, floor: Duration) -> DownloadCerts {
        self.with(|refresh| refresh.floor = floor)
    }

    /// Sets the path that they are fetched from, relative to `base_uri`; `v3/certificates` by default.
    #[must_use]
    pub fn path(self, path: impl Into<String>) -> DownloadCerts {
        self.with(|refresh| refresh.path = path.into())
    }

    fn with(self, set: impl FnOnce(&mut CertificateRefresh)) -> DownloadCerts {
        let mut refresh = self.0.unwrap_or_default();
        set(&mut refresh);
        DownloadCerts(Some(refresh))
    }

    /// `None` if they are not fetched.
    pub(super) fn refresh(self) -> Option<CertificateRefresh> {
        self.0
    }
}

impl Default for DownloadCerts {
    fn default() -> DownloadCerts {
        DownloadCerts::new()
    }
}

impl From<bool> for DownloadCerts {
    fn from(fetches: bool) -> DownloadCerts {
        if fetches { DownloadCerts::new() } else { DownloadCerts(None) }
    }
}
