//! The command `wechatpay`, run as people run it.

mod call;
mod runs;
mod sandbox;
mod settings;
