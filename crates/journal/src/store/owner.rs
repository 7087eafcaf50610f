//! Who is still there. Each open journal holds a lock on a file of its own beside it; the system releases the lock when the
//! process ends, however it does, and not before: one that is stopped or slow is not taken for dead.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use log::warn;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::store::files::beside;
use crate::store::rows::Place;

/// The lock of an open journal.
pub(super) struct Owner {
    name: String,
    path: PathBuf,
    /// An empty database in a transaction that locks it. SQLite's locks work on each system that SQLite works on, and among the
    /// threads of a process, too.
    _lock: Connection,
}

impl Owner {
    /// Takes a lock that nobody has.
    ///
    /// # Errors
    /// If the file cannot be made.
    pub(super) fn new(journal: &Path, name: String) -> rusqlite::Result<Owner> {
        let path = file(journal, &name);
        let lock = lock(&path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        Ok(Owner { name, path, _lock: lock })
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

/// The calls that are in flight, as far as this journal can tell: its own, each with the turn of its entry, and those of owners
/// who are still there.
pub(super) struct InFlight {
    journal: PathBuf,
    owner: String,
    own: Mutex<HashMap<i64, i64>>,
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
            Some(owner) if owner == self.owner => self.turn(place.id) == Some(place.turn),
            Some(owner) => is_there(&self.journal, owner),
        }
    }

    /// The turn of an own call.
    pub(super) fn turn(&self, id: i64) -> Option<i64> {
        self.lock().get(&id).copied()
    }

    pub(super) fn begin(&self, place: Place) {
        self.lock().insert(place.id, place.turn);
    }

    /// Takes a call out, unless it has begun again.
    pub(super) fn end(&self, place: Place) {
        let mut own = self.lock();
        if own.get(&place.id) == Some(&place.turn) {
            own.remove(&place.id);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<i64, i64>> {
        self.own.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn file(journal: &Path, name: &str) -> PathBuf {
    beside(journal, &format!("-owner-{name}"))
}

fn lock(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(Duration::ZERO)?;
    connection.execute_batch("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE")?;
    Ok(connection)
}
