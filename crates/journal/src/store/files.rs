//! The file of a journal, and those beside it.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// How long it is taken for granted that a file is still where it was. Looking costs as much as a page of the journal.
const FRESH: Duration = Duration::from_millis(50);

/// A file that is watched, so that it is noticed when it is moved or deleted.
pub(super) struct Watched {
    identity: Identity,
    path: PathBuf,
    seen: Instant,
}

impl Watched {
    /// The file that was at this path a moment ago.
    pub(super) fn new(path: &Path, identity: Identity) -> Watched {
        Watched { identity, path: path.to_owned(), seen: Instant::now() }
    }

    /// That the file was still there some milliseconds ago.
    pub(super) fn check(&mut self) -> Result<()> {
        if self.seen.elapsed() >= FRESH {
            self.identity.check(&self.path)?;
            self.seen = Instant::now();
        }
        Ok(())
    }
}

/// Which file it is, whatever its name is.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Identity(#[cfg(unix)] (u64, u64));

impl Identity {
    #[cfg(unix)]
    pub(super) fn of(metadata: &Metadata) -> Identity {
        use std::os::unix::fs::MetadataExt;
        Identity((metadata.dev(), metadata.ino()))
    }

    #[cfg(not(unix))]
    pub(super) fn of(_: &Metadata) -> Identity {
        Identity()
    }

    /// That this file is still at this path: another one, or none, means that nobody would find what is written.
    fn check(self, path: &Path) -> Result<()> {
        match fs::metadata(path) {
            Ok(metadata) if Identity::of(&metadata) == self => Ok(()),
            Err(error) if error.kind() != ErrorKind::NotFound => Err(Error::storage(error)),
            _ => Err(Error::Vanished(path.to_owned())),
        }
    }
}

/// The path of a file that belongs to the one at this path.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}
