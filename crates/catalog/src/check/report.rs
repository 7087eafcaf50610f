//! What has been found so far.

use super::encrypted::Encrypted;
use crate::finding::{Finding, Problem};
use crate::operation::{Operation, Place};

/// The most findings of a call.
const MOST: usize = 100;

/// What has been found in a call, and what has to be known of it to go on.
pub(super) struct Report<'a> {
    pub(super) operation: Operation,
    pub(super) encrypted: Encrypted<'a>,
    pub(super) findings: Vec<Finding>,
    /// Whether something was encrypted by hand.
    pub(super) is_sealed_by_hand: bool,
}

impl<'a> Report<'a> {
    pub(super) fn of(operation: Operation, encrypted: Encrypted<'a>) -> Report<'a> {
        Report { operation, encrypted, findings: Vec::new(), is_sealed_by_hand: false }
    }

    /// Whether nothing more is kept.
    pub(super) fn is_full(&self) -> bool {
        self.findings.len() >= MOST
    }

    pub(super) fn find(
        &mut self,
        problem: Problem,
        place: Option<Place>,
        pointer: String,
        found: impl Into<String>,
        documented: impl Into<String>,
    ) {
        if !self.is_full() {
            let (found, documented) = (found.into(), documented.into());
            self.findings.push(Finding { problem, place, pointer, found, documented });
        }
    }
}
