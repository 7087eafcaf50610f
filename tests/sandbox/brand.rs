//! The brand of the sandbox: who may call what under `brand/`, and which key answers. What the platform signs is held
//! against OpenSSL.

use openssl::pkey::{PKey, Public};
use support::bare::{Answer, Bare, authorization};
use wechatpay::{Builder, Error, Formatter, Options, Outcome, Rsa, Scheme, Value, json};
use wechatpay_sandbox::{Effect, Fault, KeyMode, Sandbox};

const TARGET: &str = "/brand/store/brandstores";

const SCHEME: Scheme = Scheme::WECHATPAY_BRAND_SHA256_RSA2048;

fn public_key(pem: &str) -> PKey<Public> {
    PKey::public_key_from_pem(pem.as_bytes()).unwrap()
}

/// `Authorization` by this scheme, with what is the brand's unless it is given.
fn signed(
    sandbox: &Sandbox,
    scheme: Scheme,
    id: &str,
    serial: &str,
    method: &str,
    target: &str,
    body: &[u8],
) -> String {
    let (timestamp, nonce) = (Formatter::timestamp(), Formatter::nonce(32));
    let message = Formatter::request(method, target, timestamp, &nonce, body);
    let signature = Rsa::sign(message, sandbox.brand().private_key()).unwrap();
    scheme.authorization(id, nonce, signature, timestamp, serial)
}

/// A GET of the brand that names its key.
fn get(sandbox: &Sandbox, target: &str) -> Bare {
    let brand = sandbox.brand();
    let authorization = signed(sandbox, SCHEME, brand.brand_id(), brand.serial(), "GET", target, b"");
    Bare::new("GET", target, "").with("Authorization", &authorization).with("Wechatpay-Serial", brand.public_key_id())
}

/// The status and the code of a refusal, which the platform's key for the brand has signed.
fn refusal(sandbox: &Sandbox, answer: &Answer) -> (u16, String) {
    let key = public_key(sandbox.brand().public_key_pem());
    assert!(answer.holds_for(&key, &answer.body), "{}", answer.text());
    assert_eq!(answer.header("wechatpay-serial"), Some(sandbox.brand().public_key_id()));
    assert_eq!(answer.header("wechatpay-signature-type"), Some("WECHATPAY-BRAND-SHA256-RSA2048"));
    let refusal: Value = serde_json::from_slice(&answer.body).unwrap();
    (answer.status, refusal["code"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn a_brand_calls_and_is_answered() {
    for mode in [KeyMode::PublicKey, KeyMode::Certificate, KeyMode::Mixed] {
        let sandbox = Sandbox::builder().mode(mode).lenient(true).start().unwrap();
        let instance = Builder::factory(sandbox.brand_config()).unwrap();
        let stores = instance.chain("brand/store/brandstores");
        assert_eq!(stores.get(()).unwrap().text(), "{}");
        sandbox.answer("POST", "brand/store/brandstores", 200, json!({ "store_id": "100000" }));
        let opened = stores.post(json!({ "json": { "store_name": "一店" } })).unwrap();
        assert_eq!(opened.text_at("/store_id").unwrap(), "100000");
        assert_eq!(opened.header("wechatpay-serial"), Some(sandbox.brand().public_key_id()));
        sandbox.assert_no_answers_left();

        let ledger = sandbox.ledger();
        assert_eq!(ledger.len(), 1);
        assert_eq!((ledger[0].effect(), ledger[0].mchid()), (Effect::Other, sandbox.brand().brand_id()));
        // The merchant beside it has other keys, and goes on as before.
        let merchant = instance.for_merchant(merchant(&sandbox)).unwrap();
        assert_eq!(merchant.chain("v3/any/path").get(()).unwrap().text(), "{}");
        assert_ne!(sandbox.platform_public_key_pem(), sandbox.brand().public_key_pem());
    }
}

fn merchant(sandbox: &Sandbox) -> Value {
    let mut certs = json!({});
    if let (Some(id), Some(pem)) = (sandbox.public_key_id(), sandbox.public_key_pem()) {
        certs[id] = json!(pem);
    }
    for serial in sandbox.platform_certificates() {
        certs[&serial] = json!(sandbox.platform_certificate_pem(&serial));
    }
    json!({
        "mchid": sandbox.mchid(), "serial": sandbox.merchant_serial(), "privateKey": sandbox.merchant_private_key_pem(),
        "certs": certs,
    })
}

#[test]
fn who_does_not_sign_as_a_brand_is_refused_there() {
    let sandbox = Sandbox::start().unwrap();
    let brand = sandbox.brand();
    assert_eq!(get(&sandbox, TARGET).send(&sandbox).status, 200);

    let with = |authorization: &str| {
        let request = Bare::new("GET", TARGET, "").with("Wechatpay-Serial", brand.public_key_id());
        refusal(&sandbox, &request.with("Authorization", authorization).send(&sandbox))
    };
    let by = |scheme: Scheme, id: &str, serial: &str| with(&signed(&sandbox, scheme, id, serial, "GET", TARGET, b""));
    let (id, serial, name) = (brand.brand_id(), brand.serial(), SCHEME.name());
    let unsigned = (401, "SIGN_ERROR".to_owned());
    assert_eq!(with(&authorization(&sandbox, "GET", TARGET, b"")), unsigned, "a merchant");
    assert_eq!(by(Scheme::WECHATPAY2_SHA256_RSA2048, id, serial), unsigned, "the scheme of merchants");
    assert_eq!(by(Scheme::new(name, "mchid"), id, serial), unsigned, "the name of merchants");
    assert_eq!(by(SCHEME, "1005", serial), unsigned, "another brand");
    assert_eq!(by(SCHEME, sandbox.mchid(), serial), unsigned, "a merchant's id");
    assert_eq!(by(SCHEME, id, sandbox.merchant_serial()), unsigned, "a merchant's serial");
    assert_eq!(with(&signed(&sandbox, SCHEME, id, serial, "POST", TARGET, b"")), unsigned, "another request");
    assert_eq!(with(""), unsigned, "nothing");
    // It is not APIv2, either.
    let bare = Bare::new("GET", TARGET, "").with("Wechatpay-Serial", brand.public_key_id());
    assert_eq!(refusal(&sandbox, &bare.send(&sandbox)), unsigned);

    // And the reverse: a brand among the merchants.
    let target = "/v3/any/path";
    for scheme in [SCHEME, Scheme::WECHATPAY2_SHA256_RSA2048] {
        let authorization = signed(&sandbox, scheme, id, serial, "GET", target, b"");
        let answer = Bare::new("GET", target, "").with("Authorization", &authorization).send(&sandbox);
        assert_eq!((answer.status, &answer.json(&sandbox)["code"]), (401, &json!("SIGN_ERROR")));
        assert_eq!(answer.header("wechatpay-signature-type"), Some("WECHATPAY2-SHA256-RSA2048"));
    }
    assert!(sandbox.ledger().is_empty());
}

#[test]
fn the_brands_key_must_be_named() {
    let sandbox = Sandbox::start().unwrap();
    let brand = sandbox.brand();
    let invalid = (400, "INVALID_REQUEST".to_owned());
    let authorization = |body: &[u8]| signed(&sandbox, SCHEME, brand.brand_id(), brand.serial(), "POST", TARGET, body);
    let bare = Bare::new("POST", TARGET, "{}").with("Authorization", &authorization(b"{}"));
    assert_eq!(refusal(&sandbox, &bare.send(&sandbox)), invalid, "none");
    for id in [sandbox.platform_serial(), brand.serial(), "PUB_KEY_ID_0", "", "x"] {
        let bare = Bare::new("POST", TARGET, "{}").with("Authorization", &authorization(b"{}"));
        assert_eq!(refusal(&sandbox, &bare.with("Wechatpay-Serial", id).send(&sandbox)), invalid, "{id}");
    }
    // A merchant cannot name it.
    let merchants = Bare::get(&sandbox, "/v3/any/path").with("Wechatpay-Serial", brand.public_key_id());
    assert_eq!(merchants.send(&sandbox).status, 400);
    assert!(sandbox.ledger().is_empty());

    // The client of a brand is told so, too.
    let instance = Builder::factory(sandbox.brand_config()).unwrap();
    let options = Options::new().header("Wechatpay-Serial", sandbox.platform_serial());
    let error = instance.chain("brand/x").get(options).unwrap_err();
    assert!(matches!(&error, Error::Client(status) if status.code() == Some("INVALID_REQUEST")), "{error:?}");
    assert_eq!(error.outcome(), Outcome::Rejected);
}

#[test]
fn before_a_brand_is_asked_for_nobody_is_one() {
    let (sandbox, other) = (Sandbox::start().unwrap(), Sandbox::start().unwrap());
    let stranger = get(&other, TARGET).send(&sandbox);
    assert_eq!((stranger.status, &stranger.json(&sandbox)["code"]), (401, &json!("SIGN_ERROR")));
    sandbox.brand();
    assert_eq!(refusal(&sandbox, &get(&other, TARGET).send(&sandbox)).0, 401);
    assert_eq!(get(&sandbox, TARGET).send(&sandbox).status, 200);
}

#[test]
fn fields_and_notifications_are_for_the_brand() {
    let sandbox = Sandbox::start().unwrap();
    let instance = Builder::factory(sandbox.brand_config()).unwrap();
    let options = json!({ "json": { "name": "张三" }, "encrypt": ["/json/name"] });
    instance.chain("brand/x").post(options).unwrap();
    let sent = sandbox.requests()[0].json().unwrap();
    assert_eq!(sandbox.decrypt(sent["name"].as_str().unwrap()).as_deref(), Some("张三"));

    let resource = json!({ "product_coupon_id": "1" });
    let sent = sandbox.brand_notification("PRODUCT_COUPON.SEND", resource.clone());
    assert_eq!(sent.headers()["wechatpay-signature-type"], "WECHATPAY-BRAND-SHA256-RSA2048");
    let received = instance.notification(sent.headers(), sent.body()).unwrap();
    assert_eq!((received.mchid(), received.resource()), ("1004", &resource));
    for wrong in [sent.tampered(), sent.probe()] {
        assert!(instance.notification(wrong.headers(), wrong.body()).is_err());
    }
    let merchant = Builder::factory(sandbox.config()).unwrap();
    assert!(merchant.notification(sent.headers(), sent.body()).is_err());
    assert!(sent.signed_by(sandbox.platform_serial()).is_none());
    assert!(sent.signed_by(sandbox.brand().public_key_id()).is_some());

    // The same for a merchant is signed with a key of the merchants.
    let other = sandbox.add_merchant("1900000110");
    let theirs = sent.for_merchant(&other);
    let other = Builder::factory(sandbox.config_of(&other)).unwrap();
    assert_eq!(other.notification(theirs.headers(), theirs.body()).unwrap().resource(), &resource);
}

#[test]
fn faults_befall_brands_too() {
    let sandbox = Sandbox::start().unwrap();
    let instance = Builder::factory(sandbox.brand_config()).unwrap();
    let stores = instance.chain("brand/store/brandstores");
    sandbox.inject(Fault::BadSignature.times(1));
    assert!(matches!(stores.get(()), Err(Error::Verification(_))));
    assert_eq!(stores.get(()).unwrap().text(), "{}");

    // There is no certificate that could be replaced.
    let sandbox = Sandbox::builder().mode(KeyMode::Mixed).start().unwrap();
    let instance = Builder::factory(sandbox.brand_config()).unwrap();
    let before = sandbox.platform_certificates();
    sandbox.inject(Fault::Rotation);
    let answer = instance.chain("brand/store/brandstores").get(()).unwrap();
    assert_eq!(answer.header("wechatpay-serial"), Some(sandbox.brand().public_key_id()));
    assert_eq!(sandbox.platform_certificates(), before);
}
