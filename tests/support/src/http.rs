//! HTTP/1.1 as bytes: the one reader of requests and of answers, and the writer of answers.

use std::io::{BufRead, Read};

/// More than anybody sends.
const MOST_HEADERS: usize = 256;

type Headers = Vec<(String, String)>;

/// A request as it arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub method: String,
    pub target: String,
    pub headers: Headers,
    pub body: Vec<u8>,
}

/// What came of a request.
pub enum Arrival {
    Whole(Arrived),
    /// The connection ended in it, or it is not HTTP/1.1.
    Fragment(Vec<u8>),
    /// The connection ended before it.
    Nothing,
}

impl Arrived {
    /// The first value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        named(&self.headers, name).next()
    }

    /// All values of a header.
    pub fn all(&self, name: &str) -> Vec<&str> {
        named(&self.headers, name).collect()
    }

    /// How long the body is said to be.
    pub fn length(&self) -> usize {
        self.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0)
    }

    /// The head of a request without its body, and how long that head is; none as long as it is not whole.
    pub fn head(bytes: &[u8]) -> Option<(Arrived, usize)> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut request = httparse::Request::new(&mut headers);
        let Ok(httparse::Status::Complete(length)) = request.parse(bytes) else { return None };
        if request.version != Some(1) {
            return None;
        }
        let (method, target) = (request.method?.to_owned(), request.path?.to_owned());
        Some((Arrived { method, target, headers: owned(request.headers), body: Vec::new() }, length))
    }

    /// The next request of a connection.
    pub fn read(reader: &mut impl BufRead) -> Arrival {
        let makes_sense = |bytes: &[u8]| {
            let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
            httparse::Request::new(&mut headers).parse(bytes).is_ok()
        };
        let bytes = head(reader, makes_sense);
        let Some((mut request, _)) = Arrived::head(&bytes) else {
            return if bytes.is_empty() { Arrival::Nothing } else { Arrival::Fragment(bytes) };
        };
        request.body = vec![0; request.length()];
        match reader.read_exact(&mut request.body) {
            Ok(()) => Arrival::Whole(request),
            Err(_) => Arrival::Fragment(bytes),
        }
    }
}

/// An answer as it came.
pub struct Answer {
    pub status: u16,
    pub headers: Headers,
    pub body: Vec<u8>,
}

impl Answer {
    /// The bytes of an answer, whose body is taken as it is.
    pub fn parse(bytes: &[u8]) -> Answer {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut answer = httparse::Response::new(&mut headers);
        let length = answer.parse(bytes).unwrap().unwrap();
        Answer { status: answer.code.unwrap(), headers: owned(answer.headers), body: bytes[length..].to_vec() }
    }

    /// All that comes until the other side closes.
    pub fn read(stream: &mut impl Read) -> Answer {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let mut answer = Answer::parse(&bytes);
        if answer.header("transfer-encoding") == Some("chunked") {
            answer.body = unchunked(&answer.body);
        }
        answer
    }

    /// The head of an answer; its body, which is as long as it says, is still to come.
    pub fn read_head(stream: &mut impl BufRead) -> Answer {
        Answer::parse(&head(stream, |_| true))
    }

    /// The value of a header that there is once at most.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = named(&self.headers, name);
        let value = values.next();
        assert!(values.next().is_none(), "{name} stands there twice");
        value
    }

    /// How long the body is said to be.
    pub fn length(&self) -> usize {
        self.header("content-length").map_or(0, |length| length.parse().unwrap())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// All bytes up to the empty line, or as many as there are, or as make sense.
fn head(reader: &mut impl BufRead, make_sense: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes).is_ok_and(|length| length > 0) {
        if bytes.ends_with(b"\r\n\r\n") || !make_sense(&bytes) {
            break;
        }
    }
    bytes
}

fn named<'a>(headers: &'a Headers, name: &str) -> impl Iterator<Item = &'a str> {
    headers.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn owned(headers: &[httparse::Header]) -> Headers {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    headers.iter().map(|header| (header.name.to_owned(), text(header.value))).collect()
}

fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let end = bytes.windows(2).position(|window| window == b"\r\n").unwrap();
        let length = usize::from_str_radix(std::str::from_utf8(&bytes[..end]).unwrap(), 16).unwrap();
        whole.extend_from_slice(&bytes[end + 2..end + 2 + length]);
        bytes = &bytes[end + 2 + length + 2..];
        if length == 0 {
            return whole;
        }
    }
}

/// How an answer says where its body ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Framing {
    Length,
    Chunked,
    /// Not at all: with the connection.
    Unframed,
    /// There is no body, by the status.
    Bodiless,
}

/// The bytes of an answer.
pub fn write(status: &str, framing: Framing, headers: &[(&str, String)], body: &[u8]) -> Vec<u8> {
    let framed = match framing {
        Framing::Length => format!("Content-Length: {}\r\n", body.len()),
        Framing::Chunked => "Transfer-Encoding: chunked\r\n".to_owned(),
        Framing::Unframed => "Connection: close\r\n".to_owned(),
        Framing::Bodiless => String::new(),
    };
    let body = if framing == Framing::Chunked { chunks(body) } else { body.to_vec() };
    [write_head(status, &framed, headers), body].concat()
}

/// The head of an answer, with these lines first.
pub fn write_head(status: &str, framed: &str, headers: &[(&str, String)]) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {status}\r\n{framed}");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    (head + "\r\n").into_bytes()
}

/// A body in two chunks.
fn chunks(body: &[u8]) -> Vec<u8> {
    let (first, second) = body.split_at(body.len() / 2);
    let chunk = |piece: &[u8]| [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat();
    [chunk(first), chunk(second), chunk(&[])].concat()
}
