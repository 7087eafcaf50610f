//! A question to the person at the terminal.

use std::fmt::Display;
use std::io::{self, BufRead, Write};

/// Asks on standard error, and reads the answer; whether it is yes.
pub fn is_confirmed(question: impl Display) -> bool {
    let mut error = anstream::stderr().lock();
    let asked = write!(error, "{question} [y/N] ").and_then(|()| error.flush());
    drop(error);
    let mut answer = String::new();
    let read = asked.and_then(|()| io::stdin().lock().read_line(&mut answer));
    read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes" | "是")
}
