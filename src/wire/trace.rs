//! What can be seen of an attempt while it is made: how long its parts take, and how it is answered.

use std::cell::Cell;
use std::time::{Duration, Instant};

use ureq::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

const REQUEST_ID: HeaderName = HeaderName::from_static("request-id");

thread_local! {
    /// That of the attempt that runs on this thread, if anyone observes it. It cannot be passed as an argument: ureq makes
    /// and uses connections without knowing for whom.
    static TRACE: Cell<Option<Box<Trace>>> = const { Cell::new(None) };
}

/// What was seen of an attempt.
#[derive(Clone, Debug)]
pub(crate) struct Trace {
    began: Instant,
    step: Step,
    /// The times of all requests of the attempt: how long connections took to be made, how long sending took, and how long
    /// it was until the answer had been read. `None` if it did not come to that.
    pub(crate) connection: Option<Duration>,
    pub(crate) sending: Option<Duration>,
    pub(crate) answer: Option<Duration>,
    pub(crate) total: Duration,
    /// Of the last answer.
    pub(crate) status: Option<StatusCode>,
    pub(crate) request_id: Option<HeaderValue>,
}

/// What the current request is about to do.
#[derive(Clone, Copy, Debug)]
enum Step {
    Waiting,
    /// Since then, a connection is being made.
    Connecting(Instant),
    /// When its first and its last byte so far were handed to the connection.
    Sending {
        first: Instant,
        last: Instant,
    },
}

impl Trace {
    fn new() -> Trace {
        Trace {
            began: Instant::now(),
            step: Step::Waiting,
            connection: None,
            sending: None,
            answer: None,
            total: Duration::ZERO,
            status: None,
            request_id: None,
        }
    }

    /// Ends a request, whatever became of it.
    fn settle(&mut self) {
        let now = Instant::now();
        match std::mem::replace(&mut self.step, Step::Waiting) {
            Step::Waiting => {}
            Step::Connecting(since) => add(&mut self.connection, since, now),
            Step::Sending { first, last } => {
                add(&mut self.sending, first, last);
                add(&mut self.answer, last, now);
            }
        }
        self.total = now.saturating_duration_since(self.began);
    }
}

fn add(time: &mut Option<Duration>, from: Instant, to: Instant) {
    let more = to.saturating_duration_since(from);
    *time = Some(time.unwrap_or_default().saturating_add(more));
}

/// Traces the attempt that runs on this thread from now on, until it is ended or dropped. Another attempt may run inside it:
/// certificates may be fetched while an answer is verified. The outer one is traced on afterwards, even if a callback panics.
pub(crate) struct Tracing {
    outer: Option<Box<Trace>>,
}

impl Tracing {
    /// An attempt that nobody observes is not traced, nor is it part of one around it.
    pub(crate) fn begin(is_observed: bool) -> Tracing {
        Tracing { outer: swap(is_observed.then(|| Box::new(Trace::new()))) }
    }

    /// What was seen, if it was traced.
    pub(crate) fn end(mut self) -> Option<Box<Trace>> {
        let mut trace = swap(self.outer.take());
        if let Some(trace) = &mut trace {
            trace.settle();
        }
        std::mem::forget(self);
        trace
    }
}

impl Drop for Tracing {
    fn drop(&mut self) {
        swap(self.outer.take());
    }
}

fn swap(trace: Option<Box<Trace>>) -> Option<Box<Trace>> {
    // A thread that ends may make a call when the trace is gone already; it is not traced then.
    TRACE.try_with(|current| current.replace(trace)).ok().flatten()
}

fn note(what: impl FnOnce(&mut Trace)) {
    let _ = TRACE.try_with(|current| {
        if let Some(mut trace) = current.take() {
            what(&mut trace);
            current.set(Some(trace));
        }
    });
}

// Each has a frame of its own, which is gone before the stack grows any deeper.

/// A connection is about to be made.
#[inline(never)]
pub(super) fn connecting() {
    note(|trace| trace.step = Step::Connecting(Instant::now()));
}

/// The connection is made.
#[inline(never)]
pub(super) fn connected() {
    note(Trace::settle);
}

/// A request begins.
#[inline(never)]
pub(super) fn begins() {
    note(Trace::settle);
}

/// Bytes are about to be handed to the connection.
#[inline(never)]
pub(super) fn sends() {
    note(|trace| {
        if !matches!(trace.step, Step::Sending { .. }) {
            let now = Instant::now();
            trace.step = Step::Sending { first: now, last: now };
        }
    });
}

/// They are handed over.
#[inline(never)]
pub(super) fn sent() {
    note(|trace| {
        if let Step::Sending { last, .. } = &mut trace.step {
            *last = Instant::now();
        }
    });
}

/// The head of an answer has come.
#[inline(never)]
pub(crate) fn answered(status: StatusCode, headers: &HeaderMap) {
    note(|trace| {
        trace.status = Some(status);
        trace.request_id = headers.get(REQUEST_ID).cloned();
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause() {
        std::thread::sleep(Duration::from_millis(20));
    }

    #[test]
    fn times_are_those_of_all_requests_of_an_attempt() {
        let least = |times: u64| Duration::from_millis(20_u64.saturating_mul(times));
        let tracing = Tracing::begin(true);
        for is_kept in [false, true] {
            begins();
            if !is_kept {
                connecting();
                pause();
                connected();
            }
            // In two pieces.
            sends();
            pause();
            sent();
            sends();
            sent();
            answered(StatusCode::OK, &HeaderMap::new());
            pause();
        }
        let trace = tracing.end().unwrap();
        assert!(trace.connection.unwrap() >= least(1) && trace.sending.unwrap() >= least(2), "{trace:?}");
        assert!(trace.answer.unwrap() >= least(2) && trace.total >= least(5), "{trace:?}");
        let parts = [trace.connection, trace.sending, trace.answer].into_iter().flatten().sum::<Duration>();
        assert!(parts <= trace.total, "{trace:?}");
    }

    #[test]
    fn what_it_did_not_come_to_has_no_time() {
        let tracing = Tracing::begin(true);
        begins();
        connecting();
        pause();
        let trace = tracing.end().unwrap();
        assert!(trace.connection.unwrap() >= Duration::from_millis(20), "{trace:?}");
        assert_eq!((trace.sending, trace.answer, trace.status), (None, None, None));
    }

    #[test]
    fn an_attempt_inside_another_is_no_part_of_it() {
        let outer = Tracing::begin(true);
        for is_observed in [true, false] {
            let inner = std::panic::catch_unwind(|| {
                let _inner = Tracing::begin(is_observed);
                connecting();
                std::panic::resume_unwind(Box::new(()));
            });
            assert!(inner.is_err());
        }
        assert!(Tracing::begin(false).end().is_none());
        sends();
        let trace = outer.end().unwrap();
        assert!(trace.connection.is_none() && trace.sending.is_some(), "{trace:?}");
        assert!(TRACE.take().is_none());
    }
}
