//! The platform's certificates as files.

use std::process::Command;

use wechatpay_sandbox::{Fault, KeyMode, Sandbox};

use crate::runs::Home;

fn sandbox() -> Sandbox {
    Sandbox::builder().mode(KeyMode::Certificate).start().unwrap()
}

/// The files that a run has written.
fn pems(home: &Home) -> Vec<String> {
    home.folder.names().into_iter().filter(|name| name.starts_with("wechatpay_")).collect()
}

#[test]
fn each_certificate_is_a_file_and_openssl_reads_it() {
    let sandbox = sandbox();
    let serials = [sandbox.platform_serial().to_owned(), sandbox.rotate_platform_certificate()];
    let home = Home::of("certs", &sandbox);
    let run = home.run(&["certs", "--json"]).ends(0);
    assert_eq!(run.stderr, "");
    let lines: Vec<serde_json::Value> = run.stdout.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(lines.len(), 2);
    for line in &lines {
        let serial = line["serial"].as_str().unwrap();
        assert!(serials.iter().any(|known| known == serial));
        let file = line["file"].as_str().unwrap();
        assert_eq!(file, format!("./wechatpay_{serial}.pem"));
        let pem = std::fs::read_to_string(home.path(file)).unwrap();
        assert_eq!(pem.trim(), sandbox.platform_certificate_pem(serial).unwrap().trim());
        // The line that is given to check it.
        let check = line["check"].as_str().unwrap();
        assert_eq!(check, format!("openssl x509 -in {file} -noout -serial -dates"));
        let output = Command::new("sh").args(["-c", check]).current_dir(home.folder.path()).output().unwrap();
        let shown = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && shown.contains(&format!("serial={serial}\n")), "{shown}");
        // `notAfter=Nov 26 01:56:15 2031 GMT`; the year does not depend on the zone but at its turn.
        let year = line["not_after"].as_str().unwrap().get(..3).unwrap();
        assert!(
            shown.lines().any(|line| line.starts_with("notAfter=") && line.contains(&format!(" {year}"))),
            "{shown}"
        );
    }
    assert_eq!(pems(&home).len(), 2, "no temporary file is left");
    let run = home.run(&["certs", "--debug"]).ends(0).says("GET /v3/certificates");
    let secrets = [sandbox.apiv3_key(), sandbox.secret(), &sandbox.merchant_private_key_pem()[60..100]];
    assert!(
        secrets.iter().all(|secret| !run.stderr.contains(secret) && !run.stdout.contains(secret)),
        "{}",
        run.stderr
    );
    // For people, the same.
    let run = home.run(&["certs"]).ends(0);
    assert!(lines.iter().all(|line| run.stdout.contains(line["check"].as_str().unwrap())), "{}", run.stdout);
}

#[test]
fn the_short_options_of_php() {
    let sandbox = sandbox();
    let home = Home::of("source", &sandbox);
    let user = Home::new("php");
    ["key.pem", "apiv3.key"].iter().for_each(|name| user.write(name, std::fs::read(home.path(name)).unwrap()));
    let (mchid, serial, base_uri) = (sandbox.mchid(), sandbox.merchant_serial(), sandbox.base_uri());
    let with_key = |key: &'static str| {
        ["certs", "-m", mchid, "-s", serial, "-f", "key.pem", "-u", base_uri, "-o", "new/certs", "-k", key]
    };
    user.run(&with_key("apiv3.key")).ends(0);
    let file = format!("new/certs/wechatpay_{}.pem", sandbox.platform_serial());
    assert!(user.folder.file(&file).exists());
    user.run_with(&with_key("-"), sandbox.apiv3_key()).ends(0);
    user.run(&["certs", "-m", mchid, "--mchid", mchid]).ends(2).says("cannot be used with");
    user.run(&["certs", "-k", "apiv3.key", "--apiv3-key", "apiv3.key"]).ends(2).says("cannot be used with");
    user.run(&with_key("none.key")).ends(2).says("none.key: No such file");
}

#[test]
fn a_key_as_an_argument_is_refused_and_not_repeated() {
    let sandbox = sandbox();
    let home = Home::of("argument", &sandbox);
    for arguments in [["certs", "-k"], ["certs", "--apiv3-key"], ["certs", "--secret"]] {
        let run = home.run(&[&arguments[..], &[sandbox.apiv3_key()]].concat()).ends(2);
        assert!(!run.stderr.contains(sandbox.apiv3_key()), "{}", run.stderr);
        run.says("everyone on this machine can see arguments").says("WECHATPAY_APIV3_KEY");
    }
    let run = home.run(&["certs", "-f", sandbox.merchant_private_key_pem()]).ends(2);
    assert!(!run.stderr.contains("PRIVATE KEY-----"), "{}", run.stderr);
    assert_eq!(pems(&home), [""; 0]);
    // A file may have such a name.
    home.write(&"k".repeat(32), sandbox.apiv3_key());
    home.run(&["certs", "-k", &"k".repeat(32)]).ends(0);
}

#[test]
fn why_there_are_none() {
    let public = Sandbox::start().unwrap();
    let run = Home::of("public", &public).run(&["certs"]).ends(4);
    assert_eq!(run.stdout, "");
    run.says("uses its public key instead").says("--cert PUB_KEY_ID_…=pub_key.pem");

    let sandbox = sandbox();
    let mut home = Home::of("wrong", &sandbox);
    home.run(&["certs", "-u", "http://127.0.0.1:9/"]).ends(3);
    home.run(&["certs", "-o", "key.pem"]).ends(2).says("key.pem: ");
    home.set("WECHATPAY_MERCHANT_CERT", "");
    home.run(&["certs", "-s", "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"]).ends(4).says("SIGN_ERROR");
    // A folder has the name of the file.
    home.write(&format!("taken/wechatpay_{}.pem/x", sandbox.platform_serial()), "");
    home.run(&["certs", "-o", "taken"]).ends(1).says(".pem cannot be written: ");
    sandbox.inject(Fault::BadSignature.times(1));
    home.run(&["certs"]).ends(6).says("does not match what arrived");
    home.write("apiv3.key", "another-key-another-key-another-");
    home.run(&["certs"]).ends(6).says("cannot be decrypted").says("API安全");
    home.set("WECHATPAY_APIV3_KEY", "");
    home.run(&["certs"]).ends(2).says("apiv3Key");
    assert_eq!(pems(&home), [""; 0]);
}

#[test]
fn the_profile_sandbox_has_certificates() {
    let home = Home::new("own");
    home.run(&["--profile", "sandbox", "certs"]).ends(0);
    assert_eq!(pems(&home).len(), 1);
}
