//! The porter, judged by what its Rust does: the recorded calls of the PHP SDK written as PHP and ported, the recorded
//! programs ported, and programs with statements and comments taken out and put in, of which nothing may be lost.

mod calls;
mod flow;
mod generated;
mod idioms;
mod law;
mod layout;
mod left;
mod mutants;
mod names;
mod probe;
mod pure;
mod samples;
mod scan;
mod services;
mod session;
mod signature;
mod snippets;
mod writer;
