//! Queries as arrays.

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::array;
use super::error::Error;
use super::key::{self, Key};
use super::operand::Operand;
use super::text::text;

/// How many brackets a name may have, as PHP has it by default.
const MOST_BRACKETS: usize = 64;

/// The array that a query stands for: what `parse_str($query, $array)` puts into its second argument.
///
/// As in PHP, spaces and points in names become `_`, and `a[b]` and `a[]` are elements of an array. There may be more than 1000 names,
/// where PHP's defaults would leave the rest out.
///
/// # Errors
/// If a name or a value is not UTF-8.
///
/// ```
/// use wechatpay::{json, php};
///
/// let order = php::parse_str("out_trade_no=T1&goods[]=tea&goods[]=milk&amount[total]=1")?;
/// assert_eq!(order, json!({ "out_trade_no": "T1", "goods": ["tea", "milk"], "amount": { "total": "1" } }));
/// # Ok::<_, php::Error>(())
/// ```
pub fn parse_str(query: impl Operand) -> Result<Value, Error> {
    let query = text(query);
    // PHP reads up to a zero byte.
    let query = query.split('\0').next().unwrap_or_default();
    let mut array = Value::Array(Vec::new());
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        register(&mut array, &decoded(name)?, decoded(value)?);
    }
    Ok(array)
}

fn decoded(text: &str) -> Result<String, Error> {
    let decoded = percent_decode_str(&text.replace('+', " ")).collect();
    String::from_utf8(decoded).map_err(|_| Error::bytes("parse_str"))
}

/// Puts a value where its name says.
fn register(array: &mut Value, name: &str, value: String) {
    let name = name.split('\0').next().unwrap_or_default().trim_start_matches(' ');
    let (variable, brackets) = name.split_at_checked(name.find('[').unwrap_or(name.len())).unwrap_or((name, ""));
    if variable.is_empty() {
        return;
    }
    let variable = plain(variable);
    match path(brackets) {
        Path::Broken => set(array, Some(&plain(name)), value),
        Path::TooLong => array::unset(array, variable),
        Path::Keys(keys) => {
            let mut place = array;
            let mut last = Some(variable.as_str());
            for key in keys {
                let Some(inner) = element(place, last) else { return };
                if !key::is_array(inner) {
                    *inner = Value::Array(Vec::new());
                }
                (place, last) = (inner, key);
            }
            set(place, last, value);
        }
    }
}

/// A name as PHP's variables can have it.
fn plain(name: &str) -> String {
    name.replace([' ', '.', '['], "_")
}

/// What is between the brackets.
enum Path<'a> {
    /// `None` is the next integer.
    Keys(Vec<Option<&'a str>>),
    /// The first one is not closed.
    Broken,
    TooLong,
}

fn path(brackets: &str) -> Path<'_> {
    let mut keys = Vec::new();
    let mut rest = brackets;
    while let Some(inner) = rest.strip_prefix('[') {
        if keys.len() == MOST_BRACKETS {
            return Path::TooLong;
        }
        let unspaced = inner.strip_prefix([' ', '\t', '\n', '\u{b}', '\u{c}', '\r']).unwrap_or(inner);
        if let Some(behind) = unspaced.strip_prefix(']') {
            keys.push(None);
            rest = behind;
        } else if let Some((key, behind)) = inner.split_once(']') {
            keys.push(Some(key));
            rest = behind;
        } else if keys.is_empty() {
            return Path::Broken;
        } else {
            break;
        }
    }
    Path::Keys(keys)
}

/// The place of a key, made if it is not there; `None` if no integer is left.
fn element<'a>(array: &'a mut Value, key: Option<&str>) -> Option<&'a mut Value> {
    match key {
        Some(key) => Some(array::entry(array, key)),
        None if key::find(array, &Key::Int(i64::MAX)).is_some() => None,
        None => Some(array::next_entry(array)),
    }
}

fn set(array: &mut Value, key: Option<&str>, value: String) {
    if let Some(place) = element(array, key) {
        *place = Value::String(value);
    }
}
