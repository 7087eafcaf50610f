//! A signer that failed.

use std::error::Error as StdError;
use std::fmt;

/// A signer that failed.
#[derive(Debug)]
pub struct SigningError {
    pub(crate) sent: bool,
    pub(crate) source: anyhow::Error,
}

impl SigningError {
    /// Whether the call had already been sent once, and answered with a redirect.
    pub fn sent(&self) -> bool {
        self.sent
    }
}

impl fmt::Display for SigningError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.sent {
            "the request could not be signed again after a redirect"
        } else {
            "the request could not be signed, nothing was sent"
        })
    }
}

impl StdError for SigningError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.source.as_ref())
    }
}
