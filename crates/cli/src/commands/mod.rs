//! The commands, one file or folder each.

pub mod call;
pub mod complete;
pub mod completions;
pub mod doctor;
pub mod man;
pub mod search;
pub mod show;

use crate::cli::Command;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Result;

/// Runs a command to its end.
pub fn run(command: Command, context: &Context) -> Result<Exit> {
    match command {
        Command::Call(method) => call::run(&method, context),
        Command::Search(search) => search::run(&search, context),
        Command::Show(show) => show::run(&show, context),
        Command::Doctor(doctor) => doctor::run(&doctor, context),
        Command::Completions(completions) => completions::run(&completions, context),
        Command::Man(man) => man::run(&man, context),
        Command::Complete(complete) => complete::run(&complete, context),
    }
}
