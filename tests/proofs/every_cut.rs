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
//! The whole, in which sync and async verbs take turns from byte to byte, as the one is made of the other:
//!
//! ```text
//! WECHATPAY_EVERY_CUT=all cargo test --release --test proofs every_cut -- --nocapture
//! ```
//!
//! `0/16` in place of `all` is the first of sixteen parts of it, `2` is another seed than `1`.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use openssl::ssl::SslAcceptor;
use support::certificates::acceptor;
use support::folder::Folder;
use support::http::{Framing, write};
use support::platform::{APIV2_KEY, MCHID};
use wechatpay::{Chain, Credentials, MediaUtil, Options, Outcome, Response, Result, Value, json};

use crate::answers::{Pen, bill, json as json_body, xml};
use crate::choice::Choice;
use crate::cutting::{Ending, Exam, Received, Server, Stop};
use crate::tally::{End, Label, Tally};

const VARIABLE: &str = "WECHATPAY_EVERY_CUT";

/// Threads for cells that compute, and for cells that wait, which run at the same time.
const WORKERS: [usize; 2] = [6, 32];

/// Cells of one kind that a thread takes at a time.
const BLOCK: usize = 16;

/// The limit where nothing is silent.
const LIMIT: Duration = Duration::from_secs(20);
/// The limit of a call that meets silence.
const SHORT_LIMIT: Duration = Duration::from_millis(250);
/// The limits of an attempt that meets silence, and of its call.
const READ_LIMIT: Duration = Duration::from_millis(200);
const CALL_LIMIT: Duration = Duration::from_millis(1500);

/// What a busy machine may add to a limit.
const SLACK: Duration = Duration::from_secs(3);

/// The numbers that the answers of the exam carry, and those of the calls before and after it.
const NUMBER: u8 = 9;
const BEFORE: u8 = 1;
/// Its answer closes the connection, as no other call will use it.
const AFTER: u8 = 2;

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
            Answer::Done(framing) => {
                let is_signed = !self.is_apiv2() && self != Request::Download;
                let mut headers = if is_signed { pen.sign(&body) } else { Vec::new() };
                headers.extend((number == AFTER).then(|| ("Connection", "close".into())));
                write("200 OK", framing, &headers, &body)
            }
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

impl Choice {
    /// The bytes after which cells of this kind are cut, of so many.
    fn bytes(self, kind: &Kind, most: usize) -> Vec<usize> {
        let seed = match self {
            Choice::Seed(seed) => seed,
            Choice::Part { number, of } => {
                // The sync verbs on first use and the async ones on a kept connection, then the other way round.
                let turn = usize::from((kind.verb == Verb::Async) != (kind.connection == Use::Kept));
                return (0..=most).filter(|byte| byte % 2 == turn && byte / 2 % of == number).collect();
            }
        };
        let is_usual = kind.scheme == Scheme::Http && kind.connection == Use::Kept && kind.verb == Verb::Sync;
        let pays = matches!(kind.request, Request::Post | Request::Apiv2Post) && kind.answer == ANSWERS[0];
        if is_usual && pays && !kind.waits() {
            return (0..=most).collect();
        }
        let mut hasher = DefaultHasher::new();
        (seed, kind).hash(&mut hasher);
        let any = usize::try_from(hasher.finish()).unwrap() % (most + 1);
        if kind.waits() { vec![any] } else { vec![0, any, most - 1, most] }
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
    acceptor: SslAcceptor,
    /// The file of the authority, for the option `verify`.
    authority: PathBuf,
    folder: Folder,
    tally: Tally,
}

impl World {
    fn instance(&self) -> Chain {
        let limit = LIMIT.as_secs_f64();
        let defaults = json!({ "timeout": limit, "connect_timeout": limit, "verify": self.authority });
        // Where to is said by each call.
        let builder = self.pen.platform.builder("https://127.0.0.1:1/");
        builder.credentials(Credentials::new().secret(APIV2_KEY)).defaults(defaults).build().unwrap()
    }

    /// One whose settings of TLS have been built.
    fn new_instance(&self) -> Chain {
        let instance = self.instance();
        self.warm_up(&instance);
        instance
    }

    /// The settings of TLS are built when they are used first, which takes its time.
    fn warm_up(&self, instance: &Chain) {
        let is_usual = |kind: &&Kind| kind.scheme == Scheme::Https && kind.phase == Phase::Answer;
        let kinds = Kind::all();
        for request in [Request::Get, Request::Download] {
            let kind = kinds.iter().filter(is_usual).find(|kind| kind.request == request).unwrap();
            Cell::new(self, instance, kind, Stop::Never).harmless(AFTER).unwrap();
        }
    }

    fn server(&self, scheme: Scheme, request: Request, exam: &Arc<Exam>) -> Server {
        let acceptor = (scheme == Scheme::Https).then(|| self.acceptor.clone());
        let pen = Arc::clone(&self.pen);
        Server::start(acceptor, exam, Arc::new(move |number| request.answer(&pen, ANSWERS[0], number)))
    }
}

/// A cell, with its own server, which an instance calls that others have used as well.
struct Cell<'a> {
    world: &'a World,
    instance: &'a Chain,
    kind: &'a Kind,
    stop: Stop,
    sink: PathBuf,
    exam: Arc<Exam>,
    server: Server,
}

impl<'a> Cell<'a> {
    fn new(world: &'a World, instance: &'a Chain, kind: &'a Kind, stop: Stop) -> Cell<'a> {
        static NAMES: AtomicUsize = AtomicUsize::new(0);
        let sink = world.folder.file(&NAMES.fetch_add(1, Ordering::Relaxed).to_string());
        let exam = Exam::new(stop, kind.ending, kind.request.answer(&world.pen, kind.answer, NUMBER));
        let server = world.server(kind.scheme, kind.request, &exam);
        Cell { world, instance, kind, stop, sink, exam, server }
    }

    fn call(&self, verb: Verb, mut options: Value, number: u8) -> Result<Response> {
        options["base_uri"] = json!(self.server.url(0));
        self.kind.request.call(self.instance, verb, self.kind.request.options(options, number, &self.sink))
    }

    /// A call that nothing happens to; gets its own answer, which is told by its number.
    fn harmless(&self, number: u8) -> std::result::Result<(), String> {
        let response = self.call(Verb::Sync, json!({}), number).map_err(|error| format!("{error:?}"))?;
        let is_file = self.kind.request == Request::Download;
        let body = if is_file { self.take_file() } else { Some(response.body().to_vec()) };
        let is_own = body.as_ref() == Some(&self.kind.request.body(number));
        if is_own { Ok(()) } else { Err(format!("got {:?}", body.map(shown))) }
    }

    fn take_file(&self) -> Option<Vec<u8>> {
        let bytes = std::fs::read(&self.sink).ok();
        let _ = std::fs::remove_file(&self.sink);
        bytes
    }

    fn run(&self) {
        let Cell { world: World { tally, .. }, kind, stop, .. } = self;
        if kind.connection == Use::Kept {
            self.harmless(BEFORE).unwrap();
        }
        let began = Instant::now();
        let call = AssertUnwindSafe(|| self.call(kind.verb, kind.options(&self.server), NUMBER));
        let result = self.server.during(|| catch_unwind(call));
        let elapsed = began.elapsed();
        let Ok(result) = result else {
            return tally.breaks("panicked", &kind.name(), || format!("{stop:?}"));
        };
        tally.count(kind.labels(), End::of(&result));
        let received = self.exam.received();
        let ended = Ended { kind, exam: &self.exam, received, result: &result, elapsed, file: self.take_file() };
        let about = format!("{stop:?}, {:?}, {:?}", kind.connection, kind.verb);
        for rule in ended.broken() {
            tally.breaks(rule, &kind.name(), || format!("{about}: {:?} after {elapsed:?}", told(&result)));
        }
        if let Err(what) = self.harmless(AFTER) {
            tally.breaks("the next call is hurt", &kind.name(), || format!("{about}: {what}"));
        }
    }
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
        rule(self.elapsed <= self.kind.limit().mul_f64(1.1) + SLACK, "took longer than its limit");
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
    /// no signature does. The last chunk ends a body; no more than the end of its line may be missing behind it.
    fn was_delivered(&self) -> bool {
        let has_end = self.kind.answer.has_end() || self.kind.request != Request::Download;
        let is_chunked = self.kind.answer == Answer::Done(Framing::Chunked);
        let whole = self.exam.answer.len() - if is_chunked { b"\r\n".len() } else { 0 };
        self.received.iter().any(|received| match received.is_struck {
            false => received.answered > 0,
            true => {
                let is_done = matches!(self.kind.answer, Answer::Done(_)) && has_end;
                is_done && received.answered >= whole
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
            // The repetition may go over the connection that is being closed, before that is seen.
            (Answer::Busy, End::Failed(Outcome::Unknown)) => self.kind.way != Way::Plain,
            (Answer::Failed, End::Failed(Outcome::Unknown)) => self.kind.request.acts() || self.kind.way == Way::Plain,
            (Answer::Busy | Answer::Failed, End::Done) => self.kind.way != Way::Plain,
            _ => false,
        }
    }
}

// ---------------------------------------------------------------- all cells

/// How long requests and answers are, from calls that nothing happens to; that kept connections are used, too.
fn lengths(world: &World) -> HashMap<(Request, Answer), [usize; 2]> {
    let (instance, mut lengths) = (world.instance(), HashMap::new());
    let is_plain = |kind: &Kind| {
        let is_usual = kind.scheme == Scheme::Http && kind.connection == Use::Kept && kind.verb == Verb::Sync;
        is_usual && !kind.waits() && kind.phase == Phase::Answer && kind.ending == Ending::Close
    };
    for kind in Kind::all().into_iter().filter(is_plain) {
        let cell = Cell::new(world, &instance, &kind, Stop::Never);
        cell.harmless(BEFORE).unwrap();
        let result = cell.server.during(|| cell.call(Verb::Sync, json!({ "timeout": 1 }), NUMBER));
        let received = cell.exam.received();
        assert!(
            received.len() == 1 && received[0].is_whole && received[0].is_kept,
            "{kind:?}: {result:?} {received:?}"
        );
        lengths.insert((kind.request, kind.answer), [received[0].bytes, cell.exam.answer.len()]);
    }
    lengths
}

/// Runs blocks of cells of one kind on so many threads.
fn run(world: &World, blocks: Vec<(Kind, Vec<Stop>)>, workers: usize) {
    let (cells, began) = (blocks.iter().map(|(_, stops)| stops.len()).sum::<usize>(), Instant::now());
    let next = Mutex::new(blocks.into_iter());
    let work = || {
        let (mut instance, mut made) = (None, 0);
        loop {
            let Some((kind, stops)) = next.lock().unwrap().next() else { return };
            // Before its budget is spent: retries are paid for by the calls of an instance that succeed, and many do not.
            instance = instance.filter(|_| made < BLOCK);
            let instance = instance.get_or_insert_with(|| {
                made = 0;
                world.new_instance()
            });
            made += stops.len();
            for stop in stops {
                Cell::new(world, instance, &kind, stop).run();
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(work);
        }
    });
    println!("{cells} cells on {workers} threads in {:.1?}", began.elapsed());
}

#[test]
fn wherever_an_exchange_ends_the_call_says_what_is_true() {
    let _turn = crate::turn();
    let folder = Folder::new("every-cut");
    let (acceptor, authority) = acceptor(folder.path(), &["127.0.0.1"]);
    let (pen, acceptor) = (Arc::new(Pen::new()), acceptor.build());
    let world = World { pen, acceptor, authority, folder, tally: Tally::default() };
    let choice = Choice::of_environment(VARIABLE);
    println!("{choice:?}");
    let lengths = lengths(&world);
    let mut blocks = [Vec::new(), Vec::new()];
    for kind in Kind::all() {
        for stops in choice.stops(&kind, &lengths).chunks(BLOCK) {
            blocks[usize::from(kind.waits())].push((kind, stops.to_vec()));
        }
    }
    thread::scope(|scope| {
        for (blocks, workers) in blocks.into_iter().zip(WORKERS) {
            let world = &world;
            scope.spawn(move || run(world, blocks, workers));
        }
    });
    world.tally.conclude();
}
