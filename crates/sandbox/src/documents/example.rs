//! Requests as they might look.

use serde_json::{Map, Value};
use wechatpay_catalog::{Field, Fields, Operation, Place};

use super::answer::currency;
use super::chance::Seed;
use super::given::{Given, is_document};
use super::samples::{Reader, Samples};
use super::shape::Shape;
use crate::keys::MCHID;

/// What is said where an answer says nothing.
const SOMETHING: &str = "示例说明";

/// The parameters of an operation in one place of its requests, with values that look real: those that are `wanted`, without what
/// is inside of others, or all variables of its path. It is always the same. A sensitive field is in plain text, and lists have one
/// element.
///
/// Nothing but the catalog is asked, so that no sandbox has to run. The merchant is the one that a sandbox has at first.
///
/// ```
/// use wechatpay_catalog::{Place, catalog};
/// use wechatpay_sandbox::example;
///
/// let native = catalog().find("POST", "v3/pay/transactions/native").unwrap().operation();
/// let order = example(native, Place::Json, |field| field.is_required());
/// assert_eq!(order["mchid"], "1900000109");
/// assert!(order["amount"]["total"].is_u64() && order["amount"].get("currency").is_none());
/// assert!(example(native, Place::Json, |_| true)["amount"].get("currency").is_some());
/// ```
pub fn example(operation: Operation, place: Place, wanted: impl Fn(&Field) -> bool) -> Map<String, Value> {
    let fields = operation.parameters(place);
    let given = Given::default();
    let seed = || Seed::new().with(operation.to_string().as_bytes());
    let currency = currency(operation);
    let reader = || Reader { mchid: MCHID, currency, is_apiv2: operation.is_apiv2(), event: "" };
    let mut made = Shape::new(seed(), &given, reader()).with_single_elements().fields(fields);
    if place != Place::Path {
        keep(fields, &mut made, &wanted);
        return made;
    }
    // Of a few, a variable is missing among the fields, or has another name there.
    let mut samples = Samples::new(seed(), &given, reader());
    let variables = operation.variables();
    variables.map(|name| (name.to_owned(), made.remove(name).unwrap_or_else(|| samples.text(name).into()))).collect()
}

fn keep(fields: Fields, made: &mut Map<String, Value>, wanted: &impl Fn(&Field) -> bool) {
    made.retain(|name, value| {
        let Some(field) = fields.get(name).filter(wanted) else { return false };
        keep_inside(field, value, wanted);
        true
    });
}

fn keep_inside(field: Field, value: &mut Value, wanted: &impl Fn(&Field) -> bool) {
    match value {
        Value::Object(object) => keep(field.fields(), object, wanted),
        Value::Array(items) => items.iter_mut().for_each(|item| keep_inside(field, item, wanted)),
        Value::String(text) if is_document(field) => {
            if let Ok(mut document) = serde_json::from_str(text) {
                keep(field.fields(), &mut document, wanted);
                *text = Value::Object(document).to_string();
            }
        }
        // An answer says nothing of what has not happened, such as the reason of a failure.
        Value::String(text) if text.is_empty() => *text = SOMETHING.to_owned(),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wechatpay_catalog::{Problem, Severity, catalog};

    use super::*;

    /// The options of a call with an example in each place.
    fn call(operation: Operation, wanted: impl Fn(&Field) -> bool) -> Value {
        let mut options = json!({ "encrypt": operation.sensitive(), "security": operation.needs_client_certificate() });
        if let Some(host) = operation.hosts().iter().next() {
            options["base_uri"] = host.into();
        }
        for place in Place::ALL {
            let made = example(operation, place, &wanted);
            match place {
                Place::Path => options.as_object_mut().unwrap().extend(made),
                Place::Multipart => {
                    let part = |(name, value)| json!({ "name": name, "contents": value });
                    options["multipart"] = made.into_iter().map(part).collect();
                }
                place => options[place.name()] = made.into(),
            }
        }
        options
    }

    #[test]
    fn no_example_is_at_odds_with_the_documents() {
        for operation in catalog().operations() {
            for wanted in [Field::is_required, |_: &Field| true] {
                let options = call(operation, wanted);
                let mut findings = operation.check(&options);
                findings.retain(|finding| finding.severity() > Severity::Note && finding.problem() != Problem::Unknown);
                assert!(findings.is_empty(), "{operation}: {findings:?}\n{options:#}");
            }
        }
    }

    #[test]
    fn only_what_is_required_is_less_and_what_is_made_twice_is_the_same() {
        let refund = catalog().find("POST", "v3/refund/domestic/refunds").unwrap().operation();
        let least = example(refund, Place::Json, Field::is_required);
        let all = example(refund, Place::Json, |_| true);
        let names = |of: &Map<String, Value>| of.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&least), ["amount", "out_refund_no"]);
        assert!(least.keys().all(|name| all.contains_key(name)) && all.len() > least.len());
        assert_eq!(all["amount"]["from"].as_array().unwrap().len(), 1);
        assert!(all["reason"].as_str().is_some_and(|reason| !reason.is_empty()));
        assert_eq!(all, example(refund, Place::Json, |_| true));
    }
}
