//! A child, as its parent sees it.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::orders::{ANSWERED, Orders, READY, REFUSED};

/// A child that is ready to work.
pub struct Ready {
    process: Child,
    stdin: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// What a child has left.
pub struct Ended {
    /// Otherwise it had no more to do.
    pub is_killed: bool,
    /// The notifications that it has answered.
    pub answered: Vec<usize>,
    /// How often it has met a database that was in trouble, if it has lived to tell.
    pub refused: usize,
}

impl Ready {
    /// `None` if it was killed before.
    pub fn spawn(mut command: Command) -> Option<Ready> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut process = command.spawn().unwrap();
        let (stdin, mut output) = (process.stdin.take().unwrap(), BufReader::new(process.stdout.take().unwrap()));
        let mut line = String::new();
        while !line.trim_end().ends_with(READY) {
            line.clear();
            if output.read_line(&mut line).unwrap() == 0 {
                assert_eq!(process.wait().unwrap().signal(), Some(9), "the child has not begun");
                return None;
            }
        }
        Some(Ready { process, stdin, output })
    }

    pub fn tell(&mut self, orders: &Orders) {
        // It may have been killed by now.
        let _ = writeln!(self.stdin, "{}", orders.written());
    }

    pub fn has_ended(&mut self) -> bool {
        self.process.try_wait().unwrap().is_some()
    }

    pub fn kill(&mut self) {
        self.process.kill().unwrap();
    }

    /// Waits until it has gone, killed or because it had no more to do.
    pub fn ends(self, what: &str) -> Ended {
        let Ready { mut process, stdin, mut output } = self;
        drop(stdin);
        let mut shown = String::new();
        output.read_to_string(&mut shown).unwrap();
        let status = process.wait().unwrap();
        let is_killed = status.signal() == Some(9);
        assert!(is_killed || status.success(), "{what}: the child has ended with {status}\n{shown}");
        Ended { is_killed, answered: numbers(&shown, ANSWERED).collect(), refused: numbers(&shown, REFUSED).sum() }
    }
}

/// The numbers behind this word. The last line may be cut off.
fn numbers<'a>(shown: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let lines = shown.split_inclusive('\n').filter(|line| line.ends_with('\n'));
    lines.filter_map(move |line| line.trim_end().strip_prefix(word)?.parse().ok())
}
