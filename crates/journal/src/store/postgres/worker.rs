//! The thread that has the connection: what waits when it comes to it is written in one transaction, so that many calls share one
//! wait for the disk.

use std::mem;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use log::{info, warn};
use postgres::Client;
use postgres::error::SqlState;

use crate::content::Key;
use crate::error::{Error, Result};
use crate::store::lock::lock;
use crate::store::place::{Place, Taken};
use crate::store::postgres::address::Address;
use crate::store::postgres::owner::Owner;
use crate::store::postgres::rows::{self, Ended};
use crate::store::postgres::schema;
use crate::store::turns::Turns;
use crate::store::{Begun, Call, End};

/// How long the end of a call waits for another call to be written with. Nobody waits for it.
const LINGER: Duration = Duration::from_millis(5);

/// How long until it is tried again to write the end of a call whose entry another transaction writes.
const BUSY: Duration = Duration::from_millis(50);

/// How often that is tried at the end.
const LAST_TIMES: usize = 100;

/// How long until it is tried again to write or to connect.
const AGAIN: Duration = Duration::from_secs(1);

/// How often an idle connection is looked at, and how long that may take.
const TEND: Duration = Duration::from_secs(5);

/// What the thread is asked to do, in this order.
pub(super) enum Job {
    Begin(Call, Waiter),
    End(i64, End),
    /// Something else with the database.
    Run(Work),
}

pub(super) type Work = Box<dyn FnOnce(&mut Worker) + Send>;

/// A call that waits to be recorded.
#[derive(Default)]
pub(super) struct Turn {
    told: Mutex<Told>,
    changed: Condvar,
}

#[derive(Default)]
enum Told {
    #[default]
    Nothing,
    Reply(Result<Begun>),
    /// The call has no time left.
    GivenUp,
}

impl Turn {
    /// Waits for the reply.
    ///
    /// # Errors
    /// Those of the reply, or that it has not come in this time.
    pub(super) fn wait(&self, limit: Option<Duration>) -> Result<Begun> {
        let is_waiting = |told: &mut Told| matches!(told, Told::Nothing);
        let told = lock(&self.told);
        let mut told = match limit {
            Some(limit) => {
                self.changed.wait_timeout_while(told, limit, is_waiting).unwrap_or_else(PoisonError::into_inner).0
            }
            None => self.changed.wait_while(told, is_waiting).unwrap_or_else(PoisonError::into_inner),
        };
        match mem::replace(&mut *told, Told::GivenUp) {
            Told::Reply(reply) => reply,
            Told::Nothing | Told::GivenUp => Err(silence()),
        }
    }
}

/// The side of the thread; dropping it without a word tells that, so that nobody waits for ever.
pub(super) struct Waiter(pub(super) Arc<Turn>);

impl Waiter {
    /// Returns whether somebody still waits.
    fn tell(&self, reply: Result<Begun>) -> bool {
        let mut told = lock(&self.0.told);
        let is_waiting = matches!(*told, Told::Nothing);
        if is_waiting {
            *told = Told::Reply(reply);
            self.0.changed.notify_one();
        }
        is_waiting
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        self.tell(Err(gone()));
    }
}

fn silence() -> Error {
    Error::storage(std::io::Error::new(
        std::io::ErrorKind::TimedOut,
        "the database has not answered in the time of the call",
    ))
}

/// That the thread is not there any more.
pub(super) fn gone() -> Error {
    Error::storage(std::io::Error::other("the thread that writes has ended"))
}

/// What the thread has.
pub(super) struct Worker {
    address: Address,
    /// That of the journal, by which it is known again.
    key: Key,
    owner: Owner,
    /// `None` while there is no connection on which the lock is held.
    client: Option<Client>,
    in_flight: Turns,
    /// To be written, in this order: no more than there were calls in flight, as there are no new ones without a connection.
    ends: Vec<(Place, End)>,
    /// Why there is no connection, and when it is tried again.
    refused: Option<(Error, Instant)>,
}

impl Worker {
    /// Connects, checks the journal and takes the lock.
    ///
    /// # Errors
    /// If the journal is not what it should be, or the database cannot be read or written.
    pub(super) fn start(address: Address) -> Result<Worker> {
        let (mut client, in_flight) = (address.connect()?, Turns::default());
        let key = schema::open(&mut client, &address)?;
        let owner = Owner::new()?.take(&mut client, &address, &in_flight)?;
        Ok(Worker { address, key, owner, client: Some(client), in_flight, ends: Vec::new(), refused: None })
    }

    pub(super) fn key(&self) -> Key {
        self.key
    }

    /// Does what it is asked to, until nobody is there to ask; then it writes the rest.
    pub(super) fn work(mut self, jobs: &Receiver<Job>) {
        // When the ends are to be written, if there are any.
        let mut due: Option<Instant> = None;
        loop {
            let wait = due.map_or(TEND, |due| due.saturating_duration_since(Instant::now()));
            let first = match jobs.recv_timeout(wait) {
                Ok(job) => Some(job),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => break,
            };
            let (mut calls, is_idle) = (Vec::new(), first.is_none());
            for job in first.into_iter().chain(jobs.try_iter()) {
                match job {
                    Job::Begin(call, waiter) => calls.push((call, waiter)),
                    Job::End(id, end) => self.end(id, end),
                    Job::Run(work) => {
                        self.write(mem::take(&mut calls));
                        work(&mut self);
                    }
                }
            }
            let is_due = due.is_some_and(|due| due <= Instant::now());
            let mut pause = LINGER;
            if !calls.is_empty() || is_due {
                pause = if self.write(calls) { BUSY } else { AGAIN };
                due = None;
            } else if is_idle {
                self.tend();
            }
            due = if self.ends.is_empty() { None } else { due.or_else(|| Instant::now().checked_add(pause)) };
        }
        for _ in 0..LAST_TIMES {
            if !self.write(Vec::new()) || self.ends.is_empty() {
                break;
            }
            thread::sleep(BUSY);
        }
        if !self.ends.is_empty() {
            warn!("the ends of {} calls are not written: they will be asked about", self.ends.len());
        }
    }

    fn end(&mut self, id: i64, end: End) {
        if let Some(turn) = self.in_flight.of(id) {
            self.ends.push((Place { id, turn }, end));
        }
    }

    /// Writes all that waits, durably, and tells whose it is; returns whether that has succeeded.
    fn write(&mut self, calls: Vec<(Call, Waiter)>) -> bool {
        if calls.is_empty() && self.ends.is_empty() {
            return true;
        }
        let of_calls: Vec<_> = calls.iter().map(|(call, _)| call).collect();
        let error = match self.try_write(&of_calls) {
            Ok(taken) => {
                calls.iter().zip(taken).for_each(|((_, waiter), taken)| self.tell(waiter, taken));
                return true;
            }
            Err(error) => error,
        };
        if calls.len() > 1 && is_of_data(&error) {
            // The others are not to suffer for one that the database does not take.
            for call in calls {
                self.write(vec![call]);
            }
            return self.ends.is_empty();
        }
        let (refused, kept) = (calls.len(), self.ends.len());
        warn!("{:#}: {refused} calls are refused, the ends of {kept} wait", anyhow::Error::from(error.clone()));
        for (_, waiter) in &calls {
            waiter.tell(Err(error.clone()));
        }
        false
    }

    fn tell(&mut self, waiter: &Waiter, taken: Taken) {
        if let Taken::Recorded(place) = taken {
            self.in_flight.begin(place);
        }
        if let (false, Taken::Recorded(place)) = (waiter.tell(Ok(taken.into())), taken) {
            // It was not made.
            self.ends.push((place, End::not_sent()));
        }
    }

    fn try_write(&mut self, calls: &[&Call]) -> Result<Vec<Taken>> {
        let ends = mem::take(&mut self.ends);
        let written = self.run(|client, owner, in_flight| {
            let mut transaction = client.transaction()?;
            let ended = if ends.is_empty() { Ended::default() } else { rows::end(&mut transaction, &ends)? };
            let taken = rows::begin(&mut transaction, calls, owner, in_flight)?;
            transaction.commit()?;
            Ok((ended, taken))
        });
        match written {
            Ok((Ended { written, busy }, taken)) => {
                let (busy, done): (Vec<_>, Vec<_>) = ends.into_iter().partition(|(place, _)| busy.contains(&place.id));
                let lost = done.len().saturating_sub(written);
                if lost > 0 {
                    info!("{lost} calls have ended that were sent again or settled by others meanwhile");
                }
                for (place, _) in done {
                    self.in_flight.end(place);
                }
                self.ends = busy;
                Ok(taken)
            }
            Err(error) => {
                self.ends = ends;
                Err(error)
            }
        }
    }

    /// Does something with the database, and once more if the connection is lost over it and comes back at once: what of the first
    /// time was written is then known, see [`Owner::take`]. Also once more if the database has undone it all, as another transaction
    /// has waited for it and it for the other.
    pub(super) fn run<T>(
        &mut self,
        work: impl Fn(&mut Client, i64, &Turns) -> Result<T, postgres::Error>,
    ) -> Result<T> {
        self.run_once(&work).or_else(|error| {
            let is_final = self.client.is_some() && !is_deadlock(&error);
            if is_final { Err(error) } else { self.run_once(&work) }
        })
    }

    fn run_once<T>(&mut self, work: impl Fn(&mut Client, i64, &Turns) -> Result<T, postgres::Error>) -> Result<T> {
        self.connect()?;
        let Some(client) = &mut self.client else { return Err(gone()) };
        let done = work(client, self.owner.name(), &self.in_flight);
        done.map_err(|error| {
            self.check();
            self.address.failed(error)
        })
    }

    /// Connects and takes the lock again, if there is no connection.
    fn connect(&mut self) -> Result<()> {
        if self.client.is_some() {
            return Ok(());
        }
        if let Some((error, _)) = self.refused.as_ref().filter(|(_, until)| *until > Instant::now()) {
            return Err(error.clone());
        }
        let connected = self.address.connect().and_then(|mut client| {
            if schema::open(&mut client, &self.address)? != self.key {
                // What would be written to another one, nobody would find.
                return Err(Error::Vanished(self.address.place()));
            }
            let owner = self.owner.take(&mut client, &self.address, &self.in_flight)?;
            Ok((client, owner))
        });
        match connected {
            Ok((client, owner)) => {
                info!("the journal is connected again");
                (self.client, self.owner, self.refused) = (Some(client), owner, None);
                Ok(())
            }
            Err(error) => {
                self.refused = Instant::now().checked_add(AGAIN).map(|until| (error.clone(), until));
                Err(error)
            }
        }
    }

    /// Gives the connection up if it is lost, and with it the name.
    fn check(&mut self) {
        let lost = match &mut self.client {
            Some(client) => client.is_valid(TEND),
            None => return,
        };
        if let Err(error) = lost {
            warn!("the journal has lost its connection: {error}");
            match self.owner.renamed() {
                Ok(owner) => (self.owner, self.client) = (owner, None),
                // Nothing works on it, so that this is tried again.
                Err(error) => warn!("{error}"),
            }
        }
    }

    /// Sees to it that there is a connection, while there is nothing else to do.
    fn tend(&mut self) {
        self.check();
        if let Err(error) = self.connect() {
            warn!("the journal cannot connect: {:#}", anyhow::Error::from(error));
        }
    }
}

/// Whether the database does not take what it was given, whoever else is there.
fn is_of_data(error: &Error) -> bool {
    code(error).is_some_and(|code| ["22", "54"].iter().any(|class| code.code().starts_with(class)))
}

/// Whether two transactions have waited for each other, and this one was undone.
fn is_deadlock(error: &Error) -> bool {
    code(error) == Some(&SqlState::T_R_DEADLOCK_DETECTED)
}

fn code(error: &Error) -> Option<&SqlState> {
    let Error::Storage(source) = error else { return None };
    source.downcast_ref::<postgres::Error>()?.code()
}
