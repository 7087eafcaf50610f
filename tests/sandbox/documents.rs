//! What is documented, beside what there is: for the tests that ask whether something has exactly the documented fields.

use wechatpay::{Map, Value};
use wechatpay_catalog::{Fields, Kind};

/// Goes through what is documented and through what there is, and counts the fields. In APIv2, all are texts.
pub(crate) fn compare(documented: Fields, given: &Map<String, Value>, are_texts: bool, what: &str) -> usize {
    for name in given.keys() {
        assert!(documented.get(name).is_some(), "{what}/{name} is not documented");
    }
    let mut count = 0;
    let mut seen = Vec::new();
    for field in documented {
        // Some are documented twice, in different words.
        if seen.contains(&field.name()) {
            continue;
        }
        seen.push(field.name());
        let name = field.name().replace("$n", "0").replace("$m", "0");
        let what = format!("{what}/{name}");
        let value = given.get(&name).unwrap_or_else(|| panic!("{what} is missing"));
        assert!(are_texts || value.is_array() == field.is_list(), "{what} is {value}");
        // JSON in a text, unless it is a ciphertext.
        let is_sealed = field.encryption().is_some() || field.name() == "req_info";
        let is_document = field.kind() == Kind::String && !field.fields().is_empty() && !is_sealed;
        count += 1;
        for value in value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice) {
            let is_right = match field.kind() {
                _ if are_texts => value.is_string(),
                Kind::Integer => value.is_i64(),
                Kind::Number => value.is_number(),
                Kind::Boolean => value.is_boolean(),
                Kind::Object => value.is_object(),
                _ => value.is_string(),
            };
            assert!(is_right, "{what} is {value}");
            match value {
                Value::Object(inside) => count += compare(field.fields(), inside, false, &what),
                Value::String(text) if is_document => {
                    let inside = serde_json::from_str(text).unwrap();
                    count += compare(field.fields(), &inside, false, &what);
                }
                _ => {}
            }
        }
    }
    count
}
