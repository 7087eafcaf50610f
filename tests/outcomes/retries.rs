//! What is made again after a failure, where, and what never is.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use support::platform::{KEY_ID, Platform, now, signed_headers};
use support::raw::{Reply, Server, answer};
use wechatpay::{Chain, Error, Outcome, json};

/// An address at which nobody listens.
fn nowhere() -> String {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    format!("http://127.0.0.1:{port}/")
}

/// A server that fails in its own way for the first so many requests, then answers.
fn failing(platform: &Platform, times: usize, failure: impl Fn() -> Reply + Send + Sync + 'static) -> Server {
    let key = platform.key.clone();
    Server::start(move |number, _| match number < times {
        true => failure(),
        false => Reply::Answer(answer("200 OK", &signed_headers(&key, KEY_ID, now(), b"{}"), b"{}")),
    })
}

fn status(line: &'static str) -> impl Fn() -> Reply + Send + Sync {
    move || Reply::Answer(answer(line, &[], b""))
}

fn nonce(authorization: &str) -> &str {
    authorization.split("nonce_str=\"").nth(1).unwrap().split('"').next().unwrap()
}

fn call(instance: &Chain, verb: &str, options: wechatpay::Value) -> wechatpay::Result<wechatpay::Response> {
    instance.chain("v3/x").request(verb, options)
}

#[test]
fn nothing_is_made_again_unless_it_is_asked_for() {
    let platform = Platform::new();
    let server = failing(&platform, 1, status("502 Bad Gateway"));
    let error = call(&platform.instance(&server.url()), "GET", json!({})).unwrap_err();
    assert!(matches!(error, Error::Server(_)), "{error:?}");
    assert_eq!(server.arrived().len(), 1);
}

#[test]
fn a_get_is_made_again_signed_anew() {
    let platform = Platform::new();
    let failures: Vec<Box<dyn Fn() -> Reply + Send + Sync>> = vec![
        Box::new(status("502 Bad Gateway")),
        Box::new(status("429 Too Many Requests")),
        Box::new(|| Reply::Break(Vec::new())),
        Box::new(|| Reply::Break(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_vec())),
    ];
    for failure in failures {
        let server = failing(&platform, 2, failure);
        let instance = platform.instance(&server.url());
        assert!(call(&instance, "GET", json!({ "retries": 1 })).is_err());
        assert_eq!(server.arrived().len(), 2);
        call(&instance, "GET", json!({ "retries": 1 })).unwrap();
        let arrived = server.arrived();
        let nonces: std::collections::BTreeSet<_> =
            arrived.iter().map(|request| nonce(request.header("authorization").unwrap())).collect();
        assert_eq!(nonces.len(), arrived.len());
    }
}

#[test]
fn a_post_whose_outcome_is_unknown_is_never_made_again() {
    let platform = Platform::new();
    let failures: Vec<Box<dyn Fn() -> Reply + Send + Sync>> = vec![
        Box::new(status("502 Bad Gateway")),
        Box::new(status("400 Bad Request")),
        Box::new(|| Reply::Break(Vec::new())),
        Box::new(|| Reply::Stall(Vec::new(), Duration::from_secs(2))),
    ];
    for failure in failures {
        let server = failing(&platform, 1, failure);
        let second = failing(&platform, 0, status("500"));
        let instance = platform.instance(&server.url());
        for verb in ["POST", "PUT", "PATCH", "DELETE"] {
            let before = server.arrived().len();
            let options = json!({ "retries": 3, "failover": second.url(), "read_timeout": 0.3 });
            if let Err(error) = call(&instance, verb, options) {
                assert_ne!(error.outcome(), Outcome::NotSent, "{error:?}");
            }
            assert_eq!(server.arrived().len(), before + 1, "{verb}");
        }
        assert_eq!(second.arrived().len(), 0);
    }
}

#[test]
fn what_was_refused_for_its_number_waits_as_long_as_the_platform_asks() {
    let platform = Platform::new();
    let busy = |seconds: &'static str| {
        move || Reply::Answer(answer("429 Too Many Requests", &[("Retry-After", seconds.to_owned())], b""))
    };
    let server = failing(&platform, 1, busy("1"));
    let began = Instant::now();
    call(&platform.instance(&server.url()), "POST", json!({ "retries": 1 })).unwrap();
    assert!(began.elapsed() >= Duration::from_secs(1));

    // Later than the call may last: the refusal stands, at once.
    let server = failing(&platform, 1, busy("3600"));
    let began = Instant::now();
    let error = call(&platform.instance(&server.url()), "POST", json!({ "retries": 1 })).unwrap_err();
    assert_eq!(error.outcome(), Outcome::Rejected);
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!(server.arrived().len(), 1);
}

#[test]
fn a_host_that_is_not_reached_is_left_for_the_other_by_any_verb() {
    let platform = Platform::new();
    let second = failing(&platform, 0, status("500"));
    let instance = platform.instance(&nowhere());
    for (number, verb) in ["GET", "POST", "PUT", "PATCH", "DELETE"].into_iter().enumerate() {
        call(&instance, verb, json!({ "failover": second.url() })).unwrap();
        instance.chain("v3/x").request_async(verb, json!({ "failover": [second.url()] })).wait().unwrap();
        assert_eq!(second.arrived().len(), 2 * number + 2);
    }
    // Neither is reached: nothing was sent.
    let error = call(&instance, "POST", json!({ "failover": nowhere(), "retries": 2 })).unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent, "{error:?}");
}

#[test]
fn the_other_hosts_belong_to_their_base() {
    let platform = Platform::new();
    let second = failing(&platform, 0, status("500"));
    let instance = platform.builder(&nowhere()).defaults(json!({ "failover": second.url() })).build().unwrap();
    call(&instance, "POST", json!({})).unwrap();
    let error = call(&instance, "POST", json!({ "base_uri": nowhere() })).unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent);
    let error = call(&instance, "POST", json!({ "failover": false })).unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent);
    assert_eq!(second.arrived().len(), 1);
    // A host that must not be called is refused before anything is sent.
    let error = call(&instance, "POST", json!({ "failover": "http://api2.mch.weixin.qq.com/" })).unwrap_err();
    assert!(matches!(&error, Error::Options(what) if what.contains("plain http")), "{error:?}");
}

#[test]
fn all_attempts_share_one_timeout() {
    let platform = Platform::new();
    let server = failing(&platform, 100, || Reply::Stall(Vec::new(), Duration::from_secs(30)));
    let began = Instant::now();
    let options = json!({ "retries": 10, "read_timeout": 0.2, "timeout": 1 });
    let error = call(&platform.instance(&server.url()), "GET", options).unwrap_err();
    assert!(matches!(error, Error::Timeout(_)), "{error:?}");
    assert!(began.elapsed() < Duration::from_secs(10));
    assert!((2..=6).contains(&server.arrived().len()), "{}", server.arrived().len());
}

#[test]
fn a_broken_download_begins_anew_and_leaves_one_file() {
    let platform = Platform::new();
    let broken = || Reply::Break(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".to_vec());
    let server = Server::start(move |number, _| match number {
        0 => broken(),
        _ => Reply::Answer(answer("200 OK", &[], b"whole")),
    });
    let folder = support::folder::Folder::new("retries");
    let instance = platform.instance(&server.url());
    let sink = folder.file("bill.csv");
    let bill = instance.chain("v3/billdownload/file");
    bill.get(json!({ "retries": 1, "sink": sink })).unwrap();
    assert_eq!(std::fs::read(&sink).unwrap(), b"whole");
    assert_eq!(folder.names(), ["bill.csv"]);
}

#[test]
fn wrong_values_are_refused() {
    let platform = Platform::new();
    let instance = platform.instance("http://127.0.0.1:1/");
    for options in [
        json!({ "retries": 11 }),
        json!({ "retries": -1 }),
        json!({ "retries": "1" }),
        json!({ "failover": 1 }),
        json!({ "failover": [1] }),
        json!({ "failover": "nowhere" }),
    ] {
        let error = call(&instance, "GET", options.clone()).unwrap_err();
        assert!(matches!(error, Error::Options(_)), "{options}: {error:?}");
    }
}

/// The sandbox checks each signature; those it refuses by a fault are among its requests too.
#[test]
fn apiv2_is_signed_anew_with_its_data() {
    use wechatpay::Transformer;
    use wechatpay_sandbox::{Fault, Sandbox};

    let sandbox = Sandbox::builder().lenient(true).start().unwrap();
    let instance = wechatpay::Builder::factory(sandbox.config()).unwrap();
    let order = json!({
        "appid": "wxd678efh567hg6787", "mch_id": sandbox.mchid(), "body": "coffee", "out_trade_no": "1", "total_fee": 100,
        "spbill_create_ip": "127.0.0.1", "notify_url": "https://example.com/", "trade_type": "NATIVE", "product_id": "1",
    });
    sandbox.inject(Fault::Busy(0).on("pay/unifiedorder").times(2));
    let options = json!({ "xml": order, "retries": 2 });
    instance.chain("v2/pay/unifiedorder").post(options).unwrap();
    let data: Vec<_> =
        sandbox.requests().iter().map(|request| Transformer::to_array(request.body()).unwrap()).collect();
    assert_eq!(data.len(), 3);
    for name in ["nonce_str", "sign"] {
        let different: std::collections::BTreeSet<_> = data.iter().map(|data| data[name].as_str().unwrap()).collect();
        assert_eq!(different.len(), 3, "{name}");
    }
    assert!(data.iter().all(|data| data["out_trade_no"] == "1"));
    assert_eq!(sandbox.ledger().len(), 1);

    // In the query of a GET likewise.
    sandbox.inject(Fault::CloseBeforeAnswer.on("papay/entrustweb").times(1));
    let query = json!({ "query": { "mch_id": sandbox.mchid(), "contract_code": "1" }, "retries": 1 });
    instance.chain("v2/papay/entrustweb").get(query).unwrap();
    let targets: Vec<_> = sandbox.requests().iter().skip(3).map(|request| request.target().to_owned()).collect();
    assert_eq!(targets.len(), 2);
    assert_ne!(targets[0], targets[1]);
}

#[test]
fn an_answer_that_is_handed_back_is_not_forgotten_when_the_next_attempt_does_not_connect() {
    let platform = Platform::new();
    let server = failing(&platform, 9, status("500 Internal Server Error"));
    let options = json!({ "http_errors": false, "failover": [nowhere()] });
    let error = call(&platform.instance(&server.url()), "GET", options.clone()).unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown, "{error:?}");
    // Of too many requests the refusal is what is known; it is at the same host that the call is made again.
    let once =
        Server::start(|_, _| Reply::Break(answer("429 Too Many Requests", &[("Connection", "close".into())], b"")));
    let refused = call(&platform.instance(&once.url()), "POST", options).unwrap();
    assert_eq!(refused.status(), 429);
    // Nor is a request that was not answered, when the next host does not end its handshake in time.
    let broken = Server::start(|_, _| Reply::Break(Vec::new()));
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let options = json!({ "failover": [format!("https://{}/", silent.local_addr().unwrap())], "connect_timeout": 0.2 });
    let error = call(&platform.instance(&broken.url()), "GET", options).unwrap_err();
    assert!(matches!(&error, Error::Timeout(timeout) if timeout.sent()), "{error:?}");
    assert_eq!((error.outcome(), broken.arrived().len()), (Outcome::Unknown, 1), "{error:?}");
    // A refusal stands when its host is gone for the next attempt: it says that nothing was done, and why.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_uri = format!("http://{}/", listener.local_addr().unwrap());
    let once = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        drop(listener);
        let mut request = Vec::new();
        while !request.ends_with(b"{}") {
            let mut piece = [0; 1024];
            let length = connection.read(&mut piece).unwrap();
            request.extend_from_slice(&piece[..length]);
        }
        let refusal = br#"{"code":"RATELIMIT_EXCEEDED"}"#;
        connection.write_all(&answer("429 Too Many Requests", &[("Connection", "close".into())], refusal)).unwrap();
    });
    let error = call(&platform.instance(&base_uri), "POST", json!({ "json": {}, "retries": 1 })).unwrap_err();
    assert_eq!((error.outcome(), error.code()), (Outcome::Rejected, Some("RATELIMIT_EXCEEDED")), "{error:?}");
    once.join().unwrap();
}
