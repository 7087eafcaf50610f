//! Notices when a thread is blocked that polls futures, and says so in the log.
//!
//! The crate knows no runtime. It knows when an executor is polling one of its promises, and that a callback or an `async`
//! block in it is where a call blocks. In other code, the names on the stack tell: those of tokio's scheduler around the
//! call, and nothing of tokio between them that makes blocking harmless. In a program without symbols, nothing is said but
//! of threads that by their names do nothing but poll. Reading a stack takes up to a millisecond, the first one much
//! more, so few are read.

use std::backtrace::Backtrace;
use std::cell::Cell;
use std::panic::Location;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use log::{Level, log_enabled, warn};

/// Sync methods, such as `Chain::get`.
pub(crate) static METHOD: Watch = Watch::new("a sync method was called", "use its `_async` version and `.await` it");

/// `Promise::wait`.
pub(crate) static WAIT: Watch = Watch::new("`wait` was called on a promise", "`.await` the promise");

/// The last call whose stack may be read. They are the first, the second, the fourth, the eighth and so on: most calls that
/// block a runtime do so from the beginning, but some only later in the life of a process.
const LAST: u32 = 1 << 15;

/// The beginnings of the names of threads that poll futures, and of others of the same runtimes.
const RUNTIMES: [&str; 6] = ["tokio-", "actix-", "rocket-", "smol-", "async-std/runtime", "async-global-executor-"];

/// Those among them that do nothing but poll.
const EXECUTORS: [&str; 3] = ["smol-", "async-std/runtime", "async-global-executor-"];

/// Functions of tokio inside which blocking is harmless: the threads of `spawn_blocking`, and `block_in_place` with what it
/// calls.
const HARMLESS: [&str; 4] = [
    "tokio::runtime::blocking::",
    "tokio::task::blocking::",
    "::block_in_place",
    "tokio::runtime::context::runtime_mt::",
];

/// Functions of tokio that poll futures.
const POLLING: [&str; 5] = [
    "tokio::runtime::scheduler::",
    "tokio::runtime::park::",
    "tokio::runtime::runtime::Runtime::block_on",
    "tokio::runtime::handle::Handle::block_on",
    "tokio::task::local::",
];

/// Who polls the promise that this thread is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Poller {
    /// It is in none.
    Nobody,
    /// `Promise::wait`, on a thread that is blocked anyway.
    Wait,
    /// An executor, which has other futures to poll.
    Executor,
}

thread_local! {
    static POLLER: Cell<Poller> = const { Cell::new(Poller::Nobody) };
}

/// As long as it lives, this thread is in a promise.
pub(crate) struct Inside {
    before: Poller,
}

/// An executor polls a promise, unless `wait` does.
pub(crate) fn polling() -> Inside {
    let before = POLLER.get();
    if before == Poller::Nobody {
        POLLER.set(Poller::Executor);
    }
    Inside { before }
}

/// `Promise::wait` polls a promise.
pub(crate) fn waiting() -> Inside {
    Inside { before: POLLER.replace(Poller::Wait) }
}

impl Drop for Inside {
    fn drop(&mut self) {
        POLLER.set(self.before);
    }
}

/// One way to block, of which the log is told once.
pub(crate) struct Watch {
    what: &'static str,
    advice: &'static str,
    /// How many calls might have blocked an executor.
    calls: AtomicU32,
    is_over: AtomicBool,
}

impl Watch {
    const fn new(what: &'static str, advice: &'static str) -> Watch {
        Watch { what, advice, calls: AtomicU32::new(0), is_over: AtomicBool::new(false) }
    }

    /// Looks whether the call that is about to block this thread blocks an executor.
    #[track_caller]
    pub(crate) fn check(&self) {
        let poller = POLLER.get();
        if poller == Poller::Wait || self.is_over.load(Ordering::Relaxed) {
            return;
        }
        let thread = thread::current();
        let has_name = |names: &[&str]| names.iter().any(|name| thread.name().unwrap_or_default().starts_with(name));
        // In a debug build, a runtime on the main thread or on that of a test is noticed as well.
        let is_likely = poller == Poller::Executor || cfg!(debug_assertions) || has_name(&RUNTIMES);
        if !is_likely || !log_enabled!(Level::Warn) {
            return;
        }
        let call = self.calls.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if !call.is_power_of_two() {
            return;
        }
        let stack = Backtrace::force_capture().to_string();
        // Without symbols (libraries in C may have some, but no `::`), there is no telling whether a callback is inside `block_in_place`.
        let has_symbols = stack.contains("::");
        let is_blocking = blocks(&stack).unwrap_or(has_name(&EXECUTORS) || (poller == Poller::Executor && has_symbols));
        let was_over = (is_blocking || call >= LAST) && self.is_over.swap(true, Ordering::Relaxed);
        if is_blocking && !was_over {
            warn!(
                "{}: {} in async code, and blocks the executor's thread until it returns: {}. This is said once.",
                Location::caller(),
                self.what,
                self.advice
            );
        }
    }
}

/// Whether this stack, the innermost function first, is that of a future being polled. `None` if tokio is not on it.
fn blocks(stack: &str) -> Option<bool> {
    let names = |line: &str, of: &[&str]| of.iter().any(|name| line.contains(name));
    stack.lines().find_map(|line| match line {
        _ if names(line, &HARMLESS) => Some(false),
        _ if names(line, &POLLING) => Some(true),
        _ => None,
    })
}
