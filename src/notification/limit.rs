//! How much of a notification is read.

use crate::error::NotificationFailure;

/// The largest body of a notification, in bytes. The platform's have a few kilobytes, and anyone can send one.
const LARGEST: usize = 1 << 20;

/// The body, refused if it is too large.
pub(super) fn within_limit(body: &[u8]) -> Result<&[u8], NotificationFailure> {
    if body.len() <= LARGEST { Ok(body) } else { Err(NotificationFailure::TooLarge { limit: LARGEST }) }
}
