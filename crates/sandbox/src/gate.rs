//! The checks that every request must pass before anything is looked up.

use std::collections::BTreeSet;
use std::sync::Mutex;

use openssl::pkey::{PKey, Public};
use serde_json::{Value, json};
use ureq::http::header::{ACCEPT, AUTHORIZATION, USER_AGENT};

use crate::answer::Refusal;
use crate::crypto;
use crate::lock::lock;
use crate::passage::{GateStep, Passage};
use crate::request::Request;
use crate::routing::Scheme;

/// How far the caller's clock may be from the platform's, in seconds.
const CLOCK_TOLERANCE: u64 = 300;

/// How many bytes of a body a refusal shows.
const SHOWN_OF_BODY: usize = 8;

#[derive(Default)]
pub(crate) struct Gate {
    /// Timestamps and nonces that were used; old ones are dropped when their time is over.
    used: Mutex<BTreeSet<(i64, String)>>,
}

impl Gate {
    /// Lets a request pass that a merchant, or under `brand/` a brand, signed for this moment, but only once; returns the
    /// caller and the key that verified it. `find` returns these two for an id and a serial, or else the platform's message.
    /// The request keeps how far it came.
    ///
    /// # Errors
    /// What the platform says about the first step that fails.
    pub(crate) fn check<Caller>(
        &self,
        request: &Request,
        find: impl FnOnce(&str, &str) -> Result<(Caller, PKey<Public>), &'static str>,
        now: i64,
    ) -> Result<(Caller, PKey<Public>), Refusal> {
        let mut step = GateStep::Headers;
        let examined = self.examine(request, find, now, &mut step);
        request.note(match &examined {
            Ok(_) => Passage::through(&GateStep::APIV3),
            Err(refusal) => Passage::stopped(&GateStep::APIV3, step, refusal.message()),
        });
        examined
    }

    /// The steps, one after the other; `step` is the one that is being taken.
    fn examine<Caller>(
        &self,
        request: &Request,
        find: impl FnOnce(&str, &str) -> Result<(Caller, PKey<Public>), &'static str>,
        now: i64,
        step: &mut GateStep,
    ) -> Result<(Caller, PKey<Public>), Refusal> {
        for name in [ACCEPT, USER_AGENT] {
            if request.headers().get(name).is_none_or(|value| value.is_empty()) {
                return Err(Refusal::invalid_request("Http头缺少Accept或User-Agent", Value::Null));
            }
        }
        *step = GateStep::Authorization;
        let authorization = Authorization::of(request).map_err(|message| Refusal::sign(message, None))?;
        let refused = |message| Refusal::sign(message, Some(authorization.sign_information(request)));
        *step = GateStep::Clock;
        if authorization.seconds.abs_diff(now) > CLOCK_TOLERANCE {
            return Err(refused("Http头Authorization中的timestamp与发起请求的时间不得超过5分钟"));
        }
        *step = GateStep::Signer;
        let (caller, key) = find(authorization.party, authorization.serial).map_err(refused)?;
        *step = GateStep::Signature;
        if !crypto::verify(&authorization.message(request), authorization.signature, &key) {
            return Err(refused("错误的签名，验签失败"));
        }
        *step = GateStep::Nonce;
        if self.is_first(authorization.seconds, authorization.nonce, now) {
            Ok((caller, key))
        } else {
            Err(refused("Http头Authorization中的nonce_str已被使用"))
        }
    }

    /// Whether this nonce is used for the first time in its second; from now on it counts as used.
    fn is_first(&self, seconds: i64, nonce: &str, now: i64) -> bool {
        let mut used = lock(&self.used);
        let earliest = now.saturating_sub_unsigned(CLOCK_TOLERANCE);
        while used.first().is_some_and(|(seconds, _)| *seconds < earliest) {
            used.pop_first();
        }
        used.insert((seconds, nonce.to_owned()))
    }
}

/// The message that a request must have signed; `None` if its `Authorization` does not say with which time and nonce.
pub(crate) fn message(request: &Request) -> Option<Vec<u8>> {
    Authorization::of(request).ok().map(|authorization| authorization.message(request))
}

/// Whether a new gate lets this request pass at `now`, if the first merchant has this key; for `fuzz`.
#[cfg(fuzzing)]
pub(crate) fn lets_pass(request: &Request, merchant: &PKey<Public>, now: i64) -> bool {
    use crate::keys::{MCHID, MERCHANT_SERIAL};
    let find = |mchid: &str, serial: &str| match (mchid, serial) {
        (MCHID, MERCHANT_SERIAL) => Ok(((), merchant.clone())),
        _ => Err("it is another merchant"),
    };
    Gate::default().check(request, find, now).is_ok()
}

/// The header `Authorization`, taken apart.
struct Authorization<'a> {
    /// The id of the caller.
    party: &'a str,
    serial: &'a str,
    timestamp: &'a str,
    /// The timestamp as a number.
    seconds: i64,
    nonce: &'a str,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    /// # Errors
    /// The platform's message.
    fn of(request: &'a Request) -> Result<Authorization<'a>, &'static str> {
        const MALFORMED: &str = "Http头Authorization值格式错误";
        let mut values = request.headers().get_all(AUTHORIZATION).iter();
        let (Some(value), None) = (values.next(), values.next()) else {
            return Err(MALFORMED);
        };
        let (scheme, pairs) = value.to_str().ok().and_then(|value| value.split_once(' ')).ok_or(MALFORMED)?;
        let expected = Scheme::of(request);
        if scheme != expected.name {
            return Err("Http头Authorization认证类型不正确");
        }
        Authorization::parse(pairs, expected.party).ok_or(MALFORMED)
    }

    /// `name="value"` five times, in any order, with only a comma in between; `id` is the name of the caller's id.
    fn parse(pairs: &'a str, id: &str) -> Option<Authorization<'a>> {
        let (mut party, mut serial, mut timestamp, mut nonce, mut signature) = (None, None, None, None, None);
        for pair in pairs.split(',') {
            let (name, quoted) = pair.split_once('=')?;
            let place = match name {
                name if name == id => &mut party,
                "serial_no" => &mut serial,
                "timestamp" => &mut timestamp,
                "nonce_str" => &mut nonce,
                "signature" => &mut signature,
                _ => return None,
            };
            let value = quoted.strip_prefix('"')?.strip_suffix('"')?;
            if value.is_empty() || value.contains('"') || place.replace(value).is_some() {
                return None;
            }
        }
        let timestamp = timestamp.filter(|timestamp| timestamp.bytes().all(|byte| byte.is_ascii_digit()))?;
        Some(Authorization {
            party: party?,
            serial: serial?,
            timestamp,
            seconds: timestamp.parse().ok()?,
            nonce: nonce?,
            signature: signature?,
        })
    }

    /// The message that must be signed; for an upload, its part `meta` counts and not the body.
    fn message(&self, request: &Request) -> Vec<u8> {
        self.message_with(request, request.signed())
    }

    fn message_with(&self, request: &Request, body: &[u8]) -> Vec<u8> {
        let lines = [request.method(), request.target(), self.timestamp, self.nonce].map(|line| format!("{line}\n"));
        [lines.concat().as_bytes(), body, b"\n"].concat()
    }

    /// The message that the platform expected to be signed, with most of the body cut off.
    fn sign_information(&self, request: &Request) -> Value {
        let start = request.signed().get(..SHOWN_OF_BODY).unwrap_or(request.signed());
        json!({
            "method": request.method(),
            "url": request.target(),
            "truncated_sign_message": String::from_utf8_lossy(&self.message_with(request, start)),
            "sign_message_length": self.message(request).len(),
        })
    }
}
