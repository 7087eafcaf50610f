//! The one thread that writes: all that waits is written in one transaction, so that many calls share one wait for the disk.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use log::warn;
use rusqlite::{Connection, TransactionBehavior};

use crate::error::{Error, Result};
use crate::store::owner::{self, Owner};
use crate::store::rows::{self, Place, Taken};
use crate::store::sqlite::{Identity, failed};
use crate::store::{Begun, Call, End};

/// How many calls are written in one transaction at most.
const MOST: usize = 1024;

/// How long the end of a call waits for another call to be written with. Nobody waits for it.
const LINGER: Duration = Duration::from_millis(5);

/// How long until the end of a call is written that could not be.
const AGAIN: Duration = Duration::from_secs(1);

/// What the thread is asked to do.
enum Message {
    Begin(Call, SyncSender<Result<Begun>>),
    End(Place, End),
    Run(Box<dyn FnOnce(&mut Connection) + Send>),
}

/// The thread, as others see it; dropping it ends it, when all has been written.
pub(super) struct Writer {
    messages: Option<Sender<Message>>,
    thread: Option<JoinHandle<()>>,
    in_flight: Arc<InFlight>,
    owner: String,
    path: PathBuf,
}

/// The calls of this process that are in flight, by the ids of their entries.
#[derive(Default)]
struct InFlight(Mutex<HashMap<i64, i64>>);

impl InFlight {
    fn lock(&self) -> MutexGuard<'_, HashMap<i64, i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has(&self, place: Place) -> bool {
        self.lock().get(&place.id) == Some(&place.turn)
    }
}

impl Writer {
    /// # Errors
    /// If no thread can be started.
    pub(super) fn start(path: &Path, identity: Identity, connection: Connection, owner: Owner) -> Result<Writer> {
        let (messages, received) = channel();
        let in_flight = Arc::new(InFlight::default());
        let (name, path) = (owner.name().to_owned(), path.to_owned());
        let desk = Desk {
            path: path.clone(),
            identity,
            connection,
            owner,
            in_flight: Arc::clone(&in_flight),
            unwritten: Vec::new(),
        };
        let thread = thread::Builder::new().name("wechatpay-journal".into()).spawn(move || desk.serve(&received));
        let thread = Some(thread.map_err(Error::storage)?);
        Ok(Writer { messages: Some(messages), thread, in_flight, owner: name, path })
    }

    /// Records a call, and waits until it is durable.
    pub(super) fn begin(&self, call: Call) -> Result<Begun> {
        let (reply, answer) = sync_channel(1);
        self.send(Message::Begin(call, reply))?;
        answer.recv().map_err(Error::storage)?
    }

    /// Hands over the end of a call; it is written before whatever is asked for afterwards.
    pub(super) fn end(&self, id: i64, end: End) {
        let Some(turn) = self.in_flight.lock().get(&id).copied() else { return };
        if let Err(error) = self.send(Message::End(Place { id, turn }, end)) {
            warn!("the end of the call {id} is not recorded: {error}");
        }
    }

    /// Does something with the database that no other thread writes to meanwhile.
    pub(super) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = sync_channel(1);
        self.send(Message::Run(Box::new(move |connection| drop(reply.send(work(connection))))))?;
        answer.recv().map_err(Error::storage)?.map_err(|error| failed(&self.path, error))
    }

    /// Whether the call at this place is in flight: of another owner, whether that is still there.
    pub(super) fn is_in_flight(&self, owner: Option<&str>, place: Place) -> bool {
        match owner {
            None => false,
            Some(owner) if owner == self.owner => self.in_flight.has(place),
            Some(owner) => owner::is_there(&self.path, owner),
        }
    }

    fn send(&self, message: Message) -> Result<()> {
        let stopped = || Error::storage(std::io::Error::other("the thread that writes has stopped"));
        self.messages.as_ref().ok_or_else(stopped)?.send(message).map_err(|_| stopped())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.messages.take());
        if let Some(thread) = self.thread.take() {
            // It has no panic to pass on.
            drop(thread.join());
        }
    }
}

/// What the thread has.
struct Desk {
    path: PathBuf,
    identity: Identity,
    // Before the owner, so that the database is closed before others take this process for gone.
    connection: Connection,
    owner: Owner,
    in_flight: Arc<InFlight>,
    /// The ends of calls that are not written yet.
    unwritten: Vec<(Place, End)>,
}

/// Calls that wait to be written.
type Waiting = Vec<(Call, SyncSender<Result<Begun>>)>;

impl Desk {
    /// Serves until all that could send messages are gone.
    fn serve(mut self, received: &Receiver<Message>) {
        loop {
            let wait = if self.unwritten.is_empty() { None } else { Some(AGAIN) };
            let Ok(first) = next(received, wait) else { break };
            let mut waiting = Vec::new();
            let run = match first {
                Some(message) => self.collect(message, received, &mut waiting),
                None => None,
            };
            self.write(waiting);
            if let Some(run) = run {
                run(&mut self.connection);
            }
        }
        self.write(Vec::new());
    }

    /// Collects what is to be written together, up to something that must be done after it.
    fn collect(
        &mut self,
        first: Message,
        received: &Receiver<Message>,
        waiting: &mut Waiting,
    ) -> Option<Box<dyn FnOnce(&mut Connection) + Send>> {
        let mut message = first;
        loop {
            match message {
                Message::Begin(call, reply) => waiting.push((call, reply)),
                Message::End(place, end) => self.unwritten.push((place, end)),
                Message::Run(run) => return Some(run),
            }
            if waiting.len() >= MOST {
                return None;
            }
            // A call that is about to be sent waits for nothing.
            let more = match waiting.is_empty() {
                true => received.recv_timeout(LINGER).ok(),
                false => received.try_recv().ok(),
            };
            message = more?;
        }
    }

    /// Writes it durably, and tells those who wait.
    fn write(&mut self, waiting: Waiting) {
        if waiting.is_empty() && self.unwritten.is_empty() {
            return;
        }
        match self.try_write(&waiting) {
            Ok(taken) => {
                let ended = std::mem::take(&mut self.unwritten);
                let mut in_flight = self.in_flight.lock();
                for (place, _) in ended {
                    if in_flight.get(&place.id) == Some(&place.turn) {
                        in_flight.remove(&place.id);
                    }
                }
                let begun: Vec<_> = taken.into_iter().map(|taken| begun(taken, &mut in_flight)).collect();
                drop(in_flight);
                for ((_, reply), begun) in waiting.into_iter().zip(begun) {
                    // Whoever waits is there until it is told.
                    drop(reply.send(Ok(begun)));
                }
            }
            Err(error) => {
                warn!("{error}: {} calls are refused, the ends of {} wait", waiting.len(), self.unwritten.len());
                for (_, reply) in waiting {
                    drop(reply.send(Err(error.clone())));
                }
            }
        }
    }

    fn try_write(&mut self, waiting: &Waiting) -> Result<Vec<Taken>> {
        self.identity.check(&self.path)?;
        let Desk { path, connection, owner, in_flight, unwritten, .. } = self;
        let failed = |error| failed(path, error);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        for (place, end) in unwritten.iter() {
            rows::end(&transaction, *place, end).map_err(failed)?;
        }
        // Of this process, those in flight; but for those whose end is in this transaction.
        let is_there = |name: Option<&str>, place: Place| match name {
            None => false,
            Some(name) if name == owner.name() => in_flight.has(place),
            Some(name) => owner::is_there(path, name),
        };
        let mut taken = Vec::with_capacity(waiting.len());
        for (call, _) in waiting {
            let begun = rows::begin(&transaction, call, owner.name(), |name, place| {
                is_there(name, place) || is_among(&taken, place)
            });
            taken.push(begun.map_err(failed)?);
        }
        transaction.commit().map_err(failed)?;
        Ok(taken)
    }
}

/// Whether it was recorded in this transaction.
fn is_among(taken: &[Taken], place: Place) -> bool {
    taken.iter().any(|taken| matches!(taken, Taken::Recorded(recorded) if *recorded == place))
}

fn begun(taken: Taken, in_flight: &mut HashMap<i64, i64>) -> Begun {
    match taken {
        Taken::Recorded(place) => {
            in_flight.insert(place.id, place.turn);
            Begun::Recorded(place.id.unsigned_abs())
        }
        Taken::Known => Begun::Known,
        Taken::Wait => Begun::Wait,
        Taken::Refused => Begun::Refused,
    }
}

/// The next message; `None` if there is none after this wait.
fn next(received: &Receiver<Message>, wait: Option<Duration>) -> Result<Option<Message>, TryRecvError> {
    match wait {
        None => received.recv().map(Some).map_err(|_| TryRecvError::Disconnected),
        Some(wait) => match received.recv_timeout(wait) {
            Ok(message) => Ok(Some(message)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(TryRecvError::Disconnected),
        },
    }
}
