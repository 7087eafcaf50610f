//! What happens in a sandbox, for those who watch it.

use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use crate::exchange::{Begun, Exchange};
use crate::ledger::Entry;
use crate::lock::lock;
use crate::postman::SentNotification;

/// Something that has happened in a sandbox, from [`Sandbox::events`](crate::Sandbox::events).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// A request was answered.
    Exchange(Box<Exchange>),
    /// The [ledger](crate::Sandbox::ledger) has a new entry. That of a request comes before the request itself.
    Ledger(Entry),
    /// A notification was sent to a merchant, or could not be; see [`Sandbox::sent_notifications`](crate::Sandbox::sent_notifications).
    Notification(Box<SentNotification>),
}

/// What happens in a sandbox from a moment on, one after the other; from [`Sandbox::events`](crate::Sandbox::events). As an
/// iterator it waits for the next event, and ends when the sandbox is dropped.
pub struct Events(Receiver<Event>);

impl Events {
    /// The next event, if it has already happened.
    pub fn try_next(&self) -> Option<Event> {
        self.0.try_recv().ok()
    }

    /// The next event, if it happens within this time.
    pub fn next_within(&self, timeout: Duration) -> Option<Event> {
        self.0.recv_timeout(timeout).ok()
    }
}

impl Iterator for Events {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        self.0.recv().ok()
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}

/// All who watch.
#[derive(Default)]
pub(crate) struct Watchers {
    all: Mutex<Vec<Sender<Event>>>,
    /// Whether there is anyone, so that otherwise nothing need be made.
    is_watched: AtomicBool,
    /// How many requests have begun.
    requests: AtomicU64,
}

impl Watchers {
    pub(crate) fn add(&self) -> Events {
        let (tell, hear) = mpsc::channel();
        lock(&self.all).push(tell);
        self.is_watched.store(true, Ordering::Relaxed);
        Events(hear)
    }

    /// A request has begun; `None` if nobody wants to know.
    pub(crate) fn begin(&self) -> Option<Begun> {
        let before = self.requests.fetch_add(1, Ordering::Relaxed);
        self.is_watched().then(|| Begun::now(before.saturating_add(1)))
    }

    /// Tells everyone; who has left is forgotten.
    pub(crate) fn tell(&self, make: impl FnOnce() -> Event) {
        if !self.is_watched() {
            return;
        }
        let event = make();
        let mut all = lock(&self.all);
        all.retain(|tell| tell.send(event.clone()).is_ok());
        self.is_watched.store(!all.is_empty(), Ordering::Relaxed);
    }

    fn is_watched(&self) -> bool {
        self.is_watched.load(Ordering::Relaxed)
    }
}
