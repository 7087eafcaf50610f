//! PHP's arrays put together: what a body, the options of a call and a configuration become.

use support::keys::{private_pem, public_pem};
use support::platform::{KEY_ID, MCHID, MERCHANT_SERIAL, Platform};
use wechatpay::{Builder, Error, Map, Outcome, Value, json, merge, union};

/// What PHP 8 prints for `json_encode($a + $b)` and `json_encode([...$a, ...$b])`, as the manual has it.
#[test]
fn both_do_what_php_does() {
    let cases = [
        // The manual's example of array operators.
        (
            json!({ "a": "apple", "b": "banana" }),
            json!({ "a": "pear", "b": "strawberry", "c": "cherry" }),
            json!({ "a": "apple", "b": "banana", "c": "cherry" }),
            json!({ "a": "pear", "b": "strawberry", "c": "cherry" }),
        ),
        (json!(["a", "b"]), json!(["c", "d", "e"]), json!(["a", "b", "e"]), json!(["a", "b", "c", "d", "e"])),
        (json!([1, 2, 3]), json!([4]), json!([1, 2, 3]), json!([1, 2, 3, 4])),
        // Not deep.
        (
            json!({ "amount": { "total": 1 } }),
            json!({ "amount": { "currency": "CNY" } }),
            json!({ "amount": { "total": 1 } }),
            json!({ "amount": { "currency": "CNY" } }),
        ),
        // An entry that is null is there.
        (json!({ "a": null }), json!({ "a": 1 }), json!({ "a": null }), json!({ "a": 1 })),
        (json!({ "a": 1 }), json!({ "a": null }), json!({ "a": 1 }), json!({ "a": null })),
    ];
    for (left, right, united, merged) in cases {
        assert_eq!(union(left.clone(), right.clone()).unwrap(), united, "{left} + {right}");
        assert_eq!(merge(left.clone(), right.clone()).unwrap(), merged, "[...{left}, ...{right}]");
    }
}

#[test]
fn there_is_one_empty_array() {
    for empty in [json!(null), json!([]), json!({})] {
        for other in [json!({ "a": 1 }), json!([1])] {
            for put_together in [union, merge] {
                assert_eq!(put_together(empty.clone(), other.clone()).unwrap(), other, "{empty} and {other}");
                assert_eq!(put_together(other.clone(), empty.clone()).unwrap(), other, "{other} and {empty}");
            }
        }
    }
    // As PHP writes it.
    assert_eq!(union(Value::Null, Value::Null).unwrap(), json!([]));
    assert_eq!(merge(Value::Null, json!([])).unwrap(), json!([]));
}

#[test]
fn what_is_not_an_array_is_refused_without_being_shown() {
    let cases = [
        (json!("a key"), json!({}), "not a string and an object"),
        (json!({ "a": 1 }), json!(-5), "not an object and a negative number"),
        (json!([]), json!(true), "not a list and a boolean"),
        (json!({ "a": 1 }), json!(["b"]), "not an object and a list"),
        (json!(null), json!("a key"), "not null and a string"),
    ];
    for (left, right, words) in cases {
        for (name, put_together) in [("union", union as fn(Value, Value) -> _), ("merge", merge)] {
            let error: Error = put_together(left.clone(), right.clone()).unwrap_err();
            let message = error.to_string();
            assert!(message.contains(words) && message.contains(&format!("`{name}`")), "{message}");
            assert!(!message.contains("a key"), "{message}");
            assert_eq!(error.outcome(), Outcome::NotSent);
        }
    }
}

/// As a program that was ported has it: `$config + $defaults`, `['json' => $payload + $extra]`, `[...$options, …]`.
#[test]
fn they_make_configurations_options_and_bodies() -> anyhow::Result<()> {
    let platform = Platform::new();
    let server = platform.server();
    let config = json!({
        "mchid": MCHID,
        "serial": MERCHANT_SERIAL,
        "privateKey": private_pem(&platform.merchant),
        "certs": { KEY_ID: public_pem(&platform.key) },
    });
    let local = json!({ "base_uri": server.url(), "proxy": "", "timeout": 5 });
    let instance = Builder::factory(union(local, union(config, json!({ "timeout": "never read" }))?)?)?;

    let payload = json!({ "appid": "wx1", "description": "left" });
    let extra = Map::from_iter([("description".to_owned(), json!("right")), ("attach".to_owned(), json!("x"))]);
    instance.chain("v3/x").post(json!({ "json": union(payload.clone(), extra.clone())? }))?;
    instance
        .chain("v3/x")
        .post(merge(json!({ "json": payload.clone() }), json!({ "json": merge(payload, extra)? }))?)?;

    let bodies: Vec<Value> =
        server.arrived().iter().map(|arrived| serde_json::from_slice(&arrived.body)).collect::<Result<_, _>>()?;
    assert_eq!(bodies[0], json!({ "appid": "wx1", "description": "left", "attach": "x" }));
    assert_eq!(bodies[1], json!({ "appid": "wx1", "description": "right", "attach": "x" }));
    Ok(())
}

/// Run with `--features preserve-order`: otherwise maps are sorted.
#[test]
fn the_order_is_phps_where_it_is_kept() {
    let left = r#"{"z":1,"y":1,"x":1}"#.parse::<Value>().unwrap();
    let right = r#"{"b":2,"y":2,"a":2}"#.parse::<Value>().unwrap();
    let is_kept = left.to_string().starts_with(r#"{"z""#);
    let united = union(left.clone(), right.clone()).unwrap().to_string();
    let merged = merge(left, right).unwrap().to_string();
    if is_kept {
        assert_eq!(united, r#"{"z":1,"y":1,"x":1,"b":2,"a":2}"#);
        assert_eq!(merged, r#"{"z":1,"y":2,"x":1,"b":2,"a":2}"#);
    } else {
        assert_eq!(united, r#"{"a":2,"b":2,"x":1,"y":1,"z":1}"#);
        assert_eq!(merged, r#"{"a":2,"b":2,"x":1,"y":2,"z":1}"#);
    }
}
