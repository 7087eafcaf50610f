//! The right key in the right place: what is said at construction of one that is not.

use openssl::pkey::{PKey, Private};
use support::certificates::{Issue, Subject, platform};
use support::keys::{private_pem as private, public_pem as public, rsa};
use support::platform::{APIV3_KEY, KEY_ID, MCHID, MERCHANT_SERIAL};
use wechatpay::{Builder, Credentials, Error, Value, json};

const SERIAL: &str = "7132D72A03E93CDDF8C03BBD1F37EEDF12345678";

struct Keys {
    merchant: PKey<Private>,
    platform: PKey<Private>,
}

impl Keys {
    fn make() -> Keys {
        Keys { merchant: rsa(), platform: rsa() }
    }

    fn config(&self) -> Value {
        json!({
            "mchid": MCHID,
            "serial": MERCHANT_SERIAL,
            "privateKey": private(&self.merchant),
            "certs": { KEY_ID: public(&self.platform) },
        })
    }

    fn with(&self, name: &str, value: Value) -> Value {
        let mut config = self.config();
        config[name] = value;
        config
    }

    fn merchant_certificate(&self, serial: &str) -> String {
        Issue { subject: Subject::Merchant(MCHID), key: &self.merchant, serial, valid: (-60, 3600) }.pem()
    }
}

/// The message, in which each of these stands.
fn refused(config: Value, words: &[&str]) {
    let secret = config["privateKey"].as_str().unwrap().lines().nth(3).unwrap().to_owned();
    let error = Builder::factory(config).unwrap_err();
    assert!(matches!(error, Error::Config(_)), "{error:?}");
    let message = error.to_string();
    assert!(!message.contains(&secret), "{message}");
    for word in words {
        assert!(message.contains(word), "{word:?} is not in: {message}");
    }
}

#[test]
fn a_private_key_belongs_to_the_certificate_beside_it() {
    let keys = Keys::make();
    let other = rsa();
    let own = keys.merchant_certificate(MERCHANT_SERIAL);
    let merchant = |cert: &str, key: &PKey<Private>| json!({ "cert": cert, "key": private(key) });

    Builder::factory(keys.with("merchant", merchant(&own, &keys.merchant))).unwrap();
    refused(keys.with("merchant", merchant(&own, &other)), &["`merchant.key`", "`merchant.cert`"]);

    // The same certificate by its serial, but another key signs.
    let mut config = keys.with("merchant", merchant(&own, &keys.merchant));
    config["privateKey"] = json!(private(&other));
    refused(config, &["`privateKey` is not the key", MERCHANT_SERIAL, "apiclient_key.pem"]);

    // The same key, but the serial of an older certificate.
    let renewed = keys.merchant_certificate(SERIAL);
    refused(
        keys.with("merchant", merchant(&renewed, &keys.merchant)),
        &["`serial` is 3775", SERIAL, "set `serial` to that"],
    );

    // While they are changed, one certificate may sign and another be shown.
    let certificate = Issue { subject: Subject::Merchant(MCHID), key: &other, serial: SERIAL, valid: (-60, 60) };
    Builder::factory(keys.with("merchant", merchant(&certificate.pem(), &other))).unwrap();
}

#[test]
fn the_merchants_own_certificate_is_none_of_the_platforms() {
    let keys = Keys::make();
    let other = rsa();
    let certificate = |subject, key| Issue { subject, key, serial: SERIAL, valid: (-60, 3600) }.pem();
    let cases = [
        (MERCHANT_SERIAL, public(&keys.platform), "the serial of the merchant's own"),
        (MERCHANT_SERIAL, keys.merchant_certificate(MERCHANT_SERIAL), "the serial of the merchant's own"),
        // Under another name, by its key.
        (KEY_ID, public(&keys.merchant), "the key of the merchant's own"),
        (SERIAL, certificate(Subject::Other("x"), &keys.merchant), "the key of the merchant's own"),
        // One of an earlier key, by its subject.
        (SERIAL, certificate(Subject::Merchant(MCHID), &other), "by its subject the merchant's own"),
        (SERIAL, certificate(Subject::Merchant("1900000999"), &other), "by its subject the merchant's own"),
        (SERIAL, certificate(Subject::Other(MCHID), &other), "by its subject the merchant's own"),
    ];
    for (id, key, word) in cases {
        refused(keys.with("certs", json!({ id: key })), &[id, word, "the platform's certificates or public keys"]);
    }

    // By subject and issuer, the same as the certificate that is shown.
    let shown = Issue { subject: Subject::Other("shown"), key: &other, serial: "0A", valid: (-60, 3600) };
    let mut config = keys.with("merchant", json!({ "cert": shown.pem(), "key": private(&other) }));
    let earlier = rsa();
    config["certs"] = json!({ SERIAL: certificate(Subject::Other("shown"), &earlier) });
    refused(config, &["by its subject the merchant's own"]);
}

#[test]
fn keys_stand_under_their_own_names() {
    let keys = Keys::make();
    let certificate = platform(&keys.platform, SERIAL);
    refused(keys.with("certs", json!({ KEY_ID: certificate })), &[KEY_ID, "named as a public key", SERIAL]);
    let other = "1111D72A03E93CDDF8C03BBD1F37EEDF12345678";
    refused(keys.with("certs", json!({ other: certificate })), &[other, "another serial", SERIAL]);
    refused(keys.with("serial", json!(KEY_ID)), &["`serial`", KEY_ID, "belongs into `certs`"]);
    for id in ["", "a b", "a\nb", "微信"] {
        refused(keys.with("certs", json!({ id: public(&keys.platform) })), &["`certs.", "a word of letters"]);
    }

    Builder::factory(keys.with("certs", json!({ SERIAL: certificate }))).unwrap();
    // The platform writes capitals.
    let instance = Builder::factory(keys.with("certs", json!({ SERIAL.to_lowercase(): certificate }))).unwrap();
    assert_eq!(instance.key_status().platform_keys(), [SERIAL]);
    assert_eq!(instance.key_status().certificates()[0].serial_no(), SERIAL);
}

#[test]
fn certificates_that_do_not_hold_are_named() {
    let keys = Keys::make();
    let certificate = |valid| Issue { subject: Subject::Platform, key: &keys.platform, serial: SERIAL, valid }.pem();
    let (expired, early) = (certificate((-7200, -3600)), certificate((3600, 7200)));
    refused(keys.with("certs", json!({ SERIAL: expired })), &[SERIAL, "has expired", "public key"]);
    refused(keys.with("certs", json!({ SERIAL: early })), &[SERIAL, "not yet valid", "clock"]);

    // Beside a valid key it is only left out.
    for leftover in [expired, early] {
        let certs = json!({ SERIAL: leftover, KEY_ID: public(&rsa()) });
        let status = Builder::factory(keys.with("certs", certs)).unwrap().key_status();
        assert_eq!(status.platform_keys(), [KEY_ID]);
        assert_eq!(status.wechatpay_serial(), Some(KEY_ID));
    }

    let merchant = |valid| {
        let subject = Subject::Merchant(MCHID);
        let cert = Issue { subject, key: &keys.merchant, serial: MERCHANT_SERIAL, valid }.pem();
        keys.with("merchant", json!({ "cert": cert, "key": private(&keys.merchant) }))
    };
    refused(merchant((-7200, -3600)), &["`merchant.cert`", MERCHANT_SERIAL, "has expired", "apply for a new one"]);
    refused(merchant((3600, 7200)), &["`merchant.cert`", MERCHANT_SERIAL, "not yet valid"]);
}

#[test]
fn settings_of_keys_are_checked() {
    let keys = Keys::make();
    let cases: Vec<(&str, Value, &[&str])> = vec![
        ("apiv3Key", json!("exposed"), &["`apiv3Key`", "32 bytes", "has 7"]),
        ("apiv3Key", json!(1), &["`apiv3Key`", "a string"]),
        ("apiv3Key", json!([APIV3_KEY, "exposed"]), &["`apiv3Key`", "has 7"]),
        ("apiv3Key", json!([APIV3_KEY, APIV3_KEY, APIV3_KEY]), &["`apiv3Key`", "3 keys", "two at most"]),
        ("downloadCerts", json!(true), &["`downloadCerts`", "needs `apiv3Key`"]),
        ("downloadCerts", json!("yes"), &["`downloadCerts`", "true, false or an object"]),
        ("downloadCerts", json!({ "every": -1 }), &["`downloadCerts.every`", "seconds"]),
        ("downloadCerts", json!({ "often": 1 }), &["`downloadCerts.often`", "not a setting"]),
        ("wechatpay_serial", json!("PUB_KEY_ID_0"), &["`wechatpay_serial`", "PUB_KEY_ID_0", "not in `certs`", KEY_ID]),
        ("wechatpay_serial", json!(1), &["`wechatpay_serial`", "a number"]),
    ];
    for (name, value, words) in cases {
        refused(keys.with(name, value), words);
    }
    let mut config = keys.with("apiv3Key", json!([APIV3_KEY, "another0123456789another01234567"]));
    Builder::factory(config.clone()).unwrap();
    // Where certificates are fetched, none need be given.
    config["downloadCerts"] = json!({ "every": 3600, "floor": 1.5, "path": "v3/global/certificates" });
    config["certs"] = json!({});
    Builder::factory(config).unwrap();

    let verifier = Builder::from(keys.with("certs", Value::Null)).credentials(
        Credentials::new().verifier(|_: &str, _: &[u8], _: &str| Ok(true)).apiv3_key(APIV3_KEY).download_certs(true),
    );
    assert!(verifier.build().unwrap_err().to_string().contains("a verifier are both set"));
}
