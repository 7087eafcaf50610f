//! Functions of texts.

use wechatpay::php::{self, Pad};
use wechatpay::{Value, json};

use crate::oracle::{Cases, Shown, literal, quoted};
use crate::values::{Random, scalars};

/// Texts and what is cast to one.
fn subjects(random: &mut Random, count: usize) -> Vec<Value> {
    let long = (0..count).map(|_| Value::from(random.text() + &random.text() + &random.text())).collect::<Vec<_>>();
    scalars().into_iter().filter(|value| !value.is_null()).chain(long).collect()
}

#[test]
fn of_one_text() {
    let mut cases = Cases::default();
    let mut random = Random::new(31);
    for subject in subjects(&mut random, 800) {
        let code = literal(&subject);
        let mut one = |function: &str, rust: &dyn Shown| cases.expression(format!("{function}({code})"), rust);
        one("strlen", &php::strlen(&subject));
        one("iconv_strlen", &php::mb_strlen(&subject));
        one("strtolower", &php::strtolower(&subject));
        one("strtoupper", &php::strtoupper(&subject));
        one("ucfirst", &php::ucfirst(&subject));
        one("lcfirst", &php::lcfirst(&subject));
        one("ucwords", &php::ucwords(&subject));
        one("trim", &php::trim(&subject));
        one("ltrim", &php::ltrim(&subject));
        one("rtrim", &php::rtrim(&subject));
        one("strrev", &php::strrev(&subject));
        one("nl2br", &php::nl2br(&subject));
        one("ctype_digit", &php::ctype_digit(&subject));
        one("ctype_alpha", &php::ctype_alpha(&subject));
        one("ctype_alnum", &php::ctype_alnum(&subject));
        one("ctype_upper", &php::ctype_upper(&subject));
        one("ctype_lower", &php::ctype_lower(&subject));
        one("ctype_space", &php::ctype_space(&subject));
        one("ctype_punct", &php::ctype_punct(&subject));
        one("ctype_xdigit", &php::ctype_xdigit(&subject));
    }
    for text in ["a\nb", "a\r\nb", "\n\r\n", "\r\r\n", "\n\n", "\r", "茶\n店"] {
        cases.expression(format!("nl2br({})", quoted(text)), php::nl2br(text));
    }
    cases.check(15_000);
}

#[test]
fn of_a_text_and_places() {
    let mut cases = Cases::default();
    let mut random = Random::new(32);
    for subject in subjects(&mut random, 2500) {
        let code = literal(&subject);
        let (offset, length) = (random.between(-12, 12), random.between(-12, 12));
        let places = format!("{code}, {offset}, {length}");
        cases.expression(format!("substr({places})"), php::substr(&subject, offset, length));
        cases.expression(format!("substr({code}, {offset})"), php::substr(&subject, offset, None));
        cases.expression(
            format!("substr_replace({code}, '*', {offset}, {length})"),
            php::substr_replace(&subject, "*", offset, length),
        );
        if subject.is_string() {
            cases.expression(format!("iconv_substr({places})"), php::mb_substr(&subject, offset, length));
            cases.expression(format!("{code}[{offset}]"), php::char_at(&subject, offset));
        }
        cases.expression(format!("str_split({code}, {length})"), php::str_split(&subject, length));
        if length > 0 {
            let split = format!("preg_match_all('/.{{1,{length}}}/us', {code}, $m) ? $m[0] : []");
            cases.expression(split, php::mb_str_split(&subject, length));
        }
        cases.expression(format!("str_repeat({code}, {offset})"), php::str_repeat(&subject, offset));
        let pad = *random.of(&["0", " ", "ab", "茶", ""]);
        let (side, name) =
            *random.of(&[(Pad::Left, "STR_PAD_LEFT"), (Pad::Right, "STR_PAD_RIGHT"), (Pad::Both, "STR_PAD_BOTH")]);
        let size = 4 * length;
        cases.expression(format!("str_pad({code}, {size}, '{pad}', {name})"), php::str_pad(&subject, size, pad, side));
        let separator = *random.of(&["\n", "<br>", " ", "a", ""]);
        let cut = random.below(2) == 0;
        let (text, width) = (format!("{} {}", php::text(&subject), random.text()), offset);
        let arguments = format!("{}, {width}, {}, {cut}", quoted(&text), quoted(separator));
        cases.expression(format!("wordwrap({arguments})"), php::wordwrap(&text, width, separator, cut));
    }
    cases.check(20_000);
}

#[test]
fn of_two_texts() {
    let mut cases = Cases::default();
    let mut random = Random::new(33);
    let needles = ["a", "B", "1", ".", "茶", "x1", "", " ", "ab", "0", "a..z", "0..9A..Z", "z..a", "茶店", "é"];
    for subject in subjects(&mut random, 2500) {
        let needle = *random.of(&needles);
        let pair = format!("{}, {}", literal(&subject), quoted(needle));
        cases.expression(format!("strpos({pair})"), php::strpos(&subject, needle));
        cases.expression(format!("stripos({pair})"), php::stripos(&subject, needle));
        cases.expression(format!("strrpos({pair})"), php::strrpos(&subject, needle));
        if !needle.is_empty() {
            cases.expression(format!("iconv_strpos({pair})"), php::mb_strpos(&subject, needle));
            cases.expression(format!("iconv_strrpos({pair})"), php::mb_strrpos(&subject, needle));
        }
        let offset = random.between(-12, 12);
        cases.expression(format!("strpos({pair}, {offset})"), php::strpos_from(&subject, needle, offset));
        cases.expression(format!("strstr({pair})"), php::strstr(&subject, needle, false));
        cases.expression(format!("strstr({pair}, true)"), php::strstr(&subject, needle, true));
        cases.expression(format!("strrchr({pair})"), php::strrchr(&subject, needle));
        cases.expression(format!("substr_count({pair})"), php::substr_count(&subject, needle));
        cases.expression(format!("trim({pair})"), php::trim_with(&subject, needle));
        cases.expression(format!("ltrim({pair})"), php::ltrim_with(&subject, needle));
        cases.expression(format!("rtrim({pair})"), php::rtrim_with(&subject, needle));
        cases.expression(format!("ucwords({pair})"), php::ucwords_with(&subject, needle));
        let text = random.text();
        let pair = format!("{}, {}", literal(&subject), quoted(&text));
        cases.expression(format!("0 <=> -strcmp({pair})"), php::strcmp(&subject, &text));
        cases.expression(format!("0 <=> -strcasecmp({pair})"), php::strcasecmp(&subject, &text));
        cases.expression(format!("0 <=> -strncmp({pair}, {offset})"), php::strncmp(&subject, &text, offset));
        cases.expression(format!("strnatcmp({pair})"), php::strnatcmp(&subject, &text));
        cases.expression(format!("strnatcasecmp({pair})"), php::strnatcasecmp(&subject, &text));
    }
    cases.check(40_000);
}

#[test]
fn in_natural_order() {
    let mut cases = Cases::default();
    let mut random = Random::new(34);
    let parts = ["0", "00", "1", "2", "10", "07", "a", "B", " ", "  ", ".", "-", "1.5", "img"];
    let text = |random: &mut Random| (0..random.below(5)).map(|_| *random.of(&parts)).collect::<String>();
    for _ in 0..6000 {
        let (a, b) = (text(&mut random), text(&mut random));
        let pair = format!("{}, {}", quoted(&a), quoted(&b));
        cases.expression(format!("strnatcmp({pair})"), php::strnatcmp(&a, &b));
        cases.expression(format!("strnatcasecmp({pair})"), php::strnatcasecmp(&a, &b));
    }
    cases.check(12_000);
}

/// `file`, of what is no file but a text.
fn lines(cases: &mut Cases, text: &str) {
    let file = format!("data:text/plain;base64,{}", php::base64_encode(text));
    for (flags, without_ends, without_empty) in [(0, false, false), (2, true, false), (4, false, true), (6, true, true)]
    {
        cases.expression(format!("file('{file}', {flags})"), php::lines(text, without_ends, without_empty));
    }
}

#[test]
fn parts_and_replacements() {
    let mut cases = Cases::default();
    let mut random = Random::new(35);
    let separators = ["a", ".", " ", "茶", "1", ",", "", "x1"];
    for subject in subjects(&mut random, 2000) {
        let code = literal(&subject);
        let (separator, limit) = (*random.of(&separators), random.between(-3, 4));
        let pair = format!("{}, {code}", quoted(separator));
        cases.expression(format!("explode({pair})"), php::explode(separator, &subject, None));
        lines(&mut cases, &php::text(&subject).replace('a', "\n").replace('.', "\r\n"));
        cases.expression(format!("explode({pair}, {limit})"), php::explode(separator, &subject, limit));
        let array = if random.below(9) == 0 { random.scalar() } else { random.array(0) };
        if !array.is_null() {
            let pair = format!("{}, {}", quoted(separator), literal(&array));
            cases.expression(format!("implode({pair})"), php::implode(separator, &array));
        }
        let text = |random: &mut Random| Value::from(*random.of(&["a", "b", "", "茶", "1", "ab", "A", "aa", ".", "é"]));
        let texts = |random: &mut Random| (0..random.below(4)).map(|_| text(random)).collect::<Value>();
        let search = if random.below(2) == 0 { text(&mut random) } else { texts(&mut random) };
        let by = if search.is_array() && random.below(2) == 0 { texts(&mut random) } else { text(&mut random) };
        let all = format!("{}, {}, {code}", literal(&search), literal(&by));
        cases.expression(format!("str_replace({all})"), php::str_replace(&search, &by, &subject));
        cases.expression(format!("str_ireplace({all})"), php::str_ireplace(&search, &by, &subject));
        let (from, to) = (random.text(), random.text());
        cases
            .expression(format!("strtr({code}, {}, {})", quoted(&from), quoted(&to)), php::strtr(&subject, &from, &to));
        let mut pairs = json!({});
        for _ in 0..random.below(4) {
            let (key, value) = (text(&mut random), text(&mut random));
            php::set(&mut pairs, key, value);
        }
        cases.expression(format!("strtr({code}, {})", literal(&pairs)), php::strtr_pairs(&subject, &pairs));
    }
    cases.check(12_000);
}
