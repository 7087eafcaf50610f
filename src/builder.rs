//! From a configuration to an instance.

use serde_json::{Map, Value};

use crate::call::client::Client;
use crate::chain::Chain;
use crate::crypto::source::KeySource;
use crate::error::{Error, Result};
use crate::keys::credentials::{self, Credentials};
use crate::keys::signature::{Signer, Verifier};
use crate::redact;
use crate::request::options::Options;
use crate::request::table;
use crate::text::value::kind;

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
/// # let (merchant, platform) = (openssl::rsa::Rsa::generate(2048)?, openssl::rsa::Rsa::generate(2048)?);
/// # std::fs::write(dir.join("apiclient_key.pem"), merchant.private_key_to_pem()?)?;
/// # std::fs::write(dir.join("publickey.pem"), platform.public_key_to_pem()?)?;
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
    /// | any of [`Credentials`], such as `mchid`, `serial`, `privateKey`, `certs` | who calls, and whose answers count |
    /// | any of [`Options`], such as `base_uri`, `timeout`, `proxy`, `headers` | the default of all calls |
    /// | `allow_http` | `true` allows plain http to hosts that are not loopback |
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
    pub fn mchid(self, mchid: impl Into<String>) -> Builder {
        self.set(|credentials| credentials.mchid(mchid))
    }

    /// Sets the serial of the merchant's API certificate.
    #[must_use]
    pub fn serial(self, serial: impl Into<String>) -> Builder {
        self.set(|credentials| credentials.serial(serial))
    }

    /// Sets the merchant's private key: any form of [`Rsa::from`](crate::Rsa::from).
    #[must_use]
    pub fn private_key(self, key: impl Into<KeySource>) -> Builder {
        self.set(|credentials| credentials.private_key(key))
    }

    /// Adds a key of the platform under the serial of its certificate or its `PUB_KEY_ID_…`.
    #[must_use]
    pub fn cert(self, id: impl Into<String>, key: impl Into<KeySource>) -> Builder {
        self.set(|credentials| credentials.cert(id, key))
    }

    /// Sets which of the platform's keys requests name in `Wechatpay-Serial`: its id; `false` for none.
    /// See [`Credentials`].
    #[must_use]
    pub fn wechatpay_serial(self, id: impl Into<Value>) -> Builder {
        self.set(|credentials| credentials.wechatpay_serial(id))
    }

    /// Adds an APIv3 key, of 32 bytes; two are enough for the time in which it is changed.
    #[must_use]
    pub fn apiv3_key(self, key: impl Into<String>) -> Builder {
        self.set(|credentials| credentials.apiv3_key(key))
    }

    /// `true`: the platform's certificates are fetched with the APIv3 key and kept up to date; or an object of
    /// `every` and `floor` in seconds, and `path`. See [`Credentials`].
    #[must_use]
    pub fn download_certs(self, downloads: impl Into<Value>) -> Builder {
        self.set(|credentials| credentials.download_certs(downloads))
    }

    /// Sets the APIv2 key, of 32 bytes.
    #[must_use]
    pub fn secret(self, secret: impl Into<String>) -> Builder {
        self.set(|credentials| credentials.secret(secret))
    }

    /// Sets the merchant's API certificate and its key, which APIv2 calls with `security` show: paths of PEM
    /// files or their text; the key in any form of [`Rsa::from`](crate::Rsa::from).
    #[must_use]
    pub fn merchant(self, cert: impl Into<String>, key: impl Into<KeySource>) -> Builder {
        self.set(|credentials| credentials.merchant(cert, key))
    }

    /// Sets who signs, in place of a private key.
    #[must_use]
    pub fn signer(self, signer: impl Signer + 'static) -> Builder {
        self.set(|credentials| credentials.signer(signer))
    }

    /// Sets who verifies, in place of the platform's keys.
    #[must_use]
    pub fn verifier(self, verifier: impl Verifier + 'static) -> Builder {
        self.set(|credentials| credentials.verifier(verifier))
    }

    /// Sets all credentials at once, in place of those that were set before.
    #[must_use]
    pub fn credentials(mut self, credentials: impl Into<Credentials>) -> Builder {
        self.config.credentials = credentials.into();
        self
    }

    fn set(mut self, set: impl FnOnce(Credentials) -> Credentials) -> Builder {
        self.config.credentials = set(self.config.credentials);
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
#[derive(Clone, Debug, Default)]
pub struct Config {
    credentials: Credentials,
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
        let identity = self.credentials.check(None)?;
        check_defaults(&self.defaults)?;
        let client = Client::new(identity, self.defaults, self.allow_http).map_err(as_config)?;
        Ok(Chain::root(client))
    }

    /// Takes a setting; gives the value back when the name is none.
    fn set(&mut self, name: &str, value: Value) -> std::result::Result<Option<Value>, String> {
        if name != "allow_http" {
            return self.credentials.set(name, value);
        }
        match value {
            Value::Bool(allow) => self.allow_http = allow,
            Value::Null => {}
            other => return Err(format!("`allow_http` must be true or false, not {}", kind(&other))),
        }
        Ok(None)
    }
}

/// PHP's array as a JSON object.
impl From<Value> for Config {
    fn from(value: Value) -> Config {
        let mut config = Config::default();
        let Value::Object(entries) = value else {
            config.wrong = Some(format!("it must be an object, not {}", kind(&value)));
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

fn check_defaults(defaults: &Options) -> Result<()> {
    defaults.check().map_err(as_config)?;
    if let Some(name) = defaults.belonging_to_one_call() {
        return Err(Error::Config(format!("`{name}` belongs to a single call, it cannot be the default of all")));
    }
    match defaults.unknown_names().next() {
        None => Ok(()),
        Some(name) => Err(Error::Config(format!(
            "`{}` is no setting; there are {}, allow_http, and the options of calls: {}",
            redact::name(name),
            credentials::names(),
            table::names_of_defaults()
        ))),
    }
}

/// An error about options, said of the configuration.
fn as_config(error: Error) -> Error {
    match error {
        Error::Options(what) => Error::Config(what),
        other => other,
    }
}
