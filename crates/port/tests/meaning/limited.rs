//! A process that must end.

use std::io::Read;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

pub const LONGEST: Duration = Duration::from_secs(10);

/// What is read of each of its outputs; the rest of what an endless loop prints is thrown away.
const MOST: u64 = 1 << 20;

/// How it ended.
pub struct Ended {
    /// None if it did not, or was killed.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Runs it to its end, without any input.
pub fn run(command: &mut Command) -> Ended {
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let stdout = thread::spawn(reader(child.stdout.take().unwrap()));
    let stderr = thread::spawn(reader(child.stderr.take().unwrap()));
    let code = end(&mut child);
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ended { code, stdout: text(stdout.join().unwrap()), stderr: text(stderr.join().unwrap()) }
}

/// Reads to the end, so that the process never waits for us.
fn reader(mut output: impl Read) -> impl FnOnce() -> Vec<u8> {
    move || {
        let mut bytes = Vec::new();
        let _ = output.by_ref().take(MOST).read_to_end(&mut bytes);
        let _ = std::io::copy(&mut output, &mut std::io::sink());
        bytes
    }
}

fn end(child: &mut Child) -> Option<i32> {
    let start = Instant::now();
    while start.elapsed() < LONGEST {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        thread::sleep(Duration::from_millis(2));
    }
    let _ = child.kill();
    let _ = child.wait();
    None
}
