//! Answers and faults from files.

use std::fmt::Display;
use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Map, Value};
use wechatpay::http::{HeaderName, HeaderValue};
use wechatpay_catalog::nearest;
use wechatpay_sandbox::{FaultRule, Sandbox, ScriptedAnswer};

use crate::failure::{Failure, Result};

/// The names that an answer may have.
const ANSWER: [&str; 6] = ["method", "path", "status", "body", "headers", "unsigned"];

/// A fault, and where it is in the file.
pub struct Fault {
    pub place: String,
    pub rule: FaultRule,
}

/// An answer, and where it is in the file.
pub struct Answer {
    place: String,
    method: String,
    path: String,
    status: u16,
    answer: ScriptedAnswer,
}

impl Answer {
    /// Has the sandbox give it.
    pub fn give(self, sandbox: &Sandbox) -> std::result::Result<(), String> {
        let given: io::Result<()> = sandbox.try_answer(&self.method, &self.path, self.status, self.answer);
        given.map_err(|error| format!("{}: {error}", self.place))
    }
}

/// The faults of a file.
pub fn faults(path: &Path) -> Result<Vec<Fault>> {
    each(path, |place, value| match FaultRule::try_from(value) {
        Ok(rule) => Ok(Fault { place, rule }),
        Err(error) => Err(error.to_string()),
    })
}

/// The answers of a file: `method`, `path`, `status` (200), `body` (JSON, or a text), `headers`, `unsigned`.
pub fn answers(path: &Path) -> Result<Vec<Answer>> {
    each(path, |place, value| {
        let fields = value.as_object().ok_or("an answer is an object")?;
        answer(place, fields)
    })
}

fn answer(place: String, fields: &Map<String, Value>) -> std::result::Result<Answer, String> {
    if let Some(wrong) = fields.keys().find(|name| !ANSWER.contains(&name.as_str())) {
        return Err(match nearest(wrong, ANSWER) {
            Some(near) => format!("there is no {wrong:?}; did you mean {near:?}?"),
            None => format!("there is no {wrong:?}; there are {}", ANSWER.join(", ")),
        });
    }
    let text = |name: &str| match fields.get(name) {
        Some(Value::String(text)) => Ok(text.clone()),
        _ => Err(format!("{name:?} must be a text")),
    };
    let status = match fields.get("status") {
        None => 200,
        Some(status) => {
            let number = status.as_u64().and_then(|status| u16::try_from(status).ok());
            number.ok_or_else(|| format!("\"status\" must be a status of HTTP, not {status}"))?
        }
    };
    let mut answer = match fields.get("body") {
        None | Some(Value::Null) => ScriptedAnswer::from(()),
        Some(Value::String(text)) => ScriptedAnswer::from(text.as_str()),
        Some(json) => ScriptedAnswer::from(json.clone()),
    };
    match fields.get("headers") {
        None => {}
        Some(Value::Object(headers)) => {
            for (name, value) in headers {
                let value = value.as_str().ok_or_else(|| format!("the header {name:?} must be a text"))?;
                if HeaderName::try_from(name).is_err() || HeaderValue::try_from(value).is_err() {
                    return Err(format!("HTTP does not allow the header {name:?} with the value {value:?}"));
                }
                answer = answer.header(name, value);
            }
        }
        Some(_) => return Err("\"headers\" must be an object".to_owned()),
    }
    match fields.get("unsigned") {
        None | Some(Value::Bool(false)) => {}
        Some(Value::Bool(true)) => answer = answer.unsigned(),
        Some(_) => return Err("\"unsigned\" must be true or false".to_owned()),
    }
    Ok(Answer { place, method: text("method")?, path: text("path")?, status, answer })
}

/// Each entry of the array in a file. All that are wrong are named.
fn each<T>(path: &Path, read: impl Fn(String, &Value) -> std::result::Result<T, String>) -> Result<Vec<T>> {
    let bytes = fs::read(path).map_err(|error| Failure::file(path, error))?;
    let value: Value = serde_json::from_slice(&bytes).map_err(|error| Failure::file(path, error))?;
    let Value::Array(entries) = value else { return Err(Failure::file(path, "it must be a JSON array")) };
    let (mut right, mut wrong) = (Vec::new(), Vec::new());
    for (number, entry) in entries.iter().enumerate() {
        let place = format!("[{number}]");
        match read(place.clone(), entry) {
            Ok(entry) => right.push(entry),
            Err(why) => wrong.push(format!("{place}: {why}")),
        }
    }
    if wrong.is_empty() { Ok(right) } else { Err(Failure::file(path, wrong.join("; "))) }
}

/// What is wrong with an entry only this sandbox can say.
pub fn failure(path: Option<&Path>, why: &impl Display) -> Failure {
    Failure::file(path.unwrap_or(Path::new("")), why)
}
