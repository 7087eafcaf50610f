//! PHP of every recorded call, in all six forms: ported, compiled, and run against a stand-in for the platform.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use support::folder::Folder;
use support::gateway::{Arrival, BODY, Gateway, STATEMENT};
use support::keys::Keys;
use support::ordered::Ordered;
use support::php;
use support::platform::{APIV2_BODY, APIV2_KEY, KEY_ID, MERCHANT_SERIAL};
use support::records::{
    FORMS, SLIPS, check_headers, check_json, check_length, check_target, check_xml, same, text, with_platform_key,
};
use support::shared::shared;

use crate::calls::{self, Record};
use crate::left::nothing_is_left;
use crate::session::{MAIN, Session, as_module};
use crate::signature::Signature;

const HOSTS: [&str; 3] = ["api.mch.weixin.qq.com", "apihk.mch.weixin.qq.com", "fraud.mch.weixin.qq.com"];

/// How many records share a file.
const PER_FILE: usize = 97;

/// PHP, its comments, and the numbers of the records that it is of.
struct Generated {
    php: String,
    comments: Vec<String>,
    numbers: Vec<usize>,
}

/// All recorded calls; none when there is no reference folder.
fn records() -> Option<Vec<Record>> {
    let texts = [shared("conformance/requests.v3.jsonl")?, shared("conformance/requests.v2.jsonl")?];
    let records: Vec<Record> = texts.iter().flat_map(|text| text.lines()).map(Record::of).collect();
    assert_eq!(records.len(), 691 + 81, "the recordings changed");
    Some(records)
}

fn generated(records: &[Record]) -> Vec<Generated> {
    let numbered: Vec<(usize, &Record)> = records.iter().enumerate().collect();
    let files = numbered.chunks(PER_FILE).map(|some| {
        let (php, comments) = calls::file(some);
        Generated { php, comments, numbers: some.iter().map(|(number, _)| *number).collect() }
    });
    files.collect()
}

/// The PHP of these records.
pub fn sources(records: &[Record]) -> Vec<String> {
    generated(records).into_iter().map(|generated| generated.php).collect()
}

/// What is judged is right itself, according to PHP.
#[test]
fn php_calls_what_was_recorded() {
    let Some(records) = records() else { return };
    if !php::is_there() {
        return;
    }
    let folder = Folder::new("port-generated");
    let mut files = serde_json::Map::new();
    for (number, generated) in generated(&records).iter().enumerate() {
        let file = folder.file(&format!("calls_{number}.php"));
        fs::write(&file, &generated.php).unwrap();
        php::lint(&file).unwrap();
        let numbers = generated.numbers.iter();
        let names: Vec<String> =
            numbers.flat_map(|record| (0..FORMS.len()).map(|form| calls::name(*record, form))).collect();
        files.insert(file.display().to_string(), names.into());
    }
    let printed = php::run(include_str!("oracle.php"), &json!(files).to_string());
    let mut lines = printed.lines();
    for (number, record) in records.iter().enumerate() {
        for (at, form) in FORMS.iter().enumerate() {
            let line = Ordered::of(lines.next().unwrap()).unwrap();
            let name = calls::name(number, at);
            assert_eq!(line.get("name").and_then(Ordered::as_text), Some(name.as_str()));
            let verb = format!("{}{}", record.text("verb"), if form.is_async { "Async" } else { "" });
            let called = Ordered::Object(vec![
                ("path".to_owned(), record.text("path").to_owned().into()),
                ("verb".to_owned(), verb.into()),
                ("options".to_owned(), record.options.clone()),
            ]);
            assert_eq!(line.get("called"), Some(&Ordered::List(vec![called])), "{name}");
        }
    }
    assert_eq!(lines.next(), None);
}

/// Nothing is left to do, no comment is lost, and each function sends what was recorded of PHP.
#[test]
fn every_recorded_call_is_ported_and_sends_what_php_sends() {
    let Some(records) = records() else { return };
    let folder = Folder::new("port-calls");
    let keys = Arc::new(Keys::make(folder.path(), &HOSTS));
    let gateway = Gateway::start(&keys);
    let mut session = Session::start("port_calls", &program(&records), folder.path(), &BTreeMap::new());
    let (mut failures, mut arrived) = (Vec::new(), 0);
    for (number, record) in records.iter().enumerate() {
        let config = config(record, &gateway, &keys);
        for (at, form) in FORMS.iter().enumerate() {
            let name = calls::name(number, at);
            let ended = session.ask(&json!({ "call": name, "config": config }));
            let arrivals = gateway.take();
            arrived += arrivals.len();
            if let Err(what) = check(record, ended, &arrivals, folder.path()) {
                failures.push(format!("{name}, {} {form:?}: {what}", record.line["id"]));
            }
        }
    }
    let some = &failures[..failures.len().min(12)];
    assert!(failures.is_empty(), "{} differences, the first of them:\n{some:#?}", failures.len());
    assert_eq!(arrived, (691 - SLIPS.len() + 81) * FORMS.len());
}

/// The ported files, each with a function that calls the others by their names, and the root.
fn program(records: &[Record]) -> Vec<(&'static str, String)> {
    let mut main = String::from("#![recursion_limit = \"512\"]\n#![deny(warnings)]\n\n");
    let mut sources = Vec::new();
    let mut branches = String::new();
    for (number, generated) in generated(records).iter().enumerate() {
        let ported = wechatpay_port::port(generated.php.as_bytes()).unwrap_or_else(|refusal| panic!("{refusal:?}"));
        nothing_is_left(&format!("file {number}"), &generated.php, &ported);
        check_comments(&generated.comments, &ported.rust);
        let (mut rust, _) = as_module(&ported.rust);
        let mut arms = String::new();
        for name in generated.numbers.iter().flat_map(|record| (0..FORMS.len()).map(|form| calls::name(*record, form)))
        {
            let call = Signature::of(&rust, &name).call(&["instance"]);
            writeln!(arms, "        {name:?} => {call}.map(crate::Answer::text),").unwrap();
        }
        write!(
            rust,
            "\npub fn call(name: &str, instance: &::wechatpay::Chain) -> Option<std::result::Result<String, String>> {{\n    \
             let instance = instance.clone();\n    Some(match name {{\n{arms}        _ => return None,\n    }})\n}}\n"
        )
        .unwrap();
        writeln!(main, "mod calls_{number};").unwrap();
        writeln!(branches, "        .or_else(|| calls_{number}::call(name, instance))").unwrap();
        sources.push((&*String::leak(format!("calls_{number}.rs")), rust));
    }
    sources.push(("main.rs", main + MAIN + &ROOT.replace("BRANCHES", branches.trim_end())));
    sources
}

/// Of the root: each merchant has an instance.
const ROOT: &str = r#"
fn run(asked: &wechatpay::Value) -> Result<wechatpay::Value, String> {
    use std::collections::BTreeMap;
    use std::sync::Mutex;
    static INSTANCES: Mutex<BTreeMap<String, wechatpay::Chain>> = Mutex::new(BTreeMap::new());
    let mut instances = INSTANCES.lock().unwrap();
    let instance = instances
        .entry(asked["config"].to_string())
        .or_insert_with(|| wechatpay::Builder::factory(asked["config"].clone()).unwrap());
    let name = asked["call"].as_str().unwrap();
    let called = None
        BRANCHES;
    Ok(called.unwrap()?.into())
}

trait Answer {
    fn text(self) -> String;
}

impl Answer for () {
    fn text(self) -> String {
        String::new()
    }
}

impl Answer for String {
    fn text(self) -> String {
        self
    }
}

impl Answer for wechatpay::Value {
    fn text(self) -> String {
        self.as_str().unwrap().to_owned()
    }
}
"#;

/// Each comment is there, in its order.
fn check_comments(comments: &[String], rust: &str) {
    let mut rest = rust;
    for comment in comments {
        let Some(at) = rest.find(comment) else { panic!("the comment {comment:?} is lost") };
        rest = &rest[at + comment.len()..];
    }
}

fn config(record: &Record, gateway: &Gateway, keys: &Keys) -> Value {
    let mchid = record.text("mchid");
    match record.is_apiv2() {
        true => json!({
            "mchid": mchid,
            "secret": APIV2_KEY,
            "merchant": { "cert": keys.merchant_certificate, "key": keys.merchant_pem() },
            "proxy": gateway.proxy(),
            "verify": keys.authority,
        }),
        false => json!({
            "mchid": mchid,
            "serial": MERCHANT_SERIAL,
            "privateKey": keys.merchant_pem(),
            "certs": { KEY_ID: keys.platform_public_pem() },
            "proxy": gateway.proxy(),
            "verify": keys.authority,
        }),
    }
}

fn check(record: &Record, ended: Result<Ordered, String>, arrivals: &[Arrival], folder: &Path) -> Result<(), String> {
    if let Some((_, names)) = SLIPS.iter().find(|(id, _)| *id == record.text("id")) {
        same("the number of requests", arrivals.len(), 0)?;
        let Err(message) = ended else { return Err("a slip of the documentation was sent".into()) };
        let named = names.iter().all(|name| message.contains(&format!("the variable `{name}` has no value")));
        return if named { Ok(()) } else { Err(format!("the message does not name {names:?}: {message}")) };
    }
    let returned = ended?;
    let [arrival] = arrivals else { return Err(format!("{} requests arrived", arrivals.len())) };
    check_request(record, arrival)?;
    let sink = record.line["options"].get("sink").and_then(Value::as_str);
    let answer = match sink {
        None if record.is_apiv2() => APIV2_BODY.to_owned(),
        None => BODY.to_owned(),
        Some(name) => {
            let file = folder.join(name);
            let written = fs::read_to_string(&file).map_err(|error| format!("{name}: {error}"))?;
            fs::remove_file(&file).unwrap();
            same("the file", written.as_str(), if name.ends_with(".csv.gz") { STATEMENT } else { BODY })?;
            String::new()
        }
    };
    // A function may return nothing.
    let returned = returned.as_text().unwrap_or_default();
    if returned.is_empty() { Ok(()) } else { same("what is returned", returned, answer.as_str()) }
}

fn check_request(record: &Record, arrival: &Arrival) -> Result<(), String> {
    let request = &record.line["request"];
    let host = text(request, "host");
    same("the authority", arrival.authority.as_str(), format!("{host}:443").as_str())?;
    same("the method", arrival.method.as_str(), text(request, "method"))?;
    check_target(&arrival.target, text(request, "target"), true)?;
    check_length(arrival)?;
    if record.is_apiv2() {
        check_headers(arrival, request)?;
        let shows_certificate = record.line["options"].get("security").is_some();
        same("the certificate", arrival.client_certificate.as_deref(), shows_certificate.then_some("07"))?;
        check_xml(&arrival.body, text(request, "body"), true)
    } else {
        check_headers(arrival, &with_platform_key(request))?;
        check_json(&arrival.body, text(request, "body"), true)
    }
}
