//! The texts that are signed, with the time and the nonces that make each of them unique.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Display};
use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};

use crate::crypto::random_bytes;
use crate::error::{Error, Result};
use crate::redact;
use crate::text::date::Date;
use crate::text::scheme::Scheme;
use crate::text::value::{kind, php_text};

/// Bytes that are enough for nearly all messages, without the body.
const HEAD: usize = 256;

/// Formats what is signed (PHP: `WeChatPay\Formatter`).
#[derive(Debug)]
pub struct Formatter;

impl Formatter {
    /// A nonce of `size` characters of base62, from the system's random generator.
    ///
    /// ```
    /// let nonce = wechatpay::Formatter::nonce(32);
    /// assert_eq!(nonce.len(), 32);
    /// assert!(nonce.bytes().all(|b| b.is_ascii_alphanumeric()));
    /// ```
    ///
    /// # Panics
    /// If the operating system has no random bytes: nothing can be signed safely then.
    pub fn nonce(size: usize) -> String {
        const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let mut nonce = String::with_capacity(size);
        while nonce.len() < size {
            let random: [u8; 64] = random_bytes();
            // 248 is the largest multiple of 62 in a byte; larger values would favour the first letters.
            let letters = random.iter().filter(|byte| **byte < 248);
            let letters = letters.filter_map(|byte| ALPHABET.get(usize::from(byte % 62)).copied().map(char::from));
            nonce.extend(letters.take(size.saturating_sub(nonce.len())));
        }
        nonce
    }

    /// Unix seconds now.
    pub fn timestamp() -> i64 {
        let since = |duration: std::time::Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(after) => since(after),
            Err(before) => since(before.duration()).saturating_neg(),
        }
    }

    /// The day in China of a moment in Unix seconds, as in the numbers of bills and batches (PHP: `date('Ymd')`).
    ///
    /// The offset is always +08:00. PHP's `Asia/Shanghai` differs from that only before 1992, when there was summer time.
    ///
    /// ```
    /// use wechatpay::Formatter;
    ///
    /// assert_eq!(Formatter::date_ymd(1_767_295_445), "20260102");
    /// let batch_number = format!("batch-{}-0001", Formatter::date_ymd(Formatter::timestamp()));
    /// # let _ = batch_number;
    /// ```
    pub fn date_ymd(seconds: i64) -> String {
        let Date { year, month, day, .. } = Date::of(seconds);
        format!("{year:04}{month:02}{day:02}")
    }

    /// A moment in Unix seconds as the platform wants it in fields such as `time_expire`: RFC 3339 with China's offset
    /// (PHP: `date('c')`).
    ///
    /// The offset is always +08:00, as with [`date_ymd`](Formatter::date_ymd).
    ///
    /// ```
    /// use wechatpay::Formatter;
    ///
    /// assert_eq!(Formatter::date_c(1_767_295_445), "2026-01-02T03:24:05+08:00");
    /// let in_half_an_hour = Formatter::date_c(Formatter::timestamp() + 30 * 60);
    /// # let _ = in_half_an_hour;
    /// ```
    pub fn date_c(seconds: i64) -> String {
        let Date { year, month, day, hour, minute, second } = Date::of(seconds);
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}+08:00")
    }

    /// The value of APIv3's header `Authorization`.
    ///
    /// ```
    /// assert_eq!(
    ///     wechatpay::Formatter::authorization("1900009191", "593BEC", "sig==", 1554208460, "1DDE55AD"),
    ///     r#"WECHATPAY2-SHA256-RSA2048 mchid="1900009191",serial_no="1DDE55AD",timestamp="1554208460",nonce_str="593BEC",signature="sig==""#,
    /// );
    /// ```
    pub fn authorization(
        mchid: impl Display,
        nonce: impl Display,
        signature: impl Display,
        timestamp: impl Display,
        serial: impl Display,
    ) -> String {
        Scheme::WECHATPAY2_SHA256_RSA2048.authorization(mchid, nonce, signature, timestamp, serial)
    }

    /// The message that is signed for an APIv3 request: method, target (path and query exactly as sent), timestamp, nonce
    /// and body, each followed by a line feed.
    ///
    /// ```
    /// let message = wechatpay::Formatter::request("GET", "/v3/certificates", 1554208460, "593BEC", "");
    /// assert_eq!(message, b"GET\n/v3/certificates\n1554208460\n593BEC\n\n");
    /// ```
    pub fn request(
        method: impl Display,
        uri: impl Display,
        timestamp: impl Display,
        nonce: impl Display,
        body: impl AsRef<[u8]>,
    ) -> Vec<u8> {
        ended_by_body(format_args!("{method}\n{uri}\n{timestamp}\n{nonce}\n"), body.as_ref())
    }

    /// The message that is signed for an APIv3 answer or notification: timestamp, nonce and body, each followed by a line
    /// feed.
    ///
    /// ```
    /// let message = wechatpay::Formatter::response(1554209980, "c5ac7061", r#"{"data":[]}"#);
    /// assert_eq!(message, b"1554209980\nc5ac7061\n{\"data\":[]}\n");
    /// ```
    pub fn response(timestamp: impl Display, nonce: impl Display, body: impl AsRef<[u8]>) -> Vec<u8> {
        ended_by_body(format_args!("{timestamp}\n{nonce}\n"), body.as_ref())
    }

    /// All pieces, each followed by a line feed; numbers and booleans are written as PHP does (`true` is `1`).
    ///
    /// ```
    /// assert_eq!(wechatpay::Formatter::joined_by_line_feed(["a", "b"]), "a\nb\n");
    /// ```
    ///
    /// PHP's `joinedByLineFeed(...array_values($params))` is
    /// [`fields_joined_by_line_feed`](Formatter::fields_joined_by_line_feed): the values of a map do not compile here, as they
    /// come in the order of the program only with the feature `preserve-order`.
    ///
    /// ```compile_fail,E0277
    /// let params = wechatpay::json!({ "timeStamp": "1554208460", "appId": "wx8888888888888888" });
    /// wechatpay::Formatter::joined_by_line_feed(params.as_object().unwrap().values());
    /// ```
    pub fn joined_by_line_feed<T: Piece>(pieces: impl IntoIterator<Item = T>) -> String {
        pieces.into_iter().map(|piece| piece.text() + "\n").collect()
    }

    /// The fields of these names, in this order, each followed by a line feed (PHP:
    /// `joinedByLineFeed(...array_values($params))`).
    ///
    /// # Errors
    /// [`Error::Options`] names a field that is absent, null, a list or an object.
    ///
    /// ```
    /// use wechatpay::{Formatter, json};
    ///
    /// let params = json!({
    ///     "appId": "wx8888888888888888", "timeStamp": "1554208460", "nonceStr": "593BEC", "package": "prepay_id=wx2014",
    /// });
    /// assert_eq!(
    ///     Formatter::fields_joined_by_line_feed(&params, ["appId", "timeStamp", "nonceStr", "package"])?,
    ///     "wx8888888888888888\n1554208460\n593BEC\nprepay_id=wx2014\n",
    /// );
    /// # Ok::<_, wechatpay::Error>(())
    /// ```
    pub fn fields_joined_by_line_feed<'a>(fields: &Value, names: impl IntoIterator<Item = &'a str>) -> Result<String> {
        let line = |name: &str| match fields.get(name) {
            Some(value @ (Value::String(_) | Value::Number(_) | Value::Bool(_))) => Ok(php_text(value) + "\n"),
            other => Err(Error::Options(format!(
                "`{}` cannot be signed: it is {}, not a text, a number or a boolean",
                redact::name(name),
                other.map_or("absent", kind)
            ))),
        };
        names.into_iter().map(line).collect()
    }

    /// The same entries, sorted by the bytes of their names.
    pub fn ksort(thing: Map<String, Value>) -> Map<String, Value> {
        thing.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect()
    }

    /// `k=v&…` in the order given, without `sign`, nulls and empty strings; nothing is encoded.
    ///
    /// ```
    /// use wechatpay::{Formatter, json};
    ///
    /// let data = json!({ "b": "2", "a": "1", "sign": "X", "c": "", "d": null });
    /// let data = Formatter::ksort(data.as_object().unwrap().clone());
    /// assert_eq!(Formatter::query_string_like(&data), "a=1&b=2");
    /// ```
    pub fn query_string_like(thing: &Map<String, Value>) -> String {
        let pairs = thing.iter().filter(|(name, value)| *name != "sign" && !value.is_null() && *value != "");
        pairs.map(|(name, value)| format!("{name}={}", php_text(value))).collect::<Vec<_>>().join("&")
    }
}

/// A line of what [`Formatter::joined_by_line_feed`] joins: a text, a number or a boolean. A [`Value`] is none.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a line of what is signed: only texts, numbers and booleans can",
    label = "not a text, a number or a boolean",
    note = "the values of a map come sorted by their names, and PHP signs them in the order in which they were written",
    note = "name them in that order: `Formatter::fields_joined_by_line_feed(&params, [\"appId\", \"timeStamp\", …])?`"
)]
pub trait Piece: private::Sealed {
    #[doc(hidden)]
    fn text(&self) -> String;
}

mod private {
    pub trait Sealed {}
    impl<T: Sealed + ?Sized> Sealed for &T {}
}

impl<T: Piece + ?Sized> Piece for &T {
    fn text(&self) -> String {
        (**self).text()
    }
}

macro_rules! pieces {
    ($($piece:ty => $text:expr),* $(,)?) => { $(
        impl private::Sealed for $piece {}

        impl Piece for $piece {
            fn text(&self) -> String {
                let text: fn(&$piece) -> String = $text;
                text(self)
            }
        }
    )* };
}

pieces! {
    str => |text| text.to_owned(),
    String => |text| text.clone(),
    Cow<'_, str> => |text| text.clone().into_owned(),
    bool => |value| php_text(&Value::from(*value)),
    i32 => |number| number.to_string(),
    i64 => |number| number.to_string(),
    u32 => |number| number.to_string(),
    u64 => |number| number.to_string(),
    usize => |number| number.to_string(),
    f64 => |number| php_text(&Value::from(*number)),
}

fn ended_by_body(head: fmt::Arguments, body: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(body.len().saturating_add(HEAD));
    // Writing to memory cannot fail.
    let _ = message.write_fmt(head);
    message.extend_from_slice(body);
    message.push(b'\n');
    message
}
