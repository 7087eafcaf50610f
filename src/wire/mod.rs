//! Connections: the agents that calls go through, and what is between them and the system's sockets.

pub(crate) mod address;
pub(crate) mod agents;
mod buffers;
pub(crate) mod connection;
mod connector;
pub(crate) mod exchange;
mod lookup;
pub(crate) mod proxy;
mod roots;
mod socket;
mod tls;
pub(crate) mod trace;
pub(crate) mod trust;
