//! What was checked, a step at a time: each right, wrong, or left open.

use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::{BAD, DIM, GOOD, Output, marked};

/// One thing that was checked.
#[derive(Debug)]
pub struct Step {
    mark: Mark,
    what: String,
    fix: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Right,
    Wrong,
    /// It cannot be told, or is only to be known.
    Open,
}

/// What was checked, in order.
#[derive(Debug, Default)]
pub struct Steps(Vec<Step>);

impl Steps {
    pub fn right(&mut self, what: impl Into<String>) {
        self.push(Mark::Right, what.into(), None);
    }

    /// With what to do about it.
    pub fn wrong(&mut self, what: impl Into<String>, fix: impl Into<String>) {
        self.push(Mark::Wrong, what.into(), Some(fix.into()));
    }

    pub fn open(&mut self, what: impl Into<String>) {
        self.push(Mark::Open, what.into(), None);
    }

    /// What others have written may be quoted in it, and must not control a terminal.
    fn push(&mut self, mark: Mark, what: String, fix: Option<String>) {
        self.0.push(Step { mark, what: marked(&what), fix: fix.as_deref().map(marked) });
    }

    /// Whether nothing is wrong.
    pub fn are_right(&self) -> bool {
        self.0.iter().all(|step| step.mark != Mark::Wrong)
    }

    pub fn exit(&self) -> Exit {
        if self.are_right() { Exit::Ok } else { Exit::CheckFailed }
    }

    /// The first that is wrong, as the failure of a check.
    pub fn failure(&self) -> Option<Failure> {
        let step = self.0.iter().find(|step| step.mark == Mark::Wrong)?;
        let failure = Failure::check(&*step.what);
        Some(match &step.fix {
            Some(fix) => failure.next(&**fix),
            None => failure,
        })
    }

    /// A line for each, and one for what to do about it.
    pub fn print(&self, output: &Output) -> Result<()> {
        for Step { mark, what, fix } in &self.0 {
            match mark {
                Mark::Right => output.line(format_args!("{GOOD}✓{GOOD:#} {what}"))?,
                Mark::Wrong => output.line(format_args!("{BAD}✗{BAD:#} {what}"))?,
                Mark::Open => output.line(format_args!("{DIM}· {what}{DIM:#}"))?,
            }
            if let Some(fix) = fix {
                output.line(format_args!("  → {fix}"))?;
            }
        }
        Ok(())
    }

    /// For machines: `ok` is true, false, or null where it cannot be told.
    pub fn json(&self) -> Value {
        let step = |Step { mark, what, fix }: &Step| {
            let ok = match mark {
                Mark::Right => Value::Bool(true),
                Mark::Wrong => Value::Bool(false),
                Mark::Open => Value::Null,
            };
            json!({ "ok": ok, "what": what, "fix": fix })
        };
        self.0.iter().map(step).collect()
    }
}
