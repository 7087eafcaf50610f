//! The merchant's own keys: what they are, and whether they belong together.

use wechatpay::{Certificate, Formatter, PemUtil, PrivateKey};

use super::report::Report;
use crate::keys::{self, PUBLIC_KEY_ID, SYMMETRIC, belong_together};
use crate::secret::Material;
use crate::settings::{Given, Settings};

/// What the platform takes.
const BITS: u32 = 2048;

/// When a certificate that ends is warned about.
const SOON: i64 = 30 * 24 * 60 * 60;

/// The id of a key or a certificate, unless it may be a key that was put there by mistake.
pub fn shown(id: &str) -> String {
    let is_serial = id.bytes().all(|byte| byte.is_ascii_hexdigit()) && id.len() != SYMMETRIC;
    let is_public_key =
        id.starts_with(PUBLIC_KEY_ID) && id.bytes().all(|byte| byte == b'_' || byte.is_ascii_alphanumeric());
    if id.len() <= 64 && (is_serial || is_public_key) { id.to_owned() } else { format!("an id of {} bytes", id.len()) }
}

/// Where the platform shows keys and certificates.
const PLACE: &str = "pay.weixin.qq.com → 账户中心 → API安全";

/// The merchant's key, and certificate, as far as they can be read.
#[derive(Default)]
pub struct Own {
    pub private_key: Option<PrivateKey>,
    pub certificate: Option<Certificate>,
}

impl Own {
    /// Whether a public key is that of the private key.
    pub fn has(&self, public: &wechatpay::PublicKey) -> bool {
        self.private_key.as_ref().is_some_and(|private| belong_together(private, public))
    }
}

pub fn check(settings: &Settings, report: &mut Report<'_>) -> Own {
    let (private_key, beside) = private_key(settings, report);
    let certificate = certificate(settings, report).or(beside);
    let own = Own { private_key, certificate };
    serial(settings, &own, report);
    if let (Some(certificate), Some(private_key)) = (&own.certificate, &own.private_key) {
        pair(certificate, private_key, report);
    }
    if let Some(certificate) = &own.certificate {
        validity("certificate", "the merchant's certificate", certificate, report);
    }
    own
}

/// The private key, and the certificate that is in the same file.
fn private_key(settings: &Settings, report: &mut Report<'_>) -> (Option<PrivateKey>, Option<Certificate>) {
    let Some(given) = &settings.private_key else { return (None, None) };
    let fix = |more: &str| {
        let place = format!("it is apiclient_key.pem in the download of {PLACE} → 商户API证书");
        [more.to_owned(), place].into_iter().filter(|step| !step.is_empty()).collect::<Vec<_>>()
    };
    match PrivateKey::load_with_certificate(keys::source(settings, given)) {
        Ok((key, _)) if key.bits() < BITS => {
            report.failed("private_key", format!("RSA-{}, and the platform takes RSA-{BITS}", key.bits()), &fix(""));
            (None, None)
        }
        Ok((key, certificate)) => {
            let form = form(given, certificate.is_some());
            report.ok("private_key", format!("RSA-{}, {form}, from {}", key.bits(), given.from));
            (Some(key), certificate)
        }
        Err(error) => {
            report.failed("private_key", format!("{error} (from {})", given.from), &fix(""));
            (None, None)
        }
    }
}

fn form(given: &Given<Material>, is_pkcs12: bool) -> &'static str {
    let text = if is_pkcs12 { None } else { given.value.text().ok() };
    match text.as_ref().map(|text| text.as_str()) {
        None => "PKCS#12",
        Some(text) if text.contains("BEGIN RSA PRIVATE KEY") || text.starts_with("private.pkcs1://") => "PKCS#1",
        Some(_) => "PKCS#8",
    }
}

fn certificate(settings: &Settings, report: &mut Report<'_>) -> Option<Certificate> {
    let given = settings.merchant_cert.as_ref()?;
    let name = "merchant_cert";
    let is_pkcs12 = given.value.is_pkcs12();
    let loaded = match &given.value {
        _ if is_pkcs12 => {
            PrivateKey::load_with_certificate(keys::source(settings, given)).map(|(_, certificate)| certificate)
        }
        Material::File(path) => PemUtil::load_certificate(path.display().to_string()).map(Some),
        Material::Text(text) => PemUtil::load_certificate_from_string(text.as_str()).map(Some),
    };
    match loaded {
        Ok(certificate) => {
            let serial = certificate.as_ref().map(|certificate| certificate.serial_no()).unwrap_or_default();
            report.ok(name, format!("{serial}, from {}", given.from));
            certificate
        }
        Err(error) => {
            let fix = if is_pkcs12 {
                "its passphrase is the merchant's number: is `mchid` that of this certificate?".to_owned()
            } else {
                format!("it is apiclient_cert.pem in the download of {PLACE} → 商户API证书")
            };
            report.failed(name, format!("{error} (from {})", given.from), &[fix]);
            None
        }
    }
}

fn serial(settings: &Settings, own: &Own, report: &mut Report<'_>) {
    let Some(Given { value, from }) = &settings.serial else { return };
    let serial = shown(value);
    let command = "openssl x509 -in apiclient_cert.pem -noout -serial".to_owned();
    let certificate = own.certificate.as_ref().map(Certificate::serial_no);
    if value.starts_with(PUBLIC_KEY_ID) {
        let what =
            format!("{serial}, from {from}, is the id of a public key of the platform, which belongs into `certs`");
        report.failed("serial", what, &[format!("give the serial of your own certificate: {command}")]);
    } else if value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        report.failed("serial", format!("{serial}, from {from}, is not a serial in hex"), &[command]);
    } else {
        match certificate {
            None => report.ok("serial", format!("{serial}, from {from}; not compared, as there is no `merchant_cert`")),
            Some(its) if its.eq_ignore_ascii_case(value) => {
                report.ok("serial", format!("{serial}, from {from}, is that of the certificate"));
            }
            Some(its) => report.failed(
                "serial",
                format!("{serial}, from {from}, is not that of the certificate, {its}"),
                &[format!("use the serial of the certificate: --serial {its}")],
            ),
        }
    }
}

fn pair(certificate: &Certificate, private_key: &PrivateKey, report: &mut Report<'_>) {
    let serial = certificate.serial_no();
    if certificate.public_key().is_ok_and(|public| belong_together(private_key, &public)) {
        report.ok("pair", format!("the private key is that of the certificate {serial}"));
    } else {
        report.failed(
            "pair",
            format!("the private key is not that of the certificate {serial}"),
            &["take both from the same download: apiclient_key.pem and apiclient_cert.pem".to_owned()],
        );
    }
}

/// Whether a certificate is valid now; says how long it will be.
pub fn validity(name: &'static str, what: &str, certificate: &Certificate, report: &mut Report<'_>) {
    let now = Formatter::timestamp();
    let (begins, ends) = (certificate.not_before(), certificate.not_after());
    let (first, last) = (day(begins), day(ends));
    if now < begins {
        let fix = ["is the clock of this machine right? `date` shows it".to_owned()];
        report.failed(name, format!("{what} is valid from {first} on, and not yet"), &fix);
    } else if now > ends {
        report.failed(name, format!("{what} has expired on {last}"), &[format!("get a new one: {PLACE}")]);
    } else if ends.saturating_sub(now) < SOON {
        report.warning(name, format!("{what} expires on {last}"), &[format!("get a new one in time: {PLACE}")]);
    } else {
        report.ok(name, format!("{what} is valid until {last}"));
    }
}

/// The day in China of Unix seconds: `2026-01-31`.
fn day(seconds: i64) -> String {
    Formatter::date_c(seconds).chars().take(10).collect()
}

/// The APIv3 key and the APIv2 key.
pub fn check_symmetric(settings: &Settings, report: &mut Report<'_>) {
    for (name, title, given) in
        [("apiv3_key", "APIv3密钥", &settings.apiv3_key), ("secret", "APIv2密钥", &settings.secret)]
    {
        let Some(given) = given else { continue };
        let place = || format!("it is what was set at {PLACE} → {title}");
        match given.value.text() {
            Ok(key) if key.len() == SYMMETRIC => report.ok(name, format!("{SYMMETRIC} bytes, from {}", given.from)),
            Ok(key) => report.failed(
                name,
                format!("{} bytes, from {}, and {SYMMETRIC} are needed", key.len(), given.from),
                &[reason(&key).map_or_else(place, str::to_owned)],
            ),
            Err(failure) => report.failed(name, failure.message(), &[place()]),
        }
    }
    let text = |given: &Option<Given<Material>>| given.as_ref().and_then(|given| given.value.text().ok());
    match (text(&settings.apiv3_key), text(&settings.secret)) {
        (Some(apiv3_key), Some(secret)) if apiv3_key == secret => report.warning(
            "apiv3_key",
            "it is the same as `secret`: is one of them in the place of the other?",
            &[format!("APIv3密钥 and APIv2密钥 are set one by one at {PLACE}")],
        ),
        (None, _) if settings.brand_id.is_none() && !settings.is_apiv2_alone() => {
            report.open("apiv3_key", "not set: no notification can be decrypted without it");
        }
        _ => {}
    }
}

/// Why a key may be too long.
fn reason(key: &str) -> Option<&'static str> {
    if key.contains("-----BEGIN") {
        Some("this is the text of a PEM file: the key is 32 characters, chosen by the merchant")
    } else if key.trim().len() == SYMMETRIC {
        Some("take the white space before and after it away")
    } else {
        None
    }
}
