//! Why nothing is written for a source.

use std::error::Error;
use std::fmt;

use crate::position::Position;

/// Why there is no output at all.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The source is not UTF-8 from here on.
    NotUtf8 { position: Position },
    /// The source is not PHP.
    Syntax { position: Position, message: String },
    /// Deeper than the porter follows.
    TooDeep { position: Position },
    /// The porter has lost something: an error of its own, found by its own check.
    Lost { position: Position, what: String },
}

impl Refusal {
    /// Where in the source.
    pub fn position(&self) -> Position {
        match self {
            Refusal::NotUtf8 { position }
            | Refusal::Syntax { position, .. }
            | Refusal::TooDeep { position }
            | Refusal::Lost { position, .. } => *position,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::NotUtf8 { .. } => f.write_str("not UTF-8: save the file as UTF-8"),
            Refusal::Syntax { message, .. } => write!(f, "not PHP: {message}"),
            Refusal::TooDeep { .. } => f.write_str("nested too deeply: take the expression apart"),
            Refusal::Lost { what, .. } => {
                write!(f, "the porter has lost {what}: nothing is written; please report this file")
            }
        }
    }
}

impl Error for Refusal {}
