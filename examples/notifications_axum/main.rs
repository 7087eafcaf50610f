//! Notifications in an axum server.
//!
//! ```text
//! cargo run --package notifications_axum
//! ```

#[path = "../notifications_blocking/platform.rs"]
mod platform;
#[path = "../notifications_blocking/shop.rs"]
mod shop;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use axum::routing::post;
use platform::Platform;
use shop::Shop;
use tokio::net::TcpListener;
use wechatpay::Builder;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let platform = Platform::new()?;
    let shop = Arc::new(Shop::new(Builder::factory(platform.config()?)?));
    let router = Router::new().route("/notify", post(notify)).with_state(shop);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    println!("listens at http://{address}/notify");
    tokio::spawn(async move { axum::serve(listener, router).await });
    tokio::task::spawn_blocking(move || platform.send_all(address)).await?
}

/// Takes the body as `Bytes`, never as `Json`: the exact bytes are signed.
async fn notify(State(shop): State<Arc<Shop>>, headers: HeaderMap, body: Bytes) -> Response<String> {
    let received = shop.instance.notification_async(&headers, &body).await;
    let reply = received.and_then(|notification| shop.book(&notification)).unwrap_or_else(|error| {
        println!("{error}");
        error.reply()
    });
    reply.into()
}
