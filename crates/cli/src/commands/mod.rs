//! The commands, one file or folder each.

pub mod bill;
pub mod call;
pub mod certs;

use crate::cli::Command;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Result;

/// Runs a command to its end.
pub fn run(command: Command, context: &Context) -> Result<Exit> {
    match command {
        Command::Call(method) => call::run(&method, context),
        Command::Certs(certs) => certs::run(&certs, context),
        Command::Bill(bill) => bill::run(&bill, context),
    }
}
