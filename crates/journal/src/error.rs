//! What can be wrong with a journal, and why it refuses a call.

use std::error::Error as StdError;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// All errors of this crate.
///
/// Of a call that the journal refuses it is the reason of the client's error:
///
/// ```
/// use wechatpay_journal::Error;
///
/// fn is_conflict(error: &wechatpay::Error) -> bool {
///     match error {
///         wechatpay::Error::Journal(refused) => matches!(refused.reason(), Some(Error::Conflict(_))),
///         _ => false,
///     }
/// }
/// # assert!(!is_conflict(&wechatpay::Builder::new().build().unwrap_err()));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// There is no journal at this path. If there was one, it holds what nobody else remembers: look for it. A new one is made
    /// by [`Journal::create`](crate::Journal::create) alone.
    Missing(PathBuf),
    /// There is a file at this path already, so no journal is made there.
    Exists(PathBuf),
    /// The file at this path is something else than a journal, or is empty.
    NotAJournal(PathBuf),
    /// The file is torn or was changed by others.
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, in the words of the database.
        what: String,
    },
    /// A newer version of this crate has written the file.
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
        /// The newest version that this crate knows.
        known: u32,
    },
    /// The file was moved or deleted while it was in use. What would be written to it now, nobody would find.
    Vanished(PathBuf),
    /// The database cannot be read or written; the cause is in [`source`](StdError::source).
    Storage(Arc<dyn StdError + Send + Sync>),
    /// The number stands for something else already: another content was sent under it, or may have been.
    Conflict(Box<Number>),
    /// The same call is still in flight, and has not ended in the time that this one had.
    InFlight(Box<Number>),
    /// There is no such entry, or it is settled already.
    NotUnsettled(u64),
    /// The journal was asked for something, or a call was made that it records, inside of the closure of
    /// [`receive`](crate::Journal::receive): it would wait for the end of the closure, which waits for it.
    InsideReceive,
    /// The journal is in another database than the one that a [`Transaction`](crate::Transaction) was asked for.
    OtherDatabase,
}

/// What identifies a call that must not be made twice: who makes it, the operation, and its number there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    pub(crate) merchant: String,
    pub(crate) operation: String,
    pub(crate) number: String,
}

impl Number {
    /// The merchant's id, or for a brand its `brand_id`.
    pub fn merchant(&self) -> &str {
        &self.merchant
    }

    /// Method and template, such as `POST v3/refund/domestic/refunds`.
    pub fn operation(&self) -> &str {
        &self.operation
    }

    /// Its own number, such as the `out_refund_no`.
    pub fn number(&self) -> &str {
        &self.number
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What the caller has written, on one line.
        write!(f, "{} of merchant {:?} under the number {:?}", self.operation, self.merchant, self.number)
    }
}

impl Error {
    pub(crate) fn storage(source: impl StdError + Send + Sync + 'static) -> Error {
        Error::Storage(Arc::new(source))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Missing(path) => {
                write!(f, "there is no journal at {path:?}; a first one is made by Journal::create")
            }
            Error::Exists(path) => write!(f, "there is a file at {path:?} already"),
            Error::NotAJournal(path) => write!(f, "{path:?} is not a journal"),
            Error::Damaged { path, what } => write!(f, "the journal {path:?} is damaged: {}", what.escape_debug()),
            Error::Newer { path, version, known } => {
                write!(f, "the journal {path:?} has version {version}, and this program knows versions up to {known}")
            }
            Error::Vanished(path) => write!(f, "the journal {path:?} was moved or deleted while it was in use"),
            Error::Storage(_) => f.write_str("the journal cannot be read or written"),
            Error::Conflict(number) => write!(f, "{number} was sent with another content, or may have been"),
            Error::InFlight(number) => write!(f, "{number} is still in flight"),
            Error::InsideReceive => f.write_str("the journal cannot be used inside of the closure of receive"),
            Error::OtherDatabase => f.write_str("the journal is in another database"),
            Error::NotUnsettled(id) => write!(f, "there is no unsettled entry {id}"),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Error::Storage(source) => Some(source.as_ref()),
            _ => None,
        }
    }
}
