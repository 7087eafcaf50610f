//! The request of a call as it would be sent, recorded on the way to nobody: the library calls a port of this process.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::Value;
use wechatpay::{Credentials, Formatter, Transformer};

use super::request::Request;
use crate::context::Configured;
use crate::exit::Exit;
use crate::failure::{Failure, Result};

/// How long a call to a port of this process may take.
const LONGEST: Duration = Duration::from_secs(10);

/// The most bytes of a body.
const MOST: u64 = 256 << 20;

/// A request, byte for byte, but for its host.
#[derive(Debug)]
pub struct Recording {
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Scheme, host and port that it is for.
    pub origin: String,
    /// In order; `host` is that which it is for.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What is signed.
#[derive(Debug)]
pub enum Signed {
    /// The message of APIv3, and its parts.
    Apiv3 { message: String, timestamp: String, nonce: String, signature: String },
    /// The text of APIv2, without the key at its end, and how it is hashed.
    Apiv2 { text: String, kind: String, signature: String },
}

impl Recording {
    /// Makes the call, and records what leaves. Nothing is fetched, and no file is written.
    pub fn of(request: &Request, configured: Configured) -> Result<Recording> {
        let has_keys = !configured.settings.certs.is_empty();
        if request.options.contains_key("encrypt") && !has_keys {
            return Err(Failure::usage("to encrypt, the platform's key is needed, and nothing is fetched here")
                .next("give it by --cert ID=FILE, or in the profile; `wechatpay certs` fetches it"));
        }
        let connected = configured.connect_with(|builder, settings| {
            let without = Credentials::new().download_certs(false).verifier(|_: &str, _: &[u8], _: &str| Ok(false));
            Ok(if has_keys || settings.private_key.is_none() { builder } else { builder.credentials(without) })
        })?;
        let failed =
            |error: std::io::Error| Failure::new(Exit::Failed, format!("no port of this machine can be used: {error}"));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let (origin, path) = split(&request.base_uri);
        let base_uri = format!("http://127.0.0.1:{port}{path}");
        let options = request.library_options(|options| {
            ["sink", "expect", "retries"].into_iter().for_each(|name| {
                options.shift_remove(name);
            });
            let own = [
                ("base_uri", base_uri.into()),
                ("proxy", "".into()),
                ("debug", false.into()),
                ("failover", false.into()),
            ];
            options.extend(own.into_iter().map(|(name, value): (&str, Value)| (name.to_owned(), value)));
            options.insert("timeout".into(), LONGEST.as_secs().into());
        })?;
        let (sender, recorded) = mpsc::channel();
        // If nothing is sent, it waits until the process ends.
        thread::spawn(move || {
            if let Ok((stream, _)) = listener.accept() {
                let _ = record(&stream, |recording| sender.send(recording).is_ok());
            }
        });
        let called = connected.instance.chain(&request.template).request(request.method, options);
        match (recorded.try_recv(), called) {
            (Ok(recording), _) => Ok(recording.at(origin)),
            (Err(_), Err(error)) => Err(Failure::call(&error)),
            (Err(_), Ok(_)) => Err(Failure::new(Exit::Failed, "the request was not recorded")),
        }
    }

    fn at(mut self, origin: &str) -> Recording {
        self.origin = origin.to_owned();
        let host = origin.split_once("://").map_or(origin, |(_, host)| host);
        for (name, value) in &mut self.headers {
            if name.eq_ignore_ascii_case("host") {
                *value = host.to_owned();
            }
        }
        self
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The whole address.
    pub fn url(&self) -> String {
        format!("{}{}", self.origin, self.target)
    }

    /// What of the body is signed: all of it, but of a form its `meta`.
    pub fn signed_body(&self) -> &[u8] {
        let boundary = self.header("content-type").and_then(|kind| kind.strip_prefix("multipart/form-data; boundary="));
        let meta = boundary.and_then(|boundary| {
            let begin = find(&self.body, b"name=\"meta\"")?;
            let part = self.body.get(begin..)?;
            let part = part.get(find(part, b"\r\n\r\n")?.checked_add(4)?..)?;
            part.get(..find(part, format!("\r\n--{boundary}").as_bytes())?)
        });
        meta.unwrap_or(if boundary.is_some() { b"" } else { &self.body })
    }

    /// What is signed; `None` if the request is not as expected.
    pub fn signed(&self) -> Option<Signed> {
        let Some(authorization) = self.header("authorization") else { return self.signed_of_apiv2() };
        let part = |name: &str| {
            let begin = authorization.split_once(&format!("{name}=\""))?.1;
            Some(begin.split_once('"')?.0.to_owned())
        };
        let (timestamp, nonce) = (part("timestamp")?, part("nonce_str")?);
        let seconds: i64 = timestamp.parse().ok()?;
        let message = Formatter::request(&self.method, &self.target, seconds, &nonce, self.signed_body());
        Some(Signed::Apiv3 {
            message: String::from_utf8(message).ok()?,
            timestamp,
            nonce,
            signature: part("signature")?,
        })
    }

    fn signed_of_apiv2(&self) -> Option<Signed> {
        let fields = match self.target.split_once('?') {
            Some((_, query)) if self.body.is_empty() => super::query::Query::of(query).into_option().ok()??,
            _ => Transformer::to_array(&self.body).ok()?,
        };
        let fields = fields.as_object()?.clone();
        let text_of = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
        let (kind, signature) = (text_of("sign_type").unwrap_or_else(|| "MD5".to_owned()), text_of("sign")?);
        Some(Signed::Apiv2 { text: Formatter::query_string_like(&Formatter::ksort(fields)), kind, signature })
    }
}

/// Origin and path of a base.
fn split(base_uri: &str) -> (&str, &str) {
    let after = base_uri.find("://").map_or(0, |at| at.saturating_add(3));
    let host = base_uri.get(after..).unwrap_or_default();
    let end = host.find('/').map_or(base_uri.len(), |at| at.saturating_add(after));
    base_uri
        .split_at_checked(end)
        .filter(|(_, path)| !path.is_empty())
        .unwrap_or((base_uri.get(..end).unwrap_or(base_uri), "/"))
}

fn find(bytes: &[u8], piece: &[u8]) -> Option<usize> {
    bytes.windows(piece.len()).position(|window| window == piece)
}

/// Reads one request, and answers it when it is recorded.
fn record(stream: &TcpStream, done: impl FnOnce(Recording) -> bool) -> std::io::Result<()> {
    stream.set_read_timeout(Some(LONGEST))?;
    let mut reader = BufReader::new(stream);
    let mut line = || -> std::io::Result<String> {
        let mut line = Vec::new();
        reader.by_ref().take(1 << 20).read_until(b'\n', &mut line)?;
        Ok(String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned())
    };
    let first = line()?;
    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
    let mut headers = Vec::new();
    loop {
        let header = line()?;
        let Some((name, value)) = header.split_once(':') else { break };
        headers.push((name.to_owned(), value.trim_start().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let length = length.and_then(|(_, length)| length.parse::<u64>().ok()).unwrap_or_default();
    let mut body = Vec::new();
    reader.take(length.min(MOST)).read_to_end(&mut body)?;
    if done(Recording { method, target, origin: String::new(), headers, body }) {
        let mut stream = stream;
        stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")?;
    }
    Ok(())
}
