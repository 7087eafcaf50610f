//! What happens now, as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_lite::stream::{self, Stream};

use super::Desk;

/// Ends when the page is too slow; it comes again then, and asks for the state anew.
pub async fn events(State(desk): State<Arc<Desk>>) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let follow = desk.history.follow();
    let events = stream::unfold(follow, async |mut follow| {
        let told = follow.recv().await.ok()?;
        let event = Event::default().event(told.kind.name()).id(told.id.to_string()).data(told.value.to_string());
        Some((Ok(event), follow))
    });
    Sse::new(events).keep_alive(KeepAlive::default())
}
