//! Private functions for the targets of `fuzz`; there only under `--cfg fuzzing`, and no part of the API.
#![allow(missing_docs)]

use std::collections::BTreeMap;
use std::sync::Arc;

use ureq::http::HeaderMap;

use crate::crypto::rsa::PublicKey;
use crate::error::VerificationFailure;
use crate::middleware::apiv3;
use crate::signature::{Apiv3, PlatformKeys};

/// Whether the gate of the sandbox lets a POST pass at `now`, for the merchant with this key.
#[cfg(feature = "sandbox")]
pub fn gate_lets_pass(target: &str, headers: HeaderMap, body: &[u8], merchant: &PublicKey, now: i64) -> bool {
    crate::sandbox::gate_lets_pass(target, headers, body, merchant, now)
}

/// Whether the `Wechatpay-*` headers of an answer hold, with one platform key of this name.
pub fn verify(serial: &str, key: &PublicKey, headers: &HeaderMap, body: &[u8]) -> Result<(), VerificationFailure> {
    let apiv3 = Apiv3 {
        mchid: "1900000109".into(),
        serial: "3775B6A45ACD588826D15E583A95F5DD12345678".into(),
        signer: Arc::new(|_: &[u8]| anyhow::bail!("nothing is signed here")),
        verifier: Arc::new(PlatformKeys(BTreeMap::from([(serial.to_owned(), key.clone())]))),
    };
    apiv3::verify(&apiv3, headers, body)
}
