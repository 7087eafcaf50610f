//! A local stand-in for the platform: an HTTP server inside the program that checks each request as
//! the platform does, and signs each answer. For tests, examples and first steps without a merchant.
//!
//! ```
//! use wechatpay::sandbox::Sandbox;
//! use wechatpay::{Builder, json};
//! # fn main() -> anyhow::Result<()> {
//! let sandbox = Sandbox::start()?;
//! let instance = Builder::factory(sandbox.config())?;
//!
//! let answer = instance.chain("v3/marketing/withdraw-favor/users/{openid}/coupons").post(json!({
//!     "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
//!     "json": {
//!         "mchid": "1230000109",
//!         "stock_id": "1304490000000059",
//!         "appid": "wxd678efh567hg6787",
//!         "send_request_no": "89560002019101000121",
//!     },
//! }))?;
//! assert!(answer.json()?["coupon_id"].is_string());
//! # Ok(()) }
//! ```
//!
//! # What it answers
//!
//! | path | answer |
//! | --- | --- |
//! | POST `v3/pay/transactions/native`, `…/jsapi`, `…/h5`, `…/app` | `code_url`, `prepay_id`, `h5_url`, `prepay_id` |
//! | GET `v3/pay/transactions/out-trade-no/{out_trade_no}`, `v3/pay/transactions/id/{transaction_id}` | the order |
//! | POST `v3/pay/transactions/out-trade-no/{out_trade_no}/close` | 204, no body |
//! | POST `v3/refund/domestic/refunds` | the refund of an order that was [paid](Sandbox::pay) |
//! | GET `v3/refund/domestic/refunds/{out_refund_no}` | the refund |
//! | POST `v3/marketing/bank-favor/users/{openid}/bank-multi-activity` | `coupon_id` |
//! | POST `v3/multiuse/users/{openid}/coupons` | `coupon_id`; the encrypted fields are decrypted |
//! | POST `v3/marketing/busifavor/coupons/send` | `stock_id`, `coupon_code`, `out_request_no` |
//! | POST `v3/marketing/withdraw-favor/users/{openid}/coupons` | `coupon_id`, `expire_time` |
//! | GET `v3/marketing/withdraw-favor/users/{openid}/coupons` | a page of what the POST has sent |
//! | POST `v3/merchant/media/upload`, `v3/merchant/media/video_upload` | `media_id` |
//! | POST `v3/marketing/favor/media/image-upload` | `media_url` |
//! | POST `v3/merchant-service/images/upload` | `media_id`; up to 2 MiB |
//! | GET `v3/merchant-service/images/{media_id}` | that image, unsigned |
//! | GET `v3/bill/tradebill` | `hash_type`, `hash_value`, `download_url` |
//! | GET `v3/billdownload/file` | the bill, unsigned |
//! | GET `v3/global/statements`, `v3/statements`, `hk/v3/statements` | a bill, signed by way of its SHA-1 |
//! | GET `v3/certificates` | the platform's certificates, encrypted with the key of APIv3 |
//! | any other under `v3/` and `hk/v3/` | 200, `{}` |
//! | XML by POST, or GET without `Authorization`, to another path | APIv2, below |
//! | anything else | 404, `NOT_FOUND` |
//!
//! A number of the merchant's own (`out_request_no`, `send_request_no`) names one coupon: the same
//! request again gives the same coupon, another request under it is refused with `INVALID_REQUEST`.
//!
//! Orders and refunds are explained [below](#orders-and-refunds).
//!
//! Of an upload, the part `meta` is what must be signed, and it must say of the part `file` what is true.
//! Uploads and bills may have any size: they are read and written piece by piece. How large a bill is can
//! be [set](Sandbox::set_bill_size).
//!
//! # What it refuses
//!
//! | status, code | when |
//! | --- | --- |
//! | 400 `INVALID_REQUEST` | `Accept` or `User-Agent` is missing; a number was used for another request |
//! | 400 `PARAM_ERROR` | a field is missing, empty or of another type, or says of a file what is not true, or `mchid` is not that of the `Authorization`; `detail` names it. A form cannot be read |
//! | 400 `PARAM_ERROR` | `Wechatpay-Serial` names no key of the platform, or one that is retired |
//! | 400 `ORDERPAID`, 400 `ORDER_CLOSED` | the order is paid, or closed, and was to be placed or closed |
//! | 401 `SIGN_ERROR` | `Authorization` is missing, malformed, of no merchant known here, under a serial that is not the merchant's or is revoked, more than 300 seconds old or ahead, used before, or does not hold for this request |
//! | 403 `OUT_TRADE_NO_USED` | the number names an order of other content |
//! | 404 `ORDER_NOT_EXIST` | there is no such order |
//! | 404 `RESOURCE_NOT_EXISTS` | there is no such image, certificate or refund, or no order that is paid and could be refunded |
//! | 405, no body | the path has other methods; `Allow` names them |
//! | 413 `INVALID_REQUEST` | the body is larger than 16 MiB, and no upload |
//!
//! A refund is refused with `INVALID_REQUEST` when its amounts are not those of the order or come to more
//! than what is left of it, and when its number was used for another one.
//!
//! Unlike the platform's, refusals are signed too. What is no HTTP at all is answered as the server
//! underneath does it, and is not among the [`requests`](Sandbox::requests).
//!
//! # Orders and refunds
//!
//! ```
//! use wechatpay::sandbox::{Effect, Sandbox};
//! use wechatpay::{Builder, chain, json};
//! # fn main() -> anyhow::Result<()> {
//! let sandbox = Sandbox::start()?;
//! let instance = Builder::factory(sandbox.config())?;
//!
//! let placed = chain!(instance->v3->pay->transactions->native).post(json!({ "json": {
//!     "appid": "wxd678efh567hg6787", "mchid": sandbox.mchid(), "description": "coffee", "out_trade_no": "order-1",
//!     "notify_url": "https://example.com/", "amount": { "total": 100 },
//! } }))?;
//! assert!(placed.json()?["code_url"].is_string());
//!
//! sandbox.pay("order-1");
//! let order = instance.chain("v3/pay/transactions/out-trade-no/{out_trade_no}");
//! let order = order.get(json!({ "out_trade_no": "order-1", "query": { "mchid": sandbox.mchid() } }))?;
//! assert_eq!(order.json()?["trade_state"], "SUCCESS");
//!
//! chain!(instance->v3->refund->domestic->refunds).post(json!({ "json": {
//!     "out_trade_no": "order-1", "out_refund_no": "refund-1",
//!     "amount": { "refund": 30, "total": 100, "currency": "CNY" },
//! } }))?;
//! let effects: Vec<_> = sandbox.ledger().iter().map(|entry| entry.effect()).collect();
//! assert_eq!(effects, [Effect::OrderPlaced, Effect::OrderPaid, Effect::OrderRefunded]);
//! # Ok(()) }
//! ```
//!
//! A merchant's number names one order, whichever protocol placed it: what one protocol does, the other
//! sees. The same request again gives the same answer for as long as the order is neither paid nor closed;
//! another request under the number, also one of another way to pay or of the other protocol, is refused.
//! Of APIv3, `out_trade_no` must have 6 to 32 characters, as the platform demands.
//!
//! An order that names a `time_expire` cannot be paid after it, but is not closed by it. It is taken as it
//! stands, so that an order can be made that is too late already; the platform moves it a minute ahead.
//!
//! A refund is done at once. Its number names one refund of the merchant: a request for the same order and
//! the same amounts gives the same one again, by either protocol.
//!
//! # The ledger
//!
//! The [ledger](Sandbox::ledger) tells what the platform believes has happened, each effect once: a
//! repetition that finds its effect done adds nothing, and a request that is refused adds nothing. A call of
//! a path under `v3/` or `hk/v3/` of which the sandbox knows nothing is an effect each time, unless it is
//! GET or HEAD: without knowing the number in it nobody can tell a repetition, and the platform might have
//! acted twice. Of APIv2, only what the table below names is there.
//!
//! # When things go wrong
//!
//! Everything that can go wrong between a merchant and the platform can be had on demand: see [`Fault`], and
//! [`inject`](Sandbox::inject) for all calls, some paths or the next few. [Connections can be
//! refused](Sandbox::refuse_connections), and there is [another host](Sandbox::other_base_uri). What the
//! platform believes meanwhile is in the ledger.
//!
//! # Keys and merchants
//!
//! In each [mode](KeyMode) the platform signs with something else: the public key, certificates, or both.
//! The header `Wechatpay-Serial` of a request says which key is to sign the answer, and for which its
//! encrypted fields are; without it, the [current](Sandbox::platform_serial) one signs.
//!
//! ```
//! use wechatpay::Builder;
//! use wechatpay::sandbox::{KeyMode, Sandbox};
//! # fn main() -> anyhow::Result<()> {
//! let sandbox = Sandbox::builder().mode(KeyMode::Certificate).start()?;
//! let instance = Builder::factory(sandbox.config())?;
//! let old = sandbox.platform_serial().to_owned();
//! let new = sandbox.rotate_platform_certificate();
//!
//! // The instance knows the old one, and names it.
//! assert_eq!(instance.key_status().wechatpay_serial(), Some(old.as_str()));
//! let listed = instance.chain("v3/certificates").get(())?.json()?;
//! assert_eq!(listed["data"][1]["serial_no"], new);
//! sandbox.retire_platform_certificate(&old);
//! assert!(instance.chain("v3/any/path").get(()).is_err());
//! # Ok(()) }
//! ```
//!
//! There is one merchant to begin with; [others](Sandbox::add_merchant) are added, each with keys of its own,
//! and the first can have [several certificates](Sandbox::issue_merchant_certificate).
//!
//! # Notifications
//!
//! [`notification`](Sandbox::notification), [`notification_apiv2`](Sandbox::notification_apiv2) and
//! [`refund_notification_apiv2`](Sandbox::refund_notification_apiv2) make what the platform would send, and
//! [send](SignedNotification::send) it when they are asked to.
//!
//! Of a [payment](Sandbox::pay) and of a refund the sandbox sends one by itself, to the `notify_url` of the order or
//! of the refund if that is on this machine. [Those that it has sent](Sandbox::sent_notifications) are kept, and
//! [something can go wrong](Sandbox::inject_notification_fault) with the next.
//!
//! # APIv2
//!
//! ```
//! use wechatpay::sandbox::Sandbox;
//! use wechatpay::{Builder, json};
//! # fn main() -> anyhow::Result<()> {
//! let sandbox = Sandbox::start_tls()?;
//! let instance = Builder::factory(sandbox.config())?;
//!
//! let placed = instance.chain("v2/pay/unifiedorder").post(json!({ "xml": {
//!     "appid": "wxd678efh567hg6787", "mch_id": sandbox.mchid(), "body": "coffee", "out_trade_no": "1",
//!     "total_fee": 100, "spbill_create_ip": "127.0.0.1", "notify_url": "https://example.com/",
//!     "trade_type": "NATIVE", "product_id": "1",
//! } }))?;
//! assert!(placed.xml()?["code_url"].is_string());
//!
//! sandbox.pay("1");
//! let refunded = instance.chain("v2/secapi/pay/refund").post(json!({ "security": true, "xml": {
//!     "appid": "wxd678efh567hg6787", "mch_id": sandbox.mchid(), "out_trade_no": "1", "out_refund_no": "1",
//!     "total_fee": 100, "refund_fee": 100,
//! } }))?;
//! assert!(refunded.xml()?["refund_id"].is_string());
//! # Ok(()) }
//! ```
//!
//! | path | answer |
//! | --- | --- |
//! | `pay/unifiedorder` | `prepay_id`, `trade_type`, and `code_url` or `mweb_url` where there is one |
//! | `pay/orderquery`, `pay/closeorder` | what became of the order |
//! | `secapi/pay/refund` | `refund_id` of an order that was [paid](Sandbox::pay) |
//! | `mmpaymkttransfers/sendredpack` | `send_listid` |
//! | `pay/downloadbill` | the bill |
//! | any other | SUCCESS, and nothing else |
//!
//! The status is always 200. `return_code` is FAIL, and nothing signed, when the XML is malformed, the
//! merchant is not known here (`mch_id`, `mchid`, `combine_mch_id`), or `sign` does not hold (`签名错误`);
//! and where the operation demands a certificate of the merchant that is not revoked and the client has
//! not shown one, which it can only over [TLS](Sandbox::start_tls). `result_code` is FAIL, with `err_code` and `err_code_des`,
//! when the request is understood but cannot be done. The answers that the platform does not sign are
//! not signed here.

mod answer;
mod apiv2;
mod apiv2_orders;
mod arrivals;
mod authority;
mod bill;
mod broken;
mod builder;
mod call;
mod clock;
mod content;
mod coupons;
mod downloads;
mod faults;
mod form;
mod gate;
mod keys;
mod ledger;
mod merchants;
mod notifications;
mod orders;
mod platform;
mod platform_keys;
mod postman;
mod red_packets;
mod refunds;
mod request;
mod server;
mod tls;
mod transactions;
mod uploads;

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::builder::{Builder, Config};
use crate::crypto::rsa::{PrivateKey, PublicKey};
use crate::options::Options;

use self::platform::Platform;
use self::server::Server;
use self::tls::TemporaryFile;

pub use self::builder::SandboxBuilder;
pub use self::faults::{Fault, FaultRule};
pub use self::ledger::{Effect, Entry};
pub use self::merchants::{Merchant, MerchantCertificate};
pub use self::notifications::{Delivery, SignedNotification};
pub use self::platform_keys::KeyMode;
pub use self::postman::{NotificationFault, SentNotification};
pub use self::request::Request;

/// A running stand-in for the platform; dropping it stops it.
///
/// It listens on a free port of 127.0.0.1 and knows one merchant, or more. Keys are new each time, and what it
/// remembers is in memory and its own, so that tests with a sandbox each do not meet.
///
/// ```
/// use wechatpay::Builder;
/// use wechatpay::sandbox::Sandbox;
/// # fn main() -> anyhow::Result<()> {
/// let sandbox = Sandbox::start()?;
/// let instance = Builder::factory(sandbox.config())?;
///
/// let answer = instance.chain("v3/any/path").get(())?;
/// assert_eq!(answer.text(), "{}");
/// assert_eq!(sandbox.requests()[0].target(), "/v3/any/path");
/// # Ok(()) }
/// ```
pub struct Sandbox {
    /// Dropped before the platform, so that nobody asks it any more when it goes.
    server: Server,
    platform: Arc<Platform>,
    other_base_uri: String,
    /// The authority behind its certificate, if it speaks TLS.
    authority: Option<(String, TemporaryFile)>,
}

impl Sandbox {
    /// Makes the keys, takes a port and begins to answer. Takes about as long as making two RSA keys,
    /// some tenths of a second. The platform has a [public key](KeyMode::PublicKey).
    ///
    /// # Errors
    /// When no port or no thread can be had, or OpenSSL cannot make the keys.
    ///
    /// ```
    /// let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// # drop(sandbox);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn start() -> io::Result<Sandbox> {
        Sandbox::builder().start()
    }

    /// The same over https. It shows a certificate of an [authority](Sandbox::ca_pem) of its own, which
    /// the [configuration](Sandbox::config) trusts, and asks the client for the
    /// [merchant's](Sandbox::merchant_certificate_pem): without one, it serves all but the operations of
    /// APIv2 that demand it.
    ///
    /// # Errors
    /// As [`start`](Sandbox::start), and when the authority's certificate cannot be written into a
    /// temporary file.
    ///
    /// ```
    /// use wechatpay::Builder;
    /// use wechatpay::sandbox::Sandbox;
    /// # fn main() -> anyhow::Result<()> {
    /// let sandbox = Sandbox::start_tls()?;
    /// assert!(sandbox.base_uri().starts_with("https://127.0.0.1:"));
    /// let instance = Builder::factory(sandbox.config())?;
    /// assert_eq!(instance.chain("v3/any/path").get(())?.text(), "{}");
    /// # Ok(()) }
    /// ```
    pub fn start_tls() -> io::Result<Sandbox> {
        Sandbox::builder().tls(true).start()
    }

    /// One that is to be otherwise: with certificates, for instance.
    ///
    /// ```
    /// use wechatpay::sandbox::{KeyMode, Sandbox};
    ///
    /// let sandbox = Sandbox::builder().mode(KeyMode::Certificate).start()?;
    /// assert_eq!(sandbox.platform_serial().len(), 40);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::default()
    }

    /// The configuration of its first merchant, for [`Builder::factory`]: APIv3, APIv2 and the certificate.
    /// Of the platform's keys it has the public key and the certificates that are there at this moment.
    /// Calls go to the sandbox directly, whatever proxy the environment names.
    ///
    /// ```
    /// use wechatpay::Builder;
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// let instance = Builder::factory(sandbox.config())?;
    /// // To change it by the setters:
    /// let patient = Builder::from(sandbox.config()).defaults(wechatpay::json!({ "timeout": 60 })).build()?;
    /// # patient.chain("v3/any/path").get(())?;
    /// # instance.chain("v3/any/path").get(())?;
    /// # Ok(()) }
    /// ```
    pub fn config(&self) -> Config {
        self.config_of(self.merchants().first())
    }

    /// The configuration of a merchant that was [added](Sandbox::add_merchant).
    ///
    /// ```
    /// use wechatpay::Builder;
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// let merchant = sandbox.add_merchant("1900000110");
    /// let instance = Builder::factory(sandbox.config_of(&merchant))?;
    /// # instance.chain("v3/any/path").get(())?;
    /// # Ok(()) }
    /// ```
    pub fn config_of(&self, merchant: &Merchant) -> Config {
        let mut defaults = Options::new().base_uri(self.base_uri()).proxy("");
        if let Some(file) = self.ca_file() {
            defaults = defaults.verify(file.to_string_lossy());
        }
        // The merchant's credentials, all in this place.
        let certificate = merchant.certificate();
        let mut builder = Builder::new()
            .mchid(merchant.mchid())
            .serial(certificate.serial())
            .private_key(certificate.private_key().clone())
            .apiv3_key(merchant.apiv3_key())
            .secret(merchant.secret())
            .merchant(certificate.pem(), certificate.private_key().clone())
            .defaults(defaults);
        for (id, key) in self.platform.keys().platform.good() {
            builder = builder.cert(id, key);
        }
        builder.into()
    }

    /// Where it listens: `http://127.0.0.1:PORT/`, or `https://127.0.0.1:PORT/`.
    ///
    /// ```
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// assert!(sandbox.base_uri().starts_with("http://127.0.0.1:"));
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn base_uri(&self) -> &str {
        self.platform.base_uri()
    }

    /// The same platform at another port, as it has a second host for when the first is not reached: for the
    /// option `failover`.
    ///
    /// ```
    /// use wechatpay::sandbox::Sandbox;
    /// use wechatpay::{Builder, json};
    /// # fn main() -> anyhow::Result<()> {
    /// let sandbox = Sandbox::start()?;
    /// let instance = Builder::from(sandbox.config()).defaults(json!({ "failover": [sandbox.other_base_uri()] })).build()?;
    /// sandbox.refuse_connections(true)?;
    /// assert!(instance.chain("v3/any/path").post(json!({ "json": {} })).is_ok());
    /// assert_eq!(sandbox.requests().len(), 1);
    /// # Ok(()) }
    /// ```
    pub fn other_base_uri(&self) -> &str {
        &self.other_base_uri
    }

    /// Whether connections to its [base URI](Sandbox::base_uri) are refused, as those to a host that is down. Those
    /// that are open are closed at once, in the middle of what they do. The [other](Sandbox::other_base_uri) goes on.
    ///
    /// # Errors
    /// When the port cannot be had any more.
    ///
    /// ```
    /// use wechatpay::sandbox::Sandbox;
    /// use wechatpay::{Builder, Outcome};
    /// # fn main() -> anyhow::Result<()> {
    /// let sandbox = Sandbox::start()?;
    /// let instance = Builder::factory(sandbox.config())?;
    /// sandbox.refuse_connections(true)?;
    /// assert_eq!(instance.chain("v3/any/path").get(()).unwrap_err().outcome(), Outcome::NotSent);
    /// sandbox.refuse_connections(false)?;
    /// assert!(instance.chain("v3/any/path").get(()).is_ok());
    /// # Ok(()) }
    /// ```
    pub fn refuse_connections(&self, refuses: bool) -> io::Result<()> {
        self.server.set_refusing(refuses)
    }

    /// The merchant's id.
    ///
    /// ```
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// assert_eq!(sandbox.mchid(), "1900000109");
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn mchid(&self) -> &str {
        self.merchants().first().mchid()
    }

    /// The serial of the merchant's API certificate.
    ///
    /// ```
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// assert_eq!(sandbox.merchant_serial(), "3775B6A45ACD588826D15E583A95F5DD12345678");
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn merchant_serial(&self) -> &str {
        self.merchants().first().certificate().serial()
    }

    /// The key that signs the merchant's requests.
    ///
    /// ```
    /// use wechatpay::{Formatter, Rsa};
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// let message = Formatter::request("GET", "/v3/any/path", Formatter::timestamp(), Formatter::nonce(32), "");
    /// let signature = Rsa::sign(message, sandbox.merchant_private_key())?;
    /// # assert_eq!(signature.len(), 344);
    /// # Ok(()) }
    /// ```
    pub fn merchant_private_key(&self) -> &PrivateKey {
        self.merchants().first().certificate().private_key()
    }

    /// The same key as PEM (PKCS#8), as in the file `apiclient_key.pem` of a merchant: for programs that read
    /// their keys from files.
    ///
    /// ```
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// # let path = std::env::temp_dir().join(format!("wechatpay-sandbox-doc-{}.pem", std::process::id()));
    /// std::fs::write(&path, sandbox.merchant_private_key_pem())?;
    /// # std::fs::remove_file(&path)?;
    /// # Ok(()) }
    /// ```
    pub fn merchant_private_key_pem(&self) -> &str {
        self.merchants().first().certificate().private_key_pem()
    }

    /// The key of APIv2, 32 characters: merchant and platform sign with it.
    ///
    /// ```
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// assert_eq!(sandbox.secret().len(), 32);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn secret(&self) -> &str {
        self.merchants().first().secret()
    }

    /// The key of APIv3, 32 characters: the platform encrypts certificates and notifications with it.
    ///
    /// ```
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// assert_eq!(sandbox.apiv3_key().len(), 32);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn apiv3_key(&self) -> &str {
        self.merchants().first().apiv3_key()
    }

    /// The merchant's certificate as PEM, as in the file `apiclient_cert.pem` of a merchant: what a client
    /// shows to operations that demand it.
    ///
    /// ```
    /// use wechatpay::PemUtil;
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// let serial = PemUtil::parse_certificate_serial_no(sandbox.merchant_certificate_pem())?;
    /// assert_eq!(serial, sandbox.merchant_serial());
    /// # Ok(()) }
    /// ```
    pub fn merchant_certificate_pem(&self) -> &str {
        self.merchants().first().certificate().pem()
    }

    /// The certificate of the authority behind its own, as PEM; none without TLS.
    ///
    /// ```
    /// # let sandbox = wechatpay::sandbox::Sandbox::start_tls()?;
    /// assert!(sandbox.ca_pem().is_some_and(|pem| pem.starts_with("-----BEGIN CERTIFICATE-----")));
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn ca_pem(&self) -> Option<&str> {
        self.authority.as_ref().map(|(pem, _)| pem.as_str())
    }

    /// The same in a file, for the option `verify`; it is there for as long as the sandbox is.
    ///
    /// ```
    /// # let sandbox = wechatpay::sandbox::Sandbox::start_tls()?;
    /// assert!(sandbox.ca_file().is_some_and(|file| file.exists()));
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn ca_file(&self) -> Option<&Path> {
        self.authority.as_ref().map(|(_, file)| file.path())
    }

    /// The id of the platform's current key: the `Wechatpay-Serial` of answers, and of requests with encrypted
    /// fields. That is the newest certificate, or in mode [`PublicKey`](KeyMode::PublicKey) the public key.
    ///
    /// ```
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// assert_eq!(sandbox.platform_serial(), "PUB_KEY_ID_0114232134912410000000000000");
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn platform_serial(&self) -> &str {
        &self.platform_keys().current().id
    }

    /// The same key itself: answers are verified with it, and sensitive fields encrypted for it.
    ///
    /// ```
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// let user_name = wechatpay::Rsa::encrypt("张三", sandbox.platform_public_key())?;
    /// # assert_eq!(user_name.len(), 344);
    /// # Ok(()) }
    /// ```
    pub fn platform_public_key(&self) -> &PublicKey {
        &self.platform_keys().current().pair.public
    }

    /// The same key as PEM (SPKI), as in the file `pub_key.pem` that a merchant downloads.
    ///
    /// ```
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// assert!(sandbox.platform_public_key_pem().starts_with("-----BEGIN PUBLIC KEY-----"));
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn platform_public_key_pem(&self) -> &str {
        &self.platform_keys().current().pair.public_pem
    }

    /// Pays an order of the first merchant as its payer would, whichever protocol placed it, and gives the id
    /// of the transaction, also when it was paid before. None if there is no such order, or it is closed, or its
    /// `time_expire` is past. Nobody else pays here, and only what is paid can be refunded.
    ///
    /// The first time, the merchant hears of it: a notification is [sent](Sandbox::sent_notifications) to the
    /// `notify_url` of the order in the language of the protocol that placed it, while this returns.
    ///
    /// ```
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// assert_eq!(sandbox.pay("an order that was never placed"), None);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn pay(&self, out_trade_no: &str) -> Option<String> {
        self.pay_of(self.merchants().first(), out_trade_no)
    }

    /// The same for an order of this merchant.
    ///
    /// ```
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// let merchant = sandbox.add_merchant("1900000110");
    /// assert_eq!(sandbox.pay_of(&merchant, "an order that was never placed"), None);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn pay_of(&self, merchant: &Merchant, out_trade_no: &str) -> Option<String> {
        self.platform.pay(merchant, out_trade_no)
    }

    /// What the platform believes has happened so far, in order: each effect once, however often it was
    /// asked for, and nothing that was refused.
    ///
    /// ```
    /// use wechatpay::sandbox::Effect;
    /// use wechatpay::{Builder, json};
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// let instance = Builder::factory(sandbox.config())?;
    /// let coupon = json!({
    ///     "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
    ///     "stock_id": "9856000",
    ///     "out_request_no": "89560002019101000121",
    ///     "appid": "wx233544546545989",
    /// });
    /// for _ in 0..2 {
    ///     instance.chain("v3/marketing/busifavor/coupons/send").post(json!({ "json": coupon }))?;
    /// }
    ///
    /// let ledger = sandbox.ledger();
    /// assert_eq!(ledger.len(), 1);
    /// assert_eq!((ledger[0].effect(), ledger[0].name()), (Effect::CouponSent, "89560002019101000121"));
    /// # Ok(()) }
    /// ```
    pub fn ledger(&self) -> Vec<Entry> {
        self.platform.ledger()
    }

    /// Sets how large the bills are that are applied for from now on: at least so many bytes, and less than
    /// a row more. At first it is 64 KiB, the most is 1 TiB. A bill is written while it is sent, so its size
    /// costs time but no memory.
    ///
    /// ```
    /// use wechatpay::{Builder, json};
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// # let instance = Builder::factory(sandbox.config())?;
    /// sandbox.set_bill_size(1_000_000);
    /// let applied = instance.chain("v3/bill/tradebill").get(json!({ "query": { "bill_date": "2018-01-30" } }))?.json()?;
    ///
    /// let (_, token) = applied["download_url"].as_str().unwrap().split_once("token=").unwrap();
    /// let bill = instance.chain("v3/billdownload/file").get(json!({ "query": { "token": token } }))?;
    /// assert!((1_000_000..1_001_000).contains(&bill.body().len()));
    /// # Ok(()) }
    /// ```
    pub fn set_bill_size(&self, bytes: u64) {
        self.platform.downloads().set_bill_size(bytes);
    }

    /// Every request that has arrived so far, in order, the refused ones too; or the
    /// [latest](SandboxBuilder::keep_requests) of them.
    ///
    /// ```
    /// use wechatpay::{Builder, json};
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// let instance = Builder::factory(sandbox.config())?;
    /// instance.chain("v3/profitsharing/orders").post(json!({ "json": { "out_order_no": "P20150806125346" } }))?;
    ///
    /// let requests = sandbox.requests();
    /// assert_eq!(requests.len(), 1);
    /// assert_eq!(requests[0].method(), "POST");
    /// assert_eq!(requests[0].json(), Some(json!({ "out_order_no": "P20150806125346" })));
    /// # Ok(()) }
    /// ```
    pub fn requests(&self) -> Vec<Request> {
        self.platform.arrivals().kept()
    }
}

/// Shows where it listens and how many requests it remembers.
impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("base_uri", &self.base_uri())
            .field("requests", &self.platform.arrivals().count())
            .finish_non_exhaustive()
    }
}

/// Locks, also after a panic elsewhere: no entry is ever left half written.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The gate, for `fuzz`.
#[cfg(fuzzing)]
pub(crate) fn gate_lets_pass(
    target: &str,
    headers: ureq::http::HeaderMap,
    body: &[u8],
    merchant: &PublicKey,
    now: i64,
) -> bool {
    let body = request::Body {
        length: body.len() as u64,
        sha256: openssl::sha::sha256(body),
        content: request::Content::Bytes(body.to_vec()),
    };
    let request = Request::new(ureq::http::Method::POST, target.to_owned(), headers, body, None);
    gate::lets_pass(&request, merchant, now)
}
