//! A call that is not as documented.

use std::error::Error as StdError;
use std::fmt;

use wechatpay_catalog::{Finding, Operation};

use crate::redact;

/// A call that is not as the platform documents it.
///
/// `Display` has a line for each finding. No line has a value that is secret or personal.
#[derive(Debug)]
pub struct CheckError {
    operation: Operation,
    findings: Vec<Finding>,
}

impl CheckError {
    pub(crate) fn new(operation: Operation, findings: Vec<Finding>) -> CheckError {
        CheckError { operation, findings }
    }

    /// The operation that the call was compared with.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// All that was found, in the order of the documents, whether or not the call is refused because of it.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is called in another way than documented, nothing was sent:", self.operation)?;
        for finding in &self.findings {
            write!(f, "\n{}", redact::one_line(&finding.to_string()))?;
        }
        Ok(())
    }
}

impl StdError for CheckError {}
