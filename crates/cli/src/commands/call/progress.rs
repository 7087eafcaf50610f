//! How far a call is, on a terminal.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use super::request::Request;
use crate::output::Output;

/// How often it is looked at.
const INTERVAL: Duration = Duration::from_millis(100);

/// A line that goes away when it is dropped.
#[derive(Debug)]
pub struct Progress {
    /// Ends the thread when it is dropped.
    ends: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Progress {
    /// For a call that has a file to send, or to write; `None` for others, and where nobody looks.
    pub fn start(request: &Request, output: &Output) -> Option<Progress> {
        if output.is_json() || !io::stderr().is_terminal() {
            return None;
        }
        let file = request.options.get("sink").and_then(Value::as_str).map(PathBuf::from);
        let sent = request.upload.as_ref().and_then(|upload| std::fs::metadata(&upload.path).ok());
        let message = match (&file, sent) {
            (_, Some(sent)) => format!("sending {}", indicatif::BinaryBytes(sent.len())),
            (Some(file), None) => file.display().to_string(),
            (None, None) => return None,
        };
        let (ends, ended) = mpsc::channel::<()>();
        let thread = thread::spawn(move || {
            let style = if file.is_some() {
                "{spinner} {msg}  {binary_bytes}  {elapsed}"
            } else {
                "{spinner} {msg}  {elapsed}"
            };
            let bar = ProgressBar::new_spinner().with_message(message);
            bar.set_style(ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_spinner()));
            while ended.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                bar.set_position(file.as_deref().and_then(arrived).unwrap_or_default());
                bar.tick();
            }
            bar.finish_and_clear();
        });
        Some(Progress { ends: Some(ends), thread: Some(thread) })
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.ends = None;
        if let Some(thread) = self.thread.take() {
            // It has nothing to say.
            let _ = thread.join();
        }
    }
}

/// How much of a file has arrived: the library writes it beside its place, under its name and an ending of its own.
fn arrived(file: &Path) -> Option<u64> {
    let name = file.file_name()?.to_str()?;
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let partial = std::fs::read_dir(folder).ok()?.flatten().find(|entry| {
        entry.file_name().to_str().is_some_and(|other| other.starts_with(name) && other.ends_with(".wechatpay-part"))
    })?;
    Some(partial.metadata().ok()?.len())
}
