//! No secret is on any stream, in the list of processes or in a panic, and nothing that concerns a person and was to be encrypted:
//! all commands, in success and in failure, with `--debug`.

mod needles;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::json;
use support::raw::{Reply, Server, answer};
use wechatpay_sandbox::{Fault, Sandbox};

use self::needles::Needles;
use crate::openssl::{new_key, openssl, to_base64};
use crate::runs::{Home, Run};
use crate::verify::raw;

const NATIVE: &str = "v3/pay/transactions/native";
const ORDER: &str = r#"{"appid":"wx8888888888888888","mchid":"1900000109","description":"coffee","out_trade_no":"order-1",
    "notify_url":"https://shop.example/paid","amount":{"total":100,"currency":"CNY"}}"#;

const NAME: &str = "欧阳张三丰";
const ID_NUMBER: &str = "11010519491231002X";
const PHONE: &str = "13912345678";

/// Passwords in addresses.
const OF_PROXY: &str = "Pr0xy-Pa55w0rd-7391";
const OF_JOURNAL: &str = "J0urnal-Pa55w0rd-2846";

/// A command, and how it is run.
struct Row {
    /// As the help calls it: with those above it.
    name: &'static str,
    arguments: &'static [&'static str],
    /// The file on standard input.
    input: Option<&'static str>,
    /// The exit code when nothing is wrong.
    code: i32,
    /// What it prints when it is to be interrupted, as it would go on for ever.
    until: Option<&'static str>,
    /// Why it prints what concerns a person.
    shows: Option<&'static str>,
}

const fn row(name: &'static str, arguments: &'static [&'static str]) -> Row {
    Row { name, arguments, input: None, code: 0, until: None, shows: None }
}

impl Row {
    const fn reads(self, input: &'static str) -> Row {
        Row { input: Some(input), ..self }
    }

    const fn ends(self, code: i32) -> Row {
        Row { code, ..self }
    }

    const fn until(self, until: &'static str) -> Row {
        Row { until: Some(until), ..self }
    }

    const fn shows(self, why: &'static str) -> Row {
        Row { shows: Some(why), ..self }
    }
}

/// It is what is given on the command line, and the program encrypts it when it runs.
const CODE: &str = "a program has what it is to encrypt";

const ROWS: &[Row] = &[
    row("get", &["get", "v3/merchant/fund/balance/BASIC"]),
    // Early, while the calls in the journal are so fresh that what the platform does not know yet may still come.
    row("journal", &["journal"]).ends(2),
    row("journal list", &["journal", "list", "--all", "--db", "shop.journal"]),
    row("journal show", &["journal", "show", "1", "--db", "shop.journal"]),
    row("journal settle", &["journal", "settle", "--db", "shop.journal"]).ends(5),
    row("journal watch", &["journal", "watch", "--db", "shop.journal"]).until("unsettled"),
    row("journal mark-done", &["journal", "mark-done", "1", "SUCCESS", "--yes", "--db", "shop.journal"]),
    row("journal mark-not-done", &["journal", "mark-not-done", "2", "--yes", "--db", "shop.journal"]),
    row("journal create", &["journal", "create", "--db", "new.journal"]),
    row("journal prune", &["journal", "prune", "--db", "shop.journal"]),
    row("get", &["get", "v3/pay/transactions/out-trade-no/none", "mchid=1900000109"]).ends(4),
    row("post", &["post", NATIVE, "-d", "@order.json"]),
    row("post", &["post", NATIVE, "-d", "@order.json", "--journal", "shop.journal", "--yes"]),
    row("post", &["post", "v2/pay/orderquery", "mch_id=1900000109", "out_trade_no=A"]).ends(4),
    row("post", &["post", "v3/profitsharing/receivers/add", "-d", "@receiver.json", "--encrypt", "auto", "--include"]),
    row(
        "post",
        &[
            "post",
            "v3/new",
            "-d",
            "@person.json",
            "--encrypt",
            "/json/name",
            "--encrypt",
            "/json/list/0/id_number",
            "--encrypt",
            "/json/phone",
        ],
    )
    .ends(4),
    row("post", &["post", "v3/new", "-d", "@person.json", "--encrypt", "/json/none"]).ends(2),
    row("post", &["post", "v3/new", "-d", "@person.json", "--encrypt", "/json/list"]).ends(2),
    row("post", &["post", "v3/profitsharing/receivers/add", "-d", "@receiver.json", "--encrypt", "auto", "--dry-run"]),
    row("post", &["post", "v3/profitsharing/receivers/add", "-d", "@receiver.json", "--encrypt", "auto", "--curl"]),
    row("post", &["post", "v3/profitsharing/receivers/add", "-d", "@receiver.json", "--encrypt", "auto", "--rust"])
        .shows(CODE),
    row("post", &["post", "v3/profitsharing/receivers/add", "-d", "@receiver.json", "--encrypt", "auto", "--php"])
        .shows(CODE),
    row("post", &["post", "v2/secapi/pay/refund", "mch_id=1900000109", "out_trade_no=A", "--security", "--dry-run"]),
    row("post", &["post", "v2/secapi/pay/refund", "mch_id=1900000109", "out_trade_no=A", "--security", "--curl"]),
    row("post", &["post", "v2/secapi/pay/refund", "mch_id=1900000109", "out_trade_no=A", "--security", "--rust"]),
    row("post", &["post", "v2/secapi/pay/refund", "mch_id=1900000109", "out_trade_no=A", "--security", "--php"]),
    row("put", &["put", "v3/merchant-service/complaint-notifications", "url=https://shop.example/complaints"]),
    row("patch", &["patch", "v3/marketing/membercard-open/callback", "-d", "{}", "--dry-run"]),
    row("delete", &["delete", "v3/merchant-service/complaint-notifications"]),
    row("search", &["search", "refund"]),
    row("search", &["search", "zzzzzz"]).ends(2),
    row("show", &["show", NATIVE]),
    row("doctor", &["doctor"]),
    row("doctor", &["doctor", "--offline"]),
    row("explain", &["explain"]).reads("refused.txt").ends(6),
    row("explain", &["explain", "notification.txt"]),
    row("listen", &["listen", "--port", "0"]).until("receives notifications"),
    row("listen", &["listen", "--port", "0", "--forward-to", "http://127.0.0.1:1/"]).until("hands on to"),
    row("trigger", &["trigger", "TRANSACTION.SUCCESS", "--keys", "box"]),
    row("trigger", &["trigger", "v2/transaction-success", "--keys", "box"]),
    row("trigger", &["trigger", "TRANSACTION.SUCCESS", "--to", "http://127.0.0.1:1/"]).ends(3),
    row("sandbox", &["sandbox", "--port", "0", "--folder", "box"]).until("127.0.0.1"),
    row("sandbox", &["sandbox", "--port", "0", "--folder", "box", "--faults", "order.json"]).ends(2),
    row("certs", &["certs", "-o", "certs"]).ends(4),
    row("bill", &["bill"]).ends(2),
    row("bill get", &["bill", "get", "2026-01-02", "-o", "bills"]),
    row("bill check", &["bill", "check", "order.json"]).ends(2),
    row("sign", &["sign", "a message"]),
    row("sign", &["sign", "POST", "/v3/new", "-d", "@person.json"])
        .shows("with --json it prints the message that it signs"),
    row("sign", &["sign", "--jsapi", "wx201410272009395522657a690389285100", "--appid", "wxd678efh567hg6787"]),
    row("sign", &["sign", "--v2", "appid=wxd678efh567hg6787", "body=coffee", "--sign-type", "HMAC-SHA256"]),
    row("verify", &["verify", "notification.txt"]),
    row("encrypt", &["encrypt"]).reads("name.txt"),
    row("encrypt", &["encrypt", "id_number.txt"]),
    row("encrypt", &["encrypt", "long.txt"]).ends(2),
    row("decrypt", &["decrypt", "field.txt"]).shows("it decrypts"),
    row("decrypt", &["decrypt", "body.json"]).shows("it decrypts"),
    row("decrypt", &["decrypt", "person.json"]).ends(2),
    row("notification", &["notification", "notification.txt"]).shows("it decrypts"),
    row("qr", &["qr", "weixin://wxpay/bizpayurl?pr=p4lpSuKzz"]),
    row("port", &["port", "certificates.php"]),
    row("port", &["port", "-"]).reads("certificates.php"),
    row("port", &["port", "--diff", "certificates.php"]),
    row("port", &["port", "key.php"]).ends(2),
    row("completions", &["completions", "bash"]),
    row("man", &["man"]),
    // The help does not list it: scripts of shells call it.
    row("complete", &["complete", "--shell", "zsh", "--", "wechatpay", "get", "v3/pay/"]),
];

/// Whoever adds a command says here how it is run.
#[test]
fn all_commands_are_here() {
    let page = Home::new("all").run(&["man", "--markdown"]).ends(0).stdout;
    let listed: BTreeSet<_> = page.lines().filter_map(|line| line.strip_prefix("## wechatpay ")).collect();
    let here: BTreeSet<_> = ROWS.iter().map(|row| row.name).filter(|name| *name != "complete").collect();
    assert_eq!(listed, here);
}

/// A merchant whose secrets are known.
struct Merchant {
    sandbox: Sandbox,
    home: Home,
    secrets: Needles,
    people: Needles,
}

impl Merchant {
    fn new(name: &str) -> Merchant {
        let sandbox = Sandbox::start().unwrap();
        let mut home = Home::of(name, &sandbox);
        home.set("RUST_BACKTRACE", "1");
        let mut people = Needles::default();
        [("name", NAME), ("ID number", ID_NUMBER), ("phone number", PHONE)]
            .iter()
            .for_each(|(what, text)| people.add(what, text));
        home.write("order.json", ORDER);
        home.write(
            "receiver.json",
            format!(
                r#"{{"appid":"wx8888888888888888","type":"MERCHANT_ID","account":"1900000109","name":"{NAME}","relation_type":"STORE"}}"#
            ),
        );
        let person = json!({ "name": NAME, "list": [{ "id_number": ID_NUMBER }], "phone": PHONE });
        home.write("person.json", person.to_string());
        home.write("name.txt", NAME);
        home.write("id_number.txt", ID_NUMBER);
        home.write("long.txt", ID_NUMBER.repeat(20));
        home.write(
            "certificates.php",
            "<?php\nfunction certificates($instance) {\n  $instance->v3->certificates->get();\n}\n",
        );
        let key = sandbox.apiv3_key();
        home.write("key.php", format!("<?php\n$key = ;'{key}' '{key}'\n"));
        let seal = ["pkeyutl", "-encrypt", "-certin", "-inkey", "cert.pem", "-pkeyopt", "rsa_padding_mode:oaep"];
        home.write("field.txt", to_base64(&home, openssl(&home, &seal, NAME).unwrap()));
        let notification = sandbox.notification("TRANSACTION.SUCCESS", json!({ "attach": NAME, "phone": PHONE }));
        home.write("notification.txt", raw(&notification));
        home.write("body.json", notification.body());
        new_key(&home, "other.pem", "other.pub");
        let (own, certificate) = ("WECHATPAY_MERCHANT_CERT", home.path("cert.pem"));
        home.set(own, "");
        let refused = ["--debug", "post", NATIVE, "-d", "@order.json", "--private-key", "other.pem"];
        let refused = home.run(&refused).ends(4);
        home.set(own, &format!("file://{certificate}"));
        home.write("refused.txt", refused.stderr);
        home.run(&["journal", "create", "--db", "shop.journal"]).ends(0);
        sandbox.inject(Fault::Status(500).on(NATIVE).times(3).without_effect());
        for number in ["a", "b", "c"] {
            let order = ORDER.replace("order-1", number);
            home.run(&["post", NATIVE, "-d", &order, "--journal", "shop.journal", "--yes"]).ends(5);
        }
        home.run(&["trigger", "TRANSACTION.SUCCESS", "--keys", "box"]).ends(0);
        let mut merchant = Merchant { sandbox, home, secrets: Needles::default(), people };
        merchant.find_secrets();
        merchant
    }

    /// What must not be anywhere: the merchant's keys, and those of the sandbox in the folder `box`.
    fn find_secrets(&mut self) {
        let read = |name: &str| fs::read_to_string(self.home.path(name)).unwrap();
        let running = start(&self.home, &["sandbox", "--port", "0", "--folder", "box"]);
        let _ = until(&self.home, running, Some("127.0.0.1"));
        for (name, place) in [
            ("the private key", "key.pem"),
            ("another private key", "other.pem"),
            ("the sandbox's private key", "box/apiclient_key.pem"),
        ] {
            self.secrets.add_pem(name, &read(place));
        }
        for (name, place) in [
            ("the APIv3 key", "apiv3.key"),
            ("the APIv2 key", "apiv2.key"),
            ("the sandbox's APIv3 key", "box/apiv3.key"),
            ("the sandbox's APIv2 key", "box/apiv2.key"),
        ] {
            self.secrets.add(name, read(place).trim());
        }
        self.secrets.add("the proxy's password", OF_PROXY);
        self.secrets.add("the journal's password", OF_JOURNAL);
        let public = openssl(&self.home, &["rsa", "-in", "key.pem", "-pubout"], "").unwrap();
        for pem in [read("cert.pem"), read("other.pub"), String::from_utf8(public).unwrap()] {
            self.secrets.without_pem(&pem);
        }
        let public = openssl(&self.home, &["rsa", "-in", "box/apiclient_key.pem", "-pubout"], "").unwrap();
        self.secrets.without_pem(&String::from_utf8(public).unwrap());
    }

    fn set(&mut self, variables: &[(&str, &str)]) {
        variables.iter().for_each(|(name, value)| self.home.set(&format!("WECHATPAY_{name}"), value));
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.home.path(name)).unwrap()
    }

    /// Runs all commands, for people and for machines. Returns the exit codes for people.
    fn run_all(&self) -> Vec<(&'static Row, Option<i32>)> {
        ROWS.iter()
            .map(|row| {
                let code = self.run(row, &["--debug"]);
                self.run(row, &["--debug", "--json"]);
                (row, code)
            })
            .collect()
    }

    /// Runs a command, and looks for what must not be there. Returns its exit code, unless it was interrupted.
    fn run(&self, row: &Row, flags: &[&str]) -> Option<i32> {
        let arguments = [flags, row.arguments].concat();
        let (code, said, listed) = match row.until {
            None => {
                let input = row.input.map(|file| fs::read(self.home.path(file)).unwrap()).unwrap_or_default();
                let Run { code, stdout, stderr } = self.home.run_with(&arguments, input);
                (Some(code), [stdout, stderr], String::new())
            }
            Some(_) => until(&self.home, start(&self.home, &arguments), row.until),
        };
        self.check(row, &arguments, &said);
        assert_eq!(self.secrets.find(&listed), None, "{arguments:?} in the list of processes");
        code
    }

    #[track_caller]
    fn check(&self, row: &Row, arguments: &[&str], said: &[String; 2]) {
        for (stream, text) in ["standard output", "standard error"].into_iter().zip(said) {
            assert_eq!(self.secrets.find(text), None, "{arguments:?} on {stream}: {text}");
            if row.shows.is_none() {
                assert_eq!(self.people.find(text), None, "{arguments:?} on {stream}: {text}");
            }
        }
    }

    /// Asserts that all commands have ended as they should if nothing is wrong.
    fn succeeds(&self) {
        let codes = self.run_all().into_iter();
        let wrong = codes.filter(|(row, code)| *code != if row.until.is_some() { None } else { Some(row.code) });
        let wrong: Vec<_> = wrong.map(|(row, code)| format!("{code:?} of {:?}", row.arguments)).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    /// Asserts that no command leaks anything, and that a call ends with this code.
    fn fails(&self, expected: i32) {
        let codes = self.run_all();
        assert_eq!(codes[0].1, Some(expected), "{:?}", self.home.run(ROWS[0].arguments));
    }
}

/// Starts a command, with its streams in files.
fn start(home: &Home, arguments: &[&str]) -> Child {
    let file = |name: &str| File::create(home.folder.file(name)).unwrap();
    let mut command = home.command(arguments);
    command.stdin(Stdio::null()).stdout(file("stdout")).stderr(file("stderr")).spawn().unwrap()
}

/// Waits until a command has ended or has printed this, and interrupts it: its exit code if it has ended by itself, what it has
/// printed, and how it and its children were in the list of processes.
fn until(home: &Home, mut child: Child, text: Option<&str>) -> (Option<i32>, [String; 2], String) {
    let patience = Instant::now() + Duration::from_secs(60);
    let said = || ["stdout", "stderr"].map(|name| fs::read_to_string(home.path(name)).unwrap());
    loop {
        assert!(Instant::now() < patience, "it prints nothing: {:?}", said());
        if let Some(status) = child.try_wait().unwrap() {
            return (Some(status.code().expect("it ends by itself")), said(), String::new());
        }
        if text.is_some_and(|text| said().iter().any(|said| said.contains(text))) {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    let listed = listed(child.id());
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    child.wait().unwrap();
    let said = said();
    assert!(said.iter().all(|said| !said.contains("panicked")), "{said:?}");
    (None, said, listed)
}

/// The command lines of a process and of all that it has started, where the system shows them.
fn listed(pid: u32) -> String {
    let folder = format!("/proc/{pid}");
    let Ok(own) = fs::read(format!("{folder}/cmdline")) else { return String::new() };
    let tasks = fs::read_dir(format!("{folder}/task")).into_iter().flatten().flatten();
    let children = tasks.map(|task| fs::read_to_string(task.path().join("children")).unwrap_or_default());
    let children: Vec<u32> =
        children.collect::<String>().split_whitespace().filter_map(|child| child.parse().ok()).collect();
    let children = children.into_iter().map(listed).collect::<String>();
    String::from_utf8_lossy(&own).into_owned() + &children
}

#[test]
fn nothing_is_wrong() {
    Merchant::new("secrets").succeeds();
}

#[test]
fn keys_in_the_environment() {
    let mut merchant = Merchant::new("secrets-in-variables");
    let [private_key, certificate, apiv3_key, secret] =
        ["key.pem", "cert.pem", "apiv3.key", "apiv2.key"].map(|name| merchant.file(name));
    merchant.set(&[
        ("PRIVATE_KEY", &private_key),
        ("MERCHANT_CERT", &certificate),
        ("APIV3_KEY", &apiv3_key),
        ("SECRET", &secret),
    ]);
    merchant.succeeds();
}

#[test]
fn keys_of_somebody_else() {
    let mut merchant = Merchant::new("secrets-wrong-keys");
    merchant.set(&[("MERCHANT_CERT", "")]);
    merchant.home.write("key.pem", merchant.file("other.pem"));
    merchant.home.write("apiv3.key", "x".repeat(32));
    merchant.home.write("apiv2.key", "y".repeat(32));
    merchant.fails(4);
}

#[test]
fn keys_that_are_not_there() {
    let merchant = Merchant::new("secrets-no-keys");
    ["key.pem", "apiv3.key", "apiv2.key"].iter().for_each(|name| fs::remove_file(merchant.home.path(name)).unwrap());
    merchant.fails(2);
}

#[test]
fn keys_that_are_damaged() {
    let merchant = Merchant::new("secrets-damaged");
    let key = merchant.file("key.pem");
    merchant.home.write("key.pem", &key[..key.len() / 2]);
    for name in ["apiv3.key", "apiv2.key"] {
        merchant.home.write(name, merchant.file(name) + "\u{e9}");
    }
    merchant.fails(2);
}

#[test]
fn keys_in_the_place_of_each_other() {
    let mut merchant = Merchant::new("secrets-mixed-up");
    let [private_key, apiv3_key, secret] = ["key.pem", "apiv3.key", "apiv2.key"].map(|name| merchant.file(name));
    merchant.set(&[
        ("PRIVATE_KEY", &apiv3_key),
        ("MERCHANT_CERT", &private_key),
        ("APIV3_KEY", &private_key),
        ("SECRET", &private_key),
    ]);
    merchant.fails(2);
    // A key where the path of one is expected, and in settings that have no key at all.
    merchant.set(&[("PRIVATE_KEY", &format!("file://{private_key}")), ("APIV3_KEY", &format!("file://{apiv3_key}"))]);
    merchant.fails(2);
    for name in [
        "MCHID",
        "SERIAL",
        "WECHATPAY_SERIAL",
        "CERTS",
        "BASE_URI",
        "TIMEOUT",
        "VERIFY",
        "PROXY",
        "JOURNAL",
        "PROFILE",
        "CONFIG",
        "BRAND_ID",
    ] {
        merchant.set(&[(name, &private_key)]);
        merchant.run(&ROWS[0], &["--debug"]);
        merchant.run(&ROWS[3], &["--debug"]);
        merchant.set(&[(name, &secret)]);
        merchant.run(&ROWS[0], &["--debug"]);
        merchant.run(&ROWS[3], &["--debug", "--json"]);
        merchant.set(&[(name, "")]);
    }
}

#[test]
fn a_host_that_is_not_reached() {
    let mut merchant = Merchant::new("secrets-unreachable");
    merchant.set(&[("BASE_URI", "http://127.0.0.1:1/")]);
    merchant.fails(3);
}

#[test]
fn passwords_in_addresses() {
    let mut merchant = Merchant::new("secrets-passwords");
    let (proxy, journal) = (
        format!("http://shop:{OF_PROXY}@127.0.0.1:1/"),
        format!("postgres://shop:{OF_JOURNAL}@127.0.0.1:1/shop?password={OF_JOURNAL}"),
    );
    merchant.set(&[("PROXY", &proxy), ("JOURNAL", &journal)]);
    merchant.fails(3);
    merchant.set(&[("PROXY", ""), ("BASE_URI", &format!("https://shop:{OF_PROXY}@127.0.0.1:1/"))]);
    merchant.fails(2);
    // On the way of a proxy that is there.
    let refusing = Server::start(|_, _| Reply::Answer(answer("407 Proxy Authentication Required", &[], b"")));
    let there = refusing.url().replace("http://", &format!("http://shop:{OF_PROXY}@"));
    merchant.set(&[("BASE_URI", "http://pay.invalid/"), ("PROXY", &there)]);
    merchant.run(&ROWS[0], &["--debug"]);
}

#[test]
fn calls_that_are_refused() {
    let merchant = Merchant::new("secrets-refused");
    merchant.sandbox.inject(Fault::Status(403));
    merchant.fails(4);
}

#[test]
fn answers_that_are_tampered_with() {
    let merchant = Merchant::new("secrets-tampered");
    merchant.sandbox.inject(Fault::BadSignature);
    merchant.fails(5);
}

#[test]
fn a_configuration_that_is_malformed() {
    let mut merchant = Merchant::new("secrets-config");
    merchant.set(&[("PRIVATE_KEY", ""), ("APIV3_KEY", ""), ("SECRET", ""), ("CERTS", "")]);
    let [private_key, apiv3_key, secret] = ["key.pem", "apiv3.key", "apiv2.key"].map(|name| merchant.file(name));
    let journal = format!("postgres://shop:{OF_JOURNAL}@127.0.0.1:1/shop");
    let configurations = [
        format!("default = \"shop\"\n[profiles.shop]\njournal = \"{journal}\nproxy = \"http://shop:{OF_PROXY}@h/\"\n"),
        format!(
            "default = \"shop\"\n[profiles.shop]\nprivate_key = \"\"\"{private_key}\"\"\"\napiv3_key = \"{apiv3_key}\"\n"
        ),
        format!("default = \"shop\"\n[profiles.shop]\napiv3_key = \"{apiv3_key}\"\nsecret = \"{secret}\"\n"),
        format!("default = \"shop\"\n[profiles.shop]\ncerts = {{ \"{secret}\" = \"\"\"{private_key}\"\"\" }}\n"),
        format!("default = \"shop\"\n[profiles.shop]\ncerts = {{ \"{secret}\" = 1 }}\n"),
        format!("default = \"shop\"\n[profiles.shop]\n\"{apiv3_key}\" = \"{secret}\"\n"),
        format!("default = \"{apiv3_key}\"\n[profiles.\"{secret}\"]\nmchid = 1\n"),
        format!("\"{apiv3_key}\" = \"{secret}\"\n"),
    ];
    for (number, configuration) in configurations.iter().enumerate() {
        merchant.home.write(".config/wechatpay/config.toml", configuration);
        if number < 2 {
            merchant.fails(2);
        }
        for row in &ROWS[..4] {
            assert_eq!(merchant.run(row, &["--debug"]), Some(2), "{configuration}");
            merchant.run(row, &["--json"]);
        }
    }
}

/// Everyone on the machine sees arguments: they are refused, and not repeated.
#[test]
fn secrets_that_are_arguments() {
    let merchant = Merchant::new("secrets-arguments");
    let [private_key, apiv3_key, secret] = ["key.pem", "apiv3.key", "apiv2.key"].map(|name| merchant.file(name));
    let proxy = format!("http://shop:{OF_PROXY}@127.0.0.1:1/");
    let journal = format!("postgres://shop:{OF_JOURNAL}@127.0.0.1:1/shop");
    for arguments in [
        ["--private-key", &private_key],
        ["--private-key", private_key.lines().nth(1).unwrap()],
        ["--apiv3-key", apiv3_key.trim()],
        ["--secret", secret.trim()],
        ["--merchant-cert", &private_key],
        ["--proxy", &proxy],
        ["--base-uri", &proxy],
        ["--journal", &journal],
        ["--cert", &private_key],
        ["--verify", &private_key],
        ["--timeout", apiv3_key.trim()],
        ["--profile", apiv3_key.trim()],
    ] {
        let arguments = [&["--debug", "post", NATIVE, "-d", "@order.json"], &arguments[..]].concat();
        let run = merchant.home.run(&arguments);
        assert_ne!(run.code, 0, "{arguments:?}");
        merchant.check(&ROWS[0], &arguments[..6], &[run.stdout, run.stderr]);
    }
}

/// A command that waits for an answer: it has no child, and shows nothing but what it was given.
#[cfg(target_os = "linux")]
#[test]
fn a_call_in_the_list_of_processes() {
    let merchant = Merchant::new("secrets-processes");
    merchant.sandbox.inject(Fault::Delay(Duration::from_secs(60)).on(NATIVE));
    let before = merchant.sandbox.requests().len();
    for arguments in [&["post", NATIVE, "-d", "@order.json"][..], &["--profile", "sandbox", "listen", "--port", "0"]] {
        let mut child = start(&merchant.home, arguments);
        let patience = Instant::now() + Duration::from_secs(60);
        let said = || fs::read_to_string(merchant.home.path("stderr")).unwrap();
        while merchant.sandbox.requests().len() == before || (arguments[0] != "post" && !said().contains("receives")) {
            assert!(Instant::now() < patience);
            std::thread::sleep(Duration::from_millis(5));
        }
        let words: Vec<_> =
            [env!("CARGO_BIN_EXE_wechatpay")].iter().chain(arguments).map(|word| format!("{word}\0")).collect();
        assert_eq!(listed(child.id()), words.concat());
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

/// What is too deep for the stack ends with a message.
#[test]
fn arguments_that_are_too_deep() {
    let home = Home::new("secrets-deep");
    let (field, place) = (format!("a{}=1", "[b]".repeat(40_000)), format!("{}=1", "/a".repeat(40_000)));
    home.run(&["--profile", "sandbox", "post", "v3/new", &field]).ends(2).says("steps, more than 128");
    home.run(&["trigger", "TRANSACTION.SUCCESS", "--set", &place]).ends(2).says("steps, more than 128");
    let field = format!("a{}:={}", "[b]".repeat(127), "[".repeat(120) + &"]".repeat(120));
    home.run(&["--profile", "sandbox", "post", "v3/new", &field]).ends(4);
}
