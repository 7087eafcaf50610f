//! Faults as JSON, so that a file and a page can name them.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value, json};
use wechatpay_catalog::nearest;

use super::{Fault, FaultRule, SIGNATURE_HEADERS};

/// The names that any fault may have beside its own.
const RULE: [&str; 4] = ["on", "times", "share", "without_effect"];

impl Fault {
    /// One of each kind, with a value that is often used: what a page can offer.
    ///
    /// ```
    /// use wechatpay_sandbox::Fault;
    ///
    /// assert!(Fault::examples().contains(&Fault::Status(500)));
    /// ```
    pub fn examples() -> Vec<Fault> {
        vec![
            Fault::BadSignature,
            Fault::MissingHeader("Wechatpay-Signature"),
            Fault::ClockOff(600),
            Fault::UnknownSerial,
            Fault::Status(500),
            Fault::Busy(1),
            Fault::EmptyStatus(502),
            Fault::Html(502),
            Fault::Redirect,
            Fault::SeeOther,
            Fault::RedirectElsewhere,
            Fault::RedirectLoop,
            Fault::OddStatus(600),
            Fault::CloseBeforeAnswer,
            Fault::CloseInAnswer,
            Fault::CloseAfterAnswer,
            Fault::Delay(Duration::from_secs(5)),
            Fault::WrongLength(10),
            Fault::Smuggled,
            Fault::Endless,
            Fault::Rotation,
        ]
    }

    /// Its name in JSON.
    ///
    /// ```
    /// assert_eq!(wechatpay_sandbox::Fault::CloseBeforeAnswer.name(), "close_before_answer");
    /// ```
    pub fn name(&self) -> &'static str {
        match self {
            Fault::BadSignature => "bad_signature",
            Fault::MissingHeader(_) => "missing_header",
            Fault::ClockOff(_) => "clock_off",
            Fault::UnknownSerial => "unknown_serial",
            Fault::Status(_) => "status",
            Fault::Busy(_) => "busy",
            Fault::EmptyStatus(_) => "empty_status",
            Fault::Html(_) => "html",
            Fault::Redirect => "redirect",
            Fault::SeeOther => "see_other",
            Fault::RedirectElsewhere => "redirect_elsewhere",
            Fault::RedirectLoop => "redirect_loop",
            Fault::OddStatus(_) => "odd_status",
            Fault::CloseBeforeAnswer => "close_before_answer",
            Fault::CloseInAnswer => "close_in_answer",
            Fault::CloseAfterAnswer => "close_after_answer",
            Fault::Delay(_) => "delay",
            Fault::WrongLength(_) => "wrong_length",
            Fault::Smuggled => "smuggled",
            Fault::Endless => "endless",
            Fault::Rotation => "rotation",
        }
    }

    /// What it needs: the name and the value.
    fn argument(&self) -> Option<(&'static str, Value)> {
        match self {
            Fault::MissingHeader(name) => Some(("header", json!(name))),
            Fault::ClockOff(seconds) => Some(("seconds", json!(seconds))),
            Fault::Busy(seconds) => Some(("seconds", json!(seconds))),
            Fault::Delay(duration) => Some(("seconds", json!(duration.as_secs_f64()))),
            Fault::Status(status) | Fault::EmptyStatus(status) | Fault::Html(status) | Fault::OddStatus(status) => {
                Some(("status", json!(status)))
            }
            Fault::WrongLength(bytes) => Some(("bytes", json!(bytes))),
            _ => None,
        }
    }

    /// The same fault with another value for what it needs; `None` if there is no such value.
    fn with(self, value: &Value) -> Option<Fault> {
        let status = || value.as_u64().and_then(|status| u16::try_from(status).ok());
        Some(match self {
            Fault::MissingHeader(_) => {
                let name = value.as_str()?;
                Fault::MissingHeader(SIGNATURE_HEADERS.into_iter().find(|known| known.eq_ignore_ascii_case(name))?)
            }
            Fault::ClockOff(_) => Fault::ClockOff(value.as_i64()?),
            Fault::Busy(_) => Fault::Busy(u32::try_from(value.as_u64()?).ok()?),
            Fault::Delay(_) => Fault::Delay(Duration::try_from_secs_f64(value.as_f64()?).ok()?),
            Fault::Status(_) => Fault::Status(status()?),
            Fault::EmptyStatus(_) => Fault::EmptyStatus(status()?),
            Fault::Html(_) => Fault::Html(status()?),
            Fault::OddStatus(_) => Fault::OddStatus(status()?),
            Fault::WrongLength(_) => Fault::WrongLength(value.as_i64()?),
            other => other,
        })
    }
}

impl From<&FaultRule> for Value {
    fn from(rule: &FaultRule) -> Value {
        let mut fields = Map::from_iter([("fault".to_owned(), Value::from(rule.fault.name()))]);
        let mut add = |name: &str, value: Value| fields.insert(name.to_owned(), value);
        if let Some((name, value)) = rule.fault.argument() {
            add(name, value);
        }
        if let Some(path) = &rule.path {
            add("on", path.as_str().into());
        }
        if let Some(left) = rule.left {
            add("times", left.into());
        }
        if let Some(share) = rule.share {
            add("share", share.into());
        }
        if !rule.has_effect {
            add("without_effect", true.into());
        }
        Value::Object(fields)
    }
}

impl TryFrom<&Value> for FaultRule {
    type Error = FaultError;

    fn try_from(value: &Value) -> Result<FaultRule, FaultError> {
        let fields = value
            .as_object()
            .ok_or_else(|| error("a fault is an object such as {\"fault\": \"status\", \"status\": 500}"))?;
        let name = fields
            .get("fault")
            .and_then(Value::as_str)
            .ok_or_else(|| error("\"fault\" must be the name of a fault"))?;
        let examples = Fault::examples();
        let known = examples.iter().find(|example| example.name() == name);
        let known = known.ok_or_else(|| unknown("fault", name, examples.iter().map(Fault::name)))?;
        let argument = known.argument().map(|(argument, _)| argument);
        let allowed = || ["fault"].into_iter().chain(argument).chain(RULE);
        if let Some(wrong) = fields.keys().find(|given| allowed().all(|allowed| allowed != given.as_str())) {
            return Err(unknown(&format!("field of {name:?}"), wrong, allowed()));
        }
        let fault = match argument {
            None => known.clone(),
            Some(argument) => {
                let given = fields.get(argument).ok_or_else(|| error(format!("{name:?} needs {argument:?}")))?;
                let fault = known.clone().with(given);
                fault.ok_or_else(|| error(format!("{argument:?} of {name:?} cannot be {given}")))?
            }
        };
        let mut rule = FaultRule::from(fault);
        for (field, value) in fields {
            let wrong = |what: &str| error(format!("{field:?} must be {what}, not {value}"));
            rule = match field.as_str() {
                "on" => rule.on(value.as_str().ok_or_else(|| wrong("a path"))?),
                "times" => {
                    let times = value.as_u64().and_then(|times| u32::try_from(times).ok());
                    rule.times(times.ok_or_else(|| wrong("a number of calls"))?)
                }
                "share" => rule.share(value.as_f64().ok_or_else(|| wrong("a number from 0 to 1"))?),
                "without_effect" => match value.as_bool().ok_or_else(|| wrong("true or false"))? {
                    true => rule.without_effect(),
                    false => rule,
                },
                _ => rule,
            };
        }
        rule.check().map_err(error)?;
        Ok(rule)
    }
}

/// Why a [`FaultRule`] is impossible, or JSON is none.
///
/// ```
/// use wechatpay::json;
/// use wechatpay_sandbox::FaultRule;
///
/// let error = FaultRule::try_from(&json!({ "fault": "status" })).unwrap_err();
/// assert_eq!(error.to_string(), r#""status" needs "status""#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultError(String);

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for FaultError {}

fn error(why: impl Into<String>) -> FaultError {
    FaultError(why.into())
}

fn unknown<'n>(what: &str, name: &str, known: impl Iterator<Item = &'n str> + Clone) -> FaultError {
    match nearest(name, known.clone()) {
        Some(near) => FaultError(format!("there is no {what} {name:?}; did you mean {near:?}?")),
        None => FaultError(format!("there is no {what} {name:?}; there are {}", known.collect::<Vec<_>>().join(", "))),
    }
}

impl From<String> for FaultError {
    fn from(why: String) -> FaultError {
        FaultError(why)
    }
}
