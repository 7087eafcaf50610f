//! The keys of the settings, for commands that use them by themselves.

use wechatpay::{Certificate, KeySource, PemUtil, PrivateKey, PublicKey, Rsa};
use zeroize::Zeroizing;

use crate::failure::{Failure, Result};
use crate::secret::Material;
use crate::settings::{Given, Settings, variable_name};

/// What the ids of the platform's public keys begin with, and nothing else.
pub const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_";

/// Bytes of the APIv3 key and of the APIv2 key.
pub const SYMMETRIC: usize = 32;

/// The merchant's private key.
pub fn private(settings: &Settings) -> Result<PrivateKey> {
    let given = settings.private_key.as_ref().ok_or_else(|| missing("private_key", "the merchant's private key"))?;
    PrivateKey::load(source(settings, given)).map_err(|error| wrong(given, &error))
}

/// A key as the library takes it; of PKCS#12 with its passphrase, which is the merchant's number.
pub fn source(settings: &Settings, given: &Given<Material>) -> KeySource {
    match (&settings.mchid, given.value.path()) {
        (Some(mchid), Some(path)) if given.value.is_pkcs12() => {
            KeySource::from((format!("file://{}", path.display()), mchid.value.as_str()))
        }
        _ => given.value.key(),
    }
}

/// The merchant's API certificate, if one is given; `None` for PKCS#12, too.
pub fn merchant_certificate(settings: &Settings) -> Result<Option<Certificate>> {
    let Some(given) = &settings.merchant_cert else { return Ok(None) };
    if given.value.is_pkcs12() {
        return Ok(None);
    }
    let text = given.value.text()?;
    PemUtil::load_certificate_from_string(text.as_str()).map(Some).map_err(|error| wrong(given, &error))
}

/// The platform's keys by their ids: those that are given, or else the certificates that the platform hands out.
pub fn platform(settings: &Settings) -> Result<Vec<(String, PublicKey)>> {
    if settings.certs.is_empty() {
        if settings.apiv3_key.is_none() || settings.private_key.is_none() {
            return Err(missing("certs", "a key of the platform").next("--cert ID=FILE can be repeated"));
        }
        let instance = settings.builder()?.build().map_err(|error| Failure::call(&error))?;
        let certificates = instance.download_certificates().map_err(|error| Failure::call(&error))?;
        let key = |certificate: Certificate| {
            let key = certificate.public_key().map_err(|error| Failure::call(&error))?;
            Ok((certificate.serial_no().to_owned(), key))
        };
        return certificates.into_iter().map(key).collect();
    }
    let key = |(id, given): (&String, &Given<Material>)| {
        let key = PublicKey::load(given.value.key()).map_err(|error| wrong(given, &error))?;
        Ok((id.clone(), key))
    };
    settings.certs.iter().map(key).collect()
}

/// The APIv3 key.
pub fn apiv3(settings: &Settings) -> Result<Zeroizing<String>> {
    symmetric(settings.apiv3_key.as_ref(), "apiv3_key", "the APIv3 key")
}

/// The APIv2 key.
pub fn secret(settings: &Settings) -> Result<Zeroizing<String>> {
    symmetric(settings.secret.as_ref(), "secret", "the APIv2 key")
}

fn symmetric(given: Option<&Given<Material>>, name: &str, what: &str) -> Result<Zeroizing<String>> {
    let given = given.ok_or_else(|| missing(name, what))?;
    let key = given.value.text()?;
    match key.len() {
        SYMMETRIC => Ok(key),
        length => Err(Failure::usage(format!("{}: {what} has {SYMMETRIC} bytes, and this {length}", given.from))),
    }
}

/// Whether a public key belongs to a private one.
pub fn belong_together(private: &PrivateKey, public: &PublicKey) -> bool {
    const MESSAGE: &str = "wechatpay";
    Rsa::sign(MESSAGE, private).is_ok_and(|signature| Rsa::verify(MESSAGE, signature, public))
}

fn missing(name: &str, what: &str) -> Failure {
    let flag = if name == "certs" { "cert".to_owned() } else { name.replace('_', "-") };
    Failure::usage(format!("{what} is missing"))
        .next(format!("give it by --{flag}, by {} or as `{name}` in a profile", variable_name(name)))
        .next("or try it with no account: --profile sandbox")
}

fn wrong(given: &Given<Material>, error: &wechatpay::Error) -> Failure {
    Failure::usage(format!("{}: {error}", given.from))
}
