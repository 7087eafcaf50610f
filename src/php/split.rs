//! Texts taken apart, put together and translated.

use serde_json::Value;

use super::argument::Argument;
use super::array;
use super::error::Error;
use super::key;
use super::operand::Operand;
use super::text::{self, text};

/// The parts between separators (PHP: `explode`).
///
/// At most `limit` parts, the last with all the rest; of a negative limit, all but so many at the end; `None` is all.
///
/// # Errors
/// A `ValueError` if the separator is empty.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::explode(",", "a,b,c", None)?, json!(["a", "b", "c"]));
/// assert_eq!(php::explode(",", "a,b,c", 2)?, json!(["a", "b,c"]));
/// assert_eq!(php::explode(",", "a,b,c", -1)?, json!(["a", "b"]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn explode(separator: impl Operand, a: impl Operand, limit: impl Into<Option<i64>>) -> Result<Value, Error> {
    let (separator, text) = (text(separator), text::text(a));
    if separator.is_empty() {
        return Err(Argument::new("explode", 1, "separator").wrong("cannot be empty"));
    }
    let limit = limit.into().unwrap_or(i64::MAX);
    let size = usize::try_from(limit.unsigned_abs()).unwrap_or(usize::MAX);
    Ok(match limit {
        ..0 => {
            let parts: Vec<_> = text.split(&separator).collect();
            let kept = parts.len().saturating_sub(size);
            parts.into_iter().take(kept).collect()
        }
        _ => text.splitn(size.max(1), &separator).collect(),
    })
}

/// The values as texts, with a separator between them (PHP: `implode` and `join`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::implode(", ", json!(["a", 1, 1.0, true, null]))?, "a, 1, 1, 1, ");
/// # Ok::<_, php::Error>(())
/// ```
pub fn implode(separator: impl Operand, array: impl Operand) -> Result<String, Error> {
    let array = array.operand();
    if !key::is_array(&array) {
        return Err(Argument::new("implode", 2, "array").refused("?array", &array));
    }
    Ok(array::values(&array).map(text::of).collect::<Vec<_>>().join(&text(separator)))
}

/// Pieces of so many bytes; of an empty text, none (PHP: `str_split`, since 8.2).
///
/// # Errors
/// A `ValueError` if the length is not positive; and if a character is cut in two.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::str_split("abcde", 2)?, json!(["ab", "cd", "e"]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn str_split(a: impl Operand, length: i64) -> Result<Value, Error> {
    let length = piece("str_split", length)?;
    let text = text(a);
    let pieces = text.as_bytes().chunks(length).map(|piece| std::str::from_utf8(piece).map(Value::from));
    pieces.collect::<Result<_, _>>().map_err(|_| Error::cut("str_split"))
}

/// Pieces of so many characters (PHP: `mb_str_split`).
///
/// # Errors
/// A `ValueError` if the length is not positive.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::mb_str_split("形象店", 2)?, json!(["形象", "店"]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn mb_str_split(a: impl Operand, length: i64) -> Result<Value, Error> {
    let length = piece("mb_str_split", length)?;
    let letters: Vec<char> = text(a).chars().collect();
    Ok(letters.chunks(length).map(|piece| piece.iter().collect::<String>()).collect())
}

fn piece(function: &'static str, length: i64) -> Result<usize, Error> {
    let length = usize::try_from(length).ok().filter(|length| *length > 0);
    length.ok_or_else(|| Argument::new(function, 2, "length").wrong("must be greater than 0"))
}

/// The lines of a text (PHP: `file`, of what is in the file): with or without the `\n` or `\r\n` at their ends, and with or without those
/// of which nothing is left then.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::lines("a\n\nb", true, true), json!(["a", "b"]));
/// assert_eq!(php::lines("a\n\nb", false, false), json!(["a\n", "\n", "b"]));
/// ```
pub fn lines(text: impl AsRef<str>, without_ends: bool, without_empty: bool) -> Value {
    fn bare(line: &str) -> &str {
        line.strip_suffix('\n').map_or(line, |line| line.strip_suffix('\r').unwrap_or(line))
    }
    let lines = text.as_ref().split_inclusive('\n');
    let lines = lines.map(|line| if without_ends { bare(line) } else { line });
    Value::from_iter(lines.filter(|line| !(without_empty && line.is_empty())))
}

/// The text with one text in the place of another, wherever that is (PHP: `str_replace`).
///
/// Of an array of texts to look for, each is replaced in what the one before has left: by the text of the same number if the
/// replacement is an array, too, and by nothing where that is shorter. For an array of subjects, see
/// [`array_map`](super::array_map).
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::str_replace("/", "-", "2026/01/02"), "2026-01-02");
/// assert_eq!(php::str_replace(["a", "b"], ["b", "c"], "ab"), "cc");
/// ```
pub fn str_replace(search: impl Operand, replace: impl Operand, subject: impl Operand) -> String {
    replaced(&search.operand(), &replace.operand(), text(subject), |text, search, by| text.replace(search, by))
}

/// As [`str_replace`], without regard to the case of ASCII letters (PHP: `str_ireplace`).
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::str_ireplace("PAY", "x", "Pay pay"), "x x");
/// ```
pub fn str_ireplace(search: impl Operand, replace: impl Operand, subject: impl Operand) -> String {
    let replaced_in = |text: &str, search: &str, by: &str| {
        let lower = text.to_ascii_lowercase();
        let mut made = String::with_capacity(text.len());
        let mut last = 0;
        for (at, found) in lower.match_indices(&search.to_ascii_lowercase()) {
            made.push_str(text.get(last..at).unwrap_or_default());
            made.push_str(by);
            last = at.saturating_add(found.len());
        }
        made + text.get(last..).unwrap_or_default()
    };
    replaced(&search.operand(), &replace.operand(), text(subject), replaced_in)
}

fn replaced(search: &Value, replace: &Value, subject: String, one: impl Fn(&str, &str, &str) -> String) -> String {
    let one = |text: String, search: &str, by: &str| {
        if search.is_empty() { text } else { one(&text, search, by) }
    };
    if !key::is_array(search) {
        return one(subject, &text::of(search), &text::of(replace));
    }
    let mut by = array::values(replace);
    let same = text::of(replace);
    array::values(search).fold(subject, |text, search| {
        let search = text::of(search);
        if key::is_array(replace) {
            let by = by.next().map(text::of).unwrap_or_default();
            one(text, &search, &by)
        } else {
            one(text, &search, &same)
        }
    })
}

/// The text with each byte of `from` made the byte of `to` at the same place (PHP: `strtr` with three arguments).
///
/// # Errors
/// If the outcome is not UTF-8.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::strtr("a-b_c", "-_", "+/")?, "a+b/c");
/// # Ok::<_, php::Error>(())
/// ```
pub fn strtr(a: impl Operand, from: impl Operand, to: impl Operand) -> Result<String, Error> {
    let (from, to) = (text(from), text(to));
    let pairs: Vec<(u8, u8)> = from.bytes().zip(to.bytes()).collect();
    // The last one counts.
    let made = |byte: u8| pairs.iter().rev().find(|(from, _)| *from == byte).map_or(byte, |(_, to)| *to);
    String::from_utf8(text::text(a).bytes().map(made).collect()).map_err(|_| Error::bytes("strtr"))
}

/// The text with each key of an array replaced by its value: the longest that fits, and never what has been put there (PHP:
/// `strtr` with an array).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::strtr_pairs("hi all", json!({ "hi": "all", "all": "hi" }))?, "all hi");
/// # Ok::<_, php::Error>(())
/// ```
pub fn strtr_pairs(a: impl Operand, pairs: impl Operand) -> Result<String, Error> {
    let pairs = pairs.operand();
    if !key::is_array(&pairs) {
        let message = "strtr(): If two parameters are given, the second should be an array";
        return Err(Error::of_type(message));
    }
    let mut pairs: Vec<_> = key::entries(&pairs)
        .map(|(key, value)| (key.to_string(), text::of(value)))
        .filter(|(key, _)| !key.is_empty())
        .collect();
    pairs.sort_by_key(|(key, _)| std::cmp::Reverse(key.len()));
    let text = text(a);
    let mut made = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(first) = rest.chars().next() {
        match pairs.iter().find_map(|(key, value)| Some((rest.strip_prefix(key.as_str())?, value))) {
            Some((behind, value)) => {
                made.push_str(value);
                rest = behind;
            }
            None => {
                made.push(first);
                rest = rest.get(first.len_utf8()..).unwrap_or_default();
            }
        }
    }
    Ok(made)
}
