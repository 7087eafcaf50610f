//! Exceptions: `throw` returns an error, `try` and `catch` look at one.

pub mod asked;
pub mod attempt;
pub mod catches;
mod catching;
mod direct;
mod finally;
pub mod hierarchy;
mod methods;
pub mod own;
mod running;
mod throwing;
pub mod thrown;
mod trying;

use crate::rust::tree::Expression;
use crate::source::Span;
use crate::translate::Translator;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::exceptions::attempt::Run;
use crate::translate::exceptions::thrown::{ErrorType, Point, Thrown, anything};

impl Translator<'_> {
    /// `code?` of a function, a method or a closure of the file.
    pub(super) fn try_of(&mut self, span: Span, code: Expression, key: Option<&str>) -> Result<Expression> {
        let known =
            key.and_then(|key| self.facts.functions.get(key)).map(|facts| facts.throws.iter().cloned().collect());
        let thrown: Vec<Thrown> = known.unwrap_or_else(|| self.anything());
        self.fails_at(span, Point { code: Some(code.clone()), error: ErrorType::Any, thrown })?;
        Ok(Expression::Try(Box::new(code)))
    }

    /// What a callback may fail with, of which nothing is known.
    pub(super) fn anything(&self) -> Vec<Thrown> {
        let own = self.program.thrown.iter().cloned().map(Thrown::Class);
        anything().into_iter().chain(own).collect()
    }

    /// Notes that something can fail here: the `try` around looks at it, or the function returns a `Result`.
    pub(super) fn fails_at(&mut self, span: Span, point: Point) -> Result<()> {
        let scope = self.scope();
        if let Some(attempt) = scope.attempts.last_mut() {
            attempt.points.push(point);
            return Ok(());
        }
        if !scope.may_fail {
            return Err(Cannot::new(
                span,
                "this can fail, and there is no way to say so from here: take it out of the closure",
            ));
        }
        scope.fails = true;
        let function = scope.function.clone();
        self.learnt.functions.entry(function).or_default().throws.extend(point.thrown);
        Ok(())
    }

    /// The closure around that is called at once, of a `try`.
    pub(super) fn run(&mut self) -> Option<Run> {
        self.scope().attempts.iter().rev().find_map(|attempt| attempt.run)
    }

    /// Whether what stands here is in the body of a `try` that is looked at for what can fail in it.
    pub(super) fn is_attempted(&mut self) -> bool {
        self.scope().attempts.last().is_some_and(|attempt| attempt.run.is_none())
    }
}
