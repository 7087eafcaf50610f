//! The journal beside the sandbox: what is on the disk and when, what is sent and what is not, and what is found out afterwards.

mod crashes;
mod files;
mod intents;
mod many;
mod numbers;
mod receiving;
mod settling;

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use rusqlite::{Connection, OpenFlags};
use support::folder::Folder;
use wechatpay::{Chain, Response, Result, Value, json};
use wechatpay_journal::{Entry, Journal, Report, State};
use wechatpay_sandbox::Sandbox;

/// A sandbox, and an instance that calls it with a journal in a folder of its own.
struct Shop {
    instance: Chain,
    journal: Journal,
    sandbox: Sandbox,
    // The last to go.
    folder: Folder,
}

impl Shop {
    fn open(name: &str) -> Shop {
        let (sandbox, folder) = (Sandbox::start().unwrap(), Folder::new(name));
        let journal = Journal::create(folder.file("payments.journal")).unwrap();
        let instance = sandbox.config().journal(journal.clone()).build().unwrap();
        Shop { instance, journal, sandbox, folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.file("payments.journal")
    }

    /// The same instance with the journal opened once more, as another process would.
    fn beside(&self) -> (Chain, Journal) {
        let journal = Journal::open(self.path()).unwrap();
        (self.sandbox.config().journal(journal.clone()).build().unwrap(), journal)
    }

    fn order(&self, number: &str, total: u32) -> Result<Response> {
        order(&self.instance, number, total)
    }

    /// The one entry under this number.
    fn entry(&self, number: &str) -> Entry {
        let mut entries = self.journal.under(number).unwrap();
        assert_eq!(entries.len(), 1, "{entries:?}");
        entries.remove(0)
    }

    fn state(&self, number: &str) -> State {
        self.entry(number).state()
    }

    /// Settles as if it were an hour later, when what does not exist can be believed not to.
    fn settle_later(&self) -> Report {
        self.journal.settle_as_of(&self.instance, SystemTime::now() + Duration::from_secs(60 * 60)).unwrap()
    }

    /// How many requests of this path have arrived.
    fn arrived(&self, path: &str) -> usize {
        self.sandbox.requests().iter().filter(|request| request.target().starts_with(path)).count()
    }

    /// Another look at the database, as with `sqlite3`.
    fn rows<T: rusqlite::types::FromSql>(&self, sql: &str) -> Vec<T> {
        let connection = Connection::open_with_flags(self.path(), OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let mut statement = connection.prepare(sql).unwrap();
        statement.query_map((), |row| row.get(0)).unwrap().map(|value| value.unwrap()).collect()
    }
}

/// Where an order is placed.
const NATIVE: &str = "v3/pay/transactions/native";

fn content(number: &str, total: u32) -> Value {
    json!({
        "appid": "wx8888888888888888",
        "mchid": "1900000109",
        "description": "a cup of coffee",
        "out_trade_no": number,
        "notify_url": "https://shop.example/paid",
        "amount": { "total": total, "currency": "CNY" },
    })
}

fn order(instance: &Chain, number: &str, total: u32) -> Result<Response> {
    instance.chain(NATIVE).post(json!({ "json": content(number, total) }))
}

/// Why the journal has refused a call; nothing was sent then.
fn refusal(result: Result<Response>) -> wechatpay_journal::Error {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), ("journal", wechatpay::Outcome::NotSent), "{error:#}");
    let wechatpay::Error::Journal(refused) = error else { panic!("{error:?}") };
    refused.reason::<wechatpay_journal::Error>().unwrap().clone()
}
