//! Operations of which the sandbox knows no more than their documents: what it lets pass, and what it refuses.

use serde_json::Map;
use wechatpay::{Builder, Chain, Credentials, Error, Fields, MediaUtil, Options, Part, Response, Rsa, Value, json};
use wechatpay_sandbox::{Effect, Sandbox};

use crate::refusal::{field, is, refused, with};

const PARKINGS: &str = "v3/vehicle/parking/parkings";
const SCORE: &str = "v3/payscore/serviceorder";
const GUIDES: &str = "v3/smartguide/guides";

fn start() -> (Sandbox, Chain) {
    let sandbox = Sandbox::start().unwrap();
    let instance = Builder::factory(sandbox.config()).unwrap();
    (sandbox, instance)
}

fn post(instance: &Chain, path: &str, json: &Value) -> Result<Response, Error> {
    instance.chain(path).post(json!({ "json": json }))
}

fn parking() -> Value {
    json!({
        "sub_mchid": "1900000109", "out_parking_no": "1231243", "plate_number": "粤B888888", "plate_color": "BLUE",
        "notify_url": "https://example.com/parking", "start_time": "2017-08-26T10:43:39+08:00",
        "parking_name": "欢乐海岸停车场", "free_duration": 3600,
    })
}

fn score() -> Value {
    json!({
        "out_order_no": "1234323JKHDFE1243252", "appid": "wxd678efh567hg6787", "service_id": "500001",
        "service_introduction": "某某酒店", "time_range": { "start_time": "20091225091010" },
        "post_payments": [{ "name": "就餐费用", "amount": 40000 }, { "name": "停车费用" }],
        "risk_fund": { "name": "DEPOSIT", "amount": 10000 }, "notify_url": "https://api.test.com",
    })
}

fn guide(name: &str, mobile: &str) -> Value {
    json!({
        "corpid": "1234567890", "store_id": 1234, "userid": "robert", "name": name, "mobile": mobile,
        "qr_code": "https://open.work.weixin.qq.com/wwopen/userQRCode?vcode=xxx", "avatar": "http://wx.qlogo.cn/",
    })
}

/// Message, field, issue and place of a refusal.
fn said(result: Result<Response, Error>) -> [String; 4] {
    let answer: Value = serde_json::from_slice(result.unwrap_err().response().unwrap().body()).unwrap();
    ["/message", "/detail/field", "/detail/issue", "/detail/location"].map(|at| answer.text_at(at).unwrap().to_owned())
}

// ---------------------------------------------------------------- what is refused

#[test]
fn whatever_required_field_is_missing_is_named() {
    let (sandbox, instance) = start();
    for name in parking().as_object().unwrap().keys() {
        let pointer = format!("/{name}");
        let result = post(&instance, PARKINGS, &with(parking(), &pointer, Value::Null));
        assert_eq!(refused(result), field(&pointer));
    }
    for pointer in ["/time_range", "/time_range/start_time", "/post_payments/1/name", "/risk_fund/amount"] {
        assert_eq!(refused(post(&instance, SCORE, &with(score(), pointer, Value::Null))), field(pointer));
    }
    assert!(sandbox.ledger().is_empty());
    assert_eq!(
        said(post(&instance, SCORE, &with(score(), "/post_payments/1/name", Value::Null))),
        [
            "输入源“/body/post_payments/1/name”映射到字段“post_payments/1/name”规则校验失败，此字段为必填项",
            "/body/post_payments/1/name",
            "is required and must not be empty",
            "body",
        ]
    );

    // Without them all, and with them all.
    assert_eq!(refused(instance.chain(PARKINGS).post(())), field("/sub_mchid"));
    post(&instance, PARKINGS, &parking()).unwrap();
    post(&instance, SCORE, &score()).unwrap();
    let effects: Vec<_> = sandbox.ledger().iter().map(|entry| (entry.effect(), entry.name().to_owned())).collect();
    assert_eq!(effects, [PARKINGS, SCORE].map(|path| (Effect::Other, format!("POST /{path}"))));

    let query = json!({ "query": { "limit": 10, "offset": 0 } });
    let permission = instance.chain("v3/marketing/favor/stocks").get(query).unwrap_err();
    let answer: Value = serde_json::from_slice(permission.response().unwrap().body()).unwrap();
    assert_eq!(
        answer["detail"],
        json!({ "field": "stock_creator_mchid", "issue": "is required and must not be empty", "location": "query" })
    );
}

#[test]
fn a_value_of_another_type_is_refused_and_so_is_one_that_is_not_allowed() {
    let (_sandbox, instance) = start();
    for (pointer, value, issue) in [
        ("/free_duration", json!("3600"), "must be an integer"),
        ("/free_duration", json!(1.5), "must be an integer"),
        ("/out_parking_no", json!(1231243), "must be a string"),
        ("/plate_number", json!(["粤B888888"]), "must be a string"),
        ("/plate_color", json!("RED"), "must be one of BLUE, GREEN, YELLOW, BLACK, WHITE, LIMEGREEN"),
    ] {
        let [_, field, found, _] = said(post(&instance, PARKINGS, &with(parking(), pointer, value)));
        assert_eq!((field, found), (format!("/body{pointer}"), issue.to_owned()));
    }
    for (pointer, value, issue) in [
        ("/time_range", json!("20091225"), "must be an object"),
        ("/post_payments", json!({ "name": "就餐费用" }), "must be a list"),
        ("/need_user_confirm", json!("true"), "must be true or false"),
    ] {
        let [_, field, found, _] = said(post(&instance, SCORE, &with(score(), pointer, value)));
        assert_eq!((field, found), (format!("/body{pointer}"), issue.to_owned()));
    }
    let listed = with(score(), "/post_payments", json!([{ "name": "就餐费用" }, "停车费用"]));
    let [_, field_of_list, issue, _] = said(post(&instance, SCORE, &listed));
    assert_eq!((field_of_list.as_str(), issue.as_str()), ("/body/post_payments/1", "must be an object"));
    let [message, ..] = said(post(&instance, PARKINGS, &with(parking(), "/plate_color", json!("RED"))));
    assert!(message.ends_with("此字段须为BLUE、GREEN、YELLOW、BLACK、WHITE、LIMEGREEN之一"), "{message}");
    for body in [json!([1]), json!("text")] {
        assert_eq!(refused(post(&instance, PARKINGS, &body)), field(""));
    }
    // Not everything is documented: what is unknown may be right.
    post(&instance, PARKINGS, &with(parking(), "/lately_added", json!({ "a": [1] }))).unwrap();
}

#[test]
fn a_sensitive_field_is_encrypted_for_the_key_that_is_named() {
    let (sandbox, instance) = start();
    let plain = guide("张三", "13900000000");
    assert_eq!(said(post(&instance, GUIDES, &plain))[1..3], ["/body/name", "must be encrypted for the platform"]);
    let encrypt = |pointers: Value| instance.chain(GUIDES).post(json!({ "json": plain, "encrypt": pointers }));
    assert_eq!(refused(encrypt(json!(["/json/name"]))), field("/mobile"));
    encrypt(json!("auto")).unwrap();

    let seal = |text: &str| Rsa::encrypt(text, sandbox.platform_public_key()).unwrap();
    let sealed = guide(&seal("张三"), &seal("13900000000"));
    post(&instance, GUIDES, &sealed).unwrap();
    let silent = sandbox.config().credentials(Credentials::new().wechatpay_serial(false)).build().unwrap();
    let missing = (400, "PARAM_ERROR".to_owned(), "Wechatpay-Serial".to_owned());
    assert_eq!(refused(post(&silent, GUIDES, &sealed)), missing);

    // What another key has encrypted has the right length, and cannot be read.
    let other = Sandbox::start().unwrap();
    let foreign = Rsa::encrypt("13900000000", other.platform_public_key()).unwrap();
    let [message, place, ..] = said(post(&instance, GUIDES, &with(sealed, "/mobile", json!(foreign))));
    assert!(message.ends_with("敏感信息解密失败"), "{message}");
    assert_eq!(place, "/body/mobile");
    assert_eq!(sandbox.ledger().len(), 2);

    let search = |mobile: &str| {
        instance.chain(GUIDES).get(json!({ "query": { "store_id": 1234, "mobile": mobile, "limit": 5, "offset": 0 } }))
    };
    search(&seal("13900000000")).unwrap();
    let refusals = [said(search("13900000000")), said(search(&foreign))];
    assert_eq!(refusals.map(|[_, field, _, location]| [field, location]), [["mobile", "query"]; 2]);
}

#[test]
fn parts_of_a_form_are_compared_too() {
    let (_sandbox, instance) = start();
    let path = "v3/mch-manage/submission-files/sub-mchid/{sub_mchid}/upload";
    let meta = json!({ "file_name": "a.jpg", "file_digest": "0" }).to_string();
    let upload = |parts: &[(&'static str, &str)]| {
        let file = Part::new("submission_file", "content").file_name("a.jpg");
        let texts = parts.iter().map(|(name, text)| Part::new(*name, *text));
        let parts: Vec<_> = texts.chain([file]).collect();
        instance.chain(path).post(Options::new().variable("sub_mchid", "1900000109").multipart(parts))
    };
    let right = [("meta", meta.as_str()), ("item_id", "1"), ("manage_record_id", "2")];
    upload(&right).unwrap();
    for missing in 0..right.len() {
        let parts: Vec<_> = right.iter().enumerate().filter(|(at, _)| *at != missing).map(|(_, part)| *part).collect();
        assert_eq!(refused(upload(&parts)).2, format!("/body/{}", right[missing].0));
    }
    assert_eq!(refused(upload(&[right[0], ("item_id", "x"), right[2]])), field("/item_id"));
    let mut media = MediaUtil::from_bytes("a.jpg", "content");
    media.set_meta(json!({ "filename": "a.jpg" })).unwrap();
    let result = instance.chain("v3/merchant/media/upload").post(Options::new().body(media));
    assert_eq!(refused(result), field("/meta/sha256"));
}

// ---------------------------------------------------------------- paths

#[test]
fn an_unknown_path_is_told_the_nearest_one_and_another_method_the_right_ones() {
    let (sandbox, instance) = start();
    let error = post(&instance, "v3/vehicle/parking/parking", &parking()).unwrap_err();
    assert_eq!(error.code(), Some("NOT_FOUND"));
    assert!(error.to_string().contains("请求的路径不存在，最接近的是POST v3/vehicle/parking/parkings"), "{error}");
    assert_eq!(refused(instance.chain("v3/zzz").get(())), is(404, "NOT_FOUND"));
    // The catalog also knows how a chain may write it; the platform does not.
    assert_eq!(refused(instance.chain("v3/vehicle.parking.parkings").post(())), is(404, "NOT_FOUND"));

    let error = instance.chain(PARKINGS).delete(()).unwrap_err();
    let answer = error.response().unwrap();
    assert_eq!((answer.status().as_u16(), answer.header("Allow")), (405, Some("POST")));
    let error = instance.chain(GUIDES).put(()).unwrap_err();
    assert_eq!(error.response().unwrap().header("Allow"), Some("GET, POST"));
    assert!(sandbox.ledger().is_empty());

    // A value that looks like a variable is one.
    let order = instance.chain("v3/pay/transactions/out-trade-no/{out_trade_no}");
    let result = order.get(json!({ "out_trade_no": "_1234567_", "query": { "mchid": sandbox.mchid() } }));
    assert_eq!(refused(result), is(404, "ORDER_NOT_EXIST"));
}

#[test]
fn a_lenient_sandbox_refuses_none_of_it_and_a_scripted_answer_is_given_to_all() {
    let sandbox = crate::lenient();
    let instance = Builder::factory(sandbox.config()).unwrap();
    for (path, body) in [("v3/zzz", json!({})), (PARKINGS, json!({})), (GUIDES, guide("张三", "13900000000"))] {
        assert_eq!(post(&instance, path, &body).unwrap().text(), "{}");
    }
    // What has state keeps its rules.
    assert_eq!(refused(post(&instance, "v3/pay/transactions/native", &json!({}))), field("/appid"));

    let (sandbox, instance) = start();
    for path in ["v3/zzz", PARKINGS] {
        sandbox.answer("POST", path, 200, json!({ "id": "1" }));
        assert_eq!(post(&instance, path, &json!({})).unwrap().text_at("/id").unwrap(), "1");
    }
    sandbox.assert_no_answers_left();
}

// ---------------------------------------------------------------- APIv2

#[test]
fn apiv2_is_compared_in_its_own_words() {
    let (_sandbox, instance) = start();
    let call = |path: &str, xml: Value| instance.chain(path).post(json!({ "xml": xml }));
    let said = |result: Result<Response, Error>| match result.unwrap_err() {
        Error::Apiv2(error) => (error.err_code().unwrap().to_owned(), error.err_code_des().unwrap().to_owned()),
        error => panic!("{error:?}"),
    };
    let right = json!({
        "appid": "wx8888888888888888", "mch_id": "1900000109", "body": "咖啡", "out_trade_no": "1",
        "total_fee": 1, "spbill_create_ip": "127.0.0.1", "auth_code": "120061098828009406",
    });
    let pay = |pointer: &str, value: Value| call("v2/pay/micropay", with(right.clone(), pointer, value));
    assert!(pay("/attach", json!("a")).is_ok());
    for name in ["body", "auth_code", "total_fee"] {
        for value in [Value::Null, json!("")] {
            let lacking = ("LACK_PARAMS".to_owned(), format!("缺少参数{name}"));
            assert_eq!(said(pay(&format!("/{name}"), value)), lacking);
        }
    }
    let wrong = |what: &str| ("PARAM_ERROR".to_owned(), what.to_owned());
    assert_eq!(said(pay("/total_fee", json!("1.5"))), wrong("参数total_fee须为整数"));
    assert_eq!(said(pay("/profit_sharing", json!("y"))), wrong("参数profit_sharing须为N、Y之一"));

    // Either number is enough, though the page requires both.
    let query = |names: &[&str]| {
        let mut xml = Map::from_iter([("appid".to_owned(), json!("wx1")), ("mch_id".to_owned(), json!("1900000109"))]);
        xml.extend(names.iter().map(|name| ((*name).to_owned(), json!("1"))));
        call("v2/pay/refundquery", xml.into())
    };
    for names in [&["out_trade_no"][..], &["refund_id"], &["transaction_id", "out_refund_no"]] {
        assert_eq!(said(query(names)).0, "REFUNDNOTEXIST", "{names:?}");
    }
    assert_eq!(said(query(&[])).0, "LACK_PARAMS");

    let error = call("v2/pay/micropays", right.clone()).unwrap_err();
    assert!(error.to_string().contains("请求的路径不存在，最接近的是POST v2/pay/micropay"), "{error}");
    let error = instance.chain("v2/pay/micropay").get(json!({ "query": right })).unwrap_err();
    assert!(error.to_string().contains("请使用post方法"), "{error}");
}
