//! What PHP throws.

use std::fmt;
use std::sync::Arc;

use super::classes::extends;

/// What PHP throws: the class of the exception and its message.
///
/// ```
/// use wechatpay::php;
///
/// let error = php::divide(1, 0).unwrap_err();
/// assert_eq!(error.to_string(), "Division by zero");
/// assert_eq!(error.class(), "DivisionByZeroError");
/// ```
#[derive(Debug, Clone)]
pub struct Error {
    class: &'static str,
    message: String,
    code: i64,
    previous: Option<Arc<anyhow::Error>>,
}

impl PartialEq for Error {
    /// Without what led to it.
    fn eq(&self, other: &Error) -> bool {
        (self.class, &self.message, self.code) == (other.class, &other.message, other.code)
    }
}

impl Eq for Error {}

impl Error {
    /// The name of PHP's class, such as `TypeError`, `ValueError` or `JsonException`.
    pub fn class(&self) -> &'static str {
        self.class
    }

    /// PHP's `getMessage()`.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// PHP's `getCode()`: that of a `JsonException`, and otherwise 0.
    pub fn code(&self) -> i64 {
        self.code
    }

    /// What a program throws itself (PHP: `throw new InvalidArgumentException('…')`), by the name of PHP's class.
    ///
    /// ```
    /// use wechatpay::php;
    ///
    /// let error = php::Error::new("InvalidArgumentException", "the amount is negative");
    /// assert_eq!(error.to_string(), "the amount is negative");
    /// assert!(error.is("LogicException"));
    /// ```
    pub fn new(class: &'static str, message: impl Into<String>) -> Error {
        Error { class, message: message.into(), code: 0, previous: None }
    }

    /// The same, with a code (PHP: the second argument).
    #[must_use]
    pub fn with_code(self, code: i64) -> Error {
        Error { code, ..self }
    }

    /// The same, with the error that led to it (PHP: the third argument, `getPrevious()`); it is the `source`.
    #[must_use]
    pub fn because(self, previous: impl Into<anyhow::Error>) -> Error {
        Error { previous: Some(Arc::new(previous.into())), ..self }
    }

    /// Whether it is of a class of PHP, or of one that extends it (PHP: `instanceof`).
    pub fn is(&self, class: &str) -> bool {
        extends(self.class, class)
    }

    pub(super) fn of_type(message: impl Into<String>) -> Error {
        Error::new("TypeError", message)
    }

    pub(super) fn of_value(message: impl Into<String>) -> Error {
        Error::new("ValueError", message)
    }

    pub(super) fn json(code: i64, message: &str) -> Error {
        Error { code, ..Error::new("JsonException", message) }
    }

    /// What is no error in PHP, where a string can end inside a character.
    pub(super) fn cut(function: &str) -> Error {
        let instead = match function {
            "substr" => "; use mb_substr",
            "str_split" => "; use mb_str_split",
            _ => "",
        };
        Error::of_value(format!("{function}() cuts a character in two{instead}"))
    }

    /// What is no error in PHP, where a string can be any bytes.
    pub(super) fn bytes(function: &str) -> Error {
        Error::of_value(format!("{function}() gives bytes that are not UTF-8"))
    }

    /// What is no error in PHP, where a float can be infinite.
    pub(super) fn not_finite(number: f64) -> Error {
        let name = if number.is_nan() { "NAN" } else { "INF" };
        Error::new("ArithmeticError", format!("The result is {name}, which no value of JSON can be"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.previous.as_deref().map(|previous| previous.as_ref())
    }
}
