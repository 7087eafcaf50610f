//! Calls of functions and methods: who translates which.

use crate::php::tree::{Argument, Callee, ClassName, Expression as Php, ExpressionKind as E, Name};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::types::Type;
use crate::translate::value::Typed;

impl Translator<'_> {
    pub(super) fn call(&mut self, callee: &Callee, arguments: &[Argument], span: Span) -> Result<Typed> {
        match callee {
            Callee::Named(name) => {
                if let Some(function) = self.program.function(name) {
                    return self.own_call(function, arguments, span);
                }
                let name = self.program.function_name(name);
                if let ("get_class", [of]) = (name.as_str(), arguments) {
                    return self.class_of(&of.value, span);
                }
                self.builtin(&name, arguments, span)
            }
            Callee::Computed(callee) => self.call_value(callee, arguments, span),
        }
    }

    pub(super) fn method_call(
        &mut self,
        object: &Php,
        name: &Name,
        arguments: &[Argument],
        nullsafe: bool,
        span: Span,
    ) -> Result<Typed> {
        let is_this = matches!(&object.bare().kind, E::Variable(name) if name == "this");
        if is_this {
            return self.own_method(name, arguments, span);
        }
        if let Some(asked) = self.asked_moment(object, name, arguments, span)? {
            return Ok(asked);
        }
        let value = self.receiver(object, name, arguments)?;
        if nullsafe {
            return self.nullsafe_call(value, object, name, arguments, span);
        }
        self.method_of(value, object, name, arguments, span)
    }

    /// A method of a value, by the value's type.
    pub(super) fn method_of(
        &mut self,
        value: Typed,
        object: &Php,
        name: &Name,
        arguments: &[Argument],
        span: Span,
    ) -> Result<Typed> {
        match value.ty.clone() {
            Type::Unknown => self.method_of_unknown(object, name, arguments, span),
            Type::Chain => self.chain_call(value, object, name, arguments, span),
            Type::Response => self.response_call(value, name, arguments, span),
            Type::Body => self.body_call(value, name, arguments, span),
            Type::Promise(of) => self.promise_call(value, &of, object, name, arguments, span),
            Type::Media => self.media_call(value, object, name, arguments, span),
            ty if ty.is_error() || ty == Type::Source => self.error_call(value, object, name, arguments, span),
            Type::Class(class) if self.is_method_of_errors(&class, name) => {
                self.error_call(value, object, name, arguments, span)
            }
            Type::Class(class) => self.object_call(value, &class, name, arguments, span),
            Type::Object(interface) => self.interface_call(value, &interface, name, arguments, span),
            Type::Enum(class) => self.case_call(value, &class, name, arguments, span),
            Type::Optional(of) => {
                let inner = if self.is_changed_by(&of, name) {
                    self.present_to_be_changed(value, span)?
                } else {
                    self.coerce(value, &of, span)?
                };
                self.method_of(inner, object, name, arguments, span)
            }
            ty => {
                let name = match name {
                    Name::Plain(name) => format!("{name}()"),
                    Name::Computed(_) => "a method".to_owned(),
                };
                let instead = super::sdk::instead_of_method(&name, arguments);
                Err(match instead {
                    Some(instead) => Cannot::new(span, instead),
                    None => Cannot::by_type(span, format!("{name} of {ty}: it is not known here")),
                })
            }
        }
    }

    pub(super) fn static_call(
        &mut self,
        class: &ClassName,
        name: &Name,
        arguments: &[Argument],
        span: Span,
    ) -> Result<Typed> {
        let (Some(class), Name::Plain(name)) = (Self::named(class), name) else {
            return Err(Cannot::new(span, "a class or a method whose name is a value: choose with match"));
        };
        let own = matches!(class.to_ascii_lowercase().as_str(), "self" | "static" | "parent");
        if own || self.program.class(class).is_some() {
            return self.own_static_call(class, name, arguments, span);
        }
        let class = self.program.class_name(class);
        self.sdk_static(&class, name, arguments, span)
    }
}
