//! A call whose exchange ends after any byte of the request or of the answer, in each way that TCP and TLS know.
//!
//! What must hold of each cell:
//! - `NotSent`: not one byte of the request has arrived. `Rejected`: the platform has not acted. `Ok`: it has acted once,
//!   and what is handed out is byte for byte what it signed, all of which had been delivered.
//! - A request that acts takes effect once at most, and is never sent again once a byte of it has arrived, unless the
//!   platform said 429 to it.
//! - An unsigned file is accepted only if its end is told apart from a cut; of one that is not accepted nothing is left.
//! - No call takes longer than its limit.
//! - The next call on the same instance gets its own answer.
//!
//! There are two ledgers, both counted in each cell: one acts as soon as the request's head is there, the earliest moment
//! at which it can know what is asked for, and one when the whole request is, the latest. What the caller sees depends on
//! neither, so that a second pass would be the same.
//!
//! Not every cell is run each time: by default every byte of one kind of call, and some bytes, by a seed, of all others.
//! The whole:
//!
//! ```text
//! WECHATPAY_EVERY_CUT=all cargo test --release --features full --test every_cut -- --nocapture
//! ```
//!
//! A number in place of `all` is another seed.

mod support;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use support::answers::{Framing, Pen, SECRET, bill, json as json_body, write, xml};
use support::cutting::{Ending, Exam, Received, Server, Stop};
use support::folder::Folder;
use support::platform::MCHID;
use support::tally::{End, Label, Tally};
use support::trust::Trust;
use wechatpay::{Chain, MediaUtil, Options, Outcome, Response, Result, Value, json};

const VARIABLE: &str = "WECHATPAY_EVERY_CUT";

/// Bytes that are tried of each phase of each kind of call, when not every byte is: the first, the last, and so many.
const SAMPLES: usize = 1;

/// Threads for cells that compute, and for cells that wait.
const WORKERS: [usize; 2] = [4, 48];

/// Cells that a thread takes at a time.
const BLOCK: usize = 32;

/// The limit where nothing is silent.
const LIMIT: Duration = Duration::from_secs(10);
/// The limit of a call that meets silence.
const SHORT_LIMIT: Duration = Duration::from_millis(250);
/// The limits of an attempt that meets silence, and of its call.
const READ_LIMIT: Duration = Duration::from_millis(200);
const CALL_LIMIT: Duration = Duration::from_millis(1500);

/// The number that the answers of the exam carry.
const NUMBER: u8 = 9;

// ---------------------------------------------------------------- the dimensions

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Request {
    Get,
    Post,
    Upload,
    /// An unsigned file, into a sink.
    Download,
    Apiv2Get,
    Apiv2Post,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Answer {
    Done(Framing),
    /// 403, and nothing is done.
    Refused,
    /// 429, and nothing is done.
    Busy,
    /// 500, although it is done.
    Failed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Scheme {
    Http,
    Https,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Use {
    First,
    Kept,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Way {
    Plain,
    Retries,
    Failover,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Verb {
    Sync,
    Async,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Phase {
    Accepted,
    Request,
    Answer,
}

const REQUESTS: [Request; 6] =
    [Request::Get, Request::Post, Request::Upload, Request::Download, Request::Apiv2Get, Request::Apiv2Post];
const ANSWERS: [Answer; 6] = [
    Answer::Done(Framing::Length),
    Answer::Done(Framing::Chunked),
    Answer::Done(Framing::Unframed),
    Answer::Refused,
    Answer::Busy,
    Answer::Failed,
];

/// All that cells have in common that differ in the byte alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Kind {
    request: Request,
    answer: Answer,
    scheme: Scheme,
    connection: Use,
    way: Way,
    verb: Verb,
    ending: Ending,
    phase: Phase,
}

impl Request {
    /// Whether it changes something there.
    fn acts(self) -> bool {
        matches!(self, Request::Post | Request::Upload | Request::Apiv2Post)
    }

    fn is_apiv2(self) -> bool {
        matches!(self, Request::Apiv2Get | Request::Apiv2Post)
    }

    fn path(self) -> &'static str {
        match self {
            Request::Get => "v3/pay/transactions/id/1",
            Request::Post => "v3/pay/transactions/native",
            Request::Upload => "v3/merchant/media/upload",
            Request::Download => "v3/billdownload/file",
            Request::Apiv2Get => "v2/pay/orderquery",
            Request::Apiv2Post => "v2/pay/unifiedorder",
        }
    }

    /// The body of the answer with this number.
    fn body(self, number: u8) -> Vec<u8> {
        match self {
            Request::Download => bill(number),
            _ if self.is_apiv2() => xml(number),
            _ => json_body(number),
        }
    }

    fn answer(self, pen: &Pen, answer: Answer, number: u8) -> Vec<u8> {
        let body = self.body(number);
        let error = |status, headers: &[(&'static str, String)]| {
            write(status, Framing::Length, headers, br#"{"code":"NO","message":"no"}"#)
        };
        match answer {
            Answer::Done(framing) if self.is_apiv2() || self == Request::Download => {
                write("200 OK", framing, &[], &body)
            }
            Answer::Done(framing) => pen.signed("200 OK", framing, &body),
            Answer::Refused => error("403 Forbidden", &[]),
            Answer::Busy => error("429 Too Many Requests", &[("Retry-After", "0".into())]),
            Answer::Failed => error("500 Internal Server Error", &[]),
        }
    }

    /// What the call is made of.
    fn options(self, mut options: Value, number: u8, sink: &PathBuf) -> Options {
        options["headers"] = json!({ "X-Number": number.to_string() });
        match self {
            Request::Get => {}
            Request::Post => options["json"] = json!({ "out_trade_no": "1217752501", "amount": { "total": 1 } }),
            Request::Download => options["sink"] = json!(sink),
            Request::Apiv2Get | Request::Apiv2Post => {
                options["xml"] = json!({ "mch_id": MCHID, "out_trade_no": "1217752501" });
            }
            Request::Upload => {
                return Options::from(options).body(MediaUtil::from_bytes("image.png", vec![0xA5; 300]));
            }
        }
        options.into()
    }

    fn call(self, chain: &Chain, verb: Verb, options: Options) -> Result<Response> {
        let chain = chain.chain(self.path());
        match (self.acts(), verb) {
            (false, Verb::Sync) => chain.get(options),
            (false, Verb::Async) => chain.get_async(options).wait(),
            (true, Verb::Sync) => chain.post(options),
            (true, Verb::Async) => chain.post_async(options).wait(),
        }
    }
}

impl Answer {
    /// Whether the server does what it is asked to.
    fn acts(self) -> bool {
        matches!(self, Answer::Done(_) | Answer::Failed)
    }

    fn has_end(self) -> bool {
        self != Answer::Done(Framing::Unframed)
    }
}

impl Kind {
    fn all() -> Vec<Kind> {
        let mut kinds = Vec::new();
        for (request, answer) in product(&REQUESTS, &ANSWERS) {
            for (scheme, connection) in product(&[Scheme::Http, Scheme::Https], &[Use::First, Use::Kept]) {
                for (way, verb) in product(&[Way::Plain, Way::Retries, Way::Failover], &[Verb::Sync, Verb::Async]) {
                    let endings = [Ending::Close, Ending::Unannounced, Ending::Reset, Ending::Silence];
                    let phases = [Phase::Accepted, Phase::Request, Phase::Answer];
                    for (ending, phase) in product(&endings, &phases) {
                        kinds.push(Kind { request, answer, scheme, connection, way, verb, ending, phase });
                    }
                }
            }
        }
        kinds.retain(|kind| kind.is_of_its_own());
        kinds
    }

    /// Whether no other kind is the same.
    fn is_of_its_own(&self) -> bool {
        let is_other_way_to_end = self.ending != Ending::Unannounced || self.scheme == Scheme::Https;
        is_other_way_to_end
            && match self.phase {
                Phase::Accepted => self.answer == ANSWERS[0] && self.connection == Use::First,
                Phase::Request => self.answer == ANSWERS[0],
                Phase::Answer => true,
            }
    }

    /// Whether its cells spend most of their time waiting.
    fn waits(&self) -> bool {
        self.ending == Ending::Silence || self.way != Way::Plain
    }

    fn limit(&self) -> Duration {
        match (self.ending, self.way) {
            (Ending::Silence, Way::Plain) => SHORT_LIMIT,
            (Ending::Silence, _) => CALL_LIMIT,
            _ => LIMIT,
        }
    }

    fn options(&self, server: &Server) -> Value {
        let mut options = json!({});
        match self.way {
            Way::Plain => {}
            Way::Retries => options["retries"] = json!(2),
            Way::Failover => options["failover"] = json!([server.url(1)]),
        }
        if self.ending == Ending::Silence {
            options["timeout"] = json!(self.limit().as_secs_f64());
            if self.way != Way::Plain {
                options["read_timeout"] = json!(READ_LIMIT.as_secs_f64());
            }
        }
        options
    }

    fn labels(&self) -> Vec<Label> {
        let protocol = if self.request.is_apiv2() { "APIv2" } else { "APIv3" };
        vec![
            ("request", format!("{:?}", self.request)),
            ("answer", format!("{:?}", self.answer)),
            ("scheme", format!("{:?}", self.scheme)),
            ("connection", format!("{:?}", self.connection)),
            ("way", format!("{:?}", self.way)),
            ("verb", format!("{:?}", self.verb)),
            ("ending", format!("{:?}", self.ending)),
            ("cut in", format!("{:?}", self.phase)),
            ("protocol", protocol.into()),
        ]
    }

    /// What of it tells broken rules apart.
    fn name(&self) -> String {
        let Kind { request, answer, scheme, way, ending, phase, .. } = self;
        format!("{request:?}, {answer:?}, {scheme:?}, {way:?}, {ending:?} in {phase:?}")
    }
}

fn product<A: Copy, B: Copy>(left: &[A], right: &[B]) -> Vec<(A, B)> {
    left.iter().flat_map(|left| right.iter().map(move |right| (*left, *right))).collect()
}

// ---------------------------------------------------------------- which cells

/// What of all cells is run.
#[derive(Clone, Copy, Debug)]
enum Choice {
    All,
    Seed(u64),
}

impl Choice {
    fn of_environment() -> Choice {
        match std::env::var(VARIABLE) {
            Ok(all) if all == "all" => Choice::All,
            Ok(seed) => Choice::Seed(seed.parse().unwrap()),
            Err(_) => Choice::Seed(1),
        }
    }

    /// The bytes after which cells of this kind are cut, of so many.
    fn bytes(self, kind: &Kind, most: usize) -> Vec<usize> {
        let Choice::Seed(seed) = self else { return (0..=most).collect() };
        let is_usual = kind.scheme == Scheme::Http && !kind.waits() && kind.verb == Verb::Sync;
        if is_usual && kind.answer == ANSWERS[0] && matches!(kind.request, Request::Post | Request::Apiv2Post) {
            return (0..=most).collect();
        }
        let mut bytes = vec![0, most];
        for sample in 0..SAMPLES {
            let mut hasher = DefaultHasher::new();
            (seed, kind, sample).hash(&mut hasher);
            bytes.push(usize::try_from(hasher.finish() % (most as u64 + 1)).unwrap());
        }
        bytes.sort();
        bytes.dedup();
        bytes
    }

    fn stops(self, kind: &Kind, lengths: &HashMap<(Request, Answer), [usize; 2]>) -> Vec<Stop> {
        let [request, answer] = lengths[&(kind.request, kind.answer)];
        match kind.phase {
            Phase::Accepted => vec![Stop::Accepted],
            Phase::Request => self.bytes(kind, request).into_iter().map(Stop::Request).collect(),
            Phase::Answer => self.bytes(kind, answer).into_iter().map(Stop::Answer).collect(),
        }
    }
}

// ---------------------------------------------------------------- a cell

/// What all cells share.
struct World {
    pen: Arc<Pen>,
    trust: Trust,
    folder: Folder,
    tally: Tally,
}

/// A thread's servers and instances.
struct Bench<'a> {
    world: &'a World,
    server: Server,
    instance: Chain,
    sink: PathBuf,
    number: u8,
}

impl<'a> Bench<'a> {
    fn new(world: &'a World, scheme: Scheme, name: &str) -> Bench<'a> {
        let acceptor = (scheme == Scheme::Https).then(|| world.trust.acceptor.clone());
        let server = Server::start(acceptor);
        let instance = instance(world, &server);
        Bench { world, server, instance, sink: world.folder.file(&format!("{name}-{scheme:?}")), number: 0 }
    }

    /// From now on the server answers requests of this kind.
    fn turn_to(&self, request: Request) {
        let pen = Arc::clone(&self.world.pen);
        self.server.respond_by(Arc::new(move |number| request.answer(&pen, ANSWERS[0], number)));
    }

    /// A call that nothing happens to; gets its own answer, which is told by its number.
    fn harmless(&mut self, request: Request) -> std::result::Result<(), String> {
        self.number = (self.number + 1) % NUMBER;
        let options = request.options(json!({}), self.number, &self.sink);
        let response = request.call(&self.instance, Verb::Sync, options).map_err(|error| format!("{error:?}"))?;
        let expected = request.body(self.number);
        let body = if request == Request::Download { self.take_file() } else { Some(response.body().to_vec()) };
        if body.as_ref() == Some(&expected) { Ok(()) } else { Err(format!("got {:?}", body.map(shown))) }
    }

    fn take_file(&self) -> Option<Vec<u8>> {
        let bytes = std::fs::read(&self.sink).ok();
        let _ = std::fs::remove_file(&self.sink);
        bytes
    }

    fn run(&mut self, kind: &Kind, stop: Stop) {
        let instance = match kind.connection {
            Use::First => instance(self.world, &self.server),
            Use::Kept => {
                if let Err(what) = self.harmless(kind.request) {
                    self.world
                        .tally
                        .breaks("the next call is hurt", &kind.name(), || format!("before {stop:?}: {what}"));
                }
                self.instance.clone()
            }
        };
        let exam = Exam::new(stop, kind.ending, kind.request.answer(&self.world.pen, kind.answer, NUMBER));
        let options = kind.request.options(kind.options(&self.server), NUMBER, &self.sink);
        let began = Instant::now();
        let call = || kind.request.call(&instance, kind.verb, options);
        let result = self.server.during(&exam, || catch_unwind(AssertUnwindSafe(call)));
        let elapsed = began.elapsed();
        let Ok(result) = result else {
            return self.world.tally.breaks("panicked", &kind.name(), || format!("{stop:?}"));
        };
        self.world.tally.count(kind.labels(), End::of(&result));
        let received = exam.received();
        let ended = Ended { kind, exam: &exam, received, result: &result, elapsed, file: self.take_file() };
        for rule in ended.broken() {
            self.world.tally.breaks(rule, &kind.name(), || {
                format!("{stop:?}, {:?}, {:?}: {:?} after {elapsed:?}", kind.connection, kind.verb, told(&result))
            });
        }
    }
}

fn instance(world: &World, server: &Server) -> Chain {
    let defaults = json!({ "timeout": LIMIT.as_secs_f64(), "verify": world.trust.bundle });
    world.pen.platform.builder(&server.url(0)).secret(SECRET).defaults(defaults).build().unwrap()
}

fn shown(bytes: impl AsRef<[u8]>) -> String {
    String::from_utf8_lossy(bytes.as_ref()).into_owned()
}

fn told(result: &Result<Response>) -> String {
    match result {
        Ok(response) => format!("Ok {} {:?}", response.status(), shown(response.body())),
        Err(error) => format!("{:?} {error}", error.outcome()),
    }
}

// ---------------------------------------------------------------- the rules

/// A cell that has come to its end.
struct Ended<'a> {
    kind: &'a Kind,
    exam: &'a Exam,
    received: Vec<Received>,
    result: &'a Result<Response>,
    elapsed: Duration,
    /// What is where the sink was to go.
    file: Option<Vec<u8>>,
}

impl Ended<'_> {
    /// The rules that do not hold.
    fn broken(&self) -> Vec<&'static str> {
        let mut broken = self.broken_by_the_end();
        let mut rule = |holds: bool, name| broken.extend((!holds).then_some(name));
        if self.kind.request.acts() {
            rule(self.effects().iter().all(|effects| *effects <= 1), "took effect more than once");
            rule(!self.is_sent_again(), "was sent again although something of it had arrived");
        }
        rule(self.elapsed <= self.kind.limit().mul_f64(1.1) + Duration::from_secs(1), "took longer than its limit");
        rule(self.result.is_ok() || self.file.is_none(), "failed and left a file");
        rule(!self.is_answered() || self.is_understood(), "was answered and does not say so");
        broken
    }

    /// The rules about what the call says.
    fn broken_by_the_end(&self) -> Vec<&'static str> {
        let mut broken = Vec::new();
        let mut rule = |holds: bool, name| broken.extend((!holds).then_some(name));
        let Kind { request, .. } = self.kind;
        match End::of(self.result) {
            End::Done => {
                let count = usize::from(request.acts());
                rule(!request.acts() || self.effects() == [count; 2], "is said to be done, and was not done once");
                rule(self.was_delivered(), "is said to be done although the answer was cut");
                rule(self.is_what_was_signed(), "hands out something else than was signed");
            }
            End::Failed(Outcome::NotSent) => {
                rule(!self.exam.has_received(), "is said not to be sent, and something of it has arrived");
            }
            End::Failed(Outcome::Rejected) => {
                rule(!request.acts() || self.effects() == [0; 2], "is said to be rejected, and took effect");
            }
            End::Failed(Outcome::Unknown) => {}
        }
        broken
    }

    fn does_act(&self, received: &Received) -> bool {
        !received.is_struck || self.kind.answer.acts()
    }

    /// How often the call took effect by each of the two ledgers.
    fn effects(&self) -> [usize; 2] {
        let all = || self.received.iter().filter(|received| self.does_act(received));
        [all().filter(|received| received.has_head).count(), all().filter(|received| received.is_whole).count()]
    }

    /// Whether something came after a request of which a byte had arrived, and that was not refused as one too many.
    fn is_sent_again(&self) -> bool {
        let head = self.exam.answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        let may_be_repeated = |received: &Received| {
            received.bytes == 0 || received.is_struck && self.kind.answer == Answer::Busy && received.answered >= head
        };
        self.received.split_last().is_some_and(|(_, earlier)| !earlier.iter().all(may_be_repeated))
    }

    /// Whether a whole answer that says it is done was delivered, with an end that can be told apart from a cut wherever
    /// no signature does.
    fn was_delivered(&self) -> bool {
        let has_end = self.kind.answer.has_end() || self.kind.request != Request::Download;
        self.received.iter().any(|received| match received.is_struck {
            false => received.answered > 0,
            true => {
                let is_done = matches!(self.kind.answer, Answer::Done(_)) && has_end;
                is_done && received.answered == self.exam.answer.len()
            }
        })
    }

    fn is_what_was_signed(&self) -> bool {
        let expected = self.kind.request.body(NUMBER);
        let Ok(response) = self.result else { return false };
        let body = match self.kind.request {
            Request::Download => self.file.as_deref(),
            _ => Some(response.body()),
        };
        response.status() == 200 && body == Some(&expected)
    }

    /// Whether the answer came as a whole, before an end that takes nothing of it back.
    fn is_answered(&self) -> bool {
        let is_whole = |received: &Received| received.is_struck && received.answered == self.exam.answer.len();
        let keeps = matches!(self.kind.ending, Ending::Close | Ending::Unannounced);
        keeps && self.kind.answer.has_end() && self.received.first().is_some_and(is_whole)
    }

    /// Whether the result is what that answer says, or what came of a repetition.
    fn is_understood(&self) -> bool {
        match (self.kind.answer, End::of(self.result)) {
            (Answer::Done(_), End::Done) | (Answer::Refused, End::Failed(Outcome::Rejected)) => true,
            (Answer::Busy, End::Failed(Outcome::Rejected)) => self.kind.way == Way::Plain,
            (Answer::Failed, End::Failed(Outcome::Unknown)) => self.kind.request.acts() || self.kind.way == Way::Plain,
            (Answer::Busy | Answer::Failed, End::Done) => self.kind.way != Way::Plain,
            _ => false,
        }
    }
}

// ---------------------------------------------------------------- all cells

/// How long requests and answers are, from calls that nothing happens to; that kept connections are used, too.
fn lengths(world: &World) -> HashMap<(Request, Answer), [usize; 2]> {
    let mut bench = Bench::new(world, Scheme::Http, "lengths");
    let mut lengths = HashMap::new();
    for request in REQUESTS {
        bench.turn_to(request);
        bench.harmless(request).unwrap();
        let exam = Exam::new(Stop::Never, Ending::Close, request.answer(&world.pen, ANSWERS[0], NUMBER));
        let options = request.options(json!({}), NUMBER, &bench.sink);
        let result = bench.server.during(&exam, || request.call(&bench.instance, Verb::Sync, options));
        assert!(result.is_ok(), "{request:?}: {result:?}");
        let received = exam.received();
        assert!(received.len() == 1 && received[0].is_whole && received[0].is_kept, "{request:?}: {received:?}");
        for answer in ANSWERS {
            let answered = request.answer(&world.pen, answer, NUMBER).len();
            lengths.insert((request, answer), [received[0].bytes, answered]);
        }
    }
    lengths
}

/// Runs blocks of cells of one kind on so many threads.
fn run(world: &World, blocks: Vec<(Kind, Vec<Stop>)>, workers: usize) {
    let (cells, began) = (blocks.iter().map(|(_, stops)| stops.len()).sum::<usize>(), Instant::now());
    let next = Mutex::new(blocks.into_iter());
    thread::scope(|scope| {
        for worker in 0..workers {
            let next = &next;
            scope.spawn(move || {
                let mut benches: HashMap<Scheme, Bench> = HashMap::new();
                loop {
                    let Some((kind, stops)) = next.lock().unwrap().next() else { break };
                    let name = format!("{workers}-{worker}");
                    let bench = benches.entry(kind.scheme).or_insert_with(|| Bench::new(world, kind.scheme, &name));
                    bench.turn_to(kind.request);
                    for stop in stops {
                        bench.run(&kind, stop);
                    }
                    if let Err(what) = bench.harmless(kind.request) {
                        world.tally.breaks("the next call is hurt", &kind.name(), || what);
                    }
                }
            });
        }
    });
    println!("{cells} cells on {workers} threads in {:.1?}", began.elapsed());
}

#[test]
fn wherever_an_exchange_ends_the_call_says_what_is_true() {
    let folder = Folder::new("every-cut");
    let (pen, trust) = (Arc::new(Pen::new()), Trust::make(folder.path()));
    let world = World { pen, trust, folder, tally: Tally::default() };
    let choice = Choice::of_environment();
    println!("{choice:?}");
    let lengths = lengths(&world);
    let mut blocks = [Vec::new(), Vec::new()];
    for kind in Kind::all() {
        for stops in choice.stops(&kind, &lengths).chunks(BLOCK) {
            blocks[usize::from(kind.waits())].push((kind, stops.to_vec()));
        }
    }
    for (blocks, workers) in blocks.into_iter().zip(WORKERS) {
        run(&world, blocks, workers);
    }
    world.tally.conclude();
}
