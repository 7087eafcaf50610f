//! A call that the journal did not let go out.

use std::error::Error as StdError;
use std::fmt;

/// A call that the recorder of [`Builder::journal`](crate::Builder::journal) did not let go out. Nothing was sent.
///
/// The reason is its [`source`](StdError::source), as the recorder has given it.
#[derive(Debug)]
pub struct JournalError {
    pub(crate) source: anyhow::Error,
}

impl JournalError {
    /// Why the recorder did not let it go out, if that is an error of this type.
    pub fn reason<E: StdError + Send + Sync + 'static>(&self) -> Option<&E> {
        self.source.downcast_ref()
    }
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the journal did not take the call, nothing was sent")
    }
}

impl StdError for JournalError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.source.as_ref())
    }
}
