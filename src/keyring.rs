//! The keys of a merchant while they change: rotation, and the platform's certificates kept up to date.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use log::{info, warn};

use crate::credentials::Credentials;
use crate::error::{CertificatesError, Error, Result};
use crate::formatter::Formatter;
use crate::identity::{Apiv3, Downloads, Identity, Platform};
use crate::pem::Certificate;
use crate::platform_keys::{PlatformKey, PlatformKeys};

/// How long a call that has no key at all waits before it asks again, even where the floor is higher.
const FLOOR_WITHOUT_KEYS: Duration = Duration::from_secs(1);

/// After a fetch that failed, the next one is due after so many times the floor.
const PATIENCE: u32 = 10;

/// The keys that all clones of an instance share.
#[derive(Debug)]
pub(crate) struct Keyring {
    current: RwLock<Arc<Identity>>,
    /// Held by whoever puts another identity into its place, so that no change is lost.
    changing: Mutex<()>,
    /// Held by whoever fetches, so that there is one fetch at a time.
    progress: Mutex<Progress>,
    /// When the next fetch is due, in milliseconds after `start`.
    due: AtomicU64,
    start: Instant,
}

/// How the fetches of certificates went.
#[derive(Clone, Debug, Default)]
struct Progress {
    attempted: Option<Instant>,
    /// Unix seconds.
    fetched_at: Option<i64>,
    failure: Option<Arc<CertificatesError>>,
}

/// The certificates that a fetch has brought, by their serials.
type Fetched = Result<BTreeMap<String, PlatformKey>, CertificatesError>;

impl Keyring {
    pub(crate) fn new(identity: Identity) -> Keyring {
        Keyring {
            current: RwLock::new(Arc::new(identity)),
            changing: Mutex::default(),
            progress: Mutex::default(),
            due: AtomicU64::new(0),
            start: Instant::now(),
        }
    }

    /// The keys of this moment.
    pub(crate) fn current(&self) -> Arc<Identity> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts the given ones in place of those that are used now, once they are checked.
    ///
    /// # Errors
    /// As [`Credentials::check`]; nothing has changed then.
    pub(crate) fn rotate(&self, credentials: Credentials) -> Result<()> {
        self.change(|current| credentials.check(Some(current)))
    }

    /// The keys for a call of APIv3, fetched before when there is none or the next fetch is due.
    ///
    /// # Errors
    /// [`Error::Certificates`] when there is none, and none can be fetched.
    pub(crate) fn ready(&self, fetch: impl Fn(&Arc<Identity>) -> Fetched) -> Result<Arc<Identity>> {
        let identity = self.current();
        let Some((downloads, keys)) = downloads(&identity) else { return Ok(identity) };
        if keys.has_valid(Formatter::timestamp()) {
            if self.is_due() {
                // Whoever comes first fetches; the others go on with what there is.
                if let Ok(mut progress) = self.progress.try_lock() {
                    if self.is_due() {
                        let _ = self.update(&mut progress, downloads, fetch);
                    }
                }
            }
            return Ok(self.current());
        }
        let mut progress = lock(&self.progress);
        let identity = self.current();
        match self::downloads(&identity) {
            // Another call has fetched them while this one waited.
            Some((_, keys)) if keys.has_valid(Formatter::timestamp()) => Ok(identity),
            Some((downloads, _)) => {
                let floor = downloads.floor.min(FLOOR_WITHOUT_KEYS);
                match (&progress.failure, progress.is_recent(floor)) {
                    (Some(failure), true) => Err(Error::Certificates(Arc::clone(failure))),
                    _ => {
                        self.update(&mut progress, downloads, fetch).map_err(Error::Certificates)?;
                        Ok(self.current())
                    }
                }
            }
            None => Ok(identity),
        }
    }

    /// The keys of this moment, in which this one is looked for: fetched before when it is not among them, unless
    /// that was done a moment ago.
    pub(crate) fn learn(&self, id: &str, fetch: impl Fn(&Arc<Identity>) -> Fetched) -> Arc<Identity> {
        let knows = |identity: &Identity| match identity.apiv3.as_ref().map(|apiv3| &apiv3.platform) {
            Some(Platform::Keys(keys)) => keys.find(id, Formatter::timestamp()).is_some(),
            _ => true,
        };
        let identity = self.current();
        if knows(&identity) || downloads(&identity).is_none() {
            return identity;
        }
        let mut progress = lock(&self.progress);
        let identity = self.current();
        if let Some((downloads, _)) = downloads(&identity) {
            if !knows(&identity) && !progress.is_recent(downloads.floor) {
                let _ = self.update(&mut progress, downloads, fetch);
            }
        }
        self.current()
    }

    /// Fetches now, whether it is due or not.
    ///
    /// # Errors
    /// [`Error::Certificates`] when that fails.
    pub(crate) fn fetch(&self, fetch: impl Fn(&Arc<Identity>) -> Fetched) -> Result<Vec<Certificate>> {
        let mut progress = lock(&self.progress);
        let identity = self.current();
        let fetched = match downloads(&identity) {
            Some((downloads, _)) => self.update(&mut progress, downloads, fetch).map_err(Error::Certificates)?,
            None => fetch(&identity).map_err(|error| Error::Certificates(Arc::new(error)))?,
        };
        Ok(fetched.into_values().filter_map(|key| key.certificate).collect())
    }

    pub(crate) fn status(&self) -> KeyStatus {
        let identity = self.current();
        // A fetch that is under way must not keep a health check waiting.
        let progress = match self.progress.try_lock() {
            Ok(progress) => progress.clone(),
            Err(_) => Progress::default(),
        };
        let (now, apiv3) = (Formatter::timestamp(), identity.apiv3.as_ref());
        let keys = match apiv3.map(|apiv3| &apiv3.platform) {
            Some(Platform::Keys(keys)) => keys.clone(),
            _ => PlatformKeys::default(),
        };
        let ids = keys.ids(now);
        KeyStatus {
            merchant_serial: apiv3.map(|apiv3| apiv3.serial.clone()),
            announced: apiv3.and_then(|apiv3| apiv3.platform.announced(now)).map(str::to_owned),
            certificates: ids.iter().filter_map(|id| keys.find(id, now)?.certificate.clone()).collect(),
            platform_keys: ids.into_iter().map(str::to_owned).collect(),
            fetched_at: progress.fetched_at,
            failure: progress.failure,
        }
    }

    fn change(&self, change: impl FnOnce(&Identity) -> Result<Identity>) -> Result<()> {
        let _changing = lock(&self.changing);
        let changed = Arc::new(change(&self.current())?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = changed;
        Ok(())
    }

    /// One fetch; what it brings is used from now on, beside those that have not expired.
    fn update(
        &self,
        progress: &mut Progress,
        downloads: &Downloads,
        fetch: impl Fn(&Arc<Identity>) -> Fetched,
    ) -> Result<BTreeMap<String, PlatformKey>, Arc<CertificatesError>> {
        let fetched = fetch(&self.current());
        progress.attempted = Some(Instant::now());
        let wait = match fetched {
            Ok(_) => downloads.every,
            Err(_) => downloads.every.min(downloads.floor.saturating_mul(PATIENCE)),
        };
        self.set_due(wait);
        let fetched = fetched.map_err(Arc::new).inspect_err(|error| {
            warn!("the platform's certificates could not be fetched, those at hand stay in use: {error}");
            progress.failure = Some(Arc::clone(error));
        })?;
        let now = Formatter::timestamp();
        let _ = self.change(|current| {
            let mut identity = current.clone();
            if let Some(Apiv3 { platform: Platform::Keys(keys), .. }) = &mut identity.apiv3 {
                keys.downloaded.retain(|_, key| key.is_valid(now));
                keys.downloaded.extend(fetched.clone());
                keys.listed = fetched.keys().cloned().collect();
            }
            Ok(identity)
        });
        info!("the platform's certificates were fetched: {}", fetched.keys().cloned().collect::<Vec<_>>().join(", "));
        progress.fetched_at = Some(now);
        progress.failure = None;
        Ok(fetched)
    }

    fn is_due(&self) -> bool {
        self.start.elapsed().as_millis() >= u128::from(self.due.load(Ordering::Relaxed))
    }

    fn set_due(&self, wait: Duration) {
        let due = self.start.elapsed().saturating_add(wait).as_millis();
        self.due.store(u64::try_from(due).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

impl Progress {
    fn is_recent(&self, floor: Duration) -> bool {
        self.attempted.is_some_and(|at| at.elapsed() < floor)
    }
}

/// When certificates are fetched, and the keys that are known; none where they are not fetched.
fn downloads(identity: &Identity) -> Option<(&Downloads, &PlatformKeys)> {
    match identity.apiv3.as_ref()? {
        Apiv3 { downloads: Some(downloads), platform: Platform::Keys(keys), .. } => Some((downloads, keys)),
        _ => None,
    }
}

/// Locks, also after a panic elsewhere: what is inside is never left half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Which keys are in use, for a health check: [`Chain::key_status`](crate::Chain::key_status).
#[derive(Clone, Debug)]
pub struct KeyStatus {
    merchant_serial: Option<String>,
    announced: Option<String>,
    platform_keys: Vec<String>,
    certificates: Vec<Certificate>,
    fetched_at: Option<i64>,
    failure: Option<Arc<CertificatesError>>,
}

impl KeyStatus {
    /// The serial that requests are signed under; none where APIv2 alone is spoken.
    pub fn merchant_serial(&self) -> Option<&str> {
        self.merchant_serial.as_deref()
    }

    /// The key that requests name in `Wechatpay-Serial`.
    pub fn wechatpay_serial(&self) -> Option<&str> {
        self.announced.as_deref()
    }

    /// The ids of the platform's keys that answers may be signed with.
    pub fn platform_keys(&self) -> &[String] {
        &self.platform_keys
    }

    /// Those of them that are certificates.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// When certificates were last fetched, in Unix seconds; none while one fetch is under way.
    pub fn fetched_at(&self) -> Option<i64> {
        self.fetched_at
    }

    /// Why the last fetch of certificates failed; none when it did not, and while one is under way.
    pub fn failure(&self) -> Option<&CertificatesError> {
        self.failure.as_deref()
    }
}
