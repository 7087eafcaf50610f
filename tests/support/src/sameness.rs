//! What counts as the same as what PHP has sent.
//!
//! New each time: the boundary of a form, the nonce and the `sign` of APIv2 (the sandbox has checked it), what is encrypted
//! (decrypted here), the keys. The recorded clock stands and this one runs, so each moment must be as far from the time of the
//! test as the recorded one is from the recorded clock.
//!
//! Different by design, as the porting guide says:
//!
//! | | PHP | here | compared |
//! | --- | --- | --- | --- |
//! | JSON | `/` and Chinese escaped, in the order of the program | neither escaped, ordered by name unless `preserve-order` is on | as values, in order if the program keeps it; so is JSON inside a text |
//! | XML | in the order of the program | ordered by name unless `preserve-order` is on | field by field, each byte by byte, in order if the program keeps it |
//! | query | in the order of the program | ordered by name unless `preserve-order` is on | pair by pair, in order if the program keeps it |
//! | header `Wechatpay-Serial` | if the program writes it | in each APIv3 request for which there is one key | if PHP has it |
//! | upload | of unknown length: `Transfer-Encoding: chunked`, `Expect` | with its `Content-Length` | without these three |
//! | part of a form | has a `Content-Length`; the type of `meta` comes first | has none, as in RFC 7578; `Content-Disposition` comes first | in our form |
//!
//! The recorded `options`, the limits of time, do not leave the program.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::{Duration, UNIX_EPOCH};

use openssl::base64::decode_block;
use openssl::sha::sha256;
use serde_json::Value;
use wechatpay_sandbox::{Request, Sandbox};

use crate::ordered::Ordered;

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
    in_order: bool,
}

type Same = Result<(), String>;

impl<'a> Comparison<'a> {
    /// `in_order` is whether the program was built with `preserve-order`.
    pub fn new(sandbox: &'a Sandbox, clock: i64, ran: RangeInclusive<i64>, in_order: bool) -> Comparison<'a> {
        Comparison { sandbox, clock, ran, in_order }
    }

    pub fn check(&self, sent: &Request, recorded: &Value) -> Same {
        same("the method", sent.method(), text(recorded, "method"))?;
        same("the target", self.target(sent.target()), self.target(text(recorded, "target")))?;
        headers(sent, recorded)?;
        let content_type = sent.header("content-type").unwrap_or_default();
        if content_type.starts_with("multipart/") {
            form(sent, recorded)
        } else if content_type.starts_with("text/xml") {
            let sent = self.arranged(fields(std::str::from_utf8(sent.body()).unwrap()));
            same("the XML", sent, self.arranged(fields(text(recorded, "body"))))
        } else if sent.body().is_empty() {
            same("the body", "", text(recorded, "body"))
        } else {
            let body = std::str::from_utf8(sent.body()).map_err(|error| format!("the body: {error}"))?;
            let body = self.arranged(self.decrypted(Ordered::of(body)?));
            let recorded = Ordered::of(text(recorded, "body"))?;
            let at_some_moment = self.ran.clone().any(|now| body == self.arranged(self.at(now, recorded.clone())));
            if at_some_moment { Ok(()) } else { same("the body", body.to_string(), recorded.to_string()) }
        }
    }

    /// As it is compared.
    fn arranged(&self, json: Ordered) -> Ordered {
        if self.in_order { json } else { json.sorted() }
    }

    /// The path and the pairs of the query.
    fn target<'t>(&self, target: &'t str) -> (&'t str, Vec<&'t str>) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut pairs: Vec<_> = query.split('&').collect();
        if !self.in_order {
            pairs.sort_unstable();
        }
        (path, pairs)
    }

    /// What PHP would have written at another moment.
    fn at(&self, now: i64, recorded: Ordered) -> Ordered {
        recorded.each_text(&|text| {
            let (was, is) = (digits(self.clock), digits(now));
            if let Some(seconds) = seconds(&text) {
                iso(now + seconds - self.clock).into()
            } else if let Ok(json @ Ordered::Object(_)) = Ordered::of(&text) {
                json
            } else {
                // `date('YmdHis')`, and `date('Ymd')` behind a word.
                text.replace(&was, &is).replace(&format!("#{}", &was[..8]), &format!("#{}", &is[..8])).into()
            }
        })
    }

    /// The value with each ciphertext as it is recorded.
    fn decrypted(&self, sent: Ordered) -> Ordered {
        sent.each_text(&|text| match self.sandbox.decrypt(&text) {
            Some(plaintext) => format!("{{rsa-oaep:{plaintext}}}").into(),
            None => match Ordered::of(&text) {
                Ok(json @ Ordered::Object(_)) => json,
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
        Value::String(base64) => decode_block(base64).unwrap(),
        _ => text(recorded, "body").as_bytes().to_vec(),
    };
    let boundary = boundary(sent).ok_or("there is no boundary")?;
    let is = |line: &&[u8], name: &str| line.starts_with(name.as_bytes());
    let lines = recorded.split_inclusive(|byte| *byte == b'\n').filter(|line| !is(line, "Content-Length: "));
    let mut lines: Vec<&[u8]> = lines.collect();
    for place in 1..lines.len() {
        if is(&lines[place], "Content-Disposition: ") && is(&lines[place - 1], "Content-Type: ") {
            lines.swap(place - 1, place);
        }
    }
    let expected: Vec<u8> =
        lines.into_iter().flat_map(|line| replaced(line, b"BOUNDARY", boundary.as_bytes())).collect();
    same("the length of the form", sent.body_length(), expected.len() as u64)?;
    let sha256: String = sha256(&expected).iter().map(|byte| format!("{byte:02x}")).collect();
    same("the SHA-256 of the form", sent.body_sha256(), sha256)
}

/// The bytes with something in place of a part that is there once at most.
fn replaced(bytes: &[u8], part: &[u8], by: &[u8]) -> Vec<u8> {
    match bytes.windows(part.len()).position(|window| window == part) {
        Some(place) => [&bytes[..place], by, &bytes[place + part.len()..]].concat(),
        None => bytes.to_vec(),
    }
}

/// The fields of an XML of one level as they are written, but for what is new each time.
fn fields(xml: &str) -> Ordered {
    let mut rest = xml.strip_prefix("<xml>").unwrap();
    let mut fields: Vec<(String, Ordered)> = Vec::new();
    while let Some(field) = rest.strip_prefix('<').filter(|field| !field.starts_with('/')) {
        let (name, field) = field.split_once('>').unwrap();
        let (value, after) = field.split_once(&format!("</{name}>")).unwrap();
        let is_new = ["nonce_str", "sign"].contains(&name);
        let value = if is_new { format!("{} characters", value.len()) } else { value.to_owned() };
        assert!(fields.iter().all(|(other, _)| other != name), "{name} is there twice");
        fields.push((name.to_owned(), value.into()));
        rest = after;
    }
    assert_eq!(rest.trim_end(), "</xml>");
    Ordered::Object(fields)
}

/// A moment as PHP's `date('c')` writes it at +08:00: `2019-04-02T20:34:20+08:00`.
fn iso(seconds: i64) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let moment = UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds + 8 * 3600).unwrap());
    // As `Tue, 02 Apr 2019 20:34:20 GMT`.
    let written = httpdate::fmt_http_date(moment);
    let [_, day, name, year, time, _] = written.split(' ').collect::<Vec<_>>().try_into().unwrap();
    let month = MONTHS.iter().position(|month| *month == name).unwrap() + 1;
    format!("{year}-{month:02}-{day}T{time}+08:00")
}

/// The same as `date('YmdHis')` writes it.
fn digits(seconds: i64) -> String {
    iso(seconds).trim_end_matches("+08:00").replace(['-', 'T', ':'], "")
}

/// The moment of which this is what [`iso`] writes.
fn seconds(text: &str) -> Option<i64> {
    // The later a moment, the greater its text, for some centuries.
    let (mut first, mut end) = (0, 1 << 33);
    while first < end {
        let middle = first + (end - first) / 2;
        if iso(middle).as_str() < text { first = middle + 1 } else { end = middle }
    }
    (iso(first) == text).then_some(first)
}
