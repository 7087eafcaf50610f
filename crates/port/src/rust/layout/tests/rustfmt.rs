//! The real rustfmt, with its defaults.

use std::io::Write;
use std::process::{Command, Stdio};

/// The functions that are not the same, before and after.
pub fn differing(before: &str, after: &str) -> Vec<(String, String)> {
    let functions =
        |text: &str| -> Vec<String> { text.split("\n}\n").map(|one| one.trim_start().to_owned()).collect() };
    let (before, after) = (functions(before), functions(after));
    assert_eq!(before.len(), after.len(), "functions were lost or gained");
    before.into_iter().zip(after).filter(|(before, after)| before != after).collect()
}

/// None when it is not installed.
pub fn formatted(text: &str) -> Option<String> {
    // An empty configuration, so that ours does not count.
    let folder = std::env::temp_dir().join("wechatpay-port-layout");
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("rustfmt.toml"), "").expect("a configuration");
    let child = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        println!("skipped: rustfmt is not installed");
        return None;
    };
    let mut input = child.stdin.take().expect("its input");
    let text_to_write = text.to_owned();
    let writer = std::thread::spawn(move || input.write_all(text_to_write.as_bytes()));
    let output = child.wait_with_output().expect("its output");
    writer.join().expect("a writer").expect("all is written");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "rustfmt: {errors}");
    Some(String::from_utf8(output.stdout).expect("UTF-8"))
}

/// A function, and behind it the lines that differ, as they became.
pub fn shown(before: &str, after: &str) -> String {
    let same_start = before.lines().zip(after.lines()).take_while(|(a, b)| a == b).count();
    let same_end = before.lines().rev().zip(after.lines().rev()).take_while(|(a, b)| a == b).count();
    let lines: Vec<&str> = after.lines().collect();
    let changed = lines.get(same_start..lines.len().saturating_sub(same_end)).unwrap_or_default();
    format!("{before}\n\nfrom line {}:\n{}\n\n", same_start + 1, changed.join("\n"))
}
