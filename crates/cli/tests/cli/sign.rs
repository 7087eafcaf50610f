//! Signing: messages, requests, payments on the phone, fields of APIv2.

use serde_json::Value;
use wechatpay_sandbox::Sandbox;

use crate::openssl::{digest, is_signed};
use crate::runs::Home;

const BODY: &str = r#"{"description":"咖啡","amount":{"total":1}}"#;

#[test]
fn a_message() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("sign", &sandbox);
    let signature = home.run(&["sign", "a message"]).ends(0).stdout;
    assert!(is_signed(&home, "a message", &signature));
    assert!(!is_signed(&home, "a message\n", &signature));
    // Standard input as it is.
    let signature = home.run_with(&["sign", "-"], "two\nlines\n").ends(0).stdout;
    assert!(is_signed(&home, "two\nlines\n", &signature));
    let told = home.run(&["--json", "sign", "a message"]).ends(0).json();
    assert!(is_signed(&home, "a message", told["signature"].as_str().unwrap()));
}

#[test]
fn a_request() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("sign-request", &sandbox);
    home.write("body.json", BODY);
    let stamp = ["--timestamp", "1554208460", "--nonce", "593BEC0C930BF1AFEB40B4A08C8FB242"];
    let message = format!("POST\n/v3/pay?a=1%20\n1554208460\n593BEC0C930BF1AFEB40B4A08C8FB242\n{BODY}\n");
    for data in [&["-d", BODY][..], &["-d", "@body.json"], &["-d", "-"]] {
        for url in ["/v3/pay?a=1%20", "https://api.mch.weixin.qq.com/v3/pay?a=1%20"] {
            let arguments = [&["--json", "sign", "post", url], data, &stamp].concat();
            let told = home.run_with(&arguments, BODY).ends(0).json();
            assert_eq!(told["message"], message.as_str());
            let signature = told["signature"].as_str().unwrap();
            assert!(is_signed(&home, &message, signature));
            let expected = format!(
                "WECHATPAY2-SHA256-RSA2048 mchid=\"{}\",serial_no=\"{}\",timestamp=\"1554208460\",\
                 nonce_str=\"593BEC0C930BF1AFEB40B4A08C8FB242\",signature=\"{signature}\"",
                sandbox.mchid(),
                sandbox.merchant_serial()
            );
            assert_eq!(told["authorization"], expected.as_str());
            let line = home.run_with(&[&["sign", "POST", url], data, &stamp].concat(), BODY).ends(0).stdout;
            assert_eq!(line, format!("Authorization: {expected}\n"));
        }
    }
    // The sandbox lets it in.
    let header = home.run(&["sign", "GET", "/v3/marketing/partnerships"]).ends(0).stdout;
    let authorization = header.trim_end().strip_prefix("Authorization: ").unwrap();
    let request =
        support::bare::Bare::new("GET", "/v3/marketing/partnerships", "").with("Authorization", authorization);
    assert_eq!(request.send(&sandbox).status, 200);
}

#[test]
fn a_request_of_a_brand() {
    let sandbox = Sandbox::start().unwrap();
    let mut home = Home::of("sign-brand", &sandbox);
    home.set("WECHATPAY_MCHID", "");
    let sign = ["--brand-id", "1000", "sign", "GET", "/brand/v3", "--timestamp", "1", "--nonce", "n"];
    let told = home.run(&[&["--json"], &sign[..]].concat()).ends(0).json();
    let authorization = told["authorization"].as_str().unwrap();
    assert!(authorization.starts_with("WECHATPAY-BRAND-SHA256-RSA2048 brand_id=\"1000\""), "{authorization}");
    assert!(is_signed(&home, "GET\n/brand/v3\n1\nn\n\n", told["signature"].as_str().unwrap()));
}

#[test]
fn what_calls_up_a_payment() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("sign-payment", &sandbox);
    let text = |told: &Value, name: &str| told[name].as_str().unwrap().to_owned();
    for flag in ["--jsapi", "--mini-program"] {
        let told = home.run(&["sign", flag, "wx201410", "--appid", "wx8888"]).ends(0).json();
        let message =
            format!("wx8888\n{}\n{}\nprepay_id=wx201410\n", text(&told, "timeStamp"), text(&told, "nonceStr"));
        assert!(is_signed(&home, message, &text(&told, "paySign")));
    }
    let told = home.run(&["sign", "--app", "wx201410", "--appid", "wx8888"]).ends(0).json();
    let message = format!("wx8888\n{}\n{}\nwx201410\n", text(&told, "timestamp"), text(&told, "noncestr"));
    assert!(is_signed(&home, message, &text(&told, "sign")));
    home.run(&["sign", "--jsapi", "wx201410"]).ends(2).says("--appid");
    home.run(&["sign", "--jsapi", "wx201410", "--appid", "wx8888", "--nonce", "1"]).ends(2).says("--nonce");
    home.run(&["sign", "--jsapi", "prepay_id=wx201410", "--appid", "wx8888"]).ends(2).says("without `prepay_id=`");
    home.run(&["sign", "--jsapi", "wx201410", "--app", "wx201410", "--appid", "wx8888"]).ends(2);
}

#[test]
fn fields_of_apiv2() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("sign-v2", &sandbox);
    let message = format!("appid=wx8888&body=咖啡&nonce_str=1&key={}", sandbox.secret());
    let md5 = digest(&home, &["-md5"], &message);
    let hmac = digest(&home, &["-sha256", "-hmac", sandbox.secret()], &message);
    // Empty fields and `sign` itself do not count.
    let pairs = ["sign", "--v2", "nonce_str=1", "body=咖啡", "appid=wx8888", "attach=", "sign=X"];
    assert_eq!(home.run(&pairs).ends(0).stdout.trim_end(), md5);
    let of_kind = |kind: &str| home.run(&[&pairs[..], &["--sign-type", kind]].concat()).ends(0).stdout;
    assert_eq!(of_kind("hmac-sha256").trim_end(), hmac);
    assert_eq!(of_kind("MD5").trim_end(), md5);
    home.write("fields.json", r#"{"nonce_str":1,"body":"咖啡","appid":"wx8888"}"#);
    assert_eq!(home.run(&["sign", "--v2", "@fields.json"]).ends(0).stdout.trim_end(), md5);
    let xml = "<xml><appid>wx8888</appid><body><![CDATA[咖啡]]></body><nonce_str>1</nonce_str></xml>";
    let told = home.run_with(&["--json", "sign", "--v2", "-"], xml).ends(0).json();
    assert_eq!((told["sign"].as_str(), told["sign_type"].as_str()), (Some(&*md5), Some("MD5")));
    assert_eq!(told["fields"]["sign"], md5.as_str());
    // What the fields say themselves.
    let typed = "appid=wx8888&sign_type=HMAC-SHA256&key=";
    let hmac = digest(&home, &["-sha256", "-hmac", sandbox.secret()], &format!("{typed}{}", sandbox.secret()));
    let fields = ["sign", "--v2", "appid=wx8888", "sign_type=HMAC-SHA256"];
    assert_eq!(home.run(&fields).ends(0).stdout.trim_end(), hmac);
    home.run(&[&fields[..], &["--sign-type", "MD5"]].concat()).ends(2).says("the field sign_type says HMAC-SHA256");
    home.run(&["sign", "--v2", "appid=1", "sign_type=RSA"]).ends(2).says("must be MD5 or HMAC-SHA256");
}

#[test]
fn what_cannot_be_signed() {
    let sandbox = Sandbox::start().unwrap();
    let mut home = Home::of("sign-wrong", &sandbox);
    home.run(&["sign"]).ends(2).says("nothing to sign");
    home.run(&["sign", "a", "b", "c"]).ends(2).says("METHOD and URL");
    home.run(&["sign", "two", "words"]).ends(2).says("TWO is not a method");
    home.run(&["sign", "GET", "v3/pay"]).ends(2).says("not a URL or a path");
    home.run(&["sign", "GET", "/v3/咖啡"]).ends(2).says("percent-encode");
    home.run(&["sign", "GET", "/v3", "--nonce", "a\"b"]).ends(2).says("without quotes");
    home.run(&["sign", "GET", "/v3", "-d", "@none.json"]).ends(2).says("none.json");
    home.run(&["sign", "--v2"]).ends(2).says("no fields");
    home.run(&["sign", "--v2", "a=1", "b"]).ends(2).says("\"b\" is not NAME=VALUE");
    home.run_with(&["sign", "--v2", "-"], "{").ends(2).says("neither XML nor JSON");
    home.run_with(&["sign", "--v2", "-"], "<xml").ends(2);
    home.run_with(&["sign", "--v2", "-"], "[1]").ends(2).says("must be an object");
    home.run_with(&["sign", "-", "--private-key", "-"], sandbox.merchant_private_key_pem())
        .ends(2)
        .says("both a key and the message want it");
    home.set("WECHATPAY_PRIVATE_KEY", "");
    home.run(&["sign", "a"]).ends(2).says("the merchant's private key is missing").says("--private-key");
    home.set("WECHATPAY_SECRET", "");
    home.run(&["sign", "--v2", "a=1"]).ends(2).says("the APIv2 key is missing");
    home.set("WECHATPAY_SECRET", "short");
    let run = home.run(&["sign", "--v2", "a=1"]).ends(2).says("the APIv2 key has 32 bytes, and this 5");
    assert!(!run.stderr.contains("short"));
    home.set("WECHATPAY_MCHID", "");
    home.run(&["sign", "GET", "/v3"]).ends(2).says("--mchid");
    home.set("WECHATPAY_SERIAL", "");
    home.run(&["sign", "GET", "/v3"]).ends(2).says("--serial");
}
