//! `wechatpay journal list`.

use std::time::Duration;

use serde_json::Value;
use wechatpay_journal::{Entry, State};

use super::args::List;
use super::{Opened, view};
use crate::exit::Exit;
use crate::failure::Result;
use crate::moment::span;
use crate::output::{BOLD, DIM};
use crate::table::{self, Cell};

const COLUMNS: [&str; 8] = ["ID", "STATE", "SINCE", "MERCHANT", "OPERATION", "NUMBER", "PLATFORM SAID", "ASKED AGAIN"];

pub fn run(list: &List, opened: &Opened<'_>) -> Result<Exit> {
    let output = &opened.context.output;
    let mut rows = vec![COLUMNS.map(|name| Cell::new(name, BOLD)).to_vec()];
    pages(opened, list.all, |entry| {
        let is_in_flight = opened.heard(opened.journal.is_in_flight(entry))?;
        if output.is_json() {
            return output.json(&Value::Object(view::json(entry, is_in_flight)));
        }
        rows.push(row(entry, is_in_flight));
        Ok(())
    })?;
    if !output.is_json() {
        if rows.len() > 1 {
            table::lines(&rows).iter().try_for_each(|line| output.line(line))?;
        }
        output.line(format_args!("{DIM}{}{DIM:#}", summary(opened)?))?;
    }
    Ok(Exit::Ok)
}

/// Each entry that is not settled, or each at all, in the order of their ids.
pub fn pages(opened: &Opened<'_>, all: bool, mut each: impl FnMut(&Entry) -> Result<()>) -> Result<()> {
    let mut after = 0;
    loop {
        let page = if all { opened.journal.entries(after) } else { opened.journal.unsettled(after) };
        let page = opened.heard(page)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.id();
        page.iter().try_for_each(&mut each)?;
    }
}

fn row(entry: &Entry, is_in_flight: bool) -> Vec<Cell> {
    vec![
        entry.id().to_string().into(),
        view::state(entry, is_in_flight),
        span(entry.age()).into(),
        entry.merchant().into(),
        view::operation(entry).into(),
        view::number(entry).into(),
        view::said(entry).into(),
        view::next(entry, is_in_flight).into(),
    ]
}

/// How many there are, and how old the oldest is that is not settled.
pub fn summary(opened: &Opened<'_>) -> Result<String> {
    let figures = opened.heard(opened.journal.figures())?;
    let count = |is_settled: bool| {
        let states = State::ALL.iter().filter(|state| state.is_settled() == is_settled);
        states.map(|state| figures.count(*state)).fold(0, u64::saturating_add)
    };
    let oldest = |age: Duration| format!(", the oldest for {}", span(age));
    let oldest = figures.oldest_unsettled().map(oldest).unwrap_or_default();
    Ok(format!("{} unsettled{oldest}; {} settled", count(false), count(true)))
}
