//! A host that could not be reached is not asked first for a while, if there is another one.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};
use support::platform::Platform;
use wechatpay::{Outcome, json};

/// A port of loopback that nobody else gets. It refuses connections until someone listens there.
struct Port {
    socket: Socket,
    address: SocketAddr,
}

impl Port {
    fn new() -> Port {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
        let address = socket.local_addr().unwrap().as_socket().unwrap();
        Port { socket, address }
    }

    fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Counts the connections that are made from now on, and closes them without an answer.
    fn listen(&self) -> Arc<AtomicUsize> {
        self.socket.listen(128).unwrap();
        let listener: TcpListener = self.socket.try_clone().unwrap().into();
        let count = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&count);
        thread::spawn(move || {
            for stream in listener.incoming() {
                counter.fetch_add(1, Ordering::Relaxed);
                drop(stream);
            }
        });
        count
    }
}

#[test]
fn the_other_host_is_asked_first_for_ten_seconds() {
    let platform = Platform::new();
    let (first, second) = (Port::new(), platform.server());
    let hosts = Arc::new(std::sync::Mutex::new(Vec::new()));
    let seen = Arc::clone(&hosts);
    let instance = platform
        .builder(&first.url())
        .defaults(json!({ "failover": second.url() }))
        .observe(move |attempt| seen.lock().unwrap().push((attempt.attempt(), attempt.host().to_owned())))
        .build()
        .unwrap();
    let order = || instance.chain("v3/x").post(json!({ "json": {} }));
    let took = || std::mem::take(&mut *hosts.lock().unwrap());
    let (at_first, at_second) = (first.url(), second.url());
    let names = [at_first.trim_end_matches('/'), at_second.trim_end_matches('/')];

    let began = Instant::now();
    order().unwrap();
    assert_eq!(took(), [(1, names[0].to_owned()), (2, names[1].to_owned())]);
    // Even if it is back, it is not asked for a while, by any merchant of the instance.
    let asked = first.listen();
    for _ in 0..50 {
        order().unwrap();
    }
    assert!(took().iter().all(|(number, host)| *number == 1 && host == names[1]));
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    // What arrives at the second is addressed to that, and signed: the answer was verified.
    let arrived = second.arrived();
    assert_eq!(arrived.len(), 51);
    assert!(arrived.iter().all(|request| request.header("host") == Some(&names[1]["http://".len()..])));

    // Without another host there is nothing to be avoided; nor with another base.
    let alone = instance.chain("v3/x").post(json!({ "json": {}, "failover": false })).unwrap_err();
    assert_eq!((alone.outcome(), asked.load(Ordering::Relaxed)), (Outcome::Unknown, 1), "{alone:?}");

    thread::sleep(Duration::from_millis(10_100).saturating_sub(began.elapsed()));
    took();
    let error = order().unwrap_err();
    assert_eq!((error.outcome(), asked.load(Ordering::Relaxed)), (Outcome::Unknown, 2), "{error:?}");
    assert_eq!(took(), [(1, names[0].to_owned())]);
}

#[test]
fn if_both_are_down_both_are_asked() {
    let platform = Platform::new();
    let (first, second) = (Port::new(), Port::new());
    let attempts = Arc::new(AtomicUsize::new(0));
    let (counter, is_sent) = (Arc::clone(&attempts), Arc::new(AtomicBool::new(false)));
    let sent = Arc::clone(&is_sent);
    let instance = platform
        .builder(&first.url())
        .defaults(json!({ "failover": second.url() }))
        .observe(move |attempt| {
            counter.fetch_add(1, Ordering::Relaxed);
            sent.fetch_or(attempt.sending().is_some(), Ordering::Relaxed);
        })
        .build()
        .unwrap();
    for calls in 1..=3 {
        let error = instance.chain("v3/x").post(json!({ "json": {} })).unwrap_err();
        assert_eq!(error.outcome(), Outcome::NotSent, "{error:?}");
        assert_eq!(attempts.load(Ordering::Relaxed), 2 * calls);
    }
    assert!(!is_sent.load(Ordering::Relaxed));
}
