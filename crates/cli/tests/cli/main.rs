//! The command `wechatpay`, run as people run it.

mod call;
mod completions;
mod doctor;
mod man;
mod runs;
mod search;
mod settings;
mod show;
