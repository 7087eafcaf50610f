//! Several promises at once (PHP: `GuzzleHttp\Promise\Utils`).

use std::collections::BTreeMap;
use std::fmt::Display;

use anyhow::anyhow;
use log::warn;

use crate::error::{Error, Outcome, Result, SeveralError};
use crate::promise::Promise;
use crate::promise::join::Join;
use crate::redact;

/// Several at once. Each of these waits for **all** promises, those made by [`Promise::new`] at the same time, and then says
/// what has become of them. If one panics, it counts as failed with an [`Error::Callback`], as any `Throwable` rejects in PHP:
/// the others keep their outcomes.
impl<T: Send + 'static> Promise<T> {
    /// All values, in the order of the promises (PHP: `Utils::all`).
    ///
    /// # Errors
    /// If one or more fail: [`Error::Several`], which names each failure by its index. **Its outcome is that of the whole**:
    /// if any of the promises has succeeded or may have had an effect, it is [`Unknown`](Outcome::Unknown), so do not
    /// repeat them all, but ask which ones. The error of a single promise is as it is.
    ///
    /// ```
    /// use wechatpay::Promise;
    /// # fn main() -> anyhow::Result<()> {
    /// let promises = (1..=3).map(|number| Promise::ready(Ok(number)));
    /// assert_eq!(Promise::all(promises).wait()?, [1, 2, 3]);
    /// # Ok(()) }
    /// ```
    pub fn all(promises: impl IntoIterator<Item = Promise<T>>) -> Promise<Vec<T>> {
        let join = Join::new(promises);
        Promise { future: Box::pin(async move { values(in_order(join.await).into_iter().map(by_index)) }) }
    }

    /// What has become of each, in the order of the promises (PHP: `Utils::settle`). It never fails as a whole.
    ///
    /// ```
    /// use wechatpay::Promise;
    /// # fn main() -> anyhow::Result<()> {
    /// let refused = wechatpay::Builder::new().build().unwrap_err();
    /// let settled = Promise::settle([Promise::ready(Ok(1)), Promise::ready(Err(refused))]).wait()?;
    /// assert!(settled[0].is_ok() && settled[1].is_err());
    /// # Ok(()) }
    /// ```
    pub fn settle(promises: impl IntoIterator<Item = Promise<T>>) -> Promise<Vec<Result<T>>> {
        let join = Join::new(promises);
        let settled = async move { Ok(in_order(join.await).into_iter().map(|(_, result)| result).collect()) };
        Promise { future: Box::pin(settled) }
    }

    /// Blocks this thread until all are done, and returns their values by their keys (PHP: `Utils::unwrap`).
    ///
    /// **In async code**, `.await` a [`Promise::all`] instead, as with [`wait`](Promise::wait).
    ///
    /// # Errors
    /// As [`all`](Promise::all), with the keys in place of the indexes. A key that occurs twice is an [`Error::Callback`].
    ///
    /// ```no_run
    /// use wechatpay::{Fields, Promise, json};
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// let order = instance.chain("v3/pay/transactions/out-trade-no/{no}").get_async(json!({ "no": "1217" }));
    /// let refund = instance.chain("v3/refund/domestic/refunds/{no}").get_async(json!({ "no": "1217" }));
    /// let answers = Promise::unwrap([("order", order.json()), ("refund", refund.json())])?;
    /// let (order, refund) = (&answers["order"], &answers["refund"]);
    /// println!("{} {}", order.text_at("/trade_state")?, refund.text_at("/status")?);
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn unwrap<K: Ord + Display>(promises: impl IntoIterator<Item = (K, Promise<T>)>) -> Result<BTreeMap<K, T>> {
        let (keys, promises): (Vec<K>, Vec<Promise<T>>) = promises.into_iter().unzip();
        let settled = Promise::settle(promises).wait()?;
        let names: Vec<String> = keys.iter().map(K::to_string).collect();
        let values = values(names.into_iter().zip(settled))?;
        let mut unwrapped = BTreeMap::new();
        for (key, value) in keys.into_iter().zip(values) {
            if unwrapped.contains_key(&key) {
                return Err(Error::Callback(anyhow!("two promises have the key `{}`", redact::name(&key.to_string()))));
            }
            unwrapped.insert(key, value);
        }
        Ok(unwrapped)
    }

    /// The first value that there is (PHP: `Utils::any`), after all of them are done.
    ///
    /// PHP's returns at once and forgets the others. This one waits for them, so that their callbacks run, but the values and
    /// errors of the others are gone when it returns: only an error with the outcome [`Unknown`](Outcome::Unknown)
    /// is at least in the log. **It is for queries.** For calls that move money, use [`settle`](Promise::settle).
    ///
    /// # Errors
    /// If all fail, or there are none: [`Error::Several`], whose outcome is `Unknown` if that of any is. The error of
    /// a single promise is as it is.
    ///
    /// ```
    /// use wechatpay::Promise;
    /// # fn main() -> anyhow::Result<()> {
    /// let refused = wechatpay::Builder::new().build().unwrap_err();
    /// assert_eq!(Promise::any([Promise::ready(Err(refused)), Promise::ready(Ok(2))]).wait()?, 2);
    /// # Ok(()) }
    /// ```
    pub fn any(promises: impl IntoIterator<Item = Promise<T>>) -> Promise<T> {
        let join = Join::new(promises);
        Promise { future: Box::pin(async move { first(join.await) }) }
    }
}

fn in_order<T>(mut done: Vec<(usize, Result<T>)>) -> Vec<(usize, Result<T>)> {
    done.sort_unstable_by_key(|(place, _)| *place);
    done
}

fn by_index<T>((place, result): (usize, Result<T>)) -> (String, Result<T>) {
    (place.to_string(), result)
}

/// The values, if all have succeeded.
fn values<T>(results: impl Iterator<Item = (String, Result<T>)>) -> Result<Vec<T>> {
    let (mut values, mut errors) = (Vec::new(), Vec::new());
    for (key, result) in results {
        match result {
            Ok(value) => values.push(value),
            Err(error) => errors.push((key, error)),
        }
    }
    if errors.is_empty() { Ok(values) } else { Err(SeveralError::of(errors, values.len())) }
}

/// The value that came first.
fn first<T>(done: Vec<(usize, Result<T>)>) -> Result<T> {
    let (mut first, mut errors) = (None, Vec::new());
    for (place, result) in done {
        match result {
            Ok(value) => first = first.or(Some(value)),
            Err(error) => errors.push((place, error)),
        }
    }
    let Some(value) = first else {
        errors.sort_unstable_by_key(|(place, _)| *place);
        return Err(SeveralError::of(errors.into_iter().map(|(place, error)| (place.to_string(), error)).collect(), 0));
    };
    for (place, error) in errors.iter().filter(|(_, error)| error.outcome() == Outcome::Unknown) {
        warn!("`Promise::any` had a value, and the outcome of promise {place} is unknown: {error}");
    }
    Ok(value)
}
