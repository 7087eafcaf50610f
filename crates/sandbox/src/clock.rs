//! Times as the platform writes them.

use openssl::asn1::Asn1Time;

/// Seconds by which China is ahead of UTC; it has no summer time.
const CHINA: i64 = 8 * 60 * 60;

const DAY: i64 = 24 * 60 * 60;

/// Unix seconds as RFC 3339 in China's time: `2026-12-21T17:37:33+08:00`. Correct for the years 0 to 9999.
pub(crate) fn rfc3339(unix_seconds: i64) -> String {
    let local = unix_seconds.saturating_add(CHINA);
    let (year, month, day) = civil(local.div_euclid(DAY));
    let second = local.rem_euclid(DAY);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+08:00")
}

/// Unix seconds as most of APIv2 writes them, in China's time: `2026-12-21 17:37:33`.
pub(crate) fn date_and_time(unix_seconds: i64) -> String {
    rfc3339(unix_seconds).get(..19).unwrap_or_default().replace('T', " ")
}

/// Unix seconds of a time such as `2018-06-08T10:34:56+08:00`, with any offset or `Z`, in whole seconds.
pub(crate) fn parse_rfc3339(text: &str) -> Option<i64> {
    let (local, offset) = text.split_at_checked("2018-06-08T10:34:56".len())?;
    let numbers = numbers(local, "dddd-dd-ddTdd:dd:dd")?;
    let ahead = match offset.split_at_checked(1)? {
        ("Z", "") => 0,
        ("+", offset) => parse_offset(offset)?,
        ("-", offset) => parse_offset(offset)?.checked_neg()?,
        _ => return None,
    };
    seconds(&numbers)?.checked_sub(ahead)
}

/// Unix seconds of a time in China such as `20180608103456`.
pub(crate) fn parse_digits(text: &str) -> Option<i64> {
    seconds(&numbers(text, "dddddddddddddd")?)?.checked_sub(CHINA)
}

/// Seconds of an offset such as `08:00`.
fn parse_offset(text: &str) -> Option<i64> {
    let digits = numbers(text, "dd:dd")?;
    let (hours, minutes) = digits.split_at_checked(2)?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours.checked_mul(60)?.checked_add(minutes)?.checked_mul(60)?)
}

/// The digits of a text that has one wherever the form has a `d`, and equals the form everywhere else.
fn numbers(text: &str, form: &str) -> Option<String> {
    let is_right = |(byte, form): (u8, u8)| if form == b'd' { byte.is_ascii_digit() } else { byte == form };
    let is_right = text.len() == form.len() && text.bytes().zip(form.bytes()).all(is_right);
    is_right.then(|| text.chars().filter(char::is_ascii_digit).collect())
}

/// Unix seconds of fourteen digits in UTC; `None` if there is no such time.
fn seconds(digits: &str) -> Option<i64> {
    let time = Asn1Time::from_str_x509(&format!("{digits}Z")).ok()?;
    let since = Asn1Time::from_unix(0).ok()?.diff(&time).ok()?;
    i64::from(since.days).checked_mul(DAY)?.checked_add(since.secs.into())
}

/// Whether the text is a valid date: year, month and day with `separator` between them.
pub(crate) fn is_day(text: &str, separator: &str) -> bool {
    let digits = text.split(separator).collect::<String>();
    let number = |from: usize, to: usize| {
        let digits = digits.get(from..to).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?;
        digits.parse::<i64>().ok()
    };
    let (Some(year), Some(month), Some(day)) = (number(0, 4), number(4, 6), number(6, 8)) else {
        return false;
    };
    text == format!("{year:04}{separator}{month:02}{separator}{day:02}")
        && (1..=12).contains(&month)
        && (1..=days_of(year, month)).contains(&day)
}

fn days_of(year: i64, month: i64) -> i64 {
    let is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Year, month and day of a number of days since 1970-01-01, in the Gregorian calendar.
///
/// Counted in years that begin with March, so that the leap day is the last of its year, and in eras of
/// 400 years, which all have the same number of days.
#[expect(clippy::arithmetic_side_effects, reason = "a number of seconds in days is far from the ends of its type")]
fn civil(days: i64) -> (i64, i64, i64) {
    const DAYS_OF_ERA: i64 = 146_097;
    /// From 0000-03-01 to 1970-01-01.
    const EPOCH: i64 = 719_468;
    let days = days + EPOCH;
    let (era, day_of_era) = (days.div_euclid(DAYS_OF_ERA), days.rem_euclid(DAYS_OF_ERA));
    // A leap day every 4 years, but not every 100, and yet one at the end of the era.
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Five months from March on have 153 days, and so do the next five.
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (0, month + 3) } else { (1, month - 9) };
    (era * 400 + year_of_era + year, month, day)
}

#[cfg(test)]
mod tests {
    use super::{civil, date_and_time, days_of, is_day, parse_digits, parse_rfc3339, rfc3339};

    #[test]
    fn moments_are_written_in_chinas_time() {
        assert_eq!(rfc3339(0), "1970-01-01T08:00:00+08:00");
        assert_eq!(rfc3339(1_797_845_853), "2026-12-21T17:37:33+08:00");
        assert_eq!(rfc3339(951_753_600), "2000-02-29T00:00:00+08:00");
        assert_eq!(rfc3339(1_709_222_399), "2024-02-29T23:59:59+08:00");
        assert_eq!(rfc3339(1_709_222_400), "2024-03-01T00:00:00+08:00");
        assert_eq!(rfc3339(4_107_513_600), "2100-03-01T00:00:00+08:00");
        assert_eq!(rfc3339(1_798_732_800), "2027-01-01T00:00:00+08:00");
        assert_eq!(date_and_time(1_797_845_853), "2026-12-21 17:37:33");
    }

    #[test]
    fn times_are_read() {
        for (text, seconds) in [
            ("1970-01-01T08:00:00+08:00", 0),
            ("2026-12-21T17:37:33+08:00", 1_797_845_853),
            ("2026-12-21T09:37:33Z", 1_797_845_853),
            ("2026-12-21T04:07:33-05:30", 1_797_845_853),
            ("2024-02-29T23:59:59+08:00", 1_709_222_399),
            ("1969-12-31T23:59:59Z", -1),
            ("2100-03-01T00:00:00+08:00", 4_107_513_600),
        ] {
            assert_eq!(parse_rfc3339(text), Some(seconds), "{text}");
        }
        for text in [
            "",
            "2026-12-21",
            "2026-12-21T17:37:33",
            "2026-12-21 17:37:33+08:00",
            "2026-12-21T17:37:33+0800",
            "2026-12-21T17:37:33+24:00",
            "2026-12-21T17:37:33+08:60",
            "2026-12-21T17:37:33.5+08:00",
            "2026-12-21T17:37:33Z ",
            "2026-13-21T17:37:33Z",
            "2026-02-29T17:37:33Z",
            "2026-12-21T24:37:33Z",
            "2026-12-21T17:37:3\0Z",
            "２０２６-12-21T17:37:33Z",
        ] {
            assert_eq!(parse_rfc3339(text), None, "{text}");
        }
        assert_eq!(parse_digits("20261221173733"), Some(1_797_845_853));
        for text in ["", "2026122117373", "202612211737330", "20261221173760", "2026122117373Z"] {
            assert_eq!(parse_digits(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_told_from_other_texts() {
        for (text, separator) in [("2018-01-30", "-"), ("20180130", ""), ("2024-02-29", "-"), ("20001231", "")] {
            assert!(is_day(text, separator), "{text}");
        }
        for text in
            ["", "-", "2018-1-30", "2018-01-3", "20180130", "2018-13-01", "2018-00-01", "2018-02-29", "2018-01-00"]
        {
            assert!(!is_day(text, "-"), "{text}");
        }
        for text in ["2018-01-30", "2018013", "201801300", "２０１８０１３０", "20180132", "19000229", "+2180101"]
        {
            assert!(!is_day(text, ""), "{text}");
        }
    }

    #[test]
    fn each_day_follows_the_one_before() {
        let (mut year, mut month, mut day) = (1970, 1, 1);
        for days in 0..200_000 {
            assert_eq!(civil(days), (year, month, day));
            day += 1;
            if day > days_of(year, month) {
                (month, day) = (month + 1, 1);
            }
            if month > 12 {
                (year, month) = (year + 1, 1);
            }
        }
    }
}
