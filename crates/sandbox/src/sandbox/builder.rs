//! How a sandbox is to be, before it starts.

use std::io;
use std::sync::Arc;

use crate::Sandbox;
use crate::arrivals::Arrivals;
use crate::keys::Lifetime;
use crate::parties::Keys;
use crate::platform::Platform;
use crate::platform_keys::KeyMode;
use crate::postman::Postman;
use crate::server::{self, Server};
use crate::tls::{self, TemporaryFile};

/// How one is started.
impl Sandbox {
    /// Makes the keys, takes a port and begins to answer. Takes about as long as making two RSA keys,
    /// some tenths of a second. The platform has a [public key](KeyMode::PublicKey).
    ///
    /// # Errors
    /// When no port or no thread can be had, or OpenSSL cannot make the keys.
    ///
    /// ```
    /// let sandbox = wechatpay_sandbox::Sandbox::start()?;
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
    /// use wechatpay_sandbox::Sandbox;
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
    /// use wechatpay_sandbox::{KeyMode, Sandbox};
    ///
    /// let sandbox = Sandbox::builder().mode(KeyMode::Certificate).start()?;
    /// assert_eq!(sandbox.platform_serial().len(), 40);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn builder() -> SandboxBuilder {
        SandboxBuilder::default()
    }
}

/// How a [`Sandbox`] is to be; [`Sandbox::builder`] begins one.
///
/// ```
/// use wechatpay_sandbox::{KeyMode, Sandbox};
///
/// let sandbox = Sandbox::builder().mode(KeyMode::Certificate).tls(true).start()?;
/// assert_eq!(sandbox.mode(), KeyMode::Certificate);
/// assert!(sandbox.base_uri().starts_with("https://"));
/// # Ok::<_, std::io::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct SandboxBuilder {
    mode: KeyMode,
    tls: bool,
    lifetime: Lifetime,
    notify_elsewhere: bool,
    keep_requests: Option<usize>,
}

impl SandboxBuilder {
    /// With what the platform signs; the public key unless it is set.
    pub fn mode(mut self, mode: KeyMode) -> SandboxBuilder {
        self.mode = mode;
        self
    }

    /// Whether it speaks https, as [`Sandbox::start_tls`] says.
    pub fn tls(mut self, tls: bool) -> SandboxBuilder {
        self.tls = tls;
        self
    }

    /// The validity of the platform's certificates: it begins `starts_in` seconds after a certificate is
    /// issued, before it where that is negative, and lasts `seconds`. Unless it is set, it has begun a day before and
    /// lasts five years. Of two that would begin in the same second the later one begins a second later, so that the
    /// newest can be told. The sandbox itself does not mind: it also signs with certificates that do not hold.
    ///
    /// ```
    /// use wechatpay_sandbox::{KeyMode, Sandbox};
    /// use wechatpay::{Formatter, PemUtil};
    /// # fn main() -> anyhow::Result<()> {
    /// let sandbox = Sandbox::builder().mode(KeyMode::Certificate).certificate_lifetime(3600, 60).start()?;
    /// let pem = sandbox.platform_certificate_pem(sandbox.platform_serial()).unwrap();
    /// let certificate = PemUtil::load_certificate_from_string(pem)?;
    /// assert!(certificate.not_before() > Formatter::timestamp());
    /// assert_eq!(certificate.not_after() - certificate.not_before(), 60);
    /// # Ok(()) }
    /// ```
    pub fn certificate_lifetime(mut self, starts_in: i64, seconds: u32) -> SandboxBuilder {
        self.lifetime = Lifetime { starts_in, seconds };
        self
    }

    /// Whether notifications of payments and refunds are sent to other machines too. Unless it is set they go to
    /// `localhost` and addresses of the loopback alone, so that a `notify_url` of the real service that is left in a
    /// test does no harm.
    pub fn notify_elsewhere(mut self, notify_elsewhere: bool) -> SandboxBuilder {
        self.notify_elsewhere = notify_elsewhere;
        self
    }

    /// How many of the latest [requests](Sandbox::requests) it remembers; all unless it is set. For a test that runs
    /// for hours, or a test server: a request stays in memory with its body. The [ledger](Sandbox::ledger) stays whole.
    ///
    /// ```
    /// use wechatpay::Builder;
    /// use wechatpay_sandbox::Sandbox;
    /// # fn main() -> anyhow::Result<()> {
    /// let sandbox = Sandbox::builder().keep_requests(1).start()?;
    /// let instance = Builder::factory(sandbox.config())?;
    /// instance.chain("v3/one").get(())?;
    /// instance.chain("v3/two").get(())?;
    /// assert_eq!(sandbox.requests().len(), 1);
    /// assert_eq!(sandbox.requests()[0].target(), "/v3/two");
    /// # Ok(()) }
    /// ```
    pub fn keep_requests(mut self, count: usize) -> SandboxBuilder {
        self.keep_requests = Some(count);
        self
    }

    /// Makes the keys, takes a port and begins to answer.
    ///
    /// # Errors
    /// As [`Sandbox::start`] and [`Sandbox::start_tls`].
    pub fn start(self) -> io::Result<Sandbox> {
        let keys = Keys::generate(self.mode, self.lifetime)?;
        let (acceptor, authority) = match self.tls {
            true => {
                let (acceptor, pem) = tls::acceptor(keys.merchants.authority())?;
                let file = TemporaryFile::write(&pem)?;
                (Some(acceptor), Some((pem, file)))
            }
            false => (None, None),
        };
        let scheme = if self.tls { "https" } else { "http" };
        let (main, other) = (server::listen()?, server::listen()?);
        let other_base_uri = format!("{scheme}://{}/", other.1);
        let (postman, arrivals) = (Postman::new(self.notify_elsewhere), Arrivals::new(self.keep_requests));
        let platform = Arc::new(Platform::new(keys, format!("{scheme}://{}/", main.1), postman, arrivals));
        let server = Server::start([main, other], acceptor, &platform)?;
        Ok(Sandbox { server, platform, other_base_uri, authority })
    }
}
