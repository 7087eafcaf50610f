//! Files that are there as a whole, or not at all.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use wechatpay::Formatter;

use crate::exit::Exit;
use crate::failure::Failure;

/// Who may read a file, as far as the user's mask allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    Anyone,
    /// It has a secret.
    Owner,
}

/// Writes a file: first beside its place, under a name that ends in `.wechatpay-part`, then it gets its name. Whoever reads it finds
/// what was there before, or all of this.
pub fn write_atomically(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let part = path.with_file_name(format!("{name}.{}.wechatpay-part", Formatter::nonce(8)));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if readers == Readers::Owner {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let written = options
        .open(&part)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&part, path));
    if written.is_err() {
        // What cannot be removed either has a name that says what it is.
        let _ = fs::remove_file(&part);
    }
    written
}

/// The system's failure to write a file.
pub fn unwritten(path: &Path, error: &io::Error) -> Failure {
    Failure::new(Exit::Failed, format!("{} cannot be written: {error}", path.display()))
}
