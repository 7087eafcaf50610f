//! The client and the sandbox, and what the one says of the other.

use std::sync::atomic::{AtomicUsize, Ordering};

use support::filling::{Call, Extent, Filler, Spot};
use wechatpay::{Chain, Credentials, Error, PublicKey, Response, Rsa, Value, WechatpaySerial};
use wechatpay_catalog::{Operation, Place};
use wechatpay_sandbox::{KeyMode, Sandbox};

pub struct Sides {
    pub sandbox: Sandbox,
    pub instance: Chain,
    /// Like `instance`, but it names no key of the platform by itself.
    nameless: Chain,
    key: PublicKey,
    made: AtomicUsize,
}

impl Sides {
    pub fn new() -> Sides {
        // Some operations of APIv2 want to see the merchant's certificate, and one of APIv3 lists those of the platform.
        let sandbox = Sandbox::builder().mode(KeyMode::Mixed).tls(true).keep_requests(1).start().unwrap();
        let naming = |key: WechatpaySerial| {
            sandbox.config().credentials(Credentials::new().wechatpay_serial(key)).build().unwrap()
        };
        let (instance, nameless) = (naming(sandbox.platform_serial().into()), naming(false.into()));
        let key = Rsa::from(sandbox.platform_public_key_pem(), Rsa::KEY_TYPE_PUBLIC).unwrap();
        Sides { sandbox, instance, nameless, key, made: AtomicUsize::new(0) }
    }

    /// A call of this operation with values that no other call has.
    pub fn fill(&self, operation: Operation, extent: Extent) -> Call {
        let text = format!("T{:07}", self.made.fetch_add(1, Ordering::Relaxed));
        Filler { mchid: self.sandbox.mchid(), text: &text, extent }.fill(operation)
    }

    /// Calls as it is; the client encrypts nothing.
    pub fn send(&self, call: &Call) -> Result<Response, Error> {
        self.send_by(&self.instance, call)
    }

    /// The same, but the request names no key of the platform.
    pub fn send_nameless(&self, call: &Call) -> Result<Response, Error> {
        self.send_by(&self.nameless, call)
    }

    fn send_by(&self, instance: &Chain, call: &Call) -> Result<Response, Error> {
        let (path, options) = call.for_client();
        instance.chain(path).request(call.operation.method(), options)
    }

    /// Calls with `encrypt: "auto"`. In APIv2, for which the client has nothing of the kind, by hand.
    pub fn send_encrypted(&self, call: &Call) -> Result<Response, Error> {
        if call.operation.is_apiv2() {
            return self.send(&self.sealed(call));
        }
        let (path, options) = call.for_client();
        self.instance.chain(path).request(call.operation.method(), options.encrypt("auto"))
    }

    /// The same call, its sensitive values encrypted by hand.
    pub fn sealed(&self, call: &Call) -> Call {
        call.with_sensitive(|text| Rsa::encrypt(text, &self.key).unwrap())
    }
}

/// What became of a call that has to be refused for one of its parameters.
pub enum Verdict {
    /// By the sandbox, which names the parameter and its place.
    Refused,
    /// By the client, which names it: a variable of the path has no value, or it needs a field of APIv2 itself.
    NotSent,
    /// Something else.
    Unlike(String),
}

pub fn verdict(operation: Operation, result: Result<Response, Error>, spot: &Spot) -> Verdict {
    let name = spot.name();
    let response = match &result {
        Ok(response) => response,
        Err(error) => match error.response() {
            Some(response) => response,
            None if error.to_string().contains(name) => return Verdict::NotSent,
            None => return Verdict::Unlike(format!("not sent: {error}")),
        },
    };
    let text = response.text();
    let is_refused = if operation.is_apiv2() {
        // Of answers that are not signed the client makes no errors.
        text.contains("FAIL") && text.contains(name)
    } else {
        let refusal = text.parse::<Value>().unwrap_or_default();
        let said = |at: &str| refusal.pointer(at).and_then(Value::as_str).unwrap_or_default();
        let is_param = response.status().as_u16() == 400 && said("/code") == "PARAM_ERROR";
        result.is_err() && is_param && is_place(spot, said("/detail/field")) && said("/message").contains(name)
    };
    if is_refused { Verdict::Refused } else { Verdict::Unlike(format!("{} {}", response.status(), start(&text))) }
}

/// Whether a refusal's field is that of this place: of a body by the way to it, of other places by its name.
fn is_place(spot: &Spot, field: &str) -> bool {
    let inside = spot.pointer.get(spot.place.name().len() + 1..).unwrap_or_default();
    // One of a list may be what is wrong.
    let field = if spot.field.is_list() { field.trim_end_matches("/0") } else { field };
    match spot.place {
        Place::Json | Place::Multipart => field == format!("/body{inside}"),
        _ => field == inside.trim_start_matches('/'),
    }
}

pub fn start(text: &str) -> String {
    text.chars().take(300).collect()
}
