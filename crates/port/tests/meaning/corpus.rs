//! The PHP programs, and what PHP makes of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::limited::{self, Ended};

const SETTINGS: [&str; 8] = [
    "display_errors=0",
    "log_errors=1",
    "error_log=",
    // All but what is deprecated.
    "error_reporting=8191",
    "date.timezone=UTC",
    // How much of a text is in the message of an UnhandledMatchError.
    "zend.exception_string_param_max_len=15",
    "precision=14",
    "serialize_precision=-1",
];

/// One of `programs/*.php`.
pub struct Program {
    /// Of its file, without `.php`.
    pub name: String,
    pub php: String,
    path: PathBuf,
}

/// Those with this in their names, in order.
pub fn programs(wanted: &str) -> Vec<Program> {
    let mut programs: Vec<Program> = fs::read_dir(folder().join("programs")).unwrap().map(read).collect();
    programs.sort_by(|one, other| one.name.cmp(&other.name));
    programs.retain(|program| program.name.contains(wanted));
    programs
}

fn read(entry: std::io::Result<fs::DirEntry>) -> Program {
    let path = entry.unwrap().path();
    let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
    Program { name, php: fs::read_to_string(&path).unwrap(), path }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/meaning")
}

impl Program {
    /// `php -l`.
    pub fn check_syntax(&self) {
        let checked = limited::run(Command::new("php").arg("-l").arg(&self.path));
        assert_eq!(checked.code, Some(0), "{}: {}{}", self.name, checked.stdout, checked.stderr);
    }

    /// Runs it in a folder. It must not be a program that PHP complains of.
    pub fn run(&self, current: &Path) -> Ended {
        let mut php = Command::new("php");
        // What counts is PHP's own defaults, whatever this machine's php.ini says; what PHP complains of goes to standard error.
        for setting in SETTINGS {
            php.args(["-d", setting]);
        }
        php.arg("-d");
        php.arg(format!("auto_prepend_file={}", folder().join("mbstring.php").display()));
        let ended = limited::run(php.arg(&self.path).current_dir(current));
        assert!(!ended.stderr.contains("PHP ") && !ended.stdout.is_empty(), "{}: {}", self.name, ended.stderr);
        ended
    }
}
