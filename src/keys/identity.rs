//! The keys and identity of one merchant or brand, checked and ready for use.

use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::crypto::certificate::Certificate;
use crate::crypto::key::PrivateKey;
use crate::error::{Error, Result};
use crate::keys::downloads::CertificateRefresh;
use crate::keys::platform_keys::PlatformKeys;
use crate::keys::signature::{Signer, Verifier};
use crate::redact;
use crate::response::Decrypt;
use crate::text::scheme::Scheme;
use crate::wire::trust::ClientCertificate;

/// The keys of one merchant or brand. It never changes: a rotation replaces it as a whole, and a call keeps the one that it
/// began with.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    /// `None` only if just APIv2 is used and the merchant is not to be checked.
    pub(crate) party: Option<Party>,
    pub(crate) apiv3: Option<Apiv3>,
    /// The APIv2 key.
    pub(crate) secret: Option<SymmetricKey>,
    /// The APIv3 keys: one, or two while it is being changed.
    pub(crate) apiv3_keys: Vec<SymmetricKey>,
    pub(crate) certificate: Option<Arc<MerchantCertificate>>,
}

impl Identity {
    /// The id of the merchant or the brand.
    pub(crate) fn id(&self) -> Option<&str> {
        self.party.as_ref().map(Party::id)
    }

    /// The setting that this id is given in.
    pub(crate) fn setting(&self) -> &'static str {
        self.party.as_ref().map_or("mchid", Party::setting)
    }

    /// # Errors
    /// [`Error::Config`] if this is a brand; `why` says what it does not have.
    pub(crate) fn check_not_brand(&self, why: &str) -> Result<()> {
        match &self.party {
            Some(Party::Brand(id)) => {
                Err(Error::Config(format!("this instance is for the brand {}: {why}", redact::name(id))))
            }
            _ => Ok(()),
        }
    }

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
        self.check_not_brand("APIv2 is for merchants; make an instance with `mchid` and `secret`")?;
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

/// Why there are no certificates of the platform.
pub(crate) const BRANDS_HAVE_PUBLIC_KEYS: &str =
    "for brands the platform has public keys only and no certificates; give them in `certs` by their ids PUB_KEY_ID_…";

/// Who speaks to the platform, by the id that it has given them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Party {
    Merchant(String),
    /// Of the operations under `brand/`, and no others.
    Brand(String),
}

impl Party {
    pub(crate) fn id(&self) -> &str {
        match self {
            Party::Merchant(id) | Party::Brand(id) => id,
        }
    }

    /// The setting that its id is given in.
    pub(crate) fn setting(&self) -> &'static str {
        match self {
            Party::Merchant(_) => "mchid",
            Party::Brand(_) => "brand_id",
        }
    }

    /// What it is, in a message.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Party::Merchant(_) => "merchant",
            Party::Brand(_) => "brand",
        }
    }

    /// The platform's own scheme for it.
    fn scheme(&self) -> Scheme {
        match self {
            Party::Merchant(_) => Scheme::WECHATPAY2_SHA256_RSA2048,
            Party::Brand(_) => Scheme::WECHATPAY_BRAND_SHA256_RSA2048,
        }
    }
}

/// What APIv3 needs, and the operations of brands.
#[derive(Clone)]
pub(crate) struct Apiv3 {
    pub(crate) party: Party,
    /// The serial of the party's API certificate; it and the signer are a pair.
    pub(crate) serial: String,
    pub(crate) signer: Arc<dyn Signer>,
    /// The key of the signer, unless that is the caller's own.
    pub(crate) private_key: Option<PrivateKey>,
    pub(crate) platform: Platform,
    /// When the platform's certificates are fetched; `None` if they are not.
    pub(crate) refresh: Option<CertificateRefresh>,
}

impl Apiv3 {
    /// The party's signature over a message, in base64.
    ///
    /// # Errors
    /// [`Error::Signing`] if the signer fails.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<String> {
        self.signer.sign(message).map_err(Error::signing)
    }

    /// The scheme that its requests are signed by.
    pub(crate) fn scheme(&self) -> Scheme {
        self.signer.scheme().unwrap_or_else(|| self.party.scheme())
    }
}

impl fmt::Debug for Apiv3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Apiv3")
            .field("party", &self.party)
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
