//! Exceptions: which PHP class an error stands for.

use super::classes::extends;
use super::error::Error;

/// Whether an error is of a class of PHP, or of one that extends it (PHP: `$error instanceof …`, `catch`).
///
/// An [`Error`] is of its own class; an error of this crate is of the class that the PHP SDK throws in its place; any other
/// is a `RuntimeException`. `class` has no backslash before it.
///
/// ```
/// use wechatpay::php;
///
/// let error = anyhow::Error::from(php::divide(1, 0).unwrap_err());
/// assert!(php::is_a(&error, "DivisionByZeroError"));
/// assert!(php::is_a(&error, "Throwable"));
/// assert!(!php::is_a(&error, "Exception"));
/// ```
pub fn is_a(error: &anyhow::Error, class: &str) -> bool {
    extends(class_of(error), class)
}

/// The name of the class of PHP that an error stands for (PHP: `get_class($error)`).
///
/// ```
/// use wechatpay::php;
///
/// assert_eq!(php::class_of(&anyhow::anyhow!("no")), "RuntimeException");
/// ```
pub fn class_of(error: &anyhow::Error) -> &'static str {
    if let Some(error) = error.downcast_ref::<Error>() {
        return error.class();
    }
    error.downcast_ref::<crate::Error>().map_or("RuntimeException", class_in_the_sdk)
}

/// The code of an error (PHP: `getCode()`): of an error of this crate the status of the answer, 0 without one.
///
/// ```
/// use wechatpay::php;
///
/// let error = anyhow::Error::from(php::Error::new("RuntimeException", "sold out").with_code(7));
/// assert_eq!(php::code_of(&error), 7);
/// ```
pub fn code_of(error: &anyhow::Error) -> i64 {
    if let Some(error) = error.downcast_ref::<Error>() {
        return error.code();
    }
    let status = error.downcast_ref::<crate::Error>().and_then(crate::Error::status);
    status.map_or(0, |status| i64::from(status.as_u16()))
}

fn class_in_the_sdk(error: &crate::Error) -> &'static str {
    use crate::Error as E;
    match error {
        E::Config(_) | E::Options(_) => "InvalidArgumentException",
        E::Key(_) | E::Crypto(_) | E::Decryption(_) => "UnexpectedValueException",
        E::Json(_) => "JsonException",
        E::Client(_) => "GuzzleHttp\\Exception\\ClientException",
        E::Server(_) => "GuzzleHttp\\Exception\\ServerException",
        E::TooManyRedirects(_) => "GuzzleHttp\\Exception\\TooManyRedirectsException",
        E::Apiv2(_) => "GuzzleHttp\\Promise\\RejectionException",
        error if error.is_connect() => "GuzzleHttp\\Exception\\ConnectException",
        E::Connection(_) | E::Timeout(_) | E::Status(_) | E::Verification(_) => {
            "GuzzleHttp\\Exception\\RequestException"
        }
        _ => "RuntimeException",
    }
}
