//! Sorting, in the order that PHP's comparison gives.

use std::cmp::Ordering;

use serde_json::Value;

use super::argument::Argument;
use super::compare;
use super::error::Error;
use super::key::{self, Key};
use super::natural;
use super::operand::Operand;
use super::order;
use super::text;

/// How values are compared when they are sorted (PHP's `SORT_…`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// As `<=>` does it (`SORT_REGULAR`).
    #[default]
    Regular,
    /// As numbers (`SORT_NUMERIC`).
    Numeric,
    /// As texts, byte by byte (`SORT_STRING`).
    Text,
    /// As texts, without regard to the case of ASCII letters (`SORT_STRING | SORT_FLAG_CASE`).
    TextIgnoringCase,
    /// As texts, the numbers in them as numbers (`SORT_NATURAL`).
    Natural,
    /// The same, without regard to the case of ASCII letters (`SORT_NATURAL | SORT_FLAG_CASE`).
    NaturalIgnoringCase,
}

impl Sort {
    fn order(self, a: &Value, b: &Value) -> Ordering {
        let texts = |ignores_case: bool| {
            let (a, b) = (text::of(a), text::of(b));
            if ignores_case { a.to_ascii_lowercase().cmp(&b.to_ascii_lowercase()) } else { a.cmp(&b) }
        };
        let natural = |ignores_case| natural::compare(text::of(a).as_bytes(), text::of(b).as_bytes(), ignores_case);
        match self {
            Sort::Regular => compare::values(a, b),
            Sort::Numeric => text::float(a).partial_cmp(&text::float(b)).unwrap_or(Ordering::Equal),
            Sort::Text => texts(false),
            Sort::TextIgnoringCase => texts(true),
            Sort::Natural => natural(false),
            Sort::NaturalIgnoringCase => natural(true),
        }
    }
}

/// Sorts the values and numbers them anew (PHP: `sort`). Equal ones stay in their order, as with all functions here.
///
/// # Errors
/// A `TypeError` for what is no array.
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut list = json!({ "a": "10", "b": 9, "c": "1e0" });
/// php::sort(&mut list)?;
/// assert_eq!(list, json!(["1e0", 9, "10"]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn sort(array: &mut Value) -> Result<(), Error> {
    sort_with(array, Sort::Regular)
}

/// As [`sort`], compared in another way (PHP: `sort($array, $flags)`).
///
/// # Errors
/// As [`sort`].
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut list = json!([10, 9, "1e0"]);
/// php::sort_with(&mut list, php::Sort::Text)?;
/// assert_eq!(list, json!([10, "1e0", 9]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn sort_with(array: &mut Value, sort: Sort) -> Result<(), Error> {
    arrange(array, "sort", false, |a, b| sort.order(a.1, b.1))
}

/// Sorts the values from the last to the first and numbers them anew (PHP: `rsort`).
///
/// # Errors
/// As [`sort`].
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut list = json!([9, 10]);
/// php::rsort(&mut list)?;
/// assert_eq!(list, json!([10, 9]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn rsort(array: &mut Value) -> Result<(), Error> {
    rsort_with(array, Sort::Regular)
}

/// As [`rsort`], compared in another way (PHP: `rsort($array, $flags)`).
///
/// # Errors
/// As [`sort`].
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut list = json!([10, 9]);
/// php::rsort_with(&mut list, php::Sort::Text)?;
/// assert_eq!(list, json!([9, 10]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn rsort_with(array: &mut Value, sort: Sort) -> Result<(), Error> {
    arrange(array, "rsort", false, |a, b| sort.order(a.1, b.1).reverse())
}

/// Sorts by the values, each with its key (PHP: `asort`).
///
/// # Errors
/// As [`sort`].
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut prices = json!({ "tea": 3, "water": 1 });
/// php::asort(&mut prices)?;
/// assert_eq!(php::json_encode(&prices, 0), r#"{"water":1,"tea":3}"#);
/// # Ok::<_, php::Error>(())
/// ```
pub fn asort(array: &mut Value) -> Result<(), Error> {
    asort_with(array, Sort::Regular)
}

/// As [`asort`], compared in another way (PHP: `asort($array, $flags)`).
///
/// # Errors
/// As [`sort`].
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut files = json!({ "a": "img12", "b": "img2" });
/// php::asort_with(&mut files, php::Sort::Natural)?;
/// assert_eq!(php::json_encode(&files, 0), r#"{"b":"img2","a":"img12"}"#);
/// # Ok::<_, php::Error>(())
/// ```
pub fn asort_with(array: &mut Value, sort: Sort) -> Result<(), Error> {
    arrange(array, "asort", true, |a, b| sort.order(a.1, b.1))
}

/// Sorts by the values from the last to the first, each with its key (PHP: `arsort`).
///
/// # Errors
/// As [`sort`].
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut prices = json!({ "water": 1, "tea": 3 });
/// php::arsort(&mut prices)?;
/// assert_eq!(php::json_encode(&prices, 0), r#"{"tea":3,"water":1}"#);
/// # Ok::<_, php::Error>(())
/// ```
pub fn arsort(array: &mut Value) -> Result<(), Error> {
    arsort_with(array, Sort::Regular)
}

/// As [`arsort`], compared in another way (PHP: `arsort($array, $flags)`).
///
/// # Errors
/// As [`sort`].
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut prices = json!({ "a": 10, "b": 9 });
/// php::arsort_with(&mut prices, php::Sort::Text)?;
/// assert_eq!(php::json_encode(&prices, 0), r#"{"b":9,"a":10}"#);
/// # Ok::<_, php::Error>(())
/// ```
pub fn arsort_with(array: &mut Value, sort: Sort) -> Result<(), Error> {
    arrange(array, "arsort", true, |a, b| sort.order(a.1, b.1).reverse())
}

/// Sorts by the keys (PHP: `ksort`).
///
/// # Errors
/// As [`sort`].
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut order = json!({ "b": 1, "10": 2, "9": 3, "a": 4 });
/// php::ksort(&mut order)?;
/// assert_eq!(php::json_encode(&order, 0), r#"{"9":3,"10":2,"a":4,"b":1}"#);
/// # Ok::<_, php::Error>(())
/// ```
pub fn ksort(array: &mut Value) -> Result<(), Error> {
    ksort_with(array, Sort::Regular)
}

/// As [`ksort`], compared in another way (PHP: `ksort($array, $flags)`).
///
/// # Errors
/// As [`sort`].
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut order = json!({ "b": 1, "10": 2, "9": 3 });
/// php::ksort_with(&mut order, php::Sort::Text)?;
/// assert_eq!(php::json_encode(&order, 0), r#"{"10":2,"9":3,"b":1}"#);
/// # Ok::<_, php::Error>(())
/// ```
pub fn ksort_with(array: &mut Value, sort: Sort) -> Result<(), Error> {
    arrange(array, "ksort", true, |a, b| sort.order(&a.0.value(), &b.0.value()))
}

/// Sorts by the keys from the last to the first (PHP: `krsort`).
///
/// # Errors
/// As [`sort`].
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut order = json!({ "a": 1, "b": 2 });
/// php::krsort(&mut order)?;
/// assert_eq!(php::json_encode(&order, 0), r#"{"b":2,"a":1}"#);
/// # Ok::<_, php::Error>(())
/// ```
pub fn krsort(array: &mut Value) -> Result<(), Error> {
    krsort_with(array, Sort::Regular)
}

/// As [`krsort`], compared in another way (PHP: `krsort($array, $flags)`).
///
/// # Errors
/// As [`sort`].
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut order = json!({ "10": 1, "9": 2 });
/// php::krsort_with(&mut order, php::Sort::Text)?;
/// assert_eq!(php::json_encode(&order, 0), r#"{"9":2,"10":1}"#);
/// # Ok::<_, php::Error>(())
/// ```
pub fn krsort_with(array: &mut Value, sort: Sort) -> Result<(), Error> {
    arrange(array, "krsort", true, |a, b| sort.order(&a.0.value(), &b.0.value()).reverse())
}

/// Sorts the values by a function of two of them, and numbers them anew (PHP: `usort`).
///
/// The function gives what PHP's would: a number below, equal to or above zero, or an [`Ordering`]. A boolean says
/// whether the first comes after the second.
///
/// # Errors
/// As [`sort`].
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut lines = json!([{ "price": 30 }, { "price": "4" }]);
/// php::usort(&mut lines, |a, b| php::compare(&a["price"], &b["price"]))?;
/// assert_eq!(lines, json!([{ "price": "4" }, { "price": 30 }]));
/// # Ok::<_, php::Error>(())
/// ```
pub fn usort<R: Operand>(array: &mut Value, mut compare: impl FnMut(&Value, &Value) -> R) -> Result<(), Error> {
    arrange(array, "usort", false, |a, b| asked(|a, b| compare(a, b), a.1, b.1))
}

/// Sorts by a function of two values, each with its key (PHP: `uasort`).
///
/// # Errors
/// As [`sort`].
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut prices = json!({ "tea": 3, "water": 1 });
/// php::uasort(&mut prices, |a, b| php::compare(a, b))?;
/// assert_eq!(php::json_encode(&prices, 0), r#"{"water":1,"tea":3}"#);
/// # Ok::<_, php::Error>(())
/// ```
pub fn uasort<R: Operand>(array: &mut Value, mut compare: impl FnMut(&Value, &Value) -> R) -> Result<(), Error> {
    arrange(array, "uasort", true, |a, b| asked(|a, b| compare(a, b), a.1, b.1))
}

/// Sorts by a function of two keys (PHP: `uksort`).
///
/// # Errors
/// As [`sort`].
///
/// ```
/// use wechatpay::{json, php};
///
/// let mut order = json!({ "bb": 1, "a": 2 });
/// php::uksort(&mut order, |a, b| php::strlen(a) - php::strlen(b))?;
/// assert_eq!(php::json_encode(&order, 0), r#"{"a":2,"bb":1}"#);
/// # Ok::<_, php::Error>(())
/// ```
pub fn uksort<R: Operand>(array: &mut Value, mut compare: impl FnMut(&Value, &Value) -> R) -> Result<(), Error> {
    arrange(array, "uksort", true, |a, b| asked(|a, b| compare(a, b), &a.0.value(), &b.0.value()))
}

/// What a function says of two values. `false` is not clear: it is asked the other way round, too.
fn asked<R: Operand>(mut compare: impl FnMut(&Value, &Value) -> R, a: &Value, b: &Value) -> Ordering {
    let said = compare(a, b);
    match &*said.operand() {
        Value::Bool(true) => Ordering::Greater,
        Value::Bool(false) => 0.cmp(&text::integer(compare(b, a))),
        other => text::integer(other).cmp(&0),
    }
}

/// Sorts the entries; those that are equal stay in their order.
fn arrange(
    array: &mut Value,
    function: &'static str,
    keeps_keys: bool,
    mut order: impl FnMut((&Key, &Value), (&Key, &Value)) -> Ordering,
) -> Result<(), Error> {
    let array = Argument::new(function, 1, "array").array_mut(array)?;
    let entries = key::into_entries(std::mem::take(array));
    let is_after = |a: usize, b: usize| match (entries.get(a), entries.get(b)) {
        (Some((key, value)), Some((other_key, other))) => {
            order((key, value), (other_key, other)).then(a.cmp(&b)).is_gt()
        }
        _ => false,
    };
    let places = order::sorted(entries.len(), is_after);
    let mut entries: Vec<_> = entries.into_iter().map(Some).collect();
    let sorted = places.into_iter().filter_map(|place| entries.get_mut(place)?.take());
    *array = if keeps_keys { key::collect(sorted) } else { sorted.map(|(_, value)| value).collect() };
    Ok(())
}
