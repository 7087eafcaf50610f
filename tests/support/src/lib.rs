//! What several of the tests' programs need. What one of them needs lies beside its tests.

pub mod bare;
pub mod certificates;
pub mod filling;
pub mod folder;
pub mod gateway;
pub mod http;
pub mod keys;
pub mod logger;
pub mod nature;
pub mod ordered;
pub mod php;
pub mod platform;
pub mod postgres;
pub mod process;
pub mod program;
pub mod random;
pub mod raw;
pub mod recording;
pub mod records;
pub mod relay;
pub mod sameness;
pub mod shared;
pub mod world;
