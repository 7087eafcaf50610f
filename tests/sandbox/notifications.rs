//! Notifications of the sandbox: what they are made of, checked by OpenSSL, and how they are delivered.

use openssl::base64::decode_block;
use openssl::hash::{MessageDigest, hash};
use openssl::pkey::{PKey, Public};
use openssl::sign::Signer;
use openssl::symm::{Cipher, decrypt, decrypt_aead};
use openssl::x509::X509;
use support::keys::verify;
use support::raw::{Arrived, Reply, Server, answer};
use wechatpay::{Formatter, Transformer, Value, json};
use wechatpay_sandbox::{KeyMode, Sandbox, SignedNotification};

fn resource() -> Value {
    json!({ "out_trade_no": "1217752501201407033233368018", "attach": "附加 \"数据\"", "amount": { "total": 100 } })
}

fn header<'a>(notification: &'a SignedNotification, name: &str) -> &'a str {
    notification.headers()[name].to_str().unwrap()
}

/// Whether the signature is that of the platform's key with the id that the notification names.
fn holds(sandbox: &Sandbox, notification: &SignedNotification) -> bool {
    let id = header(notification, "wechatpay-serial");
    let key: PKey<Public> = match sandbox.platform_certificate_pem(id) {
        Some(pem) => X509::from_pem(pem.as_bytes()).unwrap().public_key().unwrap(),
        None => PKey::public_key_from_pem(sandbox.public_key_pem().unwrap().as_bytes()).unwrap(),
    };
    let (timestamp, nonce) = (header(notification, "wechatpay-timestamp"), header(notification, "wechatpay-nonce"));
    let message = [format!("{timestamp}\n{nonce}\n").as_bytes(), notification.body(), b"\n"].concat();
    verify(&message, header(notification, "wechatpay-signature"), &key)
}

fn envelope(notification: &SignedNotification) -> Value {
    serde_json::from_slice(notification.body()).unwrap()
}

/// What the resource says; nothing if it is not for this key.
fn opened(notification: &SignedNotification, apiv3_key: &str) -> Option<Value> {
    let envelope = envelope(notification);
    let text = |name: &str| envelope["resource"][name].as_str().unwrap();
    let sealed = decode_block(text("ciphertext")).unwrap();
    let (data, tag) = sealed.split_at(sealed.len() - 16);
    let (nonce, aad) = (text("nonce").as_bytes(), text("associated_data").as_bytes());
    let plain = decrypt_aead(Cipher::aes_256_gcm(), apiv3_key.as_bytes(), Some(nonce), aad, data, tag).ok()?;
    Some(serde_json::from_slice(&plain).unwrap())
}

#[test]
fn a_notification_is_made_as_the_platform_makes_it() {
    let sandbox = Sandbox::start().unwrap();
    let notification = sandbox.notification("TRANSACTION.SUCCESS", resource());
    assert!(holds(&sandbox, &notification));
    assert_eq!(opened(&notification, sandbox.apiv3_key()), Some(resource()));

    assert_eq!(notification.headers().len(), 7);
    assert_eq!(header(&notification, "content-type"), "application/json");
    assert_eq!(header(&notification, "wechatpay-signature-type"), "WECHATPAY2-SHA256-RSA2048");
    assert_eq!(header(&notification, "wechatpay-serial"), "PUB_KEY_ID_0114232134912410000000000000");
    assert!(!header(&notification, "request-id").is_empty());
    let timestamp: i64 = header(&notification, "wechatpay-timestamp").parse().unwrap();
    assert!(timestamp.abs_diff(Formatter::timestamp()) < 60);

    // The names stand in the platform's order, whatever the features.
    let text = std::str::from_utf8(notification.body()).unwrap();
    let names = [
        "id",
        "create_time",
        "resource_type",
        "event_type",
        "summary",
        "resource",
        "original_type",
        "algorithm",
        "ciphertext",
        "associated_data",
        "nonce",
    ];
    let places: Vec<_> = names.iter().map(|name| text.find(&format!("\"{name}\":")).unwrap()).collect();
    assert!(places.is_sorted() && text.starts_with("{\"id\":\"") && text.ends_with("\"}}"), "{text}");
    let envelope = envelope(&notification);
    assert_eq!((envelope.as_object().unwrap().len(), envelope["resource"].as_object().unwrap().len()), (6, 5));
    let id = envelope["id"].as_str().unwrap();
    assert_eq!(id.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    assert!(id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-')), "{id}");
    let created = envelope["create_time"].as_str().unwrap();
    assert!(created.len() == 25 && created.ends_with("+08:00"), "{created}");
    for (name, value) in
        [("resource_type", "encrypt-resource"), ("event_type", "TRANSACTION.SUCCESS"), ("summary", "支付成功")]
    {
        assert_eq!(envelope[name], value);
    }
    for (name, value) in
        [("original_type", "transaction"), ("algorithm", "AEAD_AES_256_GCM"), ("associated_data", "transaction")]
    {
        assert_eq!(envelope["resource"][name], value);
    }

    // Each is another, and any event will do.
    let other = sandbox.notification("REFUND.\"A\nB\"", Value::Null);
    assert!(holds(&sandbox, &other));
    assert_eq!(opened(&other, sandbox.apiv3_key()), Some(Value::Null));
    let described = self::envelope(&other);
    assert_eq!(
        (&described["event_type"], &described["resource"]["original_type"]),
        (&json!("REFUND.\"A\nB\""), &json!("refund"))
    );
    assert_ne!(described["id"], envelope["id"]);
    assert_ne!(described["resource"]["nonce"], envelope["resource"]["nonce"]);
    for name in ["request-id", "wechatpay-nonce"] {
        assert_ne!(header(&other, name), header(&notification, name));
    }
}

#[test]
fn any_key_of_the_platform_can_sign() {
    let sandbox = Sandbox::builder().mode(KeyMode::Mixed).start().unwrap();
    let (old, public_key) = (sandbox.platform_serial().to_owned(), sandbox.public_key_id().unwrap());
    let before = sandbox.notification("TRANSACTION.SUCCESS", resource());
    let new = sandbox.rotate_platform_certificate();
    let after = sandbox.notification("TRANSACTION.SUCCESS", resource());
    assert_eq!((header(&before, "wechatpay-serial"), header(&after, "wechatpay-serial")), (old.as_str(), new.as_str()));
    sandbox.retire_platform_certificate(&old);
    for id in [&old, &new, public_key] {
        let signed = after.signed_by(id).unwrap();
        assert_eq!((header(&signed, "wechatpay-serial"), signed.body()), (id, after.body()));
        assert!(holds(&sandbox, &signed));
        // It stays so for another merchant.
        let other = signed.for_merchant(&sandbox.add_merchant("1900000110"));
        assert_eq!(header(&other, "wechatpay-serial"), id);
        assert!(holds(&sandbox, &other));
    }
    assert!(after.signed_by("x").is_none() && after.signed_by(sandbox.merchant_serial()).is_none());
    assert!(sandbox.notification_apiv2(json!({})).signed_by(&new).is_none());
}

#[test]
fn a_notification_is_for_one_merchant() {
    let sandbox = Sandbox::start().unwrap();
    let other = sandbox.add_merchant("1900000110");
    let own = sandbox.notification("TRANSACTION.SUCCESS", resource());
    let theirs = own.for_merchant(&other);
    assert!(holds(&sandbox, &theirs));
    assert_eq!(opened(&theirs, other.apiv3_key()), Some(resource()));
    assert_eq!((opened(&theirs, sandbox.apiv3_key()), opened(&own, other.apiv3_key())), (None, None));

    let paid = sandbox.notification_apiv2(json!({ "out_trade_no": "1" })).for_merchant(&other);
    let fields = fields(&paid);
    assert_eq!(fields["mch_id"], "1900000110");
    assert_eq!(fields["sign"], sign(&fields, other.secret()));
    let refunded = sandbox.refund_notification_apiv2(json!({ "refund_id": "1" })).for_merchant(&other);
    assert_eq!(req_info(&refunded, other.secret()).as_deref(), Some("<root><refund_id>1</refund_id></root>"));
    assert_eq!(req_info(&refunded, sandbox.secret()), None);
}

// ---------------------------------------------------------------- APIv2

fn fields(notification: &SignedNotification) -> Value {
    assert_eq!(notification.headers().len(), 2);
    assert_eq!(header(notification, "content-type"), "text/xml");
    assert!(!header(notification, "request-id").is_empty());
    Transformer::to_array(notification.body()).unwrap()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The `sign` of such fields, by what is written in the platform's documentation.
fn sign(fields: &Value, secret: &str) -> String {
    let mut pairs: Vec<_> = fields.as_object().unwrap().iter().filter(|(name, _)| *name != "sign").collect();
    pairs.sort_by_key(|(name, _)| *name);
    let pairs =
        pairs.iter().map(|(name, value)| (name, value.as_str().unwrap())).filter(|(_, value)| !value.is_empty());
    let text: String = pairs.map(|(name, value)| format!("{name}={value}&")).collect();
    let text = format!("{text}key={secret}");
    let digest = match fields["sign_type"].as_str() {
        Some("HMAC-SHA256") => {
            let key = PKey::hmac(secret.as_bytes()).unwrap();
            Signer::new(MessageDigest::sha256(), &key).unwrap().sign_oneshot_to_vec(text.as_bytes()).unwrap()
        }
        _ => hash(MessageDigest::md5(), text.as_bytes()).unwrap().to_vec(),
    };
    hex(&digest).to_uppercase()
}

fn req_info(notification: &SignedNotification, secret: &str) -> Option<String> {
    let fields = fields(notification);
    let key = hex(&hash(MessageDigest::md5(), secret.as_bytes()).unwrap());
    let sealed = decode_block(fields["req_info"].as_str().unwrap()).unwrap();
    let plain = decrypt(Cipher::aes_256_ecb(), key.as_bytes(), None, &sealed).ok()?;
    String::from_utf8(plain).ok()
}

#[test]
fn a_notification_of_apiv2_is_signed_and_complete() {
    let sandbox = Sandbox::start().unwrap();
    for kind in [None, Some("MD5"), Some("HMAC-SHA256")] {
        let mut given = json!({ "out_trade_no": "1", "total_fee": 100, "attach": "a&b=<c>", "device_info": "" });
        if let Some(kind) = kind {
            given["sign_type"] = json!(kind);
        }
        let fields = fields(&sandbox.notification_apiv2(given));
        assert_eq!(fields["sign"], sign(&fields, sandbox.secret()), "{fields}");
        for (name, value) in [
            ("return_code", "SUCCESS"),
            ("result_code", "SUCCESS"),
            ("mch_id", sandbox.mchid()),
            ("out_trade_no", "1"),
            ("total_fee", "100"),
            ("attach", "a&b=<c>"),
        ] {
            assert_eq!(fields[name], value);
        }
        assert_eq!(fields["nonce_str"].as_str().unwrap().len(), 32);
        assert!(fields["appid"].as_str().unwrap().starts_with("wx"));
    }
    // What is given stays, but for the signature.
    let given = json!({
        "appid": "wx1", "mch_id": "1", "nonce_str": "n", "return_code": "FAIL", "result_code": "FAIL", "sign": "x",
    });
    let fields = fields(&sandbox.notification_apiv2(given.clone()));
    assert_eq!(fields["sign"], sign(&fields, sandbox.secret()));
    for name in ["appid", "mch_id", "nonce_str", "return_code", "result_code"] {
        assert_eq!(fields[name], given[name]);
    }
}

#[test]
fn a_refund_of_apiv2_is_encrypted_and_not_signed() {
    let sandbox = Sandbox::start().unwrap();
    let refunded = sandbox.refund_notification_apiv2(json!({ "out_refund_no": "甲", "refund_fee": 1 }));
    let fields = fields(&refunded);
    let names: Vec<_> = fields.as_object().unwrap().keys().collect();
    assert!(!names.contains(&&"sign".to_owned()) && names.len() == 5, "{names:?}");
    assert_eq!((&fields["return_code"], &fields["mch_id"]), (&json!("SUCCESS"), &json!(sandbox.mchid())));
    let info = req_info(&refunded, sandbox.secret()).unwrap();
    assert_eq!(info, "<root><out_refund_no>甲</out_refund_no><refund_fee>1</refund_fee></root>");
}

#[test]
#[should_panic(expected = "the fields of a notification must be an object")]
fn fields_are_an_object() {
    Sandbox::start().unwrap().notification_apiv2(json!([]));
}

#[test]
#[should_panic(expected = "must be MD5 or HMAC-SHA256, not \"md5\"")]
fn there_are_two_kinds_of_sign() {
    Sandbox::start().unwrap().notification_apiv2(json!({ "sign_type": "md5" }));
}

// ---------------------------------------------------------------- delivery

fn merchant(status: &'static str, headers: &'static [(&str, &str)], body: &'static [u8]) -> Server {
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Server::start(move |_, _| Reply::Answer(answer(status, &headers, body)))
}

#[test]
fn what_is_sent_is_what_was_signed() {
    let sandbox = Sandbox::start().unwrap();
    let server = merchant("204 No Content", &[], b"");
    let url = format!("{}notify/wechatpay?a=b%20c", server.url());
    let notifications = [
        sandbox.notification("TRANSACTION.SUCCESS", resource()),
        sandbox.notification_apiv2(json!({ "attach": "附加" })),
        sandbox.refund_notification_apiv2(json!({ "refund_id": "1" })),
    ];
    for notification in &notifications {
        notification.send(&url).unwrap();
        let arrived = server.arrived().pop().unwrap();
        let Arrived { method, target, body, .. } = &arrived;
        assert_eq!((method.as_str(), target.as_str()), ("POST", "/notify/wechatpay?a=b%20c"));
        assert_eq!(body, notification.body());
        for (name, value) in notification.headers() {
            let values: Vec<_> = arrived.headers.iter().filter(|(known, _)| name == known.as_str()).collect();
            assert_eq!(values.len(), 1, "{name}");
            assert_eq!(arrived.header(name.as_str()), value.to_str().ok());
        }
    }
    assert_eq!(server.arrived().len(), 3);
}

#[test]
fn a_delivery_tells_what_the_merchant_answered() {
    let sandbox = Sandbox::start().unwrap();
    let apiv3 = sandbox.notification("TRANSACTION.SUCCESS", resource());
    let apiv2 = sandbox.notification_apiv2(json!({}));
    let refund = sandbox.refund_notification_apiv2(json!({}));
    const SUCCESS: &[u8] = b"<xml><return_code><![CDATA[SUCCESS]]></return_code></xml>";
    let cases: [(&str, &[u8], u16, bool, bool); 12] = [
        ("200 OK", b"", 200, true, false),
        ("204 No Content", b"", 204, true, false),
        ("200 OK", b"{\"code\":\"FAIL\"}", 200, true, false),
        ("200 OK", SUCCESS, 200, true, true),
        ("201 Created", SUCCESS, 201, false, false),
        ("200 OK", b"<xml><return_code>FAIL</return_code></xml>", 200, true, false),
        ("200 OK", b"<xml><result_code>SUCCESS</result_code></xml>", 200, true, false),
        ("200 OK", b"SUCCESS", 200, true, false),
        ("200 OK", b"<xml>", 200, true, false),
        ("401 Unauthorized", b"{}", 401, false, false),
        ("500 Internal Server Error", SUCCESS, 500, false, false),
        ("302 Found", b"", 302, false, false),
    ];
    for (line, body, status, by_apiv3, by_apiv2) in cases {
        let server = merchant(line, &[("Location", "/elsewhere")], body);
        for (notification, acknowledged) in [(&apiv3, by_apiv3), (&apiv2, by_apiv2), (&refund, by_apiv2)] {
            let delivery = notification.send(&server.url()).unwrap();
            assert_eq!((delivery.status().as_u16(), delivery.body()), (status, body));
            assert_eq!(delivery.is_acknowledged(), acknowledged, "{line} {body:?}");
        }
        // No redirect was followed, and nothing sent twice.
        assert_eq!(server.arrived().len(), 3);
    }
}

#[test]
fn a_merchant_that_is_not_there_is_an_error() {
    let sandbox = Sandbox::start().unwrap();
    let notification = sandbox.notification("TRANSACTION.SUCCESS", resource());
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mute = Server::start(|_, _| Reply::Break(Vec::new()));
    let long = Server::start(|_, _| Reply::Answer(answer("200 OK", &[], &vec![b'x'; 1024 * 1024 + 1])));
    for url in
        [format!("http://{nobody}/"), mute.url(), long.url(), "no address".into(), "/notify".into(), String::new()]
    {
        notification.send(&url).unwrap_err();
    }
}

#[test]
fn a_probe_differs_by_its_signature_alone() {
    let sandbox = Sandbox::start().unwrap();
    let notification = sandbox.notification("TRANSACTION.SUCCESS", resource());
    let probe = notification.probe();
    let signature = header(&probe, "wechatpay-signature");
    assert!(signature.starts_with("WECHATPAY/SIGNTEST/"), "{signature}");
    // As a signature it has the right form, and is wrong.
    assert_eq!(decode_block(signature).unwrap().len(), 256);
    assert!(!holds(&sandbox, &probe));
    assert_ne!(header(&notification.probe(), "wechatpay-signature"), signature);
    assert_eq!(probe.body(), notification.body());
    let others = |notification: &SignedNotification| {
        let mut headers = notification.headers().clone();
        headers.remove("wechatpay-signature");
        headers
    };
    assert_eq!(others(&probe), others(&notification));
    assert!(holds(&sandbox, &notification));

    let apiv2 = sandbox.notification_apiv2(json!({}));
    assert_eq!((apiv2.probe().headers(), apiv2.probe().body()), (apiv2.headers(), apiv2.body()));
}

#[test]
fn what_is_shown_holds_no_secret() {
    fn shared<T: Send + Sync + Clone + 'static>() {}
    shared::<SignedNotification>();
    shared::<wechatpay_sandbox::Delivery>();
    let sandbox = Sandbox::start().unwrap();
    let notification = sandbox.notification("TRANSACTION.SUCCESS", resource());
    let shown = format!("{notification:?}");
    assert!(
        shown.contains("wechatpay-serial") && !shown.contains(header(&notification, "wechatpay-signature")),
        "{shown}"
    );
    assert!(!shown.contains("1217752501201407033233368018") && !shown.contains("ciphertext"), "{shown}");
    let server = merchant("200 OK", &[], b"inside");
    assert_eq!(
        format!("{:?}", notification.send(&server.url()).unwrap()),
        "Delivery { status: 200, body: 6 bytes, .. }"
    );
}
