//! A notification that was received and answered, as it is printed.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::receive::Received;
use crate::failure::Result;
use crate::moment::time_of_day;
use crate::output::{BAD, DIM, GOOD, Output, WARN};

/// What goes on.
pub enum News {
    Received(Box<Handled>),
    Stop,
}

/// A notification, and what was answered.
pub struct Handled {
    pub received: Received,
    pub how: How,
    pub status: u16,
    pub milliseconds: u64,
}

/// Who has answered.
pub enum How {
    Here,
    /// --events leaves it out.
    LeftOut,
    Server,
    /// The server has not answered, for this reason.
    Unreachable(String),
}

impl Handled {
    pub fn print(&self, print_json: bool, output: &Output) -> Result<()> {
        let Handled { received, how, status, milliseconds } = self;
        let (by, why) = match how {
            How::Here => ("here", None),
            How::LeftOut => ("left out", None),
            How::Server => ("server", None),
            How::Unreachable(why) => ("unreachable", Some(why)),
        };
        if output.is_json() {
            return output.json(&json!({
                "event": received.event, "id": received.id, "verified": received.wrong.is_none(), "wrong": received.wrong,
                "content": received.content, "answered_by": by, "status": status, "milliseconds": milliseconds, "error": why,
            }));
        }
        let time = time_of_day(SystemTime::now());
        let (style, sign) = if received.wrong.is_none() { (GOOD, '✓') } else { (BAD, '✗') };
        let event = received.event.as_deref().unwrap_or("?");
        let id = received.id.as_deref().unwrap_or_default();
        let tone = if (200..300).contains(status) { GOOD } else { WARN };
        output.line(format_args!(
            "{DIM}{time}{DIM:#} {style}{sign}{style:#} {event} {DIM}{id}{DIM:#} → {tone}{status}{tone:#} {by} {DIM}{milliseconds} ms{DIM:#}"
        ))?;
        if let Some(wrong) = &received.wrong {
            output.line(format_args!("  {wrong}"))?;
        }
        if let Some(why) = why {
            output.line(format_args!("  {why}"))?;
        }
        match &received.content {
            Value::Null => Ok(()),
            content if print_json => output.json(content),
            _ => Ok(()),
        }
    }
}
