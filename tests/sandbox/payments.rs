//! Orders and refunds at the sandbox, by both protocols, and the ledger. Field names, statuses and codes are
//! those of the platform's documentation.

use std::collections::HashSet;

use openssl::sha::sha256;
use wechatpay::{Builder, Chain, Credentials, Error, MediaUtil, Options, Outcome, Promise, Response, Value, json};
use wechatpay_sandbox::{Effect, Entry, Sandbox};

const REFUNDS: &str = "v3/refund/domestic/refunds";
const NATIVE: &str = "v3/pay/transactions/native";
const OPENID: &str = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o-of-the-order";
const MCHID: &str = "1900000109";

fn start() -> (Sandbox, Chain) {
    with(Sandbox::start().unwrap())
}

/// With the certificate that refunds of APIv2 demand.
fn start_tls() -> (Sandbox, Chain) {
    with(Sandbox::start_tls().unwrap())
}

fn with(sandbox: Sandbox) -> (Sandbox, Chain) {
    let instance = Builder::factory(sandbox.config()).unwrap();
    (sandbox, instance)
}

fn order(number: &str) -> Value {
    json!({
        "appid": "wxd678efh567hg6787",
        "mchid": MCHID,
        "description": "Image形象店-深圳腾大-QQ公仔",
        "out_trade_no": number,
        "attach": "自定义数据 & more",
        "notify_url": "https://example.com/notify",
        "amount": { "total": 100, "currency": "CNY" },
    })
}

fn refund(order: &str, number: &str, fee: i64) -> Value {
    json!({
        "out_trade_no": order,
        "out_refund_no": number,
        "reason": "商品已售完",
        "amount": { "refund": fee, "total": 100, "currency": "CNY" },
    })
}

/// The same with other values; a name as `/amount/total` is a pointer, null takes the field away.
fn changed(mut json: Value, changes: &[(&str, Value)]) -> Value {
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = json.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        parent.remove(name);
        if !value.is_null() {
            parent.insert((*name).into(), value.clone());
        }
    }
    json
}

fn post(instance: &Chain, path: &str, json: &Value) -> Result<Response, Error> {
    instance.chain(path).post(json!({ "json": json }))
}

fn posted(instance: &Chain, path: &str, json: &Value) -> Value {
    post(instance, path, json).unwrap().json().unwrap()
}

fn query(instance: &Chain, number: &str) -> Result<Response, Error> {
    let options = json!({ "out_trade_no": number, "query": { "mchid": MCHID } });
    instance.chain("v3/pay/transactions/out-trade-no/{out_trade_no}").get(options)
}

fn queried(instance: &Chain, number: &str) -> Value {
    query(instance, number).unwrap().json().unwrap()
}

fn query_by_id(instance: &Chain, id: &str) -> Result<Response, Error> {
    instance.chain("v3/pay/transactions/id/{id}").get(json!({ "id": id, "query": { "mchid": MCHID } }))
}

fn close(instance: &Chain, number: &str) -> Result<Response, Error> {
    let options = json!({ "out_trade_no": number, "json": { "mchid": MCHID } });
    instance.chain("v3/pay/transactions/out-trade-no/{out_trade_no}/close").post(options)
}

fn query_refund(instance: &Chain, number: &str) -> Result<Response, Error> {
    instance.chain("v3/refund/domestic/refunds/{number}").get(json!({ "number": number }))
}

/// Status and code of a refusal.
fn refused(result: Result<Response, Error>) -> (u16, String) {
    let error = result.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Rejected, "{error:?}");
    let status = error.response().unwrap().status().as_u16();
    (status, error.code().unwrap().to_owned())
}

/// The field that a refusal names.
fn field(result: Result<Response, Error>) -> String {
    match result.unwrap_err() {
        Error::Client(error) => {
            assert_eq!((error.response().status().as_u16(), error.code()), (400, Some("PARAM_ERROR")), "{error:?}");
            error.detail().unwrap()["field"].as_str().unwrap().to_owned()
        }
        other => panic!("{other:?}"),
    }
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// A call of APIv2, with what every call says.
fn call_v2(instance: &Chain, path: &str, fields: Value) -> Result<Value, Error> {
    let mut xml = json!({ "appid": "wxd678efh567hg6787", "mch_id": MCHID });
    for (name, value) in fields.as_object().unwrap() {
        xml[name] = value.clone();
    }
    let is_secured = path.starts_with("v2/secapi") || path.starts_with("v2/mmpaymkttransfers");
    instance.chain(path).post(json!({ "security": is_secured, "xml": xml }))?.xml()
}

fn order_v2(number: &str) -> Value {
    json!({
        "body": "coffee", "out_trade_no": number, "total_fee": 100, "spbill_create_ip": "127.0.0.1",
        "notify_url": "https://example.com/notify", "trade_type": "NATIVE", "product_id": "1", "attach": "a",
    })
}

fn refund_v2(order: &str, number: &str, fee: i64) -> Value {
    json!({ "out_trade_no": order, "out_refund_no": number, "total_fee": 100, "refund_fee": fee })
}

fn code_v2(result: Result<Value, Error>) -> String {
    result.unwrap_err().code().unwrap().to_owned()
}

/// Effects with their names and amounts.
fn effects(sandbox: &Sandbox) -> Vec<(Effect, String, Option<u64>)> {
    let entry = |entry: &Entry| (entry.effect(), entry.name().to_owned(), entry.amount());
    sandbox.ledger().iter().map(entry).collect()
}

fn effect(effect: Effect, name: &str, amount: impl Into<Option<u64>>) -> (Effect, String, Option<u64>) {
    (effect, name.to_owned(), amount.into())
}

// ---------------------------------------------------------------- placing

#[test]
fn each_way_to_pay_has_its_answer_and_the_same_again() {
    let (sandbox, instance) = start();
    for (kind, name, start, trade_type) in [
        ("native", "code_url", "weixin://wxpay/bizpayurl", "NATIVE"),
        ("jsapi", "prepay_id", "wx", "JSAPI"),
        ("h5", "h5_url", "https://wx.tenpay.com/cgi-bin/mmpayweb-bin/checkmweb?prepay_id=wx", "MWEB"),
        ("app", "prepay_id", "wx", "APP"),
    ] {
        let number = format!("order-{kind}");
        let mut order = order(&number);
        match kind {
            "jsapi" => order["payer"] = json!({ "openid": OPENID }),
            "h5" => order["scene_info"] = json!({ "payer_client_ip": "1.2.3.4", "h5_info": { "type": "Wap" } }),
            _ => {}
        }
        let path = format!("v3/pay/transactions/{kind}");
        let placed = posted(&instance, &path, &order);
        assert!(placed[name].as_str().unwrap().starts_with(start), "{placed}");
        assert_eq!(placed.as_object().unwrap().len(), 1, "{placed}");
        assert_eq!(posted(&instance, &path, &order), placed);

        assert!(sandbox.pay(&number).is_some());
        let paid = queried(&instance, &number);
        assert_eq!(paid["trade_type"], trade_type);
        assert_eq!(paid["payer"]["openid"] == OPENID, kind == "jsapi", "{paid}");
    }
    assert_eq!(sandbox.ledger().len(), 8);
}

#[test]
fn each_field_of_an_order_is_checked() {
    let (sandbox, instance) = start();
    let place =
        |path: &str, changes: &[(&str, Value)]| field(post(&instance, path, &changed(order("order-1"), changes)));
    for name in ["/appid", "/mchid", "/description", "/out_trade_no", "/notify_url", "/amount", "/amount/total"] {
        let named = format!("/body{name}");
        assert_eq!(place(NATIVE, &[(name, Value::Null)]), named);
        assert_eq!(place(NATIVE, &[(name, json!(""))]), named);
    }
    for total in [json!(0), json!(-1), json!(1.5), json!("1"), json!(true), json!(u64::MAX), json!({})] {
        assert_eq!(place(NATIVE, &[("/amount/total", total.clone())]), "/body/amount/total", "{total}");
    }
    for number in ["12345", "123456789012345678901234567890123", "order 1", "order/1", "订单号", "order@1"] {
        assert_eq!(place(NATIVE, &[("/out_trade_no", json!(number))]), "/body/out_trade_no", "{number}");
    }
    assert_eq!(place(NATIVE, &[("/mchid", json!("1900000108"))]), "/body/mchid");
    assert_eq!(place(NATIVE, &[("/amount/currency", json!("USD"))]), "/body/amount/currency");
    for time in [json!("2026-12-21"), json!("2026-13-21T17:37:33+08:00"), json!(1), json!("")] {
        assert_eq!(place(NATIVE, &[("/time_expire", time.clone())]), "/body/time_expire", "{time}");
    }
    let (jsapi, h5) = ("v3/pay/transactions/jsapi", "v3/pay/transactions/h5");
    assert_eq!(place(jsapi, &[]), "/body/payer");
    assert_eq!(place(jsapi, &[("/payer", json!({ "openid": "" }))]), "/body/payer/openid");
    assert_eq!(place(jsapi, &[("/payer", json!("openid"))]), "/body/payer");
    assert_eq!(place(h5, &[]), "/body/scene_info");
    let scene = |scene: Value| place(h5, &[("/scene_info", scene)]);
    assert_eq!(scene(json!({ "payer_client_ip": "1.2.3.4" })), "/body/scene_info/h5_info/type");
    assert_eq!(scene(json!({ "h5_info": { "type": "Wap" } })), "/body/scene_info/payer_client_ip");

    assert_eq!(refused(query(&instance, "order-1")), is(404, "ORDER_NOT_EXIST"));
    assert!(sandbox.ledger().is_empty());
    for number in ["123456", "12345678901234567890123456789012", "Aa0_-|*"] {
        posted(&instance, NATIVE, &changed(order("x"), &[("/out_trade_no", json!(number))]));
    }
}

#[test]
fn a_number_names_one_order() {
    let (sandbox, instance) = start();
    posted(&instance, NATIVE, &order("order-1"));
    let other = |changes: &[(&str, Value)]| refused(post(&instance, NATIVE, &changed(order("order-1"), changes)));
    for changes in [
        [("/amount/total", json!(101))],
        [("/attach", json!("other"))],
        [("/description", json!("other"))],
        [("/time_expire", json!("2099-06-08T10:34:56+08:00"))],
    ] {
        assert_eq!(other(&changes), is(403, "OUT_TRADE_NO_USED"), "{changes:?}");
    }
    // The same content in another way to pay is another order, too.
    assert_eq!(refused(post(&instance, "v3/pay/transactions/app", &order("order-1"))), is(403, "OUT_TRADE_NO_USED"));

    sandbox.pay("order-1").unwrap();
    assert_eq!(refused(post(&instance, NATIVE, &order("order-1"))), is(400, "ORDERPAID"));
    posted(&instance, NATIVE, &order("order-2"));
    close(&instance, "order-2").unwrap();
    assert_eq!(refused(post(&instance, NATIVE, &order("order-2"))), is(400, "ORDER_CLOSED"));
    assert_eq!(sandbox.ledger().len(), 4);
}

// ---------------------------------------------------------------- what becomes of it

#[test]
fn an_order_is_told_as_it_is() {
    let (sandbox, instance) = start();
    posted(&instance, NATIVE, &order("order-1"));
    let mut expected = json!({
        "appid": "wxd678efh567hg6787", "mchid": MCHID, "out_trade_no": "order-1", "attach": "自定义数据 & more",
        "trade_state": "NOTPAY", "trade_state_desc": "订单未支付",
        "amount": { "total": 100, "currency": "CNY" },
    });
    assert_eq!(queried(&instance, "order-1"), expected);

    let id = sandbox.pay("order-1").unwrap();
    assert!((28..=32).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()), "{id}");
    assert_eq!(sandbox.pay("order-1").as_ref(), Some(&id));
    let paid = queried(&instance, "order-1");
    let time = paid["success_time"].as_str().unwrap();
    assert!(time.len() == 25 && time.ends_with("+08:00"), "{time}");
    for (name, value) in [
        ("trade_state", json!("SUCCESS")),
        ("trade_state_desc", json!("支付成功")),
        ("transaction_id", json!(id)),
        ("trade_type", json!("NATIVE")),
        ("bank_type", json!("OTHERS")),
        ("success_time", json!(time)),
        ("payer", json!({ "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" })),
        ("amount", json!({ "total": 100, "payer_total": 100, "currency": "CNY", "payer_currency": "CNY" })),
    ] {
        expected[name] = value;
    }
    assert_eq!(paid, expected);
    assert_eq!(query_by_id(&instance, &id).unwrap().json().unwrap(), expected);

    posted(&instance, REFUNDS, &refund("order-1", "refund-1", 1));
    expected["trade_state"] = json!("REFUND");
    expected["trade_state_desc"] = json!("订单发生过退款，退款详情请查询退款单");
    assert_eq!(queried(&instance, "order-1"), expected);

    // Nothing is said of what the order has not said.
    posted(&instance, NATIVE, &changed(order("order-2"), &[("/attach", Value::Null)]));
    assert_eq!(queried(&instance, "order-2").get("attach"), None);
}

#[test]
fn a_query_asks_for_an_order_of_its_merchant() {
    let (_sandbox, instance) = start();
    posted(&instance, NATIVE, &order("order-1"));
    assert_eq!(refused(query(&instance, "order-2")), is(404, "ORDER_NOT_EXIST"));
    assert_eq!(refused(query_by_id(&instance, "4200000000000000000000000000")), is(404, "ORDER_NOT_EXIST"));
    // The merchant's number is no transaction.
    assert_eq!(refused(query_by_id(&instance, "order-1")), is(404, "ORDER_NOT_EXIST"));
    for path in ["v3/pay/transactions/out-trade-no/order-1", "v3/pay/transactions/id/order-1"] {
        assert_eq!(field(instance.chain(path).get(())), "mchid");
        for mchid in ["", "1900000108"] {
            assert_eq!(field(instance.chain(path).get(json!({ "query": { "mchid": mchid } }))), "mchid");
        }
    }
}

#[test]
fn an_order_is_closed_once_and_only_before_it_is_paid() {
    let (sandbox, instance) = start();
    posted(&instance, NATIVE, &order("order-1"));
    for _ in 0..2 {
        let closed = close(&instance, "order-1").unwrap();
        assert_eq!((closed.status().as_u16(), closed.body()), (204, &b""[..]));
        assert_eq!(closed.header("content-type"), None);
    }
    assert_eq!(queried(&instance, "order-1")["trade_state"], "CLOSED");
    assert_eq!(sandbox.pay("order-1"), None);
    assert_eq!(refused(post(&instance, REFUNDS, &refund("order-1", "r", 1))), is(404, "RESOURCE_NOT_EXISTS"));

    posted(&instance, NATIVE, &order("order-2"));
    let path = "v3/pay/transactions/out-trade-no/order-2/close";
    assert_eq!(field(post(&instance, path, &json!({}))), "/body/mchid");
    assert_eq!(field(post(&instance, path, &json!({ "mchid": "1900000108" }))), "/body/mchid");
    sandbox.pay("order-2").unwrap();
    assert_eq!(refused(close(&instance, "order-2")), is(400, "ORDERPAID"));
    assert_eq!(queried(&instance, "order-2")["trade_state"], "SUCCESS");
    assert_eq!(refused(close(&instance, "order-3")), is(404, "ORDER_NOT_EXIST"));
    assert_eq!(
        effects(&sandbox),
        [
            effect(Effect::OrderPlaced, "order-1", 100),
            effect(Effect::OrderClosed, "order-1", None),
            effect(Effect::OrderPlaced, "order-2", 100),
            effect(Effect::OrderPaid, "order-2", 100),
        ]
    );
}

#[test]
fn an_order_is_not_paid_after_its_time() {
    let (sandbox, instance) = start_tls();
    for (number, time, is_late) in [
        ("order-1", "2018-06-08T10:34:56+08:00", true),
        ("order-2", "2018-06-08T02:34:56Z", true),
        ("order-3", "2099-06-08T10:34:56+08:00", false),
    ] {
        let order = changed(order(number), &[("/time_expire", json!(time))]);
        let placed = posted(&instance, NATIVE, &order);
        assert_eq!(sandbox.pay(number).is_none(), is_late, "{time}");
        let state = if is_late { "NOTPAY" } else { "SUCCESS" };
        assert_eq!(queried(&instance, number)["trade_state"], state);
        if is_late {
            assert_eq!(posted(&instance, NATIVE, &order), placed);
            assert_eq!(close(&instance, number).unwrap().status(), 204);
        }
    }
    for (number, time, is_late) in [("1", "20180608103456", true), ("2", "20990608103456", false)] {
        call_v2(&instance, "v2/pay/unifiedorder", changed(order_v2(number), &[("/time_expire", json!(time))])).unwrap();
        assert_eq!(sandbox.pay(number).is_none(), is_late, "{time}");
    }
    let wrong = changed(order_v2("3"), &[("/time_expire", json!("2018-06-08"))]);
    assert_eq!(code_v2(call_v2(&instance, "v2/pay/unifiedorder", wrong)), "PARAM_ERROR");
}

// ---------------------------------------------------------------- refunds

#[test]
fn a_refund_is_told_as_it_is_and_the_same_again() {
    let (sandbox, instance) = start();
    posted(&instance, NATIVE, &order("order-1"));
    let id = sandbox.pay("order-1").unwrap();
    let given = posted(&instance, REFUNDS, &refund("order-1", "refund_-|*@1", 60));
    let (refund_id, time) = (given["refund_id"].as_str().unwrap(), given["create_time"].as_str().unwrap());
    assert!(refund_id.len() == 29 && refund_id.bytes().all(|byte| byte.is_ascii_digit()), "{refund_id}");
    assert!(time.len() == 25 && time.ends_with("+08:00"), "{time}");
    assert_eq!(
        given,
        json!({
            "refund_id": refund_id, "out_refund_no": "refund_-|*@1", "transaction_id": id, "out_trade_no": "order-1",
            "channel": "ORIGINAL", "user_received_account": "支付用户零钱", "status": "SUCCESS",
            "create_time": time, "success_time": time, "funds_account": "AVAILABLE",
            "amount": {
                "total": 100, "refund": 60, "payer_total": 100, "payer_refund": 60, "settlement_refund": 60,
                "settlement_total": 100, "discount_refund": 0, "currency": "CNY",
            },
        })
    );
    assert_eq!(query_refund(&instance, "refund_-|*@1").unwrap().json().unwrap(), given);
    assert_eq!(posted(&instance, REFUNDS, &refund("order-1", "refund_-|*@1", 60)), given);
    // The other name of the order.
    let by_id = changed(
        refund("order-1", "refund_-|*@1", 60),
        &[("/out_trade_no", Value::Null), ("/transaction_id", json!(id))],
    );
    assert_eq!(posted(&instance, REFUNDS, &by_id), given);
    let rest = changed(by_id, &[("/out_refund_no", json!("refund-2")), ("/amount/refund", json!(40))]);
    assert_ne!(posted(&instance, REFUNDS, &rest)["refund_id"], given["refund_id"]);
    assert_eq!(
        effects(&sandbox)[2..],
        [effect(Effect::OrderRefunded, "refund_-|*@1", 60), effect(Effect::OrderRefunded, "refund-2", 40)]
    );
}

#[test]
fn a_refund_must_fit_its_order() {
    let (sandbox, instance) = start();
    for number in ["order-1", "order-2", "order-3"] {
        posted(&instance, NATIVE, &order(number));
    }
    let refuse = |refund: Value| refused(post(&instance, REFUNDS, &refund));
    assert_eq!(refuse(refund("order-4", "refund-1", 1)), is(404, "RESOURCE_NOT_EXISTS"));
    assert_eq!(refuse(refund("order-1", "refund-1", 1)), is(404, "RESOURCE_NOT_EXISTS"));
    let id = sandbox.pay("order-1").unwrap();
    sandbox.pay("order-2").unwrap();
    let before = sandbox.ledger().len();

    let invalid = is(400, "INVALID_REQUEST");
    assert_eq!(refuse(refund("order-1", "refund-1", 101)), invalid);
    assert_eq!(refuse(refund("order-1", "refund-1", i64::MAX)), invalid);
    for total in [99, 101] {
        let refund = changed(refund("order-1", "refund-1", 1), &[("/amount/total", json!(total))]);
        assert_eq!(refuse(refund), invalid, "{total}");
    }
    // Two names of two orders.
    assert_eq!(refuse(changed(refund("order-2", "refund-1", 1), &[("/transaction_id", json!(id))])), invalid);
    let unknown = changed(refund("order-1", "refund-1", 1), &[("/transaction_id", json!("42"))]);
    assert_eq!(refuse(unknown), is(404, "RESOURCE_NOT_EXISTS"));
    assert_eq!(refused(query_refund(&instance, "refund-1")), is(404, "RESOURCE_NOT_EXISTS"));
    assert_eq!(queried(&instance, "order-1")["trade_state"], "SUCCESS");
    assert_eq!(sandbox.ledger().len(), before);

    posted(&instance, REFUNDS, &refund("order-1", "refund-1", 60));
    // The number was used for another amount, and for another order.
    assert_eq!(refuse(refund("order-1", "refund-1", 40)), invalid);
    assert_eq!(refuse(refund("order-2", "refund-1", 60)), invalid);
    // More than what is left.
    assert_eq!(refuse(refund("order-1", "refund-2", 41)), invalid);
    posted(&instance, REFUNDS, &refund("order-1", "refund-2", 40));
    assert_eq!(refuse(refund("order-1", "refund-3", 1)), invalid);
    assert_eq!(sandbox.ledger().len(), before + 2);
}

#[test]
fn each_field_of_a_refund_is_checked() {
    let (sandbox, instance) = start();
    posted(&instance, NATIVE, &order("order-1"));
    sandbox.pay("order-1").unwrap();
    let wrong =
        |changes: &[(&str, Value)]| field(post(&instance, REFUNDS, &changed(refund("order-1", "r", 1), changes)));
    for name in ["/out_trade_no", "/out_refund_no", "/amount/refund", "/amount/total", "/amount/currency"] {
        assert_eq!(wrong(&[(name, Value::Null)]), format!("/body{name}"));
        assert_eq!(wrong(&[(name, json!(""))]), format!("/body{name}"));
    }
    for fee in [json!(0), json!(-1), json!(0.5), json!("1")] {
        assert_eq!(wrong(&[("/amount/refund", fee.clone())]), "/body/amount/refund", "{fee}");
    }
    assert_eq!(wrong(&[("/amount/currency", json!("USD"))]), "/body/amount/currency");
    for number in ["r".repeat(65), "r 1".into(), "退款".into()] {
        assert_eq!(wrong(&[("/out_refund_no", json!(number))]), "/body/out_refund_no", "{number}");
    }
    posted(&instance, REFUNDS, &refund("order-1", &"r".repeat(64), 1));
}

#[test]
fn other_methods_are_not_allowed() {
    let (sandbox, instance) = start();
    for (method, path, allowed) in [
        ("GET", NATIVE, "POST"),
        ("POST", "v3/pay/transactions/id/1", "GET"),
        ("GET", "v3/pay/transactions/out-trade-no/order-1/close", "POST"),
        ("GET", REFUNDS, "POST"),
        ("DELETE", "v3/refund/domestic/refunds/refund-1", "GET"),
    ] {
        let answer = instance.chain(path).request(method, json!({ "http_errors": false })).unwrap();
        assert_eq!((answer.status().as_u16(), answer.header("allow")), (405, Some(allowed)), "{path}");
    }
    assert!(sandbox.ledger().is_empty());
}

// ---------------------------------------------------------------- both protocols

#[test]
fn both_protocols_see_one_order() {
    let (sandbox, instance) = start_tls();
    let query_v2 = |number: &str| call_v2(&instance, "v2/pay/orderquery", json!({ "out_trade_no": number })).unwrap();
    let refund_v2 =
        |order: &str, number: &str, fee| call_v2(&instance, "v2/secapi/pay/refund", refund_v2(order, number, fee));
    // Placed by APIv3, seen and refunded by APIv2.
    posted(&instance, NATIVE, &order("order-1"));
    assert_eq!(code_v2(call_v2(&instance, "v2/pay/unifiedorder", order_v2("order-1"))), "OUT_TRADE_NO_USED");
    assert_eq!(query_v2("order-1")["trade_state"], "NOTPAY");
    assert_eq!(code_v2(refund_v2("order-1", "refund-1", 1)), "INVALID_REQUEST");
    let id = sandbox.pay("order-1").unwrap();
    let seen = query_v2("order-1");
    for (name, value) in [
        ("trade_state", "SUCCESS"),
        ("transaction_id", id.as_str()),
        ("trade_type", "NATIVE"),
        ("total_fee", "100"),
        ("attach", "自定义数据 & more"),
    ] {
        assert_eq!(seen[name], value);
    }
    assert_eq!(code_v2(call_v2(&instance, "v2/pay/closeorder", json!({ "out_trade_no": "order-1" }))), "ORDERPAID");
    let given = refund_v2("order-1", "refund-1", 60).unwrap();
    let seen = query_refund(&instance, "refund-1").unwrap().json().unwrap();
    assert_eq!((&seen["refund_id"], &seen["amount"]["refund"]), (&given["refund_id"], &json!(60)));
    assert_eq!(posted(&instance, REFUNDS, &refund("order-1", "refund-1", 60)), seen);
    assert_eq!(refused(post(&instance, REFUNDS, &refund("order-1", "refund-2", 41))), is(400, "INVALID_REQUEST"));
    assert_eq!(queried(&instance, "order-1")["trade_state"], "REFUND");

    // The other way round.
    call_v2(&instance, "v2/pay/unifiedorder", order_v2("order-2")).unwrap();
    assert_eq!(refused(post(&instance, NATIVE, &order("order-2"))), is(403, "OUT_TRADE_NO_USED"));
    let id = sandbox.pay("order-2").unwrap();
    let seen = query_by_id(&instance, &id).unwrap().json().unwrap();
    assert_eq!((&seen["out_trade_no"], &seen["attach"]), (&json!("order-2"), &json!("a")));
    assert_eq!(seen["appid"], "wxd678efh567hg6787");
    let given = posted(&instance, REFUNDS, &refund("order-2", "refund-2", 60));
    assert_eq!(refund_v2("order-2", "refund-2", 60).unwrap()["refund_id"], given["refund_id"]);
    assert_eq!(code_v2(refund_v2("order-1", "refund-2", 1)), "REFUND_FEE_MISMATCH");
    assert_eq!(code_v2(refund_v2("order-2", "refund-3", 41)), "ERROR");

    // Closed by one, closed for the other.
    posted(&instance, NATIVE, &order("order-3"));
    call_v2(&instance, "v2/pay/closeorder", json!({ "out_trade_no": "order-3" })).unwrap();
    assert_eq!(refused(post(&instance, NATIVE, &order("order-3"))), is(400, "ORDER_CLOSED"));
    assert_eq!(close(&instance, "order-3").unwrap().status(), 204);
    call_v2(&instance, "v2/pay/unifiedorder", order_v2("order-4")).unwrap();
    close(&instance, "order-4").unwrap();
    assert_eq!(query_v2("order-4")["trade_state"], "CLOSED");
    assert_eq!(code_v2(call_v2(&instance, "v2/pay/closeorder", json!({ "out_trade_no": "order-4" }))), "ORDERCLOSED");

    let kinds: Vec<_> = sandbox.ledger().iter().map(Entry::effect).collect();
    use Effect::{OrderClosed, OrderPaid, OrderPlaced, OrderRefunded};
    assert_eq!(
        kinds,
        [
            [OrderPlaced, OrderPaid, OrderRefunded].as_slice(),
            &[OrderPlaced, OrderPaid, OrderRefunded],
            &[OrderPlaced, OrderClosed],
            &[OrderPlaced, OrderClosed],
        ]
        .concat()
    );
}

// ---------------------------------------------------------------- the ledger

#[test]
fn the_ledger_has_each_effect_once() {
    let (sandbox, instance) = start_tls();
    let withdrawal = json!({
        "mchid": MCHID, "stock_id": "1304490000000059", "appid": "wxd678efh567hg6787", "send_request_no": "send-1",
    });
    let coupon = json!({ "openid": OPENID, "stock_id": "1", "out_request_no": "request-1", "appid": "wx1" });
    let packet = |total: u32| {
        let fields = json!({
            "wxappid": "wx1", "mch_billno": "bill-1", "send_name": "a", "re_openid": OPENID, "total_amount": total,
            "total_num": 1, "wishing": "a", "client_ip": "127.0.0.1", "act_name": "a", "remark": "a",
        });
        call_v2(&instance, "v2/mmpaymkttransfers/sendredpack", fields)
    };
    for _ in 0..2 {
        let options = json!({ "openid": OPENID, "json": withdrawal });
        instance.chain("v3/marketing/withdraw-favor/users/{openid}/coupons").post(options).unwrap();
        posted(&instance, "v3/marketing/busifavor/coupons/send", &coupon);
        packet(100).unwrap();
    }
    // Other content under a number, and content that lacks something, is refused and leaves nothing.
    let busifavor = |changes: &[(&str, Value)]| {
        post(&instance, "v3/marketing/busifavor/coupons/send", &changed(coupon.clone(), changes))
    };
    assert_eq!(refused(busifavor(&[("/openid", json!("other"))])), is(400, "INVALID_REQUEST"));
    assert_eq!(field(busifavor(&[("/out_request_no", json!("request-2")), ("/appid", json!(""))])), "/body/appid");
    assert_eq!(packet(101).unwrap()["err_code"], "FATAL_ERROR");
    assert_eq!(
        effects(&sandbox),
        [
            effect(Effect::CouponSent, "send-1", 10_000),
            effect(Effect::CouponSent, "request-1", None),
            effect(Effect::RedPacketSent, "bill-1", 100),
        ]
    );
    let ledger = sandbox.ledger();
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs() as i64;
    assert!(ledger.iter().all(|entry| entry.mchid() == MCHID && entry.sha256().is_none()));
    assert!(ledger.iter().all(|entry| (now - 60..=now).contains(&entry.time())));
}

#[test]
fn the_ledger_has_uploads_and_calls_that_nobody_knows() {
    let (sandbox, instance) = with(crate::lenient());
    let hex = |bytes: &[u8]| sha256(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let content: &[u8] = b"\xff\xd8\xff an image";
    for path in
        ["v3/merchant/media/upload", "v3/marketing/favor/media/image-upload", "v3/merchant-service/images/upload"]
    {
        let media = MediaUtil::from_bytes("图 1.jpg", content.to_vec());
        instance.chain(path).post(Options::new().body(media)).unwrap();
    }
    let mut lying = MediaUtil::from_bytes("a.png", "content");
    lying.set_meta(json!({ "filename": "b.png", "sha256": hex(b"content") })).unwrap();
    refused(instance.chain("v3/merchant/media/upload").post(Options::new().body(lying)));
    let ledger = sandbox.ledger();
    assert_eq!(effects(&sandbox), vec![effect(Effect::UploadStored, "图 1.jpg", None); 3]);
    assert!(ledger.iter().all(|entry| entry.sha256() == Some(&hex(content))));

    // A GET is none; each of the others is one more, also when it says the same.
    let unknown = instance.chain("v3/any/path");
    unknown.get(json!({ "query": { "a": 1 } })).unwrap();
    for _ in 0..2 {
        unknown.post(json!({ "query": { "a": 1 }, "json": { "out_order_no": "P1" } })).unwrap();
    }
    unknown.delete(()).unwrap();
    let other = sandbox.config().credentials(Credentials::new().mchid("1900000108")).build().unwrap();
    assert_eq!(refused(post(&other, "v3/any/path", &json!({}))), is(401, "SIGN_ERROR"));
    let ledger = sandbox.ledger().split_off(3);
    let told: Vec<_> = ledger.iter().map(|entry| (entry.effect(), entry.name(), entry.sha256().unwrap())).collect();
    let (body, nothing) = (hex(br#"{"out_order_no":"P1"}"#), hex(b""));
    assert_eq!(
        told,
        [
            (Effect::Other, "POST /v3/any/path", body.as_str()),
            (Effect::Other, "POST /v3/any/path", body.as_str()),
            (Effect::Other, "DELETE /v3/any/path", nothing.as_str()),
        ]
    );
}

// ---------------------------------------------------------------- at the same time

#[test]
fn the_same_at_the_same_time_is_one_effect() {
    const THREADS: usize = 32;
    let (sandbox, instance) = start();
    let all = |path: &str, json: &dyn Fn(usize) -> Value| {
        let chain = instance.chain(path);
        let calls: Vec<Promise<Response>> =
            (0..THREADS).map(|call| chain.post_async(json!({ "json": json(call) }))).collect();
        calls.into_iter().map(Promise::wait).collect::<Vec<_>>()
    };
    let texts = |results: Vec<Result<Response, Error>>| {
        results.into_iter().map(|result| result.unwrap().text().into_owned()).collect::<HashSet<_>>()
    };
    assert_eq!(texts(all(NATIVE, &|_| order("order-1"))).len(), 1);
    let ids: HashSet<_> = std::thread::scope(|scope| {
        let pays: Vec<_> = (0..THREADS).map(|_| scope.spawn(|| sandbox.pay("order-1").unwrap())).collect();
        pays.into_iter().map(|pay| pay.join().unwrap()).collect()
    });
    assert_eq!(ids.len(), 1);
    assert_eq!(texts(all(REFUNDS, &|_| refund("order-1", "refund-1", 60))).len(), 1);
    // Each of these is another refund, and there is money for four of them.
    let results = all(REFUNDS, &|call| refund("order-1", &format!("part-{call}"), 10));
    let (given, missed): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!((given.len(), missed.len()), (4, THREADS - 4));
    for result in missed {
        assert_eq!(refused(result), is(400, "INVALID_REQUEST"));
    }
    // All of one order under one number, of two contents: one of the two is there.
    let results = all(NATIVE, &|call| changed(order("order-2"), &[("/attach", json!(format!("{}", call % 2)))]));
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), THREADS / 2);

    let effects = effects(&sandbox);
    assert_eq!(
        effects[..3],
        [
            effect(Effect::OrderPlaced, "order-1", 100),
            effect(Effect::OrderPaid, "order-1", 100),
            effect(Effect::OrderRefunded, "refund-1", 60),
        ]
    );
    assert_eq!(effects.len(), 3 + 4 + 1);
    assert_eq!(effects[7], effect(Effect::OrderPlaced, "order-2", 100));
}
