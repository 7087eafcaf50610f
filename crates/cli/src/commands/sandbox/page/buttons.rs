//! What the buttons of the page do.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::task;
use wechatpay_sandbox::{Delivery, FaultRule, NotificationFault};

use super::Desk;
use super::answer::{answer, problem};

/// The faults of a notification, by their names.
const NOTIFICATION_FAULTS: [(&str, NotificationFault); 5] = [
    ("probe", NotificationFault::Probe),
    ("tampered", NotificationFault::Tampered),
    ("duplicate", NotificationFault::Duplicate),
    ("out_of_order", NotificationFault::OutOfOrder),
    ("lost", NotificationFault::Lost),
];

type The = State<Arc<Desk>>;

pub async fn pay(State(desk): The, Path(number): Path<String>) -> Response {
    match desk.sandbox.pay(&number) {
        Some(id) => {
            desk.done(format!("the customer has paid {number}"));
            answer(StatusCode::OK, &json!({ "transaction_id": id }))
        }
        None => problem(StatusCode::CONFLICT, "there is no such order, or it is closed or has expired"),
    }
}

pub async fn confirm(State(desk): The, Path(number): Path<String>) -> Response {
    let ended = desk.sandbox.confirm_transfer(&number);
    end(&desk, ended, format!("the user has confirmed {number}"))
}

pub async fn fail(State(desk): The, Path(number): Path<String>) -> Response {
    let ended = desk.sandbox.fail_transfer(&number, "OVERDUE_CLOSE");
    end(&desk, ended, format!("the transfer {number} has failed"))
}

fn end(desk: &Desk, ended: Option<String>, what: String) -> Response {
    match ended {
        Some(id) => {
            desk.done(what);
            answer(StatusCode::OK, &json!({ "transfer_bill_no": id }))
        }
        None => problem(StatusCode::CONFLICT, "there is no such transfer, or it has ended"),
    }
}

pub async fn inject(State(desk): The, body: Bytes) -> Response {
    let Ok(value) = serde_json::from_slice::<Value>(&body) else { return not_json() };
    let injected = FaultRule::try_from(&value).and_then(|rule| desk.sandbox.try_inject(rule));
    match injected {
        Ok(id) => {
            desk.done(format!("fault on: {value}"));
            answer(StatusCode::CREATED, &json!({ "id": id }))
        }
        Err(error) => problem(StatusCode::UNPROCESSABLE_ENTITY, error),
    }
}

pub async fn remove(State(desk): The, Path(id): Path<u64>) -> Response {
    if desk.sandbox.remove_fault(id) {
        desk.done(format!("fault off: {id}"));
        StatusCode::NO_CONTENT.into_response()
    } else {
        problem(StatusCode::NOT_FOUND, "there is no such fault")
    }
}

pub async fn clear(State(desk): The) -> Response {
    desk.sandbox.clear_faults();
    desk.done("all faults off".to_owned());
    StatusCode::NO_CONTENT.into_response()
}

pub async fn spoil(State(desk): The, body: Bytes) -> Response {
    let Ok(value) = serde_json::from_slice::<Value>(&body) else { return not_json() };
    let name = value.get("fault").and_then(Value::as_str).unwrap_or_default();
    match NOTIFICATION_FAULTS.iter().find(|(known, _)| *known == name) {
        Some((_, fault)) => {
            desk.sandbox.inject_notification_fault(*fault);
            desk.done(format!("the next notification: {name}"));
            StatusCode::NO_CONTENT.into_response()
        }
        None => {
            let known = NOTIFICATION_FAULTS.map(|(name, _)| name).join(", ");
            problem(StatusCode::UNPROCESSABLE_ENTITY, format!("\"fault\" must be one of {known}"))
        }
    }
}

pub async fn resend(State(desk): The, Path(number): Path<usize>) -> Response {
    let sent = desk.sandbox.sent_notifications();
    let Some(sent) = sent.into_iter().nth(number) else {
        return problem(StatusCode::NOT_FOUND, "there is no such notification");
    };
    let (notification, url) = (sent.notification().clone(), sent.url().to_owned());
    desk.done(format!("sent to {url} again"));
    deliver(move || notification.send(&url)).await
}

pub async fn trigger(State(desk): The, body: Bytes) -> Response {
    let Ok(value) = serde_json::from_slice::<Value>(&body) else { return not_json() };
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (event, url) = (text("event"), text("url"));
    let set = value.get("set").cloned().unwrap_or_else(|| json!({}));
    let notification = match desk.sandbox.documented_notification(&event, set) {
        Ok(notification) => notification,
        Err(error) => return problem(StatusCode::UNPROCESSABLE_ENTITY, error),
    };
    desk.done(format!("{event} sent to {url}"));
    deliver(move || notification.send(&url)).await
}

/// Waits for the merchant's reply on a thread of its own.
async fn deliver(send: impl FnOnce() -> std::io::Result<Delivery> + Send + 'static) -> Response {
    match task::spawn_blocking(send).await {
        Ok(Ok(delivery)) => {
            let body = String::from_utf8_lossy(delivery.body()).into_owned();
            let (status, is_acknowledged) = (delivery.status().as_u16(), delivery.is_acknowledged());
            answer(StatusCode::OK, &json!({ "status": status, "is_acknowledged": is_acknowledged, "body": body }))
        }
        Ok(Err(error)) => problem(StatusCode::BAD_GATEWAY, error),
        Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, error),
    }
}

fn not_json() -> Response {
    problem(StatusCode::UNPROCESSABLE_ENTITY, "the body is not JSON")
}
