//! Verifying what the platform has signed, and reading notifications.

use serde_json::json;
use support::bare::Bare;
use wechatpay_sandbox::{KeyMode, Sandbox, SignedNotification};

use crate::openssl::{digest, new_key, sign};
use crate::runs::Home;

/// A notification as it arrives, byte by byte.
pub fn raw(notification: &SignedNotification) -> Vec<u8> {
    let mut bytes = b"POST /notify HTTP/1.1\r\nHost: shop.example\r\n".to_vec();
    for (name, value) in notification.headers() {
        bytes.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    bytes.extend(format!("Content-Length: {}\r\n\r\n", notification.body().len()).bytes());
    bytes.extend(notification.body());
    bytes
}

#[test]
fn an_answer_of_the_platform() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("verify", &sandbox);
    let answer = Bare::get(&sandbox, "/v3/marketing/partnerships").send(&sandbox);
    let headers: String = answer.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
    home.write("headers.txt", &headers);
    home.write("body.json", &answer.body);
    let run = home.run(&["verify", "--headers", "headers.txt", "body.json"]).ends(0);
    assert_eq!(run.stdout, format!("✓ signed by {}: {} bytes\n", sandbox.platform_serial(), answer.body.len()));
    let whole = [format!("HTTP/1.1 200 OK\n{headers}\n").as_bytes(), &answer.body].concat();
    let told = home.run_with(&["--json", "verify"], &whole).ends(0).json();
    assert_eq!(told, json!({ "verified": true, "key": sandbox.platform_serial(), "bytes": answer.body.len() }));
    // One byte more.
    let longer = [&answer.body[..], b"\n"].concat();
    home.run_with(&["verify", "--headers", "headers.txt"], &longer).ends(6).says("Content-Length says");
    let unmeasured: String =
        headers.split_inclusive('\n').filter(|line| !line.to_lowercase().starts_with("content-length")).collect();
    home.write("unmeasured.txt", unmeasured);
    home.run_with(&["verify", "--headers", "unmeasured.txt"], &longer)
        .ends(6)
        .says("without the line end at its end")
        .says("wechatpay explain");
    let without = headers.lines().filter(|line| !line.to_lowercase().starts_with("wechatpay-nonce"));
    home.write("headers.txt", without.collect::<Vec<_>>().join("\n"));
    home.run(&["verify", "--headers", "headers.txt", "body.json"]).ends(6).says("Wechatpay-Nonce is missing");
    home.write("headers.txt", "none");
    home.run(&["verify", "--headers", "headers.txt", "body.json"]).ends(2).says("has no line `Name: value`");
    home.run_with(&["verify"], "").ends(2).says("it is empty");
    home.run_with(&["verify"], "* Trying 127.0.0.1:80...\n").ends(2).says("there is no message in it");
    let head: String = headers.lines().map(|line| format!("< {line}\n")).collect();
    home.run_with(&["verify"], format!("< HTTP/1.1 200 OK\n{head}")).ends(2).says("the body was not written down");
}

/// Without a key of the platform, its certificates are fetched.
#[test]
fn by_a_certificate_that_is_fetched() {
    let sandbox = Sandbox::builder().mode(KeyMode::Certificate).start().unwrap();
    let mut home = Home::of("verify-fetched", &sandbox);
    home.set("WECHATPAY_CERTS", "");
    let paid = sandbox.notification("TRANSACTION.SUCCESS", json!({}));
    let told = home.run_with(&["--json", "verify"], raw(&paid)).ends(0).json();
    assert_eq!(told["key"], sandbox.platform_serial());
    home.run_with(&["verify", "--base-uri", "http://127.0.0.1:1/"], raw(&paid)).ends(3);
}

#[test]
fn by_the_key_that_openssl_has_made() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("verify-openssl", &sandbox);
    new_key(&home, "own.pem", "own.pub");
    let body = r#"{"code_url":"weixin://wxpay"}"#;
    let signature = sign(&home, "own.pem", format!("1554208460\nnonce\n{body}\n"));
    let message = |signature: &str| {
        format!(
            "Wechatpay-Serial: PUB_KEY_ID_9\nWechatpay-Timestamp: 1554208460\nWechatpay-Nonce: nonce\n\
             Wechatpay-Signature: {signature}\n\n{body}"
        )
    };
    let verify = ["verify", "--cert", "PUB_KEY_ID_9=own.pub"];
    home.run_with(&verify, message(&signature)).ends(0);
    let other = sign(&home, "key.pem", format!("1554208460\nnonce\n{body}\n"));
    home.run_with(&verify, message(&other)).ends(6).says("does not hold with the key PUB_KEY_ID_9");
    home.run_with(&["verify"], message(&signature)).ends(6).says("PUB_KEY_ID_9").says("--cert PUB_KEY_ID_9=FILE");
}

#[test]
fn a_notification() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("notification", &sandbox);
    let paid = sandbox.documented_notification("TRANSACTION.SUCCESS", json!({ "out_trade_no": "order-1" })).unwrap();
    let run = home.run_with(&["notification"], raw(&paid)).ends(0);
    assert!(run.stdout.starts_with("✓ TRANSACTION.SUCCESS"), "{}", run.stdout);
    assert!(run.stdout.contains("\"out_trade_no\": \"order-1\""), "{}", run.stdout);
    home.write("request.txt", raw(&paid));
    let told = home.run(&["--json", "notification", "request.txt"]).ends(0).json();
    assert_eq!(told["event"], "TRANSACTION.SUCCESS");
    assert_eq!(told["key"], sandbox.platform_serial());
    assert_eq!(told["content"]["out_trade_no"], "order-1");
    home.run_with(&["notification"], raw(&paid.tampered())).ends(6).says("does not hold");
    home.run_with(&["notification"], raw(&paid.probe())).ends(6).says("probe");
    home.write("other.key", "x".repeat(32));
    home.run(&["notification", "--apiv3-key", "other.key", "request.txt"]).ends(6).says("APIv3 key");
}

#[test]
fn notifications_of_apiv2() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("notification-v2", &sandbox);
    let paid = sandbox.notification_apiv2(json!({ "out_trade_no": "order-1" }));
    let told = home.run_with(&["--json", "notification"], paid.body()).ends(0).json();
    assert_eq!(told["content"]["out_trade_no"], "order-1");
    home.run_with(&["verify"], paid.body()).ends(0);
    home.run_with(&["notification"], paid.tampered().body()).ends(6).says("`sign`");
    home.run_with(&["verify"], paid.tampered().body()).ends(6).says("`sign`");
    let refunded = sandbox.refund_notification_apiv2(json!({ "out_refund_no": "refund-1" }));
    let run = home.run_with(&["notification"], refunded.body()).ends(0);
    assert!(run.stdout.contains("query the refund") && run.stdout.contains("refund-1"), "{}", run.stdout);
    home.run_with(&["verify"], refunded.body()).ends(6).says("not signed");
    // Signed by the openssl command.
    let signed = format!("a=1&mch_id={}&key={}", sandbox.mchid(), sandbox.secret());
    let sign = digest(&home, &["-md5"], &signed);
    let xml = format!("<xml><a>1</a><mch_id>{}</mch_id><sign>{sign}</sign></xml>", sandbox.mchid());
    home.run_with(&["verify"], &xml).ends(0);
    home.run_with(&["verify", "--mchid", "1"], xml.replace("<a>1", "<a>2")).ends(6);
    home.run_with(&["notification", "--mchid", "1"], &xml).ends(6).says("and 1 is configured");
    home.run_with(&["verify"], "<xml").ends(6);
}

/// Signed by the openssl command, and yet not as it should be.
#[test]
fn what_is_no_notification() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("no-notification", &sandbox);
    new_key(&home, "own.pem", "own.pub");
    let signed = |timestamp: &str, body: &str| {
        let signature = sign(&home, "own.pem", format!("{timestamp}\nnonce\n{body}\n"));
        format!(
            "Wechatpay-Serial: PUB_KEY_ID_9\nWechatpay-Timestamp: {timestamp}\nWechatpay-Nonce: nonce\n\
             Wechatpay-Signature: {signature}\n\n{body}"
        )
    };
    let ciphertext = wechatpay::AesGcm::encrypt("no JSON", sandbox.apiv3_key(), "abcdefghijkl", "").unwrap();
    let sealed = json!({ "algorithm": "AEAD_AES_256_GCM", "ciphertext": ciphertext, "nonce": "abcdefghijkl" });
    let cert = ["notification", "--cert", "PUB_KEY_ID_9=own.pub"];
    let now = support::platform::now();
    for (timestamp, body, expected) in [
        (now.to_string(), "no JSON".to_owned(), "its body is not JSON"),
        (now.to_string(), json!({ "resource": 1 }).to_string(), "its body has no `resource`"),
        (now.to_string(), json!({ "resource": {} }).to_string(), "its `resource.algorithm` is not AEAD_AES_256_GCM"),
        (now.to_string(), json!({ "resource": sealed }).to_string(), "its `resource` is decrypted, but is not JSON"),
        ((now + 6000).to_string(), "{}".to_owned(), "ahead of the local clock"),
        ("today".to_owned(), "{}".to_owned(), "Wechatpay-Timestamp is not a number of seconds"),
    ] {
        home.run_with(&cert, signed(&timestamp, &body)).ends(6).says(expected);
    }
    let whole = signed("1554208460", "{}");
    let shorter = whole.replace("==\n", "\n");
    home.run_with(&["verify", "--cert", "PUB_KEY_ID_9=own.pub"], shorter)
        .ends(6)
        .says("Wechatpay-Signature has 342 characters, not the 344 of a signature");
    // Each under the id of the other.
    home.run_with(&["verify", "--cert", "PUB_KEY_ID_9=platform.pem", "--cert", "PUB_KEY_ID_8=own.pub"], whole)
        .ends(6)
        .says("the signature holds with the key configured as PUB_KEY_ID_8");
}
