//! Dates and times as people write them, understood.

use super::calendar::{self, Moment};
use super::date::{DAYS, MONTHS};
use super::error::Error;
use super::operand::Operand;
use super::text::text;

/// The moment that a text means, in Unix seconds, in China's time (PHP: `strtotime($text, $now)`).
///
/// It understands dates such as `2026-01-02`, `2026/1/2` and `20260102`, times such as `03:04` and `03:04:05.678`, both with a space
/// or a `T` between them and an offset such as `Z` or `+08:00` behind them, `@` with Unix seconds, `now`, `today`, `midnight`, `noon`,
/// `tomorrow`, `yesterday`, `first day of` and `last day of`, names of weekdays, and what is added: `+1 day`, `-2 weeks`,
/// `next month`, `last year`, `3 hours ago`.
///
/// # Errors
/// For everything else: what PHP does not understand, for which it returns `false`, and what only PHP understands.
///
/// ```
/// use wechatpay::php;
///
/// let now = php::strtotime("2026-01-02 03:04:05", 0)?;
/// assert_eq!(php::date("Y-m-d H:i:s", php::strtotime("+1 month", now)?), "2026-02-02 03:04:05");
/// assert_eq!(php::date("Y-m-d H:i:s", php::strtotime("tomorrow 08:00", now)?), "2026-01-03 08:00:00");
/// assert_eq!(php::strtotime("2026-01-02T03:04:05Z", 0)?, 1_767_323_045);
/// assert!(php::strtotime("some day", now).is_err());
/// # Ok::<_, php::Error>(())
/// ```
pub fn strtotime(a: impl Operand, now: i64) -> Result<i64, Error> {
    let text = text(a).trim().to_ascii_lowercase();
    let unknown = || Error::of_value("strtotime() does not understand this date");
    let mut reading = Reading::new(&text, now);
    while !reading.rest.is_empty() {
        reading.part().ok_or_else(unknown)?;
        reading.rest = reading.rest.trim_start_matches([' ', '\t', ',']);
    }
    if text.is_empty() {
        return Err(unknown());
    }
    reading.seconds().ok_or_else(unknown)
}

/// A weekday that is meant, and how: `monday` may be today, `next monday` and `last monday` may not.
#[derive(Debug, Clone, Copy)]
struct Weekday {
    day: i64,
    amount: i64,
}

impl Weekday {
    /// How many days it is ahead of a day of the week.
    fn ahead(self, today: i64) -> Option<i64> {
        match (self.day.checked_sub(today)?.rem_euclid(7), self.amount) {
            (0, 1) => Some(7),
            (days, 0 | 1) => Some(days),
            (days, _) => days.checked_sub(7),
        }
    }
}

/// What has been understood so far.
#[derive(Debug, Clone, Copy)]
struct Reading<'a> {
    rest: &'a str,
    moment: Moment,
    /// Unix seconds, of `@`.
    exact: Option<i64>,
    offset: Option<i64>,
    is_date: bool,
    is_time: bool,
    added: Moment,
    weekday: Option<Weekday>,
    /// `next week`, from this one on.
    week: Option<i64>,
    /// `first day of` or `last day of`.
    edge: Option<bool>,
}

impl<'a> Reading<'a> {
    fn new(rest: &'a str, now: i64) -> Reading<'a> {
        let added = Moment { year: 0, month: 0, day: 0, hour: 0, minute: 0, second: 0 };
        let moment = Moment::of(now);
        let (is_date, is_time) = (false, false);
        Reading {
            rest,
            moment,
            exact: None,
            offset: None,
            is_date,
            is_time,
            added,
            weekday: None,
            week: None,
            edge: None,
        }
    }

    fn seconds(self) -> Option<i64> {
        let (base, added) = (self.moment, self.added);
        let sum = |a: i64, b: i64| a.checked_add(b);
        let mut moment = Moment {
            year: sum(base.year, added.year)?,
            month: sum(base.month, added.month)?,
            day: sum(base.day, added.day)?,
            ..base
        };
        if let Some(is_last) = self.edge {
            // The months are counted first, from a day that each of them has.
            let first = Moment::of(Moment { day: 1, ..moment }.seconds()?);
            let day = if is_last { calendar::days_of_month(first.year, first.month) } else { 1 };
            moment = Moment { year: first.year, month: first.month, day: sum(day, added.day)?, ..moment };
        }
        let today = Moment::of(moment.seconds()?).weekday();
        match (self.week, self.weekday) {
            // Of a week, which begins with Monday, a named day or the first one.
            (Some(weeks), weekday) => {
                let wanted = weekday.map_or(1, |weekday| weekday.day);
                let from_monday = |day: i64| day.checked_sub(1).map(|day| day.rem_euclid(7));
                let ahead = from_monday(wanted)?.checked_sub(from_monday(today)?)?;
                moment.day = sum(moment.day, sum(ahead, weeks.checked_mul(7)?)?)?;
            }
            (None, Some(weekday)) => moment.day = sum(moment.day, weekday.ahead(today)?)?,
            (None, None) => {}
        }
        let seconds = match self.exact {
            Some(exact) => {
                let exact = Moment::of(exact);
                let day = sum(exact.day, added.day)?;
                Moment { year: sum(exact.year, added.year)?, month: sum(exact.month, added.month)?, day, ..exact }
                    .seconds()?
            }
            None => {
                let seconds = moment.seconds()?;
                self.offset
                    .map_or(Some(seconds), |offset| seconds.checked_add(calendar::OFFSET)?.checked_sub(offset))?
            }
        };
        let hours = added.hour.checked_mul(3600)?;
        let minutes = added.minute.checked_mul(60)?;
        seconds.checked_add(hours)?.checked_add(minutes)?.checked_add(added.second)
    }

    /// Reads one part of the text.
    fn part(&mut self) -> Option<()> {
        if let Some(rest) = self.rest.strip_prefix('@') {
            let (sign, digits) = rest.strip_prefix('-').map_or((1, rest), |digits| (-1, digits));
            let (number, rest) = number(digits, 19)?;
            self.exact = Some(number.checked_mul(sign)?);
            self.rest = rest;
            return Some(());
        }
        let text = self.rest;
        if text.starts_with(|letter: char| letter.is_ascii_digit()) {
            return self.date().or_else(|| self.time()).or_else(|| self.amount());
        }
        if text.starts_with(['+', '-']) {
            return self.zone().or_else(|| self.amount());
        }
        self.word()
    }

    /// A date, perhaps with a time behind it.
    fn date(&mut self) -> Option<()> {
        let (year, month, day, rest) = written(self.rest)?;
        if self.is_date || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return None;
        }
        self.is_date = true;
        (self.moment.year, self.moment.month, self.moment.day) = (year, month, day);
        if !self.is_time {
            self.set_time(0, 0, 0);
        }
        // A `t` between the two.
        self.rest = match rest.strip_prefix('t') {
            Some(time) if time.starts_with(|letter: char| letter.is_ascii_digit()) => time,
            _ if rest.is_empty() || rest.starts_with([' ', '\t', ',']) => rest,
            _ => return None,
        };
        Some(())
    }

    fn time(&mut self) -> Option<()> {
        let (hour, rest) = number(self.rest, 2)?;
        let (minute, rest) = digits(rest.strip_prefix(':')?, 2)?;
        let (second, rest) = match rest.strip_prefix(':') {
            Some(rest) => digits(rest, 2)?,
            None => (0, rest),
        };
        let rest = match rest.strip_prefix('.') {
            Some(fraction) => fraction.trim_start_matches(|letter: char| letter.is_ascii_digit()),
            None => rest,
        };
        if self.is_time || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let is_end = rest.is_empty() || rest.starts_with([' ', '\t', ',', '+', '-', 'z']);
        self.rest = Some(rest).filter(|_| is_end)?;
        self.is_time = true;
        self.set_time(hour, minute, second);
        // Directly behind a time, `+08:00` is an offset.
        if rest.starts_with(['+', '-', 'z']) {
            return self.zone();
        }
        Some(())
    }

    fn set_time(&mut self, hour: i64, minute: i64, second: i64) {
        (self.moment.hour, self.moment.minute, self.moment.second) = (hour, minute, second);
    }

    /// `z`, `+08:00` or `+0800`, behind a time.
    fn zone(&mut self) -> Option<()> {
        if !self.is_time || self.offset.is_some() {
            return None;
        }
        if let Some(rest) = self.rest.strip_prefix('z') {
            (self.offset, self.rest) = (Some(0), rest);
            return Some(());
        }
        let sign = if self.rest.starts_with('-') { -1 } else { 1 };
        let (hours, rest) = digits(self.rest.strip_prefix(['+', '-'])?, 2)?;
        let (minutes, rest) = digits(rest.strip_prefix(':').unwrap_or(rest), 2)?;
        if !rest.is_empty() && !rest.starts_with([' ', '\t']) {
            return None;
        }
        let offset = hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?.checked_mul(sign)?;
        (self.offset, self.rest) = (Some(offset), rest);
        Some(())
    }

    /// `+1 day`, `-2weeks`, `3 hours ago`.
    fn amount(&mut self) -> Option<()> {
        let (sign, rest) = match self.rest.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, self.rest.strip_prefix('+').unwrap_or(self.rest)),
        };
        let (amount, rest) = number(rest.trim_start(), 18)?;
        let (unit, rest) = word(rest.trim_start());
        let amount = amount.checked_mul(sign)?;
        let (amount, rest) = match rest.trim_start().strip_prefix("ago") {
            Some(rest) => (amount.checked_neg()?, rest),
            None => (amount, rest),
        };
        self.add(amount, unit)?;
        self.rest = rest;
        Some(())
    }

    fn add(&mut self, amount: i64, unit: &str) -> Option<()> {
        let times = |factor: i64| amount.checked_mul(factor);
        let (place, amount) = match unit.strip_suffix('s').unwrap_or(unit) {
            "sec" | "second" => (&mut self.added.second, amount),
            "min" | "minute" => (&mut self.added.minute, amount),
            "hour" => (&mut self.added.hour, amount),
            "day" => (&mut self.added.day, amount),
            "week" => (&mut self.added.day, times(7)?),
            "fortnight" => (&mut self.added.day, times(14)?),
            "month" => (&mut self.added.month, amount),
            "year" => (&mut self.added.year, amount),
            _ => return None,
        };
        *place = place.checked_add(amount)?;
        Some(())
    }

    fn word(&mut self) -> Option<()> {
        let (first, rest) = word(self.rest);
        self.rest = rest;
        match first {
            "now" => {}
            "today" | "midnight" => self.day(0),
            "noon" if self.is_time => return None,
            "noon" => {
                self.is_time = true;
                self.set_time(12, 0, 0);
            }
            "tomorrow" => self.day(1),
            "yesterday" => self.day(-1),
            "first" | "last" if rest.trim_start().starts_with("day of") => {
                self.edge = Some(first == "last");
                self.rest = rest.trim_start().strip_prefix("day of")?;
            }
            "next" | "last" | "previous" | "this" => {
                let (unit, behind) = word(rest.trim_start());
                self.rest = behind;
                let amount = match first {
                    "next" => 1,
                    "this" => 0,
                    _ => -1,
                };
                match weekday(unit) {
                    Some(day) => self.weekday(day, amount)?,
                    None if unit == "week" && self.week.is_none() => self.week = Some(amount),
                    None if unit == "week" => return None,
                    None => self.add(amount, unit)?,
                }
            }
            name => match (weekday(name), month(name)) {
                (Some(day), _) => self.weekday(day, 0)?,
                (_, Some(month)) if self.edge.is_some() && !self.is_date => {
                    self.moment.month = month;
                    if !self.is_time {
                        self.set_time(0, 0, 0);
                    }
                    // The year, if it is named.
                    if let Some((year, rest)) = digits(self.rest.trim_start(), 4) {
                        self.moment.year = year;
                        self.rest = rest;
                    }
                    self.is_date = true;
                }
                _ => return None,
            },
        }
        Some(())
    }

    fn day(&mut self, days: i64) {
        self.added.day = self.added.day.saturating_add(days);
        if !self.is_time {
            self.set_time(0, 0, 0);
        }
    }

    fn weekday(&mut self, day: i64, amount: i64) -> Option<()> {
        if self.weekday.is_some() {
            return None;
        }
        self.weekday = Some(Weekday { day, amount });
        if !self.is_time {
            self.set_time(0, 0, 0);
        }
        Some(())
    }
}

/// Year, month and day in figures, and what is behind them.
fn written(text: &str) -> Option<(i64, i64, i64, &str)> {
    if let Some((date, rest)) =
        digits(text, 8).filter(|(_, rest)| !rest.starts_with(|next: char| next.is_ascii_digit()))
    {
        return Some((date / 10_000, date / 100 % 100, date % 100, rest));
    }
    let (year, rest) = digits(text, 4)?;
    let separator = rest.chars().next().filter(|letter| matches!(letter, '-' | '/'))?;
    let (month, rest) = number(rest.strip_prefix(separator)?, 2)?;
    let (day, rest) = number(rest.strip_prefix(separator)?, 2)?;
    Some((year, month, day, rest))
}

/// A number of at most so many digits, and what is behind it.
fn number(text: &str, most: usize) -> Option<(i64, &str)> {
    let size = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(size)?;
    Some((number.parse().ok()?, rest))
}

/// A number of exactly so many digits.
fn digits(text: &str, size: usize) -> Option<(i64, &str)> {
    number(text, size).filter(|(_, rest)| text.len().saturating_sub(rest.len()) == size)
}

/// The letters at the beginning, and what is behind them.
fn word(text: &str) -> (&str, &str) {
    let end = text.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn weekday(name: &str) -> Option<i64> {
    let is_it =
        |day: &str| day.eq_ignore_ascii_case(name) || day.get(..3).is_some_and(|day| day.eq_ignore_ascii_case(name));
    i64::try_from(DAYS.iter().position(|day| is_it(day))?).ok()
}

fn month(name: &str) -> Option<i64> {
    let is_it = |month: &str| {
        month.eq_ignore_ascii_case(name) || month.get(..3).is_some_and(|month| month.eq_ignore_ascii_case(name))
    };
    i64::try_from(MONTHS.iter().position(|month| is_it(month))?.saturating_add(1)).ok()
}
