//! Texts taken apart: bytes, words, tags, paths, queries, digits; and numbers in other bases.

use wechatpay::php;
use wechatpay::{Value, json};

use crate::oracle::{Cases, Shown, literal, quoted};
use crate::values::{Random, scalars};

fn of(random: &mut Random, parts: &[&str], most: usize) -> String {
    (0..random.below(most)).map(|_| *random.of(parts)).collect()
}

#[test]
fn bytes_and_words() {
    let mut cases = Cases::default();
    let mut random = Random::new(81);
    let parts = [
        "a", "Bc", "'", "-", " ", ".", "\\", "\\0", "0", "茶", "?", "[", "^", "]", "(", "$", ")", "+", "*", "é", "\0",
        "\"",
    ];
    let made: Vec<Value> = (0..2000).map(|_| of(&mut random, &parts, 12).into()).collect();
    for subject in scalars().into_iter().filter(|value| !value.is_null()).chain(made) {
        let code = literal(&subject);
        let mut one = |function: &str, rust: &dyn Shown| cases.expression(format!("{function}({code})"), rust);
        one("ord", &php::ord(&subject));
        one("quotemeta", &php::quotemeta(&subject));
        one("stripslashes", &php::stripslashes(&subject));
        one("str_word_count", &php::str_word_count(&subject));
        let other = of(&mut random, &parts, 12);
        let pair = format!("{code}, {}", quoted(&other));
        cases.expression(format!("levenshtein({pair})"), php::levenshtein(&subject, &other));
        cases.expression(format!("similar_text({pair})"), php::similar_text(&subject, &other));
        let (length, end) = (random.between(-1, 9), *random.of(&["\r\n", "", "-", "茶"]));
        cases.expression(
            format!("chunk_split({code}, {length}, {})", quoted(end)),
            php::chunk_split(&subject, length, end),
        );
        let width = php::mb_strwidth(&subject);
        cases.expression(format!("extension_loaded('mbstring') ? mb_strwidth({code}, 'UTF-8') : {width}"), width);
    }
    for byte in (-600..600).chain([i64::MAX, i64::MIN]) {
        let byte_code = if byte == i64::MIN { "PHP_INT_MIN".into() } else { byte.to_string() };
        cases.expression(format!("chr({byte_code})"), php::chr(byte));
    }
    cases.check(17_000);
}

/// What PHP says of letters at the borders of its table.
#[test]
fn widths() {
    let narrow = "\u{10ff}\u{1160}\u{2319}\u{2ffc}\u{303f}\u{4dc0}\u{a48d}\u{ff61}é\u{300}\u{0}\u{1f200}";
    assert_eq!(php::mb_strwidth(narrow), 13);
    assert_eq!(php::mb_strwidth("\u{1100}\u{115f}\u{231a}茶\u{3000}，！\u{ffe6}\u{1f600}\u{3fffd}"), 20);
    assert_eq!(php::mb_strwidth("\u{1faf6}\u{1faf7}\u{3fffe}\u{1b167}"), 6);
}

#[test]
fn tags() {
    let mut cases = Cases::default();
    let mut random = Random::new(82);
    let parts = [
        "<",
        ">",
        "<",
        ">",
        "a",
        "b ",
        "\"",
        "'",
        "!",
        "?",
        "-",
        "--",
        "<!--",
        "-->",
        "<?",
        "?>",
        "<?xml",
        "<!doctype",
        "<!DOCTYPE",
        "(",
        ")",
        "\\",
        "茶",
        " ",
        "\n",
        "\u{b}",
        "\0",
        "<b>",
        "</b>",
        "e",
        "l",
        "L",
        "=",
        "<a href=\"",
    ];
    for _ in 0..40_000 {
        let text = of(&mut random, &parts, 16);
        cases.expression(format!("strip_tags({})", quoted(&text)), php::strip_tags(&text));
    }
    cases.check(40_000);
}

#[test]
fn paths() {
    let mut cases = Cases::default();
    let mut random = Random::new(83);
    let parts = ["/", "/", "a", ".", "..", ".pem", "茶", " ", "b", "//", "-", "\\"];
    for _ in 0..5000 {
        let path = of(&mut random, &parts, 9);
        let code = quoted(&path);
        cases.expression(format!("basename({code})"), php::basename(&path));
        let suffix = of(&mut random, &parts, 2);
        let with_suffix = format!("basename({code}, {})", quoted(&suffix));
        cases.expression(with_suffix, php::basename_without(&path, &suffix));
        cases.expression(format!("dirname({code})"), php::dirname(&path));
        cases.expression(format!("pathinfo({code})"), php::pathinfo(&path));
    }
    cases.check(20_000);
}

#[test]
fn queries() {
    let mut cases = Cases::default();
    let mut random = Random::new(84);
    let parts = [
        "a",
        "b",
        "a",
        "=",
        "=",
        "&",
        "&",
        "[",
        "]",
        "[]",
        "[a]",
        "[5]",
        "[b]",
        ".",
        " ",
        "+",
        "%5B",
        "%5D",
        "%20",
        "%00",
        "%z",
        "%C3%A9",
        "茶",
        "0",
        "1",
        "-1",
        "[01]",
        "[9223372036854775807]",
        "\t",
        "\0",
        ";",
        "x",
    ];
    for _ in 0..30_000 {
        let query = of(&mut random, &parts, 18);
        cases.statements(format!("parse_str({}, $r); return $r;", quoted(&query)), php::parse_str(&query));
    }
    for query in ["x=%ff", "%ff=1", "a[%ff]=1", "a=1&b=%C3"] {
        cases.statements(format!("parse_str({}, $r); return $r;", quoted(query)), php::parse_str(query));
    }
    for levels in [62, 63, 64, 65, 66] {
        let query = format!("a=1&b=2&a{}=3", "[x]".repeat(levels));
        cases.statements(format!("parse_str({}, $r); return $r;", quoted(&query)), php::parse_str(&query));
    }
    cases.check(30_000);
}

#[test]
fn bases() {
    let mut cases = Cases::default();
    let mut random = Random::new(85);
    let digits = [
        "0",
        "1",
        "1",
        "7",
        "9",
        "a",
        "F",
        "x",
        "z",
        "0x",
        "0b",
        "0o",
        "-",
        ".",
        " ",
        "茶",
        "fffffff",
        "1111111111",
        "77777777",
    ];
    let made: Vec<Value> = (0..2500).map(|_| of(&mut random, &digits, 14).into()).collect();
    let long = ["f".repeat(255), "f".repeat(257), "1".repeat(1024), "1".repeat(1025), "z".repeat(300)].map(Value::from);
    let subjects = scalars().into_iter().filter(|value| !value.is_null()).chain(made).chain(long);
    for subject in subjects {
        let code = literal(&subject);
        for (function, value) in
            [("bindec", php::bindec(&subject)), ("octdec", php::octdec(&subject)), ("hexdec", php::hexdec(&subject))]
        {
            // What is infinite is a text here.
            cases.expression(format!("is_infinite($v = {function}({code})) ? 'INF' : $v"), value);
        }
        let (from, to) = (random.between(0, 38), random.between(0, 38));
        cases.expression(format!("base_convert({code}, {from}, {to})"), php::base_convert(&subject, from, to));
        let (from, to) = (*random.of(&[2, 8, 10, 16, 36]), *random.of(&[2, 8, 10, 16, 36]));
        cases.expression(format!("base_convert({code}, {from}, {to})"), php::base_convert(&subject, from, to));
    }
    for integer in (0..300).map(|_| i64::from_ne_bytes(random.next().to_ne_bytes())).chain([0, 1, -1, 5, 255, i64::MAX])
    {
        cases.expression(format!("decbin({integer})"), php::decbin(integer));
        cases.expression(format!("decoct({integer})"), php::decoct(integer));
        cases.expression(format!("dechex({integer})"), php::dechex(integer));
    }
    for _ in 0..2000 {
        let (a, b) = (random.float(), random.float());
        cases.expression(format!("fmod({a:?}, {b:?})"), php::fmod(a, b));
    }
    cases.check(15_000);
}

#[test]
fn random_integers() {
    let mut cases = Cases::default();
    cases.expression("random_int(5, 4)", php::random_int(5, 4));
    cases.expression("random_int(7, 7)", php::random_int(7, 7));
    cases.check(2);
    let mut seen = [0_u32; 3];
    for _ in 0..3000 {
        seen[usize::try_from(php::random_int(-1, 1).unwrap() + 1).unwrap()] += 1;
    }
    assert!(seen.iter().all(|times| *times > 800), "{seen:?}");
    let wide: Vec<i64> = (0..64).map(|_| php::random_int(i64::MIN, i64::MAX).unwrap()).collect();
    assert!(wide.iter().any(|number| *number < 0) && wide.iter().any(|number| *number > 0));
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs_f64();
    assert!((php::microtime() - now).abs() < 5.0);
    assert_eq!(php::pathinfo("a.b")["extension"], json!("b"));
}
