//! The recorded requests of the PHP SDK, sent to `wechatpay sandbox`; each answer is verified by the `openssl` command.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use support::bare::{Answer, Bare, authorization_of};
use support::platform::{MCHID, MERCHANT_SERIAL};
use support::shared::shared;
use wechatpay::Transformer;

use crate::openssl::{digest, openssl};
use crate::running::Running;
use crate::runs::Home;

/// In APIv2, under one of these names.
const MERCHANTS: [&str; 3] = ["mch_id", "mchid", "combine_mch_id"];

/// The answers of APIv2 that the platform does not sign.
const UNSIGNED_APIV2: [&str; 14] = [
    "v2/mchrisk/querymchrisk#post",
    "v2/mmpaymkttransfers/gethbinfo#post",
    "v2/mmpaymkttransfers/promotion/querywwsptrans2pocket#post",
    "v2/mmpaymkttransfers/sendredpack#post",
    "v2/mmpaysptrans/pay_bank#post",
    "v2/mmpaysptrans/query_bank#post",
    "v2/papay/h5entrustweb#get",
    "v2/pay/downloadbill#post",
    "v2/pay/downloadfundflow#post",
    "v2/payitil/report#post",
    "v2/risk/getpublickey#post",
    "v2/risk/getviolation#post",
    "v2/secapi/mch/submchmanage#post",
    "v2/xdc/apiv2getsignkey/sign/getsignkey#post",
];

/// Each with a signature of now, and over TLS, where the merchant shows its certificate: none is refused at the gate.
#[test]
fn all_that_the_php_sdk_sends_over_apiv3_is_let_in_and_answered_with_a_signature() {
    let Some(records) = records("conformance/requests.v3.jsonl") else { return };
    let home = Home::new("recorded-v3");
    let running = Running::start(&home, &["--tls", "--lenient"]);
    let key = running.key();
    let mut unsigned = Vec::new();
    for record in &records {
        let request = &record["request"];
        let [method, target, body] = ["method", "target", "body"].map(|name| request[name].as_str().unwrap());
        let authorization = authorization_of((MCHID, MERCHANT_SERIAL, &key), method, target, body.as_bytes());
        let bare = of_record(record, target, body.to_owned()).with("Authorization", &authorization);
        let answer = let_in(&running, record, &bare);
        if answer.is_unsigned() {
            unsigned.push(record["id"].as_str().unwrap());
        } else {
            assert!(is_signed(&home, &running, &answer), "{}", record["id"]);
        }
    }
    assert_eq!(unsigned, [""; 0]);
    assert!(records.len() >= 691, "{}", records.len());
}

#[test]
fn all_that_it_sends_over_apiv2_is_let_in_and_answered_with_a_sign() {
    let Some(records) = records("conformance/requests.v2.jsonl") else { return };
    let home = Home::new("recorded-v2");
    let running = Running::start(&home, &["--tls", "--lenient"]);
    let secret = running.file("apiv2.key");
    let mut unsigned = Vec::new();
    for record in &records {
        let [target, body] = ["target", "body"].map(|name| record["request"][name].as_str().unwrap());
        let (mut fields, path) = match target.split_once('?') {
            Some((path, query)) if body.is_empty() => (of_query(query), Some(path)),
            _ => (of_xml(body), None),
        };
        sign(&home, &mut fields, &secret);
        let bare = match path {
            Some(path) => of_record(record, &format!("{path}?{}", to_query(&fields)), String::new()),
            None => of_record(record, target, to_xml(&fields)),
        };
        let answer = let_in(&running, record, &bare);
        let fields = if answer.body.starts_with(b"<xml>") { of_xml(answer.text()) } else { BTreeMap::new() };
        match fields.get("sign") {
            Some(sign) => assert_eq!(*sign, signature(&home, &fields, &secret), "{}", record["id"]),
            None => unsigned.push(record["id"].as_str().unwrap()),
        }
    }
    unsigned.sort_unstable();
    assert_eq!(unsigned, UNSIGNED_APIV2);
    assert!(records.len() >= 81, "{}", records.len());
}

fn records(name: &str) -> Option<Vec<Value>> {
    Some(shared(name)?.lines().map(|line| line.parse().unwrap()).collect())
}

/// The request of a record, with its headers.
fn of_record(record: &Value, target: &str, body: String) -> Bare {
    let mut bare = Bare::new(record["request"]["method"].as_str().unwrap(), target, body);
    bare.headers.retain(|(name, _)| name != "Accept");
    let headers = record["request"]["headers"].as_object().unwrap().iter();
    headers.fold(bare, |bare, (name, value)| bare.with(name, value.as_str().unwrap()))
}

/// Sends it; the log must say that each step of the gate was passed.
fn let_in(running: &Running, record: &Value, bare: &Bare) -> Answer {
    let answer = running.send(bare);
    let seen = running.line();
    assert!(seen["is_checked"] == true && seen["refused"].is_null(), "{}: {seen}", record["id"]);
    answer
}

/// Whether the `openssl` command says so.
fn is_signed(home: &Home, running: &Running, answer: &Answer) -> bool {
    let header = |name: &str| answer.header(name).unwrap();
    let head = format!("{}\n{}\n", header("wechatpay-timestamp"), header("wechatpay-nonce"));
    // A statement is signed by way of its digest.
    let digest = answer.header("wechatpay-statement-sha1").map(|sha1| json!({ "sha1": sha1 }).to_string());
    let signed = digest.as_ref().map_or(answer.body.as_slice(), |digest| digest.as_bytes());
    let message = [head.as_bytes(), signed, b"\n"].concat();
    home.write("signature", ::openssl::base64::decode_block(header("wechatpay-signature")).unwrap());
    let key = format!("{}/pub_key.pem", running.folder);
    openssl(home, &["dgst", "-sha256", "-verify", &key, "-signature", "signature"], message).is_some()
}

/// Fields with the merchant's id and a `sign` of the sandbox's.
fn sign(home: &Home, fields: &mut BTreeMap<String, String>, secret: &str) {
    let own: Vec<_> = MERCHANTS.into_iter().filter(|name| fields.contains_key(*name)).collect();
    for name in if own.is_empty() { vec!["mch_id"] } else { own } {
        fields.insert(name.to_owned(), MCHID.to_owned());
    }
    let sign = signature(home, fields, secret);
    fields.insert("sign".to_owned(), sign);
}

/// The signature that fields should have, by the `openssl` command.
fn signature(home: &Home, fields: &BTreeMap<String, String>, secret: &str) -> String {
    let pairs = fields.iter().filter(|(name, value)| *name != "sign" && !value.is_empty());
    let data = pairs.map(|(name, value)| format!("{name}={value}&")).collect::<String>() + "key=" + secret;
    let is_hmac = fields.get("sign_type").is_some_and(|kind| kind == "HMAC-SHA256")
        || fields.get("sign").is_some_and(|sign| sign.len() == 64);
    let arguments: &[&str] = if is_hmac { &["-sha256", "-hmac", secret] } else { &["-md5"] };
    digest(home, arguments, &data)
}

fn of_xml(xml: &str) -> BTreeMap<String, String> {
    let fields = Transformer::to_array(xml).unwrap();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    fields.as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value))).collect()
}

fn to_xml(fields: &BTreeMap<String, String>) -> String {
    let fields = fields.iter().map(|(name, value)| format!("<{name}><![CDATA[{value}]]></{name}>"));
    format!("<xml>{}</xml>", fields.collect::<String>())
}

fn of_query(query: &str) -> BTreeMap<String, String> {
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

fn to_query(fields: &BTreeMap<String, String>) -> String {
    let encoded =
        |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    fields.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect::<Vec<_>>().join("&")
}
