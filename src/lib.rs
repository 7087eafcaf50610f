//! WeChat Pay (微信支付) as a chain: any endpoint of the platform, today's and tomorrow's, with no
//! generated types in the way; each call signed and each answer verified.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![warn(missing_debug_implementations)]

mod address;
mod builder;
mod chain;
mod client;
mod crypto;
mod dialogue;
mod error;
mod formatter;
mod media;
mod middleware;
mod multipart;
mod options;
mod payload;
mod pem;
mod promise;
mod query;
mod redact;
mod response;
#[cfg(feature = "sandbox")]
pub mod sandbox;
mod signature;
mod sink;
mod transport;
mod uri_template;

pub use builder::{Builder, Config};
pub use chain::Chain;
pub use crypto::aes_ecb::AesEcb;
pub use crypto::aes_gcm::AesGcm;
pub use crypto::rsa::{KeySource, KeyType, KeyTypePrivate, KeyTypePublic, PrivateKey, PublicKey, Rsa};
pub use error::{
    ConnectionError, Error, FileError, JsonError, Outcome, RedirectError, Result, StatusError, TimeoutError,
    TooLargeError, VerificationError, VerificationFailure,
};
pub use formatter::Formatter;
pub use media::MediaUtil;
pub use multipart::Part;
pub use options::Options;
pub use payload::Body;
pub use pem::PemUtil;
pub use promise::Promise;
pub use response::Response;
pub use serde_json::{Value, json};
pub use signature::{Signer, Verifier};
pub use ureq::http;
pub use uri_template::UriTemplate;
