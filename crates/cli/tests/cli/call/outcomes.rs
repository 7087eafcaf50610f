//! Exit codes, what to do next, and what is said before anything is sent.

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use wechatpay_sandbox::{Fault, Sandbox};

use super::{NATIVE, ORDER, arrived, sandbox};
use crate::runs::{Home, Run};

const REFUND: &str =
    r#"{"out_trade_no":"order-1","out_refund_no":"refund|1","amount":{"refund":1,"total":100,"currency":"CNY"}}"#;

/// Runs a command that was printed to be pasted.
fn pasted(home: &Home, line: &str) -> Run {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &line.replacen("wechatpay", env!("CARGO_BIN_EXE_wechatpay"), 1)])
        .current_dir(home.folder.path())
        .env_clear();
    let command = home.command(&[]);
    shell.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    Run::of(shell.output().unwrap())
}

fn next(run: &Run) -> Vec<String> {
    let told: Value = run.stderr.lines().last().unwrap().parse().unwrap();
    told["error"]["next"].as_array().unwrap().iter().map(|step| step.as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_the_platform_refuses() {
    let (_sandbox, home) = sandbox("refused");
    let path = "v3/pay/transactions/out-trade-no/none?mchid=1900000109";
    home.run(&["get", path]).ends(4).says("ORDER_NOT_EXIST");
    let told: Value = home.run(&["--json", "get", path]).ends(4).stderr.parse().unwrap();
    assert_eq!(told["error"]["outcome"], json!("refused"));
    home.run(&["post", "v2/pay/orderquery", "mch_id=1900000109", "appid=wx8888888888888888", "out_trade_no=A"])
        .ends(4)
        .says("ORDERNOTEXIST");
}

#[test]
fn what_is_wrong_where() {
    let (sandbox, home) = sandbox("detail");
    let detail = json!({ "code": "PARAM_ERROR", "message": "参数错误", "detail": { "field": "/amount/currency", "value": "13900000000", "issue": "not supported", "location": "body" } });
    sandbox.answer("POST", NATIVE, 400, detail);
    let run =
        home.run(&["post", NATIVE, "-d", ORDER]).ends(4).says("PARAM_ERROR").says("/amount/currency: not supported");
    assert!(!run.stderr.contains("13900000000"));
}

#[test]
fn after_an_unknown_outcome_the_question_is_ready() {
    let (sandbox, home) = sandbox("unknown");
    sandbox.inject(Fault::CloseBeforeAnswer.on(NATIVE).times(1));
    let run = home.run(&["--json", "post", NATIVE, "-d", ORDER]).ends(5);
    let steps = next(&run);
    assert_eq!(steps.last().unwrap(), "wechatpay get v3/pay/transactions/out-trade-no/order-1 -q mchid=1900000109");
    assert_eq!(pasted(&home, steps.last().unwrap()).ends(0).json()["trade_state"], "NOTPAY");
    sandbox.pay("order-1").unwrap();
    sandbox.inject(Fault::CloseBeforeAnswer.on("v3/refund/domestic/refunds").times(1));
    let run = home.run(&["--json", "post", "v3/refund/domestic/refunds", "-d", REFUND]).ends(5);
    let command = next(&run).pop().unwrap();
    assert_eq!(command, "wechatpay get v3/refund/domestic/refunds/refund%7C1");
    assert_eq!(pasted(&home, &command).ends(0).json()["out_refund_no"], "refund|1");
    // A number that the platform does not let one ask by.
    sandbox.inject(Fault::Status(500).on("v3/profitsharing/receivers/add").times(1));
    let run = home.run(&["--json", "post", "v3/profitsharing/receivers/add", "-d", "{}"]).ends(5);
    assert_eq!(next(&run), ["it is unknown whether the platform has acted: query it before you send this again"]);
    // A question can be repeated.
    sandbox.inject(Fault::Status(500).on("v3/certificates").times(1));
    let run = home.run(&["--json", "get", "v3/certificates"]).ends(5);
    assert_eq!(next(&run), ["it only asks, so it can be repeated"]);
}

#[test]
fn the_question_has_the_profile_of_the_call() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("profile", &sandbox);
    let user = Home::new("profile-user");
    for name in ["key.pem", "apiv3.key", "platform.pem"] {
        user.write(name, std::fs::read(home.path(name)).unwrap());
    }
    let config = format!(
        "[profiles.\"my shop\"]\nmchid = \"{}\"\nserial = \"{}\"\nprivate_key = \"~/key.pem\"\nbase_uri = \"{}\"\n[profiles.\"my shop\".certs]\n{} = \"~/platform.pem\"\n",
        sandbox.mchid(),
        sandbox.merchant_serial(),
        sandbox.base_uri(),
        sandbox.platform_serial(),
    );
    user.write(".config/wechatpay/config.toml", config);
    sandbox.inject(Fault::CloseBeforeAnswer.on(NATIVE).times(1));
    let run = user.run(&["--json", "--profile", "my shop", "post", NATIVE, "-d", ORDER]).ends(5);
    let command = next(&run).pop().unwrap();
    assert!(command.starts_with("wechatpay --profile 'my shop' get "), "{command}");
    pasted(&user, &command).ends(0);
}

#[test]
fn the_question_has_the_flags_of_the_call() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("flags", &sandbox);
    let user = Home::new("flags-user");
    ["key.pem", "platform.pem"].iter().for_each(|name| user.write(name, std::fs::read(home.path(name)).unwrap()));
    let cert = format!("{}=platform.pem", sandbox.platform_serial());
    let settings = [
        "--mchid",
        sandbox.mchid(),
        "--serial",
        sandbox.merchant_serial(),
        "--private-key",
        "key.pem",
        "--cert",
        &cert,
        "--base-uri",
        sandbox.base_uri(),
    ];
    sandbox.inject(Fault::CloseBeforeAnswer.on(NATIVE).times(1));
    let run = user.run(&[&settings[..], &["--json", "post", NATIVE, "-d", ORDER]].concat()).ends(5);
    pasted(&user, &next(&run).pop().unwrap()).ends(0);
}

#[test]
fn what_does_not_leave() {
    let (sandbox, home) = sandbox("not-sent");
    sandbox.refuse_connections(true).unwrap();
    home.run(&["post", NATIVE, "-d", ORDER]).ends(3);
    home.run(&["post", NATIVE, "-d", ORDER, "--retries", "1"]).ends(3);
    sandbox.refuse_connections(false).unwrap();
    sandbox.inject(Fault::Delay(Duration::from_secs(5)).on(NATIVE).times(1));
    home.run(&["post", NATIVE, "-d", ORDER, "--timeout", "0.2"]).ends(5).says("timeout");
    let balance = "v3/merchant/fund/balance/BASIC";
    sandbox.inject(Fault::Status(500).on(balance).times(1));
    home.run(&["get", balance, "--retries", "1"]).ends(0);
}

#[test]
fn what_the_documents_say_comes_first() {
    let (sandbox, home) = sandbox("findings");
    let wrong = ORDER.replace("description", "descripton").replace("100", "\"100\"");
    let call = ["post", NATIVE, "-d", &wrong];
    let run = home.run(&[&call[..], &["--strict"]].concat()).ends(2);
    for line in [
        "warning: /json/description is missing, documented: string",
        "warning: /json/descripton is unknown, documented: description",
        "warning: /json/amount/total is a number as a text, documented: integer",
        "--strict sends nothing",
    ] {
        assert!(run.stderr.contains(line), "{line} is not in {}", run.stderr);
    }
    home.run(&["post", "v3/pay/transaction/natvie", "--strict"])
        .ends(2)
        .says("nearest: POST v3/pay/transactions/native");
    home.run(&["get", NATIVE, "--strict"]).ends(2).says("is not documented, but POST is");
    home.run(&["post", "v3/xyzzy/quux", "--strict"]).ends(2).says("POST v3/xyzzy/quux is not documented\n");
    assert_eq!(arrived(&sandbox), "nothing");
    home.run(&[&["--json"], &call[..]].concat())
        .says(r#"{"warning":"/json/description is missing, documented: string"}"#);
    assert_eq!(arrived(&sandbox), format!("POST /{NATIVE}"));
    // A note is no reason to refuse.
    assert_eq!(home.run(&["post", NATIVE, "-d", ORDER, "--strict"]).ends(0).stderr, "");
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_printed_was_done_all_the_same() {
    let (sandbox, home) = sandbox("full");
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let output = home.command(&["post", NATIVE, "-d", ORDER]).stdout(full).output().unwrap();
    Run::of(output).ends(1).says("the call has succeeded, but standard output cannot be written to");
    assert_eq!(arrived(&sandbox), format!("POST /{NATIVE}"));
}

#[test]
fn no_secret_is_on_any_stream() {
    let (sandbox, home) = sandbox("debug");
    let key = sandbox.merchant_private_key_pem().lines().nth(1).unwrap().to_owned();
    let secrets = [sandbox.secret().to_owned(), sandbox.apiv3_key().to_owned(), key];
    let receiver = r#"{"appid":"wx8888888888888888","type":"PERSONAL_OPENID","account":"oUpF8uMuAJO_M2pxb1Q9zNjWeS6o","relation_type":"USER","name":"张三"}"#;
    let calls: [&[&str]; 5] = [
        &["post", NATIVE, "-d", ORDER],
        &["post", "v2/pay/orderquery", "mch_id=1900000109", "out_trade_no=A"],
        &["post", "v3/profitsharing/receivers/add", "-d", receiver, "--encrypt", "auto"],
        &["get", "v3/pay/transactions/out-trade-no/none"],
        &["post", "v3/new", "-d", receiver, "--encrypt", "/json/none"],
    ];
    for call in calls {
        for flags in [&["--debug"][..], &["--debug", "--json"], &["--debug", "--dry-run"]] {
            let run = home.run(&[call, flags].concat());
            for secret in &secrets {
                assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret), "{call:?} {flags:?}");
            }
            assert!(!run.stderr.contains("张三"), "{}", run.stderr);
        }
    }
}
