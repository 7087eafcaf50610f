//! `wechatpay journal show`.

use serde_json::{Value, json};
use wechatpay_journal::Entry;

use super::args::Show;
use super::{Opened, view};
use crate::exit::Exit;
use crate::failure::{Failure, Result, shown};
use crate::moment::{span, utc};
use crate::output::{BOLD, DIM, NAME, visible};
use crate::query_first;
use crate::table::{self, Cell};

pub fn run(show: &Show, opened: &Opened<'_>) -> Result<Exit> {
    let output = &opened.context.output;
    let entries = found(&show.which, opened)?;
    if entries.is_empty() {
        return Err(Failure::usage(format!(
            "the journal has no call with the id or the number {}",
            shown(&show.which)
        ))
        .next(opened.place.command(&["list", "--all"])));
    }
    for entry in &entries {
        let is_in_flight = opened.heard(opened.journal.is_in_flight(entry))?;
        if output.is_json() {
            output.json(&for_machines(entry, is_in_flight, opened))?;
        } else {
            for_people(entry, is_in_flight, opened)?;
        }
    }
    Ok(Exit::Ok)
}

/// Those under this number, and that with this id.
fn found(which: &str, opened: &Opened<'_>) -> Result<Vec<Entry>> {
    let mut entries = opened.heard(opened.journal.under(which))?;
    if let Ok(id) = which.parse()
        && !entries.iter().any(|entry| entry.id() == id)
    {
        entries.extend(opened.heard(opened.journal.entry(id))?);
    }
    Ok(entries)
}

/// The command that asks about it; `None` if nothing is documented for that.
fn question(entry: &Entry, opened: &Opened<'_>) -> Option<String> {
    query_first::line(&entry.question()?, &opened.configured.settings.words())
}

fn for_machines(entry: &Entry, is_in_flight: bool, opened: &Opened<'_>) -> Value {
    let question = entry.question().map(|question| {
        json!({
            "method": question.method(),
            "template": question.template(),
            "options": question.options(),
            "command": query_first::line(&question, &opened.configured.settings.words()),
        })
    });
    let mut told = view::json(entry, is_in_flight);
    told.insert("kept".to_owned(), Value::Object(entry.kept().clone()));
    told.insert("question".to_owned(), question.into());
    Value::Object(told)
}

fn for_people(entry: &Entry, is_in_flight: bool, opened: &Opened<'_>) -> Result<()> {
    let output = &opened.context.output;
    output.line(format_args!("{BOLD}{}{BOLD:#}", view::operation(entry)))?;
    let kept: Vec<_> = entry.kept().iter().map(|(name, value)| visible(&format!("{name}={}", text(value)))).collect();
    let asked = match (entry.asked(), view::next(entry, is_in_flight).as_str()) {
        (times, "") => format!("{times} times"),
        (times, next) => format!("{times} times; next {next}"),
    };
    let state = view::state(entry, is_in_flight);
    let rows = [
        ("id", Some(entry.id().to_string().into())),
        ("state", Some(state)),
        ("number", Some(view::number(entry).into())),
        ("merchant", Some(entry.merchant().into())),
        ("host", Some(visible(entry.host()).into())),
        ("began", Some(format!("{}, {} ago", utc(entry.began()), span(entry.age())).into())),
        ("ended", entry.ended().map(|ended| utc(ended).into())),
        ("platform said", Some(view::said(entry).into())),
        ("Request-ID", entry.request_id().map(|id| visible(id).into())),
        ("kept", Some(kept.join(" ").into()).filter(|_| !kept.is_empty())),
        ("asked", Some(asked.into())),
    ];
    let row = |(name, value): (&str, Option<Cell>)| Some(vec![Cell::new(format!("  {name}"), DIM), value?]);
    let rows: Vec<_> = rows.into_iter().filter_map(row).collect();
    table::lines(&rows).iter().try_for_each(|line| output.line(line))?;
    if let Some(command) = question(entry, opened) {
        output.line(format_args!("  {BOLD}→{BOLD:#} {NAME}{command}{NAME:#}"))?;
    } else if !entry.state().is_settled() {
        let id = entry.id().to_string();
        output.line("  the platform documents no question about it; when you have found out, one of:")?;
        output.line(format_args!("  {BOLD}→{BOLD:#} {}", opened.place.command(&["mark-done", &id, "STATE"])))?;
        output.line(format_args!("  {BOLD}→{BOLD:#} {}", opened.place.command(&["mark-not-done", &id])))?;
    }
    Ok(())
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
