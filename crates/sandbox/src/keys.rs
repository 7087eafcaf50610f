//! Keys that both sides use.

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
const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_0114232134912410000000000000";

/// What the keys of the first merchant and the platform's public key are known by.
#[derive(Clone, Debug)]
pub(crate) struct Ids {
    pub(crate) mchid: String,
    pub(crate) merchant_serial: String,
    pub(crate) public_key_id: String,
}

impl Default for Ids {
    fn default() -> Ids {
        Ids {
            mchid: MCHID.to_owned(),
            merchant_serial: MERCHANT_SERIAL.to_owned(),
            public_key_id: PUBLIC_KEY_ID.to_owned(),
        }
    }
}

const LOADS: &str = "a key that OpenSSL has just written can be loaded";

/// How many keys a pool makes. Those who share a key are at least this many apart.
const POOL: usize = 8;

/// An RSA-2048 key in all forms that are needed; cheap to clone.
#[derive(Clone)]
pub(crate) struct KeyPair {
    pub(crate) key: PKey<Private>,
    pub(crate) public_key: PKey<Public>,
    /// As the configuration of an instance takes it.
    pub(crate) private: PrivateKey,
    pub(crate) public: PublicKey,
    /// In PKCS#8.
    pub(crate) private_pem: Arc<str>,
    /// In SPKI.
    pub(crate) public_pem: Arc<str>,
}

impl KeyPair {
    pub(crate) fn generate() -> Result<KeyPair, ErrorStack> {
        KeyPair::of(PKey::from_rsa(openssl::rsa::Rsa::generate(2048)?)?)
    }

    /// The pair of a private key, which is one of RSA.
    #[expect(clippy::expect_used, reason = "OpenSSL has just written it, and the library reads what OpenSSL writes")]
    pub(crate) fn of(key: PKey<Private>) -> Result<KeyPair, ErrorStack> {
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

/// A few keys that are used in turn, because making one takes a tenth of a second. Each is made when it is first needed.
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

/// How long the platform's certificates are valid, and from when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lifetime {
    /// Seconds from the moment of issue until it is valid; negative if it was valid before.
    pub(crate) starts_in: i64,
    pub(crate) seconds: u32,
}

impl Lifetime {
    /// The validity of a certificate issued at this moment, in Unix seconds, but at least a second after one that began at
    /// `last`.
    pub(crate) fn validity(self, now: i64, last: Option<i64>) -> Validity {
        let begins = now.saturating_add(self.starts_in);
        Validity::new(last.map_or(begins, |last| begins.max(last.saturating_add(1))), self.seconds)
    }
}

/// The platform's five years, of which one day has passed.
impl Default for Lifetime {
    fn default() -> Lifetime {
        Lifetime { starts_in: -24 * 60 * 60, seconds: 5 * 365 * 24 * 60 * 60 }
    }
}

/// Digits of a serial.
pub(crate) const SERIAL: usize = 40;

/// A unique serial: 40 uppercase hex digits.
pub(crate) fn serial() -> String {
    let digits = random_hex();
    // The first digit keeps the number positive and its length constant.
    format!("5{}", digits.get(..39).unwrap_or(&digits)).to_uppercase()
}

/// 64 random hex digits in lowercase.
pub(crate) fn random_hex() -> String {
    hex(&openssl::sha::sha256(crypto::nonce(32).as_bytes()))
}
