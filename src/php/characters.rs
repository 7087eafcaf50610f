//! Texts: their bytes one by one, what is put among them and taken out, how much two of them have in common.

use super::argument::Argument;
use super::error::Error;
use super::limit;
use super::operand::Operand;
use super::text::text;

/// The letter of a byte, counted round from 256 on (PHP: `chr`).
///
/// # Errors
/// From 128 to 255: in PHP, the text is broken then.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::chr(65)?, "A");
/// assert!(php::chr(200).is_err());
/// # Ok::<_, php::Error>(())
/// ```
pub fn chr(byte: i64) -> Result<String, Error> {
    let byte = byte.to_le_bytes()[0];
    if byte.is_ascii() { Ok(char::from(byte).to_string()) } else { Err(Error::bytes("chr")) }
}

/// The first byte of a text, 0 of an empty one (PHP: `ord`).
///
/// ```
/// assert_eq!(wechatpay::php::ord("A"), 65);
/// ```
pub fn ord(a: impl Operand) -> i64 {
    text(a).bytes().next().unwrap_or(0).into()
}

/// The text with `end` behind every `length` bytes and behind the last ones (PHP: `chunk_split`, whose defaults are 76 and
/// `"\r\n"`).
///
/// # Errors
/// A `ValueError` if the length is not positive. If a character is cut in two: in PHP, the text is broken then.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::chunk_split("MIIEpA", 4, "\n")?, "MIIE\npA\n");
/// # Ok::<_, php::Error>(())
/// ```
pub fn chunk_split(a: impl Operand, length: i64, end: impl Operand) -> Result<String, Error> {
    let wrong = || Argument::new("chunk_split", 2, "length").wrong("must be greater than 0");
    let length = usize::try_from(length).ok().filter(|length| *length > 0).ok_or_else(wrong)?;
    let (text, end) = (text(a), text(end));
    if text.is_empty() {
        return Ok(end);
    }
    let ends = text.len().div_ceil(length).saturating_mul(end.len());
    limit::check(text.len().saturating_add(ends))?;
    let made: Vec<u8> =
        text.as_bytes().chunks(length).flat_map(|chunk| [chunk, end.as_bytes()]).flatten().copied().collect();
    String::from_utf8(made).map_err(|_| Error::cut("chunk_split"))
}

/// With a backslash before `.`, `\`, `+`, `*`, `?`, `[`, `^`, `]`, `(`, `$` and `)` (PHP: `quotemeta`).
///
/// ```
/// assert_eq!(wechatpay::php::quotemeta("1+1=2?"), "1\\+1=2\\?");
/// ```
pub fn quotemeta(a: impl Operand) -> String {
    let text = text(a);
    let mut made = String::with_capacity(text.len());
    for letter in text.chars() {
        if ".\\+*?[^]($)".contains(letter) {
            made.push('\\');
        }
        made.push(letter);
    }
    made
}

/// Without the backslashes that [`addslashes`](super::addslashes) puts in (PHP: `stripslashes`).
///
/// ```
/// assert_eq!(wechatpay::php::stripslashes("it\\'s"), "it's");
/// ```
pub fn stripslashes(a: impl Operand) -> String {
    let text = text(a);
    let mut made = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => made.extend(letters.next().map(|letter| if letter == '0' { '\0' } else { letter })),
            _ => made.push(letter),
        }
    }
    made
}

/// How many words there are: of ASCII letters, with `'` and `-` among them (PHP: `str_word_count`).
///
/// ```
/// assert_eq!(wechatpay::php::str_word_count("It's a well-known tea."), 4);
/// ```
pub fn str_word_count(a: impl Operand) -> i64 {
    let text = text(a);
    let text = text.strip_suffix('-').unwrap_or(&text);
    let text = text.strip_prefix(['\'', '-']).unwrap_or(text);
    let words = text.split(|letter: char| !letter.is_ascii_alphabetic() && letter != '\'' && letter != '-');
    i64::try_from(words.filter(|word| !word.is_empty()).count()).unwrap_or(i64::MAX)
}

/// How many bytes have to be put in, taken out or replaced to make one text of another (PHP: `levenshtein`).
///
/// ```
/// assert_eq!(wechatpay::php::levenshtein("kitten", "sitting"), 3);
/// ```
pub fn levenshtein(a: impl Operand, b: impl Operand) -> i64 {
    let (a, b) = (text(a), text(b));
    let mut costs: Vec<i64> = (0..).take(b.len().saturating_add(1)).collect();
    for byte in a.bytes() {
        let mut diagonal = costs.first().copied().unwrap_or(0);
        let mut left = diagonal.saturating_add(1);
        for (at, other) in b.bytes().enumerate() {
            if let Some(place) = costs.get_mut(at) {
                *place = left;
            }
            let above = costs.get(at.saturating_add(1)).copied().unwrap_or(0);
            let replaced = diagonal.saturating_add((byte != other).into());
            left = replaced.min(above.min(left).saturating_add(1));
            diagonal = above;
        }
        if let Some(place) = costs.last_mut() {
            *place = left;
        }
    }
    costs.last().copied().unwrap_or(0)
}

/// How many bytes two texts have in common: of the longest part that both have, and of what is before and behind it (PHP:
/// `similar_text`).
///
/// ```
/// assert_eq!(wechatpay::php::similar_text("World", "Word"), 4);
/// ```
pub fn similar_text(a: impl Operand, b: impl Operand) -> i64 {
    let (a, b) = (text(a), text(b));
    let mut sum = 0_usize;
    let mut pairs = vec![(a.as_bytes(), b.as_bytes())];
    while let Some((a, b)) = pairs.pop() {
        let (at_a, at_b, length) = common(a, b);
        if length == 0 {
            continue;
        }
        sum = sum.saturating_add(length);
        let part = |bytes: &'_ [u8], at: usize| (at, at.saturating_add(length).min(bytes.len()));
        let ((end_a, start_a), (end_b, start_b)) = (part(a, at_a), part(b, at_b));
        pairs.push((a.get(..end_a).unwrap_or_default(), b.get(..end_b).unwrap_or_default()));
        pairs.push((a.get(start_a..).unwrap_or_default(), b.get(start_b..).unwrap_or_default()));
    }
    i64::try_from(sum).unwrap_or(i64::MAX)
}

/// Where the first one of the longest parts is that both have, and its length.
fn common(a: &[u8], b: &[u8]) -> (usize, usize, usize) {
    let mut best = (0, 0, 0);
    // The lengths of what ends here and at each byte of `b`.
    let mut lengths = vec![0_usize; b.len()];
    for (at_a, byte) in a.iter().enumerate() {
        let mut diagonal = 0_usize;
        for (at_b, (other, length)) in b.iter().zip(&mut lengths).enumerate() {
            let here = if byte == other { diagonal.saturating_add(1) } else { 0 };
            diagonal = std::mem::replace(length, here);
            let start = |at: usize| at.saturating_add(1).saturating_sub(here);
            let found = (start(at_a), start(at_b), here);
            let is_earlier = here == best.2 && (found.0, found.1) < (best.0, best.1);
            if here > best.2 || is_earlier {
                best = found;
            }
        }
    }
    best
}
