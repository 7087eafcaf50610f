//! The option `sink`: where the body of an answer goes instead of memory.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::{Error, FileError, Result};
use crate::formatter::Formatter;

/// Where to, as the options say.
#[derive(Clone)]
pub(crate) enum Target {
    File(PathBuf),
    /// Taken by the first call that it is given to.
    Writer(Arc<Mutex<Option<Box<dyn Write + Send>>>>),
}

impl Target {
    pub(crate) fn writer(writer: impl Write + Send + 'static) -> Target {
        Target::Writer(Arc::new(Mutex::new(Some(Box::new(writer)))))
    }

    /// Opens it, so that a place that cannot be written is known before anything is sent.
    pub(crate) fn open(&self) -> Result<Sink> {
        match self {
            Target::File(path) if is_device(path) => {
                let failed = |source| sink_error(Some(path.clone()), "it cannot be opened", false, Some(source));
                Ok(Sink::Writer(Box::new(File::options().write(true).open(path).map_err(failed)?)))
            }
            Target::File(path) => Ok(Sink::File(PartialFile::create(path)?)),
            Target::Writer(writer) => match writer.lock().unwrap_or_else(PoisonError::into_inner).take() {
                Some(writer) => Ok(Sink::Writer(writer)),
                None => Err(Error::Options("`sink`: this writer was given to another call before".into())),
            },
        }
    }
}

/// Whether there is something else than a file, such as `/dev/null` or a pipe: it is written into and never replaced.
fn is_device(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Target::File(path) => path.fmt(f),
            Target::Writer(_) => f.write_str("a writer"),
        }
    }
}

/// Ready to take an answer.
pub(crate) enum Sink {
    File(PartialFile),
    Writer(Box<dyn Write + Send>),
}

impl Sink {
    /// Copies the whole answer; a file is put in its place when it is complete.
    pub(crate) fn fill(self, answer: &mut dyn Read) -> std::result::Result<(), FillError> {
        let failed =
            |path, source| FillError::Write(sink_error(path, "the answer cannot be written", true, Some(source)));
        match self {
            Sink::Writer(mut writer) => copy(answer, &mut writer, |error| failed(None, error)),
            Sink::File(mut partial) => {
                let path = partial.path.clone();
                copy(answer, &mut partial.file, |error| failed(Some(path.clone()), error))?;
                fs::rename(&partial.partial, &path).map_err(|error| failed(Some(path.clone()), error))
            }
        }
    }
}

/// Which side of the copy failed.
pub(crate) enum FillError {
    Read(io::Error),
    Write(Error),
}

fn copy(
    from: &mut dyn Read,
    to: &mut dyn Write,
    failed: impl Fn(io::Error) -> FillError,
) -> std::result::Result<(), FillError> {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = match from.read(&mut buffer) {
            Ok(0) => return to.flush().map_err(failed),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(FillError::Read(error)),
        };
        to.write_all(buffer.get(..length).unwrap_or_default()).map_err(&failed)?;
    }
}

/// A file that is written beside its place under a temporary name, and renamed when complete.
/// Dropped before that, it leaves nothing behind.
pub(crate) struct PartialFile {
    path: PathBuf,
    partial: PathBuf,
    file: File,
}

impl PartialFile {
    fn create(path: &Path) -> Result<PartialFile> {
        let error = |what, source| sink_error(Some(path.to_owned()), what, false, source);
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
        Ok(PartialFile { path: path.to_owned(), partial, file })
    }
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        // After the rename there is nothing under this name any more.
        let _ = fs::remove_file(&self.partial);
    }
}

fn sink_error(path: Option<PathBuf>, what: &'static str, sent: bool, source: Option<io::Error>) -> Error {
    Error::Sink(Box::new(FileError { path, what, sent, source }))
}
