//! Settings: from flags, the environment or a profile, in this order.

use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::path::PathBuf;

use serde_json::{Map, Value};
use wechatpay::{Builder, Credentials};

use crate::failure::{Failure, Result, shown};
use crate::global::Global;
use crate::profile::Profile;
use crate::secret::{self, Material};

/// All settings of an instance, each with where it comes from. No key is read yet, except from standard input.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    pub mchid: Option<Given<String>>,
    pub brand_id: Option<Given<String>>,
    pub serial: Option<Given<String>>,
    pub private_key: Option<Given<Material>>,
    /// The platform's keys, by id.
    pub certs: BTreeMap<String, Given<Material>>,
    /// Which of them requests name and fields are encrypted for.
    pub wechatpay_serial: Option<Given<String>>,
    pub apiv3_key: Option<Given<Material>>,
    pub secret: Option<Given<Material>>,
    pub merchant_cert: Option<Given<Material>>,
    pub base_uri: Option<Given<String>>,
    /// In seconds.
    pub timeout: Option<Given<f64>>,
    pub verify: Option<Given<PathBuf>>,
    pub proxy: Option<Given<String>>,
    pub debug: bool,
    /// The journal of this profile: a file, or the address of a database.
    pub journal: Option<Given<String>>,
    /// The profile that is used, for commands that are shown to be pasted.
    pub profile: Option<String>,
    /// What is not safe about the files, to be told once.
    pub warnings: Vec<String>,
}

/// A setting, and where it comes from.
#[derive(Clone, Debug)]
pub struct Given<T> {
    pub value: T,
    pub from: Origin,
}

impl Given<String> {
    /// Refuses an address with a password in a flag, and does not repeat it.
    pub fn refuse_password(&self, name: &str) -> Result<()> {
        if !matches!(self.from, Origin::Flag(_)) || !secret::has_password(&self.value) {
            return Ok(());
        }
        Err(Failure::usage(format!("{}: every user of this machine can see the password", self.from))
            .next(format!("put the address into {}, or into the profile as `{name}`", variable_name(name))))
    }
}

/// Where a setting comes from, as people call it: `--mchid`, `WECHATPAY_MCHID`, `mchid of the profile "shop"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    Flag(String),
    Variable(String),
    Profile { name: String, setting: String },
}

impl fmt::Display for Origin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag(flag) => formatter.write_str(flag),
            Origin::Variable(variable) => formatter.write_str(variable),
            Origin::Profile { name, setting } => write!(formatter, "`{setting}` of the profile {name:?}"),
        }
    }
}

/// `private_key` is `--private-key`, `WECHATPAY_PRIVATE_KEY` and `private_key` of a profile.
fn flag(name: &str) -> Origin {
    Origin::Flag(format!("--{}", name.replace('_', "-")))
}

pub fn variable_name(name: &str) -> String {
    format!("WECHATPAY_{}", name.to_uppercase())
}

/// A variable of the environment; an empty one is as good as none.
fn variable(name: &str) -> Result<Option<(String, Origin)>> {
    let variable = variable_name(name);
    match env::var(&variable) {
        Ok(value) if value.is_empty() => Ok(None),
        Ok(value) => Ok(Some((value, Origin::Variable(variable)))),
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => Err(Failure::usage(format!("{variable} is not UTF-8"))),
    }
}

/// Looks for one setting after the other.
struct Sources<'a> {
    profile: Option<&'a Profile>,
}

impl Sources<'_> {
    fn of_profile(&self, name: &str) -> Option<(&Value, Origin)> {
        let profile = self.profile?;
        let from = Origin::Profile { name: profile.name.clone(), setting: name.to_owned() };
        Some((profile.settings.get(name)?, from))
    }

    fn text(&self, name: &str, given: Option<&String>) -> Result<Option<Given<String>>> {
        if let Some(value) = given {
            return Ok(Some(Given { value: value.clone(), from: flag(name) }));
        }
        if let Some((value, from)) = variable(name)? {
            return Ok(Some(Given { value, from }));
        }
        let found = self.of_profile(name);
        Ok(found.and_then(|(value, from)| Some(Given { value: value.as_str()?.to_owned(), from })))
    }

    fn material(&self, name: &str, given: Option<&PathBuf>) -> Result<Option<Given<Material>>> {
        if let Some(path) = given {
            return Ok(Some(Given { value: Material::at(path)?, from: flag(name) }));
        }
        if let Some((value, from)) = variable(name)? {
            return Ok(Some(Given { value: Material::of_variable(value)?, from }));
        }
        let Some((Value::String(path), from)) = self.of_profile(name) else { return Ok(None) };
        Ok(Some(Given { value: Material::file(path)?, from }))
    }

    fn path(&self, name: &str, given: Option<&PathBuf>) -> Result<Option<Given<PathBuf>>> {
        if let Some(path) = given {
            return Ok(Some(Given { value: path.clone(), from: flag(name) }));
        }
        let found = self.text(name, None)?;
        Ok(found.map(|Given { value, from }| Given { value: value.into(), from }))
    }

    fn seconds(&self, name: &str, given: Option<f64>) -> Result<Option<Given<f64>>> {
        let found = match (given, variable(name)?) {
            (Some(value), _) => Some((value, flag(name))),
            (None, Some((text, from))) => {
                let value =
                    text.parse().map_err(|_| Failure::usage(format!("{from}: {} is not a number", shown(&text))))?;
                Some((value, from))
            }
            (None, None) => self.of_profile(name).and_then(|(value, from)| Some((value.as_f64()?, from))),
        };
        Ok(found.map(|(value, from)| Given { value, from }))
    }

    /// Those of flags, or else those of the environment, or else those of the profile.
    fn certs(&self, given: &[String]) -> Result<BTreeMap<String, Given<Material>>> {
        const NAME: &str = "certs";
        let of_pairs = |pairs: &mut dyn Iterator<Item = &str>, from: Origin| {
            let material = |pair: &str| {
                let wrong = || Failure::usage(format!("{from}: {} is not ID=FILE", shown(pair)));
                let (id, path) =
                    pair.split_once('=').filter(|(id, path)| !id.is_empty() && !path.is_empty()).ok_or_else(wrong)?;
                Ok((id.to_owned(), Given { value: Material::file(path)?, from: from.clone() }))
            };
            pairs.map(material).collect::<Result<_>>()
        };
        if !given.is_empty() {
            return of_pairs(&mut given.iter().map(String::as_str), Origin::Flag("--cert".to_owned()));
        }
        if let Some((value, from)) = variable(NAME)? {
            return of_pairs(&mut value.split(',').map(str::trim), from);
        }
        let Some((Value::Object(certs), from)) = self.of_profile(NAME) else { return Ok(BTreeMap::new()) };
        let material = |(id, path): (&String, &Value)| {
            let value = Material::file(path.as_str()?);
            Some(value.map(|value| (id.clone(), Given { value, from: from.clone() })))
        };
        certs.iter().filter_map(material).collect()
    }
}

impl Settings {
    /// Those of the flags, of the environment and of the profile.
    pub fn read(global: &Global, profile: Option<&Profile>) -> Result<Settings> {
        let sources = Sources { profile };
        let mut settings = Settings {
            mchid: sources.text("mchid", global.mchid.as_ref())?,
            brand_id: sources.text("brand_id", global.brand_id.as_ref())?,
            serial: sources.text("serial", global.serial.as_ref())?,
            private_key: sources.material("private_key", global.private_key.as_ref())?,
            certs: sources.certs(&global.cert)?,
            wechatpay_serial: sources.text("wechatpay_serial", global.wechatpay_serial.as_ref())?,
            apiv3_key: sources.material("apiv3_key", global.apiv3_key.as_ref())?,
            secret: sources.material("secret", global.secret.as_ref())?,
            merchant_cert: sources.material("merchant_cert", global.merchant_cert.as_ref())?,
            base_uri: sources.text("base_uri", global.base_uri.as_ref())?,
            timeout: sources.seconds("timeout", global.timeout)?,
            verify: sources.path("verify", global.verify.as_ref())?,
            proxy: sources.text("proxy", global.proxy.as_ref())?,
            debug: global.debug,
            journal: sources.text("journal", None)?,
            profile: profile.map(|profile| profile.name.clone()),
            warnings: Vec::new(),
        };
        for (name, given) in [("base_uri", &settings.base_uri), ("proxy", &settings.proxy)] {
            given.as_ref().map_or(Ok(()), |given| given.refuse_password(name))?;
        }
        let secrets = [&settings.private_key, &settings.apiv3_key, &settings.secret];
        let secrets = secrets.into_iter().flatten().filter_map(|given| given.value.is_open_to_others());
        let file = profile.and_then(|profile| secret::is_open_to_others(&profile.file));
        settings.warnings = file.into_iter().chain(secrets).collect();
        Ok(settings)
    }

    /// The profile and the flags by which these settings were given, for a command that is shown to be pasted. What was on
    /// standard input is not among them.
    pub fn words(&self) -> Vec<String> {
        let flag = |from: &Origin, value: String| match from {
            Origin::Flag(flag) => Some([flag.clone(), value]),
            _ => None,
        };
        let text =
            |given: &Option<Given<String>>| given.as_ref().and_then(|given| flag(&given.from, given.value.clone()));
        let file = |given: &Option<Given<Material>>| {
            let given = given.as_ref()?;
            flag(&given.from, given.value.path()?.display().to_string())
        };
        let cert = |(id, given): (&String, &Given<Material>)| {
            flag(&given.from, format!("{id}={}", given.value.path()?.display()))
        };
        let single = [
            self.profile.clone().map(|name| ["--profile".to_owned(), name]),
            text(&self.mchid),
            text(&self.brand_id),
            text(&self.serial),
            file(&self.private_key),
            text(&self.wechatpay_serial),
            file(&self.apiv3_key),
            file(&self.secret),
            file(&self.merchant_cert),
            text(&self.base_uri),
            self.verify.as_ref().and_then(|given| flag(&given.from, given.value.display().to_string())),
            text(&self.proxy),
        ];
        single.into_iter().flatten().chain(self.certs.iter().filter_map(cert)).flatten().collect()
    }

    /// Whether there is nothing but what APIv2 needs.
    pub fn is_apiv2_alone(&self) -> bool {
        let speaks_apiv3 =
            self.brand_id.is_some() || self.serial.is_some() || self.private_key.is_some() || !self.certs.is_empty();
        self.secret.is_some() && !speaks_apiv3
    }

    /// What is set here, or else there.
    #[must_use]
    pub fn or(self, other: Settings) -> Settings {
        Settings {
            mchid: self.mchid.or(other.mchid),
            brand_id: self.brand_id.or(other.brand_id),
            serial: self.serial.or(other.serial),
            private_key: self.private_key.or(other.private_key),
            certs: if self.certs.is_empty() { other.certs } else { self.certs },
            wechatpay_serial: self.wechatpay_serial.or(other.wechatpay_serial),
            apiv3_key: self.apiv3_key.or(other.apiv3_key),
            secret: self.secret.or(other.secret),
            merchant_cert: self.merchant_cert.or(other.merchant_cert),
            base_uri: self.base_uri.or(other.base_uri),
            timeout: self.timeout.or(other.timeout),
            verify: self.verify.or(other.verify),
            proxy: self.proxy.or(other.proxy),
            debug: self.debug || other.debug,
            journal: self.journal.or(other.journal),
            profile: self.profile.or(other.profile),
            warnings: [self.warnings, other.warnings].concat(),
        }
    }

    /// The configuration of an instance. Without keys of the platform, its certificates are fetched with the APIv3 key.
    pub fn builder(&self) -> Result<Builder> {
        let mut credentials = Credentials::new();
        if let Some(mchid) = &self.mchid {
            credentials = credentials.mchid(&mchid.value);
        }
        if let Some(brand_id) = &self.brand_id {
            credentials = credentials.brand_id(&brand_id.value);
        }
        if let Some(serial) = &self.serial {
            credentials = credentials.serial(&serial.value);
        }
        if let Some(key) = &self.private_key {
            credentials = credentials.private_key(key.value.key());
        }
        for (id, key) in &self.certs {
            credentials = credentials.cert(id, key.value.key());
        }
        if let Some(id) = &self.wechatpay_serial {
            credentials = credentials.wechatpay_serial(id.value.as_str());
        }
        if let Some(key) = &self.apiv3_key {
            credentials = credentials.apiv3_key(key.value.text()?.as_str());
            if self.certs.is_empty() && self.private_key.is_some() {
                credentials = credentials.download_certs(true);
            }
        }
        if let Some(secret) = &self.secret {
            credentials = credentials.secret(secret.value.text()?.as_str());
        }
        if let Some(cert) = &self.merchant_cert {
            credentials = match (cert.value.path(), &self.private_key) {
                (Some(path), _) if cert.value.is_pkcs12() => credentials.merchant_p12(path.display().to_string(), None),
                (_, Some(key)) => credentials.merchant(cert.value.text()?.as_str(), key.value.key()),
                (_, None) => return Err(Failure::usage(format!("{} needs the private key beside it", cert.from))),
            };
        }
        Ok(Builder::new().credentials(credentials).defaults(Value::Object(self.defaults())))
    }

    /// The options of all calls.
    fn defaults(&self) -> Map<String, Value> {
        let path = self.verify.as_ref().map(|verify| verify.value.display().to_string());
        let text = |given: &Option<Given<String>>| given.as_ref().map(|given| given.value.clone());
        let options = [
            ("base_uri", text(&self.base_uri).map(Value::from)),
            ("timeout", self.timeout.as_ref().map(|timeout| timeout.value.into())),
            ("verify", path.map(Value::from)),
            ("proxy", text(&self.proxy).map(Value::from)),
            ("debug", self.debug.then_some(Value::Bool(true))),
        ];
        options.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}
