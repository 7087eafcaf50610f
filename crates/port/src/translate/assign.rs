//! Assignments: to variables, to elements, to properties; and what takes an array apart.

use crate::php::tree::{Binary, Element, Expression as Php, ExpressionKind as E};
use crate::rust::build::{assign, atom, call, method, unary};
use crate::rust::shapes::is_simple;
use crate::rust::tree::{Expression, Statement, StatementKind};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::facts::{Keys, VariableFacts, VariableKey};
use crate::translate::keys::keys_of;
use crate::translate::literals::is_large;
use crate::translate::scope::VariableKind;
use crate::translate::types::Type;
use crate::translate::value::{Form, Typed};

impl Translator<'_> {
    /// An assignment that is a statement.
    pub(super) fn assignment(&mut self, php: &Php) -> Result<Vec<Statement>> {
        match &php.kind {
            E::Assign { target, operator, value, by_reference } => {
                if *by_reference {
                    return Err(Cannot::new(php.span, "a reference (=&): write to the variable itself"));
                }
                match operator {
                    None => self.assign_to(target, value),
                    Some(Binary::Coalesce) => self.assign_if_null(target, value),
                    Some(operator) => self.assign_with(target, *operator, value, php.span),
                }
            }
            E::Step { target, by, .. } => self.step(target, *by, php.span),
            _ => Err(Cannot::new(php.span, "no assignment")),
        }
    }

    /// An assignment whose value is used: it comes first, as a statement of its own.
    pub(super) fn assigned(&mut self, php: &Php) -> Result<Typed> {
        let (target, before) = match &php.kind {
            E::Assign { target, .. } => (target, true),
            E::Step { target, before, .. } => (target, *before),
            _ => return Err(Cannot::new(php.span, "no assignment")),
        };
        if !self.scope().is_certain() {
            return Err(Cannot::new(
                php.span,
                "an assignment inside of an expression that may not be evaluated: write it on a line of its own, before",
            ));
        }
        self.can_come_first(php)?;
        if let E::Assign { target, operator: None, value, by_reference: false } = &php.kind
            && let E::Array(elements) = &target.kind
        {
            return self.assigned_parts(elements, value, php.span);
        }
        if before {
            let statements = self.assignment(php)?;
            self.scope().before.extend(statements);
            self.has_come_first(php.span);
            return self.expression(target);
        }
        // `$a++`: the value from before.
        let value = self.expression(target)?;
        let held = self.fresh("before");
        let ty = value.ty.clone();
        let hold = Statement::let_(held.clone(), value.into_owned());
        let statements = self.assignment(php)?;
        let scope = self.scope();
        scope.before.push(hold);
        scope.before.extend(statements);
        self.has_come_first(php.span);
        Ok(Typed::place(atom(held), ty))
    }

    /// `[$a, $b] = value` whose value is used: that is the whole array.
    fn assigned_parts(&mut self, elements: &[Element], value: &Php, span: Span) -> Result<Typed> {
        let value = self.expression(value)?;
        let ty = value.ty.clone();
        let (hold, whole) = if is_simple(&value.code) {
            (None, value)
        } else {
            let name = self.fresh("parts");
            (Some(Statement::let_(name.clone(), value.into_owned())), Typed::place(atom(name), ty))
        };
        let statements = self.take_apart(elements, whole.clone(), span)?;
        let scope = self.scope();
        scope.before.extend(hold);
        scope.before.extend(statements);
        self.has_come_first(span);
        Ok(whole)
    }

    /// `target = value`
    pub(super) fn assign_to(&mut self, target: &Php, value: &Php) -> Result<Vec<Statement>> {
        // `$a = $b = …`: the inner one first.
        if let E::Assign { target: inner, operator: None, .. } = &value.bare().kind {
            let mut statements = self.assignment(value.bare())?;
            let again = self.expression(inner)?;
            statements.extend(self.assign_value(target, again)?);
            return Ok(statements);
        }
        if let E::Variable(name) = &target.kind
            && let Some(statements) = self.begun_array(name, value, target.span)?
        {
            return Ok(statements);
        }
        if let E::Index { index: Some(key), .. } = &target.kind
            && has_effect(key)
            && has_effect(value)
        {
            return Err(Cannot::new(
                target.span,
                "++ or = both in the key and in the value: write one of them on a line before",
            ));
        }
        let assigned = match &target.kind {
            E::Variable(name) if reads(value, name) == 1 => Some(name.clone()),
            _ => None,
        };
        if let Some(found) = self.doubted_environment(target, value)? {
            return self.assign_value(target, found);
        }
        let outer = std::mem::replace(&mut self.scope().overwritten, assigned);
        let translated = match self.wanted_of(target) {
            Some(ty) => self.expression_as(value, &ty),
            None => self.assigned_expression(target, value),
        };
        self.scope().overwritten = outer;
        let translated = translated?;
        if self.is_same_object(target, value, &translated) {
            return Ok(vec![Statement::expression(translated.code)]);
        }
        match self.held_before(target, value, translated) {
            (Some(held), value) => {
                let mut statements = vec![held];
                statements.extend(self.assign_value(target, value)?);
                Ok(statements)
            }
            (None, value) => self.assign_value(target, value),
        }
    }

    /// `$a['b'] = f($a)`: the value is made before the array is borrowed to be changed.
    pub(super) fn held_before(&mut self, target: &Php, php: &Php, value: Typed) -> (Option<Statement>, Typed) {
        let E::Index { index, .. } = &target.kind else { return (None, value) };
        let mut reads = false;
        match (self.root_of(target), property_of(target)) {
            (Some(root), _) => crate::translate::plan::each_variable(php, &mut |name| reads |= name == root),
            // A method may read it, too.
            (None, Some(property)) => php.each(&mut |part| {
                reads |= property_of(part) == Some(property) || matches!(part.kind, E::MethodCall { .. });
            }),
            (None, None) => return (None, value),
        }
        if !reads || value.is_unknown() || value.ty == Type::Never {
            return (None, value);
        }
        let wanted = match index.as_deref().map(|index| &index.bare().kind) {
            Some(E::Text(key)) if is_plain_key(key) => crate::rust::words::snake(key),
            _ => "value".to_owned(),
        };
        let name = self.fresh(&wanted);
        let ty = value.ty.clone();
        let held = Statement::let_(name.clone(), value.into_owned());
        (Some(held), Typed::new(atom(name), ty, Form::Last))
    }

    /// The type that a variable has because declarations want it.
    pub(super) fn wanted_of(&self, target: &Php) -> Option<Type> {
        let E::Variable(name) = &target.kind else { return None };
        let facts = if self.find_variable(name).is_some() { self.facts_of(name) } else { self.upcoming_facts(name) };
        // So has a parameter that is declared.
        let declared = self.scopes.last().is_some_and(|scope| scope.parameters.contains(name))
            && matches!(facts.ty, Type::Integer | Type::Text | Type::Boolean);
        let wanted = facts.wanted != Type::Unknown && *facts.wanted.present() == *facts.ty.present();
        (declared || wanted).then_some(facts.ty)
    }

    /// A variable that begins as an empty array: what is done with it later decides what it is.
    pub(super) fn begun_array(&mut self, name: &str, value: &Php, span: Span) -> Result<Option<Vec<Statement>>> {
        let E::Array(elements) = &value.bare().kind else { return Ok(None) };
        if !elements.is_empty() {
            return Ok(None);
        }
        let declared = self.find_variable(name).is_some();
        let Some(facts) = self.upcoming(name) else {
            // A later pass knows what is done with it.
            if declared {
                return Ok(None);
            }
            self.declare(name, &Type::Unknown, VariableKind::Local, span);
            return Ok(Some(vec![]));
        };
        if let Type::Map(of) = &facts.ty
            && !declared
        {
            return Ok(Some(vec![self.begun_map(name, of, span)]));
        }
        if !declared && facts.ty == Type::Unknown && facts.filled_by.open {
            self.declare(name, &Type::Unknown, VariableKind::Local, span);
            return Ok(Some(vec![]));
        }
        if declared || facts.filled_by.other || !facts.filled_by.pushes || facts.ty == Type::Json {
            return Ok(None);
        }
        let of = match &facts.ty {
            Type::List(of) => (**of).clone(),
            _ => Type::Unknown,
        };
        let list = Type::list(of);
        let ty = self.dyn_text(&list);
        let rust = self.declare(name, &list, VariableKind::Local, span);
        if let Some(learnt) = self.learn_of(name) {
            learnt.writes += 1;
            learnt.mutated = true;
        }
        Ok(Some(vec![Statement::new(StatementKind::Let {
            pattern: format!("mut {rust}"),
            ty,
            value: Some(call("Vec::new", vec![])),
            otherwise: None,
        })]))
    }

    /// An array of promises by name.
    fn begun_map(&mut self, name: &str, of: &Type, span: Span) -> Statement {
        self.import("std::collections::BTreeMap");
        let rust = self.declare(name, &Type::Map(Box::new(of.clone())), VariableKind::Local, span);
        if let Some(learnt) = self.learn_of(name) {
            learnt.writes += 1;
            learnt.mutated = true;
        }
        Statement::let_(format!("mut {rust}"), call("BTreeMap::new", vec![]))
    }

    /// What is known of the variable that a declaration here would begin.
    pub(super) fn upcoming_facts(&self, name: &str) -> VariableFacts {
        self.upcoming(name).unwrap_or_default().effective()
    }

    pub(super) fn upcoming(&self, name: &str) -> Option<VariableFacts> {
        let scope = self.scopes.last()?;
        let version = scope.variables.get(name).map_or(0, |variable| variable.version);
        let key = VariableKey { function: scope.function.clone(), name: name.to_owned(), version };
        self.facts.variables.get(&key).cloned()
    }

    /// Notes what an assignment to the whole of a variable says of its keys.
    pub(super) fn learn_keys(&mut self, name: &str, value: &Expression) {
        let keys = keys_of(value);
        if let Some(learnt) = self.learn_of(name) {
            learnt.keys = learnt.keys.join(keys);
        }
    }

    /// Notes that nothing is known of the keys of an array any more: it is sorted, or something is taken out.
    pub(super) fn learn_any_keys(&mut self, php: &Php) {
        if let E::Variable(name) = &php.bare().kind
            && let Some(learnt) = self.learn_of(name)
        {
            learnt.keys = Keys::Any;
        }
    }

    /// `target = value`, of a value that is translated.
    pub(super) fn assign_value(&mut self, target: &Php, value: Typed) -> Result<Vec<Statement>> {
        if let (E::Index { .. }, Some(whole)) = (&target.kind, self.static_of_part(target)) {
            return self.assign_part_of_static(&whole, target, value);
        }
        match &target.kind {
            E::Variable(name) => self.assign_variable(name, value, target.span).map(|statement| vec![statement]),
            E::Array(elements) => self.take_apart(elements, value, target.span),
            E::Index { base, index } => self.assign_element(base, index.as_deref(), value, target.span),
            E::Property { object, name, .. } => self.assign_property(object, name, value, target.span),
            E::StaticProperty { class, name } => self.assign_static(class, name, value, target.span),
            E::VariableVariable(_) => Err(Cannot::new(
                target.span,
                "a variable whose name is a value ($$name): keep the values in an array, by name",
            )),
            _ => Err(Cannot::new(target.span, "this cannot be assigned to")),
        }
    }

    /// `$name = value`: declares the variable if that is not done yet.
    pub(super) fn assign_variable(&mut self, name: &str, value: Typed, span: Span) -> Result<Statement> {
        if name == "this" {
            return Err(Cannot::new(span, "$this cannot be assigned"));
        }
        let Some((depth, variable)) = self.find_variable(name) else {
            return self.declare_with(name, value, span);
        };
        let facts = self.facts_of(name);
        if self.begins_anew(name, depth, &facts.ty, &value.ty, span) {
            let scope = self.scope();
            if let Some(variable) = scope.variables.get_mut(name) {
                variable.version += 1;
                variable.declared = false;
            }
            return self.declare_with(name, value, span);
        }
        self.learn_outer_change(depth);
        if let Some(learnt) = self.learn_of(name) {
            learnt.uses.insert(span.start);
        }
        self.learn_type(name, &value.ty);
        self.learn_keys(name, &value.code);
        if let Some(learnt) = self.learn_of(name) {
            learnt.writes += 1;
        }
        let value = self.coerce(value, &facts.ty, span)?.into_owned();
        let target = atom(variable.name.clone());
        Ok(Statement::expression(match variable.kind {
            VariableKind::Exclusive if self.is_object_of_caller(name) => {
                return Err(Cannot::new(
                    span,
                    format!(
                        "${name} is an object of the caller, and another from here on: use a new variable for that"
                    ),
                ));
            }
            VariableKind::Exclusive => assign("=", unary("*", target), value),
            VariableKind::ThreadLocal(path) => method(atom(path), "set", vec![value]),
            VariableKind::Static(_) | VariableKind::Made(_) => {
                return Err(Cannot::new(span, format!("${name} is global and changes: pass it on as an argument")));
            }
            VariableKind::Reference | VariableKind::Local => assign("=", target, value),
        }))
    }

    /// Whether the variable is a parameter that is an object, and no reference to the caller's variable.
    fn is_object_of_caller(&self, name: &str) -> bool {
        let Some(scope) = self.scopes.last() else { return false };
        let at = scope.parameters.iter().position(|parameter| parameter == name);
        let facts = self.facts.functions.get(&scope.function);
        at.is_some_and(|at| {
            facts.and_then(|facts| facts.parameters.get(at)).is_some_and(|parameter| parameter.exclusive)
        })
    }

    /// Whether an assignment begins a new variable of the same name: its type differs, and what reads the variable afterwards
    /// can only mean the new one.
    pub(super) fn begins_anew(&self, name: &str, depth: usize, old: &Type, new: &Type, span: Span) -> bool {
        let here = depth + 1 == self.scopes.len();
        let Some(scope) = self.scopes.get(depth) else { return false };
        let Some(variable) = scope.variables.get(name) else { return false };
        let same_loops = scope.loops.iter().all(|around| {
            around.span.start <= variable.declared_at && variable.declared_at < around.span.end
                || !(around.span.start <= span.start && span.start < around.span.end)
        });
        let unlike = *new != Type::Unknown && *old != Type::Unknown && old.join(new) != *old && *new != Type::Null;
        let is_reference = variable.kind == VariableKind::Reference;
        here && scope.conditional == 0 && same_loops && (unlike || is_reference) && scope.straight(variable.declared_at)
    }

    /// `let name = value;`
    pub(super) fn declare_with(&mut self, name: &str, value: Typed, span: Span) -> Result<Statement> {
        let facts = self.upcoming_facts(name);
        let ty = facts.ty.join(&value.ty);
        let rust = self.declare(name, &value.ty, VariableKind::Local, span);
        if value.ty == Type::Integer && is_large(&value.code) && (facts.mutated || facts.writes > 1) {
            // What is added to it may be a float.
            self.learn_type(name, &Type::Json);
        }
        self.learn_keys(name, &value.code);
        if let Some(learnt) = self.learn_of(name) {
            learnt.writes += 1;
        }
        if ty == Type::Conflict {
            return Err(Cannot::by_type(
                span,
                format!("${name} has values of types that no Rust type holds: use two variables"),
            ));
        }
        let mutability = self.mutability(name);
        // A reference is enough for what is only read.
        let value = if facts.ty == Type::Json && mutability.is_empty() { self.lent(value) } else { value };
        let borrowed = value.form == Form::Reference
            && mutability.is_empty()
            && value.ty == facts.ty
            && value.chained.as_ref().is_none_or(|chained| !matches!(chained.root, Form::Owned | Form::Last))
            && !self.is_unsettled(&value.code);
        if borrowed && let Some(variable) = self.scope().variables.get_mut(name) {
            variable.kind = VariableKind::Reference;
        }
        if facts.ty == Type::Null && ty == Type::Null {
            // It never is anything else: what reads it knows.
            self.import("wechatpay::Value");
            return Ok(Statement::new(StatementKind::Let {
                pattern: format!("_{rust}"),
                ty: Some("Option<Value>".to_owned()),
                value: Some(atom("None")),
                otherwise: None,
            }));
        }
        let wider = if value.ty == facts.ty { None } else { self.dyn_text(&facts.ty) };
        let value = if facts.ty == Type::Unknown { value } else { self.coerce(value, &facts.ty, span)? };
        let code = if borrowed { value.code } else { value.into_owned() };
        Ok(Statement::new(StatementKind::Let {
            pattern: format!("{mutability}{rust}"),
            ty: wider.or_else(|| annotation(&code, &facts)),
            value: Some(code),
            otherwise: None,
        }))
    }

    /// An element of an array that nothing changes, borrowed.
    pub(super) fn lent(&mut self, value: Typed) -> Typed {
        let is_element = matches!(value.code, Expression::Index { .. });
        if value.ty != Type::Json || value.form != Form::Place || !is_element || !self.is_fixed(&value.code) {
            return value;
        }
        Typed { code: crate::rust::build::reference(value.code), form: Form::Reference, ..value }
    }

    /// Whether what a reference is to may change while it is kept.
    pub(super) fn is_unsettled(&self, code: &Expression) -> bool {
        match code {
            Expression::Unary { operand, .. } | Expression::Try(operand) => self.is_unsettled(operand),
            Expression::Index { base, .. } => self.is_unsettled(base),
            Expression::Field { receiver, .. } | Expression::Method { receiver, .. } => self.is_unsettled(receiver),
            Expression::Call { arguments, .. } => arguments.first().is_some_and(|first| self.is_unsettled(first)),
            Expression::Atom(name) if name == "self" => {
                let key = self.method_around();
                key.and_then(|key| self.facts.functions.get(&key)).is_some_and(|facts| facts.mutates_self)
            }
            Expression::Atom(name) => self.scopes.iter().rev().any(|scope| {
                scope.variables.iter().any(|(php, variable)| {
                    let facts = self.facts_of(php);
                    variable.declared && variable.name == *name && (facts.mutated || facts.writes > 1)
                })
            }),
            Expression::If { then, otherwise, .. } => {
                let in_block = |block: &crate::rust::tree::Block| {
                    block.statements.iter().any(|statement| match &statement.kind {
                        StatementKind::Value(value) => self.is_unsettled(value),
                        _ => false,
                    })
                };
                in_block(then) || otherwise.as_deref().is_some_and(|code| self.is_unsettled(code))
            }
            Expression::Block(block) => block.statements.iter().any(|statement| match &statement.kind {
                StatementKind::Value(value) => self.is_unsettled(value),
                _ => false,
            }),
            _ => false,
        }
    }

    /// Whether what the expression is a part of is a variable of this function that is assigned once and never changed.
    pub(super) fn is_fixed(&self, code: &Expression) -> bool {
        match code {
            Expression::Index { base, .. } => self.is_fixed(base),
            Expression::Atom(name) => {
                let Some(scope) = self.scopes.last() else { return false };
                let found = scope.variables.iter().find(|(_, variable)| variable.declared && variable.name == *name);
                found.is_some_and(|(php, variable)| {
                    let facts = self.facts_of(php);
                    matches!(variable.kind, VariableKind::Local | VariableKind::Reference)
                        && !facts.mutated
                        && facts.writes <= 1
                })
            }
            _ => false,
        }
    }
}

impl Typed {
    /// A text for `impl Into<Value>`: `&str` is one, too.
    pub(super) fn into_owned_or_literal(self) -> Expression {
        match self.form {
            Form::Reference => self.code,
            _ => self.into_owned(),
        }
    }
}

/// The type of a number that Rust could take for a smaller one, where the program calculates with it.
pub fn annotation(code: &Expression, facts: &VariableFacts) -> Option<String> {
    let is_literal = match code {
        Expression::Atom(number) => number.starts_with(|c: char| c.is_ascii_digit()),
        Expression::Unary { operator: "-", operand } => {
            matches!(&**operand, Expression::Atom(number) if number.starts_with(|c: char| c.is_ascii_digit()))
        }
        Expression::Binary { .. } => true,
        _ => false,
    };
    let counts = facts.computed || facts.mutated || facts.writes > 1;
    match facts.ty {
        Type::Integer if is_literal && counts && !says_i64(code) => Some("i64".to_owned()),
        Type::Float if is_literal && !matches!(code, Expression::Binary { .. }) => Some("f64".to_owned()),
        _ => None,
    }
}

/// Whether the compiler sees from the expression that it is an `i64`.
pub fn says_i64(code: &Expression) -> bool {
    match code {
        Expression::Atom(text) => {
            text.ends_with("_i64") || !text.starts_with(|c: char| c.is_ascii_digit()) && text.contains("i64")
        }
        Expression::Binary { left, right, .. } => {
            says_i64(left) || says_i64(right) || !(is_number(left) && is_number(right))
        }
        Expression::Unary { operand, .. } => says_i64(operand),
        _ => true,
    }
}

pub fn is_number(code: &Expression) -> bool {
    match code {
        Expression::Atom(text) => text.starts_with(|c: char| c.is_ascii_digit()),
        Expression::Binary { left, right, .. } => is_number(left) && is_number(right),
        Expression::Unary { operand, .. } | Expression::Paren(operand) => is_number(operand),
        _ => false,
    }
}

/// How often an expression reads a variable; one in a closure or that may not happen counts as more than one.
pub fn reads(php: &Php, name: &str) -> usize {
    let mut count = 0;
    php.each(&mut |part| match &part.kind {
        E::Variable(variable) => count += usize::from(variable == name),
        E::Closure(_) | E::Ternary { .. } | E::Match { .. } => count += 2,
        E::Binary { operator: Binary::And | Binary::Or | Binary::Coalesce, .. } => count += 2,
        _ => {}
    });
    count
}

/// Whether a key can be the name of a variable.
pub fn is_plain_key(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_alphabetic()) && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Whether evaluating it changes a variable.
pub fn has_effect(php: &Php) -> bool {
    let mut found = false;
    php.each(&mut |part| found |= matches!(part.kind, E::Step { .. } | E::Assign { .. }));
    found
}

/// The property that the expression is, or is a part of.
fn property_of(php: &Php) -> Option<&str> {
    match &php.kind {
        E::Index { base, .. } => property_of(base),
        E::Property { name: crate::php::tree::Name::Plain(name), .. } => Some(name),
        _ => None,
    }
}
