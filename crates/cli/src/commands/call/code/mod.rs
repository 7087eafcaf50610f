//! A call as code, in place of sending it.

use std::path::Path;

use serde_json::{Map, Value};

use super::request::Request;
use crate::platform::PLATFORM;
use crate::secret::Material;
use crate::settings::{Given, Origin, Settings};

pub mod curl;
pub mod php;
pub mod rust;

/// Where a program has a setting from. No secret is in it.
#[derive(Clone, Debug)]
enum Source {
    Text(String),
    Number(f64),
    /// A key, or a certificate.
    KeyFile(String),
    /// A file that has a secret, as a text.
    SecretFile(String),
    /// A variable of the environment that has the text itself.
    Variable(String),
}

/// The keys of the platform, by id.
type Keys = Vec<(String, Source)>;

/// The settings that the program of a call needs.
#[derive(Debug)]
struct Setup {
    /// `mchid` or `brand_id`.
    party: Option<(&'static str, String)>,
    serial: Option<Source>,
    private_key: Option<Source>,
    certs: Keys,
    /// Which of them is named.
    wechatpay_serial: Option<String>,
    apiv3_key: Option<Source>,
    secret: Option<Source>,
    /// What is presented.
    merchant: Option<Presented>,
    /// Those that are options, too.
    defaults: Vec<(&'static str, Source)>,
}

/// The merchant's certificate and its key.
#[derive(Debug)]
enum Presented {
    /// The path of the certificate, and the key.
    Pem(String, Source),
    /// The path of a file that has both.
    P12(String),
}

/// A path that has to be filled in.
fn somewhere(file: &str) -> String {
    format!("/path/to/{file}")
}

/// Where a key or secret is; `file` is what it is usually called.
fn source(given: &Given<Material>, is_key: bool, file: &str) -> Source {
    let of_file = |path: String| if is_key { Source::KeyFile(path) } else { Source::SecretFile(path) };
    match (given.value.path(), &given.from) {
        (Some(path), _) => of_file(absolute(path)),
        (None, Origin::Variable(name)) => Source::Variable(name.clone()),
        // It was on standard input, or is that of a sandbox.
        (None, _) => of_file(somewhere(file)),
    }
}

fn absolute(path: &Path) -> String {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).display().to_string()
}

impl Setup {
    fn of(request: &Request, settings: &Settings) -> Setup {
        let is_apiv2 = request.is_apiv2;
        let party = settings.mchid.as_ref().map(|given| ("mchid", given.value.clone()));
        let party = party.or_else(|| settings.brand_id.as_ref().map(|given| ("brand_id", given.value.clone())));
        let key = settings.private_key.as_ref().map(|given| source(given, true, "apiclient_key.pem"));
        let certs = settings.certs.iter().map(|(id, given)| (id.clone(), source(given, true, "publickey.pem")));
        let certificate = settings.merchant_cert.as_ref().filter(|_| request.options.contains_key("security"));
        let path =
            |given: &Given<Material>| given.value.path().map_or_else(|| somewhere("apiclient_cert.pem"), absolute);
        let merchant = match (certificate, &key) {
            (Some(given), _) if given.value.is_pkcs12() => Some(Presented::P12(path(given))),
            (Some(given), Some(key)) => Some(Presented::Pem(path(given), key.clone())),
            _ => None,
        };
        let text = |given: &Given<String>| Source::Text(given.value.clone());
        // One with a password is a secret.
        let is_open = |given: &&Given<String>| !given.value.contains('@');
        let base_uri = settings.base_uri.as_ref().filter(is_open).filter(|given| given.value != PLATFORM).map(text);
        let proxy = settings.proxy.as_ref().filter(is_open).map(text);
        let defaults = [
            ("base_uri", base_uri),
            ("timeout", settings.timeout.as_ref().map(|given| Source::Number(given.value))),
            ("verify", settings.verify.as_ref().map(|given| Source::Text(absolute(&given.value)))),
            ("proxy", proxy),
        ];
        Setup {
            party,
            serial: settings.serial.as_ref().map(text),
            merchant,
            private_key: key,
            certs: certs.collect(),
            wechatpay_serial: settings.wechatpay_serial.as_ref().map(|given| given.value.clone()),
            apiv3_key: settings.apiv3_key.as_ref().map(|given| source(given, false, "apiv3.key")),
            secret: settings.secret.as_ref().filter(|_| is_apiv2).map(|given| source(given, false, "apiv2.key")),
            defaults: defaults.into_iter().filter_map(|(name, source)| Some((name, source?))).collect(),
        }
    }
}

/// The options of the call, without those of `without`.
fn options(request: &Request, without: &[&str]) -> Map<String, Value> {
    let options = request.options.iter().filter(|(name, _)| !without.contains(&name.as_str()));
    options.map(|(name, value)| (name.clone(), value.clone())).collect()
}
