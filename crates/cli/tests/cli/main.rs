//! The command `wechatpay`, run as people run it.

mod call;
mod qr;
mod runs;
mod settings;
