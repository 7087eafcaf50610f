//! Paying from the phone: what is signed is rebuilt here by hand, and the signature checked by OpenSSL.

use std::sync::{Arc, Mutex};

use openssl::pkey::PKey;
use support::keys::{private_pem, sign, verify};
use support::platform::{KEY_ID, MCHID, MERCHANT_SERIAL, Platform, now};
use wechatpay::{Builder, Chain, Credentials, Error, Outcome, Value, json};

const APPID: &str = "wx8888888888888888";
const PREPAY_ID: &str = "wx201410272009395522657a690389285100";

/// An address where nobody listens: nothing is sent.
const NOWHERE: &str = "http://127.0.0.1:1/";

fn text<'a>(params: &'a Value, name: &str) -> &'a str {
    params[name].as_str().unwrap_or_else(|| panic!("{name} is no text in {params}"))
}

/// That the names are these and no others, in this order where it is kept; and that time and nonce are good.
fn check(params: &Value, names: &[&str], time: &str, nonce: &str) {
    let mut found: Vec<_> = params.as_object().unwrap().keys().map(String::as_str).collect();
    let mut wanted = names.to_vec();
    if cfg!(not(feature = "preserve-order")) {
        found.sort_unstable();
        wanted.sort_unstable();
    }
    assert_eq!(found, wanted);
    assert!(text(params, time).parse::<i64>().unwrap().abs_diff(now()) < 5, "{params}");
    assert_eq!(text(params, nonce).len(), 32);
    assert!(text(params, nonce).bytes().all(|byte| byte.is_ascii_alphanumeric()), "{params}");
}

fn check_jsapi(platform: &Platform, params: &Value) {
    check(params, &["appId", "timeStamp", "nonceStr", "package", "signType", "paySign"], "timeStamp", "nonceStr");
    assert_eq!(params["appId"], "wx8888888888888888");
    assert_eq!(params["package"], "prepay_id=wx201410272009395522657a690389285100");
    assert_eq!(params["signType"], "RSA");
    let (time, nonce) = (text(params, "timeStamp"), text(params, "nonceStr"));
    let message = format!("wx8888888888888888\n{time}\n{nonce}\nprepay_id=wx201410272009395522657a690389285100\n");
    check_signature(platform, &message, text(params, "paySign"));
}

fn check_app(platform: &Platform, params: &Value) {
    let names = ["appid", "partnerid", "prepayid", "package", "noncestr", "timestamp", "sign"];
    check(params, &names, "timestamp", "noncestr");
    assert_eq!(params["appid"], "wx8888888888888888");
    assert_eq!(params["partnerid"], "1900000109");
    assert_eq!(params["prepayid"], "wx201410272009395522657a690389285100");
    assert_eq!(params["package"], "Sign=WXPay");
    let (time, nonce) = (text(params, "timestamp"), text(params, "noncestr"));
    let message = format!("wx8888888888888888\n{time}\n{nonce}\nwx201410272009395522657a690389285100\n");
    check_signature(platform, &message, text(params, "sign"));
}

fn check_signature(platform: &Platform, message: &str, signature: &str) {
    let public = PKey::public_key_from_der(&platform.merchant.public_key_to_der().unwrap()).unwrap();
    assert!(verify(message.as_bytes(), signature, &public), "{message:?}");
}

#[test]
fn the_parameters_are_those_of_the_platform_and_signed_by_the_merchant() {
    let platform = Platform::new();
    // The path plays no part.
    let instance = platform.instance(NOWHERE).chain("v3/pay/transactions/jsapi");
    check_jsapi(&platform, &instance.jsapi_params(APPID, PREPAY_ID).unwrap());
    check_jsapi(&platform, &instance.mini_program_params(APPID, PREPAY_ID).unwrap());
    check_app(&platform, &instance.app_params(APPID, PREPAY_ID).unwrap());
    let again = |name| instance.app_params(APPID, PREPAY_ID).unwrap()[name].clone();
    assert_ne!(again("noncestr"), again("noncestr"));
}

/// With the message kept that it was asked to sign.
fn with_signer(
    signer: impl Fn(&[u8]) -> anyhow::Result<String> + Send + Sync + 'static,
) -> (Chain, Arc<Mutex<Vec<u8>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let instance = Builder::new()
        .credentials(
            Credentials::new()
                .mchid(MCHID)
                .serial(MERCHANT_SERIAL)
                .signer(move |message: &[u8]| {
                    *seen.lock().unwrap() = message.to_vec();
                    signer(message)
                })
                .cert(KEY_ID, String::from_utf8(Platform::new().key.public_key_to_pem().unwrap()).unwrap()),
        )
        .build()
        .unwrap();
    (instance, asked)
}

#[test]
fn a_signer_of_ones_own_signs_them_too() {
    let platform = Platform::new();
    let key = platform.merchant.clone();
    let (instance, asked) = with_signer(move |message| Ok(sign(message, &key)));
    check_jsapi(&platform, &instance.jsapi_params(APPID, PREPAY_ID).unwrap());
    let params = instance.app_params(APPID, PREPAY_ID).unwrap();
    check_app(&platform, &params);
    let message = format!("{APPID}\n{}\n{}\n{PREPAY_ID}\n", text(&params, "timestamp"), text(&params, "noncestr"));
    assert_eq!(*asked.lock().unwrap(), message.as_bytes());

    for failing in [with_signer(|_| anyhow::bail!("away")).0, with_signer(|_| Ok("not base64".into())).0] {
        for result in [failing.jsapi_params(APPID, PREPAY_ID), failing.app_params(APPID, PREPAY_ID)] {
            let error = result.unwrap_err();
            assert!(matches!(error, Error::Signing(_)), "{error:?}");
            assert_eq!(error.outcome(), Outcome::NotSent);
        }
    }
}

#[test]
fn after_a_rotation_the_new_key_signs() {
    let (before, after) = (Platform::new(), Platform::new());
    let instance = before.instance(NOWHERE);
    let private = private_pem(&after.merchant);
    instance.rotate(json!({ "serial": "5157F09EFDC096DE15EBE81A47057A7232F1B8E1", "privateKey": private })).unwrap();
    check_app(&after, &instance.app_params(APPID, PREPAY_ID).unwrap());
}

#[test]
fn what_would_shift_the_signed_lines_is_refused() {
    let instance = Platform::new().instance(NOWHERE);
    for (appid, prepay_id, named) in [
        ("", PREPAY_ID, "`appid` is empty"),
        (APPID, "", "`prepay_id` is empty"),
        ("wx8888\n1554208460", PREPAY_ID, "`appid` contains a line feed"),
        (APPID, "wx2014\n", "`prepay_id` contains a line feed"),
        (APPID, "wx2014\r", "`prepay_id` contains"),
        (APPID, "wx\x002014", "`prepay_id` contains"),
        ("wx\u{85}8888", PREPAY_ID, "`appid` contains"),
        // What a value of JSON becomes that is turned into a text.
        (
            APPID,
            "\"wx201410272009395522657a690389285100\"",
            "contains a quote: a JSON value printed as a text keeps its quotes; take it out with text_at(\"/prepay_id\")",
        ),
        ("\"wx8888888888888888\"", PREPAY_ID, "`appid` contains a quote"),
        ("'wx8888888888888888'", PREPAY_ID, "`appid` contains a quote"),
        (APPID, "null", "`prepay_id` is `null`: the JSON that it was taken from has no such field"),
        (APPID, "wx201410272009395522657a690389285100 ", "`prepay_id` contains a blank"),
        (APPID, "wx2014 10272009395522657a690389285100", "`prepay_id` contains a blank"),
        ("\u{3000}wx8888888888888888", PREPAY_ID, "`appid` contains a blank"),
        (APPID, "prepay_id=wx201410272009395522657a690389285100", "must be given without `prepay_id=`"),
    ] {
        for result in [
            instance.jsapi_params(appid, prepay_id),
            instance.mini_program_params(appid, prepay_id),
            instance.app_params(appid, prepay_id),
        ] {
            let error = result.unwrap_err();
            assert!(matches!(error, Error::Options(_)), "{error:?}");
            assert!(error.to_string().contains(named), "{error}");
            assert_eq!(error.outcome(), Outcome::NotSent);
        }
    }
    let apiv2_alone =
        Builder::new().credentials(Credentials::new().secret("exposed_your_key_here_have_risks")).build().unwrap();
    let error = apiv2_alone.jsapi_params(APPID, PREPAY_ID).unwrap_err();
    assert!(matches!(&error, Error::Config(what) if what.contains("`privateKey`")), "{error:?}");
}
