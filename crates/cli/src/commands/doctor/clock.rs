//! The clock, beside the platform's.

use wechatpay::{Formatter, Response};

use super::report::Report;
use crate::moment::http_date;

/// How far the clocks may be apart, in seconds: the platform refuses more, and so does the client.
const TOLERANCE: u64 = 300;

/// From how far on this is warned about.
const FAR: u64 = 60;

/// What to do about a wrong clock.
pub const FIX: &str = "set the clock, and keep it right: `timedatectl set-ntp true`, or on Windows `w32tm /resync`";

/// Compares the clock with the time that an answer says, which has just arrived.
pub fn check(answer: &Response, report: &mut Report<'_>) {
    let now = Formatter::timestamp();
    let stamp = answer.header("Wechatpay-Timestamp").and_then(|stamp| stamp.parse().ok());
    let Some(theirs) = stamp.or_else(|| http_date(answer.header("Date")?)) else {
        report.open("clock", "the answer does not say what time it is");
        return;
    };
    let line = |distance: u64| {
        let side = if theirs < now { "ahead of" } else { "behind" };
        format!("{distance} s {side} the platform's")
    };
    match theirs.abs_diff(now) {
        distance if distance > TOLERANCE => {
            report.failed("clock", format!("{}; {TOLERANCE} s are the most", line(distance)), &[FIX.to_owned()]);
        }
        distance if distance > FAR => report.warning("clock", line(distance), &[FIX.to_owned()]),
        0 => report.ok("clock", "the same as the platform's"),
        distance => report.ok("clock", line(distance)),
    }
}
