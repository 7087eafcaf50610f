//! The moment at which a call must have ended, whatever it waits for.

use std::time::{Duration, Instant};

/// A time limit; `None` is none.
pub(crate) type Limit = Option<Duration>;

/// The least that is given as a limit: nothing would be none.
pub(crate) const LEAST: Duration = Duration::from_millis(1);

/// A moment in the future, or none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    /// So long from now; `None` is no limit, and so is what no clock can express.
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

    /// Whether it comes later than a wait of this length.
    pub(crate) fn allows(self, wait: Duration) -> bool {
        self.left().is_none_or(|left| wait < left)
    }
}
