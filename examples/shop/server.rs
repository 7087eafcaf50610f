//! The shop as a server.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path as Segment, State};
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;
use tokio::time::interval;
use wechatpay::{Fields, Value, json};

use crate::config::Config;
use crate::orders::{self, Order};
use crate::service::Shop;

/// How often the journal is settled.
const EVERY: Duration = Duration::from_secs(60);

#[tokio::main]
pub async fn serve(folder: &Path) -> anyhow::Result<()> {
    let config = Config::read(folder)?;
    let shop = Arc::new(Shop::open(&config)?);
    tokio::spawn(keep_settled(Arc::clone(&shop)));
    let router = Router::new()
        .route("/orders", post(take))
        .route("/orders/{number}", get(show))
        .route("/notify", post(notify))
        .route("/metrics", get(metrics))
        .with_state(shop);
    let listener = TcpListener::bind(config.listen).await?;
    println!("listens at {}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}

/// The first time at once, then every minute.
async fn keep_settled(shop: Arc<Shop>) {
    let mut minutes = interval(EVERY);
    loop {
        minutes.tick().await;
        let shop = Arc::clone(&shop);
        match spawn_blocking(move || shop.catch_up()).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => println!("the journal cannot be settled: {error:#}"),
            Err(panicked) => println!("{panicked}"),
        }
    }
}

/// `POST /orders` with `{ "number": …, "description": …, "total": … }`. The page makes the number when the basket is made, so
/// that a customer who presses the button twice has one order.
async fn take(State(shop): State<Arc<Shop>>, body: Bytes) -> Result<Response<String>, Failed> {
    blocking(move || {
        let asked: Value = serde_json::from_slice(&body)?;
        let (number, description) = (asked.text_at("/number")?, asked.text_at("/description")?);
        let total = asked.integer_at("/total")?;
        // Before anything is sent: whatever happens now, the shop knows that there is an order, and its number.
        let order = orders::insert(&shop.orders(), &number, &description, total)?;
        if (&order.description, order.total) != (&description, total) {
            return Ok(answer(StatusCode::CONFLICT, &json!({ "message": "there is another order of this number" })));
        }
        let order = match shop.place(&order) {
            Ok(order) => order,
            // Whether it has failed or nobody knows: the next `catch_up` goes on with it.
            Err(error) => {
                println!("{}: {error:#}", order.number);
                order
            }
        };
        let status = if order.state == "new" { StatusCode::ACCEPTED } else { StatusCode::OK };
        Ok(answer(status, &shown(&order)))
    })
    .await
}

async fn show(State(shop): State<Arc<Shop>>, Segment(number): Segment<String>) -> Result<Response<String>, Failed> {
    blocking(move || {
        Ok(match orders::get(&shop.orders(), &number)? {
            Some(order) => answer(StatusCode::OK, &shown(&order)),
            None => answer(StatusCode::NOT_FOUND, &json!({})),
        })
    })
    .await
}

/// Takes the body as `Bytes`, never as `Json`: the exact bytes are signed.
async fn notify(State(shop): State<Arc<Shop>>, headers: HeaderMap, body: Bytes) -> Result<Response<String>, Failed> {
    blocking(move || Ok(shop.receive(&headers, &body).into())).await
}

async fn metrics(State(shop): State<Arc<Shop>>) -> Result<String, Failed> {
    blocking(move || Ok(shop.metrics()?)).await
}

/// Runs what blocks, in a thread that may be blocked.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> anyhow::Result<T> + Send + 'static) -> Result<T, Failed> {
    let result = spawn_blocking(work).await.unwrap_or_else(|panicked| Err(panicked.into()));
    result.map_err(Failed)
}

fn answer(status: StatusCode, body: &Value) -> Response<String> {
    let mut answer = Response::new(format!("{body}\n"));
    *answer.status_mut() = status;
    answer
}

fn shown(order: &Order) -> Value {
    json!({ "number": order.number, "state": order.state, "total": order.total, "code_url": order.code_url })
}

/// What goes wrong is in the log of the shop, and no business of its customers.
struct Failed(anyhow::Error);

impl axum::response::IntoResponse for Failed {
    fn into_response(self) -> axum::response::Response {
        println!("{:#}", self.0);
        StatusCode::INTERNAL_SERVER_ERROR.into_response()
    }
}
