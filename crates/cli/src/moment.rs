//! Moments and spans of time, as they are shown.

use std::time::{Duration, SystemTime};

/// A moment in UTC, `2026-11-28T01:44:01Z`; of one that is a fraction of a second later, the second.
#[expect(clippy::arithmetic_side_effects, reason = "the numbers are those of a date")]
pub fn utc(moment: SystemTime) -> String {
    /// The end of the year 9999, so that all years have four digits.
    const LAST: u64 = 253_402_300_799;
    let seconds = moment.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs().min(LAST);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    // March is the first month, so that the leap day is the last of its year; of 400 years all have the same days.
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// A span of time in the largest unit that it has: `12 s`, `3 min`, `5 h`, `2 d`.
pub fn span(span: Duration) -> String {
    match span.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3_600 => format!("{} min", seconds / 60),
        seconds @ 3_600..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_command_date() {
        // As printed by `date -u -d @… +%FT%TZ`.
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (784_111_777, "1994-11-06T08:49:37Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_868_799, "2000-02-29T23:59:59Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (1_795_830_241, "2026-11-28T01:44:01Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (u64::MAX >> 2, "9999-12-31T23:59:59Z"),
        ] {
            let moment = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds));
            assert_eq!(moment.map(utc).as_deref(), Some(text), "{seconds}");
        }
    }

    #[test]
    fn spans_have_one_unit() {
        for (seconds, text) in
            [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3_599, "59 min"), (86_400, "24 h"), (172_800, "2 d")]
        {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
    }
}
