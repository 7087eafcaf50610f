//! WeChat Pay on the command line. `docs/cli.md` shows what it does; `docs/architecture.md` where what is.

#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    warn(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects
    )
)]

mod bill;
mod cli;
mod commands;
mod confirm;
mod context;
mod diagnosis;
mod dump;
mod exit;
mod failure;
mod files;
mod global;
mod input;
mod journal;
mod keys;
mod moment;
mod moves_money;
mod output;
mod percent;
mod platform;
mod profile;
mod qr;
mod query_first;
mod sandbox_profile;
mod secret;
mod settings;
mod shell;
mod signals;
mod steps;
mod table;
mod written;

use std::process::ExitCode;

use crate::cli::Cli;
use crate::context::Context;

fn main() -> ExitCode {
    let Cli { global, command } = Cli::read();
    let context = Context::new(global);
    let exit = command.run(&context).unwrap_or_else(|failure| {
        context.output.failure(&failure);
        failure.exit()
    });
    exit.into()
}
