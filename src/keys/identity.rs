//! Everything that speaks for one merchant, checked and ready for use.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

use crate::crypto::certificate::Certificate;
use crate::crypto::decode_base64;
use crate::crypto::key::PrivateKey;
use crate::error::{Error, Result};
use crate::keys::platform_keys::PlatformKeys;
use crate::keys::signature::{Signer, Verifier};
use crate::wire::trust::ClientCertificate;

/// One merchant's keys. It never changes: a rotation puts another one in its place, and a call keeps the one
/// that it began with.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    /// None only where APIv2 alone is used, and the merchant is not to be checked.
    pub(crate) mchid: Option<String>,
    pub(crate) apiv3: Option<Apiv3>,
    /// The APIv2 key.
    pub(crate) secret: Option<SymmetricKey>,
    /// The APIv3 keys: one, or two while they are changed.
    pub(crate) apiv3_keys: Vec<SymmetricKey>,
    pub(crate) certificate: Option<Arc<MerchantCertificate>>,
}

impl Identity {
    /// # Errors
    /// [`Error::Config`] when the configuration is for APIv2 alone.
    pub(crate) fn apiv3(&self) -> Result<&Apiv3> {
        self.apiv3.as_ref().ok_or_else(|| {
            Error::Config(
                "the configuration is for APIv2 alone; a path that is not under v2/, and a notification of APIv3, needs \
                 `serial`, `privateKey` and `certs`"
                    .into(),
            )
        })
    }

    /// # Errors
    /// [`Error::Config`] when the configuration has no APIv2 key.
    pub(crate) fn secret(&self) -> Result<&SymmetricKey> {
        self.secret.as_ref().ok_or_else(|| {
            Error::Config(
                "`secret`, the APIv2 key, is missing; paths under v2/ and notifications of APIv2 need it".into(),
            )
        })
    }

    /// # Errors
    /// [`Error::Config`] when the configuration has no APIv3 key.
    pub(crate) fn apiv3_keys(&self) -> Result<&[SymmetricKey]> {
        match self.apiv3_keys.is_empty() {
            false => Ok(&self.apiv3_keys),
            true => Err(Error::Config(
                "`apiv3Key`, the APIv3 key of 32 bytes, is missing; the platform encrypts with it".into(),
            )),
        }
    }
}

/// What APIv3 needs.
#[derive(Clone)]
pub(crate) struct Apiv3 {
    pub(crate) mchid: String,
    /// The serial of the merchant's API certificate; it and the signer are a pair.
    pub(crate) serial: String,
    pub(crate) signer: Arc<dyn Signer>,
    /// The key behind the signer, unless it is one of the caller's own.
    pub(crate) private_key: Option<PrivateKey>,
    pub(crate) platform: Platform,
    /// When the platform's certificates are fetched; none where they are not.
    pub(crate) refresh: Option<CertificateRefresh>,
}

impl Apiv3 {
    /// The merchant's signature over a message, in base64.
    ///
    /// # Errors
    /// [`Error::Signing`] when the signer fails, or gives something else.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<String> {
        let signature = self.signer.sign(message).map_err(Error::signing)?;
        match decode_base64(&signature).is_some_and(|bytes| !bytes.is_empty()) {
            true => Ok(signature),
            false => Err(Error::signing(anyhow::anyhow!("the signer must give the signature in base64"))),
        }
    }
}

impl fmt::Debug for Apiv3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Apiv3")
            .field("mchid", &self.mchid)
            .field("serial", &self.serial)
            .field("platform", &self.platform)
            .finish_non_exhaustive()
    }
}

/// Who verifies what the platform signs.
#[derive(Clone)]
pub(crate) enum Platform {
    Keys(PlatformKeys),
    /// A verifier of the caller's own, and the key id that requests name, if any.
    Custom(Arc<dyn Verifier>, Option<String>),
}

impl Platform {
    /// Whichever of the two it is.
    pub(crate) fn verifier(&self) -> &dyn Verifier {
        match self {
            Platform::Keys(keys) => keys,
            Platform::Custom(verifier, _) => verifier.as_ref(),
        }
    }

    /// The key that requests name in `Wechatpay-Serial`.
    pub(crate) fn announced(&self, now: i64) -> Option<&str> {
        match self {
            Platform::Keys(keys) => keys.announced(now),
            Platform::Custom(_, id) => id.as_deref(),
        }
    }
}

impl fmt::Debug for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Platform::Keys(keys) => keys.fmt(f),
            Platform::Custom(..) => f.write_str("a verifier of the caller's own"),
        }
    }
}

/// When the platform's certificates are fetched.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct CertificateRefresh {
    /// How long after one fetch the next one is due.
    pub(crate) every: Duration,
    /// How long after one fetch, failed ones too, no other is made.
    pub(crate) floor: Duration,
    /// Where they are, relative to `base_uri`.
    pub(crate) path: String,
}

/// The merchant's certificate, and with its key as it is shown over TLS.
pub(crate) struct MerchantCertificate {
    pub(crate) certificate: Certificate,
    pub(crate) shown: Arc<ClientCertificate>,
}

impl fmt::Debug for MerchantCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MerchantCertificate").field(&self.certificate).finish()
    }
}

/// A symmetric key of 32 bytes: the APIv2 key or an APIv3 key. Overwritten when it is dropped.
#[derive(Clone, PartialEq)]
pub(crate) struct SymmetricKey(pub(crate) Zeroizing<String>);

impl fmt::Debug for SymmetricKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
