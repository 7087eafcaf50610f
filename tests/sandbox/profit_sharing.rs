//! Profit sharing at the sandbox, as a merchant and its receivers see it. Field names, states and codes are those of the
//! platform's documentation.

use wechatpay::{Builder, Chain, Credentials, Error, Fields, Response, Rsa, Value, json};
use wechatpay_sandbox::{Effect, Entry, Sandbox};

use crate::postman::{Merchant, settle};
use crate::refusal::{field, is, refused, with};

const APPID: &str = "wx8888888888888888";
const OPENID: &str = "oxRu_5Qw9L0mIJgYcB7qEeTzK1sA";
const RECEIVER: &str = "86693852";

const ADD: &str = "v3/profitsharing/receivers/add";
const DELETE: &str = "v3/profitsharing/receivers/delete";
const ORDERS: &str = "v3/profitsharing/orders";
const UNFREEZE: &str = "v3/profitsharing/orders/unfreeze";
const RETURNS: &str = "v3/profitsharing/return-orders";

fn start() -> (Sandbox, Chain) {
    let sandbox = Sandbox::start().unwrap();
    let instance = Builder::factory(sandbox.config()).unwrap();
    (sandbox, instance)
}

/// With a merchant and a user as receivers, and a payment of 1,000 fen; its transaction id.
fn start_paid() -> (Sandbox, Chain, String) {
    let (sandbox, instance) = start();
    add(&instance, "MERCHANT_ID", RECEIVER).unwrap();
    add(&instance, "PERSONAL_OPENID", OPENID).unwrap();
    let id = pay(&sandbox, &instance, "order-1", json!({ "profit_sharing": true }));
    (sandbox, instance, id)
}

/// Places an order of 1,000 fen and pays it.
fn pay(sandbox: &Sandbox, instance: &Chain, number: &str, settle_info: Value) -> String {
    let order = json!({
        "appid": APPID, "mchid": sandbox.mchid(), "description": "咖啡", "out_trade_no": number,
        "notify_url": "https://example.com/notify", "amount": { "total": 1000 }, "settle_info": settle_info,
    });
    post(instance, "v3/pay/transactions/native", &order).unwrap();
    sandbox.pay(number).unwrap()
}

fn post(instance: &Chain, path: &str, json: &Value) -> Result<Response, Error> {
    instance.chain(path).post(json!({ "json": json }))
}

fn receiver(kind: &str, account: &str) -> Value {
    json!({ "appid": APPID, "type": kind, "account": account, "name": "张三", "relation_type": "STORE" })
}

fn add(instance: &Chain, kind: &str, account: &str) -> Result<Response, Error> {
    instance.chain(ADD).post(json!({ "json": receiver(kind, account), "encrypt": ["/json/name"] }))
}

fn share(id: &str, number: &str, amounts: &[(&str, &str, u64)], unfreezes: bool) -> Value {
    let receivers = amounts.iter().map(
        |(kind, account, amount)| json!({ "type": kind, "account": account, "amount": amount, "description": "分账" }),
    );
    json!({
        "appid": APPID, "transaction_id": id, "out_order_no": number, "receivers": receivers.collect::<Vec<_>>(),
        "unfreeze_unsplit": unfreezes,
    })
}

fn give_back(order: &str, number: &str, amount: u64) -> Value {
    json!({
        "out_order_no": order, "out_return_no": number, "return_mchid": RECEIVER, "amount": amount,
        "description": "用户退款",
    })
}

fn unfreeze(id: &str, number: &str) -> Value {
    json!({ "transaction_id": id, "out_order_no": number, "description": "解冻全部剩余资金" })
}

fn query(instance: &Chain, id: &str, number: &str) -> Result<Response, Error> {
    let options = json!({ "out_order_no": number, "query": { "transaction_id": id } });
    instance.chain("v3/profitsharing/orders/{out_order_no}").get(options)
}

fn query_return(instance: &Chain, order: &str, number: &str) -> Result<Response, Error> {
    let options = json!({ "out_return_no": number, "query": { "out_order_no": order } });
    instance.chain("v3/profitsharing/return-orders/{out_return_no}").get(options)
}

/// How much of a payment is left.
fn left(instance: &Chain, id: &str) -> i64 {
    let amounts = instance.chain("v3/profitsharing/transactions/{id}/amounts").get(json!({ "id": id })).unwrap();
    assert_eq!(names(&amounts.json().unwrap()), ["transaction_id", "unsplit_amount"]);
    amounts.integer_at("/unsplit_amount").unwrap()
}

/// What was done after the payment.
fn effects(sandbox: &Sandbox) -> Vec<(Effect, String, Option<u64>)> {
    let entry = |entry: &Entry| (entry.effect(), entry.name().to_owned(), entry.amount());
    let paid = |entry: &&Entry| !matches!(entry.effect(), Effect::OrderPlaced | Effect::OrderPaid);
    sandbox
        .ledger()
        .iter()
        .filter(paid)
        .map(entry)
        .skip_while(|(effect, ..)| *effect == Effect::ReceiverAdded)
        .collect()
}

fn effect(effect: Effect, name: &str, amount: u64) -> (Effect, String, Option<u64>) {
    (effect, name.to_owned(), Some(amount))
}

fn names(value: &Value) -> Vec<&str> {
    let mut names: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[test]
fn receivers_are_added_and_deleted() {
    let (sandbox, instance) = start();
    let added = add(&instance, "MERCHANT_ID", RECEIVER).unwrap();
    let json = added.json().unwrap();
    assert_eq!(names(&json), ["account", "name", "relation_type", "type"]);
    assert_eq!((&json["account"], &json["relation_type"]), (&json!(RECEIVER), &json!("STORE")));
    let name = Rsa::decrypt(added.text_at("/name").unwrap(), sandbox.merchant_private_key()).unwrap();
    assert_eq!(name, "张三");
    add(&instance, "MERCHANT_ID", RECEIVER).unwrap();
    assert_eq!(sandbox.ledger().len(), 1);

    let custom = json!({
        "appid": APPID, "type": "PERSONAL_OPENID", "account": OPENID, "relation_type": "CUSTOM",
        "custom_relation": "代理商",
    });
    let added = post(&instance, ADD, &custom).unwrap().json().unwrap();
    assert_eq!(names(&added), ["account", "custom_relation", "relation_type", "type"]);
    let gone = json!({ "appid": APPID, "type": "PERSONAL_OPENID", "account": OPENID });
    for _ in 0..2 {
        let deleted = post(&instance, DELETE, &gone).unwrap().json().unwrap();
        assert_eq!(deleted, json!({ "type": "PERSONAL_OPENID", "account": OPENID }));
    }
    let told: Vec<_> = sandbox.ledger().iter().map(|entry| (entry.effect(), entry.name().to_owned())).collect();
    let expected = [
        (Effect::ReceiverAdded, RECEIVER.to_owned()),
        (Effect::ReceiverAdded, OPENID.to_owned()),
        (Effect::ReceiverDeleted, OPENID.to_owned()),
    ];
    assert_eq!(told, expected);

    // A certificate that was issued later is the one that the answer is encrypted for.
    let certificate = sandbox.issue_merchant_certificate();
    let renewed = Credentials::new().serial(certificate.serial()).private_key(certificate.private_key().clone());
    let renewed = sandbox.config().credentials(renewed).build().unwrap();
    let sealed = add(&renewed, "MERCHANT_ID", RECEIVER).unwrap().text_at("/name").unwrap();
    assert_eq!(Rsa::decrypt(sealed, certificate.private_key()).unwrap(), "张三");
}

#[test]
fn each_field_of_a_receiver_is_checked() {
    let (sandbox, instance) = start();
    let refused_with = |pointer: &str, value: Value| {
        let receiver = with(receiver("MERCHANT_ID", RECEIVER), pointer, value);
        let sealed = Rsa::encrypt("张三", sandbox.platform_public_key()).unwrap();
        let receiver = if pointer == "/name" { receiver } else { with(receiver, "/name", json!(sealed)) };
        refused(post(&instance, ADD, &receiver))
    };
    for name in ["/appid", "/type", "/account", "/name", "/relation_type"] {
        for value in [Value::Null, json!(""), json!(1)] {
            assert_eq!(refused_with(name, value), field(name), "{name}");
        }
    }
    assert_eq!(refused_with("/name", json!("张三")), field("/name"));
    assert_eq!(refused_with("/type", json!("PERSONAL_WECHATID")), field("/type"));
    assert_eq!(refused_with("/type", json!("PERSONAL_SUB_OPENID")), field("/sub_appid"));
    assert_eq!(refused_with("/relation_type", json!("FRIEND")), field("/relation_type"));
    assert_eq!(refused_with("/relation_type", json!("CUSTOM")), field("/custom_relation"));
    assert_eq!(refused(post(&instance, DELETE, &json!({ "appid": APPID, "type": "STORE" }))), field("/type"));
    assert!(sandbox.ledger().is_empty());
}

#[test]
fn a_payment_is_shared_and_given_back_and_the_rest_unfrozen() {
    let (sandbox, instance, id) = start_paid();
    assert_eq!(left(&instance, &id), 1000);
    let first = share(&id, "P1", &[("MERCHANT_ID", RECEIVER, 300), ("PERSONAL_OPENID", OPENID, 200)], false);
    let shared = post(&instance, ORDERS, &first).unwrap().json().unwrap();
    assert_eq!(names(&shared), ["order_id", "out_order_no", "receivers", "state", "transaction_id"]);
    assert_eq!((&shared["state"], &shared["receivers"][0]["result"]), (&json!("PROCESSING"), &json!("PENDING")));
    let queried = query(&instance, &id, "P1").unwrap().json().unwrap();
    assert_eq!((&queried["state"], &queried["order_id"]), (&json!("FINISHED"), &shared["order_id"]));
    let receiver = &queried["receivers"][1];
    let expected = ["account", "amount", "create_time", "description", "detail_id", "finish_time", "result", "type"];
    assert_eq!(names(receiver), expected);
    assert_eq!((&receiver["account"], &receiver["amount"]), (&json!(OPENID), &json!(200)));
    assert_eq!(receiver["result"], "SUCCESS");
    // The same again is the same, as it is now.
    assert_eq!(post(&instance, ORDERS, &first).unwrap().json().unwrap(), queried);
    assert_eq!(left(&instance, &id), 500);

    // Some of it comes back, but not to what can be shared.
    let back = post(&instance, RETURNS, &give_back("P1", "R1", 100)).unwrap().json().unwrap();
    let expected = [
        "amount",
        "create_time",
        "description",
        "finish_time",
        "order_id",
        "out_order_no",
        "out_return_no",
        "result",
        "return_id",
        "return_mchid",
    ];
    assert_eq!(names(&back), expected);
    assert_eq!((&back["order_id"], &back["result"]), (&shared["order_id"], &json!("SUCCESS")));
    assert_eq!(post(&instance, RETURNS, &give_back("P1", "R1", 100)).unwrap().json().unwrap(), back);
    assert_eq!(query_return(&instance, "P1", "R1").unwrap().json().unwrap(), back);
    let by_id = with(give_back("P1", "R2", 200), "/out_order_no", Value::Null);
    post(&instance, RETURNS, &with(by_id, "/order_id", shared["order_id"].clone())).unwrap();
    assert_eq!(left(&instance, &id), 500);

    let rest = post(&instance, UNFREEZE, &unfreeze(&id, "P2")).unwrap().json().unwrap();
    assert_eq!((&rest["state"], &rest["receivers"][0]["amount"]), (&json!("PROCESSING"), &json!(500)));
    assert_eq!(rest["receivers"][0]["account"], sandbox.mchid());
    let again = post(&instance, UNFREEZE, &unfreeze(&id, "P2")).unwrap().json().unwrap();
    assert_eq!((&again["state"], &again["order_id"]), (&json!("FINISHED"), &rest["order_id"]));
    assert_eq!(query(&instance, &id, "P2").unwrap().json().unwrap(), again);
    assert_eq!(left(&instance, &id), 0);
    assert_eq!(
        effects(&sandbox),
        [
            effect(Effect::ProfitShared, "P1", 500),
            effect(Effect::ProfitReturned, "R1", 100),
            effect(Effect::ProfitReturned, "R2", 200),
            effect(Effect::ProfitUnfrozen, "P2", 500),
        ]
    );
}

#[test]
fn not_more_is_shared_than_is_left() {
    let (sandbox, instance, id) = start_paid();
    let to = |number: &str, amount: u64, unfreezes: bool| {
        post(&instance, ORDERS, &share(&id, number, &[("MERCHANT_ID", RECEIVER, amount)], unfreezes))
    };
    assert_eq!(refused(to("P1", 1001, false)), is(403, "NOT_ENOUGH"));
    let overflow = [("MERCHANT_ID", RECEIVER, i64::MAX as u64); 3];
    assert_eq!(refused(post(&instance, ORDERS, &share(&id, "P1", &overflow, false))), is(403, "NOT_ENOUGH"));
    to("P1", 400, false).unwrap();
    assert_eq!(refused(to("P2", 601, false)), is(403, "NOT_ENOUGH"));
    // What was refunded cannot be shared.
    let refund = json!({
        "out_trade_no": "order-1", "out_refund_no": "refund-1",
        "amount": { "refund": 100, "total": 1000, "currency": "CNY" },
    });
    post(&instance, "v3/refund/domestic/refunds", &refund).unwrap();
    assert_eq!(left(&instance, &id), 500);
    assert_eq!(refused(to("P2", 501, true)), is(403, "NOT_ENOUGH"));
    // With this one the rest is unfrozen.
    to("P2", 200, true).unwrap();
    assert_eq!(left(&instance, &id), 0);
    assert_eq!(refused(to("P3", 1, false)), is(403, "NOT_ENOUGH"));
    assert_eq!(refused(post(&instance, UNFREEZE, &unfreeze(&id, "P3"))), is(403, "NOT_ENOUGH"));
    assert_eq!(refused(post(&instance, ORDERS, &share(&id, "P3", &[], true))), is(403, "NOT_ENOUGH"));

    // No more comes back than went out.
    assert_eq!(refused(post(&instance, RETURNS, &give_back("P2", "R1", 201))), is(400, "INVALID_REQUEST"));
    post(&instance, RETURNS, &give_back("P2", "R1", 150)).unwrap();
    assert_eq!(refused(post(&instance, RETURNS, &give_back("P2", "R2", 51))), is(400, "INVALID_REQUEST"));
    post(&instance, RETURNS, &give_back("P2", "R2", 50)).unwrap();
    assert_eq!(
        effects(&sandbox),
        [
            effect(Effect::ProfitShared, "P1", 400),
            effect(Effect::OrderRefunded, "refund-1", 100),
            effect(Effect::ProfitShared, "P2", 200),
            effect(Effect::ProfitUnfrozen, "P2", 300),
            effect(Effect::ProfitReturned, "R1", 150),
            effect(Effect::ProfitReturned, "R2", 50),
        ]
    );
}

#[test]
fn only_a_payment_that_was_placed_for_it_is_shared_and_only_with_receivers() {
    let (sandbox, instance, id) = start_paid();
    let to = |id: &str, account: &str| post(&instance, ORDERS, &share(id, "P1", &[("MERCHANT_ID", account, 1)], false));
    for (number, info) in
        [("order-2", json!({ "profit_sharing": false })), ("order-3", json!({})), ("order-4", Value::Null)]
    {
        let other = pay(&sandbox, &instance, number, info);
        assert_eq!(refused(to(&other, RECEIVER)), is(400, "INVALID_REQUEST"), "{number}");
    }
    assert_eq!(refused(to("4208450740201411110007820472", RECEIVER)), is(400, "INVALID_REQUEST"));
    let order = json!({
        "appid": APPID, "mchid": sandbox.mchid(), "description": "咖啡", "out_trade_no": "order-5",
        "notify_url": "https://example.com/", "amount": { "total": 1 }, "settle_info": { "profit_sharing": "true" },
    });
    assert_eq!(refused(post(&instance, "v3/pay/transactions/native", &order)), field("/settle_info/profit_sharing"));
    // APIv2 says it in its own way.
    let order = json!({
        "appid": APPID, "mch_id": sandbox.mchid(), "body": "咖啡", "out_trade_no": "order-6", "total_fee": 10,
        "spbill_create_ip": "127.0.0.1", "notify_url": "https://example.com/", "trade_type": "NATIVE",
        "product_id": "1", "profit_sharing": "Y",
    });
    instance.chain("v2/pay/unifiedorder").post(json!({ "xml": order })).unwrap();
    let paid = sandbox.pay("order-6").unwrap();
    assert_eq!(left(&instance, &paid), 10);

    assert_eq!(refused(to(&id, "86693853")), field("/receivers/0/account"));
    // The merchant itself needs not be added.
    to(&id, sandbox.mchid()).unwrap();
    let gone = json!({ "appid": APPID, "type": "MERCHANT_ID", "account": RECEIVER });
    post(&instance, DELETE, &gone).unwrap();
    let late = share(&id, "P2", &[("MERCHANT_ID", sandbox.mchid(), 1), ("MERCHANT_ID", RECEIVER, 1)], false);
    assert_eq!(refused(post(&instance, ORDERS, &late)), field("/receivers/1/account"));
}

#[test]
fn each_field_is_checked() {
    let (sandbox, instance, id) = start_paid();
    let before = sandbox.ledger().len();
    let right = || share(&id, "P1", &[("PERSONAL_OPENID", OPENID, 10)], false);
    let refused_with = |path: &str, right: Value, pointer: &str, value: Value| {
        refused(post(&instance, path, &with(right, pointer, value)))
    };
    let texts = |names: &[&str], path: &str, right: &dyn Fn() -> Value| {
        for name in names {
            for value in [Value::Null, json!(""), json!([1])] {
                assert_eq!(refused_with(path, right(), name, value), field(name), "{path} {name}");
            }
        }
    };
    let all = ["/appid", "/transaction_id", "/out_order_no", "/receivers/0/type", "/receivers/0/account"];
    texts(&all, ORDERS, &right);
    texts(&["/receivers/0/description", "/receivers/0/amount", "/unfreeze_unsplit"], ORDERS, &right);
    let order = |pointer: &str, value: Value| refused_with(ORDERS, right(), pointer, value);
    for receivers in [Value::Null, json!([]), json!({}), json!("[]"), json!(vec![right()["receivers"][0].clone(); 51])]
    {
        assert_eq!(order("/receivers", receivers), field("/receivers"));
    }
    assert_eq!(order("/receivers", json!([[]])), field("/receivers/0"));
    assert_eq!(order("/out_order_no", json!("P 1")), field("/out_order_no"));
    assert_eq!(order("/unfreeze_unsplit", json!("false")), field("/unfreeze_unsplit"));
    assert_eq!(order("/receivers/0/amount", json!("10")), field("/receivers/0/amount"));
    assert_eq!(order("/receivers/0/type", json!("PERSONAL_SUB_OPENID")), field("/sub_appid"));
    assert_eq!(order("/receivers/0/name", json!("张三")), field("/receivers/0/name"));
    assert_eq!(order("/receivers/0/description", json!("分".repeat(81))), field("/receivers/0/description"));
    let name = Rsa::encrypt("张三", sandbox.platform_public_key()).unwrap();
    let silent = sandbox.config().credentials(Credentials::new().wechatpay_serial(false)).build().unwrap();
    let by_hand = with(right(), "/receivers/0/name", json!(name));
    assert_eq!(refused(post(&silent, ORDERS, &by_hand)).2, "Wechatpay-Serial");

    texts(&["/transaction_id", "/out_order_no", "/description"], UNFREEZE, &|| unfreeze(&id, "P1"));
    let back = || give_back("P1", "R1", 1);
    texts(&["/out_order_no", "/out_return_no", "/return_mchid", "/amount", "/description"], RETURNS, &back);
    assert_eq!(sandbox.ledger().len(), before);

    // Encrypted, the name is accepted.
    let named = with(right(), "/receivers/0/name", json!("张三"));
    let sealed = instance.chain(ORDERS).post(json!({ "json": named, "encrypt": ["/json/receivers/0/name"] }));
    assert_eq!(sealed.unwrap().text_at("/out_order_no").unwrap(), "P1");
}

#[test]
fn a_number_names_one_request_and_what_is_unknown_is_not_found() {
    let (sandbox, instance, id) = start_paid();
    let shared = share(&id, "P1", &[("MERCHANT_ID", RECEIVER, 100)], false);
    post(&instance, ORDERS, &shared).unwrap();
    for other in [
        share(&id, "P1", &[("MERCHANT_ID", RECEIVER, 101)], false),
        share(&id, "P1", &[("MERCHANT_ID", RECEIVER, 100)], true),
        with(shared.clone(), "/sub_mchid", json!("1900000111")),
    ] {
        assert_eq!(refused(post(&instance, ORDERS, &other)), is(400, "INVALID_REQUEST"));
    }
    assert_eq!(refused(post(&instance, UNFREEZE, &unfreeze(&id, "P1"))), is(400, "INVALID_REQUEST"));
    post(&instance, RETURNS, &give_back("P1", "R1", 10)).unwrap();
    assert_eq!(refused(post(&instance, RETURNS, &give_back("P1", "R1", 11))), is(400, "INVALID_REQUEST"));

    let unknown = is(404, "RESOURCE_NOT_EXISTS");
    assert_eq!(refused(query(&instance, &id, "P9")), unknown);
    assert_eq!(refused(query(&instance, "4208450740201411110007820472", "P1")), unknown);
    assert_eq!(refused(query_return(&instance, "P1", "R9")), unknown);
    assert_eq!(refused(query_return(&instance, "P9", "R1")), unknown);
    assert_eq!(refused(post(&instance, RETURNS, &give_back("P9", "R2", 10))), unknown);
    let both = with(give_back("P1", "R2", 10), "/order_id", json!("3008450740201411110007820472"));
    assert_eq!(refused(post(&instance, RETURNS, &both)), unknown);
    let nobody = with(give_back("P1", "R2", 10), "/return_mchid", json!("86693853"));
    assert_eq!(refused(post(&instance, RETURNS, &nobody)), field("/return_mchid"));

    let other = sandbox.add_merchant("1900000110");
    let others = Builder::factory(sandbox.config_of(&other)).unwrap();
    assert_eq!(refused(query(&others, &id, "P1")), unknown);
    assert_eq!(refused(query_return(&others, "P1", "R1")), unknown);
    assert_eq!(refused(post(&others, RETURNS, &give_back("P1", "R2", 10))), unknown);
    assert_eq!(refused(post(&others, ORDERS, &shared)), is(400, "INVALID_REQUEST"));
}

#[test]
fn receivers_are_notified_once() {
    let (sandbox, instance, id) = start_paid();
    let added = sandbox.add_merchant(RECEIVER);
    let merchant = Merchant::with(Builder::factory(sandbox.config_of(&added)).unwrap());
    let first = share(&id, "P0", &[("MERCHANT_ID", RECEIVER, 1)], false);
    // It has not said where yet.
    post(&instance, ORDERS, &first).unwrap();
    sandbox.set_profit_sharing_url(&added, &merchant.notify_url());
    let shared = share(&id, "P1", &[("PERSONAL_OPENID", OPENID, 20), ("MERCHANT_ID", RECEIVER, 300)], true);
    for _ in 0..2 {
        post(&instance, ORDERS, &shared).unwrap();
        post(&instance, RETURNS, &give_back("P1", "R1", 100)).unwrap();
    }
    settle(&sandbox);
    let heard: Vec<Value> = merchant.heard().into_iter().map(Result::unwrap).collect();
    assert_eq!(heard.len(), 2);
    for (told, amount, description) in [(&heard[0], 300, "分账"), (&heard[1], 100, "用户退款")] {
        assert_eq!(names(told), ["mchid", "order_id", "out_order_no", "receiver", "success_time", "transaction_id"]);
        assert_eq!((&told["mchid"], &told["transaction_id"]), (&json!(sandbox.mchid()), &json!(id)));
        let receiver = json!({
            "type": "MERCHANT_ID", "account": RECEIVER, "amount": amount, "description": description,
        });
        assert_eq!(told["receiver"], receiver);
    }
    let events = sandbox.sent_notifications().into_iter().skip(1).map(|sent| {
        let envelope: Value = serde_json::from_slice(sent.notification().body()).unwrap();
        envelope.text_at("/event_type").unwrap()
    });
    let events: Vec<_> = events.collect();
    assert_eq!(events, ["PROFITSHARING.SUCCESS", "PROFITSHARING.RETURN"]);
}

#[test]
fn a_service_provider_shares_for_its_merchants() {
    const SUB: &str = "1900000111";
    let (sandbox, instance, id) = start_paid();
    let shared = with(share(&id, "P1", &[("MERCHANT_ID", RECEIVER, 100)], false), "/sub_mchid", json!(SUB));
    // The receiver is that of another.
    assert_eq!(refused(post(&instance, ORDERS, &shared)), field("/receivers/0/account"));
    let receiver = with(receiver("MERCHANT_ID", RECEIVER), "/sub_mchid", json!(SUB));
    let added = instance.chain(ADD).post(json!({ "json": receiver, "encrypt": ["/json/name"] })).unwrap();
    assert_eq!(added.text_at("/sub_mchid").unwrap(), SUB);
    assert_eq!(post(&instance, ORDERS, &shared).unwrap().text_at("/sub_mchid").unwrap(), SUB);
    assert_eq!(refused(query(&instance, &id, "P1")), is(404, "RESOURCE_NOT_EXISTS"));
    let options = json!({ "number": "P1", "query": { "transaction_id": id, "sub_mchid": SUB } });
    let queried = instance.chain("v3/profitsharing/orders/{number}").get(options).unwrap();
    assert_eq!(queried.text_at("/sub_mchid").unwrap(), SUB);
    let back = with(give_back("P1", "R1", 10), "/sub_mchid", json!(SUB));
    assert_eq!(post(&instance, RETURNS, &back).unwrap().text_at("/sub_mchid").unwrap(), SUB);
    let expected = [effect(Effect::ProfitShared, "P1", 100), effect(Effect::ProfitReturned, "R1", 10)];
    assert_eq!(effects(&sandbox), expected);
}

#[test]
fn the_same_at_the_same_time_is_one_effect() {
    let (sandbox, instance, id) = start_paid();
    let shared = share(&id, "P1", &[("MERCHANT_ID", RECEIVER, 100)], false);
    std::thread::scope(|scope| {
        for _ in 0..16 {
            scope.spawn(|| {
                post(&instance, ORDERS, &shared).unwrap();
                post(&instance, RETURNS, &give_back("P1", "R1", 100)).unwrap();
                post(&instance, UNFREEZE, &unfreeze(&id, "P2")).unwrap();
            });
        }
    });
    let expected = [
        effect(Effect::ProfitShared, "P1", 100),
        effect(Effect::ProfitReturned, "R1", 100),
        effect(Effect::ProfitUnfrozen, "P2", 900),
    ];
    let mut told = effects(&sandbox);
    told.sort_by_key(|(_, number, _)| number.clone());
    let mut expected = expected.to_vec();
    expected.sort_by_key(|(_, number, _)| number.clone());
    assert_eq!(told, expected);
}
