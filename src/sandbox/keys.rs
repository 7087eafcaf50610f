//! The two parties, and their keys.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use openssl::error::ErrorStack;
use openssl::pkey::PKey;

use crate::crypto::hex;
use crate::crypto::rsa::{PrivateKey, PublicKey};
use crate::formatter::Formatter;

use super::authority::Validity;
use super::lock;
use super::merchants::Merchants;
use super::platform_keys::{KeyMode, PlatformKeys};

pub(super) const MCHID: &str = "1900000109";
pub(super) const MERCHANT_SERIAL: &str = "3775B6A45ACD588826D15E583A95F5DD12345678";
pub(super) const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_0114232134912410000000000000";

/// How many keys a pool makes. Those who share one are at least so many apart.
const POOL: usize = 8;

/// Both sides' keys: this is the one place where they meet.
pub(super) struct Keys {
    pub(super) merchants: Merchants,
    pub(super) platform: PlatformKeys,
}

impl Keys {
    pub(super) fn generate(mode: KeyMode, lifetime: Lifetime) -> Result<Keys, ErrorStack> {
        Ok(Keys { merchants: Merchants::generate()?, platform: PlatformKeys::generate(mode, lifetime)? })
    }
}

/// A key of RSA-2048 in the forms that are asked for; cheap to clone.
#[derive(Clone)]
pub(super) struct KeyPair {
    pub(super) private: PrivateKey,
    pub(super) public: PublicKey,
    /// In PKCS#8.
    pub(super) private_pem: Arc<str>,
    /// In SPKI.
    pub(super) public_pem: Arc<str>,
}

impl KeyPair {
    pub(super) fn generate() -> Result<KeyPair, ErrorStack> {
        let private = PKey::from_rsa(openssl::rsa::Rsa::generate(2048)?)?;
        let public = PKey::public_key_from_der(&private.public_key_to_der()?)?;
        Ok(KeyPair {
            // PEM is ASCII.
            private_pem: String::from_utf8_lossy(&private.private_key_to_pem_pkcs8()?).into(),
            public_pem: String::from_utf8_lossy(&public.public_key_to_pem()?).into(),
            private: PrivateKey::new(private),
            public: PublicKey(public),
        })
    }
}

/// A few keys that are handed out in turn, because to make one takes a tenth of a second. Each is made
/// when it is needed for the first time.
#[derive(Default)]
pub(super) struct KeyPool(Mutex<VecDeque<KeyPair>>);

impl KeyPool {
    pub(super) fn next(&self) -> Result<KeyPair, ErrorStack> {
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
pub(super) struct Lifetime {
    /// Seconds from the moment of issue to the first at which it holds; negative if that is past.
    pub(super) starts_in: i64,
    pub(super) seconds: u32,
}

impl Lifetime {
    /// From this moment, which is in Unix seconds, or from a second after one that began at `last`.
    pub(super) fn validity(self, now: i64, last: Option<i64>) -> Validity {
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

/// A serial that nobody else has: 40 digits of hex in capitals.
pub(super) fn serial() -> String {
    let digits = random_hex();
    // The first digit keeps the number positive and its length what it is.
    format!("5{}", digits.get(..39).unwrap_or(&digits)).to_uppercase()
}

/// 64 random digits of hex, lowercase.
pub(super) fn random_hex() -> String {
    hex(&openssl::sha::sha256(Formatter::nonce(32).as_bytes()))
}
