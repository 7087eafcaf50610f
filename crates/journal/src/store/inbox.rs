//! Notifications as rows of SQLite, and the transaction that a program shares with them.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use rusqlite::{Connection, params};

use crate::error::{Error, Result};
use crate::notice::{About, Notice};
use crate::rules::{self, News};
use crate::store::connection;
use crate::store::failed::failed;
use crate::store::lock::lock;
use crate::store::place::Place;
use crate::store::rows::{self, milliseconds};
use crate::store::writer::Writer;
use crate::store::{Delivery, Work};
use crate::transaction::Transaction;

/// Receives notifications, one at a time.
///
/// It has a connection of its own: while a program does its work, the calls of this process wait as long for the database as those
/// of others do, and no longer.
pub(super) struct Inbox {
    path: PathBuf,
    /// Taken out while it is used. What a panic has left of it is not put back; closing it undoes what was not committed.
    connection: Mutex<Option<Connection>>,
}

impl Inbox {
    /// Of the journal at this path.
    pub(super) fn of(path: &Path) -> Inbox {
        Inbox { path: path.to_owned(), connection: Mutex::default() }
    }

    pub(super) fn receive(&self, writer: &Writer, notice: &Notice<'_>, work: &mut Work<'_>) -> Result<Delivery> {
        let mut slot = lock(&self.connection);
        let connection = match slot.take() {
            Some(connection) => connection,
            None => self.connect()?,
        };
        // Begun while no call of this process writes, behind which it would wait for long; and the calls that have ended are written
        // before, so that what is settled is what they have left.
        writer.run(|_| rows::open(&connection))?;
        let done = receive(&connection, notice, work);
        let delivery = match rows::close(&connection, done) {
            Ok(delivery) => delivery,
            Err(Undone::Refused) => Delivery::Failed,
            Err(Undone::Failed(error)) => return Err(failed(&self.path, error)),
            Err(Undone::Ended) => {
                return Err(Error::storage(io::Error::other("its transaction was ended from inside")));
            }
        };
        *slot = Some(connection);
        Ok(delivery)
    }

    fn connect(&self) -> Result<Connection> {
        let opened = connection::open(&self.path);
        let configured = opened.and_then(|opened| connection::configure(&opened).map(|()| opened));
        configured.map_err(|error| failed(&self.path, error))
    }
}

/// Why nothing was written, though it should have been.
enum Undone {
    Failed(rusqlite::Error),
    /// The work has failed.
    Refused,
    /// The work has ended the transaction.
    Ended,
}

impl From<rusqlite::Error> for Undone {
    fn from(error: rusqlite::Error) -> Undone {
        Undone::Failed(error)
    }
}

fn receive(connection: &Connection, notice: &Notice<'_>, work: &mut Work<'_>) -> Result<Delivery, Undone> {
    let delivery = take(connection, notice)?;
    if delivery == Delivery::Done {
        perform(connection, work)?;
    }
    Ok(delivery)
}

/// Writes a notification down, if it is new, and settles the calls that it speaks of.
fn take(connection: &Connection, notice: &Notice<'_>) -> rusqlite::Result<Delivery> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM notification WHERE event = ?1 AND merchant = ?2")?;
    if statement.exists([&notice.event, notice.merchant])? {
        return Ok(Delivery::Duplicate);
    }
    if let Some(about) = &notice.about {
        match news(connection, notice, about)? {
            News::Same => return Ok(Delivery::Duplicate),
            News::Less => return Ok(Delivery::Late),
            News::More => {}
        }
        let entries = rows::under(connection, &about.number)?;
        for (entry, known) in notice.settles(&entries) {
            rows::told(connection, Place::of(entry), known)?;
        }
    }
    let mut statement = connection.prepare_cached(
        "INSERT INTO notification (merchant, event, kind, matter, number, reference, state, received)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    let about = notice.about.as_ref();
    statement.execute(params![
        notice.merchant,
        notice.event,
        notice.kind,
        about.map(|about| about.matter.name),
        about.map(|about| &about.number),
        about.and_then(|about| about.reference.as_ref()),
        about.map(|about| &about.state),
        milliseconds(SystemTime::now()),
    ])?;
    Ok(Delivery::Done)
}

/// What it says beside those about the same number. Where one of two does not have the platform's own number, the merchant's is
/// enough.
fn news(connection: &Connection, notice: &Notice<'_>, about: &About) -> rusqlite::Result<News> {
    let Some(order) = about.matter.order else { return Ok(News::More) };
    let mut statement = connection.prepare_cached(
        "SELECT state FROM notification
         WHERE number = ?1 AND matter = ?2 AND merchant = ?3
             AND (reference IS NULL OR ?4 IS NULL OR reference = ?4)",
    )?;
    let known = params![about.number, about.matter.name, notice.merchant, about.reference];
    let known = statement.query_map(known, |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    let known: Vec<_> = known.iter().map(String::as_str).collect();
    Ok(rules::news(order, &known, &about.state))
}

/// Does the work inside of the transaction, which it cannot commit: SQLite makes a rollback of that. By the savepoint it is noticed
/// if the transaction has ended, or is another one.
fn perform(connection: &Connection, work: &mut Work<'_>) -> Result<(), Undone> {
    connection.prepare_cached("SAVEPOINT work")?.execute(())?;
    connection.commit_hook(Some(|| true))?;
    let is_done = work(&mut Transaction::of_sqlite(connection));
    connection.commit_hook(None::<fn() -> bool>)?;
    if !is_done {
        return Err(Undone::Refused);
    }
    let released = connection.prepare_cached("RELEASE work").and_then(|mut statement| statement.execute(()));
    released.map(drop).map_err(|_| Undone::Ended)
}

pub(super) fn forget(connection: &Connection, before: SystemTime, most: u32) -> rusqlite::Result<u32> {
    let mut statement = connection.prepare_cached(
        "DELETE FROM notification WHERE id IN (SELECT id FROM notification WHERE received < ?1 LIMIT ?2)",
    )?;
    let removed = statement.execute(params![milliseconds(before), most])?;
    Ok(u32::try_from(removed).unwrap_or(u32::MAX))
}
