//! APIv2 of the sandbox. What is signed is signed and checked by OpenSSL's own program.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

use flate2::read::GzDecoder;
use openssl::pkey::PKey;
use openssl::x509::X509;
use support::bare::{Answer, Bare, Identity};
use wechatpay::{Builder, Error, Transformer, Value, json};
use wechatpay_sandbox::Sandbox;

const NO_CERTIFICATE: &str =
    "<xml><return_code>FAIL</return_code><return_msg>证书出错，请登录微信支付商户平台下载证书</return_msg></xml>";
const WRONG_SIGN: &str = "<xml><return_code>FAIL</return_code><return_msg>签名错误</return_msg></xml>";

type Data = BTreeMap<String, String>;

fn data(pairs: &[(&str, &str)]) -> Data {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn with(mut data: Data, pairs: &[(&str, &str)]) -> Data {
    data.extend(self::data(pairs));
    data
}

/// The signature, of MD5 or HMAC-SHA256, in uppercase hex.
fn sign(sandbox: &Sandbox, data: &Data, kind: &str) -> String {
    let pairs = data.iter().filter(|(name, value)| *name != "sign" && !value.is_empty());
    let mut text: String = pairs.map(|(name, value)| format!("{name}={value}&")).collect();
    text += &format!("key={}", sandbox.secret());
    let key = format!("key:{}", sandbox.secret());
    let arguments = match kind {
        "MD5" => vec!["dgst", "-md5"],
        _ => vec!["dgst", "-sha256", "-mac", "HMAC", "-macopt", &key],
    };
    let mut openssl = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the openssl program is installed");
    openssl.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = String::from_utf8(openssl.wait_with_output().unwrap().stdout).unwrap();
    output.trim().rsplit(' ').next().unwrap().to_uppercase()
}

fn signed(sandbox: &Sandbox, data: Data) -> Data {
    let kind = data.get("sign_type").map_or("MD5", String::as_str);
    let sign = sign(sandbox, &data, kind);
    with(data, &[("sign", &sign)])
}

fn xml(data: &Data) -> String {
    let fields = data.iter().map(|(name, value)| format!("<{name}><![CDATA[{value}]]></{name}>"));
    format!("<xml>{}</xml>", fields.collect::<String>())
}

/// Sends an XML as it is.
fn post(sandbox: &Sandbox, path: &str, xml: &str) -> Answer {
    post_as(sandbox, path, xml, None)
}

fn post_as(sandbox: &Sandbox, path: &str, xml: &str, identity: Option<&Identity>) -> Answer {
    Bare::new("POST", path, xml).with("Content-Type", "text/xml; charset=utf-8").send_as(sandbox, identity)
}

/// Sends data rightly signed; gives what it answers, whose signature must hold as that of the request.
fn call(sandbox: &Sandbox, path: &str, data: Data) -> Data {
    let kind = data.get("sign_type").cloned().unwrap_or("MD5".into());
    let answer = post_as(sandbox, path, &xml(&signed(sandbox, data)), None);
    let fields = read(&answer);
    assert_eq!(fields["sign"], sign(sandbox, &fields, &kind), "{fields:?}");
    assert_eq!(fields["nonce_str"].len(), 32);
    fields
}

fn read(answer: &Answer) -> Data {
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/xml; charset=utf-8")));
    assert!(answer.is_unsigned() && answer.header("request-id").is_none());
    let Value::Object(fields) = Transformer::to_array(&answer.body).unwrap() else { panic!("{}", answer.text()) };
    fields.into_iter().map(|(name, value)| (name, value.as_str().unwrap().to_owned())).collect()
}

/// The error code of a call that is understood but not done.
fn refused(sandbox: &Sandbox, path: &str, data: Data) -> String {
    let fields = call(sandbox, path, data);
    assert_eq!((fields["return_code"].as_str(), fields["result_code"].as_str()), ("SUCCESS", "FAIL"));
    assert!(!fields["err_code_des"].is_empty());
    fields["err_code"].clone()
}

fn merchant(sandbox: &Sandbox) -> Identity {
    let key = PKey::private_key_from_pem(sandbox.merchant_private_key_pem().as_bytes()).unwrap();
    (key, X509::from_pem(sandbox.merchant_certificate_pem().as_bytes()).unwrap())
}

fn party(sandbox: &Sandbox) -> Data {
    data(&[("appid", "wxd678efh567hg6787"), ("mch_id", sandbox.mchid()), ("nonce_str", "5K8264ILTKCH16CQ")])
}

fn order(sandbox: &Sandbox, number: &str) -> Data {
    with(
        party(sandbox),
        &[
            ("body", "Image形象店 <&]]"),
            ("out_trade_no", number),
            ("total_fee", "100"),
            ("spbill_create_ip", "127.0.0.1"),
            ("notify_url", "https://example.com/notify?a=b&c=d"),
            ("trade_type", "NATIVE"),
            ("product_id", "12235413214070356458058"),
            ("attach", ""),
        ],
    )
}

#[test]
fn every_success_is_signed_as_it_was_asked() {
    let sandbox = crate::lenient();
    for pairs in [&[][..], &[("sign_type", "MD5")], &[("sign_type", "HMAC-SHA256")]] {
        let answer = call(&sandbox, "/pay/micropay", with(party(&sandbox), pairs));
        let length = if pairs.last().is_some_and(|(_, kind)| *kind == "HMAC-SHA256") { 64 } else { 32 };
        assert_eq!(answer["sign"].len(), length);
        for name in ["appid", "mch_id", "nonce_str", "result_code", "return_code", "return_msg", "sign"] {
            assert!(answer.contains_key(name), "{name}: {answer:?}");
        }
        assert_eq!((answer["return_code"].as_str(), answer["result_code"].as_str()), ("SUCCESS", "SUCCESS"));
        assert_eq!((answer["return_msg"].as_str(), answer["appid"].as_str()), ("OK", "wxd678efh567hg6787"));
        assert_ne!(answer["nonce_str"], "5K8264ILTKCH16CQ");
    }
    // The merchant under another name, and a GET.
    let fields = call(&sandbox, "/x", data(&[("mchid", sandbox.mchid()), ("mch_appid", "wx1")]));
    assert_eq!((fields["mchid"].as_str(), fields["mch_appid"].as_str()), (sandbox.mchid(), "wx1"));
    let fields = signed(&sandbox, with(party(&sandbox), &[("text", "a b&张+")]));
    let query = |fields: &Data| {
        let pairs = fields.iter().map(|(name, value)| {
            let encoded: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
            format!("{name}={encoded}")
        });
        pairs.collect::<Vec<_>>().join("&")
    };
    let answer = Bare::new("GET", &format!("/pay/x?{}", query(&fields)), "").send(&sandbox);
    let answer = read(&answer);
    assert_eq!(answer["result_code"], "SUCCESS");
    assert_eq!(answer["sign"], sign(&sandbox, &answer, "MD5"));
    let wrong = query(&with(fields, &[("text", "a b&张 ")]));
    assert_eq!(Bare::new("GET", &format!("/pay/x?{wrong}"), "").send(&sandbox).text(), WRONG_SIGN);
    assert!(!format!("{:?}", sandbox.requests()).contains(&answer["sign"]));
    assert!(format!("{:?}", sandbox.requests().last().unwrap()).contains("sign=***"));
}

#[test]
fn what_is_not_signed_rightly_is_not_understood() {
    let sandbox = Sandbox::start().unwrap();
    let right = signed(&sandbox, order(&sandbox, "1"));
    let short = |data: &Data, kind: &str| sign(&sandbox, data, kind);
    let hmac = short(&right, "HMAC-SHA256");
    for changed in [
        with(right.clone(), &[("sign", "")]),
        with(right.clone(), &[("sign", &right["sign"].to_lowercase())]),
        with(right.clone(), &[("sign", &right["sign"][1..])]),
        with(right.clone(), &[("sign", &hmac)]),
        with(right.clone(), &[("total_fee", "1")]),
        with(right.clone(), &[("more", "x")]),
        with(right.clone(), &[("sign_type", "HMAC-SHA256")]),
        with(right.clone(), &[("sign_type", "SHA1")]),
        right.clone().into_iter().filter(|(name, _)| name != "sign").collect(),
    ] {
        let answer = post(&sandbox, "/pay/unifiedorder", &xml(&changed));
        assert_eq!(answer.text(), WRONG_SIGN, "{changed:?}");
        assert!(answer.status == 200 && answer.is_unsigned());
    }
    assert_eq!(Bare::new("GET", "/pay/x?mch_id=1900000109", "").send(&sandbox).text(), WRONG_SIGN);
    for (data, message) in [
        (with(order(&sandbox, "1"), &[("mch_id", "1")]), "商户号mch_id不存在"),
        (data(&[("mchid", "1"), ("combine_mch_id", sandbox.mchid())]), "商户号mchid不存在"),
        (data(&[("combine_mch_id", "")]), "商户号combine_mch_id不存在"),
        (data(&[("appid", "wx1")]), "缺少参数mch_id"),
    ] {
        let fields = read(&post(&sandbox, "/pay/unifiedorder", &xml(&signed(&sandbox, data))));
        assert_eq!(fields, self::data(&[("return_code", "FAIL"), ("return_msg", message)]));
    }
    for malformed in ["", "<", "<xml>", "<xml><a></xml>", "{}", "<!DOCTYPE x><xml/>", "<xml><![CDATA[</xml>", "text"] {
        let fields = read(&post(&sandbox, "/pay/unifiedorder", malformed));
        assert_eq!(fields, data(&[("return_code", "FAIL"), ("return_msg", "XML格式错误")]), "{malformed}");
    }
    // It was all for nothing: the order can still be placed.
    assert_eq!(read(&post(&sandbox, "/pay/unifiedorder", &xml(&right)))["result_code"], "SUCCESS");
}

#[test]
fn apiv2_is_told_from_the_rest() {
    let sandbox = crate::lenient();
    let right = xml(&signed(&sandbox, party(&sandbox)));
    // Without a Content-Type, it is XML if it looks so.
    assert!(Bare::new("POST", "/x", format!(" \n{right}")).send(&sandbox).text().contains("SUCCESS"));
    // These are APIv3's.
    for request in [
        Bare::new("POST", "/v3/x", right.clone()),
        Bare::new("POST", "/hk/v3/x", right.clone()).with("Content-Type", "text/xml"),
        Bare::new("POST", "/x", "{}"),
        Bare::new("GET", "/x", "").with("Authorization", "x"),
        Bare::new("DELETE", "/x", right.clone()),
        Bare::new("PUT", "/x", right.clone()).with("Content-Type", "text/xml"),
    ] {
        assert_eq!(
            request.send(&sandbox).json(&sandbox)["code"],
            "SIGN_ERROR",
            "{} {}",
            request.method,
            request.target
        );
    }
    let not_found = Bare::get(&sandbox, "/x").send(&sandbox);
    assert_eq!((not_found.status, not_found.json(&sandbox)["code"].as_str()), (404, Some("NOT_FOUND")));
    let large = format!("{right}{}", " ".repeat(16 * 1024 * 1024));
    assert_eq!(post(&sandbox, "/x", &large).status, 413);
    let form = Bare::new("POST", "/x", "<xml/>").with("Content-Type", "multipart/form-data; boundary=xml");
    assert_eq!(form.send(&sandbox).json(&sandbox)["code"], "PARAM_ERROR");
}

#[test]
fn an_order_has_a_life() {
    let sandbox = Sandbox::start().unwrap();
    let place = |data| call(&sandbox, "/pay/unifiedorder", data);
    let query = |number: &str| call(&sandbox, "/pay/orderquery", with(party(&sandbox), &[("out_trade_no", number)]));
    let close = |number: &str| with(party(&sandbox), &[("out_trade_no", number)]);

    let placed = place(order(&sandbox, "1"));
    assert_eq!(placed["trade_type"], "NATIVE");
    assert!(placed["prepay_id"].starts_with("wx") && placed["code_url"].starts_with("weixin://"));
    let again = place(with(order(&sandbox, "1"), &[("nonce_str", "another"), ("sign_type", "HMAC-SHA256")]));
    assert_eq!(again["prepay_id"], placed["prepay_id"]);
    let changed = with(order(&sandbox, "1"), &[("total_fee", "101")]);
    assert_eq!(refused(&sandbox, "/pay/unifiedorder", changed), "OUT_TRADE_NO_USED");
    assert_eq!(query("1")["trade_state"], "NOTPAY");
    assert!(!query("1").contains_key("transaction_id"));

    let transaction_id = sandbox.pay("1").unwrap();
    assert_eq!(sandbox.pay("1").as_ref(), Some(&transaction_id));
    let paid = query("1");
    assert_eq!((paid["trade_state"].as_str(), &paid["transaction_id"]), ("SUCCESS", &transaction_id));
    assert_eq!((paid["total_fee"].as_str(), paid["time_end"].len()), ("100", 14));
    let by_id = with(party(&sandbox), &[("transaction_id", &transaction_id)]);
    assert_eq!(call(&sandbox, "/pay/orderquery", by_id)["out_trade_no"], "1");
    assert_eq!(refused(&sandbox, "/pay/unifiedorder", order(&sandbox, "1")), "ORDERPAID");
    assert_eq!(refused(&sandbox, "/pay/closeorder", close("1")), "ORDERPAID");

    place(order(&sandbox, "2"));
    assert_eq!(call(&sandbox, "/pay/closeorder", close("2"))["result_msg"], "OK");
    assert_eq!(query("2")["trade_state"], "CLOSED");
    assert_eq!(refused(&sandbox, "/pay/closeorder", close("2")), "ORDERCLOSED");
    assert_eq!(refused(&sandbox, "/pay/unifiedorder", order(&sandbox, "2")), "ORDERCLOSED");
    assert_eq!(sandbox.pay("2"), None);

    for path in ["/pay/closeorder", "/pay/orderquery"] {
        assert_eq!(refused(&sandbox, path, close("3")), "ORDERNOTEXIST");
        assert_eq!(refused(&sandbox, path, party(&sandbox)), "LACK_PARAMS");
    }
    assert_eq!(sandbox.pay("3"), None);
}

#[test]
fn each_field_of_an_order_is_checked() {
    let sandbox = Sandbox::start().unwrap();
    let refuse = |pairs: &[(&str, &str)]| refused(&sandbox, "/pay/unifiedorder", with(order(&sandbox, "1"), pairs));
    for name in [
        "appid",
        "nonce_str",
        "body",
        "out_trade_no",
        "total_fee",
        "spbill_create_ip",
        "notify_url",
        "trade_type",
        "product_id",
    ] {
        assert_eq!(refuse(&[(name, "")]), "LACK_PARAMS", "{name}");
    }
    assert_eq!(refuse(&[("trade_type", "JSAPI")]), "LACK_PARAMS");
    assert_eq!(refuse(&[("trade_type", "native")]), "PARAM_ERROR");
    for total in ["0", "-1", "+1", "1.0", "x", "99999999999999999999999", "１"] {
        assert_eq!(refuse(&[("total_fee", total)]), "PARAM_ERROR", "{total}");
    }
    for (kind, address) in [("JSAPI", None), ("APP", None), ("MWEB", Some("mweb_url"))] {
        let order = with(order(&sandbox, kind), &[("trade_type", kind), ("openid", "o1"), ("product_id", "")]);
        let placed = call(&sandbox, "/pay/unifiedorder", order);
        let addresses: Vec<_> = placed.keys().filter(|name| name.ends_with("_url")).map(String::as_str).collect();
        assert_eq!(addresses, address.into_iter().collect::<Vec<_>>());
    }
    let fields = signed(&sandbox, order(&sandbox, "1"));
    let query: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={}", value.replace('&', "%26"))).collect();
    let query =
        query.join("&").replace(' ', "%20").replace(['<', '>'], "%3C").replace("形象店", "%E5%BD%A2%E8%B1%A1%E5%BA%97");
    let answer = read(&Bare::new("GET", &format!("/pay/unifiedorder?{query}"), "").send(&sandbox));
    assert_eq!(answer, data(&[("return_code", "FAIL"), ("return_msg", "请使用post方法")]));
}

#[test]
fn what_moves_money_demands_the_certificate() {
    let sandbox = Sandbox::start_tls().unwrap();
    let (ours, theirs) = (merchant(&sandbox), merchant(&Sandbox::start_tls().unwrap()));
    let refund = |pairs: &[(&str, &str)], identity| {
        let fields = [("out_trade_no", "1"), ("out_refund_no", "r1"), ("total_fee", "100"), ("refund_fee", "60")];
        let fields = with(with(party(&sandbox), &fields), pairs);
        post_as(&sandbox, "/secapi/pay/refund", &xml(&signed(&sandbox, fields)), identity)
    };
    call(&sandbox, "/pay/unifiedorder", order(&sandbox, "1"));
    for identity in [None, Some(&theirs)] {
        assert_eq!(refund(&[], identity).text(), NO_CERTIFICATE);
        for path in ["/mmpaymkttransfers/sendredpack", "/mmpaymkttransfers/promotion/transfers", "/secapi/pay/reverse"]
        {
            let answer = post_as(&sandbox, path, "nonsense", identity);
            assert_eq!((answer.status, answer.text()), (200, NO_CERTIFICATE));
        }
    }
    let refund = |pairs: &[(&str, &str)]| {
        let fields = read(&refund(pairs, Some(&ours)));
        assert_eq!(fields["sign"], sign(&sandbox, &fields, "MD5"));
        fields
    };
    let error = |pairs: &[(&str, &str)]| refund(pairs)["err_code"].clone();
    assert_eq!(error(&[]), "INVALID_REQUEST");
    let transaction_id = sandbox.pay("1").unwrap();
    assert_eq!(error(&[("out_trade_no", "2")]), "ORDERNOTEXIST");
    assert_eq!(error(&[("transaction_id", "2")]), "ORDERNOTEXIST");
    assert_eq!(error(&[("out_trade_no", "")]), "LACK_PARAMS");
    assert_eq!(error(&[("out_refund_no", "")]), "LACK_PARAMS");
    assert_eq!(error(&[("refund_fee", "x")]), "PARAM_ERROR");
    assert_eq!(error(&[("total_fee", "101")]), "REFUND_FEE_MISMATCH");
    assert_eq!(error(&[("refund_fee", "101")]), "ERROR");

    let first = refund(&[]);
    assert_eq!((first["result_code"].as_str(), first["refund_fee"].as_str()), ("SUCCESS", "60"));
    assert_eq!(first["transaction_id"], transaction_id);
    assert_eq!(refund(&[("nonce_str", "another")])["refund_id"], first["refund_id"]);
    assert_eq!(error(&[("refund_fee", "40")]), "REFUND_FEE_MISMATCH");
    assert_eq!(error(&[("out_refund_no", "r2")]), "ERROR");
    let second = refund(&[
        ("out_refund_no", "r2"),
        ("refund_fee", "40"),
        ("out_trade_no", ""),
        ("transaction_id", &transaction_id),
    ]);
    assert_ne!(second["refund_id"], first["refund_id"]);
    let query = with(party(&sandbox), &[("out_trade_no", "1")]);
    assert_eq!(call(&sandbox, "/pay/orderquery", query)["trade_state"], "REFUND");

    // Where there is no TLS, there is no certificate.
    let plain = Sandbox::start().unwrap();
    assert_eq!(post(&plain, "/secapi/pay/refund", &xml(&signed(&plain, party(&plain)))).text(), NO_CERTIFICATE);
}

#[test]
fn red_packets_are_answered_unsigned() {
    let sandbox = Sandbox::start_tls().unwrap();
    let identity = merchant(&sandbox);
    let send = |pairs: &[(&str, &str)]| {
        let fields = data(&[
            ("nonce_str", "n"),
            ("mch_billno", "10000098201411111234567890"),
            ("mch_id", sandbox.mchid()),
            ("wxappid", "wx8888888888888888"),
            ("send_name", "鹅企支付"),
            ("re_openid", "oxTWIuGaIt6gTKsQRLau2M0yL16E"),
            ("total_amount", "1000"),
            ("total_num", "1"),
            ("wishing", "HAPPY BIRTHDAY"),
            ("client_ip", "192.168.0.1"),
            ("act_name", "回馈活动"),
            ("remark", "会员回馈活动"),
        ]);
        let body = xml(&signed(&sandbox, with(fields, pairs)));
        let fields = read(&post_as(&sandbox, "/mmpaymkttransfers/sendredpack", &body, Some(&identity)));
        assert!(!fields.contains_key("sign"));
        fields
    };
    let sent = send(&[]);
    assert_eq!((sent["result_code"].as_str(), sent["total_amount"].as_str()), ("SUCCESS", "1000"));
    assert_eq!(sent["wxappid"], "wx8888888888888888");
    assert_eq!(send(&[("nonce_str", "m")])["send_listid"], sent["send_listid"]);
    assert_eq!(send(&[("total_amount", "999")])["err_code"], "FATAL_ERROR");
    assert_eq!(send(&[("total_num", "2")])["err_code"], "PARAM_ERROR");
    assert_eq!(send(&[("re_openid", "")])["err_code"], "LACK_PARAMS");
    assert_ne!(send(&[("mch_billno", "2")])["send_listid"], sent["send_listid"]);
    // Unsigned, too, though it has no state.
    let answer = post(&sandbox, "/papay/entrustweb", &xml(&signed(&sandbox, party(&sandbox))));
    assert!(!read(&answer).contains_key("sign"));
}

#[test]
fn a_bill_is_a_file() {
    let sandbox = Sandbox::start().unwrap();
    sandbox.set_bill_size(500_000);
    let fetch = |pairs: &[(&str, &str)]| {
        let fields = with(with(party(&sandbox), &[("bill_date", "20180130"), ("bill_type", "ALL")]), pairs);
        post(&sandbox, "/pay/downloadbill", &xml(&signed(&sandbox, fields)))
    };
    let bill = fetch(&[]);
    assert!(bill.status == 200 && bill.is_unsigned() && bill.body.len() >= 500_000);
    assert!(bill.text().contains("`2018-01-30 00:00:00,`wx"));
    let mut unpacked = Vec::new();
    GzDecoder::new(&*fetch(&[("tar_type", "GZIP")]).body).read_to_end(&mut unpacked).unwrap();
    assert!(unpacked == bill.body);
    let malformed = read(&fetch(&[("bill_date", "2018-01-30")]));
    assert_eq!(malformed, data(&[("return_code", "FAIL"), ("return_msg", "invalid bill_date")]));
    assert_eq!(read(&fetch(&[("bill_date", "")]))["err_code"], "LACK_PARAMS");
    let packed = read(&fetch(&[("tar_type", "ZIP")]));
    assert_eq!(
        (packed["err_code"].as_str(), packed["err_code_des"].as_str()),
        ("PARAM_ERROR", "参数tar_type须为GZIP之一")
    );
    let lacking = read(&fetch(&[("nonce_str", "")]));
    assert_eq!((lacking["err_code"].as_str(), lacking.contains_key("sign")), ("LACK_PARAMS", false));
}

#[test]
fn the_crates_own_client_is_understood() {
    let sandbox = crate::lenient_tls();
    let instance = Builder::factory(sandbox.config()).unwrap();
    let send = |path: &str, security: bool, xml: Value| {
        instance.chain(path).post(json!({ "xml": xml, "security": security })).map(|answer| answer.xml().unwrap())
    };
    let order = serde_json::to_value(order(&sandbox, "1")).unwrap();
    assert!(send("v2/pay/unifiedorder", false, order).unwrap()["code_url"].is_string());
    sandbox.pay("1").unwrap();
    let refund = json!({
        "appid": "wx1", "mch_id": sandbox.mchid(), "out_trade_no": "1", "out_refund_no": "1",
        "total_fee": 100, "refund_fee": 100, "sign_type": "HMAC-SHA256",
    });
    let error = send("v2/secapi/pay/refund", false, refund.clone()).unwrap_err();
    assert!(matches!(error, Error::Apiv2(_)), "{error:?}");
    assert!(send("v2/secapi/pay/refund", true, refund).unwrap()["refund_id"].is_string());
    assert!(sandbox.requests().last().unwrap().has_certificate());
    let query = json!({ "mch_id": sandbox.mchid(), "text": "张 三&=+" });
    let answer = instance.chain("v2/x").get(json!({ "query": query })).unwrap();
    assert_eq!(answer.xml().unwrap()["result_code"], "SUCCESS");
    let bill = json!({ "appid": "wx1", "mch_id": sandbox.mchid(), "bill_date": "20180130" });
    let answer = instance.chain("v2/pay/downloadbill").post(json!({ "xml": bill })).unwrap();
    assert!(answer.text().starts_with("交易时间,"));
}

#[test]
fn each_sandbox_has_a_key_of_its_own() {
    let (one, two) = (Sandbox::start().unwrap(), Sandbox::start().unwrap());
    assert_ne!(one.secret(), two.secret());
    assert!(one.secret().len() == 32 && one.secret().bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_eq!(post(&one, "/x", &xml(&signed(&two, party(&two)))).text(), WRONG_SIGN);
    assert!(!format!("{one:?} {:?}", one.config()).contains(one.secret()));
}
