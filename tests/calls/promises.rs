//! Promises as a PHP user writes them: chained, nested, and several at once.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::panic::{self, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};
use std::task::Poll;
use std::thread;

use futures_lite::future::yield_now;
use support::platform::{APIV2_BODY, APIV2_KEY, MCHID, Platform};
use support::raw::{Reply, Server, answer};
use wechatpay::{Chain, Credentials, Error, Outcome, Promise, Response, Value, json};

/// A server that tells what was called: `{"target":"/v3/x"}`, signed.
fn telling(platform: &Platform) -> Server {
    telling_after(platform, || ())
}

/// The same, which first does this.
fn telling_after(platform: &Platform, before: impl Fn() + Send + Sync + 'static) -> Server {
    let key = platform.key.clone();
    Server::start(move |_, request| {
        before();
        let body = json!({ "target": request.target }).to_string();
        let headers = support::platform::signed_headers(
            &key,
            support::platform::KEY_ID,
            support::platform::now(),
            body.as_bytes(),
        );
        Reply::Answer(answer("200 OK", &headers, body.as_bytes()))
    })
}

fn target(answer: &Value) -> &str {
    answer["target"].as_str().unwrap()
}

/// Fails before anything is sent.
fn refused(instance: &Chain) -> Promise<Response> {
    instance.chain("v3/refused").post_async(json!({ "nonsense": 1 }))
}

#[test]
fn a_chain_of_callbacks_and_calls_reads_as_in_php() {
    let platform = Platform::new();
    let server = telling(&platform);
    let instance = platform.instance(&server.url());
    let (second, third) = (instance.clone(), instance.clone());
    let called = instance
        .chain("v3/first")
        .post_async(json!({ "json": {} }))
        .json()
        .and_then(move |first| second.chain("v3/second").get_async(json!({ "query": { "after": target(&first) } })))
        .and_then(|_| Promise::ready(Ok(7)))
        .then(|seven| if seven == 7 { Err(anyhow::anyhow!("not seven")) } else { Ok(seven) })
        .otherwise(|error| if error.outcome() == Outcome::Unknown { Ok(8) } else { Err(error.into()) })
        .and_then(move |_| refused(&third))
        .or_else(move |error| {
            assert_eq!(error.outcome(), Outcome::Unknown);
            instance.chain("v3/instead").get_async(())
        })
        .json()
        .wait()
        .unwrap();
    assert_eq!(target(&called), "/v3/instead");
    let targets: Vec<_> = server.arrived().into_iter().map(|request| request.target).collect();
    assert_eq!(targets, ["/v3/first", "/v3/second?after=%2Fv3%2Ffirst", "/v3/instead"]);
}

#[test]
fn the_question_mark_works_in_both_callbacks_and_in_a_block() {
    let platform = Platform::new();
    let server = telling(&platform);
    let instance = platform.instance(&server.url());
    let parsed = instance.chain("v3/x").get_async(()).then(|_| Ok("7".parse::<u8>()?)).wait().unwrap();
    assert_eq!(parsed, 7);
    let nested = instance.clone();
    let instead = refused(&instance).otherwise(move |_| {
        let number: usize = "1".parse()?;
        Ok(nested.chain(format!("v3/{number}")).get(())?)
    });
    assert_eq!(target(&instead.json().wait().unwrap()), "/v3/1");
    let block = Promise::new(async move {
        let first = instance.chain("v3/x").get_async(()).await?.json()?;
        let number: u8 = "none".parse()?;
        Ok((first, number))
    });
    let error = block.wait().unwrap_err();
    assert!(matches!(&error, Error::Callback(cause) if cause.to_string().contains("invalid digit")), "{error:?}");
}

#[test]
fn an_error_of_this_crate_leaves_a_block_as_it_is() {
    let instance = Platform::new().instance("http://127.0.0.1:1/");
    let block = Promise::new(async move { Ok(refused(&instance).await?) });
    assert!(matches!(block.wait().unwrap_err(), Error::Options(_)));
}

#[test]
fn xml_is_the_answer_of_apiv2() {
    let platform = Platform::new();
    let server = Server::start(|_, _| Reply::Answer(answer("200 OK", &[], APIV2_BODY.as_bytes())));
    let instance = platform.builder(&server.url()).credentials(Credentials::new().secret(APIV2_KEY)).build().unwrap();
    let order = instance.chain("v2/pay/orderquery").post_async(json!({ "xml": { "mch_id": MCHID } })).xml();
    assert_eq!(order.wait().unwrap()["nonce_str"], "abc");
}

/// Three calls that are answered only when all three have arrived.
fn three_at_once(promises: impl FnOnce(&Chain, fn(&Chain, usize) -> Promise<Value>) -> Vec<Value>) {
    let platform = Platform::new();
    let barrier = Barrier::new(3);
    let server = telling_after(&platform, move || {
        barrier.wait();
    });
    let instance = platform.instance(&server.url());
    let call =
        |chain: &Chain, number: usize| chain.chain(format!("v3/{number}")).get_async(json!({ "timeout": 20 })).json();
    let values = promises(&instance, call);
    assert_eq!(values.iter().map(target).collect::<Vec<_>>(), ["/v3/0", "/v3/1", "/v3/2"]);
}

#[test]
fn all_values_come_in_the_order_of_their_promises() {
    three_at_once(|chain, call| Promise::all((0..3).map(|number| call(chain, number))).wait().unwrap());
    three_at_once(|chain, call| {
        let keyed = Promise::unwrap([("c", 2), ("a", 0), ("b", 1)].map(|(key, number)| (key, call(chain, number))));
        keyed.unwrap().into_values().collect()
    });
    three_at_once(|chain, call| {
        let settled = Promise::settle((0..3).map(|number| call(chain, number))).wait().unwrap();
        settled.into_iter().map(Result::unwrap).collect()
    });
}

#[test]
fn blocks_run_at_the_same_time() {
    three_at_once(|chain, call| {
        let block = |number| {
            let chain = chain.clone();
            Promise::new(async move { Ok(call(&chain, number).await?) })
        };
        Promise::all((0..3).map(block)).wait().unwrap()
    });
}

#[test]
fn all_wait_for_the_others_when_one_fails_and_then_say_what_failed() {
    let platform = Platform::new();
    let server = telling(&platform);
    let instance = platform.instance(&server.url());
    let booked = Arc::new(AtomicUsize::new(0));
    let pay = |name: &str| {
        let booked = Arc::clone(&booked);
        instance.chain(format!("v3/{name}")).post_async(json!({ "json": {} })).then(move |response| {
            booked.fetch_add(1, Ordering::SeqCst);
            Ok(response)
        })
    };
    let error = Promise::all([refused(&instance), pay("a"), pay("b")]).wait().unwrap_err();
    assert_eq!(booked.load(Ordering::SeqCst), 2);
    let message = error.to_string();
    assert!(
        message.starts_with("1 of 3 promises failed: 0: options: `v3/refused`: `nonsense` is neither"),
        "{message}"
    );
    // PHP's forgets the others when it has a value; this one has waited for them.
    assert!(Promise::any([refused(&instance), pay("c"), pay("d")]).wait().is_ok());
    assert_eq!(booked.load(Ordering::SeqCst), 4);
}

#[test]
fn any_takes_the_value_that_came_first() {
    let platform = Platform::new();
    let server = telling(&platform);
    let instance = platform.instance(&server.url());
    let chain = instance.chain("v3/slower");
    let slower = Promise::new(async move {
        // The other one is looked at before this one begins.
        yield_now().await;
        Ok(chain.get_async(()).json().await?)
    });
    let value = Promise::any([slower, Promise::ready(Ok(json!({ "target": "at once" })))]).wait().unwrap();
    assert_eq!(target(&value), "at once");
    assert_eq!(server.arrived().len(), 1);
}

#[test]
fn of_nothing_there_is_nothing() {
    let none = || Vec::<Promise<u8>>::new();
    assert!(Promise::all(none()).wait().unwrap().is_empty());
    assert!(Promise::settle(none()).wait().unwrap().is_empty());
    assert!(Promise::unwrap(Vec::<(String, Promise<u8>)>::new()).unwrap().is_empty());
    let error = Promise::any(none()).wait().unwrap_err();
    assert_eq!(error.to_string(), "no promise was given, so there is no value");
    assert_eq!(error.outcome(), Outcome::NotSent);
}

#[test]
fn a_promise_is_polled_when_it_has_asked_for_it() {
    const PROMISES: usize = 200;
    let polls = Arc::new(AtomicUsize::new(0));
    let twice = || {
        let (polls, mut is_second) = (Arc::clone(&polls), false);
        Promise::new(poll_fn(move |context| {
            polls.fetch_add(1, Ordering::SeqCst);
            if is_second {
                return Poll::Ready(Ok(()));
            }
            is_second = true;
            let waker = context.waker().clone();
            thread::spawn(move || waker.wake());
            Poll::Pending
        }))
    };
    assert_eq!(Promise::all((0..PROMISES).map(|_| twice())).wait().unwrap().len(), PROMISES);
    assert_eq!(polls.load(Ordering::SeqCst), 2 * PROMISES);
}

#[test]
fn a_callback_that_panics_takes_no_outcome_from_the_others() {
    let platform = Platform::new();
    let server = telling(&platform);
    let instance = platform.instance(&server.url());
    let pay = || instance.chain("v3/x").post_async(json!({ "json": {} }));
    let panics = || pay().then(|_| -> anyhow::Result<Response> { panic!("no\nrow") });
    let settled = Promise::settle([panics(), pay(), refused(&instance)]).wait().unwrap();
    let [Err(panicked), Ok(_), Err(Error::Options(_))] = &settled[..] else { panic!("{settled:?}") };
    assert_eq!(panicked.outcome(), Outcome::Unknown);
    let cause = std::error::Error::source(panicked).unwrap().to_string();
    assert_eq!(cause, "it panicked: no\\nrow");
    // Alone, it is the panic that it is.
    let alone = panic::catch_unwind(AssertUnwindSafe(|| panics().wait())).unwrap_err();
    assert_eq!(alone.downcast_ref(), Some(&"no\nrow"));
    // And the thread can wait again.
    pay().wait().unwrap();
}

#[test]
fn a_callback_may_wait_for_another_promise() {
    let platform = Platform::new();
    let server = telling(&platform);
    let instance = platform.instance(&server.url());
    let (outer, inner) = (instance.clone(), instance.clone());
    let nested = instance.chain("v3/1").get_async(()).then(move |_| {
        let deeper = outer.chain("v3/2").get_async(()).then(move |_| {
            let all = Promise::all((3..5).map(|number| inner.chain(format!("v3/{number}")).get_async(()).json()));
            Ok(all.wait()?)
        });
        Ok(deeper.wait()?)
    });
    let values = nested.wait().unwrap();
    assert_eq!(values.iter().map(target).collect::<Vec<_>>(), ["/v3/3", "/v3/4"]);
}

#[test]
fn a_promise_goes_from_thread_to_thread() {
    let platform = Platform::new();
    let server = telling(&platform);
    let instance = platform.instance(&server.url());
    let promises: BTreeMap<usize, Promise<Value>> =
        (0..4).map(|number| (number, instance.chain(format!("v3/{number}")).get_async(()).json())).collect();
    let mut all = Promise::unwrap(promises.into_iter().map(|(number, promise)| {
        // Polled on this thread, waited for on another.
        let (here, there) = (thread::current().id(), promise);
        let moved = there.then(move |value| Ok((value, thread::current().id() == here)));
        (number, Promise::new(async move { Ok(thread::spawn(move || moved.wait()).join().unwrap()?) }))
    }))
    .unwrap();
    let (value, is_here) = all.remove(&3).unwrap();
    assert_eq!(target(&value), "/v3/3");
    assert!(!is_here, "callbacks run where the promise is waited for");
    // Begun on one thread, and finished on another.
    let mut begun = Promise::all([instance.chain("v3/5").get_async(()).json()]);
    let pending = futures_lite::future::block_on(futures_lite::future::poll_once(&mut begun));
    let values = match pending {
        Some(done) => done.unwrap(),
        None => thread::spawn(move || begun.wait().unwrap()).join().unwrap(),
    };
    assert_eq!(target(&values[0]), "/v3/5");
}
