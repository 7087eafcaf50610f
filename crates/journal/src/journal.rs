//! The journal as a program has it.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, SystemTime};

use wechatpay::{Chain, Conclusion, Intent, Recorder, Value};

use crate::content::{self, Content};
use crate::entry::{Entry, Figures};
use crate::error::{Error, Number, Result};
use crate::operations::{self, Operation};
use crate::receive::{self, Receivable, Received, check_outside};
use crate::settle::{self, Report};
#[cfg(feature = "postgres")]
use crate::store::postgres::Postgres;
use crate::store::sqlite::Sqlite;
use crate::store::{Begun, Call, End, Finding, Store};
use crate::transaction::Transaction;

/// What `conclude` gets of a call that is not recorded; no entry has this id.
const UNRECORDED: u64 = 0;

/// How long settled entries are kept, unless the program says otherwise.
const RETENTION: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// The first and the longest pause before it is looked again whether the same call is still in flight.
const PAUSES: (Duration, Duration) = (Duration::from_millis(2), Duration::from_millis(100));

/// How long notifications are kept at least.
const REPETITIONS: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How many entries are removed in one transaction.
const STEP: u32 = 500;

/// How many entries are listed at once.
const PAGE: u32 = 500;

/// A durable journal of the calls that can have an effect; cheap to clone.
///
/// [`Builder::journal`](wechatpay::Builder::journal) takes it. Before the first byte of such a call leaves, its intent is on the
/// disk; if it cannot be written, the call is not made. What is written is the merchant, the operation, its own number (such as
/// the `out_trade_no`), a digest of the content, a few identifiers that are needed to ask about it, the time and the host: no
/// body, no secret, nothing about persons.
///
/// It can be shared by any number of threads, instances, merchants and processes: on one machine in a file of SQLite, or on several
/// in PostgreSQL (`create_postgres`, with the feature `postgres`).
///
/// ```
/// use wechatpay::{Builder, json};
/// use wechatpay_journal::{Journal, State};
///
/// # fn main() -> anyhow::Result<()> {
/// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
/// # let config = sandbox.config();
/// # let folder = std::env::temp_dir().join(format!("wechatpay-journal-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder)?;
/// # let path = folder.join("payments.journal");
/// Journal::create(&path)?; // once, when the service is installed
///
/// let journal = Journal::open(&path)?;
/// let instance = Builder::from(config).journal(journal.clone()).build()?;
/// instance.chain("v3/pay/transactions/native").post(json!({ "json": {
///     "appid": "wx8888888888888888",
///     "mchid": instance.mchid(),
///     "description": "coffee",
///     "out_trade_no": "1217752501201407033233368018",
///     "notify_url": "https://shop.example/paid",
///     "amount": { "total": 1, "currency": "CNY" },
/// } }))?;
/// let entries = journal.under("1217752501201407033233368018")?;
/// assert_eq!(entries[0].state(), State::Answered);
///
/// // At start, and every minute:
/// for entry in journal.settle(&instance)?.done() {
///     println!("{:?} was done: {:?}", entry.number(), entry.known());
/// }
/// # drop((instance, journal));
/// # std::fs::remove_dir_all(&folder)?;
/// # Ok(()) }
/// ```
///
/// # The same number never means two things
///
/// A call that has the merchant, the operation and the number of an earlier one is compared with it by the digest:
///
/// | the earlier one | the same content | another content |
/// | --- | --- | --- |
/// | was answered, or settled as done | is sent: the platform answers the same | [`Error::Conflict`], not sent |
/// | is in flight | waits for it within its own `timeout`, or is [`Error::InFlight`] | [`Error::Conflict`], not sent |
/// | is unknown, or whoever made it has died | is sent: its answer settles both | [`Error::Conflict`], not sent |
/// | was refused, not sent, or settled as not done | is sent | is sent: the number was free |
///
/// The platform does the same thing under the same number only once. So the same content may always be sent again, and that is
/// how one gets an answer that was lost: nothing of it is in the journal. A refusal does not free the number if its code says
/// that the platform has something under it (such as `OUT_TRADE_NO_USED` or `ORDERPAID`), or if an earlier call under the same
/// number is in doubt; then the platform has to be asked.
///
/// The digest leaves out what differs each time though the content does not: the nonce and the signature of APIv2, and the
/// ciphertexts of sensitive fields. Of an upload it covers the `meta`, which has the hash of the file. Times that the caller
/// makes anew for each attempt, such as a `time_expire`, are content: the platform, too, refuses such a repetition.
///
/// Calls without a number of their own, and of operations that are not documented, are recorded and never compared. Queries of
/// APIv2, which are POST, are not recorded: those whose last segment contains `query`, or begins with `get` or `download`.
///
/// # Notifications
///
/// [`receive`](Journal::receive) runs a closure for the first delivery of each, in one transaction with what it settles here.
///
/// # Who is still there
///
/// Whether whoever began a call has died or is only slow is not a matter of time: each open journal holds a lock of the operating
/// system, on a file beside the journal whose name ends in `-owner-…`. The system releases it when the process ends, even
/// by SIGKILL, and not while it is stopped or waits. Do not delete these files; those of the dead are deleted by whoever notices.
///
/// In PostgreSQL it is a lock of the database, on the connection on which the journal writes: so nothing is recorded without it.
/// It is gone when the process ends, half a minute after the machine or the network does, and also when the connection is cut while
/// the process lives:
///
/// - The journal notices it within five seconds, or at the next call. It connects again under a new name, and until then no call is
///   made. What is in flight is its own again then; what was recorded and never sent, as the connection was lost over it, is
///   [`NotSent`](crate::State::NotSent). The ends of calls wait for the new connection, in their order.
/// - To other processes its calls look abandoned until then. They may send the same content, and ask the platform; that harms
///   nothing. But that the platform does not know a number counts only when the `timeout` of the call is over, and the pause after
///   it that the question needs; for a call without one, when an hour is. So nobody frees the number of a call that may still be on
///   its way.
/// - This does not hold for a machine that sleeps for longer than that in the middle of a call and then goes on with it.
///
/// # Waiting
///
/// A call waits for one durable write before it is sent, which it shares with all calls that begin at the same time; the end of
/// a call is written without anyone waiting for it. A call of an async verb waits on a thread of the client's pool, never on
/// that of its caller. The methods here block until the database has answered, and [`settle`](Journal::settle) until the
/// platform has: in async code, run them by `spawn_blocking` or the like. Dropping the last clone waits until all is written.
#[derive(Clone)]
pub struct Journal {
    store: Arc<dyn Store>,
    retention: Duration,
}

impl Journal {
    /// Makes a new journal in a file of SQLite and opens it. The file is there as a whole or not at all.
    ///
    /// To be done once, when a service is installed: a journal that is made whenever none is found forgets, without a word,
    /// what was on its way.
    ///
    /// # Errors
    /// [`Error::Exists`] if there is a file already, [`Error::Storage`] if it cannot be written.
    pub fn create(path: impl AsRef<Path>) -> Result<Journal> {
        Sqlite::create(path.as_ref())?;
        Journal::open(path)
    }

    /// Opens a journal that was made by [`create`](Journal::create). The whole file is checked, which takes about a second for
    /// a million entries. Tables of an older version become those of this one.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::NotAJournal`], [`Error::Damaged`] or [`Error::Newer`] if the file is not what it should be:
    /// it is left as it is. [`Error::Storage`] if it cannot be read or written.
    pub fn open(path: impl AsRef<Path>) -> Result<Journal> {
        Ok(Journal { store: Arc::new(Sqlite::open(path.as_ref())?), retention: RETENTION })
    }

    /// Makes a new journal in a database of PostgreSQL and opens it: a schema `wechatpay_journal`, which is there as a whole or not
    /// at all. Several machines can share it. See [`create`](Journal::create) for when to do this, and
    /// [`open_postgres`](Journal::open_postgres) for the URL.
    ///
    /// ```no_run
    /// use wechatpay_journal::Journal;
    ///
    /// # fn main() -> wechatpay_journal::Result<()> {
    /// # let secret = "secret";
    /// let url = format!("postgres://shop:{secret}@db.example/payments");
    /// Journal::create_postgres(&url)?; // once, when the service is installed
    ///
    /// let journal = Journal::open_postgres(&url)?; // at each start, on each machine
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Error::Exists`] if there is such a schema already, [`Error::Storage`] if it cannot be made.
    #[cfg(feature = "postgres")]
    pub fn create_postgres(url: &str) -> Result<Journal> {
        Postgres::create(url)?;
        Journal::open_postgres(url)
    }

    /// Opens a journal that was made by [`create_postgres`](Journal::create_postgres), of the database at a URL such as
    /// `postgres://shop:secret@db.example/payments`. Tables of an older version become those of this one.
    ///
    /// The URL is that of PostgreSQL's own programs, and neither it nor the password is shown in errors. The connection is one of
    /// TLS with a certificate that is checked, unless the host is this machine or a socket, or the URL says `sslmode=disable`;
    /// `sslrootcert=` names a file with other authorities than those of the system. Not through a pooler that shares connections
    /// among transactions, such as PgBouncer with `pool_mode = transaction`: the locks by which one knows who is still there belong
    /// to the connection. The user needs the right to create a schema once, and afterwards to use its tables.
    ///
    /// # Errors
    /// [`Error::Missing`], [`Error::Damaged`] or [`Error::Newer`] if the database has not what it should have: it is left as it
    /// is. [`Error::Storage`] if the URL is not one, the database cannot be read or written, or nothing would be durable, as its
    /// `fsync` is off.
    #[cfg(feature = "postgres")]
    pub fn open_postgres(url: &str) -> Result<Journal> {
        Ok(Journal { store: Arc::new(Postgres::open(url)?), retention: RETENTION })
    }

    /// Sets how long settled entries are kept before [`prune`](Journal::prune) removes them; 90 days by default. After that, the
    /// journal does not know the number any more.
    #[must_use]
    pub fn keep_for(mut self, retention: Duration) -> Journal {
        self.retention = retention;
        self
    }

    /// Asks the platform about each entry of this instance's merchant that is not settled and whose turn it is, by the operation
    /// that the platform documents for that, and writes down what it says. Those in flight are left alone, in whatever process.
    ///
    /// What is not known yet is asked again by a later `settle`: after seconds at first, then at longer and longer intervals up
    /// to an hour, which vary by chance. If the platform cannot be reached, the rest is left for later. It can be called at the
    /// start of a program, in a loop, or by cron, and by several processes at once. An instance without `mchid`, as there may
    /// be for APIv2 alone, asks about the calls of such instances.
    ///
    /// # Errors
    /// If the journal cannot be read or written. What the platform says is in the [`Report`], and is no error.
    pub fn settle(&self, instance: &Chain) -> Result<Report> {
        self.settle_as_of(instance, SystemTime::now())
    }

    /// [`settle`](Journal::settle) as if it were this moment, for tests that do not want to wait.
    #[doc(hidden)]
    pub fn settle_as_of(&self, instance: &Chain, now: SystemTime) -> Result<Report> {
        settle::settle(self.store()?, instance, now)
    }

    /// Receives a notification that the client has verified, and runs the closure if it is news: once for each matter, in the
    /// transaction in which the journal writes the notification down. What the closure writes to its own tables in the same
    /// database is committed with it or not at all, whatever happens in between; so is what the notification says about the
    /// calls in this journal, whose entries become [`Done`](crate::State::Done).
    ///
    /// ```
    /// use wechatpay::{Chain, Notification, Reply, http::HeaderMap, json};
    /// use wechatpay_journal::{Journal, Received, Transaction};
    ///
    /// fn handle(instance: &Chain, journal: &Journal, headers: &HeaderMap, body: &[u8]) -> Reply {
    ///     let notification = match instance.notification(headers, body) {
    ///         Ok(notification) => notification,
    ///         Err(error) => return error.reply(),
    ///     };
    ///     match journal.receive(&notification, |transaction| book(transaction, &notification)) {
    ///         // The first one, one that came again, or one that was late.
    ///         Ok(_) => notification.reply(),
    ///         // Nothing was written. The platform sends it again.
    ///         Err(error) => {
    ///             eprintln!("{error:#}");
    ///             Reply::failure("try again")
    ///         }
    ///     }
    /// }
    ///
    /// fn book(transaction: &mut Transaction, notification: &Notification) -> anyhow::Result<()> {
    ///     let order = notification.resource();
    ///     if notification.event_type() == "TRANSACTION.SUCCESS" {
    ///         let paid = "UPDATE orders SET paid = ?2 WHERE number = ?1";
    ///         transaction.sqlite()?.execute(paid, (order["out_trade_no"].as_str(), order["amount"]["total"].as_i64()))?;
    ///     }
    ///     Ok(())
    /// }
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// # let instance = sandbox.config().build()?;
    /// # let folder = std::env::temp_dir().join(format!("wechatpay-journal-receive-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder)?;
    /// # let path = folder.join("payments.journal");
    /// # let journal = Journal::create(&path)?;
    /// # let tables = wechatpay_journal::rusqlite::Connection::open(&path)?;
    /// # tables.execute_batch("CREATE TABLE orders (number TEXT, paid INTEGER); INSERT INTO orders VALUES ('T1', NULL)")?;
    /// # for _ in 0..2 {
    /// #     let paid = sandbox.notification("TRANSACTION.SUCCESS", json!({
    /// #         "out_trade_no": "T1", "trade_state": "SUCCESS", "amount": { "total": 100 },
    /// #     }));
    /// #     assert_eq!(handle(&instance, &journal, paid.headers(), paid.body()).status(), 200);
    /// # }
    /// # assert_eq!(tables.query_row("SELECT paid FROM orders", (), |row| row.get::<_, i64>(0))?, 100);
    /// # drop((tables, journal));
    /// # std::fs::remove_dir_all(&folder)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # What is news
    ///
    /// | | |
    /// | --- | --- |
    /// | the same event id | [`Duplicate`](Received::Duplicate) |
    /// | another event id, the same number and state, of a payment (also combined, medical, or of a credit), a refund, a transfer, a batch, a recharge, a withdrawal or a budget | [`Duplicate`](Received::Duplicate) |
    /// | of these, a state that comes before one that was received: `USERPAYING` after `SUCCESS`, `PROCESSING` after `CLOSED` | [`Late`](Received::Late) |
    /// | anything else, also a state that this version does not know, and final states that contradict each other | [`First`](Received::First) |
    ///
    /// What is not known for certain to be a repetition is given to the closure: to hear of something twice is better than
    /// never. So of sharings of profit, which are notified for each receiver, of service orders of 支付分, and of all other
    /// events (complaints, contracts, coupons), only the event id counts. Notifications of APIv2, which have no id, are known again
    /// by a digest of their content.
    ///
    /// Amounts are not compared: the closure has to see that what was paid is what was asked for. Notifications of refunds in APIv2
    /// are encrypted, but not signed: query the refund before, and let the closure fail if it is not so. They settle no
    /// entry. Those that ask for data, such as `PARKING_FEE.QUERY_TRANS_INFO`, are questions and are not for `receive`.
    ///
    /// Of each are kept: event id, merchant, event type, what it is about, both numbers, the state and when it came. Nothing of its
    /// content otherwise. [`prune`](Journal::prune) removes them.
    ///
    /// # The closure
    ///
    /// In SQLite it has the database for itself, so it should be quick: calls that are to be recorded meanwhile wait, at most ten
    /// seconds, after which they are refused and [`NotSent`](wechatpay::Outcome::NotSent). In PostgreSQL it runs on a thread and
    /// over a connection of its own, one of each process at a time, and holds nobody else up but who receives the same. It must not call the platform, nor the journal: on
    /// its own thread that is [`Error::InsideReceive`]; if it waits for another thread that does, that one is refused after ten
    /// seconds. It may run again for the same notification if its transaction was not committed; so what it does
    /// elsewhere, such as sending mail, belongs after `receive`, or in a table of things to be done.
    ///
    /// If the same notification comes twice at the same time, to whatever process, one of them waits and is then a duplicate.
    ///
    /// # Errors
    /// That of the closure, or one of the journal's own. In both cases, and after a panic of the closure, nothing was
    /// written, and the next delivery is news again: answer [`Reply::failure`](wechatpay::Reply::failure), or
    /// [`failure_apiv2`](wechatpay::Reply::failure_apiv2), and the platform sends it again.
    pub fn receive<N, T, E>(
        &self,
        notification: &N,
        work: impl FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send,
    ) -> Result<Received<T>, E>
    where
        N: Receivable,
        T: Send,
        E: From<Error> + Send,
    {
        receive::receive(self.store()?, notification, work)
    }

    /// The entries that are not settled, the oldest first: those behind the entry of this id, at most 500. Begin with 0.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub fn unsettled(&self, after: u64) -> Result<Vec<Entry>> {
        self.store()?.unsettled(None, after, PAGE)
    }

    /// All entries that are kept, in the order in which they were first recorded: those behind the entry of this id, at most 500.
    /// Begin with 0.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub fn entries(&self, after: u64) -> Result<Vec<Entry>> {
        self.store()?.entries(after, PAGE)
    }

    /// The entry of this id; `None` if there is none.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub fn entry(&self, id: u64) -> Result<Option<Entry>> {
        let Some(before) = id.checked_sub(1) else { return Ok(None) };
        Ok(self.store()?.entries(before, 1)?.into_iter().find(|entry| entry.id() == id))
    }

    /// Whether an entry is [`Sending`](crate::State::Sending), and whoever sends it is still there, in whatever process. If nobody
    /// is, the next [`settle`](Journal::settle) asks about it.
    ///
    /// # Errors
    /// If the journal cannot be asked here, which is [`Error::InsideReceive`].
    pub fn is_in_flight(&self, entry: &Entry) -> Result<bool> {
        Ok(self.store()?.is_in_flight(entry))
    }

    /// The entries under this number of one's own, of whatever merchant and operation.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub fn under(&self, number: &str) -> Result<Vec<Entry>> {
        self.store()?.under(number)
    }

    /// Settles by hand an entry that was done, in this state; for what the platform cannot be asked about, and people have found
    /// out.
    ///
    /// # Errors
    /// [`Error::NotUnsettled`] if it is settled already, is in flight or does not exist.
    pub fn mark_done(&self, id: u64, state: &str) -> Result<()> {
        self.mark(id, &Finding::Done(state.to_owned()))
    }

    /// Settles by hand an entry that was not done. Its number is free.
    ///
    /// # Errors
    /// As [`mark_done`](Journal::mark_done).
    pub fn mark_not_done(&self, id: u64) -> Result<()> {
        self.mark(id, &Finding::NotDone)
    }

    fn mark(&self, id: u64, finding: &Finding) -> Result<()> {
        let unsettled = self.store()?.unsettled(None, id.saturating_sub(1), 1)?;
        let entry = unsettled.first().filter(|entry| entry.id() == id && !self.store.is_in_flight(entry));
        match entry {
            Some(entry) if self.store.find_out(entry, finding)? => Ok(()),
            _ => Err(Error::NotUnsettled(id)),
        }
    }

    /// How many entries are in each state, and the age of the oldest that is not settled.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub fn figures(&self) -> Result<Figures> {
        self.store()?.figures()
    }

    /// Removes the settled entries whose time is over, see [`keep_for`](Journal::keep_for), and returns how many; and with them the
    /// notifications, but none of the last seven days, as the platform sends one again for a day. It does so in small steps, between
    /// which calls are recorded.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub fn prune(&self) -> Result<u64> {
        let store = self.store()?;
        let before = |age| SystemTime::now().checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH);
        let received = before(self.retention.max(REPETITIONS));
        in_steps(|most| store.forget(received, most))?;
        let ended = before(self.retention);
        in_steps(|most| store.prune(ended, most))
    }

    /// The database, unless the journal would wait for itself.
    fn store(&self) -> Result<&dyn Store> {
        check_outside()?;
        Ok(self.store.as_ref())
    }

    /// What is recorded of a call.
    fn call(&self, intent: &Intent<'_>, operation: Option<&Operation>) -> Call {
        let content = Content::of(intent, operation);
        let kept = operation.map(|operation| operation.kept(content.fields()));
        let template = operation.map(|operation| operation.template().to_owned());
        let template = template.unwrap_or_else(|| content::without_values(intent.template()));
        Call {
            merchant: intent.mchid().to_owned(),
            operation: format!("{} {template}", intent.method()),
            number: operation.and_then(|operation| operation.number(content.fields())),
            digest: content.digest(self.store.key(), intent),
            kept: Value::Object(kept.unwrap_or_default()).to_string(),
            host: intent.host().to_owned(),
            time_left: None,
        }
    }

    fn begin(&self, intent: &Intent<'_>) -> Result<u64> {
        let operation = operations::find(intent.method(), intent.path());
        if operation.is_some_and(Operation::only_asks) {
            return Ok(UNRECORDED);
        }
        check_outside()?;
        let call = self.call(intent, operation);
        let (mut pause, longest) = PAUSES;
        let mut is_waiting = false;
        loop {
            let begun = self.store.begin(Call { time_left: intent.time_left(), ..call.clone() });
            let is_over = intent.time_left().is_some_and(|left| left < pause);
            match begun {
                Ok(Begun::Recorded(id)) => return Ok(id),
                Ok(Begun::Known) => return Ok(UNRECORDED),
                Ok(Begun::Refused) => return Err(Error::Conflict(number(call))),
                Ok(Begun::Wait) if is_over => return Err(Error::InFlight(number(call))),
                // The rest of its time was not enough to hear that it is still so.
                Err(Error::Storage(_)) if is_waiting && is_over => return Err(Error::InFlight(number(call))),
                Err(error) => return Err(error),
                Ok(Begun::Wait) => thread::sleep(pause),
            }
            is_waiting = true;
            pause = pause.saturating_mul(2).min(longest);
        }
    }
}

/// Removes what a step removes, as long as there is more.
fn in_steps(step: impl Fn(u32) -> Result<u32>) -> Result<u64> {
    let mut all: u64 = 0;
    loop {
        let removed = step(STEP)?;
        all = all.saturating_add(removed.into());
        if removed < STEP {
            return Ok(all);
        }
    }
}

fn number(call: Call) -> Box<Number> {
    let Call { merchant, operation, number, .. } = call;
    Box::new(Number { merchant, operation, number: number.unwrap_or_default() })
}

impl Recorder for Journal {
    fn intend(&self, intent: &Intent<'_>) -> anyhow::Result<u64> {
        Ok(self.begin(intent)?)
    }

    fn conclude(&self, id: u64, conclusion: &Conclusion<'_>) {
        if id != UNRECORDED {
            self.store.end(id, End::from(conclusion));
        }
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal").field("retention", &self.retention).finish_non_exhaustive()
    }
}
