//! Configurations: the two forms, the order of the checks, and what each message says.

use support::platform::{KEY_ID, MCHID, MERCHANT_SERIAL, Platform};
use wechatpay::{Builder, Credentials, Error, Outcome, Rsa, Value, json};

fn pem(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn config(platform: &Platform) -> Value {
    json!({
        "mchid": MCHID,
        "serial": MERCHANT_SERIAL,
        "privateKey": pem(platform.merchant.private_key_to_pem_pkcs8().unwrap()),
        "certs": { KEY_ID: pem(platform.key.public_key_to_pem().unwrap()) },
    })
}

fn refused(config: impl Into<Builder>) -> String {
    let error = Builder::factory(config).unwrap_err();
    assert!(matches!(error, Error::Config(_)), "{error:?}");
    assert_eq!(error.outcome(), Outcome::NotSent);
    error.to_string()
}

#[test]
fn what_is_missing_is_named_in_phps_order() {
    let platform = Platform::new();
    let mut config = config(&platform);
    // The last one missing first: an earlier one that is missing too comes before it.
    for name in ["certs", "privateKey", "serial", "mchid"] {
        for missing in [None, Some(Value::Null)] {
            let entries = config.as_object_mut().unwrap();
            match missing {
                None => drop(entries.remove(name)),
                Some(null) => drop(entries.insert(name.into(), null)),
            }
            let message = refused(config.clone());
            assert!(message.contains(&format!("`{name}`")) && message.contains("missing"), "{name}: {message}");
        }
    }
    assert!(refused(json!({})).contains("`mchid`"));
    assert!(refused(Builder::new()).contains("`mchid`"));
    assert!(refused(Builder::new().credentials(Credentials::new().mchid(MCHID))).contains("`serial`"));
    assert!(
        refused(Builder::new().credentials(Credentials::new().mchid(MCHID).serial(MERCHANT_SERIAL)))
            .contains("`privateKey`")
    );
    let signer = |_: &[u8]| anyhow::bail!("never called");
    assert!(
        refused(Builder::new().credentials(Credentials::new().mchid(MCHID).serial(MERCHANT_SERIAL).signer(signer)))
            .contains("`certs`")
    );
}

#[test]
fn wrong_settings_are_named_without_their_secrets() {
    let platform = Platform::new();
    let private = pem(platform.merchant.private_key_to_pem_pkcs8().unwrap());
    let body: String = private.lines().nth(3).unwrap().into();
    let cases: Vec<(&str, Value, &[&str])> = vec![
        ("mchid", json!(1900000109), &["`mchid`", "a string", "a number"]),
        ("mchid", json!(""), &["`mchid`"]),
        ("mchid", json!("1900\"000"), &["`mchid`"]),
        ("serial", json!("37\n75"), &["`serial`"]),
        ("serial", json!([]), &["`serial`", "a list"]),
        ("privateKey", json!({}), &["`privateKey`", "an object"]),
        ("privateKey", json!([private, 1]), &["`privateKey`", "passphrase"]),
        ("privateKey", json!("/path/to/apiclient_key.pem"), &["`privateKey`", "file://"]),
        ("privateKey", json!("file:///no/such/apiclient_key.pem"), &["`privateKey`", "/no/such/apiclient_key.pem"]),
        ("privateKey", json!(pem(platform.key.public_key_to_pem().unwrap())), &["`privateKey`", "PUBLIC KEY"]),
        ("privateKey", json!(private.replace("MII", "AAA")), &["`privateKey`", "cannot be read"]),
        ("certs", json!("x"), &["`certs`", "a string"]),
        ("certs", json!({}), &["`certs`", "missing"]),
        ("certs", json!({ KEY_ID: null }), &[KEY_ID, "null"]),
        ("certs", json!({ KEY_ID: private }), &[KEY_ID, "PRIVATE KEY"]),
        ("certs", json!({ KEY_ID: "x" }), &[KEY_ID, "PEM"]),
        (
            "certs",
            json!({ MERCHANT_SERIAL: pem(platform.merchant.public_key_to_pem().unwrap()) }),
            &[MERCHANT_SERIAL, "merchant's own"],
        ),
        (
            "certs",
            json!({ MERCHANT_SERIAL.to_lowercase(): pem(platform.merchant.public_key_to_pem().unwrap()) }),
            &["merchant's own"],
        ),
        ("secret", json!("exposed"), &["`secret`", "32 bytes", "has 7"]),
        ("secret", json!(1), &["`secret`", "a string"]),
        ("merchant", json!("x"), &["`merchant`", "an object"]),
        ("merchant", json!({ "cert": "/no/such/cert.pem", "key": private }), &["`merchant.cert`", "/no/such/cert.pem"]),
        ("merchant", json!({ "cert": "-----BEGIN", "key": private }), &["`merchant.cert`", "no certificate"]),
        ("merchant", json!({ "cert": "x" }), &["`merchant.key`", "missing"]),
        ("merchant", json!({ "key": "x" }), &["`merchant.cert`", "missing"]),
        ("merchant", json!({ "cert": "x", "key": "y", "pin": 1 }), &["`merchant.pin`"]),
        ("allow_http", json!(1), &["`allow_http`", "true or false"]),
        ("timeout", json!("1"), &["`timeout`", "seconds"]),
        ("base_uri", json!("http://api.mch.weixin.qq.com/"), &["`base_uri`", "plain http", "allow_http"]),
        ("base_uri", json!("nowhere"), &["`base_uri`", "nowhere"]),
        ("verify", json!("/no/such/bundle.pem"), &["`verify`", "/no/such/bundle.pem"]),
        ("json", json!({}), &["`json`", "single call"]),
        ("sink", json!("file"), &["`sink`", "single call"]),
        ("privatekey", json!("x"), &["`privatekey`", "not a setting", "privateKey"]),
    ];
    for (name, value, named) in cases {
        let mut config = config(&platform);
        config[name] = value;
        let message = refused(config);
        for word in named {
            assert!(message.contains(word), "{name}: {message}");
        }
        assert!(!message.contains(&body) && !message.contains("exposed"), "{name}: {message}");
    }
    for config in [json!(null), json!([]), json!("x")] {
        assert!(refused(config).contains("must be an object"));
    }
}

/// What PHP programs, other SDKs and haste call the settings.
#[test]
fn a_near_miss_is_answered_with_the_name_that_was_meant() {
    let platform = Platform::new();
    let cases = [
        ("mchid", &["mchId", "mch_id", "mchID", "merchantId", "merchant_id", "mch-id"][..]),
        ("serial", &["serial_no", "serialNo", "mchSerialNo", "merchant_serial_number", "seriall"]),
        ("privateKey", &["private_key", "private-key", "privatekey", "PrivateKey", "merchantPrivateKey", "privatKey"]),
        ("certs", &["cert", "public_key", "publicKey", "platformCerts", "platform_public_key", "wechatpayCerts"]),
    ];
    for (meant, names) in cases {
        for name in names {
            // In place of the right one, and beside it.
            for is_missing in [true, false] {
                let mut config = config(&platform);
                config[*name] = config[meant].clone();
                if is_missing {
                    config.as_object_mut().unwrap().remove(meant);
                }
                let message = refused(config.clone());
                let words = format!("`{name}` is not a setting, did you mean `{meant}`?");
                assert!(message.contains(&words), "{name}: {message}");
                let words = format!("`{name}` is not a credential, did you mean `{meant}`?");
                let instance = platform.instance("https://api.mch.weixin.qq.com/");
                let message = instance.for_merchant(config).unwrap_err().to_string();
                assert!(message.contains(&words), "{name}: {message}");
            }
        }
    }
    let cases = [
        ("apiv3Key", &["apiv3_key", "api_v3_key", "APIv3Key", "v3_key", "apiv3Kye"][..]),
        ("secret", &["apiKey", "apiv2_key", "Secret", "secrte"]),
        ("base_uri", &["baseUri", "base_url", "baseURI", "base-uri"]),
        ("wechatpay_serial", &["wechatpaySerial", "Wechatpay-Serial"]),
        ("brand_id", &["brandId", "brandid", "Brand_ID"]),
        ("timeout", &["time_out", "timeuot", "Timeout"]),
        ("connect_timeout", &["connectTimeout", "connection_timeout"]),
        ("allow_http", &["allowHttp"]),
    ];
    for (meant, names) in cases {
        for name in names {
            let mut config = config(&platform);
            config[*name] = json!("x");
            let message = refused(config);
            assert!(message.contains(&format!("`{name}` is not a setting, did you mean `{meant}`?")), "{message}");
        }
    }
    // No guess is better than a wild one.
    for name in ["appid", "x", "notify_url", "微信", "", &"private_key".repeat(8)] {
        let mut config = config(&platform);
        config[name] = json!("x");
        let message = refused(config);
        assert!(message.contains("is not a setting; there are mchid, brand_id, serial"), "{message}");
    }
}

#[test]
fn phps_placeholders_for_apiv2_are_left_out() {
    let secret = "0123456789abcdef0123456789abcdef";
    let php =
        json!({ "mchid": MCHID, "serial": "nop", "privateKey": "any", "certs": { "any": null }, "secret": secret });
    let advice = "with `secret` alone, leave `serial`, `privateKey` and `certs` out";
    let message = refused(php.clone());
    assert!(message.contains("`privateKey` is a placeholder and not a key") && message.contains(advice), "{message}");
    // Each of them alone, as they are taken out one by one.
    for left in [&["serial"][..], &["privateKey"], &["certs"], &["serial", "certs"], &["serial", "privateKey"]] {
        let mut config = json!({ "mchid": MCHID, "secret": secret });
        left.iter().for_each(|name| config[*name] = php[*name].clone());
        let message = refused(config);
        assert!(message.contains(advice), "{left:?}: {message}");
    }
    Builder::factory(json!({ "mchid": MCHID, "secret": secret })).unwrap();

    // Who means APIv3 is told of the key.
    let platform = Platform::new();
    let mut both = config(&platform);
    both["certs"] = json!({ KEY_ID: null });
    assert!(!refused(both.clone()).contains(advice));
    both["privateKey"] = json!("any");
    assert!(refused(both).contains("neither PEM nor"));
}

/// PHP's `'privateKey' => Rsa::from(…)`.
#[test]
fn keys_that_are_loaded_complete_a_configuration_in_json() {
    let platform = Platform::new();
    let mut json = config(&platform);
    let mut taken = |name: &str| json.as_object_mut().unwrap().remove(name).unwrap();
    let (private, certs) = (taken("privateKey"), taken("certs"));
    let key = Rsa::from(private.as_str().unwrap(), Rsa::KEY_TYPE_PRIVATE).unwrap();
    let public = Rsa::from(certs[KEY_ID].as_str().unwrap(), Rsa::KEY_TYPE_PUBLIC).unwrap();
    let keys = Credentials::new().private_key(key).cert(KEY_ID, public);
    let instance = Builder::from(json.clone()).credentials(keys).build().unwrap();
    assert_eq!(instance.key_status().platform_keys(), [KEY_ID]);
    assert!(refused(json).contains("`privateKey`"));
}

#[test]
fn contradictions_are_refused() {
    let platform = Platform::new();
    let both_signers = platform
        .builder("https://api.mch.weixin.qq.com/")
        .credentials(Credentials::new().signer(|_: &[u8]| Ok(String::new())));
    assert!(refused(both_signers).contains("a signer are both set"));
    let both_verifiers = platform
        .builder("https://api.mch.weixin.qq.com/")
        .credentials(Credentials::new().verifier(|_: &str, _: &[u8], _: &str| Ok(true)));
    assert!(refused(both_verifiers).contains("a verifier are both set"));
}

#[test]
fn plain_http_is_for_loopback_or_for_those_who_say_so() {
    let platform = Platform::new();
    for base_uri in ["http://127.0.0.1:1/", "http://127.1.2.3/", "http://[::1]:1/", "http://localhost/"] {
        platform.builder(base_uri).build().unwrap();
    }
    for base_uri in ["http://10.0.0.1/", "http://localhost.evil.example/", "http://128.0.0.1/"] {
        assert!(refused(platform.builder(base_uri)).contains("plain http"));
        platform.builder(base_uri).allow_http(true).build().unwrap();
    }
    let mut config = config(&platform);
    config["base_uri"] = json!("http://10.0.0.1/");
    config["allow_http"] = json!(true);
    Builder::factory(config).unwrap();
}

#[test]
fn nothing_secret_is_shown() {
    let platform = Platform::new();
    let builder = Builder::from(config(&platform));
    let shown = format!("{builder:?} {:?}", builder.clone().build().unwrap());
    assert!(shown.contains(MCHID) && shown.contains("private_key"), "{shown}");
    let private = pem(platform.merchant.private_key_to_pem_pkcs8().unwrap());
    for line in private.lines().filter(|line| line.len() > 40) {
        assert!(!shown.contains(line) && !shown.contains(&line[10..30]), "{shown}");
    }
}
