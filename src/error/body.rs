//! Answers that cannot be read: too large, not JSON, or impossible to decrypt.

use std::error::Error as StdError;
use std::fmt;

use crate::redact;
use crate::response::Response;

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
            "the answer is larger than {} bytes; raise `response_limit`, or give a `sink` if it is a file",
            self.limit
        )
    }
}

impl StdError for TooLargeError {}

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

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "answer {} of {} bytes is not JSON", self.response.status(), self.response.body().len())
    }
}

impl StdError for JsonError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.source)
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

impl StdError for DecryptionError {}
