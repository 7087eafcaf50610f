//! Proofs by thousands of cells. Each takes all that the machine has and measures time, so they take turns.

mod answers;
mod changed_answers;
mod choice;
mod cutting;
mod every_cut;
mod sequences;
mod tally;

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Held by the proof that runs.
fn turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}
