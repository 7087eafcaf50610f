//! AES-256-ECB, the cipher of APIv2 refund notifications.

use openssl::symm::{Cipher, decrypt, encrypt};

use super::{check_key_length, decode_base64, encode_base64, utf8};
use crate::error::{Error, Result};

/// AES-256-ECB with PKCS#7 padding (PHP: `WeChatPay\Crypto\AesEcb`).
///
/// The platform uses it for `req_info` of APIv2 refund notifications, with the lowercase hex MD5 of the APIv2 key as the
/// key. It hides the content but does not protect it from being changed.
///
/// ```
/// use wechatpay::AesEcb;
///
/// let key = "0123456789abcdef0123456789abcdef";
/// assert_eq!(AesEcb::encrypt("中", key)?, "PekGpNjQZ2KQ7wS8xwVQ4Q==");
/// assert_eq!(AesEcb::decrypt("PekGpNjQZ2KQ7wS8xwVQ4Q==", key)?, "中");
/// # Ok::<_, wechatpay::Error>(())
/// ```
#[derive(Debug)]
pub struct AesEcb;

impl AesEcb {
    /// Encrypts with a key of 32 bytes; returns base64.
    ///
    /// # Errors
    /// [`Error::Crypto`] if the key has another length.
    pub fn encrypt(plaintext: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Result<String> {
        check_key_length(key.as_ref())?;
        encrypt(Cipher::aes_256_ecb(), key.as_ref(), None, plaintext.as_ref())
            .map(|sealed| encode_base64(&sealed))
            .map_err(|error| Error::Crypto(format!("AES-ECB encryption failed: {error}")))
    }

    /// Decrypts base64 with a key of 32 bytes; returns the plain text.
    ///
    /// # Errors
    /// [`Error::Crypto`] if `ciphertext` is not base64, or the key has another length or is not the one it was encrypted
    /// with.
    pub fn decrypt(ciphertext: impl AsRef<str>, key: impl AsRef<[u8]>) -> Result<String> {
        check_key_length(key.as_ref())?;
        let sealed = decode_base64(ciphertext.as_ref())
            .ok_or_else(|| Error::Crypto("the AES-ECB ciphertext is not base64".into()))?;
        let plaintext = decrypt(Cipher::aes_256_ecb(), key.as_ref(), None, &sealed).map_err(|_| {
            Error::Crypto("AES-ECB decryption failed: the key is wrong, or the ciphertext was changed".into())
        })?;
        utf8(plaintext)
    }
}
