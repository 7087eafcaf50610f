//! From a configuration to an instance.

use serde_json::{Map, Value};

#[cfg(feature = "check")]
use crate::call::check::Check;
use crate::call::client::Client;
use crate::call::connections::Setup;
use crate::call::observation::{Observation, Observer};
use crate::chain::Chain;
use crate::error::{Error, Result};
use crate::keys::credentials::{self, Credentials};
use crate::redact;
use crate::request::options::Options;
use crate::request::table;
use crate::text::nearest;
use crate::text::value::kind;

/// Makes instances (PHP: `WeChatPay\Builder`).
///
/// [`Builder::factory`] takes PHP's array as JSON; [`Credentials`] and [`Options`] have a setter for each entry of it. Keys
/// are read and parsed when the instance is built, once. `Debug` shows no key.
///
/// ```
/// use wechatpay::{Builder, Credentials, json};
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
///     .credentials(
///         Credentials::new()
///             .mchid("1900000109")
///             .serial("3775B6A45ACD588826D15E583A95F5DD12345678")
///             .private_key(format!("file://{path}/apiclient_key.pem"))
///             .cert("PUB_KEY_ID_0114232134912410000000000000", format!("file://{path}/publickey.pem")),
///     )
///     .build()?;
/// # assert_eq!(instance.pathname(), the_same.pathname());
/// # std::fs::remove_dir_all(&dir)?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Builder {
    credentials: Credentials,
    setup: Setup,
    /// The first thing that was wrong with the JSON form.
    wrong: Option<String>,
}

impl Builder {
    /// An empty builder.
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
    /// With `secret` and none of `serial`, `privateKey` and `certs`, the instance supports only APIv2. `mchid` may then be
    /// left out; if so, the merchant in the data of calls is not checked.
    ///
    /// # Errors
    /// [`Error::Config`] names a setting that is unknown, with the one that was meant, the first of `mchid` (or `brand_id`),
    /// `serial`, `privateKey` and `certs` that is missing, a key that cannot be read, or settings that contradict each
    /// other.
    pub fn factory(config: impl Into<Builder>) -> Result<Chain> {
        config.into().build()
    }

    /// Sets who calls and whose answers count. What is left out keeps its earlier value; `certs` and APIv3 keys are added to
    /// those given before.
    ///
    /// This is how keys that are loaded already complete a configuration in JSON, which cannot hold them (PHP:
    /// `'privateKey' => Rsa::from(…)`). Nothing is checked before [`build`](Builder::build).
    ///
    /// ```no_run
    /// use wechatpay::{Builder, Credentials, Rsa, json};
    /// # fn main() -> anyhow::Result<()> {
    /// let key = Rsa::from("file:///path/to/merchant/apiclient_key.pem", Rsa::KEY_TYPE_PRIVATE)?;
    /// let instance = Builder::from(json!({
    ///     "mchid": "1900000109",
    ///     "serial": "3775B6A45ACD588826D15E583A95F5DD12345678",
    ///     "certs": { "PUB_KEY_ID_0114232134912410000000000000": "file:///path/to/wechatpay/publickey.pem" },
    /// }))
    /// .credentials(Credentials::new().private_key(key))
    /// .build()?;
    /// # let _ = instance;
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn credentials(mut self, credentials: impl Into<Credentials>) -> Builder {
        self.credentials = credentials.into().or(self.credentials);
        self
    }

    /// Allows plain http to hosts that are not loopback. Anyone on the way can then read and change what is sent.
    #[must_use]
    pub fn allow_http(mut self, allow: bool) -> Builder {
        self.setup.allow_http = allow;
        self
    }

    /// Sets the default options of all calls; a call can override each of them.
    #[must_use]
    pub fn defaults(mut self, options: impl Into<Options>) -> Builder {
        let mut options = options.into();
        options.inherit_headers(self.setup.defaults.headers());
        self.setup.defaults = options.or(&self.setup.defaults);
        self
    }

    /// Calls this back after each attempt of a call, for logs, traces and metrics: those of all merchants of the instance and
    /// the fetches of certificates, too. See [`Observation`] for what is told; a later callback replaces an earlier one.
    ///
    /// It runs on the thread of the call, which goes on when it returns, so it should only note what it sees. It must not make
    /// calls of the same instance, of which it would be told again. If it panics, that is logged, and the call is not affected
    /// (unless the program is built with `panic = "abort"`).
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU64, Ordering};
    /// use wechatpay::{Builder, Outcome, json};
    ///
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// # let config = sandbox.config();
    /// let unknown = Arc::new(AtomicU64::new(0));
    /// let counter = Arc::clone(&unknown);
    /// let instance = Builder::from(config)
    ///     .observe(move |attempt| {
    ///         if attempt.outcome() == Some(Outcome::Unknown) {
    ///             counter.fetch_add(1, Ordering::Relaxed);
    ///         }
    ///     })
    ///     .build()?;
    /// instance.chain("v3/merchant/fund/balance/{account_type}").get(json!({ "account_type": "BASIC" }))?;
    /// assert_eq!(unknown.load(Ordering::Relaxed), 0);
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn observe(mut self, observe: impl Fn(&Observation) + Send + Sync + 'static) -> Builder {
        self.setup.observer = Some(Observer::new(observe));
        self
    }

    /// Compares each call with what the platform documents of its operation, before it is sent: required parameters, names,
    /// types, values, sensitive fields in plain text, the host, the merchant's certificate. This is for development and for
    /// tests; it needs the feature `check`, which brings the crate `wechatpay-catalog`. A later setting replaces an earlier one.
    ///
    /// The options are compared as the caller gives them, with the defaults of the configuration. What is found goes to the log,
    /// each once for an instance and the merchants made of it, or refuses the call with [`Error::Check`] before certificates are
    /// fetched for it; see [`Check`]. Neither has a value that is secret or personal. A path that is not documented is only told
    /// to the log, with the nearest one that is, as the platform adds operations every week. What the platform itself gave, the
    /// address of a download, is not compared.
    ///
    /// **No finding does not mean that the platform accepts the call, and a finding not that it refuses it**: its documents do
    /// not say everything, and are wrong in places.
    ///
    /// ```
    /// use wechatpay::catalog::Severity;
    /// use wechatpay::{Builder, Check, Error, json};
    ///
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// # let config = sandbox.config();
    /// let instance = Builder::from(config).check(Check::Refuse(Severity::Warning)).build()?;
    /// let result = instance.chain("v3/refund/domestic/refunds").post(json!({ "json": {
    ///     "out_trade_no": "1217752501201407033233368018", "out_refund_no": "1217752501201407033233368019",
    ///     "reson": "商品已售完",
    ///     "amount": { "refund": 888, "total": "888", "currency": "CNY" },
    /// } }));
    /// let Err(Error::Check(error)) = result else { panic!("{result:?}") };
    /// assert_eq!(error.to_string(), "\
    /// POST v3/refund/domestic/refunds is called in another way than documented, nothing was sent:
    /// error: /json/amount/total is a number as a text, documented: integer
    /// warning: /json/reson is unknown, documented: reason");
    /// assert_eq!(error.findings()[1].pointer(), "/json/reson");
    /// # Ok(()) }
    /// ```
    #[cfg(feature = "check")]
    #[must_use]
    pub fn check(mut self, check: Check) -> Builder {
        self.setup.check = Some(check);
        self
    }

    /// Builds the instance.
    ///
    /// # Errors
    /// As [`factory`](Builder::factory).
    pub fn build(self) -> Result<Chain> {
        if let Some(what) = self.wrong {
            return Err(Error::Config(what));
        }
        // Before what is missing: it may be here under a name that is not quite right.
        check_names(&self.setup.defaults)?;
        let identity = self.credentials.check(None)?;
        check_defaults(&self.setup.defaults)?;
        let client = Client::new(identity, self.setup).map_err(as_config)?;
        Ok(Chain::root(client))
    }

    /// Takes a setting; returns the value if this is not the name of one.
    fn set(&mut self, name: &str, value: Value) -> Result<Option<Value>, String> {
        if name != "allow_http" {
            return self.credentials.set(name, value);
        }
        match value {
            Value::Bool(allow) => self.setup.allow_http = allow,
            Value::Null => {}
            other => return Err(format!("`allow_http` must be true or false, not {}", kind(&other))),
        }
        Ok(None)
    }
}

/// PHP's array as a JSON object.
impl From<Value> for Builder {
    fn from(value: Value) -> Builder {
        let mut builder = Builder::default();
        let Value::Object(entries) = value else {
            builder.wrong = Some(format!("it must be an object, not {}", kind(&value)));
            return builder;
        };
        let mut defaults = Map::new();
        for (name, value) in entries {
            match builder.set(&name, value) {
                Ok(None) => {}
                Ok(Some(value)) => drop(defaults.insert(name, value)),
                Err(what) => drop(builder.wrong.get_or_insert(what)),
            }
        }
        builder.setup.defaults = Options::from(defaults);
        builder
    }
}

fn check_defaults(defaults: &Options) -> Result<()> {
    defaults.check().map_err(as_config)?;
    match defaults.belonging_to_one_call() {
        None => Ok(()),
        Some(name) => Err(Error::Config(format!("`{name}` belongs to a single call, it cannot be the default of all"))),
    }
}

fn check_names(defaults: &Options) -> Result<()> {
    let Some(name) = defaults.unknown_names().next() else { return Ok(()) };
    let settings = || credentials::names().chain(["allow_http"]);
    let hint = nearest::hint(name, settings().chain(table::names_of_defaults()));
    Err(Error::Config(format!(
        "`{}` is not a setting{hint}; there are {}, and the options of calls: {}",
        redact::name(name),
        settings().collect::<Vec<_>>().join(", "),
        table::names_of_defaults().collect::<Vec<_>>().join(", ")
    )))
}

/// Turns an error about options into one about the configuration.
fn as_config(error: Error) -> Error {
    match error {
        Error::Options(what) => Error::Config(what),
        other => other,
    }
}
