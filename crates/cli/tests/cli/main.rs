//! The command `wechatpay`, run as people run it.

mod call;
mod running;
mod runs;
mod sandbox;
mod settings;
