//! Options that are refused, and what the messages say; nothing of it may reach the other side.

use serde_json::Map;
use support::platform::Platform;
use support::raw::{Reply, Server, answer};
use wechatpay::{Error, Options, Outcome, Part, Value, json};

const PATH: &str = "v3/pay/transactions/out-trade-no/{out_trade_no}{?mchid}";

#[test]
fn wrong_options_are_refused_before_anything_is_sent() {
    let server = Server::start(|_, _| Reply::Answer(answer("200 OK", &[], b"{}")));
    let chain = Platform::new().instance(&server.url()).chain(PATH);
    let number = "out_trade_no";
    // What is given beside the variable, and what the message must name.
    let cases: Vec<(Value, &[&str])> = vec![
        (
            json!({ "jsno": {} }),
            &[
                "`jsno` is neither an option nor a variable, did you mean `json`?",
                PATH,
                "out_trade_no, mchid",
                "json, query, headers",
            ],
        ),
        (json!({ "formParams": {} }), &["`formParams` is neither", "did you mean `form_params`?"]),
        (json!({ "header": {} }), &["did you mean `headers`?"]),
        (json!({ "outTradeNo": "1" }), &["`outTradeNo` is neither", "did you mean `out_trade_no`?"]),
        (json!({ "description": "1" }), &["`description` is neither an option nor a variable;"]),
        (json!({ "xml": {} }), &["`xml`", "belongs to APIv2"]),
        (json!({ "nonceless": true }), &["`nonceless`", "belongs to APIv2"]),
        (json!({ "security": true }), &["`security`", "belongs to APIv2"]),
        (json!({ "expect": "abc" }), &["`expect`", "hash_type"]),
        (json!({ "expect": { "hash_type": "MD5", "hash_value": "x" } }), &["`expect`", "SHA1"]),
        (json!({ "expect": { "hash_type": "SHA1", "hash_value": "x" } }), &["`expect`", "40 hex digits"]),
        (json!({ "response_limit": -1 }), &["`response_limit`", "bytes"]),
        (json!({ "handler": {} }), &["`handler`", "`signer`", "`verifier`"]),
        (json!({ "query": 7 }), &["`query`", "an object or a string", "a number"]),
        (json!({ "query": ["a"] }), &["`query`", "a list"]),
        (json!({ "headers": "X: 1" }), &["`headers`", "an object", "a string"]),
        (json!({ "headers": { "X": {} } }), &["`headers`", "X", "an object"]),
        (json!({ "headers": { "X Y": "1" } }), &["`headers`", "\"X Y\""]),
        (json!({ "headers": { "X": "1\r\nY: 2" } }), &["`headers`", "X", "one line"]),
        (json!({ "headers": { "X": "中" } }), &["`headers`", "X", "ASCII"]),
        (json!({ "headers": { "Authorization": "x" } }), &["`headers`", "Authorization"]),
        (json!({ "headers": { "Host": "evil.example" } }), &["`headers`", "Host"]),
        (json!({ "headers": { "content-length": "1" } }), &["`headers`", "content-length"]),
        (json!({ "body": { "a": 1 } }), &["`body`", "a string", "an object"]),
        (json!({ "json": 1, "body": "2" }), &["`json`", "`body`", "one of them"]),
        (json!({ "form_params": {}, "multipart": [] }), &["`form_params`", "`multipart`"]),
        (json!({ "form_params": "a=b" }), &["`form_params`", "a string"]),
        (
            json!({ "multipart": [], "headers": { "Content-Type": "multipart/form-data" } }),
            &["Content-Type", "leave it out"],
        ),
        (json!({ "multipart": {} }), &["`multipart`", "a list"]),
        (json!({ "multipart": ["a"] }), &["`multipart`", "`name`", "a string"]),
        (json!({ "multipart": [{ "name": "a" }] }), &["`multipart`", "`contents`"]),
        (json!({ "multipart": [{ "name": "a", "contents": 1 }] }), &["`contents`", "a number"]),
        (json!({ "multipart": [{ "name": "a", "contents": "1", "mime": "x" }] }), &["`mime`"]),
        (
            json!({ "multipart": [{ "name": "a", "contents": "1", "headers": { "X": "1\r\n" } }] }),
            &["`multipart`", "\"X\""],
        ),
        (json!({ "base_uri": 1 }), &["`base_uri`", "a number"]),
        (json!({ "base_uri": "api.mch.weixin.qq.com" }), &["`base_uri`", "api.mch.weixin.qq.com"]),
        (json!({ "base_uri": "ftp://api.mch.weixin.qq.com/" }), &["`base_uri`", "https://"]),
        (json!({ "base_uri": "https://user:pass@api.mch.weixin.qq.com/" }), &["`base_uri`", "password"]),
        (json!({ "base_uri": "http://api.mch.weixin.qq.com/" }), &["`base_uri`", "plain http", "allow_http"]),
        (json!({ "timeout": "5" }), &["`timeout`", "seconds", "a string"]),
        (json!({ "timeout": -1 }), &["`timeout`", "0 or more", "a negative number"]),
        (json!({ "connect_timeout": [] }), &["`connect_timeout`", "a list"]),
        (json!({ "read_timeout": true }), &["`read_timeout`", "a boolean"]),
        (json!({ "sink": 1 }), &["`sink`", "a number"]),
        (json!({ "allow_redirects": { "max": 3 } }), &["`allow_redirects`", "true or false", "an object"]),
        (json!({ "http_errors": 0 }), &["`http_errors`", "true or false"]),
        (json!({ "debug": "yes" }), &["`debug`", "true or false"]),
        (json!({ "proxy": { "http": "x" } }), &["`proxy`", "a string"]),
        (json!({ "proxy": "gopher://user:hunter2@host" }), &["`proxy`", "such as"]),
        (json!({ "verify": 1 }), &["`verify`", "a number"]),
        (json!({ "verify": "/no/such/bundle.pem" }), &["`verify`", "/no/such/bundle.pem"]),
        (json!({ "verify": env!("CARGO_MANIFEST_PATH") }), &["`verify`", "no certificate"]),
        (json!({ number: null }), &["`out_trade_no`", PATH, "no value"]),
        (json!({ number: null, "out_trade_on": 1 }), &["`out_trade_no` has no value", "`out_trade_on` is neither"]),
        (json!({ number: [] }), &["`out_trade_no`", "no value"]),
        (json!({ number: false }), &["`out_trade_no`", "false"]),
        (json!({ number: { "a": { "b": 1 } } }), &["`out_trade_no`"]),
        (json!({ number: ".." }), &["`..`", "variable"]),
        (json!({ number: "." }), &["`..`", "variable"]),
    ];
    for (mut options, named) in cases {
        let entries = options.as_object_mut().unwrap();
        entries.entry(number).or_insert("1217752501201407033233368018".into());
        for result in [chain.post(options.clone()), chain.post_async(options.clone()).wait()] {
            let error = result.expect_err(&options.to_string());
            assert!(matches!(error, Error::Options(_)), "{options}: {error:?}");
            assert_eq!(error.outcome(), Outcome::NotSent);
            for name in named {
                assert!(error.to_string().contains(name), "{options}: {error}");
            }
            assert!(!error.to_string().contains("hunter2"), "{error}");
        }
    }
    for options in [json!("text"), json!(1), json!([1]), json!(true)] {
        let error = chain.post(options).unwrap_err();
        assert!(error.to_string().contains("must be an object"), "{error}");
    }
    let instance = Platform::new().instance(&server.url());
    for (path, named) in [
        ("v3/{x", "not paired"),
        ("v3/x}", "not paired"),
        ("v3/{}", "`{}`"),
        ("v3/__", "v3/__"),
        ("v3/{a b}", "`{a b}`"),
        ("v3/{x:0}", "`{x:0}`"),
        ("v2/pay/unifiedorder", "`secret`"),
        ("V2/pay/unifiedorder", "`secret`"),
        ("https://evil.example/v3/x", "`https://evil.example/v3/x` is at https://evil.example:443"),
        ("//evil.example/v3/x", "evil.example"),
        ("v3/../v2/x", "`..`"),
    ] {
        let result = instance.chain(path).get(());
        match path {
            // As PHP: only a string that as a whole reads `_name_` is a variable.
            "v3/__" => drop(result.map(|_| ())),
            _ => assert!(result.as_ref().unwrap_err().to_string().contains(named), "{path}: {result:?}"),
        }
    }
    let arrived: Vec<_> = server.arrived().into_iter().map(|arrived| arrived.target).collect();
    assert_eq!(arrived, ["/v3/__"]);
}

#[test]
fn the_setters_are_checked_like_the_names() {
    let server = Server::start(|_, _| Reply::Answer(answer("200 OK", &[], b"{}")));
    let chain = Platform::new().instance(&server.url()).chain("v3/x");
    for (options, named) in [
        (Options::new().header("X Y", "1"), "\"X Y\""),
        (Options::new().json(1).body("2"), "`json` and `body`"),
        (Options::new().query(1), "`query`"),
        (Options::new().proxy("gopher://x"), "`proxy`"),
        (json!({ "verify": 1 }).into(), "`verify`"),
        (Options::new().form_params(1), "`form_params`"),
        (Options::new().variable("x", 1), "`x` is neither"),
        (Options::new().multipart(vec![Part::new("a", "b").header("X", "\n")]), "\"X\""),
        (Options::new().sink("/"), "it is a folder"),
        (
            Options::new().body(wechatpay::MediaUtil::from_bytes("a.png", "x")).header("content-type", "image/png"),
            "leave it out",
        ),
    ] {
        let error = chain.post(options).unwrap_err();
        assert!(error.to_string().contains(named), "{named}: {error}");
        assert_eq!(error.outcome(), Outcome::NotSent);
    }
    assert!(Part::file("file", "/no/such/file").is_err());
    assert_eq!(server.arrived().len(), 0);
}

#[test]
fn what_is_left_out_or_null_is_not_given() {
    let platform = Platform::new();
    let server = platform.server();
    let instance = platform.instance(&server.url());
    for options in [
        json!(null),
        json!([]),
        json!({}),
        json!({ "json": null, "query": null, "headers": [], "timeout": null, "nothing": null }),
    ] {
        instance.chain("v3/x{?mchid}").get(options).unwrap();
    }
    instance.chain("v3/x{?mchid}").get(()).unwrap();
    assert!(server.arrived().iter().all(|arrived| arrived.target == "/v3/x" && arrived.body.is_empty()));
    // An explicit empty text is sent as it is given.
    instance.chain("v3/users/{openid}/coupons").get(json!({ "openid": "" })).unwrap();
    assert_eq!(server.arrived().pop().unwrap().target, "/v3/users//coupons");
    let error = instance.chain("v3/x/{empty}").get(json!({ "empty": "x" })).unwrap_err();
    assert!(error.to_string().contains("always empty"), "{error}");
    // Zero and huge limits are no limits.
    instance.chain("v3/x").get(json!({ "timeout": 0, "connect_timeout": 0, "read_timeout": 0 })).unwrap();
    instance.chain("v3/x").get(json!({ "timeout": 1e18, "connect_timeout": 1e18, "read_timeout": 1e18 })).unwrap();
    instance.chain("v3/x").get(Options::new().timeout(std::time::Duration::MAX)).unwrap();
}

#[test]
fn header_lines_have_a_limit() {
    let platform = Platform::new();
    let instance = platform.instance("http://127.0.0.1:1/");
    let refused = |options: Options, count: usize| {
        let error = instance.chain("v3/x").get(options).unwrap_err();
        assert!(matches!(error, Error::Options(_)), "{error:?}");
        let message = format!("`headers` has {count} lines, at most 100 can be sent");
        assert!(error.to_string().contains(&message), "{error}");
        assert_eq!(error.outcome(), Outcome::NotSent);
    };
    let by_name = |count: usize| (0..count).map(|number| (format!("X-{number}"), json!("1"))).collect::<Map<_, _>>();
    for count in [101, 24_573, 40_000] {
        refused(json!({ "headers": by_name(count) }).into(), count);
        refused(json!({ "headers": { "X": vec!["1"; count] } }).into(), count);
        refused((0..count).fold(Options::new(), |options, number| options.header(format!("X-{number}"), "1")), count);
        let many = json!({ "headers": { "X": vec!["1"; count] } });
        let error = platform.builder("http://127.0.0.1:1/").defaults(many).defaults(json!({})).build().unwrap_err();
        assert!(error.to_string().contains(&format!("has {count} lines")), "{error}");
    }
    // Many times a few.
    let builder = (0..400).fold(platform.builder("http://127.0.0.1:1/"), |builder, number| {
        builder.defaults(json!({ "headers": { (format!("X-{number}")): vec!["1"; 100] } }))
    });
    assert!(builder.build().unwrap_err().to_string().contains("lines, at most 100"));
    // As many as there may be, of the call and of the configuration.
    let server = Server::start(|_, _| Reply::Answer(answer("400 Bad Request", &[], b"")));
    let defaults = json!({ "headers": { "X-Default": vec!["1"; 100] } });
    let instance = platform.builder(&server.url()).defaults(defaults).build().unwrap();
    let error = instance.chain("v3/x").get(json!({ "headers": by_name(100) })).unwrap_err();
    assert!(matches!(error, Error::Client(_)), "{error:?}");
    let arrived = server.arrived().pop().unwrap();
    assert_eq!(arrived.headers.iter().filter(|(name, _)| name.to_lowercase().starts_with("x-")).count(), 200);

    let part = (0..101).fold(Part::new("a", "b"), |part, _| part.header("X", "1"));
    let error = instance.chain("v3/x").post(Options::new().multipart(vec![part])).unwrap_err();
    assert!(error.to_string().contains("has 101 headers, at most 100"), "{error}");
}

#[test]
fn a_form_may_have_any_number_of_parts() {
    let server = Server::start(|_, _| Reply::Answer(answer("400 Bad Request", &[], b"")));
    let parts: Vec<Part> = (0..100_000).map(|_| Part::new("a", "b")).collect();
    let error =
        Platform::new().instance(&server.url()).chain("v3/x").post(Options::new().multipart(parts)).unwrap_err();
    assert!(matches!(error, Error::Client(_)), "{error:?}");
    let body = server.arrived().pop().unwrap().body;
    assert_eq!(body.windows(8).filter(|window| window == b"\r\n\r\nb\r\n-").count(), 100_000);
}

#[test]
fn what_was_wrong_with_defaults_stays_wrong() {
    let builder = Platform::new().builder("http://127.0.0.1:1/").defaults(json!({ "timeout": -1 }));
    let error = builder.defaults(json!({ "timeout": 1 })).build().unwrap_err();
    assert!(error.to_string().contains("`timeout`"), "{error}");
}
