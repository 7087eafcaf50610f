//! A property that was compared with null: where it is there, it has a name of its own.

use crate::php::tree::{
    Binary, Block as PhpBlock, Expression as Php, ExpressionKind as E, Name, Statement, StatementKind as S,
};
use crate::php::walk::each_expression_in;
use crate::rust::build::{arm, if_else, method};
use crate::rust::tree::{Block, Expression};
use crate::rust::words::snake;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::Result;
use crate::translate::conditions::compared_with_null;
use crate::translate::objects::lent;
use crate::translate::scope::Present;
use crate::translate::types::Type;
use crate::translate::value::{Form, Typed};

impl Translator<'_> {
    /// `$a->b !== null ? f($a->b) : c`: `if let Some(b) = &a.b { f(b) } else { c }`.
    pub(super) fn choice_by_present_property(
        &mut self,
        condition: &Php,
        then: &Php,
        otherwise: &Php,
        span: Span,
    ) -> Result<Option<Typed>> {
        let Some((_, is_there)) = compared(condition) else { return Ok(None) };
        let (there, absent) = if is_there { (then, otherwise) } else { (otherwise, then) };
        let mut parts = Vec::new();
        there.each(&mut |part| parts.push(part));
        let Some((subject, present)) = self.there(condition, &parts)? else { return Ok(None) };
        let pattern = format!("Some({})", present.rust);
        self.scope().conditional += 1;
        let early = if is_there { None } else { Some(self.expression(absent)) };
        let there = self.with_present(present, |translator| translator.expression(there));
        let late = if is_there { Some(self.expression(absent)) } else { None };
        self.scope().conditional -= 1;
        let Some(absent) = early.or(late) else { return Ok(None) };
        let (there, absent) = (there?, absent?);
        if there.is_unknown() || absent.is_unknown() {
            return Ok(Some(Typed::owned(crate::rust::build::atom("unknown"), there.ty.join(&absent.ty))));
        }
        let (there, absent, ty, form) = self.same_type(there, absent, span)?;
        let code = if is_there {
            let condition = Expression::Let { pattern, value: Box::new(subject) };
            if_else(condition, Block::of(there), Block::of(absent))
        } else {
            let arms = vec![arm("None", absent), arm(pattern, there)];
            Expression::Match { subject: Box::new(subject), arms }
        };
        Ok(Some(Typed::new(code, ty, form)))
    }

    /// The same of `if ($a->b !== null) { … }`: the condition, and what is known inside.
    pub(super) fn present_in(&mut self, condition: &Php, body: &PhpBlock) -> Result<Option<(Expression, Present)>> {
        if !matches!(compared(condition), Some((_, true))) || takes_away(&body.statements) {
            return Ok(None);
        }
        let mut parts = Vec::new();
        each_expression_in(&body.statements, &mut |part| parts.push(part));
        let Some((value, present)) = self.there(condition, &parts)? else { return Ok(None) };
        let pattern = format!("Some({})", present.rust);
        Ok(Some((Expression::Let { pattern, value: Box::new(value) }, present)))
    }

    /// What is matched with `Some(…)`, if nothing in these parts may change the object.
    fn there(&mut self, condition: &Php, parts: &[&Php]) -> Result<Option<(Expression, Present)>> {
        let Some((place, _)) = compared(condition) else { return Ok(None) };
        let Some((object, property)) = property_of(place) else { return Ok(None) };
        if !only_reads(parts, object) || (object == "this" && self.constructs()) {
            return Ok(None);
        }
        let value = self.expression(place)?;
        let (Type::Optional(of), Form::Place) = (&value.ty, value.form) else { return Ok(None) };
        let ty = (**of).clone();
        let compares = matches!(condition.bare().kind, E::Binary { .. } | E::Isset(_));
        if !compares && matches!(ty, Type::Boolean | Type::Integer | Type::Float | Type::Text | Type::List(_)) {
            return Ok(None);
        }
        let rust = self.variable_name(&snake(property));
        let changes = parts.iter().any(|part| match &part.kind {
            E::MethodCall { object: called, name, .. } => {
                property_of(called) == Some((object, property)) && self.is_changed_by(&ty, name)
            }
            _ => false,
        });
        if changes {
            self.learn_object_changed(&value);
            self.learn_mutated(object);
        }
        let subject = match &ty {
            Type::Text => method(value.code, "as_deref", vec![]),
            ty if ty.is_copy() => value.code,
            ty => lent(value.code, ty, changes),
        };
        Ok(Some((subject, Present { object: object.to_owned(), property: property.to_owned(), rust, ty })))
    }

    /// Translates where the property is known to be there.
    pub(super) fn with_present<T>(&mut self, present: Present, translate: impl FnOnce(&mut Self) -> T) -> T {
        self.scope().present.push(present);
        let translated = translate(self);
        self.scope().present.pop();
        translated
    }

    /// `$object->name`, where it is known to be there.
    pub(super) fn present_property(&self, object: &Php, name: &Name) -> Option<Typed> {
        let (E::Variable(object), Name::Plain(name)) = (&object.bare().kind, name) else { return None };
        let present = &self.scopes.last()?.present;
        let found = present.iter().rev().find(|present| present.object == *object && present.property == *name)?;
        let code = crate::rust::build::atom(found.rust.clone());
        let form = if found.ty.is_copy() { Form::Place } else { Form::Reference };
        Some(Typed::new(code, found.ty.clone(), form))
    }
}

/// The property that a condition is about, and whether it says that it is there.
fn compared(condition: &Php) -> Option<(&Php, bool)> {
    let condition = condition.bare();
    let (place, is_there) = match &condition.kind {
        E::Property { .. } => (condition, true),
        E::Isset(of) => (of.first().filter(|_| of.len() == 1)?, true),
        E::Binary { operator: Binary::NotIdentical | Binary::NotEqual, left, right } => {
            (compared_with_null(left, right)?, true)
        }
        E::Binary { operator: Binary::Identical | Binary::Equal, left, right } => {
            (compared_with_null(left, right)?, false)
        }
        _ => return None,
    };
    property_of(place).map(|_| (place.bare(), is_there))
}

/// The variable and the name of `$a->b`.
fn property_of(php: &Php) -> Option<(&str, &str)> {
    match &php.bare().kind {
        E::Property { object, name: Name::Plain(name), nullsafe: false } => match &object.bare().kind {
            E::Variable(object) => Some((object, name)),
            _ => None,
        },
        _ => None,
    }
}

/// Whether nothing is done with the object in this variable but to read its properties.
fn only_reads(parts: &[&Php], object: &str) -> bool {
    let mentions = |part: &&&Php| matches!(&part.kind, E::Variable(name) if name == object);
    let reads = |part: &&&Php| property_of(part).is_some_and(|(of, _)| of == object);
    let is_changed = |part: &Php| match &part.kind {
        E::Assign { target, .. } | E::Step { target, .. } => root(target) == Some(object),
        _ => false,
    };
    let bare = parts.iter().filter(|part| !matches!(part.kind, E::Parenthesized(_)));
    bare.clone().filter(mentions).count() == bare.filter(reads).count() && !parts.iter().any(|part| is_changed(part))
}

/// The variable that a place is a part of.
fn root(place: &Php) -> Option<&str> {
    match &place.bare().kind {
        E::Variable(name) => Some(name),
        E::Index { base: of, .. } | E::Property { object: of, .. } => root(of),
        _ => None,
    }
}

/// Whether something in these statements unsets, or goes over something by reference.
fn takes_away(statements: &[Statement]) -> bool {
    statements.iter().any(|statement| {
        matches!(statement.kind, S::Unset(_) | S::Foreach { by_reference: true, .. })
            || statement.bodies().into_iter().any(takes_away)
    })
}
