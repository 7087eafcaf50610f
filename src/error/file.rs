//! Files, readers and writers that failed.

use std::error::Error as StdError;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::redact;

/// A file, reader or writer that failed.
pub struct FileError {
    pub(crate) path: Option<PathBuf>,
    pub(crate) what: &'static str,
    pub(crate) sent: bool,
    pub(crate) source: Option<std::io::Error>,
}

impl FileError {
    /// The file; `None` for a reader or writer.
    pub fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Whether part of the request had been sent by then.
    pub fn sent(&self) -> bool {
        self.sent
    }
}

impl fmt::Debug for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FileError")
            .field("path", &self.path.as_deref().map(redact::file))
            .field("what", &self.what)
            .field("sent", &self.sent)
            .field("source", &self.source)
            .finish()
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "{}: {}", redact::file(path), self.what),
            None => write!(f, "a stream: {}", self.what),
        }
    }
}

impl StdError for FileError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_ref().map(|source| source as _)
    }
}
