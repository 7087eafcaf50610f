//! A shop with a journal, in pieces: `main.rs` has its commands, and `tests` runs its demo.

mod config;
pub mod demo;
mod orders;
mod server;
mod service;

pub use server::serve;
pub use service::install;
