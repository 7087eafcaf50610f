//! Takes what happens in the sandbox, remembers it for the page and hands it on to the log.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread;

use wechatpay_sandbox::{Event, Exchange, Sandbox, SentNotification};

use super::history::{History, Kind};
use super::view;

/// What the log is told.
pub enum News {
    Exchange(Box<Exchange>),
    Notification(Box<SentNotification>),
    /// Someone has pressed a button of the page: what it has done.
    Done(String),
    /// It is to end.
    Stop,
}

/// Takes events on a thread of its own, until the sandbox ends.
pub fn start(sandbox: &Arc<Sandbox>, history: Arc<History>, tell: Sender<News>) -> io::Result<()> {
    let (events, apiv3_key) = (sandbox.events(), sandbox.apiv3_key().to_owned());
    let mut notifications: usize = 0;
    let take = move || {
        for event in events {
            let news = match event {
                Event::Exchange(exchange) => {
                    history.add(Kind::Request, view::exchange(&exchange));
                    News::Exchange(exchange)
                }
                Event::Ledger(entry) => {
                    history.add(Kind::Ledger, view::entry(&entry));
                    continue;
                }
                Event::Notification(sent) => {
                    history.add(Kind::Notification, view::notification(notifications, &sent, &apiv3_key));
                    notifications = notifications.saturating_add(1);
                    News::Notification(sent)
                }
                _ => continue,
            };
            if tell.send(news).is_err() {
                return;
            }
        }
    };
    thread::Builder::new().name("events".into()).spawn(take).map(drop)
}
