//! The bills that the sandbox gives out.

use std::io::Read;

use flate2::read::GzDecoder;
use openssl::hash::{MessageDigest, hash};
use support::bare::{Answer, Bare};
use support::folder::Folder;
use wechatpay::{Builder, Chain, json};
use wechatpay_sandbox::Sandbox;

fn sha1(bytes: &[u8]) -> String {
    hash(MessageDigest::sha1(), bytes).unwrap().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
    plain
}

/// Applies for a bill; gives its SHA-1 and the target to fetch it from.
fn apply(sandbox: &Sandbox, query: &str) -> (String, String) {
    let answer = Bare::get(sandbox, &format!("/v3/bill/tradebill?{query}")).send(sandbox);
    let json = answer.json(sandbox);
    assert_eq!((answer.status, json["hash_type"].as_str()), (200, Some("SHA1")), "{json}");
    assert_eq!(json.as_object().unwrap().len(), 3);
    let address = json["download_url"].as_str().unwrap();
    let target = address.strip_prefix(sandbox.base_uri().trim_end_matches('/')).unwrap();
    assert!(target.starts_with("/v3/billdownload/file?token="), "{target}");
    (json["hash_value"].as_str().unwrap().into(), target.into())
}

#[test]
fn a_bill_is_what_its_sha1_says() {
    let sandbox = Sandbox::start().unwrap();
    // The first is the size that nobody has set.
    for size in [65_536, 0, 3_000_000] {
        if size != 65_536 {
            sandbox.set_bill_size(size);
        }
        let (announced, target) = apply(&sandbox, "bill_date=2018-01-30&bill_type=ALL");
        let bill = Bare::get(&sandbox, &target).send(&sandbox);
        assert!(bill.status == 200 && bill.is_unsigned() && bill.header("request-id").is_some());
        assert_eq!(bill.header("content-type"), Some("text/plain; charset=utf-8"));
        assert_eq!(bill.header("content-length"), Some(bill.body.len().to_string().as_str()));
        assert_eq!(sha1(&bill.body), announced);
        let text = bill.text();
        let row = text.lines().find(|line| line.starts_with("`2018")).unwrap_or(text).len() as u64 + 2;
        assert!((size..size + row).contains(&(text.len() as u64)), "{} bytes for {size}", text.len());
        assert!(text.starts_with("交易时间,") && text.contains("\r\n总交易单数,"), "{text}");
        assert_eq!(text.contains("`2018-01-30 00:00:00,`wx"), size > 0);

        // Packed, it is the same file inside.
        let (packed_announced, target) = apply(&sandbox, "bill_date=2018-01-30&tar_type=GZIP");
        let packed = Bare::get(&sandbox, &target).send(&sandbox);
        assert!(packed.status == 200 && packed.is_unsigned());
        assert_eq!(packed.header("content-encoding"), None);
        assert_eq!(packed_announced, announced);
        assert!(unpacked(&packed.body) == bill.body);

        // And again: a token is good for more than once, another day is another bill.
        assert!(Bare::get(&sandbox, &target).send(&sandbox).body == packed.body);
        assert_eq!(apply(&sandbox, "bill_date=2018-01-31").0 == announced, size == 0);
    }
    // What was applied for keeps its size.
    let (announced, target) = apply(&sandbox, "bill_date=2018-01-30");
    sandbox.set_bill_size(0);
    assert_eq!(sha1(&Bare::get(&sandbox, &target).send(&sandbox).body), announced);
}

#[test]
fn a_wrong_application_is_refused() {
    let sandbox = Sandbox::start().unwrap();
    for (target, field) in [
        ("/v3/bill/tradebill", "bill_date"),
        ("/v3/bill/tradebill?bill_date=", "bill_date"),
        ("/v3/bill/tradebill?bill_date=20180130", "bill_date"),
        ("/v3/bill/tradebill?bill_date=2018-02-30", "bill_date"),
        ("/v3/bill/tradebill?bill_date=2018-01-30&bill_date=2018-01-30", "bill_date"),
        ("/v3/bill/tradebill?bill_date=2018-01-30&bill_type=all", "bill_type"),
        ("/v3/bill/tradebill?bill_date=2018-01-30&tar_type=ZIP", "tar_type"),
        ("/v3/billdownload/file", "token"),
        ("/v3/billdownload/file?token=unknown", "token"),
        ("/v3/global/statements?mchid=1900000109", "date"),
        ("/v3/global/statements?mchid=1900000109&date=2018-01-30", "date"),
        ("/v3/global/statements?date=20180130", "mchid"),
        ("/v3/global/statements?date=20180130&mchid=1", "mchid"),
        ("/v3/global/statements?date=20180130&sp_mchid=1", "sp_mchid"),
        ("/v3/global/statements?date=20180130&mchid=1900000109&tar_type=", "tar_type"),
    ] {
        let answer = Bare::get(&sandbox, target).send(&sandbox);
        let json = answer.json(&sandbox);
        assert_eq!((answer.status, json["code"].as_str()), (400, Some("PARAM_ERROR")), "{target}");
        assert_eq!(
            (json["detail"]["field"].as_str(), json["detail"]["location"].as_str()),
            (Some(field), Some("query"))
        );
    }
    let (_, target) = apply(&sandbox, "bill_date=2018-01-30");
    assert_eq!(Bare::new("GET", &target, "").send(&sandbox).status, 401);
    assert_eq!(Bare::signed(&sandbox, "POST", &target, "", b"").send(&sandbox).status, 405);
}

#[test]
fn a_statement_is_signed_by_way_of_its_sha1() {
    let sandbox = Sandbox::start().unwrap();
    let is_signed = |answer: &Answer, csv: &[u8]| {
        assert_eq!(answer.status, 200);
        let announced = answer.header("wechatpay-statement-sha1").unwrap();
        assert_eq!(announced, sha1(csv));
        assert!(answer.holds(&sandbox, format!("{{\"sha1\":\"{announced}\"}}").as_bytes()));
        assert!(!answer.holds(&sandbox, &answer.body));
    };
    for path in ["/v3/global/statements", "/hk/v3/statements", "/v3/statements"] {
        let target = format!("{path}?date=20180130&mchid={}", sandbox.mchid());
        let plain = Bare::get(&sandbox, &target).with("Accept-Encoding", "identity, gzip;q=0").send(&sandbox);
        assert_eq!(plain.header("content-encoding"), None);
        is_signed(&plain, &plain.body);

        let packed = Bare::get(&sandbox, &target).with("Accept-Encoding", "deflate, GZIP").send(&sandbox);
        assert_eq!(packed.header("content-encoding"), Some("gzip"));
        assert!(unpacked(&packed.body) == plain.body);
        is_signed(&packed, &plain.body);

        let file = Bare::get(&sandbox, &format!("{target}&tar_type=GZIP")).send(&sandbox);
        assert_eq!((file.header("content-encoding"), file.header("content-type")), (None, Some("application/x-gzip")));
        is_signed(&file, &unpacked(&file.body));
    }
}

#[test]
fn the_crates_own_downloads_hold() {
    let (sandbox, folder) = (Sandbox::start().unwrap(), Folder::new("sandbox-downloads"));
    let instance: Chain = Builder::factory(sandbox.config()).unwrap();
    sandbox.set_bill_size(2_000_000);
    let applied = instance.chain("v3/bill/tradebill").get(json!({ "query": { "bill_date": "2018-01-30" } })).unwrap();
    let applied = applied.json().unwrap();
    let address = applied["download_url"].as_str().unwrap();
    let (path, sink) = (&address[sandbox.base_uri().len()..], folder.file("bill.csv"));
    instance.chain("{+url}").get(json!({ "url": path, "sink": sink.to_str() })).unwrap();
    assert_eq!(sha1(&std::fs::read(sink).unwrap()), applied["hash_value"]);

    let statement = |headers: wechatpay::Value| {
        let query = json!({ "date": "20180130", "mchid": sandbox.mchid() });
        instance
            .chain("v3/global/statements")
            .get(json!({ "query": query, "headers": headers }))
            .unwrap()
            .body()
            .to_vec()
    };
    assert!(statement(json!({})) == unpacked(&statement(json!({ "Accept-Encoding": "gzip" }))));
}
