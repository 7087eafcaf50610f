//! Other people's PHP, which nobody has written for the porter: a controller of a framework, a cron script, a singleton of
//! 2016, a command line tool, classes with traits. What becomes of each is in `NAME.rs.txt`: the Rust, and what the porter
//! says of it.
//!
//! `WECHATPAY_WRITE_STYLES=1` writes these.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::php;
use wechatpay_port::{FindingKind, Ported};

const STYLES: [&str; 5] = ["cli_tool", "cron_2018", "framework_controller", "service_with_traits", "singleton_2016"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/styles")
}

fn php_of(name: &str) -> String {
    fs::read_to_string(folder().join(format!("{name}.php"))).unwrap()
}

fn ported(name: &str) -> Ported {
    wechatpay_port::port(php_of(name).as_bytes()).unwrap_or_else(|refusal| panic!("{name}: {refusal}"))
}

#[test]
fn what_becomes_of_each_is_known() {
    let is_writing = std::env::var_os("WECHATPAY_WRITE_STYLES").is_some();
    for name in STYLES {
        let found = written(name, &ported(name));
        let path = folder().join(format!("{name}.rs.txt"));
        if is_writing {
            fs::write(&path, found).unwrap();
            continue;
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        assert!(found == expected, "{}: {}", path.display(), difference(&expected, &found));
    }
}

/// The Rust, then the findings by their places.
fn written(name: &str, ported: &Ported) -> String {
    let mut text = format!("{}\n---- findings\n", ported.rust);
    for finding in &ported.findings {
        writeln!(text, "{name}.php:{finding}").unwrap();
    }
    let left = ported.findings.iter().filter(|finding| finding.kind == FindingKind::Todo).count();
    writeln!(text, "---- {left} left to do").unwrap();
    text
}

/// The first line that is not the same.
fn difference(expected: &str, found: &str) -> String {
    let (mut expected, mut found) = (expected.lines(), found.lines());
    let mut number = 0;
    loop {
        number += 1;
        match (expected.next(), found.next()) {
            (Some(expected), Some(found)) if expected == found => {}
            (expected, found) => return format!("line {number} is now {found:?}, and was {expected:?}"),
        }
    }
}

/// The porter checks itself; this is another's check, with PHP's own idea of where statements begin.
#[test]
fn each_statement_is_in_the_rust_or_reported() {
    if !php::is_there() {
        return;
    }
    let mut lost = String::new();
    for name in STYLES {
        let (php, ported) = (php_of(name), ported(name));
        let lines: Vec<&str> = php.lines().collect();
        let mut begin = statements(&folder().join(format!("{name}.php")));
        // Cargo does that.
        begin.retain(|line| !lines[line - 1].contains("/vendor/autoload.php"));
        // A `try` is what is in it, and its catches.
        begin.retain(|line| lines[line - 1].trim() != "try {");
        assert!(begin.len() > 20, "{name}: only {} statements", begin.len());
        let reported = reported(&ported, &lines);
        let in_rust: BTreeSet<usize> = ported.origins.iter().map(|(_, line)| *line).collect();
        let count = |set: &BTreeSet<usize>| begin.intersection(set).count();
        println!(
            "{name}: {} lines begin statements, {} became Rust, {} are reported",
            begin.len(),
            count(&in_rust),
            count(&reported)
        );
        for line in begin.iter().filter(|line| !in_rust.contains(line) && !reported.contains(line)) {
            writeln!(lost, "{name}.php:{line}: {}", lines[line - 1].trim()).unwrap();
        }
    }
    assert!(lost.is_empty(), "neither in the Rust nor reported:\n{lost}");
}

/// The lines on which statements begin.
fn statements(path: &Path) -> BTreeSet<usize> {
    let output = Command::new("php").arg(folder().join("lines/statements.php")).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| line.parse().unwrap()).collect()
}

/// The lines that a finding is about, and those which stand in a comment of the Rust.
fn reported(ported: &Ported, lines: &[&str]) -> BTreeSet<usize> {
    let comments = ported.rust.lines().filter_map(|line| line.trim_start().strip_prefix("//"));
    let comments: BTreeSet<&str> = comments.map(str::trim).collect();
    let mut reported: BTreeSet<usize> = ported.findings.iter().map(|finding| finding.position.line).collect();
    reported.extend((1..=lines.len()).filter(|number| comments.contains(lines[number - 1].trim())));
    reported
}
