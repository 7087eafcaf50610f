//! The sandbox as a test uses it.

mod brands;
pub(crate) mod builder;
mod faults;
mod keys;
mod merchants;
mod notifications;
mod profit_sharing;
mod scripts;
mod transfers;

use std::fmt;
use std::io;
use std::path::Path;
use std::sync::Arc;

use wechatpay::{Builder, Credentials, Options, PrivateKey, PublicKey};

use crate::events::Events;
use crate::ledger::Entry;
use crate::merchants::Merchant;
use crate::orders::Order;
use crate::platform::Platform;
use crate::request::Request;
use crate::server::Server;
use crate::tls::TemporaryFile;

/// A running stand-in for the platform; dropping it stops it.
///
/// It listens on a free port of 127.0.0.1 and knows one merchant or more. Its keys are new each time and its state is
/// in memory, so that tests with a sandbox each do not affect each other.
///
/// ```
/// use wechatpay::Builder;
/// use wechatpay_sandbox::Sandbox;
/// # fn main() -> anyhow::Result<()> {
/// let sandbox = Sandbox::start()?;
/// let instance = Builder::factory(sandbox.config())?;
///
/// let answer = instance.chain("v3/marketing/partnerships").get(())?;
/// assert_eq!(answer.status(), 200);
/// assert_eq!(sandbox.requests()[0].target(), "/v3/marketing/partnerships");
/// # Ok(()) }
/// ```
pub struct Sandbox {
    /// Dropped before the platform, so that no request arrives while the platform is dropped.
    server: Server,
    platform: Arc<Platform>,
    other_base_uri: String,
    /// The authority behind its certificate, if it uses TLS.
    authority: Option<(String, TemporaryFile)>,
}

impl Sandbox {
    /// The configuration of the first merchant for [`Builder::factory`]: APIv3, APIv2 and the certificate. Of the
    /// platform's keys, it has the public key and the certificates that exist now. Calls go directly to the sandbox,
    /// even if the environment sets a proxy.
    ///
    /// ```
    /// use wechatpay::Builder;
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let instance = Builder::factory(sandbox.config())?;
    /// // To change it with setters:
    /// let patient = sandbox.config().defaults(wechatpay::json!({ "timeout": 60 })).build()?;
    /// # patient.chain("v3/marketing/partnerships").get(())?;
    /// # instance.chain("v3/marketing/partnerships").get(())?;
    /// # Ok(()) }
    /// ```
    pub fn config(&self) -> Builder {
        self.config_of(self.merchants().first())
    }

    /// The configuration of an [added](Sandbox::add_merchant) merchant.
    ///
    /// ```
    /// use wechatpay::Builder;
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let merchant = sandbox.add_merchant("1900000110");
    /// let instance = Builder::factory(sandbox.config_of(&merchant))?;
    /// # instance.chain("v3/marketing/partnerships").get(())?;
    /// # Ok(()) }
    /// ```
    pub fn config_of(&self, merchant: &Merchant) -> Builder {
        // The merchant's credentials, all in one place.
        let certificate = merchant.certificate();
        let mut credentials = Credentials::new()
            .mchid(merchant.mchid())
            .serial(certificate.serial())
            .private_key(certificate.private_key().clone())
            .apiv3_key(merchant.apiv3_key())
            .secret(merchant.secret())
            .merchant(certificate.pem(), certificate.private_key().clone());
        for (id, key) in self.platform.keys().platform.good() {
            credentials = credentials.cert(id, key);
        }
        Builder::new().credentials(credentials).defaults(self.defaults())
    }

    /// How calls come here, whoever makes them.
    fn defaults(&self) -> Options {
        let defaults = Options::new().base_uri(self.base_uri()).proxy("");
        match self.ca_file() {
            Some(file) => defaults.verify(file),
            None => defaults,
        }
    }

    /// Where it listens: `http://127.0.0.1:PORT/`, or `https://127.0.0.1:PORT/`.
    ///
    /// ```
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// assert!(sandbox.base_uri().starts_with("http://127.0.0.1:"));
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn base_uri(&self) -> &str {
        self.platform.base_uri()
    }

    /// The same platform on another port, for the option `failover`: the real platform has a second host, too.
    ///
    /// ```
    /// use wechatpay_sandbox::Sandbox;
    /// use wechatpay::{Builder, json};
    /// # fn main() -> anyhow::Result<()> {
    /// let sandbox = Sandbox::start()?;
    /// let instance = sandbox.config().defaults(json!({ "failover": [sandbox.other_base_uri()] })).build()?;
    /// sandbox.refuse_connections(true)?;
    /// assert!(instance.chain("v3/merchant-store/stores").post(json!({ "json": {} })).is_ok());
    /// assert_eq!(sandbox.requests().len(), 1);
    /// # Ok(()) }
    /// ```
    pub fn other_base_uri(&self) -> &str {
        &self.other_base_uri
    }

    /// Sets whether connections to the [base URI](Sandbox::base_uri) are refused, as by a host that is down. Open
    /// connections are closed at once, in the middle of whatever they do. The [other host](Sandbox::other_base_uri)
    /// keeps working.
    ///
    /// # Errors
    /// If the port is no longer available.
    ///
    /// ```
    /// use wechatpay_sandbox::Sandbox;
    /// use wechatpay::{Builder, Outcome};
    /// # fn main() -> anyhow::Result<()> {
    /// let sandbox = Sandbox::start()?;
    /// let instance = Builder::factory(sandbox.config())?;
    /// sandbox.refuse_connections(true)?;
    /// assert_eq!(instance.chain("v3/marketing/partnerships").get(()).unwrap_err().outcome(), Outcome::NotSent);
    /// sandbox.refuse_connections(false)?;
    /// assert!(instance.chain("v3/marketing/partnerships").get(()).is_ok());
    /// # Ok(()) }
    /// ```
    pub fn refuse_connections(&self, refuses: bool) -> io::Result<()> {
        self.server.set_refusing(refuses)
    }

    /// The merchant's id.
    ///
    /// ```
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// assert_eq!(sandbox.mchid(), "1900000109");
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn mchid(&self) -> &str {
        self.merchants().first().mchid()
    }

    /// The serial of the merchant's API certificate.
    ///
    /// ```
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
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
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let message = Formatter::request("GET", "/v3/marketing/partnerships", Formatter::timestamp(), Formatter::nonce(32), "");
    /// let signature = Rsa::sign(message, sandbox.merchant_private_key())?;
    /// # assert_eq!(signature.len(), 344);
    /// # Ok(()) }
    /// ```
    pub fn merchant_private_key(&self) -> &PrivateKey {
        self.merchants().first().certificate().private_key()
    }

    /// The private key as PEM (PKCS#8), like a merchant's file `apiclient_key.pem`: for programs that read their keys
    /// from files.
    ///
    /// ```
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// # let path = std::env::temp_dir().join(format!("wechatpay-sandbox-doc-{}.pem", std::process::id()));
    /// std::fs::write(&path, sandbox.merchant_private_key_pem())?;
    /// # std::fs::remove_file(&path)?;
    /// # Ok(()) }
    /// ```
    pub fn merchant_private_key_pem(&self) -> &str {
        self.merchants().first().certificate().private_key_pem()
    }

    /// The APIv2 key, 32 characters: the merchant and the platform sign with it.
    ///
    /// ```
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// assert_eq!(sandbox.secret().len(), 32);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn secret(&self) -> &str {
        self.merchants().first().secret()
    }

    /// The APIv3 key, 32 characters: the platform encrypts certificates and notifications with it.
    ///
    /// ```
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// assert_eq!(sandbox.apiv3_key().len(), 32);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn apiv3_key(&self) -> &str {
        self.merchants().first().apiv3_key()
    }

    /// The merchant's certificate as PEM, like a merchant's file `apiclient_cert.pem`. A client presents it to operations
    /// that require it.
    ///
    /// ```
    /// use wechatpay::PemUtil;
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let serial = PemUtil::parse_certificate_serial_no(sandbox.merchant_certificate_pem())?;
    /// assert_eq!(serial, sandbox.merchant_serial());
    /// # Ok(()) }
    /// ```
    pub fn merchant_certificate_pem(&self) -> &str {
        self.merchants().first().certificate().pem()
    }

    /// The certificate of the authority that issued the server's certificate, as PEM; `None` without TLS.
    ///
    /// ```
    /// # let sandbox = wechatpay_sandbox::Sandbox::start_tls()?;
    /// assert!(sandbox.ca_pem().is_some_and(|pem| pem.starts_with("-----BEGIN CERTIFICATE-----")));
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn ca_pem(&self) -> Option<&str> {
        self.authority.as_ref().map(|(pem, _)| pem.as_str())
    }

    /// The same certificate in a file, for the option `verify`; the file exists for as long as the sandbox does.
    ///
    /// ```
    /// # let sandbox = wechatpay_sandbox::Sandbox::start_tls()?;
    /// assert!(sandbox.ca_file().is_some_and(|file| file.exists()));
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn ca_file(&self) -> Option<&Path> {
        self.authority.as_ref().map(|(_, file)| file.path())
    }

    /// The id of the platform's current key: the `Wechatpay-Serial` of answers, and of requests with encrypted
    /// fields. This is the newest certificate, or the public key in mode [`PublicKey`](crate::KeyMode::PublicKey).
    ///
    /// ```
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// assert_eq!(sandbox.platform_serial(), "PUB_KEY_ID_0114232134912410000000000000");
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn platform_serial(&self) -> &str {
        &self.platform_keys().current().id
    }

    /// The platform's current key. It verifies answers, and sensitive fields are encrypted for it.
    ///
    /// ```
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let user_name = wechatpay::Rsa::encrypt("张三", sandbox.platform_public_key())?;
    /// # assert_eq!(user_name.len(), 344);
    /// # Ok(()) }
    /// ```
    pub fn platform_public_key(&self) -> &PublicKey {
        &self.platform_keys().current().pair.public
    }

    /// The platform's current key as PEM (SPKI), like the file `pub_key.pem` that a merchant downloads.
    ///
    /// ```
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// assert!(sandbox.platform_public_key_pem().starts_with("-----BEGIN PUBLIC KEY-----"));
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn platform_public_key_pem(&self) -> &str {
        &self.platform_keys().current().pair.public_pem
    }

    /// Pays an order of the first merchant as its payer would, whichever protocol placed it, and returns the transaction id,
    /// even if it was already paid. `None` if there is no such order, if it is closed, or if its `time_expire` has passed.
    /// Nothing else pays orders here, and only paid orders can be refunded.
    ///
    /// The first time, the merchant is notified: while this method returns, a notification is
    /// [sent](Sandbox::sent_notifications) to the order's `notify_url`, in the protocol that placed the order.
    ///
    /// ```
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// assert_eq!(sandbox.pay("an order that was never placed"), None);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn pay(&self, out_trade_no: &str) -> Option<String> {
        self.pay_of(self.merchants().first(), out_trade_no)
    }

    /// Like [`pay`](Sandbox::pay), for an order of this merchant.
    ///
    /// ```
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let merchant = sandbox.add_merchant("1900000110");
    /// assert_eq!(sandbox.pay_of(&merchant, "an order that was never placed"), None);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn pay_of(&self, merchant: &Merchant, out_trade_no: &str) -> Option<String> {
        self.platform.pay(merchant, out_trade_no)
    }

    /// All orders of all merchants as they are now, in the order in which they were placed, whichever protocol placed them.
    ///
    /// ```
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// for order in sandbox.orders() {
    ///     println!("{} {} fen {}", order.out_trade_no(), order.total(), order.state());
    /// }
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn orders(&self) -> Vec<Order> {
        self.platform.orders().all()
    }

    /// What the platform believes has happened so far, in order. Each effect is listed once, however often it was
    /// requested, and nothing that was refused is listed.
    ///
    /// ```
    /// use wechatpay_sandbox::Effect;
    /// use wechatpay::{Builder, json};
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
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

    /// Sets the size of the bills that are applied for from now on: at least this many bytes, and less than a row
    /// more. The default is 64 KiB and the maximum 1 TiB. A bill is written while it is sent, so a large one takes
    /// time but not memory.
    ///
    /// ```
    /// use wechatpay::{Builder, json};
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// # let instance = Builder::factory(sandbox.config())?;
    /// sandbox.set_bill_size(1_000_000);
    /// let applied = instance.chain("v3/bill/tradebill").get(json!({ "query": { "bill_date": "2018-01-30" } }))?;
    ///
    /// let url = applied.text_at("/download_url")?;
    /// let (_, token) = url.split_once("token=").unwrap();
    /// let bill = instance.chain("v3/billdownload/file").get(json!({ "query": { "token": token } }))?;
    /// assert!((1_000_000..1_001_000).contains(&bill.body().len()));
    /// # Ok(()) }
    /// ```
    pub fn set_bill_size(&self, bytes: u64) {
        self.platform.downloads().set_bill_size(bytes);
    }

    /// Every request that has arrived so far, in order, including those that were refused; or only the
    /// [latest](crate::SandboxBuilder::keep_requests) ones.
    ///
    /// ```
    /// use wechatpay::{Builder, json};
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let instance = Builder::factory(sandbox.config())?;
    /// instance.chain("v3/merchant-store/stores").post(json!({ "json": { "out_order_no": "P20150806125346" } }))?;
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

    /// What happens from now on, one after the other: requests with their answers, entries of the ledger, notifications that the
    /// sandbox sends by itself. Whoever asks gets events of their own, which wait in memory until they are taken. As long as
    /// nobody asks, a request costs nothing more.
    ///
    /// ```
    /// use wechatpay::Builder;
    /// use wechatpay_sandbox::{Event, Sandbox};
    /// # fn main() -> anyhow::Result<()> {
    /// let sandbox = Sandbox::start()?;
    /// let events = sandbox.events();
    /// let log = std::thread::spawn(move || {
    ///     let lines = events.filter_map(|event| match event {
    ///         Event::Exchange(exchange) => Some(format!("{} {}", exchange.request().target(), exchange.status())),
    ///         _ => None,
    ///     });
    ///     lines.collect::<Vec<_>>()
    /// });
    /// Builder::factory(sandbox.config())?.chain("v3/marketing/partnerships").get(())?;
    /// drop(sandbox);
    /// assert_eq!(log.join().unwrap(), ["/v3/marketing/partnerships 200 OK"]);
    /// # Ok(()) }
    /// ```
    pub fn events(&self) -> Events {
        self.platform.watchers().add()
    }
}

/// Shows the address and how many requests are kept.
impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("base_uri", &self.base_uri())
            .field("requests", &self.platform.arrivals().count())
            .finish_non_exhaustive()
    }
}
