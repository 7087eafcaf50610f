//! `wechatpay notification`: a notification, verified and decrypted.

use clap::Args;
use serde_json::{Value, json};

use crate::context::Context;
use crate::diagnosis::{apiv2, platform, resource};
use crate::dump::Message;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::keys;
use crate::output::{DIM, GOOD};
use crate::settings::Settings;
use crate::steps::Steps;
use crate::written::{Written, is_xml};

/// Verify and decrypt a notification
///
/// When it was sent does not matter here; a server refuses what is older than five minutes.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  wechatpay notification request.txt
  wechatpay notification --headers headers.txt body.json
  wechatpay --profile sandbox trigger TRANSACTION.SUCCESS | wechatpay --profile sandbox notification

Exit code 6 if the signature does not hold, or it cannot be decrypted.")]
pub struct Notification {
    #[command(flatten)]
    pub written: Written,
}

pub fn run(command: &Notification, context: &Context) -> Result<Exit> {
    let settings = context.configured()?.settings;
    let messages = command.written.messages()?;
    let message = messages.first().ok_or_else(|| Failure::usage("there is no message"))?;
    let mut steps = Steps::default();
    let told = if is_xml(message.body()) {
        of_apiv2(message.body(), &settings, &mut steps)?
    } else {
        of_apiv3(message, &settings, &mut steps)?
    };
    if let Some(failure) = steps.failure() {
        return Err(failure.next("`wechatpay explain` checks it step by step"));
    }
    let output = &context.output;
    if output.is_json() {
        output.json(&told)?;
        return Ok(Exit::Ok);
    }
    let text = |name: &str| told.get(name).and_then(Value::as_str).unwrap_or_default();
    output.line(format_args!(
        "{GOOD}✓{GOOD:#} {} {DIM}{} {} signed by {}{DIM:#}",
        text("event"),
        text("create_time"),
        text("id"),
        text("key")
    ))?;
    output.json(told.get("content").unwrap_or(&Value::Null))?;
    Ok(Exit::Ok)
}

fn of_apiv3(message: &Message, settings: &Settings, steps: &mut Steps) -> Result<Value> {
    platform::check(message, &keys::platform(settings)?, None, steps);
    if !steps.are_right() {
        return Ok(Value::Null);
    }
    let content = resource::open(message.body(), &keys::apiv3(settings)?, steps);
    let json: Value = serde_json::from_slice(message.body()).unwrap_or_default();
    let text = |name: &str| json.get(name).and_then(Value::as_str).unwrap_or_default();
    Ok(json!({
        "event": text("event_type"), "id": text("id"), "create_time": text("create_time"), "summary": text("summary"),
        "key": message.header("wechatpay-serial"), "content": content,
    }))
}

fn of_apiv2(body: &[u8], settings: &Settings, steps: &mut Steps) -> Result<Value> {
    let secret = keys::secret(settings)?;
    let mchid = settings.mchid.as_ref().map(|mchid| mchid.value.as_str());
    let Some(fields) = apiv2::fields(body, steps) else { return Ok(Value::Null) };
    let keys = apiv2::Keys { secret: Some(&secret), apiv3_key: None, mchid };
    let req_info = apiv2::check(&fields, keys, steps);
    let is_signed = fields.contains_key("sign");
    let (event, content) = match req_info {
        Some(req_info) => ("refund", req_info),
        None => ("APIv2", Value::Object(fields)),
    };
    let key = if is_signed { "the APIv2 key" } else { "nobody: only encrypted, so query the refund" };
    Ok(json!({ "event": event, "key": key, "content": content }))
}
