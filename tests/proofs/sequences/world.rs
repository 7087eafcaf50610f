//! A sequence as it happens: an instance that makes its calls, and a server that does as the scripts say.

use std::collections::BTreeMap;
use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use support::folder::Folder;
use support::platform::{APIV3_KEY, MCHID};
use wechatpay::{Builder, Chain, Credentials, DownloadCerts, Options, Response, Result, json};

use super::book::{Book, Entry, NAME, Platform, Wrong, lock, wrong};
use super::judge::{self, Told};
use super::server::Server;
use super::step::{Call, Change, Host, Keys, Limit, Sequence, Step};
use super::vault::{CERTIFICATES, SECRET, Seal};
use super::wire::ticket_of;

/// How long an answer that is waited for without end may take.
const READ_LIMIT: f64 = 0.15;

pub struct World<'a> {
    server: &'a Server,
    folder: &'a Folder,
    book: Arc<Book>,
    instance: Chain,
    /// How calls ended that have.
    told: Mutex<BTreeMap<usize, Result<Response>>>,
    wrongs: Mutex<Vec<Wrong>>,
}

/// Runs a sequence; gives the rules that it broke, each once.
pub fn run(sequence: &Sequence, server: &Server, folder: &Folder) -> Vec<Wrong> {
    let world = World::new(sequence.keys, server, folder);
    for step in &sequence.steps {
        world.take(step);
    }
    world.end()
}

impl<'a> World<'a> {
    fn new(keys: Keys, server: &'a Server, folder: &'a Folder) -> World<'a> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let platform = Platform { keys, told: 1, oldest: 1, newest: 1, lists: Default::default() };
        let book = Arc::new(Book {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            calls: Mutex::default(),
            platform: Mutex::new(platform),
            merchants: Mutex::new(vec![0]),
            to_come: AtomicUsize::new(0),
        });
        server.open(&book);
        let (merchant, public_key) = (&server.vault().merchants[0], server.vault().party(Seal::PublicKey));
        let builder = Builder::new()
            .credentials(
                Credentials::new().mchid(MCHID).serial(&merchant.id).private_key(merchant.pem.clone()).secret(SECRET),
            )
            .defaults(json!({ "base_uri": url(server.port(Host::A)), "proxy": "" }));
        let builder = match keys {
            Keys::PublicKey => builder.credentials(Credentials::new().cert(&public_key.id, public_key.pem.clone())),
            Keys::Fetched { always } => {
                let every = Duration::from_secs(if always { 0 } else { 36_000 });
                builder.credentials(
                    Credentials::new()
                        .apiv3_key(APIV3_KEY)
                        .download_certs(DownloadCerts::new().every(every).floor(Duration::ZERO)),
                )
            }
        };
        let instance = builder.build().unwrap();
        World { server, folder, book, instance, told: Mutex::default(), wrongs: Mutex::default() }
    }

    fn take(&self, step: &Step) {
        match step {
            Step::Call(call) => self.call(call),
            Step::Cancel(call, after) => self.cancel(call, *after),
            Step::Together(calls) => {
                calls.iter().for_each(|call| self.expect(call));
                thread::scope(|scope| calls.iter().for_each(|call| drop(scope.spawn(|| self.make(call)))));
            }
            Step::Idle(time) => thread::sleep(*time),
            Step::Rotate(key) => self.rotate(*key),
            Step::Fetch => {
                if catch_unwind(AssertUnwindSafe(|| self.instance.download_certificates())).is_err() {
                    self.note(wrong("panic", "download_certificates"));
                }
            }
            Step::Platform(change) => self.change(change),
        }
        self.settle();
    }

    fn change(&self, change: &Change) {
        let mut platform = lock(&self.book.platform);
        match change {
            Change::Add => platform.newest = (platform.newest + 1).min(CERTIFICATES - 1),
            Change::Retire => platform.oldest = (platform.oldest + 1).min(platform.newest),
            Change::Lists(lists) => platform.lists = lists.iter().copied().collect(),
        }
    }

    fn rotate(&self, key: usize) {
        let party = &self.server.vault().merchants[key];
        lock(&self.book.merchants).push(key);
        self.instance.rotate(json!({ "serial": party.id, "privateKey": party.pem })).unwrap();
    }

    /// The newest certificate that the client knows.
    fn known(&self) -> Option<usize> {
        let status = self.instance.key_status();
        let known = status.certificates().iter();
        known.filter_map(|certificate| self.server.vault().certificate(certificate.serial_no())).max()
    }

    /// Lets the other side know of a call that is about to be made.
    fn expect(&self, call: &Call) {
        if is_harmless(call) {
            // A harmless one is to find a platform to which nothing happens.
            lock(&self.book.platform).lists.clear();
        }
        let ports = call.hosts.iter().map(|host| self.server.port(*host)).collect();
        let merchants_before = lock(&self.book.merchants).len() - 1;
        let entry = Entry::new(call.clone(), merchants_before, self.known(), ports);
        lock(&self.book.calls).insert(call.number, entry);
    }

    fn call(&self, call: &Call) {
        self.expect(call);
        self.make(call);
    }

    /// Makes a call that is expected, and judges it.
    fn make(&self, call: &Call) {
        let (chain, options) = self.request(call);
        let start = Instant::now();
        let made = catch_unwind(AssertUnwindSafe(|| match call.is_async {
            true => chain.request_async(call.method, options).wait(),
            false => chain.request(call.method, options),
        }));
        let took = start.elapsed();
        let Ok(result) = made else {
            return self.note(wrong("panic", "a call"));
        };
        let sink = self.sink(call);
        let file = sink.as_ref().and_then(|path| std::fs::read(path).ok());
        let told = Told { result, took, file };
        let wrongs = judge::call(&lock(&self.book.calls)[&call.number], &told, sink.as_deref());
        lock(&self.wrongs).extend(wrongs);
        if let (true, Err(error)) = (is_harmless(call), &told.result) {
            self.note(wrong("harmless", format!("a harmless call failed: {}", judge::kind(error))));
        }
        lock(&self.told).insert(call.number, told.result);
    }

    fn cancel(&self, call: &Call, after: Duration) {
        self.expect(call);
        let (chain, options) = self.request(call);
        let promise = chain.request_async(call.method, options);
        thread::sleep(after);
        drop(promise);
    }

    /// Path and options of a call.
    fn request(&self, call: &Call) -> (Chain, Options) {
        let ticket = ticket_of(self.book.id, call.number);
        let path = match (call.is_apiv2, call.is_unsigned) {
            (true, true) => "v2/papay/entrustweb".to_owned(),
            (true, false) => format!("v2/seq/{ticket}"),
            (false, true) => "v3/billdownload/file".to_owned(),
            (false, false) => format!("v3/seq/{ticket}"),
        };
        let mut options = json!({});
        if call.is_unsigned {
            options["query"] = ticket.as_str().into();
        }
        if call.is_apiv2 {
            options["xml"] = json!({ "mch_id": MCHID, "out_trade_no": ticket });
        } else if call.is_encrypted {
            options["json"] = json!({ "out_trade_no": ticket, "name": NAME });
            options["encrypt"] = json!(["/json/name"]);
        } else if matches!(call.method, "POST" | "PUT") {
            options["json"] = json!({ "out_trade_no": ticket });
        }
        options["timeout"] = call.limit.timeout().as_secs_f64().into();
        if call.limit == Limit::Read {
            options["read_timeout"] = READ_LIMIT.into();
        }
        if let Some(retries) = call.retries {
            options["retries"] = retries.into();
        }
        if let [first, others @ ..] = &lock(&self.book.calls)[&call.number].ports[..] {
            options["base_uri"] = url(*first).into();
            options["failover"] = others.iter().map(|port| url(*port)).collect();
        }
        if call.hands_errors_back {
            options["http_errors"] = false.into();
        }
        if !call.follows {
            options["allow_redirects"] = false.into();
        }
        if let Some(path) = self.sink(call) {
            options["sink"] = path.to_str().unwrap().into();
        }
        (self.instance.chain(path), options.into())
    }

    fn sink(&self, call: &Call) -> Option<PathBuf> {
        call.has_sink.then(|| self.folder.file(&ticket_of(self.book.id, call.number)))
    }

    /// Lets what follows an answer arrive: between two calls it can be told from an answer.
    fn settle(&self) {
        let start = Instant::now();
        while self.book.to_come.load(Ordering::SeqCst) > 0 && start.elapsed() < Duration::from_secs(2) {
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn note(&self, wrong: Wrong) {
        lock(&self.wrongs).push(wrong);
    }

    /// Holds everything against the rules once more: what arrived late counts too.
    fn end(self) -> Vec<Wrong> {
        let mut wrongs = std::mem::take(&mut *lock(&self.wrongs));
        let told = lock(&self.told);
        for (number, entry) in lock(&self.book.calls).iter() {
            if entry.call.hosts.contains(&Host::Brief) {
                // Whoever still waits for a connection gets one.
                entry.ports.iter().for_each(|port| drop(TcpStream::connect(("127.0.0.1", *port))));
            }
            wrongs.extend(entry.wrongs.iter().cloned());
            wrongs.extend(judge::effects(entry));
            wrongs.extend(told.get(number).into_iter().flat_map(|result| judge::outcome(entry, result)));
        }
        wrongs.sort();
        wrongs.dedup();
        wrongs
    }
}

fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}/")
}

/// Whether nothing is to go wrong with a call.
fn is_harmless(call: &Call) -> bool {
    call.script.is_empty()
        && call.is_safe()
        && call.retries == Some(2)
        && call.hosts == [Host::A]
        && call.limit == Limit::Ample
}
