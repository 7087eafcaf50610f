//! What may be shown in messages and logs: no signature, key or encrypted field of a request or an answer; nothing given by
//! the caller that may be a key by mistake; no character from others that could control a terminal.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::path::Path;

use crate::http::HeaderMap;

/// The shortest run of base64 that is taken for a signature or a ciphertext. RSA-1024, the shortest
/// key in use anywhere, makes 172 characters; the longest identifiers of the platform have 64.
const CIPHERTEXT: usize = 100;

/// The longest id of a key or a merchant that is shown, in bytes; a line of PEM has 64.
pub(crate) const LONGEST_NAME: usize = 63;

/// The longest path or address that is shown, in bytes. A private key of RSA-2048 has 1,600 in base64.
const LONGEST_PATH: usize = 1024;

/// The shortest run of base64 that is taken for a key where a name is expected; a key of 32 bytes has 44 characters.
const SHORT_KEY: usize = 40;

/// The length of an APIv2 or APIv3 key in characters.
const SYMMETRIC_KEY: usize = 32;

/// Headers whose values contain a signature or a credential.
const SECRET_HEADERS: [&str; 9] = [
    "authorization",
    "cookie",
    "proxy-authenticate",
    "proxy-authentication-info",
    "proxy-authorization",
    "set-cookie",
    "set-cookie2",
    "wechatpay-signature",
    "www-authenticate",
];

/// Shows headers, the secret ones as `***`.
pub(crate) struct Headers<'a>(pub(crate) &'a HeaderMap);

impl Headers<'_> {
    /// Each header, with its value as it may be shown on one line.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        self.0.iter().map(|(name, value)| {
            if SECRET_HEADERS.contains(&name.as_str()) || value.is_sensitive() {
                return (name.as_str(), Cow::Borrowed("***"));
            }
            let value = String::from_utf8_lossy(value.as_bytes());
            let is_address = matches!(name.as_str(), "location" | "content-location") || has_user(&value);
            let shown = if is_address { address(&value) } else { line(&value) };
            (name.as_str(), Cow::Owned(shown.into_owned()))
        })
    }
}

impl fmt::Debug for Headers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// The most bytes of a body that are shown.
const BODY_SHOWN: usize = 256;

/// Shows the length of a body, and its beginning if it is text, without what is secret and what may concern a person.
pub(crate) struct Body<'a>(pub(crate) &'a [u8]);

impl fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())?;
        let (beginning, rest) = self.0.split_at(self.end());
        let text = match std::str::from_utf8(beginning) {
            Ok(text) => text,
            // A letter may be cut in two.
            Err(error) if error.error_len().is_none() => {
                let whole = beginning.get(..error.valid_up_to()).unwrap_or_default();
                std::str::from_utf8(whole).unwrap_or_default()
            }
            Err(_) => return Ok(()),
        };
        if !text.is_empty() {
            write!(f, ": {}", one_line(&impersonal(&self::text(text))))?;
            f.write_str(if rest.is_empty() { "" } else { "…" })?;
        }
        Ok(())
    }
}

impl Body<'_> {
    /// Where the beginning ends. A word that would be cut goes on for as long as it takes to tell what it is.
    fn end(&self) -> usize {
        let after = self.0.iter().skip(BODY_SHOWN).take(CIPHERTEXT);
        let word = after.take_while(|byte| in_run(char::from(**byte))).count();
        self.0.len().min(BODY_SHOWN.saturating_add(word))
    }
}

/// The text with `***` in place of what is not ASCII, plain or escaped as in JSON, of numbers as long as those of phones and
/// identity cards, and of what looks like a key of 32 characters.
fn impersonal(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let (length, is_shown) = if !letter.is_ascii() {
            (rest.find(|letter: char| letter.is_ascii()), false)
        } else if letter.is_ascii_alphanumeric() {
            let end = rest.find(|letter: char| !letter.is_ascii_alphanumeric());
            (end, !is_personal(rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()))
        } else if is_escape(rest) {
            (Some(ESCAPE), false)
        } else {
            (Some(letter.len_utf8()), true)
        };
        let (piece, after) = rest.split_at(length.unwrap_or(rest.len()));
        shown.push_str(if is_shown { piece } else { "***" });
        rest = after;
    }
    shown
}

/// The length of a letter that is escaped in JSON: `\u5f20`.
const ESCAPE: usize = 6;

fn is_escape(text: &str) -> bool {
    let digits = text.strip_prefix("\\u").and_then(|digits| digits.get(..4));
    digits.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether a word is as long as the number of a phone or of an identity card, or looks like a key.
fn is_personal(word: &str) -> bool {
    let number = word.strip_suffix(['X', 'x']).unwrap_or(word);
    let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
    is_number && matches!(word.len(), 11 | 18) || holds_symmetric_key(word)
}

/// The text with each signature and ciphertext in it replaced by `***`: long runs of base64, plain or percent-encoded, and
/// values whose name is or ends in `sign` or `signkey`, in XML, in a query or in JSON.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    match without_sign(text) {
        Some(shown) => Cow::Owned(without_base64(&shown).unwrap_or(shown)),
        None => without_base64(text).map_or(Cow::Borrowed(text), Cow::Owned),
    }
}

/// Like [`text`], for a text that others have written, on one line: what would break the line, control a terminal or change
/// the writing direction is escaped, as in `\n` and `\u{1b}`.
pub(crate) fn line(given: &str) -> Cow<'_, str> {
    match text(given) {
        Cow::Borrowed(text) => escaped(text, is_steering),
        Cow::Owned(text) => Cow::Owned(escaped(&text, is_steering).into_owned()),
    }
}

/// Like [`line`], but keeps line breaks: for the body of an answer.
pub(crate) fn lines(given: &str) -> String {
    escaped(&text(given), |letter| is_steering(letter) && !matches!(letter, '\n' | '\t')).into_owned()
}

/// A message of this crate, which may quote what others have written, on one line.
pub(crate) fn one_line(message: &str) -> Cow<'_, str> {
    escaped(message, is_steering)
}

/// A name or an id given by the caller. Nothing is shown that may be a key by mistake: what is too long for a name, PEM,
/// base64 as long as a key, what looks like a key of 32 characters, and what is not on one line.
pub(crate) fn name(name: &str) -> Cow<'_, str> {
    if is_plain_word(name) {
        return Cow::Borrowed(name);
    }
    if has_user(name) || has_bare_user(name) {
        return address(name);
    }
    let is_key = || holds_key(name) || is_base64_key(name) || holds_symmetric_key(name);
    if name.len() > LONGEST_NAME || name.contains(is_steering) || is_key() { hidden(name) } else { text(name) }
}

/// A path, a template or a JSON pointer given by the caller. It may be longer than a name, but each of its segments is shown
/// like one.
pub(crate) fn path(path: &str) -> Cow<'_, str> {
    let first = path.split('/').next().unwrap_or_default();
    let is_version = || first.strip_prefix('v').is_some_and(|version| version.parse::<u8>().is_ok());
    let longest = if is_version() { CIPHERTEXT } else { LONGEST_NAME };
    if path.len() < longest && path.split('/').all(is_plain_word) {
        return Cow::Borrowed(path);
    }
    if has_user(path) || has_bare_user(path) {
        return address(path);
    }
    let is_path = path.contains('/') && (matches!(first, "" | "." | ".." | "~") || is_version());
    if is_path && path.len() <= LONGEST_PATH && !holds_key(path) && !is_base64_key(path) {
        Cow::Owned(each(&text(path), &['/', '?', '&', '=']))
    } else {
        name(path)
    }
}

/// Like [`path`], for a path of the file system.
pub(crate) fn file(file: &Path) -> String {
    path(&file.to_string_lossy()).into_owned()
}

/// An address given by the caller or the platform, without user name and password, even if it is too malformed to tell its
/// parts apart.
pub(crate) fn address(address: &str) -> Cow<'_, str> {
    if address.len() < LONGEST_NAME && address.split(['/', ':']).all(is_plain_word) {
        return Cow::Borrowed(address);
    }
    if address.len() > LONGEST_PATH || holds_key(address) {
        return hidden(address);
    }
    let is_scheme = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '-' | '.');
    let (scheme, rest) = match address.find("://") {
        // Anything else before it may itself be a user and a password.
        Some(end) if address.chars().take(end).all(is_scheme) => address.split_at(end.saturating_add(3)),
        _ => ("", address),
    };
    // A password may contain characters that would end it, so everything up to the last @ is taken for it.
    let (user, rest) = match rest.rsplit_once('@') {
        Some((_, rest)) => ("***@", rest),
        None => ("", rest),
    };
    let rest = text(rest);
    Cow::Owned(if scheme.is_empty() {
        format!("{user}{}", path(&rest))
    } else if rest.split('?').next().is_some_and(is_base64_key) {
        // A key may contain a separator.
        format!("{}{user}{}", name(scheme), hidden(&rest))
    } else {
        format!("{}{user}{}", name(scheme), each(&rest, &['/', '?', '&', '=', '#', ':', '.']))
    })
}

/// Shows each piece between the separators like a name.
fn each(text: &str, separators: &[char]) -> String {
    let pieces = text.split_inclusive(separators);
    pieces.fold(String::with_capacity(text.len()), |mut shown, piece| {
        let word = piece.trim_end_matches(separators);
        shown.push_str(&name(word));
        shown.push_str(piece.strip_prefix(word).unwrap_or_default());
        shown
    })
}

/// Whether it is an address (perhaps by mistake) with a user name.
fn has_user(text: &str) -> bool {
    text.split_once("://").is_some_and(|(_, rest)| rest.contains('@'))
}

/// Like [`has_user`], but for an address without a scheme: `user:password@…`.
fn has_bare_user(text: &str) -> bool {
    text.rsplit_once('@').is_some_and(|(user, _)| user.contains(':'))
}

fn hidden(text: &str) -> Cow<'_, str> {
    Cow::Owned(format!("*** ({} bytes)", text.len()))
}

/// Whether a text contains PEM, or the beginning of a key in base64.
pub(crate) fn holds_key(text: &str) -> bool {
    const LONG: usize = 64;
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    text.contains("-----BEGIN")
        || text.match_indices("MI").any(|(start, _)| text.bytes().skip(start).take_while(is_base64).count() >= LONG)
}

/// Whether a text contains what looks like an APIv2 or APIv3 key: a run of exactly 32 letters and digits, some of each.
pub(crate) fn holds_symmetric_key(text: &str) -> bool {
    text.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|run| {
        run.len() == SYMMETRIC_KEY
            && run.bytes().any(|byte| byte.is_ascii_digit())
            && run.bytes().any(|byte| byte.is_ascii_alphabetic())
    })
}

/// Whether a word is too short to be a key, and contains nothing but what the platform's paths, their variables and the ids of
/// merchants are made of, nor a capital, without which there is no base64. Most are such words, and need no further look.
fn is_plain_word(word: &str) -> bool {
    let is_plain = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.' | b'{' | b'}' | b'+')
    };
    word.len() < SYMMETRIC_KEY && word.bytes().all(is_plain)
}

/// Whether a text contains a run of base64 that is as long as a key, and looks random: in random text three of five
/// characters are of another kind (capital, small letter, digit) than the one before, in words and paths at most one of
/// five.
fn is_base64_key(text: &str) -> bool {
    /// How many letters and digits are looked at together; a run also contains other characters.
    const WINDOW: usize = 36;
    let in_run = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/' | '-' | '_' | '=');
    let is_mixed = |window: &[(u8, bool)]| {
        let has = |is_kind: fn(&u8) -> bool| window.iter().any(|(byte, _)| is_kind(byte));
        let changes = window.iter().filter(|(_, is_change)| *is_change).count();
        has(u8::is_ascii_digit)
            && has(u8::is_ascii_uppercase)
            && has(u8::is_ascii_lowercase)
            && changes.saturating_mul(5) >= window.len().saturating_mul(2)
    };
    let runs = text.split(|letter| !in_run(letter)).filter(|run| run.len() >= SHORT_KEY);
    runs.map(with_changes).any(|letters| letters.windows(WINDOW).any(is_mixed))
}

/// The letters and digits of a run, and whether each is of another kind than the one before. The first one of a word does
/// not count, nor does the one after a capital that begins a word.
fn with_changes(run: &str) -> Vec<(u8, bool)> {
    let kind = |byte: u8| (byte.is_ascii_digit(), byte.is_ascii_uppercase());
    let (mut letters, mut before, mut is_second) = (Vec::with_capacity(run.len()), None, false);
    for byte in run.bytes() {
        if !byte.is_ascii_alphanumeric() {
            (before, is_second) = (None, false);
            continue;
        }
        let begins_word = is_second && before.is_some_and(|before: u8| before.is_ascii_uppercase());
        letters.push((byte, before.is_some_and(|before| kind(before) != kind(byte)) && !begins_word));
        (is_second, before) = (before.is_none(), Some(byte));
    }
    letters
}

/// Control characters, line ends of any kind, and what changes the writing direction.
fn is_steering(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len().saturating_add(16));
    for letter in text.chars() {
        match letter {
            letter if !is_escaped(letter) => shown.push(letter),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            letter => drop(write!(shown, "{}", letter.escape_unicode())),
        }
    }
    Cow::Owned(shown)
}

/// Replaces values whose name is or ends in `sign` or `signkey` (case does not matter), such as `workwx_sign`, `paySign` and
/// `sandbox_signkey`: `<sign>…</sign>`, `sign=…` and `"sign":"…"`. `None` if there are none.
fn without_sign(text: &str) -> Option<String> {
    let mut shown = String::new();
    let mut rest = text;
    let (mut found, mut is_in_tag) = (false, false);
    while let Some(end) = end_of_sign(rest) {
        let (before, after) = rest.split_at(end);
        shown.push_str(before);
        rest = after;
        is_in_tag = match before.rfind(['<', '>']).and_then(|start| before.get(start..)) {
            Some(tag) => tag.starts_with('<') && !tag.starts_with("</"),
            None => is_in_tag,
        };
        let Some((mark, value)) = value_of(after, is_in_tag) else { continue };
        let length = mark.end_of(value);
        let (between, value) = after.split_at(after.len().saturating_sub(value.len()));
        shown.push_str(between);
        shown.push_str("***");
        rest = value.get(length..).unwrap_or_default();
        (found, is_in_tag) = (true, false);
    }
    shown.push_str(rest);
    found.then_some(shown)
}

/// The end of the next name that may be that of a signature.
fn end_of_sign(text: &str) -> Option<usize> {
    const SIGN: &[u8] = b"sign";
    let start = text.as_bytes().windows(SIGN.len()).position(|window| window.eq_ignore_ascii_case(SIGN))?;
    let end = start.saturating_add(SIGN.len());
    let after = text.get(end..).unwrap_or_default();
    let key = ["key", "_key", "-key"]
        .into_iter()
        .find(|key| after.get(..key.len()).is_some_and(|start| start.eq_ignore_ascii_case(key)));
    Some(end.saturating_add(key.map_or(0, str::len)))
}

/// The syntax in which the value of a signature is written.
enum Mark {
    Element,
    Query,
    /// A JSON string, with this many backslashes before its quotes.
    Text(usize),
    /// Any other JSON value.
    Plain,
}

impl Mark {
    /// The length of the value that begins here.
    fn end_of(&self, value: &str) -> usize {
        let end = match self {
            Mark::Element => value.find("</"),
            Mark::Query => value.find('&'),
            Mark::Plain => value.find([',', '}', ']', '\n']),
            Mark::Text(backslashes) => value
                .match_indices('"')
                .map(|(quote, _)| quote)
                .find(|quote| {
                    let before = value.get(..*quote).unwrap_or_default();
                    let count = before.len().saturating_sub(before.trim_end_matches('\\').len());
                    if *backslashes == 0 { count.checked_rem(2) == Some(0) } else { count <= *backslashes }
                })
                .map(|quote| quote.saturating_sub(*backslashes)),
        };
        end.unwrap_or(value.len())
    }
}

/// The syntax of the value whose name ends just before `after`, and the text from that value on. `None` if it is not a name
/// with a value.
fn value_of(after: &str, is_in_tag: bool) -> Option<(Mark, &str)> {
    if is_in_tag && after.starts_with(['>', ' ', '\t', '\r', '\n']) {
        return after.split_once('>').map(|(_, value)| (Mark::Element, value));
    }
    if let Some(value) = after.strip_prefix('=') {
        return Some((Mark::Query, value));
    }
    let quote = after.trim_start_matches('\\');
    let value = quote.strip_prefix('"')?.trim_start().strip_prefix(':')?.trim_start();
    let text = value.trim_start_matches('\\');
    match text.strip_prefix('"') {
        Some(inside) => Some((Mark::Text(value.len().saturating_sub(text.len())), inside)),
        None => Some((Mark::Plain, value)),
    }
}

/// Whether a letter may be one of base64, plain, percent-encoded or with slashes that are escaped.
fn in_run(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/' | '-' | '_' | '%' | '\\')
}

/// Replaces runs of base64 that are long enough; `None` if there are none.
fn without_base64(text: &str) -> Option<String> {
    if text.len() < CIPHERTEXT {
        return None;
    }
    let mut shown = String::new();
    let mut rest = text;
    let mut found = false;
    while !rest.is_empty() {
        let run = rest.find(|c| !in_run(c)).unwrap_or(rest.len());
        let (word, mut after) = rest.split_at(run);
        if word.len() >= CIPHERTEXT {
            shown.push_str("***");
            // The padding belongs to it.
            after = after.trim_start_matches('=');
            found = true;
        } else {
            shown.push_str(word);
        }
        let gap = after.find(in_run).unwrap_or(after.len());
        let (between, next) = after.split_at(gap);
        shown.push_str(between);
        rest = next;
    }
    found.then_some(shown)
}

#[cfg(test)]
mod tests {
    use super::{Body, address, line, name, path, text};

    fn body(body: impl AsRef<[u8]>) -> String {
        format!("{:?}", Body(body.as_ref()))
    }

    #[test]
    fn the_beginning_of_a_body_is_shown_without_secrets_and_persons() {
        assert_eq!(body(""), "0 bytes");
        assert_eq!(body(r#"{"prepay_id":"wx20141027"}"#), r#"26 bytes: {"prepay_id":"wx20141027"}"#);
        assert_eq!(body("{\n\t\u{1b}}"), r"5 bytes: {\n\t\u{1b}}");
        assert_eq!(body(b"\x1f\x8b\x08abc"), "6 bytes");
        for (given, shown) in [
            (
                r#"{"name":"张三","id":"11010519491231002X","phone":"13900000000"}"#,
                r#"{"name":"***","id":"***","phone":"***"}"#,
            ),
            (r#"{"name":"\u5f20\u4e09 Zhang"}"#, r#"{"name":"****** Zhang"}"#),
            (
                "<sign>9A0A</sign><nonce_str>0123456789abcdef0123456789abcdef</nonce_str>",
                "<sign>***</sign><nonce_str>***</nonce_str>",
            ),
            (
                r#"{"out_trade_no":"1217752501201407033233368018"}"#,
                r#"{"out_trade_no":"1217752501201407033233368018"}"#,
            ),
        ] {
            assert_eq!(body(given), format!("{} bytes: {shown}", given.len()));
        }
    }

    #[test]
    fn a_long_body_is_cut_and_nothing_secret_is_cut_into_sight() {
        let long = "ab ".repeat(100);
        assert_eq!(body(&long), format!("300 bytes: {}ab…", "ab ".repeat(85)));
        // Wherever the end falls, no part of these is shown.
        let (sealed, card) = ("A9".repeat(172), "110105194912310021");
        for start in 0..400 {
            for (secret, part) in [(sealed.as_str(), "A9A9"), (card, "1101051949"), ("张三丰的真实姓名", "张")]
            {
                let shown = body(format!("{}\"{secret}\"{}", ".".repeat(start), ".".repeat(400)));
                assert!(!shown.contains(part) && !shown.contains('\u{fffd}'), "{start}: {shown}");
                assert!(shown.chars().count() < 400, "{start}: {shown}");
            }
        }
    }

    #[test]
    fn the_sign_is_hidden_in_json_too() {
        assert_eq!(text(r#"{"sign":"9A","a":1}"#), r#"{"sign":"***","a":1}"#);
        assert_eq!(text(r#"{"paySign" : "9\"A","a":1}"#), r#"{"paySign" : "***","a":1}"#);
        assert_eq!(text(r#"{"sandbox_signkey":"9A\\","a":1}"#), r#"{"sandbox_signkey":"***","a":1}"#);
        assert_eq!(text(r#""{\"sign\":\"9A\",\"a\":1}""#), r#""{\"sign\":\"***\",\"a\":1}""#);
        assert_eq!(text(r#"{"sign":9,"a":1}"#), r#"{"sign":***,"a":1}"#);
        assert_eq!(text(r#"{"sign":"9A"#), r#"{"sign":"***"#);
        assert_eq!(text(r#"{"sign_type":"MD5","signature":1}"#), r#"{"sign_type":"MD5","signature":1}"#);
        assert_eq!(text("SIGN=9A&sandbox_signkey=9A&sign_key=9A&b=1"), "SIGN=***&sandbox_signkey=***&sign_key=***&b=1");
        assert_eq!(text("<sign_sign>9A</sign_sign><Sign >9A</Sign>"), "<sign_sign>***</sign_sign><Sign >***</Sign>");
        assert_eq!(text("<sandbox_signkey>9A</sandbox_signkey>"), "<sandbox_signkey>***</sandbox_signkey>");
        assert_eq!(text("签名 sign 错误"), "签名 sign 错误");
    }

    #[test]
    fn what_steers_is_escaped_and_chinese_is_not() {
        assert_eq!(line("余额不足\n\u{1b}[1m\u{202e}"), r"余额不足\n\u{1b}[1m\u{202e}");
        assert_eq!(line("余额不足"), "余额不足");
    }

    #[test]
    fn names_of_all_kinds_are_shown() {
        for shown in [
            "out_trade_no",
            "PUB_KEY_ID_0114232134912410000000000000",
            "5157F09EFDC096DE15EBE81A47057A7232F1B8E1",
            "3775b6a45acd588826d15e583a95f5dd12345678",
            "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
            "/json/contact_info/contact_id_doc_period_begin",
            "X-A-Header-Whose-Name-Has-Many-Words-And-Numbers-123",
            "build/Release2/Some/Path/To/The/Certificates/Of/2026",
            "张三",
            "",
        ] {
            assert_eq!(name(shown), shown);
        }
        assert_eq!(path("v3/pay/{out_trade_no}?mchid=1"), "v3/pay/{out_trade_no}?mchid=1");
        assert_eq!(name(&"x".repeat(64)), "*** (64 bytes)");
        assert_eq!(address("http://u:p@127.0.0.1:1/a"), "http://***@127.0.0.1:1/a");
        assert_eq!(address("http://[::1]:80/a?b=c@d"), "http://***@d");
        assert_eq!(name("u:p@host://a"), "***@host://a");
        assert_eq!(path("u:p@host://u:p@a"), "***@a");
    }

    #[test]
    fn the_sign_of_apiv2_is_hidden_wherever_it_stands() {
        assert_eq!(text("<xml><sign>9A0A</sign><a>1</a></xml>"), "<xml><sign>***</sign><a>1</a></xml>");
        assert_eq!(text("<xml><sign><![CDATA[9A0A]]></sign></xml>"), "<xml><sign>***</sign></xml>");
        assert_eq!(text("<xml><sign>9A0A"), "<xml><sign>***");
        assert_eq!(
            text("<sign>1</sign><workwx_sign>2</workwx_sign>"),
            "<sign>***</sign><workwx_sign>***</workwx_sign>"
        );
        assert_eq!(text("sign=1&workwx_sign=2&sign=3"), "sign=***&workwx_sign=***&sign=***");
        assert_eq!(text("design and sign"), "design and sign");
        assert_eq!(text("a=1&sign=9A0A&b=2"), "a=1&sign=***&b=2");
        assert_eq!(text("sign=9A0A&b=2"), "sign=***&b=2");
        assert_eq!(text("sign=9A0A"), "sign=***");
        assert_eq!(text("<xml><sign_type>MD5</sign_type></xml>"), "<xml><sign_type>MD5</sign_type></xml>");
        let long = "A".repeat(344);
        assert_eq!(text(&format!("sign={long}&user_name={long}==&x=1")), "sign=***&user_name=***&x=1");
    }
}
