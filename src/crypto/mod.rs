//! Keys, signatures, ciphers and digests, which can be used on their own.

pub(crate) mod aes_ecb;
pub(crate) mod aes_gcm;
pub(crate) mod certificate;
mod copies;
pub(crate) mod hash;
pub(crate) mod key;
pub(crate) mod loading;
pub(crate) mod pem;
pub(crate) mod pkcs12;
pub(crate) mod pkcs8;
pub(crate) mod rsa;
pub(crate) mod source;

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::error::{Error, Result};

/// Bytes that may be those of a private key, overwritten when they are dropped.
pub(crate) type SecretBytes = Zeroizing<Vec<u8>>;

/// Bytes of the system's random generator.
///
/// # Panics
/// If the operating system has none: nothing can be signed safely then.
pub(crate) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    #[expect(clippy::expect_used, reason = "a nonce that is not random must not be used")]
    getrandom::fill(&mut bytes).expect("the system's random generator works");
    bytes
}

// Both of these allocate the memory themselves: the functions of `base64` that do so ask for zeroed memory, of which glibc
// keeps up to seven pieces of each size for each thread.

/// Standard base64 with padding.
pub(crate) fn encode_base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(base64::encoded_len(bytes.len(), true).unwrap_or_default());
    STANDARD.encode_string(bytes, &mut text);
    text
}

/// Standard base64 with padding; anything else is refused.
pub(crate) fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(base64::decoded_len_estimate(text.len()));
    STANDARD.decode_vec(text, &mut bytes).ok().map(|()| bytes)
}

/// Lowercase hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len().saturating_mul(2)), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// A decrypted text; the platform's are always UTF-8.
fn utf8(plaintext: Vec<u8>) -> Result<String> {
    String::from_utf8(plaintext).map_err(|_| Error::Crypto("what was decrypted is not UTF-8 text".into()))
}

/// The 32 bytes of an APIv2 or APIv3 key.
fn check_key_length(key: &[u8]) -> Result<()> {
    match key.len() {
        32 => Ok(()),
        length => Err(Error::Crypto(format!("the key must have 32 bytes, this one has {length}"))),
    }
}
