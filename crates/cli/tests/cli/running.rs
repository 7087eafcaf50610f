//! A `wechatpay sandbox` that runs, and strangers who call it.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use ::openssl::ssl::{SslConnector, SslFiletype, SslMethod};
use serde_json::Value;
use support::bare::{Answer, Bare, authorization_of};
use wechatpay::{PrivateKey, Rsa};

use crate::runs::{Home, Run};

/// A sandbox that runs, with its log as JSON.
pub struct Running {
    child: Child,
    /// The lines of its log, which are read as they come.
    log: Receiver<String>,
    /// Of a client with the merchant's certificate, as the folder says; it takes time to make.
    connector: Option<SslConnector>,
    pub base_uri: String,
    pub page: String,
    pub folder: String,
}

impl Running {
    /// At ports that are free.
    pub fn start(home: &Home, arguments: &[&str]) -> Running {
        let all = [&["--json", "sandbox", "--port", "0"], arguments].concat();
        let mut child = home.command(&all).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (tell, log) = mpsc::channel();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| tell.send(line)));
        let Ok(first) = log.recv().unwrap_or_default().parse::<Value>() else {
            panic!("it did not start: {:?}", Run::of(child.wait_with_output().unwrap()))
        };
        let text = |name: &str| first["started"][name].as_str().unwrap().to_owned();
        let (base_uri, page, folder) = (text("base_uri"), text("page"), text("folder"));
        let connector = base_uri.starts_with("https://").then(|| connector(&folder));
        Running { child, log, connector, base_uri, page, folder }
    }

    /// The next line of the log.
    pub fn line(&self) -> Value {
        let line = self.log.recv().unwrap();
        line.parse().unwrap_or_else(|error| panic!("{error}: {line:?}"))
    }

    /// The path of a file of the folder.
    pub fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.folder)
    }

    /// The file of the folder, as text.
    pub fn file(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn key(&self) -> PrivateKey {
        Rsa::from(self.file("apiclient_key.pem").as_str(), Rsa::KEY_TYPE_PRIVATE).unwrap()
    }

    /// The request, signed for the merchant, and its answer.
    pub fn call(&self, method: &str, target: &str, body: &str) -> Answer {
        let serial = "3775B6A45ACD588826D15E583A95F5DD12345678";
        let authorization = authorization_of(("1900000109", serial, &self.key()), method, target, body.as_bytes());
        let bare = Bare::new(method, target, body).with("Authorization", &authorization);
        self.send(&bare.with("Content-Type", "application/json"))
    }

    /// Sends a request; over TLS with the merchant's certificate.
    pub fn send(&self, bare: &Bare) -> Answer {
        match &self.connector {
            Some(connector) => sent(connector.connect("127.0.0.1", opened(&self.base_uri)).unwrap(), "sandbox", bare),
            None => send(&self.base_uri, bare),
        }
    }

    /// A request to the page's server, with the headers that its own page sends.
    pub fn page(&self, method: &str, target: &str, body: &str) -> Answer {
        send_as(
            &self.page,
            &authority(&self.page),
            &Bare::new(method, target, body).with("Content-Type", "application/json"),
        )
    }

    /// Presses ctrl-c; what it has said by then.
    pub fn end(mut self) -> (Vec<Value>, Run) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        let lines = self.log.iter().map(|line| line.parse().unwrap()).collect();
        let output = std::mem::replace(&mut self.child, Command::new("true").spawn().unwrap());
        (lines, Run::of(output.wait_with_output().unwrap()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn connector(folder: &str) -> SslConnector {
    let mut connector = SslConnector::builder(SslMethod::tls_client()).unwrap();
    connector.set_ca_file(format!("{folder}/authority.pem")).unwrap();
    connector.set_private_key_file(format!("{folder}/apiclient_key.pem"), SslFiletype::PEM).unwrap();
    connector.set_certificate_file(format!("{folder}/apiclient_cert.pem"), SslFiletype::PEM).unwrap();
    connector.build()
}

/// The `host:port` of an address.
pub fn authority(base: &str) -> String {
    base.split_once("://").unwrap().1.trim_end_matches('/').to_owned()
}

pub fn send(base: &str, bare: &Bare) -> Answer {
    send_as(base, "sandbox", bare)
}

/// Sends it over plain HTTP, with this name in `Host`.
pub fn send_as(base: &str, host: &str, bare: &Bare) -> Answer {
    sent(opened(base), host, bare)
}

fn opened(base: &str) -> TcpStream {
    let stream = TcpStream::connect(authority(base)).unwrap();
    // Otherwise the end of a handshake waits for an acknowledgement.
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

fn sent(mut stream: impl Read + Write, host: &str, bare: &Bare) -> Answer {
    let head =
        String::from_utf8(bare.head(bare.body.len())).unwrap().replace("Host: sandbox", &format!("Host: {host}"));
    stream.write_all(&[head.as_bytes(), &bare.body].concat()).unwrap();
    Answer::read(&mut stream)
}
