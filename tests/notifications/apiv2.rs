//! Notifications of APIv2: what is accepted, each way of being refused, and what is answered.

use support::platform::{APIV2_KEY, MCHID};
use wechatpay::{
    Apiv2Notification, Builder, Chain, Credentials, Error, Formatter, NotificationFailure as Failure, Outcome, Reply,
    Result, Transformer, Value, json,
};

use crate::made::{changes, made, text, with};

const OTHER_KEY: &str = "192006250b4c09247ec02edce69f6a2d";

fn instance() -> Chain {
    Builder::new().credentials(Credentials::new().mchid(MCHID).secret(APIV2_KEY)).build().unwrap()
}

/// The job of the notification of a payment.
fn paid() -> Value {
    json!({
        "job": "apiv2",
        "secret": APIV2_KEY,
        "algorithm": "MD5",
        "fields": {
            "appid": "wx8888888888888888",
            "attach": "",
            "bank_type": "CFT & co",
            "mch_id": MCHID,
            "nonce_str": "5d2b6c2a8db53831f7eda20af46e531c",
            "out_trade_no": "1409811653",
            "result_code": "SUCCESS",
            "return_code": "SUCCESS",
            "total_fee": "1",
        },
    })
}

/// The job of the notification of a refund.
fn refunded() -> Value {
    json!({
        "job": "apiv2",
        "secret": APIV2_KEY,
        "fields": {
            "return_code": "SUCCESS",
            "appid": "wx8888888888888888",
            "mch_id": MCHID,
            "nonce_str": "TeqClE3i0mvn3DrK",
        },
        "req_info": { "out_refund_no": "131811191610442717309", "refund_status": "SUCCESS", "refund_fee": "1" },
    })
}

/// The job with some of its fields changed; null takes one away.
fn fields(job: &Value, changes: Value) -> Value {
    let mut fields = job["fields"].as_object().unwrap().clone();
    fields.extend(changes.as_object().unwrap().clone());
    fields.retain(|_, value| !value.is_null());
    with(job, json!({ "fields": fields }))
}

/// That it is refused so, and answered in XML with this status; gives the message.
fn refused(what: &str, result: Result<Apiv2Notification>, expected: impl Fn(&Failure) -> bool, status: u16) -> String {
    let error = result.expect_err(what);
    let Error::Notification(inner) = &error else { panic!("{what}: {error:?}") };
    assert!(expected(inner.failure()), "{what}: {error:?}");
    assert_eq!(error.outcome(), Outcome::NotSent, "{what}");
    let reply = error.reply();
    assert_eq!((inner.reply(), reply.status().as_u16()), (reply.clone(), status), "{what}");
    assert_eq!(reply.content_type(), "text/xml; charset=utf-8", "{what}");
    let body = Transformer::to_array(reply.body()).unwrap();
    assert_eq!(body["return_code"], "FAIL", "{what}");
    assert!(body["return_msg"].as_str().is_some_and(|message| !message.is_empty()), "{what}: {body}");
    error.to_string()
}

#[test]
fn a_signed_one_is_accepted_by_either_algorithm() {
    let hmac = with(&paid(), json!({ "algorithm": "HMAC-SHA256" }));
    // Those of a contract and of combined orders name the merchant otherwise.
    let named = |name: &str| fields(&paid(), json!({ "mch_id": null, name: MCHID }));
    let failed = fields(&paid(), json!({ "result_code": "FAIL", "err_code": "NOTENOUGH" }));
    let both = with(&paid(), json!({ "req_info": refunded()["req_info"] }));
    let made = made(&[paid(), hmac, named("mchid"), named("combine_mch_id"), failed, both]);
    let Some(made) = made else { return };
    let instance = instance();
    for result in &made {
        let notification = instance.notification_apiv2(text(&result["body"])).unwrap();
        assert_eq!(*notification.data(), result["fields"]);
        assert!(notification.is_signed());
        assert_eq!(notification.mchid(), MCHID);
        assert_eq!(notification.req_info().is_some(), result["fields"]["req_info"].is_string());
        let shown = format!("{notification:?}");
        assert!(shown.contains(MCHID) && !shown.contains("1409811653") && !shown.contains("sign:"), "{shown}");
    }
    let notification = instance.chain("v2/any").notification_apiv2(text(&made[0]["body"]).as_bytes()).unwrap();
    let reply = notification.clone().reply();
    assert_eq!((reply.status().as_u16(), reply.content_type()), (200, "text/xml; charset=utf-8"));
    let expected = json!({ "return_code": "SUCCESS", "return_msg": "OK" });
    assert_eq!(Transformer::to_array(reply.body()).unwrap(), expected);
    assert!(reply.body().starts_with("<xml><return_code><![CDATA[SUCCESS]]></return_code>"));

    // Without a configured merchant, nobody is held against it.
    let nobody = Builder::new().credentials(Credentials::new().secret(APIV2_KEY)).build().unwrap();
    assert_eq!(nobody.notification_apiv2(text(&made[0]["body"])).unwrap().mchid(), MCHID);
}

#[test]
fn a_refund_is_decrypted_and_nothing_unsigned_is_handed_on() {
    // What anybody may have written beside a `req_info` that was seen once.
    let beside = json!({
        "out_trade_no": "1409811653", "transaction_id": "1", "total_fee": "1", "result_code": "SUCCESS",
        "sub_mch_id": "1900000110",
    });
    let Some(made) = made(&[refunded(), fields(&refunded(), beside)]) else { return };
    let instance = instance();
    for result in &made {
        let notification = instance.notification_apiv2(text(&result["body"])).unwrap();
        assert!(!notification.is_signed());
        assert_eq!(*notification.req_info().unwrap(), refunded()["req_info"]);
        let names: Vec<_> = notification.data().as_object().unwrap().keys().map(String::as_str).collect();
        let allowed = ["return_code", "appid", "mch_id", "nonce_str", "sub_mch_id"];
        assert!(names.len() >= 4 && names.iter().all(|name| allowed.contains(name)), "{names:?}");
    }
}

#[test]
fn each_way_of_being_refused_is_told_apart() {
    let another = json!({ "mch_id": "1900000110" });
    let nobody = json!({ "mch_id": null });
    let jobs = [
        with(&paid(), json!({ "secret": OTHER_KEY })),
        fields(&paid(), another.clone()),
        fields(&refunded(), another),
        fields(&paid(), nobody.clone()),
        fields(&refunded(), nobody),
        fields(&paid(), json!({ "return_code": "FAIL", "return_msg": "签名失败" })),
        fields(&paid(), json!({ "return_code": null })),
        with(&refunded(), json!({ "secret": OTHER_KEY })),
        with(&refunded(), json!({ "req_info": "no XML" })),
        paid(),
        refunded(),
    ];
    let Some(made) = made(&jobs) else { return };
    let instance = instance();
    let receive = |index: usize| instance.notification_apiv2(text(&made[index]["body"]));
    refused("another key", receive(0), |f| matches!(f, Failure::Sign), 401);
    for index in [1, 2] {
        let message = refused(
            "another merchant",
            receive(index),
            |f| matches!(f, Failure::OtherMerchant { mchid } if mchid == "1900000110"),
            400,
        );
        assert!(message.contains("1900000110"), "{message}");
    }
    for index in [3, 4] {
        refused(
            "no merchant",
            receive(index),
            |f| matches!(f, Failure::Malformed(what) if what.contains("mch_id")),
            400,
        );
    }
    let message = refused(
        "a failure",
        receive(5),
        |f| matches!(f, Failure::ReturnCode { message } if message == "签名失败"),
        400,
    );
    assert!(message.contains("签名失败"), "{message}");
    // As those of contracts and of parking are documented.
    let without = receive(6).unwrap();
    assert!(without.is_signed() && without.data().get("return_code").is_none());
    let message = refused("another key", receive(7), |f| matches!(f, Failure::WrongApiv2Key), 500);
    assert!(message.contains("`secret`") && !message.contains(APIV2_KEY), "{message}");
    refused("no XML inside", receive(8), |f| matches!(f, Failure::Malformed(what) if what.contains("req_info")), 400);

    let good = text(&made[9]["body"]);
    let sign = text(&made[9]["fields"]["sign"]);
    for (what, body) in [
        ("no sign", good.replace(&format!("<sign>{sign}</sign>"), "")),
        ("an empty sign", good.replace(&sign, "")),
        ("two signs", good.replace("</sign>", &format!("</sign><sign>{sign}</sign>"))),
        ("a sign of elements", good.replace(&sign, &format!("<a>{sign}</a>"))),
        ("a lowercase sign", good.replace(&sign, &sign.to_lowercase())),
        ("a doubled field", good.replace("</total_fee>", "</total_fee><total_fee>1</total_fee>")),
        ("a new field", good.replace("</total_fee>", "</total_fee><coupon_fee>1</coupon_fee>")),
        ("a wrong sign beside req_info", text(&made[10]["body"]).replace("</appid>", "</appid><sign>A</sign>")),
        ("an empty sign beside req_info", text(&made[10]["body"]).replace("</appid>", "</appid><sign></sign>")),
    ] {
        let message = refused(what, instance.notification_apiv2(body), |f| matches!(f, Failure::Sign), 401);
        assert!(!message.contains(&sign), "{message}");
    }
    let req_info = text(&made[10]["fields"]["req_info"]);
    for wrong in ["", "AAAA", "no base64!", &req_info[4..]] {
        let body = text(&made[10]["body"]).replace(&req_info, wrong);
        refused(wrong, instance.notification_apiv2(body), |f| matches!(f, Failure::WrongApiv2Key), 500);
    }
    let bomb = r#"<!DOCTYPE x [<!ENTITY e "boom">]><xml><return_code>&e;</return_code></xml>"#;
    for body in ["", "{}", "<xml>", "<xml><a></xml>", "\u{0}", bomb] {
        refused(body, instance.notification_apiv2(body), |f| matches!(f, Failure::NotXml(_)), 400);
    }
    refused(
        "no fields",
        instance.notification_apiv2("<xml>text</xml>"),
        |f| matches!(f, Failure::Malformed(what) if what.contains("mch_id")),
        400,
    );
}

/// What MD5 is made of.
fn signed_text(fields: &Value) -> String {
    Formatter::query_string_like(&Formatter::ksort(fields.as_object().unwrap().clone()))
}

#[test]
fn a_signed_one_that_could_be_another_order_is_refused() {
    // What a customer pays 1 for, with an `attach` of his own choice.
    let chosen = "x&bank_type=CFT&mch_id=1900000109&nonce_str=1&out_trade_no=VICTIM&result_code=SUCCESS&\
                  return_code=SUCCESS&total_fee=100000&zz=";
    for algorithm in ["MD5", "HMAC-SHA256"] {
        let genuine = with(&fields(&paid(), json!({ "attach": chosen })), json!({ "algorithm": algorithm }));
        let Some(made) = made(&[genuine]) else { return };
        let genuine = &made[0]["fields"];
        // Taken apart otherwise by whoever carries it: the rest is the value of a field behind all others.
        let (_, rest) = signed_text(genuine).split_once("&zz=").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
        let forged = json!({
            "appid": "wx8888888888888888", "attach": "x", "bank_type": "CFT", "mch_id": MCHID, "nonce_str": "1",
            "out_trade_no": "VICTIM", "result_code": "SUCCESS", "return_code": "SUCCESS", "total_fee": "100000",
            "zz": rest, "sign": genuine["sign"],
        });
        assert_eq!(signed_text(&forged), signed_text(genuine), "the same signature holds for both");
        for (body, named) in [(Transformer::to_xml(&forged).unwrap(), "zz"), (text(&made[0]["body"]), "attach")] {
            let message = refused(
                named,
                instance().notification_apiv2(body),
                |f| matches!(f, Failure::AmbiguousSign { field } if field == named),
                400,
            );
            assert!(message.contains(named) && message.contains("query the order"), "{message}");
            assert!(!message.contains("100000"), "{message}");
        }
    }
}

#[test]
fn only_a_value_that_could_be_fields_is_ambiguous() {
    let attach = |attach: &str| fields(&paid(), json!({ "attach": attach }));
    let harmless = [
        "uid=1&sid=2",
        "a&b&c",
        "total_fee=1",
        "x;total_fee=1",
        "x&TOTAL_FEE=1",
        "x& total_fee=1",
        "x&amp;total_fee",
        "https://example.com/?a=1&b=2",
        "x&fee=1",
        "x&my_total_fee=1",
    ];
    let ambiguous = [
        "x&total_fee=1",
        "&out_trade_no=",
        "uid=1&sid=2&openid=o",
        "x&coupon_fee_0=1",
        "x&coupon_count=1",
        "x&sign=A",
        "x&time_end=20260102",
        "x&transaction_id=1",
        "x&settlement_total_fee=1&",
    ];
    let mut jobs: Vec<Value> = harmless.iter().chain(&ambiguous).map(|text| attach(text)).collect();
    // A field that no document knows, but this notification has.
    jobs.push(fields(&paid(), json!({ "attach": "x&novel=1", "novel": "2" })));
    let Some(made) = made(&jobs) else { return };
    let instance = instance();
    for (index, result) in made.iter().enumerate() {
        let received = instance.notification_apiv2(text(&result["body"]));
        match harmless.get(index) {
            Some(attach) => assert_eq!(received.unwrap().data()["attach"], *attach),
            None => drop(refused(
                &result["fields"].to_string(),
                received,
                |f| matches!(f, Failure::AmbiguousSign { field } if field == "attach"),
                400,
            )),
        }
    }
    // A wrong signature is no more than that.
    let wrong = text(&made[harmless.len()]["body"]).replace("<total_fee>1<", "<total_fee>2<");
    refused("a wrong sign", instance.notification_apiv2(wrong), |f| matches!(f, Failure::Sign), 401);
}

#[test]
fn no_field_of_a_signed_one_can_be_changed() {
    let Some(made) = made(&[paid(), with(&paid(), json!({ "algorithm": "HMAC-SHA256" }))]) else { return };
    let instance = instance();
    let mut refusals = 0;
    for result in &made {
        let good = text(&result["body"]).into_bytes();
        for body in changes(&good) {
            // What is not part of a field, such as white space in a tag, may be changed.
            match instance.notification_apiv2(&body) {
                Ok(notification) => {
                    let meant = |data: &Value| {
                        let mut fields = data.as_object().unwrap().clone();
                        // Empty fields are not signed, and say nothing.
                        fields.retain(|_, value| *value != "");
                        fields
                    };
                    assert_eq!(
                        meant(notification.data()),
                        meant(&result["fields"]),
                        "{}",
                        String::from_utf8_lossy(&body)
                    );
                }
                Err(Error::Notification(_)) => refusals += 1,
                Err(error) => panic!("{error:?}"),
            }
        }
        // Each value on its own, at each place: never accepted.
        for (name, value) in result["fields"].as_object().unwrap() {
            for changed in changes(text(value).as_bytes()) {
                let Ok(changed) = String::from_utf8(changed) else { continue };
                let mut fields = result["fields"].clone();
                fields[name] = Transformer::sanitize(&changed).into();
                // What XML cannot carry never arrives.
                if fields[name] != *value {
                    let body = Transformer::to_xml(&fields).unwrap();
                    let refused = instance.notification_apiv2(&body);
                    assert!(matches!(refused, Err(Error::Notification(_))), "{body}");
                }
            }
        }
    }
    assert!(refusals > 5 * text(&made[0]["body"]).len(), "{refusals}");
}

#[test]
fn a_failure_of_ones_own_is_told_in_xml() {
    let reply = Reply::failure_apiv2("a < b ]]> & c");
    assert_eq!(reply.status(), 500);
    let body = Transformer::to_array(reply.body()).unwrap();
    assert_eq!(body, json!({ "return_code": "FAIL", "return_msg": "a < b ]]> & c" }));
}
