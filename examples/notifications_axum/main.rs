//! Notifications in an axum server.
//!
//! ```text
//! cargo run --example notifications_axum
//! ```

#[path = "../notifications_blocking/platform.rs"]
mod platform;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use axum::routing::post;
use platform::Platform;
use tokio::net::TcpListener;
use wechatpay::{Builder, Chain, Notification, Reply};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let platform = Platform::new()?;
    let shop = Arc::new(Shop { instance: Builder::factory(platform.config()?)?, paid: Mutex::default() });
    let router = Router::new().route("/notify", post(notify)).with_state(shop);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    println!("listens at http://{address}/notify");
    tokio::spawn(async move { axum::serve(listener, router).await });
    tokio::task::spawn_blocking(move || platform.send_all(address)).await?
}

/// The body as `Bytes`, never as `Json`: the signature is that of the exact bytes.
async fn notify(State(shop): State<Arc<Shop>>, headers: HeaderMap, body: Bytes) -> Response<String> {
    let reply = match shop.instance.notification_async(&headers, &body).await {
        Ok(notification) => shop.book(&notification),
        Err(error) => {
            println!("{error}");
            error.reply()
        }
    };
    reply.into()
}

struct Shop {
    instance: Chain,
    /// The orders that have been booked; a table with a unique key, in a real shop.
    paid: Mutex<HashSet<String>>,
}

impl Shop {
    /// The same notification may come several times: only the first one changes anything, all are answered alike.
    fn book(&self, notification: &Notification) -> Reply {
        let order = notification.resource();
        let Some(out_trade_no) = order["out_trade_no"].as_str() else {
            return Reply::failure("out_trade_no is missing");
        };
        let mut paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        if order["trade_state"] == "SUCCESS" && paid.insert(out_trade_no.to_owned()) {
            println!("{out_trade_no} is paid: {}", order["amount"]["total"]);
        }
        notification.reply()
    }
}
