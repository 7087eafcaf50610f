//! A platform and a journal, what must be done, and whether the two agree.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::thread;
use std::time::{Duration, SystemTime};

use support::process::child;
use support::random::Random;
use wechatpay::http::{HeaderName, HeaderValue};
use wechatpay::{Map, Value, json};
use wechatpay_journal::{Journal, State};
use wechatpay_sandbox::{Effect, Fault, FaultRule, Sandbox, SignedNotification};

use crate::child::{Ended, Ready};
use crate::database::{self, Database};
use crate::job::{self, Job, PAID, PAID_TOTAL};
use crate::orders::Orders;

/// How many threads of a child work on the jobs. One more receives the notifications, and one settles.
const THREADS: u64 = 3;

/// A sandbox with a journal, and what must be done.
pub struct World {
    // Before the database.
    pub sandbox: Sandbox,
    pub database: Box<dyn Database>,
    open: BTreeSet<Job>,
    notices: Vec<Notice>,
    next: u64,
    pub seed: u64,
}

/// A notification as the platform sends it, until it is answered that it was received.
struct Notice {
    number: String,
    sent: SignedNotification,
    is_answered: bool,
}

impl Notice {
    /// As it is told to a child: signed anew each time, as a signature holds for five minutes.
    fn written(&self, platform_serial: &str) -> Value {
        let sent = self.sent.signed_by(platform_serial).unwrap();
        let header = |(name, value): (&HeaderName, &HeaderValue)| {
            (name.to_string(), Value::from(String::from_utf8_lossy(value.as_bytes())))
        };
        let headers: Map<_, _> = sent.headers().iter().map(header).collect();
        json!([headers, String::from_utf8_lossy(sent.body())])
    }
}

/// What has happened, in all.
#[derive(Debug, Default)]
pub struct Counts {
    pub killed: usize,
    ended: usize,
    requests: usize,
    effects: usize,
    jobs: usize,
    found_sending: usize,
    settled_done: usize,
    settled_not_done: usize,
    notifications: usize,
    /// How often what has befallen the database.
    pub troubles: BTreeMap<&'static str, usize>,
    /// How often a child that has lived was refused something by a database in trouble.
    refused: usize,
}

impl World {
    pub fn new(seed: u64, database: Box<dyn Database>) -> World {
        let sandbox = Sandbox::start_tls().unwrap();
        let paid = json!({ "json": {
            "appid": "wx8888888888888888", "mchid": "1900000109", "description": "much coffee", "out_trade_no": PAID,
            "notify_url": "https://shop.example/paid", "amount": { "total": PAID_TOTAL, "currency": "CNY" },
        } });
        sandbox.config().build().unwrap().chain("v3/pay/transactions/native").post(paid).unwrap();
        sandbox.pay(PAID).unwrap();
        World { sandbox, database, open: BTreeSet::new(), notices: Vec::new(), next: 0, seed }
    }

    fn journal(&self) -> Journal {
        database::open(&self.database.address()).unwrap()
    }

    /// A child that waits for its orders, so that it works at once when it has them.
    pub fn child(&self, test: &str) -> Command {
        // The tests are in the outermost module.
        let mut child = child("kills", test);
        child
            .args(["--test-threads", "1"])
            .env("SHOP_BASE_URI", self.sandbox.base_uri())
            .env("SHOP_SERIAL", self.sandbox.merchant_serial())
            .env("SHOP_KEY", self.sandbox.merchant_private_key_pem())
            .env("SHOP_SECRET", self.sandbox.secret())
            .env("SHOP_APIV3_KEY", self.sandbox.apiv3_key())
            .env("SHOP_CERTIFICATE", self.sandbox.merchant_certificate_pem())
            .env("SHOP_CA", self.sandbox.ca_file().unwrap())
            .env("SHOP_PLATFORM_ID", self.sandbox.platform_serial())
            .env("SHOP_PLATFORM_KEY", self.sandbox.platform_public_key_pem());
        child
    }

    /// What the children are to do: so many jobs, those that are left and new ones, and notifications, among them those that
    /// were not answered and some that were.
    pub fn orders(&mut self, jobs: u64, notices: u64, chance: &mut Random) -> Orders {
        while (self.open.len() as u64) < jobs {
            self.open.insert(Job(self.next));
            self.next += 1;
        }
        for _ in 0..notices {
            // Some are about the same matter as the one before, under another id.
            let number = format!("notice{}", (self.notices.len() as u64).saturating_sub(chance.below(2) as u64));
            let resource = json!({ "mchid": self.sandbox.mchid(), "out_trade_no": number, "trade_state": "SUCCESS" });
            let sent = self.sandbox.notification("TRANSACTION.SUCCESS", resource);
            self.notices.push(Notice { number, sent, is_answered: false });
        }
        let mut sent: Vec<_> = self.notices.iter().enumerate().collect();
        sent.retain(|(_, notice)| !notice.is_answered || chance.below(10) == 0);
        let written = |(place, notice): (usize, &Notice)| (place, notice.written(self.sandbox.platform_serial()));
        let mut sent: Vec<_> = sent.into_iter().map(written).collect();
        chance.shuffle(&mut sent);
        Orders {
            journal: self.database.address(),
            seed: chance.number(),
            child: 0,
            children: 1,
            threads: THREADS,
            jobs: self.open.iter().copied().collect(),
            notices: sent,
        }
    }

    /// Takes down what a child has left.
    pub fn ended(&mut self, ended: Ended, counts: &mut Counts) {
        *if ended.is_killed { &mut counts.killed } else { &mut counts.ended } += 1;
        counts.refused += ended.refused;
        ended.answered.into_iter().for_each(|place| self.notices[place].is_answered = true);
    }

    /// Makes some of the calls fail.
    pub fn disturb(&self, chance: &mut Random) {
        self.sandbox.clear_faults();
        let delay = Duration::from_millis(1 + chance.below(4) as u64);
        let mut faults: Vec<FaultRule> = vec![
            Fault::CloseBeforeAnswer.share(0.1),
            Fault::CloseInAnswer.share(0.1),
            Fault::CloseAfterAnswer.share(0.1),
            Fault::CloseBeforeAnswer.share(0.1).without_effect(),
            Fault::BadSignature.share(0.1),
            Fault::Status(500).share(0.1),
            Fault::Status(503).share(0.1).without_effect(),
            Fault::Status(400).share(0.2),
            Fault::Busy(0).share(0.1),
            Fault::EmptyStatus(502).share(0.1),
            Fault::Html(404).share(0.1),
            Fault::Delay(delay).share(0.3),
        ];
        chance.shuffle(&mut faults);
        faults.into_iter().take(4).for_each(|fault| self.sandbox.inject(fault));
    }

    /// Settles what is not settled, as the next process would; until then, nothing more arrives.
    pub fn settle(&self, chance: &mut Random, counts: &mut Counts) {
        // What was on its way has arrived or has not, for good.
        let _ = self.sandbox.refuse_connections(true);
        // Its port may be somebody else's for a moment.
        while self.sandbox.refuse_connections(false).is_err() {
            thread::sleep(Duration::from_millis(1));
        }
        self.database.is_left();
        let journal = self.journal();
        counts.found_sending += journal.figures().unwrap().count(State::Sending) as usize;
        let instance = self.sandbox.config().journal(journal.clone()).build().unwrap();
        let hour = Duration::from_secs(60 * 60);
        // The questions fail, too, and are asked again.
        for hours in if chance.below(4) == 0 { 1..=2 } else { 2..=2 } {
            if hours == 2 {
                self.sandbox.clear_faults();
            }
            let report = journal.settle_as_of(&instance, SystemTime::now() + hour * hours).unwrap();
            counts.settled_done += report.done().len();
            counts.settled_not_done += report.not_done().len();
            assert!(hours == 1 || report.not_yet().is_empty() && report.left_alone() == 0, "{report:?}");
        }
        assert_eq!(journal.figures().unwrap().oldest_unsettled(), None);
    }

    /// Compares the platform with the journal, and takes what is done off the list.
    pub fn agrees(&mut self, what: &str) {
        let journal = self.journal();
        // What has arrived under each number, in order.
        let mut arrived: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for request in self.sandbox.requests() {
            if let Some((number, amount)) = job::content(&request).filter(|(number, _)| Job::of(number).is_some()) {
                arrived.entry(number).or_default().push(amount);
            }
        }
        // What has taken effect.
        let mut done: BTreeMap<String, u64> = BTreeMap::new();
        let mut jobs: BTreeMap<Job, Vec<String>> = BTreeMap::new();
        for effect in self.sandbox.ledger() {
            let Some(job) = Job::of(effect.name()) else { continue };
            // It follows from the other one.
            if effect.effect() == Effect::TransferSucceeded {
                continue;
            }
            assert_eq!(effect.effect(), job.effect(), "{what}: {effect:?}");
            done.insert(effect.name().to_owned(), effect.amount().unwrap());
            jobs.entry(job).or_default().push(effect.name().to_owned());
        }
        for (job, numbers) in &jobs {
            assert_eq!(numbers.len(), 1, "{what}: {job:?} was done twice");
        }
        for (number, amounts) in &arrived {
            let entries = journal.under(number).unwrap();
            assert_eq!(entries.len(), 1, "{what}: {number} has arrived, and the journal has of it: {entries:?}");
            let amount = done.get(number);
            match entries[0].state() {
                State::Answered | State::Done => assert!(amount.is_some(), "{what}: {:?} is not done", entries[0]),
                State::Rejected | State::NotSent | State::NotDone => {
                    assert_eq!(amount, None, "{what}: {:?} is done", entries[0]);
                }
                state => panic!("{what}: {number} is {state:?}"),
            }
            // After what took effect, nothing else arrives.
            let Some(amount) = amount.map(u64::to_string) else { continue };
            assert_eq!(amounts.last(), Some(&amount), "{what}: {number}, {amounts:?}");
        }
        for number in done.keys() {
            assert!(arrived.contains_key(number), "{what}: {number}");
            self.open.remove(&Job::of(number).unwrap());
        }
        // Each notification is booked at most once, and once if it was answered.
        let booked = self.database.booked();
        for Notice { number, is_answered, .. } in &self.notices {
            let count = booked.get(number).copied().unwrap_or_default();
            let is_right = count == 1 || count == 0 && !is_answered;
            assert!(is_right, "{what}: {number} is booked {count} times, answered: {is_answered}");
        }
    }
    /// Nothing is lost: what was begun is finished by the first of these, which is left alone. The others have nothing to do.
    pub fn finish(mut self, mut ready: Vec<Ready>, chance: &mut Random, counts: &mut Counts) {
        self.sandbox.clear_faults();
        let orders = self.orders(0, 0, chance);
        ready[0].tell(&orders);
        for child in ready {
            let ended = child.ends("the last");
            assert!(!ended.is_killed);
            self.ended(ended, counts);
        }
        self.settle(chance, counts);
        self.agrees("the last");
        assert_eq!(self.open, BTreeSet::new(), "not done: journal {}", self.seed);
        assert!(self.notices.iter().all(|notice| notice.is_answered), "not answered: journal {}", self.seed);
        counts.requests += self.sandbox.requests().len();
        counts.effects += self.sandbox.ledger().len();
        counts.jobs += self.next as usize;
        counts.notifications += self.notices.len();
    }
}
