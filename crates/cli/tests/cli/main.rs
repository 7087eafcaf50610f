//! The command `wechatpay`, run as people run it.

mod call;
mod doctor;
mod runs;
mod search;
mod settings;
mod show;
