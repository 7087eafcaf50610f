//! `finally`: what comes after the closure that has the rest, however that was left.

use crate::php::tree::{Block as PhpBlock, Catch, ExpressionKind, Statement as PhpStatement, StatementKind as S};
use crate::rust::build::{atom, method};
use crate::rust::tree::{Block, Expression, Statement, StatementKind};
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::exceptions::attempt::{Attempt, AttemptFacts, Gives};
use crate::translate::exceptions::running::{Form, Ran};
use crate::translate::exceptions::thrown::Point;
use crate::translate::exceptions::trying::flattened;
use crate::translate::plan::{Early, leaves};
use crate::translate::value::Typed;

impl Translator<'_> {
    pub(super) fn with_finally(
        &mut self,
        body: &PhpBlock,
        catches: &[Catch],
        finally: &PhpBlock,
        early: &[Early],
        span: Span,
    ) -> Result<Vec<Statement>> {
        let bodies: Vec<&[PhpStatement]> = catches.iter().map(|catch| catch.body.statements.as_slice()).collect();
        let gives = Gives::of(&body.statements, &bodies, span)?;
        if self.program.asks_for_previous && finally.statements.iter().any(throws) {
            return Err(Cannot::new(
                finally.span,
                "an exception in `finally` has the one that was on its way before it: throw it behind the `try`",
            ));
        }
        let facts = self.facts.attempts.get(&span.start).copied().unwrap_or_default();
        let inner = Span { start: body.span.start, end: catches.last().map_or(body.span.end, |catch| catch.span.end) };
        if !facts.fails
            && let Some(statements) = self.straight(body, catches, finally, early, gives, span)?
        {
            return Ok(statements);
        }
        let (outs, others): (Vec<Early>, Vec<Early>) =
            early.iter().cloned().partition(|early| early.definite && self.find_variable(&early.name).is_none());
        let mut statements = self.declare_early(&others, span);
        let leaves_all = |statements: &[PhpStatement]| statements.iter().any(leaves);
        let never = gives == Gives::Nothing
            && facts.fails
            && outs.is_empty()
            && leaves_all(&body.statements)
            && catches.iter().all(|catch| leaves_all(&catch.body.statements));
        let form = Form { gives, fails: facts.fails, never };
        let ran = self.ran(form, &outs, inner, |translator| translator.without_finally(body, catches, &outs, inner))?;
        let fails = !ran.thrown.is_empty();
        self.learnt.attempts.insert(span.start, AttemptFacts { runs: true, fails });
        if never && !leaves_at_end(finally) {
            let name = self.free_name("error");
            statements.push(Statement::let_(format!("Err({name})"), ran.code));
            statements.extend(self.in_a_block(&finally.statements, finally.span));
            self.fails_at(span, Point::of(ran.thrown))?;
            statements.push(Statement::expression(self.returned_error(atom(name))));
            return Ok(statements);
        }
        self.declare_early(&outs, span);
        let code = ran.code.clone();
        let after = self.in_a_block(&finally.statements, finally.span);
        if leaves_at_end(finally) {
            statements.push(Statement::let_("_", code));
            statements.extend(after);
        } else {
            statements.extend(self.after_run(ran, form, &outs, after, span)?);
        }
        Ok(statements)
    }

    /// `try` and `catch`, or the statements of a `try` without one.
    fn without_finally(&mut self, body: &PhpBlock, catches: &[Catch], early: &[Early], span: Span) -> Vec<Statement> {
        if catches.is_empty() {
            return self.statements(&body.statements);
        }
        let kind = S::Try { body: body.clone(), catches: catches.to_vec(), finally: None };
        let inner = PhpStatement { span, kind };
        self.scope().plan.before.insert(span.start, early.to_vec());
        let mut statements = Vec::new();
        self.push_statement(&inner, &mut statements);
        statements
    }

    /// Where nothing can fail and nothing jumps: the statements, then those of `finally`.
    fn straight(
        &mut self,
        body: &PhpBlock,
        catches: &[Catch],
        finally: &PhpBlock,
        early: &[Early],
        gives: Gives,
        span: Span,
    ) -> Result<Option<Vec<Statement>>> {
        let returns_last = gives == Gives::Value
            && catches.is_empty()
            && body.statements.iter().filter(|statement| leaves(statement)).count() == 1
            && matches!(body.statements.last().map(|last| &last.kind), Some(S::Return(Some(_))));
        if gives != Gives::Nothing && !returns_last {
            return Ok(None);
        }
        let mark = self.mark();
        let learnt = self.learnt.clone();
        let variables = self.scope().variables.clone();
        // Inside of another `try`, what is assigned there may begin with it.
        let (here, inside) = if catches.is_empty() { (early, &[][..]) } else { (&[][..], early) };
        let mut statements = self.declare_early(here, span);
        self.scope().attempts.push(Attempt::default());
        if catches.is_empty() {
            statements.extend(flattened(self.block(body)));
        } else {
            statements.extend(self.without_finally(body, catches, inside, body.span));
        }
        let attempt = self.scope().attempts.pop().unwrap_or_default();
        if !attempt.points.is_empty() {
            self.give_back(mark);
            self.learnt = learnt;
            self.scope().variables = variables;
            self.learnt.attempts.insert(span.start, AttemptFacts { runs: true, fails: true });
            return Ok(None);
        }
        let ends = leaves_at_end(finally);
        let last = if returns_last { statements.pop() } else { None };
        let after = self.in_a_block(&finally.statements, finally.span);
        if let Some(last) = last {
            match last.kind {
                StatementKind::Expression(Expression::Return(Some(value))) if !ends => {
                    let name = self.free_name("returned");
                    let held = Statement { lead: last.lead, ..Statement::let_(name.clone(), *value) };
                    statements.push(held);
                    statements.extend(after);
                    statements.push(Statement::expression(Expression::Return(Some(Box::new(atom(name))))));
                    return Ok(Some(statements));
                }
                StatementKind::Expression(Expression::Return(Some(value))) => {
                    let held = Statement { lead: last.lead, ..Statement::let_("_", *value) };
                    statements.push(held);
                }
                _ => statements.push(last),
            }
        }
        statements.extend(after);
        Ok(Some(statements))
    }

    /// The closure, `finally`, then what the closure has given or failed with. Without a return in `finally`.
    fn after_run(
        &mut self,
        ran: Ran,
        form: Form,
        outs: &[Early],
        after: Vec<Statement>,
        span: Span,
    ) -> Result<Vec<Statement>> {
        let mut statements = Vec::new();
        if form.gives == Gives::Nothing && outs.is_empty() && !form.fails {
            statements.push(Statement::expression(ran.code));
            statements.extend(after);
            return Ok(statements);
        }
        let name = self.free_name("result");
        statements.push(Statement::let_(name.clone(), ran.code));
        statements.extend(after);
        if form.fails {
            self.fails_at(span, Point { code: Some(atom(name.clone())), ..Point::of(ran.thrown) })?;
        }
        statements.push(self.given_back(name, form, outs, span)?);
        Ok(statements)
    }

    /// What is done with what the closure has given.
    fn given_back(&mut self, name: String, form: Form, outs: &[Early], span: Span) -> Result<Statement> {
        let result = if form.fails { Expression::Try(Box::new(atom(name.clone()))) } else { atom(name.clone()) };
        Ok(match form.gives {
            Gives::Nothing => {
                let mut names: Vec<String> = outs
                    .iter()
                    .map(|out| format!("{}{}", self.mutability(&out.name), self.rust_name(&out.name)))
                    .collect();
                match names.len() {
                    0 => Statement::expression(result),
                    1 => Statement::let_(names.swap_remove(0), result),
                    _ => Statement::let_(format!("({})", names.join(", ")), result),
                }
            }
            Gives::Value | Gives::Round(_) => {
                let ty = self.returned_type();
                let as_it_is = self.returns_result() && form.fails && self.run().is_none();
                let code = if as_it_is { Some(atom(name)) } else { self.wrapped(Typed::owned(result, ty)) };
                Statement::expression(Expression::Return(code.map(Box::new)))
            }
            Gives::Optional => {
                let returned = self.returned_again()?;
                self.if_given("Some(value)", result, vec![returned])
            }
            Gives::Flow(jump) => {
                let jumps = self.jump(jump, span)?;
                let condition = Box::new(method(result, "is_break", vec![]));
                Statement::expression(Expression::If { condition, then: Block::new(jumps), otherwise: None })
            }
        })
    }

    /// `if let pattern = value { … }`
    fn if_given(&mut self, pattern: &str, value: Expression, then: Vec<Statement>) -> Statement {
        let condition = Box::new(Expression::Let { pattern: pattern.to_owned(), value: Box::new(value) });
        Statement::expression(Expression::If { condition, then: Block::new(then), otherwise: None })
    }
}

fn throws(statement: &PhpStatement) -> bool {
    matches!(&statement.kind, S::Expression(php) if matches!(php.bare().kind, ExpressionKind::Throw(_)))
}

fn leaves_at_end(finally: &PhpBlock) -> bool {
    finally.statements.iter().any(leaves)
}
