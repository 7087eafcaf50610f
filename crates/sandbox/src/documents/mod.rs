//! What the platform documents, as the sandbox uses it.

pub(crate) mod answer;
mod chance;
mod given;
pub(crate) mod notice;
mod samples;
mod shape;
