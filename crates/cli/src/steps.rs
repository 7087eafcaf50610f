//! What was checked, a step at a time: right, wrong, or something in between.

use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::{BAD, BOLD, DIM, GOOD, Output, WARN, marked};

/// Columns of the names of checks.
const NAMES: usize = 14;

/// How a check has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Ok,
    /// It works, but not well.
    Warning,
    Failed,
    /// It could not be made, it cannot be told, or is only to be known.
    Open,
}

/// One thing that was checked.
#[derive(Debug)]
pub struct Step {
    /// Of a check that is always the same one.
    name: Option<&'static str>,
    state: State,
    message: String,
    /// What to do about it.
    fix: Vec<String>,
}

impl Step {
    /// What others have written may be quoted in it, and must not control a terminal.
    pub fn new(name: Option<&'static str>, state: State, message: &str, fix: &[String]) -> Step {
        let fix = fix.iter().map(|step| marked(step)).collect();
        Step { name, state, message: marked(message), fix }
    }

    /// A line for it, and one for each thing to do about it.
    pub fn print(&self, output: &Output) -> Result<()> {
        let (mark, style) = match self.state {
            State::Ok => ("✓", GOOD),
            State::Warning => ("!", WARN),
            State::Failed => ("✗", BAD),
            State::Open => ("·", DIM),
        };
        let name = self.name.map(|name| format!("{name:NAMES$} ")).unwrap_or_default();
        output.line(format_args!("{style}{mark}{style:#} {name}{}", self.message))?;
        self.fix.iter().try_for_each(|step| output.line(format_args!("  {BOLD}→{BOLD:#} {step}")))
    }

    /// For machines.
    fn json(&self) -> Value {
        let state = match self.state {
            State::Ok => "ok",
            State::Warning => "warning",
            State::Failed => "failed",
            State::Open => "open",
        };
        let name = self.name.map(|name| ("check", name.into()));
        let rest = [("state", state.into()), ("message", json!(self.message)), ("fix", json!(self.fix))];
        name.into_iter().chain(rest).map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

/// What was checked, in order.
#[derive(Debug, Default)]
pub struct Steps(Vec<Step>);

impl Steps {
    pub fn right(&mut self, what: impl AsRef<str>) {
        self.push(Step::new(None, State::Ok, what.as_ref(), &[]));
    }

    /// With what to do about it.
    pub fn wrong(&mut self, what: impl AsRef<str>, fix: impl Into<String>) {
        self.push(Step::new(None, State::Failed, what.as_ref(), &[fix.into()]));
    }

    pub fn open(&mut self, what: impl AsRef<str>) {
        self.push(Step::new(None, State::Open, what.as_ref(), &[]));
    }

    pub fn push(&mut self, step: Step) {
        self.0.push(step);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// How many are wrong.
    pub fn failed(&self) -> usize {
        self.0.iter().filter(|step| step.state == State::Failed).count()
    }

    /// Whether nothing is wrong.
    pub fn are_right(&self) -> bool {
        self.failed() == 0
    }

    pub fn exit(&self) -> Exit {
        if self.are_right() { Exit::Ok } else { Exit::CheckFailed }
    }

    /// The first that is wrong, as the failure of a check.
    pub fn failure(&self) -> Option<Failure> {
        let step = self.0.iter().find(|step| step.state == State::Failed)?;
        Some(Failure::check(&*step.message).with_steps(&step.fix))
    }

    pub fn print(&self, output: &Output) -> Result<()> {
        self.0.iter().try_for_each(|step| step.print(output))
    }

    /// A list, for machines.
    pub fn json(&self) -> Value {
        self.0.iter().map(Step::json).collect()
    }
}
