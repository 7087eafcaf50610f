//! `multipart/form-data`, streamed: files are never in memory as a whole.

use std::collections::VecDeque;
use std::fmt::{self, Write as _};
use std::fs::File;
use std::io::{self, Cursor, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use flate2::Crc;
use openssl::sha::Sha256;
use serde_json::Value;

use crate::crypto::hex;
use crate::error::{Error, FileError, Result};
use crate::redact;
use crate::request::MOST_HEADERS;
use crate::sync::{Mutex, lock};
use crate::text::formatter::Formatter;
use crate::text::value::{kind, php_text};

/// The name of the part of an upload that is JSON, and all that is signed of it.
pub(super) const META: &str = "meta";

/// A part of a form (one element of Guzzle's `multipart` option).
#[derive(Clone)]
pub struct Part {
    name: String,
    file_name: Option<String>,
    headers: Vec<(String, String)>,
    contents: Contents,
}

#[derive(Clone)]
enum Contents {
    Bytes(Arc<[u8]>),
    File { file: Origin, digest: Digest },
}

/// Shows its name and where its contents come from.
impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part")
            .field("name", &redact::name(&self.name))
            .field("contents", &self.contents)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Contents::Bytes(bytes) => write!(f, "{} bytes", bytes.len()),
            Contents::File { file, digest } => write!(f, "{} bytes of {file:?}", digest.size),
        }
    }
}

/// What is known about a file after reading it for the first time.
#[derive(Clone, Copy)]
struct Digest {
    size: u64,
    /// What the platform compares the file with.
    sha256: [u8; 32],
    /// What the second reading is compared with. A checksum is enough to notice that a file has changed; a second SHA-256
    /// would take three times as long as sending it.
    crc32: u32,
}

/// What is read twice: once for its hash, once while it is sent.
#[derive(Clone)]
enum Origin {
    Path(Arc<Path>),
    Reader(Arc<Mutex<dyn SeekableRead>>),
}

/// A reader that can be read again from its beginning.
trait SeekableRead: Read + Seek + Send {}

impl<R: Read + Seek + Send> SeekableRead for R {}

impl Origin {
    /// Opens it at its beginning.
    fn open(&self) -> io::Result<Box<dyn Read + Send + Sync>> {
        Ok(match self {
            Origin::Path(path) => Box::new(File::open(path)?),
            Origin::Reader(reader) => {
                // Even after a panic in the reader.
                lock(reader).rewind()?;
                Box::new(SharedReader(Arc::clone(reader)))
            }
        })
    }

    fn error(&self, what: &'static str, source: Option<io::Error>) -> Error {
        let path = match self {
            Origin::Path(path) => Some(path.to_path_buf()),
            Origin::Reader(_) => None,
        };
        Error::Upload(Box::new(FileError { path, what, sent: false, source }))
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Path(path) => redact::file(path).fmt(f),
            Origin::Reader(_) => f.write_str("a reader"),
        }
    }
}

struct SharedReader(Arc<Mutex<dyn SeekableRead>>);

impl Read for SharedReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        lock(&self.0).read(buffer)
    }
}

impl Part {
    /// A part with its contents.
    pub fn new(name: impl Into<String>, contents: impl Into<Vec<u8>>) -> Part {
        let contents = Contents::Bytes(contents.into().into());
        Part { name: name.into(), file_name: None, headers: Vec::new(), contents }
    }

    /// A part with the contents of a file, which is read now for its SHA-256 and again while it is sent. The file name is
    /// that of the path.
    ///
    /// # Errors
    /// [`Error::Upload`] if the file cannot be read.
    pub fn file(name: impl Into<String>, path: impl Into<PathBuf>) -> Result<Part> {
        let path = path.into();
        let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let part = Part::of(name.into(), Origin::Path(path.into()))?;
        Ok(Part { file_name, ..part })
    }

    /// A part with the contents of a reader, from its beginning, which is read now for its SHA-256 and again while it is
    /// sent.
    ///
    /// # Errors
    /// [`Error::Upload`] if it cannot be read.
    pub fn reader(name: impl Into<String>, reader: impl Read + Seek + Send + 'static) -> Result<Part> {
        Part::of(name.into(), Origin::Reader(Arc::new(Mutex::new(reader))))
    }

    fn of(name: String, file: Origin) -> Result<Part> {
        let digest = file.open().and_then(digest).map_err(|source| file.error("it cannot be read", Some(source)))?;
        Ok(Part { name, file_name: None, headers: Vec::new(), contents: Contents::File { file, digest } })
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

    #[cfg(feature = "check")]
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The contents, if they are in memory; else none.
    #[cfg(feature = "check")]
    pub(super) fn bytes(&self) -> &[u8] {
        match &self.contents {
            Contents::Bytes(bytes) => bytes,
            Contents::File { .. } => &[],
        }
    }

    /// SHA-256 of the contents, in lowercase hex.
    pub(crate) fn sha256(&self) -> String {
        let digest = match &self.contents {
            Contents::Bytes(bytes) => openssl::sha::sha256(bytes),
            Contents::File { digest, .. } => digest.sha256,
        };
        hex(&digest)
    }

    /// Its JSON, if it is the `meta` of an upload.
    pub(super) fn meta(&self) -> Option<Value> {
        match (&self.contents, self.name.as_str()) {
            (Contents::Bytes(bytes), META) => serde_json::from_slice(bytes).ok(),
            _ => None,
        }
    }

    /// Replaces its JSON. If that is the same, so are the bytes.
    pub(super) fn set_meta(&mut self, meta: &Value) {
        if self.meta().as_ref() != Some(meta) {
            self.contents = Contents::Bytes(meta.to_string().into_bytes().into());
        }
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

    /// One element of Guzzle's `multipart` list.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn from_json(value: Value) -> Result<Part, String> {
        const FORM: &str =
            "`multipart`: each part must be an object of `name`, `contents` and, optionally, `filename` and `headers`";
        let Value::Object(mut entries) = value else {
            return Err(format!("{FORM}, not {}", kind(&value)));
        };
        let mut text = |name: &str| match entries.remove(name) {
            Some(Value::String(text)) => Ok(Some(text)),
            None | Some(Value::Null) => Ok(None),
            Some(other) => Err(format!("{FORM}; `{name}` must be a string, not {}", kind(&other))),
        };
        let (Some(name), Some(contents)) = (text("name")?, text("contents")?) else {
            return Err(FORM.into());
        };
        let mut part = Part::new(name, contents);
        if let Some(file_name) = text("filename")? {
            part = part.file_name(file_name);
        }
        if let Some(headers) = entries.remove("headers") {
            let Value::Object(headers) = headers else {
                return Err(format!("{FORM}; `headers` must be an object, not {}", kind(&headers)));
            };
            for (name, value) in &headers {
                part = part.header(name, php_text(value));
            }
        }
        match entries.keys().next() {
            Some(unknown) => Err(format!("{FORM}; `{}` is not one of them", redact::name(unknown))),
            None => Ok(part),
        }
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
    /// If a header of a part is not one line, or a part has too many headers.
    pub(crate) fn new(parts: Vec<Part>) -> Result<Multipart> {
        for part in &parts {
            if part.headers.len() > MOST_HEADERS {
                return Err(Error::Options(format!(
                    "`multipart`: the part {:?} has {} headers, at most {MOST_HEADERS} can be sent",
                    redact::name(&part.name),
                    part.headers.len()
                )));
            }
            for (name, value) in &part.headers {
                let valid = crate::http::HeaderName::from_bytes(name.as_bytes()).is_ok()
                    && crate::http::HeaderValue::from_str(value).is_ok();
                if !valid {
                    return Err(Error::Options(format!(
                        "`multipart`: the header {:?} of the part {:?} is not a header line",
                        redact::name(name),
                        redact::name(&part.name)
                    )));
                }
            }
        }
        Ok(Multipart { boundary: Formatter::nonce(32), parts })
    }

    pub(crate) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    /// What the platform expects to be signed: the part `meta`, if there is one.
    pub(crate) fn meta(&self) -> Option<&[u8]> {
        self.parts.iter().find_map(|part| match (&part.contents, part.name.as_str()) {
            (Contents::Bytes(bytes), META) => Some(bytes.as_ref()),
            _ => None,
        })
    }

    fn end(&self) -> String {
        format!("--{}--\r\n", self.boundary)
    }

    /// The total length in bytes.
    pub(crate) fn length(&self) -> u64 {
        let parts = self.parts.iter().map(|part| {
            let contents = match &part.contents {
                Contents::Bytes(bytes) => bytes.len() as u64,
                Contents::File { digest, .. } => digest.size,
            };
            (part.head(&self.boundary).len() as u64).saturating_add(contents).saturating_add(2)
        });
        parts.fold(self.end().len() as u64, u64::saturating_add)
    }

    /// A reader of the whole form, from its beginning each time.
    pub(crate) fn open(&self) -> Result<Box<dyn Read + Send + Sync>> {
        let mut pieces: VecDeque<Box<dyn Read + Send + Sync>> = VecDeque::new();
        for part in &self.parts {
            pieces.push_back(Box::new(Cursor::new(part.head(&self.boundary))));
            pieces.push_back(match &part.contents {
                Contents::Bytes(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
                Contents::File { file, digest } => {
                    let bytes = file.open().map_err(|error| file.error("it cannot be read any more", Some(error)))?;
                    let (file, left, expected) = (file.clone(), digest.size, digest.crc32);
                    Box::new(CheckedFile { bytes, file, left, expected, crc: Crc::new() })
                }
            });
            pieces.push_back(Box::new(Cursor::new("\r\n")));
        }
        pieces.push_back(Box::new(Cursor::new(self.end())));
        Ok(Box::new(Pieces(pieces)))
    }
}

/// Reads one after the other. Nested `Read::chain`s would need more stack with each part of the form, and overflow it at
/// some tens of thousands.
struct Pieces(VecDeque<Box<dyn Read + Send + Sync>>);

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(piece) = self.0.front_mut() {
            match piece.read(buffer)? {
                0 if !buffer.is_empty() => drop(self.0.pop_front()),
                length => return Ok(length),
            }
        }
        Ok(0)
    }
}

impl Multipart {
    /// The whole form, in memory.
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

/// Reads a file and fails before its last byte if it is not the one that was hashed.
struct CheckedFile {
    bytes: Box<dyn Read + Send + Sync>,
    file: Origin,
    left: u64,
    expected: u32,
    crc: Crc,
}

impl CheckedFile {
    fn changed(&self) -> io::Error {
        io::Error::other(self.file.error("it changed after its SHA-256 was computed", None))
    }
}

impl Read for CheckedFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let Some(place) = buffer.get_mut(..most).filter(|place| !place.is_empty()) else {
            return Ok(0);
        };
        let length = match self.bytes.read(place) {
            Ok(0) => return Err(self.changed()),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => return Err(io::Error::other(self.file.error("it cannot be read any more", Some(error)))),
        };
        self.left = self.left.saturating_sub(length as u64);
        self.crc.update(place.get(..length).unwrap_or_default());
        if self.left == 0 && self.crc.sum() != self.expected {
            return Err(self.changed());
        }
        Ok(length)
    }
}

fn digest(mut file: Box<dyn Read + Send + Sync>) -> io::Result<Digest> {
    let (mut hash, mut crc, mut size, mut buffer) = (Sha256::new(), Crc::new(), 0_u64, vec![0; 64 * 1024]);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(Digest { size, sha256: hash.finish(), crc32: crc.sum() }),
            Ok(length) => {
                let bytes = buffer.get(..length).unwrap_or_default();
                hash.update(bytes);
                crc.update(bytes);
                size = size.saturating_add(length as u64);
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Quotes a name of a form as browsers do: no line break or quote can end it.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}
