//! An answer that the middleware has let pass, its body still on its way or in memory already because it was checked.

use std::io::{Cursor, Read};

use ureq::Body;
use ureq::http::{self, HeaderMap, StatusCode};

use crate::error::sign_error::SignedMessage;
use crate::error::{Error, TooLargeError};

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// What was signed, of an answer that may be about that.
    pub(crate) signed: Option<SignedMessage>,
    body: Incoming,
}

enum Incoming {
    Whole(Vec<u8>),
    Rest(Body),
}

/// A body that is in memory, in the extensions of its answer, whose own body is at its end by then.
#[derive(Clone)]
pub(super) struct Whole(pub(super) Vec<u8>);

impl Answer {
    pub(super) fn of(response: http::Response<Body>) -> Answer {
        let (mut head, body) = response.into_parts();
        let whole = head.extensions.remove().map(|Whole(body)| Incoming::Whole(body));
        Answer {
            status: head.status,
            headers: head.headers,
            signed: head.extensions.remove(),
            body: whole.unwrap_or(Incoming::Rest(body)),
        }
    }

    /// The whole body, when it is not larger than the limit.
    ///
    /// # Errors
    /// As ureq has them.
    pub(super) fn read(&mut self, limit: u64) -> Result<Vec<u8>, ureq::Error> {
        match &mut self.body {
            Incoming::Whole(body) => Ok(std::mem::take(body)),
            Incoming::Rest(body) => read(body, limit),
        }
    }

    /// The body piece by piece.
    pub(crate) fn reader(&mut self) -> Box<dyn Read + '_> {
        match &mut self.body {
            Incoming::Whole(body) => Box::new(Cursor::new(std::mem::take(body))),
            Incoming::Rest(body) => Box::new(body.as_reader()),
        }
    }
}

/// A whole body, when it is not larger than the limit.
pub(super) fn read(body: &mut Body, limit: u64) -> Result<Vec<u8>, ureq::Error> {
    // ureq gives up where its limit is reached, even when there is nothing more.
    match body.with_config().limit(limit.saturating_add(1)).read_to_vec() {
        Err(ureq::Error::BodyExceedsLimit(_)) => {
            Err(ureq::Error::Other(Box::new(Error::TooLarge(Box::new(TooLargeError { limit })))))
        }
        result => result,
    }
}
