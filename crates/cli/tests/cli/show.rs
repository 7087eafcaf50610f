//! What is documented of an operation or of a notification.

use std::process::Command;

use serde_json::{Value, json};
use wechatpay_sandbox::Sandbox;

use crate::runs::{Home, Run};

fn shown(arguments: &[&str]) -> Run {
    Home::new("show").run(&[&["show"], arguments].concat())
}

#[test]
fn an_operation_in_each_spelling() {
    let expected = shown(&["v3/pay/transactions/out-trade-no/{out_trade_no}/close"]).ends(0).stdout;
    assert!(expected.starts_with("POST v3/pay/transactions/out-trade-no/{out_trade_no}/close  关单API"), "{expected}");
    for path in [
        "/v3/pay/transactions/out-trade-no/A1/close",
        "v3.pay.transactions.outTradeNo._no_.close",
        "v3->pay->transactions->outTradeNo->_no_->close",
        "https://api.mch.weixin.qq.com/v3/pay/transactions/out-trade-no/A1/close?x=1",
    ] {
        assert_eq!(shown(&[path]).ends(0).stdout, expected);
    }
}

#[test]
fn fields_are_a_tree() {
    let text = shown(&["v3/refund/domestic/refunds"]).ends(0).stdout;
    let tree = "
  amount                   object    required
    ├─ refund              integer   required
    ├─ from                object[]
    │  ├─ account          string    required
    │  └─ amount           integer   required
    ├─ total               integer   required
    └─ currency            string    required
";
    assert!(text.contains(tree), "{text}");
    assert!(text.contains("  page      https://pay.weixin.qq.com/docs/merchant/apis/refund/refunds/create.html\n"));
    assert!(text.contains("  hosts     https://api.mch.weixin.qq.com/\n"));
    let text = shown(&["v3/profitsharing/receivers/add"]).ends(0).stdout;
    assert!(text.contains("name             string            encrypted\n"), "{text}");
    assert!(text.contains("MERCHANT_ID | PERSONAL_OPENID | PERSONAL_SUB_OPENID\n"), "{text}");
    let text = shown(&["v2/secapi/pay/refund"]).ends(0).stdout;
    assert!(text.contains("the merchant's certificate has to be presented"), "{text}");
}

#[test]
fn all_methods_of_a_path() {
    let run = shown(&["--json", "v3/marketing/withdraw-favor/users/{openid}/coupons"]).ends(0);
    let methods: Vec<Value> = run.stdout.lines().map(|line| line.parse::<Value>().unwrap()["method"].clone()).collect();
    assert_eq!(methods, ["GET", "POST"]);
}

#[test]
fn a_notification() {
    let text = shown(&["TRANSACTION.SUCCESS"]).ends(0).stdout;
    assert!(text.starts_with("event TRANSACTION.SUCCESS  支付成功"), "{text}");
    assert!(text.contains("encrypted with the APIv3 key"), "{text}");
    assert!(text.contains("others; --json has them"), "{text}");
    let run = shown(&["--json", "refund.success"]).ends(0);
    let value: Value = run.stdout.lines().next().unwrap().parse().unwrap();
    assert_eq!((&value["event"], &value["resource"]), (&json!("REFUND.SUCCESS"), &json!("/resource/ciphertext")));
    assert!(
        value["pages"].as_array().unwrap().contains(&json!("https://pay.weixin.qq.com/doc/v3/merchant/4012791865"))
    );
}

#[test]
fn json_has_all_of_it() {
    let value = shown(&["--json", "v3/profitsharing/receivers/add"]).ends(0).json();
    assert_eq!(value["encrypted"], json!(["/json/name"]));
    let fields = value["parameters"]["json"].as_array().unwrap();
    let name = fields.iter().find(|field| field["name"] == "name").unwrap();
    assert_eq!(name, &json!({ "name": "name", "type": "string", "required": false, "encryption": "RSA-OAEP" }));
    assert_eq!(value["answer"]["kind"], "fields");
    assert_eq!(value["example"]["json"]["type"], "MERCHANT_ID");
    assert_eq!(value["hosts"], json!(["https://api.mch.weixin.qq.com/"]));
    let hongkong = shown(&["--json", "v3/global/certificates"]).ends(0).json();
    assert_eq!(hongkong["hosts"], json!(["https://apihk.mch.weixin.qq.com/"]));
}

#[test]
fn only_what_is_required_is_in_the_example_or_all() {
    let command = |arguments: &[&str]| {
        let value = shown(&[&["--json"], arguments].concat()).ends(0).json();
        value["example"]["command"].as_str().unwrap().to_owned()
    };
    let least = command(&["v3/profitsharing/receivers/add"]);
    assert!(!least.contains("--encrypt") && !least.contains("custom_relation"), "{least}");
    let all = command(&["v3/profitsharing/receivers/add", "--all"]);
    assert!(all.ends_with("--encrypt auto") && all.contains("custom_relation"), "{all}");
    let query = command(&["v3/pay/transactions/out-trade-no/{out_trade_no}"]);
    assert!(
        query.starts_with("wechatpay get 'v3/pay/transactions/out-trade-no/{out_trade_no}' -v out_trade_no="),
        "{query}"
    );
    assert!(query.contains(" -q mchid=1900000109"), "{query}");
    let upload = command(&["v3/merchant/media/upload"]);
    assert_eq!(upload, "wechatpay post v3/merchant/media/upload --upload FILE");
    let xml = command(&["v2/pay/unifiedorder"]);
    assert!(xml.ends_with("--xml") && !xml.contains("nonce_str"), "{xml}");
}

/// A shell runs the command as it is shown.
#[test]
fn examples_can_be_pasted() {
    for arguments in [
        &["v3/pay/transactions/native"][..],
        &["v3/vehicle/parking/parkings"],
        &["v3/vehicle/parking/parkings", "--all"],
        &["v3/security/echo"],
    ] {
        // An order of the same number may be in one that was used before.
        let sandbox = Sandbox::start().unwrap();
        let home = Home::of("pasted", &sandbox);
        let value = home.run(&[&["--json", "show"], arguments].concat()).ends(0).json();
        let command = value["example"]["command"].as_str().unwrap();
        let line = command.replacen("wechatpay", r#""$WECHATPAY""#, 1);
        let ours = home.command(&[]);
        let mut shell = Command::new("sh");
        shell.args(["-c", &line]).env_clear();
        shell.envs(ours.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let run = Run::of(shell.env("WECHATPAY", ours.get_program()).output().unwrap());
        assert!(!run.ends(0).json().as_object().unwrap().is_empty());
    }
}

#[test]
fn what_is_near_is_named() {
    shown(&["v3/pay/transaction/natvie"]).ends(2).says("wechatpay show v3/pay/transactions/native");
    shown(&["TRANSACTION.SUCESS"]).ends(2).says("wechatpay show TRANSACTION.SUCCESS");
    shown(&["brand/store/brandstores"]).ends(2).says("of brands nothing is known here");
    shown(&["zzzzzzzzzzzzzzzzzzzzzzzz"]).ends(2).says("wechatpay search WORD…");
    let told: Value = shown(&["--json", "TRANSACTION.SUCESS"]).ends(2).stderr.parse().unwrap();
    assert_eq!(told["error"]["next"], json!(["wechatpay show TRANSACTION.SUCCESS"]));
}
