//! An instance's keys in the course of time, and other merchants beside it.

use crate::chain::Chain;
use crate::crypto::certificate::Certificate;
use crate::error::Result;
use crate::keys::credentials::Credentials;
use crate::keys::keyring::KeyStatus;

/// Keys and merchants. These speak for the whole instance: the path of the chain plays no part.
impl Chain {
    /// Replaces keys while calls are in flight, for all clones of the instance at once. What is not given stays
    /// as it is.
    ///
    /// `serial` and `privateKey` (or a signer) are a pair, and given together. `certs` takes the place of all keys
    /// of the platform that were configured: to change one, give both the old and the new key first, and the new
    /// one alone later. A call that is in flight is signed and verified with the keys that it began with; of an
    /// answer that is signed with a newer key, that is looked up too.
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

    /// An instance for another merchant: it shares the connections and the settings of this one, and nothing of
    /// its keys.
    ///
    /// It costs what its keys cost, some kilobytes, so a service can have thousands; make each once and keep it. The
    /// connections that show a merchant's certificate ([`security`](crate::Options::security)) are that merchant's
    /// own.
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
    /// Where `downloadCerts` is set they are used from now on, and the next fetch by itself is due so much later: a
    /// service that would rather fetch on a timer of its own than in the middle of a call does it with this.
    ///
    /// # Errors
    /// [`Error::Certificates`](crate::Error::Certificates) says why they cannot be had;
    /// [`Error::Config`](crate::Error::Config) without `apiv3Key`.
    ///
    /// ```no_run
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// for certificate in instance.download_certificates()? {
    ///     std::fs::write(format!("wechatpay_{}.pem", certificate.serial_no()), certificate.to_pem()?)?;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn download_certificates(&self) -> Result<Vec<Certificate>> {
        self.client().download_certificates()
    }

    /// Which keys are in use, and how the last fetch of certificates went: for a health check. It waits for nothing.
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
}
