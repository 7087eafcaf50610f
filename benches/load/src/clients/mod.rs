//! What is measured, each in a process of its own.

pub mod chain;
pub mod hand;
pub mod hyper;
pub mod journal;
pub mod pair;
pub mod ureq;

use std::path::PathBuf;

use anyhow::Context;
use serde_json::{Value, json};

/// What a process is told to do.
pub struct Task {
    pub folder: PathBuf,
    /// `http://127.0.0.1:port/`
    pub base: String,
    /// How long the server waits before it answers, in milliseconds.
    pub wait: u64,
    pub in_flight: usize,
    pub calls: usize,
    /// Bytes of a large body.
    pub size: usize,
}

impl Task {
    pub fn to_json(&self) -> Value {
        json!({
            "folder": self.folder, "base": self.base, "wait": self.wait,
            "in_flight": self.in_flight, "calls": self.calls, "size": self.size,
        })
    }

    pub fn parse(text: &str) -> anyhow::Result<Task> {
        let value: Value = serde_json::from_str(text)?;
        let number = |name: &str| value[name].as_u64().with_context(|| format!("{name} is missing"));
        let text = |name: &str| value[name].as_str().map(str::to_owned).with_context(|| format!("{name} is missing"));
        Ok(Task {
            folder: text("folder")?.into(),
            base: text("base")?,
            wait: number("wait")?,
            in_flight: usize::try_from(number("in_flight")?)?,
            calls: usize::try_from(number("calls")?)?,
            size: usize::try_from(number("size")?)?,
        })
    }

    /// The path of an API call, without a leading slash.
    pub fn path(&self) -> String {
        format!("v3/wait/{}/pay/transactions/native", self.wait)
    }
}

/// The body of an API call; the client serialises it.
pub fn order() -> Value {
    json!({
        "mchid": "1900000109",
        "appid": "wxd678efh567hg6787",
        "description": "Image形象店-深圳腾大-QQ公仔",
        "out_trade_no": "1217752501201407033233368018",
        "notify_url": "https://example.com/notify",
        "amount": { "total": 100, "currency": "CNY" },
    })
}

/// What each client must find in an answer.
pub fn check(answer: &Value) -> anyhow::Result<()> {
    anyhow::ensure!(answer["code_url"].is_string(), "this is no answer: {answer}");
    Ok(())
}
