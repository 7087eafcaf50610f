//! Which of `certs` is what: they must be the platform's, each under its own id.

use wechatpay::{Certificate, PemUtil, PublicKey};

use super::keys::{Own, shown, validity};
use super::report::Report;
use super::settings::missing;
use crate::keys::PUBLIC_KEY_ID;
use crate::secret::Material;
use crate::settings::{Given, Settings};

/// How `certs` are given right.
const RIGHT: &str =
    "give the platform's public key, --cert PUB_KEY_ID_…=pub_key.pem, or its certificates, --cert SERIAL=FILE";

pub fn check(settings: &Settings, own: &Own, report: &mut Report<'_>) {
    if settings.certs.is_empty() && !settings.is_apiv2_alone() {
        match settings.apiv3_key {
            Some(_) if settings.brand_id.is_none() => {
                report.ok("certs", "none: the platform's certificates are fetched with the APIv3 key");
            }
            _ => missing("certs", "--cert ID=FILE", "a key of the platform, by which answers are verified", report),
        }
    }
    for (id, given) in &settings.certs {
        check_one(id, given, settings, own, report);
    }
    check_choice(settings, report);
}

/// Which of several keys requests name.
fn check_choice(settings: &Settings, report: &mut Report<'_>) {
    let name = "wechatpay_serial";
    let known = || settings.certs.keys().map(|id| shown(id)).collect::<Vec<_>>().join(", ");
    match &settings.wechatpay_serial {
        // One that is fetched is not known yet.
        Some(given) if settings.certs.is_empty() || settings.certs.contains_key(&given.value) => {
            report.ok(name, format!("{}, from {}", shown(&given.value), given.from));
        }
        Some(given) => report.failed(
            name,
            format!("{}, from {}, is not one of `certs`", shown(&given.value), given.from),
            &[format!("name one of them: {}", known())],
        ),
        None if settings.certs.len() > 1 => report.warning(
            name,
            format!("there are several keys of the platform ({}), and none of them is chosen", known()),
            &["calls that encrypt need one: --wechatpay-serial ID, the public key if there is one".to_owned()],
        ),
        None => {}
    }
}

/// What is in the place of a key of the platform.
enum Found {
    Certificate(Certificate),
    PublicKey(PublicKey),
    PrivateKey,
    Pkcs12,
    /// Why it cannot be read.
    Nothing(String),
}

fn find(given: &Given<Material>) -> Found {
    if given.value.is_pkcs12() {
        return Found::Pkcs12;
    }
    let text = match given.value.text() {
        Ok(text) => text,
        Err(failure) => return Found::Nothing(failure.message().to_owned()),
    };
    if text.contains("PRIVATE KEY-----") {
        return Found::PrivateKey;
    }
    let found = if text.contains("BEGIN CERTIFICATE-----") {
        PemUtil::load_certificate_from_string(text.as_str()).map(Found::Certificate)
    } else {
        PublicKey::load(given.value.key()).map(Found::PublicKey)
    };
    found.unwrap_or_else(|error| Found::Nothing(error.to_string()))
}

/// A public key that is not the merchant's own.
fn public_key(id: &str, public: &PublicKey, given: &Given<Material>, settings: &Settings, report: &mut Report<'_>) {
    let (name, shown) = ("certs", shown(id));
    let is_public_key = id.starts_with(PUBLIC_KEY_ID);
    if settings.brand_id.is_some() && !is_public_key {
        report.failed(
            name,
            format!("{shown} is not an id PUB_KEY_ID_…, and brands have no other keys of the platform"),
            &[RIGHT.to_owned()],
        );
    } else if !is_public_key {
        report.warning(
            name,
            format!(
                "{shown} is a serial, and the file has a bare public key: nobody sees when its certificate expires"
            ),
            &["a public key has an id PUB_KEY_ID_…, which the platform shows beside it; a serial is of a certificate"
                .to_owned()],
        );
    } else {
        report.ok(name, format!("{shown}, the platform's public key, RSA-{}, from {}", public.bits(), given.from));
    }
}

fn check_one(id: &str, given: &Given<Material>, settings: &Settings, own: &Own, report: &mut Report<'_>) {
    let name = "certs";
    let shown = shown(id);
    let path = given.value.path().map_or_else(String::new, |path| path.display().to_string());
    let is_own_serial = |serial: &str| {
        let ours = [
            settings.serial.as_ref().map(|serial| &*serial.value),
            own.certificate.as_ref().map(Certificate::serial_no),
        ];
        ours.into_iter().flatten().any(|own| own.eq_ignore_ascii_case(serial))
    };
    let is_own_key = |what: &str| format!("{shown} is {what} of the merchant's own, and must be the platform's");
    match find(given) {
        Found::PrivateKey => report.failed(
            name,
            format!("{shown} is a private key, and must be a public key or a certificate of the platform"),
            &[RIGHT.to_owned()],
        ),
        Found::Pkcs12 => report.failed(
            name,
            format!("{shown} is a PKCS#12 file, which has a merchant's key"),
            &[RIGHT.to_owned(), format!("that file is `merchant_cert`: --merchant-cert {path}")],
        ),
        Found::Nothing(why) => {
            report.failed(name, format!("{shown}: {why} (from {})", given.from), &[RIGHT.to_owned()])
        }
        Found::Certificate(certificate) => {
            let serial = certificate.serial_no();
            if is_own_serial(serial) || certificate.public_key().is_ok_and(|public| own.has(&public)) {
                report.failed(name, is_own_key("a certificate"), &[RIGHT.to_owned()]);
            } else if id.starts_with(PUBLIC_KEY_ID) {
                report.failed(
                    name,
                    format!("{shown} is the id of a public key, and the file has the certificate {serial}"),
                    &[
                        format!("if it is the platform's certificate: --cert {serial}={path}"),
                        format!("or give the public key: --cert {shown}=pub_key.pem"),
                    ],
                );
            } else if id != serial {
                report.failed(
                    name,
                    format!("{shown} is the certificate {serial}"),
                    &[format!("name it by its own serial: --cert {serial}={path}")],
                );
            } else {
                validity(name, &format!("the platform's certificate {serial}"), &certificate, report);
            }
        }
        Found::PublicKey(public) => {
            let is_own = own.has(&public) || (is_own_serial(id) && !id.starts_with(PUBLIC_KEY_ID));
            if is_own {
                report.failed(name, is_own_key("the public key"), &[RIGHT.to_owned()]);
            } else {
                public_key(id, &public, given, settings, report);
            }
        }
    }
}
