//! Entries, as they are printed.

use std::time::SystemTime;

use serde_json::{Map, Value, json};
use wechatpay_journal::{Entry, State};

use crate::moment::{span, utc};
use crate::output::{BAD, DIM, GOOD, NAME, WARN, visible};
use crate::table::Cell;

/// What is told of an entry; `is_in_flight` is whether whoever sends it is there.
pub fn json(entry: &Entry, is_in_flight: bool) -> Map<String, Value> {
    let told = json!({
        "id": entry.id(),
        "state": entry.state().name(),
        "in_flight": is_in_flight,
        "began": utc(entry.began()),
        "ended": entry.ended().map(utc),
        "merchant": entry.merchant(),
        "method": entry.method(),
        "template": entry.template(),
        "number": entry.number(),
        "host": entry.host(),
        "status": entry.status(),
        "code": entry.code(),
        "request_id": entry.request_id(),
        "known": entry.known(),
        "asked": entry.asked(),
        "due": entry.due().map(utc),
    });
    told.as_object().cloned().unwrap_or_default()
}

/// The state in a word. What is being sent by nobody any more is abandoned.
pub fn state(entry: &Entry, is_in_flight: bool) -> Cell {
    let (word, style) = match entry.state() {
        State::Sending if is_in_flight => ("in flight", NAME),
        State::Sending => ("abandoned", BAD),
        State::Unknown => ("unknown", WARN),
        State::Answered => ("answered", GOOD),
        State::Done => ("done", GOOD),
        State::Rejected => ("rejected", DIM),
        State::NotSent => ("not sent", DIM),
        State::NotDone => ("not done", DIM),
        // One that there may be one day.
        other => (other.name(), DIM),
    };
    Cell::new(word, style)
}

/// Method and template.
pub fn operation(entry: &Entry) -> String {
    visible(&format!("{} {}", entry.method(), entry.template()))
}

/// The number, or a dash.
pub fn number(entry: &Entry) -> String {
    entry.number().map_or_else(|| "–".to_owned(), visible)
}

/// What the platform has said last: the state that it gave when it was asked, or else its answer to the call.
pub fn said(entry: &Entry) -> String {
    if let Some(known) = entry.known() {
        return visible(known);
    }
    let status = entry.status().map(|status| status.to_string());
    let parts: Vec<_> = status.into_iter().chain(entry.code().map(visible)).collect();
    if parts.is_empty() { "–".to_owned() } else { parts.join(" ") }
}

/// When it can be asked about next.
pub fn next(entry: &Entry, is_in_flight: bool) -> String {
    if entry.state().is_settled() || is_in_flight {
        return String::new();
    }
    if entry.question().is_none() {
        return "never: by hand".to_owned();
    }
    match entry.due().and_then(|due| due.duration_since(SystemTime::now()).ok()) {
        Some(left) => format!("in {}", span(left)),
        None => "now".to_owned(),
    }
}
