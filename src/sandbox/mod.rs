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
//! | POST `v3/marketing/bank-favor/users/{openid}/bank-multi-activity` | `coupon_id` |
//! | POST `v3/multiuse/users/{openid}/coupons` | `coupon_id`; the encrypted fields are decrypted |
//! | POST `v3/marketing/busifavor/coupons/send` | `stock_id`, `coupon_code`, `out_request_no` |
//! | POST `v3/marketing/withdraw-favor/users/{openid}/coupons` | `coupon_id`, `expire_time` |
//! | GET `v3/marketing/withdraw-favor/users/{openid}/coupons` | a page of what the POST has sent |
//! | any other under `v3/` and `hk/v3/` | 200, `{}` |
//! | anything else | 404, `NOT_FOUND` |
//!
//! A number of the merchant's own (`out_request_no`, `send_request_no`) names one coupon: the same
//! request again gives the same coupon, another request under it is refused with `INVALID_REQUEST`.
//!
//! # What it refuses
//!
//! | status, code | when |
//! | --- | --- |
//! | 400 `INVALID_REQUEST` | `Accept` or `User-Agent` is missing; a number was used for another request |
//! | 400 `PARAM_ERROR` | a field is missing, empty or of another type; `detail` names it |
//! | 401 `SIGN_ERROR` | `Authorization` is missing, malformed, of another merchant, more than 300 seconds old or ahead, used before, or does not hold for this request |
//! | 405, no body | the path has other methods; `Allow` names them |
//! | 413 `INVALID_REQUEST` | the body is larger than 16 MiB |
//!
//! Unlike the platform's, refusals are signed too. What is no HTTP at all is answered as the server
//! underneath does it, and is not among the [`requests`](Sandbox::requests).

mod answer;
mod call;
mod clock;
mod coupons;
mod gate;
mod keys;
mod platform;
mod request;
mod server;

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::builder::{Builder, Config};
use crate::crypto::rsa::{PrivateKey, PublicKey};
use crate::options::Options;

use self::keys::{Keys, MCHID, MERCHANT_SERIAL, PLATFORM_SERIAL};
use self::platform::Platform;
use self::server::Server;

pub use self::request::Request;

/// A running stand-in for the platform; dropping it stops it.
///
/// It listens on a free port of 127.0.0.1 and knows one merchant. Keys are new each time, and what it
/// remembers is in memory and its own, so that tests with a sandbox each do not meet.
///
/// ```
/// use wechatpay::Builder;
/// use wechatpay::sandbox::Sandbox;
/// # fn main() -> anyhow::Result<()> {
/// let sandbox = Sandbox::start()?;
/// let instance = Builder::factory(sandbox.config())?;
///
/// let answer = instance.chain("v3/certificates").get(())?;
/// assert_eq!(answer.text(), "{}");
/// assert_eq!(sandbox.requests()[0].target(), "/v3/certificates");
/// # Ok(()) }
/// ```
pub struct Sandbox {
    /// Before the platform, so that nobody asks it any more when it goes.
    server: Server,
    platform: Arc<Platform>,
    base_uri: String,
}

impl Sandbox {
    /// Makes the keys, takes a port and begins to answer. Takes about as long as making two RSA keys,
    /// some tenths of a second.
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
        let platform = Arc::new(Platform::new(Keys::generate().map_err(io::Error::other)?));
        let server = Server::start(Arc::clone(&platform))?;
        let base_uri = format!("http://{}/", server.address());
        Ok(Sandbox { server, platform, base_uri })
    }

    /// The configuration of its merchant, for [`Builder::factory`]. Calls go to it directly, whatever
    /// proxy the environment names.
    ///
    /// ```
    /// use wechatpay::Builder;
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// let instance = Builder::factory(sandbox.config())?;
    /// // To change it by the setters:
    /// let patient = Builder::from(sandbox.config()).defaults(wechatpay::json!({ "timeout": 60 })).build()?;
    /// # patient.chain("v3/certificates").get(())?;
    /// # instance.chain("v3/certificates").get(())?;
    /// # Ok(()) }
    /// ```
    pub fn config(&self) -> Config {
        Builder::new()
            .mchid(self.mchid())
            .serial(self.merchant_serial())
            .private_key(self.merchant_private_key().clone())
            .cert(self.platform_serial(), self.platform_public_key().clone())
            .defaults(Options::new().base_uri(self.base_uri()).proxy(""))
            .into()
    }

    /// Where it listens: `http://127.0.0.1:PORT/`.
    ///
    /// ```
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// assert!(sandbox.base_uri().starts_with("http://127.0.0.1:"));
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn base_uri(&self) -> &str {
        &self.base_uri
    }

    /// The merchant's id.
    ///
    /// ```
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// assert_eq!(sandbox.mchid(), "1900000109");
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn mchid(&self) -> &str {
        MCHID
    }

    /// The serial of the merchant's API certificate.
    ///
    /// ```
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// assert_eq!(sandbox.merchant_serial(), "3775B6A45ACD588826D15E583A95F5DD12345678");
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn merchant_serial(&self) -> &str {
        MERCHANT_SERIAL
    }

    /// The key that signs the merchant's requests.
    ///
    /// ```
    /// use wechatpay::{Formatter, Rsa};
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// let message = Formatter::request("GET", "/v3/certificates", Formatter::timestamp(), Formatter::nonce(32), "");
    /// let signature = Rsa::sign(message, sandbox.merchant_private_key())?;
    /// # assert_eq!(signature.len(), 344);
    /// # Ok(()) }
    /// ```
    pub fn merchant_private_key(&self) -> &PrivateKey {
        &self.platform.keys().merchant
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
        &self.platform.keys().merchant_pem
    }

    /// The id of the platform's key: the `Wechatpay-Serial` of answers, and of requests with encrypted fields.
    ///
    /// ```
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// assert_eq!(sandbox.platform_serial(), "PUB_KEY_ID_0114232134912410000000000000");
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn platform_serial(&self) -> &str {
        PLATFORM_SERIAL
    }

    /// The key that answers are verified with and sensitive fields are encrypted for.
    ///
    /// ```
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// let user_name = wechatpay::Rsa::encrypt("张三", sandbox.platform_public_key())?;
    /// # assert_eq!(user_name.len(), 344);
    /// # Ok(()) }
    /// ```
    pub fn platform_public_key(&self) -> &PublicKey {
        &self.platform.keys().platform_public
    }

    /// The same key as PEM (SPKI), as in the file `pub_key.pem` that a merchant downloads.
    ///
    /// ```
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// assert!(sandbox.platform_public_key_pem().starts_with("-----BEGIN PUBLIC KEY-----"));
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn platform_public_key_pem(&self) -> &str {
        &self.platform.keys().platform_public_pem
    }

    /// Every request that has arrived so far, in order, the refused ones too.
    ///
    /// ```
    /// use wechatpay::{Builder, json};
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// let instance = Builder::factory(sandbox.config())?;
    /// instance.chain("v3/pay/transactions/native").post(json!({ "json": { "description": "coffee" } }))?;
    ///
    /// let requests = sandbox.requests();
    /// assert_eq!(requests.len(), 1);
    /// assert_eq!(requests[0].method(), "POST");
    /// assert_eq!(requests[0].json(), Some(json!({ "description": "coffee" })));
    /// # Ok(()) }
    /// ```
    pub fn requests(&self) -> Vec<Request> {
        self.platform.requests()
    }
}

/// Shows where it listens and how many requests have arrived.
impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("address", &self.server.address())
            .field("requests", &self.requests().len())
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
    let request = Request::new(ureq::http::Method::POST, target.to_owned(), headers, Some(body.to_vec()));
    gate::lets_pass(&request, merchant, now)
}
