//! The keys and identity of one merchant, checked and ready for use.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::crypto::certificate::Certificate;
use crate::crypto::key::PrivateKey;
use crate::error::{Error, Result};
use crate::keys::downloads::CertificateRefresh;
use crate::keys::platform_keys::PlatformKeys;
use crate::keys::signature::{Signer, Verifier};
use crate::response::Decrypt;
use crate::wire::trust::ClientCertificate;

/// One merchant's keys. It never changes: a rotation replaces it as a whole, and a call keeps the one that it began with.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    /// `None` only if just APIv2 is used and the merchant is not to be checked.
    pub(crate) mchid: Option<String>,
    pub(crate) apiv3: Option<Apiv3>,
    /// The APIv2 key.
    pub(crate) secret: Option<SymmetricKey>,
    /// The APIv3 keys: one, or two while it is being changed.
    pub(crate) apiv3_keys: Vec<SymmetricKey>,
    pub(crate) certificate: Option<Arc<MerchantCertificate>>,
}

impl Identity {
    /// # Errors
    /// [`Error::Config`] if the configuration is for APIv2 only.
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
    /// [`Error::Config`] if the configuration has no APIv2 key.
    pub(crate) fn secret(&self) -> Result<&SymmetricKey> {
        self.secret.as_ref().ok_or_else(|| {
            Error::Config(
                "`secret`, the APIv2 key, is missing; paths under v2/ and notifications of APIv2 need it".into(),
            )
        })
    }

    /// # Errors
    /// [`Error::Config`] if the configuration has no APIv3 key.
    pub(crate) fn apiv3_keys(&self) -> Result<&[SymmetricKey]> {
        if self.apiv3_keys.is_empty() {
            Err(Error::Config(
                "`apiv3Key`, the APIv3 key of 32 bytes, is missing; the platform encrypts with it".into(),
            ))
        } else {
            Ok(&self.apiv3_keys)
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
    /// The key of the signer, unless that is the caller's own.
    pub(crate) private_key: Option<PrivateKey>,
    pub(crate) platform: Platform,
    /// When the platform's certificates are fetched; `None` if they are not.
    pub(crate) refresh: Option<CertificateRefresh>,
}

impl Apiv3 {
    /// The merchant's signature over a message, in base64.
    ///
    /// # Errors
    /// [`Error::Signing`] if the signer fails.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<String> {
        self.signer.sign(message).map_err(Error::signing)
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

/// Decrypts fields of an answer, with the keys that its call began with, even if they have been replaced since.
impl Decrypt for Identity {
    fn decrypt(&self, ciphertext: &str) -> anyhow::Result<String> {
        self.apiv3()?.signer.decrypt(ciphertext)
    }
}

/// Verifies what the platform signs, and encrypts fields for it.
#[derive(Clone)]
pub(crate) enum Platform {
    Keys(PlatformKeys),
    /// The caller's own verifier, and the key id that requests name, if any.
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

    /// Verifies a signature with the key of this id; `None` if that key is not known at this moment, in Unix seconds.
    pub(crate) fn verify_if_known(
        &self,
        serial: &str,
        message: &[u8],
        signature: &str,
        now: i64,
    ) -> Option<anyhow::Result<bool>> {
        match self {
            Platform::Keys(keys) => Some(keys.find(serial, now)?.verify(message, signature).map_err(Into::into)),
            Platform::Custom(verifier, _) => Some(verifier.verify(serial, message, signature)),
        }
    }

    /// The id of the key that fields are encrypted for: the one that the request names, or the preferred one.
    ///
    /// # Errors
    /// [`Error::Options`] if the request names another key than the chosen one, or an unknown one, or if it names none and
    /// there are several.
    pub(crate) fn for_encryption<'a>(&'a self, named: Option<&'a str>, now: i64) -> Result<&'a str> {
        match self {
            Platform::Keys(keys) => keys.for_encryption(named, now),
            Platform::Custom(_, id) => named.or(id.as_deref()).ok_or_else(|| {
                Error::Options(
                    "`encrypt` needs to know for which of the platform's keys: name one in the setting \
                     `wechatpay_serial`, or in the header Wechatpay-Serial"
                        .into(),
                )
            }),
        }
    }

    /// How many bytes a ciphertext for the key of this id has; `None` if only the caller's own verifier knows.
    pub(crate) fn ciphertext_length(&self, id: &str, now: i64) -> Option<usize> {
        match self {
            Platform::Keys(keys) => keys.find(id, now).map(|known| known.key.ciphertext_length()),
            Platform::Custom(..) => None,
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
            Platform::Custom(..) => f.write_str("the caller's own verifier"),
        }
    }
}

/// The merchant's certificate, alone and with its key as it is presented over TLS.
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
