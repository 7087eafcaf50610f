//! What dropping a promise does: before its request is sent, while it is sent, and after that. Alone in its processes, for
//! what counts is which threads make the calls.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use support::platform::{KEY_ID, Platform, now, signed_headers};
use support::process::{child, is_child, run};
use support::raw::{Reply, Server, answer};
use wechatpay::{Chain, MediaUtil, Options, json};

/// Long enough for anything here, on a machine that is busy with other things.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many threads make the calls of the async verbs.
const THREADS: &str = "BLOCKING_MAX_THREADS";

/// Runs a test in a process of its own in which a single thread makes the calls: what begins second waits.
fn on_one_thread(name: &str, test: impl FnOnce()) {
    if is_child() {
        return test();
    }
    run(child(module_path!(), name).env(THREADS, "1"));
}

/// A server that answers what is under `held` when it is told to, and says when such a request has arrived.
struct Held {
    server: Server,
    arrived: Receiver<()>,
    go: Sender<()>,
}

fn held(platform: &Platform) -> Held {
    let (key, (arrive, arrived), (go, wait)) = (platform.key.clone(), mpsc::channel(), mpsc::channel());
    let (arrive, wait) = (Mutex::new(arrive), Mutex::new(wait));
    let server = Server::start(move |_, request| {
        if request.target.contains("held") {
            arrive.lock().unwrap().send(()).unwrap();
            wait.lock().unwrap().recv_timeout(PATIENCE).unwrap();
        }
        Reply::Answer(answer("200 OK", &signed_headers(&key, KEY_ID, now(), b"{}"), b"{}"))
    });
    Held { server, arrived, go }
}

fn targets(server: &Server) -> Vec<String> {
    server.arrived().into_iter().map(|request| request.target).collect()
}

fn pay(instance: &Chain, what: &str) -> wechatpay::Promise<wechatpay::Response> {
    instance.chain(format!("v3/{what}")).post_async(json!({ "json": { "out_refund_no": what } }))
}

#[test]
fn what_has_not_begun_is_never_sent() {
    on_one_thread("what_has_not_begun_is_never_sent", || {
        let platform = Platform::new();
        let Held { server, arrived, go } = held(&platform);
        let instance = platform.instance(&server.url());
        let first = pay(&instance, "held");
        arrived.recv_timeout(PATIENCE).unwrap();
        // The only thread waits for the first answer, so this one cannot have begun.
        drop(pay(&instance, "dropped"));
        go.send(()).unwrap();
        first.wait().unwrap();
        // Behind the dropped one in the queue.
        pay(&instance, "last").wait().unwrap();
        assert_eq!(targets(&server), ["/v3/held", "/v3/last"]);
    });
}

#[test]
fn what_waits_for_its_answer_is_not_torn_and_gives_connection_and_thread_back() {
    on_one_thread("what_waits_for_its_answer_is_not_torn_and_gives_connection_and_thread_back", || {
        let platform = Platform::new();
        let Held { server, arrived, go } = held(&platform);
        let instance = platform.instance(&server.url());
        let called = Arc::new(Mutex::new(false));
        let noted = Arc::clone(&called);
        let promise = pay(&instance, "held").then(move |response| {
            *noted.lock().unwrap() = true;
            Ok(response)
        });
        arrived.recv_timeout(PATIENCE).unwrap();
        drop(promise);
        go.send(()).unwrap();
        // It has the only thread until its answer has been read and verified.
        pay(&instance, "next").wait().unwrap();
        assert_eq!(targets(&server), ["/v3/held", "/v3/next"]);
        assert_eq!(server.connections(), 1);
        assert!(!*called.lock().unwrap(), "the callback of a dropped promise must not run");
    });
}

/// Bytes that are read for their hash at once, and for the second time when it is told to.
struct Slow {
    bytes: Cursor<Vec<u8>>,
    rewinds: usize,
    begun: Sender<()>,
    go: Receiver<()>,
}

impl Read for Slow {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.rewinds == 2 && self.bytes.position() > 0 {
            self.rewinds += 1;
            self.begun.send(()).unwrap();
            self.go.recv_timeout(PATIENCE).unwrap();
        }
        let most = buffer.len().min(1000);
        self.bytes.read(&mut buffer[..most])
    }
}

impl Seek for Slow {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.rewinds += 1;
        self.bytes.seek(to)
    }
}

#[test]
fn what_is_being_sent_is_sent_to_its_end() {
    const SIZE: usize = 300_000;
    on_one_thread("what_is_being_sent_is_sent_to_its_end", || {
        let platform = Platform::new();
        let Held { server, arrived: _arrived, go: _go } = held(&platform);
        let instance = platform.instance(&server.url());
        let ((begun, has_begun), (go, wait)) = (mpsc::channel(), mpsc::channel());
        let slow = Slow { bytes: Cursor::new(vec![7; SIZE]), rewinds: 0, begun, go: wait };
        let media = MediaUtil::from_reader("video.mp4", slow).unwrap();
        let promise = instance.chain("v3/merchant/media/video_upload").post_async(Options::new().body(media));
        // A part of it is with the server by now, and the server waits for the rest.
        has_begun.recv_timeout(PATIENCE).unwrap();
        assert!(server.arrived().is_empty());
        drop(promise);
        go.send(()).unwrap();
        let until = Instant::now() + PATIENCE;
        while server.arrived().is_empty() && Instant::now() < until {
            thread::sleep(Duration::from_millis(5));
        }
        let request = server.arrived().pop().expect("it never came to its end");
        assert_eq!(request.target, "/v3/merchant/media/video_upload");
        assert_eq!(request.header("content-length"), Some(request.body.len().to_string().as_str()));
        assert_eq!(request.body.iter().filter(|byte| **byte == 7).count(), SIZE);
        // And the thread is free again.
        pay(&instance, "next").wait().unwrap();
    });
}

#[test]
fn what_is_done_has_happened_whether_its_promise_is_kept_or_not() {
    on_one_thread("what_is_done_has_happened_whether_its_promise_is_kept_or_not", || {
        let platform = Platform::new();
        let Held { server, .. } = held(&platform);
        let instance = platform.instance(&server.url());
        let promise = pay(&instance, "done");
        // The only thread has done the first when it does the second.
        pay(&instance, "next").wait().unwrap();
        drop(promise);
        assert_eq!(targets(&server), ["/v3/done", "/v3/next"]);
        assert_eq!(server.connections(), 1);
    });
}
