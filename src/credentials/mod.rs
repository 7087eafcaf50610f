//! What speaks for one merchant, as it is given: settings that are not checked yet.

mod check;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::crypto::rsa::KeySource;
use crate::error::{Error, Result};
use crate::identity::{Downloads, Identity};
use crate::options::kind;
use crate::platform_keys::Announcement;
use crate::redact;
use crate::signature::{Signer, Verifier};

/// How long after one fetch of certificates the next one is due, where nothing else is said.
const EVERY: Duration = Duration::from_secs(10 * 60 * 60);

/// How long no other fetch follows one, where nothing else is said.
const FLOOR: Duration = Duration::from_secs(60);

/// Where the platform's certificates are, where nothing else is said.
const PATH: &str = "v3/certificates";

/// What speaks for one merchant: what [`Builder`](crate::Builder) takes beside the settings of connections, what
/// [`Chain::for_merchant`](crate::Chain::for_merchant) makes another merchant of, and what
/// [`Chain::rotate`](crate::Chain::rotate) replaces.
///
/// A JSON object becomes one by itself. `Debug` shows no key.
///
/// | setting | value |
/// | --- | --- |
/// | `mchid` | the merchant's id, a string |
/// | `serial` | the serial of the merchant's API certificate, in hex |
/// | `privateKey` | the merchant's private key: any form of [`Rsa::from`](crate::Rsa::from), `[key, passphrase]` too |
/// | `certs` | object of the platform's keys: serial of a certificate or `PUB_KEY_ID_…`, and any form of [`Rsa::from`](crate::Rsa::from) |
/// | `wechatpay_serial` | which of the platform's keys requests name in `Wechatpay-Serial` and fields are encrypted for; `false`: requests name none. By default it is the only one in `certs`, where that is empty the newest of the last fetch |
/// | `apiv3Key` | the APIv3 key of 32 bytes, for certificates and notifications; a list of two while it is changed |
/// | `downloadCerts` | `true`: the platform's certificates are fetched and kept up to date; or an object of `every` and `floor` in seconds, and `path` |
/// | `secret` | the APIv2 key of 32 bytes, for paths under `v2/` |
/// | `merchant` | object of `cert` and `key`: the merchant's certificate for APIv2 calls with `security`; paths or PEM, the key also as `[key, passphrase]` |
///
/// ```
/// use wechatpay::{Credentials, json};
///
/// let credentials = Credentials::from(json!({ "mchid": "1900000109", "privateKey": "file:///path/to/apiclient_key.pem" }));
/// assert!(format!("{credentials:?}").contains("1900000109"));
/// ```
#[derive(Clone, Default)]
pub struct Credentials {
    mchid: Option<String>,
    serial: Option<String>,
    private_key: Option<KeySource>,
    signer: Option<Arc<dyn Signer>>,
    certs: BTreeMap<String, KeySource>,
    verifier: Option<Arc<dyn Verifier>>,
    announcement: Option<Announcement>,
    apiv3_keys: Vec<Zeroizing<String>>,
    /// The inner one is none when they are not to be fetched.
    downloads: Option<Option<Downloads>>,
    secret: Option<Zeroizing<String>>,
    merchant_cert: Option<String>,
    merchant_key: Option<KeySource>,
    /// The first thing that was wrong with the JSON form.
    wrong: Option<String>,
}

impl Credentials {
    /// Nothing is set yet.
    pub fn new() -> Credentials {
        Credentials::default()
    }

    /// Sets the merchant's id.
    #[must_use]
    pub fn mchid(mut self, mchid: impl Into<String>) -> Credentials {
        self.mchid = Some(mchid.into());
        self
    }

    /// Sets the serial of the merchant's API certificate.
    #[must_use]
    pub fn serial(mut self, serial: impl Into<String>) -> Credentials {
        self.serial = Some(serial.into());
        self
    }

    /// Sets the merchant's private key: any form of [`Rsa::from`](crate::Rsa::from).
    #[must_use]
    pub fn private_key(mut self, key: impl Into<KeySource>) -> Credentials {
        self.private_key = Some(key.into());
        self
    }

    /// Sets who signs, in place of a private key.
    #[must_use]
    pub fn signer(mut self, signer: impl Signer + 'static) -> Credentials {
        self.signer = Some(Arc::new(signer));
        self
    }

    /// Adds a key of the platform under the serial of its certificate or its `PUB_KEY_ID_…`.
    #[must_use]
    pub fn cert(mut self, id: impl Into<String>, key: impl Into<KeySource>) -> Credentials {
        self.add_cert(id.into(), key.into());
        self
    }

    /// Sets who verifies, in place of the platform's keys.
    #[must_use]
    pub fn verifier(mut self, verifier: impl Verifier + 'static) -> Credentials {
        self.verifier = Some(Arc::new(verifier));
        self
    }

    /// Sets which of the platform's keys requests name in `Wechatpay-Serial`: its id; `false` for none.
    #[must_use]
    pub fn wechatpay_serial(self, id: impl Into<Value>) -> Credentials {
        self.with("wechatpay_serial", id.into())
    }

    /// Adds an APIv3 key, of 32 bytes; two are enough for the time in which it is changed.
    #[must_use]
    pub fn apiv3_key(mut self, key: impl Into<String>) -> Credentials {
        self.apiv3_keys.push(key.into().into());
        self
    }

    /// `true`: the platform's certificates are fetched with the APIv3 key and kept up to date; or an object of
    /// `every` and `floor` in seconds (36,000 and 60), and `path` (`v3/certificates`).
    #[must_use]
    pub fn download_certs(self, downloads: impl Into<Value>) -> Credentials {
        self.with("downloadCerts", downloads.into())
    }

    /// Sets the APIv2 key, of 32 bytes.
    #[must_use]
    pub fn secret(mut self, secret: impl Into<String>) -> Credentials {
        self.secret = Some(secret.into().into());
        self
    }

    /// Sets the merchant's API certificate and its key, which APIv2 calls with `security` show: paths of PEM
    /// files or their text; the key in any form of [`Rsa::from`](crate::Rsa::from).
    #[must_use]
    pub fn merchant(mut self, cert: impl Into<String>, key: impl Into<KeySource>) -> Credentials {
        self.merchant_cert = Some(cert.into());
        self.merchant_key = Some(key.into());
        self
    }

    /// Reads and checks all of them, once; what is not set is what the current one has, when there is one.
    ///
    /// # Errors
    /// [`Error::Config`] names the first of `mchid`, `serial`, `privateKey` and `certs` that is missing, a key that
    /// cannot be read, or what contradicts something else.
    pub(crate) fn check(self, current: Option<&Identity>) -> Result<Identity> {
        match self.wrong {
            Some(what) => Err(Error::Config(what)),
            None => check::identity(self, current),
        }
    }

    fn with(mut self, name: &str, value: Value) -> Credentials {
        match self.set(name, value) {
            Ok(_) => {}
            Err(what) => drop(self.wrong.get_or_insert(what)),
        }
        self
    }

    /// Serials in hex are capitals in what the platform sends.
    fn add_cert(&mut self, id: String, key: KeySource) {
        let is_hex = id.bytes().all(|byte| byte.is_ascii_hexdigit());
        self.certs.insert(if is_hex { id.to_ascii_uppercase() } else { id }, key);
    }

    /// Takes a setting; gives the value back when the name is none.
    pub(crate) fn set(&mut self, name: &str, value: Value) -> Result<Option<Value>, String> {
        match name {
            "mchid" => self.mchid = text(name, value)?,
            "serial" => self.serial = text(name, value)?,
            "secret" => self.secret = text(name, value)?.map(Zeroizing::new),
            "privateKey" => self.private_key = key_source(name, value)?,
            "certs" => match value {
                Value::Object(certs) => {
                    for (id, value) in certs {
                        let name = format!("certs.{}", redact::name(&id));
                        let Some(source) = key_source(&name, value)? else {
                            return Err(format!("`{name}` is null, it must be a key"));
                        };
                        self.add_cert(id, source);
                    }
                }
                Value::Null => {}
                Value::Array(list) if list.is_empty() => {}
                other => {
                    return Err(format!("`certs` must be an object of id and key, not {}", kind(&other)));
                }
            },
            "wechatpay_serial" => match value {
                Value::String(id) => self.announcement = Some(Announcement::Preferred(id)),
                Value::Bool(false) => self.announcement = Some(Announcement::Nothing),
                Value::Bool(true) => self.announcement = Some(Announcement::Single),
                Value::Null => {}
                other => {
                    return Err(format!("`{name}` must be the id of a key, or false, not {}", kind(&other)));
                }
            },
            "apiv3Key" => {
                let keys = match value {
                    Value::Array(keys) => keys,
                    key => vec![key],
                };
                for key in keys {
                    self.apiv3_keys.extend(text(name, key)?.map(Zeroizing::new));
                }
            }
            "downloadCerts" => match value {
                Value::Bool(false) => self.downloads = Some(None),
                Value::Bool(true) => self.downloads = Some(Some(downloads(Map::new())?)),
                Value::Object(settings) => self.downloads = Some(Some(downloads(settings)?)),
                Value::Null => {}
                other => return Err(format!("`{name}` must be true, false or an object, not {}", kind(&other))),
            },
            "merchant" => match value {
                Value::Object(mut entries) => {
                    let cert = entries.remove("cert").unwrap_or_default();
                    self.merchant_cert = text("merchant.cert", cert)?;
                    self.merchant_key = key_source("merchant.key", entries.remove("key").unwrap_or_default())?;
                    if let Some(unknown) = entries.keys().next() {
                        let unknown = redact::name(unknown);
                        return Err(format!("`merchant.{unknown}` is no setting, there are `cert` and `key`"));
                    }
                }
                Value::Null => {}
                other => {
                    return Err(format!("`merchant` must be an object of cert and key, not {}", kind(&other)));
                }
            },
            _ => return Ok(Some(value)),
        }
        Ok(None)
    }
}

impl From<Value> for Credentials {
    fn from(value: Value) -> Credentials {
        let mut credentials = Credentials::default();
        let Value::Object(entries) = value else {
            credentials.wrong = Some(format!("credentials must be an object, not {}", kind(&value)));
            return credentials;
        };
        for (name, value) in entries {
            let wrong = match credentials.set(&name, value) {
                Ok(None) => continue,
                Ok(Some(_)) => format!(
                    "`{}` is no credential; there are mchid, serial, privateKey, certs, wechatpay_serial, apiv3Key, \
                     downloadCerts, secret, merchant",
                    redact::name(&name)
                ),
                Err(what) => what,
            };
            credentials.wrong.get_or_insert(wrong);
        }
        credentials
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("mchid", &self.mchid.as_deref().map(redact::name))
            .field("serial", &self.serial.as_deref().map(redact::name))
            .field("private_key", &self.private_key)
            .field("certs", &self.certs.iter().map(|(id, key)| (redact::name(id), key)).collect::<BTreeMap<_, _>>())
            .finish_non_exhaustive()
    }
}

fn text(name: &str, value: Value) -> Result<Option<String>, String> {
    match value {
        Value::String(text) => Ok(Some(text)),
        Value::Null => Ok(None),
        other => Err(format!("`{name}` must be a string, not {}", kind(&other))),
    }
}

/// A key of the JSON form: a string, or `[string, passphrase]`.
fn key_source(name: &str, value: Value) -> Result<Option<KeySource>, String> {
    let wrong =
        |value: &Value| Err(format!("`{name}` must be a string or a list of key and passphrase, not {}", kind(value)));
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.into())),
        Value::Array(list) => match <[Value; 2]>::try_from(list) {
            Ok([Value::String(text), Value::String(passphrase)]) => Ok(Some((text, passphrase).into())),
            _ => wrong(&Value::Array(Vec::new())),
        },
        other => wrong(&other),
    }
}

fn downloads(mut settings: Map<String, Value>) -> Result<Downloads, String> {
    let mut seconds = |name: &str, default: Duration| match settings.remove(name) {
        None | Some(Value::Null) => Ok(default),
        Some(value) => match value.as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) {
            Some(duration) => Ok(duration),
            None => Err(format!("`downloadCerts.{name}` must be a number of seconds, 0 or more, not {}", kind(&value))),
        },
    };
    let (every, floor) = (seconds("every", EVERY)?, seconds("floor", FLOOR)?);
    let path = text("downloadCerts.path", settings.remove("path").unwrap_or_default())?;
    match settings.keys().next() {
        Some(unknown) => {
            let unknown = redact::name(unknown);
            Err(format!("`downloadCerts.{unknown}` is no setting, there are `every`, `floor` and `path`"))
        }
        None => Ok(Downloads { every, floor, path: path.unwrap_or_else(|| PATH.to_owned()) }),
    }
}
