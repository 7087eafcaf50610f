//! The floor plan: `docs/architecture.md` says which room may use which, and the code is held to it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// The most files that the root of the library's sources may have.
const MOST_AT_THE_ROOT: usize = 14;

/// The most lines of a file, and of a function.
const MOST_LINES: (usize, usize) = (600, 60);

/// A module and what it names: `wire/tls` uses `redact`.
type Edges = BTreeMap<String, BTreeSet<String>>;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The modules of a crate by their paths, `wire` for `wire/mod.rs`; `lib` is the crate itself.
fn modules(sources: &Path) -> BTreeMap<String, PathBuf> {
    let mut modules = BTreeMap::new();
    let mut folders = vec![sources.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(sources).unwrap().with_extension("");
                let name = name.to_str().unwrap();
                modules.insert(name.strip_suffix("/mod").unwrap_or(name).to_owned(), path);
            }
        }
    }
    modules
}

// ---------------------------------------------------------------- what the code names

/// The paths that a file names from the root of its crate on, but for those of its tests.
struct Paths {
    found: BTreeSet<Vec<String>>,
}

impl Paths {
    fn of(source: &str, module: &[String]) -> BTreeSet<Vec<String>> {
        let mut paths = Paths { found: BTreeSet::new() };
        paths.walk(&tokens(source.parse().unwrap()), module);
        paths.found
    }

    fn walk(&mut self, tokens: &[TokenTree], module: &[String]) {
        let mut at = 0;
        while let Some(token) = tokens.get(at) {
            at += 1;
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' && is_test(tokens.get(at)) => {
                    // What follows is there for tests alone, up to its end.
                    let is_end = |token: &TokenTree| match token {
                        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                        TokenTree::Punct(punct) => punct.as_char() == ';',
                        _ => false,
                    };
                    at += tokens[at..].iter().position(is_end).map_or(tokens.len(), |end| end + 1);
                }
                // Not `impl Iterator + use<'_>`.
                TokenTree::Ident(word) if word == "use" && !tokens.get(at).is_some_and(|next| is_punct(next, '<')) => {
                    let end = at + tokens[at..].iter().position(|token| is_punct(token, ';')).unwrap();
                    self.tree(&tokens[at..end], &[], module);
                    at = end;
                }
                TokenTree::Ident(word) if word == "mod" => {
                    if let (Some(TokenTree::Ident(name)), Some(TokenTree::Group(group))) =
                        (tokens.get(at), tokens.get(at + 1))
                    {
                        let inside = [module, &[name.to_string()]].concat();
                        self.walk(&self::tokens(group.stream()), &inside);
                        at += 2;
                    }
                }
                TokenTree::Ident(word) if word == "crate" || word == "super" => {
                    let (path, end) = path(tokens, at - 1);
                    at = end;
                    self.keep(&path, module);
                }
                TokenTree::Group(group) => self.walk(&self::tokens(group.stream()), module),
                _ => {}
            }
        }
    }

    /// One tree of a `use`: a path, perhaps with trees at its end.
    fn tree(&mut self, tokens: &[TokenTree], before: &[String], module: &[String]) {
        let (path, end) = path(tokens, 0);
        let path = [before, &path].concat();
        match tokens.get(end) {
            Some(TokenTree::Group(group)) => {
                let inside = self::tokens(group.stream());
                for tree in inside.split(|token| is_punct(token, ',')).filter(|tree| !tree.is_empty()) {
                    self.tree(tree, &path, module);
                }
            }
            _ => self.keep(&path, module),
        }
    }

    /// Keeps a path of this crate, from its root on.
    fn keep(&mut self, path: &[String], module: &[String]) {
        // `pub(super)` and the like name nothing.
        if path.len() == 1 {
            return;
        }
        let supers = path.iter().take_while(|word| *word == "super").count();
        let path = match path.first().map(String::as_str) {
            Some("crate") => path[1..].to_vec(),
            Some("self") => [module, &path[1..]].concat(),
            Some("super") => [&module[..module.len().saturating_sub(supers)], &path[supers..]].concat(),
            // At the root, modules are named as they are.
            _ if module.is_empty() => path.to_vec(),
            _ => return,
        };
        self.found.insert(path);
    }
}

fn tokens(stream: TokenStream) -> Vec<TokenTree> {
    stream.into_iter().collect()
}

fn is_punct(token: &TokenTree, letter: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == letter)
}

/// Whether this is the inside of an attribute that names `test` in a `cfg`.
fn is_test(token: Option<&TokenTree>) -> bool {
    let Some(TokenTree::Group(group)) = token else { return false };
    let text = group.stream().to_string();
    text.starts_with("cfg") && text.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == "test")
}

/// The words of a path from here on, and where it ends.
fn path(tokens: &[TokenTree], mut at: usize) -> (Vec<String>, usize) {
    let mut words = Vec::new();
    while let Some(TokenTree::Ident(word)) = tokens.get(at) {
        words.push(word.to_string());
        at += 1;
        let is_on = [0, 1].iter().all(|next| tokens.get(at + next).is_some_and(|token| is_punct(token, ':')));
        if !is_on {
            break;
        }
        at += 2;
    }
    (words, at)
}

/// What each module uses of the others. What the crate hands out at its root is where it comes from.
fn edges(modules: &BTreeMap<String, PathBuf>) -> Edges {
    let known = |path: &[String]| {
        let names = (1..=path.len()).rev().map(|length| path[..length].join("/"));
        names.into_iter().find(|name| modules.contains_key(name))
    };
    let top = if modules.contains_key("lib") { "lib" } else { "main" };
    let handed_out: BTreeMap<String, String> = Paths::of(&read(&modules[top]), &[])
        .into_iter()
        .filter_map(|path| Some((path.last()?.clone(), known(&path)?)))
        .collect();
    let mut edges = Edges::new();
    for (module, file) in modules.iter().filter(|(module, _)| *module != top) {
        let path: Vec<String> = module.split('/').map(str::to_owned).collect();
        let used = Paths::of(&read(file), &path)
            .into_iter()
            .filter_map(|path| known(&path).or_else(|| handed_out.get(path.first()?).cloned()));
        edges.insert(module.clone(), used.filter(|used| used != module).collect());
    }
    edges
}

// ---------------------------------------------------------------- what the page says

/// The rows of the table under a heading: the modules of a room, and the rooms that it may use.
fn rooms(heading: &str) -> Vec<(Vec<String>, BTreeSet<String>)> {
    let page = read(&root().join("docs/architecture.md"));
    let (_, rest) = page.split_once(&format!("## {heading}\n")).unwrap_or_else(|| panic!("no heading {heading:?}"));
    let table = rest.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let names = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let row = |line: &str| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
        let [room, _, used] = cells[..] else { panic!("three columns are needed: {line}") };
        (names(room), names(used).into_iter().collect())
    };
    table.skip(2).map(row).collect()
}

/// What `lib` hands out, by name: that of the last word of each path.
fn public() -> BTreeSet<String> {
    let source = read(&root().join("src/lib.rs"));
    let handed_out = source.split("\npub use ").skip(1).filter_map(|rest| rest.split(';').next());
    let names = handed_out.flat_map(|paths| paths.rsplit("::").next().unwrap_or_default().split(','));
    let names = names.filter_map(|name| name.rsplit(" as ").next());
    let names = names.map(|name| name.trim_matches(|letter: char| !letter.is_alphanumeric()).to_owned());
    names.filter(|name| !name.is_empty()).chain(["chain!".to_owned()]).collect()
}

/// The room that a module is in: the row that names it, or else the folder around it.
fn room<'a>(rooms: &'a [(Vec<String>, BTreeSet<String>)], module: &str) -> Option<&'a str> {
    let names = rooms.iter().flat_map(|(names, _)| names.iter().map(move |name| (name, &names[0])));
    let around = names.filter(|(name, _)| module == *name || module.starts_with(&format!("{name}/")));
    around.max_by_key(|(name, _)| name.len()).map(|(_, room)| room.as_str())
}

/// Those that can be reached from this one.
fn reached<'a>(edges: &'a Edges, from: &'a str) -> BTreeSet<&'a str> {
    let (mut reached, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(module) = next.pop() {
        for used in edges.get(module).into_iter().flatten() {
            if reached.insert(used.as_str()) {
                next.push(used);
            }
        }
    }
    reached
}

/// The modules that use each other, by way of others or directly.
fn circles(edges: &Edges) -> BTreeSet<Vec<&str>> {
    let reached: BTreeMap<&str, _> =
        edges.keys().map(|module| (module.as_str(), self::reached(edges, module))).collect();
    let circle = |module: &&str| -> Vec<&str> {
        let others = reached[module].iter().filter(|other| reached.get(*other).is_some_and(|of| of.contains(module)));
        others.copied().collect()
    };
    reached.keys().map(circle).filter(|circle| !circle.is_empty()).collect()
}

fn check(heading: &str, sources: &str) {
    let modules = modules(&root().join(sources));
    let edges = edges(&modules);
    let rooms = rooms(heading);
    let mut wrong = Vec::new();

    let mut used: BTreeMap<&str, BTreeMap<&str, (&str, &str)>> = BTreeMap::new();
    for (module, others) in &edges {
        let Some(own) = room(&rooms, module) else {
            wrong.push(format!("`{module}` is in no room of the table"));
            continue;
        };
        for other in others {
            if let Some(room) = room(&rooms, other).filter(|room| *room != own) {
                used.entry(own).or_default().entry(room).or_insert((module, other));
            }
        }
    }
    for (names, may_use) in &rooms {
        for name in names.iter().chain(may_use).filter(|name| !modules.contains_key(*name)) {
            wrong.push(format!("the table names `{name}`, which is not there"));
        }
        let uses = used.remove(names[0].as_str()).unwrap_or_default();
        for (room, (module, other)) in uses.iter().filter(|(room, _)| !may_use.contains(**room)) {
            wrong.push(format!("`{}` may not use `{room}`, but `{module}` uses `{other}`", names[0]));
        }
        for room in may_use.iter().filter(|room| !uses.contains_key(room.as_str())) {
            wrong.push(format!("`{}` may use `{room}`, but does not", names[0]));
        }
    }
    for circle in circles(&edges) {
        wrong.push(format!("these use each other: {}", circle.join(", ")));
    }
    assert!(wrong.is_empty(), "{sources}:\n{}", wrong.join("\n"));
}

#[test]
fn the_rooms_of_the_library_use_each_other_as_the_page_says() {
    check("Rooms of the library", "src");
}

#[test]
fn the_rooms_of_the_sandbox_use_each_other_as_the_page_says() {
    check("Rooms of the sandbox", "crates/sandbox/src");
}

#[test]
fn the_rooms_of_the_catalog_use_each_other_as_the_page_says() {
    check("Rooms of the catalog", "crates/catalog/src");
}

#[test]
fn the_rooms_of_the_journal_use_each_other_as_the_page_says() {
    check("Rooms of the journal", "crates/journal/src");
}

#[test]
fn the_rooms_of_the_command_line_use_each_other_as_the_page_says() {
    check("Rooms of the command line", "crates/cli/src");
}

#[test]
fn the_rooms_of_the_porter_use_each_other_as_the_page_says() {
    check("Rooms of the porter", "crates/port/src");
}

#[test]
fn nothing_grows_too_large() {
    let library = modules(&root().join("src"));
    let at_the_root = library.values().filter(|path| path.parent() == Some(&root().join("src"))).count();
    assert!(at_the_root <= MOST_AT_THE_ROOT, "{at_the_root} files are in src itself");

    let mut wrong = Vec::new();
    let others = [
        "crates/sandbox/src",
        "crates/catalog/src",
        "crates/catalog-maker/src",
        "crates/journal/src",
        "crates/cli/src",
        "crates/port/src",
    ];
    let others = others.map(|sources| modules(&root().join(sources)));
    for path in library.values().chain(others.iter().flat_map(BTreeMap::values)) {
        let source = read(path);
        let lines: Vec<&str> = source.lines().collect();
        if lines.len() > MOST_LINES.0 {
            wrong.push(format!("{}: {} lines", path.display(), lines.len()));
        }
        // rustfmt puts the end of a function under its beginning.
        for (at, line) in lines.iter().enumerate() {
            let code = line.trim_start();
            let is_function = code.starts_with("fn ")
                || ((code.starts_with("pub") || code.starts_with("const ")) && code.contains(" fn "));
            let end = format!("{}}}", &line[..line.len() - code.len()]);
            let length = lines[at..].iter().position(|line| *line == end).map_or(0, |end| end + 1);
            if is_function && code.ends_with('{') && length > MOST_LINES.1 {
                wrong.push(format!("{}:{}: a function of {length} lines", path.display(), at + 1));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_page_says_why_each_public_item_is_there() {
    let page = read(&root().join("docs/architecture.md"));
    let (_, rest) = page.split_once("## What is public, and why\n").unwrap();
    let rows = rest.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|')).skip(2);
    let names: Vec<_> = rows.flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2)).collect();
    let listed: BTreeSet<_> = names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(listed.len(), names.len(), "an item is listed twice: {names:?}");
    assert_eq!(listed, public());
}
