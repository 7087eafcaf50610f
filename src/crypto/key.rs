//! RSA keys, loaded.

use std::fmt;
use std::sync::Arc;

use openssl::pkey::{PKey, PKeyRef, Private, Public};

use crate::crypto::copies::Copies;

/// An RSA private key, parsed once; cheap to clone. `Debug` shows only its size.
#[derive(Clone)]
pub struct PrivateKey(Arc<Copies>);

impl PrivateKey {
    pub(crate) fn new(key: PKey<Private>) -> PrivateKey {
        PrivateKey(Arc::new(Copies::new(key)))
    }

    /// How many bits its modulus has. The platform takes 2,048.
    ///
    /// ```
    /// use wechatpay::PrivateKey;
    /// # fn main() -> anyhow::Result<()> {
    /// # let pem = String::from_utf8(openssl::rsa::Rsa::generate(2048)?.private_key_to_pem()?)?;
    /// let key = PrivateKey::load(pem)?;
    /// assert_eq!((key.bits(), key.public_key()?.bits()), (2048, 2048));
    /// # Ok(()) }
    /// ```
    pub fn bits(&self) -> u32 {
        self.key().bits()
    }

    pub(crate) fn key(&self) -> &PKeyRef<Private> {
        self.0.original()
    }

    /// A copy of this key that few other threads use; see [`Copies`].
    pub(crate) fn of_this_thread(&self) -> &PKeyRef<Private> {
        self.0.of_this_thread()
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey(RSA-{})", self.bits())
    }
}

/// An RSA public key, parsed once; cheap to clone.
#[derive(Clone)]
pub struct PublicKey(pub(crate) PKey<Public>);

impl PublicKey {
    /// How many bits its modulus has; see [`PrivateKey::bits`].
    pub fn bits(&self) -> u32 {
        self.0.bits()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey(RSA-{})", self.bits())
    }
}
