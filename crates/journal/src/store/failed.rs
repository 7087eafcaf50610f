//! What an error of SQLite says about a journal.

use std::path::Path;

use rusqlite::ErrorCode;

use crate::error::Error;

/// What went wrong with the journal at this path.
pub(super) fn failed(path: &Path, error: rusqlite::Error) -> Error {
    let damaged = |what| Error::Damaged { path: path.to_owned(), what };
    match (&error, error.sqlite_error_code()) {
        (_, Some(ErrorCode::NotADatabase)) => Error::NotAJournal(path.to_owned()),
        (_, Some(ErrorCode::DatabaseCorrupt)) => damaged(error.to_string()),
        // What is in it is not what was written.
        (
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::QueryReturnedNoRows,
            _,
        ) => damaged(error.to_string()),
        _ => Error::storage(error),
    }
}
