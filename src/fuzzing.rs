//! Private functions for the targets of `fuzz`; there only under `--cfg fuzzing`, and no part of the API.
#![allow(missing_docs)]

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

use ureq::http::HeaderMap;
use ureq::unversioned::transport::{Buffers, LazyBuffers, NextTimeout, Transport};

use crate::crypto::key::PublicKey;
use crate::error::VerificationFailure;
use crate::keys::platform_keys::{PlatformKey, PlatformKeys};
use crate::middleware::apiv3;
use crate::request::table::ROWS;

/// Whether the `Wechatpay-*` headers of an answer hold, with one platform key of this name.
pub fn verify(serial: &str, key: &PublicKey, headers: &HeaderMap, body: &[u8]) -> Result<(), VerificationFailure> {
    let key = PlatformKey { key: key.clone(), certificate: None };
    let keys = PlatformKeys { configured: BTreeMap::from([(serial.to_owned(), key)]), ..PlatformKeys::default() };
    apiv3::verify(&keys, headers, body)
}

/// The names of all options.
pub fn option_names() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|row| row.name)
}

thread_local! {
    /// What the connections of this thread answer, one after the other, byte by byte, and how many bytes come at a time;
    /// none: connections are what they are.
    static ANSWERS: RefCell<Option<(VecDeque<Vec<u8>>, usize)>> = const { RefCell::new(None) };
}

/// Calls, while each connection of this thread answers with the next of these and then ends, `at_a_time` bytes at a time.
/// After the last one nothing comes.
pub fn answered<T>(answers: impl IntoIterator<Item = Vec<u8>>, at_a_time: usize, call: impl FnOnce() -> T) -> T {
    ANSWERS.set(Some((answers.into_iter().collect(), at_a_time.max(1))));
    let result = call();
    ANSWERS.set(None);
    result
}

/// A connection to what [`answered`] says, if that is under way.
pub(crate) fn connection() -> Option<Box<dyn Transport>> {
    let (answer, at_a_time) = ANSWERS.with_borrow_mut(|answers| {
        let (answers, at_a_time) = answers.as_mut()?;
        Some((answers.pop_front().unwrap_or_default(), *at_a_time))
    })?;
    Some(Box::new(Memory { answer, given: 0, at_a_time, buffers: LazyBuffers::new(BUFFER_SIZE, BUFFER_SIZE) }))
}

/// As the agents of the crate have them.
const BUFFER_SIZE: usize = 8 * 1024;

/// The other side, out of memory: it takes whatever is sent, and says what it is to say.
#[derive(Debug)]
struct Memory {
    answer: Vec<u8>,
    given: usize,
    at_a_time: usize,
    buffers: LazyBuffers,
}

impl Transport for Memory {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, _: usize, _: NextTimeout) -> Result<(), ureq::Error> {
        Ok(())
    }

    fn await_input(&mut self, _: NextTimeout) -> Result<bool, ureq::Error> {
        let rest = self.answer.get(self.given..).unwrap_or_default();
        let buffer = self.buffers.input_append_buf();
        let amount = rest.len().min(self.at_a_time).min(buffer.len());
        for (place, byte) in buffer.iter_mut().zip(rest.iter().take(amount)) {
            *place = *byte;
        }
        self.buffers.input_appended(amount);
        self.given = self.given.saturating_add(amount);
        Ok(amount > 0)
    }

    /// Each request has a connection of its own.
    fn is_open(&mut self) -> bool {
        false
    }
}
