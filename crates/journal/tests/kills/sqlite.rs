//! A journal in a file.

use std::collections::BTreeMap;

use rusqlite::Connection;
use support::folder::Folder;
use wechatpay_journal::Journal;

use crate::database::Database;

pub struct Sqlite(Folder);

impl Sqlite {
    pub fn create() -> Sqlite {
        let sqlite = Sqlite(Folder::new("kills"));
        drop(Journal::create(sqlite.address()).unwrap());
        sqlite.tables().execute_batch("CREATE TABLE booked (number TEXT NOT NULL)").unwrap();
        sqlite
    }

    fn tables(&self) -> Connection {
        Connection::open(self.address()).unwrap()
    }
}

impl Database for Sqlite {
    fn address(&self) -> String {
        self.0.file("journal").into_os_string().into_string().unwrap()
    }

    /// The locks of a process have gone with it.
    fn is_left(&self) {}

    fn booked(&self) -> BTreeMap<String, u64> {
        let tables = self.tables();
        let mut booked = tables.prepare("SELECT number, count(*) FROM booked GROUP BY number").unwrap();
        let rows = booked.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs()))).unwrap();
        rows.map(Result::unwrap).collect()
    }
}
