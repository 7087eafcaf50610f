//! The merchants that the platform knows, each with keys of its own.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use elsa::sync::FrozenMap;
use openssl::error::ErrorStack;
use openssl::nid::Nid;

use crate::crypto::rsa::{PrivateKey, PublicKey};
use crate::formatter::Formatter;

use super::authority::Authority;
use super::keys::{KeyPair, KeyPool, MCHID, MERCHANT_SERIAL, serial};
use super::{Sandbox, lock};

/// Characters of the keys of APIv2 and of APIv3.
const SECRET: usize = 32;

/// The longest id of a merchant, in characters.
const LONGEST_ID: usize = 32;

/// A merchant that was [added](Sandbox::add_merchant) to the sandbox; cheap to clone. `Debug` shows its id
/// alone.
///
/// ```
/// use wechatpay::Builder;
/// use wechatpay::sandbox::Sandbox;
/// # fn main() -> anyhow::Result<()> {
/// let sandbox = Sandbox::start()?;
/// let merchant = sandbox.add_merchant("1900000110");
/// let instance = Builder::factory(sandbox.config_of(&merchant))?;
/// assert_eq!(instance.chain("v3/any/path").get(())?.text(), "{}");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Merchant(Arc<Parts>);

struct Parts {
    mchid: String,
    secret: String,
    apiv3_key: String,
    certificate: MerchantCertificate,
    /// The keys of its certificates that are not revoked, by their serials.
    valid: Mutex<BTreeMap<String, PublicKey>>,
}

impl Merchant {
    fn new(mchid: &str, certificate: MerchantCertificate) -> Merchant {
        let valid = BTreeMap::from([(certificate.serial.clone(), certificate.pair.public.clone())]);
        Merchant(Arc::new(Parts {
            mchid: mchid.to_owned(),
            secret: Formatter::nonce(SECRET),
            apiv3_key: Formatter::nonce(SECRET),
            certificate,
            valid: Mutex::new(valid),
        }))
    }

    /// Its id.
    pub fn mchid(&self) -> &str {
        &self.0.mchid
    }

    /// The key of APIv2, 32 characters.
    pub fn secret(&self) -> &str {
        &self.0.secret
    }

    /// The key of APIv3, 32 characters: the platform encrypts certificates and notifications with it.
    pub fn apiv3_key(&self) -> &str {
        &self.0.apiv3_key
    }

    /// Its first API certificate.
    pub fn certificate(&self) -> &MerchantCertificate {
        &self.0.certificate
    }

    /// The key of a certificate that is its own and not revoked.
    fn key(&self, serial: &str) -> Option<PublicKey> {
        lock(&self.0.valid).get(serial).cloned()
    }

    /// Whether this is the serial of a certificate that is its own and not revoked.
    pub(super) fn has_certificate(&self, serial: &str) -> bool {
        lock(&self.0.valid).contains_key(serial)
    }
}

impl fmt::Debug for Merchant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Merchant({})", self.mchid())
    }
}

/// An API certificate of a merchant and its private key. `Debug` shows its serial alone.
///
/// ```
/// use wechatpay::Builder;
/// use wechatpay::sandbox::Sandbox;
/// # fn main() -> anyhow::Result<()> {
/// let sandbox = Sandbox::start()?;
/// let certificate = sandbox.issue_merchant_certificate();
/// let instance = Builder::from(sandbox.config())
///     .serial(certificate.serial())
///     .private_key(certificate.private_key().clone())
///     .build()?;
/// assert_eq!(instance.chain("v3/any/path").get(())?.text(), "{}");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct MerchantCertificate {
    serial: String,
    pair: KeyPair,
    pem: String,
}

impl MerchantCertificate {
    /// The serial, 40 digits of hex in capitals.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// The key that signs requests under this serial.
    pub fn private_key(&self) -> &PrivateKey {
        &self.pair.private
    }

    /// The same key as PEM (PKCS#8), as in the file `apiclient_key.pem` of a merchant.
    pub fn private_key_pem(&self) -> &str {
        &self.pair.private_pem
    }

    /// The certificate as PEM, as in the file `apiclient_cert.pem` of a merchant.
    pub fn pem(&self) -> &str {
        &self.pem
    }
}

impl fmt::Debug for MerchantCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MerchantCertificate({})", self.serial)
    }
}

/// All merchants. None is ever removed.
pub(super) struct Merchants {
    issuer: Issuer,
    first: Merchant,
    others: FrozenMap<String, Box<Merchant>>,
}

impl Merchants {
    pub(super) fn generate() -> Result<Merchants, ErrorStack> {
        let authority = Authority::make(&[(Nid::COMMONNAME, "wechatpay sandbox merchants")])?;
        let issuer = Issuer { authority, pool: KeyPool::default() };
        let certificate = issuer.issue(MCHID, MERCHANT_SERIAL.to_owned(), KeyPair::generate()?)?;
        Ok(Merchants { issuer, first: Merchant::new(MCHID, certificate), others: FrozenMap::new() })
    }

    pub(super) fn authority(&self) -> &Authority {
        &self.issuer.authority
    }

    pub(super) fn first(&self) -> &Merchant {
        &self.first
    }

    pub(super) fn get(&self, mchid: &str) -> Option<&Merchant> {
        if self.first.mchid() == mchid { Some(&self.first) } else { self.others.get(mchid) }
    }

    /// Who signs under this id and this serial, and with which key.
    ///
    /// # Errors
    /// The platform's message.
    pub(super) fn signer(&self, mchid: &str, serial: &str) -> Result<(&Merchant, PublicKey), &'static str> {
        let merchant = self.get(mchid).ok_or("Http头Authorization中的mchid有误")?;
        let key = merchant.key(serial).ok_or("商户证书序列号有误")?;
        Ok((merchant, key))
    }

    fn add(&self, mchid: &str) -> Result<&Merchant, ErrorStack> {
        if let Some(merchant) = self.get(mchid) {
            return Ok(merchant);
        }
        let certificate = self.issuer.issue(mchid, serial(), self.issuer.pool.next()?)?;
        Ok(self.others.insert(mchid.to_owned(), Box::new(Merchant::new(mchid, certificate))))
    }

    fn issue(&self) -> Result<MerchantCertificate, ErrorStack> {
        let certificate = self.issuer.issue(MCHID, serial(), self.issuer.pool.next()?)?;
        lock(&self.first.0.valid).insert(certificate.serial.clone(), certificate.pair.public.clone());
        Ok(certificate)
    }
}

/// Who issues the merchants' certificates.
struct Issuer {
    authority: Authority,
    pool: KeyPool,
}

impl Issuer {
    fn issue(&self, mchid: &str, serial: String, pair: KeyPair) -> Result<MerchantCertificate, ErrorStack> {
        let name = [(Nid::COUNTRYNAME, "CN"), (Nid::ORGANIZATIONNAME, "微信商户系统"), (Nid::COMMONNAME, mchid)];
        let pem = self.authority.issue(&name, &pair.public.0, &serial, None)?;
        Ok(MerchantCertificate { serial, pair, pem })
    }
}

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
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
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
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
    /// let instance = Builder::factory(sandbox.config())?;
    /// assert!(sandbox.revoke_merchant_certificate(sandbox.merchant_serial()));
    /// let error = instance.chain("v3/any/path").get(()).unwrap_err();
    /// assert!(error.to_string().contains("SIGN_ERROR"), "{error}");
    /// # Ok(()) }
    /// ```
    pub fn revoke_merchant_certificate(&self, serial: &str) -> bool {
        lock(&self.merchants().first.0.valid).remove(serial).is_some()
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
    /// # let sandbox = wechatpay::sandbox::Sandbox::start()?;
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

    pub(super) fn merchants(&self) -> &Merchants {
        &self.platform.keys().merchants
    }
}
