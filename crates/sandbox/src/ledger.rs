//! What the platform believes has happened.

use std::cell::RefCell;
use std::sync::Mutex;

use crate::crypto;
use crate::lock::lock;

/// Effects in the order in which they happened. Each is recorded while the lock of the book that caused it is still held, so
/// that both agree.
pub(crate) struct Ledger {
    entries: Mutex<Vec<Entry>>,
    /// Who is told of each, under these locks.
    told: Box<dyn Fn(&Entry) + Send + Sync>,
}

thread_local! {
    /// What this thread has recorded since it wants to know.
    static CAUSED: RefCell<Option<Vec<Entry>>> = const { RefCell::new(None) };
}

/// What is done, and the effects that it has recorded on this thread.
pub(crate) fn caused_by<T>(act: impl FnOnce() -> T) -> (T, Vec<Entry>) {
    CAUSED.set(Some(Vec::new()));
    let done = act();
    (done, CAUSED.take().unwrap_or_default())
}

impl Ledger {
    /// An empty ledger; `told` is told of each entry, and must not come back to the sandbox.
    pub(crate) fn new(told: impl Fn(&Entry) + Send + Sync + 'static) -> Ledger {
        Ledger { entries: Mutex::default(), told: Box::new(told) }
    }

    /// Records an effect under the merchant's own number; the amount is in fen.
    pub(crate) fn record(&self, effect: Effect, mchid: &str, number: &str, amount: Option<u64>) {
        self.write(effect, mchid, number.to_owned(), amount, None);
    }

    /// Records an effect that has no number. The SHA-256 is in lowercase hex.
    pub(crate) fn record_content(&self, effect: Effect, mchid: &str, name: String, sha256: String) {
        self.write(effect, mchid, name, None, Some(sha256));
    }

    /// All effects recorded so far.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        lock(&self.entries).clone()
    }

    fn write(&self, effect: Effect, mchid: &str, name: String, amount: Option<u64>, sha256: Option<String>) {
        let mut entries = lock(&self.entries);
        let entry = Entry { effect, mchid: mchid.to_owned(), name, amount, sha256, time: crypto::now() };
        (self.told)(&entry);
        CAUSED.with_borrow_mut(|caused| caused.as_mut().map(|caused| caused.push(entry.clone())));
        entries.push(entry);
    }
}

/// One effect in the [ledger](crate::Sandbox::ledger).
#[derive(Clone, Debug)]
pub struct Entry {
    effect: Effect,
    mchid: String,
    name: String,
    amount: Option<u64>,
    sha256: Option<String>,
    time: i64,
}

impl Entry {
    /// What happened.
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// The id of the merchant or the brand who caused it.
    pub fn mchid(&self) -> &str {
        &self.mchid
    }

    /// Its name: the merchant's own number, such as `out_trade_no`, `out_refund_no`, `out_request_no`, `out_bill_no`,
    /// `mch_billno` or `partner_trade_no`; the account of a receiver of profit; the file name of an upload; method and path of an
    /// [`Effect::Other`], such as `POST /v3/merchant-store/stores`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The amount in fen, if the platform knows it.
    pub fn amount(&self) -> Option<u64> {
        self.amount
    }

    /// The SHA-256 of an effect without a number, in lowercase hex: of an upload's file, or of the body of an
    /// [`Effect::Other`].
    pub fn sha256(&self) -> Option<&str> {
        self.sha256.as_deref()
    }

    /// When it happened, in Unix seconds.
    pub fn time(&self) -> i64 {
        self.time
    }
}

/// What can happen at the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Effect {
    /// An order was placed, in either protocol.
    OrderPlaced,
    /// An order was [paid](crate::Sandbox::pay).
    OrderPaid,
    /// An order was closed.
    OrderClosed,
    /// An order was refunded, fully or in part.
    OrderRefunded,
    /// A coupon was sent.
    CouponSent,
    /// A red packet was sent.
    RedPacketSent,
    /// A transfer was created: the money is set aside for its user.
    TransferCreated,
    /// A transfer was [confirmed](crate::Sandbox::confirm_transfer) by its user, who has the money. In APIv2, that is so at once.
    TransferSucceeded,
    /// A transfer has [failed](crate::Sandbox::fail_transfer).
    TransferFailed,
    /// A transfer was cancelled by the merchant.
    TransferCancelled,
    /// A receiver of profit was added, or changed.
    ReceiverAdded,
    /// A receiver of profit was deleted.
    ReceiverDeleted,
    /// A part of a payment was given to receivers; the amount is that of all of them.
    ProfitShared,
    /// A receiver has given something back.
    ProfitReturned,
    /// What was left of a payment was released to the merchant.
    ProfitUnfrozen,
    /// A file was uploaded.
    UploadStored,
    /// An operation of APIv3 that has no state here, or whose [scripted answer](crate::Sandbox::answer) is a success, was called
    /// by a method other than GET and HEAD. The sandbox cannot recognise a repetition, so each call is another effect, as it may
    /// be on the platform.
    Other,
}
