//! PHP's two ways to put arrays together.

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::text::value::kind;

/// The entries of both, those on the left taking precedence (PHP: `$left + $right`).
///
/// It works for bodies, options and configurations alike. As in PHP it is not deep, and an entry that is `null` counts as
/// one that is there. Of two lists, the left one is completed with what the right one has beyond its length. `null`,
/// `[]` and `{}` are all the empty array.
///
/// ```
/// use wechatpay::{json, union};
/// # fn main() -> wechatpay::Result<()> {
/// let defaults = json!({ "appid": "wxd678efh567hg6787", "mchid": "1900000109", "amount": { "currency": "CNY" } });
/// let order = union(json!({ "amount": { "total": 100 } }), defaults)?;
/// assert_eq!(
///     order,
///     json!({ "amount": { "total": 100 }, "appid": "wxd678efh567hg6787", "mchid": "1900000109" }),
/// );
/// assert_eq!(union(json!([1, 2]), json!([3, 4, 5]))?, json!([1, 2, 5]));
/// # Ok(()) }
/// ```
///
/// # Errors
/// [`Error::Options`] if one of them is neither an object nor a list nor `null`, or if a list and an object are to be put
/// together and neither is empty.
pub fn union(left: impl Into<Value>, right: impl Into<Value>) -> Result<Value> {
    Ok(match pair("union", left.into(), right.into())? {
        Pair::Objects(mut left, right) => {
            for (name, value) in right {
                left.entry(name).or_insert(value);
            }
            left.into()
        }
        Pair::Lists(mut left, right) => {
            left.extend(right.into_iter().skip(left.len()).collect::<Vec<_>>());
            left.into()
        }
    })
}

/// The entries of both, those on the right taking precedence (PHP: `[...$left, ...$right]`, or `array_merge`).
///
/// An entry that both have stays where it is on the left. As in PHP it is not deep. Lists are joined. `null`, `[]`
/// and `{}` are all the empty array.
///
/// The names of an object are texts here, those made of digits, too; PHP would take them for positions in a list and number
/// them anew.
///
/// ```
/// use wechatpay::{json, merge};
/// # fn main() -> wechatpay::Result<()> {
/// let order = json!({ "appid": "wxd678efh567hg6787", "amount": { "total": 100, "currency": "CNY" } });
/// assert_eq!(
///     merge(order, json!({ "amount": { "total": 200 } }))?,
///     json!({ "appid": "wxd678efh567hg6787", "amount": { "total": 200 } }),
/// );
/// assert_eq!(merge(json!([1, 2]), json!([3]))?, json!([1, 2, 3]));
/// # Ok(()) }
/// ```
///
/// # Errors
/// As [`union`].
pub fn merge(left: impl Into<Value>, right: impl Into<Value>) -> Result<Value> {
    Ok(match pair("merge", left.into(), right.into())? {
        Pair::Objects(mut left, right) => {
            left.extend(right);
            left.into()
        }
        Pair::Lists(mut left, right) => {
            left.extend(right);
            left.into()
        }
    })
}

/// Two arrays of the same kind.
enum Pair {
    Objects(Map<String, Value>, Map<String, Value>),
    Lists(Vec<Value>, Vec<Value>),
}

fn pair(name: &str, left: Value, right: Value) -> Result<Pair> {
    let kinds = (kind(&left), kind(&right));
    // In PHP there is one empty array, which is neither a list nor an object.
    match (array(left), array(right)) {
        (Value::Object(left), Value::Object(right)) => Ok(Pair::Objects(left, right)),
        (Value::Object(left), Value::Array(right)) if right.is_empty() => Ok(Pair::Objects(left, Map::new())),
        (Value::Array(left), Value::Object(right)) if left.is_empty() => Ok(Pair::Objects(Map::new(), right)),
        (Value::Array(left), Value::Array(right)) => Ok(Pair::Lists(left, right)),
        (Value::Array(left), Value::Object(right)) if right.is_empty() => Ok(Pair::Lists(left, Vec::new())),
        (Value::Object(left), Value::Array(right)) if left.is_empty() => Ok(Pair::Lists(Vec::new(), right)),
        _ => Err(Error::Options(format!("`{name}` takes two objects or two lists, not {} and {}", kinds.0, kinds.1))),
    }
}

fn array(value: Value) -> Value {
    if value.is_null() { Value::Array(Vec::new()) } else { value }
}
