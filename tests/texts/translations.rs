//! The pages in English say what the Chinese ones say: the same headings, lists and tables, and the same code but for its
//! comments and its Chinese texts.

use std::fs;
use std::path::Path;

/// A heading and what follows it up to the next one.
#[derive(Default)]
struct Section {
    heading: String,
    items: usize,
    rows: Vec<String>,
    blocks: Vec<Block>,
}

struct Block {
    language: String,
    code: String,
}

/// A piece of code: one literal, or what is between two.
#[derive(Debug, PartialEq)]
enum Token {
    Code(String),
    Text(String),
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The English pages, each with the Chinese one of the same name.
fn pages() -> Vec<(String, String, String)> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let mut names: Vec<_> = fs::read_dir(docs.join("en"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".md"))
        .collect();
    names.sort();
    names.into_iter().map(|name| (read(&docs.join(&name)), read(&docs.join("en").join(&name)), name)).collect()
}

fn sections(page: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut open: Option<Block> = None;
    for line in page.lines() {
        let fence = line.strip_prefix("```");
        let section = match (&open, line.starts_with('#')) {
            (None, true) => {
                sections.push(Section { heading: line.to_owned(), ..Section::default() });
                continue;
            }
            _ => sections.last_mut().expect("a page begins with a heading"),
        };
        match (open.take(), fence) {
            (None, Some(language)) => open = Some(Block { language: language.to_owned(), code: String::new() }),
            (None, None) if line.starts_with("- ") => section.items += 1,
            (None, None) if line.starts_with('|') => section.rows.push(line.to_owned()),
            (None, None) => {}
            (Some(block), Some(_)) => section.blocks.push(block),
            (Some(mut block), None) => {
                block.code.push_str(line);
                block.code.push('\n');
                open = Some(block);
            }
        }
    }
    sections
}

fn is_chinese(letter: char) -> bool {
    matches!(letter, '\u{3000}'..='\u{303f}' | '\u{4e00}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}')
}

/// The code without its comments. White space counts as one blank, as a comment may need another line.
fn tokens(block: &Block) -> Vec<Token> {
    let (quotes, comment): (&[char], _) = match block.language.split(',').next() {
        Some("rust") => (&['"'], "//"),
        Some("php") => (&['"', '\''], "//"),
        Some("sh" | "toml") => (&['"'], "#"),
        _ => (&[], "\0"),
    };
    let mut tokens = Vec::new();
    let mut code = String::new();
    let mut rest = block.code.as_str();
    while let Some(letter) = rest.chars().next() {
        if rest.starts_with(comment) {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else if quotes.contains(&letter) {
            let mut escaped = false;
            let end = rest[1..].find(|found| {
                let is_end = found == letter && !escaped;
                escaped = found == '\\' && !escaped;
                is_end
            });
            let (text, after) = rest.split_at(end.map_or(rest.len(), |end| end + 2));
            tokens.push(Token::Code(std::mem::take(&mut code)));
            tokens.push(Token::Text(text.to_owned()));
            rest = after;
        } else {
            code.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    tokens.push(Token::Code(code));
    for token in &mut tokens {
        if let Token::Code(code) = token {
            *code = code.split_whitespace().collect::<Vec<_>>().join(" ");
        }
    }
    tokens
}

/// What a text formats: `{error}`, `{:?}`.
fn placeholders(text: &str) -> Vec<&str> {
    let mut found: Vec<_> =
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(inner, _)| inner).collect();
    found.sort_unstable();
    found
}

/// Whether the English piece stands for the Chinese one.
fn is_same(chinese: &Token, english: &Token) -> bool {
    match (chinese, english) {
        (Token::Text(chinese), Token::Text(english)) if chinese.contains(is_chinese) => {
            placeholders(chinese) == placeholders(english)
        }
        (chinese, english) => chinese == english,
    }
}

/// How the rows of a table differ in what is written as code.
fn row_difference(chinese: &str, english: &str) -> Option<String> {
    let spans = |row: &str| -> Vec<String> {
        let mut spans: Vec<_> = row.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        spans.sort_unstable();
        spans
    };
    let (chinese, mut english) = (spans(chinese), spans(english));
    if chinese.len() != english.len() {
        return Some(format!("{chinese:?} | {english:?}"));
    }
    for span in chinese.iter().filter(|span| !span.contains(is_chinese)) {
        match english.iter().position(|known| known == span) {
            Some(index) => drop(english.swap_remove(index)),
            None => return Some(format!("`{span}` | {english:?}")),
        }
    }
    None
}

/// How two pages differ, with where.
fn differences(chinese: &str, english: &str) -> Vec<String> {
    let level = |section: &Section| section.heading.chars().take_while(|letter| *letter == '#').count();
    let (chinese, english) = (sections(chinese), sections(english));
    let mut found = Vec::new();
    for (chinese, english) in chinese.iter().zip(&english) {
        let place = format!("{} | {}", chinese.heading, english.heading);
        if level(chinese) != level(english) {
            found.push(format!("{place}: another level"));
            return found;
        }
        let counts = |section: &Section| (section.items, section.rows.len(), section.blocks.len());
        if counts(chinese) != counts(english) {
            let (chinese, english) = (counts(chinese), counts(english));
            found.push(format!("{place}: items of lists, rows of tables, blocks: {chinese:?} | {english:?}"));
        }
        let rows = chinese.rows.iter().zip(&english.rows).enumerate();
        for (number, (chinese, english)) in rows {
            if let Some(difference) = row_difference(chinese, english) {
                found.push(format!("{place}: row {}: {difference}", number + 1));
            }
        }
        for (number, (chinese, english)) in chinese.blocks.iter().zip(&english.blocks).enumerate() {
            let place = format!("{place}: block {}", number + 1);
            if chinese.language != english.language {
                found.push(format!("{place}: {} | {}", chinese.language, english.language));
            }
            let (chinese, english) = (tokens(chinese), tokens(english));
            let mut pairs = chinese.iter().zip(&english);
            if let Some((chinese, english)) = pairs.find(|(chinese, english)| !is_same(chinese, english)) {
                found.push(format!("{place}:\n    {chinese:?}\n    {english:?}"));
            } else if chinese.len() != english.len() {
                found.push(format!("{place}: one is longer"));
            }
        }
    }
    if chinese.len() != english.len() {
        found.push(format!("{} headings | {}", chinese.len(), english.len()));
    }
    found
}

#[test]
fn the_english_pages_keep_to_the_chinese_ones() {
    let mut wrong = Vec::new();
    let pages = pages();
    for (chinese, english, name) in &pages {
        wrong.extend(differences(chinese, english).into_iter().map(|found| format!("docs/en/{name}: {found}")));
        let links =
            [(english, "\n[中文][", format!("]: ../{name}")), (chinese, "\n[English][", format!("]: en/{name}"))];
        for (page, link, definition) in links {
            if !page.contains(link) || !page.lines().any(|line| line.starts_with('[') && line.ends_with(&definition)) {
                wrong.push(format!("{name}: no link {}…] with {definition}", link.trim_start()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(pages.len(), 10);
}

/// Chinese is for the Chinese pages, and for what stands in code and in links to them.
#[test]
fn the_english_pages_are_in_english() {
    for (_, english, name) in pages() {
        let mut is_code = false;
        for line in english.lines() {
            is_code ^= line.starts_with("```");
            let prose: String = line.split('`').step_by(2).collect();
            let is_link = line.starts_with("[中文]") || line.starts_with('[') && line.contains("]: ");
            let labels = prose.split("][").skip(1).filter_map(|rest| rest.split_once(']')).map(|(label, _)| label);
            let shown = labels.fold(prose.clone(), |shown, label| shown.replace(label, ""));
            assert!(is_code || is_link || !shown.contains(is_chinese), "docs/en/{name}: {line}");
        }
    }
}

#[test]
fn what_differs_between_two_pages_is_found() {
    let chinese =
        "# 页\n\n| `a` | 甲 |\n\n```rust,no_run\n// 说明。\nlet a = f(\"咖啡{n}\", \"x\"); // 尾\n```\n\n- 一\n";
    let english = "# Page\n\n| `a` | A |\n\n```rust,no_run\n// One\n// comment.\nlet a = f(\"coffee {n}\", \"x\");\n```\n\n- one\n";
    assert_eq!(differences(chinese, english), [""; 0]);
    for (from, to, expected) in [
        ("let a", "let b", "block 1"),
        ("\"x\"", "\"y\"", "block 1"),
        ("{n}", "{m}", "block 1"),
        ("rust,no_run", "rust", "block 1"),
        ("f(\"", "f(1, \"", "block 1"),
        ("`a`", "`b`", "row 1"),
        ("- one", "one", "items of lists"),
        ("# Page", "## Page", "another level"),
        ("- one", "## More", "headings"),
    ] {
        let found = differences(chinese, &english.replace(from, to));
        assert!(found.iter().any(|found| found.contains(expected)), "{to}: {found:?}");
    }
}
