//! What each fault of the platform means to the caller: the kind of the error, its outcome, and whether the ledger of
//! the platform agrees. Prints the table that `docs/reliability.md` shows, and holds that page against it.

use std::collections::{BTreeSet, HashSet};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use support::logger::log_to_standard_error;
use support::process::{child, is_child, run};
use wechatpay::{Builder, Chain, Credentials, DownloadCerts, Error, Outcome, Response, Result, Value, json};
use wechatpay_sandbox::{Fault, FaultRule, KeyMode, Sandbox};

const METHODS: [&str; 2] = ["GET", "POST"];

/// How many rows of the table are made at a time; most of it is waiting.
const WORKERS: usize = 6;

/// How long a late answer is waited for.
const READ_TIMEOUT: Duration = Duration::from_millis(700);

/// How the caller goes about failures.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Plain,
    Retry,
    Failover,
}

const WAYS: [Way; 3] = [Way::Plain, Way::Retry, Way::Failover];

/// Some trouble, and what it is called in the table.
struct Trouble {
    name: &'static str,
    what: What,
    /// How it stands with the platform's keys.
    keys: Keys,
    /// How many attempts it strikes in the table; all if it is not said.
    times: Option<u32>,
}

#[derive(Clone, Copy, PartialEq)]
enum Keys {
    /// A public key, which does not change.
    PublicKey,
    /// Certificates, of which the caller knows those of the beginning.
    Certificates,
    /// Certificates that the caller fetches.
    Downloaded,
}

#[derive(Clone)]
enum What {
    /// Each strikes what those before it do not.
    Faults(Vec<FaultRule>),
    /// Connections are refused.
    Refused,
}

impl Trouble {
    /// Whether there is such a fault in it.
    fn has(&self, is_such: impl Fn(&Fault) -> bool) -> bool {
        matches!(&self.what, What::Faults(rules) if rules.iter().any(|rule| is_such(rule.fault())))
    }
}

fn troubles() -> Vec<Trouble> {
    let trouble = |name, what| Trouble { name, what, keys: Keys::PublicKey, times: Some(1) };
    let faults = |name, faults| trouble(name, What::Faults(faults));
    let fault = |name, fault: FaultRule| faults(name, vec![fault]);
    let odd = |name, status| fault(name, Fault::OddStatus(status).into());
    let see_other = |name, then: Fault| faults(name, vec![Fault::SeeOther.into(), then.into()]);
    let rotation = |name, keys| Trouble { keys, ..fault(name, Fault::Rotation.into()) };
    vec![
        trouble("拒绝连接", What::Refused),
        fault("签名错误", Fault::BadSignature.into()),
        fault("缺少应答签名头", Fault::MissingHeader("Wechatpay-Signature").into()),
        fault("应答时间戳过期", Fault::ClockOff(-400).into()),
        fault("应答时间戳在未来", Fault::ClockOff(400).into()),
        fault("未知的证书序列号", Fault::UnknownSerial.into()),
        rotation("应答途中更换平台证书，未设downloadCerts", Keys::Certificates),
        rotation("应答途中更换平台证书，已设downloadCerts", Keys::Downloaded),
        fault("4xx，有应答体", Fault::Status(403).into()),
        fault("4xx，无应答体", Fault::EmptyStatus(404).into()),
        fault("429，Retry-After", Fault::Busy(0).into()),
        fault("5xx，有应答体，未执行", Fault::Status(500).without_effect()),
        fault("5xx，有应答体，已执行", Fault::Status(500).into()),
        fault("5xx，无应答体，已执行", Fault::EmptyStatus(502).into()),
        fault("200，HTML，已执行", Fault::Html(200).into()),
        fault("5xx，HTML，已执行", Fault::Html(504).into()),
        fault("跳转到同一主机", Fault::Redirect.into()),
        fault("303跳转，已执行", Fault::SeeOther.into()),
        see_other("303跳转，已执行，随后404", Fault::EmptyStatus(404)),
        see_other("303跳转，已执行，随后429", Fault::Busy(0)),
        fault("跳转到其他主机", Fault::RedirectElsewhere.into()),
        Trouble { times: None, ..fault("循环跳转", Fault::RedirectLoop.into()) },
        odd("304，已执行", 304),
        odd("399，已执行", 399),
        odd("600，已执行", 600),
        fault("应答前断开，未执行", Fault::CloseBeforeAnswer.without_effect()),
        fault("应答前断开，已执行", Fault::CloseBeforeAnswer.into()),
        fault("应答中断开", Fault::CloseInAnswer.into()),
        fault("应答后断开", Fault::CloseAfterAnswer.into()),
        fault("应答迟到，超时", Fault::Delay(READ_TIMEOUT * 2).into()),
        fault("Content-Length偏大", Fault::WrongLength(10).into()),
        fault("Content-Length偏小", Fault::WrongLength(-1).into()),
        fault("应答之后又来一个应答", Fault::Smuggled.into()),
        fault("应答体没有尽头", Fault::Endless.into()),
    ]
}

/// The platform, in the two modes that are needed.
struct Platforms {
    public_key: Sandbox,
    certificates: Sandbox,
}

impl Platforms {
    fn start() -> Platforms {
        let certificates = Sandbox::builder().lenient(true).mode(KeyMode::Certificate).start().unwrap();
        Platforms { public_key: Sandbox::builder().lenient(true).start().unwrap(), certificates }
    }

    fn for_keys(&self, keys: Keys) -> &Sandbox {
        if keys == Keys::PublicKey { &self.public_key } else { &self.certificates }
    }
}

/// One call that meets a trouble.
struct Cell<'a> {
    sandbox: &'a Sandbox,
    trouble: &'a Trouble,
    method: &'a str,
    way: Way,
    is_async: bool,
    times: Option<u32>,
}

impl Cell<'_> {
    fn name(&self) -> String {
        let Cell { trouble, method, way, is_async, times, .. } = self;
        format!("{}: {method}, {way:?}, async {is_async}, times {times:?}", trouble.name)
    }

    fn instance(&self) -> Chain {
        let sandbox = self.sandbox;
        let builder = match self.trouble.keys {
            Keys::PublicKey | Keys::Certificates => sandbox.config(),
            Keys::Downloaded => Builder::new()
                .credentials(
                    Credentials::new()
                        .mchid(sandbox.mchid())
                        .serial(sandbox.merchant_serial())
                        .private_key(sandbox.merchant_private_key().clone())
                        .apiv3_key(sandbox.apiv3_key())
                        .download_certs(DownloadCerts::new().floor(Duration::ZERO)),
                )
                .defaults(json!({ "base_uri": sandbox.base_uri(), "proxy": "" })),
        };
        builder.build().unwrap()
    }

    fn options(&self) -> Value {
        let mut options = json!({ "response_limit": 100_000, "debug": is_child() });
        if self.trouble.has(|fault| matches!(fault, Fault::Delay(_))) {
            options["read_timeout"] = json!(READ_TIMEOUT.as_secs_f64());
        }
        match self.way {
            Way::Plain => {}
            Way::Retry => options["retries"] = json!(2),
            Way::Failover => options["failover"] = json!([self.sandbox.other_base_uri()]),
        }
        if self.method == "POST" {
            options["json"] = json!({ "amount": 1, "receiver": { "name": NAME } });
            options["encrypt"] = json!(["/json/receiver/name"]);
            if self.trouble.keys == Keys::Certificates {
                options["headers"] = json!({ "Wechatpay-Serial": self.sandbox.platform_serial() });
            }
        }
        options
    }

    /// The call, and what the ledger has more after it.
    fn call(&self, instance: &Chain) -> (Result<Response>, usize) {
        let before = self.sandbox.ledger().len();
        match &self.trouble.what {
            What::Refused => self.sandbox.refuse_connections(true).unwrap(),
            What::Faults(rules) => rules.iter().cloned().for_each(|rule| {
                self.sandbox.inject(match self.times {
                    Some(count) => rule.times(count),
                    None => rule,
                });
            }),
        }
        let chain = instance.chain("v3/any/orders");
        let result = match self.is_async {
            true => chain.request_async(self.method, self.options()).wait(),
            false => chain.request(self.method, self.options()),
        };
        match self.trouble.what {
            What::Refused => self.sandbox.refuse_connections(false).unwrap(),
            What::Faults(_) => self.sandbox.clear_faults(),
        }
        (result, self.sandbox.ledger().len() - before)
    }

    /// Makes the call and checks what must hold whatever happens; gives what the table says of it.
    fn check(&self) -> String {
        let instance = self.instance();
        // So that there is a connection that is kept, and it is not only new ones that are tried.
        instance.chain("v3/any/path").get(()).unwrap();
        let (result, effects) = self.call(&instance);
        let (name, most) = (self.name(), usize::from(self.method == "POST"));
        assert!(effects <= most, "{name}: took effect {effects} times");
        match &result {
            Ok(_) => assert_eq!(effects, most, "{name}: said to be done, and is not"),
            Err(error) if error.outcome() != Outcome::Unknown => {
                assert_eq!(effects, 0, "{name}: said not to be done, and is: {error:?}");
            }
            Err(_) => {}
        }
        // The next call is not hurt, unless its answer is signed by the key that is still unknown. It may be faster than
        // the news that its connection was closed.
        let is_late = self.trouble.has(|fault| *fault == Fault::CloseAfterAnswer);
        let next = instance.chain("v3/any/path").get(json!({ "query": { "a": 1 }, "retries": u8::from(is_late) }));
        assert!(self.trouble.keys == Keys::Certificates || next.is_ok(), "{name}: the next call: {next:?}");
        assert!(
            next.is_err() || next.is_ok_and(|next| next.body() == b"{}"),
            "{name}: what is not the next call's answer"
        );
        show(&result);
        match &result {
            Ok(_) => "✓".into(),
            Err(error) => format!("`{}` {:?}", kind(error), error.outcome()),
        }
    }
}

/// The name of its variant.
fn kind(error: &Error) -> String {
    let shown = format!("{error:?}");
    shown.split('(').next().unwrap_or_default().to_owned()
}

/// A row of the table, in which both verbs agree.
fn row(platforms: &Platforms, trouble: &Trouble) -> String {
    let sandbox = platforms.for_keys(trouble.keys);
    let mut row = format!("| {} |", trouble.name);
    for method in METHODS {
        for way in WAYS {
            let told = [false, true].map(|is_async| {
                let cell = |times| Cell { sandbox, trouble, method, way, is_async, times }.check();
                let (once, always) = (cell(Some(1)), cell(None));
                if trouble.times.is_some() { once } else { always }
            });
            assert_eq!(told[0], told[1], "{}: {method}, {way:?}: the two verbs differ", trouble.name);
            row += &format!(" {} |", told[0]);
        }
    }
    row
}

fn table() -> String {
    let troubles = troubles();
    let rows = Mutex::new(vec![String::new(); troubles.len()]);
    let next = Mutex::new(0..troubles.len());
    thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                let platforms = Platforms::start();
                loop {
                    let Some(number) = next.lock().unwrap().next() else {
                        break show_secrets(&platforms);
                    };
                    let row = row(&platforms, &troubles[number]);
                    rows.lock().unwrap()[number] = row;
                }
            });
        }
    });
    let head = "| 故障 | GET | GET，`retries` | GET，`failover` | POST | POST，`retries` | POST，`failover` |";
    format!("{head}\n| --- | --- | --- | --- | --- | --- | --- |\n{}\n", rows.into_inner().unwrap().join("\n"))
}

#[test]
fn each_fault_is_told_as_it_is() {
    let table = table();
    println!("{table}");
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reliability.md");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.contains(&table), "docs/reliability.md does not show this table:\n\n{table}");
}

/// What is encrypted in each POST.
const NAME: &str = "诸葛孔明";

/// In the process that is searched: all that can be shown of a result on standard error, and each secret of it on
/// standard output.
fn show(result: &Result<Response>) {
    if !is_child() {
        return;
    }
    let response = match result {
        Ok(response) => Some(response),
        Err(error) => error.response(),
    };
    if let Some(signature) = response.and_then(|response| response.header("wechatpay-signature")) {
        println!("SECRET {signature}");
    }
    match result {
        Ok(response) => eprintln!("RESPONSE {response:?} {response:#?}"),
        Err(error) => {
            eprintln!("ERROR {error} {error:#} {error:?} {error:#?}");
            if let Error::Connection(connection) = error {
                eprintln!("CAUSE {} {:?}", connection.cause(), connection.cause());
            }
            let mut cause = std::error::Error::source(error);
            while let Some(error) = cause {
                eprintln!("CAUSE {error} {error:?}");
                cause = error.source();
            }
        }
    }
}

fn show_secrets(platforms: &Platforms) {
    if !is_child() {
        return;
    }
    for sandbox in [&platforms.public_key, &platforms.certificates] {
        println!("SECRET {}\nSECRET {}", sandbox.secret(), sandbox.apiv3_key());
        for line in sandbox.merchant_private_key_pem().lines().filter(|line| line.len() > 60) {
            println!("SECRET {line}");
        }
        for request in sandbox.requests() {
            let authorization = request.header("authorization").unwrap();
            println!("SECRET {}", authorization.split("signature=\"").nth(1).unwrap().trim_end_matches('"'));
            if let Ok(body) = serde_json::from_slice::<Value>(request.body()) {
                println!("SECRET {}", body["receiver"]["name"].as_str().unwrap());
            }
        }
    }
    println!("SECRET {NAME}");
}

#[test]
fn no_fault_makes_it_tell_a_secret() {
    if is_child() {
        log_to_standard_error();
        table();
        return;
    }
    let (printed, shown) = run(&mut child(module_path!(), "no_fault_makes_it_tell_a_secret"));
    let secrets: BTreeSet<_> = printed.lines().filter_map(|line| line.split("SECRET ").nth(1)).collect();
    assert!(secrets.len() > 1000, "{}", secrets.len());
    // What must be there, so that the silence about the rest means something.
    for wanted in [
        "> POST /v3/any/orders",
        "\"name\":\"***\"",
        "< wechatpay-signature: ***",
        "LOG wechatpay",
        "LOG ureq",
        "CAUSE ",
    ] {
        assert!(shown.contains(wanted), "{wanted} is missing in what was shown");
    }
    // Of each its first and its last bytes, so that no long part of it is shown either.
    let parts = secrets.iter().flat_map(|secret| {
        let bytes = secret.as_bytes();
        [bytes.get(..PART), bytes.len().checked_sub(PART).map(|start| &bytes[start..])].into_iter().flatten()
    });
    let parts: HashSet<&[u8]> = parts.collect();
    assert!(secrets.iter().all(|secret| secret.len() >= PART || *secret == NAME));
    for line in shown.lines().collect::<BTreeSet<_>>() {
        assert!(!line.contains(NAME), "{line}");
        let secret = line.as_bytes().windows(PART).find(|window| parts.contains(window));
        assert!(secret.is_none(), "a secret is shown: {line}");
    }
}

/// Bytes of a secret that must not be seen together.
const PART: usize = 24;
