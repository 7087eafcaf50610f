//! `"auto"`: the fields that the platform documents as encrypted, encrypted and decrypted without being named.

use std::collections::BTreeMap;

use openssl::base64::decode_block;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Padding;
use support::keys::{private_pem, public_pem};
use support::logger::log_to_standard_error;
use support::platform::{APIV2_BODY, APIV2_KEY, KEY_ID, Platform};
use support::process::{child, is_child, run};
use support::raw::{Arrived, Reply, Server, answer};
use support::shared::{shared, shared_json};
use wechatpay::{Chain, Credentials, Error, MediaUtil, Options, Outcome, Rsa, Value, json};

use super::documented::{Operation, operations};
use super::sensitive::{instance, last_json, open, query, seal, server};

const NAME: &str = "张三";
const ID_CARD: &str = "11010519491231002X";
const TRANSFER: &str = "v3/fund-app/mch-transfer/transfer-bills";

/// A merchant whose configuration has `"encrypt": "auto"`.
fn auto(platform: &Platform, server: &Server) -> Chain {
    platform
        .builder(&server.url())
        .credentials(Credentials::new().wechatpay_serial(KEY_ID))
        .defaults(json!({ "encrypt": "auto" }))
        .build()
        .unwrap()
}

/// The same with each ciphertext for this key decrypted, and how many there were.
fn opened(value: &Value, key: &PKey<Private>) -> (Value, usize) {
    let mut count = 0;
    let mut open_one = |value: &Value| {
        let (opened, inside) = opened(value, key);
        count += inside;
        opened
    };
    let value = match value {
        Value::Array(list) => list.iter().map(&mut open_one).collect(),
        Value::Object(fields) => fields.iter().map(|(name, field)| (name.clone(), open_one(field))).collect(),
        Value::String(text) => match text_of(text, key) {
            Some(plain) => {
                count = 1;
                plain.into()
            }
            None => value.clone(),
        },
        other => other.clone(),
    };
    (value, count)
}

fn text_of(sealed: &str, key: &PKey<Private>) -> Option<String> {
    let sealed = decode_block(sealed).ok().filter(|bytes| bytes.len() == key.size())?;
    let mut plain = vec![0; key.size()];
    let length = key.rsa().unwrap().private_decrypt(&sealed, &mut plain, Padding::PKCS1_OAEP).ok()?;
    Some(String::from_utf8(plain[..length].to_vec()).unwrap())
}

/// What arrived in the places that hold sensitive fields.
fn places(arrived: &Arrived) -> Value {
    let mut places = json!({});
    if arrived.target.contains('?') {
        places["query"] = query(arrived).into_iter().map(|(name, value)| (name, Value::from(value))).collect();
    }
    let body = String::from_utf8_lossy(&arrived.body);
    if let Ok(body) = body.parse::<Value>() {
        places["json"] = body;
    } else if let Some((_, meta)) = body.split_once("name=\"meta\"") {
        let meta = meta.split("\r\n").find(|line| line.starts_with('{')).unwrap();
        places["body"] = json!({ "meta": meta.parse::<Value>().unwrap() });
    }
    places
}

/// Puts a text of its own at the place of each pointer; a list gets three items, and the second one lacks the field.
fn fill(pointers: &[String], seal: impl Fn(&str) -> String) -> (Value, usize) {
    fn put(value: &mut Value, names: &[&str], text: &mut impl FnMut() -> String) {
        match names {
            [] => *value = text().into(),
            ["*", names @ ..] => {
                if !value.is_array() {
                    *value = json!([{ "n": 1 }, { "n": 2 }, { "n": 3 }]);
                }
                put(&mut value[0], names, text);
                put(&mut value[2], names, text);
            }
            [name, names @ ..] => put(&mut value[*name], names, text),
        }
    }
    let (mut value, mut count) = (json!({}), 0);
    for pointer in pointers {
        let names: Vec<_> = pointer.split('/').skip(1).collect();
        put(&mut value, &names, &mut || {
            count += 1;
            seal(&format!("敏感 {count}"))
        });
    }
    (value, count)
}

/// The options that give these fields; the variables of the path have names of our own.
fn given(fields: &Value, method: &str) -> Options {
    let mut options = Options::new();
    if let Some(json) = fields.get("json") {
        options = options.json(json.clone());
    } else if let Some(body) = fields.get("body") {
        let mut media = MediaUtil::from_bytes("receipt.jpg", *b"an image");
        media.set_meta(body["meta"].clone()).unwrap();
        options = options.body(media);
    } else if method != "GET" {
        options = options.json(json!({}));
    }
    if let Some(query) = fields.get("query") {
        options = options.query(query.clone());
    }
    options
}

/// The template with other names for its variables, and a value for each.
fn renamed(template: &str, mut options: Options) -> (String, Options) {
    let mut segments: Vec<_> = template.split('/').map(str::to_owned).collect();
    for (number, segment) in segments.iter_mut().enumerate().filter(|(_, segment)| segment.starts_with('{')) {
        options = options.variable(format!("v{number}"), "某 / 1");
        *segment = format!("{{v{number}}}");
    }
    (segments.join("/"), options)
}

#[test]
fn every_documented_field_arrives_encrypted_and_is_decrypted() {
    let Some(operations) = operations() else { return };
    let of_apiv3 = |operation: &Operation| operation.is_sensitive() && !operation.template.starts_with("v2/");
    let operations: Vec<_> = operations.into_iter().filter(of_apiv3).collect();
    let platform = Platform::new();
    let answers: Vec<_> = operations
        .iter()
        .map(|operation| fill(&operation.answer, |plain| seal(plain, &platform.merchant)).0.to_string().into_bytes())
        .map(|body| answer("200 OK", &platform.headers(&body), &body))
        .collect();
    // Each is called twice.
    let server = Server::start(move |number, _| Reply::Answer(answers[number / 2].clone()));
    let (by_default, by_call) = (auto(&platform, &server), instance(&platform, &server));
    let (mut calls, mut sent, mut received) = (0, 0, 0);
    for operation in &operations {
        let (fields, count) = fill(&operation.request, str::to_owned);
        let (answer, answered) = fill(&operation.answer, str::to_owned);
        let (path, options) = renamed(&operation.template, given(&fields, &operation.method));
        let responses = [
            by_default.chain(&path).request(&operation.method, options.clone()),
            by_call.chain(&path).request_async(&operation.method, options.encrypt("auto")).wait(),
        ];
        for response in responses {
            let response = response.unwrap_or_else(|error| panic!("{path}: {error:?}"));
            let arrived = server.arrived().pop().unwrap();
            let (mut plain, found) = opened(&places(&arrived), &platform.key);
            if operation.request.is_empty() && operation.method != "GET" {
                plain = json!({});
            }
            assert_eq!((plain, found), (fields.clone(), count), "{path}");
            if count > 0 {
                assert_eq!(arrived.header("wechatpay-serial"), Some(KEY_ID), "{path}");
            }
            assert_eq!(response.decrypt("auto").unwrap(), answer, "{path}");
            (calls, sent, received) = (calls + 1, sent + found, received + answered);
        }
    }
    // The two others are of APIv2.
    assert_eq!((operations.len(), calls), (140, 280));
    // In a list, two of three have it.
    assert_eq!((sent, received), (2 * 323, 2 * 89));
}

#[test]
fn what_the_php_samples_sent_is_sent_again() {
    const MARK: &str = "{rsa-oaep:";
    let Some(_) = shared("README.md") else { return };
    let platform = Platform::new();
    let server = server(&platform, "{}");
    let instance = auto(&platform, &server);
    let mut sealed = 0;
    for sample in ["09_RewardTransfer", "12_sub_merchant_apply"] {
        let records = shared_json(&format!("php-samples/{sample}.requests.json")).unwrap();
        for record in records.as_array().unwrap() {
            let text = record["body"].as_str().unwrap_or_default();
            let Ok(Value::Object(marked)) = text.parse::<Value>() else { continue };
            let plain = Value::Object(marked).to_string().replace(MARK, "").replace("}\"", "\"");
            let plain: Value = plain.parse().unwrap();
            instance.chain(record["target"].as_str().unwrap()).post(json!({ "json": plain })).unwrap();
            let (arrived, found) = opened(&last_json(&server), &platform.key);
            assert_eq!(arrived, plain);
            assert_eq!(found, text.matches(MARK).count(), "{text}");
            sealed += found;
        }
    }
    assert_eq!(sealed, 9);
}

/// The values of the fields are made up in the documentation and no ciphertexts; here they are the plain texts.
#[test]
fn of_the_recorded_calls_what_is_documented_is_encrypted_and_nothing_else() {
    let (Some(records), Some(operations)) = (shared("conformance/requests.v3.jsonl"), operations()) else { return };
    let known: BTreeMap<_, _> = operations
        .iter()
        .filter(|operation| operation.is_sensitive())
        .map(|operation| ((operation.method.clone(), pattern(&operation.template)), operation))
        .collect();
    let platform = Platform::new();
    let server = server(&platform, "{}");
    let (auto, plain) = (auto(&platform, &server), instance(&platform, &server));
    let (mut called, mut sensitive, mut sealed) = (0, 0, 0);
    for record in records.lines().map(|line| line.parse::<Value>().unwrap()) {
        let (path, verb) = (record["path"].as_str().unwrap(), record["verb"].as_str().unwrap());
        let mut options = record["options"].clone();
        // Which host is called does not matter, but what comes before `v3` is in the base.
        let folder = options["base_uri"].as_str().map_or("", |base| base.splitn(4, '/').nth(3).unwrap()).to_owned();
        if let Some(options) = options.as_object_mut() {
            options.insert("base_uri".into(), (server.url() + &folder).into());
            // A file that would be written here.
            options.remove("sink");
        }
        let Ok(_) = plain.chain(path).request(verb, options.clone()) else {
            // One of the slips of the documentation, or an upload.
            continue;
        };
        called += 1;
        let as_before = server.arrived().pop().unwrap();
        if let Some(json) = options.get("json").filter(|json| !json.is_null()) {
            assert_eq!(as_before.body, json.to_string().into_bytes(), "{path}");
        }

        // With the header of the recording, it is left as it is.
        let own = |name: &&String| name.eq_ignore_ascii_case("wechatpay-serial");
        let header = options["headers"].as_object().and_then(|headers| headers.keys().find(own).cloned());
        if header.is_some() {
            auto.chain(path).request(verb, options.clone()).unwrap();
            let left = server.arrived().pop().unwrap();
            assert_eq!((left.target, left.body), (as_before.target.clone(), as_before.body.clone()), "{path}");
        }

        // Without it, the documented fields are encrypted.
        if let Some(name) = header {
            options["headers"].as_object_mut().unwrap().remove(&name);
        }
        auto.chain(path).request(verb, options).unwrap_or_else(|error| panic!("{path}: {error}"));
        let arrived = server.arrived().pop().unwrap();
        let (found, count) = opened(&places(&arrived), &platform.key);
        assert_eq!(found, places(&as_before), "{path}");
        let key = (verb.to_uppercase(), pattern(&format!("{folder}{path}")));
        let pointers = known.get(&key).map_or(&[][..], |operation| &operation.request);
        let expected: usize = pointers.iter().map(|pointer| filled(&found, pointer)).sum();
        assert_eq!(count, expected, "{path}: {pointers:?}");
        sensitive += usize::from(count > 0);
        sealed += count;
    }
    assert_eq!((called, sensitive, sealed), (685, 80, 179));
}

/// A template without the names of its variables.
fn pattern(template: &str) -> String {
    let name = |segment: &str| if segment.starts_with('{') && segment != "{empty}" { "{}" } else { segment }.to_owned();
    let segments: Vec<_> = template.trim_end_matches("{empty}").trim_matches('/').split('/').map(name).collect();
    segments.join("/")
}

/// How many texts this pointer matches that are neither empty nor as long as a ciphertext: there are some of those, too.
fn filled(value: &Value, pointer: &str) -> usize {
    let Some(rest) = pointer.strip_prefix('/') else {
        let is_ciphertext = |text: &str| decode_block(text).is_ok_and(|bytes| bytes.len() == 256);
        return usize::from(value.as_str().is_some_and(|text| !text.is_empty() && !is_ciphertext(text)));
    };
    let (name, _) = rest.split_once('/').unwrap_or((rest, ""));
    let rest = &rest[name.len()..];
    match (name, value) {
        ("*", Value::Array(list)) => list.iter().map(|item| filled(item, rest)).sum(),
        _ => value.get(name).map_or(0, |field| filled(field, rest)),
    }
}

#[test]
fn ciphertexts_and_what_is_empty_stay_as_they_are() {
    let platform = Platform::new();
    let server = server(&platform, "{}");
    let chain = auto(&platform, &server).chain("v3/applyment4sub/applyment/{empty}");
    let sealed = Rsa::encrypt(NAME, &Rsa::from(public_pem(&platform.key), Rsa::KEY_TYPE_PUBLIC).unwrap()).unwrap();
    let body = json!({
        "contact_info": { "contact_name": sealed, "contact_id_number": ID_CARD, "mobile_phone": "", "contact_email": null },
        "subject_info": { "ubo_info_list": [] },
        "bank_account_info": "not an object",
        "contact_name": "in another place",
    });
    chain.post(json!({ "json": body })).unwrap();
    let mut arrived = last_json(&server);
    assert_eq!(open(&arrived["contact_info"]["contact_id_number"], &platform.key), ID_CARD);
    arrived["contact_info"]["contact_id_number"] = ID_CARD.into();
    assert_eq!(arrived, body);

    // Only ciphertexts, or nothing at all: there is nothing to choose a key for.
    let chain = platform.builder(&server.url()).defaults(json!({ "encrypt": "auto" })).build().unwrap().chain(TRANSFER);
    for body in [json!({ "user_name": sealed }), json!({ "user_name": "" }), json!({}), json!([])] {
        chain.post(json!({ "json": body })).unwrap();
        assert_eq!(last_json(&server), body);
        assert_eq!(server.arrived().pop().unwrap().header("wechatpay-serial"), None);
    }
    let error = chain.post(json!({ "json": { "user_name": NAME } })).unwrap_err();
    assert!(matches!(error, Error::Options(_)) && error.to_string().contains("wechatpay_serial"), "{error}");
}

#[test]
fn who_names_the_key_has_encrypted_for_it() {
    let platform = Platform::new();
    let server = server(&platform, "{}");
    let chain = auto(&platform, &server).chain(TRANSFER);
    let body = json!({ "user_name": "a ciphertext of their own" });
    for options in [
        json!({ "json": body, "headers": { "Wechatpay-Serial": "PUB_KEY_ID_0" } }),
        json!({ "json": body, "headers": { "wechatpay-serial": KEY_ID }, "encrypt": "auto" }),
    ] {
        chain.post(options.clone()).unwrap();
        assert_eq!(last_json(&server), body);
        let named = server.arrived().pop().unwrap();
        assert_eq!(
            named.header("wechatpay-serial"),
            options["headers"].as_object().unwrap().values().next().unwrap().as_str()
        );
    }
    // One of the configuration names a key for all calls, not for this one.
    let headers = json!({ "encrypt": "auto", "headers": { "Wechatpay-Serial": KEY_ID } });
    let instance = platform.builder(&server.url()).defaults(headers).build().unwrap();
    instance.chain(TRANSFER).post(json!({ "json": { "user_name": NAME } })).unwrap();
    assert_eq!(open(&last_json(&server)["user_name"], &platform.key), NAME);
}

#[test]
fn a_call_overrides_the_configuration() {
    let platform = Platform::new();
    let server = server(&platform, "{}");
    let transfer = |instance: &Chain, options: Options| {
        let body = json!({ "user_name": NAME, "user_id": ID_CARD });
        instance.chain(TRANSFER).post(options.json(body)).unwrap();
        let arrived = last_json(&server);
        ["user_name", "user_id"].map(|name| text_of(arrived[name].as_str().unwrap(), &platform.key).is_some())
    };
    let encrypt = |value: Value| Options::from(json!({ "encrypt": value }));
    let (auto, none) = (auto(&platform, &server), instance(&platform, &server));
    for (instance, options, sealed) in [
        (&auto, Options::new(), [true, false]),
        (&auto, encrypt(json!(null)), [true, false]),
        (&auto, encrypt(json!("auto")), [true, false]),
        (&auto, encrypt(json!([])), [false, false]),
        (&auto, Options::new().encrypt([""; 0]), [false, false]),
        (&auto, encrypt(json!(["/json/user_id"])), [false, true]),
        (&auto, encrypt(json!(["auto", "/json/user_id"])), [true, true]),
        (&auto, Options::new().encrypt("auto").encrypt("/json/user_id"), [true, true]),
        (&auto, Options::new().encrypt(["auto", "/json/user_name"]), [true, false]),
        (&none, Options::new(), [false, false]),
        (&none, encrypt(json!("auto")), [true, false]),
        (&none, Options::new().encrypt("auto".to_owned()), [true, false]),
        (&none, Options::new().encrypt(vec!["auto"]), [true, false]),
    ] {
        assert_eq!(transfer(instance, options.clone()), sealed, "{options:?}");
    }
    let typed = platform
        .builder(&server.url())
        .credentials(Credentials::new().wechatpay_serial(KEY_ID))
        .defaults(Options::new().encrypt("auto"))
        .build()
        .unwrap();
    assert_eq!(transfer(&typed, Options::new()), [true, false]);
    assert!(format!("{:?}", Options::new().encrypt(["auto", "/json/a"])).contains(r#"encrypt: ["auto", "/json/a"]"#));
}

#[test]
fn where_it_has_no_meaning_it_does_nothing_or_is_refused() {
    let platform = Platform::new();
    let server = Server::start(move |_, _| Reply::Answer(answer("200 OK", &[], APIV2_BODY.as_bytes())));
    let builder = || platform.builder(&server.url()).credentials(Credentials::new().secret(APIV2_KEY));
    let auto = builder().defaults(json!({ "encrypt": "auto" })).build().unwrap();
    let bank = json!({ "mch_id": "1900000109", "enc_bank_no": "6222", "enc_true_name": NAME });
    auto.chain("v2/mmpaysptrans/pay_bank").post(json!({ "xml": bank })).unwrap();
    let arrived = String::from_utf8(server.arrived().pop().unwrap().body).unwrap();
    assert!(arrived.contains("<enc_bank_no>6222</enc_bank_no>") && arrived.contains(NAME), "{arrived}");
    let error = auto.chain("v2/mmpaysptrans/pay_bank").post(json!({ "xml": bank, "encrypt": "auto" })).unwrap_err();
    assert!(error.to_string().contains("`encrypt` belongs to APIv3"), "{error}");
    auto.download(server.url() + "v3/billdownload/file", ()).unwrap();
    let error = auto.download(server.url(), Options::new().encrypt("auto")).unwrap_err();
    assert!(error.to_string().contains("`encrypt` cannot be given"), "{error}");
    // Only the word may be configured.
    for pointers in [json!(["/json/a"]), json!(["auto", "/json/a"])] {
        let error = builder().defaults(json!({ "encrypt": pointers })).build().unwrap_err();
        assert!(error.to_string().contains("`encrypt` belongs to a single call"), "{error}");
    }
    for wrong in [json!("Auto"), json!(true), json!(["aut"])] {
        let error = auto.chain(TRANSFER).post(json!({ "encrypt": wrong })).unwrap_err();
        assert!(error.to_string().contains("`encrypt` must be \"auto\" or a list of JSON pointers"), "{error}");
    }
    assert_eq!(server.arrived().len(), 2);
}

#[test]
fn an_operation_that_is_not_known_is_called_as_before() {
    let platform = Platform::new();
    let server = server(&platform, json!({ "user_name": "a text" }).to_string());
    let instance = auto(&platform, &server);
    let body = json!({ "user_name": NAME, "n": 1 });
    for path in ["v3/tomorrow", "v3/fund-app/mch-transfer", "v3/fund-app/mch-transfer/transfer-bills/x/y"] {
        let response = instance.chain(path).post(json!({ "json": body })).unwrap();
        assert_eq!(server.arrived().pop().unwrap().body, body.to_string().into_bytes());
        assert_eq!(response.decrypt("auto").unwrap(), response.json().unwrap());
    }
    // The same path by another method.
    instance.chain(TRANSFER).put(json!({ "json": body })).unwrap();
    assert_eq!(last_json(&server), body);
}

#[test]
fn what_cannot_be_encrypted_is_refused_and_not_sent() {
    let platform = Platform::new();
    let server = server(&platform, "{}");
    let chain = auto(&platform, &server).chain("v3/transfer/batches");
    for (value, named) in
        [(json!(88888888), "a number"), (json!("三".repeat(72)), "216 bytes"), (json!([NAME]), "a list")]
    {
        let body = json!({ "transfer_detail_list": [{ "user_name": NAME }, { "user_name": value }] });
        for result in [chain.post(json!({ "json": body })), chain.post_async(json!({ "json": body })).wait()] {
            let error = result.unwrap_err();
            assert_eq!(error.outcome(), Outcome::NotSent);
            let message = error.to_string();
            assert!(message.contains("/json/transfer_detail_list/1/user_name") && message.contains(named), "{message}");
            assert!(!message.contains("8888") && !message.contains('三'), "{message}");
        }
    }
    assert_eq!(server.arrived().len(), 0);
}

#[test]
fn the_meta_of_an_upload_too() {
    let platform = Platform::new();
    let server = server(&platform, "{}");
    let chain = auto(&platform, &server).chain("v3/marketing/shopping-receipt/shoppingreceipts");
    let upload = |meta: &str| {
        chain
            .post(json!({ "multipart": [{ "name": "meta", "contents": meta }, { "name": "file", "contents": "x" }] }))
            .unwrap();
        let arrived = server.arrived().pop().unwrap();
        (places(&arrived)["body"]["meta"].clone(), String::from_utf8(arrived.body).unwrap())
    };
    let meta = json!({ "sha256": "1", "merchant_contact_information": { "consultation_phone_number": "13900000000" } });
    let (arrived, _) = upload(&meta.to_string());
    assert_eq!(opened(&arrived, &platform.key), (meta, 1));
    // Where there is nothing to encrypt, not a byte changes.
    for meta in [r#"{ "sha256" : "1" }"#, "{ no JSON }"] {
        chain
            .post(json!({ "multipart": [{ "name": "meta", "contents": meta }, { "name": "file", "contents": "x" }] }))
            .unwrap();
        let body = server.arrived().pop().unwrap().body;
        assert!(String::from_utf8(body).unwrap().contains(&format!("\r\n\r\n{meta}\r\n")));
    }
    // By hand, wherever the field is.
    let mut media = MediaUtil::from_bytes("a.jpg", *b"x");
    media.set_meta(json!({ "phone": "13900000000" })).unwrap();
    let elsewhere = instance(&platform, &server).chain("v3/x");
    elsewhere.post(Options::new().body(media).encrypt("/body/meta/phone")).unwrap();
    let arrived = places(&server.arrived().pop().unwrap());
    assert_eq!(open(&arrived["body"]["meta"]["phone"], &platform.key), "13900000000");
}

#[test]
fn an_answer_that_cannot_be_decrypted_names_the_field() {
    let platform = Platform::new();
    let server = server(&platform, json!({ "user_name": seal(NAME, &platform.key) }).to_string());
    let response = instance(&platform, &server).chain(TRANSFER.to_owned() + "/out-bill-no/1").get(()).unwrap();
    let Err(Error::Decryption(failed)) = response.decrypt("auto") else { panic!("it is for another key") };
    assert_eq!(failed.pointer(), "/user_name");
    // Signed by nobody, it is not known whose it is.
    let unsigned = Server::start(|_, _| Reply::Answer(answer("200 OK", &[], b"{}")));
    let error = instance(&platform, &unsigned).chain(TRANSFER.to_owned() + "/out-bill-no/1").get(()).unwrap_err();
    let Err(Error::Decryption(failed)) = error.response().unwrap().decrypt("auto") else {
        panic!("it is not verified")
    };
    assert_eq!(failed.pointer(), "auto");
}

/// In a process of its own, as it is said once in each.
#[test]
fn a_field_in_plain_text_is_said_once_for_each_operation() {
    const TEST: &str = "a_field_in_plain_text_is_said_once_for_each_operation";
    if !is_child() {
        let (_, shown) = run(&mut child(module_path!(), TEST));
        let said: Vec<_> = shown.lines().filter(|line| line.contains("plain text")).collect();
        let expected = [
            "POST v3/fund-app/mch-transfer/transfer-bills: \"/json/user_name\" is sent in plain text",
            "POST v3/transfer/batches: \"/json/transfer_detail_list/1/user_id_card\" is sent in plain text",
            "GET v3/realname/verify: \"/query/encrypted_name\" is sent in plain text",
            "POST v2/mmpaysptrans/pay_bank: \"/xml/enc_true_name\" is sent in plain text",
        ];
        assert_eq!(said.len(), expected.len(), "{said:#?}");
        for (said, expected) in said.iter().zip(expected) {
            assert!(said.starts_with("LOG wechatpay::") && said.contains(expected), "{said}");
        }
        assert!(said[0].contains("`encrypt: \"auto\"` encrypts it"), "{}", said[0]);
        assert!(said[3].contains("Rsa::encrypt"), "{}", said[3]);
        assert!(!shown.contains(NAME) && !shown.contains(ID_CARD), "{shown}");
        return;
    }
    log_to_standard_error();
    let platform = Platform::new();
    let headers = platform.headers(b"{}");
    let server = Server::start(move |_, arrived| match arrived.target.starts_with("/v3/") {
        true => Reply::Answer(answer("200 OK", &headers, b"{}")),
        false => Reply::Answer(answer("200 OK", &[], APIV2_BODY.as_bytes())),
    });
    let builder = || platform.builder(&server.url());
    let serial =
        Credentials::new().wechatpay_serial(KEY_ID).secret(APIV2_KEY).private_key(private_pem(&platform.merchant));
    let instance = builder().credentials(serial).build().unwrap();
    let sealed = seal(ID_CARD, &platform.key);
    let transfer = |options: Value| instance.chain(TRANSFER).post(options).unwrap();
    // Nothing to be said of these.
    transfer(json!({ "json": { "user_name": "" } }));
    transfer(json!({ "json": { "user_name": null } }));
    transfer(json!({ "json": { "user_name": sealed } }));
    transfer(json!({ "json": { "user_name": NAME }, "encrypt": ["/json/user_name"] }));
    transfer(json!({ "json": { "user_name": NAME }, "encrypt": "auto" }));
    instance.chain("v3/tomorrow").post(json!({ "json": { "user_name": NAME } })).unwrap();
    for _ in 0..2 {
        transfer(json!({ "json": { "user_name": NAME } }));
        instance.chain(TRANSFER).post_async(json!({ "json": { "user_name": NAME } })).wait().unwrap();
    }
    // One that was forgotten, and one of the query.
    let list = json!([{ "user_name": NAME, "user_id_card": sealed }, { "user_name": NAME, "user_id_card": ID_CARD }]);
    let batch =
        json!({ "json": { "transfer_detail_list": list }, "encrypt": ["/json/transfer_detail_list/*/user_name"] });
    instance.chain("v3/transfer/batches").post_async(batch).wait().unwrap();
    instance.chain("v3/realname/verify").get(json!({ "query": { "encrypted_name": NAME } })).unwrap();
    let bank = json!({ "mch_id": "1900000109", "enc_bank_no": sealed, "enc_true_name": NAME });
    instance.chain("v2/mmpaysptrans/pay_bank").post(json!({ "xml": bank })).unwrap();
}
