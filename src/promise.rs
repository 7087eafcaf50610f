//! What async methods return.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_lite::future;

use crate::error::{Error, Outcome, Result};
use crate::pool;

/// An answer that is still to come (PHP: `GuzzleHttp\Promise\PromiseInterface`).
///
/// The call has begun when the method returns, on the crate's own thread pool, so a promise needs no runtime:
/// [`wait`](Promise::wait) for it, or `.await` it in any runtime. Callbacks run where the promise is waited for or awaited,
/// not on another thread.
///
/// # Dropping it
///
/// **A dropped promise is a payment whose outcome you do not know.** What happens depends on how far the call has come:
///
/// * It has not begun, because all threads of the pool are busy: it never will. Nothing is signed or sent.
/// * It has begun: it runs to its end on its thread. The request is sent completely, never cut off in the middle; the answer
///   is read and verified; then the connection and the thread are free for the next call. `retries` are made, too.
/// * It is done: the answer is lost, and nothing else changes.
///
/// Callbacks of a dropped promise do not run. You cannot tell which of the three happened, so treat it as
/// [`Outcome::Unknown`](crate::Outcome::Unknown): query by your own number, and never issue it again under a new one. The
/// same holds for `tokio::time::timeout` or `select!` around a promise; rather give the call a `timeout` and wait for its
/// result. When a process ends, so do its threads, and a request may be cut off.
///
/// # Many at once
///
/// The pool has up to 500 threads. More calls than that wait in a queue; the `timeout` of a call starts when it leaves the
/// queue. The environment variable `BLOCKING_MAX_THREADS` (1 to 10,000), set before the first async call, changes that
/// number; above 500, it is also the number of idle connections that are kept.
///
/// ```no_run
/// use wechatpay::json;
/// # fn main() -> anyhow::Result<()> {
/// # let instance = wechatpay::Builder::new().build()?;
/// let coupon_id = instance["v3/marketing/bank-favor/users/{openid}/bank-multi-activity"]
///     .post_async(json!({ "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "json": { "stock_id": "100088" } }))
///     .then(|response| Ok(response.text_at("/coupon_id")?))
///     .otherwise(|error| {
///         eprintln!("{error}: {:?}", error.outcome());
///         Err(error)
///     })
///     .wait()?;
/// # let _ = coupon_id;
/// # Ok(()) }
/// ```
#[must_use = "a dropped promise may never be sent, or its answer is lost: `wait` for it or `.await` it"]
pub struct Promise<T> {
    future: Pin<Box<dyn Future<Output = Result<T>> + Send>>,
}

impl<T: Send + 'static> Promise<T> {
    /// Starts the work on the pool.
    pub(crate) fn start(work: impl FnOnce() -> Result<T> + Send + 'static) -> Promise<T> {
        Promise { future: Box::pin(pool::start(work)) }
    }

    /// Calls `on_fulfilled` with the answer; the value that it returns goes to the next `then`.
    ///
    /// An error that it returns goes to the next `otherwise`. As the call before has succeeded, the outcome of this error is
    /// always [`Unknown`](crate::Outcome::Unknown): an error with any other outcome, or one that is not of this crate,
    /// becomes the cause of an [`Error::Callback`].
    pub fn then<U, F>(self, on_fulfilled: F) -> Promise<U>
    where
        U: Send + 'static,
        F: FnOnce(T) -> anyhow::Result<U> + Send + 'static,
    {
        let future = self.future;
        Promise { future: Box::pin(async move { on_fulfilled(future.await?).map_err(Error::of_callback) }) }
    }

    /// Calls `on_rejected` with the error; an `Ok` that it returns goes to the next `then`, an `Err` to the next
    /// `otherwise`.
    ///
    /// If the outcome was [`Unknown`](crate::Outcome::Unknown), it stays so: if `on_rejected` makes a query that is not sent
    /// or is refused, its error becomes the cause of an [`Error::Callback`].
    pub fn otherwise<F>(self, on_rejected: F) -> Promise<T>
    where
        F: FnOnce(Error) -> Result<T> + Send + 'static,
    {
        let future = self.future;
        let handled = |error: Error| match error.outcome() {
            Outcome::Unknown => on_rejected(error).map_err(|error| Error::of_callback(error.into())),
            Outcome::NotSent | Outcome::Rejected => on_rejected(error),
        };
        Promise { future: Box::pin(async move { future.await.or_else(handled) }) }
    }

    /// Blocks this thread until the result is available.
    ///
    /// # Errors
    /// The last error that no `otherwise` handled.
    pub fn wait(self) -> Result<T> {
        future::block_on(self.future)
    }
}

impl<T> Future for Promise<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
        self.future.as_mut().poll(context)
    }
}

impl<T> fmt::Debug for Promise<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Promise")
    }
}
