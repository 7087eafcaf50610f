//! Who signs requests and who verifies answers; both can be replaced.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::crypto::decode_base64;
use crate::crypto::rsa::{PrivateKey, PublicKey, Rsa, verify_bytes};
use crate::error::{Error, Result, VerificationFailure};

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
    /// Any error fails the verification. A [`VerificationFailure`] is passed on as it is.
    fn verify(&self, serial: &str, message: &[u8], signature: &str) -> anyhow::Result<bool>;
}

impl<F: Fn(&str, &[u8], &str) -> anyhow::Result<bool> + Send + Sync> Verifier for F {
    fn verify(&self, serial: &str, message: &[u8], signature: &str) -> anyhow::Result<bool> {
        self(serial, message, signature)
    }
}

/// The platform's keys by serial or key id: the built-in verifier.
#[derive(Debug)]
pub(crate) struct PlatformKeys(pub(crate) BTreeMap<String, PublicKey>);

impl Verifier for PlatformKeys {
    fn verify(&self, serial: &str, message: &[u8], signature: &str) -> anyhow::Result<bool> {
        let Some(key) = self.0.get(serial) else {
            let known = self.0.keys().cloned().collect();
            anyhow::bail!(VerificationFailure::SerialUnknown { serial: serial.to_owned(), known });
        };
        let Some(signature) = decode_base64(signature) else {
            anyhow::bail!(VerificationFailure::SignatureNotBase64);
        };
        Ok(verify_bytes(message, &signature, &key.0))
    }
}

/// Everything that speaks for one merchant; a call keeps the set it began with.
#[derive(Debug)]
pub(crate) struct Credentials {
    /// None only where APIv2 alone is used, and the merchant is not to be checked.
    pub(crate) mchid: Option<String>,
    pub(crate) apiv3: Option<Apiv3>,
    pub(crate) secret: Option<Secret>,
}

impl Credentials {
    /// # Errors
    /// [`Error::Config`] when the configuration is for APIv2 alone.
    pub(crate) fn apiv3(&self) -> Result<&Apiv3> {
        self.apiv3.as_ref().ok_or_else(|| {
            Error::Config(
                "the configuration is for APIv2 alone; a path that is not under v2/ needs `serial`, `privateKey` and `certs`"
                    .into(),
            )
        })
    }

    /// # Errors
    /// [`Error::Config`] when the configuration has no APIv2 key.
    pub(crate) fn secret(&self) -> Result<&Secret> {
        self.secret.as_ref().ok_or_else(|| {
            Error::Config("a path under v2/ needs `secret`, the APIv2 key; the configuration has none".into())
        })
    }
}

/// What APIv3 needs.
pub(crate) struct Apiv3 {
    pub(crate) mchid: String,
    pub(crate) serial: String,
    pub(crate) signer: Arc<dyn Signer>,
    pub(crate) verifier: Arc<dyn Verifier>,
}

impl fmt::Debug for Apiv3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Apiv3").field("mchid", &self.mchid).field("serial", &self.serial).finish_non_exhaustive()
    }
}

/// The APIv2 key.
#[derive(Clone)]
pub(crate) struct Secret(pub(crate) String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
