//! What the porter has to say of a source that it has written Rust for.

use std::fmt;

use crate::position::Position;

/// One thing to know, with its place in PHP.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// Whether something is left to do.
    pub kind: FindingKind,
    /// Where in the source.
    pub position: Position,
    /// What is the matter, and what to do instead: one line.
    pub message: String,
}

/// Whether something is left to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingKind {
    /// Not translated: the PHP stands there as a comment.
    Todo,
    /// Translated, and something differs.
    Note,
}

impl fmt::Display for Finding {
    /// `LINE:COLUMN: note: message`, or without the word for what is left to do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self.kind {
            FindingKind::Todo => "",
            FindingKind::Note => "note: ",
        };
        write!(f, "{}:{}: {word}{}", self.position.line, self.position.column, self.message)
    }
}
