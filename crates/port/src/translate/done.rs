//! What a statement has evaluated so far: what comes before the statement must not change it.

use crate::source::Span;

/// What a statement has evaluated so far, where it stands in the Rust.
#[derive(Debug)]
pub struct Done {
    pub span: Span,
    pub what: What,
}

#[derive(Debug, PartialEq, Eq)]
pub enum What {
    /// A variable was read, or a property: `->name`.
    Read(String),
    /// A function or a method was called that is none of PHP's own.
    Call,
}
