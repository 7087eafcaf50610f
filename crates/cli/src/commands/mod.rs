//! The commands, one file or folder each.

pub mod call;
pub mod journal;

use crate::cli::Command;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Result;

/// Runs a command to its end.
pub fn run(command: Command, context: &Context) -> Result<Exit> {
    match command {
        Command::Call(method) => call::run(&method, context),
        Command::Journal(command) => journal::run(&command, context),
    }
}
