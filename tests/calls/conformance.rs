//! What the PHP SDK sends, we send: every documented call of APIv3, as recorded from the real SDK, in all
//! six forms, compared where it arrives.

use std::collections::HashSet;
use std::fs;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use support::folder::Folder;
use support::gateway::{Arrival, BODY, Gateway, STATEMENT};
use support::keys::{Keys, verify};
use support::platform::MERCHANT_SERIAL;
use support::records::{
    FORMS, Form, SLIPS, check_headers, check_json, check_length, check_target, same, text, with_platform_key,
};
use support::shared::shared;
use wechatpay::{Chain, Error, Options, Outcome, Promise, Response};

const IN_ORDER: bool = cfg!(feature = "preserve-order");

const HOSTS: [&str; 2] = ["api.mch.weixin.qq.com", "apihk.mch.weixin.qq.com"];

/// What came of all records in one form.
#[derive(Default)]
struct Tally {
    refused: usize,
    arrived: usize,
    connections: usize,
    failures: Vec<String>,
}

#[test]
fn every_recorded_call_arrives_as_php_sends_it_in_all_six_forms() {
    let Some(records) = shared("conformance/requests.v3.jsonl") else { return };
    let records: Vec<Value> = records.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records.len(), 691, "the recordings changed");

    let folder = Folder::new("conformance");
    let keys = Arc::new(Keys::make(folder.path(), &HOSTS));
    let nonces = Mutex::new(HashSet::new());
    let tallies: Vec<Tally> = std::thread::scope(|scope| {
        let (records, keys, nonces) = (&records, &keys, &nonces);
        let threads = FORMS.map(|form| scope.spawn(move || run(form, records, keys, nonces)));
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });

    let failures: Vec<_> = tallies.iter().flat_map(|tally| &tally.failures).collect();
    assert!(
        failures.is_empty(),
        "{} differences, the first of them:\n{:#?}",
        failures.len(),
        &failures[..failures.len().min(12)]
    );
    for (form, tally) in FORMS.iter().zip(&tallies) {
        assert_eq!(tally.refused, SLIPS.len(), "{form:?}");
        assert_eq!(tally.arrived, records.len() - SLIPS.len(), "{form:?}");
        // One for each of the two hosts; on a slow machine one may have been idle for too long.
        assert!(tally.connections <= 20, "{form:?}: {} connections for {} calls", tally.connections, tally.arrived);
    }
    assert_eq!(tallies.iter().map(|tally| tally.arrived).sum::<usize>(), (691 - 6) * 6);
    assert_eq!(nonces.lock().unwrap().len(), (691 - 6) * 6, "a nonce was used twice");
}

fn run(form: Form, records: &[Value], keys: &Arc<Keys>, nonces: &Mutex<HashSet<String>>) -> Tally {
    let gateway = Gateway::start(keys);
    let mchid = text(&records[0], "mchid");
    let instance = gateway.instance(mchid);
    let mut tally = Tally::default();
    for record in records {
        assert_eq!(text(record, "mchid"), mchid, "all records are of one merchant");
        let slip = SLIPS.iter().find(|(id, _)| *id == text(record, "id"));
        let result = match slip {
            Some((_, names)) => check_refusal(form.call(&instance, record, options(record)), names),
            None => check_call(form, &instance, record),
        };
        let arrivals = gateway.take();
        tally.arrived += arrivals.len();
        tally.refused += usize::from(slip.is_some() && arrivals.is_empty());
        let result = result.and_then(|()| match (slip, arrivals.as_slice()) {
            (Some(_), []) => Ok(()),
            (None, [arrival]) => check_arrival(record, arrival, keys, nonces),
            (_, arrivals) => Err(format!("{} requests arrived", arrivals.len())),
        });
        if let Err(what) = result {
            tally.failures.push(format!("{} {form:?}: {what}", record["id"]));
        }
    }
    tally.connections = gateway.connections();
    tally
}

/// The call succeeds, and an answer that was to go into a file is there and nothing beside it.
fn check_call(form: Form, instance: &Chain, record: &Value) -> Result<(), String> {
    let Some(sink) = record["options"].get("sink") else {
        let response = form.call(instance, record, options(record)).map_err(|error| error.to_string())?;
        return same("the answer", &*response.text(), BODY);
    };
    let folder = Folder::new("sink");
    let name = sink.as_str().unwrap().trim_start_matches("./");
    let mut options = record["options"].clone();
    options["sink"] = json!(folder.file(name));
    let response = form.call(instance, record, options.into()).map_err(|error| error.to_string())?;
    same("the answer in memory", response.body(), b"")?;
    same("the files", folder.names(), vec![name.to_owned()])?;
    let expected = if name.ends_with(".csv.gz") { STATEMENT } else { BODY };
    same("the file", fs::read(folder.file(name)).unwrap(), expected.as_bytes().to_vec())
}

fn check_refusal(result: wechatpay::Result<Response>, names: &[&str]) -> Result<(), String> {
    let Err(error) = result else { return Err("a slip of the documentation was sent".into()) };
    same("the outcome", error.outcome(), Outcome::NotSent)?;
    let Error::Options(message) = &error else { return Err(format!("another error: {error:?}")) };
    // The template, which the message repeats, does not count.
    let named = names.iter().all(|name| message.contains(&format!("the variable `{name}` has no value")));
    if named { Ok(()) } else { Err(format!("the message does not name {names:?}: {message}")) }
}

fn check_arrival(
    record: &Value,
    arrival: &Arrival,
    keys: &Keys,
    nonces: &Mutex<HashSet<String>>,
) -> Result<(), String> {
    let request = &record["request"];
    let host = text(request, "host");
    same("the scheme", "https", text(request, "scheme"))?;
    same("the authority", arrival.authority.as_str(), format!("{host}:443").as_str())?;
    same("the server name", arrival.server_name.as_deref(), Some(host))?;
    same("the host", arrival.all("host"), vec![host])?;
    same("the method", arrival.method.as_str(), text(request, "method"))?;
    check_target(&arrival.target, text(request, "target"), IN_ORDER)?;
    check_headers(arrival, &with_platform_key(request))?;
    check_length(arrival)?;
    check_json(&arrival.body, text(request, "body"), IN_ORDER)?;
    check_authorization(arrival, text(record, "mchid"), keys, nonces)
}

/// Verified by OpenSSL with the merchant's public key, over the bytes that arrived.
fn check_authorization(
    arrival: &Arrival,
    mchid: &str,
    keys: &Keys,
    nonces: &Mutex<HashSet<String>>,
) -> Result<(), String> {
    let values = arrival.all("authorization");
    let [value] = values[..] else { return Err(format!("Authorization is {values:?}")) };
    let wrong = |what: &str| Err(format!("Authorization: {what}: {value}"));
    let Some(fields) = value.strip_prefix("WECHATPAY2-SHA256-RSA2048 ") else { return wrong("another scheme") };
    let mut pairs = Vec::new();
    for field in fields.split(',') {
        match field
            .split_once('=')
            .map(|(name, value)| (name, value.strip_prefix('"').and_then(|v| v.strip_suffix('"'))))
        {
            Some((name, Some(value))) => pairs.push((name, value)),
            _ => return wrong("not name=\"value\""),
        }
    }
    let names: Vec<_> = pairs.iter().map(|(name, _)| *name).collect();
    same("the fields", names, vec!["mchid", "serial_no", "timestamp", "nonce_str", "signature"])?;
    let [(_, id), (_, serial), (_, timestamp), (_, nonce), (_, signature)] = pairs[..] else { unreachable!() };
    same("mchid", id, mchid)?;
    same("serial_no", serial, MERCHANT_SERIAL)?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    if !timestamp.parse::<u64>().is_ok_and(|seconds| seconds.abs_diff(now) < 60) {
        return wrong("the time of day is another");
    }
    if nonce.len() != 32 || !nonce.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return wrong("the nonce is not 32 letters and digits");
    }
    if !nonces.lock().unwrap().insert(nonce.to_owned()) {
        return wrong("the nonce was used before");
    }
    let mut message = format!("{}\n{}\n{timestamp}\n{nonce}\n", arrival.method, arrival.target).into_bytes();
    message.extend_from_slice(&arrival.body);
    message.push(b'\n');
    if verify(&message, signature, &keys.merchant_public) { Ok(()) } else { wrong("the signature does not hold") }
}

/// Only a server whose certificate comes from the given authority, and bears the name that is called, is
/// spoken to.
#[test]
fn proxy_and_verify_hold_for_the_instance_and_for_a_call() {
    let folder = Folder::new("verify");
    let keys = Arc::new(Keys::make(folder.path(), &HOSTS));
    let gateway = Gateway::start(&keys);
    let path = "v3/certificates";
    let refused = |result: wechatpay::Result<Response>| {
        let error = result.unwrap_err();
        assert!(matches!(error, Error::Connection(_)), "{error:?}");
        assert_eq!(error.outcome(), Outcome::NotSent, "{error:?}");
        assert!(gateway.take().is_empty());
    };

    let trusting = gateway.instance("1230000109");
    trusting.chain(path).get(()).unwrap();
    assert_eq!(gateway.take().len(), 1);
    // The certificate is not for this host.
    refused(trusting.chain(path).get(json!({ "base_uri": "https://api2.mch.weixin.qq.com/" })));

    // The system's authorities do not know ours.
    let stranger = gateway.config("1230000109").build().unwrap();
    refused(stranger.chain(path).get(json!({ "proxy": gateway.proxy() })));
    stranger.chain(path).get(json!({ "proxy": gateway.proxy(), "verify": keys.authority })).unwrap();
    assert_eq!(gateway.take().len(), 1);
    stranger.chain(path).get(json!({ "proxy": gateway.proxy(), "verify": false })).unwrap();
    assert_eq!(gateway.take().len(), 1);
    // And what one call trusted, the next does not.
    refused(stranger.chain(path).get(json!({ "proxy": gateway.proxy() })));
}

/// Many calls at once: each promise gets an answer, and what arrives is as many requests, each signed anew.
#[test]
fn promises_run_side_by_side() {
    let folder = Folder::new("promises");
    let keys = Arc::new(Keys::make(folder.path(), &HOSTS));
    let gateway = Gateway::start(&keys);
    let instance = gateway.instance("1230000109");
    let chain = instance.chain("v3/pay/transactions/native");
    let promises: Vec<Promise<Response>> =
        (0..40).map(|number| chain.post_async(json!({ "json": { "out_trade_no": number } }))).collect();
    for promise in promises {
        assert_eq!(promise.wait().unwrap().text(), BODY);
    }
    let nonces = Mutex::default();
    let mut numbers = HashSet::new();
    for arrival in gateway.take() {
        check_authorization(&arrival, "1230000109", &keys, &nonces).unwrap();
        let body: Value = serde_json::from_slice(&arrival.body).unwrap();
        numbers.insert(body["out_trade_no"].as_u64().unwrap());
    }
    assert_eq!(numbers, (0..40).collect());
}

fn options(record: &Value) -> Options {
    record["options"].clone().into()
}
