//! What can be written as a literal. Nobody else can have these traits, which are there for their messages.

/// What can be an index: a text that is there as long as the program runs, as the chains made of it are kept as long.
#[diagnostic::on_unimplemented(
    message = "in brackets there can only be a literal, as in `instance[\"v3/pay/transactions/native\"]`",
    label = "this is a `{Self}`: use `chain()` instead, as in `instance.chain(path)`"
)]
pub trait LiteralSegment {
    fn literal(self) -> &'static str;
}

impl LiteralSegment for &'static str {
    fn literal(self) -> &'static str {
        self
    }
}

/// What can be written in braces in [`chain!`] as a literal.
#[diagnostic::on_unimplemented(
    message = "a segment is a text: write it in double quotes, as in `->{{\"complete\"}}`",
    label = "this is a `{Self}`"
)]
pub trait TextLiteral {
    fn text(self) -> &'static str;
}

impl TextLiteral for &'static str {
    fn text(self) -> &'static str {
        self
    }
}
