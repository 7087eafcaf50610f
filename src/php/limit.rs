//! How much a function may make out of little: what PHP's default `memory_limit` allows.

use super::error::Error;

/// 128 MiB.
const MOST_BYTES: usize = 128 * 1024 * 1024;

/// An element of an array takes 16 bytes in PHP.
pub(super) const MOST_ELEMENTS: usize = MOST_BYTES / 16;

/// Refuses a text of more bytes than PHP would have room for.
pub(super) fn check(bytes: usize) -> Result<(), Error> {
    if bytes <= MOST_BYTES {
        return Ok(());
    }
    Err(Error::new("Error", format!("Allowed memory size of {MOST_BYTES} bytes exhausted")))
}
