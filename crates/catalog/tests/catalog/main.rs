//! The catalog as its users see it, compared with the facts and with recorded calls of the PHP SDK.

mod chance;
mod checks;
mod facts;
mod finding;
mod recordings;
mod searching;
mod shared;
