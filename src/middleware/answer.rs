//! An answer that has passed the middleware. Its body is still to be received or, if it was checked, already in memory.

use std::io::{Cursor, Read};
use std::sync::Arc;

use serde_json::Value;
use ureq::Body;
use ureq::http::{self, HeaderMap, StatusCode};

use crate::error::sign_error::SignedMessage;
use crate::error::{Error, TooLargeError};

/// The answer to one request.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The message that was signed, if the answer may be about it.
    pub(crate) signed: Option<SignedMessage>,
    /// The fields of an APIv2 answer, which were parsed to check it.
    pub(crate) data: Option<Arc<Value>>,
    body: Incoming,
}

enum Incoming {
    Whole(Vec<u8>),
    Rest(Body),
}

/// A body that is already in memory, kept in the extensions of its answer, whose own body has been read to its end.
#[derive(Clone)]
pub(super) struct Whole {
    pub(super) body: Vec<u8>,
    /// The fields of an APIv2 answer, if they were parsed to check it.
    pub(super) data: Option<Arc<Value>>,
}

impl Answer {
    pub(super) fn of(response: http::Response<Body>) -> Answer {
        let (mut head, body) = response.into_parts();
        let (data, body) = match head.extensions.remove() {
            Some(Whole { body, data }) => (data, Incoming::Whole(body)),
            None => (None, Incoming::Rest(body)),
        };
        Answer { status: head.status, headers: head.headers, signed: head.extensions.remove(), data, body }
    }

    /// Reads the whole body, if it is not larger than the limit.
    ///
    /// # Errors
    /// Those of ureq.
    pub(super) fn read(&mut self, limit: u64) -> Result<Vec<u8>, ureq::Error> {
        match &mut self.body {
            Incoming::Whole(body) => Ok(std::mem::take(body)),
            Incoming::Rest(body) => read(body, limit),
        }
    }

    /// A reader of the body.
    pub(crate) fn reader(&mut self) -> Box<dyn Read + '_> {
        match &mut self.body {
            Incoming::Whole(body) => Box::new(Cursor::new(std::mem::take(body))),
            Incoming::Rest(body) => Box::new(body.as_reader()),
        }
    }
}

/// Reads a whole body, if it is not larger than the limit.
pub(super) fn read(body: &mut Body, limit: u64) -> Result<Vec<u8>, ureq::Error> {
    // ureq fails as soon as its limit is reached, even if nothing follows.
    match body.with_config().limit(limit.saturating_add(1)).read_to_vec() {
        Err(ureq::Error::BodyExceedsLimit(_)) => {
            Err(ureq::Error::Other(Box::new(Error::TooLarge(Box::new(TooLargeError { limit })))))
        }
        result => result,
    }
}
