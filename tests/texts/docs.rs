//! The pages of the documentation: what they quote is code that runs, and what they link to exists.

use std::fs;
use std::path::{Path, PathBuf};

/// The six forms, in the order of the pages: heading, function of the example, and what the PHP line begins with.
const FORMS: [(&str, &str, &str); 6] = [
    ("### 同步纯链式", "sync_chain", "$response = $instance->v3->"),
    ("### 同步声明式", "sync_declarative", "$response = $instance->chain('"),
    ("### 同步属性式", "sync_index", "$response = $instance['"),
    ("### 异步纯链式", "async_chain", "$instance->v3->"),
    ("### 异步声明式", "async_declarative", "$instance->chain('"),
    ("### 异步属性式", "async_index", "$instance['"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The files in a folder, sorted, with this extension.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.is_file() && path.extension().is_some_and(|found| found == extension));
    files.sort();
    files
}

/// The pages about operations, each with the file of the example that it quotes.
fn pages() -> Vec<(PathBuf, PathBuf)> {
    let mut pages = files(&root().join("docs/operations"), "md");
    pages.retain(|page| page.file_name().unwrap() != "README.md");
    let example = |page: &Path| {
        let name = page.file_stem().unwrap().to_str().unwrap().replace('-', "_");
        root().join("examples/coupons/operations").join(name).with_extension("rs")
    };
    pages.into_iter().map(|page| (page.clone(), example(&page))).collect()
}

/// The fenced blocks of a page: the heading they stand under, their language and their lines.
fn blocks(page: &str) -> Vec<(&str, &str, Vec<&str>)> {
    let mut blocks = Vec::new();
    let mut heading = "";
    let mut open: Option<(&str, Vec<&str>)> = None;
    for line in page.lines() {
        match (open.take(), line.strip_prefix("```")) {
            (None, Some(language)) => open = Some((language, Vec::new())),
            (None, None) if line.starts_with('#') => heading = line,
            (None, None) => {}
            (Some((language, lines)), Some(_)) => blocks.push((heading, language, lines)),
            (Some((language, mut lines)), None) => {
                lines.push(line);
                open = Some((language, lines));
            }
        }
    }
    assert!(open.is_none(), "a block is not closed");
    blocks
}

/// The lines of a function's body, without the indentation that all of them share.
fn body<'a>(source: &'a str, function: &str) -> Vec<&'a str> {
    let mut lines = source.lines();
    let head = format!("pub fn {function}(");
    assert!(lines.any(|line| line.starts_with(&head)), "there is no {function}");
    lines.take_while(|line| *line != "}").map(|line| line.strip_prefix("    ").unwrap_or(line)).collect()
}

/// The names in an array of PHP (`'name' =>`) or an object of JSON (`"name":`), in their order.
fn names(lines: &[&str]) -> Vec<String> {
    let name = |line: &&str| {
        let line = line.trim_start();
        let (name, rest) = match line.strip_prefix('\'') {
            Some(php) => php.split_once('\'')?,
            None => line.strip_prefix('"')?.split_once('"')?,
        };
        let rest = rest.trim_start();
        (rest.starts_with("=>") || rest.starts_with(':')).then(|| name.to_owned())
    };
    lines.iter().filter_map(name).collect()
}

#[test]
fn there_is_a_page_for_each_operation() {
    let mut pages: Vec<_> = pages().into_iter().map(|(_, example)| example).collect();
    pages.sort();
    let mut operations = files(&root().join("examples/coupons/operations"), "rs");
    operations.retain(|path| path.file_name().unwrap() != "mod.rs");
    assert_eq!(pages, operations);
    assert_eq!(pages.len(), 5);
}

#[test]
fn each_rust_block_stands_in_the_function_of_its_form() {
    for (page, example) in pages() {
        let (text, source, page) = (read(&page), read(&example), page.display().to_string());
        let blocks = blocks(&text);
        let rust: Vec<_> = blocks.iter().filter(|(_, language, _)| *language == "rust").collect();
        assert_eq!(rust.len(), FORMS.len(), "{page}: Rust blocks");
        for ((heading, _, lines), (form, function, _)) in rust.into_iter().zip(FORMS) {
            assert_eq!(*heading, form, "{page}");
            let body = body(&source, function);
            let stands_there = body.windows(lines.len()).any(|window| window == lines.as_slice());
            assert!(!lines.is_empty() && stands_there, "{page}: {form} is not what {function} says");
            // The whole call, up to what the function gives back.
            assert_eq!(lines.len() + 1, body.len(), "{page}: {form} is not the whole call");
        }
    }
}

#[test]
fn each_php_block_is_followed_by_its_rust() {
    for (page, _) in pages() {
        let (text, page) = (read(&page), page.display().to_string());
        let blocks = blocks(&text);
        assert_eq!(blocks.len(), 2 * FORMS.len(), "{page}: blocks");
        for (pair, (form, function, start)) in blocks.chunks(2).zip(FORMS) {
            let [(heading, "php", php), (_, "rust", rust)] = pair else { panic!("{page}: {form}: not PHP, then Rust") };
            assert_eq!(*heading, form, "{page}");
            let begin = php[0];
            assert!(begin.starts_with(start), "{page}: {form}: {begin}");
            assert_eq!(begin.contains("Async(["), function.starts_with("async"), "{page}: {form}: {begin}");
            // Line by line: the same names in the same order.
            assert_eq!(names(php), names(rust), "{page}: {form}");
            assert!(!names(php).is_empty(), "{page}: {form}");
        }
    }
}

#[test]
fn the_page_about_observing_quotes_its_example() {
    let example = files(&root().join("examples/observing"), "rs");
    let sources: Vec<String> = example.iter().map(|file| read(file)).collect();
    let page = read(&root().join("docs/observing.md"));
    let blocks = blocks(&page);
    let rust: Vec<_> = blocks.iter().filter(|(_, language, _)| *language == "rust").collect();
    assert_eq!(rust.len(), 3, "one of the callback, one of spans and one of metrics");
    for (heading, _, lines) in rust {
        let stands_there = |source: &String| source.contains(&lines.join("\n"));
        assert!(sources.iter().any(stands_there), "{heading}: this is not in the example:\n{}", lines.join("\n"));
    }
}

/// README.md, CHANGELOG.md and everything in `docs`.
fn documents() -> Vec<PathBuf> {
    let mut documents = files(root(), "md");
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        documents.extend(files(&folder, "md"));
        let inside = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
        folders.extend(inside.filter(|path| path.is_dir()));
    }
    documents
}

/// Where the links of a page lead; those in blocks of code are none.
fn links(page: &str) -> Vec<&str> {
    let mut links = Vec::new();
    let mut code = false;
    for line in page.lines() {
        if line.trim_start().starts_with("```") {
            code = !code;
        }
        if code {
            continue;
        }
        // What stands between backticks is code, too.
        for text in line.split('`').step_by(2) {
            let starts = text.match_indices("](").map(|(start, open)| start + open.len());
            links.extend(starts.filter_map(|start| text[start..].split([')', ' ']).next()));
        }
    }
    links
}

/// The anchor that GitHub makes of a heading.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '_'));
    kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

#[test]
fn relative_links_lead_to_files_and_headings() {
    let mut broken = Vec::new();
    let mut checked = 0;
    for document in documents() {
        let text = read(&document);
        for link in links(&text).into_iter().filter(|link| !link.contains("://") && !link.starts_with("mailto:")) {
            checked += 1;
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = match path {
                "" => document.clone(),
                path => document.parent().unwrap().join(path),
            };
            let leads = match heading {
                "" => target.exists(),
                heading => {
                    target.is_file()
                        && read(&target).lines().any(|line| line.starts_with('#') && anchor(line) == heading)
                }
            };
            if !leads {
                broken.push(format!("{}: {link}", document.strip_prefix(root()).unwrap().display()));
            }
        }
    }
    assert!(broken.is_empty(), "links that lead nowhere:\n{}", broken.join("\n"));
    assert!(checked > 10, "only {checked} links were found");
}
