//! Encrypting for the platform, and decrypting what comes from it.

use serde_json::json;
use wechatpay_sandbox::Sandbox;

use crate::openssl::{base64, new_key, openssl, to_base64};
use crate::runs::Home;

const OAEP: [&str; 2] = ["-pkeyopt", "rsa_padding_mode:oaep"];

#[test]
fn a_field_for_the_platform() {
    let sandbox = Sandbox::start().unwrap();
    let mut home = Home::of("encrypt", &sandbox);
    let run = home.run_with(&["encrypt"], "张三\n").ends(0).says(sandbox.platform_serial());
    assert_eq!(sandbox.decrypt(run.stdout.trim_end()).as_deref(), Some("张三"));
    // By the openssl command, with a key that it has made.
    new_key(&home, "own.pem", "own.pub");
    let cert = format!("PUB_KEY_ID_1={},PUB_KEY_ID_2={}", home.path("own.pub"), home.path("platform.pem"));
    home.set("WECHATPAY_CERTS", &cert);
    home.write("name.txt", "李四\r\n");
    let told = home.run(&["--json", "encrypt", "name.txt", "--for", "PUB_KEY_ID_1"]).ends(0).json();
    assert_eq!(told["serial"], "PUB_KEY_ID_1");
    let sealed = base64(&home, told["ciphertext"].as_str().unwrap());
    let plain = openssl(&home, &[&["pkeyutl", "-decrypt", "-inkey", "own.pem"], &OAEP[..]].concat(), sealed);
    assert_eq!(plain.as_deref(), Some("李四".as_bytes()));
    home.run(&["encrypt", "name.txt"]).ends(2).says("several keys of the platform: PUB_KEY_ID_1, PUB_KEY_ID_2");
    home.run(&["encrypt", "name.txt", "--for", "X"]).ends(2).says("there is no key of the platform \"X\"");
    home.run_with(&["encrypt", "--for", "PUB_KEY_ID_1"], "\n").ends(2).says("nothing to encrypt");
    let run = home.run_with(&["encrypt", "--for", "PUB_KEY_ID_1"], "x".repeat(215)).ends(2);
    assert!(!run.stderr.contains("xxx"), "{}", run.stderr);
    home.set("WECHATPAY_CERTS", "");
    home.set("WECHATPAY_APIV3_KEY", "");
    home.run(&["encrypt", "name.txt"]).ends(2).says("a key of the platform is missing").says("--cert");
}

#[test]
fn a_field_of_an_answer() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("decrypt", &sandbox);
    let seal = [&["pkeyutl", "-encrypt", "-certin", "-inkey", "cert.pem"], &OAEP[..]].concat();
    let sealed = to_base64(&home, openssl(&home, &seal, "张三").unwrap());
    assert_eq!(home.run_with(&["decrypt"], &sealed).ends(0).stdout, "张三\n");
    home.write("field.txt", format!("{sealed}\n"));
    assert_eq!(home.run(&["--json", "decrypt", "field.txt"]).ends(0).json(), json!({ "plaintext": "张三" }));
    // For another key.
    new_key(&home, "own.pem", "own.pub");
    home.run(&["decrypt", "field.txt", "--private-key", "own.pem"]).ends(6).says("the merchant's private key");
    home.run_with(&["decrypt"], "not base64").ends(6);
    home.run_with(&["decrypt"], " \n").ends(2).says("nothing to decrypt");
}

#[test]
fn a_resource_of_a_notification() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("decrypt-resource", &sandbox);
    let notification = sandbox.notification("TRANSACTION.SUCCESS", json!({ "out_trade_no": "1" }));
    let plain = "{\"out_trade_no\":\"1\"}\n";
    assert_eq!(home.run_with(&["decrypt"], notification.body()).ends(0).stdout, plain);
    let envelope: serde_json::Value = serde_json::from_slice(notification.body()).unwrap();
    let resource = &envelope["resource"];
    assert_eq!(home.run_with(&["decrypt"], resource.to_string()).ends(0).stdout, plain);
    let text = |name: &str| resource[name].as_str().unwrap();
    let bare = ["decrypt", "--nonce", text("nonce"), "--associated-data", text("associated_data")];
    assert_eq!(home.run_with(&bare, text("ciphertext")).ends(0).stdout, plain);
    home.run_with(&bare[..3], text("ciphertext")).ends(6).says("associated_data");
    home.write("other.key", "x".repeat(32));
    home.run_with(&["decrypt", "--apiv3-key", "other.key"], notification.body()).ends(6).says("the APIv3 key");
    home.run_with(&["decrypt"], notification.tampered().body()).ends(6);
    home.run_with(&bare, notification.body()).ends(2).says("for bare base64");
    home.run_with(&["decrypt"], "{}").ends(2).says("no `ciphertext`");
    home.run_with(&["decrypt"], "{").ends(2).says("not JSON");
}

#[test]
fn what_a_refund_of_apiv2_says() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("decrypt-refund", &sandbox);
    // As the platform's page says: AES-256-ECB, with the MD5 of the key.
    let digest = openssl(&home, &["dgst", "-md5", "-r"], sandbox.secret()).unwrap();
    let key: String = digest[..32].iter().map(|letter| format!("{letter:02x}")).collect();
    let xml = "<root><out_refund_no>1</out_refund_no></root>";
    let sealed = to_base64(&home, openssl(&home, &["enc", "-aes-256-ecb", "-K", &key], xml).unwrap());
    assert_eq!(home.run_with(&["decrypt", "--req-info"], &sealed).ends(0).stdout, format!("{xml}\n"));
    let notification = format!("<xml><return_code>SUCCESS</return_code><req_info>{sealed}</req_info></xml>");
    assert_eq!(home.run_with(&["decrypt"], &notification).ends(0).stdout, format!("{xml}\n"));
    home.write("other.key", "x".repeat(32));
    home.run_with(&["decrypt", "--secret", "other.key"], &notification).ends(6).says("the APIv2 key");
    home.run_with(&["decrypt"], "<xml><a>1</a></xml>").ends(2).says("no `req_info`");
    home.run_with(&["decrypt"], "<xml>").ends(2).says("XML");
    home.run_with(&["decrypt", "--req-info", "--nonce", "1"], &sealed).ends(2);
}
