//! `wechatpay trigger EVENT`: a documented notification, signed and encrypted by the sandbox.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use wechatpay_catalog::catalog;
use wechatpay_sandbox::{Delivery, Sandbox, SignedNotification};

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::files::{self, Readers};
use crate::global::{Group, Uses};
use crate::output::{BAD, DIM, GOOD, NAME, Output};
use crate::{input, sandbox_profile};

/// Send a documented notification, signed and encrypted by the sandbox
///
/// It has the keys of the running `wechatpay sandbox`, or else those that the profile `sandbox` has: the platform would never sign
/// what did not happen. Without --to it is printed.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  wechatpay trigger --list
  wechatpay trigger TRANSACTION.SUCCESS --set /out_trade_no=order-1 --set /amount/total:=100
  wechatpay trigger REFUND.SUCCESS --to http://127.0.0.1:8080/notify
  wechatpay trigger TRANSACTION.SUCCESS --faults probe,duplicate,tampered,late --to http://127.0.0.1:8080/notify

Exit code 6 if the receiver answers otherwise than it should.")]
pub struct Trigger {
    /// What has happened; v2/ before it means APIv2 where both protocols have it
    #[arg(value_name = "EVENT", required_unless_present = "list")]
    pub event: Option<String>,
    /// What it says at a place: /a/b=TEXT, or /a/b:=JSON (null takes the field away); can be repeated
    #[arg(long, value_name = "PLACE=VALUE")]
    pub set: Vec<String>,
    /// Where it is sent, in place of being printed
    #[arg(long, value_name = "URL")]
    pub to: Option<String>,
    /// What is sent after it, in this order
    #[arg(long, value_name = "FAULTS", value_delimiter = ',', requires = "to")]
    pub faults: Vec<Fault>,
    /// A folder of keys to use: what is missing is made, with pub_key.pem, apiv3.key and apiv2.key for the receiver
    #[arg(long, value_name = "FOLDER")]
    pub keys: Option<PathBuf>,
    /// List the events
    #[arg(long, conflicts_with_all = ["event", "set", "to", "faults", "keys"])]
    pub list: bool,
}

/// What the platform or a stranger sends beside a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Fault {
    /// The platform's probe, with a signature that is wrong on purpose
    Probe,
    /// The same once more
    Duplicate,
    /// The same with a letter changed by someone who cannot sign
    Tampered,
    /// The same repeated later, signed anew
    Late,
}

impl Fault {
    fn name(self) -> &'static str {
        match self {
            Fault::Probe => "probe",
            Fault::Duplicate => "duplicate",
            Fault::Tampered => "tampered",
            Fault::Late => "late",
        }
    }

    /// Whether the receiver must refuse it.
    fn is_false(self) -> bool {
        matches!(self, Fault::Probe | Fault::Tampered)
    }

    fn of(self, notification: &SignedNotification, key: &str) -> SignedNotification {
        match self {
            Fault::Probe => notification.probe(),
            Fault::Duplicate => notification.clone(),
            Fault::Tampered => notification.tampered(),
            // Of APIv2, nothing is different then.
            Fault::Late => notification.signed_by(key).unwrap_or_else(|| notification.clone()),
        }
    }
}

impl Trigger {
    /// The settings that it uses: the keys are the sandbox's, with --keys the merchant's id is the configured one, and the receiver
    /// may have a certificate that only --verify trusts.
    pub fn uses(&self) -> Uses {
        let groups: &[Group] = match (&self.keys, &self.to) {
            (Some(_), Some(_)) => &[Group::Profile, Group::Party, Group::Trust],
            (Some(_), None) => &[Group::Profile, Group::Party],
            (None, Some(_)) => &[Group::Profile, Group::Trust],
            (None, None) => &[Group::Profile],
        };
        Uses {
            groups,
            instead: "leave it out: the sandbox signs, with its own keys or those of --keys FOLDER, and with --keys for the \
                      merchant of --mchid; with --to, --verify says whose certificate the receiver may have",
        }
    }
}

pub fn run(command: &Trigger, context: &Context) -> Result<Exit> {
    let output = &context.output;
    let Some(event) = command.event.as_deref().filter(|_| !command.list) else { return list(output) };
    if let Some(url) = command.to.as_deref().filter(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
        return Err(Failure::usage(format!("--to {url:?} is not http://… or https://…")));
    }
    let overrides = overrides(&command.set)?;
    let sandbox = sandbox(command.keys.as_deref(), context)?;
    let notification = sandbox
        .documented_notification(event, overrides)
        .map_err(|error| Failure::usage(error.to_string()).next("`wechatpay trigger --list` has all events"))?;
    let is_apiv2 = !notification.headers().contains_key("wechatpay-signature");
    if is_apiv2 && command.faults.contains(&Fault::Probe) {
        return Err(Failure::usage("the platform sends no probes of APIv2"));
    }
    if let Some(folder) = &command.keys {
        write_keys(folder, &sandbox)?;
        output.note(format_args!("the receiver needs the keys in {}: {}", folder.display(), sandbox.platform_serial()));
    }
    let Some(url) = &command.to else { return print(&notification, output) };
    let receiver = Receiver { url, roots: context.read()?.roots()? };
    let mut exit = deliver(&notification, None, event, &receiver, output)?;
    for fault in &command.faults {
        let faulty = fault.of(&notification, sandbox.platform_serial());
        if deliver(&faulty, Some(*fault), event, &receiver, output)? != Exit::Ok {
            exit = Exit::CheckFailed;
        }
    }
    Ok(exit)
}

fn list(output: &Output) -> Result<Exit> {
    for notification in catalog().notifications() {
        let protocol = if notification.is_apiv2() { "v2" } else { "v3" };
        let (event, name) = (notification.event(), notification.name());
        if output.is_json() {
            output.json(&json!({ "event": event, "name": name, "protocol": protocol }))?;
        } else {
            output.line(format_args!("{NAME}{event:<48}{NAME:#} {protocol} {DIM}{name}{DIM:#}"))?;
        }
        if output.is_closed() {
            break;
        }
    }
    Ok(Exit::Ok)
}

/// The keys: of a folder, of the sandbox that runs, or of the profile `sandbox`.
fn sandbox(folder: Option<&Path>, context: &Context) -> Result<Sandbox> {
    let failed = |error: std::io::Error| Failure::usage(format!("the keys cannot be used: {error}"));
    if let Some(folder) = folder {
        fs::create_dir_all(folder).map_err(|error| Failure::file(folder, error))?;
        let builder = Sandbox::builder().key_file(folder.join(sandbox_profile::KEYS));
        // Whoever is configured is the merchant.
        return match context.configured()?.settings.mchid {
            Some(mchid) => builder.merchant(&mchid.value, sandbox_profile::SERIAL).start().map_err(failed),
            None => builder.start().map_err(failed),
        };
    }
    match sandbox_profile::twin()? {
        Some(sandbox) => Ok(sandbox),
        None => sandbox_profile::own_sandbox(),
    }
}

/// What the receiver needs of the keys.
fn write_keys(folder: &Path, sandbox: &Sandbox) -> Result<()> {
    let files = [
        ("pub_key.pem", sandbox.platform_public_key_pem()),
        ("apiv3.key", sandbox.apiv3_key()),
        ("apiv2.key", sandbox.secret()),
    ];
    for (name, text) in files {
        let path = folder.join(name);
        files::write_atomically(&path, text.as_bytes(), Readers::Owner).map_err(|error| Failure::file(&path, error))?;
    }
    Ok(())
}

/// What is to be said in place of the documented values.
fn overrides(given: &[String]) -> Result<Value> {
    let mut overrides = Map::new();
    for set in given {
        let wrong = || Failure::usage(format!("--set {set:?} is neither /PLACE=TEXT nor /PLACE:=JSON"));
        let (place, value) = set.split_once('=').ok_or_else(wrong)?;
        let (place, value) = match place.strip_suffix(':') {
            Some(place) => {
                let json = value.parse::<Value>();
                (place, json.map_err(|error| Failure::usage(format!("--set {place}:= is not JSON: {error}")))?)
            }
            None => (place, Value::from(value)),
        };
        let path = place.strip_prefix('/').filter(|path| !path.is_empty()).ok_or_else(wrong)?;
        let names: Vec<_> = path.split('/').map(|name| name.replace("~1", "/").replace("~0", "~")).collect();
        if names.len() > input::DEEPEST {
            return Err(Failure::usage(format!("--set has {} steps, more than {}", names.len(), input::DEEPEST)));
        }
        let (last, parents) = names.split_last().ok_or_else(wrong)?;
        let mut object = &mut overrides;
        for name in parents {
            let inner = object.entry(name.clone()).or_insert_with(|| Value::Object(Map::new()));
            object = inner.as_object_mut().ok_or_else(|| {
                Failure::usage(format!("--set {place}: {name:?} has been set to something else than an object"))
            })?;
        }
        object.insert(last.clone(), value);
    }
    Ok(Value::Object(overrides))
}

/// Headers, an empty line and the body, as `wechatpay notification` reads them.
fn print(notification: &SignedNotification, output: &Output) -> Result<Exit> {
    let headers = notification.headers().iter();
    let headers = headers.map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    if output.is_json() {
        let headers: Map<_, _> = headers.map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
        output.json(&json!({ "headers": headers, "body": String::from_utf8_lossy(notification.body()) }))?;
    } else {
        for (name, value) in headers {
            output.line(format_args!("{name}: {value}"))?;
        }
        output.line(format_args!("content-length: {}\n", notification.body().len()))?;
        output.bytes(notification.body())?;
        output.line("")?;
    }
    Ok(Exit::Ok)
}

/// Where it is sent, and the certificates to trust there, if not the system's.
struct Receiver<'a> {
    url: &'a str,
    roots: Option<Vec<u8>>,
}

impl Receiver<'_> {
    fn send(&self, notification: &SignedNotification) -> Result<Delivery> {
        let delivery = match &self.roots {
            Some(roots) => notification.send_trusting(self.url, roots),
            None => notification.send(self.url),
        };
        delivery.map_err(|error| undelivered(self.url, &error))
    }
}

/// Sends it, and says whether the receiver has done what it should.
fn deliver(
    notification: &SignedNotification,
    fault: Option<Fault>,
    event: &str,
    receiver: &Receiver<'_>,
    output: &Output,
) -> Result<Exit> {
    let start = Instant::now();
    let delivery = receiver.send(notification)?;
    let milliseconds = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    let wrong = wrong(&delivery, fault, notification.headers().contains_key("wechatpay-signature"));
    let (name, status) = (fault.map_or("notification", Fault::name), delivery.status());
    if output.is_json() {
        output.json(&json!({
            "delivery": name, "event": event, "status": status.as_u16(), "acknowledged": delivery.is_acknowledged(),
            "milliseconds": milliseconds, "ok": wrong.is_none(), "wrong": wrong,
        }))?;
    } else {
        let says = if delivery.is_acknowledged() { "acknowledged" } else { "refused" };
        let (style, sign) = if wrong.is_none() { (GOOD, '✓') } else { (BAD, '✗') };
        output.line(format_args!(
            "{style}{sign}{style:#} {event} {name}: {says} with {} {DIM}{milliseconds} ms{DIM:#}",
            status.as_u16()
        ))?;
        if let Some(wrong) = wrong {
            output.line(format_args!("  → {wrong}"))?;
        }
    }
    Ok(if wrong.is_none() { Exit::Ok } else { Exit::CheckFailed })
}

/// What is wrong with the receiver's answer.
fn wrong(delivery: &Delivery, fault: Option<Fault>, is_apiv3: bool) -> Option<&'static str> {
    match (fault.is_some_and(Fault::is_false), delivery.is_acknowledged()) {
        (true, true) => {
            Some("it was believed: verify the signature of the very bytes that arrive, before anything else")
        }
        (true, false) if is_apiv3 && !delivery.status().is_client_error() => {
            Some("refuse it with a status of 4xx, such as 401: at 5xx the platform sends it again and again")
        }
        (false, false) if fault.is_some() => {
            Some("acknowledge it like the first: a repetition that is refused comes again and again")
        }
        (false, false) => {
            Some("a notification that is not acknowledged with 200 or 204 (of APIv2: SUCCESS) comes again")
        }
        _ => None,
    }
}

fn undelivered(url: &str, error: &std::io::Error) -> Failure {
    match error.kind() {
        ErrorKind::TimedOut => {
            Failure::check(format!("{url} did not answer in time")).next("answer first, and work afterwards")
        }
        ErrorKind::InvalidInput => Failure::usage(format!("{url}: {error}")),
        _ => Failure::new(Exit::NotSent, format!("{url}: {error}"))
            .next("is the receiver running, and does it speak HTTP?"),
    }
}
