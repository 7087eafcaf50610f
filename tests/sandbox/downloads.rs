//! The bills that the sandbox gives out.

use std::io::Read;

use flate2::read::GzDecoder;
use openssl::hash::{MessageDigest, hash};
use openssl::symm::{Cipher, decrypt_aead};
use support::bare::{Answer, Bare};
use support::filling::{Extent, Filler};
use support::folder::Folder;
use wechatpay::{Builder, Chain, Map, Rsa, Value, json};
use wechatpay_catalog::{Answer as Documented, Fields, catalog};
use wechatpay_sandbox::Sandbox;

fn sha1(bytes: &[u8]) -> String {
    digest("SHA1", bytes)
}

fn digest(kind: &str, bytes: &[u8]) -> String {
    let kind = MessageDigest::from_name(kind).unwrap();
    hash(kind, bytes).unwrap().iter().map(|byte| format!("{byte:02x}")).collect()
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

/// The objects that say where something can be downloaded, at any depth, with the address.
fn offers(value: &Value) -> Vec<(&Map<String, Value>, &str)> {
    let inside: Vec<_> = match value {
        Value::Object(object) => object.values().flat_map(offers).collect(),
        Value::Array(items) => items.iter().flat_map(offers).collect(),
        _ => Vec::new(),
    };
    let own = value.as_object().and_then(|object| {
        let address = object.get("download_url").or(object.get("hash_value").and(object.get("url")))?;
        Some((object, address.as_str().unwrap()))
    });
    own.into_iter().chain(inside).collect()
}

fn is_offer(fields: Fields) -> bool {
    let has_address = fields.get("download_url").is_some() || fields.get("hash_value").and(fields.get("url")).is_some();
    has_address || fields.iter().any(|field| is_offer(field.fields()))
}

#[test]
fn whatever_is_documented_to_be_downloaded_can_be() {
    let sandbox = Sandbox::start().unwrap();
    let instance: Chain = Builder::factory(sandbox.config()).unwrap();
    let (mut bills, mut printed, mut digests) = (0, 0, Vec::new());
    for operation in catalog().operations() {
        if !matches!(operation.answer(), Documented::Fields(fields) if is_offer(fields)) {
            continue;
        }
        let mut call = Filler { mchid: sandbox.mchid(), text: "T1", extent: Extent::Required }.fill(operation);
        for pointer in ["/query/bill_date", "/json/date"] {
            if call.given.pointer(pointer).is_some() {
                call.set(pointer, json!("2018-01-30"));
            }
        }
        let ask = || {
            let (path, options) = call.for_client();
            instance.chain(path).request(operation.method(), options).unwrap().json().unwrap().clone()
        };
        let answer = ask();
        let offers = offers(&answer);
        assert!(!offers.is_empty(), "{operation}");
        for (object, address) in offers {
            assert!(address.starts_with(sandbox.base_uri()), "{operation}: {address}");
            let text = |name: &str| object.get(name).and_then(Value::as_str);
            let sealed = text("encrypt_key").map(|key| (key, text("nonce").unwrap()));
            let options = match text("hash_type") {
                Some("SHA1") if sealed.is_none() => json!({ "expect": object }),
                _ => json!({}),
            };
            let file = instance.download(address, options).unwrap_or_else(|error| panic!("{operation}: {error}"));
            let content = match sealed {
                Some((key, nonce)) => opened(&sandbox, key, nonce, file.body()),
                None => file.body().to_vec(),
            };
            if let Some(said) = text("hash_value") {
                let kind = text("hash_type").unwrap();
                assert_eq!(digest(kind, &content), said, "{operation}");
                digests.push(kind.to_owned());
            }
            if content.starts_with(b"%PDF-") {
                printed += 1;
            } else {
                let is_flow = operation.template().contains("fundflow");
                let first = if is_flow { "记账时间," } else { "交易时间," };
                let bill = String::from_utf8(content).unwrap();
                assert!(bill.starts_with(first), "{operation}");
                let has_date =
                    ["query", "json"].iter().any(|place| call.given[place].to_string().contains("2018-01-30"));
                assert_eq!(bill.contains("`2018-01-30 00:00:00,"), has_date, "{operation}");
                bills += 1;
            }
        }
        // For the same request it is the same file at the same address, unless each application is one of its own.
        if operation.template() != "v3/bill/tradebill" {
            assert_eq!(offers_of(&ask()), offers_of(&answer), "{operation}");
        }
    }
    assert!(bills >= 13 && printed >= 15, "{bills} bills, {printed} printed");
    for kind in ["SHA1", "SHA256", "SM3"] {
        assert!(digests.iter().any(|digest| digest == kind), "{kind}: {digests:?}");
    }
}

/// A bill that was encrypted for the merchant.
fn opened(sandbox: &Sandbox, key: &str, nonce: &str, sealed: &[u8]) -> Vec<u8> {
    let key = Rsa::decrypt(key, sandbox.merchant_private_key()).unwrap();
    let (sealed, tag) = sealed.split_last_chunk::<16>().unwrap();
    let bill = decrypt_aead(Cipher::aes_256_gcm(), key.as_bytes(), Some(nonce.as_bytes()), b"", sealed, tag).unwrap();
    if bill.starts_with(b"\x1f\x8b") { unpacked(&bill) } else { bill }
}

/// What of an answer says where something can be downloaded.
fn offers_of(answer: &Value) -> Vec<[Option<Value>; 2]> {
    let named = |object: &Map<String, Value>| ["download_url", "hash_value"].map(|name| object.get(name).cloned());
    offers(answer).into_iter().map(|(object, _)| named(object)).collect()
}

#[test]
fn a_documented_bill_is_packed_if_that_is_wanted_and_keeps_its_size() {
    let sandbox = Sandbox::start().unwrap();
    let instance: Chain = Builder::factory(sandbox.config()).unwrap();
    let apply = |query: Value| {
        let applied = instance.chain("v3/bill/fundflowbill").get(json!({ "query": query })).unwrap();
        (applied.text_at("/download_url").unwrap(), applied.text_at("/hash_value").unwrap())
    };
    let (plain, packed) =
        (json!({ "bill_date": "2018-01-30" }), json!({ "bill_date": "2018-01-30", "tar_type": "GZIP" }));
    let (address, announced) = apply(plain.clone());
    let (packed_address, packed_announced) = apply(packed);
    assert_ne!(address, packed_address);
    let bill =
        instance.download(&address, json!({ "expect": { "hash_type": "SHA1", "hash_value": announced } })).unwrap();
    let target = packed_address.strip_prefix(sandbox.base_uri().trim_end_matches('/')).unwrap();
    let file = Bare::get(&sandbox, target).send(&sandbox);
    assert!(unpacked(&file.body) == bill.body() && packed_announced == announced);

    sandbox.set_bill_size(0);
    assert_eq!(apply(plain), (address.clone(), announced));
    assert!(instance.download(&address, ()).unwrap().body() == bill.body());
    assert_ne!(apply(json!({ "bill_date": "2018-01-31" })).0, address);
}
