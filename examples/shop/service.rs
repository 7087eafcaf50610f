//! What the shop does. All of it blocks: the server runs it in threads of its own.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use wechatpay::http::HeaderMap;
use wechatpay::{Builder, Chain, Fields, Reply, json};
use wechatpay_journal::rusqlite::Connection;
use wechatpay_journal::{Entry, Journal, State};

use crate::config::{self, Config};
use crate::orders::{self, Order};

pub struct Shop {
    instance: Chain,
    journal: Journal,
    orders: Mutex<Connection>,
    appid: String,
    notify_url: String,
}

/// Once, when the shop is installed: a journal that is made whenever none is found forgets what was on its way.
pub fn install(folder: &Path) -> anyhow::Result<()> {
    let path = config::journal(folder);
    Journal::create(&path)?;
    orders::open(&path)?.execute_batch(orders::TABLES)?;
    Ok(())
}

impl Shop {
    pub fn open(config: &Config) -> anyhow::Result<Shop> {
        let journal = Journal::open(&config.journal)?;
        let instance = Builder::from(config.wechatpay.clone()).journal(journal.clone()).build()?;
        Ok(Shop {
            instance,
            journal,
            orders: Mutex::new(orders::open(&config.journal)?),
            appid: config.appid.clone(),
            // In production `https`, and the name of the shop.
            notify_url: format!("http://{}/notify", config.listen),
        })
    }

    /// The shop's tables.
    pub fn orders(&self) -> MutexGuard<'_, Connection> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// At start, and every minute: finds out what became of the calls whose end nobody knows, and goes on with the orders
    /// that the platform does not have yet.
    pub fn catch_up(&self) -> anyhow::Result<()> {
        let report = self.journal.settle(&self.instance)?;
        for entry in report.done() {
            println!("settled: {} was done: {}", name(entry), entry.known().unwrap_or_default());
        }
        for entry in report.not_done() {
            println!("settled: {} was not done", name(entry));
        }
        for (entry, why) in report.not_yet() {
            println!("not settled yet: {}: {why}", name(entry));
        }
        if let Some(error) = report.unreachable() {
            println!("the platform cannot be asked: {error}");
        }
        let waiting = orders::in_state(&self.orders(), "new")?;
        for order in waiting {
            if let Err(error) = self.place(&order) {
                println!("{} is not placed yet: {error:#}", order.number);
            }
        }
        self.journal.prune()?;
        Ok(())
    }

    /// Places an order that is in the table already. It can be called again whenever it has failed, or nobody knows what became
    /// of it: with the same number and the same content, there is one order.
    pub fn place(&self, order: &Order) -> anyhow::Result<Order> {
        let placed = self.instance.chain("v3/pay/transactions/native").post(json!({ "json": {
            "appid": self.appid,
            "mchid": self.instance.mchid(),
            "description": order.description,
            "out_trade_no": order.number,
            "notify_url": self.notify_url,
            "amount": { "total": order.total, "currency": "CNY" },
        } }));
        match placed {
            Ok(answer) => orders::placed(&self.orders(), &order.number, &answer.text_at("/code_url")?)?,
            // Not every refusal means that there is no order: the journal knows when.
            Err(error) if self.is_refused(&order.number)? => {
                println!("{} is refused: {error}", order.number);
                orders::refused(&self.orders(), &order.number)?;
            }
            Err(error) => return Err(error.into()),
        }
        Ok(orders::get(&self.orders(), &order.number)?.unwrap_or_else(|| order.clone()))
    }

    fn is_refused(&self, number: &str) -> anyhow::Result<bool> {
        let entries = self.journal.under(number)?;
        Ok(entries.iter().any(|entry| entry.state() == State::Rejected))
    }

    /// A notification, as it has arrived: its headers, and the exact bytes of its body. However often it comes, it is booked once,
    /// and in one transaction with the journal's own note of it.
    pub fn receive(&self, headers: &HeaderMap, body: &[u8]) -> Reply {
        let notification = match self.instance.notification(headers, body) {
            Ok(notification) => notification,
            Err(error) => {
                println!("not a notification of the platform: {error}");
                return error.reply();
            }
        };
        let received = self.journal.receive(&notification, |transaction| {
            if notification.event_type() == "TRANSACTION.SUCCESS" {
                let payment = notification.resource();
                let (number, total) = (payment.text_at("/out_trade_no")?, payment.integer_at("/amount/total")?);
                orders::paid(transaction.sqlite()?, &number, total)?;
            }
            anyhow::Ok(())
        });
        match received {
            Ok(received) => {
                println!("{}: {received:?}", notification.event_type());
                notification.reply()
            }
            // Nothing was written, and the platform sends it again.
            Err(error) => {
                println!("{error:#}");
                Reply::failure("try again")
            }
        }
    }

    /// For `/metrics`, in the words of Prometheus.
    pub fn metrics(&self) -> wechatpay_journal::Result<String> {
        let figures = self.journal.figures()?;
        let oldest = figures.oldest_unsettled().unwrap_or_default().as_secs();
        let mut text = format!(
            "# TYPE wechatpay_journal_oldest_unsettled_seconds gauge\n\
             wechatpay_journal_oldest_unsettled_seconds {oldest}\n\
             # TYPE wechatpay_journal_entries gauge\n"
        );
        for state in State::ALL {
            let (name, count) = (state.name(), figures.count(*state));
            text += &format!("wechatpay_journal_entries{{state=\"{name}\"}} {count}\n");
        }
        Ok(text)
    }
}

/// An entry, for a line of the log.
fn name(entry: &Entry) -> String {
    format!("{} {} under {}", entry.method(), entry.template(), entry.number().unwrap_or("no number"))
}
