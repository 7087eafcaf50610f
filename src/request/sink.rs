//! The option `sink`: where the body of an answer goes instead of memory.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::deadline::Deadline;
use crate::error::{Error, FileError, Result};
use crate::redact;
use crate::sync::{Mutex, lock};
use crate::text::formatter::Formatter;

/// The extension of files that are not complete yet.
const PARTIAL: &str = "wechatpay-part";

/// The most bytes of a file's name that the name of its partial file begins with; file systems allow 255 in total.
const LONGEST_START: usize = 200;

/// How long to wait at a time for a pipe: until it has a reader, and until that has read something.
const UNTIL_OPENED: Duration = Duration::from_millis(10);
const UNTIL_READ: Duration = Duration::from_millis(1);

/// Where the body goes, as the options say.
#[derive(Clone)]
pub(crate) enum Destination {
    File(PathBuf),
    /// Taken by the first call that uses it.
    Writer(Arc<Mutex<Option<Box<dyn Write + Send>>>>),
}

impl Destination {
    pub(crate) fn writer(writer: impl Write + Send + 'static) -> Destination {
        Destination::Writer(Arc::new(Mutex::new(Some(Box::new(writer)))))
    }

    /// Opens it before anything is sent, in case it cannot be written to. The reader of a pipe is waited for until the
    /// deadline, now and while the answer is written.
    pub(crate) fn open(&self, deadline: Deadline) -> Result<Sink> {
        match self {
            Destination::File(path) => open_path(path, deadline),
            Destination::Writer(writer) => match lock(writer).take() {
                Some(writer) => Ok(Sink::Writer(writer)),
                None => Err(Error::Options("`sink`: this writer was given to another call before".into())),
            },
        }
    }
}

fn open_path(path: &Path, deadline: Deadline) -> Result<Sink> {
    let failed = |what, source| sink_error(Some(path.to_owned()), what, false, source);
    let there = match fs::metadata(path) {
        Ok(metadata) => Some(metadata),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(failed("no file can be written there", Some(error))),
    };
    let is_folder = there.as_ref().is_some_and(Metadata::is_dir);
    if is_folder || path.as_os_str().as_encoded_bytes().ends_with(b"/") {
        return Err(failed("it is a folder, not a file", None));
    }
    match there.filter(|there| !there.is_file()) {
        // `/dev/null` or a pipe: it is written to and never replaced.
        Some(_) => {
            let device = Device::open(path, deadline).map_err(|error| failed("it cannot be opened", Some(error)))?;
            Ok(Sink::Writer(Box::new(device)))
        }
        None => Ok(Sink::File(PartialFile::create(path)?)),
    }
}

/// A pipe or device. No operation on it may block: a pipe without a reader would block for ever.
struct Device {
    file: File,
    deadline: Deadline,
}

impl Device {
    /// Opens it; for a pipe, waits until it has a reader.
    fn open(path: &Path, deadline: Deadline) -> io::Result<Device> {
        let mut options = File::options();
        options.write(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::custom_flags(&mut options, libc::O_NONBLOCK);
        loop {
            match options.open(path) {
                Ok(file) => return Ok(Device { file, deadline }),
                Err(error) if has_no_reader(path, &error) => pause(UNTIL_OPENED, deadline, "a reader")?,
                Err(error) => return Err(error),
            }
        }
    }
}

impl Write for Device {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.file.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    pause(UNTIL_READ, self.deadline, "its reader")?;
                }
                result => return result,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Whether a pipe could not be opened because nobody reads from it yet.
fn has_no_reader(path: &Path, error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        error.raw_os_error() == Some(libc::ENXIO) && fs::metadata(path).is_ok_and(|there| there.file_type().is_fifo())
    }
    #[cfg(not(unix))]
    {
        let _ = (path, error);
        false
    }
}

/// Waits for a moment, unless the time is up.
fn pause(wait: Duration, deadline: Deadline, what_for: &str) -> io::Result<()> {
    if deadline.is_over() {
        return Err(io::Error::new(io::ErrorKind::TimedOut, format!("`timeout` ran out while waiting for {what_for}")));
    }
    thread::sleep(deadline.left().map_or(wait, |left| left.min(wait)));
    Ok(())
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Destination::File(path) => redact::file(path).fmt(f),
            Destination::Writer(_) => f.write_str("a writer"),
        }
    }
}

/// An opened sink, ready for an answer.
pub(crate) enum Sink {
    File(PartialFile),
    Writer(Box<dyn Write + Send>),
}

impl Sink {
    /// Copies the whole answer, and returns its length; a file is moved to its place when it is complete.
    pub(crate) fn fill(self, answer: &mut dyn Read) -> Result<u64, FillError> {
        let failed =
            |path, source| FillError::Write(sink_error(path, "the answer cannot be written", true, Some(source)));
        match self {
            Sink::Writer(mut writer) => copy(answer, &mut writer, |error| failed(None, error)),
            Sink::File(mut partial) => {
                let path = partial.path.clone();
                let length = copy(answer, &mut partial.file, |error| failed(Some(path.clone()), error))?;
                fs::rename(&partial.partial, &path).map_err(|error| failed(Some(path.clone()), error))?;
                Ok(length)
            }
        }
    }
}

/// Which side of the copy failed.
pub(crate) enum FillError {
    Read(io::Error),
    Write(Error),
}

fn copy(from: &mut dyn Read, to: &mut dyn Write, failed: impl Fn(io::Error) -> FillError) -> Result<u64, FillError> {
    let mut buffer = vec![0; 64 * 1024];
    let mut copied = 0_u64;
    loop {
        let length = match from.read(&mut buffer) {
            Ok(0) => return to.flush().map(|()| copied).map_err(failed),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(FillError::Read(error)),
        };
        to.write_all(buffer.get(..length).unwrap_or_default()).map_err(&failed)?;
        copied = copied.saturating_add(length as u64);
    }
}

/// A file that is written under a temporary name beside its final place, and renamed when complete. If it is dropped before
/// that, it leaves nothing behind.
pub(crate) struct PartialFile {
    path: PathBuf,
    partial: PathBuf,
    file: File,
}

impl PartialFile {
    /// Creates it; if it is to replace a file, with the permissions of that file from the first byte on.
    fn create(path: &Path) -> Result<PartialFile> {
        let error = |what, source| sink_error(Some(path.to_owned()), what, false, source);
        let Some(name) = path.file_name() else {
            return Err(error("it names no file", None));
        };
        let partial = path.with_file_name(partial_name(name));
        let created = create_like(&partial, path);
        let file = created.map_err(|source| error("no file can be created there", Some(source)))?;
        Ok(PartialFile { path: path.to_owned(), partial, file })
    }
}

/// `<name>.<8 random letters and digits>.wechatpay-part`; a long name is cut.
fn partial_name(name: &OsStr) -> OsString {
    let mut partial = if name.len() <= LONGEST_START {
        name.to_owned()
    } else {
        let text = name.to_string_lossy();
        let mut start = String::new();
        for letter in text.chars() {
            if start.len().saturating_add(letter.len_utf8()) > LONGEST_START {
                break;
            }
            start.push(letter);
        }
        start.into()
    };
    partial.push(format!(".{}.{PARTIAL}", Formatter::nonce(8)));
    partial
}

/// Creates a file. If it is to replace another one, it cannot be read by anyone who cannot read that one.
fn create_like(partial: &Path, path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if let Ok(there) = fs::metadata(path) {
        use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
        let mode = there.mode() & 0o777;
        let file = options.mode(mode & 0o700).open(partial)?;
        let result = keep_permissions(&file, &there, mode);
        if result.is_err() {
            let _ = fs::remove_file(partial);
        }
        return result.map(|()| file);
    }
    let _ = path;
    options.open(partial)
}

/// Gives a file the owner (as far as that is allowed) and the permissions of another one.
#[cfg(unix)]
fn keep_permissions(file: &File, like: &Metadata, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let own = file.metadata()?;
    if own.uid() != like.uid() {
        let _ = fchown(file, Some(like.uid()), None);
    }
    // The permissions of the group are meant only for that group.
    let is_same_group = own.gid() == like.gid() || fchown(file, None, Some(like.gid())).is_ok();
    let mode = if is_same_group { mode } else { mode & 0o707 };
    file.set_permissions(fs::Permissions::from_mode(mode))
}

impl Drop for PartialFile {
    fn drop(&mut self) {
        // After the rename there is no file of this name any more.
        let _ = fs::remove_file(&self.partial);
    }
}

fn sink_error(path: Option<PathBuf>, what: &'static str, sent: bool, source: Option<io::Error>) -> Error {
    Error::Sink(Box::new(FileError { path, what, sent, source }))
}
