//! Rust of many programs, compiled together in a few binaries. One that does not compile is left out of the next round, with
//! what the compiler says of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::program;

/// Each is linked once, and compiled by one thread for the most part.
const BINARIES: usize = 4;

/// The compiler shows what is wrong in several passes: names, then types, then borrows.
const MOST_ROUNDS: usize = 12;

/// What the compiler says of a program, where it stands in the Rust.
pub struct Fault {
    pub line: usize,
    pub message: String,
}

/// What can be run.
pub struct Built {
    folder: PathBuf,
    /// By program.
    binaries: BTreeMap<String, PathBuf>,
    /// Why others cannot, by program.
    pub faults: BTreeMap<String, Fault>,
}

impl Built {
    /// Its executable, and the argument that picks it there.
    pub fn command<'a>(&'a self, program: &'a str) -> (&'a Path, &'a str) {
        (&self.binaries[program], program)
    }

    /// Where its Rust lies.
    pub fn path(&self, program: &str) -> PathBuf {
        self.folder.join("src").join(source_path(program))
    }
}

/// Compiles these sources, with their names.
pub fn build(package: &str, sources: &[(&str, &str)]) -> Built {
    let tmp = env!("CARGO_TARGET_TMPDIR");
    let mut built = Built { folder: Path::new(tmp).join(package), binaries: BTreeMap::new(), faults: BTreeMap::new() };
    // Programs of earlier runs.
    let _ = fs::remove_dir_all(built.folder.join("src"));
    if sources.is_empty() {
        return built;
    }
    let paths: Vec<String> = sources.iter().map(|(name, _)| source_path(name)).collect();
    let files = sources.iter().zip(&paths).map(|((_, rust), path)| (path.as_str(), format!("{rust}{EXPORT}")));
    let files: Vec<(&str, String)> = files.collect();
    let cargo = program::Program::with_features(tmp, package, &["php"], &files);
    let mut dispatchers = BTreeMap::new();
    for _ in 0..MOST_ROUNDS {
        write_dispatchers(&built, sources, &mut dispatchers);
        let ended = cargo.cargo(&["build", "--bins", "--keep-going", "--message-format=json"]);
        let messages: Vec<Value> = ended.stdout.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        if ended.status.success() {
            built.binaries = executables(&messages, sources, &dispatchers);
            return built;
        }
        let faults = faults(&messages);
        let rendered = messages.iter().filter_map(|message| message["message"]["rendered"].as_str());
        let new: Vec<_> = faults.into_iter().filter(|(program, _)| !built.faults.contains_key(program)).collect();
        assert!(
            !new.is_empty(),
            "cargo says nothing of any program:\n{}\n{}",
            ended.stderr,
            rendered.collect::<String>()
        );
        built.faults.extend(new);
    }
    panic!("some program fails to compile in each of {MOST_ROUNDS} rounds");
}

/// In the sources of the package.
fn source_path(program: &str) -> String {
    format!("programs/p{program}.rs")
}

/// What is put behind each program: `main` is private.
const EXPORT: &str = "
pub fn run_main() -> std::process::ExitCode {
    std::process::Termination::report(main())
}
";

/// The source of a binary, and the programs in it.
type Dispatcher = (String, BTreeSet<String>);

/// Writes the `main`s that pick a program, without those that do not compile. What has not changed is left alone, so that it
/// is not compiled again.
fn write_dispatchers(built: &Built, sources: &[(&str, &str)], written: &mut BTreeMap<String, Dispatcher>) {
    fs::create_dir_all(built.folder.join("src/bin")).unwrap();
    for number in 0..BINARIES.min(sources.len()) {
        // Programs of one subject lie side by side: each binary has some of all.
        let of_it = sources.iter().skip(number).step_by(BINARIES).map(|(name, _)| name.to_string());
        let programs: BTreeSet<String> = of_it.filter(|name| !built.faults.contains_key(name)).collect();
        let binary = format!("{}-{number}", built.folder.file_name().unwrap().display());
        let source = dispatcher(&programs);
        if written.get(&binary).is_none_or(|(before, _)| *before != source) {
            fs::write(built.folder.join(format!("src/bin/{binary}.rs")), &source).unwrap();
            written.insert(binary, (source, programs));
        }
    }
}

fn dispatcher(programs: &BTreeSet<String>) -> String {
    let mut modules = String::new();
    let mut arms = String::new();
    for name in programs {
        write!(modules, "#[path = \"../programs/p{name}.rs\"]\nmod p{name};\n").unwrap();
        writeln!(arms, "        Some({name:?}) => p{name}::run_main(),").unwrap();
    }
    format!(
        "{modules}\nfn main() -> std::process::ExitCode {{\n    match std::env::args().nth(1).as_deref() {{\n{arms}        \
         name => panic!(\"no program {{name:?}}\"),\n    }}\n}}\n"
    )
}

fn executables(
    messages: &[Value],
    sources: &[(&str, &str)],
    dispatchers: &BTreeMap<String, Dispatcher>,
) -> BTreeMap<String, PathBuf> {
    let mut executables = BTreeMap::new();
    for message in messages.iter().filter(|message| message["reason"] == "compiler-artifact") {
        let (Some(path), Some(binary)) = (message["executable"].as_str(), message["target"]["name"].as_str()) else {
            continue;
        };
        let programs = &dispatchers[binary].1;
        for (name, _) in sources.iter().filter(|(name, _)| programs.contains(*name)) {
            executables.insert(name.to_string(), PathBuf::from(path));
        }
    }
    executables
}

/// The first error of each program.
fn faults(messages: &[Value]) -> BTreeMap<String, Fault> {
    let mut faults = BTreeMap::new();
    for message in messages.iter().filter(|message| message["reason"] == "compiler-message") {
        let message = &message["message"];
        if message["level"] != "error" {
            continue;
        }
        if let Some((program, line)) = place(message) {
            let code = message["code"]["code"].as_str().map_or_else(String::new, |code| format!("[{code}] "));
            let label = primary(message).filter_map(|span| span["label"].as_str()).next();
            let label = label.map_or_else(String::new, |label| format!(" ({label})"));
            let text = message["message"].as_str().unwrap_or_default();
            faults.entry(program).or_insert(Fault { line, message: format!("{code}{text}{label}") });
        }
    }
    faults
}

fn primary(message: &Value) -> impl Iterator<Item = &Value> {
    message["spans"].as_array().into_iter().flatten().filter(|span| span["is_primary"] == true)
}

/// The program that an error is about and the line there: that of the code at fault, or of the macro that has made it, or of
/// what the compiler points to besides.
fn place(message: &Value) -> Option<(String, usize)> {
    let secondary = message["spans"].as_array().into_iter().flatten();
    let spans = primary(message).chain(secondary);
    let of_spans = spans.filter_map(|span| {
        let mut span = span;
        loop {
            let file = Path::new(span["file_name"].as_str()?);
            if file.parent().is_some_and(|folder| folder.ends_with("programs")) {
                let name = file.file_stem()?.to_str()?.strip_prefix('p')?;
                return Some((name.to_owned(), span["line_start"].as_u64()? as usize));
            }
            span = &span["expansion"]["span"];
        }
    });
    let children = message["children"].as_array().into_iter().flatten();
    of_spans.chain(children.filter_map(place)).next()
}
