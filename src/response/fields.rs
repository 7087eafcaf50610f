//! Values out of an answer, by JSON pointers: what is absent or of another type is an error, never an empty text.

use std::sync::Arc;

use serde_json::Value;

use crate::error::field::Found;
use crate::error::{Error, FieldError, Result};
use crate::protocol::Protocol;
use crate::request::sensitive::Pointer;
use crate::response::Response;
use crate::text::transformer::Transformer;

/// Values out of any JSON, such as the [`resource`](crate::Notification::resource) of a notification, by JSON pointers (RFC
/// 6901): `/amount/total` is the field `total` of `amount`, `/data/0` the first element of the list `data`; in a name, `~` is
/// written `~0` and `/` is written `~1`. [`Response`] has the same methods.
///
/// `…_at` is for a field that must be there. `find_…` is PHP's `??` (`$order['attach'] ?? null`): `None` if the field is
/// absent or null. Neither turns one type into another, so that a value cannot keep the quotes of its JSON, and a field that
/// is absent cannot become an empty text.
///
/// # Errors
/// All return [`Error::Field`](crate::Error::Field), which names the field and the type that was found there, if it is
/// another one; `…_at` also if the field is absent or null. A pointer that does not begin with `/` is an error, too.
///
/// ```
/// use wechatpay::{Fields, json};
///
/// let order = json!({ "out_trade_no": "order-1", "amount": { "total": 100 }, "attach": null });
/// assert_eq!(order.text_at("/out_trade_no")?, "order-1");
/// assert_eq!(order.integer_at("/amount/total")?, 100);
/// assert_eq!(order.find_text("/attach")?.unwrap_or("none".into()), "none");
///
/// let error = order.text_at("/amount/total").unwrap_err();
/// assert_eq!(error.to_string(), r#""/amount/total" is a number, not a text: use integer_at"#);
/// let error = order.text_at("/trade_state").unwrap_err();
/// assert_eq!(error.to_string(), r#""/trade_state" is absent, where a text was expected"#);
/// let error = order.text_at("out_trade_no").unwrap_err();
/// assert_eq!(error.to_string(), r#""out_trade_no" is not a JSON pointer: write "/out_trade_no""#);
/// # Ok::<_, wechatpay::Error>(())
/// ```
pub trait Fields: private::Sealed {
    /// A text (PHP: `(string) $order['prepay_id']`), without the quotes of its JSON.
    fn text_at(&self, pointer: &str) -> Result<String>;

    /// An integer (PHP: `(int) $order['amount']['total']`); `1.5` and `1.0` are none, nor are the texts of APIv2 in the data of
    /// a notification: `data.text_at("/total_fee")?.parse::<i64>()?`.
    fn integer_at(&self, pointer: &str) -> Result<i64>;

    /// A boolean (PHP: `(bool) $order['need_collection']`).
    fn boolean_at(&self, pointer: &str) -> Result<bool>;

    /// A list, of which each element has these methods again (PHP: `foreach ($answer['data'] as $item)`).
    ///
    /// ```
    /// use wechatpay::{Fields, json};
    ///
    /// let answer = json!({ "data": [{ "serial_no": "5157F09E" }, { "serial_no": "50062CE5" }] });
    /// for certificate in answer.list_at("/data")? {
    ///     assert_eq!(certificate.text_at("/serial_no")?.len(), 8);
    /// }
    /// # Ok::<_, wechatpay::Error>(())
    /// ```
    fn list_at(&self, pointer: &str) -> Result<Vec<Value>>;

    /// A text, or `None` if it is absent or null (PHP: `$order['attach'] ?? null`).
    fn find_text(&self, pointer: &str) -> Result<Option<String>>;

    /// An integer, or `None` if it is absent or null.
    fn find_integer(&self, pointer: &str) -> Result<Option<i64>>;

    /// A boolean, or `None` if it is absent or null.
    fn find_boolean(&self, pointer: &str) -> Result<Option<bool>>;

    /// A list, or `None` if it is absent or null.
    fn find_list(&self, pointer: &str) -> Result<Option<Vec<Value>>>;
}

mod private {
    pub trait Sealed {}
    impl Sealed for serde_json::Value {}
}

impl Fields for Value {
    fn text_at(&self, pointer: &str) -> Result<String> {
        at(self, pointer, &TEXT).map_err(Error::Field)
    }

    fn integer_at(&self, pointer: &str) -> Result<i64> {
        at(self, pointer, &INTEGER).map_err(Error::Field)
    }

    fn boolean_at(&self, pointer: &str) -> Result<bool> {
        at(self, pointer, &BOOLEAN).map_err(Error::Field)
    }

    fn list_at(&self, pointer: &str) -> Result<Vec<Value>> {
        at(self, pointer, &LIST).map_err(Error::Field)
    }

    fn find_text(&self, pointer: &str) -> Result<Option<String>> {
        find(self, pointer, &TEXT).map_err(Error::Field)
    }

    fn find_integer(&self, pointer: &str) -> Result<Option<i64>> {
        find(self, pointer, &INTEGER).map_err(Error::Field)
    }

    fn find_boolean(&self, pointer: &str) -> Result<Option<bool>> {
        find(self, pointer, &BOOLEAN).map_err(Error::Field)
    }

    fn find_list(&self, pointer: &str) -> Result<Option<Vec<Value>>> {
        find(self, pointer, &LIST).map_err(Error::Field)
    }
}

/// Values out of the answer, as [`Fields`] has them for any JSON. The body is parsed once, whatever the number of values.
///
/// All return [`Error::Field`] with the `Request-ID` of the answer if a value is of another type, and `…_at` also if it is
/// absent or null; [`Error::Json`] or [`Error::Xml`] if the body is neither JSON nor, in APIv2, XML. By then the platform has
/// answered: see [`Outcome::Unknown`](crate::Outcome::Unknown).
impl Response {
    /// A text of the answer (PHP: `json_decode($body)->prepay_id`), without the quotes of its JSON.
    ///
    /// # Errors
    /// [`Error::Field`] if there is no text at this JSON pointer (RFC 6901), or the pointer does not begin with `/`;
    /// [`Error::Json`] if the body is not JSON, [`Error::Xml`] if that of an APIv2 answer is not XML.
    ///
    /// ```no_run
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// let response = instance.chain("v3/pay/transactions/jsapi").post(wechatpay::json!({ "json": {
    ///     "mchid": "1900000109", "appid": "wxd678efh567hg6787", "description": "Image形象店",
    ///     "out_trade_no": "1217752501201407033233368018", "notify_url": "https://example.com/notify",
    ///     "amount": { "total": 100 }, "payer": { "openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o" },
    /// }}))?;
    /// let prepay_id = response.text_at("/prepay_id")?;
    /// # let _ = prepay_id;
    /// # Ok(()) }
    /// ```
    pub fn text_at(&self, pointer: &str) -> Result<String> {
        self.at(pointer, &TEXT)
    }

    /// An integer of the answer. In APIv2, whose values are all texts, it is a text of digits (PHP: `(int) $data['total_fee']`).
    ///
    /// # Errors
    /// As [`text_at`](Response::text_at); `1.5` and `1.0` are no integers.
    ///
    /// ```no_run
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// let order = instance.chain("v3/pay/transactions/out-trade-no/{out_trade_no}").get(wechatpay::json!({
    ///     "out_trade_no": "1217752501201407033233368018", "query": { "mchid": "1900000109" },
    /// }))?;
    /// let paid = order.find_integer("/amount/payer_total")?.unwrap_or(0);
    /// assert!(paid <= order.integer_at("/amount/total")?);
    /// # Ok(()) }
    /// ```
    pub fn integer_at(&self, pointer: &str) -> Result<i64> {
        self.at(pointer, self.integer())
    }

    /// A boolean of the answer.
    ///
    /// # Errors
    /// As [`text_at`](Response::text_at). APIv2 has no booleans: its `Y` and `N` are texts.
    ///
    /// ```no_run
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// let stock = instance.chain("v3/marketing/favor/stocks/{stock_id}").get(wechatpay::json!({
    ///     "stock_id": "9856000", "query": { "stock_creator_mchid": "1900000109" },
    /// }))?;
    /// println!("no cash: {}", stock.boolean_at("/no_cash")?);
    /// # Ok(()) }
    /// ```
    pub fn boolean_at(&self, pointer: &str) -> Result<bool> {
        self.at(pointer, &BOOLEAN)
    }

    /// A list of the answer. Its elements have the methods of [`Fields`].
    ///
    /// # Errors
    /// As [`text_at`](Response::text_at).
    ///
    /// ```no_run
    /// use wechatpay::Fields;
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// for certificate in instance.chain("v3/certificates").get(())?.list_at("/data")? {
    ///     println!("{}", certificate.text_at("/serial_no")?);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn list_at(&self, pointer: &str) -> Result<Vec<Value>> {
        self.at(pointer, &LIST)
    }

    /// A text of the answer, or `None` if it is absent or null (PHP: `$order['attach'] ?? null`).
    ///
    /// # Errors
    /// As [`text_at`](Response::text_at), but for what is absent or null.
    ///
    /// ```no_run
    /// # fn main() -> anyhow::Result<()> {
    /// # let instance = wechatpay::Builder::new().build()?;
    /// # let order = instance.chain("v3/pay/transactions/id/1217752501201407033233368018").get(())?;
    /// let attach = order.find_text("/attach")?.unwrap_or_default();
    /// # let _ = attach;
    /// # Ok(()) }
    /// ```
    pub fn find_text(&self, pointer: &str) -> Result<Option<String>> {
        self.find(pointer, &TEXT)
    }

    /// An integer of the answer, or `None` if it is absent or null. In APIv2 it is a text of digits.
    ///
    /// # Errors
    /// As [`integer_at`](Response::integer_at), but for what is absent or null.
    pub fn find_integer(&self, pointer: &str) -> Result<Option<i64>> {
        self.find(pointer, self.integer())
    }

    /// A boolean of the answer, or `None` if it is absent or null.
    ///
    /// # Errors
    /// As [`boolean_at`](Response::boolean_at), but for what is absent or null.
    pub fn find_boolean(&self, pointer: &str) -> Result<Option<bool>> {
        self.find(pointer, &BOOLEAN)
    }

    /// A list of the answer, or `None` if it is absent or null.
    ///
    /// # Errors
    /// As [`list_at`](Response::list_at), but for what is absent or null.
    pub fn find_list(&self, pointer: &str) -> Result<Option<Vec<Value>>> {
        self.find(pointer, &LIST)
    }

    fn at<T>(&self, pointer: &str, kind: &Kind<T>) -> Result<T> {
        at(self.fields()?, pointer, kind).map_err(|error| self.field_error(error))
    }

    fn find<T>(&self, pointer: &str, kind: &Kind<T>) -> Result<Option<T>> {
        find(self.fields()?, pointer, kind).map_err(|error| self.field_error(error))
    }

    /// What is an integer in the language of the answer.
    fn integer(&self) -> &'static Kind<i64> {
        match self.protocol {
            Protocol::Apiv2 => &INTEGER_OR_DIGITS,
            Protocol::Apiv3 => &INTEGER,
        }
    }

    /// The fields of the body, which is parsed the first time.
    fn fields(&self) -> Result<&Value> {
        if let Some(fields) = self.fields.get() {
            return Ok(fields);
        }
        let parsed = match self.protocol {
            Protocol::Apiv2 => Transformer::to_array(self.body())?,
            Protocol::Apiv3 => self.json()?,
        };
        Ok(self.fields.get_or_init(|| Arc::new(parsed)))
    }

    fn field_error(&self, mut error: Box<FieldError>) -> Error {
        error.response = Some(self.clone());
        Error::Field(error)
    }
}

/// A type that can be asked for.
struct Kind<T> {
    /// With its article.
    name: &'static str,
    take: fn(&Value) -> Option<T>,
}

static TEXT: Kind<String> = Kind { name: "a text", take: |value| value.as_str().map(str::to_owned) };

static INTEGER: Kind<i64> = Kind { name: "an integer", take: Value::as_i64 };

/// Of APIv2, in which numbers are written as texts.
static INTEGER_OR_DIGITS: Kind<i64> =
    Kind { name: "an integer", take: |value| value.as_i64().or_else(|| digits(value)) };

static BOOLEAN: Kind<bool> = Kind { name: "a boolean", take: Value::as_bool };

static LIST: Kind<Vec<Value>> = Kind { name: "a list", take: |value| value.as_array().cloned() };

/// The integer that a text of digits stands for.
fn digits(value: &Value) -> Option<i64> {
    let text = value.as_str()?;
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    unsigned.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

fn at<T>(value: &Value, pointer: &str, kind: &Kind<T>) -> Result<T, Box<FieldError>> {
    match place(value, pointer, kind)? {
        None => Err(failed(pointer, kind, Found::Nothing)),
        Some(found) => taken(found, pointer, kind, |name| format!("use {name}_at")),
    }
}

fn find<T>(value: &Value, pointer: &str, kind: &Kind<T>) -> Result<Option<T>, Box<FieldError>> {
    match place(value, pointer, kind)? {
        None | Some(Value::Null) => Ok(None),
        Some(found) => taken(found, pointer, kind, |name| format!("use find_{name}")).map(Some),
    }
}

/// What the pointer points at.
fn place<'a, T>(value: &'a Value, pointer: &str, kind: &Kind<T>) -> Result<Option<&'a Value>, Box<FieldError>> {
    Pointer::check(pointer).map_err(|_| failed(pointer, kind, Found::Malformed))?;
    Ok(value.pointer(pointer))
}

/// The value as this type; `method` says how to ask for the type of some name.
fn taken<T>(value: &Value, pointer: &str, kind: &Kind<T>, method: fn(&str) -> String) -> Result<T, Box<FieldError>> {
    (kind.take)(value).ok_or_else(|| {
        let (found, name) = match value {
            Value::Null => ("null", None),
            Value::Bool(_) => ("a boolean", Some("boolean")),
            Value::Number(number) if number.is_i64() => ("a number", Some("integer")),
            Value::Number(number) if number.is_u64() => ("a number of more than 63 bits", None),
            Value::Number(_) => ("a number with decimals", None),
            Value::String(_) => ("a text", Some("text")),
            Value::Array(_) => ("a list", Some("list")),
            Value::Object(_) => ("an object", None),
        };
        let advice = name.map(method).unwrap_or_default();
        Box::new(FieldError { advice, ..*failed(pointer, kind, Found::Other(found)) })
    })
}

fn failed<T>(pointer: &str, kind: &Kind<T>, found: Found) -> Box<FieldError> {
    let (pointer, advice) = (pointer.to_owned(), String::new());
    Box::new(FieldError { pointer, expected: kind.name, found, advice, response: None })
}
