//! `--diff`: PHP and Rust side by side, or one below the other where there is no room.

use std::collections::BTreeSet;
use std::iter;

use anstyle::Style;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};
use wechatpay_port::FindingKind;

use super::aligned::{self, Block};
use super::sources::Source;
use crate::failure::Result;
use crate::output::{BAD, BOLD, DIM, GOOD, Output, WARN, marked};

/// Columns where there is no terminal.
const COLUMNS: usize = 160;

/// Columns below which one is below the other.
const NARROW: usize = 100;

/// How such a comment begins; the line of PHP follows.
const LEFT_TO_DO: &str = "// TODO(port) ";

/// The columns to use.
pub fn width() -> usize {
    terminal_size::terminal_size_of(std::io::stdout()).map_or(COLUMNS, |(width, _)| usize::from(width.0))
}

pub fn show(sources: &[Source], width: usize, output: &Output) -> Result<()> {
    for (at, source) in sources.iter().enumerate() {
        if at > 0 {
            output.line("")?;
        }
        lines(source, width).iter().try_for_each(|line| output.line(line))?;
    }
    Ok(())
}

fn lines(source: &Source, width: usize) -> Vec<String> {
    let texts = |text: &str| text.lines().map(|line| marked(&line.replace('\t', "    "))).collect::<Vec<_>>();
    let (php, rust) = (texts(&source.php), texts(&source.ported.rust));
    let blocks = aligned::blocks(php.len(), rust.len(), &origins(source));
    let findings = &source.ported.findings;
    let todo = findings.iter().filter(|finding| finding.kind == FindingKind::Todo);
    let sides = Sides {
        digits: php.len().max(rust.len()).to_string().len(),
        todo: todo.map(|finding| finding.position.line.saturating_sub(1)).collect(),
        php,
        rust,
        width,
    };
    let head = format!("{BOLD}{}{BOLD:#} {DIM}→{DIM:#} {BOLD}{}.rs{BOLD:#}", source.name, source.stem);
    let body = blocks.iter().flat_map(|block| if width < NARROW { sides.below(block) } else { sides.beside(block) });
    iter::once(head).chain(body).collect()
}

/// Where lines of Rust come from: also the comments that say what is left to do.
fn origins(source: &Source) -> Vec<(usize, usize)> {
    let of_comment = |(at, line): (usize, &str)| {
        let (line, _) = line.trim_start().strip_prefix(LEFT_TO_DO)?.split_once(':')?;
        Some((at.saturating_add(1), line.parse().ok()?))
    };
    let of_comments = source.ported.rust.lines().enumerate().filter_map(of_comment);
    // Of two for one line, the first counts.
    source.ported.origins.iter().copied().chain(of_comments).collect()
}

struct Sides {
    php: Vec<String>,
    rust: Vec<String>,
    /// Lines of PHP that something is left to do for.
    todo: BTreeSet<usize>,
    /// Of the numbers of lines.
    digits: usize,
    width: usize,
}

impl Sides {
    fn beside(&self, block: &Block) -> Vec<String> {
        // Two numbers, a space behind each, and what separates the sides.
        let numbers = self.digits.saturating_add(1).saturating_mul(2).saturating_add(3);
        let room = self.width.saturating_sub(numbers).checked_div(2).unwrap_or_default();
        let rows = block.php.len().max(block.rust.len());
        let mut php = block.php.clone().map(Some).chain(iter::repeat(None));
        let mut rust = block.rust.clone().map(Some).chain(iter::repeat(None));
        let row = |_| {
            let left = self.side(php.next().flatten(), &self.php, room, true);
            let right = self.side(rust.next().flatten(), &self.rust, room, false);
            format!("{left} {DIM}│{DIM:#} {right}").trim_end().to_owned()
        };
        (0..rows).map(row).collect()
    }

    /// A number and a line, of which nothing may be there.
    fn side(&self, at: Option<usize>, lines: &[String], room: usize, is_php: bool) -> String {
        let Some((at, line)) = at.and_then(|at| Some((at, lines.get(at)?))) else {
            let empty = self.digits.saturating_add(1).saturating_add(room);
            return if is_php { " ".repeat(empty) } else { String::new() };
        };
        let text = cut(line, room);
        let padding = if is_php { room.saturating_sub(text.width()) } else { 0 };
        let style = if is_php && self.todo.contains(&at) { WARN } else { Style::new() };
        format!("{} {style}{text}{style:#}{}", self.number(at), " ".repeat(padding))
    }

    fn number(&self, at: usize) -> String {
        let digits = self.digits;
        format!("{DIM}{:>digits$}{DIM:#}", at.saturating_add(1))
    }

    fn below(&self, block: &Block) -> Vec<String> {
        let room = self.width.saturating_sub(self.digits).saturating_sub(3);
        let side = |range: &std::ops::Range<usize>, lines: &[String], sign: char, style: Style| {
            let lines = lines.get(range.clone()).unwrap_or_default().iter().zip(range.clone());
            let line = |(line, at): (&String, usize)| {
                format!("{style}{sign}{style:#} {} {style}{}{style:#}", self.number(at), cut(line, room))
            };
            lines.map(line).collect::<Vec<_>>()
        };
        let php = side(&block.php, &self.php, '-', BAD);
        [php, side(&block.rust, &self.rust, '+', GOOD)].concat()
    }
}

/// As much of a text as there is room for.
fn cut(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let mut left = room.saturating_sub(1);
    let fits = |letter: &char| {
        let enough = left.checked_sub(letter.width().unwrap_or_default());
        left = enough.unwrap_or_default();
        enough.is_some()
    };
    text.chars().take_while(fits).chain(iter::once('…')).collect()
}
