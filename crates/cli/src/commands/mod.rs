//! The commands, one file or folder each.

pub mod bill;
pub mod call;
pub mod certs;
pub mod complete;
pub mod completions;
pub mod decrypt;
pub mod doctor;
pub mod encrypt;
pub mod explain;
pub mod journal;
pub mod listen;
pub mod man;
pub mod notification;
pub mod qr;
pub mod sandbox;
pub mod search;
pub mod show;
pub mod sign;
pub mod trigger;
pub mod verify;

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
        Command::Explain(command) => explain::run(&command, context),
        Command::Listen(command) => listen::run(&command, context),
        Command::Trigger(command) => trigger::run(&command, context),
        Command::Sign(command) => sign::run(&command, context),
        Command::Verify(command) => verify::run(&command, context),
        Command::Encrypt(command) => encrypt::run(&command, context),
        Command::Decrypt(command) => decrypt::run(&command, context),
        Command::Notification(command) => notification::run(&command, context),
        Command::Qr(command) => qr::run(&command, context),
        Command::Sandbox(arguments) => sandbox::run(&arguments, context),
        Command::Search(search) => search::run(&search, context),
        Command::Show(show) => show::run(&show, context),
        Command::Doctor(doctor) => doctor::run(&doctor, context),
        Command::Completions(completions) => completions::run(&completions, context),
        Command::Man(man) => man::run(&man, context),
        Command::Complete(complete) => complete::run(&complete, context),
        Command::Journal(command) => journal::run(&command, context),
    }
}
