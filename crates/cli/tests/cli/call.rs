//! Any call.

use serde_json::json;
use wechatpay_sandbox::Sandbox;

use crate::runs::Home;

pub const ORDER: &str = r#"{"appid":"wx8888888888888888","mchid":"1900000109","description":"咖啡","out_trade_no":"order-1",
    "notify_url":"https://shop.example/paid","amount":{"total":100,"currency":"CNY"}}"#;

#[test]
fn an_order_in_the_sandbox_of_the_command_itself() {
    let run =
        Home::new("own").run(&["--profile", "sandbox", "post", "v3/pay/transactions/native", "-d", ORDER]).ends(0);
    assert!(run.json()["code_url"].as_str().unwrap().starts_with("weixin://"));
    assert_eq!(run.stderr, "");
}

#[test]
fn what_the_platform_refuses() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("refused", &sandbox);
    let path = "v3/pay/transactions/out-trade-no/none?mchid=1900000109";
    home.run(&["get", path]).ends(4).says("ORDER_NOT_EXIST");
    let told: serde_json::Value = home.run(&["--json", "get", path]).ends(4).stderr.parse().unwrap();
    assert_eq!(told["error"]["outcome"], json!("refused"));
}
