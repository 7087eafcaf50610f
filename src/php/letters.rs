//! Texts: the case of their letters, their ends, and what fills them up.

use super::argument::Argument;
use super::error::Error;
use super::limit;
use super::operand::Operand;
use super::text::text;

/// What `trim` takes off by default.
const SPACES: [char; 6] = [' ', '\t', '\n', '\r', '\0', '\u{b}'];

/// The side on which [`str_pad`] fills up (PHP's `STR_PAD_…`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pad {
    /// `STR_PAD_LEFT`.
    Left,
    /// `STR_PAD_RIGHT`, the default.
    #[default]
    Right,
    /// `STR_PAD_BOTH`: one more on the right, if need be.
    Both,
}

/// In small letters, those of ASCII only (PHP: `strtolower`).
///
/// ```
/// assert_eq!(wechatpay::php::strtolower("ÄB"), "Äb");
/// ```
pub fn strtolower(a: impl Operand) -> String {
    text(a).to_ascii_lowercase()
}

/// In capitals, those of ASCII only (PHP: `strtoupper`).
///
/// ```
/// assert_eq!(wechatpay::php::strtoupper("äb"), "äB");
/// ```
pub fn strtoupper(a: impl Operand) -> String {
    text(a).to_ascii_uppercase()
}

/// In small letters of all scripts (PHP: `mb_strtolower`).
///
/// ```
/// assert_eq!(wechatpay::php::mb_strtolower("ÄB"), "äb");
/// ```
pub fn mb_strtolower(a: impl Operand) -> String {
    text(a).to_lowercase()
}

/// In capitals of all scripts (PHP: `mb_strtoupper`).
///
/// ```
/// assert_eq!(wechatpay::php::mb_strtoupper("äb"), "ÄB");
/// ```
pub fn mb_strtoupper(a: impl Operand) -> String {
    text(a).to_uppercase()
}

/// With a capital at the beginning, if it is a letter of ASCII (PHP: `ucfirst`).
///
/// ```
/// assert_eq!(wechatpay::php::ucfirst("native pay"), "Native pay");
/// ```
pub fn ucfirst(a: impl Operand) -> String {
    let mut text = text(a);
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// With a small letter at the beginning, if it is one of ASCII (PHP: `lcfirst`).
///
/// ```
/// assert_eq!(wechatpay::php::lcfirst("Native Pay"), "native Pay");
/// ```
pub fn lcfirst(a: impl Operand) -> String {
    let mut text = text(a);
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    text
}

/// With a capital at the beginning of each word, behind white space (PHP: `ucwords`).
///
/// ```
/// assert_eq!(wechatpay::php::ucwords("native pay"), "Native Pay");
/// ```
pub fn ucwords(a: impl Operand) -> String {
    ucwords_with(a, " \t\r\n\u{c}\u{b}")
}

/// With a capital at the beginning and behind each of these letters (PHP: `ucwords` with two arguments).
///
/// ```
/// assert_eq!(wechatpay::php::ucwords_with("content-type", "-"), "Content-Type");
/// ```
pub fn ucwords_with(a: impl Operand, delimiters: impl Operand) -> String {
    let delimiters = mask(&text(delimiters));
    let mut is_start = true;
    let capital = |letter: char| {
        let made = if is_start { letter.to_ascii_uppercase() } else { letter };
        // Of a character of several bytes, the last one counts; and it is what has been made of it.
        let mut bytes = [0; 4];
        is_start = made.encode_utf8(&mut bytes).bytes().next_back().is_some_and(|byte| mask_has(&delimiters, byte));
        made
    };
    text(a).chars().map(capital).collect()
}

/// Without white space and zero bytes at both ends (PHP: `trim`).
///
/// ```
/// assert_eq!(wechatpay::php::trim(" a\n"), "a");
/// ```
pub fn trim(a: impl Operand) -> String {
    text(a).trim_matches(SPACES).to_owned()
}

/// Without white space and zero bytes at the beginning (PHP: `ltrim`).
///
/// ```
/// assert_eq!(wechatpay::php::ltrim(" a\n"), "a\n");
/// ```
pub fn ltrim(a: impl Operand) -> String {
    text(a).trim_start_matches(SPACES).to_owned()
}

/// Without white space and zero bytes at the end (PHP: `rtrim` and `chop`).
///
/// ```
/// assert_eq!(wechatpay::php::rtrim(" a\n"), " a");
/// ```
pub fn rtrim(a: impl Operand) -> String {
    text(a).trim_end_matches(SPACES).to_owned()
}

/// Without these bytes at both ends; `a..z` is a range (PHP: `trim` with two arguments).
///
/// # Errors
/// If a character is cut in two.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::trim_with("/v3/pay/", "/")?, "v3/pay");
/// assert_eq!(php::trim_with("12ab3", "0..9")?, "ab");
/// # Ok::<_, php::Error>(())
/// ```
pub fn trim_with(a: impl Operand, characters: impl Operand) -> Result<String, Error> {
    trimmed("trim", &text(a), &text(characters), true, true)
}

/// Without these bytes at the beginning (PHP: `ltrim` with two arguments).
///
/// # Errors
/// If a character is cut in two.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::ltrim_with("007", "0")?, "7");
/// # Ok::<_, php::Error>(())
/// ```
pub fn ltrim_with(a: impl Operand, characters: impl Operand) -> Result<String, Error> {
    trimmed("ltrim", &text(a), &text(characters), true, false)
}

/// Without these bytes at the end (PHP: `rtrim` with two arguments).
///
/// # Errors
/// If a character is cut in two.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::rtrim_with("1.500", "0")?, "1.5");
/// # Ok::<_, php::Error>(())
/// ```
pub fn rtrim_with(a: impl Operand, characters: impl Operand) -> Result<String, Error> {
    trimmed("rtrim", &text(a), &text(characters), false, true)
}

fn trimmed(function: &str, text: &str, characters: &str, left: bool, right: bool) -> Result<String, Error> {
    let mask = mask(characters);
    let is_off = |byte: &u8| mask_has(&mask, *byte);
    let start = if left { text.bytes().take_while(is_off).count() } else { 0 };
    let rest = text.as_bytes().get(start..).unwrap_or_default();
    let off = if right { rest.iter().rev().take_while(|byte| is_off(byte)).count() } else { 0 };
    let end = text.len().saturating_sub(off);
    text.get(start..end).map(str::to_owned).ok_or_else(|| Error::cut(function))
}

/// The bytes that a list of characters means, in which `a..z` is a range.
pub(super) fn mask(characters: &str) -> [bool; 256] {
    let mut mask = [false; 256];
    let mut rest = characters.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let last = match rest {
            [first, b'.', b'.', last, ..] if last >= first => *last,
            _ => *first,
        };
        rest = match rest {
            [first, b'.', b'.', last, behind @ ..] if last >= first => behind,
            _ => behind,
        };
        for byte in *first..=last {
            if let Some(place) = mask.get_mut(usize::from(byte)) {
                *place = true;
            }
        }
    }
    mask
}

pub(super) fn mask_has(mask: &[bool; 256], byte: u8) -> bool {
    mask.get(usize::from(byte)).copied().unwrap_or(false)
}

/// Filled up to so many bytes (PHP: `str_pad`).
///
/// # Errors
/// A `ValueError` if there is nothing to fill up with; if a character is cut in two; and if the text would be larger than PHP's
/// default `memory_limit`.
///
/// ```
/// use wechatpay::php::{self, Pad};
///
/// assert_eq!(php::str_pad(7, 3, "0", Pad::Left)?, "007");
/// # Ok::<_, php::Error>(())
/// ```
pub fn str_pad(a: impl Operand, length: i64, pad: impl Operand, side: Pad) -> Result<String, Error> {
    let (text, pad) = (text(a), super::text::text(pad));
    let missing = usize::try_from(length).unwrap_or(0).saturating_sub(text.len());
    // PHP looks at the length first.
    if missing == 0 {
        return Ok(text);
    }
    if pad.is_empty() {
        return Err(Argument::new("str_pad", 3, "pad_string").wrong("must be a non-empty string"));
    }
    limit::check(text.len().saturating_add(missing))?;
    let left = match side {
        Pad::Left => missing,
        Pad::Right => 0,
        Pad::Both => missing / 2,
    };
    let filler = |bytes: usize| {
        let filler = pad.repeat(bytes.div_ceil(pad.len()));
        filler.get(..bytes).map(str::to_owned).ok_or_else(|| Error::cut("str_pad"))
    };
    Ok([filler(left)?, text, filler(missing.saturating_sub(left))?].concat())
}

/// So many times the same text (PHP: `str_repeat`).
///
/// # Errors
/// A `ValueError` if `times` is negative; and if the text would be larger than PHP's default `memory_limit`.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::str_repeat("ab", 3)?, "ababab");
/// # Ok::<_, php::Error>(())
/// ```
pub fn str_repeat(a: impl Operand, times: i64) -> Result<String, Error> {
    let wrong = |_| Argument::new("str_repeat", 2, "times").wrong("must be greater than or equal to 0");
    let (text, times) = (text(a), usize::try_from(times).map_err(wrong)?);
    limit::check(text.len().saturating_mul(times))?;
    Ok(text.repeat(times))
}

/// With `<br />` before each end of a line (PHP: `nl2br`).
///
/// ```
/// assert_eq!(wechatpay::php::nl2br("a\nb"), "a<br />\nb");
/// ```
pub fn nl2br(a: impl Operand) -> String {
    let text = text(a);
    let mut made = String::with_capacity(text.len());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if matches!(letter, '\r' | '\n') {
            made.push_str("<br />");
            made.push(letter);
            // The two of them are one end, in either order.
            let other = letters.next_if(|next| matches!(next, '\r' | '\n') && *next != letter);
            made.extend(other);
        } else {
            made.push(letter);
        }
    }
    made
}

/// In lines of at most `width` bytes, with a break between them; longer words are cut if `cut` says so (PHP: `wordwrap`).
///
/// # Errors
/// A `ValueError` if the break is empty, or if words are to be cut to a width of 0; and if a character is cut in two.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::wordwrap("one two three", 7, "\n", false)?, "one two\nthree");
/// # Ok::<_, php::Error>(())
/// ```
pub fn wordwrap(a: impl Operand, width: i64, separator: impl Operand, cut: bool) -> Result<String, Error> {
    let (text, separator) = (text(a), super::text::text(separator));
    if text.is_empty() {
        return Ok(text);
    }
    if separator.is_empty() {
        return Err(Argument::new("wordwrap", 3, "break").wrong("cannot be empty"));
    }
    if width == 0 && cut {
        let argument = Argument::new("wordwrap", 4, "cut_long_words");
        return Err(argument.wrong("cannot be true when argument #2 ($width) is 0"));
    }
    let lines = lines(text.as_bytes(), width, separator.as_bytes(), cut);
    String::from_utf8(lines).map_err(|_| Error::cut("wordwrap"))
}

#[expect(clippy::arithmetic_side_effects, reason = "positions in a text, none beyond its end by more than one")]
fn lines(text: &[u8], width: i64, separator: &[u8], cut: bool) -> Vec<u8> {
    let mut made = Vec::with_capacity(text.len());
    // Where the line begins, and the last space in it.
    let (mut line, mut space, mut at) = (0, 0, 0);
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let is_simple = separator.len() == 1 && !cut;
    while let Some(letter) = text.get(at) {
        let is_full = i64::try_from(at - line).is_ok_and(|length| length >= width);
        let is_break = part(at, at + separator.len()) == separator;
        if is_break && (is_simple || at + separator.len() < text.len()) {
            made.extend_from_slice(part(line, at + separator.len()));
            at += separator.len() - 1;
            line = at + 1;
            space = line;
        } else if *letter == b' ' {
            if is_full {
                made.extend_from_slice(part(line, at));
                made.extend_from_slice(separator);
                line = at + 1;
            }
            space = at;
        } else if is_full && cut && line >= space {
            made.extend_from_slice(part(line, at));
            made.extend_from_slice(separator);
            line = at;
            space = at;
        } else if is_full && line < space {
            made.extend_from_slice(part(line, space));
            made.extend_from_slice(separator);
            space += 1;
            line = space;
        }
        at += 1;
    }
    made.extend_from_slice(part(line, text.len()));
    made
}
