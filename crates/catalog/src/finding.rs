//! What a check has found.

use std::fmt;

use crate::operation::Place;

/// How bad a finding is. None stops a call: the catalog may be wrong, or out of date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// The platform may refuse it, or ignore it.
    Warning,
    /// The platform refuses it, as far as is documented; or something that should be encrypted leaves in plain text.
    Error,
}

impl Severity {
    /// `note`, `warning` or `error`.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// What is the matter with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Problem {
    /// A required parameter is missing.
    Missing,
    /// No parameter of this name is documented there.
    Unknown,
    /// A value is of another type.
    Type,
    /// A number is given as a text.
    TextForNumber,
    /// A text is given as a number.
    NumberForText,
    /// A value is none of the documented ones.
    Value,
    /// A sensitive value is neither encrypted nor named in `encrypt`.
    PlainText,
    /// Something was encrypted by hand, and `Wechatpay-Serial` does not say with which key.
    Serial,
    /// The operation is called at another of the platform's hosts.
    Host,
    /// The merchant's certificate has to be presented, and `security` is not on.
    Certificate,
    /// The operation is deprecated.
    Deprecated,
}

impl Problem {
    /// How bad it is.
    pub fn severity(self) -> Severity {
        match self {
            Problem::Missing
            | Problem::Type
            | Problem::TextForNumber
            | Problem::NumberForText
            | Problem::PlainText
            | Problem::Certificate => Severity::Error,
            Problem::Unknown | Problem::Value | Problem::Serial | Problem::Host => Severity::Warning,
            Problem::Deprecated => Severity::Note,
        }
    }
}

/// One thing in which the options of a call are not as documented.
///
/// `Display` is one line. Nothing of it has the value of a sensitive field, and values of others only if they look like one of
/// those that are documented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub(crate) problem: Problem,
    pub(crate) place: Option<Place>,
    pub(crate) pointer: String,
    pub(crate) found: String,
    pub(crate) documented: String,
}

impl Finding {
    /// What is the matter.
    pub fn problem(&self) -> Problem {
        self.problem
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.problem.severity()
    }

    /// The place of the parameter; `None` if it is about the call as a whole.
    pub fn place(&self) -> Option<Place> {
        self.place
    }

    /// Where it is in the options, as a JSON pointer in the syntax of the option `encrypt`: `/json/amount/total`,
    /// `/headers/Wechatpay-Serial`, `/out_trade_no` for a variable of the path, `/multipart/meta/sha256` for a part of a form.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// What was found there, in words.
    pub fn found(&self) -> &str {
        &self.found
    }

    /// What is documented, in words.
    pub fn documented(&self) -> &str {
        &self.documented
    }
}

/// `error: /json/amount/total is a text, documented: integer`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.pointer.is_empty() { "the operation" } else { self.pointer.as_str() };
        write!(f, "{}: {what} is {}", self.severity().name(), self.found)?;
        if self.documented.is_empty() { Ok(()) } else { write!(f, ", documented: {}", self.documented) }
    }
}
