//! Retries do not multiply the load of an outage: all calls of an instance share a budget for them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use support::platform::{KEY_ID, Platform, now, signed_headers};
use support::raw::{Reply, Server, answer};
use wechatpay::{Chain, json};
use wechatpay_sandbox::Sandbox;

const THREADS: usize = 8;

/// So many calls from several threads at once, all of which fail.
fn fail(calls: usize, call: impl Fn(usize) -> bool + Sync) {
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= calls {
                        break;
                    }
                    assert!(!call(number), "call {number} succeeded");
                }
            });
        }
    });
}

/// A server that answers this status until told otherwise, and then rightly.
fn failing(platform: &Platform, status: &'static str) -> (Server, Arc<Mutex<bool>>) {
    let (key, works) = (platform.key.clone(), Arc::new(Mutex::new(false)));
    let is_working = Arc::clone(&works);
    let server = Server::start(move |_, _| match *is_working.lock().unwrap() {
        true => Reply::Answer(answer("200 OK", &signed_headers(&key, KEY_ID, now(), b"{}"), b"{}")),
        false => Reply::Answer(answer(status, &[("Retry-After", "0".into())], b"")),
    });
    (server, works)
}

fn get(instance: &Chain, retries: u32) -> bool {
    instance.chain("v3/x").get(json!({ "retries": retries })).is_ok()
}

/// How many attempts a failing call makes.
fn attempts(server: &Server, instance: &Chain) -> usize {
    let before = server.arrived().len();
    get(instance, 3);
    server.arrived().len() - before
}

#[test]
fn while_the_sandbox_is_down_two_thousand_calls_make_a_hundred_attempts_more() {
    let sandbox = Sandbox::builder().lenient(true).start().unwrap();
    let attempts = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&attempts);
    let instance = sandbox
        .config()
        .observe(move |attempt| {
            assert!(attempt.kind() != Some("connection") || attempt.sending().is_none());
            counter.fetch_add(1, Ordering::Relaxed);
        })
        .build()
        .unwrap();
    let orders = instance.chain("v3/any/orders");
    sandbox.refuse_connections(true).unwrap();
    fail(2_000, |_| orders.post(json!({ "retries": 5, "json": { "amount": 1 } })).is_ok());
    assert_eq!(attempts.load(Ordering::Relaxed), 2_100);

    // The same when it fails with 5xx; the budget is still spent.
    sandbox.refuse_connections(false).unwrap();
    sandbox.inject(wechatpay_sandbox::Fault::Status(503));
    fail(200, |_| instance.chain("v3/any/path").get(json!({ "retries": 5 })).is_ok());
    assert_eq!(attempts.load(Ordering::Relaxed), 2_300);

    // It recovers: 500 calls that succeed fill it.
    sandbox.clear_faults();
    for _ in 0..500 {
        instance.chain("v3/any/path").get(()).unwrap();
    }
    sandbox.refuse_connections(true).unwrap();
    fail(200, |_| orders.post(json!({ "retries": 1, "json": { "amount": 1 } })).is_ok());
    assert_eq!(attempts.load(Ordering::Relaxed), 2_300 + 500 + 200 + 100);
}

#[test]
fn the_merchants_of_an_instance_share_it() {
    let platform = Platform::new();
    let (server, _) = failing(&platform, "503 Service Unavailable");
    let instance = platform.instance(&server.url());
    let another = instance
        .for_merchant(
            wechatpay::Credentials::new()
                .mchid("1900000110")
                .serial(support::platform::MERCHANT_SERIAL)
                .private_key(support::keys::private_pem(&platform.merchant))
                .cert(KEY_ID, support::keys::public_pem(&platform.key)),
        )
        .unwrap();
    fail(200, |number| get(if number % 2 == 0 { &instance } else { &another }, 1));
    assert_eq!(server.arrived().len(), 300);
    // Another instance has its own.
    assert!(!get(&platform.instance(&server.url()), 1));
    assert_eq!(server.arrived().len(), 302);
}

#[test]
fn what_is_given_back_is_what_a_success_has_cost() {
    let platform = Platform::new();
    let (server, works) = failing(&platform, "429 Too Many Requests");
    let instance = platform.instance(&server.url());
    let set = |is_working| *works.lock().unwrap() = is_working;
    fail(100, |_| get(&instance, 1));
    assert_eq!(attempts(&server, &instance), 1);
    // Four successes do not pay for a retry, five do.
    set(true);
    (0..4).for_each(|_| assert!(get(&instance, 0)));
    set(false);
    assert_eq!(attempts(&server, &instance), 1);
    set(true);
    assert!(get(&instance, 0));
    set(false);
    assert_eq!(attempts(&server, &instance), 2);

    // A retry that helps costs nothing in the end: a thousand such calls are all repeated.
    let key = platform.key.clone();
    let every_other = Server::start(move |number, _| match number % 2 {
        0 => Reply::Answer(answer("503 Service Unavailable", &[("Retry-After", "0".into())], b"")),
        _ => Reply::Answer(answer("200 OK", &signed_headers(&key, KEY_ID, now(), b"{}"), b"{}")),
    });
    let instance = platform.instance(&every_other.url());
    (0..1_000).for_each(|number| assert!(get(&instance, 1), "{number}"));
    assert_eq!(every_other.arrived().len(), 2_000);
}
