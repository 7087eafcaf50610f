//! Connections, time limits and redirects.

use std::error::Error as StdError;
use std::fmt;

use crate::redact;
use crate::response::Response;

/// A connection that could not be made, or that broke.
#[derive(Debug)]
pub struct ConnectionError {
    pub(crate) host: String,
    pub(crate) sent: bool,
    pub(crate) cause: Box<dyn StdError + Send + Sync>,
}

impl ConnectionError {
    /// The scheme, host and port that were called.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether any byte of the request had been passed to the connection.
    pub fn sent(&self) -> bool {
        self.sent
    }

    /// What went wrong, such as a [`std::io::Error`].
    pub fn cause(&self) -> &(dyn StdError + Send + Sync + 'static) {
        self.cause.as_ref()
    }
}

impl fmt::Display for ConnectionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.sent {
            write!(f, "the connection to {} failed after part of the request had been sent", self.host)?;
        } else {
            write!(f, "no connection to {}, nothing was sent", self.host)?;
        }
        write!(f, ": {}", redact::line(&self.cause.to_string()))
    }
}

/// The message includes the [`cause`](ConnectionError::cause), so the source is what is behind that.
impl StdError for ConnectionError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.source()
    }
}

/// A time limit that expired.
#[derive(Debug)]
pub struct TimeoutError {
    pub(crate) host: String,
    pub(crate) sent: bool,
    pub(crate) limit: &'static str,
}

impl TimeoutError {
    /// The scheme, host and port that were called.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether any byte of the request had been passed to the connection.
    pub fn sent(&self) -> bool {
        self.sent
    }

    /// The option whose limit expired: `timeout`, `connect_timeout` or `read_timeout`.
    pub fn limit(&self) -> &str {
        self.limit
    }
}

impl fmt::Display for TimeoutError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let phase = if self.sent { "after part of the request had been sent" } else { "before anything was sent" };
        write!(f, "`{}` ran out while calling {}, {phase}", self.limit, self.host)
    }
}

impl StdError for TimeoutError {}

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

impl fmt::Display for RedirectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a redirect to {} was not followed", redact::address(&self.location))
    }
}

impl StdError for RedirectError {}
