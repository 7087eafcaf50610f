//! Why a notification was refused.

use std::error::Error as StdError;
use std::fmt;

use crate::error::verification::VerificationFailure;
use crate::protocol::Protocol;
use crate::redact;

/// A notification that was refused; none of its content may be used.
#[derive(Debug)]
pub struct NotificationError {
    pub(super) failure: NotificationFailure,
    pub(crate) protocol: Protocol,
}

/// What is wrong with a notification.
#[derive(Debug)]
#[non_exhaustive]
pub enum NotificationFailure {
    /// Its body is larger than 1 MiB; the platform's have a few kilobytes.
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// It is one of the platform's probes (签名探测流量): its signature, which begins with `WECHATPAY/SIGNTEST/`, is wrong
    /// on purpose, to see whether signatures are verified. Answer with 401; there is nothing to fix.
    Probe,
    /// Its signature is invalid.
    Unverified(VerificationFailure),
    /// Its signature is invalid because the body that was passed is not the one that arrived: pass the exact bytes of the
    /// request's body, not what a framework's JSON extractor has made of them.
    BodyChanged {
        /// The id of the key.
        serial: String,
        /// What happened to it.
        how: BodyChange,
    },
    /// It is signed, but is not JSON.
    NotJson(serde_json::Error),
    /// It is malformed, for this reason.
    Malformed(String),
    /// It cannot be decrypted with the APIv3 key.
    WrongApiv3Key,
    /// Several merchants have the APIv3 key that decrypts it, and it does not say which of them it is for.
    Ambiguous {
        /// Their ids.
        mchids: Vec<String>,
    },
    /// APIv2: it is not XML, for this reason.
    NotXml(String),
    /// APIv2: it has a `return_code` other than `SUCCESS`.
    ReturnCode {
        /// Its `return_msg`.
        message: String,
    },
    /// APIv2: it is for a merchant who is not configured.
    OtherMerchant {
        /// The merchant's id.
        mchid: String,
    },
    /// APIv2: its `sign` is wrong, or it has neither a `sign` nor a `req_info`.
    Sign,
    /// APIv2: its `sign` is valid, but also fits other fields: one of its values contains `&name=` with the name of a field,
    /// as when a customer chose `x&total_fee=1` for `attach`. Someone who can change it in transit could turn it into
    /// another order or amount, so it is refused: query the order.
    AmbiguousSign {
        /// The field with this value.
        field: String,
    },
    /// APIv2: its `req_info` cannot be decrypted with the APIv2 key.
    WrongApiv2Key,
}

/// What happened to a body before it was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyChange {
    /// White space was added; without it, the signature is valid.
    Whitespace,
    /// It was parsed and serialised again: in another order, with other escapes, or indented. Either the signature is valid
    /// for the same JSON as the platform writes it, or the body is written as the platform never writes it.
    Reserialized,
}

impl NotificationError {
    /// What is wrong.
    pub fn failure(&self) -> &NotificationFailure {
        &self.failure
    }
}

impl fmt::Display for NotificationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the notification was refused: {}", self.failure)
    }
}

impl fmt::Display for NotificationFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use NotificationFailure::*;
        match self {
            TooLarge { limit } => write!(f, "its body has more than {limit} bytes"),
            Probe => f.write_str("it is a probe of the platform, whose signature is wrong on purpose (WECHATPAY/SIGNTEST/)"),
            Unverified(failure) => failure.fmt(f),
            BodyChanged { serial, how } => {
                f.write_str(match how {
                    BodyChange::Whitespace => "white space was added to its body",
                    BodyChange::Reserialized => "its body was parsed as JSON and serialised again",
                })?;
                write!(
                    f,
                    ", so that the signature by the key {} does not hold; pass the exact bytes of the request's \
                     body, before a framework's JSON extractor has read them",
                    redact::name(serial)
                )
            }
            NotJson(_) => f.write_str("it is signed, but is not JSON"),
            Malformed(what) => f.write_str(&redact::line(what)),
            WrongApiv3Key => f.write_str(
                "it cannot be decrypted with `apiv3Key`; compare it with the APIv3 key that is set for this merchant",
            ),
            Ambiguous { mchids } => {
                write!(f, "several merchants have its APIv3 key ({}), and it does not say which of them it is for", mchids.join(", "))
            }
            NotXml(what) => write!(f, "it is not XML: {}", redact::line(what)),
            ReturnCode { message } => write!(f, "its return_code is not SUCCESS: {}", redact::line(message)),
            OtherMerchant { mchid } => {
                write!(f, "it is for the merchant {:?}, who is not configured", redact::name(mchid))
            }
            AmbiguousSign { field } => write!(
                f,
                "its `sign` holds for other fields as well, because the value of `{}` contains the name of a field \
                 behind an &; query the order instead",
                redact::name(field)
            ),
            Sign => f.write_str("its `sign` is missing or wrong; compare `secret` with the APIv2 key"),
            WrongApiv2Key => f.write_str(
                "its `req_info` cannot be decrypted with `secret`; compare it with the APIv2 key that is set for this merchant",
            ),
        }
    }
}

impl StdError for NotificationError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.failure.source()
    }
}

impl StdError for NotificationFailure {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            NotificationFailure::Unverified(failure) => failure.source(),
            NotificationFailure::NotJson(error) => Some(error),
            _ => None,
        }
    }
}
