//! The transaction that a program shares with the journal.

use std::fmt;

use rusqlite::Connection;

use crate::error::Result;

/// The transaction in which [`receive`](crate::Journal::receive) runs the program's own closure: what that writes is committed
/// together with what the journal writes, or not at all.
///
/// The closure cannot end it: a `COMMIT` is refused, and after a `ROLLBACK` nothing is kept and `receive` returns an error.
pub struct Transaction<'a>(Database<'a>);

enum Database<'a> {
    Sqlite(&'a Connection),
}

impl<'a> Transaction<'a> {
    pub(crate) fn of_sqlite(connection: &'a Connection) -> Transaction<'a> {
        Transaction(Database::Sqlite(connection))
    }

    /// The connection of a journal in a file of SQLite, inside of the transaction. Tables of one's own are made in the same file,
    /// by whatever program; those of the journal, and the file's `user_version` and `application_id`, are the journal's.
    ///
    /// # Errors
    /// [`Error::OtherDatabase`](crate::Error::OtherDatabase) if the journal is in another database.
    pub fn sqlite(&self) -> Result<&'a Connection> {
        match self.0 {
            Database::Sqlite(connection) => Ok(connection),
        }
    }
}

impl fmt::Debug for Transaction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction").finish_non_exhaustive()
    }
}
