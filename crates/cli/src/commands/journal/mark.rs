//! `wechatpay journal mark-done` and `mark-not-done`.

use serde_json::Value;
use wechatpay_journal::Entry;

use super::args::{MarkDone, MarkNotDone};
use super::{Opened, view};
use crate::confirm::is_confirmed;
use crate::exit::Exit;
use crate::failure::{Failure, Result};

/// The longest state, in characters.
const LONGEST: usize = 200;

pub fn done(mark: &MarkDone, opened: &Opened<'_>) -> Result<Exit> {
    let is_text = !mark.state.trim().is_empty() && !mark.state.contains(char::is_control);
    if !is_text || mark.state.chars().count() > LONGEST {
        return Err(Failure::usage(format!("STATE must be a text of one line, at most {LONGEST} characters")));
    }
    confirm(mark.id, mark.yes, "It was done, and will not be asked about again. Mark it?", opened)?;
    opened.heard(opened.journal.mark_done(mark.id, &mark.state))?;
    print(mark.id, opened)
}

pub fn not_done(mark: &MarkNotDone, opened: &Opened<'_>) -> Result<Exit> {
    let what = "It was not done, and its number will be free for other content. Mark it?";
    confirm(mark.id, mark.yes, what, opened)?;
    opened.heard(opened.journal.mark_not_done(mark.id))?;
    print(mark.id, opened)
}

/// Asks the person at the terminal, if there is one; others have to say so beforehand.
fn confirm(id: u64, yes: bool, what: &str, opened: &Opened<'_>) -> Result<()> {
    if yes {
        return Ok(());
    }
    if !opened.context.output.can_ask() {
        return Err(Failure::usage("nobody can be asked whether this is right").next("--yes marks it without asking"));
    }
    let entry = opened.heard(opened.journal.entry(id))?;
    let about = entry.as_ref().map(about).unwrap_or_default();
    if is_confirmed(format_args!("{about}{what}")) {
        return Ok(());
    }
    Err(Failure::usage("nothing was marked, as you did not say yes").next("--yes marks it without asking"))
}

fn about(entry: &Entry) -> String {
    let (operation, number) = (view::operation(entry), view::number(entry));
    format!("{operation} of merchant {} under the number {number}\n", entry.merchant())
}

fn print(id: u64, opened: &Opened<'_>) -> Result<Exit> {
    let output = &opened.context.output;
    if let Some(entry) = opened.heard(opened.journal.entry(id))? {
        if output.is_json() {
            output.json(&Value::Object(view::json(&entry, false)))?;
        } else {
            output.line(format_args!("{id} is {} now", entry.state().name().replace('_', " ")))?;
        }
    }
    Ok(Exit::Ok)
}
