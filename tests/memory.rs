//! What nobody has verified takes no more memory than its own size: each case alone in a process, whose peak is taken.
#![cfg(target_os = "linux")]

use support::platform::{KEY_ID, Platform, now};
use support::process;
use support::raw::{Reply, Server, answer};
use wechatpay::{Builder, Credentials, Error, NotificationFailure as Failure, NotificationRegistry, Transformer, json};

/// The base address that a child is given.
const ADDRESS: &str = "WECHATPAY_TEST_ADDRESS";

const MIB: usize = 1 << 20;

/// A number of bytes from the state of this process.
fn state(name: &str) -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.trim_start_matches(':').trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

/// How far the peak rises above what is in use before.
fn growth(work: impl FnOnce()) -> usize {
    let before = state("VmRSS");
    work();
    state("VmHWM").saturating_sub(before)
}

/// The base address that a parent gave to this process; none in the parent.
fn child() -> Option<String> {
    std::env::var(ADDRESS).ok()
}

/// Runs a test of this file in a process of its own.
fn run(test: &str, address: &str) {
    process::run(process::child(module_path!(), test).env(ADDRESS, address).env("MALLOC_ARENA_MAX", "1"));
}

/// JSON that is as large as can be when it is parsed, for its size.
fn dense(size: usize) -> Vec<u8> {
    let start = br#"{"code":"PARAM_ERROR","message":"x","detail":["#;
    repeated(start, b"0,", (size - start.len()) / 2 - 2, b"0]}")
}

/// In memory that is asked for once, so that nothing has risen above it.
fn repeated(start: &[u8], piece: &[u8], count: usize, end: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(start.len() + piece.len() * count + end.len());
    bytes.extend_from_slice(start);
    (0..count).for_each(|_| bytes.extend_from_slice(piece));
    bytes.extend_from_slice(end);
    bytes
}

#[test]
fn the_body_of_an_error_is_parsed_up_to_a_limit() {
    let Some(address) = child() else {
        let (large, small) = (answer("400 Bad Request", &[], &dense(60 * MIB)), dense(MIB));
        let server = Server::start(move |_, request| match request.target.as_str() {
            "/v3/large" => Reply::Answer(large.clone()),
            _ => Reply::Answer(answer("400 Bad Request", &[], &small)),
        });
        return run("the_body_of_an_error_is_parsed_up_to_a_limit", &server.url());
    };
    let instance = Platform::new().instance(&address);
    let grown = growth(|| {
        let error = instance.chain("v3/large").get(()).unwrap_err();
        assert!(matches!(error, Error::Client(_)) && error.code().is_none(), "{error}");
        let body = error.response().unwrap().body();
        assert!(body.len() > 59 * MIB && body.starts_with(b"{\"code\":"), "{} bytes", body.len());
    });
    assert!(grown < 200 * MIB, "{grown} bytes");
    let error = instance.chain("v3/small").get(()).unwrap_err();
    assert_eq!(error.code(), Some("PARAM_ERROR"));
}

#[test]
fn a_notification_that_is_too_large_is_not_parsed() {
    if child().is_none() {
        return run("a_notification_that_is_too_large_is_not_parsed", "-");
    }
    let instance = Platform::new()
        .builder("http://127.0.0.1:1/")
        .credentials(
            Credentials::new().apiv3_key("0123456789abcdef0123456789abcdef").secret("exposed_your_key_here_have_risks"),
        )
        .build()
        .unwrap();
    let registry = NotificationRegistry::new();
    registry.insert(instance.clone()).unwrap();
    let headers = [
        ("Wechatpay-Nonce", "c5ac7061fccab6bf3e254dcf98995b8c".to_owned()),
        ("Wechatpay-Serial", KEY_ID.to_owned()),
        ("Wechatpay-Signature", "AAAA".to_owned()),
        ("Wechatpay-Timestamp", now().to_string()),
    ];
    let body = dense(10 * MIB);
    let grown = growth(|| {
        for result in [
            instance.notification(headers.clone(), &body),
            instance.notification_async(headers.clone(), &body).wait(),
            registry.notification(headers.clone(), &body),
            registry.notification_async(headers.clone(), &body).wait(),
        ] {
            refused(result.map(drop));
        }
        refused(instance.notification_apiv2(&body).map(drop));
        refused(registry.notification_apiv2(&body).map(drop));
    });
    assert!(grown < 4 * MIB, "{grown} bytes");
}

fn refused(result: Result<(), Error>) {
    let error = result.unwrap_err();
    let Error::Notification(inner) = &error else { panic!("{error:?}") };
    assert!(matches!(inner.failure(), Failure::TooLarge { limit } if *limit == MIB), "{error:?}");
    assert!(error.to_string().contains("1048576"), "{error}");
    assert_eq!(error.reply().status(), 400);
}

#[test]
fn xml_that_is_too_large_is_not_parsed() {
    if child().is_none() {
        return run("xml_that_is_too_large_is_not_parsed", "-");
    }
    let xml = repeated(b"<xml>", b"<a/>", 4 * MIB - 3, b"</xml>");
    let grown = growth(|| assert!(matches!(Transformer::to_array(&xml), Err(Error::Xml(_)))));
    assert!(grown < 4 * MIB, "{grown} bytes");
}

#[test]
fn an_answer_of_apiv2_that_is_too_large_is_not_parsed() {
    let Some(address) = child() else {
        let xml = repeated(b"<xml><return_code>SUCCESS</return_code>", b"<a/>", 4 * MIB, b"</xml>");
        let server = Server::start(move |_, _| Reply::Answer(answer("200 OK", &[], &xml)));
        return run("an_answer_of_apiv2_that_is_too_large_is_not_parsed", &server.url());
    };
    let instance = Builder::factory(json!({
        "secret": "exposed_your_key_here_have_risks", "base_uri": address, "proxy": "",
    }))
    .unwrap();
    let grown = growth(|| {
        let error = instance.chain("v2/pay/orderquery").post(json!({ "xml": { "out_trade_no": "1" } })).unwrap_err();
        assert!(matches!(error, Error::Apiv2(_)), "{error:?}");
    });
    assert!(grown < 64 * MIB, "{grown} bytes");
}
