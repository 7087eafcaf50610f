//! The calls of a journal that are in flight.

use std::collections::HashMap;

use crate::entry::Entry;

/// Where an entry is, and which sending of it is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) id: i64,
    pub(super) turn: i64,
}

impl Place {
    pub(super) fn of(entry: &Entry) -> Place {
        Place { id: row_id(entry.id), turn: row_id(entry.turn) }
    }
}

/// An id as PostgreSQL has it.
pub(super) fn row_id(id: u64) -> i64 {
    i64::try_from(id).unwrap_or(i64::MAX)
}

/// The calls of this journal that are in flight: the turn of each entry.
#[derive(Default)]
pub(super) struct InFlight(HashMap<i64, i64>);

impl InFlight {
    pub(super) fn has(&self, place: Place) -> bool {
        self.turn(place.id) == Some(place.turn)
    }

    pub(super) fn turn(&self, id: i64) -> Option<i64> {
        self.0.get(&id).copied()
    }

    pub(super) fn begin(&mut self, place: Place) {
        self.0.insert(place.id, place.turn);
    }

    /// Takes a call out, unless it has begun again.
    pub(super) fn end(&mut self, place: Place) {
        if self.has(place) {
            self.0.remove(&place.id);
        }
    }

    /// Their ids, and their turns.
    pub(super) fn columns(&self) -> (Vec<i64>, Vec<i64>) {
        self.0.iter().unzip()
    }
}
