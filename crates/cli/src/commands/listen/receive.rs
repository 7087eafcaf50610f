//! A notification that has arrived, read with the configured keys.

use axum::http::HeaderMap;
use serde_json::Value;
use wechatpay::{Chain, Error, Reply};

use crate::written::is_xml;

/// What is known of a notification.
pub struct Received {
    /// `TRANSACTION.SUCCESS`; of APIv2 `payment` or `refund`. Of what cannot be verified, what it says itself.
    pub event: Option<String>,
    pub id: Option<String>,
    /// Decrypted; null if it cannot be verified.
    pub content: Value,
    /// Why it cannot be verified or decrypted.
    pub wrong: Option<String>,
    /// What to answer, if nobody else does.
    pub reply: Reply,
}

impl Received {
    /// Verifies and decrypts it.
    pub fn read(instance: &Chain, headers: &HeaderMap, body: &[u8]) -> Received {
        if is_xml(body) { Received::of_apiv2(instance, body) } else { Received::of_apiv3(instance, headers, body) }
    }

    fn of_apiv3(instance: &Chain, headers: &HeaderMap, body: &[u8]) -> Received {
        match instance.notification(headers, body) {
            Ok(read) => Received {
                event: Some(read.event_type().to_owned()),
                id: Some(read.id().to_owned()),
                content: read.resource().clone(),
                wrong: None,
                reply: read.reply(),
            },
            Err(error) => {
                let json: Value = serde_json::from_slice(body).unwrap_or_default();
                let text = |name: &str| {
                    let text = json.get(name)?.as_str()?;
                    // It may come from anybody, and goes to a terminal.
                    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
                    Some(text.chars().filter(|letter| is_plain(*letter)).take(64).collect())
                };
                Received { event: text("event_type"), id: text("id"), ..Received::refused(&error) }
            }
        }
    }

    fn of_apiv2(instance: &Chain, body: &[u8]) -> Received {
        match instance.notification_apiv2(body) {
            Ok(read) => {
                let event = if read.req_info().is_some() { "refund" } else { "payment" };
                let content = read.req_info().unwrap_or(read.data());
                let id = ["out_refund_no", "out_trade_no"].iter().find_map(|name| content.get(*name)?.as_str());
                Received {
                    event: Some(event.to_owned()),
                    id: id.map(str::to_owned),
                    content: content.clone(),
                    wrong: None,
                    reply: read.reply(),
                }
            }
            Err(error) => Received::refused(&error),
        }
    }

    fn refused(error: &Error) -> Received {
        Received { event: None, id: None, content: Value::Null, wrong: Some(error.to_string()), reply: error.reply() }
    }
}
