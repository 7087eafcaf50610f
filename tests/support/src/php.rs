//! PHP itself, where it is installed.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::folder::Folder;

/// Whether there is PHP.
///
/// A test that has none returns. That must not pass unseen: on CI it fails, and elsewhere it writes a line which the test
/// harness does not capture.
pub fn is_there() -> bool {
    let is_there = Command::new("php").arg("--version").output().is_ok_and(|output| output.status.success());
    is_there || missing("php")
}

/// Says that a test was skipped, for want of this program.
pub fn missing(program: &str) -> bool {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let is_ci = std::env::var("CI").is_ok_and(|ci| !ci.is_empty() && ci != "false");
    assert!(!is_ci, "{program} is missing: on CI it must be there");
    let _ = std::io::stderr().write_all(format!("skipped: {test} ({program} is missing)\n").as_bytes());
    false
}

/// What PHP says against a file.
pub fn lint(file: &Path) -> Result<(), String> {
    let output = Command::new("php").arg("-l").arg(file).output().unwrap();
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stdout).into_owned()) }
}

/// The same of a text.
pub fn lint_text(php: &str) -> Result<(), String> {
    let folder = Folder::new("php");
    let file = folder.file("text.php");
    fs::write(&file, php).unwrap();
    lint(&file)
}

/// Runs a script with this standard input: what it prints.
pub fn run(script: &str, input: &str) -> String {
    let folder = Folder::new("php");
    let (file, given) = (folder.file("script.php"), folder.file("input"));
    fs::write(&file, script).unwrap();
    fs::write(&given, input).unwrap();
    let output = Command::new("php")
        .args(["-d", "memory_limit=1G", "-d", "display_errors=stderr"])
        .arg(&file)
        .stdin(Stdio::from(fs::File::open(&given).unwrap()))
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && shown.is_empty(), "PHP: {}\n{shown}", output.status);
    String::from_utf8(output.stdout).unwrap()
}
