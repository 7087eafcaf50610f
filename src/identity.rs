//! Everything that speaks for one merchant, checked and ready for use.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use zeroize::Zeroizing;

use crate::crypto::decode_base64;
use crate::crypto::rsa::PrivateKey;
use crate::error::{Error, Result};
use crate::options::Options;
use crate::pem::Certificate;
use crate::platform_keys::PlatformKeys;
use crate::signature::{Signer, Verifier};
use crate::wire::agents::Agents;
use crate::wire::trust::ClientCertificate;

/// One merchant's keys. It never changes: a rotation puts another one in its place, and a call keeps the one
/// that it began with.
#[derive(Clone, Debug)]
pub(crate) struct Identity {
    /// None only where APIv2 alone is used, and the merchant is not to be checked.
    pub(crate) mchid: Option<String>,
    pub(crate) apiv3: Option<Apiv3>,
    /// The APIv2 key.
    pub(crate) secret: Option<Secret>,
    /// The APIv3 keys: one, or two while they are changed.
    pub(crate) apiv3_keys: Vec<Secret>,
    pub(crate) security: Option<Arc<Security>>,
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
    pub(crate) fn secret(&self) -> Result<&Secret> {
        self.secret.as_ref().ok_or_else(|| {
            Error::Config(
                "`secret`, the APIv2 key, is missing; paths under v2/ and notifications of APIv2 need it".into(),
            )
        })
    }

    /// # Errors
    /// [`Error::Config`] when the configuration has no APIv3 key.
    pub(crate) fn apiv3_keys(&self) -> Result<&[Secret]> {
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
    pub(crate) downloads: Option<Downloads>,
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
pub(crate) struct Downloads {
    /// How long after one fetch the next one is due.
    pub(crate) every: Duration,
    /// How long after one fetch, failed ones too, no other is made.
    pub(crate) floor: Duration,
    /// Where they are, relative to `base_uri`.
    pub(crate) path: String,
}

/// The merchant's certificate as it is shown over TLS, and the connections that have shown it.
pub(crate) struct Security {
    pub(crate) certificate: Certificate,
    pub(crate) shown: Arc<ClientCertificate>,
    agents: OnceLock<Agents>,
}

impl Security {
    pub(crate) fn new(certificate: Certificate, shown: ClientCertificate) -> Security {
        Security { certificate, shown: Arc::new(shown), agents: OnceLock::new() }
    }

    /// The agents of its calls, made when the first one comes.
    ///
    /// # Errors
    /// As [`Agents::new`].
    pub(crate) fn agents(&self, defaults: &Options) -> Result<&Agents> {
        if let Some(agents) = self.agents.get() {
            return Ok(agents);
        }
        let agents = Agents::new(defaults, Some(&self.shown))?;
        Ok(self.agents.get_or_init(|| agents))
    }
}

impl fmt::Debug for Security {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Security").field(&self.certificate).finish()
    }
}

/// A symmetric key of 32 bytes: the APIv2 key or an APIv3 key. Overwritten when it is dropped.
#[derive(Clone, PartialEq)]
pub(crate) struct Secret(pub(crate) Zeroizing<String>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
