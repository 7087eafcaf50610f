//! Requests and answers as bytes.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;

pub struct Request {
    pub method: String,
    pub target: String,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

pub enum Arrival {
    Whole(Request),
    /// The connection ended in it.
    Fragment(Vec<u8>),
    /// The connection ended before it.
    Nothing,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn read(reader: &mut BufReader<TcpStream>) -> Arrival {
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"\r\n\r\n") {
            let whole = reader.read_until(b'\n', &mut bytes).is_ok_and(|length| length > 0);
            match (whole, bytes.is_empty()) {
                (true, _) => {}
                (false, true) => return Arrival::Nothing,
                (false, false) => return Arrival::Fragment(bytes),
            }
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let mut lines = text.lines();
        let mut words = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let mut request = Request { method, target, headers, body: Vec::new() };
        let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or_default();
        request.body = vec![0; length];
        match reader.read_exact(&mut request.body) {
            Ok(()) => Arrival::Whole(request),
            Err(_) => Arrival::Fragment(bytes),
        }
    }
}

/// Sequence and number of the call that an address is of.
pub fn ticket(target: &[u8]) -> Option<(u64, usize)> {
    let target = String::from_utf8_lossy(target);
    let mut words = target.split_once("call-")?.1.split(|letter: char| !letter.is_ascii_digit());
    Some((words.next()?.parse().ok()?, words.next()?.parse().ok()?))
}

/// The part of an address that [`ticket`] reads.
pub fn ticket_of(sequence: u64, number: usize) -> String {
    format!("call-{sequence}-{number}")
}

/// An answer before it is written.
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The head, under a length that is so many bytes off.
    pub fn head(&self, off: i64) -> Vec<u8> {
        self.head_with(&format!("Content-Length: {}", self.body.len() as i64 + off))
    }

    pub fn head_with(&self, framing: &str) -> Vec<u8> {
        let mut text = format!("HTTP/1.1 {} Said\r\n{framing}\r\n", self.status);
        for (name, value) in &self.headers {
            text += &format!("{name}: {value}\r\n");
        }
        (text + "\r\n").into_bytes()
    }

    pub fn bytes(&self) -> Vec<u8> {
        [self.head(0), self.body.clone()].concat()
    }

    /// In two chunks.
    pub fn chunked(&self) -> Vec<u8> {
        let mut bytes = self.head_with("Transfer-Encoding: chunked");
        let (first, second) = self.body.split_at(self.body.len() / 2);
        for chunk in [first, second, &[]] {
            bytes.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
            bytes.extend_from_slice(chunk);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes
    }
}
