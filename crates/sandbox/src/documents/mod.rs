//! What the platform documents: which operation a request calls, whether it is as documented, what it is answered, and what the
//! platform sends by itself.

pub(crate) mod answer;
mod chance;
pub(crate) mod check;
pub(crate) mod example;
mod files;
mod given;
pub(crate) mod lookup;
pub(crate) mod notice;
mod samples;
mod sealed;
mod shape;
