//! `wechatpay encrypt`: a sensitive field, for the platform.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use wechatpay::Rsa;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result, name};
use crate::{input, keys};

/// Encrypt a sensitive field for the platform
///
/// It is read from a file or standard input, as arguments can be seen by every user of the machine. The line end after it is not
/// part of it. Requests with it must name the key in Wechatpay-Serial.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  printf 张三 | wechatpay --profile sandbox encrypt
  wechatpay encrypt name.txt
  wechatpay encrypt --for PUB_KEY_ID_0114232134912410000000000000 name.txt")]
pub struct Encrypt {
    /// The plain text, or - for standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub file: PathBuf,
    /// The id of the platform's key, in place of that of --wechatpay-serial
    #[arg(long = "for", value_name = "ID")]
    pub key: Option<String>,
}

pub fn run(command: &Encrypt, context: &Context) -> Result<Exit> {
    let settings = context.configured()?.settings;
    let keys = keys::platform(&settings)?;
    let chosen = command.key.as_ref().or(settings.wechatpay_serial.as_ref().map(|id| &id.value));
    let known = || keys.iter().map(|(id, _)| id.as_str()).collect::<Vec<_>>().join(", ");
    let (serial, key) = match (chosen, &*keys) {
        (Some(wanted), _) => keys.iter().find(|(id, _)| id.eq_ignore_ascii_case(wanted)).ok_or_else(|| {
            Failure::usage(format!("there is no key of the platform {:?}; there are: {}", name(wanted), known()))
        })?,
        (None, [only]) => only,
        (None, _) => {
            return Err(Failure::usage(format!("there are several keys of the platform: {}", known()))
                .next("choose one: --for ID, or --wechatpay-serial ID for all commands"));
        }
    };
    let plain = input::read(&command.file, "the plain text")?;
    let mut end = plain.as_slice();
    while let [rest @ .., b'\r' | b'\n'] = end {
        end = rest;
    }
    if end.is_empty() {
        return Err(Failure::usage("there is nothing to encrypt"));
    }
    let ciphertext = Rsa::encrypt(end, key).map_err(|error| Failure::usage(error.to_string()))?;
    let output = &context.output;
    if output.is_json() {
        output.json(&json!({ "ciphertext": ciphertext, "serial": serial }))?;
    } else {
        output.line(&ciphertext)?;
        output.note(format_args!("send it with Wechatpay-Serial: {serial}"));
    }
    Ok(Exit::Ok)
}
