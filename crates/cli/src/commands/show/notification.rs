//! What is documented of a notification.

use serde_json::{Value, json};
use wechatpay_catalog::Notification;

use super::{addresses, fields, page_rows};
use crate::output::{BOLD, DIM, NAME};
use crate::table;

pub fn lines(notification: &Notification) -> Vec<String> {
    let protocol = if notification.is_apiv2() { "APIv2, XML" } else { "APIv3, JSON" };
    let mut lines = vec![format!(
        "{NAME}event{NAME:#} {BOLD}{}{BOLD:#}  {}  {DIM}{protocol}{DIM:#}",
        notification.event(),
        notification.name()
    )];
    lines.extend(table::lines(&page_rows(notification.pages())));
    let sections = [
        ("headers", notification.headers()),
        ("body", notification.body()),
        ("what the merchant answers", notification.reply()),
    ];
    for (title, of) in sections {
        if !of.is_empty() {
            lines.extend([String::new(), format!("{BOLD}{title}{BOLD:#}")]);
            lines.extend(fields::lines(of));
        }
    }
    lines.extend([String::new(), format!("{BOLD}example{BOLD:#}"), format!("  {}", command(notification))]);
    lines
}

pub fn value(notification: &Notification) -> Value {
    json!({
        "kind": "notification",
        "event": notification.event(),
        "name": notification.name(),
        "apiv2": notification.is_apiv2(),
        "pages": addresses(notification.pages()),
        "headers": fields::value(notification.headers()),
        "body": fields::value(notification.body()),
        "resource": notification.resource().map(|(pointer, _)| pointer),
        "reply": fields::value(notification.reply()),
        "example": { "command": command(notification) },
    })
}

/// Sends one.
fn command(notification: &Notification) -> String {
    let protocol = if notification.is_apiv2() { "v2/" } else { "" };
    format!("wechatpay --profile sandbox trigger {protocol}{}", notification.event())
}
