//! The keys of a merchant or brand as they change: rotation, and keeping the platform's certificates up to date.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use log::{info, warn};

use crate::crypto::certificate::Certificate;
use crate::deadline::Deadline;
use crate::error::{CertificatesError, Result};
use crate::keys::credentials::Credentials;
use crate::keys::downloads::CertificateRefresh;
use crate::keys::identity::{Apiv3, Identity, Platform};
use crate::keys::platform_keys::{PlatformKey, PlatformKeys};
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{Arc, Condvar, Mutex, PoisonError, RwLock, lock, wait_for};
use crate::text::formatter::Formatter;

/// The floor between fetches as long as there is no key at all, even if the configured one is higher.
const FLOOR_WITHOUT_KEYS: Duration = Duration::from_secs(1);

/// After a failed fetch, the next one is due after this many times the floor.
const PATIENCE: u32 = 10;

/// The keys that all clones of an instance share.
#[derive(Debug)]
pub(crate) struct Keyring {
    current: RwLock<Arc<Identity>>,
    /// Held while the identity is being replaced, so that no change is lost.
    changing: Mutex<()>,
    progress: Mutex<Progress>,
    /// Notified when a fetch has ended.
    ended: Condvar,
    /// When the next fetch is due, in milliseconds after `start`.
    due: AtomicU64,
    start: Instant,
}

/// The state of the fetches of certificates.
#[derive(Clone, Debug, Default)]
struct Progress {
    /// Whether one is under way; there is one at a time.
    is_fetching: bool,
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
            ended: Condvar::new(),
            due: AtomicU64::new(0),
            start: Instant::now(),
        }
    }

    /// The current keys.
    pub(crate) fn current(&self) -> Arc<Identity> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Replaces the current keys with the given ones, once those have been checked.
    ///
    /// # Errors
    /// As [`Credentials::check`]; nothing is changed then.
    pub(crate) fn rotate(&self, credentials: Credentials) -> Result<()> {
        self.change(|current| credentials.check(Some(current)))
    }

    /// The keys for a call of APIv3, fetched first if there is none or the next fetch is due. It waits for the fetch of
    /// another thread until the deadline, which is also that of `fetch`.
    ///
    /// # Errors
    /// If there is none, and none can be fetched in time.
    pub(crate) fn ready(
        &self,
        deadline: Deadline,
        fetch: impl Fn(&Arc<Identity>) -> Fetched,
    ) -> Result<Arc<Identity>, Unready> {
        let identity = self.current();
        let Some((refresh, keys)) = refresh(&identity) else { return Ok(identity) };
        if keys.has_valid(Formatter::timestamp()) {
            // The first thread fetches; the others go on with the current keys.
            if let Some(turn) = self.is_due().then(|| self.turn_now()).flatten() {
                if self.is_due() {
                    let _ = self.update(&turn, refresh, fetch);
                }
            }
            return Ok(self.current());
        }
        let has_key = |identity: &Identity| {
            self::refresh(identity).is_none_or(|(_, keys)| keys.has_valid(Formatter::timestamp()))
        };
        let turn = match self.turn(has_key, deadline) {
            Wait::Over(identity) => return Ok(identity),
            Wait::Turn(turn) => turn,
            Wait::TimedOut => return Err(Unready::TimedOut),
        };
        let progress = lock(&self.progress).clone();
        match progress.failure {
            Some(failure) if is_recent(progress.attempted, refresh.floor.min(FLOOR_WITHOUT_KEYS)) => {
                Err(Unready::Failed(failure))
            }
            _ => {
                self.update(&turn, refresh, fetch).map_err(Unready::Failed)?;
                Ok(self.current())
            }
        }
    }

    /// The current keys, in which this one is looked for: fetched first if it is not among them, unless that was done a
    /// moment ago or cannot be done in time.
    pub(crate) fn learn(
        &self,
        id: &str,
        deadline: Deadline,
        fetch: impl Fn(&Arc<Identity>) -> Fetched,
    ) -> Arc<Identity> {
        let knows = |identity: &Identity| match identity.apiv3.as_ref().map(|apiv3| &apiv3.platform) {
            Some(Platform::Keys(keys)) => keys.find(id, Formatter::timestamp()).is_some(),
            _ => true,
        };
        self.fetch_unless(knows, deadline, fetch)
    }

    /// Fetches because the platform no longer accepts this certificate, if it was among those of the last fetch, unless that
    /// was done a moment ago or cannot be done in time.
    pub(crate) fn renew(&self, id: &str, deadline: Deadline, fetch: impl Fn(&Arc<Identity>) -> Fetched) {
        let is_not_listed = |identity: &Identity| refresh(identity).is_none_or(|(_, keys)| !keys.listed.contains(id));
        self.fetch_unless(is_not_listed, deadline, fetch);
    }

    /// The current keys, fetched first unless they will do.
    fn fetch_unless(
        &self,
        is_well: impl Fn(&Identity) -> bool,
        deadline: Deadline,
        fetch: impl Fn(&Arc<Identity>) -> Fetched,
    ) -> Arc<Identity> {
        let identity = self.current();
        let Some((refresh, _)) = refresh(&identity).filter(|_| !is_well(&identity)) else { return identity };
        match self.turn(is_well, deadline) {
            Wait::Over(identity) => identity,
            Wait::TimedOut => self.current(),
            Wait::Turn(turn) => {
                let attempted = lock(&self.progress).attempted;
                if !is_recent(attempted, refresh.floor) {
                    let _ = self.update(&turn, refresh, fetch);
                }
                self.current()
            }
        }
    }

    /// Fetches now, whether that is due or not, as soon as no other thread is fetching.
    ///
    /// # Errors
    /// If that fails, or does not end in time.
    pub(crate) fn fetch(
        &self,
        deadline: Deadline,
        fetch: impl Fn(&Arc<Identity>) -> Fetched,
    ) -> Result<Vec<Certificate>, Unready> {
        let identity = self.current();
        let fetched = match refresh(&identity) {
            Some((refresh, _)) => match self.turn(|_| false, deadline) {
                Wait::Turn(turn) => self.update(&turn, refresh, fetch),
                Wait::Over(_) | Wait::TimedOut => return Err(Unready::TimedOut),
            },
            None => fetch(&identity).map_err(Arc::new),
        };
        Ok(fetched.map_err(Unready::Failed)?.into_values().filter_map(|key| key.certificate).collect())
    }

    pub(crate) fn status(&self) -> KeyStatus {
        let identity = self.current();
        let progress = lock(&self.progress).clone();
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

    /// The turn to fetch, as soon as no other thread is fetching, unless what that has fetched will do.
    fn turn(&self, will_do: impl Fn(&Identity) -> bool, deadline: Deadline) -> Wait<'_> {
        let mut progress = lock(&self.progress);
        loop {
            let identity = self.current();
            if will_do(&identity) {
                return Wait::Over(identity);
            }
            if !progress.is_fetching {
                progress.is_fetching = true;
                return Wait::Turn(Turn(self));
            }
            progress = match deadline.left() {
                None => self.ended.wait(progress).unwrap_or_else(PoisonError::into_inner),
                Some(left) if left.is_zero() => return Wait::TimedOut,
                Some(left) => wait_for(&self.ended, progress, left).0,
            };
        }
    }

    /// The turn to fetch, if no other thread is fetching.
    fn turn_now(&self) -> Option<Turn<'_>> {
        let mut progress = lock(&self.progress);
        // A turn is made only in this case: making and dropping one would end that of another thread.
        (!std::mem::replace(&mut progress.is_fetching, true)).then(|| Turn(self))
    }

    /// Fetches once. The new certificates are used from now on, beside those that have not expired.
    fn update(
        &self,
        _: &Turn<'_>,
        refresh: &CertificateRefresh,
        fetch: impl Fn(&Arc<Identity>) -> Fetched,
    ) -> Result<BTreeMap<String, PlatformKey>, Arc<CertificatesError>> {
        let fetched = fetch(&self.current()).map_err(Arc::new);
        let now = Formatter::timestamp();
        let wait = match &fetched {
            Ok(_) => refresh.every,
            Err(_) => refresh.every.min(refresh.floor.saturating_mul(PATIENCE)),
        };
        self.set_due(wait);
        if let Ok(fetched) = &fetched {
            let _ = self.change(|current| Ok(with_fetched(current, fetched, now)));
        }
        let mut progress = lock(&self.progress);
        progress.attempted = Some(Instant::now());
        match &fetched {
            Ok(fetched) => {
                let serials = fetched.keys().cloned().collect::<Vec<_>>().join(", ");
                info!("the platform's certificates were fetched: {serials}");
                progress.fetched_at = Some(now);
                progress.failure = None;
            }
            Err(error) => {
                warn!("the platform's certificates could not be fetched, the current ones stay in use: {error}");
                progress.failure = Some(Arc::clone(error));
            }
        }
        fetched
    }

    fn is_due(&self) -> bool {
        self.start.elapsed().as_millis() >= u128::from(self.due.load(Ordering::Relaxed))
    }

    fn set_due(&self, wait: Duration) {
        let due = self.start.elapsed().saturating_add(wait).as_millis();
        self.due.store(u64::try_from(due).unwrap_or(u64::MAX), Ordering::Relaxed);
    }
}

fn is_recent(attempted: Option<Instant>, floor: Duration) -> bool {
    attempted.is_some_and(|at| at.elapsed() < floor)
}

/// Why there are no keys for a call.
pub(crate) enum Unready {
    Failed(Arc<CertificatesError>),
    /// The fetch of another thread took too long.
    TimedOut,
}

/// The result of waiting for the turn to fetch.
enum Wait<'a> {
    /// Another thread has fetched what was wanted.
    Over(Arc<Identity>),
    Turn(Turn<'a>),
    TimedOut,
}

/// The turn to fetch; it ends, and others can fetch, when it is dropped for whatever reason.
struct Turn<'a>(&'a Keyring);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        lock(&self.0.progress).is_fetching = false;
        self.0.ended.notify_all();
    }
}

/// The same keys, together with those that were fetched.
///
/// Of these, only those count that were in the previous list or are newer than all known ones. Any other was retired: the
/// platform does not bring it back, but someone who has its key could, with an old answer. A list of only such certificates
/// replaces nothing.
fn with_fetched(current: &Identity, fetched: &BTreeMap<String, PlatformKey>, now: i64) -> Identity {
    let mut identity = current.clone();
    let Some(Apiv3 { platform: Platform::Keys(keys), .. }) = &mut identity.apiv3 else { return identity };
    keys.downloaded.retain(|_, key| key.is_valid(now));
    let newest = keys.downloaded.values().map(PlatformKey::begins).max();
    let counts = |serial: &str, key: &PlatformKey| {
        keys.listed.contains(serial) || newest.is_none_or(|newest| key.begins() > newest)
    };
    let taken: BTreeMap<_, _> = fetched
        .iter()
        .filter(|(serial, key)| counts(serial, key))
        .map(|(serial, key)| (serial.clone(), key.clone()))
        .collect();
    if taken.is_empty() {
        warn!("all of the platform's certificates that were fetched are retired; the current ones stay in use");
        return identity;
    }
    keys.listed = taken.keys().cloned().collect::<BTreeSet<_>>();
    keys.downloaded.extend(taken);
    identity
}

/// When certificates are fetched, and the known keys; `None` if they are not fetched.
fn refresh(identity: &Identity) -> Option<(&CertificateRefresh, &PlatformKeys)> {
    match identity.apiv3.as_ref()? {
        Apiv3 { refresh: Some(refresh), platform: Platform::Keys(keys), .. } => Some((refresh, keys)),
        _ => None,
    }
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
    /// The serial that signed requests name, of the merchant's or the brand's API certificate; `None` if the instance is
    /// for APIv2 only.
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

    /// Those of the platform's keys that are certificates.
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// When certificates were last fetched, in Unix seconds.
    pub fn fetched_at(&self) -> Option<i64> {
        self.fetched_at
    }

    /// Why the last fetch of certificates failed; `None` if it succeeded.
    pub fn failure(&self) -> Option<&CertificatesError> {
        self.failure.as_deref()
    }
}

/// What must hold in any interleaving of threads.
#[cfg(all(test, shuttle))]
mod interleavings {
    use std::sync::LazyLock;

    use openssl::asn1::Asn1Time;
    use openssl::bn::BigNum;
    use openssl::hash::MessageDigest;
    use openssl::pkey::PKey;
    use openssl::rsa::Rsa;
    use openssl::x509::X509;
    use serde_json::json;
    use shuttle::sync::atomic::{AtomicBool, AtomicUsize};
    use shuttle::thread;

    use super::*;

    /// How many interleavings are tried.
    const ORDERS: usize = 5_000;

    const SERIALS: [&str; 3] = ["01", "02", "03"];

    /// The merchant's key in PEM, and certificates of the platform, each newer than the one before.
    static KEYS: LazyLock<(String, Vec<PlatformKey>)> = LazyLock::new(|| {
        let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        let certificate = |number: u32| {
            let mut builder = X509::builder().unwrap();
            let begins = Formatter::timestamp() - 3600 + i64::from(number);
            builder.set_serial_number(&BigNum::from_u32(number).unwrap().to_asn1_integer().unwrap()).unwrap();
            builder.set_not_before(&Asn1Time::from_unix(begins).unwrap()).unwrap();
            builder.set_not_after(&Asn1Time::days_from_now(1).unwrap()).unwrap();
            builder.set_pubkey(&key).unwrap();
            builder.sign(&key, MessageDigest::sha256()).unwrap();
            let certificate = Certificate::new(builder.build()).unwrap();
            PlatformKey { key: certificate.public_key().unwrap(), certificate: Some(certificate) }
        };
        let pem = String::from_utf8(key.private_key_to_pem_pkcs8().unwrap()).unwrap();
        (pem, (1..=3).map(certificate).collect())
    });

    fn keyring() -> Arc<Keyring> {
        let credentials = json!({
            "mchid": "1900000109", "serial": "AA", "privateKey": KEYS.0, "apiv3Key": "0123456789abcdef0123456789abcdef",
            "downloadCerts": { "floor": 0 },
        });
        Arc::new(Keyring::new(Credentials::from(credentials).check(None).unwrap()))
    }

    /// The first so many certificates, fetched by one thread at a time.
    #[derive(Default)]
    struct Platform {
        issued: AtomicUsize,
        fetches: AtomicUsize,
        is_fetched: AtomicBool,
    }

    impl Platform {
        fn fetch(&self) -> Fetched {
            assert!(!self.is_fetched.swap(true, Ordering::SeqCst), "two fetches at a time");
            let issued = self.issued.load(Ordering::SeqCst);
            thread::yield_now();
            self.fetches.fetch_add(1, Ordering::SeqCst);
            self.is_fetched.store(false, Ordering::SeqCst);
            Ok(SERIALS.iter().map(|serial| (*serial).to_owned()).zip(KEYS.1.iter().cloned()).take(issued).collect())
        }
    }

    /// Does the same on three threads, and waits for their ends.
    fn on_three_threads(keyring: &Arc<Keyring>, platform: &Arc<Platform>, act: fn(&Keyring, &Platform)) {
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let (keyring, platform) = (Arc::clone(keyring), Arc::clone(platform));
                thread::spawn(move || act(&keyring, &platform))
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    }

    fn never() -> Deadline {
        Deadline::after(None)
    }

    #[test]
    fn there_is_one_fetch_at_a_time_and_everyone_has_a_key_afterwards() {
        LazyLock::force(&KEYS);
        shuttle::check_random(
            || {
                let (keyring, platform) = (keyring(), Arc::new(Platform::default()));
                platform.issued.store(1, Ordering::SeqCst);
                on_three_threads(&keyring, &platform, |keyring, platform| {
                    let Ok(identity) = keyring.ready(never(), |_| platform.fetch()) else { panic!("no keys") };
                    assert!(refresh(&identity).unwrap().1.has_valid(Formatter::timestamp()));
                });
                assert_eq!(platform.fetches.load(Ordering::SeqCst), 1);
                assert!(!lock(&keyring.progress).is_fetching);
            },
            ORDERS,
        );
    }

    #[test]
    fn a_fetch_that_is_due_is_made_by_one_while_the_others_go_on() {
        LazyLock::force(&KEYS);
        shuttle::check_random(
            || {
                let (keyring, platform) = (keyring(), Arc::new(Platform::default()));
                platform.issued.store(1, Ordering::SeqCst);
                let _ = keyring.fetch(never(), |_| platform.fetch());
                on_three_threads(&keyring, &platform, |keyring, platform| {
                    keyring.set_due(Duration::ZERO);
                    assert!(keyring.ready(never(), |_| platform.fetch()).is_ok());
                });
                assert!((2..=4).contains(&platform.fetches.load(Ordering::SeqCst)));
                assert!(!lock(&keyring.progress).is_fetching);
            },
            ORDERS,
        );
    }

    #[test]
    fn neither_a_rotation_nor_a_fetch_is_lost() {
        LazyLock::force(&KEYS);
        shuttle::check_random(
            || {
                let (keyring, platform) = (keyring(), Arc::new(Platform::default()));
                platform.issued.store(1, Ordering::SeqCst);
                let _ = keyring.fetch(never(), |_| platform.fetch());
                platform.issued.store(2, Ordering::SeqCst);
                let (one, two) = (Arc::clone(&keyring), Arc::clone(&keyring));
                let rotation = thread::spawn(move || {
                    for secret in ["1", "2"] {
                        one.rotate(Credentials::new().secret(secret.repeat(32))).unwrap();
                    }
                });
                let learning = thread::spawn(move || two.learn("02", never(), |_| platform.fetch()));
                let learned = learning.join().unwrap();
                rotation.join().unwrap();
                for identity in [learned, keyring.current()] {
                    assert!(refresh(&identity).unwrap().1.find("02", Formatter::timestamp()).is_some());
                }
                assert_eq!(keyring.current().secret().unwrap().0.as_str(), "2".repeat(32));
            },
            ORDERS,
        );
    }

    #[test]
    fn a_retired_certificate_stays_retired_whichever_list_comes_last() {
        LazyLock::force(&KEYS);
        shuttle::check_random(
            || {
                let keyring = keyring();
                let (one, late) = (Arc::clone(&keyring), Arc::clone(&keyring));
                let list =
                    |number: usize| move || Ok(BTreeMap::from([(SERIALS[number].to_owned(), KEYS.1[number].clone())]));
                let learning = thread::spawn(move || drop(one.learn("03", never(), |_| list(2)())));
                let older = thread::spawn(move || drop(late.fetch(never(), |_| list(0)())));
                learning.join().unwrap();
                older.join().unwrap();
                let identity = keyring.current();
                let keys = refresh(&identity).unwrap().1;
                assert_eq!(keys.announced(Formatter::timestamp()), Some("03"));
            },
            ORDERS,
        );
    }
}
