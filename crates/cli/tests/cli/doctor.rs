//! The doctor: a line for each check, and what to do about each mistake.

use std::process::Command;

use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use serde_json::{Value, json};
use support::certificates::{Issue, Subject};
use support::keys;
use support::raw::{Reply, Server, answer};
use wechatpay_sandbox::{Fault, KeyMode, Sandbox};

use crate::runs::{Home, Run};

const DAY: i64 = 24 * 60 * 60;

/// What the doctor says, for machines.
struct Told {
    run: Run,
    checks: Vec<Value>,
}

impl Told {
    #[track_caller]
    fn of(home: &Home, arguments: &[&str]) -> Told {
        let run = home.run(&[&["--json", "doctor"], arguments].concat());
        let Value::Array(checks) = run.json() else { panic!("{run:?}") };
        let failed = checks.iter().filter(|check| check["state"] == "failed").count();
        assert_eq!(run.code, if failed > 0 { 6 } else { 0 }, "{run:?}");
        // What is not in order has something to do about it.
        for check in &checks {
            let is_mended = !check["fix"].as_array().unwrap().is_empty();
            let is_wrong = check["state"] == "failed" || check["state"] == "warning";
            assert_eq!(is_mended, is_wrong, "{check}");
        }
        Told { run, checks }
    }

    /// Asserts that a check has ended so: a part of its message, and of what to do.
    #[track_caller]
    fn has(self, check: &str, state: &str, message: &str, fix: &str) -> Told {
        let is_it = |told: &&Value| {
            let says = |part: &str, of: &Value| of.to_string().contains(part);
            told["check"] == check
                && told["state"] == state
                && says(message, &told["message"])
                && says(fix, &told["fix"])
        };
        assert!(
            self.checks.iter().any(|told| is_it(&told)),
            "{check} {state}, {message:?}, {fix:?}: {:#?}",
            self.checks
        );
        self
    }

    /// Asserts that nothing else has failed.
    #[track_caller]
    fn failed(self, names: &[&str]) -> Told {
        let failed: Vec<_> = self.checks.iter().filter(|check| check["state"] == "failed").collect();
        let found: Vec<_> = failed.iter().map(|check| check["check"].as_str().unwrap()).collect();
        assert_eq!(found, names, "{failed:#?}");
        self
    }
}

/// A key that belongs to nobody.
fn strangers_key() -> String {
    keys::private_pem(&keys::rsa())
}

/// A merchant's certificate for the key of the sandbox's merchant, valid from and until then.
fn certificate(sandbox: &Sandbox, valid: (i64, i64)) -> String {
    let key = PKey::private_key_from_pem(sandbox.merchant_private_key_pem().as_bytes()).unwrap();
    let subject = Subject::Merchant(sandbox.mchid());
    Issue { subject, key: &key, serial: sandbox.merchant_serial(), valid }.pem()
}

fn certs(home: &mut Home, id: &str, file: &str) {
    let value = format!("{id}={}", home.path(file));
    home.set("WECHATPAY_CERTS", &value);
}

#[test]
fn all_is_well() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("well", &sandbox);
    let told = Told::of(&home, &[]).failed(&[]);
    let names: Vec<_> = told.checks.iter().map(|check| check["check"].as_str().unwrap().to_owned()).collect();
    assert_eq!(
        names,
        [
            "mchid",
            "base_uri",
            "permissions",
            "private_key",
            "merchant_cert",
            "serial",
            "pair",
            "certificate",
            "certs",
            "apiv3_key",
            "secret",
            "host",
            "clock",
            "signature",
            "verification",
            "encryption",
            "apiv3_key",
        ]
    );
    let told = told
        .has("mchid", "ok", "1900000109, from WECHATPAY_MCHID", "")
        .has("private_key", "ok", "RSA-2048, PKCS#8, from WECHATPAY_PRIVATE_KEY", "")
        .has("certs", "ok", sandbox.platform_serial(), "")
        .has("apiv3_key", "open", "no certificates", "");
    assert_eq!(told.run.stderr, "");
    // The same for people.
    let run = home.run(&["doctor"]).ends(0);
    assert_eq!(run.stdout.lines().count(), names.len());
    assert!(run.stdout.starts_with("✓ mchid          1900000109, from WECHATPAY_MCHID\n"), "{}", run.stdout);
    assert!(run.stdout.contains("✓ encryption     what was encrypted"), "{}", run.stdout);
}

#[test]
fn the_profile_of_the_sandbox() {
    let run = Home::new("profile").run(&["--profile", "sandbox", "doctor"]).ends(0);
    assert!(run.stdout.starts_with("✓ profile        sandbox\n") && !run.stdout.contains('✗'), "{}", run.stdout);
}

#[test]
fn offline_nothing_is_connected_to() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("offline", &sandbox);
    let told = Told::of(&home, &["--offline"]).failed(&[]);
    assert!(!told.checks.iter().any(|check| check["check"] == "host"));
    assert!(sandbox.requests().is_empty());
}

#[test]
fn for_people_a_failed_line_has_what_to_do_below_it() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("lines", &sandbox);
    home.write("apiv3.key", "short");
    let run = home.run(&["doctor", "--offline"]).ends(6).says("error: 1 of 11 checks failed");
    let lines = "✗ apiv3_key      5 bytes, from WECHATPAY_APIV3_KEY, and 32 are needed\n  → it is what was set at pay.weixin.qq.com";
    assert!(run.stdout.contains(lines), "{}", run.stdout);
}

#[test]
fn what_is_missing() {
    let home = Home::new("missing");
    Told::of(&home, &["--offline"])
        .failed(&["mchid", "serial", "private_key", "certs"])
        .has("serial", "failed", "missing", "--serial, by WECHATPAY_SERIAL or by `serial`")
        .has("certs", "failed", "missing", "--cert ID=FILE");
    let mut home = Home::new("missing_online");
    home.set("WECHATPAY_BASE_URI", "http://127.0.0.1:9/");
    Told::of(&home, &[]).has("echo", "open", "the settings are not complete", "");
    let home = Home::new("wrong");
    Told::of(&home, &["--offline", "--mchid", "wx123"]).has("mchid", "failed", "is not a number", "digits only");
}

#[test]
fn a_private_key_of_someone_else() {
    let sandbox = Sandbox::start().unwrap();
    let mut home = Home::of("stranger", &sandbox);
    home.write("key.pem", strangers_key());
    Told::of(&home, &["--offline"]).failed(&["pair"]).has(
        "pair",
        "failed",
        "is not that of the certificate",
        "same download",
    );
    // Without a certificate to compare it with, the platform says so.
    home.set("WECHATPAY_MERCHANT_CERT", "");
    Told::of(&home, &[])
        .failed(&["signature"])
        .has(
            "signature",
            "failed",
            "the platform signed the same message",
            "give the private key of the certificate 3775",
        )
        .has("serial", "ok", "not compared", "");
}

#[test]
fn what_is_no_private_key() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("no_key", &sandbox);
    home.write("key.pem", sandbox.merchant_certificate_pem());
    Told::of(&home, &["--offline"]).has("private_key", "failed", "the PEM holds a CERTIFICATE", "apiclient_key.pem");
    let short = Rsa::generate(1024).unwrap().private_key_to_pem().unwrap();
    home.write("key.pem", short);
    Told::of(&home, &["--offline"]).failed(&["private_key"]).has(
        "private_key",
        "failed",
        "RSA-1024",
        "apiclient_key.pem",
    );
    std::fs::remove_file(home.folder.file("key.pem")).unwrap();
    Told::of(&home, &["--offline"]).has("private_key", "failed", "cannot be read", "apiclient_key.pem");
    let pkcs1 = PKey::private_key_from_pem(sandbox.merchant_private_key_pem().as_bytes()).unwrap().rsa().unwrap();
    home.write("key.pem", pkcs1.private_key_to_pem().unwrap());
    Told::of(&home, &["--offline"]).failed(&[]).has("private_key", "ok", "PKCS#1", "");
}

#[test]
fn a_serial_of_something_else() {
    let sandbox = Sandbox::start().unwrap();
    let mut home = Home::of("serial", &sandbox);
    Told::of(&home, &["--offline", "--serial", "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C"]).failed(&["serial"]).has(
        "serial",
        "failed",
        "is not that of the certificate",
        &format!("--serial {}", sandbox.merchant_serial()),
    );
    Told::of(&home, &["--offline", "--serial", sandbox.platform_serial()]).failed(&["serial"]).has(
        "serial",
        "failed",
        "is the id of a public key",
        "openssl x509",
    );
    Told::of(&home, &["--offline", "--serial", "serial"]).has(
        "serial",
        "failed",
        "not a serial in hex",
        "openssl x509",
    );
    home.set("WECHATPAY_MERCHANT_CERT", "");
    // The platform does not say whether it knows it.
    Told::of(&home, &["--serial", "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C"])
        .failed(&["signature"])
        .has("signature", "failed", "SIGN_ERROR", "the private key of the certificate 1DDE55AD98ED")
        .has("signature", "failed", "SIGN_ERROR", "or the serial of the key's own certificate");
}

#[test]
fn certificates_end() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("ends", &sandbox);
    let told = |valid| {
        home.write("cert.pem", certificate(&sandbox, valid));
        Told::of(&home, &["--offline"])
    };
    told((-DAY, 100 * DAY)).failed(&[]);
    told((-DAY, 10 * DAY)).failed(&[]).has("certificate", "warning", "expires on 20", "in time");
    told((-9 * DAY, -DAY)).failed(&["certificate"]).has("certificate", "failed", "has expired on 20", "get a new one");
    told((DAY, 9 * DAY)).failed(&["certificate"]).has("certificate", "failed", "not yet", "clock");
    home.write("cert.pem", "no certificate");
    Told::of(&home, &["--offline"]).failed(&["merchant_cert"]).has(
        "merchant_cert",
        "failed",
        "PEM",
        "apiclient_cert.pem",
    );
}

#[test]
fn own_keys_among_those_of_the_platform() {
    let sandbox = Sandbox::start().unwrap();
    let mut home = Home::of("own", &sandbox);
    let serial = sandbox.merchant_serial();
    certs(&mut home, serial, "cert.pem");
    Told::of(&home, &["--offline"]).failed(&["certs"]).has(
        "certs",
        "failed",
        "a certificate of the merchant's own",
        "PUB_KEY_ID_…=pub_key.pem",
    );
    certs(&mut home, "PUB_KEY_ID_01", "cert.pem");
    Told::of(&home, &["--offline"]).failed(&["certs"]).has(
        "certs",
        "failed",
        "a certificate of the merchant's own",
        "",
    );
    certs(&mut home, "PUB_KEY_ID_01", "key.pem");
    Told::of(&home, &["--offline"]).failed(&["certs"]).has("certs", "failed", "is a private key", "--cert");
    let own = PKey::private_key_from_pem(sandbox.merchant_private_key_pem().as_bytes()).unwrap();
    home.write("public.pem", own.public_key_to_pem().unwrap());
    certs(&mut home, "PUB_KEY_ID_01", "public.pem");
    Told::of(&home, &["--offline"]).failed(&["certs"]).has(
        "certs",
        "failed",
        "the public key of the merchant's own",
        "",
    );
    // Of another key: only its subject tells.
    let old = Issue { subject: Subject::Merchant(sandbox.mchid()), key: &keys::rsa(), serial: "5A", valid: (0, DAY) };
    home.write("old.pem", old.pem());
    certs(&mut home, "5A", "old.pem");
    Told::of(&home, &["--offline"]).has("settings", "failed", "by its subject", "");
}

#[test]
fn keys_of_the_platform_under_other_names() {
    let sandbox = Sandbox::builder().mode(KeyMode::Certificate).start().unwrap();
    let mut home = Home::of("names", &sandbox);
    let serial = sandbox.platform_serial().to_owned();
    home.write("certificate.pem", sandbox.platform_certificate_pem(&serial).unwrap());
    certs(&mut home, &serial, "certificate.pem");
    Told::of(&home, &[]).failed(&[]).has("certs", "ok", "is valid until", "").has("apiv3_key", "ok", "decrypts", "");
    certs(&mut home, "PUB_KEY_ID_01", "certificate.pem");
    Told::of(&home, &["--offline"])
        .failed(&["certs"])
        .has(
            "certs",
            "failed",
            "the id of a public key, and the file has the certificate",
            &format!("--cert {serial}="),
        )
        .has("certs", "failed", "", "--cert PUB_KEY_ID_01=pub_key.pem");
    certs(&mut home, "5A5A", "certificate.pem");
    Told::of(&home, &["--offline"]).failed(&["certs"]).has(
        "certs",
        "failed",
        "5A5A is the certificate",
        &format!("--cert {serial}="),
    );
    certs(&mut home, &serial, "platform.pem");
    Told::of(&home, &[]).failed(&[]).has("certs", "warning", "a bare public key", "PUB_KEY_ID_");
    home.write("nothing.pem", "nothing");
    certs(&mut home, &serial, "nothing.pem");
    Told::of(&home, &["--offline"]).failed(&["certs"]).has("certs", "failed", "not PEM", "--cert");
    certs(&mut home, &serial, "absent.pem");
    Told::of(&home, &["--offline"]).failed(&["certs"]).has("certs", "failed", "absent.pem", "--cert");
    let expired = Issue { subject: Subject::Platform, key: &keys::rsa(), serial: "5B", valid: (-9 * DAY, -DAY) };
    home.write("expired.pem", expired.pem());
    certs(&mut home, "5B", "expired.pem");
    Told::of(&home, &["--offline"]).failed(&["certs"]).has("certs", "failed", "has expired", "get a new one");
    // None at all: they are fetched.
    home.set("WECHATPAY_CERTS", "");
    Told::of(&home, &[]).failed(&[]).has("certs", "ok", "are fetched with the APIv3 key", "");
}

#[test]
fn a_key_that_is_not_the_platforms() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("not_platform", &sandbox);
    home.write("platform.pem", keys::public_pem(&keys::rsa()));
    Told::of(&home, &[]).failed(&["encryption"]).has("encryption", "failed", "PARAM_ERROR", "the key that its id says");
    let sandbox = Sandbox::builder().mode(KeyMode::Certificate).start().unwrap();
    let mut home = Home::of("unknown", &sandbox);
    let platform = home.path("platform.pem");
    home.set("WECHATPAY_CERTS", &format!("5A={platform}"));
    Told::of(&home, &[]).failed(&["encryption"]);
}

#[test]
fn symmetric_keys() {
    let sandbox = Sandbox::builder().mode(KeyMode::Certificate).start().unwrap();
    let home = Home::of("symmetric", &sandbox);
    home.write("apiv2.key", "x".repeat(31));
    Told::of(&home, &["--offline"]).failed(&["secret"]).has("secret", "failed", "31 bytes", "APIv2密钥");
    home.write("apiv2.key", sandbox.secret());
    home.write("apiv3.key", format!(" {} ", sandbox.apiv3_key()));
    Told::of(&home, &["--offline"]).failed(&["apiv3_key"]).has("apiv3_key", "failed", "34 bytes", "white space");
    Told::of(&home, &["--offline", "--apiv3-key", "none.key"]).has("apiv3_key", "failed", "none.key: ", "APIv3密钥");
    home.write("apiv3.key", sandbox.merchant_private_key_pem());
    Told::of(&home, &["--offline"]).failed(&["apiv3_key"]).has("apiv3_key", "failed", "bytes", "PEM");
    // The APIv2 key in the place of the APIv3 key.
    home.write("apiv3.key", sandbox.secret());
    Told::of(&home, &[]).failed(&["apiv3_key"]).has("apiv3_key", "warning", "the same as `secret`", "one by one").has(
        "apiv3_key",
        "failed",
        "cannot be decrypted",
        "not the APIv2 key",
    );
    // It is needed for the certificates.
    let mut home = home;
    home.set("WECHATPAY_CERTS", "");
    Told::of(&home, &[]).failed(&["certs"]).has("certs", "failed", "cannot be decrypted", "not the APIv2 key");
}

#[test]
fn pkcs12_opens_with_the_merchants_number() {
    let sandbox = Sandbox::start().unwrap();
    let mut home = Home::of("p12", &sandbox);
    let pack = ["pkcs12", "-export", "-inkey", "key.pem", "-in", "cert.pem", "-out", "apiclient_cert.p12", "-passout"];
    let pass = format!("pass:{}", sandbox.mchid());
    let made = Command::new("openssl").args(pack).arg(&pass).current_dir(home.folder.path()).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    let p12 = format!("file://{}", home.path("apiclient_cert.p12"));
    home.set("WECHATPAY_MERCHANT_CERT", &p12);
    Told::of(&home, &[]).failed(&[]).has("merchant_cert", "ok", sandbox.merchant_serial(), "");
    Told::of(&home, &["--offline", "--mchid", "1900000110"]).failed(&["merchant_cert"]).has(
        "merchant_cert",
        "failed",
        "passphrase",
        "is `mchid` that of this certificate?",
    );
    // As the private key, it brings its certificate along.
    home.set("WECHATPAY_PRIVATE_KEY", &p12);
    home.set("WECHATPAY_MERCHANT_CERT", "");
    home.set("WECHATPAY_SERIAL", "");
    Told::of(&home, &[]).failed(&[]).has("private_key", "ok", "PKCS#12", "").has("pair", "ok", "is that of", "");
    home.set("WECHATPAY_CERTS", &format!("5A={}", home.path("apiclient_cert.p12")));
    Told::of(&home, &["--offline"]).has("certs", "failed", "is a PKCS#12 file", "--merchant-cert");
}

#[cfg(unix)]
#[test]
fn files_that_others_can_read() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("modes", &sandbox);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(home.folder.file("key.pem"), mode).unwrap();
    let told = Told::of(&home, &["--offline"]).failed(&[]).has("permissions", "warning", "(mode 644)", "chmod 600");
    // It is not warned about twice.
    assert_eq!(told.run.stderr, "");
}

#[test]
fn clocks_apart() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("clock", &sandbox);
    let told = |seconds| {
        sandbox.clear_faults();
        sandbox.inject(Fault::ClockOff(seconds));
        Told::of(&home, &[])
    };
    told(30).failed(&[]).has("clock", "ok", "s behind the platform's", "");
    told(200).failed(&[]).has("clock", "warning", "behind the platform's", "timedatectl");
    told(-200).failed(&[]).has("clock", "warning", "ahead of the platform's", "timedatectl");
    told(1000).failed(&["clock", "verification"]).has("clock", "failed", "300 s are the most", "set the clock").has(
        "verification",
        "failed",
        "away from the local clock",
        "set the clock",
    );
}

/// An answer of the platform to a request with a wrong clock: it is not signed.
#[test]
fn the_platform_refuses_a_wrong_clock() {
    let body =
        json!({ "code": "SIGN_ERROR", "message": "Http头Authorization中的timestamp与发起请求的时间不得超过5分钟" });
    let server = Server::start(move |_, _| {
        let headers =
            [("Date", "Wed, 01 Jan 2025 00:00:00 GMT".to_owned()), ("Content-Type", "application/json".to_owned())];
        Reply::Answer(answer("401 Unauthorized", &headers, body.to_string().as_bytes()))
    });
    let sandbox = Sandbox::start().unwrap();
    let mut home = Home::of("refused_clock", &sandbox);
    home.set("WECHATPAY_BASE_URI", &server.url());
    Told::of(&home, &[])
        .failed(&["clock", "signature"])
        .has("clock", "failed", "ahead of the platform's", "set the clock")
        .has("signature", "failed", "the local clock is more than five minutes away", "set the clock");
}

#[test]
fn the_platform_refuses_a_signature_and_says_no_more() {
    let body = json!({ "code": "SIGN_ERROR", "message": "商户证书序列号有误" }).to_string();
    let server = Server::start(move |_, _| Reply::Answer(answer("401 Unauthorized", &[], body.as_bytes())));
    let sandbox = Sandbox::start().unwrap();
    let mut home = Home::of("refused", &sandbox);
    home.set("WECHATPAY_BASE_URI", &server.url());
    Told::of(&home, &[]).failed(&["signature"]).has(
        "signature",
        "failed",
        "商户证书序列号有误",
        "compare `mchid` and `serial`",
    );
}

#[test]
fn a_proxy_that_rewrites_the_path() {
    let server = Server::start(|_, _| {
        let information =
            json!({ "truncated_sign_message": "POST\n/security/echo\n1\nA\n{\n", "sign_message_length": 99 });
        let body =
            json!({ "code": "SIGN_ERROR", "message": "签名错误", "detail": { "sign_information": information } });
        Reply::Answer(answer("401 Unauthorized", &[], body.to_string().as_bytes()))
    });
    let sandbox = Sandbox::start().unwrap();
    let mut home = Home::of("rewritten", &sandbox);
    home.set("WECHATPAY_BASE_URI", &server.url());
    Told::of(&home, &[]).failed(&["signature"]).has("clock", "open", "does not say what time", "").has(
        "signature",
        "failed",
        "the path that arrived is not the one that was signed",
        "a proxy",
    );
}

#[test]
fn answers_that_are_not_verified() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("unverified", &sandbox);
    let told = |fault: Fault| {
        sandbox.clear_faults();
        sandbox.inject(fault);
        Told::of(&home, &[])
    };
    told(Fault::BadSignature).failed(&["verification"]).has("signature", "ok", "accepted", "").has(
        "verification",
        "failed",
        "does not match",
        "download it anew",
    );
    told(Fault::UnknownSerial).failed(&["verification"]).has(
        "verification",
        "failed",
        "is not one of the configured",
        "=FILE",
    );
    told(Fault::MissingHeader("Wechatpay-Nonce")).failed(&["verification"]).has(
        "verification",
        "failed",
        "missing",
        "proxy",
    );
    told(Fault::Status(503)).failed(&["echo"]).has("echo", "failed", "503", "try again");
    told(Fault::Status(403)).failed(&[]).has("echo", "warning", "403", "Request-ID");
    told(Fault::CloseBeforeAnswer).failed(&["echo"]);
    // Of the second call, which tries the APIv3 key.
    sandbox.clear_faults();
    sandbox.inject(Fault::Status(503).on("v3/certificates"));
    Told::of(&home, &[]).failed(&[]).has("apiv3_key", "warning", "503", "try again");
}

#[test]
fn what_comes_back_is_not_what_was_sent() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("echo", &sandbox);
    let echo = |message: &str, sealed: &str| {
        let answer = json!({ "echo_message": message, "encrypted_echo_message": sealed });
        sandbox.answer("POST", "v3/security/echo", 200, answer);
        Told::of(&home, &[]).failed(&["encryption"])
    };
    let public = sandbox.merchant_private_key().public_key().unwrap();
    echo("another", &wechatpay::Rsa::encrypt("another", &public).unwrap()).has(
        "encryption",
        "failed",
        "what came back is not what was sent",
        "Request-ID",
    );
    echo("another", "bm90IGEga2V5").has(
        "encryption",
        "failed",
        "encrypted_echo_message",
        "does the private key belong",
    );
}

#[test]
fn hosts_that_cannot_be_reached() {
    let sandbox = Sandbox::start_tls().unwrap();
    let mut home = Home::of("hosts", &sandbox);
    let told = Told::of(&home, &[]).failed(&[]);
    let host =
        told.checks.iter().find(|check| check["check"] == "host").unwrap()["message"].as_str().unwrap().to_owned();
    for step in ["name ", "connection ", "TLS "] {
        assert!(host.contains(step), "{host}");
    }
    home.set("WECHATPAY_VERIFY", "");
    Told::of(&home, &[]).failed(&["host", "echo"]).has(
        "host",
        "failed",
        "its certificate is not trusted",
        "--verify FILE",
    );
    sandbox.refuse_connections(true).unwrap();
    Told::of(&home, &[]).failed(&["host", "echo"]).has("host", "failed", "connection: ", "firewall");
    home.set("WECHATPAY_BASE_URI", "https://nowhere.invalid/");
    Told::of(&home, &[]).failed(&["host", "echo"]).has("host", "failed", "nowhere.invalid:443, name: ", "getent hosts");
    home.set("WECHATPAY_PROXY", "http://127.0.0.1:9/");
    Told::of(&home, &[])
        .failed(&["proxy", "echo"])
        .has("proxy", "failed", "127.0.0.1:9", "firewall")
        .has("host", "open", "proxy", "");
    home.set("WECHATPAY_PROXY", "http://");
    Told::of(&home, &[]).has("proxy", "failed", "this is not an address", "http://10.0.0.1:3128");
}

#[test]
fn a_proxy_of_the_environment() {
    let sandbox = Sandbox::start().unwrap();
    let mut home = Home::of("proxy", &sandbox);
    home.set("HTTPS_PROXY", "http://user:geheim@127.0.0.1:9/");
    let told =
        Told::of(&home, &[]).failed(&["proxy", "echo"]).has("proxy", "failed", "127.0.0.1:9, connection", "firewall");
    assert!(!told.run.stdout.contains("geheim") && !told.run.stderr.contains("geheim"), "{:?}", told.run);
    home.set("NO_PROXY", "example.com,127.0.0.1");
    Told::of(&home, &[]).failed(&[]).has("host", "ok", "127.0.0.1:", "");
    home.set("WECHATPAY_PROXY", "http://user:geheim@10.0.0.1:9/");
    let told = Told::of(&home, &["--offline"]).failed(&[]);
    assert!(!told.run.stdout.contains("geheim"), "{:?}", told.run);
    told.has("proxy", "ok", "http://10.0.0.1:9/, from WECHATPAY_PROXY", "");
    Told::of(&home, &["--base-uri", "nowhere"]).has("base_uri", "failed", "is not an address", "https://");
}

#[test]
fn a_brand() {
    let sandbox = Sandbox::start().unwrap();
    let brand = sandbox.brand();
    let mut home = Home::new("brand");
    home.write("key.pem", brand.private_key_pem());
    home.write("public.pem", brand.public_key_pem());
    home.write("key.txt", brand.apiv3_key());
    for (name, value) in [
        ("WECHATPAY_BRAND_ID", brand.brand_id()),
        ("WECHATPAY_SERIAL", brand.serial()),
        ("WECHATPAY_PRIVATE_KEY", &format!("file://{}", home.path("key.pem"))),
        ("WECHATPAY_APIV3_KEY", &format!("file://{}", home.path("key.txt"))),
        ("WECHATPAY_BASE_URI", sandbox.base_uri()),
    ] {
        home.set(name, value);
    }
    certs(&mut home, brand.public_key_id(), "public.pem");
    Told::of(&home, &[]).failed(&[]).has("brand_id", "ok", brand.brand_id(), "").has("echo", "open", "for brands", "");
    certs(&mut home, "5A", "public.pem");
    Told::of(&home, &["--offline"]).failed(&["certs"]).has(
        "certs",
        "failed",
        "brands have no other keys",
        "PUB_KEY_ID_",
    );
    Told::of(&home, &["--offline", "--mchid", "1900000109"]).has("mchid", "failed", "have different keys", "leave one");
}

#[test]
fn apiv2_alone() {
    let sandbox = Sandbox::start().unwrap();
    let mut home = Home::new("apiv2");
    home.write("secret", sandbox.secret());
    home.set("WECHATPAY_MCHID", sandbox.mchid());
    home.set("WECHATPAY_SECRET", &format!("file://{}", home.path("secret")));
    home.set("WECHATPAY_BASE_URI", sandbox.base_uri());
    Told::of(&home, &[]).failed(&[]).has("secret", "ok", "32 bytes", "").has("echo", "open", "of APIv2", "");
}

#[test]
fn no_secret_is_shown() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("secrets", &sandbox);
    for arguments in [&["doctor", "--debug"][..], &["--json", "doctor", "--debug"], &["doctor", "--offline"]] {
        let run = home.run(arguments).ends(0);
        let key = sandbox.merchant_private_key_pem().lines().nth(1).unwrap();
        for secret in [sandbox.apiv3_key(), sandbox.secret(), key] {
            assert!(!run.stdout.contains(secret) && !run.stderr.contains(secret), "{run:?}");
        }
    }
    // Nor where it was put by mistake.
    let key = "0123456789abcdef0123456789abcdef";
    for name in ["WECHATPAY_MCHID", "WECHATPAY_SERIAL", "WECHATPAY_CERTS"] {
        let mut home = Home::of("misplaced", &sandbox);
        let certs = format!("{key}={}", home.path("platform.pem"));
        home.set(name, if name == "WECHATPAY_CERTS" { &certs } else { key });
        let run = home.run(&["doctor", "--offline"]);
        assert!(!run.stdout.contains(key) && !run.stderr.contains(key), "{run:?}");
    }
}
