//! A journal in a file of SQLite.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::{Connection, OpenFlags};

use crate::content::Key;
use crate::entry::{Entry, Figures, State};
use crate::error::{Error, Result};
use crate::notice::Notice;
use crate::store::connection;
use crate::store::failed::failed;
use crate::store::files::{Identity, beside};
use crate::store::inbox::{self, Inbox};
use crate::store::owner::Owner;
use crate::store::place::{Place, row_id};
use crate::store::rows;
use crate::store::schema;
use crate::store::writer::Writer;
use crate::store::{Begun, Call, Delivery, End, Finding, Store, Work};

/// A journal that is open.
pub(crate) struct Sqlite {
    key: Key,
    // Before the writer, so that it is closed before others take this process for gone.
    inbox: Inbox,
    writer: Writer,
}

impl Sqlite {
    /// Makes a journal, of which there is either all or nothing at this path.
    pub(crate) fn create(path: &Path) -> Result<()> {
        let new = Unfinished(beside(path, &format!("-new-{}", hex(&random::<8>()?))));
        let at = |error| failed(&new.0, error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let mut connection =
            Connection::open_with_flags(&new.0, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(at)?;
        connection.pragma_update(None, "application_id", schema::APPLICATION).map_err(at)?;
        connection::configure(&connection).map_err(at)?;
        schema::migrate(&mut connection).map_err(at)?;
        connection.execute("INSERT INTO journal (key) VALUES (?1)", [random::<32>()?]).map_err(at)?;
        connection.close().map_err(|(_, error)| at(error))?;
        // Unlike a renaming, this fails if there is a file already.
        fs::hard_link(&new.0, path).map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => Error::Exists(path.to_owned()),
            _ => Error::storage(error),
        })?;
        drop(new);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(Error::storage)
    }

    /// Opens a journal that is there.
    pub(crate) fn open(path: &Path) -> Result<Sqlite> {
        // The program may go to another folder.
        let path = &std::path::absolute(path).map_err(Error::storage)?;
        let at = |error| failed(path, error);
        let metadata = match fs::metadata(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(Error::Missing(path.to_owned())),
            metadata => metadata.map_err(Error::storage)?,
        };
        let identity = Identity::of(&metadata);
        let mut connection = connection::open(path).map_err(at)?;
        check(path, &connection)?;
        connection::configure(&connection).map_err(at)?;
        schema::migrate(&mut connection).map_err(at)?;
        let key = connection.query_row("SELECT key FROM journal", (), |row| row.get(0)).map_err(at)?;
        let owner = Owner::new(path, || Ok(hex(&random::<8>()?)))?;
        let writer = Writer::start(path, identity, connection, owner)?;
        Ok(Sqlite { key, inbox: Inbox::of(path), writer })
    }
}

/// That it is a journal which this version knows, and whole.
fn check(path: &Path, connection: &Connection) -> Result<()> {
    let at = |error| failed(path, error);
    let number = |name| connection.query_row(&format!("PRAGMA {name}"), (), |row| row.get::<_, i64>(0)).map_err(at);
    if number("application_id")? != schema::APPLICATION {
        return Err(Error::NotAJournal(path.to_owned()));
    }
    let version = u32::try_from(number("user_version")?).unwrap_or(u32::MAX);
    if version > schema::VERSION {
        return Err(Error::Newer { path: path.to_owned(), version, known: schema::VERSION });
    }
    let what: String = connection.query_row("PRAGMA quick_check(1)", (), |row| row.get(0)).map_err(at)?;
    match what.as_str() {
        "ok" => Ok(()),
        _ => Err(Error::Damaged { path: path.to_owned(), what }),
    }
}

/// A file that is removed again.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        for suffix in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(beside(&self.0, suffix));
        }
    }
}

fn random<const LENGTH: usize>() -> Result<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    openssl::rand::rand_bytes(&mut bytes).map_err(Error::storage)?;
    Ok(bytes)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Store for Sqlite {
    fn key(&self) -> &Key {
        &self.key
    }

    fn begin(&self, call: Call) -> Result<Begun> {
        self.writer.begin(call)
    }

    fn end(&self, id: u64, end: End) {
        self.writer.end(row_id(id), end);
    }

    fn unsettled(&self, merchant: Option<&str>, after: u64, most: u32) -> Result<Vec<Entry>> {
        self.writer.run(|connection| rows::unsettled(connection, merchant, row_id(after), most))
    }

    fn entries(&self, after: u64, most: u32) -> Result<Vec<Entry>> {
        self.writer.run(|connection| rows::entries(connection, row_id(after), most))
    }

    fn under(&self, number: &str) -> Result<Vec<Entry>> {
        self.writer.run(|connection| rows::under(connection, number))
    }

    fn is_in_flight(&self, entry: &Entry) -> bool {
        entry.state == State::Sending && self.writer.in_flight().has(entry.owner.as_deref(), Place::of(entry))
    }

    fn find_out(&self, entry: &Entry, finding: &Finding) -> Result<bool> {
        self.writer.run(|connection| rows::find_out(connection, Place::of(entry), finding))
    }

    fn receive(&self, notice: &Notice<'_>, work: &mut Work<'_>) -> Result<Delivery> {
        self.inbox.receive(&self.writer, notice, work)
    }

    fn figures(&self) -> Result<Figures> {
        self.writer.run(rows::figures)
    }

    fn prune(&self, before: SystemTime, most: u32) -> Result<u32> {
        self.writer.run(|connection| rows::transaction(connection, || rows::prune(connection, before, most)))
    }

    fn forget(&self, before: SystemTime, most: u32) -> Result<u32> {
        self.writer.run(|connection| rows::transaction(connection, || inbox::forget(connection, before, most)))
    }
}
