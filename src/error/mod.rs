//! What can go wrong, and whether the platform may have acted anyway.

pub(crate) mod apiv2;
pub(crate) mod body;
pub(crate) mod certificates;
#[cfg(feature = "check")]
pub(crate) mod check;
pub(crate) mod connection;
pub(crate) mod field;
pub(crate) mod file;
pub(crate) mod notification;
pub(crate) mod outcome;
pub(crate) mod sign_error;
pub(crate) mod signing;
pub(crate) mod status;
pub(crate) mod verification;

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use crate::http::StatusCode;
use crate::protocol::Protocol;
use crate::redact;
use crate::response::Response;

pub use self::apiv2::{Apiv2Error, Apiv2Failure};
pub use self::body::{DecryptionError, JsonError, TooLargeError};
pub use self::certificates::{CertificatesError, CertificatesFailure};
#[cfg(feature = "check")]
pub use self::check::CheckError;
pub use self::connection::{ConnectionError, RedirectError, TimeoutError};
pub use self::field::FieldError;
pub use self::file::FileError;
pub use self::notification::{BodyChange, NotificationError, NotificationFailure};
pub use self::outcome::Outcome;
pub use self::sign_error::{SignError, SignErrorCause};
pub use self::signing::SigningError;
pub use self::status::StatusError;
pub use self::verification::{VerificationError, VerificationFailure};

/// How many failures the message of [`Error::Several`] lists.
const SHOWN: usize = 8;

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// All errors of this crate.
///
/// `{}` says what happened, with the values involved but never a secret. `{:#}` adds the causes behind it, each after a
/// colon, as `anyhow` does with it; one by one they are in [`source`](StdError::source). What `{}` says already, such as
/// why there is no connection, is not repeated there.
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
    /// The call is not as the platform documents it, and [`Builder::check`](crate::Builder::check) refuses such calls. Nothing
    /// was sent. It needs the feature `check`.
    #[cfg(feature = "check")]
    Check(Box<CheckError>),
    /// A key or certificate could not be read (PHP: `UnexpectedValueException`).
    Key(String),
    /// A cryptographic operation failed, such as a decryption with the wrong key.
    Crypto(String),
    /// The request could not be signed.
    Signing(Box<SigningError>),
    /// No key of the platform is known to verify an answer with, and its certificates could not be fetched. The call was not
    /// made.
    Certificates(Arc<CertificatesError>),
    /// A file to be uploaded could not be read, or has changed.
    Upload(Box<FileError>),
    /// No thread could be started for an async call, and none was running. Nothing was sent.
    Thread(std::io::Error),
    /// The connection failed (PHP: `ConnectException`, `RequestException`).
    Connection(Box<ConnectionError>),
    /// A time limit expired.
    Timeout(Box<TimeoutError>),
    /// More than five redirects (PHP: `TooManyRedirectsException`).
    TooManyRedirects(Box<RedirectError>),
    /// A redirect to another host, scheme or port. It is not followed, so that nothing signed is sent elsewhere.
    RedirectRefused(Box<RedirectError>),
    /// The platform answered 4xx (PHP: `ClientException`).
    Client(Box<StatusError>),
    /// The platform answered 5xx (PHP: `ServerException`).
    Server(Box<StatusError>),
    /// The platform answered with a status that is neither a success nor one of these: 304, 399 or 600, a redirect without a
    /// target, or a 206 that was not requested.
    Status(Box<StatusError>),
    /// A 2xx answer with an invalid signature (PHP: `RequestException` with the response).
    Verification(Box<VerificationError>),
    /// An APIv2 answer that is not a success (PHP: `RejectionException` with the response).
    Apiv2(Box<Apiv2Error>),
    /// A notification was refused. [`reply`](Error::reply) is what to answer.
    Notification(Box<NotificationError>),
    /// The answer is larger than what is kept in memory.
    TooLarge(Box<TooLargeError>),
    /// The answer is not JSON.
    Json(Box<JsonError>),
    /// A value is absent, or of another type than was asked for: see [`Response::text_at`] and [`Fields`](crate::Fields).
    Field(Box<FieldError>),
    /// A sensitive field of the answer cannot be decrypted.
    Decryption(Box<DecryptionError>),
    /// XML could not be parsed or written. As it may have been an answer, the outcome is unknown.
    Xml(String),
    /// The file given as `sink` could not be written.
    Sink(Box<FileError>),
    /// A callback of a [`Promise`](crate::Promise) failed, after a call that had an effect or may have had one. The cause is
    /// in [`source`](StdError::source); if it is an error of this crate, [`code`](Error::code) and
    /// [`response`](Error::response) are those of the cause.
    Callback(anyhow::Error),
    /// One or more of several promises failed that were waited for together, as by [`Promise::all`](crate::Promise::all). If
    /// only one did, [`code`](Error::code) and [`response`](Error::response) are those of that one.
    Several(Box<SeveralError>),
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
            #[cfg(feature = "check")]
            Error::Check(_) => Outcome::NotSent,
            Error::Signing(error) => sent(error.sent),
            Error::Upload(error) | Error::Sink(error) => sent(error.sent),
            Error::Connection(error) => sent(error.sent),
            Error::Timeout(error) => sent(error.sent),
            Error::Client(error) => error.outcome(),
            Error::Apiv2(error) => error.outcome(),
            Error::Several(error) => error.outcome(),
            Error::TooManyRedirects(_)
            | Error::RedirectRefused(_)
            | Error::Server(_)
            | Error::Status(_)
            | Error::Verification(_)
            | Error::TooLarge(_)
            | Error::Json(_)
            | Error::Field(_)
            | Error::Decryption(_)
            | Error::Xml(_)
            | Error::Callback(_) => Outcome::Unknown,
        }
    }

    /// The platform's answer, if there was one.
    pub fn response(&self) -> Option<&Response> {
        match self {
            Error::Client(error) | Error::Server(error) | Error::Status(error) => Some(&error.response),
            Error::Verification(error) => Some(&error.response),
            Error::TooManyRedirects(error) | Error::RedirectRefused(error) => Some(&error.response),
            Error::Json(error) => Some(&error.response),
            Error::Field(error) => error.response(),
            Error::Decryption(error) => Some(&error.response),
            Error::Apiv2(error) => Some(&error.response),
            Error::Callback(error) => error.downcast_ref::<Error>()?.response(),
            Error::Several(error) => error.only()?.response(),
            _ => None,
        }
    }

    /// The status of the platform's answer, if there was one (PHP: `$e->getResponse()->getStatusCode()`).
    ///
    /// ```
    /// # let error = wechatpay::Builder::new().build().unwrap_err();
    /// if error.status().is_some_and(|status| status == 404) {
    ///     println!("there is no such order");
    /// }
    /// ```
    pub fn status(&self) -> Option<StatusCode> {
        self.response().map(Response::status)
    }

    /// The platform's error code: of a 4xx or 5xx answer, such as `PARAM_ERROR`, or the `err_code` of APIv2.
    pub fn code(&self) -> Option<&str> {
        match self {
            Error::Client(error) | Error::Server(error) | Error::Status(error) => error.code(),
            Error::Apiv2(error) => error.err_code(),
            Error::Callback(error) => error.downcast_ref::<Error>()?.code(),
            Error::Several(error) => error.only()?.code(),
            _ => None,
        }
    }

    /// The platform's id of the call, from the header `Request-ID`; its support asks for it.
    pub fn request_id(&self) -> Option<&str> {
        self.response()?.request_id()
    }

    /// Whether a time limit expired.
    pub fn is_timeout(&self) -> bool {
        matches!(self, Error::Timeout(_))
    }

    /// Whether no connection could be made, be it that `connect_timeout` expired, and nothing was sent (PHP:
    /// `ConnectException`).
    pub fn is_connect(&self) -> bool {
        match self {
            Error::Connection(error) => !error.sent,
            Error::Timeout(error) => !error.sent && error.limit == "connect_timeout",
            _ => false,
        }
    }

    /// A name for logs and metrics, which will not change: that of the variant in snake case.
    ///
    /// | name | of |
    /// | --- | --- |
    /// | `config`, `options`, `key`, `crypto` | [`Config`](Error::Config), [`Options`](Error::Options), [`Key`](Error::Key), [`Crypto`](Error::Crypto) |
    #[cfg_attr(feature = "check", doc = "| `check` | [`Check`](Error::Check) |")]
    /// | `signing`, `certificates` | [`Signing`](Error::Signing), [`Certificates`](Error::Certificates) |
    /// | `upload`, `sink` | [`Upload`](Error::Upload), [`Sink`](Error::Sink) |
    /// | `thread` | [`Thread`](Error::Thread) |
    /// | `connection`, `timeout` | [`Connection`](Error::Connection), [`Timeout`](Error::Timeout) |
    /// | `too_many_redirects`, `redirect_refused` | [`TooManyRedirects`](Error::TooManyRedirects), [`RedirectRefused`](Error::RedirectRefused) |
    /// | `client`, `server`, `status` | [`Client`](Error::Client), [`Server`](Error::Server), [`Status`](Error::Status) |
    /// | `verification` | [`Verification`](Error::Verification) |
    /// | `apiv2` | [`Apiv2`](Error::Apiv2) |
    /// | `notification` | [`Notification`](Error::Notification) |
    /// | `too_large`, `json`, `xml` | [`TooLarge`](Error::TooLarge), [`Json`](Error::Json), [`Xml`](Error::Xml) |
    /// | `field`, `decryption` | [`Field`](Error::Field), [`Decryption`](Error::Decryption) |
    /// | `callback`, `several` | [`Callback`](Error::Callback), [`Several`](Error::Several) |
    ///
    /// ```
    /// let error = wechatpay::Builder::new().build().unwrap_err();
    /// assert_eq!(error.kind(), "config");
    /// ```
    pub fn kind(&self) -> &'static str {
        match self {
            Error::Config(_) => "config",
            Error::Options(_) => "options",
            #[cfg(feature = "check")]
            Error::Check(_) => "check",
            Error::Key(_) => "key",
            Error::Crypto(_) => "crypto",
            Error::Signing(_) => "signing",
            Error::Certificates(_) => "certificates",
            Error::Upload(_) => "upload",
            Error::Thread(_) => "thread",
            Error::Connection(_) => "connection",
            Error::Timeout(_) => "timeout",
            Error::TooManyRedirects(_) => "too_many_redirects",
            Error::RedirectRefused(_) => "redirect_refused",
            Error::Client(_) => "client",
            Error::Server(_) => "server",
            Error::Status(_) => "status",
            Error::Verification(_) => "verification",
            Error::Apiv2(_) => "apiv2",
            Error::Notification(_) => "notification",
            Error::TooLarge(_) => "too_large",
            Error::Json(_) => "json",
            Error::Field(_) => "field",
            Error::Decryption(_) => "decryption",
            Error::Xml(_) => "xml",
            Error::Sink(_) => "sink",
            Error::Callback(_) => "callback",
            Error::Several(_) => "several",
        }
    }

    /// The error of a notification of this protocol.
    pub(crate) fn notification(failure: NotificationFailure, protocol: Protocol) -> Error {
        Error::Notification(Box::new(NotificationError { failure, protocol }))
    }

    pub(crate) fn signing(source: impl Into<anyhow::Error>) -> Error {
        Error::Signing(Box::new(SigningError { sent: false, source: source.into() }))
    }

    /// The same error for a call of which an earlier attempt had already been sent.
    pub(crate) fn after_sending(mut self) -> Error {
        match &mut self {
            Error::Signing(error) => error.sent = true,
            Error::Upload(error) | Error::Sink(error) => error.sent = true,
            Error::Connection(error) => error.sent = true,
            Error::Timeout(error) => error.sent = true,
            // All others say that it was sent, or occur before anything is sent.
            _ => {}
        }
        self
    }

    /// The same error for the request that a redirect led to; `is_turned` if that differs from the one that was called.
    pub(crate) fn after_redirect(mut self, is_turned: bool) -> Error {
        if let Error::Apiv2(error) = &mut self {
            error.is_turned |= is_turned;
        }
        self.after_sending()
    }

    /// The error of a callback after a call that had an effect or may have had one; the failure of the callback does not
    /// undo that.
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

/// `{}` is the message, `{:#}` the message and its causes.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Message(self))?;
        let mut cause = self.source().filter(|_| f.alternate());
        while let Some(error) = cause {
            write!(f, ": {}", redact::line(&error.to_string()))?;
            cause = error.source();
        }
        Ok(())
    }
}

/// The message of an error, without its causes.
struct Message<'a>(&'a Error);

impl fmt::Display for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Error::Config(message) => write!(f, "configuration: {}", redact::one_line(message)),
            Error::Options(message) => write!(f, "options: {}", redact::one_line(message)),
            #[cfg(feature = "check")]
            Error::Check(error) => error.fmt(f),
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
            Error::Verification(error) => error.fmt(f),
            Error::Apiv2(error) => error.fmt(f),
            Error::Notification(error) => error.fmt(f),
            Error::TooLarge(error) => error.fmt(f),
            Error::Json(error) => error.fmt(f),
            Error::Field(error) => error.fmt(f),
            Error::Decryption(error) => error.fmt(f),
            Error::Xml(message) => write!(f, "XML: {}", redact::one_line(message)),
            Error::Sink(error) => write!(f, "sink {error}"),
            Error::Callback(_) => f.write_str("a callback failed after a call that may have had an effect"),
            Error::Several(error) => error.fmt(f),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Error::Callback(error) => Some(error.as_ref()),
            Error::Thread(error) => Some(error),
            Error::Signing(error) => error.source(),
            Error::Certificates(error) => error.source(),
            Error::Upload(error) | Error::Sink(error) => error.source(),
            Error::Connection(error) => error.source(),
            Error::Verification(error) => error.source(),
            Error::Notification(error) => error.source(),
            Error::Json(error) => error.source(),
            _ => None,
        }
    }
}

/// Returns an error of this crate as it was; any other becomes [`Error::Callback`].
impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Error {
        error.downcast::<Error>().unwrap_or_else(Error::Callback)
    }
}

/// What failed among several promises.
///
/// `Display` lists the failures, the first eight of them. There is no single [`source`](StdError::source): each failure has
/// its own.
///
/// ```no_run
/// use wechatpay::{Error, Promise, json};
/// # fn main() -> anyhow::Result<()> {
/// # let instance = wechatpay::Builder::new().build()?;
/// let transfer = |no: &'static str| instance.chain("v3/transfer/batches").post_async(json!({ "json": { "out_batch_no": no } }));
/// match Promise::unwrap(["b1", "b2"].map(|no| (no, transfer(no)))) {
///     Ok(answers) => println!("{} batches", answers.len()),
///     Err(Error::Several(several)) => {
///         for (no, error) in several.errors() {
///             println!("{no}: {:?}, {error}", error.outcome());
///         }
///     }
///     Err(error) => println!("{error}"),
/// }
/// # Ok(()) }
/// ```
pub struct SeveralError {
    errors: Vec<(String, Error)>,
    succeeded: usize,
}

impl SeveralError {
    /// The error of several promises, or of the only one.
    pub(crate) fn of(mut errors: Vec<(String, Error)>, succeeded: usize) -> Error {
        match errors.pop() {
            Some((_, only)) if errors.is_empty() && succeeded == 0 => return only,
            last => errors.extend(last),
        }
        Error::Several(Box::new(SeveralError { errors, succeeded }))
    }

    /// Each failure, with the index of its promise or its key, in the order of the promises.
    pub fn errors(&self) -> impl ExactSizeIterator<Item = (&str, &Error)> {
        self.errors.iter().map(|(key, error)| (key.as_str(), error))
    }

    /// How many of the promises succeeded.
    pub fn succeeded(&self) -> usize {
        self.succeeded
    }

    /// Whether the platform may have acted on any of the calls.
    pub(crate) fn outcome(&self) -> Outcome {
        let has = |outcome| self.errors.iter().any(|(_, error)| error.outcome() == outcome);
        if self.succeeded > 0 || has(Outcome::Unknown) {
            Outcome::Unknown
        } else if has(Outcome::Rejected) {
            Outcome::Rejected
        } else {
            Outcome::NotSent
        }
    }

    /// The failure, if there is one alone.
    pub(crate) fn only(&self) -> Option<&Error> {
        match self.errors.as_slice() {
            [(_, only)] => Some(only),
            _ => None,
        }
    }
}

impl fmt::Display for SeveralError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failed = self.errors.len();
        if failed == 0 {
            return f.write_str("no promise was given, so there is no value");
        }
        write!(f, "{failed} of {} promises failed", failed.saturating_add(self.succeeded))?;
        for (number, (key, error)) in self.errors.iter().take(SHOWN).enumerate() {
            let before = if number == 0 { ": " } else { "; " };
            write!(f, "{before}{}: ", redact::name(key))?;
            // With the causes if those are asked for.
            error.fmt(f)?;
        }
        match failed.saturating_sub(SHOWN) {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

/// The keys are what a caller calls the promises, shown like any other name.
impl fmt::Debug for SeveralError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors: Vec<_> = self.errors.iter().map(|(key, error)| (redact::name(key), error)).collect();
        f.debug_struct("SeveralError").field("errors", &errors).field("succeeded", &self.succeeded).finish()
    }
}

impl StdError for SeveralError {}
