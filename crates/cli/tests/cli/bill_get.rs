//! The bills of days, downloaded.

use std::fs;
use std::process::Command;

use serde_json::{Value, json};
use support::bare::Bare;
use wechatpay::{Formatter, Rsa};
use wechatpay_sandbox::{Fault, Sandbox};

use crate::openssl::{base64, openssl};
use crate::runs::{Home, Run};

const TRADE: &str = "v3/bill/tradebill";
const FILE: &str = "v3/billdownload/file";

fn lines(run: &Run) -> Vec<Value> {
    run.stdout.lines().map(|line| line.parse().unwrap()).collect()
}

/// How many bills have been downloaded.
fn downloads(sandbox: &Sandbox) -> usize {
    sandbox.requests().iter().filter(|request| request.target().starts_with("/v3/billdownload/")).count()
}

/// A day of the last month, in China.
fn day(before: i64) -> String {
    let day = Formatter::date_c(Formatter::timestamp() - before * 86_400);
    day.get(..10).unwrap().to_owned()
}

#[test]
fn a_range_of_days_goes_on_where_it_was_interrupted() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("range", &sandbox);
    let range = format!("{}..{}", day(3), day(1));
    let arguments = ["bill", "get", &range, "-o", "bills/new", "--json"];
    let run = home.run(&arguments).ends(0);
    assert_eq!(run.stderr, "");
    let saved = lines(&run);
    assert_eq!(saved.len(), 3);
    for (line, before) in saved.iter().zip([3, 2, 1]) {
        assert_eq!(
            (&line["date"], &line["status"], &line["type"]),
            (&day(before).into(), &"saved".into(), &"trade".into())
        );
        let file = line["file"].as_str().unwrap();
        assert_eq!(file, format!("bills/new/1900000109-trade-ALL-{}.csv", day(before)));
        assert_eq!(fs::metadata(home.path(file)).unwrap().len(), line["bytes"].as_u64().unwrap());
        let sum = Command::new("sha1sum").arg(home.path(file)).output().unwrap();
        assert!(sum.stdout.starts_with(line["sha1"].as_str().unwrap().as_bytes()));
    }
    assert_eq!(downloads(&sandbox), 3);
    // One is gone, and one has changed.
    fs::remove_file(home.path(saved[0]["file"].as_str().unwrap())).unwrap();
    fs::write(home.path(saved[2]["file"].as_str().unwrap()), "half").unwrap();
    let again = lines(&home.run(&arguments).ends(0));
    let states: Vec<_> = again.iter().map(|line| line["status"].as_str().unwrap()).collect();
    assert_eq!((states, downloads(&sandbox)), (vec!["saved", "complete", "saved"], 5));
    let run = home.run(&["bill", "get", &range, "-o", "bills/new"]).ends(0);
    assert!(run.stdout.ends_with("0 saved, 3 already complete, 0 without a bill\n"), "{}", run.stdout);
    assert_eq!(fs::read_dir(home.path("bills/new")).unwrap().count(), 3, "no temporary file is left");
}

#[test]
fn what_is_asked_for() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("queries", &sandbox);
    let date = day(1);
    let asked = |arguments: &[&str], file: &str| {
        home.run(&[&["bill", "get", &date], arguments].concat()).ends(0);
        assert!(home.folder.file(file).exists(), "{:?}", home.folder.names());
        let requests = sandbox.requests();
        let applied = requests.iter().rev().find(|request| request.target().starts_with("/v3/bill/")).unwrap();
        applied.target().to_owned()
    };
    assert_eq!(
        asked(&["--bill-type", "refund"], &format!("1900000109-trade-REFUND-{date}.csv")),
        format!("/v3/bill/tradebill?bill_date={date}&bill_type=REFUND")
    );
    assert_eq!(
        asked(&["--sub-mchid", "1900000110", "--gzip"], &format!("1900000109-trade-ALL-1900000110-{date}.csv.gz")),
        format!("/v3/bill/tradebill?bill_date={date}&bill_type=ALL&sub_mchid=1900000110&tar_type=GZIP")
    );
    assert_eq!(
        asked(&["--type", "fundflow", "--account-type", "FEES"], &format!("1900000109-fundflow-FEES-{date}.csv")),
        format!("/v3/bill/fundflowbill?bill_date={date}&account_type=FEES")
    );
    // Of a compressed bill, the digest is that of what is inside: it is complete, too.
    let arguments = ["bill", "get", &date, "--sub-mchid", "1900000110", "--gzip", "--json"];
    assert_eq!(lines(&home.run(&arguments).ends(0))[0]["status"], "complete");
    let compact = date.replace('-', "");
    home.run(&["bill", "get", &compact, &date, "--json"]).ends(0);
}

#[test]
fn a_day_without_a_bill_is_no_error_and_one_that_is_refused_is() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("none", &sandbox);
    let refuse = |code: &str| sandbox.answer("GET", TRADE, 400, json!({ "code": code, "message": "账单" }));
    refuse("NO_STATEMENT_EXIST");
    refuse("STATEMENT_CREATING");
    refuse("NO_STATEMENT_EXIST");
    refuse("NO_STATEMENT_EXIST");
    let range = format!("{}..{}", day(3), day(1));
    let run = home.run(&["bill", "get", &range]).ends(4).says("STATEMENT_CREATING").says("from 9 to 10 in the morning");
    assert!(run.stdout.ends_with("0 saved, 0 already complete, 2 without a bill, 1 failed\n"), "{}", run.stdout);
    assert!(run.stdout.contains(&format!("{}  no bill\n", day(3))), "{}", run.stdout);
    let run = home.run(&["bill", "get", &day(1), "--json"]).ends(0);
    assert_eq!(run.json(), json!({ "date": day(1), "type": "trade", "status": "none" }));
    assert_eq!(run.stderr, "");
}

#[test]
fn a_bill_that_is_not_the_announced_one() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("digest", &sandbox);
    let url = format!("{}{FILE}?token=x", sandbox.base_uri());
    let other =
        json!({ "hash_type": "SHA1", "hash_value": "a9993e364706816aba3e25717850c26c9cd0d89d", "download_url": url });
    sandbox.answer("GET", TRADE, 200, other);
    sandbox.answer("GET", FILE, 200, "abcd");
    sandbox.answer("GET", FILE, 200, "abc");
    let before = home.folder.names();
    let run = home.run(&["bill", "get", &day(1), "--json"]).ends(6).says("a9993e364706816aba3e25717850c26c9cd0d89d");
    assert_eq!(lines(&run)[0]["status"], "failed");
    assert_eq!(home.folder.names(), before);
    home.run(&["bill", "get", &day(1)]).ends(0);
    let file = home.path(&format!("1900000109-trade-ALL-{}.csv", day(1)));
    assert_eq!(fs::read(file).unwrap(), b"abc");
}

#[test]
fn what_goes_wrong_on_the_way() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("way", &sandbox);
    let before = home.folder.names();
    let arguments = ["bill", "get", &day(1)];
    // Cut off, as often as it is tried.
    sandbox.inject(Fault::CloseInAnswer.on(FILE));
    home.run(&arguments).ends(5).says("run the same command again");
    assert_eq!(home.folder.names(), before);
    // Cut off once.
    sandbox.clear_faults();
    sandbox.inject(Fault::CloseInAnswer.on(FILE).times(1));
    home.run(&arguments).ends(0);
    // An answer that is not signed by the platform.
    sandbox.inject(Fault::BadSignature.on(TRADE).times(1));
    home.run(&arguments).ends(5).says("is not verified");
    // More than three a second are refused at first.
    sandbox.inject(Fault::Status(429).on(TRADE).times(1));
    home.run(&arguments).ends(0);
    // Where the file is to be, there is a folder.
    fs::create_dir(home.path(&format!("1900000109-trade-REFUND-{}.csv", day(1)))).unwrap();
    home.run(&["bill", "get", &day(1), "--bill-type", "REFUND"]).ends(1).says("1900000109-trade-REFUND");
    sandbox.refuse_connections(true).unwrap();
    home.run(&["bill", "get", &day(2), &day(1)]).ends(3);
}

#[test]
fn what_is_refused_before_anything_is_sent() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("use", &sandbox);
    let refused = |arguments: &[&str], why: &str| {
        home.run(&[&["bill", "get"], arguments].concat()).ends(2).says(why);
    };
    let (date, today) = (day(1), day(0));
    refused(&[], "<DATE>");
    refused(&["yesterday"], "\"yesterday\" is not a day such as 2026-01-31");
    refused(&[&today], &format!("{today} is not over"));
    refused(&["2026-01-02..2026-01-01"], "ends before it begins");
    refused(&[&date, "--bill-type", "NONE"], "RECHARGE_REFUND");
    refused(&[&date, "--type", "fundflow", "--bill-type", "ALL"], "--bill-type is for trade bills");
    refused(&[&date, "--account-type", "FEES"], "--account-type is for fund flow bills");
    refused(&[&date, "--type", "fundflow", "--account-type", "DEPOSIT"], "sub-merchant-fundflow alone");
    refused(&[&date, "--type", "sub-merchant-fundflow"], "needs --sub-mchid");
    refused(&[&date, "--sub-mchid", "../x"], "not the id of a merchant");
    refused(&[&date, "-o", "key.pem"], "key.pem: ");
    assert!(sandbox.requests().is_empty());
    // That is for the platform to decide.
    home.run(&["bill", "get", "2020-02-29"]).ends(0).says("for three months");
}

#[test]
fn the_bills_of_a_sub_merchant_are_decrypted() {
    const KEY: &str = "0123456789abcdef0123456789abcdef";
    const NONCE: &str = "abcdefghijkl";
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("sealed", &sandbox);
    let public = sandbox.merchant_private_key().public_key().unwrap();
    let seal = |plain: &[u8]| {
        let mut tag = [0; 16];
        let cipher = openssl::symm::Cipher::aes_256_gcm();
        let nonce = Some(NONCE.as_bytes());
        let sealed = openssl::symm::encrypt_aead(cipher, KEY.as_bytes(), nonce, b"", plain, &mut tag).unwrap();
        [sealed, tag.to_vec()].concat()
    };
    let bill = |sequence: u32, sha1: &str| {
        json!({
            "bill_sequence": sequence, "download_url": format!("{}{FILE}?token={sequence}", sandbox.base_uri()),
            "encrypt_key": Rsa::encrypt(KEY, &public).unwrap(), "hash_type": "SHA1", "hash_value": sha1, "nonce": NONCE,
        })
    };
    const OF_ABC: &str = "a9993e364706816aba3e25717850c26c9cd0d89d";
    let path = "v3/bill/sub-merchant-fundflowbill";
    let several = json!({ "download_bill_count": 2, "download_bill_list": [bill(2, OF_ABC), bill(1, OF_ABC)] });
    sandbox.answer("GET", path, 200, several);
    sandbox.answer("GET", path, 200, json!({ "download_bill_count": 1, "download_bill_list": [bill(1, OF_ABC)] }));
    sandbox.answer("GET", path, 200, json!({ "download_bill_count": 0 }));
    sandbox.answer("GET", FILE, 200, seal(b"abc"));
    sandbox.answer("GET", FILE, 200, seal(b"abc"));
    sandbox.answer("GET", FILE, 200, seal(b"abcd"));
    let date = day(1);
    let arguments =
        ["bill", "get", &date, "--type", "sub-merchant-fundflow", "--sub-mchid", "1900000110", "-o", "bills", "--json"];
    let told = lines(&home.run(&arguments).ends(0));
    let file = |end: &str| format!("bills/1900000109-sub-merchant-fundflow-BASIC-1900000110-{date}{end}.csv");
    assert_eq!(told.iter().map(|line| line["file"].as_str().unwrap()).collect::<Vec<_>>(), [file("-2"), file("-1")]);
    assert_eq!(fs::read(home.path(&file("-1"))).unwrap(), b"abc");
    let query = "sub_mchid=1900000110&algorithm=AEAD_AES_256_GCM";
    assert!(sandbox.requests()[0].target().ends_with(query), "{}", sandbox.requests()[0].target());
    // Another content.
    home.run(&arguments).ends(6).says("does not have the SHA-1");
    assert!(!home.folder.file(&file("")).exists());
    // No bill; and a key that is not for this merchant.
    assert_eq!(lines(&home.run(&arguments).ends(0))[0]["status"], "none");
    sandbox.answer("GET", path, 200, {
        let mut keyless = bill(1, OF_ABC);
        keyless.as_object_mut().unwrap().remove("encrypt_key");
        json!({ "download_bill_count": 1, "download_bill_list": [keyless] })
    });
    home.run(&arguments).ends(6).says("the platform says no key for the bill");
    let mut stranger = bill(1, OF_ABC);
    stranger["encrypt_key"] = "bm90IGEga2V5".into();
    let other = Sandbox::start().unwrap();
    other.answer("GET", path, 200, json!({ "download_bill_count": 1, "download_bill_list": [stranger] }));
    Home::of("stranger", &other).run(&arguments).ends(6).says("cannot be decrypted");
}

/// As the platform's page says it is done, with tools that are not ours: `openssl` for the key, and python for AES-GCM, which the
/// command cannot do.
#[test]
fn a_bill_of_a_sub_merchant_is_what_others_decrypt() {
    const DECRYPT: &str = "import sys; from cryptography.hazmat.primitives.ciphers.aead import AESGCM; \
        sys.stdout.buffer.write(AESGCM(sys.argv[1].encode()).decrypt(sys.argv[2].encode(), open('sealed', 'rb').read(), None))";
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("sub-merchant", &sandbox);
    let date = day(1);
    let get = ["bill", "get", &date, "--type", "sub-merchant-fundflow", "--sub-mchid", "1900000110", "--json"];
    for (gzip, end) in [(&[][..], "csv"), (&["--gzip"], "csv.gz")] {
        home.run(&[&get[..], gzip].concat()).ends(0);
        let saved =
            fs::read(home.path(&format!("1900000109-sub-merchant-fundflow-BASIC-1900000110-{date}.{end}"))).unwrap();

        let tar_type = if gzip.is_empty() { "" } else { "&tar_type=GZIP" };
        let query =
            format!("bill_date={date}&account_type=BASIC&sub_mchid=1900000110{tar_type}&algorithm=AEAD_AES_256_GCM");
        let run = home.run(&["get", &format!("v3/bill/sub-merchant-fundflowbill?{query}"), "--json"]).ends(0);
        let bill = &run.json()["download_bill_list"][0];
        let text = |name: &str| bill[name].as_str().unwrap();
        let url = text("download_url").strip_prefix(sandbox.base_uri()).unwrap();
        fs::write(home.path("sealed"), Bare::get(&sandbox, &format!("/{url}")).send(&sandbox).body).unwrap();
        let oaep = ["pkeyutl", "-decrypt", "-inkey", "key.pem", "-pkeyopt", "rsa_padding_mode:oaep"];
        let key = openssl(&home, &oaep, base64(&home, text("encrypt_key"))).unwrap();
        let mut python = Command::new("python3");
        python.args(["-c", DECRYPT, std::str::from_utf8(&key).unwrap(), text("nonce")]).current_dir(home.folder.path());
        let decrypted = python.output().unwrap();
        assert!(decrypted.status.success(), "{}", String::from_utf8_lossy(&decrypted.stderr));
        assert!(decrypted.stdout == saved, "{end}");
        fs::write(home.path("plain"), &saved).unwrap();
        let sum = if gzip.is_empty() { "sha1sum < plain" } else { "gunzip < plain | sha1sum" };
        let sum = Command::new("sh").args(["-c", sum]).current_dir(home.folder.path()).output().unwrap();
        assert!(sum.stdout.starts_with(text("hash_value").as_bytes()), "{end}");
        home.run(&["bill", "check", "plain"]).ends(0);
    }
    let sm4 = "v3/bill/sub-merchant-fundflowbill?sub_mchid=1900000110&account_type=BASIC&algorithm=SM4_GCM&bill_date=";
    home.run(&["get", &format!("{sm4}{date}")]).ends(4).says("algorithm");
}
