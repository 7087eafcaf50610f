//! What is the same as what PHP has sent. Beside what the README of the recordings says, these differ by design, each as the
//! porting guide says:
//!
//! | | PHP | here |
//! | --- | --- | --- |
//! | JSON | `/` and Chinese are escaped, in the order of the program | neither is, in the order of the names unless `preserve-order` is on: compared as values, and so is JSON in a text |
//! | XML | in the order of the program | the same: compared field by field, each byte by byte |
//! | queries | in the order of the program | the same: compared pair by pair |
//! | `Wechatpay-Serial` | only if the program writes it | in each request of APIv3 |
//! | uploads | `Transfer-Encoding: chunked` and `Expect` | `Content-Length` |
//! | `Accept` of a download | | |
//! | clock | stands at the recorded moment | runs: each time is as far from now as it was from that moment |
//!
//! The limits of time, the recorded `options`, do not leave the program.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::{Duration, UNIX_EPOCH};

use openssl::sha::sha256;
use serde_json::Value;
use wechatpay_sandbox::{Request, Sandbox};

/// The recorded nonce.
pub const NONCE: &str = "5K8264ILTKCH16CQ2502SI8ZNMTM67VS";

/// Headers that are not recorded, and those that differ by design.
const OTHERS: [&str; 7] =
    ["authorization", "content-length", "expect", "host", "transfer-encoding", "user-agent", "wechatpay-serial"];

/// Compares requests that were sent while the test ran with those that were recorded when the clock stood.
pub struct Comparison<'a> {
    sandbox: &'a Sandbox,
    clock: i64,
    ran: RangeInclusive<i64>,
}

type Same = Result<(), String>;

impl<'a> Comparison<'a> {
    pub fn new(sandbox: &'a Sandbox, clock: i64, ran: RangeInclusive<i64>) -> Comparison<'a> {
        Comparison { sandbox, clock, ran }
    }

    pub fn check(&self, sent: &Request, recorded: &Value) -> Same {
        same("the method", sent.method(), text(recorded, "method"))?;
        same("the target", target(sent.target()), target(text(recorded, "target")))?;
        headers(sent, recorded)?;
        let content_type = sent.header("content-type").unwrap_or_default();
        if content_type.starts_with("multipart/") {
            form(sent, recorded)
        } else if content_type.starts_with("text/xml") {
            same("the XML", fields(std::str::from_utf8(sent.body()).unwrap()), fields(text(recorded, "body")))
        } else if sent.body().is_empty() {
            same("the body", "", text(recorded, "body"))
        } else {
            let body = self.decrypted(sent.json().ok_or("it is not JSON")?);
            let recorded: Value = serde_json::from_str(text(recorded, "body")).unwrap();
            let at_some_moment = self.ran.clone().any(|now| body == self.at(now, recorded.clone()));
            if at_some_moment { Ok(()) } else { same("the body", body, recorded) }
        }
    }

    /// The value as PHP would have written it at another moment.
    fn at(&self, now: i64, recorded: Value) -> Value {
        each_text(recorded, &|text| {
            let (was, is) = (digits(self.clock), digits(now));
            if let Some(seconds) = seconds(&text) {
                let (day, time) = date(now + seconds - self.clock);
                format!("{day}T{time}+08:00").into()
            } else if let Ok(json @ Value::Object(_)) = serde_json::from_str(&text) {
                json
            } else {
                // `date('YmdHis')`, and `date('Ymd')` behind a word.
                text.replace(&was, &is).replace(&format!("#{}", &was[..8]), &format!("#{}", &is[..8])).into()
            }
        })
    }

    /// The value with each ciphertext as it is recorded.
    fn decrypted(&self, sent: Value) -> Value {
        each_text(sent, &|text| match self.sandbox.decrypt(&text) {
            Some(plaintext) => format!("{{rsa-oaep:{plaintext}}}").into(),
            None => match serde_json::from_str(&text) {
                Ok(json @ Value::Object(_)) => json,
                _ => text.into(),
            },
        })
    }
}

fn text<'a>(recorded: &'a Value, name: &str) -> &'a str {
    recorded[name].as_str().unwrap_or_else(|| panic!("the recording has no text {name:?}"))
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, sent: T, recorded: T) -> Same {
    if sent == recorded { Ok(()) } else { Err(format!("{what} is\n{sent:?}\nPHP has\n{recorded:?}")) }
}

#[cfg(feature = "preserve-order")]
fn target(target: &str) -> &str {
    target
}

/// The path and the pairs of the query, sorted.
#[cfg(not(feature = "preserve-order"))]
fn target(target: &str) -> (&str, Vec<&str>) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut pairs: Vec<_> = query.split('&').collect();
    pairs.sort_unstable();
    (path, pairs)
}

/// Each recorded header, and no other.
fn headers(sent: &Request, recorded: &Value) -> Same {
    let lower = |name: &str| name.to_ascii_lowercase();
    let is_compared = |name: &String| !OTHERS.contains(&name.as_str());
    let boundary = boundary(sent).unwrap_or("BOUNDARY");
    let recorded = recorded["headers"].as_object().unwrap().iter();
    let all: BTreeMap<String, String> =
        recorded.map(|(name, value)| (lower(name), value.as_str().unwrap().replace("BOUNDARY", boundary))).collect();
    let sent_all: BTreeMap<String, String> =
        sent.headers().iter().map(|(name, value)| (lower(name.as_str()), value.to_str().unwrap().to_owned())).collect();
    if let Some(serial) = all.get("wechatpay-serial") {
        same("Wechatpay-Serial", sent_all.get("wechatpay-serial"), Some(serial))?;
    }
    let compared = |all: BTreeMap<String, String>| -> BTreeMap<String, String> {
        all.into_iter().filter(|(name, _)| is_compared(name)).collect()
    };
    same("the headers", compared(sent_all), compared(all))
}

fn boundary(sent: &Request) -> Option<&str> {
    sent.header("content-type")?.split_once("boundary=").map(|(_, boundary)| boundary)
}

/// The sandbox keeps of an upload its length and its SHA-256.
fn form(sent: &Request, recorded: &Value) -> Same {
    let recorded = match &recorded["body_base64"] {
        Value::String(base64) => openssl::base64::decode_block(base64).unwrap(),
        _ => text(recorded, "body").as_bytes().to_vec(),
    };
    let boundary = boundary(sent).ok_or("there is no boundary")?;
    let (mut body, mut rest) = (Vec::new(), recorded.as_slice());
    while let Some(place) = rest.windows(8).position(|window| window == b"BOUNDARY") {
        body.extend_from_slice(&rest[..place]);
        body.extend_from_slice(boundary.as_bytes());
        rest = &rest[place + 8..];
    }
    body.extend_from_slice(rest);
    same("the length of the form", sent.body_length(), body.len() as u64)?;
    let expected: String = sha256(&body).iter().map(|byte| format!("{byte:02x}")).collect();
    same("the SHA-256 of the form", sent.body_sha256(), expected)
}

/// The fields of an XML of one level as they are written, but for what is new each time. The sandbox has checked `sign`.
fn fields(xml: &str) -> BTreeMap<String, String> {
    let mut rest = xml.strip_prefix("<xml>").unwrap();
    let mut fields = BTreeMap::new();
    while let Some(field) = rest.strip_prefix('<').filter(|field| !field.starts_with('/')) {
        let (name, field) = field.split_once('>').unwrap();
        let (value, after) = field.split_once(&format!("</{name}>")).unwrap();
        let value = if ["nonce_str", "sign"].contains(&name) {
            format!("{} characters", value.len())
        } else {
            value.to_owned()
        };
        assert!(fields.insert(name.to_owned(), value).is_none(), "{name} is there twice");
        rest = after;
    }
    assert_eq!(rest.trim_end(), "</xml>");
    fields
}

/// The value with something in place of each text in it.
fn each_text(value: Value, change: &impl Fn(String) -> Value) -> Value {
    match value {
        Value::String(text) => change(text),
        Value::Array(list) => list.into_iter().map(|value| each_text(value, change)).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, each_text(value, change))).collect(),
        other => other,
    }
}

/// A moment at +08:00: `2019-04-02` and `20:34:20`.
fn date(seconds: i64) -> (String, String) {
    let moment = UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds + 8 * 3600).unwrap());
    // As `Tue, 02 Apr 2019 20:34:20 GMT`.
    let written = httpdate::fmt_http_date(moment);
    let words: Vec<&str> = written.split(' ').collect();
    let month = MONTHS.iter().position(|month| *month == words[2]).unwrap() + 1;
    (format!("{}-{month:02}-{}", words[3], words[1]), words[4].to_owned())
}

/// The same as `date('YmdHis')`.
fn digits(seconds: i64) -> String {
    let (day, time) = date(seconds);
    (day + &time).replace(['-', ':'], "")
}

/// The moment that a text such as `2019-04-02T20:34:20+08:00` names.
fn seconds(text: &str) -> Option<i64> {
    let (day, time) = text.strip_suffix("+08:00")?.split_once('T')?;
    let [year, month, day] = day.split('-').collect::<Vec<_>>().try_into().ok()?;
    let month = MONTHS.get(month.parse::<usize>().ok()? - 1)?;
    // Any day of the week would do: the parser does not compare.
    let moment = httpdate::parse_http_date(&format!("{day} {month} {year} {time} GMT")).ok();
    let moment = moment.or_else(|| {
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].into_iter();
        days.map(|name| format!("{name}, {day} {month} {year} {time} GMT"))
            .find_map(|text| httpdate::parse_http_date(&text).ok())
    })?;
    let seconds = moment.duration_since(UNIX_EPOCH).ok()?.as_secs();
    Some(i64::try_from(seconds).ok()? - 8 * 3600)
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
