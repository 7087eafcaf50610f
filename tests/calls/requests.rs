//! What the options make of a request: bodies, headers, addresses; seen at the other end.

use support::keys::{public_pem, sign};
use support::platform::{KEY_ID, MCHID, MERCHANT_SERIAL, Platform};
use support::raw::{Arrived, Reply, Server, answer};
use wechatpay::{Chain, Credentials, MediaUtil, Options, Part, json};

struct Both {
    platform: Platform,
    server: Server,
    instance: Chain,
}

fn both() -> Both {
    let platform = Platform::new();
    let server = platform.server();
    let instance = platform.instance(&server.url());
    Both { platform, server, instance }
}

impl Both {
    fn last(&self) -> Arrived {
        self.server.arrived().pop().unwrap()
    }

    /// Whether exactly this was signed of the last request.
    fn signed(&self, body: &[u8]) -> bool {
        let arrived = self.last();
        let authorization = arrived.header("authorization").unwrap();
        let rest = authorization.strip_prefix("WECHATPAY2-SHA256-RSA2048 ").unwrap();
        let parts: Vec<_> = rest.split(',').map(|part| part.split_once('=').unwrap()).collect();
        let names: Vec<_> = parts.iter().map(|part| part.0).collect();
        assert_eq!(names, ["mchid", "serial_no", "timestamp", "nonce_str", "signature"]);
        let values: Vec<_> =
            parts.iter().map(|part| part.1.strip_prefix('"').unwrap().strip_suffix('"').unwrap()).collect();
        assert_eq!(values[..2], [MCHID, MERCHANT_SERIAL]);
        assert!(values[3].len() == 32 && values[3].bytes().all(|b| b.is_ascii_alphanumeric()));
        let head = format!("{}\n{}\n{}\n{}\n", arrived.method, arrived.target, values[2], values[3]);
        let message = [head.as_bytes(), body, b"\n"].concat();
        let signature = openssl::base64::decode_block(values[4]).unwrap();
        openssl::sign::Verifier::new(openssl::hash::MessageDigest::sha256(), &self.platform.merchant)
            .unwrap()
            .verify_oneshot(&signature, &message)
            .unwrap()
    }
}

#[test]
fn json_is_sent_as_compact_utf8_and_signed_as_sent() {
    let both = both();
    both.instance.chain("v3/x").post(json!({ "json": { "name": "张三/☺", "n": 1.5, "list": [1, null] } })).unwrap();
    let arrived = both.last();
    assert_eq!(arrived.header("content-type"), Some("application/json"));
    assert_eq!(serde_json::from_slice::<wechatpay::Value>(&arrived.body).unwrap()["name"], "张三/☺");
    assert!(String::from_utf8(arrived.body.clone()).unwrap().contains("张三/☺"));
    assert!(!arrived.body.contains(&b'\n') && !arrived.body.contains(&b' '));
    assert!(both.signed(&arrived.body));
}

#[test]
fn every_verb_arrives_as_it_is_called_with_and_without_body() {
    let both = both();
    let chain = both.instance.chain("v3/x");
    type Verb = fn(&Chain, Options) -> wechatpay::Result<wechatpay::Response>;
    let verbs: [(&str, Verb); 14] = [
        ("GET", |c, o| c.get(o)),
        ("PUT", |c, o| c.put(o)),
        ("POST", |c, o| c.post(o)),
        ("PATCH", |c, o| c.patch(o)),
        ("DELETE", |c, o| c.delete(o)),
        ("GET", |c, o| c.get_async(o).wait()),
        ("PUT", |c, o| c.put_async(o).wait()),
        ("POST", |c, o| c.post_async(o).wait()),
        ("PATCH", |c, o| c.patch_async(o).wait()),
        ("DELETE", |c, o| c.delete_async(o).wait()),
        ("POST", |c, o| c.request("post", o)),
        ("DELETE", |c, o| c.request("Delete", o)),
        ("PATCH", |c, o| c.request_async("PATCH", o).wait()),
        ("GET", |c, o| c.request(wechatpay::http::Method::GET, o)),
    ];
    for (method, verb) in verbs {
        verb(&chain, Options::new()).unwrap();
        let arrived = both.last();
        assert_eq!((arrived.method.as_str(), arrived.body.len()), (method, 0));
        let length = if matches!(method, "GET" | "DELETE") { None } else { Some("0") };
        assert_eq!((arrived.header("content-length"), arrived.header("transfer-encoding")), (length, None), "{method}");
        assert_eq!(arrived.header("content-type"), Some("application/json; charset=utf-8"));
        assert!(both.signed(b""));

        verb(&chain, json!({ "json": { "a": 1 } }).into()).unwrap();
        let arrived = both.last();
        assert_eq!((arrived.method.as_str(), arrived.body.as_slice()), (method, br#"{"a":1}"#.as_slice()));
        assert_eq!(
            (arrived.header("content-length"), arrived.header("transfer-encoding")),
            (Some("7"), None),
            "{method}"
        );
        assert!(both.signed(br#"{"a":1}"#));
    }
    let error = chain.request("FETCH", ()).unwrap_err();
    assert!(error.to_string().contains("\"FETCH\" is not a method"), "{error}");
}

#[test]
fn headers_of_the_call_win_over_those_of_the_configuration_over_the_defaults() {
    let both = both();
    let instance = both
        .platform
        .builder(&both.server.url())
        .defaults(json!({ "headers": { "accept": "application/json", "X-Shop": "7", "Content-Type": "text/plain" } }))
        .build()
        .unwrap();
    instance.chain("v3/x").get(json!({ "headers": { "x-shop": ["8", "9"], "Wechatpay-Serial": KEY_ID } })).unwrap();
    let arrived = both.last();
    let shops: Vec<_> = arrived
        .headers
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("x-shop"))
        .map(|(_, v)| v.as_str())
        .collect();
    assert_eq!(shops, ["8", "9"]);
    assert_eq!(
        (arrived.header("accept"), arrived.header("content-type")),
        (Some("application/json"), Some("text/plain"))
    );
    assert_eq!(arrived.header("wechatpay-serial"), Some(KEY_ID));
    let user_agent = arrived.header("user-agent").unwrap();
    assert!(user_agent.starts_with(concat!("wechatpay-chain/", env!("CARGO_PKG_VERSION"))), "{user_agent}");
    // As in Guzzle: a body brings its type, which only the call can overrule.
    instance.chain("v3/x").post(json!({ "json": {} })).unwrap();
    assert_eq!(both.last().header("content-type"), Some("application/json"));
    instance
        .chain("v3/x")
        .post(json!({ "json": {}, "headers": { "CONTENT-TYPE": "application/json; charset=utf-8" } }))
        .unwrap();
    assert_eq!(both.last().header("content-type"), Some("application/json; charset=utf-8"));
    assert_eq!(both.last().header("x-shop"), Some("7"));
}

#[test]
fn queries_replace_that_of_the_path() {
    let both = both();
    let target = |path: &str, query: wechatpay::Value| {
        both.instance.chain("{+path}").get(json!({ "path": path, "query": query })).unwrap();
        both.last().target
    };
    assert_eq!(target("v3/x?a=1", json!(null)), "/v3/x?a=1");
    assert_eq!(target("v3/x?a=1", json!({ "b": 2 })), "/v3/x?b=2");
    assert_eq!(target("v3/x?a=1", json!({})), "/v3/x");
    assert_eq!(
        target("v3/x", json!("a=中文 b&c=%E4%B8%AD&d=50%")),
        "/v3/x?a=%E4%B8%AD%E6%96%87%20b&c=%E4%B8%AD&d=50%25"
    );
    assert_eq!(target("v3/x", json!("?a=1#b")), "/v3/x?a=1%23b");
    both.instance.chain("v3/x{?a,b}").get(json!({ "b": "2&3" })).unwrap();
    assert_eq!(both.last().target, "/v3/x?b=2%263");
    both.instance.chain("v3/x{#f}").get(json!({ "f": "part" })).unwrap();
    assert_eq!(both.last().target, "/v3/x");
}

#[test]
fn paths_are_resolved_as_addresses_are() {
    let both = both();
    let base = |path: &str| format!("{}{path}", both.server.url());
    for (base_uri, path, target) in [
        (base("hk/"), "v3/x", "/hk/v3/x"),
        (base("hk"), "v3/x", "/v3/x"),
        (base("hk/"), "/v3/x", "/v3/x"),
        (base("hk/?a=1"), "v3/x", "/hk/v3/x"),
        (base(""), "v3/x/{empty}", "/v3/x/"),
        (base(""), "v3/x/_empty_", "/v3/x/_empty_"),
        (base(""), "", "/"),
        (base(""), "v3/中文/a b", "/v3/%E4%B8%AD%E6%96%87/a%20b"),
    ] {
        both.instance.chain(path).get(json!({ "base_uri": base_uri })).unwrap();
        assert_eq!(both.last().target, target, "{base_uri} {path}");
    }
    // A whole address, as the platform gives for downloads, when it is at the same host.
    both.instance.chain("{+url}").get(json!({ "url": base("v3/certificates?token=A-b") })).unwrap();
    assert_eq!(both.last().target, "/v3/certificates?token=A-b");
    both.instance.chain("v3").chain("_empty_").get(()).unwrap();
    assert_eq!(both.last().target, "/v3/");
}

#[test]
fn forms_are_encoded_as_guzzle_does() {
    let both = both();
    both.instance.chain("v3/x").post(json!({ "form_params": { "a": "b c&d", "e": { "f": [true] } } })).unwrap();
    let arrived = both.last();
    assert_eq!(arrived.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(String::from_utf8(arrived.body.clone()).unwrap(), "a=b+c%26d&e%5Bf%5D%5B0%5D=1");
    assert!(both.signed(&arrived.body));

    both.instance
        .chain("v3/x")
        .post(json!({ "multipart": [
            { "name": "a\"b", "contents": "1" },
            { "name": "f", "contents": "text", "filename": "f.txt", "headers": { "Content-Type": "text/plain" } },
        ] }))
        .unwrap();
    let arrived = both.last();
    let boundary = arrived.header("content-type").unwrap().strip_prefix("multipart/form-data; boundary=").unwrap();
    let expected = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"a%22b\"\r\n\r\n1\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f.txt\"\r\nContent-Type: text/plain\r\n\r\ntext\r\n\
         --{boundary}--\r\n"
    );
    assert_eq!(String::from_utf8(arrived.body.clone()).unwrap(), expected);
    assert!(both.signed(&arrived.body));
}

#[test]
fn raw_bodies_are_sent_as_they_are() {
    let both = both();
    let bytes = [0, 255, 10, 13, 0];
    both.instance
        .chain("v3/x")
        .put(Options::new().body(bytes.as_slice()).header("Content-Type", "application/octet-stream"))
        .unwrap();
    let arrived = both.last();
    assert_eq!(
        (arrived.body.as_slice(), arrived.header("content-type")),
        (bytes.as_slice(), Some("application/octet-stream"))
    );
    assert!(both.signed(&bytes));
    both.instance.chain("v3/x").post(json!({ "body": "text" })).unwrap();
    assert_eq!(
        (both.last().body.as_slice(), both.last().header("content-type")),
        (b"text".as_slice(), Some("application/json; charset=utf-8"))
    );
}

#[test]
fn uploads_sign_their_meta_alone() {
    let both = both();
    let folder = std::env::temp_dir().join(format!("wechatpay-uploads-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("图片.PNG");
    let bytes: Vec<u8> = (0..300_000u32).map(|n| ((n * 7919) >> 3) as u8).collect();
    std::fs::write(&path, &bytes).unwrap();
    let sha256 = hex(&openssl::sha::sha256(&bytes));
    let meta = json!({ "filename": "图片.PNG", "sha256": sha256 });

    let from_file = MediaUtil::new(&path).unwrap();
    let from_memory = MediaUtil::from_bytes("图片.PNG", bytes.clone());
    for media in [from_file, from_memory] {
        assert_eq!(media.meta(), &meta);
        both.instance.chain("v3/merchant/media/upload").post(Options::new().body(media)).unwrap();
        let arrived = both.last();
        assert!(both.signed(meta.to_string().as_bytes()));
        let boundary = arrived.header("content-type").unwrap().strip_prefix("multipart/form-data; boundary=").unwrap();
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"meta\"\r\nContent-Type: application/json\r\n\r\n{meta}\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"图片.PNG\"\r\nContent-Type: image/png\r\n\r\n"
        );
        let expected = [head.as_bytes(), &bytes, format!("\r\n--{boundary}--\r\n").as_bytes()].concat();
        assert!(arrived.body == expected, "{}", String::from_utf8_lossy(&arrived.body[..600]));
        assert_eq!(arrived.header("content-length"), Some(expected.len().to_string().as_str()));
    }

    let mut media = MediaUtil::new(&path).unwrap();
    assert!(media.set_meta(json!("text")).is_err());
    media.set_meta(json!({ "bank_type": "CFT", "filename": "图片.PNG", "sha256": sha256 })).unwrap();
    both.instance.chain("v3/merchant/media/upload").post(Options::new().body(media)).unwrap();
    assert!(
        both.signed(json!({ "bank_type": "CFT", "filename": "图片.PNG", "sha256": sha256 }).to_string().as_bytes())
    );

    // A form with a part of that name is the same thing by hand.
    let parts = vec![Part::new("meta", "{}"), Part::file("file", &path).unwrap()];
    both.instance.chain("v3/merchant/media/upload").post(Options::new().multipart(parts)).unwrap();
    assert!(both.signed(b"{}"));

    let count = both.server.arrived().len();
    let error = MediaUtil::new(folder.join("absent.jpg")).unwrap_err();
    assert!(error.to_string().contains("absent.jpg"), "{error}");
    // Changed after its hash was taken: as long as before, shorter, gone.
    let changes: [fn(&std::path::Path); 3] = [
        |path| std::fs::write(path, vec![0; 300_000]).unwrap(),
        |path| std::fs::write(path, vec![0; 10]).unwrap(),
        |path| std::fs::remove_file(path).unwrap(),
    ];
    for (number, change) in changes.iter().enumerate() {
        std::fs::write(&path, &bytes).unwrap();
        let media = MediaUtil::new(&path).unwrap();
        change(&path);
        let error = both.instance.chain("v3/merchant/media/upload").post(Options::new().body(media)).unwrap_err();
        assert!(matches!(&error, wechatpay::Error::Upload(file) if file.path() == Some(path.as_path())), "{error:?}");
        let sent = number < 2;
        assert_eq!(error.outcome() == wechatpay::Outcome::Unknown, sent, "{error:?}");
    }
    assert_eq!(both.server.arrived().len(), count, "none of them arrived as a whole");
    std::fs::remove_dir_all(&folder).unwrap();
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_custom_signer_signs_each_request_and_stops_it_when_it_fails() {
    let both = both();
    let builder = || {
        let pem = public_pem(&both.platform.key);
        wechatpay::Builder::new()
            .credentials(Credentials::new().mchid(MCHID).serial(MERCHANT_SERIAL).cert(KEY_ID, pem))
            .defaults(json!({ "base_uri": both.server.url(), "proxy": "" }))
    };
    let key = both.platform.merchant.clone();
    let instance = builder()
        .credentials(Credentials::new().signer(move |message: &[u8]| Ok(sign(message, &key))))
        .build()
        .unwrap();
    instance.chain("v3/x").post(json!({ "json": [1] })).unwrap();
    assert!(both.signed(b"[1]"));

    let count = both.server.arrived().len();
    for signer in [
        (|_: &[u8]| anyhow::bail!("the HSM is away")) as fn(&[u8]) -> anyhow::Result<String>,
        |_| Ok("no base64\r\nX-Evil: 1".into()),
        |_| Ok(String::new()),
    ] {
        let instance = builder().credentials(Credentials::new().signer(signer)).build().unwrap();
        for result in [instance.chain("v3/x").post(()), instance.chain("v3/x").post_async(()).wait()] {
            let error = result.unwrap_err();
            assert!(matches!(error, wechatpay::Error::Signing(_)), "{error:?}");
            assert_eq!(error.outcome(), wechatpay::Outcome::NotSent);
        }
    }
    assert_eq!(both.server.arrived().len(), count);
}

#[test]
fn a_sink_takes_the_whole_answer_or_nothing_is_there() {
    let platform = Platform::new();
    let image: Vec<u8> = (0..1_000_000u32).map(|n| (n >> 2) as u8).collect();
    let (signed, whole) = (platform.headers(b"{}"), image.clone());
    let server = Server::start(move |_, request| match request.target.as_str() {
        "/v3/merchant-service/images/whole" => Reply::Answer(answer("200 OK", &[], &whole)),
        "/v3/merchant-service/images/cut" => {
            let bytes = answer("200 OK", &[], &whole);
            Reply::Break(bytes[..500_000].to_vec())
        }
        "/v3/merchant-service/images/gone" => Reply::Answer(answer("404 Not Found", &[], br#"{"code":"NOT_FOUND"}"#)),
        "/v3/signed" => Reply::Answer(answer("200 OK", &signed, b"{}")),
        _ => Reply::Answer(answer("200 OK", &[], b"{}")),
    });
    let instance = platform.instance(&server.url());
    let folder = std::env::temp_dir().join(format!("wechatpay-sink-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let sink = folder.join("image.jpg");
    let files = || std::fs::read_dir(&folder).unwrap().count();
    let get = |path: &str| instance.chain(path).get(json!({ "sink": sink.to_str().unwrap() }));

    let response = get("v3/merchant-service/images/whole").unwrap();
    assert_eq!(
        (response.status().as_u16(), response.body().len(), std::fs::read(&sink).unwrap() == image, files()),
        (200, 0, true, 1)
    );
    get("v3/signed").unwrap();
    assert_eq!((std::fs::read(&sink).unwrap(), files()), (b"{}".to_vec(), 1), "it replaces what was there");

    std::fs::write(&sink, "kept").unwrap();
    for path in ["v3/merchant-service/images/cut", "v3/merchant-service/images/gone", "v3/unsigned"] {
        let error = get(path).unwrap_err();
        assert_eq!((std::fs::read(&sink).unwrap(), files()), (b"kept".to_vec(), 1), "{path}: {error:?}");
        let expected = match path {
            "v3/merchant-service/images/cut" => matches!(error, wechatpay::Error::Connection(_)),
            "v3/merchant-service/images/gone" => error.code() == Some("NOT_FOUND"),
            _ => matches!(error, wechatpay::Error::Verification(_)),
        };
        assert!(expected, "{path}: {error:?}");
    }
    let count = server.arrived().len();
    let nowhere = folder.join("absent").join("image.jpg");
    let error = instance.chain("v3/signed").get(Options::new().sink(&nowhere)).unwrap_err();
    assert!(matches!(&error, wechatpay::Error::Sink(file) if file.path() == Some(nowhere.as_path())), "{error:?}");
    assert_eq!((error.outcome(), server.arrived().len()), (wechatpay::Outcome::NotSent, count));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_long_address_and_a_long_header_are_sent_as_they_are() {
    let both = both();
    let long = "x".repeat(30_000);
    both.instance.chain("v3/x").get(json!({ "query": { "long": long } })).unwrap();
    assert_eq!(both.last().target, format!("/v3/x?long={long}"));
    assert!(both.signed(b""));
    both.instance.chain("v3/x").get(json!({ "headers": { "X-Long": long } })).unwrap();
    assert_eq!(both.last().header("x-long"), Some(long.as_str()));

    let requests = both.server.arrived().len();
    let refused = both.instance.chain("v3/x").get(json!({ "query": { "long": "x".repeat(200_000) } })).unwrap_err();
    assert!(matches!(refused, wechatpay::Error::Options(_)) && refused.to_string().contains("200"), "{refused}");
    let refused = both.instance.chain("v3/x").get(json!({ "headers": { "X-Long": "x".repeat(300_000) } })).unwrap_err();
    assert!(matches!(refused, wechatpay::Error::Options(_)) && refused.to_string().contains("300"), "{refused}");
    assert_eq!(both.server.arrived().len(), requests);
}
