//! Texts compared byte by byte, without regard to case, or as people count; and what their letters are.

use std::cmp::Ordering;

use serde_json::Value;

use super::argument::Argument;
use super::error::Error;
use super::natural;
use super::numeric::{self, Number};
use super::operand::Operand;
use super::text::text;

/// The order of two texts by their bytes: -1, 0 or 1 (PHP: `strcmp`, of whose numbers only the sign has a meaning).
///
/// ```
/// assert_eq!(wechatpay::php::strcmp("a", "b"), -1);
/// ```
pub fn strcmp(a: impl Operand, b: impl Operand) -> i64 {
    number(text(a).cmp(&text(b)))
}

/// As [`strcmp`], without regard to the case of ASCII letters (PHP: `strcasecmp`).
///
/// ```
/// assert_eq!(wechatpay::php::strcasecmp("A", "a"), 0);
/// ```
pub fn strcasecmp(a: impl Operand, b: impl Operand) -> i64 {
    number(text(a).to_ascii_lowercase().cmp(&text(b).to_ascii_lowercase()))
}

/// As [`strcmp`], of the first bytes only (PHP: `strncmp`).
///
/// # Errors
/// A `ValueError` if the length is negative.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::strncmp("abc", "abd", 2)?, 0);
/// # Ok::<_, php::Error>(())
/// ```
pub fn strncmp(a: impl Operand, b: impl Operand, length: i64) -> Result<i64, Error> {
    let length = length_of("strncmp", length)?;
    Ok(number(first(text(a).as_bytes(), length).cmp(first(text(b).as_bytes(), length))))
}

/// As [`strcasecmp`], of the first bytes only (PHP: `strncasecmp`).
///
/// # Errors
/// A `ValueError` if the length is negative.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::strncasecmp("ABc", "abd", 2)?, 0);
/// # Ok::<_, php::Error>(())
/// ```
pub fn strncasecmp(a: impl Operand, b: impl Operand, length: i64) -> Result<i64, Error> {
    strncmp(text(a).to_ascii_lowercase(), text(b).to_ascii_lowercase(), length).map_err(|_| wrong_length("strncasecmp"))
}

/// The order of two texts with the numbers in them as numbers (PHP: `strnatcmp`).
///
/// ```
/// assert_eq!(wechatpay::php::strnatcmp("img12", "img2"), 1);
/// ```
pub fn strnatcmp(a: impl Operand, b: impl Operand) -> i64 {
    number(natural::compare(text(a).as_bytes(), text(b).as_bytes(), false))
}

/// As [`strnatcmp`], without regard to the case of ASCII letters (PHP: `strnatcasecmp`).
///
/// ```
/// assert_eq!(wechatpay::php::strnatcasecmp("IMG12", "img2"), 1);
/// ```
pub fn strnatcasecmp(a: impl Operand, b: impl Operand) -> i64 {
    number(natural::compare(text(a).as_bytes(), text(b).as_bytes(), true))
}

fn number(order: Ordering) -> i64 {
    order as i64
}

fn first(text: &[u8], length: usize) -> &[u8] {
    text.get(..length).unwrap_or(text)
}

fn length_of(function: &'static str, length: i64) -> Result<usize, Error> {
    usize::try_from(length).map_err(|_| wrong_length(function))
}

fn wrong_length(function: &'static str) -> Error {
    Argument::new(function, 3, "length").wrong("must be greater than or equal to 0")
}

/// Whether a text is not empty and has only such bytes. An integer is the byte of this number, or its digits if it is beyond
/// them.
fn all(a: &impl Operand, beyond: (bool, bool), is_one: impl Fn(&u8) -> bool) -> bool {
    match &*a.operand() {
        Value::String(text) => !text.is_empty() && text.as_bytes().iter().all(is_one),
        Value::Number(number) => match numeric::number(number) {
            Number::Int(code @ -128..=-1) => u8::try_from(code.saturating_add(256)).is_ok_and(|byte| is_one(&byte)),
            Number::Int(code) if code >= 0 => u8::try_from(code).map_or(beyond.0, |byte| is_one(&byte)),
            Number::Int(_) => beyond.1,
            Number::Float(_) => false,
        },
        _ => false,
    }
}

macro_rules! classes {
    ($($name:ident: $what:literal, $beyond:expr, $test:expr, $example:literal;)*) => { $(
        #[doc = concat!("Whether a text is not empty and has only ", $what, " of ASCII (PHP: `", stringify!($name), "`).")]
        ///
        /// As in PHP 8, an integer from -128 to 255 is the letter of this number.
        ///
        /// ```
        #[doc = concat!("assert!(wechatpay::php::", stringify!($name), "(", $example, "));")]
        /// ```
        pub fn $name(a: impl Operand) -> bool {
            all(&a, $beyond, $test)
        }
    )* };
}

classes! {
    ctype_alnum: "letters and digits", (true, false), u8::is_ascii_alphanumeric, "\"a1\"";
    ctype_alpha: "letters", (false, false), u8::is_ascii_alphabetic, "\"ab\"";
    ctype_digit: "digits", (true, false), u8::is_ascii_digit, "\"12\"";
    ctype_lower: "small letters", (false, false), u8::is_ascii_lowercase, "\"ab\"";
    ctype_upper: "capitals", (false, false), u8::is_ascii_uppercase, "\"AB\"";
    ctype_space: "white space", (false, false), |byte| byte.is_ascii_whitespace() || *byte == 0x0b, "\" \\n\"";
    ctype_punct: "punctuation", (false, false), u8::is_ascii_punctuation, "\"!?\"";
    ctype_xdigit: "hexadecimal digits", (true, false), u8::is_ascii_hexdigit, "\"fF0\"";
}
