//! A `try` in whose body several things can fail: a closure that is called at once, and a `match` on what it gives.

use crate::php::tree::{Block as PhpBlock, Statement as PhpStatement};
use crate::rust::build::{atom, call, ok, some};
use crate::rust::tree::{Arm, Block, Expression, Lead, Statement, StatementKind};
use crate::rust::walk::signature;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::Result;
use crate::translate::comments::Style;
use crate::translate::exceptions::attempt::{Attempt, Gives, Jump, Run};
use crate::translate::exceptions::direct::Success;
use crate::translate::exceptions::thrown::{ErrorType, Point, Thrown};
use crate::translate::exceptions::trying::Handler;
use crate::translate::plan::{Early, leaves};
use crate::translate::statements::without_last_blank;
use crate::translate::tails::with_value;
use crate::translate::types::Type;
use crate::translate::value::Typed;

/// What a closure that is called at once is to be.
#[derive(Clone, Copy)]
pub struct Form {
    pub gives: Gives,
    /// Whether it gives a `Result`.
    pub fails: bool,
    /// Whether it always fails.
    pub never: bool,
}

/// What became of statements in a closure that is called at once.
pub struct Ran {
    /// `(|| -> Result<_> { … })()`
    pub code: Expression,
    /// What it fails with.
    pub thrown: Vec<Thrown>,
}

impl Translator<'_> {
    pub(super) fn run_and_catch(
        &mut self,
        body: &PhpBlock,
        handlers: &[Handler<'_>],
        early: &[Early],
        span: Span,
    ) -> Result<Vec<Statement>> {
        let gives = Gives::of(&body.statements, &[], span)?;
        let (outs, others): (Vec<Early>, Vec<Early>) =
            early.iter().cloned().partition(|early| early.definite && self.find_variable(&early.name).is_none());
        let mut statements = self.declare_early(&others, span);
        let never = gives == Gives::Nothing && outs.is_empty() && body.statements.iter().any(leaves);
        let form = Form { gives, fails: true, never };
        let ran = self.ran(form, &outs, body.span, |translator| translator.statements(&body.statements))?;
        let all_leave = handlers.iter().all(|handler| handler.catch.body.statements.iter().any(leaves));
        let mut choice = self.declare_early(&outs, span);
        let success = self.success(gives, &outs, span)?;
        let point = Point { code: None, error: ErrorType::Any, thrown: ran.thrown };
        let name = self.free_name("result");
        let mut arms = self.caught_arms(&point, handlers, span)?;
        if never
            && arms.len() == 1
            && let Some(arm) = arms.pop()
        {
            statements.push(Statement { lead: arm.lead, ..Statement::let_(arm.pattern, ran.code) });
            match arm.body {
                Expression::Block(block) => statements.extend(super::trying::flattened(block)),
                code => statements.push(Statement::expression(code)),
            }
            return Ok(statements);
        }
        let result = Statement::let_(name.clone(), ran.code);
        let mut matched = self.matched_run(atom(name), success, arms);
        choice.append(&mut matched);
        self.inline(&mut choice, &outs);
        if outs.len() > 1 && all_leave {
            self.taken_together(&outs, &mut choice);
        }
        statements.push(result);
        statements.extend(choice);
        Ok(statements)
    }

    /// `let (a, b) = match … { Ok(values) => values, … }`, where all else leaves.
    fn taken_together(&self, outs: &[Early], choice: &mut Vec<Statement>) {
        let Some(Statement {
            kind: StatementKind::Expression(Expression::Match { subject, mut arms }),
            lead,
            trailing,
        }) = choice.pop()
        else {
            return;
        };
        if let Some(first) = arms.first_mut() {
            first.pattern = "Ok(values)".to_owned();
            first.body = atom("values");
        }
        let names: Vec<String> =
            outs.iter().map(|out| format!("{}{}", self.mutability(&out.name), self.rust_name(&out.name))).collect();
        let pattern = format!("({})", names.join(", "));
        let value = Some(Expression::Match { subject, arms });
        let kind = StatementKind::Let { pattern, ty: None, value, otherwise: None };
        *choice = vec![Statement { lead, kind, trailing }];
    }

    fn matched_run(&mut self, code: Expression, success: Vec<Success>, arms: Vec<Arm>) -> Vec<Statement> {
        let mut success = success.into_iter();
        let first = success.next().unwrap_or(Success { pattern: "_".to_owned(), body: vec![] });
        let mut statement = self.met(code, first, arms);
        if let StatementKind::Expression(Expression::Match { arms, .. }) = &mut statement.kind {
            for (number, Success { pattern, body }) in success.enumerate() {
                let body = Expression::Block(Block::new(body));
                let pattern = format!("Ok({pattern})");
                arms.insert(number + 1, Arm { lead: Lead::default(), pattern, guard: None, body });
            }
        }
        vec![statement]
    }

    /// The closure with these statements. `outs` are variables that begin in it and are used behind it.
    pub(super) fn ran(
        &mut self,
        form: Form,
        outs: &[Early],
        span: Span,
        translate: impl FnOnce(&mut Self) -> Vec<Statement>,
    ) -> Result<Ran> {
        let Form { gives, fails, never } = form;
        let loops = self.scope().loops.len();
        let run = Run { gives, fails, loops };
        self.scope().attempts.push(Attempt { points: vec![], run: Some(run) });
        self.scope().blocks.push(span.start);
        let before = self.scope().variables.clone();
        let mut statements = translate(self);
        for early in outs {
            unchanged(&mut statements, &self.rust_name(&early.name));
        }
        let value = if never { Ok(None) } else { self.value_of(gives, fails, outs, span) };
        let kept: Vec<_> =
            outs.iter().map(|early| (early.name.clone(), self.scope().variables.get(&early.name).cloned())).collect();
        self.forget_inner(before);
        for (name, variable) in kept {
            if let Some(mut variable) = variable {
                variable.declared = false;
                self.scope().variables.insert(name, variable);
            }
        }
        self.scope().blocks.pop();
        let attempt = self.scope().attempts.pop().unwrap_or_default();
        let end = without_last_blank(self.comments.lead(span.end.saturating_sub(1), Style::Plain));
        if let Some(value) = value? {
            let lead = Lead { origin: None, ..end };
            statements.push(Statement { lead, kind: StatementKind::Value(value), trailing: None });
        } else if !end.comments.is_empty() {
            statements.push(Statement { lead: end, kind: StatementKind::Comments, trailing: None });
        }
        let mut block = Block::new(statements);
        with_value(&mut block);
        let returns = fails.then(|| {
            self.import("anyhow::Result");
            let plain = gives == Gives::Nothing && outs.is_empty();
            if never {
                self.import("std::convert::Infallible");
                return "Result<Infallible>".to_owned();
            }
            if plain { "Result<()>".to_owned() } else { "Result<_>".to_owned() }
        });
        let mut thrown: Vec<Thrown> = attempt.points.into_iter().flat_map(|point| point.thrown).collect();
        thrown.sort();
        thrown.dedup();
        let closure =
            Expression::Closure { moves: false, parameters: vec![], returns, body: Box::new(Expression::Block(block)) };
        let code = Expression::Call { callee: Box::new(Expression::Paren(Box::new(closure))), arguments: vec![] };
        Ok(Ran { code, thrown })
    }

    /// What the closure gives at its end.
    fn value_of(&mut self, gives: Gives, fails: bool, outs: &[Early], span: Span) -> Result<Option<Expression>> {
        let value = match gives {
            Gives::Value | Gives::Round(_) => return Ok(None),
            Gives::Optional => atom("None"),
            Gives::Flow(_) => {
                self.import("std::ops::ControlFlow");
                call("ControlFlow::Continue", vec![atom("()")])
            }
            Gives::Nothing => {
                let mut values = Vec::new();
                for early in outs {
                    let value = self.variable(&early.name, span)?;
                    let ty = self.facts_of(&early.name).ty;
                    values.push(
                        self.coerce(Typed { form: crate::translate::value::Form::Last, ..value }, &ty, span)?
                            .into_owned(),
                    );
                }
                match values.len() {
                    0 if !fails => return Ok(None),
                    0 => atom("()"),
                    1 => values.swap_remove(0),
                    _ => Expression::Tuple(values),
                }
            }
        };
        Ok(Some(if fails { ok(value) } else { value }))
    }

    /// What is done with what the closure gives, by patterns.
    pub(super) fn success(&mut self, gives: Gives, outs: &[Early], span: Span) -> Result<Vec<Success>> {
        let of = |pattern: &str, body: Vec<Statement>| Success { pattern: pattern.to_owned(), body };
        Ok(match gives {
            Gives::Nothing => match outs {
                [] => vec![of("()", vec![])],
                [only] => {
                    let assigned = self.assigned_from(only, "value");
                    vec![of("value", vec![assigned])]
                }
                several => {
                    let names: Vec<String> = (1..=several.len()).map(|number| format!("value_{number}")).collect();
                    let body = several.iter().zip(&names).map(|(out, name)| self.assigned_from(out, name)).collect();
                    vec![of(&format!("({})", names.join(", ")), body)]
                }
            },
            Gives::Value | Gives::Round(_) => vec![of("value", vec![self.returned_again()?])],
            Gives::Optional => vec![of("Some(value)", vec![self.returned_again()?]), of("None", vec![])],
            Gives::Flow(jump) => {
                let jumps = self.jump(jump, span)?;
                vec![of("ControlFlow::Break(())", jumps), of("ControlFlow::Continue(())", vec![])]
            }
        })
    }

    fn assigned_from(&mut self, early: &Early, value: &str) -> Statement {
        let rust = self.rust_name(&early.name);
        Statement::expression(crate::rust::build::assign("=", atom(rust), atom(value)))
    }

    /// `return value`, of what the closure has returned.
    pub(super) fn returned_again(&mut self) -> Result<Statement> {
        let ty = self.returned_type();
        if ty == Type::Null {
            let code = self.wrapped(Typed::owned(atom("()"), Type::Null));
            return Ok(Statement::expression(Expression::Return(code.map(Box::new))));
        }
        let code = self.wrapped(Typed::owned(atom("value"), ty));
        Ok(Statement::expression(Expression::Return(code.map(Box::new))))
    }

    pub(super) fn jump(&mut self, jump: Jump, span: Span) -> Result<Vec<Statement>> {
        match jump {
            Jump::Break => self.break_statement(1, span),
            Jump::Continue => self.continue_statement(1, span),
            Jump::Return => {
                let code = self.wrapped(Typed::owned(atom("()"), Type::Null));
                Ok(vec![Statement::expression(Expression::Return(code.map(Box::new)))])
            }
        }
    }

    /// `return`, `break` or `continue` in a closure that is called at once, out of it.
    pub(in crate::translate) fn jump_out(&mut self, levels: usize) -> Option<Statement> {
        let run = self.run()?;
        let inside = self.scope().loops.len().saturating_sub(run.loops);
        if levels <= inside || !matches!(run.gives, Gives::Flow(_)) {
            return None;
        }
        self.import("std::ops::ControlFlow");
        let value = call("ControlFlow::Break", vec![atom("()")]);
        let value = if run.fails { ok(value) } else { value };
        Some(Statement::expression(Expression::Return(Some(Box::new(value)))))
    }

    /// A value that is returned, as the closure around gives it.
    pub(in crate::translate) fn returned_from_run(&mut self, run: Run, value: Typed) -> Expression {
        let nothing = matches!(&value.code, Expression::Atom(text) if text == "()");
        let code = match run.gives {
            Gives::Optional => some(value.into_owned()),
            Gives::Flow(_) if nothing => {
                self.import("std::ops::ControlFlow");
                call("ControlFlow::Break", vec![atom("()")])
            }
            Gives::Round(round) => {
                self.import("std::ops::ControlFlow");
                let value = value.into_owned();
                call("ControlFlow::Break", vec![if round.breaks { some(value) } else { value }])
            }
            _ => value.into_owned(),
        };
        if run.fails { ok(code) } else { code }
    }

    pub(in crate::translate) fn rust_name(&self, name: &str) -> String {
        self.find_variable(name).map(|(_, variable)| variable.name).unwrap_or_default()
    }

    pub(super) fn in_a_block(&mut self, php: &[PhpStatement], span: Span) -> Vec<Statement> {
        let block = PhpBlock { span, statements: php.to_vec() };
        super::trying::flattened(self.block(&block))
    }
}

/// A variable that is changed behind the closure alone needs no `mut` in it.
fn unchanged(statements: &mut [Statement], name: &str) {
    let mutable = format!("mut {name}");
    let declares =
        |statement: &Statement| matches!(&statement.kind, StatementKind::Let { pattern, .. } if *pattern == mutable);
    let Some(at) = statements.iter().position(declares) else { return };
    let (before, behind) = statements.split_at_mut(at + 1);
    let target = format!("target: {}", signature(&atom(name)));
    let lent = format!("operator: \"&mut \", operand: {}", signature(&atom(name)));
    let receiver = format!("receiver: {}", signature(&atom(name)));
    let mut changes = false;
    for statement in behind {
        let text = format!("{statement:?}");
        changes |= text.contains(&target) || text.contains(&lent) || text.contains(&receiver);
    }
    if let (false, Some(Statement { kind: StatementKind::Let { pattern, .. }, .. })) = (changes, before.last_mut()) {
        *pattern = name.to_owned();
    }
}
