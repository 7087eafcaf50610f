//! `--check`: what the compiler says of the Rust, and at which lines of PHP.

use std::process::{self, Command, Stdio};

use wechatpay::Formatter;
use wechatpay_port::Kind;

use super::compiler::{self, Message};
use super::package::{Chain, EDITION};
use super::scratch::Scratch;
use super::sources::Source;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::{Output, marked};

/// What the compiler does not accept, or warns of.
#[derive(Debug)]
pub struct Complaint {
    pub level: Level,
    /// The line of PHP.
    pub line: Option<usize>,
    pub message: String,
    /// The line of Rust: its number and its text.
    pub rust: Option<(usize, String)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Error,
    Warning,
}

/// What is said of a name that is not defined.
const UNKNOWN_NAME: &str = "E0425";

/// The most lines of cargo that are repeated.
const MOST_LINES: usize = 12;

/// Compiles all sources, each as a crate of its own; returns what is said of each.
pub fn check(sources: &[Source], chain: &Chain, output: &Output) -> Result<Vec<Vec<Complaint>>> {
    output.note("cargo compiles it, and the first time also what it depends on");
    let scratch = Scratch::new()?;
    // Cargo knows packages by their names: in a target folder that is kept, it would take one for that of the last time.
    let run = Formatter::nonce(8).to_lowercase();
    let name = |at: usize| format!("port-{run}-{}", at.saturating_add(1));
    let crates: Vec<_> = sources.iter().enumerate().map(|(at, source)| Crate::new(name(at), source)).collect();
    let members: Vec<_> = crates.iter().map(|member| format!("{:?}", member.folder)).collect();
    let workspace = format!("[workspace]\nmembers = [{}]\nresolver = \"3\"\n", members.join(", "));
    scratch.write("Cargo.toml", &workspace)?;
    for member in &crates {
        let manifest = format!("[package]\nname = \"{}\"\n{EDITION}\n{}", member.folder, chain.dependencies());
        scratch.write(&format!("{}/Cargo.toml", member.folder), &manifest)?;
        scratch.write(&member.file, &member.text)?;
    }
    if let Some(lock) = chain.lock() {
        // A lock that does not fit is written anew.
        let _ = std::fs::copy(lock, scratch.path().join("Cargo.lock"));
    }
    let ended = cargo(&scratch)?;
    let printed = String::from_utf8_lossy(&ended.stdout);
    let is_ours = |file: &str| crates.iter().any(|member| member.file == file.replace('\\', "/"));
    let messages = compiler::messages(&printed, is_ours);
    let complaints = crates.iter().map(|member| member.complaints(&messages)).collect::<Result<Vec<_>>>()?;
    let is_explained = complaints.iter().flatten().any(|complaint| complaint.level == Level::Error);
    if ended.status.success() || is_explained { Ok(complaints) } else { Err(failed(&ended, chain)) }
}

/// A source as a crate.
struct Crate<'a> {
    source: &'a Source,
    /// Its name, too.
    folder: String,
    file: String,
    text: String,
    /// How many lines are above the source's own.
    above: usize,
}

impl Crate<'_> {
    fn new(folder: String, source: &Source) -> Crate<'_> {
        let (rust, kind) = (&source.ported.rust, source.ported.kind);
        // Statements need a function around them, and an expression a place; what they use may be anything of the library.
        let (before, after) = match kind {
            Kind::File => ("", ""),
            Kind::Snippet => (HEAD, "Ok(())\n}\n"),
            Kind::Pairs => (HEAD_OF_VALUE, "};\nOk(())\n}\n"),
        };
        let is_program = source.ported.has_main || kind != Kind::File;
        let file = format!("{folder}/src/{}.rs", if is_program { "main" } else { "lib" });
        Crate { source, folder, file, text: format!("{before}{rust}\n{after}"), above: before.lines().count() }
    }

    /// What is said of it.
    fn complaints(&self, messages: &[Message]) -> Result<Vec<Complaint>> {
        let mut complaints = Vec::new();
        for message in messages {
            let (file, at) = &message.place;
            if file.replace('\\', "/") != self.file {
                continue;
            }
            let line = at.saturating_sub(self.above);
            if self.source.ported.kind != Kind::File && message.code == UNKNOWN_NAME {
                return Err(self.unknown(line, &message.text));
            }
            let text = self.source.ported.rust.lines().nth(line.saturating_sub(1));
            complaints.push(Complaint {
                level: if message.is_error { Level::Error } else { Level::Warning },
                line: self.origin(line),
                message: message.text.clone(),
                rust: text.map(|text| (line, text.trim().to_owned())),
            });
        }
        Ok(complaints)
    }

    /// The line of PHP that a line of Rust comes from: that of the last one above which comes from any.
    fn origin(&self, line: usize) -> Option<usize> {
        let origins = &self.source.ported.origins;
        origins.iter().take_while(|(rust, _)| *rust <= line).last().map(|(_, php)| *php)
    }

    fn unknown(&self, line: usize, text: &str) -> Failure {
        let place = self.origin(line).map_or(String::new(), |line| format!(":{line}"));
        Failure::usage(format!(
            "{}{place}: --check needs all of a program, and this is a part: {text}",
            self.source.name
        ))
        .next("give it the whole file, with `<?php`; without --check, a part is enough")
    }
}

const HEAD: &str =
    "#![recursion_limit = \"256\"]\n#![allow(unused)]\nuse wechatpay::*;\nfn main() -> anyhow::Result<()> {\n";
const HEAD_OF_VALUE: &str = "#![recursion_limit = \"256\"]\n#![allow(unused)]\nuse wechatpay::*;\n\
    fn main() -> anyhow::Result<()> {\nlet _ = {\n";

/// Runs cargo to its end: that which runs this command, if one does.
fn cargo(scratch: &Scratch) -> Result<process::Output> {
    let program = std::env::var_os("CARGO").filter(|cargo| !cargo.is_empty()).unwrap_or_else(|| "cargo".into());
    let mut cargo = Command::new(&program);
    cargo.args(["check", "--workspace", "--keep-going", "--quiet", "--message-format=json", "--color=never"]);
    cargo.current_dir(scratch.path()).stdin(Stdio::null());
    cargo.output().map_err(|error| {
        let program = std::path::Path::new(&program).display();
        Failure::usage(format!("--check needs cargo, and {program} cannot be run: {error}"))
            .next("install Rust: https://rustup.rs; or say by the variable CARGO where cargo is")
    })
}

/// It has not come so far as to compile the sources.
fn failed(ended: &process::Output, chain: &Chain) -> Failure {
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    let said = compiler::errors(&String::from_utf8_lossy(&ended.stdout)) + &said;
    let lines: Vec<_> = said.lines().filter(|line| !line.trim().is_empty()).take(MOST_LINES).map(marked).collect();
    let failure = Failure::new(Exit::Failed, format!("cargo has failed, so nothing is checked:\n{}", lines.join("\n")));
    if chain.is_published() {
        return failure
            .next("--chain PATH takes wechatpay-chain from a checkout, if it is not published or not reached");
    }
    failure
}
