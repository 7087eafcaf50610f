//! Each way in which an answer can be wrong, each exemption, and both directions of each.

use std::ops::Deref;
use std::sync::{Arc, Mutex};

use support::http::{Framing, write};
use support::keys::{private_pem, rsa};
use support::platform::{CERTIFICATE_SERIAL, KEY_ID, MCHID, MERCHANT_SERIAL, Platform, now, signed_headers};
use support::raw::{Reply, Server};
use wechatpay::{Credentials, Error, Outcome, VerificationFailure as Failure, json};

const BODY: &[u8] = br#"{"coupon_id":"98674556"}"#;

type Headers = Vec<(&'static str, String)>;

/// The platform, and a server that answers what it is told to.
struct Stage {
    platform: Platform,
    server: Server,
    next: Arc<Mutex<Vec<u8>>>,
}

impl Stage {
    fn new() -> Stage {
        let next = Arc::new(Mutex::new(Vec::new()));
        let answer = Arc::clone(&next);
        let server = Server::start(move |_, _| Reply::Answer(answer.lock().unwrap().clone()));
        Stage { platform: Platform::new(), server, next }
    }
}

impl Deref for Stage {
    type Target = Platform;

    fn deref(&self) -> &Platform {
        &self.platform
    }
}

/// Answers GET `path` once with this, calls it, and gives what comes out.
fn call(
    stage: &Stage,
    path: &str,
    status: u16,
    headers: &Headers,
    body: &[u8],
) -> wechatpay::Result<wechatpay::Response> {
    let framing = if [204, 304].contains(&status) { Framing::Bodiless } else { Framing::Length };
    *stage.next.lock().unwrap() = write(&format!("{status} Said"), framing, headers, body);
    let before = stage.server.arrived().len();
    let result = stage.instance(&stage.server.url()).chain("{+path}").get(json!({ "path": path }));
    let arrived = stage.server.arrived();
    let [request] = &arrived[before..] else { panic!("{} requests arrived", arrived.len() - before) };
    assert_eq!((request.method.as_str(), request.target.strip_prefix('/')), ("GET", Some(path)));
    result
}

fn without(headers: &Headers, name: &str) -> Headers {
    headers.iter().filter(|header| header.0 != name).cloned().collect()
}

fn with(headers: &Headers, name: &'static str, value: &str) -> Headers {
    headers.iter().cloned().map(|header| if header.0 == name { (name, value.to_owned()) } else { header }).collect()
}

fn doubled(headers: &Headers, name: &str) -> Headers {
    headers.iter().cloned().chain(headers.iter().find(|header| header.0 == name).cloned()).collect()
}

#[test]
fn a_signed_answer_is_handed_out_whatever_the_kind_of_key() {
    let platform = Stage::new();
    for headers in [
        signed_headers(&platform.key, KEY_ID, now(), BODY),
        signed_headers(&platform.certificate_key, CERTIFICATE_SERIAL, now(), BODY),
        signed_headers(&platform.key, KEY_ID, now() - 290, BODY),
        signed_headers(&platform.key, KEY_ID, now() + 290, BODY),
    ] {
        for status in [200, 202] {
            let response = call(&platform, "v3/certificates", status, &headers, BODY).unwrap();
            assert_eq!(response.status(), status);
            assert_eq!(response.json().unwrap()["coupon_id"], "98674556");
        }
    }
    let headers = platform.headers(b"");
    let response = call(&platform, "v3/certificates", 204, &headers, b"").unwrap();
    assert_eq!((response.status().as_u16(), response.json().unwrap()), (204, json!(null)));
}

#[test]
fn each_way_of_being_wrong_is_told_apart() {
    let platform = Stage::new();
    let good = platform.headers(BODY);
    let other_key = rsa();
    let signed_for_certificate = signed_headers(&platform.certificate_key, CERTIFICATE_SERIAL, now(), BODY);
    type Expected = fn(&Failure) -> bool;
    let mut cases: Vec<(&str, Headers, Vec<u8>, Expected)> = vec![
        ("no headers at all", vec![], BODY.to_vec(), |f| {
            matches!(f, Failure::HeaderMissing { name: "Wechatpay-Nonce" })
        }),
        (
            "stale",
            signed_headers(&platform.key, KEY_ID, now() - 302, BODY),
            BODY.to_vec(),
            |f| matches!(f, Failure::TimestampOutOfRange { timestamp, now } if now - timestamp > 300),
        ),
        (
            "future",
            signed_headers(&platform.key, KEY_ID, now() + 302, BODY),
            BODY.to_vec(),
            |f| matches!(f, Failure::TimestampOutOfRange { timestamp, now } if timestamp - now > 300),
        ),
        (
            "no number",
            signed_headers(&platform.key, KEY_ID, "yesterday", BODY),
            BODY.to_vec(),
            |f| matches!(f, Failure::TimestampInvalid { timestamp } if timestamp == "yesterday"),
        ),
        ("signed number", signed_headers(&platform.key, KEY_ID, format!("+{}", now()), BODY), BODY.to_vec(), |f| {
            matches!(f, Failure::TimestampInvalid { .. })
        }),
        ("number too large", signed_headers(&platform.key, KEY_ID, "99999999999999999999", BODY), BODY.to_vec(), |f| {
            matches!(f, Failure::TimestampInvalid { .. })
        }),
        ("largest number", signed_headers(&platform.key, KEY_ID, i64::MAX, BODY), BODY.to_vec(), |f| {
            matches!(f, Failure::TimestampOutOfRange { .. })
        }),
        (
            "unknown serial",
            signed_headers(&platform.key, "PUB_KEY_ID_0000000000000000000000000000", now(), BODY),
            BODY.to_vec(),
            |f| matches!(f, Failure::SerialUnknown { serial, known } if serial.ends_with("_0000000000000000000000000000") && known.contains(&KEY_ID.to_owned())),
        ),
        ("empty serial", signed_headers(&platform.key, "", now(), BODY), BODY.to_vec(), |f| {
            matches!(f, Failure::SerialUnknown { .. })
        }),
        ("not base64", with(&good, "Wechatpay-Signature", "§not base64§"), BODY.to_vec(), |f| {
            matches!(f, Failure::HeaderAmbiguous { name: "Wechatpay-Signature" })
        }),
        ("not base64 either", with(&good, "Wechatpay-Signature", "not base64!"), BODY.to_vec(), |f| {
            matches!(f, Failure::SignatureNotBase64)
        }),
        (
            "empty signature",
            with(&good, "Wechatpay-Signature", ""),
            BODY.to_vec(),
            |f| matches!(f, Failure::SignatureMismatch { serial } if serial == KEY_ID),
        ),
        ("shortened signature", with(&good, "Wechatpay-Signature", "AAAA"), BODY.to_vec(), |f| {
            matches!(f, Failure::SignatureMismatch { .. })
        }),
        ("other body", good.clone(), br#"{"coupon_id":"98674557"}"#.to_vec(), |f| {
            matches!(f, Failure::SignatureMismatch { .. })
        }),
        ("body re-serialised", good.clone(), br#"{"coupon_id": "98674556"}"#.to_vec(), |f| {
            matches!(f, Failure::SignatureMismatch { .. })
        }),
        ("body with a line feed more", good.clone(), [BODY, b"\n"].concat(), |f| {
            matches!(f, Failure::SignatureMismatch { .. })
        }),
        ("empty body", good.clone(), vec![], |f| matches!(f, Failure::SignatureMismatch { .. })),
        ("other nonce", with(&good, "Wechatpay-Nonce", "d5ac7061fccab6bf3e254dcf98995b8c"), BODY.to_vec(), |f| {
            matches!(f, Failure::SignatureMismatch { .. })
        }),
        ("other timestamp", with(&good, "Wechatpay-Timestamp", &(now() - 5).to_string()), BODY.to_vec(), |f| {
            matches!(f, Failure::SignatureMismatch { .. })
        }),
        ("key of nobody", signed_headers(&other_key, KEY_ID, now(), BODY), BODY.to_vec(), |f| {
            matches!(f, Failure::SignatureMismatch { .. })
        }),
        (
            "key of another name",
            with(&signed_for_certificate, "Wechatpay-Serial", KEY_ID),
            BODY.to_vec(),
            |f| matches!(f, Failure::SignatureMismatch { serial } if serial == KEY_ID),
        ),
        ("the merchant's own key", signed_headers(&platform.merchant, KEY_ID, now(), BODY), BODY.to_vec(), |f| {
            matches!(f, Failure::SignatureMismatch { .. })
        }),
    ];
    for name in ["Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature", "Wechatpay-Timestamp"] {
        cases.push((name, without(&good, name), BODY.to_vec(), |f| matches!(f, Failure::HeaderMissing { .. })));
        cases.push((name, doubled(&good, name), BODY.to_vec(), |f| matches!(f, Failure::HeaderAmbiguous { .. })));
    }
    for (what, headers, body, expected) in cases {
        let error = call(&platform, "v3/certificates", 200, &headers, &body).expect_err(what);
        assert_eq!(error.outcome(), Outcome::Unknown, "{what}");
        let Error::Verification(failed) = &error else { panic!("{what}: {error:?}") };
        assert!(expected(failed.failure()), "{what}: {error}");
        assert_eq!(failed.response().body(), body, "{what}: the answer is handed along");
        assert_eq!(error.response().unwrap().status(), 200, "{what}");
        if let Failure::HeaderMissing { name } | Failure::HeaderAmbiguous { name } = failed.failure() {
            assert!(error.to_string().contains(name), "{what}: {error}");
        }
        // The values involved are named, a signature never is.
        for (_, value) in headers.iter().filter(|(name, value)| *name == "Wechatpay-Signature" && value.len() > 100) {
            assert!(!format!("{error} {error:?}").contains(value.as_str()), "{what}");
        }
    }
}

#[test]
fn errors_of_the_platform_need_no_signature() {
    let platform = Stage::new();
    let body = br#"{"code":"PARAM_ERROR","message":"wrong","detail":{"field":"/body/x"}}"#;
    for (status, outcome) in [
        (400, Outcome::Rejected),
        (401, Outcome::Rejected),
        (404, Outcome::Rejected),
        (429, Outcome::Rejected),
        (500, Outcome::Unknown),
        (502, Outcome::Unknown),
        (503, Outcome::Unknown),
    ] {
        for headers in [vec![], platform.headers(b"another body")] {
            let error = call(&platform, "v3/certificates", status, &headers, body).unwrap_err();
            assert!(matches!(error, Error::Client(_) | Error::Server(_)), "{error:?}");
            assert_eq!(error.code(), Some("PARAM_ERROR"));
            assert_eq!(error.outcome(), outcome, "{status}");
        }
    }
}

#[test]
fn downloads_that_the_platform_does_not_sign_are_exempt_and_nothing_else_is() {
    let platform = Stage::new();
    let wrong = platform.headers(b"another body");
    let exempt = [
        "v3/billdownload/file",
        "v3/billdownload/file?token=abc",
        "v3/merchant-service/images/xxxxx",
        "v3/merchant-service/images/a/b",
        "v3/global/merchant-service/images/xxxxx",
        "v3/transferdownload/elecvoucherfile",
        "v3/transferdownload/signfile",
        "v3/new-tax-control-fapiao/download",
    ];
    for path in exempt {
        for headers in [vec![], wrong.clone()] {
            let response = call(&platform, path, 200, &headers, b"\x00\xffbytes").expect(path);
            assert_eq!(response.body(), b"\x00\xffbytes", "{path}");
        }
    }
    let signed = [
        "v3/merchant-service/images/upload",
        "v3/global/merchant-service/images/upload",
        "v3/merchant-service/images/",
        "v3/merchant-service/images",
        "v3/billdownload/files",
        "v3/billdownload/file/x",
        "v3/certificates?x=/v3/billdownload/file",
        "hk/v3/billdownload/file",
        "v3/transferdownload/elecvoucherfile2",
        "v3/statements",
    ];
    for path in signed {
        for headers in [vec![], wrong.clone()] {
            let error = call(&platform, path, 200, &headers, BODY).expect_err(path);
            assert!(matches!(error, Error::Verification(_)), "{path}: {error:?}");
        }
        assert_eq!(call(&platform, path, 200, &platform.headers(BODY), BODY).expect(path).body(), BODY);
    }
}

#[test]
fn statements_are_signed_by_way_of_the_digest_of_their_plain_text() {
    let platform = Stage::new();
    let csv: Vec<u8> = (0..20_000).flat_map(|n| format!("`2018-01-30,`19000001{n:05}\n").into_bytes()).collect();
    let sha1: String = openssl::sha::sha1(&csv).iter().map(|byte| format!("{byte:02x}")).collect();
    let mut good = platform.headers(format!(r#"{{"sha1":"{sha1}"}}"#).as_bytes());
    good.push(("Wechatpay-Statement-Sha1", sha1.clone()));
    let packed = gzip(&csv);
    for path in ["v3/statements", "v3/global/statements", "hk/v3/statements"] {
        for body in [&csv, &packed] {
            assert!(call(&platform, path, 200, &good, body).expect(path).body() == body, "{path}");
        }
        let other = with(&good, "Wechatpay-Statement-Sha1", "7ac06d1ed1a8ae2d7a0ee7aa27dcd3fbb9e2ef4c");
        for headers in [other, without(&good, "Wechatpay-Signature"), without(&good, "Wechatpay-Statement-Sha1")] {
            assert!(matches!(call(&platform, path, 200, &headers, &csv), Err(Error::Verification(_))), "{path}");
        }
    }
    // The header means nothing elsewhere.
    assert!(matches!(call(&platform, "v3/certificates", 200, &good, &csv), Err(Error::Verification(_))));

    let mut changed = csv.clone();
    changed[7] ^= 1;
    let mut damaged = packed.clone();
    damaged[packed.len() / 2] ^= 0xff;
    for (what, body) in [
        ("changed", changed.clone()),
        ("changed and packed", gzip(&changed)),
        ("shortened", csv[..csv.len() - 1].to_vec()),
        ("one byte", b"x".to_vec()),
        ("empty", Vec::new()),
        ("damaged", damaged),
        ("packed and shortened", packed[..packed.len() - 9].to_vec()),
        ("only the first bytes of gzip", packed[..2].to_vec()),
    ] {
        let error = call(&platform, "v3/statements", 200, &good, &body).expect_err(what);
        let Error::Verification(failed) = &error else { panic!("{what}: {error:?}") };
        let Failure::DigestMismatch { announced, .. } = failed.failure() else { panic!("{what}: {error:?}") };
        assert_eq!((announced, error.outcome()), (&sha1, Outcome::Unknown), "{what}");
    }
    // A status without a body, and one that says nothing of what the body is.
    for (status, body) in [(304, &[][..]), (300, &changed)] {
        let error = call(&platform, "v3/statements", status, &good, body).expect_err("not a success");
        assert!(matches!(error, Error::Status(_)), "{status}: {error:?}");
        assert_eq!(error.outcome(), Outcome::Unknown, "{status}");
    }
}

/// As the command makes it.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let mut child = Command::new("gzip").arg("-c").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&bytes).unwrap());
    let output = child.wait_with_output().unwrap().stdout;
    writer.join().unwrap();
    output
}

#[test]
fn a_custom_verifier_decides_and_its_failures_are_told() {
    let platform = Stage::new();
    *platform.next.lock().unwrap() = write("200 OK", Framing::Length, &platform.headers(BODY), BODY);
    let pem = private_pem(&platform.merchant);
    let builder = || {
        wechatpay::Builder::new()
            .credentials(Credentials::new().mchid(MCHID).serial(MERCHANT_SERIAL).private_key(pem.clone()))
            .defaults(json!({ "base_uri": platform.server.url(), "proxy": "" }))
    };
    let expected = format!("{}\nc5ac7061fccab6bf3e254dcf98995b8c\n{}\n", "TIME", String::from_utf8_lossy(BODY));

    let accepts =
        builder().credentials(Credentials::new().verifier(move |serial: &str, message: &[u8], signature: &str| {
            let message = String::from_utf8(message.to_vec())?;
            let (time, rest) = message.split_once('\n').unwrap();
            assert_eq!(format!("TIME\n{rest}"), expected);
            assert!(time.parse::<i64>().is_ok() && serial == KEY_ID && signature.len() == 344);
            Ok(true)
        }));
    assert_eq!(accepts.build().unwrap().chain("v3/certificates").get(()).unwrap().body(), BODY);

    let refuses = builder().credentials(Credentials::new().verifier(|_: &str, _: &[u8], _: &str| Ok(false)));
    let error = refuses.build().unwrap().chain("v3/certificates").get(()).unwrap_err();
    assert!(
        matches!(&error, Error::Verification(failed) if matches!(failed.failure(), Failure::SignatureMismatch { .. }))
    );

    let fails = builder().credentials(
        Credentials::new().verifier(|_: &str, _: &[u8], _: &str| anyhow::bail!("the key service is away")),
    );
    let error = fails.build().unwrap().chain("v3/certificates").get(()).unwrap_err();
    assert!(matches!(&error, Error::Verification(failed) if matches!(failed.failure(), Failure::Verifier(_))));
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert!(format!("{:#}", anyhow::Error::new(error)).contains("the key service is away"));
}
