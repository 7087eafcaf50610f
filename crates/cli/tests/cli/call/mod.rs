//! Any call.

mod answer;
mod body;
mod code;
mod dry_run;
mod outcomes;
mod path;
mod terminal;

use serde_json::Value;
use wechatpay_sandbox::Sandbox;

use crate::runs::Home;

pub const ORDER: &str = r#"{"appid":"wx8888888888888888","mchid":"1900000109","description":"咖啡","out_trade_no":"order-1",
    "notify_url":"https://shop.example/paid","amount":{"total":100,"currency":"CNY"}}"#;

const NATIVE: &str = "v3/pay/transactions/native";

/// A sandbox and a home with its settings.
fn sandbox(name: &str) -> (Sandbox, Home) {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of(name, &sandbox);
    (sandbox, home)
}

/// What has arrived last: method and target.
fn arrived(sandbox: &Sandbox) -> String {
    let requests = sandbox.requests();
    requests.last().map_or_else(|| "nothing".to_owned(), |last| format!("{} {}", last.method(), last.target()))
}

/// The JSON body of what has arrived last.
fn arrived_json(sandbox: &Sandbox) -> Value {
    sandbox.requests().last().unwrap().json().unwrap()
}

#[test]
fn an_order_in_the_sandbox_of_the_command_itself() {
    let run = Home::new("own").run(&["--profile", "sandbox", "post", NATIVE, "-d", ORDER]).ends(0);
    assert!(run.json()["code_url"].as_str().unwrap().starts_with("weixin://"));
    assert_eq!(run.stderr, "");
}

#[test]
fn the_examples_of_the_help() {
    let home = Home::new("examples");
    home.write("shop.jpg", b"\xff\xd8 not really");
    home.write("receiver.json", r#"{"appid":"wx8888888888888888","type":"MERCHANT_ID","account":"1900000109","name":"示例","relation_type":"STORE"}"#);
    for (method, count) in [("get", 4), ("post", 4), ("put", 2), ("patch", 2), ("delete", 2)] {
        let help = home.run(&[method, "--help"]).ends(0).stdout;
        let (_, examples) = help.split_once("Examples:\n").unwrap();
        let examples: Vec<_> = examples.replace("\\\n", "").lines().map(str::to_owned).collect();
        assert_eq!(examples.len(), count, "{examples:?}");
        for example in examples {
            let script = example.replace("  wechatpay", env!("CARGO_BIN_EXE_wechatpay"));
            let mut command = home.command(&[]);
            let mut shell = std::process::Command::new("sh");
            shell.args(["-c", &script]).current_dir(home.folder.path()).env_clear();
            shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
            let run = crate::runs::Run::of(shell.output().unwrap());
            let _ = &mut command;
            // One is strict, and lacks a field; one asks for an order that is not there.
            let expected = if example.contains("--strict") { 2 } else { 0 };
            run.ends(expected);
        }
    }
}
