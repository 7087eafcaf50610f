//! A long run, alone because it takes all that the machine has: one instance, many threads, faults all along, and keys
//! that rotate. Afterwards each call is held against the ledger, and the memory, the files and the threads of the client
//! against those of the beginning.
//!
//! This process is the platform. The client is a process of its own, so that what it uses is its alone; it asks the
//! platform and tells results over its standard input and output, a line for each.
//!
//! ```text
//! WECHATPAY_SOAK_CALLS=100000 cargo test --release --test soak -- --nocapture
//! ```
//!
//! With `WECHATPAY_SOAK_FILES=64` the client may have no more than 64 descriptors, and occupies all but a few of them while
//! it makes its calls: what fails for want of one must be `NotSent`, and afterwards, when there are enough again, calls must
//! work.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use support::process::{self, is_child};
use wechatpay::{Builder, Chain, Credentials, DownloadCerts, MediaUtil, Options, Response, Value, json};
use wechatpay_sandbox::{Effect, Fault, FaultRule, KeyMode, Sandbox};

/// How many calls are made, if not [`CALLS`].
const CALLS_VARIABLE: &str = "WECHATPAY_SOAK_CALLS";
const CALLS: usize = 8_000;

/// How many descriptors the client may have, if there is a limit.
const FILES_VARIABLE: &str = "WECHATPAY_SOAK_FILES";

/// How many of them are free while calls are made: fewer than there are threads.
const FREE: usize = 6;

const THREADS: usize = 8;

/// The calls that a thread makes one after the other before it takes the next.
const BLOCK: usize = 20;

/// The share of requests that a fault strikes.
const SHARE: f64 = 0.05;

/// Calls between two rotations, or fewer in a short run.
const ROTATE_EVERY: usize = 5_000;

/// Calls before the first sample, or fewer in a short run.
const FIRST_SAMPLE: usize = 10_000;

const READ_TIMEOUT: Duration = Duration::from_millis(300);

/// For how long connections are refused, now and then.
const REFUSAL: Duration = Duration::from_millis(60);

/// Above the 7 s after which idle connections are dropped.
const SETTLED: Duration = Duration::from_millis(7_500);

/// The most that the client's resident memory may grow between the samples, in KiB.
const GROWTH: u64 = 2 * 1024;

/// What every line of the client begins with; the test harness writes there too.
const MARK: &str = "SOAK ";

fn calls() -> usize {
    let calls = std::env::var(CALLS_VARIABLE).map_or(CALLS, |calls| calls.parse().unwrap());
    calls.next_multiple_of(BLOCK)
}

fn files() -> Option<u64> {
    std::env::var(FILES_VARIABLE).ok().map(|files| files.parse().unwrap())
}

fn rotate_every() -> usize {
    (calls() / 5 / BLOCK * BLOCK).clamp(BLOCK, ROTATE_EVERY)
}

// ---------------------------------------------------------------- what is called

/// One of the calls, by its number.
#[derive(Clone, Copy)]
struct Job(usize);

impl Job {
    fn block(self) -> usize {
        self.0 / BLOCK
    }

    /// The call of the same block at this place.
    fn sibling(self, place: usize) -> Job {
        Job(self.block() * BLOCK + place)
    }

    /// The order that the block is about.
    fn order(self) -> String {
        format!("order-{:08}", self.sibling(0).0)
    }

    /// Path and method.
    fn target(self) -> (String, &'static str) {
        let (number, order) = (self.0, self.order());
        match number % BLOCK {
            0 if self.block() % 2 == 0 => ("v3/pay/transactions/native".into(), "POST"),
            0 => ("v2/pay/unifiedorder".into(), "POST"),
            1 => (format!("v3/pay/transactions/out-trade-no/{order}"), "GET"),
            2 if self.is_refund() => ("v3/refund/domestic/refunds".into(), "POST"),
            2 => (format!("v3/pay/transactions/out-trade-no/{order}/close"), "POST"),
            3 => ("v3/merchant/media/upload".into(), "POST"),
            4..=12 => (format!("v3/soak/{number}"), "POST"),
            13 if self.block() % 25 == 0 => (format!("v3/soak/{number}/loop"), "GET"),
            _ => (format!("v3/soak/{number}"), "GET"),
        }
    }

    /// Whether the order is paid and refunded, or else closed.
    fn is_refund(self) -> bool {
        self.block() % 4 >= 2
    }

    fn content(self, mchid: &str) -> Value {
        let (number, order) = (self.0, self.order());
        match number % BLOCK {
            0 if self.block() % 2 == 0 => json!({ "json": {
                "appid": "wxd678efh567hg6787", "mchid": mchid, "description": "coffee", "out_trade_no": order,
                "notify_url": "https://example.com/", "amount": { "total": 100 },
            } }),
            0 => json!({ "xml": {
                "appid": "wxd678efh567hg6787", "mch_id": mchid, "body": "coffee", "out_trade_no": order,
                "total_fee": 100, "spbill_create_ip": "127.0.0.1", "notify_url": "https://example.com/",
                "trade_type": "NATIVE", "product_id": "1",
            } }),
            1 => json!({ "query": { "mchid": mchid } }),
            2 if self.is_refund() => json!({ "json": {
                "out_trade_no": order, "out_refund_no": format!("refund-{number}"),
                "amount": { "refund": 100, "total": 100, "currency": "CNY" },
            } }),
            2 => json!({ "json": { "mchid": mchid } }),
            4 => json!({ "json": { "name": "张三" }, "encrypt": ["/json/name"] }),
            5..=12 => json!({ "json": { "number": number } }),
            _ => json!({}),
        }
    }

    /// As the content, and what else differs from call to call.
    fn options(self, mchid: &str, failover: &str) -> Options {
        let (mut options, variety) = (self.content(mchid), self.0 + self.block());
        if variety % 4 == 0 {
            options["retries"] = json!(2);
        }
        if variety % 5 == 0 {
            options["failover"] = json!([failover]);
        }
        match self.0 % BLOCK {
            3 => Options::from(options).body(MediaUtil::from_bytes(format!("{}.jpg", self.0), vec![7; 1000])),
            _ => options.into(),
        }
    }

    fn is_async(self) -> bool {
        (self.0 + self.block()) % 2 == 1
    }

    /// Whether an answer is that to this call, where it tells.
    fn is_answered_by(self, response: &Response) -> bool {
        let says = |name, expected: &str| response.json().is_ok_and(|answer| answer[name] == expected);
        match self.0 % BLOCK {
            0 if self.block() % 2 == 0 => response.json().is_ok_and(|answer| answer["code_url"].is_string()),
            0 => response.xml().is_ok_and(|answer| answer["code_url"].is_string()),
            1 => says("out_trade_no", &self.order()),
            2 if self.is_refund() => says("out_refund_no", &format!("refund-{}", self.0)),
            2 => response.status() == 204,
            3 => response.json().is_ok_and(|answer| answer["media_id"].is_string()),
            _ => response.text() == "{}",
        }
    }

    /// The number of the call that has caused this effect.
    fn of_effect(effect: Effect, name: &str) -> usize {
        let number = match effect {
            Effect::Other => name.strip_prefix("POST /v3/soak/"),
            Effect::OrderPlaced | Effect::OrderClosed => name.strip_prefix("order-"),
            Effect::OrderRefunded => name.strip_prefix("refund-"),
            Effect::UploadStored => name.strip_suffix(".jpg"),
            _ => None,
        };
        let number: usize =
            number.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("{effect:?} {name}"));
        if effect == Effect::OrderClosed { Job(number).sibling(2).0 } else { number }
    }
}

// ---------------------------------------------------------------- the client

/// The other process, which is asked one thing at a time.
#[derive(Default)]
struct Link(Mutex<()>);

impl Link {
    fn tell(&self, what: &str) {
        println!("{MARK}{what}");
    }

    fn ask(&self, what: &str) -> Value {
        let _turn = self.0.lock().unwrap();
        self.tell(what);
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

struct Client {
    link: Link,
    instance: Chain,
    mchid: String,
    failover: String,
    next: AtomicUsize,
}

impl Client {
    fn new() -> Client {
        let link = Link::default();
        let settings = link.ask("settings");
        let text = |name: &str| settings[name].as_str().unwrap().to_owned();
        let instance = Builder::new()
            .credentials(
                Credentials::new()
                    .mchid(text("mchid"))
                    .serial(text("serial"))
                    .private_key(text("privateKey"))
                    .apiv3_key(text("apiv3Key"))
                    .secret(text("secret"))
                    .download_certs(DownloadCerts::new().every(Duration::from_secs(1)).floor(Duration::ZERO)),
            )
            .defaults(json!({
                "base_uri": text("base_uri"),
                "proxy": "",
                "read_timeout": READ_TIMEOUT.as_secs_f64(),
                "response_limit": 32 * 1024,
            }))
            .build()
            .unwrap();
        Client { link, instance, mchid: text("mchid"), failover: text("failover"), next: AtomicUsize::new(0) }
    }

    fn run(&self) {
        let calls = calls();
        self.link.ask("loud");
        self.make_calls_until((calls / 4 / BLOCK * BLOCK).clamp(BLOCK, FIRST_SAMPLE));
        self.sample();
        self.link.ask("loud");
        self.make_calls_until(calls);
        self.sample();
    }

    fn make_calls_until(&self, end: usize) {
        let _occupied = occupied();
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    loop {
                        let start = self.next.fetch_add(BLOCK, Ordering::Relaxed);
                        if start >= end {
                            break;
                        }
                        (start..start + BLOCK).for_each(|number| self.make_call(Job(number)));
                    }
                });
            }
        });
        self.next.store(end, Ordering::Relaxed);
    }

    fn make_call(&self, job: Job) {
        let number = job.0;
        if number > 0 && number % rotate_every() == 0 {
            self.instance.rotate(self.link.ask("rotate")).unwrap();
        } else if (number + rotate_every() / 2) % rotate_every() < BLOCK && number % BLOCK == 0 {
            self.link.ask("refuse");
        } else if number % BLOCK == 2 && job.is_refund() {
            self.link.ask(&format!("pay {}", job.order()));
        }
        let ((path, method), options) = (job.target(), job.options(&self.mchid, &self.failover));
        let chain = self.instance.chain(&path);
        let result = match job.is_async() {
            true => chain.request_async(method, options).wait(),
            false => chain.request(method, options),
        };
        match result {
            Ok(response) => {
                let is_right = response.status().is_success() && job.is_answered_by(&response);
                assert!(is_right, "call {number} was answered {} by {:?}", response.status(), response.text());
                self.link.tell(&format!("result {number} Done"));
            }
            Err(error) => {
                let shown = format!("{error:?}");
                let (kind, _) = shown.split_once('(').unwrap();
                let code = error.code().unwrap_or_default();
                self.link.tell(&format!("result {number} {:?} {kind} {code}", error.outcome()));
            }
        }
    }

    /// Tells what this process uses once nothing is going on any more, all threads of the pool have come and one
    /// connection is kept.
    fn sample(&self) {
        self.link.ask("quiet");
        let slow = self.instance.chain("v3/slow");
        let patient = || json!({ "read_timeout": 10 });
        let together: Vec<_> = (0..THREADS).map(|_| slow.get_async(patient())).collect();
        together.into_iter().for_each(|promise| drop(promise.wait().unwrap()));
        thread::sleep(SETTLED);
        // Connections that are too old go when the next one is asked for: among those of usual calls, and among those of
        // large bodies.
        slow.get(patient()).unwrap();
        slow.get(Options::from(patient()).sink_to(std::io::sink())).unwrap();
        if let Some(usage) = Usage::now() {
            let Usage { memory, files, threads } = usage;
            self.link.tell(&format!("sample {memory} {files} {threads}"));
        }
    }
}

/// Files that leave only a few descriptors, where their number is limited.
fn occupied() -> Vec<File> {
    let limit = files().unwrap_or_default();
    let mut occupied: Vec<_> = (0..limit).map_while(|_| File::open("/dev/null").ok()).collect();
    occupied.truncate(occupied.len().saturating_sub(FREE));
    occupied
}

/// What a process uses.
#[derive(Debug)]
struct Usage {
    /// Resident, in KiB.
    memory: u64,
    files: u64,
    threads: u64,
}

impl Usage {
    /// None where there is no /proc.
    fn now() -> Option<Usage> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.split_ascii_whitespace().next().unwrap().parse().unwrap()
        };
        let files = std::fs::read_dir("/proc/self/fd").unwrap().count() as u64;
        Some(Usage { memory: field("VmRSS:"), files, threads: field("Threads:") })
    }
}

// ---------------------------------------------------------------- the platform

/// Every fault that strikes by chance.
fn faults() -> Vec<FaultRule> {
    vec![
        Fault::BadSignature.into(),
        Fault::MissingHeader("Wechatpay-Signature").into(),
        Fault::ClockOff(-400).into(),
        Fault::ClockOff(400).into(),
        Fault::UnknownSerial.into(),
        Fault::Status(403).into(),
        Fault::EmptyStatus(404).into(),
        Fault::Busy(0).into(),
        Fault::Status(500).without_effect(),
        Fault::Status(500).into(),
        Fault::EmptyStatus(502).into(),
        Fault::Html(200).into(),
        Fault::Html(504).into(),
        Fault::Redirect.into(),
        Fault::SeeOther.into(),
        Fault::RedirectElsewhere.into(),
        Fault::RedirectLoop.into(),
        Fault::OddStatus(304).into(),
        Fault::OddStatus(399).into(),
        Fault::OddStatus(600).into(),
        Fault::CloseBeforeAnswer.without_effect(),
        Fault::CloseBeforeAnswer.into(),
        Fault::CloseInAnswer.into(),
        Fault::CloseAfterAnswer.into(),
        Fault::Delay(READ_TIMEOUT * 2).into(),
        Fault::WrongLength(10).into(),
        Fault::WrongLength(-1).into(),
        Fault::Smuggled.into(),
        Fault::Endless.into(),
    ]
}

struct Platform {
    sandbox: Sandbox,
    /// The certificates that were there before each of the last rotations.
    before: VecDeque<Vec<String>>,
    rotations: usize,
    refusals: usize,
}

impl Platform {
    fn start() -> Platform {
        let sandbox = Sandbox::builder().mode(KeyMode::Certificate).lenient(true).keep_requests(100);
        // So that the client forgets the certificates that it does not need any more, as it does after years.
        let sandbox = sandbox.certificate_lifetime(-60, 135).start().unwrap();
        Platform { sandbox, before: VecDeque::new(), rotations: 0, refusals: 0 }
    }

    fn answer(&mut self, question: &str) -> Value {
        let sandbox = &self.sandbox;
        match question.split(' ').collect::<Vec<_>>()[..] {
            ["settings"] => json!({
                "mchid": sandbox.mchid(),
                "serial": sandbox.merchant_serial(),
                "privateKey": sandbox.merchant_private_key_pem(),
                "apiv3Key": sandbox.apiv3_key(),
                "secret": sandbox.secret(),
                "base_uri": sandbox.base_uri(),
                "failover": sandbox.other_base_uri(),
            }),
            ["loud"] => {
                sandbox.clear_faults();
                self.inject();
                json!(null)
            }
            ["quiet"] => {
                sandbox.clear_faults();
                sandbox.inject(Fault::Delay(READ_TIMEOUT).on("v3/slow"));
                json!(null)
            }
            ["rotate"] => self.rotate(),
            ["refuse"] => {
                sandbox.refuse_connections(true).unwrap();
                thread::sleep(REFUSAL);
                sandbox.refuse_connections(false).unwrap();
                self.refusals += 1;
                json!(null)
            }
            ["pay", order] => json!(sandbox.pay(order).is_some()),
            _ => panic!("{question}"),
        }
    }

    /// Each fault with the same share, whatever stands before it.
    fn inject(&self) {
        self.sandbox.inject(Fault::RedirectLoop.on("v3/soak/{number}/loop"));
        let faults = faults();
        let each = SHARE / faults.len() as f64;
        let mut left = 1.0;
        for fault in faults {
            self.sandbox.inject(fault.share(each / left));
            left -= each;
        }
    }

    /// The platform gets a new certificate, every other time while it answers a call; those that were there two rotations
    /// ago are retired. The merchant gets a new one too.
    fn rotate(&mut self) -> Value {
        self.before.push_back(self.sandbox.platform_certificates());
        if self.before.len() > 2 {
            for serial in self.before.pop_front().unwrap() {
                self.sandbox.retire_platform_certificate(&serial);
            }
        }
        if self.rotations % 2 == 0 {
            self.sandbox.inject(Fault::Rotation.times(1));
        } else {
            self.sandbox.rotate_platform_certificate();
        }
        let certificate = self.sandbox.issue_merchant_certificate();
        self.rotations += 1;
        json!({ "serial": certificate.serial(), "privateKey": certificate.private_key_pem() })
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Told {
    Done,
    NotSent,
    Rejected,
    Unknown,
}

/// What the client told of its calls.
struct Results {
    told: Vec<Option<Told>>,
    /// How often each kind of error came with each outcome.
    kinds: BTreeMap<String, usize>,
    /// With what the platform refused.
    codes: BTreeSet<String>,
}

impl Results {
    fn note(&mut self, result: &str) {
        let (number, result) = result.split_once(' ').unwrap();
        let mut words = result.split(' ');
        let told = match words.next().unwrap() {
            "Done" => Told::Done,
            "NotSent" => Told::NotSent,
            "Rejected" => Told::Rejected,
            "Unknown" => Told::Unknown,
            other => panic!("{other}"),
        };
        let place = &mut self.told[number.parse::<usize>().unwrap()];
        assert_eq!(*place, None, "call {number} has two results");
        *place = Some(told);
        let Some(kind) = words.next() else { return };
        *self.kinds.entry(format!("{kind} {told:?}")).or_default() += 1;
        if told == Told::Rejected {
            self.codes.insert(words.next().unwrap().to_owned());
        }
    }

    /// How many calls ended so.
    fn count(&self, told: Told) -> usize {
        self.told.iter().filter(|known| **known == Some(told)).count()
    }

    /// Nothing lost, nothing doubled, and nothing done that was said not to be.
    fn check(&self, sandbox: &Sandbox) {
        let mut effects = vec![0_u8; self.told.len()];
        for entry in sandbox.ledger().iter().filter(|entry| entry.effect() != Effect::OrderPaid) {
            effects[Job::of_effect(entry.effect(), entry.name())] += 1;
        }
        for (number, (told, effects)) in self.told.iter().zip(effects).enumerate() {
            let told = told.unwrap_or_else(|| panic!("call {number} has no result"));
            let (path, method) = Job(number).target();
            let agrees = match told {
                Told::Done => effects == u8::from(method == "POST"),
                Told::NotSent | Told::Rejected => effects == 0,
                Told::Unknown => effects <= 1,
            };
            assert!(agrees, "call {number}, {method} {path}, was said to be {told:?}, and took effect {effects} times");
        }
    }

    /// That keys which change make no call fail, and that the faults took part.
    fn check_kinds(&self) {
        let known = ["", "NO_AUTH", "FREQUENCY_LIMITED", "ORDER_NOT_EXIST", "RESOURCE_NOT_EXISTS"];
        assert!(self.codes.iter().all(|code| known.contains(&code.as_str())), "{:?}", self.codes);
        let expected = [
            "Client Rejected",
            "Connection NotSent",
            "Connection Unknown",
            "RedirectRefused Unknown",
            "Server Unknown",
            "Status Unknown",
            "Timeout Unknown",
            "TooLarge Unknown",
            "TooManyRedirects Unknown",
            "Verification Unknown",
        ];
        // They come by chance, and in a short run one may be missing.
        for kind in expected.iter().filter(|_| self.told.len() >= CALLS) {
            assert!(self.kinds.contains_key(*kind), "{kind} is missing: {:?}", self.kinds);
        }
    }
}

/// Answers what the client asks until it is done; gives the results and the samples.
fn serve(platform: &mut Platform, child: &mut Child) -> (Results, Vec<Usage>) {
    let mut results = Results { told: vec![None; calls()], kinds: BTreeMap::new(), codes: BTreeSet::new() };
    let (mut samples, mut input) = (Vec::new(), child.stdin.take().unwrap());
    let reply = |input: &mut ChildStdin, value: Value| writeln!(input, "{value}").unwrap();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        let Some((_, said)) = line.split_once(MARK) else { continue };
        match said.split_once(' ') {
            Some(("result", result)) => results.note(result),
            Some(("sample", sample)) => {
                let numbers: Vec<u64> = sample.split(' ').map(|number| number.parse().unwrap()).collect();
                samples.push(Usage { memory: numbers[0], files: numbers[1], threads: numbers[2] });
            }
            _ => reply(&mut input, platform.answer(said)),
        }
    }
    (results, samples)
}

/// The process that is the client, before it is started.
fn client() -> Command {
    let (module, test) = (module_path!(), "nothing_is_lost_or_doubled_in_the_long_run");
    match files() {
        Some(files) => process::child_under(&format!("-n {files}"), module, test),
        None => process::child(module, test),
    }
}

#[test]
fn nothing_is_lost_or_doubled_in_the_long_run() {
    if is_child() {
        // Also a panic that somebody would catch.
        std::panic::set_hook(Box::new(|panic| {
            eprintln!("{panic}");
            std::process::abort();
        }));
        return Client::new().run();
    }
    let start = Instant::now();
    let mut platform = Platform::start();
    let mut child = client()
        // So that its figures can be compared. The allocator would keep free memory in up to eight arenas for each core,
        // which a hundred thousand calls do not fill; and the pool of the async verbs now and then starts one thread
        // more before the one that is done can be used again. Buffers for large bodies go back to the system: kept among
        // small pieces, they leave gaps that are larger in one run and smaller in the next.
        .env("MALLOC_ARENA_MAX", "1")
        .env("MALLOC_MMAP_THRESHOLD_", (128 * 1024).to_string())
        .env("BLOCKING_MAX_THREADS", THREADS.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (results, samples) = serve(&mut platform, &mut child);
    assert!(child.wait().unwrap().success());
    let Platform { sandbox, rotations, refusals, .. } = platform;
    let outcomes = [Told::Done, Told::NotSent, Told::Rejected, Told::Unknown];
    let outcomes = outcomes.map(|told| format!("{told:?} {}", results.count(told)));
    println!(
        "{} calls by {THREADS} threads in {:.0} s: {}",
        calls(),
        start.elapsed().as_secs_f64(),
        outcomes.join(", ")
    );
    println!("errors, where {:.0} % of the requests meet a fault by chance: {:?}", SHARE * 100.0, results.kinds);
    println!("{rotations} rotations of both sides' keys; connections refused {refusals} times");
    if let Some(files) = files() {
        println!("the client could have no more than {files} descriptors");
    }
    println!("the client, early and at the end, memory in KiB: {samples:?}");
    results.check(&sandbox);
    results.check_kinds();
    assert!(rotations >= 3 || calls() < 5 * BLOCK, "{rotations} rotations");
    if let [first, last] = &samples[..] {
        assert!(last.memory <= first.memory + GROWTH, "{samples:?}");
        assert!(last.files <= first.files && last.threads <= first.threads, "{samples:?}");
    } else {
        assert!(!std::path::Path::new("/proc/self/status").exists(), "there are {} samples", samples.len());
    }
}
