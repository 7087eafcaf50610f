//! What async methods return.

mod combinators;
mod join;

use std::fmt;
use std::future::{self, Future};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_lite::future::block_on;
use serde_json::Value;

use crate::blocking;
use crate::error::{Error, Outcome, Result};
use crate::pool;
use crate::response::Response;

/// An answer that is still to come (PHP: `GuzzleHttp\Promise\PromiseInterface`).
///
/// The call has begun when the method returns, on the crate's own thread pool, so a promise needs no runtime:
/// [`wait`](Promise::wait) for it, or `.await` it in any runtime. Callbacks run where the promise is waited for or awaited,
/// not on another thread.
///
/// # Dropping it, PHP's `cancel()`
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
/// [`all`](Promise::all), [`settle`](Promise::settle), [`unwrap`](Promise::unwrap) and [`any`](Promise::any) wait for every
/// promise that they are given, whatever becomes of the others, so that no outcome is lost.
///
/// `(a.wait()?, b.wait()?)` drops `b` when `a` fails, and `try_join!(a, b)` drops the one that is still running: its call may
/// have had an effect that nobody hears of. Use `Promise::all([a, b])`.
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
///         Err(error.into())
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

    /// A promise of what this future gives, such as an `async` block with several calls.
    ///
    /// The future runs where the promise is waited for or awaited, and not before; the calls in it are made on the pool as
    /// always. `?` works on the errors of this crate, which stay as they are, and on all others, which become
    /// [`Error::Callback`].
    ///
    /// **In the block, `?` is what it is in any function**: the [`outcome`](Error::outcome) of a failed second call says
    /// nothing about the first, which has had its effect. Where that matters, use [`and_then`](Promise::and_then).
    ///
    /// ```no_run
    /// use wechatpay::{Promise, chain, json};
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// let state = Promise::new(async move {
    ///     let order = chain!(instance->v3->pay->transactions->outTradeNo->{"{no}"}).get_async(json!({ "no": "1217" }));
    ///     Ok(order.await?.json()?["trade_state"].clone())
    /// });
    /// println!("{}", state.wait()?);
    /// # Ok(()) }
    /// ```
    pub fn new(future: impl Future<Output = anyhow::Result<T>> + Send + 'static) -> Promise<T> {
        Promise { future: Box::pin(async move { Ok(future.await?) }) }
    }

    /// A promise of a result that is there already (PHP: `Create::promiseFor`, `Create::rejectionFor`).
    ///
    /// ```
    /// use wechatpay::Promise;
    /// # fn main() -> anyhow::Result<()> {
    /// assert_eq!(Promise::ready(Ok(7)).then(|number| Ok(number + 1)).wait()?, 8);
    /// # Ok(()) }
    /// ```
    pub fn ready(result: Result<T>) -> Promise<T> {
        Promise { future: Box::pin(future::ready(result)) }
    }

    /// Calls `on_fulfilled` with the answer; the value that it returns goes to the next `then`.
    ///
    /// An error that it returns goes to the next `otherwise`. As the call before has succeeded, the outcome of this error is
    /// always [`Unknown`](crate::Outcome::Unknown): an error with any other outcome, or one that is not of this crate,
    /// becomes the cause of an [`Error::Callback`].
    ///
    /// If it makes a further call, use [`and_then`](Promise::and_then): a sync method or [`wait`](Promise::wait) in a
    /// callback blocks whatever polls the promise.
    pub fn then<U, F>(self, on_fulfilled: F) -> Promise<U>
    where
        U: Send + 'static,
        F: FnOnce(T) -> anyhow::Result<U> + Send + 'static,
    {
        let future = self.future;
        Promise { future: Box::pin(async move { on_fulfilled(future.await?).map_err(Error::of_callback) }) }
    }

    /// Calls `on_fulfilled` with the answer, and continues with the promise that it returns (PHP: a `then` whose callback
    /// returns a promise).
    ///
    /// The outcome of an error of that promise is [`Unknown`](crate::Outcome::Unknown), as with [`then`](Promise::then): the
    /// call before has succeeded, and must not be repeated because the second one was not sent.
    ///
    /// ```no_run
    /// use wechatpay::{chain, json};
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// let order = chain!(instance->v3->pay->transactions->outTradeNo->_out_trade_no_);
    /// let state = order
    ///     .chain("close")
    ///     .post_async(json!({ "out_trade_no": "1217", "json": { "mchid": "1900000109" } }))
    ///     .and_then(move |_| order.get_async(json!({ "out_trade_no": "1217", "query": { "mchid": "1900000109" } })))
    ///     .json()
    ///     .then(|order| Ok(order["trade_state"].clone()))
    ///     .wait()?;
    /// # let _ = state;
    /// # Ok(()) }
    /// ```
    pub fn and_then<U, F>(self, on_fulfilled: F) -> Promise<U>
    where
        U: Send + 'static,
        F: FnOnce(T) -> Promise<U> + Send + 'static,
    {
        let future = self.future;
        let followed =
            async move { on_fulfilled(future.await?).await.map_err(|error| Error::of_callback(error.into())) };
        Promise { future: Box::pin(followed) }
    }

    /// Calls `on_rejected` with the error; an `Ok` that it returns goes to the next `then`, an `Err` to the next
    /// `otherwise`. To pass the error on, return `Err(error.into())`.
    ///
    /// If the outcome was [`Unknown`](crate::Outcome::Unknown), it stays so: if `on_rejected` makes a query that is not sent
    /// or is refused, its error becomes the cause of an [`Error::Callback`]. So does an error that is not of this crate.
    pub fn otherwise<F>(self, on_rejected: F) -> Promise<T>
    where
        F: FnOnce(Error) -> anyhow::Result<T> + Send + 'static,
    {
        let future = self.future;
        let handled = |error: Error| {
            let before = error.outcome();
            on_rejected(error).map_err(|error| after(before, error))
        };
        Promise { future: Box::pin(async move { future.await.or_else(handled) }) }
    }

    /// Calls `on_rejected` with the error, and continues with the promise that it returns (PHP: an `otherwise` whose callback
    /// returns a promise), such as a query for what an [`Unknown`](crate::Outcome::Unknown) outcome was.
    ///
    /// The outcome of an error of that promise is as with [`otherwise`](Promise::otherwise).
    ///
    /// ```no_run
    /// use wechatpay::{Outcome, Promise, chain, json};
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// let refunds = chain!(instance->v3->refund->domestic->refunds);
    /// let refund = refunds
    ///     .post_async(json!({ "json": { "out_refund_no": "1217" } }))
    ///     .or_else(move |error| match error.outcome() {
    ///         Outcome::Unknown => refunds.chain("{no}").get_async(json!({ "no": "1217", "retries": 3 })),
    ///         _ => Promise::ready(Err(error)),
    ///     })
    ///     .json()
    ///     .wait()?;
    /// # let _ = refund;
    /// # Ok(()) }
    /// ```
    pub fn or_else<F>(self, on_rejected: F) -> Promise<T>
    where
        F: FnOnce(Error) -> Promise<T> + Send + 'static,
    {
        let future = self.future;
        let followed = async move {
            let error = match future.await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let before = error.outcome();
            on_rejected(error).await.map_err(|error| after(before, error.into()))
        };
        Promise { future: Box::pin(followed) }
    }

    /// Blocks this thread until the result is available.
    ///
    /// **In async code, `.await` it instead.** There it would stop the executor's thread with all its tasks; if the crate
    /// notices that, it says so in the log, once in a process.
    ///
    /// # Errors
    /// The last error that no `otherwise` handled.
    #[track_caller]
    pub fn wait(self) -> Result<T> {
        blocking::WAIT.check();
        let _waiting = blocking::waiting();
        block_on(self.future)
    }
}

/// What answers say.
impl Promise<Response> {
    /// The answer as JSON: `then(|response| Ok(response.json()?))` (PHP: `json_decode` of the body in a `then`).
    ///
    /// # Errors
    /// As [`Response::json`].
    pub fn json(self) -> Promise<Value> {
        self.then(|response| Ok(response.json()?))
    }

    /// The answer of APIv2 as its fields: `then(|response| Ok(response.xml()?))` (PHP: `Transformer::toArray` of the body in
    /// a `then`).
    ///
    /// # Errors
    /// As [`Response::xml`].
    pub fn xml(self) -> Promise<Value> {
        self.then(|response| Ok(response.xml()?))
    }
}

/// The error of a handler of an error: what was unknown before is not known by it.
fn after(before: Outcome, error: anyhow::Error) -> Error {
    match before {
        Outcome::Unknown => Error::of_callback(error),
        Outcome::NotSent | Outcome::Rejected => Error::from(error),
    }
}

impl<T> Future for Promise<T> {
    type Output = Result<T>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
        let _polling = blocking::polling();
        self.future.as_mut().poll(context)
    }
}

impl<T> fmt::Debug for Promise<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Promise")
    }
}
