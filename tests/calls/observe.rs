//! What the callback of `Builder::observe` is told of each attempt.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use support::folder::Folder;
use support::platform::{APIV3_KEY, MCHID, Platform};
use support::raw::{Reply, Server, answer};
use wechatpay::{Builder, Chain, Credentials, DownloadCerts, MediaUtil, Observation, Outcome, json};
use wechatpay_sandbox::{Fault, KeyMode, Sandbox};

/// All that was told, in order.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<Observation>>>);

impl Told {
    fn observing(&self, builder: impl Into<Builder>) -> Chain {
        let told = self.clone();
        builder.into().observe(move |attempt| told.0.lock().unwrap().push(attempt.clone())).build().unwrap()
    }

    fn take(&self) -> Vec<Observation> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    fn one(&self) -> Observation {
        let all = self.take();
        assert_eq!(all.len(), 1, "{all:?}");
        all.into_iter().next().unwrap()
    }
}

fn origin(base_uri: &str) -> &str {
    base_uri.trim_end_matches('/')
}

#[test]
fn an_attempt_that_succeeds() {
    let (sandbox, told) = (Sandbox::builder().lenient(true).start().unwrap(), Told::default());
    let instance = told.observing(sandbox.config());
    let order = json!({ "out_trade_no": "a-number-of-mine", "amount": 1 });
    let body = order.to_string();
    for is_kept in [false, true] {
        let orders = instance.chain("v3/any/orders");
        let response = orders.post(json!({ "json": order, "query": { "page": "17" } })).unwrap();
        let seen = told.one();
        assert_eq!(seen.mchid(), sandbox.mchid());
        assert_eq!(seen.host(), origin(sandbox.base_uri()));
        assert_eq!((seen.method(), seen.template()), ("POST", "v3/any/orders"));
        assert_eq!((seen.attempt(), seen.redirects()), (1, 0));
        assert_eq!(seen.status(), Some(response.status()));
        assert_eq!(seen.request_id(), response.request_id());
        assert_eq!((seen.outcome(), seen.kind()), (None, None));
        assert_eq!(seen.request_bytes(), body.len() as u64);
        assert_eq!(seen.answer_bytes(), response.body().len() as u64);
        assert_eq!(seen.connection().is_none(), is_kept, "{seen:?}");
        let parts = [seen.connection(), seen.sending(), seen.answer()].into_iter().flatten().sum::<Duration>();
        assert!(seen.sending().is_some() && seen.answer().is_some() && parts <= seen.total(), "{seen:?}");
    }
    instance.chain("v3/any/path").get_async(()).wait().unwrap();
    assert_eq!(told.one().method(), "GET");
}

#[test]
fn the_template_is_shown_and_no_value() {
    let (sandbox, told) = (Sandbox::builder().lenient(true).start().unwrap(), Told::default());
    let instance = told.observing(sandbox.config());
    let secret = "oUpF8uMuAJO-a-value";
    let coupons = instance.chain("v3/marketing/favor/users/{openid}/coupons?fixed=of-the-query");
    coupons.get(json!({ "openid": secret, "query": { "name": secret } })).unwrap();
    let seen = told.one();
    assert_eq!(seen.template(), "v3/marketing/favor/users/{openid}/coupons");
    assert!(!format!("{seen:?}").contains(secret), "{seen:?}");

    instance.chain("{+path}").get(json!({ "path": format!("v3/any/{secret}") })).unwrap();
    assert_eq!(told.one().template(), "{+path}");

    let url = format!("{}v3/any/path?token={secret}", sandbox.base_uri());
    instance.download(url, ()).unwrap();
    let seen = told.one();
    assert_eq!((seen.method(), seen.template()), ("GET", "{+download_url}"));
    assert!(!format!("{seen:?}").contains(secret), "{seen:?}");

    // Of APIv2 likewise; its prefix is part of the path as it was written.
    let order = json!({
        "appid": "wxd678efh567hg6787", "mch_id": sandbox.mchid(), "body": "coffee", "out_trade_no": "1", "total_fee": 100,
        "spbill_create_ip": "127.0.0.1", "notify_url": "https://example.com/", "trade_type": "NATIVE", "product_id": "1",
    });
    instance.chain("v2/pay/unifiedorder").post(json!({ "xml": order })).unwrap();
    let seen = told.one();
    assert_eq!(seen.template(), "v2/pay/unifiedorder");
    assert_eq!(seen.request_bytes(), sandbox.requests().last().unwrap().body().len() as u64);
}

#[test]
fn each_attempt_is_told_with_its_own_outcome() {
    let (sandbox, told) = (Sandbox::builder().lenient(true).start().unwrap(), Told::default());
    let instance = told.observing(sandbox.config());
    let any = instance.chain("v3/any/path");
    sandbox.inject(Fault::Status(503).times(1));
    sandbox.inject(Fault::Busy(0).times(1));
    any.get(json!({ "retries": 3 })).unwrap();
    let seen: Vec<_> = told
        .take()
        .iter()
        .map(|seen| (seen.attempt(), seen.status().unwrap().as_u16(), seen.outcome(), seen.kind()))
        .collect();
    let expected = [
        (1, 503, Some(Outcome::Unknown), Some("server")),
        (2, 429, Some(Outcome::Rejected), Some("client")),
        (3, 200, None, None),
    ];
    assert_eq!(seen, expected);

    // An error that is handed back as it is, is none.
    sandbox.inject(Fault::Status(404).times(1));
    let refused = any.get(json!({ "http_errors": false })).unwrap();
    let seen = told.one();
    assert_eq!((seen.status().unwrap().as_u16(), seen.outcome(), seen.kind()), (404, None, None));
    assert_eq!(seen.answer_bytes(), refused.body().len() as u64);

    // What is refused before an attempt is not told.
    assert!(any.get(json!({ "jsno": 1 })).is_err());
    assert!(told.take().is_empty());

    // An answer that nobody can vouch for has its status and its id.
    sandbox.inject(Fault::BadSignature.times(1));
    let error = any.get(()).unwrap_err();
    let seen = told.one();
    assert_eq!((seen.status().unwrap().as_u16(), seen.kind()), (200, Some("verification")));
    assert_eq!(seen.request_id(), error.request_id());

    sandbox.refuse_connections(true).unwrap();
    let error = any.post(json!({ "json": {}, "failover": [sandbox.other_base_uri()] })).map(drop);
    let seen = told.take();
    sandbox.refuse_connections(false).unwrap();
    assert!(error.is_ok(), "{error:?}");
    let [refused, other] = &seen[..] else { panic!("{seen:?}") };
    assert_eq!((refused.outcome(), refused.kind()), (Some(Outcome::NotSent), Some("connection")));
    assert!(refused.connection().is_some() && refused.sending().is_none() && refused.answer().is_none());
    assert_eq!((refused.status(), refused.request_id(), refused.answer_bytes()), (None, None, 0));
    assert_eq!((other.host(), other.attempt()), (origin(sandbox.other_base_uri()), 2));
}

#[test]
fn redirects_belong_to_their_attempt() {
    let (sandbox, told) = (Sandbox::builder().lenient(true).start().unwrap(), Told::default());
    let instance = told.observing(sandbox.config());
    sandbox.inject(Fault::Redirect.times(1));
    instance.chain("v3/any/path").get(()).unwrap();
    let seen = told.one();
    assert_eq!((seen.redirects(), seen.status().unwrap().as_u16(), seen.outcome()), (1, 200, None));
    sandbox.inject(Fault::RedirectLoop);
    assert!(instance.chain("v3/any/path").get(()).is_err());
    let seen = told.one();
    assert_eq!((seen.redirects(), seen.kind()), (5, Some("too_many_redirects")));
}

#[test]
fn times_are_where_they_were_spent() {
    let (platform, told) = (Platform::new(), Told::default());
    let wait = Duration::from_millis(150);
    let headers = platform.headers(b"{}");
    let server = Server::start(move |_, _| {
        std::thread::sleep(wait);
        Reply::Answer(answer("200 OK", &headers, b"{}"))
    });
    let instance = told.observing(platform.builder(&server.url()));
    instance.chain("v3/x").post(json!({ "json": {} })).unwrap();
    let seen = told.one();
    assert!(seen.answer().unwrap() >= wait && seen.total() >= wait, "{seen:?}");
    assert!(seen.connection().unwrap() < wait && seen.sending().unwrap() < wait, "{seen:?}");

    // An upload is counted as it is sent, with all that a form has around it.
    let (folder, length) = (Folder::new("observe"), 500_000);
    let path = folder.file("image.png");
    std::fs::write(&path, vec![7; length]).unwrap();
    let upload = wechatpay::Options::new().body(MediaUtil::new(&path).unwrap());
    instance.chain("v3/merchant/media/upload").post(upload).unwrap();
    let seen = told.one();
    assert!(seen.request_bytes() > length as u64, "{seen:?}");
    assert_eq!(seen.request_bytes(), server.arrived().last().unwrap().body.len() as u64);
}

#[test]
fn an_answer_that_goes_into_a_file_is_counted() {
    let (platform, told) = (Platform::new(), Told::default());
    let (folder, length) = (Folder::new("observe-sink"), 300_000);
    let server = Server::start(move |number, _| match number {
        0 => Reply::Answer(answer("200 OK", &[], &vec![b'x'; length])),
        _ => Reply::Break(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\nRequest-ID: of-half\r\n\r\nhalf".to_vec()),
    });
    let instance = told.observing(platform.builder(&server.url()));
    let bill = instance.chain("v3/billdownload/file");
    bill.get(json!({ "sink": folder.file("bill.csv") })).unwrap();
    assert_eq!(told.one().answer_bytes(), length as u64);
    // Of one that breaks off, what its head says is known.
    assert!(bill.get(()).is_err());
    let seen = told.one();
    assert_eq!((seen.status().unwrap().as_u16(), seen.request_id(), seen.answer_bytes()), (200, Some("of-half"), 0));
    assert_eq!((seen.outcome(), seen.kind()), (Some(Outcome::Unknown), Some("connection")));
}

#[test]
fn fetches_of_certificates_are_told_and_are_no_part_of_the_call_around_them() {
    let sandbox = Sandbox::builder().lenient(true).mode(KeyMode::Certificate).start().unwrap();
    let told = Told::default();
    let builder = Builder::new()
        .credentials(
            Credentials::new()
                .mchid(sandbox.mchid())
                .serial(sandbox.merchant_serial())
                .private_key(sandbox.merchant_private_key().clone())
                .apiv3_key(sandbox.apiv3_key())
                .download_certs(DownloadCerts::new().floor(Duration::ZERO)),
        )
        .defaults(json!({ "base_uri": sandbox.base_uri(), "proxy": "" }));
    let instance = told.observing(builder);
    let templates = || told.take().iter().map(|seen| (seen.template().to_owned(), seen.attempt())).collect::<Vec<_>>();
    let (fetch, call) = (("v3/certificates".to_owned(), 1), ("v3/any/path".to_owned(), 1));
    instance.chain("v3/any/path").get(()).unwrap();
    assert_eq!(templates(), [fetch.clone(), call.clone()]);
    // One that is fetched while an answer is verified is told first, as it ends first.
    sandbox.inject(Fault::Rotation.on("v3/any/path").times(1));
    instance.chain("v3/any/path").get(()).unwrap();
    let seen = told.take();
    let [fetched, called] = &seen[..] else { panic!("{seen:?}") };
    assert_eq!((fetched.template(), called.template()), ("v3/certificates", "v3/any/path"));
    assert!(called.answer() > fetched.answer() && called.status().unwrap() == 200, "{seen:?}");
    assert_eq!(called.connection(), None, "{seen:?}");
    instance.download_certificates().unwrap();
    assert_eq!(templates(), [fetch]);
}

#[test]
fn the_merchants_of_an_instance_are_told_apart() {
    let (platform, told) = (Platform::new(), Told::default());
    let server = platform.server();
    let instance = told.observing(platform.builder(&server.url()));
    let another = Credentials::new()
        .mchid("1900000110")
        .serial(support::platform::MERCHANT_SERIAL)
        .private_key(support::keys::private_pem(&platform.merchant))
        .apiv3_key(APIV3_KEY)
        .cert(support::platform::KEY_ID, support::keys::public_pem(&platform.key));
    let another = instance.for_merchant(another).unwrap();
    for (chain, mchid) in [(&instance, MCHID), (&another, "1900000110")] {
        chain.chain("v3/x").get(()).unwrap();
        assert_eq!(told.one().mchid(), mchid);
    }
}

/// What a panic leaves behind may panic, too.
struct Trap;

impl Drop for Trap {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            std::panic::resume_unwind(Box::new("dropped"));
        }
    }
}

#[test]
fn a_panic_of_the_observer_is_not_one_of_the_call() {
    let sandbox = Sandbox::builder().lenient(true).start().unwrap();
    let instance = sandbox.config().observe(|_| std::panic::resume_unwind(Box::new(Trap))).build().unwrap();
    let orders = instance.chain("v3/any/orders");
    orders.post(json!({ "json": { "amount": 1 } })).unwrap();
    orders.post_async(json!({ "json": { "amount": 1 } })).wait().unwrap();
    sandbox.inject(Fault::Busy(0).times(1));
    orders.post(json!({ "json": { "amount": 1 }, "retries": 1 })).unwrap();
    sandbox.inject(Fault::CloseBeforeAnswer.times(1));
    let error = orders.post(json!({ "json": { "amount": 1 } })).unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(sandbox.ledger().len(), 4);
}
