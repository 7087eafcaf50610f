//! The requests that have arrived, or the latest of them.

use std::collections::VecDeque;
use std::sync::Mutex;

use crate::lock::lock;
use crate::request::Request;

/// All requests in order, or only the latest of them if their number is limited.
pub(crate) struct Arrivals {
    kept: Mutex<VecDeque<Request>>,
    most: Option<usize>,
}

impl Arrivals {
    pub(crate) fn new(most: Option<usize>) -> Arrivals {
        Arrivals { kept: Mutex::default(), most }
    }

    /// Records a request; the oldest is dropped if there is no room.
    pub(crate) fn note(&self, request: Request) {
        let mut kept = lock(&self.kept);
        kept.push_back(request);
        if self.most.is_some_and(|most| kept.len() > most) {
            kept.pop_front();
        }
    }

    pub(crate) fn kept(&self) -> Vec<Request> {
        lock(&self.kept).iter().cloned().collect()
    }

    pub(crate) fn count(&self) -> usize {
        lock(&self.kept).len()
    }
}
