//! The platform's keys: which one signed, which one a request names, and which one a field is encrypted for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::crypto::certificate::Certificate;
use crate::crypto::decode_base64;
use crate::crypto::key::PublicKey;
use crate::error::{Error, Result, VerificationFailure};
use crate::keys::signature::Verifier;
use crate::redact;
use crate::text::formatter::Formatter;

/// What the ids of public keys begin with; those of certificates are their serials.
pub(crate) const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_";

/// The platform's keys by serial or key id.
#[derive(Clone, Debug, Default)]
pub(crate) struct PlatformKeys {
    /// Those of the configuration.
    pub(crate) configured: BTreeMap<String, PlatformKey>,
    /// Those that were fetched.
    pub(crate) downloaded: BTreeMap<String, PlatformKey>,
    /// The serials of the last fetch. Certificates of earlier fetches verify until they expire, but the platform no longer
    /// uses them.
    pub(crate) listed: BTreeSet<String>,
    /// Which of them requests name.
    pub(crate) named: WechatpaySerial,
}

/// The built-in verifier.
impl Verifier for PlatformKeys {
    fn verify(&self, serial: &str, message: &[u8], signature: &str) -> anyhow::Result<bool> {
        let now = Formatter::timestamp();
        let Some(known) = self.find(serial, now) else {
            let known = self.ids(now).into_iter().map(str::to_owned).collect();
            anyhow::bail!(VerificationFailure::SerialUnknown { serial: serial.to_owned(), known });
        };
        Ok(known.verify(message, signature)?)
    }

    fn encrypt(&self, serial: &str, plaintext: &str) -> anyhow::Result<String> {
        match self.find(serial, Formatter::timestamp()) {
            Some(known) => Ok(known.key.encrypt(plaintext.as_bytes())?),
            None => anyhow::bail!("{:?} is not one of the platform's keys", redact::name(serial)),
        }
    }
}

/// A key, and the certificate that it came in.
#[derive(Clone, Debug)]
pub(crate) struct PlatformKey {
    pub(crate) key: PublicKey,
    pub(crate) certificate: Option<Certificate>,
}

impl PlatformKey {
    /// Whether the signature, in base64, was made with this key.
    ///
    /// # Errors
    /// If it is not base64.
    pub(crate) fn verify(&self, message: &[u8], signature: &str) -> Result<bool, VerificationFailure> {
        let signature = decode_base64(signature).ok_or(VerificationFailure::SignatureNotBase64)?;
        Ok(self.key.verify(message, &signature))
    }

    /// Whether it may be used at this moment, in Unix seconds. A bare public key always may.
    pub(crate) fn is_valid(&self, now: i64) -> bool {
        let holds = |certificate: &Certificate| (certificate.not_before()..=certificate.not_after()).contains(&now);
        self.certificate.as_ref().is_none_or(holds)
    }

    /// When its certificate became valid, in Unix seconds.
    pub(crate) fn begins(&self) -> i64 {
        self.certificate.as_ref().map_or(0, Certificate::not_before)
    }
}

/// Which of the platform's keys requests name in the header `Wechatpay-Serial`, for the platform to answer with: the setting
/// `wechatpay_serial` of [`Credentials`](crate::Credentials).
///
/// A text can be passed for [`Named`](WechatpaySerial::Named), `false` for [`Omitted`](WechatpaySerial::Omitted), and `true`
/// for [`Single`](WechatpaySerial::Single).
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WechatpaySerial {
    /// The only key in `certs` or, if that is empty, the newest certificate of the last fetch.
    #[default]
    Single,
    /// The key of this id.
    Named(String),
    /// No key: the header is left out.
    Omitted,
}

/// Shows the id, unless it is a key by mistake.
impl fmt::Debug for WechatpaySerial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WechatpaySerial::Single => f.write_str("Single"),
            WechatpaySerial::Named(id) => f.debug_tuple("Named").field(&redact::name(id)).finish(),
            WechatpaySerial::Omitted => f.write_str("Omitted"),
        }
    }
}

impl From<&str> for WechatpaySerial {
    fn from(id: &str) -> WechatpaySerial {
        WechatpaySerial::Named(id.to_owned())
    }
}

impl From<String> for WechatpaySerial {
    fn from(id: String) -> WechatpaySerial {
        WechatpaySerial::Named(id)
    }
}

impl From<bool> for WechatpaySerial {
    fn from(is_named: bool) -> WechatpaySerial {
        if is_named { WechatpaySerial::Single } else { WechatpaySerial::Omitted }
    }
}

impl PlatformKeys {
    /// The key of this id, unless it has expired.
    pub(crate) fn find(&self, id: &str, now: i64) -> Option<&PlatformKey> {
        self.configured.get(id).or_else(|| self.downloaded.get(id)).filter(|key| key.is_valid(now))
    }

    /// All ids that [`find`](PlatformKeys::find) finds, each once.
    pub(crate) fn ids(&self, now: i64) -> Vec<&str> {
        let new = self.downloaded.iter().filter(|(id, _)| !self.configured.contains_key(*id));
        self.configured.iter().chain(new).filter(|(_, key)| key.is_valid(now)).map(|(id, _)| id.as_str()).collect()
    }

    /// Whether at least one of them is valid at this moment.
    pub(crate) fn has_valid(&self, now: i64) -> bool {
        self.configured.values().chain(self.downloaded.values()).any(|key| key.is_valid(now))
    }

    /// The id that requests name in `Wechatpay-Serial`.
    pub(crate) fn announced(&self, now: i64) -> Option<&str> {
        match self.named {
            WechatpaySerial::Omitted => None,
            _ => self.chosen(now),
        }
    }

    /// See [`Platform::for_encryption`](crate::keys::identity::Platform::for_encryption).
    pub(super) fn for_encryption<'a>(&'a self, named: Option<&'a str>, now: i64) -> Result<&'a str> {
        let known = || match self.ids(now) {
            ids if ids.is_empty() => "none".to_owned(),
            ids => ids.into_iter().map(redact::name).collect::<Vec<_>>().join(", "),
        };
        let id = match (named, self.chosen(now)) {
            (Some(named), Some(chosen)) if named != chosen => {
                return Err(Error::Options(format!(
                    "`headers`: Wechatpay-Serial names the key {:?}, but `encrypt` uses {}; leave the header out",
                    redact::name(named),
                    redact::name(chosen)
                )));
            }
            (Some(named), _) => named,
            (None, Some(chosen)) => chosen,
            (None, None) => {
                return Err(Error::Options(format!(
                    "`encrypt` needs to know for which of the platform's keys ({}): name one in the setting \
                     `wechatpay_serial`, or in the header Wechatpay-Serial",
                    known()
                )));
            }
        };
        match self.find(id, now) {
            Some(_) => Ok(id),
            None => Err(Error::Options(format!(
                "`encrypt`: {:?} is not one of the known keys of the platform ({})",
                redact::name(id),
                known()
            ))),
        }
    }

    /// The named key, or the one that `Single` stands for.
    fn chosen(&self, now: i64) -> Option<&str> {
        if let WechatpaySerial::Named(id) = &self.named {
            return Some(id);
        }
        let mut configured = self.configured.iter().filter(|(_, key)| key.is_valid(now));
        match (configured.next(), configured.next()) {
            (Some((id, _)), None) => Some(id),
            (Some(_), Some(_)) => None,
            (None, _) => self.newest(now),
        }
    }

    /// The certificate of the last fetch that became valid last.
    fn newest(&self, now: i64) -> Option<&str> {
        let listed = self.downloaded.iter().filter(|(id, _)| self.listed.contains(*id));
        let valid = listed.filter(|(_, key)| key.is_valid(now));
        valid.max_by_key(|(_, key)| key.begins()).map(|(id, _)| id.as_str())
    }
}
