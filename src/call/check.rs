//! Compares calls with what the platform documents, before they are sent: the feature `check`.

use std::collections::HashSet;

use log::{Level, log, log_enabled, warn};
use serde_json::Value;
use wechatpay_catalog::{Finding, Operation, Severity, catalog};

use crate::error::{CheckError, Error, Result};
use crate::redact;
use crate::sync::{Mutex, lock};

/// What becomes of a call that is not as the platform documents it, see [`Builder::check`](crate::Builder::check).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Check {
    /// It is sent, and the log says what is the matter.
    Log,
    /// It is refused with [`Error::Check`] if anything is as severe as this or worse; if not, it is sent, and the log says what is
    /// the matter.
    Refuse(Severity),
}

/// The most lines that the log is told, as a path may have other values each time.
const MOST_LINES: usize = 1_000;

/// Compares the calls of an instance.
#[derive(Debug)]
pub(super) struct Checker {
    check: Check,
    /// What the log has been told.
    told: Mutex<HashSet<String>>,
}

/// A call that is compared.
pub(super) struct Call<'a> {
    pub(super) method: &'a str,
    pub(super) template: &'a str,
    /// The expanded template.
    pub(super) path: &'a str,
    /// In the shape that they can be given in, with what the client adds.
    pub(super) options: &'a Value,
}

impl Checker {
    pub(super) fn new(check: Check) -> Checker {
        Checker { check, told: Mutex::default() }
    }

    /// # Errors
    /// [`Error::Check`], if such calls are refused.
    pub(super) fn compare(&self, call: &Call<'_>) -> Result<()> {
        let Call { method, template, path, options } = *call;
        let find = |path| catalog().find_call(method, path, options);
        // By the template, in which variables have the caller's names; what it does not show, the path does.
        let Some(found) = find(template).or_else(|| find(path)) else {
            self.tell_undocumented(method, template);
            return Ok(());
        };
        let (operation, findings) = (found.operation(), found.check(options));
        match self.check {
            Check::Refuse(least) if findings.iter().any(|finding| finding.severity() >= least) => {
                return Err(Error::Check(Box::new(CheckError::new(operation, findings))));
            }
            Check::Refuse(_) | Check::Log => {}
        }
        findings.iter().for_each(|finding| self.tell(operation, finding));
        Ok(())
    }

    /// Tells the log of a finding.
    fn tell(&self, operation: Operation, finding: &Finding) {
        let level = match finding.severity() {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warn,
            Severity::Note => Level::Info,
        };
        let subject = format!("{operation} {}", without_indices(finding.pointer()));
        let what = format!("{} {}", finding.found(), finding.documented());
        if log_enabled!(level) && self.is_news(format!("{subject} {what}")) {
            log!(level, "{operation}: {}", redact::one_line(&finding.to_string()));
        }
    }

    /// Tells the log of a path that is not documented. Looking for the nearest one takes milliseconds.
    fn tell_undocumented(&self, method: &str, template: &str) {
        let path = template.split(['?', '#']).next().unwrap_or_default().trim_end_matches('{');
        let subject = format!("{method} {}", redact::path(path));
        if !log_enabled!(Level::Warn) || !self.is_news(subject.clone()) {
            return;
        }
        match catalog().nearest(method, path) {
            Some(near) => warn!("{subject} is not documented, nearest: {near}; it is sent unchecked"),
            None => warn!("{subject} is not documented; it is sent unchecked"),
        }
    }

    /// Whether the log has not been told of this.
    fn is_news(&self, subject: String) -> bool {
        let mut told = lock(&self.told);
        told.len() < MOST_LINES && told.insert(subject)
    }
}

/// A pointer that is the same for all elements of a list.
fn without_indices(pointer: &str) -> String {
    let is_index = |name: &str| !name.is_empty() && name.bytes().all(|digit| digit.is_ascii_digit());
    let names = pointer.split('/').map(|name| if is_index(name) { "*" } else { name });
    names.collect::<Vec<_>>().join("/")
}
