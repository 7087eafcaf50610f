//! `wechatpay journal watch`.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use wechatpay::Chain;
use wechatpay_journal::Entry;

use super::args::Watch;
use super::{Opened, list, view};
use crate::exit::Exit;
use crate::failure::{Result, with_causes};
use crate::moment::utc;
use crate::output::DIM;
use crate::table;

/// What is not settled, by its id, and whether it is in flight.
type Unsettled = BTreeMap<u64, (Entry, bool)>;

/// Until it is interrupted, nobody reads what it prints, or the journal is none. One that is away may come back.
pub fn run(watch: &Watch, opened: Opened<'_>) -> Result<Exit> {
    let (mut opened, instance) = opened.connected()?;
    let output = &opened.context.output;
    let mut known = unsettled(&opened)?;
    for (entry, is_in_flight) in known.values() {
        print(entry, *is_in_flight, &opened)?;
    }
    let mut is_away = false;
    loop {
        match round(&mut opened, &instance, &mut known, &mut is_away) {
            Err(failure) if failure.may_pass() => {
                if !is_away {
                    output.warn(format_args!("{}; it is tried again every {} s", failure.message(), watch.interval));
                }
                is_away = true;
            }
            Err(failure) => return Err(failure),
            Ok(()) if output.is_closed() => return Ok(Exit::Ok),
            Ok(()) => {}
        }
        thread::sleep(Duration::from_secs(watch.interval));
    }
}

/// Asks about what is not settled, and prints what is new; opens the journal anew if it was away.
fn round(opened: &mut Opened<'_>, instance: &Chain, known: &mut Unsettled, is_away: &mut bool) -> Result<()> {
    let output = &opened.context.output;
    if *is_away {
        opened.journal = opened.place.open()?;
    }
    let report = opened.settle(instance)?;
    let now = unsettled(opened)?;
    if std::mem::take(is_away) {
        output.note("the journal is there again");
    }
    if let Some(error) = report.unreachable() {
        output.warn(format_args!("the platform cannot be reached: {}", with_causes(error)));
    }
    for (id, (entry, is_in_flight)) in &now {
        let before = known.get(id).map(|(entry, is_in_flight)| (entry.state(), *is_in_flight));
        if before != Some((entry.state(), *is_in_flight)) {
            print(entry, *is_in_flight, opened)?;
        }
    }
    for id in known.keys().filter(|id| !now.contains_key(id)) {
        if let Some(entry) = opened.heard(opened.journal.entry(*id))? {
            print(&entry, false, opened)?;
        }
    }
    *known = now;
    figures(opened)
}

fn unsettled(opened: &Opened<'_>) -> Result<Unsettled> {
    let mut entries = BTreeMap::new();
    list::pages(opened, false, |entry| {
        let is_in_flight = opened.heard(opened.journal.is_in_flight(entry))?;
        entries.insert(entry.id(), (entry.clone(), is_in_flight));
        Ok(())
    })?;
    Ok(entries)
}

/// An entry that is new, or has changed.
fn print(entry: &Entry, is_in_flight: bool, opened: &Opened<'_>) -> Result<()> {
    let output = &opened.context.output;
    if output.is_json() {
        return output.json(&Value::Object(view::json(entry, is_in_flight)));
    }
    let row = vec![
        utc(SystemTime::now()).into(),
        view::state(entry, is_in_flight),
        entry.id().to_string().into(),
        view::operation(entry).into(),
        view::number(entry).into(),
        view::said(entry).into(),
    ];
    table::lines(&[row]).iter().try_for_each(|line| output.line(line))
}

/// How it stands after a round.
fn figures(opened: &Opened<'_>) -> Result<()> {
    let output = &opened.context.output;
    if output.is_json() {
        let figures = opened.heard(opened.journal.figures())?;
        let oldest = figures.oldest_unsettled().map(|age| age.as_secs());
        return output.json(&json!({ "at": utc(SystemTime::now()), "oldest_unsettled_seconds": oldest }));
    }
    output.line(format_args!("{}  {DIM}{}{DIM:#}", utc(SystemTime::now()), list::summary(opened)?))
}
