//! What a call is known by, and answers as bytes.

use support::http::{Framing, write, write_head};

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
        let framed = format!("Content-Length: {}\r\n", self.body.len() as i64 + off);
        write_head(&self.line(), &framed, &self.headers)
    }

    pub fn bytes(&self) -> Vec<u8> {
        write(&self.line(), Framing::Length, &self.headers, &self.body)
    }

    pub fn chunked(&self) -> Vec<u8> {
        write(&self.line(), Framing::Chunked, &self.headers, &self.body)
    }

    fn line(&self) -> String {
        format!("{} Said", self.status)
    }
}
