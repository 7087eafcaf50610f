//! What has happened so far, for a page that is opened later, and what happens now, for the pages that are open.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::broadcast::{self, Receiver, Sender};

/// How many events may wait for a page that is slow to take them; then it has to look at everything anew.
const WAITING: usize = 256;

/// The kinds of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Request,
    Ledger,
    Notification,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Request, Kind::Ledger, Kind::Notification];

    /// Its name in the stream of events; with an `s`, except for the ledger, that of its list in the state.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Request => "request",
            Kind::Ledger => "ledger",
            Kind::Notification => "notification",
        }
    }
}

/// An event, as the pages get it.
#[derive(Clone, Debug)]
pub struct Told {
    pub id: u64,
    pub kind: Kind,
    pub value: Arc<Value>,
}

/// The latest events, each with a number.
#[derive(Debug)]
pub struct History {
    latest: Mutex<Latest>,
    open: Sender<Told>,
    most: usize,
}

#[derive(Debug, Default)]
struct Latest {
    id: u64,
    events: [VecDeque<Arc<Value>>; 3],
}

impl History {
    /// An empty one, which remembers so many events of each kind.
    pub fn new(most: usize) -> History {
        History { latest: Mutex::default(), open: broadcast::channel(WAITING).0, most }
    }

    /// Something has happened.
    pub fn add(&self, kind: Kind, value: Value) {
        let mut latest = self.latest();
        latest.id = latest.id.saturating_add(1);
        let told = Told { id: latest.id, kind, value: Arc::new(value) };
        if let Some(events) = latest.events.get_mut(kind as usize) {
            events.push_back(Arc::clone(&told.value));
            if events.len() > self.most {
                events.pop_front();
            }
        }
        // Nobody may be there. Under the lock, so that the numbers come in order.
        let _ = self.open.send(told);
    }

    /// Whatever happens from now on.
    pub fn follow(&self) -> Receiver<Told> {
        self.open.subscribe()
    }

    /// The latest events by the names of their kinds, and as `last` the number of the last one.
    pub fn state(&self) -> Value {
        let latest = self.latest();
        let mut state = json!({ "last": latest.id });
        for kind in Kind::ALL {
            let events = latest.events.get(kind as usize).into_iter().flatten().map(|value| Value::clone(value));
            state.as_object_mut().map(|state| state.insert(kind.name().to_owned(), events.collect()));
        }
        state
    }

    fn latest(&self) -> MutexGuard<'_, Latest> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
