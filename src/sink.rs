//! The file behind the option `sink`: there as a whole, or not at all.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, FileError, Result};
use crate::formatter::Formatter;

/// A file that is written beside its place under a temporary name, and renamed when complete.
/// Dropped before that, it leaves nothing behind.
pub(crate) struct Sink {
    path: PathBuf,
    partial: PathBuf,
    file: File,
}

impl Sink {
    /// Opens the temporary file, so that a place that cannot be written is known before anything is sent.
    pub(crate) fn create(path: &Path) -> Result<Sink> {
        let error = |what, source| sink_error(path, what, false, source);
        let Some(name) = path.file_name() else {
            return Err(error("it names no file", None));
        };
        let mut partial = name.to_owned();
        partial.push(format!(".{}.part", Formatter::nonce(8)));
        let partial = path.with_file_name(partial);
        let file = File::options()
            .write(true)
            .create_new(true)
            .open(&partial)
            .map_err(|source| error("no file can be created there", Some(source)))?;
        Ok(Sink { path: path.to_owned(), partial, file })
    }

    /// Copies the whole answer into the file and puts it in its place.
    pub(crate) fn fill(mut self, answer: &mut dyn Read) -> std::result::Result<(), FillError> {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let length = match answer.read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(FillError::Read(error)),
            };
            if let Err(error) = self.file.write_all(&buffer[..length]) {
                return Err(FillError::Write(self.failed(error)));
            }
        }
        match self.file.flush().and_then(|()| fs::rename(&self.partial, &self.path)) {
            Ok(()) => Ok(()),
            Err(error) => Err(FillError::Write(self.failed(error))),
        }
    }

    fn failed(&self, source: io::Error) -> Error {
        sink_error(&self.path, "the answer could not be written", true, Some(source))
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        // After the rename there is nothing under this name any more.
        let _ = fs::remove_file(&self.partial);
    }
}

/// Which side of the copy failed.
pub(crate) enum FillError {
    Read(io::Error),
    Write(Error),
}

fn sink_error(path: &Path, what: &'static str, sent: bool, source: Option<io::Error>) -> Error {
    Error::Sink(Box::new(FileError { path: path.to_owned(), what, sent, source }))
}
