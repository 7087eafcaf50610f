//! `wechatpay bill get|check`: the bills of days, and whether they are right.

mod check;
mod days;
mod get;

use clap::Subcommand;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Result;

#[derive(Debug, Subcommand)]
pub enum Bill {
    Get(get::Get),
    Check(check::Check),
}

pub fn run(bill: &Bill, context: &Context) -> Result<Exit> {
    match bill {
        Bill::Get(get) => get::run(get, context),
        Bill::Check(check) => check::run(check, context),
    }
}
