//! Days and ranges of them, as bills are asked for.

use std::fmt;

use wechatpay::Formatter;

/// The most days of one command.
const MOST: usize = 400;

/// A day of the calendar. The platform's days are those of China.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    year: u16,
    month: u8,
    day: u8,
}

impl Day {
    /// `YYYY-MM-DD` or `YYYYMMDD`.
    pub fn parse(text: &str) -> Option<Day> {
        let parts = match text.len() {
            10 => (text.get(0..4)?, text.get(4..5)?, text.get(5..7)?, text.get(7..8)?, text.get(8..10)?),
            8 => (text.get(0..4)?, "-", text.get(4..6)?, "-", text.get(6..8)?),
            _ => return None,
        };
        let (year, "-", month, "-", day) = parts else { return None };
        let are_digits = [year, month, day].iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
        let day = Day { year: year.parse().ok()?, month: month.parse().ok()?, day: day.parse().ok()? };
        (are_digits && (1..=12).contains(&day.month) && (1..=day.length()).contains(&day.day)).then_some(day)
    }

    /// Today, in China.
    pub fn today() -> Option<Day> {
        Day::parse(&Formatter::date_ymd(Formatter::timestamp()))
    }

    /// The days of the month.
    fn length(self) -> u8 {
        let is_leap = self.year.is_multiple_of(4) && (!self.year.is_multiple_of(100) || self.year.is_multiple_of(400));
        match self.month {
            4 | 6 | 9 | 11 => 30,
            2 if is_leap => 29,
            2 => 28,
            _ => 31,
        }
    }

    fn next(self) -> Day {
        if self.day < self.length() {
            Day { day: self.day.saturating_add(1), ..self }
        } else if self.month < 12 {
            Day { month: self.month.saturating_add(1), day: 1, ..self }
        } else {
            Day { year: self.year.saturating_add(1), month: 1, day: 1 }
        }
    }

    /// Three months before, the first day of which the platform still gives bills.
    pub fn three_months_before(self) -> Day {
        let (year, month) = match self.month {
            1..=3 => (self.year.saturating_sub(1), self.month.saturating_add(9)),
            _ => (self.year, self.month.saturating_sub(3)),
        };
        let first = Day { year, month, day: 1 };
        Day { day: self.day.min(first.length()), ..first }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// The days of all dates and ranges (`FROM..TO`), each once, in order; or what is wrong with one.
pub fn days(dates: &[String], today: Day) -> Result<Vec<Day>, String> {
    let mut days = Vec::new();
    for date in dates {
        let (from, to) = date.split_once("..").unwrap_or((date, date));
        let day = |text: &str| Day::parse(text).ok_or_else(|| format!("{text:?} is not a day such as 2026-01-31"));
        let (mut from, to) = (day(from)?, day(to)?);
        if from > to {
            return Err(format!("{date} ends before it begins"));
        }
        if to >= today {
            return Err(format!("{to} is not over: today is {today} in China, and bills are made the day after"));
        }
        while from <= to {
            days.push(from);
            from = from.next();
            if days.len() > MOST {
                return Err(format!("these are more than {MOST} days"));
            }
        }
    }
    days.sort_unstable();
    days.dedup();
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::{Day, days};

    fn of(dates: &[&str]) -> Result<Vec<String>, String> {
        let dates: Vec<_> = dates.iter().map(|date| (*date).to_owned()).collect();
        let days = days(&dates, Day::parse("2026-03-01").unwrap())?;
        Ok(days.iter().map(Day::to_string).collect())
    }

    #[test]
    fn ranges_cross_months_leap_days_and_years() {
        assert_eq!(of(&["2024-02-28..2024-03-01"]).unwrap(), ["2024-02-28", "2024-02-29", "2024-03-01"]);
        assert_eq!(of(&["20231231..20240101", "2023-12-31"]).unwrap(), ["2023-12-31", "2024-01-01"]);
        assert_eq!(of(&["2026-02-28"]).unwrap(), ["2026-02-28"]);
        assert_eq!(of(&["2025-03-01..2026-02-28"]).unwrap().len(), 365);
    }

    #[test]
    fn what_is_not_a_day() {
        for wrong in
            ["", "today", "2026-2-1", "2026-02-29", "2026-13-01", "2026-00-10", "2026/01/01", "+026-01-01", "一二三"]
        {
            assert!(of(&[wrong]).unwrap_err().contains("is not a day"), "{wrong}");
        }
        assert!(of(&["2026-01-02..2026-01-01"]).unwrap_err().contains("ends before it begins"));
        assert!(of(&["2026-02-27..2026-03-01"]).unwrap_err().contains("2026-03-01 is not over"));
        assert!(of(&["2020-01-01..2026-01-01"]).unwrap_err().contains("more than 400 days"));
    }

    #[test]
    fn three_months() {
        for (day, before) in [("2026-01-31", "2025-10-31"), ("2026-05-31", "2026-02-28"), ("2026-12-01", "2026-09-01")]
        {
            assert_eq!(Day::parse(day).unwrap().three_months_before().to_string(), before);
        }
    }
}
