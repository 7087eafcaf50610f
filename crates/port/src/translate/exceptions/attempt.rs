//! What is around where the porter stands in the body of a `try`.

use crate::php::tree::{
    ClosureBody, Expression as Php, ExpressionKind as E, Statement as PhpStatement, StatementKind as S,
};
use crate::php::walk::each_expression_in;
use crate::source::Span;
use crate::translate::cannot::{Cannot, Result};
use crate::translate::exceptions::thrown::Point;
use crate::translate::plan::leaves;

/// The body of a `try`, while it is translated.
#[derive(Debug, Default)]
pub struct Attempt {
    /// Where it can fail.
    pub points: Vec<Point>,
    /// Of one that becomes a closure which is called at once.
    pub run: Option<Run>,
}

/// A closure that is called at once.
#[derive(Debug, Clone, Copy)]
pub struct Run {
    pub gives: Gives,
    /// Whether it gives a `Result`.
    pub fails: bool,
    /// How many loops are around it.
    pub loops: usize,
}

/// What the closure says of how its statements were left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    /// They come to their end.
    Nothing,
    /// They always return this.
    Value,
    /// They may return something: `Some`.
    Optional,
    /// They may be left by one kind of jump: `ControlFlow::Break`.
    Flow(Jump),
    /// They are a round of a loop over a generator.
    Round(Round),
}

/// How a round of a loop over a generator can be left, but for going on: `ControlFlow::Break`, of an `Option` if both ways
/// are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    /// By `break`.
    pub breaks: bool,
    /// By leaving the function around.
    pub returns: bool,
}

/// A way to leave a statement that needs no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jump {
    Return,
    Break,
    Continue,
}

/// What is known of a `try` from the pass before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AttemptFacts {
    /// Whether its body becomes a closure.
    pub runs: bool,
    /// Whether something in it can fail that is not caught in it.
    pub fails: bool,
}

impl Attempt {
    /// Whether it is the closure of a loop over a generator, and no `try`.
    pub fn is_round(&self) -> bool {
        matches!(self.run, Some(Run { gives: Gives::Round(_), .. }))
    }
}

impl Gives {
    /// Whether the body of a loop leaves it by `break`.
    pub fn breaks(statements: &[PhpStatement]) -> bool {
        let mut ways = Ways::default();
        ways.collect(statements, 0);
        ways.breaks
    }

    /// Whether the body of a loop leaves the function.
    pub fn returns(statements: &[PhpStatement]) -> bool {
        let mut ways = Ways::default();
        ways.collect(statements, 0);
        ways.values || ways.returns
    }

    /// How these statements can be left.
    pub fn of(statements: &[PhpStatement], more: &[&[PhpStatement]], span: Span) -> Result<Gives> {
        let mut ways = Ways::default();
        ways.collect(statements, 0);
        more.iter().for_each(|statements| ways.collect(statements, 0));
        let always = statements.iter().any(leaves) && more.iter().all(|statements| statements.iter().any(leaves));
        let jumps = usize::from(ways.returns) + usize::from(ways.breaks) + usize::from(ways.continues);
        Ok(match (ways.values, jumps) {
            (false, 0) => Gives::Nothing,
            (true, 0) | (false, 1) if always && ways.breaks == ways.continues => Gives::Value,
            (true, 0) => Gives::Optional,
            (false, 1) if ways.returns => Gives::Flow(Jump::Return),
            (false, 1) if ways.breaks => Gives::Flow(Jump::Break),
            (false, 1) => Gives::Flow(Jump::Continue),
            _ => {
                return Err(Cannot::new(
                    span,
                    "the body of try is left in several ways (return, break, continue): make it a function",
                ));
            }
        })
    }
}

#[derive(Default)]
struct Ways {
    /// `return` with a value.
    values: bool,
    returns: bool,
    breaks: bool,
    continues: bool,
}

impl Ways {
    fn collect(&mut self, statements: &[PhpStatement], depth: u32) {
        for statement in statements {
            match &statement.kind {
                S::Return(Some(_)) => self.values = true,
                S::Return(None) => self.returns = true,
                S::Break(levels) => self.breaks |= (*levels).max(1) > depth,
                S::Continue(levels) => self.continues |= (*levels).max(1) > depth,
                S::While { .. } | S::DoWhile { .. } | S::For { .. } | S::Foreach { .. } | S::Switch { .. } => {
                    statement.bodies().into_iter().for_each(|body| self.collect(body, depth + 1));
                }
                _ => statement.bodies().into_iter().for_each(|body| self.collect(body, depth)),
            }
        }
    }
}

/// How a caught variable is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Uses {
    pub any: bool,
    /// Not only to call its methods.
    pub whole: bool,
}

/// How statements use a variable.
pub fn uses(statements: &[PhpStatement], name: &str) -> Uses {
    let (mut all, mut asked) = (0_usize, 0_usize);
    let is_it = |php: &Php| matches!(&php.bare().kind, E::Variable(variable) if variable == name);
    each_expression_in(statements, &mut |php| match &php.kind {
        E::Variable(_) if is_it(php) => all += 1,
        E::MethodCall { object, .. } | E::Property { object, .. } if is_it(object) => asked += 1,
        E::Closure(closure) => {
            let captured = closure.captures.iter().any(|capture| capture.name == name);
            if captured && matches!(closure.body, ClosureBody::Block(_)) {
                all += 1;
            }
        }
        _ => {}
    });
    Uses { any: all > 0, whole: all > asked }
}
