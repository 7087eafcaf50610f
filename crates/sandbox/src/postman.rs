//! Sends the notifications of payments, refunds, transfers and profit sharing to the merchants, with faults on demand.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use ureq::http::Uri;

use crate::lock::lock;
use crate::merchants::Merchant;
use crate::notifications::{Delivery, Matter, SignedNotification};
use crate::parties::Keys;

/// A fault in a notification that the sandbox sends by itself, once it is
/// [injected](crate::Sandbox::inject_notification_fault).
///
/// ```
/// use wechatpay_sandbox::{NotificationFault, Sandbox};
/// # fn main() -> anyhow::Result<()> {
/// let sandbox = Sandbox::start()?;
/// // The merchant is notified of the next payment twice.
/// sandbox.inject_notification_fault(NotificationFault::Duplicate);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NotificationFault {
    /// A [probe](SignedNotification::probe) is sent before it.
    Probe,
    /// One that was [tampered with](SignedNotification::tampered) is sent before it.
    Tampered,
    /// It is sent twice.
    Duplicate,
    /// It is sent after the next one.
    OutOfOrder,
    /// It is not sent.
    Lost,
}

/// A notification that the sandbox has sent by itself.
///
/// ```
/// use wechatpay_sandbox::Sandbox;
/// # fn main() -> anyhow::Result<()> {
/// # let sandbox = Sandbox::start()?;
/// for sent in sandbox.sent_notifications() {
///     println!("{}: {:?}", sent.url(), sent.delivery());
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct SentNotification {
    url: String,
    notification: SignedNotification,
    delivery: Result<Delivery, String>,
}

impl SentNotification {
    /// Where it was sent: the `notify_url` of the order, the refund or the transfer, or the address of a receiver of profit.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What was sent; it can be [sent](SignedNotification::send) again.
    pub fn notification(&self) -> &SignedNotification {
        &self.notification
    }

    /// What the merchant answered, or why it could not be reached.
    pub fn delivery(&self) -> Result<&Delivery, &str> {
        self.delivery.as_ref().map_err(String::as_str)
    }

    /// Whether the merchant has received it, see [`Delivery::is_acknowledged`].
    pub fn is_acknowledged(&self) -> bool {
        self.delivery.as_ref().is_ok_and(Delivery::is_acknowledged)
    }
}

/// Sends notifications one after the other, on a separate thread that starts with the first one.
pub(crate) struct Postman {
    /// Whether hosts other than this machine get notifications.
    sends_elsewhere: bool,
    faults: Mutex<VecDeque<NotificationFault>>,
    desk: Mutex<Desk>,
    round: Arc<Round>,
}

#[derive(Default)]
struct Desk {
    out: Option<Sender<Letter>>,
    /// Those that are sent after the next one.
    held: Vec<Letter>,
}

/// What the thread shares with those who wait for it.
struct Round {
    /// Who is told of each notification that was sent.
    told: Box<dyn Fn(&SentNotification) + Send + Sync>,
    is_over: AtomicBool,
    book: Mutex<Book>,
    changed: Condvar,
}

#[derive(Default)]
struct Book {
    under_way: usize,
    sent: Vec<SentNotification>,
}

struct Letter {
    url: String,
    notification: SignedNotification,
}

impl Postman {
    /// A postman who tells of each notification that he has sent.
    pub(crate) fn new(sends_elsewhere: bool, told: impl Fn(&SentNotification) + Send + Sync + 'static) -> Postman {
        let round = Arc::new(Round {
            told: Box::new(told),
            is_over: AtomicBool::new(false),
            book: Mutex::default(),
            changed: Condvar::new(),
        });
        Postman { sends_elsewhere, faults: Mutex::default(), desk: Mutex::default(), round }
    }

    /// What was sent so far, in order.
    pub(crate) fn sent(&self) -> Vec<SentNotification> {
        lock(&self.round.book).sent.clone()
    }

    /// Waits until nothing is being sent any more; returns false if that takes longer.
    pub(crate) fn wait(&self, timeout: Duration) -> bool {
        let book = lock(&self.round.book);
        let waited = self.round.changed.wait_timeout_while(book, timeout, |book| book.under_way > 0);
        let (book, _) = waited.unwrap_or_else(PoisonError::into_inner);
        book.under_way == 0
    }

    /// Adds a fault for the next notification that has none yet.
    pub(crate) fn suffer(&self, fault: NotificationFault) {
        lock(&self.faults).push_back(fault);
    }

    /// Notifies a merchant, if it has given an address.
    pub(crate) fn notify(&self, keys: &Arc<Keys>, merchant: &Merchant, url: Option<String>, matter: Matter) {
        if let Some(url) = url {
            self.post(url, SignedNotification::new(keys, matter, merchant));
        }
    }

    /// Sends a notification soon, with the next fault.
    fn post(&self, url: String, notification: SignedNotification) {
        let fault = lock(&self.faults).pop_front();
        let letter = |notification| Letter { url: url.clone(), notification };
        let mut desk = lock(&self.desk);
        let mut letters = match fault {
            None => Vec::new(),
            Some(NotificationFault::Lost) => return,
            Some(NotificationFault::OutOfOrder) => return desk.held.push(letter(notification)),
            Some(NotificationFault::Probe) => vec![letter(notification.probe())],
            Some(NotificationFault::Tampered) => vec![letter(notification.tampered())],
            Some(NotificationFault::Duplicate) => vec![letter(notification.clone())],
        };
        letters.push(letter(notification));
        letters.append(&mut desk.held);
        for letter in letters {
            desk.send(letter, self.sends_elsewhere, &self.round);
        }
    }
}

impl Desk {
    fn send(&mut self, letter: Letter, sends_elsewhere: bool, round: &Arc<Round>) {
        if !sends_elsewhere && !is_this_machine(&letter.url) {
            let why = "not sent: the host is not this machine; see SandboxBuilder::notify_elsewhere";
            return round.note(letter, Err(why.to_owned()));
        }
        let out = self.out.get_or_insert_with(|| {
            let (out, letters) = mpsc::channel();
            let round = Arc::clone(round);
            // Without a thread the letters are not sent, which is recorded for each of them.
            let _ = thread::Builder::new().name("wechatpay-sandbox".into()).spawn(move || round.run(letters));
            out
        });
        round.begin();
        if let Err(mpsc::SendError(letter)) = out.send(letter) {
            round.note(letter, Err("not sent: there is no thread for it".to_owned()));
            round.finish();
        }
    }
}

impl Round {
    fn run(&self, letters: Receiver<Letter>) {
        for letter in letters {
            if self.is_over.load(Ordering::Relaxed) {
                return;
            }
            let delivery = letter.notification.send(&letter.url).map_err(|error| error.to_string());
            self.note(letter, delivery);
            self.finish();
        }
    }

    fn note(&self, letter: Letter, delivery: Result<Delivery, String>) {
        let Letter { url, notification } = letter;
        let sent = SentNotification { url, notification, delivery };
        let mut book = lock(&self.book);
        // Under the lock, so that they are told in the order in which they are kept.
        (self.told)(&sent);
        book.sent.push(sent);
    }

    /// One more is under way.
    fn begin(&self) {
        let mut book = lock(&self.book);
        book.under_way = book.under_way.saturating_add(1);
    }

    /// One fewer is under way.
    fn finish(&self) {
        let mut book = lock(&self.book);
        book.under_way = book.under_way.saturating_sub(1);
        self.changed.notify_all();
    }
}

/// What has not been sent yet is no longer sent.
impl Drop for Postman {
    fn drop(&mut self) {
        self.round.is_over.store(true, Ordering::Relaxed);
    }
}

/// Whether an address leads to this machine.
fn is_this_machine(url: &str) -> bool {
    let Ok(url) = url.parse::<Uri>() else {
        // Sending to it will say what is wrong with it.
        return true;
    };
    let host = url.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}
