//! Dates as texts, in China's time.

use super::calendar::{self, Moment};
use super::operand::Operand;
use super::text::text;

/// `2026-01-02T03:04:05+08:00` (PHP: `DATE_ATOM`, which is `DATE_RFC3339` and `DATE_W3C`, too).
pub const DATE_ATOM: &str = "Y-m-d\\TH:i:sP";
/// `Friday, 02-Jan-2026 03:04:05 CST`.
pub const DATE_COOKIE: &str = "l, d-M-Y H:i:s T";
/// `2026-01-02T03:04:05+0800`; PHP advises against it.
pub const DATE_ISO8601: &str = "Y-m-d\\TH:i:sO";
/// `Fri, 02 Jan 26 03:04:05 +0800` (PHP: `DATE_RFC822`).
pub const DATE_RFC822: &str = "D, d M y H:i:s O";
/// `Friday, 02-Jan-26 03:04:05 CST` (PHP: `DATE_RFC850`).
pub const DATE_RFC850: &str = "l, d-M-y H:i:s T";
/// `Fri, 02 Jan 2026 03:04:05 +0800` (PHP: `DATE_RFC2822`, which is `DATE_RFC1123` and `DATE_RSS`, too).
pub const DATE_RFC2822: &str = "D, d M Y H:i:s O";
/// `2026-01-02T03:04:05+08:00`.
pub const DATE_RFC3339: &str = DATE_ATOM;
/// `2026-01-02T03:04:05.000+08:00`.
pub const DATE_RFC3339_EXTENDED: &str = "Y-m-d\\TH:i:s.vP";
/// `Fri, 02 Jan 2026 03:04:05 GMT`, whatever the time zone.
pub const DATE_RFC7231: &str = "D, d M Y H:i:s \\G\\M\\T";

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub(super) const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// A moment in Unix seconds in a format (PHP: `date($format, $seconds)`).
///
/// The time zone is `Asia/Shanghai`, always with the offset +08:00. PHP's differs from that only before 1992, when there was
/// summer time. [`Formatter::timestamp`](crate::Formatter::timestamp) is now.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::date("Y-m-d H:i:s", 1_767_295_445), "2026-01-02 03:24:05");
/// assert_eq!(php::date(php::DATE_RFC3339, 1_767_295_445), "2026-01-02T03:24:05+08:00");
/// assert_eq!(php::date("D, j. M \\a\\t G", 0), "Thu, 1. Jan at 8");
/// ```
pub fn date(format: impl Operand, seconds: i64) -> String {
    let format = text(format);
    let moment = Moment::of(seconds);
    let mut made = String::with_capacity(format.len().saturating_mul(2));
    let mut letters = format.chars();
    while let Some(letter) = letters.next() {
        match letter {
            // At the end, PHP escapes the zero byte behind it.
            '\\' => made.push(letters.next().unwrap_or('\0')),
            'c' => made.push_str(&date(DATE_ATOM, seconds)),
            'r' => made.push_str(&date(DATE_RFC2822, seconds)),
            'U' => made.push_str(&seconds.to_string()),
            'B' => made.push_str(&swatch(seconds)),
            letter => match day(letter, moment).or_else(|| time(letter, moment)) {
                Some(part) => made.push_str(&part),
                None => made.push(letter),
            },
        }
    }
    made
}

fn name<'a>(names: &'a [&'static str], at: i64) -> &'a str {
    usize::try_from(at).ok().and_then(|at| names.get(at)).copied().unwrap_or_default()
}

fn short(name: &str) -> String {
    name.chars().take(3).collect()
}

/// The letters of a format that mean something of the day.
fn day(letter: char, moment: Moment) -> Option<String> {
    let Moment { year, month, day, .. } = moment;
    let month_name = name(&MONTHS, month.saturating_sub(1));
    Some(match letter {
        'd' => format!("{day:02}"),
        'D' => short(name(&DAYS, moment.weekday())),
        'j' => day.to_string(),
        'l' => name(&DAYS, moment.weekday()).to_owned(),
        'N' => (if moment.weekday() == 0 { 7 } else { moment.weekday() }).to_string(),
        'S' => match day {
            1 | 21 | 31 => "st",
            2 | 22 => "nd",
            3 | 23 => "rd",
            _ => "th",
        }
        .to_owned(),
        'w' => moment.weekday().to_string(),
        'z' => moment.day_of_year().to_string(),
        'W' => format!("{:02}", moment.week().1),
        'o' => moment.week().0.to_string(),
        'F' => month_name.to_owned(),
        'm' => format!("{month:02}"),
        'M' => short(month_name),
        'n' => month.to_string(),
        't' => calendar::days_of_month(year, month).to_string(),
        'L' => i64::from(calendar::is_leap(year)).to_string(),
        'Y' => signed(year, ""),
        'y' => format!("{:02}", year % 100),
        'x' => signed(year, if year > 9999 { "+" } else { "" }),
        'X' => signed(year, "+"),
        _ => return None,
    })
}

/// A year of at least four digits.
fn signed(year: i64, plus: &str) -> String {
    let sign = if year < 0 { "-" } else { plus };
    format!("{sign}{:04}", year.unsigned_abs())
}

/// The letters of a format that mean something of the time of day.
fn time(letter: char, moment: Moment) -> Option<String> {
    let Moment { hour, minute, second, .. } = moment;
    let twelve = if hour % 12 == 0 { 12 } else { hour % 12 };
    Some(match letter {
        'a' => (if hour < 12 { "am" } else { "pm" }).to_owned(),
        'A' => (if hour < 12 { "AM" } else { "PM" }).to_owned(),
        'g' => twelve.to_string(),
        'G' => hour.to_string(),
        'h' => format!("{twelve:02}"),
        'H' => format!("{hour:02}"),
        'i' => format!("{minute:02}"),
        's' => format!("{second:02}"),
        'u' => "000000".to_owned(),
        'v' => "000".to_owned(),
        'e' => "Asia/Shanghai".to_owned(),
        'I' => "0".to_owned(),
        'O' => "+0800".to_owned(),
        'P' | 'p' => "+08:00".to_owned(),
        'T' => "CST".to_owned(),
        'Z' => calendar::OFFSET.to_string(),
        _ => return None,
    })
}

/// The beats of Swatch's Internet time, of which a day has a thousand.
fn swatch(seconds: i64) -> String {
    let beats = (seconds % 86_400).saturating_add(3600).saturating_mul(10);
    let beats = if beats < 0 { beats.saturating_add(864_000) } else { beats };
    format!("{:03}", beats / 864 % 1000)
}

/// Whether there is such a day (PHP: `checkdate`).
///
/// ```
/// use wechatpay::php;
///
/// assert!(php::checkdate(2, 29, 2028) && !php::checkdate(2, 29, 2026));
/// ```
pub fn checkdate(month: i64, day: i64, year: i64) -> bool {
    (1..=12).contains(&month)
        && (1..=32_767).contains(&year)
        && (1..=calendar::days_of_month(year, month)).contains(&day)
}

/// Unix seconds of a moment in China (PHP: `mktime` with all its arguments). Any number of any part counts on into the next one;
/// years of two digits are those from 1970 to 2069. `None` is PHP's `false`: beyond 64 bits.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::mktime(0, 0, 0, 1, 32, 2026), php::mktime(0, 0, 0, 2, 1, 2026));
/// ```
pub fn mktime(hour: i64, minute: i64, second: i64, month: i64, day: i64, year: i64) -> Option<i64> {
    let year = match year {
        0..=69 => year.saturating_add(2000),
        70..=100 => year.saturating_add(1900),
        year => year,
    };
    Moment { year, month, day, hour, minute, second }.seconds()
}
