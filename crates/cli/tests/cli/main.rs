//! The command `wechatpay`, run as people run it.

mod bill_check;
mod bill_get;
mod call;
mod certs;
mod completions;
mod doctor;
mod encrypt;
mod explain;
mod journal;
mod listen;
mod man;
mod openssl;
mod port;
mod qr;
mod recorded;
mod running;
mod runs;
mod sandbox;
mod search;
mod secrets;
mod sessions;
mod settings;
mod show;
mod sign;
mod trigger;
mod verify;
