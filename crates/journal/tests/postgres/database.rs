//! A database of PostgreSQL, as the tests see it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use wechatpay_journal::Journal;

use crate::server::{self, Server};

pub struct Database {
    pub server: Arc<Server>,
    name: String,
}

impl Database {
    pub fn new(name: &str) -> Database {
        Database::of(Server::shared(), name)
    }

    pub fn of(server: Arc<Server>, name: &str) -> Database {
        static COUNTER: AtomicUsize = AtomicUsize::new(0);
        let name = format!("{name}-{}", COUNTER.fetch_add(1, Ordering::Relaxed));
        server.run("psql", &["-qc", &format!("CREATE DATABASE \"{name}\"")], "postgres");
        Database { server, name }
    }

    pub fn create(&self) -> Journal {
        Journal::create_postgres(&self.address()).unwrap()
    }

    /// By which a child finds it.
    pub fn address(&self) -> String {
        self.server.url(&self.name)
    }

    pub fn open(address: &str) -> Journal {
        Journal::open_postgres(address).unwrap()
    }

    /// What `psql` shows: each row as a line, with `|` between its columns.
    pub fn rows(&self, sql: &str) -> Vec<String> {
        Database::durable_rows(&self.address(), sql)
    }

    /// The same: what others see is committed, and what is committed is on the disk.
    pub fn durable_rows(address: &str, sql: &str) -> Vec<String> {
        let binaries = server::binaries().unwrap();
        server::run(&binaries, "psql", &["-qAt", "-c", sql, "-d"], address).lines().map(str::to_owned).collect()
    }

    /// All that is stored.
    pub fn contents(&self) -> Vec<(String, Vec<u8>)> {
        let dump = self.server.run("pg_dump", &["--schema=wechatpay_journal"], &self.name);
        assert!(dump.contains("wechatpay_journal.entry"));
        vec![("the dump".to_owned(), dump.into_bytes())]
    }

    /// How many journals are open, as their locks tell.
    pub fn owners(&self) -> usize {
        let sql = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
        self.rows(sql)[0].parse().unwrap()
    }
}
