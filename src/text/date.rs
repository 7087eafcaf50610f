//! A moment as a date and a time of day in China.

/// China's offset since 1992, in seconds: eight hours, summer and winter.
const OFFSET: i128 = 8 * 60 * 60;

const DAY: i128 = 24 * 60 * 60;

/// A moment on China's calendar and clock.
pub(super) struct Date {
    pub(super) year: i128,
    pub(super) month: i128,
    pub(super) day: i128,
    pub(super) hour: i128,
    pub(super) minute: i128,
    pub(super) second: i128,
}

impl Date {
    /// From Unix seconds, in the Gregorian calendar, also for the time before there was one.
    #[expect(clippy::arithmetic_side_effects, reason = "any number of seconds of 64 bits is far from the ends of i128")]
    pub(super) fn of(timestamp: i64) -> Date {
        let local = i128::from(timestamp) + OFFSET;
        let second = local.rem_euclid(DAY);
        let (year, month, day) = calendar(local.div_euclid(DAY));
        Date { year, month, day, hour: second / 3600, minute: second / 60 % 60, second: second % 60 }
    }
}

/// Year, month and day of a number of days since 1970-01-01.
///
/// Years are counted from 1 March, so that a leap day is the last day of its year: the months from March on then have the
/// same lengths in every year.
#[expect(clippy::arithmetic_side_effects, reason = "see `Date::of`")]
fn calendar(days: i128) -> (i128, i128, i128) {
    /// Of 400 years, after which the calendar repeats itself.
    const DAYS_OF_CYCLE: i128 = 400 * 365 + 97;
    /// From 0000-03-01 to 1970-01-01.
    const EPOCH: i128 = 719_468;
    let (cycle, day) = ((days + EPOCH).div_euclid(DAYS_OF_CYCLE), (days + EPOCH).rem_euclid(DAYS_OF_CYCLE));
    // Without the leap days before it, each year has 365 days.
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (year * 365 + year / 4 - year / 100);
    // The first day of month m after March is (153 * m + 2) / 5: five months in a row have 153 days.
    let month = (day_of_year * 5 + 2) / 153;
    let day = day_of_year - (month * 153 + 2) / 5 + 1;
    let is_next_year = month >= 10;
    let month = if is_next_year { month - 9 } else { month + 3 };
    (cycle * 400 + year + i128::from(is_next_year), month, day)
}
