//! A database of PostgreSQL, as the tests see it.

use std::process::exit;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use support::postgres::{self, Server};
use wechatpay_journal::Journal;

/// A server of a test's own; without PostgreSQL, the program ends here.
pub fn own_server(limit: &str) -> Arc<Server> {
    Arc::new(Server::start(limit).unwrap_or_else(|| exit(0)))
}

pub struct Database {
    pub server: Arc<Server>,
    address: String,
}

impl Database {
    /// Of the server that all tests share that do it no harm.
    pub fn new(name: &str) -> Database {
        static SHARED: OnceLock<Arc<Server>> = OnceLock::new();
        Database::of(Arc::clone(SHARED.get_or_init(|| own_server(""))), name)
    }

    pub fn of(server: Arc<Server>, name: &str) -> Database {
        static COUNTER: AtomicUsize = AtomicUsize::new(0);
        let address = server.database(&format!("{name}-{}", COUNTER.fetch_add(1, Ordering::Relaxed)));
        Database { server, address }
    }

    pub fn create(&self) -> Journal {
        Journal::create_postgres(&self.address()).unwrap()
    }

    /// By which a child finds it.
    pub fn address(&self) -> String {
        self.address.clone()
    }

    pub fn open(address: &str) -> Journal {
        Journal::open_postgres(address).unwrap()
    }

    pub fn rows(&self, sql: &str) -> Vec<String> {
        postgres::rows(&self.address, sql)
    }

    pub fn durable_rows(address: &str, sql: &str) -> Vec<String> {
        postgres::rows(address, sql)
    }

    /// All that is stored.
    pub fn contents(&self) -> Vec<(String, Vec<u8>)> {
        let dump = postgres::run("pg_dump", &["--schema=wechatpay_journal"], &self.address).unwrap();
        assert!(dump.contains("wechatpay_journal.entry"));
        vec![("the dump".to_owned(), dump.into_bytes())]
    }

    pub fn owners(&self) -> usize {
        postgres::owners(&self.address)
    }
}
