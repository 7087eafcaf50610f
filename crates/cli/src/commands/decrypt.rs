//! `wechatpay decrypt`: what the platform has encrypted.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};
use wechatpay::{AesGcm, Rsa, Transformer};

use crate::context::Context;
use crate::diagnosis::apiv2;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::global::{Group, Uses};
use crate::settings::Settings;
use crate::written::is_xml;
use crate::{input, keys};

/// Decrypt a sensitive field, a resource, or the req_info of a refund
///
/// What it is decides the key: bare base64 is a field that was encrypted for the merchant's private key; JSON with `ciphertext` and
/// `nonce`, or a notification with it, is for the APIv3 key; XML with `req_info` is for the APIv2 key.
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  wechatpay decrypt field.txt
  wechatpay decrypt notification.json
  wechatpay decrypt refund.xml
  wechatpay trigger TRANSACTION.SUCCESS --json | jq -r .body | wechatpay --profile sandbox decrypt

Exit code 6 if it cannot be decrypted with the key.")]
pub struct Decrypt {
    /// The ciphertext, or - for standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub file: PathBuf,
    /// Bare base64 is for the APIv3 key, with this nonce
    #[arg(long, value_name = "TEXT", conflicts_with = "req_info")]
    pub nonce: Option<String>,
    /// What is authenticated with it
    #[arg(long, value_name = "TEXT", requires = "nonce", default_value = "")]
    pub associated_data: String,
    /// Bare base64 is a req_info, for the APIv2 key
    #[arg(long)]
    pub req_info: bool,
}

/// A file of PKCS#12 is opened with the merchant's id.
pub const USES: Uses = Uses {
    groups: &[Group::Profile, Group::Party, Group::Signing, Group::Symmetric],
    instead: "leave it out: nothing is sent, and only keys of the merchant decrypt",
};

pub fn run(command: &Decrypt, context: &Context) -> Result<Exit> {
    let settings = context.configured()?.settings;
    let text = input::read_text(&command.file, "the ciphertext")?;
    let given = text.trim();
    if given.is_empty() {
        return Err(Failure::usage("there is nothing to decrypt"));
    }
    let is_bare = !is_xml(given.as_bytes()) && !given.starts_with('{');
    if !is_bare && (command.nonce.is_some() || command.req_info) {
        return Err(Failure::usage("--nonce and --req-info are for bare base64; this says by itself what it is"));
    }
    let plain = if is_xml(given.as_bytes()) {
        let fields = Transformer::to_array(given).map_err(|error| Failure::usage(error.to_string()))?;
        let sealed = fields.get("req_info").and_then(Value::as_str);
        req_info(sealed.ok_or_else(|| Failure::usage("the XML has no `req_info`"))?, &settings)?
    } else if given.starts_with('{') {
        let json: Value = given.parse().map_err(|error| Failure::usage(format!("it is not JSON: {error}")))?;
        let resource =
            ["/resource", "/encrypt_certificate", ""].into_iter().filter_map(|pointer| json.pointer(pointer));
        let resource = resource.into_iter().find(|resource| resource.get("ciphertext").is_some());
        let resource = resource.ok_or_else(|| Failure::usage("the JSON has no `ciphertext`"))?;
        let text = |name: &str| resource.get(name).and_then(Value::as_str).unwrap_or_default();
        aes_gcm(text("ciphertext"), text("nonce"), text("associated_data"), &settings)?
    } else if let Some(nonce) = &command.nonce {
        aes_gcm(given, nonce, &command.associated_data, &settings)?
    } else if command.req_info {
        req_info(given, &settings)?
    } else {
        Rsa::decrypt(given, &keys::private(&settings)?).map_err(|_| {
            Failure::check("it cannot be decrypted with the merchant's private key")
                .next("it is for the key of the merchant's certificate that the request was signed with: was that renewed?")
                .next("bare base64 for the APIv3 key needs --nonce, a req_info --req-info")
        })?
    };
    let output = &context.output;
    if output.is_json() {
        output.json(&json!({ "plaintext": plain }))?
    } else {
        output.line(&plain)?
    }
    Ok(Exit::Ok)
}

fn aes_gcm(ciphertext: &str, nonce: &str, associated_data: &str, settings: &Settings) -> Result<String> {
    let key = keys::apiv3(settings)?;
    AesGcm::decrypt(ciphertext, key.as_str(), nonce, associated_data).map_err(|_| {
        Failure::check("it cannot be decrypted with the APIv3 key")
            .next("compare the APIv3 key with that on the merchant platform; nonce and associated_data must be those of the message")
    })
}

fn req_info(sealed: &str, settings: &Settings) -> Result<String> {
    apiv2::decrypt_req_info(sealed, &keys::secret(settings)?).map_err(|()| {
        Failure::check("the req_info cannot be decrypted with the APIv2 key")
            .next("compare `secret` with the APIv2 key (API密钥) on the merchant platform")
    })
}
