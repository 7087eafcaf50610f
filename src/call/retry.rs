//! Whether a call is made again after a failure, when, and where.

use std::time::{Duration, SystemTime};

use crate::http::header::RETRY_AFTER;
use crate::http::{HeaderMap, Method, StatusCode};

use crate::crypto::random_bytes;
use crate::deadline::Deadline;
use crate::error::{Error, Outcome, Result};
use crate::request::options::MOST_RETRIES;
use crate::response::Response;

/// The wait before the second attempt is at most this long; before each further one, twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// No wait is longer, unless the platform asks for it.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// A platform that asks for a longer wait is not waited for: the failure stands.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60);

/// How often a call may still be made again, and until when.
pub(crate) struct Retry {
    left: u32,
    made: u32,
    deadline: Deadline,
    has_other_hosts: bool,
}

/// One more attempt.
#[derive(Debug, PartialEq)]
pub(crate) struct Again {
    pub(crate) after: Duration,
    /// At the next host, where there is one.
    pub(crate) elsewhere: bool,
}

impl Retry {
    pub(crate) fn new(retries: u32, deadline: Deadline, has_other_hosts: bool) -> Retry {
        Retry { left: retries.min(MOST_RETRIES), made: 0, deadline, has_other_hosts }
    }

    /// What follows this result; none when it stands.
    ///
    /// A request of which nothing has left is repeated whatever it is, and one that was refused with 429 too. One
    /// whose outcome is unknown is repeated only if it cannot have an effect; so is nothing that a redirect has turned into
    /// another request, as what was answered to that says nothing about the first.
    pub(crate) fn next(&mut self, method: &Method, is_turned: bool, result: &Result<Response>) -> Option<Again> {
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
        in_time.then_some(Again { after, elsewhere })
    }
}

/// Why a result may not stand.
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

/// None when the call must not be made again.
fn weakness<'a>(method: &Method, result: &'a Result<Response>) -> Option<Weakness<'a>> {
    let is_safe = matches!(*method, Method::GET | Method::HEAD);
    let response = match result {
        Ok(response) => response,
        Err(Error::Connection(error)) if !error.sent() => return Some(Weakness::NotConnected),
        Err(Error::Timeout(error)) if !error.sent() => return Some(Weakness::NotConnected),
        Err(Error::Connection(_) | Error::Timeout(_)) => return is_safe.then_some(Weakness::Unanswered),
        Err(error) => error.response()?,
    };
    match response.status() {
        StatusCode::TOO_MANY_REQUESTS => Some(Weakness::Busy(response.headers())),
        status if status.is_server_error() && is_safe => Some(Weakness::Failing(response.headers())),
        _ => None,
    }
}

/// Between half of and the whole wait that is due, so that those who failed together do not return together.
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

/// What is said of a call as a whole that was made again: what the last attempt has come to, unless the one before says
/// more.
pub(crate) fn conclude(earlier: Result<Response>, last: Result<Response>) -> Result<Response> {
    let last = match last {
        Ok(response) => return Ok(response),
        Err(last) => last,
    };
    let before = match &earlier {
        Err(earlier) => earlier.outcome(),
        // An answer that is handed back as it is, as the caller wants it.
        Ok(response) if response.status() == StatusCode::TOO_MANY_REQUESTS => Outcome::Rejected,
        Ok(_) => Outcome::Unknown,
    };
    match (before, last.outcome()) {
        (Outcome::Unknown, _) => Err(last.after_sending()),
        // The refusal says more than that the host was not reached again.
        (Outcome::Rejected, Outcome::NotSent) => earlier,
        _ => Err(last),
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
