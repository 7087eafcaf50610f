//! The page in the browser, and what it asks for. It listens on loopback alone, and answers nobody but its own page: a web site
//! that a name leads here (DNS rebinding) is told by its `Host`, one that sends forms here (CSRF) by its `Origin`, and without
//! `Content-Type: application/json` nothing is changed.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /`, `/page.css`, `/page.js`, `/icon.svg` | the page |
//! | `GET /api/state` | `sandbox`, `last`, the lists `request`, `ledger` and `notification`, `orders`, `transfers`, `faults`, `fault_kinds`, `events` |
//! | `GET /api/events` | server-sent events `request`, `ledger`, `notification`, each with an `id` above the state's `last` |
//! | `GET /api/orders` | `orders`, `transfers`, newest first |
//! | `GET /api/orders/{number}/qr` | the QR code of an order, SVG |
//! | `POST /api/orders/{number}/pay` | `transaction_id`; 409 if it cannot be paid |
//! | `POST /api/transfers/{number}/confirm`, `…/fail` | `transfer_bill_no`; 409 if it has ended |
//! | `GET /api/faults` | `faults`: `id` and `fault`, as `FaultRule` is written in JSON |
//! | `POST /api/faults` | 201 and `id`; 422 if there is no such fault |
//! | `DELETE /api/faults`, `/api/faults/{id}` | 204; 404 if there is none |
//! | `POST /api/notification-faults` | `{"fault": "probe"}` and its like for the next notification: 204 |
//! | `POST /api/notifications/{number}/resend` | `status`, `is_acknowledged`; 502 if nobody answers |
//! | `POST /api/trigger` | `{"event", "url", "set"}`: the same for a documented notification |
//!
//! What is wrong is told as `{"error": "…"}`.

mod answer;
mod buttons;
mod guard;
mod qr;
mod stream;

use std::net::{Ipv4Addr, SocketAddr, TcpListener as Listener};
use std::sync::Arc;
use std::sync::mpsc::Sender;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use wechatpay_sandbox::{Fault, FaultRule, KeyMode, Sandbox};

use self::answer::{answer, problem};
use self::guard::Guard;
use super::feed::News;
use super::history::History;
use super::view;
use crate::failure::{Failure, Result};

const HTML: &str = include_str!("index.html");
const ICON: &str = include_str!("icon.svg");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// How many orders and transfers are listed.
const LISTED: usize = 200;

/// What the page's requests are answered from.
pub struct Desk {
    pub sandbox: Arc<Sandbox>,
    pub history: Arc<History>,
    /// The folder that has been written.
    folder: String,
    /// The log.
    tell: Sender<News>,
}

impl Desk {
    pub fn new(sandbox: &Arc<Sandbox>, history: &Arc<History>, folder: String, tell: Sender<News>) -> Desk {
        Desk { sandbox: Arc::clone(sandbox), history: Arc::clone(history), folder, tell }
    }

    /// A button was pressed; the log says so.
    fn done(&self, what: String) {
        let _ = self.tell.send(News::Done(what));
    }

    fn state(&self) -> Value {
        let mut state = self.history.state();
        let sandbox = &self.sandbox;
        let mode = match sandbox.mode() {
            KeyMode::PublicKey => "public_key",
            KeyMode::Certificate => "certificate",
            KeyMode::Mixed => "mixed",
        };
        let kinds = Fault::examples().into_iter().filter(|fault| {
            // There is no certificate to rotate.
            *fault != Fault::Rotation || sandbox.mode() != KeyMode::PublicKey
        });
        let more = json!({
            "sandbox": {
                "base_uri": sandbox.base_uri(),
                "mchid": sandbox.mchid(),
                "serial": sandbox.merchant_serial(),
                "platform_serial": sandbox.platform_serial(),
                "mode": mode,
                "folder": self.folder,
            },
            "fault_kinds": kinds.map(|fault| Value::from(&FaultRule::from(fault))).collect::<Vec<_>>(),
            "events": wechatpay_catalog::catalog().notifications().map(|event| event.event()).collect::<Vec<_>>(),
        });
        for part in [more, self.orders(), self.faults()] {
            if let (Value::Object(state), Value::Object(part)) = (&mut state, part) {
                state.extend(part);
            }
        }
        state
    }

    fn orders(&self) -> Value {
        let (orders, transfers) = (self.sandbox.orders(), self.sandbox.transfers());
        json!({
            "orders": orders.iter().rev().take(LISTED).map(view::order).collect::<Vec<_>>(),
            "transfers": transfers.iter().rev().take(LISTED).map(view::transfer).collect::<Vec<_>>(),
        })
    }

    fn faults(&self) -> Value {
        let faults = self.sandbox.faults();
        let faults = faults.iter().map(|(id, rule)| json!({ "id": id, "fault": Value::from(rule) }));
        json!({ "faults": faults.collect::<Vec<_>>() })
    }
}

/// Takes the port of the page: this one, or that after the gateway's, or any if the gateway has any.
pub fn listen(given: Option<u16>, gateway: u16) -> Result<Listener> {
    let port = given.unwrap_or(if gateway == 0 { 0 } else { gateway.wrapping_add(1) });
    let bound = Listener::bind((Ipv4Addr::LOCALHOST, port)).and_then(|listener| {
        listener.set_nonblocking(true)?;
        Ok(listener)
    });
    bound.map_err(|error| {
        Failure::usage(format!("port {port} of 127.0.0.1, for the page: {error}"))
            .next("--page-port chooses another one, and 0 any that is free")
    })
}

/// Serves the page, until the runtime ends.
pub async fn serve(listener: TcpListener, address: SocketAddr, desk: Arc<Desk>) {
    let guard = Arc::new(Guard::of(address));
    let api = Router::new()
        .route("/state", get(async |State(desk): State<Arc<Desk>>| answer(StatusCode::OK, &desk.state())))
        .route("/events", get(stream::events))
        .route("/orders", get(async |State(desk): State<Arc<Desk>>| answer(StatusCode::OK, &desk.orders())))
        .route("/orders/{number}/qr", get(qr::code))
        .route("/orders/{number}/pay", post(buttons::pay))
        .route("/transfers/{number}/confirm", post(buttons::confirm))
        .route("/transfers/{number}/fail", post(buttons::fail))
        .route(
            "/faults",
            get(async |State(desk): State<Arc<Desk>>| answer(StatusCode::OK, &desk.faults()))
                .post(buttons::inject)
                .delete(buttons::clear),
        )
        .route("/faults/{id}", delete(buttons::remove))
        .route("/notification-faults", post(buttons::spoil))
        .route("/notifications/{number}/resend", post(buttons::resend))
        .route("/trigger", post(buttons::trigger));
    let app = Router::new()
        .route("/", get(file("text/html; charset=utf-8", HTML)))
        .route("/icon.svg", get(file("image/svg+xml", ICON)))
        .route("/page.css", get(file("text/css; charset=utf-8", STYLE)))
        .route("/page.js", get(file("text/javascript; charset=utf-8", SCRIPT)))
        .nest("/api", api)
        .fallback(async || problem(StatusCode::NOT_FOUND, "there is no such page"))
        .layer(middleware::from_fn_with_state(guard, guard::check))
        .with_state(desk);
    // It does not end by itself.
    let _ = axum::serve(listener, app).await;
}

fn file(content_type: &'static str, text: &'static str) -> impl Fn() -> std::future::Ready<Response> + Clone {
    move || std::future::ready(([(CONTENT_TYPE, content_type)], text).into_response())
}
