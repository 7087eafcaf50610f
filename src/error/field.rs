//! A value that an answer does not have, or has as another type.

use std::error::Error as StdError;
use std::fmt;

use crate::redact;
use crate::response::Response;

/// A value that JSON does not have where it was looked for, or has as another type. It names the field and the types, never
/// the value.
pub struct FieldError {
    pub(crate) pointer: String,
    pub(crate) expected: &'static str,
    pub(crate) found: Found,
    /// What to write instead, if there is a method for what was found.
    pub(crate) advice: String,
    /// `None` if the JSON was not that of an answer.
    pub(crate) response: Option<Response>,
}

/// What is where the pointer points.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Found {
    /// It points nowhere: it is not a JSON pointer.
    Malformed,
    Nothing,
    /// Something of this type.
    Other(&'static str),
}

impl FieldError {
    /// The JSON pointer, as it was given.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// What was asked for: `a text`, `an integer`, `a boolean` or `a list`.
    pub fn expected(&self) -> &str {
        self.expected
    }

    /// What is there: `absent`, `null`, `a text`, `a number`, `a number with decimals`, `a number of more than 63 bits`,
    /// `a boolean`, `a list` or `an object`; `not a JSON pointer` if nothing could be looked for.
    pub fn found(&self) -> &str {
        match self.found {
            Found::Malformed => "not a JSON pointer",
            Found::Nothing => "absent",
            Found::Other(found) => found,
        }
    }

    /// The answer, if the value was to come out of one.
    pub fn response(&self) -> Option<&Response> {
        self.response.as_ref()
    }
}

impl fmt::Debug for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FieldError")
            .field("pointer", &redact::path(&self.pointer))
            .field("expected", &self.expected)
            .field("found", &self.found())
            .field("response", &self.response)
            .finish()
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(response) = &self.response {
            write!(f, "answer {}: ", response.status())?;
        }
        write!(f, "{:?} is {}", redact::path(&self.pointer), self.found())?;
        match self.found {
            Found::Malformed if self.pointer.starts_with('/') => {
                f.write_str(": ~ is written ~0 in it, and / in a name is written ~1")?;
            }
            Found::Malformed => write!(f, ": write {:?}", redact::path(&format!("/{}", self.pointer)))?,
            Found::Nothing => write!(f, ", where {} was expected", self.expected)?,
            Found::Other(_) => write!(f, ", not {}", self.expected)?,
        }
        if !self.advice.is_empty() {
            write!(f, ": {}", self.advice)?;
        }
        match self.response.as_ref().and_then(Response::request_id) {
            Some(id) => write!(f, " (Request-ID {})", redact::line(id)),
            None => Ok(()),
        }
    }
}

impl StdError for FieldError {}
