//! APIv3 as pure functions: what is signed, which answers are signed, and when a signature is valid.

use crate::http::{HeaderMap, HeaderName, Method, Uri};

use crate::error::{Result, VerificationFailure};
use crate::keys::identity::Apiv3;
use crate::keys::signature::Verifier;
use crate::text::formatter::Formatter;

/// How far the platform's clock may be from ours, in seconds.
const CLOCK_TOLERANCE: u64 = 300;

/// Characters of a nonce.
const NONCE: usize = 32;

/// What differs in the signature of each attempt.
pub(crate) struct Stamp {
    timestamp: i64,
    nonce: String,
}

impl Stamp {
    /// The current time and a new nonce.
    pub(crate) fn now() -> Stamp {
        Stamp { timestamp: Formatter::timestamp(), nonce: Formatter::nonce(NONCE) }
    }

    /// The message that is signed.
    pub(crate) fn message(&self, method: &Method, uri: &Uri, body: &[u8]) -> Vec<u8> {
        let target = uri.path_and_query().map_or_else(|| uri.path(), |target| target.as_str());
        Formatter::request(method, target, self.timestamp, &self.nonce, body)
    }

    /// The value of `Authorization`.
    pub(crate) fn authorization(&self, apiv3: &Apiv3, message: &[u8]) -> Result<String> {
        let (signature, scheme) = (apiv3.sign(message)?, apiv3.scheme());
        Ok(scheme.authorization(apiv3.party.id(), &self.nonce, signature, self.timestamp, &apiv3.serial))
    }
}

/// Which part of a success must be signed.
#[derive(Debug, PartialEq)]
pub(crate) enum Expectation {
    /// Nothing: it is one of the downloads that the platform does not sign.
    Nothing,
    /// The bytes of its body.
    Body,
    /// The SHA-1 of its body, as the header announces it.
    Statement { sha1: String },
}

/// Which part must be signed, depending on the path that was called and the headers of the answer.
pub(crate) fn expectation(path: &str, headers: &HeaderMap) -> Expectation {
    if is_unsigned(path) {
        return Expectation::Nothing;
    }
    match statement_digest(path, headers) {
        Some(sha1) => Expectation::Statement { sha1: sha1.to_owned() },
        None => Expectation::Body,
    }
}

/// What is signed of a statement.
pub(crate) fn statement_message(sha1: &str) -> Vec<u8> {
    format!("{{\"sha1\":\"{sha1}\"}}").into_bytes()
}

/// Downloads without a signature: those known to the PHP SDK or the Node SDK.
fn is_unsigned(path: &str) -> bool {
    const FILES: [&str; 4] = [
        "/v3/billdownload/file",
        "/v3/transferdownload/elecvoucherfile",
        "/v3/transferdownload/signfile",
        "/v3/new-tax-control-fapiao/download",
    ];
    const IMAGES: [&str; 2] = ["/v3/merchant-service/images/", "/v3/global/merchant-service/images/"];
    let is_image = |name: &str| !name.is_empty() && name != "upload";
    FILES.contains(&path) || IMAGES.iter().any(|folder| path.strip_prefix(folder).is_some_and(is_image))
}

/// Of statements of overseas merchants, the SHA-1 is signed.
fn statement_digest<'a>(path: &str, headers: &'a HeaderMap) -> Option<&'a str> {
    const STATEMENTS: [&str; 3] = ["/v3/global/statements", "/hk/v3/statements", "/v3/statements"];
    if !STATEMENTS.contains(&path) {
        return None;
    }
    let mut announced = headers.get_all("wechatpay-statement-sha1").iter();
    // If there are two, neither counts.
    announced.next().filter(|_| announced.next().is_none())?.to_str().ok()
}

/// Verifies the four `Wechatpay-*` headers against these bytes.
pub(crate) fn verify(verifier: &dyn Verifier, headers: &HeaderMap, signed: &[u8]) -> Result<(), VerificationFailure> {
    Signature::of(headers)?.verify(verifier, signed)
}

/// The four `Wechatpay-*` headers.
pub(crate) struct Signature<'a> {
    nonce: &'a str,
    pub(crate) serial: &'a str,
    /// The signature; not yet checked to be base64.
    pub(crate) value: &'a str,
    timestamp: &'a str,
}

impl<'a> Signature<'a> {
    /// # Errors
    /// If one of them is missing, or occurs more than once.
    pub(crate) fn of(headers: &'a HeaderMap) -> Result<Signature<'a>, VerificationFailure> {
        Ok(Signature {
            nonce: single(headers, const { HeaderName::from_static("wechatpay-nonce") }, "Wechatpay-Nonce")?,
            serial: single(headers, const { HeaderName::from_static("wechatpay-serial") }, "Wechatpay-Serial")?,
            value: single(headers, const { HeaderName::from_static("wechatpay-signature") }, "Wechatpay-Signature")?,
            timestamp: single(
                headers,
                const { HeaderName::from_static("wechatpay-timestamp") },
                "Wechatpay-Timestamp",
            )?,
        })
    }

    /// Checks that it was made just now.
    pub(crate) fn check_clock(&self) -> Result<(), VerificationFailure> {
        check_clock(self.timestamp, Formatter::timestamp())
    }

    /// Checks that it was made just now, over these bytes.
    pub(crate) fn verify(&self, verifier: &dyn Verifier, signed: &[u8]) -> Result<(), VerificationFailure> {
        self.check_clock()?;
        let message = Formatter::response(self.timestamp, self.nonce, signed);
        match verifier.verify(self.serial, &message, self.value) {
            Ok(true) => Ok(()),
            Ok(false) => Err(VerificationFailure::SignatureMismatch { serial: self.serial.to_owned() }),
            Err(error) => Err(error.downcast().unwrap_or_else(VerificationFailure::Verifier)),
        }
    }
}

/// The value of a header that must occur exactly once; `name` is for messages.
fn single<'a>(headers: &'a HeaderMap, key: HeaderName, name: &'static str) -> Result<&'a str, VerificationFailure> {
    let mut values = headers.get_all(key).iter();
    match (values.next(), values.next()) {
        (None, _) => Err(VerificationFailure::HeaderMissing { name }),
        (Some(value), None) => value.to_str().map_err(|_| VerificationFailure::HeaderAmbiguous { name }),
        (Some(_), Some(_)) => Err(VerificationFailure::HeaderAmbiguous { name }),
    }
}

fn check_clock(timestamp: &str, now: i64) -> Result<(), VerificationFailure> {
    let Some(seconds) = timestamp.parse::<i64>().ok().filter(|_| timestamp.bytes().all(|b| b.is_ascii_digit())) else {
        return Err(VerificationFailure::TimestampInvalid { timestamp: timestamp.to_owned() });
    };
    if seconds.abs_diff(now) <= CLOCK_TOLERANCE {
        Ok(())
    } else {
        Err(VerificationFailure::TimestampOutOfRange { timestamp: seconds, now })
    }
}
