//! Closures, and calls of values.

use std::collections::BTreeMap;

use crate::php::tree::{Argument, Callee, Closure, ClosureBody, Expression as Php, ExpressionKind as E, Parameter};
use crate::rust::build::atom;
use crate::rust::tree::{Block, Expression, Statement, StatementKind};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::loops::changes_in;
use crate::translate::plan::{Plan, each_variable};
use crate::translate::scope::{Scope, ScopeKind, Variable, VariableKind};
use crate::translate::types::{Signature, Type};
use crate::translate::value::Typed;

/// What a closure is written for.
#[derive(Debug, Clone, Default)]
pub struct Purpose {
    /// The types that it is called with, where that is known; they are references where the type is not copied.
    pub parameters: Vec<Type>,
    /// The type that it has to give.
    pub returns: Option<Type>,
    /// Whether the types of its parameters are written down: where the compiler cannot work them out.
    pub annotated: bool,
    /// Whether it must not fail: it is handed to what takes no `Result`.
    pub infallible: bool,
    /// Whether it owns what it captures.
    pub moves: bool,
}

impl<'a> Translator<'a> {
    /// A closure that is kept in a variable or handed to a function of the file.
    pub(super) fn closure(&mut self, closure: &Closure, span: Span) -> Result<Typed> {
        self.closure_for(closure, span, &Purpose { annotated: true, ..Purpose::default() })
    }

    /// A closure for something that is known.
    pub(super) fn closure_for(&mut self, closure: &Closure, span: Span, purpose: &Purpose) -> Result<Typed> {
        if closure.is_generator {
            return Err(Cannot::new(span, "a closure that is a generator: make it a function"));
        }
        let key = format!("closure@{}", span.start);
        let hint = closure.returns.as_ref().map(|hint| self.hint(hint)).filter(|ty| *ty != Type::Json && !ty.is_open());
        let returns = purpose.returns.clone().or(hint);
        let known: Vec<String> = closure.parameters.iter().map(|parameter| parameter.name.clone()).collect();
        let plan = match &closure.body {
            ClosureBody::Block(block) => {
                let captured = closure.captures.iter().map(|capture| capture.name.clone());
                Plan::new(&block.statements, &known.iter().cloned().chain(captured).collect::<Vec<_>>())
            }
            ClosureBody::Arrow(_) => Plan::default(),
        };
        let captures = match closure.body {
            ClosureBody::Block(_) => Some(closure.captures.iter().map(|capture| capture.name.clone()).collect()),
            ClosureBody::Arrow(_) => None,
        };
        let class = self.scopes.iter().rev().find_map(|scope| scope.class.clone());
        self.check_shared(closure, span, &key)?;
        if let ClosureBody::Arrow(value) = &closure.body {
            let mut changes = false;
            value.each(&mut |part| {
                let (E::Assign { target, .. } | E::Step { target, .. }) = &part.kind else { return };
                let E::Variable(name) = &target.kind else { return };
                changes |= closure.parameters.iter().all(|parameter| parameter.name != *name);
            });
            if changes {
                return Err(Cannot::new(
                    span,
                    "an arrow function that assigns: what it changes is a copy; write a function",
                ));
            }
        }
        let kept = self.kept_captures(closure, span)?;
        self.scopes.push(Scope {
            variables: kept,
            function: key.clone(),
            class,
            plan,
            returns,
            captures,
            may_fail: !purpose.infallible,
            kind: ScopeKind::Closure,
            parameters: known,
            ..Scope::default()
        });
        let translated = self.closure_parts(closure, purpose);
        let scope = self.scopes.pop().unwrap_or_default();
        let (parameters, types, body) = translated?;
        self.learn_closure(&key, &scope);
        let facts = self.facts.functions.get(&key).cloned().unwrap_or_default();
        let returns = scope.returns.clone().unwrap_or(facts.returns);
        let (fails, mutates) = (facts.fails, facts.mutates_self);
        let signature = Signature { key: Some(key), parameters: types, returns, fails, mutates };
        let (written, body) = self.written_return(purpose, &signature, body);
        let code = Expression::Closure { moves: purpose.moves, parameters, returns: written, body: Box::new(body) };
        Ok(Typed::owned(code, Type::Closure(Box::new(signature))))
    }

    /// The type that a closure gives, where the compiler cannot work out the errors in it; it wants a block then.
    fn written_return(
        &mut self,
        purpose: &Purpose,
        signature: &Signature,
        body: Expression,
    ) -> (Option<String>, Expression) {
        if !purpose.annotated || !signature.fails {
            return (None, body);
        }
        self.import("anyhow::Result");
        let returns = match &signature.returns {
            Type::Never => "Result<_>".to_owned(),
            ty => format!("Result<{}>", self.type_text(ty)),
        };
        let body = match body {
            Expression::Block(block) => Expression::Block(block),
            body => Expression::Block(Block::of(body)),
        };
        (Some(returns), body)
    }

    /// Variables that a closure captures by value and that change while it lives: it has a copy from before.
    fn kept_captures(&mut self, closure: &Closure, span: Span) -> Result<BTreeMap<String, Variable>> {
        let mut names: Vec<String> = match &closure.body {
            ClosureBody::Block(_) => {
                closure.captures.iter().filter(|one| !one.by_reference).map(|one| one.name.clone()).collect()
            }
            ClosureBody::Arrow(value) => {
                let mut names = Vec::new();
                each_variable(value, &mut |name| names.push(name.to_owned()));
                names.retain(|name| closure.parameters.iter().all(|parameter| parameter.name != *name));
                names
            }
        };
        names.sort();
        names.dedup();
        let mut kept = BTreeMap::new();
        for name in names {
            let facts = self.facts_of(&name);
            let local = self.find_variable(&name).filter(|(depth, _)| depth + 1 == self.scopes.len());
            let Some((_, variable)) = local else { continue };
            let later = facts.uses.iter().any(|at| *at > span.end) || self.in_loop();
            let changes = facts.mutated || facts.writes > 1;
            if !changes || !later || variable.kind != VariableKind::Local || self.scope().conditional > 0 {
                continue;
            }
            let value = self.variable(&name, span)?;
            let ty = value.ty.clone();
            let code = Typed { form: crate::translate::value::Form::Place, ..value }.into_owned();
            let copy = self.fresh(&format!("{}_then", variable.name));
            self.scope().before.push(Statement::let_(copy.clone(), code));
            let own = Variable { name: copy, declared: true, declared_at: span.start, ..Variable::default() };
            kept.insert(name.clone(), own);
            let key =
                crate::translate::facts::VariableKey { function: format!("closure@{}", span.start), name, version: 0 };
            self.learnt.variables.entry(key).or_default().ty = ty;
        }
        Ok(kept)
    }

    fn in_loop(&mut self) -> bool {
        self.scope().loops.iter().any(|around| !around.is_switch)
    }

    /// What a closure shares by reference must not be used by others while it lives, and it cannot share itself.
    fn check_shared(&mut self, closure: &Closure, span: Span, key: &str) -> Result<()> {
        for capture in closure.captures.iter().filter(|capture| capture.by_reference) {
            let facts = self.facts_of(&capture.name);
            let is_itself = matches!(&facts.ty, Type::Closure(signature) if signature.key.as_deref() == Some(key));
            if is_itself || self.find_variable(&capture.name).is_none() {
                return Err(Cannot::new(span, "a closure that calls itself: make it a function"));
            }
            let lives_until = self
                .facts
                .variables
                .iter()
                .filter(
                    |(_, facts)| matches!(&facts.ty, Type::Closure(signature) if signature.key.as_deref() == Some(key)),
                )
                .map(|(_, facts)| facts.last_read)
                .max()
                .unwrap_or_default();
            if facts.uses.range(span.end..lives_until.max(span.end)).next().is_some() {
                return Err(Cannot::new(
                    span,
                    format!("${} is shared with a closure and used beside it: keep it in a Cell", capture.name),
                ));
            }
        }
        Ok(())
    }

    fn closure_parts(&mut self, closure: &Closure, purpose: &Purpose) -> Result<(Vec<String>, Vec<Type>, Expression)> {
        let mut parameters = Vec::new();
        let mut types = Vec::new();
        for (at, parameter) in closure.parameters.iter().enumerate() {
            let (text, ty) = self.closure_parameter(parameter, at, purpose)?;
            parameters.push(text);
            types.push(ty);
        }
        let body = match &closure.body {
            ClosureBody::Arrow(value) => self.arrow(value)?,
            ClosureBody::Block(block) => {
                let own = self.own_captures(closure, &block.statements);
                let mut body = self.body(&block.statements, block.span);
                body.statements.splice(0..0, own);
                unblocked(body)
            }
        };
        Ok((parameters, types, body))
    }

    /// What a closure captures by value and changes: it changes a copy, anew in each call.
    fn own_captures(&mut self, closure: &Closure, statements: &[crate::php::tree::Statement]) -> Vec<Statement> {
        let mut own = Vec::new();
        for capture in closure.captures.iter().filter(|capture| !capture.by_reference) {
            if !changes_in(statements, &capture.name) {
                continue;
            }
            let Ok(value) = self.variable(&capture.name, closure_span(statements)) else { continue };
            let ty = value.ty.clone();
            let code = Typed { form: crate::translate::value::Form::Place, ..value }.into_owned();
            let rust = self.declare(&capture.name, &ty, VariableKind::Local, closure_span(statements));
            own.push(Statement::let_(format!("mut {rust}"), code));
        }
        own
    }

    fn arrow(&mut self, php: &Php) -> Result<Expression> {
        let scope = self.scope();
        scope.discards_next = scope.returns.is_none();
        self.arrow_body(php, |value| value)
    }

    /// The value of an arrow function; `given` is what stands for it where it is returned.
    pub(super) fn arrow_body(&mut self, php: &Php, given: impl FnOnce(Typed) -> Typed) -> Result<Expression> {
        let wanted = self.scope().returns.clone();
        let value = match &wanted {
            Some(ty) => self.expression_as(php, ty)?,
            None => self.expression(php)?,
        };
        let scope = self.scope();
        scope.returned = scope.returned.join(&value.ty);
        if value.ty == Type::Never {
            return Ok(value.code);
        }
        let returns = self.returned_type();
        let value = if returns == Type::Unknown { value } else { self.coerce(value, &returns, php.span)? };
        let mut statements = std::mem::take(&mut self.scope().before);
        let code = self.wrapped(given(value)).unwrap_or_else(|| atom("()"));
        if statements.is_empty() {
            return Ok(code);
        }
        statements.push(Statement::new(StatementKind::Value(code)));
        Ok(Expression::Block(Block::new(statements)))
    }

    fn closure_parameter(&mut self, parameter: &Parameter, at: usize, purpose: &Purpose) -> Result<(String, Type)> {
        if parameter.variadic || (parameter.default.is_some() && !purpose.parameters.is_empty()) {
            return Err(Cannot::new(parameter.span, "a closure whose arguments may be left out: make it a function"));
        }
        let default = self.default_type(parameter);
        let key = self.scope().function.clone();
        let known =
            self.facts.functions.get(&key).and_then(|facts| facts.parameters.get(at)).map(|facts| facts.ty.clone());
        let known = known.unwrap_or_default();
        let hinted = parameter.hint.as_ref().map(|hint| self.hint(hint));
        let expected = purpose.parameters.get(at).cloned();
        let ty = match (expected, hinted) {
            (Some(ty), _) if ty != Type::Unknown => ty,
            (_, Some(ty)) if ty == Type::Json || ty.is_open() => known,
            (_, Some(ty)) => ty,
            (_, None) => known.join(&default),
        };
        let ty = if default == Type::Null { ty.optional() } else { ty };
        let kind = match &ty {
            _ if parameter.by_reference => VariableKind::Exclusive,
            ty if ty.is_copy() => VariableKind::Local,
            _ => VariableKind::Reference,
        };
        let rust = self.declare(&parameter.name, &ty, kind.clone(), parameter.span);
        if let Some(learnt) = self.learn_of(&parameter.name) {
            learnt.writes += 1;
        }
        if purpose.parameters.get(at).is_some_and(|expected| *expected == Type::Json) {
            // It is called with what is JSON, whatever is made of that.
            self.learn_inspected(&parameter.name);
        }
        let rust = if self.facts_of(&parameter.name).read { rust } else { self.unread(&parameter.name, &rust) };
        let mutability = if ty.is_copy() { self.mutability(&parameter.name) } else { "" };
        let text = if purpose.annotated || parameter.by_reference {
            format!("{mutability}{rust}: {}", self.parameter_text(&ty, &kind))
        } else {
            format!("{mutability}{rust}")
        };
        Ok((text, ty))
    }

    fn learn_closure(&mut self, key: &str, scope: &Scope) {
        let mut types = Vec::new();
        for name in &scope.parameters {
            let key = crate::translate::facts::VariableKey { function: key.to_owned(), name: name.clone(), version: 0 };
            types.push(self.learnt.variables.get(&key).map(|facts| facts.ty.clone()).unwrap_or_default());
        }
        let learnt = self.learnt.functions.entry(key.to_owned()).or_default();
        learnt.fails |= scope.fails;
        learnt.mutates_self |= scope.mutates;
        learnt.returns = learnt.returns.join(&scope.returned);
        for (at, ty) in types.into_iter().enumerate() {
            let parameter = learnt.parameter(at);
            parameter.ty = parameter.ty.join(&ty);
        }
    }

    /// Something that can be called, for a purpose: a closure, the name of a function, a variable.
    pub(super) fn callable_for(&mut self, php: &Php, purpose: &Purpose) -> Result<Typed> {
        match &php.bare().kind {
            E::Closure(closure) => self.closure_for(closure, php.bare().span, purpose),
            E::Text(name) => {
                let name = name.clone();
                self.wrapper(php, purpose, |argument| Php {
                    span: php.span,
                    kind: E::Call { callee: Callee::Named(name), arguments: vec![argument] },
                })
            }
            E::FirstClassCallable(of) => {
                let of = (**of).clone();
                self.wrapper(php, purpose, |argument| with_argument(of, argument))
            }
            _ => {
                let value = self.expression(php)?;
                match value.ty {
                    Type::Unknown | Type::Closure(_) => Ok(value),
                    ty => Err(Cannot::new(php.span, format!("{ty} cannot be called: write a closure"))),
                }
            }
        }
    }

    /// A closure of one argument around a call.
    fn wrapper(&mut self, php: &Php, purpose: &Purpose, make: impl FnOnce(Argument) -> Php) -> Result<Typed> {
        // No name of PHP: it cannot be one of the program's variables.
        let name = "item".to_owned();
        let value = Php { span: php.span, kind: E::Variable(name.clone()) };
        let argument = Argument { span: php.span, name: None, value, spread: false };
        let parameter = Parameter {
            span: php.span,
            name,
            hint: None,
            default: None,
            by_reference: false,
            variadic: false,
            promoted: None,
        };
        let closure = Closure {
            parameters: vec![parameter],
            captures: vec![],
            returns: None,
            body: ClosureBody::Arrow(make(argument)),
            is_generator: false,
        };
        let mut wrapped = self.closure_for(&closure, php.span, purpose)?;
        if let Expression::Closure { parameters, body, .. } = &wrapped.code
            && let (Expression::Call { callee, arguments }, [parameter]) = (&**body, parameters.as_slice())
            && matches!(arguments.as_slice(), [Expression::Atom(argument)] if argument == parameter)
        {
            wrapped.code = (**callee).clone();
        }
        Ok(wrapped)
    }

    /// `strlen(...)`, `$a->b(...)`
    pub(super) fn callable(&mut self, of: &Php, span: Span) -> Result<Typed> {
        let whole = Php { span, kind: E::FirstClassCallable(Box::new(of.clone())) };
        self.callable_for(&whole, &Purpose { annotated: true, ..Purpose::default() })
    }

    /// `$f(…)`, `($this->f)(…)`
    pub(super) fn call_value(&mut self, callee: &Php, arguments: &[Argument], span: Span) -> Result<Typed> {
        if let E::Closure(closure) = &callee.bare().kind {
            return self.called_at_once(closure, callee.bare().span, arguments, span);
        }
        if let E::Text(name) = &callee.bare().kind {
            return self.call(&Callee::Named(name.clone()), arguments, span);
        }
        let value = self.expression(callee)?;
        match value.ty.clone() {
            Type::Unknown => {
                for argument in arguments {
                    self.expression(&argument.value)?;
                }
                Ok(Typed::unknown())
            }
            Type::Closure(signature) => {
                if signature.mutates {
                    value.variable.iter().for_each(|name| self.learn_mutated(name));
                }
                let is_field = matches!(value.code, Expression::Field { .. });
                let code = if is_field { Expression::Paren(Box::new(value.code)) } else { value.code };
                self.call_closure(code, &signature, arguments, span)
            }
            Type::Class(class) => {
                let name = crate::php::tree::Name::Plain("__invoke".to_owned());
                self.object_call(value, &class, &name, arguments, span)
            }
            ty => Err(Cannot::new(span, format!("{ty} cannot be called"))),
        }
    }

    fn called_at_once(&mut self, closure: &Closure, at: Span, arguments: &[Argument], span: Span) -> Result<Typed> {
        let value = self.closure_for(closure, at, &Purpose { annotated: true, ..Purpose::default() })?;
        let Type::Closure(signature) = value.ty.clone() else { return Ok(Typed::unknown()) };
        self.call_closure(Expression::Paren(Box::new(value.code)), &signature, arguments, span)
    }

    fn call_closure(
        &mut self,
        code: Expression,
        signature: &Signature,
        arguments: &[Argument],
        span: Span,
    ) -> Result<Typed> {
        let mut passed = Vec::new();
        for (at, php) in self.in_order(signature, arguments, span)?.into_iter().enumerate() {
            let wanted = signature.parameters.get(at).cloned().unwrap_or_default();
            let value = self.expression_wanting(php, &wanted)?;
            if let Some(key) = &signature.key {
                let learnt = self.learnt.functions.entry(key.clone()).or_default().parameter(at);
                learnt.ty = learnt.ty.join(&value.ty);
            }
            passed.push(self.passed(value, &wanted, false, php.span)?);
        }
        if signature.key.is_none() && passed.len() > signature.parameters.len() && signature.returns != Type::Unknown {
            return Err(Cannot::new(
                span,
                "a function of which nothing here says what it takes: pass one in this file",
            ));
        }
        passed.truncate(if signature.key.is_some() { signature.parameters.len() } else { passed.len() });
        let code = Expression::Call { callee: Box::new(code), arguments: passed };
        let (code, passes_on) =
            if signature.fails { (self.try_of(span, code, signature.key.as_deref())?, true) } else { (code, false) };
        Ok(Typed { passes_on, ..Typed::owned(code, signature.returns.clone()) })
    }

    /// The arguments of a closure as its parameters are, with the defaults of those that are left out.
    fn in_order<'p>(&self, signature: &Signature, arguments: &'p [Argument], span: Span) -> Result<Vec<&'p Php>>
    where
        'a: 'p,
    {
        if let Some(spread) = arguments.iter().find(|argument| argument.spread) {
            return Err(Cannot::new(spread.span, "arguments of a closure from an array: write them out"));
        }
        let at = signature.key.as_deref().and_then(|key| key.strip_prefix("closure@")?.parse::<usize>().ok());
        let Some(closure) = at.and_then(|at| self.program.closures.get(&at)) else {
            if let Some(named) = arguments.iter().find(|argument| argument.name.is_some()) {
                return Err(Cannot::new(
                    named.span,
                    "an argument by name, of what may be several closures: give it by its place",
                ));
            }
            if signature.key.is_some() && arguments.len() < signature.parameters.len() {
                return Err(Cannot::new(span, "an argument is missing: PHP throws an ArgumentCountError here"));
            }
            return Ok(arguments.iter().map(|argument| &argument.value).collect());
        };
        if let Some(extra) = arguments.get(closure.parameters.len()).filter(|extra| !is_plain(&extra.value)) {
            return Err(Cannot::new(extra.span, "an argument that the closure does not take: leave it out"));
        }
        let mut values = Vec::new();
        for (at, parameter) in closure.parameters.iter().enumerate() {
            let named = arguments.iter().find(|argument| argument.name.as_deref() == Some(&parameter.name));
            let given = named.or_else(|| arguments.get(at).filter(|argument| argument.name.is_none()));
            values.push(match (given, &parameter.default) {
                (Some(given), _) => &given.value,
                (None, Some(default)) => default,
                (None, None) => {
                    return Err(Cannot::new(
                        span,
                        format!(
                            "the argument ${} of the closure is missing: PHP throws an ArgumentCountError here",
                            parameter.name
                        ),
                    ));
                }
            });
        }
        Ok(values)
    }
}

/// Whether nothing happens where it is evaluated.
fn is_plain(php: &Php) -> bool {
    let mut plain = true;
    php.each(&mut |part| {
        plain &= matches!(part.kind, E::Variable(_) | E::Text(_) | E::Integer(_) | E::Float(_) | E::Constant(_));
    });
    plain
}

/// A call with this as its only argument.
fn with_argument(of: Php, argument: Argument) -> Php {
    let kind = match of.kind {
        E::Call { callee, .. } => E::Call { callee, arguments: vec![argument] },
        E::MethodCall { object, name, nullsafe, .. } => {
            E::MethodCall { object, name, nullsafe, arguments: vec![argument] }
        }
        E::StaticCall { class, name, .. } => E::StaticCall { class, name, arguments: vec![argument] },
        kind => kind,
    };
    Php { span: of.span, kind }
}

fn closure_span(statements: &[crate::php::tree::Statement]) -> Span {
    statements.first().map(|statement| statement.span).unwrap_or_default()
}

/// A body of one value needs no braces.
fn unblocked(block: Block) -> Expression {
    match block.statements.as_slice() {
        [Statement { kind: StatementKind::Value(value), lead, trailing: None }]
            if lead.comments.is_empty() && block.end.comments.is_empty() =>
        {
            value.clone()
        }
        _ => Expression::Block(block),
    }
}
