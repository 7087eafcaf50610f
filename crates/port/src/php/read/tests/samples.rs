use std::io::Write;
use std::path::{Path, PathBuf};

use super::{each, file};
use crate::php::read::{open, read};

/// The PHP files of the reference folder; `None` where there is none, which fails on CI and is said elsewhere.
fn samples() -> Option<Vec<PathBuf>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let shared = match std::env::var_os("WECHATPAY_SHARED") {
        Some(path) if !path.is_empty() => root.join(path),
        _ => root.join("../shared"),
    };
    let Ok(entries) = std::fs::read_dir(shared.join("php-samples")) else {
        let missing = format!("no samples at {}; set WECHATPAY_SHARED", shared.display());
        let is_ci = std::env::var("CI").is_ok_and(|ci| !ci.is_empty() && ci != "false");
        assert!(!is_ci, "{missing}: on CI they must be there");
        let _ = std::io::stderr().write_all(format!("skipped: the samples ({missing})\n").as_bytes());
        return None;
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    Some(paths.filter(|path| path.extension().is_some_and(|extension| extension == "php")).collect())
}

#[test]
fn each_statement_of_a_sample_reads_as_php_when_cut_out() {
    let Some(samples) = samples() else { return };
    assert!(samples.len() >= 12, "{samples:?}");
    for path in samples {
        let (source, read_file) = file(&std::fs::read_to_string(&path).unwrap());
        let mut count = 0;
        each(&read_file.statements, &mut |statement| {
            count += 1;
            let text = source.slice(statement.span);
            assert!(!text.starts_with(char::is_whitespace) && !text.ends_with(char::is_whitespace), "{text}");
            assert!(!["//", "#", "/*"].iter().any(|mark| text.starts_with(mark)), "{text}");
            // Some stand only in a loop, some only in a method.
            let loops = "while (1) { while (1) ";
            let homes = [("", ""), (loops, "}"), ("class A extends B { function f() { while (1) ", "} }")];
            let cut = homes.map(|(before, after)| open(format!("{before}{text}{after}").as_bytes()).unwrap());
            if let [Err(refusal), Err(_), Err(_)] = cut.each_ref().map(read) {
                panic!("{refusal} in {}: {text}", path.display());
            }
        });
        assert!(count > 20, "{}", path.display());
    }
}

#[test]
fn each_comment_of_a_sample_is_one() {
    let Some(samples) = samples() else { return };
    for path in samples {
        let (source, read_file) = file(&std::fs::read_to_string(&path).unwrap());
        let mut end = 0;
        for comment in &read_file.comments {
            let text = source.slice(comment.span);
            assert!(["//", "#", "/*"].iter().any(|mark| text.starts_with(mark)), "{text}");
            assert!(comment.span.start >= end, "{text}");
            end = comment.span.end;
        }
    }
}
