//! Variables: read, declared, and what is learnt of them.

use crate::php::tree::{Expression as Php, ExpressionKind as E};
use crate::rust::build::atom;
use crate::rust::words::snake;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::facts::{VariableFacts, VariableKey};
use crate::translate::scope::{ScopeKind, Variable, VariableKind};
use crate::translate::superglobals::is_superglobal;
use crate::translate::types::Type;
use crate::translate::value::{Form, Typed};

impl Translator<'_> {
    /// Reads a variable.
    pub(super) fn variable(&mut self, name: &str, span: Span) -> Result<Typed> {
        if name == "this" {
            return self.this(span);
        }
        let Some((depth, variable)) = self.find_variable(name) else {
            if self.is_free(name) {
                self.declare_free(name);
                return self.variable(name, span);
            }
            return Err(Cannot::new(span, self.without_value(name)));
        };
        let key = self.key_of(depth, name, variable.version);
        let mut facts = self.facts.variables.get(&key).cloned().unwrap_or_default().effective();
        if let Some(ty) = self.scopes[depth].narrowed.get(name) {
            facts.ty = ty.clone();
        }
        let learnt = self.learnt.variables.entry(key).or_default();
        learnt.read = true;
        learnt.uses.insert(span.start);
        learnt.last_read = learnt.last_read.max(span.start);
        if let Some(text) = self.configuration_variable(name, &variable.kind, &facts.ty, span)? {
            return Ok(text);
        }
        let code = atom(variable.name.clone());
        let outer = depth + 1 != self.scopes.len();
        let value = match &variable.kind {
            VariableKind::Static(path) => Typed::reference(crate::rust::build::reference(atom(path.clone())), facts.ty),
            VariableKind::Made(function) => self.made(span, function, facts.ty)?,
            VariableKind::ThreadLocal(path) => {
                let value = crate::translate::classes::statics::copied(atom("value"), &facts.ty);
                let copy = crate::rust::build::closure(&["value"], value);
                Typed::owned(crate::rust::build::method(atom(path.clone()), "with_borrow", vec![copy]), facts.ty)
            }
            VariableKind::Exclusive if facts.ty.is_copy() => {
                Typed::new(crate::rust::build::unary("*", code), facts.ty, Form::Owned)
            }
            VariableKind::Reference => Typed::new(code, facts.ty, Form::Reference),
            // Handed on as it is, it would be gone.
            VariableKind::Exclusive => Typed::new(crate::rust::build::unary("&*", code), facts.ty, Form::Reference),
            VariableKind::Local if !outer && self.scope().overwritten.as_deref() == Some(name) => {
                Typed::new(code, facts.ty, Form::Last)
            }
            VariableKind::Local if outer || !self.is_last(&facts, &variable, span) => {
                Typed::new(code, facts.ty, Form::Place)
            }
            VariableKind::Local => Typed::new(code, facts.ty, Form::Last),
        };
        Ok(Typed { variable: Some(name.to_owned()), ..value })
    }

    /// What to do with a variable that has no value.
    fn without_value(&self, name: &str) -> String {
        let scope = self.scopes.last();
        let is_assigned = scope.is_none_or(|scope| !scope.plan.unassigned.contains(name));
        match scope.map(|scope| scope.kind) {
            Some(ScopeKind::Function) if !is_assigned => {
                format!("${name} is never assigned in this function: take it as an argument")
            }
            Some(ScopeKind::Closure) if !is_assigned => {
                format!("${name} is never assigned in this closure: name it behind `use`, or take it as an argument")
            }
            _ => format!("${name} is read and never assigned before: give it a value first"),
        }
    }

    /// A value that a function of the file makes anew each time.
    fn made(&mut self, span: Span, function: &str, ty: Type) -> Result<Typed> {
        let call = crate::rust::build::call(function, vec![]);
        let fails = self.facts.functions.get(&format!("global {function}")).is_some_and(|facts| facts.fails);
        let code = if fails { self.try_(span, call)? } else { call };
        Ok(Typed::owned(code, ty))
    }

    /// Whether nothing reads the variable's value after this: not further on, and not in a next round of a loop.
    fn is_last(&self, facts: &VariableFacts, variable: &Variable, span: Span) -> bool {
        let Some(scope) = self.scopes.last() else { return false };
        let repeats = scope.loops.iter().any(|around| {
            let is_loop = !around.is_switch;
            is_loop && !(around.span.start <= variable.declared_at && variable.declared_at < around.span.end)
        });
        facts.last_read == span.start && !repeats
    }

    /// The innermost variable of that name: in this scope, or in one around that this one sees.
    pub(super) fn find_variable(&self, name: &str) -> Option<(usize, Variable)> {
        for depth in (0..self.scopes.len()).rev() {
            let scope = &self.scopes[depth];
            if let Some(variable) = scope.variables.get(name).filter(|variable| variable.declared) {
                return Some((depth, variable.clone()));
            }
            let sees = scope.captures.as_ref().is_none_or(|captures| captures.iter().any(|capture| capture == name));
            if scope.kind != ScopeKind::Closure || !sees {
                return None;
            }
        }
        None
    }

    /// Whether an expression is a variable that has no value before, or an element of one.
    pub(super) fn is_undeclared(&self, php: &Php) -> bool {
        let php = php.bare();
        let root = match &php.kind {
            E::Property { object, .. } => self.root_of(object.bare()),
            _ => self.root_of(php),
        };
        let is_element = matches!(php.kind, E::Index { .. } | E::Property { .. });
        root.is_some_and(|name| {
            let is_given = is_superglobal(&name) || (is_element && self.is_free(&name));
            !is_given && self.find_variable(&name).is_none()
        })
    }

    /// Whether a variable may come from outside: in a snippet nothing says where it is from.
    fn is_free(&self, _name: &str) -> bool {
        self.scopes.first().is_some_and(|scope| scope.kind == ScopeKind::Snippet)
    }

    fn declare_free(&mut self, name: &str) {
        let variable = Variable {
            name: self.variable_name(name),
            declared: true,
            kind: VariableKind::Local,
            ..Variable::default()
        };
        let at = 0;
        self.scopes[at].variables.insert(name.to_owned(), variable);
        // Closures see it, too.
        for scope in &mut self.scopes[1..] {
            scope.variables.remove(name);
        }
    }

    fn key_of(&self, depth: usize, name: &str, version: u32) -> VariableKey {
        VariableKey { function: self.scopes[depth].function.clone(), name: name.to_owned(), version }
    }

    /// The key of a variable as it is here.
    pub(super) fn key(&self, name: &str) -> Option<VariableKey> {
        let (depth, variable) = self.find_variable(name)?;
        Some(self.key_of(depth, name, variable.version))
    }

    /// What the pass before has learnt of a variable as it is here.
    pub(super) fn facts_of(&self, name: &str) -> VariableFacts {
        self.key(name).and_then(|key| self.facts.variables.get(&key)).cloned().unwrap_or_default().effective()
    }

    /// What this pass learns of it.
    pub(super) fn learn_of(&mut self, name: &str) -> Option<&mut VariableFacts> {
        let key = self.key(name)?;
        Some(self.learnt.variables.entry(key).or_default())
    }

    /// Notes that a variable may have this type.
    pub(super) fn learn_type(&mut self, name: &str, ty: &Type) {
        let known = self.learn_of(name).map(|facts| facts.ty.clone()).unwrap_or_default();
        let wider = if known.join(ty) == Type::Conflict { self.wider_object(&known, ty) } else { None };
        let ty = wider.as_ref().unwrap_or(ty);
        if let Some(facts) = self.learn_of(name) {
            facts.ty = facts.ty.join(ty);
            if *ty != Type::Json {
                facts.plain = facts.plain.join(ty);
            }
        }
    }

    /// Notes that a declaration wants this type of a variable.
    pub(super) fn learn_wanted(&mut self, value: &Typed, ty: &Type) {
        let Some(name) = &value.variable else { return };
        if let Some(facts) = self.learn_of(name) {
            facts.wanted = facts.wanted.join(ty);
        }
    }

    /// Notes that a variable is calculated with.
    pub(super) fn learn_computed(&mut self, value: &Typed) {
        let Some(name) = &value.variable else { return };
        if let Some(facts) = self.learn_of(name) {
            facts.computed = true;
        }
    }

    /// Notes that a variable is compared with null.
    pub(super) fn learn_null_checked(&mut self, value: &Typed) {
        let Some(name) = &value.variable else { return };
        if let Some(facts) = self.learn_of(name) {
            facts.null_checked = true;
        }
    }

    /// Notes that the program asks whether a variable is false.
    pub(super) fn learn_doubted(&mut self, value: &Typed) {
        let Some(name) = &value.variable else { return };
        if let Some(facts) = self.learn_of(name) {
            facts.doubted = true;
        }
    }

    /// Notes that the program asks for the type of a variable.
    pub(super) fn learn_inspected(&mut self, name: &str) {
        if let Some(facts) = self.learn_of(name) {
            facts.inspected = true;
        }
    }

    /// Notes that a part of the variable is changed.
    pub(super) fn learn_mutated(&mut self, name: &str) {
        if let Some(facts) = self.learn_of(name) {
            facts.mutated = true;
        }
    }

    /// A name that no other variable of the scope has.
    pub(super) fn variable_name(&self, name: &str) -> String {
        self.untaken(snake(name.trim_start_matches("->")), Some(name))
    }

    /// A name that no variable has, not even one that is called so in PHP.
    pub(super) fn free_name(&self, wanted: &str) -> String {
        self.untaken(snake(wanted), None)
    }

    /// A name that no variable has but this one of PHP.
    fn untaken(&self, wanted: String, own: Option<&str>) -> String {
        let taken = |candidate: &str| {
            self.scopes
                .iter()
                .flat_map(|scope| &scope.variables)
                .any(|(other, variable)| own != Some(other.as_str()) && variable.declared && variable.name == candidate)
        };
        if !taken(&wanted) {
            return wanted;
        }
        (2..).map(|number| format!("{wanted}_{number}")).find(|candidate| !taken(candidate)).unwrap_or(wanted)
    }

    /// Makes a variable known as declared here, and learns its type. Returns its name in Rust.
    pub(super) fn declare(&mut self, name: &str, ty: &Type, kind: VariableKind, span: Span) -> String {
        let rust = self.variable_name(name);
        let scope = self.scope();
        let version = scope.variables.get(name).map_or(0, |variable| variable.version);
        let variable = Variable { name: rust.clone(), version, declared: true, declared_at: span.start, kind };
        scope.variables.insert(name.to_owned(), variable);
        scope.untranslated.remove(name);
        self.learn_type(name, ty);
        rust
    }

    /// The name of a variable that was just declared: nothing reads it, it begins with an underscore. Of a snippet nobody knows.
    pub(super) fn name_if_read(&mut self, name: &str, rust: String) -> String {
        let is_snippet = self.scopes.first().is_some_and(|scope| scope.kind == ScopeKind::Snippet);
        let known = self.key(name).and_then(|key| self.facts.variables.get(&key));
        let is_unread = known.is_some_and(|facts| !facts.read && !facts.mutated && facts.writes <= 1);
        if is_snippet || !is_unread || rust.starts_with('_') {
            return rust;
        }
        self.unread(name, &rust)
    }

    /// The name of a variable that nothing reads; whoever translates what is left may.
    pub(super) fn unread(&mut self, name: &str, rust: &str) -> String {
        if self.facts_of(name).mentioned {
            return rust.to_owned();
        }
        let rust = format!("_{rust}");
        self.scope().variables.entry(name.to_owned()).and_modify(|variable| variable.name.clone_from(&rust));
        rust
    }

    /// `mut ` where the variable as it is here has to be.
    pub(super) fn mutability(&self, name: &str) -> &'static str {
        let facts = self.facts_of(name);
        if facts.mutated || facts.writes > 1 { "mut " } else { "" }
    }

    /// A name for what has none in PHP, which nothing else has.
    pub(super) fn fresh(&mut self, wanted: &str) -> String {
        let name = self.free_name(wanted);
        let variable = Variable { name: name.clone(), declared: true, ..Variable::default() };
        self.scope().variables.insert(format!("#{name}"), variable);
        name
    }
}
