//! What PHP prints of values, and JSON.

use wechatpay::php;

use crate::oracle::{Cases, literal, quoted};
use crate::values::{Random, edges};

#[test]
fn for_people_and_for_php() {
    let mut cases = Cases::default();
    let mut random = Random::new(61);
    for value in edges().into_iter().chain((0..2000).map(|_| random.any())) {
        let code = literal(&value);
        cases.expression(format!("print_r({code}, true)"), php::print_r(&value));
        cases.expression(format!("var_export({code}, true)"), php::var_export(&value));
        cases.statements(format!("ob_start(); var_dump({code}); return ob_get_clean();"), php::var_dump(&value));
    }
    for text in ["it's", "a\\b", "\0\0", "'", "a\nb", "\\'"] {
        cases.expression(format!("var_export({}, true)", quoted(text)), php::var_export(text));
    }
    cases.check(6000);
}

#[test]
fn json_written() {
    let mut cases = Cases::default();
    let mut random = Random::new(62);
    let flags = [
        ("JSON_HEX_TAG", php::JSON_HEX_TAG),
        ("JSON_HEX_AMP", php::JSON_HEX_AMP),
        ("JSON_HEX_APOS", php::JSON_HEX_APOS),
        ("JSON_HEX_QUOT", php::JSON_HEX_QUOT),
        ("JSON_FORCE_OBJECT", php::JSON_FORCE_OBJECT),
        ("JSON_NUMERIC_CHECK", php::JSON_NUMERIC_CHECK),
        ("JSON_UNESCAPED_SLASHES", php::JSON_UNESCAPED_SLASHES),
        ("JSON_PRETTY_PRINT", php::JSON_PRETTY_PRINT),
        ("JSON_UNESCAPED_UNICODE", php::JSON_UNESCAPED_UNICODE),
        ("JSON_PRESERVE_ZERO_FRACTION", php::JSON_PRESERVE_ZERO_FRACTION),
        ("JSON_UNESCAPED_LINE_TERMINATORS", php::JSON_UNESCAPED_LINE_TERMINATORS),
    ];
    let special = [
        "a/b",
        "<a href='x'>\"&\"</a>",
        "\u{8}\u{c}\n\r\t\u{1}\u{1f}\u{7f}",
        "\u{2028}\u{2029}",
        "😀",
        "é",
        "\\",
        "\u{ffff}",
    ];
    let values =
        edges().into_iter().chain(special.map(Into::into)).chain((0..2500).map(|_| random.any())).collect::<Vec<_>>();
    for value in values {
        let code = literal(&value);
        // A text that is an infinite number makes PHP fail.
        cases.expression(format!("json_encode({code})"), php::json_encode(&value, 0));
        for _ in 0..2 {
            let chosen: Vec<_> = flags.iter().filter(|_| random.below(3) == 0).collect();
            let names = chosen.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(" | ");
            let names = if names.is_empty() { "0".to_owned() } else { names };
            let sum = chosen.iter().fold(0, |sum, (_, flag)| sum | flag);
            if sum & php::JSON_NUMERIC_CHECK != 0 && code.contains("1e1000") {
                continue;
            }
            cases.expression(format!("json_encode({code}, {names})"), php::json_encode(&value, sum));
        }
    }
    for (name, flag) in flags {
        cases.expression(name, flag);
    }
    cases.expression("JSON_THROW_ON_ERROR", php::JSON_THROW_ON_ERROR);
    cases.expression("json_encode(new stdClass)", php::json_encode(wechatpay::json!({}), 0));
    cases.expression("json_encode(['a' => new stdClass], 128)", php::json_encode(wechatpay::json!({ "a": {} }), 128));
    cases.check(7000);
}

#[test]
fn json_read() {
    let mut cases = Cases::default();
    let mut random = Random::new(63);
    let texts = [
        "",
        " ",
        "{}",
        "[]",
        "{\"0\":1,\"1\":2}",
        "{\"1\":1,\"0\":2}",
        "{\"a\":1,\"b\":2,\"a\":3}",
        "null",
        "true",
        "TRUE",
        "1",
        "-0",
        "0",
        "-0.0",
        "1.0",
        "1e2",
        "1E-2",
        "01",
        "+1",
        ".5",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551615",
        "-9223372036854775809",
        "123456789012345678901234567890",
        "\"\\u8336\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\"",
        "\"\\u0000\"",
        "{\"\":1}",
        "{\"\\u0000a\":1}",
        "[1,]",
        "{a:1}",
        "'a'",
        "nul",
        " [1] ",
        "[1] x",
        "\"a\nb\"",
        "[[[]]]",
        "{\"a\":{\"b\":{}}}",
        "\u{feff}1",
        "NaN",
        "\"茶\"",
        "[1,2",
        "1e5",
        "-",
    ];
    for text in texts {
        cases.expression(format!("json_decode({}, true)", quoted(text)), php::json_decode(text));
        let asked = format!("json_decode({}); return json_last_error() === JSON_ERROR_NONE;", quoted(text));
        cases.statements(asked, {
            php::json_decode_object(text);
            php::json_last_error() == 0
        });
        let strict = format!("json_decode({}, true, 512, JSON_THROW_ON_ERROR)", quoted(text));
        match php::json_decode_strict(text) {
            Ok(value) => cases.expression(strict, value),
            // PHP tells apart what is wrong.
            Err(error) => cases.statements(
                format!("try {{ {strict}; }} catch (JsonException $e) {{ return true; }}"),
                error.class() == "JsonException",
            ),
        }
    }
    for _ in 0..1500 {
        let value = random.any();
        let text = php::json_encode(&value, *random.of(&[0, 64, 128, 256, 1024]));
        cases.expression(format!("json_decode({}, true)", quoted(&text)), php::json_decode(&text));
        let again = format!("json_encode(json_decode({}))", quoted(&text));
        cases.expression(again, php::json_encode(php::json_decode_object(&text), 0));
    }
    cases.check(3000);
}
