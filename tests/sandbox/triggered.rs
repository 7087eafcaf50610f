//! Each notification that the platform documents, made by the sandbox, sent, and read by the client.

use wechatpay::{AesGcm, Builder, Fields, Transformer, Value, json};
use wechatpay_catalog::{Notification, catalog};
use wechatpay_sandbox::Sandbox;

use crate::documents::compare;
use crate::outside::openssl_verifies;
use crate::postman::Merchant;

/// The event, so that it is that of APIv2 where both protocols have it.
fn event(notification: &Notification) -> String {
    format!("{}{}", if notification.is_apiv2() { "v2/" } else { "" }, notification.event())
}

#[test]
fn each_of_the_112_is_read_with_exactly_the_documented_fields() {
    let sandbox = Sandbox::start().unwrap();
    let merchant = Merchant::of(&sandbox);
    let (mut notifications, mut fields) = (0, 0);
    for notification in catalog().notifications() {
        let event = event(&notification);
        let delivery = sandbox.trigger(&merchant.notify_url(), &event, json!({})).unwrap();
        let heard = merchant.heard().pop().unwrap().unwrap_or_else(|why| panic!("{event}: {why}"));
        assert!(delivery.is_acknowledged(), "{event}");
        notifications += 1;
        fields += if notification.is_apiv2() {
            of_apiv2(&sandbox, notification, &heard)
        } else {
            let (_, mut documented) = notification.resource().unwrap();
            if notification.event() == "MCHWITHDRAW.CHANGE" {
                // Its content is documented beside the ciphertext.
                documented =
                    notification.body().get("resource").unwrap().fields().get("original_data").unwrap().fields();
            }
            compare(documented, heard.as_object().unwrap(), false, &event)
        };
    }
    assert_eq!(notifications, 112);
    assert!(fields > 1000, "{fields}");
}

/// Compares the body of one of APIv2, and what is encrypted in it.
fn of_apiv2(sandbox: &Sandbox, notification: Notification, heard: &Value) -> usize {
    let event = event(&notification);
    let sent = sandbox.documented_notification(&event, json!({})).unwrap();
    let body = Transformer::to_array(sent.body()).unwrap();
    let text = |name: &str| body.text_at(&format!("/{name}")).unwrap();
    // What is inside a ciphertext is not compared here: it is one text of the body.
    let outside = compare(notification.body(), body.as_object().unwrap(), true, &event);
    match notification.resource() {
        None => outside,
        Some((pointer, documented)) if pointer == "/req_info" => {
            outside + compare(documented, heard.as_object().unwrap(), true, &event)
        }
        Some((_, documented)) => {
            let (nonce, aad) = (text("event_nonce"), text("event_associated_data"));
            let plain = AesGcm::decrypt(text("event_ciphertext"), sandbox.apiv3_key(), nonce, aad).unwrap();
            outside + compare(documented, &serde_json::from_str(&plain).unwrap(), true, &event)
        }
    }
}

#[test]
fn the_envelope_has_the_documented_fields_and_openssl_agrees_with_the_signature() {
    let sandbox = Sandbox::start().unwrap();
    for notification in catalog().notifications().filter(|notification| !notification.is_apiv2()) {
        let sent = sandbox.documented_notification(notification.event(), Value::Null).unwrap();
        let envelope: Value = serde_json::from_slice(sent.body()).unwrap();
        for (place, documented) in
            [("", notification.body()), ("/resource", notification.body().get("resource").unwrap().fields())]
        {
            let names = documented.iter().map(|field| field.name()).filter(|name| *name != "original_data");
            let there = envelope.pointer(place).unwrap().as_object().unwrap();
            assert_eq!(there.len(), names.clone().count(), "{notification}");
            names.for_each(|name| assert!(there.contains_key(name), "{notification}: {name}"));
        }
        for header in notification.headers() {
            assert!(sent.headers().contains_key(header.name()), "{notification}: {}", header.name());
        }
        assert_eq!(envelope["event_type"], notification.event());
        assert!(!envelope["summary"].as_str().unwrap().is_empty(), "{envelope}");
    }
    let sent = sandbox.documented_notification("COMPLAINT.CREATE", Value::Null).unwrap();
    let header = |name: &str| sent.headers()[name].to_str().unwrap();
    let body = std::str::from_utf8(sent.body()).unwrap();
    assert!(body.contains(r#""summary":"产生新投诉""#) && body.contains(r#""original_type":"complaint""#), "{body}");
    let message = format!("{}\n{}\n{body}\n", header("wechatpay-timestamp"), header("wechatpay-nonce"));
    let signature = header("wechatpay-signature");
    assert!(openssl_verifies(sandbox.platform_public_key_pem(), &message, signature));
    assert!(!openssl_verifies(
        sandbox.platform_public_key_pem(),
        &message.replace("COMPLAINT", "complaint"),
        signature
    ));
}

#[test]
fn what_a_test_wants_to_be_said_is_said() {
    let sandbox = Sandbox::start().unwrap();
    let merchant = Merchant::of(&sandbox);
    let say = |event: &str, overrides: Value| {
        assert!(sandbox.trigger(&merchant.notify_url(), event, overrides).unwrap().is_acknowledged());
        merchant.heard().pop().unwrap().unwrap()
    };
    let plain = say("TRANSACTION.SUCCESS", json!({}));
    let paid = say(
        "TRANSACTION.SUCCESS",
        json!({ "out_trade_no": "T1", "amount": { "total": 7 }, "attach": null, "promotion_detail": [{ "name": "券" }] }),
    );
    assert_eq!((&paid["out_trade_no"], &paid["amount"]["total"]), (&json!("T1"), &json!(7)));
    assert_eq!(paid["promotion_detail"], json!([{ "name": "券" }]));
    assert!(plain.get("attach").is_some() && paid.get("attach").is_none());
    // The rest is still there, and goes with it.
    assert!(paid["amount"]["payer_total"].as_u64().unwrap() <= 7, "{paid}");
    assert_eq!(paid["sp_mchid"], sandbox.mchid());
    assert_eq!(say("REFUND.CLOSED", json!({}))["refund_status"], "CLOSED");

    assert_eq!(say("v2/transaction-success", json!({ "total_fee": 7, "coupon_id_0": "C" }))["coupon_id_0"], "C");
    assert_eq!(say("refund-processed", json!({ "out_refund_no": "R1" }))["out_refund_no"], "R1");
    let combined = say("combined-transactions-success", json!({ "sub_order_list": { "order_num": 9 } }));
    let list: Value = serde_json::from_str(&combined.text_at("/sub_order_list").unwrap()).unwrap();
    assert_eq!(list["order_num"], 9);
    assert!(list.get("order_list").is_some(), "{list}");
    // Of several documented contents the one that has the field.
    assert_eq!(say("MCHWITHDRAW.CHANGE", json!({ "success_amount": 3 }))["success_amount"], 3);
    // The same again is the same; for another merchant it is encrypted and signed for that one.
    assert_eq!(say("TRANSACTION.SUCCESS", json!({})), plain);
    let other = sandbox.add_merchant("1900000110");
    let reader = Builder::factory(sandbox.config_of(&other)).unwrap();
    let sent = sandbox.documented_notification("TRANSACTION.SUCCESS", json!({})).unwrap().for_merchant(&other);
    assert_eq!(reader.notification(sent.headers(), sent.body()).unwrap().resource()["sp_mchid"], "1900000110");
    let sent = sandbox.documented_notification("transaction-success", json!({})).unwrap().for_merchant(&other);
    assert_eq!(reader.notification_apiv2(sent.body()).unwrap().mchid(), "1900000110");
}

#[test]
fn what_is_not_documented_is_refused_with_what_is() {
    let sandbox = Sandbox::start().unwrap();
    let why = |event: &str, overrides: Value| {
        let error = sandbox.trigger("http://127.0.0.1:1/", event, overrides).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
        error.to_string()
    };
    for (event, overrides, expected) in [
        ("TRANSACTION.SUCESS", json!({}), "the nearest is \"TRANSACTION.SUCCESS\""),
        ("refund-procesed", json!({}), "the nearest is \"refund-processed\""),
        ("v2/REFUND.SUCCESS", json!({}), "v2/REFUND.SUCCESS"),
        ("REFUND.SUCCESS", json!({ "out_refund_number": "1" }), "out_refund_no"),
        ("REFUND.SUCCESS", json!({ "amount": { "refnd": 1 } }), "no field \"amount/refnd\""),
        ("REFUND.SUCCESS", json!({ "new": { "refnd": 1 } }), "no field \"new\""),
        ("refund-processed", json!({ "out_refund_number": "1" }), "out_refund_no"),
        ("transaction-success", json!({ "out_trade_number": "1" }), "out_trade_no"),
        ("REFUND.SUCCESS", json!("1"), "must be an object"),
    ] {
        let why = why(event, overrides);
        assert!(why.contains(expected), "{why}");
    }
}
