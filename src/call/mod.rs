//! One call, from its template to its answer.

mod attempt;
mod budget;
mod certificates;
pub(crate) mod client;
mod connections;
mod hosts;
pub(crate) mod intent;
pub(crate) mod observation;
pub(crate) mod prepare;
pub(crate) mod prepared;
mod retry;
