//! Where the journal is kept: what a database must be able to do.

mod connection;
mod failed;
mod files;
mod inbox;
mod lock;
mod owner;
mod place;
#[cfg(feature = "postgres")]
pub(crate) mod postgres;
mod rows;
mod schema;
pub(crate) mod sqlite;
mod turns;
mod writer;

use std::time::{Duration, SystemTime};

use wechatpay::http::StatusCode;
use wechatpay::{Conclusion, Outcome};

use crate::content::Key;
use crate::entry::{Entry, Figures};
use crate::error::Result;
use crate::notice::Notice;
use crate::transaction::Transaction;

/// A database that holds a journal, shared by whoever opens it.
pub(crate) trait Store: Send + Sync {
    /// The key of the digests.
    fn key(&self) -> &Key;

    /// Records a call that is about to be sent, unless [`rules`](crate::rules) say otherwise. It is durable when this returns.
    fn begin(&self, call: Call) -> Result<Begun>;

    /// Takes the end of a call that has begun here. It is written soon, and before anything that is done afterwards.
    fn end(&self, id: u64, end: End);

    /// The entries that are not settled, in order of their ids, from behind this one on: at most so many, of one merchant or of
    /// all.
    fn unsettled(&self, merchant: Option<&str>, after: u64, most: u32) -> Result<Vec<Entry>>;

    /// All entries in order of their ids, from behind this one on: at most so many.
    fn entries(&self, after: u64, most: u32) -> Result<Vec<Entry>>;

    /// The entries under this number, of all merchants and operations.
    fn under(&self, number: &str) -> Result<Vec<Entry>>;

    /// Whether the entry is [`Sending`](crate::State::Sending), and whoever sends it is still there.
    fn is_in_flight(&self, entry: &Entry) -> bool;

    /// Writes what was found out about an entry, unless it has been sent again or was settled meanwhile; returns whether it was
    /// written.
    fn find_out(&self, entry: &Entry, finding: &Finding) -> Result<bool>;

    /// Receives a notification: if it says something new, writes that down, settles the calls that it speaks of and does the work,
    /// all in one transaction.
    fn receive(&self, notice: &Notice<'_>, work: &mut Work<'_>) -> Result<Delivery>;

    /// What there is, in figures.
    fn figures(&self) -> Result<Figures>;

    /// Removes settled entries that were last written before this moment, at most so many; returns how many.
    fn prune(&self, before: SystemTime, most: u32) -> Result<u32>;

    /// Removes notifications that were received before this moment, at most so many; returns how many.
    fn forget(&self, before: SystemTime, most: u32) -> Result<u32>;
}

/// What a program does with a notification, on whatever thread; whether it has succeeded.
pub(crate) type Work<'a> = dyn FnMut(&mut Transaction<'_>) -> bool + Send + 'a;

/// What has become of a notification.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Delivery {
    /// It was new, and the work is done.
    Done,
    /// It was new, the work has failed, and all is as it was before.
    Failed,
    /// It was there already.
    Duplicate,
    /// It says less than what is there.
    Late,
}

/// A call that is about to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) merchant: String,
    /// Method and template.
    pub(crate) operation: String,
    pub(crate) number: Option<String>,
    pub(crate) digest: [u8; 32],
    /// JSON: what is needed to ask about it.
    pub(crate) kept: String,
    pub(crate) host: String,
    /// How long it may take at most; `None` if there is no limit.
    #[cfg_attr(
        not(feature = "postgres"),
        expect(dead_code, reason = "in SQLite, the lock alone says who is still there")
    )]
    pub(crate) time_left: Option<Duration>,
}

/// What has become of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Begun {
    /// It is recorded under this id, and to be sent.
    Recorded(u64),
    /// It is to be sent, and is known already.
    Known,
    /// The same is in flight.
    Wait,
    /// The number stands for something else.
    Refused,
}

/// How a call has ended.
#[derive(Clone, Debug)]
pub(crate) struct End {
    pub(crate) outcome: Option<Outcome>,
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<String>,
    pub(crate) request_id: Option<String>,
}

impl From<&Conclusion<'_>> for End {
    fn from(conclusion: &Conclusion<'_>) -> End {
        End {
            outcome: conclusion.outcome(),
            status: conclusion.status().as_ref().map(StatusCode::as_u16),
            code: conclusion.code().filter(|code| is_short(code)).map(str::to_owned),
            request_id: conclusion.request_id().filter(|id| is_short(id)).map(str::to_owned),
        }
    }
}

#[cfg(feature = "postgres")]
impl End {
    /// Of a call that was recorded, and then not made.
    pub(crate) fn not_sent() -> End {
        End { outcome: Some(Outcome::NotSent), status: None, code: None, request_id: None }
    }
}

/// What others have written is kept only if it looks like a code or an id.
fn is_short(text: &str) -> bool {
    text.len() <= 64 && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
}

/// What was found out about an entry afterwards.
#[derive(Clone, Debug)]
pub(crate) enum Finding {
    /// It was done, and is in this state in the platform's words.
    Done(String),
    NotDone,
    /// To be asked again at this moment.
    Later(SystemTime),
}
