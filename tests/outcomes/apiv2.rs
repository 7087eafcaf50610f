//! APIv2: what is refused before it is sent, and what an answer can fail at.

use openssl::hash::MessageDigest;
use serde_json::{Value, json};
use support::certificates::{Issue, Subject};
use support::keys::{private_pem, rsa};
use support::platform::APIV2_KEY;
use support::raw::{Reply, Server, answer};
use wechatpay::{Apiv2Failure, Builder, Chain, Error, Outcome};

const MCHID: &str = "1900000109";

fn instance(base_uri: &str) -> Chain {
    Builder::factory(json!({ "mchid": MCHID, "secret": APIV2_KEY, "base_uri": base_uri, "proxy": "" })).unwrap()
}

/// MD5 over the sorted fields and the key, by OpenSSL alone.
fn md5(fields: &str) -> String {
    let digest = openssl::hash::hash(MessageDigest::md5(), format!("{fields}&key={APIV2_KEY}").as_bytes()).unwrap();
    digest.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// HMAC-SHA256 over the same.
fn hmac_sha256(fields: &str) -> String {
    let key = openssl::pkey::PKey::hmac(APIV2_KEY.as_bytes()).unwrap();
    let mut signer = openssl::sign::Signer::new(MessageDigest::sha256(), &key).unwrap();
    let digest = signer.sign_oneshot_to_vec(format!("{fields}&key={APIV2_KEY}").as_bytes()).unwrap();
    digest.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// Answers each call with this XML.
fn server(xml: String) -> Server {
    Server::start(move |_, _| Reply::Answer(answer("200 OK", &[], xml.as_bytes())))
}

fn order() -> Value {
    json!({ "xml": { "appid": "wx8888888888888888", "mch_id": MCHID, "out_trade_no": "1217752501" } })
}

#[test]
fn data_is_signed_by_its_sign_type() {
    let fields = "nonce_str=abc&result_code=SUCCESS&return_code=SUCCESS";
    let server = server(format!(
        "<xml><return_code>SUCCESS</return_code><result_code><![CDATA[SUCCESS]]></result_code><nonce_str>abc</nonce_str><sign>{}</sign></xml>",
        hmac_sha256(fields)
    ));
    let chain = instance(&server.url()).chain("v2/pay/closeorder");
    for (sign_type, sign) in [(None, md5 as fn(&str) -> String), (Some("MD5"), md5), (Some("HMAC-SHA256"), hmac_sha256)]
    {
        let mut options = order();
        options["xml"]["nonce_str"] = "n".into();
        options["xml"]["empty"] = "".into();
        if let Some(sign_type) = sign_type {
            options["xml"]["sign_type"] = sign_type.into();
        }
        let response = chain.post(options).unwrap();
        assert_eq!(response.xml().unwrap()["nonce_str"], "abc");
        let arrived = server.arrived().pop().unwrap();
        assert_eq!(
            (arrived.target.as_str(), arrived.header("content-type")),
            ("/pay/closeorder", Some("text/xml; charset=utf-8"))
        );
        let sign_type = sign_type.map(|sign_type| format!("&sign_type={sign_type}")).unwrap_or_default();
        let sign =
            sign(&format!("appid=wx8888888888888888&mch_id={MCHID}&nonce_str=n&out_trade_no=1217752501{sign_type}"));
        let body = String::from_utf8(arrived.body).unwrap();
        assert!(body.contains(&format!("<sign>{sign}</sign>")), "{body}");
        assert!(arrived.headers.iter().all(|(name, _)| !name.eq_ignore_ascii_case("authorization")));
    }
    // What XML cannot carry is not signed either.
    let mut options = order();
    options["xml"]["nonce_str"] = "n".into();
    options["xml"]["out_trade_no"] = "12\u{0}175\u{8}02501".into();
    chain.post(options).unwrap();
    let body = String::from_utf8(server.arrived().pop().unwrap().body).unwrap();
    let sign = md5(&format!("appid=wx8888888888888888&mch_id={MCHID}&nonce_str=n&out_trade_no=1217502501"));
    assert!(body.contains(&format!("<sign>{sign}</sign>")), "{body}");
    // A nonce of its own, each time another.
    for _ in 0..2 {
        chain.post(order()).unwrap();
    }
    let nonces: Vec<_> = server
        .arrived()
        .iter()
        .rev()
        .take(2)
        .map(|arrived| {
            let body = String::from_utf8(arrived.body.clone()).unwrap();
            body.split("<nonce_str>").nth(1).unwrap().split('<').next().unwrap().to_owned()
        })
        .collect();
    assert!(nonces[0] != nonces[1] && nonces.iter().all(|nonce| nonce.len() == 32), "{nonces:?}");
}

#[test]
fn what_cannot_be_signed_is_refused_before_it_is_sent() {
    let server = server("<xml/>".into());
    let instance = instance(&server.url());
    let chain = instance.chain("v2/pay/unifiedorder");
    let cases = [
        (json!({ "xml": { "mch_id": "1900000100" } }), "`mch_id` is \"1900000100\""),
        (json!({ "xml": { "mch_id": "1", "mchid": MCHID } }), "`mch_id` is \"1\""),
        (json!({ "xml": { "combine_mch_id": "2" } }), "`combine_mch_id` is \"2\""),
        (json!({ "xml": { "appid": "x" } }), "no mch_id, mchid or combine_mch_id"),
        (json!({ "xml": { "mch_id": MCHID, "sign_type": "SHA1" } }), "\"SHA1\""),
        (json!({ "xml": "<xml/>" }), "`xml` must be an object"),
        (json!({ "json": { "mch_id": MCHID } }), "takes `xml`, not `json`"),
        (json!({ "xml": {}, "json": {} }), "both a body"),
        (json!({}), "needs `xml`"),
        (json!({ "xml": { "mch_id": MCHID }, "security": true }), "`merchant`"),
        (json!({ "xml": { "mch_id": MCHID }, "nonceless": 1 }), "`nonceless` must be true or false"),
    ];
    for (options, named) in cases {
        let error = chain.post(options.clone()).unwrap_err();
        assert!(error.to_string().contains(named), "{options}: {error}");
        assert_eq!(error.outcome(), Outcome::NotSent, "{options}");
    }
    assert!(chain.get(json!({ "query": "a=1" })).unwrap_err().to_string().contains("as an object"));
    let both = json!({ "xml": { "mch_id": MCHID }, "query": { "a": 1 } });
    assert!(chain.get(both).unwrap_err().to_string().contains("beside it"));
    // APIv3 needs what this configuration does not have.
    let error = instance.chain("v3/certificates").get(()).unwrap_err();
    assert!(matches!(&error, Error::Config(what) if what.contains("`serial`")), "{error}");
    assert_eq!(server.arrived().len(), 0);
    // Each of the three names will do.
    for name in ["mch_id", "mchid", "combine_mch_id"] {
        assert!(matches!(chain.post(json!({ "xml": { name: MCHID } })), Err(Error::Apiv2(_))));
    }
    assert_eq!(server.arrived().len(), 3);
}

#[test]
fn an_answer_says_which_of_its_checks_it_fails() {
    let success = "nonce_str=abc&result_code=SUCCESS&return_code=SUCCESS";
    let refused = "err_code=ORDERPAID&err_code_des=paid&result_code=FAIL&return_code=SUCCESS";
    let open = "err_code=SYSTEMERROR&err_code_des=busy&result_code=FAIL&return_code=SUCCESS";
    let xml = |fields: &str, sign: &str| {
        let fields: String = fields
            .split('&')
            .map(|field| field.split_once('=').unwrap())
            .map(|(name, value)| format!("<{name}>{value}</{name}>"))
            .collect();
        format!("<xml>{fields}<sign>{sign}</sign></xml>")
    };
    let unsigned = "<xml><return_code>SUCCESS</return_code><result_code>SUCCESS</result_code></xml>";
    type Case<'a> = (&'a str, String, Apiv2Failure, Outcome);
    let cases: Vec<Case> = vec![
        (
            "return_code",
            "<xml><return_code>FAIL</return_code><return_msg>签名错误</return_msg></xml>".into(),
            Apiv2Failure::ReturnCode,
            Outcome::Unknown,
        ),
        ("no return_code", "<xml><a>1</a></xml>".into(), Apiv2Failure::ReturnCode, Outcome::Unknown),
        ("refused", xml(refused, &md5(refused)), Apiv2Failure::ResultCode { signed: true }, Outcome::Rejected),
        ("refused by nobody", xml(refused, &md5("x")), Apiv2Failure::ResultCode { signed: false }, Outcome::Unknown),
        ("open", xml(open, &hmac_sha256(open)), Apiv2Failure::ResultCode { signed: true }, Outcome::Unknown),
        ("wrong sign", xml(success, &md5("nonce_str=abd")), Apiv2Failure::Sign, Outcome::Unknown),
        ("lowercase sign", xml(success, &md5(success).to_lowercase()), Apiv2Failure::Sign, Outcome::Unknown),
        ("short sign", xml(success, &md5(success)[..31]), Apiv2Failure::Sign, Outcome::Unknown),
        ("empty sign", xml(success, ""), Apiv2Failure::Sign, Outcome::Unknown),
        ("no sign", unsigned.into(), Apiv2Failure::Sign, Outcome::Unknown),
    ];
    for (what, body, failure, outcome) in cases {
        let server = server(body.clone());
        let chain = instance(&server.url()).chain("v2/pay/micropay");
        for result in [chain.post(order()), chain.post_async(order()).wait()] {
            let error = result.expect_err(what);
            let Error::Apiv2(failed) = &error else { panic!("{what}: {error:?}") };
            assert_eq!((failed.failure(), error.outcome()), (&failure, outcome), "{what}");
            assert_eq!(failed.response().text(), body, "{what}");
            assert!(failed.data().is_object(), "{what}");
            if what == "refused" {
                assert_eq!((error.code(), failed.err_code_des()), (Some("ORDERPAID"), Some("paid")));
                assert!(error.to_string().contains("ORDERPAID: paid"), "{error}");
            }
            if what == "return_code" {
                assert_eq!(failed.return_msg(), Some("签名错误"));
                assert!(error.to_string().contains("FAIL: 签名错误"), "{error}");
            }
        }
    }
    for body in [
        "",
        "{}",
        "<html>502",
        "<xml><a></xml>",
        "<!DOCTYPE x [<!ENTITY e \"x\">]><xml><return_code>&e;</return_code></xml>",
    ] {
        let server = server(body.into());
        let error = instance(&server.url()).chain("v2/pay/micropay").post(order()).unwrap_err();
        assert!(
            matches!(&error, Error::Apiv2(failed) if matches!(failed.failure(), Apiv2Failure::NotXml(_))),
            "{body}: {error:?}"
        );
        assert_eq!(error.outcome(), Outcome::Unknown);
    }
}

#[test]
fn unsigned_answers_are_handed_on_but_a_refusal_is_no_bill() {
    let untouched = "anything at all";
    for path in
        ["v2/mmpaymkttransfers/sendredpack", "v2/mmpaysptrans/pay_bank", "v2/risk/getpublickey", "v2/pay/downloadbill"]
    {
        let server = server(untouched.into());
        assert_eq!(instance(&server.url()).chain(path).post(order()).unwrap().text(), untouched, "{path}");
    }
    let refusal = "<xml><return_code>FAIL</return_code><return_msg>No Bill Exist</return_msg></xml>";
    let refusing = server(refusal.into());
    let instance_ = instance(&refusing.url());
    assert_eq!(instance_.chain("v2/mmpaymkttransfers/sendredpack").post(order()).unwrap().text(), refusal);
    let file = std::env::temp_dir().join(format!("wechatpay-bill-{}", std::process::id()));
    let mut options = order();
    options["sink"] = json!(file);
    let error = instance_.chain("v2/pay/downloadbill").post(options).unwrap_err();
    assert!(matches!(&error, Error::Apiv2(failed) if failed.return_msg() == Some("No Bill Exist")), "{error:?}");
    assert!(!file.exists());
    // Errors of HTTP are what they are everywhere.
    let away = Server::start(|_, _| Reply::Answer(answer("502 Bad Gateway", &[], b"<html>")));
    assert!(matches!(instance(&away.url()).chain("v2/pay/micropay").post(order()), Err(Error::Server(_))));
}

#[test]
fn on_get_the_signed_data_is_the_query() {
    let server = server("<html/>".into());
    let chain = instance(&server.url()).chain("v2/papay/entrustweb");
    let data = json!({ "mch_id": MCHID, "notify_url": "https://weixin.qq.com/?a=b", "timestamp": 1414488825 });
    for options in [json!({ "query": data, "nonceless": true }), json!({ "xml": data, "nonceless": true })] {
        chain.get(options).unwrap();
        let arrived = server.arrived().pop().unwrap();
        let sign = md5(&format!("mch_id={MCHID}&notify_url=https://weixin.qq.com/?a=b&timestamp=1414488825"));
        assert_eq!(
            arrived.target,
            format!("/papay/entrustweb?mch_id={MCHID}&notify_url=https%3A%2F%2Fweixin.qq.com%2F%3Fa%3Db&timestamp=1414488825&sign={sign}")
                .replace(if cfg!(feature = "preserve-order") { "" } else { "&timestamp=1414488825&sign=" }, if cfg!(feature = "preserve-order") { "" } else { "&sign=" })
                + if cfg!(feature = "preserve-order") { "" } else { "&timestamp=1414488825" }
        );
        assert!(arrived.body.is_empty());
    }
}

#[test]
fn the_certificate_and_its_key_belong_together() {
    let key = rsa();
    let cert = Issue { subject: Subject::Merchant(MCHID), key: &key, serial: "1", valid: (0, 3600) }.pem();
    let config = |key: Value| json!({ "mchid": MCHID, "secret": APIV2_KEY, "merchant": { "cert": cert, "key": key } });
    let other = private_pem(&rsa());
    let error = Builder::factory(config(json!(other))).unwrap_err();
    assert!(error.to_string().contains("`merchant.key` is not the key of `merchant.cert`"), "{error}");
    for pem in [key.private_key_to_pem_pkcs8().unwrap(), key.rsa().unwrap().private_key_to_pem().unwrap()] {
        Builder::factory(config(json!(String::from_utf8(pem).unwrap()))).unwrap();
    }
    let sealed = key.private_key_to_pem_pkcs8_passphrase(openssl::symm::Cipher::aes_256_cbc(), b"open").unwrap();
    Builder::factory(config(json!([String::from_utf8(sealed).unwrap(), "open"]))).unwrap();
}
