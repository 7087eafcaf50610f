//! Settings of a sandbox before it starts.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use crate::Sandbox;
use crate::arrivals::Arrivals;
use crate::key_file::KeyFile;
use crate::keys::{Ids, Lifetime};
use crate::parties::Keys;
use crate::platform::Platform;
use crate::platform_keys::KeyMode;
use crate::sandbox::merchants::check_mchid;
use crate::server::{self, Server};
use crate::tls::{self, TemporaryFile};

/// Starting a sandbox.
impl Sandbox {
    /// Makes the keys, takes a port and begins to answer. This takes a few tenths of a second, about as long as
    /// making two RSA keys. The platform has a [public key](KeyMode::PublicKey).
    ///
    /// # Errors
    /// If no port or no thread is available, or OpenSSL cannot make the keys.
    ///
    /// ```
    /// let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// # drop(sandbox);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn start() -> io::Result<Sandbox> {
        Sandbox::builder().start()
    }

    /// Like [`start`](Sandbox::start), over https. The server presents a certificate of its own
    /// [authority](Sandbox::ca_pem), which the [configuration](Sandbox::config) trusts, and asks the client for the
    /// [merchant's certificate](Sandbox::merchant_certificate_pem). A client without one can call everything except the
    /// operations of APIv2 that require it.
    ///
    /// # Errors
    /// As for [`start`](Sandbox::start), and if the authority's certificate cannot be written to a temporary file.
    ///
    /// ```
    /// use wechatpay::Builder;
    /// use wechatpay_sandbox::Sandbox;
    /// # fn main() -> anyhow::Result<()> {
    /// let sandbox = Sandbox::start_tls()?;
    /// assert!(sandbox.base_uri().starts_with("https://127.0.0.1:"));
    /// let instance = Builder::factory(sandbox.config())?;
    /// instance.chain("v3/marketing/partnerships").get(())?;
    /// # Ok(()) }
    /// ```
    pub fn start_tls() -> io::Result<Sandbox> {
        Sandbox::builder().tls(true).start()
    }

    /// A builder, for a sandbox with other settings, such as certificates.
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

/// The settings of a [`Sandbox`] that is not running yet, from [`Sandbox::builder`].
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
    ids: Ids,
    mode: KeyMode,
    tls: bool,
    lifetime: Lifetime,
    notify_elsewhere: bool,
    keep_requests: Option<usize>,
    lenient: bool,
    port: u16,
    key_file: Option<PathBuf>,
}

/// The most digits of a serial.
const LONGEST_SERIAL: usize = 40;

impl SandboxBuilder {
    /// The id of the first merchant and the serial of its certificate: for a program into which its own are written. The
    /// default is `1900000109` with `3775B6A45ACD588826D15E583A95F5DD12345678`.
    ///
    /// # Panics
    /// If the id does not have 1 to 32 letters and digits, or the serial not 1 to 40 uppercase hex digits, the first of which is
    /// not zero.
    ///
    /// ```
    /// use wechatpay_sandbox::Sandbox;
    ///
    /// let sandbox = Sandbox::builder().merchant("1900000110", "5157F09EFDC096DE15EBE81A47057A7212345678").start()?;
    /// assert_eq!(sandbox.mchid(), "1900000110");
    /// # Ok::<_, std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn merchant(mut self, mchid: &str, serial: &str) -> SandboxBuilder {
        check_mchid(mchid);
        let is_hex = serial.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F'));
        let is_serial = is_hex && (1..=LONGEST_SERIAL).contains(&serial.len()) && !serial.starts_with('0');
        assert!(is_serial, "a serial must have 1 to {LONGEST_SERIAL} uppercase hex digits, not {serial:?}");
        (self.ids.mchid, self.ids.merchant_serial) = (mchid.to_owned(), serial.to_owned());
        self
    }

    /// The id of the platform's public key: for a program into which it is written. The default is
    /// `PUB_KEY_ID_0114232134912410000000000000`.
    ///
    /// # Panics
    /// If it does not begin with `PUB_KEY_ID_`, or has other characters than letters, digits and `_`.
    ///
    /// ```
    /// use wechatpay_sandbox::Sandbox;
    ///
    /// let sandbox = Sandbox::builder().public_key_id("PUB_KEY_ID_0119000072912024110600000000000001").start()?;
    /// assert_eq!(sandbox.platform_serial(), "PUB_KEY_ID_0119000072912024110600000000000001");
    /// # Ok::<_, std::io::Error>(())
    /// ```
    #[track_caller]
    pub fn public_key_id(mut self, id: &str) -> SandboxBuilder {
        let is_word = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        assert!(
            is_word && id.starts_with("PUB_KEY_ID_"),
            "the id of a public key begins with PUB_KEY_ID_, unlike {id:?}"
        );
        self.ids.public_key_id = id.to_owned();
        self
    }

    /// Sets what the platform signs with; the public key by default.
    pub fn mode(mut self, mode: KeyMode) -> SandboxBuilder {
        self.mode = mode;
        self
    }

    /// Sets whether to use https, as [`Sandbox::start_tls`] does.
    pub fn tls(mut self, tls: bool) -> SandboxBuilder {
        self.tls = tls;
        self
    }

    /// Sets the validity of the platform's certificates: it begins `starts_in` seconds after a certificate is issued
    /// (before, if negative) and lasts `seconds`. By default it began a day ago and lasts five years. If two
    /// certificates would begin in the same second, the later one begins a second later, so that clients can tell
    /// which is the newest. The sandbox itself ignores the validity: it also signs with certificates that are not
    /// valid.
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

    /// Sets whether notifications of payments and refunds are also sent to other machines. By default they are sent
    /// only to `localhost` and loopback addresses, so that a real `notify_url` left in a test does no harm.
    pub fn notify_elsewhere(mut self, notify_elsewhere: bool) -> SandboxBuilder {
        self.notify_elsewhere = notify_elsewhere;
        self
    }

    /// Sets how many of the latest [requests](Sandbox::requests) are kept; all by default. This is for a test server,
    /// or a test that runs for hours, because each request stays in memory with its body. The
    /// [ledger](Sandbox::ledger) is always complete.
    ///
    /// ```
    /// use wechatpay::Builder;
    /// use wechatpay_sandbox::Sandbox;
    /// # fn main() -> anyhow::Result<()> {
    /// let sandbox = Sandbox::builder().keep_requests(1).start()?;
    /// let instance = Builder::factory(sandbox.config())?;
    /// instance.chain("v3/marketing/partnerships").get(())?;
    /// instance.chain("v3/payscore/payafter-orders").get(())?;
    /// assert_eq!(sandbox.requests().len(), 1);
    /// assert_eq!(sandbox.requests()[0].target(), "/v3/payscore/payafter-orders");
    /// # Ok(()) }
    /// ```
    pub fn keep_requests(mut self, count: usize) -> SandboxBuilder {
        self.keep_requests = Some(count);
        self
    }

    /// Sets whether requests are left uncompared with the platform's documents. By default, a request is refused that is not as
    /// [documented](crate#what-it-refuses), or whose path is not. A lenient sandbox refuses neither, and answers `{}` to what
    /// has no state: for operations that the platform has added after this version of the crate, or keeps to itself.
    ///
    /// ```
    /// use wechatpay::{Builder, json};
    /// use wechatpay_sandbox::Sandbox;
    /// # fn main() -> anyhow::Result<()> {
    /// let sandbox = Sandbox::builder().lenient(true).start()?;
    /// let instance = Builder::factory(sandbox.config())?;
    /// assert_eq!(instance.chain("v3/any/path").post(json!({ "json": { "any": "field" } }))?.text(), "{}");
    /// # Ok(()) }
    /// ```
    pub fn lenient(mut self, lenient: bool) -> SandboxBuilder {
        self.lenient = lenient;
        self
    }

    /// Sets the port of the [base URI](Sandbox::base_uri), for programs that are configured with it; any free one by default.
    /// The [other host](Sandbox::other_base_uri) has a free one all the same.
    ///
    /// ```
    /// use wechatpay_sandbox::Sandbox;
    ///
    /// # let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    /// let sandbox = Sandbox::builder().port(port).start()?;
    /// assert_eq!(sandbox.base_uri(), format!("http://127.0.0.1:{port}/"));
    /// // It is taken now.
    /// let error = Sandbox::builder().port(port).start().unwrap_err();
    /// assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn port(mut self, port: u16) -> SandboxBuilder {
        self.port = port;
        self
    }

    /// Keeps the keys in this file, so that a sandbox that is started again has those that programs are configured with: the
    /// key, the secret and the APIv3 key of the first merchant, the platform's public key and its first certificate, and all
    /// authorities. What the file does not have is made at the start and written to it, which only the user can read then. The
    /// keys of brands, of other merchants and of later certificates are new each time.
    ///
    /// These keys are for the sandbox alone. Never put real ones there, and never use these anywhere else.
    ///
    /// ```
    /// use wechatpay_sandbox::Sandbox;
    ///
    /// # let path = std::env::temp_dir().join(format!("wechatpay-sandbox-keys-{}.json", std::process::id()));
    /// let before = Sandbox::builder().key_file(&path).start()?.platform_public_key_pem().to_owned();
    /// let sandbox = Sandbox::builder().key_file(&path).start()?;
    /// assert_eq!(sandbox.platform_public_key_pem(), before);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn key_file(mut self, path: impl Into<PathBuf>) -> SandboxBuilder {
        self.key_file = Some(path.into());
        self
    }

    /// Makes the keys, takes a port and begins to answer.
    ///
    /// # Errors
    /// As for [`Sandbox::start`] and [`Sandbox::start_tls`]; and if the [port](SandboxBuilder::port) is taken, or the [file of the
    /// keys](SandboxBuilder::key_file) cannot be read or written, or says something else. The message names the port, or the
    /// file and what is wrong in it.
    pub fn start(self) -> io::Result<Sandbox> {
        let (main, other) = (server::listen(self.port)?, server::listen(0)?);
        let mut file = self.key_file.as_deref().map_or_else(|| Ok(KeyFile::default()), KeyFile::open)?;
        let keys = Keys::of(&self.ids, self.mode, self.lifetime, &mut file)?;
        let (acceptor, authority) = if self.tls {
            let authority = tls::authority(&mut file)?;
            let (acceptor, pem) = (tls::acceptor(&authority, keys.merchants.authority())?, authority.pem()?);
            let file = TemporaryFile::write(&pem)?;
            (Some(acceptor), Some((pem, file)))
        } else {
            (None, None)
        };
        file.save()?;
        let scheme = if self.tls { "https" } else { "http" };
        let other_base_uri = format!("{scheme}://{}/", other.1);
        let (base_uri, arrivals) = (format!("{scheme}://{}/", main.1), Arrivals::new(self.keep_requests));
        let platform = Arc::new(Platform::new(keys, base_uri, arrivals, self.notify_elsewhere, self.lenient));
        let server = Server::start([main, other], acceptor, &platform)?;
        Ok(Sandbox { server, platform, other_base_uri, authority })
    }
}
