//! The promise about money survives the process: a durable journal for the WeChat Pay (微信支付) client `wechatpay-chain`.
//!
//! After a failure, the client says whether the money may have moved, as long as the process lives. This journal remembers it
//! beyond that: before the first byte of a call that can have an effect leaves, its intent is on the disk; after a crash,
//! [`settle`](Journal::settle) asks the platform about each call whose end is not known. And under one number of one's
//! own nothing else is ever sent.
//!
//! [`Journal`] has all of it; start there.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![warn(missing_debug_implementations)]
// Nothing from outside makes it panic. Where one of these is used anyway, the reason is given there.
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::todo,
        clippy::unreachable,
        clippy::unwrap_used,
    )
)]

mod command;
mod content;
mod entry;
mod error;
mod journal;
mod matters;
mod notice;
mod operations;
mod question;
mod receive;
mod rules;
mod settle;
mod store;
mod transaction;

pub use command::{Command, Question};
pub use entry::{Entry, Figures, State};
pub use error::{Error, Number, Result};
pub use journal::Journal;
/// SQLite as the journal has it, for the tables of one's own: see [`Transaction::sqlite`].
#[cfg(feature = "postgres")]
pub use postgres;
pub use receive::{Receivable, Received};
pub use rusqlite;
pub use settle::Report;
pub use transaction::Transaction;

/// The code of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

/// The code of the pages about the journal, compiled.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../../docs/journal.md")]
    mod chinese {}
    #[doc = include_str!("../../../docs/en/journal.md")]
    mod english {}
}
