//! Arguments of a type: what PHP casts, and what it refuses with a `TypeError`.

use std::borrow::Cow;

use serde_json::Value;

use super::error::Error;
use super::key;
use super::numeric::{self, Number};
use super::operand::Operand;
use super::text;

/// What a parameter of type `int` takes, in PHP without strict types: an integer, or what is one.
///
/// # Errors
/// A `TypeError` for what is no number, and for a float beyond 64 bits.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::integer_argument("100")?, 100);
/// assert!(php::integer_argument("a lot").is_err());
/// # Ok::<_, php::Error>(())
/// ```
pub fn integer_argument(value: impl Operand) -> Result<i64, Error> {
    let value = value.operand();
    if value.is_null() {
        return Err(refused("int", &value));
    }
    Argument::new("", 0, "").integer(&value).map_err(|_| refused("int", &value))
}

/// What a parameter of type `float` takes, in PHP without strict types: a number, or what is one.
///
/// # Errors
/// A `TypeError` for what is no number.
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::float_argument("0.06")?, 0.06);
/// assert!(php::float_argument(()).is_err());
/// # Ok::<_, php::Error>(())
/// ```
pub fn float_argument(value: impl Operand) -> Result<f64, Error> {
    let value = value.operand();
    if value.is_null() {
        return Err(refused("float", &value));
    }
    Argument::new("", 0, "").float(&value).map_err(|_| refused("float", &value))
}

fn refused(wanted: &str, value: &Value) -> Error {
    Error::of_type(format!("Argument must be of type {wanted}, {} given", text::type_name(value)))
}

/// Where an argument stands: the function, the number of the argument, and its name in PHP.
#[derive(Debug, Clone, Copy)]
pub(super) struct Argument {
    pub(super) function: &'static str,
    pub(super) at: u8,
    pub(super) name: &'static str,
}

impl Argument {
    /// Without a name, it is one of any number of arguments.
    pub(super) fn new(function: &'static str, at: u8, name: &'static str) -> Argument {
        Argument { function, at, name }
    }

    /// What is given has to be an array.
    pub(super) fn array<'a>(&self, value: &'a (impl Operand + ?Sized)) -> Result<Cow<'a, Value>, Error> {
        let value = value.operand();
        if key::is_array(&value) { Ok(value) } else { Err(self.refused("array", &value)) }
    }

    /// The same, for an array that is changed where it is.
    pub(super) fn array_mut<'a>(&self, value: &'a mut Value) -> Result<&'a mut Value, Error> {
        if key::is_array(value) { Ok(value) } else { Err(self.refused("array", value)) }
    }

    /// What is given has to be an integer, or something that is one.
    pub(super) fn integer(&self, value: &Value) -> Result<i64, Error> {
        #[expect(clippy::cast_precision_loss, reason = "to powers of two, which floats hold")]
        let fits = |float: f64| float >= i64::MIN as f64 && float < i64::MAX as f64;
        match Argument::any_number(value) {
            Some(Number::Int(integer)) => Ok(integer),
            Some(Number::Float(float)) if fits(float) => Ok(numeric::wrapped(float)),
            _ => Err(self.refused("int", value)),
        }
    }

    /// What is given has to be a number, or something that is one.
    pub(super) fn number(&self, value: &Value) -> Result<Number, Error> {
        Argument::any_number(value).ok_or_else(|| self.refused("int|float", value))
    }

    /// What is given has to be a float, or something that can be one.
    pub(super) fn float(&self, value: &Value) -> Result<f64, Error> {
        Argument::any_number(value).map(Number::float).ok_or_else(|| self.refused("float", value))
    }

    fn any_number(value: &Value) -> Option<Number> {
        match value {
            Value::String(text) => numeric::whole(text).map(|numeric| numeric.number),
            Value::Number(number) => Some(numeric::number(number)),
            Value::Array(_) | Value::Object(_) => None,
            other => Some(Number::Int(text::truth(other).into())),
        }
    }

    pub(super) fn refused(&self, wanted: &str, value: &Value) -> Error {
        Error::of_type(format!("{self} must be of type {wanted}, {} given", text::type_name(value)))
    }

    /// A `ValueError` of this argument.
    pub(super) fn wrong(&self, what: &str) -> Error {
        Error::of_value(format!("{self} {what}"))
    }
}

/// As PHP's messages begin.
impl std::fmt::Display for Argument {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}(): Argument #{}", self.function, self.at)?;
        if self.name.is_empty() { Ok(()) } else { write!(formatter, " (${})", self.name) }
    }
}
