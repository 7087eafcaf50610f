//! Generators that are loops: functions that hand what they yield to a closure, which says whether to go on.

use std::collections::BTreeSet;

use crate::php::tree::{
    Callee, Expression as Php, ExpressionKind as E, Function as PhpFunction, MemberKind, Name,
    Statement as PhpStatement,
};
use crate::php::walk::each_expression_in;
use crate::rust::build::{atom, call, ok, some, unary};
use crate::rust::tree::{Block, Expression, Function, Statement};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::exceptions::attempt::{Gives, Round};
use crate::translate::foreach::Iterated;
use crate::translate::scope::{Generator, VariableKind};
use crate::translate::types::Type;
use crate::translate::value::Typed;

/// What to do with a generator that is no loop.
pub const KEPT: &str = "a generator that is kept, passed on or advanced by hand: call it in the foreach that goes over \
                        it, or write an iterator with std::iter::from_fn";

impl Translator<'_> {
    /// A function or method of the file, by its key, if it is a generator.
    pub(super) fn generator_named(&self, key: &str) -> Option<&PhpFunction> {
        let function = match key.split_once("::") {
            Some((class, name)) => self.method_named(class, name).map(|found| found.function),
            None => self.program.function(key),
        };
        function.filter(|function| function.is_generator)
    }

    /// Begins a generator, in the scope of its function.
    pub(super) fn begin_generator(&mut self, php: &PhpFunction) -> Result<()> {
        if self.goes_on_with_itself(php) {
            return Err(Cannot::new(
                php.name_span,
                "a generator that goes over itself: collect the values in a list, and return that",
            ));
        }
        if let Some(parameter) = php.parameters.iter().find(|parameter| parameter.by_reference) {
            return Err(Cannot::new(parameter.span, "a generator with an argument by reference: return a list"));
        }
        let each = self.fresh("each");
        let keyed = php.body.as_ref().is_some_and(|body| yields_keys(&body.statements));
        let scope = self.scope();
        scope.generator = Some(Generator { each, keyed });
        scope.fails = true;
        Ok(())
    }

    /// What is generic about the function that a generator becomes, and its last parameter.
    pub(super) fn as_generator(&mut self, key: &str, generator: &Generator, function: &mut Function) {
        self.import("anyhow::Result");
        self.import("std::ops::ControlFlow");
        let facts = self.facts.functions.get(key).cloned().unwrap_or_default();
        let mut taken = Vec::new();
        if generator.keyed {
            taken.push(self.parameter_text(&facts.yielded_keys, &VariableKind::Reference));
        }
        taken.push(self.parameter_text(&facts.yielded, &VariableKind::Reference));
        let returns = "Result<ControlFlow<B>>".to_owned();
        function.generics = "<B>".to_owned();
        function.parameters.push(format!("mut {}: impl FnMut({}) -> {returns}", generator.each, taken.join(", ")));
        function.returns = Some(returns);
    }

    /// `yield $a;` and `yield from f();`
    pub(super) fn yielded(&mut self, php: &Php) -> Result<Vec<Statement>> {
        let Some(generator) = self.scope().generator.clone() else {
            return Err(Cannot::new(php.span, KEPT));
        };
        if self.scope().attempts.iter().any(|attempt| !attempt.is_round()) {
            return Err(Cannot::new(
                php.span,
                "yield in a try: in PHP it does not catch what the loop over the generator throws; move it out of the try",
            ));
        }
        match &php.kind {
            E::Yield { key, value: Some(value) } => {
                self.yielded_one(&generator, key.as_deref(), value, php.span).map(|statement| vec![statement])
            }
            E::Yield { .. } => Err(Cannot::new(php.span, "yield without a value: yield what the loop is to have")),
            E::YieldFrom(of) => self.yielded_from(&generator, of, php.span),
            _ => Err(Cannot::new(php.span, KEPT)),
        }
    }

    fn yielded_one(&mut self, generator: &Generator, key: Option<&Php>, value: &Php, span: Span) -> Result<Statement> {
        let key = match key {
            Some(key) => Some((self.expression(key)?, key.span)),
            None => None,
        };
        let at = value.span;
        let value = self.expression(value)?;
        self.handed_over(generator, key, (value, at), span)
    }

    /// `if let ControlFlow::Break(value) = each(…)? { return Ok(ControlFlow::Break(value)); }`
    fn handed_over(
        &mut self,
        generator: &Generator,
        key: Option<(Typed, Span)>,
        (value, at): (Typed, Span),
        span: Span,
    ) -> Result<Statement> {
        if key.is_some() != generator.keyed {
            return Err(Cannot::new(span, "a generator that yields some values without a key: give each one a key"));
        }
        let function = self.scope().function.clone();
        let facts = self.facts.functions.get(&function).cloned().unwrap_or_default();
        let learnt = self.learnt.functions.entry(function).or_default();
        learnt.yielded = learnt.yielded.join(&value.ty);
        if let Some((key, _)) = &key {
            learnt.yielded_keys = learnt.yielded_keys.join(&key.ty);
        }
        let mut passed = Vec::new();
        for (value, wanted, at) in
            key.into_iter().map(|(key, at)| (key, facts.yielded_keys.clone(), at)).chain([(value, facts.yielded, at)])
        {
            if wanted == Type::Conflict {
                return Err(Cannot::new(at, "it yields values of types that no Rust type holds"));
            }
            passed.push(self.passed(value, &wanted, false, at)?);
        }
        let code = call(&generator.each, passed);
        self.unless_stopped(code, None, span)
    }

    /// `yield from`: another generator is handed the closure, or an array is gone over.
    fn yielded_from(&mut self, generator: &Generator, of: &Php, span: Span) -> Result<Vec<Statement>> {
        if let Some(called) = self.called_generator(of)? {
            if called.keyed != generator.keyed {
                return Err(Cannot::new(span, "of the two generators, one yields keys: let both yield them"));
            }
            let code = self.generator_call(of)?;
            let function = self.scope().function.clone();
            let ours = self.facts.functions.get(&function).cloned().unwrap_or_default();
            let theirs = self.facts.functions.get(&called.key).cloned().unwrap_or_default();
            // Both hand over the same.
            for (to, from) in [(&function, &theirs), (&called.key, &ours)] {
                let learnt = self.learnt.functions.entry(to.clone()).or_default();
                learnt.yielded = learnt.yielded.join(&from.yielded);
                learnt.yielded_keys = learnt.yielded_keys.join(&from.yielded_keys);
            }
            let each = unary("&mut ", atom(generator.each.clone()));
            let code = with_closure(code, each);
            return self.unless_stopped(code, Some(&called.key), span).map(|statement| vec![statement]);
        }
        if generator.keyed {
            return Err(Cannot::new(span, "yield from of an array among keys: go over it, and yield key and value"));
        }
        let Iterated { iterator, value, form, .. } = match self.loop_literal(of, false)? {
            Some(literal) => literal,
            None => self.iterated(of, false, span)?,
        };
        let item = self.free_name("item");
        self.enter(span, vec![]);
        let handed = self.handed_over(generator, None, (Typed::new(atom(item.clone()), value, form), of.span), span);
        self.leave();
        let body = Block::new(vec![handed?]);
        let iterator = Box::new(iterator);
        Ok(vec![Statement::expression(Expression::For { label: None, pattern: item, iterator, body })])
    }

    /// `if let ControlFlow::Break(value) = code? { return Ok(ControlFlow::Break(value)); }`
    fn unless_stopped(&mut self, code: Expression, key: Option<&str>, span: Span) -> Result<Statement> {
        self.import("std::ops::ControlFlow");
        let value = self.free_name("value");
        let code = self.try_of(span, code, key)?;
        let again = self.stopped(atom(value.clone()));
        Ok(if_stopped(&value, code, again))
    }

    /// `return Ok(ControlFlow::Break(value))`: out of a round, if a loop over another generator is around.
    fn stopped(&mut self, value: Expression) -> Expression {
        let value = match self.run().map(|run| run.gives) {
            Some(Gives::Round(Round { breaks: true, .. })) => some(value),
            _ => value,
        };
        Expression::Return(Some(Box::new(ok(call("ControlFlow::Break", vec![value])))))
    }

    /// What a generator gives that has come to its end, or is left by `return`.
    pub(super) fn ran_out(&mut self) -> Expression {
        self.import("std::ops::ControlFlow");
        ok(call("ControlFlow::Continue", vec![atom("()")]))
    }

    /// Whether what a generator calls calls it again: its closure would have a type without an end.
    fn goes_on_with_itself(&self, php: &PhpFunction) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = self.generators_in(php);
        while let Some(next) = open.pop() {
            if next.span == php.span {
                return true;
            }
            if seen.insert(next.span.start) {
                open.extend(self.generators_in(next));
            }
        }
        false
    }

    /// The generators whose names are called in a function.
    fn generators_in(&self, php: &PhpFunction) -> Vec<&PhpFunction> {
        let mut found = Vec::new();
        let Some(body) = &php.body else { return found };
        each_expression_in(&body.statements, &mut |php| match &php.kind {
            E::Call { callee: Callee::Named(name), .. } => found.extend(self.program.function(name)),
            E::MethodCall { name: Name::Plain(name), .. } | E::StaticCall { name: Name::Plain(name), .. } => {
                let members = self.program.classes.values().flat_map(|class| &class.members);
                found.extend(members.filter_map(|member| match &member.kind {
                    MemberKind::Method { function, .. } if function.name.eq_ignore_ascii_case(name) => Some(function),
                    _ => None,
                }));
            }
            _ => {}
        });
        found.retain(|function| function.is_generator);
        found
    }
}

/// A call with a closure as its last argument.
pub fn with_closure(code: Expression, closure: Expression) -> Expression {
    match code {
        Expression::Call { callee, mut arguments } => {
            arguments.push(closure);
            Expression::Call { callee, arguments }
        }
        Expression::Method { receiver, name, mut arguments } => {
            arguments.push(closure);
            Expression::Method { receiver, name, arguments }
        }
        code => code,
    }
}

/// `if let ControlFlow::Break(pattern) = code { leave }`
pub fn if_stopped(pattern: &str, code: Expression, leave: Expression) -> Statement {
    let condition = Expression::Let { pattern: format!("ControlFlow::Break({pattern})"), value: Box::new(code) };
    let then = Block::new(vec![Statement::expression(leave)]);
    Statement::expression(Expression::If { condition: Box::new(condition), then, otherwise: None })
}

/// Whether a generator yields keys.
pub fn yields_keys(statements: &[PhpStatement]) -> bool {
    let mut found = false;
    each_expression_in(statements, &mut |php| found |= matches!(php.kind, E::Yield { key: Some(_), .. }));
    found
}

/// Whether something is yielded in these statements.
pub fn yields(statements: &[PhpStatement]) -> bool {
    let mut found = false;
    each_expression_in(statements, &mut |php| found |= matches!(php.kind, E::Yield { .. } | E::YieldFrom(_)));
    found
}

/// Whether a generator goes on with what numbers its values by itself.
pub fn goes_on(statements: &[PhpStatement]) -> bool {
    let mut found = false;
    each_expression_in(statements, &mut |php| found |= matches!(php.kind, E::YieldFrom(_)));
    found
}
