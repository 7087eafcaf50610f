//! What belongs to an instance and not to a path: rotating keys, further merchants, downloads.

use crate::blocking;
use crate::call::prepare::Target;
use crate::chain::Chain;
use crate::crypto::certificate::Certificate;
use crate::error::Result;
use crate::keys::credentials::Credentials;
use crate::keys::keyring::KeyStatus;
use crate::promise::Promise;
use crate::request::options::Options;
use crate::response::Response;

/// Keys, merchants and downloads. These methods concern the whole instance; the path of the chain is ignored.
impl Chain {
    /// Whose instance this is: the merchant's id, or for a brand its `brand_id`; empty if the configuration has neither, as it may
    /// for APIv2 alone.
    ///
    /// ```
    /// use wechatpay::Builder;
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let instance = Builder::factory(sandbox.config())?;
    /// assert_eq!(instance.mchid(), "1900000109");
    /// # Ok(()) }
    /// ```
    pub fn mchid(&self) -> String {
        self.client().keyring().current().id().unwrap_or_default().to_owned()
    }

    /// Replaces keys while calls are in flight, for all clones of the instance at once. What is not given does not change.
    ///
    /// `serial` and `privateKey` (or a signer) are a pair and must be given together. `certs` replaces all configured keys
    /// of the platform: to change one, first give both the old and the new key, and later only the new one. A call in flight
    /// uses the keys it began with; an answer signed with a newer key is accepted, too.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config), as at construction; the old keys stay in use then.
    ///
    /// ```no_run
    /// use wechatpay::json;
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// instance.rotate(json!({
    ///     "serial": "5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
    ///     "privateKey": "file:///path/to/merchant/2027/apiclient_key.pem",
    /// }))?;
    /// # Ok(()) }
    /// ```
    pub fn rotate(&self, credentials: impl Into<Credentials>) -> Result<()> {
        self.client().keyring().rotate(credentials.into())
    }

    /// An instance for another merchant, or for a brand. It shares this one's connections and settings, but none of its
    /// keys.
    ///
    /// It takes only the memory of its keys, a few kilobytes, so a service can have thousands; make each once and keep it.
    /// Connections that present a merchant's certificate ([`security`](crate::Options::security)) are not shared with other
    /// merchants.
    ///
    /// # Errors
    /// As [`Builder::factory`](crate::Builder::factory).
    ///
    /// ```no_run
    /// use wechatpay::json;
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// let another = instance.for_merchant(json!({
    ///     "mchid": "1900000110",
    ///     "serial": "5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
    ///     "privateKey": "file:///path/to/merchant/1900000110/apiclient_key.pem",
    ///     "certs": { "PUB_KEY_ID_0119000001102026010100000000": "file:///path/to/merchant/1900000110/pub_key.pem" },
    /// }))?;
    /// another.chain("v3/pay/transactions/native").post(json!({ "json": { "mchid": "1900000110" } }))?;
    /// # Ok(()) }
    /// ```
    pub fn for_merchant(&self, credentials: impl Into<Credentials>) -> Result<Chain> {
        let identity = credentials.into().check(None)?;
        Ok(Chain::root(self.client().for_merchant(identity)))
    }

    /// Fetches the platform's certificates now (PHP: `CertificateDownloader`): decrypted with the APIv3 key, and
    /// verified with a key that is known or with one of themselves.
    ///
    /// If `downloadCerts` is set, they are used from now on and the next automatic fetch is postponed. A service can call
    /// this on a timer so that no call has to wait for a fetch.
    ///
    /// # Errors
    /// [`Error::Certificates`](crate::Error::Certificates) says why they cannot be fetched;
    /// [`Error::Config`](crate::Error::Config) without `apiv3Key`, or for a brand, for which there are none.
    ///
    /// ```no_run
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// for certificate in instance.download_certificates()? {
    ///     std::fs::write(format!("wechatpay_{}.pem", certificate.serial_no()), certificate.to_pem()?)?;
    /// }
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn download_certificates(&self) -> Result<Vec<Certificate>> {
        blocking::METHOD.check();
        self.client().download_certificates()
    }

    /// Which keys are in use, and how the last fetch of certificates went, for a health check. It never blocks.
    ///
    /// ```no_run
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// let status = instance.key_status();
    /// println!("signs as {:?}, knows {:?}", status.merchant_serial(), status.platform_keys());
    /// if let Some(failure) = status.failure() {
    ///     println!("{failure}");
    /// }
    /// # Ok(()) }
    /// ```
    pub fn key_status(&self) -> KeyStatus {
        self.client().keyring().status()
    }

    /// Downloads from an address that the platform gave, such as the `download_url` of a bill. It is signed and sent exactly
    /// as given.
    ///
    /// The host must be that of `base_uri`, or one of the platform's over https. With a [`sink`](Options::sink) the body can
    /// be of any size; with `expect` the body is compared with the announced SHA-1.
    ///
    /// # Errors
    /// As [`get`](Chain::get).
    ///
    /// ```no_run
    /// use wechatpay::json;
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// let bill = instance.chain("v3/bill/tradebill").get(json!({ "query": { "bill_date": "2026-01-02" } }))?;
    /// let options = json!({ "sink": "/path/to/bill.csv", "expect": bill.json()? });
    /// instance.download(bill.text_at("/download_url")?, options)?;
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn download(&self, url: impl AsRef<str>, options: impl Into<Options>) -> Result<Response> {
        blocking::METHOD.check();
        self.client().request(Target::Address(url.as_ref()), "GET", &mut options.into())
    }

    /// Like [`download`](Chain::download), but runs on a background thread and returns a [`Promise`].
    pub fn download_async(&self, url: impl AsRef<str>, options: impl Into<Options>) -> Promise<Response> {
        let (chain, url, mut options) = (self.clone(), url.as_ref().to_owned(), options.into());
        Promise::start(move || chain.client().request(Target::Address(&url), "GET", &mut options))
    }
}
