//! Objects of which only an interface is known: in a `Box`, or behind a reference.

use crate::rust::build::{call, macro_call, method, reference, text, unary};
use crate::rust::tree::Expression;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::types::Type;
use crate::translate::value::{Form, Typed};

impl Translator<'_> {
    /// An object as one of which only an interface is known, or a list of them; the value itself if it is about something else.
    pub(super) fn as_object(
        &mut self,
        value: Typed,
        to: &Type,
        span: Span,
    ) -> Result<std::result::Result<Typed, Typed>> {
        match (&value.ty, to) {
            (Type::Class(class), Type::Object(interface)) if self.program.is_a(class, interface) => {
                Ok(Ok(Typed::owned(call("Box::new", vec![value.into_owned()]), to.clone())))
            }
            (Type::List(from), Type::List(into)) if into.has_dyn() => match value.code {
                Expression::Macro { name, arguments } if name == "vec" => {
                    let elements = arguments.into_iter().map(|code| Typed::owned(code, (**from).clone()));
                    let elements = self.dyn_elements(elements.collect(), into, span)?;
                    Ok(Ok(Typed::owned(macro_call("vec", elements), to.clone())))
                }
                _ => Ok(Err(value)),
            },
            _ => Ok(Err(value)),
        }
    }

    /// What holds objects of either of two classes, or lists of them: an interface that both have.
    pub(super) fn wider_object(&mut self, one: &Type, other: &Type) -> Option<Type> {
        match (one, other) {
            (Type::List(one), Type::List(other)) => self.wider_object(one, other).map(Type::list),
            (Type::Optional(_), _) | (_, Type::Optional(_)) => {
                self.wider_object(one.present(), other.present()).map(Type::optional)
            }
            (one, other) => self.common_interface(&[one.clone(), other.clone()]),
        }
    }

    /// Whether a variable is an object, or may be one, that something changes.
    pub(super) fn is_changing_object(&self, name: &str) -> bool {
        let facts = self.facts_of(name);
        facts.mutated && matches!(facts.ty.present(), Type::Class(_) | Type::Object(_))
    }

    /// Values of one type, the first of which says which that is where they are of several classes.
    pub(super) fn dyn_elements(&mut self, values: Vec<Typed>, to: &Type, span: Span) -> Result<Vec<Expression>> {
        let mut codes = Vec::new();
        for value in values {
            let is_narrower = value.ty != *to;
            let code = self.coerce(value, to, span)?.into_owned();
            codes.push(match self.dyn_text(to) {
                Some(ty) if codes.is_empty() && is_narrower => Expression::Cast { operand: Box::new(code), ty },
                _ => code,
            });
        }
        Ok(codes)
    }

    /// An object in an `Option` that PHP takes to be there, as what is called on it changes it.
    pub(super) fn present_to_be_changed(&mut self, value: Typed, span: Span) -> Result<Typed> {
        if value.form == Form::Reference {
            return Err(Cannot::new(span, "an object that may be null is changed: check that it is not, first"));
        }
        self.import("anyhow::Context");
        self.learn_object_changed(&value);
        let ty = value.ty.present().clone();
        let message = format!("line {}: this is null", self.line(span));
        let present = method(value.code, "as_mut", vec![]);
        let code = self.try_(span, method(present, "context", vec![text(message)]))?;
        Ok(Typed::reference(code, ty))
    }
}

/// What a condition finds in an `Option`: a reference to it, or `&mut` to an object that changes.
pub fn lent(option: Expression, of: &Type, changes: bool) -> Expression {
    match (of, changes) {
        (Type::Object(_), true) => method(option, "as_deref_mut", vec![]),
        (Type::Object(_), false) => method(option, "as_deref", vec![]),
        (_, true) => unary("&mut ", option),
        (_, false) => reference(option),
    }
}
