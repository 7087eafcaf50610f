//! `v3/security/echo`, which repeats what it is sent: proves both signatures and both encryptions, and moves nothing.

use wechatpay::{
    CertificatesFailure, Chain, Error, Formatter, Response, SignErrorCause, StatusError, Value, VerificationError,
    VerificationFailure, json,
};

use super::report::Report;
use super::{clock, keys};
use crate::failure::Failure;
use crate::settings::Settings;

const PATH: &str = "v3/security/echo";

/// What a proxy that changes requests has to be told.
const PROXY: &str =
    "a proxy between here and the platform changes what is sent: let it pass requests and answers as they are";

pub fn check(settings: &Settings, instance: &Chain, report: &mut Report<'_>) {
    if settings.brand_id.is_some() {
        return report.open("echo", "the platform has no such operation for brands");
    }
    if settings.is_apiv2_alone() {
        return report.open("echo", "the platform has no such operation of APIv2");
    }
    let (plain, secret) = (Formatter::nonce(16), Formatter::nonce(16));
    let call = json!({
        "json": { "echo_message": plain, "encrypted_echo_message": secret },
        "encrypt": ["/json/encrypted_echo_message"],
    });
    let answered = instance.chain(PATH).post(call);
    if let Some(answer) = answered.as_ref().map_or_else(Error::response, Some) {
        clock::check(answer, report);
    }
    match answered {
        Ok(answer) => {
            report.ok("signature", "the platform has accepted the request");
            report.ok("verification", format!("its answer is verified{}", key_of(&answer)));
            encryption(&answer, &plain, &secret, report);
            apiv3_key(settings, instance, report);
        }
        Err(Error::Client(status)) if status.code() == Some("SIGN_ERROR") => signature(&status, settings, report),
        Err(Error::Verification(error)) => {
            report.ok("signature", "the platform has accepted the request");
            verification(&error, report);
        }
        Err(error) => other(&error, report),
    }
}

/// `, by the key …`.
fn key_of(answer: &Response) -> String {
    answer.header("Wechatpay-Serial").map_or_else(String::new, |serial| format!(", by the key {serial}"))
}

fn encryption(answer: &Response, plain: &str, secret: &str, report: &mut Report<'_>) {
    let name = "encryption";
    match answer.decrypt(["/encrypted_echo_message"]) {
        Ok(answer) if says(&answer, "echo_message", plain) && says(&answer, "encrypted_echo_message", secret) => {
            report.ok(name, "what was encrypted for the platform came back, encrypted for this private key");
        }
        Ok(_) => report.failed(
            name,
            "what came back is not what was sent",
            &["ask the platform's support, with the Request-ID of the answer (--debug shows it)".to_owned()],
        ),
        Err(error) => report.failed(
            name,
            Failure::call(&error).message(),
            &["the platform encrypts for the certificate of `serial`: does the private key belong to it?".to_owned()],
        ),
    }
}

fn says(answer: &Value, name: &str, text: &str) -> bool {
    answer.get(name).is_some_and(|value| value == text)
}

/// The request was refused for its signature.
fn signature(status: &StatusError, settings: &Settings, report: &mut Report<'_>) {
    let serial = settings.serial.as_ref().map(|serial| keys::shown(&serial.value)).unwrap_or_default();
    let fix = match status.sign_error().map(|why| why.cause()) {
        Some(SignErrorCause::PrivateKey) => vec![
            format!("give the private key of the certificate {serial}, both from the same download"),
            "or the serial of the key's own certificate: openssl x509 -in apiclient_cert.pem -noout -serial".to_owned(),
        ],
        Some(SignErrorCause::Clock) => vec![clock::FIX.to_owned()],
        Some(_) => vec![PROXY.to_owned()],
        None => vec![
            "compare `mchid` and `serial` with pay.weixin.qq.com → 账户中心 → API安全: is the certificate this merchant's, and not revoked?".to_owned(),
        ],
    };
    report.failed("signature", status.to_string(), &fix);
}

/// The answer is not verified.
fn verification(error: &VerificationError, report: &mut Report<'_>) {
    let fix = match error.failure() {
        VerificationFailure::SerialUnknown { serial, .. } => vec![format!(
            "the platform signs with {serial}: add that key, --cert {serial}=FILE. \
             A certificate is fetched by `wechatpay certs`, a public key is at pay.weixin.qq.com → 账户中心 → API安全"
        )],
        VerificationFailure::SignatureMismatch { serial } => {
            vec![format!("what `certs` has under {serial} is not that key of the platform: download it anew")]
        }
        VerificationFailure::TimestampOutOfRange { .. } => vec![clock::FIX.to_owned()],
        _ => vec![PROXY.to_owned()],
    };
    report.failed("verification", error.failure().to_string(), &fix);
}

/// Neither of both.
fn other(error: &Error, report: &mut Report<'_>) {
    let failure = Failure::call(error);
    match error {
        Error::Certificates(why) => {
            let fix = match why.failure() {
                CertificatesFailure::Undecryptable => APIV3_KEY,
                CertificatesFailure::PublicKeyMode => "give the public key: --cert PUB_KEY_ID_…=pub_key.pem",
                _ => "give a key of the platform by --cert, and see what else is wrong then",
            };
            report.failed("certs", failure.message(), &[fix.to_owned()]);
        }
        Error::Client(status) if status.code() == Some("PARAM_ERROR") => {
            report.ok("signature", "the platform has accepted the request");
            report.failed(
                "encryption",
                failure.message(),
                &["the platform cannot decrypt it: is each of `certs` the key that its id says?".to_owned()],
            );
        }
        Error::Options(_) => {
            report.failed("encryption", failure.message(), &["choose one of `certs`: --wechatpay-serial ID".to_owned()])
        }
        Error::Client(_) => report.warning(
            "echo",
            failure.message(),
            &["this is not about the signature; the platform's support can say more, by the Request-ID".to_owned()],
        ),
        _ => report.failed(
            "echo",
            failure.message(),
            &["try again; the lines about the host above may say why".to_owned()],
        ),
    }
}

/// What to do about an APIv3 key that does not decrypt.
const APIV3_KEY: &str =
    "it is what was set at pay.weixin.qq.com → 账户中心 → API安全 → APIv3密钥, and not the APIv2 key";

/// Whether the APIv3 key is the platform's: its certificates are encrypted with it.
fn apiv3_key(settings: &Settings, instance: &Chain, report: &mut Report<'_>) {
    let name = "apiv3_key";
    if settings.apiv3_key.is_none() {
        return;
    }
    match instance.download_certificates() {
        Ok(_) => report.ok(name, "decrypts the platform's certificates"),
        Err(Error::Certificates(why)) if matches!(why.failure(), CertificatesFailure::Undecryptable) => {
            report.failed(name, why.to_string(), &[APIV3_KEY.to_owned()]);
        }
        Err(Error::Certificates(why)) if matches!(why.failure(), CertificatesFailure::PublicKeyMode) => {
            report
                .open(name, "this merchant has no certificates that it could be tried on; notifications will show it");
        }
        Err(error) => {
            report.warning(name, Failure::call(&error).message(), &["it could not be tried; try again".to_owned()])
        }
    }
}
