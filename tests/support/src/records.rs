//! What the recorded calls of both protocols have in common: how they are called, and how what arrived is
//! compared with what PHP sent.

use serde_json::Value;
use wechatpay::{Chain, Options, Response, Transformer};

use crate::gateway::Arrival;
use crate::ordered::Ordered;
use crate::platform::KEY_ID;

/// Calls whose documentation forgets variables of the path, which the refusal names.
pub const SLIPS: [(&str, &[&str]); 6] = [
    ("v3/global/papay/transactions/out-trade-no/{out_trade_no}#get", &["out_trade_no"]),
    ("v3/global/merchants/{sub_mchid}#patch", &["sub_mchid"]),
    ("v3/bank-transfer/batches/out-batch-no/{out_batch_no}#get", &["out_batch_no"]),
    ("v3/payscore/users/{openid}/permissions/{service_id}/terminate#post", &["openid", "service_id"]),
    ("v3/merchant/fund/withdraw/bill-type/{bill_type}#get", &["bill_type"]),
    ("v3/offlinefacemch/organizations/{organization_id}/users/user-id/{user_id}/terminate-contract#post", &["user_id"]),
];

/// What PHP's random source gave when the calls of APIv2 were recorded.
pub const NONCE: &str = "5K8264ILTKCH16CQ2502SI8ZNMTM67VS";

/// How the path is written, in PHP's words.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Spelling {
    /// `$i->v3->pay->_x_`
    Arrows,
    /// `$i->chain('v3/pay/{x}')`
    Path,
    /// `$i['v3/pay/{x}']`
    Index,
}

/// One of the six: a spelling, and whether the verb is the async one.
#[derive(Clone, Copy, Debug)]
pub struct Form {
    pub spelling: Spelling,
    pub is_async: bool,
}

pub const FORMS: [Form; 6] = [
    Form { spelling: Spelling::Arrows, is_async: false },
    Form { spelling: Spelling::Path, is_async: false },
    Form { spelling: Spelling::Index, is_async: false },
    Form { spelling: Spelling::Arrows, is_async: true },
    Form { spelling: Spelling::Path, is_async: true },
    Form { spelling: Spelling::Index, is_async: true },
];

impl Form {
    pub fn call(self, instance: &Chain, record: &Value, options: Options) -> wechatpay::Result<Response> {
        let path = text(record, "path");
        let chain = match self.spelling {
            Spelling::Arrows => {
                let segments: Vec<&str> =
                    record["chain"].as_array().unwrap().iter().map(|segment| segment.as_str().unwrap()).collect();
                let one_by_one = segments.iter().fold(instance.clone(), |chain, segment| chain.chain(segment));
                let at_once = wechatpay::__private::extended(instance, &segments);
                assert_eq!(one_by_one.pathname(), at_once.pathname());
                if self.is_async { at_once } else { one_by_one }
            }
            Spelling::Path => instance.chain(path),
            // A literal of the program, as far as the compiler can tell.
            Spelling::Index => instance[&*String::leak(path.to_owned())].clone(),
        };
        match (self.is_async, text(record, "verb")) {
            (false, "get") => chain.get(options),
            (false, "put") => chain.put(options),
            (false, "post") => chain.post(options),
            (false, "patch") => chain.patch(options),
            (false, "delete") => chain.delete(options),
            (true, "get") => chain.get_async(options).wait(),
            (true, "put") => chain.put_async(options).wait(),
            (true, "post") => chain.post_async(options).wait(),
            (true, "patch") => chain.patch_async(options).wait(),
            (true, "delete") => chain.delete_async(options).wait(),
            (_, verb) => panic!("{verb:?} is no verb"),
        }
    }
}

/// The recorded request of APIv3 as we send it on purpose: it names the only key of the platform that is configured.
pub fn with_platform_key(request: &Value) -> Value {
    let mut request = request.clone();
    let headers = request["headers"].as_object_mut().unwrap();
    headers.entry("Wechatpay-Serial").or_insert_with(|| KEY_ID.into());
    request
}

/// The text of the record under this name.
pub fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_else(|| panic!("the recording has no text {name:?}"))
}

pub fn same<T: PartialEq + std::fmt::Debug>(what: &str, actual: T, expected: T) -> Result<(), String> {
    if actual == expected { Ok(()) } else { Err(format!("{what} is {actual:?}, PHP has {expected:?}")) }
}

/// What was asked for. Without the library's feature `preserve-order`, the pairs of a query come in another order.
pub fn check_target(actual: &str, expected: &str, in_order: bool) -> Result<(), String> {
    if in_order {
        return same("the target", actual, expected);
    }
    let parts = |target: &str| {
        let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
        let mut pairs: Vec<_> = query.into_iter().flat_map(|query| query.split('&')).map(str::to_owned).collect();
        pairs.sort();
        (path.to_owned(), query.is_some(), pairs)
    };
    same("the target", parts(actual), parts(expected))
}

/// The JSON that was sent, on the same terms.
pub fn check_json(actual: &[u8], expected: &str, in_order: bool) -> Result<(), String> {
    if expected.is_empty() {
        return same("the body", actual, b"");
    }
    let actual = std::str::from_utf8(actual).map_err(|error| format!("the body: {error}"))?;
    let (actual, expected) = (Ordered::of(actual)?, Ordered::of(expected)?);
    match in_order {
        true => same("the body", actual, expected),
        false => same("the body", actual.sorted(), expected.sorted()),
    }
}

/// The XML that was sent. In another order it has another signature, but over the same data.
pub fn check_xml(actual: &[u8], expected: &str, in_order: bool) -> Result<(), String> {
    let actual = String::from_utf8_lossy(actual);
    if in_order || expected.is_empty() {
        return same("the body", &*actual, expected);
    }
    let fields = |xml: &str| Transformer::to_array(xml).map_err(|error| error.to_string());
    same("the body", fields(&actual)?, fields(expected)?)
}

/// Each recorded header once, and no other but those that are checked elsewhere.
pub fn check_headers(arrival: &Arrival, request: &Value) -> Result<(), String> {
    let recorded = request["headers"].as_object().unwrap();
    for (name, value) in recorded {
        same(name, arrival.all(name), vec![value.as_str().unwrap()])?;
    }
    const OTHERS: [&str; 4] = ["authorization", "user-agent", "content-length", "host"];
    for (name, value) in &arrival.headers {
        let is_recorded = recorded.keys().any(|other| other.eq_ignore_ascii_case(name));
        if !is_recorded && !OTHERS.contains(&name.to_ascii_lowercase().as_str()) {
            return Err(format!("PHP does not send the header {name}: {value}"));
        }
    }
    let user_agent = arrival.all("user-agent");
    let names_us = user_agent.len() == 1 && user_agent[0].starts_with("wechatpay-chain/");
    if names_us { Ok(()) } else { Err(format!("the user agent is {user_agent:?}")) }
}

pub fn check_length(arrival: &Arrival) -> Result<(), String> {
    same("Transfer-Encoding", arrival.all("transfer-encoding"), vec![])?;
    let length = arrival.body.len().to_string();
    // A body is usual with these: without one they say so.
    let expected = match (arrival.method.as_str(), arrival.body.is_empty()) {
        ("GET" | "DELETE", true) => vec![],
        _ => vec![length.as_str()],
    };
    same("Content-Length", arrival.all("content-length"), expected)
}
