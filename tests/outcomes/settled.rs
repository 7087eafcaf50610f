//! What settles the outcome of a call: a success is a verified 2xx of the path that was called, and nothing that is said
//! after a redirect undoes what the first request has done.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use support::folder::Folder;
use support::platform::{APIV2_BODY, APIV2_KEY, KEY_ID, Platform, now, signed_headers};
use support::raw::{Reply, Server, answer};
use wechatpay::{Chain, Credentials, Error, Outcome, Value, VerificationFailure, json};

/// The merchant of both protocols.
fn instance(platform: &Platform, server: &Server) -> Chain {
    platform.builder(&server.url()).credentials(Credentials::new().secret(APIV2_KEY)).build().unwrap()
}

/// Does what a POST asks for, and counts it; redirects it with this status to where `then` answers.
fn turning(status: &'static str, then: impl Fn() -> Reply + Send + Sync + 'static) -> (Server, Arc<AtomicUsize>) {
    let effects = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&effects);
    let server = Server::start(move |_, request| match request.method.as_str() {
        "POST" => {
            counter.fetch_add(1, Ordering::SeqCst);
            Reply::Answer(answer(status, &[("Location", "/v3/elsewhere".into())], b""))
        }
        _ => then(),
    });
    (server, effects)
}

const TURNING: [&str; 3] = ["301 Moved Permanently", "302 Found", "303 See Other"];

/// A call of each protocol that may have an effect.
fn calls() -> [(&'static str, Value); 2] {
    [
        ("v3/any/orders", json!({ "json": { "a": 1 } })),
        ("v2/pay/unifiedorder", json!({ "xml": { "mch_id": support::platform::MCHID, "a": 1 } })),
    ]
}

#[test]
fn what_follows_a_redirect_that_turns_the_request_says_nothing_about_it() {
    let platform = Platform::new();
    let answers: [fn() -> Reply; 5] = [
        || Reply::Answer(answer("404 Not Found", &[], br#"{"code":"RESOURCE_NOT_EXISTS"}"#)),
        || Reply::Answer(answer("429 Too Many Requests", &[("Retry-After", "0".into())], b"")),
        || Reply::Answer(answer("500 Internal Server Error", &[], b"")),
        || Reply::Break(Vec::new()),
        || Reply::Answer(answer("200 OK", &[], FAILED)),
    ];
    for status in TURNING {
        for then in answers {
            for (path, mut options) in calls() {
                for way in [json!({}), json!({ "retries": 2 }), json!({ "http_errors": false, "retries": 2 })] {
                    let (server, effects) = turning(status, then);
                    let (instance, options) = (instance(&platform, &server), options.as_object_mut().unwrap());
                    options.extend(way.as_object().unwrap().clone());
                    options.insert("failover".into(), json!([server.url()]));
                    let error = instance.chain(path).post(Value::from(options.clone())).unwrap_err();
                    assert_eq!(error.outcome(), Outcome::Unknown, "{status}, {path}: {error:?}");
                    assert_eq!(effects.load(Ordering::SeqCst), 1, "{status}, {path}: {error:?}");
                    assert_eq!(server.arrived().len(), 2, "{status}, {path}: {error:?}");
                }
            }
        }
    }
}

/// A refusal of APIv2, which is signed by what
/// `printf 'err_code=ORDERPAID&result_code=FAIL&return_code=SUCCESS&key=exposed_your_key_here_have_risks' | md5sum`
/// prints, in uppercase.
const FAILED: &[u8] = b"<xml><return_code>SUCCESS</return_code><result_code>FAIL</result_code>\
<err_code>ORDERPAID</err_code><sign>F044A178B5C92703D54D1C1457520E91</sign></xml>";

#[test]
fn the_error_says_that_it_is_about_another_request() {
    let platform = Platform::new();
    let refused = || Reply::Answer(answer("404 Not Found", &[], br#"{"code":"NOT_FOUND","message":"no such path"}"#));
    let (server, _) = turning("303 See Other", refused);
    let error = instance(&platform, &server).chain("v3/pay").post(json!({ "json": {} })).unwrap_err();
    let Error::Client(refusal) = &error else { panic!("{error:?}") };
    assert!(refusal.is_after_redirect());
    assert_eq!(
        error.to_string(),
        "the platform answered 404 Not Found: NOT_FOUND: no such path; it answers the GET that a redirect turned the \
         call into; the call itself may have been carried out"
    );
}

#[test]
fn a_redirect_that_repeats_the_request_settles_it_as_before() {
    let platform = Platform::new();
    for status in ["307 Temporary Redirect", "308 Permanent Redirect"] {
        let server = Server::start(move |_, request| match request.target.as_str() {
            "/v3/x" => Reply::Answer(answer(status, &[("Location", "/v3/y".into())], b"")),
            _ => Reply::Answer(answer("403 Forbidden", &[], br#"{"code":"NO_AUTH"}"#)),
        });
        let error = instance(&platform, &server).chain("v3/x").post(json!({ "json": {} })).unwrap_err();
        assert_eq!((error.outcome(), error.code()), (Outcome::Rejected, Some("NO_AUTH")));
        assert!(matches!(&error, Error::Client(refusal) if !refusal.is_after_redirect()), "{error:?}");
    }
}

#[test]
fn a_status_that_is_neither_a_success_nor_a_failure_is_an_error_of_its_own() {
    let platform = Platform::new();
    let folder = Folder::new("settled");
    let lines = [
        "101 Switching Protocols",
        "300 Multiple Choices",
        "301 Moved",
        "302 Found",
        "303 See Other",
        "304 Not Modified",
        "305 Use Proxy",
        "306 Unused",
        "307 Temporary Redirect",
        "399 Odd",
        "600 Odd",
        "700 Odd",
        "999 Odd",
        "206 Partial Content",
    ];
    for line in lines {
        // Signed in vain, and with an address that must not be followed where the status is not one to follow.
        let status: u16 = line[..3].parse().unwrap();
        let key = platform.key.clone();
        let server = Server::start(move |_, request| {
            let body: &[u8] = if request.target.starts_with("/v3/") { b"{}" } else { APIV2_BODY.as_bytes() };
            let mut headers = signed_headers(&key, KEY_ID, now(), body);
            if !matches!(status, 301 | 302 | 303 | 307) {
                headers.push(("Location", "/v3/elsewhere".into()));
            }
            Reply::Answer(answer(line, &headers, body))
        });
        let instance = instance(&platform, &server);
        for (path, options) in calls() {
            for sink in [false, true] {
                let mut options = options.clone();
                let file = folder.file("sink");
                if sink {
                    options["sink"] = file.to_str().unwrap().into();
                }
                options["http_errors"] = json!(!sink);
                let error = instance.chain(path).post(options).unwrap_err();
                assert!(matches!(&error, Error::Status(odd) if odd.response().status() == status), "{line}: {error:?}");
                assert_eq!(error.outcome(), Outcome::Unknown, "{line}, {path}");
                assert!(error.to_string().contains(&line[..3]), "{error}");
            }
        }
        assert_eq!(server.arrived().len(), 4, "{line}");
    }
    assert!(folder.names().is_empty(), "{:?}", folder.names());
}

#[test]
fn what_the_caller_asks_for_is_handed_back() {
    let platform = Platform::new();
    for line in ["300 Multiple Choices", "302 Found", "304 Not Modified", "399 Odd"] {
        let server = Server::start(move |_, _| Reply::Answer(answer(line, &[("Location", "/v3/y".into())], b"")));
        let instance = instance(&platform, &server);
        for (path, mut options) in calls() {
            options["allow_redirects"] = json!(false);
            assert_eq!(instance.chain(path).post(options).unwrap().status().as_str(), &line[..3]);
        }
    }
    let server = Server::start(|_, _| Reply::Break(answer("206 Partial Content", &[], b"par")));
    let part = instance(&platform, &server).chain("v3/billdownload/file");
    assert_eq!(part.get(json!({ "headers": { "Range": "bytes=0-2" } })).unwrap().body(), b"par");
}

#[test]
fn a_redirect_does_not_switch_the_verification_off() {
    let platform = Platform::new();
    for status in ["302 Found", "307 Temporary Redirect"] {
        let targets = [
            ("v3/any/orders", "/v3/billdownload/file"),
            ("v3/any/orders", "/v3/merchant-service/images/forged"),
            ("v2/pay/unifiedorder", "/pay/downloadbill"),
            ("v2/pay/unifiedorder", "/mmpaymkttransfers/sendredpack"),
        ];
        for ((path, to), (called, options)) in targets.into_iter().flat_map(|target| calls().map(|call| (target, call)))
        {
            if path != called {
                continue;
            }
            let server = Server::start(move |number, _| match number {
                0 => Reply::Answer(answer(status, &[("Location", to.into())], b"")),
                _ => Reply::Answer(answer("200 OK", &[], br#"{"forged":true}"#)),
            });
            let error = instance(&platform, &server).chain(path).post(options).unwrap_err();
            assert!(matches!(error, Error::Verification(_) | Error::Apiv2(_)), "{status} to {to}: {error:?}");
            assert_eq!(error.outcome(), Outcome::Unknown, "{status} to {to}");
        }
    }
}

#[test]
fn an_unsigned_answer_must_say_where_it_ends() {
    let platform = Platform::new();
    let folder = Folder::new("unsigned");
    let csv = b"`2026-01-02 12:00:00,`1900000109\r\n";
    let sha1: String = openssl::sha::sha1(csv).iter().map(|byte| format!("{byte:02x}")).collect();
    let whole = |headers: &str| [format!("HTTP/1.1 200 OK\r\n{headers}\r\n").as_bytes(), csv].concat();
    let (length, chunks) = (format!("Content-Length: {}\r\n", csv.len()), "Transfer-Encoding: chunked\r\n");
    let chunked =
        [format!("HTTP/1.1 200 OK\r\n{chunks}\r\n{:x}\r\n", csv.len()).as_bytes(), csv, b"\r\n0\r\n\r\n"].concat();
    let cases =
        [(whole(&length), true), (chunked, true), (whole(""), false), (whole("Transfer-Encoding: gzip\r\n"), false)];
    for (answer, is_delimited) in cases {
        let server = Server::start(move |_, _| match is_delimited {
            true => Reply::Answer(answer.clone()),
            false => Reply::Break(answer.clone()),
        });
        let instance = instance(&platform, &server);
        let bill = instance.chain("v3/billdownload/file");
        let file = folder.file("bill.csv");
        let into_file = json!({ "sink": file.to_str().unwrap() });
        let results = [bill.get(()), bill.get(into_file), bill.get_async(()).wait()];
        for result in results {
            match result {
                Ok(_) => assert!(is_delimited),
                Err(Error::Verification(error)) => {
                    assert!(
                        !is_delimited && matches!(error.failure(), VerificationFailure::LengthUnknown),
                        "{error:?}"
                    );
                }
                Err(error) => panic!("{error:?}"),
            }
        }
        assert_eq!(folder.names().len(), usize::from(is_delimited));
        let _ = std::fs::remove_file(&file);
        // Its digest tells as well.
        let expected = json!({ "expect": { "hash_type": "SHA1", "hash_value": sha1 } });
        assert_eq!(bill.get(expected).unwrap().body(), csv);
        let apiv2 =
            instance.chain("v2/pay/downloadbill").post(json!({ "xml": { "mch_id": support::platform::MCHID } }));
        assert_eq!(apiv2.is_ok(), is_delimited, "{apiv2:?}");
    }
    // Where there is no body, nothing can be cut off.
    for (method, line) in [("HEAD", "200 OK"), ("GET", "204 No Content")] {
        let server = Server::start(move |_, _| Reply::Break(format!("HTTP/1.1 {line}\r\n\r\n").into_bytes()));
        let empty = instance(&platform, &server).chain("v3/billdownload/file").request(method, ());
        assert!(empty.is_ok(), "{method}, {line}: {empty:?}");
    }
    // XML in place of a bill is signed no more than a bill.
    let xml = "<xml><return_code>SUCCESS</return_code><result_code>SUCCESS</result_code></xml>";
    for (length, is_delimited) in [(format!("Content-Length: {}\r\n", xml.len()), true), (String::new(), false)] {
        let answer = format!("HTTP/1.1 200 OK\r\n{length}\r\n{xml}").into_bytes();
        let server = Server::start(move |_, _| Reply::Break(answer.clone()));
        let data = json!({ "xml": { "mch_id": support::platform::MCHID } });
        let result = instance(&platform, &server).chain("v2/pay/downloadbill").post(data);
        match result {
            Ok(answer) => assert!(is_delimited && answer.text() == xml),
            Err(Error::Verification(error)) => {
                assert!(!is_delimited && matches!(error.failure(), VerificationFailure::LengthUnknown), "{error:?}");
            }
            Err(error) => panic!("{error:?}"),
        }
    }
}

#[test]
fn an_image_is_exempt_under_its_own_path_alone() {
    let platform = Platform::new();
    let server = Server::start(|_, _| Reply::Answer(answer("200 OK", &[], b"forged")));
    let instance = instance(&platform, &server);
    let download = |path: &str| instance.download(format!("{}{path}", server.url()), ());
    assert_eq!(download("v3/merchant-service/images/ab~c%2Bd%3D").unwrap().body(), b"forged");
    for dots in [
        "v3/merchant-service/images/../../pay/transactions/id/1",
        "v3/merchant-service/images/%2e%2e/%2E%2e/pay/transactions/id/1",
        "v3/merchant-service/images/.%2e/x",
        "v3/merchant-service/images/./x",
    ] {
        let error = download(dots).unwrap_err();
        assert!(matches!(&error, Error::Options(what) if what.contains("segment `.` or `..`")), "{error:?}");
    }
    assert_eq!(server.arrived().len(), 1);
}

#[test]
fn a_port_that_is_none_is_refused_everywhere() {
    let platform = Platform::new();
    let instance = platform.instance("http://127.0.0.1:1/");
    for port in ["99999", "65536", "0", "", "4x"] {
        let address = format!("https://api.mch.weixin.qq.com:{port}/v3/billdownload/file");
        for error in [
            instance.download(&address, ()).unwrap_err(),
            instance.chain("v3/x").get(json!({ "base_uri": address })).unwrap_err(),
            instance.chain("v3/x").get(json!({ "failover": [address], "timeout": 1 })).unwrap_err(),
        ] {
            assert!(matches!(error, Error::Options(_)), "{port}: {error:?}");
        }
    }
}

#[test]
fn a_success_stays_one_whatever_a_callback_fails_at() {
    let platform = Platform::new();
    let server = platform.server();
    let instance = platform.instance(&server.url());
    let nowhere = platform.instance("http://127.0.0.1:1/");
    let pay = || instance.chain("v3/pay").post_async(json!({ "json": {} }));
    let (key, second) = (wechatpay::Rsa::decrypt("AAAA", &private()), nowhere.clone());
    let failed = key.unwrap_err();
    assert_eq!(failed.outcome(), Outcome::NotSent);
    let error = pay().then(move |_| Err::<(), _>(failed.into())).wait().unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert!(std::error::Error::source(&error).unwrap().to_string().contains("RSA"), "{error:?}");
    let error = pay().then(move |_| Ok(second.chain("v3/y").get(())?)).wait().unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown, "{error:?}");
    // Nor does what is done about an unknown outcome make it known.
    let broken = Server::start(|_, _| Reply::Break(Vec::new()));
    let unknown = platform.instance(&broken.url()).chain("v3/pay").post_async(json!({ "json": {} }));
    let query = nowhere.clone();
    let error = unknown.otherwise(move |_| Ok(query.chain("v3/query").get(())?)).wait().unwrap_err();
    assert_eq!(error.outcome(), Outcome::Unknown, "{error:?}");
    // But what has not left may be tried elsewhere.
    let not_sent = nowhere.chain("v3/pay").post_async(json!({ "json": {} }));
    let error = not_sent.otherwise(move |_| Ok(nowhere.chain("v3/pay").get(())?)).wait().unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotSent, "{error:?}");
}

fn private() -> wechatpay::PrivateKey {
    let pem = support::keys::rsa().private_key_to_pem_pkcs8().unwrap();
    wechatpay::Rsa::from(String::from_utf8(pem).unwrap(), wechatpay::Rsa::KEY_TYPE_PRIVATE).unwrap()
}
