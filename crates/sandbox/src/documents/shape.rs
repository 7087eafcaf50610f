//! The documented fields, with values: all of them, and no others.

use serde_json::{Map, Value};
use wechatpay_catalog::{Field, Fields, Kind};

use super::chance::Seed;
use super::given::{Given, is_document};
use super::samples::{Reader, Samples};

/// Objects in each other, at most; the documents have eight.
const DEPTH: usize = 16;

/// The elements of a list, and how often a numbered field is there.
const SEVERAL: u64 = 2;

/// The most elements of a list of the request that the answer has as well.
const MOST: usize = 50;

/// Allowed values that say that all went well, the best first. Where none of them is allowed, the first that is counts.
const GOOD: [&str; 26] = [
    "SUCCESS",
    "FINISHED",
    "FINISH",
    "APPLYMENT_STATE_FINISHED",
    "COMPLETED",
    "DONE",
    "ACTIVE",
    "EFFECTIVE",
    "NORMAL",
    "APPROVED",
    "PASS",
    "PASSED",
    "AUTHORIZED",
    "CONFIRMED",
    "AVAILABLE",
    "RUNNING",
    "RECEIVED",
    "USER_PAID",
    "OPENED",
    "OPEN",
    "VALID",
    "OK",
    "CNY",
    "MD5",
    "HMAC-SHA256",
    "1",
];

/// What goes before all that for Hong Kong.
const HONG_KONG: &str = "HKD";

/// Makes the fields of one answer.
pub(crate) struct Shape<'a> {
    given: &'a Given,
    samples: Samples<'a>,
    is_hong_kong: bool,
    /// How many elements a list has that the request says nothing about, and that is in no other list.
    several: u64,
    /// The same for a list that is in another one.
    inside: u64,
}

/// Where a field is.
#[derive(Clone, Copy)]
struct At<'v> {
    /// What the request says at the same place.
    beside: &'v Value,
    depth: usize,
    /// How many lists it is in.
    lists: usize,
}

impl<'a> Shape<'a> {
    pub(crate) fn new(seed: Seed, given: &'a Given, reader: Reader<'a>) -> Shape<'a> {
        let is_hong_kong = reader.currency == HONG_KONG;
        // A page of as many as are left of them.
        let left = SEVERAL.saturating_sub(given.number("offset").unwrap_or_default());
        let several = given.number("limit").filter(|limit| *limit > 0).map_or(left, |limit| left.min(limit));
        Shape { given, samples: Samples::new(seed, given, reader), is_hong_kong, several, inside: SEVERAL }
    }

    /// The same, with one element in each list that the request says nothing about.
    pub(crate) fn with_single_elements(self) -> Shape<'a> {
        Shape { several: 1, inside: 1, ..self }
    }

    /// The fields of the answer.
    pub(crate) fn fields(&mut self, fields: Fields) -> Map<String, Value> {
        let given = self.given;
        self.object(fields, At { beside: given.body(), depth: 0, lists: 0 })
    }

    fn object(&mut self, fields: Fields, at: At<'_>) -> Map<String, Value> {
        let mut object = Map::new();
        if at.depth > DEPTH {
            return object;
        }
        let has_numbered = fields.iter().any(|field| field.name().contains('$'));
        for field in fields {
            // A few are documented twice, in different words; the first counts.
            if object.contains_key(field.name()) {
                continue;
            }
            for name in numbered(field.name()) {
                // As many as there are.
                let is_count = has_numbered && field.name().contains("count");
                let value = if is_count { number(field, SEVERAL) } else { self.value(field, at) };
                object.insert(name, value);
            }
        }
        count(fields, &mut object);
        object
    }

    fn value(&mut self, field: Field, at: At<'_>) -> Value {
        if let Some(said) = self.given.say(field, at.beside, at.depth > 0) {
            return said;
        }
        if !field.is_list() {
            return self.one(field, at, 0);
        }
        let beside = at.beside.get(field.name()).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let several = match at.lists {
            0 => self.several,
            1 => self.inside,
            _ => 1,
        };
        let length = if beside.is_empty() { several } else { beside.len().min(MOST) as u64 };
        let length = if field.allowed().is_empty() { length } else { length.min(field.allowed().len() as u64) };
        let inside = At { lists: at.lists.saturating_add(1), ..at };
        (0..usize::try_from(length).unwrap_or_default())
            .map(|index| {
                let item = beside.get(index).unwrap_or(&Value::Null);
                if field.kind() == Kind::Object {
                    self.inside(field.fields(), At { beside: item, ..inside })
                } else {
                    self.one(field, inside, index)
                }
            })
            .collect()
    }

    /// A value, or the element of a list at an index.
    fn one(&mut self, field: Field, at: At<'_>, index: usize) -> Value {
        let allowed = self.allowed(field, index);
        match field.kind() {
            Kind::Object => self.inside(field.fields(), At { beside: beside(field, at), ..at }),
            Kind::Boolean => match allowed {
                Some(text) => (text == "true").into(),
                None => self.samples.flag(field.name()).into(),
            },
            Kind::Integer | Kind::Number => match allowed.and_then(|text| text.parse::<i64>().ok()) {
                Some(number) => number.into(),
                None => self.samples.number(field.name()).into(),
            },
            _ => match allowed {
                Some(text) => text.into(),
                None if is_document(field) => {
                    self.inside(field.fields(), At { beside: &Value::Null, ..at }).to_string().into()
                }
                None if field.is_time() => self.samples.time(field.name()).into(),
                None if field.is_media_id() => self.samples.text("media_id").into(),
                None if field.is_media_url() => self.samples.text("url").into(),
                None => self.samples.text(field.name()).into(),
            },
        }
    }

    fn inside(&mut self, fields: Fields, at: At<'_>) -> Value {
        self.object(fields, At { depth: at.depth.saturating_add(1), ..at }).into()
    }

    /// Of the allowed values a good one; in a list, one after the other.
    fn allowed(&self, field: Field, index: usize) -> Option<&'static str> {
        let allowed = field.allowed();
        let preferred = || {
            let good = Some(HONG_KONG).filter(|_| self.is_hong_kong).into_iter().chain(GOOD);
            good.into_iter().find(|good| allowed.contains(good))
        };
        if field.is_list() { allowed.iter().nth(index) } else { preferred().or_else(|| allowed.iter().next()) }
    }
}

/// What the request says inside the object of the same name.
fn beside<'v>(field: Field, at: At<'v>) -> &'v Value {
    at.beside.get(field.name()).unwrap_or(&Value::Null)
}

/// A number as the field's type has it.
fn number(field: Field, number: u64) -> Value {
    if field.kind() == Kind::String { number.to_string().into() } else { number.into() }
}

/// A name, or the names that it stands for: `coupon_id_0` and `coupon_id_1` for `coupon_id_$n`.
fn numbered(name: &str) -> Vec<String> {
    ["$n", "$m"].into_iter().fold(vec![name.to_owned()], |names, letter| {
        let numbers = |name: String| match name.contains(letter) {
            true => (0..SEVERAL).map(|number| name.replace(letter, &number.to_string())).collect(),
            false => vec![name],
        };
        names.into_iter().flat_map(numbers).collect()
    })
}

/// The names of the number of elements in the list beside it.
const COUNTS: [&str; 6] = ["total_count", "count", "total_num", "total_size", "resp_count", "record_num"];

/// Says how many elements the list has, where a field is there for that.
fn count(fields: Fields, object: &mut Map<String, Value>) {
    let Some(list) = fields.iter().find(Field::is_list) else { return };
    let length = object.get(list.name()).and_then(Value::as_array).map_or(0, Vec::len);
    for field in fields {
        if COUNTS.contains(&field.name()) && field.allowed().is_empty() && !field.is_list() {
            object.insert(field.name().to_owned(), number(field, length as u64));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use wechatpay_catalog::{Answer, catalog};

    use super::*;
    use crate::clock;

    const READER: Reader<'static> = Reader { mchid: "1900000109", currency: "CNY", is_apiv2: false, event: "" };

    fn shaped(fields: Fields, given: &Value) -> Value {
        let given = Given::of_body(given.clone());
        Shape::new(given.seed(), &given, READER).fields(fields).into()
    }

    fn answer_of(method: &str, path: &str) -> Fields {
        match catalog().find(method, path).unwrap().operation().answer() {
            Answer::Fields(fields) => fields,
            other => panic!("{other:?}"),
        }
    }

    /// Goes through what is documented and through what there is, and counts the fields.
    fn compare(documented: Fields, made: &Map<String, Value>, what: &str) -> usize {
        for name in made.keys() {
            assert!(documented.get(name).is_some(), "{what}/{name} is not documented");
        }
        let mut count = 0;
        for field in documented {
            let name = field.name().replace("$n", "0").replace("$m", "1");
            let what = format!("{what}/{name}");
            let value = made.get(&name).unwrap_or_else(|| panic!("{what} is missing"));
            let values = match value {
                Value::Array(items) if field.is_list() => items.iter().collect(),
                value => vec![value],
            };
            assert!(!values.is_empty() && value.is_array() == field.is_list(), "{what} is {value}");
            count += 1;
            for value in values {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                // One field is documented as a number with texts as its values, of which the type counts.
                let is_text = field.kind() == Kind::String;
                let mut allowed =
                    field.allowed().iter().filter(|known| is_text || known.parse::<Value>().is_ok()).peekable();
                assert!(allowed.peek().is_none() || allowed.any(|known| known == text), "{what} is {text}");
                match field.type_name().trim_end_matches("[]") {
                    "string" if field.is_json_text() || !field.fields().is_empty() => {
                        let inside: Map<String, Value> = serde_json::from_str(value.as_str().unwrap()).unwrap();
                        count += compare(field.fields(), &inside, &what);
                    }
                    "string" => {
                        let text = value.as_str().unwrap_or_else(|| panic!("{what} is {value}"));
                        assert!(!field.is_time() || clock::parse_rfc3339(text).is_some(), "{what} is {text}");
                    }
                    "integer" => assert!(value.is_i64(), "{what} is {value}"),
                    "number" => assert!(value.is_number(), "{what} is {value}"),
                    "boolean" => assert!(value.is_boolean(), "{what} is {value}"),
                    "object" => count += compare(field.fields(), value.as_object().unwrap(), &what),
                    kind => panic!("{what}: {kind}"),
                }
            }
        }
        count
    }

    #[test]
    fn each_operation_is_answered_with_exactly_the_documented_fields() {
        let (mut operations, mut fields) = (0, 0);
        for operation in catalog().operations() {
            if let Answer::Fields(documented) = operation.answer() {
                let made = shaped(documented, &json!({ "of": operation.to_string() }));
                operations += 1;
                fields += compare(documented, made.as_object().unwrap(), &operation.to_string());
            }
        }
        assert!(operations > 1000 && fields > 15_000, "{operations} operations, {fields} fields");
    }

    #[test]
    fn what_is_made_agrees() {
        for operation in catalog().operations() {
            if let Answer::Fields(documented) = operation.answer() {
                agree(&shaped(documented, &Value::Null), &operation.to_string());
            }
        }
    }

    /// Whether the numbers and the times of each object go together.
    fn agree(value: &Value, what: &str) {
        let Value::Object(object) = value else {
            return value.as_array().into_iter().flatten().for_each(|item| agree(item, what));
        };
        let number = |name: &str| object.get(name).and_then(Value::as_u64);
        for part in ["payer_total", "discount_total", "refund", "payer_refund", "cash_fee", "coupon_fee"] {
            for total in ["total", "total_fee"] {
                let ends = number(part).zip(number(total));
                assert!(ends.is_none_or(|(part, total)| part <= total), "{what}: {part}, {total}: {value}");
            }
        }
        let time = |name: &str| object.get(name).and_then(Value::as_str).and_then(clock::parse_rfc3339);
        for (begin, end) in [("begin_time", "end_time"), ("create_time", "success_time"), ("start_time", "finish_time")]
        {
            let ends = time(begin).zip(time(end));
            assert!(ends.is_none_or(|(begin, end)| begin < end), "{what}: {begin}, {end}: {value}");
        }
        let lists: Vec<_> = object.values().filter_map(Value::as_array).collect();
        if let ([list], Some(count)) = (&lists[..], number("total_count")) {
            assert_eq!(list.len() as u64, count, "{what}");
        }
        object.values().for_each(|value| agree(value, what));
    }

    #[test]
    fn what_the_request_says_is_said_again() {
        let refund = answer_of("GET", "v3/refund/domestic/refunds/1");
        let said = json!({
            "out_refund_no": "R1", "transaction_id": 7, "status": "CLOSED",
            "amount": { "total": 500, "refund": "no number", "currency": "" },
        });
        let made = shaped(refund, &said);
        assert_eq!((&made["out_refund_no"], &made["status"]), (&json!("R1"), &json!("CLOSED")));
        assert_eq!(made["transaction_id"], "7");
        assert_eq!(made["amount"]["total"], 500);
        assert_eq!(made["amount"]["currency"], "CNY");
        assert!(made["amount"]["payer_total"].as_u64().unwrap() <= 500);
        let stock =
            shaped(answer_of("GET", "v3/marketing/favor/stocks/1"), &json!({ "available_end_time": "tomorrow" }));
        assert!(clock::parse_rfc3339(stock["available_end_time"].as_str().unwrap()).is_some());
        assert_eq!(made, shaped(refund, &said));
        let limited = answer_of("GET", "v3/global/refunds/id/1");
        assert_eq!(shaped(limited, &json!({ "status": "ABNORMAL" }))["status"], "ABNORMAL");
        assert_eq!(shaped(limited, &json!({ "status": "NONE" }))["status"], "SUCCESS");
        assert_ne!(made["refund_id"], shaped(refund, &json!({ "out_refund_no": "R2" }))["refund_id"]);
    }

    #[test]
    fn numbered_fields_are_as_many_as_are_counted() {
        let made = shaped(answer_of("POST", "v2/pay/refundquery"), &Value::Null);
        assert_eq!(made["refund_count"], 2);
        for name in ["refund_id_0", "refund_id_1", "coupon_refund_count_1", "coupon_refund_id_1_1"] {
            assert!(made.get(name).is_some(), "{name}: {made}");
        }
        assert!(made.get("refund_id_2").is_none());
    }
}
