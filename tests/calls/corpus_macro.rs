//! `chain!` on every documented path: a program of all of them, written as a PHP user writes the chain, is
//! compiled and run.

use std::fmt::Write as _;

use serde_json::Value;
use support::program::Program;
use support::shared::shared;

#[test]
fn the_macro_gives_every_documented_path() {
    let Some(records) = shared("conformance/requests.v3.jsonl") else { return };
    let ended =
        Program::write(env!("CARGO_TARGET_TMPDIR"), "corpus", &[("main.rs", program(&records))]).cargo(&["run"]);
    assert!(ended.status.success(), "{}\n{}", ended.status, ended.stderr);
    assert_eq!(ended.stdout, "691 paths\n", "{}", ended.stderr);
}

/// One assertion for each record, the chain on the left, the documented path on the right.
fn program(records: &str) -> String {
    let mut program = String::from(
        "use wechatpay::{Builder, Credentials, chain};

fn main() {
    let instance = Builder::new()
        .credentials(
            Credentials::new()
                .mchid(\"1900000109\")
                .serial(\"3775B6A45ACD588826D15E583A95F5DD12345678\")
                .signer(|_: &[u8]| anyhow::bail!(\"this instance makes no calls\"))
                .verifier(|_: &str, _: &[u8], _: &str| Ok(false)),
        )
        .build()
        .unwrap();
    let mut count = 0;
    let mut check = |actual: &str, expected: &str| {
        assert_eq!(actual, expected);
        count += 1;
    };
",
    );
    for record in records.lines() {
        let record: Value = serde_json::from_str(record).unwrap();
        let segments = record["chain"].as_array().unwrap();
        let arrows: String = segments.iter().map(|segment| format!("->{}", segment.as_str().unwrap())).collect();
        let path = record["path"].as_str().unwrap();
        writeln!(program, "    check(chain!(instance{arrows}).pathname(), {path:?});").unwrap();
    }
    program + "    println!(\"{count} paths\");\n}\n"
}
