//! Waits for all promises of a list, whatever becomes of each.

use std::future::Future;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::task::{Context, Poll, Wake, Waker};

use anyhow::anyhow;

use crate::error::{Error, Result};
use crate::promise::Promise;
use crate::redact;
use crate::sync::{Arc, Mutex, lock};

/// The results of all promises, each with its place in the list, in the order in which they came.
///
/// A promise is polled when it has asked for it: it may not run by itself ([`Promise::new`]), and polling all of them each
/// time would take the square of their number.
pub(super) struct Join<T> {
    /// Those that are not done yet, each with the waker that rings for it.
    pending: Vec<Option<(Promise<T>, Waker)>>,
    done: Vec<(usize, Result<T>)>,
    bell: Arc<Mutex<Bell>>,
}

/// Which promises are to be polled, and who polls them.
struct Bell {
    rung: Vec<usize>,
    waker: Option<Waker>,
}

/// What a promise is polled with.
struct Ring {
    place: usize,
    bell: Arc<Mutex<Bell>>,
}

impl<T> Join<T> {
    pub(super) fn new(promises: impl IntoIterator<Item = Promise<T>>) -> Join<T> {
        let bell = Arc::new(Mutex::new(Bell { rung: Vec::new(), waker: None }));
        let ring = |place| Waker::from(Arc::new(Ring { place, bell: Arc::clone(&bell) }));
        let pending: Vec<_> =
            promises.into_iter().enumerate().map(|(place, promise)| Some((promise, ring(place)))).collect();
        lock(&bell).rung = (0..pending.len()).collect();
        Join { done: Vec::with_capacity(pending.len()), pending, bell }
    }

    /// Polls one of them, unless it is done.
    fn poll_one(&mut self, place: usize) {
        let Some((promise, waker)) = self.pending.get_mut(place).and_then(Option::as_mut) else { return };
        let polled = panic::catch_unwind(AssertUnwindSafe(|| Pin::new(promise).poll(&mut Context::from_waker(waker))));
        let result = match polled {
            Ok(Poll::Pending) => return,
            Ok(Poll::Ready(result)) => result,
            // The others must not lose their outcomes by it.
            Err(panic) => Err(of_panic(panic.as_ref())),
        };
        self.done.push((place, result));
        if let Some(pending) = self.pending.get_mut(place) {
            *pending = None;
        }
    }
}

impl<T> Future for Join<T> {
    type Output = Vec<(usize, Result<T>)>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let rung = {
            let mut bell = lock(&self.bell);
            bell.waker = Some(context.waker().clone());
            mem::take(&mut bell.rung)
        };
        for place in rung {
            self.poll_one(place);
        }
        if self.done.len() < self.pending.len() { Poll::Pending } else { Poll::Ready(mem::take(&mut self.done)) }
    }
}

/// The results are handed out, never pinned.
impl<T> Unpin for Join<T> {}

impl Wake for Ring {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut bell = lock(&self.bell);
        bell.rung.push(self.place);
        let waker = bell.waker.take();
        drop(bell);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

/// What a promise failed with whose callback panicked.
fn of_panic(panic: &(dyn std::any::Any + Send)) -> Error {
    let message = panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str));
    Error::Callback(match message {
        Some(message) => anyhow!("it panicked: {}", redact::one_line(message)),
        None => anyhow!("it panicked"),
    })
}

/// What must hold in any interleaving of threads.
#[cfg(all(test, shuttle))]
mod interleavings {
    use shuttle::future::block_on;
    use shuttle::thread;

    use super::*;

    /// How many interleavings are tried.
    const ORDERS: usize = 20_000;

    /// A result that another thread brings.
    #[derive(Default)]
    struct Parcel {
        result: Option<usize>,
        waker: Option<Waker>,
    }

    fn promise(parcel: Arc<Mutex<Parcel>>) -> Promise<usize> {
        Promise::new(std::future::poll_fn(move |context| {
            let mut parcel = lock(&parcel);
            match parcel.result.take() {
                Some(result) => Poll::Ready(Ok(result)),
                None => {
                    parcel.waker = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        }))
    }

    #[test]
    fn no_ring_is_missed() {
        shuttle::check_random(
            || {
                let parcels: Vec<Arc<Mutex<Parcel>>> = (0..3).map(|_| Arc::default()).collect();
                let threads: Vec<_> = parcels
                    .iter()
                    .enumerate()
                    .map(|(number, parcel)| {
                        let parcel = Arc::clone(parcel);
                        thread::spawn(move || {
                            let mut parcel = lock(&parcel);
                            parcel.result = Some(number);
                            let waker = parcel.waker.take();
                            drop(parcel);
                            if let Some(waker) = waker {
                                waker.wake();
                            }
                        })
                    })
                    .collect();
                let mut done = block_on(Join::new(parcels.into_iter().map(promise)));
                done.sort_by_key(|(place, _)| *place);
                assert!(done.into_iter().enumerate().all(|(n, (place, result))| n == place && result.unwrap() == n));
                threads.into_iter().for_each(|thread| thread.join().unwrap());
            },
            ORDERS,
        );
    }
}
