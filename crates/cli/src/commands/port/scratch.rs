//! A folder for as long as something is compiled in it.

use std::fs::{self, DirBuilder};
use std::path::{Path, PathBuf};
use std::thread;

use wechatpay::Formatter;

use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::{files, signals};

/// What shells say of a program that ctrl-c has ended.
const INTERRUPTED: i32 = 130;

/// A new folder, removed with all it holds when dropped, or on ctrl-c.
#[derive(Debug)]
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Result<Scratch> {
        let path = std::env::temp_dir().join(format!("wechatpay-port-{}", Formatter::nonce(16)));
        let mut builder = DirBuilder::new();
        // PHP may have keys in it.
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path).map_err(|error| files::unwritten(&path, &error))?;
        let scratch = Scratch(path);
        scratch.remove_on_signal()?;
        Ok(scratch)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file, and the folders above it.
    pub fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.0.join(name);
        let folder = path.parent().unwrap_or(&self.0);
        let written = fs::create_dir_all(folder).and_then(|()| fs::write(&path, text));
        written.map_err(|error| files::unwritten(&path, &error))
    }

    /// Cargo is in the same group of processes, and hears of it by itself.
    fn remove_on_signal(&self) -> Result<()> {
        let failed = |error: std::io::Error| Failure::new(Exit::Failed, error.to_string());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let inside = runtime.enter();
        let signal = signals::ending().map_err(failed)?;
        drop(inside);
        let path = self.0.clone();
        thread::spawn(move || {
            runtime.block_on(signal);
            let _ = fs::remove_dir_all(path);
            std::process::exit(INTERRUPTED);
        });
        Ok(())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is in the system's folder for what is temporary.
        let _ = fs::remove_dir_all(&self.0);
    }
}
