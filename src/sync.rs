//! Synchronisation, from the standard library, or from `shuttle` to try out the interleavings of threads:
//!
//! ```text
//! RUSTFLAGS='--cfg shuttle' cargo test --release --lib interleavings
//! ```

use std::time::Duration;

pub(crate) use std::sync::{Arc, PoisonError, Weak};
#[cfg(not(shuttle))]
pub(crate) use std::{
    sync::{Condvar, Mutex, MutexGuard, RwLock, atomic},
    thread,
};

#[cfg(shuttle)]
pub(crate) use shuttle::{
    sync::{Condvar, Mutex, MutexGuard, RwLock, atomic},
    thread,
};

/// Locks, even after a panic elsewhere: what is inside is never left half changed.
pub(crate) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits until notified, at most for this long; returns whether the time ran out.
pub(crate) fn wait_for<'a, T>(told: &Condvar, guard: MutexGuard<'a, T>, most: Duration) -> (MutexGuard<'a, T>, bool) {
    let (guard, result) = told.wait_timeout(guard, most).unwrap_or_else(PoisonError::into_inner);
    (guard, result.timed_out())
}
