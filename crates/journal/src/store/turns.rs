//! The calls of an open journal that are in flight.

use std::collections::HashMap;

use crate::store::place::Place;

/// The calls of this journal that are in flight: the turn of each entry.
#[derive(Default)]
pub(super) struct Turns(HashMap<i64, i64>);

impl Turns {
    pub(super) fn has(&self, place: Place) -> bool {
        self.of(place.id) == Some(place.turn)
    }

    pub(super) fn of(&self, id: i64) -> Option<i64> {
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
    #[cfg(feature = "postgres")]
    pub(super) fn columns(&self) -> (Vec<i64>, Vec<i64>) {
        self.0.iter().unzip()
    }
}
