//! Notifications that `made.py` makes: signed by the openssl command and encrypted by Python.

use std::io::Write;
use std::process::{Command, Stdio};

use openssl::pkey::{PKey, Private};
use serde_json::{Value, json};

use support::keys::private_pem;
use support::platform::now;

/// The results of the jobs; none where Python or its package `cryptography` is missing.
///
/// A test that gets none returns. That must not pass unseen: on CI it fails, and elsewhere it writes a
/// line which the test harness does not capture.
pub fn made(jobs: &[Value]) -> Option<Vec<Value>> {
    if !has_cryptography() {
        let test = std::thread::current().name().unwrap_or("a test").to_owned();
        let missing = "python3 or its package `cryptography` is missing";
        let is_ci = std::env::var("CI").is_ok_and(|ci| !ci.is_empty() && ci != "false");
        assert!(!is_ci, "{missing}: on CI it must be there");
        let _ = std::io::stderr().write_all(format!("skipped: {test} ({missing})\n").as_bytes());
        return None;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/notifications/made.py");
    let mut child = Command::new("python3")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(json!(jobs).to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

fn has_cryptography() -> bool {
    let mut command = Command::new("python3");
    command.args(["-c", "import cryptography"]).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// The job of a notification that is right, sent now; fields of the job can be changed.
pub fn job(key: &PKey<Private>, serial: &str, apiv3_key: &str) -> Value {
    json!({
        "job": "apiv3",
        "key": private_pem(key),
        "serial": serial,
        "timestamp": now(),
        "apiv3_key": apiv3_key,
        "plain": { "mchid": "1900000109", "out_trade_no": "1217752501201407033233368018", "trade_state": "SUCCESS" },
    })
}

/// The job with some of its fields replaced.
pub fn with(job: &Value, changes: Value) -> Value {
    let mut job = job.clone();
    job.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    job
}

/// A notification as it arrives.
#[derive(Clone, Debug)]
pub struct Sent {
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Sent {
    /// Of the result of a job.
    pub fn of(result: &Value) -> Sent {
        let headers = result["headers"].as_array().unwrap().iter();
        Sent { headers: headers.map(|pair| (text(&pair[0]), text(&pair[1]))).collect(), body: text(&result["body"]) }
    }
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

/// The bytes with one of them changed in several ways, with one more, and with one less, at each place.
pub fn changes(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut changes = Vec::new();
    for index in 0..=bytes.len() {
        for inserted in [b' ', b'0', b'A', b'"', b'<', b'\n', 0] {
            changes.push([&bytes[..index], &[inserted], &bytes[index..]].concat());
        }
        let Some(byte) = bytes.get(index) else { continue };
        changes.push([&bytes[..index], &bytes[index + 1..]].concat());
        for changed in [byte ^ 1, byte ^ 0x20, byte.wrapping_add(1), b' ', 0xff] {
            changes.push([&bytes[..index], &[changed], &bytes[index + 1..]].concat());
        }
    }
    changes.retain(|changed| changed != bytes);
    changes
}
