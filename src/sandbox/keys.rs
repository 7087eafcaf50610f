//! The two parties, and their keys.

use openssl::error::ErrorStack;
use openssl::pkey::PKey;

use crate::crypto::rsa::{PrivateKey, PublicKey};
use crate::formatter::Formatter;

use super::tls::Authority;

pub(super) const MCHID: &str = "1900000109";
pub(super) const MERCHANT_SERIAL: &str = "3775B6A45ACD588826D15E583A95F5DD12345678";
pub(super) const PLATFORM_SERIAL: &str = "PUB_KEY_ID_0114232134912410000000000000";

/// Characters of the key of APIv2.
const SECRET: usize = 32;

/// Both sides' keys: this is the one place where they meet.
pub(super) struct Keys {
    pub(super) merchant: PrivateKey,
    pub(super) merchant_public: PublicKey,
    pub(super) platform: PrivateKey,
    pub(super) platform_public: PublicKey,
    /// In PKCS#8.
    pub(super) merchant_pem: String,
    /// In SPKI.
    pub(super) platform_public_pem: String,
    /// Who issues the merchant's certificate.
    pub(super) merchants: Authority,
    pub(super) merchant_certificate_pem: String,
    /// The key of APIv2.
    pub(super) secret: String,
}

impl Keys {
    pub(super) fn generate() -> Result<Keys, ErrorStack> {
        let (merchant, merchant_public) = pair()?;
        let (platform, platform_public) = pair()?;
        let merchant_pem = text(merchant.0.private_key_to_pem_pkcs8()?);
        let platform_public_pem = text(platform_public.0.public_key_to_pem()?);
        let merchants = Authority::make("wechatpay sandbox merchants")?;
        let merchant_certificate_pem = merchants.issue(MCHID, &merchant_public.0, MERCHANT_SERIAL)?;
        Ok(Keys {
            merchant,
            merchant_public,
            platform,
            platform_public,
            merchant_pem,
            platform_public_pem,
            merchants,
            merchant_certificate_pem,
            secret: Formatter::nonce(SECRET),
        })
    }
}

/// PEM is ASCII.
fn text(pem: Vec<u8>) -> String {
    String::from_utf8_lossy(&pem).into_owned()
}

fn pair() -> Result<(PrivateKey, PublicKey), ErrorStack> {
    let private = PKey::from_rsa(openssl::rsa::Rsa::generate(2048)?)?;
    let public = PKey::public_key_from_der(&private.public_key_to_der()?)?;
    Ok((PrivateKey(private), PublicKey(public)))
}
