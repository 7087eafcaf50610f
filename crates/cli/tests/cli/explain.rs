//! What does not match, and why: one planted mistake each.

use serde_json::Value;
use support::bare::Bare;
use wechatpay_sandbox::Sandbox;

use crate::openssl::{digest, new_key, sign};
use crate::runs::Home;
use crate::verify::raw;

const BODY: &str = r#"{"description":"咖啡/茶","amount":{"total":1}}"#;
const TARGET: &str = "/v3/pay/transactions/native?a=%E5%92%96";

/// A request of a merchant of the sandbox that is right, unless something in it is changed.
struct Request<'a> {
    method: &'a str,
    target: &'a str,
    body: String,
    /// What is signed, in place of method, target and body.
    signed: (String, String, String),
    key: &'a str,
    scheme: &'a str,
    mchid: String,
    serial: String,
    timestamp: String,
    headers: Vec<(&'a str, String)>,
    /// The answer, if there is one.
    answer: String,
}

impl<'a> Request<'a> {
    fn of(sandbox: &Sandbox) -> Request<'a> {
        Request {
            method: "POST",
            target: TARGET,
            body: BODY.to_owned(),
            signed: ("POST".to_owned(), TARGET.to_owned(), BODY.to_owned()),
            key: "key.pem",
            scheme: "WECHATPAY2-SHA256-RSA2048",
            mchid: sandbox.mchid().to_owned(),
            serial: sandbox.merchant_serial().to_owned(),
            timestamp: support::platform::now().to_string(),
            headers: vec![("Accept", "*/*".to_owned()), ("User-Agent", "php".to_owned())],
            answer: String::new(),
        }
    }

    /// As it is on the wire.
    fn raw(&self, home: &Home) -> String {
        let (method, target, body) = &self.signed;
        let signature = sign(home, self.key, format!("{method}\n{target}\n{}\nNONCE\n{body}\n", self.timestamp));
        self.raw_with(&signature)
    }

    fn raw_with(&self, signature: &str) -> String {
        let Request { method, target, body, scheme, mchid, serial, timestamp, answer, .. } = self;
        let headers: String = self.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        format!(
            "{method} {target} HTTP/1.1\r\n{headers}Authorization: {scheme} mchid=\"{mchid}\",nonce_str=\"NONCE\",\
             signature=\"{signature}\",timestamp=\"{timestamp}\",serial_no=\"{serial}\"\r\n\
             Content-Length: {}\r\n\r\n{body}{answer}",
            body.len()
        )
    }
}

/// What is wrong, each with its fix.
fn wrong(told: &Value) -> Vec<String> {
    let steps = told["steps"].as_array().unwrap().iter().filter(|step| step["state"] == "failed");
    steps.map(|step| format!("{} → {}", step["message"].as_str().unwrap(), step["fix"][0].as_str().unwrap())).collect()
}

/// Asserts that this alone is wrong with it.
#[track_caller]
fn says(home: &Home, message: impl AsRef<[u8]>, expected: &str) {
    let told = home.run_with(&["--json", "explain"], &message).ends(6).json();
    let wrong = wrong(&told);
    assert!(wrong.len() == 1 && wrong[0].contains(expected), "{expected:?}: {wrong:#?}");
}

#[test]
fn a_request_that_is_right() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("explain-right", &sandbox);
    let run = home.run_with(&["explain"], Request::of(&sandbox).raw(&home)).ends(0);
    assert!(run.stdout.starts_with("a request\n✓ Authorization has the form"), "{}", run.stdout);
    assert!(run.stdout.contains("✓ the signature is that of this request"), "{}", run.stdout);
    assert!(!run.stdout.contains('✗'));
    // Without the key, by the certificate.
    let mut user = Home::of("explain-certificate", &sandbox);
    user.set("WECHATPAY_PRIVATE_KEY", "");
    let run = user.run_with(&["explain"], Request::of(&sandbox).raw(&home)).ends(0);
    assert!(run.stdout.contains("✓ the signature is that"), "{}", run.stdout);
    user.set("WECHATPAY_MERCHANT_CERT", "");
    let run = user.run_with(&["explain"], Request::of(&sandbox).raw(&home)).ends(0);
    assert!(run.stdout.contains("· without the merchant's private key"), "{}", run.stdout);
}

#[test]
fn a_body_that_was_changed_in_between() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("explain-body", &sandbox);
    let pretty = "{\n    \"description\": \"咖啡/茶\",\n    \"amount\": {\n        \"total\": 1\n    }\n}";
    let cases = [
        (format!("{BODY}\n"), "without the line end at its end"),
        (format!("\u{feff}{BODY}"), "byte order mark"),
        (pretty.to_owned(), "without white space"),
        (r#"{"amount":{"total":1},"description":"咖啡/茶 "}"#.to_owned(), "another key has signed, or another message"),
        (String::new(), "another key has signed, or another message"),
    ];
    for (sent, expected) in cases {
        says(&home, Request { body: sent.clone(), ..Request::of(&sandbox) }.raw(&home), expected);
    }
    // What was signed is another way to write what was sent.
    let php = r#"{"description":"\u5496\u5561\/\u8336","amount":{"total":1}}"#;
    let python = r#"{"description": "\u5496\u5561/\u8336", "amount": {"total": 1}}"#;
    let signed = [
        (format!("{BODY}\n"), "with a line feed at its end"),
        (php.to_owned(), "PHP's json_encode"),
        (python.to_owned(), "json.dumps"),
        (pretty.to_owned(), "four blanks"),
        (r#"{"amount":{"total":1},"description":"咖啡/茶"}"#.to_owned(), "sorted by name"),
        (String::new(), "that is empty"),
    ];
    for (body, expected) in signed {
        let request = Request { signed: ("POST".into(), TARGET.into(), body), ..Request::of(&sandbox) };
        says(&home, request.raw(&home), expected);
    }
    let windows = Request {
        body: pretty.replace('\n', "\r\n"),
        signed: ("POST".into(), TARGET.into(), pretty.into()),
        ..Request::of(&sandbox)
    };
    says(&home, windows.raw(&home), "the line ends of Unix in place of CRLF");
}

#[test]
fn another_url_or_method_was_signed() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("explain-url", &sandbox);
    let cases = [
        ("/v3/pay/transactions/native", "without its query"),
        ("/v3/pay/transactions/native?a=咖", "before it was percent-encoded"),
        ("https://api.mch.weixin.qq.com/v3/pay/transactions/native?a=%E5%92%96", "with https:// and the host"),
        ("v3/pay/transactions/native?a=%E5%92%96", "without its first slash"),
        ("/v3/pay/transactions/native/?a=%E5%92%96", "a slash at its end"),
    ];
    for (target, expected) in cases {
        let request = Request { signed: ("POST".into(), target.into(), BODY.into()), ..Request::of(&sandbox) };
        says(&home, request.raw(&home), expected);
    }
    for method in ["post", "GET", "PATCH"] {
        let request = Request { signed: (method.into(), TARGET.into(), BODY.into()), ..Request::of(&sandbox) };
        says(&home, request.raw(&home), &format!("that of the method {method}, not POST"));
    }
    // Two things at once.
    let both = Request {
        signed: ("POST".into(), "/v3/pay/transactions/native".into(), String::new()),
        ..Request::of(&sandbox)
    };
    says(&home, both.raw(&home), "of the URL without its query, and of the body that is empty");
    let request = Request::of(&sandbox);
    let message = format!("POST\n{TARGET}\n{}\nNONCE\n{BODY}", request.timestamp);
    says(&home, request.raw_with(&sign(&home, "key.pem", &message)), "the line feed behind the body");
    let escaped = format!("{message}\n").replace('\n', "\\n");
    says(&home, request.raw_with(&sign(&home, "key.pem", &escaped)), r"the text \n was signed");
    let blank = Request { target: "/v3/pay?a=1 2", ..Request::of(&sandbox) };
    let run = home.run_with(&["explain"], blank.raw(&home)).ends(6);
    assert!(run.stdout.contains("the URL has blanks"), "{}", run.stdout);
}

#[test]
fn who_has_signed_and_when() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("explain-who", &sandbox);
    new_key(&home, "other.pem", "other.pub");
    says(&home, Request { key: "other.pem", ..Request::of(&sandbox) }.raw(&home), "another key has signed");
    let other_serial = Request { serial: "1DDE55AD".into(), ..Request::of(&sandbox) }.raw(&home);
    says(&home, &other_serial, "set `serial` to");
    let mut user = Home::of("explain-serial", &sandbox);
    user.set("WECHATPAY_MERCHANT_CERT", "");
    says(&user, &other_serial, "it must be the serial of the certificate whose private key signs");
    let platforms = Request { serial: sandbox.platform_serial().into(), ..Request::of(&sandbox) };
    says(&home, platforms.raw(&home), "the id of the platform's public key");
    says(&home, Request { mchid: "1900000999".into(), ..Request::of(&sandbox) }.raw(&home), "is configured");
    says(&home, Request { scheme: "WECHATPAY-SHA256", ..Request::of(&sandbox) }.raw(&home), "the scheme");
    let milliseconds = format!("{}000", support::platform::now());
    says(&home, Request { timestamp: milliseconds, ..Request::of(&sandbox) }.raw(&home), "divide by 1000");
    // The platform's date is the one that counts.
    let date = |date: &str| format!("HTTP/1.1 200 OK\r\nDate: {date}\r\n\r\n{{}}");
    let stamped =
        |answer: String| Request { timestamp: "784111777".replace("784", "1784"), answer, ..Request::of(&sandbox) };
    // `date -u -d @1784111777`
    let right = home.run_with(&["explain"], stamped(date("Wed, 15 Jul 2026 10:36:20 GMT")).raw(&home)).ends(0);
    assert!(right.stdout.contains("✓ the clock is 3 seconds from the platform's"), "{}", right.stdout);
    says(&home, stamped(date("Wed, 15 Jul 2026 10:46:17 GMT")).raw(&home), "the clock was 10 minutes behind");
    says(&home, stamped(date("Wed, 15 Jul 2026 10:26:17 GMT")).raw(&home), "the clock was 10 minutes ahead of");
}

#[test]
fn headers_that_are_wrong_or_missing() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("explain-headers", &sandbox);
    let mut request = Request::of(&sandbox);
    request.headers.push(("Wechatpay-Serial", "PUB_KEY_ID_0".into()));
    says(&home, request.raw(&home), "Wechatpay-Serial is \"PUB_KEY_ID_0\"");
    request.headers[2].1 = sandbox.merchant_serial().into();
    says(&home, request.raw(&home), "Wechatpay-Serial is the merchant's own serial");
    request.headers[2].1 = sandbox.platform_serial().into();
    home.run_with(&["explain"], request.raw(&home)).ends(0);
    request.headers.remove(0);
    says(&home, request.raw(&home), "the header Accept is missing");
    let right = Request::of(&sandbox).raw(&home);
    let without: String = right.split_inclusive("\r\n").filter(|line| !line.starts_with("Authorization")).collect();
    says(&home, without, "the header Authorization is missing");
    says(&home, right.replace("nonce_str=", "nonce="), "Authorization has no nonce_str");
    let line = right.split_inclusive("\r\n").find(|line| line.starts_with("Authorization")).unwrap();
    says(&home, right.replace(line, &line.repeat(2)), "the header Authorization is there more than once");
    // Keys that do not belong together.
    new_key(&home, "other.pem", "other.pub");
    let run = home.run_with(&["explain", "--private-key", "other.pem"], &right).ends(6);
    assert!(run.stdout.contains("the private key does not belong to the merchant's certificate"), "{}", run.stdout);
}

#[test]
fn what_the_platform_says() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("explain-answer", &sandbox);
    let path = "/v3/pay/transactions/native";
    // Another body was signed than that which is sent.
    let refused = Bare::signed(&sandbox, "POST", path, format!("{BODY}\n"), BODY.as_bytes());
    let answer = refused.send(&sandbox);
    assert_eq!(answer.status, 401);
    let head: String = answer.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let request = refused.head(refused.body.len());
    let status = b"HTTP/1.1 401 Unauthorized\r\n";
    let dialogue = [&request, &refused.body, &status[..], head.as_bytes(), b"\r\n", &answer.body].concat();
    let told = home.run_with(&["--json", "explain"], &dialogue).ends(6).json();
    assert_eq!(told["what"], "a request");
    let found = wrong(&told);
    assert!(found[0].contains("without the line end at its end"), "{found:#?}");
    assert!(found.iter().any(|wrong| wrong.contains("SIGN_ERROR")), "{found:#?}");
    // The answer alone, and with the body that was signed.
    let run = home.run_with(&["explain"], &answer.body).ends(6);
    assert!(run.stdout.contains(&format!("· the platform got POST {path}, signed at")), "{}", run.stdout);
    assert!(run.stdout.contains(&format!("a body of {} bytes", BODY.len() + 1)), "{}", run.stdout);
    home.write("body.json", BODY);
    let run = home.run_with(&["explain", "--body", "body.json"], &answer.body).ends(6);
    assert!(run.stdout.contains("as many as the body with a line feed at its end"), "{}", run.stdout);
    // Another certificate is named.
    let named =
        support::bare::authorization_of((sandbox.mchid(), "AABB", sandbox.merchant_private_key()), "GET", path, b"");
    let answer_to = Bare::new("GET", path, "").with("Authorization", &named).send(&sandbox);
    let run = home.run_with(&["explain"], &answer_to.body).ends(6);
    assert!(run.stdout.contains("the platform knows no certificate of this merchant"), "{}", run.stdout);
    // What curl -v prints.
    let authorization = &refused.headers.iter().find(|(name, _)| name == "Authorization").unwrap().1;
    let printed = format!(
        "*   Trying 127.0.0.1:80...\n* Connected to 127.0.0.1 (127.0.0.1) port 80\n> POST {path} HTTP/1.1\n> Host: 127.0.0.1\n\
         > User-Agent: curl/8.5.0\n> Accept: */*\n> Authorization: {authorization}\n> \n}} [54 bytes data]\n\
         < HTTP/1.1 401 Unauthorized\n{}< \n{{ [5 bytes data]\n{}* Connection #0 to host 127.0.0.1 left intact\n",
        answer.headers.iter().map(|(name, value)| format!("< {name}: {value}\n")).collect::<String>(),
        answer.text(),
    );
    let run = home.run_with(&["explain"], &printed).ends(6);
    assert!(run.stdout.contains("· the body was not written down"), "{}", run.stdout);
    assert!(run.stdout.contains("SIGN_ERROR"), "{}", run.stdout);
    home.write("sent.json", format!("{BODY}\n"));
    let counted = printed.replace("> Accept", "> Content-Length: 3\n> Accept");
    let run = home.run_with(&["explain", "--body", "sent.json"], &counted).ends(6);
    assert!(run.stdout.contains("and Content-Length says 3"), "{}", run.stdout);
    let run = home.run_with(&["explain", "--body", "sent.json"], &printed).ends(6);
    assert!(
        run.stdout.contains("✗ the signature is not that of this body, but that of the body without"),
        "{}",
        run.stdout
    );
}

#[test]
fn what_debug_prints() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("explain-debug", &sandbox);
    new_key(&home, "other.pem", "other.pub");
    let call = ["get", "v3/marketing/partnerships?limit=1", "--debug"];
    let keys = ["--private-key", "other.pem"];
    let mut user = Home::of("explain-debug-other", &sandbox);
    user.set("WECHATPAY_MERCHANT_CERT", "");
    user.write("other.pem", std::fs::read(home.path("other.pem")).unwrap());
    let debug = user.run(&[&call[..], &keys].concat()).ends(4).stderr;
    let run = home.run_with(&["explain"], &debug).ends(6);
    assert!(run.stdout.contains("· Authorization was not written down"), "{}", run.stdout);
    assert!(run.stdout.contains("SIGN_ERROR"), "{}", run.stdout);
    // Ciphertexts are hidden, so the body cannot be compared with what arrived.
    let body = format!(r#"{{"name":"{}"}}"#, "A".repeat(344));
    let post = ["post", "v3/marketing/partnerships", "-d", &body, "--debug"];
    let debug = user.run(&[&post[..], &keys].concat()).ends(4).stderr;
    assert!(debug.contains(r#"{"name":"***"}"#), "{debug}");
    let run = home.run_with(&["explain"], &debug).ends(6);
    assert!(run.stdout.contains("SIGN_ERROR") && !run.stdout.contains("Content-Length"), "{}", run.stdout);
    assert!(run.stdout.contains(&format!("a body of {} bytes; compare", body.len())), "{}", run.stdout);
    // A refusal that is not about the signature.
    let debug = home.run(&["get", "v3/pay/transactions/out-trade-no/none?mchid=1900000109", "--debug"]).ends(4).stderr;
    let run = home.run_with(&["explain"], &debug).ends(6);
    assert!(run.stdout.contains("ORDER_NOT_EXIST") && run.stdout.contains("not about the signature"), "{}", run.stdout);
}

#[test]
fn a_notification_that_is_refused() {
    let sandbox = Sandbox::start().unwrap();
    let mut home = Home::of("explain-notification", &sandbox);
    let paid = sandbox.notification("TRANSACTION.SUCCESS", serde_json::json!({ "out_trade_no": "1", "name": "张/三" }));
    let run = home.run_with(&["explain"], raw(&paid)).ends(0);
    assert!(run.stdout.starts_with("a notification\n✓ the four headers"), "{}", run.stdout);
    assert!(run.stdout.contains("✓ its `resource` is decrypted"), "{}", run.stdout);
    says(&home, raw(&paid.probe()), "refuse it with 401");
    // What a framework makes of the body.
    let text = std::str::from_utf8(paid.body()).unwrap();
    let whole = String::from_utf8(raw(&paid)).unwrap();
    let json: Value = text.parse().unwrap();
    let changed = |body: &str| {
        let head = whole.split("\r\n\r\n").next().unwrap();
        let head: String =
            head.split_inclusive("\r\n").filter(|line| !line.to_lowercase().starts_with("content-length")).collect();
        format!("{}\r\n\r\n{body}", head.trim_end())
    };
    says(&home, changed(&format!("{json:#}")), "without white space");
    says(&home, changed(&format!("{text}\n")), "without the line end at its end");
    says(&home, changed(&text.replace('支', "\\u652f")), "parsed and written again");
    let mut sorted: Vec<_> = json.as_object().unwrap().iter().collect();
    sorted.sort_by_key(|(name, _)| *name);
    let sorted: serde_json::Map<_, _> = sorted.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    says(&home, changed(&Value::Object(sorted).to_string()), "in the platform's order");
    // Headers.
    let without = |name: &str| -> String {
        whole.split_inclusive("\r\n").filter(|line| !line.to_lowercase().starts_with(name)).collect()
    };
    says(&home, without("wechatpay-signature"), "the header Wechatpay-Signature is missing");
    says(&home, text, "none of the headers");
    // Keys.
    home.write("other.key", "x".repeat(32));
    home.set("WECHATPAY_APIV3_KEY", &format!("file://{}", home.path("other.key")));
    says(&home, raw(&paid), "cannot be decrypted with the configured APIv3 key");
    home.set("WECHATPAY_APIV3_KEY", "");
    let run = home.run_with(&["explain"], raw(&paid)).ends(0);
    assert!(run.stdout.contains("· without the APIv3 key"), "{}", run.stdout);
    home.set("WECHATPAY_CERTS", &format!("PUB_KEY_ID_7={}", home.path("platform.pem")));
    says(&home, raw(&paid), "which is configured as PUB_KEY_ID_7");
    new_key(&home, "other.pem", "other.pub");
    home.set("WECHATPAY_CERTS", &format!("PUB_KEY_ID_7={}", home.path("other.pub")));
    says(&home, raw(&paid), "download the platform's public key");
    home.set("WECHATPAY_CERTS", &format!("{}={}", sandbox.platform_serial(), home.path("cert.pem")));
    says(&home, raw(&paid), "is the merchant's own");
    home.set("WECHATPAY_CERTS", "");
    let run = home.run_with(&["explain"], raw(&paid)).ends(0);
    assert!(run.stdout.contains("· without a key of the platform"), "{}", run.stdout);
}

#[test]
fn messages_of_apiv2() {
    let sandbox = Sandbox::start().unwrap();
    let mut home = Home::of("explain-v2", &sandbox);
    let xml = |fields: &str, sign: &str| format!("<xml>{fields}<sign>{sign}</sign></xml>");
    let fields = "<appid>wx1</appid><body>咖啡</body><nonce_str>1</nonce_str>";
    let signed = |key: &str| format!("appid=wx1&body=咖啡&nonce_str=1&key={key}");
    let md5 = digest(&home, &["-md5"], &signed(sandbox.secret()));
    let run = home.run_with(&["explain"], xml(fields, &md5)).ends(0);
    assert!(run.stdout.contains("✓ its `sign` is that of its fields, with MD5"), "{}", run.stdout);
    says(&home, xml(fields, &md5.to_lowercase()), "in small letters");
    let hmac = digest(&home, &["-sha256", "-hmac", sandbox.secret()], &signed(sandbox.secret()));
    says(&home, xml(fields, &hmac), "made with HMAC-SHA256, and sign_type says MD5");
    let apiv3 = digest(&home, &["-md5"], &signed(sandbox.apiv3_key()));
    says(&home, xml(fields, &apiv3), "made with the APIv3 key");
    let other = digest(&home, &["-md5"], &signed(&"x".repeat(32)));
    says(&home, xml(fields, &other), "compare `secret`");
    let empty = digest(&home, &["-md5"], &format!("appid=wx1&attach=&body=咖啡&nonce_str=1&key={}", sandbox.secret()));
    says(&home, xml(&format!("{fields}<attach></attach>"), &empty), "empty fields");
    let unsorted = digest(&home, &["-md5"], &format!("nonce_str=1&appid=wx1&key={}", sandbox.secret()));
    says(&home, xml("<nonce_str>1</nonce_str><appid>wx1</appid>", &unsorted), "unsorted");
    let without = digest(&home, &["-md5"], &signed(sandbox.secret()));
    says(&home, xml(&format!("{fields}<sign_type>MD5</sign_type>"), &without), "without sign_type");
    says(&home, format!("<xml>{fields}</xml>"), "it has no `sign`");
    says(&home, xml("<sign_type>RSA</sign_type>", &md5), "its sign_type is \"RSA\"");
    says(
        &home,
        xml("<mch_id>1</mch_id>", &digest(&home, &["-md5"], &format!("mch_id=1&key={}", sandbox.secret()))),
        "merchant",
    );
    says(&home, "<xml><return_code>FAIL</return_code><return_msg>签名错误</return_msg></xml>", "签名错误");
    let refunded = sandbox.refund_notification_apiv2(serde_json::json!({ "out_refund_no": "1" }));
    home.run_with(&["explain"], refunded.body()).ends(0);
    home.write("other.key", "x".repeat(32));
    let told = home.run_with(&["--json", "explain", "--secret", "other.key"], refunded.body()).ends(6).json();
    assert!(wrong(&told)[0].contains("cannot be decrypted with the configured APIv2 key"), "{told}");
    home.set("WECHATPAY_SECRET", "");
    let run = home.run_with(&["explain"], refunded.body()).ends(0);
    assert!(run.stdout.contains("· without the APIv2 key"), "{}", run.stdout);
}

#[test]
fn what_others_have_written_does_not_control_the_terminal() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("explain-steering", &sandbox);
    let fail = "<xml><return_code>FAIL</return_code><return_msg>\u{202e}\u{7f}签名</return_msg></xml>";
    let run = home.run_with(&["explain"], fail).ends(6);
    assert!(run.stdout.contains("签名") && !run.stdout.contains(['\u{202e}', '\u{7f}']), "{:?}", run.stdout);
    let refused = r#"{"code":"PARAM_ERROR","message":"\u001b[2J参数"}"#;
    let run = home.run_with(&["explain"], refused).ends(6);
    assert!(run.stdout.contains("参数") && !run.stdout.contains('\u{1b}'), "{:?}", run.stdout);
}

#[test]
fn what_is_nothing_to_explain() {
    let home = Home::new("explain-nothing");
    home.run_with(&["explain"], "").ends(2).says("it is empty");
    home.run_with(&["explain"], "hello").ends(2).says("neither a request");
    home.run(&["explain", "none.txt"]).ends(2).says("none.txt");
    home.run_with(&["explain", "--body", "-"], "{}").ends(2).says("standard input can be read once");
}
