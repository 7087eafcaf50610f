//! The guides are read in two places, in the repository and on docs.rs, and their links lead somewhere in both.
//!
//! A page names where it links to, `[text][label]` or `[label]`. What a label stands for in the repository is said at the
//! end of the page; what it stands for on docs.rs is said in `src/guides.md`, which `lib.rs` puts in front of each page:
//! the first definition of a label is the one that counts.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

const DOCS_RS: &str = "https://docs.rs/crate";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The pages by their paths in the repository, each with its module on docs.rs, as `lib.rs` has them.
fn pages() -> BTreeMap<String, String> {
    let source = read("src/lib.rs");
    let (_, guides) = source.split_once("pub mod guides {").expect("the guides");
    let mut pages = BTreeMap::new();
    let (mut statement, mut around, mut page) = (String::new(), String::new(), String::new());
    for line in guides.lines().map(str::trim).filter(|line| !line.starts_with("//")) {
        statement += line;
        if !statement.ends_with([';', '{', '}', ']']) {
            continue;
        }
        let text = std::mem::take(&mut statement);
        let path = || text.split('"').nth(1).map(|path| path.trim_start_matches("../").to_owned());
        if let Some((name, _)) = text.strip_prefix("guide!(").and_then(|rest| rest.split_once(',')) {
            pages.insert(path().expect("a page"), format!("crate::guides::{around}{name}"));
        } else if let Some(name) = text.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(" {")) {
            // A folder may be without a page of its own.
            if !page.is_empty() {
                pages.insert(std::mem::take(&mut page), format!("crate::guides::{name}"));
            }
            around = format!("{name}::");
        } else if text.starts_with("#[doc = include_str!(") {
            page = path().unwrap_or_default();
        } else if text == "}" {
            around.clear();
        }
    }
    pages
}

/// The lines of a page that are not code.
fn prose(page: &str) -> Vec<&str> {
    let mut is_code = false;
    let is_prose = |line: &&str| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    };
    page.lines().filter(is_prose).collect()
}

/// The label and the target of a definition.
fn definition(line: &str) -> Option<(&str, &str)> {
    line.strip_prefix('[')?.split_once("]: ")
}

fn definitions(page: &str) -> Vec<(&str, &str)> {
    prose(page).into_iter().filter_map(definition).collect()
}

/// The targets that links carry themselves, and the labels by which others name theirs.
fn links(page: &str) -> (Vec<String>, BTreeSet<String>) {
    let (mut targets, mut labels) = (Vec::new(), BTreeSet::new());
    for line in prose(page).into_iter().filter(|line| definition(line).is_none()) {
        // What stands between backticks is code.
        let plain = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        let mut rest = plain.as_str();
        while let Some((_, after)) = rest.split_once('[') {
            let Some((text, after)) = after.split_once(']') else { break };
            rest = after;
            if let Some(target) = after.strip_prefix('(').and_then(|after| after.split(')').next()) {
                targets.push(target.to_owned());
            } else if let Some((label, after)) = after.strip_prefix('[').and_then(|after| after.split_once(']')) {
                labels.insert(label.to_owned());
                rest = after;
            } else if !text.is_empty() {
                labels.insert(text.to_owned());
            }
        }
    }
    (targets, labels)
}

fn headings(page: &str) -> Vec<&str> {
    let headings = prose(page).into_iter().filter(|line| line.starts_with('#'));
    headings.map(|line| line.trim_start_matches('#').trim()).collect()
}

/// The anchor that GitHub makes of a heading.
fn of_github(heading: &str) -> String {
    let kept = heading.to_lowercase();
    let kept = kept.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

/// The one that rustdoc makes of it; backticks are gone before.
fn of_rustdoc(heading: &str) -> String {
    let slug = |letter: char| match letter {
        _ if letter.is_alphanumeric() || matches!(letter, '-' | '_') => Some(letter.to_ascii_lowercase()),
        _ if letter.is_ascii_whitespace() => Some('-'),
        _ => None,
    };
    heading.chars().filter_map(slug).collect()
}

/// A path relative to a page, from the root of the repository on.
fn resolve(page: &str, path: &str) -> String {
    let mut resolved = PathBuf::new();
    for part in Path::new(page).parent().unwrap().join(path).components() {
        match part {
            Component::ParentDir => drop(resolved.pop()),
            part => resolved.push(part),
        }
    }
    resolved.to_str().unwrap().to_owned()
}

/// Where a file of the repository is found on docs.rs: on its own page, or beside the crate.
fn on_docs_rs(pages: &BTreeMap<String, String>, path: &str, anchor: &str) -> String {
    match (pages.get(path), path) {
        (Some(module), _) if anchor.is_empty() => module.clone(),
        (Some(module), _) => format!("{module}#{anchor}"),
        // It is shown there, as are those of the catalog and of the sandbox.
        (None, "README.md") => format!("{DOCS_RS}/wechatpay-chain/latest"),
        (None, "crates/catalog/README.md") => format!("{DOCS_RS}/wechatpay-catalog/latest"),
        (None, "crates/sandbox/README.md") => format!("{DOCS_RS}/wechatpay-sandbox/latest"),
        (None, "crates/journal/README.md") => format!("{DOCS_RS}/wechatpay-journal/latest"),
        (None, "crates/port/README.md") => format!("{DOCS_RS}/wechatpay-port/latest"),
        (None, path) => format!("{DOCS_RS}/wechatpay-chain/latest/source/{path}"),
    }
}

/// But for the one about releases, which is for those who work on the crate.
#[test]
fn each_page_of_the_documentation_is_on_docs_rs() {
    let mut there = Vec::new();
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") && !path.ends_with("releasing.md") {
                there.push(path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    there.push("CHANGELOG.md".to_owned());
    there.sort();
    assert_eq!(pages().into_keys().collect::<Vec<_>>(), there);
    // They are built from what is published.
    let manifest = read("Cargo.toml");
    let (_, include) = manifest.split_once("\ninclude = [").unwrap();
    let (include, _) = include.split_once(']').unwrap();
    for part in ["\"/src\"", "\"/docs\"", "\"/examples\"", "\"/CHANGELOG.md\""] {
        assert!(include.contains(part), "{part} is not packaged");
    }
}

#[test]
fn links_lead_somewhere_in_the_repository_and_on_docs_rs() {
    let (pages, shared) = (pages(), read("src/guides.md"));
    let shared: BTreeMap<_, _> = definitions(&shared).into_iter().collect();
    let (mut wrong, mut used, mut checked) = (Vec::new(), BTreeSet::new(), 0);
    for page in pages.keys() {
        let text = read(page);
        let anchors: Vec<_> = headings(&text).into_iter().map(of_github).collect();
        let (targets, labels) = links(&text);
        for target in targets.iter().filter(|target| !target.contains("://")) {
            checked += 1;
            match target.strip_prefix('#') {
                Some(anchor) if anchors.iter().any(|known| known == anchor) => {}
                Some(_) => wrong.push(format!("{page}: no heading for {target}")),
                None => wrong.push(format!("{page}: {target} is not found on docs.rs; it needs a label")),
            }
        }
        let defined = definitions(&text);
        for label in labels.iter().filter(|label| defined.iter().all(|(known, _)| known != label)) {
            wrong.push(format!("{page}: [{label}] is not defined at its end"));
        }
        for (label, target) in defined {
            checked += 1;
            if !labels.contains(label) {
                wrong.push(format!("{page}: nothing links to [{label}]"));
            }
            let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
            let path = resolve(page, path);
            let is_there = root().join(&path).is_file()
                && (anchor.is_empty()
                    || headings(&read(&path)).into_iter().any(|heading| of_github(heading) == anchor));
            if !is_there {
                wrong.push(format!("{page}: [{label}] leads nowhere: {target}"));
            }
            used.insert(label.to_owned());
            match shared.get(label) {
                // A drawing, which is written into the page itself.
                Some(there) if path.ends_with(".svg") => assert!(there.starts_with("data:"), "[{label}]: {there}"),
                Some(there) if **there == on_docs_rs(&pages, &path, anchor) => {}
                there => wrong.push(format!(
                    "src/guides.md: [{label}] is {there:?}, but should be {}",
                    on_docs_rs(&pages, &path, anchor)
                )),
            }
        }
    }
    wrong.extend(
        shared.keys().filter(|label| !used.contains(**label)).map(|label| format!("src/guides.md: [{label}]?")),
    );
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(checked > 60, "only {checked} links were found");
}

#[test]
fn headings_have_one_anchor_in_both_places() {
    for page in pages().keys() {
        let text = read(page);
        let mut seen = BTreeSet::new();
        for heading in headings(&text) {
            let anchor = of_github(heading);
            assert_eq!(anchor, of_rustdoc(heading), "{page}: {heading}");
            assert!(seen.insert(anchor), "{page}: {heading} is there twice");
        }
    }
}

#[test]
fn the_drawings_are_the_end_of_their_page() {
    let (source, shared) = (read("src/lib.rs"), read("src/guides.md"));
    let shared = definitions(&shared);
    let mut pages_with_drawings = 0;
    for path in pages().keys() {
        let page = read(path);
        let drawings: Vec<_> = definitions(&page).into_iter().filter(|(_, target)| target.ends_with(".svg")).collect();
        pages_with_drawings += usize::from(!drawings.is_empty());
        let last = prose(&page).into_iter().filter(|line| definition(line).is_none() && !line.is_empty());
        let last: Vec<_> = last.collect();
        let shown: Vec<_> = drawings.iter().map(|(label, _)| format!("![{label}]")).collect();
        assert_eq!(last[last.len() - drawings.len()..], shown, "{path}");
        // On docs.rs nothing is shown in their places, and they follow.
        let (_, mut rest) = source.split_once(&format!("\"../{path}\"")).unwrap();
        for (label, target) in drawings {
            assert!(
                shared.iter().any(|(known, there)| *known == label && there.starts_with("data:")),
                "{path}: {label}"
            );
            let drawing = format!("\"../{}\"", resolve(path, target));
            (_, rest) = rest.split_once(&drawing).unwrap_or_else(|| panic!("{path}: {target} is not in order"));
        }
    }
    assert_eq!(pages_with_drawings, 3);
}
