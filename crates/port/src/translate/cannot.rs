//! What is not translated, and why.

use crate::php::tree::Name;
use crate::source::Span;

/// Why something is left as it is: reported with its place, above the PHP as a comment.
#[derive(Debug, Clone)]
pub struct Cannot {
    pub span: Span,
    /// What is the matter, and what to do instead. One line, no full stop at the end.
    pub message: String,
    /// Whether only the type of a value is in the way: with another value it could be translated.
    pub by_type: bool,
}

impl Cannot {
    pub fn new(span: Span, message: impl Into<String>) -> Cannot {
        Cannot { span, message: message.into(), by_type: false }
    }

    /// Because of the type of a value.
    pub fn by_type(span: Span, message: impl Into<String>) -> Cannot {
        Cannot { by_type: true, ..Cannot::new(span, message) }
    }
}

pub type Result<T> = std::result::Result<T, Cannot>;

/// The name of a method, which has to stand in the source.
pub fn method_in(name: &Name, span: Span) -> Result<&String> {
    match name {
        Name::Plain(name) => Ok(name),
        Name::Computed(_) => Err(Cannot::new(span, "a method whose name is a value: choose with match")),
    }
}

/// The name of a property, which has to stand in the source.
pub fn property_in(name: &Name, span: Span) -> Result<&String> {
    match name {
        Name::Plain(name) => Ok(name),
        Name::Computed(_) => {
            Err(Cannot::new(span, "a property whose name is a value: keep the values in an array, by name"))
        }
    }
}
