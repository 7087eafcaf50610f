//! What is not translated, and why.

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
