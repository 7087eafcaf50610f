//! `wechatpay sandbox`, as whoever starts it sees it: its log, its folder, its page, and strangers who call it.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use support::bare::{Answer, Bare};
use support::raw::{Reply, Server, answer};

use crate::running::{Running, authority, send, send_as};
use crate::runs::{Home, Run};

const ORDER: &str = r#"{"appid":"wx8888888888888888","mchid":"1900000109","description":"咖啡","out_trade_no":"order-1",
    "notify_url":"http://127.0.0.1:1/","amount":{"total":100}}"#;

fn json_of(answer: &Answer) -> Value {
    answer.text().parse().unwrap_or_else(|error| panic!("{error}: {}", answer.text()))
}

#[test]
fn it_runs_until_ctrl_c_and_other_commands_find_it_meanwhile() {
    let home = Home::new("running");
    let running = Running::start(&home, &[]);
    let state: Value = fs::read_to_string(home.path("sandbox.json")).unwrap().parse().unwrap();
    assert_eq!(state["base_uri"], running.base_uri.as_str());

    home.run(&["--profile", "sandbox", "post", "v3/pay/transactions/native", "-d", ORDER]).ends(0);
    let line = running.line();
    assert_eq!((&line["method"], &line["target"]), (&json!("POST"), &json!("/v3/pay/transactions/native")));
    assert_eq!((&line["status"], &line["is_checked"], &line["refused"]), (&json!(200), &json!(true), &json!(null)));
    assert_eq!(
        (&line["effects"][0]["effect"], &line["effects"][0]["name"]),
        (&json!("OrderPlaced"), &json!("order-1"))
    );

    // What is refused says at which step.
    let bare =
        Bare::new("GET", "/v3/marketing/partnerships", "").with("Authorization", "WECHATPAY2-SHA256-RSA2048 a=b");
    assert_eq!(send(&running.base_uri, &bare).status, 401);
    assert_eq!(running.line()["refused"]["step"], "authorization");

    let (lines, run) = running.end();
    assert_eq!((lines.last(), run.code, run.stderr.as_str()), (Some(&json!({ "stopped": true })), 0, ""));
    assert!(!home.folder.file("sandbox.json").exists(), "nothing leads to it any more");
    // Now a command has a sandbox of its own, which knows nothing of that order.
    let query = "v3/pay/transactions/out-trade-no/order-1?mchid=1900000109";
    home.run(&["--profile", "sandbox", "get", query]).ends(4).says("ORDER_NOT_EXIST");
}

#[test]
fn the_log_for_people_has_a_line_for_each_request() {
    let home = Home::new("people");
    let mut child = home.command(&["sandbox", "--port", "0", "--lenient"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut log = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let head: Vec<String> = log.by_ref().take(6).collect();
    let base = head[1].split_whitespace().nth(1).unwrap().to_owned();
    assert!(head[0] == "WeChat Pay sandbox" && head[1].contains("merchant 1900000109, public key"), "{head:?}");
    home.run(&["--profile", "sandbox", "post", "v3/pay/transactions/native", "-d", ORDER]).ends(0);
    send(&base, &Bare::new("GET", "/v3/any%1b/path", ""));
    let lines: Vec<String> = log.by_ref().take(2).collect();
    let without_times = |line: &str| line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ");
    let placed = without_times(&lines[0]);
    assert!(placed.starts_with("POST /v3/pay/transactions/native 200 "), "{placed}");
    assert!(placed.ends_with(" ms ✓ signed + order placed order-1 ¥1.00"), "{placed}");
    assert!(
        lines[1].contains("401") && lines[1].contains("✗ authorization: Http头Authorization值格式错误"),
        "{}",
        lines[1]
    );
    assert!(!lines.concat().contains('\u{1b}'), "no colours: it is no terminal");
    // Whoever stops reading ends it.
    drop(log);
    let mut stream = TcpStream::connect(authority(&base)).unwrap();
    stream.write_all(&Bare::new("GET", "/v3/any/path", "").head(0)).unwrap();
    assert!(child.wait().unwrap().success());
}

#[test]
fn the_folder_has_keys_that_belong_together_and_stay_the_same() {
    let home = Home::new("folder");
    let folder = home.path("it's \"mine\"");
    let first = Running::start(&home, &["--folder", &folder]);
    let openssl = |arguments: &[&str]| {
        let output = Command::new("openssl").args(arguments).current_dir(&folder).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let public = openssl(&["pkey", "-in", "apiclient_key.pem", "-pubout"]);
    assert_eq!(public, openssl(&["x509", "-in", "apiclient_cert.pem", "-noout", "-pubkey"]));
    let serial = openssl(&["x509", "-in", "apiclient_cert.pem", "-noout", "-serial"]);
    assert_eq!(serial.trim(), "serial=3775B6A45ACD588826D15E583A95F5DD12345678");
    let keys = ["keys.json", "apiclient_key.pem", "pub_key.pem", "apiv3.key", "apiv2.key"];
    let before = keys.map(|name| first.file(name));
    #[cfg(unix)]
    for name in ["keys.json", "apiclient_key.pem", "apiv3.key", "apiv2.key"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(format!("{folder}/{name}")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    first.end();
    let second = Running::start(&home, &["--folder", &folder]);
    assert_eq!(keys.map(|name| second.file(name)), before);
}

#[test]
fn the_programs_of_the_folder_are_whole_in_each_mode() {
    let home = Home::new("programs");
    for arguments in [&[][..], &["--mode", "certificate"], &["--tls"], &["--tls", "--mode", "certificate"]] {
        let running = Running::start(&home, arguments);
        let programs = ["php/native.php", "node/native.js", "go/native.go", "java/Native.java", "rust/native.rs"];
        for name in programs {
            let text = running.file(name);
            assert!(!text.contains("{{") && text.contains(&running.base_uri), "{name}: {text}");
            assert!(text.contains("apiclient_key.pem") && !text.contains("BEGIN PRIVATE"), "{name}");
            assert_eq!(text.contains("platform_cert.pem"), arguments.contains(&"certificate"), "{name}");
            assert_eq!(text.contains("authority.pem"), arguments.contains(&"--tls"), "{name}");
        }
        let secrets = [running.file("apiv3.key"), running.file("apiv2.key")];
        for name in programs.into_iter().chain(["README.md", "wechatpay.env"]) {
            assert!(secrets.iter().all(|secret| !running.file(name).contains(secret)), "{name}");
        }
        // Where it is, what reads its language finds no mistake in it.
        for (reader, arguments, name) in [
            ("php", &["-l"][..], "php/native.php"),
            ("node", &["--check"], "node/native.js"),
            ("gofmt", &["-e", "-d"], "go/native.go"),
            ("javac", &["-proc:none", "-XDshould-stop.ifNoError=PARSE"], "java/Native.java"),
            ("rustfmt", &["--edition=2024", "--emit=stdout"], "rust/native.rs"),
        ] {
            if let Ok(read) = Command::new(reader).args(arguments).arg(running.path(name)).output() {
                assert!(read.status.success(), "{name}: {}", String::from_utf8_lossy(&read.stderr));
            }
        }
        // The variables are those of this command.
        let script = "set -a; . \"$1/wechatpay.env\"; \"$2\" get v3/marketing/partnerships";
        let mut shell = home.command(&[]);
        let wechatpay = shell.get_program().to_owned();
        shell = {
            let mut sh = Command::new("sh");
            sh.args(["-c", script, "sh", &running.folder])
                .arg(wechatpay)
                .envs(shell.get_envs().filter_map(|(name, value)| Some((name, value?))));
            sh
        };
        let run = Run::of(shell.output().unwrap());
        assert_eq!(run.code, 0, "{run:?}");
    }
}

#[test]
fn its_answers_verify_by_openssl() {
    let home = Home::new("openssl");
    for (mode, arguments) in
        [("public-key", &[][..]), ("certificate", &["x509", "-in", "platform_cert.pem", "-noout", "-pubkey"])]
    {
        let running = Running::start(&home, &["--mode", mode]);
        let answered = running.call("POST", "/v3/pay/transactions/native", ORDER);
        assert_eq!(answered.status, 200);
        let header = |name: &str| answered.header(name).unwrap();
        let signed = format!("{}\n{}\n{}\n", header("wechatpay-timestamp"), header("wechatpay-nonce"), answered.text());
        home.write("signed", signed);
        home.write("signature", openssl::base64::decode_block(header("wechatpay-signature")).unwrap());
        let key = match arguments {
            [] => format!("{}/pub_key.pem", running.folder),
            arguments => {
                let output = Command::new("openssl").args(arguments).current_dir(&running.folder).output().unwrap();
                home.write("key.pem", output.stdout);
                home.path("key.pem")
            }
        };
        let mut verify = Command::new("openssl");
        verify.args(["dgst", "-sha256", "-verify", &key, "-signature", &home.path("signature"), &home.path("signed")]);
        assert!(verify.output().unwrap().status.success(), "{mode}");
    }
}

#[test]
fn answers_and_faults_come_from_files() {
    let home = Home::new("files");
    home.write(
        "answers.json",
        r#"[
        {"method": "get", "path": "v3/any/{thing}", "body": {"name": "冷"}, "headers": {"X-One": "1"}},
        {"method": "GET", "path": "/v3/any/{thing}", "status": 429, "body": {"code": "FREQUENCY_LIMITED"}},
        {"method": "GET", "path": "v3/bare", "status": 502, "body": "<html>", "unsigned": true},
        {"method": "DELETE", "path": "v3/any/{thing}", "status": 204}]"#,
    );
    home.write("faults.json", r#"[{"fault": "status", "status": 403, "on": "v3/any/{thing}", "times": 1}]"#);
    let running =
        Running::start(&home, &["--answers", &home.path("answers.json"), "--faults", &home.path("faults.json")]);
    let path = "/v3/any/thing";
    let struck = running.call("GET", path, "");
    assert_eq!((struck.status, &running.line()["fault"]["status"]), (403, &json!(403)));
    let first = running.call("GET", path, "");
    assert_eq!((first.status, first.header("x-one"), json_of(&first)), (200, Some("1"), json!({ "name": "冷" })));
    assert_eq!([running.call("GET", path, "").status, running.call("GET", path, "").status], [429, 429]);
    let bare = running.call("GET", "/v3/bare", "");
    assert_eq!((bare.status, bare.is_unsigned(), bare.text()), (502, true, "<html>"));
    assert_eq!(running.call("DELETE", path, "").status, 204);
}

#[test]
fn what_is_wrong_in_a_file_is_named_with_its_place() {
    let home = Home::new("wrong");
    for (option, content, says) in [
        ("--answers", "[{", "EOF while parsing"),
        ("--answers", "{}", "it must be a JSON array"),
        ("--answers", "[{\"method\": \"GET\", \"path\": \"a\"}, 1]", "[1]: an answer is an object"),
        ("--answers", "[{\"methd\": \"GET\"}]", "[0]: there is no \"methd\"; did you mean \"method\"?"),
        ("--answers", "[{\"path\": \"a\"}]", "[0]: \"method\" must be a text"),
        (
            "--answers",
            "[{\"method\": \"GET\", \"path\": \"a\", \"status\": 99999}]",
            "[0]: \"status\" must be a status",
        ),
        (
            "--answers",
            "[{\"method\": \"GET\", \"path\": \"a\", \"status\": 600}]",
            "[0]: a status must be from 200 to 599",
        ),
        ("--answers", "[{\"method\": \"GET\", \"path\": \"a?b\"}]", "[0]: the path \"a?b\" has a query"),
        (
            "--answers",
            "[{\"method\": \"GET\", \"path\": \"a\", \"headers\": {\"a b\": \"c\"}}]",
            "[0]: HTTP does not allow",
        ),
        (
            "--answers",
            "[{\"method\": \"GET\", \"path\": \"a\", \"unsigned\": 1}]",
            "[0]: \"unsigned\" must be true or false",
        ),
        (
            "--faults",
            "[{\"fault\": \"endless\"}, {\"fault\": \"endles\"}, {}]",
            "[1]: there is no fault \"endles\"; did you mean \"endless\"?; [2]: ",
        ),
        ("--faults", "[{\"fault\": \"rotation\"}]", "[0]: a sandbox with only the public key has no certificate"),
    ] {
        home.write("file.json", content);
        let file = home.path("file.json");
        home.run(&["sandbox", "--port", "0", option, &file]).ends(2).says("file.json: ").says(says);
    }
    home.run(&["sandbox", "--answers", "none.json"]).ends(2).says("none.json: ");
    home.run(&["sandbox", "--merchant", "a b"]).ends(2).says("a merchant's id has 1 to 32 letters and digits");
    home.run(&["sandbox", "--mode", "none"]).ends(2).says("public-key");
    home.write("sandbox/keys.json", "[]");
    home.run(&["sandbox", "--port", "0", "--folder", &home.path("sandbox")])
        .ends(2)
        .says("keys.json: it is no JSON object");
    home.run(&["sandbox", "--port", "0", "--folder", &home.path("file.json")]).ends(2).says("file.json: ");
}

#[test]
fn a_port_that_is_taken_is_named_with_what_to_do() {
    let home = Home::new("taken");
    let running = Running::start(&home, &[]);
    let port = |base: &str| authority(base).rsplit_once(':').unwrap().1.to_owned();
    let (gateway, page) = (port(&running.base_uri), port(&running.page));
    let others = Home::new("others");
    others
        .run(&["sandbox", "--port", &gateway])
        .ends(2)
        .says(&format!("port {gateway} of 127.0.0.1"))
        .says("--port chooses");
    others
        .run(&["sandbox", "--port", "0", "--page-port", &page])
        .ends(2)
        .says(&format!("port {page} of"))
        .says("--page-port");
}

#[test]
fn over_tls_other_commands_trust_its_authority() {
    let home = Home::new("tls");
    let running = Running::start(&home, &["--tls", "--merchant", "1900000110", "--mode", "certificate"]);
    assert!(running.base_uri.starts_with("https://"));
    home.run(&["--profile", "sandbox", "get", "v3/certificates"]).ends(0);
}

// ---------------------------------------------------------------- the page

#[test]
fn an_order_is_paid_on_the_page_and_its_merchant_is_notified() {
    let merchant = Server::start(|_, _| Reply::Answer(answer("204 No Content", &[], b"")));
    let home = Home::new("paid");
    let running = Running::start(&home, &[]);
    let mut events = TcpStream::connect(authority(&running.page)).unwrap();
    events.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    write!(events, "GET /api/events HTTP/1.1\r\nHost: {}\r\n\r\n", authority(&running.page)).unwrap();
    let mut events = BufReader::new(events).lines().map(Result::unwrap);
    assert!(events.next().unwrap().contains("200"));

    let order = ORDER.replace("http://127.0.0.1:1/", &merchant.url());
    assert_eq!(running.call("POST", "/v3/pay/transactions/native", &order).status, 200);
    // The kinds of what is told, until there is one of this kind.
    let mut until = |kind: &str, told: &mut Vec<String>| {
        while told.last().is_none_or(|last| last != kind) {
            if let Some(kind) = events.next().unwrap().strip_prefix("event: ") {
                told.push(kind.to_owned());
            }
        }
    };
    let mut told = Vec::new();
    until("request", &mut told);
    let state = json_of(&running.page("GET", "/api/state", ""));
    assert_eq!((&state["orders"][0]["number"], &state["orders"][0]["state"]), (&json!("order-1"), &json!("NOTPAY")));
    assert_eq!(state["request"][0]["gate"].as_array().unwrap().len(), 6);
    assert!(state["request"][0]["signed_message"].as_str().unwrap().starts_with("POST\n/v3/pay/transactions/native\n"));
    for secret in [running.file("apiv3.key"), running.file("apiv2.key")] {
        assert!(!state.to_string().contains(&secret));
    }
    let qr = running.page("GET", "/api/orders/order-1/qr", "");
    assert!(qr.header("content-type") == Some("image/svg+xml") && qr.text().contains("<svg"));

    assert_eq!(running.page("POST", "/api/orders/order-1/pay", "").status, 200);
    assert_eq!(running.page("POST", "/api/orders/order-2/pay", "").status, 409);
    // The stream has it all, in order.
    until("notification", &mut told);
    assert_eq!(told, ["ledger", "request", "ledger", "notification"]);
    let state = json_of(&running.page("GET", "/api/state", ""));
    let sent = &state["notification"][0];
    assert_eq!((&sent["event"], &sent["reply"]["status"]), (&json!("TRANSACTION.SUCCESS"), &json!(204)));
    assert_eq!(sent["resource"]["out_trade_no"], "order-1", "it is shown decrypted");
    assert_eq!((&state["orders"][0]["state"], &state["last"]), (&json!("SUCCESS"), &json!(4)));
    // And the log.
    running.line();
    assert_eq!(running.line(), json!({ "done": "the customer has paid order-1" }));
    assert_eq!(running.line()["notification"]["is_acknowledged"], true);

    assert_eq!(json_of(&running.page("POST", "/api/notifications/0/resend", ""))["status"], 204);
    let url = merchant.url();
    let trigger = |event: &str| json!({ "event": event, "url": url, "set": { "complaint_id": "1" } }).to_string();
    assert_eq!(json_of(&running.page("POST", "/api/trigger", &trigger("COMPLAINT.CREATE")))["is_acknowledged"], true);
    let unknown = running.page("POST", "/api/trigger", &trigger("COMPLAINT.CREATED"));
    assert!(unknown.status == 422 && unknown.text().contains("the nearest is"), "{}", unknown.text());
    let nobody = json!({ "event": "COMPLAINT.CREATE", "url": "http://127.0.0.1:1/" }).to_string();
    assert_eq!(running.page("POST", "/api/trigger", &nobody).status, 502);
    assert_eq!(merchant.arrived().len(), 3);
}

#[test]
fn faults_are_switched_on_and_off_on_the_page() {
    let home = Home::new("switched");
    let running = Running::start(&home, &[]);
    let path = "/v3/marketing/partnerships";
    let injected = running.page("POST", "/api/faults", r#"{"fault": "status", "status": 503}"#);
    assert_eq!((injected.status, json_of(&injected)), (201, json!({ "id": 1 })));
    assert_eq!(running.call("GET", path, "").status, 503);
    let faults = json_of(&running.page("GET", "/api/faults", ""));
    assert_eq!(faults["faults"], json!([{ "id": 1, "fault": { "fault": "status", "status": 503 } }]));
    assert_eq!(running.page("DELETE", "/api/faults/1", "").status, 204);
    assert_eq!(running.page("DELETE", "/api/faults/1", "").status, 404);
    assert_eq!(running.call("GET", path, "").status, 200);
    running.page("POST", "/api/faults", r#"{"fault": "endless"}"#);
    assert_eq!(running.page("DELETE", "/api/faults", "").status, 204);
    assert_eq!(running.call("GET", path, "").status, 200);
    for (body, why) in
        [("{", "not JSON"), (r#"{"fault": "endles"}"#, "did you mean"), (r#"{"fault": "rotation"}"#, "no certificate")]
    {
        let refused = running.page("POST", "/api/faults", body);
        assert!(refused.status == 422 && refused.text().contains(why), "{}", refused.text());
    }
    assert_eq!(running.page("POST", "/api/notification-faults", r#"{"fault": "lost"}"#).status, 204);
    assert_eq!(running.page("POST", "/api/notification-faults", r#"{"fault": "found"}"#).status, 422);
}

#[test]
fn a_transfer_is_confirmed_on_the_page() {
    let home = Home::new("transfer");
    let running = Running::start(&home, &[]);
    let transfer = |number: &str| {
        json!({
            "appid": "wxf636efh567hg4356", "out_bill_no": number, "transfer_scene_id": "1000", "transfer_amount": 888,
            "openid": "o-MYE42l80oelYMDE34nYD456Xoy", "transfer_remark": "reward",
            "transfer_scene_report_infos": [{ "info_type": "活动名称", "info_content": "新会员有礼" }],
        })
        .to_string()
    };
    for number in ["t1", "t2"] {
        let created = running.call("POST", "/v3/fund-app/mch-transfer/transfer-bills", &transfer(number));
        assert_eq!(created.status, 200, "{}", created.text());
    }
    assert_eq!(running.page("POST", "/api/transfers/t1/confirm", "").status, 200);
    assert_eq!(running.page("POST", "/api/transfers/t2/fail", "").status, 200);
    assert_eq!(running.page("POST", "/api/transfers/t1/fail", "").status, 409);
    let listed = json_of(&running.page("GET", "/api/orders", ""));
    let mut states: Vec<_> =
        listed["transfers"].as_array().unwrap().iter().map(|it| it["state"].as_str().unwrap()).collect();
    states.sort_unstable();
    assert_eq!(states, ["FAIL", "SUCCESS"]);
}

/// No web site can press the buttons, whatever name leads here, and the page loads nothing from elsewhere.
#[test]
fn the_page_answers_nobody_but_itself() {
    let home = Home::new("guard");
    let running = Running::start(&home, &[]);
    let own = authority(&running.page);
    let port = own.rsplit_once(':').unwrap().1;
    let get = |host: &str| send_as(&running.page, host, &Bare::new("GET", "/", "")).status;
    assert_eq!([get(&own), get(&format!("localhost:{port}"))], [200, 200]);
    for host in ["evil.example", &format!("evil.example:{port}"), "127.0.0.1", "localhost", "127.0.0.1:1", ""] {
        assert_eq!(get(host), 421, "{host}");
    }
    let json = ("Content-Type", "application/json");
    for (headers, status) in [
        (&[json][..], 409),
        (&[json, ("Origin", "http://OWN")], 409),
        (&[], 415),
        (&[("Content-Type", "text/plain"), ("Origin", "http://OWN")], 415),
        (&[json, ("Origin", "http://evil.example")], 403),
        (&[json, ("Origin", "https://OWN")], 403),
        (&[json, ("Origin", "null")], 403),
        (&[json, ("Sec-Fetch-Site", "cross-site")], 403),
        (&[json, ("Sec-Fetch-Site", "same-site")], 403),
    ] {
        let mut bare = Bare::new("POST", "/api/orders/none/pay", "");
        for (name, value) in headers {
            bare = bare.with(name, &value.replace("OWN", &own));
        }
        assert_eq!(send_as(&running.page, &own, &bare).status, status, "{headers:?}");
    }
    for (target, content_type) in
        [("/", "text/html"), ("/page.css", "text/css"), ("/page.js", "text/javascript"), ("/icon.svg", "image/svg+xml")]
    {
        let file = running.page("GET", target, "");
        assert!(file.status == 200 && file.header("content-type").unwrap().starts_with(content_type), "{target}");
        let policy = file.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(file.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(file.header("access-control-allow-origin"), None);
        // A name of XML is the only address in them, besides examples on this machine.
        let text = file.text().replace("http://www.w3.org/2000/svg", "").replace("http://127.0.0.1", "");
        assert!(!text.contains("http://") && !text.contains("https://"), "{target}");
        assert!(!text.contains("innerHTML"), "{target}");
    }
    assert_eq!(running.page("GET", "/none", "").status, 404);
}

#[test]
fn what_cannot_be_written_is_named() {
    let mut home = Home::new("unwritten");
    let start = ["sandbox", "--port", "0", "--page-port", "0", "--folder"];
    for (file, folder, expected) in [
        ("a/apiclient_key.pem/x", "a", "a/apiclient_key.pem: "),
        ("b/php", "b", "b/php: "),
        ("c", "c/below", "c/below: "),
    ] {
        home.write(file, "");
        home.run(&[&start[..], &[folder]].concat()).ends(2).says(expected);
    }
    home.set("WECHATPAY_SANDBOX_STATE", &home.path("c/below/state.json"));
    home.run(&[&start[..], &["d"]].concat()).ends(2).says("c/below: ");
}
