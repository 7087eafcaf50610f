//! The PHP on the pages of this repository.

use std::fs;
use std::path::{Path, PathBuf};

/// Each piece of PHP on the pages of `docs`, with its place, the pages in the order of their names.
pub fn of_pages() -> Vec<(String, String)> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().join("docs");
    let mut pages: Vec<PathBuf> = [docs.clone(), docs.join("en")]
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    pages.sort();
    pages.iter().flat_map(|page| of_page(page)).collect()
}

fn of_page(page: &Path) -> Vec<(String, String)> {
    let text = fs::read_to_string(page).unwrap();
    let name = page.file_name().unwrap().to_str().unwrap();
    let mut snippets: Vec<(String, String)> = Vec::new();
    let mut is_open = false;
    for (at, line) in text.lines().enumerate() {
        match line.trim() {
            "```php" => {
                is_open = true;
                snippets.push((format!("{name}:{}", at + 2), String::new()));
            }
            "```" => is_open = false,
            _ if is_open => {
                let php = &mut snippets.last_mut().unwrap().1;
                php.push_str(line);
                php.push('\n');
            }
            _ => {}
        }
    }
    snippets
}
