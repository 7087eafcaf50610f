//! The platform's keys: which one signed, which one a request names, which one a field is encrypted for.

use std::collections::{BTreeMap, BTreeSet};

use crate::crypto::certificate::Certificate;
use crate::crypto::decode_base64;
use crate::crypto::key::PublicKey;
use crate::crypto::rsa::verify_bytes;
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
    /// The serials of the last fetch: what else was fetched verifies until it expires, but is no longer the platform's.
    pub(crate) listed: BTreeSet<String>,
    pub(crate) announcement: Announcement,
}

/// The built-in verifier.
impl Verifier for PlatformKeys {
    fn verify(&self, serial: &str, message: &[u8], signature: &str) -> anyhow::Result<bool> {
        let now = Formatter::timestamp();
        let Some(known) = self.find(serial, now) else {
            let known = self.ids(now).into_iter().map(str::to_owned).collect();
            anyhow::bail!(VerificationFailure::SerialUnknown { serial: serial.to_owned(), known });
        };
        let Some(signature) = decode_base64(signature) else {
            anyhow::bail!(VerificationFailure::SignatureNotBase64);
        };
        Ok(verify_bytes(message, &signature, &known.key.0))
    }
}

/// A key, and the certificate that it came in.
#[derive(Clone, Debug)]
pub(crate) struct PlatformKey {
    pub(crate) key: PublicKey,
    pub(crate) certificate: Option<Certificate>,
}

impl PlatformKey {
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

/// What requests say in `Wechatpay-Serial`, the key that the platform is to answer with.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Announcement {
    /// The only configured key; where none is configured, the newest certificate of the last fetch.
    #[default]
    Single,
    /// This one.
    Preferred(String),
    Nothing,
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

    /// Whether one of them can verify anything at this moment.
    pub(crate) fn has_valid(&self, now: i64) -> bool {
        self.configured.values().chain(self.downloaded.values()).any(|key| key.is_valid(now))
    }

    /// What requests say in `Wechatpay-Serial`.
    pub(crate) fn announced(&self, now: i64) -> Option<&str> {
        match self.announcement {
            Announcement::Nothing => None,
            _ => self.chosen(now),
        }
    }

    /// The key that fields are encrypted for, with its id: the one that the request names, or the chosen one.
    ///
    /// # Errors
    /// [`Error::Options`] when the request names another one than is chosen, or an unknown one, and when none is
    /// named and several could be meant.
    pub(crate) fn for_encryption(&self, named: Option<&str>, now: i64) -> Result<(&str, &PublicKey)> {
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
        let in_configured = self.configured.get_key_value(id);
        match in_configured.or_else(|| self.downloaded.get_key_value(id)).filter(|(_, key)| key.is_valid(now)) {
            Some((id, key)) => Ok((id, &key.key)),
            None => Err(Error::Options(format!(
                "`encrypt`: {:?} is none of the platform's keys that are known ({})",
                redact::name(id),
                known()
            ))),
        }
    }

    /// The preferred key, or the one that stands out.
    fn chosen(&self, now: i64) -> Option<&str> {
        if let Announcement::Preferred(id) = &self.announcement {
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
