//! Where an entry is, in whatever database.

use crate::entry::Entry;
use crate::store::Begun;

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

/// An id as databases have it.
pub(super) fn row_id(id: u64) -> i64 {
    i64::try_from(id).unwrap_or(i64::MAX)
}

/// What is to be done with a call that is about to be sent, and its entry if it was recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Taken {
    Recorded(Place),
    Known,
    Wait,
    Refused,
}

impl From<Taken> for Begun {
    fn from(taken: Taken) -> Begun {
        match taken {
            Taken::Recorded(place) => Begun::Recorded(place.id.unsigned_abs()),
            Taken::Known => Begun::Known,
            Taken::Wait => Begun::Wait,
            Taken::Refused => Begun::Refused,
        }
    }
}
