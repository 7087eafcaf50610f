//! The text of a PHP file, and places in it.

use std::ops::Range;

use crate::refusal::Refusal;

pub use crate::position::Position;

/// A piece of the source: bytes from `start` to before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    pub fn encloses(self, inner: Span) -> bool {
        self.start <= inner.start && inner.end <= self.end
    }
}

/// What a source is, which decides what the Rust that is made of it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// With `<?php`.
    File,
    /// Statements without it, as in a page of documentation.
    Snippet,
    /// Nothing but `'key' => value, …`.
    Pairs,
}

/// PHP source, and what had to be put around it for the parser to accept it.
#[derive(Debug)]
pub struct Source {
    /// What was given, with what was put around it.
    text: String,
    kind: Kind,
    /// Where what was given stands in `text`.
    given: Range<usize>,
    /// Where in `text` what the parser is given ends: a snippet may do without its last semicolon.
    parsed: usize,
    /// Where the lines of what was given begin, in it.
    lines: Vec<usize>,
}

impl Source {
    /// Of what [`decoded`] gives.
    pub fn new(given: &str, kind: Kind) -> Source {
        let (before, behind) = match kind {
            Kind::File => ("", ""),
            Kind::Snippet => ("<?php ", "\n;"),
            Kind::Pairs => ("<?php [", "\n];"),
        };
        let text = format!("{before}{given}{behind}");
        let given = before.len()..before.len() + given.len();
        let parsed = if kind == Kind::Pairs { text.len() } else { given.end };
        let begins = text[given.clone()].match_indices('\n').map(|(at, _)| at + 1);
        let lines = std::iter::once(0).chain(begins).collect();
        Source { text, kind, given, parsed, lines }
    }

    /// What spans are places in.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The part of `text` that the parser is given first.
    pub fn parsed(&self) -> &str {
        &self.text[..self.parsed]
    }

    /// The part of `text` that was given.
    pub fn given(&self) -> Range<usize> {
        self.given.clone()
    }

    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// What stands there.
    pub fn slice(&self, span: Span) -> &str {
        let start = span.start.clamp(self.given.start, self.given.end);
        self.text.get(start..span.end.clamp(start, self.given.end)).unwrap_or_default()
    }

    /// Where that is in what was given.
    pub fn position(&self, offset: usize) -> Position {
        let given = &self.text[self.given()];
        let offset = offset.saturating_sub(self.given.start);
        let line = self.lines.partition_point(|begin| *begin <= offset).saturating_sub(1);
        let begin = self.lines.get(line).copied().unwrap_or_default();
        let within = position_in(given.get(begin..).unwrap_or_default(), offset.saturating_sub(begin));
        // Behind the end there are no more lines.
        Position { line: line + within.line, column: within.column }
    }
}

/// The text of a source.
///
/// # Errors
///
/// [`Refusal::NotUtf8`], with the place.
pub fn decoded(bytes: &[u8]) -> Result<&str, Refusal> {
    let given = std::str::from_utf8(bytes).map_err(|error| {
        let valid = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
        Refusal::NotUtf8 { position: position_in(without_mark(&valid), usize::MAX) }
    })?;
    Ok(without_mark(given))
}

/// Columns and the parser's first token begin behind the mark of the byte order.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

fn position_in(text: &str, offset: usize) -> Position {
    let end = (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let before = &text[..end];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Position { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
}
