//! Answers whose signature does not hold.

use std::error::Error as StdError;
use std::fmt;

use crate::redact;
use crate::response::Response;

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
