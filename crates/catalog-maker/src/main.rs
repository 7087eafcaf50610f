//! Makes `crates/catalog/data/catalog.bin` from the facts:
//!
//! ```text
//! cargo run --package wechatpay-catalog-maker -- [--check] [FOLDER]
//! ```
//!
//! FOLDER has `operations.jsonl` and `notifications.jsonl`; without it, it is `catalog` in the folder that WECHATPAY_SHARED names, or
//! in `../shared`. `--check` writes nothing, and fails if the file is not what the facts give.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Result, bail, ensure};
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

mod facts;
#[path = "../../catalog/src/layout.rs"]
mod layout;
mod tables;

fn main() -> Result<()> {
    let (options, folders): (Vec<_>, Vec<_>) = env::args().skip(1).partition(|argument| argument.starts_with('-'));
    let is_check = match options.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => false,
        ["--check"] => true,
        _ => bail!("usage: wechatpay-catalog-maker [--check] [FOLDER]"),
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder = match &folders[..] {
        [] => match env::var_os("WECHATPAY_SHARED") {
            Some(shared) if !shared.is_empty() => root.join(shared).join("catalog"),
            _ => root.join("../shared/catalog"),
        },
        [folder] => PathBuf::from(folder),
        _ => bail!("one folder is enough"),
    };
    let inside = tables::Tables::of(&facts::operations(&folder)?, &facts::notifications(&folder)?)?.into_bytes();
    let file = root.join("crates/catalog/data/catalog.bin");
    if is_check {
        let there = fs::read(&file).with_context(|| file.display().to_string())?;
        // What is inside is compared: another version of the compressor may give other bytes.
        ensure!(opened(&there)? == inside, "{} is not what the facts give; make it anew", file.display());
    } else {
        fs::create_dir_all(file.parent().context("a file is in a folder")?)?;
        fs::write(&file, sealed(&inside)?)?;
    }
    println!("{} bytes, {} inside", fs::metadata(&file)?.len(), inside.len());
    Ok(())
}

/// The content of the file.
fn sealed(inside: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(u32::try_from(inside.len())?.to_le_bytes().to_vec(), Compression::best());
    encoder.write_all(inside)?;
    Ok(encoder.finish()?)
}

/// What is inside a file.
fn opened(file: &[u8]) -> Result<Vec<u8>> {
    let mut inside = Vec::new();
    DeflateDecoder::new(file.get(4..).context("the file is too short")?).read_to_end(&mut inside)?;
    Ok(inside)
}
