//! Spans of `tracing`.

use tracing::field::{Empty, display};
use tracing::{info, info_span, warn};
use wechatpay::Observation;

/// A span for an attempt that has ended, inside the one that is entered on this thread: for a sync call, the caller's.
pub fn record(attempt: &Observation) {
    let span = info_span!(
        "wechatpay",
        mchid = attempt.mchid(),
        method = attempt.method(),
        template = attempt.template(),
        host = attempt.host(),
        attempt = attempt.attempt(),
        status = Empty,
        request_id = attempt.request_id(),
    );
    if let Some(status) = attempt.status() {
        span.record("status", display(status.as_u16()));
    }
    let _entered = span.enter();
    let (total, connection, answer) = (attempt.total(), attempt.connection(), attempt.answer());
    match (attempt.kind(), attempt.outcome()) {
        (Some(kind), Some(outcome)) => warn!(kind, ?outcome, ?total, ?connection, ?answer, "failed"),
        _ => info!(?total, ?connection, ?answer, "done"),
    }
}
