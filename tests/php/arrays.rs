//! What is between brackets, and the functions of arrays.

use wechatpay::{Value, json, php};

use crate::oracle::{Cases, literal};
use crate::values::{Random, edges};

/// Arrays, and now and then what is none.
fn arrays(random: &mut Random, count: usize) -> Vec<Value> {
    let made = (0..count).map(|_| if random.below(20) == 0 { random.scalar() } else { random.array(1) });
    edges()
        .into_iter()
        .filter(|value| !value.is_string() && !value.is_number())
        .chain(made.collect::<Vec<_>>())
        .collect()
}

#[test]
fn brackets() {
    let mut cases = Cases::default();
    let mut random = Random::new(11);
    for _ in 0..3000 {
        let (mut array, key, value) = (random.array(1), random.key(), random.scalar());
        let (code, key_code, value_code) = (literal(&array), literal(&key), literal(&value));
        cases.expression(format!("{code}[{key_code}]"), php::at(&array, &key));
        cases.expression(format!("{code}[{key_code}] ?? 'no'"), php::get(&array, &key).unwrap_or(&json!("no")));
        cases.statements(format!("$a = {code}; return isset($a[{key_code}]);"), php::is_set(&array, &key));
        if !key.is_null() && !key.is_boolean() {
            cases.expression(format!("array_key_exists({key_code}, {code})"), php::has(&array, &key));
        }
        cases.expression(format!("count({code})"), php::count(&array));
        cases.expression(format!("array_keys({code})"), Value::from_iter(php::keys(&array)));
        let end = "return $a;";
        let mut changed = array.clone();
        php::set(&mut changed, &key, value.clone());
        cases.statements(format!("$a = {code}; $a[{key_code}] = {value_code}; {end}"), &changed);
        php::push(&mut changed, 7);
        // PHP 8.2 goes on with 0 or with the next integer behind a negative one alone, depending on how the array was made.
        if php::count(&array) != Ok(0) || !php::less(php::array_key_first(&changed).unwrap(), 0) {
            cases.statements(format!("$a = {code}; $a[{key_code}] = {value_code}; $a[] = 7; {end}"), &changed);
        }
        let mut changed = array.clone();
        php::unset(&mut changed, &key);
        cases.statements(format!("$a = {code}; unset($a[{key_code}]); {end}"), &changed);
        php::set(&mut changed, &key, 1);
        cases.statements(format!("$a = {code}; unset($a[{key_code}]); $a[{key_code}] = 1; {end}"), &changed);
        php::push(php::entry(&mut array, "deep"), value);
        cases.statements(format!("$a = {code}; $a['deep'][] = {value_code}; {end}"), array);
    }
    cases.check(25_000);
}

#[test]
fn one_array() {
    let mut cases = Cases::default();
    let mut random = Random::new(12);
    for array in arrays(&mut random, 2000) {
        let code = literal(&array);
        let yes = random.below(2) == 0;
        let (offset, length) = (random.between(-6, 6), random.between(-6, 6));
        cases.expression(format!("array_values({code})"), php::array_values(&array));
        cases.expression(format!("count({code}, COUNT_RECURSIVE)"), php::count_recursive(&array));
        cases.expression(format!("array_keys({code})"), php::array_keys(&array));
        cases.expression(format!("array_key_first({code})"), php::array_key_first(&array));
        cases.expression(format!("array_key_last({code})"), php::array_key_last(&array));
        cases.expression(format!("array_is_list({code})"), php::array_is_list(&array));
        cases.expression(format!("array_flip({code})"), php::array_flip(&array));
        cases.expression(format!("array_reverse({code}, {yes})"), php::array_reverse(&array, yes));
        cases.expression(format!("array_unique({code})"), php::array_unique(&array));
        cases.expression(format!("array_count_values({code})"), php::array_count_values(&array));
        cases.expression(format!("array_sum({code})"), php::array_sum(&array));
        cases.expression(format!("array_product({code})"), php::array_product(&array));
        cases.expression(format!("array_filter({code})"), php::array_filter_true(&array));
        cases.expression(
            format!("array_filter({code}, fn($v) => is_int($v))"),
            php::array_filter(&array, |value| value.is_i64()),
        );
        cases.expression(
            format!("array_filter({code}, fn($k) => is_string($k), ARRAY_FILTER_USE_KEY)"),
            php::array_filter_key(&array, Value::is_string),
        );
        cases.expression(
            format!("array_filter({code}, fn($v, $k) => $v == $k, ARRAY_FILTER_USE_BOTH)"),
            php::array_filter_both(&array, |value, key| php::equals(value, key)),
        );
        cases.expression(
            format!("array_map(fn($v) => is_array($v) ? 'array' : $v . '!', {code})"),
            php::array_map(|v| if php::count(v).is_ok() { "array".into() } else { php::text(v) + "!" }, &array),
        );
        cases.expression(
            format!("array_slice({code}, {offset}, {length}, {yes})"),
            php::array_slice(&array, offset, length, yes),
        );
        cases.expression(format!("array_slice({code}, {offset})"), php::array_slice(&array, offset, None, false));
        cases.expression(format!("array_chunk({code}, {length}, {yes})"), php::array_chunk(&array, length, yes));
        cases.expression(format!("array_pad({code}, {length}, 'x')"), php::array_pad(&array, length, "x"));
        let case = if yes { "CASE_UPPER" } else { "CASE_LOWER" };
        cases.expression(format!("array_change_key_case({code}, {case})"), php::array_change_key_case(&array, yes));
        if php::count(&array).is_ok() {
            cases.expression(format!("max({code})"), php::max(&array));
            cases.expression(format!("min({code})"), php::min(&array));
        }
        changes(&mut cases, &array, offset, length);
    }
    cases.check(45_000);
}

/// Functions that change the array that they are given.
fn changes(cases: &mut Cases, array: &Value, offset: i64, length: i64) {
    let code = literal(array);
    let mut changed = array.clone();
    let result = php::array_pop(&mut changed).map(|popped| json!([popped, changed]));
    cases.statements(format!("$a = {code}; $r = array_pop($a); return [$r, $a];"), result);
    let mut changed = array.clone();
    let result = php::array_shift(&mut changed).map(|shifted| json!([shifted, changed]));
    cases.statements(format!("$a = {code}; $r = array_shift($a); return [$r, $a];"), result);
    let mut changed = array.clone();
    let result = php::array_unshift(&mut changed, &["x", "y"]).map(|count| json!([count, changed]));
    cases.statements(format!("$a = {code}; $r = array_unshift($a, 'x', 'y'); return [$r, $a];"), result);
    let mut changed = array.clone();
    let result = php::array_push(&mut changed, &["x", "y"]).map(|count| json!([count, changed]));
    cases.statements(format!("$a = {code}; $r = array_push($a, 'x', 'y'); return [$r, $a];"), result);
    for (replacement, lit) in
        [(json!([]), "[]"), (json!("r"), "'r'"), (json!({ "k": 1, "5": 2 }), "['k' => 1, 5 => 2]")]
    {
        let mut changed = array.clone();
        let result =
            php::array_splice(&mut changed, offset, length, replacement).map(|removed| json!([removed, changed]));
        let splice = format!("array_splice($a, {offset}, {length}, {lit})");
        cases.statements(format!("$a = {code}; $r = {splice}; return [$r, $a];"), result);
    }
}

#[test]
fn several_arrays() {
    let mut cases = Cases::default();
    let mut random = Random::new(13);
    let all = arrays(&mut random, 1500);
    for a in &all {
        let (b, c) = (random.of(&all), random.of(&all));
        let codes = [a, b, c].map(literal).join(", ");
        let others = [b, c];
        cases.expression(format!("array_merge({codes})"), php::array_merge(&[a, b, c]));
        cases.expression(format!("array_replace({codes})"), php::array_replace(&[a, b, c]));
        cases.expression(format!("array_diff({codes})"), php::array_diff(a, &others));
        cases.expression(format!("array_diff_key({codes})"), php::array_diff_key(a, &others));
        cases.expression(format!("array_diff_assoc({codes})"), php::array_diff_assoc(a, &others));
        cases.expression(format!("array_intersect({codes})"), php::array_intersect(a, &others));
        cases.expression(format!("array_intersect_key({codes})"), php::array_intersect_key(a, &others));
        cases.expression(format!("array_intersect_assoc({codes})"), php::array_intersect_assoc(a, &others));
        let pair = [a, b].map(literal).join(", ");
        cases.expression(format!("array_combine({pair})"), php::array_combine(a, b));
        cases.expression(
            format!("array_map(fn($a, $b) => [$a, $b], {pair})"),
            php::array_map_two(|a, b| json!([a, b]), a, b),
        );
        cases.expression(format!("array_fill_keys({pair})"), php::array_fill_keys(a, b));
        let needle = random.scalar();
        let strict = random.below(2) == 0;
        let codes = format!("{}, {}, {strict}", literal(&needle), literal(a));
        cases.expression(format!("in_array({codes})"), php::in_array(&needle, a, strict));
        cases.expression(format!("array_search({codes})"), php::array_search(&needle, a, strict));
        let codes = format!("{}, {}, {strict}", literal(a), literal(&needle));
        cases.expression(format!("array_keys({codes})"), php::array_keys_of(a, &needle, strict));
    }
    let pairs = [edges(), all.clone(), all.into_iter().rev().collect()].concat();
    for (a, b) in pairs.iter().zip(pairs.iter().skip(1)) {
        let pair = format!("{}, {}", literal(a), literal(b));
        cases.expression(format!("max({pair})"), php::larger(a, b));
        cases.expression(format!("min({pair})"), php::smaller(a, b));
    }
    cases.check(20_000);
}

#[test]
fn columns() {
    let mut cases = Cases::default();
    let mut random = Random::new(14);
    let columns = [json!("a"), json!("b"), json!("5"), json!(0), json!("total"), json!(null)];
    for _ in 0..2000 {
        let rows: Value = (0..random.below(5)).map(|_| random.array(0)).collect();
        let (column, index) = (random.of(&columns), random.of(&columns));
        let codes = [&rows, column, index].map(literal).join(", ");
        cases.expression(format!("array_column({codes})"), php::array_column(&rows, column, index));
    }
    cases.check(2000);
}

#[test]
fn arrays_out_of_nothing() {
    let mut cases = Cases::default();
    let ends = [
        json!(0),
        json!(1),
        json!(-3),
        json!(10),
        json!("a"),
        json!("e"),
        json!("Z"),
        json!("7"),
        json!("1.5"),
        json!(1.5),
        json!(-2.25),
        json!("abc"),
        json!(""),
        json!(null),
        json!(true),
        json!(3.0),
        json!(0.1),
        json!(1.0),
    ];
    let steps = [
        json!(1),
        json!(2),
        json!(-1),
        json!(-2),
        json!(0),
        json!(0.5),
        json!(0.1),
        json!("2"),
        json!("0.5"),
        json!(3),
        json!(1.0),
        json!(25),
    ];
    for start in &ends {
        for end in &ends {
            for step in &steps {
                let codes = [start, end, step].map(literal).join(", ");
                cases.expression(format!("range({codes})"), php::range(start, end, step));
            }
        }
    }
    for start in [0, 1, 5, -1, -5, i64::MIN + 1] {
        for count in [-1, 0, 1, 2, 4] {
            cases.expression(format!("array_fill({start}, {count}, 'x')"), php::array_fill(start, count, "x"));
        }
    }
    cases.check(3000);
}
