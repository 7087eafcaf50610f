//! Redirects: each hop is signed anew, and nothing signed leaves for elsewhere.

use openssl::hash::MessageDigest;
use openssl::sign::Verifier;
use support::platform::Platform;
use support::raw::{Arrived, Reply, Server, answer};
use wechatpay::{Error, Options, Outcome, json};

/// Answers paths that begin with `/to/` by a redirect with this status to what follows, others by `{}`.
fn server(platform: &Platform, status: &'static str) -> Server {
    let headers = platform.headers(b"{}");
    Server::start(move |_, request| match request.target.strip_prefix("/to/") {
        Some(to) => Reply::Answer(answer(status, &[("Location", to.replace('!', "/"))], b"moved")),
        None => Reply::Answer(answer("200 OK", &headers, b"{}")),
    })
}

/// Whether the Authorization that arrived is a signature of exactly what arrived.
fn is_signed(platform: &Platform, arrived: &Arrived) -> bool {
    let authorization = arrived.header("authorization").unwrap();
    let part =
        |name: &str| authorization.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned();
    let mut message =
        format!("{}\n{}\n{}\n{}\n", arrived.method, arrived.target, part("timestamp"), part("nonce_str")).into_bytes();
    message.extend_from_slice(&arrived.body);
    message.push(b'\n');
    let signature = openssl::base64::decode_block(&part("signature")).unwrap();
    Verifier::new(MessageDigest::sha256(), &platform.merchant).unwrap().verify_oneshot(&signature, &message).unwrap()
}

#[test]
fn each_hop_is_signed_anew() {
    let platform = Platform::new();
    for (status, method, body) in [
        ("301 Moved Permanently", "GET", ""),
        ("302 Found", "GET", ""),
        ("303 See Other", "GET", ""),
        ("307 Temporary Redirect", "POST", r#"{"a":1}"#),
        ("308 Permanent Redirect", "POST", r#"{"a":1}"#),
    ] {
        let server = server(&platform, status);
        let chain = platform.instance(&server.url()).chain("to/!to!!v3!x?y=1");
        let response = chain.post(json!({ "json": { "a": 1 } }));
        // `!to!!v3!x?y=1` leads to `/to//v3/x?y=1`, and that to `/v3/x?y=1`.
        assert_eq!(response.unwrap().body(), b"{}", "{status}");
        let arrived = server.arrived();
        let seen: Vec<_> = arrived.iter().map(|a| (a.method.as_str(), a.target.as_str(), a.body.as_slice())).collect();
        assert_eq!(seen[0], ("POST", "/to/!to!!v3!x?y=1", br#"{"a":1}"#.as_slice()), "{status}");
        assert_eq!(seen[2], (method, "/v3/x?y=1", body.as_bytes()), "{status}");
        let nonces: std::collections::BTreeSet<_> =
            arrived.iter().map(|a| a.header("authorization").unwrap().to_owned()).collect();
        assert_eq!(nonces.len(), 3, "{status}");
        assert!(arrived.iter().all(|arrived| is_signed(&platform, arrived)), "{status}");
    }
}

#[test]
fn nothing_signed_leaves_for_another_host_port_or_scheme() {
    let platform = Platform::new();
    let elsewhere = server(&platform, "302 Found");
    let here = server(&platform, "302 Found");
    let port = here.port;
    for location in [
        elsewhere.url(),
        format!("http://localhost:{port}/v3/x"),
        format!("https://127.0.0.1:{port}/v3/x"),
        "//evil.example/v3/x".to_owned(),
        "ftp://127.0.0.1/v3/x".to_owned(),
        "http://127.0.0.1:99999/v3/x".to_owned(),
    ] {
        let path = format!("to/{}", location.replace('/', "!"));
        let error =
            platform.instance(&here.url()).chain("{+path}").post(json!({ "path": path, "json": {} })).unwrap_err();
        assert!(
            matches!(&error, Error::RedirectRefused(refused) if refused.location() == location),
            "{location}: {error:?}"
        );
        assert_eq!((error.outcome(), error.response().unwrap().status().as_u16()), (Outcome::Unknown, 302));
    }
    assert_eq!(elsewhere.arrived().len(), 0);
    assert_eq!(here.arrived().len(), 6);
}

#[test]
fn a_loop_ends_after_five() {
    let platform = Platform::new();
    let server = Server::start(|_, _| Reply::Answer(answer("302 Found", &[("Location", "/again".into())], b"")));
    let error = platform.instance(&server.url()).chain("v3/x").get(()).unwrap_err();
    assert!(matches!(&error, Error::TooManyRedirects(redirect) if redirect.location() == "/again"), "{error:?}");
    assert_eq!((error.outcome(), server.arrived().len()), (Outcome::Unknown, 6));
}

#[test]
fn they_are_handed_back_when_asked_for_and_verified_when_they_lead_nowhere() {
    let platform = Platform::new();
    let server = server(&platform, "302 Found");
    let chain = platform.instance(&server.url()).chain("to/!v3!x");
    let response = chain.get(Options::new().allow_redirects(false)).unwrap();
    assert_eq!(
        (response.status().as_u16(), response.header("LOCATION"), response.body()),
        (302, Some("/v3/x"), b"moved".as_slice())
    );
    assert_eq!(server.arrived().len(), 1);
    let nowhere = Server::start(|_, _| Reply::Answer(answer("304 Not Modified", &[], b"")));
    let error = platform.instance(&nowhere.url()).chain("v3/x").get(()).unwrap_err();
    assert!(matches!(error, Error::Status(_)), "{error:?}");
    assert_eq!(error.outcome(), Outcome::Unknown);
}

#[test]
fn a_broken_hop_does_not_hide_that_the_first_had_left() {
    let platform = Platform::new();
    // The second hop's connection is refused: the server is gone by then.
    let server = Server::start(|_, _| {
        Reply::Break(answer(
            "307 Temporary Redirect",
            &[("Location", "/v3/y".into()), ("Connection", "close".into())],
            b"",
        ))
    });
    let chain = platform.instance(&server.url()).chain("v3/x");
    let error = chain.post(json!({ "json": {}, "timeout": 2 })).unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown, "{error:?}");
}
