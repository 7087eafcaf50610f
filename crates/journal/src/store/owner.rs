//! Who is still there. Each open journal holds a lock on a file of its own beside it; the system releases the lock when the
//! process ends, however it does, and not before: one that is stopped or slow is not taken for dead.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use log::warn;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::{Error, Result};
use crate::store::files::beside;
use crate::store::lock;
use crate::store::place::Place;
use crate::store::turns::Turns;

/// The lock of an open journal.
pub(super) struct Owner {
    name: String,
    path: PathBuf,
    /// An empty database in a transaction that locks it. SQLite's locks work on each system that SQLite works on, and among the
    /// threads of a process, too.
    _lock: Connection,
}

impl Owner {
    /// Takes a lock under a new name, and removes the files of those who are gone.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub(super) fn new(journal: &Path, name: impl Fn() -> Result<String>) -> Result<Owner> {
        for name in names(journal) {
            is_there(journal, &name);
        }
        loop {
            let name = name()?;
            let path = file(journal, &name);
            match lock(&path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE) {
                // Whoever looked at it before it was locked has removed it, or is about to.
                Ok(_) if !path.exists() => {}
                Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => {}
                lock => return Ok(Owner { name, path, _lock: lock.map_err(Error::storage)? }),
            }
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        // Whoever looks for it finds nobody, which is so.
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether the owner of this name is still there. If that cannot be found out, it is.
fn is_there(journal: &Path, name: &str) -> bool {
    let path = file(journal, name);
    match lock(&path, OpenFlags::SQLITE_OPEN_READ_WRITE) {
        Ok(_lock) => {
            // Nobody takes a name again.
            let _ = fs::remove_file(&path);
            false
        }
        Err(error) if matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen)) && !path.exists() => false,
        Err(error) => {
            if error.sqlite_error_code() != Some(ErrorCode::DatabaseBusy) {
                warn!("{path:?} cannot be locked: {error}");
            }
            true
        }
    }
}

/// The calls that are in flight, as far as this journal can tell: its own, and those of owners who are still there.
pub(super) struct InFlight {
    journal: PathBuf,
    owner: String,
    own: Mutex<Turns>,
}

impl InFlight {
    /// None yet, of this owner.
    pub(super) fn of(journal: &Path, owner: &Owner) -> InFlight {
        InFlight { journal: journal.to_owned(), owner: owner.name().to_owned(), own: Mutex::default() }
    }

    /// Whether a call at this place is, whose entry has this owner.
    pub(super) fn has(&self, owner: Option<&str>, place: Place) -> bool {
        match owner {
            None => false,
            Some(owner) if owner == self.owner => lock::lock(&self.own).has(place),
            Some(owner) => is_there(&self.journal, owner),
        }
    }

    /// The turn of an own call.
    pub(super) fn turn(&self, id: i64) -> Option<i64> {
        lock::lock(&self.own).of(id)
    }

    pub(super) fn begin(&self, place: Place) {
        lock::lock(&self.own).begin(place);
    }

    pub(super) fn end(&self, place: Place) {
        lock::lock(&self.own).end(place);
    }
}

/// What the names of their files have between that of the journal and theirs.
const OWNER: &str = "-owner-";

fn file(journal: &Path, name: &str) -> PathBuf {
    beside(journal, &format!("{OWNER}{name}"))
}

/// The names of all owners whose files are there.
fn names(journal: &Path) -> Vec<String> {
    let folder = journal.parent().and_then(|folder| fs::read_dir(folder).ok());
    let files = folder.into_iter().flatten().filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let own = journal.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    files.filter_map(|file| Some(file.strip_prefix(own)?.strip_prefix(OWNER)?.to_owned())).collect()
}

fn lock(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(Duration::ZERO)?;
    connection.execute_batch("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE")?;
    Ok(connection)
}
