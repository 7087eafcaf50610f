//! The two recorded programs that send nothing: they are notified. What they are notified of is signed anew, with the keys and
//! at the time of the test.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;
use support::certificates::{Issue, Subject};
use support::folder::Folder;
use support::keys::{public_pem, rsa, sign};
use support::nature::md5;
use support::ordered::Ordered;
use support::platform::now;
use support::recording::Recording;
use support::shared::shared;

use crate::samples;

/// The recorded environment; the secrets are the recorded ones.
fn variables(recorded: &Recording) -> BTreeMap<String, String> {
    let variables = recorded.env.iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()));
    variables.collect()
}

/// What the program returns, and the same without its order.
fn run(sample: &str, folder: &Folder, recorded: &Recording, names: &[&str], inputs: &Ordered) -> (Ordered, Value) {
    let php = shared(&format!("php-samples/{sample}.php")).unwrap();
    let returned = samples::run(sample, &php, folder.path(), &variables(recorded), names, inputs);
    let result = returned.to_string().parse().unwrap();
    (returned, result)
}

/// What has become of an input, with its fields where they were.
fn in_the_order_of(before: &Ordered, now: &Value) -> Ordered {
    match before {
        Ordered::Object(fields) => {
            Ordered::Object(fields.iter().map(|(name, of)| (name.clone(), in_the_order_of(of, &now[name]))).collect())
        }
        _ => Ordered::of(&now.to_string()).unwrap(),
    }
}

#[test]
fn notify_controller() {
    let sample = "16_NotifyController";
    let Some(recorded) = Recording::of(sample) else { return };
    let key = rsa();
    let folder = Folder::new("port-notified");
    fs::create_dir(folder.file("wechatpay")).unwrap();
    fs::write(folder.file("wechatpay/publickey.pem"), public_pem(&key)).unwrap();
    let certificate = Issue { subject: Subject::Platform, key: &key, serial: "7132D7", valid: (-60, 3600) };
    fs::write(folder.file("wechatpay/certificate.pem"), certificate.pem()).unwrap();

    let given = shared("php-samples/16_NotifyController.input.json").unwrap();
    let mut inputs: Value = given.parse().unwrap();
    let passed = now() - recorded.clock;
    for (name, notification) in inputs["notifications"].as_object_mut().unwrap() {
        let mut body = notification["body"].as_str().unwrap().to_owned();
        // Changed on its way.
        if name == "tampered" {
            body.push(' ');
        }
        let headers = notification["headers"].as_object_mut().unwrap();
        let timestamp = headers["Wechatpay-Timestamp"].as_str().unwrap().parse::<i64>().unwrap() + passed;
        headers["Wechatpay-Timestamp"] = timestamp.to_string().into();
        let nonce = headers["Wechatpay-Nonce"].as_str().unwrap();
        let signature = sign(format!("{timestamp}\n{nonce}\n{body}\n").as_bytes(), &key);
        // A probe stays what it is.
        if !headers["Wechatpay-Signature"].as_str().unwrap().starts_with("WECHATPAY/SIGNTEST/") {
            headers["Wechatpay-Signature"] = signature.into();
        }
    }
    let inputs = in_the_order_of(&Ordered::of(&given).unwrap(), &inputs);
    let (returned, result) = run(sample, &folder, &recorded, &["notifications"], &inputs);
    assert_eq!(result, recorded.result);
    assert_eq!(samples::shape(returned), samples::shape(recorded.ordered_result), "the order is another");
}

#[test]
fn v2_notify_and_signs() {
    let sample = "17_v2_notify_and_signs";
    let Some(recorded) = Recording::of(sample) else { return };
    let folder = Folder::new("port-notified");
    let inputs = Ordered::of(&shared("php-samples/17_v2_notify_and_signs.input.json").unwrap()).unwrap();
    let started = now();
    let (returned, mut result) = run(sample, &folder, &recorded, &["pay", "refund", "orders"], &inputs);
    let secret = recorded.env["WECHATPAY_APIV2_KEY"].as_str().unwrap();
    let is_now = |text: &str| assert!((started..=now()).contains(&text.parse().unwrap()), "{text}");

    let app = &mut result["app"];
    let pairs = ["appid", "noncestr", "package", "partnerid", "prepayid", "timestamp"]
        .map(|name| format!("{name}={}&", app[name].as_str().unwrap()));
    assert_eq!(app["sign"], md5(&pairs.concat(), secret));
    is_now(app["timestamp"].as_str().unwrap());
    assert_eq!(app["noncestr"].as_str().unwrap().len(), 32);
    for name in ["noncestr", "timestamp", "sign"] {
        app[name] = recorded.result["app"][name].clone();
    }

    let qr = result["qr"].as_str().unwrap().to_owned();
    let (place, query) = qr.split_once('?').unwrap();
    let mut pairs: Vec<(&str, &str)> = query.split('&').map(|pair| pair.split_once('=').unwrap()).collect();
    let names: Vec<&str> = pairs.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["appid", "mch_id", "product_id", "time_stamp", "nonce_str", "sign"]);
    is_now(pairs[3].1);
    let (_, signature) = pairs.pop().unwrap();
    let nonce = pairs[4].1;
    pairs.sort_unstable();
    let signed: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(signature, md5(&signed.join("&"), secret));
    assert_eq!((place, nonce.len()), ("weixin://wxpay/bizpayurl", 32));
    result["qr"] = recorded.result["qr"].clone();

    assert_eq!(result, recorded.result);
    assert_eq!(samples::shape(returned), samples::shape(recorded.ordered_result), "the order is another");
}

#[test]
fn the_inputs_are_those_that_php_takes() {
    let Some(inputs) = shared("php-samples/17_v2_notify_and_signs.input.json") else { return };
    let Ordered::Object(fields) = Ordered::of(&inputs).unwrap() else { panic!("no object") };
    assert_eq!(fields.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["pay", "refund", "orders"]);
    assert_eq!(samples::header("// entry: A\\B::makeOrder\n", "entry").as_deref(), Some("B::make_order"));
}
