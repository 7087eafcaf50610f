//! What the log says when a call blocks a runtime, and when it must say nothing. Alone in its processes, for it is said once
//! in each, and for its logger.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use support::logger::log_to_standard_error;
use support::platform::Platform;
use support::process::{child, is_child, run};
use tokio::runtime::{Builder, Runtime};
use wechatpay::{Chain, Promise};

/// What the log says of a sync method, and of `wait`.
const METHOD: &str = "a sync method was called in async code, and blocks the executor's thread until it returns: \
     use its `_async` version and `.await` it.";
const WAIT: &str = "`wait` was called on a promise in async code, and blocks the executor's thread until it returns: \
     `.await` the promise.";

/// Runs this in a process of its own, with an instance whose calls succeed; what it logs about blocking.
fn logged(test: &str, run_there: impl FnOnce(Chain)) -> Vec<String> {
    if is_child() {
        log_to_standard_error();
        let platform = Platform::new();
        let server = platform.server();
        run_there(platform.instance(&server.url()).chain("v3/x"));
        return Vec::new();
    }
    let (_, shown) = run(&mut child(module_path!(), test));
    shown.lines().filter(|line| line.contains("executor")).map(str::to_owned).collect()
}

/// Expects one line for each of these, with the place of the call in this file.
fn expect(logged: &[String], wanted: &[&str]) {
    if is_child() {
        return;
    }
    assert_eq!(logged.len(), wanted.len(), "{logged:#?}");
    for (line, wanted) in logged.iter().zip(wanted) {
        assert!(line.starts_with("LOG wechatpay::blocking tests/blocking.rs:") && line.contains(wanted), "{line}");
    }
}

fn many_threads() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).build().unwrap()
}

fn one_thread() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

async fn blocks(chain: Chain) {
    for _ in 0..3 {
        chain.get(()).unwrap();
        chain.get_async(()).wait().unwrap();
    }
}

#[test]
fn on_a_thread_of_a_runtime_it_is_said_once_of_each_kind() {
    let logged = logged("on_a_thread_of_a_runtime_it_is_said_once_of_each_kind", |chain| {
        let runtime = many_threads();
        runtime.block_on(runtime.spawn(blocks(chain))).unwrap();
    });
    expect(&logged, &[METHOD, WAIT]);
}

#[test]
fn a_runtime_on_the_thread_of_a_test_is_noticed_in_a_debug_build() {
    let logged = logged("a_runtime_on_the_thread_of_a_test_is_noticed_in_a_debug_build", |chain| {
        one_thread().block_on(blocks(chain));
    });
    expect(&logged, if cfg!(debug_assertions) { &[METHOD, WAIT] } else { &[] });
}

#[test]
fn a_task_of_a_runtime_with_one_thread_is_noticed() {
    let logged = logged("a_task_of_a_runtime_with_one_thread_is_noticed", |chain| {
        let thread = std::thread::Builder::new().name("tokio-of-mine".into());
        let tasks = move || tokio::task::LocalSet::new().block_on(&one_thread(), async { blocks(chain).await });
        thread.spawn(tasks).unwrap().join().unwrap();
    });
    expect(&logged, &[METHOD, WAIT]);
}

#[test]
fn a_thread_that_has_the_name_of_an_executors_needs_no_symbols() {
    let logged = logged("a_thread_that_has_the_name_of_an_executors_needs_no_symbols", |chain| {
        let executor = move || futures_lite::future::block_on(blocks(chain));
        std::thread::Builder::new().name("smol-1".into()).spawn(executor).unwrap().join().unwrap();
    });
    expect(&logged, &[METHOD, WAIT]);
}

#[test]
fn where_blocking_is_right_nothing_is_said() {
    let logged = logged("where_blocking_is_right_nothing_is_said", |chain| {
        let runtime = many_threads();
        let again = || {
            let chain = chain.clone();
            move || futures_lite::future::block_on(blocks(chain))
        };
        runtime.block_on(async {
            tokio::task::spawn_blocking(again()).await.unwrap();
            let in_place = again();
            tokio::spawn(async move { tokio::task::block_in_place(in_place) }).await.unwrap();
            // A callback may do it as well.
            let in_place = again();
            let promise = chain.get_async(()).then(move |_| {
                tokio::task::block_in_place(in_place);
                Ok(())
            });
            tokio::spawn(promise).await.unwrap().unwrap();
            // What is awaited blocks nobody.
            let awaited = chain.get_async(()).and_then({
                let chain = chain.clone();
                move |_| chain.get_async(())
            });
            Promise::all([awaited, chain.get_async(())]).await.unwrap();
        });
        again()();
        // Where `wait` has blocked the thread, a callback blocks nobody.
        let nested = chain.clone();
        let waited = chain.get_async(()).then(move |_| {
            nested.get(())?;
            Ok(nested.get_async(()).wait()?)
        });
        waited.wait().unwrap();
        std::thread::spawn(again()).join().unwrap();
    });
    expect(&logged, &[]);
}

#[test]
fn a_callback_that_blocks_is_noticed_under_any_executor() {
    let logged = logged("a_callback_that_blocks_is_noticed_under_any_executor", |chain| {
        let nested = chain.clone();
        let promise = chain.get_async(()).then(move |_| {
            nested.get(())?;
            Ok(nested.get_async(()).wait()?)
        });
        futures_lite::future::block_on(promise).unwrap();
    });
    expect(&logged, &[METHOD, WAIT]);
}

#[test]
fn a_block_that_blocks_is_noticed_even_if_it_is_polled_by_hand() {
    let logged = logged("a_block_that_blocks_is_noticed_even_if_it_is_polled_by_hand", |chain| {
        let mut promise = Promise::new(async move { Ok(chain.download("http://127.0.0.1:1/", ()).is_err()) });
        let polled = Pin::new(&mut promise).poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(polled, Poll::Ready(Ok(true))));
    });
    expect(&logged, &[METHOD]);
}
