//! Arguments and results of a declared type in a file without strict types: PHP converts what can be converted.

use crate::rust::build::{atom, call};
use crate::rust::tree::Expression;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::Result;
use crate::translate::types::Type;
use crate::translate::value::Typed;

impl Translator<'_> {
    /// A value of one scalar type where another is declared. Texts that are no numbers are a `TypeError`, as in PHP.
    pub(super) fn weak(&mut self, value: Typed, to: &Type, span: Span) -> Result<Typed> {
        if self.strict {
            return Ok(value);
        }
        Ok(match (&value.ty, to.present()) {
            (Type::Text | Type::Float, Type::Integer) => {
                match value.literal().and_then(|text| text.parse::<i64>().ok()) {
                    Some(number) => Typed::integer(atom(crate::translate::literals::integer_literal(number))),
                    None => {
                        let code = self.argument_of(value, "integer_argument");
                        Typed::integer(self.try_(span, code)?)
                    }
                }
            }
            (Type::Text, Type::Float) => {
                let code = self.argument_of(value, "float_argument");
                Typed::owned(self.try_(span, code)?, Type::Float)
            }
            (Type::Boolean, Type::Integer) => self.to_integer(value, span)?,
            (Type::Boolean, Type::Float) => self.to_float(value, span)?,
            (Type::Integer | Type::Float | Type::Text, Type::Boolean) => Typed::boolean(self.truth(value, span)?),
            _ => value,
        })
    }

    fn argument_of(&mut self, value: Typed, function: &str) -> Expression {
        let path = self.php(function);
        let argument = if value.ty.is_copy() { value.operand() } else { value.borrowed() };
        call(&path, vec![argument])
    }
}
