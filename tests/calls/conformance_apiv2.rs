//! What the PHP SDK sends, we send: every documented call of APIv2, as recorded from the real SDK, in all six
//! forms, compared where it arrives.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use serde_json::{Value, json};
use support::folder::Folder;
use support::gateway::{Arrival, Gateway, STATEMENT};
use support::keys::Keys;
use support::platform::{APIV2_BODY, APIV2_KEY};
use support::records::{FORMS, Form, NONCE, check_headers, check_length, check_target, check_xml, same, text};
use support::shared::shared;
use wechatpay::{Builder, Chain};

const HOSTS: [&str; 2] = ["api.mch.weixin.qq.com", "fraud.mch.weixin.qq.com"];

const IN_ORDER: bool = cfg!(feature = "preserve-order");

#[test]
fn every_recorded_call_arrives_as_php_sends_it_in_all_six_forms() {
    let Some(records) = shared("conformance/requests.v2.jsonl") else { return };
    let records: Vec<Value> = records.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records.len(), 81, "the recordings changed");

    let folder = Folder::new("conformance-apiv2");
    let keys = Arc::new(Keys::make(folder.path(), &HOSTS));
    let gateway = Gateway::start(&keys);
    let mut merchants = BTreeMap::new();
    let (mut failures, mut arrived) = (Vec::new(), 0);
    for record in &records {
        let mchid = text(record, "mchid");
        let instance = merchants.entry(mchid).or_insert_with(|| instance(&gateway, &keys, mchid));
        for form in FORMS {
            let called = check_call(form, instance, record);
            let arrivals = gateway.take();
            arrived += arrivals.len();
            let result = called.and_then(|()| match arrivals.as_slice() {
                [arrival] => check_arrival(record, arrival),
                arrivals => Err(format!("{} requests arrived", arrivals.len())),
            });
            if let Err(what) = result {
                failures.push(format!("{} {form:?}: {what}", record["id"]));
            }
        }
    }
    let some = &failures[..failures.len().min(12)];
    assert!(failures.is_empty(), "{} differences, the first of them:\n{some:#?}", failures.len());
    assert_eq!(arrived, 81 * 6);
    // Those that show the certificate keep their connections too.
    assert!(gateway.connections() <= 8 * merchants.len(), "{} connections", gateway.connections());
}

/// APIv2 alone: no serial, no private key, no platform keys.
fn instance(gateway: &Gateway, keys: &Keys, mchid: &str) -> Chain {
    Builder::factory(json!({
        "mchid": mchid,
        "secret": APIV2_KEY,
        "merchant": { "cert": keys.merchant_certificate, "key": keys.merchant_pem() },
        "proxy": gateway.proxy(),
        "verify": keys.authority,
    }))
    .unwrap()
}

fn check_call(form: Form, instance: &Chain, record: &Value) -> Result<(), String> {
    let mut options = record["options"].clone();
    // The nonce goes into the data first, and so to the place where PHP puts it.
    if options.get("nonceless").is_none() {
        options["xml"]["nonce_str"] = NONCE.into();
    }
    let folder = Folder::new("sink-apiv2");
    let sink = options.get("sink").map(|sink| sink.as_str().unwrap().trim_start_matches("./").to_owned());
    if let Some(name) = &sink {
        options["sink"] = json!(folder.file(name));
    }
    // The time it was given is too short for a machine at work.
    if options.get("timeout").is_some() {
        options["timeout"] = json!(20);
    }
    let response = form.call(instance, record, options.into()).map_err(|error| error.to_string())?;
    match sink {
        None => same("the answer", &*response.text(), APIV2_BODY),
        Some(name) => same("the file", fs::read_to_string(folder.file(&name)).unwrap().as_str(), STATEMENT),
    }
}

fn check_arrival(record: &Value, arrival: &Arrival) -> Result<(), String> {
    let request = &record["request"];
    let host = text(request, "host");
    same("the authority", arrival.authority.as_str(), format!("{host}:443").as_str())?;
    same("the method", arrival.method.as_str(), text(request, "method"))?;
    check_target(&arrival.target, text(request, "target"), IN_ORDER)?;
    check_headers(arrival, request)?;
    check_length(arrival)?;
    let shows_certificate = record["options"].get("security").is_some();
    same("the certificate", arrival.client_certificate.as_deref(), shows_certificate.then_some("07"))?;
    check_xml(&arrival.body, text(request, "body"), IN_ORDER)
}
