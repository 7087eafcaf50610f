//! Each kind of error is in the tables that people read: that of `Error::kind`, and that of the page.

use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The rows of the tables in a text. Behind `cfg_attr`, a row of the documentation is an attribute.
fn rows(text: &str) -> String {
    let rows = text.lines().filter_map(|line| line.split_once("| `"));
    rows.map(|(_, rest)| format!("`{rest}\n")).collect()
}

/// The variants of `Error`, each with its name in snake case as the source has it.
fn kinds(source: &str) -> Vec<(&str, &str)> {
    let (_, arms) = source.split_once("pub fn kind(").unwrap();
    let arms = arms.lines().map(str::trim).take_while(|line| !line.starts_with("/// "));
    let kind = |arm| {
        let (variant, rest) = str::strip_prefix(arm, "Error::")?.split_once("(_) => \"")?;
        Some((variant, rest.strip_suffix("\",")?))
    };
    arms.filter_map(kind).collect()
}

#[test]
fn each_kind_of_error_is_in_the_tables() {
    let (source, page) = (read("src/error/mod.rs"), read("docs/README.zh-CN.md"));
    let kinds = kinds(&source);
    assert!(kinds.len() > 20, "{kinds:?}");
    let (documented, paged) = (rows(&source), rows(&page));
    for (variant, kind) in kinds {
        assert!(documented.contains(&format!("`{kind}`")), "{kind} is not in the table of Error::kind");
        assert!(
            documented.contains(&format!("[`{variant}`](Error::{variant})")),
            "{variant} is not in the table of Error::kind"
        );
        // The page about notifications has its own.
        assert!(variant == "Notification" || paged.contains(&format!("`{variant}`")), "{variant} is not in the page");
    }
}
