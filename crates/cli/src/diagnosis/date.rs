//! The dates of HTTP.

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Unix seconds of `Sun, 06 Nov 1994 08:49:37 GMT`.
pub fn http_date(text: &str) -> Option<i64> {
    let (_, rest) = text.split_once(", ")?;
    let mut words = rest.split(' ');
    let day: i64 = words.next()?.parse().ok()?;
    let name = words.next()?;
    let month: i64 = MONTHS.iter().position(|month| *month == name)?.try_into().ok()?;
    let year: i64 = words.next()?.parse().ok()?;
    let mut time = words.next()?.split(':').map(|number| number.parse::<i64>().ok());
    let (hour, minute, second) = (time.next()??, time.next()??, time.next()??);
    let is_date = (1970..10_000).contains(&year) && (1..=31).contains(&day) && (0..24).contains(&hour);
    (is_date && (0..60).contains(&minute) && (0..=60).contains(&second) && words.next() == Some("GMT"))
        .then(|| seconds(year, month, day, hour, minute, second))
}

#[expect(clippy::arithmetic_side_effects, reason = "the numbers are those of a date")]
fn seconds(year: i64, month: i64, day: i64, hour: i64, minute: i64, second: i64) -> i64 {
    /// Days before 1970-03-01, in years that begin with March.
    const EPOCH: i64 = 719_468;
    // March is the first month, so that the leap day is the last of its year.
    let (year, month) = if month < 2 { (year - 1, month + 10) } else { (year, month - 2) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - EPOCH;
    ((days * 24 + hour) * 60 + minute) * 60 + second
}

#[cfg(test)]
mod tests {
    use super::http_date;

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
}
