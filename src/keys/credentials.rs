//! The keys and identity of one merchant, as given: settings that are not checked yet.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::crypto::source::KeySource;
use crate::error::Result;
use crate::keys::downloads::DownloadCerts;
use crate::keys::platform_keys::WechatpaySerial;
use crate::keys::signature::{Signer, Verifier};
use crate::redact;
use crate::text::nearest;
use crate::text::value::kind;

/// The keys and identity of one merchant: for [`Builder`](crate::Builder),
/// [`Chain::for_merchant`](crate::Chain::for_merchant) and [`Chain::rotate`](crate::Chain::rotate).
///
/// A JSON object can be passed in its place. `Debug` shows no key.
///
/// | setting | value |
/// | --- | --- |
/// | `mchid` | the merchant's id, a string |
/// | `serial` | the serial of the merchant's API certificate, in hex |
/// | `privateKey` | the merchant's private key: any form of [`Rsa::from`](crate::Rsa::from), `[key, passphrase]` too; or `file://` and the path of `apiclient_cert.p12`, and then `serial` may be left out |
/// | `certs` | object of the platform's keys: serial of a certificate or `PUB_KEY_ID_…`, and any form of [`Rsa::from`](crate::Rsa::from) |
/// | `wechatpay_serial` | which of the platform's keys requests name in `Wechatpay-Serial` and fields are encrypted for; `false`: requests name none. By default the only one in `certs` or, if that is empty, the newest of the last fetch |
/// | `apiv3Key` | the APIv3 key of 32 bytes, for certificates and notifications; a list of two while it is being changed |
/// | `downloadCerts` | `true`: the platform's certificates are fetched and kept up to date; or an object of `every` and `floor` in seconds, and `path` |
/// | `secret` | the APIv2 key of 32 bytes, for paths under `v2/` |
/// | `merchant` | object of `cert` and `key`: the merchant's certificate for APIv2 calls with `security`; paths or PEM, the key also as `[key, passphrase]`; or of `p12`, the path of `apiclient_cert.p12`, and `passphrase`, by default `mchid` |
///
/// ```
/// use wechatpay::{Credentials, json};
///
/// let credentials = Credentials::from(json!({ "mchid": "1900000109", "privateKey": "file:///path/to/apiclient_key.pem" }));
/// assert!(format!("{credentials:?}").contains("1900000109"));
/// ```
#[derive(Clone, Default)]
pub struct Credentials {
    pub(super) mchid: Option<String>,
    pub(super) serial: Option<String>,
    pub(super) private_key: Option<KeySource>,
    pub(super) signer: Option<Arc<dyn Signer>>,
    /// A key that is null is refused later, when it is known what it would be for.
    pub(super) certs: BTreeMap<String, Option<KeySource>>,
    pub(super) verifier: Option<Arc<dyn Verifier>>,
    pub(super) named_key: Option<WechatpaySerial>,
    pub(super) apiv3_keys: Vec<Zeroizing<String>>,
    pub(super) downloads: Option<DownloadCerts>,
    pub(super) secret: Option<Zeroizing<String>>,
    pub(super) merchant: Option<Merchant>,
    /// The first thing that was wrong with the JSON form.
    pub(super) wrong: Option<String>,
}

/// Where the merchant's certificate and its key come from.
#[derive(Clone)]
pub(super) enum Merchant {
    Pem {
        cert: String,
        key: KeySource,
    },
    /// The path of a PKCS#12 file, with its passphrase unless that is the merchant's number.
    P12(KeySource),
}

impl Credentials {
    /// Empty credentials.
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

    /// Sets a signer, in place of a private key.
    #[must_use]
    pub fn signer(mut self, signer: impl Signer + 'static) -> Credentials {
        self.signer = Some(Arc::new(signer));
        self
    }

    /// Adds a key of the platform under the serial of its certificate or its `PUB_KEY_ID_…`.
    #[must_use]
    pub fn cert(mut self, id: impl Into<String>, key: impl Into<KeySource>) -> Credentials {
        self.add_cert(id.into(), Some(key.into()));
        self
    }

    /// Sets a verifier, in place of the platform's keys.
    #[must_use]
    pub fn verifier(mut self, verifier: impl Verifier + 'static) -> Credentials {
        self.verifier = Some(Arc::new(verifier));
        self
    }

    /// Sets the key of the platform that requests name in `Wechatpay-Serial` and fields are encrypted for, by its id; with
    /// `false`, requests name no key.
    #[must_use]
    pub fn wechatpay_serial(mut self, id: impl Into<WechatpaySerial>) -> Credentials {
        self.named_key = Some(id.into());
        self
    }

    /// Adds an APIv3 key (32 bytes). Give the old and the new one while it is being changed; both are tried.
    #[must_use]
    pub fn apiv3_key(mut self, key: impl Into<String>) -> Credentials {
        self.apiv3_keys.push(key.into().into());
        self
    }

    /// With `true`, the platform's certificates are fetched with the APIv3 key and kept up to date; a [`DownloadCerts`] says
    /// when and from where.
    #[must_use]
    pub fn download_certs(mut self, downloads: impl Into<DownloadCerts>) -> Credentials {
        self.downloads = Some(downloads.into());
        self
    }

    /// Sets the APIv2 key (32 bytes).
    #[must_use]
    pub fn secret(mut self, secret: impl Into<String>) -> Credentials {
        self.secret = Some(secret.into().into());
        self
    }

    /// Sets the merchant's API certificate and its key, which APIv2 calls with `security` present: paths of PEM files or
    /// their text; the key in any form of [`Rsa::from`](crate::Rsa::from).
    #[must_use]
    pub fn merchant(mut self, cert: impl Into<String>, key: impl Into<KeySource>) -> Credentials {
        self.merchant = Some(Merchant::Pem { cert: cert.into(), key: key.into() });
        self
    }

    /// Like [`merchant`](Credentials::merchant), from the path of a PKCS#12 file such as `apiclient_cert.p12`. Without a
    /// passphrase it is opened with the merchant's number, which the platform has chosen for it.
    ///
    /// ```
    /// use wechatpay::Credentials;
    ///
    /// let path = "/path/to/merchant/apiclient_cert.p12";
    /// let credentials = Credentials::new()
    ///     .mchid("1900000109")
    ///     .private_key(format!("file://{path}"))
    ///     .merchant_p12(path, None);
    /// # let _ = credentials;
    /// ```
    #[must_use]
    pub fn merchant_p12(mut self, path: impl Into<String>, passphrase: Option<&str>) -> Credentials {
        self.merchant = Some(Merchant::p12(path.into(), passphrase.map(str::to_owned)));
        self
    }

    /// These settings override those that were given before; `certs` and APIv3 keys are added to them.
    pub(crate) fn or(mut self, before: Credentials) -> Credentials {
        let (mut certs, mut apiv3_keys) = (before.certs, before.apiv3_keys);
        certs.append(&mut self.certs);
        apiv3_keys.append(&mut self.apiv3_keys);
        Credentials {
            mchid: self.mchid.or(before.mchid),
            serial: self.serial.or(before.serial),
            private_key: self.private_key.or(before.private_key),
            signer: self.signer.or(before.signer),
            certs,
            verifier: self.verifier.or(before.verifier),
            named_key: self.named_key.or(before.named_key),
            apiv3_keys,
            downloads: self.downloads.or(before.downloads),
            secret: self.secret.or(before.secret),
            merchant: self.merchant.or(before.merchant),
            wrong: before.wrong.or(self.wrong),
        }
    }

    /// The platform sends hex serials in uppercase.
    fn add_cert(&mut self, id: String, key: Option<KeySource>) {
        let is_hex = id.bytes().all(|byte| byte.is_ascii_hexdigit());
        self.certs.insert(if is_hex { id.to_ascii_uppercase() } else { id }, key);
    }

    /// Takes a setting; returns the value if this is not the name of one.
    pub(crate) fn set(&mut self, name: &str, value: Value) -> Result<Option<Value>, String> {
        let Some(setting) = SETTINGS.iter().find(|setting| setting.name == name) else { return Ok(Some(value)) };
        if !value.is_null() {
            (setting.take)(self, value)?;
        }
        Ok(None)
    }

    fn set_certs(&mut self, value: Value) -> Result<(), String> {
        let certs = match value {
            Value::Object(certs) => certs,
            // What an empty array of PHP becomes.
            Value::Array(list) if list.is_empty() => return Ok(()),
            other => return Err(format!("`certs` must be an object of id and key, not {}", kind(&other))),
        };
        for (id, value) in certs {
            let name = format!("certs.{}", redact::name(&id));
            let key = Some(value).filter(|value| !value.is_null()).map(|value| key_source(&name, value)).transpose()?;
            self.add_cert(id, key);
        }
        Ok(())
    }
}

impl Merchant {
    fn p12(path: String, passphrase: Option<String>) -> Merchant {
        let source = KeySource::from(path).or_path();
        Merchant::P12(match passphrase {
            Some(passphrase) => source.with_passphrase(passphrase),
            None => source,
        })
    }

    /// `None` if all of its entries are left out.
    fn from_json(value: Value) -> Result<Option<Merchant>, String> {
        let Value::Object(mut entries) = value else {
            return Err(format!("`merchant` must be an object of cert and key, or of p12, not {}", kind(&value)));
        };
        let mut entry = |name: &str| entries.remove(name).filter(|value| !value.is_null());
        let (cert, key, p12, passphrase) = (entry("cert"), entry("key"), entry("p12"), entry("passphrase"));
        if let Some(unknown) = entries.keys().next() {
            let unknown = redact::name(unknown);
            return Err(format!(
                "`merchant.{unknown}` is not a setting, there are `cert` and `key`, or `p12` and `passphrase`"
            ));
        }
        match (cert, key, p12, passphrase) {
            (Some(cert), Some(key), None, None) => {
                Ok(Some(Merchant::Pem { cert: text("merchant.cert", cert)?, key: key_source("merchant.key", key)? }))
            }
            (None, None, Some(p12), passphrase) => {
                let passphrase = passphrase.map(|passphrase| text("merchant.passphrase", passphrase)).transpose()?;
                Ok(Some(Merchant::p12(text("merchant.p12", p12)?, passphrase)))
            }
            (Some(_), None, None, None) => {
                Err("`merchant.key`, the key of the merchant's certificate, is missing".into())
            }
            (_, _, Some(_), _) => Err("`merchant.p12` holds both the certificate and its key, give it alone".into()),
            (_, _, None, Some(_)) => {
                Err("`merchant.passphrase` is that of `merchant.p12`; the one of a key is given as [key, passphrase]"
                    .into())
            }
            (None, None, None, None) => Ok(None),
            (None, Some(_), None, None) => Err("`merchant.cert`, the merchant's certificate, is missing".into()),
        }
    }
}

/// A setting, and how to set it from JSON other than null.
struct Setting {
    name: &'static str,
    take: fn(&mut Credentials, Value) -> Result<(), String>,
}

/// In the order of the documentation.
static SETTINGS: [Setting; 9] = [
    Setting { name: "mchid", take: |given, value| text("mchid", value).map(|mchid| given.mchid = Some(mchid)) },
    Setting { name: "serial", take: |given, value| text("serial", value).map(|serial| given.serial = Some(serial)) },
    Setting {
        name: "privateKey",
        take: |given, value| key_source("privateKey", value).map(|key| given.private_key = Some(key)),
    },
    Setting { name: "certs", take: Credentials::set_certs },
    Setting {
        name: "wechatpay_serial",
        take: |given, value| {
            given.named_key = Some(match value {
                Value::String(id) => id.into(),
                Value::Bool(is_named) => is_named.into(),
                other => {
                    return Err(format!("`wechatpay_serial` must be the id of a key, or false, not {}", kind(&other)));
                }
            });
            Ok(())
        },
    },
    Setting {
        name: "apiv3Key",
        take: |given, value| {
            let keys = match value {
                Value::Array(keys) => keys,
                key => vec![key],
            };
            for key in keys.into_iter().filter(|key| !key.is_null()) {
                given.apiv3_keys.push(text("apiv3Key", key)?.into());
            }
            Ok(())
        },
    },
    Setting {
        name: "downloadCerts",
        take: |given, value| {
            given.downloads = Some(match value {
                Value::Bool(fetches) => fetches.into(),
                Value::Object(settings) => downloads(settings)?,
                other => {
                    return Err(format!("`downloadCerts` must be true, false or an object, not {}", kind(&other)));
                }
            });
            Ok(())
        },
    },
    Setting { name: "secret", take: |given, value| text("secret", value).map(|key| given.secret = Some(key.into())) },
    Setting {
        name: "merchant",
        take: |given, value| Merchant::from_json(value).map(|merchant| given.merchant = merchant),
    },
];

/// The names of all settings, for a message.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    SETTINGS.iter().map(|setting| setting.name)
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
                Ok(Some(_)) => {
                    let (hint, names) = (nearest::hint(&name, names()), names().collect::<Vec<_>>().join(", "));
                    format!("`{}` is not a credential{hint}; there are {names}", redact::name(&name))
                }
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

fn text(name: &str, value: Value) -> Result<String, String> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(format!("`{name}` must be a string, not {}", kind(&other))),
    }
}

/// A key of the JSON form: a string, or `[string, passphrase]`.
fn key_source(name: &str, value: Value) -> Result<KeySource, String> {
    let wrong =
        |value: &Value| Err(format!("`{name}` must be a string or a list of key and passphrase, not {}", kind(value)));
    match value {
        Value::String(text) => Ok(text.into()),
        Value::Array(list) => match <[Value; 2]>::try_from(list) {
            Ok([Value::String(text), Value::String(passphrase)]) => Ok((text, passphrase).into()),
            _ => wrong(&Value::Array(Vec::new())),
        },
        other => wrong(&other),
    }
}

fn downloads(mut settings: Map<String, Value>) -> Result<DownloadCerts, String> {
    let mut seconds = |name: &str| match settings.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()) {
            Some(duration) => Ok(Some(duration)),
            None => Err(format!("`downloadCerts.{name}` must be a number of seconds, 0 or more, not {}", kind(&value))),
        },
    };
    let mut downloads = DownloadCerts::new();
    if let Some(every) = seconds("every")? {
        downloads = downloads.every(every);
    }
    if let Some(floor) = seconds("floor")? {
        downloads = downloads.floor(floor);
    }
    if let Some(path) = settings.remove("path").filter(|path| !path.is_null()) {
        downloads = downloads.path(text("downloadCerts.path", path)?);
    }
    match settings.keys().next() {
        Some(unknown) => {
            let unknown = redact::name(unknown);
            Err(format!("`downloadCerts.{unknown}` is not a setting, there are `every`, `floor` and `path`"))
        }
        None => Ok(downloads),
    }
}
