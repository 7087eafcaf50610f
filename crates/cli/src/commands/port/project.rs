//! `--project DIR`: a whole Cargo project.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use wechatpay_port::{FindingKind, Kind};

use super::calls::{self, Call};
use super::package::{Chain, EDITION};
use super::sources::Source;
use super::{names, written};
use crate::failure::{Failure, Result};
use crate::files::{self, Readers};

/// An attribute that belongs to a whole crate, and to no module.
const OF_CRATE: &str = "#![recursion_limit = \"";

/// The most letters between parentheses on a line.
const MOST_COLUMNS: usize = 60;

/// The test, but for the calls.
const REPLAY: &str = include_str!("project/replay.rs.txt");

/// Writes the project; returns where the sources are in it, in their order.
pub fn write(sources: &[Source], folder: &Path, chain: &Chain) -> Result<Vec<PathBuf>> {
    refuse(sources, folder)?;
    let layout = Layout::new(sources);
    let places: Vec<_> = layout.files.iter().map(|file| folder.join(file)).collect();
    written::distinct(sources, &places)?;

    // The name is that of the folder, whatever its path ends with.
    fs::create_dir_all(folder).map_err(|error| Failure::file(folder, error))?;
    let root = fs::canonicalize(folder).map_err(|error| Failure::file(folder, error))?;
    let name = names::package(&root);
    let write = |file: &str, text: &str| write_file(folder, file, text);
    write("Cargo.toml", &manifest(&name, chain))?;
    write(".gitignore", "/target\n")?;
    for (source, file) in sources.iter().zip(&layout.files) {
        write(file, &layout.text(source))?;
    }
    if let Some(root) = layout.root(sources) {
        write("src/lib.rs", &root)?;
    }
    let calls = sources.iter().flat_map(|source| calls::calls(&source.ported.rust)).collect();
    write("tests/replay.rs", &replay(calls))?;
    write("README.md", &readme(&name, sources, &layout))?;
    if let Some(lock) = chain.lock() {
        let place = folder.join("Cargo.lock");
        fs::copy(lock, &place).map_err(|error| files::unwritten(&place, &error))?;
    }
    Ok(places)
}

fn refuse(sources: &[Source], folder: &Path) -> Result<()> {
    if let Some(part) = sources.iter().find(|source| source.ported.kind != Kind::File) {
        return Err(Failure::usage(format!("{} has no `<?php`: a part is not a project", part.name))
            .next("give it the whole file, or leave out --project"));
    }
    match fs::read_dir(folder).map(|mut inside| inside.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::file(folder, "is not empty: a project needs a folder of its own")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Failure::file(folder, error)),
    }
}

fn write_file(folder: &Path, file: &str, text: &str) -> Result<()> {
    let path = folder.join(file);
    let above = path.parent().unwrap_or(folder);
    fs::create_dir_all(above).map_err(|error| Failure::file(above, error))?;
    files::write_atomically(&path, text.as_bytes(), Readers::Anyone).map_err(|error| files::unwritten(&path, &error))
}

/// Which source is what: the program, if there is one source alone; else a program of several, or a module of the library.
struct Layout {
    /// The files of the sources, in their order.
    files: Vec<String>,
    /// The names of the modules, in alphabetical order.
    modules: Vec<String>,
}

impl Layout {
    fn new(sources: &[Source]) -> Layout {
        let file = |source: &Source| match (source.ported.has_main, sources.len()) {
            (true, 1) => "src/main.rs".to_owned(),
            (true, _) => format!("src/bin/{}.rs", source.stem),
            (false, _) => format!("src/{}.rs", names::module(&source.stem)),
        };
        let of_library = sources.iter().filter(|source| !source.ported.has_main);
        let mut modules: Vec<_> = of_library.map(|source| names::module(&source.stem)).collect();
        modules.sort();
        Layout { files: sources.iter().map(file).collect(), modules }
    }

    /// The text of a source: as a module it leaves to the crate what belongs to that.
    fn text(&self, source: &Source) -> String {
        let rust = &source.ported.rust;
        match limit(rust) {
            Some(_) if !source.ported.has_main => {
                let lines = rust.lines().filter(|line| !line.starts_with(OF_CRATE));
                lines.skip_while(|line| line.is_empty()).map(|line| format!("{line}\n")).collect()
            }
            _ => rust.clone(),
        }
    }

    /// The root of the library, if there is one.
    fn root(&self, sources: &[Source]) -> Option<String> {
        if self.modules.is_empty() {
            return None;
        }
        let of_library = sources.iter().filter(|source| !source.ported.has_main);
        let limit = of_library.filter_map(|source| limit(&source.ported.rust)).max();
        let limit = limit.map_or(String::new(), |limit| format!("{OF_CRATE}{limit}\"]\n\n"));
        let modules: String = self.modules.iter().map(|module| format!("pub mod {module};\n")).collect();
        Some(format!("{limit}{modules}"))
    }
}

/// How deep macros may expand.
fn limit(rust: &str) -> Option<usize> {
    let line = rust.lines().find_map(|line| line.strip_prefix(OF_CRATE))?;
    line.split('"').next()?.parse().ok()
}

fn manifest(name: &str, chain: &Chain) -> String {
    format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n{EDITION}rust-version = \"1.85\"\npublish = false\n\n\
         {}\n{}\n\
         # Beyond 64 bits, PHP's integers become floats. Here the program stops instead of paying a wrong amount.\n\
         [profile.release]\noverflow-checks = true\n",
        chain.dependencies(),
        chain.test_dependencies(),
    )
}

/// The test: the calls of the program, or one that every merchant can make.
fn replay(mut calls: BTreeSet<Call>) -> String {
    if calls.is_empty() {
        calls.insert(Call { method: "GET".to_owned(), path: "instance.chain(\"v3/certificates\")".to_owned() });
    }
    let macro_name = if calls.iter().any(|call| call.path.starts_with("chain!")) { "chain, " } else { "" };
    let line = |Call { method, path }: &Call| match format!("{method:?}, {path}") {
        // As rustfmt has it.
        pair if pair.len() > MOST_COLUMNS => {
            format!("        (\n            {method:?},\n            {path},\n        ),\n")
        }
        pair => format!("        ({pair}),\n"),
    };
    let lines: String = calls.iter().map(line).collect();
    REPLAY.replace("/* macro */", macro_name).replace("        /* calls */\n", &lines)
}

fn readme(name: &str, sources: &[Source], layout: &Layout) -> String {
    let mut page = format!("# {name}\n\nPorted from PHP by `wechatpay port`.\n\n| PHP | Rust |\n| --- | --- |\n");
    for (source, file) in sources.iter().zip(&layout.files) {
        page.push_str(&format!("| `{}` | `{file}` |\n", source.name));
    }
    page.push_str("\n```sh\n");
    let programs: Vec<_> = sources.iter().filter(|source| source.ported.has_main).collect();
    match programs.as_slice() {
        [_] if sources.len() == 1 => page.push_str("cargo run\n"),
        programs => programs.iter().for_each(|source| page.push_str(&format!("cargo run --bin {}\n", source.stem))),
    }
    page.push_str(
        "cargo test\n```\n\nThe test in `tests/replay.rs` makes the program's calls of APIv3 to a sandbox: each arrives signed, and each \
         answer is\nverified. It needs no merchant and no network.\n",
    );
    let todo = |source: &Source| {
        let findings = source.ported.findings.iter().filter(|finding| finding.kind == FindingKind::Todo);
        findings.map(|finding| format!("- `{}`: {}\n", source.place(finding.position), finding.message)).collect()
    };
    let todo: String = sources.iter().map(todo).collect::<Vec<String>>().concat();
    if !todo.is_empty() {
        page.push_str(&format!("\n## Left to do\n\n{todo}"));
    }
    page
}
