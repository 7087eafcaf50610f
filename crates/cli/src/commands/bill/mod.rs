//! `wechatpay bill get|check`: the bills of days, and whether they are right.

mod check;
mod days;
mod get;

use clap::Subcommand;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Result;
use crate::global::Uses;

#[derive(Debug, Subcommand)]
pub enum Bill {
    Get(get::Get),
    Check(check::Check),
}

impl Bill {
    /// The settings that it uses: what is checked is files alone.
    pub fn uses(&self) -> Uses {
        match self {
            Bill::Get(_) => Uses::ALL,
            Bill::Check(_) => Uses::NONE,
        }
    }
}

pub fn run(bill: &Bill, context: &Context) -> Result<Exit> {
    match bill {
        Bill::Get(get) => get::run(get, context),
        Bill::Check(check) => check::run(check, context),
    }
}
