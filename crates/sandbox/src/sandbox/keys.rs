//! The platform's keys.

use wechatpay::PublicKey;

use crate::keys::Lifetime;
use crate::platform_keys::{KeyMode, PlatformKeys};
use crate::sandbox::Sandbox;

/// The platform's keys and certificates.
impl Sandbox {
    /// What the platform signs with.
    ///
    /// ```
    /// use wechatpay_sandbox::{KeyMode, Sandbox};
    ///
    /// let sandbox = Sandbox::start()?;
    /// assert_eq!(sandbox.mode(), KeyMode::PublicKey);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn mode(&self) -> KeyMode {
        self.platform_keys().mode
    }

    /// The id of the platform's public key; `None` in mode [`Certificate`](KeyMode::Certificate). In mode
    /// [`Mixed`](KeyMode::Mixed), certificates sign unless a request names this id.
    ///
    /// ```
    /// use wechatpay_sandbox::{KeyMode, Sandbox};
    ///
    /// let sandbox = Sandbox::builder().mode(KeyMode::Mixed).start()?;
    /// assert_eq!(sandbox.public_key_id(), Some("PUB_KEY_ID_0114232134912410000000000000"));
    /// assert_ne!(sandbox.public_key_id(), Some(sandbox.platform_serial()));
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn public_key_id(&self) -> Option<&str> {
        self.platform_keys().public_key().map(|key| key.id.as_str())
    }

    /// The public key itself.
    ///
    /// ```
    /// use wechatpay::Rsa;
    /// use wechatpay_sandbox::{KeyMode, Sandbox};
    /// # fn main() -> anyhow::Result<()> {
    /// let sandbox = Sandbox::builder().mode(KeyMode::Mixed).start()?;
    /// let user_name = Rsa::encrypt("张三", sandbox.public_key().unwrap())?;
    /// # assert_eq!(user_name.len(), 344);
    /// # Ok(()) }
    /// ```
    pub fn public_key(&self) -> Option<&PublicKey> {
        self.platform_keys().public_key().map(|key| &key.pair.public)
    }

    /// The public key as PEM (SPKI).
    ///
    /// ```
    /// use wechatpay_sandbox::{KeyMode, Sandbox};
    ///
    /// let sandbox = Sandbox::builder().mode(KeyMode::Mixed).start()?;
    /// assert!(sandbox.public_key_pem().is_some_and(|pem| pem.starts_with("-----BEGIN PUBLIC KEY-----")));
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn public_key_pem(&self) -> Option<&str> {
        self.platform_keys().public_key().map(|key| &*key.pair.public_pem)
    }

    /// The serials of the platform's certificates that are not retired, oldest first; empty in mode
    /// [`PublicKey`](KeyMode::PublicKey).
    ///
    /// ```
    /// use wechatpay_sandbox::{KeyMode, Sandbox};
    ///
    /// let sandbox = Sandbox::builder().mode(KeyMode::Certificate).start()?;
    /// assert_eq!(sandbox.platform_certificates(), [sandbox.platform_serial()]);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn platform_certificates(&self) -> Vec<String> {
        self.platform_keys().serials()
    }

    /// A certificate of the platform as PEM, even if it is retired; `None` if there never was one with this serial.
    ///
    /// ```
    /// use wechatpay::PemUtil;
    /// use wechatpay_sandbox::{KeyMode, Sandbox};
    /// # fn main() -> anyhow::Result<()> {
    /// let sandbox = Sandbox::builder().mode(KeyMode::Certificate).start()?;
    /// let pem = sandbox.platform_certificate_pem(sandbox.platform_serial()).unwrap();
    /// assert_eq!(PemUtil::parse_certificate_serial_no(pem)?, sandbox.platform_serial());
    /// # Ok(()) }
    /// ```
    pub fn platform_certificate_pem(&self, serial: &str) -> Option<String> {
        let issued = self.platform_keys().known(serial)?.certificate()?;
        Some(issued.pem.clone())
    }

    /// The certificate of the authority that issues the platform's, as PEM.
    ///
    /// ```
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// assert!(sandbox.platform_ca_pem().starts_with("-----BEGIN CERTIFICATE-----"));
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn platform_ca_pem(&self) -> &str {
        self.platform_keys().issuer_pem()
    }

    /// Issues another certificate and returns its serial. From now on it signs, unless a request names another key.
    /// The older ones stay valid until they are [retired](Sandbox::retire_platform_certificate).
    ///
    /// Making a key takes a tenth of a second. The first eight certificates have a key each, and after that the same
    /// keys are used in turn, so that a thousand rotations take well below a second.
    ///
    /// # Panics
    /// In mode [`PublicKey`](KeyMode::PublicKey), where the platform has no certificates, and if OpenSSL cannot issue
    /// one.
    ///
    /// ```
    /// use wechatpay_sandbox::{KeyMode, Sandbox};
    ///
    /// let sandbox = Sandbox::builder().mode(KeyMode::Certificate).start()?;
    /// let serial = sandbox.rotate_platform_certificate();
    /// assert_eq!(sandbox.platform_serial(), serial);
    /// assert_eq!(sandbox.platform_certificates().len(), 2);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    #[expect(clippy::expect_used, reason = "documented as a panic: of a sandbox, in a test")]
    pub fn rotate_platform_certificate(&self) -> String {
        let keys = self.platform_keys();
        assert!(keys.mode != KeyMode::PublicKey, "in mode PublicKey the platform has no certificates to rotate");
        keys.rotate().expect("OpenSSL can issue a certificate")
    }

    /// Retires a certificate: it is no longer listed, and a request that names it is refused. Returns false if there is no
    /// such certificate, if it is already retired, or if it is the last one in mode [`Certificate`](KeyMode::Certificate).
    ///
    /// ```
    /// use wechatpay_sandbox::{KeyMode, Sandbox};
    ///
    /// let sandbox = Sandbox::builder().mode(KeyMode::Certificate).start()?;
    /// let old = sandbox.platform_serial().to_owned();
    /// assert!(!sandbox.retire_platform_certificate(&old));
    /// let new = sandbox.rotate_platform_certificate();
    /// assert!(sandbox.retire_platform_certificate(&old));
    /// assert_eq!(sandbox.platform_certificates(), [new]);
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn retire_platform_certificate(&self, serial: &str) -> bool {
        self.platform_keys().retire(serial)
    }

    /// Sets the validity of the platform's certificates issued from now on, as
    /// [`certificate_lifetime`](crate::SandboxBuilder::certificate_lifetime) does for the first one.
    ///
    /// ```
    /// use wechatpay::PemUtil;
    /// use wechatpay_sandbox::{KeyMode, Sandbox};
    /// # fn main() -> anyhow::Result<()> {
    /// let sandbox = Sandbox::builder().mode(KeyMode::Certificate).start()?;
    /// sandbox.set_certificate_lifetime(-3600, 60);
    /// let serial = sandbox.rotate_platform_certificate();
    /// let expired = PemUtil::load_certificate_from_string(sandbox.platform_certificate_pem(&serial).unwrap())?;
    /// assert!(expired.not_after() < wechatpay::Formatter::timestamp());
    /// # Ok(()) }
    /// ```
    pub fn set_certificate_lifetime(&self, starts_in: i64, seconds: u32) {
        self.platform_keys().set_lifetime(Lifetime { starts_in, seconds });
    }

    /// The text of a sensitive field of a request: what the client has encrypted for one of the platform's keys in use,
    /// or for that of the brand.
    /// `None` if it is encrypted for another key, or is no ciphertext.
    ///
    /// ```
    /// use wechatpay::{Builder, json};
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let instance = Builder::factory(sandbox.config())?;
    /// let receiver = json!({
    ///     "appid": "wx8888888888888888", "type": "PERSONAL_OPENID", "account": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
    ///     "name": "张三", "relation_type": "USER",
    /// });
    /// let options = json!({ "json": receiver, "encrypt": ["/json/name"] });
    /// instance.chain("v3/profitsharing/receivers/add").post(options)?;
    ///
    /// let sent = sandbox.requests()[0].json().unwrap();
    /// assert_eq!(sandbox.decrypt(sent["name"].as_str().unwrap()).as_deref(), Some("张三"));
    /// # Ok(()) }
    /// ```
    pub fn decrypt(&self, ciphertext: &str) -> Option<String> {
        let for_brand = || self.platform.keys().brand.get()?.platform().open(ciphertext);
        self.platform_keys().open(ciphertext).or_else(for_brand)
    }

    pub(crate) fn platform_keys(&self) -> &PlatformKeys {
        &self.platform.keys().platform
    }
}
