//! Texts: their lengths, their parts, what is found in them and put in its place.
//!
//! As in PHP, offsets and lengths are those of bytes, and those of characters in the functions with `mb_`.

use super::argument::Argument;
use super::error::Error;
use super::operand::Operand;
use super::text::text;

/// The number of bytes (PHP: `strlen`).
///
/// ```
/// assert_eq!(wechatpay::php::strlen("茶"), 3);
/// ```
pub fn strlen(a: impl Operand) -> i64 {
    signed(text(a).len())
}

/// The number of characters (PHP: `mb_strlen`).
///
/// ```
/// assert_eq!(wechatpay::php::mb_strlen("茶"), 1);
/// ```
pub fn mb_strlen(a: impl Operand) -> i64 {
    signed(text(a).chars().count())
}

/// So many bytes from an offset on; `None` is all, and what is negative counts from the end (PHP: `substr`).
///
/// # Errors
/// If a character is cut in two: in PHP, the text is broken then.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::substr("abcdef", 1, 3)?, "bcd");
/// assert_eq!(php::substr("abcdef", -2, None)?, "ef");
/// assert!(php::substr("茶", 0, 1).is_err());
/// # Ok::<_, php::Error>(())
/// ```
pub fn substr(a: impl Operand, offset: i64, length: impl Into<Option<i64>>) -> Result<String, Error> {
    let text = text(a);
    let (start, end) = span(text.len(), offset, length.into());
    part(&text, start, end)
}

fn part(text: &str, start: usize, end: usize) -> Result<String, Error> {
    if start == end {
        return Ok(String::new());
    }
    text.get(start..end).map(str::to_owned).ok_or_else(|| Error::cut("substr"))
}

/// So many characters from an offset on, counted as by [`substr`] (PHP: `mb_substr`).
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::mb_substr("Image形象店", 5, 2), "形象");
/// assert_eq!(php::mb_substr("Image形象店", -1, None), "店");
/// ```
pub fn mb_substr(a: impl Operand, offset: i64, length: impl Into<Option<i64>>) -> String {
    let text = text(a);
    let (start, end) = span(text.chars().count(), offset, length.into());
    text.chars().take(end).skip(start).collect()
}

/// The byte at an offset, negative ones counted from the end; empty outside (PHP: `$text[$offset]`).
///
/// # Errors
/// If it is only a part of a character.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::char_at("abc", -1)?, "c");
/// assert!(php::char_at("茶", 0).is_err());
/// # Ok::<_, php::Error>(())
/// ```
pub fn char_at(a: impl Operand, offset: i64) -> Result<String, Error> {
    let text = text(a);
    if offset.saturating_add(signed(text.len())) < 0 {
        return Ok(String::new());
    }
    let (start, end) = span(text.len(), offset, Some(1));
    part(&text, start, end)
}

/// Where a text is in another one, in bytes (PHP: `strpos`, whose `false` is `None` here).
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::strpos("abcabc", "c"), Some(2));
/// assert_eq!(php::strpos("abcabc", "x"), None);
/// ```
pub fn strpos(haystack: impl Operand, needle: impl Operand) -> Option<i64> {
    text(haystack).find(&text(needle)).map(signed)
}

/// As [`strpos`], from an offset on (PHP: `strpos` with three arguments).
///
/// # Errors
/// A `ValueError` if the offset is outside the text.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::strpos_from("abcabc", "c", 3)?, Some(5));
/// # Ok::<_, php::Error>(())
/// ```
pub fn strpos_from(haystack: impl Operand, needle: impl Operand, offset: i64) -> Result<Option<i64>, Error> {
    let haystack = text(haystack);
    let start = start("strpos", haystack.len(), offset)?;
    Ok(found(haystack.as_bytes(), text(needle).as_bytes(), start).map(signed))
}

/// As [`strpos`], without regard to the case of ASCII letters (PHP: `stripos`).
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::stripos("abC", "c"), Some(2));
/// ```
pub fn stripos(haystack: impl Operand, needle: impl Operand) -> Option<i64> {
    text(haystack).to_ascii_lowercase().find(&text(needle).to_ascii_lowercase()).map(signed)
}

/// Where a text is in another one for the last time, in bytes (PHP: `strrpos`).
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::strrpos("abcabc", "c"), Some(5));
/// ```
pub fn strrpos(haystack: impl Operand, needle: impl Operand) -> Option<i64> {
    text(haystack).rfind(&text(needle)).map(signed)
}

/// Where a text is in another one, in characters (PHP: `mb_strpos`).
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::mb_strpos("形象店", "店"), Some(2));
/// ```
pub fn mb_strpos(haystack: impl Operand, needle: impl Operand) -> Option<i64> {
    let haystack = text(haystack);
    let at = haystack.find(&text(needle))?;
    Some(signed(haystack.get(..at)?.chars().count()))
}

/// Where a text is in another one for the last time, in characters (PHP: `mb_strrpos`).
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::mb_strrpos("店形象店", "店"), Some(3));
/// ```
pub fn mb_strrpos(haystack: impl Operand, needle: impl Operand) -> Option<i64> {
    let haystack = text(haystack);
    let at = haystack.rfind(&text(needle))?;
    Some(signed(haystack.get(..at)?.chars().count()))
}

/// The text from where another one is in it, or with `before` what comes before that (PHP: `strstr`).
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::strstr("user@example.com", "@", false).as_deref(), Some("@example.com"));
/// assert_eq!(php::strstr("user@example.com", "@", true).as_deref(), Some("user"));
/// ```
pub fn strstr(haystack: impl Operand, needle: impl Operand, before: bool) -> Option<String> {
    let haystack = text(haystack);
    let (head, tail) = haystack.split_at_checked(haystack.find(&text(needle))?)?;
    Some(if before { head } else { tail }.to_owned())
}

/// The text from the last occurrence of the first byte of another one on (PHP: `strrchr`).
///
/// # Errors
/// If that byte is only a part of a character.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::strrchr("a/b/c.csv", "/")?.as_deref(), Some("/c.csv"));
/// # Ok::<_, php::Error>(())
/// ```
pub fn strrchr(haystack: impl Operand, needle: impl Operand) -> Result<Option<String>, Error> {
    let (haystack, needle) = (text(haystack), text(needle));
    let first = needle.bytes().next().unwrap_or(0);
    let Some(at) = haystack.bytes().rposition(|byte| byte == first) else { return Ok(None) };
    haystack.get(at..).map(|tail| Some(tail.to_owned())).ok_or_else(|| Error::cut("strrchr"))
}

/// How often a text is in another one, none of them overlapping (PHP: `substr_count`).
///
/// # Errors
/// A `ValueError` if the text to look for is empty.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::substr_count("aaa", "aa")?, 1);
/// # Ok::<_, php::Error>(())
/// ```
pub fn substr_count(haystack: impl Operand, needle: impl Operand) -> Result<i64, Error> {
    let needle = text(needle);
    if needle.is_empty() {
        return Err(Argument::new("substr_count", 2, "needle").wrong("cannot be empty"));
    }
    Ok(signed(text(haystack).matches(&needle).count()))
}

/// The text with other bytes in the place of those that [`substr`] would give (PHP: `substr_replace`).
///
/// # Errors
/// As [`substr`].
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::substr_replace("13812345678", "****", 3, 4)?, "138****5678");
/// # Ok::<_, php::Error>(())
/// ```
pub fn substr_replace(
    a: impl Operand,
    replacement: impl Operand,
    offset: i64,
    length: impl Into<Option<i64>>,
) -> Result<String, Error> {
    let text = text(a);
    let (start, end) = span(text.len(), offset, length.into());
    let cut = || Error::cut("substr_replace");
    let (head, tail) = (text.get(..start).ok_or_else(cut)?, text.get(end..).ok_or_else(cut)?);
    Ok([head, &super::text::text(replacement), tail].concat())
}

/// The text backwards, byte by byte (PHP: `strrev`).
///
/// # Errors
/// If there are characters of more than one byte.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::strrev("abc")?, "cba");
/// # Ok::<_, php::Error>(())
/// ```
pub fn strrev(a: impl Operand) -> Result<String, Error> {
    let text = text(a);
    if text.is_ascii() { Ok(text.chars().rev().collect()) } else { Err(Error::bytes("strrev")) }
}

/// From where to where: an offset and a length as PHP counts them.
pub(super) fn span(total: usize, offset: i64, length: Option<i64>) -> (usize, usize) {
    let from_end = |back: i64| total.saturating_sub(usize::try_from(back.unsigned_abs()).unwrap_or(usize::MAX));
    let forward = |length: i64| usize::try_from(length).unwrap_or(0);
    let start = if offset < 0 { from_end(offset) } else { forward(offset).min(total) };
    let end = match length {
        None => total,
        Some(length) if length < 0 => from_end(length),
        Some(length) => start.saturating_add(forward(length)).min(total),
    };
    (start, end.max(start))
}

fn start(function: &'static str, total: usize, offset: i64) -> Result<usize, Error> {
    let start = if offset < 0 { offset.saturating_add(signed(total)) } else { offset };
    let start = usize::try_from(start).ok().filter(|start| *start <= total);
    let argument = Argument::new(function, 3, "offset");
    start.ok_or_else(|| argument.wrong("must be contained in argument #1 ($haystack)"))
}

fn found(haystack: &[u8], needle: &[u8], start: usize) -> Option<usize> {
    if needle.is_empty() {
        return Some(start);
    }
    let rest = haystack.get(start..)?;
    Some(rest.windows(needle.len()).position(|window| window == needle)?.saturating_add(start))
}

pub(super) fn signed(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
