//! What is printed: for people, or for machines.

use std::cell::Cell;
use std::io::{self, ErrorKind, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};

use crate::exit::Exit;
use crate::failure::{Failure, Result};

pub const BOLD: Style = Style::new().bold();
pub const DIM: Style = Style::new().dimmed();
pub const GOOD: Style = AnsiColor::Green.on_default();
pub const BAD: Style = AnsiColor::Red.on_default().bold();
pub const WARN: Style = AnsiColor::Yellow.on_default();
pub const NAME: Style = AnsiColor::Cyan.on_default();

/// Standard output has what was asked for, standard error all else. Neither has colours unless it is a terminal.
#[derive(Debug)]
pub struct Output {
    is_json: bool,
    /// Nobody reads standard output any more.
    is_closed: Cell<bool>,
}

impl Output {
    pub fn new(is_json: bool) -> Output {
        Output { is_json, is_closed: Cell::new(false) }
    }

    /// Whether a machine reads it: then standard output is JSON, and nothing else.
    pub fn is_json(&self) -> bool {
        self.is_json
    }

    /// Whether a person can be asked.
    pub fn can_ask(&self) -> bool {
        !self.is_json && io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// A line on standard output; it may have styles, which are left out where they cannot be shown.
    pub fn line(&self, text: impl std::fmt::Display) -> Result<()> {
        self.write(|out| writeln!(out, "{text}"))
    }

    /// JSON on standard output: for machines one line, for people indented.
    pub fn json(&self, value: &Value) -> Result<()> {
        if self.is_json { self.line(value) } else { self.line(format_args!("{value:#}")) }
    }

    /// A whole document on standard output: for people as it is, for machines as a string.
    pub fn text(&self, text: &str) -> Result<()> {
        if self.is_json { self.line(Value::from(text)) } else { self.bytes(text.as_bytes()) }
    }

    /// Bytes on standard output, as they are.
    pub fn bytes(&self, bytes: &[u8]) -> Result<()> {
        self.sent(io::stdout().lock().write_all(bytes).and_then(|()| io::stdout().flush()))
    }

    fn write(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        let mut out = anstream::stdout().lock();
        let written = write(&mut out).and_then(|()| out.flush());
        drop(out);
        self.sent(written)
    }

    /// Whoever stops reading, as `head` does, is content with what it has.
    fn sent(&self, written: io::Result<()>) -> Result<()> {
        match written {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.is_closed.set(true);
                Ok(())
            }
            Err(error) => Err(Failure::new(Exit::Failed, format!("standard output cannot be written to: {error}"))),
        }
    }

    /// Whether nobody reads standard output any more; what goes on for ever ends then.
    pub fn is_closed(&self) -> bool {
        self.is_closed.get()
    }

    /// Something to know, on standard error.
    pub fn note(&self, text: impl std::fmt::Display) {
        self.aside("note", DIM, text);
    }

    /// Something that may be wrong, on standard error.
    pub fn warn(&self, text: impl std::fmt::Display) {
        self.aside("warning", WARN, text);
    }

    /// A line on standard error of what was asked for, for people: machines are told on standard output.
    pub fn told(&self, text: impl std::fmt::Display) {
        if !self.is_json {
            let _ = writeln!(anstream::stderr(), "{text}");
        }
    }

    fn aside(&self, kind: &str, style: Style, text: impl std::fmt::Display) {
        // If standard error is closed, there is nobody to tell.
        let _ = if self.is_json {
            writeln!(io::stderr(), "{}", json!({ kind: text.to_string() }))
        } else {
            writeln!(anstream::stderr(), "{style}{kind}:{style:#} {text}")
        };
    }

    /// Why the command has failed, and what to do next.
    pub fn failure(&self, failure: &Failure) {
        let (exit, message, next) = (failure.exit(), failure.message(), failure.steps());
        if self.is_json {
            let told =
                json!({ "error": { "exit": exit as u8, "outcome": exit.name(), "message": message, "next": next } });
            let _ = writeln!(io::stderr(), "{told}");
            return;
        }
        let _ = writeln!(anstream::stderr(), "{BAD}error:{BAD:#} {message}");
        for step in next {
            let _ = writeln!(anstream::stderr(), "  {BOLD}→{BOLD:#} {step}");
        }
    }
}

/// What others have written, as a line that cannot steer a terminal.
pub fn visible(text: &str) -> String {
    text.chars().filter(|letter| !is_steering(*letter)).take(500).collect()
}

/// The same, whole, with a sign in the place of what would steer it.
pub fn marked(text: &str) -> String {
    text.chars().map(|letter| if is_steering(letter) { char::REPLACEMENT_CHARACTER } else { letter }).collect()
}

/// Control characters, and those that change the writing direction.
fn is_steering(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
