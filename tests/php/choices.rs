//! `??`, `?:`, arrays that are put together in depth, and functions of arrays that are given functions.

use wechatpay::php::{self, Error};
use wechatpay::{Value, json};

use crate::oracle::{Cases, literal};
use crate::values::{Random, edges};

#[test]
fn choices_and_ends() {
    let mut cases = Cases::default();
    let mut random = Random::new(71);
    let made: Vec<Value> = (0..600).map(|_| random.any()).collect();
    for value in edges().into_iter().chain(made) {
        let default = random.scalar();
        let (code, other) = (literal(&value), literal(&default));
        cases.expression(format!("{code} ?? {other}"), php::coalesce(&value, &default));
        cases.expression(
            format!("{code} ?? {other}"),
            php::present(&value).map_or_else(|| default.clone(), Value::clone),
        );
        cases.expression(format!("{code} ?: {other}"), php::elvis(&value, &default));
        cases.expression(format!("is_array({code})"), php::is_array(&value));
        cases.expression(format!("get_debug_type({code})"), php::get_debug_type(&value));
        cases.statements(format!("$a = {code}; return end($a);"), php::end(&value));
        cases.statements(format!("$a = {code}; return reset($a);"), php::reset(&value));
        let joined: String = php::items(&value).map(|(key, value)| format!("{key}={};", php::text(value))).collect();
        let each = "is_int($k) ? \"$k=\" . (is_array($v) ? 'Array' : $v) . ';' : ''";
        cases.statements(format!("$r = ''; foreach ((array){code} as $k => $v) $r .= {each}; return $r;"), {
            if php::is_array(&value) {
                joined
            } else {
                format!("0={};", php::text(&value)).repeat(usize::from(!value.is_null()))
            }
        });
        let mut changed = value.clone();
        for (key, value) in php::each_mut(&mut changed) {
            *value = json!([key, value.take()]);
        }
        if php::is_array(&value) {
            cases.statements(
                format!("$a = {code}; array_walk($a, function(&$v, $k) {{ $v = [$k, $v]; }}); return $a;"),
                changed,
            );
        }
        if let Value::Object(map) = &value {
            let names: Vec<&str> = php::fields(&value).map(|(name, _)| name).collect();
            assert_eq!(names, map.keys().collect::<Vec<_>>());
        }
    }
    assert_eq!(php::or_false(Some("a")), "a");
    assert_eq!(php::or_false(None::<i64>), false);
    assert_eq!((php::fields(&json!(["a"])).count(), php::fields(&json!(1)).count()), (0, 0));
    cases.check(5900);
}

#[test]
fn put_together_in_depth() {
    let mut cases = Cases::default();
    let mut random = Random::new(72);
    for _ in 0..4000 {
        let [a, b, c] = [(); 3].map(|()| if random.below(40) == 0 { random.scalar() } else { random.array(3) });
        let codes = [&a, &b, &c].map(literal).join(", ");
        cases.expression(format!("array_replace_recursive({codes})"), php::array_replace_recursive(&[&a, &b, &c]));
        cases.expression(format!("array_replace_recursive({})", literal(&a)), php::array_replace_recursive(&[&a]));
        cases.expression(format!("array_merge_recursive({})", literal(&a)), php::array_merge_recursive(&[&a]));
        cases.expression(format!("array_merge_recursive({codes})"), php::array_merge_recursive(&[&a, &b, &c]));
    }
    cases.expression("array_merge_recursive()", php::array_merge_recursive(&[] as &[Value]));
    cases.check(16_000);
}

/// Of `"stop"`, an error that PHP throws with the same words.
fn refused(value: &Value) -> Result<(), Error> {
    if value == "stop" { php::intdiv(1, 0).map(|_| ()) } else { Ok(()) }
}

const REFUSES: &str = "$f = fn($v) => $v === 'stop' ? intdiv(1, 0) : 0;";

/// Numbers, and now and then one that is refused.
fn lists(random: &mut Random) -> Value {
    let size = random.below(40);
    let list: Vec<Value> =
        (0..size).map(|_| if random.below(60) == 0 { "stop".into() } else { random.between(-9, 30).into() }).collect();
    if random.below(2) == 0 {
        return list.into();
    }
    list.into_iter()
        .enumerate()
        .map(|(at, value)| (format!("k{}", at * 7 % 41), value))
        .collect::<wechatpay::Map<_, _>>()
        .into()
}

#[test]
fn functions_that_fail() {
    let mut cases = Cases::default();
    let mut random = Random::new(73);
    for _ in 0..1200 {
        let array = if random.below(30) == 0 { random.scalar() } else { lists(&mut random) };
        let code = literal(&array);
        cases.statements(
            format!("{REFUSES} return array_filter({code}, fn($v) => $f($v) + $v > 9);"),
            php::try_array_filter(&array, |v| refused(v).map(|()| php::greater(v, 9))),
        );
        cases.statements(
            format!("{REFUSES} return array_filter({code}, fn($k) => $k > 'k3', ARRAY_FILTER_USE_KEY);"),
            php::try_array_filter_key(&array, |k| Ok::<_, Error>(php::greater(k, "k3"))),
        );
        cases.statements(
            format!("{REFUSES} return array_filter({code}, fn($v, $k) => $f($v) + $v > $k, ARRAY_FILTER_USE_BOTH);"),
            php::try_array_filter_both(&array, |v, k| refused(v).map(|()| php::greater(v, k))),
        );
        cases.statements(
            format!("{REFUSES} return array_map(fn($a, $b) => [$f($a), $b], {code}, [1, 2]);"),
            php::try_array_map_two(|a, b| refused(a).map(|()| json!([0, b])), &array, [1, 2]),
        );
        cases.statements(
            format!("return array_reduce({code}, fn($c, $v) => $c . '+' . $v, 'x');"),
            php::array_reduce(&array, |c, v| php::text(c) + "+" + &php::text(v), "x"),
        );
        cases.statements(
            format!("{REFUSES} return array_reduce({code}, fn($c, $v) => [$f($v), $v, $c]);"),
            php::try_array_reduce(&array, |c, v| refused(v).map(|()| json!([0, v, c])), ()),
        );
        sorted(&mut cases, &array);
    }
    cases.check(10_000);
}

type Sorting<R> = fn(&mut Value, fn(&Value, &Value) -> Result<R, Error>) -> Result<(), Error>;

/// The array after it has been sorted, or as far as it has been.
fn sorted(cases: &mut Cases, array: &Value) {
    if !php::is_array(array) {
        cases.expression(
            "usort($a, fn() => 0)",
            Err::<(), _>(php::try_usort(&mut json!(null), |_, _| Ok::<_, Error>(0)).unwrap_err()),
        );
        return;
    }
    let compare: fn(&Value, &Value) -> Result<i64, Error> = |a, b| {
        refused(a)?;
        refused(b)?;
        Ok(php::compare(a, b) as i64)
    };
    let after: fn(&Value, &Value) -> Result<bool, Error> = |a, b| {
        refused(a)?;
        refused(b)?;
        Ok(php::greater(a, b))
    };
    let functions: [(&str, Sorting<i64>, Sorting<bool>); 3] = [
        ("usort", |a, f| php::try_usort(a, f), |a, f| php::try_usort(a, f)),
        ("uasort", |a, f| php::try_uasort(a, f), |a, f| php::try_uasort(a, f)),
        ("uksort", |a, f| php::try_uksort(a, f), |a, f| php::try_uksort(a, f)),
    ];
    for (name, compared, asked) in functions {
        let run = |operator: &str| {
            let function = format!("fn($a, $b) => $f($a) + $f($b) ?: $a {operator} $b");
            format!(
                "{REFUSES} $a = {}; $e = null; try {{ {name}($a, {function}); }} catch (Error $t) {{ $e = $t->getMessage(); }} return [$a, $e];",
                literal(array)
            )
        };
        let mut changed = array.clone();
        let failure = compared(&mut changed, compare).err().map(|error| error.to_string());
        cases.statements(run("<=>"), json!([changed, failure]));
        let mut changed = array.clone();
        let failure = asked(&mut changed, after).err().map(|error| error.to_string());
        cases.statements(run(">"), json!([changed, failure]));
    }
}
