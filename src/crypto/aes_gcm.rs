//! AES-256-GCM, the cipher of certificates and notifications.

use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};

use super::{check_key_length, decode_base64, encode_base64, utf8};
use crate::error::{Error, Result};

/// Bytes of the authentication tag. PHP accepts shorter ones, which are easy to forge.
pub(crate) const TAG: usize = 16;

/// Bytes of the nonce (initialisation vector).
pub(crate) const NONCE: usize = 12;

/// AES-256-GCM with the APIv3 key (PHP: `WeChatPay\Crypto\AesGcm`).
///
/// ```
/// use wechatpay::AesGcm;
///
/// let key = "0123456789abcdef0123456789abcdef";
/// let ciphertext = AesGcm::encrypt(r#"{"mchid":"1900000100"}"#, key, "abcdefghijkl", "transaction")?;
/// assert_eq!(ciphertext, "Eu6k3KOMCfFZPsMoOqloD2wAiy+b/VnNdNKBmF7UcZqI/C7QHRA=");
/// assert_eq!(AesGcm::decrypt(&ciphertext, key, "abcdefghijkl", "transaction")?, r#"{"mchid":"1900000100"}"#);
/// # Ok::<_, wechatpay::Error>(())
/// ```
#[derive(Debug)]
pub struct AesGcm;

impl AesGcm {
    /// Encrypts; returns base64 of the ciphertext and its 16-byte tag.
    ///
    /// `key` is the APIv3 key of 32 bytes, `iv` the nonce of 12 bytes, `aad` the associated data.
    ///
    /// # Errors
    /// [`Error::Crypto`] if the key or the nonce has another length.
    pub fn encrypt(
        plaintext: impl AsRef<[u8]>,
        key: impl AsRef<[u8]>,
        iv: impl AsRef<[u8]>,
        aad: impl AsRef<[u8]>,
    ) -> Result<String> {
        let (key, iv) = (key.as_ref(), iv.as_ref());
        check_lengths(key, iv)?;
        let mut tag = [0; TAG];
        let mut sealed = encrypt_aead(Cipher::aes_256_gcm(), key, Some(iv), aad.as_ref(), plaintext.as_ref(), &mut tag)
            .map_err(|error| Error::Crypto(format!("AES-GCM encryption failed: {error}")))?;
        sealed.extend_from_slice(&tag);
        Ok(encode_base64(&sealed))
    }

    /// Decrypts what [`encrypt`](AesGcm::encrypt) or the platform made; returns the plain text.
    ///
    /// # Errors
    /// [`Error::Crypto`] if `ciphertext` is not base64 of at least 16 bytes, the key or the nonce has another length, or the
    /// tag does not match: the key, nonce or associated data is wrong, or the ciphertext was changed.
    pub fn decrypt(
        ciphertext: impl AsRef<str>,
        key: impl AsRef<[u8]>,
        iv: impl AsRef<[u8]>,
        aad: impl AsRef<[u8]>,
    ) -> Result<String> {
        let sealed = decode_base64(ciphertext.as_ref())
            .ok_or_else(|| Error::Crypto("the AES-GCM ciphertext is not base64".into()))?;
        utf8(AesGcm::open(&sealed, key.as_ref(), iv.as_ref(), aad.as_ref())?)
    }

    /// Decrypts `sealed`, which is the ciphertext and its tag.
    ///
    /// # Errors
    /// As [`decrypt`](AesGcm::decrypt).
    pub(crate) fn open(sealed: &[u8], key: &[u8], iv: &[u8], aad: &[u8]) -> Result<Vec<u8>> {
        check_lengths(key, iv)?;
        let Some(length) = sealed.len().checked_sub(TAG) else {
            return Err(Error::Crypto(format!(
                "the AES-GCM ciphertext has {} bytes, fewer than its tag of {TAG}",
                sealed.len()
            )));
        };
        let (data, tag) = sealed.split_at(length);
        decrypt_aead(Cipher::aes_256_gcm(), key, Some(iv), aad, data, tag).map_err(|_| {
            Error::Crypto(
                "AES-GCM decryption failed: the key, the nonce or the associated data is another one, \
                 or the ciphertext was changed"
                    .into(),
            )
        })
    }
}

fn check_lengths(key: &[u8], iv: &[u8]) -> Result<()> {
    check_key_length(key)?;
    match iv.len() {
        NONCE => Ok(()),
        length => Err(Error::Crypto(format!("the AES-GCM nonce must have {NONCE} bytes, this one has {length}"))),
    }
}
