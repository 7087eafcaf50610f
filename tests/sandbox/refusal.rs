//! Requests with something wrong in them, and what the sandbox says of it.

use wechatpay::{Error, Fields, Outcome, Response, Value};

/// The same JSON with another value at this pointer; without one if it is null.
pub fn with(mut json: Value, pointer: &str, value: Value) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match json.pointer_mut(parent).unwrap() {
        Value::Object(fields) if value.is_null() => drop(fields.remove(name)),
        parent => parent[name] = value,
    }
    json
}

/// Status and code of a refusal, and the field that it names.
pub fn refused(result: Result<Response, Error>) -> (u16, String, String) {
    let error = result.unwrap_err();
    assert_eq!(error.outcome(), Outcome::Rejected, "{error:?}");
    let answer: Value = serde_json::from_slice(error.response().unwrap().body()).unwrap();
    let status = error.response().unwrap().status().as_u16();
    (status, error.code().unwrap().to_owned(), answer.find_text("/detail/field").unwrap().unwrap_or_default())
}

pub fn is(status: u16, code: &str) -> (u16, String, String) {
    (status, code.to_owned(), String::new())
}

/// The refusal of a field of the body.
pub fn field(name: &str) -> (u16, String, String) {
    (400, "PARAM_ERROR".to_owned(), format!("/body{name}"))
}
