//! Casts, comparisons, arithmetic.

use wechatpay::{Value, php};

use crate::oracle::{Cases, literal};
use crate::values::{Random, edges};

/// Each with each.
fn pairs() -> Vec<(Value, Value)> {
    let edges = edges();
    let mut pairs: Vec<_> = edges.iter().flat_map(|a| edges.iter().map(|b| (a.clone(), b.clone()))).collect();
    let mut random = Random::new(1);
    pairs.extend((0..2000).map(|_| (random.any(), random.any())));
    pairs
}

#[test]
fn casts() {
    let mut cases = Cases::default();
    let mut random = Random::new(2);
    let values = edges().into_iter().chain((0..2000).map(|_| random.any()));
    for value in values {
        let code = literal(&value);
        cases.expression(format!("(bool){code}"), php::is_true(&value));
        cases.expression(format!("(string){code}"), php::text(&value));
        cases.expression(format!("(int){code}"), php::integer(&value));
        cases.expression(format!("(float){code}"), php::float(&value));
        cases.expression(format!("(array){code}"), php::array(&value));
        cases.expression(format!("is_numeric({code})"), php::is_numeric(&value));
        cases.expression(format!("gettype({code})"), php::gettype(&value));
        for base in [0, 2, 8, 10, 16, 36] {
            cases.expression(format!("intval({code}, {base})"), php::intval(&value, base));
        }
    }
    for text in [
        "0b101",
        "0B101",
        "0o17",
        "017",
        "0x",
        "-0x1f",
        " 7f",
        "zz",
        "1e3",
        "0b2",
        "ffffffffffffffffff",
        "-ffffffffffffffffff",
    ] {
        for base in [0, 2, 3, 8, 16, 36] {
            cases.expression(format!("intval(\"{text}\", {base})"), php::intval(text, base));
        }
    }
    cases.check(10_000);
}

#[test]
fn comparisons() {
    let mut cases = Cases::default();
    for (a, b) in pairs() {
        let (left, right) = (literal(&a), literal(&b));
        cases.expression(format!("{left} == {right}"), php::equals(&a, &b));
        cases.expression(format!("{left} === {right}"), php::identical(&a, &b));
        cases.expression(format!("{left} <=> {right}"), php::compare(&a, &b));
        cases.expression(format!("{left} < {right}"), php::less(&a, &b));
        cases.expression(format!("{left} <= {right}"), php::less_or_equal(&a, &b));
        cases.expression(format!("{left} > {right}"), php::greater(&a, &b));
        cases.expression(format!("{left} >= {right}"), php::greater_or_equal(&a, &b));
    }
    cases.check(50_000);
}

#[test]
fn arithmetic() {
    let mut cases = Cases::default();
    for (a, b) in pairs() {
        // Taken from variables: what cannot be computed would otherwise end the script when it is compiled.
        let code = |operator: &str| format!("(fn($a, $b) => $a {operator} $b)({}, {})", literal(&a), literal(&b));
        cases.expression(code("+"), php::add(&a, &b));
        cases.expression(code("-"), php::subtract(&a, &b));
        cases.expression(code("*"), php::multiply(&a, &b));
        cases.expression(code("/"), php::divide(&a, &b));
        cases.expression(code("%"), php::remainder(&a, &b));
        cases.expression(code("**"), php::power(&a, &b));
        cases.expression(format!("intdiv({}, {})", literal(&a), literal(&b)), php::intdiv(&a, &b));
    }
    let mut random = Random::new(3);
    for value in edges().into_iter().chain((0..500).map(|_| random.any())) {
        let code = literal(&value);
        cases.expression(format!("(fn($a) => -$a)({code})"), php::negate(&value));
        cases.statements(format!("$a = {code}; $a++; return $a;"), php::increment(&value));
        cases.statements(format!("$a = {code}; $a--; return $a;"), php::decrement(&value));
    }
    cases.check(50_000);
}
