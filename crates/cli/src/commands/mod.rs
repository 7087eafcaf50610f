//! The commands, one file or folder each.

pub mod bill;
pub mod call;
pub mod certs;
pub mod complete;
pub mod completions;
pub mod decrypt;
pub mod doctor;
pub mod encrypt;
pub mod explain;
pub mod journal;
pub mod listen;
pub mod man;
pub mod notification;
pub mod port;
pub mod qr;
pub mod sandbox;
pub mod search;
pub mod show;
pub mod sign;
pub mod trigger;
pub mod verify;
