//! What is shown of an answer.

use serde_json::json;
use wechatpay_sandbox::{Fault, ScriptedAnswer};

use super::{NATIVE, ORDER, sandbox};

#[test]
fn for_people_and_for_machines() {
    let (_sandbox, home) = sandbox("shown");
    let balance = "v3/merchant/fund/balance/BASIC";
    let run = home.run(&["get", balance]).ends(0);
    assert!(run.stdout.starts_with("{\n  \"available_amount\": "), "{}", run.stdout);
    let run = home.run(&["--json", "get", balance]).ends(0);
    assert_eq!(run.stdout.lines().count(), 1);
    let run = home.run(&["get", balance, "-i"]).ends(0);
    let lines: Vec<_> = run.stdout.lines().collect();
    assert_eq!((lines[0], lines[2], lines[3]), ("HTTP 200 OK", "", "{"));
    assert!(lines[1].starts_with("Request-ID: "));
    let told = home.run(&["--json", "get", balance, "-i"]).ends(0).json();
    assert_eq!(told["status"], 200);
    assert!(told["request_id"].is_string() && told["body"]["available_amount"].is_number());
}

#[test]
fn nothing_and_what_is_not_json() {
    let (sandbox, home) = sandbox("bytes");
    home.run(&["post", NATIVE, "-d", ORDER]).ends(0);
    let close = ["post", "v3/pay/transactions/out-trade-no/order-1/close", "mchid=1900000109"];
    assert_eq!(home.run(&close).ends(0).stdout, "");
    let told = home.run(&[&close[..], &["--json", "-i"]].concat()).ends(0).json();
    assert_eq!((&told["status"], &told["body"]), (&json!(204), &json!(null)));
    let image = "v3/merchant-service/images/Ab1";
    let bytes = b"\x89PNG\r\n\0\xff".to_vec();
    sandbox.answer("GET", image, 200, ScriptedAnswer::from(bytes.clone()).unsigned());
    let output = home.command(&["get", image]).output().unwrap();
    assert_eq!(output.stdout, bytes);
    let run = home.run(&["--json", "get", image]).ends(0).says("-o FILE");
    assert_eq!(run.json()["bytes"], bytes.len());
    home.run(&["get", image, "-o", "a.png"]).ends(0).says("a.png has the answer: 8 bytes");
    assert_eq!(std::fs::read(home.folder.file("a.png")).unwrap(), bytes);
    let run = home.run(&["--json", "get", image, "-o", "a.png"]).ends(0);
    assert_eq!(run.json(), json!({ "file": "a.png", "bytes": 8 }));
}

#[test]
fn a_bill_by_the_address_that_it_is_at() {
    let (_sandbox, home) = sandbox("bill");
    let bill = home.run(&["--json", "get", "v3/bill/tradebill", "bill_date=2026-01-02"]).ends(0).json();
    let (address, sha1) = (bill["download_url"].as_str().unwrap(), bill["hash_value"].as_str().unwrap());
    let run = home.run(&["get", address, "--expect", sha1]).ends(0);
    assert!(run.stdout.contains("交易时间"), "{}", run.stdout);
    let told = home.run(&["get", address, "--json"]).ends(0).json();
    assert!(told.as_str().unwrap().contains("交易时间"));
    home.run(&["get", address, "--expect", sha1, "-o", "bill.csv"]).ends(0);
    assert_eq!(std::fs::read_to_string(home.folder.file("bill.csv")).unwrap(), run.stdout);
    home.run(&["get", address, "--expect", &"0".repeat(40), "-o", "other.csv"]).ends(5).says("it only asks");
    assert!(!home.folder.file("other.csv").exists());
    home.run(&["get", address, "--expect", "x"]).ends(2).says("SHA-1");
    home.run(&["get", address, "-o", "none/bill.csv"]).says("none/bill.csv");
}

#[test]
fn one_value() {
    let (sandbox, home) = sandbox("value");
    let run = home.run(&["post", NATIVE, "-d", ORDER, "--get", "/code_url"]).ends(0);
    assert!(run.stdout.starts_with("weixin://") && run.stdout.lines().count() == 1, "{}", run.stdout);
    let order = ["get", "v3/pay/transactions/out-trade-no/order-1", "mchid=1900000109", "--get"];
    assert_eq!(home.run(&[&order[..], &["/amount/total"]].concat()).ends(0).stdout, "100\n");
    assert_eq!(home.run(&[&["--json"], &order[..], &["/trade_state"]].concat()).ends(0).stdout, "\"NOTPAY\"\n");
    // It is not as expected; but the call has succeeded, and that is said.
    home.run(&[&order[..], &["/amount/totl"]].concat())
        .ends(6)
        .says("the call has succeeded, but its answer has no /amount/totl")
        .says("/amount");
    home.run(&["post", "v3/pay/transactions/out-trade-no/order-1/close", "mchid=1900000109", "--get", "/a"])
        .ends(6)
        .says("has no fields");
    home.run(&["get", "v3/certificates", "--get", "/a", "-o", "b"]).ends(2);
    // Before anything is sent.
    let sent = sandbox.requests().len();
    home.run(&[&order[..], &["trade_state"]].concat()).ends(2).says("--get \"trade_state\" is not a JSON pointer");
    assert_eq!(sandbox.requests().len(), sent);
}

#[test]
fn an_answer_that_is_not_the_platforms_is_not_shown() {
    let (sandbox, home) = sandbox("forged");
    sandbox.inject(Fault::BadSignature.on("v3/merchant/fund/balance/BASIC").times(1));
    let run = home.run(&["get", "v3/merchant/fund/balance/BASIC"]).ends(5);
    assert_eq!(run.stdout, "");
}
