//! How much of a notification is read.

use crate::error::NotificationFailure;

/// The largest body of a notification, in bytes. The platform's have some kilobytes, and anybody can send one.
const LARGEST: usize = 1 << 20;

/// The body, which is read no further when there is too much of it.
pub(super) fn within_limit(body: &[u8]) -> Result<&[u8], NotificationFailure> {
    match body.len() <= LARGEST {
        true => Ok(body),
        false => Err(NotificationFailure::TooLarge { limit: LARGEST }),
    }
}
