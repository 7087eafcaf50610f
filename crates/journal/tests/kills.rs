//! Processes that are killed by SIGKILL at any moment, and what the platform and the journal know of their money afterwards.
//!
//! A child works through a list of jobs, each of which must be done once: orders, refunds, transfers and red packets of both
//! protocols, by several threads, and receives notifications, against a sandbox in this process that answers, refuses, breaks off and delays. It is killed. Then what is
//! not settled is settled, and it is compared, number by number: what has arrived at the platform, what has taken effect there,
//! what the journal says. The next child goes on with the same journal and what is left of the jobs; the last one is not killed,
//! and leaves nothing undone.
//!
//! ```text
//! WECHATPAY_KILLS=2000 cargo test --release --package wechatpay-journal --test kills -- --nocapture
//! WECHATPAY_KILLS_SEED=1234 cargo test --package wechatpay-journal --test kills -- --nocapture
//! ```

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::io::{BufRead, BufReader, Read, Write, stdin};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime};

use rusqlite::Connection;
use support::folder::Folder;
use support::process::{child, is_child};
use support::random::Random;
use wechatpay::http::{HeaderMap, HeaderName, HeaderValue};
use wechatpay::{Builder, Chain, Credentials, Error, Map, Response, Value, json};
use wechatpay_journal::{Entry, Journal, State};
use wechatpay_sandbox::{Effect, Fault, FaultRule, Request, Sandbox, SignedNotification};

/// How often a child is killed, unless this variable says otherwise.
const KILLS: usize = 40;
const KILLS_VARIABLE: &str = "WECHATPAY_KILLS";

/// From so many kills on, a child is killed at each step.
const STEPWISE_FROM: usize = 1_000;

/// What the moments, the jobs and the faults are drawn from.
const SEED_VARIABLE: &str = "WECHATPAY_KILLS_SEED";

/// How often children are killed with one journal and one sandbox, before nothing may be left undone.
const KILLS_OF_ONE_JOURNAL: usize = 20;

/// How many jobs are open at a time.
const JOBS: u64 = 12;

/// How many new notifications come at a time.
const NOTICES: u64 = 4;

/// How many threads of a child work on the jobs. One more receives the notifications.
const THREADS: u64 = 3;

/// What a child prints when it has answered a notification.
const ANSWERED: &str = "ANSWERED ";

/// How many contents there are for one number.
const CONTENTS: u64 = 3;

/// The payment that is refunded.
const PAID: &str = "paid-order";
const PAID_TOTAL: u64 = 1_000_000;

/// Something that must be done once, under whatever number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Job(u64);

impl Job {
    /// Whether, once a number is free, a new number is taken for it, which is where money is spent twice if it is not free.
    /// Otherwise the same number gets another content.
    fn takes_new_numbers(self) -> bool {
        self.0 % 2 == 0
    }

    fn number(self, attempt: u64) -> String {
        format!("job{}x{attempt}", self.0)
    }

    /// Which job a number is of.
    fn of(number: &str) -> Option<Job> {
        Some(Job(number.strip_prefix("job")?.split_once('x')?.0.parse().ok()?))
    }

    fn effect(self) -> Effect {
        match self.kind() {
            0 | 1 => Effect::OrderPlaced,
            2 | 3 => Effect::OrderRefunded,
            4 | 5 => Effect::TransferCreated,
            _ => Effect::RedPacketSent,
        }
    }

    fn kind(self) -> u64 {
        self.0 / 2 % 7
    }

    fn send(self, instance: &Chain, number: &str, content: u64) -> wechatpay::Result<Response> {
        let amount = content + 100;
        let (path, options) = match self.kind() {
            0 => (
                "v3/pay/transactions/native",
                json!({ "json": {
                "appid": "wx8888888888888888", "mchid": "1900000109", "description": "a cup of coffee",
                "out_trade_no": number, "notify_url": "https://shop.example/paid",
                "amount": { "total": amount, "currency": "CNY" },
            } }),
            ),
            1 => (
                "v2/pay/unifiedorder",
                json!({ "xml": {
                "appid": "wx8888888888888888", "mch_id": "1900000109", "body": "a cup of tea",
                "out_trade_no": number, "notify_url": "https://shop.example/paid", "total_fee": amount,
                "trade_type": "NATIVE", "product_id": "tea", "spbill_create_ip": "127.0.0.1",
            } }),
            ),
            2 => (
                "v3/refund/domestic/refunds",
                json!({ "json": {
                "out_trade_no": PAID, "out_refund_no": number,
                "amount": { "refund": amount, "total": PAID_TOTAL, "currency": "CNY" },
            } }),
            ),
            3 => (
                "v2/secapi/pay/refund",
                json!({ "security": true, "xml": {
                "appid": "wx8888888888888888", "mch_id": "1900000109", "out_trade_no": PAID, "out_refund_no": number,
                "total_fee": PAID_TOTAL, "refund_fee": amount,
            } }),
            ),
            4 => (
                "v3/fund-app/mch-transfer/transfer-bills",
                json!({ "json": {
                "appid": "wx8888888888888888", "out_bill_no": number, "transfer_scene_id": "1000",
                "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "transfer_amount": amount, "transfer_remark": "thanks",
                "transfer_scene_report_infos": [{ "info_type": "活动名称", "info_content": "thanks" }],
            } }),
            ),
            5 => (
                "v2/mmpaymkttransfers/promotion/transfers",
                json!({ "security": true, "xml": {
                "mch_appid": "wx8888888888888888", "mchid": "1900000109", "partner_trade_no": number, "amount": amount,
                "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "check_name": "NO_CHECK", "desc": "thanks",
                "spbill_create_ip": "127.0.0.1",
            } }),
            ),
            _ => (
                "v2/mmpaymkttransfers/sendredpack",
                json!({ "security": true, "xml": {
                "wxappid": "wx8888888888888888", "mch_id": "1900000109", "mch_billno": number, "total_amount": amount,
                "total_num": 1, "re_openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "send_name": "a shop", "wishing": "thanks",
                "client_ip": "127.0.0.1", "act_name": "thanks", "remark": "thanks",
            } }),
            ),
        };
        instance.chain(path).post(options)
    }
}

/// The number that a command is under, and the amount that it is about; `None` if the request only asks.
fn content(request: &Request) -> Option<(String, String)> {
    if request.method() != "POST" || request.target().contains("query") || request.target().contains("/get") {
        return None;
    }
    let (text, json) = (std::str::from_utf8(request.body()).ok()?, request.json());
    let find = |names: &[&str]| {
        names.iter().find_map(|name| match &json {
            Some(json) => Some(json.pointer(name)?.to_string().trim_matches('"').to_owned()),
            None => {
                let value = text.split_once(&format!("<{name}>"))?.1.split_once(&format!("</{name}>"))?.0;
                Some(value.trim_start_matches("<![CDATA[").trim_end_matches("]]>").to_owned())
            }
        })
    };
    let numbers = ["/out_bill_no", "/out_refund_no", "/out_trade_no"];
    let number = find(&numbers).or_else(|| find(&["partner_trade_no", "mch_billno", "out_refund_no", "out_trade_no"]));
    let amounts = ["/transfer_amount", "/amount/refund", "/amount/total"];
    let amount = find(&amounts).or_else(|| find(&["refund_fee", "total_amount", "amount", "total_fee"]));
    Some((number?, amount?))
}

/// A notification as the platform sends it, until it is answered that it was received.
struct Notice {
    number: String,
    sent: SignedNotification,
    is_answered: bool,
}

impl Notice {
    /// As it is told to a child.
    fn written(&self) -> Value {
        let header = |(name, value): (&HeaderName, &HeaderValue)| {
            (name.to_string(), Value::from(String::from_utf8_lossy(value.as_bytes())))
        };
        let headers: Map<_, _> = self.sent.headers().iter().map(header).collect();
        json!([headers, String::from_utf8_lossy(self.sent.body())])
    }
}

// The child.

/// Works through the jobs, the odd ones together with other threads and processes.
struct Worker<'a> {
    instance: &'a Chain,
    journal: &'a Journal,
    chance: Random,
}

impl Worker<'_> {
    fn state(&self, number: &str) -> Option<State> {
        let entries = self.journal.under(number).unwrap();
        assert!(entries.len() < 2, "one number and two entries: {entries:?}");
        entries.first().map(Entry::state)
    }

    /// Tries until it is done, or has failed a few times.
    fn work(&mut self, job: Job) {
        let mut failures = 0;
        for attempt in 0.. {
            let number = job.number(attempt);
            while failures < 4 {
                match self.state(&number) {
                    Some(State::Answered | State::Done) => return,
                    Some(State::Rejected | State::NotSent | State::NotDone) if job.takes_new_numbers() => break,
                    _ if job.takes_new_numbers() => drop(self.send(job, &number, attempt % CONTENTS)),
                    // Whatever was sent before; the journal knows which content that was.
                    _ => {
                        let first = self.chance.below(CONTENTS as usize) as u64;
                        let _ = (0..CONTENTS).any(|next| self.send(job, &number, (first + next) % CONTENTS));
                    }
                }
                failures += 1;
            }
            if failures == 4 {
                return;
            }
        }
    }

    /// Whether the journal lets it pass. If it does, whatever comes of it is in the journal.
    fn send(&self, job: Job, number: &str, content: u64) -> bool {
        let Err(Error::Journal(refused)) = job.send(self.instance, number, content) else { return true };
        match refused.reason::<wechatpay_journal::Error>().unwrap() {
            wechatpay_journal::Error::Conflict(_) => false,
            wechatpay_journal::Error::InFlight(_) => true,
            error => panic!("{error:?}"),
        }
    }
}

/// What a child is told, in one line.
#[derive(Clone)]
struct Orders {
    journal: PathBuf,
    seed: u64,
    /// Which of how many children it is.
    child: u64,
    children: u64,
    threads: u64,
    jobs: Vec<Job>,
    /// Those that come, each with the place where it is in the list of the platform.
    notices: Vec<(usize, Value)>,
}

impl Orders {
    fn written(&self) -> String {
        let Orders { journal, seed, child, children, threads, jobs, notices } = self;
        let jobs: Vec<_> = jobs.iter().map(|job| job.0).collect();
        json!([journal, seed, child, children, threads, jobs, notices]).to_string()
    }

    fn read(line: &str) -> Orders {
        let told: Value = line.parse().unwrap();
        let number = |at: usize| told[at].as_u64().unwrap();
        let list = |at: usize| told[at].as_array().unwrap().iter();
        Orders {
            journal: told[0].as_str().unwrap().into(),
            seed: number(1),
            child: number(2),
            children: number(3),
            threads: number(4),
            jobs: list(5).map(|job| Job(job.as_u64().unwrap())).collect(),
            notices: list(6).map(|notice| (notice[0].as_u64().unwrap() as usize, notice[1].clone())).collect(),
        }
    }

    /// Whether this job is for this thread. The even ones are for one alone: whether a number is free is looked up before the
    /// next one is used, in between which another could use the free one.
    fn are_for(&self, thread: u64, job: Job) -> bool {
        let workers = self.threads * self.children;
        !job.takes_new_numbers() || job.0 / 2 % workers == self.child * self.threads + thread
    }
}

fn work() {
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
    println!("READY");
    let mut line = String::new();
    stdin().read_line(&mut line).unwrap();
    if line.is_empty() {
        return;
    }
    let orders = Orders::read(&line);
    let journal = Journal::open(&orders.journal).unwrap();
    let builder = Builder::new().credentials(credentials).defaults(defaults).journal(journal.clone());
    let instance = builder.build().unwrap();
    let receive = || orders.notices.iter().for_each(|(place, notice)| receive(&instance, &journal, *place, notice));
    let work = |thread: u64| {
        let mut chance = Random::new(orders.seed ^ (thread + 1) << 32);
        let mut jobs: Vec<_> = orders.jobs.iter().copied().filter(|job| orders.are_for(thread, *job)).collect();
        chance.shuffle(&mut jobs);
        let mut worker = Worker { instance: &instance, journal: &journal, chance };
        jobs.into_iter().for_each(|job| worker.work(job));
    };
    if orders.threads == 1 {
        // One thread, whose steps can be counted.
        receive();
        return work(0);
    }
    thread::scope(|scope| {
        scope.spawn(receive);
        (0..orders.threads).for_each(|thread| drop(scope.spawn(move || work(thread))));
    });
}

/// Receives a notification, books it in the shop's own table, and answers.
fn receive(instance: &Chain, journal: &Journal, place: usize, notice: &Value) {
    let header = |(name, value): (&String, &Value)| {
        (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value.as_str().unwrap()).unwrap())
    };
    let headers: HeaderMap = notice[0].as_object().unwrap().iter().map(header).collect();
    let notification = instance.notification(&headers, notice[1].as_str().unwrap().as_bytes()).unwrap();
    let number = notification.resource()["out_trade_no"].as_str().unwrap().to_owned();
    let received = journal.receive(&notification, |transaction| {
        transaction.sqlite()?.execute("INSERT INTO booked VALUES (?1)", [number]).map(drop).map_err(anyhow::Error::from)
    });
    received.unwrap();
    println!("{ANSWERED}{place}");
}

// The other side.

/// A child that is ready to work.
struct Ready {
    child: Child,
    stdin: ChildStdin,
    output: BufReader<std::process::ChildStdout>,
}

impl Ready {
    fn tell(&mut self, orders: &Orders) {
        // It may have been killed by now.
        let _ = writeln!(self.stdin, "{}", orders.written());
    }

    /// Waits until it has gone, killed or because it had no more to do, and says whether it was killed, and which notifications
    /// it has answered.
    fn ends(self, what: &str) -> (bool, Vec<usize>) {
        let Ready { mut child, stdin, mut output } = self;
        drop(stdin);
        let mut shown = String::new();
        output.read_to_string(&mut shown).unwrap();
        let status = child.wait().unwrap();
        let is_killed = status.signal() == Some(9);
        assert!(is_killed || status.success(), "{what}: the child has ended with {status}\n{shown}");
        // The last line may be cut off.
        let lines = shown.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        let answered = lines.filter_map(|line| line.trim().strip_prefix(ANSWERED)?.parse().ok());
        (is_killed, answered.collect())
    }
}

/// A sandbox with a journal, and what must be done.
struct World {
    // Before the folder.
    sandbox: Sandbox,
    folder: Folder,
    open: BTreeSet<Job>,
    notices: Vec<Notice>,
    next: u64,
    seed: u64,
}

/// What has happened, in all.
#[derive(Debug, Default)]
struct Counts {
    killed: usize,
    ended: usize,
    requests: usize,
    effects: usize,
    jobs: usize,
    found_sending: usize,
    settled_done: usize,
    settled_not_done: usize,
    notifications: usize,
}

impl World {
    fn new(seed: u64) -> World {
        let (sandbox, folder) = (Sandbox::start_tls().unwrap(), Folder::new("kills"));
        drop(Journal::create(folder.file("journal")).unwrap());
        let tables = Connection::open(folder.file("journal")).unwrap();
        tables.execute_batch("CREATE TABLE booked (number TEXT NOT NULL)").unwrap();
        let paid = json!({ "json": {
            "appid": "wx8888888888888888", "mchid": "1900000109", "description": "much coffee", "out_trade_no": PAID,
            "notify_url": "https://shop.example/paid", "amount": { "total": PAID_TOTAL, "currency": "CNY" },
        } });
        sandbox.config().build().unwrap().chain("v3/pay/transactions/native").post(paid).unwrap();
        sandbox.pay(PAID).unwrap();
        World { sandbox, folder, open: BTreeSet::new(), notices: Vec::new(), next: 0, seed }
    }

    fn path(&self) -> PathBuf {
        self.folder.file("journal")
    }

    /// A child that waits for its orders, so that it works at once when it has them.
    fn child(&self, test: &str) -> Command {
        let mut child = child(module_path!(), test);
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

    /// `None` if it was killed before.
    fn spawn(mut command: Command) -> Option<Ready> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().unwrap();
        let (stdin, mut output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut line = String::new();
        while !line.ends_with("READY\n") {
            line.clear();
            if output.read_line(&mut line).unwrap() == 0 {
                assert_eq!(child.wait().unwrap().signal(), Some(9), "the child has not begun");
                return None;
            }
        }
        Some(Ready { child, stdin, output })
    }

    /// What the children are to do: so many jobs, those that are left and new ones, and notifications, among them those that
    /// were not answered and some that were.
    fn orders(&mut self, jobs: u64, notices: u64, chance: &mut Random) -> Orders {
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
        let mut sent: Vec<_> = sent.into_iter().map(|(place, notice)| (place, notice.written())).collect();
        chance.shuffle(&mut sent);
        Orders {
            journal: self.path(),
            seed: chance.number(),
            child: 0,
            children: 1,
            threads: THREADS,
            jobs: self.open.iter().copied().collect(),
            notices: sent,
        }
    }

    fn answered(&mut self, places: Vec<usize>) {
        places.into_iter().for_each(|place| self.notices[place].is_answered = true);
    }

    /// Makes some of the calls fail.
    fn disturb(&self, chance: &mut Random) {
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
    fn settle(&self, chance: &mut Random, counts: &mut Counts) {
        // What was on its way has arrived or has not, for good.
        let _ = self.sandbox.refuse_connections(true);
        // Its port may be somebody else's for a moment.
        while self.sandbox.refuse_connections(false).is_err() {
            thread::sleep(Duration::from_millis(1));
        }
        let journal = Journal::open(self.path()).unwrap();
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
    fn agrees(&mut self, what: &str) {
        let journal = Journal::open(self.path()).unwrap();
        // What has arrived under each number, in order.
        let mut arrived: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for request in self.sandbox.requests() {
            if let Some((number, amount)) = content(&request).filter(|(number, _)| Job::of(number).is_some()) {
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
        let tables = Connection::open(self.path()).unwrap();
        let mut booked = tables.prepare("SELECT count(*) FROM booked WHERE number = ?1").unwrap();
        for Notice { number, is_answered, .. } in &self.notices {
            let count: i64 = booked.query_row([number], |row| row.get(0)).unwrap();
            let is_right = count == 1 || count == 0 && !is_answered;
            assert!(is_right, "{what}: {number} is booked {count} times, answered: {is_answered}");
        }
    }
}

impl World {
    /// Nothing is lost: what was begun is finished by the first of these, which is left alone. The others have nothing to do.
    fn finish(mut self, mut ready: Vec<Ready>, chance: &mut Random, counts: &mut Counts) {
        self.sandbox.clear_faults();
        let orders = self.orders(0, 0, chance);
        ready[0].tell(&orders);
        for child in ready {
            let (is_killed, answered) = child.ends("the last");
            assert!(!is_killed);
            self.answered(answered);
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

/// When a child is killed: so long after so many requests have arrived since it was told to begin.
struct Moment {
    arrived: usize,
    after: Duration,
}

impl Moment {
    fn draw(chance: &mut Random) -> Moment {
        match chance.below(4) {
            // Before it has sent anything, or while it does.
            0 => Moment { arrived: 0, after: Duration::from_micros(chance.below(40_000) as u64) },
            // About when it sends, waits, reads and writes down.
            _ => Moment { arrived: 1 + chance.below(25), after: Duration::from_micros(chance.below(3_000) as u64) },
        }
    }

    /// Waits for it, or for the end of the child.
    fn wait(&self, sandbox: &Sandbox, before: usize, child: &mut Child) {
        while sandbox.requests().len() < before + self.arrived && child.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_micros(100));
        }
        thread::sleep(self.after);
    }
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok().map(|number| number.parse().unwrap_or_else(|_| panic!("{variable} is a number")))
}

fn seed() -> u64 {
    number(SEED_VARIABLE).unwrap_or_else(|| {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        u64::from(since.subsec_nanos()) ^ since.as_secs()
    })
}

fn kills() -> usize {
    number(KILLS_VARIABLE).map_or(KILLS, |kills| kills as usize)
}

/// Kills so many processes one after the other, of this many at a time, all of which share the journals.
fn kill(test: &str, children: u64) {
    let (seed, kills) = (seed(), kills());
    println!("{SEED_VARIABLE}={seed}");
    let (mut chance, mut counts) = (Random::new(seed), Counts::default());
    while counts.killed < kills {
        let mut world = World::new(chance.number());
        let spawn =
            |world: &World| -> Vec<_> { (0..children).filter_map(|_| World::spawn(world.child(test))).collect() };
        let mut ready = spawn(&world);
        for cycle in 0..KILLS_OF_ONE_JOURNAL.min(kills - counts.killed) {
            let what = format!("seed {seed}, journal {}, process {cycle}", world.seed);
            world.disturb(&mut chance);
            let before = world.sandbox.requests().len();
            let orders = world.orders(JOBS, NOTICES, &mut chance);
            for (child, told) in ready.iter_mut().zip(0..) {
                child.tell(&Orders { child: told, children, ..orders.clone() });
            }
            Moment::draw(&mut chance).wait(&world.sandbox, before, &mut ready[0].child);
            // One of them; the others go on to their end.
            ready[0].child.kill().unwrap();
            for child in std::mem::replace(&mut ready, spawn(&world)) {
                let (is_killed, answered) = child.ends(&what);
                *if is_killed { &mut counts.killed } else { &mut counts.ended } += 1;
                world.answered(answered);
            }
            world.settle(&mut chance, &mut counts);
            world.agrees(&what);
        }
        world.finish(ready, &mut chance, &mut counts);
    }
    println!("{counts:?}");
}

#[test]
fn one_process_after_another() {
    if is_child() {
        return work();
    }
    kill("one_process_after_another", 1);
}

#[test]
fn two_processes_with_one_journal() {
    if is_child() {
        return work();
    }
    kill("two_processes_with_one_journal", 2);
}

/// What counts as a step: writing, locking and syncing files, and sending to and receiving from sockets; answering, too.
const STEPS: &str = "pwrite64,fsync,fdatasync,ftruncate,unlink,fcntl,connect,sendto,recvfrom,write";

/// A child is killed as it takes its first step, another one as it takes its second, and so on, until one lives; `strace` counts
/// and kills. By default, not at each of them.
#[test]
fn at_each_step() {
    if is_child() {
        return work();
    }
    if Command::new("strace").arg("-V").stdout(Stdio::null()).status().is_err() {
        assert!(env::var_os("CI").is_none(), "strace is missing: on CI it must be there");
        return eprintln!("skipped: at_each_step (there is no strace)");
    }
    let (seed, stride) = (seed(), if kills() >= STEPWISE_FROM { 1 } else { 7 });
    println!("{SEED_VARIABLE}={seed}");
    let (mut chance, mut counts) = (Random::new(seed), Counts::default());
    let mut world = World::new(seed);
    let mut step = 1 + chance.below(stride);
    loop {
        let what = format!("seed {seed}, step {step}");
        let inject = format!("inject={STEPS}:signal=SIGKILL:when={step}");
        let child = world.child("at_each_step");
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-o", "/dev/null", "-e", &format!("trace={STEPS}"), "-e", &inject]);
        strace.arg(child.get_program()).args(child.get_args());
        strace.envs(child.get_envs().filter_map(|(name, value)| Some((name, value?))));
        world.disturb(&mut chance);
        step += stride;
        let Some(mut ready) = World::spawn(strace) else { continue };
        let orders = Orders { threads: 1, ..world.orders(4, 1, &mut chance) };
        ready.tell(&orders);
        let (is_killed, answered) = ready.ends(&what);
        world.answered(answered);
        world.settle(&mut chance, &mut counts);
        world.agrees(&what);
        if !is_killed {
            break;
        }
        counts.killed += 1;
    }
    let last = World::spawn(world.child("at_each_step")).into_iter().collect();
    world.finish(last, &mut chance, &mut counts);
    println!("{step} steps: {counts:?}");
}
