//! Methods, and calls of them.

use crate::php::tree::{Argument, Class, ClassName, Expression as Php, ExpressionKind as E, Name, Visibility};
use crate::rust::build::{atom, call, method, unary};
use crate::rust::tree::{Block, Expression, Function, Item, ItemKind, Statement};
use crate::rust::words::snake;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result, method_in};
use crate::translate::classes::fluent::Object;
use crate::translate::classes::inheritance::Method;
use crate::translate::exceptions::hierarchy::is_known;
use crate::translate::items::item;
use crate::translate::types::Type;
use crate::translate::value::{Form, Typed};

impl<'a> Translator<'a> {
    /// A method as an item of an `impl`.
    pub(super) fn method_item(&mut self, class: &'a Class, method: Method<'a>) -> Result<Item> {
        let key = format!("{}::{}", class.name, method.function.name);
        self.method_with(class, method, &key)
    }

    /// The same, of which the facts are kept under a key.
    pub(super) fn method_with(&mut self, class: &'a Class, method: Method<'a>, key: &str) -> Result<Item> {
        let php = method.function;
        if let "__clone" | "__destruct" = php.name.as_str() {
            return Err(Cannot::new(
                php.name_span,
                format!("{}: nothing calls it here: call a method of your own", php.name),
            ));
        }
        if let "__get" | "__set" | "__call" | "__callStatic" | "__isset" | "__unset" = php.name.as_str() {
            return Err(Cannot::new(php.name_span, format!("{}: write the properties and methods out", php.name)));
        }
        let is_enum = matches!(class.kind, crate::php::tree::ClassKind::Enum(_));
        let mutates = self.mutates_self(key);
        let first = match (self.needs_no_object(&class.name, &method), is_enum, mutates) {
            (true, ..) => vec![],
            (false, true, _) => vec!["self".to_owned()],
            (false, false, true) => vec!["&mut self".to_owned()],
            (false, false, false) => vec!["&self".to_owned()],
        };
        let doc = self.doc_of(method.member.span.start);
        if !is_enum && let Some(body) = &php.body {
            self.learn_fluent(&class.name, key, &body.statements);
        }
        let mut function = self.function_with(php, key, Some(&class.name), &doc, first)?;
        if self.is_fluent(key) {
            function.returns = Some(self.fluent_return(key));
        }
        self.learn_signature(key, &function);
        let public = method.modifiers.visibility == Visibility::Public;
        let name = method_name(&php.name);
        Ok(item(ItemKind::Function(Function { public, name, ..function })))
    }

    /// `$this->name(…)`
    pub(in crate::translate) fn own_method(
        &mut self,
        name: &Name,
        arguments: &[Argument],
        span: Span,
    ) -> Result<Typed> {
        let name = method_in(name, span)?;
        let Some(class) = self.around() else {
            return Err(Cannot::new(span, "$this outside of a class"));
        };
        let needs_object = !self.method_named(&class, name).is_some_and(|method| self.needs_no_object(&class, &method));
        if needs_object && self.constructs() {
            return Err(Cannot::new(
                span,
                "a method is called before all properties have their values: do it behind the constructor",
            ));
        }
        let is_enum =
            self.program.class(&class).is_some_and(|c| matches!(c.kind, crate::php::tree::ClassKind::Enum(_)));
        if is_enum {
            let case = Typed::place(atom("self"), Type::Enum(class.clone()));
            return self.case_call(case, &class, &Name::Plain(name.clone()), arguments, span);
        }
        let this = Typed::reference(atom("self"), Type::Class(class.clone()));
        if self.mutates_self(&self.key_of_method(&class, name)) {
            self.learn_mutates_self();
        }
        self.method_on(this, &class, name, arguments, span)
    }

    pub(super) fn key_of_method(&self, class: &str, name: &str) -> String {
        let php = self.method_named(class, name).map_or(name, |method| &method.function.name);
        format!("{class}::{php}")
    }

    /// `$object->name(…)` of a class of this file.
    pub(in crate::translate) fn object_call(
        &mut self,
        object: Typed,
        class: &str,
        name: &Name,
        arguments: &[Argument],
        span: Span,
    ) -> Result<Typed> {
        let name = method_in(name, span)?;
        if self.mutates_self(&self.key_of_method(class, name)) {
            self.learn_object_changed(&object);
        }
        self.method_on(object, class, name, arguments, span)
    }

    fn method_on(
        &mut self,
        object: Typed,
        class: &str,
        name: &str,
        arguments: &[Argument],
        span: Span,
    ) -> Result<Typed> {
        let Some(found) = self.method_named(class, name) else {
            if self.property_named(class, name).is_some() {
                return Err(Cannot::new(span, format!("${name} is a property of {class}, not a method")));
            }
            return Err(Cannot::new(span, format!("{class} has no method {name}() in this file: port them together")));
        };
        let key = format!("{class}::{}", found.function.name);
        let arguments = self.arguments(&key, &found.function.parameters, arguments, span)?;
        let rust = method_name(&found.function.name);
        if self.needs_no_object(class, &found) {
            let path = format!("{}::{rust}", self.class_path(class));
            return self.called(&key, call(&path, arguments), found.function.returns.as_ref(), span);
        }
        let known = Object::of(&object);
        let code = method(object.code, &rust, arguments);
        let called = self.called(&key, code, found.function.returns.as_ref(), span)?;
        Ok(if self.is_fluent(&key) { self.chained(called, class, &key, known) } else { called })
    }

    /// `self::name(…)`, `parent::name(…)`, `Own::name(…)`
    pub(in crate::translate) fn own_static_call(
        &mut self,
        class: &str,
        name: &str,
        arguments: &[Argument],
        span: Span,
    ) -> Result<Typed> {
        let target = match class.to_ascii_lowercase().as_str() {
            "self" | "static" => self.around(),
            "parent" => return self.parent_call(name, arguments, span),
            _ => self.program.class(class).map(|class| class.name.clone()),
        };
        let Some(target) = target else {
            return Err(Cannot::new(span, format!("{class} is not in this file")));
        };
        let is_enum =
            self.program.class(&target).is_some_and(|c| matches!(c.kind, crate::php::tree::ClassKind::Enum(_)));
        if is_enum && let Some(made) = self.enum_static(&target, name, arguments, span)? {
            return Ok(made);
        }
        let Some(found) = self.method_named(&target, name) else {
            return Err(Cannot::new(span, format!("{target} has no method {name}() in this file: port them together")));
        };
        if !found.modifiers.is_static {
            return self.own_method(&Name::Plain(name.to_owned()), arguments, span);
        }
        if self.program.class(&target).is_some_and(|class| class.modifiers.is_abstract) {
            return Err(Cannot::new(span, "a static method of an abstract class: call it on a class that extends it"));
        }
        let key = format!("{target}::{}", found.function.name);
        let arguments = self.arguments(&key, &found.function.parameters, arguments, span)?;
        let path = format!("{}::{}", self.class_path(&target), method_name(&found.function.name));
        self.called(&key, call(&path, arguments), found.function.returns.as_ref(), span)
    }

    pub(in crate::translate) fn new_object(
        &mut self,
        class: &ClassName,
        arguments: &[Argument],
        span: Span,
    ) -> Result<Typed> {
        let Some(written) = Self::named(class) else {
            return Err(Cannot::new(
                span,
                "a class without a name, or whose name is a value: write a class and choose with match",
            ));
        };
        let target = match written.to_ascii_lowercase().as_str() {
            "self" | "static" => self.around(),
            _ => self.program.class(written).map(|class| class.name.clone()),
        };
        let Some(target) = target else {
            let class = self.program.class_name(written);
            if is_known(&class) && !class.contains('\\') {
                return self.new_builtin(&class, arguments, span);
            }
            return self.sdk_new(&class, arguments, span);
        };
        let kept =
            if self.program.is_exception(&target) { Some(self.kept_arguments(&target, arguments)) } else { None };
        let arguments = kept.as_deref().unwrap_or(arguments);
        let key = format!("{target}::__construct");
        let parameters = self.method_named(&target, "__construct").map_or(&[][..], |found| &found.function.parameters);
        let arguments = self.arguments(&key, parameters, arguments, span)?;
        if self.facts.functions.get(&key).is_some_and(|facts| facts.is_untranslated) {
            return Err(Cannot::new(span, format!("it makes a {target}, whose constructor is not translated")));
        }
        let path = format!("{}::new", self.class_path(&target));
        self.learnt.functions.entry(key.clone()).or_default().called = true;
        let fails = self.facts.functions.get(&key).is_some_and(|facts| facts.fails);
        let code = call(&path, arguments);
        let (code, passes_on) = if fails { (self.try_(span, code)?, true) } else { (code, false) };
        Ok(Typed { passes_on, ..Typed::owned(code, Type::Class(target)) })
    }

    /// `$object?->name(…)`
    pub(in crate::translate) fn nullsafe_call(
        &mut self,
        value: Typed,
        object: &Php,
        name: &Name,
        arguments: &[Argument],
        span: Span,
    ) -> Result<Typed> {
        let Type::Optional(of) = value.ty.clone() else {
            return self.method_of(value, object, name, arguments, span);
        };
        if *of == Type::Response {
            // Without an answer there is nothing to decode: an error here, and one further on in PHP.
            let inner = self.coerce(value, &of, span)?;
            return self.method_of(inner, object, name, arguments, span);
        }
        let inner = Typed::reference(atom("object"), (*of).clone());
        let discards = self.scope().discards;
        let called = self.method_of(inner, object, name, arguments, span)?;
        let mutates = self.is_changed_by(&of, name);
        if mutates {
            if value.form == Form::Reference {
                return Err(Cannot::new(span, "an object that may be null is changed: check that it is not, first"));
            }
            self.learn_object_changed(&value);
        }
        if discards && called.chained.is_some() {
            return Ok(Typed::owned(where_present(value, mutates, called.code), Type::Null));
        }
        let ty = called.ty.clone();
        let is_dyn = matches!(*of, Type::Object(_));
        let optional = match (value.form, mutates) {
            (Form::Reference, _) => value.code,
            (_, true) if is_dyn => method(value.code, "as_deref_mut", vec![]),
            (_, false) if is_dyn => method(value.code, "as_deref", vec![]),
            (_, true) => method(value.code, "as_mut", vec![]),
            (_, false) => method(value.code, "as_ref", vec![]),
        };
        let combine = if matches!(ty, Type::Optional(_)) { "and_then" } else { "map" };
        let (body, fails) = match called.into_owned() {
            Expression::Try(inner) => (*inner, true),
            code => (code, false),
        };
        let code = method(optional, combine, vec![crate::rust::build::closure(&["object"], body)]);
        let code = if fails { self.try_(span, method(code, "transpose", vec![]))? } else { code };
        Ok(Typed::owned(code, ty.optional()))
    }

    /// Whether a method of a class of this file changes its object.
    pub(in crate::translate) fn is_changed_by(&self, ty: &Type, name: &Name) -> bool {
        match (ty, name) {
            (Type::Class(class), Name::Plain(name)) => self.mutates_self(&self.key_of_method(class, name)),
            (Type::Object(_), Name::Plain(name)) => {
                self.declared_method(ty, name).is_some_and(|key| self.mutates_self(&key))
            }
            _ => false,
        }
    }

    /// `(string) $object`: `__toString`.
    pub(in crate::translate) fn object_text(&mut self, object: Typed, class: &str, span: Span) -> Result<Typed> {
        if self.method_named(class, "__toString").is_none() {
            return Err(Cannot::new(span, format!("a {class} is no text: it has no __toString")));
        }
        self.method_on(object, class, "__toString", &[], span)
    }

    /// Whether an expression is `$this`.
    pub(in crate::translate) fn is_this(php: &Php) -> bool {
        matches!(&php.bare().kind, E::Variable(name) if name == "this")
    }
}

/// `if let Some(object) = &mut value { call; }`
fn where_present(value: Typed, mutates: bool, call: Expression) -> Expression {
    let of = match (value.form, mutates) {
        (Form::Reference, _) => value.code,
        (_, true) => unary("&mut ", value.code),
        (_, false) => unary("&", value.code),
    };
    let condition = Expression::Let { pattern: "Some(object)".to_owned(), value: Box::new(of) };
    let then = Block::new(vec![Statement::expression(call)]);
    Expression::If { condition: Box::new(condition), then, otherwise: None }
}

/// `__toString` is `to_text`, `__invoke` is `invoke`.
pub fn method_name(php: &str) -> String {
    match php {
        "__toString" => "text".to_owned(),
        name => snake(name.trim_start_matches('_')),
    }
}
