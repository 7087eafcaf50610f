//! Private functions for the targets of `fuzz`; present only under `--cfg fuzzing`, and not part of the API.
#![allow(missing_docs)]

use std::collections::BTreeMap;

use crate::crypto::key::PublicKey;
use crate::error::VerificationFailure;
use crate::http::HeaderMap;
use crate::keys::platform_keys::{PlatformKey, PlatformKeys};
use crate::middleware::apiv3;
use crate::request::table::ROWS;

/// Verifies the `Wechatpay-*` headers of an answer, with one platform key of this id.
pub fn verify(serial: &str, key: &PublicKey, headers: &HeaderMap, body: &[u8]) -> Result<(), VerificationFailure> {
    let key = PlatformKey { key: key.clone(), certificate: None };
    let keys = PlatformKeys { configured: BTreeMap::from([(serial.to_owned(), key)]), ..PlatformKeys::default() };
    apiv3::verify(&keys, headers, body)
}

/// The names of all options.
pub fn option_names() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|row| row.name)
}
