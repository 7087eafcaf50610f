//! The content of an answer: bytes in memory, a bill that is written while it is sent, or something that does not end.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use hyper::body::{Body, Bytes, Frame, SizeHint};

use crate::bill::BillWriter;

/// The body of an answer.
pub(crate) enum Content {
    Bytes(Bytes),
    Bill(Box<BillWriter>),
    /// These bytes, followed by spaces forever.
    Endless(Bytes),
}

/// A piece of the spaces that do not end.
static SPACES: [u8; 64 * 1024] = [b' '; 64 * 1024];

impl Content {
    /// The bytes that are in memory.
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Content::Bytes(bytes) | Content::Endless(bytes) => bytes,
            Content::Bill(_) => &[],
        }
    }

    /// The bytes that are in memory, to be kept.
    pub(crate) fn shown(&self) -> Bytes {
        match self {
            Content::Bytes(bytes) | Content::Endless(bytes) => bytes.clone(),
            Content::Bill(_) => Bytes::new(),
        }
    }

    /// The same content without an end; of a bill, nothing is kept.
    pub(crate) fn endless(self) -> Content {
        match self {
            Content::Bytes(bytes) | Content::Endless(bytes) => Content::Endless(bytes),
            Content::Bill(_) => Content::Endless(Bytes::new()),
        }
    }
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Content {
        Content::Bytes(bytes)
    }
}

impl From<BillWriter> for Content {
    fn from(bill: BillWriter) -> Content {
        Content::Bill(Box::new(bill))
    }
}

/// hyper asks for the next piece when the last one has been sent, so one is in memory at a time.
impl Body for Content {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let piece = match self.get_mut() {
            Content::Bytes(bytes) => Some(std::mem::take(bytes)).filter(|bytes| !bytes.is_empty()),
            Content::Bill(bill) => bill.next().map(Bytes::from),
            Content::Endless(bytes) if bytes.is_empty() => Some(Bytes::from_static(&SPACES)),
            Content::Endless(bytes) => Some(std::mem::take(bytes)),
        };
        Poll::Ready(piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Content::Bytes(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Content::Bytes(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Content::Bill(bill) => bill.size().map(SizeHint::with_exact).unwrap_or_default(),
            Content::Endless(_) => SizeHint::default(),
        }
    }
}
