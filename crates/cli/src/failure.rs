//! Why a command has failed, and what to do next.

use std::error::Error as StdError;
use std::fmt::Display;
use std::path::Path;

use wechatpay::{Error, Outcome};

use crate::exit::Exit;

pub type Result<T> = std::result::Result<T, Failure>;

/// Why a command has failed: a message, the exit code, and what to do next. The message has no secret.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    message: String,
    next: Vec<String>,
    may_pass: bool,
}

impl Failure {
    pub fn new(exit: Exit, message: impl Into<String>) -> Failure {
        Failure { exit, message: message.into(), next: Vec::new(), may_pass: false }
    }

    /// Wrong use or configuration.
    pub fn usage(message: impl Into<String>) -> Failure {
        Failure::new(Exit::Usage, message)
    }

    /// The check that was asked for has failed.
    pub fn check(message: impl Into<String>) -> Failure {
        Failure::new(Exit::CheckFailed, message)
    }

    /// A file that was given cannot be read or written.
    pub fn file(path: &Path, error: impl Display) -> Failure {
        Failure::usage(format!("{}: {error}", path.display()))
    }

    /// A call that has failed. Its outcome is the exit code; but what is wrong with the configuration or the call itself is wrong
    /// use.
    pub fn call(error: &Error) -> Failure {
        let exit = match error {
            Error::Config(_) | Error::Options(_) | Error::Key(_) => Exit::Usage,
            error => error.outcome().into(),
        };
        let failure = Failure::new(exit, with_causes(error));
        match error.outcome() {
            Outcome::NotSent | Outcome::Rejected => failure,
            _ => failure.next("it is unknown whether the platform has acted: query it before you send this again"),
        }
    }

    /// The same as one that may be over by itself, as a database that is away.
    #[must_use]
    pub fn passing(self, may_pass: bool) -> Failure {
        Failure { may_pass, ..self }
    }

    /// Adds something to do next: a sentence, or a command ready to paste.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Failure {
        self.next.push(next.into());
        self
    }

    /// The same with other things to do next.
    #[must_use]
    pub fn with_steps(self, next: &[String]) -> Failure {
        Failure { next: next.to_vec(), ..self }
    }

    /// Whether it may be over by itself.
    pub fn may_pass(&self) -> bool {
        self.may_pass
    }

    pub fn exit(&self) -> Exit {
        self.exit
    }

    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do next, in order.
    pub fn steps(&self) -> &[String] {
        &self.next
    }
}

/// The message of an error, and those of its causes.
pub fn with_causes(error: &dyn StdError) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        // Some messages have that of their cause in them.
        let text = cause.to_string();
        if !message.contains(&text) {
            message = format!("{message}: {text}");
        }
        source = cause.source();
    }
    message
}

/// What was given, for a message: as it is if it looks like a name, since anything else may be a secret or concern a person.
pub fn shown(given: &str) -> String {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || "_-[]{}<>/.:".contains(letter);
    let has_few_digits = given.bytes().filter(u8::is_ascii_digit).count() <= 6;
    if given.len() <= 64 && given.chars().all(is_name) && has_few_digits && !is_like_key(given) {
        return format!("{given:?}");
    }
    format!("a text of {} characters", given.chars().count())
}

/// A name or an id, for a message, unless it looks like a key.
pub fn name(given: &str) -> &str {
    if is_like_key(given) { "…" } else { given }
}

/// A message that repeats arguments, without those that look like a key.
pub fn without_keys(message: &str, arguments: impl Iterator<Item = String>) -> String {
    let mut message = message.to_owned();
    for argument in arguments {
        let (name, value) = argument.split_once('=').unwrap_or((&argument, ""));
        for text in [&argument, name, value].into_iter().filter(|text| is_like_key(text)) {
            message = message.replace(text, "…");
        }
    }
    message
}

/// Whether a text looks like a key: one of APIv2 or APIv3 has 32 letters and digits, all others are PEM.
pub fn is_like_key(text: &str) -> bool {
    let is_symmetric = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    is_symmetric || text.contains("-----BEGIN")
}
