//! Moments and spans of time, as they are shown and as servers write them.

use std::time::{Duration, SystemTime};

use wechatpay::Formatter;

/// By how many seconds the platform's clock is ahead of UTC.
const CHINA: i64 = 8 * 60 * 60;

/// A moment in UTC, `2026-11-28T01:44:01Z`; of one that is a fraction of a second later, the second.
pub fn utc(moment: SystemTime) -> String {
    /// The end of the year 9999, so that all years have four digits.
    const LAST: i64 = 253_402_300_799;
    // What China's clocks said eight hours before.
    let mut text = Formatter::date_c(unix(moment).min(LAST).saturating_sub(CHINA));
    text.truncate("2026-11-28T01:44:01".len());
    text + "Z"
}

/// The time of day at the platform, `12:03:04`.
pub fn time_of_day(moment: SystemTime) -> String {
    Formatter::date_c(unix(moment)).get(11..19).unwrap_or_default().to_owned()
}

/// The Unix seconds of the date of an HTTP header.
pub fn http_date(text: &str) -> Option<i64> {
    Some(unix(httpdate::parse_http_date(text).ok()?))
}

fn unix(moment: SystemTime) -> i64 {
    let since = moment.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
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

    #[test]
    fn dates_as_servers_write_them() {
        // As printed by `date -d '…' +%s`.
        for (text, seconds) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0)),
            ("Thu, 29 Feb 2024 23:59:59 GMT", Some(1_709_251_199)),
            ("Sat, 28 Nov 2026 01:44:01 GMT", Some(1_795_830_241)),
            ("2026-11-28T01:44:01Z", None),
            ("Sun, 06 Nox 1994 08:49:37 GMT", None),
            ("Sun, 99 Nov 1994 08:49:37 GMT", None),
        ] {
            assert_eq!(http_date(text), seconds, "{text}");
        }
    }

    #[test]
    fn times_are_the_platforms() {
        assert_eq!(time_of_day(SystemTime::UNIX_EPOCH), "08:00:00");
        assert_eq!(time_of_day(SystemTime::UNIX_EPOCH + Duration::from_secs(57_599)), "23:59:59");
    }
}
