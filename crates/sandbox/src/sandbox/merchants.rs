//! Merchants, and their certificates.

use crate::merchants::{Merchant, MerchantCertificate, Merchants};
use crate::sandbox::Sandbox;

/// The longest id of a merchant, in characters.
const LONGEST_ID: usize = 32;

/// More certificates, and more merchants.
impl Sandbox {
    /// Issues another API certificate for the [first merchant](Sandbox::mchid), with its own key. Both certificates are
    /// valid until they are [revoked](Sandbox::revoke_merchant_certificate).
    ///
    /// Eight keys are made for these certificates and for [added merchants](Sandbox::add_merchant); after that, the
    /// same keys are used in turn.
    ///
    /// # Panics
    /// If OpenSSL cannot issue it.
    ///
    /// ```
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let certificate = sandbox.issue_merchant_certificate();
    /// assert_eq!(certificate.serial().len(), 40);
    /// assert_ne!(certificate.serial(), sandbox.merchant_serial());
    /// # Ok::<_, std::io::Error>(())
    /// ```
    #[expect(clippy::expect_used, reason = "documented as a panic: of a sandbox, in a test")]
    pub fn issue_merchant_certificate(&self) -> MerchantCertificate {
        self.merchants().issue().expect("OpenSSL can issue a certificate")
    }

    /// Revokes an API certificate of the first merchant: requests signed under its serial are refused, and it is not
    /// accepted over TLS. Returns false if there is no such certificate, or if it is already revoked.
    ///
    /// ```
    /// use wechatpay::Builder;
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let instance = Builder::factory(sandbox.config())?;
    /// assert!(sandbox.revoke_merchant_certificate(sandbox.merchant_serial()));
    /// let error = instance.chain("v3/marketing/partnerships").get(()).unwrap_err();
    /// assert!(error.to_string().contains("SIGN_ERROR"), "{error}");
    /// # Ok(()) }
    /// ```
    pub fn revoke_merchant_certificate(&self, serial: &str) -> bool {
        self.merchants().revoke(serial)
    }

    /// Adds another merchant, with its own certificate and its own APIv2 and APIv3 keys; returns the existing one if there
    /// is one. Merchants are kept apart: each has its own order numbers, coupons and red packets.
    ///
    /// Its private key is one of the eight that the [certificates](Sandbox::issue_merchant_certificate) share, so
    /// that a thousand merchants can be added in a second or two.
    ///
    /// # Panics
    /// If the id is not 1 to 32 letters and digits, or if OpenSSL cannot issue a certificate.
    ///
    /// ```
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let merchant = sandbox.add_merchant("1900000110");
    /// assert_eq!(merchant.mchid(), "1900000110");
    /// assert_ne!(merchant.certificate().serial(), sandbox.merchant_serial());
    /// # Ok::<_, std::io::Error>(())
    /// ```
    #[expect(clippy::expect_used, reason = "documented as a panic: of a sandbox, in a test")]
    pub fn add_merchant(&self, mchid: &str) -> Merchant {
        check_mchid(mchid);
        self.merchants().add(mchid).expect("OpenSSL can issue a certificate").clone()
    }

    pub(crate) fn merchants(&self) -> &Merchants {
        &self.platform.keys().merchants
    }
}

/// # Panics
/// If no merchant has such an id.
#[track_caller]
pub(crate) fn check_mchid(mchid: &str) {
    let is_id = (1..=LONGEST_ID).contains(&mchid.len()) && mchid.bytes().all(|byte| byte.is_ascii_alphanumeric());
    assert!(is_id, "the id of a merchant must have 1 to {LONGEST_ID} letters and digits, not {mchid:?}");
}
