//! The files of PHP, and what became of each.

use std::path::{Path, PathBuf};

use serde_json::json;
use wechatpay_port::{Ported, Position, Refusal, port};

use super::names;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::input;
use crate::output::{BOLD, Output, marked};

/// A source, and the Rust that was made of it.
#[derive(Debug)]
pub struct Source {
    /// As it was given, for messages.
    pub name: String,
    /// What its Rust is called, without an extension.
    pub stem: String,
    pub php: String,
    pub ported: Ported,
}

impl Source {
    /// `FILE:LINE:COLUMN`
    pub fn place(&self, position: Position) -> String {
        place(&self.name, position)
    }
}

fn place(name: &str, position: Position) -> String {
    format!("{name}:{}:{}", position.line, position.column)
}

fn shown(path: &Path) -> String {
    if path == Path::new("-") { "standard input".to_owned() } else { marked(&path.display().to_string()) }
}

/// Reads and ports all files. If one of them is refused, so are all: what they become would not be whole.
pub fn read(paths: &[PathBuf], output: &Output) -> Result<Vec<Source>> {
    let (mut sources, mut refused) = (Vec::new(), Vec::new());
    for path in paths {
        let name = shown(path);
        let php = input::read(path, "the PHP")?;
        match port(&php) {
            Ok(ported) => {
                let php = String::from_utf8_lossy(&php);
                let php = php.strip_prefix('\u{feff}').unwrap_or(&php).to_owned();
                sources.push(Source { stem: names::snake(path), name, php, ported });
            }
            Err(refusal) => refused.push((name, refusal)),
        }
    }
    if refused.is_empty() { Ok(sources) } else { Err(refusal(&refused, paths.len(), output)?) }
}

/// Why nothing is written.
fn refusal(refused: &[(String, Refusal)], files: usize, output: &Output) -> Result<Failure> {
    // An error of the porter itself, and not of the file.
    let is_lost = |refusal: &Refusal| matches!(refusal, Refusal::Lost { .. });
    let is_own = refused.iter().all(|(_, refusal)| is_lost(refusal));
    let exit = if is_own { Exit::Failed } else { Exit::Usage };
    if output.is_json() {
        for (name, refusal) in refused {
            let Position { line, column } = refusal.position();
            let why = json!({ "line": line, "column": column, "message": refusal.to_string() });
            output.json(&json!({ "file": name, "refused": why }))?;
        }
    }
    if let [(name, refusal)] = refused {
        return Ok(Failure::new(
            exit,
            format!("{}: {}", place(name, refusal.position()), marked(&refusal.to_string())),
        ));
    }
    for (name, refusal) in refused {
        let place = place(name, refusal.position());
        output.told(format_args!("{BOLD}{place}:{BOLD:#} {}", marked(&refusal.to_string())));
    }
    Ok(Failure::new(exit, format!("nothing is written, as {} of {files} files are refused", refused.len())))
}
