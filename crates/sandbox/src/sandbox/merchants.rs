//! Merchants, and their certificates.

use crate::merchants::{Merchant, MerchantCertificate, Merchants};
use crate::sandbox::Sandbox;

/// The longest id of a merchant, in characters.
const LONGEST_ID: usize = 32;

/// Further certificates, and further merchants.
impl Sandbox {
    /// Issues one more API certificate for the [first merchant](Sandbox::mchid), with another key than its
    /// own. Both are good until they are [revoked](Sandbox::revoke_merchant_certificate).
    ///
    /// Eight keys are made for such certificates and for [further merchants](Sandbox::add_merchant); after
    /// them, the same come again in turn.
    ///
    /// # Panics
    /// When OpenSSL cannot issue it.
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
        self.merchants().issue().expect("OpenSSL issues a certificate")
    }

    /// Revokes an API certificate of the first merchant: what is signed under its serial is refused, and to
    /// show it over TLS does not help. False if there is none such, or it is revoked already.
    ///
    /// ```
    /// use wechatpay::Builder;
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let instance = Builder::factory(sandbox.config())?;
    /// assert!(sandbox.revoke_merchant_certificate(sandbox.merchant_serial()));
    /// let error = instance.chain("v3/any/path").get(()).unwrap_err();
    /// assert!(error.to_string().contains("SIGN_ERROR"), "{error}");
    /// # Ok(()) }
    /// ```
    pub fn revoke_merchant_certificate(&self, serial: &str) -> bool {
        self.merchants().revoke(serial)
    }

    /// Adds another merchant, with a certificate and keys of APIv2 and APIv3 of its own; one that is there
    /// already is given as it is. What merchants ask for is kept apart: each has its own numbers of orders,
    /// coupons and red packets.
    ///
    /// Its private key is one of eight, as of the
    /// [certificates](Sandbox::issue_merchant_certificate), so that a thousand merchants are added in less
    /// than a second or two.
    ///
    /// # Panics
    /// When the id is not made of 1 to 32 letters and digits, and when OpenSSL cannot issue a certificate.
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
        let is_id = (1..=LONGEST_ID).contains(&mchid.len()) && mchid.bytes().all(|byte| byte.is_ascii_alphanumeric());
        assert!(is_id, "the id of a merchant has 1 to {LONGEST_ID} letters and digits, this is {mchid:?}");
        self.merchants().add(mchid).expect("OpenSSL issues a certificate").clone()
    }

    pub(crate) fn merchants(&self) -> &Merchants {
        &self.platform.keys().merchants
    }
}
