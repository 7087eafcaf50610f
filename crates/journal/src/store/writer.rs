//! Group commit: whoever comes first writes all that waits in one transaction, so that many calls share one wait for the disk.

use std::mem;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread::{self, JoinHandle, Thread};
use std::time::Duration;

use log::warn;
use rusqlite::Connection;

use crate::error::{Error, Result};
use crate::store::failed::failed;
use crate::store::files::{Identity, Watched};
use crate::store::lock::lock;
use crate::store::owner::{InFlight, Owner};
use crate::store::place::{Place, Taken};
use crate::store::rows;
use crate::store::{Begun, Call, End};

/// How long the end of a call waits for another call to be written with, so that two durable writes become one. Nobody waits for
/// it in this process; another one may, if it wants to send the same.
const LINGER: Duration = Duration::from_millis(50);

/// How long until the end of a call is written that could not be.
const AGAIN: Duration = Duration::from_secs(1);

/// Writes what it is given; dropping it writes the rest.
pub(super) struct Writer {
    shared: Arc<Shared>,
    /// Writes the ends of calls that no other call has come to be written with.
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    path: PathBuf,
    in_flight: InFlight,
    waiting: Mutex<Waiting>,
    /// Told when a call has ended while the thread was idle, and when nothing more will come.
    woken: Condvar,
    /// Locked before `waiting`, if both are.
    desk: Mutex<Desk>,
}

/// What is to be written.
#[derive(Default)]
struct Waiting {
    calls: Vec<(Call, Waiter)>,
    ends: Vec<(Place, End)>,
    /// Whether one of the calls has the lead: it writes for all.
    is_led: bool,
    /// Whether the thread waits for the end of a call.
    is_idle: bool,
    /// Whether others have taken what there was since the thread began to linger.
    is_taken: bool,
    is_closed: bool,
}

/// A call that waits, as seen by whoever writes it.
struct Turn {
    thread: Thread,
    /// Whether it is to take the lead. It is given while it waits to be written, before its reply.
    leads: AtomicBool,
    reply: OnceLock<Result<Begun>>,
}

/// The side of whoever writes it; dropping it without a word tells that, so that nobody waits for ever.
struct Waiter(Arc<Turn>);

impl Waiter {
    fn tell(&self, reply: Result<Begun>) {
        self.0.reply.get_or_init(|| reply);
        self.0.thread.unpark();
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        if self.0.reply.get().is_none() {
            self.tell(Err(Error::storage(std::io::Error::other("whoever was to write it has panicked"))));
        }
    }
}

/// The lead; dropping it hands it on to one who waits.
struct Lead<'a>(&'a Shared);

impl Drop for Lead<'_> {
    fn drop(&mut self) {
        let mut waiting = lock(&self.0.waiting);
        match waiting.calls.first() {
            Some((_, Waiter(next))) => {
                next.leads.store(true, Ordering::Release);
                next.thread.unpark();
            }
            None => waiting.is_led = false,
        }
    }
}

/// What one thread at a time has.
struct Desk {
    file: Watched,
    // Before the owner, so that the database is closed before others take this process for gone.
    connection: Connection,
    owner: Owner,
}

impl Writer {
    /// # Errors
    /// If no thread can be started.
    pub(super) fn start(path: &Path, identity: Identity, connection: Connection, owner: Owner) -> Result<Writer> {
        let shared = Arc::new(Shared {
            path: path.to_owned(),
            in_flight: InFlight::of(path, &owner),
            waiting: Mutex::default(),
            woken: Condvar::new(),
            desk: Mutex::new(Desk { file: Watched::new(path, identity), connection, owner }),
        });
        let of_thread = Arc::clone(&shared);
        let thread = thread::Builder::new().name("wechatpay-journal".into()).spawn(move || of_thread.write_ends());
        Ok(Writer { shared, thread: Some(thread.map_err(Error::storage)?) })
    }

    /// Records a call; it is durable when this returns.
    pub(super) fn begin(&self, call: Call) -> Result<Begun> {
        let turn = Turn { thread: thread::current(), leads: AtomicBool::new(false), reply: OnceLock::new() };
        let turn = Arc::new(turn);
        let mut waiting = lock(&self.shared.waiting);
        waiting.calls.push((call, Waiter(Arc::clone(&turn))));
        turn.leads.store(!mem::replace(&mut waiting.is_led, true), Ordering::Release);
        drop(waiting);
        loop {
            // The reply first: who has it and no lead by then will have none.
            let reply = turn.reply.get().cloned();
            if turn.leads.swap(false, Ordering::AcqRel) {
                let _lead = Lead(&self.shared);
                self.shared.write(&mut lock(&self.shared.desk));
            } else if let Some(reply) = reply {
                return reply;
            } else {
                thread::park();
            }
        }
    }

    /// Hands over the end of a call; it is written before whatever is asked for afterwards.
    pub(super) fn end(&self, id: i64, end: End) {
        let Some(turn) = self.shared.in_flight.turn(id) else { return };
        let mut waiting = lock(&self.shared.waiting);
        waiting.ends.push((Place { id, turn }, end));
        if mem::take(&mut waiting.is_idle) {
            self.shared.woken.notify_one();
        }
    }

    /// Does something with the database while no other thread does.
    pub(super) fn run<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T> {
        let mut desk = lock(&self.shared.desk);
        self.shared.write(&mut desk);
        desk.file.check()?;
        work(&desk.connection).map_err(|error| failed(&self.shared.path, error))
    }

    pub(super) fn in_flight(&self) -> &InFlight {
        &self.shared.in_flight
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        lock(&self.shared.waiting).is_closed = true;
        self.shared.woken.notify_one();
        if let Some(thread) = self.thread.take() {
            // Had it panicked, what it had to write would be unknown to the next process, which asks.
            drop(thread.join());
        }
    }
}

impl Shared {
    /// Writes the ends of calls that have lingered, until nothing more will come.
    fn write_ends(&self) {
        let mut pause = LINGER;
        let mut waiting = lock(&self.waiting);
        loop {
            waiting.is_idle = waiting.ends.is_empty();
            let is_idle = |waiting: &mut Waiting| waiting.is_idle && !waiting.is_closed;
            waiting = self.woken.wait_while(waiting, is_idle).unwrap_or_else(PoisonError::into_inner);
            waiting.is_taken = false;
            let is_open = |waiting: &mut Waiting| !waiting.is_closed;
            let lingered = self.woken.wait_timeout_while(waiting, pause, is_open);
            waiting = lingered.unwrap_or_else(PoisonError::into_inner).0;
            let is_closed = waiting.is_closed;
            // What is there now has come later, and has not lingered yet.
            if waiting.is_taken && !is_closed {
                continue;
            }
            drop(waiting);
            let is_written = self.write(&mut lock(&self.desk));
            if is_closed {
                return;
            }
            pause = if is_written { LINGER } else { AGAIN };
            waiting = lock(&self.waiting);
        }
    }

    /// Writes all that waits, durably, and tells whose it is; returns whether that has succeeded.
    fn write(&self, desk: &mut Desk) -> bool {
        let mut waiting = lock(&self.waiting);
        let (calls, ends) = (mem::take(&mut waiting.calls), mem::take(&mut waiting.ends));
        waiting.is_taken = true;
        drop(waiting);
        if calls.is_empty() && ends.is_empty() {
            return true;
        }
        match self.try_write(desk, &calls, &ends) {
            Ok(taken) => {
                for (place, _) in ends {
                    self.in_flight.end(place);
                }
                for ((_, waiter), taken) in calls.iter().zip(taken) {
                    if let Taken::Recorded(place) = taken {
                        self.in_flight.begin(place);
                    }
                    waiter.tell(Ok(taken.into()));
                }
                true
            }
            Err(error) => {
                let (refused, kept) = (calls.len(), ends.len());
                warn!("{:#}: {refused} calls are refused, the ends of {kept} wait", anyhow::Error::from(error.clone()));
                // Before those that have come meanwhile.
                lock(&self.waiting).ends.splice(0..0, ends);
                for (_, waiter) in &calls {
                    waiter.tell(Err(error.clone()));
                }
                false
            }
        }
    }

    fn try_write(&self, desk: &mut Desk, calls: &[(Call, Waiter)], ends: &[(Place, End)]) -> Result<Vec<Taken>> {
        desk.file.check()?;
        let connection = &desk.connection;
        let written = rows::transaction(connection, || {
            for (place, end) in ends {
                rows::end(connection, *place, end)?;
            }
            let mut taken: Vec<Taken> = Vec::with_capacity(calls.len());
            for (call, _) in calls {
                // Those of this transaction, too.
                let is_in_flight = |owner: Option<&str>, place| {
                    self.in_flight.has(owner, place) || taken.contains(&Taken::Recorded(place))
                };
                taken.push(rows::begin(connection, call, desk.owner.name(), is_in_flight)?);
            }
            Ok(taken)
        });
        written.map_err(|error| failed(&self.path, error))
    }
}
