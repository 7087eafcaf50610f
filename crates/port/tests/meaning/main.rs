//! Meaning, not only shape: small PHP programs, run by PHP and run as the Rust that the porter made of them. Both print the
//! same, or the porter has said beforehand what it cannot translate.
//!
//! `WECHATPAY_MEANING=usort` runs the programs that have this in their names, shows the Rust of each, and says where it lies.

mod compiler;
mod corpus;
mod limited;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use support::folder::Folder;
use support::php;
use wechatpay_port::{FindingKind, Ported};

use compiler::{Built, Fault};
use corpus::Program;

/// So many of the programs at least print the same.
const LEAST_SAME: usize = 160;

/// What became of a program.
enum Outcome {
    Same,
    /// The porter has said what is left to do.
    Reported(String),
    Refused(String),
    Failed(String),
}

impl Outcome {
    fn word(&self) -> &'static str {
        match self {
            Outcome::Same => "same",
            Outcome::Reported(_) => "reported",
            Outcome::Refused(_) => "refused",
            Outcome::Failed(_) => "FAILED",
        }
    }

    fn detail(&self) -> &str {
        match self {
            Outcome::Same => "",
            Outcome::Reported(text) | Outcome::Refused(text) | Outcome::Failed(text) => text,
        }
    }
}

#[test]
fn programs_mean_the_same() {
    if !php::is_there() {
        return;
    }
    let wanted = std::env::var("WECHATPAY_MEANING").unwrap_or_default();
    let programs = corpus::programs(&wanted);
    assert!(!programs.is_empty(), "no program has {wanted:?} in its name");
    for program in &programs {
        program.check_syntax();
    }
    let outcomes = outcomes(&programs, &wanted);
    let table = table(&programs, &outcomes);
    println!("{table}");
    let count = |word| outcomes.values().filter(|outcome| outcome.word() == word).count();
    assert_eq!(count("FAILED"), 0, "programs that mean something else in Rust, see above");
    assert!(!wanted.is_empty() || count("same") >= LEAST_SAME, "fewer than {LEAST_SAME} are the same, see above");
}

/// The outcome of each program, by its name.
fn outcomes(programs: &[Program], wanted: &str) -> BTreeMap<String, Outcome> {
    let mut outcomes = BTreeMap::new();
    let mut complete = Vec::new();
    for program in programs {
        match ported(program) {
            Ok(ported) => complete.push((program, ported)),
            Err(outcome) => drop(outcomes.insert(program.name.clone(), outcome)),
        }
    }
    let sources: Vec<(&str, &str)> =
        complete.iter().map(|(program, ported)| (program.name.as_str(), ported.rust.as_str())).collect();
    let package = if wanted.is_empty() { "meaning" } else { "meaning-one" };
    let built = compiler::build(package, &sources);
    if !wanted.is_empty() {
        for (program, ported) in &complete {
            println!("---- {}\n{}", built.path(&program.name).display(), ported.rust);
        }
    }
    let folder = Folder::new("meaning");
    for (program, ported) in &complete {
        let outcome = match built.faults.get(&program.name) {
            Some(fault) => Outcome::Failed(compile_error(fault, ported)),
            None => compared(program, &built, folder.path()),
        };
        outcomes.insert(program.name.clone(), outcome);
    }
    outcomes
}

/// Rust for the program, if there is nothing left to do.
fn ported(program: &Program) -> Result<Ported, Outcome> {
    let php = program.php.clone();
    // In a thread of its own, so that its panic is its outcome.
    let thread = std::thread::Builder::new().name(program.name.clone());
    let ported = match thread.spawn(move || wechatpay_port::port(php.as_bytes())).unwrap().join() {
        Ok(ported) => ported,
        Err(panic) => {
            let message = panic.downcast_ref::<String>().map(String::as_str);
            let message = message.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("something else");
            return Err(Outcome::Failed(format!("the porter panicked: {message}")));
        }
    };
    let ported = ported.map_err(|refusal| {
        let position = refusal.position();
        Outcome::Refused(format!("{}:{}: {refusal}", position.line, position.column))
    })?;
    match ported.findings.iter().filter(|finding| finding.kind == FindingKind::Todo).collect::<Vec<_>>().as_slice() {
        [] if ported.has_main => Ok(ported),
        [] => Err(Outcome::Failed("there is no fn main".to_owned())),
        [finding] => Err(Outcome::Reported(finding.to_string())),
        [finding, rest @ ..] => Err(Outcome::Reported(format!("{finding} (and {} more)", rest.len()))),
    }
}

fn compile_error(fault: &Fault, ported: &Ported) -> String {
    let php = ported.origins.iter().rev().find(|(rust, _)| *rust <= fault.line);
    let php = php.map_or_else(String::new, |(_, line)| format!(", of PHP's line {line}"));
    format!("does not compile at line {}{php}: {}", fault.line, fault.message)
}

/// Runs both.
fn compared(program: &Program, built: &Built, folder: &Path) -> Outcome {
    let php = program.run(folder);
    let (executable, argument) = built.command(&program.name);
    let mut rust = Command::new(executable);
    let rust = limited::run(rust.arg(argument).current_dir(folder).env("RUST_BACKTRACE", "0"));
    let Some(code) = rust.code else {
        return Outcome::Failed(format!("no end within {:?}, or killed", limited::LONGEST));
    };
    if rust.stdout != php.stdout {
        return Outcome::Failed(difference(&php.stdout, &rust.stdout) + &complaint(&rust.stderr));
    }
    match (php.code, code) {
        (Some(expected), code) if expected == code => Outcome::Same,
        (expected, code) => Outcome::Failed(format!("ends with {code}, not {expected:?}") + &complaint(&rust.stderr)),
    }
}

/// What a program says last, as a panic has it: the place, and the message.
fn complaint(stderr: &str) -> String {
    let lines: Vec<&str> =
        stderr.lines().filter(|line| !line.is_empty() && !line.starts_with("note: ")).take(2).collect();
    if lines.is_empty() { String::new() } else { format!("; on standard error: {}", lines.join(" ")) }
}

/// The first line that is not the same.
fn difference(php: &str, rust: &str) -> String {
    let (mut expected, mut found) = (php.split('\n'), rust.split('\n'));
    let mut number = 0;
    loop {
        number += 1;
        match (expected.next(), found.next()) {
            (Some(expected), Some(found)) if expected == found => {}
            (expected, found) => {
                let shown = |line: Option<&str>| line.map_or("nothing".to_owned(), |line| format!("{line:?}"));
                return format!("prints {} as line {number}, PHP {}", shown(found), shown(expected));
            }
        }
    }
}

fn table(programs: &[Program], outcomes: &BTreeMap<String, Outcome>) -> String {
    let width = programs.iter().map(|program| program.name.len()).max().unwrap_or_default();
    let mut table = String::new();
    for program in programs {
        let outcome = &outcomes[&program.name];
        let line = format!("{:width$}  {:8}  {}", program.name, outcome.word(), outcome.detail());
        writeln!(table, "{}", line.trim_end()).unwrap();
    }
    for word in ["same", "reported", "refused", "FAILED"] {
        let count = outcomes.values().filter(|outcome| outcome.word() == word).count();
        write!(table, "{count} {word}  ").unwrap();
    }
    table.truncate(table.trim_end().len());
    table
}
