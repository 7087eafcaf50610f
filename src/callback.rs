//! Functions of the program that are told what became of a call, and must not change that.

use std::mem;
use std::panic::{self, AssertUnwindSafe};

/// Runs one; returns whether it has panicked. What became of a payment must not be lost with that.
pub(crate) fn panics(callback: impl FnOnce()) -> bool {
    let Err(payload) = panic::catch_unwind(AssertUnwindSafe(callback)) else { return false };
    // Nor with what it panicked with, when that is dropped.
    let _ = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))).map_err(mem::forget);
    true
}
