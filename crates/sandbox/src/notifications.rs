//! Notifications: what the platform sends to a merchant, and what the merchant answers.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openssl::x509::X509;
use serde_json::{Map, Value};
use ureq::http::header::CONTENT_TYPE;
use ureq::http::{self, HeaderMap, HeaderValue, Request, StatusCode};
use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, AsSendBody};
use wechatpay_catalog::catalog;

use crate::answer::{request_id, signature_headers};
use crate::apiv2::sign::sign;
use crate::brands::Brand;
use crate::clock;
use crate::crypto;
use crate::crypto::SignType;
use crate::documents::notice::Notice;
use crate::keys::random_hex;
use crate::merchants::Merchant;
use crate::parties::Keys;
use crate::platform_keys::PlatformKeys;
use crate::text;
use crate::text::as_text;
use crate::xml;

/// How long a merchant has to answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The most of an answer that is read, in bytes.
const ANSWER_LIMIT: u64 = 1024 * 1024;

/// Characters of the nonce that a resource is encrypted with.
const RESOURCE_NONCE: usize = 12;

/// Characters of an APIv2 nonce.
const NONCE: usize = 32;

/// The appid of an APIv2 notification without one.
const APPID: &str = "wxd678efh567hg6787";

/// The beginning of the signature of a probe.
const PROBE: &str = "WECHATPAY/SIGNTEST/";

/// Bytes of a signature.
const SIGNATURE: usize = 256;

/// What precedes the value that is changed in transit; the first of these that is present counts.
const TAMPERED: [&str; 4] = ["\"ciphertext\":\"", "<req_info>", "<out_trade_no>", "<nonce_str>"];

/// The beginning of a CDATA section, in which nothing is escaped.
const CDATA: &[u8] = b"<![CDATA[";

/// A notification as the platform sends it, ready to be [sent](SignedNotification::send) or passed to the code that reads
/// it.
///
/// ```
/// use wechatpay::json;
/// use wechatpay_sandbox::Sandbox;
/// # fn main() -> anyhow::Result<()> {
/// let sandbox = Sandbox::start()?;
/// let paid = sandbox.notification("TRANSACTION.SUCCESS", json!({ "out_trade_no": "1", "trade_state": "SUCCESS" }));
///
/// assert_eq!(paid.headers()["wechatpay-serial"], sandbox.platform_serial());
/// let envelope: wechatpay::Value = serde_json::from_slice(paid.body())?;
/// assert_eq!(envelope["resource"]["algorithm"], "AEAD_AES_256_GCM");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct SignedNotification {
    keys: Arc<Keys>,
    matter: Matter,
    /// Whether it is for the brand, and not for a merchant.
    is_for_brand: bool,
    /// The id of the platform's key that signs it; `None` for APIv2.
    key: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// What a notification is about.
#[derive(Clone)]
pub(crate) enum Matter {
    Apiv3 {
        event_type: String,
        resource: Value,
    },
    Apiv2(Value),
    Apiv2Refund(Value),
    /// Of either protocol, as it is documented.
    Documented(Notice),
}

impl SignedNotification {
    /// A notification for this merchant, signed with the current key.
    pub(crate) fn new(keys: &Arc<Keys>, matter: Matter, merchant: &Merchant) -> SignedNotification {
        let key = keys.platform.current().id.clone();
        let blank = SignedNotification {
            keys: Arc::clone(keys),
            matter,
            is_for_brand: false,
            key,
            headers: HeaderMap::new(),
            body: Vec::new(),
        };
        blank.for_merchant(merchant)
    }

    /// A notification for the brand, signed with the platform's key for it.
    pub(crate) fn for_brand(keys: &Arc<Keys>, brand: &Brand, event_type: &str, resource: &Value) -> SignedNotification {
        SignedNotification {
            keys: Arc::clone(keys),
            matter: Matter::Apiv3 { event_type: event_type.to_owned(), resource: resource.clone() },
            is_for_brand: true,
            key: brand.platform().current().id.clone(),
            headers: HeaderMap::new(),
            body: envelope(event_type, resource, brand.apiv3_key()).into_bytes(),
        }
        .sign()
    }

    /// The platform's keys for its receiver.
    fn platform(&self) -> &PlatformKeys {
        let brand = self.keys.brand.get().filter(|_| self.is_for_brand);
        brand.map_or(&self.keys.platform, Brand::platform)
    }

    /// The same notification for another merchant: encrypted with that merchant's key, and in APIv2 signed with it.
    ///
    /// # Panics
    /// As for [`Sandbox::notification`](crate::Sandbox::notification).
    ///
    /// ```
    /// use wechatpay::{Transformer, json};
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let merchant = sandbox.add_merchant("1900000110");
    /// let paid = sandbox.notification_apiv2(json!({ "out_trade_no": "1" })).for_merchant(&merchant);
    /// assert_eq!(Transformer::to_array(paid.body())?["mch_id"], "1900000110");
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn for_merchant(&self, merchant: &Merchant) -> SignedNotification {
        let body = match &self.matter {
            Matter::Apiv3 { event_type, resource } => envelope(event_type, resource, merchant.apiv3_key()),
            Matter::Apiv2(fields) => notice(fields, merchant),
            Matter::Apiv2Refund(req_info) => refund_notice(req_info, merchant),
            Matter::Documented(notice) if notice.is_apiv2() => documented_notice(notice, merchant),
            Matter::Documented(notice) => {
                let resource = notice.sealed(merchant.mchid()).map(|(_, resource)| resource).unwrap_or_default();
                envelope(notice.event(), &resource.into(), merchant.apiv3_key())
            }
        };
        SignedNotification { body: body.into_bytes(), is_for_brand: false, ..self.clone() }.sign()
    }

    /// The same notification signed with another key of the platform: a certificate, even a retired one, or the
    /// public key. `None` if there is no such key, and for APIv2, where the platform has no keys.
    ///
    /// ```
    /// use wechatpay::json;
    /// use wechatpay_sandbox::{KeyMode, Sandbox};
    ///
    /// let sandbox = Sandbox::builder().mode(KeyMode::Mixed).start()?;
    /// let refunded = sandbox.notification("REFUND.SUCCESS", json!({})).signed_by(sandbox.public_key_id().unwrap());
    /// assert!(refunded.is_some());
    /// assert!(sandbox.notification_apiv2(json!({})).signed_by(sandbox.platform_serial()).is_none());
    /// # Ok::<_, std::io::Error>(())
    /// ```
    #[must_use]
    pub fn signed_by(&self, serial: &str) -> Option<SignedNotification> {
        if !self.is_apiv3() {
            return None;
        }
        let key = self.platform().known(serial)?.id.clone();
        Some(SignedNotification { key, ..self.clone() }.sign())
    }

    /// The same notification with an invalid signature: `WECHATPAY/SIGNTEST/` and random base64. This is how the
    /// platform probes whether merchants verify at all. It probes only APIv3: an APIv2 notification is returned
    /// unchanged.
    ///
    /// ```
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let probe = sandbox.notification("TRANSACTION.SUCCESS", wechatpay::json!({})).probe();
    /// let signature = probe.headers()["wechatpay-signature"].to_str().unwrap();
    /// assert!(signature.starts_with("WECHATPAY/SIGNTEST/"));
    /// # Ok::<_, std::io::Error>(())
    /// ```
    #[must_use]
    pub fn probe(&self) -> SignedNotification {
        let mut probe = self.clone();
        if let Some(signature) = probe.headers.get_mut("wechatpay-signature") {
            // As long as a signature, and entirely base64.
            let random = STANDARD.encode(crypto::nonce(SIGNATURE));
            let random = random.get(PROBE.len()..).unwrap_or_default();
            if let Ok(value) = HeaderValue::try_from(format!("{PROBE}{random}")) {
                *signature = value;
            }
        }
        probe
    }

    /// The same notification as if someone who cannot sign had changed it in transit: with another letter in the ciphertext
    /// or, in APIv2, in `out_trade_no` or another field.
    ///
    /// ```
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let paid = sandbox.notification("TRANSACTION.SUCCESS", wechatpay::json!({}));
    /// assert_ne!(paid.tampered().body(), paid.body());
    /// assert_eq!(paid.tampered().headers(), paid.headers());
    /// # Ok::<_, std::io::Error>(())
    /// ```
    #[must_use]
    pub fn tampered(&self) -> SignedNotification {
        let mut tampered = self.clone();
        let place = TAMPERED.iter().find_map(|before| {
            let start = tampered.body.windows(before.len()).position(|window| window == before.as_bytes())?;
            start.checked_add(before.len())
        });
        // A value may be in CDATA.
        let value = place.and_then(|place| tampered.body.get_mut(place..)).unwrap_or_default();
        let skipped = if value.starts_with(CDATA) { CDATA.len() } else { 0 };
        if let Some(letter) = value.iter_mut().skip(skipped).find(|byte| byte.is_ascii_alphanumeric()) {
            *letter = if *letter == b'1' { b'2' } else { b'1' };
        }
        tampered
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The bytes of the body, which are signed.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Sends it by POST to a merchant's address, as the platform does: directly, and without following redirects. The
    /// merchant has ten seconds to answer; any status is an answer.
    ///
    /// # Errors
    /// If the address cannot be reached, does not answer in time, answers with more than 1 MiB or not in HTTP, or
    /// uses https with a certificate that the system does not trust. The kind is [`io::ErrorKind::TimedOut`] if it did not
    /// answer in time, and [`io::ErrorKind::InvalidInput`] if this is no address.
    ///
    /// ```no_run
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let paid = sandbox.notification("TRANSACTION.SUCCESS", wechatpay::json!({ "out_trade_no": "1" }));
    /// assert!(paid.send("http://127.0.0.1:8080/notify")?.is_acknowledged());
    /// assert!(!paid.probe().send("http://127.0.0.1:8080/notify")?.is_acknowledged());
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn send(&self, url: &str) -> io::Result<Delivery> {
        self.send_to(url, RootCerts::PlatformVerifier)
    }

    /// The same, trusting the certificates in `pem` and no others, as a server that is tried out has one of its own.
    ///
    /// # Errors
    /// Those of [`send`](SignedNotification::send); and if `pem` has no certificate.
    ///
    /// ```no_run
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let paid = sandbox.notification("TRANSACTION.SUCCESS", wechatpay::json!({ "out_trade_no": "1" }));
    /// let authority = std::fs::read("authority.pem")?;
    /// assert!(paid.send_trusting("https://127.0.0.1:8443/notify", &authority)?.is_acknowledged());
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn send_trusting(&self, url: &str, pem: &[u8]) -> io::Result<Delivery> {
        let roots = X509::stack_from_pem(pem)?.iter().map(|root| root.to_der()).collect::<Result<Vec<_>, _>>()?;
        if roots.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "there is no certificate to trust"));
        }
        let roots: Vec<_> = roots.iter().map(|der| Certificate::from_der(der).to_owned()).collect();
        self.send_to(url, RootCerts::new_with_certs(&roots))
    }

    fn send_to(&self, url: &str, roots: RootCerts) -> io::Result<Delivery> {
        let mut request = Request::post(url).body(self.body.as_slice()).map_err(invalid)?;
        request.headers_mut().extend(self.headers.clone());
        let mut response = post(request, roots).map_err(undelivered)?;
        let body = response.body_mut().with_config().limit(ANSWER_LIMIT).read_to_vec().map_err(undelivered)?;
        Ok(Delivery { is_apiv3: self.is_apiv3(), status: response.status(), body })
    }

    fn is_apiv3(&self) -> bool {
        match &self.matter {
            Matter::Apiv3 { .. } => true,
            Matter::Apiv2(_) | Matter::Apiv2Refund(_) => false,
            Matter::Documented(notice) => !notice.is_apiv2(),
        }
    }

    /// The headers for the body as it is now.
    #[expect(clippy::expect_used, reason = "documented as a panic: what is wrong is the call in a test")]
    fn sign(mut self) -> SignedNotification {
        self.headers = if self.is_apiv3() {
            let keys = self.platform();
            let key = keys.known(&self.key).unwrap_or_else(|| keys.current());
            let mut headers =
                signature_headers(&self.body, key, crypto::now()).expect("a key of the platform can sign");
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            headers
        } else {
            HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("text/xml"))])
        };
        self.headers.extend(request_id());
        self
    }
}

/// What is no address.
fn invalid(error: http::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, error)
}

/// Why a merchant has not answered.
fn undelivered(error: ureq::Error) -> io::Error {
    match error {
        ureq::Error::Timeout(_) => io::Error::new(io::ErrorKind::TimedOut, error),
        error => error.into_io(),
    }
}

/// Shows the headers without the signature, and the length of the body.
impl fmt::Debug for SignedNotification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedNotification")
            .field("headers", &text::Headers(&self.headers))
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish()
    }
}

/// What a merchant answered to a [notification](SignedNotification).
#[derive(Clone)]
pub struct Delivery {
    is_apiv3: bool,
    status: StatusCode,
    body: Vec<u8>,
}

impl Delivery {
    /// The status code; it can be compared with numbers: `delivery.status() == 204`.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The bytes of the body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Whether the platform would consider it received, and not send it again: in APIv3 with the status 200 or 204,
    /// in APIv2 with 200 and `return_code` SUCCESS.
    pub fn is_acknowledged(&self) -> bool {
        if self.is_apiv3 {
            matches!(self.status, StatusCode::OK | StatusCode::NO_CONTENT)
        } else {
            let answer = xml::read(&self.body).unwrap_or_default();
            self.status == StatusCode::OK && answer.get("return_code").is_some_and(|code| code == "SUCCESS")
        }
    }
}

/// Shows the status and the length of the body.
impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("status", &self.status)
            .field("body", &format_args!("{} bytes", self.body.len()))
            .finish_non_exhaustive()
    }
}

fn post(request: Request<impl AsSendBody>, roots: RootCerts) -> Result<ureq::http::Response<ureq::Body>, ureq::Error> {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .timeout_global(Some(TIMEOUT))
        .tls_config(TlsConfig::builder().provider(TlsProvider::NativeTls).root_certs(roots).build())
        .build();
    config.new_agent().run(request)
}

/// The JSON of an APIv3 notification, with the platform's order of names.
#[expect(clippy::expect_used, reason = "documented as a panic: what is wrong is the call in a test")]
fn envelope(event_type: &str, resource: &Value, apiv3_key: &str) -> String {
    let kind = kind(event_type);
    let nonce = crypto::nonce(RESOURCE_NONCE);
    let ciphertext = crypto::seal(&resource.to_string(), apiv3_key, &nonce, &kind)
        .expect("the key and the nonce have the required lengths");
    let resource = object(&[
        ("original_type", quoted(&kind)),
        ("algorithm", quoted("AEAD_AES_256_GCM")),
        ("ciphertext", quoted(&ciphertext)),
        ("associated_data", quoted(&kind)),
        ("nonce", quoted(&nonce)),
    ]);
    object(&[
        ("id", quoted(&uuid())),
        ("create_time", quoted(&clock::rfc3339(crypto::now()))),
        ("resource_type", quoted("encrypt-resource")),
        ("event_type", quoted(event_type)),
        ("summary", quoted(summary(event_type))),
        ("resource", resource),
    ])
}

/// What the platform calls the content of an event: mostly the first word of the event.
fn kind(event_type: &str) -> String {
    match event_type.split('.').next().unwrap_or_default() {
        "MCHTRANSFER" => "mch_payment".to_owned(),
        word => word.to_ascii_lowercase(),
    }
}

/// The platform's summary of an event, in a word or two; if it is not known, the beginning of the event's name.
fn summary(event_type: &str) -> &'static str {
    match event_type {
        "TRANSACTION.SUCCESS" => "支付成功",
        "REFUND.SUCCESS" => "退款成功",
        "REFUND.ABNORMAL" => "退款异常",
        "REFUND.CLOSED" => "退款关闭",
        "MCHTRANSFER.BILL.FINISHED" => "商家转账单据终态通知",
        "PROFITSHARING.SUCCESS" => "分账",
        "PROFITSHARING.RETURN" => "分账回退",
        _ => catalog().notification(event_type).and_then(|known| known.name().split('(').next()).unwrap_or("通知"),
    }
}

/// A JSON object of values that are already JSON.
fn object(entries: &[(&str, String)]) -> String {
    let entries = entries.iter().map(|(name, value)| format!("{}:{value}", quoted(name)));
    format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn uuid() -> String {
    let digits = random_hex();
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

/// The signed XML of an APIv2 notification.
#[expect(clippy::panic, reason = "documented as a panic: what is wrong is the call in a test")]
fn notice(fields: &Value, merchant: &Merchant) -> String {
    let Value::Object(fields) = fields else {
        panic!("the fields of a notification must be an object");
    };
    let mut fields = complete(fields.clone(), merchant);
    fields.entry("result_code").or_insert_with(|| "SUCCESS".into());
    let name = fields.get("sign_type").map(as_text).unwrap_or_default();
    let Some(kind) = SignType::of(&name) else {
        panic!("the sign_type of a notification must be MD5 or HMAC-SHA256, not {name:?}");
    };
    xml::write("xml", &sign(fields, kind, merchant.secret()))
}

/// The XML of an APIv2 notification about a refund, which is encrypted and not signed.
#[expect(clippy::expect_used, reason = "documented as a panic: what is wrong is the call in a test")]
fn refund_notice(req_info: &Value, merchant: &Merchant) -> String {
    let info = req_info.as_object().expect("the content of a notification about a refund must be an object");
    let sealed = crypto::seal_apiv2(&xml::write("root", info), merchant.secret()).expect("OpenSSL has MD5 and AES");
    xml::write("xml", &complete(Map::from_iter([("req_info".to_owned(), sealed.into())]), merchant))
}

/// The XML of a documented APIv2 notification.
#[expect(clippy::expect_used, reason = "documented as a panic: OpenSSL has what it needs")]
fn documented_notice(notice: &Notice, merchant: &Merchant) -> String {
    let mut fields = notice.fields(merchant.mchid());
    let text = |name: &str| fields.get(name).map(as_text).unwrap_or_default();
    let kind = SignType::of(&text("sign_type")).unwrap_or_default();
    if let Some((name, content)) = notice.sealed(merchant.mchid()) {
        let sealed = if name == "req_info" {
            crypto::seal_apiv2(&xml::write("root", &content), merchant.secret())
        } else {
            let content = Value::Object(content).to_string();
            crypto::seal(&content, merchant.apiv3_key(), &text("event_nonce"), &text("event_associated_data"))
        };
        fields.insert(name.to_owned(), sealed.expect("OpenSSL has MD5 and AES").into());
    }
    xml::write("xml", &if notice.is_signed() { sign(fields, kind, merchant.secret()) } else { fields })
}

/// Adds the fields that every APIv2 notification has, if they are missing.
fn complete(mut fields: Map<String, Value>, merchant: &Merchant) -> Map<String, Value> {
    let defaults = [
        ("return_code", "SUCCESS".to_owned()),
        ("appid", APPID.to_owned()),
        ("mch_id", merchant.mchid().to_owned()),
        ("nonce_str", crypto::nonce(NONCE)),
    ];
    for (name, value) in defaults {
        fields.entry(name).or_insert_with(|| value.into());
    }
    fields
}
