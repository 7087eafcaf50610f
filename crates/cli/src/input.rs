//! What commands read: files, and standard input, which only one thing can have.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Mutex;

use zeroize::Zeroizing;

use crate::failure::{Failure, Result};

/// The most that is read, in bytes.
const MOST: u64 = 32 << 20;

/// How many steps into a value an argument may take: as much as JSON that is read may have.
pub const DEEPEST: usize = 128;

/// For what standard input has been read.
static READ_FOR: Mutex<Option<String>> = Mutex::new(None);

/// The bytes of a file, or for `-` of standard input. `what` says in messages what they are for.
pub fn read(path: &Path, what: &str) -> Result<Zeroizing<Vec<u8>>> {
    if path == Path::new("-") {
        return standard(what);
    }
    let file = fs::File::open(path).map_err(|error| Failure::file(path, error))?;
    limited(file, &path.display().to_string())
}

/// The same as a text.
pub fn read_text(path: &Path, what: &str) -> Result<Zeroizing<String>> {
    let bytes = read(path, what)?;
    let text = std::str::from_utf8(&bytes);
    text.map(|text| text.to_owned().into()).map_err(|_| Failure::usage(format!("{what} is not UTF-8")))
}

/// The bytes of standard input.
pub fn standard(what: &str) -> Result<Zeroizing<Vec<u8>>> {
    let mut read_for = READ_FOR.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(other) = &*read_for {
        return Err(Failure::usage(format!("standard input can be read once, and both {other} and {what} want it"))
            .next("put one of them into a file"));
    }
    *read_for = Some(what.to_owned());
    limited(io::stdin(), "standard input")
}

fn limited(reader: impl Read, name: &str) -> Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    let length = reader.take(MOST.saturating_add(1)).read_to_end(&mut bytes);
    let length = length.map_err(|error| Failure::usage(format!("{name}: {error}")))?;
    match u64::try_from(length) {
        Ok(length) if length <= MOST => Ok(bytes),
        _ => Err(Failure::usage(format!("{name} has more than {MOST} bytes"))),
    }
}
