//! Connections, time limits and redirects.

use std::error::Error as StdError;
use std::fmt;

use crate::redact;
use crate::response::Response;

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
