//! From a configuration to an instance.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use openssl::x509::X509;
use serde_json::{Map, Value};
use ureq::tls::{Certificate, ClientCert, PrivateKey as TlsKey};

use crate::chain::Chain;
use crate::client::Client;

use crate::crypto::rsa::{self, KeySource, Rsa};
use crate::error::{Error, Result};
use crate::options::{self, Options};
use crate::signature::{Apiv3, Credentials, PlatformKeys, Secret, Signer, Verifier};

/// Makes instances (PHP: `WeChatPay\Builder`).
///
/// [`Builder::factory`] takes PHP's array as JSON; the setters do the same one by one. Keys are read
/// and parsed here, once.
///
/// ```
/// use wechatpay::{Builder, json};
/// # fn main() -> anyhow::Result<()> {
/// # let dir = std::env::temp_dir().join(format!("wechatpay-builder-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&dir)?;
/// # let rsa = openssl::rsa::Rsa::generate(2048)?;
/// # std::fs::write(dir.join("apiclient_key.pem"), rsa.private_key_to_pem()?)?;
/// # std::fs::write(dir.join("publickey.pem"), rsa.public_key_to_pem()?)?;
/// # let path = dir.display();
/// let instance = Builder::factory(json!({
///     "mchid": "1900000109",
///     "serial": "3775B6A45ACD588826D15E583A95F5DD12345678",
///     "privateKey": format!("file://{path}/apiclient_key.pem"),
///     "certs": { "PUB_KEY_ID_0114232134912410000000000000": format!("file://{path}/publickey.pem") },
/// }))?;
///
/// let the_same = Builder::new()
///     .mchid("1900000109")
///     .serial("3775B6A45ACD588826D15E583A95F5DD12345678")
///     .private_key(format!("file://{path}/apiclient_key.pem"))
///     .cert("PUB_KEY_ID_0114232134912410000000000000", format!("file://{path}/publickey.pem"))
///     .build()?;
/// # assert_eq!(instance.pathname(), the_same.pathname());
/// # std::fs::remove_dir_all(&dir)?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Builder {
    config: Config,
}

impl Builder {
    /// Nothing is set yet.
    pub fn new() -> Builder {
        Builder::default()
    }

    /// An instance from a configuration (PHP: `Builder::factory([...])`).
    ///
    /// | setting | value |
    /// | --- | --- |
    /// | `mchid` | the merchant's id, a string |
    /// | `serial` | the serial of the merchant's API certificate, in hex |
    /// | `privateKey` | the merchant's private key: any form of [`Rsa::from`], `[key, passphrase]` too |
    /// | `certs` | object of the platform's keys: serial of a certificate or `PUB_KEY_ID_…`, and any form of [`Rsa::from`] |
    /// | `secret` | the APIv2 key of 32 bytes, for paths under `v2/` |
    /// | `merchant` | object of `cert` and `key`: the merchant's certificate for APIv2 calls with `security`; paths or PEM, the key also as `[key, passphrase]` |
    /// | `allow_http` | `true` allows plain http to hosts that are not loopback |
    /// | any of [`Options`], such as `base_uri`, `timeout`, `proxy`, `headers` | the default of all calls |
    ///
    /// With `secret` and none of `serial`, `privateKey` and `certs`, the instance speaks APIv2 alone; `mchid`
    /// may be left out then, and is not checked against the data of calls.
    ///
    /// # Errors
    /// [`Error::Config`] names the first of `mchid`, `serial`, `privateKey` and `certs` that is missing,
    /// a key that cannot be read, or what contradicts something else.
    pub fn factory(config: impl Into<Config>) -> Result<Chain> {
        config.into().build()
    }

    /// Sets the merchant's id.
    #[must_use]
    pub fn mchid(mut self, mchid: impl Into<String>) -> Builder {
        self.config.mchid = Some(mchid.into());
        self
    }

    /// Sets the serial of the merchant's API certificate.
    #[must_use]
    pub fn serial(mut self, serial: impl Into<String>) -> Builder {
        self.config.serial = Some(serial.into());
        self
    }

    /// Sets the merchant's private key: any form of [`Rsa::from`].
    #[must_use]
    pub fn private_key(mut self, key: impl Into<KeySource>) -> Builder {
        self.config.private_key = Some(key.into());
        self
    }

    /// Adds a key of the platform under the serial of its certificate or its `PUB_KEY_ID_…`.
    #[must_use]
    pub fn cert(mut self, id: impl Into<String>, key: impl Into<KeySource>) -> Builder {
        self.config.certs.insert(id.into(), key.into());
        self
    }

    /// Sets the APIv2 key, of 32 bytes.
    #[must_use]
    pub fn secret(mut self, secret: impl Into<String>) -> Builder {
        self.config.secret = Some(secret.into());
        self
    }

    /// Sets the merchant's API certificate and its key, which APIv2 calls with `security` show: paths of PEM
    /// files or their text; the key in any form of [`Rsa::from`].
    #[must_use]
    pub fn merchant(mut self, cert: impl Into<String>, key: impl Into<KeySource>) -> Builder {
        self.config.merchant_cert = Some(cert.into());
        self.config.merchant_key = Some(key.into());
        self
    }

    /// Sets who signs, in place of a private key.
    #[must_use]
    pub fn signer(mut self, signer: impl Signer + 'static) -> Builder {
        self.config.signer = Some(Arc::new(signer));
        self
    }

    /// Sets who verifies, in place of the platform's keys.
    #[must_use]
    pub fn verifier(mut self, verifier: impl Verifier + 'static) -> Builder {
        self.config.verifier = Some(Arc::new(verifier));
        self
    }

    /// Sets the address that paths are resolved against; the default is `https://api.mch.weixin.qq.com/`.
    #[must_use]
    pub fn base_uri(self, base_uri: impl Into<String>) -> Builder {
        self.defaults(Options::new().base_uri(base_uri))
    }

    /// Allows plain http to hosts that are not loopback. Anyone on the way can then read and change what is sent.
    #[must_use]
    pub fn allow_http(mut self, allow: bool) -> Builder {
        self.config.allow_http = allow;
        self
    }

    /// Sets options that hold for all calls unless a call sets its own.
    #[must_use]
    pub fn defaults(mut self, options: impl Into<Options>) -> Builder {
        let mut options = options.into();
        options.inherit_headers(self.config.defaults.headers());
        self.config.defaults = options.or(&self.config.defaults);
        self
    }

    /// The instance.
    ///
    /// # Errors
    /// As [`factory`](Builder::factory).
    pub fn build(self) -> Result<Chain> {
        self.config.build()
    }
}

/// A configuration, not yet checked: what [`Builder::factory`] takes. `Debug` shows no key.
#[derive(Clone, Default)]
pub struct Config {
    mchid: Option<String>,
    serial: Option<String>,
    private_key: Option<KeySource>,
    certs: BTreeMap<String, KeySource>,
    signer: Option<Arc<dyn Signer>>,
    verifier: Option<Arc<dyn Verifier>>,
    secret: Option<String>,
    merchant_cert: Option<String>,
    merchant_key: Option<KeySource>,
    allow_http: bool,
    defaults: Options,
    /// The first thing that was wrong with the JSON form.
    wrong: Option<String>,
}

impl Config {
    fn build(self) -> Result<Chain> {
        if let Some(what) = self.wrong {
            return Err(Error::Config(what));
        }
        let speaks_apiv3 = self.serial.is_some()
            || self.private_key.is_some()
            || self.signer.is_some()
            || !self.certs.is_empty()
            || self.verifier.is_some();
        let apiv2_alone = self.secret.is_some() && !speaks_apiv3;
        let mchid = match self.mchid {
            // PHP takes an empty one for none.
            Some(mchid) if mchid.is_empty() && apiv2_alone => None,
            None if apiv2_alone => None,
            None => return Err(missing("`mchid`, the merchant's id,")),
            Some(mchid) => {
                check_id("mchid", &mchid)?;
                Some(mchid)
            }
        };
        let apiv3 = match &mchid {
            Some(mchid) if !apiv2_alone => {
                Some(apiv3(mchid.clone(), self.serial, self.private_key, self.signer, self.certs, self.verifier)?)
            }
            _ => None,
        };
        let secret = self.secret.map(secret).transpose()?;
        let certificate = match (self.merchant_cert, self.merchant_key) {
            (None, None) => None,
            (Some(cert), Some(key)) => Some(client_certificate(cert, key)?),
            (Some(_), None) => return Err(missing("`merchant.key`, the key of the merchant's certificate,")),
            (None, Some(_)) => return Err(missing("`merchant.cert`, the merchant's certificate,")),
        };
        check_defaults(&self.defaults)?;
        let credentials = Credentials { mchid, apiv3, secret };
        let client = Client::new(credentials, certificate, self.defaults, self.allow_http).map_err(as_config)?;
        Ok(Chain::root(client))
    }

    /// Takes a setting; gives the value back when the name is none.
    fn set(&mut self, name: &str, value: Value) -> std::result::Result<Option<Value>, String> {
        let text = |value: Value| match value {
            Value::String(text) => Ok(Some(text)),
            Value::Null => Ok(None),
            other => Err(format!("`{name}` must be a string, not {}", options::kind(&other))),
        };
        match name {
            "mchid" => self.mchid = text(value)?,
            "serial" => self.serial = text(value)?,
            "privateKey" => self.private_key = key_source(name, value)?,
            "certs" => match value {
                Value::Object(certs) => {
                    for (id, value) in certs {
                        let Some(source) = key_source(&format!("certs.{id}"), value)? else {
                            return Err(format!("`certs.{id}` is null, it must be a key"));
                        };
                        self.certs.insert(id, source);
                    }
                }
                Value::Null => {}
                Value::Array(list) if list.is_empty() => {}
                other => {
                    return Err(format!("`certs` must be an object of id and key, not {}", options::kind(&other)));
                }
            },
            "allow_http" => match value {
                Value::Bool(allow) => self.allow_http = allow,
                Value::Null => {}
                other => return Err(format!("`allow_http` must be true or false, not {}", options::kind(&other))),
            },
            "secret" => self.secret = text(value)?,
            "merchant" => match value {
                Value::Object(mut entries) => {
                    if let Some(cert) = entries.remove("cert") {
                        match cert {
                            Value::String(cert) => self.merchant_cert = Some(cert),
                            Value::Null => {}
                            other => {
                                return Err(format!("`merchant.cert` must be a string, not {}", options::kind(&other)));
                            }
                        }
                    }
                    self.merchant_key = key_source("merchant.key", entries.remove("key").unwrap_or_default())?;
                    if let Some(unknown) = entries.keys().next() {
                        return Err(format!("`merchant.{unknown}` is no setting, there are `cert` and `key`"));
                    }
                }
                Value::Null => {}
                other => {
                    return Err(format!("`merchant` must be an object of cert and key, not {}", options::kind(&other)));
                }
            },
            _ => return Ok(Some(value)),
        }
        Ok(None)
    }
}

/// PHP's array as a JSON object.
impl From<Value> for Config {
    fn from(value: Value) -> Config {
        let mut config = Config::default();
        let Value::Object(entries) = value else {
            config.wrong = Some(format!("it must be an object, not {}", options::kind(&value)));
            return config;
        };
        let mut defaults = Map::new();
        for (name, value) in entries {
            match config.set(&name, value) {
                Ok(None) => {}
                Ok(Some(value)) => drop(defaults.insert(name, value)),
                Err(what) => drop(config.wrong.get_or_insert(what)),
            }
        }
        config.defaults = Options::from(defaults);
        config
    }
}

impl From<Builder> for Config {
    fn from(builder: Builder) -> Config {
        builder.config
    }
}

/// To change a configuration by the setters.
impl From<Config> for Builder {
    fn from(config: Config) -> Builder {
        Builder { config }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("mchid", &self.mchid)
            .field("serial", &self.serial)
            .field("private_key", &self.private_key)
            .field("certs", &self.certs)
            .field("allow_http", &self.allow_http)
            .field("defaults", &self.defaults)
            .finish_non_exhaustive()
    }
}

/// A key of the JSON form: a string, or `[string, passphrase]`.
fn key_source(name: &str, value: Value) -> std::result::Result<Option<KeySource>, String> {
    let wrong = |value: &Value| {
        Err(format!("`{name}` must be a string or a list of key and passphrase, not {}", options::kind(value)))
    };
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

fn missing(what: &str) -> Error {
    Error::Config(format!("{what} is missing"))
}

/// What APIv3 needs, each part checked in PHP's order.
fn apiv3(
    mchid: String,
    serial: Option<String>,
    private_key: Option<KeySource>,
    signer: Option<Arc<dyn Signer>>,
    certs: BTreeMap<String, KeySource>,
    verifier: Option<Arc<dyn Verifier>>,
) -> Result<Apiv3> {
    let serial = serial.ok_or_else(|| missing("`serial`, the serial of the merchant's API certificate,"))?;
    check_id("serial", &serial)?;
    let signer: Arc<dyn Signer> = match (private_key, signer) {
        (Some(_), Some(_)) => {
            return Err(Error::Config("`privateKey` and a signer are both set, give one of them".into()));
        }
        (None, None) => return Err(missing("`privateKey`, the merchant's private key,")),
        (Some(source), None) => {
            Arc::new(Rsa::from(source, Rsa::KEY_TYPE_PRIVATE).map_err(|error| within("privateKey", &error))?)
        }
        (None, Some(signer)) => signer,
    };
    let verifier: Arc<dyn Verifier> = match (certs.is_empty(), verifier) {
        (false, Some(_)) => {
            return Err(Error::Config("`certs` and a verifier are both set, give one of them".into()));
        }
        (true, None) => {
            return Err(missing("`certs`, the platform's public keys or certificates by their ids or serials,"));
        }
        (false, None) => Arc::new(platform_keys(certs, &serial)?),
        (true, Some(verifier)) => verifier,
    };
    Ok(Apiv3 { mchid, serial, signer, verifier })
}

fn secret(secret: String) -> Result<Secret> {
    match secret.len() {
        32 => Ok(Secret(secret)),
        length => Err(Error::Config(format!("`secret`, the APIv2 key, must have 32 bytes, this one has {length}"))),
    }
}

/// The merchant's certificate for TLS, which wants its key as PKCS#8.
fn client_certificate(cert: String, key: KeySource) -> Result<ClientCert> {
    let wrong = |what: String| Error::Config(format!("`merchant.cert`: {what}"));
    let cert = rsa::or_path(cert);
    let pem = match rsa::read_file(&cert).map_err(|error| within("merchant.cert", &error))? {
        Some((_, pem)) => pem,
        None => cert.into_bytes(),
    };
    rsa::refuse_encrypted(&pem).map_err(|error| within("merchant.cert", &error))?;
    let chain = X509::stack_from_pem(&pem).map_err(|_| wrong("it is no certificate in PEM".into()))?;
    let Some(certificate) = chain.first() else {
        return Err(wrong("it holds no certificate in PEM".into()));
    };
    let key = Rsa::from(key.or_path(), Rsa::KEY_TYPE_PRIVATE).map_err(|error| within("merchant.key", &error))?;
    let belongs = certificate.public_key().is_ok_and(|public| public.public_eq(&key.0));
    if !belongs {
        return Err(Error::Config("`merchant.key` is not the key of `merchant.cert`".into()));
    }
    let unreadable = |error: openssl::error::ErrorStack| wrong(error.to_string());
    let mut certificates = Vec::new();
    for certificate in &chain {
        certificates.push(Certificate::from_der(&certificate.to_der().map_err(unreadable)?).to_owned());
    }
    let key = key.0.private_key_to_pem_pkcs8().map_err(unreadable)?;
    let key = TlsKey::from_pem(&key).map_err(|error| wrong(error.to_string()))?;
    Ok(ClientCert::new_with_certs(&certificates, key))
}

fn platform_keys(certs: BTreeMap<String, KeySource>, merchant_serial: &str) -> Result<PlatformKeys> {
    let mut keys = BTreeMap::new();
    for (id, source) in certs {
        if id.eq_ignore_ascii_case(merchant_serial) {
            return Err(Error::Config(format!(
                "`certs` holds {id}, which is the serial of the merchant's own certificate; \
                 it must hold the platform's certificates or public keys"
            )));
        }
        let key = Rsa::from(source, Rsa::KEY_TYPE_PUBLIC).map_err(|error| within(&format!("certs.{id}"), &error))?;
        keys.insert(id, key);
    }
    Ok(PlatformKeys(keys))
}

/// `mchid` and `serial` stand between quotes in a header.
fn check_id(name: &str, id: &str) -> Result<()> {
    let valid =
        !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\' | b','));
    match valid {
        true => Ok(()),
        false => Err(Error::Config(format!("`{name}` is {id:?}, it must be a word of letters and digits"))),
    }
}

fn check_defaults(defaults: &Options) -> Result<()> {
    defaults.check().map_err(as_config)?;
    if let Some(name) = defaults.belonging_to_one_call() {
        return Err(Error::Config(format!("`{name}` belongs to a single call, it cannot be the default of all")));
    }
    match defaults.unknown_names().next() {
        None => Ok(()),
        Some(name) => Err(Error::Config(format!(
            "`{name}` is no setting; there are mchid, serial, privateKey, certs, secret, merchant, allow_http, and the \
             options of calls: query, headers, base_uri, timeout, connect_timeout, read_timeout, response_limit, \
             allow_redirects, http_errors, debug, proxy, verify"
        ))),
    }
}

fn within(name: &str, error: &Error) -> Error {
    match error {
        Error::Key(what) => Error::Config(format!("`{name}`: {what}")),
        other => Error::Config(format!("`{name}`: {other}")),
    }
}

/// An error about options, said of the configuration.
fn as_config(error: Error) -> Error {
    match error {
        Error::Options(what) => Error::Config(what),
        other => other,
    }
}
