//! Texts in the alphabets of others: HTML, addresses, base64, hexadecimal digits, digests.

use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::argument::Argument;
use super::error::Error;
use super::key;
use super::operand::Operand;
use super::text::{self, text};

const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b' ');
const RAW: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// With `&`, `<`, `>` and both kinds of quotes as HTML wants them (PHP: `htmlspecialchars`).
///
/// ```
/// assert_eq!(wechatpay::php::htmlspecialchars("<a href='x'>"), "&lt;a href=&#039;x&#039;&gt;");
/// ```
pub fn htmlspecialchars(a: impl Operand) -> String {
    let text = text(a);
    let mut made = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => made.push_str("&amp;"),
            '<' => made.push_str("&lt;"),
            '>' => made.push_str("&gt;"),
            '"' => made.push_str("&quot;"),
            '\'' => made.push_str("&#039;"),
            _ => made.push(letter),
        }
    }
    made
}

/// With a backslash before both kinds of quotes, before backslashes and in the place of zero bytes (PHP: `addslashes`).
///
/// ```
/// assert_eq!(wechatpay::php::addslashes("it's"), "it\\'s");
/// ```
pub fn addslashes(a: impl Operand) -> String {
    let text = text(a);
    let mut made = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\'' | '"' | '\\' => made.extend(['\\', letter]),
            '\0' => made.push_str("\\0"),
            _ => made.push(letter),
        }
    }
    made
}

/// As in a form: a space is `+` (PHP: `urlencode`).
///
/// ```
/// assert_eq!(wechatpay::php::urlencode("a b/茶~"), "a+b%2F%E8%8C%B6%7E");
/// ```
pub fn urlencode(a: impl Operand) -> String {
    utf8_percent_encode(&text(a), FORM).to_string().replace(' ', "+")
}

/// As in a path (RFC 3986): a space is `%20` (PHP: `rawurlencode`).
///
/// ```
/// assert_eq!(wechatpay::php::rawurlencode("a b/~"), "a%20b%2F~");
/// ```
pub fn rawurlencode(a: impl Operand) -> String {
    utf8_percent_encode(&text(a), RAW).to_string()
}

/// What [`urlencode`] has been made of (PHP: `urldecode`).
///
/// # Errors
/// If it is not UTF-8.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::urldecode("a+b%2F")?, "a b/");
/// # Ok::<_, php::Error>(())
/// ```
pub fn urldecode(a: impl Operand) -> Result<String, Error> {
    rawurldecode(text(a).replace('+', " ")).map_err(|_| Error::bytes("urldecode"))
}

/// What [`rawurlencode`] has been made of (PHP: `rawurldecode`).
///
/// # Errors
/// If it is not UTF-8.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::rawurldecode("a+b%20")?, "a+b ");
/// # Ok::<_, php::Error>(())
/// ```
pub fn rawurldecode(a: impl Operand) -> Result<String, Error> {
    let decoded = percent_decode_str(&text(a)).collect();
    String::from_utf8(decoded).map_err(|_| Error::bytes("rawurldecode"))
}

/// The entries as a query: nested ones with brackets, a space as `+`, without those that are `null` (PHP: `http_build_query`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// let query = php::http_build_query(json!({ "a": "x y", "b": [1, true], "c": null }))?;
/// assert_eq!(query, "a=x+y&b%5B0%5D=1&b%5B1%5D=1");
/// # Ok::<_, php::Error>(())
/// ```
pub fn http_build_query(data: impl Operand) -> Result<String, Error> {
    query(&data, |text| urlencode(text))
}

/// As [`http_build_query`], a space as `%20` (PHP: with `PHP_QUERY_RFC3986`).
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::http_build_query_rfc3986(json!({ "a": "x y" }))?, "a=x%20y");
/// # Ok::<_, php::Error>(())
/// ```
pub fn http_build_query_rfc3986(data: impl Operand) -> Result<String, Error> {
    query(&data, |text| rawurlencode(text))
}

fn query(data: &impl Operand, encode: fn(&str) -> String) -> Result<String, Error> {
    let data = Argument::new("http_build_query", 1, "data").array(data)?;
    let mut query = String::new();
    for (key, value) in key::entries(&data) {
        push(&mut query, &encode(&key.to_string()), value, encode);
    }
    Ok(query)
}

fn push(query: &mut String, name: &str, value: &Value, encode: fn(&str) -> String) {
    let value = match value {
        Value::Null => return,
        Value::Array(_) | Value::Object(_) => {
            for (key, member) in key::entries(value) {
                push(query, &format!("{name}%5B{}%5D", encode(&key.to_string())), member, encode);
            }
            return;
        }
        Value::Bool(value) => u8::from(*value).to_string(),
        Value::Number(_) => encode(&text::of(value)),
        Value::String(text) => encode(text),
    };
    if !query.is_empty() {
        query.push('&');
    }
    query.extend([name, "=", &value]);
}

/// In base64 (PHP: `base64_encode`).
///
/// ```
/// assert_eq!(wechatpay::php::base64_encode("茶"), "6Iy2");
/// ```
pub fn base64_encode(data: impl AsRef<[u8]>) -> String {
    STANDARD.encode(data)
}

/// What [`base64_encode`] has been made of, `None` if it is not base64 (PHP: `base64_decode` with `true`).
///
/// Without `strict`, other characters are skipped, and it never fails (PHP: `base64_decode`).
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::base64_decode("6Iy2", true).as_deref(), Some("茶".as_bytes()));
/// assert_eq!(php::base64_decode("6Iy*", true), None);
/// ```
pub fn base64_decode(a: impl Operand, strict: bool) -> Option<Vec<u8>> {
    let text = text(a);
    let mut digits: Vec<u8> = Vec::with_capacity(text.len());
    let mut padding = 0_usize;
    for byte in text.bytes() {
        match byte {
            b'=' => padding = padding.saturating_add(1),
            b' ' | b'\t' | b'\r' | b'\n' => {}
            b'+' | b'/' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                if padding > 0 && strict {
                    return None;
                }
                digits.push(byte);
            }
            _ if strict => return None,
            _ => {}
        }
    }
    let over = digits.len() % 4;
    if strict && (over == 1 || (padding > 0 && (padding > 2 || (over.saturating_add(padding)) % 4 != 0))) {
        return None;
    }
    // Six bits alone are no byte.
    if over == 1 {
        digits.pop();
    }
    let config = base64::engine::GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::RequireNone);
    base64::engine::GeneralPurpose::new(&base64::alphabet::STANDARD, config).decode(digits).ok()
}

/// In hexadecimal digits (PHP: `bin2hex`).
///
/// ```
/// assert_eq!(wechatpay::php::bin2hex("茶"), "e88cb6");
/// ```
pub fn bin2hex(data: impl AsRef<[u8]>) -> String {
    data.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What [`bin2hex`] has been made of, `None` if it is no such text (PHP: `hex2bin`).
///
/// ```
/// assert_eq!(wechatpay::php::hex2bin("e88cb6").as_deref(), Some("茶".as_bytes()));
/// ```
pub fn hex2bin(a: impl Operand) -> Option<Vec<u8>> {
    let text = text(a);
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    if text.len() % 2 != 0 {
        return None;
    }
    let pair = |pair: &[u8]| match pair {
        [high, low] => Some(digit(*high)?.checked_shl(4)? | digit(*low)?),
        _ => None,
    };
    text.as_bytes().chunks(2).map(pair).collect()
}

/// MD5 in hexadecimal digits (PHP: `md5`).
///
/// # Panics
/// If OpenSSL has no MD5, as in its FIPS mode.
///
/// ```
/// assert_eq!(wechatpay::php::md5("abc"), "900150983cd24fb0d6963f7d28e17f72");
/// ```
pub fn md5(data: impl AsRef<[u8]>) -> String {
    #[expect(clippy::expect_used, reason = "PHP's md5 cannot fail, and a wrong digest is worse")]
    let digest = openssl::hash::hash(MessageDigest::md5(), data.as_ref()).expect("OpenSSL has MD5");
    bin2hex(digest)
}

/// SHA-1 in hexadecimal digits (PHP: `sha1`).
///
/// ```
/// assert_eq!(wechatpay::php::sha1("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
/// ```
pub fn sha1(data: impl AsRef<[u8]>) -> String {
    bin2hex(openssl::sha::sha1(data.as_ref()))
}

/// A digest in hexadecimal digits (PHP: `hash`), of `md5`, `sha1`, `sha224`, `sha256`, `sha384`, `sha512`, `sha3-256` and their
/// like, `ripemd160` and `crc32b`.
///
/// # Errors
/// A `ValueError` for another algorithm, or one that OpenSSL does not have.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::hash("crc32b", "abc")?, "352441c2");
/// assert!(php::hash("sha256", "abc")?.starts_with("ba7816bf"));
/// # Ok::<_, php::Error>(())
/// ```
pub fn hash(algorithm: impl Operand, data: impl AsRef<[u8]>) -> Result<String, Error> {
    if text(&algorithm).eq_ignore_ascii_case("crc32b") {
        return Ok(format!("{:08x}", crc32(data)));
    }
    hash_bytes(algorithm, data).map(bin2hex)
}

/// As [`hash`], as bytes (PHP: `hash` with `true`).
///
/// # Errors
/// As [`hash`]; also for `crc32b`.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::hash_bytes("sha1", "abc")?.len(), 20);
/// # Ok::<_, php::Error>(())
/// ```
pub fn hash_bytes(algorithm: impl Operand, data: impl AsRef<[u8]>) -> Result<Vec<u8>, Error> {
    let unknown = || Argument::new("hash", 1, "algo").wrong("must be a valid hashing algorithm");
    let digest = digest(&text(algorithm)).ok_or_else(unknown)?;
    openssl::hash::hash(digest, data.as_ref()).map(|digest| digest.to_vec()).map_err(|_| unknown())
}

/// A digest with a key in hexadecimal digits (PHP: `hash_hmac`).
///
/// # Errors
/// As [`hash`]; also for `crc32b`.
///
/// ```
/// use wechatpay::php;
///
/// assert!(php::hash_hmac("sha256", "data", "key")?.starts_with("5031fe3d"));
/// # Ok::<_, php::Error>(())
/// ```
pub fn hash_hmac(algorithm: impl Operand, data: impl AsRef<[u8]>, key: impl AsRef<[u8]>) -> Result<String, Error> {
    hash_hmac_bytes(algorithm, data, key).map(bin2hex)
}

/// A digest with a key as it is (PHP: `hash_hmac`, with `true`).
///
/// # Errors
/// As [`hash`]; also for `crc32b`.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::hash_hmac_bytes("sha256", "data", "key")?.len(), 32);
/// # Ok::<_, php::Error>(())
/// ```
pub fn hash_hmac_bytes(
    algorithm: impl Operand,
    data: impl AsRef<[u8]>,
    key: impl AsRef<[u8]>,
) -> Result<Vec<u8>, Error> {
    let unknown = || Argument::new("hash_hmac", 1, "algo").wrong("must be a valid cryptographic hashing algorithm");
    let digest = digest(&text(algorithm)).ok_or_else(unknown)?;
    let signed = || {
        let key = PKey::hmac(key.as_ref())?;
        let mut signer = Signer::new(digest, &key)?;
        signer.sign_oneshot_to_vec(data.as_ref())
    };
    signed().map_err(|_: openssl::error::ErrorStack| unknown())
}

fn digest(name: &str) -> Option<MessageDigest> {
    let is_known = ["md4", "md5", "sha1", "sha224", "sha256", "sha384", "sha512", "ripemd160"];
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "sha512/256" => MessageDigest::from_name("sha512-256"),
        "sha512/224" => MessageDigest::from_name("sha512-224"),
        "sha3-224" | "sha3-256" | "sha3-384" | "sha3-512" => MessageDigest::from_name(&name),
        known if is_known.contains(&known) => MessageDigest::from_name(known),
        _ => None,
    }
}

/// The checksum of ZIP and PNG (PHP: `crc32`).
///
/// ```
/// assert_eq!(wechatpay::php::crc32("abc"), 0x352441c2);
/// ```
pub fn crc32(data: impl AsRef<[u8]>) -> i64 {
    let mut checksum = flate2::Crc::new();
    checksum.update(data.as_ref());
    checksum.sum().into()
}

/// Whether two texts are the same, found out in a time that does not tell where they differ (PHP: `hash_equals`).
///
/// ```
/// assert!(wechatpay::php::hash_equals("a1b2", "a1b2"));
/// ```
pub fn hash_equals(known: impl Operand, given: impl Operand) -> bool {
    let (known, given) = (text(known), text::text(given));
    known.len() == given.len() && openssl::memcmp::eq(known.as_bytes(), given.as_bytes())
}
