//! The variables that PHP fills by itself.

use crate::php::tree::{Expression as Php, ExpressionKind as E};

/// The variables that PHP itself fills.
const SUPERGLOBALS: [&str; 9] =
    ["_ENV", "_SERVER", "_GET", "_POST", "_REQUEST", "_COOKIE", "_FILES", "_SESSION", "GLOBALS"];

/// Whether a variable is one that PHP itself fills.
pub fn is_superglobal(name: &str) -> bool {
    SUPERGLOBALS.contains(&name)
}

/// The name of `$_ENV` and its like.
pub fn superglobal(php: &Php) -> Option<&str> {
    match &php.bare().kind {
        E::Variable(name) if is_superglobal(name) => Some(name),
        _ => None,
    }
}
