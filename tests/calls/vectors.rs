//! Single functions against recorded results of the PHP SDK, and URI Templates against the public suite.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use support::folder::Folder;
use support::gateway::Gateway;
use support::keys::Keys;
use support::shared::shared_json;
use wechatpay::{AesEcb, AesGcm, Error, Formatter, Hash, PemUtil, Rsa, Transformer, UriTemplate};

use crate::chain::silent;

/// The cases of a file; their number is part of the test, so that none is lost unseen.
fn cases(name: &str, count: usize) -> Option<Vec<Value>> {
    let Value::Array(cases) = shared_json(name)? else { panic!("{name} is not a list") };
    assert_eq!(cases.len(), count, "the cases of {name} changed");
    Some(cases)
}

fn text<'a>(case: &'a Value, name: &str) -> &'a str {
    case[name].as_str().unwrap_or_else(|| panic!("no text {name:?} in {case}"))
}

#[test]
fn strings_enter_the_chain_as_in_php() {
    let Some(cases) = cases("vectors/segments.json", 31) else { return };
    let instance = silent();
    let mut lists = 0;
    for case in &cases {
        let expected = text(case, "out");
        match &case["in"] {
            Value::String(segment) => {
                assert_eq!(instance.chain(segment).pathname(), expected, "{segment}");
                assert_eq!(instance[&*String::leak(segment.clone())].pathname(), expected, "{segment}");
            }
            list => {
                lists += 1;
                let segments: Vec<&str> = list.as_array().unwrap().iter().map(|s| s.as_str().unwrap()).collect();
                let chain = segments.iter().fold(instance.clone(), |chain, segment| chain.chain(segment));
                assert_eq!(chain.pathname(), expected, "{list}");
                assert_eq!(wechatpay::__private::extended(&instance, &segments).pathname(), expected, "{list}");
            }
        }
    }
    assert_eq!(lists, 3);
}

#[test]
fn templates_expand_as_in_php() {
    let Some(cases) = cases("vectors/uri_template.json", 20) else { return };
    for case in &cases {
        let template = UriTemplate::parse(text(case, "template")).unwrap();
        let variables = case["variables"].as_object().unwrap();
        assert_eq!(template.expand(variables).unwrap(), text(case, "out"), "{case}");
    }
}

/// Where the public suite contradicts the recordings of PHP, which encodes a `%` in the value of a reserved
/// expansion even where it begins a triplet (`{+id}` of `a%2Fb` is `a%252Fb`). The recordings win.
const AS_PHP: [(&str, &str); 6] = [
    ("{+id}", "admin%252F"),
    ("{#id}", "#admin%252F"),
    ("{+list}", "red%2525,%252Fgreen,blue%20"),
    ("{#list}", "#red%2525,%252Fgreen,blue%20"),
    ("{+keys}", "key1,val1%252F,key2,val2%252F"),
    ("{#keys}", "#key1,val1%252F,key2,val2%252F"),
];

#[test]
fn templates_pass_the_public_suite() {
    let files = [
        ("spec-examples.json", 64),
        ("spec-examples-by-section.json", 117),
        ("extended-tests.json", 53),
        ("negative-tests.json", 36),
    ];
    let (mut as_php, mut refused) = (0, 0);
    for (file, count) in files {
        let Some(groups) = shared_json(&format!("uri-template-tests/{file}")) else { return };
        let mut seen = 0;
        for (name, group) in groups.as_object().unwrap() {
            let variables = group["variables"].as_object().unwrap();
            for case in group["testcases"].as_array().unwrap() {
                seen += 1;
                let template = case[0].as_str().unwrap();
                let result = UriTemplate::parse(template).and_then(|template| template.expand(variables));
                let context = format!("{file}, {name}: {case} gives {result:?}");
                let as_php_has_it = match name.as_str() {
                    "Additional Examples 6: Reserved Expansion" => AS_PHP.iter().find(|(other, _)| *other == template),
                    _ => None,
                };
                match (&case[1], as_php_has_it) {
                    (_, Some((_, expected))) => {
                        as_php += 1;
                        assert_eq!(result.unwrap(), *expected, "{context}");
                    }
                    (Value::Bool(false), None) => {
                        refused += 1;
                        let error = result.expect_err(&context);
                        assert!(matches!(error, wechatpay::Error::Options(_)), "{context}");
                    }
                    (Value::String(expected), None) => assert_eq!(&result.unwrap(), expected, "{context}"),
                    (Value::Array(any), None) => {
                        // All orders of an object's keys are listed, so that of a sorted map is among them.
                        assert!(any.contains(&json!(result.unwrap())), "{context}");
                    }
                    _ => panic!("not a case: {context}"),
                }
            }
        }
        assert_eq!(seen, count, "the cases of {file} changed");
    }
    assert_eq!((as_php, refused), (6, 36));
}

#[test]
fn queries_arrive_as_php_sends_them() {
    let Some(cases) = cases("vectors/query.json", 9) else { return };
    let folder = Folder::new("query");
    let gateway = Gateway::start(&Arc::new(Keys::make(folder.path(), &["api.mch.weixin.qq.com"])));
    let chain = gateway.instance("1230000109").chain("v3/certificates?replaced=1");
    for case in &cases {
        chain.get(json!({ "query": case["in"] })).unwrap();
        let [arrival] = &gateway.take()[..] else { panic!("not one request for {case}") };
        let query = arrival.target.strip_prefix("/v3/certificates").unwrap();
        match text(case, "out") {
            "" => assert_eq!(query, "", "{case}"),
            expected => assert_eq!(pairs(query.strip_prefix('?').unwrap()), pairs(expected), "{case}"),
        }
        // A ready string is the same.
        chain.get(json!({ "query": case["out"] })).unwrap();
        let [arrival] = &gateway.take()[..] else { panic!("not one request for {case}") };
        assert_eq!(arrival.target.strip_prefix("/v3/certificates").unwrap().trim_start_matches('?'), text(case, "out"));
    }
}

/// In the order of the query with the feature, as a set without it.
fn pairs(query: &str) -> Vec<&str> {
    let mut pairs: Vec<_> = query.split('&').collect();
    if cfg!(not(feature = "preserve-order")) {
        pairs.sort();
    }
    pairs
}

#[test]
fn texts_are_formatted_as_in_php() {
    let Some(cases) = cases("vectors/formatter.json", 12) else { return };
    for case in &cases {
        let actual = match (text(case, "fn"), &case["in"]) {
            ("request", list) => utf8(Formatter::request(
                argument(list, 0),
                argument(list, 1),
                argument(list, 2),
                argument(list, 3),
                argument(list, 4),
            )),
            ("response", list) => utf8(Formatter::response(argument(list, 0), argument(list, 1), argument(list, 2))),
            ("authorization", list) => Formatter::authorization(
                argument(list, 0),
                argument(list, 1),
                argument(list, 2),
                argument(list, 3),
                argument(list, 4),
            ),
            ("joined_by_line_feed", list) => list.as_array().unwrap().iter().map(joined).collect(),
            ("ksort+query_string_like", map) => {
                Formatter::query_string_like(&Formatter::ksort(map.as_object().unwrap().clone()))
            }
            (other, _) => panic!("there is no function {other}"),
        };
        assert_eq!(actual, text(case, "out"), "{case}");
    }
}

/// Whatever the order of the map, and with numbers as PHP writes them.
#[test]
fn fields_are_joined_in_the_order_of_their_names() {
    let params = json!({
        "timeStamp": 1554208460, "appId": "wx8888888888888888", "package": "prepay_id=wx2014", "nonceStr": "593BEC",
        "extra": "x", "rate": 1.0, "yes": true, "empty": "", "nothing": null, "amount": { "total": 1 }, "list": ["a"],
    });
    let joined = |names: &[&'static str]| Formatter::fields_joined_by_line_feed(&params, names.iter().copied());
    let names = ["appId", "timeStamp", "nonceStr", "package"];
    assert_eq!(joined(&names).unwrap(), "wx8888888888888888\n1554208460\n593BEC\nprepay_id=wx2014\n");
    assert_eq!(joined(&["yes", "empty", "rate"]).unwrap(), "1\n\n1\n");
    for (name, what) in [
        ("appid", "`appid` cannot be signed: it is absent, not a text, a number or a boolean"),
        ("nothing", "`nothing` cannot be signed: it is null, not a text, a number or a boolean"),
        ("amount", "`amount` cannot be signed: it is an object, not a text, a number or a boolean"),
        ("list", "`list` cannot be signed: it is a list, not a text, a number or a boolean"),
    ] {
        let error = joined(&["appId", name]).unwrap_err();
        assert_eq!(error.to_string(), format!("options: {what}"));
    }
}

/// The names come sorted whatever order they were put in.
#[test]
fn ksort_sorts_in_any_order() {
    let mut map = Map::new();
    for name in ["a", "B", "10", "_", "9", "A", "中"] {
        map.insert(name.into(), json!(1));
    }
    let sorted = Formatter::ksort(map);
    assert_eq!(sorted.keys().collect::<Vec<_>>(), ["10", "9", "A", "B", "_", "a", "中"]);
}

fn argument(list: &Value, index: usize) -> &str {
    list[index].as_str().unwrap()
}

/// One piece, by its own type.
fn joined(piece: &Value) -> String {
    match piece {
        Value::Null => Formatter::joined_by_line_feed([""]),
        Value::Bool(value) => Formatter::joined_by_line_feed([*value]),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => Formatter::joined_by_line_feed([integer]),
            None => Formatter::joined_by_line_feed(number.as_f64()),
        },
        Value::String(text) => Formatter::joined_by_line_feed([text]),
        other => panic!("{other} is no piece"),
    }
}

fn utf8(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn ciphertexts_are_those_of_php() {
    let Some(cases) = cases("vectors/aes.json", 5) else { return };
    for case in &cases {
        let (plaintext, key, ciphertext) = (text(case, "plaintext"), text(case, "key"), text(case, "ciphertext"));
        match text(case, "fn") {
            "gcm" => {
                let (nonce, aad) = (text(case, "nonce"), text(case, "aad"));
                assert_eq!(AesGcm::encrypt(plaintext, key, nonce, aad).unwrap(), ciphertext, "{case}");
                assert_eq!(AesGcm::decrypt(ciphertext, key, nonce, aad).unwrap(), plaintext, "{case}");
                // Another associated data is another message.
                AesGcm::decrypt(ciphertext, key, nonce, format!("{aad}x")).unwrap_err();
            }
            "ecb" => {
                assert_eq!(AesEcb::encrypt(plaintext, key).unwrap(), ciphertext, "{case}");
                assert_eq!(AesEcb::decrypt(ciphertext, key).unwrap(), plaintext, "{case}");
            }
            other => panic!("there is no function {other}"),
        }
    }
}

#[test]
fn hashes_are_those_of_php() {
    let Some(cases) = cases("vectors/hash.json", 16) else { return };
    for case in &cases {
        let (data, key) = (text(case, "data"), text(case, "key"));
        let actual = match text(case, "fn") {
            "md5" => Some(Hash::md5(data, key, case["agency"].as_bool().unwrap())),
            "hmac" => Some(Hash::hmac(data, key, "sha256").unwrap()),
            "sign" => Hash::sign(text(case, "type"), data, key),
            other => panic!("there is no function {other}"),
        };
        assert_eq!(json!(actual), case["out"], "{case}");
    }
}

#[test]
fn xml_is_written_as_php_writes_it() {
    let Some(cases) = cases("vectors/xml_from_array.json", 7) else { return };
    for case in &cases {
        let xml = Transformer::to_xml(&case["in"]).unwrap();
        if cfg!(feature = "preserve-order") {
            assert_eq!(xml, text(case, "out"), "{case}");
        }
        assert_eq!(Transformer::to_array(&xml).unwrap(), Transformer::to_array(text(case, "out")).unwrap(), "{case}");
    }
}

#[test]
fn xml_is_read_as_php_reads_it() {
    let Some(cases) = cases("vectors/xml_to_array.json", 21) else { return };
    let mut refused = Vec::new();
    for case in &cases {
        let xml = text(case, "xml");
        match Transformer::to_array(xml) {
            Ok(data) => assert_eq!(data, case["out"], "{xml}"),
            Err(error) => {
                assert!(matches!(error, Error::Xml(_)), "{xml}: {error:?}");
                refused.push(xml);
            }
        }
    }
    // PHP answers the first three with an empty array, and follows the DOCTYPE of the others.
    let [no_xml, nothing, mismatched, external, internal] = refused[..] else { panic!("refused are {refused:?}") };
    assert_eq!([no_xml, nothing, mismatched], ["not xml", "", "<xml><a>1</b></xml>"]);
    assert!(external.starts_with("<!DOCTYPE") && internal.starts_with("<!DOCTYPE"), "{refused:?}");
}

#[test]
fn keys_and_signatures_are_those_of_php() {
    let Some(cases) = cases("vectors/rsa.json", 32) else { return };
    let folder = Folder::new("vectors-rsa");
    let (mut held, mut did_not) = (0, 0);
    for case in &cases {
        match text(case, "fn") {
            "pkcs1_to_spki" => {
                let spki = Rsa::pkcs1_to_spki(text(case, "in")).unwrap();
                assert_eq!(spki, text(case, "out"));
                Rsa::from_spki(spki).unwrap();
                Rsa::from_pkcs1(text(case, "in"), Rsa::KEY_TYPE_PUBLIC).unwrap();
            }
            "certificate_serial" => {
                let pem = text(case, "in");
                assert_eq!(PemUtil::parse_certificate_serial_no(pem).unwrap(), text(case, "out"));
                let path = folder.file("certificate.pem");
                std::fs::write(&path, pem).unwrap();
                let from_file = PemUtil::parse_certificate_serial_no(format!("file://{}", path.display()));
                assert_eq!(from_file.unwrap(), text(case, "out"));
            }
            "verify" => {
                let (thing, holds) = (text(case, "key"), case["out"].as_bool().unwrap());
                *(if holds { &mut held } else { &mut did_not }) += 1;
                let mut keys = vec![Rsa::from(thing, Rsa::KEY_TYPE_PUBLIC).unwrap()];
                if thing.starts_with("-----BEGIN") {
                    let path = folder.file("key.pem");
                    std::fs::write(&path, thing).unwrap();
                    keys.push(Rsa::from(format!("file://{}", path.display()), Rsa::KEY_TYPE_PUBLIC).unwrap());
                }
                for key in keys {
                    let actual = Rsa::verify(text(case, "message"), text(case, "signature"), &key);
                    assert_eq!(actual, holds, "{case}");
                }
            }
            other => panic!("there is no function {other}"),
        }
    }
    assert_eq!((held, did_not), (15, 15));
}
