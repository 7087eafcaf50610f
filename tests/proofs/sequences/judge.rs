//! The rules: what may be true of a call, by what the client says and by what the other side knows.

use std::path::Path;
use std::time::Duration;

use wechatpay::{Error, Outcome, Response, Result};

use super::book::{Entry, Said, Wrong, wrong};
use super::step::{Call, Limit};

/// What a call may take beyond its limit.
const SLACK: Duration = Duration::from_secs(1);

/// What the client says of a call.
pub struct Told {
    pub result: Result<Response>,
    pub took: Duration,
    /// What the answer is in, where it has a file.
    pub file: Option<Vec<u8>>,
}

/// What holds of any call, however it ends, and whenever one looks.
pub fn effects(entry: &Entry) -> Option<Wrong> {
    (entry.effects > 1).then(|| wrong("effects", "a call took effect more than once"))
}

/// What holds of a call that has ended, also later.
pub fn outcome(entry: &Entry, result: &Result<Response>) -> Vec<Wrong> {
    let mut wrongs = Vec::new();
    match result {
        Ok(response) if response.status().is_success() && !entry.call.is_safe() && entry.effects != 1 => {
            wrongs.push(wrong("ok", format!("Ok of a call that took effect {} times", entry.effects)));
        }
        Ok(response) if response.status().is_client_error() && entry.effects > 0 => {
            let how = format!("{} handed back, turned {}, and it was done", response.status(), entry.is_turned);
            wrongs.push(wrong("rejected", how));
        }
        Ok(_) => {}
        Err(error) => {
            let (outcome, kind) = (error.outcome(), kind(error));
            if outcome == Outcome::NotSent && entry.has_arrived() {
                wrongs.push(wrong("not sent", format!("{kind} NotSent, and something arrived")));
            }
            if outcome == Outcome::Rejected && entry.effects > 0 {
                wrongs.push(wrong("rejected", format!("{kind} Rejected, turned {}, and it was done", entry.is_turned)));
            }
            if entry.is_turned && outcome != Outcome::Unknown {
                wrongs.push(wrong("turned", format!("{kind} {outcome:?} after a redirect had turned it into a GET")));
            }
        }
    }
    wrongs
}

/// What holds of a call at its end.
pub fn call(entry: &Entry, told: &Told, sink: Option<&Path>) -> Vec<Wrong> {
    let mut wrongs = outcome(entry, &told.result);
    let said = entry.said.last().cloned().unwrap_or_default();
    match &told.result {
        Ok(response) => wrongs.extend(accepted(entry, &said, response, told.file.as_deref())),
        Err(error) => {
            if is_odd(said.status) && error.outcome() != Outcome::Unknown {
                wrongs.push(wrong("status", format!("{} is {} {:?}", said.status, kind(error), error.outcome())));
            }
            if sink.is_some_and(Path::exists) {
                wrongs.push(wrong("sink", "a file is there although the call failed"));
            }
        }
    }
    let Call { limit, .. } = &entry.call;
    if told.took > limit.timeout() + SLACK {
        let set = if *limit == Limit::Short { "a short limit" } else { "an ample limit" };
        wrongs.push(wrong(LIMIT, format!("{set} was exceeded")));
    }
    wrongs
}

/// The name of the rule that a busy machine may break.
pub const LIMIT: &str = "limit";

/// Whether an answer may be handed out as one.
fn accepted(entry: &Entry, said: &Said, response: &Response, file: Option<&[u8]>) -> Option<Wrong> {
    let (call, status) = (&entry.call, response.status().as_u16());
    let protocol = if call.is_apiv2 { "APIv2" } else { "APIv3" };
    let is_asked_for = match status {
        200..=299 => true,
        300..=399 => !call.follows,
        400..=599 => call.hands_errors_back,
        _ => false,
    };
    if !is_asked_for {
        return Some(wrong("status", format!("Ok with {status}, {protocol}")));
    }
    let body = if call.has_sink && status < 300 { file } else { Some(response.body()) };
    let Some(body) = body else {
        return Some(wrong("sink", "Ok, and no file is there"));
    };
    // What has no body in HTTP has none here.
    let is_bodiless = status == 304;
    if said.status != status || !(said.body == body || is_bodiless && body.is_empty()) {
        return Some(wrong("answer", format!("Ok with what is not the answer to it, {protocol}")));
    }
    if status < 300 && !said.is_signed && !call.is_unsigned {
        return Some(wrong("verified", format!("Ok with an unsigned answer, {protocol}")));
    }
    None
}

/// Whether an answer of this status is neither a success nor a refusal nor led on.
fn is_odd(status: u16) -> bool {
    status != 0 && !(200..300).contains(&status) && !(400..600).contains(&status)
}

pub fn kind(error: &Error) -> String {
    let shown = format!("{error:?}");
    shown.split(['(', ' ', '{']).next().unwrap_or_default().to_owned()
}
