//! WeChat Pay (微信支付) as a chain: any endpoint of the platform, existing or new, without generated types; each call is
//! signed and each answer verified.
//!
//! It mirrors the official PHP SDK, so that PHP code can be ported line by line.
//!
//! # Everyday use
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
//! println!("{}", response.text_at("/code_url")?);
//! # Ok(()) }
//! ```
//!
//! * [`Builder`] makes an instance, which is a [`Chain`].
//! * A [`Chain`] is extended by [`chain!`], [`Chain::chain`] or an index, and called with a method such as [`Chain::post`].
//! * [`Options`] is what every method takes: a JSON object, `()`, or its setters.
//! * [`Response`] is what a sync method returns; its `_async` version returns a [`Promise`].
//!   In async code, use these: a sync method blocks its thread, and with it all tasks of the executor on it.
//! * [`Response::text_at`] and its like take values out of an answer, [`Fields`] out of any JSON.
//! * [`Options::encrypt`] and [`Response::decrypt`] are for sensitive fields, [`Chain::jsapi_params`] and
//!   [`Chain::app_params`] are for payments on the phone.
//! * [`Error::outcome`] says after a failure whether the platform may have acted.
//! * [`Chain::notification`] reads what the platform sends; if it fails, [`Error::reply`] is what to answer.
//!
//! # Guides
//!
//! [`guides`] has the pages of the repository, in Chinese. Those about notifications, keys, reliability, testing, checks, the
//! catalog, brands and porting from PHP are also [in English](guides::en).
//!
//! # Helpers
//!
//! [`Rsa`], [`AesGcm`], [`AesEcb`], [`Hash`](struct@Hash), [`Formatter`], [`Transformer`], [`PemUtil`], [`MediaUtil`] and
//! [`UriTemplate`] have PHP's names and can be used on their own. Your own [`Signer`] or [`Verifier`] can replace keys in
//! memory.
//!
//! # Logging, traces and metrics
//!
//! [`Builder::observe`] calls back after each request, for a trace or a metric of it.
//!
//! The crate logs through `log`, as ureq does, and shows no key and no signature. **Do not log `ureq_proto` at `trace`**
//! where others can read it: it logs every byte of the connection, including signatures and personal data.
//!
//! A sync method or [`Promise::wait`] that blocks the thread of an executor is logged at `warn`, once in a process, with the
//! line of the call. The stack tells: in a callback of a promise always; elsewhere on threads that are named as those of
//! well-known runtimes are, and in a debug build on all threads. In a program without symbols, hardly anything is noticed.
//!
//! # Features
//!
//! `preserve-order` keeps the order of object keys in what is sent; `check` adds `Builder::check`, which compares calls with what
//! the platform documents; `php` adds the module `php`, what PHP means, for code that was ported from it, and turns
//! `preserve-order` on; `vendored` builds OpenSSL from source. The local gateway to test against is a separate crate,
//! `wechatpay-sandbox`.
#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![warn(missing_debug_implementations)]
// Nothing from outside makes it panic. Where one of these is used anyway, the reason is given there.
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

mod blocking;
mod builder;
mod call;
mod callback;
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
mod not_json;
mod notification;
mod payment;
#[cfg(feature = "php")]
pub mod php;
mod pool;
mod promise;
mod protocol;
mod redact;
mod request;
mod response;
mod sync;
mod text;
mod wire;

pub use builder::Builder;
#[cfg(feature = "check")]
pub use call::check::Check;
pub use call::intent::{Conclusion, Intent, Recorder};
pub use call::observation::Observation;
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
#[cfg(feature = "check")]
pub use error::CheckError;
pub use error::{
    Apiv2Error, Apiv2Failure, BodyChange, CertificatesError, CertificatesFailure, ConnectionError, DecryptionError,
    Error, FieldError, FileError, JournalError, JsonError, NotificationError, NotificationFailure, Outcome,
    RedirectError, Result, SeveralError, SignError, SignErrorCause, SigningError, StatusError, TimeoutError,
    TooLargeError, VerificationError, VerificationFailure,
};
pub use keys::credentials::Credentials;
pub use keys::downloads::DownloadCerts;
pub use keys::keyring::KeyStatus;
pub use keys::platform_keys::WechatpaySerial;
pub use keys::signature::{Signer, Verifier};
pub use notification::{Apiv2Notification, Notification, NotificationRegistry, Reply};
pub use promise::Promise;
pub use request::failover::Failover;
pub use request::media::MediaUtil;
pub use request::multipart::Part;
pub use request::options::Options;
pub use request::payload::Body;
pub use request::pointers::Pointers;
pub use response::Response;
pub use response::fields::Fields;
pub use serde_json::{Map, Value, json};
pub use text::array::{merge, union};
pub use text::formatter::{Formatter, Piece};
pub use text::scheme::Scheme;
pub use text::transformer::{Transformer, XmlOptions};
pub use text::uri_template::UriTemplate;
pub use ureq::http;
#[cfg(feature = "check")]
pub use wechatpay_catalog as catalog;
pub use wire::trust::Verify;

/// What [`chain!`] expands to. Not part of the public API.
#[doc(hidden)]
pub mod __private {
    use crate::chain::Chain;
    use crate::chain::literal::TextLiteral;

    /// The chain extended by these segments.
    pub fn extended(chain: &Chain, segments: &[&str]) -> Chain {
        chain.extended(segments)
    }

    /// The segment that a literal stands for.
    pub fn literal(literal: impl TextLiteral) -> &'static str {
        literal.text()
    }

    /// The segment that an identifier stands for.
    pub fn identifier(name: &'static str) -> &'static str {
        name.strip_prefix("r#").unwrap_or(name)
    }
}

/// The code of the README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}

/// Guides in Chinese (中文指南), one page for each subject. Start with [`readme`](guides::readme).
///
/// They are the pages of the folder `docs` in the repository. Ten of them are in English, too, in [`en`](guides::en);
/// [`cli_reference`](guides::cli_reference), [`architecture`](guides::architecture) and [`changelog`](guides::changelog) are only
/// in English. Nothing in this module can be used in code.
#[cfg(doc)]
pub mod guides {
    // The link targets in guides.md come first, so they override those at the end of a page, which are for the repository.
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
    guide!(transfers, "../docs/transfers.md");
    guide!(notifications, "../docs/notifications.md");
    guide!(reliability, "../docs/reliability.md");
    // Excerpts of an example, too.
    #[cfg(not(doctest))]
    guide!(observing, "../docs/observing.md");
    // The code is compiled with the journal's own tests: the client does not depend on it.
    #[cfg(not(doctest))]
    guide!(journal, "../docs/journal.md", "../docs/journal/life.zh.svg");
    guide!(testing, "../docs/testing.md");
    guide!(keys_and_rotation, "../docs/keys-and-rotation.md");
    guide!(many_merchants, "../docs/many-merchants.md");
    guide!(brand, "../docs/brand.md");
    guide!(catalog, "../docs/catalog.md");
    guide!(check, "../docs/check.md");
    // The drawings at its end are included in the page here.
    guide!(
        performance,
        "../docs/performance.md",
        "../docs/performance/throughput.svg",
        "../docs/performance/cpu.svg",
        "../docs/performance/memory.svg"
    );
    // The code on these pages is an excerpt of an example and does not compile on its own.
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
    /// Guides in English: what is most read abroad. The code is that of the Chinese pages.
    pub mod en {
        guide!(porting_from_php, "../docs/en/porting-from-php.md");
        guide!(notifications, "../docs/en/notifications.md");
        guide!(reliability, "../docs/en/reliability.md");
        #[cfg(not(doctest))]
        guide!(journal, "../docs/en/journal.md", "../docs/journal/life.en.svg");
        guide!(testing, "../docs/en/testing.md");
        guide!(keys_and_rotation, "../docs/en/keys-and-rotation.md");
        guide!(brand, "../docs/en/brand.md");
        guide!(catalog, "../docs/en/catalog.md");
        guide!(check, "../docs/en/check.md");
        guide!(cli, "../docs/en/cli.md");
    }
    guide!(cli, "../docs/cli.md");
    guide!(cli_reference, "../docs/cli-reference.md");
    guide!(architecture, "../docs/architecture.md");
    guide!(changelog, "../CHANGELOG.md");
}
