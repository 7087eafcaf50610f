//! What parameters of a type make of what they are given, without strict types.

use wechatpay::php::{self, Error};
use wechatpay::{Value, json};

use crate::oracle::{Cases, literal};
use crate::values::{Random, edges};

#[test]
fn of_functions() {
    let mut cases = Cases::default();
    let mut random = Random::new(72);
    let made: Vec<Value> = (0..2000).map(|_| random.any()).collect();
    for value in edges().into_iter().chain(made) {
        let code = literal(&value);
        let given = |ty: &str| {
            let called = format!("return (function ({ty} $a) {{ return $a; }})({code});");
            format!("try {{ {called} }} catch (TypeError $e) {{ return get_class($e); }}")
        };
        let shown = |made: Result<Value, Error>| made.unwrap_or_else(|error| json!(error.class()));
        cases.statements(given("int"), shown(php::integer_argument(&value).map(Value::from)));
        let float = php::float_argument(&value);
        // JSON has no infinite numbers.
        if !float.as_ref().is_ok_and(|float| float.is_infinite()) {
            cases.statements(given("float"), shown(float.map(Value::from)));
        }
    }
    cases.check(4000);
}
