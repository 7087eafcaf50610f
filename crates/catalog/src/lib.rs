//! What WeChat Pay (微信支付) documents of its operations, as data: 1,154 operations of APIv3 and APIv2 and 112 notifications, to
//! find, to search and to compare calls with.
//!
//! ```
//! use serde_json::json;
//! use wechatpay_catalog::{Place, catalog};
//!
//! // Whose path is this?
//! let found = catalog().find("POST", "v3/pay/transactions/out-trade-no/A1/close").unwrap();
//! let close = found.operation();
//! assert_eq!(close.template(), "v3/pay/transactions/out-trade-no/{out_trade_no}/close");
//! assert_eq!(found.variables()[0].value(), Some("A1"));
//!
//! // What does it take?
//! let names: Vec<_> = close.parameters(Place::Json).iter().map(|field| field.name()).collect();
//! assert!(names.contains(&"mchid"));
//!
//! // Is this call as documented?
//! let findings = found.check(&json!({ "json": { "mchID": "1900000109" } }));
//! assert_eq!(findings[0].to_string(), "error: /json/mchid is missing, documented: string");
//! ```
//!
//! It is data, not types: an operation that is not in it can be called all the same, and nothing of it stops a call. It does not
//! need the client, `wechatpay-chain`, whose spellings of paths and options it knows.
//!
//! * [`catalog`] is what is embedded, some 100 kB, read when it is first asked for.
//! * [`Catalog::find`] and [`Catalog::find_call`] look a call up, [`Catalog::operations_at`] and [`Catalog::nearest`] are for what was
//!   not found, and [`Catalog::search`] goes by words.
//! * [`Operation`] is what a page says; [`Operation::check`] compares the options of a call with it, and returns [`Finding`]s.
//! * [`Notification`] is what the platform sends by itself.
//!
//! # Source and licence of the facts
//!
//! The facts (names, places, types, flags; no descriptions, no examples) are from the OpenAPI description of the platform kept
//! at github.com/TheNorthMemory/wechatpay-openapi, snapshot 4d6325b of 2026-08-21, MIT licence, © James ZHANG, cross-checked with the
//! documentation site of the PHP SDK of 2026-08-22. A field counts as required only where both say so. The file `NOTICE` has the
//! licence.
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

mod catalog;
mod check;
mod distance;
mod field;
mod finding;
mod layout;
mod likeness;
mod notification;
mod operation;
mod routes;
mod search;
mod spelling;
mod tables;

pub use catalog::{Catalog, Found, Variable, catalog};
pub use distance::nearest;
pub use field::{Encryption, Field, Fields, FieldsIter, Kind, Texts, TextsIter};
pub use finding::{Finding, Problem, Severity};
pub use notification::Notification;
pub use operation::{Answer, Operation, Place};
pub use search::Hit;

/// The code of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
