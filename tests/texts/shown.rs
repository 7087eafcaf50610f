//! What is shown of what callers give and of what others write: no key that was put in the wrong place, no password of an
//! address, no character that steers a terminal.

use std::fmt::Debug;

use openssl::base64::encode_block;
use support::keys::{private_pem, public_pem, rsa};
use support::platform::{KEY_ID, MCHID, MERCHANT_SERIAL, Platform};
use support::process::{child, is_child, run};
use support::raw::{Reply, Server, answer};
use wechatpay::{
    Body, Builder, Credentials, Error, Hash, KeySource, Options, Part, PemUtil, Rsa, Transformer, UriTemplate, Value,
    XmlOptions, json,
};

/// What people have in their clipboard when they fill in a setting.
fn keys() -> Vec<String> {
    let key = rsa();
    let pem = private_pem(&key);
    vec![
        pem.lines().nth(5).unwrap().to_owned(),
        encode_block(&key.private_key_to_pkcs8().unwrap()),
        encode_block(&openssl::sha::sha256(b"a key of 32 bytes")),
        "0123456789abcdef0123456789abcdef".into(),
        "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0dF".into(),
        pem,
    ]
}

/// All that a value shows, as a whole.
fn shown(value: impl Debug) -> String {
    format!("{value:?} {value:#?}")
}

fn error(error: Error) -> String {
    let text = format!("{error} {error:?} {error:#?}");
    format!("{text} {:#} {}", anyhow::Error::from(error), "")
}

/// That no piece of it is there which is longer than chance.
fn assert_hidden(place: &str, shown: &str, key: &str) {
    const LONG: usize = 16;
    for line in key.lines().filter(|line| !line.starts_with("-----")) {
        for start in 0..=line.len().saturating_sub(LONG) {
            let piece = &line[start..(start + LONG).min(line.len())];
            assert!(!shown.contains(piece), "{place}: {piece} in {shown}");
        }
    }
}

/// Each way of giving options wrongly, by its name.
fn options(key: &str) -> Vec<(&'static str, Value)> {
    vec![
        ("an unknown option", json!({ key: 1 })),
        ("sink", json!({ "sink": format!("/absent/{key}/x") })),
        ("sink alone", json!({ "sink": format!("{key}/") })),
        ("the name of a header", json!({ "headers": { key: "\n" } })),
        ("the name of a header with nothing", json!({ "headers": { key: {} } })),
        ("the value of a header", json!({ "headers": { "X": format!("{key}\n") } })),
        ("encrypt", json!({ "encrypt": [key] })),
        ("encrypt, as a pointer", json!({ "encrypt": [format!("/{key}")] })),
        ("encrypt, that meets nothing", json!({ "encrypt": [format!("/json/{key}")], "json": { "a": "1" } })),
        ("encrypt, malformed", json!({ "encrypt": [format!("/json/{key}/~")] })),
        ("base_uri", json!({ "base_uri": key })),
        ("base_uri with a scheme", json!({ "base_uri": format!("ftp://{key}/") })),
        ("base_uri over http", json!({ "base_uri": format!("http://{key}/") })),
        ("base_uri with a path", json!({ "base_uri": format!("https://a b/{key}") })),
        ("a host", json!({ "base_uri": format!("https://{key}/"), "proxy": "http://127.0.0.1:1" })),
        ("failover", json!({ "failover": key })),
        ("failovers", json!({ "failover": ["https://127.0.0.1:1/", format!("http://{key}/")] })),
        ("expect", json!({ "expect": { "hash_type": "SHA1", "hash_value": key } })),
        ("a field of a part", json!({ "multipart": [{ "name": "a", "contents": "b", key: 1 }] })),
        (
            "a header of a part",
            json!({ "multipart": [{ "name": "a", "contents": "b", "headers": { (format!("{key} ")): "1" } }] }),
        ),
        ("a part", json!({ "multipart": [{ "name": key, "contents": "b", "headers": { "X": "\n" } }] })),
        ("proxy", json!({ "proxy": key })),
        ("xml", json!({ "xml": key })),
    ]
}

/// Each way of configuring wrongly.
fn settings(key: &str) -> Vec<(&'static str, Value)> {
    let pem = public_pem(&rsa());
    vec![
        ("an unknown setting", json!({ key: 1 })),
        ("an id of certs", json!({ "certs": { key: "file:///absent.pem" } })),
        ("an id of certs alone", json!({ "certs": { key: null } })),
        ("an id beside another one", json!({ "certs": { key: pem }, "wechatpay_serial": "another" })),
        ("a setting of merchant", json!({ "merchant": { key: 1 } })),
        ("a setting of downloadCerts", json!({ "downloadCerts": { key: 1 } })),
        ("mchid", json!({ "mchid": format!("{key},") })),
        ("brand_id", json!({ "mchid": null, "brand_id": format!("{key},") })),
        ("serial", json!({ "serial": format!("{key}\"") })),
        ("wechatpay_serial", json!({ "wechatpay_serial": key })),
        ("base_uri", json!({ "base_uri": key })),
        ("a file", json!({ "privateKey": format!("file://{key}") })),
        ("a file of certs", json!({ "certs": { KEY_ID: format!("file://{key}") } })),
    ]
}

#[test]
fn a_key_in_the_wrong_place_is_never_repeated() {
    let platform = Platform::new();
    let instance = platform
        .builder("http://127.0.0.1:1/")
        .credentials(Credentials::new().wechatpay_serial(KEY_ID))
        .build()
        .unwrap();
    let pem = |key: Vec<u8>| String::from_utf8(key).unwrap();
    for key in keys() {
        for (place, options) in options(&key) {
            let taken = Options::from(options.clone());
            assert_hidden(place, &shown(&taken), &key);
            let refused = instance.chain("v3/x").get(taken).unwrap_err();
            assert!(
                !matches!(refused, Error::Connection(_)) || ["proxy", "a host"].contains(&place),
                "{place}: {refused}"
            );
            assert_hidden(place, &error(refused), &key);
        }
        for (place, changes) in settings(&key) {
            let mut settings = json!({
                "mchid": MCHID, "serial": MERCHANT_SERIAL,
                "privateKey": pem(platform.merchant.private_key_to_pem_pkcs8().unwrap()),
                "certs": { KEY_ID: pem(platform.key.public_key_to_pem().unwrap()) },
            });
            settings.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            assert_hidden(place, &shown(Builder::from(settings.clone())), &key);
            assert_hidden(place, &shown(Credentials::from(settings.clone())), &key);
            match Builder::factory(settings) {
                // An id of certs may look like a key.
                Ok(instance) => assert_hidden(place, &shown(instance), &key),
                Err(refused) => assert_hidden(place, &error(refused), &key),
            }
            let credentials = Credentials::from(changes);
            if let Err(refused) = instance.rotate(credentials) {
                assert_hidden(place, &error(refused), &key);
            }
        }
        for template in [format!("{{{key}}}"), format!("v3/{{{key}"), format!("v3/{key}/{{x}}"), format!("{key}{{")] {
            let chain = instance.chain(template.as_str());
            assert_hidden("a chain", &shown(&chain), &key);
            assert_hidden("a template", &error(chain.get(()).unwrap_err()), &key);
            match UriTemplate::parse(&template) {
                Ok(template) => assert_hidden("a template", &shown(template), &key),
                Err(refused) => assert_hidden("a template", &error(refused), &key),
            }
        }
        // A host, as what is safe in addresses is no key of those above.
        for key in [&key, &key.replace(['+', '/', '='], "-")] {
            let options = json!({ "base_uri": format!("https://{key}.example/"), "proxy": "http://127.0.0.1:1" });
            assert_hidden("a host", &error(instance.chain("v3/x").get(options).unwrap_err()), key);
        }
        for address in [key.clone(), format!("https://example.com/{key}?a={key}"), format!("https://{key}/")] {
            let refused = instance.download(&address, ()).unwrap_err();
            assert_hidden("an address", &error(refused), &key);
        }
        let refused = instance.download("http://127.0.0.1:1/x", json!({ key.clone(): 1 })).unwrap_err();
        assert_hidden("a variable", &error(refused), &key);
        helpers(&key);
    }
}

/// What does not need an instance.
fn helpers(key: &str) {
    for refused in [
        Rsa::from(format!("file://{key}"), Rsa::KEY_TYPE_PRIVATE).map(drop),
        PemUtil::load_certificate(key).map(drop),
        PemUtil::load_private_key(key).map(drop),
        Hash::hmac("a", "b", key).map(drop),
        Transformer::to_xml_with(&json!({}), &XmlOptions::new().root(format!("{key} "))).map(drop),
        Part::file("file", format!("/absent/{key}")).map(drop),
    ] {
        assert_hidden("a helper", &error(refused.unwrap_err()), key);
    }
    assert_hidden("a key", &shown(KeySource::from(format!("file://{key}"))), key);
    let part = Part::new(key, "b").header("a", "b");
    assert_hidden("a part", &shown(&part), key);
    assert_hidden("a body", &shown(Body::from("a")), key);
}

#[test]
fn what_is_no_key_is_shown_as_it_is() {
    let instance = Platform::new()
        .builder("http://127.0.0.1:1/")
        .credentials(Credentials::new().wechatpay_serial(KEY_ID))
        .build()
        .unwrap();
    let text = |options: Value| instance.chain("v3/x").get(options).unwrap_err().to_string();
    assert!(text(json!({ "out_trade_no": 1 })).contains("`out_trade_no` is neither"));
    assert!(
        text(json!({ "encrypt": ["/json/contact_info/contact_id_doc_period_begin"], "json": {} }))
            .contains("\"/json/contact_info/contact_id_doc_period_begin\" matches nothing")
    );
    let path = "/absent/a/path/that/is/somewhat/longer/than/any/name/could/ever/be/账单/2026-01-02.csv";
    assert!(text(json!({ "sink": path })).contains(path));
    assert!(
        text(json!({ "sink": "/absent/0123456789abcdef0123456789abcdef/bill.csv" }))
            .contains("/absent/*** (32 bytes)/bill.csv")
    );
    assert!(text(json!({ "base_uri": "ftp://api.mch.weixin.qq.com/" })).contains("`ftp://api.mch.weixin.qq.com/`"));
    let template = "v3/marketing/favor/stocks/{stock_id}/merchants/{merchant_id}/coupons/{coupon_id}";
    let error = instance.chain(template).get(json!({ "stock_id": 1 })).unwrap_err().to_string();
    assert!(error.contains(&format!("`{template}`")) && error.contains("`coupon_id` has no value"), "{error}");
    let address = "https://example.com/v3/billdownload/file?token=abc&tartype=gzip";
    let error = instance.download(address, ()).unwrap_err().to_string();
    assert!(error.contains(address), "{error}");
}

#[test]
fn an_address_is_shown_without_its_user() {
    let platform = Platform::new();
    let instance = platform.instance("http://127.0.0.1:1/");
    let addresses = [
        "https://user:passw0rd@example.com/",
        "https://user:passw0rd@exa mple.com/",
        "http//user:passw0rd@example.com",
        "user:passw0rd@example.com",
        "ftp://user:passw0rd@example.com/x?y=z",
        "https://127.0.0.1:pa/passw0rd@example.com/",
        "https://user:p@passw0rd@example.com/",
        "https://127.0.0.1:a#passw0rd@example.com/",
        "://user:passw0rd@",
        "http:///user:passw0rd@example.com",
        "https://127.0.0.1:?passw0rd@example.com:99999/",
    ];
    for address in addresses {
        let options = [
            json!({ "base_uri": address }),
            json!({ "failover": address }),
            json!({ "failover": [address] }),
            json!({ "verify": format!("://{address}") }),
            json!({ "proxy": format!("x{address}") }),
            json!({ "sink": format!("{}/", address.replace("http//", "://")) }),
        ];
        for options in options {
            let taken = Options::from(options.clone());
            let text = format!("{} {}", shown(&taken), error(instance.chain("v3/x").get(taken).unwrap_err()));
            assert!(!text.contains("passw0rd") && !text.contains("user:"), "{options}: {text}");
        }
        let text = error(instance.download(address, ()).unwrap_err());
        assert!(!text.contains("passw0rd"), "{address}: {text}");
        if let Err(refused) = platform.builder(address).build() {
            assert!(!error(refused).contains("passw0rd"), "{address}");
        }
        let text = error(instance.chain(address).get(()).unwrap_err());
        assert!(!text.contains("passw0rd"), "{address}: {text}");
        assert!(!shown(platform.builder(address)).contains("passw0rd"), "{address}");

        let location = address.replace(' ', "_").replace("//user:passw0rd@exa_", "//user:passw0rd@");
        let server = Server::start(move |_, _| {
            Reply::Answer(answer("307 Temporary Redirect", &[("Location", location.clone())], b""))
        });
        let text = error(platform.instance(&server.url()).chain("v3/x").get(()).unwrap_err());
        assert!(!text.contains("passw0rd"), "{address}: {text}");
    }
    let text = error(instance.download("https://user:passw0rd@example.com/a", ()).unwrap_err());
    assert!(text.contains("https://***@example.com/a"), "{text}");
}

/// Steers a terminal, breaks a line, or turns the direction of reading.
const STEERING: &str = "\u{1b}[31m红\n\r\t\u{7f}\u{85}\u{9b}2J\u{202e}\u{2066}\u{2028}\u{200f}\u{0}";

fn assert_one_line(text: &str) {
    let is_steering = |letter: char| letter.is_control() || "\u{202e}\u{2066}\u{2028}\u{200f}".contains(letter);
    assert!(!text.contains(is_steering), "{text:?}");
}

#[test]
fn what_the_platform_says_is_one_line_and_stays_readable() {
    let platform = Platform::new();
    let body = json!({
        "code": format!("PARAM{STEERING}"), "message": format!("参数错误{STEERING}，请检查"), "detail": STEERING,
    });
    let xml = format!(
        "<xml><return_code>SUCCESS</return_code><result_code>FAIL</result_code><err_code>{0}</err_code>\
         <err_code_des>余额不足{0}</err_code_des></xml>",
        Transformer::sanitize(STEERING)
    );
    let failed = format!(
        "<xml><return_code>FAIL</return_code><return_msg>签名错误{}</return_msg></xml>",
        Transformer::sanitize(STEERING)
    );
    let location = format!("https://example.com/{}", STEERING.replace(['\n', '\r', '\0', '\u{1b}', '\u{7f}'], ""));
    let server = Server::start(move |_, request| {
        Reply::Answer(match request.target.as_str() {
            "/v3/x" => answer("400 Bad Request", &[("Request-ID", "0\t1".into())], body.to_string().as_bytes()),
            "/v3/location" => answer("307 Temporary Redirect", &[("Location", location.clone())], b""),
            "/pay/a" => answer("200 OK", &[], xml.as_bytes()),
            "/pay/c" => answer("200 OK", &[], format!("<xml><a>{}", Transformer::sanitize(STEERING)).as_bytes()),
            _ => answer("200 OK", &[], failed.as_bytes()),
        })
    });
    let instance = platform
        .builder(&server.url())
        .credentials(Credentials::new().secret("exposed_your_key_here_have_risks"))
        .build()
        .unwrap();
    let error = instance.chain("v3/x").get(()).unwrap_err();
    assert_one_line(&error.to_string());
    assert_one_line(&format!("{error:?}"));
    let text = error.to_string();
    assert!(text.contains("参数错误\\u{1b}[31m红\\n\\r\\t\\u{7f}") && text.contains("，请检查"), "{text}");
    assert!(text.contains("(Request-ID 0\\t1)"), "{text}");
    let error = instance.chain("v3/location").get(()).unwrap_err();
    assert!(matches!(error, Error::RedirectRefused(_)), "{error:?}");
    assert_one_line(&format!("{error} {error:?}"));
    for (path, wanted) in [
        ("v2/pay/a", "余额不足\\u{1b}[31m红".replace("\\u{1b}", "")),
        ("v2/pay/b", "签名错误".into()),
        ("v2/pay/c", "XML".into()),
    ] {
        let error = instance.chain(path).post(json!({ "xml": { "mch_id": MCHID } })).unwrap_err();
        assert!(matches!(error, Error::Apiv2(_)), "{error:?}");
        assert_one_line(&format!("{error} {error:?}"));
        assert!(error.to_string().contains(&wanted), "{error}");
    }
    let error = instance.notification_apiv2(format!(
        "<xml><return_code>FAIL</return_code><return_msg>失败{}</return_msg></xml>",
        Transformer::sanitize(STEERING)
    ));
    let error = error.unwrap_err();
    assert_one_line(&format!("{error} {error:?}"));
    assert!(error.to_string().contains("失败[31m红"), "{error}");
    // What a caller gives, too.
    for error in [
        instance.chain("v3/x").get(json!({ STEERING: 1 })).unwrap_err(),
        instance.chain(format!("v3/{STEERING}/{{x}}")).get(()).unwrap_err(),
        Rsa::from(format!("file:///absent/{STEERING}"), Rsa::KEY_TYPE_PRIVATE).unwrap_err(),
        instance.chain("v3/x").get(json!({ "sink": format!("/absent/{STEERING}") })).unwrap_err(),
    ] {
        assert_one_line(&format!("{error} {error:?}"));
    }
}

/// Answers with what `debug` must not print.
fn secrets() -> Vec<String> {
    (0..12).map(|number| format!("5ecret{number:02}a9f3e1")).collect()
}

fn call_with_debug() {
    let secret = secrets();
    let json = json!({
        "sandbox_signkey": secret[0], "sandboxSignKey": secret[1], "sign": secret[2], "paySign": secret[3],
        "inner": json!({ "sign": secret[4], "shown": "inside" }).to_string(), "last": "the-end\u{1b}[31m",
    });
    let spaced = serde_json::to_string_pretty(&json).unwrap();
    let xml = format!(
        "<xml><return_code><![CDATA[SUCCESS]]></return_code><sandbox_signkey><![CDATA[{}]]></sandbox_signkey>\
         <sign a=\"b\">{}</sign><mch_id>{MCHID}</mch_id></xml>",
        secret[5], secret[6]
    );
    let headers = [
        ("Set-Cookie", format!("session={}", secret[7])),
        ("Proxy-Authenticate", format!("Digest nonce=\"{}\"", secret[8])),
        ("WWW-Authenticate", format!("Digest nonce=\"{}\"", secret[9])),
    ];
    let server = Server::start(move |_, request| {
        Reply::Answer(match request.target.split('?').next().unwrap() {
            "/v3/a" => answer("400 Bad Request", &headers, json.to_string().as_bytes()),
            "/v3/b" => answer("400 Bad Request", &[], spaced.as_bytes()),
            _ => answer("200 OK", &headers, xml.as_bytes()),
        })
    });
    let platform = Platform::new();
    let instance = platform
        .builder(&server.url())
        .credentials(Credentials::new().secret("exposed_your_key_here_have_risks"))
        .build()
        .unwrap();
    let given = json!({ "sandbox_signkey": secret[10], "shown": "beside" });
    for path in ["v3/a", "v3/b"] {
        let options = json!({ "debug": true, "query": given, "headers": { "Cookie": secret[11] } });
        let error = instance.chain(path).get(options).unwrap_err();
        eprintln!("{error:?}");
    }
    let options = json!({ "debug": true, "xml": { "mch_id": MCHID, "sandbox_signkey": secret[10] } });
    let _ = instance.chain("v2/xdc/apiv2getsignkey/sign/getsignkey").post(options);
}

#[test]
fn debug_shows_no_key_of_the_sandbox_and_no_cookie() {
    if is_child() {
        return call_with_debug();
    }
    let (_, shown) = run(&mut child(module_path!(), "debug_shows_no_key_of_the_sandbox_and_no_cookie"));
    for wanted in [
        "\"sandbox_signkey\":\"***\"",
        "\"sandbox_signkey\": \"***\"",
        "\"paySign\":\"***\"",
        "\\\"shown\\\":\\\"inside\\\"",
        "the-end",
        "shown=beside",
        "sandbox_signkey=***",
        "<sandbox_signkey>***</sandbox_signkey>",
        "< set-cookie: ***",
        "< proxy-authenticate: ***",
        "> cookie: ***",
        &format!("<mch_id>{MCHID}</mch_id>"),
    ] {
        assert!(shown.contains(wanted), "{wanted} is missing in {shown}");
    }
    for secret in secrets() {
        assert!(!shown.contains(&secret), "{secret} in {shown}");
    }
    assert!(!shown.contains('\u{1b}'), "{shown:?}");
}
