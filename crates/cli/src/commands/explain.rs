//! `wechatpay explain`: why a signature does not hold.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use crate::context::Context;
use crate::diagnosis::request::{self, Merchant};
use crate::diagnosis::{apiv2, platform, resource};
use crate::dump::{Message, Start};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::output::BOLD;
use crate::settings::Settings;
use crate::steps::Steps;
use crate::written::{Written, is_xml};
use crate::{input, keys};

/// Explain why a request was refused, or why a signature does not hold
///
/// It takes a request with its answer, an answer with SIGN_ERROR, or a notification, and checks it step by step with what is
/// configured. Nothing is sent.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  curl -v … 2>&1 | wechatpay explain --body body.json
  wechatpay explain request.txt
  wechatpay explain --headers headers.txt notification.json
  wechatpay --profile sandbox trigger TRANSACTION.SUCCESS | wechatpay --profile sandbox explain

Exit code 6 if something does not match, 0 if all does.")]
pub struct Explain {
    #[command(flatten)]
    pub written: Written,
    /// The body of the request, if it is not in the message: `curl -v` does not print it
    #[arg(long, value_name = "FILE")]
    pub body: Option<PathBuf>,
}

pub fn run(command: &Explain, context: &Context) -> Result<Exit> {
    let settings = context.configured()?.settings;
    let mut messages = command.written.messages()?;
    let body = command.body.as_ref().map(|path| input::read(path, "the body")).transpose()?;
    let request = messages.iter_mut().find(|message| matches!(message.start, Start::Request { .. }));
    if let (Some(body), Some(request)) = (&body, request) {
        request.body = Some(body.to_vec());
    }
    let mut steps = Steps::default();
    let what = explain(&messages, body.as_ref().map(|body| &***body), &settings, &mut steps)?;
    let output = &context.output;
    if output.is_json() {
        output.json(&json!({ "what": what, "ok": steps.are_right(), "steps": steps.json() }))?;
    } else {
        output.line(format_args!("{BOLD}{what}{BOLD:#}"))?;
        steps.print(output)?;
    }
    Ok(steps.exit())
}

/// Checks what there is; returns what it is.
fn explain(messages: &[Message], body: Option<&[u8]>, settings: &Settings, steps: &mut Steps) -> Result<&'static str> {
    let first = messages.first().ok_or_else(|| Failure::usage("there is no message"))?;
    let answer = messages.iter().rfind(|message| matches!(message.start, Start::Answer { .. }));
    let xml = messages.iter().find(|message| is_xml(message.body()));
    if let Some(message) = xml.filter(|message| !platform::is_signed(message)) {
        of_apiv2(message, settings, steps)?;
        let answer = answer.filter(|answer| is_xml(answer.body()) && !std::ptr::eq(*answer, message));
        if let Some(answer) = answer {
            of_apiv2(answer, settings, steps)?;
        }
        return Ok("a message of APIv2");
    }
    let is_notification = |message: &Message| {
        let json = serde_json::from_slice::<Value>(message.body()).unwrap_or_default();
        json.get("resource").is_some() && json.get("event_type").is_some()
    };
    let is_request = |message: &Message| matches!(message.start, Start::Request { .. });
    if !matches!(first.start, Start::Answer { .. }) && (platform::is_signed(first) || is_notification(first)) {
        of_platform(first, settings, steps)?;
        if settings.apiv3_key.is_none() {
            steps.open("without the APIv3 key it cannot be decrypted: --apiv3-key FILE");
        } else if first.body.is_some() {
            resource::open(first.body(), &keys::apiv3(settings)?, steps);
        }
        return Ok("a notification");
    }
    if is_request(first) {
        let answer = answer.or(messages.get(1));
        request::check(first, answer, &merchant(settings)?, steps);
        if let Some(answer) = answer.filter(|answer| platform::is_signed(answer)) {
            of_platform(answer, settings, steps)?;
        }
        return Ok("a request");
    }
    if platform::is_signed(first) {
        of_platform(first, settings, steps)?;
    }
    let has_code = serde_json::from_slice::<Value>(first.body()).is_ok_and(|json| json.get("code").is_some());
    if has_code {
        request::check_alone(first, body, &merchant(settings)?, steps);
    } else if !platform::is_signed(first) {
        return Err(Failure::usage("it is neither a request, an answer nor a notification")
            .next("give raw HTTP, what `curl -v` or --debug printed, or a body with --headers FILE"));
    }
    Ok("an answer")
}

/// A signature of the platform.
fn of_platform(message: &Message, settings: &Settings, steps: &mut Steps) -> Result<()> {
    let can_fetch = settings.apiv3_key.is_some() && settings.private_key.is_some();
    if settings.certs.is_empty() && !can_fetch {
        steps.open("without a key of the platform the signature cannot be checked: --cert ID=FILE");
        return Ok(());
    }
    let merchant = settings.private_key.as_ref().map(|_| keys::private(settings)).transpose()?;
    platform::check(message, &keys::platform(settings)?, merchant.as_ref(), steps);
    Ok(())
}

fn of_apiv2(message: &Message, settings: &Settings, steps: &mut Steps) -> Result<()> {
    let secret = settings.secret.as_ref().map(|_| keys::secret(settings)).transpose()?;
    let apiv3_key = settings.apiv3_key.as_ref().map(|key| key.value.text()).transpose()?;
    let keys = apiv2::Keys {
        secret: secret.as_ref().map(|secret| secret.as_str()),
        apiv3_key: apiv3_key.as_ref().map(|key| key.as_str()),
        mchid: settings.mchid.as_ref().map(|mchid| mchid.value.as_str()),
    };
    if let Some(fields) = apiv2::fields(message.body(), steps) {
        apiv2::check(&fields, keys, steps);
    }
    Ok(())
}

/// What is configured of the merchant, or the brand.
fn merchant(settings: &Settings) -> Result<Merchant> {
    let brand = settings.brand_id.as_ref();
    Ok(Merchant {
        id: brand.or(settings.mchid.as_ref()).map(|id| id.value.clone()),
        is_brand: brand.is_some(),
        serial: settings.serial.as_ref().map(|serial| serial.value.clone()),
        key: settings.private_key.as_ref().map(|_| keys::private(settings)).transpose()?,
        certificate: keys::merchant_certificate(settings)?,
        platform: settings.certs.keys().cloned().collect(),
    })
}
