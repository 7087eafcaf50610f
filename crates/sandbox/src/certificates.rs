//! The platform's certificates as a merchant downloads them (下载平台证书): encrypted for that merchant.

use serde_json::{Value, json};

use crate::answer::Refusal;
use crate::platform_keys::{Issued, PlatformKeys};
use crate::{clock, crypto};

/// Characters of the nonce that each is encrypted with.
const NONCE: usize = 12;

pub(crate) fn list(keys: &PlatformKeys, apiv3_key: &str) -> Result<Value, Refusal> {
    let certificates = keys.certificates();
    if certificates.is_empty() {
        return Err(Refusal::resource_not_exists(
            "没有可用的平台证书，该商户使用微信支付公钥，请在商户平台的“API安全”中查看公钥和公钥ID",
        ));
    }
    let entries = certificates.into_iter().map(|(serial, issued)| entry(serial, issued, apiv3_key));
    Ok(json!({ "data": entries.collect::<Result<Vec<_>, _>>()? }))
}

fn entry(serial: &str, issued: &Issued, apiv3_key: &str) -> Result<Value, Refusal> {
    let (nonce, associated_data) = (crypto::nonce(NONCE), "certificate");
    let ciphertext = crypto::seal(&issued.pem, apiv3_key, &nonce, associated_data)
        .map_err(|error| Refusal::system(&error.to_string()))?;
    Ok(json!({
        "serial_no": serial,
        "effective_time": clock::rfc3339(issued.validity.not_before),
        "expire_time": clock::rfc3339(issued.validity.not_after),
        "encrypt_certificate": {
            "algorithm": "AEAD_AES_256_GCM",
            "nonce": nonce,
            "associated_data": associated_data,
            "ciphertext": ciphertext,
        },
    }))
}
