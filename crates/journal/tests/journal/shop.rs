//! A shop that keeps a journal.

use std::time::{Duration, SystemTime};

use wechatpay::{Chain, Response, Result, Value, json};
use wechatpay_journal::{Entry, Journal, Report, State};
use wechatpay_sandbox::Sandbox;

use crate::database::Database;

/// A sandbox, and an instance that calls it with a journal in a database of its own.
pub struct Shop {
    pub instance: Chain,
    pub journal: Journal,
    pub sandbox: Sandbox,
    // The last to go.
    pub database: Database,
}

impl Shop {
    pub fn open(name: &str) -> Shop {
        Shop::with(Database::new(name))
    }

    pub fn with(database: Database) -> Shop {
        let (sandbox, journal) = (Sandbox::start().unwrap(), database.create());
        let instance = sandbox.config().journal(journal.clone()).build().unwrap();
        Shop { instance, journal, sandbox, database }
    }

    /// The same instance with the journal opened once more, as another process would.
    pub fn beside(&self) -> (Chain, Journal) {
        let journal = Database::open(&self.database.address());
        (self.sandbox.config().journal(journal.clone()).build().unwrap(), journal)
    }

    pub fn order(&self, number: &str, total: u32) -> Result<Response> {
        order(&self.instance, number, total)
    }

    /// The one entry under this number.
    pub fn entry(&self, number: &str) -> Entry {
        let mut entries = self.journal.under(number).unwrap();
        assert_eq!(entries.len(), 1, "{entries:?}");
        entries.remove(0)
    }

    pub fn state(&self, number: &str) -> State {
        self.entry(number).state()
    }

    /// Settles as if it were an hour later, when what does not exist can be believed not to.
    pub fn settle_later(&self) -> Report {
        self.journal.settle_as_of(&self.instance, SystemTime::now() + Duration::from_secs(60 * 60)).unwrap()
    }

    /// How many requests of this path have arrived.
    pub fn arrived(&self, path: &str) -> usize {
        self.sandbox.requests().iter().filter(|request| request.target().starts_with(path)).count()
    }
}

/// Where an order is placed.
pub const NATIVE: &str = "v3/pay/transactions/native";

pub fn content(number: &str, total: u32) -> Value {
    json!({
        "appid": "wx8888888888888888",
        "mchid": "1900000109",
        "description": "a cup of coffee",
        "out_trade_no": number,
        "notify_url": "https://shop.example/paid",
        "amount": { "total": total, "currency": "CNY" },
    })
}

pub fn order(instance: &Chain, number: &str, total: u32) -> Result<Response> {
    instance.chain(NATIVE).post(json!({ "json": content(number, total) }))
}

/// Why the journal has refused a call; nothing was sent then.
pub fn refusal(result: Result<Response>) -> wechatpay_journal::Error {
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.outcome()), ("journal", wechatpay::Outcome::NotSent), "{error:#}");
    let wechatpay::Error::Journal(refused) = error else { panic!("{error:?}") };
    refused.reason::<wechatpay_journal::Error>().unwrap().clone()
}
