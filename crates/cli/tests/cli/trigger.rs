//! Notifications that are triggered.

use std::time::Duration;

use serde_json::{Value, json};
use support::raw::{Reply, Server, answer};
use wechatpay::Chain;
use wechatpay_sandbox::Sandbox;

use crate::runs::{Home, Run};

/// A receiver that does as the library says.
fn receiver(instance: Chain) -> Server {
    Server::start(move |_, request| {
        let is_xml = request.body.starts_with(b"<");
        let reply = if is_xml {
            instance.notification_apiv2(&request.body).map(|read| read.reply())
        } else {
            instance.notification(request.headers.clone(), &request.body).map(|read| read.reply())
        };
        let reply = reply.unwrap_or_else(|error| error.reply());
        Reply::Answer(answer(reply.status().as_str(), &[], reply.body().as_bytes()))
    })
}

fn lines(run: &Run) -> Vec<Value> {
    run.stdout.lines().map(|line| line.parse().unwrap()).collect()
}

/// An instance with the keys that were written for the receiver.
fn instance(home: &Home, folder: &str) -> Chain {
    let sandbox = Sandbox::start().unwrap();
    let text = |name: &str| std::fs::read_to_string(home.path(&format!("{folder}/{name}"))).unwrap();
    let printed = home.run(&["--json", "trigger", "TRANSACTION.SUCCESS", "--keys", folder]).ends(0).json();
    let id = printed["headers"]["wechatpay-serial"].as_str().unwrap().to_owned();
    wechatpay::Builder::factory(json!({
        "mchid": "1900000109",
        "serial": sandbox.merchant_serial(),
        "privateKey": sandbox.merchant_private_key_pem(),
        "certs": { id: text("pub_key.pem") },
        "apiv3Key": text("apiv3.key"),
        "secret": text("apiv2.key"),
    }))
    .unwrap()
}

#[test]
fn all_events_are_listed() {
    let home = Home::new("trigger-list");
    let listed = lines(&home.run(&["--json", "trigger", "--list"]).ends(0));
    assert_eq!(listed.len(), 112);
    assert!(listed.iter().any(|line| line["event"] == "TRANSACTION.SUCCESS" && line["protocol"] == "v3"));
    assert!(listed.iter().any(|line| line["protocol"] == "v2"));
    let run = home.run(&["trigger", "--list"]).ends(0);
    assert_eq!(run.stdout.lines().count(), 112);
    home.run(&["trigger"]).ends(2).says("EVENT");
    home.run(&["trigger", "TRANSACTION.SUCESS"])
        .ends(2)
        .says("the nearest is \"TRANSACTION.SUCCESS\"")
        .says("trigger --list");
}

#[test]
fn it_is_printed_as_the_other_commands_read_it() {
    let home = Home::new("trigger-print");
    let set = ["--set", "/out_trade_no=order-7", "--set", "/amount/total:=123", "--set", "/attach:=null"];
    let run = home.run(&[&["trigger", "TRANSACTION.SUCCESS"], &set[..]].concat()).ends(0);
    // The keys of the profile `sandbox` stay the same.
    let sandbox = ["--profile", "sandbox", "--json"];
    let told = home.run_with(&[&sandbox[..], &["notification"]].concat(), &run.stdout).ends(0).json();
    let content = &told["content"];
    assert_eq!((&content["out_trade_no"], &content["amount"]["total"]), (&json!("order-7"), &json!(123)));
    assert!(content.get("attach").is_none());
    home.run_with(&[&sandbox[..], &["verify"]].concat(), &run.stdout).ends(0);
    home.run_with(&[&sandbox[..], &["explain"]].concat(), &run.stdout).ends(0);
    let paid = home.run(&["trigger", "v2/TRANSACTION.SUCCESS"]).ends(0).stdout;
    home.run_with(&[&sandbox[..], &["notification"]].concat(), &paid).ends(0);
    let told = home.run(&["--json", "trigger", "REFUND.SUCCESS"]).ends(0).json();
    assert!(told["headers"]["wechatpay-signature"].is_string() && told["body"].is_string());
}

#[test]
fn what_is_set_must_have_a_place() {
    let home = Home::new("trigger-set");
    let set = |value: &str| home.run(&["trigger", "TRANSACTION.SUCCESS", "--set", value]).ends(2);
    set("out_trade_no").says("neither /PLACE=TEXT nor /PLACE:=JSON");
    set("out_trade_no=1").says("neither");
    set("/=1").says("neither");
    set("/amount/total:=x").says("/amount/total:= is not JSON");
    set("/out_trade_nr=1").says("has no field");
    home.run(&["trigger", "TRANSACTION.SUCCESS", "--set", "/amount=1", "--set", "/amount/total:=1"])
        .ends(2)
        .says("\"amount\" has been set to something else");
}

#[test]
fn a_receiver_that_does_as_it_should() {
    let home = Home::new("trigger-right");
    let server = receiver(instance(&home, "keys"));
    let url = server.url() + "notify";
    let faults = ["--faults", "probe,duplicate,tampered,late", "--to", &url, "--keys", "keys"];
    let run = home.run(&[&["--json", "trigger", "TRANSACTION.SUCCESS"], &faults[..]].concat()).ends(0);
    let told: Vec<_> = lines(&run).iter().map(|line| (line["delivery"].clone(), line["status"].clone())).collect();
    let expected = [("notification", 200), ("probe", 401), ("duplicate", 200), ("tampered", 401), ("late", 200)];
    assert_eq!(told, expected.map(|(name, status)| (json!(name), json!(status))));
    let arrived = server.arrived();
    assert_eq!(arrived[0].target, "/notify");
    assert_eq!(arrived[0].body, arrived[4].body);
    assert_ne!(arrived[0].header("wechatpay-nonce"), arrived[4].header("wechatpay-nonce"), "signed anew");
    assert_eq!(arrived[0].headers, arrived[2].headers, "the same once more");
    assert_ne!(arrived[0].body, arrived[3].body);
    let run = home.run(&["trigger", "REFUND.SUCCESS", "--to", &url, "--keys", "keys"]).ends(0);
    assert!(run.stdout.starts_with("✓ REFUND.SUCCESS notification: acknowledged with 200"), "{}", run.stdout);
    let v2 = ["trigger", "v2/TRANSACTION.SUCCESS", "--keys", "keys", "--to", &url, "--faults"];
    home.run(&[&v2[..], &["duplicate,tampered,late"]].concat()).ends(0);
    home.run(&[&v2[..], &["probe"]].concat()).ends(2).says("no probes of APIv2");
    #[cfg(unix)]
    for name in ["keys/keys.json", "keys/apiv3.key"] {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(home.path(name)).unwrap().permissions().mode() & 0o077, 0, "{name}");
    }
}

#[test]
fn a_receiver_that_does_not() {
    let home = Home::new("trigger-wrong");
    let believes = Server::start(|_, _| Reply::Answer(answer("204", &[], b"")));
    let url = believes.url();
    let trigger = ["trigger", "TRANSACTION.SUCCESS", "--to", &url];
    let run = home.run(&[&trigger[..], &["--faults", "probe,duplicate"]].concat()).ends(6);
    assert!(run.stdout.contains("✗ TRANSACTION.SUCCESS probe: acknowledged with 204"), "{}", run.stdout);
    assert!(run.stdout.contains("→ it was believed"), "{}", run.stdout);
    assert!(run.stdout.contains("✓ TRANSACTION.SUCCESS duplicate"), "{}", run.stdout);
    // It says later what it said first; a second time it fails.
    let fails = Server::start(|number, _| Reply::Answer(answer(if number == 0 { "200" } else { "500" }, &[], b"")));
    let url = fails.url();
    let run = home.run(&["trigger", "TRANSACTION.SUCCESS", "--to", &url, "--faults", "tampered,late"]).ends(6);
    assert!(run.stdout.contains("→ refuse it with a status of 4xx"), "{}", run.stdout);
    assert!(run.stdout.contains("→ acknowledge it like the first"), "{}", run.stdout);
    home.run(&["trigger", "TRANSACTION.SUCCESS", "--to", "http://127.0.0.1:1/"])
        .ends(3)
        .says("is the receiver running");
    home.run(&["trigger", "TRANSACTION.SUCCESS", "--to", "nowhere"]).ends(2).says("is not http://");
    home.run(&["trigger", "TRANSACTION.SUCCESS", "--faults", "probe"]).ends(2).says("--to");
    home.run(&["trigger", "TRANSACTION.SUCCESS", "--to", "http://a b/"]).ends(2).says("http://a b/: ");
    home.write("taken/apiv3.key/x", "");
    home.run(&["trigger", "TRANSACTION.SUCCESS", "--keys", "taken"]).ends(2).says("taken/apiv3.key: ");
    home.run(&["trigger", "TRANSACTION.SUCCESS", "--keys", "taken/keys.json/below"]).ends(2).says("keys.json/below: ");
    home.write("keys/keys.json", "[]");
    home.run(&["trigger", "TRANSACTION.SUCCESS", "--keys", "keys"]).ends(2).says("keys.json");
}

#[test]
fn commands_at_the_same_time_have_the_same_keys() {
    let home = Home::new("trigger-same");
    let start = || {
        let mut command = home.command(&["--json", "trigger", "TRANSACTION.SUCCESS"]);
        command.stdout(std::process::Stdio::piped()).spawn().unwrap()
    };
    let children = [start(), start()];
    for child in children {
        let printed = Run::of(child.wait_with_output().unwrap()).ends(0).json();
        home.write("headers.txt", {
            let headers = printed["headers"].as_object().unwrap().iter();
            headers.map(|(name, value)| format!("{name}: {}\n", value.as_str().unwrap())).collect::<String>()
        });
        let verify = ["--profile", "sandbox", "verify", "--headers", "headers.txt"];
        home.run_with(&verify, printed["body"].as_str().unwrap()).ends(0);
    }
}

/// The keys of a sandbox that runs are those that sign.
#[test]
fn a_sandbox_that_runs() {
    let home = Home::new("trigger-running");
    home.write("own/x", "");
    let keys = home.path("own/keys.json");
    let sandbox = Sandbox::builder().merchant("1900000222", "AABB").key_file(&keys).start().unwrap();
    for (name, text) in [
        ("own/key.pem", sandbox.merchant_private_key_pem()),
        ("own/pub.pem", sandbox.platform_public_key_pem()),
        ("own/apiv3.key", sandbox.apiv3_key()),
    ] {
        home.write(name, text);
    }
    let address = sandbox.base_uri().trim_start_matches("http://").trim_end_matches('/');
    let certs = json!({ sandbox.platform_serial(): home.path("own/pub.pem") });
    let state = json!({
        "address": address, "base_uri": sandbox.base_uri(), "mchid": "1900000222", "serial": "AABB", "certs": certs,
        "private_key": home.path("own/key.pem"), "apiv3_key": home.path("own/apiv3.key"),
    });
    home.write("sandbox.json", state.to_string());
    let printed = home.run(&["trigger", "TRANSACTION.SUCCESS"]).ends(0).stdout;
    let told = home.run_with(&["--profile", "sandbox", "--json", "notification"], &printed).ends(0).json();
    assert_eq!(told["content"]["sp_mchid"], "1900000222");
    drop(sandbox);
    // It is over, so its keys do not count.
    let printed = home.run(&["trigger", "TRANSACTION.SUCCESS"]).ends(0).stdout;
    let told = home.run_with(&["--profile", "sandbox", "--json", "notification"], &printed).ends(0).json();
    assert_eq!(told["content"]["sp_mchid"], "1900000109");
}

/// The platform waits for ten seconds, and so does this.
#[test]
fn a_receiver_that_says_nothing() {
    let silent = Server::start(|_, _| Reply::Stall(Vec::new(), Duration::from_secs(600)));
    let home = Home::new("trigger-silent");
    home.run(&["trigger", "TRANSACTION.SUCCESS", "--to", &silent.url()])
        .ends(6)
        .says("did not answer in time")
        .says("answer first, and work afterwards");
}

#[test]
fn a_receiver_with_a_certificate_of_its_own_is_trusted_by_verify() {
    // Another server over TLS, which knows nothing of notifications.
    let other = Sandbox::builder().tls(true).start().unwrap();
    let home = Home::new("trusted");
    let url = format!("{}notify", other.base_uri());
    let trigger = ["--profile", "sandbox", "trigger", "TRANSACTION.SUCCESS", "--to", &url];
    home.run(&trigger).ends(3).says("certificate");
    let authority = other.ca_file().unwrap().display().to_string();
    let run = home.run(&[&trigger[..], &["--verify", &authority]].concat()).ends(6);
    assert!(run.stdout.contains("refused with 401"), "{}", run.stdout);
    home.write("empty.pem", "");
    home.run(&[&trigger[..], &["--verify", "empty.pem"]].concat()).ends(2).says("empty.pem: there is no certificate");
    home.run(&[&trigger[..], &["--verify", "none.pem"]].concat()).ends(2).says("none.pem");
}
