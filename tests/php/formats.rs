//! `sprintf`, `number_format`, rounding.

use wechatpay::{Value, json, php};

use crate::oracle::{Cases, literal, quoted};
use crate::values::{Random, scalars};

fn directive(random: &mut Random) -> String {
    let argument = *random.of(&["", "", "", "", "1$", "2$", "3$", "4$"]);
    let flags = *random.of(&["", "", "", "0", "-", "+", "'*", "-0", "+0", "'x-", "0+", " ", "-'#", "+-"]);
    let width = *random.of(&["", "", "1", "5", "8", "12", "20"]);
    let places = *random.of(&["", "", "", ".0", ".1", ".2", ".3", ".5", ".10", ".17", ".", ".60"]);
    let letter =
        *random.of(&["d", "s", "f", "F", "u", "x", "X", "o", "b", "e", "E", "g", "G", "c", "%", "ld", "h", "H"]);
    format!("%{argument}{flags}{width}{places}{letter}")
}

#[test]
fn sprintf() {
    let mut cases = Cases::default();
    let mut random = Random::new(41);
    for _ in 0..8000 {
        let count = random.below(4);
        let mut format = random.text().replace('%', "%%");
        for _ in 0..=random.below(3) {
            format += &directive(&mut random);
            format += *random.of(&["", " ", "|", "茶"]);
        }
        let values: Vec<Value> = (0..count).map(|_| random.scalar()).collect();
        let codes: String = values.iter().map(|value| format!(", {}", literal(value))).collect();
        cases.expression(format!("sprintf({}{codes})", quoted(&format)), php::sprintf(&format, &values));
        let array = literal(&Value::from(values.clone()));
        cases.expression(format!("vsprintf({}, {array})", quoted(&format)), php::vsprintf(&format, &values));
    }
    let stars = ["%*d", "%-*d|", "%.*f", "%*.*f", "%.*g", "%.*H", "%1$*2$d", "%'010*d", "%.*s"];
    for format in stars {
        for first in [json!(-2), json!(-1), json!(0), json!(3), json!(8), json!("5"), json!(2.5)] {
            for second in [json!(1234.5678), json!(3), json!("abc"), json!(0.1), json!(-1)] {
                let codes = format!("{}, {}, {}", quoted(format), literal(&first), literal(&second));
                cases.expression(
                    format!("sprintf({codes}, 1.5)"),
                    php::sprintf(format, &[first.clone(), second, json!(1.5)]),
                );
            }
        }
    }
    for format in ["%", "%5", "%z", "%y %d", "%0$s", "%'", "100%", "%%", "%5.2", "%99999999999d", "%1$", "%l", "%ll"] {
        cases.expression(format!("sprintf('{}', 1, 2)", format.replace('\'', "\\'")), php::sprintf(format, &[1, 2]));
    }
    cases.check(16_000);
}

/// Numbers that are hard to round.
fn numbers(random: &mut Random) -> Vec<Value> {
    let halves = [
        0.5,
        1.5,
        2.5,
        -0.5,
        -2.5,
        1.005,
        2.675,
        1.255,
        0.285,
        1.955,
        5.055,
        1.45,
        -1.005,
        0.1 + 0.7,
        1234567.891,
        999.995,
    ];
    let cents = (0..2000).map(|_| json!(random.between(-10_000_000, 10_000_000) as f64 / 1000.0)).collect::<Vec<_>>();
    let any = (0..1500).map(|_| random.scalar()).collect::<Vec<_>>();
    halves
        .map(Value::from)
        .into_iter()
        .chain(cents)
        .chain(any)
        .chain(scalars())
        .filter(|value| !value.is_null())
        .collect()
}

#[test]
fn rounding() {
    let mut cases = Cases::default();
    let mut random = Random::new(42);
    for number in numbers(&mut random) {
        let code = literal(&number);
        for places in [0, 1, 2, 3, 5, 10, 16, -1, -2, -5, 25] {
            // Beyond the places that a float has, PHP 8.2 gives what its `pow` gives.
            cases.expression(format!("round({code}, {places})"), php::round(&number, places));
        }
        for places in [0, 2, 3, -1, 12] {
            cases.expression(format!("number_format({code}, {places})"), php::number_format(&number, places, ".", ","));
        }
        cases.expression(format!("number_format({code}, 1, ',', '')"), php::number_format(&number, 1, ",", ""));
        cases.expression(format!("number_format({code}, 2, '', ' ')"), php::number_format(&number, 2, "", " "));
        cases.expression(format!("floor({code})"), php::floor(&number));
        cases.expression(format!("ceil({code})"), php::ceil(&number));
        cases.expression(format!("abs({code})"), php::abs(&number));
        for places in [0, 1, 2, 4] {
            let format = format!("%.{places}f");
            cases.expression(format!("sprintf('{format}', {code})"), php::sprintf(&format, &[&number]));
        }
    }
    cases.check(50_000);
}
