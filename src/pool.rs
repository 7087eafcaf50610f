//! The threads on which async calls are made: started as needed, up to a limit, and ended when they have been idle for a
//! while.

use std::any::Any;
use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::process;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use log::warn;

use crate::error::{Error, Result};
use crate::sync::{Arc, Condvar, Mutex, Weak, lock, thread, wait_for};

/// How long a thread waits for something to do before it ends.
const PATIENCE: Duration = Duration::from_secs(10);

/// The threads of this process.
static POOL: LazyLock<Pool> = LazyLock::new(|| Pool::new(most_threads()));

/// How many threads there may be: 500, or as many as the environment variable says.
pub(crate) fn most_threads() -> usize {
    const THREADS: usize = 500;
    const MOST: usize = 10_000;
    let wanted = std::env::var("BLOCKING_MAX_THREADS").ok().and_then(|threads| threads.parse().ok());
    wanted.unwrap_or(THREADS).clamp(1, MOST)
}

/// Runs some work on one of the threads, and returns a task that gives its result. If the task is dropped before the work
/// has begun, the work is never done.
pub(crate) fn start<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Task<T> {
    POOL.start(work)
}

/// Some work together with the task that waits for it. If there is no thread to do it, it gets the reason instead.
type Job = Box<dyn FnOnce(Option<io::Error>) + Send>;

struct Pool {
    most: usize,
    workshop: Arc<Workshop>,
}

#[derive(Default)]
struct Workshop {
    bookkeeping: Mutex<Bookkeeping>,
    /// Notified when there is something to do.
    wanted: Condvar,
}

#[derive(Default)]
struct Bookkeeping {
    queue: VecDeque<Job>,
    threads: usize,
    /// How many of them are waiting.
    idle: usize,
    /// The process that they belong to: a forked process has none of them.
    process: u32,
    /// Whether nothing more will come.
    is_closed: bool,
}

impl Pool {
    fn new(most: usize) -> Pool {
        Pool { most, workshop: Arc::default() }
    }

    fn start<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Task<T> {
        let shared = Arc::new(Mutex::new(Shared { result: None, waker: None }));
        let task = Task { shared: Arc::clone(&shared) };
        let waiting = Arc::downgrade(&shared);
        drop(shared);
        self.add(Box::new(move |failure| run(&waiting, failure, work)));
        task
    }

    fn add(&self, job: Job) {
        let mut books = lock(&self.workshop.bookkeeping);
        let process = process::id();
        if books.process != process {
            *books = Bookkeeping { process, ..Bookkeeping::default() };
        }
        if books.idle <= books.queue.len() && books.threads < self.most {
            let workshop = Arc::clone(&self.workshop);
            match thread::Builder::new().name("wechatpay".into()).spawn(move || workshop.serve()) {
                Ok(_) => books.threads = books.threads.saturating_add(1),
                Err(error) if books.threads == 0 => {
                    drop(books);
                    return job(Some(error));
                }
                // The running threads will get to it.
                Err(error) => warn!("no further thread for async calls: {error}"),
            }
        }
        books.queue.push_back(job);
        drop(books);
        self.workshop.wanted.notify_one();
    }
}

/// Its threads end when there is nothing left to do.
impl Drop for Pool {
    fn drop(&mut self) {
        lock(&self.workshop.bookkeeping).is_closed = true;
        self.workshop.wanted.notify_all();
    }
}

impl Workshop {
    /// What a thread does.
    fn serve(&self) {
        while let Some(job) = self.next() {
            job(None);
        }
    }

    /// The next job; `None` if there was none for a while, in which case this thread is no longer counted.
    fn next(&self) -> Option<Job> {
        let mut books = lock(&self.bookkeeping);
        let mut is_late = false;
        loop {
            if let Some(job) = books.queue.pop_front() {
                return Some(job);
            }
            if is_late || books.is_closed {
                books.threads = books.threads.saturating_sub(1);
                return None;
            }
            books.idle = books.idle.saturating_add(1);
            (books, is_late) = wait_for(&self.wanted, books, PATIENCE);
            books.idle = books.idle.saturating_sub(1);
        }
    }
}

/// What a task and its work share.
struct Shared<T> {
    result: Option<Finished<T>>,
    waker: Option<Waker>,
}

/// How the work ended: with a result, or a panic.
type Finished<T> = Result<Result<T>, Box<dyn Any + Send>>;

/// Does the work, unless nothing waits for it any more.
fn run<T>(waiting: &Weak<Mutex<Shared<T>>>, failure: Option<io::Error>, work: impl FnOnce() -> Result<T>) {
    let Some(shared) = waiting.upgrade() else { return };
    match failure {
        Some(error) => finish(&shared, Ok(Err(Error::Thread(error)))),
        None => finish(&shared, panic::catch_unwind(AssertUnwindSafe(work))),
    }
}

/// Hands over how the work ended.
#[inline(never)]
fn finish<T>(shared: &Mutex<Shared<T>>, finished: Finished<T>) {
    let mut guard = lock(shared);
    guard.result = Some(finished);
    let waker = guard.waker.take();
    drop(guard);
    if let Some(waker) = waker {
        waker.wake();
    }
}

/// The result of work that may still be running. A panic in the work, such as in a signer, is resumed where the task is
/// awaited.
pub(crate) struct Task<T> {
    shared: Arc<Mutex<Shared<T>>>,
}

impl<T> Future for Task<T> {
    type Output = Result<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
        let mut shared = lock(&self.shared);
        match shared.result.take() {
            Some(Ok(result)) => Poll::Ready(result),
            Some(Err(panic)) => {
                drop(shared);
                panic::resume_unwind(panic)
            }
            None => {
                shared.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

/// What must hold in any interleaving of threads.
#[cfg(all(test, shuttle))]
mod interleavings {
    use shuttle::future::block_on;
    use shuttle::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// How many interleavings are tried.
    const ORDERS: usize = 20_000;

    #[test]
    fn every_job_is_done_once_by_no_more_threads_than_there_may_be() {
        shuttle::check_random(
            || {
                const JOBS: usize = 5;
                const THREADS: usize = 2;
                let pool = Arc::new(Pool::new(THREADS));
                let (done, running) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
                let callers: Vec<_> = (0..JOBS)
                    .map(|job| {
                        let (pool, done, running) = (Arc::clone(&pool), Arc::clone(&done), Arc::clone(&running));
                        thread::spawn(move || {
                            let task = pool.start(move || {
                                assert!(running.fetch_add(1, Ordering::SeqCst) < THREADS);
                                done.fetch_add(1, Ordering::SeqCst);
                                running.fetch_sub(1, Ordering::SeqCst);
                                Ok(job)
                            });
                            drop(pool);
                            assert_eq!(block_on(task).unwrap(), job);
                        })
                    })
                    .collect();
                callers.into_iter().for_each(|caller| caller.join().unwrap());
                assert_eq!(done.load(Ordering::SeqCst), JOBS);
                let books = lock(&pool.workshop.bookkeeping);
                assert!(books.queue.is_empty() && books.threads <= THREADS && books.idle <= books.threads);
            },
            ORDERS,
        );
    }

    #[test]
    fn a_task_that_is_dropped_is_done_once_or_never() {
        shuttle::check_random(
            || {
                let pool = Pool::new(1);
                let done = Arc::new(AtomicUsize::new(0));
                for _ in 0..3 {
                    let done = Arc::clone(&done);
                    drop(pool.start(move || Ok(done.fetch_add(1, Ordering::SeqCst))));
                }
                assert_eq!(block_on(pool.start(|| Ok(7))).unwrap(), 7);
                assert!(done.load(Ordering::SeqCst) <= 3);
            },
            ORDERS,
        );
    }
}
