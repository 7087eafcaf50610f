//! Sorting, also of what has no order, and of so many that PHP sorts them by parts.

use wechatpay::php::{self, Error, Sort};
use wechatpay::{Map, Value};

use crate::oracle::{Cases, literal};
use crate::values::Random;

/// From few elements to more than a thousand; of one type or of all.
fn array(random: &mut Random) -> Value {
    let size = *random.of(&[0, 1, 2, 3, 4, 5, 6, 9, 15, 16, 17, 18, 33, 60]);
    let size = if random.below(60) == 0 { 1100 + random.below(900) } else { size };
    let kind = random.below(5);
    let value = |random: &mut Random| match kind {
        0 => random.between(-20, 20).into(),
        1 => random.text().into(),
        2 => random.between(-9, 30).to_string().into(),
        3 => random.scalar(),
        _ => random.any(),
    };
    if random.below(2) == 0 {
        return (0..size).map(|_| value(random)).collect();
    }
    let mut map = Map::new();
    for _ in 0..size {
        let name = if random.below(2) == 0 { random.text() } else { random.between(-9, 99).to_string() };
        map.insert(name, value(random));
    }
    map.into()
}

type Sorting = fn(&mut Value, Sort) -> Result<(), Error>;

const FUNCTIONS: [(&str, Sorting); 6] = [
    ("sort", php::sort_with),
    ("rsort", php::rsort_with),
    ("asort", php::asort_with),
    ("arsort", php::arsort_with),
    ("ksort", php::ksort_with),
    ("krsort", php::krsort_with),
];

const FLAGS: [(&str, Sort); 6] = [
    ("SORT_REGULAR", Sort::Regular),
    ("SORT_NUMERIC", Sort::Numeric),
    ("SORT_STRING", Sort::Text),
    ("SORT_STRING | SORT_FLAG_CASE", Sort::TextIgnoringCase),
    ("SORT_NATURAL", Sort::Natural),
    ("SORT_NATURAL | SORT_FLAG_CASE", Sort::NaturalIgnoringCase),
];

#[test]
fn by_value_and_by_key() {
    let mut cases = Cases::default();
    let mut random = Random::new(21);
    for round in 0..4000 {
        let array = array(&mut random);
        let (function, sorting) = FUNCTIONS[round % 6];
        let (flags, sort) = if random.below(2) == 0 { FLAGS[0] } else { *random.of(&FLAGS) };
        let mut sorted = array.clone();
        sorting(&mut sorted, sort).unwrap();
        cases.statements(format!("$a = {}; {function}($a, {flags}); return $a;", literal(&array)), sorted);
    }
    cases.check(4000);
}

#[test]
fn by_a_function() {
    let mut cases = Cases::default();
    let mut random = Random::new(22);
    for _ in 0..700 {
        let array = array(&mut random);
        let code = literal(&array);
        let mut sorted = array.clone();
        php::usort(&mut sorted, |a, b| php::compare(a, b)).unwrap();
        cases.statements(format!("$a = {code}; usort($a, fn($a, $b) => $a <=> $b); return $a;"), sorted);
        let mut sorted = array.clone();
        php::uasort(&mut sorted, |a, b| php::greater(a, b)).unwrap();
        cases.statements(format!("$a = {code}; uasort($a, fn($a, $b) => $a > $b); return $a;"), sorted);
        let mut sorted = array.clone();
        php::uksort(&mut sorted, |a, b| php::strcmp(b, a)).unwrap();
        cases.statements(format!("$a = {code}; uksort($a, fn($a, $b) => strcmp($b, $a)); return $a;"), sorted);
        let mut sorted = array.clone();
        php::usort(&mut sorted, |a, b| php::float(a) - php::float(b)).unwrap();
        cases.statements(format!("$a = {code}; usort($a, fn($a, $b) => (float)$a - (float)$b); return $a;"), sorted);
    }
    cases.check(2800);
}
