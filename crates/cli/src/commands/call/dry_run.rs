//! `--dry-run`: the request and the message that is signed.

use serde_json::{Map, Value, json};

use super::recording::{Recording, Signed};
use crate::failure::{Failure, Result};
use crate::output::{BOLD, DIM, NAME, Output};

/// Prints them.
pub fn show(recording: &Recording, output: &Output) -> Result<()> {
    if output.is_json() { for_machines(recording, output) } else { for_people(recording, output) }
}

fn for_people(recording: &Recording, output: &Output) -> Result<()> {
    let Recording { method, target, origin, .. } = recording;
    output.line(format_args!("{DIM}to {origin}, if it were sent:{DIM:#}"))?;
    output.line(format_args!("{BOLD}{method} {target} HTTP/1.1{BOLD:#}"))?;
    for (name, value) in &recording.headers {
        output.line(format_args!("{NAME}{name}{NAME:#}: {value}"))?;
    }
    if !recording.body.is_empty() {
        output.line("")?;
        output.line(body(&recording.body))?;
    }
    output.line("")?;
    match recording.signed() {
        Some(Signed::Apiv3 { message, .. }) => {
            output.line(format_args!(
                "{DIM}the message that is signed, with SHA256-RSA2048 and the private key:{DIM:#}"
            ))?;
            let what = ["method", "path and query", "timestamp", "nonce_str"];
            let body = match recording.signed_body().len() {
                0 => "no body".to_owned(),
                length if length == recording.body.len() => format!("body, {length} bytes"),
                length => format!("`meta`, {length} bytes"),
            };
            // The body is all that is left, with line ends of its own.
            let lines: Vec<_> = message.splitn(5, '\n').collect();
            for (line, what) in lines.into_iter().zip(what.into_iter().chain([body.as_str()])) {
                let line = line.strip_suffix('\n').unwrap_or(line).replace('\n', "\\n");
                output.line(format_args!("  {line}{BOLD}\\n{BOLD:#}  {DIM}{what}{DIM:#}"))?;
            }
            Ok(())
        }
        Some(Signed::Apiv2 { text, kind, .. }) => {
            output
                .line(format_args!("{DIM}the text that is signed, by {kind}, with the APIv2 key at its end:{DIM:#}"))?;
            output.line(format_args!("  {text}&key={BOLD}(the APIv2 key){BOLD:#}"))
        }
        None => Err(unsigned()),
    }
}

fn for_machines(recording: &Recording, output: &Output) -> Result<()> {
    let headers: Map<_, _> =
        recording.headers.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    let signed = match recording.signed().ok_or_else(unsigned)? {
        Signed::Apiv3 { message, timestamp, nonce, signature } => json!({
            "message": message, "timestamp": timestamp, "nonce_str": nonce, "signature": signature,
        }),
        Signed::Apiv2 { text, kind, signature } => {
            json!({ "text_before_key": text, "sign_type": kind, "sign": signature })
        }
    };
    output.json(&json!({
        "method": recording.method,
        "url": recording.url(),
        "headers": headers,
        "body": std::str::from_utf8(&recording.body).ok(),
        "body_bytes": recording.body.len(),
        "signed": signed,
    }))
}

fn unsigned() -> Failure {
    Failure::usage("what is signed of this request is not known")
}

/// A body as far as it is a text.
fn body(bytes: &[u8]) -> String {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => return text.to_owned(),
        Err(error) => {
            bytes.get(..error.valid_up_to()).and_then(|text| std::str::from_utf8(text).ok()).unwrap_or_default()
        }
    };
    let lines = text.rfind('\n').and_then(|end| text.get(..=end)).unwrap_or_default();
    format!("{lines}({} bytes more, which are not a text)", bytes.len().saturating_sub(lines.len()))
}
