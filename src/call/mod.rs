//! One call, from its template to its answer.

mod attempt;
mod certificates;
pub(crate) mod client;
mod connections;
pub(crate) mod prepare;
pub(crate) mod prepared;
mod retry;
