//! Copies of a private key, for threads that use it at the same time.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use openssl::error::ErrorStack;
use openssl::pkey::{PKey, PKeyRef, Private};
use openssl::rsa::RsaPrivateKeyBuilder;

/// Beside the original.
const COPIES: usize = 15;

/// A private RSA key and copies of it.
///
/// OpenSSL blinds each use of a key with a value that belongs to the key and is guarded by a lock. With many threads on few
/// processors, one that is interrupted while it holds the lock makes all others wait: with 500 threads on two processors,
/// one in ten signatures took more than 60 ms instead of half a millisecond.
pub(crate) struct Copies {
    original: PKey<Private>,
    /// Each is made for the first thread that uses it; a process that makes all calls from one thread makes none.
    copies: [OnceLock<PKey<Private>>; COPIES],
}

impl Copies {
    pub(crate) fn new(original: PKey<Private>) -> Copies {
        Copies { original, copies: Default::default() }
    }

    pub(crate) fn original(&self) -> &PKeyRef<Private> {
        &self.original
    }

    /// The copy that this thread shares with the fewest others.
    pub(crate) fn of_this_thread(&self) -> &PKeyRef<Private> {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        thread_local!(static NUMBER: usize = THREADS.fetch_add(1, Ordering::Relaxed));
        // At its very end a thread no longer has a number; it uses the original.
        let number = NUMBER.try_with(|number| number.checked_rem(COPIES.saturating_add(1))).ok().flatten();
        let copy = number.and_then(|number| self.copies.get(number.checked_sub(1)?));
        match copy {
            Some(copy) => copy.get_or_init(|| copied(&self.original).unwrap_or_else(|_| self.original.clone())),
            None => &self.original,
        }
    }
}

/// A key of the same numbers. They are copied one by one, as a serialised key would leave a copy in memory.
fn copied(key: &PKeyRef<Private>) -> Result<PKey<Private>, ErrorStack> {
    let key = key.rsa()?;
    let mut copy = RsaPrivateKeyBuilder::new(key.n().to_owned()?, key.e().to_owned()?, key.d().to_owned()?)?;
    if let (Some(p), Some(q)) = (key.p(), key.q()) {
        copy = copy.set_factors(p.to_owned()?, q.to_owned()?)?;
    }
    if let (Some(dmp1), Some(dmq1), Some(iqmp)) = (key.dmp1(), key.dmq1(), key.iqmp()) {
        copy = copy.set_crt_params(dmp1.to_owned()?, dmq1.to_owned()?, iqmp.to_owned()?)?;
    }
    PKey::from_rsa(copy.build())
}

#[cfg(test)]
mod tests {
    use openssl::hash::MessageDigest;
    use openssl::rsa::Rsa;
    use openssl::sign::Signer;

    use super::*;

    #[test]
    fn every_thread_signs_alike_and_one_thread_uses_the_original() {
        let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        let sign = |key: &PKeyRef<Private>| {
            Signer::new(MessageDigest::sha256(), key).unwrap().sign_oneshot_to_vec(b"message").unwrap()
        };
        let (expected, copies) = (sign(&key), Copies::new(key));
        let used: Vec<usize> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..2 * COPIES)
                .map(|_| {
                    scope.spawn(|| {
                        let key = copies.of_this_thread();
                        assert_eq!(sign(key), expected);
                        assert!(std::ptr::eq(key, copies.of_this_thread()));
                        std::ptr::from_ref(key).addr()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let different: std::collections::BTreeSet<_> = used.iter().collect();
        assert!(different.len() >= COPIES, "{} keys", different.len());
    }

    #[test]
    fn a_key_is_copied_number_by_number() {
        let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        let copy = copied(&key).unwrap();
        assert_eq!(copy.private_key_to_der().unwrap(), key.private_key_to_der().unwrap());
        assert!(copy.rsa().unwrap().check_key().unwrap());
    }
}
