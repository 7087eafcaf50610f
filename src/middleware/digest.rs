//! Statements and bills are announced with the SHA-1 of their plain text, with which their bytes are compared.

use std::io::{self, Read, Write};

use flate2::write::MultiGzDecoder;
use openssl::sha::Sha1;

use crate::crypto::hex;

/// The first bytes of a gzip file; no CSV begins with them.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Reads a file and returns an error in place of its end if its plain text is not the announced one.
pub(crate) struct Checked<R> {
    file: R,
    hash: Hash,
    /// Makes the error, if any; gets the SHA-1 in lowercase hex, or `None` for gzip that cannot be unpacked.
    check: Option<Check>,
}

type Check = Box<dyn FnOnce(Option<String>) -> io::Result<()> + Send + Sync>;

impl<R: Read> Checked<R> {
    pub(crate) fn new(
        file: R,
        check: impl FnOnce(Option<String>) -> io::Result<()> + Send + Sync + 'static,
    ) -> Checked<R> {
        Checked { file, hash: Hash::Beginning(Vec::new()), check: Some(Box::new(check)) }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let length = self.file.read(buffer)?;
        let read = buffer.get(..length).unwrap_or_default();
        let packed_badly = self.hash.update(read).is_err();
        if length > 0 && !packed_badly {
            return Ok(length);
        }
        match self.check.take() {
            Some(check) if packed_badly => check(None).map(|()| 0),
            Some(check) => check(std::mem::replace(&mut self.hash, Hash::Beginning(Vec::new())).finish()).map(|()| 0),
            None => Ok(0),
        }
    }
}

enum Hash {
    /// Not enough bytes yet to tell which of the two it is.
    Beginning(Vec<u8>),
    Plain(Csv),
    Packed(MultiGzDecoder<Csv>),
}

impl Hash {
    fn update(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Hash::Plain(csv) => csv.write_all(bytes),
            Hash::Packed(csv) => csv.write_all(bytes),
            Hash::Beginning(first) => {
                first.extend_from_slice(bytes);
                if first.len() < GZIP.len() {
                    return Ok(());
                }
                let first = std::mem::take(first);
                *self = if first.starts_with(&GZIP) {
                    Hash::Packed(MultiGzDecoder::new(Csv(Sha1::new())))
                } else {
                    Hash::Plain(Csv(Sha1::new()))
                };
                self.update(&first)
            }
        }
    }

    /// SHA-1 of the plain CSV in lowercase hex; `None` if the gzip file is incomplete.
    fn finish(self) -> Option<String> {
        let hash = match self {
            Hash::Beginning(first) => {
                let mut hash = Sha1::new();
                hash.update(&first);
                hash
            }
            Hash::Plain(csv) => csv.0,
            Hash::Packed(csv) => csv.finish().ok()?.0,
        };
        Some(hex(&hash.finish()))
    }
}

struct Csv(Sha1);

impl Write for Csv {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
