//! Texts. The parser has resolved their escapes and taken off the indentation of heredocs.

use php_ast as parsed;
use php_ast::StringPart;

use super::{Reader, Reading};
use crate::php::tree::{Expression, ExpressionKind, Part};

/// PHP's texts are bytes.
pub(super) fn text(bytes: &[u8]) -> ExpressionKind {
    match std::str::from_utf8(bytes) {
        Ok(text) => ExpressionKind::Text(text.to_owned()),
        Err(_) => ExpressionKind::Bytes(bytes.to_vec()),
    }
}

impl Reader<'_> {
    /// A text with values in it, or in double quotes and without.
    pub(super) fn interpolated(&mut self, span: parsed::Span, parts: &[StringPart<'_, '_>]) -> Reading<ExpressionKind> {
        let mut read = Vec::with_capacity(parts.len());
        let mut bytes = Vec::new();
        for part in parts {
            match part {
                StringPart::Literal(literal) => bytes.extend_from_slice(literal.as_bytes()),
                StringPart::Expr(value) => {
                    self.flush(span, &mut bytes, &mut read);
                    read.push(Part::Value(self.expression(value)?));
                }
                _ => {}
            }
        }
        if read.is_empty() {
            return Ok(text(&bytes));
        }
        self.flush(span, &mut bytes, &mut read);
        Ok(ExpressionKind::Interpolated(read))
    }

    /// Bytes that are not UTF-8 are a value.
    fn flush(&self, span: parsed::Span, bytes: &mut Vec<u8>, into: &mut Vec<Part>) {
        if bytes.is_empty() {
            return;
        }
        into.push(match text(bytes) {
            ExpressionKind::Text(text) => Part::Text(text),
            kind => Part::Value(Expression { span: self.span(span), kind }),
        });
        bytes.clear();
    }
}
