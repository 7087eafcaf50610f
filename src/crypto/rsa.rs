//! RSA as the platform uses it.

use openssl::hash::MessageDigest;
use openssl::rsa::Padding;
use openssl::sign::{Signer, Verifier};

use crate::crypto::key::{PrivateKey, PublicKey};
use crate::crypto::loading::{KeyType, KeyTypePrivate, KeyTypePublic};
use crate::crypto::source::{KeySource, PRIVATE_PKCS8, PUBLIC_SPKI};
use crate::crypto::{decode_base64, encode_base64, utf8};
use crate::error::{Error, Result};

/// The overhead of OAEP with SHA-1, in bytes.
const OAEP_OVERHEAD: usize = 42;

/// RSA as the platform uses it (PHP: `WeChatPay\Crypto\Rsa`): SHA256-RSA2048 signatures (PKCS#1 v1.5)
/// and OAEP with SHA-1 for sensitive fields, everything in base64.
///
/// ```
/// use wechatpay::Rsa;
/// # fn main() -> anyhow::Result<()> {
/// # let dir = std::env::temp_dir().join(format!("wechatpay-rsa-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// # let pem = openssl::rsa::Rsa::generate(2048)?.private_key_to_pem()?;
/// # let path = dir.join("apiclient_key.pem");
/// # std::fs::write(&path, &pem)?;
/// # let public = String::from_utf8(openssl::rsa::Rsa::private_key_from_pem(&pem)?.public_key_to_pem()?)?;
/// let private_key = Rsa::from(format!("file://{}", path.display()), Rsa::KEY_TYPE_PRIVATE)?;
/// let public_key = Rsa::from(public, Rsa::KEY_TYPE_PUBLIC)?;
///
/// let signature = Rsa::sign("message", &private_key)?;
/// assert!(Rsa::verify("message", &signature, &public_key));
///
/// let hidden = Rsa::encrypt("张三", &public_key)?;
/// assert_eq!(Rsa::decrypt(&hidden, &private_key)?, "张三");
/// # std::fs::remove_dir_all(&dir)?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Rsa;

impl Rsa {
    /// Asks [`Rsa::from`] for a [`PublicKey`].
    pub const KEY_TYPE_PUBLIC: KeyTypePublic = KeyTypePublic;

    /// Asks [`Rsa::from`] for a [`PrivateKey`].
    pub const KEY_TYPE_PRIVATE: KeyTypePrivate = KeyTypePrivate;

    /// Loads a key; `key_type` chooses the kind of key at compile time: [`PrivateKey::load`] or [`PublicKey::load`] in PHP's
    /// words.
    ///
    /// `thing` is one of:
    /// * `file://` and the path of a PEM file (PKCS#1, PKCS#8, SPKI or X.509),
    /// * the text of such a PEM file,
    /// * `private.pkcs1://`, `private.pkcs8://`, `public.pkcs1://` or `public.spki://` and bare base64 (DER),
    /// * `(thing, passphrase)` for an encrypted private key, or for `file://` and the path of a PKCS#12 file,
    /// * a key that is already loaded.
    ///
    /// A certificate serves as a public key.
    ///
    /// # Errors
    /// [`Error::Key`] says what was found instead.
    pub fn from<K: KeyType>(thing: impl Into<KeySource>, key_type: K) -> Result<K::Key> {
        let _ = key_type;
        K::load(thing.into())
    }

    /// Loads a key from bare base64 of PKCS#1 (`BEGIN RSA PRIVATE KEY`, `BEGIN RSA PUBLIC KEY`).
    ///
    /// # Errors
    /// [`Error::Key`] if it is something else.
    pub fn from_pkcs1<K: KeyType>(base64: impl AsRef<str>, key_type: K) -> Result<K::Key> {
        Rsa::from(format!("{}{}", K::PKCS1, base64.as_ref()), key_type)
    }

    /// Loads a private key from bare base64 of PKCS#8 (`BEGIN PRIVATE KEY`).
    ///
    /// # Errors
    /// [`Error::Key`] if it is something else.
    pub fn from_pkcs8(base64: impl AsRef<str>) -> Result<PrivateKey> {
        PrivateKey::load(format!("{PRIVATE_PKCS8}{}", base64.as_ref()))
    }

    /// Loads a public key from bare base64 of SPKI (`BEGIN PUBLIC KEY`).
    ///
    /// # Errors
    /// [`Error::Key`] if it is something else.
    pub fn from_spki(base64: impl AsRef<str>) -> Result<PublicKey> {
        PublicKey::load(format!("{PUBLIC_SPKI}{}", base64.as_ref()))
    }

    /// Converts bare base64 of a PKCS#1 public key into bare base64 of SPKI.
    ///
    /// # Errors
    /// [`Error::Key`] if it is something else.
    pub fn pkcs1_to_spki(base64: impl AsRef<str>) -> Result<String> {
        let key = Rsa::from_pkcs1(base64, Rsa::KEY_TYPE_PUBLIC)?;
        let der = key.0.public_key_to_der().map_err(|error| Error::Key(error.to_string()))?;
        Ok(encode_base64(&der))
    }

    /// Signs with SHA256-RSA2048 (PKCS#1 v1.5); returns base64.
    ///
    /// # Errors
    /// [`Error::Crypto`] if the key is too short for it.
    pub fn sign(message: impl AsRef<[u8]>, private_key: &PrivateKey) -> Result<String> {
        private_key.sign(message.as_ref())
    }

    /// Whether `signature`, in base64, is a valid signature of `message` by this key.
    pub fn verify(message: impl AsRef<[u8]>, signature: impl AsRef<str>, public_key: &PublicKey) -> bool {
        decode_base64(signature.as_ref()).is_some_and(|signature| public_key.verify(message.as_ref(), &signature))
    }

    /// Encrypts a sensitive field with OAEP and SHA-1; returns base64.
    ///
    /// # Errors
    /// [`Error::Crypto`] if the text is longer than the key can encrypt (214 bytes for RSA-2048).
    pub fn encrypt(plaintext: impl AsRef<[u8]>, public_key: &PublicKey) -> Result<String> {
        public_key.encrypt(plaintext.as_ref())
    }

    /// Decrypts base64 that was encrypted for this key with OAEP and SHA-1; returns the plain text.
    ///
    /// # Errors
    /// [`Error::Crypto`] if it is not base64, or was encrypted for another key.
    pub fn decrypt(ciphertext: impl AsRef<str>, private_key: &PrivateKey) -> Result<String> {
        private_key.decrypt(ciphertext.as_ref())
    }
}

// The operations of keys. Any other kind of key than RSA would be added here.

impl PrivateKey {
    pub(crate) fn sign(&self, message: &[u8]) -> Result<String> {
        Signer::new(MessageDigest::sha256(), self.of_this_thread())
            .and_then(|mut signer| signer.sign_oneshot_to_vec(message))
            .map(|signature| encode_base64(&signature))
            .map_err(|error| Error::Crypto(format!("RSA signing failed: {error}")))
    }

    pub(crate) fn decrypt(&self, ciphertext: &str) -> Result<String> {
        let sealed =
            decode_base64(ciphertext).ok_or_else(|| Error::Crypto("the RSA ciphertext is not base64".into()))?;
        let key = self.of_this_thread();
        let mut plaintext = vec![0; key.size()];
        let length = key
            .rsa()
            .and_then(|rsa| rsa.private_decrypt(&sealed, &mut plaintext, Padding::PKCS1_OAEP))
            .map_err(|_| {
                Error::Crypto("RSA decryption failed: it was encrypted for another key, or with another padding".into())
            })?;
        plaintext.truncate(length);
        utf8(plaintext)
    }
}

impl PublicKey {
    /// Whether the signature, in bytes, is valid.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        Verifier::new(MessageDigest::sha256(), &self.0)
            .and_then(|mut verifier| verifier.verify_oneshot(signature, message))
            .unwrap_or(false)
    }

    /// How many bytes a ciphertext for this key has.
    pub(crate) fn ciphertext_length(&self) -> usize {
        self.0.size()
    }

    pub(crate) fn encrypt(&self, plaintext: &[u8]) -> Result<String> {
        let size = self.0.size();
        let most = size.saturating_sub(OAEP_OVERHEAD);
        if plaintext.len() > most {
            return Err(Error::Crypto(format!(
                "{} bytes are too many to encrypt: this key of {} bits can take {most}",
                plaintext.len(),
                size.saturating_mul(8)
            )));
        }
        let mut sealed = vec![0; size];
        self.0
            .rsa()
            .and_then(|rsa| rsa.public_encrypt(plaintext, &mut sealed, Padding::PKCS1_OAEP))
            .map_err(|error| Error::Crypto(format!("RSA encryption failed: {error}")))?;
        Ok(encode_base64(&sealed))
    }
}
