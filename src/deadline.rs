//! The moment at which a call must have ended, whatever it waits for.

use std::time::{Duration, Instant};

/// A time limit; `None` means no limit.
pub(crate) type Limit = Option<Duration>;

/// The shortest limit that is passed on: zero would mean no limit.
pub(crate) const LEAST: Duration = Duration::from_millis(1);

/// A moment in the future; `None` means no limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    /// This long from now. `None` is no limit, and so is a time too far away for the clock.
    pub(crate) fn after(limit: Option<Duration>) -> Deadline {
        Deadline(limit.and_then(|limit| Instant::now().checked_add(limit)))
    }

    /// What is left until then; `None` is no limit.
    pub(crate) fn left(self) -> Option<Duration> {
        self.0.map(|then| then.saturating_duration_since(Instant::now()))
    }

    /// Whether it has passed.
    pub(crate) fn is_over(self) -> bool {
        self.left().is_some_and(|left| left.is_zero())
    }

    /// The shorter of what is left and this limit.
    pub(crate) fn left_within(self, limit: Duration) -> Duration {
        self.left().map_or(limit, |left| left.min(limit))
    }

    /// Whether a wait of this length would end before it.
    pub(crate) fn allows(self, wait: Duration) -> bool {
        self.left().is_none_or(|left| wait < left)
    }
}
