//! What a server with a page needs of the sandbox: what happens, the checks one by one, the orders, the faults by name, and
//! keys that survive a restart.

use std::fs;
use std::process::Command;
use std::time::Duration;

use support::bare::{Bare, authorization};
use support::folder::Folder;
use wechatpay::{Builder, Value, json};
use wechatpay_sandbox::{Effect, Event, Events, Exchange, Fault, FaultRule, GateResult, GateStep, KeyMode, Sandbox};

const SOON: Duration = Duration::from_secs(10);

fn order(sandbox: &Sandbox, number: &str, notify_url: &str) -> Value {
    json!({ "json": {
        "appid": "wxd678efh567hg6787", "mchid": sandbox.mchid(), "description": "coffee", "out_trade_no": number,
        "notify_url": notify_url, "amount": { "total": 100 },
    } })
}

fn exchange(events: &Events) -> Box<Exchange> {
    loop {
        match events.next_within(SOON) {
            Some(Event::Exchange(exchange)) => return exchange,
            Some(_) => {}
            None => panic!("no request arrived"),
        }
    }
}

/// What became of the steps, the first letter of each.
fn letters(exchange: &Exchange) -> String {
    let letter = |(_, result): &(GateStep, GateResult)| match result {
        GateResult::Passed => 'p',
        GateResult::Failed(_) => 'F',
        GateResult::NotReached => '-',
    };
    exchange.request().gate().iter().map(letter).collect()
}

#[test]
fn a_payment_is_seen_from_the_order_to_the_notification() {
    let sandbox = Sandbox::start().unwrap();
    let (events, others) = (sandbox.events(), sandbox.events());
    let instance = Builder::factory(sandbox.config()).unwrap();
    instance.chain("v3/pay/transactions/native").post(order(&sandbox, "order-1", "http://127.0.0.1:1/")).unwrap();

    let Some(Event::Ledger(entry)) = events.try_next() else { panic!("the ledger comes first") };
    assert_eq!((entry.effect(), entry.name()), (Effect::OrderPlaced, "order-1"));
    let placed = exchange(&events);
    assert_eq!((placed.number(), placed.status().as_u16(), letters(&placed)), (1, 200, "pppppp".to_owned()));
    assert_eq!(placed.effects().iter().map(|entry| entry.name()).collect::<Vec<_>>(), ["order-1"]);
    assert!(String::from_utf8_lossy(placed.body()).contains("weixin://"));
    assert!(events.try_next().is_none());

    sandbox.pay("order-1");
    let Some(Event::Ledger(entry)) = events.next_within(SOON) else { panic!("it is paid") };
    assert_eq!(entry.effect(), Effect::OrderPaid);
    let Some(Event::Notification(sent)) = events.next_within(SOON) else { panic!("the merchant is notified") };
    assert_eq!((sent.url(), sent.is_acknowledged()), ("http://127.0.0.1:1/", false));
    assert_eq!(others.into_iter().take(4).count(), 4);

    let paid = &sandbox.orders()[0];
    assert_eq!((paid.state(), paid.description().as_deref()), ("SUCCESS", Some("coffee")));
    assert!(paid.paid() >= Some(paid.created()) && paid.transaction_id().is_some());
}

#[test]
fn each_step_of_the_gate_can_fail_and_those_behind_it_are_not_reached() {
    let sandbox = Sandbox::start_tls().unwrap();
    let events = sandbox.events();
    let path = "/v3/marketing/partnerships";
    let bare = Bare::new("GET", path, "");
    let right = || authorization(&sandbox, "GET", path, b"");
    let used = right();
    let changed = |from: &str, to: &str| {
        let value = right();
        assert!(value.contains(from), "{value}");
        bare.clone().with("Authorization", &value.replacen(from, to, 1))
    };
    let without_agent = Bare { headers: vec![("Accept".into(), "*/*".into())], ..bare.clone() };
    for (steps, request) in [
        ("pppppp", bare.clone().with("Authorization", &used)),
        ("F-----", without_agent),
        ("pF----", bare.clone()),
        ("pF----", changed("WECHATPAY2-SHA256-RSA2048", "WECHATPAY2-SM2-WITH-SM3")),
        ("ppF---", changed("timestamp=\"1", "timestamp=\"2")),
        ("pppF--", changed("serial_no=\"", "serial_no=\"00")),
        ("ppppF-", changed("nonce_str=\"", "nonce_str=\"0")),
        ("pppppF", bare.clone().with("Authorization", &used)),
    ] {
        request.send(&sandbox);
        let seen = exchange(&events);
        assert_eq!(letters(&seen), steps, "{seen:?}");
        let failed = seen.request().gate().into_iter().find_map(|(_, result)| match result {
            GateResult::Failed(why) => Some(why),
            _ => None,
        });
        let answer: Value = serde_json::from_slice(seen.body()).unwrap();
        assert_eq!(failed.as_deref(), answer["message"].as_str());
    }
}

#[test]
fn the_steps_of_apiv2_and_its_text_are_seen_without_the_key() {
    let sandbox = Sandbox::start().unwrap();
    let events = sandbox.events();
    let instance = Builder::factory(sandbox.config()).unwrap();
    let query = json!({ "xml": { "appid": "wxd678efh567hg6787", "mch_id": sandbox.mchid(), "out_trade_no": "1" } });
    let _ = instance.chain("v2/pay/orderquery").post(query.clone());
    let seen = exchange(&events);
    assert_eq!(letters(&seen), "pppppp");
    let message = String::from_utf8(seen.signed_message().unwrap()).unwrap();
    assert!(message.starts_with("appid=wxd678efh567hg6787&") && message.ends_with("&key="), "{message}");
    assert!(!format!("{seen:?}").contains(sandbox.secret()));

    let _ = instance.chain("v2/secapi/pay/refund").post(query);
    assert_eq!(letters(&exchange(&events)), "F-----", "a certificate is needed, and without TLS there is none");
    let body = format!("<xml><mch_id>{}</mch_id><sign>0</sign></xml>", sandbox.mchid());
    Bare::new("POST", "/pay/orderquery", body).send(&sandbox);
    assert_eq!(letters(&exchange(&events)), "ppppF-");
}

#[test]
fn a_fault_is_seen_with_what_it_has_let_happen() {
    let sandbox = Sandbox::start().unwrap();
    let events = sandbox.events();
    let instance = Builder::factory(sandbox.config()).unwrap();
    sandbox.inject(Fault::CloseBeforeAnswer.times(1));
    sandbox.inject(Fault::Status(503).without_effect().times(1));
    for (fault, steps, effects) in [(Fault::CloseBeforeAnswer, "pppppp", 1), (Fault::Status(503), "", 0)] {
        let body = order(&sandbox, "order-1", "https://example.com/");
        assert!(instance.chain("v3/pay/transactions/native").post(body).is_err());
        let seen = exchange(&events);
        assert_eq!((seen.fault(), letters(&seen).as_str(), seen.effects().len()), (Some(&fault), steps, effects));
    }
    assert!(sandbox.faults().is_empty(), "none is left");
}

#[test]
fn every_fault_is_written_and_read_again() {
    for fault in Fault::examples() {
        let rule = fault.clone().on("v3/pay/transactions/native").times(2).share(0.5).without_effect();
        let written = Value::from(&rule);
        let read = FaultRule::try_from(&written).unwrap();
        assert_eq!((read.fault(), read.left(), Value::from(&read)), (&fault, Some(2), written));
    }
    for (wrong, why) in [
        (json!([]), "an object"),
        (json!({}), "\"fault\" must be"),
        (json!({ "fault": "stauts", "status": 500 }), "did you mean \"status\"?"),
        (json!({ "fault": "nothing alike" }), "there are bad_signature, missing_header"),
        (json!({ "fault": "status", "status": 200 }), "from 400 to 599, not 200"),
        (json!({ "fault": "status", "status": 70_000 }), "cannot be 70000"),
        (json!({ "fault": "endless", "status": 500 }), "no field of \"endless\" \"status\""),
        (json!({ "fault": "endless", "tiems": 1 }), "did you mean \"times\"?"),
        (json!({ "fault": "endless", "times": -1 }), "\"times\" must be a number of calls, not -1"),
        (json!({ "fault": "endless", "share": 2 }), "from 0 to 1, not 2"),
        (json!({ "fault": "missing_header", "header": "Date" }), "\"header\" of \"missing_header\" cannot be \"Date\""),
        (json!({ "fault": "delay", "seconds": -1 }), "cannot be -1"),
    ] {
        let error = FaultRule::try_from(&wrong).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn what_was_made_before_a_restart_is_accepted_after_it() {
    let folder = Folder::new("keys");
    let file = folder.file("keys.json");
    let start = |mode| Sandbox::builder().mode(mode).tls(true).key_file(&file).start().unwrap();
    let before = start(KeyMode::PublicKey);
    let config = before.config();
    let port = before.base_uri().trim_end_matches('/').rsplit_once(':').unwrap().1.parse().unwrap();
    let other_secret = before.secret().to_owned();
    let authority = before.ca_pem().unwrap().to_owned();
    fs::write(folder.file("authority.pem"), &authority).unwrap();
    drop(before);

    // An instance that was configured with what there was: the address, the keys of both sides, the authority.
    let verify = json!({ "verify": folder.file("authority.pem").to_str() });
    let instance = config.defaults(verify).build().unwrap();
    let after = Sandbox::builder().port(port).tls(true).key_file(&file).start().unwrap();
    instance.chain("v3/marketing/partnerships").get(()).unwrap();
    assert_eq!((after.secret(), after.ca_pem()), (other_secret.as_str(), Some(authority.as_str())));
    drop(after);

    // What a mode needs is added, and stays.
    let serial = start(KeyMode::Certificate).platform_serial().to_owned();
    let again = start(KeyMode::Mixed);
    assert_eq!((again.platform_serial(), again.secret()), (serial.as_str(), other_secret.as_str()));
    assert_eq!(folder.names(), ["authority.pem", "keys.json"], "nothing temporary is left");
}

#[test]
#[cfg(unix)]
fn the_file_of_the_keys_is_for_nobody_else_to_read() {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::new("keys");
    let file = folder.file("keys.json");
    Sandbox::builder().key_file(&file).start().unwrap();
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let written: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert!(written["note"].as_str().unwrap().contains("good for nothing else"));
    // They are keys to OpenSSL, too.
    fs::write(folder.file("key.pem"), written["merchant_key"].as_str().unwrap()).unwrap();
    let mut openssl = Command::new("openssl");
    assert!(openssl.args(["pkey", "-check", "-noout", "-in"]).arg(folder.file("key.pem")).status().unwrap().success());
}

#[test]
fn a_file_that_holds_no_keys_is_named_with_what_is_wrong() {
    let folder = Folder::new("keys");
    let file = folder.file("keys.json");
    for (content, why) in [
        ("[]", "it is no JSON object"),
        ("{\"merchant_key\": 1}", "merchant_key is not a text"),
        ("{\"merchant_key\": \"PEM\"}", "merchant_key is not a private RSA key"),
        ("{\"secret\": \"short\"}", "secret does not have 32 letters and digits"),
        ("{\"platform_authority_key\": \"a\", \"platform_authority_certificate\": \"b\"}", "do not belong together"),
    ] {
        fs::write(&file, content).unwrap();
        let error = Sandbox::builder().key_file(&file).start().unwrap_err().to_string();
        assert!(error.contains("keys.json: ") && error.contains(why), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), content, "it is left as it is");
    }
    let error = Sandbox::builder().key_file(folder.file("none/keys.json")).start().unwrap_err();
    assert!(error.to_string().contains("none/keys.json: "), "{error}");
}

#[test]
fn a_port_that_is_taken_is_named() {
    let sandbox = Sandbox::start().unwrap();
    let port = sandbox.base_uri().trim_end_matches('/').rsplit_once(':').unwrap().1.parse().unwrap();
    let error = Sandbox::builder().port(port).start().unwrap_err();
    assert!(error.to_string().starts_with(&format!("port {port} of 127.0.0.1: ")), "{error}");
}
