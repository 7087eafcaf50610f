//! A test in a process of its own: the program that it is part of once more, which runs nothing else.

use std::env;
use std::ffi::OsString;
use std::process::Command;

/// Set in such a process.
const CHILD: &str = "WECHATPAY_TEST_CHILD";

/// Whether this is such a process.
pub fn is_child() -> bool {
    env::var_os(CHILD).is_some()
}

/// A process that runs this test; its module is `module_path!()` where it stands.
pub fn child(module: &str, test: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    command.args(arguments(module, test)).env(CHILD, "1");
    command
}

/// The same under a limit of the shell, such as `-n 64`.
pub fn child_under(limit: &str, module: &str, test: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("ulimit {limit} && exec \"$0\" \"$@\"")]);
    shell.arg(env::current_exe().unwrap()).args(arguments(module, test)).env(CHILD, "1");
    shell
}

/// Runs a child to its end, which must be a good one; what it printed, and what it wrote to standard error.
pub fn run(child: &mut Command) -> (String, String) {
    let output = child.output().unwrap();
    let [printed, shown] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}\n{shown}");
    (printed, shown)
}

fn arguments(module: &str, test: &str) -> [OsString; 3] {
    // The first name is that of the program.
    let test = module.split_once("::").map_or(test.to_owned(), |(_, module)| format!("{module}::{test}"));
    [test.into(), "--exact".into(), "--nocapture".into()]
}
