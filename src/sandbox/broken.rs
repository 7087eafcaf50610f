//! Answers that no server means to give: cut off, or longer or shorter than they say.

use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;

use hyper::body::Body;
use ureq::http::Response;
use ureq::http::header::CONTENT_LENGTH;

use super::content::Content;

/// The most of a body that is sent, in bytes; of a bill that is longer, the rest is not written.
const LONGEST: usize = 1024 * 1024;

/// The bytes that leave in place of an answer, past the server's idea of HTTP.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) bytes: Vec<u8>,
    /// Whether the connection serves further requests, or else is closed.
    pub(super) goes_on: bool,
}

impl Broken {
    /// Nothing at all.
    pub(super) fn before_answer() -> Broken {
        Broken { bytes: Vec::new(), goes_on: false }
    }

    /// Half of the body, or half of the head where there is no body.
    pub(super) async fn in_answer(response: Response<Content>) -> Broken {
        let (mut bytes, body, whole) = written(response, 0).await;
        match body.is_empty() {
            true => bytes.truncate(bytes.len() / 2),
            false => {
                bytes.extend_from_slice(body.get(..usize::try_from(whole / 2).unwrap_or(LONGEST)).unwrap_or(&body))
            }
        }
        Broken { bytes, goes_on: false }
    }

    /// The whole answer, and no word of the connection being closed.
    pub(super) async fn after_answer(response: Response<Content>) -> Broken {
        Broken { goes_on: false, ..Broken::of_wrong_length(response, 0).await }
    }

    /// The whole body, under a length that is so many bytes off.
    pub(super) async fn of_wrong_length(response: Response<Content>, off: i64) -> Broken {
        let (mut bytes, body, _) = written(response, off).await;
        bytes.extend_from_slice(&body);
        // What is waited for must end; what is too much stays on the connection.
        Broken { bytes, goes_on: off < 0 }
    }
}

/// The head, the body as far as it is sent, and the length of the whole. The length that the head announces is off by
/// this.
async fn written(response: Response<Content>, off: i64) -> (Vec<u8>, Vec<u8>, u64) {
    let (parts, mut content) = response.into_parts();
    let announced = content.size_hint().exact();
    let mut body = Vec::new();
    while body.len() < LONGEST {
        let Some(Ok(frame)) = poll_fn(|context| Pin::new(&mut content).poll_frame(context)).await else {
            break;
        };
        body.extend(frame.into_data().unwrap_or_default());
    }
    let length = announced.unwrap_or(body.len() as u64);
    let mut head = format!("HTTP/1.1 {}\r\n", parts.status).into_bytes();
    for (name, value) in parts.headers.iter().filter(|(name, _)| *name != CONTENT_LENGTH) {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(format!("content-length: {}\r\n\r\n", length.saturating_add_signed(off)).as_bytes());
    (head, body, length)
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer that is to be broken")
    }
}

impl Error for Broken {}
