//! Each fault of the sandbox as it is on the wire: seen by a client that is none of the crate's, byte by byte, and by
//! OpenSSL where signatures matter.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use openssl::base64::decode_block;
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::{PKey, Public};
use openssl::x509::X509;
use support::bare::{Answer, Bare, Connection, connect, connect_to};
use wechatpay::{Value, json};
use wechatpay_sandbox::{Effect, Fault, FaultRule, KeyMode, Sandbox};

const PATH: &str = "/v3/any/orders";

/// The headers of a signature.
const SIGNATURE: [&str; 4] = ["wechatpay-nonce", "wechatpay-serial", "wechatpay-signature", "wechatpay-timestamp"];

/// A connection that is kept.
struct Wire(BufReader<Box<dyn Connection>>);

impl Wire {
    fn open(sandbox: &Sandbox) -> Wire {
        Wire(BufReader::new(connect(sandbox, None)))
    }

    fn send(&mut self, request: &Bare) {
        let bytes = [request.kept_head(request.body.len()), request.body.clone()].concat();
        self.0.get_mut().write_all(&bytes).unwrap();
    }

    /// So many bytes.
    fn take(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = vec![0; count];
        self.0.read_exact(&mut bytes).unwrap();
        bytes
    }

    /// All bytes up to the end of a line.
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line
    }

    /// All bytes until the other side closes, in order or not.
    fn rest(&mut self) -> Vec<u8> {
        let (mut bytes, mut piece) = (Vec::new(), [0; 8192]);
        loop {
            match self.0.read(&mut piece) {
                Ok(0) => return bytes,
                Ok(length) => bytes.extend_from_slice(&piece[..length]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    assert!(!matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "it is still open");
                    return bytes;
                }
            }
        }
    }

    /// An answer without its body.
    fn head(&mut self) -> Answer {
        Answer::read_head(&mut self.0)
    }

    /// An answer whose body is as long as it says.
    fn answer(&mut self) -> Answer {
        let mut answer = self.head();
        answer.body = self.take(answer.length());
        answer
    }

    fn ask(&mut self, request: &Bare) -> Answer {
        self.send(request);
        self.answer()
    }

    /// That the connection serves another request.
    fn is_kept(&mut self, sandbox: &Sandbox) {
        assert_eq!(self.ask(&Bare::get(sandbox, "/v3/any/path")).json(sandbox), json!({}));
    }
}

/// A request that has an effect.
fn post(sandbox: &Sandbox) -> Bare {
    post_to(sandbox, PATH, &json!({ "amount": 1 }))
}

fn post_to(sandbox: &Sandbox, path: &str, body: &Value) -> Bare {
    let body = body.to_string();
    Bare::signed(sandbox, "POST", path, body.as_str(), body.as_bytes())
}

fn head(sandbox: &Sandbox) -> Bare {
    Bare::signed(sandbox, "HEAD", "/v3/any/path", "", b"")
}

fn platform_key(sandbox: &Sandbox) -> PKey<Public> {
    PKey::public_key_from_pem(sandbox.platform_public_key_pem().as_bytes()).unwrap()
}

/// Places an order, and gives the request that closes it: an answer without a body.
fn closing(sandbox: &Sandbox, number: &str) -> Bare {
    let order = json!({
        "appid": "wxd678efh567hg6787", "mchid": sandbox.mchid(), "description": "coffee", "out_trade_no": number,
        "notify_url": "https://example.com/", "amount": { "total": 100 },
    });
    let placed = post_to(sandbox, "/v3/pay/transactions/native", &order).send(sandbox);
    assert!(placed.json(sandbox)["code_url"].is_string());
    let path = format!("/v3/pay/transactions/out-trade-no/{number}/close");
    post_to(sandbox, &path, &json!({ "mchid": sandbox.mchid() }))
}

fn now() -> i64 {
    support::platform::now()
}

/// The rule as it is, and without effect; and how many effects there are then.
fn both(fault: &Fault, effects: usize) -> [(FaultRule, usize); 2] {
    [(fault.clone().times(1), effects), (fault.clone().without_effect().times(1), 0)]
}

// ---------------------------------------------------------------- signatures

#[test]
fn signatures_are_spoilt_and_nothing_else_is() {
    for mode in [KeyMode::PublicKey, KeyMode::Certificate] {
        let sandbox = Sandbox::builder().lenient(true).mode(mode).start().unwrap();
        let mut faults = vec![Fault::BadSignature, Fault::UnknownSerial, Fault::ClockOff(-400), Fault::ClockOff(400)];
        faults.extend(
            ["Wechatpay-Nonce", "wechatpay-serial", "Wechatpay-Signature", "Wechatpay-Timestamp"]
                .map(Fault::MissingHeader),
        );
        for fault in faults {
            for (rule, effects) in both(&fault, 1) {
                let (mut wire, before) = (Wire::open(&sandbox), sandbox.ledger().len());
                sandbox.inject(rule);
                let answer = wire.ask(&post(&sandbox));
                match effects {
                    0 => assert!(answer.status == 500 && answer.text().contains("SYSTEM_ERROR"), "{}", answer.text()),
                    _ => assert_eq!((answer.status, answer.text()), (200, "{}")),
                }
                assert_eq!(sandbox.ledger().len() - before, effects, "{fault:?}");
                is_spoilt(&sandbox, &answer, &fault);
                wire.is_kept(&sandbox);
            }
        }
    }
}

/// That of a signed answer this is spoilt and the rest is right.
fn is_spoilt(sandbox: &Sandbox, answer: &Answer, fault: &Fault) {
    let key = platform_key(sandbox);
    let missing = SIGNATURE.map(|name| answer.header(name).is_none());
    match fault {
        Fault::MissingHeader(name) => {
            assert_eq!(missing, SIGNATURE.map(|known| known.eq_ignore_ascii_case(name)), "{fault:?}");
            if name.eq_ignore_ascii_case("wechatpay-serial") {
                assert!(answer.holds_for(&key, &answer.body));
            }
            return;
        }
        _ => assert_eq!(missing, [false; 4], "{fault:?}"),
    }
    let (serial, right) = (answer.header("wechatpay-serial").unwrap(), sandbox.platform_serial());
    let off = answer.header("wechatpay-timestamp").unwrap().parse::<i64>().unwrap() - now();
    let expected_off = if let Fault::ClockOff(seconds) = fault { *seconds } else { 0 };
    assert!((expected_off - 5..=expected_off).contains(&off), "{fault:?}: {off}");
    assert_eq!(answer.holds_for(&key, &answer.body), *fault != Fault::BadSignature, "{fault:?}");
    assert_eq!(decode_block(answer.header("wechatpay-signature").unwrap()).unwrap().len(), 256);
    match fault {
        Fault::UnknownSerial => {
            assert_ne!(serial, right);
            let is_same_form = serial.len() == right.len() && serial.starts_with("PUB") == right.starts_with("PUB");
            assert!(is_same_form, "{serial}");
        }
        _ => assert_eq!(serial, right),
    }
}

#[test]
fn the_platform_rotates_while_it_answers() {
    let sandbox = Sandbox::builder().lenient(true).mode(KeyMode::Certificate).start().unwrap();
    let old = sandbox.platform_serial().to_owned();
    let key_of = |serial: &str| {
        let pem = sandbox.platform_certificate_pem(serial).unwrap();
        X509::from_pem(pem.as_bytes()).unwrap().public_key().unwrap()
    };
    for (rule, effects) in both(&Fault::Rotation, 1) {
        let (before, listed) = (sandbox.ledger().len(), sandbox.platform_certificates().len());
        sandbox.inject(rule);
        let mut wire = Wire::open(&sandbox);
        let asking = |sandbox: &Sandbox| post(sandbox).with("Wechatpay-Serial", &old);
        let answer = wire.ask(&asking(&sandbox));
        let new = answer.header("wechatpay-serial").unwrap().to_owned();
        assert_ne!(new, old);
        assert_eq!(sandbox.platform_serial(), new);
        assert_eq!(sandbox.platform_certificates().len(), listed + 1);
        assert!(answer.holds_for(&key_of(&new), &answer.body) && !answer.holds_for(&key_of(&old), &answer.body));
        assert_eq!(sandbox.ledger().len() - before, effects);
        // The next one has what it asks for.
        let answer = wire.ask(&asking(&sandbox));
        assert_eq!(answer.header("wechatpay-serial"), Some(old.as_str()));
        assert!(answer.holds_for(&key_of(&old), &answer.body));
    }
}

// ---------------------------------------------------------------- other answers

#[test]
fn the_platform_fails_in_its_own_words() {
    let sandbox = crate::lenient();
    let refused = [(400, "INVALID_REQUEST"), (401, "SIGN_ERROR"), (403, "NO_AUTH"), (404, "RESOURCE_NOT_EXISTS")];
    let refused =
        refused.into_iter().chain([(429, "FREQUENCY_LIMITED"), (418, "INVALID_REQUEST"), (499, "INVALID_REQUEST")]);
    let failed = [(500, "SYSTEM_ERROR"), (503, "SYSTEM_ERROR"), (599, "SYSTEM_ERROR")];
    let cases = refused.map(|case| (case, 0)).chain(failed.map(|case| (case, 1)));
    let cases = cases.map(|((status, code), effects)| (Fault::Status(status), status, code, effects, None));
    for (fault, status, code, effects, wait) in cases.chain([(Fault::Busy(7), 429, "FREQUENCY_LIMITED", 0, Some("7"))])
    {
        for (rule, effects) in both(&fault, effects) {
            let (mut wire, before) = (Wire::open(&sandbox), sandbox.ledger().len());
            sandbox.inject(rule);
            let answer = wire.ask(&post(&sandbox));
            assert_eq!((answer.status, answer.header("retry-after")), (status, wait), "{fault:?}");
            let json = answer.json(&sandbox);
            assert!(json["code"] == code && json["message"].is_string(), "{json}");
            assert_eq!(sandbox.ledger().len() - before, effects, "{fault:?}");
            wire.is_kept(&sandbox);
        }
    }
}

#[test]
fn others_than_the_platform_answer() {
    let sandbox = crate::lenient();
    let cases = [(200, 1), (204, 1), (302, 0), (404, 0), (499, 0), (500, 1), (502, 1), (599, 1)];
    let empty = cases.map(|(status, effects)| (Fault::EmptyStatus(status), status, effects));
    let html = [(200, 1), (403, 0), (504, 1)].map(|(status, effects)| (Fault::Html(status), status, effects));
    for (fault, status, effects) in empty.into_iter().chain(html) {
        for (rule, effects) in both(&fault, effects) {
            let (mut wire, before) = (Wire::open(&sandbox), sandbox.ledger().len());
            sandbox.inject(rule);
            let answer = wire.ask(&post(&sandbox));
            assert!(answer.status == status && answer.is_unsigned(), "{fault:?}");
            match fault {
                Fault::Html(_) => {
                    assert_eq!(answer.header("content-type"), Some("text/html"));
                    assert!(answer.text().starts_with("<html>") && answer.text().ends_with("</html>\r\n"));
                }
                _ => assert!(answer.body.is_empty() && answer.header("content-type").is_none()),
            }
            assert_eq!(sandbox.ledger().len() - before, effects, "{fault:?}");
            wire.is_kept(&sandbox);
        }
    }
}

#[test]
fn redirects_lead_where_they_say() {
    let sandbox = crate::lenient();
    let body = json!({ "amount": 1 });
    for (target, location) in [(PATH, "?redirected=1"), (&format!("{PATH}?a=1"), "&redirected=1")] {
        let redirected = format!("{target}{location}");
        let elsewhere = format!("https://elsewhere.invalid{target}");
        for (fault, location) in [
            (Fault::Redirect, redirected.as_str()),
            (Fault::RedirectElsewhere, elsewhere.as_str()),
            (Fault::RedirectLoop, target),
        ] {
            for (rule, _) in both(&fault, 0) {
                let (mut wire, before) = (Wire::open(&sandbox), sandbox.ledger().len());
                sandbox.inject(rule);
                let answer = wire.ask(&post_to(&sandbox, target, &body));
                assert_eq!((answer.status, answer.header("location")), (307, Some(location)));
                assert!(answer.body.is_empty() && answer.is_unsigned());
                assert_eq!(sandbox.ledger().len(), before);
                wire.is_kept(&sandbox);
            }
        }
        // Without an end one leads to itself, and the other to an answer.
        sandbox.inject(Fault::RedirectLoop.on("v3/loop"));
        sandbox.inject(Fault::Redirect);
        let (mut wire, before) = (Wire::open(&sandbox), sandbox.ledger().len());
        for _ in 0..10 {
            assert_eq!(wire.ask(&post_to(&sandbox, "/v3/loop", &body)).header("location"), Some("/v3/loop"));
        }
        assert_eq!(wire.ask(&post_to(&sandbox, target, &body)).status, 307);
        assert_eq!(sandbox.ledger().len(), before);
        assert_eq!(wire.ask(&post_to(&sandbox, &redirected, &body)).json(&sandbox), json!({}));
        assert_eq!(sandbox.ledger().len(), before + 1);
        sandbox.clear_faults();
    }
}

#[test]
fn what_was_done_is_to_be_seen_elsewhere() {
    let sandbox = crate::lenient();
    for (rule, effects) in both(&Fault::SeeOther, 1) {
        let (mut wire, before) = (Wire::open(&sandbox), sandbox.ledger().len());
        sandbox.inject(rule.times(2));
        let answer = wire.ask(&post(&sandbox));
        let location = format!("{PATH}?redirected=1");
        assert_eq!((answer.status, answer.header("location")), (303, Some(location.as_str())));
        assert!(answer.body.is_empty() && answer.is_unsigned());
        // It does not strike what follows.
        assert_eq!(wire.ask(&Bare::get(&sandbox, &location)).json(&sandbox), json!({}));
        assert_eq!(sandbox.ledger().len() - before, effects);
        sandbox.clear_faults();
    }
    // Where there is no GET, it is refused.
    sandbox.inject(Fault::SeeOther.times(1));
    let mut wire = Wire::open(&sandbox);
    let answer = wire.ask(&post_to(&sandbox, "/v3/refund/domestic/refunds", &json!({})));
    let location = answer.header("location").unwrap().to_owned();
    assert_eq!(wire.ask(&Bare::get(&sandbox, &location)).status, 405);
}

#[test]
fn a_status_is_neither_success_nor_refusal() {
    let sandbox = crate::lenient();
    for status in [300, 303, 304, 399, 600, 999] {
        for (rule, effects) in both(&Fault::OddStatus(status), 1) {
            let (mut wire, before) = (Wire::open(&sandbox), sandbox.ledger().len());
            sandbox.inject(rule);
            let request = post(&sandbox);
            wire.send(&request);
            // HTTP has no body under 304.
            let answer = if status == 304 { wire.head() } else { wire.answer() };
            assert_eq!((answer.status, answer.header("location")), (status, None));
            if status != 304 {
                let code = if effects == 1 { json!(null) } else { json!("SYSTEM_ERROR") };
                assert_eq!(answer.json(&sandbox)["code"], code);
            }
            assert_eq!(sandbox.ledger().len() - before, effects, "{status}");
            wire.is_kept(&sandbox);
        }
    }
    for wrong in [0, 100, 200, 299, 400, 599, 1000] {
        assert!(catch_unwind(AssertUnwindSafe(|| sandbox.inject(Fault::OddStatus(wrong)))).is_err(), "{wrong}");
    }
}

#[test]
fn an_answer_comes_that_nobody_has_asked_for() {
    let sandbox = crate::lenient();
    for (rule, effects) in both(&Fault::Smuggled, 1) {
        let (mut wire, before) = (Wire::open(&sandbox), sandbox.ledger().len());
        sandbox.inject(rule);
        let answer = wire.ask(&post(&sandbox));
        assert_eq!(answer.json(&sandbox)["code"], if effects == 1 { json!(null) } else { json!("SYSTEM_ERROR") });
        assert_eq!(wire.answer().json(&sandbox), json!({ "smuggled": true }));
        assert_eq!(sandbox.ledger().len() - before, effects);
        wire.is_kept(&sandbox);
    }
    // Behind an answer without a body, too.
    let request = closing(&sandbox, "smuggled");
    sandbox.inject(Fault::Smuggled.times(1));
    let mut wire = Wire::open(&sandbox);
    assert_eq!(wire.ask(&request).status, 204);
    assert_eq!(wire.answer().json(&sandbox), json!({ "smuggled": true }));
}

// ---------------------------------------------------------------- broken answers

#[test]
fn connections_are_closed_before_in_and_after_an_answer() {
    let sandbox = crate::lenient();
    for (rule, effects) in both(&Fault::CloseBeforeAnswer, 1) {
        let (mut wire, before) = (Wire::open(&sandbox), sandbox.ledger().len());
        sandbox.inject(rule);
        wire.send(&post(&sandbox));
        assert!(wire.rest().is_empty());
        assert_eq!(sandbox.ledger().len() - before, effects);
    }
    for (rule, effects) in both(&Fault::CloseInAnswer, 1) {
        let (mut wire, before) = (Wire::open(&sandbox), sandbox.ledger().len());
        sandbox.inject(rule);
        wire.send(&post(&sandbox));
        let answer = wire.head();
        assert_eq!(answer.status, if effects == 1 { 200 } else { 500 });
        assert_eq!(wire.rest().len(), answer.length() / 2);
        assert_eq!(sandbox.ledger().len() - before, effects);
    }
    for (rule, effects) in both(&Fault::CloseAfterAnswer, 1) {
        let (mut wire, before) = (Wire::open(&sandbox), sandbox.ledger().len());
        sandbox.inject(rule);
        let answer = wire.ask(&post(&sandbox));
        assert_eq!(answer.json(&sandbox)["code"], if effects == 1 { json!(null) } else { json!("SYSTEM_ERROR") });
        assert_eq!(answer.header("connection"), None);
        assert!(wire.rest().is_empty());
        assert_eq!(sandbox.ledger().len() - before, effects);
    }
}

#[test]
fn a_length_is_wrong() {
    let sandbox = crate::lenient();
    for (off, announced) in [(1, 3), (1000, 1002), (i64::MAX, i64::MAX as usize + 2)] {
        let mut wire = Wire::open(&sandbox);
        sandbox.inject(Fault::WrongLength(off).times(1));
        wire.send(&post(&sandbox));
        let mut answer = wire.head();
        assert_eq!(answer.length(), announced);
        answer.body = wire.rest();
        assert_eq!(answer.json(&sandbox), json!({}));
    }
    for (off, announced, left) in [(-1, 1, "}"), (-2, 0, "{}"), (i64::MIN, 0, "{}")] {
        let mut wire = Wire::open(&sandbox);
        sandbox.inject(Fault::WrongLength(off).times(1));
        let answer = wire.ask(&post(&sandbox));
        assert_eq!(answer.body.len(), announced);
        assert_eq!(wire.take(left.len()), left.as_bytes());
        wire.is_kept(&sandbox);
    }
    assert_eq!(sandbox.ledger().len(), 6);
    sandbox.inject(Fault::WrongLength(5).without_effect());
    let mut wire = Wire::open(&sandbox);
    wire.send(&post(&sandbox));
    let (announced, body) = (wire.head().length(), wire.rest());
    assert_eq!(announced, body.len() + 5);
    assert!(body.starts_with(b"{") && sandbox.ledger().len() == 6);
}

#[test]
fn a_body_does_not_end() {
    let sandbox = crate::lenient();
    for (rule, effects) in both(&Fault::Endless, 1) {
        let (mut wire, before) = (Wire::open(&sandbox), sandbox.ledger().len());
        sandbox.inject(rule);
        wire.send(&post(&sandbox));
        let mut answer = wire.head();
        assert_eq!((answer.header("transfer-encoding"), answer.header("content-length")), (Some("chunked"), None));
        answer.body = chunk(&mut wire);
        assert_eq!(answer.status, if effects == 1 { 200 } else { 500 });
        answer.json(&sandbox);
        let mut length = 0;
        while length < 10_000_000 {
            let piece = chunk(&mut wire);
            assert!(!piece.is_empty() && piece.iter().all(|byte| *byte == b' '));
            length += piece.len();
        }
        drop(wire);
        assert_eq!(sandbox.ledger().len() - before, effects);
        Wire::open(&sandbox).is_kept(&sandbox);
    }
}

fn chunk(wire: &mut Wire) -> Vec<u8> {
    let length = usize::from_str_radix(wire.line().trim_end(), 16).unwrap();
    let piece = wire.take(length);
    assert_eq!(wire.take(2), b"\r\n");
    piece
}

#[test]
fn an_answer_comes_late() {
    let sandbox = crate::lenient();
    for (rule, effects) in both(&Fault::Delay(Duration::from_millis(300)), 1) {
        let (mut wire, before) = (Wire::open(&sandbox), sandbox.ledger().len());
        sandbox.inject(rule.on(PATH));
        let start = Instant::now();
        wire.send(&post(&sandbox));
        // Meanwhile others are served.
        Wire::open(&sandbox).is_kept(&sandbox);
        wire.answer().json(&sandbox);
        assert!(start.elapsed() >= Duration::from_millis(300));
        assert_eq!(sandbox.ledger().len() - before, effects);
        wire.is_kept(&sandbox);
    }
}

#[test]
fn answers_without_a_body_go_wrong_too() {
    let sandbox = crate::lenient();
    let key = platform_key(&sandbox);
    for status in [204, 200] {
        let number = AtomicUsize::new(0);
        // The second is HEAD.
        let request = || match status {
            204 => closing(&sandbox, &format!("order-{}", number.fetch_add(1, Ordering::Relaxed))),
            _ => head(&sandbox),
        };
        let strike = |fault: Fault| {
            let (mut wire, request) = (Wire::open(&sandbox), request());
            sandbox.inject(fault.times(1));
            wire.send(&request);
            wire
        };
        let mut wire = strike(Fault::Delay(Duration::ZERO));
        let answer = wire.head();
        assert!(answer.status == status && answer.holds_for(&key, b""));
        wire.is_kept(&sandbox);
        let mut wire = strike(Fault::BadSignature);
        let answer = wire.head();
        assert!(answer.status == status && !answer.holds_for(&key, b""));
        wire.is_kept(&sandbox);
        let mut wire = strike(Fault::MissingHeader("Wechatpay-Nonce"));
        assert_eq!(wire.head().header("wechatpay-nonce"), None);
        wire.is_kept(&sandbox);
        assert!(strike(Fault::CloseBeforeAnswer).rest().is_empty());
        let half = String::from_utf8(strike(Fault::CloseInAnswer).rest()).unwrap();
        assert!(half.starts_with(&format!("HTTP/1.1 {status} ")) && !half.contains("\r\n\r\n"), "{half}");
        let mut wire = strike(Fault::CloseAfterAnswer);
        let answer = wire.head();
        assert!(answer.status == status && answer.holds_for(&key, b""));
        assert_eq!(answer.header("content-length"), if status == 204 { None } else { Some("0") });
        assert!(wire.rest().is_empty());
        let mut wire = strike(Fault::WrongLength(5));
        assert_eq!(wire.head().length(), 5);
        assert!(wire.rest().is_empty());
        let mut wire = strike(Fault::WrongLength(-5));
        assert_eq!(wire.head().length(), 0);
        wire.is_kept(&sandbox);
        // What has no body has none without an end either.
        let mut wire = strike(Fault::Endless);
        assert_eq!(wire.head().status, status);
        wire.is_kept(&sandbox);
    }
    for fault in [Fault::EmptyStatus(502), Fault::Html(502), Fault::Status(502)] {
        let mut wire = Wire::open(&sandbox);
        sandbox.inject(fault.times(1));
        wire.send(&head(&sandbox));
        assert_eq!(wire.head().status, 502);
        wire.is_kept(&sandbox);
    }
    let orders: Vec<_> = sandbox.ledger().iter().map(|entry| entry.effect()).collect();
    assert_eq!(orders, [Effect::OrderPlaced, Effect::OrderClosed].repeat(9));
}

#[test]
fn large_bills_go_wrong_too() {
    let sandbox = crate::lenient();
    sandbox.set_bill_size(5_000_000);
    for packing in ["", "&tar_type=GZIP"] {
        let applied = format!("/v3/bill/tradebill?bill_date=2018-01-30{packing}");
        let applied = Bare::get(&sandbox, &applied).send(&sandbox).json(&sandbox);
        let target = applied["download_url"].as_str().unwrap().strip_prefix(sandbox.base_uri()).unwrap();
        let target = format!("/{target}");
        let whole = Bare::get(&sandbox, &target).send(&sandbox).body;
        assert!(whole.len() > if packing.is_empty() { 5_000_000 } else { 100_000 });
        let strike = |fault: Fault| {
            let mut wire = Wire::open(&sandbox);
            sandbox.inject(fault.on("v3/billdownload/file").times(1));
            wire.send(&Bare::get(&sandbox, &target));
            let announced = wire.head().length();
            (wire, announced)
        };
        let (mut wire, announced) = strike(Fault::CloseInAnswer);
        assert_eq!(announced, whole.len());
        assert!(wire.rest() == whole[..whole.len() / 2]);
        let (mut wire, announced) = strike(Fault::CloseAfterAnswer);
        assert_eq!(announced, whole.len());
        assert!(wire.rest() == whole);
        let (mut wire, announced) = strike(Fault::WrongLength(10));
        assert_eq!(announced, whole.len() + 10);
        assert!(wire.rest() == whole);
        let (mut wire, announced) = strike(Fault::WrongLength(-10));
        assert_eq!(announced, whole.len() - 10);
        assert!(wire.take(whole.len()) == whole);
        wire.is_kept(&sandbox);
        let (mut wire, _) = strike(Fault::Endless);
        assert!((0..100).all(|_| chunk(&mut wire).len() > 10_000));
        // Who stops listening keeps nobody.
        drop(strike(Fault::CloseAfterAnswer));
    }
    Wire::open(&sandbox).is_kept(&sandbox);
}

// ---------------------------------------------------------------- APIv2

/// An order of APIv2.
fn unified_order(sandbox: &Sandbox, number: &str) -> Bare {
    let mut fields = vec![
        ("appid", "wxd678efh567hg6787"),
        ("body", "coffee"),
        ("mch_id", sandbox.mchid()),
        ("nonce_str", "5K8264ILTKCH16CQ"),
        ("notify_url", "https://example.com/"),
        ("out_trade_no", number),
        ("product_id", "1"),
        ("spbill_create_ip", "127.0.0.1"),
        ("total_fee", "100"),
        ("trade_type", "NATIVE"),
    ];
    let sign = md5(sandbox, &fields);
    fields.push(("sign", &sign));
    let fields: String = fields.iter().map(|(name, value)| format!("<{name}>{value}</{name}>")).collect();
    Bare::new("POST", "/pay/unifiedorder", format!("<xml>{fields}</xml>")).with("Content-Type", "text/xml")
}

/// The signature of fields that are sorted by name.
fn md5(sandbox: &Sandbox, fields: &[(&str, &str)]) -> String {
    let text: String = fields.iter().map(|(name, value)| format!("{name}={value}&")).collect();
    let digest = hash(MessageDigest::md5(), format!("{text}key={}", sandbox.secret()).as_bytes()).unwrap();
    digest.iter().map(|byte| format!("{byte:02X}")).collect()
}

/// Whether an answer of APIv2 is signed; it must have a signature of the right form.
fn is_signed(sandbox: &Sandbox, answer: &Answer) -> bool {
    let mut left = answer.text().strip_prefix("<xml>").unwrap();
    let mut fields = Vec::new();
    while left != "</xml>" {
        let (name, after) = left.strip_prefix('<').unwrap().split_once('>').unwrap();
        let (value, after) = after.split_once(&format!("</{name}>")).unwrap();
        fields.push((name, value));
        left = after;
    }
    fields.sort_unstable();
    let place = fields.iter().position(|(name, _)| *name == "sign").unwrap();
    let (_, sign) = fields.remove(place);
    assert!(sign.len() == 32 && sign.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'A'..=b'F')), "{sign}");
    md5(sandbox, &fields) == sign
}

#[test]
fn apiv2_suffers_what_it_has() {
    let sandbox = Sandbox::builder().lenient(true).mode(KeyMode::Certificate).start().unwrap();
    let placed = || sandbox.ledger().iter().filter(|entry| entry.effect() == Effect::OrderPlaced).count();
    let mut wire = Wire::open(&sandbox);
    for (number, expected) in [("order-1", true), ("order-2", false), ("order-3", true)] {
        if !expected {
            sandbox.inject(Fault::BadSignature.on("pay/unifiedorder").times(1));
        }
        let answer = wire.ask(&unified_order(&sandbox, number));
        assert!(answer.text().contains("code_url"), "{}", answer.text());
        assert_eq!(is_signed(&sandbox, &answer), expected);
    }
    assert_eq!(placed(), 3);

    // What only APIv3 has strikes the next call of APIv3.
    for fault in [Fault::MissingHeader("Wechatpay-Serial"), Fault::ClockOff(400), Fault::UnknownSerial, Fault::Rotation]
    {
        let certificates = sandbox.platform_certificates().len();
        sandbox.inject(fault.clone().times(1));
        let answer = wire.ask(&unified_order(&sandbox, "order-1"));
        assert!(is_signed(&sandbox, &answer) && answer.is_unsigned(), "{fault:?}");
        assert_eq!(sandbox.platform_certificates().len(), certificates);
        let old = platform_key(&sandbox);
        let answer = wire.ask(&Bare::get(&sandbox, "/v3/any/path"));
        match fault {
            Fault::MissingHeader(_) => assert_eq!(answer.header("wechatpay-serial"), None),
            Fault::Rotation => assert!(!answer.holds_for(&old, &answer.body)),
            fault => is_spoilt(&sandbox, &answer, &fault),
        }
    }

    // A refusal is not signed, so there is nothing to spoil.
    sandbox.inject(Fault::BadSignature.times(1));
    let refused = wire.ask(&Bare::new("POST", "/pay/unifiedorder", "<xml><a>1</a></xml>"));
    assert!(refused.text().contains("FAIL") && !refused.text().contains("sign"), "{}", refused.text());

    // The rest strikes it as well.
    sandbox.inject(Fault::CloseInAnswer.times(1));
    wire.send(&unified_order(&sandbox, "order-4"));
    let announced = wire.head().length();
    assert_eq!(wire.rest().len(), announced / 2);
    assert_eq!(placed(), 4);
    let mut wire = Wire::open(&sandbox);
    sandbox.inject(Fault::Html(502).without_effect().times(1));
    assert_eq!(wire.ask(&unified_order(&sandbox, "order-5")).status, 502);
    assert_eq!(placed(), 4);
    sandbox.inject(Fault::Redirect.times(1));
    let answer = wire.ask(&unified_order(&sandbox, "order-5"));
    assert_eq!((answer.status, answer.header("location")), (307, Some("/pay/unifiedorder?redirected=1")));
    assert_eq!(placed(), 4);
}

// ---------------------------------------------------------------- which calls

/// The status of a call whose signature does not matter.
fn status(sandbox: &Sandbox, target: &str) -> u16 {
    Bare::get(sandbox, target).send(sandbox).status
}

#[test]
fn rules_say_which_calls_are_struck() {
    let sandbox = crate::lenient();
    let (struck, served) = (502, 200);
    let fault = || Fault::EmptyStatus(struck);
    // A path, with a slash before it or not, whatever its query; and no part of one.
    for path in ["v3/a/b", "/v3/a/b"] {
        sandbox.inject(fault().on(path));
        for (target, expected) in [
            ("/v3/a/b", struck),
            ("/v3/a/b?c=d", struck),
            ("/v3/a", served),
            ("/v3/a/b/", served),
            ("/v3/a/b/c", served),
            ("/v3/a/B", served),
            ("/hk/v3/a/b", served),
        ] {
            assert_eq!(status(&sandbox, target), expected, "{path} {target}");
        }
        sandbox.clear_faults();
    }
    sandbox.inject(fault().on("v3/a/{id}/b"));
    for (target, expected) in
        [("/v3/a/1/b", struck), ("/v3/a/%E5%BC%A0/b?c", struck), ("/v3/a/b", served), ("/v3/a/1/2/b", served)]
    {
        assert_eq!(status(&sandbox, target), expected, "{target}");
    }
    sandbox.clear_faults();

    // So many times, of the calls that it is meant for; whichever way it is said.
    sandbox.inject(fault().times(2).on("v3/a"));
    sandbox.inject(fault().on("v3/b").times(0));
    let targets = ["/v3/a", "/v3/b", "/v3/c", "/v3/a", "/v3/a", "/v3/b"];
    assert_eq!(targets.map(|target| status(&sandbox, target)), [struck, served, served, struck, served, served]);
    sandbox.clear_faults();

    // The first that is there for a call, then the next.
    sandbox.inject(Fault::EmptyStatus(501).on("v3/a").times(1));
    sandbox.inject(Fault::EmptyStatus(502).times(2));
    sandbox.inject(Fault::EmptyStatus(503));
    let targets = ["/v3/b", "/v3/a", "/v3/a", "/v3/a"];
    assert_eq!(targets.map(|target| status(&sandbox, target)), [502, 501, 502, 503]);
    sandbox.clear_faults();
    assert_eq!(status(&sandbox, "/v3/a"), served);
    // Each that was struck has arrived all the same.
    assert_eq!(sandbox.requests().len(), 7 * 2 + 4 + 6 + 4 + 1);
}

#[test]
fn a_share_is_struck_by_chance() {
    let sandbox = crate::lenient();
    let mut wire = Wire::open(&sandbox);
    let mut struck = |share: f64, calls: usize| {
        sandbox.clear_faults();
        sandbox.inject(Fault::EmptyStatus(502).share(share));
        // A malformed one is as good for that, and quicker.
        let request = Bare::new("GET", "/v3/a", "");
        (0..calls).filter(|_| wire.ask(&request).status == 502).count()
    };
    assert_eq!((struck(0.0, 200), struck(1.0, 200)), (0, 200));
    // Six standard deviations to each side.
    let half = struck(0.5, 1000);
    assert!((405..=595).contains(&half), "{half}");
    let few = struck(0.05, 1000);
    assert!((8..=92).contains(&few), "{few}");
}

#[test]
fn a_number_of_times_is_exact_for_many_threads() {
    let sandbox = crate::lenient();
    sandbox.inject(Fault::EmptyStatus(502).times(50));
    let struck = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut wire = Wire::open(&sandbox);
                for _ in 0..25 {
                    struck.fetch_add(usize::from(wire.ask(&post(&sandbox)).status == 502), Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(struck.into_inner(), 50);
    assert_eq!(sandbox.ledger().len(), 200);
}

#[test]
fn what_cannot_happen_is_not_injected() {
    let (sandbox, certificates) =
        (crate::lenient(), Sandbox::builder().lenient(true).mode(KeyMode::Mixed).start().unwrap());
    let takes = |sandbox: &Sandbox, rule: FaultRule| {
        let taken = catch_unwind(AssertUnwindSafe(|| sandbox.inject(rule))).is_ok();
        sandbox.clear_faults();
        taken
    };
    let status = |fault: fn(u16) -> Fault| {
        [100, 199, 200, 399, 400, 599, 600].map(|status| takes(&sandbox, fault(status).into()))
    };
    assert_eq!(status(Fault::Status), [false, false, false, false, true, true, false]);
    assert_eq!(status(Fault::EmptyStatus), [false, false, true, true, true, true, false]);
    assert_eq!(status(Fault::Html), [false, false, true, true, true, true, false]);
    let header = ["Wechatpay-Serial", "WECHATPAY-NONCE", "Content-Type", ""];
    assert_eq!(header.map(|name| takes(&sandbox, Fault::MissingHeader(name).into())), [true, true, false, false]);
    assert!(!takes(&sandbox, Fault::Rotation.into()) && takes(&certificates, Fault::Rotation.into()));
    let share = [0.0, 1.0, 1.01, -0.01, 5.0, f64::NAN, f64::INFINITY];
    let share = share.map(|share| takes(&sandbox, Fault::Endless.share(share)));
    assert_eq!(share, [true, true, false, false, false, false, false]);
    Wire::open(&sandbox).is_kept(&sandbox);
}

// ---------------------------------------------------------------- connections

#[test]
fn faults_strike_over_tls() {
    let sandbox = crate::lenient_tls();
    let mut wire = Wire::open(&sandbox);
    sandbox.inject(Fault::BadSignature.times(1));
    let answer = wire.ask(&post(&sandbox));
    is_spoilt(&sandbox, &answer, &Fault::BadSignature);
    sandbox.inject(Fault::WrongLength(-1).times(1));
    assert_eq!(wire.ask(&post(&sandbox)).text(), "{");
    assert_eq!(wire.take(1), b"}");
    wire.is_kept(&sandbox);
    sandbox.inject(Fault::CloseInAnswer.times(1));
    wire.send(&post(&sandbox));
    assert_eq!((wire.head().length(), wire.rest().as_slice()), (2, &b"{"[..]));
    sandbox.inject(Fault::CloseBeforeAnswer.times(1));
    let mut wire = Wire::open(&sandbox);
    wire.send(&post(&sandbox));
    assert!(wire.rest().is_empty());
    assert_eq!(sandbox.ledger().len(), 4);
}

fn address(base_uri: &str) -> &str {
    base_uri.trim_end_matches('/').split_once("://").unwrap().1
}

fn is_refused(base_uri: &str) -> bool {
    matches!(TcpStream::connect(address(base_uri)), Err(error) if error.kind() == ErrorKind::ConnectionRefused)
}

#[test]
fn connections_are_refused_and_cut() {
    for tls in [false, true] {
        let sandbox = Sandbox::builder().lenient(true).tls(tls).start().unwrap();
        let at_other = || Wire(BufReader::new(connect_to(sandbox.other_base_uri(), &sandbox, None)));
        let mut other = at_other();
        other.is_kept(&sandbox);
        for round in 1..=3 {
            let (mut idle, mut fresh, mut half) = (Wire::open(&sandbox), Wire::open(&sandbox), Wire::open(&sandbox));
            idle.is_kept(&sandbox);
            let request = post(&sandbox);
            half.0.get_mut().write_all(&request.kept_head(request.body.len())).unwrap();
            half.0.get_mut().write_all(&request.body[..3]).unwrap();
            // One that is under way: it took effect, and nobody will hear of it.
            sandbox.inject(Fault::Delay(Duration::from_secs(60)).on(PATH).times(1));
            let mut waiting = Wire::open(&sandbox);
            waiting.send(&post(&sandbox));
            let start = Instant::now();
            while sandbox.ledger().len() < round {
                assert!(start.elapsed() < Duration::from_secs(30));
                thread::sleep(Duration::from_millis(1));
            }
            for _ in 0..2 {
                sandbox.refuse_connections(true).unwrap();
                assert!(is_refused(sandbox.base_uri()));
            }
            for wire in [&mut idle, &mut fresh, &mut half, &mut waiting] {
                assert!(wire.rest().is_empty());
            }
            assert!(start.elapsed() < Duration::from_secs(30));
            assert_eq!(sandbox.ledger().len(), round);
            other.is_kept(&sandbox);
            at_other().is_kept(&sandbox);
            for _ in 0..2 {
                sandbox.refuse_connections(false).unwrap();
                Wire::open(&sandbox).is_kept(&sandbox);
            }
        }
    }
}

#[test]
fn it_can_be_dropped_while_it_refuses() {
    let sandbox = crate::lenient();
    sandbox.refuse_connections(true).unwrap();
    let (base_uri, other) = (sandbox.base_uri().to_owned(), sandbox.other_base_uri().to_owned());
    assert!(!is_refused(&other));
    drop(sandbox);
    assert!(is_refused(&base_uri) && is_refused(&other));
}

/// With the runtime's only thread, and beside others.
#[test]
fn connections_are_refused_in_async_tests_too() {
    let single = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let multi = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for runtime in [single, multi] {
        runtime.block_on(async {
            let sandbox = crate::lenient();
            let mut wire = Wire::open(&sandbox);
            wire.is_kept(&sandbox);
            for _ in 0..2 {
                sandbox.refuse_connections(true).unwrap();
                assert!(is_refused(sandbox.base_uri()));
            }
            assert!(wire.rest().is_empty());
            let connected = tokio::net::TcpStream::connect(address(sandbox.other_base_uri())).await;
            assert!(connected.is_ok());
            for _ in 0..2 {
                sandbox.refuse_connections(false).unwrap();
                Wire::open(&sandbox).is_kept(&sandbox);
            }
        });
    }
}
