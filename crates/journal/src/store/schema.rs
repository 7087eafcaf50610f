//! The tables of a journal, and how those of an older version become them.

use rusqlite::{Connection, TransactionBehavior};

/// `WPJL`, in the header of the file: what it is.
pub(super) const APPLICATION: i64 = 0x5750_4A4C;

/// The version of the tables.
pub(super) const VERSION: u32 = MIGRATIONS.len() as u32;

/// What makes each version of the one before; those that were published never change.
const MIGRATIONS: [&str; 1] = [
    // Moments are in milliseconds since 1970. `turn` counts how often it was sent; `doubt` is 1 if, when it was sent, what had
    // become of an earlier one was not known; `due` is when to ask again. The states are not a list after `IN`, of which SQLite
    // makes a table of its own each time that a row is written.
    "
    CREATE TABLE journal (
        key BLOB NOT NULL
    ) STRICT;
    CREATE TABLE entry (
        id INTEGER PRIMARY KEY,
        merchant TEXT NOT NULL,
        operation TEXT NOT NULL,
        number TEXT,
        digest BLOB NOT NULL,
        kept TEXT NOT NULL,
        host TEXT NOT NULL,
        state TEXT NOT NULL CHECK (
            state = 'sending' OR state = 'answered' OR state = 'unknown' OR state = 'rejected' OR state = 'not_sent'
            OR state = 'done' OR state = 'not_done'
        ),
        owner TEXT,
        turn INTEGER NOT NULL,
        doubt INTEGER NOT NULL,
        began INTEGER NOT NULL,
        ended INTEGER,
        status INTEGER,
        code TEXT,
        request_id TEXT,
        known TEXT,
        asked INTEGER NOT NULL,
        due INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX entry_by_number ON entry (number, operation, merchant) WHERE number IS NOT NULL;
    CREATE INDEX entry_by_state ON entry (state, ended);
    CREATE TABLE notification (
        id INTEGER PRIMARY KEY,
        merchant TEXT NOT NULL,
        event TEXT NOT NULL,
        kind TEXT NOT NULL,
        matter TEXT,
        number TEXT,
        reference TEXT,
        state TEXT,
        received INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX notification_by_event ON notification (event, merchant);
    CREATE INDEX notification_by_number ON notification (number, matter, merchant) WHERE number IS NOT NULL;
    CREATE INDEX notification_received ON notification (received);
    ",
];

/// Makes the tables of the current version, of whatever version they are.
///
/// # Errors
/// If the database cannot be written.
pub(super) fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Not before the transaction: two processes may do this at the same time.
    let version: u32 = transaction.query_row("PRAGMA user_version", (), |row| row.get(0))?;
    for script in MIGRATIONS.iter().skip(version as usize) {
        transaction.execute_batch(script)?;
    }
    transaction.execute_batch(&format!("PRAGMA user_version = {VERSION}"))?;
    transaction.commit()
}
