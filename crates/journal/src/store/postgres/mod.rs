//! A journal in a database of PostgreSQL.

mod address;
mod inbox;
mod owner;
mod rows;
mod schema;
mod worker;

use std::process;
use std::sync::Arc;
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::SystemTime;

use postgres::Client;

use crate::content::Key;
use crate::entry::{Entry, Figures, State};
use crate::error::{Error, Result};
use crate::notice::Notice;
use crate::store::place::{Place, row_id};
use crate::store::postgres::address::Address;
use crate::store::postgres::inbox::Inbox;
use crate::store::postgres::worker::{Job, Turn, Waiter, Worker, gone};
use crate::store::turns::Turns;
use crate::store::{Begun, Call, Delivery, End, Finding, Store, Work};

/// A journal that is open.
pub(crate) struct Postgres {
    key: Key,
    /// `None` when it is being closed.
    jobs: Option<Sender<Job>>,
    /// It has the connection over which all but notifications is written: the client would panic in the thread of an async runtime.
    thread: Option<JoinHandle<()>>,
    inbox: Inbox,
    /// The process that has the thread.
    process: u32,
}

impl Postgres {
    /// Makes a journal, of which there is either all or nothing in this database.
    pub(crate) fn create(url: &str) -> Result<()> {
        let address = Address::of(url)?;
        let mut key = Key::default();
        openssl::rand::rand_bytes(&mut key).map_err(Error::storage)?;
        let thread = spawn(move || schema::create(&mut address.connect()?, &address, &key))?;
        thread.join().unwrap_or_else(|_| Err(gone()))
    }

    /// Opens a journal that is there.
    pub(crate) fn open(url: &str) -> Result<Postgres> {
        let address = Address::of(url)?;
        let ((tell, told), (jobs, queue), of_inbox) = (channel(), channel(), address.clone());
        let thread = spawn(move || match Worker::start(address) {
            Ok(worker) => {
                let _ = tell.send(Ok(worker.key()));
                worker.work(&queue);
            }
            Err(error) => drop(tell.send(Err(error))),
        })?;
        let key = told.recv().unwrap_or_else(|_| Err(gone()))?;
        let inbox = Inbox::of(of_inbox, key);
        Ok(Postgres { key, jobs: Some(jobs), thread: Some(thread), inbox, process: process::id() })
    }

    fn ask(&self, job: Job) -> Result<()> {
        if self.process != process::id() {
            return Err(Error::storage(std::io::Error::other("the journal was opened before this process was forked")));
        }
        self.jobs.as_ref().ok_or_else(gone)?.send(job).map_err(|_| gone())
    }

    /// Does something with the database, after all that waits was written.
    fn run<T: Send + 'static>(
        &self,
        work: impl Fn(&mut Client, &Turns) -> Result<T, postgres::Error> + Send + 'static,
    ) -> Result<T> {
        let (tell, told) = channel();
        self.ask(Job::Run(Box::new(move |worker: &mut Worker| {
            let _ = tell.send(worker.run(|client, _, in_flight| work(client, in_flight)));
        })))?;
        told.recv().unwrap_or_else(|_| Err(gone()))
    }
}

fn spawn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<JoinHandle<T>> {
    thread::Builder::new().name("wechatpay-journal".into()).spawn(work).map_err(Error::storage)
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take().filter(|_| self.process == process::id()) {
            // Had it panicked, what it had to write would be unknown to the next process, which asks.
            drop(thread.join());
        }
    }
}

impl Store for Postgres {
    fn key(&self) -> &Key {
        &self.key
    }

    fn begin(&self, call: Call) -> Result<Begun> {
        let (turn, limit) = (Arc::new(Turn::default()), call.time_left);
        self.ask(Job::Begin(call, Waiter(Arc::clone(&turn))))?;
        turn.wait(limit)
    }

    fn end(&self, id: u64, end: End) {
        if let Err(error) = self.ask(Job::End(row_id(id), end)) {
            log::warn!("the end of a call is not written, it will be asked about: {:#}", anyhow::Error::from(error));
        }
    }

    fn unsettled(&self, merchant: Option<&str>, after: u64, most: u32) -> Result<Vec<Entry>> {
        let merchant = merchant.map(str::to_owned);
        self.run(move |client, _| rows::unsettled(client, merchant.as_deref(), row_id(after), most))
    }

    fn entries(&self, after: u64, most: u32) -> Result<Vec<Entry>> {
        self.run(move |client, _| rows::all(client, row_id(after), most))
    }

    fn under(&self, number: &str) -> Result<Vec<Entry>> {
        let number = number.to_owned();
        self.run(move |client, _| rows::under(client, &number))
    }

    fn is_in_flight(&self, entry: &Entry) -> bool {
        if entry.state != State::Sending {
            return false;
        }
        let place = Place::of(entry);
        let is_there =
            self.run(move |client, in_flight| Ok(in_flight.has(place) || rows::is_in_flight(client, place)?));
        // If it cannot be found out, it is.
        is_there.unwrap_or(true)
    }

    fn find_out(&self, entry: &Entry, finding: &Finding) -> Result<bool> {
        let owner = entry.owner.as_deref().and_then(|owner| owner.parse().ok());
        let (place, finding) = (Place::of(entry), finding.clone());
        self.run(move |client, _| rows::find_out(client, place, owner, &finding))
    }

    fn receive(&self, notice: &Notice<'_>, work: &mut Work<'_>) -> Result<Delivery> {
        // The calls that have ended are written before, so that what is settled is what they have left.
        self.run(|_, _| Ok(()))?;
        self.inbox.receive(notice, work)
    }

    fn figures(&self) -> Result<Figures> {
        self.run(|client, _| rows::figures(client))
    }

    fn prune(&self, before: SystemTime, most: u32) -> Result<u32> {
        self.run(move |client, _| rows::prune(client, before, most))
    }

    fn forget(&self, before: SystemTime, most: u32) -> Result<u32> {
        self.run(move |client, _| inbox::forget(client, before, most))
    }
}
