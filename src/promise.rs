//! What the async verbs return.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_lite::future;

use crate::error::{Error, Outcome, Result};
use crate::pool;

/// The answer to come (PHP: `GuzzleHttp\Promise\PromiseInterface`).
///
/// The call has begun when the verb returns, on a pool of threads of its own, so a promise needs no
/// runtime: [`wait`](Promise::wait) for it, or `.await` it in any runtime. Callbacks run where the
/// promise is waited for or awaited, not on one more thread.
///
/// # Dropping it
///
/// **A dropped promise is a payment whose outcome you do not know.** What happens depends on how far the call was:
///
/// * It has not begun, because all threads of the pool are busy: it never will. Nothing is signed, nothing is sent.
/// * It has begun: it goes on to its end on its thread. The request is sent as a whole, never torn in the middle; the
///   answer is read and verified; then connection and thread are free for the next call. `retries` are made too.
/// * It is done: the answer is lost, nothing else changes.
///
/// Callbacks of a dropped promise do not run. There is no telling which of the three it was, so treat it as
/// [`Outcome::Unknown`](crate::Outcome::Unknown): query by your own number, never issue again under a new one. The same
/// holds for `tokio::time::timeout` or `select!` around a promise; rather give the call a `timeout` and wait for what it
/// says. A process that ends takes its threads along: there a request may be torn.
///
/// # Many at once
///
/// The pool has 500 threads. What is more than that waits for its turn in a queue, in which the `timeout` of a call does
/// not run yet. The environment variable `BLOCKING_MAX_THREADS` (1 to 10,000), set before the first async verb, makes
/// it another number; as many connections are kept open then.
///
/// ```no_run
/// use wechatpay::json;
/// # fn main() -> anyhow::Result<()> {
/// # let instance = wechatpay::Builder::new().build()?;
/// let coupon_id = instance["v3/marketing/bank-favor/users/{openid}/bank-multi-activity"]
///     .post_async(json!({ "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o", "json": { "stock_id": "100088" } }))
///     .then(|response| Ok(response.json()?["coupon_id"].clone()))
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

    /// What to do with the answer; the value it returns goes to the next `then`.
    ///
    /// An error that it returns goes to the next `otherwise`. As the call before it has succeeded, its outcome is
    /// [`Unknown`](crate::Outcome::Unknown) in any case: what says otherwise, or is not an error of this crate, becomes the
    /// cause of an [`Error::Callback`].
    pub fn then<U, F>(self, on_fulfilled: F) -> Promise<U>
    where
        U: Send + 'static,
        F: FnOnce(T) -> anyhow::Result<U> + Send + 'static,
    {
        let future = self.future;
        Promise { future: Box::pin(async move { on_fulfilled(future.await?).map_err(Error::of_callback) }) }
    }

    /// What to do with an error; `Ok` of it goes on to the next `then`, `Err` to the next `otherwise`.
    ///
    /// After an outcome that is [`Unknown`](crate::Outcome::Unknown) it stays so: an error of a query that was not sent or
    /// was refused becomes the cause of an [`Error::Callback`].
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

    /// Blocks this thread until the last value is there.
    ///
    /// # Errors
    /// The last error that no `otherwise` took.
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
