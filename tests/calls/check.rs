//! `Builder::check`: calls compared with what the platform documents, before they are sent.

use std::collections::BTreeMap;
use std::sync::{Mutex, Once};

use log::{Level, LevelFilter};
use support::keys::{private_pem, public_pem};
use support::platform::{APIV2_BODY, APIV2_KEY, APIV3_KEY, KEY_ID, MCHID, MERCHANT_SERIAL, Platform};
use support::raw::{Reply, Server, answer};
use support::shared::shared;
use wechatpay::catalog::{Finding, Operation, Place, Problem, Severity, catalog};
use wechatpay::{
    Builder, Chain, Check, CheckError, Credentials, DownloadCerts, Error, MediaUtil, Options, Outcome, Part, Rsa,
    Value, json,
};

const NATIVE: &str = "v3/pay/transactions/native";
const QUERY: &str = "v3/pay/transactions/out-trade-no/{out_trade_no}";
const ADD: &str = "v3/profitsharing/receivers/add";

struct Both {
    platform: Platform,
    server: Server,
}

fn both() -> Both {
    let platform = Platform::new();
    let server = platform.server();
    Both { platform, server }
}

impl Both {
    fn builder(&self) -> Builder {
        self.platform.builder(&self.server.url()).credentials(Credentials::new().secret(APIV2_KEY))
    }

    fn checked(&self, check: Check) -> Chain {
        self.builder().check(check).build().unwrap()
    }

    /// Refuses whatever is found.
    fn strict(&self) -> Chain {
        self.checked(Check::Refuse(Severity::Note))
    }
}

/// A merchant who knows one key of the platform.
fn merchant(platform: &Platform) -> Credentials {
    let credentials = Credentials::new().mchid(MCHID).serial(MERCHANT_SERIAL).secret(APIV2_KEY);
    credentials.private_key(private_pem(&platform.merchant)).cert(KEY_ID, public_pem(&platform.key))
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: wechatpay::Result<T>) -> Box<CheckError> {
    let error = result.unwrap_err();
    assert_eq!((error.outcome(), error.kind()), (Outcome::NotSent, "check"), "{error}");
    let Error::Check(error) = error else { panic!("{error:?}") };
    error
}

fn lines(error: &CheckError) -> Vec<String> {
    error.findings().iter().map(ToString::to_string).collect()
}

fn order() -> Value {
    json!({
        "appid": "wxd678efh567hg6787", "mchid": MCHID, "description": "Image形象店",
        "out_trade_no": "1217752501201407033233368018", "notify_url": "https://example.com/notify",
        "amount": { "total": 100, "currency": "CNY" },
    })
}

/// The order with a field under another name.
fn renamed(name: &str, other: &str) -> Value {
    let mut order = order();
    let fields = order.as_object_mut().unwrap();
    let value = fields.remove(name).unwrap();
    fields.insert(other.to_owned(), value);
    order
}

fn receiver() -> Value {
    json!({
        "appid": "wx8888888888888888", "type": "PERSONAL_OPENID", "account": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
        "relation_type": "USER", "name": "张三丰",
    })
}

// ---------------------------------------------------------------- what the log is told

struct Records(Mutex<Vec<(Level, String)>>);

static RECORDS: Records = Records(Mutex::new(Vec::new()));

impl log::Log for Records {
    fn enabled(&self, metadata: &log::Metadata) -> bool {
        metadata.target() == "wechatpay::call::check"
    }
    fn log(&self, record: &log::Record) {
        if self.enabled(record.metadata()) {
            self.0.lock().unwrap().push((record.level(), record.args().to_string()));
        }
    }
    fn flush(&self) {}
}

/// From now on, what checks say is kept.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_logger(&RECORDS).unwrap();
        log::set_max_level(LevelFilter::Info);
    });
}

/// What was said about an operation, of which each test has its own.
fn told(operation: &str) -> Vec<(Level, String)> {
    let records = RECORDS.0.lock().unwrap();
    let rest = |(level, line): &(Level, String)| Some((*level, line.strip_prefix(operation)?.to_owned()));
    records.iter().filter_map(rest).collect()
}

// ---------------------------------------------------------------- refused

#[test]
fn a_call_that_is_not_as_documented_is_refused_with_all_that_was_found() {
    let both = both();
    let mut order = renamed("description", "descripton");
    order["amount"]["total"] = "100".into();
    let error = refused(both.strict().chain(NATIVE).post(json!({ "json": order })));
    assert_eq!(
        error.to_string(),
        "POST v3/pay/transactions/native is called in another way than documented, nothing was sent:\n\
         error: /json/description is missing, documented: string\n\
         error: /json/amount/total is a number as a text, documented: integer\n\
         warning: /json/descripton is unknown, documented: description"
    );
    let data =
        |finding: &Finding| (finding.problem(), finding.severity(), finding.place(), finding.pointer().to_owned());
    assert_eq!(error.operation().template(), NATIVE);
    assert_eq!(
        error.findings().iter().map(data).collect::<Vec<_>>(),
        [
            (Problem::Missing, Severity::Error, Some(Place::Json), "/json/description".to_owned()),
            (Problem::TextForNumber, Severity::Error, Some(Place::Json), "/json/amount/total".to_owned()),
            (Problem::Unknown, Severity::Warning, Some(Place::Json), "/json/descripton".to_owned()),
        ]
    );
    assert_eq!(both.server.arrived().len(), 0);
}

#[test]
fn calls_as_documented_are_sent_however_they_are_written() {
    let both = both();
    let strict = both.strict();
    strict.chain(NATIVE).post(json!({ "json": order() })).unwrap();
    strict.chain(NATIVE).post(Options::new().body(order().to_string())).unwrap();
    let query = strict.chain(QUERY);
    query.get(json!({ "out_trade_no": "A1", "query": { "mchid": MCHID } })).unwrap();
    query.get(json!({ "out_trade_no": "A1", "query": format!("mchid={MCHID}") })).unwrap();
    strict
        .chain("v3/pay/transactions/out-trade-no/{no}")
        .get(json!({ "no": "A1", "query": { "mchid": MCHID } }))
        .unwrap();
    strict.chain(format!("v3/pay/transactions/out-trade-no/A1?mchid={MCHID}#top")).get(()).unwrap();
    strict.chain(format!("{QUERY}{{?mchid}}")).get(json!({ "out_trade_no": "A1", "mchid": MCHID })).unwrap();
    strict.chain("{+path}").get(json!({ "path": "v3/pay/transactions/id/1", "query": { "mchid": MCHID } })).unwrap();
    strict.chain("v3/merchant/media/upload").post(Options::new().body(MediaUtil::from_bytes("a.jpg", *b"x"))).unwrap();
    let meta =
        json!({ "filename": "a.jpg", "sha256": "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881" });
    let parts = [Part::new("meta", meta.to_string()), Part::new("file", [0xff, 0xd8])];
    strict.chain("v3/merchant/media/upload").post(Options::new().multipart(parts)).unwrap();
    assert_eq!(both.server.arrived().len(), 10);
    // The same, but not as documented.
    let pointers = |result| refused(result).findings().iter().map(|it| it.pointer().to_owned()).collect::<Vec<_>>();
    let no_query = [
        strict.chain("v3/pay/transactions/out-trade-no/A1?mch_id=1").get(()),
        query.get(json!({ "out_trade_no": "A1" })),
    ];
    assert_eq!(no_query.map(pointers), [vec!["/query/mchid", "/query/mch_id"], vec!["/query/mchid"]]);
    let body = Options::new().body(renamed("mchid", "mch_id").to_string());
    assert_eq!(pointers(strict.chain(NATIVE).post(body)), ["/body/mchid", "/body/mch_id"]);
    let mut media = MediaUtil::from_bytes("a.jpg", *b"x");
    media.set_meta(json!({ "file_name": "a.jpg", "sha256": "1" })).unwrap();
    let upload = Options::new().body(media);
    assert_eq!(pointers(strict.chain("v3/merchant/media/upload").post(upload)), ["/multipart/meta/file_name"]);
    assert_eq!(both.server.arrived().len(), 10);
}

#[test]
fn async_methods_are_compared_alike() {
    let both = both();
    let strict = both.strict().chain(NATIVE);
    strict.post_async(json!({ "json": order() })).wait().unwrap();
    let error = refused(strict.post_async(json!({ "json": renamed("mchid", "mch_id") })).wait());
    let sync = refused(strict.post(json!({ "json": renamed("mchid", "mch_id") })));
    assert_eq!(lines(&error), lines(&sync));
    assert_eq!(error.findings().len(), 2);
    assert_eq!(both.server.arrived().len(), 1);
}

#[test]
fn from_which_severity_on_is_for_the_caller_to_say() {
    listen();
    let both = both();
    let path = "v3/pay/transactions/app";
    let mut order = order();
    order["limit_pai"] = json!(["no_credit"]);
    let call = json!({ "json": order });
    let unknown = ": warning: /json/limit_pai is unknown, documented: limit_pay";
    assert_eq!(both.checked(Check::Refuse(Severity::Error)).chain(path).post(call.clone()).unwrap().status(), 200);
    assert_eq!(told("POST v3/pay/transactions/app"), [(Level::Warn, unknown.to_owned())]);
    let error = refused(both.checked(Check::Refuse(Severity::Warning)).chain(path).post(call));
    assert_eq!(lines(&error), [&unknown[2..]]);
    // What is refused is in the error, and not in the log.
    assert_eq!(told("POST v3/pay/transactions/app").len(), 1);
}

#[test]
fn nothing_is_fetched_for_a_call_that_is_refused() {
    let both = both();
    let instance = Builder::new()
        .credentials(
            Credentials::new()
                .mchid(MCHID)
                .serial(MERCHANT_SERIAL)
                .private_key(private_pem(&both.platform.merchant))
                .apiv3_key(APIV3_KEY)
                .download_certs(DownloadCerts::default()),
        )
        .defaults(json!({ "base_uri": both.server.url(), "proxy": "" }))
        .check(Check::Refuse(Severity::Error))
        .build()
        .unwrap();
    refused(instance.chain(NATIVE).post(json!({ "json": {} })));
    assert_eq!(both.server.arrived().len(), 0);
    // A call as documented is what they are fetched for.
    let error = instance.chain(NATIVE).post(json!({ "json": order() })).unwrap_err();
    assert_eq!(error.kind(), "certificates");
    assert_eq!(both.server.arrived()[0].target, "/v3/certificates");
}

#[test]
fn merchants_of_an_instance_are_compared_as_well() {
    let both = both();
    let another = both.strict().for_merchant(merchant(&both.platform).mchid("1900000110"));
    refused(another.unwrap().chain(NATIVE).post(json!({ "json": {} })));
}

// ---------------------------------------------------------------- sensitive fields

#[test]
fn a_sensitive_field_in_plain_text_is_refused_and_not_shown() {
    let both = both();
    let strict = both.builder().credentials(Credentials::new().wechatpay_serial(KEY_ID));
    let strict = strict.check(Check::Refuse(Severity::Note)).build().unwrap();
    let add = strict.chain(ADD);
    let plain = "error: /json/name is in plain text, documented: encrypted for the platform";
    let own = json!({ "Wechatpay-Serial": KEY_ID });
    for options in [
        json!({ "json": receiver() }),
        json!({ "json": receiver(), "encrypt": [] }),
        // Who names a key has encrypted: the option does nothing then.
        json!({ "json": receiver(), "encrypt": "auto", "headers": own }),
    ] {
        for error in [refused(add.post(options.clone())), refused(add.post_async(options).wait())] {
            assert_eq!(lines(&error), [plain]);
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("张三丰") && !shown.contains("oUpF8u"), "{shown}");
        }
    }
    assert_eq!(both.server.arrived().len(), 0);
    for encrypt in [json!("auto"), json!(["/json/name"]), json!(["auto", "/json/account"])] {
        add.post(json!({ "json": receiver(), "encrypt": encrypt })).unwrap();
        add.post_async(json!({ "json": receiver(), "encrypt": encrypt })).wait().unwrap();
    }
    // Encrypted by hand, with the header that the client sends anyway.
    let mut sealed = receiver();
    let key = Rsa::from(public_pem(&both.platform.key), Rsa::KEY_TYPE_PUBLIC).unwrap();
    sealed["name"] = Rsa::encrypt("张三丰", &key).unwrap().into();
    add.post(json!({ "json": sealed })).unwrap();
    // Where it would not say which of two keys it was, it has to be given.
    let without = both.strict().chain(ADD);
    let error = refused(without.post(json!({ "json": sealed })));
    assert_eq!(error.findings()[0].pointer(), "/headers/Wechatpay-Serial");
    without.post(json!({ "json": sealed, "headers": own })).unwrap();
    assert_eq!(both.server.arrived().len(), 8);
}

#[test]
fn in_an_upload_it_is_found_as_well() {
    let both = both();
    let strict = both.builder().credentials(Credentials::new().wechatpay_serial(KEY_ID));
    let strict = strict.check(Check::Refuse(Severity::Error)).build().unwrap();
    let receipts = strict.chain("v3/marketing/shopping-receipt/shoppingreceipts");
    let upload = || {
        let mut media = MediaUtil::from_bytes("a.jpg", *b"x");
        let phone = json!({ "consultation_phone_number": "13900000000" });
        let meta =
            json!({ "transaction_id": "4200", "openid": "o-1", "sha256": "1", "merchant_contact_information": phone });
        media.set_meta(meta).unwrap();
        Options::new().body(media)
    };
    let error = refused(receipts.post(upload()));
    assert_eq!(error.findings()[0].problem(), Problem::PlainText);
    assert!(!error.to_string().contains("139"), "{error}");
    receipts.post(upload().encrypt("auto")).unwrap();
    let pointer = "/body/meta/merchant_contact_information/consultation_phone_number";
    receipts.post(upload().encrypt([pointer])).unwrap();
}

// ---------------------------------------------------------------- APIv2

#[test]
fn apiv2_is_compared_too() {
    let platform = Platform::new();
    let server = Server::start(|_, _| Reply::Answer(answer("200 OK", &[], APIV2_BODY.as_bytes())));
    let both = Both { platform, server };
    let strict =
        both.builder().defaults(json!({ "encrypt": "auto" })).check(Check::Refuse(Severity::Error)).build().unwrap();
    let order = json!({
        "appid": "wx8888888888888888", "mch_id": MCHID, "body": "咖啡", "out_trade_no": "A1", "total_fee": 100,
        "spbill_create_ip": "127.0.0.1", "notify_url": "https://example.com/", "trade_type": "NATIVE", "product_id": "1",
    });
    strict.chain("v2/pay/unifiedorder").post(json!({ "xml": order })).unwrap();
    strict.chain("v2/pay/unifiedorder").post_async(json!({ "xml": order })).wait().unwrap();
    let error = refused(strict.chain("v2/pay/unifiedorder").post(json!({ "xml": { "appid": "wx8888888888888888" } })));
    assert_eq!(error.operation().template(), "v2/pay/unifiedorder");
    assert!(lines(&error).contains(&"error: /xml/out_trade_no is missing, documented: string".to_owned()), "{error}");
    // What `encrypt` does not cover is found although the configuration has it, and the certificate is missed.
    let bank = json!({ "enc_bank_no": "6225888888888888", "enc_true_name": "张三丰" });
    let error = refused(strict.chain("v2/mmpaysptrans/pay_bank").post(json!({ "xml": bank })));
    let plain: Vec<_> = error.findings().iter().filter(|it| it.problem() == Problem::PlainText).collect();
    assert_eq!(plain.iter().map(|it| it.pointer()).collect::<Vec<_>>(), ["/xml/enc_bank_no", "/xml/enc_true_name"]);
    assert!(error.findings().iter().any(|it| it.problem() == Problem::Certificate), "{error}");
    assert!(!error.to_string().contains("6225") && !error.to_string().contains('张'), "{error}");
    assert_eq!(both.server.arrived().len(), 2);
}

// ---------------------------------------------------------------- the defaults of the configuration

#[test]
fn the_defaults_of_the_configuration_are_seen() {
    let both = both();
    // Nothing leaves: each call is refused.
    let of = |defaults: Value| {
        let builder = Builder::new().credentials(merchant(&both.platform));
        builder.defaults(defaults).check(Check::Refuse(Severity::Warning)).build().unwrap()
    };
    // But for the fields, all of which are missing.
    let found = |chain: Chain| {
        let error = refused(chain.post(json!({ "json": {} })));
        lines(&error).into_iter().filter(|line| !line.contains(" /json/")).collect::<Vec<_>>()
    };
    let post = |is_it: &dyn Fn(&Operation) -> bool| {
        let mut all = catalog().operations().filter(|it| it.method() == "POST" && it.variables().next().is_none());
        all.find(is_it).unwrap().template()
    };
    let global = post(&|operation| operation.hosts().iter().eq(["https://apihk.mch.weixin.qq.com/"]));
    let abroad = |base: Value| found(of(json!({ "base_uri": base })).chain(global));
    let hong_kong = "documented: https://apihk.mch.weixin.qq.com/";
    assert_eq!(abroad(json!(null)), [format!("warning: /base_uri is missing, {hong_kong}")]);
    let base = json!("https://api.mch.weixin.qq.com/");
    assert_eq!(abroad(base), [format!("warning: /base_uri is at api.mch.weixin.qq.com, {hong_kong}")]);
    assert_eq!(abroad(json!("https://apihk.mch.weixin.qq.com/")), [""; 0]);
    // A part of the path may be in it.
    let app = of(json!({ "base_uri": "https://api.mch.weixin.qq.com/hk/" })).chain("v3/transactions/app");
    assert_eq!(found(app), [""; 0]);

    let template = post(&|operation| {
        let header = operation.parameters(Place::Headers).get("Idempotency-Key");
        header.is_some_and(|field| field.is_required())
    });
    assert_eq!(
        found(of(json!({})).chain(template)),
        ["error: /headers/Idempotency-Key is missing, documented: string"]
    );
    assert_eq!(found(of(json!({ "headers": { "idempotency-key": "1" } })).chain(template)), [""; 0]);
    let is_plain = |defaults: Value| {
        let error = refused(of(defaults).chain(ADD).post(json!({ "json": { "name": "张三丰" } })));
        error.findings().iter().any(|it| it.problem() == Problem::PlainText)
    };
    assert!(is_plain(json!({})) && !is_plain(json!({ "encrypt": "auto" })));
}

// ---------------------------------------------------------------- the log

#[test]
fn the_log_is_told_once_and_the_call_is_sent() {
    listen();
    let both = both();
    let instance = both.checked(Check::Log);
    let mut details = Vec::new();
    for number in ["x1", "x2"] {
        details.push(json!({
            "out_detail_no": number, "transfer_amount": "1", "transfer_remark": "x", "openid": "o-MYE42l80oelYMDE34nYD456Xoy",
            "user_name": "张三丰",
        }));
    }
    let batch = json!({
        "appid": "wxf636efh567hg4356", "out_batch_no": "plfk2020042013", "batch_name": "x", "batch_remark": "x",
        "total_amount": 2, "total_num": 2, "transfer_detail_list": details, "transfer_scene_id": "1000",
        "scene": "1",
    });
    for _ in 0..2 {
        instance.chain("v3/transfer/batches").post(json!({ "json": batch })).unwrap();
        instance.chain("v3/transfer/batches").post_async(json!({ "json": batch })).wait().unwrap();
    }
    assert_eq!(both.server.arrived().len(), 4);
    let expected = [
        (
            Level::Error,
            "error: /json/transfer_detail_list/0/transfer_amount is a number as a text, documented: integer",
        ),
        (
            Level::Error,
            "error: /json/transfer_detail_list/0/user_name is in plain text, documented: encrypted for the platform",
        ),
        (Level::Warn, "warning: /json/scene is unknown"),
    ];
    assert_eq!(told("POST v3/transfer/batches"), expected.map(|(level, line)| (level, format!(": {line}"))));
    // Another instance tells it again.
    both.checked(Check::Log).chain("v3/transfer/batches").post(json!({ "json": batch })).unwrap();
    assert_eq!(told("POST v3/transfer/batches").len(), 6);
}

#[test]
fn a_path_that_is_not_documented_is_sent_and_named_with_the_nearest() {
    listen();
    let both = both();
    let strict = both.strict();
    for number in 0..3 {
        let native = strict.chain("v3/pay/transaction/natvie");
        native.post(json!({ "json": {}, "query": { "n": number } })).unwrap();
        strict.chain(format!("zzz/nobody/{{id}}?n={number}")).get(json!({ "id": number })).unwrap();
    }
    assert_eq!(both.server.arrived().len(), 6);
    let native = " is not documented, nearest: POST v3/pay/transactions/native; it is sent unchecked";
    assert_eq!(told("POST v3/pay/transaction/natvie"), [(Level::Warn, native.to_owned())]);
    let nobody = told("GET zzz/nobody/{id}");
    assert_eq!(nobody, [(Level::Warn, " is not documented; it is sent unchecked".to_owned())]);
    // Nor is the address of a download compared.
    strict.download(format!("{}/v3/billdownload/file?token=1", both.server.url()), ()).unwrap();
    assert_eq!(told("GET v3/billdownload"), []);
}

// ---------------------------------------------------------------- recorded calls

/// What the client compares is what the caller has written: of each call that was recorded of the PHP SDK, the findings are
/// those of the catalog for the recorded options, sync and async.
#[test]
fn of_recorded_calls_the_findings_are_those_of_the_catalog() {
    let files = ["v3", "v2"].map(|version| shared(&format!("conformance/requests.{version}.jsonl")));
    let [Some(v3), Some(v2)] = files else { return };
    let platform = Platform::new();
    // What has no findings gets no further than to a proxy that nobody runs.
    let instance = Builder::new()
        .credentials(merchant(&platform))
        .defaults(json!({ "proxy": "http://127.0.0.1:1" }))
        .check(Check::Refuse(Severity::Note))
        .build()
        .unwrap();
    let mut counts = BTreeMap::new();
    for record in v3.lines().chain(v2.lines()).map(|line| line.parse::<Value>().unwrap()) {
        let (path, verb) = (record["path"].as_str().unwrap(), record["verb"].as_str().unwrap());
        let mut options = record["options"].clone();
        if !options.is_object() {
            options = json!({});
        }
        // A file that would be written here.
        options.as_object_mut().unwrap().remove("sink");
        let Some(found) = catalog().find_call(verb, path, &options) else { continue };
        // What the client adds to all calls.
        let mut given = options.clone();
        if let Some(Value::Object(headers)) = given.get_mut("headers") {
            headers.entry("Wechatpay-Serial").or_insert(KEY_ID.into());
        } else if given["headers"].is_null() {
            given["headers"] = json!({ "Wechatpay-Serial": KEY_ID });
        }
        let expected = found.check(&given);
        let chain = instance.chain(path);
        for result in [chain.request(verb, options.clone()), chain.request_async(verb, options.clone()).wait()] {
            let error = result.unwrap_err();
            let kind = error.kind();
            *counts.entry(kind).or_insert(0) += 1;
            match error {
                Error::Check(error) => assert_eq!(error.findings(), expected, "{verb} {path} {options}"),
                Error::Connection(_) => assert_eq!(expected, [], "{verb} {path}"),
                // What the client itself refuses: a slip of the documentation, an upload, or no certificate to present.
                Error::Options(_) => {}
                other => panic!("{path}: {other:?}"),
            }
        }
    }
    assert_eq!(counts, BTreeMap::from([("check", 234), ("connection", 1198), ("options", 110)]));
}
