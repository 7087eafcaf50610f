//! What is refused, and by which name.

use support::filling::{Call, Extent, Spot};
use wechatpay::{Builder, Error, Response, Value, json};
use wechatpay_catalog::{Kind, Place, catalog};
use wechatpay_sandbox::Sandbox;

use crate::exception;
use crate::report::Report;
use crate::sides::{Sides, Verdict, verdict};

#[test]
fn every_operation_refuses_what_is_missing_or_wrong() {
    let sides = Sides::new();
    let report = Report::of_each(|operation, report| {
        if exception(operation).is_some() {
            return;
        }
        // At every depth: what is required in something that is not, too.
        let call = sides.sealed(&sides.fill(operation, Extent::Whole));
        for spot in call.spots() {
            let alternatives = alternatives(&call, &spot);
            if alternatives.first().is_some_and(|first| first.pointer != spot.pointer) {
                report.count("in the place of another");
            } else if spot.field.is_required() || spot.place == Place::Path {
                let without = alternatives
                    .iter()
                    .fold(call.with(&spot, Value::Null), |call, other| call.with(other, Value::Null));
                refused(&sides, report, &without, &spot, "missing");
            }
            if let Some(wrong) = of_wrong_type(&spot) {
                refused(&sides, report, &call.with(&spot, wrong), &spot, "wrong type");
            }
            if let Some(wrong) = not_allowed(&spot) {
                refused(&sides, report, &call.with(&spot, wrong), &spot, "wrong value");
            }
            report.count("parameters");
        }
    });
    report.end(&[
        ("operations", 1_154),
        ("parameters", 10_900),
        ("missing", 5_100),
        ("wrong type", 8_400),
        ("wrong value", 720),
        ("not sent", 800),
    ]);
}

/// What names the same payment, refund or user in APIv2. Many of its pages require both, and mean that one of them is needed; a
/// refund is found by the numbers of its payment, too.
const ALTERNATIVES: [[&str; 2]; 3] =
    [["transaction_id", "out_trade_no"], ["refund_id", "out_refund_no"], ["openid", "sub_openid"]];

/// The fields of which one is enough, if this is one of them.
fn alternatives(call: &Call, spot: &Spot) -> Vec<Spot> {
    let required = call.operation.parameters(Place::Xml);
    let is_required = |name: &&str| required.get(name).is_some_and(|field| field.is_required());
    let pairs = ALTERNATIVES.iter().filter(|pair| pair.iter().all(is_required));
    let names: Vec<String> = pairs.flatten().map(|name| format!("/xml/{name}")).collect();
    let spots = call.spots().into_iter().filter(|other| names.contains(&other.pointer));
    if names.contains(&spot.pointer) { spots.collect() } else { Vec::new() }
}

fn refused(sides: &Sides, report: &Report, call: &Call, spot: &Spot, what: &'static str) {
    match verdict(call.operation, sides.send(call), spot) {
        Verdict::Refused => report.count(what),
        Verdict::NotSent => report.count("not sent"),
        Verdict::Unlike(problem) => report.problem(call.operation, format!("{what}: {}: {problem}", spot.pointer)),
    }
}

/// A value that is not of the type of a field; `None` where all values are texts and a text, or a list of them, is due.
fn of_wrong_type(spot: &Spot) -> Option<Value> {
    let are_texts = spot.place != Place::Json && !spot.is_in_json;
    let is_any_text = spot.field.kind() == Kind::String && !spot.field.is_json_text();
    match spot.field.kind() {
        Kind::File => None,
        _ if are_texts && (is_any_text || spot.field.is_list()) => None,
        _ if is_any_text && !spot.field.is_list() => Some(json!(5)),
        _ => Some(json!("no such type")),
    }
}

/// A value that is not among the documented ones. A list among texts may be written in any way.
fn not_allowed(spot: &Spot) -> Option<Value> {
    if spot.field.allowed().is_empty() || (spot.place != Place::Json && spot.field.is_list()) {
        return None;
    }
    let value = if spot.field.kind() == Kind::String { json!("NO_SUCH_VALUE") } else { json!(987_654) };
    Some(if spot.field.is_list() { json!([value]) } else { value })
}

/// That it is accepted when the client encrypts it is part of what is answered.
#[test]
fn every_sensitive_field_is_refused_in_plain_text_and_without_the_name_of_its_key() {
    let sides = Sides::new();
    let report = Report::of_each(|operation, report| {
        let plain = sides.fill(operation, Extent::Sensitive);
        let sealed = sides.sealed(&plain);
        let spots: Vec<Spot> = plain.spots().into_iter().filter(Spot::is_sensitive).collect();
        for spot in &spots {
            let value = plain.given.pointer(&spot.pointer).unwrap().clone();
            refused(&sides, report, &sealed.with(spot, value), spot, "plain text");
        }
        if !spots.is_empty() && !operation.is_apiv2() {
            match sides.send_nameless(&sealed) {
                Err(error) if field(&error) == "Wechatpay-Serial" => report.count("without the serial"),
                other => report.problem(operation, format!("without Wechatpay-Serial: {other:?}")),
            }
        }
    });
    report.end(&[("operations", 1_154), ("plain text", 290), ("without the serial", 116)]);
}

/// The field that a refusal of status 400 names.
fn field(error: &Error) -> String {
    let response = error.response().filter(|response| response.status().as_u16() == 400);
    let refusal = response.and_then(|response| response.json().ok()).unwrap_or_default();
    refusal["detail"]["field"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn the_wrong_place_the_wrong_method_and_an_unknown_path_are_refused() {
    let sandbox = Sandbox::start().unwrap();
    let instance = Builder::factory(sandbox.config()).unwrap();
    let query = instance.chain("v3/pay/transactions/out-trade-no/{out_trade_no}");
    let number = json!({ "out_trade_no": "1217752501201407033233368018" });

    // What belongs to the query, in a header or in the body.
    for place in ["headers", "json"] {
        let mut call = number.clone();
        call[place] = json!({ "mchid": sandbox.mchid() });
        assert_eq!(field(&query.get(call).unwrap_err()), "mchid", "{place}");
    }
    // What belongs into an object, beside it.
    let order = json!({
        "appid": "wx8888888888888888", "mchid": sandbox.mchid(), "description": "咖啡", "out_trade_no": "A1",
        "notify_url": "https://example.com/notify", "total": 1, "amount": {},
    });
    let native = instance.chain("v3/pay/transactions/native");
    assert_eq!(field(&native.post(json!({ "json": order })).unwrap_err()), "/body/amount/total");
    assert_eq!(field(&native.post(json!({ "query": order })).unwrap_err()), "/body/appid");

    let status =
        |result: Result<Response, Error>| result.unwrap_err().response().map(|answer| answer.status().as_u16());
    let mut paths = 0;
    for operation in catalog().operations().filter(|operation| !operation.is_apiv2()).step_by(40) {
        let template = operation.template();
        let has = |method: &str| catalog().operations_at(template).iter().any(|other| other.method() == method);
        let path = template.replace(['{', '}'], "0");
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"].into_iter().filter(|method| !has(method)) {
            let called = instance.chain(path.as_str()).request(method, ());
            assert_eq!(status(called), Some(405), "{method} {path}");
        }
        paths += 1;
    }
    assert!(paths > 20);

    let error = instance.chain("v3/pay/transaction/natvie").post(json!({ "json": {} })).unwrap_err();
    assert!(error.to_string().contains("POST v3/pay/transactions/native"), "{error}");
    assert_eq!(status(Err(error)), Some(404));
}
