//! Faults on demand: what goes wrong, in which calls, and how often.

pub(crate) mod json;

use std::sync::Mutex;
use std::time::Duration;

use serde_json::json;
use ureq::http::header::{LOCATION, RETRY_AFTER};
use ureq::http::{HeaderValue, Response, StatusCode};

use crate::answer::{Answer, Refusal};
use crate::apiv2;
use crate::broken::Broken;
use crate::content::Content;
use crate::crypto;
use crate::lock::lock;
use crate::platform_keys::KeyMode;
use crate::request::Request;
use crate::routing;

/// The headers that a signed answer has.
const SIGNATURE_HEADERS: [&str; 4] =
    ["Wechatpay-Nonce", "Wechatpay-Serial", "Wechatpay-Signature", "Wechatpay-Timestamp"];

/// What a redirect to the same host adds to the query, so that the request that follows is served.
const REDIRECTED: &str = "redirected=1";

/// A host that does not exist, and never will.
const ELSEWHERE: &str = "https://elsewhere.invalid/";

/// A fault in a call, once it is [injected](crate::Sandbox::inject). Unless noted otherwise, the operation takes effect and
/// only the answer is spoiled, because that is the case that costs money. [`without_effect`](Fault::without_effect) changes
/// that.
///
/// ```
/// use wechatpay_sandbox::{Fault, Sandbox};
/// use wechatpay::{Builder, Outcome, json};
/// # fn main() -> anyhow::Result<()> {
/// let sandbox = Sandbox::start()?;
/// let instance = Builder::factory(sandbox.config())?;
///
/// sandbox.inject(Fault::CloseBeforeAnswer.on("v3/merchant-store/stores").times(1));
/// let error = instance.chain("v3/merchant-store/stores").post(json!({ "json": {} })).unwrap_err();
/// // If you take this for a failure and send it again, you pay twice.
/// assert_eq!(error.outcome(), Outcome::Unknown);
/// assert_eq!(sandbox.ledger().len(), 1);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The signature is that of another message: in APIv3 in the header, in APIv2 in the field `sign`.
    BadSignature,
    /// This header is missing: `Wechatpay-Nonce`, `-Serial`, `-Signature` or `-Timestamp`. APIv3 only.
    MissingHeader(&'static str),
    /// The timestamp of the answer is this many seconds ahead, or behind if negative. More than 300 are refused. APIv3 only.
    ClockOff(i64),
    /// `Wechatpay-Serial` names a key that does not exist. APIv3 only.
    UnknownSerial,
    /// The platform answers with this status, from 400 to 599, and its JSON. Below 500 nothing takes effect.
    Status(u16),
    /// 429 `FREQUENCY_LIMITED`, with this many seconds in `Retry-After`. Nothing takes effect.
    Busy(u32),
    /// This status, from 200 to 599, without a body and without a signature, as from a proxy in front of the
    /// platform. From 300 to 499 nothing takes effect.
    EmptyStatus(u16),
    /// This status, from 200 to 599, and an HTML page without a signature. From 300 to 499 nothing takes effect.
    Html(u16),
    /// 307 to the same host; the request that follows is served. Nothing takes effect before it.
    Redirect,
    /// 303 to the same host, after the operation has taken effect. The GET that follows is served like any GET of
    /// that path: with 405 if there is none.
    SeeOther,
    /// 307 to another host. Nothing takes effect.
    RedirectElsewhere,
    /// 307 to the address of the request itself, every time. Nothing takes effect.
    RedirectLoop,
    /// The answer with this status, which means neither success nor refusal: from 300 to 399 without a `Location`, or
    /// from 600 to 999. In APIv3 it has a valid signature.
    OddStatus(u16),
    /// The connection is closed before the answer.
    CloseBeforeAnswer,
    /// The connection is closed in the middle of the answer's body, or of its head if it has no body.
    CloseInAnswer,
    /// The connection is closed after the answer, without announcing it.
    CloseAfterAnswer,
    /// The answer is delayed by this long.
    Delay(Duration),
    /// `Content-Length` is this many bytes larger than the body, after which the connection is closed, or smaller if
    /// negative.
    WrongLength(i64),
    /// A second, unrequested answer follows in the same piece: `{"smuggled":true}`, signed as in APIv3. A client that uses
    /// the connection again takes it for the answer to its next request.
    Smuggled,
    /// The body does not end.
    Endless,
    /// During the request, the platform gets a new certificate, which signs the answer whatever key the request
    /// names. The older ones stay valid. APIv3 only, and not where the platform has only a [public
    /// key](KeyMode::PublicKey), as for brands.
    Rotation,
}

impl Fault {
    /// Limits the fault to calls of this path: `v3/refund/domestic/refunds`, or with variables in braces as in
    /// `v3/pay/transactions/id/{transaction_id}`. A path of APIv2 may begin with `v2/` or not: `v2/pay/unifiedorder`.
    pub fn on(self, path: &str) -> FaultRule {
        FaultRule::from(self).on(path)
    }

    /// Limits the fault to the next calls, this many.
    pub fn times(self, count: u32) -> FaultRule {
        FaultRule::from(self).times(count)
    }

    /// Limits the fault to a random share of the calls, from 0 to 1.
    pub fn share(self, share: f64) -> FaultRule {
        FaultRule::from(self).share(share)
    }

    /// Prevents any effect: before the platform looks at the request, it gives the answer of this fault, or else 500
    /// `SYSTEM_ERROR`, which the fault then spoils.
    pub fn without_effect(self) -> FaultRule {
        FaultRule::from(self).without_effect()
    }

    /// Whether it is itself an answer, given before anything takes effect.
    fn prevents(&self) -> bool {
        match self {
            Fault::Status(status) => *status < 500,
            Fault::EmptyStatus(status) | Fault::Html(status) => (300..500).contains(status),
            Fault::Busy(_) | Fault::Redirect | Fault::RedirectElsewhere | Fault::RedirectLoop => true,
            _ => false,
        }
    }

    /// Whether it spoils something that only APIv3 has.
    fn is_of_apiv3(&self) -> bool {
        matches!(self, Fault::MissingHeader(_) | Fault::ClockOff(_) | Fault::UnknownSerial | Fault::Rotation)
    }

    fn strikes(&self, request: &Request) -> bool {
        match self {
            Fault::Redirect | Fault::SeeOther => !request.query().split('&').any(|pair| pair == REDIRECTED),
            Fault::Rotation if routing::is_for_brands(request) => false,
            fault if fault.is_of_apiv3() => !routing::is_apiv2(request),
            _ => true,
        }
    }

    /// # Errors
    /// Why the fault is impossible.
    fn check(&self) -> Result<(), String> {
        match self {
            Fault::Status(status) if !(400..600).contains(status) => {
                Err(format!("the status of a failure must be from 400 to 599, not {status}"))
            }
            Fault::EmptyStatus(status) | Fault::Html(status) if !(200..600).contains(status) => {
                Err(format!("a status must be from 200 to 599, not {status}"))
            }
            Fault::OddStatus(status) if !matches!(status, 300..=399 | 600..=999) => {
                Err(format!("an odd status must be from 300 to 399 or from 600 to 999, not {status}"))
            }
            Fault::MissingHeader(name) if !SIGNATURE_HEADERS.iter().any(|known| known.eq_ignore_ascii_case(name)) => {
                Err(format!("{name:?} is not one of {SIGNATURE_HEADERS:?}"))
            }
            _ => Ok(()),
        }
    }
}

/// A [`Fault`] and the calls that it affects: all of them, unless limited. It can be written as JSON, for a file or a page.
///
/// | name | what it says |
/// | --- | --- |
/// | `fault` | the name of the [`Fault`] in small letters: `bad_signature`, `close_before_answer` |
/// | `status`, `seconds`, `bytes`, `header` | what the fault needs, if anything: a status, a time, a length, a header |
/// | `on` | the path, as for [`Fault::on`] |
/// | `times` | how many of the next calls, as for [`Fault::times`]; of a rule that has struck, what is left |
/// | `share` | a share of the calls, as for [`Fault::share`] |
/// | `without_effect` | `true` as [`Fault::without_effect`] |
///
/// ```
/// use wechatpay::{Value, json};
/// use wechatpay_sandbox::{Fault, FaultRule};
///
/// let written = json!({ "fault": "status", "status": 503, "on": "v3/refund/domestic/refunds", "times": 2 });
/// let rule = FaultRule::try_from(&written).unwrap();
/// assert_eq!((rule.fault(), rule.left()), (&Fault::Status(503), Some(2)));
/// assert_eq!(Value::from(&rule)["on"], "/v3/refund/domestic/refunds");
///
/// let error = FaultRule::try_from(&json!({ "fault": "bad_signatur" })).unwrap_err();
/// assert!(error.to_string().contains("did you mean \"bad_signature\"?"), "{error}");
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct FaultRule {
    fault: Fault,
    path: Option<String>,
    left: Option<u32>,
    share: Option<f64>,
    has_effect: bool,
}

impl FaultRule {
    /// As [`Fault::on`].
    pub fn on(mut self, path: &str) -> FaultRule {
        self.path = Some(routing::template(path));
        self
    }

    /// As [`Fault::times`].
    pub fn times(mut self, count: u32) -> FaultRule {
        self.left = Some(count);
        self
    }

    /// As [`Fault::share`].
    pub fn share(mut self, share: f64) -> FaultRule {
        self.share = Some(share);
        self
    }

    /// As [`Fault::without_effect`].
    pub fn without_effect(mut self) -> FaultRule {
        self.has_effect = false;
        self
    }

    /// What goes wrong.
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// The path of the calls that it affects, with a slash in front; `None` for all.
    pub fn path(&self) -> Option<&str> {
        self.path.as_deref()
    }

    /// How many of the next calls it affects; `None` for all.
    pub fn left(&self) -> Option<u32> {
        self.left
    }

    /// # Errors
    /// Why the rule is impossible.
    fn check(&self) -> Result<(), String> {
        self.fault.check()?;
        match self.share {
            Some(share) if !(0.0..=1.0).contains(&share) => Err(format!("a share must be from 0 to 1, not {share}")),
            _ => Ok(()),
        }
    }

    /// Whether it affects this request; if so, that is counted.
    fn strikes(&mut self, request: &Request) -> bool {
        let is_meant = self.path.as_ref().is_none_or(|path| routing::variables(path, request.path()).is_some());
        if !is_meant || self.left == Some(0) || !self.fault.strikes(request) || !self.is_its_turn() {
            return false;
        }
        self.left = self.left.map(|left| left.saturating_sub(1));
        true
    }

    fn is_its_turn(&self) -> bool {
        let Some(share) = self.share else {
            return true;
        };
        // Always below 1, so that a share of 1 is every call.
        let chance = f64::from(u32::from_be_bytes(crypto::random())) / (f64::from(u32::MAX) + 1.0);
        chance < share
    }
}

impl From<Fault> for FaultRule {
    fn from(fault: Fault) -> FaultRule {
        FaultRule { fault, path: None, left: None, share: None, has_effect: true }
    }
}

/// All injected faults, in order.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Rules>);

#[derive(Default)]
struct Rules {
    rules: Vec<(u64, FaultRule)>,
    /// How many were injected, those that were removed included.
    count: u64,
}

impl Faults {
    /// Adds a rule behind the others; returns its number.
    ///
    /// # Errors
    /// Why the rule is impossible.
    pub(crate) fn inject(&self, rule: FaultRule, mode: KeyMode) -> Result<u64, String> {
        rule.check()?;
        if rule.fault == Fault::Rotation && mode == KeyMode::PublicKey {
            return Err("a sandbox with only the public key has no certificate to rotate".to_owned());
        }
        let mut all = lock(&self.0);
        all.count = all.count.saturating_add(1);
        let number = all.count;
        all.rules.push((number, rule));
        Ok(number)
    }

    pub(crate) fn clear(&self) {
        lock(&self.0).rules.clear();
    }

    /// Removes the rule with this number; returns false if there is none.
    pub(crate) fn remove(&self, number: u64) -> bool {
        let mut all = lock(&self.0);
        let before = all.rules.len();
        all.rules.retain(|(known, _)| *known != number);
        all.rules.len() < before
    }

    /// Those that can still strike, with their numbers.
    pub(crate) fn all(&self) -> Vec<(u64, FaultRule)> {
        lock(&self.0).rules.iter().filter(|(_, rule)| rule.left != Some(0)).cloned().collect()
    }

    /// The fault for this request: the first that matches it.
    pub(crate) fn strike(&self, request: &Request) -> Option<Strike> {
        let mut all = lock(&self.0);
        let rule = all.rules.iter_mut().find_map(|(_, rule)| rule.strikes(request).then_some(rule))?;
        Some(Strike { fault: rule.fault.clone(), has_effect: rule.has_effect })
    }
}

/// A fault that affects a request.
pub(crate) struct Strike {
    fault: Fault,
    has_effect: bool,
}

impl Strike {
    pub(crate) fn fault(&self) -> &Fault {
        &self.fault
    }

    /// The answer before the request is looked at, if any.
    pub(crate) fn instead(&self, request: &Request) -> Option<Answer> {
        if self.has_effect && !self.fault.prevents() {
            return None;
        }
        Some(self.own_answer(request).unwrap_or_else(|| Refusal::system("系统错误").into()))
    }

    /// The answer that the fault makes the platform give instead, if any.
    pub(crate) fn own_answer(&self, request: &Request) -> Option<Answer> {
        Some(match self.fault {
            Fault::Status(status) => refusal(status).into(),
            Fault::Busy(seconds) => Answer::from(refusal(429)).with(RETRY_AFTER, &seconds.to_string()),
            Fault::EmptyStatus(status) => Answer::empty(status_code(status)),
            Fault::Html(status) => Answer::html(status_code(status)),
            Fault::Redirect => redirect(StatusCode::TEMPORARY_REDIRECT, &redirected(request)),
            Fault::SeeOther => redirect(StatusCode::SEE_OTHER, &redirected(request)),
            Fault::RedirectElsewhere => {
                let location = format!("{ELSEWHERE}{}", request.target().trim_start_matches('/'));
                redirect(StatusCode::TEMPORARY_REDIRECT, &location)
            }
            Fault::RedirectLoop => redirect(StatusCode::TEMPORARY_REDIRECT, request.target()),
            _ => return None,
        })
    }

    /// Whether the platform gets a new certificate now.
    pub(crate) fn is_rotation(&self) -> bool {
        self.fault == Fault::Rotation
    }

    /// The unrequested answer, if there should be one.
    pub(crate) fn second_answer(&self) -> Option<Answer> {
        (self.fault == Fault::Smuggled).then(|| Answer::ok(json!({ "smuggled": true })))
    }

    /// By how many seconds the platform's clock is off.
    pub(crate) fn clock_off(&self) -> i64 {
        match self.fault {
            Fault::ClockOff(seconds) => seconds,
            _ => 0,
        }
    }

    /// Sends the answer as the fault demands.
    ///
    /// # Errors
    /// What is sent instead, if it is not a valid HTTP answer.
    pub(crate) async fn deliver(&self, mut response: Response<Content>) -> Result<Response<Content>, Broken> {
        if let Some(Second(second)) = response.extensions_mut().remove() {
            return Err(Broken::followed_by(response, &second).await);
        }
        match self.fault {
            Fault::CloseBeforeAnswer => Err(Broken::before_answer()),
            Fault::CloseInAnswer => Err(Broken::in_answer(response).await),
            Fault::CloseAfterAnswer => Err(Broken::after_answer(response).await),
            Fault::WrongLength(off) => Err(Broken::of_wrong_length(response, off).await),
            Fault::Delay(duration) => {
                tokio::time::sleep(duration).await;
                Ok(response)
            }
            Fault::Endless => Ok(response.map(Content::endless)),
            _ => Ok(response),
        }
    }

    /// Spoils the signed answer: its status, its headers or, in APIv2, its field `sign`.
    pub(crate) fn spoil(&self, response: &mut Response<Content>) {
        if let Fault::OddStatus(status) = self.fault {
            *response.status_mut() = status_code(status);
        }
        let headers = response.headers_mut();
        match self.fault {
            Fault::MissingHeader(name) => {
                headers.remove(name);
            }
            Fault::UnknownSerial => {
                if let Some(serial) = headers.get_mut("wechatpay-serial") {
                    *serial = unknown_serial(serial.as_bytes());
                }
            }
            Fault::BadSignature => match headers.get_mut("wechatpay-signature") {
                Some(signature) => *signature = other_signature(signature.as_bytes()),
                None => apiv2::sign::spoil_sign(response.body_mut()),
            },
            _ => {}
        }
    }
}

/// The bytes of an unrequested answer, kept in the extensions of the answer that it follows.
#[derive(Clone)]
pub(crate) struct Second(pub(crate) Vec<u8>);

/// The platform's refusal with a status.
fn refusal(status: u16) -> Refusal {
    let (code, message) = match status {
        401 => ("SIGN_ERROR", "签名错误"),
        403 => ("NO_AUTH", "商户无权限"),
        404 => ("RESOURCE_NOT_EXISTS", "查询的资源不存在"),
        429 => ("FREQUENCY_LIMITED", "频率超限"),
        400..500 => ("INVALID_REQUEST", "无效请求"),
        _ => ("SYSTEM_ERROR", "系统错误"),
    };
    Refusal::new(status_code(status), code, message)
}

/// The status, which was checked when the fault was injected.
fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn redirect(status: StatusCode, location: &str) -> Answer {
    Answer::empty(status).with(LOCATION, location)
}

/// The target of the request, with a mark.
fn redirected(request: &Request) -> String {
    let separator = if request.target().contains('?') { '&' } else { '?' };
    format!("{}{separator}{REDIRECTED}", request.target())
}

/// Another id of the same form.
fn unknown_serial(serial: &[u8]) -> HeaderValue {
    let unknown = if serial.starts_with(b"PUB_KEY_ID_") {
        "PUB_KEY_ID_0000000000000000000000000000"
    } else {
        "0000000000000000000000000000000000000BAD"
    };
    HeaderValue::from_static(unknown)
}

/// A different signature of the same length, still in base64.
fn other_signature(signature: &[u8]) -> HeaderValue {
    let mut other = signature.to_vec();
    if let Some(letter) = other.first_mut() {
        *letter = if *letter == b'A' { b'B' } else { b'A' };
    }
    HeaderValue::from_bytes(&other).unwrap_or(HeaderValue::from_static("A"))
}
