//! What the platform documents of each operation: which one a request calls, whether it is as documented, and what it is
//! answered.

pub(crate) mod answer;
mod chance;
pub(crate) mod check;
mod given;
pub(crate) mod lookup;
pub(crate) mod notice;
mod samples;
mod sealed;
mod shape;
