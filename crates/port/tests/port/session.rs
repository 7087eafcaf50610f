//! A ported program, as a process that is asked one thing after the other.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use support::ordered::Ordered;
use support::program::Program;

/// What the program begins an answer with; other lines are what the ported code prints.
const MARK: &str = "\u{1}answer ";

/// The root of the program: it hands each line that it reads to `run`, which the caller adds.
pub const MAIN: &str = r#"
fn main() {
    for line in std::io::stdin().lines() {
        let asked: wechatpay::Value = line.unwrap().parse().unwrap();
        let answer = match run(&asked) {
            Ok(value) => wechatpay::json!({ "returned": value }),
            Err(error) => wechatpay::json!({ "failed": error }),
        };
        println!("\u{1}answer {answer}");
    }
}
"#;

/// The ported file as a module, and the attributes that belong to the root.
pub fn as_module(rust: &str) -> (String, String) {
    let (attributes, module): (Vec<&str>, Vec<&str>) =
        rust.lines().partition(|line| line.starts_with("#![recursion_limit"));
    (module.join("\n") + "\n", attributes.iter().map(|line| format!("{line}\n")).collect())
}

pub struct Session {
    child: Child,
    asked: ChildStdin,
    answers: BufReader<ChildStdout>,
    shown: PathBuf,
    /// What the ported code has printed.
    pub printed: String,
}

impl Session {
    /// Compiles the sources, with `-D warnings`, and starts the program in this folder.
    pub fn start(
        name: &str,
        sources: &[(&str, String)],
        folder: &Path,
        variables: &BTreeMap<String, String>,
    ) -> Session {
        let program = Program::with_features(env!("CARGO_TARGET_TMPDIR"), name, &["php", "preserve-order"], sources);
        let ended = program.cargo(&["build"]);
        assert!(ended.status.success(), "{name} does not compile: {}\n{}", ended.status, ended.stderr);
        let shown = folder.join("standard-error");
        let mut child = Command::new(program.executable())
            .current_dir(folder)
            .envs(variables)
            .env("TZ", "Asia/Shanghai")
            .env("RUST_BACKTRACE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&shown).unwrap())
            .spawn()
            .unwrap();
        let (asked, answers) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Session { child, asked, answers, shown, printed: String::new() }
    }

    /// What the program answers; or what went wrong, in its words.
    pub fn ask(&mut self, what: &impl fmt::Display) -> Result<Ordered, String> {
        let sent = writeln!(self.asked, "{what}");
        loop {
            let mut line = String::new();
            if sent.is_err() || self.answers.read_line(&mut line).unwrap() == 0 {
                let status = self.child.wait().unwrap();
                let shown = std::fs::read_to_string(&self.shown).unwrap();
                panic!("the program has ended with {status}, asked for {what}:\n{shown}");
            }
            let Some(answer) = line.strip_prefix(MARK) else {
                self.printed += &line;
                continue;
            };
            let answer = Ordered::of(answer).unwrap();
            return match (answer.get("returned"), answer.get("failed").and_then(Ordered::as_text)) {
                (Some(returned), None) => Ok(returned.clone()),
                (None, Some(failed)) => Err(failed.to_owned()),
                _ => panic!("no answer: {answer}"),
            };
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asserts that these modules, each with its Rust, compile as parts of one program that begins with these attributes.
#[track_caller]
pub fn assert_compile(folder: &str, attributes: &str, modules: &[(&str, &str)]) {
    let mut root = format!("{attributes}\n\n");
    let mut sources = Vec::new();
    for (name, rust) in modules {
        root.push_str(&format!("mod {name};\n"));
        sources.push((format!("{name}.rs"), as_module(rust).0));
    }
    sources.push(("main.rs".to_owned(), format!("{root}\nfn main() {{}}\n")));
    let sources: Vec<(&str, String)> = sources.iter().map(|(path, text)| (path.as_str(), text.clone())).collect();
    let program = Program::with_features(env!("CARGO_TARGET_TMPDIR"), folder, &["php", "preserve-order"], &sources);
    let ended = program.cargo(&["check"]);
    assert!(ended.status.success(), "{}", ended.stderr);
}
