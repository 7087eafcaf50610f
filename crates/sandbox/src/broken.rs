//! Answers that no server would send on purpose: cut off, longer or shorter than announced, or followed by another one.

use std::error::Error;
use std::sync::Mutex;
use std::{fmt, io, mem};

use http_body_util::BodyExt;
use hyper::body::{Body, Bytes};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use ureq::http::header::CONTENT_LENGTH;
use ureq::http::response::Parts;
use ureq::http::{Response, StatusCode};

use crate::content::Content;
use crate::lock::lock;

/// What is sent in place of an answer, bypassing the server's own HTTP.
pub(crate) struct Broken {
    head: Vec<u8>,
    /// Empty once it is written.
    body: Mutex<Content>,
    /// How many bytes of the body are sent.
    length: u64,
    /// Whether the connection serves further requests; otherwise it is closed.
    pub(crate) goes_on: bool,
}

impl Broken {
    /// Nothing at all.
    pub(crate) fn before_answer() -> Broken {
        Broken { head: Vec::new(), body: Mutex::new(nothing()), length: 0, goes_on: false }
    }

    /// Half of the body, or half of the head if there is no body.
    pub(crate) async fn in_answer(response: Response<Content>) -> Broken {
        let mut broken = Broken::after_answer(response).await;
        match broken.length {
            0 => broken.head.truncate(broken.head.len() / 2),
            length => broken.length = length / 2,
        }
        broken
    }

    /// The whole answer, without saying that the connection will be closed.
    pub(crate) async fn after_answer(response: Response<Content>) -> Broken {
        Broken::of_wrong_length(response, 0).await
    }

    /// The whole body, with a length that is this many bytes off.
    pub(crate) async fn of_wrong_length(response: Response<Content>, off: i64) -> Broken {
        let (parts, content) = response.into_parts();
        let (content, length) = measured(content).await;
        // 204 has no length, unless that is to be wrong.
        let has_length = parts.status != StatusCode::NO_CONTENT || off != 0;
        let head = head(&parts, has_length.then(|| length.saturating_add_signed(off)));
        // If bytes are missing, the connection must end; if there are too many, they stay on the connection.
        Broken { head, body: Mutex::new(content), length, goes_on: off < 0 }
    }

    /// The whole answer, followed by these bytes. All of it is sent as one piece, so that no client is fast enough to send
    /// its next request in between.
    pub(crate) async fn followed_by(response: Response<Content>, second: &[u8]) -> Broken {
        let mut broken = Broken::after_answer(response).await;
        let mut body = mem::replace(&mut *lock(&broken.body), nothing());
        while let Some(piece) = next(&mut body).await {
            broken.head.extend_from_slice(&piece);
        }
        broken.head.extend_from_slice(second);
        Broken { length: 0, goes_on: true, ..broken }
    }

    /// Writes it piece by piece. This can be done only once.
    ///
    /// # Errors
    /// If the client is gone.
    pub(crate) async fn write(&self, stream: &mut (impl AsyncWrite + Unpin)) -> io::Result<()> {
        let mut body = mem::replace(&mut *lock(&self.body), nothing());
        stream.write_all(&self.head).await?;
        let mut left = self.length;
        while left > 0 {
            let Some(piece) = next(&mut body).await else {
                break;
            };
            let most = usize::try_from(left).unwrap_or(usize::MAX);
            stream.write_all(piece.get(..most).unwrap_or(&piece)).await?;
            left = left.saturating_sub(piece.len() as u64);
        }
        stream.flush().await
    }
}

/// An answer as it is sent, as far as its bytes are in memory.
pub(crate) fn bytes(response: Response<Content>) -> Vec<u8> {
    let (parts, content) = response.into_parts();
    let mut bytes = head(&parts, Some(content.bytes().len() as u64));
    bytes.extend_from_slice(content.bytes());
    bytes
}

/// A head with this `Content-Length` in place of its own.
fn head(parts: &Parts, length: Option<u64>) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {}\r\n", parts.status).into_bytes();
    for (name, value) in parts.headers.iter().filter(|(name, _)| *name != CONTENT_LENGTH) {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    if let Some(length) = length {
        head.extend_from_slice(format!("content-length: {length}\r\n").as_bytes());
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// The same body with its length; if that is not known in advance, the body is read into memory.
async fn measured(mut content: Content) -> (Content, u64) {
    if let Some(length) = content.size_hint().exact() {
        return (content, length);
    }
    let mut bytes = Vec::new();
    while let Some(piece) = next(&mut content).await {
        bytes.extend_from_slice(&piece);
    }
    let length = bytes.len() as u64;
    (Content::from(Bytes::from(bytes)), length)
}

/// The next piece of a body; `None` at its end.
async fn next(content: &mut Content) -> Option<Bytes> {
    content.frame().await?.ok()?.into_data().ok()
}

fn nothing() -> Content {
    Content::from(Bytes::new())
}

impl fmt::Debug for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Broken").field("length", &self.length).field("goes_on", &self.goes_on).finish_non_exhaustive()
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an answer that is to be broken")
    }
}

impl Error for Broken {}
