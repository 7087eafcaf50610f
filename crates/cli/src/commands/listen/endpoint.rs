//! The server that notifications come to.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Instant;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::http::{Request, Response, StatusCode};
use tokio::net::TcpListener;
use wechatpay::{Chain, Reply};

use super::forward::Forward;
use super::handled::{Handled, How, News};
use super::receive::Received;

/// The most that is read of a body, in bytes: more than any notification has.
const MOST: usize = 2 << 20;

pub struct Endpoint {
    instance: Chain,
    forward: Option<Forward>,
    /// What is handed on; all if it is empty.
    events: Vec<String>,
    tell: Sender<News>,
}

impl Endpoint {
    pub fn new(instance: Chain, forward: Option<Forward>, events: Vec<String>, tell: Sender<News>) -> Arc<Endpoint> {
        Arc::new(Endpoint { instance, forward, events, tell })
    }

    /// Answers until the runtime ends.
    pub async fn serve(self: Arc<Endpoint>, listener: TcpListener) {
        let router = Router::new().fallback(move |request| Arc::clone(&self).answer(request));
        // It ends with the runtime.
        let _ = axum::serve(listener, router).await;
    }

    async fn answer(self: Arc<Endpoint>, request: Request<Body>) -> Response<Body> {
        let (head, body) = request.into_parts();
        let Ok(body) = to_bytes(body, MOST).await else { return status(StatusCode::BAD_REQUEST) };
        // To verify may fetch certificates, and to hand on waits for another.
        let handled = tokio::task::spawn_blocking(move || self.handle(&head, &body)).await;
        handled.unwrap_or_else(|_| status(StatusCode::INTERNAL_SERVER_ERROR))
    }

    fn handle(&self, head: &axum::http::request::Parts, body: &Bytes) -> Response<Body> {
        let start = Instant::now();
        let received = Received::read(&self.instance, &head.headers, body);
        let (how, response) = match &self.forward {
            Some(_) if self.leaves_out(&received) => (How::LeftOut, of_reply(received.reply.clone())),
            Some(forward) => match forward.send(&head.method, &head.headers, body) {
                Ok(response) => (How::Server, response.map(Body::from)),
                Err((code, why)) => (How::Unreachable(why), status(code)),
            },
            None => (How::Here, of_reply(received.reply.clone())),
        };
        let milliseconds = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let handled = Handled { received, how, status: response.status().as_u16(), milliseconds };
        // Nobody listens any more once it ends.
        let _ = self.tell.send(News::Received(Box::new(handled)));
        response
    }

    /// Whether --events leaves it out; what cannot be verified never is.
    fn leaves_out(&self, received: &Received) -> bool {
        let is_chosen = |event: &String| self.events.iter().any(|chosen| chosen == event);
        !self.events.is_empty() && received.wrong.is_none() && !received.event.as_ref().is_some_and(is_chosen)
    }
}

fn of_reply(reply: Reply) -> Response<Body> {
    Response::<String>::from(reply).map(Body::from)
}

fn status(code: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = code;
    response
}
