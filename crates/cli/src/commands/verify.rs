//! `wechatpay verify`: the platform's signature of an answer or a notification.

use clap::Args;
use serde_json::json;

use crate::context::Context;
use crate::diagnosis::{apiv2, platform};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::keys;
use crate::output::GOOD;
use crate::settings::Settings;
use crate::steps::Steps;
use crate::written::{Written, is_xml};

/// Verify the platform's signature of an answer or a notification
///
/// The four headers Wechatpay-* of APIv3 are verified with the platform's keys, and the `sign` of APIv2 with the APIv2 key. When it
/// was signed does not matter.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  wechatpay verify answer.txt
  wechatpay verify --headers headers.txt body.json
  wechatpay verify --cert PUB_KEY_ID_0114232134912410000000000000=pub_key.pem answer.txt
  wechatpay --profile sandbox trigger TRANSACTION.SUCCESS | wechatpay --profile sandbox verify

Exit code 6 if the signature does not hold.")]
pub struct Verify {
    #[command(flatten)]
    pub written: Written,
}

pub fn run(command: &Verify, context: &Context) -> Result<Exit> {
    let configured = context.configured()?;
    let messages = command.written.messages()?;
    // Of a dialogue, the answer.
    let message = messages.iter().rfind(|message| platform::is_signed(message)).or(messages.last());
    let message = message.ok_or_else(|| Failure::usage("there is no message"))?;
    let mut steps = Steps::default();
    let by = if is_xml(message.body()) {
        check_apiv2(message.body(), &configured.settings, &mut steps)?
    } else {
        let keys = keys::platform(&configured.settings)?;
        platform::check(message, &keys, None, &mut steps);
        message.header("wechatpay-serial").unwrap_or_default().to_owned()
    };
    if let Some(failure) = steps.failure() {
        return Err(failure.next("`wechatpay explain` checks it step by step"));
    }
    if message.body.is_none() {
        return Err(Failure::usage("the body was not written down").next("give it beside --headers FILE"));
    }
    let output = &context.output;
    if output.is_json() {
        output.json(&json!({ "verified": true, "key": by, "bytes": message.body().len() }))?;
    } else {
        output.line(format_args!("{GOOD}✓{GOOD:#} signed by {by}: {} bytes", message.body().len()))?;
    }
    Ok(Exit::Ok)
}

/// By which key a message of APIv2 is signed.
fn check_apiv2(body: &[u8], settings: &Settings, steps: &mut Steps) -> Result<String> {
    let secret = keys::secret(settings)?;
    let keys = apiv2::Keys { secret: Some(&secret), ..apiv2::Keys::default() };
    if let Some(fields) = apiv2::fields(body, steps) {
        apiv2::check(&fields, keys, steps);
        if !fields.contains_key("sign") {
            steps.wrong(
                "it has no `sign`",
                "refund notifications are not signed: `wechatpay notification` decrypts them",
            );
        }
    }
    Ok("the APIv2 key".to_owned())
}
