//! What the porter knows of a value: which Rust type it has.

use std::fmt;

/// The Rust type of a PHP value. `join` of two is the type of what may be either.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Type {
    /// Nothing is known yet. What still is when nothing more is learnt becomes `Json`.
    #[default]
    Unknown,
    /// Code that does not come back: `throw`.
    Never,
    /// `()`, or None.
    Null,
    Boolean,
    /// `i64`
    Integer,
    /// `f64`
    Float,
    /// `String`, or `&str` where it is borrowed.
    Text,
    /// `Value`: an array, or a value whose type PHP decides when it runs.
    Json,
    /// `Vec<T>`: an array that is only filled by `[] =`, or one of what is no JSON.
    List(Box<Type>),
    /// `Vec<(String, T)>`: by name, in order; of what is no JSON.
    Map(Box<Type>),
    /// Of a fixed number of values of several types, never JSON: `[$response, $text]`.
    Tuple(Vec<Type>),
    /// `Option<T>`; never of `Json`, which has its own null.
    Optional(Box<Type>),
    /// `Option<T>` of what PHP's functions give as `T|false`: None is false, not null.
    OrFalse(Box<Type>),
    Chain,
    Response,
    Promise(Box<Type>),
    PublicKey,
    PrivateKey,
    /// `MediaUtil`
    Media,
    /// The stream of a `MediaUtil`, or its content type: they go into a request together.
    MediaPart,
    /// The body of a response: `getBody()`. It is the response itself, of which the body is meant.
    Body,
    /// `Options`: the options of a call with a file in them.
    Options,
    /// `Vec<u8>`: a message to be signed.
    Bytes,
    /// `wechatpay::Result<T>`: what became of one of several promises.
    Settled(Box<Type>),
    /// A struct of this file, by its name in PHP.
    Class(String),
    /// `dyn Name`: an object of any class of this file that has this interface, or extends this abstract class.
    Object(String),
    /// An enum of this file, by its name in PHP.
    Enum(String),
    /// Something that can be called.
    Closure(Box<Signature>),
    /// `anyhow::Error`: what was caught, or is thrown.
    Error,
    /// `wechatpay::Error`: what the client has failed with.
    ClientError,
    /// `Box<wechatpay::StatusError>`, of this kind of `wechatpay::Error`; None of either.
    StatusError(Option<String>),
    /// `Box<wechatpay::Apiv2Error>`
    Apiv2Error,
    /// `php::Error`
    PhpError,
    /// `dyn std::error::Error`: what was before an error.
    Source,
    /// Two types that no Rust type holds.
    Conflict,
}

/// What a closure takes and gives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Signature {
    /// The closure's key among the facts, if it is one closure.
    pub key: Option<String>,
    pub parameters: Vec<Type>,
    pub returns: Type,
    pub fails: bool,
    /// Whether it changes what it captures: `FnMut`.
    pub mutates: bool,
}

impl Type {
    pub fn optional(self) -> Type {
        match self {
            Type::Unknown => Type::Unknown,
            Type::Null | Type::Json | Type::Optional(_) | Type::Conflict => self,
            ty => Type::Optional(Box::new(ty)),
        }
    }

    pub fn list(of: Type) -> Type {
        Type::List(Box::new(of))
    }

    /// The type without its null.
    pub fn present(&self) -> &Type {
        match self {
            Type::Optional(ty) => ty,
            ty => ty,
        }
    }

    /// Whether `json!` holds it.
    pub fn is_json(&self) -> bool {
        match self {
            Type::Unknown
            | Type::Never
            | Type::Null
            | Type::Boolean
            | Type::Integer
            | Type::Float
            | Type::Text
            | Type::Json => true,
            Type::List(of) | Type::Optional(of) => of.is_json(),
            Type::Tuple(of) => of.iter().all(Type::is_json),
            _ => false,
        }
    }

    /// Whether it is an object whose class is known when the program runs, or may be one, or is made of them.
    pub fn has_dyn(&self) -> bool {
        match self {
            Type::Object(_) => true,
            Type::Optional(of) | Type::List(of) | Type::Map(of) => of.has_dyn(),
            _ => false,
        }
    }

    /// The class of an object, or of those in it: in PHP, copies of it have the same ones.
    pub fn object(&self) -> Option<&str> {
        match self {
            Type::Class(class) | Type::Object(class) => Some(class),
            Type::Optional(of) | Type::List(of) | Type::Map(of) => of.object(),
            _ => None,
        }
    }

    /// Whether it is copied where it is used.
    pub fn is_copy(&self) -> bool {
        match self {
            Type::Null | Type::Boolean | Type::Integer | Type::Float | Type::Enum(_) | Type::Never => true,
            Type::Optional(of) | Type::OrFalse(of) => of.is_copy(),
            _ => false,
        }
    }

    /// Whether it is what was caught or is thrown, and of no class of the file.
    pub fn is_error(&self) -> bool {
        matches!(self, Type::Error | Type::ClientError | Type::StatusError(_) | Type::Apiv2Error | Type::PhpError)
    }

    pub fn is_number(&self) -> bool {
        matches!(self, Type::Integer | Type::Float)
    }

    /// The type of what is one or the other.
    pub fn join(&self, other: &Type) -> Type {
        match (self, other) {
            (a, b) if a == b => a.clone(),
            (Type::Unknown | Type::Never, ty) | (ty, Type::Unknown | Type::Never) => ty.clone(),
            (Type::Conflict, _) | (_, Type::Conflict) => Type::Conflict,
            (Type::OrFalse(a), Type::OrFalse(b)) => match a.join(b) {
                Type::Json => Type::Json,
                of => Type::OrFalse(Box::new(of)),
            },
            (Type::OrFalse(a), b) | (b, Type::OrFalse(a)) => match b {
                b if **a == *b => Type::OrFalse(a.clone()),
                b if b.is_json() => Type::Json,
                _ => Type::Conflict,
            },
            (Type::Null, ty) | (ty, Type::Null) => ty.clone().optional(),
            (Type::Optional(a), Type::Optional(b)) => a.join(b).optional(),
            (Type::Optional(a), b) | (b, Type::Optional(a)) => a.join(b).optional(),
            (Type::List(a), Type::List(b)) => match a.join(b) {
                Type::Conflict => Type::Conflict,
                of => Type::list(of),
            },
            (Type::Map(a), Type::Map(b)) => Type::Map(Box::new(a.join(b))),
            (Type::Promise(a), Type::Promise(b)) => match a.join(b) {
                Type::Conflict => Type::Conflict,
                of => Type::Promise(Box::new(of)),
            },
            (Type::Settled(a), Type::Settled(b)) => Type::Settled(Box::new(a.join(b))),
            // `callable` says nothing of what it takes.
            (Type::Closure(a), ty @ Type::Closure(b)) | (ty @ Type::Closure(b), Type::Closure(a))
                if **a == Signature::default() && a.parameters.len() != b.parameters.len() =>
            {
                ty.clone()
            }
            (Type::Closure(a), Type::Closure(b)) if a.parameters.len() == b.parameters.len() => {
                let parameters = a.parameters.iter().zip(&b.parameters).map(|(a, b)| a.join(b)).collect();
                let key = a.key.clone().filter(|key| b.key.as_ref() == Some(key));
                Type::Closure(Box::new(Signature {
                    key,
                    parameters,
                    returns: a.returns.join(&b.returns),
                    fails: a.fails || b.fails,
                    mutates: a.mutates || b.mutates,
                }))
            }
            (a, b) if a.is_error() && b.is_error() => Type::Error,
            (ty @ Type::Object(_), Type::Class(_)) | (Type::Class(_), ty @ Type::Object(_)) => ty.clone(),
            (Type::Error, Type::Class(_)) | (Type::Class(_), Type::Error) => Type::Error,
            (a, b) if a.is_json() && b.is_json() => Type::Json,
            // By name, it is an object.
            (Type::Map(of), ty) | (ty, Type::Map(of)) if *ty == Type::Json && of.is_json() => Type::Json,
            // An empty array may become a list of anything.
            (Type::List(of), ty) | (ty, Type::List(of)) if **of == Type::Unknown && !ty.is_json() => ty.clone(),
            _ => Type::Conflict,
        }
    }

    /// What nothing was learnt of is JSON.
    pub fn settled(&self) -> Type {
        match self {
            Type::Unknown => Type::Json,
            Type::List(of) => Type::list(of.settled()),
            Type::Map(of) => Type::Map(Box::new(of.settled())),
            Type::Optional(of) => of.settled().optional(),
            Type::OrFalse(of) => Type::OrFalse(Box::new(of.settled())),
            Type::Promise(of) => Type::Promise(Box::new(of.settled())),
            Type::Settled(of) => Type::Settled(Box::new(of.settled())),
            Type::Tuple(of) => Type::Tuple(of.iter().map(Type::settled).collect()),
            Type::Closure(signature) => Type::Closure(Box::new(Signature {
                key: signature.key.clone(),
                parameters: signature.parameters.iter().map(Type::settled).collect(),
                returns: signature.returns.settled(),
                fails: signature.fails,
                mutates: signature.mutates,
            })),
            ty => ty.clone(),
        }
    }

    /// Whether a part of it is still unknown.
    pub fn is_open(&self) -> bool {
        *self != self.settled()
    }
}

impl fmt::Display for Type {
    /// In words, for messages.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Unknown => f.write_str("a value of unknown type"),
            Type::Never => f.write_str("nothing"),
            Type::Null => f.write_str("null"),
            Type::Boolean => f.write_str("a boolean"),
            Type::Integer => f.write_str("an integer"),
            Type::Float => f.write_str("a float"),
            Type::Text => f.write_str("a text"),
            Type::Json => f.write_str("an array or a value of any type"),
            Type::List(of) | Type::Map(of) => write!(f, "an array of {of}"),
            Type::Tuple(_) => f.write_str("an array of several types"),
            Type::Optional(of) => write!(f, "{of} or null"),
            Type::OrFalse(of) => write!(f, "{of} or false"),
            Type::Chain => f.write_str("a chain"),
            Type::Response => f.write_str("a response"),
            Type::Promise(_) => f.write_str("a promise"),
            Type::PublicKey => f.write_str("a public key"),
            Type::PrivateKey => f.write_str("a private key"),
            Type::Media | Type::MediaPart => f.write_str("a file to upload"),
            Type::Body => f.write_str("the body of a response"),
            Type::Options => f.write_str("options with a file in them"),
            Type::Bytes => f.write_str("a message of bytes"),
            Type::Settled(_) => f.write_str("what became of a promise"),
            Type::Class(name) | Type::Object(name) | Type::Enum(name) => write!(f, "a {name}"),
            Type::Closure(_) => f.write_str("a function"),
            Type::Error
            | Type::ClientError
            | Type::StatusError(_)
            | Type::Apiv2Error
            | Type::PhpError
            | Type::Source => f.write_str("an exception"),
            Type::Conflict => f.write_str("values of types that no Rust type holds"),
        }
    }
}
