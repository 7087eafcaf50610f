//! Private functions for the targets of `fuzz`; there only under `--cfg fuzzing`, and no part of the API.
#![allow(missing_docs)]

use std::collections::BTreeMap;

use ureq::http::HeaderMap;

use crate::crypto::rsa::PublicKey;
use crate::error::VerificationFailure;
use crate::middleware::apiv3;
use crate::platform_keys::{PlatformKey, PlatformKeys};

/// Whether the gate of the sandbox lets a POST pass at `now`, for the merchant with this key.
#[cfg(feature = "sandbox")]
pub fn gate_lets_pass(target: &str, headers: HeaderMap, body: &[u8], merchant: &PublicKey, now: i64) -> bool {
    crate::sandbox::gate_lets_pass(target, headers, body, merchant, now)
}

/// Whether the `Wechatpay-*` headers of an answer hold, with one platform key of this name.
pub fn verify(serial: &str, key: &PublicKey, headers: &HeaderMap, body: &[u8]) -> Result<(), VerificationFailure> {
    let key = PlatformKey { key: key.clone(), certificate: None };
    let keys = PlatformKeys { configured: BTreeMap::from([(serial.to_owned(), key)]), ..PlatformKeys::default() };
    apiv3::verify(&keys, headers, body)
}
