//! What is shown of an answer.

use std::io::IsTerminal;

use serde_json::{Value, json};
use wechatpay::Response;

use super::request::Request;
use crate::failure::{Failure, Result};
use crate::output::{BOLD, Output, visible};
use crate::qr;

/// What an answer is.
enum Content {
    Nothing,
    /// JSON, or the fields of APIv2.
    Fields(Value),
    Text(String),
    Bytes,
}

/// Prints an answer.
pub fn show(
    request: &Request,
    response: &Response,
    is_included: bool,
    pointer: Option<&str>,
    output: &Output,
) -> Result<()> {
    let content = content(request, response);
    if let Some(pointer) = pointer {
        return one(&content, pointer, output);
    }
    if let Some(path) = request.options.get("sink").and_then(Value::as_str) {
        return saved(path, response, is_included, output);
    }
    if output.is_json() {
        return for_machines(&content, response, is_included, output);
    }
    if is_included {
        output.line(format_args!("{BOLD}HTTP {}{BOLD:#}", response.status()))?;
        if let Some(id) = response.request_id() {
            output.line(format_args!("Request-ID: {}", visible(id)))?;
        }
        output.line("")?;
    }
    match &content {
        Content::Nothing => Ok(()),
        Content::Fields(fields) => {
            output.json(fields)?;
            code(fields, output)
        }
        Content::Text(_) => output.bytes(response.body()),
        Content::Bytes if std::io::stdout().is_terminal() => {
            output.note(format_args!("{} bytes of {}: -o FILE saves them", response.body().len(), kind(response)));
            Ok(())
        }
        Content::Bytes => output.bytes(response.body()),
    }
}

fn content(request: &Request, response: &Response) -> Content {
    let fields = || if request.is_apiv2 { response.xml().ok() } else { response.json().ok() };
    match std::str::from_utf8(response.body()) {
        Ok("") => Content::Nothing,
        Ok(text) => fields().map_or_else(|| Content::Text(text.to_owned()), Content::Fields),
        Err(_) => Content::Bytes,
    }
}

/// One value. That there is none is a check that has failed.
fn one(content: &Content, pointer: &str, output: &Output) -> Result<()> {
    let Content::Fields(fields) = content else {
        return Err(Failure::check(format!("its answer has no fields, and so no {pointer}")));
    };
    match fields.pointer(pointer) {
        Some(value) if output.is_json() => output.json(value),
        Some(Value::String(text)) => output.line(text),
        Some(value) => output.line(value),
        None => {
            let names: Vec<_> = fields.as_object().into_iter().flatten().map(|(name, _)| format!("/{name}")).collect();
            Err(Failure::check(format!("its answer has no {pointer}")).next(format!("there are: {}", names.join(", "))))
        }
    }
}

fn saved(path: &str, response: &Response, is_included: bool, output: &Output) -> Result<()> {
    let size = std::fs::metadata(path).map(|there| there.len()).unwrap_or_default();
    if output.is_json() {
        let mut told = json!({ "file": path, "bytes": size });
        if is_included {
            add_head(&mut told, response);
        }
        return output.json(&told);
    }
    if is_included {
        output.line(format_args!("{BOLD}HTTP {}{BOLD:#}", response.status()))?;
    }
    output.note(format_args!("{path} has the answer: {size} bytes"));
    Ok(())
}

fn for_machines(content: &Content, response: &Response, is_included: bool, output: &Output) -> Result<()> {
    let body = match content {
        Content::Nothing => Value::Null,
        Content::Fields(fields) => fields.clone(),
        Content::Text(text) => Value::String(text.clone()),
        Content::Bytes => {
            output.warn("the answer is not a text, and so not printed as JSON: -o FILE saves it");
            json!({ "bytes": response.body().len(), "content_type": kind(response) })
        }
    };
    if is_included {
        let mut told = json!({ "body": body });
        add_head(&mut told, response);
        return output.json(&told);
    }
    match body {
        Value::Null => Ok(()),
        body => output.json(&body),
    }
}

fn add_head(told: &mut Value, response: &Response) {
    if let Value::Object(told) = told {
        told.insert("status".into(), response.status().as_u16().into());
        told.insert("request_id".into(), response.request_id().into());
    }
}

/// The QR code that the customer scans.
fn code(fields: &Value, output: &Output) -> Result<()> {
    let Some(address) = fields.get("code_url").and_then(Value::as_str).filter(|_| std::io::stdout().is_terminal())
    else {
        return Ok(());
    };
    // An address that is too long for one has been printed all the same.
    let lines = qr::lines(address).unwrap_or_default();
    lines.iter().try_for_each(|line| output.line(line))
}

fn kind(response: &Response) -> String {
    visible(response.header("content-type").unwrap_or("an unknown type"))
}
