//! What several test files need.
// Each test file is a crate of its own and uses a part of this.
#![allow(dead_code)]

pub mod folder;
pub mod gateway;
pub mod keys;
pub mod platform;
pub mod raw;
pub mod records;
pub mod shared;
