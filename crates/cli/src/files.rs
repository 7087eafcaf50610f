//! Files that are there as a whole, or not at all.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

use wechatpay::Formatter;

use crate::exit::Exit;
use crate::failure::{Failure, Result};

/// Writes a file: first beside its place, under a name that ends in `.wechatpay-part`, then it gets its name. Whoever reads it finds
/// what was there before, or all of this.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let part = path.with_file_name(format!("{name}.{}.wechatpay-part", Formatter::nonce(8)));
    let written = File::create_new(&part)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&part, path));
    written.map_err(|error| {
        // What cannot be removed either has a name that says what it is.
        let _ = fs::remove_file(&part);
        Failure::new(Exit::Failed, format!("{} cannot be written: {error}", path.display()))
    })
}
