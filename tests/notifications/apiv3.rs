//! Notifications of APIv3: what is accepted, each way of being refused, and what is answered.

use std::collections::HashMap;
use std::error::Error as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use support::keys::private_pem;
use support::platform::{APIV2_KEY, APIV3_KEY, CERTIFICATE_SERIAL, KEY_ID, MCHID, Platform, now};
use support::raw::{Reply as Answer, Server, answer};
use support::shared::shared_json;
use wechatpay::http::{HeaderMap, HeaderName, HeaderValue, Response};
use wechatpay::{
    BodyChange, Builder, Chain, Credentials, DownloadCerts, Error, Notification, NotificationFailure as Failure,
    NotificationRegistry, Outcome, Reply, Result, Value, VerificationFailure, json,
};
use wechatpay_sandbox::Sandbox;

use crate::made::{Sent, changes, job, made, text, with};

const OTHER_KEY: &str = "fedcba9876543210fedcba9876543210";
const SERIAL: &str = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";

/// Nobody listens there: a notification needs no network.
const NOWHERE: &str = "http://127.0.0.1:1/";

fn instance(platform: &Platform) -> Chain {
    platform.builder(NOWHERE).credentials(Credentials::new().apiv3_key(APIV3_KEY)).build().unwrap()
}

fn receive(instance: &Chain, sent: &Sent) -> Result<Notification> {
    instance.notification(sent.headers.clone(), &sent.body)
}

/// That it is refused so, and answered with this status; gives the message.
fn refused(what: &str, result: Result<Notification>, expected: impl Fn(&Failure) -> bool, status: u16) -> String {
    let error = result.expect_err(what);
    let Error::Notification(inner) = &error else { panic!("{what}: {error:?}") };
    assert!(expected(inner.failure()), "{what}: {error:?}");
    assert_eq!(error.outcome(), Outcome::NotSent, "{what}");
    assert!(error.response().is_none() && error.code().is_none(), "{what}");
    let reply = error.reply();
    assert_eq!((inner.reply(), reply.status().as_u16()), (reply.clone(), status), "{what}");
    assert_eq!(reply.content_type(), "application/json", "{what}");
    let body: Value = reply.body().parse().unwrap();
    assert_eq!(body["code"], "FAIL", "{what}");
    assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()), "{what}: {body}");
    error.to_string()
}

/// The headers with one of them replaced.
fn replaced(sent: &Sent, name: &str, value: &str) -> Sent {
    let mut sent = sent.clone();
    sent.headers.iter_mut().filter(|header| header.0 == name).for_each(|header| header.1 = value.to_owned());
    sent
}

#[test]
fn one_that_is_signed_is_decrypted_however_its_headers_come() {
    let platform = Platform::new();
    let made = made(&[
        job(&platform.key, KEY_ID, APIV3_KEY),
        job(&platform.certificate_key, CERTIFICATE_SERIAL, APIV3_KEY),
        with(&job(&platform.key, KEY_ID, APIV3_KEY), json!({ "envelope": { "id": null, "summary": null } })),
        with(&job(&platform.key, KEY_ID, APIV3_KEY), json!({ "plain": ["a", 1, null] })),
    ]);
    let Some(made) = made else { return };
    let instance = instance(&platform);
    let sent = Sent::of(&made[0]);

    let notification = receive(&instance, &sent).unwrap();
    assert_eq!(notification.id(), "EV-2018022511223320873");
    assert_eq!(notification.create_time(), "2015-05-20T13:29:35+08:00");
    assert_eq!(notification.event_type(), "TRANSACTION.SUCCESS");
    assert_eq!(notification.resource_type(), "encrypt-resource");
    assert_eq!(notification.original_type(), "transaction");
    assert_eq!(notification.summary(), "支付成功");
    assert_eq!(notification.mchid(), MCHID);
    assert_eq!(notification.resource()["out_trade_no"], "1217752501201407033233368018");
    assert_eq!(notification.json().to_string().parse::<Value>().unwrap(), sent.body.parse::<Value>().unwrap());
    let shown = format!("{notification:?}");
    for part in ["EV-2018022511223320873", "TRANSACTION.SUCCESS", MCHID] {
        assert!(shown.contains(part), "{shown}");
    }
    assert!(!shown.contains("out_trade_no") && !shown.contains("1217752501") && !shown.contains("支付成功"), "{shown}");

    let mut map = HeaderMap::new();
    map.insert("content-type", HeaderValue::from_static("application/json"));
    for (name, value) in &sent.headers {
        map.append(HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap());
    }
    let hash: HashMap<String, String> =
        sent.headers.iter().map(|(name, value)| (name.to_uppercase(), value.clone())).collect();
    let [nonce, serial, signature, timestamp] = &sent.headers[..] else { panic!() };
    let array = [
        ("wechatpay-nonce", nonce.1.as_bytes()),
        ("WECHATPAY-SERIAL", serial.1.as_bytes()),
        ("wechatPay-Signature", signature.1.as_bytes()),
        ("Wechatpay-timestamp", timestamp.1.as_bytes()),
    ];
    let body = sent.body.as_bytes();
    let several = [
        instance.notification(&map, body),
        instance.notification(&hash, body),
        instance.notification(hash.clone(), sent.body.clone()),
        instance.notification(array, body),
        instance.chain("v3/any/path").notification(&map, body),
        instance.notification_async(&map, body).wait(),
        instance.notification_async(sent.headers.clone(), &sent.body).then(Ok).wait(),
    ];
    for result in several {
        assert_eq!(result.unwrap().clone().id(), notification.id());
    }

    let with_certificate = receive(&instance, &Sent::of(&made[1])).unwrap();
    assert_eq!(with_certificate.resource(), notification.resource());
    let without_names = receive(&instance, &Sent::of(&made[2])).unwrap();
    assert_eq!((without_names.id(), without_names.summary()), ("", ""));
    assert_eq!(*receive(&instance, &Sent::of(&made[3])).unwrap().resource(), json!(["a", 1, null]));

    let reply = notification.reply();
    assert_eq!((reply.status().as_u16(), reply.content_type()), (200, "application/json"));
    assert_eq!(reply.body(), r#"{"code":"SUCCESS","message":"成功"}"#);
    let response = Response::<String>::from(reply.clone());
    assert_eq!((response.status(), response.body().as_str()), (reply.status(), reply.body()));
    assert_eq!(response.headers()["content-type"], "application/json");
}

#[test]
fn an_answer_carries_what_the_platform_asks_for() {
    let sandbox = Sandbox::start().unwrap();
    let instance = Builder::factory(sandbox.config()).unwrap();
    let asked = sandbox.notification("PARKING_FEE.QUERY_TRANS_INFO", json!({ "plate_number": "粤B888888" }));
    let notification = instance.notification(asked.headers(), asked.body()).unwrap();

    let fee = json!({ "code": "SUCCESS", "total_amount": 1200, "parking_state": "PARKING" });
    let reply = notification.reply().with_json(fee.clone());
    let response = Response::<String>::from(reply.clone());
    assert_eq!((response.status().as_u16(), response.body().as_str()), (200, reply.body()));
    assert_eq!(response.headers()["content-type"], "application/json");
    // Neither a field more nor a field less.
    assert_eq!(serde_json::from_str::<Value>(response.body()).unwrap(), fee);

    // A refusal with data stays a refusal, and is JSON whatever it was before.
    let failure = Reply::failure_apiv2("away").with_json(json!({ "code": "CAR_NOT_FOUND" }));
    assert_eq!((failure.status().as_u16(), failure.body()), (500, r#"{"code":"CAR_NOT_FOUND"}"#));
    assert_eq!(failure.content_type(), "application/json");
}

#[test]
fn each_header_must_stand_there_once_and_be_of_now() {
    let platform = Platform::new();
    let good = job(&platform.key, KEY_ID, APIV3_KEY);
    let at = |offset: i64| with(&good, json!({ "timestamp": now() + offset }));
    let made = made(&[good.clone(), at(-302), at(360), at(-240), at(240), with(&good, json!({ "timestamp": "soon" }))]);
    let Some(made) = made else { return };
    let instance = instance(&platform);
    let sent = Sent::of(&made[0]);
    for (index, (name, value)) in sent.headers.iter().enumerate() {
        let mut without = sent.clone();
        without.headers.remove(index);
        let message = refused(
            name,
            receive(&instance, &without),
            |f| matches!(f, Failure::Unverified(VerificationFailure::HeaderMissing { name: missing }) if missing == name),
            400,
        );
        assert!(message.contains(name), "{message}");
        let mut doubled = sent.clone();
        doubled.headers.push((name.to_lowercase(), value.clone()));
        let unprintable = [("\u{e9}".to_owned() + value), format!("{value}\n"), "\0".to_owned()];
        for wrong in unprintable.map(|value| replaced(&sent, name, &value)).into_iter().chain([doubled]) {
            let message = refused(
                name,
                receive(&instance, &wrong),
                |f| matches!(f, Failure::Unverified(VerificationFailure::HeaderAmbiguous { name: found }) if found == name),
                400,
            );
            assert!(message.contains(name), "{message}");
        }
        // An empty one is there, and is wrong.
        assert!(receive(&instance, &replaced(&sent, name, "")).is_err());
    }
    let none: [(&str, &str); 0] = [];
    refused(
        "no headers",
        instance.notification(none, &sent.body),
        |f| matches!(f, Failure::Unverified(VerificationFailure::HeaderMissing { .. })),
        400,
    );
    for stale in &made[1..3] {
        refused(
            "stale",
            receive(&instance, &Sent::of(stale)),
            |f| matches!(f, Failure::Unverified(VerificationFailure::TimestampOutOfRange { .. })),
            401,
        );
    }
    for in_time in &made[3..5] {
        receive(&instance, &Sent::of(in_time)).unwrap();
    }
    refused(
        "no number",
        receive(&instance, &Sent::of(&made[5])),
        |f| matches!(f, Failure::Unverified(VerificationFailure::TimestampInvalid { .. })),
        400,
    );
}

#[test]
fn a_header_that_is_there_any_number_of_times_is_refused() {
    let platform = Platform::new();
    let instance = instance(&platform);
    let registry = NotificationRegistry::new();
    registry.insert(instance.clone()).unwrap();
    for name in ["Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature", "wechatpay-timestamp"] {
        let headers = || std::iter::repeat_n((name, "1"), 40_000).chain(platform_headers(name));
        for result in [
            instance.notification(headers(), "{}"),
            instance.notification_async(headers(), "{}").wait(),
            registry.notification(headers(), "{}"),
        ] {
            let is_ambiguous = |f: &Failure| {
                matches!(f, Failure::Unverified(VerificationFailure::HeaderAmbiguous { name: named })
                    if named.eq_ignore_ascii_case(name))
            };
            refused(name, result, is_ambiguous, 400);
        }
    }
}

/// The others, once.
fn platform_headers(but: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let names = ["Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature", "Wechatpay-Timestamp"];
    names.into_iter().filter(move |name| !name.eq_ignore_ascii_case(but)).map(|name| (name, "1"))
}

#[test]
fn a_signature_that_does_not_hold_is_refused_by_its_reason() {
    let platform = Platform::new();
    let good = job(&platform.key, KEY_ID, APIV3_KEY);
    // Signed by a key under another one's name, by the merchant, and by somebody unknown.
    let made = made(&[
        good.clone(),
        with(&good, json!({ "serial": CERTIFICATE_SERIAL })),
        job(&platform.merchant, KEY_ID, APIV3_KEY),
        with(&good, json!({ "serial": SERIAL })),
    ]);
    let Some(made) = made else { return };
    let instance = instance(&platform);
    for wrong in &made[1..3] {
        refused(
            "another key",
            receive(&instance, &Sent::of(wrong)),
            |f| matches!(f, Failure::Unverified(VerificationFailure::SignatureMismatch { .. })),
            401,
        );
    }
    let message = refused(
        "an unknown key",
        receive(&instance, &Sent::of(&made[3])),
        |f| matches!(f, Failure::Unverified(VerificationFailure::SerialUnknown { serial, known }) if serial == SERIAL && known.len() == 2),
        500,
    );
    assert!(message.contains(SERIAL) && message.contains(KEY_ID), "{message}");
    let sent = Sent::of(&made[0]);
    refused(
        "not base64",
        receive(&instance, &replaced(&sent, "Wechatpay-Signature", "-")),
        |f| matches!(f, Failure::Unverified(VerificationFailure::SignatureNotBase64)),
        401,
    );
    let probe = replaced(&sent, "Wechatpay-Signature", "WECHATPAY/SIGNTEST/bGV0IHVzIHNlZQ==");
    refused("a probe", receive(&instance, &probe), |f| matches!(f, Failure::Probe), 401);
    // A probe is told from its signature alone, and only when the headers are complete.
    let unknown = replaced(&probe, "Wechatpay-Serial", SERIAL);
    refused("a probe by an unknown key", receive(&instance, &unknown), |f| matches!(f, Failure::Probe), 401);
    let mut incomplete = probe.clone();
    incomplete.headers.remove(0);
    refused(
        "an incomplete probe",
        receive(&instance, &incomplete),
        |f| matches!(f, Failure::Unverified(VerificationFailure::HeaderMissing { .. })),
        400,
    );
    // What is refused shows no signature, and nothing of what is inside.
    let signature = &sent.headers[2].1;
    for changed in [sent.body.replace("TRANSACTION", "REFUND"), sent.body.replace(':', ": "), "{".into()] {
        let error = instance.notification(sent.headers.clone(), &changed).unwrap_err();
        let shown = format!("{error} {error:?} {:?}", error.reply());
        assert!(!shown.contains(&signature[..20]) && !shown.contains(APIV3_KEY), "{shown}");
    }
}

#[test]
fn a_body_that_was_written_anew_is_told_from_a_forged_one() {
    let platform = Platform::new();
    // What is escaped in a string does not end it.
    let summary = json!({ "envelope": { "summary": "支付成功 \" a \\ b \\" } });
    let Some(first) = made(&[with(&job(&platform.key, KEY_ID, APIV3_KEY), summary)]) else { return };
    let sent = Sent::of(&first[0]);
    assert!(sent.body.contains('/'), "the ciphertext is to hold what PHP escapes");
    let rewritten = made(&[json!({ "job": "rewrite", "body": sent.body })]).unwrap().remove(0);
    let rewritten = rewritten.as_object().unwrap();
    assert_eq!(rewritten.len(), 9);
    let instance = instance(&platform);
    receive(&instance, &sent).unwrap();
    for (name, body) in rewritten {
        let expected = match name.as_str() {
            "indented" | "spaced" | "ended" => BodyChange::Whitespace,
            _ => BodyChange::Reserialized,
        };
        assert_ne!(text(body), sent.body, "{name}");
        let message = refused(
            name,
            instance.notification(sent.headers.clone(), text(body)),
            |f| matches!(f, Failure::BodyChanged { serial, how } if serial == KEY_ID && *how == expected),
            401,
        );
        assert!(message.contains("exact bytes") && message.contains("extractor"), "{message}");
        // Of one that is forged beside, it is a guess.
        let forged = text(body).replace("TRANSACTION", "REFUND");
        let error = instance.notification(sent.headers.clone(), forged).unwrap_err();
        let Error::Notification(error) = &error else { panic!("{name}: {error:?}") };
        match (name.as_str(), error.failure()) {
            ("resource sorted", Failure::Unverified(VerificationFailure::SignatureMismatch { .. })) => {}
            (name, Failure::BodyChanged { how: BodyChange::Reserialized, .. }) if name != "resource sorted" => {}
            (_, other) => panic!("{name}: {other:?}"),
        }
    }
    // White space within a text is part of it, and what is no JSON was not written by a JSON library.
    for forged in [
        sent.body.replace("支付成功", "支付 成功"),
        sent.body.replace("TRANSACTION", "REFUND"),
        sent.body.replace('}', ""),
        sent.body.replace(',', " ,") + "\"",
        "\"\\".into(),
        String::new(),
    ] {
        refused(
            &forged,
            instance.notification(sent.headers.clone(), &forged),
            |f| matches!(f, Failure::Unverified(VerificationFailure::SignatureMismatch { .. })),
            401,
        );
    }
}

#[test]
fn one_that_is_signed_but_cannot_be_read_is_refused_by_its_reason() {
    let platform = Platform::new();
    let good = job(&platform.key, KEY_ID, APIV3_KEY);
    let resource = |changes: Value| with(&good, json!({ "resource": changes }));
    let malformed = [
        with(&good, json!({ "envelope": { "resource": null } })),
        with(&good, json!({ "envelope": { "resource": "text" } })),
        with(&good, json!({ "body": "[1]" })),
        with(&good, json!({ "body": "null" })),
        resource(json!({ "algorithm": "AEAD_SM4_GCM" })),
        resource(json!({ "algorithm": null })),
        resource(json!({ "ciphertext": null })),
        resource(json!({ "ciphertext": "no base64!" })),
        resource(json!({ "ciphertext": "AAAA" })),
        resource(json!({ "nonce": "short" })),
        resource(json!({ "nonce": null })),
        with(&good, json!({ "plain_base64": "bm8gSlNPTg==" })),
        with(&good, json!({ "plain_base64": "eyJhIjoi//8ifQ==" })),
    ];
    let undecryptable = [
        job(&platform.key, KEY_ID, OTHER_KEY),
        resource(json!({ "nonce": "fdasflkja485" })),
        resource(json!({ "associated_data": "refund" })),
        resource(json!({ "associated_data": null })),
    ];
    let no_json = [with(&good, json!({ "body": "" })), with(&good, json!({ "body": "<xml/>" }))];
    let jobs = [malformed.to_vec(), undecryptable.to_vec(), no_json.to_vec()].concat();
    let Some(made) = made(&jobs) else { return };
    let instance = instance(&platform);
    for (index, result) in made.iter().enumerate() {
        let (what, sent) = (jobs[index].to_string(), Sent::of(result));
        let result = receive(&instance, &sent);
        match index {
            _ if index < malformed.len() => refused(&what, result, |f| matches!(f, Failure::Malformed(_)), 400),
            _ if index < malformed.len() + undecryptable.len() => {
                refused(&what, result, |f| matches!(f, Failure::WrongApiv3Key), 500)
            }
            _ => {
                assert!(receive(&instance, &sent).unwrap_err().source().is_some(), "{what}");
                refused(&what, result, |f| matches!(f, Failure::NotJson(_)), 400)
            }
        };
    }
}

#[test]
fn either_of_two_apiv3_keys_decrypts_while_they_are_changed() {
    let platform = Platform::new();
    let made = made(&[job(&platform.key, KEY_ID, APIV3_KEY), job(&platform.key, KEY_ID, OTHER_KEY)]);
    let Some(made) = made else { return };
    let (old, new) = (Sent::of(&made[0]), Sent::of(&made[1]));
    let instance = instance(&platform);
    receive(&instance, &old).unwrap();
    let undecryptable =
        |sent: &Sent| refused("one", receive(&instance, sent), |f| matches!(f, Failure::WrongApiv3Key), 500);
    undecryptable(&new);
    instance.rotate(json!({ "apiv3Key": [APIV3_KEY, OTHER_KEY] })).unwrap();
    assert_eq!(receive(&instance, &old).unwrap().resource(), receive(&instance, &new).unwrap().resource());
    instance.rotate(json!({ "apiv3Key": OTHER_KEY })).unwrap();
    receive(&instance, &new).unwrap();
    undecryptable(&old);
}

#[test]
fn a_ciphertext_that_php_has_recorded_is_decrypted() {
    let Some(cases) = shared_json("vectors/aes.json") else { return };
    let cases = cases.as_array().unwrap();
    let is_json = |case: &&Value| text(&case["plaintext"]).parse::<Value>().is_ok();
    let cases: Vec<_> = cases.iter().filter(|case| case["fn"] == "gcm").filter(is_json).collect();
    assert_eq!(cases.len(), 1);
    let platform = Platform::new();
    for case in cases {
        let resource = json!({
            "ciphertext": case["ciphertext"], "nonce": case["nonce"], "associated_data": case["aad"],
        });
        let key = text(&case["key"]);
        let Some(made) = made(&[with(&job(&platform.key, KEY_ID, APIV3_KEY), json!({ "resource": resource }))]) else {
            return;
        };
        let instance = platform.builder(NOWHERE).credentials(Credentials::new().apiv3_key(key)).build().unwrap();
        let notification = receive(&instance, &Sent::of(&made[0])).unwrap();
        assert_eq!(*notification.resource(), text(&case["plaintext"]).parse::<Value>().unwrap());
    }
}

#[test]
fn what_the_configuration_lacks_is_told_first_and_answered_with_500() {
    let platform = Platform::new();
    let Some(made) = made(&[job(&platform.key, KEY_ID, APIV3_KEY)]) else { return };
    let sent = Sent::of(&made[0]);
    let apiv2 = Builder::new().credentials(Credentials::new().mchid(MCHID).secret(APIV2_KEY)).build().unwrap();
    let results = [
        (receive(&platform.instance(NOWHERE), &sent).unwrap_err(), "`apiv3Key`"),
        (receive(&apiv2, &sent).unwrap_err(), "`privateKey`"),
        (instance(&platform).notification_apiv2("<xml/>").unwrap_err(), "`secret`"),
    ];
    for (error, name) in results {
        assert!(matches!(error, Error::Config(_)) && error.to_string().contains(name), "{error}");
        let reply = error.reply();
        assert_eq!((reply.status().as_u16(), reply.content_type()), (500, "application/json"));
        assert_eq!(reply.body().parse::<Value>().unwrap()["code"], "FAIL");
    }
}

#[test]
fn a_verifier_of_the_callers_own_decides() {
    let platform = Platform::new();
    let Some(made) = made(&[job(&platform.key, KEY_ID, APIV3_KEY)]) else { return };
    let sent = Sent::of(&made[0]);
    let pem = private_pem(&platform.merchant);
    let builder = || {
        Builder::new()
            .credentials(Credentials::new().mchid(MCHID).serial(SERIAL).private_key(pem.clone()).apiv3_key(APIV3_KEY))
    };

    let asked = Arc::new(AtomicUsize::new(0));
    let (count, expected) = (Arc::clone(&asked), format!("\n{}\n", sent.body));
    let accepts = builder().credentials(Credentials::new().verifier(move |serial: &str, message: &[u8], _: &str| {
        count.fetch_add(1, Ordering::Relaxed);
        assert!(serial == KEY_ID && message.ends_with(expected.as_bytes()));
        Ok(true)
    }));
    receive(&accepts.build().unwrap(), &sent).unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 1);

    let refuses =
        builder().credentials(Credentials::new().verifier(|_: &str, _: &[u8], _: &str| Ok(false))).build().unwrap();
    refused(
        "no",
        receive(&refuses, &sent),
        |f| matches!(f, Failure::Unverified(VerificationFailure::SignatureMismatch { .. })),
        401,
    );
    let fails = builder().credentials(
        Credentials::new().verifier(|_: &str, _: &[u8], _: &str| anyhow::bail!("the key service is away")),
    );
    let fails = fails.build().unwrap();
    refused(
        "away",
        receive(&fails, &sent),
        |f| matches!(f, Failure::Unverified(VerificationFailure::Verifier(_))),
        500,
    );
    let shown = format!("{:#}", anyhow::Error::new(receive(&fails, &sent).unwrap_err()));
    assert!(shown.contains("the key service is away"), "{shown}");
}

#[test]
fn an_unknown_key_is_fetched_where_certificates_are() {
    let platform = Platform::new();
    let Some(mut made) = made(&[
        json!({ "job": "certificates", "serial": SERIAL, "timestamp": now(), "apiv3_keys": { MCHID: APIV3_KEY } }),
        job(&platform.key, KEY_ID, APIV3_KEY),
    ]) else {
        return;
    };
    let answered = Sent::of(&made[0]["answers"][MCHID]);
    let made_with_it = with(&job(&platform.key, SERIAL, APIV3_KEY), json!({ "key": made[0]["key"] }));
    made.extend(crate::made::made(&[made_with_it]).unwrap());
    let server = Server::start(move |_, _| {
        let headers: Vec<_> = answered.headers.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        Answer::Answer(answer("200 OK", &headers, answered.body.as_bytes()))
    });
    let (known, unknown) = (Sent::of(&made[1]), Sent::of(&made[2]));
    let pem = private_pem(&platform.merchant);
    let instance = |base_uri: &str| {
        let builder = Builder::new().credentials(
            Credentials::new().mchid(MCHID).serial("3775B6A45ACD588826D15E583A95F5DD12345678").private_key(pem.clone()),
        );
        let builder = builder.credentials(
            Credentials::new()
                .apiv3_key(APIV3_KEY)
                .download_certs(DownloadCerts::new().floor(std::time::Duration::from_secs(3600))),
        );
        builder.defaults(json!({ "base_uri": base_uri, "proxy": "" })).build().unwrap()
    };
    let fetching = instance(&server.url());
    // What is no notification at all makes nobody fetch.
    let none: [(&str, &str); 0] = [];
    assert!(fetching.notification(none, &unknown.body).is_err());
    let probe = replaced(&unknown, "Wechatpay-Signature", "WECHATPAY/SIGNTEST/AAAA");
    assert!(receive(&fetching, &probe).is_err());
    assert!(receive(&fetching, &replaced(&unknown, "Wechatpay-Timestamp", "1")).is_err());
    assert_eq!(server.arrived().len(), 0);

    assert_eq!(receive(&fetching, &unknown).unwrap().mchid(), MCHID);
    assert_eq!(fetching.notification_async(unknown.headers.clone(), &unknown.body).wait().unwrap().mchid(), MCHID);
    assert_eq!(server.arrived().len(), 1);
    // One that the platform does not have either is asked for once.
    for _ in 0..3 {
        refused(
            "unknown",
            receive(&fetching, &known),
            |f| matches!(f, Failure::Unverified(VerificationFailure::SerialUnknown { serial, .. }) if serial == KEY_ID),
            500,
        );
    }
    assert_eq!(server.arrived().len(), 1);

    let error = receive(&instance(NOWHERE), &unknown).unwrap_err();
    assert!(matches!(error, Error::Certificates(_)), "{error:?}");
    assert_eq!(error.reply().status(), 500);
}

#[test]
fn no_byte_can_be_changed_anywhere() {
    let platform = Platform::new();
    let Some(made) = made(&[job(&platform.key, KEY_ID, APIV3_KEY)]) else { return };
    let sent = Sent::of(&made[0]);
    let instance = instance(&platform);
    receive(&instance, &sent).unwrap();
    let mut count = 0;
    let mut refused = |headers: Vec<(String, Vec<u8>)>, body: &[u8]| {
        count += 1;
        let result = instance.notification(headers.clone(), body);
        assert!(
            matches!(result, Err(Error::Notification(_))),
            "{headers:?} {} gives {result:?}",
            String::from_utf8_lossy(body)
        );
    };
    let headers: Vec<(String, Vec<u8>)> =
        sent.headers.iter().map(|(name, value)| (name.clone(), value.clone().into_bytes())).collect();
    for body in changes(sent.body.as_bytes()) {
        refused(headers.clone(), &body);
    }
    for index in 0..headers.len() {
        for value in changes(&headers[index].1) {
            let mut headers = headers.clone();
            headers[index].1 = value;
            refused(headers, sent.body.as_bytes());
        }
    }
    // The values of two headers exchanged.
    for (one, other) in [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)] {
        let mut headers = headers.clone();
        let value = std::mem::replace(&mut headers[one].1, sent.headers[other].1.clone().into_bytes());
        headers[other].1 = value;
        refused(headers, sent.body.as_bytes());
    }
    assert!(count > 8 * sent.body.len(), "{count} changes");
}
