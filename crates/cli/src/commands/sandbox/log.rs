//! The log on the terminal: one line a request.

use std::fmt::Write;
use std::net::SocketAddr;
use std::time::SystemTime;

use anstyle::Style;
use serde_json::json;
use wechatpay_sandbox::{Effect, Entry, Exchange, KeyMode, Sandbox, SentNotification};

use super::feed::News;
use super::folder::Folder;
use super::view;
use crate::failure::Result;
use crate::moment::time_of_day;
use crate::output::{BAD, BOLD, DIM, GOOD, NAME, Output, WARN, marked};

pub struct Log<'a> {
    pub output: &'a Output,
}

impl Log<'_> {
    /// Where everything is.
    pub fn begin(&self, sandbox: &Sandbox, folder: &Folder, page: SocketAddr) -> Result<()> {
        let (gateway, page, path) = (sandbox.base_uri(), format!("http://{page}/"), folder.shown());
        if self.output.is_json() {
            return self.output.json(&json!({ "started": {
                "base_uri": gateway, "page": page, "folder": folder.path().display().to_string(), "mchid": sandbox.mchid(),
                "platform_serial": sandbox.platform_serial(),
            } }));
        }
        let mode = match sandbox.mode() {
            KeyMode::PublicKey => "public key",
            KeyMode::Certificate => "certificate",
            KeyMode::Mixed => "public key and certificate",
        };
        self.output.line(format_args!("{BOLD}WeChat Pay sandbox{BOLD:#}"))?;
        for (name, value, more) in [
            ("gateway", gateway, format!("merchant {}, {mode}", sandbox.mchid())),
            ("page", &page, "orders, requests, notifications, faults".to_owned()),
            ("folder", &path, "keys, and programs in php, node, go, java and rust".to_owned()),
            ("try it", "wechatpay --profile sandbox get v3/marketing/partnerships", String::new()),
        ] {
            self.output.line(format_args!("  {DIM}{name:<8}{DIM:#} {NAME}{value}{NAME:#}  {DIM}{more}{DIM:#}"))?;
        }
        self.output.line(format_args!("{DIM}ctrl-c ends it. Times are the platform's, UTC+8.{DIM:#}"))
    }

    pub fn tell(&self, news: News) -> Result<()> {
        let is_json = self.output.is_json();
        match news {
            News::Exchange(exchange) if is_json => self.output.json(&view::summary(&exchange)),
            News::Exchange(exchange) => self.output.line(line(&exchange)),
            News::Notification(sent) if is_json => self.output.json(&json!({ "notification": {
                "url": sent.url(),
                "event": view::event(&sent),
                "is_acknowledged": sent.is_acknowledged(),
                "status": sent.delivery().ok().map(|delivery| delivery.status().as_u16()),
                "error": sent.delivery().err(),
            } })),
            News::Notification(sent) => self.output.line(notified(&sent)),
            News::Done(what) if is_json => self.output.json(&json!({ "done": what })),
            News::Done(what) => {
                self.output.line(format_args!("{DIM}{}{DIM:#} ● {}", time_of_day(SystemTime::now()), marked(&what)))
            }
            News::Stop if is_json => self.output.json(&json!({ "stopped": true })),
            News::Stop => self.output.line(format_args!("{DIM}stopped{DIM:#}")),
        }
    }
}

/// Time, method, path, status, how long it took, what the gate says, what went wrong on demand, what has happened.
fn line(exchange: &Exchange) -> String {
    let request = exchange.request();
    let status = exchange.status();
    let good = if status.is_success() { GOOD } else { BAD };
    let (mark, gate): (Style, String) = match view::failed(request) {
        Some((step, why)) => (BAD, format!("✗ {step}: {why}")),
        None if request.gate().is_empty() => (DIM, "– not checked".to_owned()),
        None => (GOOD, "✓ signed".to_owned()),
    };
    let mut line = format!(
        "{DIM}{}{DIM:#} {:<6} {} {good}{}{good:#} {DIM}{} ms{DIM:#} {mark}{gate}{mark:#}",
        time_of_day(exchange.time()),
        request.method(),
        marked(request.target()),
        status.as_u16(),
        exchange.took().as_millis(),
    );
    if let Some(fault) = exchange.fault() {
        let _ = write!(line, " {WARN}⚡ {}{WARN:#}", fault.name());
    }
    for entry in exchange.effects() {
        let _ = write!(line, " {BOLD}+ {}{BOLD:#}", marked(&effect(entry)));
    }
    line
}

/// Where a notification went, and what came back.
fn notified(sent: &SentNotification) -> String {
    let event = view::event(sent).unwrap_or_else(|| "APIv2".to_owned());
    let (style, reply) = match sent.delivery() {
        Ok(delivery) if delivery.is_acknowledged() => (GOOD, format!("{} acknowledged", delivery.status().as_u16())),
        Ok(delivery) => (BAD, format!("{} not acknowledged", delivery.status().as_u16())),
        Err(why) => (BAD, why.to_owned()),
    };
    let (event, url, reply) = (marked(&event), marked(sent.url()), marked(&reply));
    format!(
        "{DIM}{}{DIM:#} {NAME}→ notify{NAME:#} {url} {event} {style}{reply}{style:#}",
        time_of_day(SystemTime::now())
    )
}

/// `order placed order-1 ¥1.00`.
fn effect(entry: &Entry) -> String {
    let name = match entry.effect() {
        Effect::Other => "called",
        Effect::OrderPlaced => "order placed",
        Effect::OrderPaid => "order paid",
        Effect::OrderClosed => "order closed",
        Effect::OrderRefunded => "refunded",
        Effect::CouponSent => "coupon sent",
        Effect::RedPacketSent => "red packet sent",
        Effect::TransferCreated => "transfer created",
        Effect::TransferSucceeded => "transfer succeeded",
        Effect::TransferFailed => "transfer failed",
        Effect::TransferCancelled => "transfer cancelled",
        Effect::ReceiverAdded => "receiver added",
        Effect::ReceiverDeleted => "receiver deleted",
        Effect::ProfitShared => "profit shared",
        Effect::ProfitReturned => "profit returned",
        Effect::ProfitUnfrozen => "profit unfrozen",
        Effect::UploadStored => "file stored",
        _ => "done",
    };
    match (entry.effect(), entry.amount()) {
        // Its name is the request, which is on the line already.
        (Effect::Other, _) => name.to_owned(),
        (_, Some(amount)) => format!("{name} {} ¥{}.{:02}", entry.name(), amount / 100, amount % 100),
        (_, None) => format!("{name} {}", entry.name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_not_printed() {
        assert_eq!(marked("a\u{1b}[2Jb\n"), "a\u{fffd}[2Jb\u{fffd}");
    }
}
