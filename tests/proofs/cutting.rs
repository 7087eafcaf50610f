//! A server on loopback that ends an exchange at an exact byte of its plain text, in each way that TCP and TLS know, and
//! keeps what it saw of each request.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use openssl::ssl::{SslAcceptor, SslStream};
use socket2::SockRef;
use support::http::Arrived;

/// Where an exchange ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stop {
    /// When the connection was accepted, before TLS.
    Accepted,
    /// When so many bytes of the request were received.
    Request(usize),
    /// When so many bytes of the answer were sent.
    Answer(usize),
    /// Not at all.
    Never,
}

/// How it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ending {
    /// As it should: the end is announced, by TLS too.
    Close,
    /// TCP is closed, TLS is not.
    Unannounced,
    Reset,
    /// Nothing more comes, and the connection stays.
    Silence,
}

/// What became of one request.
#[derive(Clone, Debug, Default)]
pub struct Received {
    /// Bytes of its plain text that arrived here.
    pub bytes: usize,
    /// Whether its line and its headers arrived.
    pub has_head: bool,
    pub is_whole: bool,
    /// Bytes of the answer that were sent.
    pub answered: usize,
    /// Whether it was not the first on its connection.
    pub is_kept: bool,
    /// Whether it is the one that something happens to.
    pub is_struck: bool,
    /// What it asks to be answered with.
    pub number: u8,
}

/// One call, and what is to happen to the first of its requests; those that follow it are answered as they should be.
pub struct Exam {
    pub stop: Stop,
    pub ending: Ending,
    pub answer: Vec<u8>,
    state: Mutex<State>,
    settled: Condvar,
}

#[derive(Default)]
struct State {
    busy: usize,
    begun: bool,
    received: Vec<Received>,
    /// Bytes that arrived after the end.
    late: usize,
}

impl Exam {
    pub fn new(stop: Stop, ending: Ending, answer: Vec<u8>) -> Arc<Exam> {
        Arc::new(Exam { stop, ending, answer, state: Mutex::default(), settled: Condvar::new() })
    }

    /// What arrived, once the server has done with it.
    pub fn received(&self) -> Vec<Received> {
        let state = self.state.lock().unwrap();
        let patience = Duration::from_secs(5);
        let (state, waited) = self.settled.wait_timeout_while(state, patience, |state| state.busy > 0).unwrap();
        assert!(!waited.timed_out(), "the server has not done with a request: {:?}", state.received);
        state.received.clone()
    }

    /// Whether any byte of a request arrived here, sooner or later.
    pub fn has_received(&self) -> bool {
        let any = || {
            let state = self.state.lock().unwrap();
            state.late > 0 || state.received.iter().any(|received| received.bytes > 0)
        };
        any() || {
            thread::sleep(Duration::from_millis(20));
            any()
        }
    }

    /// Whether this is the first connection or request.
    fn begin(&self) -> bool {
        let mut state = self.state.lock().unwrap();
        state.busy += 1;
        !std::mem::replace(&mut state.begun, true)
    }

    fn end(&self) {
        self.state.lock().unwrap().busy -= 1;
        self.settled.notify_all();
    }

    fn add(&self, received: Received) -> usize {
        let mut state = self.state.lock().unwrap();
        state.received.push(received);
        state.received.len() - 1
    }

    fn note_late(&self, bytes: usize) {
        self.state.lock().unwrap().late += bytes;
    }
}

/// Makes the right answer with a number in it.
pub type Respond = Arc<dyn Fn(u8) -> Vec<u8> + Send + Sync>;

struct Shared {
    acceptor: Option<SslAcceptor>,
    exam: Arc<Exam>,
    /// Whether the exam is on.
    is_on: AtomicBool,
    is_over: AtomicBool,
    respond: Respond,
}

/// Two ports with one server behind them, for one exam: what arrives there can be of no other. Without TLS, whose certificate
/// names one address, the server has an address of its own: there are other tests that call ports of 127.0.0.1 at which
/// nobody listens any more, and the system gives the same ports again.
pub struct Server {
    address: Ipv4Addr,
    ports: [u16; 2],
    shared: Arc<Shared>,
}

impl Server {
    /// Speaks TLS if it has what that takes. What is not cut is answered by `respond`.
    pub fn start(acceptor: Option<SslAcceptor>, exam: &Arc<Exam>, respond: Respond) -> Server {
        let (is_on, is_over) = (AtomicBool::new(false), AtomicBool::new(false));
        let shared = Arc::new(Shared { acceptor, exam: Arc::clone(exam), is_on, is_over, respond });
        let address = if shared.acceptor.is_some() { Ipv4Addr::LOCALHOST } else { own_address() };
        let ports = [(); 2].map(|()| {
            let listener = TcpListener::bind((address, 0)).unwrap();
            let port = listener.local_addr().unwrap().port();
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                for stream in listener.incoming() {
                    if shared.is_over.load(Ordering::SeqCst) {
                        return;
                    }
                    let (shared, stream) = (Arc::clone(&shared), stream.unwrap());
                    thread::spawn(move || shared.serve(stream));
                }
            });
            port
        });
        Server { address, ports, shared }
    }

    /// The address of one of the two ports.
    pub fn url(&self, port: usize) -> String {
        let scheme = if self.shared.acceptor.is_some() { "https" } else { "http" };
        format!("{scheme}://{}:{}/", self.address, self.ports[port])
    }

    /// The exam takes place during this; before and after it requests are answered as they should be.
    pub fn during<T>(&self, call: impl FnOnce() -> T) -> T {
        self.shared.is_on.store(true, Ordering::SeqCst);
        let result = call();
        self.shared.is_on.store(false, Ordering::SeqCst);
        result
    }
}

/// An address of this machine that no server has had before.
fn own_address() -> Ipv4Addr {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let [high, middle, low] = [14, 7, 0].map(|shift| u8::try_from(count >> shift & 0x7f).unwrap());
    Ipv4Addr::new(127, high + 1, middle + 1, low + 1)
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        for port in self.ports {
            // Wakes the thread that accepts.
            let _ = TcpStream::connect((self.address, port));
        }
    }
}

impl Shared {
    /// The exam, when it is on.
    fn exam(&self) -> Option<&Exam> {
        self.is_on.load(Ordering::SeqCst).then_some(&*self.exam)
    }

    fn serve(&self, stream: TcpStream) {
        if let Some(exam) = self.exam().filter(|exam| exam.stop == Stop::Accepted) {
            if exam.begin() {
                // What comes instead of plain text is none of the request.
                let counts = self.acceptor.is_none();
                return Connection::Plain(stream).finish(exam, counts);
            }
            exam.end();
        }
        let connection = match &self.acceptor {
            None => Some(Connection::Plain(stream)),
            Some(acceptor) => acceptor.accept(stream).ok().map(|stream| Connection::Tls(Box::new(stream))),
        };
        let Some(mut connection) = connection else { return };
        let mut is_kept = false;
        while connection.has_more() {
            let next = match self.exam() {
                None => self.answer(connection),
                Some(exam) => self.examine(connection, exam, is_kept),
            };
            let Some(next) = next else { return };
            (connection, is_kept) = (next, true);
        }
    }

    /// The right answer, outside of the exam. Gives the connection back if it goes on.
    fn answer(&self, mut connection: Connection) -> Option<Connection> {
        let received = connection.receive(usize::MAX);
        let is_sent = received.is_whole && connection.send(&(self.respond)(received.number));
        is_sent.then_some(connection)
    }

    fn examine(&self, mut connection: Connection, exam: &Exam, is_kept: bool) -> Option<Connection> {
        let is_first = exam.begin();
        let stop = if is_first { exam.stop } else { Stop::Never };
        let most = if let Stop::Request(bytes) = stop { bytes } else { usize::MAX };
        let received = Received { is_kept, is_struck: is_first, ..connection.receive(most) };
        let (is_whole, number) = (received.is_whole, received.number);
        let index = exam.add(received);
        if let Stop::Request(_) = stop {
            connection.finish(exam, true);
            return None;
        }
        let answer = if is_first { exam.answer.clone() } else { (self.respond)(number) };
        let most = if let Stop::Answer(bytes) = stop { bytes } else { answer.len() };
        let is_sent = is_whole && connection.send(&answer[..most]);
        exam.state.lock().unwrap().received[index].answered = if is_sent { most } else { 0 };
        // After a whole answer silence is as it should be.
        if !is_sent || matches!(stop, Stop::Answer(_)) && (most < answer.len() || exam.ending != Ending::Silence) {
            connection.finish(exam, true);
            return None;
        }
        exam.end();
        Some(connection)
    }
}

enum Connection {
    Plain(TcpStream),
    Tls(Box<SslStream<TcpStream>>),
}

impl Connection {
    /// Waits for a byte without taking it.
    fn has_more(&mut self) -> bool {
        match self {
            Connection::Plain(stream) => stream.peek(&mut [0]).is_ok_and(|length| length > 0),
            Connection::Tls(stream) => stream.ssl_peek(&mut [0]).is_ok_and(|length| length > 0),
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Connection::Plain(stream) => stream.read(buffer),
            Connection::Tls(stream) => stream.read(buffer),
        }
    }

    fn send(&mut self, bytes: &[u8]) -> bool {
        match self {
            Connection::Plain(stream) => stream.write_all(bytes).is_ok(),
            Connection::Tls(stream) => stream.write_all(bytes).is_ok(),
        }
    }

    /// A request, of which one byte is there already, or so much of it.
    fn receive(&mut self, most: usize) -> Received {
        let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
        loop {
            let received = Received::of(&bytes);
            let room = buffer.len().min(most.saturating_sub(bytes.len()));
            if received.is_whole || room == 0 {
                // It is here even when nothing was taken of it.
                return Received { bytes: bytes.len().max(1), ..received };
            }
            match self.read(&mut buffer[..room]) {
                Ok(length) if length > 0 => bytes.extend_from_slice(&buffer[..length]),
                _ => return received,
            }
        }
    }

    /// Ends it as the exam wants, which then goes on without it; what still comes is counted.
    fn finish(mut self, exam: &Exam, counts: bool) {
        let tcp = match &mut self {
            Connection::Plain(stream) => &*stream,
            Connection::Tls(stream) => {
                if exam.ending == Ending::Close {
                    let _ = stream.shutdown();
                }
                stream.get_ref()
            }
        };
        match exam.ending {
            Ending::Reset => {
                SockRef::from(tcp).set_linger(Some(Duration::ZERO)).unwrap();
                drop(self);
                return exam.end();
            }
            Ending::Close | Ending::Unannounced => drop(tcp.shutdown(Shutdown::Write)),
            Ending::Silence => {}
        }
        exam.end();
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = self.read(&mut buffer) {
            exam.note_late(if counts { length } else { 0 });
        }
        // Whatever TLS no longer reads: with it left, closing would be a reset.
        if let Connection::Tls(stream) = &mut self {
            while let Ok(1..) = stream.get_mut().read(&mut buffer) {}
        }
    }
}

impl Received {
    /// What these bytes of a request are.
    fn of(bytes: &[u8]) -> Received {
        let mut received = Received { bytes: bytes.len(), ..Received::default() };
        let Some((request, head)) = Arrived::head(bytes) else { return received };
        received.has_head = true;
        received.number = request.header("x-number").and_then(|number| number.parse().ok()).unwrap_or(0);
        received.is_whole = bytes.len() == head + request.length();
        received
    }
}
