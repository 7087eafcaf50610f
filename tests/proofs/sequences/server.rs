//! The other side: two ports of loopback that do with each request what the script of its call says.

use std::io::{BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::json;
use socket2::{Domain, SockRef, Socket, Type};
use support::http::{Arrival, Arrived};

use super::book::{Book, Entry, Said, lock};
use super::step::{Act, At, Forgery, Host, List, Say, To};
use super::vault::{Seal, Vault, xml};
use super::wire::{Answer, ticket, ticket_of};

/// How long a late answer takes: more than the limits of a call that gets one.
const LATE: Duration = Duration::from_millis(500);

/// How long nothing is said about certificates: more than the limits of any call that notices.
const STALL: Duration = Duration::from_millis(1_700);

/// In how many pieces a dripping answer takes as long.
const DROPS: usize = 28;

/// How much later something follows an answer.
const MOMENT: Duration = Duration::from_millis(3);

/// What the client receives into.
const BUFFER: usize = 8 * 1024;

pub struct Server {
    shared: Arc<Shared>,
    dead: u16,
    /// Keep the dead port from being anybody else's.
    _held: (TcpStream, TcpListener),
}

struct Shared {
    vault: Arc<Vault>,
    ports: [u16; 2],
    book: Mutex<Option<Arc<Book>>>,
    /// What keeps ports of this sequence from being anybody else's.
    held: Mutex<Vec<Socket>>,
}

impl Server {
    pub fn start(vault: Arc<Vault>) -> Server {
        let listen = || TcpListener::bind("127.0.0.1:0").unwrap();
        let doors = [listen(), listen()];
        let ports = [&doors[0], &doors[1]].map(|door| door.local_addr().unwrap().port());
        let shared = Arc::new(Shared { vault, ports, book: Mutex::new(None), held: Mutex::default() });
        for (door, port) in doors.into_iter().zip(ports) {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                for stream in door.incoming().flatten() {
                    let shared = Arc::clone(&shared);
                    thread::spawn(move || shared.serve(stream, port));
                }
            });
        }
        // Whoever connects from a port does not listen there.
        let held = listen();
        let connected = TcpStream::connect(held.local_addr().unwrap()).unwrap();
        Server { shared, dead: connected.local_addr().unwrap().port(), _held: (connected, held) }
    }

    /// Where a host is, which may be another place each time.
    pub fn port(&self, host: Host) -> u16 {
        match host {
            Host::A => self.shared.ports[0],
            Host::B => self.shared.ports[1],
            Host::Dead => self.dead,
            Host::Brief => self.brief(),
        }
    }

    /// A port that takes one connection.
    fn brief(&self) -> u16 {
        let door = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, shared) = (door.local_addr().unwrap().port(), Arc::clone(&self.shared));
        thread::spawn(move || {
            let accepted = door.accept();
            drop(door);
            shared.hold(port);
            if let Ok((stream, _)) = accepted {
                shared.serve(stream, port);
            }
        });
        port
    }

    pub fn vault(&self) -> &Vault {
        &self.shared.vault
    }

    /// Serves the calls of this sequence from now on.
    pub fn open(&self, book: &Arc<Book>) {
        *lock(&self.shared.book) = Some(Arc::clone(book));
        lock(&self.shared.held).clear();
    }
}

/// What is written, and what becomes of the connection.
struct Deed {
    after: Duration,
    bytes: Vec<u8>,
    then: Then,
}

enum Then {
    Keep,
    Close,
    Reset,
    /// This follows a moment later.
    Follow(Vec<u8>),
    /// This follows piece by piece.
    Drip(Vec<u8>),
}

impl Deed {
    fn keep(bytes: Vec<u8>) -> Deed {
        Deed { after: Duration::ZERO, bytes, then: Then::Keep }
    }

    fn hang(bytes: Vec<u8>, resets: bool) -> Deed {
        Deed { after: Duration::ZERO, bytes, then: if resets { Then::Reset } else { Then::Close } }
    }
}

impl Shared {
    /// Takes a port without listening there.
    fn hold(&self, port: u16) {
        let hold = || {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
            // The connection that was taken still occupies it.
            socket.set_reuse_address(true)?;
            socket.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)).into())?;
            std::io::Result::Ok(socket)
        };
        lock(&self.held).extend(hold());
    }

    fn serve(&self, stream: TcpStream, port: u16) {
        let _ = stream.set_nodelay(true);
        let Ok(mut output) = stream.try_clone() else { return };
        let mut input = BufReader::new(stream);
        loop {
            let book = lock(&self.book).clone();
            let (request, book) = match (Arrived::read(&mut input), lock(&self.book).clone().or(book)) {
                (Arrival::Whole(request), Some(book)) => (request, book),
                (Arrival::Fragment(bytes), Some(book)) => return note(&book, &bytes),
                _ => return,
            };
            let Some(deed) = self.deed(&book, &request, port) else { return };
            thread::sleep(deed.after);
            if output.write_all(&deed.bytes).is_err() {
                return;
            }
            match deed.then {
                Then::Keep => {}
                Then::Close => return,
                Then::Reset => {
                    let _ = SockRef::from(&output).set_linger(Some(Duration::ZERO));
                    return;
                }
                Then::Drip(bytes) => {
                    for piece in bytes.chunks(bytes.len().div_ceil(DROPS)) {
                        thread::sleep(STALL / DROPS as u32);
                        if output.write_all(piece).is_err() {
                            return;
                        }
                    }
                }
                Then::Follow(bytes) => {
                    thread::sleep(MOMENT);
                    let _ = output.write_all(&bytes);
                    book.to_come.fetch_sub(1, Ordering::SeqCst);
                }
            }
        }
    }

    /// None where the request is not one of this sequence.
    fn deed(&self, book: &Book, request: &Arrived, port: u16) -> Option<Deed> {
        if request.target.starts_with("/v3/certificates") {
            return Some(self.list(book, request));
        }
        let (sequence, number) = ticket(request.target.as_bytes())?;
        let mut calls = lock(&book.calls);
        let entry = calls.get_mut(&number).filter(|_| sequence == book.id)?;
        entry.watch(request, port, book, &self.vault);
        let named = request.header("wechatpay-serial").and_then(|serial| self.vault.certificate(serial));
        let seal = lock(&book.platform).seal(named);
        Some(Turn { vault: &self.vault, book, ports: self.ports, entry, request, port, seal }.deed())
    }

    fn list(&self, book: &Book, request: &Arrived) -> Deed {
        let named = request.header("wechatpay-serial").and_then(|serial| self.vault.certificate(serial));
        let mut platform = lock(&book.platform);
        let list = platform.lists.pop_front();
        let (range, seal) = match list {
            // One that the client knows to be retired: of another, nobody could tell that the platform has not gone back to it.
            Some(List::Old) if platform.told > 0 => {
                let old = platform.told - 1;
                ((old, old), Seal::Certificate(old))
            }
            Some(List::Forged) => ((platform.oldest, platform.newest), Seal::Stranger),
            _ => ((platform.oldest, platform.newest), platform.seal(named)),
        };
        if list.is_none() {
            platform.told = platform.oldest;
        }
        drop(platform);
        let body = self.vault.list(range.0, range.1);
        let right = Answer { status: 200, headers: self.vault.headers(seal, 0, &body), body };
        match list {
            Some(List::Status(status)) => {
                Deed::keep(Answer { status, headers: Vec::new(), body: b"{}".to_vec() }.bytes())
            }
            Some(List::Close) => Deed::hang(Vec::new(), false),
            Some(List::Stall) => Deed { after: STALL, ..Deed::hang(Vec::new(), false) },
            _ => Deed::keep(right.bytes()),
        }
    }
}

/// Bytes that are no request: they count as sent.
fn note(book: &Book, bytes: &[u8]) {
    let Some((sequence, number)) = ticket(bytes) else { return };
    if let Some(entry) = lock(&book.calls).get_mut(&number).filter(|_| sequence == book.id) {
        entry.has_fragment = true;
    }
}

/// A request whose turn it is to be answered.
struct Turn<'a> {
    vault: &'a Vault,
    book: &'a Book,
    ports: [u16; 2],
    entry: &'a mut Entry,
    request: &'a Arrived,
    port: u16,
    seal: Seal,
}

impl Turn<'_> {
    fn deed(mut self) -> Deed {
        let act = self.act();
        let is_safe = self.request.method == "GET";
        if act.has_effect && !is_safe {
            self.entry.effects += 1;
        }
        if let (Say::Redirect { status: 301..=303, .. }, false) = (act.say, is_safe) {
            self.entry.is_turned = true;
        }
        let answer = self.answer(act.say);
        let is_cut = matches!(act.say, Say::Hang { at: At::Start | At::Head | At::Body, .. } | Say::Length(_));
        let is_signed = match act.say {
            Say::Right | Say::Chunked | Say::Late | Say::Dripping | Say::Smuggled { .. } | Say::Hang { .. } => {
                !self.is_unsigned()
            }
            Say::Odd { is_signed, .. } => is_signed,
            _ => false,
        };
        self.entry.said.push(match is_cut {
            true => Said::default(),
            false => Said { status: answer.status, body: answer.body.clone(), is_signed },
        });
        self.write(act.say, &answer)
    }

    /// What the script says, or what is right.
    fn act(&mut self) -> Act {
        let act = self.entry.script.pop_front().unwrap_or(Act::of(Say::Right));
        let is_other = self.request.method == "GET" && !self.entry.call.is_safe();
        // Where nothing was done there is nothing to be found.
        let finds_nothing = is_other && self.entry.effects == 0;
        if finds_nothing && self.entry.call.takes_for_success(act.say) {
            Act::without_effect(Say::Refuse(404))
        } else {
            act
        }
    }

    /// Whether answers of the path where the request arrived are not signed.
    fn is_unsigned(&self) -> bool {
        self.request.target.starts_with("/v3/billdownload/file") || self.request.target.starts_with("/papay/entrustweb")
    }

    /// The answer as a whole.
    fn answer(&self, say: Say) -> Answer {
        let status = match say {
            Say::Refuse(status) | Say::Odd { status, .. } | Say::Redirect { status, .. } => status,
            _ => 200,
        };
        let mut body = match say {
            Say::Refuse(_) => json!({ "code": "SAID_NO", "message": "no" }).to_string().into_bytes(),
            Say::Redirect { .. } => b"moved".to_vec(),
            _ => self.body(say),
        };
        let mut headers = self.signature(say, &body);
        match say {
            Say::Refuse(429) => headers.push(("Retry-After", "0".to_owned())),
            Say::Redirect { to, closes, .. } => {
                headers.push(("Location", self.location(to)));
                if closes {
                    headers.push(("Connection", "close".to_owned()));
                }
            }
            Say::Odd { is_located: true, .. } => headers.push(("Location", self.location(To::Signed))),
            Say::Smuggled { is_filled: true, .. } => {
                // So that the answer ends where the client's buffer does.
                let length = Answer { status, headers: headers.clone(), body: body.clone() }.bytes().len();
                headers.push(("Filling", "x".repeat(BUFFER - length - "Filling: \r\n".len())));
            }
            _ => {}
        }
        if status == 101 {
            body.clear();
        }
        Answer { status, headers, body }
    }

    /// What nobody else is answered: it says of which call it is and of which of its requests.
    fn body(&self, say: Say) -> Vec<u8> {
        let (call, request) = (self.entry.call.number.to_string(), (self.entry.said.len() + 1).to_string());
        if !self.entry.call.is_apiv2 {
            return json!({ "call": call, "request": request }).to_string().into_bytes();
        }
        let code = if say == Say::Fail { "FAIL" } else { "SUCCESS" };
        let is_spoilt = matches!(say, Say::Forged(_) | Say::Odd { is_signed: false, .. });
        if self.is_unsigned() {
            return format!("<p>{call}, {request}</p>").into_bytes();
        }
        let fields = [
            ("call", call.as_str()),
            ("err_code", if say == Say::Fail { "ORDERNOTEXIST" } else { "NONE" }),
            ("request", &request),
            ("result_code", code),
            ("return_code", "SUCCESS"),
        ];
        xml(&fields, is_spoilt)
    }

    /// The headers that sign a body, as far as they do.
    fn signature(&self, say: Say, body: &[u8]) -> Vec<(&'static str, String)> {
        if self.entry.call.is_apiv2 || self.is_unsigned() {
            return Vec::new();
        }
        let headers = |seal, off, body: &[u8]| self.vault.headers(seal, off, body);
        match say {
            Say::Refuse(_) | Say::Redirect { .. } | Say::Odd { is_signed: false, .. } => Vec::new(),
            Say::Forged(Forgery::Missing) => headers(self.seal, 0, body).split_off(3),
            Say::Forged(Forgery::Other) => headers(self.seal, 0, b"{}"),
            Say::Forged(Forgery::Expired) => headers(self.seal, -900, body),
            Say::Forged(Forgery::Stranger) => headers(Seal::Stranger, 0, body),
            _ => headers(self.seal, 0, body),
        }
    }

    fn location(&self, to: To) -> String {
        let call = &self.entry.call;
        let ticket = ticket_of(self.book.id, call.number);
        match to {
            To::Signed if call.is_apiv2 => format!("/seq/{ticket}/moved"),
            To::Signed => format!("/v3/seq/{ticket}/moved"),
            To::Unsigned if call.is_apiv2 => format!("/papay/entrustweb?{ticket}"),
            To::Unsigned => format!("/v3/billdownload/file?{ticket}"),
            To::Elsewhere => {
                let other = self.ports.into_iter().find(|port| *port != self.port).unwrap_or_default();
                format!("http://127.0.0.1:{other}/elsewhere/{ticket}")
            }
            To::Itself => self.request.target.clone(),
        }
    }

    fn write(&self, say: Say, answer: &Answer) -> Deed {
        match say {
            Say::Hang { at: At::Start, resets } => Deed::hang(Vec::new(), resets),
            Say::Hang { at: At::Head, resets } => {
                let head = answer.head(0);
                Deed::hang(head[..head.len() / 2].to_vec(), resets)
            }
            Say::Hang { at: At::Body, resets } => {
                let bytes = answer.bytes();
                Deed::hang(bytes[..bytes.len() - answer.body.len() / 2].to_vec(), resets)
            }
            // A reset takes along what was not read yet.
            Say::Hang { at: At::End, .. } => Deed::hang(answer.bytes(), false),
            Say::Redirect { closes: true, .. } => Deed::hang(answer.bytes(), false),
            Say::Chunked => Deed::keep(answer.chunked()),
            Say::Length(off) => {
                let bytes = [answer.head(off.into()), answer.body.clone()].concat();
                if off > 0 { Deed::hang(bytes, false) } else { Deed::keep(bytes) }
            }
            Say::Smuggled { is_late: true, .. } => {
                self.book.to_come.fetch_add(1, Ordering::SeqCst);
                Deed { then: Then::Follow(self.second()), ..Deed::keep(answer.bytes()) }
            }
            Say::Smuggled { is_late: false, .. } => Deed::keep([answer.bytes(), self.second()].concat()),
            Say::Dripping => Deed { then: Then::Drip(answer.bytes()), ..Deed::keep(Vec::new()) },
            Say::Late => Deed { after: LATE, ..Deed::keep(answer.bytes()) },
            _ => Deed::keep(answer.bytes()),
        }
    }

    /// An answer that nobody has asked for.
    fn second(&self) -> Vec<u8> {
        let body = match self.entry.call.is_apiv2 {
            true => xml(&[("call", "none"), ("result_code", "SUCCESS"), ("return_code", "SUCCESS")], false),
            false => json!({ "call": "none" }).to_string().into_bytes(),
        };
        let headers = self.vault.headers(self.seal, 0, &body);
        Answer { status: 200, headers, body }.bytes()
    }
}
