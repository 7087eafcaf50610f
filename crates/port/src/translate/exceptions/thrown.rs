//! What can fail with what: of each `?`, and of each function of the file.

use crate::rust::tree::Expression;
use crate::translate::exceptions::catches::{Catches, Target};
use crate::translate::exceptions::hierarchy::extends;
use crate::translate::program::Program;

/// What a statement or a function can fail with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thrown {
    /// `wechatpay::Error` of a call of the platform.
    Call,
    /// `wechatpay::Error` of a configuration.
    Configuration,
    /// `wechatpay::Error` of keys, of encryption and decryption, of XML.
    Crypto,
    /// `wechatpay::Error` of a field that is absent or of another type, or of an answer that is no JSON.
    Field,
    /// `php::Error`: what PHP's own operators and functions throw.
    Php,
    /// Anything else: a file that cannot be read, a null where none may be.
    Other,
    /// An exception that the file throws, by its name in full.
    Class(String),
}

/// The Rust type of the error of a `?`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorType {
    /// `wechatpay::Error`
    Sdk,
    /// `php::Error`
    Php,
    /// `anyhow::Error`
    Any,
}

/// A place at which the body of a `try` can fail.
#[derive(Debug, Clone)]
pub struct Point {
    /// What stands before the `?`; None of what returns an error by itself.
    pub code: Option<Expression>,
    pub error: ErrorType,
    pub thrown: Vec<Thrown>,
}

impl Point {
    /// An error that is returned by itself.
    pub fn of(thrown: Vec<Thrown>) -> Point {
        Point { code: None, error: ErrorType::Any, thrown }
    }

    /// What is before a `?`, by what it looks like.
    pub fn before(code: &Expression) -> Point {
        let (error, thrown) = match code {
            Expression::Call { callee, .. } => match &**callee {
                Expression::Atom(path) => of_path(path),
                _ => (ErrorType::Any, anything()),
            },
            Expression::Method { name, .. } => of_method(name),
            _ => (ErrorType::Any, anything()),
        };
        Point { code: Some(code.clone()), error, thrown }
    }
}

/// What may be anything but an exception that the file throws.
pub fn anything() -> Vec<Thrown> {
    vec![Thrown::Call, Thrown::Crypto, Thrown::Field, Thrown::Php, Thrown::Other]
}

fn of_path(path: &str) -> (ErrorType, Vec<Thrown>) {
    let class = path.split("::").next().unwrap_or_default();
    match class {
        "php" => (ErrorType::Php, vec![Thrown::Php]),
        "Rsa" | "AesGcm" | "AesEcb" | "Hash" | "Formatter" | "Transformer" | "PemUtil" | "PrivateKey" | "PublicKey" => {
            (ErrorType::Sdk, vec![Thrown::Crypto])
        }
        "Builder" => (ErrorType::Sdk, vec![Thrown::Configuration, Thrown::Crypto]),
        "MediaUtil" => (ErrorType::Sdk, vec![Thrown::Other]),
        "Promise" => (ErrorType::Sdk, vec![Thrown::Call, Thrown::Field, Thrown::Other]),
        "env" | "fs" | "std" | "String" | "serde_json" => (ErrorType::Any, vec![Thrown::Other]),
        _ => (ErrorType::Any, anything()),
    }
}

fn of_method(name: &str) -> (ErrorType, Vec<Thrown>) {
    match name.split("::").next().unwrap_or_default() {
        "get" | "post" | "put" | "patch" | "delete" | "request" => (ErrorType::Sdk, vec![Thrown::Call]),
        "wait" => (ErrorType::Sdk, vec![Thrown::Call, Thrown::Field, Thrown::Crypto, Thrown::Other]),
        "json" | "xml" => (ErrorType::Sdk, vec![Thrown::Field]),
        "context" | "with_context" | "parse" | "ok_or_else" => (ErrorType::Any, vec![Thrown::Other]),
        "downcast" => (ErrorType::Any, anything()),
        name if name.ends_with("_at") || name.starts_with("find_") => (ErrorType::Sdk, vec![Thrown::Field]),
        _ => (ErrorType::Any, anything()),
    }
}

impl Thrown {
    /// Whether a `catch` of the target gets this.
    pub fn is_caught(&self, target: &Target, program: &Program<'_>) -> Catches {
        let is_sdk = matches!(self, Thrown::Call | Thrown::Configuration | Thrown::Crypto | Thrown::Field);
        match (target, self) {
            (Target::Everything, _) => Catches::All,
            (Target::Exceptions, Thrown::Class(class)) => if_so(program.is_a(class, "Exception")),
            (Target::Exceptions, Thrown::Php) => Catches::Some,
            (Target::Exceptions, _) => Catches::All,
            (Target::Call(_) | Target::AnyCall, Thrown::Class(class)) => {
                if_so(target.class().is_some_and(|target| program.is_a(class, target)))
            }
            (Target::AnyCall, Thrown::Call) => Catches::All,
            (Target::Call(_), Thrown::Call) => Catches::Some,
            (Target::Call(_) | Target::AnyCall, _) => Catches::Never,
            (Target::Own { class, .. }, Thrown::Class(thrown)) => if_so(program.is_a(thrown, class)),
            (Target::Own { .. }, _) => Catches::Never,
            (Target::Builtin(class), Thrown::Class(thrown)) => if_so(program.is_a(thrown, class)),
            (Target::Builtin(class), Thrown::Php) => {
                let of_errors = extends(class, "Error") || extends(class, "JsonException");
                if of_errors { Catches::Some } else { Catches::Never }
            }
            (Target::Builtin(class), Thrown::Crypto) => if_so(extends("UnexpectedValueException", class)),
            (Target::Builtin(class), thrown) if is_sdk => of_sdk(thrown, class),
            (Target::Builtin(class), _) => {
                if extends("RuntimeException", class) {
                    Catches::Some
                } else {
                    Catches::Never
                }
            }
        }
    }
}

fn of_sdk(thrown: &Thrown, class: &str) -> Catches {
    let any = |classes: &[&str]| classes.iter().any(|one| extends(one, class));
    let some = match thrown {
        Thrown::Call => any(&["RuntimeException", "InvalidArgumentException", "UnexpectedValueException"]),
        Thrown::Configuration => any(&["InvalidArgumentException", "UnexpectedValueException"]),
        _ => any(&["JsonException"]),
    };
    if some { Catches::Some } else { Catches::Never }
}

fn if_so(caught: bool) -> Catches {
    if caught { Catches::All } else { Catches::Never }
}
