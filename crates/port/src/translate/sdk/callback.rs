//! The functions that promises call: each owns what it captures, and gives a `Result`.

use crate::php::tree::{
    Argument, Callee, Cast, ClassName, Closure, ClosureBody, Expression as Php, ExpressionKind as E, Name, Parameter,
    StatementKind as S,
};
use crate::rust::build::atom;
use crate::rust::tree::{Block, Expression, Statement, StatementKind};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::plan::{Plan, each_variable};
use crate::translate::scope::{Scope, ScopeKind, VariableKind};
use crate::translate::types::Type;
use crate::translate::value::{Form, Typed};

/// What a callback has become.
#[derive(Debug)]
pub(super) struct Callback {
    pub code: Expression,
    pub returns: Type,
    /// Whether it gives a `Result`; one that gives a promise need not.
    pub fails: bool,
}

/// A callback's key among the facts.
pub(super) fn key_of(php: &Php) -> String {
    format!("closure@{}", php.bare().span.start)
}

impl Translator<'_> {
    /// A callback that is given a value of this type.
    pub(super) fn promised_callback(&mut self, php: &Php, given: &Type) -> Result<Callback> {
        let wanted = self.sdk.wanted.take();
        match &php.bare().kind {
            E::Closure(closure) => self.callback_of(closure, php.bare().span, given, wanted),
            E::FirstClassCallable(of) => {
                self.wrapped_callback(php, given, wanted, |argument| with_argument(of, argument))
            }
            E::Text(name) => self.wrapped_callback(php, given, wanted, |argument| E::Call {
                callee: Callee::Named(name.clone()),
                arguments: vec![argument],
            }),
            E::Variable(_) => self.wrapped_callback(php, given, wanted, |argument| E::Call {
                callee: Callee::Computed(Box::new(php.clone())),
                arguments: vec![argument],
            }),
            _ => {
                Err(Cannot::new(php.span, "a callback that is no function written here: write a closure that calls it"))
            }
        }
    }

    /// A function by its name: `|value| name(value)`.
    fn wrapped_callback(
        &mut self,
        php: &Php,
        given: &Type,
        wanted: Option<Type>,
        make: impl FnOnce(Argument) -> E,
    ) -> Result<Callback> {
        let name = match given {
            Type::Response => "response",
            Type::ClientError => "error",
            _ => "value",
        };
        let span = php.bare().span;
        let value = Php { span, kind: E::Variable(name.to_owned()) };
        let argument = Argument { span, name: None, value, spread: false };
        let parameter = Parameter {
            span,
            name: name.to_owned(),
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
            body: ClosureBody::Arrow(Php { span, kind: make(argument) }),
            is_generator: false,
        };
        self.callback_of(&closure, span, given, wanted)
    }

    fn callback_of(&mut self, closure: &Closure, span: Span, given: &Type, wanted: Option<Type>) -> Result<Callback> {
        check(closure, span)?;
        if self.closure_asks_object(&closure.body) {
            return Err(Cannot::new(
                span,
                "$this in a callback that runs on its own: take what it needs into variables before, or call wait() first",
            ));
        }
        let key = format!("closure@{}", span.start);
        let captured = self.captured(closure, span)?;
        let known: Vec<String> = closure.parameters.iter().map(|parameter| parameter.name.clone()).collect();
        let plan = match &closure.body {
            ClosureBody::Block(block) => {
                let seen = captured.iter().map(|(name, _)| name.clone()).chain(known.iter().cloned());
                Plan::new(&block.statements, &seen.collect::<Vec<_>>())
            }
            ClosureBody::Arrow(_) => Plan::default(),
        };
        let hint = closure.returns.as_ref().map(|hint| self.hint(hint)).filter(|ty| *ty != Type::Json && !ty.is_open());
        let class = self.scopes.iter().rev().find_map(|scope| scope.class.clone());
        self.scopes.push(Scope {
            function: key.clone(),
            class,
            plan,
            returns: hint.or(wanted),
            captures: Some(Vec::new()),
            may_fail: true,
            kind: ScopeKind::Closure,
            parameters: known,
            ..Scope::default()
        });
        let translated = self.callback_parts(closure, &captured, given, span);
        let scope = self.scopes.pop().unwrap_or_default();
        let (parameter, body, bindings) = translated?;
        let returned = scope.returns.clone().unwrap_or(scope.returned.clone());
        let learnt = self.learnt.functions.entry(key.clone()).or_default();
        learnt.returns = learnt.returns.join(&returned);
        let facts = self.facts.functions.get(&key).cloned().unwrap_or_default();
        let returns = scope.returns.clone().unwrap_or(facts.returns);
        let follows = matches!(returns, Type::Promise(_));
        let fails = scope.fails || !(follows || returns == Type::Unknown);
        self.learnt.functions.entry(key).or_default().fails |= fails;
        let moves = captured.iter().any(|(name, _)| bindings.used.contains(name));
        let code = Expression::Closure { moves, parameters: vec![parameter], returns: None, body: Box::new(body) };
        Ok(Callback { code: with_bindings(bindings.statements, code), returns, fails })
    }

    /// The variables around a callback that are used in it, and their values there.
    fn captured(&mut self, closure: &Closure, span: Span) -> Result<Vec<(String, Typed)>> {
        let mut names: Vec<String> = Vec::new();
        match &closure.body {
            ClosureBody::Block(_) => names.extend(closure.captures.iter().map(|capture| capture.name.clone())),
            ClosureBody::Arrow(value) => each_variable(value, &mut |name| {
                let own = closure.parameters.iter().any(|parameter| parameter.name == name);
                if !own && !names.iter().any(|known| known == name) {
                    names.push(name.to_owned());
                }
            }),
        }
        let mut captured = Vec::new();
        for name in names {
            let in_snippet = self.scopes.first().is_some_and(|scope| scope.kind == ScopeKind::Snippet);
            if self.find_variable(&name).is_none() && !in_snippet {
                continue;
            }
            let value = self.variable(&name, span)?;
            if value.ty == Type::Json {
                self.wants_owned(&value);
            }
            captured.push((name, value));
        }
        Ok(captured)
    }

    fn callback_parts(
        &mut self,
        closure: &Closure,
        captured: &[(String, Typed)],
        given: &Type,
        span: Span,
    ) -> Result<(String, Expression, Bindings)> {
        for (name, value) in captured {
            self.declare(name, &value.ty, VariableKind::Local, span);
        }
        let parameter = match closure.parameters.as_slice() {
            [] => "_".to_owned(),
            [parameter] => self.callback_parameter(parameter, given),
            _ => return Err(Cannot::new(span, "a promise hands over one value")),
        };
        let body = match &closure.body {
            ClosureBody::Arrow(value) => self.callback_arrow(value)?,
            ClosureBody::Block(block) => {
                let body = self.body(&block.statements, block.span);
                match body.statements.as_slice() {
                    [Statement { kind: StatementKind::Value(value), lead, trailing: None }]
                        if lead.comments.is_empty() && body.end.comments.is_empty() =>
                    {
                        value.clone()
                    }
                    _ => Expression::Block(body),
                }
            }
        };
        let mut bindings = Bindings::default();
        for (name, value) in captured {
            let facts = self.facts_of(name);
            if !facts.read && !facts.mutated && facts.writes == 0 {
                continue;
            }
            bindings.used.push(name.clone());
            let mutability = if facts.mutated || facts.writes > 0 { "mut " } else { "" };
            let inner = self.find_variable(name).map(|(_, variable)| variable.name).unwrap_or_default();
            let as_it_is = mutability.is_empty() && matches!(&value.code, Expression::Atom(code) if *code == inner);
            let moved = match value.form {
                Form::Last | Form::Owned => true,
                Form::Place => value.ty.is_copy(),
                Form::Reference => false,
            };
            if (as_it_is && moved) || value.is_unknown() {
                continue;
            }
            let code = value.clone().into_owned();
            bindings.statements.push(Statement::let_(format!("{mutability}{inner}"), code));
        }
        Ok((parameter, body, bindings))
    }

    fn callback_parameter(&mut self, parameter: &Parameter, given: &Type) -> String {
        let hinted = parameter.hint.as_ref().map(|hint| self.hint(hint)).unwrap_or_default();
        let ty = if *given == Type::Unknown { hinted } else { given.clone() };
        let rust = self.declare(&parameter.name, &ty, VariableKind::Local, parameter.span);
        if let Some(learnt) = self.learn_of(&parameter.name) {
            learnt.writes += 1;
        }
        let facts = self.facts_of(&parameter.name);
        if !facts.read || ty == Type::Null {
            return "_".to_owned();
        }
        format!("{}{rust}", self.mutability(&parameter.name))
    }

    /// `fn ($a) => value`
    fn callback_arrow(&mut self, php: &Php) -> Result<Expression> {
        // What gives nothing was done before.
        self.arrow_body(php, |value| if value.ty == Type::Null { Typed { code: atom("()"), ..value } } else { value })
    }

    /// Whether a callback only decodes the body of its answer: the name of the method that does that.
    pub(super) fn decodes(&self, php: &Php) -> Option<&'static str> {
        let E::Closure(closure) = &php.bare().kind else { return None };
        let [parameter] = closure.parameters.as_slice() else { return None };
        let value = match &closure.body {
            ClosureBody::Arrow(value) => value,
            ClosureBody::Block(block) => match block.statements.as_slice() {
                [only] => match &only.kind {
                    S::Return(Some(value)) => value,
                    _ => return None,
                },
                _ => return None,
            },
        };
        // A comment in it would be lost.
        if self.comments.within(php.span).next().is_some() {
            return None;
        }
        match &value.bare().kind {
            E::Call { callee: Callee::Named(name), arguments } if self.program.function_name(name) == "json_decode" => {
                let body = arguments.first()?;
                is_body_of(&body.value, &parameter.name).then_some("json")
            }
            E::StaticCall { class: ClassName::Named(class), name: Name::Plain(name), arguments } => {
                let is_transformer = self.program.class_name(class) == "WeChatPay\\Transformer";
                let [body] = arguments.as_slice() else { return None };
                let reads = is_transformer && name.eq_ignore_ascii_case("toArray");
                (reads && is_body_of(&body.value, &parameter.name)).then_some("xml")
            }
            _ => None,
        }
    }
}

/// What stands before a callback, so that it owns what it captures.
#[derive(Debug, Default)]
struct Bindings {
    statements: Vec<Statement>,
    /// The variables that it uses.
    used: Vec<String>,
}

/// `{ let a = a.clone(); move |…| … }`
fn with_bindings(mut statements: Vec<Statement>, code: Expression) -> Expression {
    if statements.is_empty() {
        return code;
    }
    statements.push(Statement::new(StatementKind::Value(code)));
    Expression::Block(Block::new(statements))
}

/// What a callback cannot be.
fn check(closure: &Closure, span: Span) -> Result<()> {
    if closure.is_generator {
        return Err(Cannot::new(span, "a closure that is a generator: make it a function"));
    }
    if let Some(capture) = closure.captures.iter().find(|capture| capture.by_reference) {
        return Err(Cannot::new(
            span,
            format!(
                "${} is changed by a callback that runs on its own: return the value, and take it from wait()",
                capture.name
            ),
        ));
    }
    Ok(())
}

/// `(string) $response->getBody()`, or the like.
fn is_body_of(php: &Php, variable: &str) -> bool {
    match &php.bare().kind {
        E::Cast { to: Cast::Text, operand } => is_body_of(operand, variable),
        E::MethodCall { object, name: Name::Plain(name), arguments, .. } if arguments.is_empty() => {
            match name.to_ascii_lowercase().as_str() {
                "getcontents" | "__tostring" => is_body_of(object, variable),
                "getbody" => matches!(&object.bare().kind, E::Variable(name) if name == variable),
                _ => false,
            }
        }
        _ => false,
    }
}

/// A call with this argument of what `…(...)` names.
fn with_argument(of: &Php, argument: Argument) -> E {
    match of.kind.clone() {
        E::Call { callee, .. } => E::Call { callee, arguments: vec![argument] },
        E::MethodCall { object, name, nullsafe, .. } => {
            E::MethodCall { object, name, nullsafe, arguments: vec![argument] }
        }
        E::StaticCall { class, name, .. } => E::StaticCall { class, name, arguments: vec![argument] },
        kind => kind,
    }
}
