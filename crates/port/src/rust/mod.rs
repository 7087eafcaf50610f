//! Rust: its tree, and the text that is made of it.

pub mod build;
pub mod idioms;
pub mod layout;
pub mod numbers;
pub mod remarks;
pub mod shapes;
pub mod tree;
pub mod walk;
pub mod words;
