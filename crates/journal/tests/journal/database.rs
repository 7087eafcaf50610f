//! A database of SQLite, as the tests see it.

use std::fs;
use std::path::PathBuf;

use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};
use support::folder::Folder;
use wechatpay_journal::Journal;

pub struct Database {
    pub folder: Folder,
}

impl Database {
    pub fn new(name: &str) -> Database {
        Database { folder: Folder::new(name) }
    }

    pub fn path(&self) -> PathBuf {
        self.folder.file("payments.journal")
    }

    pub fn create(&self) -> Journal {
        Journal::create(self.path()).unwrap()
    }

    /// By which a child finds it.
    pub fn address(&self) -> String {
        self.path().into_os_string().into_string().unwrap()
    }

    pub fn open(address: &str) -> Journal {
        Journal::open(address).unwrap()
    }

    /// What `sqlite3` shows: each row as a line, with `|` between its columns.
    pub fn rows(&self, sql: &str) -> Vec<String> {
        rows(self.path(), sql)
    }

    /// The same of what is on the disk: of the files alone, without whoever has them open.
    pub fn durable_rows(address: &str, sql: &str) -> Vec<String> {
        let copy = format!("{address}-copy");
        fs::copy(address, &copy).unwrap();
        fs::copy(format!("{address}-wal"), format!("{copy}-wal")).unwrap();
        rows(copy.into(), sql)
    }

    /// All that is stored, by the names of the files.
    pub fn contents(&self) -> Vec<(String, Vec<u8>)> {
        let names = self.folder.names();
        assert!(names.len() >= 3, "{names:?}");
        names.into_iter().map(|name| (name.clone(), fs::read(self.folder.file(&name)).unwrap())).collect()
    }

    /// How many journals are open, as their locks tell.
    pub fn owners(&self) -> usize {
        self.folder.names().iter().filter(|name| name.contains("-owner-")).count()
    }
}

fn rows(path: PathBuf, sql: &str) -> Vec<String> {
    // The copy of a write-ahead log can be read only by whoever may write.
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    let columns = statement.column_count();
    let rows =
        statement.query_map((), |row| (0..columns).map(|column| row.get(column)).collect::<Result<Vec<Value>, _>>());
    let text = |value| match value {
        Value::Null => String::new(),
        Value::Integer(number) => number.to_string(),
        Value::Text(text) => text,
        other => panic!("{other:?}"),
    };
    rows.unwrap().map(|row| row.unwrap().into_iter().map(text).collect::<Vec<_>>().join("|")).collect()
}
