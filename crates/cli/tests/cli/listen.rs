//! The endpoint that receives notifications.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};
use support::raw::{Reply, Server, answer};
use wechatpay_sandbox::Sandbox;

use crate::call::ORDER;
use crate::runs::Home;

/// How long a line may take to come.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A command that listens, until it is dropped.
struct Listening {
    child: Child,
    url: String,
    lines: Receiver<String>,
    errors: Receiver<String>,
}

impl Listening {
    fn start(home: &Home, arguments: &[&str]) -> Listening {
        let mut command = home.command(&[&["listen", "--port", "0"], arguments].concat());
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = each_line(BufReader::new(child.stdout.take().unwrap()));
        let errors = each_line(BufReader::new(child.stderr.take().unwrap()));
        let first = errors.recv_timeout(PATIENCE).unwrap();
        let url = first.split(['"', ' ']).find(|word| word.starts_with("http://127.0.0.1:")).expect(&first).to_owned();
        Listening { child, url, lines, errors }
    }

    fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).unwrap()
    }

    fn json(&self) -> Value {
        self.line().parse().unwrap()
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The lines of a reader, as they come.
pub fn each_line(reader: impl BufRead + Send + 'static) -> Receiver<String> {
    let (tell, told) = channel();
    std::thread::spawn(move || reader.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
    told
}

#[test]
fn from_a_payment_to_the_server() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("listen", &sandbox);
    let server = Server::start(|_, _| Reply::Answer(answer("204", &[("X-Shop", "yes".into())], b"")));
    let listening = Listening::start(&home, &["--json", "--forward-to", &(server.url() + "paid")]);
    let order = ORDER.replace("https://shop.example/paid", &format!("{}paid", listening.url));
    home.run(&["post", "v3/pay/transactions/native", "-d", &order]).ends(0);
    sandbox.pay("order-1").unwrap();
    let told = listening.json();
    assert_eq!((&told["event"], &told["verified"]), (&json!("TRANSACTION.SUCCESS"), &json!(true)));
    assert_eq!(told["content"]["out_trade_no"], "order-1");
    assert_eq!((&told["status"], &told["answered_by"]), (&json!(204), &json!("server")));
    // What came went there, and what was said there is the answer.
    assert!(sandbox.wait_for_notifications(PATIENCE));
    let sent = &sandbox.sent_notifications()[0];
    assert_eq!(sent.delivery().unwrap().status(), 204);
    let arrived = &server.arrived()[0];
    assert_eq!((&*arrived.method, &*arrived.target), ("POST", "/paid"));
    assert_eq!(arrived.body, sent.notification().body());
    for (name, value) in sent.notification().headers() {
        assert_eq!(arrived.header(name.as_str()), Some(value.to_str().unwrap()), "{name}");
    }
}

#[test]
fn a_line_for_each() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("listen-lines", &sandbox);
    let listening = Listening::start(&home, &["--print-json"]);
    let paid = sandbox.documented_notification("TRANSACTION.SUCCESS", json!({ "out_trade_no": "order-2" })).unwrap();
    assert!(paid.send(&listening.url).unwrap().is_acknowledged());
    let line = listening.line();
    assert!(line.contains("✓ TRANSACTION.SUCCESS") && line.contains("→ 200 here"), "{line}");
    let mut content = String::new();
    while content.parse::<Value>().is_err() {
        content += &listening.line();
    }
    assert_eq!(content.parse::<Value>().unwrap()["out_trade_no"], "order-2");
    // Whoever cannot sign is refused, and it goes on.
    assert_eq!(paid.tampered().send(&listening.url).unwrap().status(), 401);
    assert!(listening.line().contains("✗ TRANSACTION.SUCCESS"));
    assert!(listening.line().contains("does not match what arrived"));
    assert_eq!(paid.probe().send(&listening.url).unwrap().status(), 401);
    assert!(listening.line().contains("→ 401 here"));
    assert!(listening.line().contains("SIGNTEST"));
    // Of APIv2.
    let of_v2 = sandbox.notification_apiv2(json!({ "out_trade_no": "order-3" }));
    assert!(of_v2.send(&listening.url).unwrap().is_acknowledged());
    assert!(listening.line().contains("✓ payment order-3"));
}

#[test]
fn what_comes_of_apiv2() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("listen-v2", &sandbox);
    let listening = Listening::start(&home, &["--json"]);
    let refunded = sandbox.refund_notification_apiv2(json!({ "out_refund_no": "refund-1" }));
    assert!(refunded.send(&listening.url).unwrap().is_acknowledged());
    let told = listening.json();
    assert_eq!((&told["event"], &told["content"]["out_refund_no"]), (&json!("refund"), &json!("refund-1")));
    let paid = sandbox.notification_apiv2(json!({ "out_trade_no": "order-3" }));
    assert!(!paid.tampered().send(&listening.url).unwrap().is_acknowledged());
    let told = listening.json();
    assert_eq!((&told["verified"], &told["content"]), (&json!(false), &Value::Null));
    assert!(told["wrong"].as_str().unwrap().contains("`sign`"), "{told}");
}

#[test]
fn only_some_events_are_handed_on() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("listen-events", &sandbox);
    let server = Server::start(|_, _| Reply::Answer(answer("403", &[], b"no")));
    let listening =
        Listening::start(&home, &["--json", "--forward-to", &server.url(), "--events", "REFUND.SUCCESS,payment"]);
    let send = |notification: wechatpay_sandbox::SignedNotification| {
        let status = notification.send(&listening.url).unwrap().status().as_u16();
        let told = listening.json();
        assert_eq!(told["status"], status);
        (status, told["answered_by"].as_str().unwrap().to_owned())
    };
    let paid = sandbox.notification("TRANSACTION.SUCCESS", json!({}));
    assert_eq!(send(paid.clone()), (200, "left out".to_owned()));
    assert_eq!(send(sandbox.notification("REFUND.SUCCESS", json!({}))), (403, "server".to_owned()));
    assert_eq!(send(sandbox.notification_apiv2(json!({}))), (403, "server".to_owned()));
    // The server has to refuse it, so it must see it.
    assert_eq!(send(paid.tampered()), (403, "server".to_owned()));
    assert_eq!(server.arrived().len(), 3);
}

#[test]
fn a_server_that_does_not_answer() {
    let sandbox = Sandbox::start().unwrap();
    let home = Home::of("listen-slow", &sandbox);
    let slow = Server::start(|_, _| Reply::Stall(Vec::new(), PATIENCE));
    let paid = sandbox.notification("TRANSACTION.SUCCESS", json!({}));
    let listening = Listening::start(&home, &["--json", "--forward-to", &slow.url(), "--timeout", "0.2"]);
    assert_eq!(paid.send(&listening.url).unwrap().status(), 504);
    let told = listening.json();
    assert_eq!((&told["verified"], &told["answered_by"]), (&json!(true), &json!("unreachable")));
    assert!(told["error"].as_str().unwrap().contains("in time"), "{told}");
    let listening = Listening::start(&home, &["--forward-to", "http://127.0.0.1:1/"]);
    assert_eq!(paid.send(&listening.url).unwrap().status(), 502);
    assert!(listening.line().contains("→ 502 unreachable"));
    home.run(&["listen", "--forward-to", "nowhere"]).ends(2).says("is not http://");
    home.run(&["listen", "--forward-to", "http://a b/"]).ends(2).says("--forward-to \"http://a b/\": ");
    home.run(&["listen", "--timeout=-1"]).ends(2).says("timeout");
    home.run(&["listen", "--timeout", "1e30"]).ends(2).says("timeout");
    home.run(&["listen", "--events", "A"]).ends(2).says("--forward-to");
    let port = slow.url().rsplit_once(':').unwrap().1.trim_end_matches('/').to_owned();
    home.run(&["listen", "--port", &port]).ends(2).says("--port chooses another");
    Home::new("listen-nothing").run(&["listen"]).ends(2).says("--profile sandbox");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it() {
    let home = Home::new("listen-end");
    for signal in ["-INT", "-TERM"] {
        let mut listening = Listening::start(&home, &["--profile", "sandbox"]);
        // What is triggered meanwhile has the same keys.
        home.run(&["trigger", "TRANSACTION.SUCCESS", "--to", &listening.url]).ends(0);
        assert!(listening.line().contains("✓ TRANSACTION.SUCCESS"));
        let pid = listening.child.id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().unwrap().success());
        assert_eq!(listening.child.wait().unwrap().code(), Some(0));
        assert!(listening.errors.recv().is_err(), "nothing more is said");
    }
}

#[test]
fn a_server_with_a_certificate_of_its_own_is_trusted_by_verify() {
    let (sandbox, other) = (Sandbox::start().unwrap(), Sandbox::builder().tls(true).start().unwrap());
    let home = Home::of("listen-trusted", &sandbox);
    let authority = other.ca_file().unwrap().display().to_string();
    let paid = sandbox.notification("TRANSACTION.SUCCESS", json!({ "out_trade_no": "1" }));
    for (verify, status) in [(&[][..], 502), (&["--verify", &authority], 401)] {
        let listening = Listening::start(&home, &[&["--forward-to", other.base_uri()], verify].concat());
        assert_eq!(paid.send(&listening.url).unwrap().status(), status);
    }
    home.write("empty.pem", "");
    let arguments = ["listen", "--forward-to", other.base_uri(), "--verify", "empty.pem"];
    home.run(&arguments).ends(2).says("empty.pem");
}
