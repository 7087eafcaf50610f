//! Requests: options, and the bodies that they become.

mod content;
pub(crate) mod documented;
pub(crate) mod failover;
#[cfg(feature = "check")]
pub(crate) mod given;
pub(crate) mod media;
pub(crate) mod multipart;
pub(crate) mod options;
pub(crate) mod payload;
pub(crate) mod pointers;
mod resolved;
pub(crate) mod sensitive;
mod setters;
pub(crate) mod sink;
pub(crate) mod table;

/// The most lines of `headers` that a call may have, and the configuration's defaults again: servers refuse more, and the
/// map that holds them panics at 32,768.
pub(crate) const MOST_HEADERS: usize = 100;
