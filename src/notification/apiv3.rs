//! Notifications of APIv3: which headers count, whether the signature is valid, and the content.

use std::fmt;
use std::sync::Arc;

use crate::http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

use crate::crypto::aes_gcm::{self, AesGcm};
use crate::crypto::decode_base64;
use crate::error::NotificationFailure;
use crate::error::VerificationFailure;
use crate::keys::identity::{Identity, SymmetricKey};
use crate::keys::signature::Verifier;
use crate::middleware::apiv3::Signature;
use crate::notification::changed;
use crate::notification::reply::Reply;
use crate::protocol::Protocol;
use crate::redact;

/// A verified and decrypted APIv3 notification: what [`Chain::notification`](crate::Chain::notification) returns.
///
/// The same one may come more than once, even at the same time: process it by your own number
/// (`resource()["out_trade_no"]`), or remember its [`id`](Notification::id), and answer each repetition like the first.
/// `Debug` shows only `id` and `event_type`.
#[derive(Clone)]
pub struct Notification {
    json: Value,
    resource: Value,
    mchid: String,
}

impl Notification {
    /// Its id, the same each time it is sent; empty if the platform gave none.
    pub fn id(&self) -> &str {
        text(&self.json, "id")
    }

    /// When it was made, as the platform wrote it: `2018-06-08T10:34:56+08:00`.
    pub fn create_time(&self) -> &str {
        text(&self.json, "create_time")
    }

    /// What happened: `TRANSACTION.SUCCESS`, `REFUND.SUCCESS`, …
    pub fn event_type(&self) -> &str {
        text(&self.json, "event_type")
    }

    /// `encrypt-resource`.
    pub fn resource_type(&self) -> &str {
        text(&self.json, "resource_type")
    }

    /// What happened, in a few words for people.
    pub fn summary(&self) -> &str {
        text(&self.json, "summary")
    }

    /// What [`resource`](Notification::resource) is: `transaction`, `refund`, …
    pub fn original_type(&self) -> &str {
        self.json.get("resource").map_or("", |resource| text(resource, "original_type"))
    }

    /// The decrypted content: the order, the refund or the coupon.
    pub fn resource(&self) -> &Value {
        &self.resource
    }

    /// The whole body, with the encrypted part as it came.
    pub fn json(&self) -> &Value {
        &self.json
    }

    /// The merchant it is for: the one whose APIv3 key decrypts it. For a brand, its `brand_id`.
    pub fn mchid(&self) -> &str {
        &self.mchid
    }

    /// What to answer after processing it; if that fails, answer with [`Reply::failure`]. If the platform asks for data,
    /// add it [`with_json`](Reply::with_json).
    pub fn reply(&self) -> Reply {
        Reply::success(Protocol::Apiv3)
    }
}

impl fmt::Debug for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notification")
            .field("id", &self.id())
            .field("event_type", &self.event_type())
            .field("mchid", &self.mchid)
            .finish_non_exhaustive()
    }
}

type Result<T, E = NotificationFailure> = std::result::Result<T, E>;

/// The beginning of the signatures of the platform's probes.
const PROBE: &str = "WECHATPAY/SIGNTEST/";

/// The only algorithm that the platform uses.
const ALGORITHM: &str = "AEAD_AES_256_GCM";

/// The headers that count.
static HEADERS: [HeaderName; 4] = [
    HeaderName::from_static("wechatpay-nonce"),
    HeaderName::from_static("wechatpay-serial"),
    HeaderName::from_static("wechatpay-signature"),
    HeaderName::from_static("wechatpay-timestamp"),
];

/// The headers that count, each at most twice: a header that occurs more than once is refused, however often it occurs.
pub(super) fn headers<I, N, V>(headers: I) -> HeaderMap
where
    I: IntoIterator<Item = (N, V)>,
    N: AsRef<str>,
    V: AsRef<[u8]>,
{
    let mut found = HeaderMap::new();
    for (name, value) in headers {
        let Some(name) = HEADERS.iter().find(|known| known.as_str().eq_ignore_ascii_case(name.as_ref())) else {
            continue;
        };
        if found.get_all(name).iter().nth(1).is_some() {
            continue;
        }
        // What is not a valid header value is replaced by something that is later refused as not being text.
        let bytes: Vec<u8> =
            value.as_ref().iter().map(|byte| if byte.is_ascii_control() { 0xff } else { *byte }).collect();
        found.append(name, HeaderValue::from_bytes(&bytes).unwrap_or(HeaderValue::from_static("")));
    }
    found
}

/// The signature of a notification, checked to have been made just now and not to be a probe.
pub(super) fn signature(headers: &HeaderMap) -> Result<Signature<'_>> {
    let signature = Signature::of(headers).map_err(NotificationFailure::Unverified)?;
    if signature.value.starts_with(PROBE) {
        return Err(NotificationFailure::Probe);
    }
    signature.check_clock().map_err(NotificationFailure::Unverified)?;
    Ok(signature)
}

/// Verifies the signature of the body, and finds out what may have happened if it is invalid.
pub(super) fn verify(signature: &Signature<'_>, verifier: &dyn Verifier, body: &[u8]) -> Result<()> {
    let serial = match signature.verify(verifier, body) {
        Ok(()) => return Ok(()),
        Err(VerificationFailure::SignatureMismatch { serial }) => serial,
        Err(failure) => return Err(NotificationFailure::Unverified(failure)),
    };
    Err(match changed::how(body, |other| signature.verify(verifier, other).is_ok()) {
        Some(how) => NotificationFailure::BodyChanged { serial, how },
        None => NotificationFailure::Unverified(VerificationFailure::SignatureMismatch { serial }),
    })
}

/// Reads a verified body, and finds out which of the merchants it is for.
pub(super) fn open(body: &[u8], merchants: &[Arc<Identity>]) -> Result<Notification> {
    let json: Value = serde_json::from_slice(body).map_err(NotificationFailure::NotJson)?;
    let sealed = Sealed::of(&json)?;
    let mut keys = merchants.iter().flat_map(|merchant| &merchant.apiv3_keys);
    let (key, plaintext) = keys
        .find_map(|key| sealed.open(key).map(|plaintext| (key, plaintext)))
        .ok_or(NotificationFailure::WrongApiv3Key)?;
    let resource = serde_json::from_slice(&plaintext)
        .map_err(|error| malformed(format!("the content of its `resource` is not JSON: {error}")))?;
    let holders = merchants.iter().filter(|merchant| merchant.apiv3_keys.contains(key));
    let mchid = merchant(&resource, holders.filter_map(|merchant| merchant.id()).collect())?;
    Ok(Notification { json, resource, mchid })
}

/// The merchant that it is for, among those who can decrypt it; if there are several, the one that it names.
fn merchant(resource: &Value, mchids: Vec<&str>) -> Result<String> {
    if let [mchid] = mchids[..] {
        return Ok(mchid.to_owned());
    }
    let named = ["mchid", "sp_mchid", "combine_mchid"].into_iter().filter_map(|name| resource.get(name)?.as_str());
    let mut known = named.filter(|mchid| mchids.contains(mchid));
    match known.next() {
        Some(mchid) => Ok(mchid.to_owned()),
        None => Err(NotificationFailure::Ambiguous { mchids: mchids.into_iter().map(str::to_owned).collect() }),
    }
}

/// The encrypted part of a notification.
struct Sealed<'a> {
    /// The ciphertext and its tag.
    bytes: Vec<u8>,
    nonce: &'a str,
    associated_data: &'a str,
}

impl Sealed<'_> {
    fn of(json: &Value) -> Result<Sealed<'_>> {
        let Some(Value::Object(resource)) = json.get("resource") else {
            return Err(malformed("it has no `resource`".into()));
        };
        let text = |name: &str| resource.get(name).and_then(Value::as_str).unwrap_or_default();
        if text("algorithm") != ALGORITHM {
            return Err({
                let algorithm = redact::name(text("algorithm"));
                malformed(format!("its `resource.algorithm` is {algorithm:?}, not {ALGORITHM}"))
            });
        }
        let bytes = decode_base64(text("ciphertext")).filter(|bytes| bytes.len() >= aes_gcm::TAG);
        let bytes = bytes.ok_or_else(|| malformed("its `resource.ciphertext` is not base64 of a ciphertext".into()))?;
        let (nonce, associated_data) = (text("nonce"), text("associated_data"));
        match nonce.len() {
            aes_gcm::NONCE => Ok(Sealed { bytes, nonce, associated_data }),
            length => Err(malformed(format!("its `resource.nonce` has {length} bytes, not {}", aes_gcm::NONCE))),
        }
    }

    fn open(&self, key: &SymmetricKey) -> Option<Vec<u8>> {
        AesGcm::open(&self.bytes, key.0.as_bytes(), self.nonce.as_bytes(), self.associated_data.as_bytes()).ok()
    }
}

fn malformed(what: String) -> NotificationFailure {
    NotificationFailure::Malformed(what)
}

fn text<'a>(json: &'a Value, name: &str) -> &'a str {
    json.get(name).and_then(Value::as_str).unwrap_or_default()
}
