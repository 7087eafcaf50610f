//! The arguments of commands that read a message as it was written down.

use std::path::PathBuf;

use clap::Args;

use crate::dump::{self, Message};
use crate::failure::{Failure, Result};
use crate::input;

#[derive(Args, Debug)]
pub struct Written {
    /// The message: raw HTTP, what `curl -v` or --debug printed, or with --headers the body alone; - for standard input
    #[arg(value_name = "FILE", default_value = "-")]
    pub file: PathBuf,
    /// Its headers, a line each, if they are in a file of their own
    #[arg(long, value_name = "FILE")]
    pub headers: Option<PathBuf>,
}

impl Written {
    /// What was written down: a message or several, never none.
    pub fn messages(&self) -> Result<Vec<Message>> {
        let text = input::read(&self.file, "the message")?;
        if text.is_empty() && self.headers.is_none() {
            return Err(Failure::usage("there is no message: it is empty"));
        }
        let Some(headers) = &self.headers else {
            let messages = dump::read(&text);
            return if messages.is_empty() { Err(Failure::usage("there is no message in it")) } else { Ok(messages) };
        };
        let mut message = dump::headers(&input::read_text(headers, "the headers")?);
        if message.headers.is_empty() {
            return Err(Failure::usage(format!("{} has no line `Name: value`", headers.display())));
        }
        message.body = Some(text.to_vec());
        Ok(vec![message])
    }
}

/// Whether a body is XML, as those of APIv2 are.
pub fn is_xml(body: &[u8]) -> bool {
    body.strip_prefix(dump::BOM).unwrap_or(body).trim_ascii_start().starts_with(b"<")
}
