//! The checks so far: for people each is printed when it is known, for machines all of them at the end.

use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::Output;
use crate::steps::{State, Step, Steps};

pub struct Report<'a> {
    output: &'a Output,
    checks: Steps,
    /// Whether standard output could be written to.
    printed: Result<()>,
}

impl<'a> Report<'a> {
    pub fn new(output: &'a Output) -> Report<'a> {
        Report { output, checks: Steps::default(), printed: Ok(()) }
    }

    pub fn ok(&mut self, name: &'static str, message: impl AsRef<str>) {
        self.add(Step::new(Some(name), State::Ok, message.as_ref(), &[]));
    }

    /// Something that works, but not well, and what to do about it.
    pub fn warning(&mut self, name: &'static str, message: impl AsRef<str>, fix: &[String]) {
        self.add(Step::new(Some(name), State::Warning, message.as_ref(), fix));
    }

    /// Something that does not work, and what to do about it.
    pub fn failed(&mut self, name: &'static str, message: impl AsRef<str>, fix: &[String]) {
        self.add(Step::new(Some(name), State::Failed, message.as_ref(), fix));
    }

    /// Something that could not be checked, and why.
    pub fn open(&mut self, name: &'static str, why: impl AsRef<str>) {
        self.add(Step::new(Some(name), State::Open, why.as_ref(), &[]));
    }

    pub fn has_failed(&self) -> bool {
        !self.checks.are_right()
    }

    fn add(&mut self, step: Step) {
        if !self.output.is_json() && self.printed.is_ok() {
            self.printed = step.print(self.output);
        }
        self.checks.push(step);
    }

    /// The list, for machines, and what the command ends with.
    pub fn end(self) -> Result<Exit> {
        self.printed?;
        if self.output.is_json() {
            self.output.json(&self.checks.json())?;
        }
        match self.checks.failed() {
            0 => Ok(Exit::Ok),
            failed => Err(Failure::check(format!("{failed} of {} checks failed", self.checks.len()))),
        }
    }
}
