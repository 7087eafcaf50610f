//! The database that a journal is in, together with the shop's own table.

use std::collections::BTreeMap;

use support::random::Random;
use wechatpay_journal::{Journal, Transaction};

/// A database with a journal, as it is seen from outside.
pub trait Database: Sync {
    /// By which a child finds it.
    fn address(&self) -> String;

    /// Waits until nobody has the journal open.
    fn is_left(&self);

    /// How often each notification was booked.
    fn booked(&self) -> BTreeMap<String, u64>;

    /// What befalls it next, if something can.
    fn trouble(&self, _: &mut Random) -> Option<Trouble<'_>> {
        None
    }
}

/// Something that befalls a database, and is over in the end.
pub struct Trouble<'a> {
    pub name: &'static str,
    pub befall: Box<dyn FnOnce() + Send + 'a>,
}

pub fn open(address: &str) -> wechatpay_journal::Result<Journal> {
    #[cfg(feature = "postgres")]
    if address.starts_with("postgres://") {
        return Journal::open_postgres(address);
    }
    Journal::open(address)
}

/// Books a notification in the shop's own table.
pub fn book(transaction: &mut Transaction<'_>, number: &str) -> anyhow::Result<()> {
    #[cfg(feature = "postgres")]
    if let Ok(transaction) = transaction.postgres() {
        transaction.execute("INSERT INTO public.booked VALUES ($1)", &[&number])?;
        return Ok(());
    }
    transaction.sqlite()?.execute("INSERT INTO booked VALUES (?1)", [number])?;
    Ok(())
}

/// Whether it says no more than that the database is in trouble.
#[cfg(feature = "postgres")]
pub fn is_in_trouble(error: &anyhow::Error) -> bool {
    error.chain().any(crate::postgres::is_trouble)
}

/// That of SQLite never is.
#[cfg(not(feature = "postgres"))]
pub fn is_in_trouble(_: &anyhow::Error) -> bool {
    false
}
