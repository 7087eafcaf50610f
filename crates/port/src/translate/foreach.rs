//! `foreach`.
use crate::php::tree::{Block as PhpBlock, Expression as Php, ExpressionKind as E};
use crate::php::walk::each_expression_in;
use crate::rust::build::{atom, call, method};
use crate::rust::tree::{Expression, Statement};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::conditions::variable_name;
use crate::translate::facts::Keys;
use crate::translate::literals::{is_no_number, literal_pattern};
use crate::translate::loops::changes_in;
use crate::translate::scope::VariableKind;
use crate::translate::types::Type;
use crate::translate::value::Typed;

impl Translator<'_> {
    pub(super) fn foreach(
        &mut self,
        subject: &Php,
        key: Option<&Php>,
        value: &Php,
        by_reference: bool,
        body: &PhpBlock,
        span: Span,
    ) -> Result<Vec<Statement>> {
        if by_reference {
            return self.foreach_by_reference(subject, key, value, body, span);
        }
        if let Some(statements) = self.generator_loop(subject, key, value, body, span)? {
            return Ok(statements);
        }
        let mut subject_value = match self.loop_literal(subject, key.is_some())? {
            Some(literal) => literal,
            None => self.iterated(subject, key.is_some(), span)?,
        };
        if matches!(subject_value.value, Type::Object(_)) && !is_only_called(&body.statements, value) {
            if key.is_some() {
                return Err(Cannot::new(
                    span,
                    "objects of several classes, with their keys: go over them without keys",
                ));
            }
            subject_value.go_into_boxes();
        }
        if variable_name(subject).is_some_and(|name| changes_in(&body.statements, &name)) {
            subject_value.go_over_copy();
        }
        let Iterated { iterator, key: key_type, value: value_type, form } = subject_value;
        let variables = self.scope().variables.clone();
        self.enter(span, vec![]);
        self.scope().blocks.push(span.start);
        let mut first = Vec::new();
        let key_pattern = match key {
            None => None,
            Some(key) => Some(self.loop_target(
                key,
                Typed::new(atom("key"), key_type.clone(), key_form(&key_type)),
                &mut first,
            )?),
        };
        let value_pattern = self.loop_target(value, Typed::new(atom("item"), value_type, form), &mut first)?;
        let mut block = self.block(body);
        self.scope().blocks.pop();
        self.forget_inner(variables);
        let label = self.leave();
        if !first.is_empty() {
            first.append(&mut block.statements);
            block.statements = first;
        }
        let pattern = match key_pattern {
            Some(key) => format!("({key}, {value_pattern})"),
            None => value_pattern,
        };
        Ok(vec![Statement::expression(Expression::For { label, pattern, iterator: Box::new(iterator), body: block })])
    }

    /// What a loop binds: a new variable, or a name from which what the program has is assigned.
    pub(super) fn loop_target(&mut self, target: &Php, value: Typed, first: &mut Vec<Statement>) -> Result<String> {
        if let E::Variable(name) = &target.kind
            && self.find_variable(name).is_none()
        {
            let kind = match value.form {
                crate::translate::value::Form::Reference => VariableKind::Reference,
                _ => VariableKind::Local,
            };
            let changed = self.upcoming_facts(name);
            let retyped =
                !matches!(changed.ty, Type::Unknown | Type::Conflict) && changed.ty != value.ty && !value.is_unknown();
            if changed.mutated || changed.writes > 0 || retyped {
                // The loop's own value stays as it is: the program changes a copy.
                let item = self.fresh(&format!("{name}_item"));
                let value = Typed { code: atom(item.clone()), ..value };
                first.push(self.assign_variable(name, value, target.span)?);
                return Ok(item);
            }
            let rust = self.declare(name, &value.ty, kind, target.span);
            let read = self.facts_of(name).read;
            return Ok(if read { rust } else { self.unread(name, &rust) });
        }
        let item = match (&value.code, &target.kind) {
            (Expression::Atom(wanted), _) => self.fresh(&wanted.clone()),
            _ => self.fresh("item"),
        };
        let value = Typed { code: atom(item.clone()), ..value };
        first.extend(self.assign_value(target, value)?);
        Ok(item)
    }

    /// A literal that a loop goes over: an array of Rust, without JSON.
    pub(super) fn loop_literal(&mut self, subject: &Php, with_keys: bool) -> Result<Option<Iterated>> {
        let E::Array(elements) = &subject.bare().kind else { return Ok(None) };
        let scalar = |php: &Php| literal_pattern(php).is_some();
        let plain = !elements.is_empty()
            && elements.iter().all(|element| {
                !element.spread
                    && element.value.as_ref().is_some_and(scalar)
                    && element.key.as_ref().map_or(!with_keys, |key| with_keys && matches!(key.bare().kind, E::Text(_)))
            });
        if !plain {
            return Ok(None);
        }
        let mut types = Type::Unknown;
        let mut items = Vec::new();
        for element in elements {
            let Some(value) = &element.value else { continue };
            let value = self.expression(value)?;
            types = types.join(&value.ty);
            let key = element.key.as_ref().map(|key| self.expression(key)).transpose()?;
            items.push(match key {
                Some(key) => Expression::Tuple(vec![key.code, value.code]),
                None => value.code,
            });
        }
        let numeric_keys = elements.iter().any(|element| {
            matches!(element.key.as_ref().map(|key| &key.bare().kind), Some(E::Text(key)) if !is_no_number(key))
        });
        if types == Type::Json || numeric_keys {
            return Ok(None);
        }
        let form = if types == Type::Text {
            crate::translate::value::Form::Reference
        } else {
            crate::translate::value::Form::Owned
        };
        Ok(Some(Iterated { iterator: Expression::Array(items), key: Type::Text, value: types, form }))
    }

    /// What a loop goes over.
    pub(super) fn iterated(&mut self, subject: &Php, with_keys: bool, span: Span) -> Result<Iterated> {
        let keys = match &subject.bare().kind {
            E::Variable(name) => self.facts_of(name).keys,
            _ => Keys::Any,
        };
        if let Some(found) = self.known_loop(subject, with_keys)? {
            return Ok(found);
        }
        let value = self.expression(subject)?;
        let value = match value.ty {
            Type::Response => self.to_json(value, span)?,
            _ => value,
        };
        use crate::translate::value::Form::{Owned, Reference};
        Ok(match (value.ty.clone(), with_keys) {
            (Type::Unknown, _) => {
                Iterated { iterator: atom("unknown"), key: Type::Unknown, value: Type::Unknown, form: Owned }
            }
            (Type::Json, false) => {
                let path = self.php("values");
                Iterated {
                    iterator: call(&path, vec![value.borrowed()]),
                    key: Type::Unknown,
                    value: Type::Json,
                    form: Reference,
                }
            }
            (Type::Json, true) => {
                let (name, key) = match keys {
                    Keys::Texts => ("fields", Type::Text),
                    Keys::List => ("items", Type::Integer),
                    Keys::Any | Keys::Unseen => ("each", Type::Json),
                };
                let path = self.php(name);
                Iterated { iterator: call(&path, vec![value.borrowed()]), key, value: Type::Json, form: Reference }
            }
            (Type::List(of), false) => {
                let iterator = if matches!(value.form, Owned) { value.code } else { value.borrowed() };
                Iterated { iterator, key: Type::Unknown, value: *of, form: Reference }
            }
            (Type::List(of), true) => {
                let numbers = Expression::Range { start: Some(Box::new(atom("0_i64"))), end: None, inclusive: false };
                let items = value.borrowed();
                let iterator = method(Expression::Paren(Box::new(numbers)), "zip", vec![items]);
                Iterated { iterator, key: Type::Integer, value: *of, form: Reference }
            }
            (Type::Map(of), true) => {
                Iterated { iterator: value.borrowed(), key: Type::Text, value: *of, form: Reference }
            }
            (Type::Map(of), false) => {
                let iterator = method(value.code, "values", vec![]);
                Iterated { iterator, key: Type::Unknown, value: *of, form: Reference }
            }
            (ty, _) => return Err(Cannot::new(span, format!("{ty} is nothing that a loop could go over"))),
        })
    }

    pub(super) fn foreach_by_reference(
        &mut self,
        subject: &Php,
        key: Option<&Php>,
        value: &Php,
        body: &PhpBlock,
        span: Span,
    ) -> Result<Vec<Statement>> {
        let E::Variable(name) = &value.kind else {
            return Err(Cannot::new(span, "a loop by reference that takes apart: write to the array by its key"));
        };
        if self.handed.traps.contains(&span.start) {
            return Err(Cannot::new(
                span,
                format!("${name} stays a reference behind the loop: write to the array by its key"),
            ));
        }
        if let E::Variable(subject) = &subject.kind
            && changes_in(&body.statements, subject)
        {
            return Err(Cannot::new(
                span,
                format!(
                    "${subject} is changed in a loop by reference over it, which goes on with what is new: use for"
                ),
            ));
        }
        if let Some(root) = self.root_of(subject) {
            self.learn_mutated(&root);
        }
        if let E::Variable(subject) = &subject.kind
            && let Some(learnt) = self.learn_of(subject)
        {
            learnt.filled_by.other = true;
        }
        let place = self.place_of(subject)?;
        let iterator = match place.ty {
            Type::Json => {
                let path = self.php(if key.is_some() { "each_mut" } else { "values_mut" });
                let target = self.exclusive(place);
                call(&path, vec![target])
            }
            Type::Unknown => atom("unknown"),
            ty => return Err(Cannot::new(span, format!("{ty} is not changed element by element"))),
        };
        let variables = self.scope().variables.clone();
        self.enter(span, vec![]);
        self.scope().blocks.push(span.start);
        let mut first = Vec::new();
        let key_pattern = match key {
            None => None,
            Some(key) => {
                let key_value = Typed::new(atom("key"), Type::Json, key_form(&Type::Json));
                Some(self.loop_target(key, key_value, &mut first)?)
            }
        };
        if let Some(outside) = self.scope().variables.get_mut(name) {
            outside.version += 1;
            outside.declared = false;
        }
        let pattern = self.declare(name, &Type::Json, VariableKind::Exclusive, value.span);
        let mut block = self.block(body);
        self.scope().blocks.pop();
        self.forget_inner(variables);
        let label = self.leave();
        first.append(&mut block.statements);
        block.statements = first;
        let pattern = match key_pattern {
            Some(key) => format!("({key}, {pattern})"),
            None => pattern,
        };
        Ok(vec![Statement::expression(Expression::For { label, pattern, iterator: Box::new(iterator), body: block })])
    }
}

/// What a loop goes over, and what it gives.
pub struct Iterated {
    pub iterator: Expression,
    pub key: Type,
    pub value: Type,
    pub form: crate::translate::value::Form,
}

pub fn key_form(ty: &Type) -> crate::translate::value::Form {
    match ty {
        Type::Text => crate::translate::value::Form::Reference,
        _ => crate::translate::value::Form::Place,
    }
}

/// Whether all that is done with the variable of a loop is to call its methods.
fn is_only_called(body: &[crate::php::tree::Statement], value: &Php) -> bool {
    let E::Variable(name) = &value.kind else { return false };
    let is_it = |php: &Php| matches!(&php.kind, E::Variable(variable) if variable == name);
    let (mut uses, mut calls) = (0_usize, 0_usize);
    each_expression_in(body, &mut |php| {
        uses += usize::from(is_it(php));
        calls += usize::from(matches!(&php.kind, E::MethodCall { object, .. } if is_it(object)));
    });
    uses == calls
}

impl Iterated {
    /// What is in the boxes of a list, and not the boxes.
    fn go_into_boxes(&mut self) {
        let list = match std::mem::replace(&mut self.iterator, atom("unknown")) {
            Expression::Unary { operator: "&", operand } => *operand,
            code => code,
        };
        self.iterator = method(method(list, "iter", vec![]), "map", vec![atom("AsRef::as_ref")]);
    }

    /// PHP's loop goes over the array as it was when the loop began.
    pub(super) fn go_over_copy(&mut self) {
        let copy = |code: Expression| match code {
            Expression::Unary { operator: "&", operand } => {
                crate::rust::build::reference(method(*operand, "clone", vec![]))
            }
            code => method(code, "clone", vec![]),
        };
        self.iterator = match std::mem::replace(&mut self.iterator, atom("unknown")) {
            Expression::Call { callee, arguments } => {
                let arguments = arguments.into_iter().map(|code| match code {
                    code @ Expression::Unary { .. } => copy(code),
                    code => crate::rust::build::reference(method(code, "clone", vec![])),
                });
                Expression::Call { callee, arguments: arguments.collect() }
            }
            code @ Expression::Unary { .. } => copy(code),
            code => code,
        };
    }
}
