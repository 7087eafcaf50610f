//! What the keys of each side do: those of a merchant or brand sign and decrypt, the platform's verify and encrypt. Both can
//! be replaced.

use std::sync::Arc;

use anyhow::{anyhow, bail};

use crate::crypto::decode_base64;
use crate::crypto::key::PrivateKey;
use crate::text::scheme::Scheme;

/// Signs requests in place of a `privateKey`, such as with a signing service or an HSM.
///
/// A closure is accepted, too; a type of your own can also name another [`Scheme`] and decrypt. It is called once for each
/// attempt of a call, on the thread that makes the call.
///
/// ```
/// use wechatpay::{Builder, Credentials};
/// # fn ask_the_signing_service(_: &[u8]) -> anyhow::Result<Vec<u8>> { anyhow::bail!("away") }
/// # fn base64(_: Vec<u8>) -> String { String::new() }
///
/// let credentials = Credentials::new()
///     .mchid("1900000109")
///     .serial("3775B6A45ACD588826D15E583A95F5DD12345678")
///     .signer(|message: &[u8]| Ok(base64(ask_the_signing_service(message)?)));
/// let builder = Builder::new().credentials(credentials);
/// # let _ = builder;
/// ```
pub trait Signer: Send + Sync {
    /// Signs the message (see [`Formatter::request`](crate::Formatter::request)) by the scheme that
    /// [`scheme`](Signer::scheme) names; returns base64.
    ///
    /// # Errors
    /// Any error stops the call before it is sent, as [`Error::Signing`](crate::Error::Signing).
    fn sign(&self, message: &[u8]) -> anyhow::Result<String>;

    /// The scheme that the header `Authorization` names. With `None`, which is the default, it is the platform's own
    /// SHA256-RSA2048: of merchants or, with `brand_id`, of brands.
    fn scheme(&self) -> Option<Scheme> {
        None
    }

    /// Decrypts a sensitive field of an answer, from base64, for [`Response::decrypt`](crate::Response::decrypt). If this is
    /// not implemented, sensitive fields cannot be decrypted.
    ///
    /// # Errors
    /// Any error fails the decryption, as [`Error::Decryption`](crate::Error::Decryption).
    fn decrypt(&self, ciphertext: &str) -> anyhow::Result<String> {
        let _ = ciphertext;
        bail!("the custom signer does not implement `decrypt`")
    }
}

impl<F: Fn(&[u8]) -> anyhow::Result<String> + Send + Sync> Signer for F {
    fn sign(&self, message: &[u8]) -> anyhow::Result<String> {
        self(message)
    }
}

impl Signer for PrivateKey {
    fn sign(&self, message: &[u8]) -> anyhow::Result<String> {
        Ok(PrivateKey::sign(self, message)?)
    }

    fn decrypt(&self, ciphertext: &str) -> anyhow::Result<String> {
        Ok(PrivateKey::decrypt(self, ciphertext)?)
    }
}

/// The caller's own signer; what it returns is checked.
pub(super) struct Foreign(pub(super) Arc<dyn Signer>);

impl Signer for Foreign {
    fn sign(&self, message: &[u8]) -> anyhow::Result<String> {
        let signature = self.0.sign(message)?;
        if decode_base64(&signature).is_some_and(|bytes| !bytes.is_empty()) {
            Ok(signature)
        } else {
            Err(anyhow!("the signer must return the signature in base64"))
        }
    }

    fn scheme(&self) -> Option<Scheme> {
        self.0.scheme()
    }

    fn decrypt(&self, ciphertext: &str) -> anyhow::Result<String> {
        self.0.decrypt(ciphertext)
    }
}

/// Verifies answers in place of `certs`, with keys that are kept elsewhere.
///
/// A closure of `(serial, message, signature)` is accepted, too; a type of your own can also encrypt. When it is called, the
/// headers are known to be present and the timestamp to be within 300 seconds.
///
/// ```
/// use wechatpay::{Credentials, PublicKey, Rsa};
/// # fn find(_: &str) -> anyhow::Result<PublicKey> { anyhow::bail!("away") }
///
/// let credentials = Credentials::new()
///     .verifier(|serial: &str, message: &[u8], signature: &str| Ok(Rsa::verify(message, signature, &find(serial)?)));
/// # let _ = credentials;
/// ```
pub trait Verifier: Send + Sync {
    /// Whether `signature`, in base64, is a signature of the message by the key `serial` (see
    /// [`Formatter::response`](crate::Formatter::response)).
    ///
    /// # Errors
    /// Any error fails the verification. A [`VerificationFailure`](crate::VerificationFailure) is passed on
    /// as it is.
    fn verify(&self, serial: &str, message: &[u8], signature: &str) -> anyhow::Result<bool>;

    /// Encrypts a sensitive field of a request for the key `serial`, for [`Options::encrypt`](crate::Options::encrypt);
    /// returns base64. If this is not implemented, a call with `encrypt` is refused.
    ///
    /// # Errors
    /// Any error stops the call before it is sent, as [`Error::Options`](crate::Error::Options).
    fn encrypt(&self, serial: &str, plaintext: &str) -> anyhow::Result<String> {
        let _ = (serial, plaintext);
        bail!(
            "a verifier of your own keeps the platform's keys, and does not encrypt; encrypt the fields by `Rsa::encrypt` \
             and name the key in the header Wechatpay-Serial"
        )
    }
}

impl<F: Fn(&str, &[u8], &str) -> anyhow::Result<bool> + Send + Sync> Verifier for F {
    fn verify(&self, serial: &str, message: &[u8], signature: &str) -> anyhow::Result<bool> {
        self(serial, message, signature)
    }
}
