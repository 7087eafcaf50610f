//! PHP: its tree, and how a source becomes one.

pub mod read;
pub mod tree;
pub mod walk;
