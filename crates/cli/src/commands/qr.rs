//! `wechatpay qr TEXT|-`: a QR code.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::{input, qr};

/// Draw a QR code, such as that of a `code_url`
#[derive(Args, Debug)]
#[command(after_help = "Examples:
  wechatpay qr 'weixin://wxpay/bizpayurl?pr=p4lpSuKzz'
  wechatpay qr -o order.svg 'weixin://wxpay/bizpayurl?pr=p4lpSuKzz'
  echo 'https://shop.example/pay' | wechatpay qr -")]
pub struct Qr {
    /// The text, or - for standard input, without the line end after it
    pub text: String,
    /// Write a picture, in place of drawing in the terminal
    #[arg(short, long, value_name = "FILE.svg")]
    pub output: Option<PathBuf>,
}

pub fn run(command: &Qr, context: &Context) -> Result<Exit> {
    let text = match &*command.text {
        "-" => input::read_text(Path::new("-"), "the text")?.trim_end_matches(['\r', '\n']).to_owned(),
        text => text.to_owned(),
    };
    let output = &context.output;
    if let Some(file) = &command.output {
        if file.extension().is_none_or(|extension| !extension.eq_ignore_ascii_case("svg")) {
            return Err(Failure::usage(format!("{} does not end with .svg", file.display())));
        }
        fs::write(file, qr::svg(&text)?).map_err(|error| Failure::file(file, error))?;
        if output.is_json() {
            output.json(&json!({ "text": text, "file": file.display().to_string() }))?;
        }
    } else if output.is_json() {
        output.json(&json!({ "text": text, "svg": qr::svg(&text)? }))?;
    } else {
        qr::lines(&text)?.iter().try_for_each(|line| output.line(line))?;
    }
    Ok(Exit::Ok)
}
