//! What an error says of itself: its name, its causes, whether there was a connection and what was answered; and how much of
//! an answer is shown with it.

use support::platform::{APIV2_KEY, Platform};
use support::raw::{Reply, Server, answer};
use wechatpay::{Chain, Credentials, Error, Response, json};

/// An address where nobody listens.
const NOWHERE: &str = "http://127.0.0.1:1/";

fn refused() -> Error {
    Platform::new().instance(NOWHERE).chain("v3/a").get(()).unwrap_err()
}

/// A merchant whom the platform answers this, signed.
fn answered(status: &'static str, body: &'static str) -> Chain {
    let platform = Platform::new();
    let headers = platform.headers(body.as_bytes());
    let server = Server::start(move |_, _| Reply::Answer(answer(status, &headers, body.as_bytes())));
    platform.instance(&server.url()).chain("v3/a")
}

#[test]
fn a_failed_connection_names_its_first_cause_and_nothing_twice() {
    let error = refused();
    let said = "no connection to http://127.0.0.1:1, nothing was sent: Connection refused (os error 111)";
    assert_eq!(format!("{error}"), said);
    assert_eq!(format!("{error:#}"), said);
    let Error::Connection(connection) = &error else { panic!("{error:?}") };
    let cause: &std::io::Error = connection.cause().downcast_ref().unwrap();
    assert_eq!(cause.kind(), std::io::ErrorKind::ConnectionRefused);
    // `anyhow` prints each of the chain, and so do the error reporters that walk it themselves.
    let whole = anyhow::Error::from(error).context("the order was not placed");
    assert_eq!(format!("{whole:#}"), format!("the order was not placed: {said}"));
    assert_eq!(format!("{whole:?}").matches("Connection refused").count(), 1, "{whole:?}");
}

#[test]
fn the_alternate_form_adds_all_causes() {
    let signer = |_: &[u8]| Err(anyhow::anyhow!("no route").context("the key server is away"));
    let credentials = Credentials::new().mchid("1").serial("2").signer(signer);
    let credentials = credentials.verifier(|_: &str, _: &[u8], _: &str| Ok(true));
    let instance = wechatpay::Builder::new().credentials(credentials).build().unwrap();
    let error = instance.chain("v3/a").get(()).unwrap_err();
    assert_eq!(format!("{error}"), "the request could not be signed, nothing was sent");
    let whole = "the request could not be signed, nothing was sent: the key server is away: no route";
    assert_eq!(format!("{error:#}"), whole);
    assert_eq!(format!("{:#}", anyhow::Error::from(error)), whole);

    let error = answered("200 OK", "<html/>").get(()).unwrap().json().unwrap_err();
    assert_eq!(format!("{error}"), "answer 200 OK of 7 bytes is not JSON");
    assert_eq!(format!("{error:#}"), "answer 200 OK of 7 bytes is not JSON: expected value at line 1 column 1");

    let promise = answered("200 OK", "{}").get_async(()).then(|_| -> anyhow::Result<()> { anyhow::bail!("full") });
    let error = promise.wait().unwrap_err();
    assert_eq!(format!("{error:#}"), "a callback failed after a call that may have had an effect: full");
}

#[test]
fn the_status_is_that_of_the_answer() {
    let error = answered("404 Not Found", r#"{"code":"ORDER_NOT_EXIST"}"#).get(()).unwrap_err();
    assert_eq!((error.status().unwrap().as_u16(), error.kind(), error.is_connect()), (404, "client", false));
    let error = answered("503 Service Unavailable", "{}").get(()).unwrap_err();
    assert_eq!((error.status().unwrap().as_u16(), error.kind()), (503, "server"));
    assert_eq!(refused().status(), None);
    // That of the call that a callback failed with.
    let failing = answered("404 Not Found", "{}");
    let promise = answered("200 OK", "{}").get_async(()).then(move |_| Ok(failing.get(())?));
    let error = promise.wait().unwrap_err();
    assert_eq!((error.status().unwrap().as_u16(), error.kind()), (404, "callback"));
}

#[test]
fn a_connection_that_was_never_made_is_told_from_one_that_broke() {
    let error = refused();
    assert_eq!((error.is_connect(), error.is_timeout(), error.kind()), (true, false, "connection"));
    let platform = Platform::new();
    let silent = Server::start(|_, _| Reply::Break(Vec::new()));
    let error = platform.instance(&silent.url()).chain("v3/a").post(json!({ "json": {} })).unwrap_err();
    assert_eq!((error.is_connect(), error.kind()), (false, "connection"));
    assert!(format!("{error}").contains("failed after part of the request had been sent: "), "{error}");
    let stalled = Server::start(|_, _| Reply::Stall(Vec::new(), std::time::Duration::from_secs(1)));
    let error = platform.instance(&stalled.url()).chain("v3/a").get(json!({ "timeout": 0.2 })).unwrap_err();
    assert_eq!((error.is_connect(), error.is_timeout(), error.kind()), (false, true, "timeout"));
}

#[test]
fn an_answer_shows_the_beginning_of_its_body() {
    let shown = |response: &Response| format!("{response:?}");
    let options = json!({ "http_errors": false });
    let response = answered("400 Bad Request", r#"{"code":"PARAM_ERROR","message":"bad"}"#).get(options).unwrap();
    assert!(shown(&response).contains(r#"body: 38 bytes: {"code":"PARAM_ERROR","message":"bad"} }"#), "{response:?}");
    // Neither what others have sealed, nor what may be of a person, nor more than a beginning.
    let body = concat!(
        r#"{"prepay_id":"wx2014","sealed":"A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9"#,
        r#"A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9A9","name":"张三","phone":"13900000000","list":["#,
        r#"1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9,1,2,3,4,5,6,7,8,9]}"#,
    );
    let response = answered("200 OK", body).get(()).unwrap();
    let beginning = r#"bytes: {"prepay_id":"wx2014","sealed":"***","name":"***","phone":"***","list":[1,2,"#;
    assert!(shown(&response).contains(beginning), "{response:?}");
    assert!(shown(&response).ends_with("… }"), "{response:?}");
    // The whole is still there for the program.
    assert_eq!(response.text(), body);
    let xml = "<xml><return_code>FAIL</return_code><return_msg>x</return_msg><sign>9A0A8659</sign></xml>";
    let server = Server::start(move |_, _| Reply::Answer(answer("200 OK", &[], xml.as_bytes())));
    let builder = Platform::new().builder(&server.url()).credentials(Credentials::new().secret(APIV2_KEY));
    let order = json!({ "xml": { "mch_id": "1900000109" } });
    let error = builder.build().unwrap().chain("v2/pay/orderquery").post(order).unwrap_err();
    let shown = shown(error.response().unwrap());
    assert!(shown.contains("<return_msg>x</return_msg><sign>***</sign></xml>"), "{shown}");
}
