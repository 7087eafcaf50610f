//! Whether, when and on which host a call is repeated after a failure.

use std::time::{Duration, SystemTime};

use log::debug;

use crate::http::header::RETRY_AFTER;
use crate::http::{HeaderMap, Method, StatusCode};

use crate::call::budget::{Budget, Paid};
use crate::crypto::random_bytes;
use crate::deadline::Deadline;
use crate::error::{Error, Outcome, Result};
use crate::request::options::MOST_RETRIES;
use crate::response::Response;

/// The wait before the second attempt is at most this long; it doubles before each further one.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// No wait is longer than this, unless the platform asks for it.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// If the platform asks for a longer wait than this, the call fails instead.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60);

/// How often a call may still be repeated, and until when.
pub(super) struct Retry<'a> {
    left: u32,
    made: u32,
    deadline: Deadline,
    has_other_hosts: bool,
    budget: &'a Budget,
    /// What the last attempt has cost; the first costs nothing.
    paid: Option<Paid>,
}

/// Another attempt.
#[derive(Debug, PartialEq)]
pub(super) struct Again {
    pub(super) after: Duration,
    /// On the next host, if there is one.
    pub(super) elsewhere: bool,
}

impl Retry<'_> {
    pub(super) fn new(retries: u32, deadline: Deadline, has_other_hosts: bool, budget: &Budget) -> Retry<'_> {
        Retry { left: retries.min(MOST_RETRIES), made: 0, deadline, has_other_hosts, budget, paid: None }
    }

    /// What follows this result; `None` if it is final.
    ///
    /// Any request may be repeated if nothing of it was sent, or if it was refused with 429. If its outcome is unknown, it
    /// is repeated only if it cannot have an effect. A request that a redirect has turned into a different one is never
    /// repeated, as the answer to that says nothing about the original.
    pub(super) fn next(&mut self, method: &Method, is_turned: bool, result: &Result<Response>) -> Option<Again> {
        if is_turned {
            return None;
        }
        let weakness = weakness(method, result)?;
        self.left = self.left.checked_sub(1)?;
        let asked = match weakness {
            Weakness::NotConnected if self.has_other_hosts => Some(Duration::ZERO),
            Weakness::NotConnected | Weakness::Unanswered => None,
            Weakness::Failing(headers) | Weakness::Busy(headers) => retry_after(headers, SystemTime::now()),
        };
        let after = asked.unwrap_or_else(|| wait(self.made));
        self.made = self.made.saturating_add(1);
        let in_time = after <= LONGEST_RETRY_AFTER && self.deadline.allows(after);
        // Too many requests are too many at every host.
        let elsewhere = self.has_other_hosts && !matches!(weakness, Weakness::Busy(_));
        if !in_time {
            return None;
        }
        self.paid = self.budget.pay(result);
        if self.paid.is_none() {
            debug!("no further attempt: the instance's budget for retries is spent");
        }
        self.paid.map(|_| Again { after, elsewhere })
    }

    /// Gives the budget its due, when this is the result of the last attempt.
    pub(super) fn settle(&self, last: &Result<Response>) {
        self.budget.settle(last, self.paid);
    }
}

/// Whether nothing was sent because the host was not reached.
pub(super) fn is_not_connected(result: &Result<Response>) -> bool {
    match result {
        Err(Error::Connection(error)) => !error.sent(),
        Err(Error::Timeout(error)) => !error.sent(),
        _ => false,
    }
}

/// Why a result may not be final.
enum Weakness<'a> {
    /// The host was not reached.
    NotConnected,
    /// It was reached and did not answer, and the request has no effect.
    Unanswered,
    /// It failed with 5xx, and the request has no effect.
    Failing(&'a HeaderMap),
    /// It refused with 429.
    Busy(&'a HeaderMap),
}

/// `None` if the call must not be repeated.
fn weakness<'a>(method: &Method, result: &'a Result<Response>) -> Option<Weakness<'a>> {
    let is_safe = matches!(*method, Method::GET | Method::HEAD);
    let response = match result {
        Ok(response) => response,
        Err(_) if is_not_connected(result) => return Some(Weakness::NotConnected),
        Err(Error::Connection(_) | Error::Timeout(_)) => return is_safe.then_some(Weakness::Unanswered),
        Err(error) => error.response()?,
    };
    match response.status() {
        StatusCode::TOO_MANY_REQUESTS => Some(Weakness::Busy(response.headers())),
        status if status.is_server_error() && is_safe => Some(Weakness::Failing(response.headers())),
        _ => None,
    }
}

/// A random wait between half and all of what is due, so that calls that failed together are not repeated together.
fn wait(made: u32) -> Duration {
    let longest = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(made)).min(LONGEST_WAIT);
    let half = longest.checked_div(2).unwrap_or_default();
    let chance = f64::from(u32::from_be_bytes(random_bytes())) / f64::from(u32::MAX);
    half.saturating_add(half.mul_f64(chance))
}

/// What the platform asks for: seconds, or a point in time.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = httpdate::parse_http_date(value).ok()?;
    Some(then.duration_since(now).unwrap_or_default())
}

/// Makes of this result, and that of one attempt more, the result of the call: that of its last attempt, unless the one before
/// says more.
pub(super) fn conclude(result: &mut Result<Response>, last: Result<Response>) {
    let Err(failure) = &last else {
        *result = last;
        return;
    };
    let before = match &*result {
        Err(earlier) => earlier.outcome(),
        // An answer that is returned as it is, because the caller wants it so.
        Ok(response) if response.status() == StatusCode::TOO_MANY_REQUESTS => Outcome::Rejected,
        Ok(_) => Outcome::Unknown,
    };
    match (before, failure.outcome()) {
        (Outcome::Unknown, _) => *result = last.map_err(Error::after_sending),
        // The refusal says more than a failure to connect afterwards.
        (Outcome::Rejected, Outcome::NotSent) => {}
        _ => *result = last,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_vary() {
        for (made, least, most) in
            [(0, 100, 200), (1, 200, 400), (2, 400, 800), (9, 2500, 5000), (u32::MAX, 2500, 5000)]
        {
            let waits: Vec<_> = (0..50).map(|_| wait(made)).collect();
            for wait in &waits {
                assert!(
                    (Duration::from_millis(least)..=Duration::from_millis(most)).contains(wait),
                    "{made}: {wait:?}"
                );
            }
            assert!(waits.iter().any(|wait| *wait != waits[0]), "{made}: {waits:?}");
        }
    }

    #[test]
    fn the_platform_may_ask_for_seconds_or_a_point_in_time() {
        let asked = |value: &'static str| {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, crate::http::HeaderValue::from_static(value))]);
            // Sun, 06 Nov 1994 08:49:37 GMT
            retry_after(&headers, SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777))
        };
        assert_eq!(asked("7"), Some(Duration::from_secs(7)));
        assert_eq!(asked("Sun, 06 Nov 1994 08:49:47 GMT"), Some(Duration::from_secs(10)));
        assert_eq!(asked("Sun, 06 Nov 1994 08:49:27 GMT"), Some(Duration::ZERO));
        for wrong in ["", "soon", "-1", "99999999999999999999999"] {
            assert_eq!(asked(wrong), None);
        }
        assert_eq!(retry_after(&HeaderMap::new(), SystemTime::now()), None);
    }
}
