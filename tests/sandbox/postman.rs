//! The notifications that the sandbox sends by itself when somebody pays or is paid back, and what goes wrong with
//! them. What is inside is opened by the `openssl` crate or by the crate's own client, which has tests of its own.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use support::raw::{Reply, Server, answer};
use wechatpay::http::{HeaderMap, HeaderName, HeaderValue};
use wechatpay::{Builder, Chain, NotificationFailure, Value, json};
use wechatpay_sandbox::{Delivery, NotificationFault, Sandbox};

const REFUNDS: &str = "v3/refund/domestic/refunds";

/// A merchant with a server for its notifications. What arrives there is written down: `ok` and the resource, or the
/// failure.
pub(crate) struct Merchant {
    pub(crate) instance: Chain,
    server: Server,
    heard: Arc<Mutex<Vec<Result<Value, String>>>>,
}

impl Merchant {
    pub(crate) fn of(sandbox: &Sandbox) -> Merchant {
        Merchant::with(Builder::factory(sandbox.config()).unwrap())
    }

    pub(crate) fn with(instance: Chain) -> Merchant {
        let heard: Arc<Mutex<Vec<_>>> = Arc::default();
        let (reader, book) = (instance.clone(), Arc::clone(&heard));
        let server = Server::start(move |_, request| {
            let headers = request.headers.iter().map(|(name, value)| {
                (HeaderName::try_from(name.as_str()).unwrap(), HeaderValue::try_from(value.as_str()).unwrap())
            });
            let headers = headers.collect::<HeaderMap>();
            let is_apiv3 = headers.contains_key("wechatpay-signature");
            let (told, reply) = match is_apiv3 {
                true => match reader.notification(&headers, &request.body) {
                    Ok(notification) => (Ok(notification.resource().clone()), notification.reply()),
                    Err(error) => (Err(failure(&error)), error.reply()),
                },
                false => match reader.notification_apiv2(&request.body) {
                    Ok(notification) => {
                        let told = notification.req_info().unwrap_or(notification.data());
                        (Ok(told.clone()), notification.reply())
                    }
                    Err(error) => (Err(failure(&error)), error.reply()),
                },
            };
            book.lock().unwrap().push(told);
            Reply::Answer(answer(&reply.status().to_string(), &[], reply.body().as_ref()))
        });
        Merchant { instance, server, heard }
    }

    pub(crate) fn notify_url(&self) -> String {
        format!("{}notify", self.server.url())
    }

    /// Places an order of APIv3 by native payment.
    fn order(&self, mchid: &str, number: &str) {
        let order = json!({
            "appid": "wxd678efh567hg6787", "mchid": mchid, "description": "咖啡", "out_trade_no": number,
            "attach": "桌 7", "notify_url": self.notify_url(), "amount": { "total": 100 },
        });
        self.instance.chain("v3/pay/transactions/native").post(json!({ "json": order })).unwrap();
    }

    fn refund(&self, number: &str, out_refund_no: &str) {
        let refund = json!({
            "out_trade_no": number, "out_refund_no": out_refund_no, "notify_url": self.notify_url(),
            "amount": { "refund": 30, "total": 100, "currency": "CNY" },
        });
        self.instance.chain(REFUNDS).post(json!({ "json": refund })).unwrap();
    }

    pub(crate) fn heard(&self) -> Vec<Result<Value, String>> {
        self.heard.lock().unwrap().clone()
    }
}

fn failure(error: &wechatpay::Error) -> String {
    let wechatpay::Error::Notification(error) = error else { panic!("{error:?}") };
    match error.failure() {
        NotificationFailure::Probe => "probe".into(),
        failure => format!("{failure:?}").split([' ', '(', '{']).next().unwrap().to_owned(),
    }
}

pub(crate) fn settle(sandbox: &Sandbox) {
    assert!(sandbox.wait_for_notifications(Duration::from_secs(30)));
}

/// The numbers of orders and refunds that were heard of, or the failures.
fn numbers(merchant: &Merchant) -> Vec<String> {
    let number = |resource: Value| {
        let number = resource.get("out_refund_no").or(resource.get("out_trade_no"));
        number.and_then(Value::as_str).unwrap().to_owned()
    };
    merchant.heard().into_iter().map(|heard| heard.map_or_else(|failure| failure, number)).collect()
}

#[test]
fn a_payment_and_a_refund_are_told_once() {
    let sandbox = Sandbox::start().unwrap();
    let merchant = Merchant::of(&sandbox);
    merchant.order(sandbox.mchid(), "order-1");
    assert!(sandbox.sent_notifications().is_empty());

    let id = sandbox.pay("order-1").unwrap();
    assert_eq!(sandbox.pay("order-1"), Some(id.clone()));
    settle(&sandbox);
    let heard = merchant.heard();
    let paid = heard[0].clone().unwrap();
    let query = json!({ "out_trade_no": "order-1", "query": { "mchid": sandbox.mchid() } });
    let order = merchant.instance.chain("v3/pay/transactions/out-trade-no/{out_trade_no}").get(query).unwrap();
    assert_eq!(paid, order.json().unwrap());
    assert_eq!((&paid["transaction_id"], &paid["attach"]), (&json!(id), &json!("桌 7")));

    merchant.refund("order-1", "refund-1");
    merchant.refund("order-1", "refund-1");
    settle(&sandbox);
    let heard = merchant.heard();
    assert_eq!(heard.len(), 2, "each is told once, however often it is asked for");
    let refunded = heard[1].clone().unwrap();
    let query = json!({ "out_refund_no": "refund-1" });
    let refund = merchant.instance.chain("v3/refund/domestic/refunds/{out_refund_no}").get(query).unwrap();
    let refund = refund.json().unwrap();
    for name in ["out_trade_no", "transaction_id", "out_refund_no", "refund_id", "success_time"] {
        assert_eq!(refunded[name], refund[name], "{name}");
    }
    assert_eq!((&refunded["refund_status"], &refunded["mchid"]), (&json!("SUCCESS"), &json!(sandbox.mchid())));
    assert_eq!(refunded["amount"], json!({ "total": 100, "refund": 30, "payer_total": 100, "payer_refund": 30 }));

    let sent = sandbox.sent_notifications();
    assert_eq!(sent.len(), 2);
    for sent in &sent {
        assert!(sent.is_acknowledged() && sent.delivery().is_ok_and(Delivery::is_acknowledged));
        assert_eq!(sent.url(), merchant.notify_url());
    }
    // It can be sent again.
    assert!(sent[0].notification().send(sent[0].url()).unwrap().is_acknowledged());
    assert_eq!(merchant.heard().len(), 3);
}

#[test]
fn orders_of_apiv2_are_told_in_xml() {
    let sandbox = Sandbox::start_tls().unwrap();
    let merchant = Merchant::of(&sandbox);
    let order = json!({
        "appid": "wxd678efh567hg6787", "mch_id": sandbox.mchid(), "body": "咖啡", "out_trade_no": "1", "attach": "桌 7",
        "total_fee": 100, "spbill_create_ip": "127.0.0.1", "notify_url": merchant.notify_url(),
        "trade_type": "NATIVE", "product_id": "1",
    });
    merchant.instance.chain("v2/pay/unifiedorder").post(json!({ "xml": order })).unwrap();
    let id = sandbox.pay("1").unwrap();
    settle(&sandbox);
    let refund = json!({
        "appid": "wxd678efh567hg6787", "mch_id": sandbox.mchid(), "out_trade_no": "1", "out_refund_no": "1",
        "total_fee": 100, "refund_fee": 30, "notify_url": merchant.notify_url(),
    });
    for _ in 0..2 {
        let refund = json!({ "xml": refund, "security": true });
        merchant.instance.chain("v2/secapi/pay/refund").post(refund).unwrap();
    }
    settle(&sandbox);
    let heard: Vec<Value> = merchant.heard().into_iter().map(Result::unwrap).collect();
    assert_eq!(heard.len(), 2);
    for (name, value) in [
        ("appid", "wxd678efh567hg6787"),
        ("mch_id", sandbox.mchid()),
        ("out_trade_no", "1"),
        ("transaction_id", &id),
        ("attach", "桌 7"),
        ("total_fee", "100"),
        ("cash_fee", "100"),
        ("fee_type", "CNY"),
        ("result_code", "SUCCESS"),
    ] {
        assert_eq!(heard[0][name], value, "{name}");
    }
    assert!(heard[0]["time_end"].as_str().is_some_and(|time| time.len() == 14), "{}", heard[0]);
    assert_eq!(heard[0].get("trade_state"), None);
    for (name, value) in
        [("out_refund_no", "1"), ("refund_fee", "30"), ("total_fee", "100"), ("refund_status", "SUCCESS")]
    {
        assert_eq!(heard[1][name], value, "{name}");
    }
    assert!(heard[1]["success_time"].as_str().is_some_and(|time| time.len() == 19 && time.contains(' ')));
    assert!(sandbox.sent_notifications().iter().all(|sent| sent.is_acknowledged()));
}

#[test]
fn each_fault_of_a_notification_happens_once() {
    let sandbox = Sandbox::start().unwrap();
    let merchant = Merchant::of(&sandbox);
    let pay = |number: &str| {
        merchant.order(sandbox.mchid(), number);
        sandbox.pay(number).unwrap();
        settle(&sandbox);
        let numbers = numbers(&merchant);
        merchant.heard.lock().unwrap().clear();
        numbers
    };
    let cases: [(&str, NotificationFault, &[&str]); 4] = [
        ("order-1", NotificationFault::Probe, &["probe", "order-1"]),
        ("order-2", NotificationFault::Tampered, &["Unverified", "order-2"]),
        ("order-3", NotificationFault::Duplicate, &["order-3", "order-3"]),
        ("order-4", NotificationFault::Lost, &[]),
    ];
    for (number, fault, expected) in cases {
        sandbox.inject_notification_fault(fault);
        assert_eq!(pay(number), expected, "{fault:?}");
    }
    sandbox.inject_notification_fault(NotificationFault::OutOfOrder);
    assert_eq!(pay("order-5"), [""; 0]);
    assert_eq!(pay("order-6"), ["order-6", "order-5"]);
    assert_eq!(pay("order-7"), ["order-7"]);
    // The merchant is told of each by a query, also of the one whose notification was lost.
    let query = json!({ "out_trade_no": "order-4", "query": { "mchid": sandbox.mchid() } });
    let order = merchant.instance.chain("v3/pay/transactions/out-trade-no/{out_trade_no}").get(query).unwrap();
    assert_eq!(order.json().unwrap()["trade_state"], "SUCCESS");
    // A duplicate is the same notification.
    let sent = sandbox.sent_notifications();
    let twice: Vec<_> =
        sent.windows(2).filter(|pair| pair[0].notification().body() == pair[1].notification().body()).collect();
    // The probe has the body of the true one, too.
    assert_eq!(twice.len(), 2);
    assert_eq!(sent.iter().filter(|sent| !sent.is_acknowledged()).count(), 2);
}

#[test]
fn faults_of_apiv2_too() {
    let sandbox = Sandbox::start_tls().unwrap();
    let merchant = Merchant::of(&sandbox);
    for (number, fault, expected) in
        [("1", NotificationFault::Tampered, &["Unverified", "1"][..]), ("2", NotificationFault::Duplicate, &["2", "2"])]
    {
        let order = json!({
            "appid": "wxd678efh567hg6787", "mch_id": sandbox.mchid(), "body": "咖啡", "out_trade_no": number,
            "total_fee": 100, "spbill_create_ip": "127.0.0.1", "notify_url": merchant.notify_url(),
            "trade_type": "NATIVE", "product_id": "1",
        });
        merchant.instance.chain("v2/pay/unifiedorder").post(json!({ "xml": order })).unwrap();
        sandbox.inject_notification_fault(fault);
        sandbox.pay(number).unwrap();
        settle(&sandbox);
        let numbers = numbers(&merchant);
        assert_eq!(numbers[1..], expected[1..], "{fault:?}");
        if fault == NotificationFault::Tampered {
            assert!(merchant.heard()[0].is_err());
        }
        merchant.heard.lock().unwrap().clear();
    }
    // What is encrypted and not signed cannot be read after it was changed, or tells nothing that it has told before.
    let refund = sandbox.refund_notification_apiv2(json!({ "out_refund_no": "1" }));
    assert!(merchant.instance.notification_apiv2(refund.body()).is_ok());
    assert!(merchant.instance.notification_apiv2(refund.tampered().body()).is_err());
}

#[test]
fn each_merchant_hears_of_its_own() {
    let sandbox = Sandbox::start().unwrap();
    let first = Merchant::of(&sandbox);
    let other = sandbox.add_merchant("1900000110");
    let second = Merchant::with(Builder::factory(sandbox.config_of(&other)).unwrap());
    first.order(sandbox.mchid(), "order-1");
    second.order("1900000110", "order-1");
    sandbox.pay_of(&other, "order-1").unwrap();
    settle(&sandbox);
    assert!(first.heard().is_empty());
    assert_eq!(second.heard()[0].as_ref().unwrap()["mchid"], "1900000110");
}

#[test]
fn nothing_leaves_this_machine_unless_it_is_asked_for() {
    let sandbox = Sandbox::start().unwrap();
    let instance = Builder::factory(sandbox.config()).unwrap();
    for (number, url) in [
        ("order-1", "https://pay.example.com/notify"),
        ("order-2", "http://192.0.2.1/notify"),
        ("order-3", "no address"),
        ("order-4", "http://localhost.example.com/"),
    ] {
        let order = json!({
            "appid": "wxd678efh567hg6787", "mchid": sandbox.mchid(), "description": "咖啡", "out_trade_no": number,
            "notify_url": url, "amount": { "total": 100 },
        });
        instance.chain("v3/pay/transactions/native").post(json!({ "json": order })).unwrap();
        sandbox.pay(number).unwrap();
    }
    settle(&sandbox);
    let sent = sandbox.sent_notifications();
    let why: Vec<_> = sent.iter().map(|sent| sent.delivery().unwrap_err().to_owned()).collect();
    assert_eq!(why.len(), 4);
    let is_refused = |why: &&String| why.contains("notify_elsewhere");
    assert_eq!(why.iter().filter(is_refused).count(), 3, "{why:?}");
}

#[test]
fn it_goes_while_a_merchant_is_slow() {
    let sandbox = Sandbox::start().unwrap();
    let slow = Server::start(|_, _| Reply::Stall(Vec::new(), Duration::from_secs(60)));
    let instance = Builder::factory(sandbox.config()).unwrap();
    for number in ["order-1", "order-2"] {
        let order = json!({
            "appid": "wxd678efh567hg6787", "mchid": sandbox.mchid(), "description": "咖啡", "out_trade_no": number,
            "notify_url": slow.url(), "amount": { "total": 100 },
        });
        instance.chain("v3/pay/transactions/native").post(json!({ "json": order })).unwrap();
        sandbox.pay(number).unwrap();
    }
    assert!(!sandbox.wait_for_notifications(Duration::from_millis(100)));
    // It does not wait for the answer.
    let began = std::time::Instant::now();
    drop(sandbox);
    assert!(began.elapsed() < Duration::from_secs(5));
}
