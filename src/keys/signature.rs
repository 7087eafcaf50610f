//! Who signs requests and who verifies answers; both can be replaced.

use crate::crypto::key::PrivateKey;
use crate::crypto::rsa::Rsa;

/// Signs requests in place of a `privateKey`: a signing service, an HSM.
///
/// A closure will do. It runs once for each attempt of a call, on the thread that makes the call.
///
/// ```
/// use wechatpay::{Builder, Rsa};
/// # fn ask_the_signing_service(_: &[u8]) -> anyhow::Result<Vec<u8>> { anyhow::bail!("away") }
/// # fn base64(_: Vec<u8>) -> String { String::new() }
///
/// let builder = Builder::new().mchid("1900000109").serial("3775B6A45ACD588826D15E583A95F5DD12345678")
///     .signer(|message: &[u8]| Ok(base64(ask_the_signing_service(message)?)));
/// # let _ = builder;
/// ```
pub trait Signer: Send + Sync {
    /// Signs the message (see [`Formatter::request`](crate::Formatter::request)) with SHA256-RSA2048;
    /// gives base64.
    ///
    /// # Errors
    /// Any error stops the call before it is sent, as [`Error::Signing`](crate::Error::Signing).
    fn sign(&self, message: &[u8]) -> anyhow::Result<String>;
}

impl<F: Fn(&[u8]) -> anyhow::Result<String> + Send + Sync> Signer for F {
    fn sign(&self, message: &[u8]) -> anyhow::Result<String> {
        self(message)
    }
}

impl Signer for PrivateKey {
    fn sign(&self, message: &[u8]) -> anyhow::Result<String> {
        Ok(Rsa::sign(message, self)?)
    }
}

/// Verifies answers in place of `certs`: keys that are kept elsewhere.
///
/// A closure of `(serial, message, signature)` will do. The headers have been checked to be there and
/// the timestamp to be within 300 seconds by then.
///
/// ```
/// use wechatpay::{Builder, Rsa, PublicKey};
/// # fn find(_: &str) -> anyhow::Result<PublicKey> { anyhow::bail!("away") }
///
/// let builder = Builder::new()
///     .verifier(|serial: &str, message: &[u8], signature: &str| Ok(Rsa::verify(message, signature, &find(serial)?)));
/// # let _ = builder;
/// ```
pub trait Verifier: Send + Sync {
    /// Whether `signature`, in base64, is that of the key `serial` over the message
    /// (see [`Formatter::response`](crate::Formatter::response)).
    ///
    /// # Errors
    /// Any error fails the verification. A [`VerificationFailure`](crate::VerificationFailure) is passed on
    /// as it is.
    fn verify(&self, serial: &str, message: &[u8], signature: &str) -> anyhow::Result<bool>;
}

impl<F: Fn(&str, &[u8], &str) -> anyhow::Result<bool> + Send + Sync> Verifier for F {
    fn verify(&self, serial: &str, message: &[u8], signature: &str) -> anyhow::Result<bool> {
        self(serial, message, signature)
    }
}
