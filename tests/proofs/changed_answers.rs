//! A right answer of which anything was changed on its way: each byte of status line, headers and body replaced, removed
//! or doubled, each header line removed, doubled or put behind the next one.
//!
//! What must hold of each cell:
//! - Nothing panics, and no call takes longer than its limit.
//! - `Ok` is a status 2xx, and what the caller gets is what was signed: the bytes of the body, in memory or in the file;
//!   of an unsigned bill those that were announced; of APIv2, which signs fields and not bytes, the fields; of
//!   certificates those that were sealed. The headers that sign it are those that were made. Where it is not `Ok`, no
//!   file is left.
//! - The platform has acted, so the outcome of a POST is `Unknown`. The one exception: the platform does not sign its 4xx,
//!   and they are trusted nevertheless, as the documents want it. A status that was changed into one is `Rejected`.
//! - The next call on the same instance gets its own answer, never what is left of the changed one.
//!
//! By default one replacement of each byte is tried, and whether it is removed or doubled, by a seed. The whole:
//!
//! ```text
//! WECHATPAY_CHANGED_ANSWERS=all cargo test --release --test proofs changed_answers -- --nocapture
//! ```
//!
//! `0/8` in place of `all` is the first of eight parts of it, `2` is another seed than `1`.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use support::certificates::{list, platform};
use support::folder::Folder;
use support::http::{Framing, write};
use support::platform::{APIV2_KEY, APIV3_KEY, MCHID};
use wechatpay::{Builder, Chain, Credentials, Error, Outcome, Response, Value, json};

use crate::answers::{Pen, bill, json as json_body, sha1, xml};
use crate::choice::Choice;
use crate::cutting::{Ending, Exam, Server, Stop};
use crate::tally::{End, Label, Tally};

const VARIABLE: &str = "WECHATPAY_CHANGED_ANSWERS";

const WORKERS: usize = 16;

/// The limit of a call: where bytes are missing, they are waited for.
const LIMIT: Duration = Duration::from_millis(300);
/// The limit of a call that must succeed.
const LONG_LIMIT: Duration = Duration::from_secs(20);

/// What a busy machine may add to a limit.
const SLACK: Duration = Duration::from_secs(3);

/// The numbers of the changed answer, and of the next one, which closes its connection.
const CHANGED: u8 = 7;
const NEXT: u8 = 8;

const SERIAL: &str = "1111D72A03E93CDDF8C03BBD1F37EEDF12345678";

// ---------------------------------------------------------------- the answers

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Json,
    Chunked,
    /// 204.
    Empty,
    /// Signed by way of its SHA-1.
    Statement,
    /// The same into a file.
    StatementFile,
    /// Into a file, and held against what was announced.
    Bill,
    Refused,
    /// A refusal that carries a signature.
    SignedRefused,
    Apiv2,
    Certificates,
}

const KINDS: [Kind; 10] = [
    Kind::Json,
    Kind::Chunked,
    Kind::Empty,
    Kind::Statement,
    Kind::StatementFile,
    Kind::Bill,
    Kind::Refused,
    Kind::SignedRefused,
    Kind::Apiv2,
    Kind::Certificates,
];

/// What all cells share.
struct World {
    pen: Pen,
    /// The platform's certificate, and the answer that brings it.
    certificate: String,
    certificates: Vec<u8>,
    folder: Folder,
    tally: Tally,
}

impl World {
    fn new() -> World {
        let pen = Pen::new();
        let certificate = platform(&pen.platform.certificate_key, SERIAL);
        let certificates = list(&[(SERIAL, &certificate)], APIV3_KEY);
        World { pen, certificate, certificates, folder: Folder::new("changed"), tally: Tally::default() }
    }

    fn builder(&self, base_uri: &str, limit: Duration) -> Builder {
        let limit = limit.as_secs_f64();
        let defaults = json!({ "timeout": limit, "read_timeout": limit });
        self.pen
            .platform
            .builder(base_uri)
            .credentials(Credentials::new().secret(APIV2_KEY).apiv3_key(APIV3_KEY))
            .defaults(defaults)
    }

    /// The bytes of the body.
    fn body(&self, kind: Kind, number: u8) -> Vec<u8> {
        match kind {
            Kind::Empty if number == CHANGED => Vec::new(),
            Kind::Json | Kind::Chunked | Kind::Empty => json_body(number),
            Kind::Statement | Kind::StatementFile | Kind::Bill => bill(number),
            Kind::Refused | Kind::SignedRefused if number == CHANGED => br#"{"code":"NO","message":"no"}"#.to_vec(),
            Kind::Refused | Kind::SignedRefused => json_body(number),
            Kind::Apiv2 => xml(number),
            Kind::Certificates => self.certificates.clone(),
        }
    }

    /// The whole answer. Where only the changed one is special, the next one is JSON.
    fn answer(&self, kind: Kind, number: u8) -> Vec<u8> {
        let (body, is_next) = (self.body(kind, number), number == NEXT);
        let mut headers = match kind {
            Kind::Bill | Kind::Apiv2 => Vec::new(),
            Kind::Refused if !is_next => Vec::new(),
            Kind::Statement | Kind::StatementFile => {
                let sha1 = sha1(&body);
                let mut headers = self.pen.sign(format!("{{\"sha1\":\"{sha1}\"}}").as_bytes());
                headers.push(("Wechatpay-Statement-Sha1", sha1));
                headers
            }
            _ => self.pen.sign(&body),
        };
        headers.push(("Request-ID", "08F78BC3".into()));
        headers.extend(is_next.then(|| ("Connection", "close".into())));
        let (status, framing) = match kind {
            Kind::Chunked => ("200 OK", Framing::Chunked),
            Kind::Empty if !is_next => ("204 No Content", Framing::Bodiless),
            Kind::Refused | Kind::SignedRefused if !is_next => ("403 Forbidden", Framing::Length),
            _ => ("200 OK", Framing::Length),
        };
        write(status, framing, &headers, &body)
    }
}

impl Kind {
    /// Whether it answers a POST that was done.
    fn acts(self) -> bool {
        matches!(self, Kind::Json | Kind::Chunked | Kind::Empty | Kind::Apiv2)
    }

    fn has_sink(self) -> bool {
        matches!(self, Kind::StatementFile | Kind::Bill)
    }

    fn path(self) -> &'static str {
        match self {
            Kind::Statement | Kind::StatementFile => "v3/statements",
            Kind::Bill => "v3/billdownload/file",
            Kind::Apiv2 => "v2/pay/unifiedorder",
            _ => "v3/pay/transactions/native",
        }
    }
}

// ---------------------------------------------------------------- the changes

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Change {
    Nothing,
    Replace(usize, u8),
    Remove(usize),
    Double(usize),
    /// Header lines, counted from the one below the status.
    RemoveLine(usize),
    DoubleLine(usize),
    SwapLines(usize),
}

/// Where the status line, and where the head ends.
fn parts(answer: &[u8]) -> [usize; 2] {
    let find = |end: &[u8]| answer.windows(end.len()).position(|window| window == end).unwrap();
    [find(b"\r\n"), find(b"\r\n\r\n") + 4]
}

impl Change {
    fn name(self) -> &'static str {
        match self {
            Change::Nothing => "nothing",
            Change::Replace(..) => "byte replaced",
            Change::Remove(_) => "byte removed",
            Change::Double(_) => "byte doubled",
            Change::RemoveLine(_) => "line removed",
            Change::DoubleLine(_) => "line doubled",
            Change::SwapLines(_) => "lines swapped",
        }
    }

    fn place(self, answer: &[u8]) -> &'static str {
        let [status, head] = parts(answer);
        match self {
            Change::Replace(byte, _) | Change::Remove(byte) | Change::Double(byte) => match byte {
                _ if byte < status + 2 => "status line",
                _ if byte < head => "headers",
                _ => "body",
            },
            _ => "headers",
        }
    }

    fn apply(self, answer: &[u8]) -> Vec<u8> {
        let mut changed = answer.to_vec();
        match self {
            Change::Nothing => {}
            Change::Replace(byte, value) => changed[byte] = value,
            Change::Remove(byte) => drop(changed.remove(byte)),
            Change::Double(byte) => changed.insert(byte, answer[byte]),
            Change::RemoveLine(_) | Change::DoubleLine(_) | Change::SwapLines(_) => return self.apply_to_lines(answer),
        }
        changed
    }

    fn apply_to_lines(self, answer: &[u8]) -> Vec<u8> {
        let [_, head] = parts(answer);
        let mut lines: Vec<&[u8]> = answer[..head - 2].split_inclusive(|byte| *byte == b'\n').collect();
        match self {
            Change::RemoveLine(line) => drop(lines.remove(line + 1)),
            Change::DoubleLine(line) => lines.insert(line + 1, lines[line + 1]),
            Change::SwapLines(line) => lines.swap(line + 1, line + 2),
            _ => {}
        }
        [&lines.concat(), &answer[head - 2..]].concat()
    }

    fn of_lines(answer: &[u8]) -> Vec<Change> {
        let [_, head] = parts(answer);
        let lines = answer[..head - 2].iter().filter(|byte| **byte == b'\n').count() - 1;
        let all = (0..lines).flat_map(|line| [Change::RemoveLine(line), Change::DoubleLine(line)]);
        all.chain((1..lines).map(|line| Change::SwapLines(line - 1))).collect()
    }

    fn of_byte(answer: &[u8], byte: usize) -> (Vec<Change>, [Change; 2]) {
        let is = answer[byte];
        let mut values = vec![is ^ 1, is ^ 0x20, is ^ 0x80, 0, 0xff];
        values.extend(*b" \r\n\t0123456789:;,");
        values.sort();
        values.dedup();
        let replaced = values.into_iter().filter(|value| *value != is).map(|value| Change::Replace(byte, value));
        (replaced.collect(), [Change::Remove(byte), Change::Double(byte)])
    }
}

impl Choice {
    fn changes(self, kind: Kind, answer: &[u8]) -> Vec<Change> {
        let mut changes = vec![Change::Nothing];
        changes.extend(Change::of_lines(answer));
        let [status, _] = parts(answer);
        for byte in 0..answer.len() {
            let (replaced, moved) = Change::of_byte(answer, byte);
            match self {
                Choice::Seed(seed) if byte >= status => {
                    let mut hasher = DefaultHasher::new();
                    (seed, kind, byte).hash(&mut hasher);
                    let any = usize::try_from(hasher.finish()).unwrap();
                    changes.extend([replaced[any % replaced.len()], moved[any / 2 % 2]]);
                }
                Choice::Part { number, of } if byte % of != number => {}
                _ => changes.extend(replaced.into_iter().chain(moved)),
            }
        }
        changes
    }
}

// ---------------------------------------------------------------- a cell

/// What a caller gets.
struct Got {
    is_success: bool,
    /// Whose next answer it is, where it is one.
    cell: Option<String>,
    body: Vec<u8>,
    /// Of APIv2.
    fields: Value,
}

impl Got {
    fn of(response: &Response) -> Got {
        let fields = response.xml().unwrap_or_default();
        let cell = response.header("x-cell").map(str::to_owned);
        Got { is_success: response.status().is_success(), cell, body: response.body().to_vec(), fields }
    }
}

/// One changed answer, and its own server.
struct Cell<'a> {
    world: &'a World,
    kind: Kind,
    change: Change,
    answer: Vec<u8>,
    sink: PathBuf,
    exam: Arc<Exam>,
    server: Server,
}

impl<'a> Cell<'a> {
    fn new(world: &'a World, kind: Kind, change: Change, answer: &[u8]) -> Cell<'a> {
        static NAMES: AtomicUsize = AtomicUsize::new(0);
        let sink = world.folder.file(&NAMES.fetch_add(1, Ordering::Relaxed).to_string());
        let exam = Exam::new(Stop::Never, Ending::Close, change.apply(answer));
        let next = match kind {
            Kind::Certificates => world.answer(Kind::Json, NEXT),
            _ => world.answer(kind, NEXT),
        };
        let next = named(&next, &sink);
        let server = Server::start(None, &exam, Arc::new(move |_| next.clone()));
        Cell { world, kind, change, answer: answer.to_vec(), sink, exam, server }
    }

    fn call(&self, instance: &Chain, number: u8) -> Result<Got, Error> {
        if self.kind == Kind::Certificates && number == CHANGED {
            let certificates = instance.download_certificates()?;
            let body: Result<String, Error> = certificates.iter().map(|certificate| certificate.to_pem()).collect();
            return Ok(Got { is_success: true, cell: None, body: body?.into_bytes(), fields: Value::Null });
        }
        let mut options = json!({ "base_uri": self.server.url(0), "headers": { "X-Number": number.to_string() } });
        if number == NEXT || self.change == Change::Nothing {
            options["timeout"] = json!(LONG_LIMIT.as_secs_f64());
            options["read_timeout"] = json!(LONG_LIMIT.as_secs_f64());
        }
        match self.kind {
            Kind::Bill | Kind::StatementFile => options["sink"] = json!(self.sink),
            Kind::Apiv2 => options["xml"] = json!({ "mch_id": MCHID, "out_trade_no": "1217752501" }),
            Kind::Statement => {}
            _ => options["json"] = json!({ "out_trade_no": "1217752501" }),
        }
        if self.kind == Kind::Bill {
            let announced = sha1(&self.world.body(self.kind, number));
            options["expect"] = json!({ "hash_type": "SHA1", "hash_value": announced });
        }
        let chain = instance.chain(self.kind.path());
        let is_get = matches!(self.kind, Kind::Bill | Kind::Statement | Kind::StatementFile);
        let response = if is_get { chain.get(options) } else { chain.post(options) }?;
        Ok(Got::of(&response))
    }

    fn limit(&self) -> Duration {
        if self.change == Change::Nothing { LONG_LIMIT } else { LIMIT }
    }

    /// Whether the caller has got what was signed.
    fn is_right(&self, got: &Got, file: Option<&Vec<u8>>, number: u8) -> bool {
        let body = self.world.body(self.kind, number);
        match self.kind {
            Kind::Apiv2 => got.fields == fields(number),
            Kind::Certificates if number == CHANGED => got.body == self.world.certificate.as_bytes(),
            Kind::Certificates => got.body == json_body(number),
            _ if self.kind.has_sink() => file == Some(&body),
            _ => got.body == body,
        }
    }

    fn take_file(&self) -> Option<Vec<u8>> {
        let bytes = std::fs::read(&self.sink).ok();
        let _ = std::fs::remove_file(&self.sink);
        bytes
    }

    fn run(&self, shared: &Chain) {
        let (tally, kind) = (&self.world.tally, self.kind);
        // Certificates are fetched from where the instance is at home, with settings of their own.
        let own = (kind == Kind::Certificates)
            .then(|| self.world.builder(&self.server.url(0), self.limit()).build().unwrap());
        let instance = own.as_ref().unwrap_or(shared);
        let name = format!("{kind:?}, {} in {}", self.change.name(), self.change.place(&self.answer));
        let breaks = |rule: &str, what: String| tally.breaks(rule, &name, || format!("{}: {what}", self.shown()));
        let began = Instant::now();
        let call = AssertUnwindSafe(|| self.call(instance, CHANGED));
        let Ok(result) = self.server.during(|| catch_unwind(call)) else {
            return breaks("panicked", String::new());
        };
        let elapsed = began.elapsed();
        tally.count(self.labels(), End::of(&result));
        for rule in self.broken(&result, elapsed) {
            breaks(rule, format!("{} after {elapsed:?}, at {:?}", told(&result), self.sink));
        }
        match self.call(instance, NEXT) {
            Ok(got) if got.is_success && self.is_right(&got, self.take_file().as_ref(), NEXT) => {}
            Ok(got) => breaks("the next call gets another answer", String::from_utf8_lossy(&got.body).into_owned()),
            Err(error) => breaks("the next call is hurt", format!("{error:?}")),
        }
    }

    /// The rules that do not hold.
    fn broken(&self, result: &Result<Got, Error>, elapsed: Duration) -> Vec<&'static str> {
        let mut broken = Vec::new();
        let mut rule = |holds: bool, name| broken.extend((!holds).then_some(name));
        let file = self.take_file();
        rule(elapsed <= self.limit().mul_f64(1.1) + SLACK, "took longer than its limit");
        rule(self.change != Change::Nothing || result.is_ok() || self.is_refusal(), "is right and was not accepted");
        match result {
            Ok(got) => {
                rule(got.is_success, "a status that is no success is said to be one");
                rule(self.is_signed(), "is accepted although its signature is another one");
                rule(self.is_right(got, file.as_ref(), CHANGED), "hands out something else than was signed");
                rule(self.kind != Kind::Refused, "a refusal without a signature is said to be a success");
            }
            Err(error) => {
                rule(file.is_none(), "failed and left a file");
                let is_fetch = self.kind == Kind::Certificates;
                let says_sent = error.outcome() != Outcome::NotSent;
                rule(is_fetch || says_sent || !self.exam.has_received(), "is said not to be sent, and was");
                let may_be_rejected = !self.kind.acts() || self.says_4xx(error);
                rule(
                    may_be_rejected || error.outcome() != Outcome::Rejected,
                    "is said to be rejected, and took effect",
                );
            }
        }
        broken
    }

    /// Whether the signature is there as it was made, in whatever case its names are and however often the same is said.
    fn is_signed(&self) -> bool {
        let lines = |answer: &[u8]| -> Vec<(String, String)> {
            let head = String::from_utf8_lossy(answer).into_owned();
            let pairs = head.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_once(':'));
            let mut pairs: Vec<_> =
                pairs.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
            pairs.retain(|(name, _)| name.starts_with("wechatpay-"));
            pairs.sort();
            pairs.dedup();
            pairs
        };
        lines(&self.answer) == lines(&self.exam.answer)
    }

    fn is_refusal(&self) -> bool {
        matches!(self.kind, Kind::Refused | Kind::SignedRefused)
    }

    /// Whether the answer really says 4xx, as a change has made it.
    fn says_4xx(&self, error: &Error) -> bool {
        let line = self.exam.answer.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        let status = error.response().map(|response| response.status());
        status.is_some_and(|status| status.is_client_error() && line.contains(status.as_str()))
    }

    fn labels(&self) -> Vec<Label> {
        vec![
            ("answer", format!("{:?}", self.kind)),
            ("change", self.change.name().into()),
            ("place", self.change.place(&self.answer).into()),
        ]
    }

    /// The change, and what it has made of its line.
    fn shown(&self) -> String {
        let (Change::Replace(byte, _) | Change::Remove(byte) | Change::Double(byte)) = self.change else {
            return format!("{:?}", self.change);
        };
        let from = byte.saturating_sub(24);
        let around = self.exam.answer.get(from..self.exam.answer.len().min(byte + 12)).unwrap_or_default();
        format!("{:?} …{:?}…", self.change, String::from_utf8_lossy(around))
    }
}

/// An answer that says whose it is.
fn named(answer: &[u8], sink: &Path) -> Vec<u8> {
    let [status, _] = parts(answer);
    let name = format!("\r\nX-Cell: {}", sink.display());
    [&answer[..status], name.as_bytes(), &answer[status..]].concat()
}

/// What the XML with this number says, but for its `sign`, which is as it was or it would not be accepted.
fn fields(number: u8) -> Value {
    let text = String::from_utf8(xml(number)).unwrap();
    let sign = text.split("<sign>").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
    let mut fields = BTreeMap::from([("return_code", "SUCCESS"), ("result_code", "SUCCESS"), ("nonce_str", "abc")]);
    let number = number.to_string();
    fields.extend([("number", number.as_str()), ("sign", sign)]);
    json!(fields)
}

fn told(result: &Result<Got, Error>) -> String {
    match result {
        Ok(got) => {
            format!("Ok, success {}, {:?}, of {:?}", got.is_success, String::from_utf8_lossy(&got.body), got.cell)
        }
        Err(error) => format!("{:?} {error}", error.outcome()),
    }
}

#[test]
fn whatever_becomes_of_an_answer_only_what_was_signed_is_accepted() {
    let _turn = crate::turn();
    let world = World::new();
    let choice = Choice::of_environment(VARIABLE);
    let mut cells = Vec::new();
    for kind in KINDS {
        let answer = world.answer(kind, CHANGED);
        cells.extend(choice.changes(kind, &answer).into_iter().map(|change| (kind, change)));
    }
    let (count, began) = (cells.len(), Instant::now());
    let next = Mutex::new(cells.into_iter());
    let work = || {
        let instance = world.builder("http://127.0.0.1:1/", LIMIT).build().unwrap();
        loop {
            let Some((kind, change)) = next.lock().unwrap().next() else { return };
            Cell::new(&world, kind, change, &world.answer(kind, CHANGED)).run(&instance);
        }
    };
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(work);
        }
    });
    println!("{choice:?}: {count} cells on {WORKERS} threads in {:.1?}", began.elapsed());
    world.tally.conclude();
}
