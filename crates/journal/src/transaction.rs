//! The transaction that a program shares with the journal.

use std::fmt;

#[cfg(feature = "postgres")]
use postgres::error::SqlState;
use rusqlite::Connection;

#[cfg(feature = "postgres")]
use crate::error::Error;
use crate::error::Result;

/// The transaction in which [`receive`](crate::Journal::receive) runs the program's own closure: what that writes is committed
/// together with what the journal writes, or not at all.
///
/// The closure cannot end it: a `COMMIT` is refused, and after a `ROLLBACK` nothing is kept and `receive` returns an error.
pub struct Transaction<'a>(Database<'a>);

enum Database<'a> {
    Sqlite(&'a Connection),
    #[cfg(feature = "postgres")]
    Postgres(postgres::Transaction<'a>),
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
            #[cfg(feature = "postgres")]
            Database::Postgres(_) => Err(Error::OtherDatabase),
        }
    }

    /// The transaction of a journal in PostgreSQL. Tables of one's own are in other schemas of the same database.
    ///
    /// # Errors
    /// [`Error::OtherDatabase`](crate::Error::OtherDatabase) if the journal is in another database.
    #[cfg(feature = "postgres")]
    pub fn postgres(&mut self) -> Result<&mut postgres::Transaction<'a>> {
        match &mut self.0 {
            Database::Postgres(transaction) => Ok(transaction),
            Database::Sqlite(_) => Err(Error::OtherDatabase),
        }
    }

    /// A savepoint of PostgreSQL.
    #[cfg(feature = "postgres")]
    pub(crate) fn of_postgres(savepoint: postgres::Transaction<'a>) -> Transaction<'a> {
        Transaction(Database::Postgres(savepoint))
    }

    /// Keeps what was done since the savepoint; returns whether it was still there.
    ///
    /// # Errors
    /// If the database does not do it for another reason.
    #[cfg(feature = "postgres")]
    pub(crate) fn release(self) -> std::result::Result<bool, postgres::Error> {
        let Database::Postgres(savepoint) = self.0 else { return Ok(false) };
        let is_gone = [&SqlState::S_E_INVALID_SPECIFICATION, &SqlState::NO_ACTIVE_SQL_TRANSACTION];
        match savepoint.commit() {
            Ok(()) => Ok(true),
            Err(error) if error.code().is_some_and(|code| is_gone.contains(&code)) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl fmt::Debug for Transaction<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transaction").finish_non_exhaustive()
    }
}
