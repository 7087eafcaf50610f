//! The sandbox seen from outside: through the crate's own client where a call is right, and over a bare
//! socket where it is wrong.

use std::collections::HashSet;
use std::io::{BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use openssl::asn1::Asn1Time;
use support::bare::{Answer, Bare};
use support::keys::rsa;
use wechatpay::{Builder, Chain, Credentials, Error, Formatter, Outcome, Response, Rsa, Value, json};
use wechatpay_sandbox::Sandbox;

const BANK_FAVOR: &str = "v3/marketing/bank-favor/users/{openid}/bank-multi-activity";
const MULTIUSE: &str = "v3/multiuse/users/{openid}/coupons";
const BUSIFAVOR: &str = "v3/marketing/busifavor/coupons/send";
const WITHDRAW: &str = "v3/marketing/withdraw-favor/users/{openid}/coupons";
const OPENID: &str = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";

fn start() -> (Sandbox, Chain) {
    with(Sandbox::start().unwrap())
}

/// A sandbox to which it does not matter what is called.
fn start_lenient() -> (Sandbox, Chain) {
    with(crate::lenient())
}

fn with(sandbox: Sandbox) -> (Sandbox, Chain) {
    let instance = Builder::factory(sandbox.config()).unwrap();
    (sandbox, instance)
}

// ---------------------------------------------------------------- the five operations

fn bank_favor() -> Value {
    json!({
        "stock_id": "9856000",
        "activity_id": "126002309",
        "out_request_no": "8956000202407191254642",
        "appid": "wx233544546545989",
        "stock_creator_mchid": "9856888",
    })
}

fn multiuse(sandbox: &Sandbox) -> Value {
    let encrypt = |text: &str| Rsa::encrypt(text, sandbox.platform_public_key()).unwrap();
    json!({
        "stock_id": "9856000",
        "out_request_no": "8956000202407191254642",
        "user_name": encrypt("张三"),
        "id_card_number": encrypt("11010519491231002X"),
        "amount": 10000,
        "appid": "wx233544546545989",
        "card_type": "ID_CARD",
    })
}

fn busifavor() -> Value {
    json!({
        "openid": "xsd3434454567676",
        "appid": "wx1234567889999",
        "stock_id": "100088",
        "out_request_no": "1002600620019090123143254435",
        "coupon_code": "sxxe34343434",
    })
}

fn withdraw(number: &str) -> Value {
    json!({
        "mchid": "1230000109",
        "stock_id": "1304490000000059",
        "appid": "wxd678efh567hg6787",
        "send_request_no": number,
    })
}

fn post(instance: &Chain, path: &str, json: &Value) -> Result<Response, Error> {
    let headers = json!({ "Wechatpay-Serial": "PUB_KEY_ID_0114232134912410000000000000" });
    let options = match path.contains("{openid}") {
        true => json!({ "openid": OPENID, "json": json, "headers": headers }),
        false => json!({ "json": json, "headers": headers }),
    };
    instance.chain(path).post(options)
}

fn posted(instance: &Chain, path: &str, json: &Value) -> Value {
    post(instance, path, json).unwrap().json().unwrap()
}

/// What a refused call says: code, message and detail.
fn refused(result: Result<Response, Error>) -> (String, String, Value) {
    match result.unwrap_err() {
        Error::Client(error) => {
            assert_eq!(error.response().status(), 400, "{error}");
            assert!(error.response().request_id().is_some());
            let text = |text: Option<&str>| text.unwrap().to_owned();
            (text(error.code()), text(error.message()), error.detail().cloned().unwrap_or_default())
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_four_sending_operations_answer_as_documented() {
    let (sandbox, instance) = start();

    let answer = posted(&instance, BANK_FAVOR, &bank_favor());
    assert_eq!(answer.as_object().unwrap().len(), 1);
    assert!(answer["coupon_id"].as_str().is_some_and(|id| !id.is_empty()));

    let answer = posted(&instance, MULTIUSE, &multiuse(&sandbox));
    assert_eq!(answer.as_object().unwrap().len(), 1);
    assert!(answer["coupon_id"].as_str().is_some_and(|id| !id.is_empty()));

    assert_eq!(
        posted(&instance, BUSIFAVOR, &busifavor()),
        json!({
            "stock_id": "100088",
            "coupon_code": "sxxe34343434",
            "out_request_no": "1002600620019090123143254435",
        })
    );

    let answer = posted(&instance, WITHDRAW, &withdraw("89560002019101000121"));
    assert_eq!(answer.as_object().unwrap().len(), 2);
    assert!(answer["coupon_id"].as_str().is_some_and(|id| !id.is_empty()));
    let expires = answer["expire_time"].as_str().unwrap();
    let days = (unix_seconds(expires) - Formatter::timestamp()) as f64 / 86_400.0;
    assert!((29.99..=30.0).contains(&days), "{expires}");
    assert!(expires.ends_with("+08:00"), "{expires}");
}

#[test]
fn a_code_is_made_where_none_is_given() {
    let (_sandbox, instance) = start();
    let without = |number: &str, code: Value| {
        let mut body = busifavor();
        body["out_request_no"] = json!(number);
        body["coupon_code"] = code;
        body
    };
    let first = posted(&instance, BUSIFAVOR, &without("1", Value::Null))["coupon_code"].clone();
    let second = posted(&instance, BUSIFAVOR, &without("2", Value::Null))["coupon_code"].clone();
    assert!(first.as_str().is_some_and(|code| !code.is_empty()));
    assert_ne!(first, second);
    assert_eq!(refused(post(&instance, BUSIFAVOR, &without("3", json!(7)))).2["field"], "/body/coupon_code");
}

#[test]
fn the_same_number_gives_the_same_coupon_or_is_refused() {
    let (sandbox, instance) = start();
    let cases = [
        (BANK_FAVOR, bank_favor(), "out_request_no", "activity_id"),
        (MULTIUSE, multiuse(&sandbox), "out_request_no", "stock_id"),
        (BUSIFAVOR, busifavor(), "out_request_no", "coupon_code"),
        (WITHDRAW, withdraw("89560002019101000121"), "send_request_no", "stock_id"),
    ];
    for (path, body, number, other) in cases {
        let first = posted(&instance, path, &body);
        assert_eq!(posted(&instance, path, &body), first, "{path}");

        let mut changed = body.clone();
        changed[other] = json!("another");
        let (code, message, detail) = refused(post(&instance, path, &changed));
        assert_eq!(code, "INVALID_REQUEST", "{path}");
        assert!(message.contains(number) && message.contains(body[number].as_str().unwrap()), "{message}");
        assert_eq!(detail["field"], format!("/body/{number}"));

        // Another number is another coupon, and the refusal has not harmed the first.
        changed[number] = json!("another");
        assert_ne!(posted(&instance, path, &changed), first, "{path}");
        assert_eq!(posted(&instance, path, &body), first, "{path}");
    }
    // The user belongs to the content, too.
    let other_user = instance.chain(BANK_FAVOR).post(json!({ "openid": "another", "json": bank_favor() }));
    assert_eq!(refused(other_user).0, "INVALID_REQUEST");
}

#[test]
fn encrypted_fields_are_compared_by_what_they_say() {
    let (sandbox, instance) = start();
    let body = multiuse(&sandbox);
    let first = posted(&instance, MULTIUSE, &body);
    let again = multiuse(&sandbox);
    assert_ne!(body["user_name"], again["user_name"]);
    assert_eq!(posted(&instance, MULTIUSE, &again), first);

    let mut changed = body;
    changed["user_name"] = json!(Rsa::encrypt("李四", sandbox.platform_public_key()).unwrap());
    let (code, message, _) = refused(post(&instance, MULTIUSE, &changed));
    assert_eq!(code, "INVALID_REQUEST");
    assert!(!message.contains("李四") && !message.contains("张三"), "{message}");
}

#[test]
fn encrypted_fields_must_be_for_the_platform() {
    let (sandbox, instance) = start();
    let merchant = sandbox.merchant_private_key().public_key().unwrap();
    let wrong = [json!("张三"), json!("AAAA"), json!(Rsa::encrypt("张三", &merchant).unwrap())];
    for field in ["user_name", "id_card_number"] {
        for value in &wrong {
            let mut body = multiuse(&sandbox);
            body[field] = value.clone();
            let (code, message, detail) = refused(post(&instance, MULTIUSE, &body));
            assert_eq!(code, "PARAM_ERROR");
            assert!(message.contains(field), "{message}");
            assert_eq!(detail["field"], format!("/body/{field}"));
            assert_eq!(detail["location"], "body");
        }
    }

    let silent = sandbox.config().credentials(Credentials::new().wechatpay_serial(false)).build().unwrap();
    for headers in [json!({}), json!({ "Wechatpay-Serial": sandbox.merchant_serial() })] {
        let result =
            silent.chain(MULTIUSE).post(json!({ "openid": OPENID, "json": multiuse(&sandbox), "headers": headers }));
        let (code, message, detail) = refused(result);
        assert_eq!(code, "PARAM_ERROR");
        assert!(message.contains("Wechatpay-Serial"), "{message}");
        assert_eq!(detail["location"], "header");
    }
}

#[test]
fn fields_are_checked_one_by_one() {
    let (sandbox, instance) = start();
    let cases = [
        (BANK_FAVOR, bank_favor()),
        (MULTIUSE, multiuse(&sandbox)),
        (BUSIFAVOR, busifavor()),
        (WITHDRAW, withdraw("1")),
    ];
    for (path, body) in cases {
        let required =
            body.as_object().unwrap().keys().filter(|name| !["amount", "coupon_code"].contains(&name.as_str()));
        for name in required {
            for wrong in [None, Some(Value::Null), Some(json!("")), Some(json!(1)), Some(json!(["x"])), Some(json!({}))]
            {
                let mut body = body.clone();
                match wrong.clone() {
                    None => drop(body.as_object_mut().unwrap().remove(name)),
                    Some(wrong) => body[name] = wrong,
                }
                let (code, message, detail) = refused(post(&instance, path, &body));
                assert_eq!(code, "PARAM_ERROR", "{path} {name} {wrong:?}");
                assert!(message.contains(name.as_str()), "{message}");
                assert_eq!(detail["field"], format!("/body/{name}"));
                assert_eq!(detail["location"], "body");
                assert!(detail["issue"].is_string());
            }
        }
        for body in ["", "{", "[]", "null", "\"x\"", "\u{feff}{}"] {
            let options = match path.contains("{openid}") {
                true => json!({ "openid": OPENID, "body": body }),
                false => json!({ "body": body }),
            };
            let options = wechatpay::Options::from(options).header("Wechatpay-Serial", sandbox.platform_serial());
            assert_eq!(refused(instance.chain(path).post(options)).0, "PARAM_ERROR", "{path} {body:?}");
        }
    }

    let mut body = multiuse(&sandbox);
    for amount in [json!("10000"), json!(1.5), json!(-1), json!(0), json!(true), json!(u64::MAX)] {
        body["amount"] = amount;
        assert_eq!(refused(post(&instance, MULTIUSE, &body)).2["field"], "/body/amount", "{}", body["amount"]);
    }
    body["card_type"] = json!("PASSPORT");
    body["amount"] = json!(1);
    assert_eq!(refused(post(&instance, MULTIUSE, &body)).2["field"], "/body/card_type");
    body.as_object_mut().unwrap().remove("amount");
    body["card_type"] = json!("ID_CARD");
    post(&instance, MULTIUSE, &body).unwrap();
}

#[test]
fn an_empty_openid_is_refused() {
    let (sandbox, _) = start_lenient();
    let targets = [
        ("POST", "/v3/marketing/bank-favor/users//bank-multi-activity"),
        ("POST", "/v3/multiuse/users//coupons"),
        ("POST", "/v3/marketing/withdraw-favor/users//coupons"),
        ("GET", "/v3/marketing/withdraw-favor/users//coupons?mchid=1&stock_id=2&appid=3"),
        ("POST", "/v3/marketing/bank-favor/users/%FF/bank-multi-activity"),
    ];
    for (method, target) in targets {
        let body = if method == "POST" { "{}" } else { "" };
        let request = signed(&sandbox, method, target, body);
        let answer = request.with("Wechatpay-Serial", sandbox.platform_serial()).send(&sandbox);
        assert_eq!(answer.status, 400, "{target}");
        let json: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(json["code"], "PARAM_ERROR");
        assert_eq!(json["detail"]["field"], "openid");
        assert_eq!(json["detail"]["location"], "uri");
    }
}

#[test]
fn coupons_are_listed_by_page_in_the_order_of_sending() {
    let (_sandbox, instance) = start();
    let list = |openid: &str, query: Value| {
        let mut all = json!({ "mchid": "1230000109", "stock_id": "1304490000000059", "appid": "wxd678efh567hg6787" });
        all.as_object_mut().unwrap().extend(query.as_object().unwrap().clone());
        instance.chain(WITHDRAW).get(json!({ "openid": openid, "query": all }))
    };
    let nobody = list(OPENID, json!({})).unwrap().json().unwrap();
    assert_eq!(nobody, json!({ "data": [], "offset": 0, "limit": 10, "total_count": 0 }));

    let before = Formatter::timestamp();
    let sent: Vec<Value> =
        (0..25).map(|n| posted(&instance, WITHDRAW, &withdraw(&format!("N{n}")))["coupon_id"].clone()).collect();
    // A repetition is not listed twice.
    assert_eq!(posted(&instance, WITHDRAW, &withdraw("N3"))["coupon_id"], sent[3]);

    let page = |query| {
        let page = list(OPENID, query).unwrap().json().unwrap();
        let ids: Vec<Value> = page["data"].as_array().unwrap().iter().map(|entry| entry["coupon_id"].clone()).collect();
        (ids, page)
    };
    let (ids, first) = page(json!({}));
    assert_eq!(ids, sent[..10]);
    assert_eq!((&first["offset"], &first["limit"], &first["total_count"]), (&json!(0), &json!(10), &json!(25)));
    let entry = first["data"][0].as_object().unwrap();
    assert_eq!(entry.len(), 5);
    assert_eq!(entry["send_quota"], 10_000);
    assert_eq!(entry["use_quota"], 0);
    assert_eq!(entry["coupon_state"], "SENDED");
    assert!((before..=before + 60).contains(&unix_seconds(entry["send_time"].as_str().unwrap())));

    // The number of a page, from 0.
    assert_eq!(page(json!({ "offset": 1, "limit": 10 })).0, sent[10..20]);
    assert_eq!(page(json!({ "offset": 2 })).0, sent[20..]);
    assert_eq!(page(json!({ "offset": 3 })).0, sent[25..]);
    assert_eq!(page(json!({ "offset": 1, "limit": 24 })).0, sent[24..]);
    assert_eq!(page(json!({ "offset": u64::MAX, "limit": 100 })).0, sent[25..]);
    assert_eq!(page(json!({ "limit": 100 })).0, sent);
    let (ids, beyond) = page(json!({ "offset": 1_000_000, "limit": 1 }));
    assert_eq!((ids.len(), &beyond["offset"], &beyond["total_count"]), (0, &json!(1_000_000), &json!(25)));

    // Another user, another batch: nothing there.
    for other in ["mchid", "stock_id", "appid"] {
        let page = list(OPENID, json!({ other: "another" })).unwrap().json().unwrap();
        assert_eq!(page["total_count"], 0);
    }
    assert_eq!(list("another", json!({})).unwrap().json().unwrap()["total_count"], 0);

    for (name, value) in [
        ("mchid", json!("")),
        ("stock_id", Value::Null),
        ("appid", json!("")),
        ("offset", json!(-1)),
        ("offset", json!("x")),
        ("offset", json!("")),
        ("offset", json!("99999999999999999999999")),
        ("limit", json!(0)),
        ("limit", json!(101)),
        ("limit", json!("+5")),
    ] {
        let (code, message, detail) = refused(list(OPENID, json!({ name: value })));
        assert_eq!(code, "PARAM_ERROR");
        assert!(message.contains(name), "{message}");
        assert_eq!(detail["field"], name);
        assert_eq!(detail["location"], "query");
    }
}

#[test]
fn variables_and_queries_are_decoded() {
    let (sandbox, instance) = start();
    let openid = "用户/a b%&=+";
    let stock = "批次 1&2=3+4";
    let mut body = withdraw("1");
    body["stock_id"] = json!(stock);
    instance.chain(WITHDRAW).post(json!({ "openid": openid, "json": body })).unwrap();
    let query = json!({ "mchid": "1230000109", "stock_id": stock, "appid": "wxd678efh567hg6787" });
    let page = instance.chain(WITHDRAW).get(json!({ "openid": openid, "query": query })).unwrap().json().unwrap();
    assert_eq!(page["total_count"], 1);

    // What is kept of the request is what arrived.
    let requests = sandbox.requests();
    let target = requests[1].target();
    assert!(target.contains("/users/%E7%94%A8%E6%88%B7%2Fa%20b%25%26%3D%2B/coupons?"), "{target}");
    assert!(target.contains("stock_id=%E6%89%B9%E6%AC%A1%201%262%3D3%2B4"), "{target}");
}

#[test]
fn calls_at_the_same_time_share_one_book() {
    let (sandbox, instance) = start();
    let chain = instance.chain(WITHDRAW);
    let send = |number: &str| chain.post_async(json!({ "openid": OPENID, "json": withdraw(number) }));
    let different: Vec<_> = (0..64).map(|n| send(&format!("N{n}"))).collect();
    let same: Vec<_> = (0..64).map(|_| send("the same")).collect();
    let ids = |promises: Vec<wechatpay::Promise<Response>>| {
        let ids = promises.into_iter().map(|promise| promise.wait().unwrap().json().unwrap()["coupon_id"].to_string());
        ids.collect::<HashSet<_>>().len()
    };
    assert_eq!(ids(different), 64);
    assert_eq!(ids(same), 1);
    assert_eq!(sandbox.requests().len(), 128);
}

// ---------------------------------------------------------------- other paths

#[test]
fn other_paths_of_the_platform_get_an_empty_object() {
    let (sandbox, instance) = start_lenient();
    for path in ["v3/any/path", "v3/any/path/P20150806125346", "hk/v3/statements-of-mine"] {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let answer = instance.chain("{+path}").request(method, json!({ "path": path })).unwrap();
            assert_eq!(answer.status(), 200);
            assert_eq!(answer.text(), "{}");
        }
    }
    let head = signed(&sandbox, "HEAD", "/v3/any/path", "").send(&sandbox);
    assert_eq!((head.status, head.body.len()), (200, 0));
    verify(&head, &sandbox);

    for target in ["/", "/v2/x", "/v3", "/hk/v3", "/V3/certificates", "/pay/unifiedorder", "//v3/x"] {
        let answer = Bare::get(&sandbox, target).send(&sandbox);
        assert_eq!(answer.status, 404, "{target}");
        let json: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(json["code"], "NOT_FOUND");
        verify(&answer, &sandbox);
    }
}

#[test]
fn a_wrong_method_is_told_the_right_ones() {
    let (sandbox, instance) = start_lenient();
    let bank = instance.chain(BANK_FAVOR).put(json!({ "openid": OPENID, "http_errors": false })).unwrap();
    assert_eq!((bank.status().as_u16(), bank.header("allow"), bank.body()), (405, Some("POST"), &b""[..]));
    let both = instance.chain(WITHDRAW).delete(json!({ "openid": OPENID, "http_errors": false })).unwrap();
    assert_eq!((both.status().as_u16(), both.header("allow")), (405, Some("GET, POST")));
    assert_eq!(both.header("content-type"), None);

    let raw = Bare::get(&sandbox, "/v3/marketing/busifavor/coupons/send").send(&sandbox);
    assert_eq!(raw.status, 405);
    verify(&raw, &sandbox);
}

// ---------------------------------------------------------------- the gate

#[test]
fn an_authorization_must_hold_exactly() {
    let (sandbox, _) = start_lenient();
    let (target, body) = ("/v3/any/path?a=b%20c", r#"{"amount":{"total":1},"payer":"张三"}"#);
    let right = || Signed::new(&sandbox, "POST", target, body);
    let send =
        |authorization: &str| Bare::new("POST", target, body).with("Authorization", authorization).send(&sandbox);

    assert_eq!(send(&right().header()).status, 200);
    let mut reversed = right().pairs();
    reversed.reverse();
    assert_eq!(send(&format!("WECHATPAY2-SHA256-RSA2048 {}", reversed.join(","))).status, 200);

    // Without a message that could be shown.
    const MALFORMED: &str = "Http头Authorization值格式错误";
    let pairs = || right().pairs().join(",");
    let malformed = [
        String::new(),
        "WECHATPAY2-SHA256-RSA2048".into(),
        "WECHATPAY2-SHA256-RSA2048 ".into(),
        format!("WECHATPAY2-SHA256-RSA2048  {}", pairs()),
        format!("WECHATPAY2-SHA256-RSA2048 {},", pairs()),
        format!("WECHATPAY2-SHA256-RSA2048 {}", pairs().replace(',', ", ")),
        format!("WECHATPAY2-SHA256-RSA2048 {}", pairs().replace('"', "")),
        format!("WECHATPAY2-SHA256-RSA2048 {}", pairs().replace('"', "'")),
        format!("WECHATPAY2-SHA256-RSA2048 {},{}", pairs(), right().pairs()[0]),
        format!("WECHATPAY2-SHA256-RSA2048 {},more=\"x\"", pairs()),
        format!("WECHATPAY2-SHA256-RSA2048 {}", right().pairs()[1..].join(",")),
        format!("WECHATPAY2-SHA256-RSA2048 {}", pairs().replace("mchid=\"1900000109\"", "mchid=\"\"")),
        format!("WECHATPAY2-SHA256-RSA2048 {}", pairs().replace("mchid=\"1900000109\"", "mchid=\"")),
        format!("WECHATPAY2-SHA256-RSA2048 {}", pairs().replace("timestamp=\"", "timestamp=\"+")),
        format!("WECHATPAY2-SHA256-RSA2048 {}", pairs().replace("timestamp=\"", "timestamp=\"99999999999999999999")),
    ];
    for authorization in &malformed {
        let json = sign_error(&send(authorization), &sandbox, MALFORMED);
        assert!(json["detail"]["sign_information"].is_null(), "{authorization}");
    }
    sign_error(&Bare::new("POST", target, body).send(&sandbox), &sandbox, MALFORMED);
    let header = right().header();
    let twice = Bare::new("POST", target, body).with("Authorization", &header).with("Authorization", &header);
    sign_error(&twice.send(&sandbox), &sandbox, MALFORMED);
    for scheme in ["WECHATPAY2-SM2-WITH-SM3", "wechatpay2-sha256-rsa2048", "Bearer"] {
        let answer = send(&format!("{scheme} {}", pairs()));
        sign_error(&answer, &sandbox, "Http头Authorization认证类型不正确");
    }

    // With one.
    let now = Formatter::timestamp();
    let early = "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟";
    let mismatch = "错误的签名，验签失败";
    let mut other_mchid = right();
    other_mchid.mchid = "1900000110".into();
    let mut other_serial = right();
    other_serial.serial = "0000".into();
    let mut changed = right();
    changed.nonce = "another".into();
    let mut no_base64 = right();
    no_base64.signature = "!".into();
    let other_key = {
        let mut signed = right();
        let key = rsa().private_key_to_pem_pkcs8().unwrap();
        let key = Rsa::from(String::from_utf8(key).unwrap(), Rsa::KEY_TYPE_PRIVATE).unwrap();
        signed.signature = Rsa::sign(signed.message("POST", target, body), &key).unwrap();
        signed
    };
    for (signed, message) in [
        (other_mchid, "Http头Authorization中的mchid有误"),
        (other_serial, "商户证书序列号有误"),
        (changed, mismatch),
        (no_base64, mismatch),
        (other_key, mismatch),
        (Signed::new(&sandbox, "GET", target, body), mismatch),
        (Signed::new(&sandbox, "POST", "/v3/any/path?a=b c", body), mismatch),
        (Signed::new(&sandbox, "POST", "/v3/any/path", body), mismatch),
        (Signed::new(&sandbox, "POST", target, &body.replace(':', ": ")), mismatch),
        (Signed::new(&sandbox, "POST", target, ""), mismatch),
        (Signed::at(now - 310, &sandbox, "POST", target, body), early),
        (Signed::at(now + 310, &sandbox, "POST", target, body), early),
        (Signed::at(0, &sandbox, "POST", target, body), early),
    ] {
        let json = sign_error(&send(&signed.header()), &sandbox, message);
        let information = &json["detail"]["sign_information"];
        assert_eq!(information["method"], "POST");
        assert_eq!(information["url"], target);
        assert_eq!(information["sign_message_length"], signed.message("POST", target, body).len());
        let shown = format!("POST\n{target}\n{}\n{}\n{{\"amount\n", signed.timestamp, signed.nonce);
        assert_eq!(information["truncated_sign_message"], shown);
    }
    assert_eq!(send(&Signed::at(now - 290, &sandbox, "POST", target, body).header()).status, 200);
    assert_eq!(send(&Signed::at(now + 290, &sandbox, "POST", target, body).header()).status, 200);
}

#[test]
fn a_request_is_good_for_once() {
    let (sandbox, _) = start_lenient();
    let request = Bare::get(&sandbox, "/v3/any/path");
    assert_eq!(request.send(&sandbox).status, 200);
    for _ in 0..2 {
        sign_error(&request.send(&sandbox), &sandbox, "Http头Authorization中的nonce_str已被使用");
    }
    // What was refused has used nothing up.
    let signed = Signed::new(&sandbox, "GET", "/v3/any/path", "");
    let mut forged = Signed { signature: "AAAA".into(), ..signed.clone() };
    let send = |signed: &Signed| {
        Bare::new("GET", "/v3/any/path", "").with("Authorization", &signed.header()).send(&sandbox).status
    };
    assert_eq!(send(&forged), 401);
    assert_eq!(send(&signed), 200);
    forged.nonce = "x".into();
    assert_eq!(send(&forged), 401);
    assert_eq!(sandbox.requests().len(), 6);
}

#[test]
fn accept_and_user_agent_are_asked_for_first() {
    let (sandbox, _) = start();
    for name in ["Accept", "User-Agent"] {
        let mut request = Bare::new("GET", "/v3/any/path", "");
        request.headers.retain(|(known, _)| known != name);
        for request in [request.clone(), request.with(name, "")] {
            let answer = request.send(&sandbox);
            assert_eq!(answer.status, 400);
            let json: Value = serde_json::from_slice(&answer.body).unwrap();
            assert_eq!(json["code"], "INVALID_REQUEST");
            assert_eq!(json["message"], "Http头缺少Accept或User-Agent");
            verify(&answer, &sandbox);
        }
    }
}

#[test]
fn a_body_has_a_limit() {
    let (sandbox, instance) = start_lenient();
    let most = "x".repeat(16 * 1024 * 1024);
    let upload = |body: String| instance.chain("v3/x").post(wechatpay::Options::new().body(body));
    assert_eq!(upload(most.clone()).unwrap().status(), 200);
    let error = upload(most + "x").unwrap_err();
    assert_eq!(error.response().unwrap().status(), 413);
    assert_eq!(error.outcome(), Outcome::Rejected);
    let requests = sandbox.requests();
    assert_eq!(requests.iter().map(|request| request.body().len()).collect::<Vec<_>>(), [16 * 1024 * 1024, 0]);
}

// ---------------------------------------------------------------- answers

#[test]
fn every_answer_is_named_and_signed() {
    let (sandbox, _) = start();
    let answer = Bare::get(&sandbox, "/v3/any/path").send(&sandbox);
    assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(answer.header("wechatpay-signature-type"), Some("WECHATPAY2-SHA256-RSA2048"));
    assert_eq!(answer.header("wechatpay-serial"), Some(sandbox.platform_serial()));
    let timestamp: i64 = answer.header("wechatpay-timestamp").unwrap().parse().unwrap();
    assert!(timestamp.abs_diff(Formatter::timestamp()) < 60);
    verify(&answer, &sandbox);
    let other = Bare::get(&sandbox, "/v3/any/path").send(&sandbox);
    for name in ["request-id", "wechatpay-nonce", "wechatpay-signature"] {
        assert!(answer.header(name).is_some_and(|value| !value.is_empty()));
        assert_ne!(answer.header(name), other.header(name), "{name}");
    }
}

/// Signer and verifier of this crate could agree on something wrong; OpenSSL's own program decides.
#[test]
fn the_openssl_program_agrees_with_both_signatures() {
    let (sandbox, instance) = start();
    let answer = post(&instance, BUSIFAVOR, &busifavor()).unwrap();
    let request = &sandbox.requests()[0];
    let authorization = request.header("authorization").unwrap();
    let field = |name: &str| {
        let (_, after) = authorization.split_once(&format!("{name}=\"")).unwrap();
        after.split_once('"').unwrap().0.to_owned()
    };
    let merchant = [("key.pem", sandbox.merchant_private_key_pem().as_bytes())];
    let merchant_pem = String::from_utf8(openssl(&merchant, &["pkey", "-in", "key.pem", "-pubout"]).stdout).unwrap();
    let mut message =
        format!("POST\n/v3/marketing/busifavor/coupons/send\n{}\n{}\n", field("timestamp"), field("nonce_str"));
    message += std::str::from_utf8(request.body()).unwrap();
    message.push('\n');
    assert!(openssl_verifies(&merchant_pem, &message, &field("signature")));
    assert!(!openssl_verifies(&merchant_pem, &message.replace("POST", "PUT"), &field("signature")));

    let platform_pem = sandbox.platform_public_key_pem();
    let header = |name: &str| answer.header(name).unwrap();
    let message = format!("{}\n{}\n{}\n", header("Wechatpay-Timestamp"), header("Wechatpay-Nonce"), answer.text());
    assert!(openssl_verifies(platform_pem, &message, header("Wechatpay-Signature")));
    assert!(!openssl_verifies(platform_pem, &message.replace("100088", "100089"), header("Wechatpay-Signature")));
}

// ---------------------------------------------------------------- the server

#[test]
fn a_connection_serves_many_requests_and_ends_with_the_sandbox() {
    let (sandbox, _) = start_lenient();
    let address = address(&sandbox).to_owned();
    let mut stream = BufReader::new(connect(&address));
    for _ in 0..3 {
        let request = Bare::get(&sandbox, "/v3/any/path").with("Connection", "keep-alive");
        stream.get_mut().write_all(&request.kept_head(0)).unwrap();
        let answer = Answer::read_head(&mut stream);
        let mut body = vec![0; answer.length()];
        stream.read_exact(&mut body).unwrap();
        assert_eq!((answer.status, body.as_slice()), (200, &b"{}"[..]));
    }
    let mut half = connect(&address);
    half.write_all(b"POST /v3/x HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n12").unwrap();

    drop(sandbox);
    for mut stream in [stream.into_inner(), half] {
        // The end of the stream, or a reset: nobody is there any more.
        assert!(!matches!(stream.read(&mut [0; 64]), Ok(1..)));
    }
    assert!(TcpStream::connect(&address).is_err());
}

#[test]
fn a_sandbox_lives_in_async_tests_too() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    runtime.block_on(async {
        let (sandbox, instance) = start_lenient();
        let answer = instance.chain("v3/any/path").get_async(()).await.unwrap();
        assert_eq!(answer.text(), "{}");
        drop(sandbox);
    });
}

#[test]
fn the_latest_requests_are_kept_and_the_ledger_is_whole() {
    for (count, kept) in [(0, 0..0), (3, 7..10), (100, 0..10)] {
        let sandbox = Sandbox::builder().lenient(true).keep_requests(count).start().unwrap();
        let instance = Builder::factory(sandbox.config()).unwrap();
        for number in 0..10 {
            instance.chain(format!("v3/any/{number}")).post(json!({ "json": {} })).unwrap();
        }
        let targets: Vec<_> = sandbox.requests().iter().map(|request| request.target().to_owned()).collect();
        assert_eq!(targets, kept.map(|number| format!("/v3/any/{number}")).collect::<Vec<_>>());
        assert!(format!("{sandbox:?}").contains(&format!("requests: {}", targets.len())));
        assert_eq!(sandbox.ledger().len(), 10);
    }
}

#[test]
fn sandboxes_do_not_meet() {
    let ((one, first), (two, _)) = (start(), start());
    assert_ne!(one.base_uri(), two.base_uri());
    assert_ne!(one.merchant_private_key_pem(), two.merchant_private_key_pem());
    assert_ne!(one.platform_public_key_pem(), two.platform_public_key_pem());
    posted(&first, WITHDRAW, &withdraw("1"));
    assert_eq!((one.requests().len(), two.requests().len()), (1, 0));
    // The other one's merchant is not known here.
    sign_error(&Bare::get(&two, "/v3/any/path").send(&one), &one, "错误的签名，验签失败");
}

#[test]
fn nonsense_does_no_harm() {
    let (sandbox, instance) = start_lenient();
    let address = address(&sandbox);
    let heads: [&[u8]; 9] = [
        b"",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET\r\n\r\n",
        b"GET * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept: x\r\nUser-Agent: x\r\n\r\n",
        b"CONNECT a:1 HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET http://elsewhere/v3/x?y HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"POST /v3/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /v3/\xff\xfe HTTP/1.1\r\nHost: x\r\nAuthorization: \xff\r\nAccept: \xff\r\nUser-Agent: \xff\r\nConnection: close\r\n\r\n",
    ];
    for head in heads {
        let mut stream = connect(address);
        stream.write_all(head).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let _ = stream.read_to_end(&mut Vec::new());
    }
    // Signed nonsense, too.
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    for target in
        ["/v3/multiuse/users/x/coupons?%", "/v3/marketing/withdraw-favor/users/%/coupons?&&=&%FF=%FF&a", "/v3/%00?"]
    {
        for (method, body) in [("POST", deep.as_str()), ("GET", ""), ("POST", "\0"), ("DELETE", "{}")] {
            let request = signed(&sandbox, method, target, body);
            let answer = request.with("Wechatpay-Serial", sandbox.platform_serial()).send(&sandbox);
            assert!([200, 400, 405].contains(&answer.status), "{} {method} {target}", answer.status);
            verify(&answer, &sandbox);
        }
    }
    instance.chain("v3/any/path").get(()).unwrap();
}

#[test]
fn what_arrived_is_kept_as_it_was_and_shown_without_signature() {
    let (sandbox, instance) = start();
    post(&instance, MULTIUSE, &multiuse(&sandbox)).unwrap();
    let requests = sandbox.requests();
    let [request] = &requests[..] else { panic!("{requests:?}") };
    assert_eq!(request.method(), "POST");
    assert_eq!(request.target(), format!("/v3/multiuse/users/{OPENID}/coupons"));
    assert_eq!(request.header("WECHATPAY-serial"), Some(sandbox.platform_serial()));
    assert!(request.headers().contains_key("user-agent"));
    assert_eq!(request.json().unwrap()["card_type"], "ID_CARD");
    assert_eq!(serde_json::from_slice::<Value>(request.body()).ok(), request.json());

    let authorization = request.header("authorization").unwrap();
    let signature = authorization.split_once("signature=\"").unwrap().1.trim_end_matches('"');
    for shown in [format!("{request:?}"), format!("{requests:#?}"), format!("{sandbox:?}")] {
        assert!(!shown.contains(signature) && !shown.contains("nonce_str"), "{shown}");
    }
    let shown = format!("{request:?}");
    assert!(shown.contains("/v3/multiuse/users") && shown.contains("ID_0114232134912410000000000000"), "{shown}");
}

#[test]
fn a_sandbox_crosses_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Sandbox>();
    shared::<wechatpay_sandbox::Request>();
}

// ---------------------------------------------------------------- a bare client

/// What is in an `Authorization`, free to be made wrong.
#[derive(Clone)]
struct Signed {
    mchid: String,
    serial: String,
    timestamp: i64,
    nonce: String,
    signature: String,
}

impl Signed {
    fn new(sandbox: &Sandbox, method: &str, target: &str, body: &str) -> Signed {
        Signed::at(Formatter::timestamp(), sandbox, method, target, body)
    }

    fn at(timestamp: i64, sandbox: &Sandbox, method: &str, target: &str, body: &str) -> Signed {
        let mut signed = Signed {
            mchid: sandbox.mchid().into(),
            serial: sandbox.merchant_serial().into(),
            timestamp,
            nonce: Formatter::nonce(32),
            signature: String::new(),
        };
        signed.signature = Rsa::sign(signed.message(method, target, body), sandbox.merchant_private_key()).unwrap();
        signed
    }

    fn message(&self, method: &str, target: &str, body: &str) -> String {
        format!("{method}\n{target}\n{}\n{}\n{body}\n", self.timestamp, self.nonce)
    }

    fn pairs(&self) -> Vec<String> {
        vec![
            format!("mchid=\"{}\"", self.mchid),
            format!("serial_no=\"{}\"", self.serial),
            format!("timestamp=\"{}\"", self.timestamp),
            format!("nonce_str=\"{}\"", self.nonce),
            format!("signature=\"{}\"", self.signature),
        ]
    }

    fn header(&self) -> String {
        format!("WECHATPAY2-SHA256-RSA2048 {}", self.pairs().join(","))
    }
}

/// A request with a right `Authorization`.
fn signed(sandbox: &Sandbox, method: &str, target: &str, body: &str) -> Bare {
    Bare::signed(sandbox, method, target, body, body.as_bytes())
}

/// Every answer is signed, whatever it says.
fn verify(answer: &Answer, sandbox: &Sandbox) {
    let header = |name| answer.header(name).unwrap();
    let message = format!("{}\n{}\n{}\n", header("wechatpay-timestamp"), header("wechatpay-nonce"), answer.text());
    assert!(Rsa::verify(message, header("wechatpay-signature"), sandbox.platform_public_key()));
    assert!(answer.header("request-id").is_some());
    assert_eq!(answer.header("content-type").is_some(), !answer.body.is_empty());
}

/// What an answer says that refuses a signature in these words.
fn sign_error(answer: &Answer, sandbox: &Sandbox, message: &str) -> Value {
    assert_eq!(answer.status, 401, "{}", answer.text());
    verify(answer, sandbox);
    let json: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(json["code"], "SIGN_ERROR");
    assert_eq!(json["message"], message);
    assert_eq!(json["detail"]["field"], "signature");
    assert_eq!(json["detail"]["issue"], "sign not match");
    assert_eq!(json["detail"]["location"], "authorization");
    json
}

fn address(sandbox: &Sandbox) -> &str {
    sandbox.base_uri().trim_start_matches("http://").trim_end_matches('/')
}

fn connect(address: &str) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

// ---------------------------------------------------------------- other programs

/// Runs `openssl` with these arguments in a directory of its own, which holds these files.
fn openssl(files: &[(&str, &[u8])], arguments: &[&str]) -> std::process::Output {
    let directory = std::env::temp_dir().join(format!("wechatpay-sandbox-{}", Formatter::nonce(16)));
    std::fs::create_dir(&directory).unwrap();
    for (name, content) in files {
        std::fs::write(directory.join(name), content).unwrap();
    }
    let output = Command::new("openssl").args(arguments).current_dir(&directory).output();
    std::fs::remove_dir_all(&directory).unwrap();
    output.expect("the openssl program is installed")
}

pub(crate) fn openssl_verifies(public_pem: &str, message: &str, signature: &str) -> bool {
    let signature = STANDARD.decode(signature).unwrap();
    let files = [("key.pem", public_pem.as_bytes()), ("message", message.as_bytes()), ("signature", &signature)];
    let output = openssl(&files, &["dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "message"]);
    match String::from_utf8_lossy(&output.stdout).trim() {
        "Verified OK" if output.status.success() => true,
        "Verification failure" | "Verification Failure" if !output.status.success() => false,
        _ => panic!("{output:?}"),
    }
}

/// What OpenSSL takes such a text for.
fn unix_seconds(rfc3339: &str) -> i64 {
    let in_china = rfc3339.strip_suffix("+08:00").unwrap();
    let digits: String = in_china.chars().filter(char::is_ascii_digit).collect();
    let epoch = Asn1Time::from_unix(0).unwrap();
    let since = epoch.diff(&Asn1Time::from_str_x509(&format!("{digits}Z")).unwrap()).unwrap();
    i64::from(since.days) * 86_400 + i64::from(since.secs) - 8 * 3600
}
