//! How many attempts may be added to the calls of an instance: what they cost while calls fail, and what is given back.

use crate::error::{Error, Result};
use crate::response::Response;
use crate::sync::atomic::{AtomicU32, Ordering};

/// The tokens at the beginning, which are also the most that there can be.
const CAPACITY: u32 = 500;

/// What an attempt costs that is added to a call.
const COST: u32 = 5;

/// What it costs after a timeout, which has kept the platform busy for longer.
const COST_AFTER_TIMEOUT: u32 = 10;

/// What a call gives back that succeeds at once.
const REWARD: u32 = 1;

/// Tokens that all calls of an instance take from, those of its other merchants, too. Each attempt that is added to a call
/// costs some; only calls that succeed give them back. Thus, while nothing succeeds, the number of attempts added is
/// limited, however many calls there are and whatever their `retries`.
#[derive(Debug)]
pub(super) struct Budget {
    tokens: AtomicU32,
}

impl Default for Budget {
    fn default() -> Budget {
        Budget { tokens: AtomicU32::new(CAPACITY) }
    }
}

impl Budget {
    /// Pays for an attempt after this result; `None` if there are not enough tokens.
    pub(super) fn pay(&self, failed: &Result<Response>) -> Option<Paid> {
        let is_timeout = failed.as_ref().is_err_and(Error::is_timeout);
        let cost = if is_timeout { COST_AFTER_TIMEOUT } else { COST };
        let taken = self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |tokens| tokens.checked_sub(cost));
        taken.ok().map(|_| Paid(cost))
    }

    /// Gives back what a call has earned that ended with this result, and that had paid this for its last attempt: if it is a
    /// success, just that, or a little if it succeeded at once.
    pub(super) fn settle(&self, result: &Result<Response>, last: Option<Paid>) {
        let is_success = result.as_ref().is_ok_and(|response| response.status().as_u16() < 400);
        // In good times this is all: nobody writes.
        if is_success && self.tokens.load(Ordering::Relaxed) < CAPACITY {
            let earned = last.map_or(REWARD, |Paid(cost)| cost);
            let given = |tokens: u32| Some(tokens.saturating_add(earned).min(CAPACITY));
            let _ = self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, given);
        }
    }
}

/// What was paid for an attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Paid(u32);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::TimeoutError;
    use crate::http::{HeaderMap, StatusCode};

    fn answered(status: u16) -> Result<Response> {
        Ok(Response::new(StatusCode::from_u16(status).unwrap(), HeaderMap::new(), Vec::new()))
    }

    fn timed_out() -> Result<Response> {
        Err(Error::Timeout(Box::new(TimeoutError { host: String::new(), sent: true, limit: "timeout" })))
    }

    /// How many attempts can still be paid for.
    fn left(budget: &Budget) -> u32 {
        let times = std::iter::from_fn(|| budget.pay(&answered(503))).count();
        u32::try_from(times).unwrap()
    }

    #[test]
    fn a_hundred_attempts_can_be_added_or_half_as_many_after_timeouts() {
        assert_eq!(left(&Budget::default()), 100);
        let budget = Budget::default();
        for _ in 0..50 {
            assert_eq!(budget.pay(&timed_out()), Some(Paid(10)));
        }
        assert_eq!(budget.pay(&timed_out()), None);
        assert_eq!(left(&budget), 0);
    }

    #[test]
    fn only_a_success_gives_back_and_never_more_than_there_were() {
        let budget = Budget::default();
        budget.settle(&answered(200), None);
        assert_eq!(left(&budget), 100);
        for failure in [answered(500), answered(404), timed_out()] {
            budget.settle(&failure, None);
            budget.settle(&failure, Some(Paid(5)));
        }
        assert_eq!(left(&budget), 0);
        // Five calls pay for one attempt; one that an attempt more has saved pays for itself.
        (0..5).for_each(|_| budget.settle(&answered(200), None));
        assert_eq!(left(&budget), 1);
        budget.settle(&answered(200), Some(Paid(10)));
        assert_eq!(left(&budget), 2);
        (0..600).for_each(|_| budget.settle(&answered(204), None));
        assert_eq!(left(&budget), 100);
    }
}
