//! Sensitive fields: encrypted in what is sent, decrypted in what came. The other side of each is OpenSSL alone.

use openssl::base64::{decode_block, encode_block};
use openssl::pkey::{PKey, Private};
use openssl::rsa::Padding;
use support::keys::{private_pem, public_pem, rsa};
use support::platform::{CERTIFICATE_SERIAL, KEY_ID, Platform};
use support::raw::{Arrived, Reply, Server, answer};
use wechatpay::{Builder, Chain, Credentials, Error, Options, Outcome, Response, Value, json};

const NAME: &str = "张三";
const ID_CARD: &str = "11010519491231002X";

pub fn seal(plain: &str, key: &PKey<Private>) -> String {
    let mut sealed = vec![0; key.size()];
    let length = key.rsa().unwrap().public_encrypt(plain.as_bytes(), &mut sealed, Padding::PKCS1_OAEP).unwrap();
    encode_block(&sealed[..length])
}

pub fn open(sealed: &Value, key: &PKey<Private>) -> String {
    let sealed = decode_block(sealed.as_str().unwrap()).unwrap();
    let mut plain = vec![0; key.size()];
    let length = key.rsa().unwrap().private_decrypt(&sealed, &mut plain, Padding::PKCS1_OAEP).unwrap();
    String::from_utf8(plain[..length].to_vec()).unwrap()
}

/// Answers everything with a signed `body`.
pub fn server(platform: &Platform, body: impl Into<Vec<u8>>) -> Server {
    let body = body.into();
    let headers = platform.headers(&body);
    Server::start(move |_, _| Reply::Answer(answer("200 OK", &headers, &body)))
}

/// A merchant who has chosen one of the platform's two keys.
pub fn instance(platform: &Platform, server: &Server) -> Chain {
    platform.builder(&server.url()).credentials(Credentials::new().wechatpay_serial(KEY_ID)).build().unwrap()
}

pub fn last_json(server: &Server) -> Value {
    serde_json::from_slice(&server.arrived().last().unwrap().body).unwrap()
}

/// The pairs of the target's query, decoded by a library that is none of the crate's.
pub fn query(arrived: &Arrived) -> Vec<(String, String)> {
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
    let (_, query) = arrived.target.split_once('?').unwrap();
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap());
    pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

#[test]
fn what_is_pointed_at_arrives_encrypted_for_the_named_key() {
    let platform = Platform::new();
    let server = server(&platform, "{}");
    let chain = instance(&platform, &server).chain("v3/applyment4sub/applyment/");
    let options = json!({
        "json": {
            "business_code": "1900013511_10000",
            "contact_info": { "contact_name": NAME, "mobile_phone": "13900000000", "openid": "o1" },
            "ubo_info_list": [{ "ubo_id_doc_name": "李四", "n": 1 }, { "n": 2 }, { "ubo_id_doc_name": "王五" }],
            "lists": [["a", "b"], [], ["c"]],
            "*": { "a/b": "slash", "m~n": "tilde", "~1": "both", "": "nameless", "*": "star", "left": "as it is" },
        },
        "encrypt": [
            "/json/contact_info/contact_name",
            "/json/contact_info/mobile_phone",
            "/json/ubo_info_list/*/ubo_id_doc_name",
            "/json/lists/*/*",
            "/json/*/a~1b",
            "/json/*/m~0n",
            "/json/*/~01",
            "/json/*/",
            "/json/*/*",
        ],
    });
    let by_setters = Options::new()
        .encrypt(["/json/contact_info/contact_name", "/json/contact_info/mobile_phone"])
        .json(options["json"].clone())
        .encrypt(options["encrypt"].as_array().unwrap().iter().skip(2).map(|pointer| pointer.as_str().unwrap()));
    for options in [Options::from(options.clone()), by_setters] {
        chain.post(options).unwrap();
        let arrived = last_json(&server);
        let open = |field: &Value| open(field, &platform.key);
        assert_eq!(open(&arrived["contact_info"]["contact_name"]), NAME);
        assert_eq!(open(&arrived["contact_info"]["mobile_phone"]), "13900000000");
        assert_eq!(arrived["contact_info"]["openid"], "o1");
        assert_eq!(arrived["business_code"], "1900013511_10000");
        assert_eq!(open(&arrived["ubo_info_list"][0]["ubo_id_doc_name"]), "李四");
        assert_eq!(arrived["ubo_info_list"][0]["n"], 1);
        assert_eq!(arrived["ubo_info_list"][1], json!({ "n": 2 }));
        assert_eq!(open(&arrived["ubo_info_list"][2]["ubo_id_doc_name"]), "王五");
        assert_eq!(
            (open(&arrived["lists"][0][0]), open(&arrived["lists"][0][1]), open(&arrived["lists"][2][0])),
            ("a".into(), "b".into(), "c".into())
        );
        let odd = &arrived["*"];
        for (name, plain) in [("a/b", "slash"), ("m~n", "tilde"), ("~1", "both"), ("", "nameless"), ("*", "star")] {
            assert_eq!(open(&odd[name]), plain);
        }
        assert_eq!(odd["left"], "as it is");
        assert_eq!(arrived.as_object().unwrap().len(), 5);
        assert_eq!(server.arrived().last().unwrap().header("wechatpay-serial"), Some(KEY_ID));
    }
}

#[cfg(feature = "preserve-order")]
#[test]
fn the_order_of_the_fields_stays() {
    let platform = Platform::new();
    let server = server(&platform, "{}");
    let instance = instance(&platform, &server);
    let options =
        r#"{"encrypt":["/query/b","/json/y"],"query":{"c":"3","b":"2","a":"1"},"json":{"z":1,"y":"2","x":3}}"#;
    instance.chain("v3/x").post(options.parse::<Value>().unwrap()).unwrap();
    let arrived = server.arrived().pop().unwrap();
    assert_eq!(query(&arrived).iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["c", "b", "a"]);
    assert_eq!(last_json(&server).as_object().unwrap().keys().collect::<Vec<_>>(), ["z", "y", "x"]);
}

#[test]
fn values_of_the_query_too() {
    let platform = Platform::new();
    let server = server(&platform, "{}");
    let chain = instance(&platform, &server).chain("v3/x");
    chain.get(json!({ "query": { "id": { "no": ID_CARD }, "page": 1 }, "encrypt": ["/query/id/no"] })).unwrap();
    let arrived = server.arrived().pop().unwrap();
    let (mut pairs, sealed) = (query(&arrived), "id[no]");
    let place = pairs.iter().position(|(name, _)| name == sealed).unwrap();
    assert_eq!(open(&json!(pairs.remove(place).1), &platform.key), ID_CARD);
    assert_eq!(pairs, [("page".to_owned(), "1".to_owned())]);
    assert_eq!(arrived.header("wechatpay-serial"), Some(KEY_ID));
    assert!(arrived.body.is_empty());

    // That of the configuration is a query like any other.
    let with_default = platform
        .builder(&server.url())
        .credentials(Credentials::new().wechatpay_serial(KEY_ID))
        .defaults(json!({ "base_uri": server.url(), "proxy": "", "query": { "id": ID_CARD } }))
        .build()
        .unwrap();
    for _ in 0..2 {
        with_default.chain("v3/x").get(Options::new().encrypt(["/query/id"])).unwrap();
        let pairs = query(&server.arrived().pop().unwrap());
        assert_eq!((pairs.len(), open(&json!(pairs[0].1), &platform.key)), (1, ID_CARD.to_owned()));
    }
}

#[test]
fn a_field_is_encrypted_once_and_each_call_encrypts_anew() {
    let platform = Platform::new();
    let headers = platform.headers(b"{}");
    let server = Server::start(move |number, _| match number {
        0 => {
            let location = [("Location", "/v3/elsewhere".to_owned())];
            Reply::Answer(answer("307 Temporary Redirect", &location, b""))
        }
        _ => Reply::Answer(answer("200 OK", &headers, b"{}")),
    });
    let chain = instance(&platform, &server).chain("v3/x");
    let options =
        Options::new().json(json!({ "names": [NAME] })).encrypt(["/json/names/0", "/json/names/*", "/json/names/0"]);
    chain.post(options.clone()).unwrap();
    chain.post_async(options).wait().unwrap();
    let arrived = server.arrived();
    assert_eq!(arrived.len(), 3);
    assert_eq!(arrived[0].body, arrived[1].body, "what was redirected");
    assert_ne!(arrived[1].body, arrived[2].body, "another call");
    for arrived in arrived {
        let body: Value = serde_json::from_slice(&arrived.body).unwrap();
        assert_eq!(open(&body["names"][0], &platform.key), NAME);
        assert_eq!(arrived.header("wechatpay-serial"), Some(KEY_ID));
    }
}

#[test]
fn what_cannot_be_encrypted_is_refused_by_its_pointer() {
    let platform = Platform::new();
    let server = server(&platform, "{}");
    let instance = instance(&platform, &server);
    let body = json!({ "name": NAME, "none": null, "n": 8888_8888, "b": true, "o": { "x": ID_CARD }, "l": [ID_CARD, 1],
                       "empty": [], "long": "x".repeat(215), "wide": "三".repeat(72), "*": ID_CARD });
    // The pointers, and what the message must name.
    let cases: [(Value, &[&str]); 27] = [
        (json!("/json/name"), &["`encrypt`", "a list of JSON pointers", "a string"]),
        (json!({ "name": ID_CARD }), &["`encrypt`", "a list of JSON pointers", "an object"]),
        (json!([7]), &["`encrypt`", "a list of JSON pointers", "a number"]),
        (json!([NAME]), &["`encrypt`", "/json/user_name"]),
        (json!([""]), &["`encrypt`", "/json/user_name"]),
        (json!(["json/name"]), &["\"json/name\"", "begin with /"]),
        (json!(["/name"]), &["\"/name\"", "/json/ or /query/"]),
        (json!(["/headers/x"]), &["\"/headers/x\"", "/json/ or /query/"]),
        (json!(["/jsno/name"]), &["\"/jsno/name\"", "/json/ or /query/"]),
        (json!(["/"]), &["\"/\"", "/json/ or /query/"]),
        (json!(["/json/na~me"]), &["\"/json/na~me\"", "~0"]),
        (json!(["/json/name~"]), &["\"/json/name~\"", "~0"]),
        (json!(["/json/name", "/json/nmae"]), &["\"/json/nmae\"", "nothing"]),
        (json!(["/json/name/x"]), &["\"/json/name/x\"", "nothing"]),
        (json!(["/json/o/*"]), &["\"/json/o/*\"", "nothing"]),
        (json!(["/json/empty/*"]), &["\"/json/empty/*\"", "nothing"]),
        (json!(["/json/l/2"]), &["\"/json/l/2\"", "nothing"]),
        (json!(["/json/l/00"]), &["\"/json/l/00\"", "nothing"]),
        (json!(["/json/l/-"]), &["\"/json/l/-\"", "nothing"]),
        (json!(["/query/name"]), &["\"/query/name\"", "nothing"]),
        (json!(["/json/none"]), &["\"/json/none\"", "null", "strings"]),
        (json!(["/json/n"]), &["\"/json/n\"", "a number", "strings"]),
        (json!(["/json/b"]), &["\"/json/b\"", "a boolean", "strings"]),
        (json!(["/json"]), &["\"/json\"", "an object", "strings"]),
        (json!(["/json/l/*"]), &["\"/json/l/1\"", "a number", "strings"]),
        (json!(["/json/name", "/json/long"]), &["\"/json/long\"", "215 bytes", "214"]),
        (json!(["/json/wide"]), &["\"/json/wide\"", "216 bytes", "214"]),
    ];
    for (pointers, named) in cases {
        let options = json!({ "json": body, "encrypt": pointers });
        for result in [instance.chain("v3/x").post(options.clone()), instance.chain("v3/x").post_async(options).wait()]
        {
            let error = result.expect_err(&pointers.to_string());
            assert!(matches!(error, Error::Options(_)), "{pointers}: {error:?}");
            assert_eq!(error.outcome(), Outcome::NotSent);
            let message = error.to_string();
            named.iter().for_each(|name| assert!(message.contains(name), "{pointers}: {message}"));
            for value in [NAME, ID_CARD, "88888888", "xxx", "三"] {
                assert!(!message.contains(value) && !format!("{error:?}").contains(value), "{pointers}: {message}");
            }
        }
    }
    // Beside a body that is no JSON, and a query that is text already.
    for options in [
        json!({ "body": "{\"name\":\"x\"}", "encrypt": ["/json/name"] }),
        json!({ "query": "name=x", "encrypt": ["/query/name"] }),
        json!({ "form_params": { "name": "x" }, "encrypt": ["/json/name"] }),
    ] {
        let error = instance.chain("v3/x").post(options).unwrap_err();
        assert!(error.to_string().contains("/name\" matches nothing"), "{error}");
    }
    // Where it has no meaning.
    let secret = platform
        .builder(&server.url())
        .credentials(Credentials::new().secret("exposed_your_key_here_have_risks"))
        .build()
        .unwrap();
    let apiv2 = json!({ "xml": { "name": NAME }, "encrypt": ["/json/name"] });
    let error = secret.chain("v2/x").post(apiv2).unwrap_err();
    assert!(error.to_string().contains("`encrypt` belongs to APIv3"), "{error}");
    let error = instance.download(server.url(), Options::new().encrypt(["/json/name"])).unwrap_err();
    assert!(error.to_string().contains("`encrypt` cannot be given"), "{error}");
    let error = platform.builder(&server.url()).defaults(json!({ "encrypt": ["/json/name"] })).build().unwrap_err();
    assert!(error.to_string().contains("`encrypt` belongs to a single call"), "{error}");
    assert_eq!(server.arrived().len(), 0);
}

#[test]
fn as_long_as_fits_and_the_empty_text_are_encrypted() {
    let platform = Platform::new();
    let server = server(&platform, "{}");
    let chain = instance(&platform, &server).chain("v3/x");
    for plain in ["x".repeat(214), "三".repeat(71), String::new()] {
        chain.post(Options::new().json(plain.clone()).encrypt(["/json"])).unwrap();
        assert_eq!(open(&last_json(&server), &platform.key), plain);
    }
}

#[test]
fn no_pointers_are_nothing() {
    let platform = Platform::new();
    let server = server(&platform, "{}");
    // Several keys, and none chosen: that would matter to nothing but `encrypt`.
    let instance = platform.instance(&server.url());
    for pointers in [json!([]), json!(null)] {
        instance.chain("v3/x").post(json!({ "json": { "name": NAME }, "encrypt": pointers })).unwrap();
        instance.download(server.url(), json!({ "encrypt": pointers })).unwrap();
        platform.builder(&server.url()).defaults(json!({ "encrypt": pointers })).build().unwrap();
    }
    assert_eq!(server.arrived()[0].body, json!({ "name": NAME }).to_string().as_bytes());
    assert!(server.arrived().iter().all(|arrived| arrived.header("wechatpay-serial").is_none()));
}

#[test]
fn the_key_is_the_one_that_stands_out_or_that_the_header_names() {
    let platform = Platform::new();
    let server = server(&platform, "{}");
    let builder = || platform.builder(&server.url());
    let header = |id: &str| Options::new().header("wechatpay-serial", id);
    let post = |instance: &Chain, options: Options| {
        instance.chain("v3/x").post(options.json(json!({ "name": NAME })).encrypt(["/json/name"]))
    };
    let check = |instance: Chain, options: Options, id: &str| {
        post(&instance, options).unwrap();
        let key = if id == KEY_ID { &platform.key } else { &platform.certificate_key };
        assert_eq!(open(&last_json(&server)["name"], key), NAME);
        let arrived = server.arrived().pop().unwrap();
        let named: Vec<_> = arrived.headers.iter().filter(|(name, _)| name == "wechatpay-serial").collect();
        assert_eq!(named.len(), 1);
        assert_eq!(named[0].1, id);
    };
    let single = || {
        let settings = json!({ "base_uri": server.url(), "proxy": "" });
        let private = private_pem(&platform.merchant);
        let merchant = Builder::new()
            .credentials(Credentials::new().mchid("1900000109").serial("3775B6A45ACD588826D15E583A95F5DD12345678"));
        merchant
            .credentials(Credentials::new().private_key(private).cert(KEY_ID, public_pem(&platform.key)))
            .defaults(settings)
    };
    check(single().build().unwrap(), Options::new(), KEY_ID);
    check(single().build().unwrap(), header(KEY_ID), KEY_ID);
    // The platform cannot decrypt without the header, so it is sent even where it is not wanted otherwise.
    check(single().credentials(Credentials::new().wechatpay_serial(false)).build().unwrap(), Options::new(), KEY_ID);
    check(
        builder().credentials(Credentials::new().wechatpay_serial(CERTIFICATE_SERIAL)).build().unwrap(),
        Options::new(),
        CERTIFICATE_SERIAL,
    );
    check(builder().build().unwrap(), header(KEY_ID), KEY_ID);
    check(builder().build().unwrap(), header(CERTIFICATE_SERIAL), CERTIFICATE_SERIAL);
    let defaults =
        json!({ "base_uri": server.url(), "proxy": "", "headers": { "Wechatpay-Serial": CERTIFICATE_SERIAL } });
    let with_default = || builder().defaults(defaults.clone()).build().unwrap();
    check(with_default(), Options::new(), CERTIFICATE_SERIAL);
    check(with_default(), header(KEY_ID), KEY_ID);

    let sent = server.arrived().len();
    let both = header(KEY_ID).header("Wechatpay-Serial", CERTIFICATE_SERIAL);
    let custom = || {
        let private = private_pem(&platform.merchant);
        let merchant = Builder::new()
            .credentials(Credentials::new().mchid("1900000109").serial("3775B6A45ACD588826D15E583A95F5DD12345678"));
        merchant.credentials(
            Credentials::new()
                .private_key(private)
                .verifier(|_: &str, _: &[u8], _: &str| Ok(true))
                .wechatpay_serial(KEY_ID),
        )
    };
    for (instance, options, named) in [
        (builder(), Options::new(), vec!["`wechatpay_serial`", KEY_ID, CERTIFICATE_SERIAL]),
        (builder(), header("PUB_KEY_ID_0"), vec!["PUB_KEY_ID_0", KEY_ID, CERTIFICATE_SERIAL]),
        (builder(), both, vec!["once"]),
        (
            builder().credentials(Credentials::new().wechatpay_serial(KEY_ID)),
            header(CERTIFICATE_SERIAL),
            vec![KEY_ID, CERTIFICATE_SERIAL],
        ),
        (single(), header("PUB_KEY_ID_0"), vec!["PUB_KEY_ID_0", KEY_ID]),
        (custom(), Options::new(), vec!["a verifier of your own", "Rsa::encrypt"]),
    ] {
        let error = post(&instance.build().unwrap(), options).unwrap_err();
        assert!(matches!(error, Error::Options(_)), "{error:?}");
        named.iter().for_each(|name| assert!(error.to_string().contains(name), "{name}: {error}"));
        assert!(!error.to_string().contains(NAME), "{error}");
    }
    assert_eq!(server.arrived().len(), sent);
}

#[test]
fn debug_shows_the_pointers_and_no_value() {
    let options = Options::new()
        .json(json!({ "name": NAME }))
        .query(json!({ "id": ID_CARD }))
        .encrypt(["/json/name", "/query/id"]);
    let shown = format!("{options:?}");
    assert!(shown.contains("/json/name") && shown.contains("/query/id"), "{shown}");
    assert!(!shown.contains(NAME) && !shown.contains(ID_CARD), "{shown}");
}

/// What the platform answers, and the response that comes of it.
fn answered(platform: &Platform, body: &Value) -> Response {
    let server = server(platform, body.to_string());
    platform.instance(&server.url()).chain("v3/x").get(()).unwrap()
}

#[test]
fn fields_of_an_answer_are_decrypted_and_all_else_stays() {
    let platform = Platform::new();
    let sealed = |plain: &str| seal(plain, &platform.merchant);
    let body = json!({
        "data": [
            { "complaint_id": "1", "payer_phone": sealed("13900000000") },
            { "complaint_id": "2" },
            { "complaint_id": "3", "payer_phone": null },
            { "complaint_id": "4", "payer_phone": "" },
            { "complaint_id": "5", "payer_phone": sealed("") },
        ],
        "name": sealed(NAME),
        "left": sealed("left"),
        "*": { "*": sealed("star") },
    });
    let response = answered(&platform, &body);
    let pointers = ["/data/*/payer_phone", "/data/0/payer_phone", "/name", "/*/*", "/absent", "/absent/*/x", "/name/x"];
    let mut expected = body.clone();
    expected["data"][0]["payer_phone"] = json!("13900000000");
    expected["data"][4]["payer_phone"] = json!("");
    expected["name"] = json!(NAME);
    expected["*"]["*"] = json!("star");
    assert_eq!(response.decrypt(pointers).unwrap(), expected);
    // The answer itself is what it was.
    assert_eq!(response.json().unwrap(), body);
    assert_eq!(response.decrypt([""; 0]).unwrap(), body);
    assert_eq!(response.clone().decrypt(vec!["/name".to_owned()]).unwrap()["name"], NAME);
    let shown = format!("{response:?}");
    assert!(!shown.contains("Key") && !shown.contains("RSA"), "{shown}");
    // The whole answer as one ciphertext.
    assert_eq!(answered(&platform, &json!(sealed(NAME))).decrypt([""]).unwrap(), NAME);
}

/// The table of RFC 6901, section 5.
#[test]
fn pointers_are_those_of_the_rfc() {
    let platform = Platform::new();
    for (pointer, name) in [
        ("/", ""),
        ("/a~1b", "a/b"),
        ("/c%d", "c%d"),
        ("/e^f", "e^f"),
        ("/g|h", "g|h"),
        ("/i\\j", "i\\j"),
        ("/k\"l", "k\"l"),
        ("/ ", " "),
        ("/m~0n", "m~n"),
    ] {
        let sealed = seal(NAME, &platform.merchant);
        let opened = answered(&platform, &json!({ name: sealed, "foo": ["bar", "baz"] })).decrypt([pointer]).unwrap();
        assert_eq!(opened, json!({ name: NAME, "foo": ["bar", "baz"] }), "{pointer}");
    }
    let list = answered(&platform, &json!({ "foo": [seal("bar", &platform.merchant), "baz"] }));
    assert_eq!(list.decrypt(["/foo/0"]).unwrap(), json!({ "foo": ["bar", "baz"] }));
}

#[test]
fn what_cannot_be_decrypted_is_named_by_its_pointer() {
    let platform = Platform::new();
    let body = json!({
        "data": [{ "phone": seal("139", &platform.merchant) }, { "phone": seal(NAME, &rsa()) }],
        "plain": ID_CARD,
        "n": 88888888,
        "o": {},
    });
    let response = answered(&platform, &body);
    for (pointer, place, named) in [
        ("/data/*/phone", "/data/1/phone", "another key"),
        ("/plain", "/plain", "base64"),
        ("/n", "/n", "a number"),
        ("/o", "/o", "an object"),
        ("/data/*", "/data/0", "an object"),
        ("/data", "/data", "a list"),
        ("data", "data", "begin with /"),
        ("/da~ta", "/da~ta", "~0"),
    ] {
        let error = response.decrypt(["/absent", pointer]).unwrap_err();
        let Error::Decryption(failed) = &error else { panic!("{pointer}: {error:?}") };
        assert_eq!(failed.pointer(), place);
        assert_eq!(failed.response().body(), response.body());
        assert_eq!(error.response().unwrap().status(), 200);
        // The platform has acted: whatever is wrong here is no reason to make the call again.
        assert_eq!(error.outcome(), Outcome::Unknown);
        let message = error.to_string();
        assert!(message.contains(named) && message.contains(place), "{pointer}: {message}");
        for value in [NAME, ID_CARD, "88888888", body["data"][1]["phone"].as_str().unwrap()] {
            assert!(!message.contains(value) && !format!("{error:?}").contains(value), "{pointer}: {error:?}");
        }
    }
    let server = server(&platform, "no JSON");
    let no_json = platform.instance(&server.url()).chain("v3/x").get(()).unwrap();
    assert!(matches!(no_json.decrypt(["/x"]), Err(Error::Json(_))));
}

#[test]
fn a_signer_of_ones_own_keeps_the_key_to_itself() {
    let platform = Platform::new();
    let body = json!({ "name": seal(NAME, &platform.merchant) });
    let server = server(&platform, body.to_string());
    let instance = Builder::new()
        .credentials(
            Credentials::new()
                .mchid("1900000109")
                .serial("3775B6A45ACD588826D15E583A95F5DD12345678")
                .signer(|_: &[u8]| Ok("c2lnbmVk".to_owned()))
                .cert(KEY_ID, public_pem(&platform.key)),
        )
        .defaults(json!({ "base_uri": server.url(), "proxy": "" }))
        .build()
        .unwrap();
    let response = instance.chain("v3/x").get(()).unwrap();
    let error = response.decrypt(["/name"]).unwrap_err();
    assert!(matches!(&error, Error::Decryption(failed) if failed.pointer() == "/name"), "{error:?}");
    assert!(error.to_string().contains("the custom signer does not implement `decrypt`"), "{error}");
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(response.decrypt([""; 0]).unwrap(), body);
    // Encrypting takes the platform's key alone.
    instance.chain("v3/x").post(Options::new().json(json!({ "name": NAME })).encrypt(["/json/name"])).unwrap();
    assert_eq!(open(&last_json(&server)["name"], &platform.key), NAME);
}

#[test]
fn the_key_is_the_one_that_the_call_began_with() {
    let platform = Platform::new();
    let server = server(&platform, json!({ "name": seal(NAME, &platform.merchant) }).to_string());
    let instance = platform.instance(&server.url());
    let before = instance.chain("v3/x").get(()).unwrap();
    let another = private_pem(&rsa());
    instance.rotate(json!({ "serial": "5157F09EFDC096DE15EBE81A47057A7232F1B8E1", "privateKey": another })).unwrap();
    assert_eq!(before.decrypt(["/name"]).unwrap()["name"], NAME);
    let after = instance.chain("v3/x").get(()).unwrap();
    assert!(matches!(after.decrypt(["/name"]), Err(Error::Decryption(_))));
}

#[test]
fn the_answer_inside_an_error_can_be_decrypted() {
    let platform = Platform::new();
    let body = json!({ "code": "PARAM_ERROR", "detail": { "name": seal(NAME, &platform.merchant) } }).to_string();
    let server = Server::start(move |_, _| Reply::Answer(answer("400 Bad Request", &[], body.as_bytes())));
    let error = platform.instance(&server.url()).chain("v3/x").get(()).unwrap_err();
    assert_eq!(error.response().unwrap().decrypt(["/detail/name"]).unwrap()["detail"]["name"], NAME);
}

/// The gateway decrypts with the platform's private key, and knows a request again by its plain texts.
#[test]
fn the_gateway_understands_what_was_encrypted() {
    use wechatpay::Rsa;
    use wechatpay_sandbox::Sandbox;

    let sandbox = Sandbox::start().unwrap();
    let instance = Builder::factory(sandbox.config()).unwrap();
    let send = |name: &str, id_card: &str, pointers: &[&str]| {
        instance.chain("v3/multiuse/users/{openid}/coupons").post(json!({
            "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o",
            "json": {
                "stock_id": "9856000", "out_request_no": "8956000202407191254642", "user_name": name,
                "id_card_number": id_card, "amount": 10000, "appid": "wx233544546545989", "card_type": "ID_CARD",
            },
            "encrypt": pointers,
        }))
    };
    let both = ["/json/user_name", "/json/id_card_number"];
    let coupon = send(NAME, ID_CARD, &both).unwrap().json().unwrap();
    assert!(coupon["coupon_id"].is_string(), "{coupon}");
    let arrived = String::from_utf8(sandbox.requests().last().unwrap().body().to_vec()).unwrap();
    assert!(!arrived.contains(NAME) && !arrived.contains(ID_CARD), "{arrived}");
    // By hand, as PHP does it, is the same request.
    let sealed = |plain| Rsa::encrypt(plain, sandbox.platform_public_key()).unwrap();
    assert_eq!(send(&sealed(NAME), &sealed(ID_CARD), &[]).unwrap().json().unwrap(), coupon);
    // Another name under the same number is not, and a field that was forgotten is noticed.
    assert_eq!(send("李四", ID_CARD, &both).unwrap_err().outcome(), Outcome::Rejected);
    assert_eq!(send(NAME, ID_CARD, &both[..1]).unwrap_err().outcome(), Outcome::Rejected);
}
