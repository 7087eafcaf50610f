//! What can go wrong, and whether the platform may have acted nevertheless.

use std::error::Error as StdError;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use crate::Response;
use crate::notification::NotificationError;
use crate::redact;
use crate::sign_error::{SignError, SignedMessage};

/// The library's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Whether the platform may have acted on a request that ended with an [`Error`].
///
/// This is the question to ask before a payment, a refund or a coupon is issued again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// Not one byte of the request left this machine. It can be sent again as it is.
    NotSent,
    /// The platform answered 4xx: it refused this request and did nothing. Of an earlier attempt whose
    /// outcome was unknown it says nothing: that one may have succeeded.
    Rejected,
    /// The platform may or may not have acted. **Query by your own number** (`out_trade_no`,
    /// `out_refund_no`, `out_request_no`, …) before anything else, or repeat the request under the
    /// *same* number. Never issue again under a new one.
    Unknown,
}

/// All errors of this crate.
///
/// `Display` says what happened, with the values involved and never a secret; the cause, where there
/// is one, is behind [`source`](StdError::source) and is not repeated. With `anyhow`, `{:#}` prints
/// the whole line of causes.
///
/// ```
/// use wechatpay::{Error, Outcome};
///
/// fn handle(error: &Error) -> &'static str {
///     match error {
///         Error::Client(answer) if answer.code() == Some("NOT_ENOUGH") => "top up the account",
///         _ => match error.outcome() {
///             Outcome::NotSent => "send it again",
///             Outcome::Rejected => "mend the request",
///             Outcome::Unknown => "query by your own number first",
///         },
///     }
/// }
/// # let error = wechatpay::Builder::new().build().unwrap_err();
/// # assert_eq!(handle(&error), "send it again");
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The configuration is incomplete or contradicts itself (PHP: `InvalidArgumentException`).
    Config(String),
    /// The options of a call were refused before anything was sent.
    Options(String),
    /// A key or certificate could not be read (PHP: `UnexpectedValueException`).
    Key(String),
    /// A cryptographic operation failed, such as a decryption with the wrong key.
    Crypto(String),
    /// An attempt could not be signed.
    Signing(Box<SigningError>),
    /// There is no key of the platform to verify an answer with, and its certificates could not be fetched.
    /// The call was not made.
    Certificates(Arc<CertificatesError>),
    /// A file to be uploaded could not be read, or is not what it was.
    Upload(Box<FileError>),
    /// No thread could be started for an async verb, and there was none to wait for. Nothing was sent.
    Thread(std::io::Error),
    /// The connection failed (PHP: `ConnectException`, `RequestException`).
    Connection(Box<ConnectionError>),
    /// A time limit ran out.
    Timeout(Box<TimeoutError>),
    /// More than five redirects (PHP: `TooManyRedirectsException`).
    TooManyRedirects(Box<RedirectError>),
    /// A redirect to another host, scheme or port. It is not followed: nothing signed leaves for elsewhere.
    RedirectRefused(Box<RedirectError>),
    /// The platform answered 4xx (PHP: `ClientException`).
    Client(Box<StatusError>),
    /// The platform answered 5xx (PHP: `ServerException`).
    Server(Box<StatusError>),
    /// The platform answered with a status that is neither a success nor one of these: 304, 399 or 600, a redirect that leads
    /// nowhere, or a 206 that nobody asked for.
    Status(Box<StatusError>),
    /// A 2xx answer whose signature does not hold (PHP: `RequestException` with the response).
    Verification(Box<VerificationError>),
    /// An answer of APIv2 that is no success (PHP: `RejectionException` with the response).
    Apiv2(Box<Apiv2Error>),
    /// A notification that was refused. [`reply`](Error::reply) is what to answer with.
    Notification(Box<NotificationError>),
    /// The answer is larger than what is kept in memory.
    TooLarge(Box<TooLargeError>),
    /// The answer is not JSON.
    Json(Box<JsonError>),
    /// A sensitive field of the answer cannot be decrypted.
    Decryption(Box<DecryptionError>),
    /// XML could not be read, or not be written. As it may have been an answer, its outcome is unknown.
    Xml(String),
    /// The file given as `sink` could not be written.
    Sink(Box<FileError>),
    /// A callback of a [`Promise`](crate::Promise) failed, after a call that had an effect or may have had one. The cause is
    /// behind [`source`](StdError::source); where it is an error of this crate, [`code`](Error::code) and
    /// [`response`](Error::response) are those of the cause.
    Callback(anyhow::Error),
}

impl Error {
    /// Whether the platform may have acted on the request.
    pub fn outcome(&self) -> Outcome {
        match self {
            Error::Config(_)
            | Error::Options(_)
            | Error::Key(_)
            | Error::Crypto(_)
            | Error::Certificates(_)
            | Error::Notification(_)
            | Error::Thread(_) => Outcome::NotSent,
            Error::Signing(error) => sent(error.sent),
            Error::Upload(error) | Error::Sink(error) => sent(error.sent),
            Error::Connection(error) => sent(error.sent),
            Error::Timeout(error) => sent(error.sent),
            Error::Client(error) => error.outcome(),
            Error::Apiv2(error) => error.outcome(),
            Error::TooManyRedirects(_)
            | Error::RedirectRefused(_)
            | Error::Server(_)
            | Error::Status(_)
            | Error::Verification(_)
            | Error::TooLarge(_)
            | Error::Json(_)
            | Error::Decryption(_)
            | Error::Xml(_)
            | Error::Callback(_) => Outcome::Unknown,
        }
    }

    /// The platform's answer, when there was one.
    pub fn response(&self) -> Option<&Response> {
        match self {
            Error::Client(error) | Error::Server(error) | Error::Status(error) => Some(&error.response),
            Error::Verification(error) => Some(&error.response),
            Error::TooManyRedirects(error) | Error::RedirectRefused(error) => Some(&error.response),
            Error::Json(error) => Some(&error.response),
            Error::Decryption(error) => Some(&error.response),
            Error::Apiv2(error) => Some(&error.response),
            Error::Callback(error) => error.downcast_ref::<Error>()?.response(),
            _ => None,
        }
    }

    /// The platform's error code: of a 4xx or 5xx answer, such as `PARAM_ERROR`, or the `err_code` of APIv2.
    pub fn code(&self) -> Option<&str> {
        match self {
            Error::Client(error) | Error::Server(error) | Error::Status(error) => error.code(),
            Error::Apiv2(error) => error.err_code(),
            Error::Callback(error) => error.downcast_ref::<Error>()?.code(),
            _ => None,
        }
    }

    /// The platform's name for the call, from the header `Request-ID`: what its support asks for.
    pub fn request_id(&self) -> Option<&str> {
        self.response()?.request_id()
    }

    /// Whether a time limit ran out.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Error::Timeout(_))
    }

    pub(crate) fn signing(source: impl Into<anyhow::Error>) -> Error {
        Error::Signing(Box::new(SigningError { sent: false, source: source.into() }))
    }

    /// The same error, for a call of which an earlier attempt had already left this machine.
    pub(crate) fn after_sending(mut self) -> Error {
        match &mut self {
            Error::Signing(error) => error.sent = true,
            Error::Upload(error) | Error::Sink(error) => error.sent = true,
            Error::Connection(error) => error.sent = true,
            Error::Timeout(error) => error.sent = true,
            // All others say that it has left, or come before anything does.
            _ => {}
        }
        self
    }

    /// The same error, for a request to which a redirect has led; `is_turned` when that is another one than was called.
    pub(crate) fn after_redirect(mut self, is_turned: bool) -> Error {
        if let Error::Apiv2(error) = &mut self {
            error.is_turned |= is_turned;
        }
        self.after_sending()
    }

    /// The error of a callback, after a call that had an effect or may have had one: whatever the callback has failed at, that
    /// is not undone.
    pub(crate) fn of_callback(error: anyhow::Error) -> Error {
        match error.downcast::<Error>() {
            Ok(own) if own.outcome() == Outcome::Unknown => own,
            Ok(own) => Error::Callback(own.into()),
            Err(other) => Error::Callback(other),
        }
    }
}

fn sent(sent: bool) -> Outcome {
    if sent { Outcome::Unknown } else { Outcome::NotSent }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Config(message) => write!(f, "configuration: {}", redact::one_line(message)),
            Error::Options(message) => write!(f, "options: {}", redact::one_line(message)),
            Error::Key(message) => write!(f, "key: {}", redact::one_line(message)),
            Error::Crypto(message) => f.write_str(&redact::one_line(message)),
            Error::Signing(error) => error.fmt(f),
            Error::Certificates(error) => error.fmt(f),
            Error::Upload(error) => write!(f, "upload of {error}"),
            Error::Thread(_) => f.write_str("no thread could be started for an async call, nothing was sent"),
            Error::Connection(error) => error.fmt(f),
            Error::Timeout(error) => error.fmt(f),
            Error::TooManyRedirects(error) => {
                write!(f, "more than 5 redirects, the last one to {}", redact::address(&error.location))
            }
            Error::RedirectRefused(error) => {
                let location = redact::address(&error.location);
                write!(f, "redirect to {location} refused: a signed request stays on its host, scheme and port")
            }
            Error::Client(error) | Error::Server(error) | Error::Status(error) => error.fmt(f),
            Error::Verification(error) => {
                write!(f, "answer {} is not verified: {}", error.response.status(), error.reason)
            }
            Error::Apiv2(error) => error.fmt(f),
            Error::Notification(error) => error.fmt(f),
            Error::TooLarge(error) => error.fmt(f),
            Error::Json(error) => {
                write!(f, "answer {} of {} bytes is not JSON", error.response.status(), error.response.body().len())
            }
            Error::Decryption(error) => error.fmt(f),
            Error::Xml(message) => write!(f, "XML: {}", redact::one_line(message)),
            Error::Sink(error) => write!(f, "sink {error}"),
            Error::Callback(_) => f.write_str("a callback failed after a call that may have had an effect"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Error::Callback(error) => Some(error.as_ref()),
            Error::Signing(error) => Some(error.source.as_ref()),
            Error::Certificates(error) => error.source(),
            Error::Upload(error) | Error::Sink(error) => error.source.as_ref().map(|source| source as _),
            Error::Thread(error) => Some(error),
            Error::Connection(error) => Some(error.source.as_ref()),
            Error::Verification(error) => error.reason.source(),
            Error::Notification(error) => error.source(),
            Error::Json(error) => Some(&error.source),
            _ => None,
        }
    }
}

/// Gives an error of this crate back as it was; any other becomes [`Error::Callback`].
impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Error {
        error.downcast::<Error>().unwrap_or_else(Error::Callback)
    }
}

/// A signer that failed.
#[derive(Debug)]
pub struct SigningError {
    pub(crate) sent: bool,
    pub(crate) source: anyhow::Error,
}

impl SigningError {
    /// Whether an earlier attempt of the call had left already: one that was answered by a redirect.
    pub fn sent(&self) -> bool {
        self.sent
    }
}

impl fmt::Display for SigningError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.sent {
            false => "the request could not be signed, nothing was sent",
            true => "the request could not be signed again after a redirect",
        })
    }
}

/// The platform's certificates could not be fetched.
#[derive(Debug)]
pub struct CertificatesError {
    pub(crate) failure: CertificatesFailure,
    pub(crate) source: Option<Box<Error>>,
}

/// Why the platform's certificates could not be fetched.
#[derive(Debug)]
#[non_exhaustive]
pub enum CertificatesFailure {
    /// The request failed; the cause says how.
    Request,
    /// The platform has none for this merchant (`RESOURCE_NOT_EXISTS`), who uses its public key instead.
    PublicKeyMode,
    /// They cannot be decrypted with the APIv3 key.
    Undecryptable,
    /// The signature of the answer does not hold.
    Unverified(VerificationFailure),
    /// The answer is not what it should be; says why.
    Malformed(String),
}

impl CertificatesError {
    /// Why.
    pub fn failure(&self) -> &CertificatesFailure {
        &self.failure
    }
}

impl fmt::Display for CertificatesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the platform's certificates could not be fetched: ")?;
        match &self.failure {
            CertificatesFailure::Request => f.write_str("the request failed"),
            CertificatesFailure::PublicKeyMode => f.write_str(
                "this merchant uses the platform's public key and has no certificates (RESOURCE_NOT_EXISTS); \
                 give the public key in `certs` under its PUB_KEY_ID_… and leave `downloadCerts` out",
            ),
            CertificatesFailure::Undecryptable => f.write_str(
                "they cannot be decrypted with `apiv3Key`; compare it with the APIv3 key that is set for this merchant",
            ),
            CertificatesFailure::Unverified(reason) => write!(f, "the answer is not verified: {reason}"),
            CertificatesFailure::Malformed(what) => {
                write!(f, "the answer is not as it should be: {}", redact::line(what))
            }
        }
    }
}

impl StdError for CertificatesError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match (&self.failure, &self.source) {
            (CertificatesFailure::Unverified(reason), _) => reason.source(),
            (_, Some(error)) => Some(error.as_ref()),
            _ => None,
        }
    }
}

impl From<CertificatesFailure> for CertificatesError {
    fn from(failure: CertificatesFailure) -> CertificatesError {
        CertificatesError { failure, source: None }
    }
}

/// A connection that could not be made, or broke.
#[derive(Debug)]
pub struct ConnectionError {
    pub(crate) host: String,
    pub(crate) sent: bool,
    pub(crate) source: Box<dyn StdError + Send + Sync>,
}

impl ConnectionError {
    /// Scheme, host and port that was called.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether any byte of the request had been handed to the connection.
    pub fn sent(&self) -> bool {
        self.sent
    }
}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sent {
            false => write!(f, "no connection to {}, nothing was sent", self.host),
            true => write!(f, "the connection to {} failed after the request had begun to leave", self.host),
        }
    }
}

/// A time limit that ran out.
#[derive(Debug)]
pub struct TimeoutError {
    pub(crate) host: String,
    pub(crate) sent: bool,
    pub(crate) limit: &'static str,
}

impl TimeoutError {
    /// Scheme, host and port that was called.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether any byte of the request had been handed to the connection.
    pub fn sent(&self) -> bool {
        self.sent
    }

    /// The option whose limit ran out: `timeout`, `connect_timeout` or `read_timeout`.
    pub fn limit(&self) -> &str {
        self.limit
    }
}

impl fmt::Display for TimeoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phase = match self.sent {
            false => "before anything was sent",
            true => "after the request had begun to leave",
        };
        write!(f, "`{}` ran out while calling {}, {phase}", self.limit, self.host)
    }
}

/// A redirect that was not followed.
pub struct RedirectError {
    pub(crate) location: String,
    pub(crate) response: Response,
}

impl RedirectError {
    /// Where the answer pointed.
    pub fn location(&self) -> &str {
        &self.location
    }

    /// The 3xx answer.
    pub fn response(&self) -> &Response {
        &self.response
    }
}

impl fmt::Debug for RedirectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedirectError")
            .field("location", &redact::address(&self.location))
            .field("response", &self.response)
            .finish()
    }
}

/// An answer that is not a success: the platform's own words.
pub struct StatusError {
    code: Option<String>,
    message: Option<String>,
    detail: Option<Value>,
    sign_error: Option<SignError>,
    is_turned: bool,
    response: Response,
}

/// The largest body of an error that is read as JSON, in bytes. It is not verified, and takes many times its size; the
/// platform's have some hundred bytes.
const LARGEST_ERROR: usize = 1 << 20;

impl StatusError {
    /// `signed` is the message that was signed, where that may be what the answer is about.
    pub(crate) fn new(response: Response, signed: Option<SignedMessage>) -> StatusError {
        let readable = Some(response.body()).filter(|body| body.len() <= LARGEST_ERROR);
        let mut body = readable.and_then(|body| serde_json::from_slice::<Value>(body).ok()).unwrap_or_default();
        let mut text = |name| match body.get_mut(name).map(Value::take) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let (code, message) = (text("code"), text("message"));
        let detail = body.get_mut("detail").map(Value::take).filter(|detail| !detail.is_null());
        let explain = |signed: SignedMessage| SignError::explain(message.as_deref(), detail.as_ref(), &signed.0);
        let sign_error = signed.filter(|_| code.as_deref() == Some("SIGN_ERROR")).and_then(explain);
        StatusError { code, message, detail, sign_error, is_turned: false, response }
    }

    /// The same; `is_turned` when it answers another request than was called.
    pub(crate) fn after_redirect(mut self, is_turned: bool) -> StatusError {
        self.is_turned = is_turned;
        self
    }

    /// Whether a redirect had made another request of the one that was called, and this is the answer to that: a POST that
    /// was redirected by 301, 302 or 303 goes on as a GET. It says nothing about the request that was called, which may have
    /// been carried out.
    pub fn is_after_redirect(&self) -> bool {
        self.is_turned
    }

    /// What a 4xx says of the call.
    fn outcome(&self) -> Outcome {
        if self.is_turned { Outcome::Unknown } else { Outcome::Rejected }
    }

    /// `code` of the body, such as `PARAM_ERROR`. None when the body is not the platform's JSON, or has more than 1 MiB.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// `message` of the body, in the platform's words.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    /// `detail` of the body, of any shape.
    pub fn detail(&self) -> Option<&Value> {
        self.detail.as_ref()
    }

    /// What a `SIGN_ERROR` comes from, as far as the answer tells.
    pub fn sign_error(&self) -> Option<&SignError> {
        self.sign_error.as_ref()
    }

    /// The platform's name for the call, from the header `Request-ID`.
    pub fn request_id(&self) -> Option<&str> {
        self.response.request_id()
    }

    /// The whole answer.
    pub fn response(&self) -> &Response {
        &self.response
    }
}

impl fmt::Debug for StatusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detail = self.detail.as_ref().map(|detail| redact::text(&detail.to_string()).into_owned());
        f.debug_struct("StatusError")
            .field("code", &self.code.as_deref().map(redact::text))
            .field("message", &self.message.as_deref().map(redact::text))
            .field("detail", &detail)
            .field("sign_error", &self.sign_error)
            .field("response", &self.response)
            .finish()
    }
}

impl fmt::Display for StatusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the platform answered {}", self.response.status())?;
        for text in [&self.code, &self.message].into_iter().flatten() {
            write!(f, ": {}", redact::line(text))?;
        }
        if let Some(sign_error) = &self.sign_error {
            write!(f, "; {sign_error}")?;
        }
        if self.is_turned {
            f.write_str("; it answers the GET that a redirect has made of the call, which may have been carried out")?;
        }
        match self.request_id() {
            Some(id) => write!(f, " (Request-ID {})", redact::line(id)),
            None => Ok(()),
        }
    }
}

/// An answer whose signature does not hold, so that its content must not be trusted.
#[derive(Debug)]
pub struct VerificationError {
    pub(crate) reason: VerificationFailure,
    pub(crate) response: Response,
}

impl VerificationError {
    /// What is wrong with the answer.
    pub fn reason(&self) -> &VerificationFailure {
        &self.reason
    }

    /// The answer, unverified.
    pub fn response(&self) -> &Response {
        &self.response
    }
}

/// The ways in which the signature of an answer or a notification can fail to hold, in the order of the checks.
#[derive(Debug)]
#[non_exhaustive]
pub enum VerificationFailure {
    /// One of the four `Wechatpay-*` headers is absent.
    HeaderMissing {
        /// Its name.
        name: &'static str,
    },
    /// One of the four `Wechatpay-*` headers stands there more than once, or is no text.
    HeaderAmbiguous {
        /// Its name.
        name: &'static str,
    },
    /// `Wechatpay-Timestamp` is not a number of seconds.
    TimestampInvalid {
        /// What it says.
        timestamp: String,
    },
    /// `Wechatpay-Timestamp` is more than 300 seconds away from the local clock.
    TimestampOutOfRange {
        /// Unix seconds of the header.
        timestamp: i64,
        /// Unix seconds of the local clock.
        now: i64,
    },
    /// `Wechatpay-Serial` names none of the configured platform keys.
    SerialUnknown {
        /// What it says.
        serial: String,
        /// The names in `certs`.
        known: Vec<String>,
    },
    /// `Wechatpay-Signature` is not base64.
    SignatureNotBase64,
    /// The signature is not that of the named key over what arrived.
    SignatureMismatch {
        /// The name of the key.
        serial: String,
    },
    /// The answer is of a kind that is not signed, and says neither how long it is nor where it ends, so that one that was
    /// cut off looks like a whole one.
    LengthUnknown,
    /// A bill or a statement is not the one that was announced.
    DigestMismatch {
        /// The header `Wechatpay-Statement-Sha1`, or the `hash_value` of the option `expect`.
        announced: String,
        /// SHA-1 of the plain text that came, in lowercase hex; none when it came as gzip that cannot be unpacked.
        actual: Option<String>,
    },
    /// The custom [`Verifier`](crate::Verifier) failed.
    Verifier(anyhow::Error),
}

/// How many names of keys a message lists.
const MOST_KEYS: usize = 8;

impl fmt::Display for VerificationFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use VerificationFailure::*;
        match self {
            HeaderMissing { name } => write!(f, "the header {name} is missing"),
            HeaderAmbiguous { name } => write!(f, "the header {name} must stand there once, as plain text"),
            TimestampInvalid { timestamp } => {
                write!(f, "Wechatpay-Timestamp is {:?}, not a number of seconds", redact::name(timestamp))
            }
            TimestampOutOfRange { timestamp, now } => write!(
                f,
                "Wechatpay-Timestamp {timestamp} is {} seconds away from the local clock {now}, 300 are allowed; check the clock",
                timestamp.abs_diff(*now)
            ),
            SerialUnknown { serial, known } => {
                let (shown, others) = known.split_at(known.len().min(MOST_KEYS));
                let shown = shown.iter().map(|id| redact::name(id)).collect::<Vec<_>>().join(", ");
                write!(f, "Wechatpay-Serial {:?} is none of the configured keys ({shown}", redact::name(serial))?;
                match others.len() {
                    0 => f.write_str(")"),
                    count => write!(f, ", and {count} others)"),
                }
            }
            SignatureNotBase64 => f.write_str("Wechatpay-Signature is not base64"),
            SignatureMismatch { serial } => {
                let serial = redact::name(serial);
                write!(f, "Wechatpay-Signature is not the signature by the key {serial} of what arrived")
            }
            LengthUnknown => f.write_str(
                "it is not signed, and has neither Content-Length nor chunks, so that it may have been cut off; give `expect` \
                 where its digest was announced",
            ),
            DigestMismatch { announced, actual: Some(actual) } => {
                write!(f, "the SHA-1 of the content is {actual}, announced is {}", redact::name(announced))
            }
            DigestMismatch { announced, actual: None } => {
                write!(f, "the content cannot be unpacked; announced is the SHA-1 {}", redact::name(announced))
            }
            Verifier(_) => f.write_str("the custom verifier failed"),
        }
    }
}

impl StdError for VerificationFailure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            VerificationFailure::Verifier(error) => Some(error.as_ref()),
            _ => None,
        }
    }
}

/// An answer of APIv2 that is no success.
pub struct Apiv2Error {
    pub(crate) failure: Apiv2Failure,
    pub(crate) data: Value,
    /// Whether it answers another request than was called, which a redirect has made of it.
    pub(crate) is_turned: bool,
    pub(crate) response: Response,
}

/// What an answer of APIv2 fails at, in the order of the checks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Apiv2Failure {
    /// It is not the XML of an answer; says why.
    NotXml(String),
    /// `return_code` is not `SUCCESS`: the request was not understood, or its `sign` is wrong.
    ReturnCode,
    /// `result_code` is not `SUCCESS`: the operation was not done.
    ResultCode {
        /// Whether the answer that says so carries a `sign` that holds.
        signed: bool,
    },
    /// It says `SUCCESS`, but its `sign` is missing or does not hold.
    Sign,
}

impl Apiv2Error {
    /// Which of the checks failed.
    pub fn failure(&self) -> &Apiv2Failure {
        &self.failure
    }

    /// The fields of the answer; `null` when it is not XML.
    pub fn data(&self) -> &Value {
        &self.data
    }

    /// `return_msg` of the answer.
    pub fn return_msg(&self) -> Option<&str> {
        self.data.get("return_msg")?.as_str()
    }

    /// `err_code` of the answer, such as `ORDERPAID`.
    pub fn err_code(&self) -> Option<&str> {
        self.data.get("err_code")?.as_str()
    }

    /// `err_code_des` of the answer, in the platform's words.
    pub fn err_code_des(&self) -> Option<&str> {
        self.data.get("err_code_des")?.as_str()
    }

    /// The whole answer.
    pub fn response(&self) -> &Response {
        &self.response
    }

    /// Rejected is only what the platform says under its signature, and not by one of the codes that
    /// its documents bid to query after.
    fn outcome(&self) -> Outcome {
        const OPEN: [&str; 9] = [
            "SYSTEMERROR",
            "SYSTEM_ERROR",
            "SYSTEM ERROR",
            "BANKERROR",
            "USERPAYING",
            "PROCESSING",
            "BIZERR_NEED_RETRY",
            "SEND_FAILED",
            "FATAL_ERROR",
        ];
        match (&self.failure, self.err_code()) {
            _ if self.is_turned => Outcome::Unknown,
            (Apiv2Failure::ResultCode { signed: true }, Some(code)) if !OPEN.contains(&code) => Outcome::Rejected,
            _ => Outcome::Unknown,
        }
    }
}

/// Of the fields, shows those that say what went wrong.
impl fmt::Debug for Apiv2Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |name: &str| self.data.get(name).and_then(Value::as_str).map(redact::text);
        f.debug_struct("Apiv2Error")
            .field("failure", &self.failure)
            .field("return_code", &text("return_code"))
            .field("return_msg", &text("return_msg"))
            .field("result_code", &text("result_code"))
            .field("err_code", &text("err_code"))
            .field("err_code_des", &text("err_code_des"))
            .field("response", &self.response)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Apiv2Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |name: &str| redact::line(self.data.get(name).and_then(Value::as_str).unwrap_or("-"));
        match &self.failure {
            Apiv2Failure::NotXml(what) => {
                write!(f, "answer {} is no XML: {}", self.response.status(), redact::line(what))
            }
            Apiv2Failure::ReturnCode => {
                write!(f, "the platform answered return_code {}: {}", text("return_code"), text("return_msg"))
            }
            Apiv2Failure::ResultCode { .. } => write!(
                f,
                "the platform answered result_code {}: {}: {}",
                text("result_code"),
                text("err_code"),
                text("err_code_des")
            ),
            Apiv2Failure::Sign => f.write_str("the answer says SUCCESS, but its `sign` is missing or does not hold"),
        }
    }
}

/// An answer larger than what is kept in memory.
#[derive(Debug)]
pub struct TooLargeError {
    pub(crate) limit: u64,
}

impl TooLargeError {
    /// The limit in bytes.
    pub fn limit(&self) -> u64 {
        self.limit
    }
}

impl fmt::Display for TooLargeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the answer is larger than {} bytes; raise `response_limit`, or give a `sink` when it is a file",
            self.limit
        )
    }
}

/// An answer that is not JSON.
#[derive(Debug)]
pub struct JsonError {
    pub(crate) source: serde_json::Error,
    pub(crate) response: Response,
}

impl JsonError {
    /// The answer.
    pub fn response(&self) -> &Response {
        &self.response
    }
}

/// A sensitive field of an answer that cannot be decrypted.
pub struct DecryptionError {
    pub(crate) pointer: String,
    pub(crate) what: String,
    pub(crate) response: Response,
}

impl DecryptionError {
    /// The JSON pointer of the field, with the number of the element in place of `*`.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// The answer.
    pub fn response(&self) -> &Response {
        &self.response
    }
}

impl fmt::Debug for DecryptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DecryptionError")
            .field("pointer", &redact::path(&self.pointer))
            .field("what", &self.what)
            .field("response", &self.response)
            .finish()
    }
}

impl fmt::Display for DecryptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "answer {}: {:?} {}", self.response.status(), redact::path(&self.pointer), self.what)
    }
}

/// A file, reader or writer that failed.
pub struct FileError {
    pub(crate) path: Option<PathBuf>,
    pub(crate) what: &'static str,
    pub(crate) sent: bool,
    pub(crate) source: Option<std::io::Error>,
}

impl FileError {
    /// The file; none when it is a reader or a writer.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Whether the request had begun to leave when it happened.
    pub fn sent(&self) -> bool {
        self.sent
    }
}

impl fmt::Debug for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileError")
            .field("path", &self.path.as_deref().map(redact::file))
            .field("what", &self.what)
            .field("sent", &self.sent)
            .field("source", &self.source)
            .finish()
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "{}: {}", redact::file(path), self.what),
            None => write!(f, "a stream: {}", self.what),
        }
    }
}
