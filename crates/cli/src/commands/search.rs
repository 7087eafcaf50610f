//! `wechatpay search WORD…`: operations and notifications by words.

use clap::Args;
use serde_json::{Value, json};
use wechatpay_catalog::{Hit, Notification, Operation, catalog};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::{BOLD, DIM, NAME, WARN};
use crate::table::{self, Cell};

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  wechatpay search 申请退款
  wechatpay search refund abnormal
  wechatpay search out_trade_no --limit 5
  wechatpay search coupon --json")]
pub struct Search {
    /// Words that must all be there: in names, products, paths, fields or events
    #[arg(required = true, value_name = "WORD")]
    pub words: Vec<String>,
    /// How many are shown at most, the best first
    #[arg(short = 'n', long, value_name = "NUMBER", default_value_t = 20)]
    pub limit: usize,
}

pub fn run(search: &Search, context: &Context) -> Result<Exit> {
    let words = search.words.join(" ");
    let hits = catalog().search(&words);
    if hits.is_empty() {
        let failure = Failure::usage(format!("nothing that is documented has {words:?}"));
        return Err(match super::show::nearest(&words) {
            Some(nearest) => failure.next(format!("wechatpay show {nearest}")),
            None => failure
                .next("try fewer or shorter words; each must be in a name, a product, a path, a field or an event"),
        });
    }
    let shown = hits.get(..search.limit).unwrap_or(&hits);
    if context.output.is_json() {
        shown.iter().try_for_each(|hit| context.output.json(&value(hit)))?;
    } else {
        let rows: Vec<_> = shown.iter().map(row).collect();
        table::lines(&rows).into_iter().try_for_each(|line| context.output.line(line))?;
    }
    if shown.len() < hits.len() {
        context.output.note(format_args!("{} of {1}, the best first; --limit {1} shows all", shown.len(), hits.len()));
    }
    Ok(Exit::Ok)
}

fn row(hit: &Hit) -> Vec<Cell> {
    match hit {
        Hit::Operation(operation) => of_operation(operation),
        Hit::Notification(notification) => of_notification(notification),
        // Whatever else there may be one day.
        _ => Vec::new(),
    }
}

fn of_operation(operation: &Operation) -> Vec<Cell> {
    let deprecated = if operation.is_deprecated() { "deprecated" } else { "" };
    vec![
        Cell::new(operation.method(), NAME),
        Cell::new(operation.template(), BOLD),
        operation.name().into(),
        Cell::new(operation.groups().iter().collect::<Vec<_>>().join(", "), DIM),
        Cell::new(deprecated, WARN),
    ]
}

fn of_notification(notification: &Notification) -> Vec<Cell> {
    let protocol = if notification.is_apiv2() { "APIv2" } else { "" };
    vec![
        Cell::new("event", NAME),
        Cell::new(notification.event(), BOLD),
        notification.name().into(),
        Cell::new(protocol, DIM),
    ]
}

fn value(hit: &Hit) -> Value {
    match hit {
        Hit::Operation(operation) => json!({
            "kind": "operation",
            "method": operation.method(),
            "path": operation.template(),
            "name": operation.name(),
            "products": operation.groups().iter().collect::<Vec<_>>(),
            "deprecated": operation.is_deprecated(),
        }),
        Hit::Notification(notification) => json!({
            "kind": "notification",
            "event": notification.event(),
            "name": notification.name(),
            "apiv2": notification.is_apiv2(),
        }),
        _ => Value::Null,
    }
}
