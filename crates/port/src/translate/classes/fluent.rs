//! Methods that return their own object, so that calls of them stand one behind the other: `$query->where(…)->limit(3)`.

use crate::php::tree::{
    ClassName, Expression as Php, ExpressionKind as E, Name, Statement as PhpStatement, StatementKind as S,
};
use crate::rust::build::atom;
use crate::rust::tree::{Expression, Statement, StatementKind};
use crate::rust::words::snake;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::plan::leaves;
use crate::translate::types::Type;
use crate::translate::value::{Chained, Form, MADE, MOVED, Typed};

impl Translator<'_> {
    /// Notes whether the method returns its own object, on each way through it.
    pub(super) fn learn_fluent(&mut self, class: &str, key: &str, body: &[PhpStatement]) {
        let is_fluent = |php: &Php| match &php.kind {
            E::MethodCall { name: Name::Plain(name), nullsafe: false, .. } => {
                self.is_fluent(&self.key_of_method(class, name))
            }
            E::StaticCall { class: ClassName::Named(parent), name: Name::Plain(name), .. } => {
                let key = self.key_in_parent(class, name, php.span);
                parent.eq_ignore_ascii_case("parent") && key.is_some_and(|key| self.is_fluent(&key))
            }
            _ => false,
        };
        if gives_itself(body, &is_fluent) {
            self.learnt.functions.entry(key.to_owned()).or_default().is_fluent = true;
        }
    }

    pub(super) fn is_fluent(&self, key: &str) -> bool {
        self.facts.functions.get(key).is_some_and(|facts| facts.is_fluent)
    }

    pub(super) fn mutates_self(&self, key: &str) -> bool {
        self.facts.functions.get(key).is_some_and(|facts| facts.mutates_self)
    }

    /// What stands behind `->` of a method that returns its own object.
    pub(super) fn fluent_return(&mut self, key: &str) -> String {
        let own = if self.mutates_self(key) { "&mut Self" } else { "&Self" };
        match self.facts.functions.get(key) {
            Some(facts) if facts.fails => {
                self.import("anyhow::Result");
                format!("Result<{own}>")
            }
            _ => own.to_owned(),
        }
    }

    /// Whether the function that the porter stands in is a method that returns its own object.
    pub(in crate::translate) fn returns_itself(&mut self) -> bool {
        let key = self.scope().function.clone();
        self.is_fluent(&key)
    }

    /// `return $this;`, `return $this->name(…);` of such a method.
    pub(in crate::translate) fn returned_object(&mut self, php: &Php) -> Result<Vec<Statement>> {
        if self.run().is_some() {
            return Err(Cannot::new(php.span, "return $this inside of try: return it behind the try"));
        }
        let key = self.scope().function.clone();
        let value = if Self::is_this(php) { self.this(php.span)? } else { self.expression(php)? };
        if self.mutates_self(&key) {
            self.learn_chain_mutates(&value);
        }
        let scope = self.scope();
        scope.returned = scope.returned.join(&value.ty);
        let value = Typed { form: Form::Owned, chained: None, variable: None, ..value };
        let code = self.wrapped(value);
        Ok(vec![Statement::expression(Expression::Return(code.map(Box::new)))])
    }

    /// The value of a call of such a method: the object that it was called on, whose form was `root`.
    pub(super) fn chained(&mut self, called: Typed, class: &str, key: &str, object: Object) -> Typed {
        let Object { form, variable, chained } = object;
        let mut chained = chained.unwrap_or(Chained { methods: vec![], root: form, mutates: false });
        chained.methods.push(key.to_owned());
        chained.mutates |= self.mutates_self(key);
        let ty = Type::Class(class.to_owned());
        Typed { ty, form: Form::Reference, chained: Some(chained), variable, ..called }
    }

    /// Notes that an object is changed: it is called `&mut`.
    pub(in crate::translate) fn learn_object_changed(&mut self, object: &Typed) {
        if let Some(variable) = &object.variable {
            self.learn_mutated(variable);
        }
        // A property of the object around is changed.
        if starts_with_self(&object.code) {
            self.learn_mutates_self();
        }
        self.learn_chain_mutates(object);
    }

    /// What has given the object for a change has to give it as `&mut`.
    fn learn_chain_mutates(&mut self, object: &Typed) {
        for key in object.chained.iter().flat_map(|chained| &chained.methods) {
            self.learnt.functions.entry(key.clone()).or_default().mutates_self = true;
        }
    }

    /// `$a = $a->name(…)`: the variable has this object already.
    pub(in crate::translate) fn is_same_object(&self, target: &Php, php: &Php, value: &Typed) -> bool {
        let Some(chained) = &value.chained else { return false };
        let mut root = php.bare();
        for _ in &chained.methods {
            let E::MethodCall { object, .. } = &root.kind else { return false };
            root = object.bare();
        }
        match (&target.kind, &root.kind) {
            (E::Variable(_), E::Variable(_)) => {}
            (E::Property { object, name: Name::Plain(_), .. }, E::Property { .. })
                if matches!(object.kind, E::Variable(_)) => {}
            _ => return false,
        }
        self.source.slice(target.span) == self.source.slice(root.span)
    }

    /// Objects that are made and changed by what is called on them before anything has them: `let mut query = Query::new();`,
    /// and the calls.
    pub(in crate::translate) fn made_before(&mut self, statements: Vec<Statement>) -> Vec<Statement> {
        let mut all = Vec::new();
        for statement in statements {
            let mut statement = statement;
            loop {
                let before = self.taken_out(&mut statement);
                if before.is_empty() {
                    break;
                }
                all.extend(before);
            }
            if !matches!(statement.kind, StatementKind::Comments) {
                statement.each_expression(&mut |code| code.each(&mut |code| self.name_made(code)));
            }
            all.push(statement);
        }
        all
    }

    /// What comes before a statement whose value is such an object.
    fn taken_out(&mut self, statement: &mut Statement) -> Vec<Statement> {
        let target = match &statement.kind {
            StatementKind::Let { pattern, ty: None, otherwise: None, .. } => Some(pattern.clone()),
            _ => None,
        };
        let Some(value) = value_of(&mut statement.kind) else { return vec![] };
        let Some((place, class)) = made_in(value) else { return vec![] };
        let Expression::Block(block) = std::mem::replace(place, atom("()")) else { return vec![] };
        let mut before = block.statements;
        let Some(Statement { kind: StatementKind::Value(made), .. }) = before.pop() else { return before };
        *place = made;
        let Some(class) = class else { return before };
        let own = target.as_deref().map(|pattern| pattern.strip_prefix("mut ").unwrap_or(pattern));
        let is_whole = matches!(&statement.kind, StatementKind::Let { value: Some(Expression::Atom(_)), .. });
        let free = own.filter(|own| is_whole && !mentions(&before, own)).map(str::to_owned);
        let is_target = free.is_some();
        let name = free.unwrap_or_else(|| self.variable_name(&snake(&class)));
        let wants_mut = target.as_deref().is_some_and(|pattern| is_target && pattern.starts_with("mut "));
        for one in &mut before {
            rename(one, &format!("{MADE}{class}"), &name, wants_mut);
        }
        rename(statement, &format!("{MADE}{class}"), &name, false);
        if is_target && let Some(last) = before.pop() {
            // The variable is made by the first of them, and the calls are the last.
            *statement = last;
        }
        before
    }

    /// Gives an object that stays inside of an expression a name there.
    fn name_made(&mut self, code: &mut Expression) {
        match code {
            Expression::Atom(name) => {
                if let Some(moved) = name.strip_prefix(MOVED) {
                    *name = moved.to_owned();
                }
            }
            Expression::Block(block) => {
                let Some(class) = block.statements.first().and_then(made_by) else { return };
                let name = self.variable_name(&snake(&class));
                for statement in &mut block.statements {
                    rename(statement, &format!("{MADE}{class}"), &name, false);
                }
            }
            _ => {}
        }
    }
}

/// What is known of the object that a method is called on.
pub struct Object {
    form: Form,
    variable: Option<String>,
    chained: Option<Chained>,
}

impl Object {
    pub fn of(object: &Typed) -> Object {
        Object { form: object.form, variable: object.variable.clone(), chained: object.chained.clone() }
    }
}

/// Whether each `return` returns the object of the method, and nothing comes to its end without one.
fn gives_itself(body: &[PhpStatement], is_fluent: &dyn Fn(&Php) -> bool) -> bool {
    let mut values = Vec::new();
    each_return(body, &mut values);
    !values.is_empty()
        && body.iter().any(leaves)
        && values.iter().all(|value| value.is_some_and(|value| is_own(value, is_fluent)))
}

fn each_return<'p>(body: &'p [PhpStatement], values: &mut Vec<Option<&'p Php>>) {
    for statement in body {
        if let S::Return(value) = &statement.kind {
            values.push(value.as_ref());
        }
        statement.bodies().into_iter().for_each(|body| each_return(body, values));
    }
}

/// `$this`, or what its own methods have returned of it.
fn is_own(php: &Php, is_fluent: &dyn Fn(&Php) -> bool) -> bool {
    let php = php.bare();
    match &php.kind {
        E::Variable(name) => name == "this",
        E::MethodCall { object, .. } => is_fluent(php) && is_own(object, is_fluent),
        E::StaticCall { .. } => is_fluent(php),
        _ => false,
    }
}

fn starts_with_self(code: &Expression) -> bool {
    match code {
        Expression::Atom(name) => name == "self",
        Expression::Field { receiver, .. } => starts_with_self(receiver),
        Expression::Index { base, .. } => starts_with_self(base),
        _ => false,
    }
}

/// The class of the object that a statement makes.
fn made_by(statement: &Statement) -> Option<String> {
    let StatementKind::Let { pattern, .. } = &statement.kind else { return None };
    let name = pattern.strip_prefix("mut ").unwrap_or(pattern);
    name.strip_prefix(MADE).map(str::to_owned)
}

/// What a statement works out before it does anything.
fn value_of(kind: &mut StatementKind) -> Option<&mut Expression> {
    match kind {
        StatementKind::Let { value: Some(value), ty: None, otherwise: None, .. } | StatementKind::Value(value) => {
            Some(value)
        }
        StatementKind::Expression(code) => match code {
            Expression::Return(Some(value)) | Expression::Assign { operator: "=", value, .. } => Some(value),
            Expression::Macro { name, arguments } if name == "bail" => arguments.first_mut(),
            Expression::Method { receiver, arguments, .. } if is_plain(receiver) => arguments.first_mut(),
            _ => None,
        },
        _ => None,
    }
}

/// Whether it makes no difference when it is evaluated.
fn is_plain(code: &Expression) -> bool {
    match code {
        Expression::Atom(_) | Expression::Text(_) => true,
        Expression::Field { receiver, .. } => is_plain(receiver),
        Expression::Method { receiver, name, .. } => name == "to_owned" && is_plain(receiver),
        _ => false,
    }
}

/// The block that makes or moves an object, where it is the first thing that happens; with the class of one that is made.
fn made_in(code: &mut Expression) -> Option<(&mut Expression, Option<String>)> {
    match code {
        Expression::Block(block) => {
            let first = block.statements.first().and_then(made_by);
            let is_moved = matches!(
                block.statements.last().map(|last| &last.kind),
                Some(StatementKind::Value(Expression::Atom(name))) if name.starts_with(MOVED)
            );
            (first.is_some() || is_moved).then_some((code, first))
        }
        Expression::Call { callee, arguments } => match (&**callee, arguments.as_mut_slice()) {
            (Expression::Atom(path), [only]) if ["Ok", "Err", "Some", "Box::new"].contains(&path.as_str()) => {
                made_in(only)
            }
            _ => None,
        },
        Expression::Method { receiver, name, .. } if name == "into" => made_in(receiver),
        Expression::Struct { fields, base: None, .. } => {
            let values = fields.iter_mut().filter_map(|(_, value)| value.as_mut());
            values.into_iter().find(|value| !is_plain(value)).and_then(made_in)
        }
        _ => None,
    }
}

/// Whether something in the statements may be called this.
fn mentions(statements: &[Statement], name: &str) -> bool {
    let written = format!("{statements:?}");
    written.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == name)
}

fn rename(statement: &mut Statement, from: &str, to: &str, mutable: bool) {
    if let StatementKind::Let { pattern, .. } = &mut statement.kind {
        let has_mut = pattern.starts_with("mut ") || mutable;
        if pattern.strip_prefix("mut ").unwrap_or(pattern) == from {
            *pattern = if has_mut { format!("mut {to}") } else { to.to_owned() };
        }
    }
    statement.each_expression(&mut |code| renamed(code, from, to));
}

/// Not in a block that makes an object of its own.
fn renamed(code: &mut Expression, from: &str, to: &str) {
    match code {
        Expression::Atom(name) if name == from => *name = to.to_owned(),
        Expression::Block(block) if block.statements.first().and_then(made_by).is_some() => {}
        _ => code.each_child(&mut |child| renamed(child, from, to)),
    }
}
