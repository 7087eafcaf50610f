//! Notifications as rows of PostgreSQL, and the transaction that a program shares with them.

use std::panic;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::SystemTime;

use postgres::types::Type;
use postgres::{Client, Transaction};

use crate::content::Key;
use crate::error::{Error, Result};
use crate::notice::{About, Notice};
use crate::rules::{self, News};
use crate::store::lock::lock;
use crate::store::place::Place;
use crate::store::postgres::address::Address;
use crate::store::postgres::{rows, schema};
use crate::store::{Delivery, Work};
use crate::transaction::Transaction as Shared;

/// What is locked of a notification, in this order: what it is known by, and what it is about.
const EVENT: i32 = 1;
const NUMBER: i32 = 2;

/// Receives notifications, one at a time, over a connection of its own: calls are recorded meanwhile.
pub(super) struct Inbox {
    address: Address,
    key: Key,
    /// Taken out while it is used. What a panic or an error has left of it is not put back; closing it undoes what was not
    /// committed.
    client: Mutex<Option<Client>>,
}

impl Inbox {
    /// Of the journal that has this key.
    pub(super) fn of(address: Address, key: Key) -> Inbox {
        Inbox { address, key, client: Mutex::default() }
    }

    /// Receives a notification on a thread of its own, as the client would panic in that of an async runtime.
    pub(super) fn receive(&self, notice: &Notice<'_>, work: &mut Work<'_>) -> Result<Delivery> {
        let mut slot = lock(&self.client);
        thread::scope(|scope| {
            let slot = &mut *slot;
            let name = "wechatpay-journal".to_owned();
            let thread = thread::Builder::new().name(name).spawn_scoped(scope, || {
                let mut client = self.client(slot)?;
                let delivery = receive(&mut client, notice, work).map_err(|undone| self.failed(undone))?;
                *slot = Some(client);
                Ok(delivery)
            });
            thread.map_err(Error::storage)?.join().unwrap_or_else(|panicked| panic::resume_unwind(panicked))
        })
    }

    /// A connection that works.
    fn client(&self, slot: &mut Option<Client>) -> Result<Client> {
        if let Some(mut client) = slot.take() {
            // It may be idle for long.
            if client.simple_query("").is_ok() {
                return Ok(client);
            }
        }
        let mut client = self.address.connect()?;
        if schema::open(&mut client, &self.address)? != self.key {
            return Err(Error::Vanished(self.address.place()));
        }
        Ok(client)
    }

    fn failed(&self, undone: Undone) -> Error {
        match undone {
            Undone::Failed(error) => self.address.failed(error),
            Undone::Ended => Error::storage(std::io::Error::other("its transaction was ended from inside")),
        }
    }
}

/// As in an async runtime a connection cannot be closed either.
impl Drop for Inbox {
    fn drop(&mut self) {
        let client = self.client.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(client) = client {
            drop(thread::spawn(move || drop(client)).join());
        }
    }
}

/// Why nothing was written, though it should have been.
enum Undone {
    Failed(postgres::Error),
    /// The work has ended the transaction.
    Ended,
}

impl From<postgres::Error> for Undone {
    fn from(error: postgres::Error) -> Undone {
        Undone::Failed(error)
    }
}

fn receive(client: &mut Client, notice: &Notice<'_>, work: &mut Work<'_>) -> Result<Delivery, Undone> {
    let mut transaction = client.transaction()?;
    wait_for(&mut transaction, EVENT, &notice.event)?;
    if is_known(&mut transaction, notice)? {
        return Ok(Delivery::Duplicate);
    }
    if let Some(about) = &notice.about {
        wait_for(&mut transaction, NUMBER, &about.number)?;
        match news(&mut transaction, notice, about)? {
            News::Same => return Ok(Delivery::Duplicate),
            News::Less => return Ok(Delivery::Late),
            News::More => {}
        }
    }
    let id = insert(&mut transaction, notice)?;
    // By the savepoint it is noticed if the work has ended the transaction, which it cannot commit.
    let mut shared = Shared::of_postgres(transaction.transaction()?);
    if !work(&mut shared) {
        return Ok(Delivery::Failed);
    }
    if !shared.release()? {
        return Err(Undone::Ended);
    }
    allow_commit(&mut transaction, id)?;
    // Last, as the ends of calls wait for what is locked here.
    if let Some(about) = &notice.about {
        let entries = rows::under_locked(&mut transaction, &about.number)?;
        for (entry, known) in notice.settles(&entries) {
            rows::told(&mut transaction, Place::of(entry), known)?;
        }
    }
    transaction.commit()?;
    Ok(Delivery::Done)
}

/// Waits for whoever receives the same.
fn wait_for(transaction: &mut Transaction<'_>, class: i32, what: &str) -> Result<(), postgres::Error> {
    let sql = "SELECT pg_advisory_xact_lock($1, hashtext($2))";
    transaction.query_typed(sql, &[(&class, Type::INT4), (&what, Type::TEXT)]).map(drop)
}

fn is_known(transaction: &mut Transaction<'_>, notice: &Notice<'_>) -> Result<bool, postgres::Error> {
    let sql = "SELECT 1 FROM wechatpay_journal.notification WHERE event = $1 AND merchant = $2";
    let known = transaction.query_typed(sql, &[(&notice.event, Type::TEXT), (&notice.merchant, Type::TEXT)])?;
    Ok(!known.is_empty())
}

/// What it says beside those about the same number. Where one of two does not have the platform's own number, the merchant's is
/// enough.
fn news(transaction: &mut Transaction<'_>, notice: &Notice<'_>, about: &About) -> Result<News, postgres::Error> {
    let Some(order) = about.matter.order else { return Ok(News::More) };
    let rows = transaction.query_typed(
        "SELECT state FROM wechatpay_journal.notification
         WHERE number = $1 AND matter = $2 AND merchant = $3 AND (reference IS NULL OR $4 IS NULL OR reference = $4)",
        &[
            (&about.number, Type::TEXT),
            (&about.matter.name, Type::TEXT),
            (&notice.merchant, Type::TEXT),
            (&about.reference, Type::TEXT),
        ],
    )?;
    let known = rows.iter().map(|row| row.try_get(0)).collect::<Result<Vec<&str>, _>>()?;
    Ok(rules::news(order, &known, &about.state))
}

/// Writes a notification down, in a way that cannot be committed before [`allow_commit`].
fn insert(transaction: &mut Transaction<'_>, notice: &Notice<'_>) -> Result<i64, postgres::Error> {
    let about = notice.about.as_ref();
    let row = transaction.query_typed(
        "INSERT INTO wechatpay_journal.notification
             (merchant, event, kind, matter, number, reference, state, received, held)
         VALUES ($1, $2, $3, $4, $5, $6, $7, statement_timestamp(), -1) RETURNING id",
        &[
            (&notice.merchant, Type::TEXT),
            (&notice.event, Type::TEXT),
            (&notice.kind, Type::TEXT),
            (&about.map(|about| about.matter.name), Type::TEXT),
            (&about.map(|about| &about.number), Type::TEXT),
            (&about.and_then(|about| about.reference.as_ref()), Type::TEXT),
            (&about.map(|about| &about.state), Type::TEXT),
        ],
    )?;
    row.first().map_or(Ok(0), |row| row.try_get(0))
}

fn allow_commit(transaction: &mut Transaction<'_>, id: i64) -> Result<(), postgres::Error> {
    let sql = "UPDATE wechatpay_journal.notification SET held = NULL WHERE id = $1";
    transaction.execute_typed(sql, &[(&id, Type::INT8)]).map(drop)
}

pub(super) fn forget(client: &mut Client, before: SystemTime, most: u32) -> Result<u32, postgres::Error> {
    let removed = client.execute_typed(
        "DELETE FROM wechatpay_journal.notification WHERE id IN
             (SELECT id FROM wechatpay_journal.notification
              WHERE received < statement_timestamp() + $1 * interval '1 millisecond' LIMIT $2 FOR UPDATE SKIP LOCKED)",
        &[(&rows::until(before), Type::INT8), (&i64::from(most), Type::INT8)],
    )?;
    Ok(u32::try_from(removed).unwrap_or(u32::MAX))
}
