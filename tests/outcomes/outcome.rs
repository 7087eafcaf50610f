//! What a failed call says about the money: each fault, and what the other side saw of it.

use std::net::TcpListener;
use std::time::Duration;

use support::platform::Platform;
use support::raw::{Reply, Server, answer};
use wechatpay::{Chain, Credentials, Error, Outcome, Response, Result, json};

/// Both kinds of verb must tell the same.
fn both(chain: &Chain, options: wechatpay::Value, mut check: impl FnMut(Result<Response>)) {
    check(chain.post(options.clone()));
    check(chain.post_async(options).wait());
}

fn pay() -> wechatpay::Value {
    json!({ "json": { "out_trade_no": "1217752501201407033233368018" }, "timeout": 0.5 })
}

#[test]
fn nothing_was_sent_when_there_was_no_connection() {
    let platform = Platform::new();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    // Accepts, and never answers a TLS handshake.
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let plain = Server::start(|_, _| Reply::Break(b"not TLS at all, and long enough to be read as a record".to_vec()));
    let refusing_proxy = Server::start(|_, _| Reply::Break(answer("403 Forbidden", &[], b"no")));
    let cases = [
        ("refused", json!({ "base_uri": format!("http://{closed}/") })),
        ("no such host", json!({ "base_uri": "https://no-such-host.invalid/" })),
        (
            "no handshake",
            json!({ "base_uri": format!("https://{}/", silent.local_addr().unwrap()), "connect_timeout": 0.2 }),
        ),
        ("no TLS", json!({ "base_uri": format!("https://127.0.0.1:{}/", plain.port) })),
        ("proxy refused", json!({ "proxy": format!("http://{closed}") })),
        ("proxy refuses", json!({ "proxy": refusing_proxy.url() })),
    ];
    for (what, settings) in cases {
        let instance = platform.builder("https://api.mch.weixin.qq.com/").defaults(settings).build().unwrap();
        both(&instance.chain("v3/pay/transactions/native"), pay(), |result| {
            let error = result.expect_err(what);
            assert_eq!(error.outcome(), Outcome::NotSent, "{what}: {error:?}");
            assert!(error.response().is_none());
            match &error {
                Error::Connection(failed) => assert!(!failed.sent() && failed.host().contains("://"), "{what}"),
                Error::Timeout(failed) => {
                    assert!(!failed.sent() && failed.limit() == "connect_timeout", "{what}: {error:?}");
                    assert_eq!(failed.host(), format!("https://{}", silent.local_addr().unwrap()));
                }
                other => panic!("{what}: {other:?}"),
            }
            assert_eq!(error.is_timeout(), what == "no handshake", "{what}: {error:?}");
        });
    }
    assert_eq!(refusing_proxy.arrived()[0].method, "CONNECT");
}

#[test]
fn the_outcome_is_unknown_once_the_request_had_left() {
    let platform = Platform::new();
    let head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_vec();
    type Fault = (&'static str, Box<dyn Fn() -> Reply + Send + Sync>, fn(&Error) -> bool);
    let cases: Vec<Fault> = vec![
        ("closed before the answer", Box::new(|| Reply::Break(vec![])), |e| matches!(e, Error::Connection(_))),
        ("no HTTP", Box::new(|| Reply::Break(b"SSH-2.0-OpenSSH\r\n\r\n".to_vec())), |e| {
            matches!(e, Error::Connection(_))
        }),
        ("closed in the middle of the head", Box::new(|| Reply::Break(b"HTTP/1.1 200 OK\r\nContent".to_vec())), |e| {
            matches!(e, Error::Connection(_))
        }),
        (
            "closed in the middle of the answer",
            {
                let head = head.clone();
                Box::new(move || Reply::Break(head.clone()))
            },
            |e| matches!(e, Error::Connection(_)),
        ),
        (
            "no answer",
            Box::new(|| Reply::Stall(vec![], Duration::from_secs(2))),
            |e| matches!(e, Error::Timeout(t) if t.limit() == "timeout" && t.sent()),
        ),
        (
            "stalled in the middle",
            Box::new(move || Reply::Stall(head.clone(), Duration::from_secs(2))),
            |e| matches!(e, Error::Timeout(t) if t.limit() == "timeout" && t.sent()),
        ),
        (
            "answer without end",
            Box::new(|| {
                Reply::Endless(
                    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(),
                    [b"FFFF\r\n".as_slice(), &[b' '; 0xFFFF], b"\r\n"].concat(),
                )
            }),
            |e| matches!(e, Error::TooLarge(t) if t.limit() == 64 << 20) || e.is_timeout(),
        ),
        (
            "5xx",
            Box::new(|| Reply::Answer(answer("502 Bad Gateway", &[], b"<html>"))),
            |e| matches!(e, Error::Server(s) if s.code().is_none() && s.response().text() == "<html>"),
        ),
        (
            "5xx cut off",
            Box::new(|| Reply::Break(b"HTTP/1.1 500 Oops\r\nContent-Length: 100\r\n\r\n{".to_vec())),
            |e| matches!(e, Error::Server(_)),
        ),
        ("not signed", Box::new(|| Reply::Answer(answer("200 OK", &[], b"{}"))), |e| {
            matches!(e, Error::Verification(_))
        }),
    ];
    for (what, reply, expected) in cases {
        let server = Server::start(move |_, _| reply());
        let instance = platform.instance(&server.url());
        both(&instance.chain("v3/pay/transactions/native"), pay(), |result| {
            let error = result.expect_err(what);
            assert_eq!(error.outcome(), Outcome::Unknown, "{what}: {error:?}");
            assert!(expected(&error), "{what}: {error:?}");
        });
        assert_eq!(server.arrived().len(), 2, "{what}: each call arrived once, none was repeated");
    }
}

#[test]
fn a_4xx_is_a_refusal_in_the_words_of_the_platform() {
    let platform = Platform::new();
    let body = json!({ "code": "PARAM_ERROR", "message": "参数错误", "detail": [{ "field": "/amount/total", "value": -1 }, 7] });
    let text = body.to_string();
    let server = Server::start(move |number, _| match number % 3 {
        0 | 1 => Reply::Answer(answer("400 Bad Request", &[("Request-ID", "08F78BC3".into())], text.as_bytes())),
        // The status counts, even when the rest is lost.
        _ => Reply::Break(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\n{".to_vec()),
    });
    let native = platform.instance(&server.url()).chain("v3/pay/transactions/native");
    both(&native, pay(), |result| {
        let error = result.unwrap_err();
        assert_eq!(
            (error.outcome(), error.code(), error.request_id()),
            (Outcome::Rejected, Some("PARAM_ERROR"), Some("08F78BC3"))
        );
        let Error::Client(refused) = &error else { panic!("{error:?}") };
        assert_eq!((refused.message(), refused.detail()), (Some("参数错误"), Some(&body["detail"])));
        assert_eq!((refused.response().status().as_u16(), refused.response().json().unwrap()), (400, body.clone()));
        assert_eq!(
            error.to_string(),
            "the platform answered 400 Bad Request: PARAM_ERROR: 参数错误 (Request-ID 08F78BC3)"
        );
    });
    let error = native.post(pay()).unwrap_err();
    assert!(matches!(&error, Error::Client(refused) if refused.response().status() == 403), "{error:?}");
    assert_eq!(error.outcome(), Outcome::Rejected);
    // Asked for, it is an ordinary answer.
    let response = native.post(json!({ "http_errors": false })).unwrap();
    assert_eq!((response.status().as_u16(), response.json().unwrap()["code"].clone()), (400, json!("PARAM_ERROR")));
}

#[test]
fn an_answer_that_is_no_json_is_verified_and_still_unknown() {
    let platform = Platform::new();
    let headers = platform.headers(b"<xml/>");
    let server = Server::start(move |_, _| Reply::Answer(answer("200 OK", &headers, b"<xml/>")));
    let response = platform.instance(&server.url()).chain("v3/x").get(()).unwrap();
    let error = response.json().unwrap_err();
    assert!(matches!(&error, Error::Json(_)));
    assert_eq!((error.outcome(), error.response().unwrap().text().into_owned()), (Outcome::Unknown, "<xml/>".into()));
}

#[test]
fn the_limits_of_time_are_told_apart_and_cover_the_whole_call() {
    let platform = Platform::new();
    let stalls = Server::start(|_, _| {
        Reply::Stall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_vec(), Duration::from_secs(3))
    });
    let chain = platform.instance(&stalls.url()).chain("v3/x");
    let error = chain.get(json!({ "read_timeout": 0.2 })).unwrap_err();
    assert!(matches!(&error, Error::Timeout(timeout) if timeout.limit() == "read_timeout"), "{error:?}");
    // Redirects share one limit.
    let redirects = Server::start(|number, _| {
        std::thread::sleep(Duration::from_millis(150));
        Reply::Answer(answer("307 Temporary Redirect", &[("Location", format!("/v3/{number}"))], b""))
    });
    let error = platform.instance(&redirects.url()).chain("v3/x").get(json!({ "timeout": 0.4 })).unwrap_err();
    assert!(matches!(&error, Error::Timeout(timeout) if timeout.limit() == "timeout" && timeout.sent()), "{error:?}");
}

#[test]
fn a_kept_connection_that_was_closed_meanwhile_does_no_harm() {
    let platform = Platform::new();
    let headers = platform.headers(b"{}");
    let server = Server::start(move |_, _| Reply::Break(answer("200 OK", &headers, b"{}")));
    let native = platform.instance(&server.url()).chain("v3/pay/transactions/native");
    for _ in 0..3 {
        native.post(pay()).unwrap();
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!((server.arrived().len(), server.connections()), (3, 3));
}

#[test]
fn connections_are_kept_and_shared_by_all_chains() {
    let platform = Platform::new();
    let server = platform.server();
    let instance = platform.instance(&server.url());
    for number in 0..20 {
        instance.clone().chain(format!("v3/{number}")).get(()).unwrap();
        // Limits of its own do not cost a call its connection.
        instance["v3/certificates"].get(json!({ "timeout": 3, "connect_timeout": 1, "read_timeout": 2 })).unwrap();
    }
    assert_eq!((server.arrived().len(), server.connections()), (40, 1));
}

#[test]
fn failed_callbacks_keep_what_they_failed_with() {
    let platform = Platform::new();
    let headers = platform.headers(br#"{"a":1}"#);
    let server = Server::start(move |_, _| Reply::Answer(answer("200 OK", &headers, br#"{"a":1}"#)));
    let chain = platform.instance(&server.url()).chain("v3/x");

    let value = chain.get_async(()).then(|r| Ok(r.json()?["a"].as_i64())).then(|a| Ok(a.unwrap() + 1)).wait().unwrap();
    assert_eq!(value, 2);
    let error =
        chain.get_async(()).then(|_| -> anyhow::Result<()> { anyhow::bail!("no database") }).wait().unwrap_err();
    assert!(matches!(&error, Error::Callback(cause) if cause.to_string() == "no database"));
    assert_eq!(error.outcome(), Outcome::Unknown);
    // An error of this crate passes through unchanged, and skips the next `then`.
    let error = chain
        .get_async(json!({ "nonsense": 1 }))
        .then(|_| -> anyhow::Result<()> { panic!("there is no answer") })
        .wait()
        .unwrap_err();
    assert!(matches!(error, Error::Options(_)));
    // After a success, what a callback fails at does not undo it, whatever it says of its own call.
    let error = chain.post_async(()).then(|_| Ok(chain_error()?)).wait().unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown, "{error:?}");
    let Error::Callback(cause) = &error else { panic!("{error:?}") };
    assert!(matches!(cause.downcast_ref(), Some(Error::Options(_))), "{error:?}");
    // What is unknown anyway is as it was.
    let error = chain.post_async(()).then(|response| Ok(response.xml()?)).wait().unwrap_err();
    assert!(matches!(error, Error::Xml(_)), "{error:?}");
    let saved =
        chain.get_async(json!({ "nonsense": 1 })).then(|_| Ok(0)).otherwise(|_| Ok(7)).then(|n| Ok(n + 1)).wait();
    assert_eq!(saved.unwrap(), 8);
    let error = chain.get_async(json!({ "nonsense": 1 })).otherwise(|error| Err(error.into())).wait().unwrap_err();
    assert!(matches!(error, Error::Options(_)));
}

fn chain_error() -> Result<Response> {
    wechatpay::Builder::new()
        .credentials(
            Credentials::new()
                .mchid("1")
                .serial("2")
                .signer(|_: &[u8]| anyhow::bail!("x"))
                .verifier(|_: &str, _: &[u8], _: &str| Ok(true)),
        )
        .build()?
        .chain("v3/{missing}")
        .get(())
}

#[test]
fn every_error_that_has_an_answer_hands_it_over() {
    let platform = Platform::new();
    let body = br#"{"name":"not encrypted"}"#;
    let headers = platform.headers(body);
    let server = Server::start(move |_, request| match request.target.as_str() {
        "/v3/absent" => {
            Reply::Answer(answer("404 Not Found", &[("Request-ID", "0A1B".into())], br#"{"code":"NOT_FOUND"}"#))
        }
        "/v3/x" => {
            let headers: Vec<_> = headers.iter().cloned().chain([("Request-ID", "0A1B".to_owned())]).collect();
            Reply::Answer(answer("200 OK", &headers, body))
        }
        _ => Reply::Answer(answer(
            "200 OK",
            &[("Request-ID", "0A1B".into())],
            b"<xml><return_code>FAIL</return_code></xml>",
        )),
    });
    let instance = platform
        .builder(&server.url())
        .credentials(Credentials::new().secret("exposed_your_key_here_have_risks"))
        .build()
        .unwrap();
    let absent = instance.chain("v3/absent");
    let errors = [
        instance.chain("v3/x").get(()).unwrap().decrypt(["/name"]).unwrap_err(),
        instance.chain("v2/x").post(json!({ "xml": { "mch_id": "1900000109" } })).unwrap_err(),
        instance.chain("v3/x").get_async(()).then(move |_| Ok(absent.get(())?)).wait().unwrap_err(),
    ];
    assert!(matches!(&errors, [Error::Decryption(_), Error::Apiv2(_), Error::Callback(_)]), "{errors:?}");
    for error in &errors {
        assert_eq!(error.request_id(), Some("0A1B"), "{error:?}");
        assert_eq!(error.response().unwrap().status().is_success(), !matches!(error, Error::Callback(_)), "{error:?}");
    }
    assert_eq!(errors[2].code(), Some("NOT_FOUND"));
}

#[test]
fn the_verb_returns_before_the_answer_and_callbacks_run_where_the_promise_is_waited_for() {
    let platform = Platform::new();
    let headers = platform.headers(b"{}");
    let (permit, permits) = std::sync::mpsc::channel::<()>();
    let permits = std::sync::Mutex::new(permits);
    let server = Server::start(move |_, _| {
        permits.lock().unwrap().recv().unwrap();
        Reply::Answer(answer("200 OK", &headers, b"{}"))
    });
    let chain = platform.instance(&server.url()).chain("v3/x");
    let here = std::thread::current().id();
    // Were the verb to wait for the answer, the permit would never be given.
    let promise = chain.get_async(()).then(move |_| Ok(std::thread::current().id() == here));
    permit.send(()).unwrap();
    assert!(promise.wait().unwrap());
    // It begins without being waited for.
    let promise = chain.get_async(());
    while server.arrived().len() < 2 {
        std::thread::yield_now();
    }
    permit.send(()).unwrap();
    promise.wait().unwrap();
}
