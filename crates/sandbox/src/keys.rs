//! Keys, as both sides have them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private, Public};
use wechatpay::{PrivateKey, PublicKey, Rsa};

use crate::authority::Validity;
use crate::crypto;
use crate::crypto::hex;
use crate::lock::lock;

pub(crate) const MCHID: &str = "1900000109";
pub(crate) const MERCHANT_SERIAL: &str = "3775B6A45ACD588826D15E583A95F5DD12345678";
pub(crate) const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_0114232134912410000000000000";

/// Of a key that was written a moment before.
const LOADS: &str = "a key of OpenSSL is one";

/// How many keys a pool makes. Those who share one are at least so many apart.
const POOL: usize = 8;

/// A key of RSA-2048 in the forms that are asked for; cheap to clone.
#[derive(Clone)]
pub(crate) struct KeyPair {
    pub(crate) key: PKey<Private>,
    pub(crate) public_key: PKey<Public>,
    /// What the configuration of an instance takes.
    pub(crate) private: PrivateKey,
    pub(crate) public: PublicKey,
    /// In PKCS#8.
    pub(crate) private_pem: Arc<str>,
    /// In SPKI.
    pub(crate) public_pem: Arc<str>,
}

impl KeyPair {
    #[expect(clippy::expect_used, reason = "OpenSSL has just written it, and the library reads what OpenSSL writes")]
    pub(crate) fn generate() -> Result<KeyPair, ErrorStack> {
        let key = PKey::from_rsa(openssl::rsa::Rsa::generate(2048)?)?;
        // PEM is ASCII.
        let private_pem = String::from_utf8_lossy(&key.private_key_to_pem_pkcs8()?).into_owned();
        let public_pem = String::from_utf8_lossy(&key.public_key_to_pem()?).into_owned();
        Ok(KeyPair {
            public_key: PKey::public_key_from_der(&key.public_key_to_der()?)?,
            key,
            private: Rsa::from(private_pem.as_str(), Rsa::KEY_TYPE_PRIVATE).expect(LOADS),
            public: Rsa::from(public_pem.as_str(), Rsa::KEY_TYPE_PUBLIC).expect(LOADS),
            private_pem: private_pem.into(),
            public_pem: public_pem.into(),
        })
    }
}

/// A few keys that are used in turn, because making one takes a tenth of a second. Each is made
/// when it is needed for the first time.
#[derive(Default)]
pub(crate) struct KeyPool(Mutex<VecDeque<KeyPair>>);

impl KeyPool {
    pub(crate) fn next(&self) -> Result<KeyPair, ErrorStack> {
        let mut pairs = lock(&self.0);
        let oldest = if pairs.len() < POOL { None } else { pairs.pop_front() };
        let next = match oldest {
            Some(pair) => pair,
            None => KeyPair::generate()?,
        };
        pairs.push_back(next.clone());
        Ok(next)
    }
}

/// How long the platform's certificates hold, and from when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lifetime {
    /// Seconds from the moment of issue to the first at which it holds; negative if that is past.
    pub(crate) starts_in: i64,
    pub(crate) seconds: u32,
}

impl Lifetime {
    /// From this moment, which is in Unix seconds, or from a second after one that began at `last`.
    pub(crate) fn validity(self, now: i64, last: Option<i64>) -> Validity {
        let begins = now.saturating_add(self.starts_in);
        Validity::new(last.map_or(begins, |last| begins.max(last.saturating_add(1))), self.seconds)
    }
}

/// The platform's five years, of which a day is past.
impl Default for Lifetime {
    fn default() -> Lifetime {
        Lifetime { starts_in: -24 * 60 * 60, seconds: 5 * 365 * 24 * 60 * 60 }
    }
}

/// A unique serial: 40 hex digits in capitals.
pub(crate) fn serial() -> String {
    let digits = random_hex();
    // The first digit keeps the number positive and its length what it is.
    format!("5{}", digits.get(..39).unwrap_or(&digits)).to_uppercase()
}

/// 64 random hex digits in lowercase.
pub(crate) fn random_hex() -> String {
    hex(&openssl::sha::sha256(crypto::nonce(32).as_bytes()))
}
