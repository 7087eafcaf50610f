//! The one thread that writes: all that waits is written in one transaction, so that many calls share one wait for the disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use log::warn;
use rusqlite::Connection;

use crate::error::{Error, Result};
use crate::store::failed::failed;
use crate::store::files::Identity;
use crate::store::owner::{InFlight, Owner};
use crate::store::rows::{self, Place, Taken};
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
    Run(Work),
}

/// What is done between two transactions.
type Work = Box<dyn FnOnce(&mut Connection) + Send>;

/// The thread, as others see it; dropping it ends it, when all has been written.
pub(super) struct Writer {
    messages: Option<Sender<Message>>,
    thread: Option<JoinHandle<()>>,
    in_flight: Arc<InFlight>,
    path: PathBuf,
}

impl Writer {
    /// # Errors
    /// If no thread can be started.
    pub(super) fn start(path: &Path, identity: Identity, connection: Connection, owner: Owner) -> Result<Writer> {
        let (messages, received) = channel();
        let in_flight = Arc::new(InFlight::of(path, &owner));
        let desk = Desk {
            path: path.to_owned(),
            identity,
            connection,
            owner,
            in_flight: Arc::clone(&in_flight),
            unwritten: Vec::new(),
        };
        let thread = thread::Builder::new().name("wechatpay-journal".into()).spawn(move || desk.serve(&received));
        let thread = Some(thread.map_err(Error::storage)?);
        Ok(Writer { messages: Some(messages), thread, in_flight, path: path.to_owned() })
    }

    /// Records a call, and waits until it is durable.
    pub(super) fn begin(&self, call: Call) -> Result<Begun> {
        let (reply, answer) = sync_channel(1);
        self.send(Message::Begin(call, reply))?;
        answer.recv().map_err(Error::storage)?
    }

    /// Hands over the end of a call; it is written before whatever is asked for afterwards.
    pub(super) fn end(&self, id: i64, end: End) {
        let Some(turn) = self.in_flight.turn(id) else { return };
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

    pub(super) fn in_flight(&self) -> &InFlight {
        &self.in_flight
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
            let first = match self.unwritten.is_empty() {
                true => received.recv().map_err(|_| RecvTimeoutError::Disconnected),
                false => received.recv_timeout(AGAIN),
            };
            let mut waiting = Vec::new();
            let work = match first {
                Ok(message) => self.collect(message, received, &mut waiting),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            self.write(waiting);
            if let Some(work) = work {
                work(&mut self.connection);
            }
        }
        self.write(Vec::new());
    }

    /// Collects what is to be written together, up to something that must be done after it.
    fn collect(&mut self, first: Message, received: &Receiver<Message>, waiting: &mut Waiting) -> Option<Work> {
        let mut message = first;
        loop {
            match message {
                Message::Begin(call, reply) => waiting.push((call, reply)),
                Message::End(place, end) => self.unwritten.push((place, end)),
                Message::Run(work) => return Some(work),
            }
            if waiting.len().max(self.unwritten.len()) >= MOST {
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
                for (place, _) in std::mem::take(&mut self.unwritten) {
                    self.in_flight.end(place);
                }
                for ((_, reply), taken) in waiting.into_iter().zip(taken) {
                    if let Taken::Recorded(place) = taken {
                        self.in_flight.begin(place);
                    }
                    // Whoever waits is there until it is told.
                    drop(reply.send(Ok(taken.into())));
                }
            }
            Err(error) => {
                let (refused, ends) = (waiting.len(), self.unwritten.len());
                warn!("{:#}: {refused} calls are refused, the ends of {ends} wait", anyhow::Error::from(error.clone()));
                for (_, reply) in waiting {
                    drop(reply.send(Err(error.clone())));
                }
            }
        }
    }

    fn try_write(&mut self, waiting: &Waiting) -> Result<Vec<Taken>> {
        self.identity.check(&self.path)?;
        let Desk { path, connection, owner, in_flight, unwritten, .. } = self;
        let written = rows::transaction(connection, || {
            for (place, end) in unwritten.iter() {
                rows::end(connection, *place, end)?;
            }
            let mut taken: Vec<Taken> = Vec::with_capacity(waiting.len());
            for (call, _) in waiting {
                // Those of this transaction, too.
                let is_in_flight =
                    |owner: Option<&str>, place| in_flight.has(owner, place) || taken.contains(&Taken::Recorded(place));
                taken.push(rows::begin(connection, call, owner.name(), is_in_flight)?);
            }
            Ok(taken)
        });
        written.map_err(|error| failed(path, error))
    }
}

impl From<Taken> for Begun {
    fn from(taken: Taken) -> Begun {
        match taken {
            Taken::Recorded(place) => Begun::Recorded(place.id.unsigned_abs()),
            Taken::Known => Begun::Known,
            Taken::Wait => Begun::Wait,
            Taken::Refused => Begun::Refused,
        }
    }
}
