//! WeChat Pay (微信支付) as a chain: any endpoint of the platform, today's and tomorrow's, with no
//! generated types in the way; each call signed and each answer verified.
//!
//! It mirrors the official PHP SDK, so that PHP code can be ported line by line.
//!
//! # The everyday path
//!
//! ```no_run
//! use wechatpay::{Builder, chain, json};
//!
//! # fn main() -> anyhow::Result<()> {
//! let instance = Builder::factory(json!({
//!     "mchid": "1900000109",
//!     "serial": "3775B6A45ACD588826D15E583A95F5DD12345678",
//!     "privateKey": "file:///path/to/merchant/apiclient_key.pem",
//!     "certs": { "PUB_KEY_ID_0114232134912410000000000000": "file:///path/to/wechatpay/publickey.pem" },
//! }))?;
//!
//! let response = chain!(instance->v3->pay->transactions->native).post(json!({
//!     "json": {
//!         "mchid": "1900000109", "appid": "wxd678efh567hg6787", "description": "Image形象店",
//!         "out_trade_no": "1217752501201407033233368018", "notify_url": "https://example.com/notify",
//!         "amount": { "total": 100, "currency": "CNY" },
//!     },
//! }))?;
//! println!("{}", response.json()?["code_url"]);
//! # Ok(()) }
//! ```
//!
//! * [`Builder`] makes an instance, which is a [`Chain`].
//! * A [`Chain`] is extended by [`chain!`], [`Chain::chain`] or an index, and called by a verb.
//! * [`Options`] is what every verb takes: a JSON object, `()`, or its setters.
//! * [`Response`] is what a sync verb returns, [`Promise`] what its `_async` twin does.
//! * [`Options::encrypt`] and [`Response::decrypt`] are for sensitive fields, [`Chain::jsapi_params`] and
//!   [`Chain::app_params`] for paying from the phone.
//! * [`Error::outcome`] says after a failure whether the platform may have acted.
//! * [`Chain::notification`] reads what the platform sends; [`Error::reply`] is what to answer when it cannot.
//!
//! # Helpers
//!
//! [`Rsa`], [`AesGcm`], [`AesEcb`], [`Hash`](struct@Hash), [`Formatter`], [`Transformer`], [`PemUtil`],
//! [`MediaUtil`] and [`UriTemplate`] have PHP's names and can be used alone. A [`Signer`] or
//! [`Verifier`] of your own takes the place of keys in memory.
//!
//! # Logging
//!
//! The crate logs through `log`, as ureq does, and shows no key and no signature.
//! **Do not log `ureq_proto` at `trace`** where others can read it: it writes down every byte of the
//! connection, signatures and personal data included.
//!
//! # Features
//!
//! `preserve-order` keeps the order of object keys in what is sent; `vendored` builds OpenSSL from source. A local gateway to
//! test against is a crate of its own, `wechatpay-sandbox`.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![warn(missing_debug_implementations)]
// Nothing from outside makes it panic; where one of these stands all the same, its reason stands beside it.
#![cfg_attr(
    not(test),
    warn(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::todo,
        clippy::unreachable,
        clippy::unwrap_used,
    )
)]

mod builder;
mod call;
mod chain;
mod crypto;
mod deadline;
mod error;
#[cfg(fuzzing)]
#[doc(hidden)]
pub mod fuzzing;
mod instance;
mod keys;
mod middleware;
mod notification;
mod payment;
mod pool;
mod promise;
mod protocol;
mod redact;
mod request;
mod response;
mod sync;
mod text;
mod wire;

pub use builder::{Builder, Config};
pub use chain::Chain;
pub use crypto::aes_ecb::AesEcb;
pub use crypto::aes_gcm::AesGcm;
pub use crypto::certificate::{Certificate, CertificateSource};
pub use crypto::hash::Hash;
pub use crypto::key::{PrivateKey, PublicKey};
pub use crypto::loading::{KeyType, KeyTypePrivate, KeyTypePublic};
pub use crypto::pem::PemUtil;
pub use crypto::rsa::Rsa;
pub use crypto::source::KeySource;
pub use error::{
    Apiv2Error, Apiv2Failure, BodyChange, CertificatesError, CertificatesFailure, ConnectionError, DecryptionError,
    Error, FileError, JsonError, NotificationError, NotificationFailure, Outcome, RedirectError, Result, SignError,
    SignErrorCause, SigningError, StatusError, TimeoutError, TooLargeError, VerificationError, VerificationFailure,
};
pub use keys::credentials::Credentials;
pub use keys::keyring::KeyStatus;
pub use keys::signature::{Signer, Verifier};
pub use notification::{Apiv2Notification, Notification, NotificationRegistry, Reply};
pub use promise::Promise;
pub use request::media::MediaUtil;
pub use request::multipart::Part;
pub use request::options::Options;
pub use request::payload::Body;
pub use response::Response;
pub use serde_json::{Value, json};
pub use text::formatter::Formatter;
pub use text::transformer::{Transformer, XmlOptions};
pub use text::uri_template::UriTemplate;
pub use ureq::http;

/// The code of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

/// Guides in Chinese (中文指南), one page for each subject. Start with [`readme`](guides::readme).
///
/// They are the pages of the folder `docs` in the repository. [`architecture`](guides::architecture) and
/// [`changelog`](guides::changelog) are in English. Nothing in this module can be used in code.
#[cfg(doc)]
pub mod guides {
    // Where links lead here comes first, and so wins over what a page says for the repository at its end.
    macro_rules! guide {
        ($name:ident, $page:literal $(, $more:literal)*) => {
            #[doc = include_str!("guides.md")]
            #[doc = include_str!($page)]
            $(
                #[doc = ""]
                #[doc = include_str!($more)]
            )*
            pub mod $name {}
        };
    }

    guide!(readme, "../docs/README.zh-CN.md");
    guide!(porting_from_php, "../docs/porting-from-php.md");
    guide!(apiv2, "../docs/apiv2.md");
    guide!(uploads, "../docs/uploads.md");
    guide!(downloads, "../docs/downloads.md");
    guide!(sensitive_fields, "../docs/sensitive-fields.md");
    guide!(paying_from_the_phone, "../docs/paying-from-the-phone.md");
    guide!(notifications, "../docs/notifications.md");
    guide!(reliability, "../docs/reliability.md");
    guide!(testing, "../docs/testing.md");
    guide!(keys_and_rotation, "../docs/keys-and-rotation.md");
    guide!(many_merchants, "../docs/many-merchants.md");
    // Its drawings, which are its end, are written into the page here.
    guide!(
        performance,
        "../docs/performance.md",
        "../docs/performance/throughput.svg",
        "../docs/performance/cpu.svg",
        "../docs/performance/memory.svg"
    );
    // The code on these pages is cut out of an example, and does not compile alone.
    #[cfg(not(doctest))]
    #[doc = include_str!("guides.md")]
    #[doc = include_str!("../docs/operations/README.md")]
    pub mod operations {
        guide!(bank_multi_activity, "../docs/operations/bank-multi-activity.md");
        guide!(multiuse_coupons, "../docs/operations/multiuse-coupons.md");
        guide!(busifavor_coupons, "../docs/operations/busifavor-coupons.md");
        guide!(withdraw_favor_coupons, "../docs/operations/withdraw-favor-coupons.md");
        guide!(withdraw_favor_coupons_list, "../docs/operations/withdraw-favor-coupons-list.md");
    }
    guide!(architecture, "../docs/architecture.md");
    guide!(changelog, "../CHANGELOG.md");
}
