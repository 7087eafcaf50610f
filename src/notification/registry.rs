//! Notifications of many merchants and brands at one address.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::http::HeaderMap;

use super::apiv2::Apiv2Notification;
use super::apiv3::Notification;
use super::limit::within_limit;
use super::{apiv2, apiv3};
use crate::chain::Chain;
use crate::error::NotificationFailure;
use crate::error::{Error, Result, VerificationFailure};
use crate::keys::downloads::CertificateRefresh;
use crate::keys::identity::{Identity, Party, Platform};
use crate::keys::platform_keys::PUBLIC_KEY_ID;
use crate::middleware::apiv3::Signature;
use crate::promise::Promise;
use crate::protocol::Protocol;
use crate::sync::{Mutex, PoisonError, RwLock, lock};
use crate::text::formatter::Formatter;

/// The merchants, and the brands, whose notifications come to one address. Cheap to clone; many threads can use it at once,
/// and merchants can be added and removed meanwhile.
///
/// The merchant is found by the key that signed the notification, and then by the APIv3 key that decrypts it, as merchants
/// who use the platform's certificates share them. Keys that are [rotated](crate::Chain::rotate) in an instance are used
/// here, too. A brand is added like a merchant, and is known by its `brand_id`.
///
/// ```no_run
/// use wechatpay::http::HeaderMap;
/// use wechatpay::{Builder, NotificationRegistry, Reply, json};
///
/// # fn main() -> anyhow::Result<()> {
/// let registry = NotificationRegistry::new();
/// for mchid in ["1900000109", "1900000110"] {
///     registry.insert(Builder::factory(json!({
///         "mchid": mchid,
///         "serial": "3775B6A45ACD588826D15E583A95F5DD12345678",
///         "privateKey": format!("file:///path/to/merchant/{mchid}/apiclient_key.pem"),
///         "apiv3Key": "0123456789abcdef0123456789abcdef",
///         "downloadCerts": true,
///     }))?)?;
/// }
///
/// let handle = |headers: &HeaderMap, body: &[u8]| -> Reply {
///     match registry.notification(headers, body) {
///         Ok(notification) => {
///             println!("for {}: {}", notification.mchid(), notification.event_type());
///             notification.reply()
///         }
///         Err(error) => error.reply(),
///     }
/// };
/// # let _ = handle;
/// # Ok(()) }
/// ```
#[derive(Clone, Default)]
pub struct NotificationRegistry(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// Brands, too; the ids of the two may be the same.
    merchants: RwLock<BTreeMap<Party, Chain>>,
    /// Held while certificates are fetched, so that there is one fetch at a time.
    last_fetch: Mutex<Option<Fetch>>,
}

/// The last fetch of certificates that an unknown key has caused.
struct Fetch {
    at: Instant,
    /// For how long no other fetch follows it.
    floor: Duration,
    /// The merchant who made it.
    party: Party,
}

/// Merchants whose notifications may be signed with one key of the platform.
struct Group {
    /// A merchant who knows the key.
    holder: Arc<Identity>,
    merchants: Vec<Arc<Identity>>,
}

impl NotificationRegistry {
    /// An empty registry.
    pub fn new() -> NotificationRegistry {
        NotificationRegistry::default()
    }

    /// Adds a merchant or a brand, in place of the one with the same id, which is returned.
    ///
    /// # Errors
    /// [`Error::Config`] if the instance is for APIv2 only and has no `mchid`.
    pub fn insert(&self, instance: Chain) -> Result<Option<Chain>> {
        let Some(party) = instance.client().keyring().current().party.clone() else {
            return Err(Error::Config("`mchid` is missing; merchants are told apart by it".into()));
        };
        Ok(self.0.merchants.write().unwrap_or_else(PoisonError::into_inner).insert(party, instance))
    }

    /// Removes a merchant or, if none has this id, a brand, and returns it.
    pub fn remove(&self, id: impl AsRef<str>) -> Option<Chain> {
        let mut merchants = self.0.merchants.write().unwrap_or_else(PoisonError::into_inner);
        parties(id.as_ref()).iter().find_map(|party| merchants.remove(party))
    }

    /// A merchant or, if none has this id, a brand.
    pub fn get(&self, id: impl AsRef<str>) -> Option<Chain> {
        parties(id.as_ref()).iter().find_map(|party| self.0.find(party))
    }

    /// Like [`Chain::notification`], for whichever merchant it is for; see [`mchid`](Notification::mchid).
    ///
    /// An unknown key makes one merchant with `downloadCerts` fetch certificates, and no other until that merchant's `floor`
    /// has passed, so a forged serial cannot cause thousands of fetches.
    ///
    /// # Errors
    /// As [`Chain::notification`].
    pub fn notification<I, N, V>(&self, headers: I, body: impl AsRef<[u8]>) -> Result<Notification>
    where
        I: IntoIterator<Item = (N, V)>,
        N: AsRef<str>,
        V: AsRef<[u8]>,
    {
        self.0.receive(&apiv3::headers(headers), body.as_ref())
    }

    /// Like [`notification`](Self::notification), but runs on a background thread and returns a [`Promise`]; see
    /// [`Chain::notification_async`].
    pub fn notification_async<I, N, V>(&self, headers: I, body: impl AsRef<[u8]>) -> Promise<Notification>
    where
        I: IntoIterator<Item = (N, V)>,
        N: AsRef<str>,
        V: AsRef<[u8]>,
    {
        let (inner, headers) = (Arc::clone(&self.0), apiv3::headers(headers));
        let body = within_limit(body.as_ref()).map(<[u8]>::to_vec);
        Promise::start(move || {
            inner.receive(&headers, &body.map_err(|failure| Error::notification(failure, Protocol::Apiv3))?)
        })
    }

    /// Like [`Chain::notification_apiv2`], for the merchant that it names.
    ///
    /// # Errors
    /// As [`Chain::notification_apiv2`].
    pub fn notification_apiv2(&self, body: impl AsRef<[u8]>) -> Result<Apiv2Notification> {
        let refused = |failure: NotificationFailure| Error::notification(failure, Protocol::Apiv2);
        let data = apiv2::read(body.as_ref()).map_err(refused)?;
        let mchid = apiv2::merchant(&data).ok_or_else(|| refused(apiv2::unnamed()))?;
        let Some(instance) = self.0.find(&Party::Merchant(mchid.clone())) else {
            return Err(refused(NotificationFailure::OtherMerchant { mchid }));
        };
        let identity = instance.client().keyring().current();
        apiv2::open(data, &identity, identity.secret()?).map_err(refused)
    }
}

impl fmt::Debug for NotificationRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let merchants = self.0.merchants.read().unwrap_or_else(PoisonError::into_inner).len();
        f.debug_struct("NotificationRegistry").field("merchants", &merchants).finish()
    }
}

impl Inner {
    fn receive(&self, headers: &HeaderMap, body: &[u8]) -> Result<Notification> {
        let refused = |failure: NotificationFailure| Error::notification(failure, Protocol::Apiv3);
        let body = within_limit(body).map_err(refused)?;
        let signature = apiv3::signature(headers).map_err(refused)?;
        let serial = signature.serial;
        let mut groups = self.groups(serial);
        if groups.is_empty() {
            self.learn(serial);
            groups = self.groups(serial);
        }
        if groups.is_empty() {
            let failure = VerificationFailure::SerialUnknown { serial: serial.to_owned(), known: self.known() };
            return Err(refused(NotificationFailure::Unverified(failure)));
        }
        let merchants = verified(&signature, groups, body).map_err(refused)?;
        if let [merchant] = &merchants[..] {
            merchant.apiv3_keys()?;
        }
        apiv3::open(body, &merchants).map_err(refused)
    }

    fn find(&self, party: &Party) -> Option<Chain> {
        self.merchants.read().unwrap_or_else(PoisonError::into_inner).get(party).cloned()
    }

    fn merchants(&self) -> Vec<Chain> {
        self.merchants.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// The merchants whom a notification signed with the key of this id may be for: one group for each different key.
    fn groups(&self, serial: &str) -> Vec<Group> {
        let now = Formatter::timestamp();
        let (mut groups, mut strangers) = (Vec::<Group>::new(), Vec::new());
        for instance in self.merchants() {
            let merchant = instance.client().keyring().current();
            if !knows(&merchant, serial, now) {
                strangers.push(merchant);
                continue;
            }
            match groups.iter_mut().find(|group| is_same_key(&group.holder, &merchant, serial, now)) {
                Some(group) => group.merchants.push(merchant),
                None => groups.push(Group { holder: Arc::clone(&merchant), merchants: vec![merchant] }),
            }
        }
        // The platform's certificates are the same for all, so it may be for a merchant who has not fetched them yet. A
        // public key belongs to one merchant.
        if !serial.starts_with(PUBLIC_KEY_ID) {
            strangers.retain(|merchant| refresh(merchant).is_some());
            groups.iter_mut().for_each(|group| group.merchants.extend_from_slice(&strangers));
        }
        groups
    }

    /// Lets one merchant fetch certificates, unless that was done a moment ago, or another thread has just brought
    /// the key.
    fn learn(&self, serial: &str) {
        let mut last = lock(&self.last_fetch);
        let is_recent = last.as_ref().is_some_and(|fetch| fetch.at.elapsed() < fetch.floor);
        if is_recent || !self.groups(serial).is_empty() {
            return;
        }
        let Some((party, instance, floor)) = self.next(last.as_ref().map(|fetch| &fetch.party)) else {
            return;
        };
        instance.client().learn(serial, instance.client().deadline());
        *last = Some(Fetch { at: Instant::now(), floor, party });
    }

    /// The merchant who fetches next. They take turns, so that one whose fetches fail does not keep the others from
    /// fetching.
    fn next(&self, last: Option<&Party>) -> Option<(Party, Chain, Duration)> {
        let merchants = self.merchants.read().unwrap_or_else(PoisonError::into_inner);
        let mut able: Vec<_> = merchants
            .iter()
            .filter_map(|(party, instance)| {
                let floor = refresh(&instance.client().keyring().current())?.floor;
                Some((party.clone(), instance.clone(), floor))
            })
            .collect();
        drop(merchants);
        let start = able.partition_point(|(party, ..)| last.is_some_and(|last| party <= last));
        able.rotate_left(start);
        let is_well = |instance: &Chain| instance.key_status().failure().is_none();
        let well = able.iter().position(|(_, instance, _)| is_well(instance)).unwrap_or(0);
        able.into_iter().nth(well)
    }

    /// The ids of all keys of the platform that any merchant knows.
    fn known(&self) -> Vec<String> {
        let now = Formatter::timestamp();
        let mut known = BTreeSet::new();
        for instance in self.merchants() {
            if let Some(Platform::Keys(keys)) = platform(&instance.client().keyring().current()) {
                known.extend(keys.ids(now).into_iter().map(str::to_owned));
            }
        }
        known.into_iter().collect()
    }
}

/// Who may have this id.
fn parties(id: &str) -> [Party; 2] {
    [Party::Merchant(id.to_owned()), Party::Brand(id.to_owned())]
}

/// The merchants of the groups whose key has signed.
fn verified(
    signature: &Signature<'_>,
    groups: Vec<Group>,
    body: &[u8],
) -> Result<Vec<Arc<Identity>>, NotificationFailure> {
    let (mut merchants, mut first) = (Vec::new(), None);
    for group in groups {
        match platform(&group.holder).map(|platform| apiv3::verify(signature, platform.verifier(), body)) {
            Some(Ok(())) => merchants.extend(group.merchants),
            Some(Err(failure)) => drop(first.get_or_insert(failure)),
            None => {}
        }
    }
    match first {
        Some(failure) if merchants.is_empty() => Err(failure),
        _ => Ok(merchants),
    }
}

fn platform(merchant: &Identity) -> Option<&Platform> {
    merchant.apiv3.as_ref().map(|apiv3| &apiv3.platform)
}

fn refresh(merchant: &Identity) -> Option<&CertificateRefresh> {
    merchant.apiv3.as_ref()?.refresh.as_ref()
}

/// Whether this merchant may know the key of this id; a custom verifier may know any.
fn knows(merchant: &Identity, serial: &str, now: i64) -> bool {
    match platform(merchant) {
        Some(Platform::Keys(keys)) => keys.find(serial, now).is_some(),
        Some(Platform::Custom(_, id)) => id.as_deref().is_none_or(|id| id == serial),
        None => false,
    }
}

/// Whether two merchants who know a key of this id mean the same key.
fn is_same_key(one: &Identity, other: &Identity, serial: &str, now: i64) -> bool {
    match (platform(one), platform(other)) {
        (Some(Platform::Keys(one)), Some(Platform::Keys(other))) => {
            match (one.find(serial, now), other.find(serial, now)) {
                (Some(one), Some(other)) => one.key.0.public_eq(&other.key.0),
                _ => false,
            }
        }
        (Some(Platform::Custom(one, _)), Some(Platform::Custom(other, _))) => Arc::ptr_eq(one, other),
        _ => false,
    }
}
