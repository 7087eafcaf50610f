//! Texts with values in them: `"…{$a}…"` and `.` become `format!`.

use crate::php::tree::{Binary, Expression as Php, ExpressionKind as E, Part};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::Result;
use crate::translate::coerce::Shown;
use crate::translate::types::Type;
use crate::translate::value::Typed;

impl Translator<'_> {
    pub(super) fn interpolated(&mut self, parts: &[Part], span: Span) -> Result<Typed> {
        let mut shown = Vec::new();
        for part in parts {
            self.push_part(part, &mut shown, span)?;
        }
        Ok(self.format(shown))
    }

    fn push_part(&mut self, part: &Part, shown: &mut Vec<Shown>, span: Span) -> Result<()> {
        shown.push(match part {
            Part::Text(text) => Shown::Text(text.clone()),
            Part::Value(value) => {
                let value = self.expression(value)?;
                self.shown(value, span)?
            }
        });
        Ok(())
    }

    /// `a . b . c`: one `format!`.
    pub(super) fn concat(&mut self, left: &Php, right: &Php, _span: Span) -> Result<Typed> {
        let mut operands = vec![right];
        let mut rest = left;
        // The left side is deep, one level for each dot.
        while let E::Binary { operator: Binary::Concat, left, right } = &rest.kind {
            operands.push(right);
            rest = left;
        }
        operands.push(rest);
        operands.reverse();
        let mut shown = Vec::new();
        for operand in operands {
            match &operand.bare().kind {
                E::Interpolated(parts) => {
                    for part in parts {
                        self.push_part(part, &mut shown, operand.span)?;
                    }
                }
                _ => {
                    let value = self.expression(operand)?;
                    shown.extend(self.pieces(value, operand.span)?);
                }
            }
        }
        Ok(self.format(shown))
    }

    /// What `echo` prints, as pieces of a `print!`.
    pub(super) fn echoed(&mut self, values: &[Php]) -> Result<Vec<Shown>> {
        let mut shown = Vec::new();
        for php in values {
            match &php.bare().kind {
                E::Interpolated(parts) => {
                    for part in parts {
                        self.push_part(part, &mut shown, php.span)?;
                    }
                }
                E::Binary { operator: Binary::Concat, left, right } => {
                    let whole = self.concat(left, right, php.span)?;
                    shown.extend(self.unformatted(whole, php.span)?);
                }
                _ => {
                    let value = self.expression(php)?;
                    shown.extend(self.pieces(value, php.span)?);
                }
            }
        }
        Ok(shown)
    }

    /// A value as pieces of a `format!`: what is one becomes part of it.
    fn pieces(&mut self, value: Typed, span: Span) -> Result<Vec<Shown>> {
        match &value.code {
            crate::rust::tree::Expression::Macro { name, .. } if name == "format" => self.unformatted(value, span),
            _ => Ok(vec![self.shown(value, span)?]),
        }
    }

    /// The pieces of a `format!` that was just made, to become pieces of another.
    fn unformatted(&mut self, value: Typed, span: Span) -> Result<Vec<Shown>> {
        use crate::rust::tree::Expression;
        match value.code {
            Expression::Macro { name, arguments } if name == "format" => {
                let mut arguments = arguments.into_iter();
                let Some(Expression::Format(format)) = arguments.next() else { return Ok(vec![]) };
                let mut shown = Vec::new();
                let mut text = String::new();
                let mut characters = format.chars().peekable();
                while let Some(c) = characters.next() {
                    match c {
                        '{' | '}' if characters.peek() == Some(&c) => {
                            characters.next();
                            text.push(c);
                        }
                        '{' => {
                            shown.push(Shown::Text(std::mem::take(&mut text)));
                            let name: String = characters.by_ref().take_while(|c| *c != '}').collect();
                            if name.is_empty() {
                                shown.extend(arguments.next().map(Shown::Argument));
                            } else if let Some(spec) = name.strip_prefix(':') {
                                shown.extend(
                                    arguments.next().map(|argument| Shown::Formatted(argument, spec.to_owned())),
                                );
                            } else {
                                shown.push(Shown::Name(name));
                            }
                        }
                        c => text.push(c),
                    }
                }
                shown.push(Shown::Text(text));
                Ok(shown)
            }
            code => Ok(vec![self.shown(Typed::new(code, Type::Text, value.form), span)?]),
        }
    }
}
