//! What APIv2 answers a merchant who asks what has become of a request: refunds, red packets and transfers to users.

use wechatpay::{Builder, Chain, Error, Value, json};
use wechatpay_catalog::{Answer, catalog};
use wechatpay_sandbox::{Effect, Fault, Sandbox};

const ORDER: &str = "v2/pay/unifiedorder";
const REFUND: &str = "v2/secapi/pay/refund";
const REFUND_QUERY: &str = "v2/pay/refundquery";
const RED_PACKET: &str = "v2/mmpaymkttransfers/sendredpack";
const GROUP_RED_PACKET: &str = "v2/mmpaymkttransfers/sendgroupredpack";
const RED_PACKET_QUERY: &str = "v2/mmpaymkttransfers/gethbinfo";
const TRANSFER: &str = "v2/mmpaymkttransfers/promotion/transfers";
const TRANSFER_QUERY: &str = "v2/mmpaymkttransfers/gettransferinfo";

const APPID: &str = "wx8888888888888888";

fn start() -> (Sandbox, Chain) {
    let sandbox = Sandbox::start_tls().unwrap();
    let instance = Builder::factory(sandbox.config()).unwrap();
    (sandbox, instance)
}

fn post(instance: &Chain, path: &str, data: &Value) -> Result<Value, Error> {
    let answer = instance.chain(path).post(json!({ "xml": data, "security": true }))?;
    Ok(answer.xml().unwrap())
}

/// The data of a success, all of which are documented, and which has all that is documented as required.
fn ask(instance: &Chain, path: &str, data: &Value) -> Value {
    let fields = post(instance, path, data).unwrap();
    assert_eq!(fields["result_code"], "SUCCESS", "{path}: {fields}");
    let Answer::Fields(documented) = catalog().find("POST", path).unwrap().operation().answer() else {
        panic!("{path}")
    };
    let general =
        ["return_code", "return_msg", "result_code", "err_code", "err_code_des", "nonce_str", "sign", "appid"];
    for name in fields.as_object().unwrap().keys().filter(|name| !general.contains(&name.as_str())) {
        let numbered = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
        let numbered = if numbered.ends_with('_') { format!("{numbered}$n") } else { name.clone() };
        assert!(documented.get(&numbered).is_some(), "{path}: {name} is not documented");
    }
    for field in documented.iter().filter(|field| field.is_required() && !general.contains(&field.name())) {
        let name = field.name().replace("$n", "0");
        assert!(fields[&name].as_str().is_some_and(|text| !text.is_empty()), "{path}: {name} is missing: {fields}");
    }
    fields
}

/// The platform's code for what it refuses. Of answers that the platform does not sign, the client makes no errors.
fn refused(instance: &Chain, path: &str, data: &Value) -> String {
    match post(instance, path, data) {
        Ok(fields) => fields["err_code"].as_str().unwrap().to_owned(),
        Err(error) => error.code().unwrap().to_owned(),
    }
}

/// The data with other fields; what is null is left out.
fn with(mut data: Value, others: Value) -> Value {
    let Value::Object(others) = others else { panic!("{others}") };
    for (name, value) in others {
        match value {
            Value::Null => drop(data.as_object_mut().unwrap().remove(&name)),
            value => data[name] = value,
        }
    }
    data
}

fn effects(sandbox: &Sandbox) -> Vec<(Effect, String, Option<u64>)> {
    sandbox.ledger().iter().map(|entry| (entry.effect(), entry.name().to_owned(), entry.amount())).collect()
}

// ---------------------------------------------------------------- refunds

/// Places an order of 20 yuan in APIv2 and pays it; returns the platform's number.
fn pay(sandbox: &Sandbox, instance: &Chain, number: &str) -> String {
    let order = json!({
        "appid": APPID, "mch_id": sandbox.mchid(), "body": "咖啡", "out_trade_no": number, "total_fee": 2000,
        "spbill_create_ip": "127.0.0.1", "notify_url": "https://example.com/", "trade_type": "NATIVE", "product_id": "1",
    });
    ask(instance, ORDER, &order);
    sandbox.pay(number).unwrap()
}

fn refund(sandbox: &Sandbox, order: &str, number: &str, fee: u64) -> Value {
    json!({
        "appid": APPID, "mch_id": sandbox.mchid(), "out_trade_no": order, "out_refund_no": number,
        "total_fee": 2000, "refund_fee": fee,
    })
}

fn of_refund(sandbox: &Sandbox, name: &str, number: &str) -> Value {
    let mut data = json!({ "appid": APPID, "mch_id": sandbox.mchid() });
    data[name] = number.into();
    data
}

#[test]
fn a_refund_is_found_by_each_of_its_numbers_in_either_protocol() {
    let (sandbox, instance) = start();
    let transaction_id = pay(&sandbox, &instance, "order-1");
    let made = ask(&instance, REFUND, &refund(&sandbox, "order-1", "r-b", 300));
    // The second is made in APIv3, and its number comes before the first one's in the alphabet.
    let body = json!({
        "out_trade_no": "order-1", "out_refund_no": "r-a", "amount": { "refund": 500, "total": 2000, "currency": "CNY" },
    });
    let made_in_apiv3 = instance.chain("v3/refund/domestic/refunds").post(json!({ "json": body })).unwrap();
    let id_in_apiv3 = made_in_apiv3.text_at("/refund_id").unwrap();

    for (name, number) in [("out_refund_no", "r-b"), ("refund_id", made["refund_id"].as_str().unwrap())] {
        let one = ask(&instance, REFUND_QUERY, &of_refund(&sandbox, name, number));
        assert_eq!((&one["out_refund_no_0"], &one["refund_id_0"]), (&json!("r-b"), &made["refund_id"]), "{name}");
        assert_eq!((&one["refund_count"], &one["refund_fee_0"]), (&json!("1"), &json!("300")), "{name}");
        assert_eq!((&one["refund_status_0"], &one["total_fee"]), (&json!("SUCCESS"), &json!("2000")), "{name}");
        assert_eq!(
            (&one["transaction_id"], &one["out_trade_no"]),
            (&json!(transaction_id), &json!("order-1")),
            "{name}"
        );
        assert!(
            one["refund_success_time_0"].as_str().unwrap().len() == 19 && one.get("refund_id_1").is_none(),
            "{one}"
        );
    }
    for (name, number) in [("out_trade_no", "order-1"), ("transaction_id", transaction_id.as_str())] {
        let both = ask(&instance, REFUND_QUERY, &of_refund(&sandbox, name, number));
        assert_eq!((&both["refund_count"], &both["out_refund_no_0"]), (&json!("2"), &json!("r-b")), "{name}");
        assert_eq!((&both["refund_id_1"], &both["refund_fee_1"]), (&json!(id_in_apiv3), &json!("500")), "{name}");
        assert!(both.get("total_refund_count").is_none());
    }
    // Of several numbers, that of the refund counts.
    let several = with(of_refund(&sandbox, "out_trade_no", "order-2"), json!({ "out_refund_no": "r-a" }));
    assert_eq!(ask(&instance, REFUND_QUERY, &several)["refund_id_0"], json!(id_in_apiv3));

    let in_apiv3 = instance.chain("v3/refund/domestic/refunds/{out_refund_no}");
    let in_apiv3 = in_apiv3.get(json!({ "out_refund_no": "r-b" })).unwrap();
    assert_eq!(in_apiv3.text_at("/refund_id").unwrap(), made["refund_id"].as_str().unwrap());
}

#[test]
fn what_was_not_refunded_does_not_exist() {
    let (sandbox, instance) = start();
    let transaction_id = pay(&sandbox, &instance, "order-1");
    for (name, number) in [
        ("out_refund_no", "r1"),
        ("refund_id", "50300000000000000000000000000"),
        ("out_trade_no", "order-1"),
        ("out_trade_no", "order-2"),
        ("transaction_id", &transaction_id),
    ] {
        assert_eq!(refused(&instance, REFUND_QUERY, &of_refund(&sandbox, name, number)), "REFUNDNOTEXIST", "{name}");
    }
    let nothing = json!({ "appid": APPID, "mch_id": sandbox.mchid() });
    assert_eq!(refused(&instance, REFUND_QUERY, &nothing), "LACK_PARAMS");

    // What belongs to somebody else does not exist, either.
    let made = ask(&instance, REFUND, &refund(&sandbox, "order-1", "r1", 1));
    let other = sandbox.add_merchant("1900000110");
    let other = Builder::factory(sandbox.config_of(&other)).unwrap();
    let asked = |name: &str, number: &str| json!({ "appid": APPID, "mch_id": "1900000110", name: number });
    for (name, number) in [
        ("out_refund_no", "r1"),
        ("refund_id", made["refund_id"].as_str().unwrap()),
        ("transaction_id", &transaction_id),
    ] {
        assert_eq!(refused(&other, REFUND_QUERY, &asked(name, number)), "REFUNDNOTEXIST", "{name}");
    }
}

#[test]
fn the_refunds_of_an_order_come_ten_at_a_time() {
    let (sandbox, instance) = start();
    pay(&sandbox, &instance, "order-1");
    for number in 0..12 {
        ask(&instance, REFUND, &refund(&sandbox, "order-1", &format!("r{number}"), 1));
    }
    let page = |offset: Value| {
        let data = with(of_refund(&sandbox, "out_trade_no", "order-1"), json!({ "offset": offset }));
        let page = ask(&instance, REFUND_QUERY, &data);
        let text = |name: &str| page[name].as_str().map(str::to_owned);
        (text("refund_count").unwrap(), text("total_refund_count"), text("out_refund_no_0").unwrap())
    };
    assert_eq!(page(Value::Null), ("10".into(), Some("12".into()), "r0".into()));
    assert_eq!(page(json!(0)), ("10".into(), Some("12".into()), "r0".into()));
    assert_eq!(page(json!(9)), ("3".into(), Some("12".into()), "r9".into()));
    for offset in [json!(12), json!("x"), json!(-1)] {
        let data = with(of_refund(&sandbox, "out_trade_no", "order-1"), json!({ "offset": offset }));
        assert_eq!(refused(&instance, REFUND_QUERY, &data), "PARAM_ERROR", "{offset}");
    }
}

// ---------------------------------------------------------------- red packets

fn red_packet(sandbox: &Sandbox, number: &str) -> Value {
    json!({
        "mch_billno": number, "mch_id": sandbox.mchid(), "wxappid": APPID, "send_name": "鹅企支付",
        "re_openid": "oxTWIuGaIt6gTKsQRLau2M0yL16E", "total_amount": 1000, "total_num": 1, "wishing": "恭喜发财",
        "client_ip": "192.168.0.1", "act_name": "回馈活动", "remark": "会员回馈活动",
    })
}

/// For several users.
fn group_red_packet(sandbox: &Sandbox, number: &str) -> Value {
    let group = json!({ "total_num": 3, "amt_type": "ALL_RAND", "client_ip": null });
    with(red_packet(sandbox, number), group)
}

fn of_red_packet(sandbox: &Sandbox, number: &str) -> Value {
    json!({ "mch_billno": number, "mch_id": sandbox.mchid(), "appid": APPID, "bill_type": "MCHT" })
}

#[test]
fn a_red_packet_is_found_by_its_number() {
    let (sandbox, instance) = start();
    let one = ask(&instance, RED_PACKET, &red_packet(&sandbox, "1"));
    let group = ask(&instance, GROUP_RED_PACKET, &group_red_packet(&sandbox, "2"));
    assert_ne!(one["send_listid"], group["send_listid"]);
    for (number, sent, kind, people) in [("1", &one, "NORMAL", "1"), ("2", &group, "GROUP", "3")] {
        let found = ask(&instance, RED_PACKET_QUERY, &of_red_packet(&sandbox, number));
        assert_eq!(found["detail_id"], sent["send_listid"]);
        for (name, value) in [
            ("mch_billno", number),
            ("status", "SENT"),
            ("send_type", "API"),
            ("hb_type", kind),
            ("total_num", people),
            ("total_amount", "1000"),
            ("wishing", "恭喜发财"),
            ("remark", "会员回馈活动"),
            ("act_name", "回馈活动"),
        ] {
            assert_eq!(found[name], value, "{name}");
        }
        assert_eq!(found["send_time"].as_str().unwrap().len(), "2015-04-21 20:00:00".len());
        assert!(found.get("sign").is_none());
    }
    assert_eq!(refused(&instance, RED_PACKET_QUERY, &of_red_packet(&sandbox, "3")), "NOT_FOUND");
    let other = with(of_red_packet(&sandbox, "1"), json!({ "bill_type": "MCHX" }));
    assert_eq!(refused(&instance, RED_PACKET_QUERY, &other), "PARAM_ERROR");
}

#[test]
fn a_red_packet_for_several_is_sent_once() {
    let (sandbox, instance) = start();
    let sent = ask(&instance, GROUP_RED_PACKET, &group_red_packet(&sandbox, "1"));
    assert_eq!(ask(&instance, GROUP_RED_PACKET, &group_red_packet(&sandbox, "1"))["send_listid"], sent["send_listid"]);
    let dearer = with(group_red_packet(&sandbox, "1"), json!({ "total_amount": 1001 }));
    assert_eq!(refused(&instance, GROUP_RED_PACKET, &dearer), "FATAL_ERROR");
    // The other kind cannot have that number, whatever it says.
    assert_eq!(refused(&instance, RED_PACKET, &red_packet(&sandbox, "1")), "FATAL_ERROR");
    for people in [0, 1, 2, 21] {
        let group = with(group_red_packet(&sandbox, "2"), json!({ "total_num": people }));
        assert_eq!(refused(&instance, GROUP_RED_PACKET, &group), "PARAM_ERROR", "{people}");
    }
    assert_eq!(effects(&sandbox), [(Effect::RedPacketSent, "1".to_owned(), Some(1000))]);
}

// ---------------------------------------------------------------- transfers to users

fn transfer(sandbox: &Sandbox, number: &str) -> Value {
    json!({
        "mch_appid": APPID, "mchid": sandbox.mchid(), "partner_trade_no": number, "openid": "oxTWIuGaIt6gTKsQRLau2M0yL16E",
        "check_name": "FORCE_CHECK", "re_user_name": "王小王", "amount": 10099, "desc": "理赔", "spbill_create_ip": "192.168.0.1",
    })
}

fn of_transfer(sandbox: &Sandbox, number: &str) -> Value {
    json!({ "partner_trade_no": number, "mch_id": sandbox.mchid(), "appid": APPID })
}

#[test]
fn a_transfer_is_made_once_and_found_by_its_number() {
    let (sandbox, instance) = start();
    assert_eq!(refused(&instance, TRANSFER_QUERY, &of_transfer(&sandbox, "1")), "NOT_FOUND");
    let made = ask(&instance, TRANSFER, &transfer(&sandbox, "1"));
    assert!(made.get("sign").is_none() && made["partner_trade_no"] == "1");
    let again = ask(&instance, TRANSFER, &transfer(&sandbox, "1"));
    assert_eq!((&again["payment_no"], &again["payment_time"]), (&made["payment_no"], &made["payment_time"]));

    let found = ask(&instance, TRANSFER_QUERY, &of_transfer(&sandbox, "1"));
    assert_eq!((&found["detail_id"], &found["payment_time"]), (&made["payment_no"], &made["payment_time"]));
    for (name, value) in [
        ("status", "SUCCESS"),
        ("payment_amount", "10099"),
        ("openid", "oxTWIuGaIt6gTKsQRLau2M0yL16E"),
        ("transfer_name", "王小王"),
        ("desc", "理赔"),
    ] {
        assert_eq!(found[name], value, "{name}");
    }

    for other in
        [json!({ "amount": 10100 }), json!({ "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" }), json!({ "desc": "报销" })]
    {
        assert_eq!(refused(&instance, TRANSFER, &with(transfer(&sandbox, "1"), other)), "FATAL_ERROR");
    }
    let nameless = json!({ "re_user_name": null });
    assert_eq!(refused(&instance, TRANSFER, &with(transfer(&sandbox, "2"), nameless)), "LACK_PARAMS");
    let unchecked = json!({ "re_user_name": null, "check_name": "NO_CHECK", "device_info": "013467007045764" });
    let unchecked = ask(&instance, TRANSFER, &with(transfer(&sandbox, "3"), unchecked));
    assert_eq!(unchecked["device_info"], "013467007045764");
    assert!(ask(&instance, TRANSFER_QUERY, &of_transfer(&sandbox, "3")).get("transfer_name").is_none());
    assert_eq!(refused(&instance, TRANSFER_QUERY, &of_transfer(&sandbox, "2")), "NOT_FOUND");

    let both = |number: &str| {
        [Effect::TransferCreated, Effect::TransferSucceeded].map(|effect| (effect, number.to_owned(), Some(10099)))
    };
    assert_eq!(effects(&sandbox), [both("1"), both("3")].concat());
}

// ---------------------------------------------------------------- when the answer does not arrive

#[test]
fn what_was_done_without_an_answer_is_found_and_what_was_not_is_not() {
    let (sandbox, instance) = start();
    pay(&sandbox, &instance, "order-1");
    let commands = [
        (REFUND, refund(&sandbox, "order-1", "1", 100), REFUND_QUERY, of_refund(&sandbox, "out_refund_no", "1")),
        (RED_PACKET, red_packet(&sandbox, "1"), RED_PACKET_QUERY, of_red_packet(&sandbox, "1")),
        (GROUP_RED_PACKET, group_red_packet(&sandbox, "2"), RED_PACKET_QUERY, of_red_packet(&sandbox, "2")),
        (TRANSFER, transfer(&sandbox, "1"), TRANSFER_QUERY, of_transfer(&sandbox, "1")),
    ];
    for (path, data, query, number) in commands {
        let path_there = path.strip_prefix("v2/").unwrap();
        let before = sandbox.ledger().len();
        // It does not even arrive.
        sandbox.refuse_connections(true).unwrap();
        post(&instance, path, &data).unwrap_err();
        sandbox.refuse_connections(false).unwrap();
        let code = refused(&instance, query, &number);
        assert!(["NOT_FOUND", "REFUNDNOTEXIST"].contains(&code.as_str()), "{path}: {code}");
        assert_eq!(sandbox.ledger().len(), before, "{path}");

        sandbox.inject(Fault::CloseBeforeAnswer.on(path_there).times(1));
        post(&instance, path, &data).unwrap_err();
        let after = sandbox.ledger().len();
        assert!(after > before, "{path}");
        ask(&instance, query, &number);
        // And once more, as after a crash: the same is answered, and nothing is done again.
        ask(&instance, path, &data);
        assert_eq!(sandbox.ledger().len(), after, "{path}");
    }
}
