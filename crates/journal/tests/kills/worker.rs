//! The child: what it does until it is killed.

use std::env;
use std::io::stdin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use support::random::Random;
use wechatpay::http::{HeaderMap, HeaderName, HeaderValue};
use wechatpay::{Builder, Chain, Credentials, Error, Value, json};
use wechatpay_journal::{Entry, Journal, State};

use crate::database;
use crate::job::{CONTENTS, Job};
use crate::orders::{ANSWERED, Orders, READY, REFUSED};

/// How long a child goes on with a database that is in trouble.
const PATIENCE: Duration = Duration::from_secs(30);

/// The pause before it tries again, and between two rounds of settling.
const PAUSE: Duration = Duration::from_millis(30);

/// Waits for orders and carries them out.
pub fn work() {
    let told = |name: &str| env::var(name).unwrap();
    let credentials = Credentials::new()
        .mchid("1900000109")
        .serial(told("SHOP_SERIAL"))
        .private_key(told("SHOP_KEY"))
        .secret(told("SHOP_SECRET"))
        .apiv3_key(told("SHOP_APIV3_KEY"))
        .merchant(told("SHOP_CERTIFICATE"), told("SHOP_KEY"))
        .cert(told("SHOP_PLATFORM_ID"), told("SHOP_PLATFORM_KEY"));
    let (base, verify) = (told("SHOP_BASE_URI"), told("SHOP_CA"));
    let defaults = json!({ "base_uri": base, "verify": verify, "proxy": "", "timeout": 5, "retries": 1 });
    println!("{READY}");
    let mut line = String::new();
    stdin().read_line(&mut line).unwrap();
    if line.is_empty() {
        return;
    }
    let (orders, patience) = (Orders::read(&line), Patience::new());
    if let Ok(journal) = patience.until_it_works(|| database::open(&orders.journal)) {
        let builder = Builder::new().credentials(credentials).defaults(defaults).journal(journal.clone());
        carry_out(&orders, &builder.build().unwrap(), &journal, &patience);
    }
    println!("{REFUSED}{}", patience.refused.into_inner());
}

fn carry_out(orders: &Orders, instance: &Chain, journal: &Journal, patience: &Patience) {
    let receive = || {
        let mut notices = orders.notices.iter();
        notices.try_for_each(|(place, notice)| receive(instance, journal, patience, *place, notice))
    };
    let work = |thread: u64| {
        let mut chance = Random::new(orders.seed ^ (thread + 1) << 32);
        let mut jobs: Vec<_> = orders.jobs.iter().copied().filter(|job| orders.are_for(thread, *job)).collect();
        chance.shuffle(&mut jobs);
        let mut worker = Worker { instance, journal, patience, chance };
        jobs.into_iter().try_for_each(|job| worker.work(job))
    };
    if orders.threads == 1 {
        // One thread, whose steps can be counted.
        let _ = receive().and_then(|()| work(0));
        return;
    }
    let are_done = AtomicBool::new(false);
    let settle = || {
        while orders.to_settle() && !are_done.load(Ordering::Relaxed) {
            // As it is now: others are at work.
            let settled = patience.until_it_works(|| journal.settle(instance));
            if settled.is_err() {
                return;
            }
            thread::sleep(PAUSE);
        }
    };
    thread::scope(|scope| {
        scope.spawn(settle);
        let workers = (0..orders.threads).map(|thread| scope.spawn(move || work(thread)));
        let threads: Vec<_> = workers.chain([scope.spawn(receive)]).collect();
        let ended: Vec<_> = threads.into_iter().map(|thread| thread.join()).collect();
        are_done.store(true, Ordering::Relaxed);
        assert!(ended.iter().all(Result::is_ok), "a thread has panicked");
    });
}

/// That a database was in trouble for too long. What is left to do, the next child does.
struct GivenUp;

/// Tries again while the database is in trouble, for a while.
struct Patience {
    ends: Instant,
    refused: AtomicUsize,
}

impl Patience {
    fn new() -> Patience {
        Patience { ends: Instant::now() + PATIENCE, refused: AtomicUsize::new(0) }
    }

    fn until_it_works<T, E: Into<anyhow::Error>>(&self, mut work: impl FnMut() -> Result<T, E>) -> Result<T, GivenUp> {
        loop {
            match work() {
                Ok(done) => return Ok(done),
                Err(error) => self.bear(&error.into())?,
            }
        }
    }

    /// Waits a moment because of this error, unless it was too long already.
    fn bear(&self, error: &anyhow::Error) -> Result<(), GivenUp> {
        assert!(database::is_in_trouble(error), "{error:?}");
        self.refused.fetch_add(1, Ordering::Relaxed);
        if Instant::now() > self.ends {
            return Err(GivenUp);
        }
        thread::sleep(PAUSE);
        Ok(())
    }
}

/// Works through the jobs, the odd ones together with other threads and processes.
struct Worker<'a> {
    instance: &'a Chain,
    journal: &'a Journal,
    patience: &'a Patience,
    chance: Random,
}

/// What has become of a call.
#[derive(PartialEq)]
enum Sent {
    Answered,
    /// It was made, and has failed, or was not answered.
    Failed,
    /// The journal has refused it, as another content was sent.
    Conflict,
    /// Another one makes it.
    InFlight,
    /// The journal could not be written.
    Refused,
}

impl Worker<'_> {
    fn state(&self, number: &str) -> Result<Option<State>, GivenUp> {
        let entries = self.patience.until_it_works(|| self.journal.under(number))?;
        assert!(entries.len() < 2, "one number and two entries: {entries:?}");
        Ok(entries.first().map(Entry::state))
    }

    /// The state under a number that nobody else uses. The journal has the end of each call, and knows of one that was refused that
    /// it was not sent, at the latest when the database can be written again.
    fn state_alone(&self, number: &str) -> Result<Option<State>, GivenUp> {
        let latest = Instant::now() + PATIENCE;
        loop {
            let state = self.state(number)?;
            if state != Some(State::Sending) {
                return Ok(state);
            }
            assert!(Instant::now() < latest, "the end of {number} is lost");
            thread::sleep(PAUSE);
        }
    }

    /// Tries until it is done, or has failed a few times.
    fn work(&mut self, job: Job) -> Result<(), GivenUp> {
        let (mut attempt, mut failures) = (0, 0);
        while failures < 4 {
            let (number, is_alone) = (job.number(attempt), job.takes_new_numbers());
            let sent = match if is_alone { self.state_alone(&number)? } else { self.state(&number)? } {
                Some(State::Answered | State::Done) => break,
                Some(State::Rejected | State::NotSent | State::NotDone) if is_alone => {
                    attempt += 1;
                    continue;
                }
                _ if is_alone => {
                    let sent = self.send(job, &number, attempt % CONTENTS)?;
                    let state = self.state_alone(&number)?;
                    let is_known = matches!(state, Some(State::Answered | State::Done));
                    assert!(is_known || sent != Sent::Answered, "{number} was answered, and is {state:?}");
                    sent
                }
                // Whatever was sent before; the journal knows which content that was.
                _ => {
                    let first = self.chance.below(CONTENTS as usize) as u64;
                    let (mut sent, mut next) = (Sent::Conflict, first);
                    while sent == Sent::Conflict && next < first + CONTENTS {
                        sent = self.send(job, &number, next % CONTENTS)?;
                        next += 1;
                    }
                    sent
                }
            };
            failures += usize::from(sent != Sent::Refused);
        }
        Ok(())
    }

    /// Sends it, whatever comes of it.
    fn send(&self, job: Job, number: &str, content: u64) -> Result<Sent, GivenUp> {
        let refused = match job.send(self.instance, number, content) {
            Ok(_) => return Ok(Sent::Answered),
            Err(Error::Journal(refused)) => refused,
            Err(_) => return Ok(Sent::Failed),
        };
        match refused.reason::<wechatpay_journal::Error>().unwrap() {
            wechatpay_journal::Error::Conflict(_) => Ok(Sent::Conflict),
            wechatpay_journal::Error::InFlight(_) => Ok(Sent::InFlight),
            error => self.patience.bear(&error.clone().into()).map(|()| Sent::Refused),
        }
    }
}

/// Receives a notification, books it in the shop's own table, and answers. Of one that was not received, nothing is known: it may
/// have been booked as the connection broke. It comes again.
fn receive(
    instance: &Chain,
    journal: &Journal,
    patience: &Patience,
    place: usize,
    notice: &Value,
) -> Result<(), GivenUp> {
    let header = |(name, value): (&String, &Value)| {
        (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value.as_str().unwrap()).unwrap())
    };
    let headers: HeaderMap = notice[0].as_object().unwrap().iter().map(header).collect();
    let notification = instance.notification(&headers, notice[1].as_str().unwrap().as_bytes()).unwrap();
    let number = notification.resource()["out_trade_no"].as_str().unwrap();
    patience.until_it_works(|| journal.receive(&notification, |transaction| database::book(transaction, number)))?;
    println!("{ANSWERED}{place}");
    Ok(())
}
