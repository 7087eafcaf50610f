//! The reference folder: recordings of the PHP SDK and public test suites, which are no part of this
//! repository and are read where they lie.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The text of a file of the reference folder; none when there is no such folder.
///
/// A test that gets none returns. That must not pass unseen: on CI it fails, and elsewhere it writes a
/// line which the test harness does not capture.
pub fn shared(name: &str) -> Option<String> {
    let path = shared_file(name)?;
    match fs::read_to_string(&path) {
        Ok(text) => Some(text),
        Err(error) => panic!("{} cannot be read: {error}", path.display()),
    }
}

/// The path of such a file, on the same terms.
pub fn shared_file(name: &str) -> Option<PathBuf> {
    let folder = folder();
    if !folder.is_dir() {
        let test = std::thread::current().name().unwrap_or("a test").to_owned();
        let missing = format!("no reference folder at {}; set WECHATPAY_SHARED", folder.display());
        let is_ci = std::env::var("CI").is_ok_and(|ci| !ci.is_empty() && ci != "false");
        assert!(!is_ci, "{missing}: on CI it must be there");
        let _ = std::io::stderr().write_all(format!("skipped: {test} ({missing})\n").as_bytes());
        return None;
    }
    Some(folder.join(name))
}

/// The same, as JSON.
pub fn shared_json(name: &str) -> Option<Value> {
    let text = shared(name)?;
    Some(serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name} is not JSON: {error}")))
}

fn folder() -> PathBuf {
    // That of the whole repository.
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    match std::env::var_os("WECHATPAY_SHARED") {
        Some(path) if !path.is_empty() => root.join(path),
        _ => root.join("../shared"),
    }
}
