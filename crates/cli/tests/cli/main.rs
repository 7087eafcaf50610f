//! The command `wechatpay`, run as people run it.

mod bill_check;
mod bill_get;
mod call;
mod certs;
mod encrypt;
mod explain;
mod journal;
mod listen;
mod openssl;
mod qr;
mod running;
mod runs;
mod sandbox;
mod settings;
mod sign;
mod trigger;
mod verify;
