//! The same number never means two things.

use std::thread;
use std::time::{Duration, Instant};

use wechatpay::{Chain, json};
use wechatpay_journal::{Error, State};
use wechatpay_sandbox::Fault;

use crate::shop::{NATIVE, Shop, content, order, refusal};

#[test]
fn another_content_is_refused_with_names_and_the_same_is_sent_again() {
    let shop = Shop::open("conflict");
    shop.order("order-1", 1).unwrap();
    let error = refusal(shop.order("order-1", 2));
    let Error::Conflict(number) = &error else { panic!("{error:?}") };
    assert_eq!((number.merchant(), number.number()), (shop.sandbox.mchid(), "order-1"));
    assert_eq!(number.operation(), format!("POST {NATIVE}"));
    assert_eq!(
        error.to_string(),
        "POST v3/pay/transactions/native of merchant \"1900000109\" under the number \"order-1\" was sent with another content, \
         or may have been"
    );
    assert_eq!(shop.arrived("/v3/pay"), 1);
    // The answer that was lost is given again: nothing of it is in the journal.
    let (first, again) = (shop.order("order-1", 1).unwrap(), shop.order("order-1", 1).unwrap());
    assert_eq!(first.json().unwrap(), again.json().unwrap());
    assert_eq!((shop.arrived("/v3/pay"), shop.sandbox.ledger().len()), (3, 1));

    // Another number, another operation, another merchant.
    shop.order("order-2", 2).unwrap();
    shop.instance.chain("v3/pay/transactions/h5").post(json!({ "json": content("order-1", 3) })).unwrap_err();
    assert_eq!(shop.journal.under("order-1").unwrap().len(), 2);
}

#[test]
fn what_is_new_in_each_call_is_no_other_content() {
    let shop = Shop::open("same");
    let transfer = |name: &str, amount: u32| {
        let bill = json!({
            "appid": "wx8888888888888888", "out_bill_no": "T1", "transfer_scene_id": "1000", "user_name": name,
            "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "transfer_amount": amount, "transfer_remark": "a remark",
            "transfer_scene_report_infos": [{ "info_type": "活动名称", "info_content": "新会员有礼" }],
        });
        let bills = shop.instance.chain("v3/fund-app/mch-transfer/transfer-bills");
        bills.post(json!({ "json": bill, "encrypt": "auto" }))
    };
    transfer("张三丰", 200_001).unwrap();
    transfer("张三丰", 200_001).unwrap();
    assert!(matches!(refusal(transfer("张三丰", 200_002)), Error::Conflict(_)));

    // APIv2 has a new nonce in each call, and so another signature; fields may come in another order.
    let unified = |data: serde_json::Value| shop.instance.chain("v2/pay/unifiedorder").post(json!({ "xml": data }));
    let data = |fee: u32| {
        json!({
            "appid": "wx8888888888888888", "mch_id": shop.sandbox.mchid(), "body": "coffee", "out_trade_no": "U1",
            "total_fee": fee, "spbill_create_ip": "203.0.113.7", "notify_url": "https://shop.example/paid",
            "trade_type": "NATIVE", "product_id": "12235413214070356458058",
        })
    };
    unified(data(1)).unwrap();
    let mut own_nonce = data(1);
    own_nonce["nonce_str"] = "a nonce of one's own".into();
    unified(own_nonce).unwrap();
    assert!(matches!(refusal(unified(data(2))), Error::Conflict(_)));
    let text = format!(" {} ", content("order-1", 1));
    shop.order("order-1", 1).unwrap();
    shop.instance.chain(NATIVE).post(wechatpay::Options::new().body(text)).unwrap();
}

#[test]
fn refused_or_not_sent_the_number_is_free() {
    let shop = Shop::open("free");
    shop.sandbox.inject(Fault::Status(400).times(1));
    shop.order("order-1", 1).unwrap_err();
    shop.order("order-1", 2).unwrap();
    assert!(matches!(refusal(shop.order("order-1", 1)), Error::Conflict(_)));

    shop.sandbox.refuse_connections(true).unwrap();
    shop.order("order-2", 1).unwrap_err();
    shop.sandbox.refuse_connections(false).unwrap();
    shop.order("order-2", 2).unwrap();
    assert_eq!((shop.state("order-1"), shop.state("order-2")), (State::Answered, State::Answered));
}

#[test]
fn in_doubt_the_number_stays_taken_until_the_platform_was_asked() {
    let shop = Shop::open("doubt");
    shop.sandbox.inject(Fault::CloseBeforeAnswer.times(1));
    shop.order("order-1", 1).unwrap_err();
    assert!(matches!(refusal(shop.order("order-1", 2)), Error::Conflict(_)));
    // A refusal of the second says nothing about the first, and neither does one that was not sent.
    shop.sandbox.inject(Fault::Status(400).times(1));
    shop.order("order-1", 1).unwrap_err();
    assert_eq!(shop.state("order-1"), State::Unknown);
    shop.sandbox.refuse_connections(true).unwrap();
    shop.order("order-1", 1).unwrap_err();
    shop.sandbox.refuse_connections(false).unwrap();
    assert_eq!(shop.state("order-1"), State::Unknown);
    assert!(matches!(refusal(shop.order("order-1", 2)), Error::Conflict(_)));
    // The answer to the same call settles both.
    shop.order("order-1", 1).unwrap();
    assert_eq!((shop.state("order-1"), shop.sandbox.ledger().len()), (State::Answered, 1));
}

#[test]
fn a_refusal_that_names_the_number_does_not_free_it() {
    let shop = Shop::open("taken");
    let elsewhere = shop.sandbox.config().build().unwrap();
    // Somebody who keeps no journal has placed and closed the order.
    order(&elsewhere, "order-1", 1).unwrap();
    let close = elsewhere.chain("v3/pay/transactions/out-trade-no/{no}/close");
    close.post(json!({ "no": "order-1", "json": { "mchid": shop.sandbox.mchid() } })).unwrap();
    let code = shop.order("order-1", 1).unwrap_err().code().unwrap().to_owned();
    assert_eq!(shop.state("order-1"), State::Unknown, "{code}");
    assert_eq!(shop.entry("order-1").code(), Some(code.as_str()));
    assert!(matches!(refusal(shop.order("order-1", 2)), Error::Conflict(_)));
}

/// Places the order while the first is in flight, and says how many have arrived by then.
fn second_while_first(shop: &Shop, second: &Chain) -> wechatpay::Result<wechatpay::Response> {
    shop.sandbox.inject(Fault::Delay(Duration::from_millis(600)).times(1));
    let first = shop.instance.chain(NATIVE).post_async(json!({ "json": content("order-1", 1) }));
    let patience = Instant::now() + Duration::from_secs(10);
    while shop.arrived("/v3/pay") == 0 {
        assert!(Instant::now() < patience, "the first order has not arrived");
        thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(shop.state("order-1"), State::Sending);
    // Another content does not wait.
    let began = Instant::now();
    assert!(matches!(refusal(order(second, "order-1", 2)), Error::Conflict(_)));
    assert!(began.elapsed() < Duration::from_millis(400), "{:?}", began.elapsed());
    let result = order(second, "order-1", 1);
    first.wait().unwrap();
    result
}

#[test]
fn the_same_waits_for_the_one_in_flight() {
    let shop = Shop::open("waits");
    let began = Instant::now();
    second_while_first(&shop, &shop.instance).unwrap();
    assert!(began.elapsed() >= Duration::from_millis(600));
    assert_eq!((shop.arrived("/v3/pay"), shop.sandbox.ledger().len()), (2, 1));

    // The journal opened twice, as by two processes.
    let shop = Shop::open("waits-beside");
    let (beside, _) = shop.beside();
    second_while_first(&shop, &beside).unwrap();
    assert_eq!((shop.arrived("/v3/pay"), shop.sandbox.ledger().len()), (2, 1));
}

#[test]
fn it_waits_no_longer_than_its_own_time() {
    let shop = Shop::open("impatient");
    let impatient = shop.sandbox.config().defaults(json!({ "timeout": 0.2 })).journal(shop.journal.clone());
    let error = refusal(second_while_first(&shop, &impatient.build().unwrap()));
    assert!(matches!(error, Error::InFlight(_)), "{error:?}");
    assert_eq!(shop.arrived("/v3/pay"), 1);
}
