//! `chain!` on every documented path: a program of all of them, written as a PHP user writes the chain, is
//! compiled and run.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use support::shared::shared;

/// The first run compiles the crate and what it depends on.
const LONGEST: Duration = Duration::from_secs(600);

#[test]
fn the_macro_gives_every_documented_path() {
    let Some(records) = shared("conformance/requests.v3.jsonl") else { return };
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    // One place for all runs, so that the next one compiles the program alone.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("corpus");
    fs::create_dir_all(folder.join("src")).unwrap();
    fs::write(folder.join("src/main.rs"), program(&records)).unwrap();
    fs::write(
        folder.join("Cargo.toml"),
        format!(
            "[package]\nname = \"corpus\"\nedition = \"2024\"\n\n[workspace]\n\n\
             [dependencies]\nanyhow = \"1\"\nwechatpay-chain = {{ path = {:?} }}\n\n\
             [profile.dev]\ndebug = false\n",
            manifest.display().to_string()
        ),
    )
    .unwrap();
    // The versions that are tested everywhere else, which are there: nothing is fetched.
    fs::copy(manifest.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();

    let output = folder.join("output");
    let mut cargo = Command::new(env!("CARGO"))
        .args(["run", "--offline", "--quiet"])
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env_remove("CARGO_BUILD_TARGET")
        .stdin(Stdio::null())
        .stdout(File::create(&output).unwrap())
        .stderr(File::create(folder.join("errors")).unwrap())
        .spawn()
        .unwrap();
    let start = Instant::now();
    let status = loop {
        if let Some(status) = cargo.try_wait().unwrap() {
            break status;
        }
        if start.elapsed() > LONGEST {
            let _ = cargo.kill();
            panic!("cargo did not end within {LONGEST:?}");
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let errors = fs::read_to_string(folder.join("errors")).unwrap();
    assert!(status.success(), "{status}\n{errors}");
    assert_eq!(fs::read_to_string(output).unwrap(), "691 paths\n", "{errors}");
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
