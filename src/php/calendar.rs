//! Days and dates, in the Gregorian calendar, also for the time before there was one.

/// China's offset since 1992, in seconds: eight hours, summer and winter.
pub(super) const OFFSET: i64 = 8 * 60 * 60;

const DAY: i128 = 24 * 60 * 60;

/// A moment on China's calendar and clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
}

impl Moment {
    /// From Unix seconds.
    #[expect(clippy::arithmetic_side_effects, reason = "any number of seconds of 64 bits is far from the ends of i128")]
    pub(super) fn of(seconds: i64) -> Moment {
        let local = i128::from(seconds) + i128::from(OFFSET);
        let second = narrow(local.rem_euclid(DAY));
        let (year, month, day) = date(narrow(local.div_euclid(DAY)));
        Moment { year, month, day, hour: second / 3600, minute: second / 60 % 60, second: second % 60 }
    }

    /// Unix seconds. Any number of any field counts on into the next one; `None` beyond 64 bits.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "fields of 64 bits, multiplied by less than a million, are far from the ends of i128"
    )]
    pub(super) fn seconds(self) -> Option<i64> {
        let months = i128::from(self.year) * 12 + i128::from(self.month) - 1;
        let day = first_day(months.div_euclid(12), months.rem_euclid(12) + 1) + i128::from(self.day) - 1;
        let time = i128::from(self.hour) * 3600 + i128::from(self.minute) * 60 + i128::from(self.second);
        i64::try_from(day * DAY + time - i128::from(OFFSET)).ok()
    }

    /// The day of the week, 0 for Sunday.
    pub(super) fn weekday(self) -> i64 {
        narrow(self.day_number().saturating_add(4).rem_euclid(7))
    }

    /// The day of the year, from 0 on.
    pub(super) fn day_of_year(self) -> i64 {
        narrow(self.day_number().saturating_sub(first_day(self.year.into(), 1)))
    }

    /// Days since 1970-01-01.
    fn day_number(self) -> i128 {
        first_day(self.year.into(), self.month.into()).saturating_add(self.day.into()).saturating_sub(1)
    }

    /// The year and the number of the week as ISO 8601 counts them: week 1 has the first Thursday.
    #[expect(clippy::arithmetic_side_effects, reason = "days of a year and its weeks")]
    pub(super) fn week(self) -> (i64, i64) {
        let from_monday = (self.weekday() + 6) % 7;
        let thursday = self.day_number() - i128::from(from_monday) + 3;
        let (year, _, _) = date(narrow(thursday));
        (year, narrow((thursday - first_day(year.into(), 1)) / 7 + 1))
    }
}

pub(super) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(super) fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The first day of a month as days since 1970-01-01. Years are counted from 1 March, so that a leap day is the last of its year.
#[expect(clippy::arithmetic_side_effects, reason = "a year of 64 bits is far from the ends of i128")]
fn first_day(year: i128, month: i128) -> i128 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // From March on, five months in a row have 153 days; 719,468 days are between 0000-03-01 and 1970-01-01.
    year * 365 + leap_days + (153 * month + 2) / 5 - 719_468
}

/// Year, month and day of days since 1970-01-01.
#[expect(clippy::arithmetic_side_effects, reason = "see `first_day`")]
fn date(days: i64) -> (i64, i64, i64) {
    // One of 400 years has 146,097 days; the guess is at most one year off.
    let days = i128::from(days);
    let mut year = 1970 + (days * 400).div_euclid(146_097);
    while first_day(year, 1) > days {
        year -= 1;
    }
    while first_day(year + 1, 1) <= days {
        year += 1;
    }
    let mut month = 1;
    while month < 12 && first_day(year, month + 1) <= days {
        month += 1;
    }
    (narrow(year), narrow(month), narrow(days - first_day(year, month) + 1))
}

/// What is known to fit.
fn narrow(number: i128) -> i64 {
    i64::try_from(number).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX })
}
