//! Processes that are killed by SIGKILL at any moment, and what the platform and the journal know of their money afterwards.
//!
//! A child works through a list of jobs, each of which must be done once: orders of both protocols, refunds and transfers, by
//! several threads, against a sandbox in this process that answers, refuses, breaks off and delays. It is killed. Then what is
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
use std::time::{Duration, Instant, SystemTime};

use support::folder::Folder;
use support::process::{child, is_child};
use wechatpay::{Builder, Chain, Credentials, Error, Response, Value, json};
use wechatpay_journal::{Entry, Journal, State};
use wechatpay_sandbox::{Effect, Fault, FaultRule, Sandbox};

/// How often a child is killed, unless this variable says otherwise.
const KILLS: usize = 40;
const KILLS_VARIABLE: &str = "WECHATPAY_KILLS";

/// What the moments, the jobs and the faults are drawn from.
const SEED_VARIABLE: &str = "WECHATPAY_KILLS_SEED";

/// How often children are killed with one journal and one sandbox, before nothing may be left undone.
const KILLS_OF_ONE_JOURNAL: usize = 20;

/// How many jobs are open at a time.
const JOBS: u64 = 12;

/// How many threads of a child work on them.
const THREADS: u64 = 3;

/// How many contents there are for one number.
const CONTENTS: u64 = 3;

/// The payment that is refunded.
const PAID: &str = "paid-order";
const PAID_TOTAL: u64 = 1_000_000;

/// Numbers that look like chance, the same for the same seed: splitmix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at as u64 + 1) as usize);
        }
    }
}

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
        match self.0 / 2 % 4 {
            0 | 1 => Effect::OrderPlaced,
            2 => Effect::OrderRefunded,
            _ => Effect::TransferCreated,
        }
    }

    fn send(self, instance: &Chain, number: &str, content: u64) -> wechatpay::Result<Response> {
        let amount = content + 100;
        let (path, options) = match self.0 / 2 % 4 {
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
            _ => (
                "v3/fund-app/mch-transfer/transfer-bills",
                json!({ "json": {
                "appid": "wx8888888888888888", "out_bill_no": number, "transfer_scene_id": "1000",
                "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "transfer_amount": amount, "transfer_remark": "thanks",
                "transfer_scene_report_infos": [{ "info_type": "活动名称", "info_content": "thanks" }],
            } }),
            ),
        };
        instance.chain(path).post(options)
    }
}

/// The number that a request is under, and the amount that it is about.
fn content(request: &wechatpay_sandbox::Request) -> Option<(String, String)> {
    let text = std::str::from_utf8(request.body()).ok()?;
    let after = |start: &str, ends: [char; 3]| Some(text.split_once(start)?.1.split(ends).next()?.trim().to_owned());
    let json = request.json();
    let field = |pointer: &str| Some(json.as_ref()?.pointer(pointer)?.to_string().trim_matches('"').to_owned());
    let number = ["/out_bill_no", "/out_refund_no", "/out_trade_no"].into_iter().find_map(field);
    let number =
        number.or_else(|| after("<out_trade_no>", ['<', ']', '\n']).map(|number| number.replace("![CDATA[", "")));
    let amount = ["/transfer_amount", "/amount/refund", "/amount/total"].into_iter().find_map(field);
    let amount = amount.or_else(|| after("<total_fee>", ['<', ']', '\n']));
    Some((number?, amount?))
}

// The child.

/// Works through the jobs, the odd ones together with other threads and processes.
struct Worker<'a> {
    instance: &'a Chain,
    journal: &'a Journal,
    chance: Chance,
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
                        let first = self.chance.below(CONTENTS);
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
struct Orders {
    journal: PathBuf,
    seed: u64,
    /// Which of how many children it is.
    child: u64,
    children: u64,
    threads: u64,
    jobs: Vec<Job>,
}

impl Orders {
    fn written(&self) -> String {
        let Orders { journal, seed, child, children, threads, jobs } = self;
        let jobs: Vec<_> = jobs.iter().map(|job| job.0).collect();
        json!([journal, seed, child, children, threads, jobs]).to_string()
    }

    fn read(line: &str) -> Orders {
        let told: Value = line.parse().unwrap();
        let number = |at: usize| told[at].as_u64().unwrap();
        let jobs = told[5].as_array().unwrap().iter().map(|job| Job(job.as_u64().unwrap()));
        Orders {
            journal: told[0].as_str().unwrap().into(),
            seed: number(1),
            child: number(2),
            children: number(3),
            threads: number(4),
            jobs: jobs.collect(),
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
        .cert(told("SHOP_PLATFORM_ID"), told("SHOP_PLATFORM_KEY"));
    let defaults = json!({ "base_uri": told("SHOP_BASE_URI"), "proxy": "", "timeout": 5, "retries": 1 });
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
    thread::scope(|scope| {
        for thread in 0..orders.threads {
            let (orders, instance, journal) = (&orders, &instance, &journal);
            scope.spawn(move || {
                let mut chance = Chance(orders.seed ^ (thread + 1) << 32);
                let mut jobs: Vec<_> = orders.jobs.iter().copied().filter(|job| orders.are_for(thread, *job)).collect();
                chance.shuffle(&mut jobs);
                let mut worker = Worker { instance, journal, chance };
                jobs.into_iter().for_each(|job| worker.work(job));
            });
        }
    });
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
        writeln!(self.stdin, "{}", orders.written()).unwrap();
    }

    /// Waits until it has gone, killed or because it had no more to do, and says whether it was killed.
    fn ends(self, what: &str) -> bool {
        let Ready { mut child, stdin, mut output } = self;
        drop(stdin);
        let mut shown = String::new();
        output.read_to_string(&mut shown).unwrap();
        let status = child.wait().unwrap();
        let is_killed = status.signal() == Some(9);
        assert!(is_killed || status.success(), "{what}: the child has ended with {status}\n{shown}");
        is_killed
    }
}

/// A sandbox with a journal, and what must be done.
struct World {
    // Before the folder.
    sandbox: Sandbox,
    folder: Folder,
    open: BTreeSet<Job>,
    next: u64,
    seed: u64,
}

/// What has happened, in all.
#[derive(Debug, Default)]
struct Counts {
    killed: usize,
    ended_before: usize,
    requests: usize,
    effects: usize,
    jobs: usize,
    found_sending: usize,
    settled_done: usize,
    settled_not_done: usize,
}

impl World {
    fn new(seed: u64) -> World {
        let (sandbox, folder) = (Sandbox::start().unwrap(), Folder::new("kills"));
        drop(Journal::create(folder.file("journal")).unwrap());
        let paid = json!({ "json": {
            "appid": "wx8888888888888888", "mchid": "1900000109", "description": "much coffee", "out_trade_no": PAID,
            "notify_url": "https://shop.example/paid", "amount": { "total": PAID_TOTAL, "currency": "CNY" },
        } });
        sandbox.config().build().unwrap().chain("v3/pay/transactions/native").post(paid).unwrap();
        sandbox.pay(PAID).unwrap();
        World { sandbox, folder, open: BTreeSet::new(), next: 0, seed }
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
            .env("SHOP_PLATFORM_ID", self.sandbox.platform_serial())
            .env("SHOP_PLATFORM_KEY", self.sandbox.platform_public_key_pem());
        child
    }

    fn spawn(mut command: Command) -> Ready {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().unwrap();
        let (stdin, mut output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut line = String::new();
        while !line.ends_with("READY\n") {
            line.clear();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "the child has not begun");
        }
        Ready { child, stdin, output }
    }

    fn orders(&mut self, jobs: u64, seed: u64) -> Orders {
        while (self.open.len() as u64) < jobs {
            self.open.insert(Job(self.next));
            self.next += 1;
        }
        let jobs = self.open.iter().copied().collect();
        Orders { journal: self.path(), seed, child: 0, children: 1, threads: THREADS, jobs }
    }

    /// Makes some of the calls fail.
    fn disturb(&self, chance: &mut Chance) {
        self.sandbox.clear_faults();
        let delay = Duration::from_millis(1 + chance.below(4));
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
    fn settle(&self, chance: &mut Chance, counts: &mut Counts) {
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
                if request.method() == "POST" && !request.target().contains("query") {
                    arrived.entry(number).or_default().push(amount);
                }
            }
        }
        // What has taken effect.
        let mut done: BTreeMap<String, u64> = BTreeMap::new();
        let mut jobs: BTreeMap<Job, Vec<String>> = BTreeMap::new();
        for effect in self.sandbox.ledger() {
            let Some(job) = Job::of(effect.name()) else { continue };
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
    }
}

/// When a child is killed: so long after so many requests have arrived since it was told to begin.
struct Moment {
    arrived: usize,
    after: Duration,
}

impl Moment {
    fn draw(chance: &mut Chance) -> Moment {
        match chance.below(4) {
            // Before it has sent anything, or while it does.
            0 => Moment { arrived: 0, after: Duration::from_micros(chance.below(40_000)) },
            // About when it sends, waits, reads and writes down.
            _ => Moment { arrived: 1 + chance.below(30) as usize, after: Duration::from_micros(chance.below(3_000)) },
        }
    }

    fn wait(&self, sandbox: &Sandbox, before: usize) {
        // It may have nothing more to send.
        let patience = Instant::now() + Duration::from_millis(300);
        while sandbox.requests().len() < before + self.arrived && Instant::now() < patience {
            thread::sleep(Duration::from_micros(50));
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
    let (mut chance, mut counts) = (Chance(seed), Counts::default());
    while counts.killed < kills {
        let mut world = World::new(chance.below(u64::MAX));
        let spawn = |world: &World| -> Vec<_> { (0..children).map(|_| World::spawn(world.child(test))).collect() };
        let mut ready = spawn(&world);
        for cycle in 0..KILLS_OF_ONE_JOURNAL.min(kills - counts.killed) {
            let what = format!("seed {seed}, journal {}, process {cycle}", world.seed);
            world.disturb(&mut chance);
            let before = world.sandbox.requests().len();
            let orders = world.orders(JOBS, chance.below(u64::MAX));
            for (child, told) in ready.iter_mut().zip(0..) {
                child.tell(&Orders {
                    child: told,
                    children,
                    journal: world.path(),
                    jobs: orders.jobs.clone(),
                    ..orders
                });
            }
            Moment::draw(&mut chance).wait(&world.sandbox, before);
            // One of them; the others go on to their end.
            ready[0].child.kill().unwrap();
            for child in std::mem::replace(&mut ready, spawn(&world)) {
                match child.ends(&what) {
                    true => counts.killed += 1,
                    false => counts.ended_before += 1,
                }
            }
            world.settle(&mut chance, &mut counts);
            world.agrees(&what);
        }
        // Nothing is lost: what was begun is finished.
        world.sandbox.clear_faults();
        let orders = world.orders(0, 0);
        ready[0].tell(&orders);
        // The others have nothing to do.
        let is_killed = ready.into_iter().any(|child| child.ends("the last"));
        assert!(!is_killed);
        world.settle(&mut chance, &mut counts);
        world.agrees("the last");
        assert_eq!(world.open, BTreeSet::new(), "not done: journal {}", world.seed);
        counts.requests += world.sandbox.requests().len();
        counts.effects += world.sandbox.ledger().len();
        counts.jobs += world.next as usize;
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
