//! The classes that are caught, and what of the things that can be thrown they get.

/// A class that is caught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// `\Throwable`
    Everything,
    /// `\Exception`
    Exceptions,
    /// Any failure of a call: `RequestException`, `GuzzleException`.
    AnyCall,
    /// One that `wechatpay::Error` has kinds for, by its name in full.
    Call(String),
    /// Another one of PHP's own.
    Builtin(String),
    /// One of the file, and the classes that can be made and are it.
    Own { class: String, made: Vec<String> },
}

/// What of the things that can be thrown a `catch` gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Catches {
    Never,
    Some,
    All,
}

impl Target {
    pub fn class(&self) -> Option<&str> {
        match self {
            Target::Call(class) | Target::Builtin(class) | Target::Own { class, .. } => Some(class),
            _ => None,
        }
    }

    /// The kinds of `wechatpay::Error` that it is; None where a condition says more.
    pub fn kinds(&self) -> Option<&'static [&'static str]> {
        match self {
            Target::Call(class) => Some(match class.rsplit('\\').next().unwrap_or_default() {
                "ClientException" => &["Client"],
                "ServerException" => &["Server"],
                "BadResponseException" => &["Client", "Server"],
                "TooManyRedirectsException" => &["TooManyRedirects"],
                "RejectionException" => &["Apiv2"],
                _ => return None,
            }),
            Target::Builtin(class) => Some(match class.to_ascii_lowercase().as_str() {
                "invalidargumentexception" | "logicexception" => &["Config", "Options"],
                "unexpectedvalueexception" => &["Key", "Crypto", "Decryption"],
                "jsonexception" => &["Json"],
                _ => return None,
            }),
            _ => None,
        }
    }
}
