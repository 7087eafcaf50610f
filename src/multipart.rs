//! `multipart/form-data`, streamed: files are never in memory as a whole.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use openssl::sha::Sha256;

use crate::error::{Error, FileError, Result};
use crate::formatter::Formatter;

/// A part of a form (one element of Guzzle's `multipart` option).
#[derive(Clone, Debug)]
pub struct Part {
    name: String,
    file_name: Option<String>,
    headers: Vec<(String, String)>,
    contents: Contents,
}

#[derive(Clone, Debug)]
enum Contents {
    Bytes(Arc<[u8]>),
    File { path: Arc<Path>, size: u64, sha256: [u8; 32] },
}

impl Part {
    /// A part with its contents.
    pub fn new(name: impl Into<String>, contents: impl Into<Vec<u8>>) -> Part {
        let contents = Contents::Bytes(contents.into().into());
        Part { name: name.into(), file_name: None, headers: Vec::new(), contents }
    }

    /// A part with the contents of a file, which is read once now for its SHA-256 and once again
    /// while it is sent. The file name is that of the path.
    ///
    /// # Errors
    /// [`Error::Upload`] when the file cannot be read.
    pub fn file(name: impl Into<String>, path: impl Into<PathBuf>) -> Result<Part> {
        let path = path.into();
        let (size, sha256) = digest(&path).map_err(|source| upload_error(&path, "it cannot be read", Some(source)))?;
        let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let contents = Contents::File { path: path.into(), size, sha256 };
        Ok(Part { name: name.into(), file_name, headers: Vec::new(), contents })
    }

    /// Sets the file name.
    #[must_use]
    pub fn file_name(mut self, file_name: impl Into<String>) -> Part {
        self.file_name = Some(file_name.into());
        self
    }

    /// Adds a header of the part, such as `Content-Type`.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Part {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// SHA-256 of the contents, in lowercase hex.
    pub(crate) fn sha256(&self) -> String {
        let digest = match &self.contents {
            Contents::Bytes(bytes) => openssl::sha::sha256(bytes),
            Contents::File { sha256, .. } => *sha256,
        };
        digest.iter().fold(String::with_capacity(64), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }

    fn head(&self, boundary: &str) -> String {
        let mut head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", quoted(&self.name));
        if let Some(file_name) = &self.file_name {
            let _ = write!(head, "; filename=\"{}\"", quoted(file_name));
        }
        head.push_str("\r\n");
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        head.push_str("\r\n");
        head
    }
}

/// A whole form.
#[derive(Clone, Debug)]
pub(crate) struct Multipart {
    boundary: String,
    parts: Vec<Part>,
}

impl Multipart {
    /// # Errors
    /// A header of a part that is not one line.
    pub(crate) fn new(parts: Vec<Part>) -> Result<Multipart> {
        for part in &parts {
            for (name, value) in &part.headers {
                let valid = ureq::http::HeaderName::from_bytes(name.as_bytes()).is_ok()
                    && ureq::http::HeaderValue::from_str(value).is_ok();
                if !valid {
                    return Err(Error::Options(format!(
                        "`multipart`: the header {name:?} of the part {:?} is not a header line",
                        part.name
                    )));
                }
            }
        }
        Ok(Multipart { boundary: Formatter::nonce(32), parts })
    }

    pub(crate) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// What the platform expects to be signed: the part `meta`, when there is one.
    pub(crate) fn meta(&self) -> Option<&[u8]> {
        self.parts.iter().find_map(|part| match (&part.contents, part.name.as_str()) {
            (Contents::Bytes(bytes), "meta") => Some(bytes.as_ref()),
            _ => None,
        })
    }

    fn end(&self) -> String {
        format!("--{}--\r\n", self.boundary)
    }

    /// The length of the whole in bytes.
    pub(crate) fn length(&self) -> u64 {
        let parts = self.parts.iter().map(|part| {
            let contents = match &part.contents {
                Contents::Bytes(bytes) => bytes.len() as u64,
                Contents::File { size, .. } => *size,
            };
            part.head(&self.boundary).len() as u64 + contents + 2
        });
        parts.sum::<u64>() + self.end().len() as u64
    }

    /// The bytes of the whole; each call begins anew.
    pub(crate) fn open(&self) -> Result<Box<dyn Read + Send + Sync>> {
        let mut whole: Box<dyn Read + Send + Sync> = Box::new(io::empty());
        for part in &self.parts {
            whole = Box::new(whole.chain(Cursor::new(part.head(&self.boundary))));
            whole = match &part.contents {
                Contents::Bytes(bytes) => Box::new(whole.chain(Cursor::new(Arc::clone(bytes)))),
                Contents::File { path, size, sha256 } => {
                    let file = File::open(path)
                        .map_err(|source| upload_error(path, "it cannot be read any more", Some(source)))?;
                    let (path, hash) = (Arc::clone(path), Some(Sha256::new()));
                    Box::new(whole.chain(CheckedFile { file, path, left: *size, expected: *sha256, hash }))
                }
            };
            whole = Box::new(whole.chain(Cursor::new("\r\n")));
        }
        Ok(Box::new(whole.chain(Cursor::new(self.end()))))
    }
}

impl Multipart {
    /// The whole in memory.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        match self.open()?.read_to_end(&mut bytes) {
            Ok(_) => Ok(bytes),
            Err(error) => Err(match error.downcast::<Error>() {
                Ok(error) => error,
                Err(error) => Error::Options(format!("`multipart`: a file cannot be read: {error}")),
            }),
        }
    }
}

/// Reads a file and fails before its last byte when it is not the one that was hashed.
struct CheckedFile {
    file: File,
    path: Arc<Path>,
    left: u64,
    expected: [u8; 32],
    hash: Option<Sha256>,
}

impl Read for CheckedFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let changed =
            |path: &Path| io::Error::other(upload_error(path, "it changed after its SHA-256 was computed", None));
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let Some(place) = buffer.get_mut(..most).filter(|place| !place.is_empty()) else {
            return Ok(0);
        };
        let length = self.file.read(place)?;
        if length == 0 {
            return Err(changed(&self.path));
        }
        self.left -= length as u64;
        if let Some(hash) = &mut self.hash {
            hash.update(&place[..length]);
        }
        if self.left == 0 {
            let same = self.hash.take().is_some_and(|hash| hash.finish() == self.expected);
            if !same {
                return Err(changed(&self.path));
            }
        }
        Ok(length)
    }
}

fn digest(path: &Path) -> io::Result<(u64, [u8; 32])> {
    let mut file = File::open(path)?;
    let (mut hash, mut size, mut buffer) = (Sha256::new(), 0, vec![0; 64 * 1024]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok((size, hash.finish())),
            length => {
                hash.update(&buffer[..length]);
                size += length as u64;
            }
        }
    }
}

fn upload_error(path: &Path, what: &'static str, source: Option<io::Error>) -> Error {
    Error::Upload(Box::new(FileError { path: path.to_owned(), what, sent: false, source }))
}

/// As browsers quote the names of a form: no line break and no quote can end it.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
