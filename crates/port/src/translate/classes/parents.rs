//! `parent::name(…)`: the method of the parent, which the class has under another name beside its own.

use crate::php::tree::{Argument, Class};
use crate::rust::build::{atom, call, method};
use crate::rust::tree::{Item, ItemKind};
use crate::rust::words::snake;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::classes::fluent::Object;
use crate::translate::classes::inheritance::Method;
use crate::translate::classes::methods::method_name;
use crate::translate::types::Type;
use crate::translate::value::Typed;

/// Stands in the keys of such methods, before the class that declares them.
const PARENT: &str = "parent ";

impl<'a> Translator<'a> {
    /// `parent::name(…)`
    pub(super) fn parent_call(&mut self, name: &str, arguments: &[Argument], span: Span) -> Result<Typed> {
        let (Some(class), Some(parent)) = (self.around(), self.parent_at(span)) else {
            return Err(Cannot::new(span, "parent of a class that is not in this file: port them together"));
        };
        if name.eq_ignore_ascii_case("__construct") {
            return Err(Cannot::new(
                span,
                "parent::__construct() outside of a constructor: make a method of what it does",
            ));
        }
        if self.constructs() {
            return Err(Cannot::new(
                span,
                "a method is called before all properties have their values: do it behind the constructor",
            ));
        }
        let Some(found) = self.method_named(&parent, name) else {
            return Err(Cannot::new(span, format!("{parent} has no method {name}() in this file: port them together")));
        };
        let declaring = self.declaring(found.member.span).unwrap_or(parent);
        let key = key_of(&class, &declaring, &found.function.name);
        let rust = renamed(&declaring, &found.function.name);
        let is_taken = self
            .program
            .class(&class)
            .is_some_and(|class| self.methods(class).iter().any(|method| method_name(&method.function.name) == rust));
        if is_taken {
            return Err(Cannot::new(
                span,
                format!("{class} has a method {rust}() already: call one of them differently"),
            ));
        }
        let arguments = self.arguments(&key, &found.function.parameters, arguments, span)?;
        let hint = found.function.returns.as_ref();
        if self.needs_no_object(&declaring, &found) {
            return self.called(&key, call(&format!("Self::{rust}"), arguments), hint, span);
        }
        let this = Typed::reference(atom("self"), Type::Class(class.clone()));
        if self.mutates_self(&key) {
            self.learn_object_changed(&this);
        }
        let known = Object::of(&this);
        let called = self.called(&key, method(this.code, &rust, arguments), hint, span)?;
        Ok(if self.is_fluent(&key) { self.chained(called, &class, &key, known) } else { called })
    }

    /// The key of the method that `parent::name(…)` calls.
    pub(super) fn key_in_parent(&self, class: &str, name: &str, span: Span) -> Option<String> {
        let parent = self.parent_at(span)?;
        let found = self.method_named(&parent, name)?;
        let declaring = self.declaring(found.member.span).unwrap_or(parent);
        Some(key_of(class, &declaring, &found.function.name))
    }

    /// The methods of its parents that a class calls by `parent::`.
    pub(super) fn parent_methods(&mut self, class: &'a Class) -> Result<Vec<Item>> {
        let start = format!("{}::{PARENT}", class.name);
        let called = self.facts.functions.iter().filter(|(_, facts)| facts.called);
        let keys: Vec<String> = called.filter(|(key, _)| key.starts_with(&start)).map(|(key, _)| key.clone()).collect();
        let mut items = Vec::new();
        for key in keys {
            let Some((declaring, name)) = key[start.len()..].split_once(' ') else { continue };
            let Some(found) = self.method_named(declaring, name) else { continue };
            let found = Method { is_own: false, ..found };
            let mark = self.mark();
            let translated = self.method_with(class, found, &key);
            self.give_back(mark);
            let mut item = translated?;
            if let ItemKind::Function(function) = &mut item.kind {
                function.name = renamed(declaring, name);
                function.public = false;
            }
            item.lead.blank = true;
            items.push(item);
        }
        Ok(items)
    }
}

fn key_of(class: &str, declaring: &str, name: &str) -> String {
    format!("{class}::{PARENT}{declaring} {name}")
}

/// What a class calls the method of a parent that it has one of its own in place of.
fn renamed(declaring: &str, name: &str) -> String {
    format!("{}_{}", snake(declaring), method_name(name))
}
