//! The merchant's signature of a request of APIv3, and what the platform says about it.

use percent_encoding::percent_decode_str;
use serde_json::Value;
use wechatpay::{Certificate, Formatter, PrivateKey, Rsa, SignError};

use super::{CLOCK_TOLERANCE, bodies, check_length, duration};
use crate::dump::{Message, Start};
use crate::keys::{PUBLIC_KEY_ID, belong_together};
use crate::moment::http_date;
use crate::steps::Steps;

/// What is configured, as far as it is.
#[derive(Default)]
pub struct Merchant {
    pub id: Option<String>,
    pub is_brand: bool,
    pub serial: Option<String>,
    pub key: Option<PrivateKey>,
    pub certificate: Option<Certificate>,
    /// The ids of the platform's keys.
    pub platform: Vec<String>,
}

/// The header `Authorization`, taken apart.
struct Authorization<'a> {
    id: &'a str,
    serial: &'a str,
    timestamp: &'a str,
    nonce: &'a str,
    signature: &'a str,
}

/// A request, and what stands for its parts.
struct Request<'a> {
    method: &'a str,
    target: &'a str,
    body: Option<&'a [u8]>,
}

/// What `--debug` prints in place of signatures and ciphertexts.
const HIDDEN: &str = "***";

/// What the platform says, what is wrong, and what to do about it.
const WORDS: [(&str, &str, &str); 7] = [
    (
        "Authorization值格式错误",
        "the form of Authorization is wrong",
        "it is `WECHATPAY2-SHA256-RSA2048 mchid=\"…\",nonce_str=\"…\",signature=\"…\",timestamp=\"…\",serial_no=\"…\"` on one line",
    ),
    ("认证类型不正确", "the scheme of Authorization is wrong", "merchants use WECHATPAY2-SHA256-RSA2048"),
    (
        "商户证书序列号有误",
        "the platform knows no certificate of this merchant with this serial",
        "take it from the certificate in use: openssl x509 -noout -serial -in apiclient_cert.pem",
    ),
    ("nonce_str已被使用", "the same Authorization was sent twice", "sign each request anew, a repetition too"),
    (
        "平台证书序列号",
        "Wechatpay-Serial names a key that the platform does not have",
        "it must be the id of the platform's key that fields are encrypted for, not the merchant's own serial",
    ),
    ("Accept", "the header Accept or User-Agent is missing", "send both: Accept: application/json, and any User-Agent"),
    (
        "解密",
        "an encrypted field cannot be decrypted by the platform",
        "encrypt it with the key that Wechatpay-Serial names, RSA with OAEP and SHA-1",
    ),
];

/// Checks a request, and the answer to it.
pub fn check(request: &Message, answer: Option<&Message>, merchant: &Merchant, steps: &mut Steps) {
    let Start::Request { method, target } = &request.start else { return };
    // What `--debug` has hidden cannot be compared.
    let is_hidden = |body: &[u8]| body.windows(HIDDEN.len()).any(|window| window == HIDDEN.as_bytes());
    let is_redacted = request.header("authorization") == Some(HIDDEN) && is_hidden(request.body());
    let parts = Request { method, target, body: request.body.as_deref().filter(|_| !is_redacted) };
    check_target(target, steps);
    check_headers(request, merchant, steps);
    if !is_redacted {
        check_length(request, steps);
    }
    let authorization = authorization(request, target, steps);
    if let Some(authorization) = &authorization {
        check_party(authorization, merchant, steps);
        check_clock(authorization.timestamp, answer.and_then(|answer| answer.header("date")), steps);
    }
    check_pair(merchant, steps);
    if let Some(authorization) = &authorization {
        check_signature(&parts, authorization, merchant, steps);
    }
    if let Some(answer) = answer {
        let message = authorization.as_ref().and_then(|authorization| {
            Some(Formatter::request(
                parts.method,
                parts.target,
                authorization.timestamp,
                authorization.nonce,
                parts.body?,
            ))
        });
        check_answer(answer, message.as_deref(), parts.body, steps);
    }
}

/// Checks an answer without its request, of which there may be the body.
pub fn check_alone(answer: &Message, body: Option<&[u8]>, merchant: &Merchant, steps: &mut Steps) {
    let theirs = theirs(answer.body());
    if let Some([_, _, timestamp, _, _]) = theirs.as_ref().map(lines) {
        check_clock(timestamp, answer.header("date"), steps);
    }
    check_pair(merchant, steps);
    check_answer(answer, None, body, steps);
}

fn check_target(target: &str, steps: &mut Steps) {
    if target.bytes().any(|byte| byte <= b' ' || byte >= 0x7f) {
        steps.wrong(
            "the URL has blanks or letters that are not ASCII",
            "percent-encode them once, and sign the URL as it is sent, encoded",
        );
    } else if target.contains("%25") {
        steps.open("the URL has %25: a value that was encoded twice?");
    }
}

fn check_headers(request: &Message, merchant: &Merchant, steps: &mut Steps) {
    for name in ["Accept", "User-Agent"] {
        if request.header(name).is_none_or(str::is_empty) {
            steps.wrong(format!("the header {name} is missing"), "the platform refuses requests without it");
        }
    }
    let Some(serial) = request.header("Wechatpay-Serial") else { return };
    if merchant.serial.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(serial)) {
        steps.wrong(
            "Wechatpay-Serial is the merchant's own serial",
            "it names the platform's key that fields are encrypted for; the merchant's serial belongs into Authorization",
        );
    } else if merchant.platform.iter().any(|known| known.eq_ignore_ascii_case(serial)) {
        steps.right(format!("Wechatpay-Serial names the platform's key {serial}"));
    } else if !merchant.platform.is_empty() {
        steps.wrong(
            format!("Wechatpay-Serial is {serial:?}, and configured are only: {}", merchant.platform.join(", ")),
            "name the platform's key by its id, PUB_KEY_ID_… or the serial of its certificate",
        );
    }
}

/// The header `Authorization` of a request, in its form.
fn authorization<'a>(request: &'a Message, target: &str, steps: &mut Steps) -> Option<Authorization<'a>> {
    let mut values = request.all("authorization");
    let value = match (values.next(), values.next()) {
        (Some(HIDDEN), _) => {
            steps.open(
                "Authorization was not written down, so the signature cannot be checked: `--debug` does not show it",
            );
            return None;
        }
        (Some(value), None) => value,
        (None, _) => {
            steps.wrong("the header Authorization is missing", "did a proxy or a redirect remove it?");
            return None;
        }
        (Some(_), Some(_)) => {
            steps.wrong("the header Authorization is there more than once", "send it once");
            return None;
        }
    };
    let (scheme, party) = match target.starts_with("/brand/") {
        true => ("WECHATPAY-BRAND-SHA256-RSA2048", "brand_id"),
        false => ("WECHATPAY2-SHA256-RSA2048", "mchid"),
    };
    let (given, pairs) = value.split_once(' ').unwrap_or((value, ""));
    if given != scheme {
        steps.wrong(format!("the scheme of Authorization is {given:?}"), format!("it must be {scheme}"));
        return None;
    }
    let field = |name: &str| {
        pairs.split(',').find_map(|pair| {
            let (known, value) = pair.trim().split_once('=')?;
            (known == name).then(|| value.strip_prefix('"')?.strip_suffix('"')).flatten()
        })
    };
    let names = [party, "serial_no", "timestamp", "nonce_str", "signature"];
    let missing: Vec<_> = names.into_iter().filter(|name| field(name).is_none_or(str::is_empty)).collect();
    if !missing.is_empty() {
        steps.wrong(
            format!("Authorization has no {}", missing.join(", ")),
            format!("it is `{scheme} {party}=\"…\",nonce_str=\"…\",signature=\"…\",timestamp=\"…\",serial_no=\"…\"`"),
        );
        return None;
    }
    steps.right(format!("Authorization has the form {scheme}"));
    Some(Authorization {
        id: field(party)?,
        serial: field("serial_no")?,
        timestamp: field("timestamp")?,
        nonce: field("nonce_str")?,
        signature: field("signature")?,
    })
}

fn check_party(authorization: &Authorization<'_>, merchant: &Merchant, steps: &mut Steps) {
    let setting = if merchant.is_brand { "brand_id" } else { "mchid" };
    match &merchant.id {
        Some(id) if id == authorization.id => steps.right(format!("{setting} {id} is the configured one")),
        Some(id) => steps.wrong(
            format!("{setting} is {:?}, and {id} is configured", authorization.id),
            "sign as the merchant whose key it is, or give the settings of this one: --profile NAME",
        ),
        None => {}
    }
    let serial = authorization.serial;
    if serial.starts_with(PUBLIC_KEY_ID) {
        steps.wrong(
            format!("serial_no is {serial}, the id of the platform's public key"),
            "serial_no is that of the merchant's own API certificate, in hex",
        );
    } else if let Some(certificate) = &merchant.certificate {
        let own = certificate.serial_no();
        if own.eq_ignore_ascii_case(serial) {
            steps.right(format!("serial_no {serial} is that of the merchant's certificate"));
        } else {
            steps.wrong(
                format!("serial_no is {serial:?}, and the merchant's certificate has {own}"),
                format!("set `serial` to {own}"),
            );
        }
    } else if let Some(own) = &merchant.serial {
        if own.eq_ignore_ascii_case(serial) {
            steps.right(format!("serial_no {serial} is the configured one"));
        } else {
            steps.wrong(
                format!("serial_no is {serial:?}, and {own} is configured"),
                "it must be the serial of the certificate whose private key signs",
            );
        }
    }
}

/// Compares the time of a signature with the platform's, or else with the local clock, which says less.
fn check_clock(timestamp: &str, date: Option<&str>, steps: &mut Steps) {
    let Some(signed) = timestamp.parse::<i64>().ok().filter(|_| timestamp.len() == 10) else {
        let fix = match timestamp.len() {
            13 => "these are milliseconds: divide by 1000",
            _ => "it is Unix seconds, ten digits",
        };
        steps.wrong(format!("the timestamp is {timestamp:?}, not a number of seconds"), fix);
        return;
    };
    match date.and_then(http_date) {
        Some(date) if signed.abs_diff(date) <= CLOCK_TOLERANCE => {
            steps.right(format!("the clock is {} from the platform's", duration(signed.abs_diff(date))));
        }
        Some(date) => {
            let side = if signed < date { "behind" } else { "ahead of" };
            steps.wrong(
                format!(
                    "the clock was {} {side} the platform's, and 5 minutes are allowed",
                    duration(signed.abs_diff(date))
                ),
                "set the clock of the machine that signs, by NTP; the time zone does not matter",
            );
        }
        None => {
            let when = Formatter::date_c(signed);
            steps.open(format!("signed at {when}; without the header Date of the answer, the clock cannot be checked"));
        }
    }
}

fn check_pair(merchant: &Merchant, steps: &mut Steps) {
    let (Some(key), Some(certificate)) = (&merchant.key, &merchant.certificate) else { return };
    let Ok(public) = certificate.public_key() else { return };
    if belong_together(key, &public) {
        steps.right("the private key belongs to the merchant's certificate");
    } else {
        steps.wrong(
            "the private key does not belong to the merchant's certificate",
            "take apiclient_key.pem and apiclient_cert.pem from the same download",
        );
    }
}

fn check_signature(request: &Request<'_>, authorization: &Authorization<'_>, merchant: &Merchant, steps: &mut Steps) {
    let of_certificate = || merchant.certificate.as_ref().and_then(|certificate| certificate.public_key().ok());
    let Some(key) = merchant.key.as_ref().and_then(|key| key.public_key().ok()).or_else(of_certificate) else {
        steps.open(
            "without the merchant's private key or certificate, the signature cannot be checked: --private-key FILE",
        );
        return;
    };
    let Some(body) = request.body else {
        steps.open("the body was not written down, so the signature cannot be checked: --body FILE");
        return;
    };
    let holds = |message: &[u8]| Rsa::verify(message, authorization.signature, &key);
    let Authorization { timestamp, nonce, .. } = authorization;
    let message = |method: &str, target: &str, body: &[u8]| Formatter::request(method, target, timestamp, nonce, body);
    if holds(&message(request.method, request.target, body)) {
        steps.right("the signature is that of this request, by the configured private key");
        return;
    }
    match difference(request, body, message, holds) {
        Some((what, fix)) => steps.wrong(what, fix),
        None => steps.wrong(
            "the signature is not that of this request by the configured private key, nor of what usually becomes of one",
            "another key has signed, or another message: method, URL with its query, timestamp, nonce and body, each \
             followed by a line feed; compare with `wechatpay sign METHOD URL -d @FILE`",
        ),
    }
}

/// What was signed in place of the request, and what to do about it: one part is another, or two.
fn difference(
    request: &Request<'_>,
    body: &[u8],
    message: impl Fn(&str, &str, &[u8]) -> Vec<u8>,
    holds: impl Fn(&[u8]) -> bool,
) -> Option<(String, String)> {
    const BODY: &str = "serialise the body once: sign those bytes, and send the same";
    const TARGET: &str = "sign the URL as it is sent: the path with its query, percent-encoded, without the host";
    const METHOD: &str = "sign the method that is sent, in capitals";
    const LINES: &str = "each of the five lines ends with a line feed, the last one too";
    let targets = targets(request.target);
    let bodies = bodies::others(body);
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "get", "post", "put", "patch", "delete"];
    let methods = methods.into_iter().filter(|method| *method != request.method);
    for other in &bodies {
        if holds(&message(request.method, request.target, &other.body)) {
            return Some((
                format!("the signature is not that of this body, but that of the body {}", other.how),
                format!("{BODY}{}", other.doubt()),
            ));
        }
    }
    for (how, target) in &targets {
        if holds(&message(request.method, target, body)) {
            return Some((format!("the signature is not that of this URL, but that of the URL {how}"), TARGET.into()));
        }
    }
    for method in methods {
        if holds(&message(method, request.target, body)) {
            return Some((
                format!("the signature is that of the method {method}, not {}", request.method),
                METHOD.into(),
            ));
        }
    }
    let whole = message(request.method, request.target, body);
    let without_last = whole.strip_suffix(b"\n").unwrap_or_default();
    if holds(without_last) {
        return Some(("the line feed behind the body was not signed".into(), LINES.into()));
    }
    let escaped = String::from_utf8_lossy(&whole).replace('\n', "\\n");
    if holds(escaped.as_bytes()) {
        return Some((r"the text \n was signed in place of line feeds".into(), LINES.into()));
    }
    for other in &bodies {
        for (how, target) in &targets {
            if holds(&message(request.method, target, &other.body)) {
                let what = format!("the signature is that of the URL {how}, and of the body {}", other.how);
                return Some((what, format!("{TARGET}; {BODY}")));
            }
        }
    }
    None
}

/// What a target may have been when it was signed.
fn targets(target: &str) -> Vec<(&'static str, String)> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let decoded = percent_decode_str(target).decode_utf8_lossy().into_owned();
    let mut pairs: Vec<_> = query.split('&').collect();
    pairs.sort_unstable();
    let host = |host: &str| format!("https://{host}{target}");
    let others = [
        ("without its query", path.to_owned()),
        ("before it was percent-encoded", decoded.clone()),
        ("percent-encoded", encoded(target)),
        ("with its comma encoded as %2C", target.replace(',', "%2C")),
        ("with %20 for a blank", target.replace('+', "%20")),
        ("with + for a blank", target.replace("%20", "+")),
        ("with a slash at its end", format!("{path}/{}", target.get(path.len()..).unwrap_or_default())),
        ("without the slash at its end", path.trim_end_matches('/').to_owned()),
        ("without its first slash", target.trim_start_matches('/').to_owned()),
        ("with a question mark at its end", format!("{target}?")),
        ("with its query sorted", format!("{path}?{}", pairs.join("&"))),
        ("with https:// and the host", host("api.mch.weixin.qq.com")),
        ("with https:// and the host", host("api2.mch.weixin.qq.com")),
    ];
    others.into_iter().filter(|(_, other)| other != target).collect()
}

/// The text with all that is not ASCII, and blanks, percent-encoded.
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'!'..=b'~' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// What the platform answered. `message` is what was to be signed, and `body` that of the request, if they are known.
fn check_answer(answer: &Message, message: Option<&[u8]>, body: Option<&[u8]>, steps: &mut Steps) {
    if let Start::Answer { status: status @ 200..300 } = answer.start {
        steps.right(format!("the platform has accepted the request: {status}"));
        return;
    }
    let Ok(json) = serde_json::from_slice::<Value>(answer.body()) else {
        steps.open("the answer is not JSON: a proxy's, or it was not written down");
        return;
    };
    let text = |name: &str| json.get(name).and_then(Value::as_str).unwrap_or_default();
    let (code, words) = (text("code"), text("message"));
    if code.is_empty() {
        return;
    }
    let known = WORDS.iter().find(|(part, ..)| words.contains(part));
    let theirs = theirs(answer.body());
    // Without the request, its message is that of the platform with the body that was given.
    let rebuilt = match (message, theirs.as_ref().map(lines), body) {
        (None, Some([method, target, timestamp, nonce, _]), Some(body)) => {
            Some(Formatter::request(method, target, timestamp, nonce, body))
        }
        _ => None,
    };
    let explained = message.or(rebuilt.as_deref()).and_then(|message| SignError::explain(&json, message));
    match (known, explained) {
        (Some((_, what, fix)), _) => steps.wrong(format!("the platform says {code}: {what}"), *fix),
        (None, Some(explained)) if code == "SIGN_ERROR" => {
            steps.wrong(format!("the platform says {code}: {explained}"), remedy(explained.cause()));
        }
        (None, _) if code == "SIGN_ERROR" => steps.wrong(
            format!("the platform says {code}: {words}"),
            "it does not get the message that was signed, or verifies it with another certificate: check serial_no, and \
             give the request with its body",
        ),
        (None, _) => steps.wrong(
            format!("the platform says {code}: {words}"),
            "this is not about the signature: `wechatpay show PATH` has what is documented",
        ),
    }
    if let Some(theirs) = theirs.filter(|_| message.is_none()) {
        expected(&theirs, body, steps);
    }
}

fn remedy(cause: wechatpay::SignErrorCause) -> &'static str {
    use wechatpay::SignErrorCause::*;
    match cause {
        PrivateKey => {
            "compare serial_no with the certificate of the private key: openssl x509 -noout -serial -in apiclient_cert.pem"
        }
        Method => "send the method that was signed",
        Path | Query => "sign the URL as it arrives: is there a proxy that rewrites it?",
        Body => "sign the very bytes that are sent: serialise once, without a line end or byte order mark",
        Clock => "set the clock by NTP",
        _ => "send Authorization as it was signed",
    }
}

/// What the platform expected to be signed.
struct Theirs {
    message: String,
    /// In bytes, with the whole body.
    length: Option<usize>,
}

fn theirs(answer: &[u8]) -> Option<Theirs> {
    let json: Value = serde_json::from_slice(answer).ok()?;
    let information = json.get("detail")?.get("sign_information")?;
    let message = information.get("truncated_sign_message")?.as_str()?.to_owned();
    let length = information.get("sign_message_length").and_then(Value::as_u64);
    Some(Theirs { message, length: length.and_then(|length| length.try_into().ok()) })
}

/// Method, target, timestamp, nonce, and the beginning of the body.
fn lines(theirs: &Theirs) -> [&str; 5] {
    let mut parts = theirs.message.splitn(5, '\n');
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}

/// What the platform has of the request, and how its body compares with the one that is given.
fn expected(theirs: &Theirs, body: Option<&[u8]>, steps: &mut Steps) {
    let [method, target, timestamp, nonce, _] = lines(theirs);
    let path = target.split('?').next().unwrap_or_default();
    let query = if path.len() < target.len() { " with a query" } else { "" };
    steps.open(format!("the platform got {method} {path}{query}, signed at {timestamp}"));
    let head = [method, target, timestamp, nonce]
        .iter()
        .fold(1usize, |sum, line| sum.saturating_add(line.len()).saturating_add(1));
    let Some(length) = theirs.length.and_then(|length| length.checked_sub(head)) else { return };
    match body.map(<[u8]>::len) {
        Some(given) if given == length => steps.right(format!("the body has {length} bytes, as the platform's has")),
        Some(given) => {
            let other = bodies::others(body.unwrap_or_default()).into_iter().find(|other| other.body.len() == length);
            let how = other.map_or_else(String::new, |other| format!(": as many as the body {}", other.how));
            steps.wrong(
                format!("the body has {given} bytes, and {length} arrived{how}"),
                "sign the very bytes that are sent",
            );
        }
        None => steps.open(format!("the platform got a body of {length} bytes; compare: --body FILE")),
    }
}
