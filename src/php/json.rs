//! JSON as PHP writes and reads it.

use std::cell::Cell;

use serde_json::Value;

use super::digits;
use super::error::Error;
use super::key;
use super::numeric::{self, Number};
use super::operand::Operand;

/// `<` and `>` as `\u003C` and `\u003E`.
pub const JSON_HEX_TAG: i64 = 1;
/// `&` as `\u0026`.
pub const JSON_HEX_AMP: i64 = 2;
/// `'` as `\u0027`.
pub const JSON_HEX_APOS: i64 = 4;
/// `"` as `\u0022`.
pub const JSON_HEX_QUOT: i64 = 8;
/// Lists as objects.
pub const JSON_FORCE_OBJECT: i64 = 16;
/// Texts that are numbers as numbers.
pub const JSON_NUMERIC_CHECK: i64 = 32;
/// `/` as it is, not as `\/`.
pub const JSON_UNESCAPED_SLASHES: i64 = 64;
/// In lines, with four spaces for each level.
pub const JSON_PRETTY_PRINT: i64 = 128;
/// Characters that are not ASCII as they are.
pub const JSON_UNESCAPED_UNICODE: i64 = 256;
/// Floats that are whole with `.0`.
pub const JSON_PRESERVE_ZERO_FRACTION: i64 = 1024;
/// U+2028 and U+2029 as they are, if [`JSON_UNESCAPED_UNICODE`] is given.
pub const JSON_UNESCAPED_LINE_TERMINATORS: i64 = 2048;
/// No text that a value has can fail here, so that this changes nothing.
pub const JSON_THROW_ON_ERROR: i64 = 4_194_304;

/// A value as JSON, byte by byte as PHP writes it (PHP: `json_encode`); flags are added with `|`.
///
/// An array whose keys are 0, 1 and so on is a list. `{}`, which PHP's empty array is not, stays an object: it stands for
/// `new stdClass`.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::json_encode(json!({ "url": "a/b", "name": "茶", "fee": 1.0 }), 0), r#"{"url":"a\/b","name":"\u8336","fee":1}"#);
/// let flags = php::JSON_UNESCAPED_SLASHES | php::JSON_UNESCAPED_UNICODE;
/// assert_eq!(php::json_encode(json!(["a/b", "茶"]), flags), r#"["a/b","茶"]"#);
/// ```
pub fn json_encode(a: impl Operand, flags: i64) -> String {
    LAST.set(0);
    let mut written = Writer { text: String::new(), flags };
    written.value(&a.operand(), 0);
    written.text
}

struct Writer {
    text: String,
    flags: i64,
}

impl Writer {
    fn has(&self, flag: i64) -> bool {
        self.flags & flag != 0
    }

    fn value(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Null | Value::Bool(_) => self.text.push_str(&value.to_string()),
            Value::Number(number) => self.number(numeric::number(number)),
            Value::String(text) => match numeric::whole(text) {
                Some(numeric) if self.has(JSON_NUMERIC_CHECK) && numeric.number.float().is_finite() => {
                    self.number(numeric.number);
                }
                _ => self.string(text),
            },
            Value::Array(_) | Value::Object(_) => self.array(value, depth),
        }
    }

    fn number(&mut self, number: Number) {
        match number {
            Number::Int(integer) => self.text.push_str(&integer.to_string()),
            Number::Float(float) => {
                let point = self.has(JSON_PRESERVE_ZERO_FRACTION);
                let text = if point { digits::exact_with_point(float) } else { digits::exact(float) };
                self.text.push_str(&text.replace('E', "e"));
            }
        }
    }

    fn array(&mut self, array: &Value, depth: usize) {
        let is_empty_object = array.as_object().is_some_and(serde_json::Map::is_empty);
        let is_list = key::is_list(array) && !is_empty_object && !self.has(JSON_FORCE_OBJECT);
        let (open, close) = if is_list { ('[', ']') } else { ('{', '}') };
        self.text.push(open);
        for (at, (key, value)) in key::entries(array).enumerate() {
            if at > 0 {
                self.text.push(',');
            }
            self.line(depth.saturating_add(1));
            if !is_list {
                self.string(&key.to_string());
                self.text.push_str(if self.has(JSON_PRETTY_PRINT) { ": " } else { ":" });
            }
            self.value(value, depth.saturating_add(1));
        }
        if key::len(array) > 0 {
            self.line(depth);
        }
        self.text.push(close);
    }

    fn line(&mut self, depth: usize) {
        if self.has(JSON_PRETTY_PRINT) {
            self.text.push('\n');
            self.text.extend(std::iter::repeat_n("    ", depth));
        }
    }

    fn string(&mut self, text: &str) {
        self.text.push('"');
        for letter in text.chars() {
            let flag = match letter {
                '<' | '>' => JSON_HEX_TAG,
                '&' => JSON_HEX_AMP,
                '\'' => JSON_HEX_APOS,
                '"' => JSON_HEX_QUOT,
                _ => 0,
            };
            match letter {
                _ if self.has(flag) => self.text.push_str(&format!("\\u{:04X}", u32::from(letter))),
                '/' if !self.has(JSON_UNESCAPED_SLASHES) => self.text.push_str("\\/"),
                '"' | '\\' => self.text.extend(['\\', letter]),
                '\u{8}' => self.text.push_str("\\b"),
                '\u{c}' => self.text.push_str("\\f"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                '\u{20}'..='\u{7f}' => self.text.push(letter),
                '\u{0}'..='\u{1f}' => self.escaped(letter),
                '\u{2028}' | '\u{2029}' if !self.has(JSON_UNESCAPED_LINE_TERMINATORS) => self.escaped(letter),
                _ if self.has(JSON_UNESCAPED_UNICODE) => self.text.push(letter),
                _ => self.escaped(letter),
            }
        }
        self.text.push('"');
    }

    fn escaped(&mut self, letter: char) {
        let mut units = [0; 2];
        for unit in letter.encode_utf16(&mut units) {
            self.text.push_str(&format!("\\u{unit:04x}"));
        }
    }
}

/// The value of JSON with objects as arrays, `null` if it is not JSON (PHP: `json_decode($json, true)`).
///
/// `{}` is the empty array then, and an object with the names 0, 1 and so on is a list. Integers beyond 64 bits are floats.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::json_decode(r#"{"a":{},"b":1e2}"#), json!({ "a": [], "b": 100.0 }));
/// assert!(php::json_decode("{").is_null());
/// ```
pub fn json_decode(json: impl Operand) -> Value {
    noted(json_decode_strict(json))
}

/// As [`json_decode`], with an error for what is not JSON (PHP: with `JSON_THROW_ON_ERROR`).
///
/// # Errors
/// A `JsonException` with the code 4. Objects and lists may be 127 deep; PHP allows 512.
///
/// ```
/// use wechatpay::php;
///
/// let error = php::json_decode_strict("{").unwrap_err();
/// assert_eq!((error.class(), error.code(), error.message()), ("JsonException", 4, "Syntax error"));
/// ```
pub fn json_decode_strict(json: impl Operand) -> Result<Value, Error> {
    parsed(&json.operand()).map(|value| read(value, true))
}

/// As [`json_decode`], with objects as they are, so that `{}` stays one (PHP: `json_decode($json)`).
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::json_decode_object(r#"{"a":{}}"#), json!({ "a": {} }));
/// ```
pub fn json_decode_object(json: impl Operand) -> Value {
    noted(parsed(&json.operand()).and_then(named).map(|value| read(value, false)))
}

thread_local! {
    /// What [`json_last_error`] gives.
    static LAST: Cell<i64> = const { Cell::new(0) };
}

/// What was decoded, `null` if that was not JSON.
fn noted(decoded: Result<Value, Error>) -> Value {
    LAST.set(decoded.as_ref().err().map_or(0, Error::code));
    decoded.unwrap_or_default()
}

/// What was wrong with what this thread decoded last, 0 if nothing was (PHP: `json_last_error`).
///
/// ```
/// use wechatpay::php;
///
/// php::json_decode("{");
/// assert_eq!((php::json_last_error(), php::json_last_error_msg()), (4, "Syntax error"));
/// php::json_decode("{}");
/// assert_eq!((php::json_last_error(), php::json_last_error_msg()), (0, "No error"));
/// ```
pub fn json_last_error() -> i64 {
    LAST.get()
}

/// The same in words (PHP: `json_last_error_msg`).
pub fn json_last_error_msg() -> &'static str {
    match json_last_error() {
        0 => "No error",
        9 => "The decoded property name is invalid",
        _ => "Syntax error",
    }
}

/// Names that no property of PHP can have are refused.
fn named(value: Value) -> Result<Value, Error> {
    fn has_only_names(value: &Value) -> bool {
        match value {
            Value::Array(list) => list.iter().all(has_only_names),
            Value::Object(map) => map.iter().all(|(name, value)| !name.starts_with('\0') && has_only_names(value)),
            _ => true,
        }
    }
    if has_only_names(&value) { Ok(value) } else { Err(Error::json(9, "The decoded property name is invalid")) }
}

fn parsed(json: &Value) -> Result<Value, Error> {
    let text = without_negative_zeros(super::text::of(json));
    serde_json::from_str(&text).map_err(|_| Error::json(4, "Syntax error"))
}

/// With `0` for each `-0` outside texts: an integer in PHP, and a float in Rust.
fn without_negative_zeros(text: String) -> String {
    if !text.contains("-0") {
        return text;
    }
    let mut made = String::with_capacity(text.len());
    let (mut is_text, mut is_escaped) = (false, false);
    let mut before = ' ';
    let mut rest = text.as_str();
    for letter in text.chars() {
        rest = rest.get(letter.len_utf8()..).unwrap_or_default();
        let behind = rest.strip_prefix('0').filter(|_| letter == '-' && !is_text && !matches!(before, 'e' | 'E'));
        let is_zero = behind.is_some_and(|behind| !behind.starts_with(['.', 'e', 'E']));
        if !is_zero {
            made.push(letter);
        }
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' if is_text => is_escaped = true,
            '"' => is_text = !is_text,
            _ => {}
        }
        before = letter;
    }
    made
}

/// With what PHP makes of numbers and, perhaps, of objects.
fn read(value: Value, as_arrays: bool) -> Value {
    match value {
        Value::Number(number) => match numeric::number(&number) {
            Number::Int(integer) => integer.into(),
            Number::Float(float) => float.into(),
        },
        Value::Array(list) => list.into_iter().map(|value| read(value, as_arrays)).collect(),
        Value::Object(map) => {
            let entries = map.into_iter().map(|(name, value)| (name, read(value, as_arrays)));
            if as_arrays {
                key::collect(entries.map(|(name, value)| (key::Key::named(&name), value)))
            } else {
                Value::Object(entries.collect())
            }
        }
        other => other,
    }
}
