//! A stand-in for the platform at a local socket that is reached under the platform's own names: it is an
//! HTTP proxy, but instead of connecting on it speaks TLS itself. What arrives here is what would have
//! arrived there.

use std::io::{self, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use openssl::sha::sha1;
use openssl::ssl::NameType;
use serde_json::json;
use wechatpay::Chain;

use crate::http::{Arrival as Coming, Arrived};
use crate::keys::{Keys, sign};
use crate::platform::{APIV2_BODY, KEY_ID, MERCHANT_SERIAL};

/// The answer to everything of APIv3 but statements.
pub const BODY: &str = "{}";
/// The answer to statements, which are no JSON.
pub const STATEMENT: &str = "交易时间,商户号\n`2018-01-30 12:00:00,`1900000109\n";

/// A request, as it came out of the socket.
#[derive(Debug)]
pub struct Arrival {
    /// What the proxy was asked to connect to.
    pub authority: String,
    /// What the TLS handshake asked for.
    pub server_name: Option<String>,
    /// The serial of the certificate that the client showed.
    pub client_certificate: Option<String>,
    pub request: Arrived,
}

impl Deref for Arrival {
    type Target = Arrived;

    fn deref(&self) -> &Arrived {
        &self.request
    }
}

pub struct Gateway {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    keys: Arc<Keys>,
    arrivals: Mutex<Vec<Arrival>>,
    /// What came that no client of the platform may send.
    problems: Mutex<Vec<String>>,
    /// Signatures are made once and used while they are fresh.
    signed: Mutex<Vec<Signed>>,
    connections: AtomicUsize,
    stopped: AtomicBool,
}

#[derive(Clone)]
struct Signed {
    text: String,
    timestamp: u64,
    headers: String,
}

impl Gateway {
    pub fn start(keys: &Arc<Keys>) -> Gateway {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            keys: Arc::clone(keys),
            arrivals: Mutex::default(),
            problems: Mutex::default(),
            signed: Mutex::default(),
            connections: AtomicUsize::new(0),
            stopped: AtomicBool::new(false),
        });
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if shared.stopped.load(Ordering::SeqCst) {
                    return;
                }
                let state = Arc::clone(&shared);
                // A connection that breaks off is not worth a word: the client's test sees it.
                thread::spawn(move || stream.and_then(|stream| state.serve(stream)));
            }
        });
        Gateway { address, state }
    }

    /// The option `proxy` that leads here.
    pub fn proxy(&self) -> String {
        format!("http://{}", self.address)
    }

    /// An instance whose calls all come here, by two ordinary settings.
    pub fn instance(&self, mchid: &str) -> Chain {
        self.config(mchid)
            .defaults(json!({ "proxy": self.proxy(), "verify": self.state.keys.authority }))
            .build()
            .unwrap()
    }

    /// The configuration without these two settings.
    pub fn config(&self, mchid: &str) -> wechatpay::Builder {
        wechatpay::Builder::from(json!({
            "mchid": mchid,
            "serial": MERCHANT_SERIAL,
            "privateKey": self.state.keys.merchant_pem(),
            "certs": { KEY_ID: self.state.keys.platform_public_pem() },
        }))
    }

    /// What arrived since it was last asked.
    pub fn take(&self) -> Vec<Arrival> {
        let problems = std::mem::take(&mut *self.state.problems.lock().unwrap());
        assert!(problems.is_empty(), "the gateway met {problems:#?}");
        std::mem::take(&mut *self.state.arrivals.lock().unwrap())
    }

    /// How many TLS connections were made.
    pub fn connections(&self) -> usize {
        self.state.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.state.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
    }
}

impl State {
    /// One connection: CONNECT, TLS, and requests until the client closes it.
    fn serve(&self, stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        // Far above what any test waits for; no thread stays for ever.
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let mut stream = BufReader::new(stream);
        let Some(connect) = self.read(&mut stream) else { return Ok(()) };
        if connect.method != "CONNECT" {
            self.problem(format!("at the proxy: {connect:?}"));
            return stream.get_mut().write_all(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n");
        }
        let mut stream = stream.into_inner();
        stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;

        // Fails when the client does not trust this server, as it should in some tests.
        let Ok(stream) = self.keys.acceptor.accept(stream) else { return Ok(()) };
        self.connections.fetch_add(1, Ordering::SeqCst);
        let server_name = stream.ssl().servername(NameType::HOST_NAME).map(str::to_owned);
        let client_certificate = stream
            .ssl()
            .peer_certificate()
            .map(|shown| shown.serial_number().to_bn().unwrap().to_hex_str().unwrap().to_string());
        let mut stream = BufReader::new(stream);
        while let Some(request) = self.read(&mut stream) {
            if request.all("content-length").len() > 1 || !request.all("transfer-encoding").is_empty() {
                self.problem(format!("a body of no certain length: {request:?}"));
                return stream.get_mut().write_all(b"HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\n");
            }
            let answer = self.answer(&request.target);
            let (authority, server_name) = (connect.target.clone(), server_name.clone());
            let arrival = Arrival { authority, server_name, client_certificate: client_certificate.clone(), request };
            // Before the answer leaves, so that it is there when the call returns.
            self.arrivals.lock().unwrap().push(arrival);
            stream.get_mut().write_all(answer.as_bytes())?;
        }
        Ok(())
    }

    /// The next request; none when the connection was closed before, or something else came.
    fn read(&self, stream: &mut BufReader<impl Read>) -> Option<Arrived> {
        match Arrived::read(stream) {
            // What was not announced, as a body without a length, would be taken for the next request.
            Coming::Whole(request) if !stream.buffer().is_empty() => {
                self.problem(format!("{} bytes after {request:?}", stream.buffer().len()));
                None
            }
            Coming::Whole(request) => Some(request),
            Coming::Fragment(bytes) => {
                self.problem(format!("no whole request of HTTP/1.1: {:?}", String::from_utf8_lossy(&bytes)));
                None
            }
            Coming::Nothing => None,
        }
    }

    /// 200, signed as the platform signs it.
    fn answer(&self, target: &str) -> String {
        let path = target.split('?').next().unwrap_or_default();
        let (body, headers) = match path {
            // Not signed.
            "/v3/merchant-service/images/xxxxx" | "/v3/global/merchant-service/images/xxxxx" => (BODY, String::new()),
            // Signed by way of its digest.
            "/v3/global/statements" => {
                let digest: String = sha1(STATEMENT.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
                let signed = self.signed(&format!("{{\"sha1\":\"{digest}\"}}"));
                (STATEMENT, format!("{signed}Wechatpay-Statement-Sha1: {digest}\r\n"))
            }
            "/pay/downloadbill" | "/pay/downloadfundflow" => (STATEMENT, String::new()),
            path if path.contains("/v3/") => (BODY, self.signed(BODY)),
            _ => (APIV2_BODY, String::new()),
        };
        format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{headers}\r\n{body}", body.len())
    }

    /// The four headers for a signed text.
    fn signed(&self, text: &str) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let mut all = self.signed.lock().unwrap();
        all.retain(|signed| now.abs_diff(signed.timestamp) < 60);
        if let Some(signed) = all.iter().find(|signed| signed.text == text) {
            return signed.headers.clone();
        }
        let nonce = "c5ac7061fccab6bf3e254dcf98995b8c";
        let signature = sign(format!("{now}\n{nonce}\n{text}\n").as_bytes(), &self.keys.platform);
        let headers = format!(
            "Wechatpay-Nonce: {nonce}\r\nWechatpay-Serial: {KEY_ID}\r\n\
             Wechatpay-Signature: {signature}\r\nWechatpay-Timestamp: {now}\r\n"
        );
        all.push(Signed { text: text.to_owned(), timestamp: now, headers: headers.clone() });
        headers
    }

    fn problem(&self, what: String) {
        self.problems.lock().unwrap().push(what);
    }
}
