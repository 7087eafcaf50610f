//! Whether there is PHP.

use std::io::Write;
use std::process::Command;

/// A test that has none returns. That must not pass unseen: on CI it fails, and elsewhere it writes a line which the test
/// harness does not capture.
pub fn is_there() -> bool {
    let there = Command::new("php").arg("--version").output().is_ok_and(|output| output.status.success());
    if !there {
        let is_ci = std::env::var("CI").is_ok_and(|ci| !ci.is_empty() && ci != "false");
        assert!(!is_ci, "php is missing: on CI it must be there");
        let test = std::thread::current().name().unwrap_or("a test").to_owned();
        let _ = std::io::stderr().write_all(format!("skipped: {test} (php is missing)\n").as_bytes());
    }
    there
}
