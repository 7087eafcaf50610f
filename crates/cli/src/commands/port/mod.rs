//! `wechatpay port`: PHP that was written against the official SDK becomes Rust.
//!
//! Data goes one way: `sources` reads and ports, `written` and `project` write, `check` lets the compiler have its say, `report`
//! tells what is left to do, `beside` shows both languages.

mod aligned;
mod beside;
mod calls;
mod check;
mod compiler;
mod names;
mod package;
mod project;
mod report;
mod scratch;
mod sources;
mod written;

use std::path::PathBuf;

use clap::Args;

use self::package::Chain;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};

/// Port PHP written against the official SDK to Rust
///
/// Each file becomes a file of Rust, line by line, with its comments. Nothing is lost silently: what is not translated is a
/// `// TODO(port)` with the PHP as comments, and is listed on standard error. PHP without `<?php` is a snippet, and becomes one.
/// No settings are needed, and nothing is sent.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  wechatpay port order.php
  wechatpay port --diff order.php
  wechatpay port -o src src/*.php
  wechatpay port --project shop --check order.php refund.php
  echo '$instance->v3->certificates->get();' | wechatpay port -

Exit code 6 if something is left to do, or does not compile; 2 if a file is not PHP.")]
pub struct Port {
    /// Files of PHP, or - for standard input
    #[arg(required = true, value_name = "FILE.php")]
    pub files: Vec<PathBuf>,
    /// Write a file for each into this folder, in place of standard output
    #[arg(short, long, value_name = "DIR", conflicts_with = "project")]
    pub output: Option<PathBuf>,
    /// Replace files that are there and differ
    #[arg(long, requires = "output")]
    pub force: bool,
    /// Write a whole Cargo project into this new folder, with a test that calls the sandbox
    #[arg(long, value_name = "DIR")]
    pub project: Option<PathBuf>,
    /// Show PHP and Rust side by side
    #[arg(long)]
    pub diff: bool,
    /// Compile the Rust with cargo, and show at which lines of PHP the compiler complains
    ///
    /// Cargo may download what the library depends on. With CARGO_TARGET_DIR what is compiled is kept for the next time.
    #[arg(long)]
    pub check: bool,
    /// Of --check and --project: use this checkout of wechatpay-chain in place of the published one
    #[arg(long, value_name = "PATH")]
    pub chain: Option<PathBuf>,
}

impl Port {
    /// Refuses what does not belong together.
    fn refuse(&self, is_json: bool) -> Result<()> {
        if self.diff && is_json {
            return Err(Failure::usage("--diff is for people, --json for machines: leave out one of them"));
        }
        if self.chain.is_some() && !self.check && self.project.is_none() {
            return Err(Failure::usage("--chain is of no use without --check or --project"));
        }
        let shows_rust = self.output.is_none() && self.project.is_none() && !self.diff && !self.check && !is_json;
        if shows_rust && self.files.len() > 1 {
            return Err(Failure::usage("several files cannot be told apart on standard output")
                .next("-o DIR writes a file for each, --project DIR a project, and --diff shows them"));
        }
        Ok(())
    }

    /// Whether the Rust itself is printed.
    fn prints(&self) -> bool {
        self.output.is_none() && self.project.is_none() && !self.diff && self.files.len() == 1
    }
}

pub fn run(command: &Port, context: &Context) -> Result<Exit> {
    let output = &context.output;
    command.refuse(output.is_json())?;
    let chain = Chain::new(command.chain.as_deref())?;
    let sources = sources::read(&command.files, output)?;
    let places = match (&command.output, &command.project) {
        (Some(folder), _) => written::write(&sources, folder, command.force)?,
        (None, Some(folder)) => project::write(&sources, folder, &chain)?,
        (None, None) => Vec::new(),
    };
    if command.diff {
        beside::show(&sources, beside::width(), output)?;
    } else if command.prints() && !output.is_json() {
        sources.iter().try_for_each(|source| output.bytes(source.ported.rust.as_bytes()))?;
    }
    if !output.is_json() {
        sources.iter().for_each(|source| report::findings(source, output));
    }
    let complaints = if command.check { Some(check::check(&sources, &chain, output)?) } else { None };
    report::end(&sources, &places, complaints.as_deref(), output)
}
