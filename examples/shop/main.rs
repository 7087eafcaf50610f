//! A shop with a journal: it is killed in the middle of a payment, comes back, and no order is lost or placed twice.
//!
//! ```text
//! cargo run --package shop -- demo               all of it, with the sandbox as the platform
//! cargo run --package shop -- install FOLDER     once: the journal, and the shop's table in it
//! cargo run --package shop -- serve FOLDER       the shop; the folder has a `config.json`, see `config.rs`
//! ```

use std::env;
use std::path::Path;

use shop::demo;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["install", folder] => shop::install(Path::new(folder)),
        ["serve", folder] => shop::serve(Path::new(folder)),
        ["demo"] => demo::run(&env::current_exe()?).map(drop),
        _ => anyhow::bail!("shop install FOLDER | shop serve FOLDER | shop demo"),
    }
}
