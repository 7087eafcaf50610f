//! One call, from its template to its answer.

mod attempt;
mod budget;
mod certificates;
#[cfg(feature = "check")]
pub(crate) mod check;
pub(crate) mod client;
pub(crate) mod connections;
mod hosts;
pub(crate) mod observation;
pub(crate) mod prepare;
pub(crate) mod prepared;
mod retry;
