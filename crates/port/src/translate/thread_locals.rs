//! Static variables, which are values of the thread: a part of one is read and changed inside of a closure, in place.

use crate::php::tree::{Callee, Expression as Php, ExpressionKind as E};
use crate::rust::build::{atom, closure, method};
use crate::rust::shapes::{contains_try, is_simple};
use crate::rust::tree::{Expression, Statement, StatementKind};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::plan::has_variable;
use crate::translate::scope::VariableKind;
use crate::translate::value::{Form, Typed};

/// A static variable that a part is of.
pub struct Whole {
    /// The variable's name in PHP.
    name: String,
    /// That of the `thread_local!`.
    cell: String,
}

impl Translator<'_> {
    /// The static variable that an expression is, or is a part of.
    pub(super) fn static_of_part(&self, php: &Php) -> Option<Whole> {
        let name = self.root_of(php)?;
        let (depth, variable) = self.find_variable(&name)?;
        match variable.kind {
            VariableKind::ThreadLocal(cell) if depth + 1 == self.scopes.len() => Some(Whole { name, cell }),
            _ => None,
        }
    }

    /// `$cache[$key]`, read: a copy of the element, and not of the whole array.
    pub(super) fn element_of_static(&mut self, base: &Php, key: &Php, span: Span) -> Result<Option<Typed>> {
        let Some(whole) = self.static_of_part(base) else { return Ok(None) };
        let whole_element =
            Php { span, kind: E::Index { base: Box::new(base.clone()), index: Some(Box::new(key.clone())) } };
        if self.may_touch(&whole_element, &whole) {
            return Ok(None);
        }
        let mark = self.mark();
        let read = self.bound_to(&whole, VariableKind::Reference, |translator| translator.element(base, key, span))?;
        if read.is_unknown() {
            return Ok(Some(read));
        }
        let ty = read.ty.clone();
        if contains_try(&read.code) {
            self.give_back(mark);
            return Ok(None);
        }
        let copy = read.into_owned();
        let name = self.rust_name(&whole.name);
        let code = method(atom(whole.cell), "with_borrow", vec![closure(&[name.as_str()], copy)]);
        Ok(Some(Typed::owned(code, ty)))
    }

    /// `$cache[$key] = value`: the value is made before the variable is borrowed.
    pub(super) fn assign_part_of_static(
        &mut self,
        whole: &Whole,
        target: &Php,
        value: Typed,
    ) -> Result<Vec<Statement>> {
        let mut statements = Vec::new();
        let value = if value.is_unknown() || is_simple(&value.code) {
            value
        } else {
            let name = self.fresh("value");
            let ty = value.ty.clone();
            statements.push(Statement::let_(name.clone(), value.into_owned()));
            Typed::new(atom(name), ty, Form::Last)
        };
        statements.extend(self.change_static(whole, target, |translator| translator.assign_value(target, value))?);
        Ok(statements)
    }

    /// Statements that change a part of a static variable, in a closure that borrows it.
    pub(super) fn change_static(
        &mut self,
        whole: &Whole,
        part: &Php,
        change: impl FnOnce(&mut Self) -> Result<Vec<Statement>>,
    ) -> Result<Vec<Statement>> {
        if self.may_touch(part, whole) {
            return Err(apart(part.span, &whole.name));
        }
        let statements = self.bound_to(whole, VariableKind::Exclusive, change)?;
        let mut changed = Vec::new();
        for statement in statements {
            let StatementKind::Expression(code) = statement.kind else {
                return Err(apart(part.span, &whole.name));
            };
            changed.push(Statement::expression(self.borrowed_for(whole, code, part.span)?));
        }
        Ok(changed)
    }

    /// `sort($list)` and the like, of a static variable.
    pub(super) fn call_on_static(
        &mut self,
        whole: &Whole,
        arguments: &[&Php],
        span: Span,
        call: impl FnOnce(&mut Self) -> Result<Typed>,
    ) -> Result<Typed> {
        let touches = |php: &&&Php| self.may_touch(php, whole) || has_variable(php, &whole.name);
        if arguments.iter().skip(1).any(|php| touches(&php)) {
            return Err(apart(span, &whole.name));
        }
        let value = self.bound_to(whole, VariableKind::Exclusive, call)?;
        if value.is_unknown() {
            return Ok(value);
        }
        let code = self.borrowed_for(whole, value.code, span)?;
        Ok(Typed { code, ..Typed::owned(atom(""), value.ty) })
    }

    /// `CELL.with_borrow_mut(|name| code)`, with a `?` behind it where there is one behind the code.
    fn borrowed_for(&mut self, whole: &Whole, code: Expression, span: Span) -> Result<Expression> {
        let (code, fails) = match code {
            Expression::Try(inner) => (*inner, true),
            code => (code, false),
        };
        if contains_try(&code) {
            return Err(apart(span, &whole.name));
        }
        let name = self.rust_name(&whole.name);
        let changed = method(atom(whole.cell.clone()), "with_borrow_mut", vec![closure(&[name.as_str()], code)]);
        Ok(if fails { Expression::Try(Box::new(changed)) } else { changed })
    }

    /// Translates with the variable bound as the parameter of a closure.
    fn bound_to<T>(
        &mut self,
        whole: &Whole,
        kind: VariableKind,
        translate: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let before = self.scope().before.len();
        if let Some(variable) = self.scope().variables.get_mut(&whole.name) {
            variable.kind = kind;
        }
        let translated = translate(self);
        if let Some(variable) = self.scope().variables.get_mut(&whole.name) {
            variable.kind = VariableKind::ThreadLocal(whole.cell.clone());
        }
        if self.scope().before.len() > before {
            return Err(Cannot::new(
                Span::default(),
                format!(
                    "${} is static, and an assignment stands inside of the expression: write it on a line before",
                    whole.name
                ),
            ));
        }
        translated
    }

    /// Whether something in the keys of a part may use the variable, which is borrowed meanwhile.
    fn may_touch(&self, part: &Php, whole: &Whole) -> bool {
        let mut touches = false;
        let mut at = part;
        while let E::Index { base, index } = &at.kind {
            if let Some(key) = index {
                touches |= has_variable(key, &whole.name) || self.calls_own(key);
            }
            at = base;
        }
        touches || (!matches!(at.kind, E::Variable(_)) && self.calls_own(at))
    }

    /// Whether something of the file is called, which may use the variable itself.
    fn calls_own(&self, php: &Php) -> bool {
        let mut calls = false;
        php.each(&mut |part| {
            calls |= match &part.kind {
                E::Call { callee: Callee::Named(name), .. } => self.program.function(name).is_some(),
                E::Call { .. } | E::MethodCall { .. } | E::StaticCall { .. } | E::New { .. } | E::Closure(_) => true,
                _ => false,
            };
        });
        calls
    }
}

fn apart(span: Span, name: &str) -> Cannot {
    Cannot::new(span, format!("${name} is static: put what it is changed by into variables first, on lines before"))
}
