//! What the porter writes is laid out as `rustfmt` lays it out, of itself: it has nothing to change.

use std::fs;
use std::path::Path;
use std::process::Command;

use support::folder::Folder;
use support::php::missing;
use support::random::Random;
use support::shared::shared;
use wechatpay_port::Kind;

use crate::calls::Record;
use crate::law::samples;
use crate::mutants::Mutant;
use crate::{generated, snippets};

/// How many changed programs are looked at.
const MUTANTS: usize = 300;

/// Where the differences of some files show what is wrong, those of hundreds show no more.
const SHOWN: usize = 80;

#[test]
fn rustfmt_has_nothing_to_change() {
    let is_there = Command::new("rustfmt").arg("--version").output().is_ok_and(|output| output.status.success());
    if !is_there {
        missing("rustfmt");
        return;
    }
    let folder = Folder::new("port-layout");
    let mut files = Vec::new();
    for (name, php) in sources() {
        // What is refused is judged elsewhere.
        let Ok(ported) = wechatpay_port::port(php.as_bytes()) else { continue };
        let file = folder.file(&format!("{}.rs", name.replace(['/', ':', '.'], "_")));
        let rust = if ported.kind == Kind::File { ported.rust } else { as_function(&ported.rust) };
        fs::write(&file, rust).unwrap();
        files.push(file);
    }
    assert!(files.len() > 20, "only {} sources are ported", files.len());
    // Its configuration would be found in the folders above.
    fs::write(folder.file("rustfmt.toml"), "").unwrap();
    let output = Command::new("rustfmt")
        .args(["--edition", "2024", "--check", "--color", "never", "--config-path"])
        .arg(folder.file("rustfmt.toml"))
        .args(&files)
        .output()
        .unwrap();
    let differences = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let shown: Vec<&str> = differences.lines().take(SHOWN).collect();
    let count = differences.lines().filter(|line| line.starts_with("Diff in ")).count();
    assert!(
        output.status.success() && differences.is_empty(),
        "{count} differences in {} files:\n{}",
        files.len(),
        shown.join("\n")
    );
}

/// All PHP that is ported anywhere, by names.
fn sources() -> Vec<(String, String)> {
    let mut sources = snippets::of_pages();
    if let Some(samples) = samples() {
        let mut random = Random::new(7);
        let mutants = (0..MUTANTS).map(|number| (format!("mutant_{number}"), Mutant::make(&samples, &mut random).php));
        sources.extend(mutants);
        sources.extend(samples);
    }
    let records: Vec<Record> =
        shared("conformance/requests.v3.jsonl").iter().flat_map(|text| text.lines()).map(Record::of).collect();
    sources.extend(generated::sources(&records).into_iter().enumerate().map(|(at, php)| (format!("calls_{at}"), php)));
    let programs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/meaning/programs");
    for entry in fs::read_dir(programs).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "php") {
            let name = path.file_stem().unwrap().to_str().unwrap();
            sources.push((format!("program_{name}"), fs::read_to_string(&path).unwrap()));
        }
    }
    sources
}

/// Statements stand as in a function, without its indentation.
fn as_function(statements: &str) -> String {
    let indented =
        statements.lines().map(|line| if line.is_empty() { "\n".to_owned() } else { format!("    {line}\n") });
    format!("fn snippet() {{\n{}}}\n", indented.collect::<String>())
}
