//! What a merchant does with a payment, the same in both examples.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use wechatpay::{Chain, Fields, Notification, Reply, Result};

pub struct Shop {
    pub instance: Chain,
    /// The orders that have been booked; in a real shop, a table with a unique key.
    paid: Mutex<HashSet<String>>,
}

impl Shop {
    pub fn new(instance: Chain) -> Shop {
        Shop { instance, paid: Mutex::default() }
    }

    /// The same notification may arrive several times: only the first one changes anything, and all get the same answer.
    pub fn book(&self, notification: &Notification) -> Result<Reply> {
        let order = notification.resource();
        let (out_trade_no, total) = (order.text_at("/out_trade_no")?, order.integer_at("/amount/total")?);
        let mut paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        if order.text_at("/trade_state")? == "SUCCESS" && paid.insert(out_trade_no.clone()) {
            println!("{out_trade_no} is paid: {total}");
        }
        Ok(notification.reply())
    }
}
