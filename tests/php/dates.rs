//! Dates, there and back.

use wechatpay::php;

use crate::oracle::{Cases, quoted};
use crate::values::Random;

const LETTERS: &str = "d D j l N S w z W F m M n t L o Y y a A B g G h H i s u v e I O P p T Z c r U x X";

/// After 1992, when China's summer time ended.
fn moment(random: &mut Random) -> i64 {
    match random.below(4) {
        0 => random.between(700_000_000, 2_000_000_000),
        1 => random.between(700_000_000, 300_000_000_000),
        // The ends of years.
        2 => 1_577_808_000 + 31_557_600 * random.between(-25, 400) + random.between(-300_000, 300_000),
        _ => 1_767_196_800 + 86_400 * random.between(-800, 800) + random.between(-2, 2),
    }
}

#[test]
fn formats() {
    let mut cases = Cases::default();
    let mut random = Random::new(51);
    for _ in 0..1500 {
        let seconds = moment(&mut random);
        cases.expression(format!("date('{LETTERS}', {seconds})"), php::date(LETTERS, seconds));
    }
    let constants = [
        ("DATE_ATOM", php::DATE_ATOM),
        ("DATE_COOKIE", php::DATE_COOKIE),
        ("DATE_ISO8601", php::DATE_ISO8601),
        ("DATE_RFC822", php::DATE_RFC822),
        ("DATE_RFC850", php::DATE_RFC850),
        ("DATE_RFC2822", php::DATE_RFC2822),
        ("DATE_RFC3339", php::DATE_RFC3339),
        ("DATE_RFC3339_EXTENDED", php::DATE_RFC3339_EXTENDED),
        ("DATE_RFC7231", php::DATE_RFC7231),
    ];
    for (name, format) in constants {
        cases.expression(name, format);
        cases.expression(format!("date({name}, 1767295445)"), php::date(format, 1_767_295_445));
    }
    for format in ["\\Y\\m", "Ymd\\", "\\\\Y", "年Y月", "[H:i]", "", "jS \\o\\f F"] {
        cases.expression(format!("date({}, 1767295445)", quoted(format)), php::date(format, 1_767_295_445));
    }
    for seconds in [
        -62_135_596_800_i64,
        -62_167_219_200,
        -100_000_000_000,
        253_402_300_800,
        10_000_000_000_000,
        -10_000_000_000_000,
    ] {
        // Local mean time had another offset; at +08:00 all of it is the same.
        let code = format!(
            "(new DateTime('@{seconds}'))->setTimezone(new DateTimeZone('+08:00'))->format('Y-m-d x X H:i:s w z W o')"
        );
        cases.expression(code, php::date("Y-m-d x X H:i:s w z W o", seconds));
    }
    cases.check(1500);
}

#[test]
fn moments() {
    let mut cases = Cases::default();
    let mut random = Random::new(52);
    for _ in 0..2000 {
        let (month, day, year) = (random.between(-3, 15), random.between(-2, 33), random.between(1993, 2400));
        cases.expression(format!("checkdate({month}, {day}, {year})"), php::checkdate(month, day, year));
        let (hour, minute, second) = (random.between(-30, 30), random.between(-70, 70), random.between(-99, 4000));
        let code = format!("mktime({hour}, {minute}, {second}, {month}, {day}, {year})");
        cases.expression(code, php::mktime(hour, minute, second, month, day, year));
    }
    for year in [92, 99, 100, 0, 1, 26, 69] {
        if year != 100 {
            cases.expression(format!("mktime(1, 2, 3, 9, 5, {year})"), php::mktime(1, 2, 3, 9, 5, year));
        }
    }
    cases.check(4000);
}

#[test]
fn written_by_people() {
    let mut cases = Cases::default();
    let mut random = Random::new(53);
    let dates = [
        "2026-01-31",
        "2026-1-5",
        "2026/02/28",
        "20260131",
        "today",
        "tomorrow",
        "yesterday",
        "midnight",
        "noon",
        "now",
        "",
    ];
    let times = ["", "", "03:04", "03:04:05", "23:59:59.123", "9:05"];
    let units = [
        "sec",
        "second",
        "seconds",
        "min",
        "minutes",
        "hour",
        "hours",
        "day",
        "days",
        "week",
        "weeks",
        "month",
        "months",
        "year",
        "years",
        "fortnight",
    ];
    let others = [
        "next month",
        "last month",
        "next year",
        "last day of this month",
        "first day of next month",
        "last day of february",
        "first day of january 2027",
        "next monday",
        "last friday",
        "monday",
        "friday",
        "this sunday",
        "previous week",
        "next week",
        "last year",
        "3 days ago",
        "+1 week 2 days 4 hours 2 seconds",
        "sat",
        "next tue",
        "+2 days 10:00",
        "2026-01-02T03:04:05+08:00",
        "2026-01-02T03:04:05Z",
        "2026-01-02 03:04:05 +0000",
        "2026-01-02T03:04:05.678-05:30",
        "@86400",
        "@-5",
        "@1700000000 +1 day",
        "2026-01-02T03:04:05+0800",
        "TODAY",
        "Tomorrow 8:00",
        "last day of",
        "first day of",
        "2026-02-30",
        "first day of next month midnight",
        "last day of this month 23:59:59",
        "20260102T030405",
        "2026-01-31 +1 month",
        "last day of next month noon",
        "monday next week",
        "-1 month",
        "+1 year -1 day",
    ];
    for _ in 0..600 {
        // From 2020 on: 25 years before that, China has the same time.
        let now = 1_577_808_000 + random.between(0, 400_000_000);
        let (date, time, unit) = (*random.of(&dates), *random.of(&times), *random.of(&units));
        let amount = format!("{}{}", random.of(&["+", "-", "+ ", ""]), random.between(0, 25));
        let space = *random.of(&[" ", " ", ""]);
        let mut texts =
            vec![format!("{date} {time}"), format!("{amount}{space}{unit}"), (*random.of(&others)).to_owned()];
        if time.is_empty() || !date.starts_with("20260131") {
            texts.push(format!("{date} {time} {amount} {unit}"));
        }
        for text in texts.into_iter().filter(|text| !text.trim().is_empty()) {
            // What is refused here alone is a matter of the documentation.
            if let Ok(seconds) = php::strtotime(&text, now) {
                cases.expression(format!("strtotime({}, {now})", quoted(&text)), seconds);
            }
        }
    }
    for text in others {
        match php::strtotime(text, 1_767_295_445) {
            Ok(seconds) => cases.expression(format!("strtotime({}, 1767295445)", quoted(text)), seconds),
            Err(_) => assert_eq!(text, "20260102T030405"),
        }
    }
    for text in [
        "some day",
        "2026-13-01",
        "25:00",
        "",
        "1",
        "2026-01-02 2026-01-03",
        "monthly",
        "+1",
        "2026-01-0x",
        "2026-01-32",
    ] {
        assert!(php::strtotime(text, 0).is_err(), "{text}");
    }
    cases.check(1500);
}
