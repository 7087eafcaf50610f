//! Transfers to users at the sandbox, as a merchant sees them. Field names, states and codes are those of the platform's
//! documentation.

use wechatpay::{Builder, Chain, Credentials, Error, Response, Rsa, Value, json};
use wechatpay_sandbox::{Effect, Entry, Sandbox};

use crate::postman::{Merchant, settle};
use crate::refusal::{field, is, refused, with};

const BILLS: &str = "v3/fund-app/mch-transfer/transfer-bills";
const BY_NUMBER: &str = "v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{out_bill_no}";
const BY_ID: &str = "v3/fund-app/mch-transfer/transfer-bills/transfer-bill-no/{transfer_bill_no}";
const CANCEL: &str = "v3/fund-app/mch-transfer/transfer-bills/out-bill-no/{out_bill_no}/cancel";

/// A transfer of 8.88 yuan, as the sample of the PHP library has it.
fn bill(number: &str) -> Value {
    json!({
        "appid": "wxf0e1d2c3b4a59687",
        "out_bill_no": number,
        "transfer_scene_id": "1000",
        "openid": "oRwd_1qaz2WSX3edc4RFV5tgb6YHN",
        "transfer_amount": 888,
        "transfer_remark": "拉新有礼",
        "user_recv_perception": "现金奖励",
        "transfer_scene_report_infos": [
            { "info_type": "活动名称", "info_content": "拉新有礼" },
            { "info_type": "奖励说明", "info_content": "活动奖励" },
        ],
    })
}

fn start() -> (Sandbox, Chain) {
    let sandbox = Sandbox::start().unwrap();
    let instance = Builder::factory(sandbox.config()).unwrap();
    (sandbox, instance)
}

fn create(instance: &Chain, bill: &Value) -> Result<Response, Error> {
    instance.chain(BILLS).post(json!({ "json": bill }))
}

/// With the user's name in plain text, which is encrypted by the option.
fn create_named(instance: &Chain, bill: &Value) -> Result<Response, Error> {
    instance.chain(BILLS).post(json!({ "json": bill, "encrypt": ["/json/user_name"] }))
}

fn query(instance: &Chain, number: &str) -> Result<Response, Error> {
    instance.chain(BY_NUMBER).get(json!({ "out_bill_no": number }))
}

fn cancel(instance: &Chain, number: &str) -> Result<Response, Error> {
    instance.chain(CANCEL).post(json!({ "out_bill_no": number }))
}

fn state(answer: Result<Response, Error>) -> String {
    answer.unwrap().text_at("/state").unwrap()
}

fn effects(sandbox: &Sandbox) -> Vec<(Effect, String, Option<u64>)> {
    let entry = |entry: &Entry| (entry.effect(), entry.name().to_owned(), entry.amount());
    sandbox.ledger().iter().map(entry).collect()
}

fn names(value: &Value) -> Vec<&str> {
    let mut names: Vec<_> = value.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

#[test]
fn a_transfer_goes_from_its_creation_to_the_notification() {
    let sandbox = Sandbox::start().unwrap();
    let merchant = Merchant::of(&sandbox);
    let bill = with(bill("rw240001"), "/notify_url", json!(merchant.notify_url()));
    let created = create(&merchant.instance, &bill).unwrap().json().unwrap();
    assert_eq!(names(&created), ["create_time", "out_bill_no", "package_info", "state", "transfer_bill_no"]);
    assert_eq!((&created["out_bill_no"], &created["state"]), (&json!("rw240001"), &json!("WAIT_USER_CONFIRM")));
    // The same request is the same bill.
    assert_eq!(create(&merchant.instance, &bill).unwrap().json().unwrap(), created);
    assert!(sandbox.sent_notifications().is_empty());

    let id = sandbox.confirm_transfer("rw240001").unwrap();
    assert_eq!(created["transfer_bill_no"], id);
    assert_eq!(sandbox.confirm_transfer("rw240001"), Some(id.clone()));
    settle(&sandbox);
    let heard = merchant.heard();
    assert_eq!(heard.len(), 1);
    let told = heard[0].as_ref().unwrap();
    assert_eq!((told["transfer_bill_no"].as_str(), told["state"].as_str()), (Some(id.as_str()), Some("SUCCESS")));
    assert_eq!((&told["mch_id"], &told["transfer_amount"]), (&json!(sandbox.mchid()), &json!(888)));
    let expected = [
        "create_time",
        "mch_id",
        "openid",
        "out_bill_no",
        "state",
        "transfer_amount",
        "transfer_bill_no",
        "update_time",
    ];
    assert_eq!(names(told), expected);
    let sent = sandbox.sent_notifications();
    assert!(sent[0].is_acknowledged());
    let envelope: Value = serde_json::from_slice(sent[0].notification().body()).unwrap();
    assert_eq!(envelope["event_type"], "MCHTRANSFER.BILL.FINISHED");
    assert_eq!(envelope["resource"]["original_type"], "mch_payment");

    // Both queries tell the same; nothing is left to confirm on the phone.
    let by_id = merchant.instance.chain(BY_ID).get(json!({ "transfer_bill_no": id })).unwrap().json().unwrap();
    assert_eq!(query(&merchant.instance, "rw240001").unwrap().json().unwrap(), by_id);
    assert_eq!((&by_id["state"], &by_id["transfer_remark"]), (&json!("SUCCESS"), &json!("拉新有礼")));
    let mut expected = [&expected[..], &["appid", "transfer_remark"]].concat();
    expected.sort_unstable();
    assert_eq!(names(&by_id), expected);
    let again = create(&merchant.instance, &bill).unwrap().json().unwrap();
    assert_eq!((&again["state"], again.get("package_info")), (&json!("SUCCESS"), None));

    let amount = Some(888);
    let number = || "rw240001".to_owned();
    let expected = [(Effect::TransferCreated, number(), amount), (Effect::TransferSucceeded, number(), amount)];
    assert_eq!(effects(&sandbox), expected);
}

#[test]
fn a_transfer_that_is_cancelled_is_not_confirmed_and_the_reverse() {
    let sandbox = Sandbox::start().unwrap();
    let merchant = Merchant::of(&sandbox);
    let instance = &merchant.instance;
    let notified = |number: &str| with(bill(number), "/notify_url", json!(merchant.notify_url()));
    create(instance, &notified("rw1")).unwrap();
    create(instance, &bill("rw2")).unwrap();

    // At first it is being cancelled, then it is.
    let cancelled = cancel(instance, "rw1").unwrap().json().unwrap();
    assert_eq!(names(&cancelled), ["out_bill_no", "state", "transfer_bill_no", "update_time"]);
    assert_eq!(cancelled["state"], "CANCELING");
    assert_eq!(state(query(instance, "rw1")), "CANCELLED");
    assert_eq!(state(cancel(instance, "rw1")), "CANCELLED");
    assert_eq!(sandbox.confirm_transfer("rw1"), None);
    assert_eq!(sandbox.fail_transfer("rw1", "OVERDUE_CLOSE"), None);

    // Without a notify_url nobody is told.
    assert!(sandbox.confirm_transfer("rw2").is_some());
    assert_eq!(refused(cancel(instance, "rw2")), is(400, "INVALID_REQUEST"));
    assert_eq!(state(query(instance, "rw2")), "SUCCESS");

    settle(&sandbox);
    let told: Vec<_> = merchant.heard().into_iter().map(|heard| heard.unwrap()["state"].clone()).collect();
    assert_eq!(told, ["CANCELLED"]);
    let effects: Vec<_> = effects(&sandbox).into_iter().skip(2).map(|(effect, number, _)| (effect, number)).collect();
    let expected = [(Effect::TransferCancelled, "rw1".to_owned()), (Effect::TransferSucceeded, "rw2".to_owned())];
    assert_eq!(effects, expected);
}

#[test]
fn a_transfer_fails_with_a_reason() {
    let sandbox = Sandbox::start().unwrap();
    let merchant = Merchant::of(&sandbox);
    let bill = with(bill("rw1"), "/notify_url", json!(merchant.notify_url()));
    create(&merchant.instance, &bill).unwrap();
    let id = sandbox.fail_transfer("rw1", "OVERDUE_CLOSE");
    assert!(id.is_some());
    assert_eq!(sandbox.fail_transfer("rw1", "OVERDUE_CLOSE"), id);
    assert_eq!((sandbox.fail_transfer("rw1", "ACCOUNT_FROZEN"), sandbox.confirm_transfer("rw1")), (None, None));

    settle(&sandbox);
    let heard = merchant.heard();
    assert_eq!(heard.len(), 1);
    let answers = [
        heard[0].clone().unwrap(),
        query(&merchant.instance, "rw1").unwrap().json().unwrap(),
        create(&merchant.instance, &bill).unwrap().json().unwrap(),
    ];
    for answer in answers {
        assert_eq!((&answer["state"], &answer["fail_reason"]), (&json!("FAIL"), &json!("OVERDUE_CLOSE")), "{answer}");
    }
    assert_eq!(effects(&sandbox)[1..], [(Effect::TransferFailed, "rw1".to_owned(), Some(888))]);
}

#[test]
fn the_name_of_the_user_is_encrypted_both_ways() {
    let (sandbox, instance) = start();
    let named = |number: &str, amount: u64| {
        with(with(bill(number), "/user_name", json!("赵铁柱")), "/transfer_amount", json!(amount))
    };
    create_named(&instance, &named("rw1", 350_000)).unwrap();
    // Each time it is another ciphertext, but the same name.
    create_named(&instance, &named("rw1", 350_000)).unwrap();
    let other_name = with(named("rw1", 350_000), "/user_name", json!("赵铁锤"));
    assert_eq!(refused(create_named(&instance, &other_name)), is(400, "INVALID_REQUEST"));
    let queried = query(&instance, "rw1").unwrap();
    let sealed = queried.text_at("/user_name").unwrap();
    assert_eq!(Rsa::decrypt(sealed, sandbox.merchant_private_key()).unwrap(), "赵铁柱");
    assert_eq!(queried.decrypt(["/user_name"]).unwrap()["user_name"], "赵铁柱");

    // From 2,000 yuan on it is required; below, it may be left out.
    let unnamed = |amount: u64| with(bill("rw2"), "/transfer_amount", json!(amount));
    assert_eq!(refused(create(&instance, &unnamed(200_000))), field("/user_name"));
    create(&instance, &unnamed(199_999)).unwrap();
    assert!(query(&instance, "rw2").unwrap().json().unwrap().get("user_name").is_none());
    create_named(&instance, &named("rw3", 10)).unwrap();

    // In plain text, or encrypted for nobody.
    assert_eq!(refused(create(&instance, &named("rw4", 888))), field("/user_name"));
    let sealed = Rsa::encrypt("赵铁柱", sandbox.platform_public_key()).unwrap();
    let sealed = with(bill("rw4"), "/user_name", json!(sealed));
    let silent = sandbox.config().credentials(Credentials::new().wechatpay_serial(false)).build().unwrap();
    let no_serial = (400, "PARAM_ERROR".to_owned(), "Wechatpay-Serial".to_owned());
    assert_eq!(refused(create(&silent, &sealed)), no_serial);
    create(&silent, &bill("rw5")).unwrap();
    create(&instance, &sealed).unwrap();
}

#[test]
fn each_field_of_a_transfer_is_checked() {
    let (sandbox, instance) = start();
    let refused_with = |pointer: &str, value: Value| refused(create(&instance, &with(bill("rw1"), pointer, value)));
    for name in ["/appid", "/out_bill_no", "/transfer_scene_id", "/openid", "/transfer_amount", "/transfer_remark"] {
        for value in [Value::Null, json!(""), json!(["a"]), json!(true)] {
            assert_eq!(refused_with(name, value), field(name), "{name}");
        }
    }
    for number in ["rw 1", "rw-1", "转账", "123456789012345678901234567890123"] {
        assert_eq!(refused_with("/out_bill_no", json!(number)), field("/out_bill_no"), "{number}");
    }
    for amount in [json!(0), json!(-1), json!(88.8), json!("888")] {
        assert_eq!(refused_with("/transfer_amount", amount), field("/transfer_amount"));
    }
    assert_eq!(refused_with("/transfer_remark", json!("备".repeat(33))), field("/transfer_remark"));
    for name in ["/notify_url", "/user_recv_perception"] {
        assert_eq!(refused_with(name, json!(1)), field(name));
    }
    assert_eq!(refused_with("/user_recv_style", json!({})), field("/user_recv_style/type"));
    assert_eq!(refused_with("/user_recv_style", json!({ "type": "POPUP" })), field("/user_recv_style/type"));
    let reports = "/transfer_scene_report_infos";
    for (value, named) in [
        (Value::Null, "/transfer_scene_report_infos"),
        (json!([]), "/transfer_scene_report_infos"),
        (json!({}), "/transfer_scene_report_infos"),
        (json!(["a"]), "/transfer_scene_report_infos/0"),
        (json!([{ "info_type": "a" }]), "/transfer_scene_report_infos/0/info_content"),
        (json!([{ "info_type": "a", "info_content": "b" }, {}]), "/transfer_scene_report_infos/1/info_type"),
    ] {
        assert_eq!(refused_with(reports, value), field(named));
    }
    // The least is 0.1 yuan.
    assert_eq!(refused_with("/transfer_amount", json!(9)), is(400, "INVALID_REQUEST"));
    assert!(sandbox.ledger().is_empty());

    let right = with(bill("rw1"), "/user_recv_style", json!({ "type": "RED_PACKET" }));
    create(&instance, &with(with(right, "/transfer_amount", json!(10)), "/transfer_remark", json!("备".repeat(32))))
        .unwrap();
}

#[test]
fn a_number_names_one_transfer_of_one_merchant() {
    let (sandbox, instance) = start();
    create(&instance, &bill("rw1")).unwrap();
    for (pointer, value) in [("/transfer_amount", json!(889)), ("/openid", json!("o")), ("/notify_url", json!("a"))] {
        let other = with(bill("rw1"), pointer, value);
        assert_eq!(refused(create(&instance, &other)), is(400, "INVALID_REQUEST"), "{pointer}");
    }
    let other = sandbox.add_merchant("1900000110");
    let others = Builder::factory(sandbox.config_of(&other)).unwrap();
    let id = query(&instance, "rw1").unwrap().text_at("/transfer_bill_no").unwrap();
    assert_eq!(refused(query(&others, "rw1")), is(404, "NOT_FOUND"));
    assert_eq!(refused(cancel(&others, "rw1")), is(404, "NOT_FOUND"));
    let by_id = |instance: &Chain, id: &str| instance.chain(BY_ID).get(json!({ "transfer_bill_no": id }));
    assert_eq!(refused(by_id(&others, &id)), is(404, "NOT_FOUND"));
    assert_eq!(refused(by_id(&instance, "1330000071100999991182020040200019480001")), is(404, "NOT_FOUND"));
    assert_eq!((sandbox.confirm_transfer("rw2"), sandbox.fail_transfer("rw2", "OVERDUE_CLOSE")), (None, None));

    create(&others, &with(bill("rw1"), "/transfer_amount", json!(1000))).unwrap();
    assert!(sandbox.confirm_transfer_of(&other, "rw1").is_some());
    assert_eq!(state(query(&instance, "rw1")), "WAIT_USER_CONFIRM");
    assert!(sandbox.fail_transfer_of(&other, "rw1", "OVERDUE_CLOSE").is_none());
    let merchants: Vec<_> = sandbox.ledger().iter().map(|entry| entry.mchid().to_owned()).collect();
    assert_eq!(merchants, [sandbox.mchid(), "1900000110", "1900000110"]);
}

#[test]
fn the_same_at_the_same_time_is_one_transfer() {
    let (sandbox, instance) = start();
    let ids: std::collections::HashSet<_> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..16)
            .map(|_| {
                scope.spawn(|| {
                    create(&instance, &bill("rw1")).unwrap();
                    sandbox.confirm_transfer("rw1").unwrap()
                })
            })
            .collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    });
    assert_eq!((ids.len(), effects(&sandbox).len()), (1, 2));
}
