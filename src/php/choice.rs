//! Values that may be missing: `??`, `?:`, and PHP's `false` for what was not found.

use serde_json::Value;

use super::key;
use super::operand::Operand;
use super::text;

/// The value, or the other one if it is `null` (PHP: `$value ?? $default`).
///
/// Both are evaluated. For a default that costs something, see [`present`].
///
/// ```
/// use wechatpay::{json, php};
///
/// let order = json!({ "total": 0 });
/// assert_eq!(php::coalesce(&order["total"], 100), 0);
/// assert_eq!(php::coalesce(&order["currency"], "CNY"), "CNY");
/// ```
pub fn coalesce(value: impl Operand, default: impl Operand) -> Value {
    let value = value.operand();
    if value.is_null() { default.operand().into_owned() } else { value.into_owned() }
}

/// The value, or the other one if it counts as false (PHP: `$value ?: $default`).
///
/// ```
/// use wechatpay::{json, php};
///
/// let order = json!({ "total": 0, "currency": "USD" });
/// assert_eq!(php::elvis(&order["total"], 100), 100);
/// assert_eq!(php::elvis(&order["currency"], "CNY"), "USD");
/// ```
pub fn elvis(value: impl Operand, default: impl Operand) -> Value {
    let value = value.operand();
    if text::truth(&value) { value.into_owned() } else { default.operand().into_owned() }
}

/// The value if it is not `null` (PHP: `$value ?? …`, whatever stands on the right).
///
/// ```
/// use wechatpay::{json, php};
///
/// let order = json!({ "total": 100 });
/// assert_eq!(php::present(&order["total"]), Some(&json!(100)));
/// let currency = php::present(&order["currency"]).ok_or("without a currency");
/// assert!(currency.is_err());
/// ```
pub fn present(value: &Value) -> Option<&Value> {
    if value.is_null() { None } else { Some(value) }
}

/// What was found, or `false` (PHP: what `strpos` and many others give).
///
/// ```
/// use wechatpay::{json, php};
///
/// assert_eq!(php::or_false(php::strpos("tea", "a")), 2);
/// assert_eq!(php::or_false(php::strpos("tea", "x")), false);
/// ```
pub fn or_false<T: Into<Value>>(value: Option<T>) -> Value {
    value.map_or(Value::Bool(false), T::into)
}

/// Whether a value is an array (PHP: `is_array`).
///
/// ```
/// use wechatpay::{json, php};
///
/// assert!(php::is_array(json!([])) && php::is_array(json!({ "a": 1 })) && !php::is_array("a"));
/// ```
pub fn is_array(a: impl Operand) -> bool {
    key::is_array(&a.operand())
}

/// The name of a value's type as it is written in PHP (PHP: `get_debug_type`): `null`, `bool`, `int`, `float`, `string` or
/// `array`.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!((php::get_debug_type(1), php::get_debug_type(1.0)), ("int".into(), "float".into()));
/// ```
pub fn get_debug_type(a: impl Operand) -> String {
    text::type_name(&a.operand()).to_owned()
}
