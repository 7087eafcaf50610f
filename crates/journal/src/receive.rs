//! Receives notifications: each matter once.

use std::cell::Cell;

use wechatpay::{Apiv2Notification, Notification};

use crate::content::Key;
use crate::error::{Error, Result};
use crate::notice::Notice;
use crate::store::{Delivery, Store};
use crate::transaction::Transaction;

/// What a [`receive`](crate::Journal::receive) has done. Whichever it is, the platform is answered
/// [`notification.reply()`](wechatpay::Notification::reply), so that it does not send the notification again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Received<T> {
    /// It is news. The closure was run, and what it has written is committed; this is what it has returned.
    First(T),
    /// It was received before: under the same event id or, where a number and a state happen once, the same state of the same
    /// number under another one. Nothing was changed.
    Duplicate,
    /// It says less than what was received before: a failure of a payment that has succeeded since, say. Nothing was changed.
    Late,
}

impl<T> Received<T> {
    /// What the closure has returned, if it was run.
    pub fn first(self) -> Option<T> {
        match self {
            Received::First(done) => Some(done),
            Received::Duplicate | Received::Late => None,
        }
    }
}

/// What [`receive`](crate::Journal::receive) takes: a [`Notification`] or an [`Apiv2Notification`], both of which exist only if
/// they have passed the checks of the client.
pub trait Receivable: sealed::Sealed {}

impl Receivable for Notification {}
impl Receivable for Apiv2Notification {}

mod sealed {
    use super::{Key, Notice};

    pub trait Sealed {
        #[doc(hidden)]
        #[allow(private_interfaces, reason = "nobody else can implement or call it")]
        fn notice(&self, key: &Key) -> Notice<'_>;
    }
}

#[allow(private_interfaces, reason = "nobody else can implement or call it")]
impl sealed::Sealed for Notification {
    fn notice(&self, key: &Key) -> Notice<'_> {
        Notice::of_apiv3(self, key)
    }
}

#[allow(private_interfaces, reason = "nobody else can implement or call it")]
impl sealed::Sealed for Apiv2Notification {
    fn notice(&self, key: &Key) -> Notice<'_> {
        Notice::of_apiv2(self, key)
    }
}

/// Receives a notification: the work is done in the transaction in which it is written down, if it is news.
pub(crate) fn receive<T, E: From<Error>>(
    store: &dyn Store,
    notification: &impl Receivable,
    work: impl FnOnce(&mut Transaction<'_>) -> Result<T, E>,
) -> Result<Received<T>, E> {
    let notice = notification.notice(store.key());
    let (mut work, mut done) = (Some(work), None);
    let delivery = store.receive(&notice, &mut |transaction| {
        let _inside = Inside::enter();
        done = work.take().map(|work| work(transaction));
        matches!(done, Some(Ok(_)))
    })?;
    match (delivery, done) {
        (Delivery::Done, Some(Ok(done))) => Ok(Received::First(done)),
        (_, Some(Err(error))) => Err(error),
        (Delivery::Late, _) => Ok(Received::Late),
        _ => Ok(Received::Duplicate),
    }
}

thread_local! {
    /// Whether this thread is inside of a closure.
    static INSIDE: Cell<bool> = const { Cell::new(false) };
}

/// That this thread is inside of a closure, until it is dropped.
struct Inside;

impl Inside {
    fn enter() -> Inside {
        INSIDE.set(true);
        Inside
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.set(false);
    }
}

/// That this thread is not inside of a closure, where the journal would wait for itself.
///
/// # Errors
/// [`Error::InsideReceive`] if it is.
pub(crate) fn check_outside() -> Result<()> {
    if INSIDE.get() { Err(Error::InsideReceive) } else { Ok(()) }
}
