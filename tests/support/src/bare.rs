//! A client of the sandbox that is none of the crate's: bytes into a socket, bytes out of it.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use openssl::pkey::{PKey, PKeyRef, Private, Public};
use openssl::ssl::{SslConnector, SslMethod};
use openssl::x509::X509;
use serde_json::Value;
use wechatpay::{Formatter, PrivateKey, Rsa};
use wechatpay_sandbox::Sandbox;

pub use crate::http::Answer;

/// A connection, over TLS or not.
pub trait Connection: Read + Write {}

impl<T: Read + Write> Connection for T {}

/// A key and its certificate, for TLS.
pub type Identity = (PKey<Private>, X509);

/// Connects as the base URI says, trusting the sandbox's authority alone.
pub fn connect(sandbox: &Sandbox, identity: Option<&Identity>) -> Box<dyn Connection> {
    connect_to(sandbox.base_uri(), sandbox, identity)
}

/// The same at one of its hosts.
pub fn connect_to(base_uri: &str, sandbox: &Sandbox, identity: Option<&Identity>) -> Box<dyn Connection> {
    let (scheme, address) = base_uri.trim_end_matches('/').split_once("://").unwrap();
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    if scheme == "http" {
        return Box::new(stream);
    }
    let mut connector = SslConnector::builder(SslMethod::tls_client()).unwrap();
    connector.set_ca_file(sandbox.ca_file().unwrap()).unwrap();
    if let Some((key, certificate)) = identity {
        connector.set_private_key(key).unwrap();
        connector.set_certificate(certificate).unwrap();
    }
    Box::new(connector.build().connect("127.0.0.1", stream).unwrap())
}

/// A request, byte by byte.
#[derive(Clone)]
pub struct Bare {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Bare {
    pub fn new(method: &str, target: &str, body: impl Into<Vec<u8>>) -> Bare {
        let bare = Bare { method: method.into(), target: target.into(), headers: Vec::new(), body: body.into() };
        bare.with("Accept", "*/*").with("User-Agent", "a bare socket")
    }

    /// Signed for the merchant, over `signed` in place of the body.
    pub fn signed(sandbox: &Sandbox, method: &str, target: &str, body: impl Into<Vec<u8>>, signed: &[u8]) -> Bare {
        Bare::new(method, target, body).with("Authorization", &authorization(sandbox, method, target, signed))
    }

    pub fn get(sandbox: &Sandbox, target: &str) -> Bare {
        Bare::signed(sandbox, "GET", target, "", b"")
    }

    pub fn with(mut self, name: &str, value: &str) -> Bare {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The request up to its body, which has this length; the connection is to be closed then.
    pub fn head(&self, length: usize) -> Vec<u8> {
        self.clone().with("Connection", "close").kept_head(length)
    }

    /// The same on a connection that is kept.
    pub fn kept_head(&self, length: usize) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\nHost: sandbox\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        (head + &format!("Content-Length: {length}\r\n\r\n")).into_bytes()
    }

    pub fn send(&self, sandbox: &Sandbox) -> Answer {
        self.send_as(sandbox, None)
    }

    /// Sends it, showing a certificate.
    pub fn send_as(&self, sandbox: &Sandbox, identity: Option<&Identity>) -> Answer {
        let mut stream = connect(sandbox, identity);
        stream.write_all(&[self.head(self.body.len()), self.body.clone()].concat()).unwrap();
        Answer::read(&mut stream)
    }
}

/// The value of a right `Authorization`.
pub fn authorization(sandbox: &Sandbox, method: &str, target: &str, signed: &[u8]) -> String {
    let merchant = (sandbox.mchid(), sandbox.merchant_serial(), sandbox.merchant_private_key());
    authorization_of(merchant, method, target, signed)
}

/// The same for a merchant of this id, this serial and this key.
pub fn authorization_of(
    (mchid, serial, key): (&str, &str, &PrivateKey),
    method: &str,
    target: &str,
    signed: &[u8],
) -> String {
    let (timestamp, nonce) = (Formatter::timestamp(), Formatter::nonce(32));
    let message = [format!("{method}\n{target}\n{timestamp}\n{nonce}\n").as_bytes(), signed, b"\n"].concat();
    let signature = Rsa::sign(message, key).unwrap();
    Formatter::authorization(mchid, nonce, signature, timestamp, serial)
}

impl Answer {
    /// The JSON of the body, which must be signed.
    pub fn json(&self, sandbox: &Sandbox) -> Value {
        assert!(self.holds(sandbox, &self.body), "{}", self.text());
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Whether the signature holds for this.
    pub fn holds(&self, sandbox: &Sandbox, signed: &[u8]) -> bool {
        assert_eq!(self.header("wechatpay-serial"), Some(sandbox.platform_serial()));
        let key = PKey::public_key_from_pem(sandbox.platform_public_key_pem().as_bytes()).unwrap();
        self.holds_for(&key, signed)
    }

    /// Whether the signature is that of this key's owner over this.
    pub fn holds_for(&self, key: &PKeyRef<Public>, signed: &[u8]) -> bool {
        let header = |name| self.header(name).unwrap();
        let message = format!("{}\n{}\n", header("wechatpay-timestamp"), header("wechatpay-nonce"));
        let message = [message.as_bytes(), signed, b"\n"].concat();
        crate::keys::verify(&message, header("wechatpay-signature"), key)
    }

    pub fn is_unsigned(&self) -> bool {
        !self.headers.iter().any(|(name, _)| name.to_ascii_lowercase().starts_with("wechatpay-"))
    }
}
