//! `wechatpay sign`: a message, a request, what calls up a payment on the phone, or fields of APIv2.

use std::path::Path;

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use wechatpay::{Formatter, Rsa, Scheme, Transformer};

use crate::context::Context;
use crate::diagnosis::apiv2;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::global::{Group, Uses};
use crate::settings::Settings;
use crate::written::is_xml;
use crate::{input, keys};

/// Sign a message, a request, the parameters of a payment, or fields of APIv2
///
/// With one word it signs that message; with two, METHOD and URL, it prints the header Authorization of that request; nothing is
/// sent.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  wechatpay --profile sandbox sign GET '/v3/certificates'
  wechatpay --profile sandbox sign POST /v3/pay/transactions/native -d @body.json
  wechatpay --profile sandbox sign --jsapi wx201410272009395522657a690389285100 --appid wxd678efh567hg6787
  printf 'a message' | wechatpay --profile sandbox sign -
  wechatpay --profile sandbox sign --v2 appid=wxd678efh567hg6787 body=coffee nonce_str=1")]
pub struct Sign {
    /// A message, or - for standard input; METHOD URL; or with --v2 the fields: NAME=VALUE…, @FILE or - with JSON or XML
    #[arg(value_name = "WHAT")]
    pub what: Vec<String>,
    /// The body of the request: a text, @FILE, or - for standard input
    #[arg(short, long, value_name = "BODY", conflicts_with_all = ["v2", "payment"])]
    pub data: Option<String>,
    /// Unix seconds, in place of the current time
    #[arg(long, value_name = "SECONDS", conflicts_with_all = ["v2", "payment"])]
    pub timestamp: Option<i64>,
    /// The nonce, in place of a random one
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["v2", "payment"])]
    pub nonce: Option<String>,
    /// What a page inside WeChat calls up the payment with
    #[arg(long, value_name = "PREPAY_ID", group = "payment", requires = "appid", conflicts_with = "what")]
    pub jsapi: Option<String>,
    /// What a mini program calls up the payment with
    #[arg(long, value_name = "PREPAY_ID", group = "payment", requires = "appid", conflicts_with = "what")]
    pub mini_program: Option<String>,
    /// What an app calls up the payment with
    #[arg(long, value_name = "PREPAY_ID", group = "payment", requires = "appid", conflicts_with = "what")]
    pub app: Option<String>,
    /// The appid of the page, the mini program or the app
    #[arg(long, value_name = "ID", requires = "payment")]
    pub appid: Option<String>,
    /// Sign fields of APIv2 with the APIv2 key
    #[arg(long, conflicts_with = "payment")]
    pub v2: bool,
    /// How fields of APIv2 are signed; the default is what their sign_type says, or else MD5
    #[arg(long, value_name = "TYPE", requires = "v2", ignore_case = true)]
    pub sign_type: Option<SignType>,
}

/// How fields of APIv2 are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SignType {
    #[value(name = "MD5")]
    Md5,
    #[value(name = "HMAC-SHA256")]
    HmacSha256,
}

impl SignType {
    fn name(self) -> &'static str {
        match self {
            SignType::Md5 => "MD5",
            SignType::HmacSha256 => "HMAC-SHA256",
        }
    }

    fn of(name: &str) -> Option<SignType> {
        [SignType::Md5, SignType::HmacSha256].into_iter().find(|kind| kind.name() == name)
    }
}

/// Whoever signs a payment has keys of the platform, too.
pub const USES: Uses = Uses {
    groups: &[Group::Profile, Group::Party, Group::Signing, Group::Platform, Group::Symmetric],
    instead: "leave it out: nothing is sent",
};

/// Characters of a nonce.
const NONCE: usize = 32;

pub fn run(command: &Sign, context: &Context) -> Result<Exit> {
    if command.jsapi.is_some() || command.mini_program.is_some() || command.app.is_some() {
        return payment(command, context);
    }
    let settings = context.configured()?.settings;
    if command.v2 {
        return fields(command, &settings, context);
    }
    match &*command.what {
        [message] if command.data.is_none() && command.timestamp.is_none() && command.nonce.is_none() => {
            let bytes =
                if message == "-" { input::standard("the message")? } else { message.clone().into_bytes().into() };
            let signature = Rsa::sign(&*bytes, &keys::private(&settings)?).map_err(|error| Failure::call(&error))?;
            say(context, &signature, &json!({ "signature": signature }))
        }
        [method, url] => request(method, url, command, &settings, context),
        [] => Err(Failure::usage("there is nothing to sign").next("wechatpay sign --help has examples")),
        _ => Err(Failure::usage("it takes a message, or METHOD and URL").next("wechatpay sign --help has examples")),
    }
}

/// For people the text, for machines the value.
fn say(context: &Context, text: &str, value: &Value) -> Result<Exit> {
    if context.output.is_json() {
        context.output.json(value)?
    } else {
        context.output.line(text)?
    }
    Ok(Exit::Ok)
}

fn request(method: &str, url: &str, command: &Sign, settings: &Settings, context: &Context) -> Result<Exit> {
    let method = method.to_uppercase();
    if !["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&&*method) {
        return Err(Failure::usage(format!("{method} is not a method")).next("quote a message of several words"));
    }
    let target = target(url)?;
    let body = match command.data.as_deref() {
        Some("-") => input::standard("the body")?.to_vec(),
        Some(data) => match data.strip_prefix('@') {
            Some(path) => input::read(Path::new(path), "the body")?.to_vec(),
            None => data.as_bytes().to_vec(),
        },
        None => Vec::new(),
    };
    let serial = settings.serial.as_ref().map(|serial| &serial.value);
    let serial =
        serial.ok_or_else(|| Failure::usage("the serial of the merchant's certificate is missing: --serial HEX"))?;
    let (id, scheme) = match (&settings.mchid, &settings.brand_id) {
        (_, Some(id)) => (&id.value, Scheme::WECHATPAY_BRAND_SHA256_RSA2048),
        (Some(id), None) => (&id.value, Scheme::WECHATPAY2_SHA256_RSA2048),
        (None, None) => return Err(Failure::usage("the merchant's id is missing: --mchid ID")),
    };
    let timestamp = command.timestamp.unwrap_or_else(Formatter::timestamp);
    let nonce = command.nonce.clone().unwrap_or_else(|| Formatter::nonce(NONCE));
    if nonce.is_empty() || nonce.contains(|letter: char| letter.is_control() || "\"\\".contains(letter)) {
        return Err(Failure::usage("--nonce must be a text on one line, without quotes"));
    }
    let message = Formatter::request(&method, target, timestamp, &nonce, &body);
    let signature = Rsa::sign(&message, &keys::private(settings)?).map_err(|error| Failure::call(&error))?;
    let authorization = scheme.authorization(id, &nonce, &signature, timestamp, serial);
    let told = json!({
        "authorization": authorization, "signature": signature, "message": String::from_utf8_lossy(&message),
        "timestamp": timestamp, "nonce": nonce, "serial": serial,
    });
    say(context, &format!("Authorization: {authorization}"), &told)
}

/// The path and the query of a URL, as they are.
fn target(url: &str) -> Result<&str> {
    let target = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').and_then(|start| rest.get(start..)).unwrap_or("/"),
        None => url,
    };
    let target = target.split('#').next().unwrap_or_default();
    if !target.starts_with('/') {
        return Err(Failure::usage(format!("{url:?} is not a URL or a path from / on")));
    }
    if target.bytes().any(|byte| byte <= b' ' || byte >= 0x7f) {
        return Err(Failure::usage(format!("{url:?} has blanks or letters that are not ASCII"))
            .next("percent-encode them: the URL is signed as it is sent"));
    }
    Ok(target)
}

fn payment(command: &Sign, context: &Context) -> Result<Exit> {
    let appid = command.appid.as_deref().unwrap_or_default();
    let connected = context.connect()?;
    let instance = &connected.instance;
    let params = match (&command.jsapi, &command.mini_program, &command.app) {
        (Some(prepay_id), ..) => instance.jsapi_params(appid, prepay_id),
        (_, Some(prepay_id), _) => instance.mini_program_params(appid, prepay_id),
        (.., prepay_id) => instance.app_params(appid, prepay_id.as_deref().unwrap_or_default()),
    };
    context.output.json(&params.map_err(|error| Failure::call(&error))?)?;
    Ok(Exit::Ok)
}

fn fields(command: &Sign, settings: &Settings, context: &Context) -> Result<Exit> {
    let mut fields = given(&command.what)?;
    let named = fields.get("sign_type").and_then(Value::as_str);
    let of_fields = match named {
        Some(named) => Some(
            SignType::of(named)
                .ok_or_else(|| Failure::usage(format!("sign_type is {named:?}, and must be MD5 or HMAC-SHA256")))?,
        ),
        None => None,
    };
    let kind = match (command.sign_type, of_fields) {
        (Some(given), Some(said)) if given != said => {
            return Err(Failure::usage(format!(
                "--sign-type is {}, and the field sign_type says {}",
                given.name(),
                said.name()
            )));
        }
        (given, said) => given.or(said).unwrap_or(SignType::Md5),
    };
    let sign = apiv2::sign(&fields, kind.name(), &keys::secret(settings)?)
        .ok_or_else(|| Failure::usage("these fields cannot be signed"))?;
    fields.insert("sign".to_owned(), sign.clone().into());
    say(context, &sign, &json!({ "sign": sign, "sign_type": kind.name(), "fields": fields }))
}

/// The fields of APIv2: pairs, or a file of JSON or XML.
fn given(what: &[String]) -> Result<Map<String, Value>> {
    let path = match what {
        [] => return Err(Failure::usage("there are no fields").next("wechatpay sign --v2 NAME=VALUE… or @FILE")),
        [only] if only == "-" => Some("-"),
        [only] => only.strip_prefix('@'),
        _ => None,
    };
    let Some(path) = path else {
        let pair = |pair: &String| {
            let (name, value) = pair.split_once('=').filter(|(name, _)| !name.is_empty())?;
            Some((name.to_owned(), Value::from(value)))
        };
        return what
            .iter()
            .map(|text| pair(text).ok_or_else(|| Failure::usage(format!("{text:?} is not NAME=VALUE"))))
            .collect();
    };
    let text = input::read(Path::new(path), "the fields")?;
    let fields = if is_xml(&text) {
        Transformer::to_array(&*text).map_err(|error| Failure::usage(error.to_string()))?
    } else {
        serde_json::from_slice(&text)
            .map_err(|error| Failure::usage(format!("the fields are neither XML nor JSON: {error}")))?
    };
    match fields {
        Value::Object(fields) => Ok(fields),
        _ => Err(Failure::usage("the fields must be an object, or XML with fields")),
    }
}
