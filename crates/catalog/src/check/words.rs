//! What is said of values. None is shown unless it looks like one of the documented ones.

use serde_json::Value;

use crate::field::Texts;

/// What kind of value it is.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(number) if number.is_f64() => "a number with a fraction",
        Value::Number(_) => "a number",
        Value::String(text) if text.is_empty() => "an empty text",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A value that should be one of the documented ones, which are words or small numbers.
pub(super) fn word(text: &str) -> String {
    let is_small = |text: &str| text.len() <= 6 || text.bytes().any(|byte| byte == b'_' || byte.is_ascii_alphabetic());
    let is_word =
        |text: &str| text.len() <= 40 && text.bytes().filter(u8::is_ascii_digit).count() <= 6 && is_small(text);
    match text {
        "" => "an empty text".to_owned(),
        text if is_simple(text) && is_word(text) => format!("{text:?}"),
        text => format!("a text of {} characters", text.chars().count()),
    }
}

/// The name of a field that is not documented.
pub(super) fn name(text: &str) -> String {
    // A long one in one piece may be a key.
    let has_pieces = text.len() < 24 || text.contains('_');
    let is_name = is_simple(text) && text.len() <= 64 && text.bytes().filter(u8::is_ascii_digit).count() <= 6;
    if is_name && has_pieces { text.to_owned() } else { format!("({} characters)", text.chars().count()) }
}

/// Whether a host is one of the platform's, and nothing but a host.
pub(super) fn is_host_of_platform(host: &str) -> bool {
    host.ends_with(".weixin.qq.com") && host.len() <= 64 && is_simple(host)
}

fn is_simple(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$'))
}

/// The texts of a set, the first few if they are many.
pub(super) fn list(texts: Texts) -> String {
    const MOST: usize = 8;
    let first: Vec<_> = texts.iter().take(MOST).collect();
    let more = texts.len().saturating_sub(MOST);
    if more == 0 { first.join(", ") } else { format!("{} and {more} more", first.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_are_shown() {
        assert_eq!(word("MERCHANT_IDD"), "\"MERCHANT_IDD\"");
        assert_eq!(word("12"), "\"12\"");
        assert_eq!(word("13900000000"), "a text of 11 characters");
        assert_eq!(word("11010119900307123X"), "a text of 18 characters");
        assert_eq!(word("张三"), "a text of 2 characters");
        assert_eq!(word("oUpF8uMuAJO_M2pxb1Q9zNjWeS6oWb7dk31xxxxxx"), "a text of 41 characters");
        assert_eq!(name("opneid"), "opneid");
        assert_eq!(name("张三"), "(2 characters)");
        assert_eq!(name("exposedYourKeyHereHaveRisksABCDE"), "(32 characters)");
    }
}
