//! The platform as a whole: a request comes in, a signed answer goes out.

use std::sync::Mutex;

use serde_json::{Value, json};
use ureq::http::Response;

use crate::formatter::Formatter;

use super::answer::{Answer, Refusal};
use super::call::Call;
use super::coupons::Coupons;
use super::gate::Gate;
use super::keys::{Keys, PLATFORM_SERIAL};
use super::lock;
use super::request::Request;

/// The most of a body that is read, in bytes.
pub(super) const BODY_LIMIT: usize = 16 * 1024 * 1024;

/// What the platform knows how to do; whatever else begins as [`PREFIXES`] is answered with `{}`.
const ROUTES: [Route; 5] = [
    Route {
        method: "POST",
        path: "/v3/marketing/bank-favor/users/{openid}/bank-multi-activity",
        operation: |platform, call| platform.coupons.sign_up(call),
    },
    Route {
        method: "POST",
        path: "/v3/multiuse/users/{openid}/coupons",
        operation: |platform, call| platform.coupons.send_multiuse(call),
    },
    Route {
        method: "POST",
        path: "/v3/marketing/busifavor/coupons/send",
        operation: |platform, call| platform.coupons.send_busifavor(call),
    },
    Route {
        method: "POST",
        path: "/v3/marketing/withdraw-favor/users/{openid}/coupons",
        operation: |platform, call| platform.coupons.send_withdrawal(call),
    },
    Route {
        method: "GET",
        path: "/v3/marketing/withdraw-favor/users/{openid}/coupons",
        operation: |platform, call| platform.coupons.list_withdrawals(call),
    },
];

const PREFIXES: [&str; 2] = ["/v3/", "/hk/v3/"];

/// The platform's side. Everything it remembers is in here, each thing behind its own lock, so that
/// requests meet for moments only; signatures are made and checked outside of them.
pub(super) struct Platform {
    keys: Keys,
    gate: Gate,
    coupons: Coupons,
    arrived: Mutex<Vec<Request>>,
}

impl Platform {
    pub(super) fn new(keys: Keys) -> Platform {
        Platform { keys, gate: Gate::default(), coupons: Coupons::default(), arrived: Mutex::default() }
    }

    pub(super) fn keys(&self) -> &Keys {
        &self.keys
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        lock(&self.arrived).clone()
    }

    /// Takes note of a request and answers it.
    pub(super) fn answer(&self, request: &Request) -> Response<Vec<u8>> {
        lock(&self.arrived).push(request.clone());
        let answer = self.decide(request).unwrap_or_else(Answer::from);
        let answer = if request.method() == "HEAD" { answer.without_body() } else { answer };
        answer.sign(&self.keys.platform, PLATFORM_SERIAL)
    }

    fn decide(&self, request: &Request) -> Result<Answer, Refusal> {
        if request.is_too_large() {
            return Err(Refusal::too_large(BODY_LIMIT));
        }
        self.gate.check(request, &self.keys.merchant_public, Formatter::timestamp())?;
        let mut other_methods = Vec::new();
        for route in &ROUTES {
            match route.variables(request.path()) {
                Some(variables) if route.method == request.method() => {
                    let call = Call { request, variables, keys: &self.keys };
                    return (route.operation)(self, &call).map(|answer| Answer::ok(&answer));
                }
                Some(_) => other_methods.push(route.method),
                None => {}
            }
        }
        if !other_methods.is_empty() {
            return Ok(Answer::method_not_allowed(&other_methods));
        }
        match PREFIXES.iter().any(|prefix| request.path().starts_with(prefix)) {
            true => Ok(Answer::ok(&json!({}))),
            false => Err(Refusal::not_found()),
        }
    }
}

/// One operation, and where it is found.
struct Route {
    method: &'static str,
    /// A segment in braces is a variable.
    path: &'static str,
    operation: fn(&Platform, &Call<'_>) -> Result<Value, Refusal>,
}

impl Route {
    /// The variables of the path if it is this route's, as they arrived.
    fn variables<'a>(&self, path: &'a str) -> Option<Vec<(&'static str, &'a str)>> {
        let mut variables = Vec::new();
        let mut segments = path.split('/');
        for expected in self.path.split('/') {
            let segment = segments.next()?;
            match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) => variables.push((name, segment)),
                None if expected == segment => {}
                None => return None,
            }
        }
        segments.next().is_none().then_some(variables)
    }
}
