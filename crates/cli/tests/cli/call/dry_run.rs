//! `--dry-run`: what would be sent, and what is signed.

use std::process::Command;

use wechatpay_sandbox::Sandbox;

use super::{NATIVE, ORDER, arrived, sandbox};
use crate::runs::Home;

/// Whether the `openssl` command finds that the merchant has signed this.
fn is_signed(home: &Home, message: &str, signature: &str) -> bool {
    let openssl = |arguments: &[&str]| {
        let output = Command::new("openssl").args(arguments).current_dir(home.folder.path()).output().unwrap();
        output.status.success().then_some(output.stdout)
    };
    home.write("message", message);
    home.write("signature.txt", signature);
    home.write("public.pem", openssl(&["x509", "-in", "cert.pem", "-noout", "-pubkey"]).unwrap());
    home.write("signature", openssl(&["base64", "-d", "-A", "-in", "signature.txt"]).unwrap());
    openssl(&["dgst", "-sha256", "-verify", "public.pem", "-signature", "signature", "message"]).is_some()
}

#[test]
fn what_is_signed_is_what_is_shown() {
    let (sandbox, home) = sandbox("signed");
    home.write("a.png", b"\x89PNG\0\xff");
    let calls: [&[&str]; 4] = [
        &["get", "v3/pay/transactions/out-trade-no/A%2F单", "mchid=1900000109"],
        &["post", NATIVE, "-d", ORDER],
        &["post", "v3/merchant/media/upload", "--upload", "a.png"],
        &["post", "v3/profitsharing/receivers/add", "name=张三", "--encrypt", "/json/name"],
    ];
    for call in calls {
        let told = home.run(&[call, &["--dry-run", "--json"]].concat()).ends(0).json();
        let signed = &told["signed"];
        let message = signed["message"].as_str().unwrap();
        assert!(is_signed(&home, message, signed["signature"].as_str().unwrap()), "{told}");
        let target = told["url"].as_str().unwrap().strip_prefix(sandbox.base_uri().trim_end_matches('/')).unwrap();
        let lines: Vec<_> = message.splitn(5, '\n').collect();
        assert_eq!(lines[..2], [told["method"].as_str().unwrap(), target]);
        assert_eq!(
            (lines[2], lines[3]),
            (signed["timestamp"].as_str().unwrap(), signed["nonce_str"].as_str().unwrap())
        );
        let host = sandbox.base_uri().trim_end_matches('/').trim_start_matches("http://");
        assert_eq!(told["headers"]["host"], host);
    }
    assert_eq!(arrived(&sandbox), "nothing");
}

#[test]
fn for_people() {
    let (sandbox, home) = sandbox("shown");
    let run = home.run(&["post", NATIVE, "-d", r#"{"mchid":"1900000109","a":"x\ny"}"#, "--dry-run"]).ends(0);
    let body = r#"{"mchid":"1900000109","a":"x\ny"}"#;
    for line in [
        format!("to {}, if it were sent:", sandbox.base_uri().trim_end_matches('/')),
        format!("POST /{NATIVE} HTTP/1.1"),
        body.to_owned(),
        "  POST\\n  method".to_owned(),
        format!("  /{NATIVE}\\n  path and query"),
        format!("  {body}\\n  body, {} bytes", body.len()),
    ] {
        assert!(run.stdout.lines().any(|shown| shown == line), "{line} is not in {}", run.stdout);
    }
    assert!(run.stderr.contains("/json/appid is missing"), "{}", run.stderr);
    home.write("a.png", b"line\n\x89PNG\0\xff");
    let run = home.run(&["post", "v3/merchant/media/upload", "--upload", "a.png", "--dry-run"]).ends(0);
    assert!(
        run.stdout.contains("bytes more, which are not a text)") && run.stdout.contains("\\n  `meta`, "),
        "{}",
        run.stdout
    );
    assert_eq!(arrived(&sandbox), "nothing");
}

#[test]
fn the_text_of_apiv2() {
    let (sandbox, home) = sandbox("signed-xml");
    let call =
        ["post", "v2/pay/orderquery", "mch_id=1900000109", "appid=wx8888888888888888", "out_trade_no=A", "--dry-run"];
    let told = home.run(&[&call[..], &["--json"]].concat()).ends(0).json();
    let text = format!("{}&key={}", told["signed"]["text_before_key"].as_str().unwrap(), sandbox.secret());
    home.write("text", text);
    let md5 =
        Command::new("openssl").args(["dgst", "-md5", "-r", "text"]).current_dir(home.folder.path()).output().unwrap();
    let md5 = String::from_utf8(md5.stdout).unwrap();
    assert_eq!(md5.split(' ').next().unwrap().to_uppercase(), told["signed"]["sign"].as_str().unwrap());
    let run = home.run(&call).ends(0);
    assert!(run.stdout.contains("&key=(the APIv2 key)") && !run.stdout.contains(sandbox.secret()), "{}", run.stdout);
    let told = home.run(&["get", "v2/pay/new", "mch_id=1900000109", "--dry-run", "--json"]).ends(0).json();
    assert!(told["signed"]["text_before_key"].as_str().unwrap().starts_with("mch_id=1900000109&nonce_str="), "{told}");
    assert_eq!(arrived(&sandbox), "nothing");
}

#[test]
fn nothing_is_fetched_and_nothing_written() {
    let sandbox = Sandbox::start().unwrap();
    let mut home = Home::of("unfetched", &sandbox);
    home.set("WECHATPAY_CERTS", "");
    home.run(&["post", NATIVE, "-d", ORDER, "--dry-run", "-o", "answer.json", "--retries", "3", "--debug"]).ends(0);
    assert!(!home.folder.file("answer.json").exists());
    let call = ["post", "v3/profitsharing/receivers/add", "name=张三", "--encrypt", "auto", "--dry-run"];
    home.run(&call).ends(2).says("the platform's key is needed").says("--cert ID=FILE");
    // What is wrong with the call is wrong with it here, too.
    home.run(&["post", NATIVE, "-d", ORDER, "-H", "Host: x", "--dry-run"]).ends(2);
    assert_eq!(arrived(&sandbox), "nothing");
}
