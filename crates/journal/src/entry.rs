//! What the journal knows of a call.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

use crate::command::Question;
use crate::operations;

/// What is known of a call.
///
/// ```text
///   sending ──▶ answered                       the platform has done it
///      │  ├───▶ rejected, not_sent             the platform has not: the number is free
///      │  └───▶ unknown ──▶ done, not_done     asked afterwards, or told by a notification
///      └─(the process dies)─▲
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum State {
    /// Its intent is recorded and its end is not: it is in flight, or whoever made it has died.
    Sending,
    /// It has ended, and the platform may have acted or not.
    Unknown,
    /// The platform has answered that it did what was asked.
    Answered,
    /// The platform has refused it and did nothing. The number is free.
    Rejected,
    /// Nothing of it was sent. The number is free.
    NotSent,
    /// The platform was asked, or has said by itself, that it was done.
    Done,
    /// The platform was asked and has nothing under the number. It may be sent again under the same one.
    NotDone,
}

impl State {
    /// All of them.
    pub const ALL: &[State] = &[
        State::Sending,
        State::Unknown,
        State::Answered,
        State::Rejected,
        State::NotSent,
        State::Done,
        State::NotDone,
    ];

    /// Its name in the database, and for metrics: that of the variant in snake case.
    pub fn name(self) -> &'static str {
        match self {
            State::Sending => "sending",
            State::Unknown => "unknown",
            State::Answered => "answered",
            State::Rejected => "rejected",
            State::NotSent => "not_sent",
            State::Done => "done",
            State::NotDone => "not_done",
        }
    }

    /// Whether it is known what became of the call.
    pub fn is_settled(self) -> bool {
        !matches!(self, State::Sending | State::Unknown)
    }

    pub(crate) fn of(name: &str) -> Option<State> {
        State::ALL.iter().copied().find(|state| state.name() == name)
    }
}

/// A call that can have an effect, as the journal has it: neither its body nor anything that is secret or personal.
#[derive(Clone, Debug)]
pub struct Entry {
    pub(crate) id: u64,
    pub(crate) merchant: String,
    pub(crate) method: String,
    pub(crate) template: String,
    pub(crate) number: Option<String>,
    pub(crate) kept: Map<String, Value>,
    pub(crate) host: String,
    pub(crate) state: State,
    pub(crate) owner: Option<String>,
    pub(crate) turn: u64,
    pub(crate) began: SystemTime,
    pub(crate) ended: Option<SystemTime>,
    /// When whoever sends it will have given up, if it may be there though it does not look so.
    pub(crate) until: Option<SystemTime>,
    pub(crate) status: Option<u16>,
    pub(crate) code: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) known: Option<String>,
    pub(crate) asked: u32,
    pub(crate) due: Option<SystemTime>,
}

impl Entry {
    /// Its id in this journal.
    pub fn id(&self) -> u64 {
        self.id
    }

    /// The merchant who made the call, or for a brand its `brand_id`.
    pub fn merchant(&self) -> &str {
        &self.merchant
    }

    /// The method, such as `POST`.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The template of the operation, as it is documented: `v3/refund/domestic/refunds`. Of one that is not documented, the
    /// path as it was written, with `{}` for what may be a value.
    pub fn template(&self) -> &str {
        &self.template
    }

    /// Its own number, such as the `out_refund_no`; `None` if the operation has none.
    pub fn number(&self) -> Option<&str> {
        self.number.as_deref()
    }

    /// Scheme, host and port that were called.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// What is known of it.
    pub fn state(&self) -> State {
        self.state
    }

    /// When it was recorded, before it was sent for the first time.
    pub fn began(&self) -> SystemTime {
        self.began
    }

    /// When its state was last written; `None` while it is [`Sending`](State::Sending).
    pub fn ended(&self) -> Option<SystemTime> {
        self.ended
    }

    /// The status of the platform's answer, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// The platform's error code, if its answer had one.
    pub fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// The platform's id of the answer, from the header `Request-ID`.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// Of one that is [`Done`](State::Done), the state in the platform's words, such as `SUCCESS`.
    pub fn known(&self) -> Option<&str> {
        self.known.as_deref()
    }

    /// How often the platform was asked about it.
    pub fn asked(&self) -> u32 {
        self.asked
    }

    /// The moment before which [`settle`](crate::Journal::settle) does not ask about it again; `None` if it was not asked about, or
    /// is settled.
    pub fn due(&self) -> Option<SystemTime> {
        self.due
    }

    /// What was kept of the request, as it is needed to ask about it: numbers and identifiers of merchants and applications, by the
    /// names that the question has for them.
    pub fn kept(&self) -> &Map<String, Value> {
        &self.kept
    }

    /// How the platform is asked about it. `None` if that is not documented, or something that it needs was not in the request: then
    /// people have to find out, see [`mark_done`](crate::Journal::mark_done).
    pub fn question(&self) -> Option<Question> {
        let operation = operations::find(&self.method, &self.template)?;
        Question::of(operation, self.number.as_deref()?, &self.kept).ok()
    }

    /// How long ago it was recorded.
    pub fn age(&self) -> Duration {
        self.began.elapsed().unwrap_or_default()
    }
}

/// Figures for monitoring: see [`Journal::figures`](crate::Journal::figures).
#[derive(Clone, Debug)]
pub struct Figures {
    pub(crate) counts: HashMap<State, u64>,
    pub(crate) oldest_unsettled: Option<SystemTime>,
}

impl Figures {
    /// How many entries are in this state.
    pub fn count(&self, state: State) -> u64 {
        self.counts.get(&state).copied().unwrap_or_default()
    }

    /// The age of the oldest entry that is not settled; `None` if all are. This is the figure to watch: it stays below a few
    /// minutes if [`settle`](crate::Journal::settle) runs, and the platform answers.
    pub fn oldest_unsettled(&self) -> Option<Duration> {
        self.oldest_unsettled.map(|began| began.elapsed().unwrap_or_default())
    }
}
