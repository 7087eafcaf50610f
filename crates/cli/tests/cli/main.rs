//! The command `wechatpay`, run as people run it.

mod call;
mod journal;
mod runs;
mod settings;
