//! `wechatpay journal create` and `prune`.

use std::time::Duration;

use serde_json::json;

use super::Opened;
use super::args::Prune;
use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Result;
use crate::journal::Place;

/// How many seconds a day has.
const DAY: u64 = 24 * 60 * 60;

pub fn create(place: &Place, context: &Context) -> Result<Exit> {
    place.create()?;
    if context.output.is_json() {
        context.output.json(&json!({ "created": true }))?;
    } else {
        context.output.line("the journal is made; programs open it at each start, and nobody makes it again")?;
    }
    Ok(Exit::Ok)
}

pub fn prune(prune: &Prune, opened: Opened<'_>) -> Result<Exit> {
    let retention = Duration::from_secs(DAY.saturating_mul(prune.keep.into()));
    let opened = Opened { journal: opened.journal.keep_for(retention), ..opened };
    let removed = opened.heard(opened.journal.prune())?;
    let output = &opened.context.output;
    if output.is_json() {
        output.json(&json!({ "removed": removed }))?;
    } else {
        output.line(format_args!("{removed} settled calls are removed"))?;
    }
    Ok(Exit::Ok)
}
