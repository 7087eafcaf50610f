//! The merchants that the platform knows, each with its own keys.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};

use elsa::sync::FrozenMap;
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Public};
use wechatpay::PrivateKey;

use crate::authority::Authority;
use crate::crypto;
use crate::key_file::KeyFile;
use crate::keys::{KeyPair, KeyPool, serial};
use crate::lock::lock;

/// Characters of an APIv2 or APIv3 key.
const SECRET: usize = 32;

/// A merchant that was [added](crate::Sandbox::add_merchant) to the sandbox; cheap to clone. `Debug` shows only its
/// id.
///
/// ```
/// use wechatpay::Builder;
/// use wechatpay_sandbox::Sandbox;
/// # fn main() -> anyhow::Result<()> {
/// let sandbox = Sandbox::start()?;
/// let merchant = sandbox.add_merchant("1900000110");
/// let instance = Builder::factory(sandbox.config_of(&merchant))?;
/// instance.chain("v3/marketing/partnerships").get(())?;
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
    valid: Mutex<BTreeMap<String, PKey<Public>>>,
}

impl Merchant {
    fn new(mchid: &str, certificate: MerchantCertificate, secret: String, apiv3_key: String) -> Merchant {
        let valid = BTreeMap::from([(certificate.serial.clone(), certificate.pair.public_key.clone())]);
        Merchant(Arc::new(Parts { mchid: mchid.to_owned(), secret, apiv3_key, certificate, valid: Mutex::new(valid) }))
    }

    /// Its id.
    pub fn mchid(&self) -> &str {
        &self.0.mchid
    }

    /// The APIv2 key, 32 characters.
    pub fn secret(&self) -> &str {
        &self.0.secret
    }

    /// The APIv3 key, 32 characters: the platform encrypts certificates and notifications with it.
    pub fn apiv3_key(&self) -> &str {
        &self.0.apiv3_key
    }

    /// Its first API certificate.
    pub fn certificate(&self) -> &MerchantCertificate {
        &self.0.certificate
    }

    /// The key of a certificate that is its own and not revoked.
    fn key(&self, serial: &str) -> Option<PKey<Public>> {
        lock(&self.0.valid).get(serial).cloned()
    }

    /// Whether this is the serial of a certificate that is its own and not revoked.
    pub(crate) fn has_certificate(&self, serial: &str) -> bool {
        lock(&self.0.valid).contains_key(serial)
    }
}

impl fmt::Debug for Merchant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Merchant({})", self.mchid())
    }
}

/// An API certificate of a merchant, with its private key. `Debug` shows only its serial.
///
/// ```
/// use wechatpay::Credentials;
/// use wechatpay_sandbox::Sandbox;
/// # fn main() -> anyhow::Result<()> {
/// let sandbox = Sandbox::start()?;
/// let certificate = sandbox.issue_merchant_certificate();
/// let renewed = Credentials::new().serial(certificate.serial()).private_key(certificate.private_key().clone());
/// let instance = sandbox.config().credentials(renewed).build()?;
/// instance.chain("v3/marketing/partnerships").get(())?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct MerchantCertificate {
    serial: String,
    pair: KeyPair,
    pem: String,
}

impl MerchantCertificate {
    /// The serial, 40 uppercase hex digits.
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// The key that signs requests under this serial.
    pub fn private_key(&self) -> &PrivateKey {
        &self.pair.private
    }

    /// The private key as PEM (PKCS#8), like a merchant's file `apiclient_key.pem`.
    pub fn private_key_pem(&self) -> &str {
        &self.pair.private_pem
    }

    /// The certificate as PEM, like a merchant's file `apiclient_cert.pem`.
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
pub(crate) struct Merchants {
    issuer: Issuer,
    first: Merchant,
    others: FrozenMap<String, Box<Merchant>>,
}

impl Merchants {
    /// One merchant, with its id and the serial of its certificate.
    pub(crate) fn of(mchid: &str, serial: &str, file: &mut KeyFile) -> io::Result<Merchants> {
        let authority = file.authority("merchants_authority", &[(Nid::COMMONNAME, "wechatpay sandbox merchants")])?;
        let issuer = Issuer { authority, pool: KeyPool::default() };
        let certificate = issuer.issue(mchid, serial.to_owned(), file.pair("merchant_key")?)?;
        let make = || crypto::nonce(SECRET);
        let (secret, apiv3_key) = (file.secret("secret", SECRET, make)?, file.secret("apiv3_key", SECRET, make)?);
        let first = Merchant::new(mchid, certificate, secret, apiv3_key);
        Ok(Merchants { issuer, first, others: FrozenMap::new() })
    }

    pub(crate) fn authority(&self) -> &Authority {
        &self.issuer.authority
    }

    pub(crate) fn first(&self) -> &Merchant {
        &self.first
    }

    pub(crate) fn get(&self, mchid: &str) -> Option<&Merchant> {
        if self.first.mchid() == mchid { Some(&self.first) } else { self.others.get(mchid) }
    }

    /// The merchant of this id and this serial, and the key to verify with.
    ///
    /// # Errors
    /// The platform's message.
    pub(crate) fn signer(&self, mchid: &str, serial: &str) -> Result<(&Merchant, PKey<Public>), &'static str> {
        let merchant = self.get(mchid).ok_or("Http头Authorization中的mchid有误")?;
        let key = merchant.key(serial).ok_or("商户证书序列号有误")?;
        Ok((merchant, key))
    }

    pub(crate) fn add(&self, mchid: &str) -> Result<&Merchant, ErrorStack> {
        if let Some(merchant) = self.get(mchid) {
            return Ok(merchant);
        }
        let certificate = self.issuer.issue(mchid, serial(), self.issuer.pool.next()?)?;
        let merchant = Merchant::new(mchid, certificate, crypto::nonce(SECRET), crypto::nonce(SECRET));
        Ok(self.others.insert(mchid.to_owned(), Box::new(merchant)))
    }

    /// Issues another certificate for the first merchant.
    pub(crate) fn issue(&self) -> Result<MerchantCertificate, ErrorStack> {
        let certificate = self.issuer.issue(self.first.mchid(), serial(), self.issuer.pool.next()?)?;
        lock(&self.first.0.valid).insert(certificate.serial.clone(), certificate.pair.public_key.clone());
        Ok(certificate)
    }

    /// Revokes a certificate of the first merchant; returns false if it has no such certificate, or it is already revoked.
    pub(crate) fn revoke(&self, serial: &str) -> bool {
        lock(&self.first.0.valid).remove(serial).is_some()
    }
}

/// The issuer of the merchants' certificates.
struct Issuer {
    authority: Authority,
    pool: KeyPool,
}

impl Issuer {
    fn issue(&self, mchid: &str, serial: String, pair: KeyPair) -> Result<MerchantCertificate, ErrorStack> {
        let name = [(Nid::COUNTRYNAME, "CN"), (Nid::ORGANIZATIONNAME, "微信商户系统"), (Nid::COMMONNAME, mchid)];
        let pem = self.authority.issue(&name, &pair.key, &serial, None)?;
        Ok(MerchantCertificate { serial, pair, pem })
    }
}
