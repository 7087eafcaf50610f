//! The command `wechatpay`, run as people run it.

mod bill_check;
mod bill_get;
mod call;
mod certs;
mod runs;
mod settings;
