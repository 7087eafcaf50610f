//! Functions: their signatures, their bodies, and calls of them.

use crate::php::tree::{Argument, Expression as Php, ExpressionKind as E, Function as PhpFunction, Hint, Parameter};
use crate::rust::build::{atom, call, method};
use crate::rust::tree::{Block, Expression, Function, Statement, StatementKind};
use crate::rust::words::snake;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::classes::copies::fresh_objects;
use crate::translate::doc::Doc;
use crate::translate::facts::FunctionFacts;
use crate::translate::generators::KEPT;
use crate::translate::plan::{Plan, leaves};
use crate::translate::scope::{Scope, ScopeKind, VariableKind};
use crate::translate::tails::with_value;
use crate::translate::types::Type;
use crate::translate::value::Typed;

impl Translator<'_> {
    /// A function of the file.
    pub(super) fn function(&mut self, php: &PhpFunction) -> Result<Function> {
        let doc = self.doc_of(php.span.start);
        self.function_with(php, &php.name.clone(), None, &doc, vec![])
    }

    /// A function or a method. `first` is what comes before the parameters: `&self`.
    pub(super) fn function_with(
        &mut self,
        php: &PhpFunction,
        key: &str,
        class: Option<&str>,
        doc: &Doc,
        first: Vec<String>,
    ) -> Result<Function> {
        let result = self.written(php, key, class, doc, first);
        if result.is_err() {
            self.learnt.functions.entry(key.to_owned()).or_default().is_untranslated = true;
        }
        result
    }

    fn written(
        &mut self,
        php: &PhpFunction,
        key: &str,
        class: Option<&str>,
        doc: &Doc,
        first: Vec<String>,
    ) -> Result<Function> {
        if php.returns_reference {
            return Err(Cannot::new(php.name_span, "a function that returns a reference"));
        }
        let Some(body) = &php.body else {
            return Err(Cannot::new(php.span, "a function without a body"));
        };
        let hint = php.returns.as_ref().map(|hint| self.hint_of(key, hint)).or_else(|| doc.returns.clone());
        let hint = match (hint, &doc.returns) {
            _ if php.is_generator => Some(Type::Null),
            (Some(Type::Json), Some(list @ Type::List(_))) => Some(list.clone()),
            (hint, _) => hint,
        };
        let known: Vec<String> = php.parameters.iter().map(|parameter| parameter.name.clone()).collect();
        let returns = hint.clone().filter(|ty| *ty != Type::Json && !ty.is_open());
        self.scopes.push(Scope {
            function: key.to_owned(),
            class: class.map(str::to_owned),
            fresh: fresh_objects(&body.statements),
            plan: Plan::new(&body.statements, &known),
            returns,
            may_fail: true,
            kind: ScopeKind::Function,
            parameters: known,
            ..Scope::default()
        });
        let result = self.signature(php, doc).and_then(|signature| {
            if php.is_generator {
                self.begin_generator(php)?;
            }
            Ok((signature, self.body(&body.statements, body.span)))
        });
        let scope = self.scopes.pop().unwrap_or_default();
        let ((mut parameters, start), mut block) = result?;
        let facts = self.facts.functions.get(key).cloned().unwrap_or_default();
        self.learn_function(key, &scope, hint.as_ref());
        let mut all = first;
        all.append(&mut parameters);
        block.statements.splice(0..0, start);
        let returns = self.return_type(&facts, hint.as_ref());
        let mut function = Function {
            public: true,
            name: function_name(&php.name),
            generics: String::new(),
            parameters: all,
            returns,
            body: Some(block),
        };
        if let Some(generator) = &scope.generator {
            self.as_generator(key, generator, &mut function);
        }
        Ok(function)
    }

    pub(super) fn learn_function(&mut self, key: &str, scope: &Scope, hint: Option<&Type>) {
        let returned = match hint {
            Some(Type::Json) if scope.returned.is_json() => Type::Json,
            Some(ty) if *ty != Type::Json && !ty.is_open() => ty.clone(),
            _ => scope.returned.clone(),
        };
        let mut types = Vec::new();
        for name in &scope.parameters {
            let key = crate::translate::facts::VariableKey { function: key.to_owned(), name: name.clone(), version: 0 };
            types.push(self.learnt.variables.get(&key).map(|facts| facts.ty.clone()).unwrap_or_default());
        }
        let learnt = self.learnt.functions.entry(key.to_owned()).or_default();
        learnt.fails |= scope.fails;
        learnt.returns = learnt.returns.join(&returned);
        for (at, ty) in types.into_iter().enumerate() {
            let parameter = learnt.parameter(at);
            parameter.ty = parameter.ty.join(&ty);
        }
    }

    /// What stands behind `->`.
    pub(super) fn return_type(&mut self, facts: &FunctionFacts, hint: Option<&Type>) -> Option<String> {
        let ty = match hint {
            Some(ty) if *ty != Type::Json && !ty.is_open() => ty.clone(),
            _ => facts.returns.clone(),
        };
        let nothing = matches!(ty, Type::Null | Type::Unknown | Type::Never);
        let text = if nothing { "()".to_owned() } else { self.type_text(&ty) };
        match (facts.fails, nothing) {
            (true, _) => {
                self.import("anyhow::Result");
                Some(format!("Result<{text}>"))
            }
            (false, true) => None,
            (false, false) => Some(text),
        }
    }

    /// The parameters, and statements with which the body begins.
    pub(super) fn signature(&mut self, php: &PhpFunction, doc: &Doc) -> Result<(Vec<String>, Vec<Statement>)> {
        let mut parameters = Vec::new();
        let mut start = Vec::new();
        for (at, parameter) in php.parameters.iter().enumerate() {
            let (text, statement) = self.parameter(parameter, at, doc)?;
            parameters.push(text);
            start.extend(statement);
        }
        Ok((parameters, start))
    }

    pub(super) fn parameter(
        &mut self,
        parameter: &Parameter,
        at: usize,
        doc: &Doc,
    ) -> Result<(String, Option<Statement>)> {
        let ty = self.parameter_type(parameter, at, doc)?;
        let key = self.scope().function.clone();
        let known = self.facts.functions.get(&key).and_then(|facts| facts.parameters.get(at));
        let owned = known.is_some_and(|parameter| parameter.owned);
        let exclusive = known.is_some_and(|parameter| parameter.exclusive);
        let kind = match (&ty, parameter.by_reference) {
            (_, true) => VariableKind::Exclusive,
            (Type::Class(_) | Type::Object(_), _) if exclusive && !owned => VariableKind::Exclusive,
            (ty, _) if ty.is_copy() || owned || matches!(ty, Type::Closure(_) | Type::Promise(_)) => {
                VariableKind::Local
            }
            _ => VariableKind::Reference,
        };
        let rust = self.declare(&parameter.name, &ty, kind.clone(), parameter.span);
        if let Some(learnt) = self.learn_of(&parameter.name) {
            learnt.writes += 1;
        }
        let facts = self.facts_of(&parameter.name);
        let changed = facts.mutated || facts.writes > 1;
        let mut text = self.parameter_text(&ty, &kind);
        if owned && matches!(ty, Type::Closure(_)) {
            text.push_str(" + 'static");
        }
        if parameter.by_reference {
            return Ok((format!("{rust}: {text}"), None));
        }
        match (changed, &kind) {
            (true, VariableKind::Local) => Ok((format!("mut {rust}: {text}"), None)),
            (true, VariableKind::Reference) => {
                // It is changed, so it has to be one's own.
                if let Some(variable) = self.scope().variables.get_mut(&parameter.name) {
                    variable.kind = VariableKind::Local;
                }
                if ty == Type::Text {
                    let own = method(atom(rust.clone()), "to_owned", vec![]);
                    return Ok((format!("{rust}: {text}"), Some(Statement::let_(format!("mut {rust}"), own))));
                }
                if matches!(ty, Type::Class(_) | Type::Object(_)) {
                    // The object is that of whoever calls.
                    if let Some(variable) = self.scope().variables.get_mut(&parameter.name) {
                        variable.kind = VariableKind::Exclusive;
                    }
                    self.learnt.functions.entry(key).or_default().parameter(at).exclusive = true;
                    let text = self.parameter_text(&ty, &VariableKind::Exclusive);
                    return Ok((format!("{rust}: {text}"), None));
                }
                self.learn_owned(&parameter.name);
                let text = self.parameter_text(&ty, &VariableKind::Local);
                Ok((format!("mut {rust}: {text}"), None))
            }
            _ => Ok((format!("{rust}: {text}"), None)),
        }
    }

    /// What a parameter is: by its hint, by the doc-block, or by what callers pass and the body does.
    pub(super) fn parameter_type(&mut self, parameter: &Parameter, at: usize, doc: &Doc) -> Result<Type> {
        let key = self.scope().function.clone();
        let known =
            self.facts.functions.get(&key).and_then(|facts| facts.parameters.get(at)).map(|facts| facts.ty.clone());
        let known = known.unwrap_or_default();
        let default = self.default_type(parameter);
        if parameter.variadic {
            let of = parameter.hint.as_ref().map_or(Type::Json, |hint| self.hint(hint));
            return Ok(if of.is_json() { Type::Json } else { Type::list(of) });
        }
        let hinted = parameter
            .hint
            .as_ref()
            .map(|hint| self.hint(hint))
            .or_else(|| doc.parameters.get(&parameter.name).cloned());
        let hinted = match (hinted, doc.parameters.get(&parameter.name)) {
            (Some(Type::Json), Some(list @ Type::List(_))) => Some(list.clone()),
            (hinted, _) => hinted,
        };
        let ty = match hinted {
            Some(ty) if ty.is_open() => ty.join(&known),
            // `array`, `mixed`: what callers pass may be known better.
            Some(Type::Json) if known != Type::Unknown && (known.is_json() || known == Type::Conflict) => Type::Json,
            Some(Type::Json) => known,
            Some(ty) => ty,
            None => known.join(&default),
        };
        Ok(if default == Type::Null { ty.optional() } else { ty })
    }

    /// The type of a default; nothing is known of what has none.
    pub(super) fn default_type(&mut self, parameter: &Parameter) -> Type {
        match &parameter.default {
            Some(php) if is_null(php) => Type::Null,
            Some(php) => {
                let mark = self.mark();
                let ty = self.expression(php).map(|value| value.ty).unwrap_or_default();
                self.give_back(mark);
                ty
            }
            None => Type::Unknown,
        }
    }

    /// The statements of a function, the last of which gives its value.
    pub(super) fn body(&mut self, php: &[crate::php::tree::Statement], span: Span) -> Block {
        let mark = self.mark();
        match self.made_once(php, span) {
            Ok(Some(block)) => return block,
            // It is translated statement by statement then, and says what cannot be.
            Ok(None) | Err(_) => {
                self.give_back(mark);
                self.scope().before.clear();
            }
        }
        self.scope().blocks.push(span.start);
        let statements = self.statements(php);
        self.scope().blocks.pop();
        let end = self.comments.lead(span.end.saturating_sub(1), crate::translate::comments::Style::Plain);
        let end = super::statements::without_last_blank(crate::rust::tree::Lead { origin: None, ..end });
        let end = if end.comments.is_empty() { Default::default() } else { end };
        let mut block = Block { statements, end };
        let falls_through = !php.iter().any(leaves) && !ends_never(&block);
        if falls_through {
            self.end_of(&mut block, span);
        }
        with_value(&mut block);
        block
    }

    /// What a function gives that comes to its end: null.
    pub(super) fn end_of(&mut self, block: &mut Block, span: Span) {
        let wanted = self.scope().returns.clone();
        let returned = self.scope().returned.clone();
        let gives = match &wanted {
            Some(Type::Null) => false,
            Some(_) => true,
            None => !matches!(returned, Type::Null | Type::Unknown),
        };
        let value = if gives && !matches!(wanted, Some(Type::Optional(_) | Type::Json) | None) {
            // PHP throws a TypeError here, if it gets here at all.
            self.import("anyhow::bail");
            let thrown = crate::translate::exceptions::thrown::Thrown::Class("TypeError".to_owned());
            let point = crate::translate::exceptions::thrown::Point::of(vec![thrown]);
            if let Err(cannot) = self.fails_at(span, point) {
                self.report(crate::finding::FindingKind::Todo, span, cannot.message);
            }
            let message = format!("line {}: the function ends without a value", self.line(span));
            Expression::Macro { name: "bail".to_owned(), arguments: vec![Expression::Text(message)] }
        } else if gives {
            let scope = self.scope();
            scope.returned = scope.returned.join(&Type::Null);
            let returns = self.returned_type();
            let null = match self.coerce(Typed::null(), &returns, span) {
                Ok(null) => null,
                Err(_) => Typed::null(),
            };
            match self.wrapped(null) {
                Some(value) => value,
                None => return,
            }
        } else {
            let scope = self.scope();
            scope.returned = scope.returned.join(&Type::Null);
            if self.scope().generator.is_some() {
                self.ran_out()
            } else if self.returns_result() {
                crate::rust::build::ok(atom("()"))
            } else {
                return;
            }
        };
        block.statements.push(Statement::new(StatementKind::Value(value)));
    }

    /// A call of a function of the file.
    pub(super) fn own_call(&mut self, php: &PhpFunction, arguments: &[Argument], span: Span) -> Result<Typed> {
        let key = php.name.clone();
        let arguments = self.arguments(&key, &php.parameters, arguments, span)?;
        let name = function_name(&php.name);
        // A variable of the same name hides the function.
        let hidden = self.scopes.iter().any(|scope| scope.variables.values().any(|v| v.declared && v.name == name));
        let path = if hidden { format!("self::{name}") } else { name };
        self.called(&key, call(&path, arguments), php.returns.as_ref(), span)
    }

    /// The value of a call: with `?` if it can fail.
    pub(super) fn called(&mut self, key: &str, code: Expression, hint: Option<&Hint>, span: Span) -> Result<Typed> {
        self.learnt.functions.entry(key.to_owned()).or_default().called = true;
        let facts = self.facts.functions.get(key).cloned().unwrap_or_default();
        if facts.is_untranslated {
            let name = key.rsplit("::").next().unwrap_or(key);
            return Err(Cannot::new(span, format!("it calls {name}(), which is not translated")));
        }
        if self.generator_named(key).is_some() {
            let goes_over = self.gone_over.take_if(|around| *around == span).is_some();
            return if goes_over { Ok(Typed::owned(code, Type::Null)) } else { Err(Cannot::new(span, KEPT)) };
        }
        let hint = hint.map(|hint| self.hint_of(key, hint)).filter(|ty| *ty != Type::Json && !ty.is_open());
        let returns = hint.unwrap_or(facts.returns);
        let (code, passes_on) = if facts.fails { (self.try_of(span, code, Some(key))?, true) } else { (code, false) };
        Ok(Typed { passes_on, ..Typed::owned(code, returns) })
    }
}

/// A function in Rust: `main` is what the script becomes.
fn function_name(php: &str) -> String {
    match snake(php).as_str() {
        "main" => "main_".to_owned(),
        name => name.to_owned(),
    }
}

pub fn is_null(php: &Php) -> bool {
    matches!(&php.bare().kind, E::Constant(name) if name.trim_start_matches('\\').eq_ignore_ascii_case("null"))
}

/// Whether the block ends in a loop without an end.
pub(super) fn ends_never(block: &Block) -> bool {
    match block.statements.last().map(|statement| &statement.kind) {
        Some(StatementKind::Expression(Expression::Loop { body, .. })) => !breaks(body),
        Some(StatementKind::Expression(code)) => diverges(code),
        _ => false,
    }
}

/// Whether nothing behind the expression is reached.
pub fn diverges(code: &Expression) -> bool {
    match code {
        Expression::Return(_) | Expression::Break { .. } | Expression::Continue { .. } => true,
        Expression::Macro { name, .. } => matches!(name.as_str(), "bail" | "todo" | "unreachable"),
        Expression::If { then, otherwise: Some(otherwise), .. } => block_diverges(then) && diverges(otherwise),
        Expression::Block(block) => block_diverges(block),
        Expression::Match { arms, .. } => arms.iter().all(|arm| diverges(&arm.body)),
        Expression::Loop { body, .. } => !breaks(body),
        Expression::Call { callee, .. } => matches!(&**callee, Expression::Atom(path) if path == "std::process::exit"),
        _ => false,
    }
}

pub fn block_diverges(block: &Block) -> bool {
    block.statements.last().is_some_and(|statement| match &statement.kind {
        StatementKind::Expression(code) | StatementKind::Value(code) => diverges(code),
        _ => false,
    })
}

/// Whether a `break` of the loop itself is in its body.
pub fn breaks(block: &Block) -> bool {
    block.statements.iter().any(|statement| match &statement.kind {
        StatementKind::Expression(code) | StatementKind::Value(code) => breaks_in(code),
        StatementKind::Let { otherwise: Some(block), .. } => breaks(block),
        _ => false,
    })
}

pub fn breaks_in(code: &Expression) -> bool {
    match code {
        Expression::Break { .. } => true,
        Expression::If { then, otherwise, .. } => breaks(then) || otherwise.as_deref().is_some_and(breaks_in),
        Expression::Block(block) => breaks(block),
        Expression::Match { arms, .. } => arms.iter().any(|arm| breaks_in(&arm.body)),
        // A labelled break of an inner loop may mean this one.
        Expression::While { body, .. } | Expression::For { body, .. } | Expression::Loop { body, .. } => labelled(body),
        _ => false,
    }
}

pub fn labelled(block: &Block) -> bool {
    block.statements.iter().any(|statement| match &statement.kind {
        StatementKind::Expression(Expression::Break { label, .. }) => label.is_some(),
        StatementKind::Expression(Expression::If { then, otherwise, .. }) => {
            labelled(then) || matches!(otherwise.as_deref(), Some(Expression::Block(block)) if labelled(block))
        }
        _ => false,
    })
}
