//! The reference folder, which is no part of this repository and is read where it lies.

use std::fs;
use std::io::Write;
use std::path::Path;

use serde_json::Value;

/// The lines of a file, each as JSON; `None` where there is no such folder.
///
/// A test that gets none returns. That must not pass unseen: on CI it fails, and elsewhere it writes a line which the
/// test harness does not capture.
pub fn lines(name: &str) -> Option<Vec<Value>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = match std::env::var_os("WECHATPAY_SHARED") {
        Some(path) if !path.is_empty() => root.join(path),
        _ => root.join("../shared"),
    };
    if !folder.is_dir() {
        let missing = format!("no reference folder at {}; set WECHATPAY_SHARED", folder.display());
        let is_ci = std::env::var("CI").is_ok_and(|ci| !ci.is_empty() && ci != "false");
        assert!(!is_ci, "{missing}: on CI it must be there");
        let test = std::thread::current().name().unwrap_or("a test").to_owned();
        let _ = std::io::stderr().write_all(format!("skipped: {test} ({missing})\n").as_bytes());
        return None;
    }
    let path = folder.join(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

/// The recorded calls.
pub fn recordings() -> Option<Vec<Value>> {
    Some([lines("conformance/requests.v3.jsonl")?, lines("conformance/requests.v2.jsonl")?].concat())
}

/// A text of a value.
pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("{name} of {value}"))
}
