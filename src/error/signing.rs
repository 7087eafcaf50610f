//! A signer that failed.

use std::fmt;

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
