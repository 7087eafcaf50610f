//! What was checked: a line each, and below it what to do.

use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::{BAD, BOLD, DIM, GOOD, Output, WARN};

/// Columns of the names of checks.
const NAMES: usize = 14;

/// How a check has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ok,
    /// It works, but not well.
    Warning,
    Failed,
    /// It was not made, or there is nothing to compare.
    Skipped,
}

/// The checks so far. For people each is printed when it is known, for machines all of them at the end.
pub struct Report<'a> {
    output: &'a Output,
    checks: Vec<Value>,
    failed: usize,
    /// Whether standard output could be written to.
    printed: Result<()>,
}

impl<'a> Report<'a> {
    pub fn new(output: &'a Output) -> Report<'a> {
        Report { output, checks: Vec::new(), failed: 0, printed: Ok(()) }
    }

    pub fn ok(&mut self, name: &str, message: impl Into<String>) {
        self.add(name, State::Ok, message.into(), &[]);
    }

    /// Something that works, but not well, and what to do about it.
    pub fn warning(&mut self, name: &str, message: impl Into<String>, fix: &[String]) {
        self.add(name, State::Warning, message.into(), fix);
    }

    /// Something that does not work, and what to do about it.
    pub fn failed(&mut self, name: &str, message: impl Into<String>, fix: &[String]) {
        self.failed = self.failed.saturating_add(1);
        self.add(name, State::Failed, message.into(), fix);
    }

    /// Something that could not be checked, and why.
    pub fn skipped(&mut self, name: &str, why: impl Into<String>) {
        self.add(name, State::Skipped, why.into(), &[]);
    }

    pub fn has_failed(&self) -> bool {
        self.failed > 0
    }

    fn add(&mut self, name: &str, state: State, message: String, fix: &[String]) {
        let (mark, style, word) = match state {
            State::Ok => ("✓", GOOD, "ok"),
            State::Warning => ("!", WARN, "warning"),
            State::Failed => ("✗", BAD, "failed"),
            State::Skipped => ("·", DIM, "skipped"),
        };
        if !self.output.is_json() && self.printed.is_ok() {
            let line = self.output.line(format_args!("{style}{mark}{style:#} {name:NAMES$} {message}"));
            let steps = || fix.iter().try_for_each(|step| self.output.line(format_args!("  {BOLD}→{BOLD:#} {step}")));
            self.printed = line.and_then(|()| steps());
        }
        self.checks.push(json!({ "check": name, "state": word, "message": message, "fix": fix }));
    }

    /// The list, for machines, and what the command ends with.
    pub fn end(self) -> Result<Exit> {
        self.printed?;
        let count = self.checks.len();
        if self.output.is_json() {
            self.output.json(&Value::Array(self.checks))?;
        }
        match self.failed {
            0 => Ok(Exit::Ok),
            failed => Err(Failure::check(format!("{failed} of {count} checks failed"))),
        }
    }
}
