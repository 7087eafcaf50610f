//! Requests and answers as people have written them down: raw HTTP, what `curl -v` or `--debug` prints, or a body alone.

use serde_json::Value;
use wechatpay::http::Method;

/// A request or an answer, as far as it was written down.
#[derive(Debug, Default)]
pub struct Message {
    pub start: Start,
    pub headers: Vec<(String, String)>,
    /// `None` if the body was not written down; it may be empty.
    pub body: Option<Vec<u8>>,
}

/// The first line of a message.
#[derive(Debug, Default, PartialEq, Eq)]
pub enum Start {
    Request {
        method: String,
        /// The path and the query.
        target: String,
    },
    Answer {
        status: u16,
    },
    /// It was not written down.
    #[default]
    Unknown,
}

impl Message {
    /// The first value of a header, whatever the case of its name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of a header.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let name = name.to_owned();
        self.headers.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(&name)).map(|(_, value)| value.as_str())
    }

    pub fn body(&self) -> &[u8] {
        self.body.as_deref().unwrap_or_default()
    }
}

/// What begins a file of UTF-8 of some editors.
pub const BOM: &[u8] = b"\xef\xbb\xbf";

/// All messages of a text, in order.
pub fn read(text: &[u8]) -> Vec<Message> {
    let start = text.strip_prefix(BOM).unwrap_or(text).trim_ascii_start();
    let is_marked = |line: &[u8]| [&b"> "[..], b"< ", b"* "].iter().any(|mark| line.starts_with(mark));
    if is_marked(start) || text.split(|byte| *byte == b'\n').any(|line| line.starts_with(b"> ")) {
        return dialogue(text);
    }
    if head_line(start) {
        return raw(start);
    }
    vec![Message { body: Some(text.to_vec()), ..Message::default() }]
}

/// The headers that a file has: a line each, perhaps with the first line of a message above them.
pub fn headers(text: &str) -> Message {
    let mut message = Message::default();
    for line in text.lines().map(|line| line.trim_start_matches(['<', '>']).trim()) {
        add(&mut message, line);
    }
    message
}

/// Whether a head begins here, and no body.
fn head_line(text: &[u8]) -> bool {
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let Ok(line) = std::str::from_utf8(line) else { return false };
    start(line).is_some() || header(line).is_some()
}

/// `POST /v3/pay HTTP/1.1`, `HTTP/1.1 401 Unauthorized`, `401 Unauthorized`.
fn start(line: &str) -> Option<Start> {
    let mut words = line.split_whitespace();
    let (first, second) = (words.next()?, words.next());
    let status = |word: &str| word.parse::<u16>().ok().filter(|status| (100..600).contains(status));
    if first.starts_with("HTTP/") {
        return Some(Start::Answer { status: status(second?)? });
    }
    if let Some(status) = status(first) {
        return Some(Start::Answer { status });
    }
    let is_method = first.parse::<Method>().is_ok() && first.bytes().all(|byte| byte.is_ascii_uppercase());
    // A blank in the target is one of the mistakes to be found.
    let rest = line.get(first.len()..)?.trim();
    let target = rest.rsplit_once(" HTTP/").map_or(rest, |(target, _)| target);
    let target = target.split_once("://").and_then(|(_, rest)| rest.get(rest.find('/')?..)).unwrap_or(target);
    (is_method && target.starts_with('/'))
        .then(|| Start::Request { method: first.to_owned(), target: target.to_owned() })
}

/// `Name: value`.
fn header(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    is_name.then(|| (name.to_owned(), value.trim().to_owned()))
}

fn add(message: &mut Message, line: &str) {
    if let Some(header) = header(line) {
        message.headers.push(header);
    } else if let Some(start) = start(line) {
        message.start = start;
    }
}

/// HTTP as it is on the wire, with the line ends of any system: a message, perhaps with the one after it.
fn raw(mut text: &[u8]) -> Vec<Message> {
    let mut messages = Vec::new();
    while !text.trim_ascii().is_empty() {
        let (head, rest) = head(text);
        let mut message = headers(&String::from_utf8_lossy(head));
        let length = message.header("content-length").and_then(|length| length.parse::<usize>().ok());
        // What is behind the length is of the file, or of the next message.
        let (body, rest) = length.and_then(|length| rest.split_at_checked(length)).unwrap_or((rest, &[]));
        message.body = Some(body.to_vec());
        messages.push(message);
        text = rest;
    }
    messages
}

/// What is before the first empty line, and what is after it.
fn head(text: &[u8]) -> (&[u8], &[u8]) {
    let mut end = 0usize;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let after = end.saturating_add(line.len());
        if line.trim_ascii().is_empty() {
            return (text.get(..end).unwrap_or_default(), text.get(after..).unwrap_or_default());
        }
        end = after;
    }
    (text, &[])
}

/// What `curl -v` and `--debug` print: lines of requests behind `>`, those of answers behind `<`; the lines of bodies may have
/// no mark.
fn dialogue(text: &[u8]) -> Vec<Message> {
    let text = String::from_utf8_lossy(text);
    let mut messages: Vec<Message> = Vec::new();
    let mut mark = ' ';
    let mut in_body = false;
    for line in text.lines() {
        let marked = match line.split_at_checked(1) {
            Some((sign @ (">" | "<"), rest)) if rest.is_empty() || rest.starts_with(' ') => {
                Some((if sign == ">" { '>' } else { '<' }, rest.trim_start_matches(' ')))
            }
            _ => None,
        };
        match marked {
            Some((sign, rest)) if start(rest).is_some() && (sign != mark || in_body || messages.is_empty()) => {
                let mut message = Message::default();
                add(&mut message, rest);
                messages.push(message);
                (mark, in_body) = (sign, false);
            }
            Some((sign, "")) if sign == mark => in_body = true,
            Some((sign, rest)) if sign == mark => {
                if let Some(message) = messages.last_mut() {
                    if in_body { append(message, rest) } else { add(message, rest) }
                }
            }
            _ if is_of_curl(line) => {}
            _ => {
                if let Some(message) = messages.last_mut().filter(|_| in_body) {
                    append(message, line);
                }
            }
        }
    }
    messages.iter_mut().filter_map(|message| message.body.as_mut()).for_each(|body| body.truncate(end(body)));
    messages
}

/// Where a document ends, behind which other programs have gone on; the end if it is no document.
fn end(body: &[u8]) -> usize {
    let end = match body.first() {
        Some(b'{' | b'[') => {
            let mut documents = serde_json::Deserializer::from_slice(body).into_iter::<Value>();
            documents.next().and_then(Result::ok).map(|_| documents.byte_offset())
        }
        Some(b'<') => body.iter().rposition(|byte| *byte == b'>').map(|last| last.saturating_add(1)),
        _ => None,
    };
    end.unwrap_or(body.len())
}

/// What curl says beside the messages.
fn is_of_curl(line: &str) -> bool {
    ["* ", "{ [", "} ["].iter().any(|mark| line.starts_with(mark))
}

/// Adds a line to the body.
fn append(message: &mut Message, line: &str) {
    match &mut message.body {
        Some(body) => {
            body.push(b'\n');
            body.extend(line.as_bytes());
        }
        None => message.body = Some(line.as_bytes().to_vec()),
    }
}
