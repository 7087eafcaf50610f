//! What several test files need.
// Each test file is a crate of its own and uses a part of this.
#![allow(dead_code)]

pub mod answers;
pub mod bare;
pub mod certificates;
pub mod cutting;
pub mod folder;
pub mod gateway;
pub mod keys;
pub mod logger;
pub mod notifications;
pub mod platform;
pub mod raw;
pub mod records;
pub mod shared;
pub mod tally;
pub mod trust;
