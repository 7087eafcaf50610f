//! Brands: what they sign, which calls they may make, and what is refused. Signatures are checked by the `openssl` program,
//! against the message that the platform documents.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use openssl::base64::{decode_block, encode_block};
use openssl::pkey::{PKey, Private};
use openssl::rsa::Padding;
use openssl::symm::{Cipher, encrypt_aead};
use support::certificates::platform as platform_certificate;
use support::folder::Folder;
use support::keys::{private_pem, public_pem, rsa, sign};
use support::platform::{APIV2_KEY, APIV3_KEY, CERTIFICATE_SERIAL, MCHID, MERCHANT_SERIAL, now, signed_headers};
use support::raw::{Arrived, Reply, Server, answer};
use wechatpay::{
    Builder, Chain, Credentials, Error, NotificationRegistry, Options, Outcome, Scheme, Signer, Value, WechatpaySerial,
    json,
};

const BRAND_ID: &str = "1004";
const SERIAL: &str = "5157F09EFDC096DE15EBE81A47057A7232F1B8E1";
const KEY_ID: &str = "PUB_KEY_ID_0110040000002026010100000000";
const NEW_KEY_ID: &str = "PUB_KEY_ID_0110040000002027010100000000";
const API_KEY: &str = "fedcba9876543210fedcba9876543210";

const COUPONS: &str = "brand/marketing/product-coupon/product-coupons";

/// A brand and a merchant, each with a key of its own, and the platform's key for each.
struct Parties {
    brand: PKey<Private>,
    for_brand: PKey<Private>,
    merchant: PKey<Private>,
    for_merchant: PKey<Private>,
}

impl Parties {
    fn new() -> Parties {
        Parties { brand: rsa(), for_brand: rsa(), merchant: rsa(), for_merchant: rsa() }
    }

    /// The settings of the brand, as JSON.
    fn config(&self, base_uri: &str) -> Value {
        json!({
            "brand_id": BRAND_ID,
            "serial": SERIAL,
            "privateKey": private_pem(&self.brand),
            "certs": { KEY_ID: public_pem(&self.for_brand) },
            "apiv3Key": API_KEY,
            "base_uri": base_uri,
            "proxy": "",
        })
    }

    fn brand(&self, base_uri: &str) -> Chain {
        Builder::factory(self.config(base_uri)).unwrap()
    }

    fn merchant(&self, base_uri: &str) -> Chain {
        let credentials = Credentials::new()
            .mchid(MCHID)
            .serial(MERCHANT_SERIAL)
            .private_key(private_pem(&self.merchant))
            .cert("PUB_KEY_ID_1", public_pem(&self.for_merchant))
            .apiv3_key(APIV3_KEY);
        Builder::new().credentials(credentials).defaults(json!({ "base_uri": base_uri, "proxy": "" })).build().unwrap()
    }

    /// Answers everything with this, signed for the brand.
    fn server(&self, body: impl Into<Vec<u8>>) -> Server {
        let (key, body) = (self.for_brand.clone(), body.into());
        Server::start(move |_, _| Reply::Answer(answer("200 OK", &signed_headers(&key, KEY_ID, now(), &body), &body)))
    }
}

/// Nobody listens there.
const NOWHERE: &str = "http://127.0.0.1:1/";

/// The scheme of `Authorization`, and its fields.
fn authorization(request: &Arrived) -> (String, BTreeMap<String, String>) {
    let (scheme, pairs) = request.header("authorization").unwrap().split_once(' ').unwrap();
    let pairs = pairs.split(',').map(|pair| pair.split_once('=').unwrap());
    let field = |(name, quoted): (&str, &str)| {
        let value = quoted.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap();
        (name.to_owned(), value.to_owned())
    };
    (scheme.to_owned(), pairs.map(field).collect())
}

/// Whether `openssl dgst -verify` holds the signature to be one of the documented message by this key.
fn is_signed_by(request: &Arrived, key: &PKey<Private>) -> bool {
    let (_, fields) = authorization(request);
    let folder = Folder::new("brand");
    let head = [&request.method, &request.target, &fields["timestamp"], &fields["nonce_str"]];
    let message = [head.map(|line| format!("{line}\n")).concat().as_bytes(), &request.body, b"\n"].concat();
    std::fs::write(folder.file("message"), message).unwrap();
    std::fs::write(folder.file("signature"), decode_block(&fields["signature"]).unwrap()).unwrap();
    std::fs::write(folder.file("brand.pem"), public_pem(key)).unwrap();
    openssl(folder.path(), &["dgst", "-sha256", "-verify", "brand.pem", "-signature", "signature", "message"])
}

fn openssl(folder: &Path, arguments: &[&str]) -> bool {
    let output = Command::new("openssl").args(arguments).current_dir(folder).output();
    output.expect("the openssl program is installed").status.success()
}

/// What the platform would send to the brand.
fn notification(
    key: &PKey<Private>,
    id: &str,
    api_key: &str,
    resource: &Value,
) -> (Vec<(&'static str, String)>, Vec<u8>) {
    let (nonce, aad, mut tag) = ("fdasflkja484", "brand", [0; 16]);
    let plain = resource.to_string();
    let sealed = encrypt_aead(
        Cipher::aes_256_gcm(),
        api_key.as_bytes(),
        Some(nonce.as_bytes()),
        aad.as_bytes(),
        plain.as_bytes(),
        &mut tag,
    );
    // In the platform's order.
    let body = format!(
        concat!(
            r#"{{"id":"EV-1","create_time":"2026-01-02T10:34:56+08:00","resource_type":"encrypt-resource","#,
            r#""event_type":"PRODUCT_COUPON.SEND","summary":"","resource":{{"original_type":"brand","#,
            r#""algorithm":"AEAD_AES_256_GCM","ciphertext":"{}","associated_data":"{}","nonce":"{}"}}}}"#,
        ),
        encode_block(&[sealed.unwrap().as_slice(), &tag].concat()),
        aad,
        nonce
    );
    let body = body.into_bytes();
    (signed_headers(key, id, now(), &body), body)
}

#[test]
fn a_request_is_signed_as_the_platform_documents() {
    let parties = Parties::new();
    let server = parties.server(r#"{"product_coupon_id":"200000001"}"#);
    let instance = parties.brand(&server.url());
    let coupon = instance.chain(COUPONS).chain("{product_coupon_id}");
    let body = json!({ "out_request_no": "1", "display_info": { "name": "满减券" } });
    let created = instance.chain(COUPONS).post(json!({ "json": body })).unwrap();
    assert_eq!(created.text_at("/product_coupon_id").unwrap(), "200000001");
    coupon.get(json!({ "product_coupon_id": "200000001", "query": { "name": "a b" } })).unwrap();
    wechatpay::chain!(instance->brand->store->brandstores).get(()).unwrap();
    instance["brand/store/brandstores"].delete_async(()).wait().unwrap();

    let arrived = server.arrived();
    let targets: Vec<_> = arrived.iter().map(|request| format!("{} {}", request.method, request.target)).collect();
    assert_eq!(
        targets,
        [
            "POST /brand/marketing/product-coupon/product-coupons",
            "GET /brand/marketing/product-coupon/product-coupons/200000001?name=a%20b",
            "GET /brand/store/brandstores",
            "DELETE /brand/store/brandstores",
        ]
    );
    assert_eq!(serde_json_of(&arrived[0].body), body);
    for request in &arrived {
        let (scheme, fields) = authorization(request);
        assert_eq!(scheme, "WECHATPAY-BRAND-SHA256-RSA2048");
        let names: Vec<_> = fields.keys().map(String::as_str).collect();
        assert_eq!(names, ["brand_id", "nonce_str", "serial_no", "signature", "timestamp"]);
        assert_eq!((fields["brand_id"].as_str(), fields["serial_no"].as_str()), (BRAND_ID, SERIAL));
        assert!(is_signed_by(request, &parties.brand), "{} {}", request.method, request.target);
        assert!(!is_signed_by(request, &parties.merchant));
        // Always, on GET too.
        assert_eq!(request.header("wechatpay-serial"), Some(KEY_ID));
    }
}

fn serde_json_of(bytes: &[u8]) -> Value {
    std::str::from_utf8(bytes).unwrap().parse().unwrap()
}

#[test]
fn an_answer_counts_if_it_is_signed_with_the_brands_key() {
    let parties = Parties::new();
    for (key, id) in [(&parties.for_merchant, KEY_ID), (&parties.for_merchant, "PUB_KEY_ID_1")] {
        let headers = signed_headers(key, id, now(), b"{}");
        let server = Server::start(move |_, _| Reply::Answer(answer("200 OK", &headers, b"{}")));
        let error = parties.brand(&server.url()).chain(COUPONS).get(()).unwrap_err();
        assert!(matches!(error, Error::Verification(_)), "{error:?}");
    }
}

#[test]
fn a_brand_calls_nothing_else() {
    let parties = Parties::new();
    let server = parties.server("{}");
    let instance = parties.brand(&server.url());
    let (url, bill) = (server.url(), format!("{}v3/billdownload/file?token=brand/x", server.url()));
    let paths = [
        "v3/pay/transactions/native",
        "v3/brand/store/brandstores",
        "v3/certificates",
        "hk/v3/transactions",
        "v2/pay/unifiedorder",
        "V2/pay/unifiedorder",
        "/v3/pay/transactions/native",
        "brands/x",
        "x?a=/brand/x",
        "",
        url.as_str(),
        bill.as_str(),
    ];
    let refused = |error: Error, what: &str| {
        assert!(matches!(error, Error::Options(_)), "{what}: {error:?}");
        assert_eq!(error.outcome(), Outcome::NotSent, "{what}");
        let message = error.to_string();
        for word in ["brand 1004", "brand/ only", "`mchid`", "for_merchant"] {
            assert!(message.contains(word), "{what}: {message}");
        }
    };
    for path in paths {
        let call = instance.chain("{+path}");
        refused(call.get(json!({ "path": path })).unwrap_err(), path);
        refused(call.post_async(json!({ "path": path, "json": {} })).wait().unwrap_err(), path);
    }
    refused(instance.chain("v2/pay/orderquery").post(json!({ "xml": { "mch_id": "1" } })).unwrap_err(), "v2");
    refused(instance.download(&bill, ()).unwrap_err(), &bill);

    // What only merchants have.
    for (error, word) in [
        (instance.download_certificates().unwrap_err(), "public keys only"),
        (instance.jsapi_params("wx1", "wx2").unwrap_err(), "only merchants are paid"),
        (instance.mini_program_params("wx1", "wx2").unwrap_err(), "only merchants are paid"),
        (instance.app_params("wx1", "wx2").unwrap_err(), "only merchants are paid"),
        (instance.notification_apiv2("<xml></xml>").unwrap_err(), "APIv2 is for merchants"),
    ] {
        assert!(matches!(error, Error::Config(_)) && error.to_string().contains(word), "{error:?}");
        assert!(error.to_string().contains("brand 1004"), "{error}");
        assert_eq!(error.outcome(), Outcome::NotSent);
    }
    assert!(server.arrived().is_empty());

    // An address below brand/ is one of the brand's.
    instance.download(format!("{url}brand/file?token=1"), ()).unwrap();
    assert_eq!(authorization(&server.arrived()[0]).0, "WECHATPAY-BRAND-SHA256-RSA2048");
}

#[test]
fn a_merchant_does_not_call_what_is_for_brands() {
    let parties = Parties::new();
    let server = parties.server("{}");
    let url = server.url();
    let fetching = json!({
        "mchid": MCHID, "serial": MERCHANT_SERIAL, "privateKey": private_pem(&parties.merchant), "apiv3Key": APIV3_KEY,
        "downloadCerts": true, "base_uri": url, "proxy": "",
    });
    let apiv2 = json!({ "secret": APIV2_KEY, "base_uri": url, "proxy": "" });
    let instances = [parties.merchant(&url), Builder::factory(fetching).unwrap(), Builder::factory(apiv2).unwrap()];
    let whole = format!("{url}brand/store/brandstores");
    let paths =
        [COUPONS, "brand", "brand?a=1", "Brand/x", "/brand/x", "//127.0.0.1/brand/x", "brand/v2/x", whole.as_str()];
    for instance in &instances {
        for path in paths {
            let error = instance.chain("{+path}").post(json!({ "path": path, "json": {} })).unwrap_err();
            assert!(matches!(error, Error::Options(_)), "{path}: {error:?}");
            assert_eq!(error.outcome(), Outcome::NotSent);
            let message = error.to_string();
            assert!(message.contains("`brand_id`") && message.contains("for_merchant"), "{path}: {message}");
        }
        let error = instance.download(&whole, ()).unwrap_err();
        assert!(error.to_string().contains("`brand_id`"), "{error}");
    }
    // Not even certificates were fetched.
    assert!(server.arrived().is_empty());
}

#[test]
fn settings_that_do_not_fit_a_brand_are_refused() {
    let parties = Parties::new();
    let authority = rsa();
    let certificate = platform_certificate(&authority, CERTIFICATE_SERIAL);
    let key = public_pem(&parties.for_brand);
    let own = public_pem(&parties.brand);
    let good = parties.config(NOWHERE);
    // What is set, and what the message must say.
    let cases: [(&str, Value, &[&str]); 20] = [
        ("mchid", json!(MCHID), &["`mchid` and `brand_id` are both set", "an instance for each"]),
        ("mchid", json!(""), &["`mchid` and `brand_id` are both set"]),
        ("brand_id", json!(""), &["`brand_id`", "word"]),
        ("brand_id", json!("1\"4"), &["`brand_id`", "word"]),
        ("brand_id", json!(1004), &["`brand_id` must be a string"]),
        ("brand_id", json!(null), &["`mchid`", "missing"]),
        ("serial", json!(null), &["`serial`", "brand's API certificate", "missing"]),
        ("serial", json!(KEY_ID), &["`serial`", "`certs`", "brand's own"]),
        ("privateKey", json!(null), &["`privateKey`", "brand's private key", "missing"]),
        ("certs", json!({}), &["`certs`", "missing"]),
        ("certs", json!({ CERTIFICATE_SERIAL: certificate }), &["`certs.7132", "public keys only", "PUB_KEY_ID_"]),
        ("certs", json!({ CERTIFICATE_SERIAL: key }), &["`certs.7132", "public keys only", "PUB_KEY_ID_"]),
        ("certs", json!({ KEY_ID: certificate }), &["`certs.PUB_KEY_ID_", "public keys only"]),
        ("certs", json!({ KEY_ID: own }), &["`certs`", "brand's own"]),
        ("certs", json!({ KEY_ID: key, NEW_KEY_ID: key }), &["`certs` holds several", "`wechatpay_serial`"]),
        ("wechatpay_serial", json!(false), &["`wechatpay_serial`", "false", "Wechatpay-Serial"]),
        ("wechatpay_serial", json!(NEW_KEY_ID), &["`wechatpay_serial`", "not in `certs`"]),
        ("downloadCerts", json!(true), &["`downloadCerts`", "public keys only"]),
        ("secret", json!(APIV2_KEY), &["`secret`", "no APIv2", "leave it out"]),
        ("merchant", json!({ "cert": "file:///nowhere", "key": "file:///nowhere" }), &["`merchant`", "leave it out"]),
    ];
    for (name, value, words) in cases {
        let mut config = good.clone();
        config[name] = value;
        let error = Builder::factory(config).unwrap_err();
        assert!(matches!(error, Error::Config(_)), "{name}: {error:?}");
        let message = error.to_string();
        for word in words {
            assert!(message.contains(word), "{name}: {word:?} is not in {message}");
        }
    }
    // What says nothing is no contradiction.
    let mut config = good;
    (config["downloadCerts"], config["secret"], config["mchid"]) = (json!(false), Value::Null, Value::Null);
    Builder::factory(config).unwrap();

    // A verifier of one's own does not know which key is to be named.
    let with_verifier = |id: Option<WechatpaySerial>| {
        let credentials = Credentials::new().brand_id(BRAND_ID).serial(SERIAL).private_key(private_pem(&parties.brand));
        let credentials = credentials.verifier(|_: &str, _: &[u8], _: &str| Ok(true));
        let credentials = match id {
            Some(id) => credentials.wechatpay_serial(id),
            None => credentials,
        };
        Builder::new().credentials(credentials).build()
    };
    for id in [None, Some(false.into()), Some(CERTIFICATE_SERIAL.into())] {
        let error = with_verifier(id.clone()).unwrap_err();
        assert!(error.to_string().contains("`wechatpay_serial`"), "{id:?}: {error}");
    }
    assert_eq!(with_verifier(Some(KEY_ID.into())).unwrap().key_status().wechatpay_serial(), Some(KEY_ID));
}

#[test]
fn a_brand_beside_merchants_shares_their_connections() {
    let parties = Parties::new();
    let (for_brand, for_merchant) = (parties.for_brand.clone(), parties.for_merchant.clone());
    let server = Server::start(move |_, request| {
        let is_brands = request.target.starts_with("/brand/");
        let (key, id) = if is_brands { (&for_brand, KEY_ID) } else { (&for_merchant, "PUB_KEY_ID_1") };
        Reply::Answer(answer("200 OK", &signed_headers(key, id, now(), b"{}"), b"{}"))
    });
    let mut config = parties.config("");
    config.as_object_mut().unwrap().retain(|name, _| !["base_uri", "proxy"].contains(&name.as_str()));

    let seen = Arc::new(Mutex::new(Vec::new()));
    let ids = Arc::clone(&seen);
    let merchant = Builder::new()
        .credentials(
            Credentials::new()
                .mchid(MCHID)
                .serial(MERCHANT_SERIAL)
                .private_key(private_pem(&parties.merchant))
                .cert("PUB_KEY_ID_1", public_pem(&parties.for_merchant)),
        )
        .defaults(json!({ "base_uri": server.url(), "proxy": "" }))
        .observe(move |attempt| ids.lock().unwrap().push(attempt.mchid().to_owned()))
        .build()
        .unwrap();
    let brand = merchant.for_merchant(config).unwrap();
    merchant.chain("v3/x").get(()).unwrap();
    brand.chain("brand/x").get(()).unwrap();
    merchant.chain("v3/x").get(()).unwrap();
    assert_eq!(*seen.lock().unwrap(), [MCHID, BRAND_ID, MCHID]);
    assert_eq!(server.connections(), 1);
    let schemes: Vec<_> = server.arrived().iter().map(|request| authorization(request).0).collect();
    let (merchants, brands) = ("WECHATPAY2-SHA256-RSA2048", "WECHATPAY-BRAND-SHA256-RSA2048");
    assert_eq!(schemes, [merchants, brands, merchants]);

    // And the other way round.
    let again = Credentials::new()
        .mchid(MCHID)
        .serial(MERCHANT_SERIAL)
        .private_key(private_pem(&parties.merchant))
        .cert("PUB_KEY_ID_1", public_pem(&parties.for_merchant));
    brand.for_merchant(again).unwrap().chain("v3/x").get(()).unwrap();
    assert!(format!("{brand:?}").contains("brand_id: \"1004\""), "{brand:?}");
    assert!(format!("{merchant:?}").contains("mchid: \"1900000109\""), "{merchant:?}");
}

/// Signs elsewhere, by a scheme of its own if it has one.
struct Elsewhere(PKey<Private>, Option<Scheme>);

impl Signer for Elsewhere {
    fn sign(&self, message: &[u8]) -> anyhow::Result<String> {
        Ok(sign(message, &self.0))
    }

    fn scheme(&self) -> Option<Scheme> {
        self.1
    }
}

#[test]
fn a_signer_of_ones_own_signs_by_the_brands_scheme_unless_it_names_another() {
    let parties = Parties::new();
    let server = parties.server("{}");
    let credentials = || {
        let credentials = Credentials::new().brand_id(BRAND_ID).serial(SERIAL);
        credentials.cert(KEY_ID, public_pem(&parties.for_brand))
    };
    let call = |credentials: Credentials| {
        let defaults = json!({ "base_uri": server.url(), "proxy": "" });
        let instance = Builder::new().credentials(credentials).defaults(defaults).build().unwrap();
        instance.chain(COUPONS).get(()).unwrap();
        let request = server.arrived().pop().unwrap();
        assert!(is_signed_by(&request, &parties.brand));
        let (scheme, fields) = authorization(&request);
        let id = fields.into_iter().find(|(_, value)| value == BRAND_ID).unwrap().0;
        (scheme, id)
    };
    let brands = ("WECHATPAY-BRAND-SHA256-RSA2048".to_owned(), "brand_id".to_owned());
    let key = parties.brand.clone();
    assert_eq!(call(credentials().signer(move |message: &[u8]| Ok(sign(message, &key)))), brands);
    assert_eq!(call(credentials().signer(Elsewhere(parties.brand.clone(), None))), brands);
    let other = Elsewhere(parties.brand.clone(), Some(Scheme::new("EXAMPLE", "party")));
    assert_eq!(call(credentials().signer(other)), ("EXAMPLE".to_owned(), "party".to_owned()));
}

#[test]
fn sensitive_fields_are_for_the_platforms_key_and_come_back_for_the_brands() {
    let parties = Parties::new();
    let seal = |plain: &str, key: &PKey<Private>| {
        let mut sealed = vec![0; 256];
        key.rsa().unwrap().public_encrypt(plain.as_bytes(), &mut sealed, Padding::PKCS1_OAEP).unwrap();
        encode_block(&sealed)
    };
    let server = parties.server(json!({ "phone": seal("13900000000", &parties.brand) }).to_string());
    let instance = parties.brand(&server.url());
    let options = Options::new().json(json!({ "name": "张三", "no": 1 })).encrypt(["/json/name"]);
    let answer = instance.chain("brand/x").post(options.clone()).unwrap();
    assert_eq!(answer.decrypt(["/phone"]).unwrap()["phone"], "13900000000");

    let request = server.arrived().pop().unwrap();
    let sealed = decode_block(serde_json_of(&request.body)["name"].as_str().unwrap()).unwrap();
    let mut plain = vec![0; 256];
    let length = parties.for_brand.rsa().unwrap().private_decrypt(&sealed, &mut plain, Padding::PKCS1_OAEP).unwrap();
    assert_eq!(&plain[..length], "张三".as_bytes());
    assert_eq!(request.header("wechatpay-serial"), Some(KEY_ID));
    assert!(is_signed_by(&request, &parties.brand));

    let error = instance.chain("brand/x").post(options.header("Wechatpay-Serial", NEW_KEY_ID)).unwrap_err();
    assert!(matches!(error, Error::Options(_)), "{error:?}");
}

#[test]
fn notifications_are_verified_and_decrypted_with_the_brands_keys() {
    let parties = Parties::new();
    let resource = json!({ "product_coupon_id": "200000001", "brand_id": BRAND_ID });
    let (headers, body) = notification(&parties.for_brand, KEY_ID, API_KEY, &resource);
    let (brand, merchant) = (parties.brand(NOWHERE), parties.merchant(NOWHERE));
    let received = brand.notification(headers.clone(), &body).unwrap();
    assert_eq!((received.mchid(), received.resource()), (BRAND_ID, &resource));
    assert_eq!(received.event_type(), "PRODUCT_COUPON.SEND");
    assert_eq!(received.reply().status(), 200);

    let refused = |receiver: &Chain, (headers, body): (Vec<(&'static str, String)>, Vec<u8>)| match receiver
        .notification(headers, body)
        .unwrap_err()
    {
        Error::Notification(error) => format!("{:?}", error.failure()),
        other => panic!("{other:?}"),
    };
    let failure = refused(&merchant, (headers.clone(), body.clone()));
    assert!(failure.contains("SerialUnknown"), "{failure}");
    let failure = refused(&brand, notification(&parties.for_merchant, KEY_ID, API_KEY, &resource));
    assert!(failure.contains("SignatureMismatch"), "{failure}");
    let failure = refused(&brand, notification(&parties.for_brand, KEY_ID, APIV3_KEY, &resource));
    assert!(failure.contains("WrongApiv3Key"), "{failure}");

    // At one address with those of a merchant, even of one with the same id.
    let registry = NotificationRegistry::new();
    let namesake = Credentials::new()
        .mchid(BRAND_ID)
        .serial(MERCHANT_SERIAL)
        .private_key(private_pem(&parties.merchant))
        .cert("PUB_KEY_ID_1", public_pem(&parties.for_merchant))
        .apiv3_key(APIV3_KEY);
    assert!(registry.insert(brand.clone()).unwrap().is_none());
    assert!(registry.insert(merchant.for_merchant(namesake).unwrap()).unwrap().is_none());
    assert!(registry.insert(merchant).unwrap().is_none());
    assert_eq!(registry.notification(headers.clone(), &body).unwrap().resource(), &resource);
    let (theirs, paid) = notification(&parties.for_merchant, "PUB_KEY_ID_1", APIV3_KEY, &json!({ "mchid": MCHID }));
    assert_eq!(registry.notification(theirs, paid).unwrap().mchid(), MCHID);
    assert_eq!(registry.get(BRAND_ID).unwrap().key_status().merchant_serial(), Some(MERCHANT_SERIAL));
    assert!(registry.remove(BRAND_ID).is_some());
    assert_eq!(registry.get(BRAND_ID).unwrap().key_status().merchant_serial(), Some(SERIAL));
    assert!(registry.remove(BRAND_ID).is_some() && registry.remove(BRAND_ID).is_none());
    assert!(registry.notification(headers, &body).is_err());
}

#[test]
fn keys_of_a_brand_are_rotated() {
    let parties = Parties::new();
    let (new, new_platform) = (rsa(), rsa());
    let keys = [(KEY_ID, parties.for_brand.clone()), (NEW_KEY_ID, new_platform.clone())];
    let server = Server::start(move |_, request| {
        let named = request.header("wechatpay-serial").unwrap();
        let (id, key) = keys.iter().find(|(id, _)| *id == named).unwrap();
        Reply::Answer(answer("200 OK", &signed_headers(key, id, now(), b"{}"), b"{}"))
    });
    let instance = parties.brand(&server.url());
    let call = || {
        instance.chain(COUPONS).get(()).unwrap();
        server.arrived().pop().unwrap()
    };
    assert!(is_signed_by(&call(), &parties.brand));

    let new_serial = "5257F09EFDC096DE15EBE81A47057A7232F1B8E1";
    instance.rotate(json!({ "serial": new_serial, "privateKey": private_pem(&new) })).unwrap();
    let request = call();
    assert!(is_signed_by(&request, &new));
    assert_eq!(authorization(&request).0, "WECHATPAY-BRAND-SHA256-RSA2048");
    assert_eq!(authorization(&request).1["serial_no"], new_serial);
    assert_eq!(instance.key_status().merchant_serial(), Some(new_serial));

    // Both keys of the platform, of which one must be named.
    let both = json!({ KEY_ID: public_pem(&parties.for_brand), NEW_KEY_ID: public_pem(&new_platform) });
    let error = instance.rotate(json!({ "certs": both })).unwrap_err();
    assert!(error.to_string().contains("`wechatpay_serial`"), "{error}");
    assert_eq!(instance.key_status().platform_keys(), [KEY_ID]);
    instance.rotate(json!({ "certs": both, "wechatpay_serial": NEW_KEY_ID })).unwrap();
    assert_eq!(call().header("wechatpay-serial"), Some(NEW_KEY_ID));
    assert_eq!(instance.key_status().platform_keys(), [KEY_ID, NEW_KEY_ID]);
    instance.rotate(json!({ "certs": { NEW_KEY_ID: public_pem(&new_platform) } })).unwrap();
    assert_eq!(call().header("wechatpay-serial"), Some(NEW_KEY_ID));

    // The API key, while it is being changed.
    let resource = json!({ "product_coupon_id": "1" });
    instance.rotate(json!({ "apiv3Key": [API_KEY, APIV3_KEY] })).unwrap();
    for api_key in [API_KEY, APIV3_KEY] {
        let (headers, body) = notification(&new_platform, NEW_KEY_ID, api_key, &resource);
        assert_eq!(instance.notification(headers, body).unwrap().resource(), &resource);
    }

    for (refused, word) in [
        (json!({ "brand_id": "1005" }), "for another brand use for_merchant"),
        (json!({ "mchid": BRAND_ID }), "these are the credentials of \"1004\""),
        (json!({ "secret": APIV2_KEY }), "no APIv2"),
        (json!({ "downloadCerts": true }), "public keys only"),
        (json!({ "wechatpay_serial": false }), "must not be false"),
        (json!({ "serial": SERIAL }), "are a pair"),
    ] {
        let error = instance.rotate(refused.clone()).unwrap_err();
        assert!(matches!(error, Error::Config(_)) && error.to_string().contains(word), "{refused}: {error}");
    }
    instance.rotate(json!({ "brand_id": BRAND_ID })).unwrap();
    let error = parties.merchant(NOWHERE).rotate(json!({ "brand_id": MCHID })).unwrap_err();
    assert!(error.to_string().contains("`brand_id`"), "{error}");
    assert!(is_signed_by(&call(), &new));
}
