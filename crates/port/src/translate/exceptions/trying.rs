//! `try` and `catch`: which form they become in Rust.

use crate::php::tree::{Block as PhpBlock, Catch, ExpressionKind as E, StatementKind as S};
use crate::rust::tree::{Arm, Block, Expression, Lead, Statement, StatementKind};
use crate::rust::walk;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::exceptions::attempt::{Attempt, AttemptFacts, Uses, uses};
use crate::translate::exceptions::catches::{Catches, Target};
use crate::translate::exceptions::thrown::{Point, Thrown};
use crate::translate::plan::Early;
use crate::translate::scope::VariableKind;
use crate::translate::types::Type;

/// A `catch`, with what it catches.
pub struct Handler<'p> {
    pub catch: &'p Catch,
    pub targets: Vec<Target>,
    pub uses: Uses,
}

impl Translator<'_> {
    pub(in crate::translate) fn try_statement(
        &mut self,
        body: &PhpBlock,
        catches: &[Catch],
        finally: Option<&PhpBlock>,
        span: Span,
    ) -> Result<Vec<Statement>> {
        let early = self.scope().plan.before.get(&span.start).cloned().unwrap_or_default();
        if let (Some(_), Some(finally)) = (&self.scope().generator, finally) {
            return Err(Cannot::new(
                finally.span,
                "finally in a generator: in PHP it also runs when a loop stops before its end; do it behind the loop",
            ));
        }
        match finally {
            None => self.attempt(body, catches, &early, span),
            Some(finally) => self.with_finally(body, catches, finally, &early, span),
        }
    }

    /// `try` and `catch` without `finally`.
    pub(super) fn attempt(
        &mut self,
        body: &PhpBlock,
        catches: &[Catch],
        early: &[Early],
        span: Span,
    ) -> Result<Vec<Statement>> {
        let mut handlers = Vec::new();
        for catch in catches {
            let targets = self.targets(catch)?;
            let uses = catch.variable.as_ref().map(|name| uses(&catch.body.statements, name)).unwrap_or_default();
            handlers.push(Handler { catch, targets, uses });
        }
        if self.facts.attempts.get(&body.span.start).is_some_and(|facts| facts.runs) {
            self.learnt.attempts.insert(body.span.start, AttemptFacts { runs: true, fails: true });
            return self.run_and_catch(body, &handlers, early, span);
        }
        self.note_connections(&handlers);
        let left = self.findings.len();
        let declared = self.declare_early(early, span);
        self.scope().attempts.push(Attempt::default());
        let mut block = self.block(body);
        let mut attempt = self.scope().attempts.pop().unwrap_or_default();
        attempt.points.extend(unnoted(&mut block, &attempt.points, self.anything()));
        let (caught, others): (Vec<Point>, Vec<Point>) =
            attempt.points.into_iter().partition(|point| self.is_caught_at(point, &handlers));
        for point in others {
            self.fails_at(span, point)?;
        }
        let mut statements = match caught.as_slice() {
            [] => self.nothing_fails(block, catches, self.findings.len() > left, span),
            [point] => match self.direct(block, point, &handlers, span)? {
                Some(statements) => statements,
                None => return Ok(self.runs_next_time(body)),
            },
            _ => return Ok(self.runs_next_time(body)),
        };
        statements.splice(0..0, declared);
        self.inline(&mut statements, early);
        Ok(statements)
    }

    /// In PHP, a `RequestException` is not thrown where there is no connection.
    fn note_connections(&mut self, handlers: &[Handler<'_>]) {
        let catches = |last: &str| {
            handlers.iter().position(|handler| {
                handler
                    .catch
                    .classes
                    .iter()
                    .any(|class| class.rsplit('\\').next().is_some_and(|class| class.eq_ignore_ascii_case(last)))
            })
        };
        let Some(at) = catches("RequestException") else { return };
        let handler = &handlers[at];
        let name = handler.catch.variable.as_deref();
        let rethrows = matches!(handler.catch.body.statements.last().map(|last| &last.kind), Some(S::Expression(php))
            if matches!(&php.kind, E::Throw(of) if matches!(&of.kind, E::Variable(thrown) if Some(thrown.as_str()) == name)));
        if catches("ConnectException").is_none() && !rethrows {
            self.note(
                handler.catch.span,
                "here any failure of the call is caught; in PHP, RequestException leaves out those to connect: for these, ask `e.is_connect()`",
            );
        }
    }

    /// What is between two passes: the next one knows that the body becomes a closure.
    fn runs_next_time(&mut self, body: &PhpBlock) -> Vec<Statement> {
        self.learnt.attempts.insert(body.span.start, AttemptFacts { runs: true, fails: true });
        vec![]
    }

    fn is_caught_at(&self, point: &Point, handlers: &[Handler<'_>]) -> bool {
        point
            .thrown
            .iter()
            .any(|thrown| handlers.iter().any(|handler| self.caught(thrown, &handler.targets) != Catches::Never))
    }

    /// What of this no `catch` gets for sure.
    pub(super) fn uncaught(&self, thrown: &[Thrown], handlers: &[Handler<'_>]) -> Vec<Thrown> {
        let passes =
            |thrown: &&Thrown| handlers.iter().all(|handler| self.caught(thrown, &handler.targets) != Catches::All);
        thrown.iter().filter(passes).cloned().collect()
    }

    /// Nothing in the body can fail with what is caught: only the body is left.
    fn nothing_fails(&mut self, block: Block, catches: &[Catch], is_left: bool, span: Span) -> Vec<Statement> {
        let mut statements = flattened(block);
        for catch in catches {
            if is_left {
                let cannot =
                    Cannot::new(catch.span, "what is left to do in this `try` may fail: then match on its error");
                self.comments.skip(catch.span.end);
                let lead = Lead { comments: self.todo_lines(catch.span, &cannot), ..Lead::default() };
                statements.push(Statement { lead, kind: StatementKind::Comments, trailing: None });
                continue;
            }
            self.leave_out(catch.span, "nothing in this `try` fails with this in Rust, so the `catch` is left out");
        }
        let comments = self.comments.lines_before(span.end);
        if !comments.is_empty() {
            let lead = Lead { comments, ..Lead::default() };
            statements.push(Statement { lead, kind: StatementKind::Comments, trailing: None });
        }
        statements
    }

    /// A declaration before, and one statement that gives it its value: one `let`.
    pub(super) fn inline(&mut self, statements: &mut Vec<Statement>, early: &[Early]) {
        let [only] = early else { return };
        let Some((_, variable)) = self.find_variable(&only.name) else { return };
        crate::translate::choices::inline_choice(statements, &only.name, variable.name);
        if let [only] = statements.as_mut_slice() {
            named_after(only);
        }
    }

    /// The body of a `catch`. `bound` is the type of its variable, and whether it is borrowed; `whole` is the name of the
    /// `anyhow::Error` that it is a part of.
    pub(super) fn caught_body(
        &mut self,
        handler: &Handler<'_>,
        bound: Option<(Type, VariableKind)>,
        rust: Option<&str>,
        whole: Option<&str>,
    ) -> Block {
        let before = self.scope().variables.clone();
        let caught = self.scope().caught.clone();
        if let (Some(name), Some((ty, kind))) = (&handler.catch.variable, bound) {
            self.declare(name, &ty, kind, handler.catch.span);
            if let (Some(rust), Some(variable)) = (rust, self.scope().variables.get_mut(name)) {
                variable.name = rust.to_owned();
            }
            match whole {
                Some(whole) => self.scope().caught.insert(name.clone(), whole.to_owned()),
                None => self.scope().caught.remove(name),
            };
        }
        let block = self.block(&handler.catch.body);
        self.scope().caught = caught;
        self.forget_inner(before);
        block
    }

    /// What the variable of a `catch` is called.
    pub(super) fn bound_name(&self, handler: &Handler<'_>) -> Option<String> {
        handler.catch.variable.as_ref().filter(|_| handler.uses.any).map(|name| self.variable_name(name))
    }
}

/// `let a = match … { Ok(value) => value, … }`: the value has the name of what it becomes; and where all else leaves,
/// `let Ok(a) = … else { … }`.
fn named_after(statement: &mut Statement) {
    let StatementKind::Let { pattern, value: Some(Expression::Match { subject, arms }), otherwise, .. } =
        &mut statement.kind
    else {
        return;
    };
    let Some(Arm { pattern: first, body, .. }) = arms.first_mut() else { return };
    let value = first.strip_prefix("Ok(").and_then(|rest| rest.strip_suffix(')')).unwrap_or_default();
    if !matches!(body, Expression::Atom(given) if given == value) {
        return;
    }
    let name = pattern.trim_start_matches("mut ").to_owned();
    *first = format!("Ok({name})");
    *body = Expression::Atom(name);
    let leaves = match arms.as_slice() {
        [_, Arm { pattern, guard: None, body: Expression::Return(_), lead, .. }] => {
            pattern == "Err(_)" && lead.comments.is_empty()
        }
        _ => false,
    };
    if leaves {
        let subject = (**subject).clone();
        let body = arms.pop().map(|arm| arm.body);
        let pattern = format!("Ok({pattern})");
        *otherwise = Some(Block::new(body.map(Statement::expression).into_iter().collect()));
        statement.kind = StatementKind::Let { pattern, ty: None, value: Some(subject), otherwise: otherwise.take() };
    }
}

/// The statements of a block, with the comments at its end.
pub fn flattened(block: Block) -> Vec<Statement> {
    let mut statements = block.statements;
    if !block.end.comments.is_empty() {
        statements.push(Statement { lead: block.end, kind: StatementKind::Comments, trailing: None });
    }
    statements
}

/// Each `?` that no rule has noted.
fn unnoted(block: &mut Block, noted: &[Point], thrown: Vec<Thrown>) -> Vec<Point> {
    let known: Vec<String> = noted.iter().filter_map(|point| point.code.as_ref()).map(walk::signature).collect();
    let mut found = Vec::new();
    block.each_expression(&mut |of| {
        of.each(&mut |code| {
            if let Expression::Try(inner) = code
                && !known.contains(&walk::signature(inner))
            {
                found.push(Point { thrown: thrown.clone(), ..Point::before(inner) });
            }
        });
    });
    found
}
