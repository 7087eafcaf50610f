//! From a setting and a chain to the bytes that are sent, and to the answer that is handed out.

mod arrays;
mod builder;
mod chain;
mod check;
mod conformance;
mod conformance_apiv2;
mod corpus_macro;
mod coupons;
mod dates;
mod fields;
mod hash;
mod journal;
mod mocked;
mod observe;
mod options;
mod promises;
mod requests;
mod vectors;
mod xml;
