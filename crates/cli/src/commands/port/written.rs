//! `-o DIR`: a file of Rust for each file of PHP.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::sources::Source;
use crate::failure::{Failure, Result};
use crate::files::{self, Readers};

/// Writes the files; returns where they are, in the order of the sources. None is written if one may not be.
pub fn write(sources: &[Source], folder: &Path, force: bool) -> Result<Vec<PathBuf>> {
    let places = sources.iter().map(|source| folder.join(format!("{}.rs", source.stem))).collect::<Vec<_>>();
    distinct(sources, &places)?;
    let mut new = Vec::new();
    for (source, place) in sources.iter().zip(&places) {
        match fs::read(place) {
            Ok(there) if there == source.ported.rust.as_bytes() => {}
            Ok(_) if !force => {
                return Err(Failure::file(place, "is there, and differs from what would be written")
                    .next("--force replaces it"));
            }
            Ok(_) => new.push((source, place)),
            Err(error) if error.kind() == ErrorKind::NotFound => new.push((source, place)),
            Err(error) => return Err(Failure::file(place, error)),
        }
    }
    fs::create_dir_all(folder).map_err(|error| Failure::file(folder, error))?;
    for (source, place) in new {
        let written = files::write_atomically(place, source.ported.rust.as_bytes(), Readers::Anyone);
        written.map_err(|error| files::unwritten(place, &error))?;
    }
    Ok(places)
}

/// Refuses sources that would be written to one place.
pub fn distinct(sources: &[Source], places: &[PathBuf]) -> Result<()> {
    for (at, place) in places.iter().enumerate() {
        let mut others = places.iter().zip(sources).take(at);
        if let Some((_, other)) = others.find(|(other, _)| *other == place) {
            let name = sources.get(at).map_or("", |source| &source.name);
            return Err(Failure::usage(format!("{} and {name} would both be {}", other.name, place.display())));
        }
    }
    Ok(())
}
