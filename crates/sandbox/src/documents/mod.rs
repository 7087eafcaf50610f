//! What the platform documents, as the sandbox uses it.

pub(crate) mod answer;
mod chance;
mod given;
mod samples;
mod shape;
