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
        write!(f, "PrivateKey(RSA-{})", self.key().bits())
    }
}

/// An RSA public key, parsed once; cheap to clone.
#[derive(Clone)]
pub struct PublicKey(pub(crate) PKey<Public>);

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey(RSA-{})", self.0.bits())
    }
}
