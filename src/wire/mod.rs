//! Connections: the agents over which calls go, and what lies between them and the system's sockets.

pub(crate) mod agents;
mod buffers;
pub(crate) mod connection;
mod connector;
mod lookup;
mod socket;
mod tls;
pub(crate) mod trust;
