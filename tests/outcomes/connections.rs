//! What a connection may not do: serve a second call with what belongs to another, outlast the limit of a call, or fail for
//! good because the system had nothing left for a moment.

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use support::folder::Folder;
use support::http::{Arrival, Arrived};
use support::keys::{Keys, private_pem, sign};
use support::platform::{KEY_ID, Platform, now, signed_headers};
use support::process::{child_under, is_child, run};
use support::raw::{Reply, Server, answer};
use wechatpay::{Builder, Chain, Credentials, DownloadCerts, Error, MediaUtil, Options, Outcome, json};

/// Far more than any limit here, on a machine that is busy with other things.
const SLACK: Duration = Duration::from_secs(4);

// ---------------------------------------------------------------- what is beyond an answer

/// A signed answer of this many bytes, or of as many as it needs, that tells its number.
fn padded(keys: &Keys, number: usize, length: usize) -> Vec<u8> {
    let body = format!("{{\"number\":{number}}}").into_bytes();
    let timestamp = now();
    let message = [format!("{timestamp}\nnonce\n").as_bytes(), &body, b"\n"].concat();
    let mut headers = vec![
        ("Wechatpay-Nonce", "nonce".to_owned()),
        ("Wechatpay-Serial", KEY_ID.to_owned()),
        ("Wechatpay-Signature", sign(&message, &keys.platform)),
        ("Wechatpay-Timestamp", timestamp.to_string()),
        ("X-Padding", String::new()),
    ];
    let short = answer("200 OK", &headers, &body).len();
    headers[4].1 = "a".repeat(length.saturating_sub(short));
    answer("200 OK", &headers, &body)
}

/// Keeps what is written until it is flushed, so that several records of TLS leave together.
struct Together {
    stream: TcpStream,
    waiting: Vec<u8>,
}

impl Read for Together {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.flush()?;
        self.stream.read(buffer)
    }
}

impl Write for Together {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.write_all(&std::mem::take(&mut self.waiting))
    }
}

/// A server over TLS that gives each request these pieces, each of them a record, all in one write; how many connections it
/// had.
fn tls_server(
    keys: &Arc<Keys>,
    pieces: impl Fn(&Keys, usize) -> Vec<Vec<u8>> + Send + Sync + 'static,
) -> (String, Arc<Mutex<usize>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}/", listener.local_addr().unwrap().port());
    let connections = Arc::new(Mutex::new(0));
    let (count, keys, pieces) = (Arc::clone(&connections), Arc::clone(keys), Arc::new(pieces));
    let served = Arc::new(Mutex::new(0));
    thread::spawn(move || {
        for stream in listener.incoming() {
            *count.lock().unwrap() += 1;
            let together = Together { stream: stream.unwrap(), waiting: Vec::new() };
            let (keys, pieces, served) = (Arc::clone(&keys), Arc::clone(&pieces), Arc::clone(&served));
            thread::spawn(move || {
                let Ok(tls) = keys.acceptor.accept(together) else { return };
                let mut tls = BufReader::new(tls);
                while let Arrival::Whole(_) = Arrived::read(&mut tls) {
                    let number = {
                        let mut served = served.lock().unwrap();
                        *served += 1;
                        *served
                    };
                    for piece in pieces(&keys, number) {
                        tls.get_mut().write_all(&piece).unwrap();
                    }
                    let _ = tls.get_mut().flush();
                }
            });
        }
    });
    (url, connections)
}

fn over_tls(keys: &Keys, url: &str) -> Chain {
    Builder::new()
        .credentials(
            Credentials::new()
                .mchid("1900000109")
                .serial("3775B6A45ACD588826D15E583A95F5DD12345678")
                .private_key(keys.merchant_pem())
                .cert(KEY_ID, keys.platform_public_pem()),
        )
        .defaults(json!({ "base_uri": url, "proxy": "", "verify": keys.authority.to_str().unwrap() }))
        .build()
        .unwrap()
}

#[test]
fn what_is_beyond_an_answer_is_never_the_answer_to_the_next_call() {
    const FILLED: usize = 8 * 1024;
    let folder = Folder::new("beyond");
    let keys = Arc::new(Keys::make(folder.path(), &["localhost"]));
    type Pieces = fn(&Keys, usize) -> Vec<Vec<u8>>;
    let ways: [(&str, Pieces, usize); 5] = [
        // The record holds more than the buffer that is filled to its last byte.
        ("in the rest of a record", |keys, n| vec![[padded(keys, n, FILLED), padded(keys, n + 100, 0)].concat()], 3),
        // A record of its own, which has come together with the one before.
        ("in the next record", |keys, n| vec![padded(keys, n, 0), padded(keys, n + 100, 0)], 3),
        (
            "in the next record, behind a filled buffer",
            |keys, n| vec![padded(keys, n, FILLED), padded(keys, n + 100, 0)],
            3,
        ),
        ("in the same record", |keys, n| vec![[padded(keys, n, 0), padded(keys, n + 100, 0)].concat()], 3),
        // Nothing is beyond it: the connection is kept.
        ("nowhere", |keys, n| vec![padded(keys, n, FILLED)], 1),
    ];
    for (place, pieces, most) in ways {
        let (url, connections) = tls_server(&keys, pieces);
        let instance = over_tls(&keys, &url);
        for number in 1..=3 {
            let answered = instance.chain("v3/x").get(()).unwrap().json().unwrap();
            assert_eq!(answered["number"], number, "{place}");
        }
        assert_eq!(*connections.lock().unwrap(), most, "{place}");
    }
}

#[test]
fn a_long_head_is_received_and_one_that_is_too_long_is_named() {
    let folder = Folder::new("heads");
    let keys = Arc::new(Keys::make(folder.path(), &["localhost"]));
    for length in [8 * 1024 + 1, 33 * 1024, 60 * 1024] {
        let (url, connections) = tls_server(&keys, move |keys, number| {
            padded(keys, number, length).chunks(10_000).map(<[u8]>::to_vec).collect()
        });
        let instance = over_tls(&keys, &url);
        for number in 1..=3 {
            assert_eq!(instance.chain("v3/x").get(()).unwrap().json().unwrap()["number"], number, "{length}");
        }
        assert_eq!(*connections.lock().unwrap(), 1, "{length}");
    }
    let (url, _) = tls_server(&keys, |keys, number| vec![padded(keys, number, 80 * 1024)]);
    let error = over_tls(&keys, &url).chain("v3/x").post(json!({})).unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    let said = error.to_string();
    assert!(said.contains("header") && said.contains("65536"), "{said}");
}

// ---------------------------------------------------------------- limits

/// A server that does with each connection what it is told to.
fn listener(serve: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let serve = Arc::new(serve);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let serve = Arc::clone(&serve);
            thread::spawn(move || serve(stream.unwrap()));
        }
    });
    port
}

/// Calls, and checks that it took no longer than this.
fn within<T>(limit: Duration, call: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let result = call();
    assert!(began.elapsed() < limit + SLACK, "{:?} in place of {limit:?}", began.elapsed());
    result
}

#[test]
fn a_proxy_that_drips_its_answer_is_not_waited_for_longer_than_the_limit() {
    let platform = Platform::new();
    let port = listener(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nX-Drip: ");
        while stream.write_all(b"a").is_ok() {
            thread::sleep(Duration::from_millis(50));
        }
    });
    let limit = Duration::from_millis(500);
    for (name, reason) in [("connect_timeout", "connect_timeout"), ("timeout", "timeout")] {
        let options =
            json!({ "proxy": format!("http://127.0.0.1:{port}"), (name): 0.5, "base_uri": "https://a.invalid/" });
        let error = within(limit, || platform.instance("https://a.invalid/").chain("v3/x").post(options)).unwrap_err();
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert!(matches!(&error, Error::Timeout(timeout) if timeout.limit() == reason), "{error:?}");
    }
}

#[test]
fn a_certificate_endpoint_that_stalls_takes_none_but_the_time_of_the_call() {
    let platform = Platform::new();
    let port = listener(|stream| {
        thread::sleep(Duration::from_secs(60));
        drop(stream);
    });
    let instance = Builder::new()
        .credentials(
            Credentials::new()
                .mchid("1900000109")
                .serial("3775B6A45ACD588826D15E583A95F5DD12345678")
                .private_key(private_pem(&platform.merchant))
                .apiv3_key("0123456789abcdef0123456789abcdef")
                .download_certs(DownloadCerts::new().floor(Duration::ZERO)),
        )
        .defaults(json!({ "base_uri": format!("http://127.0.0.1:{port}/"), "proxy": "" }))
        .build()
        .unwrap();
    let call = |seconds: f64| instance.chain("v3/x").post(json!({ "json": {}, "timeout": seconds }));
    let error = within(Duration::from_millis(500), || call(0.5)).unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent);
    // One that waits for the fetch of another keeps its own limit.
    thread::scope(|scope| {
        scope.spawn(|| call(8.0).unwrap_err());
        thread::sleep(Duration::from_millis(300));
        let error = within(Duration::from_millis(500), || call(0.5)).unwrap_err();
        assert!(matches!(&error, Error::Timeout(timeout) if timeout.limit() == "timeout"), "{error:?}");
        assert_eq!(error.outcome(), Outcome::NotSent);
    });
}

#[test]
fn a_server_that_reads_slowly_does_not_begin_the_limit_anew() {
    let platform = Platform::new();
    let port = listener(|mut stream| {
        let mut some = vec![0; 128 * 1024];
        while stream.read(&mut some).is_ok_and(|read| read > 0) {
            thread::sleep(Duration::from_millis(300));
        }
    });
    let instance = platform.instance(&format!("http://127.0.0.1:{port}/"));
    let upload = || MediaUtil::from_bytes("video.mp4", vec![7; 40_000_000]);
    let limit = Duration::from_millis(1_500);
    let options = || Options::new().body(upload()).timeout(limit);
    let error = within(limit, || instance.chain("v3/merchant/media/video_upload").post(options())).unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert!(error.is_timeout(), "{error:?}");
    let options = Options::new().body(vec![7; 40_000_000]).timeout(limit);
    assert!(within(limit, || instance.chain("v3/x").post(options)).unwrap_err().is_timeout());
}

#[test]
fn a_platform_that_asks_for_a_long_wait_is_not_waited_for() {
    let platform = Platform::new();
    for wait in ["61", "1000000000", "18446744073709551615", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let server = Server::start(move |_, _| {
            Reply::Answer(answer("429 Too Many Requests", &[("Retry-After", wait.into())], b""))
        });
        let call = || platform.instance(&server.url()).chain("v3/x").post(json!({ "retries": 3, "timeout": 0 }));
        let error = within(Duration::ZERO, call).unwrap_err();
        assert_eq!((error.outcome(), server.arrived().len()), (Outcome::Rejected, 1), "{wait}");
    }
}

// ---------------------------------------------------------------- a system that has nothing left

/// Runs a test of this file in a process of its own, under a limit of the shell.
fn under(limit: &str, test: &str, environment: &[(&str, &str)]) {
    let mut child = child_under(limit, module_path!(), test);
    run(child.arg("--test-threads=1").envs(environment.iter().copied()));
}

/// Takes the address space until there is no room for another thread's stack.
fn without_room<T>(act: impl FnOnce() -> T) -> T {
    let mut taken: Vec<Vec<u8>> = Vec::with_capacity(100_000);
    for size in [1 << 26, 1 << 22, 1 << 20, 1 << 18] {
        let mut piece = Vec::new();
        while piece.try_reserve_exact(size).is_ok() {
            taken.push(std::mem::take(&mut piece));
        }
    }
    // The stacks of threads that have ended are used again.
    let (end, ended) = mpsc::channel::<()>();
    let ended = Arc::new(Mutex::new(ended));
    let wait = || {
        let ended = Arc::clone(&ended);
        thread::Builder::new().spawn(move || ended.lock().unwrap().recv().is_ok())
    };
    let threads: Vec<_> = std::iter::from_fn(|| wait().ok()).collect();
    // Room for what a call needs beside a stack.
    for _ in 0..4 {
        taken.pop();
    }
    let result = act();
    drop((taken, end));
    threads.into_iter().for_each(|thread| assert!(!thread.join().unwrap()));
    result
}

#[test]
fn without_threads_nothing_panics_or_spins_and_all_is_well_again_afterwards() {
    if !is_child() {
        return under("-v 1500000", "without_threads_nothing_panics_or_spins_and_all_is_well_again_afterwards", &[]);
    }
    let platform = Platform::new();
    let key = platform.key.clone();
    let server =
        Server::start(move |_, _| Reply::Answer(answer("200 OK", &signed_headers(&key, KEY_ID, now(), b"{}"), b"{}")));
    // A name, which is looked up on a thread.
    let instance = platform.instance(&format!("http://localhost:{}/", server.port));
    without_room(|| {
        assert!(thread::Builder::new().spawn(|| ()).is_err(), "there is room for a thread");
        let error = instance.chain("v3/x").post(json!({ "json": {} })).unwrap_err();
        assert!(matches!(error, Error::Connection(_)), "{error:?}");
        assert_eq!(error.outcome(), Outcome::NotSent);
        let began = Instant::now();
        let error = instance.chain("v3/x").post_async(json!({ "json": {} })).wait().unwrap_err();
        assert!(matches!(error, Error::Thread(_)), "{error:?}");
        assert_eq!(error.outcome(), Outcome::NotSent);
        assert!(began.elapsed() < SLACK);
    });
    for _ in 0..3 {
        instance.chain("v3/x").post(json!({ "json": {} })).unwrap();
    }
    let promises: Vec<_> = (0..8).map(|_| instance.chain("v3/x").post_async(json!({ "json": {} }))).collect();
    promises.into_iter().for_each(|promise| drop(promise.wait().unwrap()));
}

#[test]
fn without_file_descriptors_nobody_is_trusted_for_a_moment_only() {
    const NAME: &str = "without_file_descriptors_nobody_is_trusted_for_a_moment_only";
    if !is_child() {
        let folder = Folder::new("descriptors");
        let keys = Arc::new(Keys::make(folder.path(), &["localhost"]));
        let (url, _) = tls_server(&keys, |keys, number| vec![padded(keys, number, 0)]);
        let (authority, key) = (keys.authority.to_str().unwrap(), keys.platform_public_pem());
        let environment =
            [("SSL_CERT_FILE", authority), ("TEST_URL", url.as_str()), ("TEST_KEY", key.as_str()), ("LC_ALL", "C")];
        return under("-n 64", NAME, &environment);
    }
    let variable = |name| std::env::var(name).unwrap();
    let pem = support::keys::rsa().private_key_to_pem_pkcs8().unwrap();
    for free in 0..4 {
        let instance = Builder::new()
            .credentials(
                Credentials::new()
                    .mchid("1900000109")
                    .serial("3775B6A45ACD588826D15E583A95F5DD12345678")
                    .private_key(String::from_utf8(pem.clone()).unwrap())
                    .cert(KEY_ID, variable("TEST_KEY")),
            )
            .defaults(json!({ "base_uri": variable("TEST_URL"), "proxy": "" }))
            .build()
            .unwrap();
        let mut taken: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();
        taken.truncate(taken.len() - free);
        match instance.chain("v3/x").get(()) {
            Ok(_) => assert!(free > 0),
            Err(error) => {
                assert_eq!(error.outcome(), Outcome::NotSent, "{free}: {error:?}");
            }
        }
        drop(taken);
        instance.chain("v3/x").get(()).unwrap();
    }
}

// ---------------------------------------------------------------- two processes

#[test]
fn a_connection_serves_the_process_that_made_it() {
    const NAME: &str = "a_connection_serves_the_process_that_made_it";
    if !is_child() {
        return under("-c 0", NAME, &[]);
    }
    let platform = Platform::new();
    let key = platform.key.clone();
    let server = Server::start(move |_, request| {
        let body = format!("{{\"target\":\"{}\"}}", request.target).into_bytes();
        Reply::Answer(answer("200 OK", &signed_headers(&key, KEY_ID, now(), &body), &body))
    });
    let instance = platform.instance(&server.url());
    instance.chain("v3/before").get(()).unwrap();
    // SAFETY: the child makes two calls, which need no other thread of this process, and ends.
    #[expect(unsafe_code, reason = "there is no other way to two processes with one connection")]
    let child = unsafe { libc::fork() };
    let own = if child == 0 { "/v3/child" } else { "/v3/parent" };
    let is_own = || instance.chain(own).get(()).is_ok_and(|response| response.json().unwrap()["target"] == own);
    let is_well = is_own() && is_own();
    if child == 0 {
        // The async verbs have threads of their own there, too.
        let is_well = is_well && instance.chain(own).get_async(()).wait().is_ok();
        std::process::exit(i32::from(!is_well));
    }
    let mut status = 0;
    // SAFETY: `status` is there to be written to.
    #[expect(unsafe_code, reason = "as above")]
    unsafe {
        libc::waitpid(child, &raw mut status, 0)
    };
    assert!(is_well && status == 0, "{is_well} {status}");
    assert_eq!(server.connections(), 2);
}
