//! The command line: flags that every command has, and the commands.

use std::io::Write;
use std::process;

use clap::{CommandFactory, Parser, Subcommand};

use crate::commands::{
    bill, call, certs, complete, completions, decrypt, doctor, encrypt, explain, journal, listen, man, notification,
    port, qr, sandbox, search, show, sign, trigger, verify,
};
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Result, without_keys};
use crate::global::{Global, Uses};

/// WeChat Pay (微信支付) on the command line.
///
/// Exit codes: 0 ok; 1 the system failed here; 2 wrong use or configuration; 3 not sent; 4 refused by the platform; 5 unknown:
/// query before you send it again; 6 the check that was asked for has failed.
#[derive(Debug, Parser)]
#[command(name = "wechatpay", version, max_term_width = 100, arg_required_else_help = true)]
#[command(disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(flatten)]
    Call(call::Method),
    /// Find operations and notifications by words
    Search(search::Search),
    /// Show what is documented of a path or an event: fields, an example, links
    Show(show::Show),
    /// Check settings, keys, clock and network, a line each, with what to do
    Doctor(doctor::Doctor),
    Explain(explain::Explain),
    Listen(listen::Listen),
    Trigger(trigger::Trigger),
    Sandbox(sandbox::Arguments),
    Certs(certs::Certs),
    /// Download and check bills
    #[command(subcommand)]
    Bill(bill::Bill),
    Sign(sign::Sign),
    Verify(verify::Verify),
    Encrypt(encrypt::Encrypt),
    Decrypt(decrypt::Decrypt),
    Notification(notification::Notification),
    Qr(qr::Qr),
    Port(port::Port),
    Journal(journal::Journal),
    /// Print the script by which a shell completes paths, fields and events
    Completions(completions::Completions),
    /// Print or write the manual pages
    Man(man::Man),
    #[command(hide = true)]
    Complete(complete::Complete),
}

impl Cli {
    /// The arguments of this process. On wrong use it ends here, with 2; what looks like a key is not repeated then.
    pub fn read() -> Cli {
        Cli::try_parse().unwrap_or_else(|error| {
            if !error.use_stderr() {
                error.exit()
            }
            let arguments = std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned());
            let message = without_keys(&error.render().ansi().to_string(), arguments);
            // If standard error is closed, there is nobody to tell.
            let _ = write!(anstream::stderr(), "{message}");
            process::exit(error.exit_code())
        })
    }
}

impl Command {
    /// The settings that it uses.
    fn uses(&self) -> Uses {
        match self {
            Command::Call(_)
            | Command::Certs(_)
            | Command::Doctor(_)
            | Command::Encrypt(_)
            | Command::Explain(_)
            // It prints commands with the settings that it was given.
            | Command::Journal(_)
            | Command::Listen(_)
            | Command::Notification(_)
            | Command::Verify(_) => Uses::ALL,
            Command::Bill(bill) => bill.uses(),
            Command::Decrypt(_) => decrypt::USES,
            Command::Sandbox(_) => sandbox::USES,
            Command::Sign(_) => sign::USES,
            Command::Trigger(trigger) => trigger.uses(),
            Command::Search(_)
            | Command::Show(_)
            | Command::Qr(_)
            | Command::Port(_)
            | Command::Completions(_)
            | Command::Man(_)
            | Command::Complete(_) => Uses::NONE,
        }
    }

    /// Runs a command to its end.
    pub fn run(self, context: &Context) -> Result<Exit> {
        context.check(self.uses())?;
        match self {
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
            Command::Port(command) => port::run(&command, context),
            Command::Sandbox(arguments) => sandbox::run(&arguments, context),
            Command::Search(search) => search::run(&search, context),
            Command::Show(show) => show::run(&show, context),
            Command::Doctor(doctor) => doctor::run(&doctor, context),
            Command::Completions(completions) => completions::run(&completions, context),
            Command::Man(man) => man::run(&man, Cli::command(), context),
            Command::Complete(complete) => complete::run(&complete, Cli::command(), context),
            Command::Journal(command) => journal::run(&command, context),
        }
    }
}
