//! The command `wechatpay`, run as people run it.

mod call;
mod completions;
mod doctor;
mod runs;
mod search;
mod settings;
mod show;
