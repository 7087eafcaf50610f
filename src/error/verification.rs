//! Answers with an invalid signature.

use std::error::Error as StdError;
use std::fmt;

use crate::redact;
use crate::response::Response;

/// An answer with an invalid signature; its content must not be trusted.
#[derive(Debug)]
pub struct VerificationError {
    pub(crate) failure: VerificationFailure,
    pub(crate) response: Response,
}

impl VerificationError {
    /// What is wrong with the answer.
    pub fn failure(&self) -> &VerificationFailure {
        &self.failure
    }

    /// The answer, unverified.
    pub fn response(&self) -> &Response {
        &self.response
    }
}

impl fmt::Display for VerificationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "answer {} is not verified: {}", self.response.status(), self.failure)
    }
}

impl StdError for VerificationError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.failure.source()
    }
}

/// What can be wrong with the signature of an answer or a notification, in the order of the checks.
#[derive(Debug)]
#[non_exhaustive]
pub enum VerificationFailure {
    /// One of the four `Wechatpay-*` headers is missing.
    HeaderMissing {
        /// Its name.
        name: &'static str,
    },
    /// One of the four `Wechatpay-*` headers occurs more than once, or is not text.
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
    /// `Wechatpay-Serial` is not one of the configured platform keys.
    SerialUnknown {
        /// What it says.
        serial: String,
        /// The ids in `certs`.
        known: Vec<String>,
    },
    /// `Wechatpay-Signature` is not base64.
    SignatureNotBase64,
    /// The signature does not match what arrived.
    SignatureMismatch {
        /// The id of the key.
        serial: String,
    },
    /// This kind of answer is not signed, and it gives neither its length nor its end, so an incomplete one would look
    /// complete.
    LengthUnknown,
    /// A bill or a statement does not have the announced hash.
    DigestMismatch {
        /// The header `Wechatpay-Statement-Sha1`, or the `hash_value` of the option `expect`.
        announced: String,
        /// SHA-1 of the plain text that arrived, in lowercase hex; `None` if it is gzip that cannot be unpacked.
        actual: Option<String>,
    },
    /// The custom [`Verifier`](crate::Verifier) failed.
    Verifier(anyhow::Error),
}

/// The most ids of keys that a message lists.
const MOST_KEYS: usize = 8;

impl fmt::Display for VerificationFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use VerificationFailure::*;
        match self {
            HeaderMissing { name } => write!(f, "the header {name} is missing"),
            HeaderAmbiguous { name } => write!(f, "the header {name} must occur once, as plain text"),
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
                write!(f, "Wechatpay-Serial {:?} is not one of the configured keys ({shown}", redact::name(serial))?;
                match others.len() {
                    0 => f.write_str(")"),
                    count => write!(f, ", and {count} others)"),
                }
            }
            SignatureNotBase64 => f.write_str("Wechatpay-Signature is not base64"),
            SignatureMismatch { serial } => {
                let serial = redact::name(serial);
                write!(f, "Wechatpay-Signature does not match what arrived (key {serial})")
            }
            LengthUnknown => f.write_str(
                "it is not signed, and has neither Content-Length nor chunks, so that it may have been cut off; give `expect` \
                 where its digest was announced",
            ),
            DigestMismatch { announced, actual: Some(actual) } => {
                write!(f, "the SHA-1 of the content is {actual}, the announced one is {}", redact::name(announced))
            }
            DigestMismatch { announced, actual: None } => {
                write!(f, "the content cannot be unpacked; the announced SHA-1 is {}", redact::name(announced))
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
