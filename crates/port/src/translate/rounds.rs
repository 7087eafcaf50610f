//! Loops over generators: their bodies are closures, which say whether to go on.

use crate::php::tree::{
    Argument, Block as PhpBlock, Callee, ClassName, Expression as Php, ExpressionKind as E, MemberKind, Name,
};
use crate::php::walk::each_expression_in;
use crate::rust::build::{assign, atom, call, closure, method, ok, unary};
use crate::rust::tree::{Block, Expression, Lead, Statement, StatementKind};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::conditions::variable_name;
use crate::translate::exceptions::attempt::{Attempt, Gives, Round, Run};
use crate::translate::exceptions::thrown::{ErrorType, Point};
use crate::translate::functions::block_diverges;
use crate::translate::generators::{goes_on, if_stopped, with_closure, yields, yields_keys};
use crate::translate::loops::changes_in;
use crate::translate::plan::each_variable;
use crate::translate::statements::without_last_blank;
use crate::translate::tails::with_value;
use crate::translate::types::Type;
use crate::translate::value::{Form, Typed, argument};

/// A generator that an expression calls.
pub struct Called {
    /// Its key among the functions.
    pub key: String,
    /// Whether it yields keys.
    pub keyed: bool,
    /// Whether it goes on with others, so that PHP's own keys repeat.
    goes_on: bool,
}

impl Translator<'_> {
    /// The generator that an expression calls.
    pub(super) fn called_generator(&mut self, php: &Php) -> Result<Option<Called>> {
        let key = match &php.bare().kind {
            E::Call { callee: Callee::Named(name), .. } => self.program.function(name).map(|php| php.name.clone()),
            E::StaticCall { class: ClassName::Named(class), name: Name::Plain(name), .. } => {
                let class = match class.to_ascii_lowercase().as_str() {
                    "self" | "static" => self.around(),
                    _ => self.program.class(class).map(|class| class.name.clone()),
                };
                class.and_then(|class| self.method_key(&class, name))
            }
            E::MethodCall { object, name: Name::Plain(name), .. } if self.is_name_of_generator(name) => {
                let class = if Self::is_this(object) { self.around() } else { self.class_of_receiver(object)? };
                class.and_then(|class| self.method_key(&class, name))
            }
            _ => None,
        };
        let Some(key) = key else { return Ok(None) };
        let body = self.generator_named(&key).and_then(|function| function.body.as_ref());
        let Some(body) = body else { return Ok(None) };
        let (keyed, goes_on) = (yields_keys(&body.statements), goes_on(&body.statements));
        Ok(Some(Called { key, keyed, goes_on }))
    }

    fn method_key(&self, class: &str, name: &str) -> Option<String> {
        self.method_named(class, name).map(|found| format!("{class}::{}", found.function.name))
    }

    fn is_name_of_generator(&self, name: &str) -> bool {
        self.program.classes.values().flat_map(|class| &class.members).any(|member| match &member.kind {
            MemberKind::Method { function, .. } => function.is_generator && function.name.eq_ignore_ascii_case(name),
            _ => false,
        })
    }

    /// The class of the file that a value is of.
    fn class_of_receiver(&mut self, php: &Php) -> Result<Option<String>> {
        let mark = self.mark();
        let before = self.scope().before.len();
        let value = self.expression(php)?;
        self.scope().before.truncate(before);
        self.give_back(mark);
        Ok(match value.ty {
            Type::Class(class) => Some(class),
            _ => None,
        })
    }

    /// A call of a generator, without its closure.
    pub(super) fn generator_call(&mut self, php: &Php) -> Result<Expression> {
        let php = php.bare();
        let outer = self.gone_over.replace(php.span);
        let called = self.any_expression(php);
        self.gone_over = outer;
        Ok(called?.code)
    }

    /// `foreach (f() as $value)` of a generator of the file; None of anything else.
    pub(super) fn generator_loop(
        &mut self,
        subject: &Php,
        key: Option<&Php>,
        value: &Php,
        body: &PhpBlock,
        span: Span,
    ) -> Result<Option<Vec<Statement>>> {
        let Some(called) = self.called_generator(subject)? else { return Ok(None) };
        self.check_apart(subject, body)?;
        let code = self.generator_call(subject)?;
        let mut counter = match key {
            Some(_) if !called.keyed && called.goes_on => {
                return Err(Cannot::new(span, "the keys of a generator with yield from repeat: count by yourself"));
            }
            Some(_) if !called.keyed => Some(self.fresh("number")),
            _ => None,
        };
        let returns = self.round_returns(body);
        let round = Round { breaks: Gives::breaks(&body.statements), returns };
        self.enter(span, vec![]);
        let run = Run { gives: Gives::Round(round), fails: true, loops: self.scope().loops.len() };
        self.scope().attempts.push(Attempt { points: vec![], run: Some(run) });
        let variables = self.scope().variables.clone();
        self.scope().blocks.push(span.start);
        let closure = self.round(&called, &mut counter, key, value, body);
        self.scope().blocks.pop();
        self.forget_inner(variables);
        let attempt = self.scope().attempts.pop().unwrap_or_default();
        self.leave();
        let code = with_closure(code, closure?);
        let code = self.tried(&called.key, code, attempt, span)?;
        let mut statements: Vec<Statement> =
            counter.map(|counter| Statement::let_(format!("mut {counter}"), atom("0_i64"))).into_iter().collect();
        statements.push(self.after_rounds(round, code));
        Ok(Some(statements))
    }

    /// `iterator_to_array(f())` of a generator of the file.
    pub(super) fn collected(&mut self, arguments: &[Argument], span: Span) -> Result<Typed> {
        let found = self.plain_arguments(arguments, &["iterator", "preserve_keys"], span)?;
        let of = &self.required(found[0], "iterator", span)?.value;
        let Some(called) = self.called_generator(of)? else {
            return Err(Cannot::new(span, "iterator_to_array() of what is no call of a generator of this file"));
        };
        let drops = |php: &Php| matches!(&php.bare().kind, E::Constant(name) if name.eq_ignore_ascii_case("false"));
        let keeps = !found[1].is_some_and(|argument| drops(&argument.value));
        if keeps && !called.keyed && called.goes_on {
            return Err(Cannot::new(
                span,
                "the keys of a generator with yield from repeat, so that values get lost: give false as second argument",
            ));
        }
        let facts = self.facts.functions.get(&called.key).cloned().unwrap_or_default();
        let code = self.generator_call(of)?;
        let keyed = called.keyed && keeps;
        let rust = self.free_name(if keyed { "entries" } else { "items" });
        let (key, item) = (handed("key", &facts.yielded_keys), handed("item", &facts.yielded));
        let (begun, kept, ty) = if keyed {
            let set = self.php("set");
            let item = self.into_value(item, span)?;
            let entries = unary("&mut ", atom(rust.clone()));
            (self.empty_object().code, call(&set, vec![entries, argument(key), item]), Type::Json)
        } else {
            let push = method(atom(rust.clone()), "push", vec![item.into_owned()]);
            (call("Vec::new", vec![]), push, Type::list(facts.yielded))
        };
        let parameters: &[&str] = match (called.keyed, keeps) {
            (true, true) => &["key", "item"],
            (true, false) => &["_", "item"],
            (false, _) => &["item"],
        };
        let on = Statement::new(StatementKind::Value(self.ran_out()));
        let body = Expression::Block(Block::new(vec![Statement::expression(kept), on]));
        let code = with_closure(code, closure(parameters, body));
        let code = self.tried(&called.key, code, Attempt::default(), span)?;
        let rounds = self.after_rounds(Round { breaks: false, returns: false }, code);
        let value = Statement::new(StatementKind::Value(atom(rust.clone())));
        let statements = vec![Statement::let_(format!("mut {rust}"), begun), rounds, value];
        Ok(Typed::owned(Expression::Block(Block::new(statements)), ty))
    }

    /// Whether a round may leave the function around. In a generator, that is when what it is handed to says stop.
    fn round_returns(&mut self, body: &PhpBlock) -> bool {
        match self.scope().generator {
            Some(_) => yields(&body.statements),
            None => Gives::returns(&body.statements),
        }
    }

    /// `generator(…, |…| …)?`
    fn tried(&mut self, key: &str, code: Expression, attempt: Attempt, span: Span) -> Result<Expression> {
        let own = self.facts.functions.get(key).map(|facts| facts.throws.clone());
        let mut thrown: Vec<_> = match own {
            Some(own) => own.into_iter().collect(),
            None => self.anything(),
        };
        thrown.extend(attempt.points.into_iter().flat_map(|point| point.thrown));
        thrown.sort();
        thrown.dedup();
        self.fails_at(span, Point { code: Some(code.clone()), error: ErrorType::Any, thrown })?;
        Ok(Expression::Try(Box::new(code)))
    }

    /// The closure that has the body.
    fn round(
        &mut self,
        called: &Called,
        counter: &mut Option<String>,
        key: Option<&Php>,
        value: &Php,
        body: &PhpBlock,
    ) -> Result<Expression> {
        let facts = self.facts.functions.get(&called.key).cloned().unwrap_or_default();
        let mut first = Vec::new();
        let mut parameters = Vec::new();
        match (key, counter.clone()) {
            (Some(key), Some(number)) => {
                let count = Typed::place(atom(number.clone()), Type::Integer);
                let counted = self.assign_value(key, count)?;
                if variable_name(key).is_some_and(|name| !self.facts_of(&name).read) {
                    *counter = None;
                } else {
                    first.extend(counted);
                    first.push(Statement::expression(assign("+=", atom(number), atom("1"))));
                }
            }
            (Some(key), None) => {
                let item = handed("key", &facts.yielded_keys);
                parameters.push(self.loop_target(key, item, &mut first)?);
            }
            (None, _) if called.keyed => parameters.push("_".to_owned()),
            (None, _) => {}
        }
        parameters.push(self.loop_target(value, handed("item", &facts.yielded), &mut first)?);
        let mut block = self.block(body);
        first.append(&mut block.statements);
        block.statements = first;
        if !block_diverges(&block) {
            let lead = std::mem::take(&mut block.end);
            let on = StatementKind::Value(self.ran_out());
            let lead = Lead { origin: None, ..without_last_blank(lead) };
            block.statements.push(Statement { lead, kind: on, trailing: None });
        }
        with_value(&mut block);
        Ok(Expression::Closure { moves: false, parameters, returns: None, body: Box::new(Expression::Block(block)) })
    }

    /// What follows from how the rounds ended.
    fn after_rounds(&mut self, round: Round, code: Expression) -> Statement {
        self.import("std::ops::ControlFlow");
        if !round.returns {
            return Statement::new(StatementKind::Let {
                pattern: "_".to_owned(),
                ty: Some("ControlFlow<()>".to_owned()),
                value: Some(code),
                otherwise: None,
            });
        }
        let value = self.free_name("value");
        let inner = if round.breaks { format!("Some({value})") } else { value.clone() };
        if self.scope().generator.is_some() && self.run().is_none() {
            let again = ok(call("ControlFlow::Break", vec![atom(value)]));
            return if_stopped(&inner, code, Expression::Return(Some(Box::new(again))));
        }
        let ty = self.returned_type();
        if ty == Type::Null || ty == Type::Unknown {
            let leave = self.wrapped(Typed::owned(atom("()"), Type::Null)).map(Box::new);
            let leave = Expression::Return(leave);
            if !round.breaks {
                let condition = Box::new(method(code, "is_break", vec![]));
                let then = Block::new(vec![Statement::expression(leave)]);
                return Statement::expression(Expression::If { condition, then, otherwise: None });
            }
            return if_stopped("Some(())", code, leave);
        }
        let leave = self.wrapped(Typed::owned(atom(value), ty)).map(Box::new);
        if_stopped(&inner, code, Expression::Return(leave))
    }

    /// What the generator has borrowed must not be changed by the rounds: in PHP it has a copy.
    fn check_apart(&mut self, subject: &Php, body: &PhpBlock) -> Result<()> {
        let mut lent = Vec::new();
        each_variable(subject, &mut |name| lent.push(name.to_owned()));
        let mut used = Vec::new();
        each_expression_in(&body.statements, &mut |php| {
            if let E::Variable(name) = &php.kind {
                used.push(name.clone());
            }
        });
        for name in lent {
            let changes = if name == "this" {
                let key = self.method_around();
                used.contains(&name)
                    && key.and_then(|key| self.facts.functions.get(&key)).is_some_and(|facts| facts.mutates_self)
            } else {
                let facts = self.facts_of(&name);
                let is_object = matches!(facts.ty, Type::Class(_));
                !facts.ty.is_copy()
                    && (changes_in(&body.statements, &name) || (is_object && facts.mutated && used.contains(&name)))
            };
            if changes {
                return Err(Cannot::new(
                    subject.span,
                    format!("the loop changes ${name}, which its generator goes on with: give the generator a copy"),
                ));
            }
        }
        Ok(())
    }

    /// `break` and `continue` of a loop over a generator, out of the round.
    pub(super) fn round_left(&mut self, levels: usize, breaks: bool, span: Span) -> Result<Option<Statement>> {
        let Some(Run { gives: Gives::Round(round), loops, .. }) = self.run() else { return Ok(None) };
        let inside = self.scope().loops.len().saturating_sub(loops);
        if levels <= inside {
            return Ok(None);
        }
        if levels > inside + 1 {
            return Err(Cannot::new(
                span,
                "out of a loop over a generator and of another: set a variable, and look at it behind the loop",
            ));
        }
        self.import("std::ops::ControlFlow");
        let value = match (breaks, round.returns) {
            (false, _) => call("ControlFlow::Continue", vec![atom("()")]),
            (true, true) => call("ControlFlow::Break", vec![atom("None")]),
            (true, false) => call("ControlFlow::Break", vec![atom("()")]),
        };
        Ok(Some(Statement::expression(Expression::Return(Some(Box::new(ok(value)))))))
    }
}

/// What a round is handed: a reference, where it is not copied.
fn handed(name: &str, ty: &Type) -> Typed {
    let form = if ty.is_copy() || *ty == Type::Unknown { Form::Place } else { Form::Reference };
    Typed::new(atom(name), ty.clone(), form)
}
