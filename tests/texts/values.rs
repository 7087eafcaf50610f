//! How values are taken out of JSON where people read it: no page, no example and no documentation shows a way that turns an
//! absent field into an empty text, or keeps the quotes of JSON.

use std::fs;
use std::path::{Path, PathBuf};

/// What may be turned into a text by `to_string()`, by its end: none of it is a `Value`.
const TEXTS: [&str; 5] = ["error", "unwrap_err()", "timestamp()", "timestamp", "as_u16()"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The files of a folder and of all below it, with this extension.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![root().join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                files.push(path);
            }
        }
    }
    files
}

/// All lines that people read as examples, each with its place.
fn shown() -> Vec<(String, String)> {
    let pages = [root().join("README.md"), root().join("crates/sandbox/README.md")];
    let whole = pages.into_iter().chain(files("docs", "md")).chain(files("examples", "rs"));
    let documented = files("src", "rs").into_iter().chain(files("crates/sandbox/src", "rs"));
    let mut shown = Vec::new();
    for (path, is_source) in whole.map(|path| (path, false)).chain(documented.map(|path| (path, true))) {
        let text = fs::read_to_string(&path).unwrap();
        for (index, line) in text.lines().enumerate() {
            let line = line.trim_start();
            if !is_source || line.starts_with("///") || line.starts_with("//!") {
                let place = format!("{}:{}", path.strip_prefix(root()).unwrap().display(), index + 1);
                shown.push((place, line.to_owned()));
            }
        }
    }
    assert!(shown.len() > 1000);
    shown
}

/// What is wrong with a line, and what to write.
fn wrong(line: &str) -> Option<&'static str> {
    if line.contains(".as_str().unwrap_or_default()") || line.contains(".as_str().unwrap_or(\"\")") {
        return Some("an absent field becomes an empty text; use `text_at` or `find_text`");
    }
    let mut texts = line.match_indices(".to_string()").map(|(at, _)| &line[..at]);
    if texts.any(|before| !TEXTS.iter().any(|text| before.ends_with(text))) {
        return Some("a `Value` keeps the quotes of its JSON; use `text_at`, or `format!` for a whole object");
    }
    // The value of an index, printed.
    let is_printed = line.contains("println!(") && line.contains("[\"");
    is_printed.then_some("a text of JSON is printed with its quotes, an absent one as `null`; use `text_at`")
}

#[test]
fn no_example_takes_a_value_out_in_a_way_that_can_go_wrong_silently() {
    let found =
        shown().into_iter().filter_map(|(place, line)| wrong(&line).map(|what| format!("{place}: {what}\n  {line}")));
    let found: Vec<_> = found.collect();
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

#[test]
fn the_ways_that_go_wrong_are_seen() {
    for line in [
        r#"let url = bill["download_url"].as_str().unwrap_or_default();"#,
        r#"/// let no = order["out_trade_no"].to_string();"#,
        "Ok(params.to_string())",
        r#"println!("{}", response.json()?["code_url"]);"#,
    ] {
        assert!(wrong(line).is_some(), "{line}");
    }
    assert_eq!(wrong(r#""timeStamp": Formatter::timestamp().to_string(),"#), None);
    assert_eq!(wrong(r#"println!("{}", response.text_at("/code_url")?);"#), None);
}
