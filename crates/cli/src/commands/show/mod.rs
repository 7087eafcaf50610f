//! `wechatpay show PATH|EVENT`: what is documented of an operation or of a notification.

mod example;
mod fields;
mod notification;
mod operation;

use clap::Args;
use wechatpay_catalog::{Notification, Operation, Texts, catalog};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::DIM;
use crate::shell;
use crate::table::Cell;

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  wechatpay show v3/pay/transactions/native
  wechatpay show v3.pay.transactions.outTradeNo._no_
  wechatpay show v3/refund/domestic/refunds --all
  wechatpay show TRANSACTION.SUCCESS --json")]
pub struct Show {
    /// A path in any spelling, also with values or as an address, or the event of a notification
    #[arg(value_name = "PATH|EVENT")]
    pub what: String,
    /// Every field in the example, not only those that are required
    #[arg(long)]
    pub all: bool,
}

pub fn run(show: &Show, context: &Context) -> Result<Exit> {
    let output = &context.output;
    let notifications = notifications(&show.what);
    let operations = if notifications.is_empty() { catalog().operations_at(&show.what) } else { Vec::new() };
    if notifications.is_empty() && operations.is_empty() {
        return Err(unknown(&show.what));
    }
    if output.is_json() {
        let operations = operations.into_iter().map(|operation| operation::value(operation, show.all));
        let mut values = operations.chain(notifications.iter().map(notification::value));
        values.try_for_each(|value| output.json(&value))?;
    } else {
        let operations = operations.into_iter().map(|operation| operation::lines(operation, show.all));
        let pages: Vec<Vec<String>> = operations.chain(notifications.iter().map(notification::lines)).collect();
        pages.join(&String::new()).into_iter().try_for_each(|line| output.line(line))?;
    }
    Ok(Exit::Ok)
}

/// Those of an event, in whatever case; of both protocols, unless `v2/` is before it.
fn notifications(event: &str) -> Vec<Notification> {
    let plain = event.strip_prefix("v2/");
    let is_it = |known: &Notification| match plain {
        Some(event) => known.is_apiv2() && known.event().eq_ignore_ascii_case(event),
        None => known.event().eq_ignore_ascii_case(event),
    };
    catalog().notifications().filter(is_it).collect()
}

/// The path or the event that is most like a text.
pub fn nearest(text: &str) -> Option<&'static str> {
    let path = || catalog().nearest("POST", text).map(|operation: Operation| operation.template());
    let event = || catalog().nearest_notification(text).map(|notification| notification.event());
    // Both have dots: one way to write a path, and `TRANSACTION.SUCCESS`.
    let is_event = text.chars().any(|letter| letter.is_ascii_uppercase()) && !text.contains(['/', '>']);
    if is_event { event().or_else(path) } else { path().or_else(event) }
}

fn unknown(what: &str) -> Failure {
    let failure = Failure::usage(format!("nothing is documented under {what:?}"));
    let failure = match nearest(what) {
        Some(nearest) => failure.next(shell::line(["wechatpay", "show", nearest])),
        None => failure.next("look for it by words: wechatpay search WORD…"),
    };
    if what.contains("brand/") {
        failure.next("of operations of brands nothing is known here; they can be called all the same")
    } else {
        failure
    }
}

/// The addresses of pages.
fn addresses(pages: Texts) -> Vec<String> {
    pages.iter().map(address).collect()
}

/// How many pages are shown to people.
const PAGES: usize = 4;

/// The first pages as rows of a table.
fn page_rows(pages: Texts) -> Vec<Vec<Cell>> {
    let row = |text: String| vec![Cell::new("  page", DIM), text.into()];
    let mut rows: Vec<_> = pages.iter().take(PAGES).map(address).map(row).collect();
    if pages.len() > PAGES {
        rows.push(row(format!("and {} others; --json has them", pages.len().saturating_sub(PAGES))));
    }
    rows
}

/// The pages of the present documentation are below `doc/`, and older ones where they were.
fn address(page: &str) -> String {
    let is_old = ["wiki/", "docs/"].iter().any(|before| page.starts_with(before));
    format!("https://pay.weixin.qq.com/{}{page}", if is_old { "" } else { "doc/" })
}
