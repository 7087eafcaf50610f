//! What has happened, as JSON.

use std::time::UNIX_EPOCH;

use serde_json::{Map, Value, json};
use wechatpay::AesGcm;
use wechatpay::http::HeaderMap;
use wechatpay_sandbox::{Entry, Exchange, FaultRule, GateResult, Order, Request, SentNotification, Transfer};

/// How many bytes of a body are shown.
const SHOWN: usize = 32 * 1024;

/// A request and its answer.
pub fn exchange(exchange: &Exchange) -> Value {
    let request = exchange.request();
    let mut view = summary(exchange);
    let more = json!({
        "gate": gate(request),
        "headers": headers(request.headers()),
        "body": text(request.body()),
        "body_bytes": request.body_length(),
        "signed_message": exchange.signed_message().map(|message| text(&message)),
        "answer": {
            "headers": headers(exchange.headers()),
            "body": text(exchange.body()),
            "body_bytes": exchange.body().len(),
            "serial": exchange.serial(),
        },
    });
    if let (Value::Object(view), Value::Object(more)) = (&mut view, more) {
        view.extend(more);
    }
    view
}

/// The same in a line: without headers and bodies.
pub fn summary(exchange: &Exchange) -> Value {
    let request = exchange.request();
    let since = exchange.time().duration_since(UNIX_EPOCH).unwrap_or_default();
    let refused = failed(request).map(|(step, why)| json!({ "step": step, "why": why }));
    json!({
        "number": exchange.number(),
        "time": u64::try_from(since.as_millis()).unwrap_or(u64::MAX),
        "ms": milliseconds(exchange),
        "method": request.method(),
        "target": request.target(),
        "status": exchange.status().as_u16(),
        "is_checked": !request.gate().is_empty(),
        "refused": refused,
        "fault": exchange.fault().map(|fault| Value::from(&FaultRule::from(fault.clone()))),
        "effects": exchange.effects().iter().map(entry).collect::<Vec<_>>(),
    })
}

/// How long it took, to a hundredth.
pub fn milliseconds(exchange: &Exchange) -> f64 {
    (exchange.took().as_secs_f64() * 100_000.0).round() / 100.0
}

/// The step of the gate that has failed, and the platform's message.
pub fn failed(request: &Request) -> Option<(&'static str, String)> {
    request.gate().into_iter().find_map(|(step, result)| match result {
        GateResult::Failed(why) => Some((step.name(), why)),
        GateResult::Passed | GateResult::NotReached => None,
    })
}

fn gate(request: &Request) -> Vec<Value> {
    let steps = request.gate().into_iter().map(|(step, result)| {
        let (result, why) = match result {
            GateResult::Passed => ("passed", None),
            GateResult::Failed(why) => ("failed", Some(why)),
            GateResult::NotReached => ("not_reached", None),
        };
        json!({ "step": step.name(), "is": step.to_string(), "result": result, "why": why })
    });
    steps.collect()
}

/// An entry of the ledger.
pub fn entry(entry: &Entry) -> Value {
    json!({
        "effect": format!("{:?}", entry.effect()),
        "mchid": entry.mchid(),
        "name": entry.name(),
        "amount": entry.amount(),
        "time": entry.time(),
    })
}

pub fn order(order: &Order) -> Value {
    json!({
        "number": order.out_trade_no(),
        "mchid": order.mchid(),
        "trade_type": order.trade_type(),
        "description": order.description(),
        "total": order.total(),
        "refunded": order.refunded(),
        "state": order.state(),
        "prepay_id": order.prepay_id(),
        "address": order.address(),
        "notify_url": order.notify_url(),
        "created": order.created(),
        "paid": order.paid(),
        "transaction_id": order.transaction_id(),
    })
}

pub fn transfer(transfer: &Transfer) -> Value {
    json!({
        "number": transfer.out_bill_no(),
        "mchid": transfer.mchid(),
        "bill_no": transfer.transfer_bill_no(),
        "amount": transfer.amount(),
        "remark": transfer.remark(),
        "state": transfer.state(),
        "created": transfer.created(),
    })
}

/// A notification with the merchant's reply; `number` counts all that were sent, from 0.
pub fn notification(number: usize, sent: &SentNotification, apiv3_key: &str) -> Value {
    let notification = sent.notification();
    let (reply, error) = match sent.delivery() {
        Ok(delivery) => (Some(json!({ "status": delivery.status().as_u16(), "body": text(delivery.body()) })), None),
        Err(why) => (None, Some(why)),
    };
    json!({
        "number": number,
        "url": sent.url(),
        "event": event(sent),
        "headers": headers(notification.headers()),
        "body": text(notification.body()),
        "resource": resource(notification.body(), apiv3_key),
        "is_acknowledged": sent.is_acknowledged(),
        "reply": reply,
        "error": error,
    })
}

/// The name of its event; those of APIv2 have none.
pub fn event(sent: &SentNotification) -> Option<String> {
    let envelope: Map<String, Value> = serde_json::from_slice(sent.notification().body()).ok()?;
    Some(envelope.get("event_type")?.as_str()?.to_owned())
}

/// What is encrypted in a notification of APIv3.
fn resource(body: &[u8], apiv3_key: &str) -> Option<Value> {
    let envelope: Value = serde_json::from_slice(body).ok()?;
    let field = |name: &str| envelope.get("resource")?.get(name)?.as_str();
    let aad = field("associated_data").unwrap_or_default();
    let text = AesGcm::decrypt(field("ciphertext")?, apiv3_key, field("nonce")?, aad).ok()?;
    serde_json::from_str(&text).ok()
}

fn headers(headers: &HeaderMap) -> Vec<(String, String)> {
    let shown = headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes())));
    shown.collect()
}

/// The beginning of some bytes, as text.
fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.get(..SHOWN).unwrap_or(bytes)).into_owned()
}
